"""What a vocabulary must serve: words, sentences and texts, and the pieces that a tokenizer cuts them into."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.pieces.items import Item, Unit, check_list, read_items
from neurosieve.pieces.tokenization import Segmenter
from neurosieve.pieces.windows import Pieces
from neurosieve.pieces.words import Splitting


class Cut(NamedTuple):
    """The pieces of all words (each first in a sentence, then inside one), of the sentences and of the texts."""

    words: Pieces
    sentences: Pieces
    texts: Pieces

    @property
    def ids(self) -> IntArray:
        """All pieces, flat."""
        return np.concatenate([part.ids for part in self])


@dataclass(frozen=True)
class Material:
    """Text as a model reads it: ``sentences`` where words are labelled, ``texts`` where whole texts are judged."""

    sentences: Sequence[Item] = ()
    texts: Sequence[str] = ()

    @classmethod
    def of(cls, items: Iterable[str | Sequence[str]], units: Collection[Unit], splitting: Splitting) -> Material:
        """What heads of some units would read of items, as `CompactModel.predict` takes them.

        Raises:
            CompactError: an item is of the wrong kind.
        """
        check_list(items)
        given = list(items)
        return cls(
            sentences=list(read_items(given, "words", splitting)) if "words" in units else (),
            texts=list(chain.from_iterable(read_items(given, "texts", None))) if "texts" in units else (),
        )

    @cached_property
    def words(self) -> list[str]:
        """Every word once; of texts what stands between blanks."""
        of_texts = chain.from_iterable(text.split() for text in self.texts)
        return list(dict.fromkeys(chain(chain.from_iterable(self.sentences), of_texts)))

    def cut(self, segmenter: Segmenter) -> Cut:
        """The pieces of everything; a word may be cut otherwise where it opens a sentence, so each is cut both ways."""
        texts = segmenter.cut_texts(self.texts)
        starts = np.cumsum([0, *(len(text) for text in texts)], dtype=np.int64)
        whole = Pieces(np.concatenate([np.empty(0, np.int64), *texts]), starts, np.arange(len(texts) + 1))
        return Cut(segmenter([[word, word] for word in self.words]), segmenter(self.sentences), whole)

    def unlike(self, cut: Cut, other: Cut) -> list[str]:
        """The words and texts whose pieces are not the same in both, each once."""
        words, in_sentences, texts = (_unlike(*pair) for pair in zip(cut, other, strict=True))
        spoken = list(chain.from_iterable(self.sentences)) if len(in_sentences) else []
        return list(
            dict.fromkeys(
                [
                    *(self.words[at // 2] for at in words),
                    *(spoken[at] for at in in_sentences),
                    *(self.texts[at] for at in texts),
                ]
            )
        )


def _unlike(mine: Pieces, theirs: Pieces) -> IntArray:
    """The words whose pieces differ, of two cuts of the same words."""
    alike = mine.per_word == theirs.per_word
    owners = [np.repeat(np.arange(len(alike)), pieces.per_word) for pieces in (mine, theirs)]
    comparable = [alike[owner] for owner in owners]
    differs = mine.ids[comparable[0]] != theirs.ids[comparable[1]]
    return np.union1d(np.flatnonzero(~alike), owners[0][comparable[0]][differs])
