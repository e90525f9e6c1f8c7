from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.pieces.words import as_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat sat on the mat.", "The cat sat on the mat ."),
        ("She can't, won't; he’s \"out\" (now)!", "She can't , won't ; he’s \" out \" ( now ) !"),
        ("a well-known twelve-year-old", "a well-known twelve-year-old"),
        ("$1,000.50 at 10:30 on 3/4/2019, 2.", "$ 1,000.50 at 10:30 on 3/4/2019 , 2 ."),
        ("the 1990s, 2nd, 3D, 10am, v1.2", "the 1990s , 2nd , 3D , 10am , v1.2"),
        ("a--b 'tis it's'", "a - - b ' tis it's '"),
        ("foo_bar=baz", "foo_bar = baz"),
        ("naïve cafe\u0301 東京", "naïve cafe\u0301 東京"),
        ("हिन्दी में लिखा है।", "हिन्दी में लिखा है ।"),
        ("مَرْحَبًا، نمی\u200cخواهم", "مَرْحَبًا ، نمی\u200cخواهم"),
        ("ok 👨\u200d👩\u200d👧 ❤\ufe0f!", "ok 👨\u200d👩\u200d👧 ❤\ufe0f !"),
    ],
)
def test_text_becomes_words_and_signs(text, words):
    assert as_words(text) == words.split(" ")


def test_split_at_spaces_alone():
    assert as_words(" The  cat,\tsat.\n", "space") == ["The", "cat,", "sat."]


def test_words_are_taken_as_they_are():
    given_words = ("a b", "", "c.")
    assert as_words(given_words) == list(given_words)


@given(st.text())
def test_nothing_is_lost_but_white_space(text):
    words = as_words(text)
    assert "".join(words) == "".join(text.split())
    assert all(word and not any(char.isspace() for char in word) for word in words)


@given(st.text())
def test_words_split_again_are_the_same_words(text):
    assert [again for word in as_words(text) for again in as_words(word)] == as_words(text)
