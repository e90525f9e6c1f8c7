"""``python -m benchmarks.peers.probe FOLDER saga|lbfgs [C TOL MAX_ITER]``: scikit-learn on standardised columns.

C, tol and max_iter are those that did best on dev among C = 1e-4 … 1e-1 and 8 to 100 passes; the search for them is not
timed. More passes cost scikit-learn time, and a larger C accuracy: it has no early stopping on dev for these solvers.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.worker import answer, timed

SETTINGS = {"saga": (1e-2, 1e-3, 10), "lbfgs": (1e-1, 1e-3, 30)}


def main(folder: str, solver: str, *chosen: str) -> None:
    """Time scaling and fitting."""
    source = Path(folder)
    C, tol, max_iter = tuple(map(float, chosen)) or SETTINGS[solver]
    labels = np.load(source / "labels.npz")
    train = np.load(source / "train.npy")
    warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is part of the setting
    with timed() as timer:
        scaler = StandardScaler(copy=False)
        rows = scaler.fit_transform(train)
        model = LogisticRegression(solver=solver, C=C, tol=tol, max_iter=int(max_iter), random_state=0)
        model.fit(rows, labels["train"])
    scores = {"passes": float(np.max(model.n_iter_))}
    for split in ("dev", "test"):
        held_out = scaler.transform(np.load(source / f"{split}.npy"))
        scores[f"{split}_accuracy"] = float((model.predict(held_out) == labels[split]).mean())
    answer(timer, scores)


if __name__ == "__main__":
    main(*sys.argv[1:])
