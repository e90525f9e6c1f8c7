"""``python -m benchmarks.workers.extraction FOLDER PRECISION``: neurosieve's extraction to disk, and reading it."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.peers.checksum import checksum, scaled
from benchmarks.worker import answer, timed
from neurosieve.activations import Store, extract, load_encoder, plan_extraction
from neurosieve.activations.work import work_of


def check(store: Store) -> float:
    """The checksum of what is on disk."""
    words, rows = np.flatnonzero(~store.missing), store.rows()
    total = sum(checksum(b.dense().numpy(), words[b.start : b.start + len(b)]) for b in rows.blocks())
    return scaled(total, store.n_words, store.grid.size)


def main(folder: str, precision: str) -> None:
    """Time extraction and one reading of all that was written."""
    source = Path(folder)
    sentences = [line.split(" ") for line in (source / "sentences.txt").read_text(encoding="utf-8").splitlines()]
    encoder = load_encoder(source / "model", device="cpu", dtype="bfloat16" if precision == "bfloat16" else "float32")
    work = work_of(encoder, plan_extraction(encoder, sentences))
    out = Path(tempfile.mkdtemp(dir=source))
    with timed() as timer:
        store = extract(encoder, sentences, out)
        extracted = time.monotonic() - timer.start
        for block in store.rows().blocks():
            block.dense()
    scores = {"extract_seconds": extracted, "load_seconds": timer.seconds - extracted, "words": store.n_words}
    scores |= {"words_per_second": store.n_words / extracted, "padding": work.padded_flops / work.flops - 1.0}
    answer(timer, scores | {"checksum": check(store)}, flops=work.flops, precision=precision)
    shutil.rmtree(out)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main(*sys.argv[1:])
