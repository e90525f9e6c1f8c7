"""A whole inspection, made up but of realistic shape: 7 layers, words with markup and formulas in them, 4 classes."""

from __future__ import annotations

from typing import Any

from neurosieve.run.facts import Stage
from neurosieve.run.inspection.records import (
    ClassDamageFound,
    ClassNeed,
    ClassSetPart,
    ClusterFound,
    ClusterPart,
    ClusterWords,
    CopyFound,
    CopyPart,
    DamagePart,
    DamagePoint,
    Inspection,
    InspectionSettings,
    RandomClusters,
    SizeFound,
    SpreadPart,
    SpreadPoint,
    TypeSeen,
    WordSeen,
)
from neurosieve.run.schema import Difference, Scores
from tests.report.example import example_results

LAYERS = 7
HOSTILE = "</svg></style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("x")'
SIZES = (512, 64, 8)


def cluster(number: int, per_layer: list[int]) -> ClusterFound:
    members = [(layer, 3 * unit + number) for layer, count in enumerate(per_layer) for unit in range(count)]
    r = [1.0, *((-0.8 if place % 4 == 1 else 0.9) for place in range(1, len(members)))]
    return ClusterFound(
        number=number,
        representative=members[0],
        members=members,
        r=r,
        per_layer=per_layer,
        radius=0.2,
        mean_r=0.74,
        explained=0.71,
        explained_variance=0.65,
    )


def words(number: int, kind: str) -> ClusterWords:
    texts = ("the", FORMULA, HOSTILE, "-LRB-")
    is_words = kind == "labelling"
    seen = [
        WordSeen(
            text=text,
            left=[HOSTILE, "a"] if is_words else [],
            right=["+1"] if is_words else [],
            sentence=place,
            position=2,
            deviations=5.0 - place,
        )
        for place, text in enumerate(texts)
    ]
    types = [
        TypeSeen(text=text, count=9 + place, deviations=2.0 - place) for place, text in enumerate(texts) if is_words
    ]
    return ClusterWords(cluster=number, highest=seen, lowest=seen, highest_types=types, lowest_types=types[::-1])


def clusters(kind: str = "labelling") -> ClusterPart:
    found = [cluster(1, [5, 7, 6, 4, 0, 0, 0]), cluster(2, [0, 0, 3, 1, 0, 0, 0]), cluster(3, [1, 0, 0, 0, 0, 0, 1])]
    return ClusterPart(
        neurons=2688,
        constants=3,
        clusters=2688 - 28 + 3,
        others=25,
        explained=0.712,
        explained_variance=0.655,
        random=RandomClusters(
            draws=20,
            explained=0.021,
            explained_range=(0.018, 0.024),
            explained_variance=0.022,
            explained_variance_range=(0.017, 0.027),
        ),
        found=found,
        largest=[1, 2],
        most_spread=[3],
        words=[words(number, kind) for number in (1, 2, 3)],
    )


def copies() -> CopyPart:
    copied = [[0.0 if a == b else 1 / (1 + abs(a - b)) for b in range(LAYERS)] for a in range(LAYERS)]
    nearest = [[0.4 if a == b - 1 else 0.0 for b in range(LAYERS)] for a in range(LAYERS)]
    return CopyPart(
        varying=[384] * 6 + [381],
        copied=copied,
        in_place=[[value / 2 for value in row] for row in copied],
        nearest=nearest,
        copies=[CopyFound(neuron=(b, unit), of=(b - 1, unit), r=0.9) for b in range(1, LAYERS) for unit in range(150)],
        chance=1e-30,
        chance_in_place=1 / 384,
    )


def spread() -> SpreadPart:
    points = [
        SpreadPoint(
            threshold=c_t,
            clusters=count,
            low=count - 20.4,
            high=count + 19.6,
            half_median=count - 5.0,
            half_range=(count - 30.0, count + 2.0),
        )
        for c_t, count in ((0.1, 2685), (0.3, 2663), (0.5, 2071), (0.7, 962))
    ]
    return SpreadPart(points=points, level=0.95, splits=8, blocks=20)


def damage(labels: tuple[str, ...]) -> DamagePart:
    def point(size: int, loss: float, known: bool) -> DamagePoint:
        change = -loss * (1 - size / 600)
        ends = {"low": change - 0.03, "high": change + 0.03} if known else {}
        return DamagePoint(neurons=size, f1=max(0.0, 0.9 + change), change=change, **ends)

    classes = []
    for place, label in enumerate(labels):
        points = [point(size, 0.5 / (1 + place), place < len(labels) - 1) for size in SIZES]
        loses = next((one.neurons for one in points if one.high is not None and one.high < 0), None)
        classes.append(
            ClassDamageFound(
                label=label, support=1000 >> place, sentences=90 >> place, full=0.9, points=points, loses_at=loses
            )
        )
    scores = Scores(value=0.93, interval=(0.925, 0.935), n=47_377)
    return DamagePart(
        level=0.95,
        oracle=scores,
        sizes=[
            SizeFound(neurons=size, test=scores, difference=Difference(value=-0.01, interval=(-0.02, 0.0)))
            for size in SIZES
        ],
        minimal=64,
        classes=classes,
        absent=["B-NEVER"],
    )


def class_sets(labels: tuple[str, ...], *, own: bool = True) -> ClassSetPart:
    needs = [
        ClassNeed(
            label=label,
            support=9000 >> place,
            neurons=[(1, unit) for unit in range(200 // (1 + place))],
            reached=place > 0,
            dev=0.8,
            full_dev=0.82,
            test=0.79 if place else None,
            full_test=0.81 if place else None,
            random=1500 // (1 + place),
            random_reached=place != 1,
            shared=0.4 if own and place else None,
            shared_by_chance=0.1 if own and place else None,
        )
        for place, label in enumerate(labels)
    ]
    overlap: dict[str, Any] = {"union": 150, "union_by_chance": 201.4} if own else {}
    return ClassSetPart(loss=0.03, own_rankings=own, classes=needs, **overlap)


def example(kind: str = "labelling", **changes: Any) -> Inspection:
    """Everything filled in; ``changes`` replace fields."""
    results = example_results()
    labels = ("I-ADJP", HOSTILE, "-X", "B-LST")
    found = Inspection(
        stem="inspection",
        created="2025-03-04T12:00:00+00:00",
        command="neurosieve inspect runs/one",
        run_created=results.created,
        settings=InspectionSettings(),
        seed=1,
        environment=results.environment,
        model=results.model,
        corpus="conll2000",
        task="chunk",
        metric="accuracy",
        kind=kind,
        rows=135_012,
        sentences=8042,
        clusters=clusters(kind),
        copies=copies(),
        spread=spread(),
        damage=damage(labels),
        class_sets=class_sets(labels),
        stages=[Stage(name="clusters", seconds=1.5, peak_memory_mb=900.0)],
        warnings=["Something to know."],
    )
    return found.model_copy(update=changes)
