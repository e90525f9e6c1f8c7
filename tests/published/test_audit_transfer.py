"""Section 7 of the audit again, by plain arithmetic on the CSV files."""

from __future__ import annotations

from statistics import fmean

from tests.published.printed import CLAIMS, LS, MODELS, SENTENCES, WORDS, N, check, rows


def test_groups_of_table_3() -> None:
    table = {(r["model"], r["group"], r["row"]): float(r["value"] or "nan") for r in rows("table3")}
    gaps = {
        f"{kind}_{label}": max(
            abs(fmean(LS[m, t, row] for t in tasks) - table[m, group, row])
            for m in MODELS
            for row in ("oracle_score", "ls_score")
        )
        for kind, tasks in (("words", WORDS), ("sentences", SENTENCES))
        for label, group in (("classification", "Sequence Classification"), ("labeling", "Sequence Labeling"))
    }
    assert gaps["words_classification"] <= 0.05 + 1e-9
    assert gaps["sentences_labeling"] <= 0.05
    assert min(gaps["words_labeling"], gaps["sentences_classification"]) > 8
    check("table3-groups", "disagrees", **gaps)


def test_averages_of_table_3() -> None:
    table = {(r["model"], r["group"], r["row"]): r["value"] for r in rows("table3")}
    off = []
    for m in MODELS:
        for group, tasks in (("Sequence Classification", WORDS), ("Sequence Labeling", SENTENCES)):
            for row in ("oracle_score", "ls_score", "ccfs_score"):
                again = fmean(LS[m, t, row] for t in tasks)
                if again == again and abs(again - float(table[m, group, row])) > 0.1:
                    off.append((m, group, row))
            again = 100 - 100 * fmean(LS[m, t, "ccfs_neurons"] for t in tasks) / N
            if f"{again:.1f}" != table[m, group, "reduction"]:
                off.append((m, group, "reduction"))
    assert off == [(m, "Sequence Labeling", "reduction") for m in MODELS]
    bert, xlnet = (100 - 100 * total / 7 / N for total in (620, 1000))
    check("table3-averages", "disagrees", cells=14, off=2, bert=bert, xlnet=xlnet)


def test_repeated_ls_scores() -> None:
    same = [t for t in SENTENCES if LS["BERT", t, "ls_score"] == LS["XLNet", t, "ls_score"]]
    assert same == ["sst2", "mrpc"]
    average = fmean(LS["XLNet", t, "ls_score"] for t in SENTENCES)
    assert f"{average:.1f}" == "84.5"
    check("repeated-ls", "disagrees", sst2=88.2, mrpc=86.0, oracle=92.4, fall=92.4 - 88.2, average=average)


def test_reductions() -> None:
    off = []
    for m, t in [(m, t) for m in MODELS for t in WORDS + SENTENCES]:
        exact = 100 - 100 * LS[m, t, "ccfs_neurons"] / N
        digits = 0 if t in WORDS else 1
        if round(exact, digits) != LS[m, t, "reduction"]:
            off.append((m, t))
    assert off == [("BERT", "rte")]
    check("reductions", "disagrees", off=1, rows=22, left=30, exact=100 - 100 * 30 / N, printed=99.9)


def test_ls_and_ccfs_below_their_own_percent() -> None:
    cells = [(m, t) for m in MODELS for t in WORDS + SENTENCES]
    below = {c: 0.99 * LS[(*c, "oracle_score")] - LS[(*c, "ls_score")] for c in cells}
    assert [c for c in cells if below[c] > 0] == [("BERT", "sst2"), ("XLNet", "sst2")]
    check("ls-below", "disagrees", below=2, rows=22, bert=below["BERT", "sst2"], xlnet=below["XLNet", "sst2"])
    cells = [(m, t) for m in MODELS for t in WORDS]
    below = {c: 0.99 * LS[(*c, "ls_score")] - LS[(*c, "ccfs_score")] for c in cells}
    lost = [c for c in cells if below[c] > 0]
    assert lost == [("BERT", "sem"), ("XLNet", "sem"), ("XLNet", "chunk")]
    ratio = {c: LS[(*c, "ccfs_score")] / LS[(*c, "oracle_score")] for c in cells}
    check(
        "ccfs-below",
        "disagrees",
        below=3,
        rows=8,
        largest=0.99 * 93.5 - 91.8,
        clear=sum(below[c] > 0.0995 for c in lost),
        single=sum(value < 0.99 for value in ratio.values()),
        both=sum(value < 0.9801 for value in ratio.values()),
    )


def test_layers_used() -> None:
    used = {m: [LS[m, t, "ls_layers"] for t in WORDS] for m in MODELS}
    assert used == {"BERT": [3, 3, 8, 7], "XLNet": [2, 2, 3, 3]}
    check("word-layers", "agrees", bert=21 / 4, xlnet=10 / 4, over=4, cells=8)
    assert (round(81 / 7, 1), round(57 / 7, 1)) == (11.6, 8.1)
    check("sentence-layers", "cannot be checked", bert=11.6, xlnet=8.1, bert_sum=81, xlnet_sum=57)
    assert all(r["value"] == "" for r in rows("table10") if r["row"] == "ls_layers")
    check("selected-layer", "disagrees", printed=3, features=2304, layers=2304 / 768, size=768, last=2)


def test_parameters_and_neurons() -> None:
    check("parameters", "disagrees", whole=110, left=37, cut=100 - 100 * 37 / 110, said=65)
    shares = {
        f"{m.lower()}_{kind}": 100 * fmean(LS[m, t, "ccfs_neurons"] for t in tasks) / N
        for m in MODELS
        for kind, tasks in (("words", WORDS), ("sentences", SENTENCES))
    }
    assert max(shares["bert_words"], shares["xlnet_words"]) < 5
    assert max(shares["bert_sentences"], shares["xlnet_sentences"]) < 1.5
    check("neuron-shares", "agrees", **shares)
    check("ninety-seven-ten", "agrees", most=600, share=100 * 600 / N, worst=100 * 91.8 / 94.2)
    assert min(LS[m, t, "ccfs_score"] / LS[m, t, "oracle_score"] for m in MODELS for t in WORDS) == 91.8 / 94.2
    check("qnli-ten", "agrees", ccfs=10, minimal=40, xlnet=200)


def test_runtimes() -> None:
    told = {f"{m.lower()}_{kind}": CLAIMS["7.2", f"{kind}_speedup", m] for m in MODELS for kind in ("word", "sentence")}
    assert told == {"bert_word": 2.8, "bert_sentence": 1.1, "xlnet_word": 6.2, "xlnet_sentence": 1.6}
    assert CLAIMS["Figure 10", "word_speedup", "BERT"] == CLAIMS["Figure 11", "word_speedup", "XLNet"] == 1.08
    check("speedups", "disagrees", caption_word=1.08, caption_sentence=2, **told)
    check("classifier-runtime", "agrees", before=50, after=10, ratio=5)
