"""A tokenizer with fewer pieces under new ids, made the way in which it will be loaded: from its files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from neurosieve.activations.loading import read_part, switch_off_limits
from neurosieve.activations.quiet import quiet
from neurosieve.compact.vocabulary.kinds import Kind

DESCRIPTION = "tokenizer.json"
SETTINGS = "tokenizer_config.json"
_REPEATED = ("vocab.txt", "vocab.json", "merges.txt", "added_tokens.json", "spiece.model", "tokenizer.model")
"""Files that say again what the description says, as it was."""


def rewritten(described: Mapping[str, Any], kind: Kind, numbers: Mapping[int, int]) -> dict[str, Any]:
    """A description with the pieces that have a new id; they have it wherever they are named."""
    added = [{**token, "id": numbers[token["id"]]} for token in described["added_tokens"]]
    around = _around(described["post_processor"], numbers)
    return {**described, "model": kind.reduced(numbers), "added_tokens": added, "post_processor": around}


def _around(processor: Mapping[str, Any] | None, numbers: Mapping[int, int]) -> dict[str, Any] | None:
    """What is put around texts, under new ids."""
    if processor is None:
        return None
    found = dict(processor)
    if "processors" in found:
        found["processors"] = [_around(one, numbers) for one in found["processors"]]
    if "special_tokens" in found:
        found["special_tokens"] = {
            name: {**token, "ids": [numbers[at] for at in token["ids"]]}
            for name, token in found["special_tokens"].items()
        }
    for name in ("cls", "sep"):
        if name in found:
            found[name] = [found[name][0], numbers[found[name][1]]]
    return found


def reloaded(tokenizer: Any, config: Any, described: Mapping[str, Any], numbers: Mapping[int, int]) -> Any:
    """The tokenizer that transformers makes of the files of this one, with another description.

    Some classes build their tokenizer anew from the vocabulary alone, so that only loading tells what it will do.

    Raises:
        ModelError: it does not load.
    """
    with tempfile.TemporaryDirectory() as name, quiet():
        place = Path(name)
        config.save_pretrained(place)  # says which class of tokenizer it is
        tokenizer.save_pretrained(place)
        for file in _REPEATED:
            (place / file).unlink(missing_ok=True)
        (place / DESCRIPTION).write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        _rewrite_settings(place / SETTINGS, numbers)
        options = {"local_files_only": True, "trust_remote_code": False}
        found = read_part("tokenizer", AutoTokenizer, str(place), options)
    found.name_or_path = tokenizer.name_or_path
    switch_off_limits(found)
    return found


def _rewrite_settings(path: Path, numbers: Mapping[int, int]) -> None:
    settings = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(settings.get("unk_id"), int):
        settings["unk_id"] = numbers[settings["unk_id"]]
    if "added_tokens_decoder" in settings:
        known = settings["added_tokens_decoder"].items()
        settings["added_tokens_decoder"] = {str(numbers[int(at)]): token for at, token in known if int(at) in numbers}
    path.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
