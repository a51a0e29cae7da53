import pytest

from features.areas import AreasError, area_titles, read_areas
from features.language import Text
from features.synthetic.names import TOWNS
from features.synthetic.places import area_rows, write_areas


def test_a_village_reads_as_its_town_and_its_own_name():
    names = {"330109001": Text("青禾街道", "Qinghe"), "330109001002": Text("二村", "Village 2")}
    title = area_titles({**names, "330110": Text("一县", "A county")})

    assert title("330109001002") == Text("青禾街道二村", "Village 2, Qinghe")
    assert title("330109001999") == Text("青禾街道", "Qinghe")
    assert title("330109") is None
    assert title("330110") == Text("一县", "A county")
    assert title("330110001") is None, "a town that has no name is not its county"
    assert title("110101001001") is None


def test_without_a_table_nothing_has_a_name(tmp_path):
    assert read_areas(tmp_path / "areas.csv") == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name\n1,x\n", "columns code, zh and en"),
        ("", "columns code, zh and en"),
        ("code,zh,en\n33010,青,Q\n", "line 2"),
        ("code,zh,en\n330109001,,Q\n", "line 2"),
    ],
)
def test_a_table_that_cannot_be_read_names_the_line(tmp_path, text, sentence):
    (tmp_path / "areas.csv").write_text(text, encoding="utf-8")

    with pytest.raises(AreasError, match=sentence):
        read_areas(tmp_path / "areas.csv")


def test_the_simulated_county_names_every_place_it_uses(tmp_path):
    write_areas(tmp_path / "areas.csv")

    names = read_areas(tmp_path / "areas.csv")

    assert len(names) == len(list(area_rows())) == 1 + len(TOWNS) + sum(villages for _, villages, _ in TOWNS)
