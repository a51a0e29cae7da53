"""Every important suite must fail when the fault it exists for is planted.

A row of a `*.toml` file beside this one plants one fault: in a copy of the project, `find` (which
must occur exactly once in `file`) becomes `replace`, and `suite` must then fail by assertion.
Each suite must also pass unspoiled, so that a broken suite cannot pass for a sharp one.
"""

import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = [
    (path.stem, fault)
    for path in sorted(Path(__file__).parent.glob("*.toml"))
    for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
]
FOLDERS = ("features", "models", "training", "evaluation", "serving", "tests", "notebooks")
FILES = ("pyproject.toml", "bentofile.yaml", "README.md", "README.zh-CN.md", "Makefile")

pytestmark = pytest.mark.slow


def run_suite(root: Path, suite: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *suite],
        cwd=root, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, root / name)
    return root


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
def test_every_suite_passes_while_nothing_is_spoiled(copy, suite):
    result = run_suite(copy, suite)
    assert result.returncode == 0, f"{suite} fails without any fault:\n{result.stdout[-3000:]}"


@pytest.mark.parametrize(
    ("suite_name", "fault"), FAULTS, ids=[f"{name}: {fault['why']}" for name, fault in FAULTS]
)
def test_a_planted_fault_is_caught(copy, suite_name, fault):
    target = copy / fault["file"]
    original = target.read_text(encoding="utf-8")
    assert original.count(fault["find"]) == 1, (
        f"{fault['file']} holds {fault['find']!r} {original.count(fault['find'])} times"
    )

    target.write_text(original.replace(fault["find"], fault["replace"]), encoding="utf-8")
    try:
        result = run_suite(copy, shlex.split(fault["suite"]))
    finally:
        target.write_text(original, encoding="utf-8")

    assert result.returncode == 1, (
        f"not caught (exit {result.returncode}):\n{result.stdout[-2000:]}{result.stderr[-1000:]}"
    )
