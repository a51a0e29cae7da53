"""Filled-in forms for tests: every item answered alike, save those a test is about."""

from collections.abc import Mapping

from features.instruments import Instrument, instrument_named


def form(
    name: str | Instrument, answer: int = 0, left_out: tuple[int, ...] = (), **items: int
) -> dict[int, int]:
    """Answers to every item but those `left_out`; `i9=2` answers item 9 with 2."""
    instrument = instrument_named(name) if isinstance(name, str) else name
    answers = dict.fromkeys(range(1, instrument.items + 1), answer)
    answers.update({int(item[1:]): given for item, given in items.items()})
    return {item: given for item, given in answers.items() if item not in left_out}


def compact(answers: Mapping[int, int]) -> str:
    """Answers as schools deliver them: item number, colon, answer."""
    return " ".join(f"{item}:{answer}" for item, answer in answers.items())
