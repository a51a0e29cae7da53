"""SECURITY.md says what is declared, and every threat names a module and a test that exist."""

import ast
from pathlib import Path

import pytest

from serving.threats import SECURITY_FILE, THREATS, security_markdown

ROOT = Path(__file__).parents[2]


def test_the_document_is_current():
    assert SECURITY_FILE.read_text(encoding="utf-8") == security_markdown()


@pytest.mark.parametrize("threat", THREATS, ids=[threat.what.en for threat in THREATS])
def test_a_threat_names_a_module_and_a_test_that_exist(threat):
    file, _, name = threat.test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    assert (ROOT / threat.module).is_file()
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_two_threats_are_proven_by_the_same_test():
    assert len({threat.test for threat in THREATS}) == len(THREATS)
