from __future__ import annotations

import pytest

from neurosieve.errors import ConfigError
from neurosieve.run.models.names import Named, two_named


@pytest.mark.parametrize(
    ("text", "label", "model"),
    [
        ("minilm", "minilm", "minilm"),
        ("models/base", "base", "models/base"),
        ("owner/name", "name", "owner/name"),
        ("before=models/base", "before", "models/base"),
        ("a=b=c", "a", "b=c"),
        (".", ".", "."),
    ],
)
def test_a_model_is_called_by_its_label_or_its_own_name(text, label, model):
    assert Named.of(text) == Named(label, model)


def test_two_models():
    assert two_named("x=models/base", "models/base") == (Named("x", "models/base"), Named("base", "models/base"))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("a/model", "b/model", "Both models would be called 'model'. Put labels before them, such as before=a/model"),
        ("=x", "y", "'=x' names no model"),
        ("y", "x=", "'x=' names no model"),
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(first, second, message):
    with pytest.raises(ConfigError, match=message.replace(".", r"\.")):
        two_named(first, second)
