"""What is read: sentences with labels (Section 3.1, Appendix A.1)."""

from neurosieve.corpus.builtin import code_roles, library_prose
from neurosieve.corpus.code_tasks import docstring_match, function_complexity
from neurosieve.corpus.corpus import Corpus, Example, Sentence, Split, unseen_labels
from neurosieve.corpus.duplicates import Overlap, duplicates
from neurosieve.corpus.readers import read_columns, read_conllu, read_text
from neurosieve.corpus.tables import read_table
from neurosieve.corpus.tasks import TASKS, load_task

__all__ = [
    "TASKS",
    "Corpus",
    "Example",
    "Overlap",
    "Sentence",
    "Split",
    "code_roles",
    "docstring_match",
    "duplicates",
    "function_complexity",
    "library_prose",
    "load_task",
    "read_columns",
    "read_conllu",
    "read_table",
    "read_text",
    "unseen_labels",
]
