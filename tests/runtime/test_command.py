"""`python -m neurosieve.runtime`, in this process, beside `neurosieve predict`."""

from __future__ import annotations

import io
import json
import os
import sys
import threading

import pytest

from neurosieve.runtime import Runtime
from neurosieve.runtime.__main__ import main

TEXT = "The fox, lazy.\n\n a dog\tis\n"


@pytest.fixture
def ask(monkeypatch, capsys):
    def asked(*args, stdin: bytes = TEXT.encode(), source: io.TextIOBase | None = None):
        monkeypatch.setattr(sys, "stdin", source or io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        status = main([str(arg) for arg in args])
        return (status, *capsys.readouterr())

    return asked


ALWAYS, OF_CLASSES = [(), ("--json",), ("--split", "space")], [("--probabilities",), ("--all-classes",)]


@pytest.mark.parametrize(
    ("task", "more"),
    [
        *((task, more) for task in ("a labelling", "a classification") for more in (*ALWAYS, *OF_CLASSES)),
        *(("a regression", more) for more in ALWAYS),  # numbers have no probabilities
    ],
)
def test_it_prints_what_predict_prints(ask, call, several, exported, tmp_path, task, more):
    several.save_pretrained(tmp_path / "compact")
    expected = call("predict", tmp_path / "compact", "--task", task, "--device", "cpu", *more, stdin=TEXT.encode())
    status, out, _ = ask(exported.folder, "--task", task, *more)
    assert (status, expected.status) == (0, 0)
    if {"--json", "--all-classes"} & set(more):
        for mine, theirs in zip(out.splitlines(), expected.out.splitlines(), strict=True):
            one, other = json.loads(mine), json.loads(theirs)
            assert set(one) == set(other)
            assert [one.get("label"), one.get("labels")] == [other.get("label"), other.get("labels")]
    else:
        assert out == expected.out


def alike(one, other) -> bool:
    """Equal, but for the last digits of numbers: torch and onnxruntime add in other orders."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, abs=1e-5)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and one == other


ROWS = {
    "a labelling": [
        {"id": 7, "text": "The fox, naïve.", "gold": None},
        {"words": ["a b", "\u200b", "fox"], "labels": ["X", "Y", "Z"]},
        {"sentence": "fox"},
        {"words": []},
    ],
    "a classification": [
        {"text": "a dog", "label": "gold", "given_label": 0},
        {"texts": ["a", "b c"]},
        {"sentence1": "He reckons", "sentence2": "not", "score": 0.5},
    ],
    "a regression": [{"sentence": "a fox"}, {"text": ""}, {"texts": ["fox"], "value": {"was": 1}}],
}


@pytest.mark.parametrize("task", ROWS)
@pytest.mark.parametrize("more", [("--jsonl",), ("--jsonl", "--split", "space"), ("--jsonl", "--all-classes"), ()])
def test_json_lines_are_answered_as_predict_answers_them(ask, call, several, exported, tmp_path, task, more):
    if task == "a regression" and "--all-classes" in more:
        more = ("--jsonl", "--json")
    several.save_pretrained(tmp_path / "compact")
    given = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS[task]).encode()
    if more:
        file, stdin = (), given
    else:  # the name of the file says what it holds
        (tmp_path / "rows.jsonl").write_bytes(given)
        file, stdin = (tmp_path / "rows.jsonl",), b""
    expected = call("predict", tmp_path / "compact", *file, "--task", task, "--device", "cpu", *more, stdin=stdin)
    status, out, _ = ask(exported.folder, *file, "--task", task, *more, stdin=stdin)
    assert (status, expected.status) == (0, 0)
    mine, theirs = ([json.loads(line) for line in lines.splitlines()] for lines in (out, expected.out))
    assert len(mine) == len(ROWS[task])
    assert alike(mine, theirs), (mine, theirs)
    assert all(set(row) <= set(answer) for row, answer in zip(ROWS[task], mine, strict=True))


def test_json_lines_may_be_read_as_text(ask, exported, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b'{"text": "fox"}\n')
    out = ask(exported.folder, tmp_path / "rows.jsonl", "--plain", "--task", "a labelling")[1]
    assert out.startswith("{\t")


def test_json_lines_are_answered_batch_by_batch(ask, exported, monkeypatch):
    """Memory does not grow with the input: no more lines are read than are answered together."""
    sizes = []
    predict = Runtime.predict

    def counting(self, items, *args, **more):
        sizes.append(len(items))
        return predict(self, items, *args, **more)

    monkeypatch.setattr(Runtime, "predict", counting)
    out = ask(exported.folder, "--task", "a labelling", "--jsonl", stdin=b'{"text": "fox"}\n' * 2500)[1]
    assert sizes == [1024, 1024, 452]
    assert len(out.splitlines()) == 2500


def test_a_file(ask, exported, tmp_path):
    file = tmp_path / "lines.txt"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert ask(exported.folder, file, "--task", "a labelling") == ask(exported.folder, "--task", "a labelling")


def test_what_comes_later_is_not_waited_for(ask, exported, monkeypatch):
    sizes, answered = [], threading.Event()
    stream = Runtime.stream

    def counting(self, items, *args, **more):
        sizes.append(len(items))
        answered.set()
        return stream(self, items, *args, **more)

    expected = ask(exported.folder, "--task", "a labelling")
    monkeypatch.setattr(Runtime, "stream", counting)
    reading, writing = os.pipe()
    with io.TextIOWrapper(os.fdopen(reading, "rb")) as source, os.fdopen(writing, "wb", buffering=0) as sink:

        def write() -> None:
            first, *others = TEXT.encode().splitlines(keepends=True)
            sink.write(first)
            answered.wait(60)
            sink.write(b"".join(others))
            sink.close()

        writer = threading.Thread(target=write)
        writer.start()
        assert ask(exported.folder, "--task", "a labelling", source=source) == expected
        writer.join()
    assert sizes == [1, 1]


def test_mistakes_end_with_one_line(ask, exported, tmp_path):
    for args, stdin, message in (
        ((tmp_path,), b"", "is no export"),
        ((exported.folder,), b"", "serves several tasks"),
        ((exported.folder, tmp_path / "none", "--task", "a labelling"), b"", "No such file"),
        ((exported.folder, "--task", "a labelling"), b"\xff\xfe", "Standard input is not UTF-8 text"),
        ((exported.folder, "--task", "a classification"), b"a\tb\tc", "Standard input, line 1 has 3 parts"),
        ((exported.folder, "--task", "a labelling", "--jsonl"), b'{"text"', "Standard input, line 1 is no JSON"),
        ((exported.folder, "--task", "a labelling", "--jsonl"), b"{}", "line 1 should be an object with"),
    ):
        status, out, err = ask(*args, stdin=stdin)
        assert (status, out) == (1, "")
        assert err.startswith("neurosieve: ")
        assert message in err
        assert err.count("\n") == 1


def test_wrong_use_ends_with_2(ask, exported):
    with pytest.raises(SystemExit) as end:
        ask(exported.folder, "--split", "letters")
    assert end.value.code == 2


def test_a_reader_that_goes_away_ends_it(ask, exported, monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Closed())
        patch.setattr(sys, "stderr", io.StringIO())
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"fox"), encoding="utf-8"))
        assert main([str(exported.folder), "--task", "a labelling"]) == 1
