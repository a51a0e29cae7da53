"""STEPS.md is what the declared steps say."""

from serving.review.steps_document import STEPS_FILE, steps_markdown


def test_the_document_of_steps_is_current():
    assert STEPS_FILE.read_text(encoding="utf-8") == steps_markdown()
