"""The page in windows of all kinds: nothing is asked of anyone, nothing complains, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
