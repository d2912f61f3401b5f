"""The laboratory of lesson 05: what its demos measure is what the prose says they measure."""

import numpy as np
import pytest

from helpers import data, gradients
from helpers.laboratory import lesson05 as lab


def test_the_plain_network_is_the_equation_and_its_cost_has_complex_gradients():
    weights = lab.random_weights(2, 3, 4, seed=0, scale=0.3)
    x, targets = np.random.default_rng(1).normal(size=(2, 3, 2)), np.array([[0, 1, 3], [2, 2, 0]])
    h, logits = np.zeros((2, 3)), lab.plain_logits(x, weights)
    for t in range(3):
        h = np.tanh(x[:, t] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
        assert np.allclose(logits[:, t], h @ weights["W_hy"] + weights["b_y"])
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    costs = [-np.log(p[b, t, targets[b, t]]) for b in range(2) for t in range(3)]
    assert np.isclose(lab.mean_cost(x, targets, weights), np.mean(costs))
    slopes = gradients.complex_step(lambda w: lab.mean_cost(x, targets, w), weights)
    assert np.allclose(slopes["b_y"], (p - np.eye(4)[targets]).mean(axis=(0, 1)))


def test_log_softmax_is_finite_for_large_logits():
    assert np.allclose(lab.log_softmax(np.array([[2000.0, 0.0], [1.0, 1.0]])), [[0, -2000], [-np.log(2)] * 2])


def test_the_cost_of_a_target_is_minus_its_log_probability():
    logits, targets = np.log([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]), np.array([[0, 2]])
    assert np.allclose(lab.costs(logits, targets), [[-np.log(0.5), -np.log(0.8)]])


def test_what_comes_out_of_a_layer_by_its_switches():
    shapes, results = lab.what_comes_out()
    assert shapes == {
        (False, False): [(2, 5)], (False, True): [(2, 5), (2, 5)], (True, False): [(2, 6, 5)], (True, True): [(2, 6, 5), (2, 5)],
    }  # fmt: skip
    assert {switches: [part.shape for part in parts] for switches, parts in results.items()} == shapes


def test_padding_is_zeros_at_one_end():
    padded = lab.padded(real=4, padding=3)
    assert {name: array.shape for name, array in padded.items()} == {"none": (1, 4, 3), "right": (1, 7, 3), "left": (1, 7, 3)}
    assert not padded["right"][:, 4:].any() and np.array_equal(padded["right"][:, :4], padded["none"])
    assert not padded["left"][:, :3].any() and np.array_equal(padded["left"][:, 3:], padded["none"])


def test_a_batch_of_names_begins_with_a_newline_and_asks_for_the_next_character():
    inputs, lengths, targets = lab.name_batch(["ab\n", "c\n"])
    assert inputs.tolist() == [[1, 2, 3], [1, 4, 0]] and targets.tolist() == [[2, 3, 1], [4, 1, 0]] and lengths.tolist() == [3, 2]


def test_the_mean_over_all_characters_weighs_long_texts_more():
    assert np.isclose(lab.per_character([1.0, 4.0], [np.zeros(3, int), np.zeros(2, int)]), 2.0)


def test_the_unit_to_look_at_is_far_from_0_where_the_padding_begins():
    def states_of(x, masked):
        assert x.shape == (1, 8, 3) and not x[0, 4:].any()
        states = np.zeros((1, 8, 5))
        states[0, 3:, 2] = -0.9 if masked else 0.1
        return states

    traces, unit = lab.read_with_and_without_a_mask(states_of)
    assert unit == 2 and list(traces) == ["mask", "no mask"] and traces["mask"][7, 2] == -0.9 and traces["no mask"][3, 2] == 0.1


def test_the_windows_of_the_tutorial():
    windows, following = lab.one_hot_windows()
    assert windows.shape == (48, 3, 17) and following.shape == (48, 17) and len(lab.TEXT) == 51
    assert "".join(lab.CHARACTERS[i] for i in windows[4].argmax(axis=-1)) == " is" and lab.CHARACTERS[following[4].argmax()] == " "
    every = lab.every_window()
    assert every.shape == (4913, 3, 17)
    assert every[(5 * 17 + 2) * 17 + 11].argmax(axis=-1).tolist() == [5, 2, 11]


def test_greedy_writing_follows_the_table_and_loops():
    symbols = len(lab.CHARACTERS)
    table = np.full((symbols**3, symbols), 1e-3)
    follow = {character: lab.CHARACTERS[(i + 1) % symbols] for i, character in enumerate(lab.CHARACTERS)}
    for row in range(symbols**3):
        table[row, (row % symbols + 1) % symbols] = 1
    table /= table.sum(axis=1, keepdims=True)
    text = lab.write(table, start="sis", length=60)
    assert all(b == follow[a] for a, b in zip(text[2:], text[3:]))
    met, period = lab.loop_of(text, start=3)
    assert period == symbols and text[3 + met - 3 :] == text[3 + met - 3 - period : len(text) - period]
    assert lab.write(table, "sis", 60, seed=0) != text and lab.write(table, "sis", 60, seed=0) == lab.write(table, "sis", 60, seed=0)


def test_a_text_without_a_loop_has_none():
    assert lab.loop_of("abcdefghij", start=3) == (None, None)


def test_how_long_a_text_has_been_repeating_itself():
    assert lab.repeating("abcabcaxa") == [0, 0, 0, 1, 2, 3, 4, 0, 1]


def test_runs_of_the_alphabet():
    assert lab.runs(3)[:2] == ["abc", "bcd"] and len(lab.runs(3)) == 8 and lab.runs(5)[-1] == "fghij"
    assert "def" not in lab.runs(3, left_out="def") and len(lab.runs(3, left_out="def")) == 7
    assert lab.letter_ids(["abz"]).tolist() == [[1, 2, 26]]


@pytest.mark.parametrize("at_each_step, shape", [(True, (2, 27)), (False, (27,))])
def test_an_alphabet_model_says_a_letter_at_each_step_or_one_at_the_end(at_each_step, shape):
    runs = ["abc", "bcd"]
    model, accuracy = lab.alphabet_model(runs, at_each_step, epochs=1)
    told = lab.answers(model, ["ab", "bc"])
    assert np.asarray(model(lab.letter_ids(["ab"]))).shape == (1, *shape)
    wanted = [run[1:] if at_each_step else run[2:] for run in runs]
    hits = [a == b for said, asked in zip(told, wanted) for a, b in zip(said, asked, strict=True)]
    assert accuracy == pytest.approx(np.mean(hits))


def test_what_a_model_says_after_strings_of_any_lengths_and_in_any_order():
    def model(ids):
        return np.eye(27)[np.minimum(ids + 1, 26)]

    assert lab.say(model, ["ad", "b", "ad", "fab"]) == ["e", "c", "e", "c"]


def test_the_rule_that_most_answers_follow_counts_answers_and_not_lengths():
    found = [(["ab", "ac"], {"next": 1.0, "count": 0.0, "neither": 0.0}), (["abc"] * 5, {"next": 0.2, "count": 0.8, "neither": 0.0})]
    assert lab.most_followed(found) == "count"


def test_after_the_pairs_to_ask_both_rules_predict_letters_that_were_answers():
    answered = {run[2] for run in lab.runs(3)}
    asked = [a + b for a in lab.TRAINED for b in lab.TRAINED if {chr(ord(b) + 1), chr(ord(a) + 2)} <= answered]
    assert lab.answered_pairs() == asked and len(asked) == 64


def test_what_is_read_in_training_and_random_strings_of_the_same_letters():
    read = lab.read_in_training()
    assert len(read) == 24 and read[:5] == ["a", "ab", "abc", "abcd", "b"] and read[-1] == "fghi"
    assert {string[0] for string in lab.random_strings(5, number=500)} == set("abcde")
    for length in (2, 4):
        strings = lab.random_strings(length, number=500)
        assert {len(string) for string in strings} == {length} and strings == lab.random_strings(length, number=500)
        assert {string[0] for string in strings} == {run[0] for run in lab.runs(5)}
        assert {letter for string in strings for letter in string[1:]} == {letter for string in read for letter in string}


def test_noise_is_the_same_noise_cut_short():
    x, y, x_held_out, y_held_out = lab.noise(sequences=64, timesteps=10)
    whole = lab.noise(sequences=1000, timesteps=100)
    assert x.shape == (64, 10, 32) and x_held_out.shape == (1000, 10, 32)
    assert np.array_equal(x, whole[0][:64, :10]) and np.array_equal(y_held_out, whole[3])
    assert abs(whole[1].var() - 1 / 12) < lab.BAND


def test_a_judge_keeps_the_losses_of_each_epoch_and_what_was_predicted_before_too():
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    judge = lab.Judge(model, np.array([[1.0], [3.0]], "float32"), np.zeros((2, 1), "float32"))
    model.set_weights([np.array([[0.5]]), np.array([0.5])])
    judge(1, 0.25)
    assert judge.means == [2.0, 1.5] and judge.spreads == [1.0, 0.5] and judge.training == [0.25]
    assert judge.held_out == [pytest.approx((1.0**2 + 2.0**2) / 2)]


@pytest.mark.parametrize("factor, nearest", [(20, "10"), (100, "300"), (1700, "300"), (1800, "10000"), (10_315, "10000"), (40_000, "10000"), (1e6, "300000")])
def test_a_factor_is_near_in_powers_of_ten(factor, nearest):
    assert lab.nearest_power(factor) == nearest


@pytest.mark.parametrize("loss, nearest", [(0.0, "0"), (0.0833, "0.08"), (0.103, "0.08"), (0.16, "0.17"), (0.34, "0.33")])
def test_a_loss_is_near_one_of_those_to_bet_on(loss, nearest):
    assert lab.nearest(loss) == nearest


def test_the_bigram_line_is_lesson_02s_fitted_to_nine_tenths_of_the_names_and_judged_on_the_held_out_ones():
    train, held_out = (lab.encode("\n" + "".join(f"{name}\n" for name in part)) - 1 for part in data.split(data.load_names()))
    counts = np.ones((27, 27))
    np.add.at(counts, (train[:-1], train[1:]), 1)
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    assert round(-np.log(probabilities[held_out[:-1], held_out[1:]]).mean(), 4) == lab.BIGRAM
