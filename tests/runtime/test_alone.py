"""With onnxruntime, tokenizers and numpy alone, as a process of its own: nothing else may be imported."""

from __future__ import annotations

import json
import subprocess
import sys

BLOCKED = ("torch", "transformers", "pydantic", "scipy", "sklearn", "pandas", "typer", "rich", "safetensors", "jinja2")
RUN = f"""
import runpy, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ImportError("not here: " + name)

sys.meta_path.insert(0, Refuse())
sys.argv[0] = "runtime"
runpy.run_module("neurosieve.runtime", run_name="__main__", alter_sys=True)
"""


def alone(*args: object, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, *map(str, args)]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8"
    )


def test_the_block_blocks():
    code = RUN.replace('runpy.run_module("neurosieve.runtime"', 'runpy.run_module("neurosieve.compact"')
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "ImportError: not here: torch" in found.stderr


def test_words_are_labelled_as_by_the_compact_model(exported, several):
    text = "The fox isn't lazy.\n\n  東京 is naïve .\n"
    expected = several.predict(["The fox isn't lazy.", "東京 is naïve ."], "a labelling")
    found = alone(exported.folder, "--task", "a labelling", "--threads", 1, text=text)
    assert found.returncode == 0, found.stderr
    lines = ["".join(f"{word}\t{label}\n" for word, label in zip(*one[:2], strict=True)) for one in expected]
    assert found.stdout == "\n".join(lines) + "\n"


def test_pairs_as_json(exported, several):
    found = alone(exported.folder, "--task", "a classification", "--json", text="One\tand another\nalone\n")
    told = [json.loads(line) for line in found.stdout.splitlines()]
    expected = several.predict([("One", "and another"), "alone"], "a classification")
    assert [(tuple(one["texts"]), one["label"]) for one in told] == [one[:2] for one in expected]
    assert all(0.33 < one["probability"] <= 1 for one in told)


def test_json_lines(exported, several):
    given = [{"id": 3, "words": ["a", "fox"], "labels": ["X", "Y"]}, {"id": 4, "text": "It's naïve."}]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in given)
    found = alone(exported.folder, "--task", "a labelling", "--jsonl", text=text)
    assert found.returncode == 0, found.stderr
    told = [json.loads(line) for line in found.stdout.splitlines()]
    expected = several.predict([["a", "fox"], "It's naïve."], "a labelling")
    assert [(one["words"], one["labels"]) for one in told] == [one[:2] for one in expected]
    assert [one["id"] for one in told] == [3, 4]
    assert told[0]["given_labels"] == ["X", "Y"]
