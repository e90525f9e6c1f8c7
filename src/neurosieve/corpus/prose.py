"""English prose from documentation strings: what reads as sentences, and nothing that reads as code.

Documentation mixes prose with signatures, examples, tables and markup. Paragraphs that hold any of these are dropped
whole, light markup is taken off, and a sentence is kept only if it looks like one: losing a good sentence costs
nothing here, keeping a bad one does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from neurosieve.corpus.corpus import Sentence

MIN_WORDS, MAX_WORDS = 4, 60

# A paragraph with such a line is an example, a grammar, a table, a title or a list of fields.
_CODE_LINE = re.compile(
    r"""^\s*(>>>|\.\.\s|\.\.\.|\$\s|[|+#@%]|[:@]\w+.*:|(from\s\S+\s)?import\s|def\s|class\s\w+[(:])
      |::= | \s{4}\S.*\s{3}\S | [=*~^-]{4,} | \S\s{3,}\S | ->""",
    re.VERBOSE,
)
_SIGNATURE_LINE = re.compile(r"^\s*[\w.]+\(.*\)\s*:?$")
_BULLET = re.compile(r"^\s*(?:[*•-]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+")
_NOTE = re.compile(
    r"^(?:(?:Note|Warning|Caution|Tip|See also|CPython implementation detail"
    r"|(?:Changed|Added|New|Deprecated|Deprecated since) (?:in )?version [\d.]+)(?:[:.]|,\s)\s*)+"
)
_MARKUP = (
    (re.compile(r":(?:\w+:)?\w+:`~?([^`<]+?)(?:\s*<[^`]*>)?`"), r"\1"),
    (re.compile(r"``([^`]+)``"), r'"\1"'),
    (re.compile(r"`([^`']+)[`']"), r'"\1"'),
    (re.compile(r"(?<![\w*])\*{1,2}([A-Za-z][^*]*?)\*{1,2}(?![\w*])"), r"\1"),
    (re.compile(r"\b([A-Za-z]\w*)\(\)"), r"\1"),
    (re.compile("[\u2018\u2019]"), "'"),
    (re.compile("[\u201c\u201d]"), '"'),
    (re.compile(r"\s+"), " "),
)
_BOUNDARY = re.compile(
    r"""(?:(?<=[.!?])|(?<=[.!?]["')]))(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bDr\.)(?<!\b[A-Z]\.)
        \s+(?=["'(]?[A-Z])""",
    re.VERBOSE,
)
_WORD = re.compile(r"\b(?:e\.g\.|i\.e\.|etc\.|vs\.|cf\.)|\w+(?:['.,:-]\w+)*|--+|\.\.\.|[^\w\s]")

_FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being between both but by can could do does
    each else even every for from given had has have how if in into is it its may might more most must no not of on
    only or other over same should since so some such than that the their them then there these they this those to
    under until up used was way were what when where whether which while who will with within without would you your
    """.split()  # noqa: SIM905 (legible as it is)
)
_PLAIN = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_ALLOWED = re.compile(
    r"""[A-Za-z]+(?:['-][A-Za-z]+)*|\d+(?:[.,]\d+)*|[.,;:?!()"'–—]|--|e\.g\.|i\.e\.|etc\.|vs\.|cf\."""
)
_STOPS = frozenset({".", "?", "!", "etc."})
_CAMEL = re.compile(r"[a-z]+[A-Z]")


def docstrings(tree: ast.Module) -> Iterator[str]:
    """The documentation strings of a module, its classes and its functions, in file order."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield text


def topics(tree: ast.Module) -> Iterator[str]:
    """The texts of ``pydoc_data.topics``: the values of its one dictionary, in the order of its keys."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="topics")], value=ast.Dict() as table):
                yield from (text for _, text in sorted(ast.literal_eval(table).items()))
            case _:
                pass


def prose_sentences(document: str) -> Iterator[Sentence]:
    """The sentences of prose in a documentation string, in order, without labels."""
    for paragraph in _paragraphs(document):
        for text in _BOUNDARY.split(paragraph):
            words = tuple(_WORD.findall(_NOTE.sub("", text)))
            if _is_prose(words):
                yield Sentence(words)


def _paragraphs(document: str) -> Iterator[str]:
    """Paragraphs (and items of lists) that hold no code, each on one line, without markup."""
    for block in re.split(r"\n\s*\n", document.expandtabs()):
        if not any(_CODE_LINE.search(line) for line in block.split("\n")):
            yield from _items(block.split("\n"))


def _items(lines: list[str]) -> Iterator[str]:
    """Join lines; a bullet begins an item of its own, a signature ends one."""
    item: list[str] = []
    for line in [*lines, ""]:
        if not line or _BULLET.match(line) or _SIGNATURE_LINE.match(line):
            if item:
                yield _without_markup(" ".join(item))
            item = []
        if not _SIGNATURE_LINE.match(line):
            item.append(_BULLET.sub("", line))


def _without_markup(text: str) -> str:
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return text.strip()


def _is_prose(words: tuple[str, ...]) -> bool:
    """Whether words are an English sentence: well-formed, of plain words, held together by function words."""
    if not MIN_WORDS <= len(words) <= MAX_WORDS or not all(map(_ALLOWED.fullmatch, words)):
        return False
    plain = [word for word in words if _PLAIN.fullmatch(word)]
    n_function = sum(word.lower() in _FUNCTION_WORDS for word in plain)
    return (
        _is_well_formed(words)
        and not any(map(_CAMEL.match, plain))
        and len(plain) >= 0.7 * len(words)
        and n_function >= 0.25 * len(plain)
    )


def _is_well_formed(words: tuple[str, ...]) -> bool:
    """It begins with a capital, its one full stop is at its end, and its brackets and quotes are in pairs."""
    begins = words[0][0].isupper() or (words[0] in ('"', "(") and words[1][0].isupper())
    ends = words[-1] in _STOPS or (words[-1] in ('"', ")") and words[-2] in _STOPS)
    paired = words.count("(") == words.count(")") and words.count('"') % 2 == 0
    misplaced = {".", "?", "!"} & set(words[:-2]) or {":", "--"} & set(words[:3]) or words.count("--") > 2
    doubled = any(first == second and first in ':"' for first, second in pairwise(words))
    return begins and ends and paired and not misplaced and not doubled
