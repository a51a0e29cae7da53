"""Wordings of the manager's page and of the half-yearly statistics."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.dashboard": Text("工作概览", "Overview"),
    "nav.statistics": Text("半年统计", "Statistics"),
    "dashboard.title": Text("工作概览", "How the work goes"),
    "dashboard.about": Text(
        "您负责的区域，近半年进入队列的个案；统计于 {at}。不按结案快慢给任何人排名。",
        "Your area, cases that came in over the last half-year; counted at {at}. Nobody is ranked by speed.",
    ),
    "dashboard.handled": Text("处理率（目标 90% 以上）", "Handled (goal: above 90 %)"),
    "dashboard.handled_note": Text(
        "已经联系上人或已结案的，占应当已经联系的个案。",
        "Somebody was reached or the case is closed, of the cases in which it should have happened by now.",
    ),
    "dashboard.goal": Text("竖线为目标 90%", "The line marks the goal of 90 %"),
    "dashboard.all": Text("全部", "All"),
    "dashboard.open": Text("未结个案", "Open cases"),
    "dashboard.overdue": Text("逾期未联系", "Past the date without contact"),
    "dashboard.median": Text("首次联系用时（中位）", "Days to first contact (median)"),
    "dashboard.decile": Text("九成个案在几天内联系上", "Nine of ten reached within"),
    "dashboard.by_area": Text("各区域的未结个案", "Open cases by area"),
    "dashboard.area_value": Text("未结 {open}，逾期 {overdue}", "{open} open, {overdue} past the date"),
    "dashboard.area_note": Text(
        "少于5件的不显示；为防推算，有时多隐去几个。",
        "Fewer than 5 are not shown, and now and then some others, so that nobody can work them out.",
    ),
    "dashboard.corrections": Text("更正申请", "Objections to records"),
    "dashboard.corrections_note": Text("部门已答复 {count}", "answered by departments: {count}"),
    "dashboard.confirmed_tier": Text("走访后属实的比例，按等级", "Confirmed after a visit, by tier"),
    "dashboard.confirmed_way": Text("走访后属实的比例，按来由", "Confirmed after a visit, by way in"),
    "dashboard.confirmed_note": Text(
        "至少一项风险属实的，占走访后结案的个案。横线是可能的范围：件数少时范围宽，不宜比较。",
        "At least one risk confirmed, of cases closed after a visit. The line is the likely range: with few"
        " cases it is wide, and no comparison should be made.",
    ),
    "dashboard.confirmed_empty": Text(
        "近半年还没有走访后结案的个案。", "No case was closed after a visit in the last half-year."
    ),
    "dashboard.load": Text("每位工作人员手上的个案", "Cases in hand, by worker"),
    "dashboard.load_empty": Text("没有人手上有未结个案。", "Nobody holds an open case."),
    "dashboard.load_value": Text("{held} 件，逾期 {overdue}", "{held}, {overdue} past the date"),
    "dashboard.fresh": Text("各部门数据更新", "Data from departments"),
    "dashboard.fresh_ok": Text("按期", "on time"),
    "dashboard.fresh_late": Text("逾期未提供", "overdue"),
    "dashboard.fresh_never": Text("从未收到", "never"),
    "dashboard.fresh_empty": Text("没有记录。", "Nothing recorded."),
    "dashboard.screener": Text("筛查模型：{risk}", "Screener: {risk}"),
    "dashboard.recall": Text("随机抽查估计的发现率", "Found, as the random checks estimate it"),
    "dashboard.recall_value": Text(
        "需要支持的儿童中，名单约发现 {value}%（{low}% 至 {high}%），依据 {drawn} 名抽查儿童",
        "Of the children in need the list finds about {value} % ({low} % to {high} %),"
        " from {drawn} random checks",
    ),
    "dashboard.judged": Text("结局已到的轮次", "Rounds whose outcomes are in"),
    "dashboard.not_in": Text(
        "还没有一轮的结局到期，暂时不能核对。", "No round's outcomes are in; it cannot be checked yet."
    ),
    "dashboard.slope": Text(
        "{day}：实际与预期之比 {value}（{low} 至 {high}）",
        "{day}: observed to expected {value} ({low} to {high})",
    ),
    "dashboard.no_alarm": Text(
        "与参考时点 {day} 相比，没有需要处理的变化。", "Compared with {day}, no change calls for action."
    ),
    "dashboard.alarms": Text("需要处理的变化", "Changes that call for action"),
    "dashboard.version": Text("版本", "Version"),
    "dashboard.none": Text(
        "还没有做过监测。每轮筛查之后运行一次监测，这里就有结果。",
        "Nothing was monitored yet. It is done after each round, and shown here then.",
    ),
    "dashboard.unreadable": Text(
        "监测结果无法读取，请联系管理员。", "What monitoring wrote cannot be read; tell the administrator."
    ),
    "dashboard.monitored": Text("监测于 {day}，轮次 {round}", "Monitored on {day}, round {round}"),
    "swayed.title": Text(
        "工作人员的判断与走访结果一致的比例", "Staff's own views that agreed with what was found"
    ),
    "swayed.order": Text("判断的先后", "When the view was given"),
    "swayed.first": Text("先判断，后看原因", "Before the reasons"),
    "swayed.after": Text("先看原因，后判断", "After the reasons"),
    "swayed.note": Text(
        "先后由抽签决定。两者相差很大，说明提示的原因在左右判断。",
        "The order is drawn by lot. If the two differ by much, the reasons sway the views.",
    ),
    "share.of": Text("{whole} 件中 {part} 件", "{part} of {whole}"),
    "share.percent": Text("约 {percent}%", "about {percent} %"),
    "share.range": Text("{low}% 至 {high}%", "{low} % to {high} %"),
    "share.too_few": Text("件数太少，不显示", "too few to show"),
    "column.tier_all": Text("等级", "Tier"),
    "column.way": Text("来由", "Way in"),
    "column.part": Text("其中", "Of them"),
    "column.share": Text("比例", "Share"),
    "column.range": Text("可能的范围", "Likely range"),
    "column.worker": Text("工作人员", "Worker"),
    "column.role": Text("身份", "Role"),
    "column.capacity": Text("可承担", "Capacity"),
    "column.held": Text("手上", "In hand"),
    "column.overdue": Text("逾期", "Past the date"),
    "column.department": Text("部门", "Department"),
    "column.source": Text("来源", "Source"),
    "column.heard": Text("最近收到", "Last heard"),
    "column.state": Text("情况", "State"),
    "days.within": Text("{days} 天", "{days} days"),
    "only.overseers": Text(
        "这个页面只对管理者、督导员、筛查员和审计员开放。",
        "This page is for managers, supervisors, screeners and auditors.",
    ),
    "only.statistics": Text(
        "半年统计只对管理者和审计员开放。", "The statistics are for managers and auditors."
    ),
    "statistics.title": Text("半年统计", "Half-yearly statistics"),
    "statistics.about": Text(
        "统计于 {at}。按个案进入队列的时间归入半年。1 至 4 的数字，以及能推算出它们的数字，不显示。",
        "Counted at {at}. Cases count in the half-year they came in. Figures from 1 to 4 are not shown, nor"
        " any they could be worked out from.",
    ),
    "statistics.period": Text("{year} 年{half}", "{year}, {half}"),
    "statistics.first": Text("上半年", "first half"),
    "statistics.second": Text("下半年", "second half"),
    "statistics.periods": Text("半年", "Half-years"),
    "statistics.empty": Text("还没有个案进入队列。", "No case has come into the queue yet."),
    "statistics.total": Text("合计", "Total"),
    "statistics.unknown_area": Text("区域未知", "Area not known"),
    "statistics.export": Text("导出 CSV", "Export as CSV"),
    "statistics.export_hint": Text("导出会留下记录。", "Exporting leaves a record."),
    "statistics.chart": Text("各区域进入队列的个案", "Cases that came in, by area"),
    "statistics.table": Text("各区域半年统计", "The half-year by area"),
    "measure.came": Text("进入队列", "Came in"),
    "measure.triggers": Text("其中强制触发", "Hard triggers"),
    "measure.reached": Text("已联系上", "Reached"),
    "measure.visited": Text("已走访", "Visited"),
    "measure.closed": Text("已结案", "Closed"),
    "measure.confirmed": Text("走访后属实", "Confirmed after a visit"),
}
