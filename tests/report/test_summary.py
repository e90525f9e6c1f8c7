from __future__ import annotations

from typing import Any

import pytest

from neurosieve.report import summary_sentences
from neurosieve.report.summary import summary_parts
from neurosieve.run.facts import Duplicates, FineTuning
from neurosieve.run.results import Results, Task
from neurosieve.run.schema import Difference, Scores

from .example import ORACLE, example_results
from .several import COMPLEXITY, MATCH, several_results, with_sublayers


def sentences(results: Results, **changes: Any) -> str:
    """The summary of the example with its task changed."""
    task = results.tasks["chunk"].model_copy(update=changes)
    return "\n".join(summary_sentences(results.model_copy(update={"tasks": {"chunk": task}})))


def test_the_summary_holds_the_numbers_with_their_intervals(results: Results) -> None:
    text = "\n".join(summary_sentences(results))
    for fact in (
        "7 layers of 384 neurons",
        "2,688 neurons",
        "22.6 million parameters",
        "is 0.85 to 0.92 between neighbouring layers and 0.20 between the first and the last",
        "3.2 % at c_t = 0.3 (2,602 left) and 64.2 % at c_t = 0.7 (962 left)",
        "3 neurons never change",
        "93.1 % [92.8, 93.4] test accuracy on 47,377 words with 22 classes",
        "30.3 %",
        "Layers 0 to 2 together are enough to stay within 2 % of it on dev: 91.4 % [91.0, 91.7]",
        "best single layer on dev is layer 3: 90.7 % [90.4, 91.0]",
        "Ranked by forward selection, the first 248 neurons (9.2 %)",
        "LCA 564 and random 1,128",
        "The sieve keeps 231 neurons (8.6 %) of layers 0 to 3: 90.9 % [90.6, 91.2] on test, −2.2 points [−2.4, −2.1]",
        "97.6 % of the oracle's score",
        "random 84.8 % and LCA 88.5 %",
        "4 of 7 layers",
        "11,893 words per second where the full model labels 7,104: 1.67 times as many [1.61, 1.73]",
        "95.6 % of the test words alike",
        "Choices were made on dev",
        "seed 1",
        "no dev split",
        "2 words of chunk got no vector",
        "never saw count as wrong: I-LST",
        "1 warning",
    ):
        assert fact in text


@pytest.mark.parametrize(
    ("value", "low", "verdict"),
    [
        (-0.010, -0.012, "stays within the 3 % that were allowed against the oracle, and so does its whole interval"),
        (-0.027, -0.029, "stays within the 3 % that were allowed against the oracle, but its interval reaches past"),
        (-0.030, -0.032, "exceeds the 3 % that were allowed against the oracle"),
    ],
)
def test_the_verdict_is_about_test_and_its_interval(results: Results, value: float, low: float, verdict: str) -> None:
    assert 0.027 < 0.03 * ORACLE < 0.029
    loss = Difference(value=value, interval=(low, value + 0.002))
    sieve = results.tasks["chunk"].sieve.model_copy(update={"difference": loss})
    assert verdict in sentences(results, sieve=sieve)


def test_a_tolerance_per_stage_is_said(results: Results) -> None:
    sieve = results.tasks["chunk"].sieve.model_copy(update={"reference": "stage"})
    assert "against the step before it" in sentences(results, sieve=sieve)
    assert "against the step before it" not in sentences(results)


def test_what_was_not_reached_is_said(results: Results, task: Task) -> None:
    missed = {name: found.model_copy(update={"reached": name != "lca"}) for name, found in task.minimal_set.items()}
    assert "No shorter list than all neurons stays within the tolerance for LCA." in sentences(
        results, minimal_set=missed
    )
    short = [at.model_copy(update={"within_tolerance": False}) for at in task.prefixes]
    assert "No prefix of the layers stays within 2 %" in sentences(results, prefixes=short)


@pytest.mark.parametrize("lacks", [{"sieve": None}, {"compact": None}, {"minimal_set": {}}, {"layers": []}])
def test_missing_parts_are_left_out(results: Results, lacks: dict[str, Any]) -> None:
    words = {"sieve": "The sieve", "compact": "compact model", "minimal_set": "Ranked by", "layers": "single layer"}
    assert words[next(iter(lacks))] not in sentences(results, **lacks)


def test_without_labels_nothing_is_claimed_about_scores(results: Results) -> None:
    text = "\n".join(summary_sentences(results.model_copy(update={"tasks": {}})))
    assert "no scores and no intervals" in text
    assert "test accuracy" not in text


def test_each_task_speaks_for_itself() -> None:
    found = summary_sentences(example_results(("chunk", "pos")))
    assert [line.split(",")[0] for line in found if "The oracle" in line] == ["chunk: The oracle", "pos: The oracle"]
    assert "The oracle, a probe" in summary_sentences(example_results())[5][:20]


def test_what_tasks_on_one_corpus_have_in_common_is_said_once() -> None:
    text = "\n".join(summary_sentences(example_results(("chunk", "pos"))))
    assert text.count("The corpus conll2000 has no dev split: sentences of train were set aside for it.") == 1


def part(results: Results, name: str) -> str:
    return "\n".join(next(part for part in summary_parts(results) if name in part.heading).sentences)


def with_task(results: Results, name: str, **changes: Any) -> Results:
    task = results.tasks[name].model_copy(update=changes)
    return results.model_copy(update={"tasks": results.tasks | {name: task}})


def test_labelling_has_its_other_scores(several: Results) -> None:
    found = part(several, "chunk")
    assert "Other scores on test, oracle and sieve: macro F1 66.4 % and 61.0 %; span F1 90.2 % and 87.1 %." in found
    alone = part(with_task(several, "chunk", sieve=None), "chunk")
    assert "Other scores on test, the oracle: macro F1 66.4 %; span F1 90.2 %." in alone
    assert "Other scores" not in part(example_results(), "chunk")


def test_classification_speaks_of_texts_in_its_metric(several: Results) -> None:
    found = part(several, MATCH)
    for fact in (
        "What stands for a text is its classification token.",
        "The probes weigh the classes so that all count alike, however rare.",
        "84.2 % [82.6, 85.8] test F1 on 1,200 texts with 2 classes; always naming the most frequent class gives 0.0 %.",
        "−1.3 points [−2.0, −0.6] against the oracle; that is 98.4 % of the oracle's score.",
        "accuracy 85.1 % and 83.1 %; Matthews correlation 0.699 and 0.679.",
        "On test-mismatched the oracle reaches 81.4 % [79.1, 83.8] and the sieve 79.6 % [77.1, 82.2].",
        "It labels 301 texts per second where the full model labels 212: 1.42 times as many [1.36, 1.47]; "
        "both label 94.3 % of the test texts alike.",
    ):
        assert fact in found
    assert "word" not in found
    assert "accuracy" not in found.replace("accuracy 85.1 %", "")
    alone = part(with_task(several, MATCH, sieve=None), MATCH)
    assert "On test-mismatched the oracle reaches 81.4 % [79.1, 83.8]." in alone


def test_several_further_splits_are_one_sentence(several: Results) -> None:
    oracle = several.tasks[MATCH].oracle
    further = {"test-a": oracle.test, "test-b": oracle.test}
    changed = with_task(several, MATCH, sieve=None, oracle=oracle.model_copy(update={"further": further}))
    expected = "On test-a the oracle reaches 84.2 % [82.6, 85.8]; on test-b the oracle reaches 84.2 % [82.6, 85.8]."
    assert expected in part(changed, MATCH)


def test_regression_has_numbers_and_no_classes(several: Results) -> None:
    found = part(several, COMPLEXITY)
    for fact in (
        "What stands for a text is the mean of its pieces.",
        "0.781 [0.759, 0.803] test Pearson correlation on 1,200 texts; "
        "always predicting the mean of train gives 0.000.",
        "0.768 [0.745, 0.791] on test, −0.013 [−0.020, −0.006] against the oracle; "
        "that is 98.3 % of the oracle's score.",
        "As many neurons chosen otherwise reach: random 0.691 and LCA 0.750.",
        "Spearman correlation 0.760 and 0.740; R² 0.598 and 0.578.",
        "It scores 301 texts per second where the full model scores 212",
        "the numbers of both correlate at 0.981 (Pearson).",
    ):
        assert fact in found
    assert not any(word in found for word in ("class", "points", "accuracy", "label", "weigh"))


@pytest.mark.parametrize(("pooling", "text"), [("last", "is its last piece."), ("own", "is own.")])
def test_every_pooling_has_words(several: Results, pooling: str, text: str) -> None:
    corpus = several.tasks[MATCH].corpus.model_copy(update={"pooling": pooling})
    assert f"What stands for a text {text}" in part(with_task(several, MATCH, corpus=corpus), MATCH)


def test_a_share_of_nothing_is_not_given(several: Results) -> None:
    task = several.tasks[COMPLEXITY]
    below = task.oracle.test.model_copy(update={"value": -0.02})
    changed = with_task(several, COMPLEXITY, oracle=task.oracle.model_copy(update={"test": below}))
    found = part(changed, COMPLEXITY)
    assert "On test the oracle is no better than chance, so a loss against it says nothing." in found
    assert "of the oracle's score" not in found
    kept = task.sieve.model_copy(update={"test": below})
    assert "of the oracle's score" not in part(with_task(several, COMPLEXITY, sieve=kept), COMPLEXITY)


def test_a_sieve_that_took_nothing_away_is_said(results: Results) -> None:
    sieve = results.tasks["chunk"].sieve.model_copy(update={"reached": False, "neurons": [], "per_layer": [0] * 7})
    found = sentences(results, sieve=sieve)
    assert "No smaller set stayed within the tolerance on dev, so the last step took nothing away." in found
    assert "The sieve keeps 0 neurons (0.0 %) of no layer" in found


def test_one_layer_and_one_neuron_are_singular(results: Results, task: Task) -> None:
    first = task.prefixes[0].model_copy(update={"within_tolerance": True})
    assert "Layer 0 alone is enough to stay within 2 %" in sentences(results, prefixes=[first])
    one = task.minimal_set["forward"].model_copy(update={"neurons": [(2, 17)]})
    found = sentences(results, minimal_set={"forward": one})
    assert "the first neuron (< 0.1 %) stays within 3 %" in found
    assert "other rankings" not in found


def test_one_compact_model_for_all_tasks(several: Results) -> None:
    assert part(several, "One compact model for all tasks") == (
        "One encoder serves chunk, docstring-match and function-complexity, with a head for each: 5 of 7 layers, "
        "612 of 2,688 neurons (all that any head reads) and 19.0 million parameters, where the full encoder alone has "
        "22.6 million; its weights take 76.1 MB."
    )
    assert "Its head in the compact model of all tasks reads 96 neurons and reaches 82.9 %" in part(several, MATCH)
    own = several.model_copy(update={"compact": None})
    assert "One compact model for all tasks" not in [part.heading for part in summary_parts(own)]
    assert (
        "The compact model has 5 of 7 layers, 19.0 million of 22.6 million parameters and 76.1 of 90.3 MB; it"
        in part(own, MATCH)
    )


def test_names_of_layers_stand_in_the_sentences() -> None:
    text = "\n".join(summary_sentences(with_sublayers(several_results())))
    for fact in (
        "counting the embeddings as layer 0 and the outputs of attention and mlp inside its blocks as layers of their",
        "Layers 0 to mlp 1 together are enough",
        "The best single layer on dev is layer 1: 90.7 %",
        "neurons (8.6 %) of layer 0 to layer 1:",
    ):
        assert fact in text


def test_general_redundancy_may_be_measured_on_texts(results: Results) -> None:
    general = results.general.model_copy(update={"rows": "texts", "words": 6000, "constants": [(0, 1)]})
    text = "\n".join(summary_sentences(results.model_copy(update={"general": general})))
    assert "on 6,000 texts (the training words" in text
    assert "1 neuron never changes on this text." in text


def test_how_sure_the_findings_are(several: Results) -> None:
    found = part(several, "How sure")
    for fact in (
        "resampled test sentences or texts, for one run",
        "1 text of dev also stands in train (docstring-match), e.g. “Return a copy. | copy(self)”.",
        "11 texts of test also stand in train (docstring-match), e.g. “Close the file. | close(self)”.",
        "1 text of docstring-match got no vector and was left out of training and scores.",
        "14 texts of docstring-match were longer than the model's window and were cut at their end.",
    ):
        assert fact in found


def corpus_caveats(results: Results, **changes: Any) -> str:
    return sentences(results, corpus=results.tasks["chunk"].corpus.model_copy(update=changes))


def test_sentences_that_stand_twice(results: Results) -> None:
    pair = Duplicates(first="train", second="dev", count=11, examples=["a b " * 40])
    found = corpus_caveats(results, duplicates=[pair])
    assert "11 sentences of dev also stand in train (conll2000), e.g. “a b a b" in found
    assert "a…”." in found or "b…”." in found
    bare = pair.model_copy(update={"examples": []})
    assert "11 sentences of dev also stand in train (conll2000).\n" in corpus_caveats(results, duplicates=[bare])


@pytest.mark.parametrize(
    ("kind", "cut", "text"),
    [
        ("labelling", 1, "1 word of chunk lies past the model's window and was left out of training and scores."),
        ("labelling", 7, "7 words of chunk lie past the model's window and were left out of training and scores."),
        ("regression", 1, "1 text of chunk was longer than the model's window and was cut at its end."),
    ],
)
def test_what_was_too_long(results: Results, kind: str, cut: int, text: str) -> None:
    splits = results.tasks["chunk"].corpus.splits
    splits = splits | {"dev": splits["dev"].model_copy(update={"truncated": cut})}
    assert text in corpus_caveats(results, kind=kind, splits=splits)


def test_unseen_labels_are_named_up_to_eight(results: Results) -> None:
    labels = [f"L{number}" for number in range(10)]
    found = corpus_caveats(results, unseen_labels={"test": labels, "dev": labels[:2]})
    assert "count as wrong: L0, L1, L2, L3, L4, L5, L6, L7 and 2 more." in found


def test_a_saved_model_that_says_something_else_is_named(results: Results, task: Task) -> None:
    unlike = task.compact.model_copy(update={"parity": 3})
    expected = "On 3 test words of chunk the saved compact model does not say what the sieve's probe said."
    assert expected in sentences(results, compact=unlike)
    assert "does not say what" not in sentences(results)


def test_the_rows_of_a_fine_tuning_are_stated(results: Results) -> None:
    tuned = FineTuning(
        base="minilm",
        base_sha256="a" * 64,
        task="chunk",
        corpus="conll2000",
        protocol=results.tasks["chunk"].protocol,
        metric="accuracy",
        epochs=3,
        learning_rate=5e-5,
        batch=8,
        length=128,
        seed=results.seed,
        rows=16_000,
        rows_available=60_614,
        inputs_sha256="b" * 64,
        steps=6_000,
        dev=Scores(value=0.9, n=6_735),
        seconds=900.0,
    )

    def summary(**changes: Any) -> str:
        model = results.model.model_copy(update={"finetuning": tuned.model_copy(update=changes)})
        return "\n".join(summary_sentences(results.model_copy(update={"model": model})))

    stated = "It is minilm fine-tuned for chunk on 16,000 of 60,614 training texts (3 epochs)."
    cut = "Dev was cut from train under another seed or protocol then:"
    seen = f"{cut} some or all of it may have been seen in fine-tuning."
    assert stated in summary()
    assert cut not in summary()
    assert f"{cut} most of it was seen in fine-tuning." in summary(seed=2, rows=60_614)
    assert f"{stated} {seen}" in summary(seed=2)
    assert f"{stated} {seen}" in summary(protocol="paper" if tuned.protocol == "default" else "default")
    assert cut not in summary(task="sst2", seed=2)
    assert "fine-tuned" not in "\n".join(summary_sentences(results))


def test_control_tasks_are_told_where_there_are_any(results: Results) -> None:
    text = sentences(results)
    assert (
        "With a class at random for every word type, which only memory can learn, a probe reaches: "
        "on all neurons 62.0 %, 29.0 points [28.8, 29.2] below the task and "
        "on those of the sieve 45.0 %, 44.0 points [43.8, 44.2] below the task."
    ) in text
    assert "which only memory can learn" not in sentences(results, selectivity=[])


def test_cka_without_the_bias_of_few_rows_has_its_interval(results: Results) -> None:
    general = results.general
    assert "; without the bias of few rows the latter is 0.20 [0.19, 0.21]." in sentences(results)
    plain = results.model_copy(update={"general": general.model_copy(update={"cka_debiased": None})})
    assert "bias of few rows" not in sentences(plain)


def test_units_that_make_up_a_cosine_are_named(results: Results) -> None:
    told = "unit 223 of layer 6 makes up 60.0 % of the mean cosine there (4 other units of a layer do so too)."
    assert told in sentences(results)
    quiet = results.model_copy(update={"general": results.general.model_copy(update={"audit": []})})
    assert "mean cosine" not in sentences(quiet)
