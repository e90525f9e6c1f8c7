"""Moments with less precise products: the setting reaches every pass that makes them, and nothing else."""

from typing import get_args

import pytest
import torch

from neurosieve.errors import ConfigError
from neurosieve.moments import Products, fitter
from neurosieve.run.corpora import read_corpus
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.prepare import Preparation
from neurosieve.run.settings import MomentProducts
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder
from tests.run.small import settings

CHOICES = get_args(MomentProducts)
BOUNDS = {"tf32": 2.0**-9, "bfloat16": 2.0**-6}  # of r, see `moments_of`


@pytest.fixture
def asked(monkeypatch):
    """The precision of every product that is made."""
    seen, add = [], fitter.add_products

    def listening(sums, rows, buffer, products):
        seen.append(products)
        add(sums, rows, buffer, products)

    monkeypatch.setattr(fitter, "add_products", listening)
    return seen


def prepared(model, data, out, **more):
    """The first task of a run, with its moments."""
    given = settings(model, data, out, **more)
    corpus = read_corpus(given.tasks[0], given.seed, published_split=False)
    return Preparation(open_encoder(given), given)(corpus, given.tasks[0], Stopwatch(None))


def test_the_settings_know_all_precisions_of_the_products():
    assert get_args(Products) == CHOICES


@pytest.mark.parametrize("products", CHOICES)
def test_general_redundancy_of_a_text_is_made_of_such_products(model, text, tmp_path, asked, products):
    run_general(settings(model, None, tmp_path / "out", task="code-roles", text=text, moment_products=products))
    assert set(asked) == {products}


@pytest.mark.parametrize("products", CHOICES)
def test_so_are_the_moments_of_text_and_train_in_a_run(model, data, text, tmp_path, asked, products):
    more = {} if products == "float32" else {"moment_products": products}  # float32 unless it is asked for
    found = run(settings(model, data, tmp_path / "out", text=text, **more), compact=False)
    assert asked == [products] * 2  # each a block of its own
    assert found.settings["moment_products"] == products


@pytest.mark.parametrize("products", BOUNDS)
def test_only_r_moves_and_within_the_bound(model, data, tmp_path, products):
    exact = prepared(model, data, tmp_path / "out")
    rough = prepared(model, data, tmp_path / "out", moment_products=products)
    assert rough.key == exact.key  # the activations of the cache serve both; moments are never stored
    moved = (rough.data.moments.correlation() - exact.data.moments.correlation()).abs().max()
    assert moved < BOUNDS[products]
    if products == "bfloat16" and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        assert moved > 0
    assert torch.equal(rough.data.moments.class_sums, exact.data.moments.class_sums)


def test_one_threshold_by_tiles_makes_no_moments(model, text, tmp_path):
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text, threshold=0.5, moment_products="tf32")
    with pytest.raises(ConfigError, match=r"--moment-products tf32 does nothing beside --threshold: .* one of them"):
        run_general(asked)
    assert not (tmp_path / "out").exists()
