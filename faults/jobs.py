"""The commands that are disturbed: how each is called, and which of its files may be damaged between two starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Argv = Callable[[Path, Path], list[str]]


@dataclass(frozen=True)
class Job:
    """A command.

    Attributes:
        name: what `--only` calls it.
        argv: from the folder of the inputs, and the folder where it works.
        damaged: patterns of files, below the folder where it works, that may be damaged between two starts.
        rounds: how many rounds are its own, beside those of the others.
        beside: the same on the same store with another folder for the results, for two runs at once.
        given: folders of an undisturbed run that are there already, so that most faults hit what comes behind.
        draws: whether it draws its figures, which takes longer than all the rest.
        shares: the command for each share of the work, where the work has shares.
        kinds: the faults that it is for; none for all that are not made for one job.
        first: faults of time come after this share of its time.
    """

    name: str
    argv: Argv
    damaged: tuple[str, ...]
    rounds: int
    beside: Argv
    given: tuple[str, ...] = ()
    draws: bool = False
    shares: tuple[Argv, ...] = ()
    kinds: tuple[str, ...] = ()
    first: float = 0.0


def _analysis(command: str, out: str, *more: str) -> Argv:
    def argv(inputs: Path, work: Path) -> list[str]:
        named = ["--model", str(inputs / "bert"), "--task", "pos", "--data", str(inputs / "conll")]
        return [command, *named, *_into(work, out), *more]

    return argv


def _minilm(out: str) -> Argv:
    def argv(inputs: Path, work: Path) -> list[str]:
        return ["run", "--model", "minilm", "--task", "code-roles", "--limit-train-words", "3000", *_into(work, out)]

    return argv


def _into(work: Path, out: str) -> list[str]:
    return ["--out", str(work / out), "--cache", str(work / "cache"), "--device", "cpu"]


def _extract(*more: str) -> Argv:
    def argv(inputs: Path, work: Path) -> list[str]:
        named = ["--model", str(inputs / "bert"), "--text", str(inputs / "text.txt")]
        return ["extract", *named, "--out", str(work / "cache"), "--device", "cpu", *more]

    return argv


def _finetune(out: str) -> Argv:
    def argv(inputs: Path, work: Path) -> list[str]:
        named = ["--model", str(inputs / "bert"), "--task", "sst2", "--data", str(inputs / "sst2"), "--device", "cpu"]
        return ["finetune", *named, "--out", str(work / out), "--length", "32", "--epochs", "2", "--seed", "1"]

    return argv


_STORE, _MOMENTS, _STAGES = "cache/activations/*/*", "cache/moments/*", "out/.resume/*"
_SHARES = tuple(_extract("--shard", f"{share}/3") for share in (1, 2, 3))
_OF_WORKERS = ("SIGKILL at a moment", "SIGKILL, driver alone", "SIGKILL of a worker", "SIGTERM", "SIGINT")
_TEAM = _analysis("run", "out", "--workers", "2")
JOBS = {
    job.name: job
    for job in (
        Job("extract", _extract(), (_STORE,), 45, _extract(), shares=_SHARES),
        Job("moments", _analysis("task", "out"), (_MOMENTS,), 8, _analysis("task", "beside"), ("cache/activations",)),
        Job("search", _analysis("run", "out"), (_STORE, _MOMENTS, _STAGES), 22, _analysis("run", "beside")),
        Job("finetune", _finetune("tuned"), ("tuned/checkpoints/*", "tuned/checkpoints/*/*"), 14, _finetune("beside")),
        Job("report", _analysis("run", "out"), (_STAGES,), 2, _analysis("run", "beside"), ("cache",), draws=True),
        Job("workers", _extract("--workers", "2"), (_STORE,), 2, _extract(), kinds=_OF_WORKERS, first=0.5),
        Job("team", _TEAM, (_STORE, _MOMENTS, _STAGES), 2, _analysis("run", "beside"), kinds=_OF_WORKERS, first=0.2),
        Job("minilm", _minilm("out"), (_STORE, _MOMENTS, _STAGES), 1, _minilm("beside")),
    )
}
QUICK = ("extract", "moments", "search", "finetune")
