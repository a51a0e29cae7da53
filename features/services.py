"""The 20 services a migrant child may enjoy where it lives: 浙江省流动儿童在居住地享有关爱服务基础清单.

As printed in 浙民儿〔2024〕124号; the code is a letter for the field and the number on the list.
"""

from __future__ import annotations

from dataclasses import dataclass

from features.language import Text

LIST = Text(
    "浙江省流动儿童在居住地享有关爱服务基础清单（浙民儿〔2024〕124号）",
    "Zhejiang basic list of care services for migrant children (Zheminer 124 of 2024)",
)


@dataclass(frozen=True)
class Service:
    """One service of the list: whom it is for, and who answers for it, as printed."""

    code: str
    target: Text
    title: Text
    responsible: Text


def _service(
    code: str, target: str, target_en: str, title: str, title_en: str, who: str, who_en: str
) -> Service:
    return Service(code, Text(target, target_en), Text(title, title_en), Text(who, who_en))


SERVICES: tuple[Service, ...] = (
    _service("A01", "0—6岁流动儿童", "aged 0 to 6", "健康和托育服务", "Health and nursery", "卫健、疾控", "Health commission, disease control"),
    _service("A02", "3—6岁流动儿童", "aged 3 to 6", "学前教育服务", "Preschool", "教育", "Education"),
    _service("B03", "义务教育阶段流动儿童", "of compulsory school age", "义务教育服务", "Compulsory education", "教育", "Education"),
    _service("B04", "普通高中阶段流动儿童", "in senior high school", "普通高中教育服务", "Senior high school", "教育", "Education"),
    _service("B05", "中等职业阶段流动儿童", "in vocational school", "中等职业教育助学服务", "Aid in vocational school", "教育、人社", "Education, human resources"),
    _service("C06", "流动儿童", "every migrant child", "卫生健康服务", "Basic health services", "卫健", "Health commission"),
    _service("C07", "流动儿童", "every migrant child", "医疗保障服务", "Medical insurance", "医保", "Medical insurance"),
    _service("C08", "诊断明确、在家居住的严重精神障碍患者", "living at home with a diagnosed serious mental disorder", "健康管理服务", "Health management", "卫健、民政", "Health commission, civil affairs"),
    _service("D09", "家庭住房困难的流动儿童", "in families with a housing need", "住房保障服务", "Housing", "住建", "Housing"),
    _service("E10", "孤儿、艾滋病病毒感染儿童、事实无人抚养儿童", "orphans, children with HIV, de facto unsupported children", "基本生活保障服务", "Basic living allowance", "民政", "Civil affairs"),
    _service("E11", "残疾儿童", "with a disability", "残疾儿童康复救助及残疾人两项补贴", "Rehabilitation aid and the two disability subsidies", "民政、残联", "Civil affairs, disabled persons' federation"),
    _service("E12", "残疾儿童", "with a disability", "残疾儿童教育服务", "Education of children with a disability", "教育、残联", "Education, disabled persons' federation"),
    _service("E13", "符合低保条件的流动儿童", "who qualify for the minimum living allowance", "最低生活保障服务", "Minimum living allowance", "民政", "Civil affairs"),
    _service("E14", "符合户籍地特困条件的流动儿童", "in extreme hardship by the rules of the home area", "特困人员救助供养服务", "Support in extreme hardship", "民政", "Civil affairs"),
    _service("E15", "符合本地临时救助条件的流动儿童", "who qualify for temporary aid here", "临时救助服务", "Temporary aid", "民政", "Civil affairs"),
    _service("F16", "流动儿童", "every migrant child", "监护支持干预服务", "Support of guardianship", "法院、检察院、教育、民政、妇联", "Court, procuratorate, education, civil affairs, women's federation"),
    _service("F17", "流动儿童", "every migrant child", "心理健康服务", "Mental health", "民政、教育、卫健", "Civil affairs, education, health commission"),
    _service("F18", "流动儿童", "every migrant child", "精神文化生活服务", "Cultural life", "网信、教育、民政、文旅、团委、妇联", "Cyberspace office, education, civil affairs, culture, youth league, women's federation"),
    _service("F19", "流动儿童", "every migrant child", "法治安全教育服务", "Legal and safety education", "法院、检察院、司法、教育、公安、妇儿工委", "Court, procuratorate, justice, education, police, committee on women and children"),
    _service("F20", "流动儿童", "every migrant child", "城市融入服务", "Integration in the city", "教育、民政、人社、妇联", "Education, civil affairs, human resources, women's federation"),
)  # fmt: skip


def service(code: str) -> Service:
    """The service of this code; KeyError if the list has none."""
    for each in SERVICES:
        if each.code == code:
            return each
    raise KeyError(f"The list has no service {code!r}.")


__all__ = ["LIST", "SERVICES", "Service", "service"]
