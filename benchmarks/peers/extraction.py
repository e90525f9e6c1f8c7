"""``python -m benchmarks.peers.extraction FOLDER``: NeuroX's extraction to HDF5, and its loader, as published."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

np.int = int  # type: ignore[attr-defined] # a name that numpy has given up and NeuroX 1.0.9 asks for

from neurox.data import loader  # noqa: E402
from neurox.data.extraction import transformers_extractor as extractor  # noqa: E402

from benchmarks.peers.checksum import checksum, scaled  # noqa: E402
from benchmarks.worker import answer, timed  # noqa: E402


def load_before(model: str) -> None:
    """Load the model outside the clock: NeuroX's function finds it loaded."""
    loaded = extractor.get_model_and_tokenizer(model)
    loaded[0].eval()
    extractor.get_model_and_tokenizer = lambda *_, **__: loaded


def main(folder: str) -> None:
    """Time extraction and loading."""
    source, out = Path(folder), Path(tempfile.mkdtemp(dir=folder))
    load_before(str(source / "model"))
    written = str(out / "activations.hdf5")
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere), timed() as timer:
        extractor.extract_representations("loaded", str(source / "sentences.txt"), written, output_type="hdf5")
        extracted = time.monotonic() - timer.start
        activations, _ = loader.load_activations(written)
    first, total = 0, 0.0
    for vectors in activations:
        total += checksum(vectors, np.arange(first, first + len(vectors)))
        first += len(vectors)
    scores = {"extract_seconds": extracted, "load_seconds": timer.seconds - extracted, "words": first}
    scores["words_per_second"] = first / extracted
    answer(timer, scores | {"checksum": scaled(total, first, activations[0].shape[1])})
    shutil.rmtree(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
