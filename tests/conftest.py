"""Fixtures that several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora that lies beside some checkouts."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of small models with learned weights that lies beside some checkouts."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip("the folder shared/models is not beside this checkout")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tests run side by side: two threads each would wait for one another most of the time."""
    torch.set_num_threads(1)
