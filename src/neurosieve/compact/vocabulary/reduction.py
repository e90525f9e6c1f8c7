"""An encoder with the pieces that some text needs: it reads that text as before."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray
from neurosieve.compact.vocabulary.embeddings import embedding_of, token_ids, with_rows
from neurosieve.compact.vocabulary.inside import pieces_inside
from neurosieve.compact.vocabulary.kinds import Kind, kind_of
from neurosieve.compact.vocabulary.material import Cut, Material
from neurosieve.compact.vocabulary.rewriting import reloaded, rewritten
from neurosieve.errors import CompactError
from neurosieve.pieces.reader import check_vocabulary
from neurosieve.pieces.tokenization import Segmenter

NAMED = 5  # words that a message names
CHECKED = 64  # pieces that are read once more


@dataclass(frozen=True)
class Vocabulary:
    """Which pieces stayed.

    Attributes:
        kept: (n,) their old ids, ascending; the place of a piece is its new id.
        before: how many rows the embeddings had.
        seen: how many of them occur in the text.
        mended: words that fewer pieces would have cut otherwise; all pieces inside them were kept for that.
    """

    kept: IntArray
    before: int
    seen: int
    mended: tuple[str, ...] = ()

    @property
    def numbers(self) -> IntArray:
        """(before,) the new id of each old one, -1 where it is gone."""
        found = np.full(self.before, -1, dtype=np.int64)
        found[self.kept] = np.arange(len(self.kept))
        return found


def reduced_encoder(encoder: Encoder, material: Material) -> tuple[Encoder, Vocabulary]:
    """Leave the pieces that some text needs, and those that any text may fall back on; checked on all of the text.

    Single characters, bytes, special and added tokens and the unknown piece always stay, and whatever the tokenizer
    needs on its way to a piece that stays. New ids are the places in the old order.

    Raises:
        CompactError: there is no text; the tokenizer has no fast backend or is of a kind that cannot be reduced; or the
            text would be cut otherwise.
        ModelError: the smaller tokenizer does not load, or has pieces that the model lacks.
    """
    backend, kind = _opened(encoder)
    before = embedding_of(encoder.model).num_embeddings
    cut = material.cut(encoder.segmenter)
    seen = {int(piece) for piece in np.unique(cut.ids)}
    if not seen:
        raise CompactError("There is no text to take the pieces of a vocabulary from; give at least one word.")
    check_vocabulary(encoder, cut.ids)
    needed = seen | _always(encoder, kind, before)
    vocabulary = Vocabulary(_closed(kind, needed), before, len(seen))
    _refuse_without_rows(encoder, vocabulary)
    small = _with(encoder, kind, vocabulary)
    unlike = _unlike(material, cut, small, vocabulary)
    if unlike:
        needed |= pieces_inside(unlike, backend, kind)
        vocabulary = replace(vocabulary, kept=_closed(kind, needed), mended=tuple(unlike))
        small = _with(encoder, kind, vocabulary)
        _refuse_unlike(_unlike(material, cut, small, vocabulary))
    _check_vectors(encoder, small, cut, vocabulary)
    return small, vocabulary


def _opened(encoder: Encoder) -> tuple[Tokenizer, Kind]:
    backend = getattr(encoder.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise CompactError(
            f"The vocabulary of {encoder.name} cannot be reduced: its {type(encoder.tokenizer).__name__} has no fast "
            "tokenizer (tokenizer.json) behind it. Load the model with a fast tokenizer."
        )
    return backend, kind_of(json.loads(backend.to_str()))


def _always(encoder: Encoder, kind: Kind, before: int) -> set[int]:
    """What stays whatever the text."""
    added = {int(at) for at in encoder.tokenizer.added_tokens_decoder}
    always = kind.always() | added | token_ids(encoder.model.config, before)
    if encoder.facts.counts_from_pad:  # positions start behind the padding's id, which must not move
        always |= set(range(encoder.pad_id + 1))
    return always


def _closed(kind: Kind, needed: set[int]) -> IntArray:
    return np.array(sorted(kind.closed(needed)), dtype=np.int64)


def _refuse_without_rows(encoder: Encoder, vocabulary: Vocabulary) -> None:
    if vocabulary.kept[-1] >= vocabulary.before:
        raise CompactError(
            f"The tokenizer of {encoder.name} has a piece {vocabulary.kept[-1]}, but the model has embeddings for "
            f"{vocabulary.before} alone. Save it with the tokenizer that it was made with."
        )


def _with(encoder: Encoder, kind: Kind, vocabulary: Vocabulary) -> Encoder:
    """The encoder with a vocabulary."""
    model = with_rows(encoder.model, vocabulary.kept, vocabulary.numbers)
    numbers = {int(old): new for new, old in enumerate(vocabulary.kept)}
    described = rewritten(json.loads(encoder.tokenizer.backend_tokenizer.to_str()), kind, numbers)
    tokenizer = reloaded(encoder.tokenizer, model.config, described, numbers)
    return replace(encoder, model=model, tokenizer=tokenizer, segmenter=Segmenter(tokenizer))


def _unlike(material: Material, cut: Cut, small: Encoder, vocabulary: Vocabulary) -> list[str]:
    """What the smaller tokenizer cuts otherwise."""
    renumbered = Cut(*(replace(part, ids=vocabulary.numbers[part.ids]) for part in cut))
    return material.unlike(renumbered, material.cut(small.segmenter))


def _refuse_unlike(words: list[str]) -> None:
    if words:
        named = ", ".join(repr(word[:40]) for word in words[:NAMED])
        raise CompactError(
            f"With fewer pieces the tokenizer would cut {len(words)} words or texts otherwise, among them {named}. The "
            "vocabulary is left as it is."
        )


def _check_vectors(encoder: Encoder, small: Encoder, cut: Cut, vocabulary: Vocabulary) -> None:
    """Compare what stands around texts, and all layers of the first pieces: they must be equal to the bit."""
    around, numbers = encoder.segmenter.wrapping, vocabulary.numbers
    first = cut.ids[: min(CHECKED, encoder.window - len(around))]
    ids = np.array([*around.prefix, *first, *around.suffix], dtype=np.int64)
    before, after = _vectors(encoder, ids), _vectors(small, numbers[ids])
    same = all(torch.equal(mine, theirs) for mine, theirs in zip(before, after, strict=True))
    if not same or [[int(numbers[at]) for at in run] for run in _around(encoder)] != _around(small):
        raise CompactError(
            f"With fewer pieces {encoder.name} (family {encoder.family!r}) gives other vectors for the same text, so "
            "its vocabulary is left as it is."
        )


def _vectors(encoder: Encoder, ids: IntArray) -> tuple[Tensor, ...]:
    pieces = torch.from_numpy(ids)[None].to(encoder.device)
    return encoder.hidden_states(pieces, torch.ones_like(pieces), range(encoder.n_layers))


def _around(encoder: Encoder) -> list[list[int]]:
    """The special pieces around a sentence, around one text, and around and between two."""
    wrapping, (one, two) = encoder.segmenter.wrapping, encoder.segmenter.templates
    return [list(run) for run in (wrapping.prefix, wrapping.suffix, *one.special, *two.special)]
