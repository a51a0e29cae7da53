"""What registers say of a family: permits, parents' insurance, its own declarations, the key-care ledger.

Data only. A ledger and a declaration say who was looked at and who spoke, beside what they say; `why`
and the leanings of the constitution tell which.
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
    Ratio,
    RiskDirection,
    Text,
    Trend,
    Window,
)
from features.sources import Community, Justice, Police, Welfare


class RegisterFeatures:
    # --- permits and parents' insurance ---------------------------------------------------------

    permits_held_1825d = Feature(
        title=Text("近五年居住证签发与签注次数", "Residence permits issued or renewed in the last five years"),
        family=FamilyLife.settling, source=Police.residence_permits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(1825), where=(OneOf("event", "issued", "renewed"),)),
        risk=RiskDirection.FALLS, unit="times",
        why="A permit needs steady work, a home or schooling, and opens services; no stable income goes with depressive symptoms (OR 1.348, Jinghong). No figure for permits themselves was found.",
        examples=(
            Example(
                "record | occurred | known | event",
                "1      | 1826     | 1810  | issued",
                "2      | 1825     | 1810  | issued",
                "3      | 1400     | 1390  | renewed",
                "4      | 1000     | 990   | renewed",
                "5      | 600      | 590   | cancelled",
                "6      | 300      | 290   | renewed",
                "6      | 300      | 90    | cancelled",
                "7      | 10       | 0     | renewed",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    days_since_permit_730d = Feature(
        title=Text("近两年最近一次居住证签发或签注距今天数", "Days since a residence permit was last issued or renewed, within two years"),
        family=FamilyLife.settling, source=Police.residence_permits,
        form=DaysSince(window=Window(730), where=(OneOf("event", "issued", "renewed"),)),
        risk=RiskDirection.RISES, unit="days", when_no_records=None, actionable=True,
        why="A permit is renewed every year; one long past its year may mean that work or home was lost, and with it the services that hang on it. Helping to renew is within a visit's reach.",
        examples=(
            Example("occurred | known | event", "730 | 720 | issued", "400 | 390 | cancelled", "10 | 0 | renewed", expect=730),
            Example("occurred | known | event", "731 | 720 | renewed", expect=None),
            Example("occurred | known | event", "486 | 476 | issued", "146 | 136 | renewed", expect=146),
        ),
    )  # fmt: skip

    permit_for_work_1825d = Feature(
        title=Text("近五年最近居住证是否以稳定就业申领", "Whether the latest residence permit in the last five years rests on steady work"),
        family=FamilyLife.livelihood, source=Police.residence_permits,
        form=Latest(column="ground", window=Window(1825), among=("work",)),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None,
        why="Steady work was proven when the permit was given; a home or schooling proves other things. No effect size was found, so the direction is left open.",
        examples=(
            Example("occurred | known | ground", "1825 | 1810 | work", "10 | 0 | home", expect=1),
            Example("occurred | known | ground", "1826 | 1810 | work", expect=None),
            Example("occurred | known | ground", "900 | 890 | work", "300 | 290 | school", "200 | 190 | -", expect=0),
        ),
    )  # fmt: skip

    insurance_stops_730d = Feature(
        title=Text("近两年父母停保或领取失业保险金次数", "Stops of a parent's social insurance or spells of unemployment benefit in the last two years"),
        family=FamilyLife.livelihood, source=Welfare.parent_insurance,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("state", "stopped", "unemployment"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="No stable income goes with depressive symptoms (OR 1.348, 1.004 to 1.809, Jinghong); a stop of insurance dates the loss of work that a register of jobs learns late.",
        examples=(
            Example(
                "record | occurred | known | who    | state",
                "1      | 731      | 700   | father | stopped",
                "2      | 730      | 700   | father | stopped",
                "3      | 500      | 470   | mother | unemployment",
                "4      | 450      | 420   | mother | unemployment",
                "5      | 300      | 270   | father | paying",
                "6      | 200      | 170   | father | stopped",
                "6      | 200      | 60    | father | paying",
                "7      | 30       | 0     | mother | stopped",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    parents_insured_share_1825d = Feature(
        title=Text("近五年父母社保状态记录中正常缴费的占比", "Share of the records of parents' social insurance in the last five years that say it is paid"),
        family=FamilyLife.livelihood, source=Welfare.parent_insurance,
        form=Ratio(part=(OneOf("state", "paying"),), window=Window(1825)),
        risk=RiskDirection.FALLS, unit="share", when_no_records=None,
        why="Work that comes and goes leaves stops between payments (no stable income: OR 1.348, Jinghong); parents without any contract leave no record, which is not known and not bad.",
        examples=(
            Example(
                "record | occurred | known | who    | state",
                "1      | 1826     | 1800  | father | paying",
                "2      | 1825     | 1800  | father | paying",
                "3      | 1400     | 1370  | father | stopped",
                "4      | 900      | 870   | mother | unemployment",
                "5      | 500      | 470   | mother | stopped",
                "5      | 500      | 90    | mother | unemployment",
                "6      | 30       | 0     | father | paying",
                expect=0.25,
            ),
            Example("occurred | known | who | state", "1826 | 1800 | father | paying", expect=None),
        ),
    )  # fmt: skip

    parents_insured_1825d = Feature(
        title=Text("近五年有正常缴费记录的父母人数", "How many parents were on record as paying social insurance in the last five years"),
        family=FamilyLife.livelihood, source=Welfare.parent_insurance,
        form=DistinctCount(column="who", window=Window(1825), where=(OneOf("state", "paying"),)),
        risk=RiskDirection.EITHER, unit="kinds",
        why="Two wages carry a loss that one does not, and two jobs leave less time at home; no Chinese figure weighs the one against the other, so the direction is left open.",
        examples=(
            Example(
                "record | occurred | known | who    | state",
                "1      | 1825     | 1800  | father | paying",
                "2      | 900      | 870   | mother | paying",
                "3      | 500      | 470   | mother | paying",
                expect=2,
            ),
            Example(
                "record | occurred | known | who    | state",
                "1      | 1826     | 1800  | mother | paying",
                "2      | 900      | 870   | father | paying",
                "3      | 800      | 770   | father | paying",
                "4      | 500      | 470   | mother | stopped",
                "5      | 30       | 0     | mother | paying",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    wages_legal_aid_730d = Feature(
        title=Text("近两年是否因监护人劳动报酬获得法律援助", "Whether legal aid about a guardian's wages was given in the last two years"),
        family=FamilyLife.livelihood, source=Justice.legal_aid,
        form=Ever(window=Window(730), where=(OneOf("matter", "wages"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Wages withheld are income lost at once (no stable income: OR 1.348, Jinghong); what came of the claim is worth asking, and temporary aid may bridge it.",
        examples=(
            Example("occurred | known | matter", "730 | 710 | wages", expect=1),
            Example(
                "record | occurred | known | matter",
                "1      | 731      | 711   | wages",
                "2      | 400      | 380   | support",
                "3      | 200      | 180   | wages",
                "3      | 200      | 90    | injury",
                "4      | 20       | 0     | wages",
                expect=0,
            ),
            Example("occurred | known | matter", "500 | 480 | wages", "100 | 80 | wages", expect=1),
        ),
    )  # fmt: skip

    # --- what the family itself declares ---------------------------------------------------------

    declared_hours_alone_365d = Feature(
        title=Text("近一年自主申报每周无人照料小时最高值", "Most hours unattended in a week that the family declared in the last year"),
        family=FamilyLife.care, source=Community.self_declarations,
        form=Aggregate(of=Aggregation.MAX, column="unattended_hours", window=Window(365)),
        risk=RiskDirection.RISES, unit="hours", when_no_records=None, actionable=True,
        why="Being left unattended below 8 is assumed at log-odds +1.2 for guardianship; a family that says so itself wishes to be helped, and most understate it.",
        examples=(
            Example(
                "record | occurred | known | unattended_hours",
                "1      | 366      | 360   | 40",
                "2      | 365      | 360   | 12",
                "3      | 200      | 190   | 5",
                "4      | 100      | 90    | -",
                "5      | 90       | 80    | 30",
                "5      | 90       | 20    | 3",
                "6      | 7        | 0     | 50",
                expect=12,
            ),
            Example("occurred | known | unattended_hours", "366 | 360 | 40", expect=None),
        ),
    )  # fmt: skip

    declared_hours_trend_1095d = Feature(
        title=Text("近三年自主申报无人照料小时的变化（每年）", "How declared hours unattended changed over the last three years (a year)"),
        family=FamilyLife.care, source=Community.self_declarations,
        form=Trend(column="unattended_hours", window=Window(1095)),
        risk=RiskDirection.RISES, unit="hours_a_year", when_no_records=None, actionable=True,
        why="Hours alone that grow say more than one number: care is getting harder to arrange. Being unattended is assumed at up to +1.2 for guardianship; no study gives a slope.",
        examples=(
            Example(
                "occurred | known | unattended_hours",
                "1096     | 1090  | 60",
                "1095     | 1065  | 10",
                "949      | 859   | 19",
                "511      | 501   | 20",
                "255      | 165   | -",
                "7        | 0     | 90",
                expect=5,
            ),
            Example("occurred | known | unattended_hours", "300 | 290 | 8", expect=None),
            Example("occurred | known | unattended_hours", "300 | 290 | 8", "300 | 290 | 4", expect=None),
            Example("occurred | known | unattended_hours", "300 | 290 | 8", "200 | 190 | 8", expect=0),
        ),
    )  # fmt: skip

    declared_help_share_1825d = Feature(
        title=Text("近五年自主申报中表示需要帮助的占比", "Share of the family's declarations in the last five years that wish for help"),
        family=FamilyLife.concern, source=Community.self_declarations,
        form=Ratio(
            part=(OneOf("wants_help", "yes"),), window=Window(1825), where=(OneOf("wants_help", "yes", "no"),)
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Who asks again and again was not helped enough; economic adversity and low attachment drive maltreatment (Shenzhen, no size given). A wish is answered at once whatever the risk.",
        examples=(
            Example(
                "record | occurred | known | wants_help",
                "1      | 1826     | 1820  | yes",
                "2      | 1825     | 1820  | yes",
                "3      | 1400     | 1390  | no",
                "4      | 900      | 890   | no",
                "5      | 500      | 490   | yes",
                "5      | 500      | 90    | no",
                "6      | 300      | 290   | -",
                "7      | 7        | 0     | yes",
                expect=0.25,
            ),
            Example("occurred | known | wants_help", "1826 | 1820 | yes", expect=None),
        ),
    )  # fmt: skip

    declared_without_adult_730d = Feature(
        title=Text("近两年是否申报平时由未成年兄姐照料或无人照料", "Whether the family declared in the last two years that nobody of age looks after the child"),
        family=FamilyLife.care, source=Community.self_declarations,
        form=Ever(window=Window(730), where=(OneOf("carer", "sibling", "nobody"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A sole or absent guardian is assumed at log-odds +0.9 for guardianship; by law a carer must be able to care (Law on the Protection of Minors, art. 21).",
        examples=(
            Example("occurred | known | carer", "730 | 720 | sibling", expect=1),
            Example(
                "record | occurred | known | carer",
                "1      | 731      | 720   | nobody",
                "2      | 400      | 390   | grandparent",
                "3      | 200      | 190   | nobody",
                "3      | 200      | 90    | paid",
                "4      | 7        | 0     | sibling",
                expect=0,
            ),
            Example("occurred | known | carer", "500 | 490 | nobody", "100 | 90 | parent", expect=1),
        ),
    )  # fmt: skip

    help_wished_for_730d = Feature(
        title=Text("近两年自主申报所需帮助的种类数", "Kinds of help the family wished for in the last two years"),
        family=FamilyLife.concern, source=Community.self_declarations,
        form=DistinctCount(column="need", window=Window(730)),
        risk=RiskDirection.RISES, unit="kinds", actionable=True,
        why="Several needs at once leave less to fall back on (two or more adversities in 24.8 percent of a county's pupils); each kind is a service of the provincial list.",
        examples=(
            Example(
                "record | occurred | known | need",
                "1      | 730      | 720   | care",
                "2      | 500      | 490   | study",
                "3      | 300      | 290   | study",
                "4      | 100      | 90    | -",
                expect=2,
            ),
            Example(
                "record | occurred | known | need",
                "1      | 731      | 720   | livelihood",
                "2      | 500      | 490   | care",
                "3      | 400      | 390   | care",
                "4      | 7        | 0     | papers",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip
