from __future__ import annotations

from scipy.stats import rankdata

from neurosieve.published.tables import read
from neurosieve.report.paper.tables import TABLES

from .example import LABELS, TASKS
from .shown import MINILM, STUDY, made, panel, rows, tidy, with_settings, with_task


def test_sizes_of_minimal_sets() -> None:
    assert rows(panel("table1", "(a) minilm"))["POS"] == (
        "72",
        "2.7 %",
        "92.8 % [92.5, 93.1]",
        "76.2 % [75.7, 76.7]",
    )
    assert list(rows(panel("table2", "(b) xlnet-mini"))) == ["SST-2", "STS-B"]
    assert rows(panel("table2", "(a) minilm"))["STS-B"][2:] == ("0.831 [0.806, 0.855]", "0.682 [0.651, 0.712]")
    assert rows(panel("table1", "XLNet, as published")) == {
        "POS": ("280",),
        "SEM": ("290",),
        "CCG": ("690",),
        "Chunking": ("660",),
    }


def test_scores_of_minimal_sets() -> None:
    found = rows(panel("table8", "(a) minilm"))
    assert list(found) == ["POS", "Chunking", "Word average", "SST-2", "STS-B", "Sentence average"]
    pos, chunk = (MINILM.tasks[name].minimal for name in ("pos", "chunk"))
    assert pos
    assert chunk
    oracle = (pos.oracle.test.value + chunk.oracle.test.value) / 2
    assert found["Word average"] == (f"{100 * oracle:.1f} %", "126", "91.8 %", "75.3 %")
    assert rows(panel("table8", "BERT, as published"))["Sentence average"] == ("85.6 %", "130", "84.6 %")
    line = next(
        one for one in tidy("table8") if (one["model"], one["task"], one["of"]) == ("minilm", "pos", "minimal: random")
    )
    assert float(line["value"]) == pos.random.value
    assert (float(line["low"]), float(line["high"])) == pos.random.interval


def test_averages() -> None:
    groups = rows(panel("table3", "Averages over the tasks, as measured"))
    heads = panel("table3", "Averages over the tasks, as measured").heads
    assert heads[1:] == tuple(
        f"Sequence {kind}: {label}" for kind in ("labelling", "classification") for label in LABELS
    )
    steps = [MINILM.tasks[name].transfer.sieve for name in ("pos", "chunk")]
    kept = sum(len(sieve.neurons) for sieve in steps) / 2
    mean = sum(sieve.test.value for sieve in steps) / 2
    found = [row[1] for row in panel("table3", "Averages over the tasks, as measured").rows]
    assert found == [
        "94.2 %",
        "2,688",
        "93.5 %",
        "4.0",
        f"{100 * mean:.1f} %",
        f"{kept:.0f}",
        f"{100 * (1 - kept / 2688):.1f} %",
        "79.1 %",
    ]
    assert groups["As many random"][0] == "79.1 %"


def test_published_averages_stand_under_their_right_names() -> None:
    found = panel("table3", "BERT and XLNet, as published")
    assert found.heads[1:3] == ("Sequence labelling: BERT", "Sequence labelling: XLNet")
    assert found.rows[0] == ("Oracle", "93.0 %", "93.4 %", "85.5 %", "84.8 %")
    assert found.rows[1] == ("Neurons", "–", "–", "–", "–")
    assert any("each other's names" in note for note in made("table3").notes)
    assert any("lost this row" in note for note in made("table3").notes)


def test_sizes_of_the_corpora() -> None:
    assert rows(panel("table4", "As read"))["POS"] == ("conll2000", "135,012", "15,024", "47,377", "7")
    assert rows(panel("table5", "As read"))["STS-B"] == ("STS-B", "5,174", "575", "1,500", "–")
    assert rows(panel("table4", "As published"))["CCG"] == ("149,990", "45,396", "55,353", "1,272")
    assert rows(panel("table5", "As published"))["MNLI"] == ("392,702", "9,815")


def test_clusters() -> None:
    found = panel("table6", "(a) minilm")
    assert found.heads == ("Threshold", "POS", "Chunking", "SST-2", "STS-B", "Average")
    assert [row[0] for row in found.rows] == [f"0.{step}" for step in range(10) for _ in range(2)]
    clusters = [MINILM.tasks[name].clusters for name in TASKS]
    neurons = [one.rows[9].neurons for one in clusters]
    assert found.rows[18][1:5] == tuple(f"{left:,}" for left in neurons)
    assert found.rows[18][5] == f"{sum(neurons) / 4:.1f}"
    scores = [one.rows[9].test.value for one in clusters]
    assert found.rows[19][1:4] == tuple(f"{100 * score:.1f} %" for score in scores[:3])
    assert found.rows[19][4] == f"{scores[3]:.3f}"
    assert found.rows[19][5] == f"{100 * sum(scores) / 4:.1f} %"
    assert any("SST-2 384, STS-B 384" in note for note in made("table6").notes)


def test_published_clusters() -> None:
    found = panel("table6", "XLNet, as published")
    assert found.rows[2][-1] == "9,006.75"
    assert found.rows[3][1:] == tuple(
        f"{score} %" for score in (96.3, 92.2, 90.7, 93.9, 93.0, 86.5, 80.3, 89.2, 89.7, 71.8, 89.0, 88.4)
    )


def test_the_average_of_four_is_a_switch() -> None:
    study = with_settings(as_published=["average-of-four"])
    ours, theirs = panel("table6", "(a) minilm"), panel("table6", "(a) minilm", study)
    assert theirs.rows[18][5] == "556"
    assert ours.rows[19] == theirs.rows[19]
    notes = made("table6", study).notes
    assert any("words alone, as published for XLNet" in note for note in notes)
    assert any("average-of-four" in note for note in notes)


def test_layers_and_bold() -> None:
    found = panel("table7", "(a) minilm")
    assert [row[0] for row in found.rows] == ["Oracle", "1 % loss", "Embedding", *(f"Layer {k}" for k in range(1, 7))]
    for column, name in enumerate(TASKS, start=1):
        layers = MINILM.tasks[name].layers
        assert layers
        bold = {row - 2 for row, at in found.bold if at == column}
        assert bold == {one.layer for one in layers.alone if one.test.value > 0.99 * layers.oracle.test.value}
    assert found.rows[0][1:] == ("95.2 %", "93.1 %", "90.2 %", "0.852")
    assert found.rows[1][1:] == ("94.3 %", "92.2 %", "89.3 %", "0.843")
    assert {row - 2 for row, at in found.bold if at == 1} == {3, 4}


def test_published_bold_is_the_printed_one() -> None:
    printed = read("table7")
    for model in ("BERT", "XLNet"):
        found = panel("table7", f"{model}, as published")
        lines = printed[printed["model"] == model]
        assert len(found.bold) == int(lines["bold"].sum()) > 50
        assert (2, 1) not in found.bold
        cells = {found.rows[row][column] for row, column in found.bold}
        assert cells == {f"{score:.1f} %" for score in lines[lines["bold"]]["score_percent"]}
    assert rows(panel("table7", "BERT, as published"))["Layer 12"][3] == "93.2 %"
    assert (14, 4) not in panel("table7", "BERT, as published").bold


def test_where_dev_decides_otherwise_is_said() -> None:
    assert "Dev and test agree on every layer." in made("table7").notes
    pos = MINILM.tasks["pos"].layers
    assert pos
    alone = [one.model_copy(update={"within_tolerance": one.layer == 0}) for one in pos.alone]
    task = MINILM.tasks["pos"].model_copy(update={"layers": pos.model_copy(update={"alone": alone})})
    notes = made("table7", with_task("pos", task)).notes
    assert (
        "minilm: within the loss on one split alone: POS Embedding (dev), POS Layer 3 (test), POS Layer 4 (test)."
        in notes
    )


def test_transfer_per_task() -> None:
    found = panel("table9", "(a) minilm")
    sieve = MINILM.tasks["chunk"].transfer.sieve
    assert [row[0] for row in found.rows][3:5] == ["Layers", "Parameters"]
    assert [row[2] for row in found.rows] == [
        "93.1 % [92.8, 93.4]",
        "2,688",
        "92.5 % [92.2, 92.8]",
        "4",
        f"{MINILM.parameters[3] / 1e6:.1f} million",
        "91.6 % [91.3, 92.0]",
        str(len(sieve.neurons)),
        f"{100 * (1 - len(sieve.neurons) / 2688):.1f} %",
        "78.2 % [77.7, 78.7]",
    ]
    assert panel("table9", "BERT, as published").rows[6] == ("% reduction", "97 %", "96 %", "96 %", "94 %")


def test_lost_values_are_dashes_with_a_reason() -> None:
    found = panel("table10", "BERT, as published")
    assert [set(row[1:]) for row in found.rows if row[0] == "Layers"] == [{"–"}]
    assert found.rows[5] == ("Neurons", "30", "100", "30", "10", "20", "30", "400")
    assert found.rows[6][4] == "99.9 %"
    assert any("Table 10 at hand lost this row" in note for note in made("table10").notes)
    lost = [line for line in tidy("table10") if not line["value"]]
    assert len(lost) == int(read("table10")["value"].isna().sum())


def test_pyramid() -> None:
    found = panel("pyramid", "(a) minilm")
    minimal = MINILM.tasks["pos"].minimal
    assert minimal
    assert found.rows[0] == ("POS, minimal", *map(str, minimal.per_layer), "72", "3.0")
    ccfs = MINILM.tasks["pos"].transfer.sieve
    mean = sum(layer for layer, _ in ccfs.neurons) / len(ccfs.neurons)
    assert rows(found)["POS, CCFS"][-2:] == ("90", f"{mean:.1f}")


def test_parameters() -> None:
    used, full = MINILM.parameters[3], MINILM.parameters[-1]
    assert rows(panel("parameters", "(a) minilm"))["POS"] == (
        "4",
        f"{used / 1e6:.1f} million",
        f"{full / 1e6:.1f} million",
        f"{100 * (1 - used / full):.1f} %",
    )
    assert rows(panel("parameters", "BERT, as published"))["Chunking"] == ("7", "39 %")
    models = {label: model.model_copy(update={"parameters": []}) for label, model in STUDY.models.items()}
    without = STUDY.model_copy(update={"models": models})
    assert TABLES["parameters"](without) is None
    assert "Parameters" not in rows(panel("table9", "(a) minilm", without))


def test_complexity() -> None:
    found = rows(panel("complexity", "(a) minilm"))
    assert found["POS"] == ("7", "3.60", "4.8 %", "72", "2.7 %")
    assert found["STS-B"] == ("–", "–", "0.148", "48", "1.8 %")
    assert found["Spearman's ρ"] == ("0.50 (n = 3)", "0.50 (n = 3)", "−0.60 (n = 4)", "", "")
    printed = read("table8")
    bert = printed[(printed["model"] == "BERT") & ~printed["task"].str.endswith("average")]
    ranks = [rankdata(bert[column]) for column in ("oracle_percent", "neurons")]
    means = [one.mean() for one in ranks]
    spread = [((one - mean) ** 2).sum() for one, mean in zip(ranks, means, strict=True)]
    rho = -((ranks[0] - means[0]) * (ranks[1] - means[1])).sum() / (spread[0] * spread[1]) ** 0.5
    shown = rows(panel("complexity", "BERT, as published"))["Spearman's ρ"][1]
    assert shown == f"{rho:.2f} (n = 11)".replace("-", "−")


def test_too_few_tasks_have_no_rank_correlation() -> None:
    tasks = {name: MINILM.tasks[name] for name in ("pos", "chunk")}
    model = MINILM.model_copy(update={"tasks": tasks})
    study = STUDY.model_copy(update={"models": {"minilm": model}, "differences": []})
    assert rows(panel("complexity", "(a) minilm", study))["Spearman's ρ"][:3] == ("– (n = 2)",) * 3


def test_other_clusterings() -> None:
    found = panel("footnote5", "(b) xlnet-mini")
    assert found.rows[0][0] == "0.3, k-means"
    assert found.rows[0][2:] == ("1,400", "90", "31.0 %", "0.420", "0.820", "0.710")
    assert MINILM.general
    row = MINILM.general.clusterings[0].model_copy(update={"mean_r": None})
    model = MINILM.model_copy(update={"general": MINILM.general.model_copy(update={"clusterings": [row]})})
    study = STUDY.model_copy(update={"models": {"minilm": model}})
    assert panel("footnote5", "(a) minilm", study).rows[0][-1] == "–"


def test_finetuning() -> None:
    captions = [one.caption for one in made("finetuning").panels]
    assert captions == ["minilm: SST-2", "minilm: STS-B", "Neurons left after clustering"]
    found = rows(panel("finetuning", "minilm: SST-2"))
    before, after = (group["sst2"].layers.alone[6].test for group in (MINILM.as_it_came, MINILM.tasks))
    change = 100 * (after.value - before.value)
    assert found["Layer 6"][0].startswith(f"{100 * before.value:.1f} % [")
    assert found["Layer 6"][1].startswith(f"{100 * after.value:.1f} % [")
    assert found["Layer 6"][2:] == (
        f"+{change:.1f} points [{change - 0.6:.1f}, {change + 0.5:.1f}]",
        f"{MINILM.moves['sst2'].cka[6][6]:.3f}",
    )
    assert found["Oracle"][3] == "–"
    left = [group["sst2"].clusters for group in (MINILM.as_it_came, MINILM.tasks)]
    assert rows(panel("finetuning", "Neurons left after clustering"))["minilm: SST-2"] == tuple(
        f"{one.rows[place].neurons:,}" for place in (3, 7) for one in left
    )
