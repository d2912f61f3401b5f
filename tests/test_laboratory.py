"""Lesson laboratories: the tasks are what the prose says they are."""

import numpy as np

from helpers.laboratory import lesson01, lesson02


def test_the_stream_of_lesson_01_has_the_right_answers():
    x, answers = lesson01.stream(sequences=7, timesteps=20, seed=4, lag=5)
    assert x.shape == (7, 20, 1) and answers.shape == (7, 20, 3) and x.dtype == answers.dtype == np.float32
    assert set(np.unique(x)) == {-1.0, 1.0}
    bits = (x[:, :, 0] > 0).astype(int)
    for row, answered in zip(bits, answers):
        for t in range(20):
            first, parity, echo = row[0], sum(row[: t + 1]) % 2, row[t - 5] if t >= 5 else 0
            assert tuple(answered[t]) == (first, parity, echo)


def test_the_stream_is_the_same_for_the_same_seed():
    assert np.array_equal(lesson01.stream(3, 9, seed=1)[0], lesson01.stream(3, 9, seed=1)[0])
    assert not np.array_equal(lesson01.stream(3, 9, seed=1)[0], lesson01.stream(3, 9, seed=2)[0])


def test_the_first_bit_is_remembered_from_nine_streams_of_ten_on():
    scores = {"window": np.full((5, 3), 0.5), "recurrent": np.full((5, 3), 1.0)}
    assert lesson01.who_remembers(scores) == "recurrent"
    scores["recurrent"][-1, 0] = 0.89
    assert lesson01.who_remembers(scores) == "neither"
    scores["window"][-1, 0] = scores["recurrent"][-1, 0] = 0.9
    assert lesson01.who_remembers(scores) == "both"


HALVES = {"": np.array([0.5, 0.25, 0.25])}


def test_costs_are_bits_and_an_unknown_context_pays_for_a_blind_guess():
    assert np.allclose(lesson02.costs(HALVES, 1, ["a\n", "b"], "\nab"), [2, 1, 2])
    assert np.allclose(lesson02.costs({}, 3, ["ab\n"], "\nab"), np.log2(3))
    assert np.isinf(lesson02.costs({"\n": np.array([0.0, 1.0])}, 2, ["\n"], "\na")).all()


def test_a_name_is_impossible_if_one_letter_is():
    models = {1: HALVES, 2: {"\n": np.array([0, 1.0, 0]), "a": np.array([1.0, 0, 0])}}
    assert lesson02.impossible_names(models, ["a\n", "ab\n"], "\nab") == {1: 0.0, 2: 0.5}


def test_models_are_measured_on_as_many_training_texts_as_are_held_out():
    fitted = []

    def fit(texts, n, vocabulary, add):
        fitted.append((texts, n, vocabulary, add))
        return {"": np.array([0.5, 0.25, 0.25])} if n == 1 else {}

    sets = {"words": (["\n", "aa"], ["ab"], "\nab")}
    measured = lesson02.measure(fit, sets, orders=[1, 2], adds=[0.5])
    assert np.allclose(measured["words"], [[1, 2], [np.log2(3), np.log2(3)]])
    assert fitted == [(["\n", "aa"], n, "\nab", 0.5) for n in (1, 2)]


def test_written_names_are_found_in_the_lists():
    assert lesson02.whereabouts(["anna", "anna", "bo", "zz"], ["anna\n", "an\n"], ["bo\n"]) == (2, 1, 1)


def test_a_context_is_rare_if_it_was_met_less_often_than_there_are_symbols():
    sets = {"words": (["aaaab\n"], [], "\nab")}  # after the start once, after a four times, after b once
    assert lesson02.thin(sets, orders=[1, 2])["words"] == [0.0, 2 / 6]


def test_contexts_met_once_are_counted_by_kind_and_by_what_follows_them():
    once = lesson02.met_once(["aaaab\n"], n=2)  # after the start once, after a four times, after b once
    assert np.allclose(once, (2 / 3, 2 / 6))


def test_padding_mistakes_are_made_with_the_learners_own_function():
    mask = np.array([[True, True], [True, False]])
    targets = np.array([[2, 4], [9, 0]])
    means = lesson02.padding_mistakes(lambda logits, y, real: float(y[real].mean()), mask, targets, mask)
    assert np.allclose(list(means.values()), [5, 15 / 4, 15 / 4, 6])


def test_the_source_repeats_the_letter_two_steps_back_nine_times_in_ten():
    texts = lesson02.source(texts=30, length=500, seed=1)
    assert {len(text) for text in texts} == {500} and set("".join(texts)) == {"a", "b"}
    repeated = np.mean([a == b for text in texts for a, b in zip(text, text[2:])])
    assert abs(repeated - lesson02.REPEATS) < 0.01  # four standard deviations
    own = lesson02.costs(lesson02.model_of_source(), 3, texts, "\nab").mean()
    assert abs(own - lesson02.entropy_of_source(500)) < 0.04


def test_the_product_with_one_hot_rows_is_the_look_up():
    assert lesson02.product_against_lookup(symbols=20, length=7, hidden_size=3) == 0


def test_random_weights_have_the_shapes_of_a_character_network():
    weights = lesson02.random_weights(0.1, seed=0, symbols=5, hidden_size=3)
    assert {name: array.shape for name, array in weights.items()} == {
        "W_xh": (5, 3), "W_hh": (3, 3), "b_h": (3,), "W_hy": (3, 5), "b_y": (5,)
    }
