"""Results of analyses as JSON and tensors, and back: frozen dataclasses, records, arrays, and lists and dicts of them.

Only classes that are named here are made, from fields; nothing in a file can run.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel
from torch import Tensor

from neurosieve import task_specific as ts
from neurosieve.general import Dendrogram
from neurosieve.probes import Probe, Range
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.redundancy import DebiasedCka, General, Similarity
from neurosieve.run.results import ClusteredScores, Selectivity
from neurosieve.run.schema import Scores
from neurosieve.sieve import Step
from neurosieve.task_specific.fixed_sequence import SequenceTest

_CLASSES: dict[str, Any] = {
    one.__name__: one
    for one in (ts.Scored, ts.LayerProbes, ts.MinimalSet, ts.NonInferiorSet, ts.CurvePoint, SequenceTest)
} | {one.__name__: one for one in (Probe, Range, Step, Dendrogram)}
_RECORDS: dict[str, type[BaseModel]] = {
    one.__name__: one for one in (Atlas, General, DebiasedCka, Similarity, ClusteredScores, Scores, Selectivity)
}
_ARRAY, _TENSOR, _TUPLE, _DICT, _CLASS, _RECORD = "array", "tensor", "tuple", "dict", "class", "record"


def packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    """A value as JSON; its arrays and tensors are put into ``tensors``.

    Raises:
        TypeError: it holds something of another kind.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, Tensor | np.ndarray):
        return _numbered(value, tensors)
    if isinstance(value, BaseModel) and type(value).__name__ in _RECORDS:
        return {_RECORD: type(value).__name__, "fields": value.model_dump(mode="json")}
    if type(value).__name__ in _CLASSES:
        fields = _fields(value)
        return {_CLASS: type(value).__name__, "fields": {key: packed(one, tensors) for key, one in fields.items()}}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_DICT: {key: packed(one, tensors) for key, one in value.items()}}
    if isinstance(value, list | tuple):
        items = [packed(one, tensors) for one in value]
        return items if isinstance(value, list) else {_TUPLE: items}
    raise TypeError(f"{type(value).__name__} cannot be kept.")


def unpacked(tree: Any, tensors: dict[str, Tensor]) -> Any:
    """What `packed` was given.

    Raises:
        KeyError: a class or a tensor is not known.
    """
    if isinstance(tree, list):
        return [unpacked(one, tensors) for one in tree]
    if not isinstance(tree, dict):
        return tree
    kind, content = next(iter(tree.items()))
    if kind == _TENSOR:
        return tensors[content]
    if kind == _ARRAY:
        return tensors[content].numpy()
    if kind == _TUPLE:
        return tuple(unpacked(one, tensors) for one in content)
    if kind == _DICT:
        return {key: unpacked(one, tensors) for key, one in content.items()}
    if kind == _RECORD:
        return _RECORDS[content].model_validate(tree["fields"])
    return _CLASSES[content](**{key: unpacked(one, tensors) for key, one in tree["fields"].items()})


def _fields(value: Any) -> dict[str, Any]:
    names = value._fields if isinstance(value, Range) else [field.name for field in dataclasses.fields(value)]
    return {name: getattr(value, name) for name in names}


def _numbered(value: Tensor | np.ndarray[Any, Any], tensors: dict[str, Tensor]) -> dict[str, str]:
    name = str(len(tensors))
    # A copy: what is kept may share memory, and safetensors takes no memory twice.
    if isinstance(value, Tensor):
        tensors[name] = value.detach().clone()
        return {_TENSOR: name}
    tensors[name] = torch.from_numpy(np.array(value, order="C"))
    return {_ARRAY: name}
