"""A child deleted by right is nowhere any more, does not come back by itself, and the count still adds up."""

import json
import shutil
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.child_commands import history
from features.deletion import forget_child, traces
from features.identity import IdentityError
from features.lake import Lake
from features.people import read_people
from features.settings import Settings
from tests.support_intake import MASTER_KEY, Home, id_number, row
from tests.support_linkage import LINKED_ON, child, county, described, link_up, store

BORN = "2015-06-17"
TODAY, LATER = date(2024, 8, 1), date(2024, 9, 1)
WHO = child(1, "欧阳晓晨", BORN)
NUMBER = str(WHO["id_number"])


def settings_of(home):
    return Settings.read({"MIAOHU_HOME": str(home.root), "MIAOHU_MASTER_KEY": MASTER_KEY.hex()})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A county with one child of many records: by number, by link, refused, corrected, in a matrix."""
    home = county(tmp_path_factory.mktemp("made") / "home", [WHO, described(2, "欧阳晓晨", BORN)])
    rows = [
        row("absences", 1, id_number=NUMBER),
        row("absences", 2, id_number=NUMBER, kind="?"),
        row("absences", 3, id_number=id_number(3)),
    ]
    home.deliver("education/2024-03-25/absences.csv", rows)
    home.deliver(
        "education/2024-06-25/absences.csv", [row("absences", 1, id_number=NUMBER, kind="unexplained")]
    )
    home.take_in()
    link_up(home)
    keys = [home.identity.child_key(NUMBER), home.identity.child_key(id_number(3))]
    (home.root / "matrices").mkdir()
    pd.DataFrame({"child_key": keys, "as_of": ["2024-07-01"] * 2}).to_parquet(
        home.root / "matrices" / "2024-07-01.parquet"
    )
    (home.root / "matrices" / "built.json").write_text('{"made_from": "abc", "rows": 2}', encoding="utf-8")
    (home.root / "reports" / "roster.html").write_text(f"<p>{keys[0]}</p>", encoding="utf-8")
    home.identity.close()
    return home.root


@pytest.fixture
def home(made, tmp_path):
    """A copy of it: making one takes intake and linking."""
    shutil.copytree(made, tmp_path / "home")
    home = Home.at(tmp_path / "home")
    yield home
    home.identity.close()


def forget(home, on=TODAY, lake=None):
    key, basis = home.identity.child_key(NUMBER), "母亲来信，个人信息保护法第四十七条"
    return forget_child(settings_of(home), lake or home.lake, home.identity, key, basis, on)


class PowerCut(Exception):
    """What stands for a power cut."""


class CutLake(Lake):
    """A lake whose power fails when the second file is rewritten."""

    rewritten = 0

    def _replace_purged(self, *arguments):
        self.rewritten += 1
        if self.rewritten == 2:
            raise PowerCut
        super()._replace_purged(*arguments)


def test_nothing_of_the_child_is_left_in_any_file(home):
    key = home.identity.child_key(NUMBER)
    assert len(list(traces(settings_of(home), [key]))) > 5

    deleted = forget(home)

    # Residence by number and by link; an absence in two versions.
    assert (deleted.records, deleted.refused_rows, deleted.derived_rows) == (4, 1, 1)
    assert deleted.reports == ("roster.html",)
    assert deleted.left == ()
    assert home.identity.reveal(key) is None
    assert home.lake.child_records(key) == {}
    for path in home.root.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        assert "child_key" not in table.column_names or key not in table.column("child_key").to_pylist()
    assert "欧阳晓晨" not in json.dumps([each["cells"] for each in home.refused()], ensure_ascii=False)
    made = json.loads((home.root / "matrices" / "built.json").read_text(encoding="utf-8"))
    assert made == {"made_from": "", "rows": 2}


def test_other_children_keep_every_record(home):
    other = home.identity.child_key(id_number(3))
    before = home.lake.child_records(other)

    forget(home)

    assert home.lake.child_records(other) == before
    assert len(home.records("residence")) == 12


def test_each_rewriting_is_recorded_and_names_nobody(home):
    forget(home)

    purges = home.lake.purges()

    assert sum(each["rows"] for each in purges) == 4
    assert {each["purged_on"] for each in purges} == {TODAY}
    assert all(each["sha256_before"] != each["sha256_after"] for each in purges)
    assert "child_key" not in purges[0]
    assert [(event, day) for _, event, day in home.identity.deletions()] == [("forgotten", TODAY)]


def test_the_same_rows_delivered_again_are_refused_counted_and_kept_without_cells(home):
    forget(home)
    home.deliver("education/2024-08-25/absences.csv", [row("absences", 9, id_number=NUMBER)])

    report = home.take_in(LATER)

    assert home.lake.child_records(home.identity.child_key(NUMBER)) == {}
    [entry] = [each for each in home.refused() if each["rules"] == ["deleted_by_right"]]
    assert entry["cells"] is None
    assert (report.children_deleted, report.purged, report.adds_up) == (1, 4, True)
    assert report.sources[0].source == "residence"


def test_a_record_without_number_does_not_bring_the_child_back(home):
    forget(home)
    home.deliver("police/2024-08-25/residence.csv", [described(5, "欧阳晓晨", BORN)])
    home.take_in(LATER)

    report = link_up(home, LATER)

    assert (report.new_children, report.linked) == (0, 0)
    assert len(home.identity.unresolved()) == 1


def test_deleting_again_finishes_what_was_interrupted(home):
    with pytest.raises(PowerCut):
        forget(home, lake=CutLake(home.lake.root))

    forget(home, LATER)

    assert list(traces(settings_of(home), [home.identity.child_key(NUMBER)])) == []
    assert sum(each["rows"] for each in home.lake.purges()) == 4
    assert [event for _, event, _ in home.identity.deletions()] == ["forgotten"]


def test_who_consents_anew_is_taken_in_from_then_on_and_the_past_stays_deleted(home):
    key = home.identity.child_key(NUMBER)
    forget(home)

    home.identity.readmit(key, LATER, "监护人重新同意")
    home.take_in(LATER)
    assert home.lake.child_records(key) == {}
    home.deliver("education/2024-08-25/absences.csv", [row("absences", 9, id_number=NUMBER)])
    report = home.take_in(LATER)

    assert [each.record_id for each in home.lake.child_records(key)["absences"]] == ["R00009"]
    assert report.children_deleted == 0
    assert [event for _, event, _ in home.identity.deletions()] == ["forgotten", "readmitted"]
    with pytest.raises(IdentityError, match="No child of this key was deleted"):
        home.identity.readmit(key, LATER, "再次")


def test_work_begun_on_a_record_before_its_child_was_known_goes_with_the_child(home):
    """A report nobody could place is worked under a key of its own; once linked, it is the child's."""
    [(source, record_id)] = store(home).standing()
    own = home.identity.key_without_number(source, record_id)
    elsewhere = home.identity.key_without_number(source, "another")

    forget(home)

    forgotten = read_people(home.identity).forgotten
    assert own in forgotten
    assert elsewhere not in forgotten
    home.identity.readmit(home.identity.child_key(NUMBER), LATER, "监护人重新同意")
    assert read_people(home.identity).forgotten == frozenset()


def test_a_merged_child_is_deleted_under_every_key(tmp_path):
    first, second = child(1, "欧阳晓晨", BORN), child(2, "欧阳晓晨", "2015-06-18")
    home = county(tmp_path, [first, second])
    keys = sorted(home.identity.child_key(str(each["id_number"])) for each in (first, second))
    store(home).merge(keys[0], keys[1], LINKED_ON, 1)

    deleted = forget_child(settings_of(home), home.lake, home.identity, keys[0], "监护人请求", TODAY)

    assert deleted.records == 2
    assert home.identity.forgotten(keys) == set(keys)


@pytest.mark.parametrize(
    ("key", "basis", "says"),
    [("cnobody", "监护人请求", "No child of this key is known"), (None, " ", "says on what basis")],
)
def test_a_deletion_names_a_known_child_and_its_basis(home, key, basis, says):
    key = key or home.identity.child_key(NUMBER)

    with pytest.raises(IdentityError, match=says):
        forget_child(settings_of(home), home.lake, home.identity, key, basis, TODAY)
    assert home.identity.deletions() == []


def test_the_history_of_a_child_shows_every_version_and_since_when_it_no_longer_counts(home):
    lines = history(settings_of(home), home.identity.child_key(NUMBER))

    absences = lines[lines.index("Absences") + 1 :]
    assert absences[0].startswith(
        "  R00001 version 1: occurred 2024-03-01, known 2024-03-25, until 2024-06-25: kind sick"
    )
    assert "version 2: occurred 2024-03-01, known 2024-06-25, stands: kind unexplained" in absences[1]
    assert not any(secret in "\n".join(lines) for secret in ("欧阳", NUMBER))


def test_the_basis_is_kept_sealed(home):
    forget(home)

    assert "母亲来信".encode() not in (home.root / "identity.db").read_bytes()
