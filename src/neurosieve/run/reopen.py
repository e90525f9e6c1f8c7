"""A finished run opened again for a closer look: settings, model, and the activations of its tasks from the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.run.config import load_settings
from neurosieve.run.corpora import read_corpus
from neurosieve.run.pipeline import CONFIG, RESULTS
from neurosieve.run.prepare import Preparation, Prepared
from neurosieve.run.results import Results, Task
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder


@dataclass(frozen=True, eq=False)
class Reopened:
    """A run and what it was made from.

    Attributes:
        folder: of the run.
        settings: those of the run, with ``out`` as the folder lies now.
        results: what it found.
        encoder: its model; the same weights, or `reopen` refuses.
        watch: what is done from now on.
    """

    folder: Path
    settings: RunSettings
    results: Results
    encoder: Encoder
    watch: Stopwatch
    _preparation: Preparation = field(repr=False)
    _prepared: dict[str, Prepared] = field(default_factory=dict, repr=False)

    def task_named(self, name: str | None) -> str:
        """The task of this name; without one the run's first.

        Raises:
            ConfigError: the run has no such task.
        """
        if name is not None and name not in self.results.tasks:
            raise ConfigError(f"The run in {self.folder} has no task {name!r}; it has {', '.join(self.results.tasks)}.")
        return next(iter(self.results.tasks)) if name is None else name

    def prepared(self, name: str) -> Prepared:
        """A task's rows, labels and moments: activations are read from the cache, or made anew where it is gone.

        Raises:
            ConfigError: a file of the corpus is not what it was.
            NeurosieveError: the corpus or the cache cannot be read.
        """
        if name not in self._prepared:
            settings = self._settings_of(name)
            paper = self.settings.protocol == "paper"
            with self.watch.stage("read corpus"):
                corpus = read_corpus(settings, self.settings.seed, published_split=paper)
            found = self._preparation(corpus, settings, self.watch)
            _refuse_another(found.facts.sources, self.results.tasks[name], self.folder)
            self._prepared[name] = found
        return self._prepared[name]

    def kept(self, name: str) -> IntArray:
        """The columns that the sieve of a task kept, in the sieve's order.

        Raises:
            ConfigError: the run made no sieve (`neurosieve task` makes none).
        """
        sieve = self.results.tasks[name].sieve
        if sieve is None:
            raise ConfigError(f"The run in {self.folder} has no sieve for {name}. Make it with `neurosieve run`.")
        return self.encoder.grid.columns(sieve.neurons)

    def _settings_of(self, name: str) -> TaskSettings:
        return next(one for one in self.settings.tasks if one.name == name)


def reopen(
    folder: str | Path,
    *,
    watch: Stopwatch | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
    batch_tokens: int | None = None,
) -> Reopened:
    """Open the folder of a finished run.

    Args:
        folder: what ``--out`` of the run was; it may have been moved.
        watch: is told of the stages.
        cache: where the activations lie, if not where the run left them.
        device: another than the run's.
        batch_tokens: another than the run's.

    Raises:
        ConfigError: it is no folder of a finished run, its files are damaged, or the model's weights have changed.
        NeurosieveError: the model cannot be loaded.
    """
    folder, watch = Path(folder), watch or Stopwatch()
    given = {"out": folder, "cache": cache, "device": device, "batch_tokens": batch_tokens}
    settings = _settings(folder, {name: value for name, value in given.items() if value is not None})
    results = _results(folder)
    with watch.stage("load model"):
        encoder = open_encoder(settings)
    if encoder.fingerprint != results.model.sha256:
        raise ConfigError(
            f"{settings.model} is not the model that the run in {folder} was made with: its weights have another "
            "sha256. Run it again, or restore the model."
        )
    return Reopened(folder, settings, results, encoder, watch, Preparation(encoder, settings))


def _settings(folder: Path, given: Mapping[str, Any]) -> RunSettings:
    path = folder / CONFIG
    if not path.is_file():
        raise ConfigError(f"{folder} is no folder of a run: it has no {CONFIG}. Name the --out of `neurosieve run`.")
    return load_settings(path, **given)


def _results(folder: Path) -> Results:
    path = folder / RESULTS
    if not path.is_file():
        raise ConfigError(f"The run in {folder} has not finished: it has no {RESULTS}. The same command goes on.")
    return Results.read(path)


def _refuse_another(sources: Mapping[str, str], before: Task, folder: Path) -> None:
    changed = sorted(name for name, digest in before.corpus.sources.items() if sources.get(name) != digest)
    if changed:
        raise ConfigError(
            f"{changed[0]} is not the file that the run in {folder} was made with: it has another sha256. Run it "
            "again, or restore the file."
        )
