"""How many neurons each class of a planted run needs, and which of them are the same."""

from __future__ import annotations

import numpy as np
import pytest

from neurosieve.run.inspection import class_sets as module
from neurosieve.run.inspection.chance import shared_by_chance, union_by_chance
from neurosieve.run.inspection.class_sets import inspect_class_sets, overlapping
from neurosieve.run.inspection.records import ClassNeed, ClassSetPart
from tests.run.inspection.planted import FAMILY, GRID, planted


@pytest.fixture(scope="module")
def made():
    subject, listener = planted()
    return subject, listener, inspect_class_sets(subject)


def test_each_class_needs_what_it_was_made_of(made) -> None:
    _, listener, part = made
    assert isinstance(part, ClassSetPart)
    assert (part.loss, part.own_rankings, part.absent) == (0.05, True, [])
    needs = {one.label: one for one in part.classes}
    assert needs["fox"].size == 1
    assert set(needs["fox"].neurons) < FAMILY
    assert needs["sum"].size >= 3
    originals = {unit for layer, unit in needs["sum"].neurons if layer < 2 and 1 <= unit <= 3}
    assert originals == {1, 2, 3}
    assert all(one.reached and one.random >= one.size for one in part.classes)
    assert needs["sum"].support == int((planted()[0].data.train.labels == 2).sum())
    assert listener.stages == ["a ranking for each class", "a set for each class", "random sets for each class"]
    assert (3, 3) in listener.steps


def test_overlap_is_that_of_the_sets(made) -> None:
    _, _, part = made
    sets = [set(one.neurons) for one in part.classes]
    assert part.union == len(set.union(*sets))
    sizes = [len(one) for one in sets]
    assert part.union_by_chance == pytest.approx(union_by_chance(sizes, 17)), "one of 18 is constant"
    chance = shared_by_chance(sizes, 17)
    for place, one in enumerate(part.classes):
        others = set.union(*(each for other, each in enumerate(sets) if other != place))
        assert one.shared == pytest.approx(len(sets[place] & others) / len(sets[place]))
        assert one.shared_by_chance == pytest.approx(chance[place])


def need(label: str, reached: bool, columns: list[int]) -> ClassNeed:
    scores = {"dev": 0.5, "full_dev": 0.6, "test": None, "full_test": None}
    neurons = [tuple(neuron) for neuron in GRID.neurons(columns)]
    return ClassNeed(label=label, support=9, neurons=neurons, reached=reached, **scores, random=9, random_reached=False)


def test_sets_that_fail_have_no_overlap() -> None:
    columns = [np.array([0, 1]), np.array([1, 2, 3]), np.array([0, 1, 2])]
    needs = [need("a", True, [0, 1]), need("b", True, [1, 2, 3]), need("c", False, [0, 1, 2])]
    part = ClassSetPart(loss=0.05, own_rankings=True, classes=needs)
    found = overlapping(part, columns, 17)
    assert found.union == 4
    assert [one.shared for one in found.classes] == [0.5, pytest.approx(1 / 3), None]
    none = overlapping(part.model_copy(update={"classes": needs[2:]}), columns[2:], 17)
    assert (none.union, none.union_by_chance, none.classes[0].shared) == (None, None, None)


def test_many_classes_read_one_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RANKINGS", 2)
    subject, listener = planted()
    part = inspect_class_sets(subject)
    assert not part.own_rankings
    order = [tuple(neuron) for neuron in GRID.neurons(subject.forward)]
    assert all(one.neurons == order[: one.size] for one in part.classes)
    assert {one.shared for one in part.classes} == {None}
    assert part.union is None
    assert listener.stages[0] == "ranking"


def test_why_there_is_none() -> None:
    assert inspect_class_sets(planted(classes=False)[0]) == "Classes were not asked for."
    assert inspect_class_sets(planted("regression")[0]) == "Labels are numbers, so there are no classes."
