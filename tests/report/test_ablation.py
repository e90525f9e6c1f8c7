"""The ablation study for people, from a record made up."""

from __future__ import annotations

import csv
import io

import pytest

from neurosieve.report.ablation import (
    ablation_lines,
    ablation_notes,
    ablation_page,
    ablation_sentences,
    ablation_table,
    write_ablation,
)
from neurosieve.report.ablation.figure import ablation_figure
from neurosieve.report.ablation.words import lost, told
from neurosieve.run.ablation.records import AblatedSet, AblationStudy, Estimate, OwnOutput
from neurosieve.run.facts import Stage
from neurosieve.run.schema import Difference, Scores
from tests.report.example import ORACLE, example_results
from tests.report.test_page import HOSTILE, POLICY, Page

KEPT = 136


def estimate(value: float, arm: float = 0.01, draws: bool = False) -> Estimate:
    return Estimate(
        value=value, interval=(value - arm, value + arm), draws=(value - arm, value + arm) if draws else None
    )


def apart(value: float, arm: float = 0.004) -> Difference:
    return Difference(value=value, interval=(value - arm, value + arm))


def one(chosen: str, did: str, size: int, output: float, probe: float | None, **more: object) -> AblatedSet:
    found = {
        "held": size if did == "ablated" else 2688 - size,
        "output": estimate(output, draws=chosen == "random"),
        "change": apart(output - 1),
        "against_random": None if chosen == "random" else apart(0.06),
        "probe": None if probe is None else estimate(probe, draws=chosen == "random"),
        "probe_difference": None if probe is None or chosen == "random" else apart(probe - ORACLE),
    }
    return AblatedSet(chosen=chosen, did=did, neurons=size, **found | more)


def study(**more: object) -> AblationStudy:
    results = example_results()
    sets = [
        one("random", "kept", 42, 0.31, 0.70),
        one("forward", "kept", 42, 0.33, 0.85),
        one("random", "kept", KEPT, 0.34, 0.82),
        one("forward", "kept", KEPT, 0.40, 0.91),
        one("sieve", "kept", KEPT, 0.41, 0.905),
        one("random", "ablated", KEPT, 0.93, None),
        one("forward", "ablated", KEPT, 0.90, 0.929),
        one("sieve", "ablated", KEPT, 0.91, 0.93),
    ]
    output = OwnOutput(
        kind="cosine",
        pooling="mean",
        texts=200,
        intact=estimate(1.0, 0.0),
        nothing_kept=estimate(0.3),
        unrelated=estimate(0.05),
    )
    given = {
        "created": "2026-01-01T00:00:00+00:00",
        "command": "neurosieve ablate runs/chunk",
        "run": "runs/chunk",
        "environment": results.environment,
        "model": results.model,
        "corpus": "conll2000",
        "task": "chunk",
        "metric": "accuracy",
        "row": "word",
        "by": "mean",
        "where": "everywhere",
        "ranking": "forward",
        "draws": 3,
        "seed": 1,
        "tolerance": 0.03,
        "oracle": Scores(value=ORACLE, interval=(0.929, 0.933), n=47_377),
        "output": output,
        "sets": sets,
        "stages": [Stage(name="ablate", seconds=61.2, peak_memory_mb=1.0)],
    }
    return AblationStudy(**given | more)


def with_loss() -> AblationStudy:
    output = OwnOutput(
        kind="loss", head="causal", texts=200, pieces=4000, intact=estimate(3.1), nothing_kept=estimate(9.1)
    )
    sets = [
        one("random", "kept", KEPT, 8.5, 0.82),
        one("forward", "kept", KEPT, 7.3, 0.91, against_random=apart(-1.2)),
        one("random", "ablated", KEPT, 3.2, None),
        one("forward", "ablated", KEPT, 3.6, 0.88),
    ]
    return study(output=output, sets=sets)


def test_sentences_are_about_the_sieve_s_set_and_say_what_it_means():
    said = " ".join(ablation_sentences(study()))
    assert told(study()).chosen == "sieve"
    assert "A probe of chunk on 136 of 2,688 neurons (what the run's sieve kept) scores 90.5 % [89.5, 91.5]" in said
    assert "The other 2,552 are redundant for it." in said
    assert "With these 2,552 held at their mean inside the model, the cosine of a text's vector" in said
    assert "is 0.410 [0.400, 0.420], over 200 test sentences" in said
    assert "0.300 with every neuron held, 0.050 for two different texts" in said
    assert "84 % of the way from the intact model to one with every neuron held" in said
    assert "Redundant for the probe is not unused by the model" in said
    assert "as many neurons at random give 0.340 (0.330 to 0.350 in 3 draws): +0.060 [0.056, 0.064]" in said
    assert "keeps more of the output than chance" in said
    assert (
        "with only the 136 held, it is 0.910 [0.900, 0.920] where as many at random give 0.930 (0.920 to 0.940" in said
    )
    assert "what these tell is told elsewhere too" in said


def test_a_model_that_is_cut_is_not_said_to_use_anything():
    sets = [each.model_copy(update={"cut": [4, 5, 6]}) if each.did == "kept" else each for each in study().sets]
    said = " ".join(ablation_sentences(study(sets=sets)))
    assert "the set has no neuron of layers 4 to 6, so nothing of a text gets through. --where inside" in said
    assert "not unused by the model" not in said


def test_what_is_lost_altogether_is_not_compared_with_chance():
    sets = [one("random", "kept", KEPT, 0.1, 0.8), one("sieve", "kept", KEPT, 0.12, 0.905)]
    said = " ".join(ablation_sentences(study(sets=sets)))
    assert "That is as far from the intact model as one with every neuron held, or further. Redundant" in said
    assert "for the set, and nothing is left in either." in said


def test_inside_chance_is_like_the_set_and_held_counts_what_is_held():
    sets = [
        one("random", "kept", KEPT, 0.1, 0.8),
        one("random_like_sieve", "kept", KEPT, 0.55, 0.8, against_random=None),
        one("sieve", "kept", KEPT, 0.6, 0.905, against_random=apart(-0.05), held=900),
        one("random_like_sieve", "ablated", KEPT, 0.97, None, against_random=None),
        one("sieve", "ablated", KEPT, 0.9, 0.93),
    ]
    said = " ".join(ablation_sentences(study(sets=sets, where="inside")))
    assert "With the 900 of these that live beside kept neurons, below the last layer, held at their mean" in said
    assert "as many neurons of each layer at random give 0.550" in said
    assert "so it keeps less of the output than chance" in said
    assert "as many at random give 0.970; +0.060 [0.056, 0.064]" in said
    assert "with every neuron below the last layer held" in said


def test_without_a_sieve_it_is_the_smallest_set_within_the_tolerance():
    sets = [*(each for each in study().sets if each.chosen != "sieve")]
    assert told(study(sets=sets)).neurons == KEPT
    few = [each for each in sets if each.neurons == 42]
    said = " ".join(ablation_sentences(study(sets=few)))
    assert "(the first of forward selection)" in said
    assert "That is not within 3 % of it." in said
    assert ablation_sentences(study(sets=[])) == []


def test_a_model_that_hardly_uses_what_is_redundant_is_said_to():
    sets = [one("random", "kept", KEPT, 0.9, 0.8), one("sieve", "kept", KEPT, 0.95, 0.905, against_random=apart(0.001))]
    said = " ".join(ablation_sentences(study(sets=sets)))
    assert "7 % of the way from the intact model to one with every neuron held: on these texts the model itself" in said
    assert "which is no clear difference" in said
    assert lost(study(sets=sets), sets[1]) == pytest.approx(0.05 / 0.7)


def test_a_loss_is_told_in_nats_and_less_is_better():
    said = " ".join(ablation_sentences(with_loss()))
    assert "the loss of its own head is 7.30 [7.29, 7.31] nats for each of 4,000 next pieces" in said
    assert "it is 3.10 in the intact model and 9.10 with every neuron held" in said
    assert "70 % of the way" in said
    assert "−1.20 [−1.20, −1.20] for the set, so it keeps more of the output than chance" in said
    assert "told elsewhere too" not in said, "the probe of the rest loses more than the tolerance"


def test_notes_say_what_an_effect_is_not():
    notes = " ".join(ablation_notes(study()))
    assert "--where inside leaves both out" in notes
    assert "no language-model head to ask" in notes
    assert "Chance is as many neurons of each layer" in " ".join(ablation_notes(study(where="inside")))


def test_the_table_has_all_sets_and_both_ends():
    table = ablation_table(study())
    rows = list(csv.DictReader(io.StringIO(table.csv())))
    assert list(rows[0]) == list(table.columns)
    assert len(rows) == 2 + len(study().sets)
    assert [rows[0][key] for key in ("neurons", "held", "output", "probe")] == ["2688", "0", "1.0", str(ORACLE)]
    assert [rows[1][key] for key in ("neurons", "held", "output", "probe")] == ["0", "2688", "0.3", ""]
    sieve = next(row for row in rows if row["chosen"] == "sieve")
    assert (sieve["output"], sieve["output_least"], sieve["against_random"]) == ("0.41", "", "0.06")
    random = next(row for row in rows if row["chosen"] == "random")
    assert (random["output_least"], random["against_random"], random["difference"]) == ("0.3", "", "")


def test_the_terminal_s_table_fits():
    lines = ablation_lines(study())
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4
    assert lines[-1].split() == ["136", "0.400", "91.0", "%", "0.340", "82.0", "%", "0.900", "92.9", "%", "0.930", "–"]
    assert lines[2].split()[-4:] == ["–", "–", "–", "–"]


@pytest.mark.parametrize("made", [study, with_loss])
def test_the_figure_has_the_model_above_and_the_probe_below(made):
    figure = ablation_figure(made())
    above, below = figure.axes
    assert above.get_xscale() == "log"
    assert ("nats" if made is with_loss else "cosine") in above.get_ylabel()
    assert "accuracy of a probe" in below.get_ylabel()
    named = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"intact model", "every neuron held", "oracle"} <= named
    assert ablation_figure(study(sets=[])) is None


def test_the_page_is_whole_and_asks_for_nothing():
    html = ablation_page(study())
    page = Page(html)
    assert POLICY in html
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    links = {link for link in page.values("href", "xlink:href", "src") if not link.startswith(("#", "data:image/"))}
    assert links == {f"{ablation_table(study()).name}.csv"}
    for sentence in ablation_sentences(study()):
        assert sentence.replace("\u00a0", " ") in page.text.replace("\u00a0", " ")
    assert "ablation.json holds everything" in page.text
    assert ablation_page(study()) == html


def test_names_from_outside_stay_text():
    html = ablation_page(study(task=HOSTILE, corpus=HOSTILE, command=HOSTILE, run=HOSTILE))
    assert not {"script", "img"} & set(Page(html).tags)


def test_files_are_named_after_the_task_where_there_are_several(tmp_path):
    made = study()
    assert write_ablation(made, tmp_path / "new") == tmp_path / "new" / "ablation.html"
    page = write_ablation(made, tmp_path, several=True)
    assert {path.name for path in tmp_path.glob("ablation*")} == {
        f"ablation-chunk.{kind}" for kind in ("json", "csv", "html")
    }
    assert "ablation-chunk.csv" in page.read_text(encoding="utf-8")
    assert AblationStudy.load(tmp_path / "ablation-chunk.json") == made
