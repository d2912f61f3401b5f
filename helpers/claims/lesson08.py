"""The statements of lesson 08, both directions and depth."""

import math

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory import lesson08 as lab


def delay(recorded, said):
    """Section 1: the curve over the delay, as `lab.boundary_record` returns it, and the verdicts over `lab.delay_pairs`."""
    late, both, longer = recorded["delay"], recorded["both"], recorded["longer"]
    means, windows = ({number: np.mean(values) for number, values in recorded[kind].items()} for kind in ("delay", "window"))
    windows_alike, much_longer = ({n: np.mean(values) for n, values in recorded[kind].items()} for kind in ("windows_alike", "windows_longer"))
    beside_both = [said[f"{delay} late", "both directions"] for delay in range(1, 9)]
    after_2000 = "3 late, 2,000 updates"
    show(
        above("one letter of delay buys more than half of the gain", 0.5, (means[1] - means[0]) / (np.mean(both) - means[0])),
        equal("the best mean has a delay of three letters", 3, max(means, key=means.get)),
        equal("from two to four letters late, the rule cannot tell one direction from both", 3 * ["cannot tell"], beside_both[1:4]),
        equal("one letter late, and from five on, both directions are better", 5 * ["b"], [beside_both[0], *beside_both[4:]]),
        equal("three letters late after 2,000 updates, it cannot tell either", "cannot tell", said[after_2000, "both directions, 2,000 updates"]),
        equal("three letters late is better than a window of two, after 600 updates and after 2,000", 2 * ["a"],
              [said["3 late", "a window of 2"], said[after_2000, "a window of 2, 2,000 updates"]]),
        equal("the best window has two letters on either side", 2, max(windows, key=windows.get)),
        between("and is three points of F1 behind the best delay", 0.03, 0.04, means[3] - windows[2]),
        between("after 2,000 updates it is one point behind", 0.005, 0.015, np.mean(longer[3]) - max(much_longer.values())),
        below("F1 of a window of six, below that of two by more than 0.06", windows[2] - 0.06, windows[6]),
        between("with as many units as that of two it loses about half as much", 0.3, 0.7, (windows_alike[2] - windows_alike[6]) / (windows[2] - windows[6])),
        equal("six scores split at random into three and three: all of one set above the other in one case of ten", 10, math.comb(6, 3) // 2),
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
    weights = [sum(value.size for part in lab.first_weights(*sizes, np.random.default_rng(0)) for value in part.values())
               for sizes in (((lab.UNITS_IN_BOTH,), 2), ((lab.UNITS,), 1))]
    known = np.mean([word in lab.word_costs()[0] for words in lab.texts()[1] for word in words])
    show(
        equal("in both directions, 42 units each, there are 5,965 weights, and 5,953 in one", [5965, 5953], weights),
        below("yours is Keras' layer to 1e-5, in all five modes", 1e-5, list(apart.values())),
        above("counting wins by more than 0.03", 0.03, f1["counts of words"] - f1["both directions"]),
        equal("the fables' training part has fewer than 2,000 different words", True, len(lab.word_costs()[0]) < 2000),
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
    added, exchanged = lab.moved_behind_norm(lab.next_letters()[1][0][0])
    show(
        above("one direction needs more than two nats a letter", 2, losses["one_direction"].mean()),
        below("both directions need less than 0.3", 0.3, blind.mean()),
        between("at the last letter, they need more than two as well", 2, 3, blind[-1]),
        above("which is more than 0.8 of all that they need", 0.8, blind[-1] / blind.sum()),
        equal("one direction never looks ahead", steps * [0], one),
        equal("both look to the end from everywhere", [steps - 1 - t for t in range(steps)], both),
        equal("the convolution looks two ahead", 2, max(window)),
        below("behind a layer normalisation, adding 1 to the last input moves no output by 1e-6", 1e-6, added),
        above("and exchanging its letter does, by more than 0.1", 0.1, exchanged),
    )


def names(accuracy, said, different, yours, whole):
    """Section 4.

    Parameters
    ----------
    accuracy : dict of str to list of float
        Over the seeds, by what is read at the end.
    said : dict of (str, str) to str
        The verdicts over `lab.name_pairs`.
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
        equal("every seed of it is below every seed of the forward network, and of the right summary", 2 * ["a"],
              [said[better, "both, [:, -1], padded left"] for better in ("forward only", "both, summary")]),
        equal("of backward halves there are as many as last letters", endings, different["backward halves at the last letter"]),
        between("done right, the second direction buys less than one point", 0, 0.01, summary - forward),
        equal("but with every seed above every seed", "a", said["both, summary", "forward only"]),
        equal("the recurrent layers have 6,048 weights in both directions, and 5,832 in one", [6048, 5832],
              [lab.name_model(end).layers[2].count_params() for end in ("both, summary", "forward only")]),
        equal("the last letter alone scores 0.778", 0.778, round(lab.last_letter(train, held_out), 3)),
        above("all networks stay more than 0.1 below the ceiling", 0.1, lab.ceiling(held_out[1]) - max(forward, summary, left, right)),
    )


def opinions(scores, asked):
    """Section 5: accuracies by judge and kind, and how many sentences of each kind the network was asked about."""
    linear, bag, network = scores.values()
    kinds, (drawn, _) = lab.opinions()[2], lab.draw_opinions()
    shares = {kind: lab.opinions()[3][kinds == kind].sum() for kind in bag if kind != "all"}
    seen = kinds[np.unique(drawn)]
    learned = [(int(sum(seen == kind)), int(sum(kinds == kind))) for kind in ("one clause, negated", "one clause")]
    show(
        equal("there are 34,704 sentences", 34704, len(lab.opinions()[0])),
        equal("for any function of the counts, halves that disagree are a coin toss", 0.5, round(bag["halves disagree"], 9)),
        equal("so is one half negated", 0.5, round(bag["one half negated"], 9)),
        equal("the ceiling of any function of the counts is 70.4 %", 0.704, round(bag["all"], 9)),
        equal("which is the sum over the kinds of probability times ceiling", 0.704, round(sum(shares[kind] * bag[kind] for kind in shares), 9)),
        equal("the linear judge is right on 63.2 %", 0.632, round(linear["all"], 9)),
        equal("and no other weights can do better", round(bag["all"] - lab.linear_loss(), 9), round(linear["all"], 9)),
        equal("it is right on half of the negated clauses", 0.5, round(linear["one clause, negated"], 9)),
        equal("6 negated clauses are held out", 6, asked["one clause, negated"]),
        equal("the other 90 of 96 were learned from, and all 48 plain ones", [(90, 96), (48, 48)], learned),
        above("the network reads all kinds that it is asked about", 0.95, list(network.values())),
    )


def depth(ablation, count, said, said_of_dropout):
    """Section 6: the recorded ablation, the learner's count of a stack, and the verdicts.

    Parameters
    ----------
    ablation : dict
    count : callable
    said : dict of str to list of str
        By the network's name, the verdict beside one layer at equal weights and in equal time; by "three, two" that on these layers.
    said_of_dropout : dict of (str, str) to str
        Over `lab.dropout_pairs`.
    """
    held_out, training, causes = ablation["held_out"], ablation["training"], ablation["causes"]
    means = {name: np.mean(values) for name, values in held_out.items()}
    extras = [means[name] for name in means if name.startswith("three, ")]
    undropped = [np.mean(training[name]) for name in training if "dropout" not in name]
    one = held_out["one layer"]
    timed, updates = lab.in_equal_time(ablation), {name: found["updates"] for name, found in ablation["in_equal_time"].items()}
    plain = "one layer", "three layers", "two layers"
    times = [round(ablation["time_of_an_update"][name], 1) for name in ("two layers", "three layers")]
    best_of_extras = [max(values) for name, values in held_out.items() if name.startswith("three, ")]
    fewer, longer, dropped = ({part: np.mean(values) for part, values in found.items()} for found in causes.values())
    verdicts = {name: pair for name, pair in said.items() if name in held_out}
    told = [name for name, (weights, _) in verdicts.items() if weights != "cannot tell"]
    show(
        between("all networks have about 5,950 weights", 5700, 6200, list(ablation["weights"].values())),
        equal("by your count, too, the wide layer has 5,888 and its output 65", 5953 - 65, count([64])),
        equal("at equal weights only recurrent dropout can be told from one layer, and is worse", ["one, recurrent dropout", "a"], [*told, said[told[0]][0]]),
        equal("in equal time one layer is better than three, and two layers cannot be told from it", ["a", "cannot tell"], [said[f"{n} layers"][1] for n in ("three", "two")]),
        equal("three layers are better than two, at equal weights", "a", said["three, two"]),
        between("the mean of three layers is half a point of F1 above that of one", 0.003, 0.007, means["three layers"] - means["one layer"]),
        equal("the best seed of the single layer is above two of the three of three layers", 2, sum(max(one) > f1 for f1 in held_out["three layers"])),
        equal("an update takes 1.3 times as long with two layers, and 1.9 with three", [1.3, 1.9], times),
        equal("in the time of one layer's 1,000 updates, three layers get 521, and two 758", [1000, 521, 758], [updates[name] for name in plain]),
        between("in equal time the best seed of three layers is 0.0008 below the worst of one", 0.00075, 0.00085, min(timed["one layer"]) - max(timed["three layers"])),
        equal("all of them begin at a learning rate of 0.01", 0.01, lab.RATE),
        below("with residual connections, and normalisation, three are within 0.002 of one", means["one layer"] + 0.002, extras),
        above("their best seeds are above the worst of three plain layers", min(held_out["three layers"]), best_of_extras),
        between("without dropout, training pieces are at about 0.98", 0.97, 0.99, undropped),
        below("dropout of the outputs lowers the training score", np.mean(training["one layer"]), np.mean(training["one, dropout"])),
        between("recurrent dropout costs nearly three points", 0.02, 0.03, means["one layer"] - means["one, recurrent dropout"]),
        between("51 units without dropout cost less than one", 0, 0.01, means["one layer"] - fewer["held_out"]),
        equal("both of these can be told from 64 units; after three times the updates, dropout cannot", ["a", "a", "cannot tell"], list(said_of_dropout.values())),
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
        equal("the lower the layer, the less its gradient fades", True, bool(np.all(np.diff(along[0]) > 0))),
        between("from corner to corner, 25 times", 24.5, 25.5, lab.fading(plain)["across"]),
        between("a single layer loses 2,700", 2650, 2750, lab.fading(single)["across"]),
        above("so in two more seeds: one layer loses more than 1,500", 1500, across["one"]),
        between("six layers between 24 and 36", 24, 36, across["six"]),
        below("with residual connections, nothing is lost on the way down", 1, down[1]),
        between("the gradient nearly doubles", 1.7, 2, residual[0, -1] / residual[-1, -1]),
        equal("but in every layer it fades more on the way back", True, bool(np.all(along[1] > along[0]))),
        between("from corner to corner, 90 to 170 times", 90, 170, across["residual"]),
        below("a step back costs what the slope says, to 1 %", 0.01, np.abs(np.array(back) * list(slopes.values()) - 1)),
        equal("the slopes are 0.77 and 0.60", [0.77, 0.6], np.round(list(slopes.values()), 2)),
    )
