"""Run the notebooks: python -m notebooks [--into FOLDER] [names ...].

Each runs from its first cell in a kernel of its own, on the data home in MIAOHU_HOME; without --into the
results replace those in this folder. A cell that fails stops everything, and nothing of that notebook is
written. Needs no network.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
SECONDS = 1800


def execute(path: Path, into: Path) -> Path:
    """Run one notebook and write it with its outputs; CellExecutionError if a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(HERE.parent)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when each cell ran says nothing and changes every time
    notebook.metadata = nbformat.NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"}
    )
    target = into / path.name
    nbformat.write(notebook, target)
    return target


def main(words: list[str]) -> int:
    """0 all ran, 1 one did not."""
    parser = argparse.ArgumentParser(prog="python -m notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which (default: all)")
    parser.add_argument("--into", type=Path, default=HERE, help="where the results go (default: here)")
    arguments = parser.parse_args(words)
    chosen = [
        path for path in sorted(HERE.glob("*.ipynb")) if not arguments.names or path.stem in arguments.names
    ]
    if not chosen:
        there = ", ".join(path.stem for path in sorted(HERE.glob("*.ipynb")))
        print(f"There is no such notebook; there are: {there}.")
        return 2
    arguments.into.mkdir(parents=True, exist_ok=True)
    for path in chosen:
        print(f"  {path.name}", flush=True)
        try:
            execute(path, arguments.into)
        except CellExecutionError as error:
            print(error)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
