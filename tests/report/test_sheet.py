"""One study on one page."""

from __future__ import annotations

import base64

from matplotlib.figure import Figure

from neurosieve.report.sheet import SHOWN_ROWS, Overview, Sheet, hung, sheet_html
from neurosieve.report.style import canvas, styled
from neurosieve.report.tables.base import Table
from neurosieve.run.facts import Stage
from tests.report.example import example_results
from tests.report.test_page import HOSTILE, POLICY, Page


@styled
def drawing() -> Figure:
    figure, axes = canvas(1.0)
    axes.set_title(HOSTILE)
    return figure


def sheet(**more: object) -> Sheet:
    given = {
        "title": "A study",
        "about": "of something",
        "sentences": ["It was 3 % [1, 2]."],
        "notes": ["Mind this."],
        "plates": hung([(drawing(), "one", "A figure", "How to read it", "what it shows"), (None, "two", "", "", "")]),
        "tables": [Table("rows", "Some rows", {"k": "a number", "what": "a word"}, ((1, "a"), (2, None)))],
        "facts": [("model", "mine")],
        "command": "neurosieve study",
        "record": "study.json",
        "machine": example_results().environment,
        "overviews": [Overview("Side by side", ["what", "score"], [["first", "3 % [1, 2]"]], "* But mind.")],
        "stages": [
            Stage(name="thinking", seconds=61.0, peak_memory_mb=1.0),
            Stage(name="more", seconds=60.0, peak_memory_mb=1.0),
        ],
    }
    return Sheet(**given | more)


def test_all_parts_are_on_the_page() -> None:
    html = sheet_html(sheet())
    page = Page(html)
    assert POLICY in html
    assert page.tags.count("svg") == 1, "what could not be drawn is left out"
    for part in (
        "A study",
        "of something",
        "Mind this.",
        "How to read it",
        "Some rows",
        "rows.csv",
        "mine",
        "–",
        "Side by side",
        "* But mind.",
    ):
        assert part in page.text
    assert "2 min 1 s together" in page.text
    assert "3\u00a0% [1,\u00a02]" in page.text
    assert "what it shows" in page.values("aria-label")
    assert sheet_html(sheet()) == html


def test_figures_and_tables_can_be_had_as_files() -> None:
    page = Page(sheet_html(sheet()))
    assert page.values("download")[:2] == ["one.svg", "one.png"]
    assert "rows.csv" in page.values("href")
    contents = [base64.b64decode(link.partition(",")[2]) for link in page.values("href") if link.startswith("data:")]
    assert contents[0].startswith(b"<svg")
    assert contents[1].startswith(b"\x89PNG")


def test_commands_in_sentences_are_code_and_nothing_else_is_markup() -> None:
    html = sheet_html(sheet(sentences=[f"Take `neurosieve bench {HOSTILE}`, and one ` alone is a tick."]))
    page = Page(html)
    assert page.tags.count("code") == 2  # the command that made the page has the other
    assert "and one ` alone is a tick." in page.text
    assert HOSTILE not in html
    assert f"neurosieve bench {HOSTILE}" in page.text


def test_long_tables_are_cut_and_say_so() -> None:
    rows = tuple((row, "x") for row in range(SHOWN_ROWS + 5))
    page = Page(sheet_html(sheet(tables=[Table("long", "Long", {"k": "a number", "what": "a word"}, rows)])))
    assert f"Long: the first {SHOWN_ROWS} of {SHOWN_ROWS + 5} rows" in page.text
    assert page.tags.count("tr") == SHOWN_ROWS + 1 + 2


def test_text_from_outside_stays_text() -> None:
    names = ("title", "about", "command", "record")
    page = Page(sheet_html(sheet(**dict.fromkeys(names, HOSTILE), notes=[HOSTILE], facts=[(HOSTILE, HOSTILE)])))
    assert not {"script", "img"} & set(page.tags)


def test_a_page_without_notes_has_no_heading_for_them() -> None:
    assert "How to read it" not in Page(sheet_html(sheet(notes=[], plates=[]))).text
