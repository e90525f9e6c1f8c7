"""Sentences that stand in more than one split: what is learnt from one is no test in the other."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations

from neurosieve.corpus.corpus import Corpus, Example, Sentence

SHOWN = 3


@dataclass(frozen=True)
class Overlap:
    """``count`` distinct sentences stand in both splits; ``examples`` are the first few in the second's order."""

    first: str
    second: str
    count: int
    examples: tuple[str, ...]


def duplicates(corpus: Corpus) -> tuple[Overlap, ...]:
    """Each pair of splits that share sentences: the same words, or the same texts, whatever their labels."""
    found = {name: list(dict.fromkeys(map(_key, split.sentences))) for name, split in corpus.splits.items()}
    overlaps = []
    for first, second in combinations(found, 2):
        seen = set(found[first])
        shared = [key for key in found[second] if key in seen]
        if shared:
            overlaps.append(Overlap(first, second, len(shared), tuple(map(_text, shared[:SHOWN]))))
    return tuple(overlaps)


def _key(item: Sentence | Example) -> tuple[str, ...]:
    return item.words if isinstance(item, Sentence) else ("", *item.texts)


def _text(key: tuple[Hashable, ...]) -> str:
    is_example = key[:1] == ("",)
    return (" | " if is_example else " ").join(map(str, key[1:] if is_example else key))
