"""Where a Ray team cannot be had, and where it loses a worker."""

from __future__ import annotations

import os

import pytest

from neurosieve.engines import ray_cluster
from neurosieve.engines.ray_cluster import RayTeam
from neurosieve.errors import ConfigError, WorkerError
from tests.engines.tasks import die, times_ten


def test_ray_must_be_installed(monkeypatch):
    monkeypatch.setattr(ray_cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r'Ray is not installed. Install it with: pip install "neurosieve\[ray\]"'):
        RayTeam("local", 1, 1)


def test_a_cluster_that_is_not_there(monkeypatch):
    with pytest.raises(ConfigError, match=r"There is no Ray cluster at 'auto' .*Start one with 'ray start --head'"):
        RayTeam("auto", 1, 1)


def test_a_cluster_that_is_too_small_or_busy_and_a_killed_worker(monkeypatch):
    with RayTeam("local", 1, 1) as team:
        with pytest.raises(
            ConfigError, match=r"has \d+ CPUs and \d+ GPUs: room for \d+ workers of 1 threads, not 4096"
        ):
            RayTeam("local", 4096, 1)
        monkeypatch.setattr(ray_cluster, "PLACED_SECONDS", 1.0)
        threads = os.cpu_count()
        with pytest.raises(WorkerError, match=rf"1 of 1 workers of {threads} threads found no place .* within 1 s"):
            RayTeam("local", 1, threads)
        assert list(team.each(times_ten, [1])) == [10]
        with pytest.raises(WorkerError, match=r"it was killed, .*What was finished is kept"):
            list(team.each(die, range(2)))
