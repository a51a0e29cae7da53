"""Whatever a clerk does to a file, every row ends in exactly one place and for the reason it deserves."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support_intake import Home, id_number, row

SPOILS = {
    "sound": {},
    "no number": {"id_number": ""},
    "wrong number": {"id_number": "330109200802110011"},
    "wrong code": {"kind": "9"},
    "impossible date": {"occurred_on": "2024-02-30"},
    "out of range": {"sessions": "0"},
    "no record number": {"record_id": "NULL"},
    "recorded too early": {"recorded_on": "2024-02-29"},
}
ROWS = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["1", "2"]), st.sampled_from([*["sound"] * 5, *SPOILS])),
    max_size=9,
)


def destiny(files):
    """Plain Python: (file, row) → accepted, unresolved or refused, files in order."""
    out, standing = {}, {}
    for file, rows in enumerate(files):
        seen = {}
        for number, (record, kind, spoil) in enumerate(rows, start=2):
            # Records with the same number and the same content are copies; what spoils a row is content too.
            if spoil != "no record number":
                content = (
                    (kind, spoil if spoil != "recorded too early" else "sound")
                    if spoil != "wrong code"
                    else spoil
                )
                seen.setdefault(record, {}).setdefault(content, number)
            out[file, number] = "refused" if spoil not in ("sound", "no number") else None
        for number, (record, kind, spoil) in enumerate(rows, start=2):
            if out[file, number] == "refused":
                continue
            first_copy = seen[record][kind, spoil]
            if len(seen[record]) > 1 or first_copy != number:
                out[file, number] = "refused"
            elif spoil == "no number":
                out[file, number] = "unresolved"
            elif standing.get(record) == kind:
                out[file, number] = "refused"
            else:
                standing[record] = kind
                out[file, number] = "accepted"
    return out


@settings(deadline=None, max_examples=15)
@given(files=st.lists(ROWS.filter(bool), min_size=1, max_size=2))
def test_every_row_is_accepted_refused_or_unresolved_and_the_count_adds_up(files):
    with tempfile.TemporaryDirectory() as root:
        home = Home.at(Path(root))
        names = []
        for file, rows in enumerate(files):
            made = [
                row("absences", record, **{"kind": kind, **SPOILS[spoil]}) for record, kind, spoil in rows
            ]
            names.append(home.deliver(f"education/2024-0{file + 3}-25/absences.csv", made))

        report = home.take_in()

        refused = {(each["file"], each["row"]) for each in home.refused()}
        accepted = len(home.records("absences"))
        summaries = home.quarantine.summaries().values()
        unresolved = {(each.file, number) for each in summaries for number in each.unresolved_rows}
        home.identity.close()

    wanted = destiny(files)
    assert report.adds_up
    assert report.delivered == sum(map(len, files)) == accepted + len(refused) + len(unresolved)
    assert refused == {(names[file], number) for (file, number), end in wanted.items() if end == "refused"}
    assert unresolved == {
        (names[file], number) for (file, number), end in wanted.items() if end == "unresolved"
    }


def test_the_wrong_number_used_above_is_wrong_by_its_check_digit_only():
    assert id_number(1)[:-1] != SPOILS["wrong number"]["id_number"][:-1]
    assert len(SPOILS["wrong number"]["id_number"]) == 18
