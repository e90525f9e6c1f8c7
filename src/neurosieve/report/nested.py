"""Nested selection for people: what it says in sentences, and tables of scores and folds; the same as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neurosieve.markdown import escaped
from neurosieve.report.files import write_file
from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.tables.base import Row, Table
from neurosieve.report.wording import bounds, count, number, percent, plain, plural, ranking_name, tolerance
from neurosieve.run.nested.records import FoldFound, NestedStudy, OutOfFold
from neurosieve.run.schema import Scores
from neurosieve.terminal import aligned, bullets

CSV_FILE, PAGE_FILE = "nested.csv", "nested.md"
LINE = 80
"""Characters of a line of the page's sentences."""
MISSED = "* No smaller set stayed within the tolerance on dev."

COLUMNS = {
    "fold": "which part of the sentences was left out",
    "train": "sentences or texts that probes were trained on",
    "dev": "sentences or texts that chose",
    "left_out": "sentences or texts that were left out",
    "neurons": "how many were kept",
    "layers": "layers that they need, the embeddings counted",
    "threshold": "c_t of the clustering; empty is none",
    "reached": "False: no smaller set stayed within the tolerance on dev",
    "oracle_dev": "score of all neurons on dev",
    "chosen_dev": "score of those kept on dev, which chose them",
    "oracle": "score of all neurons on what was left out",
    "chosen": "score of those kept on what was left out",
}


def nested_table(study: NestedStudy) -> Table:
    """A row for each fold."""
    return Table("nested", f"Folds of {study.task}", COLUMNS, tuple(_row(one) for one in study.found))


def _row(one: FoldFound) -> Row:
    kept = (one.neurons, one.layers, one.threshold, one.reached)
    return (one.fold + 1, *one.sentences, *kept, one.oracle_dev, one.chosen_dev, one.oracle, one.chosen)


def nested_sentences(study: NestedStudy) -> list[str]:
    """What was found, in plain sentences; what it is an estimate of comes last."""
    whole = study.together
    if whole is None:
        return [f"{len(study.found)} of {plural(study.folds, 'fold')} are done; the same command goes on."]
    metric = metric_named(study.metric)
    sentences = [_how(study), _scores(study, whole, metric), _verdict(study, whole, metric)]
    sentences += [_flattered(whole, metric), _random(whole, metric), _sizes(study), _agreement(study, whole)]
    return [*sentences, *_caveats(study), _estimates(study)]


def _noun(study: NestedStudy) -> str:
    return "sentence" if study.kind == "labelling" else "text"


def _chooser(study: NestedStudy) -> str:
    return "the sieve" if study.chooser == "sieve" else f"the minimal set by {ranking_name(study.chooser)}"


def _how(study: NestedStudy) -> str:
    noun, rest = _noun(study), study.folds - 2
    others = "the other one trained" if rest == 1 else f"the other {rest} trained"
    rows = f" ({plural(study.rows, 'word')})" if study.kind == "labelling" else ""
    return (
        f"Each of {plural(study.sentences, noun)}{rows} was scored once, by probes that never saw it: of "
        f"{study.folds} folds one was left out in turn, the next chose, and {others}."
    )


def _scores(study: NestedStudy, whole: OutOfFold, metric: Metric) -> str:
    return (
        f"Out of fold the oracle, all {count(study.model.neurons)} neurons, reaches {metric.score(whole.oracle)} "
        f"{metric.title}, and what {_chooser(study)} kept {metric.score(whole.chosen)}: "
        f"{metric.difference(whole.difference)} against the oracle."
    )


def _verdict(study: NestedStudy, whole: OutOfFold, metric: Metric) -> str:
    base = (whole.majority.interval or (0.0, 0.0))[1] if whole.majority else 0.0
    if whole.oracle.value <= 0 or (whole.oracle.interval or (1.0, 1.0))[0] <= base:
        return "The oracle is not clearly better than what needs no neuron, so a loss against it says nothing."
    allowed, asked = -study.tolerance * whole.oracle.value, f"the {tolerance(study.tolerance)} that were allowed"
    if whole.difference.interval[0] > allowed:
        return f"The loss stays within {asked}, and so does its whole interval."
    if whole.difference.value > allowed:
        return f"The loss stays within {asked}, but its interval reaches past them."
    return f"The loss exceeds {asked}."


def _flattered(whole: OutOfFold, metric: Metric) -> str:
    """What would have been said of the same rows by the dev that chose."""
    gap = whole.dev_difference.value - whole.difference.value
    told = f"As dev, which chose, the same rows said {metric.change(whole.dev_difference.value)}"
    if gap <= 0:
        return f"{told}: here choosing did not flatter itself."
    return f"{told}: choosing flattered itself by {metric.change(gap).removeprefix('+')}."


def _random(whole: OutOfFold, metric: Metric) -> str:
    base = f" (always the most frequent class: {metric.value(whole.majority.value)})" if whole.majority else ""
    return (
        f"As many neurons at random reach {metric.score(whole.at_random)}{base}; against them, what was "
        f"chosen has {metric.difference(whole.over_random)}."
    )


def _sizes(study: NestedStudy) -> str:
    sizes, layers = [one.neurons for one in study.found], [one.layers for one in study.found]
    mean = sum(sizes) / len(sizes)
    missed = sum(not one.reached for one in study.found)
    ending = f"; in {plural(missed, 'fold')} nothing smaller stayed within the tolerance" if missed else ""
    return (
        f"The folds kept {_span(sizes)} neurons (mean {number(mean, 0)}, {percent(mean / study.model.neurons)}), which "
        f"need {_span(layers)} of {plural(study.model.layers, 'layer')}{ending}."
    )


def _span(values: list[int]) -> str:
    return " to ".join(dict.fromkeys(count(value) for value in (min(values), max(values))))


def _agreement(study: NestedStudy, whole: OutOfFold) -> str:
    told, agree = "", whole.agreement
    if agree.stability is not None:
        ends = "" if agree.stability_interval is None else f" {bounds(agree.stability_interval, 1, 2)}"
        told = f", stability {number(agree.stability, 2)}{ends} (0 by chance, 1 for equal sets)"
    return (
        f"Two folds share {percent(agree.jaccard)} of what either keeps{told}; every fold keeps "
        f"{count(agree.in_every_fold)} of the {plural(agree.in_any_fold, 'neuron')} that any keeps."
    )


def _caveats(study: NestedStudy) -> Iterator[str]:
    noun = _noun(study)
    if study.repeated:
        yield (
            f"{plural(study.repeated, noun)} stand more than once; where a copy was in train, a score is a little "
            "too good."
        )
    if study.kind == "regression":
        yield "Numbers of all folds are scored together, so that folds whose probes are shifted lower a correlation."


def _estimates(study: NestedStudy) -> str:
    noun = _noun(study)
    share = percent((study.folds - 2) / study.folds, 0)
    return (
        f"This is an estimate of the procedure (train on {share} of the {noun}s, let {percent(1 / study.folds, 0)} "
        f"choose by {_chooser(study)}), not of one set: every fold has its own. A set chosen from more {noun}s in the "
        f"same way should do about as well or better. Brackets are 95 % intervals over {noun}s; they do not cover "
        "another cut, or other text."
    )


def nested_page(study: NestedStudy) -> str:
    """Markdown: the sentences, the scores, the folds."""
    about = f"Nested selection on {plain(study.task)} ({plain(study.corpus)}), {plain(study.model.name, 60)}"
    title = f"# {escaped(about)}"
    lines = [title, ""]
    for sentence in nested_sentences(study):
        lines += _wrapped(f"- {escaped(sentence)}")
    if study.together is not None:
        lines += ["", *_score_lines(study.together, study)]
    return "\n".join([*lines, "", *_fold_lines(study)]) + "\n"


def _wrapped(text: str) -> list[str]:
    """A bullet in lines of at most `LINE` characters, unless a word is longer."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def nested_text(study: NestedStudy) -> str:
    """The same for a terminal: sentences, and two tables 80 columns wide."""
    lines = bullets(nested_sentences(study))
    if study.together is not None:
        lines += ["", *aligned(_score_rows(study.together, study))]
    lines += ["", *aligned(_fold_rows(study), left=0)]
    return "\n".join([*lines, *([MISSED] if any(not one.reached for one in study.found) else [])])


def _markdown_rows(rows: list[list[str]], right: str) -> list[str]:
    heads, *cells = (f"| {' | '.join(row)} |" for row in rows)
    return [heads, right, *cells]


def _score_lines(whole: OutOfFold, study: NestedStudy) -> list[str]:
    return _markdown_rows(_score_rows(whole, study), "|---|---:|---:|")


def _score_rows(whole: OutOfFold, study: NestedStudy) -> list[list[str]]:
    metric = metric_named(study.metric)
    rows: list[tuple[str, Scores | None, float | None]] = [
        ("all neurons (oracle)", whole.oracle, whole.dev_oracle),
        ("chosen", whole.chosen, whole.dev_chosen),
        ("as many at random", whole.at_random, None),
        ("most frequent class", whole.majority, None),
    ]
    return [["probe", "out of fold", "as dev"]] + [
        [name, metric.score(scores), "–" if dev is None else metric.value(dev)]
        for name, scores, dev in rows
        if scores is not None
    ]


def _fold_lines(study: NestedStudy) -> list[str]:
    missed = any(not one.reached for one in study.found)
    return [*_markdown_rows(_fold_rows(study), f"|{'---:|' * 8}"), *(["", MISSED] if missed else [])]


def _fold_rows(study: NestedStudy) -> list[list[str]]:
    metric = metric_named(study.metric)
    heads = ["fold", "left out", "neurons", "layers", "c_t", "oracle", "chosen", "loss"]
    return [heads] + [
        [
            str(one.fold + 1),
            count(one.sentences[2]),
            count(one.neurons) + ("" if one.reached else " *"),
            str(one.layers),
            "–" if one.threshold is None else f"{one.threshold:g}",
            metric.value(one.oracle),
            metric.value(one.chosen),
            metric.change(one.chosen - one.oracle),
        ]
        for one in study.found
    ]


def write_nested(study: NestedStudy, out: Path) -> Path:
    """Write page and CSV into a folder that is there; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    write_file(out / CSV_FILE, nested_table(study).csv())
    return write_file(out / PAGE_FILE, nested_page(study))
