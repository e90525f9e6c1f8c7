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
