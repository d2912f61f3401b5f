"""Write with a character language model, with one command or one function; TensorFlow is not needed.

    uv run python -m helpers.writing my.npz --prompt "Once" --length 600 --temperature 0.7

A network is read from the file that `helpers.training` saves. Its step, for LSTM and GRU layers in any number, is
NumPy: one character, one step, the state carried.
"""

import argparse
import dataclasses
import os
import sys
import zipfile
import zlib
from pathlib import Path

from helpers import session

if __name__ == "__main__":
    session.start()  # before NumPy loads: on a busy machine, a step this small is many times slower with two threads

import numpy as np

from helpers import data

#: The version of the model files that `helpers.training` writes. The course's first files say none.
FORMAT = 2

#: The models that come with the course, in its folder of data.
SHIPPED = ("fables-lstm", "shakespeare-lstm")

#: How many states each kind of layer has: h and c for an LSTM, h for a GRU.
STATES = {"lstm": 2, "gru": 1}


@dataclasses.dataclass(frozen=True)
class Network:
    """A character language model as plain arrays.

    Attributes
    ----------
    vocabulary : str
        The symbol at position i has the id i.
    layer : str
        "lstm" or "gru".
    layers, units : int
        Recurrent layers, one above the other, and the size of each one's state.
    weights : list of ndarray
        As Keras orders them: embedding (symbols, width); for each layer kernel (inputs, gates * units), recurrent
        kernel (units, gates * units) and bias, (4 * units,) for an LSTM and (2, 3 * units) for a GRU; then the output's
        kernel (units, symbols) and bias (symbols,).
    """

    vocabulary: str
    layer: str
    layers: int
    units: int
    weights: list


def stepper(network):
    """Prepare the step of a network.

    Parameters
    ----------
    network : Network

    Returns
    -------
    tuple of (callable, list of ndarray (units,))
        The step, (id, states) -> (logits (symbols,), states), and the states before anything was read.
    """
    embedding, *recurrent, W_y, b_y = [np.asarray(w, np.float32) for w in network.weights]
    layers = [tuple(recurrent[3 * i : 3 * i + 3]) for i in range(network.layers)]
    advance = {"lstm": _lstm, "gru": _gru}[network.layer]
    per_layer = STATES[network.layer]
    # What the first layer makes of each symbol is looked up, not computed again for each character.
    first = embedding @ layers[0][0]

    def step(symbol, states):
        x, after = first[symbol], []
        for i, (W, U, b) in enumerate(layers):
            new = advance(x if i == 0 else x @ W, U, b, *states[per_layer * i : per_layer * (i + 1)])
            x = new[0]
            after += new
        return x @ W_y + b_y, after

    return step, [np.zeros(network.units, np.float32)] * (per_layer * network.layers)


def _lstm(x, U, b, h, c):
    i, f, g, o = np.split(x + h @ U + b, 4)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return [_sigmoid(o) * np.tanh(c), c]


def _gru(x, U, b, h):
    (xz, xr, xg), (hz, hr, hg) = np.split(x + b[0], 3), np.split(h @ U + b[1], 3)
    z = _sigmoid(xz + hz)
    return [z * h + (1 - z) * np.tanh(xg + _sigmoid(xr + hr) * hg)]


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)  # no exponential to overflow


def choose(logits, rng, temperature=1.0, top_k=None, top_p=None):
    """Draw an id.

    Parameters
    ----------
    logits : ndarray (symbols,)
    rng : numpy.random.Generator
    temperature : float
        Logits are divided by it; 0 takes the most probable.
    top_k : int, optional
        Only the k most probable may be drawn.
    top_p : float, optional
        Of these, only the smallest set of most probable symbols that has this probability together.

    Returns
    -------
    int
    """
    if temperature == 0:
        return int(np.argmax(logits))
    order = np.argsort(-logits, kind="stable")[:top_k]
    scaled = logits[order].astype(np.float64) / temperature
    p = np.exp(scaled - scaled[0])
    p /= p.sum()
    if top_p is not None:
        p = p[: np.searchsorted(np.cumsum(p), top_p) + 1]
        p /= p.sum()
    return int(order[rng.choice(len(p), p=p)])


def stream(network, prompt=None, length=600, temperature=0.7, top_k=None, top_p=None, seed=None):
    """Write character by character; the arguments are those of `write`.

    Yields
    ------
    str
        One character; the prompt is not repeated.
    """
    check(network, prompt, length, temperature, top_k, top_p)
    step, states = stepper(network)
    ids = {symbol: i for i, symbol in enumerate(network.vocabulary)}
    rng = np.random.default_rng(seed)
    for symbol in prompt or _start(network.vocabulary):
        logits, states = step(ids[symbol], states)
    for _ in range(length):
        last = choose(logits, rng, temperature, top_k, top_p)
        yield network.vocabulary[last]
        logits, states = step(last, states)


def _start(vocabulary):
    """What a text is begun after: a line's end, in texts without lines a space, or else any symbol."""
    return next((symbol for symbol in "\n " if symbol in vocabulary), vocabulary[0])


def write(model, prompt=None, length=600, temperature=0.7, top_k=None, top_p=None, seed=None):
    """Let a model write.

    Parameters
    ----------
    model : str, os.PathLike or Network
        "fables-lstm", the path of a file that `helpers.training` saved, or what `read` returned.
    prompt : str, optional
        Where to begin. Without it, at the start of a line.
    length : int
        Characters to write after the prompt, 1 or more.
    temperature : float
        Below 1 the text is safer, above 1 more adventurous; 0 always takes the most probable character.
    top_k : int, optional
        Only the k most probable characters may be chosen.
    top_p : float, optional
        Only the most probable characters that together have this probability may be chosen.
    seed : int, optional
        The same seed, the same text.

    Returns
    -------
    str
        The prompt and what was written after it.

    Raises
    ------
    ValueError
        If an argument is out of range, or the prompt has characters that the model does not know.
    data.DataError
        If there is no such model.

    Examples
    --------
    >>> write("fables-lstm", "The miller", length=20, temperature=0)[:14]
    'The miller was'
    """
    network = model if isinstance(model, Network) else read(model)
    return (prompt or "") + "".join(stream(network, prompt, length, temperature, top_k, top_p, seed))


def check(network, prompt=None, length=600, temperature=0.7, top_k=None, top_p=None):
    """Raise a ValueError that says which of the arguments of `write` is wrong, if one is."""
    unknown = "" if prompt is None else "".join(sorted(set(prompt) - set(network.vocabulary)))
    if prompt == "":
        raise ValueError("the prompt is empty: leave it out to begin at the start of a line.")
    if unknown:
        fits = set(prompt.lower()) <= set(network.vocabulary)
        hint = " Its text was in lower case: so should the prompt be." if fits else ""
        raise ValueError(f"the prompt has {listed(unknown)}, which the model's text never had.{hint}")
    if length < 1:
        raise ValueError(f"the length is 1 character or more; got {length}.")
    if not 0 <= temperature < np.inf:
        greedy = "0 takes the most probable character each time"
        raise ValueError(f"the temperature is 0 or more ({greedy}); got {temperature}.")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top-k leaves at least 1 character to choose from; got {top_k}.")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top-p is a probability over 0 and up to 1; got {top_p}.")


def listed(symbols):
    """Symbols for a message, such as 'é', '\\n'; of many the first ten."""
    more = f" and {len(symbols) - 10} more" if len(symbols) > 10 else ""
    return ", ".join(repr(symbol) for symbol in symbols[:10]) + more


def located(name_or_path):
    """The path of a model file: that of one of the course's own models, or the one given, `~` being the home folder."""
    own = name_or_path in SHIPPED
    return data.DATA_FOLDER / f"{name_or_path}.npz" if own else Path(name_or_path).expanduser()


def read(name_or_path):
    """Read a network from a file that `training.save` wrote.

    Parameters
    ----------
    name_or_path : str or os.PathLike
        "fables-lstm", the one that comes with the course, or the path of a file.

    Returns
    -------
    Network

    Raises
    ------
    data.DataError
        If there is no such file, or it is not such a model.
    """
    path = located(name_or_path)
    try:
        with np.load(path, allow_pickle=False) as file:
            version = int(file["format"]) if "format" in file.files else 1
            if version <= FORMAT:
                vocabulary, layer = (str(file[name]) for name in ("vocabulary", "layer"))
                layers, units = (int(file[name]) for name in ("layers", "units"))
                names = sorted(name for name in file.files if name.startswith("weights_"))
                network = Network(vocabulary, layer, layers, units, [file[name].astype(np.float32) for name in names])
    except FileNotFoundError:
        raise data.DataError(f"There is no model at {path}. The course's own is called 'fables-lstm'.") from None
    except IsADirectoryError:
        raise data.DataError(f"{path} is a folder: give the path of a model, an .npz file.") from None
    except PermissionError as error:
        raise data.DataError(f"{path} cannot be read: {error.strerror}.") from None
    # what NumPy raises for other files, and for damaged ones
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
        raise data.DataError(f"{path} is no model that helpers.training has saved, or it is damaged.") from None
    if version > FORMAT:
        raise data.DataError(f"{path} comes from a newer version of the course: update the course, or train it again.")
    if network.layer not in STATES or not _fits(network):
        raise data.DataError(f"{path} is no model that helpers.training has saved, or it is damaged.")
    return network


def _fits(network):
    """Whether the weights of a network have the shapes they must have."""
    return len(network.weights) == 3 * network.layers + 3 and [w.shape for w in network.weights] == _shapes(network)


def _shapes(network):
    """The shapes that the weights of a network must have."""
    symbols, units, gates = len(network.vocabulary), network.units, {"lstm": 4, "gru": 3}[network.layer]
    width = min(symbols, 64)
    shapes = [(symbols, width)]
    for i in range(network.layers):
        bias = (gates * units,) if network.layer == "lstm" else (2, gates * units)
        shapes += [(units if i else width, gates * units), (units, gates * units), bias]
    return [*shapes, (units, symbols), (symbols,)]


def main(argv=None):
    """Command line: write, and show the text while it is written."""
    parser = argparse.ArgumentParser(prog="python -m helpers.writing", description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a file that helpers.training saved, or fables-lstm")
    parser.add_argument("--prompt", help="where to begin (default: at the start of a line)")
    parser.add_argument("--length", type=int, default=600, help="characters to write (default: 600)")
    bold = "0: always the most probable character; higher: bolder (default: 0.7)"
    parser.add_argument("--temperature", type=float, default=0.7, help=bold)
    parser.add_argument("--top-k", type=int, help="choose among the k most probable characters only")
    parser.add_argument("--top-p", type=float, help="choose among the most probable with this probability together")
    parser.add_argument("--seed", type=int, help="the same seed, the same text")
    parser.add_argument("--samples", type=int, default=1, help="texts to write (default: 1)")
    options = parser.parse_args(argv)
    sys.stdout.reconfigure(errors="replace")  # a terminal may not have every character
    settings = {name: getattr(options, name) for name in ("prompt", "length", "temperature", "top_k", "top_p")}
    try:
        if options.samples < 1:
            raise ValueError(f"the number of samples is 1 or more; got {options.samples}.")
        if options.seed is not None and options.seed < 0:
            raise ValueError(f"a seed is a whole number from 0 on; got {options.seed}.")
        network = read(options.model)
        check(network, **settings)
        for sample in range(options.samples):
            if sample:
                print("-" * 40)
            print(options.prompt or "", end="")
            for symbol in stream(network, **settings, seed=None if options.seed is None else [options.seed, sample]):
                print(symbol, end="", flush=True)
            print()
    except (data.DataError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    except KeyboardInterrupt:
        print()
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
