"""The CSV files against the text that they were taken from, and the functions that read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from neurosieve import published
from neurosieve.errors import NeurosieveError
from tests.conftest import SHARED
from tests.published.printed import rows

PRINTED = {
    "POS": "pos",
    "SEM": "sem",
    "CCG": "ccg",
    "Chunking": "chunk",
    "Chunk.": "chunk",
    "SST-2": "sst2",
    "MRPC": "mrpc",
    "MNLI": "mnli",
    "QNLI": "qnli",
    "QQP": "qqp",
    "RTE": "rte",
    "STS-B": "stsb",
    "Average": "average",
    "Word Average": "word_average",
    "Sentence Average": "sentence_average",
}
LINES = {
    "table1": 8,
    "table2": 14,
    "table3": 28,
    "table4": 16,
    "table5": 14,
    "table6": 2 * 10 * 12,
    "table7": 2 * 15 * 11,
    "table8": 2 * 13,
    "table9": 2 * 7 * 4,
    "table10": 2 * 7 * 7,
    "claims": 82,
    "figures": 14,
}


@pytest.fixture(scope="module")
def paper() -> list[list[str]]:
    """Every line of the paper, cut at its tabs."""
    path = SHARED / "paper.md"
    if not path.is_file():
        pytest.skip("shared/paper.md is not beside this checkout")
    return [line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines()]


def below(paper: list[list[str]], head: tuple[str, ...], lines: int) -> list[list[list[str]]]:
    """The tables that begin with a heading, heading included."""
    starts = [i for i, line in enumerate(paper) if tuple(line[: len(head)]) == head]
    return [paper[i : i + lines + 1] for i in starts]


def test_tables_1_and_2_are_the_text(paper: list[list[str]]) -> None:
    heads = below(paper, ("Task", "# Neurons", "Task", "# Neurons"), 7)
    assert len(heads) == 2
    for name, size, lines in (("table1", 4, heads[0]), ("table2", 7, heads[1])):
        body = lines[1 : size + 1]
        expected = [("BERT", PRINTED[c[0]], c[1]) for c in body] + [("XLNet", PRINTED[c[2]], c[3]) for c in body]
        assert [(r["model"], r["task"], r["neurons"]) for r in rows(name)] == expected


def test_table_3_is_the_text(paper: list[list[str]]) -> None:
    body = below(paper, ("", "BERT", "XLNet", "BERT", "XLNet"), 4)[0][1:]
    printed = {
        (r["group"], r["model"], name): r["value"]
        for r in rows("table3")
        for name in ("oracle_score", "ls_score", "ccfs_score", "reduction")
        if r["row"] == name
    }
    order = [(g, m) for g in ("Sequence Classification", "Sequence Labeling") for m in ("BERT", "XLNet")]
    names = ("oracle_score", "ls_score", "ccfs_score", "reduction")
    expected = {
        (*place, name): cell.strip("%↓")
        for name, line in zip(names, body, strict=True)
        for place, cell in zip(order, line[1:], strict=True)
    }
    assert printed == expected


@pytest.mark.parametrize(("name", "head", "lines"), [("table4", "Test", 4), ("table5", None, 7)])
def test_tables_4_and_5_are_the_text(paper: list[list[str]], name: str, head: str | None, lines: int) -> None:
    start = ("Task", "Train", "Dev", head) if head else ("Task", "Train", "Dev")
    found = [t for t in below(paper, start, lines) if len(t[0]) == (5 if head else 3)]
    heading, *body = found[0]
    expected = [
        (PRINTED[line[0]], quantity.lower(), cell)
        for line in body
        for quantity, cell in zip(heading[1:], line[1:], strict=True)
    ]
    assert [(r["task"], r["quantity"], r["value"]) for r in rows(name)] == expected


def test_table_6_is_the_text(paper: list[list[str]]) -> None:
    expected = {}
    for model, (heading, *body) in zip(published.MODELS, below(paper, ("Threshold",), 20), strict=True):
        for counts, scores in zip(body[::2], body[1::2], strict=True):
            for task, count, percent in zip(heading[1:], counts[1:], scores[1:], strict=True):
                expected[model, counts[0], PRINTED[task]] = (count, percent.removesuffix("%"))
    found = {(r["model"], r["threshold"], r["task"]): (r["neurons"], r["score_percent"]) for r in rows("table6")}
    assert found == expected


def test_table_7_is_the_text(paper: list[list[str]]) -> None:
    names = {"Oracle": "oracle", "1% Loss": "one_percent_loss", "Embedding": "embedding"}
    expected = {}
    heads = below(paper, ("", "POS", "SEM", "CCG", "Chunking", "SST-2"), 15)
    for model, (heading, *body) in zip(published.MODELS, heads, strict=True):
        for line in body:
            row = names.get(line[0]) or f"layer_{line[0].split()[1]}"
            for task, cell in zip(heading[1:], line[1:], strict=True):
                bold = "true" if cell.startswith("<b>") else "false"
                expected[model, row, PRINTED[task]] = (cell.replace("<b>", "").split("%")[0], bold)
    found = {(r["model"], r["row"], r["task"]): (r["score_percent"], r["bold"]) for r in rows("table7")}
    assert found == expected


def test_table_8_is_the_text(paper: list[list[str]]) -> None:
    _, *body = below(paper, ("Task", "Oracle"), 13)[0]
    expected = {}
    for line in body:
        for model, cells in (("BERT", line[:4]), ("XLNet", line[4:])):
            expected[model, PRINTED[cells[0]]] = tuple(cell.removesuffix("%") for cell in cells[1:])
    found = {(r["model"], r["task"]): (r["oracle_percent"], r["neurons"], r["reduced_percent"]) for r in rows("table8")}
    assert found == expected


@pytest.mark.parametrize("name", ["table9", "table10"])
def test_tables_9_and_10_are_the_text(paper: list[list[str]], name: str) -> None:
    """Every printed line of values, in order; rows that name no values of their own are the ones above them."""
    tasks = published.WORD_TASKS if name == "table9" else published.SENTENCE_TASKS
    head = ("", "", "POS") if name == "table9" else ("", "", "SST-2")
    body = below(paper, head, 14 if name == "table9" else 8)[0][1:]
    printed = [tuple(cell.strip("%↓") for cell in line[2:]) for line in body]
    expected = [line[:1] * len(tasks) if not any(line[1:]) else line for line in printed]
    found = []
    for model in published.MODELS:
        mine = [r for r in rows(name) if r["model"] == model and r["value"]]
        for row in dict.fromkeys(r["row"] for r in mine):
            found.append(tuple(r["value"] for r in mine if r["row"] == row))
    assert found == expected


@pytest.mark.parametrize("name", published.NAMES)
def test_every_file_has_its_lines_and_each_cell_once(name: str) -> None:
    table = published.read(name)
    assert len(table) == LINES[name]
    values = {"value", "neurons", "score_percent", "oracle_percent", "reduced_percent", "bold", "reason"}
    keys = [column for column in table if column not in values]
    assert not table.duplicated(keys).any()


@pytest.mark.parametrize("name", ["table3", "table9", "table10"])
def test_a_cell_is_empty_exactly_where_a_reason_stands(name: str) -> None:
    table = published.read(name)
    assert (table["value"].isna() == (table["reason"] != "")).all()


def test_what_is_read_has_the_right_types_and_is_a_copy() -> None:
    table = published.read("table7")
    assert table["bold"].dtype == bool
    assert table["score_percent"].dtype == float
    assert published.read("figures")["number"].tolist() == list(range(1, 15))
    table["bold"] = True
    assert not published.read("table7")["bold"].all()


def test_scores_are_percent_as_printed() -> None:
    assert published.score("table6", "BERT", "pos", "0.0") == 95.7
    assert published.score("table7", "XLNet", "stsb", "layer_12") == 88.5
    assert published.score("table8", "XLNet", "word_average", "reduced") == 92.4
    assert published.score("table9", "BERT", "chunk", "reduction") == 94.0
    assert published.score("table3", "BERT", "Sequence Labeling", "ls_score") == 85.0


def test_counts_are_plain_numbers() -> None:
    assert published.neurons("table1", "BERT", "chunk") == 750
    assert published.neurons("table6", "XLNet", "average", "0.1") == 9006.75
    assert published.neurons("table8", "BERT", "sentence_average") == 130
    assert published.neurons("table9", "BERT", "ccg", "ls_layers") == 8


def test_what_was_lost_or_never_printed_is_none_with_its_reason() -> None:
    assert published.neurons("table10", "BERT", "rte", "ls_layers") is None
    assert published.reason("table10", "BERT", "rte", "ls_layers") == "the text of Table 10 at hand lost this row"
    assert published.reason("table3", "XLNet", "Sequence Labeling", "ccfs_neurons").startswith("the text of Table 3")
    assert published.reason("table9", "BERT", "pos", "ls_layers") == ""
    assert published.reason("table8", "BERT", "pos", "oracle") == ""
    assert published.reason("table9", "minilm", "pos", "ls_layers") == ""
    assert published.score("table8", "minilm", "pos", "oracle") is None
    assert published.score("table8", "BERT", "upos", "oracle") is None


def test_unknown_names_are_named() -> None:
    with pytest.raises(NeurosieveError, match="the paper has no 'table11'; choose one of table1, table2"):
        published.read("table11")
    with pytest.raises(
        NeurosieveError, match=r"'table8' has no 'best' among its scores; choose one of oracle, reduced"
    ):
        published.score("table8", "BERT", "pos", "best")
    with pytest.raises(NeurosieveError, match=r"'table7' has no 'neurons' among its counts; choose one of none"):
        published.neurons("table7", "BERT", "pos")
    with pytest.raises(NeurosieveError, match=r"'table4' has no column of models; use read\('table4'\)"):
        published.score("table4", "BERT", "pos", "train")
    with pytest.raises(NeurosieveError, match=r"no claim 'price' of both models in '7\.2'; see read"):
        published.claim("7.2", "price")


def test_claims_have_a_number_a_place_and_words() -> None:
    claims = published.read("claims")
    assert claims["value"].notna().all()
    assert (claims[["section", "key", "what"]] != "").all(axis=None)
    assert set(claims["model"]) == {"", *published.MODELS}
    assert published.claim("5.2", "removed_at_0.7", "XLNet") == 92


def test_importing_does_not_load_torch() -> None:
    code = "import sys, neurosieve.published; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
