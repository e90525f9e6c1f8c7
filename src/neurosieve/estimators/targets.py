"""Classes or numbers from y."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from neurosieve.arrays import IntArray
from neurosieve.metrics import FloatArray


def class_labels(y: NDArray[Any]) -> tuple[NDArray[Any], IntArray]:
    """The classes (C,) in their order, and the index of each row's (T,).

    Raises:
        ValueError: they are no classes, or there is only one.
    """
    check_classification_targets(y)
    classes, labels = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y has one class, {classes[0]}; two or more are needed, or there is nothing to tell apart.")
    return classes, labels.astype(np.int64)


def number_labels(y: NDArray[Any]) -> tuple[FloatArray, float]:
    """The numbers less their mean (T,), and the mean: the weights of a probe are float32, and so they keep its digits.

    Raises:
        ValueError: they are no finite numbers, or all the same.
    """
    numbers = np.asarray(y, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"y has a number that is not finite, in row {int(np.argmin(np.isfinite(numbers)))}.")
    if (numbers == numbers[0]).all():
        raise ValueError(f"Every number of y is {numbers[0]:g}; no neuron can tell anything about it.")
    shift = float(numbers.mean())
    return numbers - shift, shift
