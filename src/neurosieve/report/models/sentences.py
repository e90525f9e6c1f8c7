"""What the comparison of two models found, in sentences, and how to read it."""

from __future__ import annotations

from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.wording import bounds, count, decimal, listing, number, percent, plain
from neurosieve.run.models.records import ComparedModel, LayerFound, ModelsStudy, Moved
from neurosieve.run.schema import Difference


def name_of(model: ComparedModel) -> str:
    """A model's label, short enough for a sentence."""
    return plain(model.label, 40)


def names_of(model: ComparedModel) -> Layers:
    """What its layers are called."""
    return layers_of(model.facts)


def models_sentences(study: ModelsStudy) -> list[str]:
    """Where two of one architecture differ, or which layers of two strangers are alike; then neurons, linear maps."""
    found = [_weights(study), *(_moved(study) if study.one_architecture else _alike(study))]
    return [sentence for sentence in (*found, _copies(study), _in_place(study), _explained(study)) if sentence]


def _weights(study: ModelsStudy) -> str:
    first, second = name_of(study.first), name_of(study.second)
    return f"{first} and {second} have the same weights." if study.same_weights else ""


def _moved(study: ModelsStudy) -> list[str]:
    layers, lines = names_of(study.second), study.moved
    if study.most_moved is None:
        least = min(lines, key=lambda line: line.cka)
        return [
            f"No layer has surely moved: the least alike is {layers.one(least.layer)}, with a CKA of "
            f"{cka_words(least)} with itself in the other model."
        ]
    most = lines[study.most_moved]
    sentences = [
        f"What moved most is {layers.one(most.layer)}: its CKA with itself in the other model is {cka_words(most)}"
        f"{_than_next(study, layers)}."
    ]
    if study.first_moved is not None:
        sentences.append(_first(study, layers, study.first_moved))
    return sentences


def _than_next(study: ModelsStudy, layers: Layers) -> str:
    apart = study.most_moved_less_next
    if apart is None or len(study.moved) < 2:
        return ""
    following = sorted(study.moved, key=lambda line: line.cka)[1]
    surely = "surely more" if apart.interval[1] < 0 else "not surely more"
    return f", {surely} than {layers.one(following.layer)} ({_difference(apart)})"


def _first(study: ModelsStudy, layers: Layers, first: int) -> str:
    below = [line for line in study.moved if line.layer < first]
    sentence = f"From below, the first layer that moved is {layers.one(first)} (CKA {cka_words(study.moved[first])})"
    if not below:
        return f"{sentence}, the embeddings: everything above reads something else." if first == 0 else f"{sentence}."
    least = min(below, key=lambda line: line.cka)
    verdict = "is still the same" if all(line.verdict == "stayed" for line in below) else "is not surely another"
    return f"{sentence}; what lies below it {verdict} (CKA at least {decimal(least.cka)})."


def _alike(study: ModelsStudy) -> list[str]:
    """Of two strangers: the pair of layers that are most alike, and what the last layer of B is like."""
    values = study.debiased.values if study.debiased else study.cka
    first, second = names_of(study.first), names_of(study.second)
    i, j = max(((i, j) for i, row in enumerate(values) for j in range(len(row))), key=lambda at: values[at[0]][at[1]])
    last = len(values[0]) - 1
    nearest = max(range(len(values)), key=lambda layer: values[layer][last])
    a, b = name_of(study.first), name_of(study.second)
    return [
        f"Most alike are {first.one(i)} of {a} and {second.one(j)} of {b}: CKA {pair_words(study, i, j)}.",
        f"The last layer of {b} is most like {first.one(nearest)} of {a}: CKA {pair_words(study, nearest, last)}.",
    ]


def _copies(study: ModelsStudy) -> str:
    """How many neurons of B are in A."""
    layers, names = study.second.layers, names_of(study.second)
    least, most = min(layers, key=lambda one: one.copies), max(layers, key=lambda one: one.copies)
    near = number(1 - study.threshold, 2)
    return (
        f"{percent(_share(layers, chance=False))} of the neurons of {name_of(study.second)} have a near copy (|r| of "
        f"{near} or more) in {name_of(study.first)}, by chance {percent(_share(layers, chance=True))}: fewest in "
        f"{names.one(least.layer)} ({percent(least.copies)}), most in {names.one(most.layer)} ({percent(most.copies)})."
    )


def _share(layers: list[LayerFound], *, chance: bool) -> float:
    total = sum(one.varying for one in layers)
    hits = sum(one.varying * (one.copies_by_chance if chance else one.copies) for one in layers)
    return hits / total if total else 0.0


def _in_place(study: ModelsStudy) -> str:
    if not study.one_architecture:
        return ""
    layers = [(one.varying, one.in_place) for one in study.second.layers if one.in_place is not None]
    total = sum(varying for varying, _ in layers)
    share = sum(varying * share for varying, share in layers) / total if total else 0.0
    return f"{percent(share)} of its neurons are near copies of the same neuron of {name_of(study.first)}."


def _explained(study: ModelsStudy) -> str:
    layers, names = study.second.layers, names_of(study.second)
    least, most = min(layers, key=lambda one: one.explained), max(layers, key=lambda one: one.explained)
    theirs = names_of(study.first)
    parts = [
        f"in {names.one(one.layer)} ({percent(one.explained)} from {theirs.one(one.explained_by)}; by chance "
        f"{percent(one.explained_by_chance)})"
        for one in dict.fromkeys((least, most))
    ]
    return (
        f"A linear map from {name_of(study.first)} explains the variance of {name_of(study.second)} "
        f"{listing([f'{way} {part}' for way, part in zip(('least', 'most'), parts, strict=False)])}."
    )


def cka_words(line: Moved) -> str:
    """'0.613 [0.601, 0.625]'."""
    return decimal(line.cka) + ("" if line.interval is None else f" {bounds(line.interval, 1, 3)}")


def pair_words(study: ModelsStudy, i: int, j: int) -> str:
    """The same for layer i of A and j of B; without intervals plain CKA beside chance."""
    if study.debiased is None:
        return f"{decimal(study.cka[i][j])} (by chance {decimal(study.cka_by_chance[i][j])})"
    known = study.debiased
    return f"{decimal(known.values[i][j])} {bounds((known.low[i][j], known.high[i][j]), 1, 3)}"


def _difference(difference: Difference) -> str:
    return f"{number(difference.value, 3)} {bounds(difference.interval, 1, 3)}"


def models_notes(study: ModelsStudy) -> list[str]:
    """What the numbers are about."""
    without = [f"{count(one.without_vector)} for {name_of(one)}" for one in (study.first, study.second)]
    left = f"; {count(study.left_out)} are left out, having no vector in one of them ({listing(without)})"
    notes = [
        f"Both models read the same {count(study.words)} words in {count(study.sentences)} sentences"
        f"{left if study.left_out else ''}.",
        "CKA is linear; it does not see rotations or scaling of a layer. The debiased one is 0 for layers that share "
        "nothing; its intervals come from blocks of sentences left out in turn, and are about text like this.",
        "By chance: the same with the rows of the second model moved by half of the text: no word meets itself. The "
        "largest of many |r| is never 0, and a regression always explains something.",
    ]
    if study.one_architecture:
        notes.append("A layer has moved if its CKA with itself in the other model is below 0.99 with 95 % confidence.")
    else:
        notes.append("The two are of different architectures: a layer's number in one says nothing of the other's.")
    return [*notes, *study.notes]
