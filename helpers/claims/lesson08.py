"""The statements of lesson 08, both directions and depth."""

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory import lesson08 as lab


def delay(recorded):
    """Section 1: the curve over the delay, as `lab.boundary_record` returns it."""
    late, both, longer = recorded["delay"], recorded["both"], recorded["longer"]
    means, windows = ({number: np.mean(values) for number, values in recorded[kind].items()} for kind in ("delay", "window"))
    windows_alike, much_longer = ({n: np.mean(values) for n, values in recorded[kind].items()} for kind in ("windows_alike", "windows_longer"))
    low, high = min(both), max(both)
    sides = [sum(where(f1) for f1 in late[3]) for where in (lambda f1: f1 > high, lambda f1: f1 < low, lambda f1: low <= f1 <= high)]
    show(
        above("one letter of delay buys more than half of the gain", 0.5, (means[1] - means[0]) / (np.mean(both) - means[0])),
        equal("the best delay is three letters", 3, max(means, key=means.get)),
        equal("of its seeds, one lies above those of both directions, one below, one between", [1, 1, 1], sides),
        below("the means differ by less than 0.002", 0.002, abs(np.mean(both) - means[3])),
        below("at a delay of two, each seed is behind each of both directions", min(both), late[2]),
        between("after 2,000 updates both directions are ahead by 0.004", 0.0035, 0.0045, np.mean(longer["both"]) - np.mean(longer[3])),
        above("at a delay of eight it is worse again, by more than 0.02", 0.02, means[3] - means[8]),
        equal("the best window has two letters on either side", 2, max(windows, key=windows.get)),
        between("and is three points behind the best delay", 0.03, 0.04, means[3] - windows[2]),
        between("after 2,000 updates it is one point behind", 0.005, 0.015, np.mean(longer[3]) - max(much_longer.values())),
        below("a window of six is worse, at equal weights", windows[2] - 0.06, windows[6]),
        between("and with as many units as that of two, about half as much worse", 0.3, 0.7, (windows_alike[2] - windows_alike[6]) / (windows[2] - windows[6])),
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
        equal("96 in 100 held-out words occur in it", 96, round(100 * known)),
        equal("108 held-out words are new", 108, lab.new_words()[0]),
        between("of new words the counts find about a third", 0.28, 0.4, counts),
        between("the networks that see what follows find about half", 0.42, 0.65, [both, late]),
        above("after 2,000 updates the networks are nearer", np.mean(recorded["both"]), longer[-1]),
        below("but still behind the counts", f1["counts of words"], longer),
    )


def commas(f1, right):
    """Section 2: F1 of the commas by the delay in digits, and of "both" directions; and `lab.whole_numbers`."""
    learned_from, _, _ = lab.numbers()
    share = learned_from[1].sum() / learned_from[2].sum()
    held_out, longer = ({name: values[i] for name, values in right.items()} for i in (0, 1))
    rule, *late, both, from_the_end = held_out.values()
    show(
        below("one or two digits of delay bring nearly nothing: F1 below 0.1", 0.1, [f1[d] for d in range(3)]),
        above("with three, six and nine F1 rises by more than 0.08", 0.08, [f1[d] - f1[d - 1] for d in (3, 6, 9)]),
        below("in between, by less than 0.05", 0.05, [f1[d + 1] - f1[d] for d in (3, 4, 6, 7)]),
        equal("with nine digits of delay, one direction is as good as both", 9, lab.delay_needed(f1)),
        between("the rule that counts from the front is right for about a third of the numbers", 0.28, 0.4, rule),
        below("at once, the network is right for none", 0.01, late[0]),
        below("a comma stands before fewer than a third of the digits", 1 / 3, share),
        above("both directions get nearly every number right, and so do nine digits of delay", 0.99, [both, late[-1]]),
        above("and so does the reader from the end alone", 0.99, from_the_end),
        above("of the numbers of 13 to 24 digits, both directions get nearly all right", 0.95, longer["both directions"]),
        below("and nine digits of delay hardly any", 0.02, longer["one direction, 9 late"]),
    )


def cheating(losses, ahead):
    """Section 3: held-out losses of the two language models at each step, and how far each output of three models looks ahead."""
    one, both, window = ahead.values()
    steps, blind = len(both), losses["both_directions"]
    show(
        above("one direction needs more than two nats a letter", 2, losses["one_direction"].mean()),
        below("both directions need less than 0.3", 0.3, blind.mean()),
        between("at the last letter, they need more than two as well", 2, 3, blind[-1]),
        above("which is more than 0.8 of all that they need", 0.8, blind[-1] / blind.sum()),
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


def opinions(scores, asked):
    """Section 5: accuracies by judge and kind, and how many sentences of each kind the network was asked about."""
    linear, bag, network = scores.values()
    kinds, (drawn, _) = lab.opinions()[2], lab.draw_opinions()
    seen = kinds[np.unique(drawn)]
    learned = [(int(sum(seen == kind)), int(sum(kinds == kind))) for kind in ("one clause, negated", "one clause")]
    show(
        equal("there are 34,704 sentences", 34704, len(lab.opinions()[0])),
        equal("for any function of the counts, halves that disagree are a coin toss", 0.5, round(bag["halves disagree"], 9)),
        equal("so is one half negated", 0.5, round(bag["one half negated"], 9)),
        equal("the ceiling of any function of the counts is 70.4 %", 0.704, round(bag["all"], 9)),
        equal("the linear judge is right on 63.2 %", 0.632, round(linear["all"], 9)),
        equal("and no other weights can do better", round(bag["all"] - lab.linear_loss(), 9), round(linear["all"], 9)),
        equal("it is right on half of the negated clauses", 0.5, round(linear["one clause, negated"], 9)),
        equal("6 negated clauses are held out", 6, asked["one clause, negated"]),
        equal("the other 90 of 96 were learned from, and all 48 plain ones", [(90, 96), (48, 48)], learned),
        above("the network reads all kinds that it is asked about", 0.95, list(network.values())),
    )


def depth(ablation, count):
    """Section 6: the recorded ablation, and the learner's count of a stack."""
    held_out, training, causes = ablation["held_out"], ablation["training"], ablation["causes"]
    means = {name: np.mean(values) for name, values in held_out.items()}
    gain = means["three layers"] - means["one layer"]
    extras = [means[name] for name in means if name.startswith("three, ")]
    undropped = [np.mean(training[name]) for name in training if "dropout" not in name]
    shorter = np.mean(lab.boundary_record()["delay"][lab.DELAY])
    one = held_out["one layer"]
    timed, updates = lab.in_equal_time(ablation), {name: found["updates"] for name, found in ablation["in_equal_time"].items()}
    plain = "one layer", "three layers", "two layers"
    times = [round(ablation["time_of_an_update"][name], 1) for name in ("two layers", "three layers")]
    others = [values for name, values in held_out.items() if "recurrent" not in name]
    best_of_extras = [max(values) for name, values in held_out.items() if name.startswith("three, ")]
    fewer, longer, dropped = ({part: np.mean(values) for part, values in found.items()} for found in causes.values())
    show(
        between("all networks have about 5,950 weights", 5700, 6200, list(ablation["weights"].values())),
        equal("by your count, too, the wide layer has 5,888 and its output 65", 5953 - 65, count([64])),
        between("three layers are half a point of F1 ahead of one", 0.003, 0.007, gain),
        equal("the best single layer beats two of the three stacks of three", 2, sum(max(one) > f1 for f1 in held_out["three layers"])),
        equal("an update takes 1.3 times as long with two layers, and 1.9 with three", [1.3, 1.9], times),
        equal("in the time of one layer's 1,000 updates, three layers get 521, and two 758", [1000, 521, 758], [updates[name] for name in plain]),
        between("the best seed of three layers falls short of the worst of one, by 0.0008", 0.00075, 0.00085, min(timed["one layer"]) - max(timed["three layers"])),
        between("the seeds of two layers lie within the spread of one", min(timed["one layer"]), max(timed["one layer"]), timed["two layers"]),
        equal("all of them begin at a learning rate of 0.01", 0.01, lab.RATE),
        above("all but recurrent dropout overlap with one layer: the best seed", min(one), list(map(max, others))),
        below("and the worst seed", max(one), list(map(min, others))),
        below("with residual connections, and normalisation, three are within 0.002 of one", means["one layer"] + 0.002, extras),
        above("their seeds overlap with those of three plain layers", min(held_out["three layers"]), best_of_extras),
        above("400 more updates gave the single layer more", gain, means["one layer"] - shorter),
        between("without dropout, training pieces are at about 0.98", 0.97, 0.99, undropped),
        below("dropout of the outputs lowers that", np.mean(training["one layer"]), np.mean(training["one, dropout"])),
        below("and does not help on held-out text", means["one layer"], means["one, dropout"]),
        between("recurrent dropout costs nearly three points", 0.02, 0.03, means["one layer"] - means["one, recurrent dropout"]),
        between("51 units without dropout cost less than one", 0, 0.01, means["one layer"] - fewer["held_out"]),
        between("with three times the updates, dropout costs less than one", 0, 0.01, longer["held_out"] - dropped["held_out"]),
        above("by then the network without it knows the training pieces by heart", 0.998, longer["training"]),
        below("and the one with it does not", 0.96, dropped["training"]),
    )


def gradient(maps, single, slopes):
    """Section 6: gradient maps of six layers, without residual connections and with, and of one; slopes of the top layers."""
    plain, residual = maps.values()
    fading = {name: lab.fading(found) for name, found in maps.items()}
    back, down = ([found[way] for found in fading.values()] for way in ("back", "down"))
    along = [found[:, -1] / found[:, 0] for found in (plain, residual)]
    across = {}
    for name, units, with_sum in (("one", [31], False), ("six", 6 * [31], False), ("residual", 6 * [31], True)):
        across[name] = [lab.fading(lab.gradient_map(units, with_sum, seed=seed))["across"] for seed in range(3)]
    show(
        between("a step back costs a factor of 1.29", 1.28, 1.30, back[0]),
        between("a layer down, 1.39", 1.38, 1.40, down[0]),
        between("along the top row the gradient fades 1,600 times", 1550, 1700, along[0][-1]),
        between("along the bottom row, five times", 4.5, 5.5, along[0][0]),
        above("where it first grows more than fourfold", 4, plain[0].max() / plain[0, -1]),
        above("the lower the layer, the less", 0, np.diff(along[0])),
        between("from corner to corner, 25 times", 24.5, 25.5, lab.fading(plain)["across"]),
        between("a single layer loses 2,700", 2650, 2750, lab.fading(single)["across"]),
        above("so in two more seeds: one layer loses more than 1,500", 1500, across["one"]),
        between("six layers between 24 and 36", 24, 36, across["six"]),
        below("with residual connections, nothing is lost on the way down", 1, down[1]),
        between("the gradient nearly doubles", 1.7, 2, residual[0, -1] / residual[-1, -1]),
        above("but more on the way back, in every layer", 1, along[1] / along[0]),
        between("from corner to corner, 90 to 170 times", 90, 170, across["residual"]),
        below("a step back costs what the slope says, to 1 %", 0.01, np.abs(np.array(back) * list(slopes.values()) - 1)),
        equal("the slopes are 0.77 and 0.60", [0.77, 0.6], np.round(list(slopes.values()), 2)),
    )
