from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from neurosieve import arrays
from neurosieve.arrays import Grid
from neurosieve.estimators import NeuronSieve
from neurosieve.estimators import task as task_module
from neurosieve.task_specific import RANKINGS
from tests.estimators.planted import LAYERS, UNITS, informative_or_copy

N = LAYERS * UNITS


@pytest.fixture(scope="module")
def sieve(data):
    return NeuronSieve(layers=LAYERS).fit(data.X, data.classes, groups=data.sentences)


def test_it_keeps_what_decides(sieve):
    assert informative_or_copy(sieve.get_support(indices=True))
    assert sieve.reached_
    assert sieve.n_layers_ == 2
    assert sieve.score_ > 0.97 * sieve.oracle_score_ > 0.9


def test_its_attributes_say_the_same(sieve):
    kept = sieve.ranking_[: sieve.n_neurons_]
    assert sieve.support_.sum() == sieve.n_neurons_ == len(sieve.neurons_)
    assert np.array_equal(np.sort(kept), sieve.get_support(indices=True))
    assert Grid(LAYERS, UNITS).columns(sieve.neurons_).tolist() == kept.tolist()
    assert np.array_equal(np.sort(sieve.ranking_), sieve.representatives_)


def test_clusters_are_a_partition_in_which_each_has_its_representative(sieve):
    assert sieve.threshold_ is not None
    assert len(sieve.clusters_) == len(sieve.representatives_)
    for members, one in zip(sieve.clusters_, sieve.representatives_, strict=True):
        assert one in members
    everyone = np.concatenate(sieve.clusters_)
    assert len(set(everyone.tolist())) == len(everyone)
    assert len(everyone) % UNITS == 0  # whole layers
    assert next(members for members in sieve.clusters_ if 0 in members).tolist() == [0, 5]


def test_without_clustering_each_column_stands_for_itself(data):
    sieve = NeuronSieve(n_neurons=N).fit(data.X, data.classes)
    assert sieve.threshold_ is None
    assert all(len(members) == 1 for members in sieve.clusters_)
    assert [int(members[0]) for members in sieve.clusters_] == sieve.representatives_.tolist()


def test_a_row_held_out_shares_its_sentence_with_none_that_is_trained_on(data, sieve):
    held = np.isin(np.arange(len(data.X)), sieve.validation_rows_)
    assert 0.15 < held.mean() < 0.25
    assert not set(data.sentences[held]) & set(data.sentences[~held])


def test_transform_takes_the_columns_of_any_rows(sieve, fresh):
    assert np.array_equal(sieve.transform(fresh.X), fresh.X[:, sieve.support_])
    assert sieve.transform(fresh.X.astype(np.float64)).dtype == np.float64
    back = sieve.inverse_transform(sieve.transform(fresh.X))
    assert np.array_equal(back, np.where(sieve.support_, fresh.X, 0))


def test_what_it_keeps_serves_another_model(data, fresh, sieve):
    whole = LogisticRegression().fit(data.X, data.classes).score(fresh.X, fresh.classes)
    few = LogisticRegression().fit(sieve.transform(data.X), data.classes)
    assert few.score(sieve.transform(fresh.X), fresh.classes) > 0.97 * whole


@pytest.mark.parametrize("size", [1, 3, 17, N])
@pytest.mark.parametrize("layers", [None, LAYERS])
def test_a_fixed_size_is_kept_whatever_the_steps_before_would_leave(data, size, layers):
    sieve = NeuronSieve(n_neurons=size, layers=layers).fit(data.X, data.classes)
    assert sieve.n_neurons_ == sieve.support_.sum() == size
    assert len(sieve.ranking_) >= size
    if layers is not None and size <= UNITS * 2:
        assert sieve.n_layers_ <= 2


def test_sizes_of_one_ranking_are_nested(data):
    kept = [set(NeuronSieve(n_neurons=k).fit(data.X, data.classes).get_support(indices=True)) for k in (1, 2, 4)]
    assert kept[0] < kept[1] < kept[2]


@pytest.mark.parametrize("ranking", RANKINGS.values(), ids=RANKINGS)
def test_every_ranking_can_be_asked_for(data, ranking):
    sieve = NeuronSieve(ranking=ranking.name, n_neurons=3).fit(data.X, data.classes)
    if ranking.uses_labels and ranking.reads != "elastic net":  # which 720 rows do not train far enough
        assert informative_or_copy(sieve.ranking_[:3])


def test_numbers_are_recognised(data):
    sieve = NeuronSieve().fit(data.X, data.numbers)
    assert informative_or_copy(sieve.get_support(indices=True))
    assert 0.9 < sieve.score_ <= 1.0  # R²


def test_whole_numbers_are_classes_unless_it_is_said_otherwise(data):
    whole = np.round(data.numbers)
    assert NeuronSieve(kind="regression").fit(data.X, whole).oracle_score_ > 0.85
    with pytest.raises(ValueError, match="Unknown label type"):
        NeuronSieve(kind="classification").fit(data.X, data.numbers)


def test_constant_columns_are_never_kept(data):
    X = data.X.copy()
    X[:, [1, 2, 4]] = [0.0, 7.0, -1e6]
    assert informative_or_copy(NeuronSieve().fit(X[:, :13], data.classes).get_support(indices=True))


def test_frames_keep_their_names(data, fresh):
    names = [f"unit {column}" for column in range(N)]
    frame, other = (pd.DataFrame(X, columns=names) for X in (data.X, fresh.X))
    sieve = NeuronSieve().set_output(transform="pandas").fit(frame, data.classes)
    expected = [names[column] for column in sieve.get_support(indices=True)]
    assert sieve.feature_names_in_.tolist() == names
    assert sieve.get_feature_names_out().tolist() == expected
    assert sieve.transform(other).equals(other[expected])
    with pytest.raises(ValueError, match="must be in the same order"):
        sieve.transform(other[names[::-1]])


def test_columns_without_names_get_scikit_learn_s(sieve):
    assert sieve.get_feature_names_out().tolist() == [f"x{column}" for column in sieve.get_support(indices=True)]


@pytest.mark.parametrize("method", ["get_support", "get_feature_names_out"])
def test_nothing_is_told_before_it_is_fitted(method):
    with pytest.raises(NotFittedError):
        getattr(NeuronSieve(), method)()


def test_the_same_again_to_the_bit(data, sieve):
    again = clone(sieve).fit(np.asfortranarray(data.X.astype(np.float64)), list(data.classes), data.sentences.tolist())
    assert pickle.dumps(again.ranking_) == pickle.dumps(sieve.ranking_)
    assert np.array_equal(again.support_, sieve.support_)
    assert (again.score_, again.oracle_score_) == (sieve.score_, sieve.oracle_score_)
    assert np.array_equal(again.validation_rows_, sieve.validation_rows_)


@pytest.mark.parametrize("block_rows", [64, 100, 333])
def test_the_same_columns_in_any_row_blocks(monkeypatch, data, sieve, block_rows):
    def in_blocks(values):
        return arrays.ArrayRows(values, block_rows)

    monkeypatch.setattr(task_module, "ArrayRows", in_blocks)
    again = clone(sieve).fit(data.X, data.classes, groups=data.sentences)
    assert np.array_equal(again.support_, sieve.support_)
    assert again.ranking_[: again.n_neurons_].tolist() == sieve.ranking_[: sieve.n_neurons_].tolist()


def test_another_seed_holds_out_other_rows(data, sieve):
    other = clone(sieve).set_params(random_state=1).fit(data.X, data.classes, groups=data.sentences)
    assert not np.array_equal(other.validation_rows_, sieve.validation_rows_)


def test_a_pipeline_in_a_grid_search(data, fresh):
    pipeline = make_pipeline(StandardScaler(), NeuronSieve(confidence=None), LogisticRegression())
    grid = {"neuronsieve__n_neurons": [1, 4]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(data.X, data.classes, neuronsieve__groups=data.sentences)
    assert search.best_params_ == {"neuronsieve__n_neurons": 4}
    assert search.score(fresh.X, fresh.classes) > 0.9
    assert cross_val_score(pipeline, data.X, data.classes, cv=3).min() > 0.85


def test_groups_are_routed_where_routing_is_on(data, sieve):
    with config_context(enable_metadata_routing=True):
        asked = NeuronSieve(layers=LAYERS).set_fit_request(groups=True)
        pipeline = make_pipeline(asked, LogisticRegression()).fit(data.X, data.classes, groups=data.sentences)
    assert np.array_equal(pipeline[0].validation_rows_, sieve.validation_rows_)


def test_scaling_first_makes_units_of_measure_equal(data):
    measured = data.X.astype(np.float64) * np.geomspace(1e-6, 1e6, N)
    scaled = make_pipeline(StandardScaler(), NeuronSieve()).fit(measured, data.classes)
    assert informative_or_copy(scaled[-1].get_support(indices=True))


def test_it_is_shown_as_html(sieve):
    shown = sieve._repr_html_()
    assert "NeuronSieve" in shown
    assert "layers" in shown
    assert repr(sieve) == f"NeuronSieve(layers={LAYERS})"


def test_noise_is_told(data):
    noise = np.random.default_rng(3).standard_normal((60, 5))
    with pytest.warns(UserWarning, match=r"^NeuronSieve: .* there is nothing to stay close to"):
        sieve = NeuronSieve().fit(noise, data.numbers[:60])
    assert not sieve.reached_
    assert sieve.n_neurons_ == len(sieve.ranking_)
