"""Long text, and what a process has in use."""

from __future__ import annotations

import sys

import pytest
from benchmarks.soak.child import used_bytes
from benchmarks.soak.text import batches, sentences


def test_text_ends_with_the_sentence_that_reaches_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.soak.text.POOL", 300)
    lines = list(sentences(500))
    counts = [len(line.split()) for line in lines]
    assert sum(counts) >= 500 > sum(counts[:-1])
    assert [line for group in batches(500, 7) for line in group] == lines


def test_text_comes_again_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.soak.text.POOL", 50)
    lines = list(sentences(400))
    first = lines[: lines.index(lines[0], 1)]
    assert lines == [first[i % len(first)] for i in range(len(lines))]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc counts it")
def test_a_block_in_use_is_counted() -> None:
    before = used_bytes()
    assert before is not None
    block = bytearray(40_000_000)
    after = used_bytes()
    assert after is not None
    assert 39_000_000 < after - before < 42_000_000
    del block
