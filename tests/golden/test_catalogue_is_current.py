"""The catalogue in the tree is what the declarations say today."""

from pathlib import Path

import pytest

from features.documents import (
    CATALOGUE_FILES,
    README_FILES,
    SETTINGS_BEGIN,
    SETTINGS_END,
    catalogue_markdown,
    with_settings,
    write_documents,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", sorted(CATALOGUE_FILES))
def test_the_catalogue_is_current(language):
    name = CATALOGUE_FILES[language]
    kept = (ROOT / "features" / name).read_text(encoding="utf-8")

    assert kept == catalogue_markdown(language), (
        f"features/{name} is not what the declarations say; run python -m features document and review the diff"
    )


@pytest.mark.parametrize("language", sorted(README_FILES))
def test_the_settings_table_of_the_readme_is_current(language):
    kept = (ROOT / README_FILES[language]).read_text(encoding="utf-8")

    assert kept == with_settings(kept, language), "run python -m features document and review the diff"
    assert "MIAOHU_HOME" in kept.split(SETTINGS_BEGIN)[1].split(SETTINGS_END)[0]


def test_a_readme_without_the_marks_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        with_settings("# Miaohu\n", "en")


def test_writing_the_documents_writes_catalogues_and_settings_and_nothing_else(tmp_path):
    (tmp_path / "features").mkdir()
    for name in README_FILES.values():
        (tmp_path / name).write_text(f"# kept\n{SETTINGS_BEGIN}\n{SETTINGS_END}\nkept\n", encoding="utf-8")

    written = write_documents(tmp_path)

    assert [path.name for path in written] == [
        "CATALOGUE.md",
        "CATALOGUE.zh-CN.md",
        "README.md",
        "README.zh-CN.md",
    ]
    assert sorted(tmp_path.rglob("*.md")) == sorted(written)
    assert written[1].read_text(encoding="utf-8") == catalogue_markdown("zh")
    assert written[2].read_text(encoding="utf-8").startswith("# kept\n")
    assert written[2].read_text(encoding="utf-8").endswith(f"{SETTINGS_END}\nkept\n")
