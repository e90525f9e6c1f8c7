from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.paper.records import ModelStudy, Study
from neurosieve.report.paper.figures import FIGURES
from neurosieve.report.paper.skipped import why_not
from neurosieve.report.paper.tables import TABLES
from neurosieve.report.paper.write import Written, write_exhibits

from .example import example_study

STUDY = example_study()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
HOSTILE = "</svg></style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
EMPTY = {"p", "br", "meta", "img", "hr", "link"}


class Page(HTMLParser):
    """The tags, attributes and text of a page; every tag that opens must close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in EMPTY - {"p"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_exhibits(STUDY, ["all"], tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def folder(written: Written) -> Path:
    return written.page.parent


@pytest.fixture(scope="module")
def html(written: Written) -> str:
    return written.page.read_text(encoding="utf-8")


def bare(study: Study = STUDY) -> Study:
    """No model has anything but its name."""
    return study.model_copy(update={"models": {k: ModelStudy(facts=one.facts) for k, one in study.models.items()}})


def only(label: str, **change: Any) -> Study:
    model = STUDY.models[label].model_copy(update=change)
    return STUDY.model_copy(update={"models": {label: model}})


def with_tasks_of(name: str) -> Study:
    return only("minilm", tasks={name: STUDY.models["minilm"].tasks[name]})


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_all_files_are_there_and_nothing_half_written(written: Written, folder: Path) -> None:
    tables = [name for name in TABLES if name not in written.skipped]
    figures = [name for name in FIGURES if name not in written.skipped]
    assert set(written.skipped) == {"figure8"}
    expected = {"paper.md", "paper.html"}
    expected |= {f"tables/{name}.{ending}" for name in tables for ending in ("md", "csv")}
    expected |= {f"figures/{name}.{ending}" for name in figures for ending in ("svg", "png", "csv")}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == expected
    assert len(written.texts) == len(EXHIBITS) - 1


def test_csv_files_hold_the_numbers_of_the_exhibits(folder: Path) -> None:
    for kind, makers in (("tables", TABLES), ("figures", FIGURES)):
        for name, make in makers.items():
            found = make(STUDY)
            if found is None:
                assert not (folder / kind / f"{name}.csv").exists()
                continue
            expected = [list(found.tidy.columns)]
            expected += [["" if cell is None else str(cell) for cell in row] for row in found.tidy.rows]
            assert read_csv(folder / kind / f"{name}.csv") == expected


def test_pictures_are_whole(folder: Path) -> None:
    for path in (folder / "figures").glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    for path in (folder / "figures").glob("*.png"):
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 400_000


def test_the_page_asks_for_nothing(html: str) -> None:
    page = Page(html)
    assert page.open == []
    assert any(value.startswith(POLICY) for value in page.values("content"))
    for value in page.values("href", "src", "xlink:href", "srcset", "action", "data"):
        assert value.startswith(("#", "data:image/png;base64,")), value  # a colour bar is a picture in its figure
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "img"} & set(page.tags)
    assert all(match.startswith("#") for match in re.findall(r"url\(([^)]*)\)", html))
    assert set(re.findall(r"https?://[^\s\"'<>)]*", html)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_the_page_is_well_made(html: str) -> None:
    page = Page(html)
    assert page.tags.count("h1") == 1
    assert ("html", "lang", "en") in page.attributes
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href", "xlink:href") if value.startswith("#")} <= set(ids)
    assert page.tags.count("figure") == page.tags.count("figcaption") == page.tags.count("svg")
    assert page.tags.count("figure") == len(FIGURES) - 1
    assert page.tags.count("table") == page.tags.count("caption")
    assert "prefers-color-scheme: dark" in html


def test_the_page_has_every_exhibit_in_the_papers_order(html: str, folder: Path) -> None:
    names = [name for name in EXHIBITS if name != "figure8"]
    sections = [value for tag, name, value in Page(html).attributes if (tag, name) == ("section", "id")]
    assert sections == [*names, "run"]
    headings = [
        line[3:] for line in (folder / "paper.md").read_text(encoding="utf-8").splitlines() if line[:3] == "## "
    ]
    for heading, name in zip(headings, names, strict=False):
        assert heading.startswith((f"{EXHIBITS[name].label}. ", EXHIBITS[name].title))
    assert headings[len(names) :] == ["Left out"]


def test_the_page_says_what_was_measured_and_what_was_left_out(html: str, folder: Path) -> None:
    text = Page(html).text
    markdown = (folder / "paper.md").read_text(encoding="utf-8")
    for fact in (STUDY.command, STUDY.created, "family xlnet", "1,344 neurons", "Figure 8 needs a second task"):
        assert fact in text
        assert fact in markdown
    for model in STUDY.models.values():
        assert model.facts.sha256 in text
    table = TABLES["table6"](STUDY)
    assert table
    for panel in table.panels:
        for row in panel.rows:
            assert all(cell in text.replace("\u00a0", " ") for cell in row)


def test_pictures_of_the_markdown_are_beside_it(folder: Path) -> None:
    markdown = (folder / "paper.md").read_text(encoding="utf-8")
    pictures = re.findall(r"\]\(([^)]*)\)", markdown)
    assert len(pictures) == len(FIGURES) - 1
    assert all((folder / path).is_file() for path in pictures)


def test_texts_are_the_tables_and_what_figures_show(written: Written) -> None:
    texts = dict(zip([name for name in EXHIBITS if name != "figure8"], written.texts, strict=True))
    assert texts["table1"].startswith("Table 1. Minimal sets of neurons")
    found = FIGURES["figure4"](STUDY)
    assert found
    assert texts["figure4"].startswith("Figure 4. Layers within 1 % of the oracle")
    assert " ".join(found.alt.split()) in " ".join(texts["figure4"].split())
    assert "Figure: " in texts["pyramid"]
    assert all(len(line) <= 80 for text in texts.values() for line in text.splitlines() if " " in line.strip())


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    names = ["table6", "figure2", "figure12"]
    first, second = (write_exhibits(STUDY, names, tmp_path / one).page.parent for one in ("a", "b"))
    files = [path for path in first.rglob("*") if path.is_file()]
    assert len(files) == 2 + 2 + 2 * 3
    for path in files:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    found = write_exhibits(STUDY, ["figure11", "table8"], tmp_path)
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"figure11"}
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == {"table8"}
    assert found.skipped == {}
    assert [text.split(".")[0] for text in found.texts] == ["Table 8", "Figure 11"]


def test_an_unknown_exhibit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="table11"):
        write_exhibits(STUDY, ["table11"], tmp_path)


def test_what_cannot_be_made_is_skipped_with_a_reason(tmp_path: Path) -> None:
    found = write_exhibits(only("minilm"), ["figure11", "figure10"], tmp_path)
    assert found.skipped == {"figure11": "Figure 11 needs a model of the family xlnet."}
    assert write_exhibits(only("xlnet-mini"), ["figure10"], tmp_path).skipped == {
        "figure10": "Figure 10 needs a model that is no XLNet."
    }
    nothing = write_exhibits(bare(), ["all"], tmp_path / "bare")
    assert list(nothing.skipped) == list(EXHIBITS)
    assert nothing.texts == ()
    assert "Table 6 needs a task." in Page(nothing.page.read_text(encoding="utf-8")).text


@pytest.mark.parametrize(
    ("name", "study", "reason"),
    [
        (
            "table1",
            with_tasks_of("sst2"),
            "Table 1 needs a task with labels of words.",
        ),
        (
            "table2",
            with_tasks_of("pos"),
            "Table 2 needs a task with labels of texts.",
        ),
        ("table6", bare(), "Table 6 needs a task."),
        ("figure1", bare(), "Figure 1 needs a text without labels, which this study does not hold."),
        (
            "figure12",
            only("minilm", costs=None),
            "Figure 12 needs runtimes of extraction, which this study does not hold.",
        ),
        (
            "finetuning",
            only("xlnet-mini"),
            "How fine-tuning moves redundancy, layer by layer needs a model that was fine-tuned for a task on texts, "
            "which this study does not hold.",
        ),
        ("figure8", STUDY, "Figure 8 needs a second task with labels of words and the recall of its classes."),
        ("footnote5", STUDY, "k-means and DBSCAN beside average linkage needs values that this study does not hold."),
    ],
)
def test_reasons(name: str, study: Study, reason: str) -> None:
    assert why_not(EXHIBITS[name], study) == reason


def test_names_from_outside_stay_words(tmp_path: Path) -> None:
    model = STUDY.models["minilm"]
    tasks = {HOSTILE: model.tasks["pos"]}
    hostile = STUDY.model_copy(
        update={
            "models": {HOSTILE: model.model_copy(update={"tasks": tasks, "as_it_came": {}, "moves": {}})},
            "differences": [],
            "command": f"{HOSTILE} ``` ````",
            "settings": {HOSTILE: HOSTILE},
            "warnings": [HOSTILE],
        }
    )
    found = write_exhibits(hostile, ["figure4", "table6", "complexity"], tmp_path)
    page = Page(found.page.read_text(encoding="utf-8"))
    assert not {"script", "img"} & set(page.tags)
    assert HOSTILE in page.text
    assert "`````\n" in (tmp_path / "paper.md").read_text(encoding="utf-8")
