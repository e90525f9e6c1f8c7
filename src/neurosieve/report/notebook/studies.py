"""Views of studies: each has its own page and tables; here are their sentences, one table, and their figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from neurosieve.paper.records import Study
from neurosieve.report.ablation import ablation_sentences, ablation_table
from neurosieve.report.ablation.figure import ablation_figure
from neurosieve.report.bench import bench_sentences
from neurosieve.report.bench.tables import bench_table, shown_tables
from neurosieve.report.comparing import comparing_sentences
from neurosieve.report.comparing import figures as comparing
from neurosieve.report.comparing.tables import all_tables as comparing_tables
from neurosieve.report.comparing.wording import having, label_of
from neurosieve.report.comparing.wording import metric_of as metric_of_found
from neurosieve.report.front.figure import front_figure
from neurosieve.report.front.reading import sentences as front_sentences
from neurosieve.report.front.reading import shown
from neurosieve.report.front.table import front_table
from neurosieve.report.inspection import figures as inspection
from neurosieve.report.inspection import inspection_sentences
from neurosieve.report.layers import layers_of
from neurosieve.report.metric import metric_named
from neurosieve.report.models import models_sentences
from neurosieve.report.models.figures import cka_between, of_each_layer
from neurosieve.report.models.tables import layer_table, pair_table
from neurosieve.report.nested import nested_sentences, nested_table
from neurosieve.report.notebook.frames import as_frame, framed
from neurosieve.report.notebook.view import View
from neurosieve.report.rankings import ranking_table
from neurosieve.report.wording import count, number, plain, ranking_name, tolerance
from neurosieve.run.ablation.records import AblationStudy
from neurosieve.run.bench.records import Bench
from neurosieve.run.comparing.records import RunComparison
from neurosieve.run.front.records import Front
from neurosieve.run.inspection.records import Inspection
from neurosieve.run.models.records import ModelsStudy
from neurosieve.run.nested.records import NestedStudy
from neurosieve.run.rankings.records import RankingStudy

Rows = list[list[str]]


def _about(kind: str) -> Any:
    return lambda study: f"{kind} of {plain(study.task)}, {_model(study)}"


def _model(study: Any) -> str:
    return plain(study.model if isinstance(study.model, str) else study.model.name, 60)


def _ranking_rows(study: RankingStudy) -> Rows:
    metric = metric_named(study.metric)
    heads = ["ranking", "within", "neurons", "least to most", "test", "less the oracle"]
    return [heads] + [
        [
            ranking_name(one.ranking),
            tolerance(one.tolerance),
            number(one.neurons, 0),
            " to ".join(map(count, one.neurons_range)),
            metric.value(one.test),
            metric.change(one.difference),
        ]
        for one in sorted(study.summary, key=lambda one: (-one.tolerance, one.neurons))
    ]


def _paper_rows(study: Study) -> Rows:
    rows = [
        [plain(label), plain(model.facts.family), count(model.facts.neurons), ", ".join(map(plain, model.tasks))]
        for label, model in study.models.items()
    ]
    return [["model", "family", "neurons", "tasks"], *rows]


def _nested_rows(study: NestedStudy) -> Rows:
    if study.together is None:
        return []
    metric, whole = metric_named(study.metric), study.together
    lines = [("oracle", whole.oracle), ("chosen", whole.chosen), ("as many at random", whole.at_random)]
    rows = [[name, metric.score(scores)] for name, scores in lines]
    return [
        ["probe", f"out of fold, {metric.title}"],
        *rows,
        ["chosen less oracle", metric.difference(whole.difference)],
    ]


def _front_rows(front: Front) -> Rows:
    metric = metric_named(front.metric)
    heads = ["up to layer", "c_t", "neurons", "ms", f"dev {metric.title}", "test", "on the front"]
    return [heads] + [
        [
            str(one.last_layer),
            "–" if one.threshold is None else f"{one.threshold:g}",
            count(one.neurons),
            number(one.latency.ms, 2),
            metric.value(one.dev.value),
            metric.score(one.test),
            "yes" if one.on_front else "",
        ]
        for one in shown(front)
    ]


def _bench_rows(bench: Bench) -> Rows:
    tables = shown_tables(bench)
    return [list(tables[0].heads), *map(list, tables[0].rows)] if tables else []


def _comparison_rows(study: RunComparison) -> Rows:
    rows = [["task", "run", "oracle", "sieve", "neurons kept", "speed"]]
    for name in study.tasks:
        for run, task in having(study, name):
            metric, sieve = metric_of_found(task), task.sieve
            rows.append(
                [
                    plain(name),
                    label_of(run),
                    metric.score(task.oracle),
                    "–" if sieve is None else metric.score(sieve.test),
                    "–" if sieve is None else f"{count(sieve.neurons)} of {count(task.neurons)}",
                    "–" if task.compact is None else f"× {number(task.compact.speedup, 2)}",
                ]
            )
    return rows


def _inspection_rows(found: Inspection) -> Rows:
    if found.damage is None:
        return []
    metric = metric_named(found.metric)
    rows = [
        [count(one.neurons), metric.score(one.test), metric.difference(one.difference)] for one in found.damage.sizes
    ]
    return [["neurons", f"test {metric.title}", "against all neurons"], *rows]


def _sizes_frame(found: Inspection) -> pd.DataFrame:
    """A row for each size of the shrinking set."""
    rows = [
        (one.neurons, one.test.value, one.difference.value, *one.difference.interval)
        for one in (found.damage.sizes if found.damage else ())
    ]
    return pd.DataFrame(rows, columns=["neurons", "test", "difference", "low", "high"])


def _part(name: str, draw: Any) -> Any:
    """A figure of one part of an inspection; None where the part was left out."""
    return lambda found: None if getattr(found, name) is None else draw(getattr(found, name), found)


def _comparing_frame(name: str) -> Any:
    def framed_by_name(study: RunComparison) -> pd.DataFrame:
        table = next((one for one in comparing_tables(study) if one.name == f"comparing-{name}"), None)
        return pd.DataFrame() if table is None else as_frame(table)

    return framed_by_name


VIEWS: dict[type, View] = {
    Study: View(lambda one: f"Exhibits of the paper, {one.created[:10]}", _paper_rows, left=2),
    Inspection: View(
        _about("Inspection"),
        _inspection_rows,
        inspection_sentences,
        {
            "copies": _part("copies", lambda part, one: inspection.copy_maps(part, layers_of(one.model))),
            "spread": _part(
                "spread",
                lambda part, one: inspection.cluster_counts(part, one.model.neurons, one.settings.threshold),
            ),
            "damage": _part("damage", lambda part, _: inspection.damage_map(part)),
            "classes": _part("class_sets", lambda part, _: inspection.class_sizes(part)),
        },
        {"sizes": _sizes_frame},
    ),
    Front: View(
        _about("Front"),
        _front_rows,
        front_sentences,
        {"front": front_figure},
        {"points": framed(front_table)},
    ),
    RankingStudy: View(_about("Rankings"), _ranking_rows, frames={"summary": framed(ranking_table)}),
    NestedStudy: View(
        _about("Nested selection"), _nested_rows, nested_sentences, frames={"folds": framed(nested_table)}
    ),
    AblationStudy: View(
        _about("Ablation"),
        lambda _: [],
        ablation_sentences,
        {"output and probe": ablation_figure},
        {"sets": framed(ablation_table)},
    ),
    Bench: View(_about("Bench"), _bench_rows, bench_sentences, frames={"models": framed(bench_table)}),
    ModelsStudy: View(
        lambda one: f"{plain(one.first.label)} and {plain(one.second.label)} on {plain(one.text, 60)}",
        lambda _: [],
        models_sentences,
        {"cka": cka_between, "layers": of_each_layer},
        {"layers": framed(layer_table), "cka": framed(pair_table)},
    ),
    RunComparison: View(
        lambda one: f"{', '.join(plain(run.label) for run in one.runs)} side by side",
        _comparison_rows,
        comparing_sentences,
        {
            "sizes": comparing.scores_and_sizes,
            "layers": comparing.layers_alone,
            "kept": comparing.where_kept,
            "clusters": comparing.clusters,
            "cka": comparing.maps,
        },
        {name: _comparing_frame(name) for name in ("tasks", "models", "clusters", "layers", "sets", "pairs", "unlike")},
        left=2,
    ),
}
