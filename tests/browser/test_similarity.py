"""The map of how alike the layers are."""

from __future__ import annotations

from neurosieve.run.results import Results
from tests.browser.conftest import Browsed


def tip(report: Browsed) -> str:
    return report.figure("cka").locator(".tip").inner_text()


def hover(report: Browsed, row: int, column: int, layers: int = 7) -> None:
    """The pointer onto a cell: cells are the first rectangles of the picture."""
    report.figure("cka").locator("svg.chart rect").nth(row * layers + column).hover()


def test_a_cell_says_its_value_with_its_interval(report: Browsed, found: Results) -> None:
    hover(report, 2, 5)
    known = found.general.cka_debiased
    value, low, high = (side[2][5] for side in (known.values, known.low, known.high))
    assert tip(report).splitlines() == [
        "layer 2 and layer 5",
        f"debiased CKA: {value:.3f} [{low:.3f}, {high:.3f}]",
        f"linear CKA: {found.general.cka[2][5]:.3f}",
    ]


def test_arrow_keys_read_what_the_pointer_reads(report: Browsed, found: Results) -> None:
    chart = report.figure("cka").locator("svg.chart")
    chart.focus()
    for key in (*["ArrowUp"] * 7, "Home", "ArrowRight", "ArrowRight", "ArrowDown"):
        chart.press(key)
    assert tip(report).splitlines()[0] == "layer 1 and layer 2"
    said = report.figure("cka").locator("[aria-live]").inner_text()
    assert f"debiased CKA: {found.general.cka_debiased.values[1][2]:.3f}" in said
    chart.press("Escape")
    assert report.figure("cka").locator(".tip").is_hidden()


def test_the_measure_can_be_chosen(report: Browsed, found: Results) -> None:
    chosen = report.figure("cka").get_by_label("Measure")
    cell = report.figure("cka").locator("svg.chart rect").nth(1)
    before = cell.get_attribute("fill")
    chosen.select_option("cka")
    assert cell.get_attribute("fill") != before
    hover(report, 0, 1)
    assert tip(report).splitlines()[1] == f"linear CKA: {found.general.cka[0][1]:.3f}"
    chosen.select_option("cka_debiased")
