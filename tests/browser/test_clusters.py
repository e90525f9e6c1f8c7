"""The slider that cuts the dendrogram, and the browser of clusters."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosieve.run.atlas.records import Atlas
from tests.browser.conftest import Browsed
from tests.browser.small import HOSTILE, groups_at
from tests.report.example import NEURONS, UNITS


def told(report: Browsed) -> list[int]:
    """Clusters, neurons, single neurons, larger clusters and the largest, as the slider's sentence has them."""
    said = report.figure("cut").locator("output.told").inner_text()
    counted = re.match(
        r"c_t = ([\d.]+): ([\d,]+) clusters? of ([\d,]+) neurons .*?\. ([\d,]+) are single neurons, ([\d,]+) are "
        r"larger; the largest has ([\d,]+) neurons?\.",
        said,
    )
    assert counted, said
    return [int(number.replace(",", "")) for number in counted.groups()[1:]]


def by_scipy(links: NDArray[np.float64], threshold: float) -> list[int]:
    larger = groups_at(links, threshold)
    alone = NEURONS - sum(map(len, larger))
    return [alone + len(larger), NEURONS, alone, len(larger), max(map(len, larger), default=1)]


def slide(report: Browsed, threshold: float) -> None:
    report.figure("cut").get_by_label("Threshold c_t").evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", str(threshold)
    )


@pytest.mark.parametrize("threshold", [0.0, 0.12, 0.3, 0.57, 0.95])
def test_the_slider_cuts_where_scipy_does(
    threshold: float, report: Browsed, links: NDArray[np.float64], tmp_path: Path
) -> None:
    slide(report, threshold)
    assert told(report) == by_scipy(links, threshold)
    rows = list(csv.DictReader(io.StringIO(report.saved("cut", "CSV", tmp_path / "a.csv").decode())))
    assert [row["clusters"] for row in rows if row["from"] == "slider"] == [str(by_scipy(links, threshold)[0])]


def test_arrow_keys_move_the_slider(report: Browsed, links: NDArray[np.float64]) -> None:
    slide(report, 0.5)
    handle = report.figure("cut").get_by_label("Threshold c_t")
    handle.press("ArrowRight")
    handle.press("ArrowRight")
    assert told(report) == by_scipy(links, 0.52)
    assert handle.get_attribute("aria-valuetext").startswith("c_t 0.52")


def test_the_largest_clusters_by_layer(report: Browsed, links: NDArray[np.float64]) -> None:
    slide(report, 0.6)
    chart = report.figure("cut").locator("svg.chart")
    chart.focus()
    for _ in range(20):
        chart.press("ArrowUp")
    for key in (*["ArrowDown"] * 2, "Home"):
        chart.press(key)
    largest = groups_at(links, 0.6)[0]
    lowest = min(column // UNITS for column in largest)
    count = sum(column // UNITS == lowest for column in largest)
    lines = report.figure("cut").locator(".tip").inner_text().splitlines()
    assert lines == ["Cluster 1 at this cut", f"layer {lowest}: {count} of {len(largest)} neurons"]


def browser(report: Browsed):
    return report.page.locator("[data-browser]")


def listed(report: Browsed) -> list[int]:
    return [int(text) for text in browser(report).locator("table.list tbody th").all_inner_texts()]


def find(report: Browsed, text: str) -> None:
    browser(report).get_by_label("Find word, layer or neuron").fill(text)


def test_clusters_are_found_by_word_layer_and_neuron(report: Browsed, atlas: Atlas) -> None:
    find(report, "peak7")
    assert listed(report) == [7]
    find(report, "BETWEEN")
    assert listed(report) == [one.cluster for one in atlas.seen]
    layer, unit = atlas.found[40].members[1]
    find(report, f"({layer}, {unit})")
    assert listed(report) == [atlas.found[40].number]
    find(report, "layer 2")
    expected = [one.number for one in atlas.found if 2 in one.layers]
    assert listed(report) == expected[:12]
    assert browser(report).locator("output").inner_text() == f"{len(expected)} clusters of {len(atlas.found)}"
    find(report, "nothing like this")
    assert listed(report) == []
    find(report, "")
    assert listed(report) == [one.number for one in atlas.found[:12]]


@pytest.mark.parametrize("order", ["size", "span", "radius", "explained"])
def test_orders(order: str, report: Browsed, atlas: Atlas) -> None:
    browser(report).get_by_label("Order").select_option(order)
    ranked = sorted(atlas.found, key=lambda one: (-getattr(one, order), one.number))
    assert listed(report) == [one.number for one in ranked[:12]]
    browser(report).get_by_role("button", name="Show more").click()
    assert listed(report) == [one.number for one in ranked[:60]]
    find(report, "")
    browser(report).get_by_label("Order").select_option("size")


def test_a_cluster_opens_by_keyboard(report: Browsed, atlas: Atlas) -> None:
    opening = browser(report).get_by_role("button", name="Show cluster 3", exact=True)
    opening.focus()
    opening.press("Enter")
    shown = browser(report).locator(".shown")
    one = atlas.found[2]
    assert shown.locator("h4").inner_text().startswith(f"Cluster 3: {one.size} neurons of layer")
    assert opening.get_attribute("aria-pressed") == "true"
    assert f"explains {100 * one.explained:.1f}\u00a0%" in shown.inner_text()
    assert [text for text in shown.locator("ol").first.locator("bdi").all_inner_texts()] == ["between", "the", "peak3"]
    bars = shown.locator("svg.chart").first
    bars.focus()
    bars.press("Home")
    lowest = one.layers[0]
    for _ in range(lowest):
        bars.press("ArrowRight")
    assert f"{one.per_layer[lowest]} neuron" in shown.locator(".tip").first.inner_text()


def test_heat_of_members_on_a_sentence(report: Browsed, atlas: Atlas, tmp_path: Path) -> None:
    browser(report).get_by_role("button", name="Show cluster 1", exact=True).click()
    shown = browser(report).locator(".shown")
    heat = atlas.seen[0].heats[0]
    place = shown.locator(".small").nth(1)
    cells = place.locator("svg.chart rect")
    cells.nth(2 * len(heat.words) + 2).hover()
    layer, unit = atlas.seen[0].members[2]
    lines = place.locator(".tip").inner_text().splitlines()
    assert lines[:2] == [heat.words[2], f"neuron ({layer}, {unit}): {heat.deviations[2][2]:.2f} standard deviations"]
    assert "runs against the representative" in lines[2]
    with report.page.expect_download() as waiting:
        place.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "heat.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "heat.csv").read_text(encoding="utf-8"))))
    assert [float(value) for value in rows[1][2:]] == heat.deviations[0]
    assert rows[0][2:5] == heat.words[:3]


def test_words_from_outside_stay_words(report: Browsed) -> None:
    browser(report).get_by_role("button", name="Show cluster 1", exact=True).click()
    assert report.page.locator("img").count() == 0
    text = browser(report).locator(".shown").text_content()
    assert HOSTILE[:10] in text
    assert "\u202e" not in text
    assert report.complaints == []
