"""Mutations: the same for the same seed, and they keep what lets an input get past its parser."""

from __future__ import annotations

import json
import struct
import tomllib
from random import Random

import pytest
from fuzz.examples import example

from fuzz import mutation
from neurosieve.run.results import Results

JSON = json.dumps({"a": [1, 2.5, "x", None, {"b": True}], "c": "text"}).encode()
TOML = b'a = 1\nb = ["x", 2.5]\n[[c]]\nd = "text"\n'
SAFE = struct.pack("<Q", len(JSON)) + JSON + b"\x00" * 16
CASES = [
    (mutation.bytes_changed, b"some bytes"),
    (mutation.lines_changed, b"a b c\nd e f\n\ng h i\n"),
    (mutation.json_changed, JSON),
    (mutation.toml_changed, TOML),
    (mutation.safetensors_changed, SAFE),
]


@pytest.mark.parametrize(("change", "data"), CASES)
def test_one_seed_gives_one_input(change, data):
    made = [[change(data, Random(seed)) for seed in range(50)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 25


@pytest.mark.parametrize(("change", "data"), CASES)
@pytest.mark.parametrize("odd", [b"", b"\xff\xfe", b"[" * 3000, b"\x00" * 20, b'{"a": 1e999}'])
def test_any_bytes_can_be_changed(change, data, odd):
    for seed in range(50):
        assert isinstance(change(odd, Random(seed)), bytes)


def share(parses, change, data) -> float:
    good = 0
    for seed in range(300):
        try:
            parses(change(data, Random(seed)))
            good += 1
        except (ValueError, struct.error):
            pass
    return good / 300


def header(data: bytes) -> object:
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length])


def test_most_inputs_get_past_their_parser():
    assert share(json.loads, mutation.json_changed, JSON) > 0.9
    assert share(lambda data: tomllib.loads(data.decode()), mutation.toml_changed, TOML) > 0.5
    assert share(header, mutation.safetensors_changed, SAFE) > 0.7


def test_an_example_of_a_schema_is_one_of_it():
    assert Results.model_validate(example(Results)).tasks
