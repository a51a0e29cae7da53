"""Every form of margin, on values nobody thought of: exact sums, text to the bit, a row alone as among others."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.margins import KINDS, Booster, Line, MarginError, Step, Sum, from_text
from models.rules import RULES, find
from tests.support_models import invented_values, labelled
from training.forms import rule_points

QUICK = settings(max_examples=60, deadline=None)
COLUMNS = ("a", "b", "c")
NUMBERS = st.floats(-1e3, 1e3, allow_nan=False)
VALUES = st.one_of(NUMBERS, st.just(float("nan")), st.sampled_from([0.0, -0.0, 1.0, 1e6, -1e6]))


@st.composite
def lines(draw):
    kind = draw(st.sampled_from(["constant", "single", "linear"]))
    used = {"constant": (), "single": ("b",), "linear": draw(st.sets(st.sampled_from(COLUMNS)))}[kind]
    terms = tuple(
        Line(
            column=name,
            mean=draw(NUMBERS),
            scale=draw(st.floats(0.1, 100)),
            weight=draw(st.floats(-5, 5)),
            unknown=draw(st.floats(-5, 5)),
            low=(low := draw(NUMBERS)),
            high=low + draw(st.floats(0, 100)),
        )
        for name in sorted(used)
    )
    return Sum(kind, COLUMNS, draw(st.floats(-10, 10)), terms)


@st.composite
def steps(draw):
    terms = []
    for name in sorted(draw(st.sets(st.sampled_from(COLUMNS)))):
        cuts = tuple(sorted(draw(st.sets(NUMBERS, max_size=5))))
        scores = tuple(draw(st.lists(st.floats(-5, 5), min_size=len(cuts) + 1, max_size=len(cuts) + 1)))
        terms.append(Step(name, cuts, scores, draw(st.floats(-5, 5))))
    return Sum(draw(st.sampled_from(["rules", "additive"])), COLUMNS, draw(st.floats(-10, 10)), tuple(terms))


@cache
def trees():
    import lightgbm

    rng = np.random.default_rng(2)
    values = rng.poisson(1.0, (500, 3)).astype(float)
    values[rng.random((500, 3)) < 0.1] = np.nan
    label = rng.random(500) < 1 / (1 + np.exp(1 - np.nan_to_num(values[:, 0])))
    settings_ = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 10, "verbosity": -1, "seed": 1}
    grown = lightgbm.train(
        {**settings_, "num_threads": 1, "deterministic": True},
        lightgbm.Dataset(values, label, feature_name=list(COLUMNS)),
        num_boost_round=20,
    )
    return Booster(COLUMNS, grown.model_to_string())


MODELS = st.one_of(lines(), steps(), st.builds(trees))
ROWS = arrays(float, st.tuples(st.integers(1, 8), st.just(3)), elements=VALUES)


@QUICK
@given(MODELS, ROWS)
def test_contributions_and_base_add_up_to_the_margin(model, values):
    found = model.contributions(values)

    assert found.shape == (len(values), 4)
    assert np.abs(found.sum(axis=1) - model.margins(values)).max() < 1e-9


@QUICK
@given(MODELS, ROWS)
def test_a_margin_read_back_from_its_text_is_the_same_to_the_bit(model, values):
    again = from_text(model.kind, model.to_text())

    assert again.to_text() == model.to_text()
    assert again.columns == model.columns
    assert (again.margins(values) == model.margins(values)).all()
    assert (again.contributions(values) == model.contributions(values)).all()


@QUICK
@given(MODELS, ROWS)
def test_a_row_has_the_same_margin_alone_and_among_others(model, values):
    together = model.margins(values)

    assert [model.margins(values[[place]])[0] for place in range(len(values))] == together.tolist()


@QUICK
@given(MODELS)
def test_no_rows_have_no_margins(model):
    nothing = np.empty((0, 3))

    assert len(model.margins(nothing)) == 0
    assert model.contributions(nothing).shape == (0, 4)


@QUICK
@given(MODELS, st.integers(1, 6).filter(lambda width: width != 3))
def test_rows_of_another_width_are_refused(model, width):
    with pytest.raises(MarginError, match=f"{model.kind} margin of 3 columns"):
        model.margins(np.zeros((2, width)))


@QUICK
@given(st.data())
def test_the_points_of_the_published_rules_order_children_as_the_rules_do(data):
    spec = labelled().spec
    rows = invented_values(np.random.default_rng(data.draw(st.integers(0, 50))), 6)
    for name in data.draw(st.lists(st.sampled_from([rule.feature.name for rule in RULES]), max_size=12)):
        rows[name] = data.draw(st.sampled_from([np.nan, 0.0, 1.0, 2.0, 10.0, 1e4, 1e5]))
    points = rule_points(spec)

    margins = points.margins(rows[list(spec.columns)].to_numpy())

    found = [find({str(k): v for k, v in row.items()}) for row in rows.to_dict(orient="records")]
    ranks = [(finding.reds, finding.yellows) for finding in found]
    for one in range(6):
        for other in range(6):
            assert (margins[one] > margins[other] + 1e-9) == (ranks[one] > ranks[other])


def test_a_value_beyond_what_was_seen_counts_as_the_last_one_seen():
    model = Sum("linear", ("a",), 0.0, (Line("a", 0.0, 1.0, 2.0, 0.5, -1.0, 3.0),))

    assert model.margins(np.array([[3.0], [100.0], [-1.0], [-9.0], [np.nan]])).tolist() == [6, 6, -2, -2, 0.5]


def test_a_table_counts_a_value_on_a_cut_as_above_it():
    model = Sum("additive", ("a",), 1.0, (Step("a", (1.0, 3.0), (0.0, 0.25, 0.5), -0.5),))

    assert model.margins(np.array([[0.9], [1.0], [2.9], [3.0], [np.nan]])).tolist() == [
        1,
        1.25,
        1.25,
        1.5,
        0.5,
    ]


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("forest", "{}", "No margin is of the kind 'forest'"),
        ("linear", "no text", "The text is no linear margin"),
        ("linear", '{"kind": "linear"}', "The text is no linear margin"),
        ("single", '{"kind": "linear", "columns": [], "base": 0.0, "terms": []}', "holds a linear one"),
    ],
)
def test_a_text_that_is_no_margin_is_refused(kind, text, sentence):
    with pytest.raises(MarginError, match=sentence):
        from_text(kind, text)


@pytest.mark.parametrize(
    ("cuts", "scores"), [((1.0,), (0.0,)), ((2.0, 1.0), (0.0, 0.0, 0.0)), ((1.0, 1.0), (0.0, 0.0, 0.0))]
)
def test_a_table_whose_cuts_do_not_rise_is_refused(cuts, scores):
    with pytest.raises(MarginError, match="cuts rise"):
        Step("a", cuts, scores, 0.0)


def test_two_terms_for_one_column_are_refused():
    term = Step("a", (), (1.0,), 0.0)

    with pytest.raises(MarginError, match="at most one term"):
        Sum("additive", ("a",), 0.0, (term, term))
    with pytest.raises(MarginError, match="at most one term"):
        Sum("additive", ("b",), 0.0, (term,))


def test_every_kind_can_be_read_back():
    assert set(KINDS) == {"constant", "single", "rules", "linear", "additive", "booster"}
