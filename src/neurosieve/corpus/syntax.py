"""What the parser knows about the names in Python source: a role for each position in the syntax tree.

A name's role comes from the node that stands at its position, never from how it looks: ``type`` is *builtin* only
where no enclosing scope binds it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# By origin: `site` and interactive shells put names of their own into the builtins of a process.
_BUILTINS = frozenset(
    name
    for name, value in vars(builtins).items()
    if getattr(value, "__module__", None) in ("builtins", "_io", "io") or name in ("Ellipsis", "NotImplemented")
)

Position = tuple[int, int]
"""A line, counted from 1, and a column in UTF-8 bytes, counted from 0, as in ``ast``."""


@dataclass
class Roles:
    """The roles of a module's names, by position.

    ``starts`` and ``ends``: the role of the token that starts or ends there; ``names_after``: of the first name after
    it; ``imports``: where an import statement starts, and where it ends.
    """

    starts: dict[Position, str] = field(default_factory=dict)
    ends: dict[Position, str] = field(default_factory=dict)
    names_after: dict[Position, str] = field(default_factory=dict)
    imports: dict[Position, Position] = field(default_factory=dict)


def roles_of(tree: ast.Module) -> Roles:
    """The roles of the names of a module."""
    return _RoleVisitor(tree).roles


class _RoleVisitor(ast.NodeVisitor):
    """Fills in the roles of one module, knowing which names each enclosing scope binds."""

    def __init__(self, tree: ast.Module) -> None:
        self.roles = Roles()
        self._called: set[ast.AST] = set()
        declared = (node.names for node in ast.walk(tree) if isinstance(node, ast.Global))
        self._scopes: list[tuple[bool, set[str]]] = [(False, _bound(tree.body).union(*declared))]
        self.visit(tree)

    def visit_Name(self, node: ast.Name) -> None:
        role = "call" if node in self._called else "variable"
        self.roles.starts[_start(node)] = "builtin" if self._is_builtin(node.id) else role

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.roles.ends[_end(node)] = "method" if node in self._called else "attribute"
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self._called.add(node.func)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg is not None:
            self.roles.starts[_start(node)] = "keyword-argument"
        self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        self.roles.starts[_start(node)] = "parameter"
        if node.annotation is not None:
            self.visit(node.annotation)

    def visit_Constant(self, node: ast.Constant) -> None:
        if node.value is None or node.value is ... or isinstance(node.value, bool):
            self.roles.starts[_start(node)] = "constant"

    def visit_MatchSingleton(self, node: ast.MatchSingleton) -> None:
        self.roles.starts[_start(node)] = "constant"

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """An f-string is one token; positions inside it are not to be trusted before Python 3.12."""

    visit_TemplateStr = visit_JoinedStr  # noqa: N815

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.roles.imports[_start(node)] = _end(node)

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.roles.names_after[_start(node)] = "function-def"
        self._visit_all(node.decorator_list)
        self.visit(node.args)  # annotations and defaults belong to the enclosing scope
        self._visit_all([*([node.returns] if node.returns else []), *getattr(node, "type_params", [])])
        self._visit_inside(node.body, _bound(node.body) | _parameters(node.args))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._visit_inside([node.body], _bound([node.body]) | _parameters(node.args))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.roles.names_after[_start(node)] = "class-def"
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", [])])
        self._visit_inside(node.body, _bound(node.body), is_class=True)

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        outermost = node.generators[0].iter  # evaluated outside
        self.visit(outermost)
        inside = [child for child in _comprehension_parts(node) if child is not outermost]
        self._visit_inside(inside, _bound([generator.target for generator in node.generators]))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension  # noqa: N815

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _visit_inside(self, nodes: Iterable[ast.AST], names: set[str], *, is_class: bool = False) -> None:
        self._scopes.append((is_class, names))
        self._visit_all(nodes)
        self._scopes.pop()

    def _is_builtin(self, name: str) -> bool:
        """Whether no scope in sight binds the name; what a class binds is seen by its own body only."""
        if name not in _BUILTINS:
            return False
        *outer, (_, innermost) = self._scopes
        return name not in innermost and not any(name in names for is_class, names in outer if not is_class)


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that a scope with these nodes binds itself, without what scopes inside it bind."""
    names: set[str] = set()
    stack: list[ast.AST] = list(nodes)
    while stack:
        node = stack.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.alias(name=name, asname=alias):
                names.add(alias or name.partition(".")[0])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                names.update(walrus.target.id for walrus in ast.walk(node) if isinstance(walrus, ast.NamedExpr))
            case _:
                pass
        if not isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(node))
    return names


def _parameters(arguments: ast.arguments) -> set[str]:
    return {node.arg for node in ast.iter_child_nodes(arguments) if isinstance(node, ast.arg)}


def _comprehension_parts(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            yield from ast.iter_child_nodes(child)
        else:
            yield child


def _start(node: ast.stmt | ast.expr | ast.arg | ast.keyword | ast.pattern) -> Position:
    return node.lineno, node.col_offset


def _end(node: ast.stmt | ast.expr) -> Position:
    return node.end_lineno or node.lineno, node.end_col_offset or 0
