from __future__ import annotations

from neurosieve.report.comparison import OVERVIEW_HEADS, comparison, overview
from neurosieve.run.results import Results, Task

from .several import COMPLEXITY, MATCH


def test_words_are_compared_by_what_both_label_alike(task: Task) -> None:
    lines = {line[0]: line[1:] for line in comparison(task)}
    assert lines["Test accuracy [95 % interval]"] == ("93.1 % [92.8, 93.4]", "90.9 % [90.6, 91.2]", "−2.2 points")
    assert lines["Words per second [range of rounds]"][0] == "7,104 [6,890, 7,302]"
    assert lines["Test words that both label alike"] == ("", "", "95.6 %")
    assert lines["Parameters"] == ("22,624,534", "17,250,646", "76.2 %")


def test_texts_and_numbers_have_their_own_words(several: Results) -> None:
    match = {line[0]: line[1:] for line in comparison(several.tasks[MATCH])}
    assert match["Test F1 [95 % interval]"][2] == "−1.3 points"
    assert match["Test texts that both label alike"][2] == "94.3 %"
    assert match["Texts per second [range of rounds]"] == ("212 [204, 219]", "301 [288, 311]", "× 1.42 [1.36, 1.47]")
    numbers = {line[0]: line[1:] for line in comparison(several.tasks[COMPLEXITY])}
    assert numbers["Test Pearson correlation [95 % interval]"] == (
        "0.781 [0.759, 0.803]",
        "0.768 [0.745, 0.791]",
        "−0.013",
    )
    assert numbers["Correlation of their numbers (Pearson)"] == ("", "", "0.981")


def test_without_a_compact_model_there_is_nothing_to_compare(task: Task) -> None:
    assert comparison(task.model_copy(update={"compact": None})) == []


def test_a_compact_model_without_parts_has_no_shares(task: Task) -> None:
    full = task.compact.full.model_copy(update={"megabytes": 0.0})
    lines = comparison(task.model_copy(update={"compact": task.compact.model_copy(update={"full": full})}))
    assert ("Size in MB", "0.0", "69.0", "") in lines


def test_the_overview_has_a_line_for_each_task(several: Results, results: Results) -> None:
    lines = overview(several)
    assert {len(line) for line in lines} == {len(OVERVIEW_HEADS)}
    assert lines[1] == (
        MATCH,
        "F1",
        "0.0 %",
        "84.2 % [82.6, 85.8]",
        "82.9 % [81.1, 84.7]",
        "−1.3 points [−2.0, −0.6]",
        "96 (3.6 %)",
        "× 1.42",
    )
    assert overview(results) == []


def test_what_a_task_lacks_is_a_dash(several: Results) -> None:
    bare = several.tasks[MATCH].model_copy(update={"sieve": None, "compact": None})
    line = overview(several.model_copy(update={"tasks": several.tasks | {MATCH: bare}}))[1]
    assert line[4:] == ("–", "–", "–", "–")
