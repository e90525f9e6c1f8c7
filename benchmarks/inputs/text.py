"""``python -m benchmarks.inputs.text DATA WORDS FOLDER``: words of CoNLL-2000 and the bundled model, for extraction.

Writes ``sentences.txt`` (a sentence a line, its words between single blanks) and ``model`` (as `Encoder.save` does),
and ``done`` at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from neurosieve.activations import MINILM, load_encoder
from neurosieve.corpus import load_task


def main(data: str, words: str, folder: str) -> None:
    """Write them."""
    out = Path(folder)
    corpus = load_task("chunk", Path(data) / "conll2000", limit_train_words=int(words), dev_fraction=0.01)
    lines = [" ".join(sentence) for name in ("train", "dev") for sentence in corpus.splits[name].words]
    (out / "sentences.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    load_encoder(MINILM).save(out / "model")
    (out / "done").touch()


if __name__ == "__main__":
    main(*sys.argv[1:])
