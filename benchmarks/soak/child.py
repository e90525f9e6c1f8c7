"""``python -m benchmarks.soak.child extract|general|corpus SETTINGS``: one job on long text, telling how far it is."""

from __future__ import annotations

import ctypes
import json
import sys
import time
from typing import Any

from neurosieve.activations import load_encoder, plan_extraction
from neurosieve.corpus import read_text
from neurosieve.run.extraction import run_extract
from neurosieve.run.forecast.system import held_bytes
from neurosieve.run.pipeline import run_general
from neurosieve.run.settings import RunSettings

_NAMES = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")

EVERY = 0.02  # seconds between two lines


class Teller:
    """Prints how many words are done."""

    def __init__(self) -> None:
        self._last = 0.0

    def stage(self, name: str) -> None:
        """A new count begins."""
        _say(stage=name)

    def step(self, done: int, total: int) -> None:
        """Not at every batch."""
        if time.monotonic() - self._last > EVERY:
            self._last = time.monotonic()
            _say(done=done, held=held_bytes(), used=used_bytes())

    def note(self, text: str) -> None:
        """Nothing."""


class _Counts(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _NAMES)


def used_bytes() -> int | None:
    """What is in use of the C library's memory, without the holes between; None where it is no glibc since 2.33."""
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo is None:
        return None
    mallinfo.restype = _Counts
    found = mallinfo()
    return int(found.uordblks + found.hblkhd)


def _say(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def corpus(settings: RunSettings) -> None:
    """What words take as Python strings, and once more as pieces."""
    encoder = load_encoder(settings.model, device="cpu")
    plan_extraction(encoder, [("a", "word")])
    before = held_bytes()
    split = read_text(str(settings.text))
    read = held_bytes()
    plan = plan_extraction(encoder, split.words)
    _say(words=split.n_words, text=read - before, plan=held_bytes() - read, missing=int(plan.without_vector.sum()))


def main(what: str, given: str) -> None:
    """Do one job."""
    settings = RunSettings(**json.loads(given))
    if what == "extract":
        run_extract(settings, progress=Teller())
    elif what == "general":
        run_general(settings, progress=Teller())
    else:
        corpus(settings)
    _say(end=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
