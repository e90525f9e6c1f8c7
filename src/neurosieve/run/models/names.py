"""What two models are called: their own names, or labels in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from neurosieve.errors import ConfigError


@dataclass(frozen=True)
class Named:
    """A model and what tables call it."""

    label: str
    model: str

    @classmethod
    def of(cls, text: str) -> Named:
        """From ``minilm``, a folder, a hub id, or ``LABEL=MODEL``; the label of a folder is its name."""
        label, sign, model = text.partition("=")
        return cls(label, model) if sign else cls(Path(text).name or text, text)


def two_named(first: str, second: str) -> tuple[Named, Named]:
    """Two models with labels that differ.

    Raises:
        ConfigError: a label or a model is empty, or both labels are the same.
    """
    both = Named.of(first), Named.of(second)
    for text, one in zip((first, second), both, strict=True):
        if not one.label or not one.model:
            raise ConfigError(f"{text!r} names no model; give a folder, a hub id, `minilm`, or LABEL=MODEL.")
    if both[0].label == both[1].label:
        raise ConfigError(
            f"Both models would be called {both[0].label!r}. Put labels before them, such as "
            f"before={both[0].model} after={both[1].model}."
        )
    return both
