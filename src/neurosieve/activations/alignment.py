"""From sub-words to words: a word's vector from the vectors of its pieces."""

from __future__ import annotations

import torch
from torch import Tensor

from neurosieve.pieces.sentences import Aggregation


def pool(hidden: Tensor, first: Tensor, count: Tensor, aggregation: Aggregation = "last") -> Tensor:
    """One vector per word from the rows of its pieces (Section 3.1 takes the last).

    Args:
        hidden: (rows × H), the hidden states of a batch, flattened.
        first: (n,) the row of each word's first piece.
        count: (n,) how many pieces each word has, at least 1.
        aggregation: which piece stands for the word, or their average.

    Returns:
        (n × H), of the type of ``hidden``.
    """
    if aggregation == "first":
        return hidden.index_select(0, first)
    if aggregation == "last":
        return hidden.index_select(0, first + count - 1)
    word = torch.repeat_interleave(torch.arange(len(first), device=first.device), count)
    rows = first[word] + torch.arange(len(word), device=first.device) - (count.cumsum(0) - count)[word]
    total = torch.zeros((len(first), hidden.shape[1]), dtype=torch.float32, device=hidden.device)
    total.index_add_(0, word, hidden.index_select(0, rows).to(torch.float32))
    return (total / count[:, None]).to(hidden.dtype)
