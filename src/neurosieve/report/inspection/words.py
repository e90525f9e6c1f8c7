"""How neurons, layers, words and changes are written."""

from __future__ import annotations

from neurosieve.report.layers import Layers
from neurosieve.report.wording import bounds, number, plain
from neurosieve.run.inspection.records import DamagePoint, Inspection
from neurosieve.run.schema import NeuronId, Range

LETTERS = 28


def neuron(layers: Layers, one: NeuronId) -> str:
    """'layer 3, unit 17'."""
    return f"{layers.one(one[0])}, unit {one[1]}"


def quoted(text: str) -> str:
    """A word between quotation marks, on one line and not too long."""
    return f"“{plain(text, LETTERS)}”"


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign."""
    text = number(value, digits)
    return text if text.startswith("−") or float(text.replace(",", "")) == 0 else f"+{text}"


def points(value: float) -> str:
    """A change of F1 in points."""
    return f"{signed(100 * value)} points"


def change(point: DamagePoint) -> str:
    """A change of F1 with its interval, where there is one."""
    if point.low is None or point.high is None:
        return points(point.change)
    return f"{points(point.change)} {bounds((point.low, point.high))}"


def short_change(point: DamagePoint) -> str:
    """The same for a table in points."""
    return change(point).replace(" points", "")


def least_and_most(interval: Range) -> str:
    """The ends of a range of shares, in percent."""
    low, high = (number(100 * end) for end in interval)
    return f"{low} to {high} %"


def row_noun(found: Inspection) -> str:
    """What has a vector."""
    return "word" if found.kind == "labelling" else "text"


def sentence_noun(found: Inspection) -> str:
    """What the corpus is made of."""
    return "sentence" if found.kind == "labelling" else "text"
