"""A whole `Results`, made up but of realistic size: MiniLM (7 layers of 384 units), chunking with 22 classes."""

from __future__ import annotations

import numpy as np

from neurosieve.run.facts import CorpusFacts, Environment, ModelFacts, SplitFacts, Stage
from neurosieve.run.redundancy import ClusterCut, DebiasedCka, General, LargestCluster, LayerAudit, OutlierUnit
from neurosieve.run.results import (
    ClusteredScores,
    Compact,
    Curve,
    CurvePoint,
    LayerScores,
    MinimalSet,
    ModelSize,
    Oracle,
    Results,
    Selectivity,
    Sieve,
    SieveStep,
    Speed,
    Task,
)
from neurosieve.run.schema import ClassScores, Difference, Scores

LAYERS, UNITS = 7, 384
NEURONS = LAYERS * UNITS
WORDS = {"train": 135_012, "dev": 15_024, "test": 47_377}
ORACLE = 0.9312
ALONE = (0.766, 0.868, 0.902, 0.907, 0.884, 0.848, 0.783)
PREFIXES = (0.766, 0.879, 0.9136, 0.9241, 0.9283, 0.9305, ORACLE)
CLUSTERS = {0.1: 2685, 0.2: 2667, 0.3: 2602, 0.4: 2420, 0.5: 2071, 0.6: 1540, 0.7: 962, 0.8: 447, 0.9: 139}
CLASSES = {
    "I-NP": (14376, 0.952),
    "B-NP": (12422, 0.957),
    "O": (6180, 0.978),
    "B-PP": (4811, 0.953),
    "B-VP": (4658, 0.936),
    "I-VP": (2646, 0.913),
    "B-ADVP": (866, 0.752),
    "B-SBAR": (535, 0.801),
    "B-ADJP": (438, 0.654),
    "I-ADJP": (167, 0.541),
    "B-PRT": (106, 0.713),
    "I-ADVP": (89, 0.482),
    "I-PP": (48, 0.63),
    "I-CONJP": (13, 0.72),
    "B-CONJP": (9, 0.5),
    "B-LST": (5, 0.0),
    "I-SBAR": (4, 0.222),
    "B-INTJ": (2, 0.667),
    "I-LST": (2, 0.0),
    "B-UCP": (0, 0.0),
    "I-INTJ": (0, 0.0),
    "I-PRT": (0, 0.0),
}
# ranking -> (neurons of the minimal set, how slowly its curve rises)
RANKINGS = {"forward": (248, 62.0), "lca": (564, 150.0), "random": (1128, 330.0)}


def scores(accuracy: float, n: int = WORDS["test"]) -> Scores:
    """A score whose interval is 1.3 times as wide as the binomial one, as sentences make it."""
    half = 1.3 * 1.96 * (accuracy * (1 - accuracy) / n) ** 0.5
    return Scores(value=accuracy, interval=(accuracy - half, accuracy + half), n=n)


def dev_scores(accuracy: float) -> Scores:
    return scores(min(1.0, accuracy + 0.0042), WORDS["dev"])


def difference(accuracy: float) -> Difference:
    value = accuracy - ORACLE
    return Difference(value=value, interval=(value - 0.0016, value + 0.0017))


def example_results(tasks: tuple[str, ...] = ("chunk",)) -> Results:
    """One run on one or more tasks, everything filled in."""
    return Results(
        created="2025-03-04T11:22:33Z",
        command="neurosieve run --model minilm --task chunk --data conll2000 --limit-train-words 150000 --out runs/one",
        settings={"limit_train_words": 150000, "tolerance": 0.03, "aggregation": "last", "dtype": "float32"},
        seed=1,
        environment=Environment(
            neurosieve="0.1.0",
            python="3.11.9",
            packages={"torch": "2.13.0", "transformers": "5.23.0", "numpy": "2.4.6"},
            platform="Linux x86_64",
            device="cpu",
            threads=2,
            dtype="float32",
        ),
        model=ModelFacts(
            name="minilm",
            family="bert",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            layers=LAYERS,
            units=UNITS,
            neurons=NEURONS,
            parameters=22_565_376,
            window=512,
        ),
        general=example_general(),
        tasks={name: example_task(name) for name in tasks},
        stages=[
            Stage(name="extract", seconds=28.4, peak_memory_mb=1810.0),
            Stage(name="general", seconds=9.7, peak_memory_mb=2440.5),
            Stage(name="task chunk", seconds=71.3, peak_memory_mb=3120.25),
            Stage(name="compact chunk", seconds=12.9, peak_memory_mb=3120.25),
        ],
        warnings=["3 neurons never change on this text; they are kept as clusters by themselves."],
    )


def example_audit(layer: int) -> LayerAudit:
    loud = OutlierUnit(unit=223, size=30.5, deviation=4.0, variance_share=0.02, cosine_share=0.1 * layer)
    return LayerAudit(
        layer=layer,
        constants=3 if layer == LAYERS - 1 else 0,
        repeated=0,
        outliers=[loud] if layer else [],
        mean_cosine=0.25,
        mean_cosine_without_outliers=0.1,
    )


def example_general() -> General:
    depth = np.cumsum([0.0, 1.3, 1.0, 0.8, 0.8, 0.9, 1.2])
    steps = np.abs(np.subtract.outer(depth, depth))
    cka = np.exp(-0.085 * steps - 0.03 * steps**2).round(6)
    members = [(3, 17), (4, 17), (4, 201)]
    return General(
        words=sum((WORDS["train"], WORDS["dev"])),
        text="the training words of conll2000",
        cka=cka.tolist(),
        cka_debiased=DebiasedCka(
            values=cka.tolist(), low=(cka - 0.01).tolist(), high=np.minimum(cka + 0.01, 1).tolist(), blocks=30
        ),
        audit=[example_audit(layer) for layer in range(LAYERS)],
        constants=[(6, 127), (6, 223), (6, 319)],
        cuts=[example_cut(threshold, clusters) for threshold, clusters in CLUSTERS.items()],
        largest_clusters=[
            LargestCluster(
                representative=(4, 17), members=members, largest_distance=0.21, smallest_r_to_representative=0.83
            )
        ],
    )


def example_cut(threshold: float, clusters: int) -> ClusterCut:
    return ClusterCut(
        threshold=threshold,
        clusters=clusters,
        singletons=int(clusters * (1 - 0.5 * threshold)),
        largest_cluster=NEURONS - clusters + 1,
        largest_distance=min(0.99, threshold * 1.22),
        smallest_r_to_representative=1 - min(0.97, threshold * 1.15),
        windows={"1": 0.975, "2": 0.021, "3": 0.0035, ">3": 0.0005},
        windows_without_singletons={"1": 0.44, "2": 0.47, "3": 0.078, ">3": 0.012},
    )


def example_task(name: str = "chunk") -> Task:
    return Task(
        corpus=CorpusFacts(
            name="conll2000",
            task=name,
            sources={"train.txt": "a" * 64, "test.txt": "b" * 64},
            splits={
                "train": SplitFacts(sentences=5673, words=WORDS["train"]),
                "dev": SplitFacts(sentences=630, words=WORDS["dev"]),
                "test": SplitFacts(sentences=2012, words=WORDS["test"], missing=2, windowed_sentences=1),
            },
            classes=sorted(CLASSES),
            unseen_labels={"test": ["I-LST"]},
            dev_is_cut_from_train=True,
        ),
        protocol="default",
        tolerance=0.03,
        layer_tolerance=0.02,
        majority=scores(0.303),
        oracle=Oracle(neurons=NEURONS, dev=dev_scores(ORACLE), test=scores(ORACLE), per_class=class_scores(1.0)),
        layers=[layer(index, UNITS, accuracy) for index, accuracy in enumerate(ALONE)],
        prefixes=[layer(index, UNITS * (index + 1), accuracy) for index, accuracy in enumerate(PREFIXES)],
        clustered=[clustered(None, NEURONS), *(clustered(cut, left) for cut, left in CLUSTERS.items())],
        curves=[curve(ranking) for ranking in RANKINGS],
        minimal_set={ranking: minimal_set(ranking) for ranking in RANKINGS},
        sieve=example_sieve(),
        selectivity=[
            Selectivity(
                probe=probe, neurons=n, task=task, control=control, difference=difference(ORACLE + task - control)
            )
            for probe, n, task, control in (("oracle", NEURONS, 0.91, 0.62), ("sieve", 300, 0.89, 0.45))
        ],
        compact=example_compact(),
    )


def layer(index: int, neurons: int, accuracy: float) -> LayerScores:
    within = accuracy > 0.97 * ORACLE
    return LayerScores(
        layer=index, neurons=neurons, dev=dev_scores(accuracy), test=scores(accuracy), within_tolerance=within
    )


def clustered(threshold: float | None, neurons: int) -> ClusteredScores:
    accuracy = accuracy_of(neurons, 48.0)
    return ClusteredScores(threshold=threshold, neurons=neurons, dev=dev_scores(accuracy), test=scores(accuracy))


def accuracy_of(neurons: int, slowness: float) -> float:
    """A saturating curve from the majority class to the oracle."""
    return round(0.303 + (ORACLE - 0.303) * (1 - (1 + neurons / slowness) ** -1.9), 6)


def curve(ranking: str) -> Curve:
    slowness = RANKINGS[ranking][1]
    points = {n: accuracy_of(n, slowness) for n in range(1, NEURONS + 1)}
    wiggle = np.random.default_rng(0).normal(0, 0.0015, NEURONS)
    screened = [CurvePoint(neurons=n, dev=round(value - 0.012 + wiggle[n - 1], 6)) for n, value in points.items()]
    sizes = [2, 5, 13, 26, 53, 80, 107, 134, 268, 403, 672, 1344, NEURONS]
    probed = [CurvePoint(neurons=n, dev=points[n] + 0.004, test=points[n]) for n in sizes]
    return Curve(ranking=ranking, screened=screened, probed=probed)


def minimal_set(ranking: str) -> MinimalSet:
    size, slowness = RANKINGS[ranking]
    accuracy = accuracy_of(size, slowness)
    neurons = kept_neurons(size, range(LAYERS))
    return MinimalSet(
        ranking=ranking,
        tolerance=0.03,
        neurons=neurons,
        dev=dev_scores(accuracy),
        test=scores(accuracy),
        difference=difference(accuracy),
        per_layer=per_layer(neurons),
        reached=True,
    )


def kept_neurons(size: int, layers: range) -> list[tuple[int, int]]:
    weights = np.array([1.0, 2.0, 3.0, 3.4, 2.2, 1.6, 1.2])[list(layers)]
    chance = np.repeat(weights, UNITS) / (weights.sum() * UNITS)
    columns = np.random.default_rng(size).choice(len(layers) * UNITS, size, replace=False, p=chance)
    return [(int(column) // UNITS, int(column) % UNITS) for column in columns]


def per_layer(neurons: list[tuple[int, int]]) -> list[int]:
    return np.bincount([layer for layer, _ in neurons], minlength=LAYERS).tolist()


def example_sieve() -> Sieve:
    neurons = kept_neurons(231, range(4))
    final = 0.9089
    steps = [
        ("LayerSelector", 4, 1536, None, 0.01, 0.9241),
        ("correlation clustering", 4, 1507, 0.3, 0.005, 0.9229),
        ("feature selection", 4, 231, None, 0.015, final),
    ]
    return Sieve(
        tolerance=0.03,
        reference="oracle",
        confidence=None,
        ranking="forward",
        steps=[
            SieveStep(
                name=name,
                kept_layers=layers,
                kept_neurons=left,
                threshold=threshold,
                tolerance=allowed,
                target=0.907,
                dev=dev_scores(accuracy),
                test=scores(accuracy),
                difference=difference(accuracy),
            )
            for name, layers, left, threshold, allowed, accuracy in steps
        ],
        neurons=neurons,
        per_layer=per_layer(neurons),
        dev=dev_scores(final),
        test=scores(final),
        difference=difference(final),
        baselines={"random": scores(0.8478), "lca": scores(0.8853)},
        per_class=class_scores(0.965),
    )


def class_scores(factor: float) -> list[ClassScores]:
    return [
        ClassScores(
            label=label,
            precision=round(min(1, f1 * factor * 1.02), 4),
            recall=round(f1 * factor * 0.98, 4),
            f1=round(f1 * factor, 4),
            support=support,
        )
        for label, (support, f1) in sorted(CLASSES.items())
    ]


def example_compact() -> Compact:
    full = Speed(per_second=7104.0, spread=(6890.0, 7302.0), rounds=5)
    small = Speed(per_second=11893.0, spread=(11420.0, 12260.0), rounds=5)
    return Compact(
        path="compact",
        full=ModelSize(
            layers=7, neurons=NEURONS, parameters=22_624_534, megabytes=90.5, test=scores(ORACLE), speed=full
        ),
        compact=ModelSize(
            layers=4, neurons=231, parameters=17_250_646, megabytes=69.0, test=scores(0.9089), speed=small
        ),
        speedup=1.674,
        speedup_range=(1.61, 1.73),
        agreement=0.9564,
        parity=0,
    )
