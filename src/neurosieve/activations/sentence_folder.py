"""Folders of sentence-transformers: a transformer with what is done to its vectors, listed in ``modules.json``.

The transformer is read and the pooling is taken over. Normalising changes no direction and is left out; other modules
(Dense) would make vectors that are no neurons of the transformer: they are left out with a warning.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from neurosieve.errors import ModelError
from neurosieve.pieces.texts import Pooling

MODULES = "modules.json"
_POOLING: dict[str, Pooling] = {"cls": "cls", "mean": "mean", "lasttoken": "last"}
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "lasttoken",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}
_LEFT_OUT_KNOWINGLY = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class SentenceFolder:
    """What such a folder says.

    Attributes:
        folder: where it lies.
        transformer: where in it the transformer lies; "" where that is the folder itself.
        pooling: what stands for a text; None where it does not say, or names a way that is not known here.
    """

    folder: Path
    transformer: str
    pooling: Pooling | None


def read_sentence_folder(folder: Path) -> SentenceFolder | None:
    """What a folder of sentence-transformers says; None where it is none.

    Raises:
        ModelError: its list of modules is damaged, leads out of the folder, or does not begin with a transformer.
    """
    path = folder / MODULES
    if not path.is_file():
        return None
    modules = [(_kind(row, path), _place(folder, row, path)) for row in _rows(path)]
    if not modules or modules[0][0] != "Transformer":
        first = modules[0][0] if modules else "nothing"
        raise ModelError(f"{path} begins with {first}; only models that begin with a Transformer can be read.")
    others = [kind for kind, _ in modules if kind not in _LEFT_OUT_KNOWINGLY]
    if others:
        warnings.warn(
            f"{folder} has modules behind its transformer that are not read ({', '.join(others)}): vectors are those "
            "of the transformer.",
            stacklevel=3,
        )
    pooling = next((_pooling(folder / place / "config.json") for kind, place in modules if kind == "Pooling"), None)
    return SentenceFolder(folder, modules[0][1], pooling)


def _rows(path: Path) -> list[Any]:
    rows = _json(path)
    if not isinstance(rows, list):
        raise ModelError(f"{path} is damaged: it should be a list of modules. Download the model again.")
    return rows


def _kind(row: Any, path: Path) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("type"), str) or not isinstance(row.get("path"), str):
        raise ModelError(f"{path} is damaged: each module should have a type and a path. Download the model again.")
    return str(row["type"]).rpartition(".")[2]


def _place(folder: Path, row: dict[str, Any], path: Path) -> str:
    """The folder of a module, which must be inside: the list comes with the model and is not trusted."""
    given = str(row["path"])
    parts = PurePosixPath(given.replace("\\", "/"))
    inside = (folder / given).resolve()
    if parts.is_absolute() or ".." in parts.parts or ":" in given or not inside.is_relative_to(folder.resolve()):
        raise ModelError(f"{path} names the folder {given!r}, which is not inside {folder}; it is not read.")
    return given


def _pooling(path: Path) -> Pooling | None:
    """The way of pooling; newer folders name it, older ones have a flag for each."""
    if not path.is_file():
        return None
    config = _json(path)
    if not isinstance(config, dict):
        raise ModelError(f"{path} is damaged: it should say how texts are pooled. Download the model again.")
    named = config.get("pooling_mode") or [name for flag, name in _FLAGS.items() if config.get(flag) is True]
    ways = [named] if isinstance(named, str) else list(named)
    found = _POOLING.get(str(ways[0])) if len(ways) == 1 else None
    if found is None and ways:
        warnings.warn(
            f"{path} pools by {' and '.join(map(str, ways))}, which is not done here: where the pooling is 'auto' the "
            "classification token or the mean stands for a text.",
            stacklevel=4,
        )
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). Download the model again.") from error
