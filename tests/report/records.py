"""One made-up record of each kind that runs and studies leave, and the same under names that no line has room for."""

from __future__ import annotations

from typing import Any

from neurosieve.run.rankings.records import RankingStudy, RankingSummary, SizeFound, SplitFound
from neurosieve.run.schema import Difference, Saved
from tests.report.bench.test_bench import example as example_bench
from tests.report.example import example_results, scores
from tests.report.inspection.example import example as example_inspection
from tests.report.paper.example import example_study
from tests.report.several import several_results
from tests.report.test_ablation import study as example_ablation
from tests.report.test_models import study as example_models
from tests.report.test_nested import made as example_nested
from tests.run.front.example import example_front

LONG = "依存構造解析と品詞タグ付けの共同学習モデル・第二版" * 3
"""75 characters, each two columns wide."""

NAMES = ("forward", "lca_converged", "random_per_layer")


def example_rankings() -> RankingStudy:
    """Two splits, three rankings, two tolerances; one set was not reached."""
    run = example_results()
    apart = Difference(value=-0.02, interval=(-0.03, -0.01))
    sizes = [
        SizeFound(
            ranking=name,
            tolerance=loss,
            neurons=2,
            reached=True,
            dev=0.9,
            test=scores(0.9),
            difference=apart,
            columns=[1, 2],
        )
        for name in NAMES
        for loss in (0.03, 0.01)
    ]
    split = SplitFound(split=0, oracle_dev=0.93, oracle_test=scores(0.93), sizes=sizes, seconds=1.0)
    summary = [
        RankingSummary(
            ranking=name,
            tolerance=loss,
            splits=2,
            neurons=size,
            neurons_range=(size - 40, size + 40),
            reached=1 if name == "random_per_layer" else 2,
            dev=0.91,
            test=0.9012,
            difference=-0.0223,
            difference_range=(-0.03, -0.02),
            share_of_lca=size / 900,
            jaccard=0.4,
            stability=0.44,
            stability_interval=(0.3, 0.5),
        )
        for name, size in zip(NAMES, (365, 900, 2600), strict=True)
        for loss in (0.03, 0.01)
    ]
    return RankingStudy(
        command="neurosieve rankings --task chunk --data conll2000 --out runs/rankings",
        environment=run.environment,
        model=run.model,
        corpus="CoNLL-2000",
        task="chunk",
        metric="accuracy",
        settings={},
        rankings=dict.fromkeys(NAMES, "what it does"),
        tolerances=[0.03, 0.01],
        splits=[split, split],
        summary=summary,
    )


def every_record() -> dict[str, Saved]:
    """The file that `neurosieve` would give it -> the record."""
    return {
        "results.json": several_results(),
        "study.json": example_study(),
        "rankings.json": example_rankings(),
        "nested.json": example_nested(),
        "models.json": example_models(),
        "inspection-1-chunk.json": example_inspection(),
        "front-chunk.json": example_front(),
        "ablation.json": example_ablation(),
        "bench.json": example_bench(),
    }


def renamed(record: Any) -> Any:
    """The same with long wide names for tasks, corpora, models and labels."""
    changes: dict[str, Any] = {}
    if isinstance(getattr(record, "task", None), str):
        changes["task"] = LONG
    if isinstance(getattr(record, "corpus", None), str):
        changes["corpus"] = LONG
    for side in ("first", "second"):
        if hasattr(record, side):
            one = getattr(record, side)
            changes[side] = one.model_copy(update={"label": LONG + side})
    model = getattr(record, "model", None)
    if model is not None:
        changes["model"] = LONG if isinstance(model, str) else model.model_copy(update={"name": LONG, "family": LONG})
    if isinstance(getattr(record, "tasks", None), dict):
        changes["tasks"] = {f"{LONG}{name}": task for name, task in record.tasks.items()}
    if isinstance(getattr(record, "models", None), dict):
        changes["models"] = {f"{LONG}{name}": one for name, one in record.models.items()}
    if isinstance(getattr(record, "models", None), list):
        changes["models"] = [one.model_copy(update={"name": LONG + one.name}) for one in record.models]
    return record.model_copy(update=changes)
