"""Files that hold a corpus: columns, CoNLL-U, tables, plain text, and the definition of a task."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

from fuzz.mutation import json_changed, lines_changed, toml_changed
from fuzz.target import Target, expect
from neurosieve.corpus import Corpus, Example, Sentence, Split, read_columns, read_conllu, read_table, read_text
from neurosieve.corpus import hub as hub_reader
from neurosieve.corpus.tables import Columns, numbers_or_classes
from neurosieve.corpus.tasks import load_task
from neurosieve.errors import NeurosieveError

Reader = Callable[[Path], Split]


class _OneFile(Target):
    """The same bytes for several readers, or one reader under several options; a refusal by one is no one else's."""

    file: str
    readers: tuple[Reader, ...]

    def files(self) -> tuple[str, ...]:
        return (self.file,)

    def read(self, data: bytes) -> None:
        path = self.place / self.file
        path.write_bytes(data)
        refused: NeurosieveError | None = None
        for reader in self.readers:
            try:
                found = reader(path)
            except NeurosieveError as error:
                refused = error
                continue
            check_split(found, self.file)
            self.check(found)
        if refused is not None:
            raise refused

    def check(self, found: Split) -> None:
        """What must hold besides."""

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return lines_changed(data, rng)


def check_split(found: Split, file: str) -> None:
    """What holds of any split, whoever read it."""
    expect(len(found.sentences) > 0, "a split without a sentence")
    expect(list(found.sources) == [file] and len(found.sources[file]) == 64, "the source is not named")
    expect(len(set(map(type, found.sentences))) == 1, "sentences and texts in one split")
    for one in found.sentences:
        if isinstance(one, Sentence):
            expect(len(one.words) > 0 and all(isinstance(word, str) and word for word in one.words), "an empty word")
            if one.labels is not None:
                expect(len(one.labels) == len(one.words), "words and labels are not as many")
                expect(all(isinstance(label, str) and label for label in one.labels), "an empty label")
        else:
            _check_example(one)
    found.words, found.texts, found.labels, found.n_words  # noqa: B018 (they must not fail)


def _check_example(one: Example) -> None:
    expect(len(one.texts) in (1, 2) and all(isinstance(t, str) and t.strip() for t in one.texts), "an empty text")
    named = isinstance(one.label, str) and bool(one.label)
    expect(named or (isinstance(one.label, float) and math.isfinite(one.label)), f"the label {one.label!r}")


class ColumnsFile(_OneFile):
    """See `read_columns`."""

    name, what, file = "columns", "words and labels in columns", "train.txt"
    readers = (
        partial(read_columns, words=1, labels=2),
        partial(read_columns, words=2, labels=None),
        partial(read_columns, words=1, labels=4, separator="\t", comments="#", inner_space="~"),
    )

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        pmb = b"# a comment\nCharles~de~Gaulle\tx\ty\tPER\tN\nis\tx\ty\tNOW\t(S\\NP)/NP\n\n~\tx\ty\tQUE\t.\n"
        self.seeds = [(made / "columns" / "test.txt").read_bytes()[:1500], pmb, b"-DOCSTART- -X- O\n\nEU B-ORG\r\n"]

    def check(self, found: Split) -> None:
        """Written again with tabs, and read again, it is the same."""
        rows = []
        for one in found.sentences:
            expect(isinstance(one, Sentence), "columns hold sentences")
            labels = one.labels or one.words
            rows += [*(f"_\t{word}\t{label}\t_" for word, label in zip(one.words, labels, strict=True)), ""]
        path = self.place / "again.txt"
        path.write_text("\n".join(rows), encoding="utf-8", newline="\n")
        again = read_columns(path, words=2, labels=3, separator="\t")
        expect(again.words == found.words, "words change when they are written and read again")
        with_labels = tuple(one.labels or one.words for one in found.sentences if isinstance(one, Sentence))
        expect(tuple(one.labels for one in again.sentences) == with_labels, "labels change likewise")


class Conllu(_OneFile):
    """See `read_conllu`."""

    name, what, file = "conllu", "CoNLL-U", "train.conllu"
    readers = tuple(partial(read_conllu, label=label) for label in (None, "upos", "xpos", "deprel", "feats:Number"))

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        head = "# sent_id = 1\n# text = del perros\n"
        ranged = "1-2\tdel\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
        words = "1\tde\tde\tADP\tIN\t_\t3\tcase\t3:case\t_\n2\tel\tel\tDET\tDT\tNumber=Sing|Gender=Masc\t3\tdet\t_\t_\n"
        empty = "2.1\tx\t_\tX\t_\t_\t_\t_\t0:root\t_\n"
        last = "3\tperros\tperro\tNOUN\tNN\tNumber=Plur\t0\troot\t0:root\t_\n"
        self.seeds = [(head + ranged + words + empty + last + "\n").encode() * 2, (words + last).encode()]


class _Table(_OneFile):
    def check(self, found: Split) -> None:
        expect(isinstance(numbers_or_classes(found), bool), "numbers or classes?")


def _table(format: str, texts: tuple[int | str, ...], label: int | str, **more: bool) -> Reader:
    return partial(read_table, format=format, columns=Columns(texts, label), **more)


class Glue(_Table):
    """See `read_table`."""

    name, what, file = "glue", "GLUE's TSV, with classes and with numbers", "train.tsv"
    readers = (
        _table("glue", ("sentence",), "label"),
        _table("glue", (1,), 2),
        _table("glue", ("sentence1", "sentence2"), "score", numeric=True, skip_short=True),
    )

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [(made / name / "train.tsv").read_bytes() for name in ("SST-2", "STS-B")]


class Quoted(_Table):
    """See `read_table`."""

    name, what, file = "csv", "CSV and TSV with quotes", "train.csv"
    readers = (
        _table("csv", ("text",), "label"),
        _table("csv", (1, 2), 3),
        _table("tsv", (1,), 2, numeric=True),
    )

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [
            b'text,label\n"a ""quoted"" text, with a comma",yes\r\n"two\nlines",no\n',
            b"a,b,label\none,two,3\n",
            b"text\tlabel\none\t0.5\ntwo\t-1e3\n",
        ]


class JsonLines(_Table):
    """See `read_table`."""

    name, what, file = "jsonl", "JSON lines, texts or lists of words", "train.jsonl"
    readers = (
        _table("jsonl", ("text",), "label"),
        _table("jsonl", ("text", "other"), "label", numeric=True),
        _table("jsonl", ("words",), "labels"),
    )

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [
            b'{"text": "one", "label": "yes"}\n{"text": "two", "label": true}\n',
            b'{"text": "one", "other": "two", "label": 0.5}\n\n{"text": "a", "other": "b", "label": "3"}\n',
            b'{"words": ["a", "b"], "labels": ["X", "Y"]}\n{"words": [1, true], "labels": [0, 1]}\n',
        ]

    def mutated(self, data: bytes, rng: Random) -> bytes:
        """One line as JSON, or lines."""
        if rng.random() < 0.3:
            return lines_changed(data, rng)
        lines = data.split(b"\n")
        at = rng.randrange(len(lines))
        lines[at] = json_changed(lines[at], rng)
        return b"\n".join(lines)


class PlainText(_OneFile):
    """See `read_text`."""

    name, what, file = "text", "plain text", "text.txt"
    readers = (read_text,)

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = ["The fox jumps .\n\n\u00a0 naïve café \u2028 東京 😀\r\n\ufeffx".encode()]


class Definition(Target):
    """A task in TOML, with its corpus beside it; the file and all that it names is read."""

    name, what, longest = "definition", "a task's definition in TOML, and the task itself", 8192

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        hub_reader.PACKAGE = "no_package_of_this_name"  # no data set is asked for
        for name in ("train", "test"):
            (place / f"{name}.csv").write_text("text,other,label\na b,c,1\nd e,f,2\ng,h,1\n", encoding="utf-8")
            (place / f"{name}.conllu").write_bytes(b"1\tde\tde\tADP\tIN\t_\t3\tcase\t3:case\t_\n\n" * 3)
        (place / "corpus").mkdir()
        for name in ("train", "test"):
            (place / "corpus" / f"{name}.txt").write_text("a X\nb Y\n\nc X\n\nd Y\n", encoding="utf-8")
        self.seeds = [
            b'kind = "classification"\ntrain = "train.csv"\ntest = "test.csv"\ncolumns = ["text", "label"]\n',
            b'format = "csv"\ntrain = "train.csv"\ndev = "test.csv"\ntest = "test.csv"\ncolumns = [1, 2, 3]\n'
            b'metrics = ["f1", "accuracy"]\n',
            b'data = "corpus"\ncolumns = [1, 2]\n',
            b'train = "train.conllu"\ntest = "test.conllu"\nlabel = "upos"\nformat = "conllu"\n',
        ]

    def files(self) -> tuple[str, ...]:
        return ("task.toml", "train.", "test.", "corpus")

    def read(self, data: bytes) -> None:
        path = self.place / "task.toml"
        path.write_bytes(data)
        check_corpus(load_task(str(path)))

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return toml_changed(data, rng)


def check_corpus(corpus: Corpus) -> None:
    """What holds of any corpus with labels."""
    expect({"train", "dev", "test"} <= set(corpus.splits), "a split is missing")
    expect(corpus.kind in ("labelling", "classification", "regression"), f"the kind {corpus.kind!r}")
    expect(bool(corpus.metrics) and all(isinstance(name, str) for name in corpus.metrics), "the metrics")
    expect(list(corpus.classes) == sorted(corpus.classes), "the classes")
    for split in corpus.splits.values():
        for file in [*split.sources][:1]:
            with suppress(StopIteration):
                check_split(split, file)


TARGETS = (ColumnsFile, Conllu, Glue, Quoted, JsonLines, PlainText, Definition)
