"""Which of the services found missing are brought before a person in one week."""

from datetime import date

from features.entitlement_rules import ENTITLEMENTS, State
from features.entitlements import Finding
from models.policy import Lane
from serving.entitling import chosen, record_of

TODAY = date(2026, 10, 6)
TOWN, OTHER = "330109001", "330109002"
FIRST, SECOND = ENTITLEMENTS[:2]


def finding(child, town=TOWN, rule=FIRST, state=State.FOUND, records=("r1",)):
    evidence = tuple(("low_income", record, date(2026, 5, 1)) for record in records)
    return Finding(child, f"{town}001", rule, state, evidence)


def raised_by(findings, per_area=10, quiet=frozenset(), raised=frozenset()):
    return chosen(findings, per_area, quiet, raised, TODAY)


def test_only_what_is_found_is_raised_and_what_cannot_be_told_is_not():
    alerts = raised_by([finding("a"), finding("b", state=State.GIVEN), finding("c", state=State.CANNOT_TELL)])

    assert [alert.child_key for alert in alerts] == ["a"]
    assert alerts[0].lane is Lane.ENTITLEMENT
    assert (alerts[0].tier, alerts[0].rank, alerts[0].screener) == (None, None, None)


def test_a_town_gets_no_more_than_its_number_a_week_and_the_lot_decides():
    findings = [finding(f"c{number}") for number in range(6)] + [finding("d", OTHER)]

    some = raised_by(findings, per_area=2)

    assert [alert.area for alert in some].count(TOWN) == 2
    assert [alert.child_key for alert in some if alert.area == OTHER] == ["d"]
    assert some == raised_by(list(reversed(findings)), per_area=2)


def test_a_child_somebody_works_on_is_left_in_peace():
    assert raised_by([finding("a")], quiet={"a"}) == ()


def test_a_child_with_two_services_missing_is_one_alert():
    alerts = raised_by([finding("a"), finding("a", rule=SECOND)])

    assert [alert.trigger for alert in alerts] == [FIRST.name]


def test_what_was_brought_up_once_is_not_again_and_a_new_record_is():
    old = finding("a")
    raised = {("a", FIRST.name, record_of(old))}

    assert raised_by([old], raised=raised) == ()
    assert len(raised_by([finding("a", records=("r1", "r2"))], raised=raised)) == 1


def test_what_age_alone_implies_is_brought_up_for_each_child():
    raised = {("a", FIRST.name, FIRST.service)}

    alerts = raised_by([finding("a", records=()), finding("b", records=())], raised=raised)

    assert [alert.child_key for alert in alerts] == ["b"]


def test_a_service_that_age_alone_implies_is_known_by_its_number():
    assert record_of(finding("a", records=())) == FIRST.service
