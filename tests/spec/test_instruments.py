"""Is each instrument scored as its rules say? Worked by hand; expected numbers are literals."""

from dataclasses import replace

import pytest

from features.instruments import Why, instrument_named, instruments, place, score
from features.instruments.declaration import FOLDER, Band, _read, read_instrument
from features.language import DeclarationError, Text
from tests.support_instruments import form

EVERY = pytest.mark.parametrize("instrument", instruments().values(), ids=lambda each: each.name)


def band(name, total, informant="self", norms=None):
    found = place(instrument_named(name), total, informant=informant, norms=norms)
    assert found.band is not None
    return found.band.code


def bands(name, informant="self", norms=None, scale="total"):
    """Every band with its first and last number."""
    instrument = instrument_named(name)
    ranges = instrument.norms[norms or instrument.default_norms].ranges[informant][scale]
    return {each.band.code: (each.low, each.high) for each in ranges}


# --- what is declared -----------------------------------------------------------------------------


def test_there_are_six_instruments():
    assert list(instruments()) == ["sdq", "mht", "phq9", "gad7", "k10", "cssrs"]
    with pytest.raises(KeyError, match="No instrument is called 'horoscope'"):
        instrument_named("horoscope")


@EVERY
def test_every_cut_off_names_its_source_and_for_whom_it_is_not_verified(instrument):
    for norms in instrument.norms.values():
        assert len(norms.source) > 10
        assert len(norms.country) == 2
        assert "not" in norms.not_verified_for.en
        assert "未" in norms.not_verified_for.zh
        assert norms.ages[0] < norms.ages[1]


@EVERY
def test_an_instrument_says_its_rights_and_that_it_holds_no_item_text(instrument):
    assert "no item text" in instrument.rights.en
    assert "不含题目" in instrument.rights.zh


@EVERY
def test_an_instrument_file_has_no_place_for_the_wording_of_an_item(instrument):
    told = _read(FOLDER / f"{instrument.name}.toml")
    words = [len(each["title"]["en"]) for each in told.get("subscales", {}).values()]

    assert set(told) <= {
        "title", "delivered_as", "version", "items", "answers", "reversed", "safety_items", "default_norms", "rights",
        "missing", "informants", "subscales", "validity", "flow", "grades", "norms",
    }  # fmt: skip
    assert max(words, default=0) < 30
    assert isinstance(told["items"], int)


def test_one_wording_and_one_level_for_each_band():
    every = {
        each.band
        for instrument in instruments().values()
        for norms in instrument.norms.values()
        for scales in norms.ranges.values()
        for ranges in scales.values()
        for each in ranges
    }

    assert len({each.code for each in every}) == len(every) == len(_read(FOLDER / "bands.toml")["band"])
    assert {each.level for each in every} == {0, 1, 2, 3}


# --- SDQ ------------------------------------------------------------------------------------------


def test_sdq_worked_example():
    answers = form(
        "sdq",
        0,
        i3=2,
        i8=1,
        i13=1,
        i5=1,
        i7=2,
        i2=2,
        i10=1,
        i21=1,
        i25=2,
        i6=1,
        i11=2,
        i14=1,
        i1=2,
        i4=2,
        i9=1,
    )

    result = score(instrument_named("sdq"), answers, informant="parent", age=9)

    # Reversed 7, 11, 14, 21, 25: 0, 0, 1, 1, 0 instead of 2, 2, 1, 1, 2.
    assert {code: each.value for code, each in result.subscales.items()} == {
        "emotional": 4, "conduct": 1, "hyperactivity": 4, "peer": 2, "prosocial": 5,
    }  # fmt: skip
    assert result.total == 11
    assert result.band.code == "normal"
    assert {code: each.band.code for code, each in result.subscales.items()} == {
        "emotional": "borderline", "conduct": "normal", "hyperactivity": "normal", "peer": "normal",
        "prosocial": "borderline",
    }  # fmt: skip
    assert result.valid is None
    assert result.safety_items == ()


def test_sdq_reversed_items_alone_make_ten_when_nothing_is_answered_with_certainly():
    result = score(instrument_named("sdq"), form("sdq", 0), informant="self")

    assert result.total == 10
    assert result.subscales["conduct"].value == 2
    assert result.subscales["hyperactivity"].value == 4
    assert result.subscales["peer"].value == 4


@pytest.mark.parametrize(
    ("left_out", "emotional"),
    [((), 6), ((24,), 8), ((16, 24), 10)],  # 2 2 2 0 0: 6 of 5; 6 of 4 is 7.5; 6 of 3 is 10
)
def test_sdq_prorates_a_subscale_to_five_and_rounds(left_out, emotional):
    answers = form("sdq", 0, left_out=left_out, i3=2, i8=2, i13=2)

    assert score(instrument_named("sdq"), answers).subscales["emotional"].value == emotional


def test_sdq_below_three_answers_in_a_difficulty_scale_has_no_total():
    result = score(instrument_named("sdq"), form("sdq", left_out=(3, 8, 13)))

    assert result.total is None
    assert result.band is None
    assert result.not_scored_reason.why is Why.INCOMPLETE
    assert "needs 3 answers" in result.not_scored_reason.text.en
    assert result.not_scored_reason.text.zh.startswith("缺答过多，不能计分。")


def test_sdq_prosocial_is_no_part_of_the_total():
    result = score(instrument_named("sdq"), form("sdq", 0, left_out=(1, 4, 9)))

    assert result.total == 10
    assert "prosocial" not in result.subscales


@pytest.mark.parametrize(
    ("informant", "norms", "expected"),
    [
        ("parent", "cn_shanghai_2008", {"normal": (0, 14), "borderline": (15, 16), "raised": (17, 40)}),
        ("teacher", "cn_shanghai_2008", {"normal": (0, 13), "borderline": (14, 17), "raised": (18, 40)}),
        ("self", "cn_shanghai_2008", {"normal": (0, 14), "borderline": (15, 17), "raised": (18, 40)}),
        ("parent", "cn_8_provinces_2013", {"normal": (0, 16), "borderline": (17, 18), "raised": (19, 40)}),
        ("parent", "uk_3_bands", {"normal": (0, 13), "borderline": (14, 16), "raised": (17, 40)}),
        ("self", "uk_3_bands", {"normal": (0, 15), "borderline": (16, 19), "raised": (20, 40)}),
        (
            "teacher",
            "uk_4_bands",
            {"average": (0, 11), "slight": (12, 15), "raised": (16, 18), "very_high": (19, 40)},
        ),
    ],
)
def test_sdq_total_bands(informant, norms, expected):
    assert bands("sdq", informant, norms) == expected
    for code, (low, high) in expected.items():
        assert band("sdq", low, informant, norms) == band("sdq", high, informant, norms) == code


@pytest.mark.parametrize(
    ("informant", "norms", "highest"),
    [  # the last number of each band but the last, prosocial from above
        ("parent", "cn_shanghai_2008", ((3, 4), (2, 3), (6, 7), (4, 5), (6, 5))),
        ("teacher", "cn_shanghai_2008", ((3, 4), (2, 3), (6, 8), (4, 5), (5, 4))),
        ("self", "cn_shanghai_2008", ((4, 5), (3, 4), (5, 6), (4, 5), (6, 5))),
        ("parent", "cn_8_provinces_2013", ((3, 4), (3, 4), (6, 7), (4, 5), (5, 4))),
        ("teacher", "uk_4_bands", ((3, 4, 5), (2, 3, 4), (5, 7, 8), (2, 4, 5), (6, 5, 4))),
    ],
)
def test_sdq_subscale_bands(informant, norms, highest):
    scales = ("emotional", "conduct", "hyperactivity", "peer", "prosocial")
    for scale, ends in zip(scales, highest, strict=True):
        ranges = list(bands("sdq", informant, norms, scale).values())
        place_of_end = 0 if scale == "prosocial" else 1

        assert tuple(each[place_of_end] for each in ranges[:-1]) == ends


# --- MHT ------------------------------------------------------------------------------------------


def test_mht_worked_example():
    yes = [*range(1, 9), *range(16, 20), *range(56, 71), 81, 83]
    answers = form("mht") | dict.fromkeys(yes, 1) | dict.fromkeys((82, 84, 86), 1)

    result = score(instrument_named("mht"), answers, age=12)

    assert {code: each.value for code, each in result.subscales.items()} == {
        "learning": 8, "people": 4, "loneliness": 0, "self_blame": 0, "sensitivity": 0, "body": 15,
        "fear": 0, "impulse": 2,
    }  # fmt: skip
    assert result.total == 29
    assert (result.band.code, result.valid) == ("general", True)
    assert result.subscales["learning"].band.code == "key_attention"
    assert result.subscales["people"].band.code == "attention"
    assert result.subscales["impulse"].band.code == "general"


def test_mht_bands_and_scales():
    assert bands("mht") == {"general": (0, 55), "attention": (56, 64), "key_attention": (65, 90)}
    for scale, items in {"learning": 15, "people": 10, "body": 15, "impulse": 10}.items():
        assert bands("mht", scale=scale) == {
            "general": (0, 3),
            "attention": (4, 7),
            "key_attention": (8, items),
        }
    assert instrument_named("mht").bounds == (0, 90)


@pytest.mark.parametrize(("told", "valid"), [(6, True), (7, False), (10, False)])
def test_mht_is_void_from_seven_of_the_validity_items(told, valid):
    answers = form("mht", i1=1) | dict.fromkeys(range(82, 82 + 2 * told, 2), 1)

    result = score(instrument_named("mht"), answers)

    assert result.valid is valid
    assert result.total == (1 if valid else None)
    if not valid:
        assert result.band is None
        assert result.subscales == {}
        assert result.not_scored_reason.why is Why.INVALID
        assert result.not_scored_reason.text.zh.endswith("请另约时间重测。")


def test_mht_void_or_unfinished_still_says_its_safety_items():
    void = form("mht", i85=1, i97=1) | dict.fromkeys(range(82, 101, 2), 1)
    unfinished = form("mht", left_out=(1, 2, 3), i97=1)

    assert score(instrument_named("mht"), void).safety_items == (85, 97)
    assert score(instrument_named("mht"), unfinished).safety_items == (97,)
    assert score(instrument_named("mht"), unfinished).not_scored_reason.why is Why.INCOMPLETE
    assert score(instrument_named("mht"), form("mht", left_out=(82,))).not_scored_reason.why is Why.INCOMPLETE


# --- PHQ-9, GAD-7, K10 -----------------------------------------------------------------------------


def test_phq9_worked_example():
    answers = form("phq9", 1, i1=2, i2=3, i9=0)

    result = score(instrument_named("phq9"), answers, age=14)

    assert (result.total, result.band.code, result.safety_items) == (11, "moderate", ())


@pytest.mark.parametrize(
    ("left_out", "total"),
    [((), 14), ((9,), 16), ((8, 9), 18), ((7, 8, 9), None)],  # 14 of 8 is 15.75; 14 of 7 is 18
)
def test_phq9_prorates_up_to_two_missing_answers(left_out, total):
    answers = form("phq9", 2, left_out=left_out, i8=0, i9=0)

    result = score(instrument_named("phq9"), answers)

    assert result.total == total
    assert (result.not_scored_reason is None) == (total is not None)


@pytest.mark.parametrize(("answer", "found"), [(0, ()), (1, (9,)), (3, (9,))])
def test_phq9_item_nine_is_a_safety_item_whatever_the_total(answer, found):
    assert score(instrument_named("phq9"), {9: answer}).safety_items == found
    assert score(instrument_named("phq9"), form("phq9", i9=answer)).safety_items == found


@pytest.mark.parametrize(
    ("name", "norms", "expected"),
    [
        (
            "phq9",
            "kroenke_2001",
            {
                "usual": (0, 4),
                "mild": (5, 9),
                "moderate": (10, 14),
                "moderately_severe": (15, 19),
                "severe": (20, 27),
            },
        ),
        ("phq9", "tw_adolescents", {"below": (0, 14), "above": (15, 27)}),
        (
            "gad7",
            "common_four_bands",
            {"minimal": (0, 4), "mild": (5, 9), "moderate": (10, 14), "severe": (15, 21)},
        ),
        ("gad7", "hk_2022", {"below": (0, 6), "above": (7, 21)}),
        (
            "k10",
            "cn_pupils_2019",
            {"usual": (10, 19), "mild": (20, 24), "moderate": (25, 29), "severe": (30, 50)},
        ),
        ("cssrs", "usual_triage", {"usual": (0, 0), "low": (1, 1), "moderate": (2, 2), "high": (3, 3)}),
    ],
)
def test_bands_of_the_summed_questionnaires(name, norms, expected):
    assert bands(name, norms=norms) == expected
    for code, (low, high) in expected.items():
        assert band(name, low, norms=norms) == band(name, high, norms=norms) == code


def test_gad7_worked_examples():
    gad7 = instrument_named("gad7")

    assert score(gad7, form("gad7", 1, i7=3)).total == 9
    assert score(gad7, form("gad7", 1, i7=3)).band.code == "mild"
    assert score(gad7, form("gad7", 2, left_out=(7,), i1=1)).total == 13  # 11 of 6 is 12.83
    assert score(gad7, form("gad7", 2, left_out=(6, 7))).not_scored_reason.why is Why.INCOMPLETE


def test_k10_worked_examples():
    k10 = instrument_named("k10")

    assert score(k10, form("k10", 1)).total == 10
    assert score(k10, form("k10", 3, i1=1, i2=2)).total == 27
    assert score(k10, form("k10", 3, i1=1, i2=2)).band.code == "moderate"
    assert score(k10, form("k10", 3, left_out=(10,))).not_scored_reason.why is Why.INCOMPLETE


# --- C-SSRS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "grade", "code"),
    [
        ({1: 0, 2: 0, 6: 0}, 0, "usual"),
        ({1: 1, 2: 0, 6: 0}, 1, "low"),
        ({1: 1, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0}, 1, "low"),
        ({1: 1, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0}, 2, "moderate"),
        ({1: 0, 2: 0, 6: 1, 7: 0}, 2, "moderate"),
        ({1: 1, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0}, 3, "high"),
        ({1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 0}, 3, "high"),
        ({1: 0, 2: 0, 6: 1, 7: 1}, 3, "high"),
    ],
)
def test_cssrs_flow(answers, grade, code):
    result = score(instrument_named("cssrs"), answers, age=15)

    assert (result.total, result.band.code) == (grade, code)
    assert result.safety_items == tuple(item for item, answer in answers.items() if answer)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {1: 0, 2: 0},  # the sixth is always asked
        {2: 0, 6: 0},
        {1: 0, 6: 0},
        {1: 0, 2: 1, 3: 0, 4: 0, 6: 0},  # after a yes to the second the fifth is asked
        {1: 0, 2: 0, 6: 1},  # after a yes to the sixth the seventh is
    ],
)
def test_cssrs_that_skips_what_is_asked_is_unfinished_and_says_what_it_has(answers):
    result = score(instrument_named("cssrs"), answers)

    assert result.not_scored_reason.why is Why.INCOMPLETE
    assert result.safety_items == tuple(item for item, answer in answers.items() if answer)


@pytest.mark.parametrize("item", [3, 4, 5])
def test_cssrs_answers_to_what_is_not_asked_contradict_themselves(item):
    result = score(instrument_named("cssrs"), {1: 0, 2: 0, item: 1, 6: 0})

    assert result.not_scored_reason.why is Why.CONTRADICTION
    assert f"Item {item} is not asked after a no to item 2" in result.not_scored_reason.text.en
    assert result.safety_items == (item,)
    assert score(instrument_named("cssrs"), {1: 0, 2: 0, item: 0, 6: 0}).total == 0


# --- refusals --------------------------------------------------------------------------------------


def test_an_item_of_another_instrument_is_refused_and_says_nothing():
    result = score(instrument_named("phq9"), form("phq9", 3) | {10: 1})

    assert result.not_scored_reason.why is Why.UNKNOWN_ITEM
    assert result.not_scored_reason.text.zh == "PHQ-9问卷只有第1至9题，没有第10题。"
    assert result.not_scored_reason.text.en == "The PHQ-9 questionnaire has items 1 to 9 and no item 10."
    assert result.safety_items == ()


@pytest.mark.parametrize(("name", "answer"), [("phq9", 4), ("phq9", -1), ("k10", 0), ("sdq", 3), ("mht", 2)])
def test_an_answer_out_of_range_is_refused_with_its_item(name, answer):
    result = score(instrument_named(name), form(name, 1, i2=answer))

    assert result.not_scored_reason.why is Why.OUT_OF_RANGE
    assert f"The answer to item 2 lies from {instrument_named(name).low}" in result.not_scored_reason.text.en
    assert f"不可能是{answer}" in result.not_scored_reason.text.zh


def test_a_typing_mistake_elsewhere_does_not_hide_a_safety_item():
    assert score(instrument_named("phq9"), form("phq9", 0, i2=7, i9=2)).safety_items == (9,)
    assert score(instrument_named("phq9"), form("phq9", 0, i9=7)).safety_items == ()


def test_a_form_that_does_not_exist_and_norms_of_another_are_refused():
    by_parent = score(instrument_named("phq9"), form("phq9"), informant="parent")
    other_norms = score(instrument_named("sdq"), form("sdq"), informant="self", norms="cn_8_provinces_2013")

    assert by_parent.not_scored_reason.why is Why.WRONG_FORM
    assert other_norms.not_scored_reason.why is Why.NO_NORMS
    assert place(instrument_named("sdq"), 3, norms="kroenke_2001").not_scored_reason.why is Why.NO_NORMS


@pytest.mark.parametrize(("age", "scored"), [(10, False), (11, True), (17, True), (18, False), (None, True)])
def test_a_form_is_for_its_ages(age, scored):
    result = score(instrument_named("sdq"), form("sdq"), age=age)

    assert (result.total is not None) is scored
    assert (place(instrument_named("sdq"), 10, age=age).total is not None) is scored
    if not scored:
        assert result.not_scored_reason.text.en.endswith(f"is for ages 11 to 17, not {age}.")


@pytest.mark.parametrize(
    ("name", "total"), [("phq9", 28), ("phq9", -1), ("k10", 9), ("mht", 91), ("cssrs", 4)]
)
def test_a_total_that_cannot_be_is_refused(name, total):
    result = place(instrument_named(name), total)

    assert result.total is None
    assert result.not_scored_reason.why is Why.OUT_OF_RANGE
    assert result.not_scored_reason.text.en.endswith(f"cannot be {total}.")


def test_faults_of_a_record_are_told_from_facts_about_the_form():
    assert [why.value for why in Why if not why.is_fault] == ["not_for_age", "incomplete", "invalid"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"items": 10}, "every item has one place"),
        ({"safety_items": [12]}, "an item that it has not"),
        ({"default_norms": "ours"}, "usual norms are not among"),
        ({"informants": {"self": [11, 18], "parent": [3, 18]}}, "one of its forms has no bands"),
    ],
)
def test_an_instrument_that_could_not_be_scored_is_refused(spoil, said):
    with pytest.raises(DeclarationError, match=said):
        read_instrument("phq9", {**_read(FOLDER / "phq9.toml"), **spoil}, _every_band())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"self": {"total": {"usual": [0, 4], "mild": [6, 27]}}}, "every number from 0 to 27 once"),
        ({"self": {"total": {"usual": [0, 5], "mild": [5, 27]}}}, "every number from 0 to 27 once"),
        ({"self": {"all": {"usual": [0, 27]}}}, "has no total of self"),
        ({"source": " "}, "needs a source"),
    ],
)
def test_bands_with_a_gap_an_overlap_or_no_source_are_refused(changes, said):
    told = _read(FOLDER / "phq9.toml")
    told["norms"]["kroenke_2001"] |= changes

    with pytest.raises(DeclarationError, match=said):
        read_instrument("phq9", told, _every_band())


def _every_band():
    one = Band("usual", Text("无", "None"), 0)
    return {code: replace(one, code=code) for code in _read(FOLDER / "bands.toml")["band"]}
