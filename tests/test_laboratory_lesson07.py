"""What the demos of lesson 07 rest on: corpora of any kind, and the networks that may write."""

import random
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from helpers import authoring, data, session, training, writing
from helpers.checks import lesson07 as checks
from helpers.laboratory import lesson07 as lab


@pytest.fixture
def text_file(tmp_path):
    """Writes a text of so many symbols of an alphabet into a file."""

    def write(alphabet, length):
        path = tmp_path / "own.txt"
        path.write_text("".join(random.Random(0).choices(alphabet, k=length)), encoding="utf-8")
        return path

    return write


class TestCorpora:
    @pytest.mark.parametrize("alphabet", ["ACGT", "春夏秋冬山水，。", "one paragraph, no line"])
    def test_a_text_without_lines_works(self, text_file, alphabet):
        train, held_out, vocabulary, unknown = lab.load_corpus(text_file(alphabet, 4000))
        assert vocabulary == "".join(sorted(set(alphabet))) and unknown == ""
        assert lab.first_symbol(vocabulary) == (" " if " " in alphabet else vocabulary[0])
        assert [len(text) for text in train + held_out] == [3600, 200, 200]

    def test_a_text_without_parts_is_cut_where_the_command_cuts_it(self, text_file):
        """What early stopping looks at is what the command chooses by, and the verdict is on the rest."""
        path = text_file("abcdefg ", 5001)
        corpus = training.corpus(str(path))
        train, held_out, vocabulary, _ = lab.load_corpus(path)
        ids = [[vocabulary.index(c) for c in text] for text in train + held_out]
        assert all(map(np.array_equal, ids, (corpus.train, corpus.validation, corpus.test)))

    def test_symbols_that_training_lacks_are_left_out_and_named(self, tmp_path):
        path = tmp_path / "own.txt"
        path.write_text(3000 * "ab" + "a!b?", encoding="utf-8")
        _, held_out, vocabulary, unknown = lab.load_corpus(path)
        assert (vocabulary, unknown) == ("ab", "!?") and not set("".join(held_out)) - {"a", "b"}

    def test_a_short_text_is_refused_in_one_line(self, text_file):
        with pytest.raises(ValueError, match="has 2,499 characters: this lesson needs 2,500 at least"):
            lab.load_corpus(text_file("ab", 2499))

    def test_a_model_of_another_text_is_refused_in_one_line(self, text_file):
        with pytest.raises(ValueError, match="does not know '山', '春', which .* has: it was trained on another text"):
            lab.load_corpus(text_file("春山", 3000), "fables-lstm")

    def test_the_vocabulary_is_the_models_own(self):
        assert lab.load_corpus("fables", "fables-lstm")[2] == writing.read("fables-lstm").vocabulary


def test_what_overlaps_a_held_out_window_is_in_training_where_the_split_says_so():
    texts = ["".join(random.Random(seed).choices("abcdefgh", k=1500)) for seed in (0, 1)]
    book, (known, held_out) = "".join(texts), lab.overlapping_windows(texts)
    strip, overlap, covered = lab.neighbours(texts)
    start = book.index(strip[10:-10])
    assert strip[10:-10] in held_out and strip == book[start - 10 : start + 74]
    assert overlap == {shift: book[start + shift : start + shift + 64] in known for shift in (-48, -32, -16, 16, 32, 48)}
    places = [{book.index(window) + i for i in range(64)} for window in known + held_out]
    seen = set().union(*places[: len(known)])
    assert covered == pytest.approx(np.mean([place <= seen for place in places[len(known) :]]))


class TestCounting:
    def test_bits_of_an_n_gram_are_those_of_the_definition(self):
        """After a the bigram has seen b once in two, with 0.5 added to each of two counts: 1.5 of 3."""
        assert lab.ngram_bits(["ab", "aa"], ["ab"], 2, add=0.5) == pytest.approx(-(np.log2(2.5 / 3) + np.log2(1.5 / 3)) / 2)

    def test_characters_that_do_not_count_are_left_out(self):
        assert lab.ngram_bits(["ab", "aa"], ["ab"], 2, add=0.5, skip=1) == pytest.approx(-np.log2(1.5 / 3))

    def test_at_the_start_of_a_window_an_n_gram_is_given_that_window_alone(self):
        """Windows of 2 of "abcde": the 2-gram is asked for b after a and for d after c, the 3-gram for c after ab and e after cd."""
        fit_to, judged = ["abcde", "abd"], ["abcde"]
        bits = lab.ngrams_by_place(fit_to, judged, orders=(2, 3), size=2, add=0.5)
        two = [(2 + 0.5) / (2 + 2.5), (1 + 0.5) / (1 + 2.5)]
        three = [(1 + 0.5) / (2 + 2.5), (1 + 0.5) / (1 + 2.5)]
        assert bits == pytest.approx({1: -np.log2(two).mean(), 2: -np.log2(three).mean()})

    def test_a_poorer_text_costs_the_4_gram_less(self):
        train, held_out = data.split(data.load_fables())
        assert np.all(np.diff(list(lab.ngram_bits_of_touched_texts(train, held_out, 4).values())) < 0)


def _network(layer, layers):
    rng, shapes = np.random.default_rng(0), writing._shapes(writing.Network("\nab", layer, layers, 4, []))
    return writing.Network("\nab", layer, layers, 4, [rng.normal(size=shape).astype(np.float32) for shape in shapes])


class TestNetworks:
    def test_one_lstm_layer_is_the_learners(self):
        network = _network("lstm", 1)
        weights = lab.lstm_weights(network)
        assert list(weights) == ["E", "W_x", "W_h", "b", "W_y", "b_y"]
        assert all(a is b for a, b in zip(weights.values(), network.weights))
        assert [part.shape for part in lab.zero_state(weights)] == [(4,), (4,)]

    @pytest.mark.parametrize(("layer", "layers"), [("gru", 1), ("lstm", 2), ("gru", 2)])
    def test_any_other_network_writes_by_itself(self, layer, layers):
        network = _network(layer, layers)
        assert lab.lstm_weights(network) is None
        write = lab.pen(None, network, network.vocabulary, "\n", network)
        text = write(30, top_k=2, seed=1)
        assert len(text) == 30 and text == write(30, top_k=2, seed=1) != write(30, top_k=2, seed=2)


def test_the_cost_of_a_character_is_that_of_a_text_over_its_length(monkeypatch):
    monkeypatch.setattr(lab, "best_time", lambda function, repeats: function() or 8.0)
    lengths, model = [], SimpleNamespace(inputs=[None, np.zeros((1, 3)), np.zeros((1, 3))], predict=lambda inputs, verbose: None)
    assert lab.seconds_a_character(lengths.append, model, length=4) == (2.0, 8.0)
    assert lengths == [4]


def test_windows_as_texts_ask_for_each_id_once():
    texts = [np.arange(10), np.arange(20, 27), np.arange(1)]
    for size in (1, 3, 4, 50):
        windows = lab.cut(texts, size)
        assert max(map(len, windows)) <= size + 1
        assert np.array_equal(np.concatenate([window[1:] for window in windows]), np.concatenate([text[1:] for text in texts]))


class TestMisspellings:
    def wrong(self, text, place, training_text="a cat, an Ant"):
        symbols = "abcnt ,"
        row = lab.misspellings(text, training_text, symbols)[place]
        return "".join(symbol for symbol, misspelt in zip(symbols, row) if misspelt)

    def test_a_letter_must_go_on_as_some_known_word_does(self):
        assert self.wrong("cat", 0) == "bnt"
        assert self.wrong("cat", 1) == "bcnt ,"

    def test_anything_else_must_end_a_known_word(self):
        assert self.wrong("an ant", 2) == "abcn"
        assert self.wrong("ca", 1) == self.wrong("Ca", 1) == "bcnt ,"

    def test_between_words_marks_are_free(self):
        assert self.wrong("a  cat", 2) == "bnt"

    def test_a_word_that_is_already_unknown_is_left_alone(self):
        assert self.wrong("tbc a", 1) == self.wrong("tbc a", 2) == "" != self.wrong("tbc a", 4)


@pytest.mark.parametrize(("probabilities", "stretch", "chance"), [
    ([0.5, 0.5], 2, 0.75), ([0.5, 0.5], 100, 0.75), ([1.0, 0.0, 0.0], 2, 0.5), ([0.0, 0.0], 1, 0.0),
])
def test_the_chance_of_at_least_one_is_the_mean_over_stretches(probabilities, stretch, chance):
    assert lab.at_least_once(np.array(probabilities), stretch) == pytest.approx(chance)


def test_what_is_copied_is_longer_than_said():
    found = lab.copied("xxabcdyyabz", "abcdef", longest=3)
    assert "".join(map(str, found)) == "00111100000"
    assert not lab.copied("abc", "abc", longest=3).any()


def test_copies_that_join_or_overlap_are_told_apart():
    """abcd and cdef overlap in cd, which counts as the first's; then efgh follows cdef with ef in common."""
    assert "".join(map(str, lab.copied("xabcdefghx", "abcd cdef efgh", longest=3))) == "0111122330"
    assert "".join(map(str, lab.copied("abcdwxyz", "abcd wxyz", longest=3))) == "11112222"
    assert "".join(map(str, lab.copied("xabcdef", "abcdef", longest=3))) == "0111111"  # to the end of the text
    assert "".join(map(str, lab.copied("abcdef", "abcdef abcd cdef", longest=3))) == "111111"  # the longest, not its parts


def test_a_number_marks_just_what_is_in_a_passage_that_the_source_has():
    rng = np.random.default_rng(0)
    source, text = ("".join(rng.choice(list("abc"), 300)) for _ in range(2))
    inside = np.zeros(len(text), bool)
    for i in range(len(text) - 5):
        inside[i : i + 6] |= text[i : i + 6] in source
    numbers = lab.copied(text, source, longest=5)
    assert np.array_equal(numbers > 0, inside) and inside.any() and not inside.all()
    assert np.array_equal(np.unique(numbers[inside]), np.arange(1, numbers.max() + 1))


def test_each_reading_counts_the_same_ids():
    """The state lives for a whole text, for 64 ids or for 8; a model is judged in windows of that size."""
    texts, asked = [np.arange(150), np.arange(20)], []
    assert lab.readings(lambda model, texts, size: asked.append((texts, size)) or model, 2.0, texts) == dict.fromkeys(lab.READINGS, 2.0)
    assert [size for _, size in asked] == [1500, 64, 8]
    ids = [np.concatenate([text[1:] for text in windows]) for windows, _ in asked]
    assert np.array_equal(ids[0], ids[1]) and np.array_equal(ids[0], ids[2])


def test_the_tail_does_most_harm_where_improbable_misspellings_add_up():
    p = np.array([[0.9, 0.04, 0.03, 0.03], [0.5, 0.42, 0.04, 0.04], [0.88, 0.04, 0.04, 0.04]])
    misspelt = np.array([[0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0]], bool)
    place, mass, number = lab.worst_tail(np.log(p), misspelt)
    assert (place, number) == (2, 2) and mass == pytest.approx(0.08)  # 0.42 is no tail


class TestTheWriter:
    """Against a network of Keras: one LSTM layer with random weights."""

    @pytest.fixture
    def network(self):
        model = training.language_model(5, 6, "lstm", 1)
        rng = np.random.default_rng(0)
        model.set_weights([rng.normal(size=weights.shape) for weights in model.get_weights()])
        return model

    @staticmethod
    def generate(weights, state, first, length, temperature, top_k, top_p, rng):
        ids, last = [], first
        for _ in range(length):
            logits, state = checks._step(weights, state, last)
            p = np.exp(logits - np.logaddexp.reduce(logits))
            last = int(rng.choice(len(p), p=p / p.sum()))
            ids.append(last)
        return np.array(ids), state

    def test_a_state_that_has_read_as_said_is_that_of_keras(self, network):
        assert lab.state_apart(self.generate, network, 0, length=30) < 1e-5

    def test_a_state_that_has_read_the_last_id_too_is_not(self, network):
        def one_more(weights, state, first, length, *rest):
            ids, state = self.generate(weights, state, first, length, *rest)
            return ids, checks._step(weights, state, ids[-1])[1]

        assert lab.state_apart(one_more, network, 0, length=30) > 0.01

    def test_a_network_that_the_learners_step_does_not_fit_has_no_answer(self):
        assert np.isnan(lab.state_apart(self.generate, training.language_model(5, 6, "gru", 1), 0))

    def test_validation_is_that_of_keras_own_loop(self, network):
        ids, weights = np.random.default_rng(1).integers(0, 5, 300), network.get_weights()
        found = []
        with session.quiet():
            import keras

        class Found(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                found.append(lab.validation_bits(network, ids))

        trainer = keras.Model(network.inputs, network.outputs[0])
        curves = lab.fit(trainer, ids, 50, ids, [Found()], batch_size=2, timesteps=64)
        assert found == pytest.approx(curves["validation"], rel=1e-5) and not np.array_equal(weights[0], network.get_weights()[0])

    def test_first_lines_are_drawn_from_a_state_of_zeros_each(self, network):
        lines = lab.first_lines(network, "\nabcd", "\n", length=40).split("\n")
        assert [len(line) for line in lines] == [40] * 3 and not set("".join(lines)) - set("↵abcd")
        assert len(set(lines)) == 3
        assert lab.first_lines(network, "\nabcd", "\n", length=40, seeds=(2,)) == lines[2]

    def test_bits_of_choice_are_the_mean_cost_of_what_may_come(self, network):
        ids = np.array([0, 3, 1, 4], "int32")
        zeros = training.zero_states(network, 1)
        by_symbol = []
        for symbol in range(5):
            changed = np.r_[ids[:-1], symbol].astype("int32")
            by_symbol.append(lab.costs(network, changed[None], zeros)[0, -1])
        assert lab.bits_of_choice(network, ids)[-1] == pytest.approx(np.dot(2.0 ** -np.array(by_symbol), by_symbol), rel=1e-5)


@pytest.mark.parametrize(("cost", "choice"), [(2.2, "less"), (2.295, "the same"), (2.305, "the same"), (2.4, "more")])
def test_what_the_carried_state_does_is_one_of_three_choices(cost, choice):
    assert lab.compared(cost, 2.3) == choice


@pytest.mark.parametrize(("length", "choice"), [(39, "under 40"), (40, "40 to 100"), (100, "40 to 100"), (101, "over 100")])
def test_a_copy_has_one_of_three_lengths(length, choice):
    assert lab.length_range("x" * length) == choice


def test_each_text_has_the_length_of_the_longest_passage_it_shares_with_another():
    assert lab.shared_lengths(["abcde", "xbcdx", "xx", "q", "cdecde"]) == [3, 3, 1, 0, 3]
    assert lab.shared_lengths(["abab"]) == [0]  # what a text says twice, it does not share


def test_the_lead_over_counting_is_taken_on_each_half():
    halves = lab.by_half(SimpleNamespace(best={"held_out": 1.4}), {"counting": 1.7, "test": 1.5})
    assert halves == {"the half that chose": (1.4, 1.7), "the other half": (1.5, lab.COUNTING_ON_THE_OTHER_HALF)}


def test_the_card_of_the_network_gives_the_same_4_gram_on_the_other_half():
    card = (data.DATA_FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"a 4-gram needs 1.716 nats on the first and {lab.COUNTING_ON_THE_OTHER_HALF} on the second" in card


def _with_shorter_training(source):
    for before, after in [("UPDATES = 300", "UPDATES = 50"), ("stop_ids, watch)", "stop_ids, watch, updates=50)")]:
        source = source.replace(before, after)
    return source


@pytest.mark.slow
def test_the_solved_lesson_runs_on_a_text_without_lines_and_a_stacked_model_of_ones_own(text_file, tmp_path, monkeypatch):
    """No cell fails, and of the statements only those about the course's own second network are checked."""
    path, model = text_file("ACGT", 6000), tmp_path / "my.npz"
    training.save(training.language_model(4, 8, "gru", 2), "ACGT", model)
    (lesson,) = [lesson for lesson in authoring.lessons() if lesson.stem.startswith("07-")]
    nb = nbformat.read(lesson, as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    for cell in nb.cells:
        cell.source = _with_shorter_training(cell.source)
        if cell.id == "corpus":
            cell.source = cell.source.replace('"fables"\nMODEL = ""', f"{str(path)!r}\nMODEL = {str(model)!r}")
    assert any(str(path) in cell.source for cell in nb.cells)
    monkeypatch.setenv("PYTHONPATH", str(authoring.ROOT))
    monkeypatch.setenv(session.STILL, "1")
    authoring.execute(nb, tmp_path)  # raises what a cell raises
    stated = [cell.id for cell in nb.cells if "claims" in cell.metadata.get("tags", ()) and cell.outputs]
    assert stated in ([], ["claims-verse"])  # that network may be missing from a copy of the course


def test_a_ranking_names_what_was_hidden():
    names, cost = {"A": "greedy", "B": "top-k 5"}, {"A": 1.0, "B": 0.5}
    said = lab.rankings("xba", names, cost)
    assert said.splitlines() == [
        "you:", "  B (top-k 5, 0.50 bits)", "  A (greedy, 1.00 bits)",
        "the model:", "  B (top-k 5, 0.50 bits)", "  A (greedy, 1.00 bits)",
    ]
    assert lab.rankings("", names, cost).splitlines()[:3] == ["you:", "  no ranking yet", "the model:"]


def test_the_missing_checkpoint_is_one_clear_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "DATA_FOLDER", tmp_path)
    assert lab.shakespeare() is None
    assert capsys.readouterr().out == "data/shakespeare-lstm.npz is not in this copy of the course: there is nothing to show here.\n"
