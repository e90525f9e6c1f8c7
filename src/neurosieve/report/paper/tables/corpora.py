"""Sizes of the corpora (Tables 4 and 5)."""

from __future__ import annotations

from neurosieve.paper.exhibits import Rows
from neurosieve.paper.records import Study, TaskStudy
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.parts import NONE, Cell, assembled, bare, counted, ordered, part, title_of
from neurosieve.report.wording import count, plain
from neurosieve.run.facts import SplitFacts

SPLITS = ("train", "dev", "test")


def table4(study: Study) -> PaperTable | None:
    """Words and tags of the tasks on words (A.1)."""
    return _table(study, "table4", "words")


def table5(study: Study) -> PaperTable | None:
    """Texts and classes of the tasks on texts (A.1)."""
    return _table(study, "table5", "texts")


def _table(study: Study, name: str, rows: Rows) -> PaperTable | None:
    # Corpora are the same for every model, so that the first that read a task stands for all.
    tasks: dict[str, TaskStudy] = {}
    for model in study.models.values():
        tasks = {**model.tasks, **tasks}
    shown = ordered(tasks, rows)
    cells = [_row(one, task, rows) for one, task in shown]
    heads = ("Task", "Corpus", "Train", "Dev", "Test", "Tags")
    measured = [part("As read", heads, cells)] if shown else []
    said = notes.how(study, rows, scores=False, variants=False, published=False)
    return assembled(name, measured, printed.corpora(name), [*_said(rows), *said])


def _row(name: str, task: TaskStudy, rows: Rows) -> list[Cell]:
    corpus = task.corpus
    sizes = [
        _size(name, split, _rows(corpus.splits[split], rows)) if split in corpus.splits else bare(NONE)
        for split in SPLITS
    ]
    tags = len(corpus.classes)
    last = counted("", name, "train", "tags", tags, count(tags)) if tags else bare(NONE)
    return [bare(title_of(name)), bare(plain(corpus.name)), *sizes, last]


def _rows(split: SplitFacts, rows: Rows) -> int:
    return split.words if rows == "words" else split.sentences


def _size(name: str, split: str, size: int) -> Cell:
    return counted("", name, split, "rows", size, count(size))


def _said(rows: Rows) -> list[str]:
    if rows == "words":
        return ["Words per split, as used after every limit; tags are those of train."]
    return [
        "Texts per split, as used after every limit. A pair of sentences is one text. Tasks with numbers have no tags.",
        "The paper's Dev is the official one, on which it reports: the counterpart of Test here.",
    ]
