"""The probe for labels that never vary."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch

from neurosieve.arrays import LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.probes.probe import Probe, Range


def constant_probes(train: LabelledRows, ranges: Sequence[Range]) -> list[Probe] | None:
    """With a warning, probes that always predict the one label of train; None where there are several.

    Raises:
        ProbeError: train has no rows.
    """
    if not train.rows.n_rows:
        raise ProbeError("A probe needs rows to be trained on, and train has none.")
    if train.is_numeric:
        if not bool((train.labels == train.labels[0]).all()):
            return None
        name, bias = f"{float(train.labels[0]):g}", train.labels[:1].float()
    else:
        if len(train.classes) > 1:
            return None
        name, bias = repr(train.classes[0]), torch.zeros(1)
    warnings.warn(f"Every training label is {name}: the probe always predicts it.", stacklevel=3)
    return [Probe(r, torch.zeros((r.size, 1)), bias.clone(), 0) for r in ranges]
