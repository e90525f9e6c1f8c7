"""What is read: sentences with labels (Section 3.1, Appendix A.1)."""

from neurosieve.corpus.builtin import code_roles, library_prose
from neurosieve.corpus.corpus import Corpus, Sentence, Split, unseen_labels
from neurosieve.corpus.readers import read_columns, read_conllu, read_text
from neurosieve.corpus.tasks import TASKS, load_task

__all__ = [
    "TASKS",
    "Corpus",
    "Sentence",
    "Split",
    "code_roles",
    "library_prose",
    "load_task",
    "read_columns",
    "read_conllu",
    "read_text",
    "unseen_labels",
]
