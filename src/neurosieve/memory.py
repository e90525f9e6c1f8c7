"""Memory: what the C library keeps of what was freed, and how much algorithms may hold at a time.

What a batch frees stays with the process for the next batch, and goes back to the system after the last. Freed memory
lies in holes between what is still in use; a stage that needs more than any hole has would take new memory on top of
them.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass

import numpy as np

_BYTES = 31 << 20  # glibc learns from blocks of at most 32 MiB


def keep_freed_memory() -> None:
    """Let the C library keep up to 62 MiB of freed memory instead of giving it back to the system; costs microseconds.

    glibc gives back what is free at the top of its heap once it is more than twice the largest block that it ever
    mapped by itself and saw freed. The hidden states of a batch are more than that, and would be mapped and zeroed
    anew, page by page, for every batch: for MiniLM 6 to 8 % of the time on two cores. So one large block is asked for,
    never touched, and freed. Other C libraries, and a glibc that was told its limits (``MALLOC_TRIM_THRESHOLD_``), take
    no notice.
    """
    np.empty(_BYTES, dtype=np.uint8)


def give_back_memory() -> None:
    """Give back to the system what is free anywhere in the C library's heap, where it is glibc; costs milliseconds.

    Freed hidden states lie between blocks that are still in use and so stay: 0.4 to 0.6 GB after MiniLM has read
    200,000 words, which the analysis would otherwise carry along.
    """
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def remember_few_kernels() -> None:
    """Let oneDNN keep 64 of the kernels that it makes, not 1,024: one for every shape of a bfloat16 product.

    Batches have many shapes that hardly come again, and every kernel has memory of its own: 0.3 GB after 200,000 words
    with MiniLM. Takes effect if no product of this process has gone through oneDNN, and if nobody set another number.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


@dataclass(frozen=True)
class Room:
    """How much may be held at a time beside what cannot be done without.

    Less room takes more passes over the rows, and changes results by no more than rounding.

    Attributes:
        shards: of activations in memory: one in the making, and those that wait to be written.
        live_words: of a shard that is computed to be read once, and never written.
        block_rows: rows of a block, in which activations are read.
        rows_at_once: rows whose chosen columns are whitened together for screening.
        probe_bytes: of the probes that share a pass, with what their searches remember; None for all of them.
        held_bytes: of chosen columns that a search keeps in memory, all splits together; wider ones are looked up at
            every pass. None for any number.
        tilewise: r is made cluster by cluster, and no N × N correlation is kept beside the moments.
    """

    shards: int = 2
    live_words: int = 16384
    block_rows: int = 8192
    rows_at_once: int = 4096
    probe_bytes: int | None = None
    held_bytes: int | None = None
    tilewise: bool = False

    def holds(self, size: int) -> bool:
        """Whether chosen columns of so many bytes are kept in memory."""
        return self.held_bytes is None or size <= self.held_bytes
