"""From a module to an ONNX file: torch has two exporters, and each of them fails on families that the other knows."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from neurosieve.errors import ExportError
from neurosieve.runtime.session import needed

OPSET = 18
_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
# Of no other family the graph of the newer exporter is known to be wrong.
_LEGACY_ALONE = frozenset({"xlnet"})
_DYNAMIC = {0: "batch", 1: "pieces"}

Exporter = Callable[[nn.Module, dict[str, Tensor], Sequence[str], Path], None]


def write_graph(
    scorer: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], path: Path, family: str
) -> str:
    """Write a graph with batch and length left open; the name of the exporter that could do it.

    Args:
        scorer: takes ``inputs`` and gives a tuple.
        inputs: examples, (batch × pieces) each.
        outputs: the names of what it gives.
        path: where to.
        family: decides which exporter is asked.

    Raises:
        ExportError: none could, or a package is missing.
    """
    for package in _PACKAGES:
        needed(package)
    reasons = []
    for name, export in _EXPORTERS.items():
        if name == "dynamo" and family in _LEGACY_ALONE:
            continue
        try:
            with torch.no_grad(), _quiet():
                export(scorer, dict(inputs), outputs, path)
            _strip(path)
            return name
        # Both exporters run the model's own code under tracing, which may fail in any way.
        except Exception as error:
            reasons.append(f"{name}: {' '.join(str(error).split())[:200] or type(error).__name__}")
    raise ExportError(f"A model of the family {family!r} cannot be exported to ONNX ({'; '.join(reasons)}).")


def _dynamo(scorer: nn.Module, inputs: dict[str, Tensor], outputs: Sequence[str], path: Path) -> None:
    dynamic = {name: dict.fromkeys(_DYNAMIC, torch.export.Dim.DYNAMIC) for name in inputs}
    program = torch.onnx.export(
        scorer,
        (),
        kwargs=inputs,
        dynamo=True,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_shapes=dynamic,
        opset_version=OPSET,
        verbose=False,
    )
    assert program is not None  # it is None for the other exporter only
    program.save(path)


def _legacy(scorer: nn.Module, inputs: dict[str, Tensor], outputs: Sequence[str], path: Path) -> None:
    torch.onnx.export(
        scorer,
        tuple(inputs.values()),
        str(path),
        dynamo=False,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes=dict.fromkeys([*inputs, *outputs], _DYNAMIC),
        opset_version=OPSET,
    )


_EXPORTERS: dict[str, Exporter] = {"dynamo": _dynamo, "legacy": _legacy}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hide what exporters warn of: shapes that tracing fixes (parity is checked at others), their own deprecations."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _strip(path: Path) -> None:
    """Take out where each node came from in the source: paths of this machine, and half the size of a small graph."""
    onnx = needed("onnx")
    model = onnx.load(str(path), load_external_data=False)
    model.producer_name = "neurosieve"
    for graph in (model.graph, *model.functions):
        _strip_parts(graph)
    onnx.save(model, str(path))


def _strip_parts(graph: Any) -> None:
    for parts in ("node", "value_info", "input", "output", "initializer"):
        for part in getattr(graph, parts, ()):
            if hasattr(part, "metadata_props") and not isinstance(part, str):
                del part.metadata_props[:]
                part.doc_string = ""
