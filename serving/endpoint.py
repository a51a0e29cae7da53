"""What the scoring endpoint does with a request: who asks, which child, what is stored, what is answered.

A child nobody knows and a child outside the caller's area get the same refusal; the area is that of the date
asked for and that of today. What is stored is the
screening and its feature row, each once and never changed; of inline records nothing is kept unless asked,
and the records themselves never are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from features.identity import IdentityError, IdentityStore
from features.jurisdiction import Profile
from models.screener import Screener
from serving import metrics, problems
from serving.answers import Wording
from serving.callers import Caller
from serving.memory import nothing_is_garbage
from serving.problems import FieldError, Problem
from serving.review import audit, screenings
from serving.review.screenings import Kept, Row
from serving.review.store import Store
from serving.schemas import ChildReference, ScoreBatchRequest, ScoreRequest
from serving.scoring import INLINE, LakeScreening, Scored, screen_inline

# A batch is screened, stored and answered in parts of this size, so that memory does not grow with it.
BATCH_PART = 1000


@dataclass
class Endpoint:
    """Answers requests; safe to share between threads.

    `lake` and `identity` are None where there is no data home: then only inline records can be screened.
    `today` is the date in China, `now` the time.
    """

    store: Store
    profile: Profile
    champions: Mapping[str, Screener]
    wording: Wording
    lake: LakeScreening | None
    identity: IdentityStore | None
    today: Callable[[], date]
    now: Callable[[], datetime]

    def score(self, request: ScoreRequest, caller: Caller) -> str:
        """The answer about one child, a `ScoreAnswer` as JSON; raises Problem."""
        self._check_ready()
        as_of = self._as_of(request.as_of)
        if request.records is not None:
            scored = screen_inline(request.records, as_of, self.profile, self.champions)
            metrics.count(scored.screenings)
            ids = self._store([scored], caller)[scored.child_key] if request.keep else {}
            return self.wording.answer(scored, ids, child_key=None)
        [child_key] = self._people([self._child_key(request.id_number, request.child_key, "id_number")])
        if request.stored and (kept := self._of_stored(child_key, as_of, caller)) is not None:
            scored, row = kept
            ids = (
                self._note(scored, row, caller)
                or self._store([scored], caller, {child_key: row.id})[child_key]
            )
            return self.wording.answer(scored, ids, child_key=child_key)
        found = self._screen([child_key], as_of, caller).get(child_key)
        if found is None:
            raise problems.unknown_child()
        return self.wording.answer(found, self._store([found], caller)[child_key], child_key=child_key)

    def score_batch(self, request: ScoreBatchRequest, caller: Caller) -> Iterator[bytes]:
        """The answer about many children, in parts; raises Problem before the first.

        Children who cannot be answered have the type of their problem in their place.
        """
        self._check_ready()
        as_of = self._as_of(request.as_of)
        child_keys = self._child_keys(request.children)
        return self._parts(child_keys, as_of, caller, request.reasons)

    def close(self) -> None:
        """Let go of databases and files."""
        if self.lake is not None:
            self.lake.close()
        if self.identity is not None:
            self.identity.close()
        self.store.close()

    def _parts(
        self, child_keys: Sequence[str], as_of: date, caller: Caller, reasons: bool
    ) -> Iterator[bytes]:
        yield f'{{"as_of":"{as_of.isoformat()}","children":['.encode()
        for start in range(0, len(child_keys), BATCH_PART):
            part = child_keys[start : start + BATCH_PART]
            # Reasons by the hundred thousand live until they are told: looking for garbage finds none.
            with nothing_is_garbage():
                told = self._part(part, start, as_of, caller, reasons)
            yield from told
        yield b"]}"

    def _part(
        self, part: Sequence[str], start: int, as_of: date, caller: Caller, reasons: bool
    ) -> list[bytes]:
        found = self._screen(part, as_of, caller)
        ids = self._store(list(found.values()), caller)
        told = []
        for place, child_key in enumerate(part, start=start):
            scored = found.get(child_key)
            answer, problem = "null", f'"{problems.UNKNOWN_CHILD.uri}"'
            if scored is not None:
                answer, problem = self.wording.answer(
                    scored, ids[child_key], child_key=child_key, reasons=reasons
                ), "null"  # fmt: skip
            item = f'{{"index":{place},"answer":{answer},"problem":{problem}}}'
            told.append((b"," if place else b"") + item.encode())
        return told

    def _check_ready(self) -> None:
        if not self.champions:
            raise problems.no_champion()

    def _as_of(self, given: date | None) -> date:
        today = self.today()
        if given is not None and given > today:
            raise problems.invalid([FieldError("as_of", "must not be after today")])
        return given or today

    def _child_key(self, id_number: str | None, child_key: str | None, where: str) -> str:
        if self.lake is None:
            raise problems.no_lake()
        if child_key is not None:
            return child_key
        if self.identity is None or id_number is None:
            raise problems.no_lake()
        try:
            return self.identity.child_key(id_number)
        except IdentityError:
            raise problems.invalid([FieldError(where, "is not a valid ID number")]) from None

    def _child_keys(self, children: Sequence[ChildReference]) -> list[str]:
        """All keys, or one Problem that names every place that cannot be used."""
        keys: list[str] = []
        wrong: list[FieldError] = []
        for place, child in enumerate(children):
            try:
                keys.append(self._child_key(child.id_number, child.child_key, f"children[{place}].id_number"))
            except Problem as problem:
                if problem.kind is not problems.INVALID_REQUEST:
                    raise
                wrong.extend(problem.errors)
        if wrong:
            raise problems.invalid(wrong)
        return self._people(keys)

    def _people(self, child_keys: Sequence[str]) -> list[str]:
        """A child merged into another is answered under the key that stayed."""
        return list(child_keys) if self.identity is None else self.identity.people(child_keys)

    def _screen(self, child_keys: Sequence[str], as_of: date, caller: Caller) -> dict[str, Scored]:
        """The children of these who exist for this caller."""
        if self.lake is None:
            raise problems.no_lake()
        found = self.lake.screen(child_keys, as_of)
        for scored in found.values():
            metrics.count(scored.screenings)
        for child_key in child_keys:
            # Known to some department but registered nowhere: out of scope, and in no area.
            if child_key not in found and self.lake.is_known(child_key, as_of):
                found[child_key] = Scored(
                    child_key, as_of, False, "no_residence", "", {}, (), frozenset(), frozenset()
                )
        if not caller.area_prefix:
            return found
        near = [key for key, scored in found.items() if scored.area_code.startswith(caller.area_prefix)]
        return {key: found[key] for key in self._still_near(near, caller)}

    def _still_near(self, child_keys: Sequence[str], caller: Caller) -> list[str]:
        """Those who live in the caller's area today: of a child that left it, its past is not told either."""
        if self.lake is None:
            raise problems.no_lake()
        areas = self.lake.areas(child_keys, self.today()) if child_keys else {}
        return [key for key in child_keys if areas.get(key, "").startswith(caller.area_prefix)]

    def _of_stored(self, child_key: str, as_of: date, caller: Caller) -> tuple[Scored, Kept] | None:
        """The child by the newest feature row that is good enough, and that row; None if none is.

        That is a row whose answer would not have expired and that every screener in use has read in the
        version in use: what its features meant then is what they mean now.
        """
        if self.lake is None:
            raise problems.no_lake()
        after = as_of - timedelta(days=self.wording.policy.expires_days)
        in_use = self.wording.versions.screeners.items()
        with self.store.connection() as connection, connection.begin():
            for kept in screenings.rows_read(connection, child_key, after=after, until=as_of):
                already = self.lake.already(child_key, kept.as_of)
                if kept.read_by >= {(name, version) for name, version in in_use if name not in already}:
                    break
            else:
                return None
            row = screenings.row_of(connection, kept.id)
        # Rows of records sent inline are kept too, under keys of no child; and a child may have moved away.
        if child_key.startswith(INLINE):
            return None
        if caller.area_prefix:
            area = self.lake.areas([child_key], as_of).get(child_key, "")
            if not area.startswith(caller.area_prefix) or not self._still_near([child_key], caller):
                return None
        scored = self.lake.screen_stored(child_key, row.as_of, row.features, frozenset(row.silent), already)
        metrics.count(scored.screenings)
        return scored, kept

    def _note(self, scored: Scored, row: Kept, caller: Caller) -> dict[str, str]:
        """The ids by screener where all of this was said of the row before and is kept; else empty.

        What is kept has the records behind it too, which a row by itself does not name. That it was asked
        for is in the log either way.
        """
        said = {one.screener: row.said.get((one.screener, one.version), "") for one in scored.screenings}
        if not said or not all(said.values()):
            return {}
        with self.store.connection(writing=True) as connection, connection.begin():
            self._log(connection, list(said.values()), 1, caller, self.now())
        return said

    def _store(
        self, found: Sequence[Scored], caller: Caller, rows: Mapping[str, str] | None = None
    ) -> dict[str, dict[str, str]]:
        """Keep the screenings with their feature rows; the id of each child's screening by screener.

        `rows`: the feature rows, by child, where they are kept already.
        """
        ids: dict[str, dict[str, str]] = {scored.child_key: {} for scored in found}
        spoken = [scored for scored in found if scored.screenings]
        if not spoken:
            return ids
        now = self.now()
        with self.store.write() as session:
            if rows is None:
                given = [Row(one.child_key, one.as_of, one.features, sorted(one.silent)) for one in spoken]
                made = screenings.add_feature_rows(session, given, now=now)
                rows = {one.child_key: row for one, row in zip(spoken, made, strict=True)}
            kept = screenings.add_screenings(
                session,
                (screening for one in spoken for screening in one.screenings),
                now=now,
                feature_rows=rows,
            )
            left = iter(kept)
            for one in spoken:
                ids[one.child_key] = {screening.screener: next(left) for screening in one.screenings}
            said = [screening for one in spoken for screening in ids[one.child_key].values()]
            self._log(session, said, len(spoken), caller, now)
        return ids

    def _log(
        self, log: Session | Connection, said: Collection[str], children: int, caller: Caller, now: datetime
    ) -> None:
        audit.write(
            log, actor=caller.name, verb="screen_on_request", subject=next(iter(said)), now=now,
            detail={"children": children, "screenings": len(said)},
        )  # fmt: skip
