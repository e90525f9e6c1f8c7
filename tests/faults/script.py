"""What `test_rounds` runs in a process that has never computed anything: rounds as they are, and with a fault of ours.

A harness that finds no loss proves nothing unless it finds one that is there: shards are taken over unverified.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import faults.__main__  # small shards, one thread
from faults.child import load_everything
from faults.inputs import make_inputs
from faults.jobs import JOBS
from faults.rounds import play_all
from faults.telling import as_json


def main(folder: Path, n_rounds: int) -> None:
    load_everything()
    faults.__main__.apart(lambda: make_inputs(folder / "inputs"))
    often = {"extract": 45, "search": 8, "finetune": 8}
    jobs = [replace(JOBS[name], rounds=rounds) for name, rounds in often.items()]
    sound = play_all(range(n_rounds), 10, jobs, folder, lambda _: None)

    from neurosieve.activations.filling import Filling

    Filling._is_sound = lambda *_: True  # type: ignore[method-assign]
    blind = [replace(JOBS["extract"], kinds=("flipped bit",), damaged=("cache/activations/*/*.safetensors",))]
    lost = play_all(range(3), 2, blind, folder, lambda _: None)
    sys.stdout.write(json.dumps({"sound": as_json(sound), "blind": as_json(lost)}))


main(Path(sys.argv[1]), int(sys.argv[2]))
os._exit(0)
