"""The figures of lesson 07, text generation with an LSTM."""

import numpy as np

from helpers.plots.figure import BLUE, GRAY, GREEN, ORANGE, baseline, draw, label_ends, lines, note, show, subplots


def leak(orders, bits):
    """Held-out bits of n-gram models over n, by how the text was split.

    Parameters
    ----------
    orders : sequence of int
    bits : dict of str to sequence of float
        For the name of each split the bits per character at each n.
    """
    best = {name: orders[int(np.argmin(values))] for name, values in bits.items()}
    found = "; ".join(f"{name}: {', '.join(f'{v:.2f} at n = {n}' for n, v in zip(orders, values))}" for name, values in bits.items())
    lines(
        orders, bits, "Best n by the held-out number: " + ", ".join(f"{n} ({name})" for name, n in best.items()),
        "n (characters, the predicted one included)", "held-out bits per character",
        f"Held-out bits per character of n-gram models over n, for two ways to split. {found}.",
        "Where windows overlap, the held-out part asks for what training has shown: the longer the context, the better it looks.",
        xticks=orders,
    )


def bits(judged, blind):
    """Held-out bits of several models as bars.

    Parameters
    ----------
    judged : dict of str to float
    blind : float
        What guessing costs.
    """
    figure, (ax,) = subplots(1, 7.5, 0.45 * len(judged) + 1.2)
    names = list(judged)[::-1]
    best = min(judged, key=judged.get)
    ax.barh(names, [judged[name] for name in names], color=[ORANGE if name == best else BLUE for name in names], height=0.6)
    for i, name in enumerate(names):
        note(ax, judged[name] + 0.05, i, f"{judged[name]:.2f}", size=10, ha="left")
    ax.axvline(blind, color=GRAY, linestyle=":", linewidth=1.5)
    note(ax, blind - 0.05, len(names) - 0.6, "blind guess", GRAY, 10, ha="right")
    ax.set(title=f"Cheapest on held-out text: {best}, {judged[best]:.2f} bits", xlabel="bits per character", xlim=(0, blind * 1.03))
    show(
        figure,
        "Held-out bits per character as bars: " + ", ".join(f"{name} {value:.2f}" for name, value in judged.items())
        + f"; a blind guess costs {blind:.2f}.",
        "All on the same held-out characters, each counted once.",
    )


def context(reset, carried):
    """Cost of a character by its place in the window, from the zero state and with the state carried.

    Parameters
    ----------
    reset, carried : ndarray (timesteps,)
        Mean bits at each place.
    """
    size = len(reset)
    edges = np.unique(np.round(np.geomspace(1, size + 1, 12)).astype(int))
    groups = [slice(a - 1, b - 1) for a, b in zip(edges, edges[1:])]
    places = [np.sqrt(a * (b - 1)) for a, b in zip(edges, edges[1:])]
    series = {"state set to zero": [reset[g].mean() for g in groups], "state carried": [carried[g].mean() for g in groups]}
    late = slice(size // 2, size)
    ticks = [2**k for k in range(int(np.log2(size)) + 1)]
    figure, (ax,) = subplots(1, 7.5, 3.6)
    draw(ax, places, series)
    ax.set(
        title=f"Without a state: {reset[0] - carried[0]:+.1f} bits at the first character, {(reset - carried)[late].mean():+.2f} in the second half",
        xlabel=f"place in a window of {size} (characters, log scale)", ylabel="bits per character", xscale="log",
    )
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    label_ends(ax)
    show(
        figure,
        f"Mean cost of a character over its place in a window of {size}, on a log scale. From the zero state {reset[0]:.1f} bits at the"
        f" first place and {reset[late].mean():.2f} in the second half; with the state carried {carried[0]:.1f} and {carried[late].mean():.2f}.",
        "The gap is what the network knows from before the window. Each point is the mean over a group of neighbouring places.",
    )


def temperatures(values, measured, held_out):
    """What a text costs, repeats and adds, over the temperature it was written at.

    Parameters
    ----------
    values : sequence of float
        The temperatures.
    measured : sequence of (float, float, float)
        For each: bits under the model, share of repeated 20-grams, share of new 8-grams.
    held_out : tuple of (float, float, float)
        The same for text that people wrote.
    """
    cost, repeated, new = (np.array(column) for column in zip(*measured))
    figure, (left, right) = subplots(2, 10, 3.5)
    left.plot(values, cost, color=BLUE, marker="o", markersize=5)
    baseline(left, held_out[0], "held-out text")
    cheapest = values[int(np.argmin(cost))]
    left.set(title=f"Cheapest: written at temperature {cheapest:g}", xlabel="temperature", ylabel="bits per character, by the model")
    label_ends(left)
    right.plot(values, repeated, color=ORANGE, marker="s", markersize=5, label="20-grams repeated")
    right.plot(values, new, color=GREEN, marker="^", markersize=5, label="8-grams new")
    baseline(right, held_out[2], "8-grams new,\nheld-out text")
    nearest = values[int(np.argmin(np.abs(new - held_out[2])))]
    right.set(title=f"As new as held-out text: temperature {nearest:g}", xlabel="temperature", ylabel="share of the n-grams", ylim=(-0.03, 1.03))
    label_ends(right)
    show(
        figure,
        "Left: bits per character of generated text under the model, over the temperature: "
        + ", ".join(f"{t:g}: {v:.2f}" for t, v in zip(values, cost)) + f"; held-out text {held_out[0]:.2f}. Right: share of repeated 20-grams "
        + ", ".join(f"{v:.2f}" for v in repeated) + " and of 8-grams that are not in training " + ", ".join(f"{v:.2f}" for v in new)
        + f"; held-out text {held_out[2]:.2f}.",
        "Dashed lines: the same measured on text that the network has not learned from.",
    )


def overfitting(updates, curves):
    """Training and validation cost over the updates.

    Parameters
    ----------
    updates : sequence of int
    curves : dict with "training" and "validation", sequences of float
        Bits per character.
    """
    validation = np.asarray(curves["validation"])
    lowest = int(np.argmin(validation))
    figure, (ax,) = subplots(1, 7, 3.4)
    draw(ax, updates, curves)
    ax.axvline(updates[lowest], color=GRAY, linestyle=":", linewidth=1.5, label="_")
    note(ax, updates[lowest], 0.03, " early stopping keeps this", GRAY, 10, ha="left", va="bottom", transform=ax.get_xaxis_transform())
    ax.set(
        title=f"Validation turns after {updates[lowest]} updates, training goes on falling",
        xlabel="updates", ylabel="bits per character", ylim=(0, None),
    )
    label_ends(ax)
    show(
        figure,
        f"Cost over the updates. Training falls from {curves['training'][0]:.2f} to {curves['training'][-1]:.2f} bits; validation is lowest"
        f" after {updates[lowest]} updates, {validation[lowest]:.2f}, and ends at {validation[-1]:.2f}.",
        "Where the curves part, the network learns its few texts by heart. A training point is the mean over the 50 updates before it,"
        " so that curve may begin above the other.",
    )
