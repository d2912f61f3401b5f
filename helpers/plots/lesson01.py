"""The figures of lesson 01, feedforward vs recurrent."""

from helpers.plots.figure import BLUE, GRAY, GREEN, MARKERS, ORANGE, PINK, arrow, canvas, node, show, subplots


def unfolding(timesteps=4):
    """The recurrent layer, folded on the left and unfolded through time on the right."""
    figure, axes = canvas(9.5, 3.3, (-4.1, 1.8 * timesteps + 0.6), (-1.7, 1.9))
    node(axes, -3.2, 0, "$h$", BLUE)
    node(axes, -3.2, -1.3, "$x$", GRAY)
    node(axes, -3.2, 1.3, "$y$", ORANGE)
    arrow(axes, (-3.2, -0.95), (-3.2, -0.38), "$W_{xh}$")
    arrow(axes, (-3.2, 0.38), (-3.2, 0.95), "$W_{hy}$")
    arrow(axes, (-2.95, 0.28), (-2.95, -0.28), "$W_{hh}$", curve=-2.4, offset=(0.95, 0))
    axes.text(-0.95, 0, "=", fontsize=22, ha="center", va="center")
    node(axes, 0, 0, "$h_0$", BLUE)
    for t in range(1, timesteps + 1):
        at = 1.8 * t
        node(axes, at, 0, f"$h_{t}$", BLUE)
        node(axes, at, -1.3, f"$x_{t}$", GRAY)
        node(axes, at, 1.3, f"$y_{t}$", ORANGE)
        arrow(axes, (at, -0.95), (at, -0.38), "$W_{xh}$")
        arrow(axes, (at, 0.38), (at, 0.95), "$W_{hy}$")
        arrow(axes, (at - 1.42, 0), (at - 0.38, 0), "$W_{hh}$", offset=(0, 0.22))
    show(
        figure,
        "Left, folded: the input x goes by W_xh to the state h, the state goes back to itself by W_hh and to the"
        f" output y by W_hy. Right, unfolded: h_0 to h_{timesteps} in a row, joined by W_hh; each h_t gets x_t by W_xh"
        " and gives y_t by W_hy. Each weight has the same name at every step.",
        "One layer, drawn twice. Unfolding makes no new weights: every $W_{xh}$ on the right is the same array.",
    )


def sequence_types():
    """The four sequence types, and the encoder-decoder that joins two of them."""
    types = [
        ("one-to-one", [0], [0], "no recurrence"),
        ("one-to-many", [0], [0, 1, 2], "a caption for an image"),
        ("many-to-one", [0, 1, 2], [2], "the mood of a review"),
        ("many-to-many", [0, 1, 2], [0, 1, 2], "a tag for each word"),
        ("many-to-one, then one-to-many", [0, 1], [2, 3], "translation"),
    ]
    figure, axes = canvas(10, 3, (-0.6, 18.6), (-2.3, 2.3))
    left = 0.0
    for name, inputs, outputs, example in types:
        steps = range(max(inputs + outputs) + 1)
        for t in steps:
            at = left + t
            decoder = name.endswith("then one-to-many") and t in outputs
            node(axes, at, 0, "$s$" if decoder else "$h$", PINK if decoder else BLUE, size=0.3)
            if t:
                arrow(axes, (at - 0.68, 0), (at - 0.32, 0))
            if t in inputs:
                node(axes, at, -1.1, "$x$", GRAY, size=0.3)
                arrow(axes, (at, -0.78), (at, -0.34))
            if t in outputs:
                node(axes, at, 1.1, "$y$", ORANGE, size=0.3)
                arrow(axes, (at, 0.34), (at, 0.78))
        middle = left + (len(steps) - 1) / 2
        axes.text(middle, 1.85, name.replace(", then", ",\nthen"), ha="center", va="center", fontweight="bold", fontsize=10)
        axes.text(middle, -1.85, example, ha="center", va="center", fontsize=10)
        left += len(steps) + 1.1 - (0.2 if len(steps) == 1 else 0)
    show(
        figure,
        "Five wirings of the same step. One-to-one: one x, one h, one y. One-to-many: x at the first of three steps,"
        " y at each. Many-to-one: x at each of three steps, y at the last. Many-to-many: x and y at each step."
        " Translation: x at the first two steps, y at the last two, which belong to a second network with states s.",
        "In the first four the step is the same; only where $x$ enters and where $y$ is read differs. The fifth joins two networks, the second with states $s$.",
    )


def parameters_by_length(lengths, feedforward, recurrent, crossovers):
    """Parameter counts over the input's length.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    feedforward, recurrent : dict of str to sequence of int
        Parameters at each length, by the name of a setting.
    crossovers : dict of str to int
        The first length at which the recurrent network has fewer.
    """
    figure, axes = subplots(len(feedforward), 10, 3.6)
    for ax, name in zip(axes, feedforward):
        ax.plot(lengths, feedforward[name], color=ORANGE, label="feedforward")
        ax.plot(lengths, recurrent[name], color=BLUE, label="recurrent", linestyle="--")
        ax.axvline(crossovers[name], color=GRAY, linewidth=1)
        ax.set(title=f"{name}:\nrecurrent has fewer from {crossovers[name]} steps", xlabel="time steps", ylim=(0, None))
    axes[0].set_ylabel("parameters")
    axes[0].legend(loc="upper left")
    found = "; ".join(f"{name}: the recurrent one has fewer from {t} steps on" for name, t in crossovers.items())
    show(
        figure,
        f"Parameters over time steps. The feedforward line rises, the recurrent line is level. {found}.",
        "Which network has fewer parameters depends on the length. The recurrent count does not change with it.",
    )


def accuracy_by_length(lengths, accuracy, trained):
    """Accuracy of the last answer over the sequence's length.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    accuracy : dict of str to (dict of str to sequence of float)
        For each question, for each network, the share of right answers at each length.
    trained : int
        The length of the training sequences.
    """
    figure, axes = subplots(len(accuracy), 10, 3.2, sharey=True)
    for ax, (question, networks) in zip(axes, accuracy.items()):
        ax.axhline(0.5, color=GRAY, linewidth=1, linestyle=":")
        ax.axvline(trained, color=GRAY, linewidth=1)
        for (network, shares), color, marker, size in zip(networks.items(), (ORANGE, BLUE, GREEN), MARKERS, (9, 5, 5)):
            ax.plot(lengths, shares, color=color, marker=marker, markersize=size, label=network)
        ax.set(title=question, xlabel="time steps (log scale)", xscale="log", ylim=(0.4, 1.04))
        ax.set_xticks(lengths, [str(t) for t in lengths])
        ax.minorticks_off()
    axes[0].set_ylabel("share of right answers")
    axes[0].legend(loc="center right")
    show(
        figure,
        f"Share of right answers over time steps, trained at {trained}. "
        + " ".join(
            f"{question}: " + ", ".join(f"{name} {shares[-1]:.2f} at {lengths[-1]}" for name, shares in nets.items()) + "."
            for question, nets in accuracy.items()
        ),
        f"Trained at {trained} steps (vertical line), asked at up to {lengths[-1]}. Dotted: guessing.",
    )


def flips_by_lag(lags, shares):
    """How often an answer changes when one input bit, so many steps back, is flipped.

    Parameters
    ----------
    lags : sequence of int
        Steps back from the last one.
    shares : dict of str to sequence of float
        For each network the share of streams whose answer changes.
    """
    figure, (ax,) = subplots(1, 7, 3.2)
    for (name, values), color, marker in zip(shares.items(), (ORANGE, BLUE, GREEN), MARKERS):
        ax.plot(lags, values, color=color, marker=marker, markersize=5, label=name)
    ax.set(title="Who sees how far back?", xlabel="lag (steps back)", ylabel="share of answers that change", ylim=(-0.05, 1.05))
    ax.legend(loc="center right")
    reach = ", ".join(f"{name} {max((k for k, v in zip(lags, values) if v > 0), default=0)}" for name, values in shares.items())
    show(
        figure,
        f"Share of parity answers that change when the bit so many steps back is flipped. Largest lag with any change: {reach}.",
        "The right answer changes every time. Where a line is at zero, that bit is out of sight.",
    )
