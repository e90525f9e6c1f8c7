"""The atlas of a planted run, number by number against its activations."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from neurosieve.arrays import ArrayRows
from neurosieve.corpus import Corpus, Example, Sentence, Split
from neurosieve.moments import moments_of
from neurosieve.run.atlas import heats, study
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.atlas.study import atlas_of_moments, atlas_of_task
from neurosieve.run.general import general_redundancy
from neurosieve.run.portraits import LONGEST, clusters_found
from tests.run.inspection.planted import FAMILY, GRID, planted, values

HOSTILE = ("</script><script>alert(1)</script>", "half \ud800 a character", "x" * 10_000, "\u2028\x00", "<!--", "'\"&")


def prepared_as(prepared: Any, **changed: Any) -> Any:
    return SimpleNamespace(**(vars(prepared) | changed))


def atlas_of(prepared: Any, rows: Any = "words") -> Atlas:
    general, dendrogram = general_redundancy(prepared.data.moments, "a text", rows)
    return atlas_of_task(general, dendrogram, prepared)


@pytest.fixture(scope="module")
def subject() -> Any:
    return planted()[0]


@pytest.fixture(scope="module")
def atlas(subject: Any) -> Atlas:
    return atlas_of(subject.prepared)


def test_what_it_is_of(atlas: Atlas) -> None:
    assert (atlas.layers, atlas.units, atlas.rows, atlas.text, atlas.count) == (3, 6, "words", "a text", 800)
    assert atlas.constants == GRID.columns([(2, 5)]).tolist()
    assert atlas.threshold == 0.3
    assert atlas.merges is not None
    assert len(atlas.merges.left) == GRID.size - 2


def test_found_are_the_planted_families_and_copies(atlas: Atlas, subject: Any) -> None:
    assert [set(one.members) for one in atlas.found] == [FAMILY, *({(0, unit), (1, unit)} for unit in (1, 2, 3))]
    x = values(subject)
    for one in atlas.found:
        place = GRID.columns([one.representative])[0]
        for member, r in zip(one.members, one.r, strict=True):
            column = GRID.columns([member])[0]
            assert r == round(r, 6)
            assert r == pytest.approx(np.corrcoef(x[:, place], x[:, column])[0, 1], abs=2e-6)


def test_heats_are_the_standardised_activations(atlas: Atlas, subject: Any) -> None:
    x = values(subject)
    spoken = subject.prepared.corpus.splits["train"].sentences
    assert [one.cluster for one in atlas.seen] == [1, 2, 3, 4]
    for one in atlas.seen:
        found = atlas.found[one.cluster - 1]
        assert one.members[0] == found.representative
        assert set(one.members) == set(found.members)
        assert len(one.heats) == 4
        for heat in one.heats:
            assert heat.words == list(spoken[heat.sentence].words)
            for member, deviations in zip(one.members, heat.deviations, strict=True):
                column = x[:, member[0] * GRID.units + member[1]]
                z = (column[5 * heat.sentence : 5 * heat.sentence + 5] - column.mean()) / column.std()
                assert deviations == pytest.approx(z.tolist(), abs=0.0051)
                assert deviations == [round(value, 2) for value in deviations]
    first = atlas.seen[0]
    against = first.members.index((1, 4) if first.members[0] != (1, 4) else (0, 0))
    both = np.array([[heat.deviations[0], heat.deviations[against]] for heat in first.heats])
    assert np.corrcoef(both[:, 0].ravel(), both[:, 1].ravel())[0, 1] < -0.9, "none is turned around"


def test_the_first_two_sentences_hold_the_highest_words_the_others_the_lowest(atlas: Atlas, subject: Any) -> None:
    x = values(subject)
    for one in atlas.seen:
        column = x[:, GRID.columns(one.members[:1])[0]]
        tops = [heat.sentence for heat in one.heats]
        assert tops[0] == int(column.argmax()) // 5
        assert column.argmin() // 5 in tops[2:] or column.argmin() // 5 in tops[:2]
        assert len(set(tops)) == 4
        assert max(one.heats[0].deviations[0]) == one.words.highest[0].deviations
        for side, seen in ((tops[:2], one.words.highest), (tops[2:], one.words.lowest)):
            assert set(side) <= {word.sentence for word in seen}


def test_words_are_rounded_and_in_order(atlas: Atlas) -> None:
    fox = atlas.seen[0].words
    end = fox.highest_types if atlas.seen[0].members[0] != (1, 4) else fox.lowest_types
    assert end[0].text == "fox"
    for one in atlas.seen:
        numbers = [word.deviations for word in one.words.highest]
        assert numbers == sorted((round(n, 2) for n in numbers), reverse=True)


def test_rows_that_are_not_kept_have_merges_and_members_alone(subject: Any, atlas: Atlas) -> None:
    moments = subject.moments
    general, dendrogram = general_redundancy(moments, "a text")
    assert atlas_of_moments(general, dendrogram, moments) == atlas.model_copy(update={"seen": []})


def test_the_same_whatever_the_blocks(subject: Any, atlas: Atlas) -> None:
    rows = subject.data.train.rows
    other = ArrayRows(torch.cat([torch.stack(block.layers, dim=1) for block in rows.blocks()]), block_rows=7)
    train = SimpleNamespace(rows=other)
    data = SimpleNamespace(train=train, moments=subject.moments)
    again = atlas_of(prepared_as(subject.prepared, data=data))
    assert again.model_dump_json() == atlas.model_dump_json()


def test_only_the_rows_of_the_heats_are_gathered(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []

    class Watched(heats.SlicedRows):
        def gather(self, columns: Any) -> torch.Tensor:
            found = super().gather(columns)
            made.append(tuple(found.shape))  # type: ignore[arg-type]
            return found

    def whole(self: Any, columns: Any) -> torch.Tensor:
        raise AssertionError("all rows were gathered")

    monkeypatch.setattr(ArrayRows, "gather", whole)
    monkeypatch.setattr(heats, "SlicedRows", Watched)
    atlas = atlas_of(subject.prepared)
    ((rows, columns),) = made
    sentences = {heat.sentence for one in atlas.seen for heat in one.heats}
    assert rows == 5 * len(sentences) <= 5 * 16
    assert columns == len({member for one in atlas.seen for member in one.members})


def test_words_without_a_vector_are_in_no_heat(subject: Any) -> None:
    prepared, x = subject.prepared, values(subject)
    keep = np.random.default_rng(1).random(len(x)) < 0.8
    rows = ArrayRows(torch.from_numpy(x[keep].astype(np.float32)).reshape(-1, 3, 6))
    data = SimpleNamespace(train=SimpleNamespace(rows=rows), moments=moments_of(rows))
    atlas = atlas_of(prepared_as(prepared, data=data, kept={"train": np.flatnonzero(keep)}))
    spoken = prepared.corpus.splits["train"].sentences
    shorter = 0
    for one in atlas.seen:
        column = x[:, GRID.columns(one.members[:1])[0]]
        mean, std = column[keep].mean(), column[keep].std()
        for heat in one.heats:
            here = [place for place in range(5 * heat.sentence, 5 * heat.sentence + 5) if keep[place]]
            shorter += len(here) < 5
            assert heat.words == [spoken[heat.sentence].words[place % 5] for place in here]
            assert heat.deviations[0] == pytest.approx(((column[here] - mean) / std).tolist(), abs=0.0051)
    assert shorter


def test_texts_have_words_and_no_heats(subject: Any) -> None:
    texts = tuple(Example((f"text {place}", "second"), "x") for place in range(800))
    atlas = atlas_of(prepared_as(subject.prepared, corpus=Corpus("texts", {"train": Split(texts)})), "texts")
    assert (atlas.rows, atlas.count) == ("texts", 800)
    assert all(one.heats == [] and one.words.highest for one in atlas.seen)
    x, one = values(subject), atlas.seen[0]
    best = int(x[:, GRID.columns(one.members[:1])[0]].argmax())
    assert (one.words.highest[0].text, one.words.highest[0].sentence) == (f"text {best} ⏐ second", best)


def test_where_nothing_repeats_nothing_is_shown() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = ArrayRows(torch.randn(800, 2, 4, generator=generator))
    data = SimpleNamespace(train=SimpleNamespace(rows=rows), moments=moments_of(rows))
    atlas = atlas_of(prepared_as(planted()[0].prepared, data=data))
    assert (atlas.found, atlas.seen, atlas.constants) == ([], [], [])
    assert atlas.merges is not None
    assert len(atlas.merges.height) == 7


def test_hostile_words_are_kept_as_they_are_or_made_writable(subject: Any, tmp_path: Path) -> None:
    said = tuple(Sentence(tuple(HOSTILE[(i + k) % 6] for k in range(5)), ("x",) * 5) for i in range(160))
    atlas = atlas_of(prepared_as(subject.prepared, corpus=Corpus("hostile", {"train": Split(said)})))
    atlas.save(tmp_path / "atlas.json")
    assert Atlas.load(tmp_path / "atlas.json") == atlas
    seen = {word for one in atlas.seen for heat in one.heats for word in heat.words}
    seen |= {word.text for one in atlas.seen for word in (*one.words.highest, *one.words.lowest_types)}
    assert HOSTILE[0] in seen
    assert "half ? a character" in seen
    assert max(map(len, seen)) == LONGEST
    assert (tmp_path / "atlas.json").stat().st_size < 200_000


def test_the_file_is_one_line_lossless_and_of_a_version(atlas: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "atlas.json"
    atlas.save(path)
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert Atlas.load(path) == atlas
    other = json.loads(text) | {"schema_version": 2}
    path.write_text(json.dumps(other))
    with pytest.raises(ValidationError, match="schema_version"):
        Atlas.load(path)


def test_numbers_come_from_the_gallery_to_six_digits(subject: Any, atlas: Atlas) -> None:
    general, dendrogram = general_redundancy(subject.moments, "a text")
    gallery = study.portraits(dendrogram.cut(general.reported_threshold), GRID, subject.moments)
    for rounded, one in zip(atlas.found, clusters_found(gallery), strict=True):
        assert (rounded.members, rounded.number) == (one.members, one.number)
        for name in ("radius", "mean_r", "explained", "explained_variance"):
            assert getattr(rounded, name) == round(getattr(one, name), 6)
