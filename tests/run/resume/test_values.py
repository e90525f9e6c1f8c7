from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import torch

from neurosieve import task_specific as ts
from neurosieve.general import Dendrogram
from neurosieve.probes import Probe, Range
from neurosieve.run.results import ClusteredScores
from neurosieve.run.resume.values import packed, unpacked
from neurosieve.run.schema import Scores
from neurosieve.sieve import Step
from neurosieve.task_specific.fixed_sequence import SequenceTest

PROBE = Probe(Range(3, 5), torch.tensor([[1.5, -0.1], [1e-30, 3.0]]), torch.tensor([0.0, 1.0]), 7, 0.1)
SCORED = ts.Scored(PROBE, 0.1 + 0.2, 1 / 3, np.array([1, 2]), np.array([0.5, float("nan")]))
POINT = ts.CurvePoint(3, 0.3, dev_predictions=np.array([0, 1, 1]))


def there_and_back(value: Any) -> Any:
    tensors: dict[str, torch.Tensor] = {}
    return unpacked(json.loads(json.dumps(packed(value, tensors))), tensors)


def assert_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        assert_same(
            [getattr(one, field.name) for field in dataclasses.fields(one)],
            [getattr(other, field.name) for field in dataclasses.fields(other)],
        )
    elif isinstance(one, dict):
        assert list(one) == list(other)
        assert_same(list(one.values()), list(other.values()))
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            assert_same(first, second)
    elif isinstance(one, np.ndarray | torch.Tensor):
        a, b = np.asarray(one), np.asarray(other)
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    else:
        assert one == other


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "a text",
        -3,
        0.1 + 0.2,
        [1, (2.5, None), {"a": [], "b": ()}],
        SCORED,
        ts.LayerProbes((SCORED, SCORED), (SCORED,)),
        ts.MinimalSet(np.arange(3)[::2], SCORED, (POINT, ts.CurvePoint(1, 0.2, 0.1)), True),
        ts.NonInferiorSet(np.arange(2), SCORED, (POINT,), False, (SequenceTest(2, 0.1, -0.1, False),)),
        Step("LayerSelector", np.arange(4), SCORED, 0.9, None, 0.3),
        Dendrogram(np.arange(3), np.arange(2), np.array([[0.0, 1.0, 0.25, 2.0]]), "average", False),
        [ClusteredScores(threshold=None, neurons=3, dev=Scores(value=0.5, n=2), test=Scores(value=1 / 3, n=4))],
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back_to_the_byte(value: Any) -> None:
    assert_same(there_and_back(value), value)


def test_numbers_of_numpy_become_plain_ones() -> None:
    found = there_and_back(np.float64(0.1))
    assert (type(found), found) == (float, 0.1)


def test_other_things_cannot_be_kept() -> None:
    for other in (object(), {1: 2}, {3}, Exception("no")):
        with pytest.raises(TypeError, match="cannot be kept"):
            packed([other], {})


def test_a_file_cannot_name_another_class() -> None:
    for tree in ({"class": "Popen", "fields": {}}, {"record": "Popen", "fields": {}}, {"tensor": "7"}):
        with pytest.raises(KeyError):
            unpacked(tree, {})
