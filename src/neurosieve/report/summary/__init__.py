"""The run in plain sentences, for the top of the page and for the command line.

Every sentence leans on what was measured: scores are test scores with their interval, choices were made on dev, and
what was not reached is said.
"""

from __future__ import annotations

from neurosieve.report.layers import layers_of
from neurosieve.report.summary.caveats import caveats
from neurosieve.report.summary.model import model_sentences, shared_compact
from neurosieve.report.summary.part import Part
from neurosieve.report.summary.task import task_sentences
from neurosieve.report.wording import plain
from neurosieve.run.results import Results

__all__ = ["Part", "summary_parts", "summary_sentences"]


def summary_sentences(results: Results) -> list[str]:
    """What the run found, in plain sentences with numbers and intervals; of several tasks, each names its own."""
    several = len(results.tasks) > 1
    return [
        f"{plain(part.task)}: {sentence}" if several and part.task is not None else sentence
        for part in summary_parts(results)
        for sentence in part.sentences
    ]


def summary_parts(results: Results) -> list[Part]:
    """The same sentences, grouped: the model, each task, what the tasks share, and how sure all this is."""
    layers, shared = layers_of(results.model), results.compact
    parts = [Part("The model", model_sentences(results))]
    for name, task in results.tasks.items():
        in_shared = shared is not None and name in shared.tasks
        parts.append(Part(f"Task {plain(name)}", task_sentences(task, layers, in_shared=in_shared), name))
    if shared is not None:
        parts.append(Part("One compact model for all tasks", [shared_compact(shared, results)]))
    return [*parts, Part("How sure", caveats(results))]
