"""General redundancy of a model on unlabelled text (Section 5): from a live pass, or from what a team stores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from neurosieve.activations import Encoder, LiveRows
from neurosieve.arrays import Rows
from neurosieve.corpus import Split
from neurosieve.engines.team import Team
from neurosieve.general import WordPlaces
from neurosieve.memory import Room
from neurosieve.moments import Moments, moments_by
from neurosieve.pieces.arrays import BoolArray
from neurosieve.run.atlas.choice import first_sentences
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.atlas.study import atlas_of_moments, with_first_words
from neurosieve.run.corpora import PROSE
from neurosieve.run.general import debiased, general_redundancy, other_similarities
from neurosieve.run.prepare import extract_split, groups_of
from neurosieve.run.redundancy import General
from neurosieve.run.resume.keys import stages_of_text
from neurosieve.run.resume.stages import Keep, made
from neurosieve.run.scaled import (
    Allowance,
    general_at_scale,
)
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch


def general_from_text(
    encoder: Encoder, split: Split, settings: RunSettings, watch: Stopwatch, room: Room, team: Team
) -> tuple[General, Atlas]:
    """General redundancy and its clusters, as an earlier start found them, where one did."""
    keep = stages_of_text(encoder, split, settings, room, watch.progress)
    return keep("general and clusters", partial(_read_text, encoder, split, settings, watch, room, team))


def _read_text(
    encoder: Encoder, split: Split, settings: RunSettings, watch: Stopwatch, room: Room, team: Team
) -> tuple[General, Atlas]:
    """General redundancy on unlabelled text: a pass of the model, and another for the intervals.

    The words that clusters respond to are looked for at the text's beginning, which is read twice more.

    Nothing goes to the disk, unless a team shares the work.
    """
    rows, missing = _rows_of_text(encoder, split, settings, watch, room, team)
    with watch.stage("moments of the text"):
        device, products, step = str(encoder.device), settings.moment_products, watch.progress.step
        folder = settings.cache_folder
        moments = moments_by(team, rows, folder=folder, device=device, products=products, progress=step)
    with watch.stage("general redundancy of the text"):
        general, dendrogram = general_redundancy(moments, _text_name(settings), tilewise=room.tilewise)
    with watch.stage("clusters of the text"):
        atlas = atlas_of_moments(general, dendrogram, moments)
    with watch.stage("clusters of the text in words"):
        first = split.words[: first_sentences(split.words)]
        looked = _live(encoder, first, settings, room)
        atlas = with_first_words(atlas, looked, WordPlaces.of(first, ~looked.missing), moments)
    if settings.intervals:
        with watch.stage("intervals of CKA of the text"):
            known = debiased(moments, rows, groups_of(split.sentences)[~missing], step)
        general = general.model_copy(update={"cka_debiased": known})
    general = with_measures(general, moments, rows, settings, watch)
    return general.model_copy(update={"sources": dict(split.sources)}), atlas


def with_measures(
    general: General, moments: Moments, rows: Rows, settings: RunSettings, watch: Stopwatch, keep: Keep = made
) -> General:
    """With the other measures of how alike layers are, where the settings ask for any."""
    if not settings.measures:
        return general
    with watch.stage("other measures of layers"):
        make = partial(other_similarities, settings.measures, moments, rows, settings.seed, watch.progress.step)
        found = keep("other measures of layers", make)
    return general.model_copy(update={"similarities": found})


def general_at(
    c_t: float,
    encoder: Encoder,
    split: Split,
    settings: RunSettings,
    allowance: Allowance,
    watch: Stopwatch,
    room: Room,
    team: Team,
) -> tuple[General, Atlas]:
    """The same at one threshold, where no N × N matrix fits."""
    rows, _ = _rows_of_text(encoder, split, settings, watch, room, team)
    general, atlas = general_at_scale(rows, _text_name(settings), c_t, allowance, str(encoder.device), watch)
    return general.model_copy(update={"sources": dict(split.sources)}), atlas


def _rows_of_text(
    encoder: Encoder, split: Split, settings: RunSettings, watch: Stopwatch, room: Room, team: Team
) -> tuple[Rows, BoolArray]:
    """The words' vectors, and which words have none: straight from the model, or from a store that a team fills."""
    if team.is_alone:
        live = _live(encoder, split.words, settings, room)
        return live, live.missing
    with watch.stage("extract the text"):
        store = extract_split(encoder, split.words, None, settings, watch, room, team)
    return store.rows(block_rows=room.block_rows), store.missing


def _live(encoder: Encoder, sentences: Sequence[Sequence[str]], settings: RunSettings, room: Room) -> LiveRows:
    return LiveRows(
        encoder,
        sentences,
        aggregation=settings.aggregation,
        on_too_long=settings.on_too_long,
        batch_tokens=settings.batch_tokens,
        shard_words=room.live_words,
        block_rows=room.block_rows,
    )


def _text_name(settings: RunSettings) -> str:
    return "documentation of the Python library" if str(settings.text) == PROSE else Path(str(settings.text)).name
