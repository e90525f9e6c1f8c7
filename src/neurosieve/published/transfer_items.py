"""Audit of Section 7 and A.5.1: LayerSelector and CCFS (Tables 3, 9 and 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from neurosieve.published.finding import Finding, agrees, finding, listed, mean, shown
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, WORD_TASKS, claim, neurons, score

_GROUPS = ("Sequence Classification", "Sequence Labeling")
_SCORES = ("oracle_score", "ls_score", "ccfs_score")
_TABLE = {**dict.fromkeys(WORD_TASKS, "table9"), **dict.fromkeys(SENTENCE_TASKS, "table10")}
_SLACK = 0.1
"""Half a digit of the printed average, and half a digit of the printed values that it is the mean of."""
_ROUNDING = 0.05 * 1.99
"""What two printed scores, one of them times 0.99, may be off by."""


def _mean_of(model: str, tasks: tuple[str, ...], row: str) -> float:
    return mean(score(_TABLE[task], model, task, row) for task in tasks)


def table3_groups() -> Finding:
    """Which column group of Table 3 holds the averages of Table 9, and which those of Table 10."""
    gap = {}
    for kind, tasks in (("words", WORD_TASKS), ("sentences", SENTENCE_TASKS)):
        for group, label in zip(_GROUPS, ("classification", "labeling"), strict=True):
            pairs = [(model, row) for model in MODELS for row in ("oracle_score", "ls_score")]
            gaps = [abs(_mean_of(m, tasks, row) - (score("table3", m, group, row) or 0.0)) for m, row in pairs]
            gap[f"{kind}_{label}"] = max(gaps)
    return finding(
        "table3-groups",
        "Tables 3, 9 and 10",
        "Table 3 prints the averages of sequence classification on the left and of sequence labeling on the right.",
        "The groups are swapped. The group printed as Sequence Classification is within {words_classification} points "
        "of the averages of Table 9 (labelling) and up to {sentences_classification} from those of Table 10; the "
        "group printed as Sequence Labeling is within {sentences_labeling} points of Table 10 and up to "
        "{words_labeling} from Table 9.",
        agrees(gap["words_labeling"] < gap["words_classification"]),
        **gap,
    )


def _table3_gaps() -> Iterator[tuple[str, str, float, float]]:
    """Model, row, the printed average (groups put right) and the recomputed one, where the tables have both."""
    for model in MODELS:
        for group, tasks in ((_GROUPS[0], WORD_TASKS), (_GROUPS[1], SENTENCE_TASKS)):
            for row in (*_SCORES, "reduction"):
                if row != "ccfs_score" or tasks == WORD_TASKS:
                    again = _mean_of(model, tasks, row)
                    if row == "reduction":
                        again = 100 - _share(model, tasks)
                    yield f"{model} {_TABLE[tasks[0]]}", row, score("table3", model, group, row) or 0.0, again


def _share(model: str, tasks: tuple[str, ...]) -> float:
    """Percentage of all neurons that CCFS leaves, on average."""
    left = mean(neurons(_TABLE[task], model, task, "ccfs_neurons") for task in tasks)
    return 100 * left / claim("4", "neurons", "BERT")


def table3_averages() -> Finding:
    """Table 3 with its groups put right, against Tables 9 and 10."""
    cells = list(_table3_gaps())
    # A reduction is recomputed from whole neurons: only its own last digit is rounded.
    off = [
        f"{where}: {printed} for {shown(again)}"
        for where, row, printed, again in cells
        if abs(printed - again) > (0.05 if row == "reduction" else _SLACK) + 1e-9
    ]
    sentences = {model: 100 - _share(model, SENTENCE_TASKS) for model in MODELS}
    return finding(
        "table3-averages",
        "Tables 3, 9 and 10",
        "Table 3 averages Tables 9 and 10.",
        f"With the groups put right, {{off}} of {{cells}} averages differ by more than rounding ({listed(off)}), all "
        "of them reductions of sentence tasks: {bert} % (BERT) and {xlnet} % (XLNet). The CCFS scores of Table 10 are "
        "lost, so those two averages are not among them.",
        agrees(not off),
        cells=len(cells),
        off=len(off),
        **{model.lower(): value for model, value in sentences.items()},
    )


def repeated_ls() -> Finding:
    """XLNet's LS scores of SST-2 and MRPC, equal to BERT's."""
    same = [
        task
        for task in SENTENCE_TASKS
        if score("table10", "BERT", task, "ls_score") == score("table10", "XLNet", task, "ls_score")
    ]
    sst2, mrpc = (score("table10", "XLNet", task, "ls_score") or 0.0 for task in ("sst2", "mrpc"))
    oracle = score("table10", "XLNet", "sst2", "oracle_score") or 0.0
    average = _mean_of("XLNet", SENTENCE_TASKS, "ls_score")
    return finding(
        "repeated-ls",
        "Tables 3 and 10",
        "Table 10 prints each model's own LS scores.",
        f"XLNet's equal BERT's for {listed(same)}: {{sst2}} and {{mrpc}}. XLNet's oracle for SST-2 is {{oracle}}, so a "
        "fall to {sst2} would be {fall} points where 1 % is allowed. With them the average is {average}, which rounds "
        "to what Table 3 prints: it was computed from these values.",
        agrees(not same),
        sst2=sst2,
        mrpc=mrpc,
        oracle=oracle,
        fall=oracle - sst2,
        average=average,
    )


def _reductions() -> Iterator[tuple[str, float, float, float]]:
    """Where, the printed reduction, the recomputed one, and half of the last printed digit."""
    for task, table in _TABLE.items():
        for model in MODELS:
            left = neurons(table, model, task, "ccfs_neurons") or 0.0
            half = 0.5 if table == "table9" else 0.05
            exact = 100 * (1 - left / claim("4", "neurons", "BERT"))
            yield f"{model} {task}", score(table, model, task, "reduction") or 0.0, exact, half


def reductions() -> Finding:
    """Every % reduction of Tables 9 and 10 from its number of neurons."""
    rows = list(_reductions())
    off = [where for where, printed, exact, half in rows if abs(printed - exact) > half + 1e-9]
    printed, exact = next((printed, exact) for where, printed, exact, _ in rows if where == "BERT rte")
    return finding(
        "reductions",
        "Tables 9 and 10",
        "% Reduct. is the reduction in neurons compared to the full network.",
        f"{{off}} of {{rows}} are not what their neurons give ({listed(off)}): {{left}} of 9,984 neurons are {{exact}} "
        "% less, {printed} % is printed.",
        agrees(not off),
        off=len(off),
        rows=len(rows),
        left=neurons("table10", "BERT", "rte", "ccfs_neurons") or 0.0,
        exact=exact,
        printed=printed,
    )


def _kept(later: str, earlier: str, tasks: tuple[str, ...]) -> list[tuple[str, float, float]]:
    """Model and task, the later score, and 99 % of the earlier one."""
    scores = [
        (f"{m} {t}", score(_TABLE[t], m, t, later), score(_TABLE[t], m, t, earlier)) for m in MODELS for t in tasks
    ]
    return [(where, a, 0.99 * b) for where, a, b in scores if a is not None and b is not None]


def ls_below() -> Finding:
    """LS scores below 99 % of the oracle's."""
    rows = _kept("ls_score", "oracle_score", WORD_TASKS + SENTENCE_TASKS)
    below = {where: bound - found for where, found, bound in rows if found < bound - 1e-9}
    return finding(
        "ls-below",
        "Section 7; Tables 9 and 10",
        "LS has a performance threshold of 1 % (against the oracle).",
        f"{{below}} of {{rows}} LS scores are below 0.99 × oracle ({listed(below)}), by {{bert}} and {{xlnet}} points. "
        "The threshold is applied on dev and the tables report test, so one can miss the other.",
        agrees(not below),
        below=len(below),
        rows=len(rows),
        bert=below["BERT sst2"],
        xlnet=below["XLNet sst2"],
    )


def ccfs_below() -> Finding:
    """CCFS scores below 99 % of LS's, and below 98.01 % of the oracle's."""
    rows = _kept("ccfs_score", "ls_score", WORD_TASKS)
    below = {where: bound - found for where, found, bound in rows if found < bound - 1e-9}
    compound = _kept("ccfs_score", "oracle_score", WORD_TASKS)
    both = [where for where, found, bound in compound if found < 0.99 * bound - 1e-9]
    clear = sum(value > _ROUNDING for value in below.values())
    single = [where for where, found, bound in compound if found < bound - 1e-9]
    return finding(
        "ccfs-below",
        "Section 7; Table 9",
        "CCFS has a performance threshold of 1 % of its own, after LS.",
        f"{{below}} of {{rows}} CCFS scores are below 0.99 × LS ({listed(below)}), by {{largest}} points at "
        "most; {clear} of them by more than rounding explains. "
        "Against the oracle {single} of {rows} have lost more than 1 %"
        f" ({listed(single)}) and {{both}} more than both percents together ({listed(both)}). "
        "The CCFS scores of Table 10 are lost.",
        agrees(not below),
        below=len(below),
        rows=len(rows),
        largest=max(below.values()),
        clear=clear,
        single=len(single),
        both=len(both),
    )


ITEMS: tuple[Callable[[], Finding], ...] = (
    table3_groups,
    table3_averages,
    repeated_ls,
    reductions,
    ls_below,
    ccfs_below,
)
