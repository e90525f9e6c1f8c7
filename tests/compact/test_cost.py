from __future__ import annotations

import pytest

from neurosieve.compact.cost import megabytes_of, reading_cost
from neurosieve.compact.smaller import trimmed
from neurosieve.errors import CompactError
from tests.compact.conftest import build, of_kind
from tests.tiny_models import UNITS

SENTENCES = [["the", "fox"], ["unbelievable", "dog", "is", "it"], ["the", "fox"]]


def test_operations_by_hand(load):
    """Two blocks of 32 units with 48 inside; four products with 32 × 32 weights and two with 32 × 48."""
    model = build(load("bert"))
    pieces = model.encoder.segmenter(SENTENCES).per_sentence + 2
    cost = reading_cost(model, SENTENCES)
    weights = 2 * 2 * (4 * 32 * 32 + 2 * 32 * 48) * pieces.sum()
    head = 2 * model.head.weight.numel() * 8
    attention = 2 * 4 * 32 * (pieces[:2] ** 2).sum() / pieces[:2].sum() * pieces.sum()
    assert cost.rows == 8
    assert cost.pieces_per_row == pieces.sum() / 8
    assert cost.flops_per_row * 8 == pytest.approx(weights + attention + head, rel=1e-6)


def test_texts_count_as_texts(load):
    model = of_kind(load("bert"), "classification")
    cost = reading_cost(model, ["the fox", ("so", "it")])
    lengths = [len(ids) for ids in model.encoder.segmenter.cut_texts(["the fox", "so", "it"])]
    assert (cost.rows, cost.pieces_per_row) == (2, (sum(lengths) + 5) / 2)
    assert cost.flops_per_row > 0


def test_rows_that_are_gone_cost_nothing(load):
    model = build(load("llama"))
    before, after = (reading_cost(one, SENTENCES) for one in (model, trimmed(model)))
    rows = UNITS - len({unit for layer, unit in model.neurons if layer == 2})
    assert before.flops_per_row - after.flops_per_row == pytest.approx(2 * 48 * rows * before.pieces_per_row, rel=1e-6)


def test_nothing_is_refused(load):
    with pytest.raises(CompactError, match="There is nothing to count the cost of"):
        reading_cost(build(load("bert")), [[]])


def test_megabytes_of_files(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.safetensors").write_bytes(b"x" * 1500)
    (tmp_path / "inner" / "b.json").write_bytes(b"x" * 500)
    assert megabytes_of(tmp_path) == pytest.approx(2e-3)
    assert megabytes_of(tmp_path, "*.safetensors") == pytest.approx(1.5e-3)
