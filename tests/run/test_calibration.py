"""The run calibrates what it makes: the temperature of dev, judged on test, and carried by the compact model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from neurosieve.compact import CompactModel, read_about
from neurosieve.run.calibration import residual, scores_on
from neurosieve.run.pipeline import run
from neurosieve.run.reopen import reopen
from tests.run.conftest import Done
from tests.run.small import settings, write_stsb


@pytest.fixture(scope="module")
def opened(done: Done):
    return reopen(done.out).prepared("pos")


def test_the_temperature_is_the_one_of_the_saved_head_s_scores_on_dev(done: Done, opened) -> None:
    small = CompactModel.from_pretrained(done.out / "compact", device="cpu")
    words = [sentence.words for sentence in opened.corpus.splits["dev"].sentences]
    scores = small.scores(words).double().numpy()
    labels = opened.data.dev_gold.labels

    def loss(log_t: float) -> float:
        scaled = scores / np.exp(log_t)
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))

    found = done.results.tasks["pos"].compact.calibrated
    best = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-9})
    assert loss(np.log(found.fitted)) <= best.fun + 1e-6
    low, high = found.fitted_interval or (0.0, np.inf)
    assert low <= found.fitted <= high
    assert small.head.temperature == found.temperature == (1.0 if low <= 1.0 <= high else found.fitted)
    assert found.rows == len(labels)


def test_errors_are_told_before_and_after_and_travel_with_the_model(done: Done) -> None:
    found = done.results.tasks["pos"].compact.calibrated
    for one in (found.dev_before, found.dev_after, found.test_before, found.test_after):
        assert 0 <= one.interval[0] <= one.interval[1]
        assert 0 <= one.value <= one.interval[1]
    about = read_about(done.out / "compact").tasks["pos"].calibration
    assert (about.temperature, about.rows) == (found.temperature, found.rows)
    assert (about.ece_before, about.ece_after) == (found.test_before.value, found.test_after.value)
    card = (done.out / "compact" / "README.md").read_text(encoding="utf-8")
    assert f"{found.fitted:.3f}" in card
    assert f"{found.rows:,} dev rows" in card
    assert f"15 bins: {found.test_before.value:.3f} [" in card


def test_means_and_deviations_are_those_of_train(done: Done, opened) -> None:
    small = CompactModel.from_pretrained(done.out / "compact", device="cpu")
    columns = opened.data.train.rows.grid.columns(small.head.neurons)
    values = opened.data.train.rows.gather(columns).double()
    assert small.head.means.numpy() == pytest.approx(values.mean(dim=0).numpy(), abs=1e-5)
    assert small.head.deviations.numpy() == pytest.approx(values.std(dim=0, correction=0).numpy(), abs=1e-5)
    one = small.explain(["the fox is lazy ."])[0]
    assert one.centred
    assert one.deviations is not None


def test_scores_on_rows_are_those_of_one_product(opened) -> None:
    data = opened.data
    columns = np.arange(0, data.n_columns, 3)
    scored = data.select(columns).fit_all()
    dense = data.dev.rows.gather(columns).double() @ scored.probe.weight.double() + scored.probe.bias.double()
    assert scores_on(data.dev.rows, columns, scored.probe) == pytest.approx(dense.numpy(), abs=1e-3)
    assert residual(data, dense.numpy()) is None


def test_numbers_have_a_residual_and_no_temperature(model, tmp_path) -> None:
    asked = settings(model, write_stsb(tmp_path / "stsb", 80, 30), tmp_path / "out", task="stsb", pooling="mean")
    done = run(asked).tasks["stsb"]
    assert done.compact.calibrated is None
    small = CompactModel.from_pretrained(tmp_path / "out" / "compact", device="cpu")
    assert small.head.calibration is None
    prepared = reopen(tmp_path / "out").prepared("stsb")
    numbers = small.scores(prepared.corpus.splits["dev"].texts).double().numpy()[:, 0]
    expected = np.sqrt(np.mean((numbers - prepared.data.dev_gold.labels) ** 2))
    assert done.compact.residual == pytest.approx(float(expected), rel=1e-3)
    assert "(root mean square)." in (tmp_path / "out" / "compact" / "README.md").read_text(encoding="utf-8")
