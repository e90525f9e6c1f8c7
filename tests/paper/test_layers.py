from __future__ import annotations

from dataclasses import replace
from math import nextafter

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, recall_score

from neurosieve.metrics import metric_named
from neurosieve.paper.layers import measure_layers
from neurosieve.probes import Protocol
from neurosieve.task_specific import LayerProbes, TaskData
from tests.paper.conftest import context_of
from tests.probes.planted import numbers

LAYERS, UNITS = 4, 8


@pytest.fixture(scope="module")
def measured(context):
    return measure_layers(context)


def test_layers_and_prefixes_are_probes_on_just_their_columns(data, measured):
    study, said = measured
    gold = data.test.labels.numpy()
    for layer in range(LAYERS):
        columns = np.arange(layer * UNITS, (layer + 1) * UNITS)
        alone, prefix = (data.select(chosen).fit_all() for chosen in (columns, np.arange(columns[-1] + 1)))
        for row, again, size in ((study.alone[layer], alone, UNITS), (study.prefixes[layer], prefix, columns[-1] + 1)):
            assert (row.layer, row.neurons) == (layer, size)
            assert (row.dev.value, row.test.value) == pytest.approx((again.dev, again.test), abs=1e-12)
        assert study.alone[layer].test.value == pytest.approx(accuracy_score(gold, said[f"layer {layer}"]))
    assert set(said) == {"oracle", *(f"layer {i}" for i in range(LAYERS))}


def test_differences_are_to_the_oracle(measured):
    study, _ = measured
    assert study.prefixes[-1].test == study.oracle.test.model_copy(update={"others": study.prefixes[-1].test.others})
    for row, difference in zip(study.alone, study.differences, strict=True):
        assert difference.value == pytest.approx(row.test.value - study.oracle.test.value, abs=1e-12)
        assert difference.interval[0] <= difference.value <= difference.interval[1]


def test_classes_are_told_by_their_recall_most_frequent_first(data, measured):
    study, said = measured
    gold = data.test.labels.numpy()
    counts = np.bincount(gold, minlength=3)
    assert [one.label for one in study.classes] == ["ABC"[i] for i in np.argsort(-counts, kind="stable")]
    for one in study.classes:
        place = "ABC".index(one.label)
        recalls = [recall_score(gold, found, labels=[place], average=None)[0] for found in said.values()]
        assert one.support == counts[place]
        assert [one.oracle, *one.layers] == pytest.approx(recalls)


def test_a_class_that_test_lacks_is_left_out(data):
    few = data.test.labels != 1
    test = replace(data.test, labels=data.test.labels.where(few, data.test.labels * 0))
    study, _ = measure_layers(context_of(replace(data, test=test)))
    assert {one.label for one in study.classes} == {"A", "C"}


@pytest.mark.parametrize(("step", "accepted"), [(-1, False), (0, False), (1, True)])
def test_the_target_itself_is_not_within_the_tolerance(data, context, step, accepted):
    probes = context.probes
    target = (1.0 - 0.05) * probes.oracle.dev
    dev = target if step == 0 else nextafter(target, np.inf * step)
    border = replace(probes.alone[0], dev=dev)
    other = context_of(data, step_tolerance=0.05)
    other.__dict__["probes"] = LayerProbes((border, *probes.alone[1:]), (border, *probes.prefixes[1:]))
    study, _ = measure_layers(other)
    assert study.alone[0].within_tolerance is study.prefixes[0].within_tolerance is accepted


def test_numbers_have_no_classes():
    data = TaskData(*numbers(), Protocol("paper", metric=metric_named("pearson", ())))
    study, said = measure_layers(context_of(data))
    assert study.classes == []
    assert said["oracle"].dtype == np.float64
    assert study.oracle.test.value == pytest.approx(np.corrcoef(said["oracle"], data.test.labels.numpy())[0, 1])
