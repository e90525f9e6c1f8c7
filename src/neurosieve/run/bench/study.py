"""Compact models timed beside the full one: of a finished run, with scores; or one alone, on any text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurosieve.activations import Encoder, load_encoder
from neurosieve.compact import CompactModel
from neurosieve.corpus import Corpus
from neurosieve.errors import ConfigError
from neurosieve.run.bench.measuring import Given, bench_sides
from neurosieve.run.bench.records import Bench, bench_name
from neurosieve.run.bench.scores import score_on_test
from neurosieve.run.bench.settings import BenchSettings
from neurosieve.run.bench.sides import Side, check_same_model, full_side
from neurosieve.run.corpora import PROSE, read_corpus, read_unlabelled
from neurosieve.run.pipeline import COMPACT, CONFIG, RESULTS
from neurosieve.run.prepare import items_of
from neurosieve.run.reopen import Reopened, reopen
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.threads import on_threads

FULL, LAST, OWN = "full, oracle probe", "full, last layer", "compact"
TEXT_WORDS = 20_000  # of a text that is read; sentences are spread over these


def bench_run(
    folder: str | Path,
    settings: BenchSettings | None = None,
    *,
    task: str | None = None,
    also: Sequence[str | Path] = (),
    device: str | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Bench:
    """Time and score what a run left, and write ``bench.json`` into its folder.

    The full model with the oracle's probe, the same with a probe on its last layer, the run's compact model, and others
    of the same task: each as it is saved.

    Args:
        folder: of the finished run.
        settings: what is timed.
        task: without a name the run's first.
        also: folders of further compact models of the task, such as smaller forms of the run's.
        device: another than the run's.
        progress: is told of the stages.
        command: what was typed.

    Raises:
        ConfigError: a setting makes no sense, the folder holds no finished run with a compact model and such a task, or
            a further model is of another make.
        CompactError: a folder holds no compact model, or one without the task.
        NeurosieveError: the model or the corpus cannot be read.
    """
    asked, watch = settings or BenchSettings(), Stopwatch(progress)
    asked.check()
    with on_threads(asked.threads):
        run = reopen(folder, watch=watch, device=device)
        name = run.task_named(task)
        with watch.stage("read corpus"):
            corpus = _corpus(run, name)
        with watch.stage("load compact models"):
            sides = _sides_of(run, name, also)
        with watch.stage("scores on test"):
            sides = [_scored(run, side, corpus, name) for side in sides]
        text, metric = f"test split of {corpus.name}", run.results.tasks[name].metric
        found = bench_sides(sides, Given(items_of(corpus.splits["test"]), text, run.encoder.name, metric), asked, watch)
    file = bench_name(name if len(run.results.tasks) > 1 else None)
    found = found.model_copy(update={"command": command, "task": name, "file": file})
    found.save(run.folder / f"{file}.json")
    return found


def bench_compact(
    folder: str | Path,
    settings: BenchSettings | None = None,
    *,
    full: str | None = None,
    text: str | Path | None = None,
    task: str | None = None,
    device: str | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Bench:
    """Time one compact model beside the full one that it was cut from.

    Args:
        folder: of the compact model.
        settings: what is timed.
        full: the full model; where the compact one lies in the folder of a run, that of the run.
        text: a file with a sentence a line; by default the test split of that run, else prose of the Python library.
        task: which head, where it has several.
        device: "auto" takes CUDA where there is one.
        progress: is told of the stages.
        command: what was typed.

    Raises:
        ConfigError: a setting makes no sense, or the full model is not known, or is another.
        CompactError: the folder holds no compact model, or one without the task.
        NeurosieveError: a model or the text cannot be read.
    """
    asked, watch, folder = settings or BenchSettings(), Stopwatch(progress), Path(folder)
    asked.check()
    with on_threads(asked.threads):
        with watch.stage("load models"):
            own = _loaded(folder, device)
            name = _only_task(own, task)
            run = _run_around(folder, watch, device) if full is None else None
            encoder = run.encoder if run is not None else _whole(full, own, folder, device)
        side = Side(OWN, own, name, folder)
        check_same_model(encoder, side)
        with watch.stage("read text"):
            given = _given(own, name, run, text, encoder)
        return bench_sides([full_side(FULL, encoder, own, name), side], given, asked, watch, command)


def _loaded(folder: Path, device: str | None) -> CompactModel:
    return CompactModel.from_pretrained(folder, device=device or "auto")


def _only_task(model: CompactModel, task: str | None) -> str:
    """The name of the head that is asked; see `CompactModel.head_of` for what is refused."""
    asked = model.head_of(task)
    return next(name for name, head in model.heads.items() if head is asked)


def _run_around(folder: Path, watch: Stopwatch, device: str | None) -> Reopened | None:
    """The finished run in whose folder a compact model lies, if it does."""
    around = folder.resolve().parent
    is_run = (around / CONFIG).is_file() and (around / RESULTS).is_file()
    return reopen(around, watch=watch, device=device) if is_run else None


def _whole(full: str | None, own: CompactModel, folder: Path, device: str | None) -> Encoder:
    if full is None:
        raise ConfigError(
            f"{folder} does not lie in the folder of a run, so the model that it was cut from is not known. Name it "
            "with --full MODEL."
        )
    cut = own.encoder
    dtype: Any = "bfloat16" if "bfloat16" in str(cut.dtype) else "float32"
    return load_encoder(full, device=device or "auto", dtype=dtype, window=cut.window, sublayers=cut.sublayers)


def _given(own: CompactModel, name: str, run: Reopened | None, text: str | Path | None, encoder: Encoder) -> Given:
    """What is read: a text, the test split of the run, or prose."""
    words = own.head_of(name).unit == "words"
    if text is None and run is not None and name in run.results.tasks:
        corpus = _corpus(run, name)
        return Given(items_of(corpus.splits["test"]), f"test split of {corpus.name}", encoder.name)
    split = read_unlabelled(None if text is None else Path(text), TEXT_WORDS)
    items = split.words if words else [(" ".join(one),) for one in split.words]
    return Given(items, PROSE if text is None else Path(text).name, encoder.name)


def _corpus(run: Reopened, name: str) -> Corpus:
    """The corpus of a run's task, without its activations.

    Raises:
        ConfigError: a file of its test split is not the one that the run was made with.
    """
    settings = next(one for one in run.settings.tasks if one.name == name)
    corpus = read_corpus(settings, run.settings.seed, published_split=run.settings.protocol == "paper")
    known = set(run.results.tasks[name].corpus.sources.values())
    changed = [file for file, digest in corpus.splits["test"].sources.items() if digest not in known]
    if changed:
        raise ConfigError(
            f"{changed[0]} is not the file that the run in {run.folder} was made with: it has another sha256. Run it "
            "again, or restore the file."
        )
    return corpus


def _sides_of(run: Reopened, name: str, also: Sequence[str | Path]) -> list[Side]:
    task, device = run.results.tasks[name], str(run.encoder.device)
    if task.compact is None:
        raise ConfigError(f"The run in {run.folder} made no compact model for {name}. Make it with `neurosieve run`.")
    own = _loaded(run.folder / COMPACT, device)
    sides = [
        full_side(FULL, run.encoder, own, _named(own, name), test=task.oracle.test),
        full_side(LAST, run.encoder, own, _named(own, name), last_only=True, test=task.layers[-1].test),
        Side(OWN, own, _named(own, name), run.folder / COMPACT),
    ]
    for folder in map(Path, also):
        other = _loaded(folder, device)
        sides.append(Side(folder.name, other, _named(other, name), folder))
        check_same_model(run.encoder, sides[-1])
        _check_classes(sides[-1], sides[0])
    return sides


def _named(model: CompactModel, task: str) -> str:
    """The head of a task; a model with one head alone may call it otherwise."""
    return _only_task(model, task if task in model.heads or len(model.heads) > 1 else None)


def _check_classes(side: Side, full: Side) -> None:
    if (side.head.kind, side.head.classes) != (full.head.kind, full.head.classes):
        raise ConfigError(f"{side.folder} does not do the task {full.task!r}: its classes are others. Leave it out.")


def _scored(run: Reopened, side: Side, corpus: Corpus, name: str) -> Side:
    if side.folder is None:
        return side
    metric, seed = run.results.tasks[name].metric, run.settings.seed
    return replace(side, test=score_on_test(side.model, side.task, corpus, metric, seed))
