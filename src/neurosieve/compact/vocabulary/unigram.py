"""Unigram: of all ways to cut a word the one with the largest sum of scores is taken (ALBERT, XLNet, XLM-R)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from neurosieve.compact.vocabulary.byte_pairs import BYTE


@dataclass(frozen=True)
class Unigram:
    """The model section of a tokenizer's description.

    The best cut of a word stays the best among fewer. What a character costs that is no piece depends on the least
    score of all, so the piece with that score stays too.
    """

    model: Mapping[str, Any]

    @cached_property
    def pieces(self) -> dict[str, int]:
        """Piece -> id."""
        return {piece: at for at, (piece, _) in enumerate(self.model["vocab"])}

    def always(self) -> set[int]:
        """The unknown piece, every single character, bytes, and the piece with the least score."""
        scores = [score for _, score in self.model["vocab"]]
        short = {at for piece, at in self.pieces.items() if len(piece) <= 1 or BYTE.fullmatch(piece)}
        unknown = self.model.get("unk_id")
        return short | {scores.index(min(scores))} | ({unknown} if unknown is not None else set())

    def closed(self, kept: set[int]) -> set[int]:
        """What must stay with some pieces: nothing more."""
        return kept

    def forms(self, part: str) -> tuple[str, ...]:
        """How a part of a word may be written as a piece."""
        return (part,)

    def reduced(self, numbers: Mapping[int, int]) -> dict[str, Any]:
        """The section with the pieces that have a new id, in their order."""
        unknown = self.model.get("unk_id")
        vocabulary = [entry for at, entry in enumerate(self.model["vocab"]) if at in numbers]
        return {**self.model, "vocab": vocabulary, "unk_id": None if unknown is None else numbers[unknown]}
