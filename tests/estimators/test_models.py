from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import log_softmax, softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, r2_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.estimators import NeuronSieve, SieveClassifier, SieveRegressor
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.sieve import SieveSettings, run_sieve
from neurosieve.task_specific import TaskData, probe_layers
from tests.estimators.planted import CLASSES, LAYERS, UNITS, informative_or_copy


@pytest.fixture(scope="module")
def classifier(data):
    return SieveClassifier(layers=LAYERS).fit(data.X, data.classes, groups=data.sentences)


@pytest.fixture(scope="module")
def binary(data):
    return SieveClassifier().fit(data.X, data.numbers > 0)


@pytest.fixture(scope="module")
def regressor(data):
    return SieveRegressor(layers=LAYERS).fit(data.X, data.numbers, groups=data.sentences)


def rows_of(X, labels):
    rows = ArrayRows(np.ascontiguousarray(X).reshape(len(X), LAYERS, UNITS))
    return LabelledRows(rows, torch.from_numpy(labels), np.arange(len(X)), tuple(CLASSES))


def test_the_neurons_are_the_selector_s(data, classifier):
    selector = NeuronSieve(layers=LAYERS).fit(data.X, data.classes, groups=data.sentences)
    assert np.array_equal(selector.support_, classifier.support_)
    assert np.array_equal(selector.ranking_, classifier.ranking_)
    assert informative_or_copy(np.flatnonzero(classifier.support_))


def test_it_is_the_sieve_of_the_package(data, fresh):
    """The same rows by hand through `run_sieve`, whose third step ranks by forward selection."""
    model = SieveClassifier(layers=LAYERS, ranking="forward", confidence=None).fit(data.X, data.classes)
    held = np.isin(np.arange(len(data.X)), model.validation_rows_)
    labels, unseen = (np.searchsorted(CLASSES, part.classes) for part in (data, fresh))
    train, dev = (rows_of(data.X[part], labels[part]) for part in (~held, held))
    moments = moments_of(train.rows, train.labels, len(CLASSES))
    task = TaskData(train, dev, rows_of(fresh.X, unseen), moments, Protocol())
    probes = probe_layers(task)
    result = run_sieve(task, probes, SieveSettings(confidence=None))
    assert np.array_equal(np.sort(result.columns), np.flatnonzero(model.support_))
    assert np.array_equal(CLASSES[result.scored.predictions], model.predict(fresh.X))
    assert (result.scored.dev, probes.oracle.dev) == (model.score_, model.oracle_score_)
    assert result.steps[1].threshold == model.threshold_
    assert np.array_equal(result.steps[1].columns, model.representatives_)


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_its_score_is_that_of_the_rows_held_out(request, data, name):
    model = request.getfixturevalue(name)
    held = model.validation_rows_
    gold = data.classes if name == "classifier" else data.numbers
    assert model.score(data.X[held], gold[held]) == pytest.approx(model.score_, abs=1e-6)


def test_coefficients_are_of_all_columns(classifier, regressor, binary):
    n = LAYERS * UNITS
    assert classifier.coef_.shape == (3, n)
    assert classifier.intercept_.shape == (3,)
    assert binary.coef_.shape == (1, n)
    assert binary.intercept_.shape == (1,)
    assert regressor.coef_.shape == (n,)
    assert isinstance(regressor.intercept_, float)
    for model in (classifier, binary, regressor):
        used = np.abs(np.atleast_2d(model.coef_)).sum(axis=0) > 0
        assert np.array_equal(used, model.support_)


def test_decisions_are_linear_in_all_columns(fresh, classifier, binary, regressor):
    X = fresh.X.astype(np.float64)
    whole = X @ classifier.coef_.T + classifier.intercept_
    assert classifier.decision_function(X) == pytest.approx(whole, abs=1e-9)
    assert np.array_equal(classifier.predict(X), CLASSES[whole.argmax(axis=1)])
    one = X @ binary.coef_[0] + binary.intercept_[0]
    assert binary.decision_function(X) == pytest.approx(one, abs=1e-9)
    assert np.array_equal(binary.predict(X), one > 0)
    assert regressor.predict(X) == pytest.approx(X @ regressor.coef_ + regressor.intercept_, abs=1e-9)


def test_probabilities_are_those_of_the_scores(fresh, classifier, binary):
    scores = classifier.decision_function(fresh.X)
    assert classifier.predict_proba(fresh.X) == pytest.approx(softmax(scores, axis=1))
    assert classifier.predict_log_proba(fresh.X) == pytest.approx(log_softmax(scores, axis=1))
    both = np.stack([np.zeros(len(fresh.X)), binary.decision_function(fresh.X)], axis=1)
    assert binary.predict_proba(fresh.X) == pytest.approx(softmax(both, axis=1))
    assert binary.predict_log_proba(fresh.X) == pytest.approx(log_softmax(both, axis=1))


def test_rows_are_predicted_alike_in_any_batch(fresh, classifier):
    one_by_one = np.concatenate([classifier.decision_function(row[None]) for row in fresh.X[:50]])
    assert one_by_one == pytest.approx(classifier.decision_function(fresh.X)[:50], abs=1e-12)


def test_few_neurons_do_as_well_as_another_model_on_all(data, fresh, classifier, regressor):
    whole = LogisticRegression().fit(data.X, data.classes).score(fresh.X, fresh.classes)
    assert classifier.score(fresh.X, fresh.classes) > 0.97 * whole
    assert classifier.support_.sum() <= 6
    ridge = r2_score(fresh.numbers, Ridge().fit(data.X, data.numbers).predict(fresh.X))
    assert regressor.score(fresh.X, fresh.numbers) > 0.95 * ridge
    assert informative_or_copy(np.flatnonzero(regressor.support_))


def test_numbers_far_from_0_keep_their_digits(data, regressor):
    far = SieveRegressor(layers=LAYERS).fit(data.X, data.numbers + 2.0**30, groups=data.sentences)
    assert np.array_equal(far.support_, regressor.support_)
    assert far.predict(data.X) - 2.0**30 == pytest.approx(regressor.predict(data.X), abs=1e-5)


@pytest.mark.parametrize("classes", [["a", "b"], [-1, 1], [0.5, 1.5], [False, True]])
def test_labels_of_any_kind_come_back(data, classes):
    gold = np.array(classes)[(data.numbers > 0).astype(int)]
    if gold.dtype == np.float64:
        with pytest.raises(ValueError, match="Unknown label type: continuous"):
            SieveClassifier().fit(data.X, gold)
        return
    model = SieveClassifier().fit(data.X, gold)
    assert model.classes_.tolist() == classes
    assert model.predict(data.X).dtype == gold.dtype
    assert model.score(data.X, gold) > 0.9


def test_another_metric_decides(data):
    rare = (data.numbers > np.quantile(data.numbers, 0.9)).astype(int)
    model = SieveClassifier(metric="f1").fit(data.X, rare)
    held = model.validation_rows_
    assert model.score_ == pytest.approx(f1_score(rare[held], model.predict(data.X[held])))
    pearson = SieveRegressor(metric="pearson").fit(data.X, data.numbers)
    held = pearson.validation_rows_
    r = np.corrcoef(data.numbers[held], pearson.predict(data.X[held]))[0, 1]
    assert pearson.score_ == pytest.approx(r, abs=1e-6)


def test_it_selects_for_select_from_model(data, classifier):
    chosen = SelectFromModel(classifier, prefit=True, threshold=1e-12)
    assert np.array_equal(chosen.get_support(), classifier.support_)


@pytest.mark.parametrize("kind", [SieveClassifier, SieveRegressor])
def test_a_pipeline_in_a_grid_search(data, kind):
    gold = data.classes if kind is SieveClassifier else data.numbers
    pipeline = make_pipeline(StandardScaler(), kind(confidence=None))
    name = kind.__name__.lower()
    search = GridSearchCV(pipeline, {f"{name}__n_neurons": [1, 5], f"{name}__ranking": ["forward", "pruned"]}, cv=3)
    search.fit(data.X, gold, **{f"{name}__groups": data.sentences})
    assert search.best_params_[f"{name}__n_neurons"] == 5
    assert search.best_score_ > 0.85
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert kind.__name__ in search._repr_html_()


def test_frames_must_have_their_columns_in_order(data, fresh):
    names = [f"unit {column}" for column in range(LAYERS * UNITS)]
    frame = pd.DataFrame(data.X, columns=names)
    model = SieveClassifier().fit(frame, pd.Series(data.classes))
    assert model.feature_names_in_.tolist() == names
    assert np.array_equal(
        model.predict(pd.DataFrame(fresh.X, columns=names)),
        SieveClassifier().fit(data.X, data.classes).predict(fresh.X),
    )
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(frame[names[::-1]])


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_pickled_it_predicts_the_same_bytes(request, fresh, name):
    model = request.getfixturevalue(name)
    again = pickle.loads(pickle.dumps(model))
    assert again.predict(fresh.X).tobytes() == model.predict(fresh.X).tobytes()


@pytest.mark.parametrize(
    ("model", "method"),
    [
        (SieveClassifier(), "predict"),
        (SieveClassifier(), "predict_proba"),
        (SieveClassifier(), "predict_log_proba"),
        (SieveClassifier(), "decision_function"),
        (SieveRegressor(), "predict"),
    ],
)
def test_nothing_is_predicted_before_it_is_fitted(fresh, model, method):
    with pytest.raises(NotFittedError):
        getattr(model, method)(fresh.X)


@pytest.mark.parametrize("rows", [6, 10, 20])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_few_rows_do(rows, columns):
    draw = np.random.default_rng(rows)
    X, y = draw.standard_normal((rows, columns)), np.arange(rows) % 2
    X[:, 0] += 6 * y
    assert SieveClassifier().fit(X, y).score(X, y) > 0.9
    assert SieveRegressor().fit(X, y + 0.1 * X[:, 0]).n_neurons_ >= 1
    assert NeuronSieve(n_neurons=1).fit(X, y).get_support(indices=True).tolist() == [0]


@pytest.mark.parametrize("model", [NeuronSieve(), SieveClassifier(), SieveRegressor(), NeuronSieve(layers=40)])
@pytest.mark.parametrize("rows", [5, 7, 20])
@pytest.mark.filterwarnings("ignore:.* there is nothing to stay close to:UserWarning")
def test_more_columns_than_rows_do(model, rows):
    draw = np.random.default_rng(rows)
    X, y = draw.standard_normal((rows, 200)), np.arange(rows) % 2
    kept = clone(model).fit(X, y).support_
    assert 1 <= kept.sum() <= 200


def test_many_classes_and_one_of_a_single_row(data):
    gold = np.minimum((data.numbers - data.numbers.min()).astype(int), 6)
    gold[11] = 99
    model = SieveClassifier().fit(data.X, gold)
    assert 99 in model.classes_
    assert 11 not in model.validation_rows_
