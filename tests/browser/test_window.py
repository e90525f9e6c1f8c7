"""The page in windows of all kinds: nothing is asked of anyone, nothing complains, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from neurosieve.run.results import Results
from tests.browser.conftest import Browsed

WIDTHS = (1280, 360)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_quiet_and_within_its_window(width: int, scheme: str, opened: Callable[..., Browsed], folder: Path) -> None:
    seen = opened(folder / "report.html", width, scheme)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.page.locator("figure .live").count() == seen.page.locator("figure[data-chart]").count() == 9
    assert seen.page.locator(".still:visible").count() == 0
    assert seen.complaints == []
    assert seen.asked == []


def test_colours_follow_the_scheme(opened: Callable[..., Browsed], folder: Path) -> None:
    colours = {
        scheme: opened(folder / "report.html", 1280, scheme)
        .figure("cka")
        .locator("svg.chart text")
        .first.evaluate("node => getComputedStyle(node).fill")
        for scheme in ("light", "dark")
    }
    assert colours["light"] != colours["dark"]


def test_without_scripts_everything_is_there(opened: Callable[..., Browsed], folder: Path) -> None:
    seen = opened(folder / "report.html", scripts=False)
    stills = seen.page.locator(".still svg")
    assert stills.count() == 9
    assert all(stills.nth(place).is_visible() for place in range(9))
    assert seen.page.get_by_role("link", name="PNG").count() == 9
    assert seen.page.locator(".live").count() == 0


def test_a_foreign_script_does_not_run(opened: Callable[..., Browsed], folder: Path, tmp_path: Path) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    other = tmp_path / "report.html"
    other.write_text(html.replace("</body>", "<script>document.title = 'changed'</script></body>"), encoding="utf-8")
    seen = opened(other)
    assert seen.page.title() == "Redundancy in minilm"
    assert any("Content Security Policy" in one for one in seen.complaints)


def test_print_has_the_pictures_and_no_controls(opened: Callable[..., Browsed], folder: Path) -> None:
    seen = opened(folder / "report.html", 1280, "dark")
    clusters = seen.page.locator("[data-browser] > .still tbody tr:visible")
    assert clusters.count() == 0
    seen.page.emulate_media(media="print", color_scheme="dark")
    assert clusters.count() > 3
    assert seen.page.locator("figure svg.chart:visible").count() == 9
    for gone in ("input", "select", ".downloads", "nav"):
        assert seen.page.locator(f"{gone}:visible").count() == 0
    assert seen.page.locator("figure .legend button:visible").count() > 3
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(seen.page.pdf(format="A4")) > 50_000
    assert seen.complaints == []


def test_charts_grow_with_the_window(opened: Callable[..., Browsed], folder: Path) -> None:
    seen = opened(folder / "report.html", 1280)
    chart = seen.figure("layers").locator("svg.chart")
    before = int(chart.get_attribute("width"))
    seen.page.set_viewport_size({"width": 500, "height": 900})
    assert before > 700
    seen.until("document.querySelector('figure[data-chart=layers] svg.chart').getAttribute('width') < 500")
    seen.until("document.documentElement.scrollWidth === 500")  # when the others have been drawn anew


def test_every_chart_says_what_it_is_and_has_its_values_as_a_table(report: Browsed) -> None:
    charts = report.page.locator("svg.chart")
    for place in range(charts.count()):
        chart = charts.nth(place)
        assert chart.get_attribute("role") == "application"
        assert chart.get_attribute("tabindex") == "0"
        assert chart.get_attribute("aria-label").endswith("Arrow keys read the values.")
    figures = report.page.locator("figure[data-chart]")
    for place in range(figures.count()):
        figure = figures.nth(place)
        figure.locator("details.values summary").click()
        figure.locator("details.values tbody tr").first.wait_for()
        assert figure.locator("details.values caption").count() == 1


def test_controls_have_names(report: Browsed) -> None:
    named = "node => !node.labels.length && !node.getAttribute('aria-label')"
    for control in report.page.locator(
        "figure input, figure select, [data-browser] input, [data-browser] select"
    ).all():
        assert not control.evaluate(named)


def test_a_run_without_clusters_beside_it_has_its_page(
    opened: Callable[..., Browsed], several_folder: Path, several: Results
) -> None:
    seen = opened(several_folder / "report.html", 360)
    assert seen.page.locator("[data-browser]").count() == 0
    figure = seen.figure("cut")
    handle = figure.get_by_label("Threshold c_t")
    handle.press("Home")
    first = several.general.cuts[0]
    assert (
        figure.locator("output.told")
        .inner_text()
        .startswith(f"c_t = {first.threshold:.2f}: {first.clusters:,} clusters")
    )
    figure.get_by_label("Score of").select_option(label="function-complexity")
    assert "Test Pearson correlation of function-complexity" in figure.locator("output.told").inner_text()
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360
    assert seen.complaints == []
    assert seen.asked == []


def test_a_timed_front_is_shown_in_milliseconds(opened: Callable[..., Browsed], several_folder: Path) -> None:
    seen = opened(several_folder / "report.html")
    figure = seen.figure("front")
    assert "milliseconds a sentence" in figure.locator("svg.chart").text_content()
    chart = figure.locator("svg.chart")
    chart.focus()
    chart.press("Home")
    assert " ms a sentence [" in figure.locator(".tip").inner_text()


def test_sizes(folder: Path, several_folder: Path) -> None:
    assert (folder / "report.html").stat().st_size < 1_000_000
    assert (several_folder / "report.html").stat().st_size < 3_000_000


@pytest.mark.parametrize(("chart", "key"), [("kept", "kept"), ("speed", "speed")])
def test_a_chart_that_cannot_be_drawn_keeps_its_still_picture(
    chart: str, key: str, opened: Callable[..., Browsed], folder: Path, tmp_path: Path
) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    path = tmp_path / "report.html"
    path.write_text(html.replace(f'"{key}":', f'"no_{key}":'), encoding="utf-8")
    seen = opened(path)
    assert len(seen.complaints) == 1
    assert seen.figure(chart).locator(".still").is_visible()
    assert seen.figure(chart).locator(".live").count() == 0
    assert seen.page.locator("figure .live").count() == 8


def test_where_the_numbers_cannot_be_read_all_pictures_stay(
    opened: Callable[..., Browsed], folder: Path, tmp_path: Path
) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    path = tmp_path / "report.html"
    path.write_text(html.replace('id="data">{', 'id="data">not '), encoding="utf-8")
    seen = opened(path, scripts=False)  # nothing will say that it is ready
    assert seen.page.locator("figure[data-chart] > .still:visible").count() == 9
    context = seen.page.context.browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("figure[data-chart] > .still:visible").count() == 9
    assert page.locator("figure .live").count() == 0
    context.close()
