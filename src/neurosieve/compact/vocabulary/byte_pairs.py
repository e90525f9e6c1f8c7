"""Byte-pair encoding: neighbours are merged in the order in which the merges were learned (GPT-2, RoBERTa, Llama)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from neurosieve.compact.vocabulary.wordpiece import renumbered

BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""A byte that stands for part of a character that is no piece itself."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class BytePairs:
    """The model section of a tokenizer's description.

    Inside a word a piece is merged from its characters exactly as it would be alone: no merge crosses its borders. So
    with the merges that make it, and those that make its parts, it is still found in every word that it was found in.
    """

    model: Mapping[str, Any]

    @cached_property
    def pieces(self) -> dict[str, int]:
        """Piece -> id."""
        return dict(self.model["vocab"])

    @cached_property
    def ranks(self) -> dict[Pair, int]:
        """The merges, each with its place in the order."""
        merges = (merge.split(" ") if isinstance(merge, str) else merge for merge in self.model["merges"])
        return {(first, second): rank for rank, (first, second) in enumerate(merges)}

    @property
    def _prefix(self) -> str:
        return self.model.get("continuing_subword_prefix") or ""

    @property
    def _suffix(self) -> str:
        return self.model.get("end_of_word_suffix") or ""

    def always(self) -> set[int]:
        """The unknown piece, every single character, and bytes."""
        unknown = self.model.get("unk_token")
        return {
            at
            for piece, at in self.pieces.items()
            if piece == unknown or len(self._body(piece)) <= 1 or BYTE.fullmatch(piece)
        }

    def closed(self, kept: set[int]) -> set[int]:
        """The same with all pieces that occur on the way from characters to them."""
        names = {at: piece for piece, at in self.pieces.items()}
        found, waiting = set(kept), [names[at] for at in kept if at in names]
        while waiting:
            for part in self._parts(waiting.pop()):
                if (at := self.pieces[part]) not in found:
                    found.add(at)
                    waiting.append(part)
        return found

    def forms(self, part: str) -> tuple[str, ...]:
        """How a part of a word may be written as a piece."""
        return tuple(before + part + after for before in {"", self._prefix} for after in {"", self._suffix})

    def reduced(self, numbers: Mapping[int, int]) -> dict[str, Any]:
        """The section with the pieces that have a new id, under it, and the merges among them."""
        merges = [
            list(pair)
            for pair in self.ranks
            if all(self.pieces[piece] in numbers for piece in (*pair, self._merged(*pair)))
        ]
        return {**self.model, "vocab": renumbered(self.pieces, numbers), "merges": merges}

    @cached_property
    def _makers(self) -> dict[str, list[Pair]]:
        """The merges that give a piece; several where parts may be joined in another order."""
        makers: dict[str, list[Pair]] = {}
        for pair in self.ranks:
            makers.setdefault(self._merged(*pair), []).append(pair)
        return makers

    def _parts(self, piece: str) -> Pair | tuple[()]:
        """The two pieces that it is merged from; none for a character, or where merges never lead to it."""
        makers = self._makers.get(piece, [])
        if len(makers) < 2:
            return makers[0] if makers else ()
        return self._last_merge(piece)

    def _last_merge(self, piece: str) -> Pair | tuple[()]:
        """Merge the characters of a piece, best rank first and from the left, until two parts are left.

        Costs its length squared.
        """
        parts = self._characters(piece)
        while len(parts) > 2:
            ranked = ((self.ranks[pair], at) for at, pair in enumerate(pairwise(parts)) if pair in self.ranks)
            best = min(ranked, default=None)
            if best is None:
                return ()
            at = best[1]
            parts[at : at + 2] = [self._merged(parts[at], parts[at + 1])]
        pair = (parts[0], parts[-1])
        return pair if len(parts) == 2 and pair in self.ranks else ()

    def _characters(self, piece: str) -> list[str]:
        parts = [self._prefix + char for char in self._body(piece)]
        if self._prefix and not piece.startswith(self._prefix):
            parts[0] = parts[0].removeprefix(self._prefix)
        if self._suffix and piece.endswith(self._suffix):
            parts[-1] += self._suffix
        return parts

    def _body(self, piece: str) -> str:
        return piece.removeprefix(self._prefix).removesuffix(self._suffix)

    def _merged(self, first: str, second: str) -> str:
        return first + second[len(self._prefix) :]
