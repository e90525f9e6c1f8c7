from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version

import onnx
import pytest
from transformers import ByT5Tokenizer

from neurosieve.errors import ActivationsError, CompactError, ExportError
from neurosieve.export import export_onnx, exporters, writing
from neurosieve.export.graph import Scorer
from neurosieve.export.telling import exported_sentences
from neurosieve.runtime import Runtime
from neurosieve.runtime.files import sha256
from tests.compact.conftest import of_kind

pytestmark = pytest.mark.usefixtures("quick")
FILES = ["README.md", "model.onnx", "runtime.json", "tokenizer.json"]


def test_the_folder_holds_four_files_and_says_what_they_are(exported, several):
    assert sorted(path.name for path in exported.folder.iterdir()) == FILES
    described = json.loads((exported.folder / "runtime.json").read_text())
    assert described["files"] == {name: sha256(exported.folder / name) for name in ("model.onnx", "tokenizer.json")}
    assert list(described["tasks"]) == list(several.heads)
    assert described["made_by"]["torch"] == version("torch")
    assert described["measured"]["float32"]["a regression"] == exported.parity["a regression"].to_dict()
    assert exported.n_bytes == exported.float32_bytes == (exported.folder / "model.onnx").stat().st_size


def test_batch_and_length_are_open_and_nothing_tells_where_it_was_made(exported):
    path = exported.folder / "model.onnx"
    graph = onnx.load(path).graph
    shapes = {one.name: [dim.dim_param for dim in one.type.tensor_type.shape.dim] for one in graph.input}
    assert set(shapes) == {"input_ids", "attention_mask", "token_type_ids"}
    assert all(all(dims) for dims in shapes.values())
    assert b"site-packages" not in path.read_bytes()
    assert not any(node.metadata_props for node in graph.node)


def test_the_tokenizer_neither_cuts_nor_pads(exported):
    described = json.loads((exported.folder / "tokenizer.json").read_text())
    assert (described["truncation"], described["padding"]) == (None, None)


def test_the_card_names_tasks_and_agreement(exported):
    card = (exported.folder / "README.md").read_text()
    found = exported.parity["a labelling"]
    assert f"| a labelling | labels each word with one of 3 classes | {found.agreeing} of {found.decided} clear" in card
    assert "task='a regression'" in card
    said = list(exported_sentences(exported))
    assert said[0].startswith("A bert for a labelling, a classification, a regression: ")
    assert len(said) == 5
    assert said[1].startswith("A row is a word or a text; it is clear if its two best scores are more than 1e-04 of")


def test_what_was_measured_counts_every_kind_of_batch(exported):
    for found in exported.parity.values():
        assert found.items == 3 * (1 + 2 + 7) + 3
        assert found.agreeing == found.decided <= found.rows
        assert 0 < found.largest < 1e-4


def test_given_items_are_compared_too(load, tmp_path):
    model = of_kind(load("bert"), "labelling")
    more = export_onnx(model, tmp_path / "out", items=["The fox .", ["a", "dog"]]).parity["task"]
    alone = export_onnx(model, tmp_path / "out").parity["task"]
    assert (more.items - alone.items, more.rows - alone.rows) == (2, 5)


class Wrong(Scorer):
    def forward(self, *args, **inputs):
        first, *rest = super().forward(*args, **inputs)
        return (first + first.new_tensor([0.0, 0.5, 0.0]), *rest)


def test_a_graph_that_says_something_else_is_refused(load, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "Scorer", Wrong)
    model = of_kind(load("bert"), "labelling")
    with pytest.raises(ExportError, match=r"for 'task' differs from the model: [1-9]\d* of \d+ labels .* by up to"):
        export_onnx(model, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_neither_exporter_can_do(load, tmp_path, monkeypatch):
    def fails(*args):
        raise RuntimeError("no  way")

    monkeypatch.setattr(exporters, "_EXPORTERS", {"dynamo": fails, "legacy": fails})
    with pytest.raises(ExportError, match=r"family 'bert' cannot be exported to ONNX \(dynamo: no way; legacy: no way"):
        export_onnx(of_kind(load("bert"), "labelling"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_second_exporter_is_asked_where_the_first_fails(load, tmp_path, monkeypatch):
    def fails(*args):
        raise RuntimeError("no way")

    legacy = exporters._EXPORTERS["legacy"]
    monkeypatch.setattr(exporters, "_EXPORTERS", {"dynamo": fails, "legacy": legacy})
    assert export_onnx(of_kind(load("bert"), "labelling"), tmp_path / "out").exporter == "legacy"


@pytest.mark.parametrize("package", ["onnx", "onnxscript", "onnxruntime"])
def test_a_missing_package_is_named(load, tmp_path, monkeypatch, package):
    def absent(name):
        if name == package:
            raise ImportError
        return

    monkeypatch.setattr("neurosieve.runtime.session.import_module", absent)
    with pytest.raises(ExportError, match=rf'package {package} is not installed. .* pip install "neurosieve\[onnx\]"'):
        export_onnx(of_kind(load("bert"), "labelling"), tmp_path / "out")


def test_a_tokenizer_in_python_is_refused(load, tmp_path):
    encoder = replace(load("bert"), tokenizer=ByT5Tokenizer())
    model = replace(of_kind(load("bert"), "labelling"), encoder=encoder)
    with pytest.raises(ExportError, match=r"The tokenizer ByT5Tokenizer runs in Python only .* fast tokenizer"):
        export_onnx(model, tmp_path / "out")


def test_an_unknown_task(several, tmp_path):
    with pytest.raises(CompactError, match="has no task 'x'"):
        export_onnx(several, tmp_path / "out", task="x")


def test_something_else_is_not_overwritten(load, exported, tmp_path):
    model = of_kind(load("bert"), "labelling")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("x")
    for folder, names in ((tmp_path / "thesis", "chapter.tex"), (tmp_path / "thesis" / "chapter.tex", "chapter.tex")):
        with pytest.raises(ExportError, match=rf"holds something else than an export \({names}\)"):
            export_onnx(model, folder)
    export_onnx(model, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("x")
    with pytest.raises(ExportError, match=r"\(notes.txt\) and is not overwritten"):
        export_onnx(model, tmp_path / "out")


def test_int8_weights_are_smaller_and_told_apart(load, tmp_path):
    model = of_kind(load("bert"), "labelling")
    exported = export_onnx(model, tmp_path / "out", quantize="int8")
    assert exported.n_bytes < 0.8 * exported.float32_bytes
    runtime = Runtime.from_folder(tmp_path / "out")
    assert runtime.facts.precision == "int8"
    assert runtime.facts.measured["int8"]["task"] == exported.int8["task"].to_dict()
    assert exported.parity["task"].holds
    assert 1e-4 < exported.int8["task"].largest < 1
    assert exported.int8["task"].same_labels > 0.8 * exported.int8["task"].rows
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert "int8 (" in list(exported_sentences(exported))[-1]


def test_sentences_that_may_not_be_cut_are_refused_in_both(load, tmp_path):
    model = of_kind(load("bert"), "labelling", on_too_long="error")
    export_onnx(model, tmp_path / "out")
    for one in (model, Runtime.from_folder(tmp_path / "out")):
        with pytest.raises(ActivationsError, match=r"Sentence 1 has \d+ pieces"):
            one.scores([["fox"] * 100])
