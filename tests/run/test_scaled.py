"""General redundancy at one threshold, without any N × N matrix, against the way with moments."""

import numpy as np
import pytest
from pydantic import ValidationError

from neurosieve.arrays import Grid
from neurosieve.errors import MemoryLimitError
from neurosieve.run.pipeline import run_general
from neurosieve.run.scaled import Allowance, refuse_all_thresholds
from tests.run.conftest import Listener
from tests.run.small import settings
from tests.tiny_models import BLOCKS


@pytest.mark.parametrize("c_t", [0.2, 0.5, 0.8])
def test_one_threshold_by_tiles_says_what_moments_say(model, text, tmp_path, c_t):
    asked = settings(model, None, tmp_path / "a", task="code-roles", text=text)
    listener = Listener()
    at_scale = asked.model_copy(update={"threshold": c_t, "out": tmp_path / "b"})
    found = run_general(at_scale, progress=listener).general
    expected = run_general(asked).general
    assert found.words == expected.words
    assert np.allclose(found.cka, expected.cka, atol=2e-5)
    assert len(found.cka) == BLOCKS + 1
    assert found.constants == expected.constants
    assert found.sources == expected.sources
    (cut,) = found.cuts
    same = next(one for one in expected.cuts if one.threshold == c_t)
    assert (cut.clusters, cut.singletons, cut.windows) == (same.clusters, same.singletons, same.windows)
    assert cut.largest_distance == pytest.approx(same.largest_distance, abs=1e-5)
    assert found.reported_threshold == c_t
    assert found.at_scale.largest_component >= cut.largest_cluster > 1
    assert [note.split(":")[0] for note in listener.notes] == ["Tiles", "Components"]


def test_the_largest_clusters_are_listed(model, text, tmp_path):
    asked = settings(model, None, tmp_path, task="code-roles", text=text, threshold=0.6)
    general = run_general(asked).general
    sizes = [len(one.members) for one in general.largest_clusters]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == general.cuts[0].largest_cluster
    assert all(one.representative in one.members for one in general.largest_clusters)


def test_activations_that_do_not_fit(model, text, tmp_path):
    asked = settings(model, None, tmp_path, task="code-roles", text=text, threshold=0.5, memory="1kB")
    with pytest.raises(
        MemoryLimitError,
        match=r"The activations of 75 words, 128 neurons each, take 0\.0384 MB; the limit is 0\.00100 MB\.",
    ):
        run_general(asked)


def test_all_thresholds_of_very_many_neurons():
    with pytest.raises(
        MemoryLimitError, match=r"135,168 neurons at all thresholds take 329 GB, and the limit is 20\.0 GB\."
    ):
        refuse_all_thresholds(Grid(33, 4096), Allowance.of(20 * 10**9))
    with pytest.raises(MemoryLimitError, match=r"and 80% of this machine's memory is .*--threshold 0.5"):
        refuse_all_thresholds(Grid(10**4, 10**4), Allowance.of(None))
    refuse_all_thresholds(Grid(33, 400), Allowance.of(20 * 10**9))


def test_memory_is_a_size(model, tmp_path):
    assert settings(model, None, tmp_path, task="code-roles", memory="2GB").memory == 2 * 10**9
    with pytest.raises(ValidationError, match="memory"):
        settings(model, None, tmp_path, task="code-roles", memory="0GB")
