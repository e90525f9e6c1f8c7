"""The templates of all pages: what comes from outside is escaped, and a value that is missing is an error."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from neurosieve.report.tables.cells import Cell
from neurosieve.report.wording import duration, number, plain

_CODE = re.compile(r"`([^`]+)`")
_INTERVAL = re.compile(r"\[[−\d.,]+, [−\d.,]+\]")


def rendered(template: str, **values: Any) -> str:
    """A page from its template."""
    jinja = Environment(
        loader=PackageLoader("neurosieve.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {"cell": cell, "duration": duration, "plain": plain, "unbroken": unbroken, "told": told}
    return jinja.get_template(template).render(**values)


def told(text: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    words, *rest = _CODE.split(unbroken(text))
    parts = [Markup("<code>{}</code>{}").format(code, after) for code, after in zip(rest[::2], rest[1::2], strict=True)]
    return escape(words) + Markup("").join(parts)


def unbroken(text: str) -> str:
    """The same with no line break inside an interval or before a percent sign."""
    text = text.replace(" %", "\u00a0%").replace(" points", "\u00a0points")
    return _INTERVAL.sub(lambda found: found[0].replace(" ", "\u00a0"), text)


def cell(value: Cell, is_setting: bool = False) -> str:
    """A table's cell for reading: four decimals unless it was set, thousands separated, yes and no."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value, 0)
    if isinstance(value, float) and is_setting:
        return f"{value:g}"
    if isinstance(value, float):
        return number(value, 4 if abs(value) < 10 else 1)
    return value
