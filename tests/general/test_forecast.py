"""Sizes as they are said to people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.general.forecast import size_text, size_texts


def in_bytes(text: str) -> float:
    number, unit = text.replace(",", "").split()
    return float(number) * {"GB": 1e9, "MB": 1e6}[unit]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 MB"),
        (38_400, "0.0384 MB"),
        (810_400_000, "810 MB"),
        (999_499_999, "999 MB"),
        (999_500_001, "1.00 GB"),
        (20 * 10**9, "20.0 GB"),
        (12_345_678_901_234, "12,300 GB"),
    ],
)
def test_a_size_has_three_digits(number: int, text: str) -> None:
    assert size_text(number) == text


@given(st.integers(1, 10**15), st.integers(3, 12))
def test_a_size_is_right_to_its_digits(number: int, digits: int) -> None:
    text = size_text(number, digits)
    assert in_bytes(text) == pytest.approx(number, rel=0.5001 * 10.0 ** (1 - digits))
    assert text.endswith("GB") == (in_bytes(text) >= 1e9)


@pytest.mark.parametrize(
    ("needed", "limit", "texts"),
    [
        (1_040_000_000, 960_000_000, ("1.04 GB", "960 MB")),
        (1_001_000_000, 1_000_000_000, ("1.001 GB", "1.000 GB")),
        (1_000_000_000, 999_999_999, ("1.00000000 GB", "999.999999 MB")),
        (20_000_000_001, 20_000_000_000, ("20.000000001 GB", "20.000000000 GB")),
    ],
)
def test_what_is_too_much_reads_otherwise_than_its_limit(needed: int, limit: int, texts: tuple[str, str]) -> None:
    assert size_texts(needed, limit) == texts


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_what_is_too_much_always_reads_as_more(limit: int, over: int) -> None:
    needed_text, limit_text = size_texts(limit + over, limit)
    assert in_bytes(needed_text) > in_bytes(limit_text)


@given(st.integers(0, 10**15))
def test_even_by_one_byte(limit: int) -> None:
    needed_text, limit_text = size_texts(limit + 1, limit)
    assert in_bytes(needed_text) > in_bytes(limit_text)
