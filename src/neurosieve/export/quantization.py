"""Weights of one byte: what a product or a look-up of pieces needs; activations are rounded as they come."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

from neurosieve.runtime.session import needed

_PRODUCTS = ("MatMul", "Gemm", "Gather")


def quantize_int8(path: Path) -> None:
    """Put a graph with int8 weights in the place of one with float32 weights; the heads stay as they are.

    Dynamic quantization of onnxruntime: a scale for each column of a weight, and one for the activations of each
    product, found anew at every call.
    """
    onnx, quantization = needed("onnx"), needed("onnxruntime.quantization")
    graph = onnx.load(str(path), load_external_data=False).graph
    of_heads = {one.name for one in graph.initializer if one.name.startswith("heads.")}
    kept = [node.name for node in graph.node if of_heads & set(node.input)]
    partial = path.with_name(f"{path.name}.int8")
    root = logging.getLogger()
    level = root.level
    try:
        root.setLevel(logging.ERROR)  # it recommends a preparation that dynamic quantization does without
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantization.quantize_dynamic(
                path,
                partial,
                op_types_to_quantize=list(_PRODUCTS),
                per_channel=True,
                nodes_to_exclude=kept,
                weight_type=quantization.QuantType.QInt8,
            )
        partial.replace(path)
    finally:
        root.setLevel(level)
        partial.unlink(missing_ok=True)
