"""The laboratory of lesson 08: both directions and depth."""

import numpy as np
import pytest

from helpers import course, data
from helpers.gradients import complex_step, parting
from helpers.laboratory import lesson08 as lab
from tests import lessons


@pytest.fixture(scope="module")
def solved():
    """The worked solutions of the lesson, by name."""
    return lessons.functions("08")


def test_pieces_are_words_of_sentences_and_short_ones_are_left_out():
    found = lab.pieces(["One, two-three! It's.\n" + "ab " * 12 + "\n"])
    assert found == [["one", "two", "three"], 10 * ["ab"], ["ab", "ab"]]


def test_a_text_without_spaces_knows_where_its_words_began():
    ids, begins, counts = lab.without_spaces([["ab", "c"], ["d", "efgh"]])
    assert ids.tolist() == [[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]]
    assert begins.astype(int).tolist() == [[1, 0, 1, 0, 0], [1, 1, 0, 0, 0]]
    assert counts.astype(int).tolist() == [[0, 1, 1, 0, 0], [0, 1, 1, 1, 1]]


def test_a_late_batch_has_the_answers_so_much_later():
    ids, begins, counts = lab.late(lab.without_spaces([["ab", "c"]]), 2)
    assert ids.tolist() == [[1, 2, 3, 0, 0]]
    assert begins.astype(int).tolist() == [[0, 0, 1, 0, 1]] and counts.astype(int).tolist() == [[0, 0, 0, 1, 1]]


@pytest.mark.parametrize(
    "directions, units, residual, norm",
    [(1, (4,), False, False), (2, (3, 3), True, False), (1, (4, 4, 4), True, True), (2, (3, 2), False, True)],
)
def test_the_networks_gradients_are_those_of_the_complex_step(directions, units, residual, norm):
    rng = np.random.default_rng(0)
    weights = [{name: value.astype(float) for name, value in part.items()} for part in lab.first_weights(units, directions, rng, norm=norm)]
    flat = {f"{n} {name}": value for n, part in enumerate(weights) for name, value in part.items()}
    ids = np.array([[1, 2, 3, 4, 5], [6, 7, 8, 0, 0], [3, 1, 0, 0, 0]])
    begins, counts = rng.random(ids.shape) < 0.4, ids > 0
    drop = [(2.0 * (rng.random((directions, 3, size)) < 0.5), 2.0 * (rng.random((5, 3, directions * size)) < 0.5)) for size in units]

    def loss(values):
        parts = [{name: values[f"{n} {name}"] for name in part} for n, part in enumerate(weights)]
        logits = lab.forward(parts, ids, residual, drop)[0]
        return ((np.log(1 + np.exp(logits)) - begins * logits) * counts).sum() / counts.sum()

    logits, kept = lab.forward(weights, ids, residual, drop)
    cost, slope = lab.loss_of(logits, begins, counts)
    found = lab.backward(weights, slope, kept)
    assert cost == pytest.approx(loss(flat))
    apart = parting(complex_step(loss, flat), {f"{n} {name}": value for n, part in enumerate(found) for name, value in part.items()})
    assert max(apart.values()) < 1e-9


def test_what_padding_holds_does_not_matter_to_both_directions():
    weights = lab.first_weights((5,), 2, np.random.default_rng(0))
    short, long = lab.without_spaces([["ab", "cde"]])[0], lab.without_spaces([["ab", "cde"], ["abcdefgh"]])[0]
    assert np.allclose(lab.forward(weights, short)[0][0], lab.forward(weights, long)[0][0, :5], atol=1e-6)


def test_the_networks_states_are_the_learners(solved):
    weights = lab.first_weights((5,), 2, np.random.default_rng(0))
    ids, _, _ = lab.without_spaces([["ab", "cde"], ["abcdefgh"]])
    states = solved["bidirectional"](np.eye(lab.SYMBOLS)[ids], ids > 0, *(lab.in_one_direction(weights, d) for d in (0, 1)), "concat")
    logits = (states @ weights[-1]["W_hy"] + weights[-1]["b_y"])[..., 0]
    assert np.abs(np.where(ids > 0, logits - lab.forward(weights, ids)[0], 0)).max() < 1e-5


def test_a_comma_stands_before_every_third_digit_from_the_end():
    limits = [(lab.SHORTEST, lab.LONGEST_LEARNED), (lab.SHORTEST, lab.LONGEST), (lab.LONGEST + 1, lab.MUCH_LONGER)]
    for (ids, begins, counts), (shortest, longest) in zip(lab.numbers(), limits, strict=True):
        lengths = (ids > 0).sum(axis=1)
        assert (lengths.min(), lengths.max()) == (shortest, longest)
        assert not counts[:, 0].any() and np.array_equal(counts[:, 1:], ids[:, 1:] > 0)
        for row, commas in zip(ids[:200], begins):
            digits = "".join(str(i - 1) for i in row if i)
            written = "".join("," * bool(comma) + digit for comma, digit in zip(commas, digits))
            assert written == f"{int(digits):,}"


def test_whole_numbers_are_those_with_all_commas_right(monkeypatch):
    monkeypatch.setattr(lab, "says", lambda weights, batch, delay=0: batch[1] if delay == 9 else np.zeros_like(batch[1]))
    weights = [{"W_hy": np.ones((2 * lab.UNITS_IN_BOTH, 1))}]
    right = lab.whole_numbers({d: (weights, d) for d in (0, 3, 6, 9)} | {"both": (weights, 0)})
    lengths = [(part[0] > 0).sum(axis=1) for part in lab.numbers()[1:]]
    assert right["every third digit from the front"] == tuple(np.mean(found % 3 == 0) for found in lengths)
    assert right["one direction, 9 late"] == (1, 1) and right["both directions"] == (0, 0)


def test_the_delay_needed_is_the_smallest_that_is_as_good_as_both_directions():
    assert lab.delay_needed({0: 0.2, 1: 0.995, 2: 0.9, "both": 1.0}) == 1
    assert lab.delay_needed({0: 0.2, 1: 0.5, "both": 1.0}) == "none"


def test_a_window_sees_its_letters_and_no_others():
    assert lab.surrounded(np.array([[1, 2, 3]]), 1, 2).tolist() == [[[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 0]]]


def test_training_lowers_the_loss_and_repeats_itself():
    seen = []
    first = lab.learn((8,), updates=60, progress=lambda step, loss: seen.append(loss))
    again = lab.learn((8,), updates=60)
    assert seen[-1] < seen[0]
    assert all(np.array_equal(a[name], b[name]) for a, b in zip(first, again) for name in a)


def test_counts_cut_what_they_know_and_every_letter_is_in_one_word():
    words = lab.texts()[0][0]
    assert lab.cut_by_counts("".join(words)) == words
    assert "".join(lab.cut_by_counts("xqzzthexqz")) == "xqzzthexqz"


def test_the_f1_of_the_record_is_the_learners(solved):
    batch = lab.batches()[1]
    said = np.random.default_rng(0).random(batch[0].shape) < 0.3
    assert lab.boundary_f1(said, batch) == pytest.approx(solved["boundary_scores"](batch[1], said, batch[2])[2])


def test_words_are_found_whole_or_not():
    _, begins, _ = lab.batches()[1]
    assert lab.words_found(begins) == {"known": 1.0, "new": 1.0}
    assert lab.words_found(np.ones_like(begins))["known"] < 0.2


def test_half_of_the_gain_is_won_by_the_first_delay_that_reaches_the_middle():
    assert lab.half_won({0: [0.8], 1: [0.84], 2: [0.86], 4: [0.9], 8: [0.9]}, [0.9]) == "2"


@pytest.mark.parametrize("sizes", lab.STACKS, ids=len)
def test_equal_weights_are_nearly_equal_and_counted_right(sizes, solved):
    weights = lab.first_weights(sizes, 1, np.random.default_rng(0))
    total = sum(value.size for part in weights for value in part.values())
    assert solved["stack_parameters"]("rnn", lab.SYMBOLS, sizes, False) + sizes[-1] + 1 == total
    assert abs(total - lab.WEIGHTS) < 200


def test_names_are_judged_by_their_children():
    fraction = np.array([1.0, 0.25])
    assert lab.right(np.array([True, True]), fraction) == 0.625 and lab.ceiling(fraction) == 0.875
    assert lab.last_letter((["ada", "otto"], np.array([0.9, 0.1])), (["eva", "hugo"], np.array([1.0, 0.0]))) == 1.0


def test_names_are_padded_on_the_side_that_is_asked_for():
    assert lab.name_ids(["ab"])[0, :3].tolist() == [1, 2, 0]
    assert lab.name_ids(["ab"], "left")[0, -3:].tolist() == [0, 1, 2]


def test_the_numbers_on_the_data_card_are_those_of_the_names():
    train, held_out = lab.names()
    found = [lab.right(train[1].mean() > 0.5, held_out[1]), lab.bag_of_letters(train, held_out), lab.last_letter(train, held_out)]
    card = (course.ROOT / "data" / "README.md").read_text("utf-8")
    for number in (*found, lab.ceiling(held_out[1])):
        assert f"{number:.3f}" in card


def test_the_grammars_sentences_are_told_once_and_their_chances_add_up():
    sentences, good, _, chances = lab.opinions()
    assert len(set(sentences)) == len(sentences) == 34_704 and chances.sum() == pytest.approx(1)
    known = dict(zip(sentences, good))
    assert known["the soup was not bad"] and not known["i would not say that the soup was good"]
    assert known["the soup was bad but the room was good"] and not known["the room was good but the soup was bad"]
    assert known["the room was good although the soup was bad"] and not known["the soup was bad although the room was good"]


def test_the_ceiling_by_kind_is_the_learners_and_adds_up_to_that_of_all(solved):
    _, _, kinds, chances = lab.opinions()
    by_kind = lab.by_kind(solved["bag_ceiling"])
    total = by_kind.pop("all")
    assert sum(value * chances[kinds == kind].sum() for kind, value in by_kind.items()) == pytest.approx(total)
    assert total == pytest.approx(0.704)


class TestTheLinearJudge:
    def test_loses_as_much_as_any_linear_judge_must(self, solved):
        ceiling = solved["bag_ceiling"](*(lab.opinions()[i] for i in (0, 1, 3)))
        assert lab.linear_judge()["all"] == pytest.approx(ceiling - lab.linear_loss(), abs=1e-12)
        assert lab.linear_judge()["all"] == pytest.approx(0.632)

    def test_is_not_beaten_by_weights_near_it_nor_by_others(self):
        (_, good, _, chances), (counts, words) = lab.opinions(), lab.bags()
        best, rng = lab.linear_judge()["all"], np.random.default_rng(0)
        middle = np.array([lab.JUDGE.get(word, 0.0) for word in words])
        for width in np.geomspace(0.01, 10, 40):
            says = counts @ (middle + rng.normal(0, width, len(words))) > rng.normal(0, width)
            assert chances[says == good].sum() <= best + 1e-12


def test_all_held_out_clauses_are_asked_for():
    _, rest = lab.draw_opinions()
    accuracy, asked = lab.judge_opinions(lambda ids: np.ones(len(ids)), rest)
    kinds = lab.opinions()[2]
    assert asked["one clause, negated"] == (kinds[rest] == "one clause, negated").sum() == 6
    assert sum(asked.values()) == 4000 and set(asked) == set(accuracy) - {"all"}


def test_what_both_directions_make_of_a_loss_is_a_choice_of_the_bet():
    found = [lab.verdict_on_letters({"one_direction": np.array([2.0]), "both_directions": np.array([x])}) for x in (1.9, 1.1, 0.1)]
    assert found == ["about the same", "half", "nearly zero"]


def test_a_step_back_costs_the_slope_of_tanh_while_the_recurrence_changes_no_length():
    for residual in (False, True):
        top = lab.gradient_map([8, 8], residual)[-1]
        assert (top[0] / top[-1]) ** (1 / 29) == pytest.approx(lab.top_slope([8, 8], residual), rel=0.05)


def test_a_depth_is_best_only_if_each_of_its_seeds_beats_all_others(solved):
    shallow = {"one layer": [0.5, 0.7], "two layers": [0.4, 0.5]}
    assert lab.best_depth(shallow | {"three layers": [0.71, 0.8]}, solved["can_tell"]) == "three"
    assert lab.best_depth(shallow | {"three layers": [0.69, 0.9]}, solved["can_tell"]) == "cannot tell"


def test_pairs_are_the_scores_of_the_records():
    recorded, ablation = lab.boundary_record(), lab.depth_record()
    pairs = lab.delay_pairs(recorded)
    assert pairs["2 late", "both directions"] == (recorded["delay"][2], recorded["both"])
    assert pairs["3 late, 2,000 updates", "a window of 2, 2,000 updates"] == (recorded["longer"][3], recorded["windows_longer"][2])
    assert lab.name_pairs()["both, summary", "forward only"] == tuple(lab.names_record()[name] for name in ("both, summary", "forward only"))
    weights, time = lab.beside_one_layer(ablation)["three layers"]
    assert weights == (ablation["held_out"]["one layer"], ablation["held_out"]["three layers"])
    assert time == tuple(ablation["in_equal_time"][name]["held_out"] for name in ("one layer", "three layers"))
    longer = lab.dropout_pairs(ablation)["64 units, 3 times the updates", "64 units, recurrent dropout, 3 times the updates"]
    assert longer == tuple(ablation["causes"][name]["held_out"] for name in ("one layer, longer", "one, recurrent dropout, longer"))


def test_both_directions_have_about_as_many_weights_as_one(solved):
    both = lab.first_weights((lab.UNITS_IN_BOTH,), 2, np.random.default_rng(0))
    total = sum(value.size for part in both for value in part.values())
    assert total == solved["stack_parameters"]("rnn", lab.SYMBOLS, [lab.UNITS_IN_BOTH], True) + 2 * lab.UNITS_IN_BOTH + 1
    assert abs(total - lab.WEIGHTS) < 20


def test_the_rows_about_recurrent_dropout_are_means_of_the_record():
    record = lab.depth_record()
    rows = lab.recurrent_dropout_rows(record)
    held_out, training = (np.mean(record[part]["one, recurrent dropout"]) for part in ("held_out", "training"))
    assert rows["64 units, recurrent dropout"] == (held_out, training)
    longer = record["causes"]["one, recurrent dropout, longer"]
    assert rows["64 units, recurrent dropout, 3 times the updates"] == (np.mean(longer["held_out"]), np.mean(longer["training"]))


def test_fading_is_told_per_hop_and_from_corner_to_corner():
    found = lab.fading(np.array([[0.5, 1.0, 2.0], [0.5, 2.0, 8.0]]))  # the lowest layer first, the answer at the last step
    assert found == {"across": 16.0, "back": 4.0, "down": 4.0}
    assert lab.fading(np.array([[1.0, 3.0]])) == {"across": 3.0, "back": 3.0, "down": 1.0}


def test_sentences_learned_from_are_not_asked_for():
    drawn, rest = lab.draw_opinions()
    assert len(drawn) == 3000 and not set(drawn) & set(rest)


def test_a_verdict_is_a_probability_or_says_which_words_cannot_be_read():
    model = lab.opinion_model()
    assert lab.verdict(model, "the Soup was warm").startswith("the Soup was warm\nfavourable with a probability of ")
    assert lab.verdict(model, "the lamp was warm").startswith("It cannot read lamp. Its words:\n")
    assert lab.verdict(model, " ").startswith("It cannot read an empty line.")


class TestReviews:
    def test_are_not_fetched_by_the_course(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        assert lab.reviews() is None

    def test_are_read_where_keras_keeps_them(self, tmp_path, monkeypatch):
        import keras

        def load_data(num_words):
            rng, parts = np.random.default_rng(0), []
            for _ in range(2):  # the two opinions use different words
                good = rng.integers(0, 2, 40)
                parts.append(([list(rng.integers(10, 20, 130 if i % 2 else 8) + 10 * sign) for i, sign in enumerate(good)], good))
            return tuple(parts)

        (tmp_path / "datasets").mkdir()
        (tmp_path / "datasets" / "imdb.npz").touch()
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setattr(keras.datasets.imdb, "load_data", load_data)
        train, held_out = lab.reviews()
        assert train[0].shape == (40, lab.LAST) and set(train[1]) == {0, 1}
        assert lab.naive_bayes(train, held_out) == 1.0
        model = lab.opinion_model(words=lab.FREQUENT)
        lab.train(model, *train, updates=40, batch=20)
        assert lab.judge_reviews(model, held_out) > 0.9


@pytest.mark.slow
def test_the_records_are_what_their_scripts_measure():
    from tests.benchmarks import record_depth, record_name_ends, record_word_boundaries

    boundaries, depth = data.record("word-boundaries"), data.record("depth-on-word-boundaries")
    assert record_word_boundaries.recurrent(0, 3) == pytest.approx(boundaries["f1"]["delay"]["3"][0], abs=0.01)
    assert record_word_boundaries.window(0, 2) == pytest.approx(boundaries["f1"]["window"]["2"][0], abs=0.01)
    two_layers = record_depth.measure(*record_depth.NETWORKS["two layers"], record_depth.UPDATES, seed=0)
    assert two_layers[0] == pytest.approx(depth["held_out"]["two layers"][0], abs=0.01)
    assert record_name_ends.measure("both, summary", 1) == pytest.approx(data.record("name-ends")["accuracy"]["both, summary"][0], abs=0.01)
