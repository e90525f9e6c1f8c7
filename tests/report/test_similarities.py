from __future__ import annotations

import pytest

from neurosieve.report.figures import similarity_map
from neurosieve.report.gallery import general_plates
from neurosieve.report.tables.general import similarities
from neurosieve.run.redundancy import Similarity
from neurosieve.run.results import Results

from .example import LAYERS, example_results


def measured(name: str, shift: float) -> Similarity:
    values = [[1.0 if i == j else shift + 0.01 * (i + j) for j in range(LAYERS)] for i in range(LAYERS)]
    return Similarity(
        measure=name,
        title=name.upper(),
        unchanged_by="rotations",
        unrelated="H / T",
        source="Somebody 2019",
        values=values,
    )


@pytest.fixture
def results() -> Results:
    plain = example_results()
    asked = [measured("cca", 0.2), measured("pwcca", 0.4)]
    assert plain.general is not None
    return plain.model_copy(update={"general": plain.general.model_copy(update={"similarities": asked})})


def test_the_table_has_a_row_for_each_pair_and_a_column_for_each_measure(results: Results) -> None:
    table = similarities(results)
    assert list(table.columns) == ["layer", "other_layer", "cca", "pwcca"]
    assert len(table.rows) == LAYERS * (LAYERS - 1) // 2
    assert table.rows[0] == pytest.approx((0, 1, 0.21, 0.41))
    assert similarities(example_results()).rows == ()


def test_each_measure_has_a_map_that_says_what_it_is(results: Results) -> None:
    before = [plate.name for plate in general_plates(example_results().general)]
    plates = general_plates(results.general)
    assert [plate.name for plate in plates] == [*before, "similarity-cca", "similarity-pwcca"]
    assert plates[-1].title == "Similarity of layers: PWCCA"
    assert "Somebody 2019. It does not see rotations; layers that share nothing give H / T" in plates[-1].caption


def test_the_map_shows_the_values(results: Results) -> None:
    assert results.general is not None
    axes = similarity_map(results.general.similarities[0]).axes[0]
    printed = [text.get_text() for text in axes.texts]
    assert printed[:2] == ["1.00", "0.21"]
    assert len(printed) == LAYERS**2
