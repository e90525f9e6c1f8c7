"""One round: disturb a job once or a few times, start it again, and compare."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from faults.disks import make_room, small_disk
from faults.jobs import Job
from faults.kinds import FAULTS, SMALL_DISK, kinds_here
from faults.scene import Scene, Undisturbed
from faults.snapshots import differences, files, snapshot, sound_shards, stamp

MORE = 0.3  # how often another fault follows
MOST = 3
FEWEST_SHARDS = 20


@dataclass(frozen=True)
class Round:
    """What became of one.

    Attributes:
        number: its own; with the seed it decides everything but how fast the machine is.
        job: the command.
        faults: in their order, and whether each hit.
        lost: what was missing or another in the end; nothing, if all is well.
        problems: what else should not have happened.
        kept: shards that were sound, and were not written again by the last start.
        made: shards that were.
    """

    number: int
    job: str
    faults: list[tuple[str, bool]]
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    kept: int = 0
    made: int = 0

    @property
    def survived(self) -> bool:
        """Whether nothing was lost, and nothing else was wrong."""
        return not self.lost and not self.problems


def undisturbed(scene: Scene) -> Undisturbed:
    """Run a job twice in peace, to know what it leaves and how long it takes; both must leave the same.

    Raises:
        RuntimeError: they do not, or the job fails.
    """
    found: list[Undisturbed] = []
    for _ in range(2):
        scene.clear()
        begun = time.monotonic()
        child = scene.start()
        if child.wait() != 0:
            raise RuntimeError(f"{scene.job.name} fails undisturbed: {child.said}")
        seconds, sizes = time.monotonic() - begun, [path.stat().st_size for path in files(scene.work).values()]
        copy = scene.root.parent / f"undisturbed-{scene.job.name}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(scene.work, copy)
        found.append(Undisturbed(snapshot(scene.work), seconds, child.operations[0], max(sizes), sum(sizes), copy))
        scene.known = found[0] if scene.job.given else None  # its operations are counted with what it is given
    other = differences(found[1].snapshot, found[0].snapshot)
    if other:
        raise RuntimeError(f"two undisturbed runs of {scene.job.name} differ: {other[:5]}")
    shards = sum("shard-" in name for name in found[1].snapshot) // 2
    if "cache/activations" in " ".join(scene.job.damaged) and shards < FEWEST_SHARDS:
        raise RuntimeError(f"{scene.job.name} makes {shards} shards only; see faults.small_shards")
    return replace(found[1], seconds=min(one.seconds for one in found))


def play(number: int, seed: int, job: Job, known: Undisturbed, inputs: Path, root: Path) -> Round:
    """The round of a number."""
    chance = random.Random(f"{seed} {number}")
    names = _drawn(chance, job)
    disk = SMALL_DISK in names
    scene = Scene(job, inputs, root, chance, known, tight=disk)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    room = int(chance.uniform(0.02, 0.95) * known.total)
    try:
        with small_disk(scene.work, room) if disk else nullcontext():
            if not disk:
                scene.clear()
            hit = [(name, FAULTS[name](scene)) for name in names]
            if disk:
                make_room(scene.work)
            return _ended(Round(number, job.name, hit, problems=scene.problems), scene)
    finally:
        for child in scene.children:  # where somebody ends the rounds
            child.send(signal.SIGKILL, group=True)


def _drawn(chance: random.Random, job: Job) -> list[str]:
    weights = kinds_here(job)
    names = chance.choices(list(weights), list(weights.values()))
    while chance.random() < MORE and len(names) < MOST:
        names += chance.choices([name for name in weights if name != SMALL_DISK], k=1)
    return names


def _ended(found: Round, scene: Scene) -> Round:
    """The last start, which nobody disturbs, and what it left."""
    known = scene.undisturbed
    before = sound_shards(scene.work, known.snapshot)
    child = scene.start()
    if child.wait() != 0:
        found.problems.append(f"the last start ends with status {child.status}: {child.said.strip()[-600:]}")
    shutil.rmtree(scene.work / "beside", ignore_errors=True)
    lost = differences(snapshot(scene.work), known.snapshot)
    there = {name: stamp(path) for name, path in files(scene.work).items() if "shard-" in name}
    again = [name for name in before if there.get(name) != before[name]]
    if again:
        found.problems.append(f"sound shards were written again: {again[:3]}")
    shards = sum(name.endswith(".safetensors") for name in there)
    return replace(found, lost=lost, kept=len(before), made=shards - len(before))


def play_all(
    numbers: Iterable[int], seed: int, jobs: list[Job], folder: Path, tell: Callable[[Round], None]
) -> list[Round]:
    """The rounds of some numbers; which job is a round's is drawn by its number, too. An interrupt ends them early."""
    known: dict[str, Undisturbed] = {}
    inputs, found = folder / "inputs", []
    with suppress(KeyboardInterrupt):
        for number in numbers:
            job = random.Random(f"{seed} job {number}").choices(jobs, [job.rounds for job in jobs])[0]
            if job.name not in known:
                known[job.name] = undisturbed(Scene(job, inputs, folder / "round", random.Random(0)))
            found.append(play(number, seed, job, known[job.name], inputs, folder / "round"))
            tell(found[-1])
    return found
