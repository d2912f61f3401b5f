"""The laboratory of lesson 02, language models: what its demos measure, beside what the learner writes."""

import numpy as np

#: Held-out cross-entropy on tiny Shakespeare (1,115,394 characters, 65 symbols, the last tenth held out) of n-gram
#: models with 0.05 added to each count, in nats a character, for n = 1 to 6. `tests/test_real_scale.py` measures it.
SHAKESPEARE = (3.347, 2.485, 2.050, 1.777, 1.757, 1.994)

#: How often the source of section 6 repeats the letter two steps back.
REPEATS = 0.9


def costs(model, n, texts, vocabulary):
    """What each character of the texts costs an n-gram model.

    Parameters
    ----------
    model : dict of str to ndarray (V,)
        For each context of n - 1 characters the probabilities of the next one. Where a context is missing, all
        symbols are equally likely.
    n : int
    texts : list of str
    vocabulary : str
        Symbol i is vocabulary[i].

    Returns
    -------
    ndarray (characters,)
        Bits, text after text; infinity where the model gave probability 0.
    """
    uniform = np.full(len(vocabulary), 1 / len(vocabulary))
    place = {character: i for i, character in enumerate(vocabulary)}
    probabilities = []
    for text in texts:
        padded = "\n" * (n - 1) + text
        probabilities += [model.get(padded[i : i + n - 1], uniform)[place[c]] for i, c in enumerate(text)]
    with np.errstate(divide="ignore"):
        return -np.log2(probabilities)


def measure(fit_ngram, sets, orders, adds):
    """The cost of n-gram models on training and on held-out texts.

    Parameters
    ----------
    fit_ngram : callable
        As exercise 6 asks.
    sets : dict of str to (list of str, list of str, str)
        For each kind of text the training texts, the held-out ones and the vocabulary.
    orders : sequence of int
        n.
    adds : sequence of float
        What is added to each count.

    Returns
    -------
    dict of str to ndarray (orders * adds, 2)
        Bits per character: on as many training texts as there are held-out ones, and on the held-out ones.
    """
    measured = {}
    for what, (train, held_out, vocabulary) in sets.items():
        measured[what] = np.empty((0, 2))
        for n, add in [(n, add) for n in orders for add in adds]:
            model = fit_ngram(train, n, vocabulary, add)
            bits = [costs(model, n, texts, vocabulary).mean() for texts in (train[: len(held_out)], held_out)]
            measured[what] = np.vstack([measured[what], bits])
    return measured


def impossible_names(models, names, vocabulary):
    """The fraction of the names in which a model gave some letter probability 0: a dict of floats by n, as `models`."""
    return {
        n: float(np.mean([np.isinf(costs(model, n, [name], vocabulary)).any() for name in names]))
        for n, model in models.items()
    }


def padding_mistakes(bits_per_character, logits, targets, mask):
    """The cost of the characters in a padded batch, once correctly and three times with a popular mistake.

    Parameters
    ----------
    bits_per_character : callable
        As exercise 5 asks.
    logits, targets, mask : ndarray
        As in exercise 5.

    Returns
    -------
    dict of str to float
    """
    right = bits_per_character(logits, targets, mask)
    rows = zip(logits[:, None], targets[:, None], mask[:, None])
    return {
        "mean over the real characters": right,
        "the mask forgotten": bits_per_character(logits, targets, np.ones_like(mask)),
        "padding costs nothing, but is counted": right * np.mean(mask),
        "mean of the names' means": np.mean([bits_per_character(*row) for row in rows]),
    }


def whereabouts(written, train, held_out):
    """Of written names, how many are training names, held-out names and neither (three ints), newlines left out."""
    lists = ({name.strip() for name in part} for part in (train, held_out))
    copied, foreseen = (sum(name in known for name in written) for known in lists)
    return copied, foreseen, len(written) - copied - foreseen


def thin(sets, orders):
    """How much of each kind of text comes after a rare context: one met less often than there are symbols.

    Parameters
    ----------
    sets : dict of str to (list of str, list of str, str)
        As in `measure`; the training texts are counted.
    orders : sequence of int
        n.

    Returns
    -------
    dict of str to list of float
        For each kind of text the fraction of its characters, at each n.
    """
    shares = {}
    for what, (texts, _, vocabulary) in sets.items():
        shares[what] = []
        for n in orders:
            met = _times_met(texts, n)
            shares[what].append(float(met[met < len(vocabulary)].sum() / met.sum()))
    return shares


def met_once(texts, n):
    """How much of a text comes after contexts of n - 1 characters that were met only once.

    Returns
    -------
    tuple of (float, float)
        The fraction of the contexts that were met once, and the fraction of the characters that follow one.
    """
    met = _times_met(texts, n)
    return float(np.mean(met == 1)), float(np.sum(met == 1) / met.sum())


def _times_met(texts, n):
    """How often each context was met: an array of int."""
    padded = ["\n" * (n - 1) + text for text in texts]
    contexts = [p[i : i + n - 1] for p, text in zip(padded, texts) for i in range(len(text))]
    return np.unique(contexts, return_counts=True)[1]


def product_against_lookup(symbols, length=300, hidden_size=128):
    """The largest difference between one-hot rows times a matrix, and its rows picked: a float."""
    rng = np.random.default_rng(0)
    ids, W = rng.integers(0, symbols, length), rng.normal(size=(symbols, hidden_size))
    return float(np.abs(np.eye(symbols)[ids] @ W - W[ids]).max())


def random_weights(scale, seed, symbols=27, hidden_size=64):
    """Weights of a character network, each drawn from a normal distribution with standard deviation `scale`: a dict."""
    rng = np.random.default_rng(seed)
    shapes = {
        "W_xh": (symbols, hidden_size), "W_hh": (hidden_size, hidden_size), "b_h": hidden_size,
        "W_hy": (hidden_size, symbols), "b_y": symbols,
    }
    return {name: rng.normal(0, scale, shape) for name, shape in shapes.items()}


def source(texts, length, seed):
    """Texts of a and b, in which each letter repeats the one two steps back with probability `REPEATS`.

    The first two letters of each are thrown with a fair coin.

    Returns
    -------
    list of str
        `texts` of them, each of `length` letters.
    """
    rng = np.random.default_rng(seed)
    letters = np.empty((texts, length), int)
    letters[:, :2] = rng.integers(0, 2, (texts, 2))
    turns = rng.random((texts, length)) >= REPEATS
    for t in range(2, length):
        letters[:, t] = letters[:, t - 2] ^ turns[:, t]
    return ["".join("ab"[i] for i in row) for row in letters]


def entropy_of_source(length):
    """The entropy of a text of the source, in bits a letter: the first two letters cost a bit each."""
    each = -(REPEATS * np.log2(REPEATS) + (1 - REPEATS) * np.log2(1 - REPEATS))
    return (2 + (length - 2) * each) / length


def model_of_source():
    """The source's own probabilities, as a model with n = 3 over the vocabulary newline, a, b: a dict."""
    own = {start: np.array([0, 0.5, 0.5]) for start in ("\n\n", "\na", "\nb")}
    for last in "ab":
        own["a" + last] = np.array([0, REPEATS, 1 - REPEATS])
        own["b" + last] = np.array([0, 1 - REPEATS, REPEATS])
    return own
