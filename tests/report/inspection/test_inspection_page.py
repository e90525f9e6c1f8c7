"""One page that asks for nothing, in which nothing from a corpus is markup."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from neurosieve.report.inspection import write_inspection
from neurosieve.report.inspection.cards import SHOWN_MEMBERS, bars, cards
from neurosieve.report.inspection.page import inspection_page
from neurosieve.report.inspection.rows import damage_places
from neurosieve.report.layers import NUMBERED, Layers
from tests.report.inspection.example import FORMULA, HOSTILE, cluster, clusters, copies, example

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PARTS = ("clusters", "copies", "spread", "damage", "class_sets")


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.text = " ".join(self.text.replace("\u00a0", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


@pytest.fixture(scope="module")
def html() -> str:
    return inspection_page(example())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_page_asks_for_nothing(html: str, page: Page) -> None:
    assert any(value.startswith(POLICY) for value in page.values("content"))
    for value in page.values("href", "src", "xlink:href", "srcset", "action", "data"):
        assert value.startswith(("#", "data:image/svg+xml;base64,", "data:image/png;base64,")), value
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "img"} & set(page.tags)
    assert all(match.startswith("#") for match in re.findall(r"url\(([^)]*)\)", html))
    assert set(re.findall(r"https?://[^\s\"'<>)]*", html)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_markup_in_words_and_labels_is_inert(html: str, page: Page) -> None:
    assert "<script" not in html.lower()
    assert page.values("onerror") == []
    assert html.count("<style>") == html.count("</style>") == 1
    assert html.lower().count("<svg") == html.lower().count("</svg>")
    assert HOSTILE[:27] in page.text
    assert FORMULA in page.text
    hostile = example(
        task=HOSTILE,
        corpus=HOSTILE,
        command=HOSTILE,
        warnings=[HOSTILE],
        left_out={"spread": HOSTILE},
        model=example().model.model_copy(update={"name": HOSTILE, "layer_names": [f"{HOSTILE}{n}" for n in range(7)]}),
    )
    bad = Page(inspection_page(hostile))
    assert set(bad.tags) <= set(page.tags)
    assert bad.values("onerror") == []


def test_the_page_is_well_made(page: Page) -> None:
    assert page.tags.count("h1") == 1
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("figure") == page.tags.count("figcaption") == 4
    assert page.tags.count("table") == page.tags.count("caption")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href", "xlink:href") if value.startswith("#")} <= set(ids)
    assert all(value for tag, name, value in page.attributes if name == "aria-label" or (tag, name) == ("a", "href"))


def test_the_page_says_what_was_found(page: Page) -> None:
    for fact in (
        "What is redundant in minilm, task chunk",
        "22 neurons of layers 0 to 3",
        "explains of each other 71.0 %",
        "run against it 6",
        "The largest clusters",
        "Clusters that span most layers",
        "In context",
        "Something to know.",
        "neurosieve inspect runs/one",
        "[2,643, 2,683]",
        "−7.3 points [−10.3, −4.3]",
        "> 200",
        "64 *",
        "All 3 clusters of two neurons or more, their 28 members",
    ):
        assert fact in page.text, fact


def test_bars_say_where_members_live(page: Page) -> None:
    assert "Members by layer: layer 0: 5, layer 1: 7, layer 2: 6, layer 3: 4" in page.values("aria-label")
    made = bars([5, 10, 0], NUMBERED)
    assert [(bar.tick, bar.members, bar.height) for bar in made] == [("0", 5, 0.5), ("1", 10, 1.0), ("2", 0, 0.0)]
    assert bars([0], NUMBERED)[0].height == 0.0
    assert bars([1, 0], Layers(("0", "attention 1")))[1].tick == "attention 1"


def test_downloads_are_the_figures(page: Page) -> None:
    names = page.values("download")
    assert len(names) == len(set(names)) == 8
    carried = [value for value in page.values("href") if value.startswith("data:")]
    for name, value in zip(names, carried, strict=True):
        content = base64.b64decode(value.split(",")[1])
        assert content.startswith(b"\x89PNG" if name.endswith("png") else b"<svg")


def test_many_members_are_counted_not_listed() -> None:
    large = cluster(1, [SHOWN_MEMBERS, 50])
    part = clusters().model_copy(update={"found": [large]})
    (card,) = cards(part, [1], NUMBERED)
    assert sum(len(member.units) for member in card.members) == SHOWN_MEMBERS
    assert card.more_members == "The first 200 of 250; members.csv has all."


def test_members_that_run_against_are_marked() -> None:
    (card,) = cards(clusters(), [2], NUMBERED)
    units = [unit for member in card.members for unit in member.units]
    assert [r for _, r, _ in units] == ["1.00", "−0.80", "0.90", "0.90"]
    assert [against for _, _, against in units] == [False, True, False, False]


@pytest.mark.parametrize("kept", [(), ("clusters",), ("copies",), ("spread",), ("damage",), ("class_sets",)])
def test_a_page_of_any_part_alone(kept: tuple[str, ...]) -> None:
    changes: dict[str, Any] = {name: None for name in PARTS if name not in kept}
    page = Page(inspection_page(example(**changes, stages=[], warnings=[])))
    anchors = set(page.values("id"))
    assert ("copies" in anchors) == ("copies" in kept)
    assert ("clusters" in anchors) == bool({"clusters", "spread"} & set(kept))
    assert ("classes" in anchors) == bool({"damage", "class_sets"} & set(kept))
    assert {value[1:] for value in page.values("href") if value.startswith("#")} <= anchors


def test_texts_are_shown_as_texts() -> None:
    page = Page(inspection_page(example("classification")))
    assert "Texts are those on which that neuron is highest" in page.text
    assert "In context" not in page.text


@pytest.mark.parametrize("layers", [1, 2, 20, 60])
def test_any_number_of_layers_can_be_drawn(layers: int) -> None:
    square = [[0.3] * layers] * layers
    changes = {"varying": [8] * layers, "copied": square, "in_place": square, "nearest": square, "copies": []}
    part = copies().model_copy(update=changes)
    found = clusters().model_copy(update={"found": [cluster(1, [1] * layers + [1])], "largest": [1], "most_spread": []})
    html = inspection_page(example(copies=part, clusters=found))
    assert ("Which layers copy from which." in html) == (layers > 1)


@pytest.mark.parametrize(("sizes", "places"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (8, [0, 4, 7])])
def test_printed_sizes(sizes: int, places: list[int]) -> None:
    assert damage_places(sizes) == places


def test_the_same_inspection_gives_the_same_bytes(tmp_path: Path, html: str) -> None:
    path = write_inspection(example(), tmp_path)
    assert path == tmp_path / "inspection.html"
    assert path.read_text(encoding="utf-8") == html
    assert sorted(one.name for one in tmp_path.iterdir()) == ["inspection", "inspection.html"]
