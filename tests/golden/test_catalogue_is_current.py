"""The catalogue in the tree is what the declarations say today."""

from pathlib import Path

import pytest

from features.documents import CATALOGUE_FILES, catalogue_markdown, write_documents

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", sorted(CATALOGUE_FILES))
def test_the_catalogue_is_current(language):
    name = CATALOGUE_FILES[language]
    kept = (ROOT / "features" / name).read_text(encoding="utf-8")

    assert kept == catalogue_markdown(language), (
        f"features/{name} is not what the declarations say; run python -m features document and review the diff"
    )


def test_writing_the_documents_writes_both_catalogues_and_nothing_else(tmp_path):
    (tmp_path / "features").mkdir()

    written = write_documents(tmp_path)

    assert [path.name for path in written] == ["CATALOGUE.md", "CATALOGUE.zh-CN.md"]
    assert sorted(tmp_path.rglob("*.md")) == sorted(written)
    assert written[1].read_text(encoding="utf-8") == catalogue_markdown("zh")
