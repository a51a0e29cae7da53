"""The eight journeys of a child's case through the pages, each in both languages, in a real browser.

A journey is declared as rows; `support_journeys` walks them and looks at every page on the way. What it leaves
in the store, and what the log kept of it, is declared beside it.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from features.language import Text
from features.sources import source_named
from models.change_words import change_sentences
from models.changes import Changes, FamilyChange, FeatureChange, Part
from models.policy import Lane
from serving.correcting import Change, keep, waiting_corrections
from serving.review import records as record_words
from serving.review.case import RISKS, Answer, Disposition, Met, Objector, Role, Status, Verb
from serving.review.channels import CHAIN, Authority, Situation, Stage, channel_title
from serving.review.life_tables import ConclusionRow, ObjectionRow, RequestRow, ScoreNotice
from serving.review.record_entries import (
    ACCEPTED,
    CHAIN_STEP,
    CONSENT_BY,
    CONSENTS,
    OUTCOMES,
    RECEIPT,
    REFER,
    REPORT,
    RESULT,
)
from serving.review.record_tables import RecordStep, ReferralRow, ReportRow
from serving.review.tables import Account, AuditEvent, Case, DispositionRow, FactRow
from serving.web.lines import RISK_TITLES
from tests import support_pages
from tests import support_review as support
from tests.support_journeys import (
    As,
    Fill,
    Follow,
    Journey,
    Keys,
    Meanwhile,
    Menu,
    Open,
    Press,
    Prints,
    Reach,
    Sees,
    SeesNot,
    Takes,
    Types,
    both,
    name_of,
    people,
    said,
    times,
    walk,
    worded,
)  # fmt: skip
from tests.support_pages import DESKTOP, PHONE
from tests.support_review import NOW, TODAY, VILLAGE, alert, open_cases

pytestmark = pytest.mark.browser

VISITED = Text("与母亲和孩子谈了半小时", "Talked with mother and child for half an hour")
SLEEPS = Text("孩子说睡不好，愿意见心理老师", "Sleeps badly and would like to see the counsellor")


def _conclusion(risk: str, disposition: Disposition) -> tuple[Text, Text]:
    return said_of("field.disposition", risk), disposition.title


def said_of(wording: str, risk: str) -> Text:
    title = RISK_TITLES[risk]
    return Text(said(wording, risk=title.zh).zh, said(wording, risk=title.en).en)


def concludes(verb: Verb, *dispositions: Disposition, reason: Text) -> Fill:
    """A conclusion on both risks, with its reason."""
    wording = f"field.reason.{verb.value}"
    answers = [_conclusion(risk, each) for risk, each in zip(RISKS, dispositions, strict=True)]
    return Fill(verb.title, (*answers, (said(wording), reason)))


def visits(note: Text = VISITED) -> Fill:
    """A visit today that met child and guardian."""
    return Fill(Verb.RECORD_VISIT.title, ((said("field.met"), Met.BOTH.title), (said("field.note"), note)))


def _outcome(session) -> dict[str, object]:
    """How every case ended and what was found, by child."""
    cases = session.scalars(select(Case).order_by(Case.child_key)).all()
    children = {case.id: case.child_key for case in cases}
    found = session.scalars(select(DispositionRow).order_by(DispositionRow.id))
    facts = session.scalars(select(FactRow).order_by(FactRow.case_id, FactRow.entry))
    return {
        "status": {case.child_key: case.status for case in cases},
        "found": [(children[row.case_id], row.risk, row.disposition, row.reason) for row in found],
        "facts": [(children[row.case_id], row.kind, row.met, row.note) for row in facts],
    }


# --- 1. a village worker on a phone closes a case -------------------------------------------------------


def _two_cases(store) -> None:
    people(store, Role.CHILD_DIRECTOR)
    open_cases(store, [alert("c-one"), alert("c-two", tier="watch", due_days=30)])
    support.add_screenings(
        store, [support.screening("c-one"), support.screening("c-one", "guardianship", band="usual")]
    )


VILLAGE_WORKER = Journey(
    name="a village worker on a phone closes a case",
    viewport=PHONE,
    before=_two_cases,
    rows=(
        As(Role.CHILD_DIRECTOR),
        Sees((said("queue.title"), both("张*"))),
        Press(said("queue.next")),
        Sees((Status.CLAIMED.title, said("reasons.raise"), said("ask.title"))),
        visits(),
        Sees((Status.VISITED.title, VISITED)),
        concludes(Verb.DISPOSE, Disposition.CONFIRMED, Disposition.NOT_CONFIRMED, reason=SLEEPS),
        Sees((Status.CLOSED.title, SLEEPS)),
        Menu(said("nav.closed")),
        Sees((both("张*"), Disposition.CONFIRMED.title)),
    ),
    log=("claim", "record_visit", "dispose"),
    kept=_outcome,
    leaves={
        "status": {"c-one": "closed", "c-two": "waiting"},
        "found": [
            ("c-one", "psychological", "confirmed", SLEEPS),
            ("c-one", "guardianship", "not_confirmed", SLEEPS),
        ],
        "facts": [("c-one", "visit", "both", VISITED)],
    },
)

# --- 2. a supervisor reassigns and escalates ------------------------------------------------------------

AWAY = Text("本周去省里培训", "At a training in the provincial capital this week")
STUCK = Text("家长拒绝见面，想请县里看看", "The parents will not meet; please have a look at county level")
ADVICE = Text("先请班主任一起去", "Go together with the class teacher first")
CHEN = "·CHEN LI·"


def _a_team(store) -> None:
    people(store, Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, chen=CHEN)
    open_cases(store, [alert("c-one"), alert("c-two", rank=2)])


def _holders(session) -> dict[str, object]:
    rows = session.execute(select(Case.child_key, Case.status, Case.holder_id, Case.escalated_at))
    names = {account.id: account.display_name for account in session.scalars(select(Account))}
    return {key: (status, names.get(holder), at is not None) for key, status, holder, at in rows}


SUPERVISOR = Journey(
    name="a supervisor reassigns one case and escalates another",
    viewport=DESKTOP,
    before=_a_team,
    rows=(
        As(Role.CHILD_DIRECTOR),
        Follow(both("张*")),
        Press(Verb.CLAIM.title),
        Sees((Status.CLAIMED.title,)),
        As(Role.SUPERVISOR),
        Open("/cases/{c-one}"),
        Fill(
            Verb.ASSIGN.title,
            (
                (said("field.person"), Text(f"{CHEN}（儿童主任）", f"{CHEN} (Child director)")),
                (said("field.reason"), AWAY),
            ),
        ),
        Sees((both(CHEN), AWAY)),
        Open("/cases/{c-two}"),
        Press(Verb.CLAIM.title),
        Fill(Verb.ESCALATE.title, ((said("field.reason.escalate"), STUCK),)),
        Sees((said("case.escalated"), STUCK)),
        As(Role.SCREENER),
        Menu(said("nav.coordination")),
        Sees((said("coordination.escalated"),)),
        Follow(both("李*")),
        Fill(Verb.ADVISE.title, ((said("field.reason.advise"), ADVICE),)),
        Sees((ADVICE,)),
        As(Role.SUPERVISOR),
        Open("/cases/{c-two}"),
        Sees((ADVICE,)),
    ),
    log=("claim", "assign", "claim", "escalate", "advise"),
    kept=_holders,
    leaves={"c-one": ("claimed", CHEN, False), "c-two": ("claimed", "·SUPERVISOR·", False)},
)

# --- 3. a screener works ten cases by keyboard alone ----------------------------------------------------

SEEN = Text("在校见到孩子和班主任", "Met the child and the class teacher at school")
FINE = Text("情况平稳", "All is well")


def _twelve(store) -> None:
    people(store, Role.SCREENER)
    open_cases(store, [alert(f"child-{n:02}", rank=n) for n in range(12)])


def _counted(session) -> dict[str, object]:
    found = _outcome(session)
    return {
        "status": sorted(found["status"].values()),
        "found": {(risk, disposition, reason) for _, risk, disposition, reason in found["found"]},
        "facts": {(kind, met, note) for _, kind, met, note in found["facts"]},
        "rows": (len(found["found"]), len(found["facts"])),
    }


KEYBOARD = Journey(
    name="a screener works ten cases by keyboard alone",
    viewport=DESKTOP,
    before=_twelve,
    rows=(
        As(Role.SCREENER),
        Keys(("?",)),
        Sees((said("keys.take"),)),
        Keys(("Escape",)),
        *times(
            10,
            Keys(("n",), turns=True),
            Keys(("d",)),
            Reach(said("field.met")),
            Keys(("Space", "ArrowDown")),
            Reach(said("field.note")),
            Types(SEEN),
            Reach(Verb.RECORD_VISIT.title),
            Keys(("Enter",), turns=True),
            Keys(("d", "Space", "ArrowDown", "ArrowDown", "ArrowDown")),
            Reach(said_of("field.disposition", "guardianship")),
            Keys(("Space",)),
            Reach(said("field.reason.dispose")),
            Types(FINE),
            Reach(Verb.DISPOSE.title),
            Keys(("Enter",), turns=True),
        ),
        Sees((Status.CLOSED.title, FINE)),
    ),
    log=("claim", "record_visit", "dispose") * 10,
    kept=_counted,
    leaves={
        "status": ["closed"] * 10 + ["waiting"] * 2,
        "found": {("psychological", "not_confirmed", FINE), ("guardianship", "confirmed", FINE)},
        "facts": {("visit", "guardian", SEEN)},
        "rows": (20, 10),
    },
)

# --- 4. a second review by somebody who does not see the first view -------------------------------------

FIRST = Text("我认为属实：孩子说怕回家", "I hold it confirmed: the child is afraid to go home")
SECOND = Text("我去时一切如常", "All was as usual when I went")
SETTLED = Text("与两人谈过，按属实办理", "Spoke with both; taken as confirmed")


def _a_trigger(store) -> None:
    people(store, Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER)
    open_cases(store, [alert("c-one", Lane.TRIGGER)])


def _opinions(session) -> dict[str, object]:
    rows = session.scalars(select(ConclusionRow).order_by(ConclusionRow.id))
    return _outcome(session) | {
        "opinions": [(row.place, row.risk, row.disposition, row.reason) for row in rows]
    }


SECOND_REVIEW = Journey(
    name="a second person concludes without the first view, and a third settles",
    viewport=DESKTOP,
    before=_a_trigger,
    rows=(
        As(Role.CHILD_DIRECTOR),
        Follow(both("张*")),
        Press(Verb.CLAIM.title),
        visits(),
        concludes(Verb.DISPOSE, Disposition.CONFIRMED, Disposition.CONFIRMED, reason=FIRST),
        Sees((Status.SECOND_REVIEW.title, FIRST)),
        As(Role.SUPERVISOR),
        Menu(said("nav.coordination")),
        Follow(both("张*")),
        SeesNot((FIRST,)),
        Press(Verb.CLAIM.title),
        Sees((VISITED,)),
        SeesNot((FIRST,)),
        concludes(Verb.CONCLUDE_SECOND, Disposition.NOT_CONFIRMED, Disposition.CONFIRMED, reason=SECOND),
        Sees((FIRST, SECOND)),
        As(Role.CHILD_DIRECTOR),
        Open("/cases/{c-one}"),
        Sees((FIRST, SECOND)),
        As(Role.SCREENER),
        Open("/cases/{c-one}"),
        concludes(Verb.SETTLE, Disposition.CONFIRMED, Disposition.CONFIRMED, reason=SETTLED),
        Sees((Status.CLOSED.title, SETTLED, FIRST, SECOND)),
    ),
    log=("claim", "record_visit", "dispose", "claim", "conclude_second", "settle"),
    kept=_opinions,
    leaves={
        "status": {"c-one": "closed"},
        "found": [("c-one", risk, "confirmed", SETTLED) for risk in RISKS],
        "facts": [("c-one", "visit", "both", VISITED)],
        "opinions": [
            ("first", "psychological", "confirmed", FIRST),
            ("first", "guardianship", "confirmed", FIRST),
            ("second", "psychological", "not_confirmed", SECOND),
            ("second", "guardianship", "confirmed", SECOND),
            ("settled", "psychological", "confirmed", SETTLED),
            ("settled", "guardianship", "confirmed", SETTLED),
        ],
    },
)

# --- 5. an appeal: objection, the department's answer, what changes --------------------------------------

NEVER = Text("那几天孩子请了病假", "The child was on sick leave on those days")
CHECKED = Text("学校核对后改为病假", "The school checked and made it sick leave")
_FEWER = FeatureChange("absences_unexplained_90d", Part.CORRECTED, 6.0, 0.0, -0.6)


def _screened(store) -> None:
    people(store, Role.CHILD_DIRECTOR, Role.SUPERVISOR)
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [support.screening("c-one")])


def _scored_again(store) -> None:
    """The corrected record came in, and the child was scored again with it."""
    with store.read() as session:
        [waiting] = waiting_corrections(session)
    [old] = waiting.before
    new = support.screening(
        "c-one", as_of=TODAY, families=(("care", 0.4), ("support", -0.5)), risk=0.06, low=0.04, high=0.09
    )
    parts = dict.fromkeys(Part, 0.0) | {Part.CORRECTED: -0.6}
    told = change_sentences(Changes(old, new, (FamilyChange("attendance", parts, (_FEWER,)),), 0.0))
    with store.write() as session:
        keep(session, waiting, None, [Change(old.screener, old, new, told)], NOW + timedelta(hours=1))


def _objections(session) -> dict[str, object]:
    row = session.scalars(select(ObjectionRow)).one()
    notice = session.scalars(select(ScoreNotice)).one()
    return {
        "objection": (row.raised_by, row.source, row.wrong, row.answer, row.answer_reason, row.answered_on),
        "change": len(row.change["screeners"][0]["sentences"]),
        "notice": (notice.objection_id == row.id, notice.screener),
    }


_ABSENCES = said("objection.any", department="{department}", source="{source}")


def _source(wording: Text, name: str) -> Text:
    source = source_named(name)
    return Text(
        *(
            wording[language].format(
                department=source.department.title[language], source=source.title[language]
            )
            for language in ("zh", "en")
        )
    )


APPEAL = Journey(
    name="a guardian objects, the department answers, and what changes is shown",
    viewport=DESKTOP,
    before=_screened,
    rows=(
        As(Role.CHILD_DIRECTOR),
        Follow(both("张*")),
        Press(Verb.CLAIM.title),
        Fill(
            Verb.OBJECT.title,
            (
                (said("field.raised_by"), Objector.GUARDIAN.title),
                (said("field.record"), _source(_ABSENCES, "absences")),
                (said("field.wrong"), NEVER),
            ),
        ),
        Sees((said("objection.waits"), NEVER)),
        As(Role.SUPERVISOR),
        Open("/cases/{c-one}"),
        Fill(
            Verb.ANSWER_OBJECTION.title,
            (
                (said("field.objection"), _source(both("{department} · {source} 2026-10-06"), "absences")),
                (said("field.answer"), Answer.CORRECTED.title),
                (said("field.reason.answer_objection"), CHECKED),
            ),
        ),
        Sees((Answer.CORRECTED.title, CHECKED)),
        Meanwhile(_scored_again),
        As(Role.CHILD_DIRECTOR),
        Open("/cases/{c-one}"),
        Sees((said("event.rescore"), Text("更正的事实", "Corrected facts"), Answer.CORRECTED.title)),
    ),
    log=("claim", "object", "answer_objection", "rescore"),
    kept=_objections,
    leaves={
        "objection": ("guardian", "absences", NEVER, "corrected", CHECKED, TODAY),
        "change": 2,
        "notice": (True, "psychological"),
    },
)

# --- 6. a family declares itself; a referral, and its answer ---------------------------------------------

ASKED = Text(
    "母亲说孩子近来不说话，想找人谈谈",
    "The mother says the child hardly speaks and wants somebody to talk to",
)
HELPED = Text("谈了三次，睡眠好转", "Three talks; sleeps better")
_NUMBER = "11010120150307123X"


def _a_worker(store) -> None:
    people(store, Role.CHILD_DIRECTOR)


def label(entry, name: str) -> Text:
    """The label of a blank of a record's form."""
    [blank] = [blank for blank in entry.blanks if blank.name == name]
    return blank.title


def choice(choices, code: str) -> Text:
    """The words of a choice of a record's form."""
    return dict(choices)[code]


def _asked(session) -> dict[str, object]:
    case, request = session.scalars(select(Case)).one(), session.scalars(select(RequestRow)).one()
    referral = session.scalars(select(ReferralRow)).one()
    return {
        "case": (case.child_key, case.status),
        "request": (request.lane, request.reason, request.case_id == case.id),
        "referral": (
            referral.state,
            referral.service,
            referral.channel,
            referral.consent,
            referral.consent_by,
        ),
        "stage": (referral.stage, referral.note, referral.case_id == case.id),
    }


DECLARED = Journey(
    name="a family declares itself, is led to a service, and the answer comes back",
    viewport=PHONE,
    before=_a_worker,
    deps={
        "find_child": {_NUMBER: "c-one"}.get,
        "about_child": lambda _: support.facts(VILLAGE),
        "tier_of_requests": "first",
    },
    rows=(
        As(Role.CHILD_DIRECTOR),
        Menu(said("nav.raise")),
        Fill(
            said("raise.send"),
            (
                (said("raise.lane"), said("raise.lane.declared")),
                (said("raise.child"), both(_NUMBER)),
                (said("raise.reason"), ASKED),
            ),
        ),
        Sees((said("requests.title"), ASKED)),
        Press(Verb.CLAIM.title),
        Follow(said("support.of_case")),
        Follow(REFER.title),
        Fill(
            said("record.save"),
            (
                (label(REFER, "service"), choice(REFER.blanks[0].choices, "F17")),
                (label(REFER, "channel"), channel_title("line_96525")),
                (label(REFER, "stage"), Stage.REFERRAL.title),
                (label(REFER, "consent"), choice(CONSENTS, "given")),
                (label(REFER, "consent_by"), choice(CONSENT_BY, "guardian")),
                (label(REFER, "consent_on"), both("2026-10-06")),
                (label(REFER, "answer_by"), both("2026-10-20")),
                (label(REFER, "note"), ASKED),
            ),
        ),
        Sees((said("record.saved"), channel_title("line_96525"))),
        Fill(ACCEPTED.title, ((label(ACCEPTED, "happened_on"), both("2026-10-06")),)),
        Fill(
            RESULT.title,
            (
                (label(RESULT, "happened_on"), both("2026-10-06")),
                (label(RESULT, "result"), choice(OUTCOMES, "helped")),
                (label(RESULT, "note"), HELPED),
            ),
        ),
        Sees((record_words.State.DONE.title, choice(OUTCOMES, "helped"), HELPED)),
        Open("/cases/{c-one}/support"),
        Sees((record_words.State.DONE.title,)),
    ),
    log=(
        "open_round",
        "open_case",
        "release",
        "raise_by_hand",
        "claim",
        "refer",
        "accept_referral",
        "record_result",
    ),
    kept=_asked,
    leaves={
        "case": ("c-one", "claimed"),
        "request": ("declared", ASKED, True),
        "referral": ("done", "F17", "line_96525", "given", "guardian"),
        "stage": ("referral", ASKED, True),
    },
)

# --- 7. a mandatory report, its chain and its receipts ---------------------------------------------------

WHO = Text("某小区六栋约六岁男童", "A boy of about six, block 6 of an estate")
ALONE = Text("连续两夜独自在家", "Alone at home for two nights")


def _reported(session) -> dict[str, object]:
    row = session.scalars(select(ReportRow)).one()
    steps = session.scalars(select(RecordStep).order_by(RecordStep.id))
    return {
        "report": (row.state, row.situation, row.about, row.note, sorted(row.told), row.case_id),
        "steps": [step.verb for step in steps],
    }


def _receipt(authority: Text, number: str) -> Fill:
    return Fill(
        RECEIPT.title,
        (
            (label(RECEIPT, "from"), authority),
            (label(RECEIPT, "happened_on"), both("2026-10-06")),
            (label(RECEIPT, "number"), both(number)),
        ),
    )


_TELL = CHAIN[1]
MANDATORY = Journey(
    name="a mandatory report with its chain and receipts, without a case",
    viewport=DESKTOP,
    before=_a_worker,
    rows=(
        As(Role.CHILD_DIRECTOR),
        Menu(said("nav.support")),
        Follow(record_words.Kind.REPORT.title),
        Follow(said("report.new")),
        Fill(
            said("record.save"),
            (
                (label(REPORT, "situation"), Situation.ABANDONED.title),
                (label(REPORT, "about"), WHO),
                (label(REPORT, "found_on"), both("2026-10-05")),
                (label(REPORT, "reported_on"), both("2026-10-06")),
                (label(REPORT, "told"), Authority.POLICE.title),
                (label(REPORT, "told"), Authority.CIVIL_AFFAIRS.title),
                (label(REPORT, "note"), ALONE),
            ),
        ),
        Sees((WHO, said("report.late", days=1), said("report.awaited"))),
        Fill(
            CHAIN_STEP.title,
            (
                (label(CHAIN_STEP, "step"), choice(CHAIN_STEP.blanks[0].choices, "admonish")),
                (label(CHAIN_STEP, "happened_on"), both("2026-10-06")),
            ),
        ),
        Fill(
            CHAIN_STEP.title,
            (
                (label(CHAIN_STEP, "step"), choice(CHAIN_STEP.blanks[0].choices, "tell_police")),
                (label(CHAIN_STEP, "happened_on"), both("2026-10-06")),
            ),
        ),
        _receipt(Authority.POLICE.title, "P-7"),
        _receipt(Authority.CIVIL_AFFAIRS.title, "M-12"),
        Sees((record_words.State.OPEN.title, both("P-7"))),
        _receipt(_TELL.title, "P-8"),
        Sees((record_words.State.ANSWERED.title, both("P-7"), both("M-12"), both("P-8"))),
        Press(said("record.print")),
        Sees((said("record.printing"),)),
    ),
    log=("report", "chain_step", "chain_step", "receipt", "receipt", "receipt", "print"),
    kept=_reported,
    leaves={
        "report": ("answered", "abandoned", WHO, ALONE, ["civil_affairs", "police"], None),
        "steps": ["chain_step", "chain_step", "receipt", "receipt", "receipt"],
    },
)

# --- 8. a manager's half-year ---------------------------------------------------------------------------


def _half_year(store) -> None:
    support_pages.make_busy(store, name_of)


MANAGER = Journey(
    name="a manager reads the half-year, takes it along and prints it",
    viewport=DESKTOP,
    before=_half_year,
    rows=(
        As(Role.MANAGER),
        Menu(said("nav.dashboard")),
        Sees((said("dashboard.title"),)),
        Menu(said("nav.statistics")),
        Sees((said("measure.came"), said("statistics.total"))),
        Takes(
            said("statistics.export"),
            "miaohu-2026-07-01.csv",
            (said("column.area"), said("measure.confirmed"), said("statistics.total")),
        ),
        Prints(said("page_of_child.print")),
    ),
    log=("export_statistics",),
    kept=lambda session: {
        "detail": session.scalars(
            select(AuditEvent.detail).where(AuditEvent.verb == "export_statistics")
        ).one()
    },
    leaves={"detail": {"period": "2026-07-01", "areas": 2}},
)

JOURNEYS = (VILLAGE_WORKER, SUPERVISOR, KEYBOARD, SECOND_REVIEW, APPEAL, DECLARED, MANDATORY, MANAGER)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with support_pages.chromium() as browser:
        yield browser


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_journey_is_walked_to_its_end_and_leaves_what_it_says(chromium, tmp_path, journey, language):
    log, kept = walk(journey, chromium, tmp_path, language)

    assert log == journey.log
    assert kept == worded(language, journey.leaves)
