"""How known folders of corpora are laid out: a new layout or a new task is a row in a table here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from neurosieve.corpus.corpus import Split
from neurosieve.corpus.files import read_source
from neurosieve.corpus.readers import read_columns, read_conllu
from neurosieve.errors import CorpusError

Label = int | str


@dataclass(frozen=True)
class ColumnsFormat:
    """Files in columns: where words stand, and what ``read_columns`` must know besides.

    ``separator`` None means a tab where the first line that is no comment holds one, and any white space elsewhere.
    """

    words: int = 1
    separator: str | None = None
    comments: str | None = None
    inner_space: str | None = None
    kind: str = "columns"

    def read(self, path: Path, label: Label, words: int | None = None) -> Split:
        """Read a file with its labels from a column; ``words`` overrides the column of the words."""
        if not isinstance(label, int):
            raise CorpusError(f"{path} is in columns; give the numbers of its columns instead of the label {label!r}.")
        return read_columns(
            path,
            words=self.words if words is None else words,
            labels=label,
            separator=self.separator or self._sniff(path),
            comments=self.comments,
            inner_space=self.inner_space,
        )

    def _sniff(self, path: Path) -> str | None:
        lines = (line for line in read_source(path).lines if line.strip(" \t"))
        first = next((line for line in lines if not (self.comments and line.startswith(self.comments))), "")
        return "\t" if "\t" in first else None


@dataclass(frozen=True)
class ConlluFormat:
    """Files in CoNLL-U."""

    kind: str = "conllu"

    def read(self, path: Path, label: Label, words: int | None = None) -> Split:
        """Read a file with its labels from a field; words have a place of their own, so ``words`` means columns."""
        if words is not None or not isinstance(label, str):
            raise CorpusError(f"{path} is CoNLL-U; give a label (upos, xpos, deprel, feats:KEY) instead of columns.")
        return read_conllu(path, label=label)


@dataclass(frozen=True)
class Layout:
    """A way to lay a corpus out in a folder: its format, its files, and the labels that it offers.

    ``files`` maps splits to glob patterns (only train and test must be there); ``labels`` maps tasks to the column or
    the field that holds their labels.
    """

    name: str
    format: ColumnsFormat | ConlluFormat
    files: Mapping[str, str]
    labels: Mapping[str, Label] = field(default_factory=dict)

    @property
    def offer(self) -> str:
        """What this layout offers, in words, for messages."""
        return ", ".join(sorted(self.labels)) or "no task by name"

    def is_in(self, folder: Path) -> bool:
        """Whether the folder holds a training or a test file of this layout."""
        return any(any(folder.glob(self.files[split])) for split in ("train", "test"))

    def find(self, folder: Path) -> dict[str, Path]:
        """The file of each split that the folder holds.

        Raises:
            CorpusError: a pattern matches more than one file.
        """
        found = {}
        for split, pattern in self.files.items():
            paths = sorted(folder.glob(pattern))
            if len(paths) > 1:
                names = ", ".join(path.name for path in paths)
                raise CorpusError(f"{folder} holds {len(paths)} files for {split} ({names}); name one explicitly.")
            if paths:
                found[split] = paths[0]
        return found


# Of two layouts that fit a folder, the first that offers the task is taken; the last row fits any columns.
LAYOUTS = (
    Layout(
        "conll2000",
        ColumnsFormat(),
        {"train": "train.txt", "dev": "dev.txt", "test": "test.txt"},
        {"pos": 2, "chunk": 3},
    ),
    Layout(
        "ud",
        ConlluFormat(),
        {"train": "*train.conllu", "dev": "*dev.conllu", "test": "*test.conllu"},
        {"pos": "upos"},
    ),
    Layout(
        "pmb",
        ColumnsFormat(separator="\t", comments="#", inner_space="~"),
        {"train": "train.conll", "dev": "dev.conll", "test": "test.conll", "test-eval": "eval.conll"},
        {"sem": 4, "ccg": 5},
    ),
    Layout("columns", ColumnsFormat(), {"train": "train.*", "dev": "dev.*", "test": "test.*"}),
)


def layouts_for(format: str | None) -> tuple[Layout, ...]:
    """The layouts that a format allows: by its kind (columns, conllu) or by a layout's own name; None allows all.

    Raises:
        CorpusError: there is none.
    """
    fitting = tuple(layout for layout in LAYOUTS if format in (None, layout.format.kind, layout.name))
    if not fitting:
        known = sorted({layout.format.kind for layout in LAYOUTS} | {layout.name for layout in LAYOUTS})
        raise CorpusError(f"There is no format {format!r}; choose one of {', '.join(known)}.")
    return fitting


def layout_of_folder(folder: Path, format: str | None, task: str) -> Layout:
    """The layout that a folder has; of several, one that offers the task.

    Raises:
        CorpusError: the folder does not exist or fits no layout.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder; name the folder that holds the corpus, or its files one by one.")
    fitting = layouts_for(format)
    found = [layout for layout in fitting if layout.is_in(folder)]
    if not found:
        looked_for = "; ".join(f"{layout.name}: {', '.join(layout.files.values())}" for layout in fitting)
        raise CorpusError(f"{folder} holds no corpus of a known layout (looked for {looked_for}).")
    return next((layout for layout in found if task in layout.labels), found[0])


def layout_of_file(path: Path, format: str | None) -> Layout:
    """The layout for files named one by one: as the format says, else CoNLL-U by its suffix, else columns."""
    return layouts_for(format or ("conllu" if path.suffix == ".conllu" else "columns"))[-1]
