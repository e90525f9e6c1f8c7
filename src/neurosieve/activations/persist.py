"""Extraction to disk: a store of the vectors of all words, or of all texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.filling import Extraction, Filling, Progress
from neurosieve.activations.store import Store
from neurosieve.activations.wanted import Wanted, texts_wanted, words_wanted
from neurosieve.engines.share import ALL, Share
from neurosieve.memory import give_back_memory
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong


def extract(
    encoder: Encoder,
    sentences: Sequence[Sequence[str]],
    root: str | Path,
    *,
    last_layer: int | None = None,
    aggregation: Aggregation = "last",
    on_too_long: OnTooLong = "window",
    batch_tokens: int = BATCH_TOKENS,
    verify: bool = True,
    shards: int = 2,
    progress: Progress | None = None,
) -> Store:
    """Put layers 0 to ``last_layer`` (default: all) of every word on disk, in a folder of ``root`` named by content.

    Shards that are there already are reused if their size, header and sha256 are right (without ``verify``: size and
    header); the others are computed. A store that was begun goes on with the batches and threads that it began with,
    so that it ends with the same bytes. ``shards`` are in memory at a time, see `fill`. ``progress`` is told how many
    words are done, of how many.

    Raises:
        ActivationsError: a sentence is too long, or a vector is not finite.
        ModelError: there is no such layer.
        OSError: the folder cannot be written.
    """
    wanted = words_wanted(encoder, sentences, last_layer=last_layer, aggregation=aggregation, on_too_long=on_too_long)
    done = fill(wanted, root, batch_tokens=batch_tokens, verify=verify, shards=shards, progress=progress)
    return Store(done.folder)


def extract_texts(
    encoder: Encoder,
    texts: Sequence[tuple[str, ...]],
    root: str | Path,
    *,
    last_layer: int | None = None,
    pooling: Pooling = "cls",
    on_too_long: OnTooLong = "truncate",
    batch_tokens: int = BATCH_TOKENS,
    verify: bool = True,
    shards: int = 2,
    progress: Progress | None = None,
) -> Store:
    """The same for texts or pairs of texts: one row each. See `plan_texts`.

    Raises:
        ActivationsError: a text is too long, or a vector is not finite.
        ModelError: there is no such layer, or the family has no classification token.
        OSError: the folder cannot be written.
    """
    wanted = texts_wanted(encoder, texts, last_layer=last_layer, pooling=pooling, on_too_long=on_too_long)
    done = fill(wanted, root, batch_tokens=batch_tokens, verify=verify, shards=shards, progress=progress)
    return Store(done.folder)


def fill(
    wanted: Wanted,
    root: str | Path,
    *,
    share: Share = ALL,
    batch_tokens: int = BATCH_TOKENS,
    verify: bool = True,
    shards: int = 2,
    progress: Progress | None = None,
) -> Extraction:
    """Compute the shards of a share that are not there yet; any number of processes may do so at once.

    ``shards`` says how many are in memory: with two, one is written while the next is computed.

    Raises:
        ActivationsError: see `extract`.
        OSError: the folder cannot be written.
    """
    done = Filling(wanted, root, batch_tokens=batch_tokens, verify=verify, shards=shards).do(share, progress)
    give_back_memory()
    return done
