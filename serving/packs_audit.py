"""The yearly audit pack of minors' data (Regulation on the Protection of Minors Online, art. 37).

Everything is counted from the log and the tables of one calendar year in China; nobody is named. It is handed
in by the end of January for the year before.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from features.language import Text
from serving.packs import Facts, Item, Pack, Sheet, same
from serving.review.access_tables import OpeningRow, RightsRow
from serving.review.case import Answer, Role, coded
from serving.review.emergency import Verdict
from serving.review.life_tables import ObjectionRow
from serving.review.reading import OPENED, Purpose
from serving.review.rights import Right
from serving.review.rights import State as RightsState
from serving.review.tables import Account, AuditCheck, AuditEvent
from serving.review.working_days import CHINA

_BASIS = Text("《未成年人网络保护条例》第三十七条", "Regulation on the Protection of Minors Online, art. 37")
_ACCESS = Text("《未成年人网络保护条例》第三十六条", "Regulation on the Protection of Minors Online, art. 36")
# Looks that are recorded one by one, beside the child's page.
_LOOKS = {
    "reveal_name": Text("查看完整姓名", "Full name shown"),
    "open_in_emergency": Text("紧急查看", "Opened in an emergency"),
    "copy_for_right": Text("按申请提供副本", "Copy given on request"),
    "print": Text("打印记录", "Record printed"),
    "screen_on_request": Text("接口按需筛查", "Screened on request by a case system"),
    "look_up_in_vain": Text("查找未果", "Looked up in vain"),
    "open_in_vain": Text("紧急查找未果", "Emergency look-up in vain"),
}
_HEAD = (Text("事项", "What"), Text("次数", "Count"))


def minors_audit(session: Session, year: int, facts: Facts) -> Pack:
    """The pack of one year."""
    start, end = (datetime(each, 1, 1, tzinfo=CHINA) for each in (year, year + 1))
    during = (AuditEvent.at >= start, AuditEvent.at < end)
    verbs = {
        verb: int(count)
        for verb, count in session.execute(
            select(AuditEvent.verb, func.count()).where(*during).group_by(AuditEvent.verb)
        )
    }
    purposes = Counter(
        str(detail.get("purpose", ""))
        for detail in session.scalars(select(AuditEvent.detail).where(*during, AuditEvent.verb == OPENED))
    )
    exports = {verb: count for verb, count in sorted(verbs.items()) if "export" in verb}
    erased = session.scalars(
        select(AuditEvent.detail).where(*during, AuditEvent.verb == "forget_child")
    ).all()
    checked = session.scalar(
        select(AuditCheck).where(AuditCheck.checked_at < end).order_by(AuditCheck.id.desc()).limit(1)
    )
    log = (
        Text("本年没有核对记录。", "No check of the log is on record.")
        if checked is None
        else Text(
            f"最近一次核对（{checked.checked_at.astimezone(CHINA):%Y-%m-%d}）："
            f"{'完整' if checked.fault is None else '不完整'}，{checked.events} 条。",
            f"Last check ({checked.checked_at.astimezone(CHINA):%Y-%m-%d}):"
            f" {'whole' if checked.fault is None else 'NOT whole'}, {checked.events} events.",
        )
    )
    deleted = sum(int(detail.get("cases") or 0) for detail in erased)
    items = (
        Item(
            Text("访问权限与审批", "Access and its approval"), _ACCESS,
            (Text("权限表见 SECURITY.md；账号见下表。", "Access table: SECURITY.md; accounts below."),),
            Text("账号审批记录。", "Records of who approved accounts."),
        ),
        Item(Text("访问留痕是否完整", "Whether the log of access is whole"), _ACCESS, (log,)),
        Item(
            Text("训练使用的个人信息", "Personal data used in training"), _BASIS,
            (
                Text(
                    f"在用筛查模型：{'、'.join(facts.screeners) or '–'}；训练只用去标识的特征，"
                    "姓名和证件号不进入数据湖。",
                    f"Screeners in use: {', '.join(facts.screeners) or '–'}; training reads pseudonymous"
                    " features only.",
                ),
            ),
        ),
        Item(
            Text("删除", "Deletions"), _BASIS,
            (
                Text(
                    f"依权利或期限删除 {len(erased)} 批，涉及个案 {deleted} 件。",
                    f"{len(erased)} deletions by right or period, of {deleted} cases.",
                ),
            ),
        ),
        Item(
            Text("安全事件", "Incidents"), _BASIS,
            person=Text("本年安全事件及处置；没有则写“无”。", "Incidents and what was done; or “none”."),
        ),
        Item(
            Text("培训与制度", "Training and rules"), _BASIS,
            person=Text("人员培训、内部制度修订情况。", "Training of staff and changes of internal rules."),
        ),
        Item(
            Text("结论与报送", "Conclusion and handing in"),
            Text("网信部门要求：次年一月底前报送", "To the cyberspace authority by the end of January"),
            person=Text("审计结论、整改、签字、报送日期。", "Conclusion, remedies, signature, date."),
        ),
    )  # fmt: skip
    return Pack(
        f"minors-audit-{year}",
        Text(f"{year} 年未成年人个人信息合规审计", f"Audit of minors' personal data, {year}"),
        Text("由审计日志计数生成，不含任何人的姓名。", "Counted from the log; it names nobody."),
        items,
        (
            _counted(Text("打开一人一档，按目的", "Child's page opened, by purpose"), [
                (purpose.title, purposes[purpose.value]) for purpose in Purpose
            ]),
            _counted(
                Text("其他查看", "Other looks"),
                [(title, verbs.get(verb, 0)) for verb, title in _LOOKS.items()],
            ),
            _counted(Text("导出", "Exports"), [(same(verb), count) for verb, count in exports.items()]),
            _counted(Text("紧急查看的复核", "Emergency openings reviewed"), _verdicts(session, start, end)),
            _counted(Text("权利申请", "Requests about personal data"), _requests(session, start, end)),
            _counted(Text("部门更正", "Corrections by departments"), _corrections(session, start, end)),
            _counted(Text("账号", "Accounts"), _accounts(session)),
        ),
    )  # fmt: skip


def _counted(title: Text, rows: list[tuple[Text, int]]) -> Sheet:
    return Sheet(title, _HEAD, tuple((what, same(count)) for what, count in rows))


def _verdicts(session: Session, start: datetime, end: datetime) -> list[tuple[Text, int]]:
    counts = Counter(
        session.scalars(
            select(OpeningRow.verdict).where(OpeningRow.opened_at >= start, OpeningRow.opened_at < end)
        )
    )
    waiting = (Text("待复核", "To be reviewed"), counts[None])
    return [waiting, *((verdict.title, counts[verdict.value]) for verdict in Verdict)]


def _requests(session: Session, start: datetime, end: datetime) -> list[tuple[Text, int]]:
    rows = session.execute(
        select(RightsRow.right, RightsRow.state, func.count())
        .where(RightsRow.made_at >= start, RightsRow.made_at < end)
        .group_by(RightsRow.right, RightsRow.state)
        .order_by(RightsRow.right, RightsRow.state)
    )
    found = []
    for right, state, count in rows:
        asked, stands = coded(Right, right).title, coded(RightsState, state).title
        found.append((Text(f"{asked.zh}：{stands.zh}", f"{asked.en}: {stands.en}"), int(count)))
    return found


def _corrections(session: Session, start: datetime, end: datetime) -> list[tuple[Text, int]]:
    counts = Counter(
        session.scalars(
            select(ObjectionRow.answer).where(
                ObjectionRow.recorded_at >= start, ObjectionRow.recorded_at < end
            )
        )
    )
    waiting = (Text("等待部门答复", "Waiting for the department"), counts[None])
    return [waiting, *((answer.title, counts[answer.value]) for answer in Answer)]


def _accounts(session: Session) -> list[tuple[Text, int]]:
    counts = Counter(session.scalars(select(Account.role).where(Account.disabled_at.is_(None))))
    return [(role.title, counts[role.value]) for role in Role]
