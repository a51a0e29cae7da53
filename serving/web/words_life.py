"""Wordings of the life of a case: its steps, second reviews, objections, lanes by hand, staff and drafts."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    # --- fields
    "field.choose": Text("请选择", "Choose"),
    "field.person.hint": Text(
        "排在前面的人在岗、手上的个案较少、离得较近。",
        "Those who are at work, have fewer cases in hand and are nearer stand first.",
    ),
    "field.colleague": Text("请教谁", "Whom to ask"),
    "field.colleague.hint": Text(
        "对方在答复之前可以阅读这件个案。", "Until they have answered, they may read this case."
    ),
    "field.question": Text("想请教什么", "What you want to ask"),
    "field.reason.escalate": Text("为什么需要上报", "Why a coordinator should look"),
    "field.reason.advise": Text("给负责人的意见", "Advice to who holds the case"),
    "field.reason.conclude_second": Text("结论的理由", "Reason for the conclusion"),
    "field.reason.settle": Text("协调的理由", "Reason for settling so"),
    "field.reason.answer_objection": Text("部门答复的内容和理由", "What the department said, and why"),
    "field.finding": Text("对“{risk}”的评估所见", "What the assessment found about “{risk}”"),
    "field.note.start_support": Text("开始哪些帮扶或转介", "What support or referral begins"),
    "field.note.answer": Text("您的答复", "Your answer"),
    "field.until": Text("暂缓到哪一天", "Until which day"),
    "field.until.hint": Text(
        "最晚 {day}。到那天个案会自动回到待办，联系期限不变。",
        "At the latest {day}. On that day the case comes back by itself; the date to contact by stays.",
    ),
    "field.where_to": Text("搬到哪里", "Where to"),
    "field.where_to.hint": Text(
        "尽量写明县（市、区）和学校，便于当地接续。",
        "If you can, name the county and school, so that people there can go on.",
    ),
    "field.raised_by": Text("谁提出的异议", "Who objects"),
    "field.also": Text(
        "这次也看了{child}（{id}）？写下看到的", "Was {child} ({id}) seen too? Say what you saw"
    ),
    "field.also.hint": Text(
        "同户的孩子，没有去看请留空。只记到那个孩子的个案里。",
        "A child of the same household; leave empty if not. It is kept in that child's case only.",
    ),
    "field.record": Text("对哪条信息有异议", "Which record is objected to"),
    "field.record.hint": Text(
        "说不清是哪一条时，请选部门和信息类别。",
        "If nobody can say which one, choose the department and the kind of record.",
    ),
    "field.wrong": Text("哪里不对", "What is wrong with it"),
    "field.wrong.hint": Text("照提出的人的原话写。", "In the words of who objects."),
    "field.objection": Text("答复的是哪项异议", "Which objection is answered"),
    "field.answer": Text("部门的答复", "The department's answer"),
    "field.answered_on": Text("答复日期", "Date of the answer"),
    # --- what steps are for
    "help.record_assessment": Text(
        "由评估人员填写；每项写一两句话。", "For who assessed the child; a sentence or two for each."
    ),
    "help.start_support": Text(
        "开始帮扶、服务或转介时记录。", "When support, a service or a referral begins."
    ),
    "help.record_follow_up": Text(
        "帮扶期间再次了解情况。", "Looking after the family again while support runs."
    ),
    "help.cannot_reach": Text(
        "督导员同意后，以“无法判断”结案。", "Once a coordinator agrees, the case closes with “cannot tell”."
    ),
    "help.moved_away": Text(
        "以“无法判断”结案，并记下去向。",
        "The case closes with “cannot tell”, and where the family went is kept.",
    ),
    "help.consult": Text(
        "请一位同事看看这件个案并答复您。", "A colleague looks at this case and answers you."
    ),
    "help.escalate": Text(
        "个案会排在督导员和筛查员的最前面，直到有人答复。",
        "The case stands first for supervisors and screeners until one of them answers.",
    ),
    "help.take_over": Text("由您接手办理。", "You work the case yourself."),
    "help.snooze": Text(
        "只在有理由等待时使用，例如全家回乡探亲。",
        "Only where there is a reason to wait, such as a visit home.",
    ),
    "help.object": Text(
        "异议会转给提供信息的部门核实。个案照常办理。",
        "The department that delivered the record is asked to check it. The case goes on.",
    ),
    "help.conclude_second": Text(
        "请根据走访和联系的情况独立判断；第一位同事的结论在您提交后才显示。",
        "Conclude from what was seen and learnt; the first person's conclusion is shown after yours.",
    ),
    "help.settle": Text(
        "两人的结论不同，见上。请作出最后结论。",
        "The two conclusions, shown above, differ. Please make the final one.",
    ),
    "help.agree": Text("同意以“无法判断”结案。", "Agree to closing with “cannot tell”."),
    # --- what the page shows
    "case.provisional": Text(
        "（该年放假安排尚未公布，日期可能调整）",
        "(days off of that year are not announced yet; the date may move)",
    ),
    "case.asleep": Text("已暂缓到 {day}", "Set aside until {day}"),
    "case.escalated": Text("已上报，等待督导员答复", "Escalated; waits for a coordinator"),
    "case.ending": Text("结案方式：{ending}", "How it ended: {ending}"),
    "findings.title": Text("评估所见", "What the assessment found"),
    "findings.hidden": Text(
        "评估所见和他人的判断在您作出复核结论之后显示。",
        "Findings and others' views are shown after your own conclusion.",
    ),
    "second.title": Text("复核", "Second review"),
    "second.first": Text("第一位：{name}", "First: {name}"),
    "second.second": Text("第二位：{name}", "Second: {name}"),
    "second.settled": Text("协调：{name}", "Settled: {name}"),
    "second.hidden": Text(
        "另一位同事的结论在两人都提交之后显示。", "A colleague's conclusion is shown once both are in."
    ),
    "consult.title": Text("请教与答复", "Questions to colleagues"),
    "consult.asked": Text("{asker} 请教 {asked}", "{asker} asked {asked}"),
    "consult.waits": Text("还没有答复。", "Not answered yet."),
    "objections.title": Text("异议与更正", "Objections and corrections"),
    "objection.any": Text(
        "{department} · {source}（说不清是哪一条）", "{department} · {source} (which one is not known)"
    ),
    "objection.behind": Text(
        "{about} · {occurred} 发生，{known} 获知（{feature}）",
        "{about} · happened {occurred}, known {known} ({feature})",
    ),
    "objection.dates": Text(
        "这条记录：{occurred} 发生，{known} 获知", "The record: happened {occurred}, known {known}"
    ),
    "objection.changing": Text(
        "更正后的记录送达之后，会重新筛查并在这里说明变化。",
        "Once the changed record has come in, the child is screened again and the change is told here.",
    ),
    "objection.scores": Text("更正前后的风险", "The risk before and after"),
    "objection.risk": Text("风险", "Risk"),
    "objection.then": Text("当时给出的（{day}）", "As given then ({day})"),
    "objection.as_known_today": Text(
        "按今天对那一天（{day}）的了解", "As of then ({day}), with what is known today about that day"
    ),
    "objection.now": Text("现在（{day}）", "Now ({day})"),
    "objection.told": Text(
        "“按今天的了解”只用当时已有的记录，更正过的按更正后算；当时还不知道的新情况不算在内。已登记接收通知的系统会得知原来的提示不再有效。",
        "“What is known today” takes the records there were then, corrected ones as corrected, and nothing"
        " that became known later. Systems registered for notices learn that what they were told no longer"
        " stands.",
    ),
    "objection.link": Text("对其中一条有异议？", "Is one of these wrong?"),
    "objections.list": Text("异议清单", "Objections by department"),
    "objections.about": Text(
        "请部门核实的记录，按等待时间排列。部门答复后，在个案里登记答复。",
        "Records a department is asked to check, longest waiting first. Its answer is entered in the case.",
    ),
    "objections.departments": Text("部门", "Departments"),
    "objections.stages": Text("办到哪一步", "How far they have come"),
    "objections.all": Text("全部部门", "All departments"),
    "objections.export": Text(
        "申请导出某个部门的清单（写明目的，另一人批准）",
        "Ask for a department's list as a file (with a purpose; a second person approves)",
    ),
    "objections.empty": Text("没有。", "None."),
    "objections.days": Text("已等 {days} 天", "{days} days so far"),
    "objections.some": Text(
        "只显示前 {count} 条；请按部门查看。", "Only the first {count} are shown; choose a department."
    ),
    "column.record": Text("记录", "Record"),
    "column.wrong": Text("哪里不对", "What is wrong"),
    "column.raised": Text("提出", "Raised"),
    "column.standing": Text("答复", "Answer"),
    "objection.by": Text("由{who}提出", "Raised by: {who}"),
    "objection.waits": Text("已转交部门核实，等待答复。", "Passed on to the department; no answer yet."),
    "objection.answered": Text("{day} 答复：{answer}", "Answered on {day}: {answer}"),
    "household.title": Text("同住的其他孩子", "Other children of the household"),
    "household.together": Text("同户，可一起走访：", "Same household, one visit:"),
    "household.hint": Text(
        "可以一次走访一起看。每个孩子的情况各自判断，不合并评分。",
        "One visit can serve all. Each child is judged on their own, never weighed together.",
    ),
    # --- drafts, and forms that came too late
    "draft.save": Text("先存草稿", "Keep as a draft"),
    "draft.saved": Text("草稿已保存，只有您能看到。", "The draft is kept; only you can see it."),
    "draft.kept": Text("{at} 存的草稿，还没有提交。", "A draft kept at {at}; it has not been sent."),
    "late.changed": Text("您打开之后发生的", "What happened since you opened it"),
    "late.entered": Text("您填写的", "What you entered"),
    "late.hint": Text(
        "您填写的内容没有丢失。对照之后，可以在下面的表单里再提交。",
        "Nothing you typed is lost. Compare the two; you can send the form below again.",
    ),
    # --- raising a child by hand
    "nav.raise": Text("申报和转来", "Declare or refer"),
    "nav.coordination": Text("分派和请假", "Work and absences"),
    "raise.title": Text("自主申报和工作人员转来", "Declare for a family, or refer a child"),
    "raise.about": Text(
        "家庭要求登记，或您看到了需要关心的情况时，在这里提交。遇到侵害或危险，请先报警并按强制报告办理。",
        "Use this when a family asks to be registered, or when you have seen a reason to look after a child."
        " Where there is harm or danger, call the police and report first.",
    ),
    "raise.lane": Text("谁提出的", "Who asks"),
    "raise.lane.declared": Text("家庭自主申报（由我代填）", "The family declares itself (I fill this in)"),
    "raise.lane.referred": Text("我转来的", "I refer the child"),
    "raise.lane_missing": Text("请选择是谁提出的。", "Choose who asks."),
    "raise.child": Text("孩子的公民身份号码", "The child's ID number"),
    "raise.child_hint": Text("只用来找到这个孩子，不保存。", "Used to find the child only; it is not kept."),
    "raise.child_unknown": Text(
        "没有找到这个孩子。请核对号码；还没有登记的孩子，请先办理居住登记。",
        "No such child was found. Check the number; a child who is not registered needs a residence"
        " registration first.",
    ),
    "raise.reason": Text("情况和需要", "What the matter is, and what is needed"),
    "raise.reason_hint": Text("写事实和家庭的原话。", "Facts, and the family's own words."),
    "raise.reason_missing": Text("请写明情况和需要。", "Say what the matter is."),
    "raise.send": Text("提交", "Send"),
    "raise.done": Text(
        "已提交，由孩子所在区域的同事办理。", "Sent; colleagues where the child lives take it from here."
    ),
    "requests.title": Text("申报和转来", "Declared or referred"),
    # --- coordination
    "coordination.title": Text("分派和请假", "Work and absences"),
    "coordination.asked": Text("请教我的", "Asked of me"),
    "coordination.escalated": Text("已上报，等待答复", "Escalated, waiting for an answer"),
    "coordination.overdue": Text("超过联系期限多日", "Long past the date to contact by"),
    "coordination.absent": Text("负责人不在岗的", "Whose holder is away"),
    "coordination.second": Text("待复核", "Second reviews"),
    "coordination.waiting": Text("到待办中分派待领取的个案", "Give out waiting cases in the queue"),
    "coordination.more": Text("以上是前 {count} 件，打开全部", "These are the first {count}; open them all"),
    "coordination.nothing": Text("目前没有个案的：{lists}。", "Nothing at the moment: {lists}."),
    "coordination.pick": Text("选中个案 {id}", "Choose case {id}"),
    "coordination.give": Text("把选中的指派给", "Assign those chosen"),
    "coordination.reason_hint": Text(
        "已有人负责的个案需要写理由。", "A case that somebody holds needs a reason."
    ),
    "coordination.none_ticked": Text("请先选中个案。", "Choose cases first."),
    "coordination.no_person": Text("请选择指派给谁。", "Choose whom to assign them to."),
    "coordination.assigned": Text("已指派 {count} 件；以下没有指派：", "{count} assigned; these were not:"),
    "coordination.done": Text("已保存。", "Saved."),
    "coordination.people": Text("人员", "Staff"),
    "coordination.person": Text(
        "{name}（{role}，手上 {load} 件，可办 {capacity} 件）",
        "{name} ({role}; {load} in hand, room for {capacity})",
    ),
    "coordination.load": Text("手上 {load} 件，可办 {capacity} 件", "{load} in hand, room for {capacity}"),
    "coordination.full": Text("已满", "No room"),
    "coordination.away": Text("{first} 至 {last} 不在岗", "Away from {first} to {last}"),
    "coordination.first_day": Text("从哪天起", "First day"),
    "coordination.last_day": Text("到哪天止", "Last day"),
    "coordination.declare": Text("登记不在岗", "Say that they are away"),
    "coordination.withdraw": Text("取消", "Take back"),
    "coordination.who": Text("谁", "Who"),
    "coordination.others": Text("其他在岗且有余量的 {count} 人", "{count} others, at work and with room"),
    "coordination.capacity": Text("同时可办的件数", "Open cases at one time"),
    "coordination.set": Text("设定", "Set"),
    "history.asked": Text("请教{name}", "of {name}"),
    "history.until": Text("到 {day}", "until {day}"),
}
