"""The small vocabularies every declaration draws on, each wording in Chinese and English.

A declaration that must not exist is refused with a `DeclarationError` that says why in one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class DeclarationError(ValueError):
    """A declaration that must not exist; the message says why in one sentence."""


@dataclass(frozen=True)
class Text:
    """One wording in both languages; neither may be blank."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise DeclarationError(f"A wording needs both languages, got {self.zh!r} / {self.en!r}.")

    def __getitem__(self, language: str) -> str:
        if language not in ("zh", "en"):
            raise KeyError(f"Languages are zh and en, not {language!r}.")
        return self.zh if language == "zh" else self.en


class Worded(Enum):
    """An enum whose members carry a wording in both languages."""

    title: Text

    def __new__(cls, code: str, zh: str, en: str) -> Worded:
        """Keep `code` as the stored value and the wording beside it."""
        member = object.__new__(cls)
        member._value_ = code
        member.title = Text(zh, en)
        return member


class Group(Worded):
    """The three groups of features; a section of the catalogue each."""

    FAMILY = ("family", "家庭", "Family")
    SCHOOL = ("school", "学校", "School")
    HEALTH = ("health", "健康", "Health")


class Department(Worded):
    """Who delivers. The value is the name of the department's delivery folder in English."""

    POLICE = ("police", "公安", "Police")
    EDUCATION = ("education", "教育", "Education")
    HEALTH = ("health", "卫健", "Health commission")
    CIVIL_AFFAIRS = ("civil_affairs", "民政", "Civil affairs")
    JUSTICE = ("justice", "司法", "Justice")
    INSURANCE = ("insurance", "医保", "Medical insurance")
    DISABLED = ("disabled_federation", "残联", "Disabled persons' federation")
    LABOUR = ("labour", "人社", "Human resources and social security")
    HOUSING = ("housing", "住建", "Housing")
    WOMEN_YOUTH = ("women_youth", "妇联团委", "Women's federation and youth league")
    GRID = ("grid", "社区网格", "Community grid")
    COURT = ("court", "法院", "Courts")
    PROCURATORATE = ("procuratorate", "检察", "Procuratorate")
    REVIEW = ("review", "复核队列", "Review queue")


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    ANSWERS = "answers"  # to the items of a questionnaire, by number


class Personal(Enum):
    """How close a column is to the person. DIRECT never leaves the identity store."""

    NO = "no"
    QUASI = "quasi"
    DIRECT = "direct"


class Use(Enum):
    """What a column may be used for. Only SIGNAL columns may enter a feature."""

    SIGNAL = "signal"
    ELIGIBILITY = "eligibility"
    AUDIT = "audit"
    INTAKE = "intake"  # read when it is delivered, to derive other columns from; not kept
