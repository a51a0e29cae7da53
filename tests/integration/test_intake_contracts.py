"""Contracts come from the declarations: every declared rule is an expectation that Great Expectations checks."""

import pytest

from features.contracts import contract_of
from features.intake_rules import RULES, sentence
from features.language import Kind, Personal
from features.safety import IN_REFUSED_ROW, KEPT, safety_facts
from features.sources import SOURCES, source_named
from tests.support_intake import Home, id_number, row

DEPARTMENTS = [source for source in SOURCES if source.department.value != "review"]
BY_KIND = {
    Kind.DATE: ["impossible_date"],
    Kind.FLAG: ["wrong_flag"],
    Kind.CODE: ["wrong_code"],
    Kind.INTEGER: ["not_whole"],
    Kind.NUMBER: ["not_a_number"],
    Kind.TEXT: ["unreadable_text", "personal_text"],
    Kind.ANSWERS: ["unreadable_answers"],
}


def rules_of(source):
    """What the declaration promises, read off it here once more."""
    wanted = {
        "ragged_row", "invalid_id_number", "adult_id_number", "recorded_before_occurring",
        "recorded_after_receipt", "duplicate", "conflicting_record", "late_record", "empty_required:record_id", "unreadable_text:record_id",
        "personal_text:record_id", "empty_required:occurred_on", "impossible_date:occurred_on",
        "empty_required:recorded_on", "impossible_date:recorded_on",
    }  # fmt: skip
    wanted |= set(source.derive.refusals if source.derive else ())
    for column in source.delivered_columns[5:]:
        kinds = [
            kind
            for kind in BY_KIND[column.kind]
            if kind != "personal_text" or column.personal is not Personal.DIRECT
        ]
        if column.required:
            kinds.append("empty_required")
        if column.minimum is not None or column.maximum is not None:
            kinds.append("out_of_range")
        if column.kind is Kind.DATE:
            kinds.append("date_after_receipt")
        wanted |= {f"{kind}:{column.name}" for kind in kinds}
    return wanted


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_declared_rule_is_one_expectation_with_its_severity(source):
    expectations = contract_of(source).suite.expectations

    assert {each.meta["rule"] for each in expectations} == rules_of(source)
    assert len(expectations) == len(rules_of(source))
    for each in expectations:
        warning = each.meta["rule"].partition(":")[0] in ("late_record", "date_after_receipt")
        assert each.severity.value == ("warning" if warning else "critical")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_expectations_hold_the_declared_codes_and_limits(source):
    settings = {each.meta["rule"]: each for each in contract_of(source).suite.expectations}

    for column in source.delivered_columns[5:]:
        if column.kind is Kind.CODE:
            assert settings[f"wrong_code:{column.name}"].value_set == [code.value for code in column.codes]
        if column.minimum is not None:
            limits = settings[f"out_of_range:{column.name}"]
            assert (limits.min_value, limits.max_value) == (column.minimum, column.maximum)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_rule_has_words_in_both_languages(source):
    for rule in rules_of(source):
        words = sentence(rule, source)
        assert "{" not in words.zh + words.en
        assert words.zh != words.en


def test_a_column_rule_is_worded_with_the_columns_own_title():
    words = sentence("wrong_code:kind", source_named("absences"))

    assert (words.zh, words.en) == (
        "“缺勤类型”不在约定的代码之内",
        "“Kind of absence” is none of the agreed codes",
    )


def quiet(source):
    """Cells that keep a row from carrying a safety fact, which would come in whatever else is in the row."""
    cells = {}
    for fact in safety_facts(source):
        for condition in fact.where[:1]:
            codes = [code.value for code in source.column(condition.column).codes] or ["yes", "no"]
            cells[condition.column] = next(code for code in codes if code not in condition.values)
    return cells


def spoiled_rows(source):
    """For every rule about a column of the source's own, a row that breaks it and nothing else."""
    number = 100
    for column in source.delivered_columns[5:]:
        spoils = {
            Kind.DATE: [("impossible_date", "2015-02-30")],
            Kind.FLAG: [("wrong_flag", "也许")],
            Kind.CODE: [("wrong_code", "没有这个代码")],
            Kind.INTEGER: [("not_whole", "1.5")],
            Kind.NUMBER: [("not_a_number", "很多")],
            Kind.TEXT: [("unreadable_text", "字" * 65), ("personal_text", f"见{id_number(5)}")],
            Kind.ANSWERS: [("unreadable_answers", "甲乙丙")],
        }[column.kind]
        if column.personal is Personal.DIRECT:
            spoils = spoils[:1]
        if column.required:
            spoils.append(("empty_required", ""))
        if column.minimum is not None:
            spoils.append(("out_of_range", str(int(column.minimum) - 1)))
        if column.maximum is not None:
            spoils.append(("out_of_range", str(int(column.maximum) + 1)))
        for kind, cell in spoils:
            number += 1
            yield f"{kind}:{column.name}", row(source, number, **quiet(source) | {column.name: cell})


@pytest.mark.parametrize("source", DEPARTMENTS, ids=lambda source: source.name)
def test_every_spoiled_cell_is_refused_by_its_own_rule_and_nothing_else_is(source, tmp_path):
    home = Home.at(tmp_path)
    good = [row(source, 1), row(source, 2)]
    spoiled = list(spoiled_rows(source))
    file = home.deliver(
        f"{source.department.value}/2024-03-25/{source.name}.csv", good + [each for _, each in spoiled]
    )

    report = home.take_in()

    wanted = {}
    for number, (rule, _) in enumerate(spoiled, start=4):
        wanted[rule] = (*wanted.get(rule, ()), number)
    found = {problem for problem in home.problems() if problem[2] != IN_REFUSED_ROW}
    if any(not fact.where for fact in safety_facts(source)):
        # Every record of such a source is a safety fact, and none is lost for a cell beside it.
        assert (found, report.accepted, report.quarantined) == (set(), 2 + len(spoiled), 0)
        return
    assert found == {(file, rows, rule) for rule, rows in wanted.items()}
    assert (report.accepted, report.quarantined) == (2, len(spoiled))


def test_no_rule_is_worded_without_being_used():
    about_files = {"unknown_department", "unknown_date", "future_delivery", "unknown_file", "wrong_department",
                   "wrong_encoding", "unreadable_file", "no_titles", "missing_column", "ambiguous_column"}  # fmt: skip
    about_history = {"already_delivered", "deleted_by_right"}
    about_persons = {"no_id_number"}  # refuses nothing: the row waits for a person
    about_withdrawals = {"nothing_to_withdraw", "unknown_operation", "withdrawn_while_waiting"}
    about_safety = {KEPT, IN_REFUSED_ROW}
    in_contracts = {rule.partition(":")[0] for source in SOURCES for rule in rules_of(source)}

    beside = about_files | about_history | about_persons | about_withdrawals | about_safety
    assert set(RULES) == beside | in_contracts
