"""Lines and tables for terminals: how wide they are, and that nothing is lost where there is room."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.terminal import WIDEST, aligned, bullets, fitted, line_width, wrapped

WIDE = "品詞タグ付け"
TEXT = st.text(st.sampled_from("ab 品詞タ付é%[,]12"), max_size=60)


def columns(text: str) -> int:
    """An independent count: East Asian wide and full-width characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def test_wide_characters_take_two_columns():
    assert columns(fitted(WIDE, 7)) <= 7
    assert fitted(WIDE, 7).endswith("…")
    assert fitted(WIDE, 12) == WIDE
    assert fitted("chunk", 5) == "chunk"


@given(st.text(st.sampled_from("ab 品詞,.%[]12"), max_size=200), st.integers(20, 90))
def test_wrapped_lines_fit_and_lose_no_word(text, width):
    lines = wrapped(text, width, "- ", "  ")
    assert max(map(columns, lines)) <= width
    assert "".join("".join(lines)[2:].split()) == "".join(text.split())


def test_intervals_and_percents_stay_together():
    said = "It reaches 93.1 % [92.8, 93.4] on test, and −1.7 points [−2.0, 0.0] less."
    for width in range(20, 80):
        for line in wrapped(said, width):
            assert line.count("[") == line.count("]")
            assert not line.startswith("%")


def test_bullets_hang_behind_their_dash():
    lines = bullets(["one two three four five", "six"], 20)
    assert lines == ["- one two three four", "  five", "- six"]


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5), st.integers(30, 80))
def test_tables_fit(rows, width):
    assert max(map(columns, aligned(rows, width))) <= width


def test_columns_stand_under_each_other_whatever_the_script():
    lines = aligned([["task", "neurons"], [WIDE, "12"], ["chunk", "2,688"]])
    assert len({columns(line) for line in lines}) == 1
    assert lines[2].split() == ["chunk", "2,688"]


def test_only_the_widest_columns_are_cut():
    first, second = aligned([["x" * 100, "y" * 100, "12.5 %"], ["a", "b", "100.0 %"]], 60)
    assert first.endswith("12.5 %")
    assert second.endswith("100.0 %")
    assert first.count("…") == 2


@pytest.mark.parametrize(("asked", "given"), [("72", 72), ("500", WIDEST), ("3", 20)])
def test_the_terminal_says_how_wide_it_is(monkeypatch, asked, given):
    monkeypatch.setenv("COLUMNS", asked)
    assert line_width() == given


def test_control_characters_stay_out():
    assert "\x1b" not in "".join([*wrapped("a \x1b[31m b"), *aligned([["\x1b[31m", "b"]])])
