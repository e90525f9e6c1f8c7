"""How long NeuroX takes to import what an analysis needs."""

from __future__ import annotations

import sys

from benchmarks.worker import answer, process_seconds, timed

# The name that numpy has given up, and that NeuroX asks for where it is used.
IMPORT = "import numpy; numpy.int = int; import neurox.interpretation.linear_probe"

if __name__ == "__main__":
    with timed() as timer:
        found = {"import_seconds": process_seconds([sys.executable, "-c", IMPORT])}
    answer(timer, found, seconds=found["import_seconds"])
