"""Imports run one way, the root surface stays small, and importing it is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import neurosieve

SOURCE = Path(neurosieve.__file__).parent

# What each room may import from; its own files aside.
GROUND = {"errors", "arrays", "markdown", "metrics", "memory", "showing", "threads", "writing"}
MAY_IMPORT = {
    "errors": set(),
    "memory": set(),
    "threads": set(),
    "writing": set(),
    "markdown": set(),
    "terminal": {"markdown"},
    "showing": set(),
    "bars": set(),
    "engines": {"errors", "threads"},
    "arrays": {"errors"},
    "metrics": {"errors", "arrays"},
    "moments": GROUND | {"engines"},
    "corpus": GROUND,
    "general": GROUND | {"moments"},
    "probes": GROUND | {"engines", "moments"},
    "pieces": {"errors", "showing"},
    "activations": GROUND | {"corpus", "engines", "moments", "pieces"},
    "task_specific": GROUND | {"moments", "probes", "general"},
    "sieve": GROUND | {"moments", "probes", "general", "task_specific"},
    "estimators": GROUND | {"moments", "probes", "general", "task_specific", "sieve"},
    "compact": GROUND | {"activations", "pieces"},
    "runtime": {"errors", "pieces"},
    "export": GROUND | {"activations", "compact", "pieces", "runtime"},
    "run": GROUND
    | {"engines", "pieces", "moments", "corpus", "general", "probes", "activations"}
    | {"task_specific", "sieve", "compact"},
    "published": {"errors"},
    "paper": GROUND
    | {"moments", "corpus", "general", "probes", "activations", "task_specific", "sieve", "compact", "run"},
    "report": {"errors", "markdown", "run", "paper", "published", "terminal", "writing"},
    "report.notebook": {"errors", "markdown", "report", "run", "paper", "pieces"}
    | {"general", "task_specific", "sieve", "compact"},
    "cli": {"engines", "errors", "markdown", "terminal", "pieces", "run", "report", "compact", "paper", "export"},
}
KNOW_TRANSFORMERS = {"activations", "compact", "run"}
FILES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def room_of(path: Path) -> str:
    """The first folder, or the file; what shows the library's own results knows more than the rest of the report."""
    parts = path.relative_to(SOURCE).parts
    return "report.notebook" if parts[:2] == ("report", "notebook") else parts[0].removesuffix(".py")


MODULES = {
    "neurosieve." + ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__") for path in FILES
}


def imported(path: Path) -> list[tuple[str, int]]:
    """Modules that a file imports, with the line; a name imported from a package counts as its module if it is one."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.append((whole if whole in MODULES else str(node.module), node.lineno))
    return found


def test_every_room_is_known() -> None:
    assert {room_of(path) for path in FILES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    for name, line in imported(path):
        parts = name.split(".")
        if name.startswith("neurosieve.report.notebook"):
            assert room == "report.notebook", f"line {line}: only `showing` finds the views, by name"
        if parts[0] == "neurosieve" and len(parts) > 1 and parts[1] != room:
            assert parts[1] in MAY_IMPORT[room], f"line {line}: {room} may not import {name}"
        if parts[0] == "transformers":
            assert room in KNOW_TRANSFORMERS, f"line {line}: {room} must not know transformers"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_import_hides_in_a_function(path: Path) -> None:
    if room_of(path) == "cli":
        return  # its commands load heavy libraries when they run, so that --help is quick
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    hidden = [n.lineno for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert hidden == []


def test_files_of_one_room_do_not_import_in_a_circle() -> None:
    graph = {}
    for path in FILES:
        name = "neurosieve." + ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        graph[name.removesuffix(".__init__")] = {module for module, _ in imported(path)}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name in done or name not in graph:
            return
        for other in graph[name]:
            visit(other, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_the_root_surface_is_small_and_complete() -> None:
    assert len(neurosieve.__all__) <= 12
    for name in neurosieve.__all__:
        assert getattr(neurosieve, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = neurosieve.nothing


@pytest.mark.parametrize(
    "module", ["neurosieve", "neurosieve.cli", "neurosieve.report", "neurosieve.run.results", "neurosieve.runtime"]
)
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'torch', 'transformers'}} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_waits_for_no_numbers() -> None:
    code = "import sys, neurosieve.cli; print(sorted({'numpy', 'tokenizers', 'pydantic', 'pandas'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
