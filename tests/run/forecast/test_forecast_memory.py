"""Bytes that a forecast names, against the arrays that the stages really make."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.activations import load_encoder, plan_extraction
from neurosieve.activations.shards import compute_shard, plan_shards
from neurosieve.arrays import ArrayRows, Grid
from neurosieve.errors import MemoryLimitError
from neurosieve.memory import Room
from neurosieve.moments import moments_of
from neurosieve.probes.lbfgs import minimise
from neurosieve.probes.probe import Range
from neurosieve.probes.protocol import SEARCH_BYTES, _together
from neurosieve.run.forecast import memory
from neurosieve.run.forecast.planning import SPARE, Allowed, planned, told
from neurosieve.run.forecast.rates import UNKNOWN
from neurosieve.run.forecast.sizes import Asked, ModelSize, Plan, RunSize, SplitSize, TaskSize
from neurosieve.run.forecast.stages import of_extract, of_general, of_run

HELD = 300_000_000
SMALLEST = Plan(256, Room(1, 2048, 512, 256, 32_000_000, 0, True))


def size(
    layers: int = 7, units: int = 384, words: int = 20_000, outputs: int = 20, *, text: bool = True, gaps: bool = False
) -> RunSize:
    model = ModelSize(layers, units, 4 * units, 12 * layers * units**2 * 4, gaps=gaps)
    splits = tuple(
        SplitSize(name, max(1, words // part), 1.3 * words / part, words // part)
        for name, part in (("train", 1), ("dev", 10), ("test", 4))
    )
    source = SplitSize("text", words, 1.3 * words, words) if text else None
    return RunSize(model, source, (TaskSize("pos", splits, outputs, key="a"),))


def peak(asked: RunSize, plan: Plan | None = None) -> int:
    return max(stage.peak_bytes for stage in of_run(asked, plan or Plan(), UNKNOWN, HELD))


def test_the_products_of_moments_are_counted_to_the_byte() -> None:
    grid = Grid(3, 8)
    moments = moments_of(ArrayRows(torch.randn((50, 3, 8))))
    assert memory.products(ModelSize(grid.layers, grid.units, 32, 0)) == moments.products.nbytes


def test_a_shard_is_counted_to_the_byte(model, tmp_path) -> None:
    encoder = load_encoder(str(model), device="cpu")
    plan = plan_extraction(encoder, [("the", "fox", "is", "lazy")] * 30)
    (shard,) = plan_shards(plan)
    made = compute_shard(encoder, plan, shard, 256)
    expected = memory.shard(ModelSize(encoder.n_layers, encoder.n_units, 64, 0), shard.words)
    assert sum(values.nbytes for values in made) == expected


def test_a_search_holds_no_more_vectors_than_are_counted() -> None:
    columns, outputs = 37, 11
    start = torch.zeros((columns, outputs))
    target, scale = torch.randn((columns, outputs)), torch.linspace(0.1, 3.0, columns)[:, None]
    search = minimise(start)
    point = next(search)
    for _ in range(15):
        point = search.send((float((scale * (point - target) ** 2).sum()), 2 * scale * (point - target)))
    gc.collect()
    tensors = {id(one): one for one in gc.get_objects() if type(one) is torch.Tensor}
    held = sum(one.nbytes for one in tensors.values() if one.shape == start.shape)
    assert 20 * start.nbytes < held <= SEARCH_BYTES * columns * outputs


def test_the_columns_of_all_layers_and_prefixes() -> None:
    grid = Grid(5, 6)
    ranges = [grid.layer(i) for i in range(5)] + [grid.prefix(i) for i in range(1, 5)]
    counted = memory.columns_of_prefixes(ModelSize(5, 6, 24, 0))
    assert counted == sum(part.stop - part.start for part in ranges)


def test_stages_without_blocks_to_copy_hold_less() -> None:
    assert peak(size(gaps=True)) > peak(size())


@pytest.mark.parametrize("larger", [{"words": 60_000}, {"units": 768}, {"layers": 13}, {"outputs": 300}])
def test_more_of_anything_takes_more(larger: dict[str, int]) -> None:
    small, large = (of_run(size(**more), Plan(), UNKNOWN, HELD) for more in ({}, larger))
    pairs = list(zip(small, large, strict=True))
    assert all(b.peak_bytes >= a.peak_bytes and b.cache_bytes >= a.cache_bytes for a, b in pairs)
    assert all(b.seconds >= a.seconds for a, b in pairs)
    assert any(b.peak_bytes > a.peak_bytes for a, b in pairs)
    assert sum(b.seconds for _, b in pairs) > sum(a.seconds for a, _ in pairs)


@given(
    layers=st.integers(2, 40),
    units=st.integers(8, 4096),
    words=st.integers(50, 10**7),
    outputs=st.integers(2, 400),
    limit=st.integers(10**8, 10**12),
)
def test_a_plan_fits_its_limit_or_is_refused(layers: int, units: int, words: int, outputs: int, limit: int) -> None:
    asked = size(layers, units, words, outputs)

    def stages(plan: Plan) -> list:
        return of_run(asked, plan, UNKNOWN, HELD)

    if max(stage.peak_bytes for stage in stages(SMALLEST)) <= SPARE * limit:
        plan = planned(stages, Plan(), Allowed(limit, True))
        assert max(stage.peak_bytes for stage in stages(plan)) <= SPARE * limit
    else:
        with pytest.raises(MemoryLimitError, match=r"would hold .* at its peak; the limit is"):
            planned(stages, Plan(), Allowed(limit, True))


def test_a_roomy_limit_changes_nothing_but_what_a_search_may_hold() -> None:
    def stages(plan: Plan) -> list:
        return of_run(size(), plan, UNKNOWN, HELD)

    plan = planned(stages, Plan(), Allowed(10**11, True))
    assert replace(plan.room, held_bytes=None) == Room()
    assert plan.room.held_bytes is not None
    assert told(plan).startswith("at most ")


def test_a_tight_limit_changes_more_and_says_so() -> None:
    def stages(plan: Plan) -> list:
        return of_run(size(words=200_000), plan, UNKNOWN, HELD)

    plan = planned(stages, Plan(), Allowed(800_000_000, True))
    assert plan.room.shards == 1
    assert plan.room.live_words < 16384
    assert "a shard is written before the next is computed" in told(plan)


def test_without_a_limit_nothing_is_tuned() -> None:
    def stages(plan: Plan) -> list:
        return of_run(size(), plan, UNKNOWN, HELD)

    assert planned(stages, Plan(), Allowed(10**12, False)) == Plan()
    with pytest.raises(MemoryLimitError, match=r"what this machine has available is 0\.500 GB|500 MB"):
        planned(stages, Plan(), Allowed(500_000_000, False))


@pytest.mark.parametrize(
    ("command", "asked", "advice"),
    [
        (of_run, size(text=False), "--limit-train-words"),
        (of_general, size(), "--threshold 0.5"),
        (of_extract, size(), "take a smaller model"),
    ],
)
def test_a_refusal_names_the_stage_and_what_to_do(command, asked: RunSize, advice: str) -> None:
    def stages(plan: Plan) -> list:
        return command(asked, plan, UNKNOWN, HELD)

    with pytest.raises(
        MemoryLimitError, match=r"The stage '.*' would hold .* MB at its peak; the limit is 1\.00 MB\."
    ) as e:
        planned(stages, Plan(), Allowed(1_000_000, True))
    assert advice in str(e.value)


def test_what_would_need_all_of_a_limit_is_refused() -> None:
    def stages(plan: Plan) -> list:
        return of_run(size(text=False), plan, UNKNOWN, HELD)

    least = max(stage.peak_bytes for stage in stages(SMALLEST))
    with pytest.raises(MemoryLimitError, match=r"the limit is .* MB\. 5% of it are kept free\. Allow more"):
        planned(stages, Plan(), Allowed(int(1.01 * least), True))
    assert planned(stages, Plan(), Allowed(int(1.06 * least), True)).room.shards == 1


def test_tasks_on_the_same_rows_share_what_is_made_once() -> None:
    one = size(text=False)
    twice = replace(one, tasks=(one.tasks[0], replace(one.tasks[0], name="chunk")))
    names = [stage.name for stage in of_run(twice, Plan(), UNKNOWN, HELD)]
    assert names.count("pos: general redundancy") == 1
    assert "chunk: general redundancy" not in names
    assert "chunk: moments" in names


def test_what_is_in_the_cache_is_not_read_again() -> None:
    asked = size(text=False)
    known = replace(asked.tasks[0], splits=tuple(replace(s, there=s.rows) for s in asked.tasks[0].splits))
    stages = of_run(replace(asked, tasks=(known,)), Plan(), UNKNOWN, HELD)
    read = [stage for stage in stages if stage.name.startswith("extract")]
    assert [stage.cache_bytes for stage in read] == [0, 0, 0]
    assert {stage.note for stage in read} == {"in the cache"}
    assert all(stage.seconds < 1 for stage in read)


def test_one_threshold_needs_no_square() -> None:
    model = ModelSize(33, 4096, 16384, 0)
    text = SplitSize("text", 4096, 5000.0, 4096)
    asked = RunSize(model, text, (), Asked(threshold=0.5))
    assert max(stage.peak_bytes for stage in of_general(asked, Plan(), UNKNOWN, HELD)) < 8 * model.square / 3


def test_probes_share_a_pass_as_long_as_there_is_room() -> None:
    ranges = [Range(0, 10), Range(0, 20), Range(0, 30), Range(0, 5)]
    assert list(_together(ranges, 3, None)) == [ranges]
    assert list(_together(ranges, 3, 30 * 3 * SEARCH_BYTES)) == [ranges[:2], [ranges[2]], [ranges[3]]]
    assert list(_together(ranges, 3, 1)) == [[one] for one in ranges]
    assert np.concatenate([list(part) for part in _together(ranges, 3, 10**6)]).tolist() == [list(r) for r in ranges]
