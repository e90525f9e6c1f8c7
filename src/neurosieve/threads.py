"""How many threads compute."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

_TOKENIZERS = "RAYON_NUM_THREADS"  # read by the tokenizers when they first work


@contextmanager
def on_threads(threads: int | None) -> Iterator[None]:
    """So many threads inside, of torch, of numpy and SciPy, and of tokenizers; as many as before outside.

    None changes nothing.
    """
    if threads is None:
        yield
        return
    before, tokenizers = torch.get_num_threads(), os.environ.get(_TOKENIZERS)
    torch.set_num_threads(threads)
    os.environ[_TOKENIZERS] = str(threads)
    try:
        with threadpool_limits(threads, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
        if tokenizers is None:
            del os.environ[_TOKENIZERS]
        else:
            os.environ[_TOKENIZERS] = tokenizers
