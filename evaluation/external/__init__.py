"""Tables that are not ours, judged by the door a county's own screeners go through.

A declaration file says what a table holds; everything else follows from it. What another module may use is
named here, and the way of a table is the order of reading:

    declaration_file   reads what a person declared        (declaration: what it holds; entry: how it refuses)
    reading, values    the file as it stands, then numbers (oulad: a table made from dated events instead)
    folds              who fits, who calibrates, who judges
    judging            every candidate of a county, on the same splits      (yardsticks: plain ones beside it)
    found, report      what was found, as values and as pages
    command, sketch    `python -m evaluation external`, and a first declaration to finish by hand
"""

from evaluation.external.declaration import Declaration
from evaluation.external.declaration_file import declare, read_declaration, shipped
from evaluation.external.entry import TableError
from evaluation.external.found import External
from evaluation.external.judging import judge_table, the_table
from evaluation.external.report import write

__all__ = [
    "Declaration",
    "External",
    "TableError",
    "declare",
    "judge_table",
    "read_declaration",
    "shipped",
    "the_table",
    "write",
]
