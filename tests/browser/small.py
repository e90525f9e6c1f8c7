"""A run to browse: the example of the report's own tests, with CKA of two kinds that differ."""

from __future__ import annotations

import numpy as np

from neurosieve.run.results import Results
from tests.report.example import example_results


def small_results() -> Results:
    found = example_results()
    general = found.general
    plain = np.array(general.cka)
    debiased = np.where(np.eye(len(plain)) > 0, 1, plain - 0.0175)
    known = general.cka_debiased.model_copy(
        update={
            "values": debiased.tolist(),
            "low": (debiased - 0.011).tolist(),
            "high": np.minimum(debiased + 0.012, 1).tolist(),
        }
    )
    return found.model_copy(update={"general": general.model_copy(update={"cka_debiased": known})})
