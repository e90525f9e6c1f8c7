"""What must be known of a model before it can be given text: an encoder says it, and so does an exported model."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from neurosieve.errors import ModelError
from neurosieve.pieces.arrays import IntArray
from neurosieve.pieces.tokenization import Segmenter

PaddingSide = Literal["left", "right"]


class Reader(Protocol):
    """A model that reads pieces, as far as its input goes."""

    @property
    def name(self) -> str:
        """What the user called it."""
        ...

    @property
    def family(self) -> str:
        """The model type, as in its config."""
        ...

    @property
    def segmenter(self) -> Segmenter:
        """What cuts words and texts into its pieces."""
        ...

    @property
    def window(self) -> int:
        """The most pieces that it reads at once, special ones included."""
        ...

    @property
    def n_pieces(self) -> int:
        """How many pieces it has embeddings for."""
        ...

    @property
    def pad_id(self) -> int:
        """The piece that fills up short rows."""
        ...

    @property
    def padding_side(self) -> PaddingSide:
        """On which side of a short row it stands."""
        ...


class Padded(NamedTuple):
    """A batch as a model takes it.

    Attributes:
        ids: (batch × pieces).
        mask: (batch × pieces), 1 for pieces and 0 for padding.
        types: (batch × pieces), which text of a pair a piece is of; None where the model is not told.
        left: (batch,) how much padding stands before each row.
    """

    ids: IntArray
    mask: IntArray
    types: IntArray | None
    left: IntArray


def check_vocabulary(reader: Reader, ids: IntArray) -> None:
    """Refuse a tokenizer with pieces that the model has no embedding for (ModelError)."""
    largest = max(int(ids.max(initial=0)), reader.pad_id, *reader.segmenter.wrapping.prefix, 0)
    if largest >= reader.n_pieces:
        raise ModelError(
            f"The tokenizer of {reader.name} gives piece {largest}, but the model has embeddings for {reader.n_pieces} "
            "pieces. The tokenizer belongs to another model; load the one that was saved with it."
        )
