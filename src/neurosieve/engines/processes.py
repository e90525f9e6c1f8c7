"""A team of processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from neurosieve.engines.team import Argument, Desk, Result, Task, Team
from neurosieve.errors import WorkerError

_DESK: Desk = {}


class Processes(Team):
    """Each worker is a new process with a pool of its own, so that a part can be sent to the worker that knows it.

    Workers end with this process, also where it is killed.
    """

    def __init__(self, size: int, threads: int) -> None:
        self.size = size
        context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
        self._pools = [
            ProcessPoolExecutor(1, context, initializer=_begin, initargs=(index, threads)) for index in range(size)
        ]

    def each(self, task: Task[Argument, Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """See `Team.each`."""
        begun: list[Future[Any]] = []
        try:
            for index, argument in enumerate(arguments):
                begun.append(self._pools[index % self.size].submit(_do, task, argument))
            for future in begun:
                yield future.result()
        except BrokenProcessPool as error:
            raise WorkerError(
                "A worker process ended before its work: it was killed, or the machine ran out of memory. What was "
                "finished is kept; run it again, with fewer workers if memory was short."
            ) from error
        finally:
            for future in begun:
                future.cancel()

    def close(self) -> None:
        """See `Team.close`."""
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(index: int, threads: int) -> None:
    """What a worker does before its first task."""
    os.environ.setdefault("LOCAL_RANK", str(index))  # which GPU is its own
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    threadpool_limits(threads, user_api="blas")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(task: Task[Argument, Result], argument: Argument) -> Result:
    return task(_DESK, argument)
