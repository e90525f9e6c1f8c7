from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from neurosieve.corpus.prose import MAX_WORDS, docstrings, prose_sentences, topics


def prose(document: str) -> list[str]:
    return [" ".join(sentence.words) for sentence in prose_sentences(dedent(document))]


def test_sentences_are_split_and_punctuation_is_apart() -> None:
    assert prose("Don't close the file, e.g. in a loop.  It stays\nas it is for 3.5 seconds (or more of them)!") == [
        "Don't close the file , e.g. in a loop .",
        "It stays as it is for 3.5 seconds ( or more of them ) !",
    ]


def test_markup_is_taken_off() -> None:
    document = "The :meth:`close` method is *never* needed after ``flush`` or `sync', and so it is if you call open()."
    expected = 'The close method is never needed after " flush " or " sync " , and so it is if you call open .'
    assert prose(document) == [expected]


def test_items_and_notes_are_sentences() -> None:
    document = """
    Note: This is what the list holds.
      * The first of the things
        that it can hold.
      2. The second of the things.
    Changed in version 3.1: It is now a list of things.
    """
    assert prose(document) == [
        "This is what the list holds .",
        "The first of the things that it can hold .",
        "The second of the things .",
        "It is now a list of things .",
    ]


@pytest.mark.parametrize(
    "document",
    [
        ">>> The call is in the text.\nThis is what it gives.",
        "The grammar ::= of the rule and this.",
        "open(name, mode)",
        "The title of this one\n*********************",
        "Name      Meaning of it\nThis      That is the one.",
        ":param name: This is the name of the file.",
        "The name is set by x_y = 3 in the file.",
        "this does not begin as a sentence does.",
        "This does not end as a sentence does",
        "This is (not closed in the end.",
        'This is "not closed in the end.',
        "The end. pyc is the end of the name.",
        "x: The name of this is x.",
        "Too short.",
        "Foo bar baz qux quux corge grault garply.",
        "The getName of the name is a method.",
        "It is " + "so " * MAX_WORDS + "long.",
    ],
)
def test_what_is_no_prose_is_dropped(document: str) -> None:
    assert prose(document) == []


def test_docstrings_of_modules_classes_and_functions() -> None:
    tree = ast.parse("'''M'''\nclass A:\n    '''A'''\n    async def f(self):\n        '''F'''\n        'no'\n")
    assert list(docstrings(tree)) == ["M", "A", "F"]


def test_topics_are_read_in_the_order_of_their_keys() -> None:
    assert list(topics(ast.parse("import x\ntopics = {'b': 'two ' 'parts', 'a': 'one'}\n"))) == ["one", "two parts"]
