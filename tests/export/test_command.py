from __future__ import annotations

import json

import pytest

from neurosieve.runtime import Runtime

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def saved(several, tmp_path):
    several.save_pretrained(tmp_path / "compact")
    return tmp_path / "compact"


def test_it_says_how_large_and_how_like_the_model(call, saved, tmp_path, several):
    found = call("export", saved, "--out", tmp_path / "onnx", "--task", "a labelling")
    assert found.status == 0
    assert found.out.startswith("- A bert for a labelling: 0.")
    assert "clear rows agree" in found.out
    assert f"Export: {tmp_path / 'onnx'}\n" in found.out
    sentence = ["The", "fox", ",", "lazy"]
    assert Runtime.from_folder(tmp_path / "onnx").predict([sentence]) == several.predict([sentence], "a labelling")


def test_numbers_as_json_with_lines_of_one_s_own(call, saved, tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_text("One text .\nOne\tand another\n", encoding="utf-8")
    task = ("--task", "a classification")
    found = call("export", saved, "--out", tmp_path / "onnx", *task, "--check", lines, "--int8", "--json")
    told = json.loads(found.out)
    assert told["parity"]["a classification"]["items"] == 3 * 10 + 3 + 2
    assert told["int8"]["a classification"]["rows"] == told["parity"]["a classification"]["rows"]
    assert told["facts"]["precision"] == "int8"


def test_mistakes_end_with_one_line(call, saved, tmp_path):
    found = call("export", tmp_path / "nothing", "--out", tmp_path / "onnx")
    assert (found.status, found.out) == (1, "")
    assert "is no compact model" in found.err
    found = call("export", saved, "--out", saved)
    assert (found.status, found.err.count("\n")) == (1, 1)
    assert "holds something else than an export" in found.err
