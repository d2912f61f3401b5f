"""Training a model of one's own text: what is split, that it is judged exactly, learns, goes on, and is never lost."""

import collections
import errno
import math
import os
import re
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest

from helpers import data, session, training, writing
from helpers.authoring import ROOT

SENTENCE = "to be or not to be, that is the question: whether it is nobler in the mind to suffer. "
TEXT = SENTENCE * 60  # 5,160 characters
TINY = {"batch_size": 4, "timesteps": 16}


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


def small_model(text, dropout=0.3):
    return training.language_model(len(text.vocabulary), 8, "lstm", dropout=dropout)


def interrupt(*_):
    raise KeyboardInterrupt  # as Ctrl-C does


# ---- the text and its parts


@pytest.mark.parametrize("name", ["names", "fables"])
def test_whole_names_and_fables_are_held_out_half_to_choose_and_half_to_judge(name):
    corpus = training.corpus(name)
    own = {"names": lambda: [n + "\n" for n in data.load_names()], "fables": data.load_fables}[name]()
    train, held_out = data.split(own)
    half = len(held_out) // 2
    parts = ["".join(corpus.vocabulary[i] for i in ids) for ids in (corpus.train, corpus.validation, corpus.test)]
    assert parts == ["".join(part) for part in (train, held_out[:half], held_out[half:])]


@pytest.mark.parametrize(
    "asked, sizes", [({}, [4644, 258, 258]), ({"train": 3000, "validation": 1000}, [3000, 1000, 1160])]
)
def test_the_end_of_other_texts_is_held_out(text_file, asked, sizes):
    corpus = training.corpus(str(text_file), **asked)
    parts = [corpus.train, corpus.validation, corpus.test]
    assert [len(part) for part in parts] == sizes
    assert "".join(corpus.vocabulary[i] for i in np.concatenate(parts)) == TEXT


def test_lowercase_shrinks_the_vocabulary(tmp_path):
    path = tmp_path / "capitals.txt"
    path.write_text("Abc " * 2000, "utf-8")
    assert training.corpus(str(path)).vocabulary == " Abc"
    assert training.corpus(str(path), lowercase=True).vocabulary == " abc"


def test_the_vocabulary_is_the_training_parts_and_what_it_lacks_is_left_out(text_file):
    text_file.write_text(TEXT[:-200] + "über" * 50, "utf-8")
    corpus = training.corpus(str(text_file))
    assert corpus.left_out == "ü" and "ü" not in corpus.vocabulary
    assert "".join(corpus.vocabulary[i] for i in corpus.test) == TEXT[4902:-200] + "ber" * 50


def test_a_text_can_be_read_in_the_vocabulary_of_a_model_if_that_has_all_its_symbols(text_file):
    vocabulary = "".join(sorted(set(TEXT) | set("XYZ")))
    assert training.corpus(str(text_file), vocabulary=vocabulary).vocabulary == vocabulary
    with pytest.raises(ValueError, match="the model does not know 'b', 'n', which this text has"):
        training.corpus(str(text_file), vocabulary="".join(set(TEXT) - set("bn")))


@pytest.mark.parametrize("sizes", [{"train": 10**6}, {"validation": 10}, {"train": 4000, "validation": 4000}])
def test_sizes_that_do_not_fit_are_refused(text_file, sizes):
    with pytest.raises(ValueError, match="a text of 5,160 characters cannot give"):
        training.corpus(str(text_file), **sizes)


def test_a_very_short_text_is_refused(text_file):
    text_file.write_text(TEXT[:999], "utf-8")
    with pytest.raises(ValueError, match="a text of 999 characters is too short to learn from: 1,000 at least"):
        training.corpus(str(text_file))


@pytest.mark.parametrize("length", [*range(129, 1300, 13), 3600, 4158, 4159, 4160, 4161, 4225, 36_864, 36_865, 10**6])
def test_the_batch_fits_the_text_wherever_an_epoch_begins(length):
    batch_size = training.fitting_batch(length, 64, 64)
    for shift in (0, 63):
        windows = len(list(data.windows(np.zeros(length - shift), batch_size, 64)))
        assert windows >= (training.FEWEST_WINDOWS if batch_size > 1 else 1)
    assert batch_size == 64 or length < 37_000


def test_a_text_that_fills_no_window_is_refused():
    with pytest.raises(ValueError, match="128 characters are too few for windows of 64"):
        training.fitting_batch(128, 64, 64)


# ---- judging


@pytest.mark.parametrize("layer, layers", [("gru", 1), ("lstm", 2)])
def test_judge_is_exact_for_one_stream_and_close_for_many(text, layer, layers):
    model = training.language_model(len(text.vocabulary), 8, layer, layers)
    ids = text.train[:400]
    truth = exact(model, ids)
    for timesteps in (17, 150, 10_000):
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


def test_judge_reads_short_texts(text):
    model = training.language_model(len(text.vocabulary), 8)
    for length in (2, 50, 150):
        assert training.judge(model, text.train[:length]) == pytest.approx(exact(model, text.train[:length]), abs=1e-4)


def test_judge_windows_forgets_at_each_window(text):
    model, ids = training.language_model(len(text.vocabulary), 8), text.train[:703]
    truth = np.mean([exact(model, ids[start : start + 65]) for start in range(0, 640, 64)])
    for batch_size in (3, 64):
        assert training.judge_windows(model, ids, 64, batch_size) == pytest.approx(truth, abs=1e-5)
    with pytest.raises(ValueError, match="a text of 64 characters does not fill a window of 64"):
        training.judge_windows(model, ids[:64], 64)


@pytest.mark.parametrize("n", [2, 4])
def test_the_number_to_beat_is_that_of_an_n_gram(text, n):
    read = "".join(text.vocabulary[i] for i in text.train)
    asked = read[-n + 1 :] + "".join(text.vocabulary[i] for i in text.validation)
    grams, contexts = (collections.Counter(read[i : i + k] for i in range(len(read) - n + 1)) for k in (n, n - 1))
    costs = [
        -math.log((grams[asked[i : i + n]] + 0.1) / (contexts[asked[i : i + n - 1]] + 0.1 * len(text.vocabulary)))
        for i in range(len(asked) - n + 1)
    ]
    assert len(costs) == len(text.validation)
    assert training.counting_nats(text, text.validation, n, 0.1) == pytest.approx(np.mean(costs), abs=1e-12)


# ---- training


def test_fit_learns_repeats_itself_and_leaves_the_best_weights(text):
    results = []
    for _ in range(2):
        model = training.language_model(len(text.vocabulary), 16, "gru", dropout=0.1)
        seen = []
        keep = lambda run: seen.append(run.rows[-1])  # noqa: E731
        run = training.fit(model, text, updates=60, batch_size=8, timesteps=16, progress=keep)
        assert run.rows == seen and run.rows[0]["updates"] == 0 and run.rows[-1]["updates"] == 60
        assert training.judge(model, text.validation) == run.best["held_out"] < run.rows[0]["held_out"] - 0.5
        results.append([(row["updates"], row["training"], row["held_out"], row["sample"]) for row in run.rows])
    assert results[0] == results[1]


def test_each_row_says_what_was_read_what_it_cost_and_what_the_model_writes(text):
    run = training.fit(small_model(text), text, updates=30, **TINY)
    times = [(row["seconds"], row["cpu_seconds"]) for row in run.rows]
    assert times == sorted(times)
    for row in run.rows:
        assert row["characters"] == row["updates"] * 4 * 16
        assert len(row["sample"]) == training.SAMPLE and set(row["sample"]) <= set(text.vocabulary)
    assert run.rows[0]["training"] is None and all(row["training"] > 0 for row in run.rows[1:])


def test_it_is_judged_evenly_and_early_on_besides(text, monkeypatch):
    monkeypatch.setattr(training, "judge", lambda model, ids: 1.0)
    run = training.fit(small_model(text), text, updates=120, **TINY)
    assert [row["updates"] for row in run.rows] == sorted({0, 20, 100, *range(6, 121, 6)})


def test_a_long_validation_part_judges_with_its_beginning(text, monkeypatch):
    lengths = set()
    monkeypatch.setattr(training, "JUDGED", 100)
    monkeypatch.setattr(training, "judge", lambda model, ids: lengths.add(len(ids)) or 1.0)
    training.fit(small_model(text), text, updates=3, **TINY)
    assert lengths == {100}


@pytest.mark.parametrize("at", [33, 67])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(text, tmp_path, at):
    whole = training.fit(small_model(text), text, updates=100, weight_dropout=0.2, **TINY)

    def stop(run):
        if run.rows[-1]["updates"] >= at:
            raise KeyboardInterrupt

    model = small_model(text)
    begun = training.fit(model, text, updates=100, weight_dropout=0.2, progress=stop, **TINY)
    training.save(model, text.vocabulary, tmp_path / "begun.npz", begun)
    kept, _ = training.load_run(tmp_path / "begun.npz")
    assert kept.rest == {"updates": 100 - kept.last["updates"]}
    ended = training.fit(small_model(text), text, weight_dropout=0.2, resume=kept, **TINY)
    assert ended.rest is None and ended.last["updates"] == 100
    for name in training.ARRAYS:
        assert all(np.array_equal(one, other) for one, other in zip(whole.last[name], ended.last[name]))
    courses = [[(row["updates"], row["held_out"]) for row in run.rows] for run in (whole, ended)]
    assert courses[0] == courses[1]


def test_a_run_that_had_ended_goes_on_in_a_schedule_over_both(text, monkeypatch):
    shares = []
    schedule = training._schedule
    monkeypatch.setattr(training, "_schedule", lambda share: shares.append(share) or schedule(share))
    run = training.fit(small_model(text), text, updates=10, **TINY)
    assert shares == pytest.approx(np.arange(10) / 10)
    shares.clear()
    with pytest.raises(ValueError, match="either for how many minutes"):
        training.fit(small_model(text), text, resume=run, **TINY)
    training.fit(small_model(text), text, updates=10, resume=run, **TINY)
    assert shares == pytest.approx(np.arange(10, 20) / 20)
    assert [schedule(share) for share in (0.0, 0.01, 0.5, 1.0)] == pytest.approx([0, 0.5, 0.5, 0])


def test_a_run_goes_on_with_another_batch_from_the_start_of_the_text(text):
    run = training.fit(small_model(text), text, updates=5, **TINY)
    run = training.fit(small_model(text), text, updates=5, batch_size=3, timesteps=16, resume=run)
    assert run.last["epoch"] == 1 and run.last["window"] == 5 and run.last["updates"] == 10


def test_ctrl_c_between_two_judgings_is_judged_and_kept(text, monkeypatch):
    count = iter(range(1000))
    monkeypatch.setattr(training, "_schedule", lambda share: 1.0 if next(count) < 24 else interrupt())
    model = small_model(text)
    run = training.fit(model, text, updates=200, **TINY)
    assert [row["updates"] for row in run.rows] == [0, 10, 20, 24]
    assert training.judge(model, text.validation) == run.best["held_out"]


def test_ctrl_c_before_there_is_anything_to_keep_ends_it(text, monkeypatch):
    monkeypatch.setattr(training, "judge", interrupt)
    with pytest.raises(KeyboardInterrupt):
        training.fit(small_model(text), text, updates=200, **TINY)


def test_a_cost_that_is_no_number_ends_the_run_and_leaves_the_best_weights(text):
    model = small_model(text)
    rows = []
    said = r"after \d+ updates the cost is no longer a number: try a lower learning rate"
    with pytest.raises(training.Diverged, match=said):
        training.fit(model, text, updates=1000, learning_rate=1e38, progress=lambda run: rows.extend(run.rows), **TINY)
    assert training.judge(model, text.validation) == min(row["held_out"] for row in rows)


def test_a_batch_that_the_text_does_not_fill_is_refused_with_one_that_it_does(text):
    with pytest.raises(ValueError, match="4,644 characters do not fill 400 streams of 16: take a batch size of 36"):
        training.fit(small_model(text), text, updates=1, batch_size=400, timesteps=16)
    training.fit(small_model(text), text, updates=1, batch_size=36, timesteps=16)


def test_in_a_notebook_training_is_drawn(text, monkeypatch):
    drawn = []

    class Watch:
        def __init__(self, title, ylabel, baselines):
            drawn.append((ylabel, baselines))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            drawn.append(self.title)

        def add(self, step, **curves):
            drawn.append((step, curves))

        def sample(self, step, text):
            drawn.append((step, text))

    monkeypatch.setitem(sys.modules, "helpers.plots.watch", types.SimpleNamespace(Watch=Watch))
    monkeypatch.setattr(training, "_in_notebook", lambda: True)
    run = training.fit(small_model(text), text, updates=2, **TINY)
    bits = {name: [row[name] / math.log(2) for row in run.rows[1:]] for name in ("held_out", "training")}
    assert drawn[0] == ("bits per character", {"4-gram": training.counting_nats(text, text.validation) / math.log(2)})
    assert drawn[1] == (0, {"held_out": run.rows[0]["held_out"] / math.log(2)})
    assert drawn[2:7:2] == [(row["updates"], row["sample"]) for row in run.rows]
    assert drawn[3:6:2] == [(i + 1, {name: bits[name][i] for name in bits}) for i in range(2)]
    assert re.fullmatch(r"Best \d\.\d{3} bits after \d updates; a 4-gram needs \d\.\d\d", drawn[-1])


def test_a_test_run_is_no_notebook():
    assert not training._in_notebook()


def test_weight_dropout_leaves_a_fraction_of_the_recurrent_weights_out_of_an_update_and_none_out_of_the_model(text):
    model = training.language_model(len(text.vocabulary), 16, "gru")
    before = [np.array(w) for w in model.get_weights()]
    step = training._training_step(model, model_optimizer(), 0.4)
    ids = np.arange(40).reshape(4, 10).astype(np.int32) % len(text.vocabulary)
    step(ids, ids, training.zero_states(model, 4), np.array([0, 0], np.int32))
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


# ---- keeping a model


def test_a_saved_model_comes_back_whole(tmp_path, text):
    model = training.language_model(len(text.vocabulary), 5, "gru", 2, dropout=0.3)
    path = tmp_path / "model.npz"
    training.save(model, text.vocabulary, path)
    again, vocabulary = training.load(path)
    assert vocabulary == text.vocabulary
    assert exact(again, text.validation) == exact(model, text.validation)
    assert {file.name for file in tmp_path.iterdir()} == {"own.txt", "model.npz"}
    with pytest.raises(data.DataError, match="without the record of its training"):
        training.load_run(path)


def test_a_run_is_kept_with_its_best_weights_its_record_and_what_it_needs_to_go_on(tmp_path, text):
    model = small_model(text)
    run = training.fit(model, text, updates=4, **TINY)
    training.save(small_model(text), text.vocabulary, tmp_path / "model.npz", run, {"text": "own.txt"})
    kept, about = training.load_run(tmp_path / "model.npz")
    assert about == {"text": "own.txt"} and kept.rows == run.rows
    for one, other in zip(kept.weights, model.get_weights()):
        assert np.array_equal(one, other)
    assert {name: value for name, value in kept.last.items() if name not in training.ARRAYS} == {
        name: value for name, value in run.last.items() if name not in training.ARRAYS
    }
    for name in training.ARRAYS:
        assert len(kept.last[name]) == len(run.last[name]) > 0
        assert all(np.array_equal(one, other) for one, other in zip(kept.last[name], run.last[name]))


def test_a_small_file_has_half_precision_and_the_record_but_nothing_to_go_on_from(tmp_path, text):
    model = training.language_model(len(text.vocabulary), 64)
    run = training.fit(model, text, updates=2, **TINY)
    for small in (False, True):
        training.save(model, text.vocabulary, tmp_path / f"{small}.npz", run, small=small)
    assert (tmp_path / "True.npz").stat().st_size < (tmp_path / "False.npz").stat().st_size / 6
    kept, _ = training.load_run(tmp_path / "True.npz")
    assert kept.rows == run.rows and kept.last == {}
    for one, other in zip(kept.weights, run.weights):
        assert one.dtype == np.float32 and np.array_equal(one, other.astype(np.float16))


def test_what_cannot_be_written_leaves_the_older_file(tmp_path, text, monkeypatch):
    path = tmp_path / "model.npz"
    model = small_model(text)
    training.save(model, text.vocabulary, path)
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half a file")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        training.save(model, text.vocabulary, path)
    assert path.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"own.txt", "model.npz"}


def test_export_writes_plain_keras_and_the_symbols(tmp_path, text):
    import keras

    model = training.language_model(len(text.vocabulary), 5, "gru", 2)
    training.save(model, text.vocabulary, tmp_path / "model.npz")
    training.export(tmp_path / "model.npz", tmp_path / "model.keras")
    plain = keras.models.load_model(tmp_path / "model.keras")
    assert exact(plain, text.validation) == exact(model, text.validation)
    assert (tmp_path / "model.txt").read_bytes().decode("utf-8") == text.vocabulary
    with pytest.raises(ValueError, match=r"ends in \.keras; got model\.h5"):
        training.export(tmp_path / "model.npz", tmp_path / "model.h5")


def test_the_courses_own_model_beats_counting_by_far():
    """data/README.md gives the figure; a 4-gram of the same fables needs 2.12 bits (lesson 02)."""
    model, vocabulary = training.load("fables-lstm")
    corpus = training.corpus("fables")
    assert vocabulary == corpus.vocabulary
    bits = training.judge(model, np.concatenate([corpus.validation, corpus.test])) / math.log(2)
    card = (ROOT / "data" / "README.md").read_text("utf-8")
    told = re.search(r"([\d.]+) bits a character on the held-out fables", card)[1]
    assert bits == pytest.approx(float(told), abs=0.005)
    assert (ROOT / "data" / "fables-lstm.npz").stat().st_size < 2_000_000


# ---- the command

QUICK = ["--updates", "20", "--units", "8", "--batch-size", "4", "--timesteps", "16"]


@pytest.fixture
def folder(tmp_path, monkeypatch, text_file):
    """The folder of the text, where the command is run; it changes the environment, which is put back."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def refused(capsys, *arguments):
    """What the command says where it refuses, one process and no traceback."""
    with pytest.raises(SystemExit) as caught:
        training.main([str(argument) for argument in arguments])
    assert caught.value.code not in (0, None)
    return capsys.readouterr().err


@pytest.fixture
def before_training(monkeypatch):
    """Fails if a model is built: what is wrong with the arguments must be found before."""
    monkeypatch.setattr(training, "language_model", lambda *_: pytest.fail("training was about to begin"))


def test_the_command_trains_reports_and_keeps_the_model(text_file, tmp_path):
    command = [sys.executable, "-m", "helpers.training", "own.txt", *QUICK, "--train", "3000", "--validation", "1000"]
    path = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=path)
    assert run.returncode == 0 and run.stderr == "", run.stderr  # where stderr is no terminal, no bar
    corpus = training.corpus(str(text_file), train=3000, validation=1000)
    model, _ = training.load(tmp_path / "own.npz")
    lines = run.stdout.splitlines()
    counting = training.counting_nats(corpus, corpus.validation) / math.log(2)
    assert lines[0] == (
        "3,000 characters of 21 symbols to learn from, 1,000 to choose by, 1,160 for the verdict. "
        f"A 4-gram needs {counting:.3f} bits a character."
    )
    assert lines[1].startswith("The best model so far is always in own.npz.")
    assert lines[-1] == "Kept in own.npz. Let it write: uv run python -m helpers.writing own.npz"
    shown = [line for line in lines if re.match(r" +\d+ s +\d+ updates: ", line)]
    rows = training.load_run(tmp_path / "own.npz")[0].rows
    assert len(shown) == len(rows) == 21
    for line, row in zip(shown, rows):
        assert f"held out {row['held_out'] / math.log(2):.3f} bits a character" in line
    carried, windows = training.judge(model, corpus.test), training.judge_windows(model, corpus.test)
    for way, nats in (("On text it has never met", carried), ("state of zeros", windows)):
        assert re.search(rf"{way}: {nats / math.log(2):.2f}\d bits", run.stdout)
    assert "    | " in run.stdout


def test_the_command_never_writes_over_a_file_it_did_not_begin(folder, capsys):
    (folder / "own.npz").write_bytes(b"a thesis")
    training.main(["own.txt", *QUICK])
    assert "Kept in own-2.npz" in capsys.readouterr().out
    training.main(["own.txt", *QUICK])
    assert "Kept in own-3.npz" in capsys.readouterr().out
    assert (folder / "own.npz").read_bytes() == b"a thesis"
    assert "own-2.npz exists: choose another name, or go on with it (--continue own-2.npz)" in refused(
        capsys, "own.txt", *QUICK, "--output", "own-2.npz"
    )


def test_the_command_goes_on_with_a_model_and_draws_its_curve(folder, capsys):
    training.main(["own.txt", *QUICK, "--dropout", "0.2"])
    training.main(["--continue", "own.npz", "--updates", "10", "--plot"])
    run, about = training.load_run("own.npz")
    assert run.last["updates"] == 30 and [row["updates"] for row in run.rows][-1] == 30
    assert about["settings"]["dropout"] == 0.2 and about["text"] == "own.txt"
    assert "Kept in own.npz" in capsys.readouterr().out
    assert (folder / "own.png").read_bytes().startswith(b"\x89PNG")
    said = refused(capsys, "--continue", "own.npz", "--units", "16")
    assert "the model in own.npz has --units 8, and that cannot be changed" in said


def test_the_command_goes_on_to_the_planned_end_of_a_run_that_was_stopped(folder, capsys, monkeypatch):
    count = iter(range(1000))
    schedule = training._schedule
    monkeypatch.setattr(training, "_schedule", lambda share: schedule(share) if next(count) != 7 else interrupt())
    training.main(["own.txt", *QUICK])
    advice = "Stopped before its planned end. Go on: uv run python -m helpers.training --continue own.npz"
    assert advice in capsys.readouterr().out
    assert training.load_run("own.npz")[0].last["updates"] == 7
    training.main(["--continue", "own.npz"])
    assert "Stopped" not in capsys.readouterr().out
    assert training.load_run("own.npz")[0].last["updates"] == 20


def test_the_command_goes_on_with_another_text(folder, capsys):
    training.main(["own.txt", *QUICK])
    (folder / "other.txt").write_text(SENTENCE[::-1] * 60, "utf-8")
    training.main(["other.txt", "--continue", "own.npz", "--updates", "2", "--output", "other.npz"])
    assert "Another text than own.npz was trained on" in capsys.readouterr().out
    run, _ = training.load_run("other.npz")
    assert [row["updates"] for row in run.rows] == [0, 1, 2]
    (folder / "third.txt").write_text("ÄÖÜ " * 600, "utf-8")
    said = refused(capsys, "third.txt", "--continue", "own.npz")
    assert "the model does not know 'Ä', 'Ö', 'Ü', which this text has" in said


def test_the_command_refuses_to_go_on_from_a_model_alone(folder, capsys):
    shutil.copy(ROOT / "data" / "fables-lstm.npz", "alone.npz")
    assert "alone.npz holds a model without the record of its training" in refused(capsys, "--continue", "alone.npz")
    text = training.corpus("own.txt")
    model = small_model(text)
    training.save(model, text.vocabulary, "small.npz", training.fit(model, text, updates=1, **TINY), small=True)
    assert "small.npz holds a finished model, without what training needs" in refused(capsys, "--continue", "small.npz")


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "say which text to learn from"),
        (["no-such-file.txt"], "There is no data set and no file called 'no-such-file.txt'"),
        (["fables", "--train", "100"], "fables is held out in whole texts"),
        (["fables", "--minutes", "0"], "0 is not above zero"),
        (["fables", "--dropout", "1"], "1 is no fraction"),
        (["fables", "--weight-dropout", "-0.1"], "-0.1 is no fraction"),
        (["fables", "--seed", "-1"], "-1 is no seed"),
        (["fables", "--output", "model.h5"], "--output is the path of an .npz file; got model.h5"),
        (["fables", "--output", "nowhere/model.npz"], "nowhere (No such file or directory): choose another --output"),
        (["own.txt", "--timesteps", "4000"], "4,644 characters are too few for windows of 4000"),
        (["own.txt", "--continue", "no.npz"], "There is no model at no.npz"),
        (["own.txt", "--continue", "own.txt"], "own.txt is no model that helpers.training has saved"),
        (["~/no-such-file.txt"], "no file called '~/no-such-file.txt'"),
        (["own.txt", "--encoding", "klingon"], "'klingon' is no encoding"),
    ],
)
def test_the_command_says_what_is_wrong_before_it_trains(folder, capsys, before_training, arguments, says):
    assert says in refused(capsys, *arguments)


def test_the_command_says_where_nothing_can_be_written(folder, capsys, before_training, monkeypatch):
    def read_only(**_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(training.tempfile, "TemporaryFile", read_only)
    assert "(Read-only file system): choose another --output" in refused(capsys, "own.txt")


def test_the_command_offers_encodings_in_a_form_for_the_shell(folder, capsys, before_training):
    (folder / "my text.txt").write_bytes(("Привет, это обычный русский текст, для проверки.\n" * 40).encode("cp1251"))
    said = refused(capsys, "my text.txt", "--minutes", "1")
    assert "Привет, это обычный русский текст, для п" in said
    assert "uv run python -m helpers.training 'my text.txt' --minutes 1 --encoding cp1251" in said


def test_the_command_says_what_a_short_text_changes(folder, capsys):
    (folder / "own.txt").write_text(TEXT[:2000] + "é" * 20, "utf-8")
    training.main(["own.txt", "--updates", "1", "--units", "8"])
    said = capsys.readouterr().out
    assert "The text is short: 3 streams instead of 64." in said
    assert "Left out of the held-out text, as the training part has none: 'é'." in said


def test_a_full_disk_is_said_and_the_last_good_model_survives(folder, capsys, monkeypatch):
    save, count = training.save, iter(range(1000))

    def full_later(*arguments):
        if next(count) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(*arguments)

    monkeypatch.setattr(training, "save", full_later)
    message = "own.npz could not be written (No space left on device); what it held before is still there."
    assert message in refused(capsys, "own.txt", *QUICK)
    assert training.load_run("own.npz")[0].last["updates"] == 2


def test_ctrl_c_while_tensorflow_loads_is_one_word(folder, capsys, monkeypatch):
    monkeypatch.setattr(training, "language_model", interrupt)
    assert refused(capsys, "own.txt") == "Stopped.\n"


def test_a_training_that_diverges_is_said(folder, capsys):
    said = refused(capsys, "own.txt", *QUICK, "--learning-rate", "1e38", "--output", "one.npz")
    assert "the cost is no longer a number" in said
    training.main(["own.txt", *QUICK, "--learning-rate", "3", "--output", "two.npz"])
    assert "the training diverges" in capsys.readouterr().out
    assert writing.read("one.npz").units == writing.read("two.npz").units == 8
