"""A graph in onnxruntime: pieces in, the scores of every piece out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from neurosieve.errors import ExportError
from neurosieve.pieces.arrays import FloatArray
from neurosieve.pieces.reader import Padded

IDS, MASK, TYPES = "input_ids", "attention_mask", "token_type_ids"
_ERRORS_ONLY = 3


class Session:
    """A graph that is ready to run on the CPU.

    Attributes:
        graph: onnxruntime's own session.
        token_types: whether the graph is told which text of a pair a piece is of.
    """

    def __init__(self, path: Path, *, token_types: bool, threads: int | None = None) -> None:
        self.graph = _open(path, threads)
        self.token_types = token_types

    def scores(self, padded: Padded, output: str) -> FloatArray:
        """The scores of every piece of a batch, flattened: (batch · pieces × C); those of padding mean nothing."""
        inputs = {IDS: padded.ids, MASK: padded.mask}
        if self.token_types:
            inputs[TYPES] = np.zeros_like(padded.ids) if padded.types is None else padded.types
        (found,) = self.graph.run([output], inputs)
        flat: FloatArray = found.reshape(-1, found.shape[-1])
        return flat


def _open(path: Path, threads: int | None) -> Any:
    onnxruntime = needed("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    # onnxruntime has errors of its own for files that are damaged and for graphs that it does not know.
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise ExportError(
            f"onnxruntime {onnxruntime.__version__} cannot open {path}: {reason} Install a newer onnxruntime, or "
            "export the model again."
        ) from error


def check_names(session: Session, path: Path, outputs: Mapping[str, str]) -> None:
    """Make sure that a graph takes and gives what its description says; ``outputs`` are task -> output.

    Raises:
        ExportError: it does not.
    """
    taken = sorted(one.name for one in session.graph.get_inputs())
    expected = sorted([IDS, MASK, *([TYPES] if session.token_types else [])])
    lacking = sorted(set(outputs.values()) - {one.name for one in session.graph.get_outputs()})
    if taken != expected or lacking:
        raise ExportError(
            f"The graph {path} and its description do not go together: it takes {', '.join(taken)} (expected "
            f"{', '.join(expected)}) and lacks the outputs {', '.join(lacking) or 'none'}. Export the model again."
        )


def needed(package: str) -> Any:
    """A package that the extra ``onnx`` brings.

    Raises:
        ExportError: it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ExportError(
            f'The package {package} is not installed. Install it: pip install "neurosieve[onnx]"'
        ) from error
