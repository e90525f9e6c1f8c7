"""What was altered, is missing, or is of another make is refused by name."""

from __future__ import annotations

import json

import pytest

from neurosieve.errors import ExportError
from neurosieve.pieces.paths import leads_out
from neurosieve.runtime import Runtime
from neurosieve.runtime.description import Facts
from neurosieve.runtime.files import read_facts


def refused(folder, message):
    with pytest.raises(ExportError, match=message):
        Runtime.from_folder(folder)


def test_a_folder_without_a_description(tmp_path):
    refused(tmp_path / "nothing", r"nothing is no export: it has no runtime.json. `neurosieve export` makes one")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_altered_and_missing_files_are_named(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes() + b" ")
    refused(folder, rf"The file {name} of the export in .* was altered")
    path.unlink()
    refused(folder, rf"lacks the file {name}. Copy the whole folder again")


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/passwd", "a/../../b", "..\\model.onnx", "C:model.onnx"])
def test_names_that_lead_out_of_the_folder(folder, edit, name):
    assert leads_out(name)
    files = json.loads((folder / "runtime.json").read_text())["files"]
    edit(files={**files, name: "0" * 64})
    refused(folder, r"lists .*, which lies outside the folder")


def test_names_inside_it_do_not():
    assert not any(map(leads_out, ["model.onnx", "model.onnx.data", "a/b..c"]))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_that_nobody_listed(folder, edit, name):
    files = json.loads((folder / "runtime.json").read_text())["files"]
    edit(files={other: digest for other, digest in files.items() if other != name})
    refused(folder, rf"runtime.json does not list {name}")


def test_the_card_may_be_edited(folder):
    (folder / "README.md").write_text("mine")
    assert Runtime.from_folder(folder).predict([["fox"]], "a labelling")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"null", b"3"])
def test_a_description_that_is_none(folder, raw):
    (folder / "runtime.json").write_bytes(raw)
    refused(folder, r"runtime.json cannot be used: .* Export the model again")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 2}, "its format is 2, and this version reads 1"),
        ({"tasks": {}}, "it has no task"),
        ({"tasks": []}, "tasks is .*, not of the type dict"),
        ({"tasks": {"a": 3}}, "a task is 3, not of the type dict"),
        ({"tasks": {"a": {"kind": "labelling"}}}, "it lacks output, classes, aggregation"),
        ({"window": "64"}, "window is '64', not of the type int"),
        ({"window": True}, "window is True, not of the type int"),
        ({"prefix": 3}, "prefix is 3, not of the type list"),
        ({"suffix": ["a"]}, "a special piece is 'a', not of the type int"),
        ({"precision": "int4"}, "precision is 'int4', not one of 'float32', 'int8'"),
        ({"on_too_long": None}, "on_too_long is None, not one of"),
        ({"padding_side": "left"}, "padding_side is 'left', not one of 'right'"),
        ({"files": {"model.onnx": 1}}, "the sha256 of model.onnx is 1, not of the type str"),
    ],
)
def test_fields_that_are_not_what_they_should_be(edit, fields, message):
    refused(edit(**fields), rf"cannot be used: {message}")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "ranking"}, "kind is 'ranking', not one of"),
        ({"aggregation": "sum"}, "aggregation is 'sum', not one of"),
        ({"pooling": "max"}, "pooling is 'max', not one of"),
        ({"classes": ["A", 3]}, "a class is 3, not of the type str"),
        ({"classes": []}, "a labelling has 0 classes and the pooling None"),
        ({"pooling": "cls"}, "a labelling has 3 classes and the pooling cls"),
        ({"temperature": 0}, "temperature is 0, not above 0"),
        ({"output": None}, "output is None, not of the type str"),
    ],
)
def test_tasks_that_are_not_what_they_should_be(folder, edit, fields, message):
    task = json.loads((folder / "runtime.json").read_text())["tasks"]["a labelling"]
    refused(edit(tasks={"a": task | fields}), rf"cannot be used: {message}")


def test_a_description_is_read_as_it_was_written(folder):
    facts = read_facts(folder)
    assert Facts.from_dict(json.loads(json.dumps(facts.to_dict()))) == facts
    assert Facts.from_dict({**json.loads(json.dumps(facts.to_dict())), "later": 3}) == facts


def test_a_graph_that_is_none(folder, edit):
    (folder / "model.onnx").write_bytes(b"no graph")
    refused(edit(), r"onnxruntime [\d.]+ cannot open .*model.onnx: .* Install a newer onnxruntime, or export")


def test_a_graph_that_takes_something_else(edit):
    refused(edit(token_types=False), r"go together: it takes attention_mask, input_ids, token_type_ids \(expected")


def test_a_graph_without_a_task_s_output(folder, edit):
    tasks = json.loads((folder / "runtime.json").read_text())["tasks"]
    tasks["a labelling"]["output"] = "scores_9"
    refused(edit(tasks=tasks), r"lacks the outputs scores_9")


def test_a_tokenizer_that_is_none(folder, edit):
    (folder / "tokenizer.json").write_text("{}")
    refused(edit(), r"The tokenizer .*tokenizer.json cannot be read: .* newer tokenizers")


def test_a_tokenizer_without_a_piece_for_what_it_does_not_know(folder, edit):
    described = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = described["model"]["vocab"]
    vocabulary["[other]"] = vocabulary.pop("[UNK]")
    described["added_tokens"] = [one for one in described["added_tokens"] if one["content"] != "[UNK]"]
    (folder / "tokenizer.json").write_text(json.dumps(described))
    refused(edit(), r"The tokenizer .*tokenizer.json cannot cut every word: .*UNK")


def test_a_tokenizer_that_is_read_otherwise(edit):
    refused(edit(prefix=[1]), r"puts \(2,\) and \(3,\) around a sentence, not \(1,\) and \(3,\)")


def test_without_onnxruntime_the_message_says_what_to_install(folder, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr("neurosieve.runtime.session.import_module", absent)
    refused(folder, r'The package onnxruntime is not installed. Install it: pip install "neurosieve\[onnx\]"')
