"""The charts of one task: layers, curves, classes, cost against score."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from neurosieve.run.results import LayerScores, Results, Task
from tests.browser.conftest import Browsed


@pytest.fixture
def task(found: Results) -> Task:
    return found.tasks["chunk"]


def tip(report: Browsed, chart: str) -> list[str]:
    return report.figure(chart).locator(".tip").inner_text().replace("\u00a0", " ").splitlines()


def set_slider(report: Browsed, chart: str, label: str, value: float) -> None:
    report.figure(chart).get_by_label(label, exact=True).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", str(value)
    )


def passing(layers: list[LayerScores], tolerance: float, task: Task) -> list[int]:
    return [one.layer for one in layers if one.dev.value > (1 - tolerance) * task.oracle.dev.value]


@pytest.mark.parametrize("tolerance", [0.5, 4.0, 9.5])
def test_layers_that_pass_at_another_tolerance(tolerance: float, report: Browsed, task: Task, tmp_path: Path) -> None:
    set_slider(report, "layers", "Tolerance", tolerance)
    said = report.figure("layers").locator("output.told").inner_text()
    alone, together = (passing(one, tolerance / 100, task) for one in (task.layers, task.prefixes))
    assert said.startswith(f"At {tolerance:g} % on dev:")
    assert (f"{', '.join(map(str, alone))} pass" if alone else "no layer passes alone") in said
    assert (f"layers 0 to {together[0]} together are enough" if together[0] else "layer 0 alone is enough") in said
    rows = list(csv.DictReader(io.StringIO(report.saved("layers", "CSV", tmp_path / "a.csv").decode())))
    assert [row["layer"] for row in rows if row["passes"] == "true"] == [str(layer) for layer in alone + together]
    hollow = report.figure("layers").locator("svg.chart path[fill='var(--paper)']").count()
    assert hollow == 14 - len(alone) - len(together)


def test_the_run_s_own_tolerance_has_the_run_s_own_verdict(report: Browsed, task: Task) -> None:
    set_slider(report, "layers", "Tolerance", 100 * task.layer_tolerance)
    said = report.figure("layers").locator("output.told").inner_text()
    first = next(one.layer for one in task.prefixes if one.within_tolerance)
    assert f"layers 0 to {first} together are enough" in said


def test_layers_are_read_by_keyboard_on_either_split(report: Browsed, task: Task) -> None:
    report.figure("layers").get_by_label("Scores on").select_option("test")
    assert "test accuracy" in report.figure("layers").locator("svg.chart").text_content()
    chart = report.figure("layers").locator("svg.chart")
    chart.focus()
    for key in ("ArrowUp", "Home", "ArrowRight", "ArrowRight"):
        chart.press(key)
    one = task.layers[2]
    low, high = one.test.interval
    lines = tip(report, "layers")
    assert lines[0] == "layer 2 alone"
    assert lines[2] == f"test {100 * one.test.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    chart.press("ArrowDown")
    assert tip(report, "layers")[0] == "layers 0 to 2"
    report.figure("layers").get_by_label("Scores on").select_option("dev")


def test_a_ranking_is_toggled(report: Browsed) -> None:
    figure = report.figure("curves")
    drawn = figure.locator("svg.chart path[stroke='var(--blue)']")
    before = drawn.count()
    named = figure.get_by_role("button", name="forward selection")
    named.focus()
    named.press("Space")
    assert named.get_attribute("aria-pressed") == "false"
    assert drawn.count() == 0
    named.click()
    assert drawn.count() == before > 0


def test_a_minimal_set_is_read(report: Browsed, task: Task) -> None:
    chart = report.figure("curves").locator("svg.chart")
    chart.focus()
    for _ in range(8):
        chart.press("ArrowUp")
    chart.press("Home")
    seen = []
    for _ in range(20):
        seen.append(tip(report, "curves"))
        chart.press("ArrowRight")
    (found,) = {tuple(lines) for lines in seen if lines[0].startswith("Minimal set")}
    known = task.minimal_set["forward"]
    assert found[0] == f"Minimal set of forward selection: {len(known.neurons)} neurons"
    assert found[2].startswith(f"test {100 * known.test.value:.1f} % [")


def test_low_scores_and_the_baseline_on_request(report: Browsed, task: Task) -> None:
    figure = report.figure("curves")
    assert "most frequent class (test)" not in figure.locator("svg.chart").text_content()
    box = figure.get_by_label("Show low scores too")
    box.focus()
    box.press("Space")
    assert "most frequent class (test)" in figure.locator("svg.chart").text_content()
    box.press("Space")


def test_every_number_of_the_curves_is_in_the_file(report: Browsed, task: Task, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(report.saved("curves", "CSV", tmp_path / "a.csv").decode())))
    probed = [(row["ranking"], row["neurons"]) for row in rows if row["by"] == "probe" and row["ranking"] == "random"]
    curve = next(curve for curve in task.curves if curve.ranking == "random")
    assert probed == [("random", str(point.neurons)) for point in curve.probed]
    assert {row["by"] for row in rows} == {"probe", "minimal set", "oracle", "baseline", "least squares"}


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("support", lambda one, _: (-one.support, one.label)),
        ("label", lambda one, _: one.label),
        ("oracle", lambda one, _: (-one.f1, one.label)),
        ("worst", lambda one, kept: (kept[one.label].f1, one.label)),
        ("loss", lambda one, kept: (-(one.f1 - kept[one.label].f1), one.label)),
    ],
)
def test_classes_in_every_order(order: str, key, report: Browsed, task: Task, tmp_path: Path) -> None:
    report.figure("classes").get_by_label("Order").select_option(order)
    rows = list(csv.DictReader(io.StringIO(report.saved("classes", "CSV", tmp_path / "a.csv").decode())))
    kept = {one.label: one for one in task.sieve.per_class}
    ranked = sorted((one for one in task.oracle.per_class if one.support), key=lambda one: key(one, kept))
    assert [row["class"] for row in rows] == [one.label for one in ranked]
    labels = report.figure("classes").locator("svg.chart text[text-anchor=end]").all_text_contents()
    assert [text for text in labels if "(" in text][:3] == [f"{one.label} ({one.support:,})" for one in ranked[:3]]


def test_a_class_is_read(report: Browsed, task: Task) -> None:
    report.figure("classes").get_by_label("Order").select_option("support")
    chart = report.figure("classes").locator("svg.chart")
    chart.focus()
    for key in (*["ArrowUp"] * 25, "ArrowDown"):
        chart.press(key)
    lines = tip(report, "classes")
    one = sorted(task.oracle.per_class, key=lambda one: -one.support)[1]
    assert lines[0] == one.label
    assert lines[2].startswith(f"oracle F1 {100 * one.f1:.1f} %")


def test_what_nothing_beats_is_dark(report: Browsed, task: Task, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(report.saved("front", "CSV", tmp_path / "a.csv").decode())))
    points = [(float(row["highest_layer"]), float(row["dev"])) for row in rows]
    for row, (cost, dev) in zip(rows, points, strict=True):
        beaten = any((c, d) != (cost, dev) and c <= cost and d >= dev for c, d in points)
        assert row["on_front"] == str(not beaten).lower()
    (chosen,) = (row for row in rows if row["chosen"] == "true")
    assert int(chosen["neurons"]) == len(task.sieve.neurons)
    assert int(chosen["highest_layer"]) == max(layer for layer, _ in task.sieve.neurons)
    assert {"Sieve after LayerSelector", "Minimal set, LCA", "All of layers 0 to 3"} <= {row["what"] for row in rows}
    dark = report.figure("front").locator("svg.chart path[fill='var(--blue)']").count()
    shown = [row for row in rows if row["on_front"] == "true" and row["chosen"] != "true" and float(row["dev"]) > 0.66]
    assert dark == len(shown)


def test_kept_neurons_and_speed(report: Browsed, task: Task, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(report.saved("kept", "CSV", tmp_path / "a.csv").decode())))
    assert [int(row["neurons"]) for row in rows if row["set"] == "sieve"] == task.sieve.per_layer
    rows = list(csv.DictReader(io.StringIO(report.saved("speed", "CSV", tmp_path / "a.csv").decode())))
    assert [float(row["per_second"]) for row in rows] == [7104, 11893]
