"""Hard triggers: facts that go straight to a person, whatever any screener says.

They come from human observation or hard facts, never from a risk (未成年人保护法 art. 11;
高检发〔2020〕9号). Each opens work once per record.
"""

from features.language import Fact, OneOf, Text, Trigger, declared
from features.sources import CivilAffairs, Community, Education, Instruments, Police

_REPORT = Text(
    "未成年人保护法第十一条；高检发〔2020〕9号",
    "Law on the Protection of Minors, art. 11; Gaojianfa 9 of 2020",
)
_UNATTENDED = Text("未成年人保护法第二十一条", "Law on the Protection of Minors, art. 21")


class Triggers:
    suspected_abuse = Trigger(
        title=Text("疑似受侵害", "Suspected abuse"),
        fact=Fact(
            source=Community.grid_reports,
            where=(OneOf("kind", "abuse"), OneOf("verified", "open", "substantiated")),
        ),
        within_days=30,
        report_duty=True,
        basis=_REPORT,
    )
    domestic_violence_admonition = Trigger(
        title=Text("家庭暴力告诫书", "Domestic-violence admonition"),
        fact=Fact(source=Police.admonitions),
        within_days=30,
        report_duty=False,
        basis=Text(
            "反家庭暴力法第十七条：居（村）委会应当走访",
            "Anti-Domestic Violence Law, art. 17: the committee must visit",
        ),
    )
    missing_or_vagrant = Trigger(
        title=Text("走失或流浪", "Missing or vagrant"),
        fact=Fact(source=Police.missing_found),
        within_days=30,
        report_duty=True,
        basis=_REPORT,
    )
    safety_item = Trigger(
        title=Text("心理危机或安全题阳性", "Psychological crisis or positive safety item"),
        fact=Fact(source=Education.counsellor_visits, where=(OneOf("safety_item", "yes"),)),
        within_days=30,
        report_duty=False,
        basis=Text(
            "未成年人保护法第二十二条；精神卫生法第十六条",
            "Law on the Protection of Minors, art. 22; Mental Health Law, art. 16",
        ),
    )
    safety_item_in_instrument = Trigger(
        title=Text("测评安全题阳性", "Positive safety item in an instrument"),
        fact=Fact(source=Instruments.instrument_results, where=(OneOf("safety_item", "yes"),)),
        within_days=30,
        report_duty=False,
        basis=Text(
            "未成年人保护法第二十二条；精神卫生法第十六条",
            "Law on the Protection of Minors, art. 22; Mental Health Law, art. 16",
        ),
    )
    unattended_under_8_grid = Trigger(
        title=Text("8岁以下无人照料（网格）", "Under 8 and unattended (grid)"),
        fact=Fact(
            source=Community.grid_reports,
            where=(OneOf("kind", "unattended"), OneOf("verified", "open", "substantiated")),
        ),
        within_days=30,
        report_duty=True,
        basis=_UNATTENDED,
        younger_than_years=8,
    )
    unattended_under_8_visit = Trigger(
        title=Text("8岁以下无人照料（走访）", "Under 8 and unattended (visit)"),
        fact=Fact(source=CivilAffairs.care_visits, where=(OneOf("unattended", "yes"),)),
        within_days=30,
        report_duty=True,
        basis=_UNATTENDED,
        younger_than_years=8,
    )
    unattended_under_8_declared = Trigger(
        title=Text("8岁以下无人照料（自主申报）", "Under 8 and unattended (declared by the family)"),
        fact=Fact(source=Community.self_declarations, where=(OneOf("carer", "nobody"),)),
        within_days=30,
        report_duty=True,
        basis=_UNATTENDED,
        younger_than_years=8,
    )
    asked_for_help = Trigger(
        title=Text("主动求助", "Asked for help"),
        fact=Fact(source=CivilAffairs.care_visits, where=(OneOf("asked_for_help", "yes"),)),
        within_days=30,
        report_duty=False,
        basis=Text(
            "浙民儿〔2024〕124号一（二）：主动提出救助帮扶需求", "Zhejiang plan 1(2): those who ask for help"
        ),
    )
    declared_wish_for_help = Trigger(
        title=Text("自主申报求助", "Wished for help in a declaration"),
        fact=Fact(source=Community.self_declarations, where=(OneOf("wants_help", "yes"),)),
        within_days=30,
        report_duty=False,
        basis=Text(
            "杭州市加强流动儿童关爱保护推进方案：自主申报",
            "Hangzhou plan of 2024: families' own declarations",
        ),
    )


TRIGGERS: tuple[Trigger, ...] = declared(Triggers, Trigger)
