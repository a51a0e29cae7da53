"""The words declarations are written in: Source, Feature, Outcome, Trigger and what they are made of.

Nothing here computes anything. A declaration that could not be computed, explained or lawfully used
refuses to exist. Everything is imported from here; the parts are for reading.

    words      Text in both languages, departments, kinds of columns      (DeclarationError)
    forbidden  inputs and proxies that may decide nothing about a child
    columns    Source, Column, Code
    forms      conditions, windows and the eight forms a feature may take
    examples   a table in, a value out
    feature    Family, Feature
    facts      Outcome and Trigger
"""

from features.language.columns import (
    GUARDIAN_NAME,
    GUARDIAN_PHONE,
    HOUSEHOLD_NUMBER,
    ID_NUMBER,
    NAME,
    RECORD_ID,
    Code,
    Column,
    Source,
)
from features.language.examples import EXAMPLE_AS_OF, Example, ExampleRecord
from features.language.facts import Fact, Outcome, Trigger, declared
from features.language.feature import COVERAGE_PREFIX, Family, Feature, Unit
from features.language.forbidden import FORBIDDEN_INPUTS, KNOWN_PROXIES, Proxy, forbidden_meaning, known_proxy
from features.language.forms import (
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Condition,
    DaysSince,
    DistinctCount,
    Ever,
    Form,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Trend,
    Where,
    Window,
    YearsSince,
)
from features.language.words import DeclarationError, Department, Group, Kind, Personal, Text, Use, Worded

__all__ = [
    "COVERAGE_PREFIX",
    "EXAMPLE_AS_OF",
    "FORBIDDEN_INPUTS",
    "GUARDIAN_NAME",
    "GUARDIAN_PHONE",
    "HOUSEHOLD_NUMBER",
    "ID_NUMBER",
    "KNOWN_PROXIES",
    "NAME",
    "RECORD_ID",
    "Aggregate",
    "Aggregation",
    "AtLeast",
    "AtMost",
    "Code",
    "Column",
    "Condition",
    "DaysSince",
    "DeclarationError",
    "Department",
    "DistinctCount",
    "Ever",
    "Example",
    "ExampleRecord",
    "Fact",
    "Family",
    "Feature",
    "Form",
    "Group",
    "Kind",
    "Latest",
    "OneOf",
    "Outcome",
    "Personal",
    "Proxy",
    "Ratio",
    "RiskDirection",
    "Source",
    "Text",
    "Trend",
    "Trigger",
    "Unit",
    "Use",
    "Where",
    "Window",
    "Worded",
    "YearsSince",
    "declared",
    "forbidden_meaning",
    "known_proxy",
]
