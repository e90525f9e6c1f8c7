"""What probes say of a fold's rows, one safetensors file per fold, so that a study can go on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from neurosieve.run.nested.choosing import Choice
from neurosieve.run.nested.folds import Cut
from neurosieve.writing import replacing

LEFT_OUT = ("oracle", "chosen", "at_random")
ON_DEV = ("oracle_dev", "chosen_dev")

Said = dict[str, NDArray[Any]]


def file_of(fold: int) -> str:
    """The name of a fold's file."""
    return f"nested-{fold + 1}.safetensors"


def said_by(choice: Choice) -> Said:
    """Predictions (rows of the fold,) of each probe on the rows left out, and of two of them on dev."""
    left_out = {name: getattr(choice, name).predictions for name in LEFT_OUT}
    on_dev = {"oracle_dev": choice.oracle.dev_predictions, "chosen_dev": choice.chosen.dev_predictions}
    return {name: np.ascontiguousarray(values) for name, values in {**left_out, **on_dev}.items()}


def write(said: Said, path: Path) -> None:
    """Write under a temporary name, then rename.

    Raises:
        OSError: the folder cannot be written.
    """
    with replacing(path) as partial:
        save_file(said, partial)


def read(path: Path, cut: Cut, fold: int) -> Said | None:
    """What was written of a fold; None where the file is gone, damaged or of other rows: then it is made again."""
    try:
        said: Said = load_file(path)
    except (OSError, SafetensorError):
        return None
    left_out, dev = len(cut.places(fold)), len(cut.places(cut.dev_of(fold)))
    expected = dict.fromkeys(LEFT_OUT, left_out) | dict.fromkeys(ON_DEV, dev)
    return said if {name: len(values) for name, values in said.items()} == expected else None


def all_rows(said: Mapping[int, Said], cut: Cut) -> Said:
    """Every fold's predictions put where their rows are: (T,) per probe; those on dev where dev was."""
    whole: Said = {}
    for name in (*LEFT_OUT, *ON_DEV):
        whole[name] = np.empty(cut.rows.rows.n_rows, dtype=said[0][name].dtype)
        for fold, own in said.items():
            whole[name][cut.places(cut.dev_of(fold) if name in ON_DEV else fold)] = own[name]
    return whole
