"""Probabilities of a compact model: its head's scores on dev give a temperature, and test says what it was worth."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import GATHERED_ROWS, IntArray, Rows
from neurosieve.compact import Calibration, calibration_error, fit_temperature, temperature_interval
from neurosieve.metrics import FloatArray, Gold
from neurosieve.probes import Probe
from neurosieve.run.results import Calibrated, Ece
from neurosieve.task_specific import TaskData


def calibrate(data: TaskData, dev: FloatArray, test: FloatArray, seed: int) -> Calibrated | None:
    """The temperature of class scores (rows × C) on dev, and the calibration errors there and on test.

    None for numbers, and where no dev row has a class that training saw. A temperature that dev does not tell from 1
    is 1: probes converge on the likelihood that it would be fitted on, and few sentences fit their own noise.
    """
    gold = data.dev_gold
    known = gold.labels < len(data.train.classes)
    if data.train.is_numeric or not known.any():
        return None
    fitted = fit_temperature(dev, gold.labels)
    low, high = temperature_interval(dev, gold.labels, gold.groups, fitted)
    temperature = 1.0 if low <= 1.0 <= high else fitted
    splits = {"dev": (dev, data.dev_gold), "test": (test, data.test_gold)}
    errors = {
        f"{name}_{when}": _ece(*split, t, seed)
        for name, split in splits.items()
        for when, t in (("before", 1.0), ("after", temperature))
    }
    interval = (low, high) if np.isfinite(high) else None
    rows = int(known.sum())
    return Calibrated(temperature=temperature, fitted=fitted, fitted_interval=interval, rows=rows, **errors)


def _ece(scores: FloatArray, gold: Gold, temperature: float, seed: int) -> Ece:
    value, low, high = calibration_error(scores, gold.labels, gold.groups, temperature, seed=seed)
    return Ece(value=value, interval=(low, high))


def calibration_of(record: Calibrated | None) -> Calibration | None:
    """What of it travels with the head."""
    if record is None:
        return None
    return Calibration(record.temperature, record.rows, record.test_before.value, record.test_after.value)


def residual(data: TaskData, dev: FloatArray) -> float | None:
    """What numbers (rows × 1) miss those of dev by, as a root mean square; None for classes."""
    if not data.train.is_numeric:
        return None
    return float(np.sqrt(np.mean(np.square(dev[:, 0] - data.dev_gold.labels))))


# O(T·k·C); holds T × C numbers and a few rows of the columns.
def scores_on(rows: Rows, columns: IntArray, probe: Probe) -> FloatArray:
    """The scores (T × C) of a probe on some columns of some rows."""
    out = torch.empty((rows.n_rows, probe.n_classes))
    weight, bias = probe.weight.cpu().float(), probe.bias.cpu().float()
    for start, values in rows.gathered(columns, GATHERED_ROWS):
        out[start : start + len(values)] = torch.addmm(bias, values.cpu(), weight)
    found: FloatArray = out.double().numpy()
    return found


def described(data: TaskData, columns: IntArray) -> tuple[Tensor, Tensor]:
    """Means and deviations (k,) of some columns over the training rows, float32."""
    moments = data.moments
    places = torch.from_numpy(np.asarray(columns, dtype=np.int64)).to(moments.sums.device)
    return moments.mean[places].float().cpu(), moments.std[places].float().cpu()
