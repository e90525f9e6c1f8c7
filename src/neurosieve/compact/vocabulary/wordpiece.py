"""WordPiece: the longest piece that fits is taken, from left to right (BERT)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WordPiece:
    """The model section of a tokenizer's description.

    The pieces of a word are the longest that fit, so they stay the longest when others go. A word with no such cut,
    which is unknown, may get one when a piece goes; see `inside`.
    """

    model: Mapping[str, Any]

    @property
    def pieces(self) -> dict[str, int]:
        """Piece -> id."""
        return dict(self.model["vocab"])

    def always(self) -> set[int]:
        """The unknown piece, and every single character, at the start of a word and inside one."""
        prefix, unknown = self.model["continuing_subword_prefix"], self.model["unk_token"]
        return {at for piece, at in self.pieces.items() if piece == unknown or len(piece.removeprefix(prefix)) == 1}

    def closed(self, kept: set[int]) -> set[int]:
        """What must stay with some pieces: nothing more."""
        return kept

    def forms(self, part: str) -> tuple[str, ...]:
        """How a part of a word may be written as a piece."""
        return part, self.model["continuing_subword_prefix"] + part

    def reduced(self, numbers: Mapping[int, int]) -> dict[str, Any]:
        """The section with the pieces that have a new id, under it."""
        return {**self.model, "vocab": renumbered(self.pieces, numbers)}


def renumbered(pieces: Mapping[str, int], numbers: Mapping[int, int]) -> dict[str, int]:
    """Piece -> new id of those that have one, ascending."""
    kept = [(numbers[at], piece) for piece, at in pieces.items() if at in numbers]
    return {piece: at for at, piece in sorted(kept)}
