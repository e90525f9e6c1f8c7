"""The tables and figures by number, and which measurements each of them is made of; free of torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Measurement = Literal[
    "corpus",
    "general",
    "clusterings",
    "layers",
    "clusters",
    "minimal",
    "transfer",
    "parameters",
    "moves",
    "classifier cost",
    "forward cost",
    "extraction cost",
    "clustering cost",
    "ranking cost",
]
Rows = Literal["words", "texts", "any"]


@dataclass(frozen=True)
class Exhibit:
    """A table or a figure.

    Attributes:
        name: as it is asked for: "table6", "figure3", or a word for what the paper says in its text alone.
        title: what it shows.
        section: where the paper has it.
        needs: what has to be measured for it.
        rows: the tasks that it is about: labels of words, of texts, or any; None where no task is involved.
    """

    name: str
    title: str
    section: str
    needs: tuple[Measurement, ...]
    rows: Rows | None = "any"

    @property
    def label(self) -> str:
        """Its name as a reader says it: "Table 6"; what has no number has its title."""
        kind = self.name.rstrip("0123456789")
        return f"{kind.capitalize()} {self.name[len(kind) :]}" if kind in ("table", "figure") else self.title


_ALL = (
    Exhibit("table1", "Minimal sets of neurons, labels of words", "6.2", ("minimal",), "words"),
    Exhibit("table2", "Minimal sets of neurons, labels of texts", "6.2", ("minimal",), "texts"),
    Exhibit("table3", "LayerSelector and CCFS, averages", "7.1", ("transfer",)),
    Exhibit("table4", "Size of the corpora of words", "A.1", ("corpus",), "words"),
    Exhibit("table5", "Size of the corpora of texts", "A.1", ("corpus",), "texts"),
    Exhibit("table6", "Neurons left and score after clustering, per threshold", "A.2", ("clusters",)),
    Exhibit("table7", "Score of every layer", "A.3", ("layers",)),
    Exhibit("table8", "Score of the minimal sets", "A.4", ("minimal",)),
    Exhibit("table9", "LayerSelector and CCFS, labels of words", "A.5.1", ("transfer", "parameters"), "words"),
    Exhibit("table10", "LayerSelector and CCFS, labels of texts", "A.5.1", ("transfer", "parameters"), "texts"),
    Exhibit("figure1", "Similarity of the layers", "5.1", ("general",), None),
    Exhibit("figure2", "Neurons removed and average score, per threshold", "5.2", ("clusters",)),
    Exhibit("figure3", "How many layers the clusters span", "5.2", ("general",), None),
    Exhibit("figure4", "Layers within 1 % of the oracle", "6.1", ("layers",)),
    Exhibit(
        "figure5", "Runtime of the classifier against the number of neurons", "7.2", ("classifier cost", "transfer")
    ),
    Exhibit("figure6", "Activations of one cluster on two sentences", "A.2", ("general",), None),
    Exhibit("figure7", "Layers within 1 % of the oracle, per class: POS", "A.3", ("layers",), "words"),
    Exhibit("figure8", "Layers within 1 % of the oracle, per class: SEM", "A.3", ("layers",), "words"),
    Exhibit("figure9", "Layers within 1 % of the oracle, per class: chunking", "A.3", ("layers",), "words"),
    Exhibit("figure10", "Runtime of the forward pass per number of layers", "A.5.2", ("forward cost", "transfer")),
    Exhibit(
        "figure11", "Runtime of the forward pass per number of layers, XLNet", "A.5.2", ("forward cost", "transfer")
    ),
    Exhibit("figure12", "Runtime of extraction against the number of words", "A.5.3", ("extraction cost",), None),
    Exhibit("figure13", "Runtime of clustering against the number of words", "A.5.3", ("clustering cost",), None),
    Exhibit("figure14", "Runtime of the ranking against the number of neurons", "A.5.3", ("ranking cost",)),
    Exhibit("pyramid", "Kept neurons per layer and task", "7.1, 8", ("minimal", "transfer")),
    Exhibit("parameters", "Parameters of a forward pass after LayerSelector", "7.1", ("transfer", "parameters")),
    Exhibit("complexity", "Complexity of a task against the size of its minimal set", "6.2", ("minimal",)),
    Exhibit("footnote5", "k-means and DBSCAN beside average linkage", "5.2", ("clusterings",), None),
    Exhibit(
        "finetuning",
        "How fine-tuning moves redundancy, layer by layer",
        "3.1",
        ("layers", "clusters", "moves"),
        "texts",
    ),
)

EXHIBITS: Mapping[str, Exhibit] = MappingProxyType({exhibit.name: exhibit for exhibit in _ALL})


def chosen(names: Iterable[str]) -> tuple[Exhibit, ...]:
    """The exhibits of some names in the paper's order; "all" is every one.

    Raises:
        KeyError: there is no exhibit of a name.
    """
    wanted = list(names)
    if "all" in wanted:
        return _ALL
    asked = {EXHIBITS[name].name for name in wanted}
    return tuple(exhibit for exhibit in _ALL if exhibit.name in asked)


def needed(exhibits: Iterable[Exhibit]) -> frozenset[Measurement]:
    """Everything that has to be measured for some exhibits."""
    return frozenset(measurement for exhibit in exhibits for measurement in exhibit.needs)
