"""The faults by name. Each disturbs a start of the job, or what lies there, and says whether it really hit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from faults.damage import DAMAGE
from faults.disks import there_are_small_disks
from faults.jobs import Job
from faults.scene import Scene

Fault = Callable[[Scene], bool]
LATE = 0.3  # damage needs something to damage


def killed(scene: Scene, *, group: bool = True) -> bool:
    """SIGKILL after any number of seconds, of the whole group or of the driver alone."""
    child = scene.start()
    child.wait(scene.moment())
    hit = child.send(signal.SIGKILL, group=group)
    child.wait()
    scene.check_alone(child)
    return hit


def killed_at_operation(scene: Scene) -> bool:
    """SIGKILL right before a file operation, any one."""
    child = scene.start(scene.chance.randint(1, scene.undisturbed.operations), "kill")
    return child.wait() == -signal.SIGKILL


def stopped(scene: Scene, sent: signal.Signals, status: int) -> bool:
    """SIGTERM or SIGINT: the command ends by itself, with a word."""
    child = scene.start()
    child.wait(scene.moment())
    hit = child.send(sent, group=False)
    if child.wait() == 0 or (child.status == -sent and not child.operations[0]):
        return False  # it was about to end, or had not begun
    if hit:
        scene.check_clean(child, status, "neurosieve: ")
    return hit


def full_at_operation(scene: Scene) -> bool:
    """No space left on the device from a file operation on."""
    child = scene.start(scene.chance.randint(1, scene.undisturbed.operations), "full")
    child.wait()
    struck = child.operations[1]
    if struck:
        scene.check_clean(child, 1, "neurosieve: ")
    return struck


def limited(scene: Scene) -> bool:
    """No file can grow beyond a number of bytes (RLIMIT_FSIZE): the one that would is written in part."""
    child = scene.start(file_limit=scene.chance.randrange(1, scene.undisturbed.largest))
    if child.wait() != 0:
        scene.check_clean(child, 1, "neurosieve: ")
    return child.status != 0


def small_disk(scene: Scene) -> bool:
    """A real disk that is too small; `faults.rounds` lets the round take place on it."""
    child = scene.start()
    if child.wait() != 0:
        scene.check_clean(child, 1, "neurosieve: ")
    return child.status != 0


def two_at_once(scene: Scene) -> bool:
    """Two runs on one store; none, one or both are killed at moments of their own."""
    first, second = scene.start(), scene.start(beside=True)
    for child in (first, second):
        if scene.chance.random() < 0.5:
            child.wait(scene.moment())
            child.send(signal.SIGKILL, group=True)
    for child in (first, second):
        if child.wait() == 1 and scene.tight:
            scene.check_clean(child, 1, "neurosieve: ")
        elif child.status not in (0, -signal.SIGKILL):
            scene.problems.append(f"status {child.status} beside another run: {child.said.strip()[-300:]}")
    return True


def shares_at_once(scene: Scene) -> bool:
    """Three processes that know nothing of each other fill one store, and one is killed."""
    children = [scene.start_share(share) for share in range(len(scene.job.shares))]
    unlucky = scene.chance.choice(children)
    unlucky.wait(scene.moment() / len(children))
    hit = unlucky.send(signal.SIGKILL, group=True)
    for child in children:
        if child.wait() == 1 and scene.tight:
            scene.check_clean(child, 1, "neurosieve: ")
        elif child.status != 0 and child is not unlucky:
            scene.problems.append(f"status {child.status} beside another share: {child.said.strip()[-300:]}")
    return hit


def worker_killed(scene: Scene) -> bool:
    """SIGKILL of one of a driver's workers: the driver ends with a word."""
    child = scene.start()
    child.wait(scene.moment())
    workers = child.workers()
    if not workers or child.status is not None:
        child.send(signal.SIGKILL, group=True)
        child.wait()
        return False
    os.kill(scene.chance.choice(workers), signal.SIGKILL)
    if child.wait() != 0:  # it may have been done with that worker
        scene.check_clean(child, 1, "neurosieve: ")
    return True


def damaged(scene: Scene, name: str) -> bool:
    """A start that ends by itself or by SIGKILL, and then damage to a file that it left."""
    child = scene.start()
    child.wait(scene.moment(LATE) if scene.chance.random() < 0.7 else 600.0)
    child.send(signal.SIGKILL, group=True)
    child.wait()
    return DAMAGE[name](scene.files(), scene.chance) is not None


SMALL_DISK, SHARES, WORKER = "small disk", "three shares at once", "SIGKILL of a worker"
FAULTS: dict[str, Fault] = {
    "SIGKILL at a moment": killed,
    "SIGKILL, driver alone": lambda scene: killed(scene, group=False),
    "SIGKILL at an operation": killed_at_operation,
    "SIGTERM": lambda scene: stopped(scene, signal.SIGTERM, 143),
    "SIGINT": lambda scene: stopped(scene, signal.SIGINT, 130),
    "full from an operation": full_at_operation,
    "limit of file size": limited,
    SMALL_DISK: small_disk,
    "two runs at once": two_at_once,
    SHARES: shares_at_once,
    WORKER: worker_killed,
    **{name: (lambda scene, name=name: damaged(scene, name)) for name in DAMAGE},
}
# How often each is drawn, beside 2 for all others.
OFTEN = {"SIGKILL at a moment": 5, "SIGKILL at an operation": 8, "full from an operation": 4, "flipped bit": 4}


def kinds_here(job: Job) -> dict[str, int]:
    """The faults that a job can have on this system, and how often each is drawn."""
    possible = {SMALL_DISK: there_are_small_disks(), SHARES: bool(job.shares), WORKER: WORKER in job.kinds}
    names = job.kinds or FAULTS
    return {name: OFTEN.get(name, 2) for name in names if possible.get(name, True)}
