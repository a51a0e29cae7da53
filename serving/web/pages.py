"""One frozen dataclass for each page: exactly what its template receives, already in one language.

Templates decide nothing and look nothing up; whatever may not be shown is not in here.
"""

from __future__ import annotations

from dataclasses import dataclass

from serving.web.components import Link, Pager
from serving.web.life_blocks import Life


@dataclass(frozen=True)
class Who:
    """The account that is signed in."""

    display_name: str
    role: str


@dataclass(frozen=True)
class Frame:
    """What stands around every page. `here` is where the language switch comes back to.

    `printed`: who prints the page and when, at the head of every sheet. `for_family`: it is handed to whoever
    asked for it, and nobody tells them to destroy it.
    """

    language: str
    title: str
    here: str
    csrf: str
    place: str
    style: str
    script: str
    nav: tuple[Link, ...] = ()
    who: Who | None = None
    printed: str = ""
    simulated: bool = False
    for_family: bool = False


@dataclass(frozen=True)
class Problem:
    """One line of an error summary; `field` is the id of the field it leads to, if there is one."""

    sentence: str
    field: str | None = None


@dataclass(frozen=True)
class Choice:
    value: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One field of a form. `kind`: text, password, search, date, long, radio or select.

    Fields that follow one another with the same `part` stand together under it.
    """

    id: str
    name: str
    kind: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    choices: tuple[Choice, ...] = ()
    autocomplete: str = "off"
    part: str = ""


@dataclass(frozen=True)
class SignInPage:
    frame: Frame
    fields: tuple[Field, ...]
    onward: str
    notice: str
    problems: tuple[Problem, ...]
    heading: str = ""
    # The links to the provider, and out of it; empty where there is none.
    provider: str = ""
    provider_out: str = ""


@dataclass(frozen=True)
class ErrorPage:
    frame: Frame
    heading: str
    body: str


@dataclass(frozen=True)
class CaseLine:
    """One case in a list. `together`: other open cases of the household, for one visit."""

    address: str
    id: str
    child: str
    age: str
    area: str
    why: tuple[str, ...]
    urgent: bool
    tier: str
    tier_level: int
    due: str
    due_words: str
    overdue: bool
    holder: str
    own_view_first: bool
    version: int
    may_claim: bool
    together: tuple[Link, ...]


@dataclass(frozen=True)
class ClosedLine:
    address: str
    id: str
    child: str
    area: str
    why: tuple[str, ...]
    closed_on: str
    conclusions: tuple[str, ...]


@dataclass(frozen=True)
class ClosedPage:
    frame: Frame
    cases: tuple[ClosedLine, ...]
    count: str
    pager: Pager


@dataclass(frozen=True)
class FactLine:
    """One feature of a family: what the records say, who delivered them and how old they are."""

    feature: str
    value: str
    department: str
    occurred: str
    known: str
    age: str


@dataclass(frozen=True)
class FamilyLine:
    """One family's part. `width` is its share of the largest part, in per cent.

    `from_unknown`: most of the part comes from what is not known, not from a record.
    """

    title: str
    protects: bool
    strength: str
    width: int
    facts: tuple[FactLine, ...]
    from_unknown: bool


@dataclass(frozen=True)
class UnknownLine:
    """A source that tells us nothing, and which features are therefore not known."""

    sentence: str
    features: str


@dataclass(frozen=True)
class ScreeningBlock:
    """What one screener says. Of several the one that places the child highest leads, the others fold."""

    heading: str
    leads: bool
    sentence: str
    expires: str
    expired: bool
    version: str
    spoke: bool
    raising: tuple[FamilyLine, ...]
    protecting: tuple[FamilyLine, ...]
    small: int
    unknown: tuple[UnknownLine, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True)
class TriggerBlock:
    title: str
    basis: str
    department: str
    occurred: str
    known: str


@dataclass(frozen=True)
class RuleLine:
    title: str
    level: str


@dataclass(frozen=True)
class HotlineLine:
    number: str
    title: str


@dataclass(frozen=True)
class RecordLine:
    """A contact, a visit or a reviewer's own view."""

    title: str
    day: str
    met: str
    note: str
    by: str


@dataclass(frozen=True)
class ConclusionLine:
    risk: str
    disposition: str
    visited: str
    reason: str


@dataclass(frozen=True)
class HistoryLine:
    at: str
    what: str
    who: str
    note: str


@dataclass(frozen=True)
class StepForm:
    """The form of one step; `open` if it came back with something missing or is the one to do.

    `draft` says when what it is filled with was kept; empty if it was not. `hidden`: what is sent along.
    """

    verb: str
    title: str
    action: str
    help: str
    fields: tuple[Field, ...]
    open: bool
    main: bool
    draft: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ChangeBlock:
    """What changed of one risk since the round before, one sentence each."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Around:
    """What stands beside the reasons: facts that changed, how similar cases ended, and where to go on.

    `may_take`: this case is done with, and its reader works on cases.
    """

    changed: tuple[ChangeBlock, ...]
    similar: str
    links: tuple[Link, ...]
    may_take: bool


@dataclass(frozen=True)
class CasePage:
    frame: Frame
    id: str
    version: int
    notice: str
    refusal: str
    problems: tuple[Problem, ...]
    child: str
    revealed: bool
    reveal_action: str
    age: str
    stage: str
    area: str
    status: str
    is_closed: bool
    holder: str
    opened: str
    due: str
    due_words: str
    overdue: bool
    tier: str
    tier_level: int
    why: tuple[str, ...]
    duty: bool
    duty_basis: tuple[str, ...]
    hotlines: tuple[HotlineLine, ...]
    triggers: tuple[TriggerBlock, ...]
    hidden: str
    screenings: tuple[ScreeningBlock, ...]
    rules: tuple[RuleLine, ...]
    records: tuple[RecordLine, ...]
    views: tuple[RecordLine, ...]
    conclusions: tuple[ConclusionLine, ...]
    history: tuple[HistoryLine, ...]
    forms: tuple[StepForm, ...]
    closes_with: str
    life: Life
    around: Around
    may_object: bool
