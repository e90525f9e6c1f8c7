"""What an export is tried on: items of several lengths in batches of several sizes, of the tokenizer's own pieces."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from neurosieve.activations import Encoder
from neurosieve.compact import Head
from neurosieve.pieces.items import Item

BATCHES = (1, 2, 7)
SEED = 7361
_SHORT, _MIDDLE = 3, 9  # words
_ODD = ("naïve", "東京", "العربية", "😀", "isn't", "12.5", "\u200b")
_DRAWN = 400


def samples(encoder: Encoder, head: Head, *, cut: bool) -> Iterator[list[Item]]:
    """Batches for a head: of each size short items, long ones that fill the window, and lengths mixed.

    ``cut`` says that items beyond the window are allowed; then there is one. All items of a batch are different.
    """
    words = sample_words(encoder)
    for size in BATCHES:
        long = _filling(encoder, words)
        short, middle = words[: _SHORT + size], words[:_MIDDLE]
        for batch in (_turned(short, size), _turned(long, size), [middle[i:] or middle for i in range(size)]):
            yield [_item(head, encoder, one, number) for number, one in enumerate(batch)]
    yield [_item(head, encoder, ["\u200b"], 0), _item(head, encoder, words[:1], 0)]
    if cut:
        yield [_item(head, encoder, long + long, 0)]


def sample_words(encoder: Encoder) -> list[str]:
    """Different words: some odd ones, and pieces of the vocabulary, drawn with a fixed seed."""
    ids = sorted(encoder.tokenizer.get_vocab().values())
    drawn = random.Random(SEED).sample(ids, min(_DRAWN, len(ids)))
    decoded = (encoder.tokenizer.decode([one], skip_special_tokens=True).strip().lstrip("#") for one in drawn)
    readable = (word for word in decoded if word and word.isprintable() and "\ufffd" not in word and " " not in word)
    return list(dict.fromkeys([*_ODD, *readable, "a", "b", "c"]))


def _filling(encoder: Encoder, words: Sequence[str]) -> list[str]:
    """As many words as fit into the window."""
    room = encoder.window - max(len(encoder.segmenter.wrapping), *map(len, encoder.segmenter.templates))
    repeated = list(words) * (1 + encoder.window // len(words))
    ends = encoder.segmenter([repeated]).word_starts[1:]
    # Turned round, another word comes first, and may be cut into a few pieces more.
    return repeated[: max(1, int((ends <= room - 4).sum()))]


def _turned(words: Sequence[str], size: int) -> list[list[str]]:
    return [[*words[start:], *words[:start]] for start in range(size)]


def _item(head: Head, encoder: Encoder, words: Sequence[str], number: int) -> Item:
    """The words themselves, or a text of them; every third text is a pair where the tokenizer allows pairs."""
    if head.unit == "words":
        return list(words)
    paired = head.pooling != "cls" or encoder.segmenter.templates[1].cls is not None
    if paired and number % 3 == 1:
        middle = (len(words) + 1) // 2
        return (" ".join(words[:middle]), " ".join(words[middle:]))
    return (" ".join(words),)
