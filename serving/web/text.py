"""Every wording of the review pages, in Chinese and English. Nothing here diagnoses or blames.

Words that a declaration already carries (a status, a step, a family, a feature) are not repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from features.language import Text
from serving.web import (
    words_child,
    words_dashboard,
    words_door,
    words_life,
    words_pages,
    words_records,
    words_rights,
)

_FIRST: Mapping[str, Text] = {
    # --- every page
    "product": Text("苗护", "Miaohu"),
    "product.long": Text("流动儿童关爱走访", "Care visits for migrant children"),
    "skip": Text("跳到正文", "Skip to content"),
    "language.other": Text("English", "中文"),
    "nav.label": Text("主要页面", "Main pages"),
    "nav.queue": Text("待办", "Queue"),
    "nav.closed": Text("已结案", "Closed"),
    "sign_out": Text("退出", "Sign out"),
    "footer.limits": Text(
        "系统只提示先走访谁，不作结论，不作诊断；由人判断。姓名和情况请勿截图外传。",
        "The system suggests whom to visit first; it concludes nothing and diagnoses nothing. People decide."
        " Do not pass on names or details.",
    ),
    "footer.simulated": Text(
        "模拟数据：页面上的儿童和数字均为模拟，不对应任何真实的人。",
        "Simulated: the children and figures on these pages are simulated and stand for no real person.",
    ),
    "unknown": Text("未知", "Not known"),
    "separator": Text("、", ", "),
    # --- sign-in
    "sign_in.title": Text("登录", "Sign in"),
    "sign_in.username": Text("用户名", "User name"),
    "sign_in.password": Text("密码", "Password"),
    "sign_in.button": Text("登录", "Sign in"),
    "sign_in.refused": Text("没有登录成功", "You are not signed in"),
    "sign_in.expired": Text("登录已过期，请重新登录。", "Your session has ended. Please sign in again."),
    "sign_in.provider": Text("用统一身份认证登录", "Sign in with your organisation's account"),
    "sign_in.provider_out": Text("同时退出统一身份认证", "Sign out of your organisation's account too"),
    "sign_in.no_passwords": Text(
        "这里不用密码登录，请用统一身份认证登录。",
        "Passwords are not used here; please sign in with your organisation's account.",
    ),
    "sign_in.signed_out": Text("您已退出。", "You have signed out."),
    "sign_in.username_missing": Text("请填写用户名。", "Give your user name."),
    "sign_in.password_missing": Text("请填写密码。", "Give your password."),
    "sign_in.about": Text(
        "仅供经授权的工作人员使用。所有操作都会留下记录。",
        "For authorised staff only. Every step leaves a record.",
    ),
    # --- errors
    "error.404.title": Text("没有这个页面", "There is no such page"),
    "error.404.body": Text(
        "网址可能不对，或者内容不在您负责的区域内。",
        "The address may be wrong, or it lies outside the area you answer for.",
    ),
    "error.403.title": Text("这一步没有完成", "This step was not done"),
    "error.403.body": Text(
        "页面可能已过期。请返回重新打开后再试；您的登录没有受影响。",
        "The page may have been open too long. Go back, open it again and retry; you are still signed in.",
    ),
    "error.413.title": Text("内容太长", "Too long"),
    "error.413.body": Text(
        "填写的内容太长，请缩短后再提交。", "What you wrote is too long. Shorten it and try again."
    ),
    "error.405.title": Text("不能这样打开", "It cannot be opened like this"),
    "error.405.body": Text("请从待办页面进入。", "Please come in through the queue."),
    "error.503.title": Text("暂时不能使用", "Not available just now"),
    "error.503.body": Text(
        "数据库暂时没有响应。没有保存任何内容，请稍后再试；恢复后会自动可用。",
        "The database does not answer just now. Nothing was saved; please try again in a while."
        " Everything goes on by itself once it is back.",
    ),
    "error.500.title": Text("系统出了问题", "Something went wrong"),
    "error.500.body": Text(
        "您的操作没有保存。请稍后再试；如果一直这样，请联系管理员。",
        "Your step was not saved. Try again later; if it goes on, tell the administrator.",
    ),
    "error.back": Text("回到待办", "Back to the queue"),
    "error.prefix": Text("有误：", "Error: "),
    "error.summary": Text("还有内容需要补充或更正", "Something is missing or needs correcting"),
    "refused.title": Text("没有保存", "Not saved"),
    "done": Text("“{step}”已完成。", "Done: “{step}”."),
    # --- queue
    "queue.title": Text("待办", "Queue"),
    "queue.none_yet": Text(
        "还没有开展过筛查轮次，暂时没有待办。", "No screening round has been held yet; nothing is waiting."
    ),
    "queue.round": Text("本轮观察时点：{as_of}", "This round stands on {as_of}"),
    "queue.next": Text("领取下一件", "Take the next case"),
    "queue.next_hint": Text(
        "按顺序领取：强制触发、主动求助，再按预警等级和联系期限。",
        "In order: hard triggers, requests, then tier and the date to make contact by.",
    ),
    "queue.count": Text("{count} 件", "{count}"),
    "leaf.label": Text("翻页：{list}", "More of: {list}"),
    "leaf.before": Text("上一页", "Previous"),
    "leaf.after": Text("下一页", "Next"),
    "queue.nothing_taken": Text("目前没有可以领取的个案。", "There is no case to take now."),
    "queue.stalled": Text(
        "自 {since} 起，后台没有完成过一轮工作：此后送到的举报和强制触发可能还不在队列里。请告知系统管理员；"
        "电话或书面收到的情况请现在就登记。",
        "Since {since} the background worker has not done a whole turn: reports and hard triggers that came"
        " since may not be in this queue yet. Tell whoever runs the system, and enter now what came by"
        " telephone or on paper.",
    ),
    "queue.no_champion": Text(
        "目前没有启用筛查模型。待办来自强制触发、主动求助和已公布的规则。",
        "No screener is in use. The queue runs on hard triggers, requests and the published rules.",
    ),
    "column.child": Text("儿童", "Child"),
    "column.age": Text("年龄", "Age"),
    "column.area": Text("区域", "Area"),
    "column.why": Text("来由", "Why"),
    "column.tier": Text("等级", "Tier"),
    "column.due": Text("联系期限", "Contact by"),
    "column.holder": Text("负责人", "Held by"),
    "column.closed": Text("结案日期", "Closed on"),
    "column.conclusion": Text("结论", "Conclusion"),
    "column.case": Text("个案", "Case"),
    "age": Text("{years} 岁", "{years} years"),
    "age.one": Text("1 岁", "1 year"),
    "due.today": Text("今天", "today"),
    "due.tomorrow": Text("明天", "tomorrow"),
    "due.days": Text("还有 {days} 天", "in {days} days"),
    "due.over": Text("已过 {days} 天", "{days} days past"),
    "due.over_one": Text("已过 1 天", "1 day past"),
    "lane.screening": Text("筛查轮次", "Screening round"),
    "blind.badge": Text("先判断后查看", "Own view first"),
    "tier.none": Text("未分级", "No tier"),
    "no_name": Text("不显示姓名", "Name not shown"),
    # --- closed cases
    "closed.title": Text("已结案", "Closed cases"),
    "closed.empty": Text("您负责的区域内还没有结案。", "No case has been closed in your area."),
    # --- case
    "case.title": Text("个案 {id}", "Case {id}"),
    "case.holder": Text("负责人", "Held by"),
    "case.holder_none": Text("尚无", "Nobody yet"),
    "case.opened": Text("进入队列", "Came into the queue"),
    "case.stage": Text("学段", "Stage"),
    "case.lanes": Text("来由", "Why it is here"),
    "case.reveal_name": Text("查看姓名", "Show the name"),
    "case.reveal_hint": Text("查看会留下记录。", "Showing it leaves a record."),
    "case.name_shown": Text("姓名（本次显示已记录）", "Name (showing it was recorded)"),
    "case.name_gone": Text("没有姓名记录，或已依法删除。", "There is no name, or it was deleted by right."),
    "duty.title": Text("依法应当立即报告", "The law requires reporting at once"),
    "duty.body": Text(
        "发现未成年人身心健康受到侵害、疑似受到侵害或者面临其他危险情形的，应当立即向公安、民政、教育等有关部门报告。"
        "不要等待走访或结案。",
        "Whoever finds that a minor is harmed, is suspected to be harmed or is in danger must report at"
        " once to the police, civil affairs or education. Do not wait for a visit or for the case to close.",
    ),
    "duty.police": Text("报警", "Police"),
    "duty.basis": Text("依据：{basis}", "Basis: {basis}"),
    "help.title": Text("可以提供的热线", "Lines you may give"),
    "trigger.title": Text("触发事项", "What set this off"),
    "trigger.occurred": Text("发生：{day}", "Occurred: {day}"),
    "trigger.known": Text("获知：{day}", "Known: {day}"),
    "trigger.nowhere": Text(
        "这条记录还没有认到儿童，或已被撤销：请凭记录编号 {record} 问该部门是谁",
        "No child is known for this record, or it was taken back: ask the department whose it is, by record"
        " number {record}",
    ),
    "blind.title": Text("请先写下您自己的判断", "First, your own view"),
    "blind.body": Text(
        "这件个案在您记录自己的判断之后才显示筛查提示和原因。您可以先联系或走访，再作判断。",
        "This case shows what the screening says only after you have recorded your own view."
        " You may make contact or visit first.",
    ),
    "blind.not_yours": Text(
        "筛查提示和原因将在负责人记录自己的判断之后显示。",
        "What the screening says is shown once the holder of the case has recorded their own view.",
    ),
    "screening.title": Text("筛查提示：{risk}", "What the screening says: {risk}"),
    "screening.expires": Text("有效期至 {day}", "Expires on {day}"),
    "screening.expired": Text(
        "这次筛查已于 {day} 过期，仅供参考，请以走访为准。",
        "This screening expired on {day}; go by what the visit shows.",
    ),
    "screening.none": Text(
        "这件个案没有筛查结果：它来自强制触发、主动求助或已公布的规则。",
        "No screening stands behind this case: it came by a hard trigger, a request or the published rules.",
    ),
    "screening.version": Text(
        "观察时点 {as_of} · 模型版本 {version}", "As of {as_of} · screener version {version}"
    ),
    "reasons.raise": Text("哪些方面提示需要关注", "What points to more need for attention"),
    "reasons.raise_none": Text("没有哪个方面特别提示需要关注。", "No aspect stands out."),
    "reasons.protect": Text("哪些方面起保护作用", "What speaks against"),
    "reasons.protect_none": Text("没有哪个方面明显起保护作用。", "No aspect clearly speaks against."),
    "reasons.unknown": Text("还不知道什么", "What is not known"),
    "reasons.unknown_none": Text("用到的信息都有记录。", "Everything the screener looks at is known."),
    "reasons.small": Text(
        "其余 {count} 个方面影响很小。", "The other {count} aspects make little difference."
    ),
    "strength.strong": Text("影响较大", "Large part"),
    "strength.middle": Text("影响中等", "Medium part"),
    "strength.weak": Text("影响较小", "Small part"),
    "facts.title": Text("依据的记录", "The records behind this"),
    "facts.protects": Text("起保护作用", "speaks against"),
    "facts.feature": Text("内容", "What"),
    "facts.value": Text("情况", "Value"),
    "facts.department": Text("来源部门", "Department"),
    "facts.occurred": Text("最近发生", "Last occurred"),
    "facts.known": Text("获知", "Known"),
    "facts.age": Text("距观察时点", "Age of record"),
    "facts.none": Text("没有此类记录", "No such record"),
    "facts.from_unknown": Text(
        "这方面的影响主要来自不知道的情况（见下），走访时请问清。",
        "Here it is mostly what is not known (see below) that counts: ask about it on the visit.",
    ),
    "days": Text("{days} 天", "{days} days"),
    "days.one": Text("1 天", "1 day"),
    "silent.since": Text(
        "{department}“{source}”：{day} 之后没有收到数据",
        "{department}, “{source}”: nothing received since {day}",
    ),
    "silent.never": Text(
        "{department}“{source}”：从未收到数据", "{department}, “{source}”: nothing ever received"
    ),
    "silent.heard": Text(
        "{department}“{source}”：没有此项记录", "{department}, “{source}”: no record of the kind"
    ),
    "silent.affects": Text("因此不知道：{features}", "So not known: {features}"),
    "ask.title": Text("走访时可以问", "Worth asking"),
    "rules.title": Text("命中的已公布规则", "Published rules that apply"),
    "rules.red": Text("重点", "Foremost"),
    "rules.yellow": Text("一般", "Usual"),
    "records.title": Text("联系与走访", "Contacts and visits"),
    "records.note_hidden": Text("内容不对审计员显示。", "The note is not shown to auditors."),
    "views.title": Text("工作人员自己的判断", "Staff's own views"),
    "conclusion.title": Text("结论", "Conclusion"),
    "conclusion.visited": Text("走访后", "After a visit"),
    "conclusion.not_visited": Text("未走访", "Without a visit"),
    "history.title": Text("经过", "History"),
    "history.reason": Text("理由：{reason}", "Reason: {reason}"),
    "history.to": Text("指派给{name}", "to {name}"),
    "event.open_case": Text("个案进入队列", "Case came into the queue"),
    "event.join_case": Text("新的提示并入本案", "A new alert joined the case"),
    "event.raise_by_hand": Text("申报或转来", "Declared or referred"),
    "event.read_by_system": Text("业务系统读取", "Read by a case system"),
    "event.rescore": Text("部门更正后重新筛查", "Screened again after a correction"),
    "event.reveal_name": Text("查看姓名", "Name shown"),
    "event.system": Text("系统", "System"),
    # --- steps
    "steps.jump": Text("直接到“下一步”", "Go to the next step"),
    "steps.next": Text("下一步：{step}", "Next step: {step}"),
    "steps.title": Text("下一步", "Next step"),
    "steps.none": Text(
        "您目前没有可以对这件个案做的操作。", "There is nothing for you to do on this case now."
    ),
    "steps.closes_with": Text(
        "记录一次联系上人的走访或联系之后，就可以作出结论。",
        "Once a contact or visit has reached somebody, you can conclude.",
    ),
    "steps.closes_with_view": Text(
        "记录您自己的判断，并记录一次联系上人的走访或联系之后，就可以作出结论。",
        "Once your own view is recorded, and a contact or visit has reached somebody, you can conclude.",
    ),
    "field.reason": Text("理由", "Reason"),
    "field.reason.dispose": Text("结论的理由", "Reason for the conclusion"),
    "field.reason.hint": Text("一两句话即可。", "A sentence or two will do."),
    "field.person": Text("指派给", "Assign to"),
    "field.view": Text("您的判断", "Your own view"),
    "field.note.optional": Text("说明（可不填）", "Note (optional)"),
    "field.happened_on": Text("日期", "Date"),
    "field.happened_on.hint": Text("例如 {day}", "For example {day}"),
    "field.met": Text("见到或联系到了谁", "Whom did you reach?"),
    "field.note": Text("看到、了解到的情况", "What you saw or learnt"),
    "field.note.hint": Text("写事实，不写评价。", "Facts, not judgements."),
    "field.disposition": Text("“{risk}”的结论", "Conclusion on “{risk}”"),
    "help.dispose": Text(
        "走访后的“属实”和“未属实”会帮助改进以后的筛查。“无法判断”也是有用的结论。",
        "“Confirmed” and “not confirmed” after a visit help later screenings. “Cannot tell” is useful too.",
    ),
    "help.record_visit": Text("当面走访，包括家访和在校见面。", "In person: at home or at school."),
    "help.record_contact": Text("电话、消息，或顺路碰面。", "By telephone, message or in passing."),
    "help.record_view": Text(
        "凭您对这个家庭的了解作判断即可，没有对错。",
        "Go by what you know of the family; there is no wrong answer.",
    ),
}

# Each area of the pages keeps its wordings in a module of its own; a name belongs to one of them.
_AREAS: tuple[Mapping[str, Text], ...] = (
    _FIRST,
    words_life.WORDS,
    words_pages.WORDS,
    words_records.WORDS,
    words_rights.WORDS,
    words_dashboard.WORDS,
    words_door.WORDS,
    words_child.WORDS,
)


def _together(areas: tuple[Mapping[str, Text], ...]) -> Mapping[str, Text]:
    found: dict[str, Text] = {}
    for area in areas:
        twice = found.keys() & area.keys()
        if twice:
            raise ValueError(f"Two wordings of one name: {', '.join(sorted(twice))}.")
        found.update(area)
    return found


WORDS: Mapping[str, Text] = _together(_AREAS)

Translate = Callable[..., str]


def translator(language: str) -> Translate:
    """A function from a wording's name (and values to fill in) to the words in this language."""

    def translate(wording: str, /, **values: object) -> str:
        return WORDS[wording][language].format(**values)

    return translate
