"""Two models on the same words: how alike their layers are, and which neurons of the one are in the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from neurosieve.activations import Encoder
from neurosieve.errors import ConfigError, MemoryLimitError
from neurosieve.general import RotatedRows, cross_moments
from neurosieve.general.forecast import size_texts
from neurosieve.moments import moments_of
from neurosieve.run.corpora import PROSE, read_unlabelled
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.models.intervals import between, side_by_side
from neurosieve.run.models.measures import Measured, layers_found
from neurosieve.run.models.moved import Movement, movement, one_architecture
from neurosieve.run.models.names import Named, two_named
from neurosieve.run.models.records import ComparedModel, ModelsStudy
from neurosieve.run.models.words import SameWords, same_words
from neurosieve.run.scaled import Allowance
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.workers import open_encoder

THRESHOLD = 0.3  # as clusters are reported at: a near copy has |r| of 0.7 or more
BYTES_PER_PAIR = 8  # of products, for each pair of neurons


def compare(
    settings: RunSettings,
    first: str,
    second: str,
    *,
    threshold: float = THRESHOLD,
    progress: Progress | None = None,
    command: str = "",
) -> ModelsStudy:
    """Compare two models on the text of the settings, whose ``model`` is not looked at.

    They may differ in family, width and depth. Every number stands beside the same with the rows of the second model
    moved by half of the text, so that no word meets itself: what is left is chance. With N neurons each it costs two
    extractions, about 14·T·N² operations, 24·N² bytes of memory, and for the intervals 56·N² after these.

    Args:
        settings: text, reading, cache, device.
        first: ``minilm``, a folder, a hub id, or LABEL=MODEL.
        second: likewise.
        threshold: c_t, how far a near copy may be: 1 − |r|.
        progress: is told of the stages.
        command: for the record.

    Raises:
        ConfigError: both models have one label, or the threshold is not at least 0 and less than 1.
        CorpusError: the text cannot be read, or hardly a word has a vector in both models.
        MemoryLimitError: the models have more neurons than can be compared here.
        NeurosieveError: whatever keeps a model or the cache from being used.
    """
    names = two_named(first, second)
    if not 0 <= threshold < 1:
        raise ConfigError(f"A threshold (1 − |r|) is at least 0 and less than 1, not {threshold}.")
    watch, allowance = Stopwatch(progress), Allowance.of(settings.memory)
    with watch.stage("read text"):
        split = read_unlabelled(settings.text, settings.limit_text_words)
    encoders = [_open(named, settings, watch) for named in names]
    _refuse(encoders, allowance)
    words = same_words(split, list(zip(names, encoders, strict=True)), settings, watch)
    real, chance = _measure(words, encoders, settings, watch)
    device = str(encoders[0].device)
    known = side_by_side(words, allowance, device, settings.moment_products, watch)
    intervals = None if isinstance(known, str) else known
    cka, alike = real.comparison.cka, one_architecture(*encoders)
    moves = movement(cka, intervals) if alike else Movement([])
    sides = [
        ComparedModel(
            label=named.label,
            facts=model_facts(encoder),
            without_vector=words.without[side],
            layers=layers_found(side, real, chance, threshold),
        )
        for side, (named, encoder) in enumerate(zip(names, encoders, strict=True))
    ]
    return ModelsStudy(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        environment=environment(encoders[0]),
        text="documentation of the Python library" if str(settings.text) == PROSE else Path(str(settings.text)).name,
        sources=dict(split.sources),
        sentences=len(split.sentences),
        words=words.rows[0].n_rows,
        left_out=words.words - words.rows[0].n_rows,
        settings=_decisive(settings),
        threshold=threshold,
        first=sides[0],
        second=sides[1],
        one_architecture=alike,
        same_weights=encoders[0].fingerprint == encoders[1].fingerprint,
        cka=cka.tolist(),
        cka_by_chance=chance.comparison.cka.tolist(),
        debiased=None if intervals is None else between(intervals, encoders[0].n_layers),
        moved=moves.lines,
        most_moved=moves.most,
        most_moved_less_next=moves.less_next,
        first_moved=moves.first,
        notes=[known] if isinstance(known, str) else [],
        stages=watch.stages,
    )


def _open(named: Named, settings: RunSettings, watch: Stopwatch) -> Encoder:
    with watch.stage(f"load {named.label}"):
        return open_encoder(settings.model_copy(update={"model": named.model}))


def _decisive(settings: RunSettings) -> dict[str, object]:
    """What the numbers depend on."""
    names = {"aggregation", "sublayers", "on_too_long", "window", "dtype", "moment_products", "limit_text_words"}
    return settings.model_dump(mode="json", include=names)


def _refuse(encoders: Sequence[Encoder], allowance: Allowance) -> None:
    """Say so before a model runs if products of all pairs of neurons do not fit."""
    a, b = (encoder.grid.size for encoder in encoders)
    needed = BYTES_PER_PAIR * (a * a + b * b + a * b)
    if needed > allowance.limit:
        size, limit = size_texts(needed, allowance.limit)
        raise MemoryLimitError(
            f"Models of {a:,} and {b:,} neurons take {size} to compare, and the limit is {limit}. Compare smaller "
            "models, or use a machine with more memory."
        )


def _measure(
    words: SameWords, encoders: Sequence[Encoder], settings: RunSettings, watch: Stopwatch
) -> tuple[Measured, Measured]:
    """The same rows, and rows half of the text apart; the products of one are in memory at a time."""
    first, second = words.rows
    device, step = str(encoders[0].device), watch.progress.step
    with watch.stage("moments"):
        products = settings.moment_products
        moments = [moments_of(rows, device=device, progress=step, products=products) for rows in words.rows]
    same = list(range(encoders[0].n_layers))
    pairs = (same, same) if encoders[0].layer_names == encoders[1].layer_names else None
    with watch.stage("layers and neurons"):
        real = Measured.of(cross_moments(first, second, moments, device=device), pairs)
    with watch.stage("the same by chance"):
        apart = RotatedRows(second, second.n_rows // 2)
        chance = Measured.of(cross_moments(first, apart, moments, device=device), real.pairs)
    return real, chance
