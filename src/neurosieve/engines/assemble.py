"""The team that was asked for."""

from __future__ import annotations

import torch

from neurosieve.engines.processes import Processes
from neurosieve.engines.ranks import Ranks
from neurosieve.engines.ray_cluster import RayTeam
from neurosieve.engines.team import Alone, Team, Workers


def assemble(workers: Workers) -> Team:
    """Start a team; use it as a context, which lets the workers go.

    Without a number of threads each process of this machine gets its share of those that torch uses here, and a worker
    of a Ray cluster one. To get the same bytes from teams of different sizes, name the number.

    Raises:
        ConfigError: Ray is not installed, or there is no such cluster.
    """
    if workers.ranks:
        return Ranks()
    if workers.ray_address is not None:
        return RayTeam(workers.ray_address, workers.count, workers.threads or 1)
    if workers.alone:
        return Alone(workers.threads)
    count = workers.count or 1
    return Processes(count, workers.threads or max(1, torch.get_num_threads() // count))
