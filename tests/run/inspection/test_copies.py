"""Copies between layers of a planted run."""

from __future__ import annotations

import pytest

from neurosieve.run.inspection.chance import chance_of_copy
from neurosieve.run.inspection.copies import inspect_copies
from tests.run.inspection.planted import COPIES, planted


def test_the_planted_copies_are_found_with_their_originals() -> None:
    subject, listener = planted()
    part = inspect_copies(subject)
    assert {tuple(one.neuron): tuple(one.of) for one in part.copies} == COPIES
    assert all(0.7 <= one.r <= 1.0 for one in part.copies)
    assert part.varying == [6, 6, 5]
    assert part.share == pytest.approx(6 / 11)
    assert part.copied[0][1] == pytest.approx(5 / 6)
    assert part.in_place[0][1] == pytest.approx(4 / 6)
    assert part.nearest[1][2] == pytest.approx(1 / 5)
    assert part.nearest[0][2] == 0.0, "layer 1 is nearer"
    assert part.copied[0][2] == pytest.approx(1 / 5)
    assert listener.stages == ["copies"]


def test_chance_counts_sentences_and_all_neurons() -> None:
    subject, _ = planted(threshold=0.9, sentences=10)
    part = inspect_copies(subject)
    assert part.chance == pytest.approx(chance_of_copy(0.9, 10, 18))
    assert part.chance > 0.5
    assert part.chance_in_place == 1 / 6


def test_a_smaller_threshold_finds_fewer() -> None:
    part = inspect_copies(planted(threshold=1e-6)[0])
    assert (part.copies, part.share) == ([], 0.0)
