"""The statements of lesson 01, feedforward vs recurrent."""

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory.lesson01 import LENGTHS, QUESTIONS

FIRST, PARITY, ECHO = range(len(QUESTIONS))
AT_8, AT_16, AT_64, AT_256 = (LENGTHS.index(timesteps) for timesteps in (8, 16, 64, 256))


def memory(models, scores):
    """Section 1: who answers what, at which length.

    Parameters
    ----------
    models : dict of str to keras.Model
    scores : dict of str to ndarray (lengths, 3)
        As `helpers.laboratory.lesson01.accuracy_by_length` gives them.
    """
    window, recurrent = scores["window"], scores["recurrent"]
    counts = [models[name].count_params() for name in ("window", "recurrent")]
    show(
        equal("both networks have 699 parameters", [699, 699], counts),
        between("at 8 bits the window gets the first bit right about 6 times in 10", 0.55, 0.7, window[AT_8, FIRST]),
        between("from 16 bits on the window guesses first and parity", 0.4, 0.6, window[AT_16:, : PARITY + 1]),
        above("the window gets echo right at every length", 0.99, window[:, ECHO]),
        above("the recurrent network gets the first bit right at 256 bits", 0.9, recurrent[AT_256, FIRST]),
        above("the recurrent network gets parity right at 64 bits", 0.9, recurrent[AT_64, PARITY]),
        between("with weight 2, the single number settles near 0.96", 0.955, 0.965, _settled(2.0)),
    )


def echo(accuracies):
    """Section 1: who learns sooner to look seven steps back; `accuracies` over updates, for each network."""
    window, recurrent = (np.asarray(accuracies[name]) for name in ("window", "recurrent"))
    show(
        above("after 50 updates the window knows the bit seven steps back", 0.99, window[4:]),
        below("the recurrent network does not know it then", 0.99, recurrent[4]),
        above("its accuracy gets worse on the way, by more than", 0.02, np.max(np.maximum.accumulate(recurrent) - recurrent)),
    )


def parity(right, at_the_end):
    """Section 2: parity by hand, and parity where only the last answer is asked for.

    Parameters
    ----------
    right : ndarray of bool
        Whether each answer of the two units is right.
    at_the_end : dict of str to float
        Accuracy of the network that was asked only after the last bit.
    """
    show(
        equal("the two units get all 200,000 parities right", 200_000, int(right.sum())),
        above("asked only at the end, the network still learns the first bit", 0.9, at_the_end["first"]),
        between("asked only at the end, it guesses parity", 0.4, 0.6, at_the_end["parity"]),
    )


def convolution(scores, flips, exact, recorded):
    """Section 5: what the convolution sees, what it learned, and what it can hold.

    Parameters
    ----------
    scores : dict of str to ndarray (lengths, 3)
    flips : dict of str to ndarray (lags,)
        As `helpers.laboratory.lesson01.flip_test` gives them, for 24 lags.
    exact : dict of int to float
        Accuracy of the hand-set convolution on parity, by length.
    recorded : dict of str to list of list of float
        As `helpers.laboratory.lesson01.parity_record` gives it.
    """
    more, at_the_end = (np.array(recorded[name]) for name in ("convolution", "recurrent, asked only at the end"))
    learned = scores["convolution"]
    show(
        above("the convolution gets the first bit right at 16 bits", 0.9, learned[AT_16, FIRST]),
        between("beyond 16 bits it guesses the first bit", 0.4, 0.6, learned[AT_16 + 1 :, FIRST]),
        below("its accuracy on parity stays below 0.9 at 16 bits", 0.9, learned[AT_16, PARITY]),
        equal("bits that can change an answer: window 8, convolution 16", [8, 16], [int(np.sum(flips[name] > 0)) for name in ("window", "convolution")]),
        above("each of the last 24 bits changes the recurrent network's answer, in over 9 streams of 10", 0.9, flips["recurrent"]),
        equal("set by hand, the convolution gets parity right at 8 and 16 bits", [1.0, 1.0], [exact[8], exact[16]]),
        between("and guesses at 17 and 32", 0.4, 0.6, [exact[17], exact[32]]),
        above("recorded: after 2,000 updates the convolution has learned parity, from every start", 0.9, more[:, 1:]),
        between("recorded: asked only at the end, the recurrent network still guesses after 4,000", 0.4, 0.6, at_the_end),
    )


def _settled(weight, steps=50):
    h = 1.0
    for _ in range(steps):
        h = np.tanh(weight * h)
    return h
