"""Grids of cells over layers, filled where a layer suffices (Figures 4 and 7 to 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from neurosieve.report.paper.figures.common import title
from neurosieve.report.style import BLUE, GREY, INK

State = Literal["both", "test", "dev", "neither", "absent"]

_EMPTY, _LIGHT = "#EEF1F3", "#CFE3F1"
_FACES: dict[State, str] = {"both": BLUE, "test": _LIGHT, "dev": _EMPTY, "neither": _EMPTY, "absent": "white"}
_NARROW = 9
"""From so many layers on, every second one has its number on the axis."""


@dataclass(frozen=True)
class Blocks:
    """One panel: a row of states for each name; ``layers`` are the ticks below."""

    title: str
    names: Sequence[str]
    layers: Sequence[str]
    rows: Sequence[Sequence[State]]
    is_published: bool = False


def is_within(score: float, oracle: float, loss: float) -> bool:
    """Whether a score is strictly above what an oracle's may lose, as in the paper."""
    return score > (1 - loss) * oracle


def draw_blocks(axes: Axes, blocks: Blocks) -> None:
    """Cells side by side, the first name on top."""
    for place, states in enumerate(blocks.rows):
        for layer, state in enumerate(states):
            axes.add_patch(_cell(layer, place, state, published=blocks.is_published))
    axes.set(xlim=(-0.5, len(blocks.layers) - 0.5), ylim=(len(blocks.names) - 0.5, -0.5))
    upright = any(not tick.isdecimal() for tick in blocks.layers)
    step = 1 if upright or len(blocks.layers) < _NARROW else 2
    axes.set_xticks(range(0, len(blocks.layers), step), list(blocks.layers)[::step], rotation=90 if upright else 0)
    axes.set_yticks(range(len(blocks.names)), list(blocks.names))
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    title(axes, blocks.title)


def _cell(layer: int, place: int, state: State, *, published: bool) -> Rectangle:
    face = GREY if published and state == "both" else _FACES[state]
    corner = (layer - 0.44, place - 0.42)
    if state in ("test", "dev"):
        hatch = "//////" if state == "test" else None
        return Rectangle(corner, 0.88, 0.84, facecolor=face, edgecolor=BLUE, linewidth=1.2, hatch=hatch)
    return Rectangle(corner, 0.88, 0.84, facecolor=face, edgecolor=_EMPTY if state == "absent" else face, linewidth=0.5)


def legend_of_blocks(figure: Figure, states: set[State], *, is_published: bool) -> None:
    """What the cells mean, as far as any has the state."""
    words: dict[State, tuple[str, Patch]] = {
        "both": ("within the tolerance on test", Patch(facecolor=BLUE)),
        "test": ("on test, not on dev", Patch(facecolor=_LIGHT, edgecolor=BLUE, hatch="//////")),
        "dev": ("on dev, not on test", Patch(facecolor=_EMPTY, edgecolor=BLUE)),
        "neither": ("not within it", Patch(facecolor=_EMPTY)),
    }
    shown = [words[state] for state in words if state in states]
    if is_published:
        shown.append(("bold in the paper", Patch(facecolor=GREY)))
    labels, handles = [label for label, _ in shown], [patch for _, patch in shown]
    figure.legend(
        handles, labels, loc="outside upper center", ncols=len(shown), fontsize=7.5, columnspacing=1.2, labelcolor=INK
    )
