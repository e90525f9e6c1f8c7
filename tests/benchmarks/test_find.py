import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.harness.case import Case, Settings
from benchmarks.harness.find import all_cases, case_modules, chosen
from benchmarks.peers.partition import outside
from scipy.cluster.hierarchy import linkage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cases(tmp_path):
    return all_cases(Settings(tmp_path / "data", tmp_path, small=True))


def test_every_case_is_found_and_its_workers_exist(cases):
    names = {case.name for case in cases}

    assert {"extraction-float32", "moments", "cka", "linkage-9984", "probe", "startup"} <= names
    for case in cases:
        for one in case.sides:
            assert one.argv[0] == "-m"
            assert (ROOT / f"{one.argv[1].replace('.', '/')}.py").exists()


def test_sides_of_a_case_have_names_of_their_own(cases):
    for case in cases:
        assert len({one.name for one in case.sides}) == len(case.sides)


def test_finding_the_cases_imports_nothing_heavy():
    code = "import sys; from benchmarks.harness.find import case_modules; "
    code += "[__import__(name) for name in case_modules()]; print('torch' in sys.modules, 'numpy' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert printed.split() == ["False", "False"]
    assert "benchmarks.cases.cka" in case_modules()


def test_what_is_left_out_is_named_with_the_reason():
    cases = [Case("a", "", ()), Case("b", "", (), needs_data=True), Case("c", "", (), slow=True)]

    run, why = chosen(cases, [], has_data=False, slow=False)
    assert [case.name for case in run] == ["a"]
    assert why == {"b": "there is no folder of data", "c": "slow: ask for it with --slow or --only"}
    assert [case.name for case in chosen(cases, ["c"], has_data=True, slow=False)[0]] == ["c"]
    assert len(chosen(cases, [], has_data=True, slow=True)[0]) == 3
    with pytest.raises(ValueError, match="There is no case 'd'; there are a, b, c"):
        chosen(cases, ["d"], has_data=True, slow=True)


def test_a_partition_is_compared_up_to_merges_near_the_cut():
    # On a line: 0, 1 | 3, 3.5, joined at 2.75, which is average linkage's distance between the pairs.
    merges = linkage(np.array([[0.0], [1.0], [3.0], [3.5]]), method="average")

    assert outside(np.array([5, 5, 7, 7]), merges, 2.0) == 0
    assert outside(np.array([5, 5, 7, 8]), merges, 2.0) == 1
    assert outside(np.array([5, 5, 5, 5]), merges, 2.0) == 1
    near = merges[-1, 2] + 5e-6
    assert outside(np.array([5, 5, 5, 5]), merges, near) == 0
    assert outside(np.array([5, 5, 7, 7]), merges, near) == 0
    assert outside(np.array([5, 6, 7, 7]), merges, near) == 1
