"""One interface for this process, for others, for ranks, and for Ray."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from neurosieve.engines import assemble as assembling
from neurosieve.engines.assemble import assemble
from neurosieve.engines.processes import Processes
from neurosieve.engines.ranks import join
from neurosieve.engines.ray_cluster import RayTeam
from neurosieve.engines.spread import Spread
from neurosieve.engines.team import Alone, Team, Workers
from neurosieve.errors import ConfigError, CorpusError, WorkerError
from tests.engines.tasks import die, joined, refuse_three, times_ten, where

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def processes():
    with Processes(2, 3) as team:
        yield team


@pytest.fixture(scope="module")
def ray_team():
    with RayTeam("local", 2, 1) as team:
        yield team


@pytest.fixture(params=["alone", "processes", "ray_team"])
def team(request) -> Team:
    return Alone(2) if request.param == "alone" else request.getfixturevalue(request.param)


def test_results_come_in_the_order_of_the_arguments(team):
    assert list(team.each(times_ten, list(range(7)))) == [0, 10, 20, 30, 40, 50, 60]
    assert list(team.each(times_ten, [])) == []


def test_an_argument_goes_to_its_worker_and_desks_last(team):
    first, again = (list(team.each(where, range(2 * team.size))) for _ in range(2))
    pids = [one[0] for one in first]
    assert pids == [pids[index % team.size] for index in range(len(pids))]
    assert len(set(pids)) == team.size
    assert [one[0] for one in again] == pids
    assert [b[2] - a[2] for a, b in zip(first, again, strict=True)] == [2] * len(pids)
    assert (pids[0] == os.getpid()) == (team.size == 1)


def test_workers_have_the_threads_they_were_given(processes, ray_team):
    before = torch.get_num_threads()
    assert [one[1] for one in processes.each(where, range(2))] == [3, 3]
    assert [one[1] for one in ray_team.each(where, range(2))] == [1, 1]
    assert next(Alone(before + 1).each(where, [0]))[1] == before + 1
    assert torch.get_num_threads() == before


def test_an_error_of_a_task_is_raised_as_it_is_and_the_team_goes_on(team):
    with pytest.raises(CorpusError, match="three is no corpus"):
        list(team.each(refuse_three, range(5)))
    assert list(team.each(refuse_three, [1, 2])) == [1, 2]


def test_a_killed_worker_is_told():
    with Processes(2, 1) as team, pytest.raises(WorkerError, match=r"it was killed, .*What was finished is kept"):
        list(team.each(die, range(2)))


def test_things_stay_where_they_are_and_are_forgotten(team):
    things = Spread(team, ["a", "b", "c", "d", "e"])
    others = Spread(team, ["x"])
    found = list(things.each(joined, "!"))
    assert [one.split(" in ")[0] for one in found] == ["a!", "b!", "c!", "d!", "e!"]
    assert len({one.split(" in ")[1] for one in found}) == team.size
    assert next(others.each(joined, "?")).startswith("x? in ")
    things.drop()
    with pytest.raises(KeyError):
        list(things.each(joined, "!"))
    assert next(others.each(joined, "?")).startswith("x? in ")


def test_workers_end_with_a_killed_driver(tmp_path):
    code = (
        "import os, signal, sys, time\n"
        "from neurosieve.engines.processes import Processes\n"
        "from tests.engines.tasks import where\n"
        "if __name__ == '__main__':\n"
        "    team = Processes(2, 1)\n"
        "    print(*(one[0] for one in team.each(where, range(2))), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "driver.py"
    script.write_text(code)
    driver = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    workers = [int(pid) for pid in driver.stdout.split()]
    assert len(workers) == 2
    for _ in range(200):
        if not any(_is_alive(pid) for pid in workers):
            return
        time.sleep(0.1)
    pytest.fail(f"{workers} outlive their driver")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    ("workers", "kind"),
    [(Workers(), Alone), (Workers(1), Alone), (Workers(2, 1), Processes)],
)
def test_the_team_that_was_asked_for(workers, kind):
    with assemble(workers) as team:
        assert type(team) is kind
        assert team.size == (workers.count or 1)
        assert workers.alone == (kind is Alone)


def test_processes_share_the_threads_of_this_one(monkeypatch):
    made = []
    monkeypatch.setattr(assembling, "Processes", lambda *given: made.append(given))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    for count in (2, 3, 9):
        assemble(Workers(count))
    assert made == [(2, 2), (3, 1), (9, 1)]


@pytest.mark.parametrize("wrong", [{"count": 0}, {"threads": 0}])
def test_no_workers(wrong):
    with pytest.raises(ConfigError, match=r"It takes a (worker|thread) at least, not 0"):
        Workers(**wrong)


def test_ranks_need_a_launcher(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("SLURM_", "OMPI_")) or name in ("RANK", "WORLD_SIZE", "MASTER_ADDR"):
            monkeypatch.delenv(name)
    with pytest.raises(ConfigError, match="No launcher tells this process its rank"):
        join()
    monkeypatch.setenv("SLURM_PROCID", "1")
    monkeypatch.setenv("SLURM_NTASKS", "2")
    with pytest.raises(ConfigError, match=r"do not know where the first one is: set MASTER_ADDR"):
        join()


def test_ranks_of_torchrun(tmp_path):
    script = tmp_path / "ranks.py"
    script.write_text(
        "import sys\n"
        "from neurosieve.engines.assemble import assemble\n"
        "from neurosieve.engines.ranks import join\n"
        "from neurosieve.engines.spread import Spread\n"
        "from neurosieve.engines.team import Workers\n"
        "from neurosieve.errors import CorpusError\n"
        "from tests.engines.tasks import joined, refuse_three, times_ten, where\n"
        "if join():\n"
        "    with assemble(Workers(ranks=True)) as team:\n"
        "        print(list(team.each(times_ten, range(5))), len({one[0] for one in team.each(where, range(4))}))\n"
        "        try:\n"
        "            list(team.each(refuse_three, range(4)))\n"
        "        except CorpusError as error:\n"
        "            print(error)\n"
        "        print([one[:2] for one in Spread(team, ['a', 'b', 'c']).each(joined, '!')])\n"
    )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "[0, 10, 20, 30, 40] 2", "three is no corpus", "['a!', 'b!', 'c!']",
    ]  # fmt: skip
