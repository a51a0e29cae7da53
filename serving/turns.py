"""The worker's turns, one after the other: the queue's clocks, then half a minute of webhooks, until stopped.

What is away (the database, the disk, the lake, a screener) is said once and waited for: the worker goes on by
itself when it is back. A turn that fails on what its data say, or on a fault of ours, is told with its kind
and line, and the next one comes: reports of danger must not wait until somebody starts it again. Only being
stopped, and having no memory left, end it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from sqlalchemy.exc import SQLAlchemyError

from features.settings import Settings
from serving import bootstrap, machine_commands
from serving.delivery import Delivery
from serving.review import retention, worker_turns
from serving.review.store import Store
from serving.work import work_once

TURN_SECONDS = 30

Wait = Callable[[float], bool]


@dataclass
class Worker:
    """Does the turns. `progress` is told what was done."""

    settings: Settings
    store: Store
    delivery: Delivery
    progress: Callable[[str], None]
    _said: set[str] = field(default_factory=set)
    _unranked: str | None = None
    _cut_off: str = ""

    def once(self) -> int:
        """One turn; 1 if something stands in its way."""
        waits = self._in_the_way()
        if waits:
            self._say_once(waits)
            return 1
        self._turn()
        machine_commands.tell_receivers(self.delivery, lambda _: False, self.progress, 1)
        return 0

    def until(self, wait: Wait) -> None:
        """Turn after turn, until `wait` says that we were asked to stop."""
        while not self._half_a_minute(wait):
            pass

    def _half_a_minute(self, wait: Wait) -> bool:
        try:
            waits = self._in_the_way()
            self._say_once(waits)
            if not waits:
                self._turn()
                if self._cut_off:
                    self.progress("turns are whole again")
                self._cut_off = ""
                return machine_commands.tell_receivers(self.delivery, wait, self.progress, TURN_SECONDS)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever one turn met, the next may bring a report of danger
            self._tell(error)
        return wait(5)

    def _tell(self, error: Exception) -> None:
        # The kind and our line only: the words of a driver, of a cell or of a path belong in no log of ours.
        last = extract_tb(error.__traceback__)[-1]
        by = f"{type(error).__name__} ({Path(last.filename).name}:{last.lineno})"
        if by != self._cut_off:
            self.progress(f"a turn was cut off by {by}")
        self._cut_off = by
        try:
            with self.store.write() as session:
                worker_turns.note_cut_off(session, by)
        except SQLAlchemyError as away:
            # Without a store nobody reads it either; when no turn was whole for long, that is seen by itself.
            self.progress(f"that could not be kept: {type(away).__name__}")

    def _in_the_way(self) -> set[str]:
        return {trouble.sentence for trouble in bootstrap.in_the_way(self.settings, self.store)}

    def _say_once(self, waits: set[str]) -> None:
        for sentence in sorted(waits - self._said):
            self.progress(f"the queue's clocks wait: {sentence}")
        if self._said and not waits:
            self.progress("nothing stands in the way any more")
        self._said = waits

    def _turn(self) -> None:
        # Champions, lake and profile are read anew each turn: a promotion needs no restart here.
        deps, trouble = bootstrap.work_deps(self.settings, self.store)
        if trouble and trouble != self._unranked:
            self.progress(f"ranked alerts wait: {trouble}")
        self._unranked = trouble
        done = work_once(
            deps,
            bootstrap.today(),
            bootstrap.system_random(),
            self.delivery.holder,
            self.progress,
            may_release=trouble is None,
        )
        if done is None:
            self.progress("another worker holds the lease")
        elif done.published or done.triggers or done.release:
            alerts = done.release.opened.alerts if done.release else done.triggers
            self.progress(f"published {done.published} records, raised {alerts} alerts")
        # After the triggers: what was reported of a child until now has a case, and that comes first.
        erased = bootstrap.carry_out_deletions(self.settings, self.store) if done else 0
        if erased:
            self.progress(f"deletions by right carried out: {erased}")
        bootstrap.forget_kept_answers(self.store)
        over = retention.retain_daily(self.store, bootstrap.now())
        if over is not None:
            self.progress(f"let go of what was kept long enough: {sum(one.count for one in over)}")
        if done is not None:
            with self.store.write() as session:
                worker_turns.note_whole(session, bootstrap.now())
