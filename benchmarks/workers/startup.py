"""How long whole processes take: ``neurosieve --help`` and ``import neurosieve``."""

from __future__ import annotations

import sys

from benchmarks.worker import answer, process_seconds, timed

HELP = "import sys; sys.argv = ['neurosieve', '--help']; from neurosieve.cli import main; main()"

if __name__ == "__main__":
    with timed() as timer:
        found = {
            "help_seconds": process_seconds([sys.executable, "-c", HELP]),
            "import_seconds": process_seconds([sys.executable, "-c", "import neurosieve"]),
            "python_seconds": process_seconds([sys.executable, "-c", "pass"]),
        }
    answer(timer, found, seconds=found["import_seconds"])
