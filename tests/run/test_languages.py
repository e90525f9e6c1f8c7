"""Arabic, German, Chinese and French through the whole path: files, activations, sieve, page, compact model."""

from __future__ import annotations

import random

import pytest

from neurosieve.compact import CompactModel
from neurosieve.report import write_report
from neurosieve.run.pipeline import run
from tests.run.small import settings, write
from tests.tiny_models import make_tiny

# Right to left, compounds, no spaces between words, combining marks; an emoji of several characters besides.
WORDS = {
    "AR": ["العربية", "لغة", "جميلة", "كِتَاب"],
    "DE": ["große", "Haus", "Straße", "Übermut"],
    "ZH": ["东京", "很大", "語言", "。"],
    "FR": ["nai\u0308ve", "cafe\u0301", "qu'il", "\U0001f469\u200d\U0001f467"],
}


def sentences(count: int, seed: int) -> list[list[tuple[str, str, str]]]:
    rng = random.Random(seed)
    languages = [[rng.choice(sorted(WORDS)) for _ in range(6)] for _ in range(count)]
    return [[(rng.choice(WORDS[one]), one, "O") for one in row] for row in languages]


@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet"])
def test_words(family, tmp_path):
    test = sentences(20, 2)
    write(tmp_path / "data" / "train.txt", sentences(80, 1))
    write(tmp_path / "data" / "test.txt", test)
    results = run(settings(make_tiny(family, tmp_path / "m"), tmp_path / "data", tmp_path / "out", task="pos"))
    task = results.tasks["pos"]
    assert task.corpus.classes == ["AR", "DE", "FR", "ZH"]
    assert task.oracle.test.n == 120 - task.corpus.splits["test"].missing
    assert task.oracle.test.value > task.majority.value + 0.2
    assert task.compact.parity == 0
    if family == "bert":  # the page is made of the results alone, and these are alike
        assert "AR" in write_report(results, tmp_path / "out").read_text(encoding="utf-8")
    compact = CompactModel.from_pretrained(tmp_path / "out" / "compact", device="cpu")
    for row, said in zip(test, compact.predict([[word for word, _, _ in row] for row in test]), strict=True):
        assert said.words == [word for word, _, _ in row]


def test_texts(tmp_path):
    rng = random.Random(0)
    for name, count in (("train", 120), ("test", 40)):
        chosen = [rng.choice(sorted(WORDS)) for _ in range(count)]
        lines = [f"{''.join(rng.choice(WORDS[one]) for _ in range(3))},{one}" for one in chosen]
        (tmp_path / f"{name}.csv").write_text("text,language\r\n" + "\r\n".join(lines), encoding="utf-8-sig")
    asked = settings(make_tiny("roberta", tmp_path / "m"), tmp_path, tmp_path / "out", task="language", pooling="mean")
    columns = {"columns": ("text", "language"), "format": "csv"}
    asked = asked.model_copy(update={"tasks": (asked.tasks[0].model_copy(update=columns),)})
    task = run(asked).tasks["language"]
    assert task.oracle.test.value > task.majority.value + 0.3
    assert task.compact.parity == 0
