"""Compact models for machines without torch: ONNX, compared with the model before it is accepted.

folder        `export_onnx`: a compact model -> a folder that `neurosieve.runtime` opens
writing       its parts; `graph`: encoder and heads as one module; `exporters`: that module -> a file
samples       what an export is tried on; `parity`: how its scores compare
quantization  int8 weights
card          the README; `telling`: the same in sentences
"""

from neurosieve.export.folder import Exported, export_onnx
from neurosieve.export.parity import Parity

__all__ = ["Exported", "Parity", "export_onnx"]
