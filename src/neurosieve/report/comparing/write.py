"""The comparison of runs as a page and files."""

from __future__ import annotations

from pathlib import Path

from neurosieve.report.comparing import figures
from neurosieve.report.comparing.overviews import comparing_overviews
from neurosieve.report.comparing.sentences import comparing_notes, comparing_sentences
from neurosieve.report.comparing.tables import all_tables
from neurosieve.report.comparing.wording import having, label_of
from neurosieve.report.files import write_file
from neurosieve.report.gallery import Plate
from neurosieve.report.sheet import Sheet, hung, sheet_html
from neurosieve.report.wording import count, listing, number, plain
from neurosieve.run.comparing.records import RECORD_FILE, ComparedRun, RunComparison

PAGE_FILE = "comparing.html"


def comparing_page(study: RunComparison) -> str:
    """HTML; the record beside it holds every number."""
    labels = [label_of(run) for run in study.runs]
    return sheet_html(
        Sheet(
            title=f"{listing(labels)} side by side",
            about=f"neurosieve {study.runs[0].environment.neurosieve} · {study.created} · runs: {count(len(labels))}, "
            f"tasks in common: {', '.join(map(plain, study.tasks)) or 'none'}",
            sentences=comparing_sentences(study),
            notes=comparing_notes(study),
            plates=_plates(study),
            tables=all_tables(study),
            facts=[(run.label, _described(run)) for run in study.runs],
            command=study.command,
            record=RECORD_FILE,
            machine=study.runs[0].environment,
            stages=study.stages,
            overviews=comparing_overviews(study),
        )
    )


def _plates(study: RunComparison) -> list[Plate]:
    return hung(
        [
            (
                figures.scores_and_sizes(study),
                "comparing-sizes",
                "What is kept, and what it scores",
                "From each run's oracle (hollow) to what its sieve kept (filled); bars are 95 % intervals. Points of "
                "one run stand on the same test sentences; those of several only where nothing below says otherwise.",
                _sizes_in_words(study),
            ),
            (
                figures.layers_alone(study),
                "comparing-layers",
                "Each layer alone",
                "Test score of a probe on one layer, against its depth in its model.",
                f"Lines of {', '.join(label_of(run) for run in study.runs)} for {', '.join(map(plain, study.tasks))}.",
            ),
            (
                figures.where_kept(study),
                "comparing-kept",
                "Where the kept neurons live",
                "Share of what the sieve kept in each layer; over the bars how many it kept, and of how many.",
                "Bars by layer for each run and task.",
            ),
            (
                figures.clusters(study),
                "comparing-clusters",
                "Clusters left",
                "Clusters for each neuron as the threshold c_t grows: the lower, the more neurons are copies.",
                "A falling line for each run.",
            ),
            (
                figures.maps(study),
                "comparing-cka",
                "Similarity of layers",
                "Each cell compares two layers of one model; bright ones are alike.",
                "Heat maps of CKA, one for each run.",
            ),
        ]
    )


def _sizes_in_words(study: RunComparison) -> str:
    parts = [
        f"{label_of(run)} on {plain(name)}: {count(task.sieve.neurons)} of {count(task.neurons)} neurons"
        for name in study.tasks
        for run, task in having(study, name)
        if task.sieve is not None
    ]
    return "; ".join(parts) + "."


def _described(run: ComparedRun) -> str:
    model = run.model
    return (
        f"{run.folder}, made {run.created} in {number(run.seconds, 0)} s by `{run.command}`; {model.name}, "
        f"{model.family}, {model.layers} layers of {model.units} units, sha256 {model.sha256}"
    )


def write_comparing(study: RunComparison, out: Path) -> Path:
    """Write record, CSV tables and page into a folder, each under a temporary name first; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    study.save(out / RECORD_FILE)
    for table in all_tables(study):
        write_file(out / f"{table.name}.csv", table.csv())
    return write_file(out / PAGE_FILE, comparing_page(study))
