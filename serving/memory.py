"""What a process that answers requests does about its garbage, while it loads and once everything is loaded.

Python's collector walks every object that lives. Catalogue, screeners, templates and libraries never become
garbage, yet walking them takes a fifth of a second, and the request that meets it waits. While they are
loaded it would walk them again and again, a quarter of the time that loading takes.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Collect nothing while everything is loaded."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def keep_what_is_loaded() -> None:
    """Leave everything there is out of all later collections, and collect more seldom.

    Nothing is collected before: of half a million objects that loading leaves, a twentieth is garbage, a few
    megabytes kept for good, and finding it would hold up the start by a third of a second.
    """
    gc.freeze()
    # At the end everything may be let go again: DuckDB's bindings would complain of what they take for leaks.
    atexit.register(gc.unfreeze)
    gc.set_threshold(50_000, 20, 100)


__all__ = ["keep_what_is_loaded", "nothing_is_garbage"]
