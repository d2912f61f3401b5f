"""The statements of lesson 05, the recurrent network of Keras."""

import numpy as np

from helpers.claims import above, below, between, equal, seen, show
from helpers.laboratory import lesson05 as lab


def same_network(errors):
    """Section 1: outputs and gradients of the two networks; `errors` are relative, by name."""
    show(below("outputs and all five gradients agree to 1e-5", 1e-5, list(errors.values())))


def padding(results, moved, fading, traces):
    """Section 2: what padding does to a state.

    Parameters
    ----------
    results : dict of (bool, bool) to list of array
        What a layer returns, by return_sequences and return_state.
    moved : dict of (str, bool, bool) to float
        By side, mask and bias.
    fading : ndarray (4,)
        How far left padding has moved the state after each real step, with a bias and no mask.
    traces : dict of str to ndarray (8, units)
        States of a sequence of 4 real steps, by "mask" and "no mask".
    """
    held = np.abs(traces["mask"][4:] - traces["mask"][3]).max()
    show(
        equal("return_state alone: the same array twice, so they differ by", 0.0, _apart(*results[False, True])),
        equal("with both, the last of the sequence is the state: they differ by", 0.0, _apart(results[True, True][0][:, -1], results[True, True][1])),
        above("on the right and without a mask, the state is another one", 0.01, [moved["right", False, bias] for bias in (False, True)]),
        below("on the left, without a mask and with a bias of 0, it is the same", 1e-6, moved["left", False, False]),
        above("on the left, without a mask and with a bias, it is not", 0.01, moved["left", False, True]),
        above("on the right it moves more than ten times as far as on the left", 10, moved["right", False, True] / moved["left", False, True]),
        below("from the first real step to the fourth, more than half of that is washed out", 0.5, fading[-1] / fading[0]),
        below("with a mask it is the same, always", 1e-6, [distance for (_, masked, _), distance in moved.items() if masked]),
        equal("with a mask each padded step repeats the last real state", 0.0, float(held)),
        below("on the right, the real states are the same without a mask", 1e-6, np.abs(traces["mask"][:4] - traces["no mask"][:4])),
    )


def _apart(one, other):
    return float(np.abs(np.subtract(one, other)).max())


def names(untrained, losses, one_batch, every_batch, known, left, bias):
    """Section 2: the loss on held-out names.

    Parameters
    ----------
    untrained : float
        The loss before training.
    losses : dict of str to float
        "real characters", "all positions" and "the padding alone", in nats.
    one_batch, every_batch : (float, float)
        By the learner, and by Keras' evaluate.
    known, left : float
        Nats for each real character of 500 names, as trained, and padded on the left without a mask.
    bias : float
        Standard deviation of the recurrent layer's bias.
    """
    real, everything, at_padding = losses.values()
    show(
        between("untrained, the loss is within 0.1 of a blind guess", -0.1, 0.1, untrained - np.log(lab.NAME_SYMBOLS)),
        between("on real characters, between 2.1 and 2.3 nats, below the bigram", 2.1, 2.3, real),
        above("with the padding counted it is off by more than a nat", 1, everything - real),
        between("at the padding, it is about 10 nats", 9, 12, at_padding),
        between("that is about three times a blind guess", 2.6, 3.6, at_padding / np.log(lab.NAME_SYMBOLS)),
        above("padded on the left and without a mask, over half a nat more", 0.5, left - known),
        between("the trained bias is of the size of the padding demo's, 0.05", 0.03, 0.12, bias),
        below("on one batch Keras' loss is yours to 1e-4", 1e-4, abs(np.subtract(*one_batch))),
        below("over many batches it is off by less than 0.01", 0.01, abs(np.subtract(*every_batch))),
    )


def window(best, lowest, losses, right, greedy, drawn):
    """Section 3: the model of 51 characters.

    Parameters
    ----------
    best, lowest : float
        The ceiling.
    losses : list of float
        After each epoch.
    right : int
        Of 48 windows.
    greedy : str
    drawn : list of str
    """
    met, period = lab.loop_of(greedy)
    looping = greedy[9 + met - 3 - period :] if met is not None else ""
    distinct = [len({text[i : i + 3] for i in range(len(text) - 2)}) for text in (greedy, *drawn)]
    show(
        equal("the ceiling is 46 of 48, or 0.9583", [46, 0.9583], [round(48 * best), round(best, 4)]),
        between("the lowest possible loss is 0.058 nats", 0.0575, 0.0585, lowest),
        between("the loss begins near ln(17) = 2.83", 2.6, 3.0, losses[0]),
        between("after 100 epochs it is close to the reported 0.4469: within 0.15", 0.4469 - 0.15, 0.4469 + 0.15, losses[-1]),
        above("that is several times the lowest possible loss", 3, losses[-1] / lowest),
        between("then 42 to 46 of 48 are right", 42, 46, right),
        equal("greedy: once a window comes again, the text repeats itself to the end", "to the end", _repeats(looping, period)),
        below("and that begins within 50 characters", 50, met if met is not None else np.inf),
        above("each drawn text holds more different windows than the greedy one", distinct[0], distinct[1:]),
    )


def _repeats(looping, period):
    """How far a text that begins with a window's second coming repeats itself, in words."""
    if period is None:
        return "no window comes again"
    return "to the end" if looping[period:] == looping[:-period] else "not to the end"


def alphabet(exact, found, strange, seeds):
    """Section 3: which rule the many-to-many model of the alphabet follows.

    Parameters
    ----------
    exact : dict of str to float
        Training accuracy of both models.
    found : dict of str to (list of str, dict of str to float)
        By the name of some strings what `which_rule` says of the many-to-many model: those read in training first, then
        random ones of 2, 3, 4 and 5 letters.
    strange : str
        What that model says at each letter of "wxyz".
    seeds : list of dict
        As `lab.alphabet_record` returns them.
    """
    (seen_apart, seen_shares), *random = found.values()
    counted = [shares["count"] for _, shares in random]
    recorded = np.array([[by["count"] for by in seed["by_length"].values()] for seed in seeds])
    following = np.array([[by["next"] for by in seed["by_length"].values()] for seed in seeds])
    said = [seed["aceg"] for seed in seeds]
    show(
        equal("both models reach a training accuracy of 1", [1.0, 1.0], list(exact.values())),
        equal("no string read in training tells the two rules apart", [0, None], [len(seen_apart), seen_shares]),
        above("random strings of two letters: nearly all answers count on from the first letter", 0.95, counted[0]),
        above("of two, three and four letters: most do", 0.5, counted[:3]),
        below("the letter after the one just read: at most one answer in five", 0.2, [shares["next"] for _, shares in random]),
        equal("after aceg, of eight recorded seeds four say e, three f and one h", [4, 3, 1], [said.count(letter) for letter in "efh"]),
        above("with each of them, count describes more answers than next at every length", 0, recorded - following),
        below("and with each of them its share falls from length to length", 0, np.diff(recorded, axis=1)),
        above("in this run, more and more answers follow neither rule", 0, np.diff([shares["neither"] for _, shares in random])),
        equal("count, over the recorded seeds: 84 to 100 % after two letters, 50 to 78 % after four", [84, 100, 50, 78], _percent(recorded[:, [0, 2]])),
        equal("ghi, by the recorded seeds: how many answer with the j that both rules ask for", 0, sum(seed["ghi"] == "j" for seed in seeds)),
        equal("wxyz: letters in the answer that are not b to j", "none", "".join(sorted(set(strange) - set(lab.TRAINED[1:]))) or "none"),
    )


def _percent(shares):
    """The least and the largest of each column, in whole per cent."""
    return np.rint(100 * np.stack([shares.min(axis=0), shares.max(axis=0)], axis=1)).astype(int).ravel().tolist()


def pairs(apart, shares, opening, seeds):
    """Section 3: the many-to-one model, by `which_rule` on pairs after which both rules predict a letter from c to j.

    Parameters
    ----------
    apart, shares : list of str, dict of str to float
    opening : str
        The answer to "ae".
    seeds : list of dict
        As `lab.alphabet_record` returns them.
    """
    recorded = [seed["pairs_by_count"] for seed in seeds]
    show(
        equal("of the 64 pairs of a to h and b to i, 56 tell the rules apart", 56, len(apart)),
        above("at least five in six of these get the first letter + 2", 5 / 6, shares["count"]),
        equal("ae is answered with c", "c", opening),
        above("with each of the recorded seeds, more than nine in ten", 0.9, recorded),
        equal("seeds with which not all of them do", 2, sum(share < 1 for share in recorded)),
        equal("trained without def: seeds with which de is answered with f", 0, sum(seed["de_without_def"] == "f" for seed in seeds)),
    )


def noise(as_posted, by_heart):
    """Section 3: what can be learned from noise; both `helpers.laboratory.lesson05.Judge`."""
    constant = float(np.mean((as_posted.y - 0.5) ** 2))
    show(
        below("1,000 sequences: the training loss falls to under 2/3 of its first value", 2 / 3, as_posted.training[-1] / as_posted.training[0]),
        below("the standard deviation of the predictions falls to under half", 0.5, as_posted.after.std() / as_posted.before.std()),
        below("from the third epoch on, their mean stays within 0.25 of 1/2", 0.25, np.abs(np.array(as_posted.means[3:]) - 0.5)),
        below("64 sequences: the training loss is below half of 1/12", 1 / 24, by_heart.training[-1]),
        above("held out, never below the grey band", 1 / 12 - lab.BAND, [*as_posted.held_out, *by_heart.held_out]),
        above("held out, in the end: worse than always saying 1/2", constant, [as_posted.held_out[-1], by_heart.held_out[-1]]),
    )


def stateful(whole, again, pieces):
    """Section 4: logits of one name, read twice, and read in two pieces after a reset."""
    show(
        above("the same call twice: the logits differ by more than 0.01", 0.01, np.abs(whole - again).max()),
        below("after a reset, read in two pieces, they are those of the whole", 1e-5, np.abs(whole - pieces).max()),
    )


def leak(clean, leaking, once_more, texts):
    """Section 4: scores of names with and without a reset.

    Parameters
    ----------
    clean, leaking : sequence of float
        For each name.
    once_more : sequence of float
        The first scores, asked again with an old state in the model.
    texts : list of ndarray of int
        The names.
    """
    apart = np.abs(np.subtract(clean, leaking))
    show(
        below("an old state does not change your scores", 1e-4, np.abs(np.subtract(once_more, clean[: len(once_more)]))),
        below("the first name is the same with the leak", 1e-4, apart[0]),
        above("at least 9 of 10 of the others change by more than 0.01", 0.9, np.mean(apart[1:] > 0.01)),
        below("reset before each name: better than the bigram", lab.BIGRAM, lab.per_character(clean, texts)),
        above("reset once: worse than the bigram", lab.BIGRAM, lab.per_character(leaking, texts)),
    )


def ladder(seconds, texts, short_sighted, joined):
    """Section 5: six ways to write the same text.

    Parameters
    ----------
    seconds : dict of str to float
    texts : dict of str to list of int
    short_sighted : list of int
        What is written from the last three characters only.
    joined : list of int
        What is written in two calls.
    """
    slowest, *others = seconds.values()
    first, *more = texts.values()
    show(
        equal("all six write the same", [first] * len(more), more),
        equal("a text stopped halfway and continued is the same too", first, joined),
        equal("from the last three characters only, it is another", "another", "the same" if short_sighted == first else "another"),
        equal("steps: 145 with the whole text, 19 with a carried state", [145, 19], [sum(range(lab.READ, lab.READ + lab.WRITE)), lab.READ + lab.WRITE - 1]),
        *(seen(f"{name}: times as fast", slowest / spent) for name, spent in zip(list(seconds)[1:], others)),
    )
