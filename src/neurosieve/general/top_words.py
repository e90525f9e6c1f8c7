"""The words on which neurons are highest and lowest, in their context: what a cluster responds to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from neurosieve.arrays import IntArray, Neuron, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import FloatArray
from neurosieve.general.extremes import Ends, extremes
from neurosieve.general.similarity import BoolArray


@dataclass(frozen=True)
class WordInContext:
    """A word of a sentence (both counted from 0), its neighbours, and a neuron's activation on it."""

    word: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    sentence: int
    position: int
    activation: float


@dataclass(frozen=True)
class WordType:
    """A word, a neuron's mean activation on it, and how often it occurs."""

    word: str
    mean: float
    count: int


@dataclass(frozen=True)
class NeuronWords:
    """A neuron's words, the most extreme first: single occurrences, and word types by their mean activation."""

    neuron: Neuron
    highest: tuple[WordInContext, ...]
    lowest: tuple[WordInContext, ...]
    highest_types: tuple[WordType, ...]
    lowest_types: tuple[WordType, ...]

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class WordPlaces:
    """Which word each of T rows is: ``sentence`` (T,), ``position`` (T,), and its ``type`` (T,), a place in ``types``.

    Types are told apart by their letters as written.
    """

    sentences: Sequence[Sequence[str]]
    sentence: IntArray
    position: IntArray
    type: IntArray
    types: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], keep: BoolArray | None = None) -> WordPlaces:
        """The words of sentences in order; of a text task, each text is a sentence of one word.

        Args:
            sentences: their words.
            keep: (words,) which of them have a row: all without it.

        Raises:
            ActivationsError: ``keep`` is not one for every word.
        """
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        sentence = np.repeat(np.arange(len(sentences), dtype=np.int64), lengths)
        position = np.arange(len(sentence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        words = np.empty(len(sentence), dtype=object)
        words[:] = list(chain.from_iterable(sentences))
        if keep is not None:
            if len(keep) != len(words):
                raise ActivationsError(
                    f"{len(words)} words came with a mask of {len(keep)}; it must say yes or no each."
                )
            sentence, position, words = sentence[keep], position[keep], words[keep]
        codes, types = pd.factorize(words)
        return cls(sentences, sentence, position, codes.astype(np.int64), tuple(types))


def top_words(
    rows: Rows,
    places: WordPlaces,
    columns: Sequence[int] | IntArray,
    *,
    k: int = 10,
    context: int = 5,
    distinct: bool = True,
    least: int = 5,
) -> list[NeuronWords]:
    """For each column, in the order given, its k highest and k lowest words, in one pass over the activations.

    Holds 8 bytes for each column and word type of ``least`` occurrences, and what `extremes` does.

    Args:
        rows: T rows, one a word.
        places: which word each row is.
        columns: of the rows' grid: cluster representatives, members.
        k: how many occurrences, and how many types, at each end.
        context: neighbours given to the left and to the right.
        distinct: each word type at most once in a list of occurrences.
        least: occurrences that a type needs for a mean.

    Raises:
        ActivationsError: there are not as many rows as words, or a value is not finite.
        ValueError: k is less than 1.
    """
    if rows.n_rows != len(places.type):
        raise ActivationsError(
            f"{rows.n_rows} rows of activations came with {len(places.type)} words; tell WordPlaces which words have a "
            "row (keep)."
        )
    chosen = np.asarray(columns, dtype=np.int64)
    found = extremes(rows, chosen, k, types=places.type, distinct=distinct, least=least)
    counts = np.bincount(places.type, minlength=len(places.types))[found.types]
    return [
        NeuronWords(
            neuron,
            _in_context(places, found.highest, index, context),
            _in_context(places, found.lowest, index, context),
            _types(places, found.types, counts, found.means[:, index], k, sign=-1),
            _types(places, found.types, counts, found.means[:, index], k, sign=1),
        )
        for index, neuron in enumerate(rows.grid.neurons(chosen))
    ]


def _in_context(places: WordPlaces, ends: Ends, column: int, context: int) -> tuple[WordInContext, ...]:
    return tuple(
        _word(places, int(row), float(value), context)
        for row, value in zip(ends.rows[:, column], ends.values[:, column], strict=True)
    )


def _word(places: WordPlaces, row: int, activation: float, context: int) -> WordInContext:
    sentence, position = int(places.sentence[row]), int(places.position[row])
    words = places.sentences[sentence]
    left, right = words[max(0, position - context) : position], words[position + 1 : position + 1 + context]
    return WordInContext(words[position], tuple(left), tuple(right), sentence, position, activation)


def _types(
    places: WordPlaces, types: IntArray, counts: IntArray, means: FloatArray, k: int, sign: int
) -> tuple[WordType, ...]:
    """The k types of the largest (sign −1) or smallest means; equal means by first occurrence."""
    order = np.argsort(sign * means, kind="stable")[:k]
    return tuple(WordType(places.types[types[at]], float(means[at]), int(counts[at])) for at in order)
