"""Audit of Section 3.1 and Table 5: splits, tasks and classes."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.published.finding import Finding, agrees, finding
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, TASKS, claim, read, score


def dev_share() -> Finding:
    """How much of train is kept for development."""
    text, table = claim("3.1", "dev_share"), claim("Table 5", "dev_share")
    return finding(
        "dev-share",
        "Section 3.1; caption of Table 5",
        "One part of train serves as development set of the sentence tasks.",
        "Section 3.1 says {text} %, the caption says {table} %; no table prints the sizes after the split.",
        agrees(text == table),
        text=text,
        table=table,
    )


def twelve_tasks() -> Finding:
    """How many tasks there are."""
    said = claim("A.2", "tasks")
    introduced = claim("1", "word_tasks") + claim("1", "sentence_tasks")
    columns = len(set(read("table6")["task"]) & set(TASKS))
    return finding(
        "twelve-tasks",
        "Section 1; A.2; Table 6",
        "A.2 counts 12 tasks.",
        "A.2 says {said}; Section 1 has {introduced} (4 and 7), Table 6 has columns for {columns}.",
        agrees(said == introduced == columns),
        said=said,
        introduced=introduced,
        columns=columns,
    )


def _shares_of_two(task: str) -> bool:
    """Whether the two models' scores on a constant input can be shares of one class of two."""
    bert, xlnet = (score("table7", model, task, "embedding") or 0.0 for model in MODELS)
    return min(abs(bert - xlnet), abs(bert + xlnet - 100)) <= 0.1


def all_binary() -> Finding:
    """Whether MNLI has two classes.

    On the embedding layer [CLS] is a constant, so its classifier says one class of every pair: the two scores of Table
    7 are the shares of the classes it said. Two shares that differ and do not add up to 100 leave room for a third.
    """
    bert, xlnet = (score("table7", model, "mnli", "embedding") or 0.0 for model in MODELS)
    binary = [task for task in SENTENCE_TASKS[:-1] if _shares_of_two(task)]
    return finding(
        "all-binary",
        "Caption of Table 5; A.3; Table 7",
        "All sentence tasks but STS-B are binary.",
        "MNLI has three classes. Table 7 shows it: where [CLS] is constant (the embedding layer) the classifier names "
        "one class and scores its share, {bert} % (BERT) and {xlnet} % (XLNet); {both} % together leaves {third} % "
        "for a third class. On the other {others} classification tasks the two are equal or add up to 100.",
        agrees("mnli" in binary),
        others=len(binary),
        bert=bert,
        xlnet=xlnet,
        both=bert + xlnet,
        third=100 - bert - xlnet,
    )


ITEMS: tuple[Callable[[], Finding], ...] = (dev_share, twelve_tasks, all_binary)
