"""The statements of lesson 02, language models."""

import numpy as np

from helpers import data
from helpers.claims import above, below, between, equal, show
from helpers.laboratory.lesson02 import SHAKESPEARE, product_against_lookup

HELD_OUT = "held out: a random tenth"


def bigram(train, P, judged, letters, alexander):
    """Section 1: the bigram table and its price.

    Parameters
    ----------
    train : list of str
        The training names.
    P : ndarray (27, 27)
        The table, 1 added to each count.
    judged : dict of str to float
        Bits per character, by what was judged.
    letters : str
        The vocabulary.
    alexander : ndarray (10,)
        The cost of each of that name's letters.
    """
    text = "\n" + "".join(train)
    after_q = [then for letter, then in zip(text, text[1:]) if letter == "q"]
    at = {letter: i for i, letter in enumerate(letters)}
    blind, first = judged["a blind guess"], P[at["\n"]]
    show(
        equal("pairs of letters that never occur: 109 of 729", 109, 27**2 - len(set(zip(text, text[1:])))),
        equal("after q the model gives u 0.67", "u 0.67", f"{letters[P[at['q']].argmax()]} {P[at['q']].max():.2f}"),
        equal("in the training names it comes 165 times in 219", [165, 219], [after_q.count("u"), len(after_q)]),
        equal("a is the most common first letter, 0.14", "a 0.14", f"{letters[first.argmax()]} {first.max():.2f}"),
        between("after n, one name in three ends", 0.3, 0.37, P[at["n"], at["\n"]]),
        equal("the x is the most expensive letter of alexander", 3, int(np.argmax(alexander))),
        equal("a blind guess costs 4.75 bits", 4.75, np.round(blind, 2)),
        equal("the bigram costs 3.53 bits", 3.53, np.round(judged[HELD_OUT], 2)),
        between("which is 1.2 below a blind guess", 1.17, 1.25, blind - judged[HELD_OUT]),
        above(
            "on the list's last tenth it costs more than a blind guess",
            blind, judged["held out: the list's last tenth"],
        ),
    )


def softmax(naive_softmax, true_bits, repaired, padding, perplexity):
    """Section 2: what overflows, what an epsilon hides, what padding and perplexity do.

    Parameters
    ----------
    naive_softmax : callable
    true_bits, repaired : ndarray (4,)
        The cost where the right symbol lies 10, 20, 40 and 100 below the other, and with 1e-9 added to p.
    padding : dict of str to float
        Bits per character, computed in four ways.
    perplexity : dict of str to float
        By what counts as a symbol.
    """
    right = padding["mean over the real characters"]
    with np.errstate(all="ignore"):
        overflows = [naive_softmax(np.array([a, a - 1], "float32"))[0] for a in (88, 89)]
    show(
        equal("in float32 a logit of 88 is fine, one of 89 is not", [False, True], np.isnan(overflows)),
        below("with 1e-9 inside the logarithm, no mistake costs more than 30 bits", 30, repaired),
        between("though at a gap of 100 it should cost 144", 143, 145, true_bits[-1]),
        between(
            "the mask forgotten, the model looks better by two thirds of a bit",
            0.6, 0.72, right - padding["the mask forgotten"],
        ),
        between("the mean of means hardly differs", 0, 0.02, abs(right - padding["mean of the names' means"])),
        between("perplexity per character: 17", 16.5, 17.5, perplexity["character"]),
        between("perplexity per name: half a billion and more", 4.5e8, 6.5e8, perplexity["name"]),
    )


def counting(add_one, rare, adds, sweep, infinite, curves, seventh):
    """Section 3: n-gram models over n, over their smoothing, and over the amount of text.

    Parameters
    ----------
    add_one : dict of str to ndarray (5, 2)
        Bits for n = 1 to 5 with 1 added: on training and on held-out texts.
    rare : dict of str to list of float
        For n = 2 to 5 the fraction of the characters that come after a rare context.
    adds : list of float
        From 1 down.
    sweep : dict of str to ndarray (adds, 2)
        Bits of 4-grams over `adds`.
    infinite : dict of str to ndarray of bool
        Without smoothing, whether each held-out character has infinite cost.
    curves : dict of str to ndarray (6, 2)
        Bits for n = 1 to 6 with 0.05 added.
    seventh : dict of str to ndarray (2, 2)
        Bits for n = 3 and 4, fitted to a seventh of the texts.
    """
    names, fables = curves["names"], curves["fables"]
    show(
        above(
            "fables, add 1, from n = 3 to 4: held-out rises",
            0.02, add_one["fables"][3, 1] - add_one["fables"][2, 1],
        ),
        below("while training falls", -0.02, add_one["fables"][3, 0] - add_one["fables"][2, 0]),
        above(
            "from n = 4 to 5 training rises too, on both",
            0.05, [add_one[what][4, 0] - add_one[what][3, 0] for what in add_one],
        ),
        between("n = 5: 39 % of the names' characters follow a rare context", 0.385, 0.395, rare["names"][3]),
        between("and 60 % of the fables'", 0.595, 0.605, rare["fables"][3]),
        below("training: less smoothing is always better", 0, [np.diff(sweep[what][:, 0]) for what in sweep]),
        below("held-out: the best amount is far below 1", 0.2, [adds[sweep[what][:, 1].argmin()] for what in sweep]),
        above(
            "without smoothing, some held-out characters are impossible",
            0, [infinite[what].sum() for what in infinite],
        ),
        below("add 0.05: training falls at every step", 0, [np.diff(curves[what][:, 0]) for what in curves]),
        equal(
            "held-out is cheapest at n = 4, on both",
            [4, 4], [1 + int(curves[what][:, 1].argmin()) for what in ("names", "fables")],
        ),
        above(
            "at n = 6 more than a full bit lies between the two",
            1, [curve[5, 1] - curve[5, 0] for curve in (names, fables)],
        ),
        between("the bar for the names: 3.05 bits", 3.04, 3.06, names[3, 1]),
        between("the bar for the fables: 2.12 bits", 2.11, 2.13, fables[3, 1]),
        equal("of the five amounts, 0.1 is best for the names", 0.1, adds[sweep["names"][:, 1].argmin()]),
        equal("and 0.03 for the fables", 0.03, adds[sweep["fables"][:, 1].argmin()]),
        equal("tiny Shakespeare is cheapest at n = 5", 5, 1 + int(np.argmin(SHAKESPEARE))),
        above(
            "a seventh of the texts: n = 3 beats n = 4, on both",
            0.02, [bits[1, 1] - bits[0, 1] for bits in seventh.values()],
        ),
        above(
            "all of them: n = 4 beats n = 3, on both",
            0.02, [curve[2, 1] - curve[3, 1] for curve in (names, fables)],
        ),
    )


def letters(by_bigram, by_four, unmet, passage, costs):
    """Section 3: where the bits are paid.

    Parameters
    ----------
    by_bigram, by_four : ndarray (10,)
        The cost of the letters of alexander, for the bigram and for the 4-gram.
    unmet : ndarray (7,)
        What the letters of xerxes cost the 4-gram.
    passage : str
    costs : ndarray (len(passage),)
        What its characters cost the 4-gram.
    """
    begins = np.array([before in " \n" for before in "\n" + passage[:-1]])
    blind = np.isclose(unmet, np.log2(27))
    show(
        equal("the n and the d of alexander cost the bigram 2.7 and 4.7 bits", [2.7, 4.7], np.round(by_bigram[5:7], 1)),
        below("and the 4-gram less than 1", 1, by_four[5:7]),
        above(
            "the first character of a word costs more than the others, by over 1 bit",
            1, costs[begins].mean() - costs[~begins].mean(),
        ),
        equal(
            "3.8 bits on average, against 1.7", [3.8, 1.7], np.round([costs[begins].mean(), costs[~begins].mean()], 1)
        ),
        equal("the last four characters of xerxes cost a blind guess", [False] * 3 + [True] * 4, blind),
    )


def network(columns_apart, bridge, judged, untrained):
    """Section 4: the look-up, the network set by hand, and networks that are not trained.

    Parameters
    ----------
    columns_apart : float
        Largest difference of the other notation's logits from ours.
    bridge : float
        Bits of the network that was set by hand.
    judged : dict of str to float
        As in `bigram`.
    untrained : dict of float to list of float
        Bits of random networks, by the size of their weights.
    """
    show(
        below("the product with one-hot rows is the look-up", 1e-12, product_against_lookup(58)),
        below("U, W, V, B, C and columns give the same logits", 1e-9, columns_apart),
        below("the network with W_hh = 0 costs what the bigram costs", 1e-9, abs(bridge - judged[HELD_OUT])),
        below(
            "small random weights cost a blind guess, to 0.01 bits",
            0.01, np.abs(np.array(untrained[0.01]) - np.log2(27)),
        ),
        between("large ones cost 20 bits a character", 18, 23, untrained[1.0]),
    )


def writing(most_probable, copied, refused, once, too_long, names, curves, add_one):
    """Section 5: what the models write, and what they think of names they do not know.

    Parameters
    ----------
    most_probable : dict of int to list of str
        By n, three names each.
    copied : dict of int to (int, int, int)
        By n, of 1,000 drawn names: in the training list, in the held-out list, in neither.
    refused : dict of int to float
        By n, the fraction of held-out names that are impossible without smoothing.
    once : (float, float)
        Of the 6-gram's contexts the fraction met once, and of the training characters the fraction that follow one.
    too_long : int
        Of 1,000 names of the smoothed 6-gram, how many are longer than any name in the list.
    names : list of str
    curves, add_one : dict of str to ndarray
        As in `counting`.
    """
    six = curves["names"][5, 1]
    train, held_out = data.split(names)
    ratio = len(train) / len(held_out)
    show(
        equal(
            "the most probable letter writes one name each time",
            [1, 1, 1], [len(set(written)) for written in most_probable.values()],
        ),
        above("n = 6: over 500 of 1,000 names are in the training list", 500, copied[6][0]),
        below("n = 4: under 400", 400, copied[4][0]),
        between("the training list is 9 times as long as the held-out list", 8.99, 9.01, ratio),
        between("n = 4: for one held-out name, about 10 from the training list", 6, 16, copied[4][0] / copied[4][1]),
        above("n = 5: for one held-out name, far more than 10", 16, copied[5][0] / max(1, copied[5][1])),
        above("n = 6: for one held-out name, more than 50", 50, copied[6][0] / max(1, copied[6][1])),
        between("n = 6 calls 4 of 5 unseen names impossible", 0.78, 0.83, refused[6]),
        equal("58 % of the 6-gram's contexts were met once", 58, np.round(100 * once[0])),
        equal("one letter in eight follows such a context: 12 %", 12, np.round(100 * once[1])),
        equal("after it, 55 % of the letters never followed", 55, np.round(100 * 26 * 0.05 / (1 + 27 * 0.05))),
        between("smoothed, it costs 3.39 bits", 3.38, 3.40, six),
        below("which is less than the bigram", add_one["names"][1, 1], six),
        equal("no name in the list is longer than 15 letters", 15, max(map(len, names)) - 1),
        above("smoothed, over 100 of its 1,000 names are", 100, too_long),
    )


def source(bits, floor, own):
    """Section 6: models on a source whose entropy is known.

    Parameters
    ----------
    bits : ndarray (12, 2)
        For n = 1 to 12, on the training text and on fresh text.
    floor : float
        The entropy, in bits a letter.
    own : (float, float)
        What the source's own probabilities cost on the same texts.
    """
    training, fresh = bits.T
    show(
        equal("a later letter's entropy is 0.469 bits", 0.469, np.round((1000 * floor - 2) / 998, 3)),
        below("the source's own probabilities cost the entropy, to 0.04", 0.04, np.abs(np.array(own) - floor)),
        between("n = 1 and n = 2 cost a full bit", 0.98, 1.02, fresh[:2]),
        below("n = 3 costs what the source itself costs, to 0.005", 0.005, abs(fresh[2] - own[1])),
        above("n = 12 costs over 0.02 bits more on fresh text", 0.02, fresh[11] - own[1]),
        above("and over 0.01 bits less on the text it was fitted to", 0.01, own[0] - training[11]),
    )
