"""Audit of what Sections 7.1 and 7.2 say of layers, neurons, parameters and runtimes."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.published.finding import Finding, agrees, finding, listed, mean, shown
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, TASKS, WORD_TASKS, claim, neurons, score


def word_layers() -> Finding:
    """Layers that LS uses for labelling."""
    used = {model: [neurons("table9", model, task, "ls_layers") or 0.0 for task in WORD_TASKS] for model in MODELS}
    said = {model: claim("7.1", "word_layers", model) for model in MODELS}
    over = [
        f"{model} {task}"
        for model in MODELS
        for task, layers in zip(WORD_TASKS, used[model], strict=True)
        if layers >= said[model]
    ]
    return finding(
        "word-layers",
        "Section 7.1; Table 9",
        "For labelling LS uses less than 6 layers of 13 for BERT and less than 3 for XLNet.",
        f"True of the averages: {{bert}} and {{xlnet}}. Task by task {{over}} of {{cells}} use as many or more "
        f"({listed(over)}).",
        agrees(all(mean(used[model]) < said[model] for model in MODELS)),
        bert=mean(used["BERT"]),
        xlnet=mean(used["XLNet"]),
        over=len(over),
        cells=len(MODELS) * len(WORD_TASKS),
    )


def sentence_layers() -> Finding:
    """Layers that LS uses for sentence tasks; their row is lost."""
    said = {model: claim("7.1", "sentence_layers", model) for model in MODELS}
    sums = {model: round(value * len(SENTENCE_TASKS)) for model, value in said.items()}
    return finding(
        "sentence-layers",
        "Section 7.1; Tables 3 and 10",
        "For sentence tasks LS uses 11.6 layers of 13 for BERT and 8.1 for XLNet on average.",
        "The rows of layers are lost from the text at hand. {bert} and {xlnet} are possible as means of 7 whole "
        "numbers: {bert_sum} and {xlnet_sum} layers in all.",
        "cannot be checked",
        bert=said["BERT"],
        xlnet=said["XLNet"],
        bert_sum=sums["BERT"],
        xlnet_sum=sums["XLNet"],
    )


def selected_layer() -> Finding:
    """Whether the row Layers counts layers or names one."""
    printed = neurons("table9", "BERT", "pos", "ls_layers") or 0.0
    features, size = claim("7.1", "pos_features", "BERT"), claim("4", "layer_size", "BERT")
    return finding(
        "selected-layer",
        "Section 7.1; caption of Table 9",
        "Layers shows the number of the selected layer.",
        "It shows how many layers are used, the embedding layer among them: for POS Table 9 prints {printed}, the "
        "text has {features} features, {layers} layers of {size}, of which the last is layer {last}.",
        agrees(printed == features / size - 1),
        printed=printed,
        features=features,
        layers=features / size,
        size=size,
        last=features / size - 1,
    )


def parameters() -> Finding:
    """37 M of 110 M parameters beside 65 %."""
    whole, left = claim("7.1", "model_parameters", "BERT"), claim("7.1", "pos_parameters", "BERT")
    said = claim("7.1", "parameter_reduction_pos", "BERT")
    cut = 100 * (1 - left / whole)
    return finding(
        "parameters",
        "Section 7.1",
        "For POS a forward pass of BERT needs 65 % fewer parameters: 37M of 110M.",
        "{left}M of {whole}M is a cut of {cut} %, {said} % is said.",
        agrees(abs(cut - said) <= 0.5),
        whole=whole,
        left=left,
        cut=cut,
        said=said,
    )


def neuron_shares() -> Finding:
    """5 % and 1.5 % beside the reductions of Table 3 and the neurons of Tables 9 and 10."""
    whole = claim("4", "neurons", "BERT")
    shares = {
        f"{model.lower()}_{kind}": 100 * mean(neurons(table, model, task, "ccfs_neurons") for task in tasks) / whole
        for model in MODELS
        for kind, table, tasks in (("words", "table9", WORD_TASKS), ("sentences", "table10", SENTENCE_TASKS))
    }
    words, sentences = claim("7.1", "word_neurons"), claim("7.1", "sentence_neurons")
    below = all(share <= (words if kind.endswith("words") else sentences) for kind, share in shares.items())
    return finding(
        "neuron-shares",
        "Section 7.1; Tables 3, 9 and 10",
        "The final classifier needs just 5 % of the neurons for labelling and 1.5 % for sentence tasks.",
        "Labelling: {bert_words} % (BERT) and {xlnet_words} % (XLNet); sentence tasks: {bert_sentences} % and "
        "{xlnet_sentences} %. The statement is an upper bound. Table 3 prints reductions of 95.7, 96.0, 99.0 and 98.5.",
        agrees(below),
        **shares,
    )


def ninety_seven_ten() -> Finding:
    """97 % of the performance with at most 10 % of the neurons."""
    whole = claim("4", "neurons", "BERT")
    kept = {
        f"{model} {task}": 100 * (score("table9", model, task, "ccfs_score") or 0.0) / oracle
        for model in MODELS
        for task in WORD_TASKS
        if (oracle := score("table9", model, task, "oracle_score"))
    }
    most = max(
        neurons("table9" if task in WORD_TASKS else "table10", model, task, "ccfs_neurons") or 0.0
        for model in MODELS
        for task in TASKS
    )
    worst = min(kept, key=kept.__getitem__)
    share = 100 * most / whole
    return finding(
        "ninety-seven-ten",
        "Abstract; Tables 9 and 10",
        "The procedure keeps 97 % of the performance with at most 10 % of the neurons.",
        f"At most {{most}} neurons ({{share}} %) are used by any task. Labelling keeps at least {{worst}} % of the "
        f"oracle ({worst}); for sentence tasks the CCFS scores per task are lost.",
        agrees(kept[worst] >= claim("abstract", "kept_performance") and share <= claim("abstract", "kept_neurons")),
        most=most,
        share=share,
        worst=kept[worst],
    )


def qnli_ten() -> Finding:
    """10 neurons for QNLI."""
    ccfs, minimal = neurons("table10", "BERT", "qnli", "ccfs_neurons"), neurons("table2", "BERT", "qnli")
    return finding(
        "qnli-ten",
        "Section 7.1; Tables 2 and 10",
        "QNLI needs just 10 neurons.",
        "Table 10 has {ccfs} for BERT after CCFS; the minimal set of Table 2 has {minimal}, XLNet needs {xlnet}.",
        agrees(ccfs == claim("7.1", "qnli_neurons")),
        ccfs=ccfs or 0.0,
        minimal=minimal or 0.0,
        xlnet=neurons("table10", "XLNet", "qnli", "ccfs_neurons") or 0.0,
    )


def speedups() -> Finding:
    """Speedups of the captions of Figures 10 and 11 beside Section 7.2."""
    figure = {"BERT": "Figure 10", "XLNet": "Figure 11"}
    numbers = {
        f"{model.lower()}_{kind}": claim("7.2", f"{kind}_speedup", model)
        for model in MODELS
        for kind in ("word", "sentence")
    }
    captions = {kind: claim("Figure 10", f"{kind}_speedup", "BERT") for kind in ("word", "sentence")}
    same = all(
        claim(figure[model], f"{kind}_speedup", model) == claim("7.2", f"{kind}_speedup", model)
        for model in MODELS
        for kind in ("word", "sentence")
    )
    return finding(
        "speedups",
        "Section 7.2; captions of Figures 10 and 11",
        "Both captions: near {sentence}x for sequence classification, {word}x for most labelling tasks.".format(
            **{kind: shown(value) for kind, value in captions.items()}
        ),
        "Section 7.2 has labelling faster: {bert_word}x (BERT) and {xlnet_word}x (XLNet), against {bert_sentence}x and "
        "{xlnet_sentence}x for classification, as fewer layers for labelling (Table 9) would have it. The captions "
        "({caption_sentence}x, {caption_word}x) fit neither model; with the kinds of task swapped they would be "
        "near BERT's.",
        agrees(same),
        caption_word=captions["word"],
        caption_sentence=captions["sentence"],
        **numbers,
    )


def classifier_runtime() -> Finding:
    """50 and 10 seconds beside 5x."""
    before, after = (claim("7.2", f"classifier_{when}", "BERT") for when in ("before", "after"))
    said = claim("7.2", "classifier_speedup", "BERT")
    return finding(
        "classifier-runtime",
        "Section 7.2; Figure 5",
        "The classifier's runtime falls from 50 to 10 seconds, a 5x speedup.",
        "{before} / {after} seconds is {ratio}x. The values of Figure 5 are not printed.",
        agrees(before / after == said),
        before=before,
        after=after,
        ratio=before / after,
    )


ITEMS: tuple[Callable[[], Finding], ...] = (
    word_layers,
    sentence_layers,
    selected_layer,
    parameters,
    neuron_shares,
    ninety_seven_ten,
    qnli_ten,
    speedups,
    classifier_runtime,
)
