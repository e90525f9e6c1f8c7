"""The pieces that could cut a word: with all of them kept, it is cut as before."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer

from neurosieve.compact.vocabulary.kinds import Kind


def pieces_inside(words: Iterable[str], backend: Tokenizer, kind: Kind) -> set[int]:
    """The ids of all pieces that occur in words or texts, at their start and inside, as the tokenizer spells them.

    Costs the words' characters times the longest piece.
    """
    pieces = kind.pieces
    longest = max(map(len, pieces), default=0)
    found: set[int] = set()
    for spelled in {spelled for word in words for spelled in _spelled(word, backend)}:
        parts = {spelled[i:j] for i in range(len(spelled)) for j in range(i + 1, min(len(spelled), i + longest) + 1)}
        found |= {pieces[form] for part in parts for form in kind.forms(part) if form in pieces}
    return found


def _spelled(word: str, backend: Tokenizer) -> Iterable[str]:
    """A word in the letters of the pieces, alone and after a space; longer texts in several parts."""
    for text in (word, f" {word}"):
        normal = text if backend.normalizer is None else backend.normalizer.normalize_str(text)
        if backend.pre_tokenizer is None:
            yield normal
        else:
            yield from (part for part, _ in backend.pre_tokenizer.pre_tokenize_str(normal))
