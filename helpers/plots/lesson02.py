"""The figures of lesson 02, language models."""

from helpers.plots.figure import COLOR, GRAY, baseline, draw, label_ends, show, subplots


def _panels(x, sets, xlabel, **settings):
    """One panel for each text: training and held-out bits, the lowest held-out point ringed."""
    figure, axes = subplots(len(sets), 9.5, 3.5)
    for ax, (what, curves) in zip(axes, sets.items()):
        draw(ax, x, curves)
        best = _best(curves["held out"])
        ax.plot(x[best], curves["held out"][best], "o", markersize=13, fillstyle="none", color=GRAY, markeredgewidth=1.5)
        ax.set(xlabel=xlabel, **settings)
    axes[0].set_ylabel("bits per character")
    return figure, axes


def _best(bits):
    return min(range(len(bits)), key=lambda i: bits[i])


def bits_by_add(adds, sets):
    """The cost of a 4-gram over its smoothing.

    Parameters
    ----------
    adds : sequence of float
        What is added to each count.
    sets : dict of str to (dict of str to sequence of float)
        For each text the bits per character, "training" and "held out", at each of `adds`.
    """
    figure, axes = _panels(adds, sets, "added to each count (log scale)", xscale="log")
    found = []
    for ax, (what, curves) in zip(axes, sets.items()):
        best = _best(curves["held out"])
        ax.set_title(f"{what}, n = 4: held out, {adds[best]:g} is best")
        ax.minorticks_off()
        label_ends(ax)
        found.append(
            f"{what}: training from {max(curves['training']):.2f} to {min(curves['training']):.2f} bits, held out lowest at"
            f" {adds[best]:g} with {curves['held out'][best]:.2f} bits"
        )
    show(
        figure,
        f"Bits per character of 4-grams over what is added to each count, {adds[-1]:g} to {adds[0]:g}. {'; '.join(found)}.",
        "Training: the texts it was fitted to. The lowest held-out point is ringed.",
    )


def bits_by_order(depths, sets, add):
    """The cost of n-grams over n.

    Parameters
    ----------
    depths : sequence of int
        n.
    sets : dict of str to (dict of str to sequence of float)
        For each text the bits per character, "training" and "held out", at each n.
    add : float
        What is added to each count.
    """
    figure, axes = _panels(depths, sets, f"n (looks at n - 1 characters), add {add:g}", xticks=depths)
    found = []
    for ax, (what, curves) in zip(axes, sets.items()):
        best = _best(curves["held out"])
        ax.set_title(f"{what}: held out, n = {depths[best]} is best")
        label_ends(ax)
        rows = ", ".join(f"{a:.2f} and {b:.2f}" for a, b in zip(curves["training"], curves["held out"]))
        found.append(f"{what}, training and held out: {rows}")
    show(
        figure,
        f"Bits per character for n = {depths[0]} to {depths[-1]}. {'; '.join(found)}.",
        "Training: the texts it was fitted to. The lowest held-out point is ringed.",
    )


def bits_and_floor(orders, series, floor, own):
    """The cost of n-grams on a source of known entropy, from n = 3 on.

    Parameters
    ----------
    orders : sequence of int
        n, from 1.
    series : dict of str to sequence of float
        Bits per character at each n, "fresh text" and "training".
    floor : float
        The source's entropy, in bits per character.
    own : dict of str to float
        What the source's own probabilities cost on the same texts.
    """
    fresh = series["fresh text"]
    best = orders[_best(fresh)]
    figure, (ax,) = subplots(1, 8, 3.8)
    for part, bits in series.items():
        color = COLOR["training" if part == "training" else "held-out"]
        ax.plot(orders[2:], bits[2:], color=color, marker="o", markersize=5, label=part)
        baseline(ax, own[part], f"source's own, {part}", color, linestyle=":")
    baseline(ax, floor, "source's entropy", linestyle="-")
    ax.set(title=f"On fresh text n = {best} is best, {abs(min(fresh) - floor):.3f} bits from the entropy")
    ax.set(xlabel="n (looks at n - 1 characters)", ylabel="bits per character", xticks=orders[2:])
    label_ends(ax)
    rows = "; ".join(f"{part}: {', '.join(f'{b:.3f}' for b in bits)}" for part, bits in series.items())
    show(
        figure,
        f"Bits per character for n = {orders[0]} to {orders[-1]}. {rows}. Entropy of the source {floor:.3f}; its own"
        f" probabilities cost {own['fresh text']:.3f} on the fresh text and {own['training']:.3f} on the training text.",
        f"Not drawn: n = 1 and 2, with {fresh[0]:.2f} and {fresh[1]:.2f} bits on fresh text. The entropy is computed, the"
        " rest is measured.",
    )
