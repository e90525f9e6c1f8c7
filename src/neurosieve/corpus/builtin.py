"""Corpora that every installation holds: made at run time from the Python library of the running interpreter.

They depend on the interpreter's version alone: no network, no hash seed, and no library module is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from neurosieve.corpus.corpus import SPLITS, Corpus, Sentence, Split, first_words
from neurosieve.corpus.library import (
    Module,
    documented_modules,
    library_sources,
    read_modules,
    top_level_modules,
)
from neurosieve.corpus.parsing import parse_quietly, split_of
from neurosieve.corpus.prose import docstrings, prose_sentences, topics
from neurosieve.corpus.roles import role_sentences

TOPICS = "pydoc_data.topics"


def code_roles(limit_train_words: int | None = None) -> Corpus:
    """Code roles: the tokens of the library's top-level modules, labelled by the parser (``roles.ROLES``).

    A sentence is a logical line. Splits are by module, about eight tenths of them train, in an order that is stable
    but not the alphabet's; a module is in the same split on every version of Python.

    Args:
        limit_train_words: Keep the first whole lines of train, up to and including the one that reaches or crosses so
            many words.

    Raises:
        CorpusError: the library's source cannot be read, or the limit is less than 1.
    """
    modules = read_modules(top_level_modules())
    sources = library_sources(modules)
    splits = {}
    for name in SPLITS:
        lines = (line for module in modules if split_of(module) == name for line in _lines(module))
        limit = limit_train_words if name == "train" else None
        splits[name] = Split(tuple(lines if limit is None else first_words(lines, limit)), sources)
    return Corpus("code-roles", splits)


def library_prose(max_words: int | None = None) -> Corpus:
    """Unlabelled English prose from the library's documentation, in the split ``train`` alone.

    The text is that of pydoc's topics and of the documentation strings of the library's modules, classes and
    functions; each sentence occurs once.

    Args:
        max_words: Keep the first whole sentences, up to and including the one that reaches or crosses so many words.

    Raises:
        CorpusError: the library's source cannot be read, or ``max_words`` is less than 1.
    """
    modules = read_modules([*documented_modules(), TOPICS])
    found = _distinct(
        sentence for module in modules for text in _documents(module) for sentence in prose_sentences(text)
    )
    sentences = tuple(found if max_words is None else first_words(found, max_words))
    return Corpus("library-prose", {"train": Split(sentences, library_sources(modules))})


def _lines(module: Module) -> Iterator[Sentence]:
    return role_sentences(parse_quietly(module), module.text)


def _documents(module: Module) -> Iterator[str]:
    tree = parse_quietly(module)
    return topics(tree) if module.name == TOPICS else docstrings(tree)


def _distinct(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    seen: set[Sentence] = set()
    for sentence in sentences:
        if sentence not in seen:
            seen.add(sentence)
            yield sentence
