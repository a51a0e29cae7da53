"""A table's declaration: what it may say, and the sentence that refuses everything else."""

import pytest

from evaluation.external.declaration_file import declare, read_declaration, shipped
from evaluation.external.entry import TableError, read_toml
from features.language import RiskDirection
from tests.support_tables import BASE, changed, declared


def test_a_declaration_is_read_as_it_is_written() -> None:
    found = declared()

    assert [column.name for column in found.columns] == list(BASE["columns"])
    assert found.columns[1].risk is RiskDirection.FALLS
    assert found.columns[5].mapping == {"A": 0.0, "B": 5.0}
    assert found.outcomes[0].splits == ("folds", "later")
    assert found.splits[1].calibrate_share == 0.2


def test_a_bare_type_is_enough_for_a_column() -> None:
    found = declared("columns.bullied", "number")

    assert (found.columns[0].type, found.columns[0].family, found.columns[0].title.en) == (
        "number",
        "",
        "bullied",
    )


def test_an_outcome_is_never_read_from_its_own_columns_nor_from_what_it_is_without() -> None:
    found = declared()

    read = {column.name for column in found.inputs_of(found.outcomes[1])}

    assert read == {"bullied", "sleep_hours", "quarrels", "lives_with"}


def test_without_a_family_leaves_all_its_columns_out() -> None:
    found = declared("outcomes.low.without", ["home"])

    assert [column.name for column in found.inputs_of(found.outcomes[0])] == ["bullied"]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("name", None, 'name is not given; it must be a word in lower case, as in name = "county_survey"'),
        ("tabel", {}, "has the key 'tabel', which means nothing here.*Was table meant"),
        ("undecided", {"x": {"type": "flag"}}, "has the key 'undecided'"),
        ("table.separator", ";;", r"\[table\] separator is ';;'; it must be one character"),
        ("table.decimal", ";", "a point or a comma"),
        ("table.missing", -9, r"a list of values, as in \[-9, \"unknown\"\]"),
        ("table.weight", None, "weight_within is 'wave'; it must be left out"),
        ("columns.bullied.type", "text", "type is 'text'; it must be one of flag, number, ordered, category, date"),
        ("columns.bullied.type", None, "type is not given"),
        ("columns.bullied.risk", "up", "risk is 'up'; it must be one of rises, falls, either"),
        ("columns.bullied.family", "hobbies", "one of home, school_life"),
        ("columns.bullied.levels", ["a", "b"], "levels .*left out: it is for ordered and category columns"),
        ("columns.bullied.no", ["yes"], "none that also means no"),
        ("columns.bullied.zh", "受欺凌", "in both languages, zh and en"),
        ("columns.quarrels.levels", ["never"], "2 to 30 values, the lowest first"),
        ("columns.quarrels.levels", ["never", "never"], "each value once"),
        ("columns.lives_with.risk", "rises", "the values of a category have no order"),
        ("columns.sleep_hours.low", 20, "not above high"),
        ("columns.points.map", {"A": "nothing"}, "numbers by value"),
        ("columns.born", "date", r"name the column that holds it, \[table\] as_of"),
        ("columns.2nd", "flag", "no digit first"),
        ("columns.raceeth", {"type": "category", "levels": ["a", "b"]}, "forbidden input: ethnicity"),
        ("columns.unfair", {"type": "flag", "from": "unfair_race"}, "forbidden input: ethnicity"),
        ("columns.x", {"type": "flag", "zh": "宗教", "en": "Faith", "harmless": "no"}, "forbidden input: religion"),
        ("columns.hometown", "flag", "forbidden input: origin province"),
        ("columns.credits", "number", "forbidden input: credit records.*harmless"),
        ("columns.phone", "flag", "stands in for a forbidden input: Telephone number"),
        ("columns.female", "flag", r"speaks of sex. Declare it under \[groups\]"),
        ("columns.school", "number", "says whose row it is"),
        ("columns.wave", "number", "says whose row it is"),
        ("columns.lives_with_1", "flag", "two columns would be called lives_with_1"),
        ("columns", {}, "at least one column"),
        ("outcomes", {}, "at least one outcome"),
        ("outcomes.low.any_of", {}, "at least one condition"),
        ("outcomes.low.any_of", {"mood": []}, "names no value"),
        ("outcomes.low.any_of", {"mood": {"at_lest": 3}}, "has the key 'at_lest'"),
        ("outcomes.low.without", ["bulied"], "'bulied', which is no declared column and no family"),
        ("outcomes.low.without", ["home", "school_life"], "leaves no column to read"),
        ("outcomes.low.strong", {"bullied": " "}, "each with the reason why it stays"),
        ("outcomes.low.splits", ["fold"], "of the declared splits folds, later"),
        ("splits.folds.folds", 1, "2 to 20"),
        ("splits.folds.calibrate_share", 0.9, "0.05 to 0.5"),
        ("splits.folds.judge_from", 2023, "left out where no time is named"),
        ("splits.later.judge_from", 2021, "follow each other in time"),
        ("splits.later.calibrate_until", 2023, "follow each other in time"),
        ("splits.later.fit_until", "2021", "follow each other in time"),
        ("splits.later.fit_until", None, "fit_until is not given"),
        ("groups.sleep.names", {"7": {"zh": "七", "en": "seven"}}, "bands name themselves"),
        ("groups.sex.names", {"f": {"zh": "女"}}, r"\[groups.sex.names.f\] .*both languages"),
        ("groups.sex", {"bands": [7, 1]}, "a list of rising numbers"),
    ],
)  # fmt: skip
def test_what_must_not_be_declared_is_refused_in_a_sentence(place: str, value: object, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence) as refused:
        declare(changed(place, value), "survey.toml")

    assert str(refused.value).startswith("survey.toml")


def test_a_word_that_means_something_else_may_be_explained() -> None:
    held = {"type": "number", "harmless": "points of a course, no record of debts"}

    assert declared("columns.credits", held).columns[-1].name == "credits"


def test_sex_may_be_read_only_as_sensitive() -> None:
    assert declared("columns.female", {"type": "flag", "sensitive": True}).columns[-1].sensitive


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('name = "a"\ntable : 1\n', encoding="utf-8")

    with pytest.raises(TableError, match=r"broken.toml cannot be read as TOML: .*line 2"):
        read_toml(path)


def test_an_unknown_declaration_is_refused_with_those_that_ship() -> None:
    with pytest.raises(TableError, match="give a TOML file, or one of oulad, yrbs"):
        read_declaration("nothing")


@pytest.mark.parametrize("name", shipped())
def test_what_ships_reads_neither_race_nor_sexual_abuse_and_shows_sex_as_no_reason(name: str) -> None:
    found = read_declaration(name)

    read = " ".join(f"{column.read_from} {column.title.en}" for column in found.columns).lower()

    assert not any(word in read for word in ("race", "ethnic", "sex_", "sexual", "imd", "region"))
    assert all(column.sensitive for column in found.columns if column.read_from in ("sex", "gender"))
    assert all(outcome.splits for outcome in found.outcomes)
