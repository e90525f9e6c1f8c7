"""The page in a browser; it may ask for nothing but the page's own file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosieve.report import write_report
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.front.records import front_name
from neurosieve.run.results import Results
from tests.report.several import several_results
from tests.run.front.example import example_front

from .small import merged, small_atlas, small_results


@pytest.fixture(scope="session")
def links() -> NDArray[np.float64]:
    """SciPy's linkage of the clusters that the page shows."""
    return merged()


@pytest.fixture(scope="session")
def found(links: NDArray[np.float64]) -> Results:
    return small_results(links)


@pytest.fixture(scope="session")
def atlas(found: Results, links: NDArray[np.float64]) -> Atlas:
    return small_atlas(found, links)


@pytest.fixture(scope="session")
def folder(found: Results, atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written report with the clusters beside it."""
    folder = tmp_path_factory.mktemp("browsed")
    atlas.save(folder / "atlas.json")
    return write_report(found, folder).parent


@pytest.fixture(scope="session")
def several() -> Results:
    return several_results()


@pytest.fixture(scope="session")
def several_folder(several: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks, no clusters beside them, and the first task's front timed."""
    folder = tmp_path_factory.mktemp("several-browsed")
    front = example_front().model_copy(update={"run": several.created, "task": "chunk"})
    front.save(folder / f"{front_name('chunk')}.json")
    return write_report(several, folder).parent


class Browsed:
    """An open page, what it complained of, and what it asked for besides itself."""

    def __init__(self, page: Any, path: Path) -> None:
        self.page, self.complaints, self.asked = page, [], []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.context.route("**/*", self._route)
        self.own = path.as_uri()
        page.goto(self.own)

    def _route(self, route: Any) -> None:
        if route.request.url == self.own:
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def figure(self, chart: str) -> Any:
        return self.page.locator(f"figure[data-chart={chart}]").first

    def until(self, condition: str, seconds: float = 20.0) -> None:
        """Playwright's own waiting evaluates text in the page, which the page's policy forbids."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"never so: {condition}"
            self.page.wait_for_timeout(20)

    def saved(self, chart: str, kind: str, to: Path) -> bytes:
        """What a figure's download button gives."""
        with self.page.expect_download() as waiting:
            self.figure(chart).locator(".downloads button", has_text=kind).click()
        assert waiting.value.suggested_filename.endswith(kind.lower())
        waiting.value.save_as(to)
        return to.read_bytes()


@pytest.fixture(scope="session")
def opened(browser: Any) -> Iterator[Callable[..., Browsed]]:
    """Opens a page: its file, then width, scheme and whether scripts run."""
    contexts = []

    def opened(path: Path, width: int = 1280, scheme: str = "light", *, scripts: bool = True) -> Browsed:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        seen = Browsed(context.new_page(), path)
        if scripts:
            seen.page.wait_for_selector("html[data-ready]", state="attached")
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def report(opened: Callable[..., Browsed], folder: Path) -> Browsed:
    """The report in a wide window."""
    return opened(folder / "report.html")
