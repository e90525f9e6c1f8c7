"""What a run's compact model says of its test sentences, read again as the run read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from neurosieve.compact import CompactModel
from neurosieve.corpus import Corpus, Example, Sentence
from neurosieve.errors import ConfigError
from neurosieve.pieces.predictions import NumberPrediction, Predicted, Prediction
from neurosieve.run.comparing.runs import Labelled
from neurosieve.run.config import load_settings
from neurosieve.run.corpora import read_corpus
from neurosieve.run.pipeline import CONFIG
from neurosieve.run.prepare import items_of
from neurosieve.run.settings import RunSettings

Label = str | float | None
Key = tuple[tuple[str, ...], tuple[str | float | None, ...]]


@dataclass(frozen=True)
class Said:
    """Test sentences in order, each as its words or texts with its labels, and what was predicted for each row.

    Attributes:
        keys: of each sentence or text.
        predictions: of each, a label or number per word, or one for a text; None where a row has no vector.
        classes: of the head; empty for numbers.
        metric: of the run's task.
    """

    keys: list[Key]
    predictions: list[list[Label]]
    classes: tuple[str, ...]
    metric: str


class Saying:
    """The compact models of runs, each loaded once, and corpora, each read once."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._models: dict[Path, CompactModel] = {}
        self._corpora: dict[str, Corpus] = {}

    def __call__(self, run: Labelled, task: str) -> Said:
        """What the run's compact model says of the task's test split.

        Raises:
            ConfigError: the run has no settings or no compact model, or a file of the corpus is not what it was.
            NeurosieveError: whatever keeps corpus or model from being read.
        """
        settings = self._settings(run, task)
        model, corpus = self._model(run, settings), self._corpus(run, task, settings)
        test = corpus.splits["test"]
        found = model.predict(items_of(test), task if len(model.heads) > 1 else None)
        return Said(
            [_key(one) for one in test.sentences],
            [_labels(one) for one in found],
            model.head_of(task if len(model.heads) > 1 else None).classes,
            run.results.tasks[task].metric,
        )

    def _settings(self, run: Labelled, task: str) -> RunSettings:
        if not (run.folder / CONFIG).is_file():
            raise ConfigError(f"{run.folder} has no {CONFIG}.")
        if run.results.tasks[task].compact is None:
            raise ConfigError(f"The run in {run.folder} made no compact model for {task}.")
        return load_settings(run.folder / CONFIG, out=run.folder)

    def _model(self, run: Labelled, settings: RunSettings) -> CompactModel:
        if run.folder not in self._models:
            trusted = settings.trust_remote_code
            self._models[run.folder] = CompactModel.from_pretrained(
                run.folder / "compact", device=self.device, trust_remote_code=trusted
            )
        return self._models[run.folder]

    def _corpus(self, run: Labelled, task: str, settings: RunSettings) -> Corpus:
        asked = next((one for one in settings.tasks if one.name == task), None)
        if asked is None:
            raise ConfigError(f"{run.folder / CONFIG} has no task {task}.")
        published = settings.protocol == "paper"
        key = f"{asked.model_dump_json()} {settings.seed} {published}"
        if key not in self._corpora:
            self._corpora[key] = read_corpus(asked, settings.seed, published_split=published)
        corpus = self._corpora[key]
        before = set(run.results.tasks[task].corpus.sources.values())
        if {digest for split in corpus.splits.values() for digest in split.sources.values()} - before:
            raise ConfigError(f"A file of {corpus.name} is not what it was when the run in {run.folder} was made.")
        return corpus


def _key(one: Sentence | Example) -> Key:
    return (one.words, one.labels or ()) if isinstance(one, Sentence) else (one.texts, (one.label,))


def _labels(found: Predicted) -> list[Label]:
    if isinstance(found, Prediction):
        return list(found.labels)
    return [found.value if isinstance(found, NumberPrediction) else found.label]
