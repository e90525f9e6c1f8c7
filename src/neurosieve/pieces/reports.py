"""What happened to words and texts on their way into the model."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class ExtractionReport:
    """What happened to words on their way into the model; all are counts.

    Attributes:
        sentences: how many there are.
        words: how many there are.
        missing: words that the tokenizer maps to nothing; they have no vector.
        truncated: words that were dropped from the ends of long sentences; they have no vector.
        windowed_sentences: sentences that were read in overlapping windows.
        clipped_words: words longer than the window, of which only the last pieces were read.
    """

    sentences: int
    words: int
    missing: int
    truncated: int
    windowed_sentences: int
    clipped_words: int

    def to_dict(self) -> dict[str, int]:
        """All counts by name."""
        return asdict(self)
