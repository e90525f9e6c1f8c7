"""Spans in BIO-labelled sentences, counted without a loop over the words.

The rules for labels that do not follow one another properly are those of the CoNLL evaluation script (Tjong Kim Sang
and Buchholz, 2000), which seqeval follows too: B begins a span, I is inside, E ends it, S is one of a single word, and
O is outside; L is another name of E, and U of S. So IOB1, IOB2, IOE, IOBES and BILOU are read alike. The type stands
after the prefix (B-NP), in all labels or in none before it (NP-B), or is left out (B).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray

_OUTSIDE, _BEGIN, _INSIDE, _END, _SINGLE = range(5)
_PREFIXES = {"O": _OUTSIDE, "B": _BEGIN, "I": _INSIDE, "E": _END, "L": _END, "S": _SINGLE, "U": _SINGLE}
_PREFIX_FIRST = re.compile("O|([BIELSU])(?:-(.+))?", re.DOTALL)
_TYPE_FIRST = re.compile("O|(?:(.+)-)?([BIELSU])", re.DOTALL)

# Whether a span ends between two labels, and whether one begins there, whatever their types: (before, after).
_ENDS = np.zeros((5, 5), dtype=np.bool_)
_ENDS[[_END, _SINGLE]] = True
_ENDS[np.ix_([_BEGIN, _INSIDE], [_OUTSIDE, _BEGIN, _SINGLE])] = True
_BEGINS = np.zeros((5, 5), dtype=np.bool_)
_BEGINS[:, [_BEGIN, _SINGLE]] = True
_BEGINS[np.ix_([_OUTSIDE, _END, _SINGLE], [_INSIDE, _END])] = True


def is_bio(labels: Iterable[str]) -> bool:
    """Whether labels mark spans.

    Each is O or a prefix (B, I, E, L, S, U), a hyphen and a type, or each is that the other way round, and not all are
    O. Prefixes alone are spans where B and I are among them: S and O may well be subject and object.
    """
    found = set(labels)
    named = any("-" in label for label in found) or {"B", "I"} <= found
    return named and any(all(map(form.fullmatch, found)) for form in (_PREFIX_FIRST, _TYPE_FIRST))


def span_counts(
    labels: NDArray[np.integer], predictions: NDArray[np.integer], sentences: IntArray, classes: Sequence[str]
) -> IntArray:
    """Spans of each sentence: (S × 3) counts of those predicted rightly, predicted, and labelled.

    Args:
        labels: (T,) indices into ``classes``; past their end is a label of its own span, which nobody can predict.
        predictions: (T,) indices into ``classes``.
        sentences: (T,) numbers 0 … S-1, ascending.
        classes: BIO labels, as `is_bio` has them.

    Raises:
        ValueError: a class is no such label.
    """
    prefixes, types = _parsed(classes)
    last = np.append(sentences[1:] != sentences[:-1], True)
    gold = _spans(prefixes[labels], types[labels], last)
    found = _spans(prefixes[predictions], types[predictions], last)
    right = (gold == found) & (gold >= 0) & (types[labels] == types[predictions])
    n = int(sentences[-1]) + 1
    return np.stack([np.bincount(sentences[ends], minlength=n) for ends in (right, found >= 0, gold >= 0)], axis=1)


def _parsed(classes: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Prefix and type of each class as numbers, and after them those of a label that training never saw."""
    prefix_first = all(map(_PREFIX_FIRST.fullmatch, classes))
    split = [_split(label, prefix_first) for label in classes]
    names = {name: number for number, name in enumerate(dict.fromkeys(name for _, name in split))}
    prefixes = [*(_PREFIXES[prefix] for prefix, _ in split), _SINGLE]
    return np.array(prefixes), np.array([*(names[name] for _, name in split), len(names)])


def _split(label: str, prefix_first: bool) -> tuple[str, str]:
    parts = (_PREFIX_FIRST if prefix_first else _TYPE_FIRST).fullmatch(label)
    if parts is None:
        raise ValueError(f"The label {label!r} marks no span; expected O, or labels such as B-NP and I-NP.")
    prefix, name = parts.groups() if prefix_first else parts.groups()[::-1]
    return prefix or "O", name or "_"


def _spans(prefixes: IntArray, types: IntArray, last: NDArray[np.bool_]) -> IntArray:
    """At each word that ends a span the place of its first word, and -1 elsewhere."""
    after = np.where(last, _OUTSIDE, np.append(prefixes[1:], _OUTSIDE))
    before = np.where(np.append(True, last[:-1]), _OUTSIDE, np.append(_OUTSIDE, prefixes[:-1]))
    other_before = np.append(True, (types[1:] != types[:-1]) | last[:-1])
    other_after = np.append(other_before[1:], True)
    begins = _BEGINS[before, prefixes] | ((prefixes != _OUTSIDE) & other_before)
    ends = _ENDS[prefixes, after] | ((prefixes != _OUTSIDE) & other_after)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(prefixes)), -1))
    return np.where(ends, first, -1)
