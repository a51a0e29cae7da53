"""The trees of indicators hold what is published and say what was not read; scores sum up and guess nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.guardianship import Axis, Grade, TreeError, score, tree_named, trees

XIAOSHAN = tree_named("xiaoshan")


def test_xiaoshans_tree_has_exactly_the_twelve_items_that_were_published():
    titles = [(indicator.dimension.zh, indicator.title.zh) for indicator in XIAOSHAN.indicators]

    assert titles == [
        ("儿童", "基本情况"),
        ("儿童", "身心健康"),
        ("儿童", "家庭情况"),
        ("儿童", "人际交往"),
        ("儿童", "教育娱乐"),
        ("儿童", "行为习惯"),
        ("儿童", "生活技能"),
        ("被评估的监护人", "经济和征信情况"),
        ("被评估的监护人", "身心健康"),
        ("被评估的监护人", "违法犯罪行为"),
        ("被评估的监护人", "救助与社会支持"),
        ("被评估的监护人", "监护意愿与能力"),
    ]
    assert XIAOSHAN.stated_items == 20
    assert "全文未读到" in XIAOSHAN.statement.zh


def test_hubeis_tree_has_three_dimensions_and_eleven_indicators():
    tree = tree_named("hubei")

    assert len({indicator.dimension for indicator in tree.indicators}) == 3
    assert len(tree.indicators) == 11
    assert "全文未读到" in tree.statement.zh


@pytest.mark.parametrize("tree", trees(), ids=lambda tree: tree.code)
def test_a_trees_codes_are_its_own_and_what_was_not_read_is_said(tree):
    codes = [indicator.code for indicator in tree.indicators]

    assert len(codes) == len(set(codes))
    assert len(codes) < tree.stated_items
    assert "not read" in tree.statement.en


def test_credit_records_and_offences_stay_with_the_assessment():
    assert [each.title.zh for each in XIAOSHAN.indicators if each.stays_here] == [
        "经济和征信情况",
        "违法犯罪行为",
    ]


def test_capability_falls_and_risk_rises_with_concern():
    worst = {indicator.code: Grade.URGENT for indicator in XIAOSHAN.indicators}

    assert score(XIAOSHAN, Axis.CAPABILITY, worst).value == 0
    assert score(XIAOSHAN, Axis.RISK, worst).value == 100


def test_what_was_not_looked_at_is_left_out_and_too_little_gives_no_score():
    four = dict.fromkeys(("child_basics", "child_health", "child_family", "child_habits"), Grade.SOME)

    assert score(XIAOSHAN, Axis.RISK, four).value == 33.3
    assert score(XIAOSHAN, Axis.RISK, dict(list(four.items())[:3])).value is None
    assert score(XIAOSHAN, Axis.CAPABILITY, four) == score(XIAOSHAN, Axis.CAPABILITY, {})
    assert (score(XIAOSHAN, Axis.RISK, four).looked_at, score(XIAOSHAN, Axis.RISK, four).of) == (4, 7)


@given(
    st.dictionaries(
        st.sampled_from([each.code for each in XIAOSHAN.indicators]), st.sampled_from(list(Grade))
    )
)
def test_a_score_lies_between_0_and_100_and_more_concern_never_helps(grades):
    for axis in Axis:
        before = score(XIAOSHAN, axis, grades)
        if before.value is None:
            continue
        assert 0 <= before.value <= 100
        for code, grade in grades.items():
            if grade is not Grade.URGENT:
                after = score(XIAOSHAN, axis, {**grades, code: Grade.URGENT})
                assert after.value >= before.value if axis is Axis.RISK else after.value <= before.value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('code = "other"', "must give its own name"),
        (
            ('code = "odd"\n[[dimension]]\ncode = "a"\naxis = "risk"\ntitle = { zh = "某", en = "A" }\n'
            'items = [{ code = "b", zh = "某", en = "B" }]'),
            "both axes",
        ),
    ],
)  # fmt: skip
def test_a_tree_that_lacks_what_it_must_say_is_refused(tmp_path, text, sentence):
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")

    with pytest.raises(TreeError, match=sentence):
        tree_named("odd", tmp_path)


def test_an_unknown_tree_is_refused():
    with pytest.raises(TreeError, match="no tree of indicators 'atlantis'"):
        tree_named("atlantis")
