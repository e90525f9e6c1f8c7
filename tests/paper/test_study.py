from __future__ import annotations

import shutil

import numpy as np
import pytest

from neurosieve.errors import ConfigError
from neurosieve.general import THRESHOLDS
from neurosieve.paper import tasks as tasks_module
from neurosieve.paper.records import Study
from neurosieve.paper.study import STUDY, study
from neurosieve.probes import Protocol
from neurosieve.run import prepare
from neurosieve.run.settings import TaskSettings

PROBES = {
    "oracle",
    "minimal",
    "LS",
    "CCFS",
    *(f"layer {i}" for i in range(4)),
    "c_t 0",
    *(f"c_t {c:g}" for c in THRESHOLDS),
}


class UsedError(Exception):
    """Something ran that should not have."""


@pytest.fixture
def nothing_is_trained(monkeypatch):
    def refuse(*args, **more):
        raise UsedError

    monkeypatch.setattr(Protocol, "fit", refuse)
    monkeypatch.setattr(Protocol, "fit_elastic_net", refuse)
    monkeypatch.setattr(prepare, "fill", refuse)
    monkeypatch.setattr(prepare, "fill_by", refuse)


def measured(found: Study) -> dict:
    """Everything but what tells of this very run."""
    return found.model_dump(exclude={"created", "command", "stages", "settings"})


def scores_of(found: Study, model: str, task: str) -> dict[str, float]:
    """Test scores by the name of the probe, from the tables."""
    one = found.models[model].tasks[task]
    rows = {f"c_t {row.threshold or 0:g}": row.test.value for row in one.clusters.rows}
    layers = {f"layer {row.layer}": row.test.value for row in one.layers.alone}
    steps = {"LS": one.transfer.sieve.steps[0].test.value, "CCFS": one.transfer.sieve.test.value}
    return {"oracle": one.layers.oracle.test.value, "minimal": one.minimal.test.value, **rows, **layers, **steps}


def test_what_is_written_is_read_back(world, done):
    assert Study.load(world.folder / "out" / STUDY) == done
    assert not list((world.folder / "out").rglob("*.partial"))
    assert done.command == "neurosieve paper all"
    assert done.warnings == []


def test_everything_is_measured_of_every_model(done):
    assert list(done.models) == ["bert", "xlnet"]
    for label, model in done.models.items():
        assert model.facts.family == label
        assert list(model.tasks) == ["pos", "sst2"]
        assert (model.as_it_came, model.moves) == ({}, {})
        assert len(model.parameters) == 4
        assert model.parameters == sorted(set(model.parameters))
        assert len(model.general.general.cka) == 4
        for name, task in model.tasks.items():
            assert task.variant == "pretrained"
            assert (task.corpus.task, task.corpus.kind) == (name, "labelling" if name == "pos" else "classification")
            assert None not in (task.layers, task.clusters, task.minimal, task.transfer)
            oracles = {one.oracle.test.value for one in (task.layers, task.minimal, task.transfer)}
            assert oracles == {task.clusters.rows[0].test.value}


def test_constant_units_of_texts_are_counted(done):
    """The classification token's embedding says nothing: all 32 units of layer 0 where it comes at one place."""
    assert done.models["bert"].tasks["sst2"].clusters.constants == 32
    assert done.models["bert"].tasks["pos"].clusters.constants == 0


def test_entropy_is_of_the_labels_of_train(world, done):
    lines = (world.data / "conll2000" / "train.txt").read_text().split("\n\n")
    known = done.models["bert"].tasks["pos"]
    assert known.corpus.splits["train"].sentences == 63 < len(lines)
    rows = [line.split("\t")[1] for line in (world.data / "SST-2" / "train.tsv").read_text().splitlines()[1:]]
    order = np.random.RandomState(7361).permutation(150)[:135]
    share = np.mean([rows[place] == "1" for place in order])
    expected = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert done.models["bert"].tasks["sst2"].entropy == pytest.approx(expected)


def test_every_probe_of_both_models_is_compared(done):
    found = {(one.task, one.probe): one for one in done.differences}
    assert set(found) == {(task, probe) for task in ("pos", "sst2") for probe in PROBES}
    for task in ("pos", "sst2"):
        first, second = (scores_of(done, model, task) for model in ("bert", "xlnet"))
        for probe in PROBES:
            one = found[task, probe]
            assert (one.first, one.second) == ("bert", "xlnet")
            assert one.value == pytest.approx(second[probe] - first[probe], abs=1e-12)
            assert one.interval[0] <= one.value <= one.interval[1]


def test_runtimes_are_of_the_first_task(done):
    costs = done.models["bert"].costs
    assert (costs.task, costs.rows, costs.classes) == ("pos", 40, 5)
    neurons = [10, 30, 100, 128]
    for timings in (costs.classifier, costs.inference, costs.ranking, costs.weights):
        assert [one.size for one in timings] == neurons
    assert [one.size for one in costs.forward] == [1, 2, 3, 4]
    words = done.models["bert"].general.general.words
    assert costs.texts == 25
    assert costs.extraction[-1].size == costs.clustering[-1].size == words
    everything = (costs.classifier, costs.forward, costs.extraction, costs.clustering, costs.ranking)
    assert {len(one.seconds) for timings in everything for one in timings} == {2}


@pytest.mark.usefixtures("nothing_is_trained")
def test_again_nothing_is_trained_and_nothing_changes(world, done):
    again = study(world.settings("out", "bert", "xlnet"))
    assert measured(again) == measured(done)
    assert not any("extract train" in stage.name for stage in again.stages)
    one = study(world.settings("out", "xlnet", exhibits=("table8", "figure1")))
    assert one.models["xlnet"].tasks["pos"].minimal == done.models["xlnet"].tasks["pos"].minimal
    assert one.models["xlnet"].general.general == done.models["xlnet"].general.general


@pytest.mark.usefixtures("nothing_is_trained")
@pytest.mark.parametrize("changed", [{"tolerance": 0.2}, {"seed": 1}, {"as_published": ("recluster",)}])
def test_other_settings_are_measured_anew(world, done, tmp_path, changed):
    assert done
    shutil.copytree(world.folder / "out", tmp_path / "out")
    with pytest.raises(UsedError):
        study(world.settings(str(tmp_path / "out"), exhibits=("table8",), tasks=("pos",), **changed))


def test_a_definition_that_says_something_else_is_measured_anew(world, tmp_path):
    """The files and the task's name stay the same; what is read from them does not."""
    definition = tmp_path / "mine.toml"
    settings = world.settings(str(tmp_path / "out"), exhibits=("table4",), tasks=())
    settings = settings.model_copy(update={"tasks": (TaskSettings(task=str(definition)),)})

    def classes(column):
        lines = (f'data = "{world.data / "conll2000"}"', 'format = "columns"', f"columns = [1, {column}]")
        definition.write_text("\n".join(lines))
        return study(settings).models["bert"].tasks["mine"].corpus.classes

    assert classes(2) == [".", "DT", "JJ", "NN", "VB"]
    assert classes(3) == ["B-NP", "B-VP", "E-NP", "I-NP", "O", "S-NP"]


def test_scores_do_not_depend_on_the_batches(world, done):
    more = {"batch_tokens": 40, "cache": world.folder / "other-cache", "exhibits": ("table6", "table7", "table8")}
    other = study(world.settings("batches", **more))
    for name, task in other.models["bert"].tasks.items():
        before = done.models["bert"].tasks[name]
        assert (task.layers, task.clusters, task.minimal) == (before.layers, before.clusters, before.minimal)


@pytest.mark.usefixtures("nothing_is_trained")
def test_other_batches_are_timed_anew_but_nothing_else(world, done, tmp_path):
    shutil.copytree(world.folder / "out", tmp_path / "out")
    found = study(world.settings(str(tmp_path / "out"), batch_tokens=99, exhibits=("figure4", "figure12")))
    assert found.models["bert"].tasks["pos"].layers == done.models["bert"].tasks["pos"].layers
    assert found.models["bert"].costs.extraction != done.models["bert"].costs.extraction


def test_only_what_is_asked_for_is_measured(world, tmp_path):
    found = study(world.settings(str(tmp_path / "a"), exhibits=("table4",))).models["bert"]
    assert list(found.tasks) == ["pos"]
    task = found.tasks["pos"]
    assert (task.layers, task.clusters, task.minimal, task.transfer) == (None,) * 4
    assert (found.general, found.costs, found.parameters) == (None, None, [])
    costs = study(world.settings(str(tmp_path / "b"), exhibits=("figure14",), tasks=("pos",))).models["bert"].costs
    assert costs.ranking
    assert costs.weights
    assert (costs.classifier, costs.forward, costs.extraction) == ([], [], [])


def test_figures_without_a_task(world, tmp_path):
    asked = {"exhibits": ("figure1", "figure3", "figure6", "figure12"), "tasks": (), "limit_text_words": 150}
    found = study(world.settings(str(tmp_path / "out"), **asked)).models["bert"]
    assert found.tasks == {}
    assert found.general.general.words == found.costs.extraction[-1].size >= 150
    assert (found.costs.task, found.costs.classes) == (None, 0)


def test_an_exhibit_without_a_task_for_it_is_refused_before_a_model_is_loaded(world, tmp_path):
    settings = world.settings(str(tmp_path / "out"), "absent", exhibits=("table2",), tasks=("pos",))
    with pytest.raises(ConfigError, match=r"Table 2 \(table2\) needs a task on texts: name one with --task"):
        study(settings)
    assert not (tmp_path / "out" / STUDY).exists()


def test_what_was_interrupted_goes_on(world, done, tmp_path, monkeypatch):
    asked: list[str] = []
    measure = tasks_module.measure_task

    def interrupted(context, *rest):
        asked.append(context.task.name)
        if context.task.name == "sst2":
            raise KeyboardInterrupt
        return measure(context, *rest)

    settings = world.settings(str(tmp_path / "out"), exhibits=("table7",))
    with monkeypatch.context() as patched:
        patched.setattr("neurosieve.paper.models.measure_task", interrupted)
        with pytest.raises(KeyboardInterrupt):
            study(settings)
    assert asked == ["pos", "sst2"]
    assert not (tmp_path / "out" / STUDY).exists()
    trained: list[tuple[str, ...]] = []
    fit = Protocol.fit

    def spy(self, train, *rest):
        trained.append(train.classes)
        return fit(self, train, *rest)

    monkeypatch.setattr(Protocol, "fit", spy)
    found = study(settings)
    assert set(trained) == {("0", "1")}
    for name, task in found.models["bert"].tasks.items():
        assert task.layers == done.models["bert"].tasks[name].layers
