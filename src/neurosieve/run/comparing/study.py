"""Several finished runs side by side: what each found, in what they differ, and paired differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations

from neurosieve.errors import ConfigError, NeurosieveError
from neurosieve.run.comparing.found import compared
from neurosieve.run.comparing.paired import paired, score
from neurosieve.run.comparing.records import ComparedRun, Paired, RunComparison
from neurosieve.run.comparing.runs import Labelled, read_runs
from neurosieve.run.comparing.said import Said, Saying
from neurosieve.run.comparing.unlike import differences
from neurosieve.run.stages import Progress, Stopwatch

SEED = 7361
SAME = 1e-6  # scores of the compact model now and in its run that differ by no more are the same


def compare_runs(
    named: Sequence[str],
    *,
    pair: bool = True,
    device: str = "auto",
    seed: int = SEED,
    progress: Progress | None = None,
    command: str = "",
) -> RunComparison:
    """Compare finished runs: their models, or one model under several settings, on the tasks that they share.

    Args:
        named: folders of runs, each FOLDER or LABEL=FOLDER.
        pair: read the test sentences again with the runs' compact models, for paired differences.
        device: for these models.
        seed: of the intervals of these differences.
        progress: is told of the stages.
        command: for the record.

    Raises:
        ConfigError: there are fewer than two runs, a folder is none, one was given twice, labels are the same, or the
            runs have nothing in common.
    """
    watch, runs = Stopwatch(progress), read_runs(named)
    sides = [compared(run) for run in runs]
    tasks, alone = _tasks(sides)
    if not tasks and sum(side.general is not None for side in sides) < 2:
        raise ConfigError(
            "These runs have nothing in common: no task that two of them have, and no general redundancy of two. They "
            f"have {'; '.join(f'{side.label}: {_has(side)}' for side in sides)}."
        )
    pairs, notes = _paired(runs, tasks, Saying(device), seed, watch) if pair else ([], [])
    return RunComparison(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        seed=seed,
        runs=sides,
        tasks=tasks,
        alone=alone,
        unlike=differences(sides, tasks),
        paired=pairs,
        notes=notes,
        stages=watch.stages,
    )


def _tasks(sides: Sequence[ComparedRun]) -> tuple[list[str], dict[str, str]]:
    """The tasks of two runs or more, in the order in which they come; and those of one, with its label."""
    counted = Counter(task for side in sides for task in side.tasks)
    owner = {task: side.label for side in sides for task in side.tasks}
    several = [task for task, number in counted.items() if number > 1]
    return several, {task: owner[task] for task, number in counted.items() if number == 1}


def _has(side: ComparedRun) -> str:
    parts = [*side.tasks, *(["general redundancy"] if side.general else [])]
    return ", ".join(parts) or "nothing"


def _paired(
    runs: Sequence[Labelled], tasks: Sequence[str], saying: Saying, seed: int, watch: Stopwatch
) -> tuple[list[Paired], list[str]]:
    pairs: list[Paired] = []
    notes: list[str] = []
    for task in tasks:
        said: dict[str, tuple[Labelled, Said]] = {}
        for run in (run for run in runs if task in run.results.tasks):
            with watch.stage(f"{run.label}: test of {task}"):
                try:
                    said[run.label] = run, saying(run, task)
                except (NeurosieveError, OSError) as error:
                    notes.append(f"{run.label} has no paired differences on {task}. {error}")
        notes += [note for run, one in said.values() for note in _changed(run, task, one)]
        with watch.stage(f"paired differences on {task}"):
            for (a, (_, first)), (b, (_, second)) in combinations(said.items(), 2):
                found = paired(task, (a, b), first, second, seed)
                if found is None:
                    notes.append(f"{a} and {b} share no test sentences of {task}, or score them by different metrics.")
                else:
                    pairs.append(found)
    return pairs, notes


def _changed(run: Labelled, task: str, said: Said) -> list[str]:
    """Whether the compact model no longer scores what its run says."""
    found, recorded = score(said), run.results.tasks[task].compact
    if found is None or recorded is None or abs(found - recorded.compact.test.value) <= SAME:
        return []
    return [
        f"The compact model of {run.label} scores {found:.4f} on {task} here, and {recorded.compact.test.value:.4f} in "
        "its results: the folder may hold another, or this machine rounds otherwise."
    ]
