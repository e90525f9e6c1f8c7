"""Shares of a plan."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.engines.share import ALL, Share
from neurosieve.errors import ConfigError


@given(st.lists(st.integers()), st.integers(1, 9))
def test_shares_make_up_the_whole(parts, count):
    shares = [Share(index, count).of(parts) for index in range(count)]
    assert sorted(part for share in shares for part in share) == sorted(parts)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert list(ALL.of(parts)) == parts


@given(st.integers(1, 999), st.integers(0, 998))
def test_a_share_reads_back(count, index):
    share = Share(index % count, count)
    assert Share.parse(str(share)) == share


@pytest.mark.parametrize("text", ["", "2", "2/", "/8", "0/8", "9/8", "1/0", "-1/8", "a/b", "1/8/2", "1.5/8", "²/8"])
def test_what_is_no_share(text):
    with pytest.raises(ConfigError, match=r"There is no share|is no share\. Give one such as 2/8"):
        Share.parse(text)


@pytest.mark.parametrize(
    ("environment", "share"),
    [
        ({"RANK": "3", "WORLD_SIZE": "4"}, Share(3, 4)),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, Share(0, 2)),
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "5"}, Share(0, 5)),
        ({"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "5", "SLURM_ARRAY_TASK_MIN": "1"}, Share(2, 5)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, Share(1, 2)),
        # torchrun inside a SLURM job: the innermost launcher knows best
        ({"RANK": "1", "WORLD_SIZE": "8", "SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, Share(1, 8)),
    ],
)
def test_launchers(environment, share):
    assert Share.parse("auto", environment) == share


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, r"No launcher tells this process its rank: none of RANK and WORLD_SIZE \(torchrun\), .* Give a share"),
        ({"RANK": "1"}, "No launcher tells"),
        ({"RANK": "one", "WORLD_SIZE": "2"}, re.escape("RANK and WORLD_SIZE must be numbers")),
        ({"RANK": "2", "WORLD_SIZE": "2"}, r"There is no share 3 of 2"),
        ({"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "x"}, "must be numbers"),
    ],
)
def test_launchers_that_say_nothing_of_use(environment, message):
    with pytest.raises(ConfigError, match=message):
        Share.parse("auto", environment)
