from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.probes import Protocol
from neurosieve.sieve import SieveResult, SieveSettings, run_sieve
from neurosieve.task_specific import (
    RANKINGS,
    LayerProbes,
    RankingInputs,
    TaskData,
    Tolerance,
    forward_selection,
    paper_sizes,
    probe_layers,
    rank,
    rank_by_lca,
)
from tests.probes.planted import raw, split

LAYERS, UNITS, CLASSES = 4, 8, 3
COPIES = {8: 0, 9: 1, 20: 3, 30: 12}
INFORMATIVE = (0, 1, 3, 10, 12)


def planted(informative: tuple[int, ...] = INFORMATIVE, seed: int = 0, paper: bool = False) -> TaskData:
    """Independent columns, some of which decide the labels, and some of which are noisy copies of others."""
    values, labels = raw(seed, 1400, LAYERS, UNITS, CLASSES, informative=informative, noise=0.3)
    flat = values.view(len(values), -1)
    noise = torch.randn(flat.shape, generator=torch.Generator().manual_seed(seed))
    for copy, of in COPIES.items():
        flat[:, copy] = -2 * flat[:, of] + 0.02 * noise[:, copy]
    return TaskData(*split(flat.view(values.shape), labels, CLASSES), Protocol("paper" if paper else "default"))


@pytest.fixture(scope="module")
def data() -> TaskData:
    return planted()


@pytest.fixture(scope="module")
def probes(data: TaskData) -> LayerProbes:
    return probe_layers(data)


@pytest.fixture(scope="module")
def paper_data() -> TaskData:
    return planted(paper=True)


@pytest.fixture(scope="module")
def paper_probes(paper_data: TaskData) -> LayerProbes:
    return probe_layers(paper_data)


ASKED = {
    "default": SieveSettings(),
    "strict": SieveSettings(tolerance=0.005),
    "loose": SieveSettings(tolerance=0.2, confidence=None),
    "lca": SieveSettings(ranking="lca"),
    "random": SieveSettings(representative="random", seed=3),
    "own": SieveSettings(layer_tolerance=0.0, cluster_tolerance=0.02, neuron_tolerance=0.01),
    "one threshold": SieveSettings(thresholds=(0.3,)),
    "unclustered": SieveSettings(thresholds=(None,)),
    "stage": SieveSettings(reference="stage"),
    "grid": SieveSettings(grid_search=True),
}


def columns_of(result: SieveResult) -> list[IntArray]:
    return [step.columns for step in result.steps]


@pytest.mark.parametrize("settings", ASKED.values(), ids=ASKED)
def test_the_contract_of_every_step(data, probes, settings):
    result = run_sieve(data, probes, settings)
    assert [step.name for step in result.steps] == ["LayerSelector", "correlation clustering", "feature selection"]
    layers, clustered, kept = columns_of(result)
    assert np.array_equal(layers, np.arange(len(layers)))
    assert len(layers) % UNITS == 0
    assert set(kept.tolist()) <= set(clustered.tolist()) <= set(layers.tolist())
    assert len(set(kept.tolist())) == len(kept) > 0
    assert np.array_equal(kept, result.columns)
    assert result.steps[-1].scored is result.scored
    assert np.array_equal(result.data.columns, clustered)


@pytest.mark.parametrize("settings", ASKED.values(), ids=ASKED)
def test_ids_are_the_full_model_s_and_a_probe_on_just_these_scores_the_same(data, probes, settings):
    result = run_sieve(data, probes, settings)
    probe = result.scored.probe
    assert probe.weight.shape == (len(result.columns), CLASSES)
    by_hand = (data.test.rows.gather(result.columns) @ probe.weight + probe.bias).argmax(1).numpy()
    assert np.array_equal(by_hand, result.scored.predictions)
    again = data.select(result.columns).fit_all()
    assert again.dev == pytest.approx(result.scored.dev, abs=1e-9)
    assert again.test == pytest.approx(result.scored.test, abs=1e-9)


@pytest.mark.parametrize("name", [name for name, settings in ASKED.items() if settings.reference == "oracle"])
def test_the_overall_tolerance_holds_on_dev_after_every_step(data, probes, name):
    settings = ASKED[name]
    bound = (1 - settings.tolerance) * probes.oracle.dev
    for step in run_sieve(data, probes, settings).steps:
        assert step.target >= bound * (1 - 1e-12)
        assert step.scored.dev > bound


def test_the_overall_tolerance_holds_with_confidence(data, probes):
    settings = ASKED["default"]
    tolerance = Tolerance(settings.tolerance, probes.oracle, data.dev_gold, data.metric, 0.95, settings.seed)
    assert tolerance.accepts(run_sieve(data, probes, settings).scored)


@pytest.mark.parametrize("tolerance", [0.05, 0.1])
def test_layers_end_where_the_last_informative_one_is(tolerance):
    for highest in (0, 2):
        data = planted(tuple(highest * UNITS + unit for unit in (4, 5, 6)))
        result = run_sieve(data, probe_layers(data), SieveSettings(tolerance=tolerance, confidence=None))
        assert len(result.steps[0].columns) == (highest + 1) * UNITS
        assert set((result.columns // UNITS).tolist()) <= set(range(highest + 1))


def test_only_informative_neurons_are_kept(data, probes):
    result = run_sieve(data, probes, SieveSettings(tolerance=0.05))
    twins = COPIES | {of: copy for copy, of in COPIES.items()}
    for column in result.columns[:3].tolist():
        assert column in INFORMATIVE or twins.get(column) in INFORMATIVE
    assert len(result.columns) < 12


def test_of_a_neuron_and_its_copy_one_is_kept(data, probes):
    result = run_sieve(data, probes, SieveSettings(thresholds=(0.05,), layer_tolerance=0.0, confidence=None))
    layers, clustered, _ = columns_of(result)
    assert result.steps[1].threshold == 0.05
    copies = [(copy, of) for copy, of in COPIES.items() if copy < len(layers)]
    assert copies
    assert all(((copy in clustered) + (of in clustered)) == 1 for copy, of in copies)
    assert len(clustered) == len(layers) - len(copies)


@pytest.mark.parametrize("thresholds", [(1.0, 0.05), (0.05, 1.0), (0.05, None)])
def test_the_first_threshold_that_passes_is_taken(data, probes, thresholds):
    settings = SieveSettings(thresholds=thresholds, confidence=None)
    assert run_sieve(data, probes, settings).steps[1].threshold == 0.05


def test_without_clustering_nothing_is_trained_anew(data, probes):
    result = run_sieve(data, probes, ASKED["unclustered"])
    layers, clustered, _ = result.steps
    assert clustered.threshold is None
    assert clustered.scored is layers.scored
    assert np.array_equal(clustered.columns, layers.columns)


def test_where_no_threshold_passes_nothing_is_clustered(data, probes):
    result = run_sieve(data, probes, SieveSettings(thresholds=(1.0,)))
    assert result.steps[1].threshold is None
    assert np.array_equal(result.steps[1].columns, result.steps[0].columns)


def test_against_the_oracle_no_step_s_target_is_below_the_overall_one(data, probes):
    steps = run_sieve(data, probes, SieveSettings(layer_tolerance=0.5, cluster_tolerance=0.5)).steps
    assert [step.target for step in steps] == pytest.approx([0.97 * probes.oracle.dev] * 3)
    third = run_sieve(data, probes, SieveSettings(neuron_tolerance=0.01)).steps
    expected = max(0.99 * third[1].scored.dev, 0.97 * probes.oracle.dev)
    assert third[2].target == pytest.approx(expected)


def test_against_the_stage_each_step_looks_at_the_one_before(data, probes):
    settings = SieveSettings(reference="stage", layer_tolerance=0.2, cluster_tolerance=0.1, neuron_tolerance=0.15)
    layers, clustered, kept = run_sieve(data, probes, replace(settings, confidence=None)).steps
    assert layers.target == pytest.approx(0.8 * probes.oracle.dev)
    assert clustered.target == pytest.approx(0.9 * layers.scored.dev)
    assert kept.target == pytest.approx(0.85 * clustered.scored.dev)
    assert kept.target < 0.97 * probes.oracle.dev
    assert all(step.scored.dev > step.target for step in (layers, clustered, kept))


def test_against_the_stage_a_third_of_the_tolerance_is_each_step_s_own(data, probes):
    layers, clustered, kept = run_sieve(data, probes, SieveSettings(reference="stage", tolerance=0.06)).steps
    assert [step.tolerance for step in (layers, clustered, kept)] == pytest.approx([0.02] * 3)
    assert kept.target == pytest.approx(0.98 * clustered.scored.dev)
    assert clustered.scored.dev > clustered.target


def test_the_paper_takes_its_threshold_as_given(data, probes):
    settings = SieveSettings(reference="stage", thresholds=(1.0,), judge_clusters=False)
    step = run_sieve(data, probes, settings).steps[1]
    assert (step.threshold, len(step.columns), step.tolerance) == (1.0, 1, None)
    bounded = run_sieve(data, probes, replace(settings, reference="oracle")).steps[1]
    assert (bounded.threshold, bounded.tolerance) == (None, 0.01)


def test_the_paper_s_procedure(paper_data, paper_probes):
    settings = SieveSettings.paper(seed=5)
    result = run_sieve(paper_data, paper_probes, settings)
    layers, clustered, kept = result.steps
    first = next(i for i, one in enumerate(paper_probes.prefixes) if one.dev > 0.99 * paper_probes.oracle.dev)
    assert len(layers.columns) == (first + 1) * UNITS
    assert clustered.threshold == 0.3
    assert kept.target == pytest.approx(0.99 * clustered.scored.dev)
    order = rank_by_lca(result.data, clustered.scored)
    assert np.array_equal(result.columns, clustered.columns[order[: len(result.columns)]])
    sizes = [*paper_sizes(LAYERS * UNITS, len(clustered.columns)), len(clustered.columns)]
    assert len(result.columns) in sizes
    smaller = sizes[: sizes.index(len(result.columns))]
    assert smaller
    assert all(result.data.select(order[:size]).fit_all().dev <= kept.target for size in smaller)


@pytest.mark.parametrize("ranking", RANKINGS)
def test_the_kept_neurons_are_the_head_of_the_ranking(data, probes, ranking):
    result = run_sieve(data, probes, SieveSettings(ranking=ranking))
    clustered = result.steps[1]
    by_hand = {"forward": lambda: forward_selection(result.data.moments), "lca": lambda: rank_by_lca(result.data)}
    order = by_hand.get(ranking, lambda: rank(ranking, RankingInputs(result.data, oracle=clustered.scored)))()
    assert np.array_equal(result.order, clustered.columns[order])
    assert np.array_equal(result.columns, result.order[: len(result.columns)])
    assert result.scored.dev > 0.97 * probes.oracle.dev


@pytest.mark.parametrize("size", [1, 5, UNITS + 1, 20, LAYERS * UNITS])
def test_a_size_is_kept_whatever_the_tolerance_says(data, probes, size):
    free, result = (run_sieve(data, probes, SieveSettings(size=one)) for one in (None, size))
    layers, clustered, kept = columns_of(result)
    assert len(kept) == size <= len(clustered) <= len(layers)
    assert np.array_equal(kept, result.order[:size])
    needed = max(len(free.steps[0].columns), -(-size // UNITS) * UNITS)
    assert len(layers) == needed
    if size <= len(free.steps[1].columns):
        assert np.array_equal(clustered, free.steps[1].columns)
        assert np.array_equal(result.order, free.order)
    assert data.select(kept).fit_all().dev == pytest.approx(result.scored.dev, abs=1e-9)


def test_a_size_takes_the_coarsest_clusters_that_leave_as_many(data, probes):
    settings = SieveSettings(thresholds=(1.0, 0.05, None), confidence=None, size=LAYERS * UNITS - len(COPIES))
    assert run_sieve(data, probes, settings).steps[1].threshold == 0.05
    more = replace(settings, size=LAYERS * UNITS - len(COPIES) + 1)
    assert run_sieve(data, probes, more).steps[1].threshold is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ranking": "best"}, "There is no ranking 'best'; there are forward, pruned"),
        ({"size": 3, "non_inferior": True}, "leave out the size, or non-inferiority"),
    ],
)
def test_settings_that_make_no_sense(wrong, message):
    with pytest.raises(ConfigError, match=message):
        SieveSettings(**wrong)


@pytest.mark.parametrize("size", [0, LAYERS * UNITS + 1])
def test_a_size_is_one_of_the_neurons(data, probes, size):
    with pytest.raises(ConfigError, match=f"A size must lie between 1 and the 32 neurons; it is {size}"):
        run_sieve(data, probes, SieveSettings(size=size))


def test_a_bound_that_cannot_be_met_keeps_what_clustering_left(data, probes):
    result = run_sieve(data, probes, SieveSettings(neuron_tolerance=0.0))
    assert not result.selection.reached
    assert set(result.columns.tolist()) == set(result.steps[1].columns.tolist())


def test_the_same_seed_gives_the_same_sieve(data, probes):
    one, two = (run_sieve(data, probes, ASKED["random"]) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(columns_of(one), columns_of(two), strict=True))
    assert torch.equal(one.scored.probe.weight, two.scored.probe.weight)


def test_the_seed_chooses_random_representatives(data, probes):
    found = {
        tuple(
            run_sieve(data, probes, SieveSettings(thresholds=(0.05,), representative="random", seed=seed))
            .steps[1]
            .columns.tolist()
        )
        for seed in range(6)
    }
    assert len(found) > 1


def test_progress_is_told_step_by_step(data, probes):
    told: list[str] = []
    run_sieve(data, probes, ASKED["unclustered"], progress=told.append)
    assert told == ["LayerSelector", "correlation clustering", "feature selection"]
