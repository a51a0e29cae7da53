"""No name and no ID number leaves the identity store: not to the lake, quarantine, report or log."""

import logging

import pyarrow.parquet as pq

from tests.support_intake import Home, as_csv, id_number, row

NAMES = ("诸葛晓溪", "司马若兰", "上官子轩", "慕容佳宁", "令狐一诺")
NUMBERS = tuple(id_number(n) for n in range(1, 6))


def deliver_everywhere(home):
    """Names and numbers in every place where a clerk has put one."""
    bad = NUMBERS[2][:-1] + ("0" if NUMBERS[2][-1] != "0" else "1")
    rows = [
        row("residence", 1, name=NAMES[0]),
        row("residence", 2, name=NAMES[1], id_number=None),
        row("residence", 3, name=NAMES[2], id_number=bad),
        row("residence", 4, name=NAMES[3], sex=NAMES[3], area_code=NUMBERS[3], occurred_on=NAMES[3]),
        row("residence", 5, name=NAMES[4], record_id=NUMBERS[4]),
        row("residence", 1, name=NAMES[0]),
    ]
    home.deliver("police/2024-03-25/residence.csv", rows)
    # A file without titles: its first record stands where the titles should.
    home.deliver("police/2024-06-25/residence.csv", "\n".join(as_csv(rows).splitlines()[1:]))
    # A file in no encoding we read, and one with a child's name for a title.
    home.deliver(
        "education/2024-03-25/absences.csv", as_csv([row("absences", 1, name=NAMES[0])]).encode("utf-16")
    )
    home.deliver(
        "education/2024-06-25/absences.csv", [{**row("absences", 1, name=NAMES[0]), NAMES[1]: NUMBERS[1]}]
    )
    home.deliver(
        "education/2024-06-25/transfers.parquet", [row("transfers", 1, name=NAMES[0], kind=NUMBERS[0])]
    )
    return bad


def texts_of(path):
    data = path.read_bytes()
    for encoding in ("utf-8", "gb18030", "utf-16"):
        yield data.decode(encoding, errors="ignore")
    yield data.hex()
    if path.suffix == ".parquet":
        # Parquet compresses: look at what stands in it.
        yield str(pq.read_table(path).to_pylist())


def test_no_planted_name_or_number_stands_in_any_file(tmp_path, caplog):
    home = Home.at(tmp_path)
    bad = deliver_everywhere(home)
    told = []

    with caplog.at_level(logging.DEBUG):
        report = home.take_in(progress=told.append)

    assert (report.accepted, report.unresolved) == (2, 1)
    assert report.quarantined > 5
    secrets = [*NAMES, *NUMBERS, bad]
    secrets += [secret.encode("utf-8").hex() for secret in secrets]
    files = [path for path in home.root.rglob("*") if path.is_file() and "deliveries" not in path.parts]
    assert {"identity.db", "intake.json", "intake.html", "deliveries.parquet"} <= {
        path.name for path in files
    }
    for path in files:
        for text in texts_of(path):
            assert not [secret for secret in secrets if secret in text], path.name
    said = "\n".join(
        [*told, *report.summary_lines("zh"), *report.summary_lines("en"), caplog.text, repr(report)]
    )
    assert not [secret for secret in secrets if secret in said]


def test_what_was_refused_can_be_opened_by_who_has_the_key(tmp_path):
    home = Home.at(tmp_path)
    deliver_everywhere(home)

    home.take_in()

    opened = str(home.refused())
    assert all(secret in opened for secret in (NAMES[2], NAMES[3], NAMES[4], NUMBERS[3]))


def test_only_the_lake_columns_of_a_source_reach_the_lake(tmp_path):
    home = Home.at(tmp_path)
    deliver_everywhere(home)

    home.take_in()

    [signals] = (home.root / "lake" / "signals" / "residence").iterdir()
    assert pq.read_schema(signals).names == [
        "child_key", "record_id", "version", "occurred_on", "known_on", "delivery", "withdrawn", "birth_on", "sex",
        "area_code", "hukou_area", "arrived_on", "left_on", "living_with", "dwelling",
    ]  # fmt: skip
