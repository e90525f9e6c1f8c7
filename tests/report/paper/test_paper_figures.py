from __future__ import annotations

import csv
import io
import subprocess
import sys
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.stats import linregress, spearmanr

from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.paper.records import ClassLayers, CostStudy, ModelStudy, Study, Timing
from neurosieve.published import read
from neurosieve.report.paper.figure import PaperFigure
from neurosieve.report.paper.figures import FIGURES, class_tasks
from neurosieve.report.paper.figures.common import step_tolerance, tidy_number
from neurosieve.report.style import BLUE, GREY, png, svg

from .example import LABELS, example_study
from .shown import with_settings, with_tasks

STUDY = example_study()
DRAWN = [name for name in FIGURES if name != "figure8"]  # the example has two tasks on words


def made(name: str, study: Study = STUDY) -> PaperFigure:
    found = FIGURES[name](study)
    assert found is not None
    return found


def tidy(name: str, study: Study = STUDY) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made(name, study).tidy.csv())))


def changed(study: Study = STUDY, models: tuple[str, ...] = LABELS, **change: Any) -> Study:
    """The study with something else in some models."""
    new = {name: one.model_copy(update=change) if name in models else one for name, one in study.models.items()}
    return study.model_copy(update={"models": new})


def model_of(label: str) -> ModelStudy:
    return STUDY.models[label]


def costs_of(label: str) -> CostStudy:
    found = model_of(label).costs
    assert found is not None
    return found


def with_costs(**change: Any) -> Study:
    return STUDY.model_copy(
        update={
            "models": {
                label: one.model_copy(update={"costs": costs_of(label).model_copy(update=change)})
                for label, one in STUDY.models.items()
            }
        }
    )


def cells(axes: Axes) -> dict[tuple[int, int], Rectangle]:
    """Cells of a grid by (row, layer)."""
    found = {}
    for patch in axes.patches:
        assert isinstance(patch, Rectangle)
        x, y = patch.get_xy()
        found[round(y + 0.42), round(x + 0.44)] = patch
    return found


def lines(axes: Axes) -> list[list[tuple[float, float]]]:
    return [list(zip(*map(np.ravel, line.get_data()), strict=True)) for line in axes.lines]


def titled(figure: Figure, start: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(start))


def test_every_figure_of_the_paper_has_its_function() -> None:
    assert {f"figure{number}" for number in range(1, 15)} <= set(FIGURES) <= set(EXHIBITS)
    assert [name for name in EXHIBITS if name in FIGURES] == list(FIGURES)


@pytest.mark.parametrize("name", DRAWN)
def test_the_example_draws_every_figure_with_words_and_numbers(name: str) -> None:
    found = made(name)
    assert (found.name, found.title) == (name, EXHIBITS[name].title)
    assert found.caption.endswith(".")
    assert found.alt.endswith(".")
    assert any(char.isdigit() for char in found.alt)
    assert found.tidy.name == name
    assert found.tidy.rows
    assert all(len(row) == len(found.tidy.columns) for row in found.tidy.rows)
    assert all(found.tidy.columns.values())
    assert len(set(found.tidy.rows)) == len(found.tidy.rows)


@pytest.mark.parametrize("name", DRAWN)
def test_every_panel_is_named_by_its_axes_or_its_title(name: str) -> None:
    axes = [at for at in made(name).figure.axes if at.get_visible() and at.get_label() != "<colorbar>"]
    assert any(at.get_xlabel() for at in axes) or name == "figure6"  # its words need no name
    assert any(at.get_ylabel() or at.get_yticklabels() for at in axes)


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_leaves_the_figure(name: str) -> None:
    figure = made(name).figure
    figure.draw_without_rendering()
    width, height = figure.get_size_inches()
    box = figure.get_tightbbox()
    assert min(box.x0, box.y0) > -0.03
    assert box.x1 < width + 0.03
    assert box.y1 < height + 0.03


@pytest.mark.parametrize("name", ["figure4", "figure14", "complexity"])
def test_the_same_study_gives_the_same_bytes_and_leaves_no_trace(name: str) -> None:
    before = dict(matplotlib.rcParams)
    first, second = made(name), made(name)
    assert svg(first.figure, name, "t") == svg(second.figure, name, "t")
    assert png(first.figure) == png(second.figure)
    assert first.tidy == second.tidy
    assert dict(matplotlib.rcParams) == before


def test_pyplot_and_torch_are_left_alone() -> None:
    code = (
        "import sys, neurosieve.report.paper.write; "
        "assert not {'torch', 'matplotlib.pyplot', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_measured_draws_nothing() -> None:
    empty = STUDY.model_copy(
        update={"models": {label: ModelStudy(facts=one.facts) for label, one in STUDY.models.items()}}
    )
    assert {name for name, draw in FIGURES.items() if draw(empty) is not None} == set()


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"figure10", "figure11", "finetuning"}))
def test_a_model_without_the_measurement_is_left_out(name: str) -> None:
    bare = STUDY.model_copy(update={"models": STUDY.models | {"minilm": ModelStudy(facts=model_of("minilm").facts)}})
    assert {row["model"] for row in tidy(name, bare)} - {"BERT", "XLNet", "BERT, published", "XLNet, published"} == {
        "xlnet-mini"
    }


@pytest.mark.parametrize("name", ["figure1", "figure3", "figure5", "figure12", "pyramid", "complexity"])
def test_one_model_alone_draws(name: str) -> None:
    alone = STUDY.model_copy(update={"models": {"minilm": model_of("minilm")}})
    assert svg(made(name, alone).figure, name, "t")


def test_similarity_of_layers() -> None:
    found = made("figure1")
    for axes, label in zip(found.figure.axes, LABELS, strict=False):
        general = model_of(label).general
        assert general
        values = np.array(general.general.cka)
        drawn = np.asarray(axes.collections[0].get_array()).reshape(values.shape)
        np.testing.assert_array_equal(drawn, values)
        rows = [row for row in tidy("figure1") if row["model"] == label]
        assert [float(row["cka"]) for row in rows] == values.ravel().tolist()
        assert axes.get_title(loc="left") == label
    assert "neighbouring layers 0.90 on average" in found.alt


def test_averages_over_tasks() -> None:
    rows = tidy("figure2")
    tasks = [task.clusters for task in model_of("minilm").tasks.values() if task.clusters]
    for row in (row for row in rows if row["model"] == "minilm"):
        at = [next(one for one in task.rows if (one.threshold or 0.0) == float(row["threshold"])) for task in tasks]
        left = [one.neurons / task.neurons for one, task in zip(at, tasks, strict=True)]
        assert float(row["removed"]) == pytest.approx(1 - sum(left) / len(left))
        assert float(row["score"]) == pytest.approx(sum(one.test.value for one in at) / len(at))
    drawn = [[y for _, y in line] for line in lines(made("figure2").figure.axes[1])]
    assert [float(row["score"]) for row in rows if row["model"] == "minilm"] in drawn


def test_published_averages_are_those_of_all_printed_tasks() -> None:
    printed = read("table6")
    tasks = printed[(printed["model"] == "XLNet") & (printed["task"] != "average")]
    at = tasks[tasks["threshold"].astype(float) == 0.7]
    (row,) = [row for row in tidy("figure2") if row["model"] == "XLNet, published" and row["threshold"] == "0.7"]
    assert row["tasks"] == "11"
    assert float(row["removed"]) == pytest.approx(1 - at["neurons"].mean() / 9984)
    assert float(row["score"]) == pytest.approx(at["score_percent"].mean() / 100)


def test_windows_of_clusters_with_and_without_single_neurons() -> None:
    left, right = made("figure3").figure.axes
    general = model_of("xlnet-mini").general
    assert general
    cut = next(cut for cut in general.general.cuts if cut.threshold == 0.3)
    for axes, shares in ((left, cut.windows), (right, cut.windows_without_singletons)):
        heights = [bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)]
        assert heights[4:] == list(shares.values())


def test_cells_are_filled_by_the_papers_rule_and_hatched_where_dev_disagrees() -> None:
    layers = model_of("minilm").tasks["pos"].layers
    assert layers
    flipped = [one.model_copy(update={"within_tolerance": not one.within_tolerance}) for one in layers.alone]
    study = with_tasks({"layers": layers.model_copy(update={"alone": flipped})}, models=("minilm",))
    for found, is_flipped in ((STUDY, False), (study, True)):
        panel = cells(titled(made("figure4", found).figure, "minilm"))
        for one in layers.alone:
            cell = panel[0, one.layer]
            within = one.test.value > 0.99 * layers.oracle.test.value
            dev = one.within_tolerance != is_flipped
            if within and dev:
                assert to_hex(cell.get_facecolor()).upper() == BLUE
            assert bool(cell.get_hatch()) == (within and not dev)
            outlined = to_hex(cell.get_edgecolor()).upper() == BLUE
            assert outlined == (within or dev)


def test_published_layers_are_the_bold_ones() -> None:
    panel = cells(titled(made("figure4").figure, "XLNet, published"))
    grey = sum(to_hex(cell.get_facecolor()).upper() == GREY for cell in panel.values())
    printed = read("table7")
    assert grey == int(printed[printed["model"] == "XLNet"]["bold"].sum())
    assert to_hex(panel[0, 0].get_facecolor()).upper() != GREY  # the embeddings are bold nowhere
    assert len(panel) == 11 * 13


def test_the_tolerance_is_the_studys() -> None:
    assert step_tolerance(STUDY) == 0.01
    assert step_tolerance(with_settings(step_tolerance=None)) == 0.01
    loose = with_settings(step_tolerance=0.5)
    assert "less than 50 %" in made("figure4", loose).caption
    strict, wide = (
        sum(row["within"] == "True" for row in tidy("figure4", study) if row["source"] == "measured")
        for study in (STUDY, loose)
    )
    assert wide > strict > 0
    assert "less than 1 %" in made("figure4").caption


def test_the_classes_of_a_task() -> None:
    layers = model_of("minilm").tasks["pos"].layers
    assert layers
    figure = made("figure7").figure
    panel = cells(titled(figure, "minilm"))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == [f"{one.label} ({one.support:,})" for one in layers.classes]
    for place, one in enumerate(layers.classes):
        for layer, recall in enumerate(one.layers):
            filled = to_hex(panel[place, layer].get_facecolor()).upper() == BLUE
            assert filled == (recall > 0.99 * one.oracle)


def test_each_figure_of_classes_has_a_task_of_its_own() -> None:
    assert class_tasks(STUDY) == {"figure7": "pos", "figure9": "chunk"}
    assert FIGURES["figure8"](STUDY) is None
    tasks = model_of("minilm").tasks
    renamed = changed(tasks={"code-roles": tasks["pos"], "tags": tasks["chunk"], "sst2": tasks["sst2"]})
    assert class_tasks(renamed) == {"figure7": "code-roles", "figure8": "tags"}
    assert made("figure8", renamed).caption.startswith("Task tags, ")


def test_many_classes_are_cut_to_the_most_frequent_and_the_caption_says_so() -> None:
    layers = model_of("minilm").tasks["pos"].layers
    assert layers
    many = [ClassLayers(label=f"c{i}", support=i + 1, oracle=0.0, layers=[0.0] * 7) for i in range(40)]
    study = with_tasks({"layers": layers.model_copy(update={"classes": many})})
    found = made("figure7", study)
    names = [label.get_text() for label in found.figure.axes[0].get_yticklabels()]
    assert names[0] == "c39 (40)"
    assert len(names) == 25
    assert "25 most frequent of 40 classes" in found.caption
    blue = [c for c in cells(found.figure.axes[0]).values() if to_hex(c.get_facecolor()).upper() == BLUE]
    assert blue == []
    assert len(found.tidy.rows) == 2 * 40 * 7


def test_heat_maps_show_the_activations_around_zero() -> None:
    figure = made("figure6").figure
    heat = model_of("minilm").general
    assert heat
    assert heat.heat
    mesh = figure.axes[0].collections[0]
    drawn = np.asarray(mesh.get_array()).reshape(3, -1)
    np.testing.assert_array_equal(drawn, np.array(heat.heat.sentences[0].values))
    low, high = mesh.get_clim()
    assert low == -high
    red, _, blue, _ = mesh.cmap(0.05)
    assert red > blue  # negative is red
    red, _, blue, _ = mesh.cmap(0.95)
    assert red < blue
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == heat.heat.sentences[0].words
    assert figure.axes[0].get_xticklabels()[0].get_rotation() == 90
    assert figure.axes[0].get_yticklabels()[1].get_text() == "layer 4 · unit 17 (−0.91)"


@pytest.mark.parametrize(
    ("name", "label", "field"), [("figure5", "minilm", "classifier"), ("figure5", "xlnet-mini", "inference")]
)
def test_runtimes_are_medians_with_the_range_of_the_rounds(name: str, label: str, field: str) -> None:
    what = {"classifier": "training", "inference": "labelling"}[field]
    rows = [row for row in tidy(name) if row["model"] == label and row["seconds_of"] == what]
    for row, timing in zip(rows, getattr(costs_of(label), field), strict=True):
        told = [float(row[key]) for key in ("size", "seconds", "low", "high")]
        assert told == [timing.size, np.median(timing.seconds), min(timing.seconds), max(timing.seconds)]


def test_dots_mark_the_sizes_of_each_task() -> None:
    transfer = model_of("minilm").tasks["chunk"].transfer
    assert transfer
    size = len(transfer.sieve.neurons)
    (row,) = [row for row in tidy("figure5") if row["model"] == "minilm" and row["seconds_of"] == "task chunk"]
    assert int(row["size"]) == size
    assert any((size, float(row["seconds"])) in line for line in lines(made("figure5").figure.axes[0]))
    strip = made("figure5").figure.axes[-1]
    assert [label.get_text() for label in strip.get_yticklabels()] == ["POS", "Chunking", "SST-2", "STS-B"]
    assert sorted(x for x, _ in lines(strip)[0]) == sorted(
        len(task.transfer.sieve.neurons) for task in model_of("minilm").tasks.values() if task.transfer
    )


def test_a_size_below_those_timed_is_told() -> None:
    transfer = model_of("minilm").tasks["chunk"].transfer
    assert transfer
    few = transfer.sieve.model_copy(update={"neurons": transfer.sieve.neurons[:3]})
    study = with_tasks({"transfer": transfer.model_copy(update={"sieve": few})})
    (row,) = [row for row in tidy("figure5", study) if row["model"] == "minilm" and row["seconds_of"] == "task chunk"]
    assert (row["size"], float(row["seconds"])) == ("3", np.median(costs_of("minilm").classifier[0].seconds))
    assert "fewer neurons than were timed" in made("figure5", study).caption
    assert "fewer neurons than were timed" not in made("figure5").caption
    none = with_tasks({"transfer": transfer.model_copy(update={"sieve": few.model_copy(update={"neurons": []})})})
    assert not any(row["seconds_of"].startswith("task") for row in tidy("figure5", none))


def test_forward_passes_are_told_per_text_and_by_family() -> None:
    first = costs_of("minilm").forward[0]
    rows = tidy("figure10")
    assert {row["model"] for row in rows} == {"minilm"}
    assert float(rows[0]["seconds"]) == pytest.approx(np.median(first.seconds) / 256)
    assert {row["model"] for row in tidy("figure11")} == {"xlnet-mini"}
    alone = STUDY.model_copy(update={"models": {"minilm": model_of("minilm")}})
    assert FIGURES["figure11"](alone) is None
    kept = model_of("minilm").tasks["pos"].transfer
    assert kept
    assert ["task pos", str(kept.sieve.steps[0].kept_layers)] in [[row["seconds_of"], row["size"]] for row in rows]


@pytest.mark.parametrize(
    ("name", "field"), [("figure12", "extraction"), ("figure13", "clustering"), ("figure14", "ranking")]
)
def test_the_line_is_the_least_squares_one(name: str, field: str) -> None:
    timings: list[Timing] = getattr(costs_of("minilm"), field)
    x = [one.size for one in timings for _ in one.seconds]
    y = [seconds for one in timings for seconds in one.seconds]
    expected = linregress(x, y)
    rows = [row for row in tidy(name) if row["model"] == "minilm"][: len(x)]
    assert [(int(row["size"]), float(row["seconds"])) for row in rows] == list(zip(x, y, strict=True))
    told = [float(rows[0][key]) for key in ("line_start", "line_slope", "line_r2")]
    np.testing.assert_allclose(told, [expected.intercept, expected.slope, expected.rvalue**2], rtol=1e-6, atol=1e-9)
    legend = made(name).figure.axes[0].get_legend()
    assert legend
    assert f"{tidy_number(1000 * expected.slope)} s per 1,000" in legend.get_texts()[0].get_text()


def test_two_sizes_have_no_line_and_constant_times_no_r2() -> None:
    two = with_costs(extraction=[Timing(size=size, seconds=[size / 100]) for size in (100, 200)])
    assert {row["line_slope"] for row in tidy("figure12", two)} == {""}
    flat = with_costs(clustering=[Timing(size=size, seconds=[1.0, 1.0]) for size in (100, 200, 300)])
    assert {row["line_r2"] for row in tidy("figure13", flat)} == {""}
    assert svg(made("figure13", flat).figure, "f", "t")


def test_shares_of_the_kept_neurons() -> None:
    minimal = model_of("minilm").tasks["pos"].minimal
    assert minimal
    axes = made("pyramid").figure.axes[0]
    bars = [bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)]
    np.testing.assert_allclose(bars[:7], np.array(minimal.per_layer) / len(minimal.neurons))
    told = [row for row in tidy("pyramid") if (row["model"], row["task"], row["set"]) == ("minilm", "pos", "minimal")]
    assert [int(row["neurons"]) for row in told] == minimal.per_layer


def test_complexity_against_size() -> None:
    rows = [row for row in tidy("complexity") if row["model"] == "minilm"]
    for row in rows:
        task = model_of("minilm").tasks[row["task"]]
        assert task.minimal
        assert int(row["neurons"]) == len(task.minimal.neurons)
        assert float(row["error"]) == 1 - task.minimal.oracle.test.value
        assert row["classes"] == (str(len(task.corpus.classes)) if task.corpus.classes else "")
        assert row["entropy"] == ("" if task.entropy is None else str(task.entropy))
    rho = spearmanr([float(row["error"]) for row in rows], [int(row["neurons"]) for row in rows]).statistic
    title = made("complexity").figure.axes[2].get_title(loc="left")
    assert f"minilm: ρ = {rho:.2f}".replace("-", "−") in title
    assert made("complexity").figure.axes[0].get_title(loc="left") == ""  # three tasks are too few


def test_agreement_with_average_linkage() -> None:
    general = model_of("minilm").general
    assert general
    rows = [row for row in tidy("footnote5") if row["model"] == "minilm"]
    assert [float(row["adjusted_rand"]) for row in rows] == [one.adjusted_rand for one in general.clusterings]
    widths = [bar.get_width() for bar in made("footnote5").figure.axes[0].patches if isinstance(bar, Rectangle)]
    assert widths[:2] == [one.adjusted_rand for one in general.clusterings if one.threshold == 0.3]


def test_fine_tuning_before_and_after() -> None:
    model = model_of("minilm")
    rows = [row for row in tidy("finetuning") if row["task"] == "sst2"]
    assert {row["model"] for row in tidy("finetuning")} == {"minilm"}
    cka = [float(row["value"]) for row in rows if row["quantity"] == "cka"]
    assert cka == np.diagonal(model.moves["sst2"].cka).tolist()
    for variant, task in (("as it came", model.as_it_came["sst2"]), ("fine-tuned", model.tasks["sst2"])):
        assert task.layers
        assert task.clusters
        mine = [row for row in rows if row["variant"] == variant]
        scores = [float(row["value"]) for row in mine if row["quantity"] == "score"]
        assert scores == [one.test.value for one in task.layers.alone]
        left = [int(row["value"]) for row in mine if row["quantity"] == "neurons"]
        assert left == [one.neurons for one in task.clusters.rows]
    middle = made("finetuning").figure.axes[1]
    after = model.tasks["sst2"].layers
    assert after
    assert [(one.layer, one.test.value) for one in after.alone] in lines(middle)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.00213, "0.00213"), (47.42, "47.4"), (47400.0, "47,400"), (100.0, "100"), (-0.5, "−0.5")],
)
def test_numbers_on_logarithmic_axes(value: float, text: str) -> None:
    assert tidy_number(value) == text
