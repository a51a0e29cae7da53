"""The evaluation report says what was computed, in both languages, by itself, and of no single child."""

import json
import re
from html.parser import HTMLParser

import pytest

from evaluation.figures import TITLES
from evaluation.report import as_json, plain, write
from models.measures import Interval
from tests.support_report import RECORDED, examined, findings, html, judged_children, report

LANGUAGES = ("zh", "en")


class Page(HTMLParser):
    """Anchors, links, sources and headings of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.images_without_words = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "a":
            self.links.append(told["href"])
        if tag == "img":
            self.sources.append(told["src"])
            self.images_without_words += not told.get("alt")


def page(language: str) -> Page:
    return Page(html(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_inside_the_page_leads_somewhere(language):
    shown = page(language)

    inside = [link for link in shown.links if link.startswith("#")]
    assert len(inside) > 30
    assert [link for link in inside if link[1:] not in shown.ids] == []
    assert len(shown.ids) == len(set(shown.ids))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_from_anywhere(language):
    text = html(language)

    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
    assert all(source.startswith("data:image/png;base64,") for source in page(language).sources)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plot_has_words_beside_it(language):
    shown = page(language)

    assert len(shown.sources) >= 5
    assert shown.images_without_words == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_measure_or_why_it_is_not_given(language):
    text = html(language)

    for name, title in TITLES.items():
        assert title[language] in text
        found = findings().figures
        assert (name in found.measures) != (name in found.not_enough)


def test_each_page_speaks_one_language():
    # The link to the other language is in that language.
    words = {
        language: re.sub(r"<a lang=[^>]+>[^<]+</a>|<[^>]+>", " ", html(language).split("</style>")[1])
        for language in LANGUAGES
    }

    assert not re.search(r"challenger|champion|\w+_\w+", words["zh"])
    assert not re.search(r"[\u4e00-\u9fff，。：；（）]|\w+_\d+d\b", words["en"])


def test_the_page_says_which_candidate_is_used_and_which_was_proposed():
    text = html("en")

    assert text.count(">used<") == 1
    assert text.count(">proposed<") == 1
    assert RECORDED["proposal"]["sentence"]["en"] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_simulated_county_is_called_so_and_a_real_one_is_not(language):
    word = {"zh": "模拟", "en": "imulated"}[language]

    assert html(language).count(word) > 8
    # Of a real county only the note on TRIPOD+AI may still speak of simulation: it does not.
    assert word not in html(language, simulated=False)


def test_no_child_is_in_the_report():
    text = as_json(report()) + html("zh")

    assert len(judged_children()) > 300
    assert [key for key in set(judged_children()) if key in text] == []


def test_the_json_holds_the_same_figures_and_no_number_that_is_none():
    told = json.loads(as_json(report()))["screeners"][0]

    found = findings()
    assert told["findings"]["figures"]["measures"]["auroc"]["value"] == found.figures.measures["auroc"].value
    assert told["candidates"][-1]["chosen"] is True
    assert [gate["name"] for gate in told["gates"]] == [r.gate.name for r in examined().results]
    assert len(told["tripod_ai"]) > 40
    assert told["findings"]["instability"] is None


def test_a_figure_that_has_no_value_is_null():
    assert plain(Interval(float("nan"), 0.5, 1.0)) == {"value": None, "low": 0.5, "high": 1.0}


def test_what_the_deployment_has_not_stated_is_counted_where_a_reader_sees_it():
    text = html("en", simulated=False)

    assert "of which the deployment has yet to state" in text
    assert "9 of which" in text
    assert "study.toml" in text


def test_writing_gives_a_page_in_each_language_and_the_json(tmp_path):
    assert {path.name for path in write(report(), tmp_path)} == {
        "evaluation.json", "evaluation.zh.html", "evaluation.en.html",
    }  # fmt: skip
    assert (tmp_path / "evaluation.zh.html").read_text(encoding="utf-8").startswith("<!doctype html>")
