"""The site as a reader has it: all links lead somewhere, and no page asks the network or spills over its window."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.documentation

SITE = ROOT / "runs" / "docs"  # where `make docs` leaves it: what is there already is not made again


@pytest.fixture(scope="module")
def site() -> Path:
    """The built site. A warning is an error, as in the gate."""
    if any(importlib.util.find_spec(name) is None for name in ("sphinx", "furo", "myst_nb", "latex2mathml")):
        pytest.skip("the documentation's packages (extra docs) are not installed")
    SITE.parent.mkdir(exist_ok=True)
    with FileLock(SITE.with_name("docs.lock")):
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", "docs", str(SITE)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return SITE


class Page(HTMLParser):
    """The anchors of a page, and what it points to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.anchors |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("link", "script", "img", "iframe", "source"):
            self.loaded += [given[key] for key in ("href", "src") if key in given]


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_inside_leads_somewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            place, anchor = urldefrag(link)
            if re.match(r"\w+:", place):
                continue
            target = (path.parent / unquote(place)).resolve() if place else path
            if not target.is_file() or (anchor and target in pages and unquote(anchor) not in pages[target].anchors):
                broken.append((path.name, link))
    assert broken == []
    assert sum(len(page.links) for page in pages.values()) > 5_000


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {link for page in pages.values() for link in page.loaded}
    assert loaded
    assert {link for link in loaded if re.match(r"(\w+:)?//", link)} == set()
    styles = "\n".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*;", styles) == []


def test_files_of_the_repository_have_a_place(site: Path, pages: dict[Path, Page]) -> None:
    assert "repository/faults/left_out.py.html" in pages[site / "faults.html"].links
    assert any(link.startswith("benchmarks/statistics.html") for link in pages[site / "claims.html"].links)
    assert "results/tables/README.html" in pages[site / "results.html"].links
    assert 'class="highlight' in (site / "repository/faults/left_out.py.html").read_text(encoding="utf-8")


def test_formulas_are_drawn_by_the_browser(site: Path, pages: dict[Path, Page]) -> None:
    text = (site / "mathematics/layers.html").read_text(encoding="utf-8")
    assert text.count("<math ") > 20
    assert [link for link in pages[site / "mathematics/layers.html"].loaded if "mathjax" in link.lower()] == []


# What ends to the right of the window, unless it can be scrolled by itself. (The theme cuts off what the page's own
# width hides, so that the width of the document says nothing.)
SPILLS = """() => [...document.querySelectorAll('article *')].filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
    for (let outer = one.parentElement; outer && outer.tagName !== 'ARTICLE'; outer = outer.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX)) return false;
    return true;
}).map(one => one.tagName + ': ' + one.textContent.trim().slice(0, 40))"""


def test_pages_in_a_browser(site: Path, pages: dict[Path, Page], browser: Any) -> None:
    told: list[str] = []
    context = browser.new_context(color_scheme="light", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: told.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(f"{page.url}: {error}"))
    page.on("request", lambda asked: None if asked.url.startswith("file:") else told.append(asked.url))
    # To load a page takes the longest, so each is loaded once, the next where the last was left.
    ways = [("light", 1280), ("light", 400), ("dark", 400), ("dark", 1280)]
    for path in pages:
        page.goto(path.as_uri())
        for scheme, width in ways:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            where = f"{path.relative_to(site)} at {width}, {scheme}"
            told += [f"{where}: {found}" for found in page.evaluate(SPILLS)[:2]]
        ways.reverse()
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<hr style=width:3000px>')")
    assert page.evaluate(SPILLS) == ["HR: "], "what is too wide is not seen"
    context.close()
    assert told == []
