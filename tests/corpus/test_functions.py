from __future__ import annotations

import ast

import pytest

from neurosieve.corpus.functions import Function, complexity, functions


def of(source: str) -> Function:
    (function,) = functions(ast.parse(source))
    return function


@pytest.mark.parametrize(
    ("body", "forks"),
    [
        ("pass", 0),
        ("return a", 0),
        ("if a: b()", 1),
        ("if a: b()\nelse: c()", 1),
        ("if a: b()\nelif c: d()\nelse: e()", 2),
        ("for a in b: c()", 1),
        ("for a in b: c()\nelse: d()", 1),
        ("while a: b()", 1),
        ("while a:\n    if b: break", 2),
        ("with a: b()", 0),
        ("try: a()\nfinally: b()", 0),
        ("try: a()\nexcept B: b()\nexcept (C, D): c()\nelse: d()", 2),
        ("try: a()\nexcept* B: b()", 1),
        ("assert a", 1),
        ("return a and b", 1),
        ("return a and b and c", 2),
        ("return a and (b or not c)", 2),
        ("return a < b < c", 0),
        ("return a if b else c", 1),
        ("return [a for a in b]", 1),
        ("return {a: c for a in b if a if c}", 3),
        ("return {a for a in b for c in a if a or c}", 4),
        ("return any(a for a in b)", 1),
        ("return lambda a: a or b", 1),
        ("match a:\n    case 1: b()\n    case 2: c()", 2),
        ("match a:\n    case 1: b()\n    case _: c()", 1),
        ("match a:\n    case [1, _]: b()\n    case other: c()", 1),
        ("match a:\n    case 1 as b: b()\n    case (_ as c): c()", 1),
        ("match a:\n    case 1 | 2: b()\n    case 3 | _: c()", 1),
        ("match a:\n    case 1 if b: b()\n    case _ if c or d: c()\n    case _: d()", 4),
        ("def inner(a):\n    if a: b()\nreturn inner", 1),
    ],
)
def test_complexity_counted_by_hand(body: str, forks: int) -> None:
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    (definition,) = ast.parse(f"def f(a):\n{indented}\n").body
    assert complexity(definition) == 1 + forks


def test_async_loops_and_comprehensions_fork_too() -> None:
    function = of("async def f(a):\n    async for b in a:\n        c([d async for d in b if d])\n")
    assert function.complexity == 4


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", "def f()"),
        ("self, key: str, default: int = None", "def f(self, key, default=None)"),
        ("a, /, b: int, *c: str, d: float = 1.5, e, **g: bool", "def f(a, /, b, *c, d=1.5, e, **g)"),
        ("a, *, b=(1, 'x')", "def f(a, *, b=(1, 'x'))"),
    ],
)
def test_a_signature_has_no_annotations(parameters: str, expected: str) -> None:
    assert of(f"@decorated\ndef f({parameters}) -> int:\n    pass\n").signature == expected
    assert of(f"async def f({parameters}): pass\n").signature == expected


@pytest.mark.parametrize(
    ("documentation", "expected"),
    [
        ("Return the key.", "Return the key."),
        ("Return the key. Then stop.", "Return the key."),
        ("Return the key,\n    if it\n    has one.  More.\n", "Return the key, if it has one."),
        ("Is it there?  Perhaps.", "Is it there?"),
        ("Version 3.11 of it, e.g. this, i.e. that. More.", "Version 3.11 of it, e.g. this, i.e. that."),
        ("A title\n\n    And a paragraph.", "A title"),
        ("\n    On the second line.\n    ", "On the second line."),
    ],
)
def test_a_summary_is_the_first_sentence_on_one_line(documentation: str, expected: str) -> None:
    assert of(f'def f():\n    """{documentation}"""\n').summary == expected


def test_a_function_without_documentation_has_no_summary() -> None:
    assert of("def f(): pass").summary == ""
    assert of("def f():\n    ''").summary == ""


def test_source_has_neither_documentation_nor_comments_nor_decorators() -> None:
    function = of('@a.b\ndef f(x: int) -> int:\n    """Return it."""\n    # why\n    return (x)  # so\n')
    assert function.source == "def f(x: int) -> int:\n    return x"
    assert of('async def f():\n    """All there is."""\n').source == "async def f():\n    pass"


def test_the_tree_is_left_as_it_was() -> None:
    tree = ast.parse('@a\ndef f(x: int):\n    """Return it."""\n')
    before = ast.dump(tree, include_attributes=True)
    list(functions(tree))
    assert ast.dump(tree, include_attributes=True) == before


def test_functions_come_in_file_order_with_methods_and_inner_ones() -> None:
    source = (
        "def a():\n    def b(): pass\nif x:\n    def c(): pass\nclass D:\n    async def e(self): pass\ndef f(): pass\n"
    )
    assert [function.name for function in functions(ast.parse(source))] == ["a", "b", "c", "e", "f"]
