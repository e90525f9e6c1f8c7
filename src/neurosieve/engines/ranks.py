"""A team of the processes that a launcher started (torchrun, srun, mpirun): the first leads, the others serve it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.distributed as dist

from neurosieve.engines.share import Share
from neurosieve.engines.team import Argument, Desk, Result, Task, Team
from neurosieve.errors import ConfigError, WorkerError

_PORT = "29500"


class Ranks(Team):
    """Worker i is the process of rank i; rank 0, which this is, works too. After `join`."""

    def __init__(self) -> None:
        self.size = dist.get_world_size()
        self._desk: Desk = {}

    def each(self, task: Task[Argument, Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """See `Team.each`."""
        shares = [arguments[rank :: self.size] for rank in range(self.size)]
        try:
            for rank in range(1, self.size):
                dist.send_object_list([(task, shares[rank])], dst=rank)
            answers = [_done(self._desk, task, shares[0])]
            answers += [_received(rank) for rank in range(1, self.size)]
        except RuntimeError as error:
            raise WorkerError(
                f"A rank ended before its work ({' '.join(str(error).split())[:200]}). What was finished is kept; "
                "start all of them again."
            ) from error
        found = [_results(answer) for answer in answers]
        for index in range(len(arguments)):
            yield found[index % self.size][index // self.size]

    def close(self) -> None:
        """See `Team.close`."""
        for rank in range(1, self.size):
            dist.send_object_list([None], dst=rank)
        dist.destroy_process_group()


def join() -> bool:
    """Meet the other ranks. For the first it is True, and `Ranks` is its team; the others serve it until it closes.

    Raises:
        ConfigError: no launcher says which rank this is, or where the first one is.
    """
    share = Share.by_rank(os.environ)
    if share.count > 1 and "MASTER_ADDR" not in os.environ and "RANK" not in os.environ:
        raise ConfigError(
            "The ranks do not know where the first one is: set MASTER_ADDR to its machine "
            "(for example: export MASTER_ADDR=$(scontrol show hostnames | head -n 1))."
        )
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", _PORT)
    dist.init_process_group("gloo", rank=share.index, world_size=share.count)
    if share.index:
        _serve()
        dist.destroy_process_group()
    return share.index == 0


def _serve() -> None:
    desk: Desk = {}
    while (asked := _received(0)) is not None:
        dist.send_object_list([_done(desk, *asked)], dst=0)


def _received(rank: int) -> Any:
    held: list[Any] = [None]
    dist.recv_object_list(held, src=rank, device=torch.device("cpu"))
    return held[0]


def _done(desk: Desk, task: Task[Any, Any], arguments: Sequence[Any]) -> list[Any] | Exception:
    """Results, or the error that ended them: it is raised where the team is led."""
    try:
        return [task(desk, argument) for argument in arguments]
    except Exception as error:
        return error


def _results(answer: list[Any] | Exception) -> list[Any]:
    if isinstance(answer, Exception):
        raise answer
    return answer
