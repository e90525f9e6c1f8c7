"""Section 5 on unlabelled text: layers, clusters, one cluster at work, other ways to cluster (Figures 1, 3 and 6)."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from neurosieve.activations import Encoder, LiveRows
from neurosieve.arrays import IntArray
from neurosieve.corpus import Sentence, Split
from neurosieve.general import Dendrogram
from neurosieve.moments import Moments, moments_of
from neurosieve.paper.records import ClusterHeat, GeneralStudy, SentenceHeat
from neurosieve.paper.settings import PaperSettings
from neurosieve.run.general import REPORTED_THRESHOLD, general_redundancy
from neurosieve.run.redundancy import General
from neurosieve.run.stages import Stopwatch

HEAT_NEURONS = 10
HEAT_SENTENCES = 2
HEAT_WORDS = (8, 16)


class TextContext:
    """One model on unlabelled text: moments and dendrogram, made when the first measurement asks for them."""

    def __init__(self, encoder: Encoder, text: Split, name: str, settings: PaperSettings, watch: Stopwatch) -> None:
        self.encoder, self.text, self.name, self.settings, self.watch = encoder, text, name, settings, watch

    @property
    def identity(self) -> dict[str, object]:
        """What tells this text from others."""
        text = self.text
        return {"sources": dict(text.sources), "sentences": len(text.sentences), "words": text.n_words}

    @cached_property
    def moments(self) -> Moments:
        """Of all words; nothing is stored."""
        with self.watch.stage("moments of the text"):
            rows = self.rows(self.text)
            return moments_of(rows, device=str(self.encoder.device), progress=self.watch.progress.step)

    def rows(self, text: Split) -> LiveRows:
        """The words of a text as the model sees them."""
        options = {"aggregation": self.settings.aggregation, "batch_tokens": self.settings.batch_tokens}
        return LiveRows(self.encoder, text.words, **options)  # type: ignore[arg-type]

    @cached_property
    def found(self) -> tuple[General, Dendrogram]:
        """Layers and clusters."""
        moments = self.moments
        with self.watch.stage("general redundancy"):
            general, dendrogram = general_redundancy(moments, self.name)
        return general.model_copy(update={"sources": dict(self.text.sources)}), dendrogram


def measure_general(context: TextContext) -> GeneralStudy:
    """Figures 1, 3 and 6."""
    general, _ = context.found
    with context.watch.stage("one cluster at work"):
        return GeneralStudy(general=general, heat=_heat(context))


def _heat(context: TextContext) -> ClusterHeat | None:
    """Some members of the largest cluster on the first two sentences of some length, or on their first words.

    None without a cluster or such a sentence.
    """
    _, dendrogram = context.found
    least, most = HEAT_WORDS
    long = [one for one in context.text.words if len(one) >= least]
    short = [one for one in long if len(one) <= most]
    sentences = [one[:most] for one in (short if len(short) >= HEAT_SENTENCES else long)[:HEAT_SENTENCES]]
    clusters = dendrogram.cut(REPORTED_THRESHOLD)
    largest = int(np.argmax(clusters.sizes))
    if clusters.sizes[largest] < 2 or not sentences:
        return None
    members = clusters.members()[largest]
    chosen, r = _nearest(members, context.moments)
    mean, deviation = (part[chosen].cpu().numpy() for part in (context.moments.mean, context.moments.std))
    return ClusterHeat(
        threshold=REPORTED_THRESHOLD,
        size=len(members),
        neurons=[tuple(neuron) for neuron in context.moments.grid.neurons(chosen)],
        correlations=r,
        sentences=[_of_sentence(context, sentence, chosen, mean, deviation) for sentence in sentences],
    )


def _nearest(members: IntArray, moments: Moments) -> tuple[IntArray, list[float]]:
    """The medoid of a cluster and its members from the nearest to the farthest, evenly spread, with their r to it."""
    r = moments.select(members).correlation().cpu().numpy()
    medoid = int(np.abs(r).sum(axis=1).argmax())
    order = np.argsort(-np.abs(r[medoid]), kind="stable")
    order = np.concatenate([[medoid], order[order != medoid]])
    kept = order[np.unique(np.linspace(0, len(order) - 1, HEAT_NEURONS).round().astype(int))]
    return members[kept], r[medoid, kept].tolist()


def _of_sentence(
    context: TextContext,
    sentence: tuple[str, ...],
    columns: IntArray,
    mean: np.ndarray,
    deviation: np.ndarray,
) -> SentenceHeat:
    rows = context.rows(Split((Sentence(sentence),)))
    words = [word for word, missing in zip(sentence, rows.missing, strict=True) if not missing]
    values = (rows.gather(columns).numpy() - mean) / deviation
    return SentenceHeat(words=words, values=values.T.astype(float).tolist())
