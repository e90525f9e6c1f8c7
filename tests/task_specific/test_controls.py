from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.moments import moments_of
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData
from neurosieve.task_specific.controls import SPLITS, control_labels, control_task, selectivity
from tests.probes.planted import numbers
from tests.task_specific.planted import task

SHARES = np.array([5.0, 3.0, 2.0])
SEED = 0  # with which the six types of `identities` fall into both classes


@given(st.lists(st.text(max_size=3), min_size=1, max_size=30), st.integers(0, 2**63 - 1))
def test_a_word_has_one_class_wherever_it_stands(words, seed):
    found = control_labels(words, SHARES, seed)
    again = control_labels(words[::-1], SHARES, seed)[::-1]

    assert np.array_equal(found, again)
    assert len({(word, int(label)) for word, label in zip(words, found, strict=True)}) == len(set(words))
    assert set(found.tolist()) <= {0, 1, 2}


def test_classes_come_with_their_shares_and_other_seeds_give_others():
    words = [f"word {i}" for i in range(20_000)]
    found, other = (control_labels(words, SHARES, seed) for seed in (0, 1))

    counts = np.bincount(found, minlength=3) / len(words)
    error = 4 * np.sqrt(0.25 / len(words))  # four standard errors, at the most
    assert counts == pytest.approx(SHARES / SHARES.sum(), abs=error)
    independent = float((SHARES / SHARES.sum()) @ (SHARES / SHARES.sum()))
    assert (found == other).mean() == pytest.approx(independent, abs=error)


def test_a_class_without_rows_is_nobodys():
    assert set(control_labels([str(i) for i in range(200)], np.array([0.0, 1.0, 0.0, 1.0, 0.0]), 0).tolist()) == {1, 3}


def test_the_hash_seed_does_not_matter():
    code = (
        "import numpy as np; from neurosieve.task_specific.controls import control_labels; "
        "print(control_labels(list('abcdefghij'), np.ones(7), 5).tolist())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{control_labels(list('abcdefghij'), np.ones(7), 5).tolist()}\n"}


def words_of(data: TaskData) -> dict[str, list[str]]:
    """Forty types; which one a row is shows in none of the columns."""
    sizes = {name: getattr(data, name).rows.n_rows for name in SPLITS}
    return {name: [f"w{i % 40}" for i in range(n)] for name, n in sizes.items()}


def test_rows_and_columns_stay_and_moments_are_those_of_the_new_labels():
    data = task()
    words = words_of(data)
    found = control_task(data, words, seed=3)

    shares = np.bincount(data.train.labels.numpy(), minlength=3)
    for name in SPLITS:
        part = getattr(found, name)
        assert part.rows is getattr(data, name).rows
        assert part.labels.tolist() == control_labels(words[name], shares.astype(float), 3).tolist()
    expected = moments_of(data.train.rows, found.train.labels, 3)
    assert torch.equal(found.moments.class_sums, expected.class_sums)
    assert torch.equal(found.moments.products, data.moments.products)


def identities(n_types: int = 6) -> tuple[TaskData, dict[str, list[str]]]:
    """Columns 0 to 5 say which type a row is of, 6 to 11 are noise; the task is a function of the type and of noise."""
    generator, parts, words = np.random.default_rng(0), {}, {}
    for name, rows in (("train", 600), ("dev", 300), ("test", 300)):
        types = generator.integers(n_types, size=rows)
        values = np.concatenate([np.eye(n_types)[types], generator.normal(size=(rows, 6))], axis=1)
        labels = torch.from_numpy((values[:, 6] > 0).astype(np.int64))
        groups = np.arange(rows) // 5
        parts[name] = LabelledRows(ArrayRows(values.astype(np.float32)), labels, groups, ("A", "B"))
        words[name] = [f"type {t}" for t in types]
    moments = moments_of(parts["train"].rows, parts["train"].labels, 2)
    return TaskData(parts["train"], parts["dev"], parts["test"], moments, Protocol("default")), words


def test_columns_that_name_the_word_are_not_selective_and_columns_that_do_not_are():
    data, words = identities()
    control = control_task(data, words, seed=SEED)
    assert len(set(control.train.labels.tolist())) == 2, "a control task of one class would test nothing"
    names, content = np.arange(6), np.array([6, 7])
    sets = [names, content]
    by_name, by_content = selectivity(data, control, sets, [data.select(one).fit_all() for one in sets], seed=0)

    assert by_name.control > 0.95
    assert by_name.value < -0.3
    assert by_content.task > 0.95
    assert by_content.low > 0.1
    for one in (by_name, by_content):
        assert one.low <= one.value <= one.high
        assert one.value == pytest.approx(one.task - one.control)


def test_all_columns_are_probed_without_being_copied(monkeypatch):
    data, words = identities()
    control, whole = control_task(data, words, seed=SEED), data.fit_all()
    monkeypatch.setattr(TaskData, "select", lambda *_: pytest.fail("all columns were selected"))

    (found,) = selectivity(data, control, [np.arange(12)], [whole], seed=0)

    assert found.task == pytest.approx(whole.test)


def test_what_has_no_control_task_is_refused():
    data = task()
    with pytest.raises(ProbeError, match=r"399 words came with the 400 rows of train"):
        control_task(data, words_of(data) | {"train": ["a"] * 399}, seed=0)
    regression = TaskData(*numbers(), Protocol("default"))
    with pytest.raises(ProbeError, match="A control task needs classes"):
        control_task(regression, words_of(regression), seed=0)
