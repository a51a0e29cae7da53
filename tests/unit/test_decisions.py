"""Which version a roll-back goes to, and what a card says of a decision."""

import pytest

from evaluation.promotion import decided, version_before
from models.card import Decision, decision_lines
from models.registry import Version


def decision(version, **changes):
    plain = {
        "version": version, "content": "0123456789ab", "candidate": "linear", "proposed": "linear",
        "by": "A. Statistician", "why": "every weight can be read", "at": "2026-11-22T09:00:00+08:00",
    }  # fmt: skip
    return Decision(**{**plain, **changes})


def back(version):
    return decision(version, rolled_back=True)


@pytest.mark.parametrize(
    ("history", "before"),
    [
        ([], None),
        ([decision("3")], None),
        ([decision("3"), decision("9")], "3"),
        ([decision("3"), decision("3")], None),
        ([decision("3"), decision("9"), decision("12")], "9"),
        ([decision("3"), decision("9"), back("3"), decision("12")], "3"),
    ],
)
def test_a_roll_back_goes_to_the_champion_before(history, before):
    assert version_before(history) == before


def test_a_second_roll_back_goes_further_back_and_not_round_in_circles():
    history = [decision("3"), decision("9"), decision("12"), back("9")]

    assert version_before(history) == "3"
    assert version_before([*history, back("3")]) is None


def test_what_was_decided_is_told_with_who_and_why():
    version = Version(
        "psychological", "9", "run", "0123456789ab", "linear", "training", "B. Boss", "asked for"
    )

    assert decided(version, []).en == "Put forward by B. Boss, not in use: asked for"
    assert decided(version, [decision("3")]).en.startswith("Put forward by B. Boss")
    assert decided(version, [decision("9")]).en == (
        "Put into use on 2026-11-22T09:00:00+08:00 by A. Statistician: every weight can be read"
    )
    assert decided(version, [decision("9"), back("9")]).en.startswith("Put back into use")


def test_the_card_in_use_says_who_decided_and_what_the_run_had_proposed():
    card = decision_lines(decision("9", proposed="additive"), "en")

    assert "## Put into use" in card
    for line in ("- Form: linear", "- The run proposed: additive", "- By: A. Statistician"):
        assert line in card
    assert "## 恢复使用" in decision_lines(back("9"), "zh")
