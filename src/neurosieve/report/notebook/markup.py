"""Small HTML that takes its colours from the notebook, light or dark; everything that comes in is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from neurosieve.markdown import one_line

_TABLE = "border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.4em 0;background:transparent;color:inherit"
_LINE = "border-bottom:1px solid rgba(128,128,128,.35);padding:.15em .7em;background:transparent"
_QUIET = "opacity:.7;font-size:.9em"


def block(title: str, *parts: Markup) -> str:
    """A titled block."""
    head = Markup("<div><strong>{}</strong></div>").format(one_line(title))
    return str(Markup('<div style="color:inherit;max-width:60em">{}{}</div>').format(head, Markup("").join(parts)))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Markup:
    """Rows under their heads; the first ``left`` columns stand to the left. What is too wide scrolls by itself."""
    lines = [_row("th", heads, left), *(_row("td", row, left) for row in rows)]
    made = Markup('<table style="{}">{}</table>').format(_TABLE, Markup("").join(lines))
    return Markup('<div style="overflow-x:auto">{}</div>').format(made)


def _row(tag: str, cells: Sequence[str], left: int) -> Markup:
    made = [
        Markup('<{0} style="{1};text-align:{2}">{3}</{0}>').format(
            Markup(tag), _LINE, "left" if place < left else "right", one_line(cell)
        )
        for place, cell in enumerate(cells)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(made))


def sentences(told: Sequence[str], heading: str = "What it says") -> Markup:
    """A list that opens on a click."""
    if not told:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(one_line(one)) for one in told)
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(heading, items)


def hint(figures: Sequence[str], tables: Sequence[str]) -> Markup:
    """Which figures and tables there are, so that nobody has to look them up."""
    calls = [
        f"{method}({' | '.join(repr(name) for name in names)})"
        for method, names in ((".plot", figures), (".frame", tables))
        if names
    ]
    return Markup('<div style="{}">{}</div>').format(_QUIET, ", ".join(calls)) if calls else Markup("")


def quiet(text: str) -> Markup:
    """A remark."""
    return Markup('<div style="{}">{}</div>').format(_QUIET, escape(one_line(text)))
