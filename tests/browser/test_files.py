"""What the page hands out: pictures and numbers, made by itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.browser.conftest import Browsed

CHARTS = ["cka", "cut", "windows", "layers", "curves", "kept", "speed", "classes", "front"]


@pytest.mark.parametrize("chart", CHARTS)
def test_svg(chart: str, report: Browsed, tmp_path: Path) -> None:
    text = report.saved(chart, "SVG", tmp_path / "a.svg").decode()
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.get("width")) > 300
    assert "var(" not in text
    assert any(element.tag.endswith("text") for element in root.iter())


@pytest.mark.parametrize("chart", CHARTS)
def test_png(chart: str, report: Browsed, tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(report.saved(chart, "PNG", tmp_path / "a.png"))).convert("RGB")
    width = float(report.figure(chart).locator("svg.chart").get_attribute("width"))
    assert picture.width == 2 * width
    assert len(picture.getcolors(10_000_000)) > 10
    assert picture.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("chart", CHARTS)
def test_csv(chart: str, report: Browsed, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(report.saved(chart, "CSV", tmp_path / "a.csv").decode())))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1


def test_csv_of_layers_has_every_pair(report: Browsed, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(report.saved("cka", "CSV", tmp_path / "a.csv").decode())))
    assert len(rows) == 21
    assert list(rows[0]) == ["layer", "other_layer", "cka_debiased", "cka_debiased_low", "cka_debiased_high", "cka"]
