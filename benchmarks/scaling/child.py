"""One team, one corpus: the seconds of each stage, and a sha256 of what each leaves."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer

from neurosieve.activations.shared import fill_by
from neurosieve.activations.store import Store
from neurosieve.arrays import LabelledRows
from neurosieve.engines.ranks import join
from neurosieve.engines.team import Desk, Team
from neurosieve.moments import moments_by
from neurosieve.probes import Range, fit_converged
from neurosieve.run.corpora import read_corpus
from neurosieve.run.prepare import items_of, label_rows
from neurosieve.run.settings import RunSettings
from neurosieve.run.workers import fill_job, open_encoder, team_of


@dataclass
class Timed:
    """Seconds and sha256 by stage."""

    seconds: dict[str, float]
    sha256: dict[str, str]


def _warm(desk: Desk, settings: RunSettings) -> None:
    """Load the model before the clock starts, and read a sentence."""
    desk["encoder"] = open_encoder(settings)


def measure(settings: RunSettings, team: Team) -> Timed:
    """Extraction, moments, and one probe on all neurons with one on each layer."""
    timed = Timed({}, {})
    corpus = read_corpus(settings.tasks[0], settings.seed)
    list(team.each(_warm, [settings] * team.size))
    stores: dict[str, Store] = {}
    start = time.perf_counter()
    for name in ("train", "dev"):
        job = fill_job(items_of(corpus.splits[name]), None, settings, settings.cache_folder, 2)
        stores[name] = Store(fill_by(team, job).folder)
    timed.seconds["extraction"] = time.perf_counter() - start
    timed.sha256["extraction"] = _of_files(stores["train"].folder)
    rows = {name: label_rows(corpus, name, store) for name, store in stores.items()}
    start = time.perf_counter()
    train = rows["train"]
    moments = moments_by(team, train.rows, train.labels, len(train.classes), folder=settings.cache_folder)
    timed.seconds["moments"] = time.perf_counter() - start
    timed.sha256["moments"] = hashlib.sha256(moments.products.numpy().tobytes()).hexdigest()
    start = time.perf_counter()
    weights = _probes(train, rows["dev"], moments, team)
    timed.seconds["probes"] = time.perf_counter() - start
    timed.sha256["probes"] = hashlib.sha256(weights.tobytes()).hexdigest()
    return timed


def _probes(train: LabelledRows, dev: LabelledRows, moments: Any, team: Team) -> Any:
    grid = train.rows.grid
    ranges = [Range(0, grid.size), *(Range(grid.layer(i).start, grid.layer(i).stop) for i in range(grid.layers))]
    probes = fit_converged(train, dev, moments, ranges, team=team)
    return np.concatenate([probe.weight.numpy().ravel() for probe in probes])


def _of_files(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Settings as JSON come as the only argument; what was measured goes to standard output."""
    settings = RunSettings(**json.loads(sys.argv[1]))
    if settings.ranks and not join():
        return
    with team_of(settings) as team:
        typer.echo(json.dumps(vars(measure(settings, team))))


if __name__ == "__main__":
    main()
