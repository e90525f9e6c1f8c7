"""Studies of the small run: a model without a head, and one with a language-model head and no sieve."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from transformers import AutoModelForCausalLM

from neurosieve.run.ablation.records import AblationStudy
from neurosieve.run.ablation.study import study_ablation
from neurosieve.run.pipeline import run
from neurosieve.run.reopen import Reopened, reopen
from neurosieve.run.stages import Stopwatch
from tests.run.conftest import Done, Listener
from tests.run.small import settings
from tests.tiny_models import config_of, make_tokenizer

SIZES = (8, 40)


class Studied(NamedTuple):
    opened: Reopened
    study: AblationStudy
    stages: list[str]


@pytest.fixture(scope="session")
def studied(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Studied:
    folder = Path(shutil.copytree(done.out, tmp_path_factory.mktemp("ablation") / "run"))
    heard = Listener()
    opened = reopen(folder, watch=Stopwatch(heard))
    study = study_ablation(opened, sizes=SIZES, limit_texts=12, draws=2, command="neurosieve ablate run")
    return Studied(opened, study, heard.stages)


@pytest.fixture(scope="session")
def with_head(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Reopened:
    folder = tmp_path_factory.mktemp("gpt2")
    tokenizer = make_tokenizer("gpt2")
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config_of("gpt2", tokenizer)).eval().save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    run(settings(folder / "model", data, folder / "out"), compact=False)
    return reopen(folder / "out")
