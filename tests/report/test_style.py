from __future__ import annotations

from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure

from neurosieve.report.style import canvas, png, styled, svg

HOSTILE = ["<script>alert(1)</script>", "</svg>", "$", "$x_1^$", "&amp;", "名詞句", "a\"b'c", "I_NP"]


@styled
def with_labels() -> Figure:
    figure, axes = canvas(2.0)
    axes.barh(range(len(HOSTILE)), 1, clip_on=True)
    axes.set_yticks(range(len(HOSTILE)), HOSTILE)
    return figure


def test_labels_stay_text_whatever_they_hold() -> None:
    root = ElementTree.fromstring(svg(with_labels(), "one", "A title"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text in HOSTILE] == HOSTILE
    assert root[0].text == "A title"


def test_labels_in_any_script_render_as_png() -> None:
    assert png(with_labels()).startswith(b"\x89PNG")


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert svg(with_labels(), "one", "t") == svg(with_labels(), "one", "t")
    assert png(with_labels()) == png(with_labels())


def test_ids_and_their_uses_carry_the_name() -> None:
    text = svg(with_labels(), "one", "t")
    root = ElementTree.fromstring(text)
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert ids
    assert all(name.startswith("one-") for name in ids)
    used = {element.get("{http://www.w3.org/1999/xlink}href", "#")[1:] for element in root.iter()} - {""}
    used |= {element.get("clip-path", "url(#)")[5:-1] for element in root.iter()} - {""}
    assert used
    assert used <= ids


def test_nothing_styles_the_page_and_nothing_is_dated() -> None:
    text = svg(with_labels(), "one", "t")
    assert "<style" not in text
    assert "metadata" not in text


def test_the_users_settings_neither_matter_nor_change(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = svg(with_labels(), "one", "t")
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 30.0)
    monkeypatch.setitem(matplotlib.rcParams, "axes.facecolor", "black")
    assert svg(with_labels(), "one", "t") == plain
    assert matplotlib.rcParams["font.size"] == 30.0
