"""python -m features link and keys, as a person types them."""

from datetime import UTC, datetime

import pytest

from features.__main__ import main
from features.identity import open_identity
from features.settings import Settings
from tests.support_intake import Home
from tests.support_linkage import NEIGHBOURS, child, described

NOW = datetime(2024, 7, 10, 9, 0, tzinfo=UTC)
BORN = "2015-06-17"


@pytest.fixture
def type_in(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path))

    def run(*words):
        code = main(list(words), lambda: NOW)
        return code, capsys.readouterr().out

    return run


def right_and_swapped():
    known = child(1, "欧阳晓晨", BORN)
    right = known["id_number"]
    return known, right[:14] + right[15] + right[14] + right[16:]


def deliver(tmp_path, rows):
    home = Home(tmp_path, None, None)
    home.deliver("police/2024-03-25/residence.csv", [*NEIGHBOURS, *rows])


def test_a_doubtful_pair_is_listed_masked_and_decided(tmp_path, type_in):
    known, swapped = right_and_swapped()
    deliver(tmp_path, [known, described(2, "欧阳晓辰", BORN, id_number=swapped)])
    type_in("intake")

    code, said = type_in("link", "run")
    assert code == 0
    assert "for a person to decide: 1" in said
    assert "at least 99.0% of them are right" in said

    code, listed = type_in("link", "list")
    pair = listed.split()[0]
    assert code == 0
    assert "Residence registration R00002: 欧* 341225**********" in listed
    assert "in 100" in listed
    for secret in ("晓晨", "晓辰", known["id_number"], swapped, "20150617"):
        assert secret not in listed

    words = ("link", "decide", "--pair", pair, "--same", "--by", "林老师", "--reason", "家访核实")
    assert type_in(*words)[0] == 0
    code, said = type_in("link", "run")
    assert "linked by a person: 1" in said
    assert "No pair waits for a person." in type_in("link", "list")[1]
    every = type_in("link", "list", "--all")[1]
    assert "linked since 2024-07-10 (person)" in every
    assert "same, by 林老师 at 2024-07-10" in every
    assert "家访核实" not in every


def test_records_that_say_the_same_are_listed_once_and_decided_together(tmp_path, type_in):
    known, swapped = right_and_swapped()
    doubtful = [described(n, "欧阳晓辰", BORN, id_number=swapped) for n in (2, 3, 4)]
    deliver(
        tmp_path, [known, *doubtful, described(5, "欧阳晓晨", None, id_number=swapped, birth_on="2015-06-18")]
    )
    type_in("intake")
    type_in("link", "run")
    listed = type_in("link", "list")[1]
    assert listed.count("in 100") == 2
    assert listed.count("and 2 more records that say the same") == 1
    lines = listed.splitlines()
    pair = lines[next(n for n, line in enumerate(lines) if "2 more" in line) - 3].split()[0]

    code, said = type_in(
        "link", "decide", "--pair", pair, "--same", "--alike", "--by", "林老师", "--reason", "家访核实"
    )

    assert (code, said.splitlines()[0]) == (0, f"3 decisions: {pair} same")
    assert "linked by a person: 3" in type_in("link", "run")[1]
    assert type_in("link", "list")[1].count("in 100") == 1


def test_a_mistake_gives_one_sentence(tmp_path, type_in):
    deliver(tmp_path, [child(1, "欧阳晓晨", BORN)])
    type_in("intake")

    code, said = type_in(
        "link", "decide", "--pair", "nosuchpair", "--same", "--by", "林老师", "--reason", "核实"
    )

    assert (code, said) == (1, "No pair of this name was ever listed.\n")
    with pytest.raises(SystemExit) as misused:
        type_in("link", "decide", "--pair", "nosuchpair", "--by", "林老师", "--reason", "核实")
    assert misused.value.code == 2


def test_keys_are_rotated_and_everything_still_opens(tmp_path, type_in):
    deliver(tmp_path, [child(1, "欧阳晓晨", BORN)])
    type_in("intake")
    settings = Settings.read({"MIAOHU_HOME": str(tmp_path)})
    before = settings.key_file.read_bytes()

    code, said = type_in("keys", "rotate")

    assert code == 0
    assert "start the service again" in said
    assert settings.key_file.read_bytes() != before
    store = open_identity(settings)
    assert "欧阳晓晨" in store.names(known.child_key for known in store.known()).values()
    store.close()
    type_in("intake")


def test_nothing_can_be_rotated_before_there_is_a_key(type_in):
    assert type_in("keys", "rotate") == (1, "There is no master key to rotate yet.\n")


def test_measuring_needs_the_files_it_names(tmp_path, type_in):
    code, said = type_in("link", "measure", "--febrl", str(tmp_path))

    assert code == 1
    assert "There is no dataset4a.csv in the folder given with --febrl." in said
    assert "precision" in said
