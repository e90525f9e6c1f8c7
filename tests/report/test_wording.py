from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.report import wording


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.9312, "93.1 %"),
        (1.0, "100.0 %"),
        (0.99999, "> 99.9 %"),
        (0.9994, "99.9 %"),
        (0.9995, "> 99.9 %"),
        (0.0004, "< 0.1 %"),
        (0.0, "0.0 %"),
        (-0.012, "−1.2 %"),
    ],
)
def test_percent_rounds_honestly(share: float, text: str) -> None:
    assert wording.percent(share) == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_what_is_neither_all_nor_nothing_never_reads_so(share: float) -> None:
    assert wording.percent(share) not in ("100.0 %", "0.0 %")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8424, "0.842"), (1.0, "1.000"), (0.99996, "> 0.999"), (0.9994, "0.999"), (-0.0132, "−0.013"), (-1e-9, "0.000")],
)
def test_a_correlation_that_is_not_perfect_never_reads_one(value: float, text: str) -> None:
    assert wording.decimal(value) == text


@given(st.floats(-1e6, 1e6))
def test_number_has_no_negative_zero_and_reads_back(value: float) -> None:
    text = wording.number(value, 2)
    assert "-" not in text
    assert text != "−0.00"
    assert float(text.replace("−", "-").replace(",", "")) == pytest.approx(value, abs=0.00501)


def test_lists_and_counts() -> None:
    assert wording.consecutive([0, 1, 2, 4, 6, 7]) == [(0, 2), (4, 4), (6, 7)]
    assert wording.consecutive([]) == []
    assert [wording.plural(n, "class") for n in (1, 22)] == ["1 class", "22 classes"]
    assert [wording.plural(n, "word") for n in (1, 1200)] == ["1 word", "1,200 words"]
    assert [wording.duration(s) for s in (9.96, 122.3)] == ["10.0 s", "2 min 2 s"]
    assert [wording.millions(n) for n in (22_565_376, 9_500)] == ["22.6 million", "9,500"]
    assert [wording.tolerance(t) for t in (0.03, 0.005)] == ["3 %", "0.5 %"]


@given(st.text())
def test_plain_is_short_and_can_stand_in_xml(text: str) -> None:
    made = wording.plain(text)
    assert len(made) <= 28
    assert not any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in made)


def test_known_rankings_have_names_and_others_keep_theirs() -> None:
    assert wording.ranking_name("lca") == "LCA"
    assert wording.ranking_name("my_own") == "my own"


def test_slug_is_safe_as_a_file_name() -> None:
    assert wording.slug("../Chunk <b>") == "chunk-b"
    assert wording.slug("名詞") == "task"
