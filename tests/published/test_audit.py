"""Sections 3 and 5 and the printed averages again, by plain arithmetic on the CSV files."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.published.printed import (
    KEPT,
    LAYERS,
    LEFT,
    LS,
    MODELS,
    SENTENCES,
    SETS,
    THRESHOLDS,
    WORDS,
    N,
    check,
    column,
    rows,
)


def test_splits_and_tasks() -> None:
    check("dev-share", "disagrees", text=5, table=10)
    tasks = {r["task"] for r in rows("table6")} - {"average"}
    check("twelve-tasks", "disagrees", said=12, introduced=4 + 7, columns=len(tasks))
    assert len(tasks) == 11


def test_mnli_cannot_be_binary() -> None:
    """A constant input gets one class: with two classes, two such scores are equal or add up to 100."""
    constant = {task: [LAYERS[m, task, "embedding"] for m in MODELS] for task in SENTENCES[:-1]}
    assert constant["mnli"] == [31.8, 32.7]
    two = [t for t, (a, b) in constant.items() if abs(a - b) < 0.01 or abs(a + b - 100) < 0.01]
    assert two == ["sst2", "mrpc", "qnli", "qqp", "rte"]
    check("all-binary", "disagrees", bert=31.8, xlnet=32.7, both=64.5, third=35.5, others=5)


def test_85_and_92_percent_like_with_like() -> None:
    removed = {
        f"{m.lower()}_{kind}": 100 - 100 * fmean(LEFT[m, "0.7", t] for t in tasks) / N
        for m in MODELS
        for kind, tasks in (("words", WORDS), ("all", WORDS + SENTENCES))
    }
    assert {key: round(value, 1) for key, value in removed.items()} == {
        "bert_words": 92.1,
        "bert_all": 85.1,
        "xlnet_words": 91.7,
        "xlnet_all": 84.8,
    }
    check("like-with-like", "disagrees", **removed)


def test_loss_at_a_threshold_of_0_7() -> None:
    loss = {(m, t): KEPT[m, "0.0", t] - KEPT[m, "0.7", t] for m in MODELS for t in WORDS + SENTENCES}
    means = [fmean(loss[m, t] for t in WORDS + SENTENCES) for m in MODELS]
    assert loss["BERT", "stsb"] == pytest.approx(1.7)
    assert loss["XLNet", "stsb"] == pytest.approx(1.3)
    worst = [max(value for (model, _), value in loss.items() if model == m) for m in MODELS]
    check("without-loss", "disagrees", bert=means[0], xlnet_gain=-means[1], bert_worst=worst[0], xlnet_worst=worst[1])
    assert round(means[0], 2) == 0.08


def test_windows() -> None:
    check("windows", "disagrees", introduction=94, section=95)


def test_constant_units() -> None:
    lowest = [min(LEFT[m, "0.9", t] for t in SENTENCES) for m in MODELS]
    assert lowest == [778, 790]
    check(
        "constant-units",
        "cannot be checked",
        units=768,
        bert_lowest=778,
        xlnet_lowest=790,
        bert_words=443,
        xlnet_words=471,
        bert_rest=10,
        xlnet_rest=22,
    )


def test_six_tasks() -> None:
    much = [[t for t in WORDS + SENTENCES if 1 - LEFT[m, "0.7", t] / N > 0.85] for m in MODELS]
    assert much == [[*WORDS, "sst2", "stsb"], [*WORDS]]
    check("six-tasks", "agrees", bert=6, xlnet=4, tasks=11)


@pytest.mark.parametrize(
    ("name", "model", "verdict"), [("table6a-averages", "BERT", "agrees"), ("table6b-averages", "XLNet", "disagrees")]
)
def test_averages_of_table_6(name: str, model: str, verdict: str) -> None:
    every = WORDS + SENTENCES
    four = [c for c in THRESHOLDS[1:] if fmean(LEFT[model, c, t] for t in WORDS) == LEFT[model, c, "average"]]
    counts = [c for c in THRESHOLDS if abs(fmean(LEFT[model, c, t] for t in every) - LEFT[model, c, "average"]) > 0.5]
    scores = [c for c in THRESHOLDS if abs(fmean(KEPT[model, c, t] for t in every) - KEPT[model, c, "average"]) > 0.1]
    assert counts == four == ([] if model == "BERT" else THRESHOLDS[1:])
    assert scores == []
    check(
        name,
        verdict,
        rows=10,
        count_off=len(counts),
        score_off=0,
        over_four=len(four),
        exact=LEFT[model, "0.7", "average"],
        eleven=fmean(LEFT[model, "0.7", t] for t in every),
    )


def test_averages_of_table_8() -> None:
    off = []
    for m in MODELS:
        for name, tasks in (("word_average", WORDS), ("sentence_average", SENTENCES)):
            for key, slack in (("oracle_percent", 0.1), ("neurons", 0.5), ("reduced_percent", 0.1)):
                if abs(fmean(column(SETS, m, tasks, key)) - float(SETS[m, name][key])) > slack:
                    off.append((m, name, key))
    assert off == [("XLNet", "sentence_average", "neurons")]
    check(
        "table8-averages",
        "disagrees",
        bert_word=425,
        xlnet_word=480,
        bert_sentence=130,
        xlnet_sentence=1070 / 7,
        off=1,
    )


def test_tables_1_and_2_are_table_8() -> None:
    counts = {(r["model"], r["task"]): r["neurons"] for n in (1, 2) for r in rows(f"table{n}")}
    assert all(SETS[cell]["neurons"] == value for cell, value in counts.items())
    check("tables-1-2-8", "agrees", same=len(counts), cells=22)


def test_oracles() -> None:
    spreads = {}
    repeated = 0
    for m in MODELS:
        for t in WORDS + SENTENCES:
            seventh, last = LAYERS[m, t, "oracle"], LS[m, t, "oracle_score"]
            scores = [KEPT[m, "0.0", t], seventh, float(SETS[m, t]["oracle_percent"]), last]
            spreads[m, t] = max(scores) - min(scores)
            repeated += seventh == last
    assert max(spreads, key=spreads.__getitem__) == ("XLNet", "rte")
    check(
        "oracles",
        "disagrees",
        cells=22,
        differ=sum(value > 1e-9 for value in spreads.values()),
        mean=fmean(spreads.values()),
        largest=71.1 - 69.7,
        repeated=repeated,
    )
    assert repeated == 22
