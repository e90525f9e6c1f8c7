from __future__ import annotations

import torch

from neurosieve.activations.alignment import pool


def test_first_last_and_average_of_one_words_pieces():
    hidden = torch.tensor([[0.0, 0.0], [1.0, 10.0], [2.0, 20.0], [6.0, 60.0], [9.0, 9.0]])
    first, count = torch.tensor([1, 4]), torch.tensor([3, 1])
    assert pool(hidden, first, count, "first").tolist() == [[1, 10], [9, 9]]
    assert pool(hidden, first, count, "last").tolist() == [[6, 60], [9, 9]]
    assert pool(hidden, first, count, "average").tolist() == [[3, 30], [9, 9]]
    assert pool(hidden, first, count).tolist() == [[6, 60], [9, 9]]


def test_pooling_keeps_the_type_and_averages_in_float32():
    hidden = torch.tensor([[256.0], [1.0], [1.0]], dtype=torch.bfloat16)
    average = pool(hidden, torch.tensor([0]), torch.tensor([3]), "average")
    assert average.dtype == torch.bfloat16
    assert average.item() == 86.0
