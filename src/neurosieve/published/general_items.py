"""Audit of Section 5 and A.2: what clustering removes (Table 6, Figures 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.published.finding import Finding, agrees, finding, listed, mean
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, TASKS, WORD_TASKS, claim, neurons, score


def _left(model: str, tasks: tuple[str, ...], threshold: str) -> float:
    """Mean number of neurons that a threshold leaves, over some tasks."""
    return mean(neurons("table6", model, task, threshold) for task in tasks)


def _removed(model: str, tasks: tuple[str, ...], threshold: str = "0.7") -> float:
    """Percentage of all neurons that a threshold removes, on average over some tasks."""
    return 100 * (1 - _left(model, tasks, threshold) / claim("4", "neurons", "BERT"))


def like_with_like() -> Finding:
    """85 % of BERT beside 92 % of XLNet, each over the same tasks."""
    numbers = {
        f"{model.lower()}_{kind}": _removed(model, tasks)
        for model in MODELS
        for kind, tasks in (("words", WORD_TASKS), ("all", TASKS))
    }
    return finding(
        "like-with-like",
        "Abstract; Sections 5.2 and 8; Table 6",
        "At c_t = 0.7, 85 % of BERT's neurons can be removed and even more, 92 %, of XLNet's.",
        "BERT's figure is a mean over 11 tasks, XLNet's over the 4 labelling tasks. Over the 4: BERT {bert_words} %, "
        "XLNet {xlnet_words} %. Over all 11: BERT {bert_all} %, XLNet {xlnet_all} %. XLNet is not ahead in either.",
        agrees(all(numbers[f"xlnet_{kind}"] > numbers[f"bert_{kind}"] for kind in ("words", "all"))),
        **numbers,
    )


def without_loss() -> Finding:
    """The mean score at c_t = 0.7 beside the one without clustering."""
    loss = {
        model: {
            task: (score("table6", model, task, "0.0") or 0.0) - (score("table6", model, task, "0.7") or 0.0)
            for task in TASKS
        }
        for model in MODELS
    }
    means = {model: mean(loss[model].values()) for model in MODELS}
    worst = {model: max(loss[model], key=loss[model].__getitem__) for model in MODELS}
    return finding(
        "without-loss",
        "Section 5.2; Table 6",
        "At c_t = 0.7 nothing is lost in accuracy (BERT), and XLNet maintains oracle performance.",
        "Mean over 11 tasks: BERT loses {bert} points, XLNet gains {xlnet_gain}. Per task the largest loss is "
        f"{{bert_worst}} (BERT, {worst['BERT']}) and {{xlnet_worst}} (XLNet, {worst['XLNet']}). "
        "BERT's mean loss is smaller than the oracle's own differences between the tables.",
        agrees(all(value <= 0 for value in means.values())),
        bert=means["BERT"],
        xlnet_gain=-means["XLNet"],
        bert_worst=loss["BERT"][worst["BERT"]],
        xlnet_worst=loss["XLNet"][worst["XLNet"]],
    )


def windows() -> Finding:
    """How much redundancy lies within neighbouring layers."""
    introduction, section = claim("1", "windows"), claim("5.2", "windows")
    return finding(
        "windows",
        "Sections 1 and 5.2; Figure 3",
        "Most clusters stay within the same or adjacent layers.",
        "Section 1 says up to {introduction} %, Section 5.2 says about {section} %; the values of Figure 3 are not "
        "printed, so neither can be preferred.",
        agrees(introduction == section),
        introduction=introduction,
        section=section,
    )


def constant_units() -> Finding:
    """Counts at c_t = 0.9 beside the 768 units of layer 0 that are constant on [CLS]."""
    units = claim("4", "layer_size", "BERT")
    lowest = {model: min(neurons("table6", model, task, "0.9") or 0.0 for task in SENTENCE_TASKS) for model in MODELS}
    words = {model: max(neurons("table6", model, task, "0.9") or 0.0 for task in WORD_TASKS) for model in MODELS}
    return finding(
        "constant-units",
        "Section 5.2; Table 6",
        "What clustering leaves is a reduced set of non-redundant neurons.",
        "At c_t = 0.9 no sentence task keeps fewer than {bert_lowest} neurons (BERT) or {xlnet_lowest} (XLNet), while "
        "labelling tasks keep at most {bert_words} and {xlnet_words}. The {units} units of layer 0 are constant on "
        "[CLS], have no correlation, and would each be a cluster: {bert_rest} and {xlnet_rest} would then be all that "
        "is left of the other 12 layers. The tables do not say which neurons were kept.",
        "cannot be checked",
        units=units,
        bert_lowest=lowest["BERT"],
        xlnet_lowest=lowest["XLNet"],
        bert_words=words["BERT"],
        xlnet_words=words["XLNet"],
        bert_rest=lowest["BERT"] - units,
        xlnet_rest=lowest["XLNet"] - units,
    )


def six_tasks() -> Finding:
    """Tasks that keep less than 15 % of the neurons at c_t = 0.7."""
    bound = claim("A.2", "much_reduced")
    much = {model: [task for task in TASKS if _removed(model, (task,)) > bound] for model in MODELS}
    return finding(
        "six-tasks",
        "A.2; Table 6",
        "6 of 12 tasks (POS, SEM, CCG, Chunking, SST-2, STS-B) lose more than 85 % of their neurons at c_t = 0.7.",
        f"BERT: {{bert}} of {{tasks}} ({listed(much['BERT'])}), as named. XLNet: {{xlnet}} ({listed(much['XLNet'])}).",
        agrees(much["BERT"] == [*WORD_TASKS, "sst2", "stsb"]),
        bert=len(much["BERT"]),
        xlnet=len(much["XLNet"]),
        tasks=len(TASKS),
    )


ITEMS: tuple[Callable[[], Finding], ...] = (like_with_like, without_loss, windows, constant_units, six_tasks)
