"""Which addresses the benchmark asks for: every page of the application and every reading operation.

A page that cannot be asked for by its route alone is a row here; one that has none stops the benchmark, so
that a new page is measured from its first day. Lists are asked for from far inside too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute

from serving.api.operations import OPERATIONS
from serving.benchmark_store import VILLAGE, Made
from serving.review.listing import Which
from serving.review.objections import Stage
from serving.review.record_store import TABLES
from serving.review.records import Kind

# As many subjects as one page is asked for, one after another.
MOST = 30
# They answer by leading to a provider of identity, and there is none here.
_ELSEWHERE = ("/sign-in/provider", "/sign-in/provider/return", "/sign-in/provider/out")

Addresses = Callable[[Made], Iterable[str]]


def _cases(page: str = "") -> Addresses:
    return lambda made: (f"/cases/{case}{page}" for case in made.screened)


def _itself(address: str) -> Addresses:
    return lambda made: [address]


def _numbers(where: str, table: str) -> Addresses:
    return lambda made: (f"{where}/{number}" for number in made.numbers[table])


def _after(where: str, of: Callable[[Made], Iterable[str]]) -> Addresses:
    return lambda made: (f"{where}{case}" for case in of(made))


# What a page of the application is asked for by, where its route alone does not say.
SUBJECTS: Mapping[str, Addresses] = {
    "/cases/{case_id}": _cases(),
    "/cases/{case_id}/child": _cases("/child"),
    "/cases/{case_id}/rounds": _cases("/rounds"),
    "/cases/{case_id}/support": _cases("/support"),
    "/emergency/{number}": _numbers("/emergency", "emergency_openings"),
    "/exports/{number}": _numbers("/exports", "export_requests"),
    "/rights/{number}": _numbers("/rights", "rights_requests"),
}
# The rest of the queue's lists, filters and far leaves.
LISTS: Mapping[str, Addresses] = {
    **{address: _itself(address) for address in (
        *(f"/?list={which.value}" for which in Which), *(f"/objections?stage={one.value}" for one in Stage),
        "/?sort=due", "/?tier=first&due=past", "/?list=all&by=0", f"/?list=all&area={VILLAGE[:9]}",
        "/emergency/review?which=all", "/rights?which=all",
    )},
    "/?list=waiting&after=": _after("/?list=waiting&after=", lambda made: made.waiting),
    "/?list=waiting&before=": _after("/?list=waiting&before=", lambda made: made.waiting),
    "/?q=": lambda made: [f"/?list=all&q={case[:3]}" for case in made.waiting],
    "/closed?after=": _after("/closed?after=", lambda made: made.closed),
}  # fmt: skip


def pages(app: FastAPI, made: Made) -> dict[str, list[str]]:
    """The addresses to ask for, by page. Raises LookupError for a page that has none."""
    found: dict[str, list[str]] = {}
    for route in app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and route.path not in _ELSEWHERE:
            found |= dict(_of_route(route.path, made))
    return found | {page: _some(addresses(made)) for page, addresses in LISTS.items()}


def _of_route(path: str, made: Made) -> Iterator[tuple[str, list[str]]]:
    if "{" not in path:
        yield path, [path]
    elif path in SUBJECTS:
        yield path, _some(SUBJECTS[path](made))
    elif path == "/records/{kind}":
        for kind in Kind:
            yield f"/records/{kind.value}", [f"/records/{kind.value}"]
            yield f"/records/{kind.value}?state=all", [f"/records/{kind.value}?state=all"]
    elif path == "/records/{kind}/{number}":
        for kind, table in TABLES.items():
            where = f"/records/{kind.value}"
            yield f"{where}/{{number}}", _some(_numbers(where, str(table.__tablename__))(made))
    elif path == "/cases/{case_id}/add/{kind}":
        for kind in Kind:
            yield f"/cases/{{case_id}}/add/{kind.value}", _some(_cases(f"/add/{kind.value}")(made))
    else:
        raise LookupError(f"The benchmark has no address for the page {path}: give it a row in SUBJECTS.")


def operations(made: Made, now: datetime) -> dict[str, list[str]]:
    """The addresses of every reading operation of the interface, with its filters."""
    found = {}
    for row in OPERATIONS:
        if row.method == "GET" and "{record_id}" in row.path:
            numbers = made.numbers[str(TABLES[row.of].__tablename__)] if row.of else ()
            found[row.path] = _some(row.path.replace("{record_id}", str(number)) for number in numbers)
        elif row.method == "GET":
            found[row.path] = _some(row.path.replace("{case_id}", case) for case in made.screened)
    # As a case system asks that looks every few minutes.
    since = quote((now - timedelta(minutes=10)).isoformat())
    for query in ("limit=200", "status=waiting", "came_by=trigger", "tier=first", f"area={VILLAGE[:9]}",
                  f"changed_since={since}", f"status=closed&area={VILLAGE}"):  # fmt: skip
        found[f"/api/v1/cases?{query[:13]}"] = [f"/api/v1/cases?{query}"]
    for query in ("limit=200", "came_by=trigger", "came_by=entitlement", f"area={VILLAGE}",
                  f"raised_since={since}"):  # fmt: skip
        found[f"/api/v1/alerts?{query[:16]}"] = [f"/api/v1/alerts?{query}"]
    return found


def _some(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(islice(addresses, MOST)))
