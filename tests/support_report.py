"""A whole report of the invented county, made once."""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

from evaluation.findings import Findings, find_out
from evaluation.gates import pass_gates
from evaluation.judging import judge_candidate
from evaluation.promotion import Examined
from evaluation.report import Report, Section, as_html
from features.lake import Lake
from features.language import Text
from models.registry import Version
from tests.support_models import fitted, invented_county, labelled, policy

RECORDED = {
    "states": {"fact": 30, "never_flagged_no_fact": 400},
    "never_heard": ["missing_found"],
    "proposal": {"proposed": "linear", "sentence": {"zh": "建议采用逻辑回归", "en": "Proposed: logistic"}},
}
MADE_ON = date(2026, 11, 1)


class InventedLake(Lake):
    """A lake whose records are frames, where nothing was ever delivered."""

    def tables(self):
        return invented_county()[1]


@cache
def lake() -> InventedLake:
    return InventedLake(Path(mkdtemp(prefix="invented-lake-")))


@cache
def examined() -> Examined:
    made, data = fitted(), labelled()
    judged = judge_candidate(made.screener, made.beside, data)
    version = Version("psychological", "3", "run", made.screener.version, "booster", "training")
    decided = Text("由声明提出，尚未投入使用", "Put forward by the declaration, not in use")
    return Examined(
        version, "challenger", made.screener, made.beside, data, judged, pass_gates(judged), RECORDED, decided
    )


@cache
def findings(refits: int = 0) -> Findings:
    found = examined()
    return find_out(found.judged, found.data, lake(), policy(), refits)


@cache
def report(simulated: bool = True) -> Report:
    return Report(MADE_ON, simulated, Text("杭州", "Hangzhou"), {}, (Section(examined(), findings()),))


@cache
def html(language: str, simulated: bool = True) -> str:
    return as_html(report(simulated), language)


def judged_children() -> pd.Series:
    return examined().judged.rows["child_key"]
