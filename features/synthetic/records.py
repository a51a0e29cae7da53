"""Dated records before any department has written them down its own way.

Values are in our own words (declared codes, "yes" and "no"); the empty text, NaN or NaT is an
empty cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.language import Source
from features.synthetic.facts import Established
from features.synthetic.life import Life, recently
from features.synthetic.people import People
from features.synthetic.preset import Paperwork, Preset
from features.synthetic.timeline import Array, Timeline


@dataclass(frozen=True)
class Records:
    """Records of one source: whose, when it happened, when it was written down, and the values."""

    source: Source
    child: Array
    occurred: Array
    recorded: Array
    values: Mapping[str, Array]


@dataclass(frozen=True)
class County:
    """Everything that is so in the county, and the hand that records it."""

    preset: Preset
    timeline: Timeline
    people: People
    life: Life
    established: Established
    rng: np.random.Generator

    @property
    def start(self) -> np.datetime64:
        """The first day of which anything is recorded."""
        return np.datetime64(self.timeline.start, "D")

    @property
    def psychological(self) -> Array:
        """The psychological severity, children × months."""
        return self.established.severity.psychological

    @property
    def guardianship(self) -> Array:
        """The guardianship severity, children × months."""
        return self.established.severity.guardianship

    @property
    def watched(self) -> Array:
        """Who was entered in the key-care ledger not long before, children × months."""
        began: Array = np.zeros(self.life.present.shape, dtype=bool)
        began[self.established.listed] = True
        return recently(began, self.preset.facts.listed_months)

    def happen(self, rate: Array) -> tuple[Array, Array, Array]:
        """Events at these monthly rates while a child is here: child, month and day of each."""
        counts = self.rng.poisson(np.where(self.life.present, rate, 0.0))
        flat = np.repeat(np.arange(counts.size), counts.ravel())
        child, month = flat // counts.shape[1], flat % counts.shape[1]
        return child, month, self.day_within(child, month)

    def day_within(self, child: Array, month: Array) -> Array:
        """A day of the month on which the child was here."""
        share = self.rng.random(len(child))
        days: Array = self.timeline.month_starts[month] + np.floor(
            share * self.timeline.month_lengths[month]
        ).astype(int)
        last = np.maximum(self.people.ends[child] - 1, self.people.arrived[child])
        within: Array = np.minimum(np.maximum(days, self.people.arrived[child]), last)
        return within

    def lag(self, count: int) -> Array:
        """Days from happening to being written down; a few take weeks."""
        paperwork: Paperwork = self.preset.paperwork
        slow = self.rng.random(count) < paperwork.slow_share
        mean = np.where(slow, paperwork.slow_days, paperwork.lag_days)
        return np.floor(self.rng.exponential(mean)).astype(int)

    def note(self, source: Source, child: Array, occurred: Array, **values: Array) -> Records:
        """Records of what happened in the span, written down with a lag, in order of writing down."""
        return self._ordered(
            source, child, occurred, occurred + self.lag(len(child)), occurred >= self.start, values
        )

    def note_stock(self, source: Source, child: Array, occurred: Array, **values: Array) -> Records:
        """As `note`; what stood before the first day was entered when the department's system began."""
        entered = self.start + self.rng.integers(0, 20, len(child))
        recorded = np.maximum(occurred + self.lag(len(child)), entered)
        seen = self.people.ends[child] > self.start
        return self._ordered(source, child, occurred, recorded, seen, values)

    def _ordered(
        self,
        source: Source,
        child: Array,
        occurred: Array,
        recorded: Array,
        keep: Array,
        values: Mapping[str, Array],
    ) -> Records:
        kept = np.flatnonzero(keep & (occurred <= np.datetime64(self.timeline.until, "D")))
        kept = kept[np.lexsort((child[kept], occurred[kept], recorded[kept]))]
        return Records(
            source=source,
            child=child[kept],
            occurred=occurred[kept],
            recorded=recorded[kept],
            values={name: cells[kept] for name, cells in values.items()},
        )

    def mix(self, name: str, count: int) -> Array:
        """`count` codes of a declared mix, drawn by their shares."""
        mix = self.preset.habits.mixes[name]
        weights = np.array(list(mix.values()))
        chosen = self.rng.choice(len(mix), count, p=weights / weights.sum())
        codes: Array = np.array(list(mix), dtype=object)[chosen]
        return codes

    def flags(self, chance: Array, blank: float = 0.0) -> Array:
        """Yes with these chances, no otherwise, nothing for a share of them."""
        cells = np.where(self.rng.random(len(chance)) < chance, "yes", "no").astype(object)
        return np.where(self.rng.random(len(chance)) < blank, "", cells)

    def blanked(self, cells: Array, share: float) -> Array:
        """The same cells, a share of them empty."""
        nothing = self.rng.random(len(cells)) < share
        return np.where(nothing, np.nan if cells.dtype.kind == "f" else "", cells)


def logistic(values: Array) -> Array:
    """Log-odds to chances."""
    chances: Array = 1 / (1 + np.exp(-values))
    return chances


def alike(word: str, count: int) -> Array:
    """`count` cells that all hold the same word."""
    return np.full(count, word, dtype=object)


def join(*parts: tuple[Array, ...]) -> tuple[Array, ...]:
    """Several (child, month, day, ...) tuples as one."""
    return tuple(np.concatenate([part[place] for part in parts]) for place in range(len(parts[0])))
