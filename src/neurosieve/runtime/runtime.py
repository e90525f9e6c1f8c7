"""`CompactModel` without torch: an exported model reads words or texts and gives labels or numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tokenizers import Tokenizer

from neurosieve.errors import ExportError
from neurosieve.pieces.arrays import FloatArray
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.items import Item, check_list, read_items
from neurosieve.pieces.predictions import Predicted, Wanted, check_wanted, predictions
from neurosieve.pieces.reader import PaddingSide
from neurosieve.pieces.tokenization import Segmenter
from neurosieve.pieces.words import Splitting
from neurosieve.runtime.description import Facts, TaskFacts
from neurosieve.runtime.files import MODEL, TOKENIZER, check_files, read_facts
from neurosieve.runtime.reading import read_scores
from neurosieve.runtime.session import Session, check_names

ITEMS_AT_ONCE = 1024


@dataclass(frozen=True)
class _Tokenizer:
    """What a `Segmenter` asks of a tokenizer."""

    backend_tokenizer: Tokenizer
    cls_token_id: int | None


@dataclass(frozen=True, eq=False)
class Runtime:
    """Words or texts in; labels or numbers out. It is a `Reader` of pieces.

    Attributes:
        name: the folder.
        facts: what the export says of itself.
        segmenter: what cuts words and texts into pieces.
        session: the graph.
    """

    name: str
    facts: Facts
    segmenter: Segmenter
    session: Session

    @classmethod
    def from_folder(cls, folder: str | Path, *, threads: int | None = None) -> Runtime:
        """Open what `neurosieve export` wrote; every file is checked against its sha256, and no code is run.

        ``threads`` is how many a batch is computed with; by default as many as there are cores.

        Raises:
            ExportError: a file is missing or altered, the folder holds no export, or onnxruntime is not installed.
        """
        folder = Path(folder).expanduser()
        facts = read_facts(folder)
        check_files(folder, facts)
        segmenter = _segmenter(folder / TOKENIZER, facts)
        session = Session(folder / MODEL, token_types=facts.token_types, threads=threads)
        check_names(session, folder / MODEL, {name: task.output for name, task in facts.tasks.items()})
        return cls(str(folder), facts, segmenter, session)

    @property
    def family(self) -> str:
        """The model type of the encoder."""
        return self.facts.family

    @property
    def window(self) -> int:
        """The most pieces that it reads at once, special ones included."""
        return self.facts.window

    @property
    def n_pieces(self) -> int:
        """How many pieces it has embeddings for."""
        return self.facts.n_pieces

    @property
    def pad_id(self) -> int:
        """The piece that fills up short rows."""
        return self.facts.pad_id

    @property
    def padding_side(self) -> PaddingSide:
        """On which side of a short row it stands."""
        return self.facts.padding_side

    def task(self, name: str | None = None) -> TaskFacts:
        """What is known of a task; without a name, of the only one.

        Raises:
            ExportError: there is no such task, or there are several and none was named.
        """
        tasks = self.facts.tasks
        names = ", ".join(map(repr, tasks))
        if name is None and len(tasks) > 1:
            raise ExportError(f"This export serves several tasks ({names}); say which one.")
        if name is not None and name not in tasks:
            raise ExportError(f"This export has no task {name!r}; it serves {names}.")
        return next(iter(tasks.values())) if name is None else tasks[name]

    def scores(
        self, items: Sequence[Sequence[str] | str], task: str | None = None, *, batch_tokens: int = BATCH_TOKENS
    ) -> FloatArray:
        """Class scores, or numbers, in order: (rows × C) float32, NaN where there is nothing to score.

        A task that labels words takes sequences of words and gives a row per word; the others take texts, or pairs of
        texts, and give a row for each.

        Raises:
            ExportError: there are several tasks and none was named.
            CompactError: an item is of the wrong kind.
        """
        facts = self.task(task)
        check_list(items)
        return self._scores(facts, list(read_items(items, facts.unit, None)), batch_tokens)

    def predict(
        self,
        items: Iterable[str | Sequence[str]],
        task: str | None = None,
        *,
        splitting: Splitting = "punctuation",
        probabilities: Wanted = False,
    ) -> list[Predicted]:
        """A label for every word of every sentence, or a label or a number for every text; in order.

        Where words are labelled, a string is split into words (see `as_words`); a pair of texts is a tuple. With
        ``probabilities`` each label comes with its own, or with "all" with those of all classes.

        Raises:
            ExportError: there are several tasks and none was named.
            CompactError: one string came instead of a list, an item is of the wrong kind, or probabilities are asked of
                a task that gives numbers.
        """
        return list(self.stream(items, task, splitting=splitting, probabilities=probabilities))

    def stream(
        self,
        items: Iterable[str | Sequence[str]],
        task: str | None = None,
        *,
        splitting: Splitting = "punctuation",
        probabilities: Wanted = False,
    ) -> Iterator[Predicted]:
        """The same, lazily: at most `ITEMS_AT_ONCE` items are read ahead, so memory does not grow with their number."""
        facts = self.task(task)
        check_wanted(facts.kind, probabilities)
        check_list(items)
        return self._stream(facts, read_items(items, facts.unit, splitting), probabilities)

    def _stream(self, facts: TaskFacts, waiting: Iterator[Item], wanted: Wanted) -> Iterator[Predicted]:
        while some := list(islice(waiting, ITEMS_AT_ONCE)):
            scores = self._scores(facts, some, BATCH_TOKENS)
            yield from predictions(facts.kind, facts.classes, some, scores, facts.temperature, wanted)

    def _scores(self, facts: TaskFacts, items: Sequence[Item], batch_tokens: int) -> FloatArray:
        return read_scores(self, self.session, facts, items, self.facts.on_too_long, batch_tokens)


_UNKNOWN = "\U00012000"  # a cuneiform sign: a letter, and in hardly any vocabulary


def _segmenter(path: Path, facts: Facts) -> Segmenter:
    """The tokenizer of an export, once it is seen to put the special pieces that it put when it was exported."""
    try:
        tokenizer = Tokenizer.from_file(str(path))
    # The library has no class of its own for what it cannot read.
    except Exception as error:
        raise ExportError(f"The tokenizer {path} cannot be read: {error}. Install a newer tokenizers.") from error
    try:
        segmenter = Segmenter(_Tokenizer(tokenizer, facts.cls_id))
        segmenter([[_UNKNOWN]])
    except Exception as error:
        raise ExportError(
            f"The tokenizer {path} cannot cut every word: {error}. Copy the whole folder again."
        ) from error
    found = segmenter.wrapping
    if (found.prefix, found.suffix) != (facts.prefix, facts.suffix):
        raise ExportError(
            f"The tokenizer {path} puts {found.prefix} and {found.suffix} around a sentence, not {facts.prefix} and "
            f"{facts.suffix}: this version of tokenizers reads it otherwise. Install the one that runtime.json names."
        )
    return segmenter
