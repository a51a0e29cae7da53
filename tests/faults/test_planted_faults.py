"""Every important suite must fail when the fault it exists for is planted.

A row of a `*.toml` file beside this one plants one fault: in a copy of the project, `find` (which
must occur exactly once in `file`) becomes `replace`, and `suite` must then fail by assertion.
Each suite must also pass unspoiled, so that a broken suite cannot pass for a sharp one.
"""

import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = [
    (path.stem, fault)
    for path in sorted(Path(__file__).parent.glob("*.toml"))
    for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
]
FOLDERS = ("features", "models", "training", "evaluation", "serving", "tests", "notebooks", "deploy")
FILES = ("pyproject.toml", "bentofile.yaml", "README.md", "README.zh-CN.md", "Makefile")
SECONDS = itertools.count(1)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Run:
    """How a suite ended: the exit code of pytest, and what it said."""

    code: int
    said: str


class ReadyPython:
    """Runs suites in a copy of the project; see `ready_python`."""

    def __init__(self, root: Path, said: Path) -> None:
        self.root, self._said = root, said
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("ready_python.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, suite: list[str]) -> Run:
        # What a test that fails leaves open would end pytest itself, and the run would count as none.
        without = ("-p", "no:cacheprovider", "-p", "no:unraisableexception")
        arguments = ["-x", "-q", "--no-header", *without, *suite]
        asked = {"root": str(self.root), "arguments": arguments, "said": str(self._said)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the process that runs the suites has ended"
        return Run(int(answer), self._said.read_text(encoding="utf-8", errors="replace"))

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, root / name)
    python = ReadyPython(root, tmp_path_factory.mktemp("said") / "output.txt")
    yield python
    python.close()


def unspoiled() -> dict[str, list[str]]:
    """What to run of each file, or test, that faults name: one run in place of one for every suite."""
    runs: dict[str, set[str]] = {}
    for _, fault in FAULTS:
        words = shlex.split(fault["suite"])
        names, keys = (words[:-2], words[-1]) if "-k" in words else (words, "")
        for name in names:
            runs.setdefault(name, set()).add(keys)
    return {
        name: [name, "-k", " or ".join(f"({key})" for key in sorted(keys))] if all(keys) else [name]
        for name, keys in sorted(runs.items())
    }


@pytest.mark.parametrize("suite", unspoiled().values(), ids=unspoiled())
def test_every_suite_passes_while_nothing_is_spoiled(python, suite):
    run = python.run(suite)
    assert run.code == 0, f"{suite} fails without any fault:\n{run.said[-3000:]}"


@pytest.mark.parametrize(
    ("suite_name", "fault"), FAULTS, ids=[f"{name}: {fault['why']}" for name, fault in FAULTS]
)
def test_a_planted_fault_is_caught(python, suite_name, fault):
    target = python.root / fault["file"]
    original = target.read_text(encoding="utf-8")
    assert original.count(fault["find"]) == 1, (
        f"{fault['file']} holds {fault['find']!r} {original.count(fault['find'])} times"
    )

    before = target.stat()
    target.write_text(original.replace(fault["find"], fault["replace"]), encoding="utf-8")
    # What was compiled is known by its file's second and size. Each spoiled file has a second of its own.
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns - next(SECONDS) * 10**9))
    try:
        run = python.run(shlex.split(fault["suite"]))
    finally:
        target.write_text(original, encoding="utf-8")
        os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert run.code == 1, f"not caught (exit {run.code}):\n{run.said[-3000:]}"
