"""What a reader of a prediction study may ask, answered by machine: the items of TRIPOD+AI.

The items and their sentences stand in tripod.toml; the fields in them are filled from declarations and
results, so no answer can say what was not computed. What only people can know is taken from the
deployment's statement (`evaluation.study`); where there is none, the answer says so and whose turn it is.
A sentence with an unknown field, or an item without an answer, does not load.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evaluation.study import STUDY
from features.language import Text

# Every field a sentence may name.
FIELDS = (
    "screener", "outcome", "simulated", "version", "sets", "measures", "measure_names", "why", "limits",
    "jurisdiction", "departments", "outcome_facts", "window", "features", "directed", "form", "candidates",
    "decided", "groups", "groups_too_few", "rate_fit", "rate_judge", "labels", "parameters", "gates",
    "gates_passed", "proof", "never_heard", "code",
)  # fmt: skip
_SIMULATED = Text(
    "模拟县，没有真实儿童，不适用。", "A simulated county without real children: nothing to state."
)


class ItemError(ValueError):
    """An item that cannot be answered; the message names it."""


@dataclass(frozen=True)
class Item:
    """One item: its number in TRIPOD+AI, what it asks, and either a sentence or who must state it."""

    number: str
    asks: Text
    says: Text | None
    at: str
    stated: str | None


@dataclass(frozen=True)
class Answer:
    """One item answered: what is said, where it can be checked, whether the deployment must still say it."""

    item: Item
    text: Text
    at: str
    open: bool


def read_items(text: str) -> tuple[Item, ...]:
    """The items of a declaration; ItemError names the one that cannot be answered."""
    items = []
    for row in tomllib.loads(text)["item"]:
        number = row["number"]
        stated, says, at = row.get("stated"), row.get("says"), row.get("at", "study.toml")
        if (stated is None) == (says is None):
            raise ItemError(f"Item {number}: it has a sentence, or names what the deployment states.")
        if stated is not None and stated not in STUDY:
            raise ItemError(f"Item {number}: a deployment states {', '.join(STUDY)}, not {stated}.")
        sentence = Text(**says) if says else None
        if sentence is not None:
            used = {name for words in (sentence.zh, sentence.en) for name in _fields(words)}
            if not used <= set(FIELDS):
                raise ItemError(f"Item {number}: nothing fills {', '.join(sorted(used - set(FIELDS)))}.")
        items.append(Item(number, Text(**row["asks"]), sentence, at, stated))
    return tuple(items)


@cache
def items() -> tuple[Item, ...]:
    """The items as shipped."""
    return read_items((Path(__file__).parent / "tripod.toml").read_text(encoding="utf-8"))


def _fields(words: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(words) if name]


def answers(
    facts: Mapping[str, Mapping[str, str]], study: Mapping[str, Text], simulated: bool
) -> list[Answer]:
    """Every item answered, in order; ItemError if a field is missing or an answer comes out empty.

    `facts` gives for each language what each of FIELDS says; a field may be empty, an answer may not.
    """
    for language in ("zh", "en"):
        missing = sorted(set(FIELDS) - set(facts[language]))
        if missing:
            raise ItemError(f"No facts in {language} were given for {', '.join(missing)}.")
    return [_answered(item, facts, study, simulated) for item in items()]


def _answered(
    item: Item, facts: Mapping[str, Mapping[str, str]], study: Mapping[str, Text], simulated: bool
) -> Answer:
    if item.says is not None:
        zh, en = (item.says[language].format_map(facts[language]) for language in ("zh", "en"))
        if not (zh.strip() and en.strip()):
            raise ItemError(f"Item {item.number} is without an answer.")
        return Answer(item, Text(zh, en), item.at, open=False)
    key = str(item.stated)
    if key in study:
        return Answer(item, study[key], item.at, open=False)
    if simulated:
        return Answer(item, _SIMULATED, item.at, open=False)
    missing = Text(
        f"尚未说明：请部署单位在数据目录的 study.toml 中写明（{STUDY[key].zh}）。",
        f"Not stated: the deployment states it in study.toml in the data home ({STUDY[key].en}).",
    )
    return Answer(item, missing, item.at, open=True)
