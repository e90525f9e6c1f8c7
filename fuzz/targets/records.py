"""What a run leaves and a later command reads: settings, results, and the records of every study."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from fuzz.examples import example
from fuzz.mutation import json_changed, toml_changed
from fuzz.target import Target, expect
from neurosieve.paper.records import Study
from neurosieve.run.ablation.records import AblationStudy
from neurosieve.run.bench.records import Bench
from neurosieve.run.config import load_settings, write_config
from neurosieve.run.finetuning.folder import RECORD, read_record
from neurosieve.run.front.records import Front
from neurosieve.run.inspection.records import Inspection
from neurosieve.run.models.records import ModelsStudy
from neurosieve.run.nested.records import NestedStudy
from neurosieve.run.rankings.records import RankingStudy
from neurosieve.run.results import Results
from neurosieve.run.schema import Saved

STUDIES: dict[str, type[Saved]] = {
    "front": Front,
    "inspection": Inspection,
    "rankings": RankingStudy,
    "nested": NestedStudy,
    "study": Study,
    "models": ModelsStudy,
    "ablation": AblationStudy,
    "bench": Bench,
}


class RunToml(Target):
    """See `load_settings`."""

    name, what = "settings", "run.toml"

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        tasks = b'out = "o"\nseed = 1\n[[tasks]]\ntask = "mine"\ntrain = "a"\ntest = "b"\ncolumns = [1, 2]\n'
        self.seeds = [(made / "run" / "run.toml").read_bytes(), tasks]

    def files(self) -> tuple[str, ...]:
        return ("run.toml",)

    def read(self, data: bytes) -> None:
        path = self.place / "run.toml"
        path.write_bytes(data)
        found = load_settings(path)
        expect(len(found.tasks) > 0 and 0 < found.tolerance < 1, "settings without a task, or without a tolerance")
        again = self.place / "again.toml"
        write_config(found, again)
        expect(len(load_settings(again).tasks) == len(found.tasks), "settings change when they are written")

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return toml_changed(data, rng)


def _read_twice(kind: type[Saved], path: Path) -> None:
    """What was accepted is the same when it is saved and read again."""
    found = kind.read(path)
    again = path.with_name("again.json")
    found.save(again)
    expect(kind.read(again) == found, "a record changes when it is saved and read again")


class ResultsFile(Target):
    """See `Results`."""

    name, what, longest = "results", "results.json", 1 << 17

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        whole = json.loads((made / "run" / "results.json").read_bytes())
        whole["general"]["cka_debiased"] = None  # long lists of numbers teach nothing
        self.seeds = [json.dumps(whole).encode(), json.dumps(example(Results)).encode()]

    def files(self) -> tuple[str, ...]:
        return ("results.json",)

    def read(self, data: bytes) -> None:
        path = self.place / "results.json"
        path.write_bytes(data)
        _read_twice(Results, path)

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return json_changed(data, rng)


class StudyFiles(Target):
    """One input is ``{"NAME of a study": its record}``."""

    name, what, longest = "records", "records of studies, fronts, benches, fine-tunings", 1 << 15

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [json.dumps({name: example(kind)}).encode() for name, kind in STUDIES.items()]

    def files(self) -> tuple[str, ...]:
        return ("record.json",)

    def read(self, data: bytes) -> None:
        path = self.place / "record.json"
        kind, content = Front, data
        for name in STUDIES:
            start = f'{{"{name}":'.encode()
            if data.startswith(start):
                kind, content = STUDIES[name], data[len(start) : -1]
        path.write_bytes(content)
        _read_twice(kind, path)

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return json_changed(data, rng)


class FineTuned(Target):
    """See `read_record`."""

    name, what = "finetuning", "finetuning.json beside a model"

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        from neurosieve.run.facts import FineTuning

        self.seeds = [json.dumps(example(FineTuning)).encode()]

    def files(self) -> tuple[str, ...]:
        return (RECORD,)

    def read(self, data: bytes) -> None:
        (self.place / RECORD).write_bytes(data)
        expect(read_record(self.place) is not None, "a record that is there is not found")

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return json_changed(data, rng)


TARGETS = (RunToml, ResultsFile, StudyFiles, FineTuned)
