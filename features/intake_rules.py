"""Every rule by which a delivered file or row is refused or noticed, in words for the report.

Pure. A wording may name a column of ours, never a cell and never a title that came with the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.language import Source, Text

CRITICAL, WARNING = "critical", "warning"
# A record written down later than this after it occurred was of no use to a screening in between.
LATE_AFTER_DAYS = 90

RULES: Mapping[str, Text] = {
    # files
    "unknown_department": Text("文件不在任何已知部门的文件夹内", "The file is in no department's folder"),
    "unknown_date": Text(
        "日期文件夹的名称不是 2026-03-25 或 2026-03-25-history 这样的形式",
        "The date folder is not named like 2026-03-25 or 2026-03-25-history",
    ),
    "future_delivery": Text(
        "日期文件夹晚于今天；到那一天再接收",
        "The date folder lies after today; it is taken in when that day comes",
    ),
    "unknown_file": Text(
        "文件名不是任何来源表的名称，或不是 CSV、Parquet",
        "The file is not named after a source, or is neither CSV nor Parquet",
    ),
    "wrong_department": Text("该来源表不由此部门提供", "The source of this name is another department's"),
    "wrong_encoding": Text("文件编码既不是 UTF-8 也不是 GB18030", "The file is neither UTF-8 nor GB18030"),
    "unreadable_file": Text("文件内容无法按其格式读取", "The file cannot be read as what it claims to be"),
    "no_titles": Text("文件没有标题行", "The file has no line of titles"),
    "missing_column": Text("缺少必需的列“{column}”", "The required column “{column}” is missing"),
    "ambiguous_column": Text("有两列都对应“{column}”", "Two columns both stand for “{column}”"),
    # rows
    "ragged_row": Text("单元格数与标题数不同", "The row has more or fewer cells than there are titles"),
    "empty_required": Text("“{column}”不得为空", "“{column}” must not be empty"),
    "unreadable_text": Text("“{column}”过长或含换行", "“{column}” is too long or holds line breaks"),
    "personal_text": Text("“{column}”含姓名或身份证号", "“{column}” holds a name or an ID number"),
    "wrong_code": Text("“{column}”不在约定的代码之内", "“{column}” is none of the agreed codes"),
    "wrong_flag": Text("“{column}”不是“是”或“否”", "“{column}” is neither yes nor no"),
    "impossible_date": Text("“{column}”不是存在的日期", "“{column}” is not a date that exists"),
    "not_a_number": Text("“{column}”不是数字", "“{column}” is not a number"),
    "not_whole": Text("“{column}”不是整数", "“{column}” is not a whole number"),
    "out_of_range": Text("“{column}”超出约定的范围", "“{column}” is outside the agreed range"),
    "unreadable_answers": Text(
        "“{column}”不是“1:0 2:3”这样的题号与作答，或同一题答了两次",
        "“{column}” is not item numbers and answers like “1:0 2:3”, or answers an item twice",
    ),
    "unfitting_answers": Text(
        "“{column}”中有该量表没有的题号或分值，或前后矛盾",
        "“{column}” holds an item or a value that the instrument has not, or contradicts itself",
    ),
    "unfitting_form": Text(
        "所写的量表没有这一“{column}”的版本",
        "The instrument named has no form for this “{column}”",
    ),
    "unfitting_norms": Text(
        "“{column}”不是所写量表这一填写人版本的界值",
        "“{column}” is none of this form of the instrument named",
    ),
    "impossible_total": Text(
        "“{column}”超出所写量表的总分范围", "“{column}” is no total that the instrument named can have"
    ),
    "total_disagrees": Text(
        "“{column}”与逐题作答算出的总分不同",
        "“{column}” is not the total that the answers add up to",
    ),
    "nothing_answered": Text(
        "“{column}”、总分与安全题均为空", "“{column}”, total and safety item are all empty"
    ),
    "recorded_before_occurring": Text("登记日期早于发生日期", "Written down before it occurred"),
    "recorded_after_receipt": Text("登记日期晚于收到日期", "Written down after it was received"),
    "invalid_id_number": Text("身份证号无效", "The ID number is not valid"),
    "adult_id_number": Text(
        "身份证号属于成年人，不是儿童本人的", "The ID number is an adult's, and not the child's own"
    ),
    "duplicate": Text("同一文件内重复的记录", "The record is repeated within the file"),
    "conflicting_record": Text(
        "同一文件内同一记录编号对应不同内容", "Rows with the same record number say different things"
    ),
    "already_delivered": Text("此前已接收的相同记录", "The same record was taken in before"),
    "deleted_by_right": Text("该儿童的信息已依法删除", "The child's data was deleted by right"),
    "unknown_operation": Text(
        "操作类型既不是新增、修改，也不是删除", "The operation is neither a record nor its withdrawal"
    ),
    "nothing_to_withdraw": Text(
        "要撤销的记录此前没有接收过", "The record to be withdrawn was never taken in"
    ),
    "withdrawn_while_waiting": Text(
        "撤销的记录尚未认到儿童，已从待认人名单中去掉",
        "The record withdrawn had no child yet; it no longer waits for one",
    ),
    # neither refused nor accepted
    "no_id_number": Text("没有身份证号，待认人", "No ID number: a person must find the child"),
    # beside a refusal
    "safety_in_refused_row": Text(
        "被拒绝的行含或可能含安全事实：请今天就看",
        "The refused row carries, or may carry, a safety fact: look today",
    ),
    # warnings
    "safety_kept": Text(
        "因含安全事实而接收，无法读取的其他单元格作未知",
        "Taken in for its safety fact; what cannot be read beside it is not known",
    ),
    "date_after_receipt": Text("“{column}”晚于收到日期", "“{column}” lies after the day of receipt"),
    "late_record": Text(
        f"登记晚于发生 {LATE_AFTER_DAYS} 天以上",
        f"Written down more than {LATE_AFTER_DAYS} days after it occurred",
    ),
}
# Rows refused for one of these alone may still say whose they are: a person is asked.
WRONG_NUMBER = ("invalid_id_number", "adult_id_number")


@dataclass(frozen=True)
class Rule:
    """One line of a contract: what is wrong when it is broken, how grave that is, and in which column."""

    kind: str
    severity: str
    column: str | None = None

    @property
    def id(self) -> str:
        """The rule's name in reports: its kind, and the column it speaks of."""
        return f"{self.kind}:{self.column}" if self.column else self.kind


def sentence(rule_id: str, source: Source | None) -> Text:
    """The wording of a rule in both languages, with the titles of its column."""
    kind, _, name = rule_id.partition(":")
    wording = RULES[kind]
    if not name or source is None:
        return wording
    title = source.column(name).title
    return Text(wording.zh.format(column=title.zh), wording.en.format(column=title.en))
