"""The functions of Python source: signature, the first sentence of the documentation, body, and how it branches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)\s")
_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.Assert,
    ast.comprehension,
)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_FORKING = (*_BRANCHES, ast.BoolOp, ast.match_case)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop)
Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """One function or method of a module.

    Attributes:
        signature: its first line without annotations, such as ``def get(self, key, default=None)``.
        summary: the first sentence of its documentation on one line; empty where it has none.
        source: its text without documentation and comments.
        complexity: McCabe's cyclomatic complexity, at least 1.
    """

    name: str
    signature: str
    summary: str
    source: str
    complexity: int


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function of a module, in file order."""
    for node in sorted(_definitions(tree.body), key=lambda node: (node.lineno, node.col_offset)):
        yield Function(node.name, _signature(node), _summary(node), _source(node), complexity(node))


def _definitions(block: Sequence[ast.AST]) -> Iterator[Definition]:
    """All below some statements; expressions, where none can be, are most of a tree, and are left out."""
    for node in block:
        if isinstance(node, Definition):
            yield node
        for name in _BLOCKS:
            yield from _definitions(getattr(node, name, ()))


def complexity(function: ast.AST) -> int:
    """McCabe's cyclomatic complexity (McCabe, 1976): 1, and 1 for each place where the path may fork.

    These are ``if`` (``elif`` and the expression too), ``for``, ``while``, ``except``, ``assert``, each ``for`` and
    ``if`` of a comprehension, each case of a ``match`` that can fail, its guard, and each ``and`` or ``or``.
    """
    forks, waiting = 0, [function]
    while waiting:  # as `ast.walk` does, without its generators, and without the leaves that are most of a tree
        node = waiting.pop()
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [one for one in value if isinstance(one, ast.AST) and not isinstance(one, _LEAVES)]
            elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
                waiting.append(value)
        if isinstance(node, _FORKING):
            forks += isinstance(node, _BRANCHES)
            forks += len(node.ifs) if isinstance(node, ast.comprehension) else 0
            forks += len(node.values) - 1 if isinstance(node, ast.BoolOp) else 0
            forks += _can_fail(node.pattern) + (node.guard is not None) if isinstance(node, ast.match_case) else 0
    return 1 + forks


def _can_fail(pattern: ast.pattern) -> bool:
    """Whether a pattern is anything but ``_`` or a bare name; an alternative fits as soon as one of its parts does."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return False
        case ast.MatchAs(pattern=inner) if inner is not None:
            return _can_fail(inner)
        case ast.MatchOr(patterns=parts):
            return all(map(_can_fail, parts))
        case _:
            return True


def _signature(node: Definition) -> str:
    return f"def {node.name}({ast.unparse(_without_annotations(node.args))})"


def _without_annotations(arguments: ast.arguments) -> ast.arguments:
    def plain(argument: ast.arg | None) -> ast.arg | None:
        return None if argument is None else ast.arg(argument.arg)

    def each(given: list[ast.arg]) -> list[ast.arg]:
        return [ast.arg(argument.arg) for argument in given]

    return ast.arguments(
        posonlyargs=each(arguments.posonlyargs),
        args=each(arguments.args),
        vararg=plain(arguments.vararg),
        kwonlyargs=each(arguments.kwonlyargs),
        kw_defaults=arguments.kw_defaults,
        kwarg=plain(arguments.kwarg),
        defaults=arguments.defaults,
    )


def _summary(node: Definition) -> str:
    text = ast.get_docstring(node) or ""
    paragraph = text.strip().split("\n\n", maxsplit=1)[0]
    return _END.split(" ".join(paragraph.split()), maxsplit=1)[0]


def _source(node: Definition) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    copy = type(node)(**{name: value for name, value in ast.iter_fields(node)})
    copy.body = body or [ast.Pass()]
    copy.decorator_list = []
    return ast.unparse(ast.copy_location(copy, node))
