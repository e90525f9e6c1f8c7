"""What lies in a folder that a run or a study left: lines for people, the record for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosieve.paper.records import ModelStudy, Study
from neurosieve.report.ablation import ablation_lines, ablation_sentences
from neurosieve.report.bench import bench_text
from neurosieve.report.comparing import comparing_lines, comparing_sentences
from neurosieve.report.front import front_text
from neurosieve.report.inspection import inspection_sentences
from neurosieve.report.metric import metric_of
from neurosieve.report.models import models_sentences
from neurosieve.report.nested import nested_sentences
from neurosieve.report.rankings import ranking_text
from neurosieve.report.wording import count, duration, listing, number, percent, plain, plural
from neurosieve.run.ablation.records import AblationStudy
from neurosieve.run.bench.records import Bench
from neurosieve.run.comparing.records import RunComparison
from neurosieve.run.front.records import Front
from neurosieve.run.inspection.records import Inspection
from neurosieve.run.models.records import ModelsStudy
from neurosieve.run.nested.records import NestedStudy
from neurosieve.run.rankings.records import RankingStudy
from neurosieve.run.results import Results, Task
from neurosieve.terminal import aligned, bullets, wrapped

Description = tuple[dict[str, Any], list[str]]


@dataclass(frozen=True)
class Kind:
    """A kind of record: which files hold it, how it is read, its name on one line, and all that it says."""

    pattern: str
    record: Any  # a class of `Saved`, with the command that made it
    title: Callable[[Any], str]
    lines: Callable[[Any], Sequence[str]]


def contents(what: str) -> Description | None:
    """The record that a folder (or a JSON file) holds, and lines about it; None where it holds none.

    A folder of several is described by the first kind of `KINDS`; the others are named below it.

    Raises:
        ConfigError: the record is damaged or of another version.
        OSError: it cannot be read.
    """
    path = Path(what)
    if path.is_file():
        found = [(kind, path) for kind in KINDS if path.match(kind.pattern)]
    else:
        found = [(kind, file) for kind in KINDS for file in sorted(path.glob(kind.pattern)) if file.is_file()]
    if not found:
        return None
    (kind, file), *others = found
    record = kind.record.read(file)
    by = f" ({plain(record.command, 400)})" if record.command else ""
    lines = [*wrapped(f"{kind.title(record)}{by}"), *kind.lines(record)]
    if others:
        lines += ["", "Also here:", *aligned([["", other.name, *_named(one, other)] for one, other in others], left=3)]
    return record.model_dump(mode="json"), lines


def _named(kind: Kind, file: Path) -> list[str]:
    return [plain(kind.title(kind.record.read(file)), 200)]


def _run_title(run: Results) -> str:
    return f"Run of {run.created} on {plain(run.model.name, 60)}"


def _run(run: Results) -> list[str]:
    lines = []
    if general := run.general:
        cut = next((one for one in general.cuts if one.threshold == general.reported_threshold), None)
        left = "" if cut is None else f", {plural(cut.clusters, 'cluster')} at c_t = {cut.threshold:g}"
        rows = plural(general.words, general.rows.removesuffix("s"))
        lines += wrapped(f"{plural(run.model.neurons, 'neuron')}{left}, on {rows} of {plain(general.text, 80)}", **_IN)
    if run.tasks:
        heads = ["task", "probe", "test", "neurons", "layers"]
        lines += aligned(
            [["", *heads], *(["", *row] for name, task in run.tasks.items() for row in _of(name, task))], left=3
        )
    seconds = sum(stage.seconds for stage in run.stages)
    memory = max((stage.peak_memory_mb for stage in run.stages), default=0.0)
    return [*lines, f"  {duration(seconds)}, {number(memory, 0)} MB at most"]


_IN: dict[str, Any] = {"first": "  ", "rest": "    "}


def _of(name: str, task: Task) -> Iterable[list[str]]:
    metric = metric_of(task)
    layers = len(task.layers)
    yield [
        plain(name),
        "oracle",
        f"{metric.score(task.oracle.test)} {metric.title}",
        count(task.oracle.neurons),
        str(layers or "–"),
    ]
    if sieve := task.sieve:
        kept = max((place for place, size in enumerate(sieve.per_layer) if size), default=-1) + 1
        share = f"{count(len(sieve.neurons))} ({percent(len(sieve.neurons) / task.oracle.neurons)})"
        yield ["", "sieve", f"{metric.score(sieve.test)} {metric.title}", share, str(kept)]


def _paper_title(study: Study) -> str:
    return f"Exhibits of the paper, {study.created}"


def _paper(study: Study) -> list[str]:
    return [line for label, model in study.models.items() for line in _paper_model(plain(label), model)]


def _paper_model(label: str, model: ModelStudy) -> list[str]:
    lines = wrapped(f"{label}: family {plain(model.facts.family)}, {count(model.facts.neurons)} neurons", **_IN)
    for name, task in model.tasks.items():
        measured = [part for part in ("layers", "clusters", "minimal", "transfer") if getattr(task, part)]
        lines += wrapped(f"{label}, {plain(name)} ({task.variant}): {', '.join(measured) or 'its corpus'}", **_IN)
    return lines


def _titled(kind: str) -> Callable[[Any], str]:
    return lambda study: f"{kind} of {plain(study.task)}, {_about(study)}"


def _about(study: Any) -> str:
    model = study.model if isinstance(study.model, str) else study.model.name
    corpus = getattr(study, "corpus", None)
    return plain(model, 60) if corpus is None else f"{plain(model, 60)} on {plain(corpus, 60)}"


def _models_title(study: ModelsStudy) -> str:
    both = listing([plain(one.label) for one in (study.first, study.second)])
    return f"{both} on {plain(study.text, 60)}"


KINDS = (
    Kind("results.json", Results, _run_title, _run),
    Kind("study.json", Study, _paper_title, _paper),
    Kind("rankings.json", RankingStudy, _titled("Rankings"), lambda one: ranking_text(one).splitlines()),
    Kind("nested.json", NestedStudy, _titled("Nested selection"), lambda one: bullets(nested_sentences(one))),
    Kind("models.json", ModelsStudy, _models_title, lambda one: bullets(models_sentences(one))),
    Kind(
        "comparing.json",
        RunComparison,
        lambda one: f"Comparison of {listing([plain(run.label) for run in one.runs])}",
        lambda one: [*bullets(comparing_sentences(one)), "", *comparing_lines(one)],
    ),
    Kind("inspection*.json", Inspection, _titled("Inspection"), lambda one: bullets(inspection_sentences(one))),
    Kind("front-*.json", Front, _titled("Front"), lambda one: front_text(one).splitlines()),
    Kind(
        "ablation*.json",
        AblationStudy,
        _titled("Ablation"),
        lambda one: [*bullets(ablation_sentences(one)), "", *ablation_lines(one)],
    ),
    Kind("bench*.json", Bench, _titled("Bench"), lambda one: bench_text(one).splitlines()),
)
"""In the order in which a folder of several is described."""
