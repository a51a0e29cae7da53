"""Whatever is answered: totals stay within bounds, rise with the answers, and nothing is ever made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from features.instruments import Instrument, Why, instruments, place, score

ANY = st.sampled_from(list(instruments().values()))
SUMMED = st.sampled_from([each for each in instruments().values() if not each.grades])


@st.composite
def filled(draw, which=ANY, foreign=False) -> tuple[Instrument, str, dict[int, int]]:
    """An instrument, one of its forms, and answers to some or all items, some of them impossible."""
    instrument = draw(which)
    informant = draw(st.sampled_from(sorted(instrument.informants)))
    spill = 1 if foreign else 0
    answers = draw(
        st.lists(
            st.integers(instrument.low - spill, instrument.high + spill),
            min_size=instrument.items + spill,
            max_size=instrument.items + spill,
        )
    )
    dropped = draw(st.sets(st.integers(1, instrument.items + spill), max_size=4))
    return instrument, informant, {n: a for n, a in enumerate(answers, 1) if n not in dropped}


@settings(max_examples=200, deadline=None)
@given(filled(foreign=True))
def test_a_form_has_a_value_with_a_band_or_a_reason_why_not(asked):
    instrument, informant, answers = asked

    result = score(instrument, answers, informant=informant)

    assert (result.total is None) == (result.band is None) == (result.not_scored_reason is not None)
    assert set(result.safety_items) <= set(instrument.safety_items) & set(answers)
    if result.total is None:
        assert result.subscales == {}
    else:
        low, high = instrument.bounds
        assert low <= result.total <= high
        for each in instrument.subscales:
            if each.code in result.subscales:
                value = result.subscales[each.code].value
                assert len(each.items) * instrument.low <= value <= len(each.items) * instrument.high
    if result.not_scored_reason is not None and result.not_scored_reason.why is not Why.UNKNOWN_ITEM:
        positive = [
            i for i in instrument.safety_items if instrument.low < answers.get(i, 0) <= instrument.high
        ]
        assert list(result.safety_items) == positive


@settings(max_examples=200, deadline=None)
@given(filled(), st.data())
def test_one_answer_towards_difficulty_never_lowers_the_total(asked, data):
    instrument, informant, answers = asked
    counting = [i for each in instrument.subscales if each.in_total for i in each.items] + list(
        instrument.grades
    )
    item = data.draw(st.sampled_from(counting))
    step = -1 if item in instrument.reversed else 1
    worse = {**answers, item: answers.get(item, instrument.low) + step}

    before, after = (score(instrument, each, informant=informant) for each in (answers, worse))

    if item in answers and before.total is not None and after.total is not None:
        assert after.total >= before.total
        assert after.band.level >= before.band.level
        assert set(after.safety_items) >= set(before.safety_items)


@settings(max_examples=100, deadline=None)
@given(filled(SUMMED), st.randoms())
def test_the_order_in_which_answers_stand_does_not_matter(asked, random):
    instrument, informant, answers = asked
    shuffled = list(answers.items())
    random.shuffle(shuffled)

    assert score(instrument, dict(shuffled), informant=informant) == score(
        instrument, answers, informant=informant
    )


@settings(max_examples=100, deadline=None)
@given(filled())
def test_a_total_scored_here_is_placed_alike_when_it_comes_without_its_answers(asked):
    instrument, informant, answers = asked
    result = score(instrument, answers, informant=informant)

    if result.total is not None:
        for version, norms in instrument.norms.items():
            if informant in norms.ranges:
                again = score(instrument, answers, informant=informant, norms=version)
                assert place(instrument, result.total, informant=informant, norms=version).band == again.band
