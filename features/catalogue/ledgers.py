"""What those who look after children have written down before: ledger, urgings, lines called.

Data only. Much of it says where people looked: counts grow with looking, and the constitution says so.
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
    Latest,
    OneOf,
    RiskDirection,
    Text,
    Window,
)
from features.sources import CivilAffairs, Community, Justice


class LedgerFeatures:
    key_care_entries_730d = Feature(
        title=Text("近两年列入重点关爱台账次数", "Entries in the key-care ledger in the last two years"),
        family=FamilyLife.concern, source=CivilAffairs.key_care_ledger,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("event", "entered"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Who is entered has hardship, illness or weak care by a person's judgement (assumed at +0.6 to +0.9); being entered also means being visited more, so the entry is told with its date.",
        examples=(
            Example(
                "record | occurred | known | event    | category",
                "1      | 731      | 720   | entered  | hardship",
                "2      | 730      | 720   | entered  | hardship",
                "3      | 500      | 490   | reviewed | hardship",
                "4      | 300      | 290   | entered  | guardianship",
                "5      | 200      | 190   | entered  | asked",
                "5      | 200      | 90    | removed  | asked",
                "6      | 15       | 0     | entered  | mind",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    key_care_high_level_730d = Feature(
        title=Text("近两年台账最近关爱等级是否为一级或二级", "Whether the ledger's latest level in the last two years is the first or second"),
        family=FamilyLife.concern, source=CivilAffairs.key_care_ledger,
        form=Latest(
            column="level", window=Window(730), where=(OneOf("event", "entered", "reviewed"),), among=("first", "second")
        ),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="The level is a person's judgement of how much care is needed, on the same grounds as guardianship (a sole or absent guardian: +0.9 assumed); what is removed no longer counts.",
        examples=(
            Example("occurred | known | event | level", "730 | 720 | entered | first", "15 | 0 | reviewed | watch", expect=1),
            Example("occurred | known | event | level", "731 | 720 | entered | first", expect=0),
            Example(
                "record | occurred | known | event    | level",
                "1      | 600      | 590   | entered  | first",
                "2      | 400      | 390   | reviewed | third",
                "3      | 300      | 290   | reviewed | second",
                "3      | 300      | 90    | reviewed | watch",
                "4      | 200      | 190   | removed  | first",
                expect=0,
            ),
            Example("occurred | known | event | level", "400 | 390 | entered | second", expect=1),
            Example("occurred | known | event | level", "400 | 390 | reviewed | second", expect=1),
        ),
    )  # fmt: skip

    key_care_categories_1825d = Feature(
        title=Text("近五年列入重点关爱台账的类别数", "Categories under which the child stood in the key-care ledger in the last five years"),
        family=FamilyLife.concern, source=CivilAffairs.key_care_ledger,
        form=DistinctCount(column="category", window=Window(1825)),
        risk=RiskDirection.RISES, unit="kinds",
        why="Hardship (+0.6), illness (+0.6) and weak care (+0.9, all assumed for guardianship) add up; being entered for one thing after another says that more than one thing is amiss.",
        examples=(
            Example(
                "record | occurred | known | event    | category",
                "1      | 1825     | 1810  | entered  | hardship",
                "2      | 900      | 890   | entered  | illness",
                "3      | 700      | 690   | reviewed | illness",
                expect=2,
            ),
            Example(
                "record | occurred | known | event    | category",
                "1      | 1826     | 1810  | entered  | guardianship",
                "2      | 900      | 890   | entered  | asked",
                "3      | 700      | 690   | removed  | asked",
                "4      | 15       | 0     | entered  | mind",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    days_since_key_care_change_730d = Feature(
        title=Text("近两年重点关爱台账最近变动距今天数", "Days since the key-care ledger last changed for the child, within two years"),
        family=FamilyLife.concern, source=CivilAffairs.key_care_ledger,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="The plan asks for a review every half-year: an old entry may be forgotten, a fresh one may be an emergency. The direction is left open, and a review is what can be done.",
        examples=(
            Example("occurred | known | event", "730 | 720 | entered", "15 | 0 | reviewed", expect=730),
            Example("occurred | known | event", "731 | 720 | entered", expect=None),
            Example("occurred | known | event", "486 | 476 | entered", "146 | 136 | reviewed", expect=146),
        ),
    )  # fmt: skip

    guardianship_urgings_730d = Feature(
        title=Text("近两年督促监护令份数", "Urgings to guard issued by the procuratorate in the last two years"),
        family=FamilyLife.concern, source=Justice.guardianship_urgings,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="An urging says that guardians did not do what the law asks (art. 118); a substantiated report is assumed at log-odds +1.6 for guardianship, and an urging stands near to it.",
        examples=(
            Example(
                "record | occurred | known | reason",
                "1      | 731      | 720   | left_alone",
                "2      | 730      | 720   | left_alone",
                "3      | 300      | 290   | unsafe",
                "4      | 200      | 190   | unsafe",
                "4      | 900      | 90    | unsafe",
                "5      | 15       | 0     | schooling",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    urging_unheeded_730d = Feature(
        title=Text("近两年督促监护后是否仍未改善", "Whether an urging to guard was found unheeded in the last two years"),
        family=FamilyLife.concern, source=Justice.guardianship_urgings,
        form=Ever(window=Window(730), where=(OneOf("followed", "unchanged"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="What was urged and did not change is what returns: earlier substantiated concerns are assumed at log-odds +1.6 for guardianship. The next step is a person's to choose.",
        examples=(
            Example("occurred | known | followed", "730 | 720 | unchanged", expect=1),
            Example(
                "record | occurred | known | followed",
                "1      | 731      | 720   | unchanged",
                "2      | 400      | 390   | partly",
                "3      | 200      | 190   | unchanged",
                "3      | 200      | 90    | improved",
                "4      | 15       | 0     | unchanged",
                expect=0,
            ),
            Example("occurred | known | followed", "500 | 490 | unchanged", "100 | 90 | unchanged", expect=1),
        ),
    )  # fmt: skip

    lines_called_730d = Feature(
        title=Text("近两年拨打过的热线条数", "How many different lines were called in the last two years"),
        family=FamilyLife.concern, source=Community.hotline_calls,
        form=DistinctCount(column="line", window=Window(730)),
        risk=RiskDirection.RISES, unit="kinds", actionable=True,
        why="Sadness and loneliness go with anxiety (OR 2.51 and up to 8.35, Zhejiang); who tries one line after another has not yet been heard. Callers who give a name are few.",
        examples=(
            Example(
                "record | occurred | known | topic         | line",
                "1      | 730      | 720   | psychological | province_mind",
                "2      | 500      | 490   | psychological | youth",
                "3      | 300      | 290   | study         | youth",
                "4      | 100      | 90    | study         | -",
                expect=2,
            ),
            Example(
                "record | occurred | known | topic         | line",
                "1      | 731      | 720   | psychological | national_mind",
                "2      | 500      | 490   | psychological | youth",
                "3      | 400      | 390   | psychological | youth",
                "4      | 7        | 0     | rights        | province_mind",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip
