"""What may never decide anything about a child, and what would tell it by another name.

Words, in both languages, by which a declaration is refused wherever it uses them. It says nothing of what
is allowed: that is for whoever declares, and for the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.language.words import Text

# Inputs that must never decide anything about a child (law and the failures of earlier systems):
# a word of these in the name or title of a feature, of its source, of a column it uses (whatever
# title that is delivered under) or of a code it asks for makes the declaration fail. Eligibility
# and the fairness audit may hold such columns. A word matches inside longer ones too ("relocation"
# for "location"): a harmless wording can be reworded, a harmful input cannot be taken back.
FORBIDDEN_INPUTS: Mapping[str, tuple[str, ...]] = {
    "ethnicity": ("民族", "族别", "ethnic", "minzu", "nationality", "国籍", "racial"),
    "hukou type": ("户口性质", "户口类型", "户籍类型", "户别", "hukou_type", "hukou type"),
    "origin province": (
        "户籍地", "户籍省", "户口所在地", "籍贯", "原籍", "来源地", "来源省", "hukou", "origin", "birthplace",
        "出生地", "hometown", "home province", "home_province",
    ),
    "the child's own offence or punishment records": (
        "犯罪", "违法", "处分", "矫治", "前科", "offence", "offense", "offend", "punish", "convict", "crime",
        "criminal", "delinquen",
    ),
    "credit records (征信)": ("征信", "信用", "失信", "credit"),
    "location trace": ("轨迹", "定位", "location", "trace", "gps", "geofence"),
    "religion": ("宗教", "信仰", "religio"),
}  # fmt: skip


def forbidden_meaning(*words: str) -> str | None:
    """The forbidden input that any of these names or titles speaks of, or None."""
    said = " ".join(words).lower()
    for meaning, marks in FORBIDDEN_INPUTS.items():
        if any(mark in said for mark in marks):
            return meaning
    return None


@dataclass(frozen=True)
class Proxy:
    """Something that is lawful to hold, yet as a feature would tell what no feature may tell.

    `marks` are words, as in FORBIDDEN_INPUTS, by which it is recognised wherever a feature names it.
    """

    title: Text
    marks: tuple[str, ...]
    why: Text


KNOWN_PROXIES: tuple[Proxy, ...] = (
    Proxy(
        Text("学校标识码", "School code"),
        ("school_code", "学校标识码", "学校代码", "school code"),
        Text("一校学生常来自同一地方", "pupils of one school often come from one place"),
    ),
    Proxy(
        Text("学校类型", "School type"),
        ("school_type", "学校类型", "民工子弟", "school type"),
        Text("随迁子女学校几乎只收外来儿童", "schools for migrant children take hardly anybody else"),
    ),
    Proxy(
        Text("区划与住址", "Area and address"),
        ("area_code", "hukou_area", "区划", "住址", "地址", "address", "area of"),
        Text("同乡聚居，家境相近", "people of one origin and of like means live together"),
    ),
    Proxy(
        Text("证件号码", "Identity numbers"),
        ("id_number", "身份证", "证件号", "学籍号", "id number", "identity card"),
        Text("号码里写着最初登记的地方", "the number holds the place of first registration"),
    ),
    Proxy(
        Text("姓名", "Name"),
        ("姓名", "姓氏", "surname", "given name", "full name", "pinyin"),
        Text("姓名常透露民族与来源地", "names often tell ethnicity and origin"),
    ),
    Proxy(
        Text("电话号码", "Telephone number"),
        ("phone", "手机", "电话号"),
        Text("号段带有归属地", "its prefix names the place it was issued in"),
    ),
    Proxy(
        Text("方言与母语", "Dialect and mother tongue"),
        ("方言", "口音", "母语", "dialect", "accent", "mother tongue"),
        Text("乡音等于来源地与民族", "speech tells origin and ethnicity"),
    ),
    Proxy(
        Text("饮食禁忌", "Diet"),
        ("清真", "饮食禁忌", "halal", "dietary"),
        Text("等于宗教与民族", "it tells religion and ethnicity"),
    ),
    Proxy(
        Text("积分", "Settlement points"),
        ("积分", "settlement point"),
        Text("由户籍、学历与守法记录算出", "made of registration, schooling and conduct"),
    ),
)


def known_proxy(*words: str) -> Proxy | None:
    """The known proxy that any of these names or titles speaks of, or None."""
    said = " ".join(words).lower()
    for proxy in KNOWN_PROXIES:
        if any(mark in said for mark in proxy.marks):
            return proxy
    return None
