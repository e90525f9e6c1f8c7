"""All messages of the package's exceptions, read from its source: ``{messages}`` lists them.

What is filled in when a message is raised is shown as an ellipsis.
"""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import neurosieve
from neurosieve import errors

SOURCE = Path(neurosieve.__file__).parent
CLASSES = [
    name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, errors.NeurosieveError)
]


def raised() -> Iterator[tuple[str, str, str]]:
    """Class, module (seen from the package) and message of all that is raised with a message of its own."""
    for path in sorted(SOURCE.rglob("*.py")):
        module = path.relative_to(SOURCE).with_suffix("").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                message = written(node.exc.args[0])
                if _name(node.exc.func) in CLASSES and any(letter.isalpha() for letter in message):
                    yield _name(node.exc.func), module, message


def written(node: ast.expr) -> str:
    """The text of a message, with an ellipsis for each part that is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(written(value) for value in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return written(node.left) + written(node.right)
    return "…"


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


class Messages(SphinxDirective):
    """``{messages}``."""

    def run(self) -> list[nodes.Node]:
        """A closed box for each class."""
        by_class = defaultdict(list)
        for name, module, message in raised():
            by_class[name].append((module, message))
        found: list[nodes.Node] = []
        for name in sorted(by_class, key=CLASSES.index):
            lines = nodes.bullet_list(classes=["messages"])
            for module, message in by_class[name]:
                text = nodes.paragraph("", "", nodes.Text(message + " "), nodes.literal("", module))
                lines += nodes.list_item("", text)
            summary = f"<details><summary>{name} ({len(by_class[name])})</summary>"
            found += [nodes.raw("", summary, format="html"), lines, nodes.raw("", "</details>", format="html")]
        return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("messages", Messages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
