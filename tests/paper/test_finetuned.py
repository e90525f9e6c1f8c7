from __future__ import annotations

import numpy as np
import pytest

from neurosieve.paper.settings import ModelSettings
from neurosieve.paper.study import study
from tests.run.small import write_sst2

EXHIBITS = ("finetuning", "table2", "table4")


@pytest.fixture(scope="module")
def settings(world):
    folder = world.finetuned("bert", "sst2")
    model = ModelSettings(label="bert", model=str(world.folder / "bert"), finetuned=folder)
    return world.settings("tuned", exhibits=EXHIBITS).model_copy(update={"models": (model,)})


@pytest.fixture(scope="module")
def found(settings):
    return study(settings).models["bert"]


def test_texts_are_the_fine_tuned_model_s_and_words_are_not(found):
    assert {name: task.variant for name, task in found.tasks.items()} == {"pos": "pretrained", "sst2": "fine-tuned"}
    assert {name: task.variant for name, task in found.as_it_came.items()} == {"sst2": "pretrained"}
    assert found.tasks["pos"].model == found.as_it_came["sst2"].model == found.facts
    tuned = found.tasks["sst2"].model
    assert (tuned.name, tuned.family) != (found.facts.name, "xlnet")
    assert tuned.sha256 != found.facts.sha256


def test_both_are_measured_on_the_same_rows(found, done):
    before, after = found.as_it_came["sst2"], found.tasks["sst2"]
    assert before.corpus == after.corpus
    assert before.layers == done.models["bert"].tasks["sst2"].layers
    assert before.clusters == done.models["bert"].tasks["sst2"].clusters
    assert None not in (after.layers, after.clusters, after.minimal)


def test_layers_before_the_change_stay_and_the_last_moves(found):
    """Only the weights of the last block differ."""
    move = found.moves["sst2"]
    values = np.array(move.cka)
    assert move.texts == found.tasks["sst2"].corpus.splits["test"].sentences == 60
    assert values.shape == (4, 4)
    assert values.diagonal()[1:3] == pytest.approx(1, abs=1e-6)
    assert 0 < values[3, 3] < 0.999
    before, after = (one.layers.alone for one in (found.as_it_came["sst2"], found.tasks["sst2"]))
    assert [a.test == b.test for a, b in zip(before[:3], after[:3], strict=True)] == [True] * 3


def test_again_it_is_read_from_what_is_kept(settings, found, monkeypatch):
    def refuse(*args):
        raise AssertionError("measured again")

    monkeypatch.setattr("neurosieve.paper.models.measure_move", refuse)
    monkeypatch.setattr("neurosieve.probes.Protocol.fit", refuse)
    assert study(settings).models["bert"] == found


def test_other_texts_are_measured_anew(settings, tmp_path):
    """In the same folders: the test file alone is another."""
    write_sst2(tmp_path / "SST-2", train=40, dev=30)
    task = settings.tasks[1].model_copy(update={"data": str(tmp_path)})
    asked = settings.model_copy(update={"tasks": (task,), "exhibits": ("finetuning",), "out": tmp_path / "out"})
    assert study(asked).models["bert"].moves["sst2"].texts == 30
    write_sst2(tmp_path / "SST-2", train=40, dev=20)
    assert study(asked).models["bert"].moves["sst2"].texts == 20


def test_without_the_exhibit_the_model_as_it_came_is_left_alone(settings, found):
    asked = settings.model_copy(update={"exhibits": ("table2",)})
    other = study(asked).models["bert"]
    assert other.tasks["sst2"].variant == "fine-tuned"
    assert other.tasks["sst2"].minimal == found.tasks["sst2"].minimal
    assert (other.as_it_came, other.moves) == ({}, {})


def test_a_task_without_a_fine_tuned_model_has_the_model_as_it_came(settings, world, tmp_path):
    model = settings.models[0].model_copy(update={"finetuned": tmp_path})
    asked = settings.model_copy(update={"models": (model,), "exhibits": ("table5",), "out": tmp_path / "out"})
    assert study(asked).models["bert"].tasks["sst2"].variant == "pretrained"


def test_the_change_is_the_difference_of_both_scores(found):
    before, after = found.as_it_came["sst2"].layers, found.tasks["sst2"].layers
    told = {one.probe: one for one in found.tuning}
    assert {(one.first, one.second, one.task) for one in found.tuning} == {("as it came", "fine-tuned", "sst2")}
    pairs = {f"layer {one.layer}": (one.test, other.test) for one, other in zip(before.alone, after.alone, strict=True)}
    for probe, (came, tuned) in (pairs | {"oracle": (before.oracle.test, after.oracle.test)}).items():
        assert told[probe].value == pytest.approx(tuned.value - came.value, abs=1e-12)
        assert told[probe].interval[0] <= told[probe].value <= told[probe].interval[1]


def test_a_model_of_which_nobody_says_what_it_was_trained_on(settings, found):
    (warning,) = study(settings).warnings
    assert "may have been fine-tuned on texts that are dev of sst2 here" in warning
    assert "--protocol paper --seed" in warning
