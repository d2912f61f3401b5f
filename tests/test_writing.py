"""Writing with a model: the NumPy step is Keras', symbols are drawn as asked, and what is wrong is said in one line."""

import doctest
import subprocess
import sys

import numpy as np
import pytest

from helpers import data, session, training, writing
from helpers.authoring import ROOT

VOCABULARY = "\n abcdefgh"


@pytest.fixture(scope="module", autouse=True)
def quiet():
    session.start()


def network(layer="lstm", layers=1, units=6, vocabulary=VOCABULARY, seed=0):
    """A network of random weights, biases too."""
    own, rng = writing.Network(vocabulary, layer, layers, units, []), np.random.default_rng(seed)
    own.weights.extend(rng.normal(0, 0.7, shape).astype(np.float32) for shape in writing._shapes(own))
    return own


# ---- the step


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("layer", ["gru", "lstm"])
def test_the_step_is_that_of_keras(layer, layers):
    own = network(layer, layers)
    model = training.language_model(len(VOCABULARY), own.units, layer, layers)
    model.set_weights(own.weights)
    ids = np.random.default_rng(1).integers(0, len(VOCABULARY), 40)
    expected, *expected_states = model.predict_on_batch([ids[None].astype(np.int32), *training.zero_states(model, 1)])
    step, states = writing.stepper(own)
    for t, symbol in enumerate(ids):
        logits, states = step(symbol, states)
        assert logits == pytest.approx(expected[0, t], abs=2e-5)
    assert len(states) == len(expected_states)
    for state, there in zip(states, expected_states):
        assert state == pytest.approx(there[0], abs=2e-5)


# ---- drawing


class Spy:
    """In place of a Generator: remembers the probabilities it is asked to draw with, and takes the last."""

    def choice(self, count, p):
        assert count == len(p)
        self.p = p
        return count - 1


LOGITS = np.log([0.1, 0.4, 0.05, 0.25, 0.2])


@pytest.mark.parametrize(
    "settings, p, last",
    [
        ({}, [0.4, 0.25, 0.2, 0.1, 0.05], 2),
        ({"temperature": 0.5}, np.array([16, 6.25, 4, 1, 0.25]) / 27.5, 2),
        ({"top_k": 2}, [0.4 / 0.65, 0.25 / 0.65], 3),
        ({"top_k": 9}, [0.4, 0.25, 0.2, 0.1, 0.05], 2),
        ({"top_p": 0.5}, [0.4 / 0.65, 0.25 / 0.65], 3),
        ({"top_p": 0.01}, [1.0], 1),
        ({"top_p": 1.0}, [0.4, 0.25, 0.2, 0.1, 0.05], 2),
        ({"top_k": 3, "top_p": 0.6}, [0.4 / 0.65, 0.25 / 0.65], 3),
    ],
)
def test_symbols_are_drawn_with_the_probabilities_asked_for(settings, p, last):
    spy = Spy()
    assert writing.choose(LOGITS, spy, **settings) == last
    assert spy.p == pytest.approx(p)


def test_temperature_zero_takes_the_most_probable_and_draws_nothing():
    assert writing.choose(LOGITS, None, temperature=0) == 1


def test_large_logits_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        assert writing.choose(np.array([1e4, -1e4, 0.0]), np.random.default_rng(0), temperature=0.01) == 0


# ---- writing


def test_the_same_seed_writes_the_same_text_after_the_prompt():
    own = network()
    one, two, three = (writing.write(own, "abc", length=50, temperature=1.0, seed=seed) for seed in (1, 1, 2))
    assert one == two != three and one.startswith("abc") and len(one) == 53
    assert set(one) <= set(VOCABULARY)


def test_without_a_seed_each_text_is_another():
    own = network()
    assert writing.write(own, length=50, temperature=1.0) != writing.write(own, length=50, temperature=1.0)


def test_the_prompt_is_read():
    own = network()
    assert len({writing.write(own, prompt, length=30, temperature=0)[1:] for prompt in "abcdefgh"}) > 1


@pytest.mark.parametrize("vocabulary, start", [("\n ab", "\n"), (" ab", " "), ("ACGT", "A"), ("春眠曉", "春")])
def test_without_a_prompt_the_text_begins_as_a_line_does_where_there_are_lines(vocabulary, start):
    own = network(vocabulary=vocabulary)
    assert writing.write(own, length=20, temperature=0) == writing.write(own, start, length=20, temperature=0)[1:]


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"prompt": ""}, "the prompt is empty: leave it out"),
        ({"prompt": "cabaré\t"}, r"the prompt has '\\t', 'r', 'é', which the model's text never had\.$"),
        ({"prompt": "Bad"}, "the prompt has 'B', which .* Its text was in lower case"),
        ({"length": 0}, "the length is 1 character or more; got 0"),
        ({"temperature": -0.1}, r"the temperature is 0 or more .* got -0\.1"),
        ({"temperature": float("nan")}, "the temperature is 0 or more .* got nan"),
        ({"top_k": 0}, "top-k leaves at least 1 character to choose from; got 0"),
        ({"top_p": 0.0}, r"top-p is a probability over 0 and up to 1; got 0\.0"),
        ({"top_p": 1.5}, r"top-p is a probability over 0 and up to 1; got 1\.5"),
    ],
)
def test_what_is_out_of_range_is_said(settings, says):
    with pytest.raises(ValueError, match=says):
        writing.write(network(), **settings)


def test_of_many_unknown_symbols_ten_are_named():
    with pytest.raises(ValueError, match="'A', 'B', .*, 'J' and 16 more, which"):
        writing.check(network(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


# ---- model files


@pytest.fixture
def saved(tmp_path):
    """The path of a saved model, and its network."""
    own = network("gru", 2)
    model = training.language_model(len(VOCABULARY), own.units, "gru", 2)
    model.set_weights(own.weights)
    training.save(model, VOCABULARY, tmp_path / "model.npz")
    return tmp_path / "model.npz", own


def test_a_model_is_written_with_by_its_path(saved, tmp_path, monkeypatch):
    path, own = saved
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    expected = writing.write(own, length=30, seed=0)
    for given in (path, str(path), "~/model.npz"):
        assert writing.write(given, length=30, seed=0) == expected


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(data.DataError, match="no model at .*missing.npz. The course's own is called 'fables-lstm'"):
        writing.read(tmp_path / "missing.npz")
    with pytest.raises(data.DataError, match="is a folder"):
        writing.read(tmp_path)
    for content in (b"", b"no archive", (ROOT / "data" / "fables.txt").read_bytes()):
        (tmp_path / "other.npz").write_bytes(content)
        with pytest.raises(data.DataError, match="no model that helpers.training has saved"):
            writing.read(tmp_path / "other.npz")
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "arrays.npz", weights_00=np.zeros(3))
    np.savez(tmp_path / "objects.npz", vocabulary=np.array([None]), layer="gru", layers=1, units=2)
    for name in ("array.npy", "arrays.npz", "objects.npz"):
        with pytest.raises(data.DataError, match="no model that helpers.training has saved"):
            writing.read(tmp_path / name)


@pytest.mark.parametrize("part", [0.01, 0.3, 0.7, 0.99])
def test_a_truncated_model_is_refused(saved, part):
    path, _ = saved
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(data.DataError, match="or it is damaged"):
        writing.read(path)


def test_a_damaged_model_is_refused(saved):
    path, _ = saved
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(data.DataError, match="or it is damaged"):
        writing.read(path)


@pytest.mark.parametrize(
    "change, says",
    [
        ({"format": 99}, "comes from a newer version of the course"),
        ({"units": 7}, "is no model"),
        ({"layers": 1}, "is no model"),
        ({"layer": "transformer"}, "is no model"),
        ({"vocabulary": "abc"}, "is no model"),
        ({"vocabulary": ""}, "is no model"),
        ({"units": "many"}, "is no model"),
        ({"layers": -1}, "is no model"),
        ({"layers": 10**9}, "is no model"),
    ],
)
def test_a_model_of_another_form_is_refused(saved, change, says):
    path, _ = saved
    with np.load(path) as file:
        content = dict(file) | change
    np.savez(path, **content)
    with pytest.raises(data.DataError, match=says):
        writing.read(path)


# ---- the command


def test_the_command_writes_samples_without_tensorflow(capfd):
    loaded = "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    code = f"import sys; from helpers import writing; writing.main(sys.argv[1:]); {loaded}"
    arguments = ["fables-lstm", "--prompt", "The ", "--length", "40", "--top-k", "5", "--top-p", "0.9"]
    arguments += ["--seed", "1", "--samples", "2"]
    run = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = run.stdout.removesuffix("\n[]\n").split("\n" + "-" * 40 + "\n")
    assert run.stdout.endswith("\n[]\n") and run.stderr == ""
    assert first != second and first.startswith("The ") and second.startswith("The ")
    assert len(first) == len(second) == 44
    writing.main(arguments)
    assert capfd.readouterr().out == run.stdout.removesuffix("[]\n")


def test_the_command_ends_quietly_where_nobody_reads_on():
    command = [sys.executable, "-m", "helpers.writing", "fables-lstm", "--length", "1000000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert len(run.stdout.read(10)) == 10
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["missing.npz"], "There is no model at missing.npz"),
        (["fables-lstm", "--prompt", "café"], "the prompt has 'é', which the model's text never had."),
        (["fables-lstm", "--prompt", ""], "the prompt is empty"),
        (["fables-lstm", "--length", "0"], "the length is 1 character or more; got 0"),
        (["fables-lstm", "--temperature", "-1"], "the temperature is 0 or more"),
        (["fables-lstm", "--samples", "0"], "the number of samples is 1 or more; got 0"),
        (["fables-lstm", "--seed", "-1"], "a seed is a whole number from 0 on; got -1"),
        (["fables-lstm", "--top-k", "many"], "invalid int value: 'many'"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, says, capsys):
    with pytest.raises(SystemExit) as caught:
        writing.main(arguments)
    written = capsys.readouterr()
    assert caught.value.code and says in written.err and written.out == ""


def test_the_examples_in_the_docstrings_are_true():
    result = doctest.testmod(writing)
    assert result.attempted and not result.failed
