"""What the package's own code may not do: run what it reads, unpack archives, call anybody."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import neurosieve

SOURCE = Path(neurosieve.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

# Reading these runs what they hold.
RUNS_WHAT_IT_READS = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "runpy"}
UNPACKS = {"tarfile", "zipfile", "gzip", "bz2", "lzma", "zipimport"}
CALLS = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "websockets"}
# Calls by their last names: torch.load, np.load and so on are looked at below.
FORBIDDEN_NAMES = {"eval", "exec", "__import__", "compile"}
FORBIDDEN_METHODS = {"unpack_archive", "extractall", "hub_load", "load_state_dict_from_url"}
FORBIDDEN_CALLS = {"torch.load", "np.load", "numpy.load", "os.system", "os.popen"}
HUB = {  # where a hub id that somebody named is asked for, or pushed to
    "compact/hub.py",
    "activations/loading.py",
    "activations/heads.py",
    "corpus/hub.py",
    "run/finetuning/classifier.py",
}


def modules_of(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found


def calls_of(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_that_is_read_is_run_or_unpacked(path: Path) -> None:
    tree = TREES[path]
    assert not modules_of(tree) & (RUNS_WHAT_IT_READS | UNPACKS | CALLS)
    for call in calls_of(tree):
        name = dotted(call.func)
        assert name not in FORBIDDEN_NAMES, f"line {call.lineno}: {name}"
        assert name.rpartition(".")[2] not in FORBIDDEN_METHODS, f"line {call.lineno}: {name}"
        assert name not in ("torch.load", "np.load", "numpy.load", "os.system", "os.popen"), (
            f"line {call.lineno}: {name}"
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_literal_switches_code_of_others_on(path: Path) -> None:
    for call in calls_of(TREES[path]):
        for given in call.keywords:
            if given.arg in ("trust_remote_code", "allow_pickle", "shell", "weights_only"):
                assert ast.unparse(given.value) != "True", f"line {call.lineno}"
            if given.arg == "use_safetensors":
                assert ast.unparse(given.value) == "True", f"line {call.lineno}"


def test_the_packages_that_reach_out_are_imported_where_a_hub_id_is_read_alone() -> None:
    asking = {
        path.relative_to(SOURCE).as_posix()
        for path, tree in TREES.items()
        if modules_of(tree) & {"huggingface_hub", "datasets"}
    }
    assert asking <= HUB


def test_weights_are_read_from_safetensors_wherever_transformers_reads_them() -> None:
    """Each call that reads weights by name says so, by a keyword or among its options; ``state_dict`` reads no file."""
    reading = {}
    for path, tree in TREES.items():
        for call in calls_of(tree):
            owner, _, method = dotted(call.func).rpartition(".")
            if method == "from_pretrained" and "odel" in owner and owner != "CompactModel":
                reading[path.relative_to(SOURCE).as_posix()] = ast.unparse(call)
    assert set(reading) == {"compact/stored.py", "run/finetuning/classifier.py"}  # all others through `read_part`
    assert "state_dict=tensors" in reading["compact/stored.py"]
    assert "use_safetensors=True" in reading["run/finetuning/classifier.py"]
    for path in ("activations/loading.py", "activations/heads.py"):
        assert "'use_safetensors': True" in ast.unparse(TREES[SOURCE / path])
