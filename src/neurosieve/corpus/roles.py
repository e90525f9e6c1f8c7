"""Code roles: the tokens of Python source, each labelled with the role that the parser gives it.

Names take their role from the syntax tree; what remains (literals, operators, delimiters, keywords) is lexical and
exact. A logical line is a sentence; comments, indentation and lines that are nothing but strings (docstrings) are
left out.
"""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections.abc import Iterable, Iterator
from tokenize import TokenInfo

from neurosieve.corpus.corpus import Sentence
from neurosieve.corpus.syntax import Position, Roles, roles_of

ROLES = (
    "attribute",
    "builtin",
    "call",
    "class-def",
    "constant",
    "delimiter",
    "function-def",
    "import",
    "keyword",
    "keyword-argument",
    "method",
    "number",
    "operator",
    "parameter",
    "string",
    "variable",
)

MAX_TOKENS = 100
"""A logical line with more tokens is a table of data, and is left out."""
MAX_STRING = 32
"""A longer string literal is cut to so many characters: its beginning, an ellipsis, its closing quotes."""

_ELLIPSIS = "..."
_TRIPLE = ('"""', "'''")
_DELIMITERS = frozenset("()[]{},:.;") | {"->"}
_SILENT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})
# From Python 3.12 on an f-string is many tokens (and from 3.14 on a t-string).
_OPENING = frozenset(kind for kind, name in tokenize.tok_name.items() if name in ("FSTRING_START", "TSTRING_START"))
_CLOSING = frozenset(kind for kind, name in tokenize.tok_name.items() if name in ("FSTRING_END", "TSTRING_END"))


def role_sentences(tree: ast.Module, source: str) -> Iterator[Sentence]:
    """The logical lines of a module: words are its tokens (a string literal is one), labels are of ``ROLES``."""
    roles = roles_of(tree)
    lines = source.split("\n")
    for tokens in _logical_lines(source):
        if len(tokens) <= MAX_TOKENS and any(token.type != tokenize.STRING for token in tokens):
            words = tuple(_string(token, lines) if token.type == tokenize.STRING else token.string for token in tokens)
            yield Sentence(words, tuple(_labels(tokens, roles, lines)))


def _logical_lines(source: str) -> Iterator[list[TokenInfo]]:
    tokens: list[TokenInfo] = []
    for token in _whole_strings(tokenize.generate_tokens(io.StringIO(source).readline)):
        if token.type == tokenize.NEWLINE:
            yield tokens
            tokens = []
        elif token.type not in _SILENT:
            tokens.append(token)


def _whole_strings(tokens: Iterable[TokenInfo]) -> Iterator[TokenInfo]:
    """Join all from the opening to the closing quotes of an f-string: one token, as it is in Python 3.11."""
    opened: list[TokenInfo] = []
    for token in tokens:
        if token.type in _OPENING:
            opened.append(token)
        elif token.type in _CLOSING:
            first = opened.pop()
            if not opened:
                yield TokenInfo(tokenize.STRING, token.string, first.start, token.end, first.line)
        elif not opened:
            yield token


def _string(token: TokenInfo, lines: list[str]) -> str:
    """A string literal as it stands in the source, or its beginning and its closing quotes where it is long."""
    (row, column), (last_row, last_column) = token.start, token.end
    is_one_line = row == last_row
    text = lines[row - 1][column : last_column if is_one_line else None]
    if is_one_line and len(text) <= MAX_STRING:
        return text
    closing = token.string[-3:] if token.string.endswith(_TRIPLE) else token.string[-1]
    return text[: MAX_STRING - len(_ELLIPSIS + closing)] + _ELLIPSIS + closing


def _labels(tokens: list[TokenInfo], roles: Roles, lines: list[str]) -> Iterator[str]:
    """The role of each token of one logical line."""
    awaited, import_end = "", (0, 0)
    for place, token in enumerate(tokens):
        start = _position(token.start, lines)
        awaited = roles.names_after.get(start, awaited)
        import_end = roles.imports.get(start, import_end)
        if token.type != tokenize.NAME or keyword.iskeyword(token.string):
            yield roles.starts.get(start) or _lexical_role(token, is_first=place == 0)
        elif start < import_end:
            yield "import"
        elif awaited:
            yield awaited
            awaited = ""
        else:
            known = roles.starts.get(start) or roles.ends.get(_position(token.end, lines))
            yield known or _unplaced_role(tokens, place)


def _lexical_role(token: TokenInfo, *, is_first: bool) -> str:
    """The role of a token that is no name; an ``@`` that begins a line is a decorator's."""
    if token.type == tokenize.OP:
        is_delimiter = token.string in _DELIMITERS or (token.string == "@" and is_first)
        return "delimiter" if is_delimiter else "operator"
    return {tokenize.NAME: "keyword", tokenize.NUMBER: "number", tokenize.STRING: "string"}[token.type]


def _unplaced_role(tokens: list[TokenInfo], place: int) -> str:
    """The role of a name to which the tree gives no position of its own.

    The grammar leaves three: a soft keyword (``match``, ``case``, ``type``) begins its line; a keyword in a class
    pattern stands before ``=``; names that a statement binds or declares (``except ... as``, ``global``, captures).
    """
    if place == 0:
        return "keyword"
    is_class_pattern = place + 1 < len(tokens) and tokens[place + 1].string == "="
    return "attribute" if is_class_pattern else "variable"


def _position(place: Position, lines: list[str]) -> Position:
    """From a column in characters, which ``tokenize`` counts, to one in UTF-8 bytes."""
    row, column = place
    line = lines[row - 1]
    return place if line.isascii() else (row, len(line[:column].encode()))
