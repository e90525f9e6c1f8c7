"""neurosieve's side of the timed cases: what ``neurosieve run`` does, without the compact model that comes last.

``python -m benchmarks.neurox.ours FOLDER`` analyses the activations in the cache of FOLDER, which ``inputs.py`` filled;
with ``--end-to-end`` it starts from the corpus' files and an empty cache.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.neurox.inputs import CACHE, JOB, settings_of
from benchmarks.neurox.stages import Stages
from benchmarks.worker import answer, timed
from neurosieve.activations import Encoder
from neurosieve.corpus import Corpus
from neurosieve.run.corpora import read_corpus
from neurosieve.run.general import general_redundancy
from neurosieve.run.prepare import Preparation
from neurosieve.run.results import MinimalSet, Sieve, SieveStep, Task
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.task import TaskAnalysis
from neurosieve.run.workers import open_encoder


def begin(settings: RunSettings, watch: Stopwatch) -> tuple[Corpus, Encoder]:
    """Read the corpus and load the model."""
    with watch.stage("read corpus"):
        corpus = read_corpus(settings.tasks[0], settings.seed)
    with watch.stage("load model"):
        return corpus, open_encoder(settings)


def analyse(corpus: Corpus, encoder: Encoder, settings: RunSettings, watch: Stopwatch) -> Task:
    """From the cached activations, or from none, to the sieve: Sections 5 to 7."""
    prepared = Preparation(encoder, settings)(corpus, settings.tasks[0], watch)
    with watch.stage("general redundancy"):
        _, dendrogram = general_redundancy(prepared.data.moments, corpus.name)
    return TaskAnalysis(prepared, settings, watch).run(dendrogram).record


def scores_of(task: Task) -> dict[str, float]:
    """Accuracies and sizes, under the names that the other side uses too; ``minimal`` is the best ranking's set."""
    if task.sieve is None:
        raise ValueError("the run has no sieve")
    ranking = min(task.minimal_set, key=lambda name: len(task.minimal_set[name].neurons))
    minimal: dict[str, MinimalSet | Sieve] = {"minimal": task.minimal_set[ranking]}
    sets = minimal | {"minimal_lca": task.minimal_set["lca"], "sieve": task.sieve}
    found = {"oracle_dev": task.oracle.dev.value, "oracle_test": task.oracle.test.value}
    for name, one in sets.items():
        found |= {f"{name}_dev": one.dev.value, f"{name}_test": one.test.value}
        found[f"{name}_neurons"] = len(one.neurons)
    return found


def facts_of(task: Task, watch: Stopwatch) -> dict[str, Any]:
    """Seconds by stage, and what else came out."""
    stages = Stages()
    for stage in watch.stages:
        stages.found[stage.name] = {"seconds": stage.seconds, "probes": 0, "peak_mb": stage.peak_memory_mb}
    stages.tell()
    kept = {"name", "kept_layers", "kept_neurons", "threshold"}
    return {
        "stages": stages.found,
        "layers": [(one.dev.value, one.test.value) for one in task.layers],
        "prefixes": [(one.dev.value, one.test.value) for one in task.prefixes],
        "sieve": [step.model_dump(include=kept) for step in _steps(task)],
    }


def before_analysis(watch: Stopwatch, end_to_end: bool) -> float:
    """The seconds of the timed part that went into reading and extracting."""
    first = ("read corpus", "load model", "extract") if end_to_end else ("extract",)
    return sum(stage.seconds for stage in watch.stages if stage.name.startswith(first))


def _steps(task: Task) -> list[SieveStep]:
    return [] if task.sieve is None else task.sieve.steps


def main() -> None:
    """Run, tell the stages, answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what inputs.py wrote")
    parser.add_argument("--end-to-end", action="store_true", help="from text: extraction into an empty cache first")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="of the extraction")
    parser.add_argument("--tolerance", type=float, default=0.03, help="of the minimal sets and the sieve")
    parser.add_argument("--protocol", choices=("default", "paper"), default="default")
    given = parser.parse_args()
    job = json.loads((given.folder / JOB).read_text(encoding="utf-8"))
    common = {"dtype": given.dtype, "tolerance": given.tolerance, "protocol": given.protocol}
    watch = Stopwatch()
    if given.end_to_end:
        with tempfile.TemporaryDirectory(dir=given.folder) as empty:
            settings = settings_of(job, given.folder, cache=Path(empty), **common)
            with timed() as timer:
                task = analyse(*begin(settings, watch), settings, watch)
    else:
        settings = settings_of(job, given.folder, cache=given.folder / CACHE, **common)
        corpus, encoder = begin(settings, watch)
        with timed() as timer:
            task = analyse(corpus, encoder, settings, watch)
    scores = scores_of(task) | {"analysis_seconds": timer.seconds - before_analysis(watch, given.end_to_end)}
    answer(timer, scores, facts=facts_of(task, watch))


if __name__ == "__main__":
    main()
