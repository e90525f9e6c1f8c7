"""The probe on all neurons, beside scikit-learn's multinomial logistic regression."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness.case import Case, Check, Settings, Side
from benchmarks.harness.prepare import preparing

WORDS, NEURONS, CLASSES = 30_000, 2_688, 22
ACCURACY = 0.002  # two standard errors of 47,377 words at 0.93


def cases(settings: Settings) -> list[Case]:
    """One case: the same rows in memory on all sides, those of dev for ours to stop on."""
    words = 3_000 if settings.small else WORDS
    folder = settings.folder("probe") / str(words)
    data = (settings.data or Path()) / "conll2000"
    peer = ("-m", "benchmarks.peers.probe", str(folder))
    return [
        Case(
            name="probe",
            what=f"Chunking of CoNLL-2000, {words:,} words (a tenth of the sentences are dev) × {NEURONS:,} neurons, "
            f"{CLASSES} classes; all rows in memory, the test score not timed.",
            sides=(
                Side(
                    "neurosieve",
                    "ours",
                    ("-m", "benchmarks.workers.probe", str(folder)),
                    "`moments_of`, `fit_converged`",
                ),
                Side(
                    "scikit-learn saga",
                    "peers",
                    (*peer, "saga"),
                    "`StandardScaler`, `LogisticRegression(solver='saga')`",
                ),
                Side("scikit-learn lbfgs", "peers", (*peer, "lbfgs"), "`StandardScaler`, `LogisticRegression` (lbfgs)"),
            ),
            checks=(Check("test_accuracy", "at least", tolerance=ACCURACY),),
            needs_data=True,
            prepare=preparing(
                folder / "job.json", "benchmarks.neurox.inputs", "--data", data, "--words", words, "--out", folder
            ),
            shapes=((8192, NEURONS, CLASSES), (NEURONS, 8192, CLASSES), (NEURONS, 8192, NEURONS)),
        )
    ]
