"""Modules of the Python library as trees, and the split that each falls into."""

from __future__ import annotations

import ast
import warnings

from neurosieve.corpus.library import Module, stable_number

SEED = 7361
_TENTHS = (*["train"] * 8, "dev", "test")


def split_of(module: Module) -> str:
    """Train for about eight tenths of the modules, dev and test for a tenth each; the same on every Python version."""
    return _TENTHS[stable_number(f"{SEED}:{module.name}") % len(_TENTHS)]


def parse_quietly(module: Module) -> ast.Module:
    """The syntax tree; warnings about the library's own escapes are not the user's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(module.text)
