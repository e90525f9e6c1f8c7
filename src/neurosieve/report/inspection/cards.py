"""Clusters as the page shows them: where members live, how close they are, and what they respond to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from neurosieve.report.inspection.words import neuron, signed
from neurosieve.report.layers import Layers
from neurosieve.report.wording import count, decimal, number, percent, plain
from neurosieve.run.inspection.records import ClusterFound, ClusterPart, ClusterWords, TypeSeen, WordSeen

OPEN = 10  # of the largest that stand open on the page
SHOWN_MEMBERS = 200
LETTERS = 160  # of a text; words are never that long


@dataclass(frozen=True)
class Bar:
    """One layer: how many members, and how high its bar is (0 to 1)."""

    tick: str
    members: int
    height: float


@dataclass(frozen=True)
class Seen:
    """A word between its neighbours, or a text, with the activation in standard deviations."""

    left: str
    word: str
    right: str
    deviations: str


@dataclass(frozen=True)
class Average:
    """A word with its mean activation, and how often it occurs."""

    word: str
    deviations: str
    count: str


@dataclass(frozen=True)
class End:
    """The words at one end of a cluster's neuron."""

    title: str
    averages: tuple[Average, ...]
    seen: tuple[Seen, ...]


@dataclass(frozen=True)
class Member:
    """Members of one layer; each unit with r to the neuron that stands for the cluster."""

    layer: str
    units: tuple[tuple[int, str, bool], ...]


@dataclass(frozen=True)
class Card:
    """A cluster."""

    number: int
    title: str
    bars: tuple[Bar, ...]
    bars_in_words: str
    facts: tuple[tuple[str, str], ...]
    ends: tuple[End, ...]
    members: tuple[Member, ...]
    more_members: str


def cards(part: ClusterPart, numbers: list[int], layers: Layers) -> list[Card]:
    """The cards of some clusters."""
    words = {one.cluster: one for one in part.words}
    return [_card(part.found[number - 1], words.get(number), layers) for number in numbers]


def _card(one: ClusterFound, words: ClusterWords | None, layers: Layers) -> Card:
    left = one.size - SHOWN_MEMBERS
    return Card(
        number=one.number,
        title=f"{count(one.size)} neurons of {layers.some(one.layers)}",
        bars=bars(one.per_layer, layers),
        bars_in_words=", ".join(f"{layers.one(layer)}: {count(one.per_layer[layer])}" for layer in one.layers),
        facts=tuple(_facts(one, layers)),
        ends=() if words is None else tuple(_ends(words)),
        members=tuple(_members(one, layers)),
        more_members=f"The first {SHOWN_MEMBERS} of {count(one.size)}; members.csv has all." if left > 0 else "",
    )


def bars(per_layer: list[int], layers: Layers) -> tuple[Bar, ...]:
    """A bar for each layer, the fullest one of full height."""
    most = max(1, *per_layer)
    return tuple(Bar(layers.tick(layer), held, held / most) for layer, held in enumerate(per_layer))


def _facts(one: ClusterFound, layers: Layers) -> Iterator[tuple[str, str]]:
    yield "stands for it", neuron(layers, one.representative)
    yield "explains of each other", percent(one.explained)
    yield "of their variance together", percent(one.explained_variance)
    yield "radius", number(one.radius, 2)
    yield "mean |r|", decimal(one.mean_r, 2)
    yield "run against it", count(one.negated) if one.negated else "none"


def _ends(words: ClusterWords) -> Iterator[End]:
    for title, seen, types in (
        ("Highest on", words.highest, words.highest_types),
        ("Lowest on", words.lowest, words.lowest_types),
    ):
        yield End(title, tuple(map(_average, types)), tuple(map(_seen, seen)))


def _average(one: TypeSeen) -> Average:
    return Average(plain(one.text), signed(one.deviations), count(one.count))


def _seen(one: WordSeen) -> Seen:
    left, right = (plain(" ".join(side), LETTERS) for side in (one.left, one.right))
    return Seen(left, plain(one.text, LETTERS), right, signed(one.deviations))


def _members(one: ClusterFound, layers: Layers) -> Iterator[Member]:
    pairs = zip(one.members[:SHOWN_MEMBERS], one.r, strict=False)
    for layer, inside in groupby(pairs, key=lambda pair: pair[0][0]):
        yield Member(layers.one(layer), tuple((member[1], number(r, 2), r < 0) for member, r in inside))
