"""Fine-tuning from the settings to a model folder with its record."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.activations import Encoder, load_encoder
from neurosieve.corpus import Corpus, Split
from neurosieve.errors import CorpusError
from neurosieve.metrics import Gold, interval, metric_named
from neurosieve.run.corpora import read_corpus
from neurosieve.run.facts import FineTuning, FineTuningRecipe
from neurosieve.run.finetuning.classifier import load_classifier, predict
from neurosieve.run.finetuning.folder import begin, finished, last_checkpoint, write_model
from neurosieve.run.finetuning.inputs import Inputs, collator_for, read_inputs, sampled
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.finetuning.training import check_ready, train
from neurosieve.run.schema import Scores
from neurosieve.run.stages import Progress, Stopwatch


def finetune(settings: FineTuneSettings, *, progress: Progress | None = None) -> FineTuning:
    """Fine-tune a whole model for a task on texts, and write it with its head, tokenizer and record into ``out``.

    `load_encoder` opens the folder. Interrupted, the same call goes on from the last checkpoint; done, it returns the
    record at once. On one machine equal settings give equal weights.

    Departure from the paper: the dev part of the analysis is cut off before, and never trained on; the paper's was
    seen in fine-tuning, so that its probes chose layers and neurons on texts that the model knew.

    Decoders have no classification token: their head reads the last piece, so analyse them with the pooling "last".

    Raises:
        CorpusError: the corpus cannot be read, or labels words.
        ModelError: the model cannot be fine-tuned, ``out`` holds something else, or training diverged.
        OSError: the folder cannot be written.
    """
    check_ready(settings.device)
    watch = Stopwatch(progress)
    with watch.stage("read corpus"):
        corpus = read_corpus(settings.task, settings.seed, published_split=settings.protocol == "paper")
        if corpus.kind == "labelling":
            raise CorpusError(
                f"The task {settings.task.name} labels words; fine-tuning is for tasks on texts. Analyse it with the "
                "model as it is."
            )
    with watch.stage("load model"):
        encoder = load_encoder(settings.model, device="cpu", window=settings.length)
    with watch.stage("read texts"):
        inputs = read_inputs(encoder, corpus, _train(corpus, settings))
        if not inputs.ids:
            raise CorpusError(f"No training text of {corpus.name} has a piece: the tokenizer drops them all.")
        recipe = _recipe(settings, corpus, encoder, inputs)
    return finished(settings.out, recipe) or _make(settings, corpus, encoder, inputs, recipe, watch)


def _make(
    settings: FineTuneSettings,
    corpus: Corpus,
    encoder: Encoder,
    inputs: Inputs,
    recipe: FineTuningRecipe,
    watch: Stopwatch,
) -> FineTuning:
    collate = collator_for(encoder)
    model = load_classifier(encoder, corpus, settings.seed)
    folder = begin(settings.out, recipe)
    with watch.stage("fine-tune"):
        if (last := last_checkpoint(folder)) is not None:
            watch.progress.note(f"Training goes on from {last.name}.")
        steps, seconds = train(model, inputs.features, collate, settings, folder, watch.progress)
    with watch.stage("score dev"):
        dev = read_inputs(encoder, corpus, corpus.splits["dev"])
        predictions = predict(model, dev.features, collate, 4 * settings.batch)
        scores = _scores(corpus, dev.labels.numpy(), predictions, settings.seed)
    record = FineTuning(**recipe.model_dump(), steps=steps, dev=scores, seconds=round(seconds, 3))
    with watch.stage("write model"):
        write_model(settings.out, model, encoder.tokenizer, record)
    return record


def _train(corpus: Corpus, settings: FineTuneSettings) -> Split:
    return sampled(corpus.splits["train"], settings.limit_train_rows, settings.seed)


def _recipe(settings: FineTuneSettings, corpus: Corpus, encoder: Encoder, inputs: Inputs) -> FineTuningRecipe:
    return FineTuningRecipe(
        base=settings.model,
        base_sha256=encoder.fingerprint,
        task=settings.task.name,
        corpus=corpus.name,
        protocol=settings.protocol,
        metric=corpus.metrics[0],
        epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        batch=settings.batch,
        length=settings.length,
        seed=settings.seed,
        rows=len(inputs.ids),
        rows_available=len(corpus.splits["train"].sentences),
        inputs_sha256=inputs.sha256,
    )


def _scores(corpus: Corpus, labels: NDArray[Any], predictions: NDArray[Any], seed: int) -> Scores:
    """The task's metrics on dev, with a bootstrap interval of the first."""
    gold = Gold(labels.astype(np.float64) if not corpus.classes else labels, np.arange(len(labels)), corpus.classes)
    first, *others = (metric_named(name, corpus.classes) for name in corpus.metrics)
    return Scores(
        value=first.score(gold, predictions),
        interval=interval(first, gold, predictions, seed=seed),
        n=len(labels),
        others={metric.name: metric.score(gold, predictions) for metric in others},
    )
