"""Wordings of a child's page and of what changed between rounds."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "page_of_child.title": Text("一人一档", "The child's page"),
    "page_of_child.open": Text("打开一人一档", "Open the child's page"),
    "page_of_child.link": Text(
        "一人一档：各部门记录、个案和走访", "The child's page: records, cases and visits"
    ),
    "page_of_child.why": Text(
        "这一页汇集各部门的记录、历次个案和帮扶。打开一次，留一次记录；请只为下面的工作打开。",
        "This page brings together the records of all departments, the cases and the support given. Each"
        " opening leaves a record; open it only for the work below.",
    ),
    "page_of_child.purpose": Text("打开的目的", "What do you open it for?"),
    "page_of_child.opened": Text(
        "打开目的：{purpose}。这次打开已记录。", "Opened for: {purpose}. It was recorded."
    ),
    "page_of_child.timeline": Text("经过", "Timeline"),
    "page_of_child.timeline_about": Text(
        "由近及远。部门记录只列出处和日期，内容请向部门了解。",
        "The latest first. Of departments' records only source and dates are listed; ask them for the rest.",
    ),
    "page_of_child.not_all": Text(
        "涉及健康、心理、司法和家庭暴力等的记录不对您的身份显示。",
        "Records on health, psychology, courts and violence are not shown to your role.",
    ),
    "page_of_child.empty": Text("还没有记录。", "Nothing is recorded yet."),
    "page_of_child.cases": Text("历次个案", "Cases"),
    "page_of_child.support": Text(
        "台账、评估、报告、转介和计划", "Ledger, assessments, reports, referrals and plans"
    ),
    "page_of_child.support_empty": Text("没有。", "None."),
    "page_of_child.looked": Text("谁看过", "Who looked"),
    "page_of_child.looked_empty": Text(
        "没有人查看或导出过。", "Nobody has looked, and no table held the child."
    ),
    "page_of_child.back": Text("回到个案", "Back to the case"),
    "page_of_child.print": Text("打印", "Print"),
    "page_of_child.by_year": Text("各年记录数", "Records by year"),
    "page_of_child.year_value": Text("{count} 条", "{count}"),
    "page_of_child.name_seen": Text("查看姓名", "Name shown"),
    "page_of_child.taken_masked": Text(
        "导出到表格（脱敏姓名）：{purpose}；由{who}批准",
        "Taken out in a table, name masked: {purpose}; approved by {who}",
    ),
    "page_of_child.taken_full": Text(
        "导出到表格（完整姓名）：{purpose}；由{who}批准",
        "Taken out in a table, name in full: {purpose}; approved by {who}",
    ),
    "page_of_child.page_seen": Text("打开一人一档：{purpose}", "Child's page opened: {purpose}"),
    "column.day": Text("日期", "Date"),
    "column.what": Text("事项", "What"),
    "column.by": Text("来自", "From"),
    "column.known": Text("获知", "Known"),
    "column.who": Text("谁", "Who"),
    "column.status": Text("状态", "Status"),
    "column.year": Text("年份", "Year"),
    "column.records": Text("记录", "Records"),
    "column.opened": Text("进入队列", "Came in"),
    "entry.case_opened": Text("个案进入队列", "Case came into the queue"),
    "entry.case_closed": Text("个案结案", "Case closed"),
    "entry.queue": Text("待办队列", "Review queue"),
    "event.open_child": Text("打开一人一档", "Child's page opened"),
    "rounds.title": Text("历次筛查和变化", "Rounds and what changed"),
    "around.same_child": Text(
        "同一名儿童的另一件待办（曾以另一身份登记）：{id}",
        "Another open case of the same child, once registered as somebody else: {id}",
    ),
    "rounds.link": Text(
        "历次筛查，以及与上一轮相比的变化", "Earlier rounds, and what changed since the last"
    ),
    "rounds.course": Text("历次筛查：{risk}", "Round by round: {risk}"),
    "rounds.course_note": Text(
        "位置表示当时在所有受筛儿童中的区间，不是诊断。",
        "The height is the band among all children screened then; it is no diagnosis.",
    ),
    "rounds.changes": Text("与上一轮相比：{risk}", "Since the round before: {risk}"),
    "rounds.none": Text("没有可以显示的筛查。", "There is no screening to show."),
    "rounds.first": Text(
        "这是第一次筛查，还没有可以比较的。", "This is the first screening; there is nothing to compare."
    ),
    "column.round": Text("轮次", "Round"),
    "column.band": Text("区间", "Band"),
    "column.frequency": Text("频率", "Frequency"),
    "similar.title": Text("类似个案的结果", "How similar cases ended"),
    "similar.told": Text(
        "最近走访后结案的 {whole} 件同等级、同来由的个案中，{part} 件属实"
        "（约 {percent}%，可能在 {low}% 至 {high}% 之间）。",
        "Of the latest {whole} cases of this tier that came the same way and were closed after a visit,"
        " {part} were confirmed (about {percent} %, likely between {low} % and {high} %).",
    ),
    "similar.few": Text(
        "类似的、走访后结案的个案还太少，不显示。", "Too few similar cases were closed after a visit to tell."
    ),
}
