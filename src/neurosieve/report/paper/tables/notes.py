"""What has to be said about the numbers of a table: how they were measured, and what the published ones are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from neurosieve.paper.exhibits import Rows
from neurosieve.paper.records import ModelStudy, Study
from neurosieve.report.paper.tables.parts import ordered, title_of
from neurosieve.report.wording import count, listing, plain, plural, tolerance
from neurosieve.run.facts import ModelFacts

SCALE = "Published numbers are of BERT-base and XLNet-base, 13 layers of 768 neurons: other models, other sizes."
SCORES = "Dev decides, test is reported. Brackets are 95 % intervals over resampled sentences."
RANDOM = "As many random neurons: the same number, chosen at random from all layers, with a probe of their own."

_FAULTS = {
    "recluster": "each threshold clusters what the one before left, and the places found are taken for other columns",
    "level-order": "neurons that enter the ranking at one level keep an arbitrary order",
    "reduced-ids": "neurons of CCFS are named by their places among those that clustering left",
    "average-of-four": "Table 6's averages of neurons take the tasks on words alone",
}


def how(
    study: Study, rows: Rows | None = "any", *, scores: bool = True, variants: bool = True, published: bool = True
) -> list[str]:
    """What is true of every table: protocol, fine-tuning, limits, and faults reproduced."""
    notes = [_protocol(study)]
    if scores:
        notes.append(SCORES)
    if variants and rows != "words":
        notes += [note for label, model in study.models.items() for note in _variants(label, model)]
    notes += [*_limits(study, rows), *_faults(study)]
    return [*notes, SCALE] if published else notes


def _protocol(study: Study) -> str:
    if study.settings.get("protocol") == "paper":
        return "Protocol: the paper's (elastic net, 10 epochs, its search grid)."
    return "Protocol: the default one (converged probes), not the paper's."


def _variants(label: str, model: ModelStudy) -> Iterable[str]:
    texts = ordered(model.tasks, "texts")
    tuned = [f"{title_of(name)}{_recipe(task.model)}" for name, task in texts if task.variant == "fine-tuned"]
    came = [title_of(name) for name, task in texts if task.variant == "pretrained"]
    if tuned:
        yield f"{plain(label)}: fine-tuned for {listing(tuned)}, a model for each."
    if came:
        yield f"{plain(label)}: as it came, not fine-tuned, for {listing(came)}; the paper's models were fine-tuned."


def _recipe(model: ModelFacts) -> str:
    """On how much a model was fine-tuned, where that is known."""
    made = model.finetuning
    if made is None:
        return ""
    return f" ({plural(made.epochs, 'epoch')}, {count(made.rows)} of {count(made.rows_available)} training texts)"


def _limits(study: Study, rows: Rows | None) -> Iterable[str]:
    limit = study.settings.get("limit_test_words")
    if isinstance(limit, int):
        yield f"Dev and test were limited to whole sentences of about {count(limit)} words each."
    shown = {name: task for model in study.models.values() for name, task in ordered(model.tasks, rows)}
    train: dict[int, list[str]] = {}
    for one in _listed(study.settings.get("tasks")):
        words, name = one.get("limit_train_words"), str(one.get("task"))
        if isinstance(words, int) and name in shown:
            train.setdefault(words, []).append(title_of(name))
    for words, names in train.items():
        yield f"Train was limited to whole sentences of about {count(words)} words for {listing(names)}."
    cut = [title_of(name) for name, task in shown.items() if task.corpus.dev_is_cut_from_train]
    if cut:
        share = study.settings.get("dev_fraction")
        part = f"{tolerance(share)} of train" if isinstance(share, float) else "a part of train"
        yield f"Dev is {part}, cut off, for {listing(cut)}."


def _faults(study: Study) -> Iterable[str]:
    for fault in _listed(study.settings.get("as_published")):
        yield f"Reproduced as published: {_FAULTS.get(str(fault), str(fault))} ({fault})."


def _listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def loss(study: Study, setting: str, default: float) -> float:
    """A tolerance of the study's settings: ``tolerance`` or ``step_tolerance``."""
    value = study.settings.get(setting, default)
    return value if isinstance(value, float) else default


def loss_text(study: Study, setting: str, default: float) -> str:
    """The same as it was set: "1 %"."""
    return tolerance(loss(study, setting, default))


def faults(study: Study) -> frozenset[str]:
    """The published faults that were reproduced."""
    return frozenset(str(fault) for fault in _listed(study.settings.get("as_published")))
