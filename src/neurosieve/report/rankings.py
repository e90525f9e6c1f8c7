"""The comparison of rankings: a table for people, and the same as CSV."""

from __future__ import annotations

from pathlib import Path

from neurosieve.markdown import escaped
from neurosieve.report.files import write_file
from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.tables.base import Row, Table
from neurosieve.report.wording import count, number, plain, plural, ranking_name, tolerance
from neurosieve.run.rankings.records import RankingStudy, RankingSummary
from neurosieve.terminal import aligned, wrapped

CSV_FILE, PAGE_FILE = "rankings.csv", "rankings.md"

COLUMNS = {
    "ranking": "how neurons are ordered",
    "tolerance": "share of the oracle's dev score that may be lost",
    "splits": "how often train and dev were cut anew",
    "neurons": "size of the minimal set, mean over splits",
    "neurons_least": "smallest over splits",
    "neurons_most": "largest over splits",
    "reached": "splits on which a prefix stayed within the tolerance",
    "dev": "score on dev, mean over splits",
    "test": "score on test, mean over splits",
    "difference": "test score minus the oracle's, mean over splits",
    "difference_least": "smallest over splits",
    "difference_most": "largest over splits",
    "share_of_lca": "neurons for each that published LCA needs, mean over splits",
    "jaccard": "overlap of the sets of two splits",
    "stability": "the same corrected for chance (Nogueira et al. 2018)",
    "stability_low": "lower end of its 95 % interval",
    "stability_high": "upper end of its 95 % interval",
}


def ranking_table(study: RankingStudy) -> Table:
    """A row for each ranking and tolerance."""
    return Table("rankings", f"Rankings on {study.task}", COLUMNS, tuple(_row(line) for line in study.summary))


def _row(line: RankingSummary) -> Row:
    stable = line.stability_interval or (None, None)
    sizes = (line.splits, line.neurons, *line.neurons_range, line.reached)
    scores = (line.dev, line.test, line.difference, *line.difference_range)
    return (line.ranking, line.tolerance, *sizes, *scores, line.share_of_lca, line.jaccard, line.stability, *stable)


def ranking_page(study: RankingStudy) -> str:
    """Markdown: a table for each tolerance, smallest sets first."""
    n, oracle = len(study.splits), [split.oracle_test.value for split in study.splits]
    metric = study.metric.replace("_", " ")
    lines = [
        f"# Rankings on {escaped(f'{study.task} ({study.corpus}), {study.model.name}')}",
        "",
        f"{n} {'split' if n == 1 else 'splits'} of train and dev, one test set. Sizes are chosen on dev, scores told",
        f"on test ({metric}). The oracle, all {study.model.neurons:,} neurons, reaches {sum(oracle) / n:.4f} "
        f"[{min(oracle):.4f} to {max(oracle):.4f}].",
        *_tested(study),
    ]
    for loss in study.tolerances:
        chosen = sorted((line for line in study.summary if line.tolerance == loss), key=lambda line: line.neurons)
        lines += ["", f"## {100 * (1 - loss):.4g} % of the oracle", "", *_table(chosen)]
    lines += ["", *(f"- **{ranking_name(name)}**: {what}" for name, what in study.rankings.items())]
    return "\n".join(lines) + "\n"


def ranking_text(study: RankingStudy) -> str:
    """The same for a terminal: a table for each tolerance, 80 columns wide."""
    metric, oracle = metric_named(study.metric), [split.oracle_test.value for split in study.splits]
    ends = " to ".join(dict.fromkeys(metric.value(value) for value in (min(oracle), max(oracle)))) if oracle else "–"
    lines = wrapped(
        f"{plural(len(study.splits), 'split')} of train and dev, one test set: sizes are chosen on dev, scores told on "
        f"test. The oracle, all {count(study.model.neurons)} neurons, reaches {ends} {metric.title}."
    )
    lines += wrapped(" ".join(_tested(study))) if _tested(study) else []
    for loss in study.tolerances:
        chosen = sorted((line for line in study.summary if line.tolerance == loss), key=lambda line: line.neurons)
        heads = ["", "neurons", "least", "most", "of LCA", "test", "loss", "stability"]
        rows = [heads, *(_cells(line, metric) for line in chosen)]
        lines += ["", f"Within {tolerance(loss)} of the oracle (means over the splits):", *aligned(rows)]
        if any(line.reached < line.splits for line in chosen):
            lines.append("* Not on every split: where no prefix stays within, all neurons are kept.")
    return "\n".join(lines)


def _cells(line: RankingSummary, metric: Metric) -> list[str]:
    share = "–" if line.share_of_lca is None else f"{number(100 * line.share_of_lca, 0)} %"
    stable = "–" if line.stability is None else number(line.stability, 2)
    return [
        plain(ranking_name(line.ranking)) + ("" if line.reached == line.splits else " *"),
        number(line.neurons, 0),
        *map(count, line.neurons_range),
        share,
        metric.value(line.test),
        metric.change(-line.difference).removeprefix("+").removesuffix(" points"),
        stable,
    ]


def _tested(study: RankingStudy) -> list[str]:
    """How surely each set is within its tolerance, where that was asked."""
    if not study.settings.get("non_inferior"):
        return []
    confidence = tolerance(float(str(study.settings["confidence"])))
    return [
        f"On each split, a set that was reached is within its tolerance with {confidence} confidence: a fixed sequence",
        "of tests on dev, from the largest set down to the first that fails. Each set speaks for itself.",
    ]


def _table(lines: list[RankingSummary]) -> list[str]:
    head = "| ranking | neurons (least to most) | of published LCA | test | less than the oracle | stability |"
    return [head, "|---|---:|---:|---:|---:|---:|", *map(_line, lines)]


def _line(line: RankingSummary) -> str:
    low, high = line.neurons_range
    size = f"{line.neurons:,.0f} ({low:,} to {high:,})" + (
        "" if line.reached == line.splits else ", not always reached"
    )
    share = "–" if line.share_of_lca is None else f"{line.share_of_lca:.0%}"
    stable = "–" if line.stability is None else f"{line.stability:.2f}"
    loss = f"{-line.difference:.4f} ({-line.difference_range[1]:.4f} to {-line.difference_range[0]:.4f})"
    return f"| {ranking_name(line.ranking)} | {size} | {share} | {line.test:.4f} | {loss} | {stable} |"


def write_rankings(study: RankingStudy, out: Path) -> Path:
    """Write page and CSV into a folder that is there, under temporary names first; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    for name, text in ((CSV_FILE, ranking_table(study).csv()), (PAGE_FILE, ranking_page(study))):
        write_file(out / name, text)
    return out / PAGE_FILE
