"""What the page of a case shows of its life beside contacts and conclusions, in one language."""

from __future__ import annotations

from dataclasses import dataclass

from serving.web.components import Table


@dataclass(frozen=True)
class FindingLine:
    """What an assessment found about one risk."""

    risk: str
    finding: str
    day: str
    by: str


@dataclass(frozen=True)
class OpinionLine:
    """One person's conclusion in a second review."""

    who: str
    lines: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ConsultationLine:
    """What a colleague was asked, and their answer; empty while there is none."""

    title: str
    day: str
    question: str
    answer: str


@dataclass(frozen=True)
class ObjectionLine:
    """An objection to a record, how it stands, and what a changed record did to the score.

    `scores`: the risk as it was given, as of then with what is known today about that day, and now.
    """

    about: str
    dates: str
    by: str
    day: str
    wrong: str
    standing: str
    awaited: str
    reason: str
    change: tuple[str, ...]
    scores: Table | None = None


@dataclass(frozen=True)
class RequestLine:
    """What a person raised by hand: who asked, when, and in what words."""

    title: str
    day: str
    reason: str
    by: str


@dataclass(frozen=True)
class SiblingLine:
    """Another child's open case of the same household."""

    address: str
    id: str
    child: str
    status: str


@dataclass(frozen=True)
class ChangedLine:
    """One thing that happened to the case since the form was opened."""

    at: str
    what: str
    who: str
    note: str


@dataclass(frozen=True)
class Life:
    """The blocks of the page. `marks`: what stands beside the status; `ending`: how it closed.

    `changed`: what others did while a form was open that now cannot be saved; `entered`: what that form held,
    by label, so that nothing typed is lost where the step is no longer possible.
    """

    marks: tuple[str, ...]
    ending: str
    findings: tuple[FindingLine, ...]
    opinions: tuple[OpinionLine, ...]
    hidden: str
    consultations: tuple[ConsultationLine, ...]
    objections: tuple[ObjectionLine, ...]
    requests: tuple[RequestLine, ...]
    siblings: tuple[SiblingLine, ...]
    changed: tuple[ChangedLine, ...] = ()
    entered: tuple[tuple[str, str], ...] = ()
