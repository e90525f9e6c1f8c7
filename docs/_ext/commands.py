"""The reference of the command line, made from the commands themselves: nothing of it is written by hand.

``{command} run`` in a page shows what ``neurosieve run --help`` shows. Every option becomes a target, so that a page
can refer to it as {option}`neurosieve run --tolerance`.
"""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from typer.main import get_command

from neurosieve.cli import app as cli

_NOUNS = {"Path": "path", "int": "number", "float": "number", "str": "text"}
_EXAMPLE = re.compile(r"^(.*):\s+`([^`]* [^`]*)`$")


def commands() -> dict[str, Any]:
    """All commands by name, in the order of ``neurosieve --help``."""
    return dict(get_command(cli).commands)  # type: ignore[attr-defined]


def described(name: str) -> str:
    """A command as markdown: what it does, examples, and its options in the groups of ``--help``."""
    command = commands()[name]
    kinds = annotations(name)
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    parts = [f"```text\nneurosieve {name}{_arguments(shown)} [OPTIONS]\n```", _told(command.help or "")]
    parts.append(f"```{{program}} neurosieve {name}\n```")
    panels: dict[str, list[Any]] = {}
    for parameter in sorted(shown, key=lambda parameter: parameter.param_type_name != "argument"):
        panels.setdefault(_panel(parameter), []).append(parameter)
    for panel, group in panels.items():
        parts.append(f"```{{rubric}} {panel}\n```")
        for one in group:
            parts.append(_argument(one) if one.param_type_name == "argument" else _option(one, kinds[one.name]))
    return "\n\n".join(parts)


def annotations(name: str) -> dict[str, Any]:
    """The types of a command's parameters, as its function declares them."""
    function = next(info.callback for info in cli.registered_commands if info.callback.__name__ == name)
    signature = inspect.signature(function)
    declared = {key: one.annotation for key, one in signature.parameters.items() if not isinstance(one.annotation, str)}
    return get_type_hints(inspect.unwrap(function)) | declared


def _panel(parameter: Any) -> str:
    usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
    return getattr(parameter, "rich_help_panel", None) or usual


def _told(text: str) -> str:
    """A docstring; its examples, one a line there, become blocks."""
    lines = []
    for line in text.strip().splitlines():
        example = _EXAMPLE.match(line.strip())
        lines += ["", f"{example[1]}:", "", "```bash", example[2], "```", ""] if example else [line.strip()]
    return "\n".join(lines)


def _arguments(shown: list[Any]) -> str:
    names = (one for one in shown if one.param_type_name == "argument")
    return "".join(f" {_name(one)}" if one.required else f" [{_name(one)}]" for one in names)


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper()) + ("…" if argument.nargs == -1 else "")


def _argument(argument: Any) -> str:
    return f"{_name(argument)}\n: {_help(argument)}"


def _option(option: Any, kind: Any) -> str:
    value = "" if option.is_flag else f" <{option.metavar or _values(kind)}>"
    spellings = [f"{spelling}{value}" for spelling in option.opts] + list(option.secondary_opts)
    again = " May be given several times." if get_origin(_bare(kind)) is list else ""
    return f"````{{option}} {', '.join(spellings)}\n{_help(option)}{again}\n````"


def _bare(kind: Any) -> Any:
    """The type without ``Annotated`` and without None."""
    if hasattr(kind, "__metadata__"):
        return _bare(kind.__origin__)
    some = [one for one in get_args(kind) if one is not type(None)]
    return _bare(some[0]) if type(None) in get_args(kind) else kind


def _values(kind: Any) -> str:
    """What an option of this type takes: its choices, or a noun."""
    kind = _bare(kind)
    if get_origin(kind) is list:
        return _values(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(one.value) for one in kind)
    return _NOUNS[kind.__name__]


def _help(parameter: Any) -> str:
    told = (parameter.help or "").strip()
    if told and not told.endswith("."):
        told += "."
    if parameter.required:
        return f"{told} Required."
    default = getattr(parameter.default, "value", parameter.default)
    if isinstance(default, bool) and parameter.secondary_opts:
        return f"{told} Default: `{(parameter.opts if default else parameter.secondary_opts)[0]}`."
    if callable(default) or default in (None, False, (), [], "") or type(default).__name__ == "Sentinel":
        return told
    return f"{told} Default: `{default}`."


class Command(SphinxDirective):
    """``{command} NAME``."""

    required_arguments = 1
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """The command's name as an unknown one is an error of the page."""
        name = self.arguments[0]
        if name not in commands():
            raise self.error(f"neurosieve has no command {name!r}.")
        return self.parse_text_to_nodes(described(name))


class Commands(SphinxDirective):
    """``{commands}``: every command with the first sentence of its help."""

    def run(self) -> list[nodes.Node]:
        """A table whose first column leads to the pages."""
        rows = ["| command | does |", "|---|---|"]
        for name, command in commands().items():
            first = (command.help or "").strip().split("\n\n")[0].replace("\n", " ")
            rows.append(f"| [`neurosieve {name}`]({name}.md) | {first} |")
        return self.parse_text_to_nodes("\n".join(rows))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the two directives."""
    app.add_directive("command", Command)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
