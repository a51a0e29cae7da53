"""A declaration that could not be computed, explained or lawfully used must not come into being."""

from datetime import date

import pytest

from features.catalogue.families import FamilyLife
from features.language import (
    KNOWN_PROXIES,
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Code,
    Column,
    Condition,
    DaysSince,
    DeclarationError,
    Department,
    DistinctCount,
    Ever,
    Example,
    Fact,
    Feature,
    Kind,
    Latest,
    OneOf,
    Personal,
    Ratio,
    RiskDirection,
    Source,
    Text,
    Trend,
    Use,
    Window,
    YearsSince,
    forbidden_meaning,
    known_proxy,
)
from features.sources import SOURCES, CivilAffairs, Education, Health, Police, Review

COUNT_A_YEAR = Aggregate(of=Aggregation.COUNT, window=Window(365))
ONE_ABSENCE = Example("occurred | known", "5 | 5", expect=1)


def feature(**changes: object) -> Feature:
    """A lawful feature, changed where the test says so."""
    given: dict[str, object] = {
        "title": Text("近一年缺勤天数", "Absences in the last year"),
        "family": FamilyLife.care,
        "source": Education.absences,
        "form": COUNT_A_YEAR,
        "risk": RiskDirection.RISES,
        "unit": "days",
        "why": "A reason somebody can check.",
        "examples": (ONE_ABSENCE,),
    }
    return Feature(**(given | changes))  # type: ignore[arg-type]


def column(name: str = "level", **changes: object) -> Column:
    given: dict[str, object] = {"title": Text("程度", "Level"), "kind": Kind.INTEGER}
    return Column(name, **(given | changes))  # type: ignore[arg-type]


def source(*columns: Column, **changes: object) -> Source:
    given: dict[str, object] = {
        "title": Text("测试来源", "Test source"),
        "department": Department.EDUCATION,
        "occurred": Text("发生日期", "Happened on"),
        "columns": columns,
        "legal_basis": Text("某法", "Some law"),
        "rhythm_days": 92,
        "delay_days": 7,
        "meaning": Text("一条测试记录。", "One record of a test."),
    }
    made = Source(**(given | changes))  # type: ignore[arg-type]
    made.__set_name__(object, "test_source")
    return made


def refused(sentence: str):
    return pytest.raises(DeclarationError, match=sentence)


def test_the_builders_of_these_tests_make_lawful_declarations():
    declared = feature(source=source(column()), examples=(Example("occurred | level", "5 | 2", expect=1),))

    assert declared.columns_used == ()
    assert declared.form.window == Window(365)


# --- wordings, columns and sources ---------------------------------------------------------------


@pytest.mark.parametrize(("zh", "en"), [("", "Words"), ("字", " "), (" ", "")])
def test_a_wording_without_both_languages_is_refused(zh, en):
    with refused("A wording needs both languages"):
        Text(zh, en)


def test_a_wording_knows_two_languages_and_no_third():
    text = Text("字", "Words")

    assert (text["zh"], text["en"]) == ("字", "Words")
    with pytest.raises(KeyError, match="Languages are zh and en, not 'fr'"):
        text["fr"]


def test_a_code_column_without_codes_is_refused():
    with refused("a code column needs codes"):
        column(kind=Kind.CODE)


def test_codes_on_a_column_of_another_kind_are_refused():
    with refused("no other may have them"):
        column(codes=(Code("a", Text("甲", "A")),))


@pytest.mark.parametrize("name", ["Level", "2nd", "the level", "级别", ""])
def test_a_column_name_that_is_no_plain_word_is_refused(name):
    with refused("lower case words joined by underscores"):
        column(name)


def test_a_column_that_identifies_a_person_is_refused_as_a_signal():
    with refused("identifies a person and cannot be a signal"):
        column(personal=Personal.DIRECT)

    assert column(personal=Personal.DIRECT, use=Use.ELIGIBILITY).personal is Personal.DIRECT


def test_two_codes_that_arrive_alike_are_refused():
    with refused("two codes share a delivered form"):
        column(kind=Kind.CODE, codes=(Code("a", Text("甲", "A"), ("1",)), Code("b", Text("乙", "B"), ("1",))))


def test_a_column_tells_its_codes_and_knows_no_others():
    kind = Education.absences.column("kind")

    assert kind.code("unexplained").forms == ("unexplained", "无故缺勤", "3", "旷课")
    with pytest.raises(KeyError, match="has no code 'asleep'"):
        kind.code("asleep")


def test_two_columns_of_one_name_are_refused():
    with refused("two columns share a name"):
        source(column(), column(title=Text("别的", "Other")))


def test_a_derived_column_that_nothing_derives_is_refused():
    with refused("nothing derives its derived columns"):
        source(column("level", derived=True))


def test_two_columns_that_arrive_under_one_title_are_refused():
    with refused("two columns share a delivered title"):
        source(column("level"), column("depth", title=Text("深度", "Depth"), aliases=("程度",)))


@pytest.mark.parametrize("days", [{"rhythm_days": 0}, {"delay_days": -1}])
def test_a_source_with_impossible_days_is_refused(days):
    with refused("rhythm and delay are in days"):
        source(column(), **days)


def test_a_source_is_silent_after_two_missed_deliveries_and_a_month():
    assert source(column(), rhythm_days=92).silent_after_days == 214


def test_a_source_has_no_columns_but_its_own():
    made = source(column())
    nameless = Source(
        title=Text("无名来源", "Nameless source"),
        department=Department.GRID,
        occurred=Text("发生日期", "Happened on"),
        columns=(),
        legal_basis=Text("某法", "Some law"),
        rhythm_days=1,
        delay_days=0,
        meaning=Text("一条测试记录。", "One record of a test."),
    )

    with refused("Source test_source has no column 'depth'"):
        made.column("depth")
    with refused("Source Nameless source has no column 'depth'"):
        nameless.column("depth")


# --- conditions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (OneOf("kind", "asleep"), r"absences.kind has no code \['asleep'\]"),
        (OneOf("kind", "sick", "asleep"), r"absences.kind has no code \['asleep'\]"),
        (OneOf("kind"), "absences.kind has no code named"),
        (OneOf("sessions", "2"), "absences.sessions holds no codes; use AtLeast or AtMost"),
        (AtLeast("kind", 2), "absences.kind is not a number; use OneOf"),
        (AtMost("kind", 2), "absences.kind is not a number; use OneOf"),
        (OneOf("weather", "rain"), "Source absences has no column 'weather'"),
    ],
)
def test_a_condition_the_source_cannot_answer_is_refused(condition: Condition, sentence):
    with refused(sentence):
        feature(form=Ever(window=Window(90), where=(condition,)))
    with refused(sentence):
        Fact(source=Education.absences, where=(condition,))


@pytest.mark.parametrize("condition", [OneOf("unattended", "perhaps"), OneOf("unattended")])
def test_a_flag_is_asked_for_yes_or_no(condition):
    with refused("care_visits.unattended is a flag: its codes are yes and no"):
        Fact(source=CivilAffairs.care_visits, where=(condition,))


def test_a_window_below_one_day_is_refused():
    with refused("at least one day long"):
        Window(0)


# --- features: what could not be computed ----------------------------------------------------------


def test_a_count_of_a_column_is_refused():
    with refused("a count takes no column"):
        feature(form=Aggregate(of=Aggregation.COUNT, column="sessions", window=Window(90)))


def test_an_aggregate_of_nothing_is_refused():
    with refused("every other aggregate one"):
        feature(form=Aggregate(of=Aggregation.SUM, window=Window(90)))


def test_an_aggregate_of_codes_is_refused():
    with refused("kind is not a number"):
        feature(form=Aggregate(of=Aggregation.MAX, column="kind", window=Window(90)))


def test_the_latest_of_codes_must_say_which_codes():
    with refused("the latest kind is not a number; name codes in among"):
        feature(form=Latest(column="kind", window=Window(90)))


def test_the_latest_among_unknown_codes_is_refused():
    with refused(r"has no code \['asleep'\]"):
        feature(form=Latest(column="kind", window=Window(90), among=("asleep",)))


def test_years_since_something_that_is_no_date_is_refused():
    with refused("sessions is not a date"):
        feature(form=YearsSince(column="sessions"))


def test_a_trend_of_codes_is_refused():
    with refused("kind is no number to have a trend"):
        feature(form=Trend(column="kind", window=Window(365)))


@pytest.mark.parametrize("bounds", [{}, {"minimum": 0}, {"maximum": 9}])
def test_a_trend_of_numbers_without_bounds_is_refused(bounds):
    with refused("a trend needs bounds of level"):
        feature(
            source=source(column(**bounds)),
            form=Trend(column="level", window=Window(365)),
            examples=(Example("occurred | level", "5 | 2", expect=None),),
        )


@pytest.mark.parametrize("name", ["sessions", "weather"])
def test_kinds_are_counted_only_where_there_are_codes(name):
    with refused("sessions holds no codes to tell apart|has no column 'weather'"):
        feature(form=DistinctCount(column=name, window=Window(365)))


def test_the_kinds_of_a_flag_are_not_counted():
    with refused("unattended holds no codes to tell apart"):
        feature(source=CivilAffairs.care_visits, form=DistinctCount(column="unattended", window=Window(365)))


def test_a_share_of_everything_is_refused():
    with refused("a ratio says what it is the share of"):
        feature(form=Ratio(part=(), window=Window(365)))


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (OneOf("kind", "asleep"), r"absences.kind has no code \['asleep'\]"),
        (AtLeast("kind", 2), "absences.kind is not a number; use OneOf"),
    ],
)
def test_a_part_the_source_cannot_answer_is_refused(part, sentence):
    with refused(sentence):
        feature(form=Ratio(part=(part,), window=Window(365)))


@pytest.mark.parametrize("name", ["occurred_on", "recorded_on"])
def test_a_feature_reads_only_columns_that_stand_in_the_lake(name):
    with refused(f"column {name} is none of the source's own"):
        feature(form=YearsSince(column=name))


def test_a_feature_without_an_example_is_refused():
    with refused("a feature needs a worked example"):
        feature(examples=())


def test_a_feature_that_does_not_say_why_is_refused():
    with refused("say why we ask"):
        feature(why="  ")


def test_what_is_sensitive_cannot_be_offered_as_actionable():
    with refused("what is sensitive cannot be offered as actionable"):
        feature(sensitive=True, actionable=True)


@pytest.mark.parametrize("name", ["absences", "absences_90d", "absences_365", "absences_365d_"])
def test_a_feature_whose_name_hides_its_window_is_refused(name):
    with refused("must end in _365d"):
        feature().__set_name__(object, name)
    # Python 3.11 wraps what a class body raises while it names its members; later versions do not.
    with pytest.raises((DeclarationError, RuntimeError)):
        type("Features", (), {name: feature()})


def test_a_feature_is_named_once_by_its_attribute():
    class Features:
        absences_365d = feature()
        age_years = feature(
            source=Police.residence,
            form=YearsSince(column="birth_on"),
            examples=(Example("occurred | birth_on", "5 | 1461", expect=4),),
        )

    assert Features.absences_365d.name == "absences_365d"
    assert Features.age_years.columns_used == ("birth_on",)
    assert len({Features.absences_365d, Features.age_years}) == 2


# --- worked examples --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        (Example("occurred | kind", "5", expect=1), "line 1 has 1 cells, its header 2"),
        (Example("known | kind", "5 | sick", expect=1), "says when each record occurred"),
        (Example("occurred | kind", "soon | sick", expect=1), "a whole number, not 'soon'"),
        (Example("occurred | known", "5 | 2.5", expect=1), "a whole number, not '2.5'"),
        (Example("occurred | kind", "5 | asleep", expect=1), "kind has no code 'asleep'"),
        (Example("occurred | sessions", "5 | many", expect=1), "sessions holds a number, not 'many'"),
        (Example("occurred | weather", "5 | rain", expect=1), "has no column 'weather'"),
    ],
)
def test_an_example_that_does_not_fit_its_source_is_refused(example, sentence):
    with refused(sentence):
        feature(examples=(example,))


def test_an_example_of_a_flag_says_yes_or_no():
    with refused("A flag is yes or no, not 'perhaps'"):
        Example("occurred | unattended", "5 | perhaps", expect=1).records(CivilAffairs.care_visits)


def test_an_example_reads_as_the_records_it_shows():
    example = Example(
        "record | occurred | known | sessions | kind",
        "a      | 10       | 2     | 4        | sick",
        "a      | 10       | 0     | -        |",
        expect=1,
    )

    first, second = example.records(Education.absences, date(2024, 4, 1))

    assert (first.record_id, first.occurred_on, first.known_on) == ("a", date(2024, 3, 22), date(2024, 3, 30))
    assert first.values == {"sessions": 4.0, "kind": "sick"}
    assert second.known_on == date(2024, 4, 1)
    assert second.values == {"sessions": None, "kind": None}


def test_an_example_without_lines_has_no_records():
    empty = Example(expect=0)

    assert (empty.header, empty.cells, empty.records(Education.absences)) == ((), (), ())


def test_an_example_shows_dates_and_flags_and_the_day_it_was_known_by_default():
    (lived,) = Example("occurred | birth_on", "3 | 366", expect=1).records(Police.residence, date(2024, 4, 1))
    (visited,) = Example("occurred | unattended", "3 | no", expect=1).records(CivilAffairs.care_visits)

    assert lived.values == {"birth_on": date(2023, 4, 1)}
    assert lived.known_on == lived.occurred_on == date(2024, 3, 29)
    assert visited.values == {"unattended": "no"}


# --- features: what must never decide about a child -------------------------------------------------

FORBIDDEN = [
    ("minzu", "族群", "Group"),
    ("ethnicity", "族群", "Group"),
    ("people_group", "民族", "Group"),
    ("citizenship", "国籍", "Passport"),
    ("hukou_type", "户别", "Household type"),
    ("household_type", "户口性质", "Household type"),
    ("hukou_area", "登记地", "Registered area"),
    ("home_area", "户籍地", "Home area"),
    ("home_area", "籍贯", "Home area"),
    ("origin_province", "省份", "Province"),
    ("birthplace", "地点", "Place"),
    ("hometown", "地点", "Place"),
    ("offences", "次数", "Times"),
    ("police_matters", "违法次数", "Times"),
    ("school_matters", "处分", "Times"),
    ("school_matters", "次数", "Punishments at school"),
    ("delinquency", "次数", "Times"),
    ("credit_level", "等级", "Level"),
    ("family_level", "征信等级", "Level"),
    ("family_level", "失信", "Level"),
    ("gps_points", "点数", "Points"),
    ("points", "定位点数", "Points"),
    ("points", "轨迹", "Points"),
    ("points", "点数", "Location points"),
    ("belief", "宗教", "Belief"),
]


@pytest.mark.parametrize(("name", "zh", "en"), FORBIDDEN)
def test_a_feature_on_a_forbidden_column_is_refused(name, zh, en):
    unlawful = source(Column(name, Text(zh, en), Kind.INTEGER, minimum=0, maximum=9))
    example = Example(f"occurred | {name}", "5 | 2", expect=2)

    for form in (
        Latest(column=name, window=Window(90)),
        Aggregate(of=Aggregation.MAX, column=name, window=Window(90)),
        Aggregate(of=Aggregation.COUNT, window=Window(90), where=(AtLeast(name, 1),)),
        Ever(window=Window(90), where=(AtMost(name, 1),)),
        DaysSince(window=Window(90), where=(AtLeast(name, 1),)),
        Trend(column=name, window=Window(90)),
        Ratio(part=(AtLeast(name, 1),), window=Window(90)),
    ):
        with refused(f"column {name} may not be used"):
            feature(source=unlawful, form=form, examples=(example,))


def test_another_title_under_which_a_forbidden_column_arrives_gives_it_away():
    disguised = source(column("people_group", title=Text("群体", "Group"), aliases=("民族",)))

    with refused("column people_group may not be used"):
        feature(
            source=disguised,
            form=Latest(column="people_group", window=Window(90)),
            examples=(Example("occurred | people_group", "5 | 2", expect=2),),
        )


@pytest.mark.parametrize(
    "title",
    [
        Text("近一年违法记录次数", "Matters in the last year"),
        Text("近一年事项次数", "Offences of the child in the last year"),
        Text("近一年少数民族活动次数", "Activities in the last year"),
        Text("近一年信用扣分次数", "Deductions in the last year"),
        Text("近一年户籍地往返次数", "Journeys in the last year"),
    ],
)
def test_a_feature_whose_title_speaks_of_a_forbidden_input_is_refused(title):
    with refused("speaks of a forbidden input"):
        feature(title=title)


def test_a_feature_whose_name_speaks_of_a_forbidden_input_is_refused():
    with refused("Feature credit_365d speaks of a forbidden input"):
        feature().__set_name__(object, "credit_365d")


def test_counting_the_rows_of_a_forbidden_source_is_refused():
    with refused("source Youth offences may not be used"):
        feature(source=source(column(), title=Text("未成年人违法记录", "Youth offences")))


@pytest.mark.parametrize(
    "form",
    [
        Ever(window=Window(365), where=(OneOf("kind", "expelled"),)),
        Latest(column="kind", window=Window(365), among=("expelled",)),
        Ratio(part=(OneOf("kind", "expelled"),), window=Window(365)),
        DistinctCount(column="kind", window=Window(365)),
    ],
)
def test_asking_for_a_code_that_is_a_forbidden_input_is_refused(form):
    kinds = (Code("moved", Text("转学", "Moved")), Code("expelled", Text("处分离校", "Expelled")))
    moves = source(column("kind", title=Text("类型", "Kind"), kind=Kind.CODE, codes=kinds))
    example = Example("occurred | kind", "5 | moved", expect=0)

    with refused("speaks of a forbidden input"):
        feature(source=moves, form=form, examples=(example,))


def test_asking_for_the_lawful_code_beside_it_is_allowed():
    kinds = (Code("moved", Text("转学", "Moved")), Code("expelled", Text("处分离校", "Expelled")))
    moves = source(column("kind", title=Text("类型", "Kind"), kind=Kind.CODE, codes=kinds))

    declared = feature(
        source=moves,
        form=Ever(window=Window(365), where=(OneOf("kind", "moved"),)),
        examples=(Example("occurred | kind", "5 | moved", expect=1),),
    )

    assert declared.columns_used == ("kind",)


def test_where_a_child_is_registered_is_never_a_feature():
    with refused("hukou_area"):
        feature(
            source=Police.residence,
            form=Latest(column="hukou_area", window=Window(365)),
            examples=(Example(expect=0),),
        )
    with refused("column hukou_area may not be used|holds no codes"):
        feature(
            source=Police.residence,
            form=Ever(window=Window(365), where=(OneOf("hukou_area", "330109"),)),
            examples=(Example(expect=0),),
        )


def test_sex_is_kept_for_the_audit_and_is_never_a_feature():
    for form in (
        Latest(column="sex", window=Window(365), among=("female",)),
        Ever(window=Window(365), where=(OneOf("sex", "male"),)),
    ):
        with refused("column sex may not be used .kept for audit only."):
            feature(source=Police.residence, form=form, examples=(Example(expect=0),))


def test_the_day_a_child_left_is_kept_for_eligibility():
    with refused("column left_on may not be used .kept for eligibility only."):
        feature(source=Police.residence, form=YearsSince(column="left_on"), examples=(Example(expect=None),))


NOT_SIGNALS = [
    (each, column)
    for each in SOURCES
    for column in each.columns
    if column.use is not Use.SIGNAL and column.kind not in (Kind.TEXT, Kind.ANSWERS)
]


@pytest.mark.parametrize(
    ("each", "held"), NOT_SIGNALS, ids=[f"{each.name}.{held.name}" for each, held in NOT_SIGNALS]
)
def test_no_column_held_for_eligibility_or_audit_can_enter_a_feature(each, held):
    if held.kind is Kind.DATE:
        form = YearsSince(column=held.name)
    elif held.kind is Kind.CODE:
        form = Latest(column=held.name, window=Window(365), among=(held.codes[0].value,))
    elif held.kind is Kind.FLAG:
        form = Latest(column=held.name, window=Window(365), among=("yes",))
    else:
        form = Latest(column=held.name, window=Window(365))

    with refused("may not be used|may not feed a screener|none of the source's own in the lake"):
        feature(source=each, form=form, examples=(Example(expect=0),))


@pytest.mark.parametrize("queue", [Review.dispositions, Review.alerts], ids=["dispositions", "alerts"])
def test_what_the_review_queue_decided_never_feeds_a_screener(queue):
    with refused("what the review queue decided may not feed a screener"):
        feature(source=queue, examples=(Example(expect=0),))


def test_lawful_words_are_not_taken_for_forbidden_ones():
    said = ("absences", "缺勤记录", "Domestic-violence admonitions", "家庭暴力告诫书", "Age", "年龄")

    assert forbidden_meaning(*said) is None
    assert forbidden_meaning("Absences", "MINZU") == "ethnicity"


# --- features: what would stand in for what must never decide ------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        Latest(column="school_type", window=Window(730), among=("migrant",)),
        DistinctCount(column="school_type", window=Window(730)),
        Ratio(part=(OneOf("school_type", "migrant"),), window=Window(730)),
        Ever(window=Window(730), where=(OneOf("school_type", "migrant"),)),
    ],
)
def test_a_feature_on_a_known_proxy_is_refused(form):
    with refused("rests on a known proxy, School type: schools for migrant children"):
        feature(source=Education.enrolments, form=form, examples=(Example(expect=0),))


@pytest.mark.parametrize(
    ("name", "zh", "en", "proxy"),
    [
        ("school_code", "学校", "School", "School code"),
        ("school", "学校标识码", "School", "School code"),
        ("area_code", "地区", "District", "Area and address"),
        ("place", "现住地址", "Place", "Area and address"),
        ("guardian_id_number", "号码", "Number", "Identity numbers"),
        ("surname", "姓", "Family", "Name"),
        ("guardian_phone", "联系方式", "Contact", "Telephone number"),
        ("speech", "方言", "Speech", "Dialect and mother tongue"),
        ("meals", "清真餐", "Meals", "Diet"),
        ("standing", "积分", "Standing", "Settlement points"),
    ],
)
def test_a_proxy_is_known_by_name_or_title(name, zh, en, proxy):
    disguised = source(Column(name, Text(zh, en), Kind.INTEGER))

    with refused(f"rests on a known proxy, {proxy}"):
        feature(
            source=disguised,
            form=Latest(column=name, window=Window(90)),
            examples=(Example(f"occurred | {name}", "5 | 2", expect=2),),
        )


def test_another_title_under_which_a_proxy_arrives_gives_it_away():
    disguised = source(column("group", title=Text("分组", "Group"), aliases=("学校代码",)))

    with refused("rests on a known proxy, School code"):
        feature(
            source=disguised,
            form=Latest(column="group", window=Window(90)),
            examples=(Example("occurred | group", "5 | 2", expect=2),),
        )


def test_a_title_or_a_name_that_speaks_of_a_proxy_is_refused():
    with refused("rests on a known proxy, Area and address"):
        feature(title=Text("近一年更换住址次数", "Moves in the last year"))
    with refused("rests on a known proxy, Dialect"):
        feature().__set_name__(object, "dialect_365d")


def test_every_known_proxy_says_why_in_both_languages_and_is_named_once():
    titles = [proxy.title.en for proxy in KNOWN_PROXIES]

    assert len(titles) == len(set(titles))
    for proxy in KNOWN_PROXIES:
        assert proxy.marks
        assert all(known_proxy(mark) for mark in proxy.marks)
        assert proxy.why.zh != proxy.why.en
    assert known_proxy("absences", "缺勤记录", "School absences", "救助身份", "Home visit") is None


def test_the_names_of_coverage_are_not_free():
    with refused("names in heard_days_ are those of coverage"):
        feature().__set_name__(object, "heard_days_absences_365d")


# --- what a declaration can be turned into -----------------------------------------------------------


def test_a_changed_form_leaves_the_rest_of_the_declaration_alone():
    declared = feature(form=Ever(window=Window(365), where=(OneOf("kind", "sick"),)))
    declared.__set_name__(object, "sick_365d")

    changed = declared.with_form(window=Window(366))

    assert changed.form == Ever(window=Window(366), where=(OneOf("kind", "sick"),))
    assert (changed.name, changed.title, changed.examples) == ("sick_365d", declared.title, declared.examples)
    assert declared.form.window == Window(365)


def test_a_form_for_facts_that_do_not_lapse_has_no_window():
    assert YearsSince(column="birth_on").window is None
    assert Health.visits.lake_columns == Health.visits.columns
