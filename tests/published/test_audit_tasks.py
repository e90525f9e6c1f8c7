"""Section 6 of the audit again, by plain arithmetic on the CSV files."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.published.printed import BOLD, LAYERS, MODELS, SENTENCES, SETS, WORDS, N, check, column


def test_bold_marks() -> None:
    cells = [cell for cell in BOLD if cell[2] not in ("oracle", "one_percent_loss")]
    differ = [c for c in cells if BOLD[c] != (LAYERS[c] >= 0.99 * LAYERS[(*c[:2], "oracle")])]
    rest = [(m, t) for m in MODELS for t in WORDS + SENTENCES]
    off = [c for c in rest if abs(LAYERS[(*c, "one_percent_loss")] - 0.99 * LAYERS[(*c, "oracle")]) > 0.1]
    assert (differ, off) == ([], [])
    check("bold-marks", "agrees", cells=13 * 22, marked=sum(BOLD.values()), differ=0, losses=22, off=0)


def test_redundant_layers() -> None:
    count = {(m, t): sum(BOLD[c] for c in BOLD if c[:2] == (m, t)) for m in MODELS for t in WORDS + SENTENCES}
    assert [t for t in WORDS if count["BERT", t] == 11] == ["pos", "sem"]
    assert count["XLNet", "ccg"] == 10
    assert min(count, key=count.__getitem__) == ("BERT", "rte")
    check("redundant-layers", "agrees", bert=11, xlnet=10, bert_rte=0, xlnet_rte=3)
    means = {
        f"{m.lower()}_{kind}": fmean(count[m, t] for t in tasks)
        for m in MODELS
        for kind, tasks in (("words", WORDS), ("all", WORDS + SENTENCES))
    }
    check("xlnet-layers", "agrees", **means)
    assert {key: round(value, 2) for key, value in means.items()} == {
        "bert_words": 9.75,
        "bert_all": 4.91,
        "xlnet_words": 8.75,
        "xlnet_all": 6.64,
    }


def test_sizes_of_minimal_sets() -> None:
    bert, xlnet = (column(SETS, m, WORDS + SENTENCES, "neurons") for m in MODELS)
    check("xlnet-neurons", "disagrees", bert=2610 / 11, xlnet=2990 / 11, fewer=5, tasks=11)
    assert (sum(bert), sum(xlnet), sum(x < b for x, b in zip(xlnet, bert, strict=True))) == (2610, 2990, 5)
    check(
        "at-least-92",
        "agrees",
        bert_largest=750,
        xlnet_largest=690,
        bert=100 - 100 * 750 / N,
        xlnet=100 - 100 * 690 / N,
    )
    assert 100 - 100 * 750 / N > 92
    check(
        "task-complexity",
        "agrees",
        complex_tasks=(330 + 750 + 690 + 660) / 4,
        simple_tasks=(290 + 330 + 280 + 290) / 4,
        words=(425 + 480) / 2,
        sentences=(910 + 1070) / 14,
        ccg=330,
        sem=330,
    )


def test_scores_of_minimal_sets() -> None:
    pairs = {
        (m, t): (float(SETS[m, t]["oracle_percent"]), float(SETS[m, t]["reduced_percent"]))
        for m in MODELS
        for t in WORDS + SENTENCES
    }
    above = [cell for cell, (oracle, reduced) in pairs.items() if reduced > oracle]
    assert above == [("BERT", "mnli"), ("XLNet", "qnli"), ("XLNet", "qqp"), ("XLNet", "rte")]
    worst = min(100 * reduced / oracle for oracle, reduced in pairs.values())
    assert worst == pytest.approx(100 * 86.6 / 88.9)
    check("reduced-scores", "agrees", sets=22, below=0, above=4, worst=worst)
    losses = [oracle - reduced for oracle, reduced in pairs.values()]
    check("without-any-loss", "disagrees", sets=22, lower=18, mean=fmean(losses), largest=88.9 - 86.6)
    assert sum(loss > 0 for loss in losses) == 18
