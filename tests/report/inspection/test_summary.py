"""Every sentence has its number, and every share its baseline or its interval."""

from __future__ import annotations

import re

import pytest

from neurosieve.report.inspection.summary import inspection_parts, inspection_sentences
from neurosieve.report.inspection.words import signed
from neurosieve.run.inspection.records import DamagePart, Inspection
from tests.report.inspection.example import class_sets, clusters, copies, damage, example

NOTHING = dict.fromkeys(("clusters", "copies", "spread", "damage", "class_sets"))


def text(found: Inspection) -> str:
    return "\n".join(inspection_sentences(found))


def test_what_is_said_of_everything() -> None:
    said = text(example())
    for fact in (
        "At c_t = 0.3 the 2,688 neurons fall into 2,663 clusters (95 % interval for other text of this size "
        "[2,643, 2,683]): 2,660 neurons are clusters by themselves, and 3 larger ones hold the other 28.",
        "explains 71.2 % of the variance of another member on average (65.5 % of all their variance together)",
        "it is 2.1 % (1.8 to 2.4 % in 20 draws) and 2.2 % (1.7 to 2.7 %).",
        "The largest cluster (number 1) has 22 neurons of layers 0 to 3.",
        "(layer 0, unit 1) is 0.80 or more, and 6 of them run against it.",
        "On average it is highest on “the” (+2.0)",
        "The most spread one (number 3) has 2 neurons of layers 0 and 6.",
        "39.1 % of the neurons above layer 0 copy one of an earlier layer, which < 0.1 % of unrelated neurons would.",
        "100.0 % of them copy the unit of the same number",
        "0.26 % would if numbers said nothing.",
        "With the run's minimal set (64 neurons of forward selection), accuracy on test changes by "
        "−1.0 points [−2.0, 0.0], and 3 of 3 classes surely lose F1.",
        "Who loses first as the set shrinks: I-ADJP (at 512: −7.3 points [−10.3, −4.3]);",
        "B-LST needs 50 neurons (375 random ones)",
        "The sets of 3 classes have 216 places and 150 different neurons; random sets of these sizes would have 201.",
        "1 class keeps it with none of the sizes that were tried.",
        "Clusters and copies are those of the 135,012 words in 8,042 sentences of the training split of conll2000;",
    ):
        assert fact in said, fact


def test_every_share_has_a_baseline_or_an_interval() -> None:
    for sentence in inspection_sentences(example()):
        if re.search(r"\d %", sentence) and "confidence" not in sentence and "lose no more" not in sentence:
            assert re.search(r"random|would|interval|copies most|\[", sentence), sentence


def test_parts_that_are_missing_are_named_with_their_reason() -> None:
    reasons = {"damage": "Labels are numbers, so there are no classes.", "spread": "Too few."}
    parts = inspection_parts(example(**NOTHING, left_out=reasons, rows=None, sentences=None))
    assert [part.heading for part in parts] == ["How sure"]
    assert parts[0].sentences == [
        "Left out: damage by class. Labels are numbers, so there are no classes.",
        "Left out: the spread of the number of clusters. Too few.",
    ]


def test_where_nothing_repeats() -> None:
    part = clusters().model_copy(
        update={"found": [], "clusters": 2688, "largest": [], "most_spread": [], "words": [], "others": 0}
    )
    said = text(example(**NOTHING | {"clusters": part}))
    assert "2,688 clusters: 2,688 neurons are clusters by themselves, so that no neuron repeats another." in said
    assert "random" not in said


def test_one_neuron_alone_is_one() -> None:
    part = clusters().model_copy(update={"neurons": 29, "clusters": 4})
    assert "1 neuron is a cluster by itself, and 3 larger ones hold" in text(example(**NOTHING | {"clusters": part}))


def test_where_nothing_is_copied() -> None:
    part = copies().model_copy(update={"copies": [], "nearest": [[0.0] * 7] * 7})
    said = text(example(**NOTHING | {"copies": part}))
    assert "0.0 % of the neurons above layer 0 copy one of an earlier layer" in said
    assert "copies most" not in said
    single = part.model_copy(update={"varying": [384], "copied": [[0.0]], "in_place": [[0.0]], "nearest": [[0.0]]})
    assert "There is one layer, so none can copy another." in text(example(**NOTHING | {"copies": single}))


def no_losses(part: DamagePart) -> DamagePart:
    calm = [
        one.model_copy(
            update={
                "loses_at": None,
                "points": [point.model_copy(update={"low": -0.1, "high": 0.1}) for point in one.points],
            }
        )
        for one in part.classes
    ]
    return part.model_copy(update={"classes": calm, "minimal": None})


def test_where_nobody_surely_loses_that_is_said_and_no_more() -> None:
    said = text(example(**NOTHING | {"damage": no_losses(damage(("a", "b")))}))
    assert "With 512 neurons of forward selection, accuracy" in said
    assert "none of 2 classes surely loses F1" in said
    assert "No class is shown to lose at any size down to 8 neurons." in said


@pytest.mark.parametrize("own", [True, False])
def test_overlap_is_told_of_rankings_of_their_own(own: bool) -> None:
    said = text(example(**NOTHING | {"class_sets": class_sets(("a", "b", "c"), own=own)}))
    assert ("different neurons" in said) == own
    assert "(no number of random ones tried would do)" in said


def test_no_class_keeps_its_score() -> None:
    said = text(example(**NOTHING | {"class_sets": class_sets(("a",))}))
    assert "No class keeps its F1 with as few neurons as were tried." in said


def test_texts_have_no_averages() -> None:
    said = text(example("classification"))
    assert "On average it is highest" not in said
    assert "Clusters and copies are those of the 135,012 texts of the training split" in said


@pytest.mark.parametrize(("value", "said"), [(0.04, "0.0"), (-0.04, "0.0"), (0.06, "+0.1"), (-1234.5, "−1,234.5")])
def test_signs(value: float, said: str) -> None:
    assert signed(value) == said
