"""What the machine's rates are called; apart from ``machine.py``, which imports torch."""

from __future__ import annotations


def key(shape: tuple[int, int, int], dtype: str) -> str:
    """The name of a rate, such as "4096x4096x4096 float32"."""
    return f"{'x'.join(map(str, shape))} {dtype}"
