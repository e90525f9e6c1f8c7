"""Audit of the printed averages (Tables 3, 6 and 8), and of values that two tables print."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from neurosieve.published.finding import Finding, agrees, finding, listed, mean
from neurosieve.published.tables import MODELS, SENTENCE_TASKS, TASKS, WORD_TASKS, neurons, score

THRESHOLDS = tuple(f"0.{tenth}" for tenth in range(10))
SCORE_SLACK = 0.1
"""Half a digit of the printed average, and half a digit of the printed scores that it is the mean of."""
COUNT_SLACK = 0.5
"""Half a neuron: counts are printed in full, only their average is rounded."""


def _table6(model: str) -> Finding:
    """The averages of Table 6, recomputed over all 11 tasks and over the 4 labelling tasks."""
    rows = {"count": neurons, "score": score}
    slack = {"count": COUNT_SLACK, "score": SCORE_SLACK}
    off = {kind: 0 for kind in rows}
    over_four = 0
    for kind, value in rows.items():
        for threshold in THRESHOLDS:
            printed = value("table6", model, "average", threshold) or 0.0
            means = {n: mean(value("table6", model, task, threshold) for task in TASKS[:n]) for n in (4, 11)}
            off[kind] += abs(printed - means[11]) > slack[kind] + 1e-9
            over_four += kind == "count" and threshold != "0.0" and abs(printed - means[4]) < 1e-9
    verdict = agrees(off["count"] + off["score"] == 0)
    part = "a" if model == "BERT" else "b"
    exact = neurons("table6", model, "average", "0.7") or 0.0
    eleven = mean(neurons("table6", model, task, "0.7") for task in TASKS)
    return finding(
        f"table6{part}-averages",
        f"Table 6{part}",
        f"The column Average is the mean over the tasks ({model}).",
        "Of {rows} averages of neurons {count_off} are not the mean over 11 tasks, and {over_four} are exactly the "
        "mean over the 4 labelling tasks (c_t = 0.0, all neurons, aside); of {rows} averages of scores {score_off} are "
        "not the mean over 11. At c_t = 0.7 {exact} neurons are printed and the mean over 11 is {eleven}.",
        verdict,
        rows=len(THRESHOLDS),
        count_off=off["count"],
        score_off=off["score"],
        over_four=over_four,
        exact=exact,
        eleven=eleven,
    )


def table6a_averages() -> Finding:
    """BERT's averages of Table 6."""
    return _table6("BERT")


def table6b_averages() -> Finding:
    """XLNet's averages of Table 6."""
    return _table6("XLNet")


def table8_averages() -> Finding:
    """The averages of Table 8."""
    off = []
    for model in MODELS:
        for name, tasks in (("word_average", WORD_TASKS), ("sentence_average", SENTENCE_TASKS)):
            for row in ("oracle", "neurons", "reduced"):
                value, slack = (neurons, COUNT_SLACK) if row == "neurons" else (score, SCORE_SLACK)
                again = mean(value("table8", model, task, row) for task in tasks)
                if abs(again - (value("table8", model, name, row) or 0.0)) > slack + 1e-9:
                    off.append(f"{model} {name} of {row}")
    sentence = {model: mean(neurons("table8", model, task) for task in SENTENCE_TASKS) for model in MODELS}
    word = {model: mean(neurons("table8", model, task) for task in WORD_TASKS) for model in MODELS}
    return finding(
        "table8-averages",
        "Table 8",
        "Minimal sets have 425 and 480 neurons on average for labelling, 130 and 152 for sentence tasks.",
        "Recomputed: {bert_word} and {xlnet_word}; {bert_sentence} and {xlnet_sentence} (152 is cut off, not rounded). "
        f"Averages off by more than rounding: {{off}} of 12 ({listed(off)}).",
        agrees(not off),
        bert_word=word["BERT"],
        xlnet_word=word["XLNet"],
        bert_sentence=sentence["BERT"],
        xlnet_sentence=sentence["XLNet"],
        off=len(off),
    )


def tables_1_2_8() -> Finding:
    """Tables 1 and 2 beside the same counts in Table 8."""
    table = {task: "table1" if task in WORD_TASKS else "table2" for task in TASKS}
    cells = [(model, task) for model in MODELS for task in TASKS]
    same = sum(neurons(table[task], model, task) == neurons("table8", model, task) for model, task in cells)
    return finding(
        "tables-1-2-8",
        "Tables 1, 2 and 8",
        "Tables 1 and 2 are the counts of Table 8.",
        "{same} of {cells} counts are equal.",
        agrees(same == len(cells)),
        same=same,
        cells=len(cells),
    )


def _oracles(model: str, task: str) -> dict[str, float]:
    """The oracle's score in every table that prints it."""
    last = "table9" if task in WORD_TASKS else "table10"
    rows = {"table6": "0.0", "table7": "oracle", "table8": "oracle", last: "oracle_score"}
    return {table: score(table, model, task, row) or 0.0 for table, row in rows.items()}


def _spreads() -> Iterator[tuple[float, str]]:
    for model in MODELS:
        for task in TASKS:
            scores = _oracles(model, task).values()
            yield max(scores) - min(scores), f"{model}, {task}"


def oracles() -> Finding:
    """One classifier on all 9,984 neurons, printed in Tables 6 (c_t = 0), 7, 8, 9 and 10."""
    spreads = list(_spreads())
    differ = [spread for spread, _ in spreads if spread > 1e-9]
    largest, where = max(spreads)
    cells = [_oracles(model, task) for model in MODELS for task in TASKS]
    layers = sum(each["table7"] == each.get("table9", each.get("table10")) for each in cells)
    return finding(
        "oracles",
        "Tables 6 (c_t = 0.0), 7, 8, 9 and 10",
        "The oracle is the classifier on all neurons.",
        "Of {cells} oracles (11 tasks, 2 models) {differ} are not the same in all tables; the spread is {mean} points "
        f"on average and {{largest}} at most ({where}). Tables 9 and 10 repeat Table 7 in {{repeated}} of {{cells}}; "
        "the others look like separate trainings, so differences of this size say nothing about methods.",
        agrees(not differ),
        cells=len(spreads),
        differ=len(differ),
        mean=mean(spread for spread, _ in spreads),
        largest=largest,
        repeated=layers,
    )


ITEMS: tuple[Callable[[], Finding], ...] = (
    table6a_averages,
    table6b_averages,
    table8_averages,
    tables_1_2_8,
    oracles,
)
