"""What the demos of lesson 07 rest on: corpora of any kind, and the networks that may write."""

import random

import nbformat
import numpy as np
import pytest

from helpers import authoring, data, session, training, writing
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


class TestCounting:
    def test_bits_of_an_n_gram_are_those_of_the_definition(self):
        """After a the bigram has seen b once in two, with 0.5 added to each of two counts: 1.5 of 3."""
        assert lab.ngram_bits(["ab", "aa"], ["ab"], 2, add=0.5) == pytest.approx(-(np.log2(2.5 / 3) + np.log2(1.5 / 3)) / 2)

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


def test_windows_as_texts_ask_for_each_id_once():
    texts = [np.arange(10), np.arange(20, 27), np.arange(1)]
    for size in (1, 3, 4, 50):
        windows = lab.cut(texts, size)
        assert max(map(len, windows)) <= size + 1
        assert np.array_equal(np.concatenate([window[1:] for window in windows]), np.concatenate([text[1:] for text in texts]))


@pytest.mark.parametrize(("cost", "choice"), [(2.2, "less"), (2.295, "the same"), (2.305, "the same"), (2.4, "more")])
def test_what_the_carried_state_does_is_one_of_three_choices(cost, choice):
    assert lab.compared(cost, 2.3) == choice


@pytest.mark.parametrize(("length", "choice"), [(29, "under 30"), (30, "30 to 100"), (100, "30 to 100"), (101, "over 100")])
def test_a_copy_has_one_of_three_lengths(length, choice):
    assert lab.length_range("x" * length) == choice


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
