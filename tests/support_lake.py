"""A simulated county taken in: the lake that `make demo` makes, only smaller."""

from pathlib import Path

from features.lake import Lake
from tests.support_county import UNTIL, written_county
from tests.support_intake import Home


def county_in_lake(root: Path, children: int, years: int = 2) -> Lake:
    """The lake of a county of so many children, with its mistakes, corrections and late deliveries."""
    home = Home.at(root)
    written_county(root, children=children, years=years)
    home.take_in(on=UNTIL)
    home.identity.close()
    return home.lake
