"""The laboratory of lesson 09: its grammar says what German says, its gradients are right, its verdicts are what they say."""

import numpy as np
import pytest

from helpers import data, gradients
from helpers.laboratory import lesson09 as lab
from helpers.plots import lesson09 as plots
from tests import lessons

#: What German says, from a dictionary's rules: the unit before the ten, "eins" only at the end, "ein" before hundred and thousand.
SAID = {
    0: "null", 1: "eins", 16: "sechzehn", 17: "siebzehn", 21: "ein und zwanzig", 30: "dreißig", 101: "ein hundert eins",
    1_001: "ein tausend eins", 21_000: "ein und zwanzig tausend", 201_000: "zwei hundert ein tausend",
    247_397: "zwei hundert sieben und vierzig tausend drei hundert sieben und neunzig",
    999_999: "neun hundert neun und neunzig tausend neun hundert neun und neunzig",
}


@pytest.fixture(scope="module")
def solved():
    return lessons.functions("09")


@pytest.fixture(scope="module")
def attend(solved):
    return solved["attention"], solved["attention_backward"]


@pytest.mark.parametrize(("n", "german"), SAID.items())
def test_numbers_are_said_as_german_says_them(n, german):
    assert " ".join(lab.number(n)[1]) == german


@pytest.mark.parametrize("n", [-1, lab.LARGEST + 1])
def test_a_number_beyond_the_grammar_is_refused(n):
    with pytest.raises(ValueError, match="0 to 999,999"):
        lab.number(n)


def test_different_numbers_are_said_differently():
    several = [*range(1100), *range(99_000, 101_100), *range(0, lab.LARGEST, 997)]
    for side in (0, 1):
        assert len({tuple(lab.number(n)[side]) for n in several}) == len(set(several))


def test_the_alignment_joins_words_that_mean_the_same():
    meaning = dict(zip(lab.EINER + lab.ZEHNER + lab.ZIG, lab.ONES + lab.TEENS + lab.TENS))
    meaning |= {"eins": "one", "hundert": "hundred", "tausend": "thousand"}
    for n in [*range(120), *range(0, lab.LARGEST, 991)]:
        english, german, alignment = lab.number(n)
        assert sorted(i for sources in alignment for i in sources) == list(range(len(english)))
        meant = [[] if piece == "und" else [meaning[piece]] for piece in german]
        assert meant == [[english[i] for i in sources] for sources in alignment]


def test_only_a_hundred_or_a_thousand_at_the_beginning_may_go_without_its_ein():
    two = {n: len(lab.readings(n)) for n in (100, 199, 1000, 1999, 100_000, 1, 21, 101_000, 200, 2_100, 21_000)}
    assert [n for n, count in two.items() if count == 2] == [100, 199, 1000, 1999, 100_000, 101_000]
    assert lab.readings(1_100)[1] == "tausend ein hundert".split()


def test_the_longest_numbers_fit_the_sizes():
    english, german, _ = lab.number(247_397)
    assert (len(english), len(german) + 1) == (lab.SOURCE, lab.TARGET)


def test_what_is_held_out_is_not_trained_on():
    training, held_out = lab.numbers_by_length()
    known = {n for numbers in training.values() for n in numbers}
    assert not known & {n for numbers in held_out.values() for n in numbers}
    assert max(training) == lab.TRAINED and set(held_out) == set(range(2, lab.SOURCE + 1))
    assert all(len(lab.number(n)[0]) == length for parts in (training, held_out) for length, numbers in parts.items() for n in numbers)
    assert {n for numbers in [lab.training_pairs(3)[0]] for n in numbers} <= known


def test_training_pairs_use_both_readings_and_no_wrong_one():
    numbers, said = lab.training_pairs()
    pieces = [[lab.GERMAN[i] for i in ids] for ids in said]
    assert all(answer in lab.readings(n) for n, answer in zip(numbers, pieces))
    short = [len(answer) < len(lab.number(n)[1]) for n, answer in zip(numbers, pieces) if len(lab.readings(n)) == 2]
    assert 0.4 < np.mean(short) < 0.6


@pytest.mark.parametrize("attends", [False, True])
def test_the_gradients_agree_with_central_differences(solved, attend, attends):
    weights = {name: array.astype(float) for name, array in lab.first_weights(4, attends).items()}
    chosen = [lab.german_ids(lab.number(n)[1]) for n in (97, 5_000, 25_672)]
    arrays = *lab.english_ids([97, 5_000, 25_672]), *solved["teacher_forcing"](chosen, lab.START, lab.END, lab.PADDING)
    assert not arrays[1].all() and not arrays[4].all()  # padding on both sides

    def loss(some):
        return lab.loss_and_gradients(some, *arrays, attend=attend if attends else None)[0]

    found = lab.loss_and_gradients(weights, *arrays, attend=attend if attends else None)[1]
    assert max(gradients.parting(gradients.central_differences(loss, weights), found).values()) < 1e-7


def test_padding_of_the_source_changes_nothing(attend):
    weights = lab.first_weights(8, True)
    alone, _ = lab.translate(weights, [97], attend[0])
    beside, looked = lab.translate(weights, [97, 247_397], attend[0])
    assert alone[0] == beside[0] and looked[0].shape == (len(looked[0]), 2)


def test_free_running_reads_its_own_words(solved, attend):
    """With its own answer as the truth, a network is right at every place, forced or free."""
    weights = lab.first_weights(8, True)
    answers, _ = lab.translate(weights, [25_672], attend[0])
    inputs, targets, _ = solved["teacher_forcing"]([lab.german_ids(answers[0])], lab.START, lab.END, lab.PADDING)
    source, real = lab.english_ids([25_672])
    h = lab.states(weights, "encoder", source, np.zeros((1, 8), np.float32), real)
    top = lab.states(weights, "decoder", inputs, h[:, -1])
    top = np.concatenate([top, attend[0](top, h, h, real)[0]], axis=-1)
    assert (top @ weights["W_hy"] + weights["b_y"]).argmax(axis=-1)[0, : len(answers[0])].tolist() == targets[0, : len(answers[0])].tolist()


def test_an_alignment_belongs_to_the_answer_that_was_given():
    assert lab.alignment(101, ["hundert", "eins"]) == [[1], [2], []]
    assert lab.alignment(101, ["ein", "hundert", "eins"]) == [[0], [1], [2], []]
    assert lab.alignment(101, ["hundert"]) is None


def test_agreements_of_attention_that_is_right(solved):
    numbers, answers = [97, 1_000], [["sieben", "und", "neunzig"], ["tausend"]]
    looked = [np.array([[0, 1], [1, 0], [1, 0], [1, 0]], float), np.array([[0, 1], [1, 0]], float)]
    found = lab.agreements(solved["agreement"], [*numbers, 5], [*answers, ["drei"]], [*looked, np.ones((2, 1))])
    assert found["all"] == {"uniform": 0.5, "diagonal": 0.0, "learned": 1.0}


def test_agreements_are_told_by_kind_of_piece(solved):
    """Of 1,100, read as "tausend ein hundert", only the "ein" looks where it should."""
    looked = [np.array([[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0.75, 0.25], [1, 0, 0, 0]])]
    found = lab.agreements(solved["agreement"], [1_100], ["tausend ein hundert".split()], looked)
    learned = {kind: values["learned"] for kind, values in found.items()}
    assert learned == {"all": pytest.approx(1.25 / 3), "digits": 1.0, "hundert": 0.25, "tausend": 0.0}
    alone = lab.agreements(solved["agreement"], [5], [["fünf"]], [np.ones((2, 1))])
    assert set(alone) == {"all", "digits"}  # no mean over nothing


def without_looking(*case):
    return lab.without_looking(*case, lab.in_another_number(*case))


def test_an_output_layer_that_does_not_read_the_context_loses_nothing_without_looking(solved, attend):
    weights = lab.first_weights(8, True)
    numbers = [25_672, 120_601]  # seven words each; hundred and thousand stand elsewhere in the second
    found = without_looking(weights, solved["teacher_forcing"], numbers, attend[0])
    assert set(found) == {"digits", "hundert", "tausend"} and all(0 <= value <= 1 for values in found.values() for value in values)
    weights["W_hy"][8:] = 0
    weights["b_y"][lab.GERMAN.index("tausend")] = 100  # it says nothing else
    found = without_looking(weights, solved["teacher_forcing"], numbers, attend[0])
    assert found == {"digits": (0,) * 4, "hundert": (0,) * 4, "tausend": (1,) * 4}


def test_what_is_read_only_from_the_context_is_lost_without_looking():
    """The answer is in the second state of two words; attention that is handed in looks there, whatever the query."""
    weights = {name: np.zeros_like(array) for name, array in lab.first_weights(2, True).items()}
    weights["encoder W_xh"][lab.ENGLISH.index("three"), 1] = 5.0
    weights["W_hy"][3, lab.GERMAN.index("drei")] = 1.0
    weights["b_y"][lab.GERMAN.index("zwanzig")] = 0.7

    def second(queries, keys, values, mask, v=None):
        scores = np.where(mask, np.arange(mask.shape[1]) * 9.0 * (queries.any()), -np.inf)
        share = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum(axis=1, keepdims=True)
        shares = np.broadcast_to(share[:, None], (*queries.shape[:2], share.shape[1]))
        return shares @ values, shares

    weights["decoder b_h"][:] = 1.0
    for counts, expected in (([True, False, False], (1, 0, 0, 0)), ([False, False, True], (0, 1, 1, 1))):  # only drei, only zwanzig
        mask = np.array([counts, [False] * 3])  # 25 is there to be read in place of 23: no three in it
        found = without_looking(weights, lambda said, *_, m=mask: (np.array(said), np.array(said), m), [23, 25], second)
        assert found == {"digits": expected}


def test_a_piece_is_told_by_what_is_found_for_it_in_another_number():
    """Attention that is handed in looks at the second word: 23 finds a three in 53 and none in 25."""

    def second(queries, keys, values, mask, v=None):
        shares = np.broadcast_to(np.eye(2)[1], (*queries.shape[:2], 2))
        return shares @ values, shares

    weights = {name: np.zeros_like(array) for name, array in lab.first_weights(2, True).items()}
    weights["encoder W_xh"][lab.ENGLISH.index("three"), 1] = 5.0
    weights["W_hy"][3, lab.GERMAN.index("drei")] = 1.0
    mask = np.array([[True, False, False], [False] * 3, [False] * 3])  # the drei of 23 alone
    found = lab.in_another_number(weights, lambda said, *_: (np.array(said), np.array(said), mask), [23, 25, 53], second)
    (weight, said), = found.values()
    assert dict(zip(weight.tolist(), said.tolist())) == {1.0: True, 0.0: False}
    assert lab.by_what_is_found(found) == {"digits": (0.0, 1.0, 0.5)}


def test_what_is_never_found_has_no_fraction():
    never, always, share = lab.by_what_is_found({"tausend": (np.zeros(3), np.array([True, True, False]))})["tausend"]
    assert (never, share) == (pytest.approx(2 / 3), 0.0) and np.isnan(always)


@pytest.mark.parametrize(("piece", "kind"), [("hundert", "hundert"), ("tausend", "tausend"), ("und", None), ("<end>", None), ("elf", "digits")])
def test_pieces_are_of_kinds(piece, kind):
    assert lab.kind_of(piece) == kind


def test_what_german_says_is_read_back_in_either_reading():
    for n in [*range(2_500), *range(2_500, lab.LARGEST, 1_009), lab.LARGEST]:
        assert [lab.value(pieces) for pieces in lab.readings(n)] == [n] * len(lab.readings(n))


@pytest.mark.parametrize("pieces", ["", "und", "ein", "fünf zwanzig", "eins tausend", "hundert hundert", "tausend tausend", "ein tausend null"])
def test_what_is_no_german_number_has_no_value(pieces):
    assert lab.value(pieces.split()) is None
    assert lab.well_formed([pieces.split(), ["drei"]]) == 0.5


def test_the_held_out_pairs_are_held_out_and_right():
    numbers, said = lab.held_out_pairs()
    training, held_out = lab.numbers_by_length()
    assert not set(numbers) & {n for found in training.values() for n in found}
    assert {len(lab.number(n)[0]) for n in numbers} == set(range(2, lab.TRAINED + 1))
    assert all([lab.GERMAN[i] for i in ids] in lab.readings(n) for n, ids in zip(numbers, said))


def test_a_table_of_choices_holds_what_the_decoder_says(solved):
    """With width 1 a search over it is greed; with width 2 it finds nothing less likely; and each row is a probability at most."""
    words, speaker = list(lab.unseen(40)), lab.speaker()
    greedy, _ = lab.pronounce(speaker, words, solved["attention"])
    found = lab.search_sounds(solved["beam_search"], speaker, words, solved["attention"], (1, 2))
    assert [sounds for sounds, _ in found[1]] == greedy
    for word in words:
        table, sounds = lab.choices(speaker, word, solved["attention"])
        assert table.shape == (len(sounds), len(sounds)) and (sounds[0], sounds[-1]) == ("<start>", "<end>")
        assert (np.exp(table).sum(axis=1) < 1 + 1e-6).all() and (np.isfinite(table[:, 1:-1]).sum(axis=0) == 1).all()


def test_mistakes_are_told_apart():
    right = "drei hundert sieben und neunzig"
    said = {
        right: None, "drei hundert": "stops too soon", "drei hundert neunzig": "too short otherwise",
        "drei hundert acht und neunzig": "a wrong word", right + " tausend": "too long",
    }
    kinds = lab.kinds_of_mistakes([397] * len(said), [answer.split() for answer in said])
    assert {" ".join(answer): kind for kind, found in kinds.items() for _, answer in found} == {k: v for k, v in said.items() if v}


def test_the_table_of_letters_holds_probabilities():
    table, symbols = lab.letters_table()
    assert symbols[0] == "^" and np.allclose(np.exp(table[:-1]).sum(axis=1), 1) and np.isneginf(table[-1]).all()
    assert np.isneginf(table[:, 0]).all()


@pytest.mark.parametrize(("fraction", "choice"), [(0.0, "0.1"), (0.29, "0.1"), (0.31, "0.5"), (0.75, "0.9")])
def test_a_fraction_has_a_nearest_choice(fraction, choice):
    assert lab.nearest(fraction) == choice


def test_contexts_that_moved_are_told_from_others():
    x, order = np.random.default_rng(0).normal(size=(4, 3)), np.array([2, 0, 1, 3])
    assert [lab.moved(x, after, order) for after in (x, x[order], x + 1)] == ["the same", "shuffled", "different"]


def test_the_attention_of_the_solution_is_that_of_keras(attend):
    assert max(lab.apart_from_keras(attend[0]).values()) < 1e-5


def test_the_drawn_table_of_edits_is_right(solved):
    a, b = plots.EDITED
    assert plots.DISTANCES == tuple(tuple(solved["edit_distance"](a[:i], b[:j]) for j in range(len(b) + 1)) for i in range(len(a) + 1))
    costs = [plots.DISTANCES[i][j] for i, j in plots.CHEAPEST]
    assert plots.CHEAPEST[0] == (0, 0) and plots.CHEAPEST[-1] == (len(a), len(b)) and costs == sorted(costs)


def test_the_drawn_beam_is_what_the_search_keeps(solved):
    """Each sequence is asked for alone: where nothing else can end, it is found if and only if the beam has kept it."""
    table, symbols = lab.letters_table()
    for step, kept in enumerate(plots.KEPT, start=1):
        reached = {"m"} | {name for earlier in plots.KEPT[:step] for name in earlier}
        names = sorted({before + s for before in reached if before[-1] != "$" for s in symbols[1:] if table[symbols.index(before[-1]), symbols.index(s)] > -np.inf} | {"m"})
        ids = {name: i for i, name in enumerate(names)}
        tree = np.full((len(names) + 1, len(names) + 1), -np.inf)
        for name in names:
            if name[:-1] in ids:
                tree[ids[name[:-1]], ids[name]] = table[symbols.index(name[-2]), symbols.index(name[-1])]
        found = set()
        for name in names:
            if len(name) == step + 1:
                alone = tree.copy()
                alone[ids[name], -1] = 0.0
                if solved["beam_search"](alone, ids["m"], len(names), 2, step + 1, 0.0)[0]:
                    found.add(name)
        assert found == set(kept)


def test_the_shipped_network_makes_the_mistakes_that_its_record_and_its_card_tell(solved):
    _, held_out = data.load_pronunciations()
    said, looked = lab.pronounce(lab.speaker(), list(held_out), solved["attention"])
    rates = solved["error_rates"](list(held_out.values()), said)
    assert np.allclose(rates, lab.spelling_record()["attention"], atol=0.003)
    card = (data.DATA_FOLDER / "README.md").read_text("utf-8")
    phonemes, words = lab.spelling_record()["attention"]
    assert f"phoneme error rate {100 * phonemes:.1f} %, word error rate {100 * words:.1f} %" in card
    assert f"{lab.parameters(lab.speaker()):,} weights" in card
    ended = [(word, sounds, weights) for word, sounds, weights in zip(held_out, said, looked) if len(sounds) < lab.SOUNDS]
    assert ended and all(weights.shape == (len(sounds) + 1, len(word)) for word, sounds, weights in ended)


def test_the_words_shown_are_held_out_and_the_word_to_look_at_is_among_them():
    training, held_out = data.load_pronunciations()
    words = lab.unseen()
    assert len(words) == 1000 and not words.keys() & training.keys() and lab.SPELLED in words
    assert all(words[word] == held_out[word] for word in words)


def test_what_is_listed_is_no_mistake():
    words = {"a": [["AH"], ["EY"]], "b": [["B", "IY"]], "c": [["S", "IY"]]}
    assert lab.never_listed(words, [["EY"], ["B"], ["K"]]) == [("b", ["B"], ["B", "IY"]), ("c", ["K"], ["S", "IY"])]
    assert lab.never_listed(words, [["EY"], ["B"], ["K"]], count=1) == [("b", ["B"], ["B", "IY"])]


def test_a_network_learns_a_few_words_by_heart(solved, attend):
    words = {"cat": [["K", "AE", "T"]], "act": [["AE", "K", "T"]], "though": [["DH", "OW"]]}
    often = {word: several * 128 for word, several in words.items()}
    weights = lab.learn_to_pronounce(16, often, solved["teacher_forcing"], attend, epochs=60)
    assert lab.pronounce(weights, list(words), attend[0])[0] == [several[0] for several in words.values()]


@pytest.mark.slow
def test_the_record_can_be_measured_again(solved, attend):
    recorded = lab.record()
    found = lab.by_length(lab.learn(32, solved["teacher_forcing"], attend), attend[0])
    assert abs(found[7] - recorded["with attention"]["exact match at 7 words"][0]) < 0.08
    found = lab.by_length(lab.learn(32, solved["teacher_forcing"]))
    assert abs(found[4] - recorded["exact match"]["32 units"][0][2]) < 0.15
