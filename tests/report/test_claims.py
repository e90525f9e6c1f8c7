"""What the summary says of sets that were found by tests, and only of these."""

from __future__ import annotations

from typing import Any

from neurosieve.report import summary_sentences
from neurosieve.run.results import NonInferiority, Results

PROOF = NonInferiority(confidence=0.95, tests=11, bound=0.0042, sentences=630)
HALF = PROOF.model_copy(update={"tests": 1, "sentences": 315})


def told(results: Results, **changes: Any) -> str:
    task = results.tasks["chunk"].model_copy(update=changes)
    return "\n".join(summary_sentences(results.model_copy(update={"tasks": {"chunk": task}})))


def by_tests(results: Results, **changes: Any) -> dict[str, Any]:
    """The example's task as one that was found by tests."""
    task = results.tasks["chunk"]
    minimal = {name: one.model_copy(update={"non_inferior": PROOF}) for name, one in task.minimal_set.items()}
    sieve = task.sieve.model_copy(update={"non_inferior": HALF, "confidence": 0.95} | changes)
    return {"non_inferior": 0.95, "minimal_set": minimal, "sieve": sieve}


def test_without_tests_nothing_is_said_with_confidence(results: Results) -> None:
    assert "confidence" not in told(results)
    sieve = results.tasks["chunk"].sieve.model_copy(update={"confidence": 0.95})
    assert "confidence" not in told(results, sieve=sieve)


def test_each_statement_has_its_confidence_and_its_tests(results: Results) -> None:
    text = told(results, **by_tests(results))
    for fact in (
        "Layers 0 to 2 together are enough to stay within 2 % of it with 95 % confidence: 91.4 % [91.0, 91.7] on test.",
        "stay within 3 % of the oracle with 95 % confidence (11 tests on 630 dev sentences, the largest set first): ",
        "Each of these sets is as sure as that by itself; that all are at once is less sure.",
        "What it keeps is within 3 % of the oracle with 95 % confidence (1 test on 315 dev sentences, the largest set "
        "first); layers and clusters were chosen on the other dev sentences.",
    ):
        assert fact in text
    assert "of the oracle on dev" not in text


def test_one_set_alone_needs_no_word_on_all(results: Results) -> None:
    changes = by_tests(results)
    changes["minimal_set"] = {"forward": changes["minimal_set"]["forward"]}
    assert "by itself" not in told(results, **changes)


def test_what_no_test_showed_is_not_claimed(results: Results) -> None:
    changes = by_tests(results, non_inferior=None, reached=False)
    failed = {"non_inferior": None, "reached": False}
    changes["minimal_set"] = {name: one.model_copy(update=failed) for name, one in changes["minimal_set"].items()}
    text = told(results, **changes)
    assert "What it keeps is within" not in text
    assert (
        "No set passed the test of being within 3 % of the oracle with 95 % confidence, so the last step took nothing "
        "away, and nothing is claimed of it."
    ) in text
    assert "No shorter list than all neurons could be shown to stay within the tolerance for forward selection" in text
