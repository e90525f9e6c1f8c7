"""Who loses as the set shrinks, on a planted run whose classes need known neurons."""

from __future__ import annotations

import pytest
from sklearn.metrics import f1_score

from neurosieve.probes import Range
from neurosieve.run.inspection import damage as module
from neurosieve.run.inspection.damage import by_class, damage_sizes, inspect_damage
from neurosieve.run.inspection.records import DamagePart
from neurosieve.task_specific.damage import ClassDamage, Damage
from tests.run.inspection.planted import planted


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALLEST", 1)


@pytest.mark.usefixtures("small")
def test_the_class_that_needs_most_loses_first() -> None:
    subject, listener = planted()
    part = inspect_damage(subject)
    assert isinstance(part, DamagePart)
    assert [size.neurons for size in part.sizes] == [8, 4, 2, 1]
    assert {one.label for one in part.classes[:2]} == {"sum", "other"}
    assert part.classes[-1].label == "fox"
    first = {one.label: one.loses_at for one in part.classes}
    assert first["sum"] in (4, 2)
    assert first["fox"] is None
    assert (part.level, part.minimal) == (0.95, None)
    assert listener.stages == ["ranking", "oracle", "smaller sets", "damage by class"]
    assert listener.steps[-1] == (4, 4)


@pytest.mark.usefixtures("small")
def test_scores_are_those_of_probes_on_the_first_neurons() -> None:
    subject, _ = planted()
    part = inspect_damage(subject)
    data, gold = subject.data, subject.data.test_gold
    oracle = data.fit_all()
    chosen = data.select(subject.forward[:8]).fit([Range(0, size) for size in (8, 4, 2, 1)])
    assert part.oracle.value == pytest.approx(oracle.test)
    for place, (size, scored) in enumerate(zip(part.sizes, chosen, strict=True)):
        assert size.test.value == pytest.approx(scored.test)
        assert size.difference.value == pytest.approx(scored.test - oracle.test)
        for one in part.classes:
            label = gold.classes.index(one.label)
            before, after = (
                f1_score(gold.labels == label, side == label, zero_division=0.0)
                for side in (oracle.predictions, scored.predictions)
            )
            assert (one.full, one.points[place].f1) == pytest.approx((before, after))
            assert one.points[place].change == pytest.approx(after - before)
            assert one.points[place].low <= one.points[place].change <= one.points[place].high


@pytest.mark.usefixtures("small")
def test_intervals_hold_for_all_sizes_together() -> None:
    """Each size has the level 0.95 ** (1 / 4), so that its intervals are wider than by itself."""
    subject, _ = planted()
    part = inspect_damage(subject)
    data = subject.data
    oracle, smallest = data.fit_all(), data.select(subject.forward[:1]).fit_all()
    alone = module.ts.class_damage(data.test_gold, oracle.predictions, smallest.predictions, level=0.95, seed=3)
    for one in alone.classes:
        point = next(each for each in part.classes if each.label == one.label).points[-1]
        assert point.change == pytest.approx(one.change, abs=0.02)
        assert point.high - point.low > (one.high - one.low) * 1.05


def test_sizes() -> None:
    assert damage_sizes(2688, 135_000, 237) == [512, 256, 237, 128, 64, 32, 16, 8]
    assert damage_sizes(2688, 135_000, 1200) == [512, 256, 128, 64, 32, 16, 8], "its columns would take 648 MB"
    assert damage_sizes(2688, 1_000_000, None) == [128, 64, 32, 16, 8]
    assert damage_sizes(128, 400, 50) == [64, 50, 32, 16, 8]
    assert damage_sizes(18, 800, 18) == [8], "a minimal set of all neurons is no smaller set"
    assert damage_sizes(9, 10, None) == [4]
    assert damage_sizes(1, 10, None) == [1]


def damage(**changes: tuple[float, float | None]) -> Damage:
    classes = [
        ClassDamage(label, 10, 5, 0.9, 0.9 + change, change, None if high is None else change - 0.1, high)
        for label, (change, high) in changes.items()
    ]
    return Damage("f1", 0.95, 10, tuple(classes), ("nowhere",))


def test_who_loses_first_comes_first() -> None:
    large = damage(a=(-0.1, -0.01), b=(-0.2, -0.05), c=(0.0, 0.1), d=(-0.9, None))
    small = damage(a=(-0.3, -0.2), b=(-0.4, -0.3), c=(-0.2, -0.1), d=(-0.9, None))
    found = by_class([64, 8], [large, small])
    assert [(one.label, one.loses_at) for one in found] == [("b", 64), ("a", 64), ("c", 8), ("d", None)]
    assert [point.neurons for point in found[0].points] == [64, 8]
    assert found[0].points[1].f1 == pytest.approx(0.5)


def test_a_class_that_gains_later_still_lost_first() -> None:
    found = by_class([8, 4], [damage(a=(-0.1, -0.01)), damage(a=(0.1, 0.2))])
    assert found[0].loses_at == 8


def test_why_there_is_none() -> None:
    assert inspect_damage(planted(classes=False)[0]) == "Classes were not asked for."
    assert inspect_damage(planted("regression")[0]) == "Labels are numbers, so there are no classes."
