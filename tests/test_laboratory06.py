"""The laboratory of lesson 06: its passes are right, whoever wrote them, and its verdicts say what the prose says."""

import numpy as np
import pytest

from helpers import gradients
from helpers.laboratory import lesson06 as lab
from tests import lessons


@pytest.fixture(scope="module")
def solved():
    return lessons.functions("06", sigmoid=lab.sigmoid)


def _small(kind, rng):
    first = lab.first_weights(kind, 2, 3, 1, rng)
    return {name: rng.normal(size=first[name].shape) for name in ("W_x", "W_h", "b")}


@pytest.mark.parametrize("kind", lab.PASSES)
def test_the_passes_agree_with_the_complex_step(kind):
    rng = np.random.default_rng(3)
    W, x, dh = _small(kind, rng), rng.normal(size=(6, 4, 2)), rng.normal(size=(6, 4, 3))
    forward, backward = lab.PASSES[kind]
    truth = gradients.complex_step(lambda arrays: np.sum(dh * forward(x, arrays)[0][1:]), W)
    assert max(gradients.parting(truth, backward(dh, x, *forward(x, W), W)).values()) < 1e-12


def test_the_passes_give_what_the_solution_gives(solved):
    rng = np.random.default_rng(4)
    W, x, dh = _small("lstm", rng), rng.normal(size=(5, 2, 2)), rng.normal(size=(5, 2, 3))
    found = []
    for forward, backward in (lab.PASSES["lstm"], lab.your_passes(solved["lstm_step"], solved["lstm_backward"])):
        h, kept = forward(x, W)
        found.append({"h": h, **backward(dh, x, h, kept, W)})
    assert max(gradients.parting(*found).values()) < 1e-12


def test_a_gru_reads_as_the_solution_does(solved):
    rng = np.random.default_rng(5)
    W, x = _small("gru", rng), rng.normal(size=(5, 2, 2))
    h = np.zeros((2, 3))
    for x_t, state in zip(x, lab.gru_forward(x, W)[0][1:]):
        h = solved["gru_step"](x_t, h, W, True)
        assert gradients.relative_error(h, state) < 1e-12


def test_a_state_s_gradient_goes_back_through_a_gru_as_the_complex_step_says(solved):
    rng = np.random.default_rng(6)
    W, x, dh = _small("gru", rng), rng.normal(size=(2, 4, 2)), rng.normal(size=(4, 3))
    h, (a, u) = lab.gru_forward(x, W)
    truth = gradients.complex_step(lambda arrays: np.sum(dh * solved["gru_step"](x[1], arrays["h"], W, True)), {"h": h[1]})["h"]
    got = lab.gru_state_back(dh, h[1], *np.split(a[1], 3, axis=1), u[1, :, 6:], W["W_h"])
    assert gradients.relative_error(truth, got) < 1e-12


def test_without_a_way_through_the_gates_the_update_gate_alone_shrinks_a_gru_s_gradient():
    W = lab.first_weights("gru", 2, lab.UNITS, 1, np.random.default_rng(0))
    W["W_h"] = np.zeros_like(W["W_h"])
    W["W_x"] = np.zeros_like(W["W_x"])
    W["b"][0, : lab.UNITS] = 3.0
    assert np.allclose(lab.gru_lag_norms(W), lab.sigmoid(3.0) ** np.arange(lab.LENGTH + 1))


def test_first_weights_have_the_forget_bias_in_the_second_block():
    b = lab.first_weights("lstm", 2, 3, 1, np.random.default_rng(0), forget=3.0)["b"]
    assert b.tolist() == [0] * 3 + [3] * 3 + [0] * 6


def test_the_cell_wired_by_hand_adds_marked_numbers(solved):
    x = lab.marked_numbers(100, [19, 59], np.random.default_rng(5))
    assert x.shape == (100, 1, 2) and np.flatnonzero(x[:, 0, 1]).tolist() == [19, 59]
    _, c = lab.run(solved["lstm_step"], x, solved["latch_weights"]())
    assert abs(c[-1, 0, 0] - np.tanh(x[[19, 59], 0, 0]).sum()) < 0.01


def test_it_is_solved_where_the_mean_of_25_losses_is_below_a_quarter_of_a_sixth():
    assert lab.update_below([1.0] * 100) is None
    assert lab.update_below([1.0] * 100 + [0.0] * 30) == 124  # one of 25 at 1 is 0.04, below 1/24


def test_verdicts():
    assert lab.who_is_first({"lstm": 279, "gru": 152}) == "gru"
    assert lab.who_is_first({"lstm": 279, "gru": None}) == "lstm"
    assert lab.who_is_first({"lstm": None, "gru": None}) == "neither"
    assert [lab.ahead(3.0, 3.01), lab.ahead(3.0, 3.03), lab.ahead(3.03, 3.0)] == ["close", "gru", "lstm"]
    read = {"tanh network": [0] * 8 + [0.9], "LSTM, forget bias 4": [1] * 8 + [0.5]}
    assert lab.best_at(read) == "simple"


def test_findings_in_words():
    needed = {"LSTM": 279, "GRU": 152, "LSTM, bias 1": None}
    assert lab.adding_finding(needed) == "Below a quarter of 1/6: GRU at update 152; LSTM at update 279; LSTM, bias 1 not by 500"
    assert lab.lead({"GRU": 3.09, "LSTM": 3.06}) == "The LSTM ends 3 hundredths of a bit ahead of the GRU of its size"
    assert [lab.agreement(1e-7), lab.agreement(0.2)] == ["agree to 1e-5", "differ by 0.2"]


def test_the_passage_is_in_the_held_out_fables():
    gates = np.random.default_rng(0).uniform(size=(len(lab.fables()[2]), 3, 2))
    rows = lab.passage_gates(gates, [("forget", 1, 0, "vowel", 0.5, 0.1)])
    (label, values), = rows.items()
    begin = lab.fables()[2].index(lab.PASSAGE)
    assert label == "forget 0 · vowel, correlation +0.50"
    assert np.array_equal(values, gates[begin : begin + len(lab.PASSAGE), 1, 0])


def test_what_is_written_at_a_mark_lies_on_the_line_that_is_given():
    found = lab.adding_gates(lab.first_weights("lstm", 2, lab.UNITS, 1, np.random.default_rng(0)))
    numbers, written = found["numbers"][found["marks"]], found["written"][found["marks"]]
    slope, offset = found["line"]
    rest = written - slope * numbers - offset
    assert abs(rest.mean()) < 1e-6 and abs(np.mean(rest * numbers)) < 1e-6 and rest.std() < written.std()


def test_information_is_a_bit_for_each_sure_answer():
    assert abs(lab.information([1.0, 1.0, 0.5]) - 2) < 1e-6


def test_a_gate_that_is_a_name_is_found():
    text = "The cat\nsat on A mat"
    gates = np.zeros((len(text), 3, 2))
    gates[:, 0, 0] = [c.isupper() for c in text]
    gates[:, 0, 1] = gates[:, 1, 0] = gates[:, 2, 0] = [c == " " for c in text]
    gates[:, 1, 1] = gates[:, 2, 1] = [c in "aeiou" for c in text]
    table = lab.name_gates(gates, text)
    assert [lab.NAMED[k] for k in np.abs(table[0]).argmax(axis=0)] == ["capital", "space"]
    found = lab.with_the_seventh(table)
    assert found["gates"] == 6 and dict(zip(lab.NAMED, found["closest"])) == dict.fromkeys(lab.NAMED, 0) | {"capital": 1, "space": 3, "vowel": 2}
    assert abs(found["largest"] - 1) < 1e-12 and found["six"] <= found["seven"]
