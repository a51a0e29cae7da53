"""What schools' instruments say of the county's children: noisy links from severity, seen by separate people.

    severity ─ what a person notices (child and parent agree at .3 to .4 only) ─ answers by item ─ a form

Nobody's answers are the severity: who fills the form in has a view of their own that lasts, and a mood
of the day; items are noisy. Schools differ in whether they screen at all, with what, and whether they
hand over answers or a total; children who fare badly take part less. All of it is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.instruments import Instrument, InstrumentResult, Why, instrument_named, score
from features.sources import Instruments
from features.synthetic.life import PRIMARY, STAGE_NAMES
from features.synthetic.records import County, Records, logistic
from features.synthetic.timeline import Array

_APRIL, _NOVEMBER = 3, 10  # months of the year, counted from nought


@dataclass(frozen=True)
class Link:
    """From what is noticed to answers: how much of an item it is, and where answers change.

    `steps` are in spreads of the item, from one answer to the next; items lie `apart` around them.
    `harder` are items to which few say yes, with how much higher their steps lie.
    """

    weight: float
    steps: tuple[float, ...]
    apart: float = 0.25
    harder: Mapping[int, float] = field(default_factory=dict)


# Steps are set so that the shares above the cut-offs are those published (`tests/theory`).
LINKS: Mapping[str, Link] = {
    "sdq": Link(0.50, (0.27, 1.43)),
    "mht": Link(0.52, (0.52,), harder={85: 1.9, 97: 1.9}),
    "phq9": Link(0.72, (0.26, 1.08, 1.72), harder={9: 1.95}),
    "gad7": Link(0.74, (0.34, 1.17, 1.84)),
    "k10": Link(0.74, (-0.12, 0.65, 1.22, 1.85)),
    "cssrs": Link(0.80, (2.0,), harder={3: 0.2, 4: 0.4, 5: 0.6, 6: 0.3, 7: 0.5}),
}


@dataclass(frozen=True)
class Practice:
    """How the county's schools use instruments. Shares and rates without a source are assumed."""

    middle: float = 0.58  # of pupils' severity in the base county: what forms call the usual
    unit: float = 1.20  # and its spread
    noticed: float = 0.44  # share of what a person notices that is severity
    lasting: float = 0.5  # of the rest, a view that lasts; what remains is the day's
    screening: tuple[float, ...] = (0.60, 0.50, 0.30)  # schools that screen: public, private, for migrants
    in_spring: float = 0.4  # of them in April, the others in November
    totals_only: float = 0.35  # schools whose system hands over totals
    validity_told: float = 0.8  # of totals that have a validity scale
    with_mht: float = 0.6  # primary schools that give the MHT from grade four, the others the SDQ
    with_moods: float = 0.5  # secondary schools with PHQ-9 and GAD-7 ...
    with_strain: float = 0.2  # ... with the K10; the rest with the MHT
    both_sides: float = 0.3  # secondary schools that ask pupil and parent for the SDQ as well
    takes_part: float = 1.6  # log-odds of a pupil of usual severity ...
    takes_part_pull: float = -0.60  # ... who takes part the less, the worse off: missing not at random
    parent_answers: float = 1.0
    parent_in_hardship: float = -0.7
    left_out: float = 0.004  # single answers
    left_out_long: float = 0.0003  # of instruments that allow none to be left out
    lies: tuple[float, float] = (-1.35, 1.05)  # log-odds of a yes to a validity item: middle and spread
    denial: float = 0.7  # how much less those tell who embellish
    followed_up: float = 0.8  # C-SSRS after a positive safety item
    asked_by_counsellor: float = -8.2  # log chance a month of a C-SSRS at usual severity ...
    asked_pull: float = 0.95  # ... and how severity moves it


@dataclass(frozen=True)
class _Forms:
    """Forms of one instrument filled in by one kind of person."""

    instrument: Instrument
    informant: str
    child: Array
    month: Array
    day: Array
    notices: Array


def instrument_records(county: County, practice: Practice | None = None) -> Records:
    """All forms the county's schools give, in the instruments' answers or already scored."""
    practice = practice or Practice()
    rng = county.rng
    draws = {name: _lots(county) for name in ("screens", "spring", "totals", "with", "both")}
    sides = {who: _Side.of(county, practice) for who in ("self", "parent")}
    rows = _Rows(county, practice, totals=draws["totals"] < practice.totals_only)
    for forms in _screenings(county, practice, draws, sides):
        rows.add(forms)
    # A counsellor asks on where a safety item was positive, and of their own accord.
    child, day = rows.positive()
    asked = rng.random(len(child)) < practice.followed_up
    child, day = child[asked], day[asked] + rng.integers(1, 15, int(asked.sum()))
    here = day < county.people.ends[child]
    severe = (county.psychological - practice.middle) * (county.life.stage > PRIMARY)
    rate = np.exp(practice.asked_by_counsellor + practice.asked_pull * severe)
    also, when, on = county.happen(rate * (county.life.stage > PRIMARY))
    child, day = np.concatenate([child[here], also]), np.concatenate([day[here], on])
    month = np.concatenate([_month_of(county, day[: here.sum()]), when])
    rows.add(_Forms(instrument_named("cssrs"), "self", child, month, day, sides["self"].at(child, month)))
    return rows.records()


def _lots(county: County) -> Array:
    """A number from 0 to 1 for each school, spread evenly among schools of one type and stage.

    With a dozen schools of a kind, independent draws would leave the shares to chance.
    """
    life, rng = county.life, county.rng
    lots = np.zeros(int(life.school.max()) + 1)
    kinds = life.school_type[:, None] * len(STAGE_NAMES) + life.stage
    for kind in np.unique(kinds[life.present]):
        schools = np.unique(life.school[(kinds == kind) & life.present])
        lots[schools] = (rng.permutation(len(schools)) + rng.random()) / len(schools)
    return lots


@dataclass(frozen=True)
class _Side:
    """What one kind of person notices of each child: some of it severity, some a view of their own."""

    county: County
    practice: Practice
    view: Array

    @classmethod
    def of(cls, county: County, practice: Practice) -> _Side:
        return cls(county, practice, county.rng.standard_normal(county.people.children))

    def at(self, child: Array, month: Array) -> Array:
        practice = self.practice
        severity = (self.county.psychological[child, month] - practice.middle) / practice.unit
        day = self.county.rng.standard_normal(len(child))
        own = np.sqrt(practice.lasting) * self.view[child] + np.sqrt(1 - practice.lasting) * day
        noticed: Array = np.sqrt(practice.noticed) * severity + np.sqrt(1 - practice.noticed) * own
        return noticed


def _screenings(
    county: County, practice: Practice, draws: Mapping[str, Array], sides: Mapping[str, _Side]
) -> list[_Forms]:
    """The yearly screenings: who takes part in which school, and what they fill in."""
    life, rng = county.life, county.rng
    calendar = county.timeline.months.astype(int) % 12
    chance = np.array(practice.screening)[life.school_type][:, None]
    spring = draws["spring"][life.school] < practice.in_spring
    due = np.where(spring, (calendar == _APRIL)[None, :], (calendar == _NOVEMBER)[None, :])
    due = due & life.present & (life.stage >= PRIMARY) & (draws["screens"][life.school] < chance)
    child, month = np.nonzero(due)
    severity = (county.psychological[child, month] - practice.middle) / practice.unit
    pupil = rng.random(len(child)) < logistic(practice.takes_part + practice.takes_part_pull * severity)
    willing = practice.parent_answers + practice.parent_in_hardship * life.hardship[child, month]
    parent = rng.random(len(child)) < logistic(willing + practice.takes_part_pull * severity / 2)
    school, stage = life.school[child, month], life.stage[child, month]
    young = (stage == PRIMARY) & (life.grade[child, month] <= 3)
    older = (stage == PRIMARY) & ~young
    which, both = draws["with"][school], (stage > PRIMARY) & (draws["both"][school] < practice.both_sides)
    moods = (stage > PRIMARY) & (which < practice.with_moods)
    strain = (stage > PRIMARY) & (which >= practice.with_moods)
    strain &= which < practice.with_moods + practice.with_strain
    mht = (older & (which < practice.with_mht)) | ((stage > PRIMARY) & ~moods & ~strain)
    day = county.day_within(child, month)
    noticed = {who: side.at(child, month) for who, side in sides.items()}
    given = (
        ("sdq", "parent", parent & (young | (older & ~mht) | both)),
        ("sdq", "self", pupil & both),
        ("mht", "self", pupil & mht),
        ("phq9", "self", pupil & moods),
        ("gad7", "self", pupil & moods),
        ("k10", "self", pupil & strain),
    )
    return [
        _Forms(instrument_named(name), who, child[rows], month[rows], day[rows], noticed[who][rows])
        for name, who, rows in given
    ]


def _month_of(county: County, day: Array) -> Array:
    found: Array = np.searchsorted(county.timeline.month_starts, day, side="right") - 1
    return found


def answered(rng: np.random.Generator, instrument: Instrument, notices: Array, practice: Practice) -> Array:
    """Answers of forms × items, as they stand on paper: reversed items reversed, NaN left out."""
    link = LINKS[instrument.name]
    items = np.arange(1, instrument.items + 1)
    places = link.apart * np.sin(items * 2.4) + [link.harder.get(int(item), 0.0) for item in items]
    weights = np.full(instrument.items, link.weight)
    for each in instrument.subscales:
        if not each.in_total:
            weights[np.array(each.items) - 1] *= -0.6  # what goes well, told the less the worse it goes
    lies = rng.normal(*practice.lies, len(notices))
    if instrument.validity:
        notices = notices - practice.denial * (lies > practice.lies[0] + practice.lies[1])
    leaning = notices[:, None] * weights + rng.standard_normal((len(notices), len(items))) * np.sqrt(
        1 - weights**2
    )
    told = sum((leaning > step + places).astype(float) for step in link.steps) + instrument.low
    if instrument.validity:
        places_of = np.array(instrument.validity.items) - 1
        told[:, places_of] = rng.random((len(notices), len(places_of))) < logistic(lies)[:, None]
    turned = np.isin(items, list(instrument.reversed))
    told[:, turned] = instrument.low + instrument.high - told[:, turned]
    allows = any(each.least_answered < len(each.items) for each in instrument.subscales)
    gone = rng.random(told.shape) < (practice.left_out if allows else practice.left_out_long)
    for item, other in instrument.asked_if.items():
        gone[:, item - 1] |= told[:, other - 1] == instrument.low
    found: Array = np.where(gone, np.nan, told)
    return found


class _Rows:
    """Forms as a school's system holds them, gathered instrument by instrument."""

    def __init__(self, county: County, practice: Practice, totals: Array) -> None:
        self.county = county
        self.practice = practice
        self.totals = totals
        self.child: list[Array] = []
        self.day: list[Array] = []
        self.cells: list[dict[str, object]] = []
        self.safety: list[bool] = []

    def add(self, forms: _Forms) -> None:
        """Fill the forms in, and enter each as its school's system would."""
        county, practice, instrument = self.county, self.practice, forms.instrument
        told = answered(county.rng, instrument, forms.notices, practice)
        schools = county.life.school[forms.child, forms.month]
        scored = self.totals[schools] & (instrument.name != "cssrs")
        tells = county.rng.random(len(schools)) < practice.validity_told
        ages = np.floor((forms.day - county.people.birth[forms.child]).astype(int) / 365.25)
        low, high = instrument.informants[forms.informant]
        self.child.append(forms.child)
        self.day.append(forms.day)
        for answers, by_total, validity, age in zip(told, scored, tells, ages, strict=True):
            given = {item: int(answer) for item, answer in enumerate(answers, 1) if answer == answer}
            result = score(instrument, given, informant=forms.informant, age=int(min(max(age, low), high)))
            self.safety.append(bool(result.safety_items))
            entry = {"instrument": instrument.name, "informant": forms.informant, "pupil_age": age}
            asked = bool(instrument.safety_items)
            if by_total:
                entry |= _scored(result, safety=asked, validity=bool(instrument.validity) and validity)
            else:
                entry["answers"] = " ".join(f"{item}:{answer}" for item, answer in given.items())
            self.cells.append(entry)

    def positive(self) -> tuple[Array, Array]:
        """Child and day of every form with a positive safety item so far."""
        found = np.array(self.safety, dtype=bool)
        return np.concatenate(self.child)[found], np.concatenate(self.day)[found]

    def records(self) -> Records:
        """Everything gathered, as records of the source."""
        text = ("instrument", "informant", "norms", "answers", "validity_passed", "safety_item")
        values: dict[str, Array] = {
            name: np.array([cells.get(name, "") for cells in self.cells], dtype=object) for name in text
        }
        for name in ("pupil_age", "total"):
            values[name] = np.array([cells.get(name, np.nan) for cells in self.cells], dtype=float)
        child, day = np.concatenate(self.child), np.concatenate(self.day)
        return self.county.note(Instruments.instrument_results, child, day, **values)


def _scored(result: InstrumentResult, safety: bool, validity: bool) -> dict[str, object]:
    """What a system hands over that keeps the answers to itself; a form it could not score has no total."""
    entry: dict[str, object] = {}
    if result.total is not None:
        entry["total"] = float(result.total)
    if validity and result.valid is not None:
        entry["validity_passed"] = "yes" if result.valid else "no"
    reason = result.not_scored_reason
    if reason is not None and reason.why is Why.INVALID:
        entry["total"] = 0.0
        entry["validity_passed"] = "no"
    if safety or result.total is None:
        entry["safety_item"] = "yes" if result.safety_items else "no"
    return entry
