"""The source files of the running interpreter's standard library: a corpus that every installation holds."""

from __future__ import annotations

import hashlib
import platform
import sys
import sysconfig
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from neurosieve.errors import CorpusError

# Tests, applications, tables, and packages that distributions leave out.
_WITHOUT_PROSE = frozenset({
    "__phello__", "distutils", "encodings", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter",
    "turtledemo", "venv",
})  # fmt: skip
_TESTS = frozenset({"test", "tests"})


@dataclass(frozen=True)
class Module:
    """A library module by name, with its source as it lies on disk and as text."""

    name: str
    data: bytes
    text: str


def library_folder() -> Path:
    """Where the standard library lies."""
    return Path(sysconfig.get_path("stdlib"))


def read_modules(names: Iterable[str]) -> tuple[Module, ...]:
    """The modules (dotted names) whose source can be read, in a stable order that is not the alphabet's.

    Raises:
        CorpusError: none can be read.
    """
    wanted = sorted(set(names), key=stable_number)
    found = tuple(module for module in map(_read, wanted) if module is not None)
    if not found:
        raise CorpusError(f"The standard library of this Python has no readable source in {library_folder()}.")
    return found


def top_level_modules() -> list[str]:
    """The standard library's modules that are one file, by name; files that others put beside them are left out."""
    return sorted(path.stem for path in library_folder().glob("*.py") if path.stem in sys.stdlib_module_names)


def documented_modules() -> list[str]:
    """The standard library's modules by dotted name, also those inside packages; not its tests and applications."""
    folder = library_folder()
    packages = [name for name in sys.stdlib_module_names - _WITHOUT_PROSE if (folder / name / "__init__.py").is_file()]
    paths = (path.relative_to(folder).with_suffix("") for name in packages for path in (folder / name).rglob("*.py"))
    return top_level_modules() + sorted(".".join(path.parts) for path in paths if not _TESTS & set(path.parts))


def stable_number(name: str) -> int:
    """A number in 0 .. 2**64 - 1 that depends on the name alone (``hash`` differs between processes)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def library_sources(modules: Iterable[Module]) -> Mapping[str, str]:
    """The sha256 of the names and the bytes of modules together."""
    digest = hashlib.sha256()
    for module in sorted(modules, key=lambda module: module.name):
        digest.update(f"{module.name}\0{len(module.data)}\0".encode() + module.data)
    return {f"python standard library {platform.python_version()}": digest.hexdigest()}


def _read(name: str) -> Module | None:
    path = library_folder().joinpath(*name.split(".")).with_suffix(".py")
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return Module(name, data, data.decode(encoding).replace("\r\n", "\n"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None  # not installed, or not source: the corpus is what can be read
