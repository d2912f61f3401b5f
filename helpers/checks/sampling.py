"""Judge draws by their distribution, never by their seed.

Pearson's chi-square statistic against known probabilities. The rate of false alarms is fixed, and so small that no
right answer meets one: about one in a thousand million.
"""

import statistics

import numpy as np

#: How often right draws may be called wrong.
FALSE_ALARM = 1e-9

#: By which the state of NumPy's PCG64 is multiplied in each step.
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645

#: Cells expected less often than this are pooled: the statistic of rarely hit cells has a heavier tail than chi-square.
SMALLEST_EXPECTED = 50.0


def second_is_zero(rng):
    """A Generator whose second number of `random` is exactly 0.0, as one in 2**53 is.

    Not the first: a race of exponential variables, which is right, would then divide 0 by the first symbol's probability,
    and that is the symbol to mask where the number 0 matters.

    Parameters
    ----------
    rng : numpy.random.Generator
        Chooses one of them.

    Returns
    -------
    numpy.random.Generator
    """
    half, back = int(rng.integers(2**60)), pow(MULTIPLIER, -1, 2**128)
    state = half * (2**64 + 1)  # PCG64 gives out the exclusive or of the two halves, turned
    generator = np.random.Generator(np.random.PCG64(half))
    settings = generator.bit_generator.state
    for _ in range(2):
        state = (state - settings["state"]["inc"]) * back % 2**128
    settings["state"]["state"] = state
    generator.bit_generator.state = settings
    return generator


def tally(symbols, size):
    """How often each symbol was drawn.

    Parameters
    ----------
    symbols : ndarray of int
        Each from 0 to size - 1.
    size : int

    Returns
    -------
    ndarray of int (size,)
    """
    return np.bincount(np.ravel(symbols), minlength=size)


def pairs(first, second, size):
    """Each two draws as one symbol out of size * size; if they are independent its probabilities are `np.outer(p, q).ravel()`."""
    return np.asarray(first) * size + np.asarray(second)


def critical_value(degrees, rate=FALSE_ALARM):
    """What a chi-square variable exceeds at this rate, by Wilson and Hilferty's cube root (1931).

    Parameters
    ----------
    degrees : int
        Degrees of freedom, 1 or more.
    rate : float

    Returns
    -------
    float
        At rates as small as 1e-9 it lies above the exact value, by a quarter for one degree and less for more.
    """
    z = statistics.NormalDist().inv_cdf(1 - rate)
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + z * spread**0.5) ** 3


def surprise(counts, probabilities, rate=FALSE_ALARM):
    """The chi-square statistic as a share of its critical value.

    Parameters
    ----------
    counts : array_like of int (size,)
        How often each symbol was drawn.
    probabilities : array_like (size,)
        With sum one.
    rate : float

    Returns
    -------
    float
        Over 1 where the draws do not come from these probabilities; infinite where a symbol of probability zero
        was drawn.
    """
    counts, expected = np.asarray(counts, float), np.asarray(probabilities, float) * np.sum(counts)
    if counts[expected == 0].any():
        return float("inf")
    counts, expected = _pooled(counts[expected > 0], expected[expected > 0])
    if len(counts) < 2:
        return 0.0
    return float(np.sum((counts - expected) ** 2 / expected) / critical_value(len(counts) - 1, rate))


def fits(counts, probabilities, rate=FALSE_ALARM):
    """Whether draws may come from these probabilities; as in `surprise`."""
    return surprise(counts, probabilities, rate) <= 1


def cause(counts, mistakes):
    """The known mistake whose probabilities fit these draws, the best of them; "" where none does.

    Parameters
    ----------
    counts : ndarray of int (size,)
    mistakes : dict of str to ndarray (size,)
        For each diagnosis the probabilities with which this mistake draws.
    """
    known = {text: surprise(counts, p) for text, p in mistakes.items() if np.isfinite(p).all()}
    best = min(known, key=known.get, default="")
    return best if best and known[best] <= 1 else ""


def worst(counts, probabilities):
    """In words: the symbol whose frequency is furthest from its probability."""
    expected = np.asarray(probabilities, float)
    frequencies = np.asarray(counts) / np.sum(counts)
    i = int(np.argmax(abs(frequencies - expected)))
    return f"symbol {i}: probability {expected[i]:.3f}, but drawn in {100 * frequencies[i]:.3g} % of {np.sum(counts):,} draws"


def _pooled(counts, expected):
    """The rarest cells joined, until each is expected often enough."""
    order = np.argsort(expected, kind="stable")
    counts, expected = counts[order], expected[order]
    while len(expected) > 1 and expected[0] < SMALLEST_EXPECTED:
        counts = np.append(counts[0] + counts[1], counts[2:])
        expected = np.append(expected[0] + expected[1], expected[2:])
        order = np.argsort(expected, kind="stable")
        counts, expected = counts[order], expected[order]
    return counts, expected
