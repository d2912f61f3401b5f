"""The statements of lesson 03, backpropagation through time."""

import numpy as np

from helpers.claims import above, below, between, equal, seen, show
from helpers.laboratory import lesson03 as lab


def three_steps(run, x, h_0, w):
    """Section 1: the numbers of the example; `run(x, h_0, *own_w)` returns the states."""
    h, step = run(x, h_0, w, w, w), 1e-6
    slopes = [1 - h_k**2 for h_k in h]
    carried = [slopes[3] * w * slopes[2] * w, slopes[3] * w, 1.0]
    explicit = [slopes[k] * h[k - 1] for k in (1, 2, 3)]
    states_up, states_down = (run(x, h_0, *3 * [w + shift]) for shift in (step, -step))
    whole = [(up - down) / (2 * step) for up, down in zip(states_up[1:], states_down[1:])]
    show(
        equal("the three terms", [0.0554, 0.2079, 0.1163], np.round(np.multiply(carried, explicit), 4)),
        equal("their sum, which is the derivative", 0.3796, round(float(np.dot(carried, explicit)), 4)),
        equal("the derivative, by changing w", 0.3796, round(float(whole[2]), 4)),
        equal("the sum with the whole derivative of each state", 0.6983, round(float(np.dot(carried, whole)), 4)),
    )


def step_sizes(exponents, medians):
    """Section 2: which step is best; `medians` of the errors by witness, for steps of ten to the minus `exponents`."""
    central = dict(zip(exponents, medians["central differences"]))
    show(
        below("a step of 1e-5 beats 1e-2, 1e-8 and 1e-12", min(central[2], central[8], central[12]), central[5]),
        equal("the best step is 1e-5 or 1e-6", True, min(central, key=central.get) in (5, 6)),
        above("1e-12 is worse than 1e-3", central[3], central[12]),
        below("from 1e-9 down, the error of the complex step", 1e-14, medians["complex step"][8:]),
    )


def random_sizes(errors):
    """Section 4: what right code reaches; `errors` by witness, as the laboratory measures them."""
    missed = {name: float(np.mean(row > 1e-8)) for name, row in errors.items()}
    show(
        above("with steps of 1e-4, the fraction of cases that miss 1e-8", 0.1, missed["steps of 10⁻⁴"]),
        below("with steps of 1e-5, the worst error", 1e-6, errors["steps of 10⁻⁵"]),
        below("with the complex step, the worst error", 1e-12, errors["complex step"]),
    )


def one_product(ratios, errors):
    """Section 4: one large product; `ratios` and `errors` by batch."""
    show(
        below("both ways give the same gradient", 1e-5, list(errors.values())),
        seen("one product, times as fast, for a batch of one", ratios[1]),
        seen("for a batch of 32", ratios[32]),
    )


def whole(loss, expected, errors):
    """Section 6: the loss and all five gradients agree with the complex step."""
    show(
        below("the loss agrees", 1e-12, abs(loss - expected)),
        below("each of the five gradients agrees", 1e-12, list(errors.values())),
    )


def first_updates(losses):
    """Section 7: twenty updates; `losses` in nats."""
    bits = np.array(losses) / np.log(2)
    show(
        between("the first loss is that of a blind guess, log2(27) = 4.75", 4.7, 4.8, bits[0]),
        below("the last of the twenty losses is below 4.2 bits", 4.2, bits[-1]),
    )


def names(bits, known, new):
    """Section 7: the network against counting, on held-out names, and what it writes."""
    ngrams, record = lab.name_ngrams(), lab.truncation_record()["all the way back, 1500 updates"]
    show(
        below("the network beats the bigram by half a bit", ngrams[2] - 0.5, bits),
        below("it beats the 4-gram, the best of the counting models", min(ngrams.values()), bits),
        below("so it does from each of five starts", min(ngrams.values()), record),
        between("of the names it writes, the fraction that it was trained on", 0.03, 0.4, known),
        between("the fraction that is held out", 0.005, 0.1, new),
    )


def blame(letters, terms, expected, end):
    """Section 7: the uses of one weight, and how sure the network is that the name is over."""
    terms = np.asarray(terms)
    size = np.abs(terms)
    show(
        below("the uses add up to the gradient", 1e-9, abs(terms.sum() - expected) / np.abs(terms).sum()),
        equal("the largest use is the first l", letters.index("l"), int(size.argmax())),
        between("it bears about three quarters of the blame, counted without signs", 0.6, 0.9, size.max() / size.sum()),
        between("the network thinks it likely, not certain, that isabella is over", 0.5, 0.995, end),
        equal("they have both signs", [True, True], [bool((terms > 0).any()), bool((terms < 0).any())]),
        equal("the first use adds nothing, as h_0 is zero", 0.0, float(terms[0])),
    )


def fables(bits):
    """Section 8: the network against counting, on held-out fables."""
    ngrams = lab.fable_ngrams()
    show(
        below("the network beats the 3-gram", ngrams[3], bits),
        above("the 4-gram beats the network", ngrams[4], bits),
    )


def truncation(trained, untrained):
    """Section 8: how far the truncated gradient is off; error and cosine by segment length, for two networks."""
    off, cosine = ({k: pair[i] for k, pair in trained.items()} for i in (0, 1))
    before = {k: pair[0] for k, pair in untrained.items()}
    show(
        above("segments of 2 and 8 are off by more than 30 %", 0.3, [off[2], off[8]]),
        below("segments of 32 by less", 0.3, off[32]),
        above("a single cut, at step 64, still changes it", 0.01, off[64]),
        between("the cosine at 8 is between 0.8 and 0.95", 0.8, 0.95, cosine[8]),
        above("at 8, the part of the error across the full gradient, relative to all of it", 0.8, np.sqrt(1 - cosine[8] ** 2) / off[8]),
        above("from 4 to 64, the trained network loses more than the untrained one, by", 0.02, [off[k] - before[k] for k in (4, 8, 16, 32, 64)]),
    )


def one_step(bits):
    """Section 8: trained with truncation 1."""
    record = {row: np.array(values) for row, values in lab.truncation_record().items()}
    full, cut = record["all the way back"], record["truncation 1"]
    frozen, output = record["truncation 1, W_hh frozen"], record["output layer only"]
    show(
        below("with truncation 1 it still beats the bigram by 0.2 bits", lab.name_ngrams()[2] - 0.2, bits),
        below("over seeds, truncation 1 costs less than 0.06 bits", 0.06, cut - full),
        above("letting W_hh learn gains at least 0.08 bits", 0.08, frozen - cut),
        above("letting W_xh learn gains at least 0.05 bits", 0.05, output - frozen),
        below("the output layer alone beats the bigram by 0.1 bits", lab.name_ngrams()[2] - 0.1, output),
    )


def echo(accuracy):
    """Section 8: the echo of four steps ago; accuracy by setting, in the order of the figure."""
    cut_4, cut_5, large_inputs, frozen = accuracy.values()
    show(
        below("from small weights, segments of 4 stay below", 0.75, cut_4),
        above("segments of 5 learn it", 0.95, cut_5),
        above("with W_xh ten times as large, segments of 4 learn it too", 0.95, large_inputs),
        above("from the usual start, with the output layer alone trained, it works", 0.9, frozen),
    )


def memory(errors, kept, megabytes, error):
    """Section 9: the tape as a witness, what it keeps, and checkpoints."""
    growth = {name: row[-1] / row[-2] for name, row in megabytes.items()}
    show(
        below("the tape's five gradients are yours", 1e-10, list(errors.values())),
        above("the tape keeps over four times what the states take", 4 * kept["h_t"], sum(kept.values())),
        equal("of a_t it keeps nothing", 0.0, kept["a_t, with b_h"]),
        below("checkpoints give the same gradient", 1e-4, error),
        between("from 1,024 to 4,096 steps, all states kept: memory grows about 4 times", 3.5, 4.3, growth["all states kept"]),
        between("with checkpoints about 2 times", 1.5, 2.5, growth["checkpoints"]),
    )
