"""The laboratory of lesson 03: its batches, its counting, its witnesses and its record are what the lesson says."""

import json

import numpy as np
import pytest

from helpers import gradients
from helpers.laboratory import lesson03 as lab
from tests import lessons
from tests.benchmarks import record_truncation

WORKED = lessons.functions("03", lab=lab)


def test_a_batch_of_names_has_a_newline_on_both_sides_and_is_masked_after_it():
    ids, targets, mask = lab.name_batch(["ab", "a"])
    assert ids.tolist() == [[0, 1, 2], [0, 1, 0]]
    assert targets.tolist() == [[1, 2, 0], [1, 0, 0]]
    assert mask.tolist() == [[True, True, True], [True, True, False]]


def test_ngram_bits_on_a_case_counted_by_hand():
    # bigrams of "aab\n": a after newline, a after a, b after a, newline after b; one of each, two of a in all
    bits = lab.ngram_bits(["aab\n"], ["ab\n"], n=2, add=1, symbols=3)
    expected = -np.log2([2 / 4, 2 / 5, 2 / 4]).mean()
    assert bits == pytest.approx(expected)


def test_mean_cost_is_the_loss_of_the_worked_solution():
    case, weights = lab.small_case()
    loss, _, _ = WORKED["loss_and_gradients"](*case, weights)
    assert loss == pytest.approx(float(lab.mean_cost(*case, weights)), rel=1e-12)
    assert not np.allclose(loss, lab.mean_cost(case[0], case[1], np.ones_like(case[2]), case[3], weights))


def test_the_terms_of_the_blame_add_up_to_the_gradient():
    weights, _ = lab.initial(27, 16, np.random.default_rng(0))
    letters, terms, whole = lab.blame(WORKED["loss_and_gradients"], weights)
    assert "".join(letters) == "\nisabella" and len(terms) == 9
    assert terms[0] == 0 and terms.sum() == pytest.approx(whole, rel=1e-9)
    case = lab.name_batch(["isabella"])
    last = case[2] & (np.arange(9) == 8)
    exact = {name: array.astype(float) for name, array in weights.items()}
    slope = gradients.complex_step(lambda v: lab.mean_cost(*case[:2], last, np.zeros((1, 16)), exact | v), {"W_hh": exact["W_hh"]})
    assert whole == pytest.approx(slope["W_hh"][3, 7], rel=1e-9)


def test_checkpoints_give_the_same_gradient_with_less_memory():
    space = dict(WORKED)
    exec(lessons.source("03", "checkpointed"), space)  # the page's own code
    megabytes, error = lab.memory_of_the_way_back(WORKED["rnn_backward"], space["with_checkpoints"], lengths=(400,))
    assert error < 1e-4
    assert megabytes["checkpoints"][0] < 0.5 * megabytes["all states kept"][0]


@pytest.mark.parametrize(
    ("kept", "choice"), [({"h_t": 100, "x_t": 10}, "1"), ({"h_t": 100, "x_t": 90}, "2"), ({"h_t": 100, "x_t": 350}, "4")]
)
def test_how_many_times_the_states(kept, choice):
    assert lab.times_the_states(kept) == choice


@pytest.mark.parametrize(("at_2", "at_8", "found"), [(0.2, 0.1, "2"), (0.5, 0.29, "8"), (0.5, 0.3, "32")])
def test_the_smallest_truncation_within_the_error(at_2, at_8, found):
    assert lab.smallest_within({2: (at_2, 1.0), 8: (at_8, 1.0), 32: (0.1, 1.0)}) == found


def test_a_network_is_ahead_or_behind():
    assert lab.verdict("names", 2.99, 3.04) == "Held-out names: 2.99 bits, ahead of the 4-gram's 3.04"
    assert "behind" in lab.verdict("fables", 2.2, 2.11)


def test_the_record_says_how_it_was_made():
    record = json.loads(record_truncation.RECORD.read_text("utf-8"))
    assert record["command"] == record_truncation.COMMAND and record["rows"] == record_truncation.ROWS
    assert set(record["bits"]) == set(record_truncation.ROWS) == set(lab.truncation_record())
    assert all(len(row) == len(record["seeds"]) >= 5 for row in record["bits"].values())
    assert record["versions"]["numpy"] and record["date"]


@pytest.mark.slow
@pytest.mark.parametrize("row", ["truncation 1", "output layer only"])
def test_a_sample_of_the_record_comes_out_again(row):
    assert record_truncation.measure(row, seed=0) == pytest.approx(lab.truncation_record()[row][0], abs=0.02)
