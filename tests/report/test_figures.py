from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosieve.report import figures
from neurosieve.report.figures.task import SHOWN_CLASSES
from neurosieve.report.gallery import general_plates, task_plates
from neurosieve.report.layers import Layers
from neurosieve.run.redundancy import General
from neurosieve.run.results import Results, Task
from neurosieve.run.schema import ClassScores

from .example import CLUSTERS, LAYERS, NEURONS, scores
from .several import COMPLEXITY, MATCH, NAMES


def made(figure: Figure | None) -> Figure:
    assert figure is not None
    return figure


def points(axes: Axes, label: str) -> list[tuple[float, float]]:
    """The data of the line that the legend calls ``label``."""
    handles, labels = axes.get_legend_handles_labels()
    handle = handles[labels.index(label)]
    line = handle[0] if isinstance(handle, tuple) else handle
    return list(zip(*line.get_data(), strict=True))


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_cka_map_draws_and_prints_every_value(results: Results) -> None:
    axes = made(figures.cka_map(results.general)).axes[0]
    drawn = axes.collections[0].get_array().reshape(LAYERS, LAYERS)
    np.testing.assert_array_equal(drawn, np.array(results.general.cka))
    assert texts(axes) == [f"{value:.2f}" for row in results.general.cka for value in row]


def test_cka_map_of_many_layers_prints_no_values(results: Results) -> None:
    general = results.general.model_copy(update={"cka": np.full((14, 14), 0.5).tolist()})
    assert texts(made(figures.cka_map(general)).axes[0]) == []


def test_clusters_and_scores_against_the_threshold(results: Results, task: Task) -> None:
    above, below = made(figures.clusters_and_scores(results.general, task)).axes
    assert list(zip(*above.lines[0].get_data(), strict=True)) == [(0.0, NEURONS), *CLUSTERS.items()]
    expected = [(point.threshold or 0.0, point.test.value) for point in task.clustered]
    assert points(below, "least-squares probe on these neurons") == expected
    assert points(below, "the same on all neurons")[0][1] == task.clustered[0].test.value


def test_clusters_alone_need_no_task(results: Results) -> None:
    assert len(made(figures.clusters_and_scores(results.general)).axes) == 1


def test_window_bars_with_and_without_singletons(results: Results) -> None:
    figure = made(figures.window_bars(results.general))
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    cut = results.general.cuts[2]
    assert heights == [*cut.windows.values(), *cut.windows_without_singletons.values()]
    assert "c_t = 0.3" in figure.axes[0].get_xlabel()


def test_layer_scores_against_oracle_and_tolerance(task: Task) -> None:
    figure = made(figures.layer_scores(task))
    axes = figure.axes[0]
    assert points(axes, "this layer alone") == [(at.layer, at.test.value) for at in task.layers]
    assert points(axes, "layers 0 to this one together") == [(at.layer, at.test.value) for at in task.prefixes]
    assert points(axes, "oracle − 2 %")[0][1] == pytest.approx(0.98 * task.oracle.test.value)
    assert len(legend(figure)) == 4


def test_layer_scores_have_their_intervals_and_hollow_markers(task: Task) -> None:
    axes = made(figures.layer_scores(task)).axes[0]
    handles, labels = axes.get_legend_handles_labels()
    (bars,) = handles[labels.index("this layer alone")][2]
    drawn = [tuple(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(drawn, [at.test.interval for at in task.layers])
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_xdata()) for line in hollow] == [
        [at.layer for at in series if not at.within_tolerance] for series in (task.layers, task.prefixes)
    ]


def test_curves_show_screened_probed_and_minimal_sets(task: Task) -> None:
    axes = made(figures.score_curves(task)).axes[0]
    assert axes.get_xscale() == "log"
    drawn = [list(zip(*line.get_data(), strict=True)) for line in axes.lines]
    for curve in task.curves:
        assert [(point.neurons, point.dev) for point in curve.probed] in drawn
        found = task.minimal_set[curve.ranking]
        assert [(len(found.neurons), found.dev.value)] in drawn
    screened = max(drawn, key=len)
    assert set(screened) <= {(point.neurons, point.dev) for point in task.curves[0].screened}
    assert screened[0][0] == 1
    assert "LCA: 564 neurons, 89.9 % on test" in axes.get_legend_handles_labels()[1]
    assert points(axes, "oracle − 3 %")[0][1] == pytest.approx(0.97 * task.oracle.dev.value)


def test_a_minimal_set_that_was_not_reached_is_not_marked(task: Task) -> None:
    missed = {name: found.model_copy(update={"reached": False}) for name, found in task.minimal_set.items()}
    axes = made(figures.score_curves(task.model_copy(update={"minimal_set": missed}))).axes[0]
    assert [line for line in axes.lines if line.get_marker() == "*"] == []


def test_kept_per_layer_has_a_row_for_each_set(task: Task) -> None:
    figure = made(figures.kept_per_layer(task))
    expected = [*(found.per_layer for found in task.minimal_set.values()), task.sieve.per_layer]
    assert [[int(text) for text in texts(axes)] for axes in figure.axes] == expected
    for axes, counts in zip(figure.axes, expected, strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axes.patches], np.array(counts) / sum(counts))


def test_speed_and_accuracy_of_both_models(task: Task) -> None:
    left, right = made(figures.speed(task)).axes
    sides = (task.compact.full, task.compact.compact)
    assert [bar.get_width() for bar in left.patches] == [side.speed.per_second for side in sides]
    assert [tuple(segment[:, 0]) for segment in left.collections[0].get_segments()] == [s.speed.spread for s in sides]
    assert list(right.collections[-1].get_offsets()[:, 0]) == [side.test.value for side in sides]


def test_classes_are_the_supported_ones_most_frequent_first(task: Task) -> None:
    axes = made(figures.class_scores(task)).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "I-NP (14,376)"
    assert len(names) == sum(at.support > 0 for at in task.oracle.per_class) == 19
    by_label = {at.label: at.f1 for at in task.oracle.per_class}
    widths = [bar.get_width() for bar in axes.patches]
    assert widths[: len(names)] == [by_label[name.rsplit(" ", 1)[0]] for name in names]
    assert len(widths) == 2 * len(names)


def test_classes_are_capped_and_the_caption_says_so(results: Results, task: Task) -> None:
    many = [ClassScores(label=f"c{i}", precision=0.5, recall=0.5, f1=0.5, support=i + 1) for i in range(40)]
    crowded = task.model_copy(update={"oracle": task.oracle.model_copy(update={"per_class": many})})
    assert len(made(figures.class_scores(crowded)).axes[0].get_yticklabels()) == SHOWN_CLASSES
    plates = {plate.name: plate for plate in task_plates("t", "t", crowded, results.general)}
    assert "30 most frequent of 40 classes" in plates["t-classes"].caption


def test_every_axis_is_labelled_and_no_legend_lies_on_data(results: Results, task: Task) -> None:
    plates = [*general_plates(results.general), *task_plates("chunk", "chunk", task, results.general)]
    assert len(plates) == 9
    for plate in plates:
        axes = [at for at in plate.figure.axes if at.get_label() != "<colorbar>"]
        assert all(at.get_legend() is None for at in axes)
        assert any(at.get_xlabel() for at in axes)
        assert any(at.get_ylabel() for at in axes) or plate.name == "chunk-speed"
        assert plate.alt.endswith(".")
        assert plate.caption.endswith(".")


@pytest.mark.parametrize(
    "lacks",
    [
        {"curves": []},
        {"layers": []},
        {"layers": [], "prefixes": []},
        {"minimal_set": {}, "sieve": None},
        {"compact": None},
        {"clustered": []},
        {"sieve": None},
        {"majority": scores(0.0)},
    ],
)
def test_missing_parts_leave_figures_out(results: Results, task: Task, lacks: dict[str, Any]) -> None:
    plates = task_plates("chunk", "chunk", task.model_copy(update=lacks), results.general)
    names = {plate.name.removeprefix("chunk-") for plate in plates}
    absent = {"layers", "curves", "kept", "clustered", "speed", "classes"} - names
    gone = {
        ("curves",): {"curves"},
        ("layers", "prefixes"): {"layers"},
        ("minimal_set", "sieve"): {"kept"},
        ("compact",): {"speed"},
        ("clustered",): {"clustered"},
    }
    assert absent == gone.get(tuple(lacks), set())


def test_no_general_redundancy_no_figures(results: Results, task: Task) -> None:
    assert general_plates(None) == []
    bare = General(words=1, text="x", cka=[], constants=[], cuts=[])
    assert general_plates(bare) == []
    assert "chunk-clustered" not in {plate.name for plate in task_plates("chunk", "chunk", task, None)}


def test_scores_without_intervals_are_drawn_without_bars(task: Task) -> None:
    bare = [at.model_copy(update={"test": at.test.model_copy(update={"interval": None})}) for at in task.layers]
    axes = made(figures.layer_scores(task.model_copy(update={"layers": bare}))).axes[0]
    assert points(axes, "this layer alone") == [(at.layer, at.test.value) for at in bare]


def test_axes_say_the_metric_and_what_is_counted(several: Results) -> None:
    labels = {}
    for name, task in several.tasks.items():
        figure = made(figures.layer_scores(task))
        left, right = made(figures.speed(task)).axes
        assert right.get_xlabel() == figure.axes[0].get_ylabel()
        labels[name] = (figure.axes[0].get_ylabel(), left.get_xlabel())
        assert made(figures.score_curves(task)).axes[0].get_ylabel() == labels[name][0].replace("test", "dev")
        assert made(figures.clusters_and_scores(several.general, task)).axes[1].get_ylabel() == labels[name][0]
    assert labels == {
        "chunk": ("test accuracy (%)", "words per second (bar: range of 5 rounds)"),
        MATCH: ("test F1 (%)", "texts per second (bar: range of 5 rounds)"),
        COMPLEXITY: ("test Pearson correlation", "texts per second (bar: range of 5 rounds)"),
    }


def test_correlations_are_drawn_and_written_as_numbers(several: Results) -> None:
    task = several.tasks[COMPLEXITY]
    figure = made(figures.layer_scores(task))
    axes = figure.axes[0]
    figure.canvas.draw()
    assert axes.get_ylim()[0] < task.layers[0].test.interval[0] < 0
    assert "0.8" in [label.get_text() for label in axes.get_yticklabels()]
    assert "LCA: 282 neurons, 0.767 on test" in legend(made(figures.score_curves(task)))
    assert texts(made(figures.speed(task)).axes[1]) == ["0.781", "0.768"]
    alts = {plate.name: plate.alt for plate in task_plates("t", "t", task, several.general)}
    assert alts["t-layers"].startswith("Test Pearson correlation of t: layer 0 0.020, layer 1 0.316")
    assert alts["t-speed"] == "Full model 212 texts per second at 0.781, compact model 301 at 0.768."
    assert "t-classes" not in alts


def test_an_oracle_below_nothing_does_not_cut_its_curves_off(several: Results) -> None:
    task = several.tasks[COMPLEXITY]
    oracle = task.oracle.model_copy(update={"dev": task.oracle.dev.model_copy(update={"value": -0.05})})
    low, high = made(figures.score_curves(task.model_copy(update={"oracle": oracle}))).axes[0].get_ylim()
    assert low < -0.05 < min(point.dev for point in task.curves[0].probed) < high


def test_classes_of_texts_are_counted_in_texts(several: Results) -> None:
    axes = made(figures.class_scores(several.tasks[MATCH])).axes[0]
    assert axes.get_ylabel() == "class (texts in test)"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no (640)", "yes (560)"]


def test_layers_with_names_bear_them_on_every_axis(results: Results, task: Task) -> None:
    layers = Layers(tuple(NAMES))

    def ticks(figure: Figure | None, which: int = 0) -> list[str]:
        made(figure).canvas.draw()
        return [label.get_text() for label in made(figure).axes[which].get_xticklabels()]

    assert ticks(figures.layer_scores(task, layers)) == NAMES
    assert ticks(figures.kept_per_layer(task, layers), -1) == NAMES
    assert ticks(figures.cka_map(results.general, layers)) == NAMES
    alts = {plate.name: plate.alt for plate in task_plates("t", "t", task, None, layers)}
    assert "mlp 1 90.2 %, layer 1 90.7 %" in alts["t-layers"]
    assert "of attention 1, " in alts["t-kept"]


def test_very_many_names_do_not_crowd_an_axis(task: Task) -> None:
    layers = [task.layers[0].model_copy(update={"layer": layer}) for layer in range(73)]
    deep = task.model_copy(update={"layers": layers, "prefixes": []})
    figure = made(figures.layer_scores(deep, Layers(tuple(f"mlp {layer}" for layer in range(73)))))
    figure.canvas.draw()
    inside = [label.get_text() for label in figure.axes[0].get_xticklabels()][1:-1]
    assert 5 < len(inside) < 15
    assert inside[0] == "mlp 0"


def test_pyplot_and_torch_are_left_alone() -> None:
    code = "import sys, neurosieve.report; assert not {'torch', 'matplotlib.pyplot', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
