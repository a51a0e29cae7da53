"""The notebooks in the repository were run from top to bottom, show figures, and hold nothing personal."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells_of(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs_of(path: Path) -> list[dict]:
    return [output for cell in cells_of(path) for output in cell.get("outputs", [])]


def test_there_are_five():
    assert [path.name[0] for path in NOTEBOOKS] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_was_run_once_in_order_and_none_failed(path):
    counts = [cell["execution_count"] for cell in cells_of(path) if cell["cell_type"] == "code"]

    assert counts == list(range(1, len(counts) + 1))
    assert [output for output in outputs_of(path) if output["output_type"] == "error"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_reader_sees_plots_without_running_it(path):
    assert [output for output in outputs_of(path) if "image/png" in output.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_words_stand_in_both_languages(path):
    words = "".join("".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == "markdown")

    assert len(re.findall(r"[一-鿿]", words)) > 60
    assert len(re.findall(r"[A-Za-z]{3,}", words)) > 60


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_id_number_and_no_path_of_a_machine_is_kept(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"(?<![\d.])\d{17}[\dXx](?!\d)", text)
    assert not re.search(r"/(?:home|root|tmp|work|Users)/", text)


@pytest.mark.parametrize("path", NOTEBOOKS[:4], ids=lambda path: path.stem)
def test_figures_of_the_simulated_county_say_so(path):
    printed = json.dumps(outputs_of(path))

    assert "simulated" in printed
