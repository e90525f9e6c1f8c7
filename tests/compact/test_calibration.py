from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

from neurosieve.compact import BINS, Calibration, calibration_error, fit_temperature, temperature_interval
from neurosieve.compact.calibration import HIGHEST, LOWEST


def drawn(seed: int, rows: int, classes: int, truth: float):
    """Scores, and labels drawn from softmax(scores / truth): the right temperature is known."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 3, (rows, classes))
    shares = softmax(scores / truth, axis=1)
    labels = (shares.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)
    return scores, np.minimum(labels, classes - 1)


def loss(scores, labels, temperature):
    scaled = scores / temperature
    return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))


def groups(rows: int, size: int = 5):
    return np.arange(rows) // size


@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.1, 10), st.integers(30, 200))
def test_the_temperature_is_that_of_a_general_optimiser(seed, classes, truth, rows):
    scores, labels = drawn(seed, rows, classes, truth)
    found = fit_temperature(scores, labels)
    best = minimize_scalar(
        lambda log_t: loss(scores, labels, np.exp(log_t)),
        bounds=(np.log(LOWEST), np.log(HIGHEST)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    # The loss is flat around its minimum, so the losses agree better than the temperatures.
    assert loss(scores, labels, found) <= best.fun + 1e-12
    if LOWEST * 1.01 < found < HIGHEST / 1.01:
        assert found == pytest.approx(np.exp(best.x), rel=1e-4)


def test_the_temperature_that_labels_were_drawn_with_is_found_again():
    for truth in (0.5, 1.0, 3.0):
        assert fit_temperature(*drawn(1, 20_000, 4, truth)) == pytest.approx(truth, rel=0.05)


def test_the_scale_of_the_scores_is_the_scale_of_the_temperature():
    scores, labels = drawn(2, 500, 3, 2.0)
    assert fit_temperature(10 * scores, labels) == pytest.approx(10 * fit_temperature(scores, labels), rel=1e-9)


def test_bounds_hold_where_scores_are_always_or_never_right():
    scores = np.array([[2.0, 0.0], [0.0, 3.0]])
    assert fit_temperature(scores, [0, 1]) == pytest.approx(LOWEST)
    assert fit_temperature(scores, [1, 0]) == pytest.approx(HIGHEST)
    assert fit_temperature(1e4 * scores, [0, 1]) <= 1.0
    assert fit_temperature(1e4 * scores, [1, 0]) == pytest.approx(HIGHEST)
    assert fit_temperature(np.zeros((3, 2)), [0, 1, 0]) == 1.0


def test_labels_that_training_never_saw_are_left_out():
    scores, labels = drawn(3, 300, 3, 2.0)
    more = np.vstack([scores, [[9.0, 0.0, 0.0]] * 50])
    assert fit_temperature(more, np.append(labels, np.full(50, 3))) == fit_temperature(scores, labels)


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([[1.0, 2.0]], [2], "No row has a label that has a score"),
        ([1.0, 2.0], [0, 1], r"Scores are \(rows × classes\), labels \(rows,\); they are \(2,\) and \(2,\)"),
        ([[1.0, 2.0]], [0, 1], r"they are \(1, 2\) and \(2,\)"),
        (np.empty((0, 2)), [], r"they are \(0, 2\)"),
        ([[1.0, np.nan]], [0], "Every score must be finite; leave out the rows that have no vector"),
    ],
)
def test_what_cannot_be_fitted_is_refused(scores, labels, message):
    with pytest.raises(ValueError, match=message):
        fit_temperature(scores, labels)


def by_hand(scores, labels, temperature):
    """Guo et al., equation 3, with a loop over bins that are open below."""
    shares = softmax(np.asarray(scores) / temperature, axis=1)
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    total = 0.0
    for low, high in zip(np.arange(BINS) / BINS, np.arange(1, BINS + 1) / BINS, strict=True):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += abs(right[inside].mean() - confidence[inside].mean()) * inside.mean()
    return total


@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([0.3, 1.0, 4.0]))
def test_the_error_is_that_of_the_definition(seed, classes, temperature):
    scores, labels = drawn(seed, 60, classes, 1.0)
    value, low, high = calibration_error(scores, labels, groups(60), temperature, seed=1)
    assert value == pytest.approx(by_hand(scores, labels, temperature), abs=1e-12)
    assert 0 <= low <= high
    assert high >= value


def test_an_unseen_label_counts_as_wrong():
    value, _, _ = calibration_error([[50.0, 0.0]] * 4, [0, 0, 2, 0], np.arange(4), seed=1)
    assert value == pytest.approx(0.25)


def test_the_right_temperature_leaves_an_error_that_chance_explains():
    scores, labels = drawn(4, 4000, 4, 3.0)
    before = calibration_error(scores, labels, groups(4000), seed=1)
    after = calibration_error(scores, labels, groups(4000), fit_temperature(scores, labels), seed=1)
    assert after[0] < before[0] / 5
    assert before[1] > after[2]
    assert after[1] == 0.0


def test_the_interval_of_calibrated_scores_reaches_0_more_often_than_not():
    """Their error is 0 in truth; every resampled error is above 0, so a percentile interval never reaches it."""
    reached = [calibration_error(*drawn(seed, 600, 4, 1.0), groups(600), seed=seed)[1] == 0.0 for seed in range(20)]
    assert sum(reached) > 10


def test_the_interval_widens_with_what_sentences_have_in_common():
    scores, labels = drawn(5, 400, 3, 0.4)
    alone = calibration_error(scores, labels, np.arange(400), seed=1)
    repeated = calibration_error(
        np.repeat(scores, 10, axis=0), np.repeat(labels, 10), np.repeat(np.arange(400), 10), seed=1
    )
    assert repeated == pytest.approx(alone)


def test_the_interval_of_a_temperature_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(100):
        scores, labels = drawn(seed, 400, 4, 2.0)
        low, high = temperature_interval(scores, labels, groups(400), fit_temperature(scores, labels))
        held += low <= 2.0 <= high
    assert 88 <= held <= 100


def test_words_of_a_sentence_are_taken_together():
    """Ten copies of each row in one sentence say no more than one."""
    scores, labels = drawn(6, 300, 3, 1.5)
    found = fit_temperature(scores, labels)
    alone = temperature_interval(scores, labels, np.arange(300), found)
    copies = [np.repeat(one, 10, axis=0) for one in (scores, labels, np.arange(300))]
    assert temperature_interval(*copies, found) == pytest.approx(alone)
    apart = temperature_interval(copies[0], copies[1], np.arange(3000), found)
    assert np.log(apart[1] / apart[0]) == pytest.approx(np.log(alone[1] / alone[0]) / 10**0.5)


def test_at_a_bound_nothing_is_known_of_the_temperature():
    assert temperature_interval([[2.0, 0.0]] * 3, [0, 0, 0], np.arange(3), LOWEST) == (0.0, np.inf)
    assert temperature_interval(np.zeros((3, 2)), [0, 1, 0], np.arange(3), 1.0) == (0.0, np.inf)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.inf, np.nan])
def test_a_temperature_lies_above_0(temperature):
    with pytest.raises(ValueError, match="A temperature lies above 0 and is finite"):
        Calibration(temperature)
