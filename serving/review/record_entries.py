"""The declared rows: what may be recorded of ledger, assessments, reports, referrals and plans, and by whom.

A mandatory report is open to every role, needs no case, no child we know and nothing recorded before: the
law binds everybody, at once. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from features.guardianship import Conclusion, Grade, Tree
from features.language import Text
from serving.review.case import COORDINATORS, WORKERS, Met, Refused, Role
from serving.review.channels import CHAIN, ON_THE_PATH, Authority, Situation, Stage, service_choices
from serving.review.records import Blank, Choice, Entry, Fill, Filled, Kind, State, When

# Who may lay an assessment: those trained for it, and who answers for a town or county.
ASSESSORS = frozenset({Role.ASSESSOR, Role.SUPERVISOR, Role.SCREENER})
EVERYBODY = frozenset(Role)
# As many actions as one form of a plan takes; more are added in the next edition.
ACTIONS = 4


def _worded(
    kind: type[Conclusion] | type[Met] | type[Stage] | type[Situation] | type[Authority],
) -> tuple[Choice, ...]:
    return tuple((member.value, member.title) for member in kind)


def _pairs(*pairs: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple((code, Text(zh, en)) for code, zh, en in pairs)


BASES = _pairs(
    ("case", "走访个案时认定", "Found in a case"),
    ("record", "部门记录", "A department's record"),
    ("request", "家庭主动提出", "The family asked"),
)
LEAVING = _pairs(
    ("sixteen", "年满十六周岁", "Turned sixteen"),
    ("moved", "离开本地", "Moved away"),
    ("improved", "情况好转，不再符合", "No longer meets any category"),
    ("passed_on", "已由其他保障接续", "Taken over by other support"),
    ("died", "死亡", "Died"),
    ("mistake", "误列", "Entered by mistake"),
)
CONSENTS = _pairs(("given", "同意", "Given"), ("refused", "不同意", "Refused"))
CONSENT_BY = _pairs(
    ("guardian", "父母或其他监护人", "Parent or other guardian"),
    ("child", "孩子本人（十四周岁以上）", "The child (14 or older)"),
    ("both", "监护人和孩子", "Guardian and child"),
)
AGREEMENTS = _pairs(
    ("agreed", "同意", "Agrees"),
    ("partly", "部分同意", "Agrees in part"),
    ("refused", "不同意", "Does not agree"),
    ("not_asked", "尚未征求", "Not asked yet"),
)
OUTCOMES = _pairs(
    ("helped", "得到服务，情况有改善", "Served, things are better"),
    ("served", "得到服务，变化不明显", "Served, little change"),
    ("not_needed", "对方评估后认为不需要", "Not needed, says the service"),
    ("not_attended", "家庭没有去", "The family did not attend"),
)

_NOTE = Text("写事实，不写评价。", "Facts, not judgements.")
_HAPPENED = Blank(name="happened_on", fill=Fill.DAY, title=Text("日期", "Date"))


def _long(name: str, zh: str, en: str, *, required: bool = True, hint: Text | None = None) -> Blank:
    return Blank(name=name, fill=Fill.LONG, title=Text(zh, en), required=required, hint=hint)


def _line(name: str, zh: str, en: str, *, required: bool = True, hint: Text | None = None) -> Blank:
    return Blank(name=name, fill=Fill.LINE, title=Text(zh, en), required=required, hint=hint)


def _reached(verb: str, zh: str, en: str) -> Entry:
    return Entry(
        verb=verb, kind=Kind.LEDGER, title=Text(zh, en), by=WORKERS, starts=frozenset({State.OPEN}),
        blanks=(
            _HAPPENED,
            Blank(name="met", fill=Fill.ONE, title=Text("见到或联系到了谁", "Whom did you reach?"), choices=_worded(Met)),
            _long("note", "看到、了解到的情况", "What you saw or learnt", hint=_NOTE),
        ),
    )  # fmt: skip


# --- the ledger of key-care children ----------------------------------------------------------------

ENTER = Entry(
    verb="enter_ledger", kind=Kind.LEDGER, title=Text("列入重点关爱台账", "Enter in the key-care ledger"), by=WORKERS,
    help=Text("由人认定，不由筛查结果认定。", "A person decides this; no screening does."),
    blanks=(
        Blank(name="categories", fill=Fill.SEVERAL, title=Text("类别", "Categories"), drawn="categories"),
        Blank(name="basis", fill=Fill.ONE, title=Text("依据", "Basis"), choices=BASES),
        Blank(name="entered_on", fill=Fill.DAY, title=Text("列入日期", "Entered on")),
        _long("note", "依据的说明", "What it rests on", hint=_NOTE),
    ),
)  # fmt: skip
CARE_CONTACT = _reached("care_contact", "记录联系", "Record a contact")
CARE_VISIT = _reached("care_visit", "记录入户走访", "Record a visit at home")
REVIEW = Entry(
    verb="review_ledger", kind=Kind.LEDGER, title=Text("复核", "Review"), by=WORKERS, starts=frozenset({State.OPEN}),
    blanks=(
        _HAPPENED,
        Blank(name="categories", fill=Fill.SEVERAL, title=Text("复核后的类别", "Categories after review"), drawn="categories"),
        _long("note", "复核的情况", "What the review found", hint=_NOTE),
    ),
)  # fmt: skip
LEAVE = Entry(
    verb="leave_ledger", kind=Kind.LEDGER, title=Text("移出台账", "Take out of the ledger"), by=WORKERS,
    starts=frozenset({State.OPEN}),
    blanks=(
        _HAPPENED,
        Blank(name="reason", fill=Fill.ONE, title=Text("移出原因", "Why"), choices=LEAVING),
        _long("note", "说明", "Explanation"),
    ),
)  # fmt: skip

# --- assessments of guardianship --------------------------------------------------------------------


def _level_needed(filled: Filled, today: date) -> Iterator[Refused]:
    if filled.text("conclusion") != Conclusion.ADEQUATE.value and not filled.text("level"):
        yield Refused(Text("请选择等级。", "Choose the level."), "level")


_CONCLUDED = (
    Blank(name="conclusion", fill=Fill.ONE, title=Text("监护类型", "Kind"), choices=_worded(Conclusion)),
    Blank(
        name="level", fill=Fill.PICK, title=Text("等级", "Level"), drawn="levels", required=False,
        hint=Text("“监护正常”不需要等级。", "“Adequate” needs no level."),
    ),
)  # fmt: skip


def assess_entry(tree: Tree) -> Entry:
    """The form of an assessment by this tree: a grade for every indicator, then what the team concludes."""
    grades = _pairs(("", "没有查看", "Not looked at"), *((g.value, g.title.zh, g.title.en) for g in Grade))
    return Entry(
        verb="assess", kind=Kind.ASSESSMENT, title=Text("开展家庭监护评估", "Assess guardianship"), by=ASSESSORS,
        help=tree.statement, check=_level_needed,
        blanks=(
            Blank(name="assessed_on", fill=Fill.DAY, title=Text("评估日期", "Assessed on")),
            *(
                Blank(
                    name=f"item_{each.code}", fill=Fill.PICK, choices=grades, required=False,
                    title=Text(f"{each.dimension.zh}：{each.title.zh}", f"{each.dimension.en}: {each.title.en}"),
                )
                for each in tree.indicators
            ),
            *_CONCLUDED,
            Blank(
                name="next_on", fill=Fill.DAY, title=Text("下次评估日期", "Next assessment on"), when=When.AHEAD,
                not_before="assessed_on",
                hint=Text("所读文件没有写明间隔，由评估员确定。", "No document read states an interval; the team decides."),
            ),
            Blank(name="second", fill=Fill.PICK, title=Text("第二位评估员", "Second assessor"), drawn="assessors"),
            _long("note", "依据", "What it rests on", hint=_NOTE),
        ),
    )  # fmt: skip


SIGN = Entry(
    verb="sign_assessment", kind=Kind.ASSESSMENT, title=Text("同意并签署", "Agree and sign"), by=ASSESSORS,
    starts=frozenset({State.AWAITS_SECOND}),
)  # fmt: skip
DISPUTE = Entry(
    verb="dispute_assessment", kind=Kind.ASSESSMENT, title=Text("提出异议", "Dispute"), by=ASSESSORS,
    starts=frozenset({State.AWAITS_SECOND}), check=_level_needed,
    blanks=(*_CONCLUDED, _long("note", "异议的理由", "Why you see it differently")),
)  # fmt: skip
SETTLE = Entry(
    verb="settle_dispute", kind=Kind.ASSESSMENT, title=Text("裁定异议", "Settle the dispute"), by=COORDINATORS,
    starts=frozenset({State.DISPUTED}), check=_level_needed,
    help=Text("由没有参与评估的人裁定。", "Somebody who was not of the team settles it."),
    blanks=(*_CONCLUDED, _long("note", "裁定的理由", "Reason")),
)  # fmt: skip

# --- mandatory reports ------------------------------------------------------------------------------

REPORT = Entry(
    verb="report", kind=Kind.REPORT, title=Text("登记强制报告", "Record a mandatory report"), by=EVERYBODY,
    help=Text("先报告，后登记。情况紧急请立即拨打110。", "Report first, record after. In an emergency call 110 at once."),
    blanks=(
        Blank(name="situation", fill=Fill.ONE, title=Text("情形", "Situation"), choices=_worded(Situation)),
        _long("about", "涉及哪个孩子、在哪里", "Which child, and where", hint=Text("不知道姓名也可以报告。", "A report needs no name.")),
        Blank(name="found_on", fill=Fill.DAY, title=Text("发现日期", "Found on")),
        Blank(name="reported_on", fill=Fill.DAY, title=Text("报告日期", "Reported on"), not_before="found_on"),
        Blank(name="told", fill=Fill.SEVERAL, title=Text("向谁报告", "Told to"), choices=_worded(Authority)),
        _long("note", "报告的内容", "What was reported", hint=_NOTE),
    ),
)  # fmt: skip
CHAIN_STEP = Entry(
    verb="chain_step", kind=Kind.REPORT, title=Text("记录劝诫、训诫等措施", "Record a step of the chain"), by=EVERYBODY,
    starts=frozenset({State.OPEN, State.ANSWERED}),
    blanks=(
        Blank(
            name="step", fill=Fill.ONE, title=Text("措施", "Step"),
            choices=tuple((step.code, Text(f"{step.title.zh}（{step.authority.zh}）", f"{step.title.en} ({step.authority.en})")) for step in CHAIN),
        ),
        _HAPPENED,
        _line("number", "文书编号", "Number of the document", required=False),
        _long("note", "情况", "What happened", required=False),
    ),
)  # fmt: skip
RECEIPT = Entry(
    verb="receipt", kind=Kind.REPORT, title=Text("登记回执", "Record a receipt"), by=EVERYBODY,
    starts=frozenset({State.OPEN}),
    blanks=(
        Blank(name="from", fill=Fill.ONE, title=Text("来自", "From"), drawn="awaited"),
        _HAPPENED,
        _line("number", "回执编号", "Number of the receipt"),
        _long("note", "处理结果", "Result told", required=False),
    ),
)  # fmt: skip

# --- services and referrals -------------------------------------------------------------------------


def _referral_holds(filled: Filled, today: date) -> Iterator[Refused]:
    if filled.text("consent") == "given" and "answer_by" not in filled.days:
        yield Refused(Text("请填写希望何时得到答复。", "Give the day an answer is wanted by."), "answer_by")
    on_the_path = filled.text("service") in ON_THE_PATH
    if on_the_path and filled.text("stage") == Stage.NONE.value:
        yield Refused(
            Text("心理健康服务请选择处在哪个环节。", "Choose where on the path this referral stands."),
            "stage",
        )


_REFERRED = (
    Blank(name="service", fill=Fill.PICK, title=Text("服务项目", "Service"), choices=service_choices()),
    Blank(name="channel", fill=Fill.PICK, title=Text("转到哪里", "Led to"), drawn="channels"),
    Blank(
        name="stage", fill=Fill.ONE, title=Text("预防—转介—干预—就医", "On the path to treatment"), choices=_worded(Stage),
        hint=Text("就医与否由家长决定，任何人不能强制检查。", "Families decide on treatment; nobody may compel an examination."),
    ),
    Blank(name="consent", fill=Fill.ONE, title=Text("家庭是否同意", "Consent"), choices=CONSENTS),
    Blank(name="consent_by", fill=Fill.ONE, title=Text("由谁表示", "Given or refused by"), choices=CONSENT_BY),
    Blank(name="consent_on", fill=Fill.DAY, title=Text("表示日期", "On")),
    Blank(
        name="answer_by", fill=Fill.DAY, title=Text("希望何时得到答复", "Answer wanted by"), when=When.AHEAD, required=False,
        hint=Text("所读文件没有写明期限，由您与对方约定。", "No document read states a time; agree on one."),
    ),
    _long("note", "需要什么帮助", "What help is needed", hint=_NOTE),
)  # fmt: skip
REFER = Entry(
    verb="refer", kind=Kind.REFERRAL, title=Text("转介服务", "Refer to a service"), by=WORKERS,
    check=_referral_holds, blanks=_REFERRED,
    help=Text("不同意也请登记；不同意不影响其他服务。", "Record a refusal too; it costs the family no other service."),
)  # fmt: skip
ACCEPTED = Entry(
    verb="accept_referral", kind=Kind.REFERRAL, title=Text("对方已受理", "The other side accepts"), by=WORKERS,
    starts=frozenset({State.SENT}),
    blanks=(_HAPPENED, _long("note", "对方怎么说", "What they say", required=False)),
)  # fmt: skip
DECLINED = Entry(
    verb="decline_referral", kind=Kind.REFERRAL, title=Text("对方未受理", "The other side declines"), by=WORKERS,
    starts=frozenset({State.SENT}),
    blanks=(_HAPPENED, _long("note", "原因", "Reason")),
)  # fmt: skip
RESULT = Entry(
    verb="record_result", kind=Kind.REFERRAL, title=Text("登记结果", "Record the result"), by=WORKERS,
    starts=frozenset({State.ACCEPTED}),
    blanks=(
        _HAPPENED,
        Blank(name="result", fill=Fill.ONE, title=Text("结果", "Result"), choices=OUTCOMES),
        _long("note", "说明", "Explanation", required=False),
    ),
)  # fmt: skip
WITHDRAW = Entry(
    verb="withdraw_referral", kind=Kind.REFERRAL, title=Text("家庭撤回同意", "The family withdraws"), by=WORKERS,
    starts=frozenset({State.SENT, State.ACCEPTED}),
    blanks=(_HAPPENED, _long("note", "说明", "Explanation", required=False)),
)  # fmt: skip
REFER_ON = Entry(
    verb="refer_on", kind=Kind.REFERRAL, title=Text("转到下一环节", "Refer on"), by=WORKERS,
    starts=frozenset({State.ACCEPTED, State.DECLINED, State.DONE}), check=_referral_holds, blanks=_REFERRED,
)  # fmt: skip

# --- the plan for one child -------------------------------------------------------------------------


def _whole_actions(filled: Filled, today: date) -> Iterator[Refused]:
    for number in range(1, ACTIONS + 1):
        what, who, by = (f"{part}_{number}" for part in ("what", "who", "by"))
        if not filled.text(what):
            if filled.text(who) or by in filled.days:
                yield Refused(Text("请写明做什么。", "Say what is to be done."), what)
            continue
        if not filled.text(who):
            yield Refused(Text("请写明由谁做。", "Say who does it."), who)
        if by not in filled.days:
            yield Refused(Text("请写明何时之前。", "Say by when."), by)


def _agreement_dated(filled: Filled, today: date) -> Iterator[Refused]:
    if filled.text("agreement") != "not_asked":
        if "agreed_on" not in filled.days:
            yield Refused(Text("请填写征求意见的日期。", "Give the day the guardian was asked."), "agreed_on")
        if not filled.text("agreement_by"):
            yield Refused(Text("请写明征求了谁的意见。", "Say who was asked."), "agreement_by")


def _a_first_action(filled: Filled, today: date) -> Iterator[Refused]:
    if not any(filled.text(f"what_{number}") for number in range(1, ACTIONS + 1)):
        yield Refused(Text("请至少写一项要做的事。", "Give at least one thing to be done."), "what_1")


def _plan_holds(filled: Filled, today: date) -> Iterator[Refused]:
    yield from _a_first_action(filled, today)
    yield from _change_holds(filled, today)


def _change_holds(filled: Filled, today: date) -> Iterator[Refused]:
    yield from _whole_actions(filled, today)
    yield from _agreement_dated(filled, today)


def _action_blanks() -> Iterator[Blank]:
    for number in range(1, ACTIONS + 1):
        part = Text(f"第 {number} 项", f"Action {number}")
        yield replace(_line(f"what_{number}", "做什么", "What", required=False), part=part)
        yield replace(_line(f"who_{number}", "由谁", "Who", required=False), part=part)
        yield Blank(
            name=f"by_{number}", fill=Fill.DAY, title=Text("何时之前", "By when"), when=When.AHEAD,
            required=False, part=part,
        )  # fmt: skip


_PLANNED = (
    _long("goals", "目标", "Goals", hint=Text("孩子和家庭希望怎样。", "What child and family hope for.")),
    *_action_blanks(),
    Blank(name="agreement", fill=Fill.ONE, title=Text("监护人的意见", "The guardian"), choices=AGREEMENTS),
    _line("agreement_by", "征求了谁的意见", "Who was asked", required=False),
    Blank(name="agreed_on", fill=Fill.DAY, title=Text("征求意见的日期", "Asked on"), required=False),
    Blank(name="review_on", fill=Fill.DAY, title=Text("下次检视日期", "Review on"), when=When.AHEAD),
)
PLAN = Entry(
    verb="make_plan", kind=Kind.PLAN, title=Text("制定一人一策", "Make a plan for the child"), by=WORKERS,
    check=_plan_holds, blanks=_PLANNED,
)  # fmt: skip
CHANGE_PLAN = Entry(
    verb="change_plan", kind=Kind.PLAN, title=Text("调整方案", "Change the plan"), by=WORKERS,
    starts=frozenset({State.OPEN}), check=_change_holds, blanks=_PLANNED,
    help=Text("原来的一版会保留；未完成的事项自动带入新的一版。", "The edition before is kept; what is not done yet is carried over."),
)  # fmt: skip
END_ACTION = Entry(
    verb="end_action", kind=Kind.PLAN, title=Text("登记一项的结果", "Say how one action ended"), by=WORKERS,
    starts=frozenset({State.OPEN}),
    blanks=(
        Blank(name="action", fill=Fill.PICK, title=Text("哪一项", "Which"), drawn="actions"),
        Blank(name="ended", fill=Fill.ONE, title=Text("结果", "How"), choices=_pairs(("done", "已完成", "Done"), ("not_done", "未完成", "Not done"))),
        _HAPPENED,
        _long("note", "说明", "Explanation", required=False),
    ),
)  # fmt: skip
END_PLAN = Entry(
    verb="end_plan", kind=Kind.PLAN, title=Text("结束方案", "End the plan"), by=WORKERS, starts=frozenset({State.OPEN}),
    blanks=(_HAPPENED, _long("note", "结束的理由", "Why it ends")),
)  # fmt: skip

# What makes a record, by kind; an assessment's form depends on its tree.
MAKING: Mapping[Kind, Entry] = {entry.kind: entry for entry in (ENTER, REPORT, REFER, PLAN)}
STEPS: tuple[Entry, ...] = (
    CARE_CONTACT, CARE_VISIT, REVIEW, LEAVE,
    SIGN, DISPUTE, SETTLE,
    RECEIPT, CHAIN_STEP,
    ACCEPTED, DECLINED, RESULT, REFER_ON, WITHDRAW,
    END_ACTION, CHANGE_PLAN, END_PLAN,
)  # fmt: skip


def steps_of(kind: Kind, state: State, role: Role) -> tuple[Entry, ...]:
    """What this role may do to a record of this kind that stands here, in the order of the rows."""
    return tuple(
        entry for entry in STEPS if entry.kind is kind and state in entry.starts and role in entry.by
    )


def step_named(kind: Kind, verb: str) -> Entry | None:
    """The step of this name, or None."""
    return next((entry for entry in STEPS if entry.kind is kind and entry.verb == verb), None)
