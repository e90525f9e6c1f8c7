"""Words to pieces, as the model would see them in running text, without touching the user's tokenizer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from neurosieve.errors import ModelError
from neurosieve.pieces.arrays import IntArray
from neurosieve.pieces.windows import Pieces

_PROBE = ("The", "cat", "sat", "on", "it")
_CHUNK = 4096  # sentences tokenised at a time


@dataclass(frozen=True)
class Wrapping:
    """The special pieces that the tokenizer puts before and after a sentence."""

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prefix) + len(self.suffix)


@dataclass(frozen=True)
class Template:
    """What the tokenizer puts around and between one or two texts.

    ``special[i]`` are the pieces before text i, and after the last; ``special_types`` go with them, ``text_types`` with
    the texts. ``cls`` is where the classification token stands: the run and the place in it; None where there is none.
    """

    special: tuple[tuple[int, ...], ...]
    special_types: tuple[tuple[int, ...], ...]
    text_types: tuple[int, ...]
    cls: tuple[int, int] | None

    def __len__(self) -> int:
        return sum(map(len, self.special))

    @property
    def has_types(self) -> bool:
        """Whether any type is not 0: models without types would take them for something else."""
        return any(map(any, self.special_types)) or any(self.text_types)


class Segmenter:
    """Cuts words into pieces with a private copy of a tokenizer.

    In the copy truncation and padding are off, and special tokens have names that no text contains: a literal
    "[MASK]" or "</s>" is a word like any other. A word may hold spaces ("Charles de Gaulle") and stays one word.

    Attributes:
        wrapping: the special pieces around a sentence.
        sha256: of everything that decides how words are cut.
    """

    def __init__(self, tokenizer: Any) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", None)
        self._tokenizer = tokenizer
        self._slow = tokenizer if backend is None else None
        if backend is None:
            self.wrapping = _wrapping(tokenizer.encode("a", add_special_tokens=False), tokenizer.encode("a"), tokenizer)
            facts = json.dumps([type(tokenizer).__name__, sorted(tokenizer.get_vocab().items())])
            self.sha256 = hashlib.sha256(facts.encode()).hexdigest()
            return
        plain = _without_limits(backend)
        original = Tokenizer.from_str(json.dumps(plain))
        bare, wrapped = (original.encode("a", add_special_tokens=flag).ids for flag in (False, True))
        self.wrapping = _wrapping(bare, wrapped, tokenizer)
        self.sha256 = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
        self._original = original
        self._fast = Tokenizer.from_str(json.dumps(_with_secret_specials(plain)))
        self._space = _space_between_words(original)

    def __call__(self, sentences: Sequence[Sequence[str]]) -> Pieces:
        """The pieces of all words, flat; special pieces are not among them."""
        parts = [self._cut(sentences[i : i + _CHUNK]) for i in range(0, len(sentences), _CHUNK)]
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in parts)])
        counts = np.concatenate([np.empty(0, np.int64), *(counts for _, counts in parts)])
        return Pieces(ids, _starts(counts), _starts([len(words) for words in sentences]))

    def cut_texts(self, texts: Sequence[str]) -> list[IntArray]:
        """The pieces of each text, cut as it stands and not by words."""
        if self._slow is not None:
            return [np.array(self._encode_slowly(text), dtype=np.int64) for text in texts]
        found: list[IntArray] = []
        for start in range(0, len(texts), _CHUNK):
            encodings = self._fast.encode_batch(list(texts[start : start + _CHUNK]), add_special_tokens=False)
            found.extend(np.array(encoding.ids, dtype=np.int64) for encoding in encodings)
        return found

    @cached_property
    def templates(self) -> tuple[Template, Template]:
        """What stands around one text, and around two.

        Raises:
            ModelError: the tokenizer does not keep a text in one run.
        """
        bare = [self._ids_and_types(text, wrapped=False)[0] for text in ("a", "b")]
        single = self._ids_and_types("a")
        pair = self._ids_and_types("a", "b")
        cls = self._tokenizer.cls_token_id
        return _template(*single, bare[:1], cls, self._tokenizer), _template(*pair, bare, cls, self._tokenizer)

    def _ids_and_types(self, *texts: str, wrapped: bool = True) -> tuple[list[int], list[int]]:
        if self._slow is None:
            encoding = self._original.encode(texts[0], *texts[1:], add_special_tokens=wrapped)  # type: ignore[misc, arg-type]
            return list(encoding.ids), list(encoding.type_ids)
        found = self._slow(*texts, add_special_tokens=wrapped, return_token_type_ids=True)
        return list(found["input_ids"]), list(found["token_type_ids"])

    def _cut(self, sentences: Sequence[Sequence[str]]) -> tuple[IntArray, IntArray]:
        if self._slow is not None:
            words = [self._encode_slowly(word) for sentence in sentences for word in sentence]
            return _flat(words), np.array([len(word) for word in words], dtype=np.int64)
        # In running text the first word has no space before it; byte-level tokenizers cut it otherwise for that.
        texts = [[*words[:1], *(self._space + word for word in words[1:])] for words in sentences]
        encodings = self._fast.encode_batch(texts, is_pretokenized=True, add_special_tokens=False)
        offsets = np.repeat(_starts([len(words) for words in sentences])[:-1], [len(e) for e in encodings])
        owners = _flat([[word or 0 for word in e.word_ids] for e in encodings]) + offsets
        counts = np.bincount(owners, minlength=sum(len(words) for words in sentences))
        return _flat([encoding.ids for encoding in encodings]), counts

    def _encode_slowly(self, word: str) -> list[int]:
        tokens = self._slow.tokenize(word, split_special_tokens=True)  # type: ignore[union-attr]
        return list(self._slow.convert_tokens_to_ids(tokens))  # type: ignore[union-attr]


def _flat(lists: Iterable[Sequence[int]]) -> IntArray:
    return np.concatenate([np.empty(0, np.int64), *(np.array(part, dtype=np.int64) for part in lists)])


def _starts(counts: Sequence[int] | IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _without_limits(backend: Tokenizer) -> dict[str, Any]:
    """The tokenizer's own description; some have truncation and padding to a fixed length baked in."""
    described: dict[str, Any] = json.loads(backend.to_str())
    return described | {"truncation": None, "padding": None}


def _with_secret_specials(described: dict[str, Any]) -> dict[str, Any]:
    """The same tokenizer with special tokens under names that occur in no text (they hold a non-character).

    Switching off the search for special tokens is not enough: a unigram model finds "</s>" in its own vocabulary.
    """
    described = json.loads(json.dumps(described))
    model = described["model"]
    unknown = {model.get("unk_token")}
    secret = {
        token["content"]: f"\ufdd0{token['id']}"
        for token in described["added_tokens"]
        if token["special"] and token["content"] not in unknown and token["id"] != model.get("unk_id")
    }
    for token in described["added_tokens"]:
        token["content"] = secret.get(token["content"], token["content"])
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        model["vocab"] = {secret.get(piece, piece): i for piece, i in vocabulary.items()}
    else:
        model["vocab"] = [[secret.get(piece, piece), score] for piece, score in vocabulary]
    return described | {"post_processor": None}


def _space_between_words(original: Tokenizer) -> str:
    """What to put before an inner word so that it is cut as in running text: nothing, or a space (byte-level)."""
    running = original.encode(" ".join(_PROBE), add_special_tokens=False).ids
    for space in ("", " "):
        words = [_PROBE[0], *(space + word for word in _PROBE[1:])]
        if original.encode(words, is_pretokenized=True, add_special_tokens=False).ids == running:
            return space
    return ""


def _template(
    ids: list[int], types: list[int], texts: Sequence[list[int]], cls: int | None, tokenizer: Any
) -> Template:
    """Cut an encoding at its texts, which stand in it in order."""
    special, special_types, text_types, start = [], [], [], 0
    for text in texts:
        at = next((i for i in range(start, len(ids)) if text and ids[i : i + len(text)] == text), None)
        if at is None:
            raise ModelError(
                f"The tokenizer {type(tokenizer).__name__} gives {ids} for {len(texts)} text(s) of {list(texts)}: the "
                "texts cannot be told from the special pieces. Use a tokenizer that keeps each text in one run."
            )
        special.append(tuple(ids[start:at]))
        special_types.append(tuple(types[start:at]))
        text_types.append(types[at])
        start = at + len(text)
    special.append(tuple(ids[start:]))
    special_types.append(tuple(types[start:]))
    places = [(run, place) for run, pieces in enumerate(special) for place, piece in enumerate(pieces) if piece == cls]
    return Template(tuple(special), tuple(special_types), tuple(text_types), places[0] if places else None)


def _wrapping(bare: list[int], wrapped: list[int], tokenizer: Any) -> Wrapping:
    for start in range(len(wrapped) - len(bare) + 1):
        if bare and wrapped[start : start + len(bare)] == bare:
            return Wrapping(tuple(wrapped[:start]), tuple(wrapped[start + len(bare) :]))
    raise ModelError(
        f"The tokenizer {type(tokenizer).__name__} gives {wrapped} for 'a' with special tokens and {bare} without: "
        "the pieces of the text cannot be told from the special ones. Use a tokenizer that keeps the text in one run."
    )
