"""What both sides of the timed cases start from, written once: the same words, the same dev, the same activations.

``python -m benchmarks.neurox.inputs --data DATA/conll2000 --words 150000 --out FOLDER`` writes, for train, dev and
test, ``SPLIT.npy`` (words × neurons, float32, for the analysis alone), ``SPLIT.txt`` and ``SPLIT.labels.txt`` (a
sentence a line, for extraction), ``labels.npz``, and ``job.json`` last. neurosieve's own cache of the same activations
lies beside.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.neurox.agreement import export_rows
from neurosieve.activations.loading import minilm_folder
from neurosieve.corpus import Split
from neurosieve.corpus.corpus import SPLITS
from neurosieve.run.corpora import read_corpus
from neurosieve.run.prepare import extract_split, items_of, label_rows
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder

JOB = "job.json"
CACHE = "cache"
TASK = "chunk"


def settings_of(job: dict[str, Any], folder: Path, **more: Any) -> RunSettings:
    """The settings of our run on a job's words, with the cache in ``folder`` unless told otherwise."""
    common = {"task": job["task"], "data": job["data"], "limit_train_words": job["words"], "device": "cpu"}
    common["controls"] = False  # the authors' protocol has no control tasks
    return RunSettings(**common | {"out": folder / "run", "cache": folder / CACHE} | more)


def write_text(split: Split, name: str, folder: Path) -> None:
    """A sentence a line, its words and its labels between single blanks: what NeuroX reads.

    Raises:
        ValueError: a word or a label holds white space, which NeuroX would take for two.
    """
    for suffix, lines in (("txt", split.words), ("labels.txt", [one.labels or () for one in split.sentences])):
        if any(len(part.split()) != 1 for line in lines for part in line):
            raise ValueError(f"A word or label of {name} is empty or holds white space; NeuroX cannot read that.")
        text = "".join(" ".join(line) + "\n" for line in lines)
        (folder / f"{name}.{suffix}").write_text(text, encoding="utf-8")


def write(data: Path, words: int, folder: Path) -> None:
    """Extract once, and write all that either side reads; a finished folder of the same job is left as it is."""
    job: dict[str, Any] = {"task": TASK, "data": str(data.resolve()), "words": words}
    done = folder / JOB
    if done.exists() and job.items() <= json.loads(done.read_text(encoding="utf-8")).items():
        return
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(job, folder)
    corpus, encoder = read_corpus(settings.tasks[0], settings.seed), open_encoder(settings)
    labels = {}
    for name in SPLITS:
        store = extract_split(encoder, items_of(corpus.splits[name]), None, settings, Stopwatch())
        labelled = label_rows(corpus, name, store)
        export_rows(labelled.rows, folder / f"{name}.npy")
        labels[name] = labelled.labels.numpy()
        write_text(corpus.splits[name], name, folder)
        job |= {"layers": labelled.rows.grid.layers, "units": labelled.rows.grid.units}
    np.savez(folder / "labels.npz", **labels)
    job |= {"classes": list(corpus.classes), "model": str(minilm_folder()), "seed": settings.seed}
    partial = folder / "job.partial.json"
    partial.write_text(json.dumps(job, indent=1), encoding="utf-8")
    partial.replace(done)


def main() -> None:
    """Read the options and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of CoNLL-2000")
    parser.add_argument("--words", type=int, default=150_000, help="training words; a tenth becomes dev")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(given.data, given.words, given.out)


if __name__ == "__main__":
    main()
