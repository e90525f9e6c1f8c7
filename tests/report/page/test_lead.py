"""The first thing on the page: what may be dropped, at which cost, and how sure that is."""

from __future__ import annotations

import re

import pytest

from neurosieve.report.page.lead import commands, lead
from neurosieve.run.results import Results
from neurosieve.run.schema import Difference


def said(results: Results) -> dict[str, list[tuple[str, str]]]:
    return {point.question: point.answers for point in lead(results)}


def changed(results: Results, **changes: object) -> Results:
    task = results.tasks["chunk"]
    sieve = task.sieve.model_copy(update=changes)
    return results.model_copy(update={"tasks": {"chunk": task.model_copy(update={"sieve": sieve})}})


def test_what_to_do_in_plain_words(results: Results) -> None:
    answers = said(results)
    assert list(answers) == ["What is redundant", "What you may drop", "What it costs", "How sure this is"]
    ((_, drop),) = answers["What you may drop"]
    assert drop == (
        "Everything above layer 3 (3 of 7 layers), and all but 231 of 2,688 neurons (8.6 %): layers 0 to 3 are enough "
        "to stay within 3 % of the score of all neurons."
    )
    ((_, cost),) = answers["What it costs"]
    assert cost.startswith(
        "−2.2 points [−2.4, −2.1] accuracy on test (90.9 % [90.6, 91.2], where all neurons reach 93.1 %"
    )
    assert "1.67 [1.61, 1.73] times as fast (11,893 words per second) and takes 69.0 of 90.5 MB" in cost


@pytest.mark.parametrize(
    ("value", "interval", "verdict"),
    [
        (-0.02, (-0.025, -0.015), "the loss and its whole 95 % interval are within the 3 % allowed"),
        (-0.02, (-0.031, -0.01), "the loss is within the 3 % allowed, but its 95 % interval reaches past it"),
        (-0.04, (-0.05, -0.03), "the loss is more than the 3 % allowed"),
    ],
)
def test_how_sure(value: float, interval: tuple[float, float], verdict: str, results: Results) -> None:
    found = said(changed(results, difference=Difference(value=value, interval=interval)))
    assert f"On 47,377 test words, which chose nothing, {verdict}" in found["How sure this is"][0][1]


def test_nothing_to_drop_is_said(results: Results) -> None:
    ((_, drop),) = said(changed(results, reached=False))["What you may drop"]
    assert drop.startswith("Nothing: no smaller set stayed within the tolerance.")


def test_several_tasks_are_named(several: Results) -> None:
    answers = said(several)
    for question in ("What you may drop", "What it costs", "How sure this is"):
        assert [name for name, _ in answers[question]] == list(several.tasks)


def test_without_labels_it_says_what_is_redundant(results: Results) -> None:
    answers = said(results.model_copy(update={"tasks": {}}))
    assert list(answers) == ["What is redundant"]
    share, alike = (sentence for _, sentence in answers["What is redundant"])
    cut = next(cut for cut in results.general.cuts if cut.threshold == 0.3)
    assert share.startswith(f"{100 * (1 - cut.clusters / 2688):.1f} % of the 2,688 neurons repeat others: 2,602 can")
    assert re.search(r"debiased CKA is 0\.8\d to 0\.9\d .* the least between layers 0 and 1 \[0\.8\d, 0\.8\d\]", alike)


def test_commands_name_the_run_s_folder_and_quote_it(results: Results, several: Results) -> None:
    settings = {**results.settings, "out": "runs/my run; rm"}
    told = [command for _, command in commands(results.model_copy(update={"settings": settings}))]
    assert told[0] == "neurosieve predict 'runs/my run; rm'/compact < text.txt"
    assert [command.split()[1] for command in told] == ["predict", "export", "front", "inspect"]
    assert "--task chunk" in commands(several)[0][1]
    assert commands(results.model_copy(update={"tasks": {}})) == []
