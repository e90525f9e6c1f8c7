from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from torch import nn
from transformers.pytorch_utils import Conv1D

from neurosieve.compact.smaller import with_weights
from neurosieve.compact.weights import decoded, encoded, form_of, quantised, restored, rounded
from neurosieve.errors import CompactError
from tests.compact.conftest import build
from tests.compact.test_model import SENTENCES
from tests.tiny_models import FAMILIES

NUMBERS = st.floats(-1e4, 1e4, width=32) | st.sampled_from([0.0, 1e-20, -1e-20, 1e-35, 127.0])
MATRICES = arrays(np.float32, array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6), elements=NUMBERS)


@settings(max_examples=200, deadline=None)
@given(MATRICES, st.sampled_from([0, -1]))
def test_every_weight_is_within_half_a_step(values, axis):
    weight = torch.from_numpy(values)
    numbers, scale = quantised(weight, axis)
    assert numbers.dtype == torch.int8
    assert numbers.shape == weight.shape
    assert scale.shape == weight.amax(axis, keepdim=True).shape
    assert int(numbers.to(torch.int16).abs().max()) <= 127
    error = (restored(numbers, scale).double() - weight.double()).abs()
    assert bool((error <= 0.500001 * scale.double()).all())


@settings(max_examples=200, deadline=None)
@given(MATRICES, st.sampled_from([0, -1]))
def test_what_was_rounded_is_rounded_to_itself(values, axis):
    numbers, scale = quantised(torch.from_numpy(values), axis)
    again, same = quantised(restored(numbers, scale), axis)
    assert torch.equal(again, numbers)
    assert torch.equal(same[scale > 2.0**-100], scale[scale > 2.0**-100])
    assert torch.equal(restored(again, same), restored(numbers, scale))


def test_a_scale_is_the_largest_size_over_127():
    weight = torch.tensor([[1.0, -254.0, 3.0], [0.0, 0.0, 0.0], [0.5, 0.25, 0.125]])
    numbers, scale = quantised(weight)
    assert scale[:, 0].tolist() == pytest.approx([2.0, 2.0**-100, 0.5 / 127], rel=2e-5)
    assert numbers.tolist()[0] == [0, -127, 2]  # halves go to the even number
    assert numbers.tolist()[1] == [0, 0, 0]
    assert quantised(weight.T, 0)[0].T.tolist() == numbers.tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_matrices_are_rounded_row_by_row_and_vectors_are_not(load, family):
    encoder = load(family)
    small = rounded(encoder, "int8")
    before, after = encoder.model.state_dict(), small.model.state_dict()
    assert form_of(small.model) == "int8"
    assert form_of(encoder.model) == "float32"
    for name, weight in before.items():
        vector = weight.ndim < 2 or name.endswith(("r_w_bias", "r_r_bias", "r_s_bias"))
        assert torch.equal(after[name], weight) == vector, name
        if not vector:
            across = 0 if family == "gpt2" and name.startswith("h.") else -1
            step = weight.abs().amax(across, keepdim=True) / 127
            assert bool(((after[name] - weight).abs() <= 0.5001 * step).all())


def test_rows_are_outputs():
    """Each output of a layer has a scale of its own, however the layer keeps its weights."""
    weight = torch.tensor([[1.0, 0.5], [100.0, 50.0]])
    for layer, stored in ((nn.Linear(2, 2), weight), (Conv1D(2, 2), weight.T.contiguous())):
        layer.weight = nn.Parameter(stored, requires_grad=False)
        numbers, scale = quantised(stored, 0 if isinstance(layer, Conv1D) else -1)
        outputs = restored(numbers, scale) if isinstance(layer, nn.Linear) else restored(numbers, scale).T
        assert torch.allclose(outputs, weight, rtol=1e-2)


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_rounds_every_parameter(load, family):
    encoder = load(family)
    small = rounded(encoder, "bfloat16")
    for before, after in zip(encoder.model.parameters(), small.model.parameters(), strict=True):
        assert torch.equal(after, before.to(torch.bfloat16).float())
        assert after.dtype == torch.float32


@pytest.mark.parametrize("form", ["bfloat16", "int8"])
@pytest.mark.parametrize("family", FAMILIES)
def test_encoded_and_decoded_is_what_is_in_memory(load, family, form):
    model = rounded(load(family), form).model
    stored = encoded(model)
    found = decoded(stored)
    assert set(found) == set(model.state_dict())
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())
    kinds = {tensor.dtype for tensor in stored.values()}
    assert kinds == ({torch.bfloat16} if form == "bfloat16" else {torch.int8, torch.float32})
    if form == "int8":
        named = [name for name, tensor in stored.items() if tensor.dtype == torch.int8]
        assert all(stored[name].shape == (1, *model.state_dict()[name].shape) for name in named)


def test_twice_is_once(load):
    model = with_weights(build(load("gpt2")), "int8")
    assert torch.equal(with_weights(model, "int8").scores(SENTENCES), model.scores(SENTENCES))


def test_the_original_stays_as_it_is(load):
    encoder = load("llama")
    before = encoder.fingerprint
    rounded(encoder, "int8")
    assert replace(encoder).fingerprint == before


def test_weights_of_bfloat16_become_float32(load):
    encoder = load("bert")
    half = replace(encoder, model=rounded(encoder, "bfloat16").model.to(torch.bfloat16), dtype=torch.bfloat16)
    for form in ("bfloat16", "int8"):
        small = rounded(half, form)
        assert {one.dtype for one in small.model.parameters()} == {torch.float32}
        assert small.dtype == torch.bfloat16


def test_other_forms_are_refused(load):
    with pytest.raises(CompactError, match=r"There are no weights 'int4'; choose 'bfloat16' or 'int8'\."):
        rounded(load("bert"), "int4")  # type: ignore[arg-type]


def test_numbers_without_scales_are_refused():
    numbers = {"a.weight": torch.zeros(1, 2, 2, dtype=torch.int8)}
    with pytest.raises(CompactError, match=r"The int8 weights a\.weight have no scales that fit"):
        decoded(numbers)
    with pytest.raises(CompactError, match="no scales that fit"):
        decoded(numbers | {"a.weight.scale": torch.ones(2)})


def test_a_weight_that_is_called_scale_is_a_weight():
    tensors = {"norm.scale": torch.ones(2), "norm": torch.zeros(2, dtype=torch.bfloat16)}
    assert set(decoded({"norm.scale": torch.ones(2)})) == {"norm.scale"}
    assert decoded(tensors)["norm"].dtype == torch.float32
