"""What a move and a change at home leave behind: how the child came to live where and with whom it lives.

Data only. Beside the household's latest state this asks how often and how fast it changed.
"""

from features.catalogue.families import FamilyLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    DistinctCount,
    Ever,
    Example,
    Feature,
    OneOf,
    Ratio,
    RiskDirection,
    Text,
    Window,
)
from features.sources import Justice, Police


class SettlingFeatures:
    household_change_kinds_730d = Feature(
        title=Text("近两年家庭变故种类数", "Kinds of loss or change in the household in the last two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=DistinctCount(
            column="kind", window=Window(730), where=(OneOf("kind", "divorced", "remarried", "parent_died", "guardian_changed"),)
        ),
        risk=RiskDirection.RISES, unit="kinds",
        why="Divorce (OR 1.290), remarriage (1.658) and loss each go with depressive symptoms (Jinghong); different blows within two years are assumed to add up, which one kind repeated need not.",
        examples=(
            Example(
                "occurred | known | kind",
                "730      | 700   | divorced",
                "365      | 335   | remarried",
                "243      | 213   | remarried",
                expect=2,
            ),
            Example(
                "occurred | known | kind",
                "731      | 701   | parent_died",
                "547      | 517   | divorced",
                "365      | 335   | divorced",
                "243      | 213   | sibling_born",
                "30       | 0     | parent_died",
                expect=1,
            ),
            Example(expect=0),
            Example("occurred | known | kind", "700 | 670 | parent_died", "300 | 270 | guardian_changed", expect=2),
        ),
    )  # fmt: skip

    sibling_born_730d = Feature(
        title=Text("近两年是否新增弟弟妹妹", "Whether a sibling was born in the last two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=Ever(window=Window(730), where=(OneOf("kind", "sibling_born"),)),
        risk=RiskDirection.EITHER, unit="yes_no",
        why="Children with siblings report more neglect (19 studies of pupils, no size given), yet a birth is no trouble in itself; the direction is left open.",
        examples=(
            Example("occurred | known | kind", "730 | 700 | sibling_born", expect=1),
            Example(
                "occurred | known | kind",
                "731      | 701   | sibling_born",
                "405      | 375   | divorced",
                "30       | 0     | sibling_born",
                expect=0,
            ),
            Example("occurred | known | kind", "486 | 456 | sibling_born", "146 | 116 | sibling_born", expect=1),
        ),
    )  # fmt: skip

    days_since_household_change_730d = Feature(
        title=Text("近两年最近一次家庭变故距今天数", "Days since the latest loss or change in the household, within two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=DaysSince(window=Window(730), where=(OneOf("kind", "divorced", "remarried", "parent_died", "guardian_changed"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None,
        why="How fresh a loss is decides what a visit can do; no Chinese study dates the effect of divorce or death, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | kind",
                "730      | 700   | divorced",
                "405      | 375   | sibling_born",
                "30       | 0     | divorced",
                expect=730,
            ),
            Example("occurred | known | kind", "731 | 701 | divorced", expect=None),
            Example("occurred | known | kind", "486 | 456 | divorced", "146 | 116 | guardian_changed", expect=146),
            Example("occurred | known | kind", "182 | 152 | remarried", expect=182),
            Example("occurred | known | kind", "182 | 152 | parent_died", expect=182),
        ),
    )  # fmt: skip

    legal_aid_730d = Feature(
        title=Text("近两年是否获得抚养或家庭暴力方面的法律援助", "Whether legal aid about the child's support or violence at home was given in the last two years"),
        family=FamilyLife.household, source=Justice.legal_aid,
        form=Ever(window=Window(730), where=(OneOf("matter", "support", "custody", "violence"),)),
        risk=RiskDirection.EITHER, unit="yes_no", actionable=True,
        why="Legal aid says both that there was a dispute and that the family found help with it; no effect size was found, so the direction is left open.",
        examples=(
            Example("occurred | known | matter", "730 | 700 | support", expect=1),
            Example(
                "record | occurred | known | matter",
                "1      | 731      | 701   | support",
                "2      | 405      | 375   | wages",
                "3      | 200      | 180   | custody",
                "3      | 200      | 90    | injury",
                "4      | 30       | 0     | support",
                expect=0,
            ),
            Example("occurred | known | matter", "486 | 456 | custody", "146 | 116 | custody", expect=1),
            Example("occurred | known | matter", "146 | 116 | violence", expect=1),
        ),
    )  # fmt: skip

    dwelling_kinds_1825d = Feature(
        title=Text("近五年登记居所的种类数", "Kinds of dwelling registered in the last five years"),
        family=FamilyLife.settling, source=Police.residence,
        form=DistinctCount(column="dwelling", window=Window(1825)),
        risk=RiskDirection.RISES, unit="kinds",
        why="Moves unsettle (changing school: OR 1.318, Jinghong); rooms, dormitory and shed in turn mean a home that did not settle. No figure for dwellings themselves was found.",
        examples=(
            Example(
                "occurred | known | dwelling",
                "1825     | 1805  | rented",
                "912      | 892   | dormitory",
                "608      | 588   | dormitory",
                "456      | 436   | -",
                expect=2,
            ),
            Example(
                "occurred | known | dwelling",
                "1826     | 1806  | worksite",
                "1368     | 1348  | rented",
                "912      | 892   | rented",
                "20       | 0     | worksite",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    living_arrangements_1825d = Feature(
        title=Text("近五年登记共同居住人的种类数", "Kinds of people the child was registered as living with in the last five years"),
        family=FamilyLife.settling, source=Police.residence,
        form=DistinctCount(column="living_with", window=Window(1825)),
        risk=RiskDirection.RISES, unit="kinds",
        why="Parents away go with depression (RR 1.52) and neglect (OR 1.58); being passed from carer to carer is the same loss repeated, though no figure counts the changes.",
        examples=(
            Example(
                "occurred | known | living_with",
                "1825     | 1805  | both_parents",
                "912      | 892   | grandparents",
                "608      | 588   | grandparents",
                "456      | 436   | -",
                expect=2,
            ),
            Example(
                "occurred | known | living_with",
                "1826     | 1806  | mother",
                "1368     | 1348  | both_parents",
                "912      | 892   | both_parents",
                "20       | 0     | mother",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    without_parents_share_1825d = Feature(
        title=Text("近五年居住登记中不与父母同住的占比", "Share of registrations in the last five years with neither parent"),
        family=FamilyLife.care, source=Police.residence,
        form=Ratio(
            part=(OneOf("living_with", "grandparents", "other_relative", "others"),),
            window=Window(1825),
            where=(OneOf("living_with", "both_parents", "mother", "father", "grandparents", "other_relative", "others"),),
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None,
        why="Parents away go with depression (RR 1.52), anxiety (1.85) and neglect (OR 1.58); a share tells years apart from a summer, which the latest registration alone cannot.",
        examples=(
            Example(
                "occurred | known | living_with",
                "1826     | 1806  | grandparents",
                "1825     | 1805  | grandparents",
                "1629     | 1609  | other_relative",
                "1433     | 1413  | others",
                "1237     | 1217  | both_parents",
                "1041     | 1021  | mother",
                "845      | 825   | mother",
                "649      | 629   | father",
                "453      | 433   | father",
                "257      | 237   | -",
                "20       | 0     | grandparents",
                expect=0.375,
            ),
            Example("occurred | known | living_with", "1826 | 1806 | grandparents", expect=None),
        ),
    )  # fmt: skip

    days_since_registration_1825d = Feature(
        title=Text("近五年最近一次居住登记距今天数", "Days since the latest residence registration, within five years"),
        family=FamilyLife.settling, source=Police.residence,
        form=DaysSince(window=Window(1825)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None,
        why="Difficulties are high at arrival, fall, and rise again after about eight years (7,296 children, Beijing); an old registration may also be one nobody renewed. The direction is left open.",
        examples=(
            Example("occurred | known | dwelling", "1825 | 1805 | rented", "20 | 0 | rented", expect=1825),
            Example("occurred | known | dwelling", "1826 | 1806 | rented", expect=None),
            Example("occurred | known | dwelling", "1216 | 1196 | rented", "365 | 345 | rented", expect=365),
        ),
    )  # fmt: skip

    registrations_180d = Feature(
        title=Text("近180天居住登记与变更次数", "Residence registrations and changes in the last 180 days"),
        family=FamilyLife.settling, source=Police.residence,
        form=Aggregate(of=Aggregation.COUNT, window=Window(180)),
        risk=RiskDirection.EITHER, unit="times",
        why="A move within the last half-year is when settling is hardest (difficulties are highest at arrival, Beijing), yet a renewal looks the same; the direction is left open.",
        examples=(
            Example(
                "occurred | known | dwelling",
                "181      | 167   | rented",
                "180      | 166   | rented",
                "114      | 100   | dormitory",
                "14       | 0     | rented",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip
