"""What only a score needs, loaded a moment after the service is ready: a page need not wait for trees.

LightGBM, the tables of reasons, where children begin in the files, who was silent. A score that comes before
waits for what of it is not there yet, a second or two, and is answered.
"""

from __future__ import annotations

import importlib
import logging
from threading import Timer

from serving.endpoint import Endpoint
from serving.memory import keep_what_is_loaded

LOG = logging.getLogger("miaohu.serving")
# In seconds: so long the server still needs to listen and to say that it is ready.
AFTER = 0.5


def warm_up(endpoint: Endpoint) -> None:
    """Do at once what the first score would else wait for."""
    if endpoint.lake is not None:
        endpoint.lake.warm_up(endpoint.today())
        # What writes the queries of a batch.
        importlib.import_module("features.expressions")


def warm_up_soon(endpoint: Endpoint, keep: bool) -> Timer:
    """The same in a thread of its own, after which what is loaded is kept for good if `keep`."""
    soon = Timer(AFTER, _warm_up, (endpoint, keep))
    soon.start()
    return soon


def _warm_up(endpoint: Endpoint, keep: bool) -> None:
    try:
        warm_up(endpoint)
    except Exception as error:  # noqa: BLE001  # a score meets the same and says so; the pages go on
        LOG.error("A score cannot be got ready: %s", type(error).__name__)
    if keep:
        keep_what_is_loaded()
