"""Tables of general redundancy and of the run itself."""

from __future__ import annotations

from collections.abc import Sequence

from neurosieve.report.tables.base import Row, Table
from neurosieve.run.results import ClusterCut, Results

WINDOWS = {"1": "one layer", "2": "2 neighbouring layers", "3": "3 neighbouring layers", ">3": "layers further apart"}


def cka(results: Results) -> Table:
    """Linear CKA as a square: a row per layer, a column per layer."""
    values = results.general.cka if results.general else []
    named = results.model.layer_names
    names: Sequence[str | int] = named if len(named) == len(values) else range(len(values))
    columns = {"layer": "layer; 0 is the output of the embeddings"}
    columns |= {str(name): f"linear CKA with layer {name}" for name in names}
    rows = tuple((name, *row) for name, row in zip(names, values, strict=True))
    return Table("cka", "Linear CKA between layers", columns, rows)


def layer_names(results: Results) -> Table:
    """What the layers are called, where they have names."""
    columns = {"layer": "number of the layer in all tables", "layer_name": "its name"}
    return Table("layer_names", "Names of the layers", columns, tuple(enumerate(results.model.layer_names)))


def cuts(results: Results) -> Table:
    """The clusters at each threshold."""
    columns = {
        "threshold": "c_t; neurons merge by average linkage of 1 - |r| up to it",
        "clusters": "clusters, which is the neurons left",
        "redundant": "share of all neurons that another neuron of their cluster stands for",
        "singletons": "clusters of one neuron",
        "largest_cluster": "neurons in the largest cluster",
        "largest_distance": "largest 1 - |r| inside any cluster; average linkage does not bound it",
        "smallest_r": "smallest |r| between a neuron and its representative",
    }
    columns |= {f"window_{window}": f"share of all clusters that lie in {text}" for window, text in WINDOWS.items()}
    columns |= {f"larger_{window}": f"share of the larger ones that lie in {text}" for window, text in WINDOWS.items()}
    found = results.general.cuts if results.general else []
    rows = tuple(_cut(cut, results.model.neurons) for cut in found)
    return Table("cuts", "Clusters at each threshold", columns, rows)


def _cut(cut: ClusterCut, neurons: int) -> Row:
    return (
        cut.threshold,
        cut.clusters,
        1 - cut.clusters / neurons,
        cut.singletons,
        cut.largest_cluster,
        cut.largest_distance,
        cut.smallest_r_to_representative,
        *(cut.windows.get(window) for window in WINDOWS),
        *(cut.windows_without_singletons.get(window) for window in WINDOWS),
    )


def clusters(results: Results) -> Table:
    """The largest clusters, a row per neuron."""
    columns = {
        "cluster": "number of the cluster, from 1",
        "layer": "layer of a neuron in it",
        "unit": "unit of that neuron in its layer",
        "representative": "whether this neuron stands for the cluster",
        "largest_distance": "largest 1 - |r| inside the cluster",
        "smallest_r": "smallest |r| between a neuron and the representative",
    }
    found = results.general.largest_clusters if results.general else []
    rows = tuple(
        (index, *neuron, neuron == one.representative, one.largest_distance, one.smallest_r_to_representative)
        for index, one in enumerate(found, start=1)
        for neuron in one.members
    )
    return Table("clusters", "Neurons of the largest clusters", columns, rows)


def constants(results: Results) -> Table:
    """Neurons that do not change."""
    found = results.general.constants if results.general else []
    columns = {"layer": "layer; 0 is the output of the embeddings", "unit": "unit in its layer"}
    return Table("constants", "Neurons that never change", columns, tuple(found))


def stages(results: Results) -> Table:
    """What each stage of the run took."""
    columns = {
        "stage": "stage of the run",
        "seconds": "wall-clock seconds",
        "peak_memory_mb": "largest resident memory of the process until its end, megabytes",
    }
    rows = tuple((stage.name, stage.seconds, stage.peak_memory_mb) for stage in results.stages)
    return Table("stages", "Seconds and memory", columns, rows)
