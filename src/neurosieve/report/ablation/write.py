"""The ablation study as a table, a page and lines for the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from neurosieve.report.ablation.figure import ablation_figure
from neurosieve.report.ablation.sentences import ablation_notes, ablation_sentences
from neurosieve.report.ablation.words import find, output_words, score_words
from neurosieve.report.files import write_file
from neurosieve.report.sheet import Sheet, hung, sheet_html
from neurosieve.report.tables.base import Row, Table
from neurosieve.report.wording import count, listing, plain, slug
from neurosieve.run.ablation.records import AblatedSet, AblationStudy, Chosen, Did, Estimate
from neurosieve.run.schema import Difference

NAME = "ablation"

COLUMNS = {
    "chosen": "forward: the first of the ranking; random: by chance, mean of draws; sieve: what the run's sieve kept; "
    "random_like_sieve: by chance, as many of each layer as that",
    "did": "kept: all other neurons were ablated; ablated: these alone were",
    "neurons": "k, in the set",
    "held": "neurons that were ablated",
    "cut": "layers that were ablated whole, so that nothing of a text gets through",
    "output": "the model's own output: loss in nats a piece, or cosine with the intact model's vectors",
    "output_low": "lower end of its 95 % interval over texts",
    "output_high": "upper end of its 95 % interval over texts",
    "output_least": "least of the draws",
    "output_most": "most of the draws",
    "change": "output less the intact model's",
    "change_low": "lower end of its paired 95 % interval",
    "change_high": "upper end of its paired 95 % interval",
    "against_random": "output less that of as many random neurons",
    "against_random_low": "lower end of its paired 95 % interval",
    "against_random_high": "upper end of its paired 95 % interval",
    "probe": "test score of a probe on what was kept, in the task's metric",
    "probe_low": "lower end of its 95 % interval",
    "probe_high": "upper end of its 95 % interval",
    "probe_least": "least of the draws",
    "probe_most": "most of the draws",
    "difference": "the probe's score less the oracle's",
    "difference_low": "lower end of its paired 95 % interval",
    "difference_high": "upper end of its paired 95 % interval",
}


def ablation_table(study: AblationStudy, name: str = NAME) -> Table:
    """A row for each set; the ends of the output, nothing ablated and everything, are the first two."""
    output, n = study.output, study.model.neurons
    oracle = Estimate(value=study.oracle.value, interval=study.oracle.interval)
    nothing, pad = (None,) * 3, (None,) * 6
    ends: list[Row] = [
        ("all", "kept", n, 0, "", *_cells(output.intact), *pad, *_cells(oracle), *nothing),
        ("none", "kept", 0, n, "", *_cells(output.nothing_kept), *pad, *_cells(None), *nothing),
    ]
    title = f"Neurons kept or ablated, {plain(study.task)}"
    return Table(name, title, COLUMNS, (*ends, *(_row(one) for one in study.sets)))


def _row(one: AblatedSet) -> Row:
    what = (one.chosen, one.did, one.neurons, one.held, " ".join(map(str, one.cut)))
    changes = (*_ends(one.change), *_ends(one.against_random))
    return (*what, *_cells(one.output), *changes, *_cells(one.probe), *_ends(one.probe_difference))


def _cells(estimate: Estimate | None) -> Row:
    if estimate is None:
        return (None,) * 5
    return (estimate.value, *(estimate.interval or (None, None)), *(estimate.draws or (None, None)))


def _ends(difference: Difference | None) -> Row:
    return (None,) * 3 if difference is None else (difference.value, *difference.interval)


def ablation_lines(study: AblationStudy) -> list[str]:
    """The series as a table of at most 80 columns: output and probe for each size, kept and ablated."""
    groups = ("first k kept", "k random kept", "first k ablated", "k random ablated")
    kinds: list[tuple[Chosen, Did]] = [
        ("forward", "kept"),
        ("random", "kept"),
        ("forward", "ablated"),
        ("random", "ablated"),
    ]
    name = "loss" if study.output.kind == "loss" else "cosine"
    lines = [f"{'':>9}" + "".join(f"{group:>17}" for group in groups)]
    lines.append(f"{'neurons':>9}" + f"{name:>9}{'probe':>8}" * 4)
    for k in sorted({one.neurons for one in study.sets}):
        found = [find(study, chosen, did, k) for chosen, did in kinds]
        lines.append(f"{count(k):>9}" + "".join(_pair(study, one) for one in found))
    return lines


def _pair(study: AblationStudy, one: AblatedSet | None) -> str:
    if one is None:
        return f"{'–':>9}{'–':>8}"
    score = "–" if one.probe is None else score_words(study).value(one.probe.value)
    return f"{output_words(study).value(one.output.value):>9}{score:>8}"


def ablation_page(study: AblationStudy, name: str = NAME) -> str:
    """HTML; ``name`` is that of the files beside it."""
    words, metric = output_words(study), score_words(study)
    sizes = listing([count(k) for k in sorted({one.neurons for one in study.sets})])
    plates = hung(
        [
            (
                ablation_figure(study),
                "ablation",
                "The model's own output, and what a probe scores, for the same neurons",
                "Where the probe's line (below) has come up to the oracle and the model's (above) is still far from "
                "the intact one, neurons are redundant for the probe that the model works with. "
                + ("Lower is better above." if words.is_loss else "Higher is better in both."),
                f"{words.title} and test {metric.title} of a probe for {sizes} neurons kept or ablated.",
            )
        ]
    )
    facts = [
        ("run", study.run),
        ("model", f"{study.model.name}, sha256 {study.model.sha256}"),
        ("corpus", study.corpus),
        *((name, json.dumps(getattr(study, name))) for name in ("task", "metric", "by", "ranking", "draws", "seed")),
        ("where", study.where),
        ("texts", count(study.output.texts)),
    ]
    return sheet_html(
        Sheet(
            title=f"Encoded or used: {plain(study.task)} in {plain(study.model.name, 60)}",
            about=f"neurosieve {study.environment.neurosieve} · {study.created} · corpus {plain(study.corpus, 60)} · "
            f"seed {study.seed}",
            sentences=ablation_sentences(study),
            notes=ablation_notes(study),
            plates=plates,
            tables=[ablation_table(study, name)],
            facts=facts,
            command=study.command,
            record=f"{name}.json",
            machine=study.environment,
            stages=study.stages,
        )
    )


def stem(study: AblationStudy, *, several: bool = False) -> str:
    """How the files' names begin; ``several``: the run has other tasks, whose files are not to be written over."""
    return f"{NAME}-{slug(study.task)}" if several else NAME


def write_ablation(study: AblationStudy, out: Path, *, several: bool = False) -> Path:
    """Write record, CSV and page into a folder, each under a temporary name first; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    name = stem(study, several=several)
    study.save(out / f"{name}.json")
    write_file(out / f"{name}.csv", ablation_table(study, name).csv())
    return write_file(out / f"{name}.html", ablation_page(study, name))
