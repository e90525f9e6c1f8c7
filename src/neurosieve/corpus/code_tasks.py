"""Two sentence tasks that every installation holds, made from the functions of the Python library.

Modules are split six, two and two tenths: dev decides, and a few hundred rows decide badly. Both texts are short enough
for any encoder to read them whole.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from neurosieve.corpus.corpus import SPLITS, Corpus, Example, Split
from neurosieve.corpus.functions import Function, functions
from neurosieve.corpus.library import Module, documented_modules, library_sources, read_modules, stable_number
from neurosieve.corpus.parsing import EVEN_TENTHS, parse_quietly, split_of
from neurosieve.errors import CorpusError

SUMMARY_WORDS = (4, 20)
SIGNATURE_WORDS = 12
SOURCE_WORDS = (8, 25)  # in a wider range length alone tells more of the complexity, and reading takes longer
MATCHES = {"train": 1500, "dev": 500, "test": 500}
SOURCES = {"train": 1600, "dev": 600, "test": 600}


def docstring_match(limit: int | None = None) -> Corpus:
    """Does this summary belong to this signature? A pair of texts, with the answer "yes" or "no".

    Every summary and every signature occurs once with each answer, so neither says anything alone. No two functions of
    the library share a summary or a signature that occurs here, a wrong signature has another function's name, and no
    summary holds the name of its own function as it is written.

    Args:
        limit: Keep so many examples of train, the first ones.

    Raises:
        CorpusError: the library's source cannot be read or documents too few functions, or the limit is less than 1.
    """
    found = _by_split(_summary_and_signature)
    rows = {}
    for name, described in found.items():
        chosen = _first([function for function in described if not _names_itself(function)], MATCHES[name])
        rows[name] = list(_pairs(chosen))
    return _corpus("docstring-match", rows, limit, ("accuracy", "macro_f1", "f1:yes"))


def function_complexity(limit: int | None = None) -> Corpus:
    """How much does this function branch? Its source, with log2 of its cyclomatic complexity.

    Each source occurs once.

    Args:
        limit: Keep so many examples of train, the first ones.

    Raises:
        CorpusError: the library's source cannot be read, or the limit is less than 1.
    """
    rows = {}
    for name, found in _by_split(_source).items():
        chosen = _first(found, SOURCES[name])
        rows[name] = [Example((function.source,), math.log2(function.complexity)) for function in chosen]
    return _corpus("function-complexity", rows, limit, ("pearson", "spearman", "r2"))


def _corpus(name: str, rows: Mapping[str, Sequence[Example]], limit: int | None, metrics: tuple[str, ...]) -> Corpus:
    if limit is not None and limit < 1:
        raise CorpusError(f"A limit of {limit} examples leaves none of {name}; give at least 1.")
    sources = library_sources(_modules())
    kept = {**rows, "train": rows["train"][:limit]}
    return Corpus(name, {split: Split(tuple(kept[split]), sources) for split in SPLITS}, metrics=metrics)


def _summary_and_signature(function: Function) -> tuple[str, ...]:
    """The texts of a function whose summary is a sentence and whose signature is short; else none."""
    fits = (
        SUMMARY_WORDS[0] <= len(function.summary.split()) <= SUMMARY_WORDS[1]
        and function.summary.endswith(".")
        and len(function.signature.split()) <= SIGNATURE_WORDS
    )
    return (function.summary, function.signature) if fits else ()


def _source(function: Function) -> tuple[str, ...]:
    """The text of a function that is short enough to be read whole; else none."""
    fits = SOURCE_WORDS[0] <= len(function.source.split()) <= SOURCE_WORDS[1]
    return (function.source,) if fits else ()


def _names_itself(function: Function) -> bool:
    return re.search(rf"\b{re.escape(function.name)}\b", function.summary) is not None


def _by_split(texts_of: Callable[[Function], tuple[str, ...]]) -> dict[str, list[Function]]:
    """The functions that have texts, in the modules' order.

    Whatever splits they are in: of functions that have all texts in common the first, of those that share one none.
    """
    owners: dict[tuple[str, ...], tuple[str, Function]] = {}
    for module in _modules():
        for function in _functions_of(module):
            owners.setdefault(texts_of(function), (split_of(module, EVEN_TENTHS), function))
    owners.pop((), None)
    uses = Counter(text for texts in owners for text in texts)
    alone = [owner for texts, owner in owners.items() if all(uses[text] == 1 for text in texts)]
    return {name: [function for split, function in alone if split == name] for name in SPLITS}


@lru_cache(maxsize=1)
def _modules() -> tuple[Module, ...]:
    return read_modules(documented_modules())


@lru_cache(maxsize=4096)
def _functions_of(module: Module) -> tuple[Function, ...]:
    return tuple(functions(parse_quietly(module)))


def _first(found: Sequence[Function], count: int) -> list[Function]:
    """So many of them in an order that no module and no alphabet decides, back in file order."""

    def by_chance(place: int) -> int:
        return stable_number(f"{found[place].signature}|{found[place].source}")

    return [found[place] for place in sorted(sorted(range(len(found)), key=by_chance)[:count])]


def _pairs(chosen: Sequence[Function]) -> Iterator[Example]:
    """Each summary with its own signature, and with that of the function half of all names further on.

    The order by name keeps functions of one name apart: methods called ``update`` do much the same in every class.
    """
    by_name = sorted(chosen, key=lambda function: (function.name, function.signature))
    half = len(chosen) // 2
    others = dict(zip(by_name, [*by_name[half:], *by_name[:half]], strict=True))
    if any(function.name == other.name for function, other in others.items()):
        raise CorpusError("The standard library of this Python documents too few functions to pair summaries wrongly.")
    for function in chosen:
        yield Example((function.summary, function.signature), "yes")
        yield Example((function.summary, others[function].signature), "no")
