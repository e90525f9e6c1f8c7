"""Tables of all tasks, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.harness.write import table
from benchmarks.rankings.bounds import Bound
from neurosieve.report.wording import ranking_name
from neurosieve.run.rankings.records import RankingStudy, RankingSummary

Cell = Callable[[RankingSummary], str]


def markdown(studies: Mapping[str, RankingStudy], bounds: Sequence[Bound]) -> str:
    """The oracles, a table of sizes and one of test scores for each tolerance, and the bounds."""
    lines = [_oracles(studies)]
    for loss in sorted({loss for study in studies.values() for loss in study.tolerances}, reverse=True):
        share = f"{100 * (1 - loss):.4g} %"
        lines += [f"Neurons for {share} of the oracle (mean; least to most)", _grid(studies, loss, _size)]
        lines += ["What they lose on test against the oracle, in points (mean)", _grid(studies, loss, _loss)]
    if bounds:
        head = ("task", "of the oracle", "best ranking", "neurons", "beside", "its neurons", "share", "at most", "kept")
        lines += ["Bounds", table(head, [_bound(one) for one in bounds])]
    return "\n\n".join(lines) + "\n"


def write_all(studies: Mapping[str, RankingStudy], bounds: Sequence[Bound], out: Path) -> Path:
    """Write ``rankings.md`` under a temporary name first; its path is returned."""
    path = out / "rankings.md"
    partial = path.with_name(path.name + ".partial")
    partial.write_text(markdown(studies, bounds), encoding="utf-8")
    partial.replace(path)
    return path


def _oracles(studies: Mapping[str, RankingStudy]) -> str:
    rows = []
    for name, study in studies.items():
        found = [split.oracle_test.value for split in study.splits]
        mean = sum(found) / len(found)
        scores = f"{mean:.4f}", f"{min(found):.4f} to {max(found):.4f}"
        rows.append((name, study.corpus, study.metric, str(len(found)), *scores))
    return table(("task", "corpus", "metric", "splits", "oracle on test", "over splits"), rows)


def _grid(studies: Mapping[str, RankingStudy], loss: float, cell: Cell) -> str:
    names = list(dict.fromkeys(ranking for study in studies.values() for ranking in study.rankings))
    rows = []
    for name in names:
        cells = [_cell(study, name, loss, cell) for study in studies.values()]
        rows.append((ranking_name(name), *cells))
    return table(("ranking", *studies), rows)


def _cell(study: RankingStudy, ranking: str, loss: float, cell: Cell) -> str:
    lines = [one for one in study.summary if one.ranking == ranking and one.tolerance == loss]
    return cell(lines[0]) if lines else ""


def _size(line: RankingSummary) -> str:
    low, high = line.neurons_range
    short = "" if line.reached == line.splits else f" ({line.reached} of {line.splits} splits)"
    return f"{line.neurons:,.0f}; {low:,}–{high:,}{short}"


def _loss(line: RankingSummary) -> str:
    return f"{-100 * line.difference:.1f}"


def _bound(one: Bound) -> tuple[str, ...]:
    kept = "yes" if one.kept else "**no**"
    sizes = f"{one.neurons:,.0f}", f"{one.its_neurons:,.0f}"
    return (
        one.task,
        f"{100 * (1 - one.tolerance):.4g} %",
        ranking_name(one.best),
        sizes[0],
        ranking_name(one.beside),
        sizes[1],
        f"{one.share:.0%}",
        f"{one.limit:.0%}",
        kept,
    )
