"""Wordings of emergency openings and of requests about personal data."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.emergency": Text("紧急查看", "Emergency"),
    "nav.openings": Text("紧急查看复核", "Emergency openings"),
    "nav.rights": Text("个人信息权利", "Data rights"),
    "event.end_opening": Text("结束紧急查看", "Emergency opening ended"),
    "event.open_in_emergency": Text("紧急查看", "Opened in an emergency"),
    "event.review_opening": Text("复核紧急查看", "Emergency opening reviewed"),
    "page_of_child.emergency_seen": Text("紧急查看个案", "Opened the case in an emergency"),
    "emergency.nothing": Text(
        "没有找到这件个案或这个孩子的个案。这次查找已记录。",
        "No case of this number, or of this child, was found. The search was recorded.",
    ),
    "emergency.reading": Text(
        "您正在紧急查看区域外的个案，到 {until} 自动关闭。只能阅读和登记强制报告；所有查看都会复核。",
        "You are reading a case outside your area, until {until}. You may read and record a mandatory report;"
        " everything you look at is reviewed.",
    ),
    "emergency.mine": Text("您现在打开的个案", "What you have open now"),
    "emergency.others": Text("别人在您的区域内打开的个案", "What others have open in your area"),
    "emergency.until": Text("打开至", "Open until"),
    "emergency.list": Text("紧急查看复核", "Emergency openings"),
    "emergency.list_about": Text(
        "区域外人员紧急查看本区域个案的记录。请逐一说明是否有正当理由。",
        "Cases of your area that somebody from outside opened in an emergency. Say of each whether it was"
        " justified.",
    ),
    "emergency.one": Text("紧急查看 {number}", "Emergency opening {number}"),
    "emergency.number": Text("编号", "Number"),
    "emergency.reason": Text("理由", "Reason"),
    "emergency.from": Text("打开时间", "Opened at"),
    "emergency.from_to": Text("打开时段", "Open from and until"),
    "emergency.looks": Text("期间记录的查看和操作", "Things recorded meanwhile"),
    "emergency.verdict": Text("复核结论", "Verdict"),
    "emergency.waiting": Text("待复核", "To be reviewed"),
    "emergency.words": Text("当时的说明", "What was said of it"),
    "emergency.verdict_words": Text("复核说明", "What the review says"),
    "emergency.none": Text("没有需要复核的紧急查看。", "No emergency opening is to be reviewed."),
    "rights.title": Text("个人信息权利申请", "Requests about personal data"),
    "rights.waiting": Text("待办", "To be done"),
    "rights.days": Text(
        "自收到之日起 {days} 个工作日内书面答复。", "Answered in writing within {days} working days."
    ),
    "rights.not_stated": Text(
        "已读的法规没有写明天数，这个期限是本系统自定的。",
        " No document read states a number of days; this promise is our own.",
    ),
    "rights.number": Text("编号", "Number"),
    "rights.one": Text("申请 {number}", "Request {number}"),
    "rights.right": Text("申请事项", "What is asked"),
    "rights.asked_by": Text("申请人", "Asked by"),
    "rights.identity": Text("身份核验", "Identity check"),
    "rights.received": Text("收到日期", "Received on"),
    "rights.due": Text("答复期限", "Answer due"),
    "rights.none": Text("没有待办的申请。", "No request waits."),
    "rights.wish": Text("具体要求", "What is wished"),
    "rights.answer": Text("答复内容", "Answer"),
    "rights.ground": Text("拒绝理由", "Ground of the refusal"),
    "rights.next": Text("下一步", "What comes next"),
    "rights.queued": Text(
        "后台将在下一轮删除：姓名证件号、各部门记录、筛查与个案内容；只留不含个人的计数。",
        "The worker deletes at its next turn: name and number, records, screenings and what cases say. Counts"
        " without a person stay.",
    ),
    "rights.copy": Text("打印所持信息的副本", "Print a copy of what is held"),
    "rights.copy_about": Text(
        "每次显示都会记录。请交给核验过身份的申请人，不要寄给他人。",
        "Every showing is recorded. Hand it to the person whose identity was checked and to nobody else.",
    ),
    "rights.copy_title": Text("{name} 的个人信息副本", "Copy of what is held about {name}"),
    "rights.letter": Text("打印书面答复", "Print the written answer"),
    "rights.letter_title": Text(
        "关于个人信息权利申请的答复（{number}）", "Answer to request {number} about personal data"
    ),
    "rights.letter_asked": Text("申请", "The request"),
    "rights.letter_said": Text(
        "{by}于 {received} 提出申请：{right}（{basis}）。", "On {received} {by} asked: {right} ({basis})."
    ),
    "rights.decision": Text("决定", "Decision"),
    "rights.letter_granted": Text("同意。", "Granted."),
    "rights.letter_refused": Text("不同意。理由如下。", "Refused, for this reason."),
    "rights.remedy": Text("救济途径", "What you can do"),
    "rights.remedy_words": Text(
        "对本答复不服的，可以向网信、民政部门投诉举报，也可以依法向人民法院起诉（《个人信息保护法》第五十条）。"
        "提出申请不影响孩子入学和享受服务。",
        "You may complain to the cyberspace or civil affairs authority, or go to court (PIPL art. 50). Asking"
        " has no effect on schooling or services.",
    ),
    "rights.signed": Text("落款", "Signed"),
    "rights.signed_words": Text("答复日期 {day}　　单位（盖章）：", "Answered on {day}.   Office (seal):"),
    "held.about": Text(
        "以下是本系统现在持有的信息。为保护孩子，依法应当保密的、可能暴露报告人的内容，以及工作人员的文字记录，"
        "对任何孩子都不列入。提示只建议先走访谁，不是诊断，也不是评价。",
        "This is what this system holds now. For the protection of children, what must be kept secret by law"
        " or could tell who reported something, and notes of staff, are left out for every child. A notice"
        " only suggests whom to visit first; it is no diagnosis and no judgement.",
    ),
    "held.records": Text("各部门的记录", "Records of departments"),
    "held.screenings": Text("筛查提示", "Notices of screening"),
    "held.cases": Text("个案、联系与走访、结论", "Cases, contacts, visits and conclusions"),
    "held.support": Text("台账、评估、转介与计划", "Ledger, assessments, referrals and plans"),
    "held.looked": Text("谁在什么时候查看过", "Who looked, and when"),
    "held.words": Text("内容", "What it says"),
    "held.nothing": Text("没有。", "Nothing."),
}
