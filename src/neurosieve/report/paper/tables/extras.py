"""What the paper's text claims besides its tables: the pyramid, parameters of a forward pass, other clusterings."""

from __future__ import annotations

from collections.abc import Sequence

from neurosieve.paper.records import ModelStudy, OtherClustering, Study
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import neurons, notes, printed, transfer
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Part,
    assembled,
    bare,
    counted,
    layer_title,
    of_models,
    part,
    title_of,
)
from neurosieve.report.wording import count, millions, number, percent


def pyramid(study: Study) -> PaperTable | None:
    """Neurons per layer that the minimal sets and CCFS keep (Sections 7.1 and 8)."""
    measured = of_models(study, _pyramid)
    said = [
        "Mean layer: of the kept neurons, the embeddings being 0.",
        "CCFS chooses among the layers that LS selected, so that those above have none.",
        "The paper suggests pyramids, wide below and narrow above (Section 7.1), and prints no counts.",
    ]
    return assembled("pyramid", measured, [], [*said, *notes.how(study, scores=False, published=False)])


def _pyramid(label: str, model: ModelStudy, caption: str) -> Part | None:
    sets = [(name, "minimal", one.per_layer) for name, _, one in neurons.found(model)]
    sets += [(name, "CCFS", one.sieve.per_layer) for name, _, one in transfer.found(model)]
    if not sets:
        return None
    names = list(dict.fromkeys(name for name, _, _ in sets))
    sets.sort(key=lambda one: names.index(one[0]))
    depth = max(len(per_layer) for _, _, per_layer in sets)
    rows = [_kept(label, *one, depth) for one in sets]
    heads = ("Task and set", *(layer_title(model, layer) for layer in range(depth)), "All", "Mean layer")
    return part(caption, heads, rows)


def _kept(label: str, name: str, of: str, per_layer: Sequence[int], depth: int) -> list[Cell]:
    cells = [bare(f"{title_of(name)}, {of}")]
    cells += [
        counted(label, name, of, f"neurons of layer {layer}", kept, count(kept)) for layer, kept in enumerate(per_layer)
    ]
    cells += [bare(NONE)] * (depth - len(per_layer))
    total = sum(per_layer)
    cells.append(counted(label, name, of, "neurons", total, count(total)))
    if not total:
        return [*cells, bare(NONE)]
    mean = sum(layer * kept for layer, kept in enumerate(per_layer)) / total
    return [*cells, counted(label, name, of, "mean layer", mean, number(mean))]


def parameters(study: Study) -> PaperTable | None:
    """How much of the model a forward pass needs after LayerSelector (Section 7.1)."""
    measured = of_models(study, _parameters)
    said = [
        "Layers count the embeddings, whose matrix of words is a large share of a small model; heads are not counted.",
    ]
    return assembled(
        "parameters", measured, printed.parameters(), [*said, *notes.how(study, scores=False, published=False)]
    )


def _parameters(label: str, model: ModelStudy, caption: str) -> Part | None:
    rows = []
    for name, _, one in transfer.found(model):
        layers = transfer.selected(one).kept_layers
        if 0 < layers <= len(model.parameters):
            rows.append(_forward(label, name, layers, model.parameters[layers - 1], model.parameters[-1]))
    return part(caption, ("Task", "Layers", "Parameters", "All layers", "Saved"), rows) if rows else None


def _forward(label: str, name: str, layers: int, used: int, full: int) -> list[Cell]:
    saved = 1 - used / full
    return [
        bare(title_of(name)),
        counted(label, name, "LS", "layers", layers, count(layers)),
        counted(label, name, "LS", "parameters", used, millions(used)),
        counted(label, name, "all layers", "parameters", full, millions(full)),
        counted(label, name, "LS", "share of parameters saved", saved, percent(saved)),
    ]


def footnote5(study: Study) -> PaperTable | None:
    """k-means and DBSCAN beside average linkage (Section 5.2)."""
    measured = of_models(study, _clusterings)
    said = [
        "Adjusted Rand: agreement with average linkage; 1 is the same partition, 0 is chance. In clusters: share of "
        "neurons in clusters of two or more. Mean |r|: of pairs inside clusters.",
        "The paper says that it saw no noticeable difference, and prints no numbers.",
    ]
    return assembled("footnote5", measured, [], said)


def _clusterings(label: str, model: ModelStudy, caption: str) -> Part | None:
    found = model.general.clusterings if model.general else []
    heads = ("c_t and method", "Setting", "Clusters", "Largest", "In clusters", "Adj. Rand", "V", "Mean |r|")
    return part(caption, heads, [_clustering(label, one) for one in found]) if found else None


def _clustering(label: str, one: OtherClustering) -> list[Cell]:
    of = f"{one.method}, {one.setting}, c_t {one.threshold:g}"

    def cell(quantity: str, value: float, text: str) -> Cell:
        return counted(label, None, of, quantity, value, text)

    mean_r = bare(NONE) if one.mean_r is None else cell("mean |r|", one.mean_r, number(one.mean_r, 3))

    return [
        bare(f"{one.threshold:g}, {one.method}"),
        bare(one.setting),
        cell("clusters", one.clusters, count(one.clusters)),
        cell("largest cluster", one.largest, count(one.largest)),
        cell("share in clusters", one.in_clusters, percent(one.in_clusters)),
        cell("adjusted Rand index", one.adjusted_rand, number(one.adjusted_rand, 3)),
        cell("V-measure", one.v_measure, number(one.v_measure, 3)),
        mean_r,
    ]
