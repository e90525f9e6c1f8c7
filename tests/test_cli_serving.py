"""`predict` and `explain` on what people type: columns, JSON lines, pipes, mistakes by their line."""

from __future__ import annotations

import io
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from neurosieve.activations import Encoder, load_encoder
from neurosieve.compact import Calibration, CompactModel
from neurosieve.errors import CorpusError
from neurosieve.pieces.lines import Line, line_batches
from tests.compact.conftest import CLASSES, build, of_kind
from tests.test_cli import fails, is_misuse
from tests.tiny_models import WINDOW, make_tiny


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return load_encoder(make_tiny("bert", tmp_path_factory.mktemp("bert")), device="cpu")


@pytest.fixture(scope="module")
def words(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that labels words, with means, deviations and a temperature."""
    model = build(encoder, on_too_long="error")
    k = len(model.head.neurons)
    told = {"means": torch.linspace(-1, 1, k), "deviations": torch.ones(k), "calibration": Calibration(2.0)}
    folder = tmp_path_factory.mktemp("words") / "compact"
    replace(model, heads={"task": replace(model.head, **told)}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def texts(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a class for each text, and a number."""
    folder = tmp_path_factory.mktemp("texts") / "compact"
    kinds = {kind: of_kind(encoder, kind) for kind in ("classification", "regression")}
    CompactModel.join(kinds).save_pretrained(folder)
    return folder


def expected(folder: Path, items: list, task: str | None = None, **more):
    return CompactModel.from_pretrained(folder, device="cpu").predict(items, task, **more)


def test_a_column_of_probabilities(call, words):
    out = call("predict", words, "--probabilities", stdin="The fox \u200b\n".encode()).out
    (one,) = expected(words, ["The fox \u200b"], probabilities=True)
    rows = [line.split("\t") for line in out.splitlines() if line]
    assert [row[:2] for row in rows] == [["The", one.labels[0]], ["fox", one.labels[1]], ["\u200b", "_"]]
    assert [row[2] for row in rows] == [f"{one.probabilities[0]:.4f}", f"{one.probabilities[1]:.4f}", "_"]


def test_a_probability_before_a_text(call, texts):
    out = call("predict", texts, "--task", "classification", "--probabilities", stdin=b"The fox\ta dog\n").out
    (one,) = expected(texts, [("The fox", "a dog")], "classification", probabilities=True)
    assert out == f"{one.label}\t{one.probability:.4f}\tThe fox\ta dog\n"


def test_all_classes_as_json(call, words, texts):
    (line,) = call("predict", words, "--all-classes", stdin=b"fox\n").out.splitlines()
    (row,) = json.loads(line)["classes"]
    assert list(row) == list(CLASSES)
    assert sum(row.values()) == pytest.approx(1.0, abs=1e-6)
    (line,) = call("predict", texts, "--task", "classification", "--all-classes", stdin=b"fox\n").out.splitlines()
    found = json.loads(line)
    assert found["classes"][found["label"]] == found["probability"]


def test_numbers_have_no_probabilities(call, texts):
    where = ["predict", texts, "--task", "regression"]
    (line,) = call(*where, "--json", stdin=b"fox\n").out.splitlines()
    assert set(json.loads(line)) == {"texts", "value"}
    for asked in ("--probabilities", "--all-classes"):
        fails(call(*where, asked, stdin=b"fox\n"), "there are no probabilities")


def records(*rows: object) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def test_json_lines_keep_their_other_keys(call, words, tmp_path):
    rows = [{"id": 7, "text": "The fox, naïve."}, {"words": ["a b", "fox"], "labels": ["X", "Y"]}, {"sentence": "fox"}]
    (tmp_path / "in.jsonl").write_bytes(records(*rows))
    out = call("predict", words, tmp_path / "in.jsonl").out
    assert out == call("predict", words, "--jsonl", stdin=records(*rows)).out
    first, second, third = map(json.loads, out.splitlines())
    one, two, three = expected(words, ["The fox, naïve.", ["a b", "fox"], "fox"], probabilities=True)
    assert (first["id"], first["text"], first["words"]) == (7, "The fox, naïve.", ["The", "fox", ",", "naïve", "."])
    assert (first["labels"], first["probabilities"]) == (one.labels, pytest.approx(one.probabilities))
    assert (second["words"], second["labels"], second["given_labels"]) == (["a b", "fox"], two.labels, ["X", "Y"])
    assert third["labels"] == three.labels
    assert "naïve" in out


def test_json_lines_of_texts_and_pairs(call, texts):
    rows = [{"text": "a"}, {"texts": ["a", "b"]}, {"sentence1": "a", "sentence2": "b", "label": 1}, {"sentence": ""}]
    out = call("predict", texts, "--task", "regression", "--jsonl", stdin=records(*rows)).out
    found = [json.loads(line) for line in out.splitlines()]
    numbers = [one.value for one in expected(texts, ["a", ("a", "b"), ("a", "b"), ""], "regression")]
    assert [one["value"] for one in found] == [None if one is None else pytest.approx(one, abs=1e-5) for one in numbers]
    assert [set(one) - {"value"} for one in found] == [set(row) for row in rows]
    assert found[2]["label"] == 1


def test_plain_text_that_looks_like_json_is_text_where_it_is_said_to_be(call, words, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "fox"}\n')
    out = call("predict", words, tmp_path / "in.jsonl", "--plain").out
    assert out.startswith("{\t")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b'{"text": "a"}\n\n{"text"\n', r"line 3 is no JSON \(.*each line is one object"),
        (b'{"text": "a"}\n["a"]\n', "line 2 holds JSON, but no object"),
        (b'{"id": 1}\n', r'line 1 should be an object with "words" \(a list\), "text" or .* it has the keys \'id\''),
        (b"{}\n", r"it has the keys \(none\)\."),
        (b'{"words": "a fox"}\n', "line 1 should be an object"),
        (b'{"words": ["a", 1]}\n', "line 1 should be an object"),
        (b'{"text": 3}\n', "line 1 should be an object"),
        (b'{"text": "a"}\n{"text": "caf\xe9"}\n', "is not UTF-8 text in line 2"),
    ],
)
def test_mistakes_in_json_lines_are_named_by_their_line(call, words, lines, message):
    fails(call("predict", words, "--jsonl", stdin=lines), message)


@pytest.mark.parametrize(
    "row", [{"texts": []}, {"texts": ["a", "b", "c"]}, {"texts": "a"}, {"sentence1": "a"}, {"words": ["a"]}]
)
def test_mistakes_in_json_lines_of_texts(call, texts, row):
    where = ["predict", texts, "--task", "regression", "--jsonl"]
    fails(call(*where, stdin=records(row)), r'line 1 should be an object with "text", "sentence", "texts" \(one or two')


def test_three_texts_on_a_line_are_named(call, texts):
    where = [texts, "--task", "regression"]
    for command in ("predict", "explain"):
        outcome = call(command, *where, stdin=b"a\tb\n\na\tb\tc\n")
        fails(outcome, "Standard input, line 3 has 3 parts between tabs; a text has one, a pair two")


def test_a_sentence_that_is_too_long_is_named_by_its_line(call, words, tmp_path):
    (tmp_path / "text.txt").write_text("fox\n\n" + "tokenization " * WINDOW + "\nfox\n", encoding="utf-8")
    fails(call("predict", words, tmp_path / "text.txt"), r"text\.txt, line 3: Sentence 1 has \d+ pieces")


@pytest.fixture
def pipe(monkeypatch):
    """A pipe as standard input: its writing end."""
    reading, writing = os.pipe()
    with io.TextIOWrapper(os.fdopen(reading, "rb")) as source, os.fdopen(writing, "wb", buffering=0) as sink:
        monkeypatch.setattr("sys.stdin", source)
        yield sink


def test_a_pipe_that_pauses_is_answered_at_once(pipe):
    batches = line_batches(None, 100)
    pipe.write(b"one\ntwo\nthr")
    assert next(batches) == [Line(1, "one"), Line(2, "two")]
    pipe.write(b"ee\n\nfi")
    assert next(batches) == [Line(3, "three")]
    threading.Timer(0.2, lambda: (pipe.write(b"ve"), pipe.close())).start()
    assert list(batches) == [[Line(5, "five")]]


def test_a_full_pipe_gives_full_batches(pipe):
    threading.Thread(target=lambda: (pipe.write(b"fox\n" * 5000), pipe.close())).start()
    sizes = [len(batch) for batch in line_batches(None, 1000)]
    assert sizes == [1000] * 5


def test_files_are_read_in_full_batches_with_the_numbers_of_their_lines(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbfa\r\n\r\n" + b"x" * 200_000 + b"\nb")
    assert list(line_batches(path, 2)) == [[Line(1, "a"), Line(3, "x" * 200_000)], [Line(4, "b")]]
    path.write_bytes(b"a\ncaf\xe9\n")
    with pytest.raises(CorpusError, match=r"text\.txt is not UTF-8 text in line 2 \("):
        list(line_batches(path, 10))


def test_an_endless_file_is_read_as_it_is_needed(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"fox\n" * 300_000)
    batches = line_batches(path, 1024)
    assert next(batches)[-1] == Line(1024, "fox")
    batches.close()


def test_explain_says_why(call, words):
    out = call("explain", words, "The fox, jumps", "--top", 2).out
    blocks = out.strip().split("\n\n")
    found = CompactModel.from_pretrained(words, device="cpu").explain(["The fox, jumps"])
    assert len(blocks) == len(found) == 4
    for block, one in zip(blocks, found, strict=True):
        lines = block.splitlines()
        assert lines[0].startswith(f"{one.what[0]}: {one.label} ({100 * one.probabilities[0]:.1f} %) rather than ")
        assert "average word" in lines[1]
        assert [line.split() for line in lines[-3:-2]] == [["layer:unit", "value", "contribution"]]
        top = one.top(1)[0]
        assert lines[-2].split()[0] == f"{top.neuron.layer}:{top.neuron.unit}"
        assert lines[-2].split()[-1] == f"{top.amount:+.2f}".replace("-", "−")
        assert "σ" in lines[-2]
    assert max(map(len, out.splitlines())) <= 80


def test_explain_from_standard_input_as_json(call, words):
    out = call("explain", words, "--json", "--top", 1, stdin=b"The fox\n\ndog\n").out
    found = [json.loads(line) for line in out.splitlines()]
    where = [(one["item"], one["place"], *one["what"]) for one in found]
    assert where == [(0, 0, "The"), (0, 1, "fox"), (1, 0, "dog")]
    for one in found:
        total = one["rest"] + sum(part["contribution"] for part in one["layers"])
        assert total == pytest.approx(one["score"])
        assert [part["name"] for part in one["layers"]] == ["0", "1", "2"]
        assert len(one["neurons"]) == 1


def test_explain_another_class(call, words):
    out = call("explain", words, "fox", "--class", "A", "--against", "B|C", "--top", 0).out
    assert out.startswith("fox: A (")
    assert ") rather than B|C (" in out
    assert "layer:unit" not in out
    fails(call("explain", words, "fox", "--class", "Z"), "There is no class 'Z'; this task has 'A'")


def test_explain_texts_pairs_and_numbers(call, texts):
    out = call("explain", texts, "The fox " * 20, "a dog", "--task", "classification").out
    assert out.startswith("The fox The fox The fox The fox The fox…") or "… / a dog: " in out
    assert "does not hold the means of its neurons" in " ".join(out.split())
    assert "biases" in out
    assert call("explain", texts, "fox", "--task", "regression").out.startswith("fox: ")
    piped = call("explain", texts, "--task", "regression", "--json", stdin=b"a\tb\n").out
    assert json.loads(piped)["what"] == ["a", "b"]


def test_explain_takes_one_sentence_where_words_are_labelled(call, words):
    is_misuse(call("explain", words, "fox", "dog"), "This task labels words; it takes one sentence")


def test_explain_nothing(call, words):
    assert call("explain", words, stdin=b"\n").out == ""
