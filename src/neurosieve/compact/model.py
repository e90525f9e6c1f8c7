"""The compact model: a truncated encoder, the neurons that were kept, and a linear head for each task (Section 7)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from torch import Tensor

from neurosieve.activations import BATCH_TOKENS, Aggregation, Encoder, OnTooLong, Pooling
from neurosieve.arrays import Neuron
from neurosieve.compact.description import TASK
from neurosieve.compact.explanation import Explanation, explanations
from neurosieve.compact.files import read_compact, write_compact
from neurosieve.compact.head import Head
from neurosieve.compact.hub import folder_of, push
from neurosieve.compact.joining import check_head, shared_encoder
from neurosieve.compact.reading import read_scores, read_values
from neurosieve.compact.trimming import cut
from neurosieve.errors import CompactError
from neurosieve.memory import give_back_memory
from neurosieve.pieces.items import Item, check_list, read_items
from neurosieve.pieces.predictions import Kind, Predicted, Predictions, Wanted, check_wanted, predictions
from neurosieve.pieces.words import Splitting
from neurosieve.showing import Shown

ITEMS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class CompactModel(Shown):
    """Words or texts in; labels or numbers out.

    Attributes:
        encoder: as many layers as the highest kept neuron needs.
        heads: for each task the kept neurons and the linear map on them, in the order of the tasks.
        on_too_long: what happens to sentences beyond the window; texts are cut, unless it is ``"error"``.
        measured: what was measured when it was made, as saved beside it; may be empty.
    """

    encoder: Encoder
    heads: dict[str, Head]
    on_too_long: OnTooLong = "window"
    measured: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        encoder: Encoder,
        neurons: Sequence[tuple[int, int]],
        weight: Tensor,
        bias: Tensor,
        classes: Sequence[str] = (),
        *,
        kind: Kind = "labelling",
        aggregation: Aggregation = "last",
        pooling: Pooling | None = None,
        on_too_long: OnTooLong = "window",
        truncate: bool = True,
        task: str = TASK,
    ) -> CompactModel:
        """Cut the encoder after the highest layer that a kept neuron lives in, and put one head on it.

        ``weight`` is (neurons × classes), ``bias`` (classes,); a regression has one column and no classes.
        ``pooling`` is given where whole texts are judged. ``truncate=False`` leaves the encoder whole: that is the
        full model with its probe, to compare with.

        Raises:
            CompactError: there is no neuron or no class, the encoder lacks a neuron, the shapes or the kind do not
                fit, or the task's name is blank.
            ModelError: the encoder cannot be truncated, or has no classification token where texts shall be read by it.
        """
        named = tuple(Neuron(*neuron) for neuron in neurons)
        head = Head(named, weight.float(), bias.float(), tuple(classes), kind, aggregation, pooling)
        check_head(head, encoder, task)
        short = cut(encoder, max(head.layers)) if truncate else encoder
        return cls(short, {task: head.to(encoder.device)}, on_too_long)

    @classmethod
    def join(cls, models: Mapping[str, CompactModel]) -> CompactModel:
        """One model of several with one head each, under the names given: a shared encoder, the union of neurons.

        All must be cut from one full model. What was measured of each is not carried over.

        Raises:
            CompactError: there is none, one has several heads, or they do not go together.
        """
        heads = {name: model.head for name, model in models.items()}
        ways = sorted({model.on_too_long for model in models.values()})
        if len(ways) != 1:
            raise CompactError(
                f"Models that treat long sentences in different ways ({', '.join(ways)}) cannot be joined."
                if ways
                else "There is no model to join."
            )
        last_layer = max(max(head.layers) for head in heads.values())
        encoder = shared_encoder({name: model.encoder for name, model in models.items()}, last_layer)
        for name, head in heads.items():
            check_head(head, encoder, name)
        return cls(encoder, {name: head.to(encoder.device) for name, head in heads.items()}, ways[0])

    @classmethod
    def from_pretrained(
        cls,
        folder: str | Path,
        *,
        revision: str | None = None,
        device: str = "auto",
        trust_remote_code: bool = False,
    ) -> CompactModel:
        """Load what `save_pretrained` or `push_to_hub` wrote; every file is checked against its sha256.

        No code that lies in the folder runs, unless ``trust_remote_code`` says so.

        Args:
            folder: a folder, or the id OWNER/NAME of a model of the hub; only an id touches the network.
            revision: branch, tag or commit, for an id.
            device: "auto" takes CUDA where there is one.
            trust_remote_code: run code that comes with the encoder; off by default.

        Raises:
            CompactError: a file is missing or altered, or the folder holds no compact model.
        """
        about, encoder, heads = read_compact(folder_of(folder, revision), device, trust_remote_code)
        placed = {name: head.to(encoder.device) for name, head in heads.items()}
        return cls(encoder, placed, about.on_too_long, dict(about.measured))

    def save_pretrained(self, folder: str | Path, card: str = "") -> None:
        """Write encoder, tokenizer, heads, description and model card (``card``, Markdown) as one folder.

        The folder appears whole or not at all; one that is there already is replaced.

        Raises:
            CompactError: the folder holds something else than a compact model.
            OSError: it cannot be written.
        """
        write_compact(Path(folder), self.encoder, self.heads, self.on_too_long, self.measured, card)

    def push_to_hub(
        self,
        repo_id: str,
        card: str = "",
        *,
        private: bool = True,
        token: str | None = None,
        commit_message: str = "A compact model by neurosieve",
    ) -> str:
        """Save the model and upload it as OWNER/NAME of the Hugging Face hub, in one commit; returns its address.

        A new repository is private unless ``private=False`` says otherwise. Without ``token`` that of the machine's
        login is taken.

        Raises:
            CompactError: the hub refuses, or cannot be reached.
        """
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "compact"
            self.save_pretrained(folder, card)
            return push(folder, repo_id, private=private, token=token, message=commit_message)

    @property
    def head(self) -> Head:
        """The head, where there is one alone.

        Raises:
            CompactError: there are several.
        """
        return self.head_of()

    def head_of(self, task: str | None = None) -> Head:
        """The head of a task; without a name, the only one.

        Raises:
            CompactError: there is no such task, or there are several and none was named.
        """
        names = ", ".join(map(repr, self.heads))
        if task is None and len(self.heads) > 1:
            raise CompactError(f"This compact model serves several tasks ({names}); say which one.")
        if task is not None and task not in self.heads:
            raise CompactError(f"This compact model has no task {task!r}; it serves {names}.")
        return next(iter(self.heads.values())) if task is None else self.heads[task]

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """The neurons of all heads, each once, by layer and unit."""
        return tuple(sorted({neuron for head in self.heads.values() for neuron in head.neurons}))

    @property
    def n_parameters(self) -> int:
        """Parameters of the encoder as it stands, and of the heads."""
        return self.encoder.n_parameters + sum(head.n_parameters for head in self.heads.values())

    def scores(
        self, items: Sequence[Sequence[str] | str], task: str | None = None, *, batch_tokens: int = BATCH_TOKENS
    ) -> Tensor:
        """Class scores, or numbers, in order: (rows × C) float32, NaN where there is no vector.

        A labelling head takes sequences of words and gives a row per word; the others take texts, or pairs of texts,
        and give a row for each.

        Raises:
            CompactError: several tasks and none named, or an item is of the wrong kind.
        """
        name = task if task is not None else next(iter(self.heads))
        return self._scores({name: self.head_of(task)}, items, batch_tokens)[name]

    def scores_all(
        self,
        items: Sequence[Sequence[str] | str],
        tasks: Iterable[str] | None = None,
        *,
        batch_tokens: int = BATCH_TOKENS,
    ) -> dict[str, Tensor]:
        """The scores of all tasks, or of some, on the same items; heads that read vectors alike share the encoder.

        Raises:
            CompactError: some of the tasks label words and some judge texts, or an item is of the wrong kind.
        """
        heads = self.heads if tasks is None else {task: self.head_of(task) for task in tasks}
        if len({head.unit for head in heads.values()}) > 1:
            raise CompactError("Some tasks label words, others judge texts: name those that read the same items.")
        alike: dict[str | None, dict[str, Head]] = {}
        for name, head in heads.items():
            alike.setdefault(head.pooling or head.aggregation, {})[name] = head
        found = [self._scores(group, items, batch_tokens) for group in alike.values()]
        return {name: scores[name] for name in heads for scores in found if name in scores}

    def predict(
        self,
        items: Iterable[str | Sequence[str]],
        task: str | None = None,
        *,
        splitting: Splitting = "punctuation",
        probabilities: Wanted = False,
    ) -> Predictions:
        """A label for every word of every sentence, or a label or a number for every text; in order.

        Where words are labelled, a string is split into words (see `as_words`); a pair of texts is a tuple. With
        ``probabilities`` each label comes with its own, or with "all" with those of all classes.

        Raises:
            CompactError: one string came instead of a list, an item is of the wrong kind, there are several tasks and
                none was named, or probabilities are asked of a task that gives numbers.
        """
        return Predictions(self.stream(items, task, splitting=splitting, probabilities=probabilities))

    def stream(
        self,
        items: Iterable[str | Sequence[str]],
        task: str | None = None,
        *,
        splitting: Splitting = "punctuation",
        probabilities: Wanted = False,
    ) -> Iterator[Predicted]:
        """The same, lazily: at most `ITEMS_AT_ONCE` items are read ahead, so memory does not grow with their number."""
        head = self.head_of(task)
        check_wanted(head.kind, probabilities)
        check_list(items)
        return self._stream(head, read_items(items, head.unit, splitting), probabilities)

    def _stream(self, head: Head, waiting: Iterator[Item], wanted: Wanted) -> Iterator[Predicted]:
        while some := list(islice(waiting, ITEMS_AT_ONCE)):
            scores = read_scores(self.encoder, {"": head}, some, self.on_too_long, BATCH_TOKENS)
            yield from predictions(head.kind, head.classes, some, scores[""].numpy(), head.temperature, wanted)
            if len(some) == ITEMS_AT_ONCE:
                give_back_memory()  # holes between batches would add up, some 40 bytes a word

    def explain(
        self,
        items: Iterable[str | Sequence[str]],
        task: str | None = None,
        *,
        label: str | None = None,
        against: str | None = None,
        splitting: Splitting = "punctuation",
    ) -> list[Explanation]:
        """Which kept neurons decided what `predict` says of each word or text; none for those without a vector.

        By default the predicted class is explained against the runner-up; ``label`` names another class to explain,
        ``against`` another to compare it with. Holds rows × neurons numbers three times in memory.

        Raises:
            CompactError: as for `predict`, or there is no such class.
        """
        head = self.head_of(task)
        check_list(items)
        given = list(read_items(items, head.unit, splitting))
        values = read_values(self.encoder, head, given, self.on_too_long, BATCH_TOKENS)
        return list(explanations(head, given, values, label, against))

    def _scores(self, heads: dict[str, Head], items: Sequence[Any], batch_tokens: int) -> dict[str, Tensor]:
        check_list(items)
        unit = next(iter(heads.values())).unit
        given = list(read_items(items, unit, None))
        return read_scores(self.encoder, heads, given, self.on_too_long, batch_tokens)
