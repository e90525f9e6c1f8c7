"""Importing this makes shards small, in every process that is started from here; before the package is imported.

A shard has 16,384 words, and the corpora here have 2,000. The constant is changed in the module's source as it is read,
since other modules take it over when they are imported.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

WORDS = 50
_MODULE, _CONSTANT = "neurosieve.activations.shards", b"\nSHARD_WORDS = 16384\n"


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The module with another constant; never from the cache, and never put there."""
        source = self.get_data(self.path)
        if source.count(_CONSTANT) != 1:
            raise ImportError(f"{self.path} no longer says {_CONSTANT.decode().strip()}")
        return compile(source.replace(_CONSTANT, b"\nSHARD_WORDS = %d\n" % WORDS), self.path, "exec")


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Of this one module."""
        if fullname != _MODULE or not isinstance(path, list):
            return None
        file = str(Path(path[0]) / "shards.py")
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file))


if not any(isinstance(one, _Finder) for one in sys.meta_path):
    if _MODULE in sys.modules:
        raise ImportError("import faults.small_shards before neurosieve")
    sys.meta_path.insert(0, _Finder())
