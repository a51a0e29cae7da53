"""INTERFACE.md, for a case system's team: operations and scopes, problem types, events; all from the rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from serving import problems
from serving.api import document as queue
from serving.api.ageing import STAYS
from serving.api.kept import KEPT_FOR
from serving.api.operations import OPERATIONS
from serving.api.shapes import MAX_ROWS
from serving.callers import KeyScope
from serving.rates import QUEUE, SCORING, TOKENS, Rate
from serving.review.exports import FETCH_WITHIN
from serving.review.tokens import LASTS
from serving.review.webhooks import JITTER, SCHEDULE, Event

INTERFACE_FILE = Path(__file__).parent / "INTERFACE.md"


_TEXT = """\
# 业务系统接口 / The interface for case systems

Written by `python -m serving document`. The whole surface, field by field: [openapi.json](openapi.json);
a typed client is [api/client.py](api/client.py); `python -m serving conformance URL --key-file FILE` tries a
deployment.

## Keys

Send `Authorization: Bearer …` or `X-API-Key: …`. `python -m serving keys add` gives out a key, `keys rotate`
a second one beside it until the first is over. Or keep the key at home and send tokens of {lasts}:

```
curl -s https://miaohu.example.org/api/v1/token -u "$CLIENT:$KEY" \\
  -d grant_type=client_credentials -d scope="read work"
```

That is OAuth 2.0's client credentials grant (RFC 6749, 4.4); the client's id, which stays when keys change,
is told by `GET /api/v1/key` and `keys list`. It may come in the form instead (`client_id`, `client_secret`).
A token goes as `Authorization: Bearer …` and opens what was asked for of the key's scopes; once the key is
over or revoked it opens nothing, and `keys end-tokens` ends the tokens alone. Errors are those of section
5.2; a client gets {tokens}. Scopes:

{scopes}

`POST /v1/score` and `POST /v1/score_batch` need `score`. The queue:

{operations}

What a client does, it does under an account of its own (`key:<client>`) by the queue's own rules, in its area
only. Answers hold child keys: no name, no ID number.

## Computed now, or from the row kept last

`POST /v1/score` reads the child's records and computes its features. With `"stored": true` the feature row
kept last, such as that of the last round, is good enough: the answer comes in a fraction of the time, its
`as_of` is the date of that row, and its reasons name no records. Where no row is kept that the screeners in
use have read, or its answer would have expired, the features are computed as without. Either way the
screening is kept under its id and the request is logged; what comes out the same to the bit is kept once, so
a screening asked for again by its row has the id, and under it the records, of the first time.

## Writing once, to what was read

Every write under `/api/v1` names an `Idempotency-Key`; its answer is kept for {days} days and given again to
the same write. A step on a case names in `If-Match` the version it was read in. A refusal changes nothing and
is not kept.

`POST /api/v1/bulk/writes` takes up to {rows} writes, each row with the name of an operation and a key of its
own, and answers 207 with what came of each: a row that is refused holds up no other, and rows sent again are
answered as before.

## Tables for other platforms

A key with `tables` asks for a table under a declared template (`request_export`), for its area and a purpose.
A screener or manager decides on the page `/exports`; `get_export` says how it stands, and once it is
`approved` the key that asked has it once, for {fetch} days, as CSV (`fetch_export`). It holds open cases and
no names, not even masked ones: who needs those fetches a table on the page. What the other platform fills in
goes back as it is (`import_answers`): each row is taken, known already, or refused with line, column and
reason, and none holds up another.

## Pace

For each client and web worker: scoring {scoring}, the queue {queue}. Then 429 with `Retry-After`.

## Request numbers

Every answer carries `X-Request-Id`, yours if it is a UUID or 8 to 64 plain characters with at most ten digits
in a row. It stands in the problem and in our log.

## Problems

RFC 9457, `application/problem+json`. A type never changes its meaning; none repeats what was sent.

{problems}

## Webhooks

Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature` (`v1`, HMAC-SHA256), one signature
for each live secret. A message comes at least once, always under the same id; [signing.py](signing.py) shows
how to check it. It holds ids only (`webhooks` in openapi.json):

```
{{"type": "alert.raised", "timestamp": "2026-10-08T01:30:00.123456+00:00",
  "data": {{"case_id": "exampleid1", "child_key": "cexampleexampleexampleexamp"}}}}
```

{events}

Not taken (anything but 2xx), it is sent again after {waits}, each {jitter} shorter or longer by lot; then it
is dead, listed by `webhooks dead` and sent again by `webhooks replay`. 410 ends it. No redirect is followed;
a private address or plain http only with `--internal`.

## Versions

A new field, operation, code or problem type may come at any time. Whatever else changes gets a new version in
the address, and the old one stays for a year.

An operation that has had its time says so in every answer: `Deprecation` (RFC 9745), `Sunset` with the day it
goes (RFC 8594), at least {stays} days later, and `Link` to what takes its place. {ageing}
"""


def render() -> str:
    """The document as text, stable from run to run."""
    kinds = [f"| `{kind.uri}` | {kind.status} | {kind.title} |" for kind in problems.KINDS]
    events = [f"| `{event.value}` | {event.title.zh} / {event.title.en} |" for event in Event]
    return _TEXT.format(
        scopes="\n".join(f"- `{scope.value}` {scope.title.zh} / {scope.title.en}" for scope in KeyScope),
        operations="\n".join(queue.markdown()),
        days=KEPT_FOR.days,
        lasts=_span(LASTS),
        tokens=_pace(TOKENS),
        scoring=_pace(SCORING),
        queue=_pace(QUEUE),
        problems="\n".join(["| Type | Status | Title |", "| --- | --- | --- |", *kinds]),
        events="\n".join(["| Event | What happened |", "| --- | --- |", *events]),
        waits=", ".join(_span(wait) for wait in SCHEDULE),
        jitter=f"{JITTER:.0%}",
        rows=MAX_ROWS,
        fetch=FETCH_WITHIN.days,
        stays=STAYS.days,
        ageing=_ageing(),
    )


def _ageing() -> str:
    old = [f"`{op.name}`" for op in OPERATIONS if op.deprecated_on is not None]
    return f"These have: {', '.join(old)}." if old else "None has now."


def _pace(rate: Rate) -> str:
    return f"{rate.per_second:g} a second, {rate.burst} at once"


def _span(wait: timedelta) -> str:
    seconds = int(wait.total_seconds())
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def write() -> Path:
    """Write the document again."""
    INTERFACE_FILE.write_text(render(), encoding="utf-8")
    return INTERFACE_FILE
