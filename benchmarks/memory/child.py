"""``python -m benchmarks.memory.child forecast|run COMMAND SETTINGS``: one forecast, or one run that tells its stages.

``SETTINGS`` are those of `RunSettings` as JSON. A run prints a line of JSON whenever a stage begins, and at its end.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from neurosieve.errors import MemoryLimitError
from neurosieve.run.extraction import run_extract
from neurosieve.run.forecast.before import forecast_run
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.results import Results
from neurosieve.run.settings import RunSettings


class Teller:
    """Prints when a stage begins."""

    def stage(self, name: str) -> None:
        """Steps inside the sieve are part of it."""
        if not name.startswith("sieve: ") and ": sieve: " not in name:
            _say(stage=name)

    def step(self, done: int, total: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """What was planned."""
        _say(note=text)


def _say(**facts: Any) -> None:
    sys.stdout.write(json.dumps({"at": time.monotonic()} | facts) + "\n")
    sys.stdout.flush()


def main(what: str, command: str, given: str) -> None:
    """Do one thing."""
    settings = RunSettings(**json.loads(given))
    if what == "forecast":
        _say(forecast=forecast_run(settings, command).model_dump(mode="json"))  # type: ignore[arg-type]
        return
    found: Results | None = None
    try:
        if command == "general":
            found = run_general(settings, progress=Teller())
        elif command == "extract":
            run_extract(settings, progress=Teller())
        else:
            found = run(settings, progress=Teller(), compact=command == "run")
    except MemoryLimitError as error:
        _say(refused=str(error))
        return
    _say(end=True, answer=None if found is None else _answer(found))


def _answer(results: Results) -> dict[str, Any]:
    """What must not depend on the limit: clusters at each threshold, and how large the chosen sets are."""
    general = results.general
    cuts = [] if general is None else [(cut.threshold, cut.clusters) for cut in general.cuts]
    sets = {
        f"{name} {kind}": [list(neuron) for neuron in one.neurons]
        for name, task in results.tasks.items()
        for kind, one in (*task.minimal_set.items(), *([("sieve", task.sieve)] if task.sieve else []))
    }
    return {"cuts": cuts, "sets": sets}


if __name__ == "__main__":
    main(*sys.argv[1:])
