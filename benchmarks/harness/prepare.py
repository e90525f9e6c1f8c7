"""Shared input of a case's sides: made by a process of ours, once, so that this one stays small."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness.measure import ROOT, surroundings


def preparing(done: Path, module: str, *arguments: object) -> Callable[[], None]:
    """What a case's ``prepare`` wants: run ``python -m MODULE ARGUMENTS`` unless ``done``, its last file, is there.

    The call raises:
        CalledProcessError: the module failed; it says why on standard error.
    """

    def prepare() -> None:
        if not done.exists():
            command = [sys.executable, "-m", module, *map(str, arguments)]
            subprocess.run(command, cwd=ROOT, env=surroundings(threads=2), check=True, stdout=sys.stderr)

    return prepare
