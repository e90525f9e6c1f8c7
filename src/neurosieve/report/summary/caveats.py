"""Sentences about how far the others can be trusted."""

from __future__ import annotations

from neurosieve.report.nouns import row_noun, sentence_noun
from neurosieve.report.wording import count, listing, plain, plural
from neurosieve.run.facts import Duplicates
from neurosieve.run.results import Results, Task

SHOWN_LABELS = 8
LONGEST_EXAMPLE = 70


def caveats(results: Results) -> list[str]:
    """What the intervals cover and what they do not, and what the corpora lack."""
    sentences = [_intervals(results)]
    if any(task.compact for task in results.tasks.values()):
        machine = results.environment
        sentences.append(
            f"Speeds are medians, their brackets the range of the rounds, on {plain(machine.device)} with "
            f"{plural(machine.threads, 'thread')} in {plain(machine.dtype)}."
        )
    for name, task in results.tasks.items():
        sentences += [*_corpus(task), *_rows(plain(name), task), *_parity(plain(name), task)]
    if results.warnings:
        sentences.append(f"The run gave {plural(len(results.warnings), 'warning')}, listed with the results.")
    return list(dict.fromkeys(sentences))  # tasks on one corpus say the same of it


def _intervals(results: Results) -> str:
    if not results.tasks:
        return "Nothing was measured against labels, so there are no scores and no intervals."
    nouns = " or ".join(dict.fromkeys(f"{sentence_noun(task)}s" for task in results.tasks.values()))
    return (
        "Choices were made on dev and scores are reported on test; brackets are 95 % intervals from resampled test "
        f"{nouns}, for one run with seed {results.seed}: they do not cover other seeds or other corpora."
    )


def _corpus(task: Task) -> list[str]:
    corpus, nouns = task.corpus, f"{sentence_noun(task)}s"
    sentences = []
    if corpus.dev_is_cut_from_train:
        sentences.append(f"The corpus {plain(corpus.name)} has no dev split: {nouns} of train were set aside for it.")
    return sentences + [_duplicates(task, found) for found in corpus.duplicates]


def _duplicates(task: Task, found: Duplicates) -> str:
    verb = "stands" if found.count == 1 else "stand"
    example = f", e.g. “{plain(found.examples[0], LONGEST_EXAMPLE)}”" if found.examples else ""
    return (
        f"{plural(found.count, sentence_noun(task))} of {plain(found.second)} also {verb} in {plain(found.first)} "
        f"({plain(task.corpus.name)}){example}."
    )


def _rows(name: str, task: Task) -> list[str]:
    splits, noun = task.corpus.splits.values(), row_noun(task)
    sentences = []
    missing = sum(split.missing for split in splits)
    if missing:
        were = "was" if missing == 1 else "were"
        sentences.append(f"{plural(missing, noun)} of {name} got no vector and {were} left out of training and scores.")
    truncated = sum(split.truncated for split in splits)
    if truncated:
        sentences.append(_truncated(name, truncated, noun))
    unseen = sorted({plain(label) for labels in task.corpus.unseen_labels.values() for label in labels})
    if unseen:
        more = f" and {count(len(unseen) - SHOWN_LABELS)} more" if len(unseen) > SHOWN_LABELS else ""
        shown = unseen[:SHOWN_LABELS]
        named = ", ".join(shown) + more if more else listing(shown)
        sentences.append(f"Labels of {name} that training never saw count as wrong: {named}.")
    return sentences


def _truncated(name: str, truncated: int, noun: str) -> str:
    if noun == "word":
        were = "lies past the model's window and was" if truncated == 1 else "lie past the model's window and were"
        return f"{plural(truncated, noun)} of {name} {were} left out of training and scores."
    were, its = ("was", "its") if truncated == 1 else ("were", "their")
    return f"{plural(truncated, noun)} of {name} {were} longer than the model's window and {were} cut at {its} end."


def _parity(name: str, task: Task) -> list[str]:
    if task.compact is None or not task.compact.parity:
        return []
    rows = plural(task.compact.parity, f"test {row_noun(task)}")
    return [f"On {rows} of {name} the saved compact model does not say what the sieve's probe said."]
