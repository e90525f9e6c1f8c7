"""The GLUE tasks by name: their files, columns and metrics (Section 3.1; Wang et al., 2018).

The labels of the official test files are not published: the official development file is the test split, and dev is cut
from train.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from neurosieve.corpus.corpus import Split
from neurosieve.corpus.tables import Columns, read_table
from neurosieve.errors import CorpusError


@dataclass(frozen=True)
class GlueTask:
    """One task: the folder's published name, where texts and label are, and what it is scored by."""

    folder: str
    what: str
    columns: Columns
    metrics: tuple[str, ...] = ("accuracy", "macro_f1")
    numeric: bool = False
    test: str = "dev.tsv"
    further: Mapping[str, str] = field(default_factory=dict)
    skip_short: bool = False

    def read(self, folder: Path) -> dict[str, Split]:
        """Train, test, and further test splits; from the task's folder, or from the one that holds all of GLUE.

        Raises:
            CorpusError: a file is missing or cannot be read.
        """
        here = folder if (folder / "train.tsv").is_file() else folder / self.folder
        files = {"train": "train.tsv", "test": self.test, **self.further}
        missing = [name for name in ("train", "test") if not (here / files[name]).is_file()]
        if missing:
            raise CorpusError(
                f"{folder} holds neither {files[missing[0]]} nor {self.folder}/{files[missing[0]]}: name the folder of "
                f"{self.what}, or the one of all GLUE tasks."
            )
        return {name: self._read(here / file) for name, file in files.items() if (here / file).is_file()}

    def _read(self, path: Path) -> Split:
        return read_table(path, "glue", self.columns, numeric=self.numeric, skip_short=self.skip_short)


_PAIR_F1 = ("accuracy", "f1", "accuracy_f1", "macro_f1")

GLUE: Mapping[str, GlueTask] = MappingProxyType(
    {
        "sst2": GlueTask("SST-2", "sentiment", Columns(("sentence",), "label")),
        "mrpc": GlueTask("MRPC", "paraphrase", Columns(("#1 String", "#2 String"), "Quality"), _PAIR_F1),
        "mnli": GlueTask(
            "MNLI",
            "inference with three answers",
            Columns(("sentence1", "sentence2"), "gold_label"),
            test="dev_matched.tsv",
            further={"test-mismatched": "dev_mismatched.tsv"},
        ),
        "qnli": GlueTask("QNLI", "does the sentence answer the question", Columns(("question", "sentence"), "label")),
        "qqp": GlueTask(
            "QQP",
            "duplicate questions",
            Columns(("question1", "question2"), "is_duplicate"),
            _PAIR_F1,
            skip_short=True,
        ),
        "rte": GlueTask("RTE", "inference with two answers", Columns(("sentence1", "sentence2"), "label")),
        "stsb": GlueTask(
            "STS-B",
            "similarity from 0 to 5",
            Columns(("sentence1", "sentence2"), "score"),
            ("pearson", "spearman", "pearson_spearman"),
            numeric=True,
        ),
        "cola": GlueTask("CoLA", "acceptability", Columns((4,), 2), ("matthews", "accuracy", "macro_f1")),
    }
)
