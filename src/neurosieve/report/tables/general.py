"""Tables of general redundancy and of the run itself."""

from __future__ import annotations

from collections.abc import Sequence

from neurosieve.report.tables.base import Row, Table
from neurosieve.run.redundancy import ClusterCut
from neurosieve.run.results import Results

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


def cka_debiased(results: Results) -> Table:
    """CKA of every pair of different layers, plain and without the bias of few rows, with its interval."""
    columns = {
        "layer": "one layer",
        "other_layer": "the other",
        "cka": "linear CKA, as in the paper",
        "cka_debiased": "the same without the bias of few rows",
        "cka_low": "lower end of its 95 % interval",
        "cka_high": "upper end of its 95 % interval",
    }
    rows: list[Row] = []
    if results.general and (known := results.general.cka_debiased):
        for i, plain in enumerate(results.general.cka):
            for j in range(i + 1, len(plain)):
                rows.append((i, j, plain[j], known.values[i][j], known.low[i][j], known.high[i][j]))
    return Table("cka_debiased", "CKA with intervals", columns, tuple(rows))


def similarities(results: Results) -> Table:
    """The other measures of how alike layers are, a row for every pair of different layers."""
    found = results.general.similarities if results.general else []
    columns = {"layer": "one layer", "other_layer": "the other"}
    columns |= {one.measure: f"{one.title} ({one.source})" for one in found}
    size = len(found[0].values) if found else 0
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    rows = tuple((i, j, *(one.values[i][j] for one in found)) for i, j in pairs)
    return Table("similarities", "Layers by other measures", columns, rows)


def audit(results: Results) -> Table:
    """Every layer's units before anything is read into them."""
    columns = {
        "layer": "layer",
        "constants": "units that never change",
        "repeated": "units that repeat an earlier neuron, up to sign, scale and shift",
        "outliers": "units at least five times as large, or as variable, as the median of the layer",
        "largest_outlier": "the unit that stands out most",
        "its_size": "its root mean square, in medians of the layer",
        "its_variance_share": "its share of the layer's variance",
        "its_cosine_share": "its share of the mean cosine of two rows",
        "mean_cosine": "mean cosine of two random rows",
        "mean_cosine_without_outliers": "the same without the outliers",
    }
    rows = []
    for one in results.general.audit if results.general else []:
        first = one.outliers[0] if one.outliers else None
        worst: Row = (None,) * 4
        if first is not None:
            worst = (first.unit, first.size, first.variance_share, first.cosine_share)
        counts = (one.layer, one.constants, one.repeated, len(one.outliers))
        rows.append((*counts, *worst, one.mean_cosine, one.mean_cosine_without_outliers))
    return Table("audit", "Dimensions", columns, tuple(rows))


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
