"""Write with a character language model, with one command or one function; TensorFlow is not needed.

    uv run python -m helpers.writing my.npz --prompt "Once" --length 600 --temperature 0.7

A network is read from the file that `helpers.training` saves. Its step, for LSTM and GRU layers in any number, is NumPy:
one character, one step, the state carried.
"""

import dataclasses
import zipfile
from pathlib import Path

import numpy as np

from helpers import data

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
        As Keras orders them: embedding (symbols, width); for each layer kernel (inputs, gates * units), recurrent kernel
        (units, gates * units) and bias, (4 * units,) for an LSTM and (2, 3 * units) for a GRU; then the output's kernel
        (units, symbols) and bias (symbols,).
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


def stream(network, prompt="\n", length=600, temperature=0.7, top_k=None, top_p=None, seed=None):
    """Write, character by character.

    Parameters
    ----------
    network : Network
    prompt : str
        Read first, and not repeated.
    length : int
        Characters to write.
    temperature, top_k, top_p
        As `choose` takes them.
    seed : int, optional
        The same seed, the same text.

    Yields
    ------
    str
        One character.
    """
    step, states = stepper(network)
    ids = {symbol: i for i, symbol in enumerate(network.vocabulary)}
    rng = np.random.default_rng(seed)
    for symbol in prompt:
        logits, states = step(ids[symbol], states)
    for _ in range(length):
        last = choose(logits, rng, temperature, top_k, top_p)
        yield network.vocabulary[last]
        logits, states = step(last, states)


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
    path = data.DATA_FOLDER / "fables-lstm.npz" if name_or_path == "fables-lstm" else Path(name_or_path).expanduser()
    try:
        with np.load(path, allow_pickle=False) as file:
            form = {key: file[key][()] for key in ("vocabulary", "layer", "layers", "units")}
            weights = [file[key] for key in sorted(file.files) if key.startswith("weights_")]
    except FileNotFoundError:
        raise data.DataError(f"There is no model at {path}. The course's own is called 'fables-lstm'.") from None
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):  # what NumPy raises for files of other kinds
        raise data.DataError(f"{path} is no model that helpers.training has saved.") from None
    return Network(str(form["vocabulary"]), str(form["layer"]), int(form["layers"]), int(form["units"]), weights)
