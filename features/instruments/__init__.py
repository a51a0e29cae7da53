"""Psychological instruments, scored by item number: SDQ, MHT, PHQ-9, GAD-7, K10 and the C-SSRS screener.

A screening with an instrument is a voluntary act with its own legal basis, and no diagnosis. One
instrument is never taken for the truth: each cut-off names its source and for whom it is not verified.
"""

from features.instruments.declaration import (
    Band,
    Instrument,
    Norms,
    Range,
    Subscale,
    Validity,
    instrument_named,
    instruments,
)
from features.instruments.scoring import InstrumentResult, NotScored, ScaleResult, Why, place, score

__all__ = [
    "Band",
    "Instrument",
    "InstrumentResult",
    "Norms",
    "NotScored",
    "Range",
    "ScaleResult",
    "Subscale",
    "Validity",
    "Why",
    "instrument_named",
    "instruments",
    "place",
    "score",
]
