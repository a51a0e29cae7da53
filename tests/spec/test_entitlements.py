"""Every rule says what its worked examples say, slowly and fast, and no service of the list is left out."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.entitlement_rules import (
    ENTITLEMENTS,
    EXAMPLE_AS_OF,
    NOT_DECIDABLE,
    Entitlement,
    Sign,
    State,
    judged,
)
from features.entitlements import find
from features.language import DeclarationError, Fact, Kind, Text
from features.reference import Record
from features.services import SERVICES
from features.sources import CivilAffairs, source_named
from tests.support_lists import people_of, tables_of

CASES = [(rule, place) for rule in ENTITLEMENTS for place in range(len(rule.examples))]


def fast(rule, age, records, as_of=EXAMPLE_AS_OF, silent=()):
    found = find(tables_of({"c1": records}), people_of({"c1": age}), as_of, silent, [rule])
    return found[0].state if found else None


@pytest.mark.parametrize(("rule", "place"), CASES, ids=[f"{rule.name} {place}" for rule, place in CASES])
def test_a_worked_example_means_what_it_says_in_both_ways_of_judging(rule, place):
    case = rule.examples[place]
    records = case.as_records()

    assert judged(rule, case.age, records, EXAMPLE_AS_OF, case.silent) == case.expect
    assert fast(rule, case.age, records, silent=case.silent) == case.expect


def test_each_of_the_20_services_has_one_rule_or_one_reason():
    told = [each.service for each in ENTITLEMENTS] + [each.service for each in NOT_DECIDABLE]

    assert sorted(told) == [each.code for each in SERVICES]
    assert len(SERVICES) == 20


def test_a_silent_source_never_makes_a_finding():
    for rule in ENTITLEMENTS:
        case = next(each for each in rule.examples if each.expect is State.FOUND)
        silent = {sign.source.name for sign in rule.shown_by}
        assert judged(rule, case.age, case.as_records(), EXAMPLE_AS_OF, silent) is State.CANNOT_TELL


def test_no_rule_reads_what_the_review_queue_concluded():
    for rule in ENTITLEMENTS:
        for sign in (*rule.implied_by, *rule.also, *rule.shown_by):
            assert sign.source.department.value != "review"


def test_findings_name_the_records_that_imply_them():
    rule = next(each for each in ENTITLEMENTS if each.service == "E11")
    [found] = find(
        tables_of({"c1": rule.examples[0].as_records()}), people_of({"c1": 9}), EXAMPLE_AS_OF, (), [rule]
    )

    assert found.evidence == (("disability_cards", "1", EXAMPLE_AS_OF - timedelta(days=900)),)


def test_a_rule_without_examples_of_all_three_answers_is_refused():
    with pytest.raises(DeclarationError, match="found, given and cannot tell"):
        Entitlement(
            service="E15", shown_by=(Sign(Fact(source=CivilAffairs.temporary_aid)),), finding=Text("甲", "a"),
            ask=Text("乙", "b"), basis=Text("丙", "c"), limits=Text("丁", "d"), examples=(),
        )  # fmt: skip


@st.composite
def children(draw, rule):
    """Records of the rule's sources, with any codes, on any days, known sooner or later, corrected or not."""
    records = {}
    for name in {sign.source.name for sign in (*rule.implied_by, *rule.also, *rule.shown_by)}:
        source = source_named(name)
        made = []
        for number in range(draw(st.integers(0, 3))):
            for version in range(1, draw(st.integers(1, 2)) + 1):
                occurred = EXAMPLE_AS_OF - timedelta(
                    days=draw(st.sampled_from([0, 1, 90, 180, 365, 366, 730, 800]))
                )
                known = occurred + timedelta(days=draw(st.sampled_from([0, 1, 100])) + version)
                values = {
                    column.name: draw(st.sampled_from([None, *(code.value for code in column.codes)]))
                    if column.kind is Kind.CODE
                    else draw(st.sampled_from([None, 1.0, 3.0, 20_000.0]))
                    if column.kind in (Kind.INTEGER, Kind.NUMBER)
                    else None
                    for column in source.lake_columns
                }
                made.append(Record(f"R{number}", version, occurred, known, values))
        if made:
            records[name] = made
    return draw(st.sampled_from([2.0, 5.0, 9.0, 15.5])), records


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_both_ways_of_judging_agree_on_any_records(data):
    rule = data.draw(st.sampled_from(ENTITLEMENTS))
    age, records = data.draw(children(rule))
    silent = data.draw(st.sampled_from([(), (rule.shown_by[0].source.name,)]))

    assert fast(rule, age, records, silent=silent) == judged(rule, age, records, EXAMPLE_AS_OF, silent)
