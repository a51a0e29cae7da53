"""Where a family may be led to, and the authorities a mandatory report goes to: declared rows.

Which telephone lines are offered follows from the jurisdiction's documents. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from features.language import Text, Worded
from features.services import SERVICES
from serving.review.records import Choice


@dataclass(frozen=True)
class Channel:
    """One place a family may be led to. `line` is its number if it is a telephone line."""

    code: str
    title: Text
    line: str = ""


CHANNELS: tuple[Channel, ...] = (
    Channel("school", Text("学校心理辅导站", "School counselling")),
    Channel("social", Text("区县社会心理服务中心", "County centre for social psychology")),
    Channel("line_96525", Text("96525 心理援助热线", "96525 psychological aid line"), "96525"),
    Channel("line_12355", Text("12355 青少年服务台", "12355 youth service line"), "12355"),
    Channel("line_12356", Text("12356 心理援助热线", "12356 psychological aid line"), "12356"),
    Channel("medical", Text("医疗机构", "Medical institution")),
    Channel("rehabilitation", Text("精神障碍社区康复", "Community rehabilitation")),
    Channel("civil_affairs", Text("民政部门", "Civil affairs")),
    Channel("education", Text("教育部门", "Education")),
    Channel("health", Text("卫生健康部门", "Health commission")),
    Channel("insurance", Text("医保部门", "Medical insurance")),
    Channel("disabled", Text("残联", "Disabled persons' federation")),
    Channel("housing", Text("住房保障部门", "Housing")),
    Channel("labour", Text("人社部门", "Human resources")),
    Channel("women", Text("妇联", "Women's federation")),
    Channel("youth", Text("团委", "Youth league")),
    Channel("justice", Text("司法行政、法院、检察院", "Justice, court, procuratorate")),
    Channel("station", Text("未成年人保护工作站、救助保护机构", "Protection station or centre")),
    Channel("social_work", Text("社会组织、社会工作机构", "Social organisation")),
)


def channel_title(code: str) -> Text:
    """The name of a channel; KeyError if there is none of this code."""
    return {channel.code: channel.title for channel in CHANNELS}[code]


def channels_for(lines: Collection[str]) -> tuple[Choice, ...]:
    """The channels to offer where these telephone lines are the jurisdiction's."""
    return tuple(
        (channel.code, channel.title) for channel in CHANNELS if not channel.line or channel.line in lines
    )


def service_choices() -> tuple[Choice, ...]:
    """The 20 services as a list to choose from: code, name and who answers for it."""
    return tuple(
        (
            each.code,
            Text(
                f"{each.code} {each.title.zh}（{each.responsible.zh}）",
                f"{each.code} {each.title.en} ({each.responsible.en})",
            ),
        )
        for each in SERVICES
    )


class Stage(Worded):
    """Where on the path from prevention to treatment a referral stands. The values are stored."""

    NONE = ("none", "不涉及心理就医通道", "Not on the path")
    PREVENTION = ("prevention", "预防", "Prevention")
    REFERRAL = ("referral", "转介", "Referral")
    INTERVENTION = ("intervention", "干预", "Intervention")
    TREATMENT = ("treatment", "就医", "Treatment")


# The services whose referrals go along the path 预防、转介、干预、就医.
ON_THE_PATH = frozenset({"C08", "F17"})


class Authority(Worded):
    """Who must be told of a minor harmed or in danger (未成年人保护法第十一条)."""

    POLICE = ("police", "公安", "Police")
    CIVIL_AFFAIRS = ("civil_affairs", "民政", "Civil affairs")
    EDUCATION = ("education", "教育", "Education")


class Situation(Worded):
    """The nine situations of 高检发〔2020〕9号. Eight and nine were read at second hand."""

    INJURY = ("injury", "（一）隐私部位遭受非正常损伤", "1. Unusual injury to private parts")
    UNDER_14 = (
        "under_14",
        "（二）不满十四周岁女性遭受或疑似遭受性侵害、怀孕、流产",
        "2. A girl below 14: sexual assault, pregnancy or abortion",
    )
    FROM_14 = (
        "from_14",
        "（三）十四周岁以上女性因性侵害怀孕、流产",
        "3. A girl of 14 or more: pregnancy or abortion through assault",
    )
    VIOLENCE = (
        "violence",
        "（四）多处损伤、严重营养不良、意识不清，疑似受暴力、欺凌、虐待、麻醉",
        "4. Many injuries, severe malnutrition or unconsciousness, with signs of violence, bullying, abuse or drugging",
    )
    DEATH = (
        "death",
        "（五）自杀、自残、工伤、中毒、殴打等致残或死亡",
        "5. Disability or death by suicide, self-harm, work injury, poisoning or beating",
    )
    ABANDONED = ("abandoned", "（六）被遗弃或长期处于无人照料状态", "6. Abandoned, or long unattended")
    MISSING = ("missing", "（七）来源不明、失踪或被拐卖、收买", "7. Of unknown origin, missing or trafficked")
    BEGGING = ("begging", "（八）被组织乞讨", "8. Organised begging")
    OTHER = ("other", "（九）其他严重侵害或面临危险的情形", "9. Any other grave harm or danger")  # fmt: skip


@dataclass(frozen=True)
class ChainStep:
    """One step of the chain for guardians who fail their duty: who takes it, by which text, and how soon.

    `clock` is what the text says of time; no text read gives days.
    """

    code: str
    title: Text
    authority: Text
    basis: Text
    clock: Text
    receipt: bool


_118 = Text("未成年人保护法第一百一十八条", "Law on the Protection of Minors, art. 118")
_NO_DAYS = Text("条文没有写明天数", "The text gives no days")

CHAIN: tuple[ChainStep, ...] = (
    ChainStep(
        "admonish",
        Text("劝诫、制止", "Admonish and stop"),
        Text("居（村）民委员会", "Neighbourhood or village committee"),
        _118,
        Text("发现即劝诫、制止", "As soon as it is found"),
        receipt=False,
    ),
    ChainStep(
        "tell_police",
        Text("报公安", "Tell the police"),
        Text("居（村）民委员会", "Neighbourhood or village committee"),
        _118,
        Text("情节严重的，应当及时", "In time, where it is serious"),
        receipt=True,
    ),
    ChainStep(
        "reprimand",
        Text("训诫", "Reprimand"),
        Text("公安机关、人民检察院、人民法院", "Police, procuratorate or court"),
        _118,
        _NO_DAYS,
        receipt=True,
    ),
    ChainStep(
        "guidance_order",
        Text("责令接受家庭教育指导（家庭教育指导令）", "Order to take family-education guidance"),
        Text("公安机关、人民检察院、人民法院", "Police, procuratorate or court"),
        _118,
        _NO_DAYS,
        receipt=True,
    ),
)


def awaited(told: Collection[str], steps: Collection[str], receipts: Collection[str]) -> tuple[str, ...]:
    """Whose receipt is still out: authorities told and steps of the chain taken, less what answered."""
    expected = [authority.value for authority in Authority if authority.value in told]
    expected += [step.code for step in CHAIN if step.receipt and step.code in steps]
    return tuple(code for code in expected if code not in receipts)


def awaited_title(code: str) -> Text:
    """The name of an authority or of a step of the chain."""
    titles = {authority.value: authority.title for authority in Authority}
    return {**titles, **{step.code: step.title for step in CHAIN}}[code]
