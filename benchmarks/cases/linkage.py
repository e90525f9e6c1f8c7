"""Average-linkage clustering of neurons: the whole dendrogram, and one cut of it."""

from __future__ import annotations

from benchmarks.harness.case import Case, Check, Settings, Side, Target
from benchmarks.harness.prepare import preparing

SIZES = ((9_984, 13, 768), (20_000, 25, 800))  # N = layers × units
ROWS = 4_096
CUTS = ("all", "0.3", "0.6")
FASTER = {"all": 1.0, "0.3": 2.0, "0.6": 2.0}  # than scipy
SMALLER = 3.0  # than scipy, above the input


def cases(settings: Settings) -> list[Case]:
    """Three cases a size; the peers have one function for all cuts, and so the same work in each."""
    return [_case(settings, *size, cut) for size in SIZES for cut in CUTS]


def _case(settings: Settings, n: int, layers: int, units: int, cut: str) -> Case:
    rows = ROWS
    if settings.small:
        layers, units, rows = layers // 6, units // 8, 512
    folder = settings.folder("linkage") / f"{layers * units}"
    folder.mkdir(exist_ok=True)
    whole = cut == "all"
    ours = "`cluster`, then nine cuts" if whole else f"`cut_by_components` at c_t = {cut}"
    then = "then nine cuts by `fcluster`" if whole else "then `fcluster`"
    peers = [
        Side("scipy", "ours", _peer(folder, "scipy", cut), f"`scipy.cluster.hierarchy.linkage`, {then}"),
        Side("fastcluster", "peers", _peer(folder, "fastcluster", cut), f"`linkage(preserve_input=False)`, {then}"),
    ]
    return Case(
        name=f"linkage-{n}" if whole else f"linkage-{n}-{cut}",
        what=f"{layers * units:,} neurons, average linkage of 1 − |r|, {'all cuts' if whole else f'c_t = {cut}'}. "
        "In memory at the start: ours r (N × N) float32, theirs the condensed distances float32.",
        sides=(
            Side("neurosieve", "ours", ("-m", "benchmarks.workers.linkage", str(folder), cut), ours),
            *peers,
        ),
        checks=(Check("outside", "at most", value=0.0),),
        targets=(Target("scipy", FASTER[cut]), Target("scipy", SMALLER, "peak_above_bytes")),
        prepare=preparing(folder / "merges.npy", "benchmarks.inputs.correlation", layers, units, rows, folder),
    )


def _peer(folder: object, how: str, cut: str) -> tuple[str, ...]:
    return ("-m", "benchmarks.peers.linkage", str(folder), how, cut)
