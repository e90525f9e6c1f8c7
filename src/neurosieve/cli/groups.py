"""Options that several commands share, in groups: a command says which groups it takes, and `--help` shows them so."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_args, get_type_hints

from neurosieve.cli.options import (
    Aggregation,
    AggregationChoice,
    BatchTokens,
    Cache,
    ClassWeights,
    ClassWeightsChoice,
    ClusterTolerance,
    Columns,
    Confidence,
    Controls,
    Data,
    Dev,
    Device,
    DeviceMap,
    DryRun,
    Dtype,
    DtypeChoice,
    Format,
    Intervals,
    Label,
    LayerTolerance,
    Limit,
    LongChoice,
    Measures,
    Memory,
    Metric,
    MomentProducts,
    NeuronTolerance,
    NonInferior,
    PoolingChoice,
    PoolingOption,
    ProductsChoice,
    ProtocolChoice,
    ProtocolOption,
    Ranking,
    RanksOption,
    RayAddress,
    Reference,
    Remote,
    Representative,
    Seed,
    Side,
    Sublayers,
    TaskNames,
    Test,
    Threads,
    Threshold,
    Tolerance,
    TooLong,
    Train,
    Window,
    WorkersOption,
)

KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Files:
    """Corpus."""

    data: Data = None
    train: Train = None
    dev: Dev = None
    test: Test = None
    file_format: Format = None
    columns: Columns = None


class Tasks:
    """Task."""

    task: TaskNames = None
    label: Label = None
    pooling: PoolingOption = PoolingChoice.auto
    limit_train_words: Limit = None


class Scoring:
    """Scores."""

    metric: Metric = None
    class_weights: ClassWeights = ClassWeightsChoice.none


class Reading:
    """Reading."""

    aggregation: Aggregation = AggregationChoice.last
    side: Side = None
    sublayers: Sublayers = None
    on_too_long: TooLong = LongChoice.window
    window: Window = None


class Judging:
    """Tolerances."""

    protocol: ProtocolOption = ProtocolChoice.default
    tolerance: Tolerance = 0.03
    layer_tolerance: LayerTolerance = None


class Claiming:
    """Tolerances."""

    confidence: Confidence = 0.95
    non_inferior: NonInferior = False


class Sieving:
    """Sieve."""

    cluster_tolerance: ClusterTolerance = None
    neuron_tolerance: NeuronTolerance = None
    reference: Reference = None
    threshold: Threshold = None
    representative: Representative = None
    ranking: Ranking = None


class Extras:
    """Extras."""

    controls: Controls = True
    intervals: Intervals = True
    measures: Measures = None


class Computing:
    """Computing."""

    batch_tokens: BatchTokens = 2048
    device: Device = "auto"
    dtype: Dtype = DtypeChoice.float32
    trust_remote_code: Remote = False


class Placing:
    """Computing."""

    device_map: DeviceMap = None


class Bounding:
    """Computing."""

    memory: Memory = None
    dry_run: DryRun = False


class Sharing:
    """Computing."""

    workers: WorkersOption = None
    threads: Threads = None
    ray_address: RayAddress = None
    ranks: RanksOption = False


class Products:
    """Computing."""

    moment_products: MomentProducts = ProductsChoice.float32


class Repeating:
    """Computing."""

    seed: Seed = 7361
    cache: Cache = None


class Reopening:
    """Another than the run's."""

    cache: Cache = None
    device: Device = "auto"
    batch_tokens: BatchTokens = 2048


REOPENED = frozenset(get_type_hints(Reopening))


def takes(*groups: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command that has the options of some groups behind its own.

    It reads them from its context (`given_options`); one that ends in ``**shared`` is given their values as well.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature, hints = inspect.signature(command), get_type_hints(command, include_extras=True)
        wants_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in signature.parameters.values())
        own = [one.replace(annotation=hints[name]) for name, one in signature.parameters.items() if name != "shared"]
        shared = [one for group in groups for one in _parameters(group)]

        @wraps(command)
        def with_shared(*args: Any, **given: Any) -> None:
            rest = given if wants_all else {one.name: given[one.name] for one in own if one.name in given}
            command(*args, **rest)

        listed = [one.replace(kind=KEYWORD) for one in [*own, *shared]]
        with_shared.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
        with_shared.__annotations__ = {one.name: one.annotation for one in listed}
        return with_shared

    return decorate


def _parameters(group: type) -> list[inspect.Parameter]:
    panel = (group.__doc__ or "").rstrip(".")
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(name, KEYWORD, default=getattr(group, name), annotation=_in(panel, hint))
        for name, hint in hints.items()
    ]


def _in(panel: str, hint: Any) -> Any:
    """The same option, shown in a panel of the help."""
    kind, option = get_args(hint)
    option = copy.copy(option)
    option.rich_help_panel = panel
    return Annotated[kind, option]
