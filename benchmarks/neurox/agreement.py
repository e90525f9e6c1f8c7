"""Does the paper's protocol say what NeuroX 1.0.9 says? Probes, clusters and LCA on the same activations.

``python benchmarks/neurox/agreement.py --help``; what is compared, and how to set NeuroX up, is in
``benchmarks/README.md``. The exit status is 1 if a bound is broken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from neurosieve.arrays import Rows
from neurosieve.general import cluster
from neurosieve.run.corpora import read_corpus
from neurosieve.run.prepare import Preparation, Prepared
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder
from neurosieve.task_specific import LayerProbes, lca_levels, probe_layers

PEER = Path(__file__).with_name("peer.py")
PROBE_BOUND = 0.003
THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
STRIDES = [100, 1000]
NEAR = 1e-5  # a merge so near to a threshold may fall on either side by rounding

Findings = list[dict[str, Any]]


def prepare(tasks: list[str], data: Path, words: int, cache: Path | None, out: Path) -> list[Prepared]:
    """The tasks of one corpus under the paper's protocol, with the same activations."""
    shared = {"data": data, "limit_train_words": words}
    settings = RunSettings(tasks=tasks, out=out, cache=cache, protocol="paper", device="cpu", **shared)
    preparation = Preparation(open_encoder(settings), settings)
    corpora = [read_corpus(task, settings.seed, published_split=True) for task in settings.tasks]
    return [preparation(*pair, Stopwatch()) for pair in zip(corpora, settings.tasks, strict=True)]


def export_rows(rows: Rows, path: Path) -> None:
    """Write rows as one (T × N) float32 array."""
    shape = (rows.n_rows, rows.grid.size)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for block in rows.blocks():
        block.dense(out=torch.from_numpy(array[block.start : block.start + len(block)]))
    array.flush()


def ranges_of(prepared: Prepared) -> dict[str, tuple[int, int]]:
    """The columns of each layer and of each prefix of two layers or more, by name; the last is the oracle's."""
    grid = prepared.data.train.rows.grid
    alone = {f"layer {i}": grid.layer(i) for i in range(grid.layers)}
    longer = {f"layers 0-{i}": grid.prefix(i) for i in range(1, grid.layers)}
    return {name: (columns.start, columns.stop) for name, columns in (alone | longer).items()}


def clustered(prepared: Prepared) -> dict[str, list[int]]:
    """The columns that vary, and if these are not all, all columns."""
    constant = prepared.data.moments.constant.numpy()
    chosen = {"varying": np.flatnonzero(~constant).tolist()}
    return chosen | ({"all": list(range(len(constant)))} if constant.any() else {})


def oracle_weights(probes: LayerProbes) -> np.ndarray:
    """The weights of all neurons, (classes × N) float32."""
    return np.ascontiguousarray(probes.oracle.probe.weight.T.cpu().numpy())


def export(done: list[Prepared], ours: list[LayerProbes], seeds: list[int], folder: Path) -> None:
    """Write what NeuroX reads: rows, labels, our weights, and what to do."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "test"):
        export_rows(getattr(done[0].data, split).rows, folder / f"{split}.npy")
    for prepared, probes in zip(done, ours, strict=True):
        labels = {split: getattr(prepared.data, split).labels.numpy() for split in ("train", "test")}
        np.savez(folder / f"{prepared.task.name}.npz", weights=oracle_weights(probes), **labels)
    job = {
        "tasks": [prepared.task.name for prepared in done],
        "ranges": ranges_of(done[0]),
        "seeds": seeds,
        "clustered": clustered(done[0]),
        "thresholds": THRESHOLDS,
        "strides": STRIDES,
    }
    (folder / "job.json").write_text(json.dumps(job, indent=1), encoding="utf-8")


def run_peer(python: Path, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Let NeuroX do its parts, clusters beside the others; its chatter goes to ``peer-*.log``.

    Raises:
        SystemExit: it failed.
    """
    running = []
    for parts in (["clusters"], ["levels", "probes"]):
        with (folder / f"peer-{parts[0]}.log").open("w", encoding="utf-8") as log:
            command = [str(python), str(PEER), str(folder), *parts]
            # NeuroX would move to a GPU that it sees; here both sides stay on the processor.
            around = os.environ | {"TQDM_DISABLE": "1", "CUDA_VISIBLE_DEVICES": ""}
            running.append((subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=around), log.name))
    for process, log_name in running:
        if process.wait():
            sys.exit(f"NeuroX failed; the end of {log_name} says why.")
    return {part: dict(np.load(folder / f"peer-{part}.npz")) for part in ("probes", "clusters", "levels")}


def compare_probes(done: list[Prepared], ours: list[LayerProbes], peer: dict[str, np.ndarray]) -> Findings:
    """Test accuracy of each range of columns: NeuroX from the same initial weights (its first seed), and from others.

    The bound is on ``difference``, from the same initial weights. ``furthest`` is the largest difference to any of
    NeuroX's seeds, ``spread`` what NeuroX differs from itself over them.
    """
    rows: Findings = []
    for prepared, probes in zip(done, ours, strict=True):
        task = prepared.task.name
        accuracy = peer[f"{task} accuracy"]
        scores = [scored.test for scored in probes.alone + probes.prefixes[1:]]
        for name, score, theirs in zip(ranges_of(prepared), scores, accuracy.T, strict=True):
            row = {"task": task, "columns": name, "ours": score, "neurox": theirs.tolist()}
            row |= {"difference": score - float(theirs[0]), "furthest": float(np.abs(score - theirs).max())}
            row["spread"] = float(np.ptp(theirs))
            rows.append(row | {"holds": bool(abs(row["difference"]) <= PROBE_BOUND)})
    return rows


def compare_weights(done: list[Prepared], ours: list[LayerProbes], peer: dict[str, np.ndarray]) -> Findings:
    """How far the oracles' weights lie apart: the largest difference, beside the same between NeuroX's seeds."""
    rows: Findings = []
    for prepared, probes in zip(done, ours, strict=True):
        task, weights = prepared.task.name, oracle_weights(probes)
        theirs = [value for key, value in peer.items() if key.startswith(f"{task} weights")]
        seeds = max((float(np.abs(other - theirs[0]).max()) for other in theirs[1:]), default=None)
        row = {"task": task, "largest": float(np.abs(weights).max())}
        rows.append(row | {"difference": float(np.abs(weights - theirs[0]).max()), "between_seeds": seeds})
    return rows


def same_partition(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two labellings put the same things together, whatever the labels."""
    pairs = len(np.unique(np.stack([first, second]), axis=1).T)
    return pairs == len(np.unique(first)) == len(np.unique(second))


def compare_clusters(done: list[Prepared], peer: dict[str, np.ndarray]) -> dict[str, Findings]:
    """The partition at each threshold: of the columns that vary, and where some do not, of all.

    NeuroX also has to keep one neuron of each of our clusters. For neurosieve a column is constant if its range is
    within rounding of its layer's size; NeuroX correlates such columns, so no bound is put on the second table.
    """
    moments = done[0].data.moments
    varying = np.flatnonzero(~moments.constant.numpy())
    dendrogram = cluster(moments.correlation(), constant=moments.constant)
    bounded: Findings = []
    free: Findings = []
    for index, c_t in enumerate(THRESHOLDS):
        everyone = dendrogram.cut(c_t).labels
        ours, theirs, kept = everyone[varying], peer[f"varying labels {index}"], peer[f"varying kept {index}"]
        row: dict[str, Any] = {"c_t": c_t, "columns": len(varying)} | _counts(ours, theirs)
        row["near_merges"] = int((np.abs(dendrogram.merges[:, 2] - c_t) < NEAR).sum())
        one_each = np.array_equal(np.sort(ours[kept]), np.unique(ours))
        bounded.append(row | {"holds": bool(same_partition(ours, theirs) and one_each)})
        if (wide := peer.get(f"all labels {index}")) is not None:
            row = {"c_t": c_t, "columns": len(everyone)} | _counts(everyone, wide)
            row["same"] = same_partition(everyone, wide)
            free.append(row | {"same_where_varying": same_partition(ours, wide[varying])})
    return {"clusters": bounded} | ({"clusters, constants included": free} if free else {})


def _counts(ours: np.ndarray, theirs: np.ndarray) -> dict[str, int]:
    return {"ours": len(np.unique(ours)), "neurox": len(np.unique(theirs))}


def levels_of(ordering: np.ndarray, cutoffs: np.ndarray, columns: int) -> np.ndarray:
    """The step at which NeuroX takes in each column; one past its last step for columns that it never takes in."""
    levels = np.full(columns, len(cutoffs))
    levels[ordering] = np.searchsorted(cutoffs, np.arange(len(ordering)), side="right")
    return levels


def compare_levels(done: list[Prepared], ours: list[LayerProbes], peer: dict[str, np.ndarray]) -> Findings:
    """The sets of neurons that LCA takes in at each step, on our weights; ``moved`` counts columns of another step.

    NeuroX adds up float32 as it comes. Should that alone break the bound, rounding moved a mass across a step.
    """
    rows: Findings = []
    for prepared, probes in zip(done, ours, strict=True):
        weights = oracle_weights(probes)
        for stride, precision in product(STRIDES, ("float32", "float64")):
            key = f"{prepared.task.name} {stride} {precision}"
            levels = lca_levels(weights, stride)
            theirs = levels_of(peer[f"{key} ordering"], peer[f"{key} cutoffs"], len(levels))
            moved = int((levels != theirs).sum())
            row = {"task": prepared.task.name, "steps": stride, "precision": precision, "columns": len(levels)}
            rows.append(row | {"sets": len(np.unique(levels)), "moved": moved, "holds": moved == 0})
    return rows


def facts_of(done: list[Prepared], words: int) -> dict[str, Any]:
    """What was compared. A test word whose label train lacks is wrong here, and of the commonest class in NeuroX."""
    data = done[0].data
    unseen = {each.task.name: int((each.data.test.labels >= len(each.data.test.classes)).sum()) for each in done}
    facts: dict[str, Any] = {"corpus": done[0].corpus.name, "words": words, "unseen_labels_in_test": unseen}
    return facts | {"train_rows": data.train.rows.n_rows, "test_rows": data.test.rows.n_rows}


def lines(found: dict[str, Findings]) -> Iterator[str]:
    """A table for each comparison."""
    for name, rows in found.items():
        yield f"\n{name}"
        yield "  ".join(f"{key:>13}" for key in rows[0])
        for row in rows:
            yield "  ".join(f"{_shown(value):>13}" for value in row.values())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(f"{one:.4f}" for one in value)
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def main(
    data: Annotated[Path, typer.Option(help="Folder of a corpus that neurosieve knows, such as CoNLL-2000.")],
    task: Annotated[list[str], typer.Option(help="A task of that corpus; may be given again.")],
    peer: Annotated[Path, typer.Option(help="The Python of NeuroX's environment.")],
    out: Annotated[Path, typer.Option(help="Folder for the arrays exchanged and for agreement.json.")],
    words: Annotated[int, typer.Option(help="Training words to read; a tenth of the sentences becomes dev.")] = 150_000,
    seeds: Annotated[int, typer.Option(min=1, help="How many times NeuroX trains each probe.")] = 3,
    cache: Annotated[Path | None, typer.Option(help="Where neurosieve keeps activations.")] = None,
) -> None:
    """Compare, print tables, write OUT/agreement.json; exit status 1 if a bound is broken."""
    done = prepare(task, data, words, cache, out)
    ours = [probe_layers(prepared.data) for prepared in done]
    first = done[0].data
    export(done, ours, [first.protocol.seed + i for i in range(seeds)], out)
    theirs = run_peer(peer, out)
    found = {
        "probes": compare_probes(done, ours, theirs["probes"]),
        "weights": compare_weights(done, ours, theirs["probes"]),
        **compare_clusters(done, theirs["clusters"]),
        "levels": compare_levels(done, ours, theirs["levels"]),
    }
    facts = facts_of(done, words)
    written = out / "agreement.partial.json"
    written.write_text(json.dumps(facts | found, indent=1), encoding="utf-8")
    written.replace(out / "agreement.json")
    typer.echo("\n".join([json.dumps(facts), *lines(found)]))
    if not all(row.get("holds", True) for rows in found.values() for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
