from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import SentenceBlocks
from neurosieve.moments import moments_of


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=4, max_size=30), st.integers(1, 4), st.integers(1, 9))
def test_blocks_are_whole_sentences_and_add_up_to_the_text(lengths: list[int], n_blocks: int, block_rows: int) -> None:
    groups = np.repeat(np.arange(len(lengths)) * 3, lengths)
    values = np.random.default_rng(len(groups)).normal(size=(len(groups), 2, 3)).astype(np.float32)
    rows = ArrayRows(values, block_rows)
    blocks = SentenceBlocks(rows, groups, n_blocks)
    parts = list(blocks)
    assert len(parts) == len(blocks) == n_blocks
    assert [part.count for part in parts] == np.diff(blocks.ends, prepend=0).tolist()
    for end in blocks.ends[:-1]:
        assert groups[end - 1] != groups[end]
    sentences = np.diff([len(np.unique(groups[:end])) for end in blocks.ends], prepend=0)
    assert sentences.max() - sentences.min() <= 1
    whole, added = moments_of(rows), reduce(add, parts)
    assert added.count == whole.count
    torch.testing.assert_close(added.covariance, whole.covariance, rtol=0, atol=1e-5)
    start = 0
    for part, end in zip(parts, blocks.ends, strict=True):
        expected = values[start:end].reshape(end - start, 6).mean(axis=0)
        np.testing.assert_allclose(part.mean.numpy(), expected, atol=1e-5)
        start = end


def test_they_can_be_made_again() -> None:
    rows = ArrayRows(np.random.default_rng(0).normal(size=(20, 3)))
    blocks = SentenceBlocks(rows, np.arange(20) // 2, 4)
    first, second = list(blocks), list(blocks)
    assert all(torch.equal(a.products, b.products) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("groups", "n_blocks", "message"),
    [
        (np.arange(3), 2, "4 rows came with 3 sentence numbers"),
        (np.array([0, 0, 1, 1]), 3, "2 sentences cannot make 3 blocks"),
        (np.array([0, 0, 1, 1]), 0, "2 sentences cannot make 0 blocks"),
    ],
)
def test_what_makes_no_blocks(groups: np.ndarray, n_blocks: int, message: str) -> None:
    with pytest.raises(ActivationsError, match=message):
        list(SentenceBlocks(ArrayRows(np.zeros((4, 2))), groups, n_blocks))
