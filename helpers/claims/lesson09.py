"""The statements of lesson 09, attention and translation."""

import numpy as np

from helpers import data
from helpers.claims import above, below, between, equal, seen, show
from helpers.laboratory import lesson09 as lab


def number(english, german, alignment):
    """Section 1: the number that is shown, and how many there are."""
    lone = [piece for piece, sources in zip(german, alignment) if not sources]
    show(
        equal("every piece but und comes from one word", ["und"], sorted(set(lone))),
        equal("each English word is used once", list(range(len(english))), sorted(i for sources in alignment for i in sources)),
        equal("100 and 1,000 have two readings, 97 one", [2, 2, 1], [len(lab.readings(n)) for n in (100, 1000, 97)]),
    )


def rates(found):
    """Section 2: the rates of the four answers."""
    show(
        equal("half of the answers are wrong", 0.5, found[1]),
        equal("the symbol error rate is 5 of 14, or 0.36", [round(5 / 14, 6), 0.36], [round(found[0], 6), round(found[0], 2)]),
    )


def bottleneck(plain, exact, recorded):
    """Section 3: exact match through one vector.

    Parameters
    ----------
    plain : dict of str to ndarray
        The weights.
    exact : dict of str to dict of int to float
        By network and length; the first network has no attention.
    recorded : dict of str to list of list of float
        By network and seed, from two words to nine.
    """
    found, at = next(iter(exact.values())), lab.TRAINED - 2
    means = {name: np.mean(seeds, axis=0) for name, seeds in recorded.items()}
    gru, small, wide, longer = (means[name] for name in ("GRU, 64 units", "32 units", "128 units", "64 units, four times as long"))
    rises = [np.diff(values[1:]).max() for values in means.values()]
    training, held_out = lab.numbers_by_length()
    trained_on = {n for numbers in training.values() for n in numbers}
    show(
        equal("no held-out number is trained on", 0, sum(n in trained_on for numbers in held_out.values() for n in numbers)),
        equal("nor any number of more than seven words", [], [length for length in training if length > lab.TRAINED]),
        above("of two and three words most are right", 0.5, [found[2], found[3]]),
        below("of seven, fewer than three in ten", 0.3, found[7]),
        below("recorded, at seven words: with 64 units one number in ten, with 32 fewer", 0.15, [means["64 units"][at], small[at]]),
        between("with twice the units, or four times the training, about four in ten", 0.33, 0.45, [wide[at], longer[at]]),
        above("a GRU gets more than eight in ten of them right", 0.8, gru[at]),
        below("from three words on, no mean rises by more than 0.02 from one length to the next", 0.02, rises),
        above("the better three lose more than 0.3 from seven words to nine", 0.3, [values[at] - values[-1] for values in (gru, wide, longer)]),
        equal("the state has 64 numbers of 32 bits", [64, 4], [len(plain["encoder b_h"]), plain["encoder b_h"].itemsize]),
    )


def exposure(places, free):
    """Section 3: accuracy by place, and the rates when it runs free."""
    forced, alone = places["teacher forcing"], places["free running"]
    show(
        equal("at the first place the two are the same", 0.0, round(abs(float(forced[0] - alone[0])), 6)),
        above("further on they are more than 0.15 apart", 0.15, float((forced - alone).max())),
        above("on its own most sequences are wrong", 0.7, free[1]),
        below("but most of the symbols are right", 0.5, free[0]),
    )


def forward(apart):
    """Section 4: equal to Keras."""
    show(below("contexts and weights agree with Keras to 1e-5, for both kinds of score", 1e-5, list(apart.values())))


def attending(weights, plain, exact):
    """Section 4: the translator with attention beside the one without."""
    before, after = exact.values()
    show(
        below("together, less than half of the parameters", 0.5, lab.parameters(weights) / lab.parameters(plain)),
        above("from two words to seven, more than 85 in a hundred right", 0.85, [after[length] for length in range(2, lab.TRAINED + 1)]),
        above("at seven words, half of all numbers or more are gained", 0.5, after[7] - before[7]),
        equal("25,672 is translated", lab.readings(25_672)[0], "fünf und zwanzig tausend sechs hundert zwei und siebzig".split()),
    )


def agreements(found, recorded):
    """Section 5: the agreement with the alignment, of this network and over seeds."""
    show(
        above("more than twice as much as uniform", 2 * found["uniform"], found["learned"]),
        above("more than diagonal", found["diagonal"], found["learned"]),
        above("recorded: every seed gets more than nine in ten numbers of seven words right", 0.9, recorded["exact match at 7 words"]),
        equal("two agreements are 0.9, three 0.8", [0.8, 0.8, 0.8, 0.9, 0.9], sorted(round(value, 1) for value in recorded["agreement"])),
        above("each is above diagonal on this machine", found["diagonal"], min(recorded["agreement"])),
    )


def too_long(numbers, answers, kinds, exact, recorded):
    """Section 6: numbers of nine words; `recorded` as `looking_back` of the laboratory returns it."""
    training, _ = lab.numbers_by_length()
    most = max(len(lab.number(n)[1]) for found in training.values() for n in found)
    short = len(kinds["stops too soon"]) + len(kinds["too short otherwise"])
    wrong, last = sum(map(len, kinds.values())), [seeds[-1] for seeds in recorded["by length"]]
    looking = list(exact.values())[1]
    show(
        equal("no answer in the training has more than nine pieces", 9, most),
        equal("a number of nine words needs up to eleven", 11, max(len(lab.number(n)[1]) for n in numbers)),
        above("it does worse at nine words than at seven", looking[9], looking[7]),
        above("more than half of the wrong answers are too short", 0.5, short / wrong),
        above("recorded: at seven words, every seed gets more than nine in ten right", 0.9, recorded["exact match at 7 words"]),
        above("at nine, the best and the worst are more than 0.5 apart", 0.5, max(last) - min(last)),
        seen("the longest answer it gave, in pieces", max(map(len, answers))),
    )


def spelling(spoken, recorded, weights):
    """Section 7: phoneme and word error rates, `recorded` by model; `weights` of the word that is looked at."""
    attention, *others = recorded.values()
    training, held_out = data.load_pronunciations()
    show(
        below("the words shown and all held-out words differ by less than 0.04", 0.04, [abs(a - b) for a, b in zip(spoken, attention)]),
        above("attention gets more words right than each counting model", attention[1], [words for _, words in others]),
        below("with three letters on each side, counting gets more sounds right than attention", attention[0], others[-1][0]),
        equal("knights has seven letters and four sounds", [7, 4], [len(lab.SPELLED), len(held_out[lab.SPELLED][0])]),
        equal("the sounds look at n, i, t and s", list("nits"), [lab.SPELLED[i] for i in weights[:-1].argmax(axis=1)]),
        equal("no held-out word is trained on", 0, len(training.keys() & held_out.keys())),
        above("over 100,000 words", 100_000, len(training) + len(held_out)),
    )


def beam(names):
    """Section 7: the likeliest names."""
    complete, known = names[100, 0.0], data.load_names()
    scores = [log_p / (len(name) + 1) for (_, alpha), (name, log_p) in names.items() if alpha == 1.0]
    show(
        equal("without a correction it is a, at every width", ["a"], sorted({name for (_, alpha), (name, _) in names.items() if alpha == 0})),
        between("a name has six letters on average", 5.5, 6.5, np.mean([len(name) for name in known])),
        equal("with the mean per symbol the widest beam finds jan", "jan", names[100, 1.0][0]),
        equal("which is a real name, and a is not", [True, False], ["jan" in known, "a" in known]),
        equal("and a wider beam is never worse", sorted(scores), scores),
        above("with alpha 1.5 it fills most of the 15 symbols", 12, len(names[100, 1.5][0])),
        below("one name has less than a twentieth of the probability", 0.05, np.exp(complete[1])),
    )


def self_attention(words, weights, context, again, order):
    """Section 8: the same function, called with the sequence itself."""
    pairs = [[j for j, other in enumerate(words) if other == word] for word in ("seven", "hundred")]
    show(
        below("equal words share: their two weights are the same", 1e-6, [abs(weights[i, i] - weights[i, j]) for i, j in pairs]),
        below("and their rows are equal", 1e-6, [np.abs(weights[i] - weights[j]).max() for i, j in pairs]),
        equal("each word looks most at itself, or at one that is the same", words, [words[j] for j in weights.argmax(axis=1)]),
        below("shuffled words have shuffled contexts", 1e-4, np.abs(context[order] - again).max()),
    )
