"""A whole `Study`, made up but plausible: two small models, two tasks on words and two on texts, everything filled in.

MiniLM was fine-tuned for the texts, the small XLNet was not. Nothing is random.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from neurosieve.paper.records import (
    ClusterHeat,
    CostStudy,
    GeneralStudy,
    ModelDifference,
    ModelStudy,
    Move,
    OtherClustering,
    SentenceHeat,
    Study,
    TaskStudy,
    Timing,
)
from neurosieve.run.facts import Environment, Stage
from neurosieve.run.redundancy import ClusterCut, General, LargestCluster
from neurosieve.run.schema import NeuronId

from .kinds import KINDS, MODELS, Model, facts
from .made import THRESHOLDS, Made

LABELS = ("minilm", "xlnet-mini")
TASKS = ("pos", "chunk", "sst2", "stsb")
SENTENCE = ["Rockwell", "said", "the", "agreement", "calls", "for", "it", "to", "supply", "200", "more", "."]


def general(model: Model) -> GeneralStudy:
    steps = np.abs(np.subtract.outer(np.arange(model.layers), np.arange(model.layers)))
    members: list[NeuronId] = [(3, 17), (4, 17), (4, 101)]
    return GeneralStudy(
        general=General(
            words=47_377,
            text="the test words of conll2000",
            sources={"test.txt": "d" * 64},
            cka=np.exp(-0.1 * steps).round(6).tolist(),
            constants=[(6, 127)],
            cuts=[_cut(model, threshold) for threshold in THRESHOLDS],
            largest_clusters=[
                LargestCluster(
                    representative=(4, 17), members=members, largest_distance=0.21, smallest_r_to_representative=0.83
                )
            ],
        ),
        heat=ClusterHeat(
            threshold=0.3,
            size=12,
            neurons=members,
            correlations=[1.0, -0.91, 0.84],
            sentences=[_heat(SENTENCE, members)] * 2,
        ),
        clusterings=[
            _clustering(0.3, "k-means", "k as many as average linkage", 0.42),
            _clustering(0.3, "DBSCAN", "eps 0.3, 2 neighbours", 0.31),
            _clustering(0.7, "k-means", "k as many as average linkage", 0.38),
            _clustering(0.7, "DBSCAN", "eps 0.7, 2 neighbours", 0.02),
        ],
    )


def _cut(model: Model, threshold: float) -> ClusterCut:
    clusters = round(model.neurons * (1 - threshold**2.2))
    return ClusterCut(
        threshold=threshold,
        clusters=clusters,
        singletons=int(clusters * (1 - 0.5 * threshold)),
        largest_cluster=model.neurons - clusters + 1,
        largest_distance=min(0.99, threshold * 1.22),
        smallest_r_to_representative=1 - min(0.97, threshold * 1.05),
        windows={"1": 0.955, "2": 0.034, "3": 0.0085, ">3": 0.0025},
        windows_without_singletons={"1": 0.44, "2": 0.47, "3": 0.078, ">3": 0.012},
    )


def _heat(words: list[str], neurons: list[NeuronId]) -> SentenceHeat:
    waves = [[round(float(np.sin(0.7 * at + 0.2 * row)), 6) for at in range(len(words))] for row in range(len(neurons))]
    return SentenceHeat(words=words, values=waves)


def _clustering(threshold: float, method: str, setting: str, agreement: float) -> OtherClustering:
    return OtherClustering(
        threshold=threshold,
        method=method,
        setting=setting,
        clusters=round(2000 * (1 - threshold)),
        largest=round(300 * threshold),
        in_clusters=0.31,
        adjusted_rand=agreement,
        v_measure=agreement + 0.4,
        mean_r=0.71,
    )


def timings(sizes: list[int], seconds: float, power: float = 1.0) -> list[Timing]:
    """Three rounds per size, the second 2 % slower and the third 1 % faster."""
    largest = sizes[-1]
    return [
        Timing(size=k, seconds=[round(seconds * (k / largest) ** power * f, 9) for f in (1.0, 1.02, 0.99)])
        for k in sizes
    ]


def costs(model: Model) -> CostStudy:
    neurons = [10, 30, 100, 300, 1000, model.neurons]
    words = [5922, 11_844, 23_688, 35_533, 47_377]
    return CostStudy(
        rows=100_000,
        classes=4,
        task="pos",
        classifier=timings(neurons, 48.0, 0.6),
        inference=timings(neurons, 0.9, 0.6),
        forward=timings(list(range(1, model.layers + 1)), 2.1),
        texts=256,
        extraction=timings(words, 21.0),
        clustering=timings(words, 9.0, 0.5),
        ranking=timings(neurons, 50.0, 0.6),
        weights=timings(neurons, 0.02),
    )


def move(model: Model) -> Move:
    """Higher layers were moved further."""
    steps = np.abs(np.subtract.outer(np.arange(model.layers), np.arange(model.layers)))
    moved = np.exp(-0.08 * np.arange(model.layers))
    return Move(cka=(np.exp(-0.1 * steps) * moved).round(6).tolist(), texts=872)


def model_study(model: Model) -> ModelStudy:
    tasks, came, moves = {}, {}, {}
    for name, kind in KINDS.items():
        tuned = model.tuned and kind.kind != "labelling"
        tasks[name] = Made(model, kind, "fine-tuned" if tuned else "pretrained").study()
        if tuned:
            came[name] = Made(model, kind).study()
            moves[name] = move(model)
    both = {"as it came": came, "fine-tuned": {name: tasks[name] for name in came}}
    full = facts(model).parameters
    embeddings = full // 2
    blocks = model.layers - 1
    return ModelStudy(
        facts=facts(model),
        parameters=[embeddings + (full - embeddings) * layer // blocks for layer in range(model.layers)],
        general=general(model),
        tasks=tasks,
        as_it_came=came,
        moves=moves,
        tuning=differences(both),
        costs=costs(model),
    )


def probe_scores(task: TaskStudy) -> dict[str, float]:
    """Test score of every probe by the name that differences have."""
    assert task.layers
    assert task.clusters
    assert task.minimal
    assert task.transfer
    found = {"oracle": task.layers.oracle.test.value}
    found |= {f"layer {one.layer}": one.test.value for one in task.layers.alone}
    found |= {f"c_t {one.threshold or 0:g}": one.test.value for one in task.clusters.rows}
    steps = task.transfer.sieve.steps
    return found | {"minimal": task.minimal.test.value, "LS": steps[0].test.value, "CCFS": steps[-1].test.value}


def differences(models: dict[str, dict[str, TaskStudy]]) -> list[ModelDifference]:
    """Of the tasks of each model to those of the one before it."""
    found = []
    for first, second in pairwise(models):
        for task, mine in models[first].items():
            theirs = probe_scores(models[second][task])
            for probe, score in probe_scores(mine).items():
                value = round(theirs[probe] - score, 6)
                interval = (round(value - 0.006, 6), round(value + 0.005, 6))
                found.append(
                    ModelDifference(first=first, second=second, task=task, probe=probe, value=value, interval=interval)
                )
    return found


def example_study() -> Study:
    """Two models, four tasks, everything measured."""
    models = {label: model_study(model) for label, model in MODELS.items()}
    return Study(
        created="2025-06-07T08:09:10+00:00",
        command="neurosieve paper all --model minilm --model xlnet-mini=models/xlnet-mini --data-root data --out paper",
        settings={
            "protocol": "paper",
            "tolerance": 0.03,
            "step_tolerance": 0.01,
            "threshold": 0.3,
            "dev_fraction": 0.1,
            "as_published": [],
            "limit_test_words": None,
            "aggregation": "last",
            "cost_rows": 100_000,
            "seed": 7361,
            "tasks": [{"task": name, "limit_train_words": 150_000} for name in TASKS],
        },
        environment=Environment(
            neurosieve="0.1.0",
            python="3.11.9",
            packages={"torch": "2.13.0", "transformers": "5.23.0", "numpy": "2.4.6"},
            platform="Linux x86_64",
            device="cpu",
            threads=2,
            dtype="float32",
        ),
        models=models,
        differences=differences({label: model.tasks for label, model in models.items()}),
        stages=[Stage(name="minilm: pos: layers", seconds=71.3, peak_memory_mb=1810.0)],
        warnings=[],
    )
