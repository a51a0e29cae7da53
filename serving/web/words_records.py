"""Wordings of the pages about ledger, assessments, reports, referrals, plans, rosters and the profile."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    # --- where one is
    "nav.support": Text("关爱服务", "Care and services"),
    "support.tabs": Text("关爱服务的各个列表", "Lists of care and services"),
    "support.of_case": Text("台账、评估、转介和方案", "Ledger, assessments, referrals and plans"),
    "ledger.new": Text("登记一名没有个案的儿童", "Enter a child who has no case"),
    "support.report": Text("登记强制报告", "Record a mandatory report"),
    "support.due": Text("联系走访日历", "Calendar of contacts and visits"),
    "support.roster": Text("名册变化", "Changes of the roster"),
    "support.profile": Text("适用的政策", "What policy applies"),
    "support.count": Text("{count} 条", "{count}"),
    "support.empty": Text("您负责的区域内还没有记录。", "There is no record in your area yet."),
    "support.pages": Text("更多记录", "More records"),
    "support.nobody": Text("没有登记为某名儿童", "No child we know"),
    "support.hidden": Text("内容不对审计员显示。", "This is not shown to auditors."),
    "support.no": Text("无", "None"),
    "roster.nowhere": Text("上一轮不在册", "Not on the roster before"),
    "support.choose": Text("请选择", "Choose"),
    "support.none_chosen": Text("没有填写", "Not given"),
    # --- columns
    "support.number": Text("编号", "Number"),
    "support.child": Text("儿童", "Child"),
    "support.area": Text("区域", "Area"),
    "support.state": Text("状态", "Status"),
    "support.what": Text("内容", "What"),
    "support.since": Text("日期", "Date"),
    "support.case": Text("个案", "Case"),
    "support.by": Text("登记人", "Recorded by"),
    "support.note": Text("说明", "Note"),
    # --- calendar
    "due.duty": Text("要做什么", "What is due"),
    "due.next": Text("{duty}不晚于", "{duty} by"),
    "due.by": Text("不晚于", "By"),
    "due.no_contact": Text(
        "所读文件没有写明联系间隔，因此没有联系期限。",
        "No document read states how often to make contact, so no contact is ever due.",
    ),
    "due.no_visit": Text(
        "所读文件没有写明走访间隔，因此没有走访期限。",
        "No document read states how often to visit, so no visit is ever due.",
    ),
    "due.basis": Text("依据：{basis}", "Basis: {basis}"),
    "due.nothing": Text("没有。", "Nothing."),
    "due.more": Text("另有 {count} 项，请选上面的分类查看", "{count} more: choose this part above"),
    # --- roster
    "roster.from_to": Text(
        "{before} 与 {as_of} 两轮之间的变化。", "What changed between the rounds of {before} and {as_of}."
    ),
    "roster.not_yet": Text(
        "还没有两轮可以比较，或者还没有比较过。", "There are no two rounds to compare yet, or nobody compared them."
    ),
    "roster.all": Text("全部", "All"),
    "roster.change": Text("变化", "Change"),
    "roster.from": Text("原来在", "From"),
    # --- one record
    "record.title": Text("{kind}第 {number} 号", "{kind} {number}"),
    "record.steps": Text("经过", "What happened"),
    "record.forms": Text("下一步", "Next step"),
    "record.no_forms": Text("您目前没有可以登记的内容。", "There is nothing for you to record now."),
    "record.print": Text("打印", "Print"),
    "record.print_hint": Text("打印会留下记录。", "Printing leaves a record."),
    "record.printing": Text(
        "已登记打印。请用浏览器的打印功能。", "The printing is recorded. Use the browser's own print command."
    ),
    "record.saved": Text("已保存。", "Saved."),
    "record.replaces": Text("取代", "Replaces"),
    "record.follows": Text("接着", "Follows"),
    "record.back": Text("回到列表", "Back to the list"),
    "record.save": Text("保存", "Save"),
    # --- ledger
    "ledger.categories": Text("类别", "Categories"),
    "ledger.basis": Text("依据", "Basis"),
    "ledger.entered": Text("列入", "Entered"),
    "ledger.reviewed": Text("最近复核", "Last reviewed"),
    "ledger.left": Text("移出", "Left"),
    # --- assessment
    "assessment.tree": Text("指标", "Indicators"),
    "assessment.on": Text("评估日期", "Assessed on"),
    "assessment.capability": Text("监护能力得分", "Capability"),
    "assessment.risk": Text("风险得分", "Risk"),
    "assessment.score": Text("{value}（满分 100，看了 {seen} 项中的 {looked} 项）", "{value} of 100 ({looked} of {seen} looked at)"),
    "assessment.no_score": Text("查看的项目太少，不给分（{seen} 项中的 {looked} 项）", "Too little looked at to sum up ({looked} of {seen})"),
    "assessment.score_note": Text(
        "得分只是把所见加总，办法由本部署自定；类型和等级由评估员判断。",
        "This only sums up what was seen, in this deployment's own way; kind and level are the team's judgement.",
    ),
    "assessment.kind": Text("监护类型", "Kind"),
    "assessment.level": Text("等级", "Level"),
    "assessment.team": Text("评估员", "Team"),
    "assessment.next": Text("下次评估", "Next"),
    "assessment.grades": Text("逐项所见", "Item by item"),
    "assessment.item": Text("项目", "Item"),
    "assessment.grade": Text("所见", "Seen"),
    "assessment.not_seen": Text("没有查看", "Not looked at"),
    "assessment.stays": Text("只留在这份评估里", "Stays in this assessment"),
    "assessment.two": Text("两人都签署后才生效；有异议由第三人裁定。", "It counts once both have signed; a third person settles a dispute."),
    "assessment.pick": Text("选择指标", "Choose the indicators"),
    # --- report
    "report.situation": Text("情形", "Situation"),
    "report.about": Text("涉及", "About"),
    "report.found": Text("发现", "Found"),
    "report.made": Text("报告", "Reported"),
    "report.late": Text("发现后 {days} 天才报告；法律要求立即报告。", "{days} days after it was found; the law says at once."),
    "report.at_once": Text("当天报告", "On the same day"),
    "report.told": Text("报告对象", "Told to"),
    "report.awaited": Text("尚缺回执", "Receipts awaited"),
    "report.waits": Text("已等 {days} 天；条文没有写明回执期限", "{days} days so far; the text states no time for a receipt"),
    "report.new": Text("登记强制报告（不需要个案）", "Record a mandatory report (no case needed)"),
    "report.chain": Text("对不依法履行监护职责者的措施", "The chain for guardians who fail their duty"),
    "report.who": Text("由谁", "By whom"),
    "report.clock": Text("时限", "How soon"),
    "report.basis": Text("依据", "Basis"),
    # --- referral
    "referral.service": Text("服务项目", "Service"),
    "referral.who": Text("责任部门", "Responsible"),
    "referral.channel": Text("转到", "Led to"),
    "referral.stage": Text("环节", "Stage"),
    "referral.consent": Text("家庭意见", "Consent"),
    "referral.answer_by": Text("答复期限", "Answer by"),
    "referral.overdue": Text("{count} 件转介过了约定日期还没有答复。", "{count} referrals have no answer although the day agreed on has passed."),
    # --- plan
    "plan.edition": Text("版次", "Edition"),
    "plan.goals": Text("目标", "Goals"),
    "plan.actions": Text("要做的事", "What is to be done"),
    "plan.what": Text("做什么", "What"),
    "plan.who": Text("由谁", "Who"),
    "plan.by": Text("何时之前", "By when"),
    "plan.agreement": Text("监护人意见", "The guardian"),
    "plan.review": Text("下次检视", "Review on"),
    "plan.carried": Text("从上一版带来", "Carried over"),
    # --- all records of one child
    "support.child_support": Text("关爱服务记录：个案 {id}", "Care and services: case {id}"),
    "support.child_add": Text("新增", "Add"),
    "support.child_to_case": Text("回到个案", "Back to the case"),
    "support.child_none": Text("还没有。", "None yet."),
    # --- the profile
    "profile.lead": Text(
        "本部署采用“{name}”的规定。每一行写明依据哪份文件；文件没有写的，就写明没有。",
        "This deployment follows “{name}”. Each line names its document; what no document states is said to be so.",
    ),
    "profile.documents": Text("文件", "Documents"),
    "profile.document": Text("文号", "Number"),
    "profile.name": Text("名称", "Title"),
    "profile.in_force": Text("施行", "In force"),
    "profile.read": Text("是否读过原文", "Text read"),
    "profile.read_yes": Text("读过", "Yes"),
    "profile.read_no": Text("没有读到，由其他文件转引", "No; as other documents cite it"),
    "profile.line": Text("事项", "What"),
    "profile.value": Text("规定", "What it says"),
    "profile.basis": Text("依据", "Basis"),
    "profile.deployment": Text("本部署自定，须由使用单位确认", "This deployment's own choice, to be confirmed by the office"),
    "profile.not_stated": Text("没有写明", "Not stated"),
    "profile.no_document": Text("所读文件都没有写", "No document read says so"),
}  # fmt: skip
