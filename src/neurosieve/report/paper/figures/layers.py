"""Which layers suffice for each task (Figure 4)."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.figure import Figure

from neurosieve.paper.records import LayerStudy, ModelStudy, Study
from neurosieve.report.layers import layers_of
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.blocks import Blocks, State, draw_blocks, is_within, legend_of_blocks
from neurosieve.report.paper.figures.common import label_of, panels, sorted_layers, step_tolerance, task_name
from neurosieve.report.paper.figures.printed import MODELS, printed_layers
from neurosieve.report.paper.tables.parts import ordered
from neurosieve.report.style import styled
from neurosieve.report.tables.base import Row
from neurosieve.report.wording import listing, tolerance
from neurosieve.run.results import LayerScores


def figure4(study: Study) -> PaperFigure | None:
    """Tasks × layers, a panel for each model, and the published ones below."""
    loss = step_tolerance(study)
    measured = [found for label, model in study.models.items() if (found := _task_blocks(label, model, loss))]
    published = [_printed_blocks(model) for model in MODELS] if measured else []
    return plate(
        "figure4",
        _panels(measured, published),
        caption=f"A filled cell is a layer that alone loses less than {tolerance(loss)} of the oracle's score, judged "
        "on test as in the paper (layer 0 is the embeddings); hatched and outlined cells are where dev, which may be "
        "looked at, says otherwise. Grey panels: the bold numbers of the published Table 7.",
        alt=" ".join(_task_words(blocks) for blocks in measured),
        columns={
            "source": "measured or published",
            "model": "label of the model",
            "task": "name of the task",
            "layer": "0 is the embeddings",
            "score": "test score of the probe on this layer alone",
            "oracle": "test score of the probe on all layers",
            "within": f"whether the score is strictly above {1 - loss:g} of the oracle's",
            "within_on_dev": "the same on dev; empty for published ones",
        },
        rows=[*_measured_rows(study, loss), *_printed_rows()] if measured else [],
    )


def _measured_rows(study: Study, loss: float) -> Iterator[Row]:
    for label, model in study.models.items():
        for name, layers in _studied(model).items():
            oracle = layers.oracle.test.value
            for one in layers.alone:
                score = one.test.value
                within = is_within(score, oracle, loss)
                yield "measured", label, name, one.layer, score, oracle, within, one.within_tolerance


def _printed_rows() -> Iterator[Row]:
    for model in MODELS:
        for one in printed_layers(model):
            yield "published", model, one.task, one.layer, one.score, one.oracle, one.bold, None


def _studied(model: ModelStudy) -> dict[str, LayerStudy]:
    return {name: task.layers for name, task in ordered(model.tasks) if task.layers}


def _state(one: LayerScores, study: LayerStudy, loss: float) -> State:
    if is_within(one.test.value, study.oracle.test.value, loss):
        return "both" if one.within_tolerance else "test"
    return "dev" if one.within_tolerance else "neither"


def _task_blocks(label: str, model: ModelStudy, loss: float) -> Blocks | None:
    found = _studied(model)
    if not found:
        return None
    rows = [[_state(one, study, loss) for one in study.alone] for study in found.values()]
    ticks = sorted_layers(max(map(len, rows)), layers_of(model.facts))
    return Blocks(label_of(label), [task_name(name) for name in found], ticks, rows)


def _printed_blocks(model: str) -> Blocks:
    found = printed_layers(model)
    tasks, layers = list(dict.fromkeys(one.task for one in found)), sorted({one.layer for one in found})
    bold = {(one.task, one.layer) for one in found if one.bold}
    rows: list[list[State]] = [["both" if (task, at) in bold else "neither" for at in layers] for task in tasks]
    return Blocks(
        f"{model}, published",
        [task_name(task) for task in tasks],
        [str(layer) for layer in layers],
        rows,
        is_published=True,
    )


def _task_words(blocks: Blocks) -> str:
    parts = [
        f"{name} {sum(state in ('both', 'test') for state in states)}"
        for name, states in zip(blocks.names, blocks.rows, strict=True)
    ]
    return f"{blocks.title}, layers of {len(blocks.layers)} within the tolerance: {listing(parts)}."


@styled
def _panels(measured: list[Blocks], published: list[Blocks]) -> Figure | None:
    if not measured:
        return None
    every = [*measured, *published]
    columns = 2
    # Published panels open a row of their own.
    spare = -len(measured) % columns if published else 0
    places = [*range(len(measured)), *range(len(measured) + spare, len(every) + spare)]
    rows = [every[at : at + columns] for at in range(0, len(measured), columns)]
    heights = [max(len(one.names) for one in row if not one.is_published) for row in map(_measured, rows)]
    heights += [max(len(one.names) for one in published)] if published else []
    inches = [0.62 + 0.19 * names for names in heights]
    figure, all_axes, _ = panels(
        places[-1] + 1, sum(inches) / len(inches), columns, extra=0.4, height_ratios=inches, width=7.2
    )
    for at, axes in enumerate(all_axes):
        axes.set_visible(at in places)
    for at, blocks in zip(places, every, strict=True):
        draw_blocks(all_axes[at], blocks)
        all_axes[at].set_xlabel("layer (0 = embeddings)")
    states = {state for one in measured for row in one.rows for state in row}
    legend_of_blocks(figure, states, is_published=bool(published))
    return figure


def _measured(row: list[Blocks]) -> list[Blocks]:
    return [one for one in row if not one.is_published]
