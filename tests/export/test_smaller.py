"""Models made smaller are exported like any other: fewer pieces, narrow layers, weights that were stored rounded."""

from __future__ import annotations

import onnx
import pytest

from neurosieve.compact import CompactModel
from neurosieve.compact.narrow import NarrowLinear
from neurosieve.export import Exported, export_onnx
from neurosieve.runtime import Runtime
from tests.compact.conftest import build
from tests.compact.test_stored import all_forms
from tests.export.test_families import SENTENCES, same

VOCABULARY = "vocabulary, int8"


def exported_again(small: CompactModel, folder, **more) -> tuple[Exported, CompactModel, Runtime]:
    """The export of what was saved and loaded, which is what people export; beside that model."""
    small.save_pretrained(folder / "compact")
    again = CompactModel.from_pretrained(folder / "compact", device="cpu")
    exported = export_onnx(again, folder / "onnx", **more)
    return exported, again, Runtime.from_folder(folder / "onnx", threads=1)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("family", "form"),
    [
        *(("bert", form) for form in ("bfloat16", "int8", "vocabulary", VOCABULARY)),
        *((family, VOCABULARY) for family in ("roberta", "albert", "xlnet")),
    ],
)
def test_every_form_is_scored_as_in_torch(load, tmp_path, family, form):
    small = all_forms(build(load(family)))[form]
    exported, again, runtime = exported_again(small, tmp_path)
    same(runtime, again, SENTENCES, None)
    same(runtime, small, SENTENCES, None)
    assert exported.parity["task"].holds
    assert (exported.facts.precision, exported.facts.n_pieces) == ("float32", small.encoder.n_pieces)


@pytest.mark.parametrize(("family", "form"), [("llama", "trimmed"), ("gpt2", "everything")])
def test_narrow_layers_stay_narrow(load, tmp_path, family, form):
    """By the newer exporter, which writes the graphs of these families; "everything" is trimmed, reduced and int8."""
    model = build(load(family))
    exported, again, runtime = exported_again(all_forms(model)[form], tmp_path)
    assert exported.exporter == "dynamo"
    same(runtime, again, SENTENCES, None)
    if form == "trimmed":
        same(runtime, model, SENTENCES, None)
    (narrower,) = (one for one in again.encoder.model.modules() if isinstance(one, NarrowLinear))
    written = [sorted(one.dims) for one in onnx.load(exported.folder / "model.onnx").graph.initializer]
    assert written.count(sorted(narrower.weight.shape)) == 1


@pytest.mark.usefixtures("quick")
def test_a_reduced_vocabulary_has_a_tokenizer_and_embeddings_of_its_own(load, tmp_path):
    model = build(load("bert"))
    small = all_forms(model)["vocabulary"]
    exported, _, runtime = exported_again(small, tmp_path)
    assert exported.facts.n_pieces < model.encoder.n_pieces
    assert runtime.segmenter(SENTENCES).ids.max() < exported.facts.n_pieces
    assert exported.n_bytes < export_onnx(model, tmp_path / "whole").n_bytes


@pytest.mark.usefixtures("quick")
def test_rounded_once_more_to_int8_it_says_much_the_same(load, tmp_path):
    """Products with int8 activations, of weights that were int8 on disk."""
    exported, again, runtime = exported_again(all_forms(build(load("bert")))["int8"], tmp_path, quantize="int8")
    found = exported.int8["task"]
    assert exported.parity["task"].holds
    assert (runtime.facts.precision, found.rows) == ("int8", exported.parity["task"].rows)
    assert found.same_labels > 0.8 * found.rows
    assert again.encoder.n_pieces == exported.facts.n_pieces
