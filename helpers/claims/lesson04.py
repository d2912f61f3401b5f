"""The statements of lesson 04, vanishing and exploding gradients."""

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory import lesson04 as lab


def forward(random_weights, pushing, product):
    """Section 1: the forward pass is no problem, and the product of Jacobians is the gradient.

    Parameters
    ----------
    random_weights : ndarray (hidden_size, hidden_size)
    pushing, product : float
        The norm of the gradient 30 steps back, by experiment and by the learner's function.
    """
    large, growth = lab.first_overflow(2 * random_weights, "relu"), lab.growth_of_states(2 * random_weights)
    show(
        equal("with these weights, neither tanh nor relu overflows in 10,000 steps", [None, None],
              [lab.first_overflow(random_weights, activation) for activation in ("tanh", "relu")]),
        between("with weights twice as large, relu overflows float32 before step 1,000", 2, 1000, large or 10_001),
        above("there its states grow at every step", 1, growth),
        between("by a factor of about 1.4 on average", 1.4, 1.46, float(np.exp(np.mean(np.log(growth))))),
        below("pushing and the product agree to 6 digits: relative difference", 1e-6, abs(pushing / product - 1)),
        between("of a push 30 steps ago less than a billionth reaches the loss", 1e-12, 1e-9, product),
    )


def radius(measured, random_weights, rescale_spectral_radius):
    """Section 2: what becomes of a gradient at five radii.

    Parameters
    ----------
    measured : dict of str to (dict of float to ndarray)
        For each activation and radius the norm at lag 0, 1, ..., 100.
    random_weights : ndarray (hidden_size, hidden_size)
    rescale_spectral_radius : callable
        The learner's.
    """
    factor = {name: {r: _fitted(norms) for r, norms in rows.items()} for name, rows in measured.items()}
    off = [abs(fitted / r - 1) for r, fitted in factor["linear"].items()]
    on = lab.fraction_on(rescale_spectral_radius(random_weights, 1.0))
    show(
        below("linear: the factor per step is the radius, within 1 %", 0.01, off),
        equal("tanh at radius 1.5: the gradient vanishes", "vanishes", lab.fate(measured["tanh"][1.5])),
        equal("tanh at radius 3: it explodes", "explodes", lab.fate(measured["tanh"][3.0])),
        between("relu at radius 1: about half of the units are on", 0.45, 0.55, on),
        between("relu at radius 3: a factor of about 2.16", 2.1, 2.22, factor["relu"][3.0]),
        between("relu at radius 1.5: a factor near 1", 0.93, 1.15, factor["relu"][1.5]),
    )


def weights_against_slopes(norms, power, radii, scales, factors, slopes):
    """Section 3: where gradients underflow, and where the border between vanishing and exploding lies.

    Parameters
    ----------
    norms : ndarray (1000,)
        What `gradient_norms` says in a tanh network of radius 1.
    power : float
        The power of ten that arrives at step 1 of 10,000.
    radii, scales : ndarray
    factors : ndarray (radii, scales)
    slopes : sequence of float
        Mean slope of tanh by size of the inputs, from 0.01 to 10.
    """
    left, right = lab.border(radii, factors[:, 0]), lab.border(radii, factors[:, -1])
    at_one = factors[np.argmin(np.abs(radii - 1.68)), np.argmin(np.abs(np.log(scales)))]
    show(
        equal("at lag 999 gradient_norms says exactly 0", 0.0, float(norms[-1])),
        between("the last norm above 0 is of about 10^-162", -164, -160, np.log10(norms[norms > 0][-1])),
        between("about 10^-2183 arrives at step 1 of 10,000", -2230, -2130, power),
        between("with inputs of 0.01 the border is less than 3 % away from radius 1", 0.97, 1.03, left or np.inf),
        above("with inputs of 10 no radius up to 3 reaches it", 3.0, right or np.inf),
        below("with inputs of 1, radius 1.68 is still below it", 1.0, at_one),
        above("inputs of 0.01: the mean slope is", 0.98, slopes[0]),
        below("inputs of 10: the mean slope is", 0.15, slopes[-1]),
    )


def bounds(foretold, ways, random_weights, rescale_spectral_radius):
    """Section 4: the bound holds and is loose; the radius is no bound.

    Parameters
    ----------
    foretold : dict of str to (dict of str to float)
        As `helpers.laboratory.lesson04.bounds` gives them.
    ways : dict of str to ndarray
        Norms by lag of the sheared matrix and of the delay line, in this order.
    random_weights : ndarray (hidden_size, hidden_size)
    rescale_spectral_radius : callable
        The learner's.
    """
    sheared, delay_line = ways.values()
    rows = foretold.values()
    ratio = np.linalg.norm(random_weights, 2) / np.max(np.abs(np.linalg.eigvals(random_weights)))
    try:
        rescale_spectral_radius(np.diag(np.ones(19), 1), 1.0)
        refused = "no"
    except ValueError:
        refused = "yes"
    show(
        below("both bounds hold: the measured power minus the bound's", 0.0,
              [row["measured"] - row[bound] for row in rows for bound in ("norm", "each step")]),
        between("the bound is 15 to 26 powers of ten too high", 14.5, 26.5, [row["norm"] - row["measured"] for row in rows]),
        between("the spectral norm is about twice the radius", 1.8, 2.2, ratio),
        between("sheared, radius 0.9: the gradient grows nineteenfold", 19, 20, np.max(sheared) / sheared[0]),
        below("and goes in the end: at lag 49, relative to its largest", 0.5, sheared[-1] / np.max(sheared)),
        equal("the delay line loses nothing for 19 steps, then everything", [1.0, 0.0], [float(delay_line[19]), float(delay_line[20])]),
        equal("rescale_spectral_radius refuses the delay line", "yes", refused),
    )


def shares(sizes, sums, missing):
    """Section 5: what the last steps contribute to the gradient of W_hh, as `terms_of_the_sum` gives it."""
    show(
        between("the norm of the whole gradient is 40.5", 40.4, 40.6, sums[-1]),
        above("more than that of any single term: the largest, below it by", 1, sums[-1] - np.max(sizes)),
        below("without all from further back than 20 steps it changes by less than", 5e-4, abs(sums[-1] - sums[19])),
        below("the last 19 steps make up 99.9 % of it: what is missing", 1e-3, missing[18]),
        below("the term from 50 steps back, relative to the last step's", 1e-7, sizes[50] / sizes[0]),
    )


def clipping(start, landings, turned, runs):
    """Section 6: the cliff, the direction, and training without clipping and with it.

    Parameters
    ----------
    start : float
    landings : dict of str to float
        Weights after the update "clipped" and the one "unclipped".
    turned : dict of str to float
        Degrees.
    runs : dict of str to (ndarray, ndarray)
        As `helpers.laboratory.lesson04.descend` gives them.
    """
    far = landings["unclipped"]
    left, right = (lab.unit_states(start + step)[-1] for step in (-0.005, 0.005))
    losses, norms = runs["with clipping"]
    broken = ~np.isfinite(runs["without"][0])
    show(
        between("the unclipped step lands at w = 513", 500, 525, far),
        below("where the slope is 0", 1e-12, abs(float(lab.one_unit(far)[1]))),
        between("left of the wall the state ends at -0.98, right of it near 0.69", 0, 0.02, [abs(left + 0.98), abs(right - 0.69)]),
        below("at w = 1.998 the loss is lowest: its square root is below", 0.01, float(np.sqrt(lab.one_unit(1.9983)[0]))),
        below("clipping by the global norm turns the direction by less than a thousandth of a degree", 1e-3, turned["global norm"]),
        above("by number or by array it turns by over 30 degrees", 30, [turned["each number"], turned["each array"]]),
        equal("without clipping the loss is lost after two updates", 2, int(np.argmax(broken)) if broken.any() else None),
        above("it had reached, before that", 1e9, np.nanmax(runs["without"][0][:2])),
        below("with clipping it stays below", 2, losses),
        above("with clipping, the norm is above 1 in most updates: fraction", 0.8, np.mean(norms > 1)),
    )


def first_weights(begun, gradient_norms):
    """Section 7: orthogonal and normal first weights, linear and tanh.

    Parameters
    ----------
    begun : dict of float to (dict of str to ndarray)
        For inputs of size 0.1 and 1 the norm at each lag, relative to lag 0, by name of the first weights and activation.
    gradient_norms : callable
        The learner's.
    """
    ends, at_one = ({name: np.log10(norms[100]) for name, norms in begun[size].items()} for size in (0.1, 1.0))
    positive = np.cumsum(np.abs(np.random.default_rng(9).normal(size=(100, 64))), axis=0)  # states under inputs above 0
    on = gradient_norms(np.ones(64), positive, np.eye(64), "relu")
    show(
        below("orthogonal, linear: no norm differs from 1 by more than", 1e-12, np.abs(begun[0.1]["orthogonal, linear"] - 1)),
        between("with tanh the two are within one power of ten at lag 100", -1, 1, ends["orthogonal, tanh"] - ends["normal, tanh"]),
        below("both have shrunk more than hundredfold", -2, [ends["orthogonal, tanh"], ends["normal, tanh"]]),
        between("with inputs of size 1 both have lost about twenty powers of ten", -24, -17,
                [at_one["normal, tanh"], at_one["orthogonal, tanh"]]),
        equal("identity, relu, all units on: every norm is the first one", 1, len(np.unique(on))),
    )


def baselines(adding_baseline, copy_baseline, runs):
    """Section 8: what no memory is worth.

    Parameters
    ----------
    adding_baseline, copy_baseline : callable
        The learner's.
    runs : dict of str to (ndarray, ndarray)
        As `helpers.laboratory.lesson04.descend` gives them.
    """
    low, high = lab.luck()
    show(
        between("section 6, clipped: the mean of the last 50 losses over 1/6", 0.85, 1.2, np.mean(runs["with clipping"][0][-50:]) * 6),
        between("95 of 100 test sets of 1,000 sequences: from about 0.155", 0.1535, 0.1565, low),
        between("to about 0.179", 0.1775, 0.1805, high),
        equal("the table's last column: adding", 0.1667, round(adding_baseline(1.0), 4)),
        equal("the table's last column: copying", 0.0204, round(float(copy_baseline(1000, 8, 10)), 4)),
        between("5.3e-5 is about 3,000 times smaller", 2900, 3300, adding_baseline(1.0) / 5.3e-5),
    )


def adding(errors, at_40, logs):
    """Section 8: the adding problem by length, and tanh networks at 40 steps over seeds.

    Parameters
    ----------
    errors : dict of (str, str) to sequence of float
        By first weights and activation, the error at each of `LENGTHS`.
    at_40 : dict of (str, str) to sequence of (float, float)
        Error, and the power of ten of the gradient at lag 20, by seed.
    logs : dict of (str, str) to (dict of int to (ndarray, ndarray))
        Losses and gradient norms by update, for each network and length.
    """
    tanh, relu = errors["normal", "tanh"], errors["identity", "relu"]
    pairs = [pair for found in at_40.values() for pair in found]
    learned = [power for error, power in pairs if error < 1 / 12]
    others = [power for error, power in pairs if error >= 1 / 12]
    norms = {n: np.median(np.reshape(logs["normal", "tanh"][n][1], (-1, 50)), axis=1) for n in (20, 40)}
    show(
        below("tanh, 10 steps: the error is below a quarter of 1/6", 1 / 24, tanh[0]),
        above("tanh, 80 steps: the error is above three quarters of 1/6", 0.125, tanh[3]),
        below("identity with relu, 80 steps: the error is below half of 1/6", 1 / 12, relu[3]),
        above("tanh, 40 steps: the error is above half of 1/6", 1 / 12, tanh[2]),
        above("and yet the norm of its gradient (median of 50 updates) is never small: above", 0.1, norms[40]),
        below("calmer than at 20 steps: its largest median over the largest there", 1, norms[40].max() / norms[20].max()),
        equal("at 40 steps five of twelve networks have learned", [5, 12], [len(learned), len(pairs)]),
        above("where they have, about a tenth of the gradient arrives, or more: powers of ten", np.log10(0.095), learned),
        below("where they have not, less than a twelfth", np.log10(1 / 12), others),
        above("and one of those is worse than no memory", 1 / 6, max(pairs)[0]),
    )


def copying(relative):
    """Section 8: copy memory by delay, as loss over loss without memory, by first weights and activation."""
    tanh, relu = relative["normal", "tanh"], relative["identity", "relu"]
    show(
        below("tanh, delay 1: below a tenth of the baseline", 0.1, tanh[0]),
        between("tanh, delay 40: equal to the baseline, within 5 %", 0.95, 1.05, tanh[2]),
        below("identity with relu, delay 40: below 0.9 of it", 0.9, relu[2]),
        above("and above a tenth of it", 0.1, relu[2]),
    )


def _fitted(norms):
    """The factor per step, fitted to a straight line from lag 20 on."""
    return float(np.exp(np.polyfit(range(20, len(norms)), np.log(norms[20:]), 1)[0]))
