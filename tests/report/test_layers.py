from __future__ import annotations

from neurosieve.report.layers import NUMBERED, Layers, layers_of
from neurosieve.run.results import Results

from .several import NAMES, with_sublayers

NAMED = Layers(tuple(NAMES))


def test_layers_without_names_go_by_their_numbers() -> None:
    assert (NUMBERED.tick(3), NUMBERED.one(3), NUMBERED.inside) == ("3", "layer 3", [])
    assert [NUMBERED.through(last) for last in (0, 3)] == ["layer 0", "layers 0 to 3"]
    assert NUMBERED.some([0, 1, 2, 4, 6]) == "layers 0 to 2, 4 and 6"
    assert NUMBERED.some([5]) == "layer 5"


def test_names_stand_in_for_numbers() -> None:
    assert (NAMED.tick(1), NAMED.one(1), NAMED.one(3)) == ("attention 1", "attention 1", "layer 1")
    assert NAMED.inside == ["attention", "mlp"]
    assert NAMED.through(2) == "layers 0 to mlp 1"
    assert NAMED.some([1, 2, 3, 5]) == "attention 1 to layer 1 and mlp 2"
    assert NAMED.tick(len(NAMES)) == str(len(NAMES))


def test_a_name_is_as_long_as_an_axis_can_bear() -> None:
    assert Layers(("a\n" + "b" * 40,)).tick(0) == "a " + "b" * 13 + "…"


def test_the_model_says_how_its_layers_are_called(results: Results) -> None:
    assert layers_of(results.model) == NUMBERED
    assert layers_of(with_sublayers(results).model) == NAMED
