"""What is said of nested selection, of a made-up study."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from neurosieve.report.nested import (
    COLUMNS,
    CSV_FILE,
    LINE,
    PAGE_FILE,
    nested_page,
    nested_sentences,
    nested_table,
    write_nested,
)
from neurosieve.run.nested.records import Agreement, FoldFound, NestedStudy, OutOfFold
from neurosieve.run.schema import Difference, Scores

from .example import example_results


def fold(place: int, neurons: int, reached: bool = True) -> FoldFound:
    return FoldFound(
        fold=place,
        sentences=(60, 20, 20),
        neurons=neurons,
        layers=3 + place,
        threshold=None if place else 0.3,
        reached=reached,
        columns=list(range(neurons)),
        oracle_dev=0.91,
        chosen_dev=0.9,
        oracle=0.9,
        chosen=0.88 + place / 100,
        predictions=f"nested-{place + 1}.safetensors",
        seconds=1.5,
    )


def made(**changes: Any) -> NestedStudy:
    results = example_results()
    whole = OutOfFold(
        oracle=Scores(value=0.9, interval=(0.88, 0.92), n=2000),
        chosen=Scores(value=0.885, interval=(0.86, 0.91), n=2000),
        at_random=Scores(value=0.8, interval=(0.78, 0.82), n=2000),
        majority=Scores(value=0.3, interval=(0.28, 0.32), n=2000),
        difference=Difference(value=-0.015, interval=(-0.02, -0.01)),
        over_random=Difference(value=0.085, interval=(0.07, 0.1)),
        dev_oracle=0.91,
        dev_chosen=0.903,
        dev_difference=Difference(value=-0.007, interval=(-0.01, -0.004)),
        agreement=Agreement(
            jaccard=0.31, stability=0.42, stability_interval=(0.3, 0.54), in_every_fold=40, in_any_fold=420
        ),
    )
    study = NestedStudy(
        command="neurosieve nested",
        environment=results.environment,
        model=results.model,
        corpus="mine",
        sources={},
        kind="labelling",
        task="chunk",
        metric="accuracy",
        chooser="sieve",
        tolerance=0.03,
        folds=3,
        kept_test=False,
        sentences=100,
        rows=2000,
        repeated=0,
        settings={},
        found=[fold(0, 200), fold(1, 220), fold(2, 230)],
        together=whole,
    )
    together = {name: changes.pop(name) for name in list(changes) if name in OutOfFold.model_fields}
    return study.model_copy(update=changes | {"together": whole.model_copy(update=together)})


def text(**changes: Any) -> str:
    return "\n".join(nested_sentences(made(**changes)))


def test_every_number_has_its_sentence() -> None:
    found = text()
    for fact in (
        "Each of 100 sentences (2,000 words) was scored once, by probes that never saw it: of 3 folds one was left out "
        "in turn, the next chose, and the other one trained.",
        "Out of fold the oracle, all 2,688 neurons, reaches 90.0 % [88.0, 92.0] accuracy, and what the sieve kept "
        "88.5 % [86.0, 91.0]: −1.5 points [−2.0, −1.0] against the oracle.",
        "The loss stays within the 3 % that were allowed, and so does its whole interval.",
        "As dev, which chose, the same rows said −0.7 points: choosing flattered itself by 0.8 points.",
        "As many neurons at random reach 80.0 % [78.0, 82.0] (always the most frequent class: 30.0 %); against them, "
        "what was chosen has +8.5 points [7.0, 10.0].",
        "The folds kept 200 to 230 neurons (mean 217, 8.1 %), which need 3 to 5 of 7 layers.",
        "Two folds share 31.0 % of what either keeps, stability 0.42 [0.30, 0.54] (0 by chance, 1 for equal sets); "
        "every fold keeps 40 of the 420 neurons that any keeps.",
        "This is an estimate of the procedure (train on 33 % of the sentences, let 33 % choose by the sieve), not of "
        "one set: every fold has its own.",
    ):
        assert fact in found
    assert "more than once" not in found


@pytest.mark.parametrize(
    ("value", "low", "verdict"),
    [
        (-0.02, -0.03, "stays within the 3 % that were allowed, but its interval reaches past them"),
        (-0.04, -0.05, "exceeds the 3 % that were allowed"),
    ],
)
def test_the_verdict_looks_at_the_interval(value: float, low: float, verdict: str) -> None:
    assert verdict in text(difference=Difference(value=value, interval=(low, 0.0)))


def test_what_is_not_the_usual_is_said() -> None:
    assert "nothing" not in text()
    missed = [fold(0, 200), fold(1, 2688, reached=False), fold(2, 230)]
    assert "; in 1 fold nothing smaller stayed within the tolerance." in text(found=missed)
    assert "2 sentences stand more than once; where a copy was in train" in text(repeated=2)
    assert "2 texts stand more than once" in text(repeated=2, kind="classification")
    below = Scores(value=-0.1, n=3)
    assert "not clearly better than what needs no neuron, so a loss against it says nothing" in text(oracle=below)
    near = made().together.majority.model_copy(update={"interval": (0.85, 0.89)})
    assert "not clearly better" in text(majority=near)
    assert "not clearly better" not in text()
    same = Difference(value=-0.015, interval=(-0.02, -0.01))
    assert "here choosing did not flatter itself" in text(dev_difference=same)
    alike = made().together.agreement.model_copy(update={"stability": None, "stability_interval": None})
    assert "stability" not in text(agreement=alike)
    assert "the minimal set by mRMR" in text(chooser="mrmr")
    assert "the other 3 trained" in text(folds=5)
    assert "most frequent class" not in text(majority=None, kind="regression")


def test_a_study_that_is_not_done_says_so() -> None:
    study = made().model_copy(update={"together": None, "found": [fold(0, 200)]})
    assert nested_sentences(study) == ["1 of 3 folds are done; the same command goes on."]
    assert "| 1 | 20 | 200 |" in nested_page(study)


def test_the_page_is_narrow_and_has_a_row_for_each_fold() -> None:
    page = nested_page(made())
    assert max(map(len, page.splitlines()[1:])) <= LINE
    assert "| chosen | 88.5 % [86.0, 91.0] | 90.3 % |" in page
    assert "| 2 | 20 | 220 | 4 | – | 90.0 % | 89.0 % | −1.0 points |" in page
    assert "| 1 | 20 | 200 | 3 | 0.3 |" in page
    starred = made(found=[fold(0, 2688, reached=False), fold(1, 220), fold(2, 230)])
    assert "| 2,688 * |" in nested_page(starred)
    assert nested_page(starred).endswith("\n* No smaller set stayed within the tolerance on dev.\n")
    assert "* No" not in page


def test_page_and_table_are_written(tmp_path) -> None:
    study = made()
    page = write_nested(study, tmp_path)
    assert page == tmp_path / PAGE_FILE
    assert page.read_text(encoding="utf-8") == nested_page(study)
    rows = list(csv.DictReader(io.StringIO((tmp_path / CSV_FILE).read_text(encoding="utf-8"))))
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["neurons"]) for row in rows] == [200, 220, 230]
    assert rows[1]["threshold"] == ""
    assert len(nested_table(study).rows) == 3
    assert not list(tmp_path.glob("*.partial"))
