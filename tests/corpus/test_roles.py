from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from neurosieve.corpus import Sentence
from neurosieve.corpus.roles import MAX_STRING, MAX_TOKENS, ROLES, role_sentences


def lines_of(source: str) -> list[Sentence]:
    source = dedent(source)
    return list(role_sentences(ast.parse(source), source))


def roles_of(source: str) -> dict[str, str]:
    """The role of each word, of which there must be one."""
    found: dict[str, set[str]] = {}
    for line in lines_of(source):
        for word, label in zip(line.words, line.labels or (), strict=True):
            found.setdefault(word, set()).add(label)
    assert all(len(roles) == 1 for roles in found.values()), found
    return {word: next(iter(roles)) for word, roles in found.items()}


def pairs(source: str) -> list[tuple[str, str]]:
    (line,) = lines_of(source)
    return list(zip(line.words, line.labels or (), strict=True))


def test_a_function() -> None:
    head, body = lines_of(
        """
        async def area(width: int, *rest, scale=1.5, **more) -> float:
            '''A docstring is no line of its own.'''
            return width * rest @ more  # a comment
        """
    )
    assert list(zip(head.words, head.labels or (), strict=True)) == [
        ("async", "keyword"), ("def", "keyword"), ("area", "function-def"), ("(", "delimiter"),
        ("width", "parameter"), (":", "delimiter"), ("int", "builtin"), (",", "delimiter"),
        ("*", "operator"), ("rest", "parameter"), (",", "delimiter"),
        ("scale", "parameter"), ("=", "operator"), ("1.5", "number"), (",", "delimiter"),
        ("**", "operator"), ("more", "parameter"), (")", "delimiter"), ("->", "delimiter"), ("float", "builtin"),
        (":", "delimiter"),
    ]  # fmt: skip
    assert body.words == ("return", "width", "*", "rest", "@", "more")
    assert body.labels == ("keyword", "variable", "operator", "variable", "operator", "variable")


def test_classes_decorators_and_imports() -> None:
    assert roles_of(
        """
        import os.path as place
        from . import data
        from re import (compile as make, sub)

        @decorate(level=2)
        class Shape(Base, metaclass=Meta):
            pass
        """
    ) == {
        **dict.fromkeys(["import", "from", "as", "class", "pass"], "keyword"),
        **dict.fromkeys(["os", "path", "place", "data", "re", "compile", "make", "sub"], "import"),
        **dict.fromkeys([".", "(", ")", ",", ":", "@"], "delimiter"),
        **dict.fromkeys(["Base", "Meta"], "variable"),
        **dict.fromkeys(["level", "metaclass"], "keyword-argument"),
        "decorate": "call", "Shape": "class-def", "=": "operator", "2": "number",
    }  # fmt: skip


def test_a_call_chain() -> None:
    assert pairs("a.b(c, d=e)[0].f = g(h)\n") == [
        ("a", "variable"), (".", "delimiter"), ("b", "method"), ("(", "delimiter"), ("c", "variable"),
        (",", "delimiter"), ("d", "keyword-argument"), ("=", "operator"), ("e", "variable"), (")", "delimiter"),
        ("[", "delimiter"), ("0", "number"), ("]", "delimiter"), (".", "delimiter"), ("f", "attribute"),
        ("=", "operator"), ("g", "call"), ("(", "delimiter"), ("h", "variable"), (")", "delimiter"),
    ]  # fmt: skip


def test_positions_after_characters_of_many_bytes() -> None:
    assert dict(pairs("é['ü👩'].ñandú(len(ß), ø=True)\n")) == {
        "é": "variable", "[": "delimiter", "'ü👩'": "string", "]": "delimiter", ".": "delimiter", "ñandú": "method",
        "(": "delimiter", "len": "builtin", "ß": "variable", ")": "delimiter", ",": "delimiter",
        "ø": "keyword-argument", "=": "operator", "True": "constant",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ("type(x)", "builtin"),
        ("type = 1\nprint(type)", "variable"),
        ("def f(a, type):\n    g(type)", "variable"),
        ("def f():\n    type = 1\ng(type)", "builtin"),
        ("def f():\n    global type\n    type = 1\ng(type)", "variable"),
        ("def f():\n    for type in y: pass\n    def h(): g(type)", "variable"),
        ("class A:\n    type = 1\n    def m(self): g(type)", "builtin"),
        ("class A:\n    type = 1\n    g(type)", "variable"),
        ("[g(type) for type in y]", "variable"),
        ("[1 for type in y]\ng(type)", "builtin"),
        ("[1 for x in y if (type := x)]\ng(type)", "variable"),
        ("[type for x in g(type)]", "builtin"),
        ("lambda type: g(type)", "variable"),
        ("lambda x=g(type): 1", "builtin"),
        ("from y import type\ng(type)", "variable"),
        ("import type.x\ng(type)", "variable"),
        ("try: pass\nexcept E as type: g(type)", "variable"),
        ("def type(): pass\ng(type)", "variable"),
        ("g(__name__, type, exit)", "builtin"),
    ],
)
def test_a_builtin_is_one_only_where_no_scope_binds_it(source: str, role: str) -> None:
    found = [
        label
        for line in lines_of(source + "\n")
        for before, word, label in zip(("", *line.words), line.words, line.labels or (), strict=False)
        if word == "type" and label in ("builtin", "variable") and before in ("(", "", ",", "[")
    ]
    assert found
    assert found[-1] == role


def test_names_of_shells_and_modules_are_no_builtins() -> None:
    assert roles_of("exit\n__name__\nprint\n") == {"exit": "variable", "__name__": "variable", "print": "builtin"}


def test_soft_keywords_and_patterns() -> None:
    source = """
    match command:
        case Point(x=0, y=first) | [None, *others] if match(case): type = case
        case {'k': _, **rest}: pass
    """
    first, second, third = [list(zip(line.words, line.labels or (), strict=True)) for line in lines_of(source)]
    assert first == [("match", "keyword"), ("command", "variable"), (":", "delimiter")]
    assert second[:3] == [("case", "keyword"), ("Point", "variable"), ("(", "delimiter")]
    assert ("x", "attribute") in second
    assert ("y", "attribute") in second
    assert ("None", "constant") in second
    assert {("first", "variable"), ("others", "variable"), ("case", "variable"), ("match", "call")} <= set(second)
    assert ("rest", "variable") in third


def test_names_without_a_place_in_the_tree() -> None:
    assert roles_of("def f():\n    global a, b\n    try: a\n    except E as error: ...\n") == {
        **dict.fromkeys(["def", "global", "try", "except", "as"], "keyword"),
        **dict.fromkeys(["(", ")", ":", ","], "delimiter"),
        **dict.fromkeys(["a", "b", "E", "error"], "variable"),
        "f": "function-def", "...": "constant",
    }  # fmt: skip


def test_an_f_string_is_one_word_on_every_python() -> None:
    assert pairs("""x = f'{a!r:>{w}} {f"{b}"}' 'c'\n""") == [
        ("x", "variable"), ("=", "operator"), ("""f'{a!r:>{w}} {f"{b}"}'""", "string"), ("'c'", "string"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("literal", "word"),
    [
        ("'" + "a" * 30 + "'", "'" + "a" * 30 + "'"),
        ("'" + "a" * 31 + "'", "'" + "a" * 27 + "...'"),
        ('"""first\nsecond"""', '"""first..."""'),
        ("f'''{a}\n{b}'''", "f'''{a}...'''"),
        ("'ü" + "é" * 40 + "'", "'ü" + "é" * 26 + "...'"),
    ],
)
def test_long_strings_are_cut(literal: str, word: str) -> None:
    (_, _, (found, role)) = pairs(f"x = {literal}\n")
    assert (found, role) == (word, "string")
    assert len(word) <= MAX_STRING


def test_lines_of_strings_and_tables_are_left_out() -> None:
    table = "x = [" + "0, " * MAX_TOKENS + "]"
    assert [line.words for line in lines_of(f"'''Doc.'''\n'a' 'b'\n{table}\npass\n")] == [("pass",)]


def test_every_role_is_declared() -> None:
    assert list(ROLES) == sorted(set(ROLES))
    assert {label for line in lines_of("a = b\nimport c\n") for label in line.labels or ()} <= set(ROLES)
