"""Start-up: what a user waits for before anything happens."""

from __future__ import annotations

from benchmarks.harness.case import Case, Check, Settings, Side

HELP_SECONDS, IMPORT_SECONDS = 0.5, 0.3


def cases(settings: Settings) -> list[Case]:
    """One case; the peers' import is there to compare with."""
    return [
        Case(
            name="startup",
            what="Whole processes, the median of several: the help of the command line, and the import of the package.",
            sides=(
                Side(
                    "neurosieve",
                    "ours",
                    ("-m", "benchmarks.workers.startup"),
                    "`neurosieve --help`, `import neurosieve`",
                ),
                Side(
                    "NeuroX", "peers", ("-m", "benchmarks.peers.startup"), "`import neurox.interpretation.linear_probe`"
                ),
            ),
            checks=(
                Check("help_seconds", "at most", value=HELP_SECONDS),
                Check("import_seconds", "at most", value=IMPORT_SECONDS),
            ),
        )
    ]
