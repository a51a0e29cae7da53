"""An intake that is stopped anywhere is continued by the next one: nothing lost, nothing doubled."""

import pytest

from features.lake import Lake
from tests.support_intake import Home, row


class StoppedError(RuntimeError):
    """The power went."""


class LakeThatStops(Lake):
    """Stops at the n-th delivery, before or after the lake has it."""

    def __init__(self, root, at, after):
        super().__init__(root)
        self.left = at
        self.after = after

    def append(self, source, frame, delivery):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise StoppedError
        super().append(source, frame, delivery)
        if self.left == 0:
            raise StoppedError


class LakeWhoseDiskFails(Lake):
    """Fails at the n-th file it would write."""

    def __init__(self, root, at):
        super().__init__(root)
        self.left = at

    def _write(self, table, target):
        self.left -= 1
        if self.left == 0:
            raise StoppedError
        super()._write(table, target)


class ProgressThatStops:
    def __init__(self, at):
        self.left = at

    def __call__(self, text):
        self.left -= 1
        if self.left == 0:
            raise StoppedError


def county(root):
    home = Home.at(root)
    for day in ("2024-03-25", "2024-06-25"):
        home.deliver(
            f"education/{day}/absences.csv",
            [row("absences", 1, kind="病假" if day < "2024-06" else "旷课"), row("absences", 2),
             row("absences", int(day[6]), kind="?"), row("absences", 4, id_number=None)],
        )  # fmt: skip
    home.deliver("education/2024-03-25/transfers.csv", [row("transfers", n) for n in range(1, 4)])
    return home


def state(home):
    """Everything an intake leaves, without the bytes that sealing makes new each time."""
    lake = {
        path.relative_to(home.root): path.read_bytes()
        for path in sorted((home.root / "lake").rglob("*.parquet"))
    }  # fmt: skip
    refused = sorted((entry["file"], entry["row"], tuple(entry["rules"])) for entry in home.refused())
    waiting = [(each.source, each.record_id, each.delivery) for each in home.identity.unresolved()]
    return lake, refused, waiting, home.problems()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    home = county(tmp_path_factory.mktemp("undisturbed"))
    report = home.take_in()
    assert (report.delivered, report.adds_up) == (11, True)
    return state(home)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_intake_stopped_at_a_file_is_continued(tmp_path, undisturbed, at, after):
    home = county(tmp_path)
    with pytest.raises(StoppedError):
        home.take_in(lake=LakeThatStops(home.root / "lake", at, after))

    report = home.take_in()

    assert state(home) == undisturbed
    assert report.adds_up


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_intake_stopped_between_sources_is_continued(tmp_path, undisturbed, at):
    home = county(tmp_path)
    with pytest.raises(StoppedError):
        home.take_in(progress=ProgressThatStops(at))

    home.take_in()

    assert state(home) == undisturbed


@pytest.mark.parametrize("at", range(1, 9))
def test_an_intake_stopped_at_any_file_the_lake_writes_is_continued(tmp_path, undisturbed, at):
    home = county(tmp_path)
    # Three deliveries with a ledger row each, then two compacted sources.
    with pytest.raises(StoppedError):
        home.take_in(lake=LakeWhoseDiskFails(home.root / "lake", at))

    home.take_in()

    assert state(home) == undisturbed


def test_two_homes_given_the_same_deliveries_hold_the_same_lake_to_the_byte(tmp_path, undisturbed):
    home = county(tmp_path)

    home.take_in()

    assert state(home)[0] == undisturbed[0]
