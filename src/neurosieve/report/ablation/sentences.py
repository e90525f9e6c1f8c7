"""What an ablation study found, in sentences, and how to read it."""

from __future__ import annotations

from neurosieve.report.ablation.words import (
    chance_of,
    find,
    lost,
    output_words,
    score,
    score_words,
    settled,
    source,
    told,
)
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.wording import count, percent, plain, plural, tolerance
from neurosieve.run.ablation.records import AblatedSet, AblationStudy

HARDLY = 0.1  # of the way to a model with every neuron held: up to here the model hardly uses what is held

MADE_OF = {"mean": "the mean of its pieces", "cls": "its classification token", "last": "its last piece"}
HOLDS = {"mean": "at their mean", "zero": "at zero"}


def ablation_sentences(study: AblationStudy) -> list[str]:
    """Of the sieve's set, or the smallest that suffices: what the probe loses, what the model loses, and chance."""
    one = told(study)
    if one is None:
        return []
    found = [_for_the_probe(study, one), _for_the_model(study, one), _meaning(study, one), _by_chance(study, one)]
    return [sentence for sentence in (*found, _other_way_round(study, one)) if sentence]


def _for_the_probe(study: AblationStudy, one: AblatedSet) -> str:
    metric, n = score_words(study), study.model.neurons
    if one.probe is None or one.probe_difference is None:
        return ""
    redundant = f"The other {count(n - one.neurons)} are redundant for it."
    inside = one.probe_difference.value > -study.tolerance * study.oracle.value
    return (
        f"A probe of {plain(study.task)} on {count(one.neurons)} of {plural(n, 'neuron')} ({source(study, one)}) "
        f"scores {score(metric, one.probe)} {metric.title} on test, {metric.difference(one.probe_difference)} against "
        f"the oracle. {redundant if inside else f'That is not within {tolerance(study.tolerance)} of it.'}"
    )


def _for_the_model(study: AblationStudy, one: AblatedSet) -> str:
    words, output = output_words(study), study.output
    held = f"With these {count(one.held)} held {HOLDS[study.by]} inside the model"
    if study.where == "inside":
        held = (
            f"With the {count(one.held)} of these that live beside kept neurons, below the last layer, held "
            f"{HOLDS[study.by]} inside the model"
        )
    if output.kind == "loss":
        what = "next pieces" if output.head == "causal" else "masked pieces"
        return (
            f"{held}, the loss of its own head is {words.estimate(one.output)} nats for each of "
            f"{count(output.pieces or 0)} {what}; it is {words.value(output.intact.value)} in the intact model and "
            f"{words.value(output.nothing_kept.value)} with {_all(study)} held."
        )
    unrelated = "" if output.unrelated is None else f", {words.value(output.unrelated.value)} for two different texts"
    return (
        f"{held}, the cosine of a text's vector with the intact model's is {words.estimate(one.output)}, over "
        f"{count(output.texts)} test {_noun(study)}s. It would be 1 if nothing changed; it is "
        f"{words.value(output.nothing_kept.value)} with {_all(study)} held{unrelated}."
    )


def _meaning(study: AblationStudy, one: AblatedSet) -> str:
    way = lost(study, one)
    if way is None:
        return ""
    so_far = f"That is {percent(max(0.0, way), 0)} of the way from the intact model to one with {_all(study)} held"
    if way >= 1:
        so_far = f"That is as far from the intact model as one with {_all(study)} held, or further"
    if one.cut:
        return (
            f"{so_far}, and it could hardly be otherwise: the set has no neuron of {_layers(study).some(one.cut)}, so "
            "nothing of a text gets through. --where inside asks what is lost where the set has neurons."
        )
    if way > HARDLY:
        return f"{so_far}. Redundant for the probe is not unused by the model: it works with what the probe can spare."
    return f"{so_far}: on these texts the model itself hardly uses what the probe can spare."


def _by_chance(study: AblationStudy, one: AblatedSet) -> str:
    words, chance = output_words(study), chance_of(study, one)
    if chance is None or one.against_random is None:
        return ""
    like = "as many neurons of each layer" if study.where == "inside" else "as many neurons"
    drawn = f"{like} at random give {words.value(chance.output.value)}{_drawn(study, chance)}"
    if all((lost(study, each) or 0.0) >= 1 for each in (one, chance)):
        judged = "and nothing is left in either"
    elif not settled(one.against_random):
        judged = "which is no clear difference"
    else:
        better = (one.against_random.value < 0) == words.is_loss
        judged = (
            "so it keeps more of the output than chance" if better else "so it keeps less of the output than chance"
        )
    return f"Kept in its place, {drawn}: {words.difference(one.against_random)} for the set, {judged}."


def _drawn(study: AblationStudy, chance: AblatedSet) -> str:
    """The range of the draws, in brackets."""
    if chance.output.draws is None:
        return ""
    least, most = (output_words(study).value(value) for value in chance.output.draws)
    return f" ({least} to {most} in {study.draws} draws)"


def _other_way_round(study: AblationStudy, one: AblatedSet) -> str:
    words, metric = output_words(study), score_words(study)
    gone = find(study, one.chosen, "ablated", one.neurons)
    chance = None if gone is None else chance_of(study, gone)
    if gone is None or chance is None:
        return ""
    apart = "" if gone.against_random is None else f"; {words.difference(gone.against_random)}"
    sentence = (
        f"The other way round, with only the {count(gone.neurons)} held, it is {words.estimate(gone.output)} where "
        f"as many at random give {words.value(chance.output.value)}{_drawn(study, chance)}{apart}"
    )
    if gone.probe is None or gone.probe_difference is None:
        return f"{sentence}."
    within = gone.probe_difference.value > -study.tolerance * study.oracle.value
    return (
        f"{sentence}, and a probe on all others scores {score(metric, gone.probe)}, "
        f"{metric.difference(gone.probe_difference)} against the oracle"
        f"{': what these tell is told elsewhere too' if within else ''}."
    )


def ablation_notes(study: AblationStudy) -> list[str]:
    """What an effect means, and what it does not."""
    output = study.output
    held = "their mean over the training part" if study.by == "mean" else "zero"
    notes = [
        f"Held neurons give {held} for every piece of every text, in each layer where they live; blocks above still "
        "write to what is not held. A model that reads values which never occur together may fail for that alone, so "
        "an effect says that the model is sensitive to a set, and no effect says that it does without.",
        "Kept: only k neurons live, all others are held. Ablated: only k neurons are held. Random: the mean of "
        f"{study.draws} draws, with the range of the draws; its intervals, like all others here, are over "
        f"{'resampled texts' if study.row == 'text' else 'resampled sentences'} and do not cover other draws.",
        f"Probes are trained on stored activations of the intact model, and read all {_noun(study)}s of test: they say "
        "what is encoded in a set, whatever the model does with it.",
    ]
    if output.kind == "cosine":
        made = MADE_OF.get(output.pooling or "", "its pieces")
        notes.append(f"A text's vector is {made} in the last layer; this model has no language-model head to ask.")
    if study.where == "inside":
        notes.append(
            "Inside: neurons beside a set are held only in layers that the set has neurons of, and never in the last "
            "layer, which is what is read from the model. Chance is as many neurons of each layer."
        )
    else:
        notes.append(
            "Everywhere: all neurons beside a set are held, in every layer. A layer of which nothing is kept lets "
            "nothing through (hollow markers), and the last layer is what is read from the model; --where inside "
            "leaves both out."
        )
    return notes


def _all(study: AblationStudy) -> str:
    return "every neuron" if study.where == "everywhere" else "every neuron below the last layer"


def _layers(study: AblationStudy) -> Layers:
    return layers_of(study.model)


def _noun(study: AblationStudy) -> str:
    return "sentence" if study.row == "word" else "text"
