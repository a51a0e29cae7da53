"""python -m features link | keys: what a person types and reads about links and keys.

Both sides of a pair are shown masked. Whoever may see whole names does so in the review pages.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from features.descriptions import description
from features.identity import IdentityError, IdentityStore, Known, open_identity
from features.intake_report import report_again
from features.keyring import rewrap
from features.keys import key_of_text, rotate_key_file
from features.lake import Lake
from features.link_store import LinkStore, Pair
from features.person_numbers import masked_name, masked_number
from features.settings import Settings
from features.sources import source_named

Say = list[str]
Cells = dict[str, str | None]


def run_link(settings: Settings, today: date, progress: Callable[[str], None]) -> Say:
    """Link what can be linked, and say what was done."""
    # Splink takes a second to import, and the other commands need none of it.
    from features.linkage_model import LinkageModel
    from features.links import link

    identity = open_identity(settings)
    try:
        model = LinkageModel.load()
        lake = Lake(settings.lake)
        report = link(identity, lake, model, today=today, progress=progress)
        lines = [*report.lines(), model.lines.sentence()]
        taken_in = report_again(lake, identity, settings.quarantine, settings.reports, today)
        return [*lines, taken_in.equation("en")] if taken_in else lines
    finally:
        identity.close()


def list_pairs(settings: Settings, *, every: bool) -> Say:
    """The pairs that wait for a person (all ever listed, if `every`), masked, surest first.

    Records that say the same of their child stand under one pair of theirs.
    """
    identity = open_identity(settings)
    try:
        store = LinkStore(identity)
        verdicts, standing = store.verdicts(), store.standing()
        lines: Say = []
        for alike in _alike(identity, store).values():
            pair, cells = alike[0]
            record = (pair.source or "", pair.record_id or "")
            link = standing.get(record)
            is_linked = link is not None and link.child_key == pair.right_key
            if not every and (pair.pair in verdicts or is_linked):
                continue
            lines += _pair_lines(identity, pair, cells)
            if len(alike) > 1:
                lines.append(
                    f"    and {len(alike) - 1:,} more records that say the same (decide with --alike)"
                )
            if link is not None and is_linked:
                lines.append(f"    linked since {link.known_on} ({link.method})")
            lines += [
                f"    {each.verdict}, by {each.decided_by} at {each.decided_at}"
                for each in store.decisions(pair.pair)
            ]
        return lines or ["No pair waits for a person."]
    finally:
        identity.close()


def _alike(identity: IdentityStore, store: LinkStore) -> dict[object, list[tuple[Pair, Cells]]]:
    """Pairs by what they say: the same child, the same description of the other side, and as far."""
    verdicts = store.verdicts()
    waiting = {(each.source, each.record_id): each.cells for each in identity.waiting()}
    linked = {(each.source, each.record_id): each.cells for each in identity.opened_records("linked")}
    groups: dict[object, list[tuple[Pair, Cells]]] = {}
    for pair in store.pairs().values():
        record = (pair.source or "", pair.record_id or "")
        said = dict(waiting.get(record) or linked.get(record) or {})
        what: object = pair.pair
        if pair.source is not None and said:
            told = description(source_named(pair.source), said)
            what = (pair.right_key, tuple(sorted(told.items())), pair.pair in verdicts, record in waiting)
        groups.setdefault(what, []).append((pair, said))
    return groups


def decide_pair(
    settings: Settings, pair: str, verdict: str, *, by: str, reason: str, at: datetime, alike: bool = False
) -> Say:
    """Keep a person's decision; it is applied by the next `link run`.

    With `alike` it is made of every waiting record that says the same of the child, one by one.
    """
    identity = open_identity(settings)
    try:
        store = LinkStore(identity)
        names = [pair]
        if alike:
            groups = _alike(identity, store).values()
            names = next(
                (
                    [each.pair for each, _ in group]
                    for group in groups
                    if any(p.pair == pair for p, _ in group)
                ),
                names,
            )
        numbers = [store.decide(name, verdict, by=by, at=at, reason=reason) for name in names]
    finally:
        identity.close()
    made = f"decision {numbers[0]}" if len(numbers) == 1 else f"{len(numbers):,} decisions"
    return [
        f"{made}: {pair} {verdict}",
        "python -m features link run applies it; deciding again undoes it",
    ]


def rotate_keys(settings: Settings) -> Say:
    """Change the master key; child keys and values stay as they are."""
    if settings.master_key:
        if not settings.next_master_key:
            raise IdentityError(
                "Set MIAOHU_NEXT_MASTER_KEY to the new key: MIAOHU_MASTER_KEY holds the old one."
            )
        changed = rewrap(
            settings.identity_url,
            key_of_text(settings.master_key, "MIAOHU_MASTER_KEY"),
            key_of_text(settings.next_master_key, "MIAOHU_NEXT_MASTER_KEY"),
        )
        done = "the store is at the new key" if changed else "the store was at the new key already"
        return [f"{done}: put it into MIAOHU_MASTER_KEY and start the service again"]
    rotate_key_file(settings.key_file, lambda old, new: rewrap(settings.identity_url, old, new))
    return [
        f"the master key in {Path(settings.key_file).name} is a new one: start the service again",
        "copies of the identity store made before open with the old key only, which is gone",
    ]


def _pair_lines(identity: IdentityStore, pair: Pair, cells: dict[str, str | None]) -> Say:
    children = {known.child_key: known for known in identity.known([pair.right_key, pair.left_key or ""])}
    sure = max(0, min(99, int(pair.confidence * 100)))
    lines = [f"{pair.pair}  about {sure} in 100  {pair.agreement.replace(';', '; ').replace('=', ': ')}"]
    if pair.source is not None:
        name, number = masked_name(cells.get("name") or ""), cells.get("id_number")
        written = masked_number(number) if number else "no number"
        lines.append(f"    {source_named(pair.source).title.en} {pair.record_id}: {name} {written}")
    else:
        lines.append(_child_line(pair.left_key or "", children))
    lines.append(_child_line(pair.right_key, children))
    return lines


def _child_line(key: str, children: dict[str, Known]) -> str:
    known = children.get(key)
    if known is None:
        return f"    child {key}: not known any more"
    number = masked_number(known.id_number) if known.id_number else "no number"
    return f"    child {key}: {masked_name(known.name)} {number}"
