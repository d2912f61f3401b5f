"""The training recipe: what it splits, that it judges exactly, learns, repeats itself, and keeps what it learned."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest

from helpers import data, session, training
from helpers.authoring import ROOT

TEXT = "to be or not to be, that is the question: whether it is nobler in the mind to suffer. " * 60


@pytest.fixture(scope="module", autouse=True)
def one_seed():
    session.start()
    session.reproducible(0)


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def text(text_file):
    return training.corpus(str(text_file))


def exact(model, ids):
    """Nats a character of one long sequence, all in one go."""
    logits, *_ = model([ids[None, :-1], *training.zero_states(model, 1)])
    logits = np.asarray(logits, np.float64)[0]
    logits -= logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(ids) - 1), ids[1:]])


@pytest.mark.parametrize("name", ["names", "fables"])
def test_whole_names_and_fables_are_held_out(name):
    corpus = training.corpus(name)
    train, held_out = ("".join(corpus.vocabulary[i] for i in ids) for ids in (corpus.train, corpus.validation))
    own = {"names": lambda: [n + "\n" for n in data.load_names()], "fables": data.load_fables}[name]()
    assert [train, held_out] == ["".join(part) for part in data.split(own)]
    assert len(corpus.test) == 0


def test_the_end_of_other_texts_is_held_out(text_file):
    corpus = training.corpus(str(text_file), train=3000, validation=1000)
    ids = np.concatenate([corpus.train, corpus.validation, corpus.test])
    assert [len(corpus.train), len(corpus.validation)] == [3000, 1000]
    assert "".join(corpus.vocabulary[i] for i in ids) == TEXT


def test_lowercase_shrinks_the_vocabulary(tmp_path):
    path = tmp_path / "capitals.txt"
    path.write_text("Abc " * 2000, "utf-8")
    assert training.corpus(str(path)).vocabulary == " Abc"
    assert training.corpus(str(path), lowercase=True).vocabulary == " abc"


@pytest.mark.parametrize("sizes", [{"train": 10**6}, {"validation": 10}, {"train": 4000, "validation": 4000}])
def test_sizes_that_do_not_fit_are_refused(text_file, sizes):
    with pytest.raises(ValueError, match="a text of 5,160 characters cannot give"):
        training.corpus(str(text_file), **sizes)


@pytest.mark.parametrize("layer, layers", [("gru", 1), ("lstm", 2)])
def test_judge_is_exact_for_one_stream_and_close_for_many(text, layer, layers):
    model = training.language_model(len(text.vocabulary), 8, layer, layers)
    ids = text.train[:1500]
    truth = exact(model, ids)
    for timesteps in (17, 500, 10_000):
        assert training.judge(model, ids, streams=1, timesteps=timesteps) == pytest.approx(truth, abs=1e-5)
    assert training.judge(model, ids, streams=4) == pytest.approx(truth, abs=1e-4)


def test_judge_scores_every_character_once():
    """A model that gives each symbol its own fixed cost: the mean cost is known, whatever the streams."""
    model = training.language_model(3, 2)
    model.set_weights([0 * w for w in model.get_weights()[:-1]] + [np.array([0.0, 1.0, 3.0])])
    costs = math.log(1 + math.e + math.exp(3)) - np.array([0.0, 1.0, 3.0])
    for length in (401, 1000, 1003):
        ids = np.random.default_rng(length).integers(0, 3, length)
        for streams in (1, 3, 16):
            assert training.judge(model, ids, streams) == pytest.approx(costs[ids[1:]].mean(), abs=1e-5)


def test_fit_learns_repeats_itself_and_leaves_the_best_weights(text):
    results = []
    for _ in range(2):
        model = training.language_model(len(text.vocabulary), 16, "gru", dropout=0.1)
        before, improvements = training.judge(model, text.validation), []
        history = training.fit(model, text, updates=60, batch_size=8, timesteps=16, improved=lambda: improvements.append(1))
        best = min(validation for *_, validation in history)
        assert training.judge(model, text.validation) == best < before - 0.5
        assert improvements and history[-1][1] == 60
        results.append([row[1:] for row in history])
    assert results[0] == results[1]


def test_who_stops_it_keeps_what_was_reached(text):
    def stop():
        raise KeyboardInterrupt  # as Ctrl-C does

    model = training.language_model(len(text.vocabulary), 8)
    history = training.fit(model, text, updates=200, batch_size=8, timesteps=16, improved=stop)
    assert len(history) == 1 and history[0][1] < 200
    assert training.judge(model, text.validation) == history[0][-1]


def test_weight_dropout_leaves_a_share_of_the_recurrent_weights_out_of_an_update_and_none_out_of_the_model(text):
    model = training.language_model(len(text.vocabulary), 16, "gru")
    before = [np.array(w) for w in model.get_weights()]
    step = training._training_step(model, model_optimizer(), 0.4)
    ids = np.arange(40).reshape(4, 10).astype(np.int32) % len(text.vocabulary)
    step(ids, ids, training.zero_states(model, 4))
    for variable, old, new in zip(model.trainable_variables, before, model.get_weights()):
        changed = np.mean(old != new)
        if variable.path.endswith("recurrent_kernel"):
            assert 0.5 < changed < 0.7 and np.abs(new - old).max() < 0.01  # whole again, not thinned nor scaled
        elif variable.path.endswith("/kernel"):
            assert changed > 0.95


def model_optimizer():
    import keras

    return keras.optimizers.Adam(1e-3)


@pytest.mark.parametrize("length", [{}, {"minutes": 1, "updates": 5}])
def test_fit_wants_one_length(text, length):
    with pytest.raises(ValueError, match="either for how many minutes"):
        training.fit(training.language_model(3, 2), text, **length)


def test_a_saved_model_comes_back_whole(tmp_path, text):
    model = training.language_model(len(text.vocabulary), 5, "gru", 2, dropout=0.3)
    path = tmp_path / "model.npz"
    training.save(model, text.vocabulary, path)
    again, vocabulary = training.load(path)
    assert vocabulary == text.vocabulary
    assert exact(again, text.validation) == exact(model, text.validation)
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(data.DataError, match="There is no model at"):
        training.load(tmp_path / "missing.npz")
    for content in (b"", b"no archive", (ROOT / "data" / "fables.txt").read_bytes()):
        (tmp_path / "other.npz").write_bytes(content)
        with pytest.raises(data.DataError, match="no model that helpers.training has saved"):
            training.load(tmp_path / "other.npz")
    np.savez(tmp_path / "arrays.npz", weights_00=np.zeros(3))
    with pytest.raises(data.DataError, match="no model that helpers.training has saved"):
        training.load(tmp_path / "arrays.npz")


def test_the_courses_own_model_beats_counting_by_far():
    """data/README.md gives the figure; a 4-gram of the same fables needs 2.12 bits (lesson 02)."""
    model, vocabulary = training.load("fables-lstm")
    corpus = training.corpus("fables")
    assert vocabulary == corpus.vocabulary
    bits = training.judge(model, corpus.validation) / math.log(2)
    card = (ROOT / "data" / "README.md").read_text("utf-8")
    assert bits == pytest.approx(float(re.search(r"([\d.]+) bits a character on the held-out fables", card)[1]), abs=0.005)
    assert (ROOT / "data" / "fables-lstm.npz").stat().st_size < 2_000_000


def command(*arguments):
    run = [sys.executable, "-m", "helpers.training", *map(str, arguments)]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True)


def test_the_command_trains_reports_and_keeps_the_model(text_file, tmp_path):
    output = tmp_path / "kept.npz"
    run = command(text_file, "--train", 3000, "--validation", 1000, "--updates", 20, "--units", 8, "--batch-size", 4, "--timesteps", 16, "--output", output)
    assert run.returncode == 0, run.stderr
    assert "3,000 characters of 21 symbols to learn from, 1,000 held out" in run.stdout
    corpus = training.corpus(str(text_file), train=3000, validation=1000)
    model, _ = training.load(output)
    for part, ids in (("held out", corpus.validation), ("test", corpus.test)):
        assert f"best model, {part}: {training.judge(model, ids):.3f}" in run.stdout


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["no-such-file.txt"], "There is no data set and no file called 'no-such-file.txt'"),
        (["fables", "--train", "100"], "fables is held out in whole texts"),
        (["fables", "--minutes", "0"], "0 is not above zero"),
        (["fables", "--dropout", "1"], "1 is no share from 0 to below 1"),
        (["fables", "--weight-dropout", "-0.1"], "-0.1 is no share"),
        (["fables", "--output", "nowhere/model.npz"], "a folder that exists"),
        (["fables", "--updates", "1", "--batch-size", "4000"], "4000 streams of 64 steps need 256001 ids"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, says):
    run = command(*arguments)
    assert run.returncode != 0 and says in run.stderr, run.stderr
    assert "Traceback" not in run.stderr
