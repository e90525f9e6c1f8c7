"""A team of actors on a Ray cluster (Moritz et al. 2018, "Ray: A distributed framework for emerging AI applications").

Ray places the workers, gives each its GPU, and carries what they are given and give. The machines of a cluster must see
the cache under the same path: shards are written there.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from neurosieve.engines.team import Argument, Desk, Result, Task, Team
from neurosieve.errors import ConfigError, WorkerError

LOCAL = "local"
PLACED_SECONDS = 300.0  # a cluster that grows on demand takes minutes for a machine


class RayTeam(Team):
    """Each worker is an actor; it has a GPU for itself where the cluster has any.

    Raises:
        ConfigError: Ray is not installed, there is no cluster at the address, or it is too small.
        WorkerError: the cluster is busy.
    """

    def __init__(self, address: str, size: int | None, threads: int) -> None:
        self._ray = _ray()
        self._mine = not self._ray.is_initialized()
        if self._mine:
            self._connect(address)
        try:
            self.size, gpus = self._room(size, threads)
            actor = self._ray.remote(num_cpus=threads, num_gpus=gpus, max_restarts=0)(_Worker)
            self._workers = [actor.remote(threads) for _ in range(self.size)]
            self._wait(threads)
        except BaseException:
            self._disconnect()
            raise

    def _connect(self, address: str) -> None:
        try:
            self._ray.init(
                address=address,
                log_to_driver=False,
                include_dashboard=False if address == LOCAL else None,
                configure_logging=False,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ConfigError(
                f"There is no Ray cluster at {address!r} ({' '.join(str(error).split())[:200]}). Start one with "
                "'ray start --head' and give its address or 'auto', or give 'local'."
            ) from error

    def _room(self, size: int | None, threads: int) -> tuple[int, int]:
        """How many workers, and how many GPUs for each."""
        there = self._ray.cluster_resources()
        gpus, cpus = int(there.get("GPU", 0)), int(there.get("CPU", 0))
        most = min(gpus, cpus // threads) if gpus else cpus // threads
        if (size or 1) > most:
            raise ConfigError(
                f"The Ray cluster has {cpus} CPUs and {gpus} GPUs: room for {most} workers of {threads} threads, not "
                f"{size or 1}. Ask for fewer workers or threads."
            )
        return size or most, 1 if gpus else 0

    def _wait(self, threads: int) -> None:
        """Wait until every worker has its place; others may use the cluster."""
        begun = [worker.do.remote(_nothing, None) for worker in self._workers]
        _, waiting = self._ray.wait(begun, num_returns=self.size, timeout=PLACED_SECONDS)
        if waiting:
            for worker in self._workers:
                self._ray.kill(worker)
            raise WorkerError(
                f"{len(waiting)} of {self.size} workers of {threads} threads found no place on the Ray cluster within "
                f"{PLACED_SECONDS:g} s: others use it. Ask for fewer, or run it again when the cluster is free."
            )

    def each(self, task: Task[Argument, Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """See `Team.each`."""
        begun = [self._workers[index % self.size].do.remote(task, one) for index, one in enumerate(arguments)]
        try:
            for reference in begun:
                yield self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else error from None
        except (self._ray.exceptions.RayActorError, self._ray.exceptions.WorkerCrashedError) as error:
            raise WorkerError(
                "A Ray worker ended before its work: it was killed, or its machine ran out of memory or was lost. What "
                "was finished is kept; run it again."
            ) from error

    def close(self) -> None:
        """See `Team.close`."""
        for worker in self._workers:
            self._ray.kill(worker)
        self._disconnect()

    def _disconnect(self) -> None:
        if self._mine:
            self._ray.shutdown()


class _Worker:
    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        threadpool_limits(threads, user_api="blas")
        self._desk: Desk = {}

    def do(self, task: Task[Any, Any], argument: Any) -> Any:
        return task(self._desk, argument)


def _nothing(_: Desk, __: None) -> None:
    """To see that a worker is there."""


def _ray() -> Any:
    """The package, which is an extra.

    Raises:
        ConfigError: it is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError('Ray is not installed. Install it with: pip install "neurosieve[ray]"')
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would call home
    return importlib.import_module("ray")
