"""What a batch frees stays with the process, for the next batch."""

from __future__ import annotations

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
