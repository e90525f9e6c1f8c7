from __future__ import annotations

from typing import Any

import pytest

from neurosieve.report import summary_sentences
from neurosieve.run.results import Difference, Results, Task

from .example import ORACLE, example_results


def sentences(results: Results, **changes: Any) -> str:
    """The summary of the example with its task changed."""
    task = results.tasks["chunk"].model_copy(update=changes)
    return "\n".join(summary_sentences(results.model_copy(update={"tasks": {"chunk": task}})))


def test_the_summary_holds_the_numbers_with_their_intervals(results: Results) -> None:
    text = "\n".join(summary_sentences(results))
    for fact in (
        "7 layers of 384 neurons",
        "2,688 neurons",
        "22.6 million parameters",
        "is 0.85 to 0.92 between neighbouring layers and 0.20 between the first and the last",
        "3.2 % at c_t = 0.3 (2,602 left) and 64.2 % at c_t = 0.7 (962 left)",
        "3 neurons never change",
        "93.1 % [92.8, 93.4] test accuracy on 47,377 words with 22 classes",
        "30.3 %",
        "Layers 0 to 2 together are enough to stay within 2 % of it on dev: 91.4 % [91.0, 91.7]",
        "best single layer on dev is layer 3: 90.7 % [90.4, 91.0]",
        "Ranked by forward selection, the first 248 neurons (9.2 %)",
        "LCA 564 and random 1,128",
        "The sieve keeps 231 neurons (8.6 %) of layers 0 to 3: 90.9 % [90.6, 91.2] on test, −2.2 points [−2.4, −2.1]",
        "97.6 % of the oracle's score",
        "random 84.8 % and LCA 88.5 %",
        "4 of 7 layers",
        "11,893 words per second where the full model labels 7,104: 1.67 times as many [1.61, 1.73]",
        "95.6 % of the test words alike",
        "Choices were made on dev",
        "seed 1",
        "no dev split",
        "2 words of chunk got no vector",
        "never saw count as wrong: I-LST",
        "1 warning",
    ):
        assert fact in text


@pytest.mark.parametrize(
    ("value", "low", "verdict"),
    [
        (-0.010, -0.012, "stays within the 3 % that were allowed against the oracle, and so does its whole interval"),
        (-0.027, -0.029, "stays within the 3 % that were allowed against the oracle, but its interval reaches past"),
        (-0.030, -0.032, "exceeds the 3 % that were allowed against the oracle"),
    ],
)
def test_the_verdict_is_about_test_and_its_interval(results: Results, value: float, low: float, verdict: str) -> None:
    assert 0.027 < 0.03 * ORACLE < 0.029
    loss = Difference(value=value, interval=(low, value + 0.002))
    sieve = results.tasks["chunk"].sieve.model_copy(update={"difference": loss})
    assert verdict in sentences(results, sieve=sieve)


def test_a_tolerance_per_stage_is_said(results: Results) -> None:
    sieve = results.tasks["chunk"].sieve.model_copy(update={"reference": "stage"})
    assert "against the step before it" in sentences(results, sieve=sieve)
    assert "against the step before it" not in sentences(results)


def test_what_was_not_reached_is_said(results: Results, task: Task) -> None:
    missed = {name: found.model_copy(update={"reached": name != "lca"}) for name, found in task.minimal_set.items()}
    assert "No shorter list than all neurons stays within the tolerance for LCA." in sentences(
        results, minimal_set=missed
    )
    short = [at.model_copy(update={"within_tolerance": False}) for at in task.prefixes]
    assert "No prefix of the layers stays within 2 %" in sentences(results, prefixes=short)


@pytest.mark.parametrize("lacks", [{"sieve": None}, {"compact": None}, {"minimal_set": {}}, {"layers": []}])
def test_missing_parts_are_left_out(results: Results, lacks: dict[str, Any]) -> None:
    words = {"sieve": "The sieve", "compact": "compact model", "minimal_set": "Ranked by", "layers": "single layer"}
    assert words[next(iter(lacks))] not in sentences(results, **lacks)


def test_without_labels_nothing_is_claimed_about_scores(results: Results) -> None:
    text = "\n".join(summary_sentences(results.model_copy(update={"tasks": {}})))
    assert "no scores and no intervals" in text
    assert "test accuracy" not in text


def test_each_task_speaks_for_itself() -> None:
    text = "\n".join(summary_sentences(example_results(("chunk", "pos"))))
    assert text.count("The oracle, a probe on all") == 2
