"""Threads are given back."""

from __future__ import annotations

import os

import pytest
import torch

from neurosieve.threads import on_threads


def test_threads_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    monkeypatch.delenv("RAYON_NUM_THREADS", raising=False)
    with on_threads(3):
        assert (torch.get_num_threads(), os.environ["RAYON_NUM_THREADS"]) == (3, "3")
    assert torch.get_num_threads() == before
    assert "RAYON_NUM_THREADS" not in os.environ
    monkeypatch.setenv("RAYON_NUM_THREADS", "2")
    with on_threads(1), on_threads(None):
        assert (torch.get_num_threads(), os.environ["RAYON_NUM_THREADS"]) == (1, "1")
    assert os.environ["RAYON_NUM_THREADS"] == "2"
    torch.set_num_threads(before)
