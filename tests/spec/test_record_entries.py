"""Everything that may be recorded beside the case is a declared row; the rows are whole and agreed."""

from datetime import date

import pytest

from features.guardianship import trees
from serving.review.case import Incomplete, Refused, Role
from serving.review.channels import (
    CHAIN,
    CHANNELS,
    Authority,
    Situation,
    awaited,
    awaited_title,
    channel_title,
    channels_for,
)
from serving.review.record_actions import _MOVES
from serving.review.record_entries import (
    CHANGE_PLAN,
    DISPUTE,
    ENTER,
    MAKING,
    PLAN,
    REFER,
    REPORT,
    STEPS,
    assess_entry,
    step_named,
    steps_of,
)
from serving.review.records import Fill, Kind, State, box, check_role, check_state, read

TODAY = date(2026, 10, 6)
ENTRIES = (*MAKING.values(), *(assess_entry(tree) for tree in trees()), *STEPS)
DRAWN = dict.fromkeys(
    ("categories", "levels", "assessors", "channels", "awaited", "actions"),
    (("one", ENTER.title), ("two", ENTER.title)),
)
WORKING = {Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, Role.ASSESSOR}
AGREED = {
    "enter_ledger": WORKING, "care_contact": WORKING, "care_visit": WORKING, "review_ledger": WORKING,
    "leave_ledger": WORKING,
    "assess": {Role.ASSESSOR, Role.SUPERVISOR, Role.SCREENER},
    "sign_assessment": {Role.ASSESSOR, Role.SUPERVISOR, Role.SCREENER},
    "dispute_assessment": {Role.ASSESSOR, Role.SUPERVISOR, Role.SCREENER},
    "settle_dispute": {Role.SUPERVISOR, Role.SCREENER},
    "report": set(Role), "receipt": set(Role), "chain_step": set(Role),
    "refer": WORKING, "accept_referral": WORKING, "decline_referral": WORKING, "record_result": WORKING,
    "withdraw_referral": WORKING, "refer_on": WORKING,
    "make_plan": WORKING, "end_action": WORKING, "change_plan": WORKING, "end_plan": WORKING,
}  # fmt: skip
STATES = {
    Kind.LEDGER: {State.OPEN, State.LEFT},
    Kind.ASSESSMENT: {State.AWAITS_SECOND, State.DISPUTED, State.SIGNED, State.SETTLED},
    Kind.REPORT: {State.OPEN, State.ANSWERED},
    Kind.REFERRAL: {
        State.SENT, State.ACCEPTED, State.DECLINED, State.DONE, State.WITHDRAWN, State.CONSENT_REFUSED,
    },
    Kind.PLAN: {State.OPEN, State.REPLACED, State.ENDED},
}  # fmt: skip


def valid(entry, **changes):
    """A form of this entry with every blank filled."""
    given = {}
    for blank in entry.blanks:
        match blank.fill:
            case Fill.DAY:
                given[blank.name] = TODAY.isoformat()
            case Fill.SEVERAL:
                given[box(blank.name, blank.choices[0][0])] = "yes"
            case Fill.ONE | Fill.PICK:
                given[blank.name] = blank.choices[-1][0]
            case _:
                given[blank.name] = "某事"
    return given | changes


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.verb} {entry.title.zh}")
def test_each_role_may_record_what_was_agreed_and_nothing_else(entry):
    for role in Role:
        if role in AGREED[entry.verb]:
            check_role(entry, role)
        else:
            with pytest.raises(Refused, match=role.title.en):
                check_role(entry, role)


def test_every_entry_was_agreed_and_has_a_name_of_its_own():
    assert {entry.verb for entry in ENTRIES} == set(AGREED)
    assert len({entry.verb for entry in STEPS}) == len(STEPS)


def test_every_step_is_done_by_something():
    assert set(_MOVES) == {entry.verb for entry in STEPS}


@pytest.mark.parametrize("kind", Kind)
def test_a_step_starts_only_where_a_record_of_its_kind_can_stand(kind):
    starts = {state for entry in STEPS if entry.kind is kind for state in entry.starts}

    assert starts <= STATES[kind]
    assert any(state not in starts for state in STATES[kind]) or kind is Kind.REPORT


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("entry", STEPS, ids=lambda entry: entry.verb)
def test_a_step_is_refused_with_a_sentence_where_the_record_does_not_stand(entry, state):
    if state in entry.starts:
        check_state(entry, state)
        assert entry in steps_of(entry.kind, state, next(iter(entry.by)))
        return
    with pytest.raises(Refused, match="not possible while"):
        check_state(entry, state)
    assert entry not in steps_of(entry.kind, state, Role.SCREENER)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.verb} {entry.title.zh}")
def test_a_form_fits_into_what_the_pages_take(entry):
    names = [blank.name for blank in entry.blanks]

    assert len(names) == len(set(names))
    assert {blank.drawn for blank in entry.blanks} - {""} <= set(DRAWN)
    # The pages take 30 fields, one of them the token and one the version.
    assert (
        sum(max(1, len(blank.choices) if blank.fill is Fill.SEVERAL else 1) for blank in entry.blanks) <= 27
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.verb} {entry.title.zh}")
def test_a_filled_form_is_read_and_each_required_blank_is_missed_by_name(entry):
    entry = entry.drawn_with(DRAWN)
    read(entry, valid(entry), TODAY)

    required = {blank.name for blank in entry.blanks if blank.required}
    if required:
        with pytest.raises(Incomplete) as missed:
            read(entry, {}, TODAY)
        assert {problem.field for problem in missed.value.problems} >= required


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.verb} {entry.title.zh}")
def test_a_choice_nobody_offered_is_no_choice(entry):
    entry = entry.drawn_with(DRAWN)
    for blank in entry.blanks:
        if blank.fill in (Fill.ONE, Fill.PICK) and blank.required:
            with pytest.raises(Incomplete) as missed:
                read(entry, valid(entry, **{blank.name: "made up"}), TODAY)
            assert blank.name in {problem.field for problem in missed.value.problems}


@pytest.mark.parametrize(
    ("entry", "changes", "field"),
    [
        (ENTER, {"entered_on": "2026-10-07"}, "entered_on"),
        (ENTER, {"entered_on": "soon"}, "entered_on"),
        (REPORT, {"found_on": "2026-10-06", "reported_on": "2026-10-05"}, "reported_on"),
        (REFER, {"consent": "given", "answer_by": ""}, "answer_by"),
        (REFER, {"consent": "given", "answer_by": "2026-10-05"}, "answer_by"),
        (REFER, {"service": "F17", "stage": "none"}, "stage"),
        (PLAN, {"what_1": "", "what_2": "", "what_3": "", "what_4": ""}, "what_1"),
        (PLAN, {"what_2": "", "who_2": "外婆"}, "what_2"),
        (PLAN, {"who_1": ""}, "who_1"),
        (PLAN, {"by_1": ""}, "by_1"),
        (CHANGE_PLAN, {"agreement": "refused", "agreed_on": ""}, "agreed_on"),
        (CHANGE_PLAN, {"agreement": "agreed", "agreement_by": ""}, "agreement_by"),
        (DISPUTE, {"conclusion": "absent", "level": ""}, "level"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(entry, changes, field):
    entry = entry.drawn_with(DRAWN)

    with pytest.raises(Incomplete) as refused:
        read(entry, valid(entry) | changes, TODAY)

    assert field in {problem.field for problem in refused.value.problems}


def test_a_refused_consent_needs_no_day_for_an_answer():
    entry = REFER.drawn_with(DRAWN)

    filled = read(entry, valid(entry, consent="refused", answer_by="", service="E15", stage="none"), TODAY)

    assert "answer_by" not in filled.days


def test_a_guardian_not_asked_yet_needs_no_name_and_no_day():
    entry = CHANGE_PLAN.drawn_with(DRAWN)

    blank = {"what_3": "", "who_3": "", "by_3": ""}
    filled = read(entry, valid(entry, agreement="not_asked", agreement_by="", agreed_on="", **blank), TODAY)

    assert filled.text("agreement_by") == ""
    assert "agreed_on" not in filled.days


def test_adequate_guardianship_needs_no_level():
    entry = DISPUTE.drawn_with(DRAWN)

    assert read(entry, valid(entry, conclusion="adequate", level=""), TODAY).text("level") == ""


def test_dates_are_read_as_people_write_them():
    entry = ENTER.drawn_with(DRAWN)

    for text in ("2026-07-01", "2026/7/1", "2026年7月1日"):
        assert read(entry, valid(entry, entered_on=text), TODAY).day("entered_on") == date(2026, 7, 1)


# --- reports: the law's own rows -------------------------------------------------------------------------


def test_a_report_knows_the_nine_situations_and_the_three_authorities():
    assert len(Situation) == 9
    assert [authority.title.zh for authority in Authority] == ["公安", "民政", "教育"]


def test_the_chain_goes_from_admonition_to_the_guidance_order():
    assert [step.title.zh for step in CHAIN] == [
        "劝诫、制止", "报公安", "训诫", "责令接受家庭教育指导（家庭教育指导令）",
    ]  # fmt: skip
    assert [step.receipt for step in CHAIN] == [False, True, True, True]
    assert CHAIN[0].clock.zh == "发现即劝诫、制止"


def test_a_receipt_is_awaited_from_everybody_told_and_every_step_that_gives_one():
    assert awaited(["education", "police"], ["admonish", "reprimand"], []) == (
        "police",
        "education",
        "reprimand",
    )
    assert awaited(["police"], ["reprimand"], ["police"]) == ("reprimand",)
    assert awaited(["police"], [], ["police"]) == ()
    assert {awaited_title(code).zh for code in ("police", "reprimand")} == {"公安", "训诫"}


def test_only_the_jurisdictions_lines_are_offered():
    codes = {code for code, _ in channels_for({"12355", "12356"})}

    assert {"line_12355", "line_12356", "school", "medical"} <= codes
    assert "line_96525" not in codes
    assert channel_title("line_12356").zh == "12356 心理援助热线"
    assert len({channel.code for channel in CHANNELS}) == len(CHANNELS)


def test_a_step_is_found_by_its_kind_and_name_or_not_at_all():
    assert step_named(Kind.REPORT, "receipt") is not None
    assert step_named(Kind.PLAN, "receipt") is None
