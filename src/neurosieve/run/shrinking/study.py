"""Make a compact model smaller, step by step; then load what was written, and compare it with the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from neurosieve.compact import CompactModel, refuse_foreign
from neurosieve.compact.agreement import Pair, side_by_side
from neurosieve.compact.cost import megabytes_of
from neurosieve.compact.smaller import trimmed, with_vocabulary, with_weights
from neurosieve.compact.trimming import rows_of
from neurosieve.compact.vocabulary import Material
from neurosieve.errors import ConfigError
from neurosieve.run.schema import Difference, Scores
from neurosieve.run.shrinking.records import Agreed, Lost, Pieces, Room, Shrunk, Trimmed
from neurosieve.run.shrinking.texts import HELD_OUT, LEARNED, Text, read_text_for
from neurosieve.run.shrinking.wording import card_of
from neurosieve.run.stages import Progress, Stopwatch

CARD = "README.md"


@dataclass(frozen=True)
class Steps:
    """What is to be done; at least one of the first three.

    Attributes:
        vocabulary: text whose pieces stay: a file with a sentence a line, or a corpus (its train and dev).
        weights: how they are stored.
        trim: leave rows out that no kept neuron reads.
        check: further text to compare the models on; of a corpus test is taken.
    """

    vocabulary: Path | None = None
    weights: Literal["bfloat16", "int8"] | None = None
    trim: bool = False
    check: Sequence[Path] = ()


def shrink(
    source: str | Path,
    out: str | Path,
    steps: Steps,
    *,
    device: str = "auto",
    seed: int = 7361,
    progress: Progress | None = None,
) -> Shrunk:
    """Write a smaller model into ``out``, with a card that says what was done and what it costs.

    Args:
        source: the folder of a compact model, which is left as it is.
        out: a new folder, or that of another compact model, which is replaced.
        steps: what is to be done, and what to compare on.
        device: where the models are compared.
        seed: of the intervals.
        progress: is told of the stages.

    Raises:
        ConfigError: nothing is to be done, or ``out`` is the source.
        CompactError: a step cannot be done with this model, or ``out`` holds something else.
        CorpusError: a text cannot be read.
    """
    source, out, watch = Path(source), Path(out), Stopwatch(progress)
    _check(source, out, steps)
    with watch.stage("load model"):
        original = CompactModel.from_pretrained(source, device=device)
    with watch.stage("read text"):
        learned = {} if steps.vocabulary is None else _texts(original, steps.vocabulary, LEARNED)
        compared = [learned] if learned else []
        compared += [_texts(original, path, HELD_OUT) for path in steps.check]
    with watch.stage("make smaller"):
        small, pieces = _smaller(original, steps, learned)
        small.save_pretrained(out)
        small = CompactModel.from_pretrained(out, device=device)
    with watch.stage("compare"):
        named = [(task, text) for texts in compared for task, text in texts.items()]
        pairs = [(*one, side_by_side(original, small, one[1].items, one[0])) for one in named]
        agreed = [_agreed(*one, seed) for one in pairs]
        lost = [_lost(*one, seed) for one in pairs if one[1].labels is not None]
    shrunk = Shrunk(
        source=str(source),
        folder=str(out),
        vocabulary=pieces,
        weights=steps.weights,
        trimmed=_trimmed(small) if steps.trim else [],
        before=_room(original, source),
        after=_room(small, out),
        agreed=agreed,
        lost=lost,
    )
    card = source / CARD
    before = card.read_text(encoding="utf-8") if card.is_file() else ""
    small.save_pretrained(out, card_of(before, shrunk, small))
    return shrunk


def _check(source: Path, out: Path, steps: Steps) -> None:
    if steps.vocabulary is None and steps.weights is None and not steps.trim:
        raise ConfigError("Nothing is to get smaller; choose a vocabulary, weights, or trimming.")
    if source.resolve() == out.resolve():
        raise ConfigError(f"{out} is the model itself, which is left as it is; choose another folder.")
    for path in (steps.vocabulary, *steps.check):
        if path is not None and not path.exists():
            raise ConfigError(f"There is no file or folder {path} to read text from.")
    refuse_foreign(out)


def _texts(model: CompactModel, path: Path, splits: Sequence[str]) -> dict[str, Text]:
    return {name: read_text_for(path, name, head, splits) for name, head in model.heads.items()}


def _smaller(model: CompactModel, steps: Steps, learned: dict[str, Text]) -> tuple[CompactModel, Pieces | None]:
    """All steps; weights come last, since rounding does not change what the others do."""
    small, pieces = trimmed(model) if steps.trim else model, None
    if learned:
        small, found = with_vocabulary(small, _material(model, learned))
        pieces = Pieces(
            text=next(iter(learned.values())).name,
            before=found.before,
            after=len(found.kept),
            seen=found.seen,
            mended=len(found.mended),
        )
    return small if steps.weights is None else with_weights(small, steps.weights), pieces


def _material(model: CompactModel, texts: dict[str, Text]) -> Material:
    """What all heads read, as each of them reads it."""
    items = {unit: _items(model, texts, unit) for unit in ("words", "texts")}
    return Material(items["words"], list(dict.fromkeys(chain.from_iterable(items["texts"]))))


def _items(model: CompactModel, texts: dict[str, Text], unit: str) -> list[tuple[str, ...]]:
    found = (item for name, text in texts.items() if model.heads[name].unit == unit for item in text.items)
    return list(dict.fromkeys(found))


def _trimmed(model: CompactModel) -> list[Trimmed]:
    rows = rows_of(model.encoder.model.config)
    return [Trimmed(path=path, before=model.encoder.n_units, after=len(units)) for path, units in rows.items()]


def _room(model: CompactModel, folder: Path) -> Room:
    weights = megabytes_of(folder, "*.safetensors")
    return Room(parameters=model.n_parameters, megabytes=megabytes_of(folder), weights_megabytes=weights)


def _agreed(task: str, text: Text, pair: Pair, seed: int) -> Agreed:
    return Agreed(task=task, text=text.name, unit=pair.head.unit, **asdict(pair.agreement(seed=seed)))


def _lost(task: str, text: Text, pair: Pair, seed: int) -> Lost:
    found = pair.loss(text.labels or [], metric=text.metric, seed=seed)
    return Lost(
        task=task,
        text=text.name,
        metric=found.metric,
        original=Scores(value=found.first, interval=found.first_interval, n=found.rows),
        smaller=Scores(value=found.second, interval=found.second_interval, n=found.rows),
        difference=Difference(value=found.difference, interval=found.difference_interval),
    )
