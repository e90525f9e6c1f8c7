"""One look for every figure, and the same bytes for the same results.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; shapes and line styles repeat what colours say.
Nothing here touches pyplot or leaves a trace in matplotlib's global state.
"""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec
from xml.etree import ElementTree

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

P = ParamSpec("P")

BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
GREY, PALE, INK = "#6B6B6B", "#B9C3CC", "#1A1A1A"
HEAT = "cividis"

WIDTH = 7.2
"""Inches. All figures are as wide as the page's column."""

_RANKING_LOOKS = {
    "forward": (BLUE, "o", "-"),
    "lca": (VERMILION, "s", "--"),
    "probeless": (GREEN, "^", "-."),
    "random": (GREY, "x", ":"),
    "random_per_layer": (INK, "+", ":"),
    "sieve": (PURPLE, "D", "-"),
}
_OTHER_LOOKS = ((ORANGE, "v", "--"), (SKY, "P", "-."), (PURPLE, "D", "-"))

_RC: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E3E7EA",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 5,
    "errorbar.capsize": 2,
    "figure.facecolor": "white",
    "text.parse_math": False,  # a label may be '$': it is a label, not mathematics
    "svg.fonttype": "none",
    "svg.hashsalt": "neurosieve",
}

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


@contextmanager
def _look() -> Iterator[None]:
    """Defaults and our look, whatever the user's matplotlibrc says; labels in scripts that no font has are no error."""
    with matplotlib.style.context(["default", _RC]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def styled(draw: Callable[P, Figure | None]) -> Callable[P, Figure | None]:
    """Run a drawing function under the report's look."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure | None:
        with _look():
            return draw(*args, **kwargs)

    return drawn


def canvas(height: float, rows: int = 1, columns: int = 1, width: float = WIDTH, **grid: Any) -> tuple[Figure, Any]:
    """A figure on the Agg backend and its axes (one, or an array of them); ``height`` in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **grid)


def percent_axis(axis: Any, label: str) -> None:
    """Fractions are drawn, percent is read."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 3):g}"))
    axis.set_label_text(f"{label} (%)")


def legend_above(figure: Figure, axes: Axes, columns: int) -> None:
    """A legend in a strip of its own over the axes, where no data can be."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, fontsize=8, columnspacing=1.4)


def ranking_look(ranking: str, index: int) -> tuple[str, str, str]:
    """Colour, marker and line style of a ranking: the same in every figure."""
    return _RANKING_LOOKS.get(ranking) or _OTHER_LOOKS[index % len(_OTHER_LOOKS)]


def png(figure: Figure, dots: int = 144) -> bytes:
    """The figure as PNG, so many ``dots`` per inch, without date or version."""
    out = io.BytesIO()
    with _look():
        _settle(figure)
        figure.savefig(out, format="png", dpi=dots, metadata={"Software": None})
    return out.getvalue()


def svg(figure: Figure, name: str, title: str) -> str:
    """The figure as SVG with its text as text, fit to stand inside a page.

    Args:
        figure: what to write.
        name: put before every id, so that many figures can live in one page.
        title: what assistive software and tooltips call the figure.
    """
    out = io.BytesIO()
    with _look():
        _settle(figure)
        figure.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return _embeddable(ElementTree.fromstring(out.getvalue()), name, title)


def _settle(figure: Figure) -> None:
    """Places found once for both formats: an engine would look for them, and draw all, before each is written."""
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)


def _embeddable(root: ElementTree.Element, name: str, title: str) -> str:
    """Ids made unique; the sheet that would style the whole page and the empty metadata removed; a title."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
                parent.remove(child)
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))
    # All figures of a page are drawn to one scale, so that their letters have one size, also in a narrow window.
    inches = float(root.get("viewBox", "").split()[2]) / 72
    widths = f"min-width:{inches * 4:.1f}rem;max-width:{inches * 6.4:.1f}rem"
    root.set("style", f"stroke-linejoin:round;stroke-linecap:butt;{widths}")
    heading = ElementTree.Element(f"{{{_SVG}}}title")
    heading.text = title
    root.insert(0, heading)
    return ElementTree.tostring(root, encoding="unicode")
