"""Sentences about the model: its size, its general redundancy, and the compact model of all tasks."""

from __future__ import annotations

import math

from neurosieve.report.layers import layers_of
from neurosieve.report.wording import bounds, count, listing, millions, number, percent, plain, plural
from neurosieve.run.redundancy import General
from neurosieve.run.results import Results, SharedCompact

_LOUD = 0.2  # of the mean cosine of a layer of hundreds of units
_TELLING_CUT = 0.7  # the paper finds tasks that hardly lose up to here (Section 5.2)


def model_sentences(results: Results) -> list[str]:
    """What the model is and how much of it repeats, without any label."""
    general = _general(results.general, results.model.neurons) if results.general else []
    return [_model(results), *_finetuning(results), *general]


def _model(results: Results) -> str:
    model = results.model
    inside = layers_of(model).inside
    further = f" and the outputs of {listing(inside)} inside its blocks as layers of their own" if inside else ""
    return (
        f"{plain(model.name, 60)} ({plain(model.family)}) has {plural(model.layers, 'layer')} of {count(model.units)} "
        f"neurons, counting the embeddings as layer 0{further}: {plural(model.neurons, 'neuron')} and "
        f"{millions(model.parameters)} parameters."
    )


def _finetuning(results: Results) -> list[str]:
    """On how much of the task's train the model was fine-tuned, and whether dev was among it."""
    tuned = results.model.finetuning
    if tuned is None:
        return []
    task, rows = plain(tuned.task), f"{count(tuned.rows)} of {plural(tuned.rows_available, 'training text')}"
    sentence = f"It is {plain(tuned.base, 60)} fine-tuned for {task} on {rows} ({plural(tuned.epochs, 'epoch')})."
    analysed = results.tasks.get(tuned.task)
    same_cut = analysed is None or (results.seed, analysed.protocol) == (tuned.seed, tuned.protocol)
    if analysed is not None and analysed.corpus.dev_is_cut_from_train and not same_cut:
        seen = "most of it was" if tuned.rows == tuned.rows_available else "some or all of it may have been"
        sentence += f" Dev was cut from train under another seed or protocol then: {seen} seen in fine-tuning."
    return [sentence]


def _general(general: General, neurons: int) -> list[str]:
    sentences = [_cka(general)] if len(general.cka) > 1 else []
    sentences += [_clusters(general, neurons)] if general.cuts else []
    if general.constants:
        verb = "never changes" if len(general.constants) == 1 else "never change"
        sentences.append(f"{plural(len(general.constants), 'neuron')} {verb} on this text.")
    return [*sentences, *_outliers(general)]


def _outliers(general: General) -> list[str]:
    """Units that make up much of what the cosine of two vectors is, where there are any."""
    loud = [
        (one.cosine_share, layer.layer, one.unit)
        for layer in general.audit
        for one in layer.outliers
        if one.cosine_share >= _LOUD
    ]
    if not loud:
        return []
    share, layer, unit = max(loud)
    others = f" ({plural(len(loud) - 1, 'other unit')} of a layer do so too)" if len(loud) > 1 else ""
    return [
        f"One unit can decide how alike two vectors look: unit {unit} of layer {layer} makes up {percent(share)} of "
        f"the mean cosine there{others}. Correlations and probes standardise units, so they are not led astray."
    ]


def _debiased(general: General) -> str:
    """What is left of the last of these without the bias of few rows."""
    if general.cka_debiased is None:
        return ""
    known = general.cka_debiased
    low, high = known.low[0][-1], known.high[0][-1]
    return (
        f"; without the bias of few rows the latter is {number(known.values[0][-1], 2)} "
        f"{bounds((low, high), scale=1, digits=2)}"
    )


def _cka(general: General) -> str:
    steps = [general.cka[layer][layer + 1] for layer in range(len(general.cka) - 1)]
    rows = plural(general.words, general.rows.removesuffix("s"))
    return (
        f"Without labels, on {rows} ({plain(general.text, 80)}): linear CKA (1 is the same "
        f"up to rotation and scale) is {_span(steps)} between neighbouring layers "
        f"and {number(general.cka[0][-1], 2)} between the first and the last{_debiased(general)}."
    )


def _span(values: list[float]) -> str:
    ends = dict.fromkeys(number(value, 2) for value in (min(values), max(values)))
    return " to ".join(ends)


def _clusters(general: General, neurons: int) -> str:
    """How many neurons others can stand for, at the reported threshold and at a telling one."""
    wanted = [general.reported_threshold, _TELLING_CUT]
    chosen = [cut for cut in general.cuts if any(math.isclose(cut.threshold, t) for t in wanted)] or general.cuts[-1:]
    parts = [
        f"{percent(1 - cut.clusters / neurons)} at c_t = {cut.threshold:g} ({count(cut.clusters)} left)"
        for cut in chosen
    ]
    return (
        "Share of its neurons that are copies, for which a correlated neuron of the same cluster can stand: "
        f"{listing(parts)}."
    )


def shared_compact(shared: SharedCompact, results: Results) -> str:
    """The model that serves all tasks, beside the full one."""
    full = results.model
    return (
        f"One encoder serves {listing([plain(name) for name in shared.tasks])}, with a head for each: "
        f"{count(shared.layers)} of {plural(full.layers, 'layer')}, {count(shared.neurons)} of "
        f"{plural(full.neurons, 'neuron')} (all that any head reads) and {millions(shared.parameters)} parameters, "
        f"where the full encoder alone has {millions(full.parameters)}; its weights take {number(shared.megabytes)} MB."
    )
