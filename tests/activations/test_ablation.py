"""Neurons that hold a fixed value: what each block is given is looked at from outside, by hooks of the test's own."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
import torch

from neurosieve.activations.ablation import ablated, cosines, pooled, replacements
from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError, ModelError
from neurosieve.moments import moments_of
from tests.tiny_models import BLOCKS, FAMILIES, UNITS

OWN_BLOCKS = [family for family in FAMILIES if family != "albert"]
TEXTS = ["The fox jumps over the lazy dog.", "A tokenizer cuts words!", "It is valid, and so is he."]
VALUE = 7.5


@contextmanager
def inputs_of_blocks(encoder):
    """What each block was given last, by its number, as (.. × units)."""
    seen, handles = {}, []

    def look(index):
        def hook(module, inputs, named):
            seen[index] = (inputs[0] if inputs else named["hidden_states"]).clone()

        return hook

    blocks = encoder.model.get_submodule(encoder.facts.blocks)
    for index, block in enumerate(blocks):
        handles.append(block.register_forward_pre_hook(look(index), with_kwargs=True))
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def run(encoder):
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 12]])
    (last,) = encoder.hidden_states(ids, torch.ones_like(ids), [encoder.n_layers - 1])
    return last


@pytest.mark.parametrize("family", OWN_BLOCKS)
@pytest.mark.parametrize("layer", range(BLOCKS))
def test_the_next_block_reads_the_fixed_values_and_nothing_else_is_touched(load, family, layer):
    encoder = load(family)
    units = np.array([3, 17])
    with inputs_of_blocks(encoder) as seen:
        before_last = run(encoder)
        before = dict(seen)
        held = torch.tensor([VALUE, -VALUE])
        # The first look's hooks were there before; those of the second see what the block itself gets.
        with ablated(encoder, layer * UNITS + units, held), inputs_of_blocks(encoder) as inside:
            after_last = run(encoder)
            after = dict(inside)

    others = np.setdiff1d(np.arange(UNITS), units)
    assert (after[layer][..., 3] == VALUE).all()
    assert (after[layer][..., 17] == -VALUE).all()
    assert torch.equal(after[layer][..., others], before[layer][..., others])
    assert all(torch.equal(after[i], before[i]) for i in range(layer))
    assert not torch.allclose(after_last, before_last, atol=1e-4)
    assert torch.equal(run(encoder), before_last), "the hooks are gone"


@pytest.mark.parametrize("family", OWN_BLOCKS)
def test_in_the_last_layer_only_the_output_changes(load, family):
    encoder = load(family)
    whole = run(encoder)

    with ablated(encoder, np.array([BLOCKS * UNITS + 4]), torch.tensor([VALUE])):
        found = run(encoder)

    others = np.setdiff1d(np.arange(UNITS), [4])
    assert (found[..., 4] == VALUE).all()
    assert torch.equal(found[..., others], whole[..., others])


@pytest.mark.parametrize("family", OWN_BLOCKS)
def test_ablating_nothing_changes_nothing(load, family):
    encoder = load(family)
    whole = run(encoder)

    with ablated(encoder, np.empty(0, dtype=np.int64), torch.empty(0)):
        assert torch.equal(run(encoder), whole)


def test_a_truncated_encoder_and_mixed_precision_are_ablated_too(load):
    short = load("gpt2").truncated(2)
    with ablated(short, np.array([2 * UNITS + 1]), torch.tensor([VALUE])):
        assert (run(short)[..., 1] == VALUE).all()

    mixed = load("bert", dtype="bfloat16")
    whole = run(mixed)
    with ablated(mixed, np.array([UNITS + 1]), torch.tensor([VALUE])):
        assert not torch.allclose(run(mixed), whole, atol=1e-2)


def test_hooks_go_when_the_model_fails(load):
    encoder = load("bert")
    whole = run(encoder)

    with pytest.raises(RuntimeError, match="on purpose"), ablated(encoder, np.array([0]), torch.tensor([VALUE])):
        raise RuntimeError("on purpose")

    assert torch.equal(run(encoder), whole)


@pytest.mark.parametrize(
    ("columns", "values", "message"),
    [
        ([1, 1], [0.0, 0.0], "2 columns, 1 of them distinct, came with 2 values"),
        ([1, 2], [0.0], "2 columns, 2 of them distinct, came with 1 values"),
        ([(BLOCKS + 1) * UNITS], [0.0], f"between 0 and {(BLOCKS + 1) * UNITS - 1}"),
        ([-1], [0.0], "between 0 and"),
    ],
)
def test_wrong_columns_are_refused(load, columns, values, message):
    with pytest.raises(ActivationsError, match=message), ablated(load("bert"), np.array(columns), torch.tensor(values)):
        pass


def test_models_that_cannot_be_ablated_are_refused(load):
    with pytest.raises(ModelError, match="share one module"), ablated(load("albert"), np.array([0]), torch.zeros(1)):
        pass
    parts = load("bert", sublayers=("mlp",))
    with pytest.raises(ModelError, match="encoder without sublayers"), ablated(parts, np.array([0]), torch.zeros(1)):
        pass


def test_replacements_are_the_means_of_the_rows_or_zeros():
    values = np.random.default_rng(0).normal(3.0, 1.0, (40, 6)).astype(np.float32)
    moments, columns = moments_of(ArrayRows(values)), np.array([4, 1])

    assert replacements(moments, columns).numpy() == pytest.approx(values.mean(axis=0)[columns], abs=1e-6)
    assert replacements(moments, columns, "zero").tolist() == [0.0, 0.0]


def test_pooled_vectors_do_not_depend_on_the_batch_and_cosines_are_those_of_numpy(load):
    encoder = load("roberta")
    before = pooled(encoder, TEXTS)

    assert pooled(encoder, TEXTS, batch_tokens=1).numpy() == pytest.approx(before.numpy(), abs=1e-5)
    assert cosines(before, before) == pytest.approx(np.ones(3))
    with ablated(encoder, np.arange(2 * UNITS, 2 * UNITS + 20), torch.zeros(20)):
        after = pooled(encoder, TEXTS)
    a, b = before.numpy().astype(float), after.numpy().astype(float)
    expected = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert cosines(before, after) == pytest.approx(expected, abs=1e-9)
    assert (expected < 0.999).all()


def test_a_text_without_pieces_has_no_vector_and_no_cosine(load):
    encoder = load("gpt2")
    found = pooled(encoder, ["", TEXTS[0]])

    assert torch.isnan(found[0]).all()
    assert np.isnan(cosines(found, found)[0])
    assert cosines(found, found)[1] == pytest.approx(1.0)
