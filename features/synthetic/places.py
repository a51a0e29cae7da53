"""Made-up names of the simulated county's towns and villages; no place is meant."""

import csv
from collections.abc import Iterator
from pathlib import Path

from features.synthetic.names import COUNTY, TOWNS

# One for each of TOWNS, in its order.
TOWN_NAMES = (
    ("青禾街道", "Qinghe Subdistrict"), ("柳岸街道", "Liu'an Subdistrict"),
    ("云桥街道", "Yunqiao Subdistrict"), ("松庭街道", "Songting Subdistrict"),
    ("竹溪镇", "Zhuxi Town"), ("石浦镇", "Shipu Town"),
    ("梅坞镇", "Meiwu Town"), ("南塘镇", "Nantang Town"),
    ("望江镇", "Wangjiang Town"), ("新渡镇", "Xindu Town"),
    ("临河镇", "Linhe Town"), ("北岭镇", "Beiling Town"),
)  # fmt: skip
VILLAGE_NAMES = (
    ("一村", "Village 1"), ("二村", "Village 2"), ("三村", "Village 3"),
    ("四村", "Village 4"), ("五村", "Village 5"), ("六村", "Village 6"),
)  # fmt: skip


def area_rows() -> Iterator[tuple[str, str, str]]:
    """Code, Chinese and English name of the county and of every town and village."""
    yield COUNTY, "模拟县", "Simulated County"
    for (town, villages, _), (zh, en) in zip(TOWNS, TOWN_NAMES, strict=True):
        yield f"{COUNTY}{town}", zh, en
        for number, (village_zh, village_en) in enumerate(VILLAGE_NAMES[:villages], start=1):
            yield f"{COUNTY}{town}{number:03d}", village_zh, village_en


def write_areas(path: Path) -> None:
    """Write the table a deployer would supply."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("code", "zh", "en"))
        table.writerows(area_rows())
