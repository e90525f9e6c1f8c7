"""The atlas of a run: made of what general redundancy found, and of rows where these are kept."""

from __future__ import annotations

from neurosieve.arrays import Grid, Rows
from neurosieve.general import Dendrogram, Gallery, WordPlaces, portraits
from neurosieve.moments import Moments
from neurosieve.run.atlas.choice import clusters_shown, members_shown, windows_shown
from neurosieve.run.atlas.heats import DIGITS, heats_of
from neurosieve.run.atlas.merges import merges_of
from neurosieve.run.atlas.records import Atlas, ClusterSeen, Merges
from neurosieve.run.inspection.records import ClusterFound, ClusterWords
from neurosieve.run.portraits import cluster_words, clusters_found, word_places
from neurosieve.run.prepare import Prepared
from neurosieve.run.redundancy import General

ATLAS = "atlas.json"
WORDS = 8  # at each end of a neuron
R_DIGITS = 6


def atlas_of_task(general: General, dendrogram: Dendrogram, prepared: Prepared) -> Atlas:
    """The clusters of a task's training rows with their words; ``general`` and ``dendrogram`` are of the same rows.

    Reads the layers of some fifty neurons once, and once more those of their clusters' members in some hundred
    sentences.
    """
    moments = prepared.data.moments
    atlas = atlas_of_moments(general, dendrogram, moments)
    return atlas.model_copy(update={"seen": _seen(atlas, prepared.data.train.rows, word_places(prepared), moments)})


def with_first_words(atlas: Atlas, rows: Rows, places: WordPlaces, moments: Moments) -> Atlas:
    """The clusters of a text with words from its beginning, of which alone these rows are; they are read twice."""
    looked_at = rows.n_rows if rows.n_rows < atlas.count else None
    return atlas.model_copy(update={"seen": _seen(atlas, rows, places, moments), "looked_at": looked_at})


def atlas_of_moments(general: General, dendrogram: Dendrogram, moments: Moments) -> Atlas:
    """The same without words: nothing is read."""
    grid = moments.grid
    gallery = portraits(dendrogram.cut(general.reported_threshold), grid, moments)
    return atlas_of(general, grid, gallery, merges_of(dendrogram, grid))


def atlas_of(general: General, grid: Grid, gallery: Gallery, merges: Merges | None = None) -> Atlas:
    """The clusters of a gallery at the threshold that general redundancy reports."""
    return Atlas(
        layers=grid.layers,
        units=grid.units,
        rows=general.rows,
        text=general.text,
        count=general.words,
        constants=grid.columns(general.constants).tolist(),
        threshold=general.reported_threshold,
        merges=merges,
        found=[_rounded(one) for one in clusters_found(gallery)],
    )


def _seen(atlas: Atlas, rows: Rows, places: WordPlaces, moments: Moments) -> list[ClusterSeen]:
    shown = clusters_shown(atlas.found)
    members = [members_shown(one) for one in shown]
    words = cluster_words(rows, places, moments, shown, WORDS)
    windows = [windows_shown(one, places) if atlas.rows == "words" else [] for one in words]
    heats = heats_of(rows, places, moments, [rows.grid.columns(one) for one in members], windows)
    return [
        ClusterSeen(cluster=one.number, members=mine, words=_rounded_words(said), heats=hot)
        for one, mine, said, hot in zip(shown, members, words, heats, strict=True)
    ]


def _rounded(one: ClusterFound) -> ClusterFound:
    """With no more digits than a page shows: what threads and batches may change comes after them."""
    names = ("radius", "mean_r", "explained", "explained_variance")
    numbers = {name: round(getattr(one, name), R_DIGITS) for name in names}
    return one.model_copy(update=numbers | {"r": [round(r, R_DIGITS) for r in one.r]})


def _rounded_words(words: ClusterWords) -> ClusterWords:
    lists = ("highest", "lowest", "highest_types", "lowest_types")
    return words.model_copy(
        update={
            name: [
                one.model_copy(update={"deviations": round(one.deviations, DIGITS) + 0.0})
                for one in getattr(words, name)
            ]
            for name in lists
        }
    )
