"""Tasks that teams are given; workers import them from here."""

from __future__ import annotations

import os
import signal
from typing import Any

import torch

from neurosieve.engines.team import Desk
from neurosieve.errors import CorpusError


def times_ten(_: Desk, number: int) -> int:
    return 10 * number


def where(desk: Desk, _: Any) -> tuple[int, int, int]:
    """The process, its threads, and how often it was asked."""
    desk["asked"] = desk.get("asked", 0) + 1
    return os.getpid(), torch.get_num_threads(), desk["asked"]


def refuse_three(_: Desk, number: int) -> int:
    if number == 3:
        raise CorpusError("three is no corpus")
    return number


def die(_: Desk, number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def joined(item: str, tail: str) -> str:
    return f"{item}{tail} in {os.getpid()}"
