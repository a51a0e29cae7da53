"""`bentoml serve` with its log in our form from the first line on: what `python -m serving serve` starts.

And with as many processes as the setting says: BentoML takes their number from the service alone, where it is
one. A Bento is served as it was built.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from features.settings import Settings
from serving import SERVICE
from serving.memory import nothing_is_garbage

with nothing_is_garbage():
    from bentoml._internal.log import SERVER_LOGGING_CONFIG
    from bentoml_cli.cli import cli


def main(arguments: Sequence[str]) -> None:
    """Run BentoML's command line with these arguments."""
    SERVER_LOGGING_CONFIG["formatters"]["traced"] = {"()": "serving.logs.JsonLines"}
    if SERVICE in arguments:
        answer_in(Settings.read().processes)
    cli(list(arguments), prog_name="bentoml")


def answer_in(processes: int) -> None:
    """Have our own service answer in so many processes."""
    from serving import service

    of_bentoml: Any = service.Miaohu  # BentoML's decorators are not typed; what they leave is its Service
    of_bentoml.config["workers"] = processes


if __name__ == "__main__":
    main(sys.argv[1:])
