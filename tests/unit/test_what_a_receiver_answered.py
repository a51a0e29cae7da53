"""What a receiver answered is said in words of both languages, whatever it was."""

import pytest

from serving.review.answered import STATUSES, Silence, answer_words


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_that_is_no_yes_has_words(status):
    words = answer_words(str(status))

    assert words in [text for _, text in STATUSES]
    assert words.zh != words.en


def test_a_status_with_words_of_its_own_has_those_and_others_of_its_kind_have_theirs():
    own, kind = (answer_words(status).en for status in ("503", "500"))

    assert (own, kind) == ("It was out of service", "Something failed inside it")
    # Each row is met: none stands behind a shorter one that takes what it is for.
    met = {answer_words(str(status)) for status in range(300, 600)}
    assert met == {text for _, text in STATUSES}


@pytest.mark.parametrize("silence", Silence)
def test_why_there_was_no_answer_is_said(silence):
    assert answer_words(silence.value) is silence.title


def test_what_nobody_declared_is_shown_as_it_is():
    assert answer_words("odd").zh == "odd"
