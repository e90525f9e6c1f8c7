"""Arrays that count and mark; `neurosieve.arrays` has the same beside torch, which is not loaded here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]
