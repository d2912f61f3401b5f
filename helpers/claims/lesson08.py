"""The statements of lesson 08, both directions and depth."""

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory import lesson08 as lab


def delay(recorded):
    """Section 1: the curve over the delay, as `lab.boundary_record` returns it."""
    means = {number: np.mean(values) for number, values in recorded["delay"].items()}
    both, best = np.mean(recorded["both"]), max(means.values())
    show(
        above("one letter of delay wins back more than half of the gain", 0.5, (means[1] - means[0]) / (both - means[0])),
        between("the best delay is two to four letters", 2, 4, max(means, key=means.get)),
        below("there, one direction is as good as both, to 0.01", 0.01, abs(best - both)),
        above("at a delay of eight it is worse again, by more than 0.02", 0.02, best - means[8]),
    )


def rivals(apart, f1, found, recorded):
    """Section 2.

    Parameters
    ----------
    apart : dict of str to float
        From Keras, by merge mode.
    f1 : dict of str to float
    found : dict of str to dict
        Fractions of "known" and "new" words found whole.
    recorded : dict
        As `lab.boundary_record` returns it.
    """
    counts, both, late = (found[name]["new"] for name in ("counts of words", "both directions", "one direction, 3 late"))
    longer = [np.mean(values) for values in recorded["longer"].values()]
    known = np.mean([word in lab.word_costs()[0] for words in lab.texts()[1] for word in words])
    show(
        below("yours is Keras' layer to 1e-5, in all five modes", 1e-5, list(apart.values())),
        above("counting wins by more than 0.03", 0.03, f1["counts of words"] - f1["both directions"]),
        below("the fables' training part has fewer than 2,000 different words", 2000, len(lab.word_costs()[0])),
        equal("96 of 100 held-out words occur in it", 96, round(100 * known)),
        between("of new words the counts find about a third", 0.28, 0.4, counts),
        between("the networks that see what follows find about half", 0.42, 0.65, [both, late]),
        above("after 2,000 updates the networks are nearer", np.mean(recorded["both"]), longer[-1]),
        below("but still behind the counts", f1["counts of words"], longer),
    )


def cheating(losses, ahead):
    """Section 3: held-out losses of the two language models, and how far each output of three models looks ahead."""
    one, both, window = ahead.values()
    steps = len(both)
    show(
        above("one direction needs more than two nats a letter", 2, losses["one_direction"]),
        below("both directions need less than 0.3", 0.3, losses["both_directions"]),
        equal("one direction never looks ahead", steps * [0], one),
        equal("both look to the end from everywhere", [steps - 1 - t for t in range(steps)], both),
        equal("the convolution looks two ahead", 2, max(window)),
    )


def names(accuracy, different, yours, whole):
    """Section 4.

    Parameters
    ----------
    accuracy : dict of str to list of float
        Over the seeds, by what is read at the end.
    different : dict of str to int
    yours, whole : ndarray
        The learner's summaries, and what Keras' layer returns.
    """
    train, held_out = lab.names()
    floor = lab.right(train[1].mean() > 0.5, held_out[1])
    forward, summary, left, right = (np.mean(values) for values in accuracy.values())
    endings = len({name[-1] for name in held_out[0]})
    show(
        below("your summary is what Keras' layer returns", 1e-5, float(np.abs(yours - whole).max())),
        below("padded on the right, [:, -1] is guessing, to 0.02", 0.02, right - floor),
        between("padded on the left, it costs about one point", 0.005, 0.02, summary - left),
        below("it is no better than the forward network then", forward, left),
        equal("of backward halves there are as many as last letters", endings, different["backward halves at the last letter"]),
        between("done right, the second direction buys less than one point", 0, 0.01, summary - forward),
        above("but something in each seed", 0, np.subtract(accuracy["both, summary"], accuracy["forward only"])),
        between("the last letter alone is right in more than three names of four", 0.75, 0.8, lab.last_letter(train, held_out)),
        above("all networks stay more than 0.1 below the ceiling", 0.1, lab.ceiling(held_out[1]) - max(forward, summary, left, right)),
    )


def opinions(scores):
    """Section 5: accuracies by judge and kind."""
    linear, bag, network = scores.values()
    show(
        equal("there are 34,704 sentences", 34704, len(lab.opinions()[0])),
        equal("for any function of the counts, halves that disagree are a coin toss", 0.5, round(bag["halves disagree"], 9)),
        equal("so is one half negated", 0.5, round(bag["one half negated"], 9)),
        equal("a linear one is wrong on every negated clause", 0.0, linear["one clause, negated"]),
        below("over all, it stays below the other ceiling", bag["all"], linear["all"]),
        above("the network reads all kinds", 0.95, [value for kind, value in network.items()]),
    )


def depth(ablation, maps, count):
    """Section 6: the recorded ablation, gradient maps of six layers, and the learner's count of a stack."""
    held_out, training = ablation["held_out"], ablation["training"]
    means = {name: np.mean(values) for name, values in held_out.items()}
    gain = means["three layers"] - means["one layer"]
    extras = [means[name] for name in means if name.startswith("three, ")]
    undropped = [np.mean(training[name]) for name in training if "dropout" not in name]
    shorter = np.mean(lab.boundary_record()["delay"][lab.DELAY])
    plain, residual = maps.values()
    top = [part[-1, -1] / part[-1, 0] for part in (plain, residual)]
    lowest = [part[0, 0] / part[-1, 0] for part in (plain, residual)]
    show(
        between("all networks have about 5,950 weights", 5700, 6200, list(ablation["weights"].values())),
        equal("by your count, too, the wide layer has 5,888 and its output 65", 5953 - 65, count([64])),
        between("three layers are half a point of F1 ahead of one", 0.003, 0.007, gain),
        above("the seeds overlap", min(held_out["three layers"]), max(held_out["one layer"])),
        below("with residual connections and normalisation the gain is gone", means["one layer"] + 0.002, extras),
        above("400 more updates gave the single layer more", gain, means["one layer"] - shorter),
        between("without dropout, training pieces are at about 0.98", 0.97, 0.99, undropped),
        below("dropout of the outputs lowers that", np.mean(training["one layer"]), np.mean(training["one, dropout"])),
        below("and does not help on held-out text", means["one layer"], means["one, dropout"]),
        between("recurrent dropout costs nearly three points", 0.02, 0.03, means["one layer"] - means["one, recurrent dropout"]),
        above("back in time, the gradient shrinks more than a thousand times", 1000, top[0]),
        between("down the layers, about five times", 3, 7, plain[-1, -1] / plain[0, -1]),
        above("far back, the lowest layer gets more than the top one", 1, lowest),
        above("residual connections make the top layer's past fade faster", *top),
    )
