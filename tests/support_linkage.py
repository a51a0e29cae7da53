"""A small county to link in: known children, and rows about them as hurried clerks write them.

Labelled samples with planted typos, homophones, missing numbers and twins come from
`features.synthetic.linkage_sample`, which the measurement prints tables of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from stdnum.cn import ric

from features.link_store import LinkStore
from features.linkage_measure import frames_of, simulated
from features.linkage_model import LinkageModel
from features.links import LinkReport, link
from tests.support_intake import Home, row

MODEL = LinkageModel.load()
RECEIVED = "2024-03-25"
LINKED_ON = date(2024, 7, 10)
AREA = "330109001001"
# Who has the same guardian and telephone as everybody is like everybody.
_NO_FAMILY = {"guardian_name": None, "guardian_phone": None}


def number(born: str, sequence: int, area: str = "341225") -> str:
    """A valid ID number of somebody born on this day; odd sequences are boys'."""
    body = f"{area}{born.replace('-', '')}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


def child(n: int, name: str, born: str, sequence: int = 11, **cells: str | None) -> dict[str, str | None]:
    """A residence record of a child with a number: known ever after."""
    said = number(born, sequence)
    sex = "male" if sequence % 2 else "female"
    cells = {
        "id_number": said,
        "name": name,
        "birth_on": born,
        "sex": sex,
        "area_code": AREA,
        **_NO_FAMILY,
        **cells,
    }
    return row("residence", n, left_on=None, **cells)


def described(
    n: int, name: str | None, born: str | None = None, **cells: str | None
) -> dict[str, str | None]:
    """A residence record without number, which says what is given."""
    cells = {
        "id_number": None,
        "name": name,
        "birth_on": born,
        "sex": "male",
        "area_code": AREA,
        **_NO_FAMILY,
        **cells,
    }
    return row("residence", n, left_on=None, **cells)


# Different people: enough that none is likely by being the only one.
NEIGHBOURS = [
    child(100 + n, name, f"20{10 + n % 9:02d}-0{1 + n % 9}-{10 + n:02d}", 13 + 2 * n)
    for n, name in enumerate(
        ("王梓涵", "李浩宇", "张欣怡", "刘子轩", "陈雨萱", "杨博文", "黄诗琪", "赵俊杰", "吴思彤", "周明轩", "徐佳慧", "孙志强")
    )
]  # fmt: skip


def county(root: Path, rows: Sequence[dict[str, str | None]], *, by: str = "2024-03-25") -> Home:
    """A data home that took in the neighbours and these residence records."""
    home = Home.at(root)
    home.deliver(f"police/{by}/residence.csv", [*NEIGHBOURS, *rows])
    home.take_in(date.fromisoformat(by))
    return home


def link_up(home: Home, on: date = LINKED_ON) -> LinkReport:
    """Run linking with the shipped model."""
    return link(home.identity, home.lake, MODEL, today=on)


def store(home: Home) -> LinkStore:
    return LinkStore(home.identity)


def whose(home: Home, record_id: str, source: str = "residence") -> list[tuple[str, date]]:
    """(child key, known on) of every version of a record in the lake, in order."""
    return [
        (each["child_key"], each["known_on"])
        for each in home.records(source)
        if each["record_id"] == record_id
    ]


@cache
def sample(seed: int, size: int = 600):
    """A labelled sample with its frames; computed once."""
    labelled = simulated(seed, size)
    return labelled, *frames_of(labelled)
