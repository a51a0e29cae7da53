"""A key of an area opens the past of nobody who lives elsewhere today."""

from datetime import date

import pytest

from serving.callers import Caller
from serving.endpoint import Endpoint
from serving.problems import Problem
from serving.schemas import ScoreRequest
from serving.scoring import Scored

BEFORE, TODAY = date(2026, 9, 1), date(2026, 11, 1)
OLD, NEW = "330109001001", "330110001001"


class Moved:
    """Records of one child that moved from one district to another between two dates."""

    def areas(self, child_keys, as_of):
        return dict.fromkeys(child_keys, OLD if as_of < TODAY else NEW)

    def screen(self, child_keys, as_of):
        area = self.areas(child_keys, as_of)
        return {
            key: Scored(key, as_of, False, "left", area[key], {}, (), frozenset(), frozenset())
            for key in child_keys
        }

    def is_known(self, child_key, as_of):
        return True


class Worded:
    def answer(self, scored, ids, child_key):
        return scored.area_code


def asked(area):
    endpoint = Endpoint(
        store=None, profile=None, champions={"any": None}, wording=Worded(), lake=Moved(), identity=None,
        today=lambda: TODAY, now=lambda: None,
    )  # fmt: skip
    return endpoint.score(
        ScoreRequest(child_key="c-moved", as_of=BEFORE), Caller("key", "client", area, frozenset())
    )


@pytest.mark.parametrize("area", ["330109", "330110"])
def test_of_a_child_that_moved_away_the_past_is_answered_to_neither_area(area):
    with pytest.raises(Problem) as refused:
        asked(area)

    assert refused.value.kind.status == 404


@pytest.mark.parametrize("area", ["", "3301"])
def test_who_answers_for_both_areas_is_answered(area):
    assert asked(area) == OLD
