"""python -m serving forget: deletes a child by right from the command line, once the queue has been asked.

For who runs the machine, where papers and not a page brought the request, such as a court's order; the usual
way is a request that two people handle (`serving/review/rights.py`). Refused while the queue cannot be asked,
while a case of the child is open, and while a mandatory report waits for its receipt.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from features.settings import Settings
from serving.review.case import Refused
from serving.review.store import Store

Say = Callable[[str], None]


def add(commands: Any, say: Say) -> None:
    """Declare the command; `say` is given each line."""
    parser = commands.add_parser(
        "forget", help="delete a child by right, everywhere, if nothing of it is open"
    )
    parser.add_argument("--child-key", required=True, help="the child's key, as pages and reports show it")
    parser.add_argument("--basis", required=True, help="who asked, and by which right; kept sealed")
    parser.set_defaults(run=lambda settings, arguments: _forget(settings, arguments, say))


def _forget(settings: Settings, arguments: argparse.Namespace, say: Say) -> int:
    from serving import bootstrap

    store = Store.open(settings.review_url)
    try:
        for line in bootstrap.forget_child(settings, store, arguments.child_key, arguments.basis):
            say(line)
    except Refused as refused:
        say(refused.sentence.en)
        return 1
    finally:
        store.close()
    return 0
