"""The packs for an authority are complete: filled by the machine, or marked for a person, and in both languages."""

import json
from datetime import date

import pytest

from features.sources import SOURCES
from serving.packs import Facts, data_map, impact_assessment, write
from serving.packs_audit import minors_audit
from serving.review import audit, emergency, rights
from serving.review.case import Role
from serving.review.opening import ChildFacts
from serving.review.retention import retain
from serving.review.rights import Doing
from serving.review.schema import METADATA
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, add_account, alert, open_cases

FACTS = Facts(("psychological v1",), evaluated=True, clients=2, receivers=1, cipher="aes-gcm", simulated=True)


@pytest.fixture
def year(tmp_path):
    """A store with one of each thing the yearly audit counts."""
    store = support.open_store(tmp_path)
    open_cases(store, [alert("c-one")], areas={"c-one": ELSEWHERE})
    worker = add_account(store, Role.CHILD_DIRECTOR)
    screener = add_account(store, Role.SCREENER)
    auditor = add_account(store, Role.AUDITOR)
    with store.write() as session:
        row = emergency.open_case(
            session, actor=worker, case_id=emergency.case_of_child(session, ["c-one"]),
            given={"child": "x", "reason": "danger", "words": "手写"}, now=NOW, today=TODAY,
        )  # fmt: skip
        emergency.review(
            session, actor=auditor, number=row.id, given={"verdict": "justified", "words": "是"}, now=NOW,
            today=TODAY,
        )  # fmt: skip
        rights.receive(
            session, Doing(screener, NOW, TODAY), "c-one", ChildFacts(area_code=VILLAGE),
            {
                "child": "x", "right": "view", "asked_by": "guardian", "identity": "card", "wish": "手写",
                "received_on": TODAY.isoformat(),
            },
        )  # fmt: skip
    retain(store, NOW, do=True)
    yield store
    store.close()


def packs(store, asked=2026):
    with store.read() as session:
        return (data_map(), impact_assessment(FACTS), minors_audit(session, asked, FACTS))


def test_every_item_is_filled_or_marked_for_a_person(year):
    for pack in packs(year):
        for item in pack.items:
            assert item.said or item.person, (pack.name, item.title.en)
            for text in (item.title, item.basis, *item.said, *((item.person,) if item.person else ())):
                assert text.zh.strip(), item
                assert text.en.strip(), item


def test_the_data_map_has_every_source_and_every_personal_column():
    sheets = data_map().sheets

    assert len(sheets[0].rows) == len(SOURCES)
    assert all(cell.zh.strip() and cell.en.strip() for sheet in sheets for row in sheet.rows for cell in row)
    said = {row[0].zh: set(row[1].zh.split(", ")) for row in sheets[1].rows}
    for table in METADATA.sorted_tables:
        personal = {column.name for column in table.columns if column.info.get("personal")}
        assert said.get(table.name, set()) == personal


def test_the_audit_counts_what_happened_in_its_year_and_nothing_else(year):
    counted = {
        (sheet.title.en, row[0].en): row[1].en for sheet in packs(year)[2].sheets for row in sheet.rows
    }
    before = {
        (sheet.title.en, row[0].en): row[1].en for sheet in packs(year, 2025)[2].sheets for row in sheet.rows
    }

    assert counted["Other looks", "Opened in an emergency"] == "1"
    assert counted["Emergency openings reviewed", "Justified"] == "1"
    assert counted["Requests about personal data", "See and have a copy: To be answered"] == "1"
    assert counted["Accounts", "Auditor"] == "1"
    assert before["Other looks", "Opened in an emergency"] == "0"
    assert not [key for key in before if key[0] == "Requests about personal data"]


def test_the_year_is_chinas(year):
    with year.write() as session:
        for moment in (NOW.replace(month=12, day=31, hour=15), NOW.replace(month=12, day=31, hour=17)):
            audit.write(session, actor=audit.SYSTEM, verb="reveal_name", subject="x", now=moment)

    shown = {row[0].en: row[1].en for row in packs(year)[2].sheets[1].rows}

    assert shown["Full name shown"] == "1"


def test_pages_and_json_say_the_same_in_both_languages_and_name_nobody(year, tmp_path):
    written = write(packs(year), tmp_path / "out", date(2027, 1, 5), simulated=True)

    assert len(written) == 6
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "手写" not in text
        assert "c-one" not in text
        if path.suffix == ".html":
            assert "模拟数据" in text
            assert "http" not in text.replace("http-equiv", "")
            assert 'lang="en"' in text
        else:
            assert json.loads(text)["made_on"] == "2027-01-05"
