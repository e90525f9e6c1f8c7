import subprocess

import numpy as np
import pytest
from benchmarks.harness.prepare import preparing
from benchmarks.inputs.correlation import condensed_of
from benchmarks.peers.checksum import checksum
from benchmarks.peers.covariance import error_of
from benchmarks.workers.linkage import similarity_of
from scipy.spatial.distance import squareform


def test_an_input_is_made_once(tmp_path):
    path = tmp_path / "layers.npy"
    prepare = preparing(path, "benchmarks.inputs.layers", path, 50, 2, 7)

    prepare()
    made = np.load(path)
    path.write_bytes(b"left as it is")
    prepare()

    assert made.shape == (50, 14)
    assert made.dtype == np.float32
    assert path.read_bytes() == b"left as it is"


def test_an_input_that_cannot_be_made_is_an_error(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        preparing(tmp_path / "never", "benchmarks.inputs.layers", "too few arguments")()


def test_condensed_distances_are_scipys_and_go_back_to_r():
    r = np.corrcoef(np.random.default_rng(0).standard_normal((9, 20))).astype(np.float32)

    condensed = condensed_of(r)

    np.testing.assert_allclose(condensed, squareform(1 - np.abs(r), checks=False), atol=1e-6)
    np.testing.assert_allclose(similarity_of(condensed), np.abs(r), atol=1e-6)


def test_the_checksum_tells_a_word_or_a_neuron_that_moved_and_adds_up():
    vectors = np.random.default_rng(0).standard_normal((6, 5)).astype(np.float32)
    words = np.arange(6)
    whole = checksum(vectors, words)

    assert checksum(vectors[:2], words[:2]) + checksum(vectors[2:], words[2:]) == pytest.approx(whole)
    assert abs(checksum(vectors[::-1], words) - whole) > 0.1
    assert abs(checksum(vectors[:, ::-1], words) - whole) > 0.1


def test_the_error_of_a_covariance_is_by_the_deviations_and_blind_to_the_divisor():
    values = np.random.default_rng(0).standard_normal((200, 120)) * np.linspace(1, 50, 120) + 7.0
    covariance = np.cov(values, rowvar=False, bias=True)

    assert error_of(covariance, values) < 1e-12
    assert error_of(np.cov(values, rowvar=False), values) < 1e-12
    wrong = covariance.copy()
    wrong[0, 0] += 0.5 * covariance[0, 0]
    assert error_of(wrong, values) == pytest.approx(0.5, abs=1.5 / 200)  # either divisor may be taken
