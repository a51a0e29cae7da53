"""Whatever is taken in, linked, withdrawn or deleted, in whatever order: every delivered row is in one place."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.deletion import forget_child, traces
from features.intake_report import report_again
from features.settings import Settings
from tests.support_intake import MASTER_KEY
from tests.support_linkage import NEIGHBOURS, child, county, described, link_up

pytestmark = pytest.mark.slow

BORN = {"欧阳晓晨": "2015-06-17", "司马若兰": "2014-02-03"}
# A row: whose, and whether with the number, without it, with one a digit wrong, or taking the record back.
ROWS = st.tuples(
    st.integers(1, 3), st.sampled_from(sorted(BORN)), st.sampled_from(["number", "none", "wrong", "withdraw"])
)
STEPS = st.one_of(
    st.tuples(st.just("take in"), st.lists(ROWS, min_size=1, max_size=3, unique_by=lambda row: row[0])),
    st.just(("link", None)),
    st.tuples(st.just("forget"), st.sampled_from(sorted(BORN))),
)


def made(record, name, how):
    if how == "withdraw":
        return {
            **dict.fromkeys(child(record, name, BORN[name])),
            "record_id": f"R{record:05d}",
            "操作类型": "删除",
        }
    row = described(record, name, BORN[name]) if how == "none" else child(record, name, BORN[name])
    if how == "wrong":
        right = row["id_number"]
        row["id_number"] = right[:14] + right[15] + right[14] + right[16:]
    return {**row, "操作类型": "新增"}


@settings(deadline=None, max_examples=4)
@given(steps=st.lists(STEPS, min_size=2, max_size=4))
def test_every_delivered_row_is_in_one_place_after_any_steps(steps):
    with tempfile.TemporaryDirectory() as folder:
        home = county(Path(folder), [])
        where = Settings.read({"MIAOHU_HOME": str(home.root), "MIAOHU_MASTER_KEY": MASTER_KEY.hex()})
        delivered, day = len(NEIGHBOURS), date(2024, 7, 1)
        keys = {name: home.identity.child_key(str(child(1, name, BORN[name])["id_number"])) for name in BORN}
        forgotten = set()
        for number, (step, what) in enumerate(steps):
            day += timedelta(days=1)
            if step == "take in":
                home.deliver(f"police/{day}/residence.csv", [made(*row) for row in what])
                delivered += len(what)
                home.take_in(day)
            elif step == "link":
                link_up(home, day)
            elif home.identity.is_known_key(keys[what]):
                forget_child(where, home.lake, home.identity, keys[what], f"请求 {number}", day)
                forgotten.add(keys[what])

            again = report_again(home.lake, home.identity, where.quarantine, where.reports, day)
            places = (
                again.accepted, again.quarantined, again.linked, again.superseded, again.deleted, again.unresolved,
            )  # fmt: skip
            assert (again.adds_up, again.delivered, sum(places)) == (True, delivered, delivered)
            assert min(places) >= 0
            assert not list(traces(where, forgotten))
        ledger, records = home.lake.deliveries(), home.records("residence")
        link_up(home, day)
        linked = home.lake.deliveries(), home.records("residence")
        home.take_in(day)
        link_up(home, day)

        # Taking in and linking once more change nothing.
        assert (home.lake.deliveries(), home.records("residence")) == linked
        assert linked[0][: len(ledger)] == ledger
        assert len(records) <= len(linked[1])
        home.identity.close()
