from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from neurosieve.report import write_report
from neurosieve.report.template import cell, unbroken
from neurosieve.run.facts import Duplicates
from neurosieve.run.results import Results
from neurosieve.run.schema import ClassScores

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Of pages without a script."""
SCRIPTED = r"default-src 'none'; script-src '(sha256-[^']+)'; style-src 'unsafe-inline'; img-src data: blob:;"
HOSTILE = "</svg></style></title><script>alert(1)</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


@pytest.fixture(scope="module")
def html(written: Path) -> str:
    return (written / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def hostile(results: Results) -> Results:
    """The example with markup wherever a name comes from outside."""
    task = results.tasks["chunk"]
    classes = [ClassScores(label=HOSTILE, precision=0.5, recall=0.5, f1=0.5, support=9)]
    corpus = task.corpus.model_copy(
        update={
            "name": HOSTILE,
            "sources": {HOSTILE: "0"},
            "classes": [HOSTILE],
            "unseen_labels": {"test": [HOSTILE]},
            "pooling": HOSTILE,
            "duplicates": [Duplicates(first="train", second=HOSTILE, count=1, examples=[HOSTILE])],
        }
    )
    curves = [curve.model_copy(update={"ranking": HOSTILE}) for curve in task.curves[:1]]
    sieve = task.sieve.model_copy(update={"baselines": {HOSTILE: task.majority}, "per_class": classes})
    task = task.model_copy(
        update={
            "corpus": corpus,
            "metric": f"f1:{HOSTILE}",
            "oracle": task.oracle.model_copy(update={"per_class": classes, "further": {HOSTILE: task.oracle.test}}),
            "curves": curves,
            "minimal_set": {HOSTILE: task.minimal_set["lca"]},
            "sieve": sieve,
        }
    )
    model = results.model.model_copy(
        update={"name": HOSTILE, "family": HOSTILE, "layer_names": [f"{HOSTILE}{layer}" for layer in range(7)]}
    )
    changes = {"tasks": {HOSTILE: task}, "model": model, "warnings": [HOSTILE], "command": HOSTILE}
    return results.model_copy(update={**changes, "settings": {HOSTILE: HOSTILE}})


def test_the_page_asks_for_nothing(html: str, page: Page, written: Path) -> None:
    for value in page.values("href", "src", "xlink:href", "srcset", "action", "data"):
        assert value.startswith(("#", "data:image/png;base64,")) or (written / value).is_file(), value
    assert not {"link", "iframe", "object", "embed", "base", "form", "img"} & set(page.tags)
    assert all(match.startswith("#") for match in re.findall(r"url\(([^)]*)\)", html))
    assert set(re.findall(r"https?://[^\s\"'<>)]*", html)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def scripts(html: str) -> list[tuple[str, str]]:
    """Attributes and content of every script element, as a browser cuts them."""
    return re.findall(r"(?s)<script([^>]*)>(.*?)</script>", html)


def test_only_the_page_s_own_script_may_run(html: str, page: Page) -> None:
    (policy,) = (value for value in page.values("content") if value.startswith("default-src"))
    allowed = re.match(SCRIPTED, policy)
    assert allowed
    (_, island), (attributes, code) = scripts(html)
    assert attributes == ""
    assert f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}" == allowed[1]
    assert policy.count("script-src") == 1
    assert not re.search(
        r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|fetch\(|import\(", code
    )
    assert island.isascii()
    assert not {"<", ">", "&"} & set(island)
    json.loads(island)


def test_the_page_is_well_made(page: Page) -> None:
    assert page.tags.count("h1") == 1
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("figure") == page.tags.count("figcaption") == page.tags.count("svg") + 1 == 10
    assert page.tags.count("table") == page.tags.count("caption")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href", "xlink:href") if value.startswith("#")} <= set(ids)
    pictures = [value for tag, name, value in page.attributes if tag == "div" and name == "aria-label" and value]
    assert len([value for value in pictures if value.endswith(".")]) == 9


def test_the_page_says_what_was_found(page: Page, results: Results) -> None:
    text = page.text.replace("\u00a0", " ")
    for fact in (
        "93.1 % [92.8, 93.4]",
        "17,250,646",
        "× 1.67 [1.61, 1.73]",
        "11,893 [11,420, 12,260]",
        results.model.sha256,
        "a" * 64,
        "2 min 2 s together",
        results.warnings[0],
        results.command,
        "the first 60 of 2,171 rows",
        "torch",
    ):
        assert fact in text


def test_without_scripts_downloads_are_the_files_beside_the_page(page: Page, written: Path) -> None:
    linked = [value for value in page.values("href") if value.startswith("figures/")]
    assert len(linked) == 18
    assert {path.name for path in (written / "figures").iterdir()} == {Path(value).name for value in linked}


def test_figures_are_well_formed(written: Path) -> None:
    for path in (written / "figures").glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        assert any(element.tag.endswith("text") for element in root.iter())


def test_two_writes_give_the_same_bytes(results: Results, written: Path, tmp_path: Path) -> None:
    write_report(results, tmp_path)
    files = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in files if (written / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_markup_in_names_is_inert(results: Results, page: Page, tmp_path: Path) -> None:
    path = write_report(hostile(results), tmp_path)
    html = path.read_text(encoding="utf-8")
    bad = Page(html)
    assert html.lower().count("<script") == html.lower().count("</script") == 2
    assert len(scripts(html)) == 2
    assert "img" not in bad.tags
    assert set(bad.tags) <= set(page.tags)
    assert bad.values("onerror") == []
    assert html.count("<style>") == html.count("</style>") == html.count("</title>") - bad.tags.count("svg")
    assert html.lower().count("<svg") == html.lower().count("</svg>")
    assert HOSTILE in bad.text
    for drawn in (tmp_path / "figures").glob("*.svg"):
        assert "<script" not in drawn.read_text(encoding="utf-8")
        ElementTree.parse(drawn)


@pytest.mark.parametrize(
    "lacks",
    [
        {"tasks": {}},
        {"general": None, "tasks": {}, "stages": [], "warnings": [], "settings": {}},
    ],
)
def test_a_run_that_measured_little_has_a_page(results: Results, tmp_path: Path, lacks: dict[str, Any]) -> None:
    page = Page(write_report(results.model_copy(update=lacks), tmp_path).read_text(encoding="utf-8"))
    anchors = page.values("id")
    assert ("general" in anchors) == ("general" not in lacks)
    assert ("task-chunk" in anchors) == ("tasks" not in lacks)


def light(results: Results, names: tuple[str, ...]) -> Results:
    """Tasks with one figure each: enough to see where files go, and quick to draw."""
    bare = {"curves": [], "clustered": [], "minimal_set": {}, "sieve": None, "compact": None}
    task = results.tasks["chunk"]
    task = task.model_copy(update={**bare, "oracle": task.oracle.model_copy(update={"per_class": []})})
    return results.model_copy(update={"general": None, "tasks": dict.fromkeys(names, task)})


def test_tasks_of_like_names_do_not_share_files(results: Results, tmp_path: Path) -> None:
    path = write_report(light(results, ("Chunk", "chunk", "chunk 2")), tmp_path)
    page = Page(path.read_text("utf-8"))
    anchors = [value for value in page.values("id") if re.fullmatch(r"task-chunk(-\d)*", value)]
    assert anchors == ["task-chunk", "task-chunk-2", "task-chunk-2-2"]
    linked = [value for value in page.values("href") if value.startswith("figures/")]
    assert len(set(linked)) == len(linked) == 6


def test_one_task_is_carried_whole(written: Path) -> None:
    assert (written / "report.html").stat().st_size < 1_000_000


@pytest.fixture(scope="module")
def several_page(several_written: Path) -> Page:
    return Page((several_written / "report.html").read_text(encoding="utf-8"))


def test_several_tasks_have_a_section_each(several_page: Page, several: Results) -> None:
    anchors = [f"task-{name}" for name in several.tasks]
    ids = several_page.values("id")
    assert [value for value in ids if value in anchors] == anchors
    assert len(ids) == len(set(ids))
    links = several_page.values("href")
    assert all(links.count(f"#{anchor}") == 2 for anchor in anchors)  # from the top, and from the overview
    assert several_page.tags.count("figure") == 3 + 7 + 7 + 6  # numbers have no classes


def test_several_tasks_are_compared_first_and_told_apart_after(several_page: Page) -> None:
    text = " ".join(several_page.text.replace("\u00a0", " ").split())
    overview = text.index("All tasks: scores on test with 95 % intervals")
    first = text.index("Corpus conll2000")
    assert overview < first
    assert "The oracle, a probe" not in text[:first]
    assert text.count("The oracle, a probe on all 2,688 neurons") == 3
    row = (
        "function-complexity Pearson correlation 0.000 0.781 [0.759, 0.803] 0.768 [0.745, 0.791] "
        "−0.013 [−0.020, −0.006] 141 (5.2 %) × 1.42"
    )
    assert row.replace(" ", "") in text.replace(" ", "")
    for fact in (
        "train 151,000 words in 6,000 texts",
        "scores are Pearson correlation.",
        "Scores are F1, as fractions of 1.",
        "Scores are Pearson correlation.",
        "full and compact model (one for all tasks)",
        "One encoder serves chunk",
    ):
        assert fact in text


def test_several_tasks_are_carried_whole(several_written: Path) -> None:
    assert (several_written / "report.html").stat().st_size < 3_000_000


def test_one_task_has_no_overview(page: Page) -> None:
    assert "All tasks" not in page.text
    assert "one for all tasks" not in page.text


def test_long_examples_may_break(several: Results, tmp_path: Path) -> None:
    match = several.tasks["docstring-match"]
    pair = match.corpus.duplicates[0].model_copy(update={"examples": ["word " * 30]})
    corpus = match.corpus.model_copy(update={"duplicates": [pair]})
    bare = light(several.model_copy(update={"tasks": {"chunk": match.model_copy(update={"corpus": corpus})}}), ("m",))
    assert "text long" in Page(write_report(bare, tmp_path).read_text(encoding="utf-8")).values("class")


def test_files_of_an_unlabelled_text_are_named(results: Results, tmp_path: Path) -> None:
    general = results.general.model_copy(update={"sources": {"prose.txt": "d" * 64}})
    path = write_report(results.model_copy(update={"general": general, "tasks": {}}), tmp_path)
    assert "d" * 64 in Page(path.read_text(encoding="utf-8")).text


def test_numbers_do_not_part_from_their_interval_s_ends() -> None:
    text = "90.2 % [89.8, 90.5] on test, −3.0 points [−3.1, −2.8] (see [a, b])"
    assert unbroken(text).replace("\u00a0", "_") == "90.2_% [89.8,_90.5] on test, −3.0_points [−3.1,_−2.8] (see [a, b])"


def test_nothing_half_written_is_left(written: Path) -> None:
    assert [path for path in written.rglob("*.partial")] == []


@pytest.mark.parametrize(
    ("value", "is_setting", "text"),
    [
        (None, False, "–"),
        (True, False, "yes"),
        (2688, False, "2,688"),
        (0.93124, False, "0.9312"),
        (0.3, True, "0.3"),
        (7104.25, False, "7,104.2"),
        ("B-NP", False, "B-NP"),
    ],
)
def test_cells_for_reading(value: str | float | None, is_setting: bool, text: str) -> None:
    assert cell(value, is_setting) == text
