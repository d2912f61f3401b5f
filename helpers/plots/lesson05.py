"""The figures of lesson 05, the recurrent network of Keras."""

import numpy as np

from helpers.plots.figure import BLUE, GRAY, GREEN, ORANGE, baseline, draw, label_ends, note, show, subplots


def state_on_padding(states, unit, real):
    """One unit's state while padding is read, with and without a mask.

    Parameters
    ----------
    states : dict of str to ndarray (timesteps,)
        The state of one unit at each step, by what was done about the padding.
    unit : int
        Its number.
    real : int
        Number of real steps; padding comes after them.
    """
    figure, (ax,) = subplots(1, 7.5, 3.2)
    steps = np.arange(1, len(next(iter(states.values()))) + 1)
    ax.axvspan(real + 0.5, steps[-1] + 0.5, color=GRAY, alpha=0.12)
    note(ax, real + 0.6, 0.03, "padding", "#555555", 10, ha="left", va="bottom", transform=ax.get_xaxis_transform())
    baseline(ax, 0, "a reset would be here")
    for (name, values), color, marker in zip(states.items(), (BLUE, ORANGE), "o^"):
        ax.plot(steps, values, color=color, marker=marker, markersize=6, label=name)
    moved = {name: float(np.abs(values[real:] - values[real - 1]).max()) for name, values in states.items()}
    held = " and ".join(name for name, by in moved.items() if by == 0)
    ax.set(title=f"Held through the padding: {held or 'neither'}", xlabel="time step", ylabel=f"state of unit {unit}")
    label_ends(ax)
    last = float(next(iter(states.values()))[real - 1])
    found = "; ".join(f"{name}: moves by up to {by:.2f}" for name, by in moved.items())
    show(
        figure,
        f"State of one unit over {len(steps)} steps, of which the last {len(steps) - real} are padding."
        f" The last real state is {last:.1f}. From there on: {found}.",
        "A mask holds the state where it is. It does not set it to zero.",
    )


def answers_by_pair(letters, answers):
    """The answer of the alphabet model to every pair of letters.

    Parameters
    ----------
    letters : str
        First and second letters of the pairs.
    answers : list of str
        For each first letter the answers to each second letter.
    """
    from matplotlib.patches import Patch, Rectangle

    n = len(letters)
    figure, (ax,) = subplots(1, 7.5, 4.2)
    position = {letter: i for i, letter in enumerate(letters)}
    kinds = {
        "trained on": (GREEN, 0.45), "the letter after the second": (ORANGE, 0.45),
        "the first letter + 2": (BLUE, 0.30), "neither": (GRAY, 0.10),
    }
    count = dict.fromkeys(kinds, 0)
    for i, row in enumerate(answers):
        for j, letter in enumerate(row):
            answer = position.get(letter, -1)
            if j == i + 1 and i < n - 2:
                kind = "trained on"
            elif answer == i + 2:
                kind = "the first letter + 2"
            else:
                kind = "the letter after the second" if answer == j + 1 else "neither"
            count[kind] += 1
            color, alpha = kinds[kind]
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=color, alpha=alpha, edgecolor="white"))
            ax.text(j, i, letter, ha="center", va="center", fontsize=11)
    ax.set(
        xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xlabel="second letter", ylabel="first letter",
        title=f"{count['the first letter + 2']} of {n * n - count['trained on']} new pairs: the first letter + 2",
    )
    ax.set_xticks(range(n), letters)
    ax.set_yticks(range(n), letters)
    ax.grid(False)
    handles = [Patch(facecolor=color, alpha=alpha, label=f"{name}: {count[name]}") for name, (color, alpha) in kinds.items()]
    ax.legend(handles=handles, fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5))
    found = "; ".join(f"{name}: {number}" for name, number in count.items())
    show(
        figure,
        f"Table of the answers to all pairs of the letters {letters[0]} to {letters[-1]}, first letter downwards, second to the right."
        f" Number of pairs by the kind of answer: {found}.",
        "Both rules are right on the pairs in green. Only the other pairs tell which one was learned.",
    )


def noise(histories, floor, band):
    """Training and held-out loss on noise, by epoch, against the best possible.

    Parameters
    ----------
    histories : dict of str to (sequence of float, sequence of float)
        For each experiment the training and the held-out loss after each epoch.
    floor : float
        The expected loss of the best constant.
    band : float
        Half the width of what held-out losses of that constant may be by chance.
    """
    figure, axes = subplots(len(histories), 10, 3.4)
    found = []
    for ax, (name, (training, held_out)) in zip(axes, histories.items()):
        epochs = np.arange(1, len(training) + 1)
        ax.axhspan(floor - band, floor + band, color=GRAY, alpha=0.2)
        baseline(ax, floor, "1/12")
        draw(ax, epochs, {"training": training, "held out": held_out})
        ax.set(
            title=f"{name}: training {training[-1]:.3f}, held out {held_out[-1]:.3f}", xlabel="epoch", ylabel="mean squared error",
            ylim=(0, 0.3),
        )
        label_ends(ax)
        found.append(
            f"{name}, {len(epochs)} epochs: at the end training {training[-1]:.3f}, held out {held_out[-1]:.3f},"
            f" lowest held out {min(held_out):.3f}"
        )
    show(
        figure,
        "Training and held-out loss over the epochs, two experiments, with the best possible expected loss"
        f" {floor:.4f} as a line. " + "; ".join(found) + ".",
        "The training loss may fall as far as you like. The held-out loss has a floor: 1/12, in gray what chance does to it.",
    )
