"""What a closer look at a finished run found, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neurosieve.run.facts import Environment, ModelFacts, Stage
from neurosieve.run.schema import Difference, FileName, NeuronId, Range, Record, Saved, Scores

SCHEMA_VERSION = 1
Matrix = list[list[float]]


class InspectionSettings(Record):
    """What was asked."""

    threshold: float = Field(0.3, gt=0, lt=1, description="c_t of clusters and copies, a distance 1 - |r|")
    clusters: int = Field(50, ge=1, description="how many of the largest are shown with their words")
    words: int = Field(10, ge=1, description="words, or texts, at each end of a neuron")
    splits: int | None = Field(None, ge=0, description="of the text in halves; None: 8 where that fits, 0: none")
    classes: bool = True


class WordSeen(Record):
    """A word in its sentence, or a text; ``sentence`` and ``position`` count from 0 in the training split.

    ``deviations`` is the neuron's activation, in standard deviations from its mean over all training rows.
    """

    text: str
    left: list[str] = Field(default=[])
    right: list[str] = Field(default=[])
    sentence: int
    position: int
    deviations: float


class TypeSeen(Record):
    """A word, how often it occurs, and a neuron's mean activation on it, in standard deviations from its mean."""

    text: str
    count: int
    deviations: float


class ClusterWords(Record):
    """Where the neuron that stands for a cluster is highest and lowest: single words, and words on average.

    No word comes twice in a list. Averages are of words that occur five times or more, and there are none for texts.
    """

    cluster: int
    highest: list[WordSeen]
    lowest: list[WordSeen]
    highest_types: list[TypeSeen]
    lowest_types: list[TypeSeen]


class ClusterFound(Record):
    """A cluster of two neurons or more; ``number`` counts from 1, the largest first.

    ``r`` of each member to the representative, 1 for itself: below 0 the member runs against it.
    """

    number: int
    representative: NeuronId
    members: list[NeuronId]
    r: list[float]
    per_layer: list[int] = Field(description="members in each layer")
    radius: float = Field(description="largest 1 - |r| of a member to the representative")
    mean_r: float = Field(description="mean |r| of all pairs of members")
    explained: float = Field(description="mean r² of the other members: the share of a member's variance explained")
    explained_variance: float = Field(description="share of the other members' summed variance")

    @property
    def size(self) -> int:
        """How many members there are."""
        return len(self.members)

    @property
    def layers(self) -> list[int]:
        """The layers that have a member."""
        return [layer for layer, count in enumerate(self.per_layer) if count]

    @property
    def span(self) -> int:
        """Layers from the lowest to the highest member, both included."""
        return self.layers[-1] - self.layers[0] + 1

    @property
    def negated(self) -> int:
        """How many members run against the representative."""
        return sum(r < 0 for r in self.r)


class RandomClusters(Record):
    """The same shares in random clusters that have as many neurons of each layer: their mean, and least and most."""

    draws: int
    explained: float
    explained_range: Range
    explained_variance: float
    explained_variance_range: Range


class ClusterPart(Record):
    """The clusters at the threshold; ``found`` are those of two neurons or more, all of them."""

    neurons: int
    constants: int
    clusters: int = Field(description="single neurons included")
    others: int = Field(description="members of `found` that are no representative")
    explained: float = Field(description="mean r² of the others to their representative; 1 where there are none")
    explained_variance: float = Field(description="share of the others' summed variance")
    random: RandomClusters
    found: list[ClusterFound]
    largest: list[int] = Field(description="numbers of those that are shown for their size")
    most_spread: list[int] = Field(description="numbers of those that are shown for the layers that they span")
    words: list[ClusterWords] = Field(description="of those shown")


class CopyFound(Record):
    """A neuron within the threshold of one of an earlier layer; ``of`` is the most similar of the nearest such layer.

    ``r`` is |r| of the two.
    """

    neuron: NeuronId
    of: NeuronId
    r: float


class CopyPart(Record):
    """Which layers copy from which. Matrices are L × L: from layer (row) to layer (column).

    ``copied``: the share of the varying units of a layer (column) within the threshold of a unit of another (row), on
    the diagonal of another unit of the same layer. ``in_place``: where that unit, the most similar one, has the same
    number. ``nearest``: where the row is the nearest earlier layer that has one.
    """

    varying: list[int] = Field(description="units of each layer that are not constant")
    copied: Matrix
    in_place: Matrix
    nearest: Matrix
    copies: list[CopyFound]
    chance: float = Field(description="that a neuron has a copy among as many unrelated neurons as there are")
    chance_in_place: float = Field(description="that the most similar unit has the same number, if numbers say nothing")

    @property
    def share(self) -> float:
        """Of the varying neurons above layer 0 that copy an earlier layer; 0 where there are none."""
        return len(self.copies) / max(1, sum(self.varying[1:]))


class SpreadPoint(Record):
    """The number of clusters at one threshold, and the interval of what other text of this size would give."""

    threshold: float
    clusters: int
    low: float
    high: float
    half_median: float = Field(description="median number on halves of the text")
    half_range: Range = Field(description="where the numbers on halves lie")


class SpreadPart(Record):
    """How the number of clusters varies over random halves of the text."""

    points: list[SpreadPoint]
    level: float
    splits: int
    blocks: int = Field(description="runs of neighbouring sentences that halves are made of")


class DamagePoint(Record):
    """F1 of a class with the first neurons of the ranking, and its change; None: in too few sentences to tell."""

    neurons: int
    f1: float
    change: float
    low: float | None = None
    high: float | None = None


class ClassDamageFound(Record):
    """One class of test: ``full`` is its F1 with all neurons, ``points`` from the largest set to the smallest.

    ``loses_at`` is the largest of these sizes at which the whole interval lies below 0; None where none does.
    """

    label: str
    support: int
    sentences: int
    full: float
    points: list[DamagePoint]
    loses_at: int | None = None


class SizeFound(Record):
    """The task's score on test with the first neurons of the ranking."""

    neurons: int
    test: Scores
    difference: Difference


class DamagePart(Record):
    """Who loses as the set shrinks along forward selection. All intervals, of classes and sizes, hold together."""

    level: float
    oracle: Scores = Field(description="all neurons, on test")
    sizes: list[SizeFound] = Field(description="the largest first")
    minimal: int | None = Field(None, description="the run's own minimal set by this ranking, where it is among them")
    classes: list[ClassDamageFound] = Field(description="who loses first comes first")
    absent: list[str] = Field(default=[], description="classes that test does not have")


class ClassNeed(Record):
    """One class against the rest: the first neurons of a ranking that keep its F1, chosen on dev.

    ``dev`` and ``test`` are their F1, ``full_dev`` and ``full_test`` that of all neurons; None where test has none of
    the class. Where no size keeps it, ``reached`` is False and the size is the largest that was tried.
    """

    label: str
    support: int = Field(description="training rows")
    neurons: list[NeuronId]
    reached: bool
    dev: float
    full_dev: float
    test: float | None
    full_test: float | None
    random: int = Field(description="random neurons that keep it")
    random_reached: bool
    shared: float | None = Field(None, description="of these neurons that another class's set has too")
    shared_by_chance: float | None = Field(None, description="the same of random sets of these sizes")

    @property
    def size(self) -> int:
        """How many neurons."""
        return len(self.neurons)


class ClassSetPart(Record):
    """How many neurons each class needs, the most demanding first.

    F1 is that at the break-even point of screened least-squares probes: compare classes with one another. Unions and
    shares are of the sets that keep their class; None where all classes read one ranking, so that sets are nested.
    """

    loss: float = Field(description="share of the F1 of all neurons that may be lost")
    own_rankings: bool = Field(description="each class has a ranking of its own")
    classes: list[ClassNeed]
    absent: list[str] = Field(default=[], description="classes that train or dev do not have")
    union: int | None = Field(None, description="different neurons in all sets together")
    union_by_chance: float | None = Field(None, description="the same of random sets of these sizes, on average")


class Inspection(Saved):
    """A closer look at one task of a finished run; a part that is None has its reason in ``left_out``."""

    schema_version: int = Field(SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    stem: FileName = Field(description="how the names of its files begin")
    created: str = Field(description="UTC, ISO 8601")
    command: str
    run_created: str = Field(description="when the run was made")
    settings: InspectionSettings
    seed: int
    environment: Environment
    model: ModelFacts
    corpus: str
    task: str
    metric: str
    kind: Literal["labelling", "classification", "regression"]
    rows: int | None = Field(None, description="training words, or texts, that all but the classes was measured on")
    sentences: int | None = None
    clusters: ClusterPart | None = None
    copies: CopyPart | None = None
    spread: SpreadPart | None = None
    damage: DamagePart | None = None
    class_sets: ClassSetPart | None = None
    left_out: dict[str, str] = Field(default={}, description="part -> why it is not there")
    stages: list[Stage] = Field(default=[])
    warnings: list[str] = Field(default=[])
