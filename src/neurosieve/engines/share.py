"""A share of a plan: which of its parts are one process's."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from neurosieve.errors import ConfigError

Item = TypeVar("Item")

# The names under which launchers tell a process its rank and how many there are.
_LAUNCHERS = {
    "torchrun": ("RANK", "WORLD_SIZE"),
    "a SLURM array": ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"),
    "SLURM": ("SLURM_PROCID", "SLURM_NTASKS"),
    "Open MPI": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
}


@dataclass(frozen=True)
class Share:
    """The ``index``-th of ``count`` shares, from 0: every ``count``-th part of a plan, starting with part ``index``.

    The shares of one count do not overlap and make up the whole; doing one twice changes nothing.
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise ConfigError(
                f"There is no share {self.index + 1} of {self.count}; shares are 1/{self.count} and so on."
            )

    def of(self, parts: Sequence[Item]) -> Sequence[Item]:
        """The parts that are this share's."""
        return parts[self.index :: self.count]

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] | None = None) -> Self:
        """From ``"2/8"``, or with ``"auto"`` from what a launcher (torchrun, SLURM, Open MPI) says.

        Raises:
            ConfigError: it is neither, or no launcher says anything.
        """
        if text == "auto":
            return cls.by_rank(os.environ if environment is None else environment)
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
        if found is None:
            raise ConfigError(f"{text!r} is no share. Give one such as 2/8, the second of eight, or auto.")
        return cls(int(found[1]) - 1, int(found[2]))

    @classmethod
    def by_rank(cls, environment: Mapping[str, str]) -> Self:
        """The share of this process by its rank and the number of processes.

        Raises:
            ConfigError: no launcher says anything, or what it says makes no sense.
        """
        for launcher, (rank, size) in _LAUNCHERS.items():
            if environment.get(rank, "") and environment.get(size, ""):
                try:
                    first = int(environment.get("SLURM_ARRAY_TASK_MIN", "0")) if "array" in launcher else 0
                    return cls(int(environment[rank]) - first, int(environment[size]))
                except ValueError as error:
                    raise ConfigError(f"{rank} and {size} must be numbers ({error}).") from error
        names = ", ".join(f"{rank} and {size} ({launcher})" for launcher, (rank, size) in _LAUNCHERS.items())
        raise ConfigError(f"No launcher tells this process its rank: none of {names} is set. Give a share such as 2/8.")


ALL = Share()
