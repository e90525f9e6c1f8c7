"""What a view of a class is made of, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as fields_of
from typing import Any

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from pydantic import BaseModel

from neurosieve.errors import ConfigError
from neurosieve.markdown import one_line
from neurosieve.report.notebook.markup import block, hint, sentences, table
from neurosieve.report.style import png
from neurosieve.report.wording import plain

Drawing = Callable[..., Figure | None]
Framing = Callable[..., pd.DataFrame]
SHOWN = 30
DOTS = 90  # per inch: figures stay in the notebook's file


@dataclass(frozen=True)
class View:
    """How one class looks.

    Attributes:
        title: in one line.
        rows: heads, then rows of cells, for the table; empty where there is none.
        told: sentences below it.
        figures: name -> what draws it; the first is the usual one.
        frames: name -> what makes it; the first is the usual one.
        left: columns of the table that stand to the left.
    """

    title: Callable[[Any], str]
    rows: Callable[[Any], Sequence[Sequence[str]]]
    told: Callable[[Any], Sequence[str]] = lambda _: ()
    figures: Mapping[str, Drawing] = field(default_factory=dict)
    frames: Mapping[str, Framing] = field(default_factory=dict)
    left: int = 1


Views = Mapping[type, View]


def view_of(value: object, views: Views) -> View:
    """The view of its class or of the nearest one above; else its fields, one a row."""
    found = next((views[kind] for kind in type(value).__mro__ if kind in views), None)
    return found or View(lambda one: type(one).__name__, _fields, frames={"fields": _field_frame})


def html_of(value: object, views: Views) -> str:
    """Title, table, sentences, and what else can be asked for."""
    view = view_of(value, views)
    rows = view.rows(value)
    parts = [table(rows[0], rows[1 : SHOWN + 1], view.left)] if rows else []
    if len(rows) > SHOWN + 1:
        parts.append(Markup("<div>… {} more rows</div>").format(len(rows) - SHOWN - 1))
    return block(view.title(value), *parts, sentences(view.told(value)), hint([*view.figures], [*view.frames]))


def title_of(value: object, views: Views) -> str:
    """The title alone, on one line."""
    return one_line(view_of(value, views).title(value))


class Drawn(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        engine = self.get_layout_engine()
        try:
            return png(self, DOTS)
        finally:
            self.set_layout_engine(engine)  # the reader may draw more on it


def plot_of(value: object, views: Views, name: str | None, options: Mapping[str, Any]) -> Figure:
    """See `neurosieve.showing.Shown.plot`."""
    figures = view_of(value, views).figures
    drawn: Figure | None = _chosen(value, "figure", figures, name)(value, **options)
    if drawn is None:
        raise ConfigError(f"This {type(value).__name__} lacks what the figure {name or next(iter(figures))!r} shows.")
    if not hasattr(drawn, "_repr_png_"):
        drawn.__class__ = Drawn
    return drawn


def frame_of(value: object, views: Views, name: str | None, options: Mapping[str, Any]) -> pd.DataFrame:
    """See `neurosieve.showing.Shown.frame`."""
    made: pd.DataFrame = _chosen(value, "table", view_of(value, views).frames, name)(value, **options)
    return made


def _chosen(value: object, what: str, offered: Mapping[str, Any], name: str | None) -> Any:
    kind = type(value).__name__
    if not offered:
        raise ConfigError(f"{kind} has no {what}.")
    if name is not None and name not in offered:
        raise ConfigError(f"{kind} has no {what} {name!r}; there are {', '.join(map(repr, offered))}.")
    return offered[name] if name is not None else next(iter(offered.values()))


def _pairs(value: object) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name)) for name in type(value).model_fields]
    if is_dataclass(value):
        return [(one.name, getattr(value, one.name)) for one in fields_of(value)]
    return []


def _fields(value: object) -> list[list[str]]:
    return [["field", "value"], *([name, plain(str(one), 100)] for name, one in _pairs(value))]


def _field_frame(value: object) -> pd.DataFrame:
    return pd.DataFrame([dict(_pairs(value))])
