"""Every figure of a run with its title, a caption that says how to read it, and words for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from neurosieve.report import figures
from neurosieve.report.figures.task import SHOWN_CLASSES, shown_classes
from neurosieve.report.layers import NUMBERED, Layers
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import row_noun
from neurosieve.report.wording import count, listing, number, percent, plain, ranking_name, tolerance
from neurosieve.run.redundancy import General, Similarity
from neurosieve.run.results import Task


@dataclass(frozen=True)
class Plate:
    """A figure as the page shows it; ``name`` is also its file's."""

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure


def general_plates(general: General | None, layers: Layers = NUMBERED) -> list[Plate]:
    """The figures that need no task."""
    if general is None:
        return []
    return _hung(
        (
            figures.cka_map(general, layers),
            "cka",
            "Similarity of layers",
            "Each cell compares two layers: the brighter, the more alike; bright blocks are runs of layers that "
            "say much the same.",
            _cka_alt(general),
        ),
        (
            figures.clusters_and_scores(general),
            "clusters",
            "Neurons left after clustering",
            "The further the line falls at a small threshold, the more neurons are near copies of another.",
            _clusters_alt(general),
        ),
        (
            figures.window_bars(general),
            "windows",
            "Where copies live",
            "Tall bars on the left mean that neurons repeat neurons of their own layer; the second bar of each pair "
            "leaves out clusters of one neuron, which would hide it.",
            _windows_alt(general),
        ),
        *(_similarity(one, layers) for one in general.similarities),
    )


def _similarity(one: Similarity, layers: Layers) -> tuple[Figure | None, str, str, str, str]:
    low = min(min(row) for row in one.values)
    return (
        figures.similarity_map(one, layers),
        f"similarity-{one.measure}",
        f"Similarity of layers: {one.title}",
        f"{one.source}. It does not see {one.unchanged_by}; layers that share nothing give {one.unrelated} "
        "(T rows, H units).",
        f"Heat map of {one.title} between {len(one.values)} layers, from {number(low, 2)} to 1.",
    )


def task_plates(name: str, prefix: str, task: Task, general: General | None, layers: Layers = NUMBERED) -> list[Plate]:
    """The figures of one task; ``prefix`` opens their file names."""
    clustered = figures.clusters_and_scores(general, task) if general and task.clustered else None
    return _hung(
        (
            figures.layer_scores(task, layers),
            f"{prefix}-layers",
            "Layers against the tolerance",
            "Layers whose marker is above the dashed line lose less than "
            f"{tolerance(task.layer_tolerance)} of the oracle's score; bars are 95 % intervals.",
            _layers_alt(name, task, layers),
        ),
        (
            figures.score_curves(task),
            f"{prefix}-curves",
            "Score against the number of neurons",
            "The sooner a line climbs to the dashed one, the better its ranking; the legend gives each minimal set's "
            "size and test score, and random shows what no ranking gives.",
            _curves_alt(name, task),
        ),
        (
            figures.kept_per_layer(task, layers),
            f"{prefix}-kept",
            "Where the kept neurons live",
            "Each row is one set of neurons: bars are the shares of it that come from each layer.",
            _kept_alt(task, layers),
        ),
        (
            clustered,
            f"{prefix}-clustered",
            "What clustering costs the task",
            "Read from left to right: how far the number of neurons falls (above) before the score does (below). The "
            "probes are least-squares ones: compare them with one another, not with the oracle.",
            f"Neurons left and test {metric_of(task).title} of {plain(name)} for {len(task.clustered)} thresholds.",
        ),
        (
            figures.speed(task),
            f"{prefix}-speed",
            "Full and compact model",
            "Left: the longer, the faster. Right: the further to the right, the better; overlapping bars are no clear "
            "difference.",
            _speed_alt(task),
        ),
        (
            figures.class_scores(task),
            f"{prefix}-classes",
            "Scores of the classes",
            "Where the lower bar is much shorter than the upper one, the sieve gave up something that this class needs"
            f"{_cap(task)}.",
            f"F1 of {len(shown_classes(task))} classes of {plain(name)}, oracle beside sieve.",
        ),
    )


def _hung(*plates: tuple[Figure | None, str, str, str, str]) -> list[Plate]:
    """What could be drawn; a figure is None where the results lack what it shows."""
    return [Plate(name, title, caption, alt, figure) for figure, name, title, caption, alt in plates if figure]


def _cap(task: Task) -> str:
    present = sum(scores.support > 0 for scores in task.oracle.per_class)
    return f" (the {SHOWN_CLASSES} most frequent of {present} classes)" if present > SHOWN_CLASSES else ""


def _cka_alt(general: General) -> str:
    if not general.cka:
        return ""
    low = min(min(row) for row in general.cka)
    return f"Heat map of linear CKA between {len(general.cka)} layers, from {number(low, 2)} to 1."


def _clusters_alt(general: General) -> str:
    parts = [f"{count(cut.clusters)} at {cut.threshold:g}" for cut in general.cuts]
    return f"Neurons left at each threshold: {listing(parts)}." if parts else ""


def _windows_alt(general: General) -> str:
    for cut in general.cuts:
        if cut.threshold == general.reported_threshold:
            alone = percent(cut.windows.get("1", 0.0))
            larger = percent(cut.windows_without_singletons.get("1", 0.0))
            return f"{alone} of all clusters and {larger} of those with several neurons lie within one layer."
    return ""


def _layers_alt(name: str, task: Task, layers: Layers) -> str:
    metric = metric_of(task)
    parts = [f"{layers.one(scores.layer)} {metric.value(scores.test.value)}" for scores in task.layers]
    return f"Test {metric.title} of {plain(name)}: {listing(parts)}." if parts else f"Layer prefixes of {plain(name)}."


def _curves_alt(name: str, task: Task) -> str:
    names, title = [ranking_name(curve.ranking) for curve in task.curves], metric_of(task).title
    return f"Dev {title} of {plain(name)} against the number of neurons for {listing(names)}." if names else ""


def _kept_alt(task: Task, layers: Layers) -> str:
    if task.sieve is None:
        return "Neurons of the minimal sets by layer."
    parts = [f"{kept} of {layers.one(layer)}" for layer, kept in enumerate(task.sieve.per_layer) if kept]
    return f"The sieve keeps {listing(parts)}." if parts else "The sieve keeps no neuron."


def _speed_alt(task: Task) -> str:
    if task.compact is None:
        return ""
    full, small, metric = task.compact.full, task.compact.compact, metric_of(task)
    return (
        f"Full model {count(round(full.speed.per_second))} {row_noun(task)}s per second at "
        f"{metric.value(full.test.value)}, compact model {count(round(small.speed.per_second))} at "
        f"{metric.value(small.test.value)}."
    )
