"""Labels, words, tasks and models with markup, formulas and separators in their names: every page, table and card that
the commands write has the structure that it has with harmless names, and no file lies outside the folders named."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest

from neurosieve import cli
from neurosieve.report.contents import contents
from neurosieve.report.tables.cells import RUN_BY_SPREADSHEETS
from tests.conftest import Call, Outcome
from tests.run.small import sentences
from tests.tiny_models import make_tiny

TAGS = ("DT", "NN", "VB", "JJ", ".")
LABELS = {
    "harmless": ("la", "lb", "lc", "ld", "le"),
    "hostile": (
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "../../../x",
        "a|b\n\n# c\x00\u202ed",
        '"><img src=x onerror=alert(1)> [y](javascript:z)',
    ),
}
WORDS = {
    "harmless": {},
    "hostile": {
        "fox": "<b onclick=x>fox</b>",
        "dog": "=dog()",
        "is": "../is",
        "the": "`the|\u202e",
        "cuts": "]]></svg>",
    },
}
TASK = {"harmless": "plain", "hostile": "=t <script>alert(1)<-script> \"x' ..|\u202e [y](z)"}
MODEL = {"harmless": "model", "hostile": "m <img src=x onerror=alert(1)> \"'|`"}


class Made(NamedTuple):
    root: Path
    out: Path
    outside: list[Path]


def write_task(folder: Path, kind: str) -> Path:
    """A task in TOML with its JSON lines; the labels stand in the places of tags."""
    folder.mkdir(parents=True)
    names = dict(zip(TAGS, LABELS[kind], strict=True))
    for split, count, seed in (("train", 40, 1), ("test", 14, 2)):
        rows = [
            {"words": [WORDS[kind].get(word, word) for word, _, _ in one], "labels": [names[tag] for _, tag, _ in one]}
            for one in sentences(count, seed)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = folder / f"{TASK[kind]}.toml"
    told = 'format = "jsonl"\ntrain = "train.jsonl"\ntest = "test.jsonl"\ncolumns = ["words", "labels"]\n'
    task.write_text(told, encoding="utf-8")
    return task


def make(kind: str, root: Path, call: Call) -> Made:
    """Every command that writes pages, tables or cards, on one small run."""
    top = root / "a" / "b"
    task, model = write_task(top / "data", kind), make_tiny("bert", top / MODEL[kind])
    before = {path for path in root.rglob("*") if path.is_file()}
    out, common = top / "out", ["--model", model, "--cache", top / "cache", "--device", "cpu"]
    for asked in (
        ["run", "--task", task, "--out", out, *common],
        ["inspect", out, "--splits", 0, "--cache", top / "cache"],
        ["front", out, "--rounds", 1, "--per-doubling", 1],
        ["choose", out, "--min-score", 0.1, "--by", "score", "--out", out / "small"],
        ["bench", out],
        ["ablate", out, "--limit-texts", 4, "--draws", 1],
        ["nested", "--task", task, "--out", out / "nested", "--folds", 3, *common],
        ["rankings", "--task", task, "--out", out / "rankings", "--splits", 1, *common],
        ["shrink", out / "compact", "--out", out / "tiny", "--weights", "bfloat16"],
    ):
        found = call(*asked)
        assert found.status == 0 or asked[0] == "bench", found.err
    after = {path for path in root.rglob("*") if path.is_file()}
    return Made(root, out, [path for path in after - before if not {out, top / "cache"} & set(path.parents)])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Made]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HF_HUB_OFFLINE", "1")

        def call(*args: object) -> Outcome:
            patched.setattr(sys, "argv", ["neurosieve", *map(str, args)])
            out, err, status = io.StringIO(), io.StringIO(), 0
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    cli.main()
                except SystemExit as end:
                    status = int(end.code or 0)
            return Outcome(status, out.getvalue(), err.getvalue())

        yield {kind: make(kind, tmp_path_factory.mktemp(kind), call) for kind in LABELS}


class Structure(HTMLParser):
    """Elements with the names of their attributes, where links lead, and whether every element is closed."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.links: set[str] = set()
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.links |= {str(value) for name, value in attrs if name in ("href", "src", "xlink:href")}

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def pages(made: Made, ending: str) -> dict[str, Path]:
    """Files by their names, without what the task adds to them."""
    found = sorted(made.out.rglob(f"*{ending}"))
    return {f"{path.parent.relative_to(made.out)}/{path.stem.partition('-')[0]}": path for path in found}


def test_every_file_lies_in_the_folders_that_were_named(pair):
    for made in pair.values():
        assert made.outside == []


def test_the_same_pages_are_there(pair):
    assert set(pages(pair["hostile"], ".html")) == set(pages(pair["harmless"], ".html"))
    assert {"./report", "./inspection", "./front", "./ablation"} <= set(pages(pair["hostile"], ".html"))


@pytest.mark.parametrize("name", ["./report", "./inspection", "./front", "./ablation"])
def test_no_text_becomes_markup(name, pair):
    harmless, hostile = (Structure(pages(pair[kind], ".html")[name].read_text(encoding="utf-8")) for kind in LABELS)
    assert hostile.open == []
    assert hostile.elements == harmless.elements
    assert not any(attribute.startswith("on") for _, names in hostile.elements for attribute in names)
    scripts = {attributes for tag, attributes in hostile.elements if tag == "script"}
    assert scripts == ({(), ("id", "type")} if name == "./report" else set())
    allowed = r"#[a-z0-9-]|data:image/|(figures|tables)/[\w.-]+$|inspection|[\w-]+\.csv$"
    assert all(re.match(allowed, link) for link in hostile.links)
    assert any("<script>alert(1)" in text for text in hostile.text)


def test_no_figure_holds_markup_of_others(pair):
    figures = pages(pair["hostile"], ".svg")
    assert figures
    for name, path in figures.items():
        found = Structure(path.read_text(encoding="utf-8").partition("?>")[2] or path.read_text(encoding="utf-8"))
        assert not {tag for tag, _ in found.elements} & {"script", "img", "foreignobject", "iframe", "b"}, name


def test_no_cell_of_any_table_is_a_formula(pair):
    tables = sorted(pair["hostile"].out.rglob("*.csv"))
    assert {"per_class.csv", "words.csv", "nested.csv", "rankings.csv", "bench.csv"} <= {path.name for path in tables}
    seen = set()
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1, path
        for cell in (cell for row in rows for cell in row):
            seen.add(cell)
            if not re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", cell):
                assert cell.strip()[:1] not in RUN_BY_SPREADSHEETS, (path, cell)
    assert "'=cmd|' /C calc'!A0" in seen


CARDS = [f"{name}/README.md" for name in ("compact", "small", "tiny")]


@pytest.mark.parametrize("file", [*CARDS, "bench.md", "nested/nested.md", "rankings/rankings.md"])
def test_no_text_is_read_as_markdown(file, pair):
    texts = {kind: re.sub(r"(?s)```.*?```", "", (pair[kind].out / file).read_text(encoding="utf-8")) for kind in LABELS}
    for kind, text in texts.items():
        code_free = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        assert not re.search(r"(?<!\\)<[a-z/!]", code_free), (kind, code_free)
        assert not re.search(r"(?<!\\)\]\(", code_free)
        assert "\x00" not in text
    columns = {
        kind: {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")}
        for kind, text in texts.items()
    }
    assert columns["hostile"] == columns["harmless"]
    headings = {kind: len(re.findall("(?m)^#", text)) for kind, text in texts.items()}
    assert headings["hostile"] == headings["harmless"]


def test_the_run_is_read_again_under_its_own_names(pair):
    facts, lines = contents(str(pair["hostile"].out))
    assert facts["tasks"][TASK["hostile"]]["corpus"]["classes"] == sorted(LABELS["hostile"])
    assert TASK["hostile"] in " ".join(" ".join(lines).split())  # lines are broken at 80 columns
