"""Wordings of tables for other platforms, their answers, and messages that nobody took."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.exports": Text("导出与回填", "Tables for others"),
    "nav.undelivered": Text("未送达消息", "Undelivered"),
    "event.import_answer": Text("其他平台回填结果", "Another platform answered"),
    "exports.about": Text(
        "把个案做成其他平台要的表格：先写明用途申请，由另一人批准后本人下载一次；姓名默认脱敏。表样可在数据目录的 exports 文件夹里改。",
        "Cases as tables that other platforms want: asked for with a purpose, approved by a second person, then"
        " fetched once by who asked. Names are masked by default. Templates can be changed in the folder exports of the"
        " data home.",
    ),
    "exports.list": Text("申请", "Requests"),
    "exports.none": Text("还没有申请。", "Nothing was asked for yet."),
    "exports.number": Text("编号", "Number"),
    "exports.template": Text("表样", "Template"),
    "exports.area": Text("区域", "Area"),
    "exports.everywhere": Text("全部", "All"),
    "exports.state": Text("进度", "State"),
    "exports.purpose": Text("用途", "Purpose"),
    "exports.words": Text("交给谁、做什么用", "Who gets it and what for"),
    "exports.names": Text("姓名", "Names"),
    "exports.names_masked": Text("脱敏", "Masked"),
    "exports.names_full": Text("完整", "In full"),
    "exports.names_none": Text("不含姓名（由业务系统申请）", "None; a case system asks"),
    "exports.asked": Text("申请", "Asked for"),
    "exports.decided": Text("审批", "Decided"),
    "exports.decision_words": Text("审批意见", "What was said"),
    "exports.fetched": Text("已下载", "Fetched"),
    "exports.rows": Text("{count} 行", "{count} rows"),
    "exports.one": Text("导出申请 {number}", "Request {number}"),
    "exports.back": Text("回到导出与回填", "Back to tables for others"),
    "exports.modelled_on": Text("表样来历", "Where the template is from"),
    "answers.title": Text("导入其他平台的回填结果", "Take answers of another platform in"),
    "answers.about": Text(
        "选表样，再选填好的文件（CSV，UTF-8 或 GB18030；Excel 请另存为 CSV）。按编号逐行导入：有错的行不收，其余照收；同一文件再导一次不会重复。",
        "Choose the template and the filled file (CSV, UTF-8 or GB18030; save as CSV from Excel). Rows are found by"
        " their number: rows with mistakes are left out, all others are taken; the same file again changes nothing.",
    ),
    "answers.file": Text("填好的文件", "The filled file"),
    "answers.file_missing": Text("请选择文件。", "Choose a file."),
    "answers.send": Text("导入", "Take in"),
    "answers.counts": Text(
        "收 {taken} 行，更新 {changed} 行，与已有相同 {unchanged} 行，有错 {refused} 行，没有填写 {empty} 行。",
        "Rows taken: {taken}; changed: {changed}; known already: {unchanged}; with mistakes: {refused}; empty: {empty}.",
    ),
    "answers.wrong": Text("有错的行", "Rows with mistakes"),
    "answers.line": Text("行号", "Line"),
    "answers.column": Text("列", "Column"),
    "answers.reason": Text("原因", "Why"),
    "undelivered.about": Text(
        "案件系统没有收下的消息。消息里只有编号，没有姓名和内容。接收方恢复后可以重发，同一编号不会重复处理。",
        "Messages no case system took. They hold ids, no name and no content. Once the receiver is back they can be"
        " sent again, under the same id.",
    ),
    "undelivered.none": Text("没有未送达的消息。", "Every message was taken."),
    "undelivered.receiver": Text("接收方 {title}（{host}）", "Receiver {title} ({host})"),
    "undelivered.closed": Text("已停用，不能重发", "Closed; nothing can be sent again"),
    "undelivered.id": Text("消息编号", "Message"),
    "undelivered.event": Text("要告知的事", "What was to be told"),
    "undelivered.since": Text("产生时间", "Made at"),
    "undelivered.tries": Text("已试次数", "Tries"),
    "undelivered.answer": Text("最后回应", "Last answer"),
    "undelivered.no_answer": Text("还没有试过", "Not tried yet"),
    "undelivered.again": Text("重发 {title} 的全部未送达消息", "Send all of {title} again"),
    "undelivered.more": Text("另有 {count} 条未列出", "{count} more are not listed"),
    "undelivered.done": Text("已安排重发 {count} 条。", "To be sent again: {count}."),
}
