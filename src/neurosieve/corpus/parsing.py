"""Modules of the Python library as trees, and the split that each falls into."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from neurosieve.corpus.library import Module, stable_number

SEED = 7361
TENTHS = (*["train"] * 8, "dev", "test")
EVEN_TENTHS = (*["train"] * 6, "dev", "dev", "test", "test")  # where there are few rows, deciding needs more of them


def split_of(module: Module, tenths: Sequence[str] = TENTHS) -> str:
    """The split of about a tenth of all modules each; the same on every Python version."""
    return tenths[stable_number(f"{SEED}:{module.name}") % len(tenths)]


def parse_quietly(module: Module) -> ast.Module:
    """The syntax tree; warnings about the library's own escapes are not the user's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(module.text)
