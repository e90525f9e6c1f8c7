"""One example and one written report for all tests of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.report import write_report
from neurosieve.run.results import Results, Task

from .example import example_results
from .several import several_results


@pytest.fixture(scope="session")
def results() -> Results:
    return example_results()


@pytest.fixture(scope="session")
def task(results: Results) -> Task:
    return results.tasks["chunk"]


@pytest.fixture(scope="session")
def several() -> Results:
    return several_results()


@pytest.fixture(scope="session")
def several_written(several: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole report of three tasks."""
    return write_report(several, tmp_path_factory.mktemp("several")).parent


@pytest.fixture(scope="session")
def written(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole report."""
    return write_report(results, tmp_path_factory.mktemp("report")).parent
