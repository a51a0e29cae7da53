"""`bentoml serve` with its log in our form from the first line on: what `python -m serving serve` starts."""

from __future__ import annotations

from serving.memory import nothing_is_garbage

with nothing_is_garbage():
    from bentoml._internal.log import SERVER_LOGGING_CONFIG
    from bentoml_cli.cli import cli


def main() -> None:
    """Run BentoML's command line with the arguments given."""
    SERVER_LOGGING_CONFIG["formatters"]["traced"] = {"()": "serving.logs.JsonLines"}
    cli(prog_name="bentoml")


if __name__ == "__main__":
    main()
