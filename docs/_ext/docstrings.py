"""Docstrings are written to be read in an editor; what reStructuredText would take otherwise is escaped here.

|r| is an absolute value and no substitution, `name` is code, and a table or a tree of a module stays as it was set.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

CODE = re.compile(r"(``.+?``|(?<![`:\w])`[^`]+`(?![`_]))")
SET = re.compile(r"^(\w+ {2,}\S| {4}\S)")


def escaped(line: str) -> str:
    """A line with its code as code and its bars as bars."""
    parts = CODE.split(line)
    return "".join(
        f"``{part.strip('`')}``" if part.startswith("`") else part.replace("|", r"\|") for part in parts if part
    )


def as_set(lines: list[str]) -> list[str]:
    """The lines of a module with paragraphs that are set in columns as blocks."""
    shown: list[str] = []
    inside = False
    for number, line in enumerate(lines):
        starts = number > 0 and not lines[number - 1].strip()
        if starts and SET.match(line) and not inside:
            inside = True
            shown += ["::", ""]
        elif starts and line.strip():
            inside = False
        shown.append(f"    {line}" if inside and line.strip() else line)
    return shown


def process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Change the lines of one docstring in place."""
    if what == "module":
        whole = as_set(lines)
        blocks = [line.startswith("    ") for line in whole]
        lines[:] = [line if block else escaped(line) for line, block in zip(whole, blocks, strict=True)]
    else:
        lines[:] = [escaped(line) for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect after napoleon has read the sections."""
    app.connect("autodoc-process-docstring", process, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
