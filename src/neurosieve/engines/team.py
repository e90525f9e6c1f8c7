"""Workers that keep what they are given: one interface for this process, for others, and for Ray.

A team does what a plan says and no more: which worker gets which part is fixed by the order of the parts, results come
back in that order, and every worker computes with as many threads. So the bytes of a result depend on the plan, and not
on who carried it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from neurosieve.errors import ConfigError
from neurosieve.threads import on_threads

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# What a worker keeps between tasks, by name.
Desk = dict[str, Any]
Task = Callable[[Desk, Argument], Result]


class Team(AbstractContextManager["Team"], Protocol):
    """``size`` workers, each with a `Desk` of its own, which lasts as long as the team.

    ``is_alone`` says that the only worker is this process, which may as well do the work without a team.
    """

    size: int
    is_alone: bool = False

    def each(self, task: Task[Argument, Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """Do a task for each argument; results in their order.

        Args:
            task: a function of a module; it and what it is given and gives travel between processes.
            arguments: the i-th is for worker i modulo ``size``, one after the other.

        Raises:
            WorkerError: a worker ended before its work.
            Exception: whatever a task raises.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...

    def __exit__(self, *error: object) -> None:
        """Let the workers go."""
        self.close()


class Alone(Team):
    """A team of this process."""

    size = 1
    is_alone: bool = True

    def __init__(self, threads: int | None = None) -> None:
        self._desk: Desk = {}
        self._threads = threads

    def each(self, task: Task[Argument, Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """See `Team.each`."""
        for argument in arguments:
            with on_threads(self._threads):
                yield task(self._desk, argument)

    def close(self) -> None:
        """See `Team.close`."""
        self._desk.clear()


@dataclass(frozen=True)
class Workers:
    """Who is to compute.

    Attributes:
        count: how many workers; None is one, or on Ray one for each GPU of the cluster (where there is none, each CPU
            for the threads of a worker).
        threads: of each worker; None shares this machine's among them.
        ray_address: of a Ray cluster; "local" starts one on this machine. None is processes of this machine.
        ranks: the processes that a launcher started, which `ranks.join` brought together.
    """

    count: int | None = None
    threads: int | None = None
    ray_address: str | None = None
    ranks: bool = False

    def __post_init__(self) -> None:
        for name, value in (("worker", self.count), ("thread", self.threads)):
            if value is not None and value < 1:
                raise ConfigError(f"It takes a {name} at least, not {value}.")

    @property
    def alone(self) -> bool:
        """Whether this process does everything."""
        return not self.ranks and self.ray_address is None and self.count in (None, 1)
