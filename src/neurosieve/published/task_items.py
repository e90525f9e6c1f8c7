"""Audit of Section 6, A.3 and A.4: layers and neurons that suffice (Tables 1, 2, 7 and 8)."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from neurosieve.published.finding import Finding, agrees, finding, listed, mean
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, TASKS, WORD_TASKS, claim, neurons, read, score


def _layers() -> pd.DataFrame:
    """Table 7 without its two upper rows, and whether each score is at least 99 % of the oracle."""
    table = read("table7")
    keys = ["model", "task"]
    oracle = table[table["row"] == "oracle"].set_index(keys)["score_percent"].rename("oracle")
    layers = table[~table["row"].isin(["oracle", "one_percent_loss"])].join(oracle, on=keys)
    share = claim("Table 7", "tolerance") / 100
    return layers.assign(within=layers["score_percent"] >= share * layers["oracle"] - 1e-9)


def _marked() -> dict[str, dict[str, int]]:
    """How many layers are in bold, by model and task."""
    bold = _layers().query("bold")
    pairs = list(zip(bold["model"], bold["task"], strict=True))
    return {model: {task: pairs.count((model, task)) for task in TASKS} for model in MODELS}


def bold_marks() -> Finding:
    """Bold against 99 % of the oracle, and the row of the 1 % loss against the oracle's."""
    layers = _layers()
    differ = layers[layers["bold"] != layers["within"]]
    losses = [
        abs((score("table7", model, task, "one_percent_loss") or 0.0) - 0.99 * oracle)
        for model in MODELS
        for task in TASKS
        if (oracle := score("table7", model, task, "oracle"))
    ]
    off = sum(loss > 0.1 for loss in losses)
    return finding(
        "bold-marks",
        "Table 7",
        "Bold numbers are the layers that keep 99 % of the oracle's performance.",
        "{marked} of {cells} cells are bold; {differ} marks differ from 0.99 × the printed oracle. Of {losses} values "
        "in the rows 1% Loss {off} differ from it by more than rounding.",
        agrees(differ.empty and not off),
        cells=len(layers),
        marked=int(layers["bold"].sum()),
        differ=len(differ),
        losses=len(losses),
        off=off,
    )


def redundant_layers() -> Finding:
    """The most redundant layers of any task, and RTE's."""
    marked = _marked()
    most = {model: max(marked[model].values()) for model in MODELS}
    where = {model: listed(task for task in TASKS if marked[model][task] == most[model]) for model in MODELS}
    said = {model: claim("6.1", "redundant_layers", model) for model in MODELS}
    least = all(marked[model]["rte"] == min(marked[model].values()) for model in MODELS)
    return finding(
        "redundant-layers",
        "Section 6.1; Table 7, Figure 4",
        "Up to 11 layers of BERT and 10 of XLNet are redundant; RTE has the fewest, in BERT none.",
        f"By the bold marks: {{bert}} (BERT: {where['BERT']}) and {{xlnet}} (XLNet: {where['XLNet']}); RTE has "
        "{bert_rte} and {xlnet_rte}, the fewest of each model.",
        agrees(most == said and least),
        bert=most["BERT"],
        xlnet=most["XLNet"],
        bert_rte=marked["BERT"]["rte"],
        xlnet_rte=marked["XLNet"]["rte"],
    )


def xlnet_layers() -> Finding:
    """Mean number of redundant layers, model by model."""
    marked = _marked()
    numbers = {
        f"{model.lower()}_{kind}": mean(marked[model][task] for task in tasks)
        for model in MODELS
        for kind, tasks in (("words", WORD_TASKS), ("all", TASKS))
    }
    return finding(
        "xlnet-layers",
        "Sections 1 and 6.1; Table 7, Figure 4",
        "XLNet has slightly fewer redundant layers for labelling, and more on average across all tasks.",
        "Redundant layers per task: labelling BERT {bert_words}, XLNet {xlnet_words}; all tasks BERT {bert_all}, "
        "XLNet {xlnet_all}.",
        agrees(numbers["xlnet_words"] < numbers["bert_words"] and numbers["xlnet_all"] > numbers["bert_all"]),
        **numbers,
    )


def xlnet_neurons() -> Finding:
    """Mean minimal set, model by model."""
    size = {model: mean(neurons("table8", model, task) for task in TASKS) for model in MODELS}
    fewer = sum((neurons("table8", "XLNet", task) or 0) < (neurons("table8", "BERT", task) or 0) for task in TASKS)
    return finding(
        "xlnet-neurons",
        "Section 1; Table 8",
        "Comparing models, XLNet is more redundant than BERT (in neurons that a task needs).",
        "The minimal sets have {bert} neurons on average for BERT and {xlnet} for XLNet; XLNet's is the smaller one "
        "for {fewer} of {tasks} tasks. Each is one search without an interval.",
        agrees(size["XLNet"] < size["BERT"]),
        bert=size["BERT"],
        xlnet=size["XLNet"],
        fewer=fewer,
        tasks=len(TASKS),
    )


def at_least_92() -> Finding:
    """The largest minimal set as a share of the model."""
    whole, said = claim("4", "neurons", "BERT"), claim("abstract", "task_redundant_neurons")
    largest = {model: max(neurons("table8", model, task) or 0.0 for task in TASKS) for model in MODELS}
    redundant = {model: 100 * (1 - size / whole) for model, size in largest.items()}
    return finding(
        "at-least-92",
        "Abstract; Sections 1 and 8; Tables 1, 2 and 8",
        "At least 92 % of the neurons are redundant with respect to a task.",
        "The largest sets have {bert_largest} of 9,984 neurons (BERT) and {xlnet_largest} (XLNet): {bert} % and "
        "{xlnet} % are not in them.",
        agrees(min(redundant.values()) >= said),
        bert_largest=largest["BERT"],
        xlnet_largest=largest["XLNet"],
        bert=redundant["BERT"],
        xlnet=redundant["XLNet"],
    )


def reduced_scores() -> Finding:
    """Reduced scores of Table 8 against 97 % of their oracle, and against the oracle."""
    kept = {
        f"{model} {task}": 100 * (score("table8", model, task, "reduced") or 0) / oracle
        for model in MODELS
        for task in TASKS
        if (oracle := score("table8", model, task, "oracle"))
    }
    below, above = ([name for name, share in kept.items() if test(share)] for test in (_too_low, _over))
    worst = min(kept, key=kept.__getitem__)
    return finding(
        "reduced-scores",
        "Section 6.2; Table 8",
        "Minimal sets keep at least 97 % of the oracle's performance.",
        f"{{below}} of {{sets}} keep less; the lowest is {{worst}} % ({worst}). {{above}} score above their oracle "
        f"({listed(above)}).",
        agrees(not below),
        sets=len(kept),
        below=len(below),
        above=len(above),
        worst=kept[worst],
    )


def _too_low(share: float) -> bool:
    return share < claim("6.2", "kept_performance")


def _over(share: float) -> bool:
    return share > 100


def without_any_loss() -> Finding:
    """Reduced scores of Table 8 below their oracle."""
    loss = [
        (score("table8", model, task, "oracle") or 0) - (score("table8", model, task, "reduced") or 0)
        for model in MODELS
        for task in TASKS
    ]
    return finding(
        "without-any-loss",
        "Section 1; Table 8",
        "These 92 % can be pruned without any loss in task-specific performance.",
        "{lower} of {sets} minimal sets score below their oracle, by {mean} points on average over all and {largest} "
        "at most; the search itself allows 3 %.",
        agrees(max(loss) <= 0),
        sets=len(loss),
        lower=sum(value > 1e-9 for value in loss),
        mean=mean(loss),
        largest=max(loss),
    )


def task_complexity() -> Finding:
    """Sizes of minimal sets by kind of task."""
    sizes = {
        kind: mean(neurons("table8", model, task) for model in MODELS for task in tasks)
        for kind, tasks in (
            ("complex_tasks", ("ccg", "chunk")),
            ("simple_tasks", ("pos", "sem")),
            ("words", WORD_TASKS),
            ("sentences", SENTENCE_TASKS),
        )
    }
    ccg, sem = (neurons("table8", "BERT", task) or 0.0 for task in ("ccg", "sem"))
    return finding(
        "task-complexity",
        "Section 6.2; Tables 1 and 2",
        "CCG and Chunking need more neurons than POS and SEM on average, and labelling more than sentence tasks.",
        "Means over both models: CCG and Chunking {complex_tasks}, POS and SEM {simple_tasks}; labelling {words}, "
        "sentence tasks {sentences}. For BERT alone CCG ({ccg}) needs no more than SEM ({sem}).",
        agrees(sizes["complex_tasks"] > sizes["simple_tasks"] and sizes["words"] > sizes["sentences"]),
        ccg=ccg,
        sem=sem,
        **sizes,
    )


ITEMS: tuple[Callable[[], Finding], ...] = (
    bold_marks,
    redundant_layers,
    xlnet_layers,
    xlnet_neurons,
    at_least_92,
    reduced_scores,
    without_any_loss,
    task_complexity,
)
