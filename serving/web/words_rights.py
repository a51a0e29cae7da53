"""Wordings of emergency openings and of requests about personal data."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.emergency": Text("紧急查看", "Emergency"),
    "nav.openings": Text("紧急查看复核", "Emergency openings"),
    "nav.rights": Text("个人信息权利", "Data rights"),
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
    "emergency.report": Text("登记强制报告", "Record a mandatory report"),
    "emergency.mine": Text("您现在打开的个案", "What you have open now"),
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
}
