"""A run of three tasks, made up: chunking, a pair classification and a regression, with one compact model for all."""

from __future__ import annotations

import numpy as np

from neurosieve.run.facts import CorpusFacts, Duplicates, SplitFacts
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
    SharedCompact,
    Sieve,
    SieveStep,
    Speed,
    Task,
)
from neurosieve.run.schema import ClassScores, Difference, Scores

from .example import CLUSTERS, LAYERS, NEURONS, UNITS, example_results, example_task, kept_neurons, per_layer

MATCH, COMPLEXITY = "docstring-match", "function-complexity"
TEST = 1200
SUBLAYERS = [name for block in range(LAYERS // 3 + 1) for name in (f"attention {block}", f"mlp {block}", str(block))]
NAMES = SUBLAYERS[2 : 2 + LAYERS]
"""0, attention 1, mlp 1, 1, attention 2, mlp 2, 2: as many names as the example has layers."""


def several_results() -> Results:
    """Everything filled in, further test splits and duplicates included."""
    chunk = example_task()
    oracle, sieve = chunk.oracle, chunk.sieve
    test = oracle.test.model_copy(update={"others": {"macro_f1": 0.6641, "span_f1": 0.9023}})
    kept = sieve.test.model_copy(update={"others": {"macro_f1": 0.6102, "span_f1": 0.8710}})
    sieve = sieve.model_copy(update={"test": kept})
    chunk = chunk.model_copy(update={"oracle": oracle.model_copy(update={"test": test}), "sieve": sieve})
    tasks = {"chunk": chunk, MATCH: match_task(), COMPLEXITY: complexity_task()}
    shared = SharedCompact(
        path="compact", tasks=list(tasks), layers=5, neurons=612, parameters=19_024_100, megabytes=76.1
    )
    return example_results().model_copy(update={"tasks": tasks, "compact": shared})


def with_sublayers(results: Results) -> Results:
    """The same run, had its seven layers been 0 and those inside two blocks."""
    return results.model_copy(update={"model": results.model.model_copy(update={"layer_names": NAMES})})


def match_task() -> Task:
    """Classification of pairs, by F1, with balanced classes and a further test split."""
    oracle = 0.842
    made = _task(MATCH, "f1", oracle, floor=0.0, size=96, others={"accuracy": 0.8511, "matthews": 0.6987})
    classes = [
        ClassScores(label="no", precision=0.87, recall=0.85, f1=0.86, support=640),
        ClassScores(label="yes", precision=0.83, recall=0.854, f1=oracle, support=560),
    ]
    further = {"test-mismatched": _scores(0.8143, 800)}
    kept = {"test-mismatched": _scores(0.7962, 800)}
    corpus = made.corpus.model_copy(
        update={
            "kind": "classification",
            "classes": ["no", "yes"],
            "duplicates": [
                Duplicates(first="train", second="dev", count=1, examples=["Return a copy. | copy(self)"]),
                Duplicates(first="train", second="test", count=11, examples=["Close the file. | close(self)", "b | c"]),
            ],
            "unseen_labels": {},
        }
    )
    return made.model_copy(
        update={
            "corpus": corpus,
            "class_weights": "balanced",
            "oracle": made.oracle.model_copy(update={"per_class": classes, "further": further}),
            "sieve": made.sieve.model_copy(update={"per_class": classes, "further": kept}),
        }
    )


def complexity_task() -> Task:
    """Regression, by Pearson's correlation; the lowest layers may be worse than nothing."""
    return _task(COMPLEXITY, "pearson", 0.7811, floor=-0.02, size=141, others={"spearman": 0.7604, "r2": 0.5983})


def _task(name: str, metric: str, oracle: float, floor: float, size: int, others: dict[str, float]) -> Task:
    levels = np.array([0.05, 0.42, 0.74, 0.93, 0.985, 0.99, 1.0]) * (oracle - floor) + floor
    prefixes = np.array([0.05, 0.44, 0.80, 0.95, 0.992, 0.996, 1.0]) * (oracle - floor) + floor
    rankings = {"forward": (size, 20.0), "lca": (2 * size, 44.0), "random": (7 * size, 160.0)}
    others_of_sieve = {key: value - 0.02 for key, value in others.items()}
    neurons = kept_neurons(size, range(4))
    final = _scores(oracle - 0.0131)
    numeric = metric == "pearson"
    return Task(
        corpus=CorpusFacts(
            name=name,
            task=name,
            kind="regression" if numeric else "classification",
            pooling="mean" if numeric else "cls",
            sources={f"{name}.jsonl": "c" * 64},
            splits={
                "train": SplitFacts(sentences=6000, words=151_000, truncated=14),
                "dev": SplitFacts(sentences=600, words=15_100, missing=1),
                "test": SplitFacts(sentences=TEST, words=30_050),
            },
        ),
        protocol="default",
        metric=metric,
        tolerance=0.03,
        layer_tolerance=0.01,
        majority=_scores(0.0),
        oracle=Oracle(neurons=NEURONS, dev=_scores(oracle + 0.004, 600), test=_scores(oracle, others=others)),
        layers=[_layer(index, UNITS, value, oracle) for index, value in enumerate(levels.tolist())],
        prefixes=[_layer(index, UNITS * (index + 1), value, oracle) for index, value in enumerate(prefixes.tolist())],
        clustered=[
            ClusteredScores(
                threshold=cut, neurons=left, dev=_scores(_rise(oracle, left, 40)), test=_scores(_rise(oracle, left, 40))
            )
            for cut, left in ((None, NEURONS), *CLUSTERS.items())
        ],
        curves=[_curve(ranking, oracle, slow) for ranking, (_, slow) in rankings.items()],
        minimal_set={ranking: _minimal(ranking, n, oracle) for ranking, (n, _) in rankings.items()},
        sieve=Sieve(
            tolerance=0.03,
            reference="oracle",
            confidence=0.95,
            ranking="forward",
            steps=[
                SieveStep(
                    name="LayerSelector",
                    kept_layers=4,
                    kept_neurons=4 * UNITS,
                    tolerance=0.01,
                    target=0.99 * oracle,
                    dev=_scores(oracle - 0.004, 600),
                    test=_scores(oracle - 0.006),
                    difference=_difference(-0.006),
                )
            ],
            neurons=neurons,
            per_layer=per_layer(neurons),
            dev=_scores(oracle - 0.009, 600),
            test=final.model_copy(update={"others": others_of_sieve}),
            difference=_difference(-0.0131),
            baselines={"random": _scores(oracle - 0.09), "lca": _scores(oracle - 0.031)},
        ),
        compact=_compact(oracle, size, numeric=numeric),
    )


def _scores(value: float, n: int = TEST, others: dict[str, float] | None = None) -> Scores:
    half = 1.96 * (1 - value**2) / n**0.5
    return Scores(value=value, interval=(value - half, value + half), n=n, others=others or {})


def _difference(value: float) -> Difference:
    return Difference(value=value, interval=(value - 0.0071, value + 0.0069))


def _layer(index: int, neurons: int, value: float, oracle: float) -> LayerScores:
    return LayerScores(
        layer=index,
        neurons=neurons,
        dev=_scores(value + 0.003, 600),
        test=_scores(value),
        within_tolerance=value > 0.985 * oracle,
    )


def _rise(oracle: float, neurons: int, slowness: float) -> float:
    return round(oracle * (1 - (1 + neurons / slowness) ** -1.7), 6)


def _curve(ranking: str, oracle: float, slowness: float) -> Curve:
    screened = [CurvePoint(neurons=n, dev=_rise(oracle, n, slowness) - 0.01) for n in range(1, NEURONS + 1, 7)]
    sizes = [2, 5, 13, 53, 134, 403, 1344, NEURONS]
    probed = [CurvePoint(neurons=n, dev=_rise(oracle, n, slowness), test=_rise(oracle, n, slowness)) for n in sizes]
    return Curve(ranking=ranking, screened=screened, probed=probed)


def _minimal(ranking: str, size: int, oracle: float) -> MinimalSet:
    neurons = kept_neurons(size, range(LAYERS))
    return MinimalSet(
        ranking=ranking,
        tolerance=0.03,
        neurons=neurons,
        dev=_scores(oracle - 0.01, 600),
        test=_scores(oracle - 0.0143),
        difference=_difference(-0.0143),
        per_layer=per_layer(neurons),
        reached=True,
    )


def _compact(oracle: float, size: int, *, numeric: bool) -> Compact:
    full = Speed(per_second=212.0, spread=(204.0, 219.0), rounds=5)
    small = Speed(per_second=301.0, spread=(288.0, 311.0), rounds=5)
    return Compact(
        path="compact",
        full=ModelSize(
            layers=LAYERS, neurons=NEURONS, parameters=22_568_065, megabytes=90.3, test=_scores(oracle), speed=full
        ),
        compact=ModelSize(
            layers=5, neurons=size, parameters=19_024_100, megabytes=76.1, test=_scores(oracle - 0.0131), speed=small
        ),
        speedup=1.42,
        speedup_range=(1.36, 1.47),
        agreement=0.9812 if numeric else 0.9433,
        parity=0,
    )
