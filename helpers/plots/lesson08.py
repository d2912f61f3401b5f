"""The figures of lesson 08, both directions and depth."""

import numpy as np

from helpers.plots.figure import (
    BLUE,
    COLOR,
    GRAY,
    GREEN,
    INDIGO,
    ORANGE,
    TEXT,
    WINE,
    arrow,
    baseline,
    box,
    canvas,
    label_ends,
    node,
    note,
    picture,
    power_ticks,
    readable,
    show,
    subplots,
)
from helpers.plots.text import coloured_rows

MONO = "DejaVu Sans Mono"


def opening():
    """The same four letters, and two ways to read on; as HTML, for the top of the page."""
    figure, axes = canvas(10.6, 3.2, (-3.2, 13.4), (-1.7, 2.9))
    note(axes, -3.1, 2.4, "read so far", "#444444", 13, ha="left")
    _letters(axes, "ther", 2.4, {}, 0)
    note(axes, 5.1, 2.4, "Did a word begin at the r?", readable(ORANGE), 13, ha="left", fontweight="bold")
    futures = (0.6, "therewasnobridge", (0, 5, 8, 10), "no"), (-0.9, "therestwassilence", (0, 3, 7, 10), "yes")
    for y, letters, starts, words in futures:
        note(axes, -3.1, y, f"the answer: {words}", "#444444", 13, ha="left")
        _letters(axes, letters, y, {3: ORANGE}, 0, starts)
    arrow(axes, (3 * 0.8, 1.95), (3 * 0.8, 1.1), color=readable(ORANGE))
    return picture(
        figure,
        "The letters t, h, e, r have been read. Did a word begin at the r? Read on: therewasnobridge says no,"
        " therestwassilence says yes.",
        "In *there was no bridge* it did not, in *the rest was silence* it did. The first five letters are the same; they part only at the sixth.",
    )


def _letters(axes, letters, y, marked, x=0.0, starts=(), size=0.8):
    """A row of letters, `size` apart, some marked by a colour, a line before each word."""
    for i, letter in enumerate(letters):
        color = marked.get(i)
        note(axes, x + size * i, y, letter, size=15, family=MONO)
        if color:
            axes.texts[-1].set_bbox({"boxstyle": "round,pad=0.2", "facecolor": "none", "edgecolor": color, "linewidth": 2})
    for start in starts:
        axes.plot(2 * [x + size * start - size / 2], [y - 0.42, y + 0.42], color="#999999", linewidth=1.2)


def word_chances(rows, alt, caption):
    """Letters in the colour of the probability that a word begins there.

    Parameters
    ----------
    rows : list of (str, list of str, ndarray)
        For each network its name, the words, and a probability for each letter.
    alt, caption : str
    """
    joined = [(name, "".join(words), [np.nan, *values[1:]]) for name, words, values in rows]  # the first letter is not asked about
    coloured_rows(joined, "probability that a word begins", alt, caption, low=0, high=1, size=16)


def delays(f1, both, window):
    """F1 over the letters read after the one in question, one dot for each seed, and that of both directions.

    Parameters
    ----------
    f1 : dict of int to sequence of float
        By the delay in letters, one number for each seed.
    both : sequence of float
        Of the network in both directions.
    window : dict of int to sequence of float
        Of windows, by the letters on either side.
    """
    figure, (ax, near) = subplots(2, 10.4, 4.2, gridspec_kw={"width_ratios": [1.9, 1]})
    late, steps = COLOR["three letters late"], list(f1)
    means = {delay: np.mean(values) for delay, values in f1.items()}
    wide = {width: np.mean(values) for width, values in window.items()}
    best, whole = max(means, key=means.get), np.mean(both)
    for found, color in ((window, COLOR["window"]), (f1, late)):
        for number, values in found.items():
            ax.plot(len(values) * [number], values, linestyle="", marker="o", markersize=5, color=color, alpha=0.45, label="_")
    ax.plot(list(wide), list(wide.values()), color=COLOR["window"], label="_")
    ax.plot(steps, list(means.values()), color=late, label="_")
    ax.plot([steps[0]], [means[steps[0]]], linestyle="", marker="o", markersize=8, color=COLOR["at once"], label="_")
    note(ax, steps[0] + 0.15, means[steps[0]], "at once", readable(COLOR["at once"]), 10, ha="left", va="top")
    note(ax, list(wide)[-1] + 0.2, list(wide.values())[-1], "a window", readable(COLOR["window"]), 10, ha="left")
    note(ax, steps[-1] + 0.1, means[steps[-1]] - 0.006, "one direction, late", readable(late), 10, ha="right", va="top")
    note(ax, steps[-1], max(both) + 0.002, "both directions", readable(BLUE), 10, ha="right", va="bottom")
    ax.axhline(whole, color=readable(BLUE), linewidth=1.5, linestyle="--")
    ax.axhspan(min(both), max(both), color=BLUE, alpha=0.15, linewidth=0)
    meeting = [str(delay) for delay, values in f1.items() if min(values) <= max(both) and min(both) <= max(values)]
    title = f"Delays whose seeds overlap with those of both directions: {', '.join(meeting) or 'none'}"
    ax.set(title=title, xlabel="letters read after the one in question", ylabel="F1, held-out fables", xticks=steps)
    shown = {str(delay): (f1[delay], late) for delay in range(best - 2, best + 3) if delay in f1} | {"both": (both, BLUE)}
    for place, (values, color) in enumerate(shown.values()):
        near.plot(len(values) * [place], values, linestyle="", marker="o", markersize=7, color=color, alpha=0.6)
        near.plot([place - 0.3, place + 0.3], 2 * [np.mean(values)], color=color, linewidth=2.5)
    near.axhspan(min(both), max(both), color=BLUE, alpha=0.15, linewidth=0)
    near.set(title=f"Enlarged: delays of {best - 2} to {best + 2}", xlabel="letters of delay")
    near.set_xticks(range(len(shown)), list(shown))
    told = ", ".join(f"{delay}: {mean:.3f}" for delay, mean in means.items())
    windows = ", ".join(f"{width}: {mean:.3f}" for width, mean in wide.items())
    dots = "; ".join(f"{name}: {min(values):.4f} to {max(values):.4f}" for name, (values, _) in shown.items())
    show(
        figure,
        f"Mean F1 of word beginnings by the delay in letters: {told}. Both directions: {whole:.3f}. Best delay {best}."
        f" A window, by the letters on either side: {windows}. Enlarged, the seeds by the delay, and of both directions: {dots}.",
        f"A dot is one of {len(both)} seeds, a bar their mean; the blue band spans the seeds of both directions. All networks have about"
        " the same number of weights, and were trained alike (recorded). The window at 2 sees two letters on either side, and so on.",
    )


def late_answers(letters="sackathisfeet", delay=3):
    """Which letters have been read when the answer for each is due, at once and late."""
    figure, axes = canvas(10.4, 2.9, (-3.4, len(letters) + delay + 0.2), (-2.6, 1.5))
    chosen = 4
    note(axes, -3.3, 0, "letters read", "#444444", 12, ha="left")
    note(axes, -3.3, -1.9, "answers", "#444444", 12, ha="left")
    for t, letter in enumerate(letters + delay * "·"):
        read = chosen <= t <= chosen + delay
        note(axes, t, 0, letter, TEXT if t < len(letters) else "#999999", 15, family=MONO)
        if read:
            axes.texts[-1].set_bbox({"boxstyle": "square,pad=0.25", "facecolor": "#e7f1e6", "edgecolor": "none"})
        if t >= delay:
            mine = t == chosen + delay
            color = readable(GREEN) if mine else "#bbbbbb"
            arrow(axes, (t - delay, -0.45), (t, -1.55), color=color)
            note(axes, t, -1.9, f"{letters[t - delay]}?", color if mine else "#777777", 13, family=MONO)
    note(axes, chosen + delay / 2, 0.95, f"read on for {delay} letters, then answer", readable(GREEN), 11)
    show(
        figure,
        f"Under the letters {letters} stand the answers, {delay} steps to the right of the letter that each is about; {delay} steps of"
        " padding follow the last letter.",
        f"The answer about the a is given only when {delay} more letters have been read. Dots: steps of padding, in which the last"
        " answers are given.",
    )


def two_readers(letters="therest"):
    """A bidirectional layer: two chains of states, and what is joined at each step."""
    figure, axes = canvas(10.4, 4.1, (-3.4, 2 * len(letters) - 0.6), (-1.1, 4.9))
    ahead, behind = INDIGO, ORANGE
    rows = {"forward": (1.3, ahead), "backward": (2.7, behind)}
    for name, (y, color) in rows.items():
        note(axes, -3.3, y, name, readable(color), 13, ha="left", fontweight="bold")
    note(axes, -3.3, 4.1, "joined", readable(BLUE), 13, ha="left", fontweight="bold")
    note(axes, -3.3, -0.2, "read", "#444444", 13, ha="left")
    chains = {name: [node(axes, 2 * t + 0.25 * (name == "backward"), y, "", color, 0.3) for t in range(len(letters))] for name, (y, color) in rows.items()}
    for t, letter in enumerate(letters):
        note(axes, 2 * t, -0.2, letter, size=15, family=MONO)
        both = box(axes, 2 * t + 0.12, 4.1, "", BLUE, width=0.9, height=0.55)
        arrow(axes, (2 * t, 0.15), chains["forward"][t], color="#aaaaaa")
        arrow(axes, (2 * t + 0.3, 0.15), chains["backward"][t], curve=0.25, color="#aaaaaa")
        arrow(axes, chains["forward"][t], both, curve=-0.25, color=ahead)
        arrow(axes, chains["backward"][t], both, color=behind)
        if t:
            arrow(axes, chains["forward"][t - 1], chains["forward"][t], color=ahead)
            arrow(axes, chains["backward"][t], chains["backward"][t - 1], color=behind)
    for name, t in (("forward", len(letters) - 1), ("backward", 0)):
        circle = chains[name][t]
        circle.set_facecolor(rows[name][1])
    show(
        figure,
        f"Over the letters {letters}, two chains of states: one with arrows from left to right, one with arrows from right to left. At"
        " each letter a state of either is joined into one vector. The last of the forward chain and the first of the backward chain"
        " are filled.",
        "At each step the forward state has read all letters up to here, the backward state all letters from here on. Only the two"
        " filled states have read them all: the *last* forward one, and the backward one at the *first* letter.",
    )


def padded_reversal(letters="GREEN", padding=3):
    """A padded row, the row simply reversed, and the row reversed as it should be."""
    figure, axes = canvas(9, 2.2, (-5.2, 8.4), (-2.5, 0.6))
    empty, turned = padding * "0", letters[::-1]
    rows = [("a padded row", letters + empty), ("x[:, ::-1]", empty + turned), ("wanted", turned + empty)]
    for y, (name, row) in zip((0, -1, -2), rows):
        color, family = readable(GREEN) if name == "wanted" else "#222222", MONO if "[" in name else "DejaVu Sans"
        note(axes, -5.1, y, name, color, 12, ha="left", family=family)
        for i, letter in enumerate(row):
            ink, paper = ("#888888", "#eeeeee") if letter == "0" else ("#222222", "white")
            box = {"boxstyle": "square,pad=0.35", "facecolor": paper, "edgecolor": "#999999"}
            note(axes, i, y, letter, ink, 13, family=MONO, bbox=box)
    show(
        figure,
        f"A row {rows[0][1]}, in which 0 is padding. x[:, ::-1] makes {rows[1][1]}; wanted is {rows[2][1]}.",
        "Reversing the axis also reverses the padding: the backward network would begin by reading nothing, for as many steps as"
        " this row is shorter than the longest.",
    )


def rivals(f1, found, new, words):
    """F1 of each, and the fractions of known and of new words found whole.

    Parameters
    ----------
    f1 : dict of str to float
    found : dict of str to dict
        By the same names, fractions by "known" and "new".
    new, words : int
        Held-out words that never occur in the training fables, and all of them.
    """
    figure, axes = subplots(2, 10.4, 3.3, gridspec_kw={"width_ratios": [1, 1.15]}, sharey=True)
    places, names = np.arange(len(f1))[::-1], list(f1)
    by_word = {"window": COLOR["window"], "counts": GRAY, "both": BLUE, "late": COLOR["three letters late"], "at once": INDIGO}
    colors = [next(color for word, color in by_word.items() if word in name) for name in names]
    low = min(f1.values()) - 0.02
    axes[0].hlines(places, low, list(f1.values()), color="#bbbbbb", linewidth=1.5, zorder=1)
    axes[0].scatter(list(f1.values()), places, color=colors, s=70, zorder=2)
    for place, value in zip(places, f1.values()):
        note(axes[0], value, place + 0.3, f"{value:.3f}", size=10)
    best = max(f1, key=f1.get)
    axes[0].set(title=f"Best F1: {best}", xlim=(low, 1.0), xlabel="F1 of word beginnings")
    axes[0].set_yticks(places, names)
    for place, name, color in zip(places, names, colors):
        axes[1].plot(list(found[name].values()), [place, place], color="#bbbbbb", linewidth=2, zorder=1)
        axes[1].scatter([found[name]["known"]], [place], color=color, s=55, zorder=2)
        axes[1].scatter([found[name]["new"]], [place], facecolor="white", edgecolor=color, linewidth=2, s=55, zorder=2)
    note(axes[1], found[names[0]]["new"], places[0] + 0.45, "new words", "#555555", 10)
    note(axes[1], found[names[0]]["known"], places[0] + 0.45, "known words", "#555555", 10)
    both, counted = (100 * found[name]["new"] for name in ("both directions", "counts of words"))
    title = f"New words: {both:.0f} % in both directions, {counted:.0f} % by counts"
    axes[1].set(title=title, xlim=(0, 1.05), ylim=(-0.6, len(names) - 0.2), xlabel="words found whole")
    axes[1].xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    told = "; ".join(f"{name}: {f1[name]:.3f}, {found[name]['known']:.2f}, {found[name]['new']:.2f}" for name in names)
    show(
        figure,
        f"F1 of word beginnings, fraction of known words and of new words found whole. {told}.",
        f"A new word never occurs in the training fables: {new:,} of the {words:,} held-out words.",
    )


def bought_by_delay(words, commas):
    """What part of the gain of both directions a delay buys, in two tasks; all numbers are F1.

    Parameters
    ----------
    words : dict
        Recorded for word beginnings over the seeds: by "delay" a dict of int to sequence of float, and of "both" directions.
    commas : dict
        Of commas in numbers: by the delay, an int, and of "both" directions.
    """
    figure, (ax,) = subplots(1, 9.5, 3.6)
    late = {delay: f1 for delay, f1 in commas.items() if delay != "both"}
    means = {delay: np.mean(values) for delay, values in words["delay"].items()}
    found = {"word beginnings": (means, np.mean(words["both"])), "commas in numbers": (late, commas["both"])}
    gains = {name: {d: (f1 - by[0]) / (best - by[0]) for d, f1 in by.items()} for name, (by, best) in found.items()}
    for parts, name, color in zip(gains.values(), gains, (COLOR["three letters late"], WINE)):
        ax.plot(list(parts), list(parts.values()), marker="o", markersize=5, color=color, label=name)
    baseline(ax, 1, "_", readable(BLUE))
    note(ax, 0, 1.04, "both directions", readable(BLUE), 10, ha="left", va="bottom")
    enough = [min((d for d, part in parts.items() if part > 0.95), default="more") for parts in gains.values()]
    title = "To win 95 % of what both directions gain, words need {} letters of delay, commas {} digits".format(*enough)
    ax.set(title=title, xlabel="letters or digits read after the one in question", ylabel="part of the gain in F1", xticks=list(late), ylim=(None, 1.2))
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    label_ends(ax)
    told = "; ".join(f"{name}: " + ", ".join(f"{d}: {part:.2f}" for d, part in parts.items()) for name, parts in gains.items())
    show(
        figure,
        f"The part of what both directions gain in F1 over an answer at once, by the delay. {told}.",
        "0 % is an answer at once, 100 % both directions. Words: the recorded means of section 1. Commas: this run, one seed.",
    )


def end_in_sight(number="40918273645"):
    """A number without its commas, and how far from each of them its end is."""
    figure, axes = canvas(9.5, 2.7, (-1.2, len(number) + 2.6), (-3.4, 1.0))
    _letters(axes, number, 0, {}, size=1.0)
    note(axes, len(number), 0, "end", "#777777", 12)
    starts = range(len(number) - 3, 0, -3)
    for row, start in enumerate(starts, 1):
        y, color = -0.2 - 0.85 * row, readable(ORANGE)
        note(axes, start - 0.5, -0.28, ",", color, 20, fontweight="bold")
        arrow(axes, (start, y), (len(number), y), color=color)
        axes.plot(2 * [start], [y - 0.15, -0.4], color="#bbbbbb", linewidth=1)
        note(axes, start - 0.25, y, f"{len(number) - start} steps later", color, 11, ha="right")
    show(
        figure,
        f"The number {int(number):,}. From the digit after each comma to the end it is {', '.join(str(3 * i + 3) for i in range(len(starts)))} steps.",
        "Whether a comma stands before a digit is decided at the end of the number, three, six or nine steps later.",
    )


def letter_losses(losses):
    """The loss of language models at each letter of a sequence.

    Parameters
    ----------
    losses : dict of str to ndarray (timesteps,)
        Nats a letter, by the model's name with "_" for a space; the last model is the one whose end tells.
    """
    figure, (ax,) = subplots(1, 9.5, 3.6)
    named = {name.replace("_", " "): values for name, values in losses.items()}
    for name, values in named.items():
        ax.plot(1 + np.arange(len(values)), values, marker="o", markersize=4, color=COLOR[name], label=name)
    *_, (last, values) = named.items()
    title = f"{last.capitalize()}: {100 * values[-1] / values.sum():.0f} % of the loss comes from the last letter of {len(values)}"
    ax.set(title=title, xlabel="letters read", ylabel="nats per letter, held out", ylim=(-0.1, None))
    label_ends(ax)
    told = "; ".join(
        f"{name}: {values[:-1].min():.2f} to {values[:-1].max():.2f}, at the last letter {values[-1]:.2f}" for name, values in named.items()
    )
    show(figure, f"Loss at each letter of a sequence. {told}.", "The loss of the prediction made after so many letters of a window of the text.")


def looking(ahead):
    """How far each output looks ahead, for several models.

    Parameters
    ----------
    ahead : dict of str to list of int
        By the model's name, for each step how many later steps its output depends on.
    """
    figure, axes = subplots(len(ahead), 10.4, 3.1)
    told = []
    for ax, (name, steps) in zip(axes, ahead.items()):
        for t, k in enumerate(steps):
            ax.plot([t], [t], marker="s", markersize=5, color=INDIGO)
            if k:
                ax.plot([t, t + k], [t, t], color=ORANGE, linewidth=1.5, linestyle=":")
                ax.plot([t + k], [t], marker=">", markersize=7, color=ORANGE)
        most = max(steps)
        ax.set(
            title=f"{name}:\n" + ("never looks ahead" if most == 0 else f"looks up to {most} ahead"),
            xlabel="input at step", ylabel="output at step", xlim=(-0.7, len(steps) - 0.3), ylim=(len(steps) - 0.3, -0.7),
            xticks=range(0, len(steps), 3), yticks=range(0, len(steps), 3),
        )
        told.append(f"{name}: up to {most} later inputs")
    show(
        figure,
        f"How many later inputs each output depends on. {'; '.join(told)}.",
        "Square: the step of the output. Arrowhead: the farthest later input that moves it; the probe does not say which of those"
        " between do. Where the next letter is to be predicted, one step ahead is the answer itself.",
    )


def accuracies(rows, seeds, floor, top, title, xlabel, caption):
    """Bars of accuracies, with a floor and a ceiling as lines; beside them the recorded ones far above the floor, enlarged.

    Parameters
    ----------
    rows : dict of str to float
        By the name.
    seeds : dict of str to sequence of float
        Recorded ones, for some of the names.
    floor, top : (str, float)
    title, xlabel, caption : str
    """
    size = {"width_ratios": [1.3, 1]}
    figure, (ax, near) = subplots(2, 10.4, 0.42 * len(rows) + 1.5, gridspec_kw=size, sharey=True)
    places = np.arange(len(rows))[::-1]
    enlarged = {name: dots for name, dots in seeds.items() if min(dots) > floor[1] + 0.1}
    for place, (name, value) in zip(places, rows.items()):
        ax.barh(place, value, color=COLOR.get(name, GRAY), height=0.62)
        note(ax, 0.012, place, f"{value:.3f}", "white", 10, ha="left", fontweight="bold")
        dots = seeds.get(name, ())
        ax.plot(dots, place + np.linspace(-0.2, 0.2, len(dots)), linestyle="", marker="o", markersize=5, color="white", markeredgecolor=TEXT)
    for name, value in (floor, top):
        ax.axvline(value, color="#555555", linewidth=1.5, linestyle="--")
        note(ax, value, places[0] + 0.5, name, "#555555", 10, va="bottom")
    for place, name in zip(places, rows):
        if name in enlarged:
            color, dots = COLOR.get(name, GRAY), enlarged[name]
            near.plot(dots, len(dots) * [place], linestyle="", marker="o", markersize=7, color=color, alpha=0.6)
            near.plot(2 * [np.mean(dots)], [place - 0.3, place + 0.3], color=color, linewidth=2.5)
            note(near, np.mean(dots), place + 0.42, f"{np.mean(dots):.3f}", readable(color), 10)
    means = [np.mean(dots) for dots in enlarged.values()]
    ax.set(title=title + "\n", xlim=(0, 1.02), xlabel=xlabel, ylim=(-0.6, places[0] + 0.55))
    zoomed = f"Enlarged: {len(means)} means, {100 * (max(means) - min(means)):.1f} points apart"
    near.set(title=zoomed + "\n", xlabel=xlabel)
    near.margins(x=0.12)
    near.locator_params(axis="x", nbins=3)
    ax.set_yticks(places, list(rows))
    ax.grid(False, axis="y")
    near.grid(False, axis="y")
    told = "; ".join(f"{name} {value:.3f}" for name, value in rows.items())
    means = "; ".join(f"{name} {np.mean(dots):.3f}" for name, dots in enlarged.items())
    lines = f"{floor[0]} {floor[1]:.3f}, {top[0]} {top[1]:.3f}"
    show(figure, f"{title}. {xlabel}: {told}; {lines}. Enlarged, means over the recorded seeds: {means}.", caption)


def opinions(scores, asked):
    """Accuracy by kind of sentence.

    Parameters
    ----------
    scores : dict of str to dict of str to float
        By what judges, accuracies by kind; a kind that is missing has not been asked.
    asked : dict of str to int
        How many held-out sentences of each kind the last judge, a network, was asked about.
    """
    kinds = list(dict.fromkeys(kind for by_kind in scores.values() for kind in by_kind))
    figure, (ax,) = subplots(1, 10, 0.62 * len(kinds) + 1.1)
    places = np.arange(len(kinds))[::-1]
    looks = zip((GRAY, COLOR["feedforward"], COLOR["GRU"]), "so^", (0.2, 0.0, -0.2))
    for (name, by_kind), (color, marker, shift) in zip(scores.items(), looks):
        pairs = [(place + shift, by_kind[kind]) for place, kind in zip(places, kinds) if kind in by_kind]
        heights, values = zip(*pairs)
        ax.plot(values, heights, linestyle="", marker=marker, markersize=9, color=color, label=name)
    for place in places[:-1]:
        ax.axhline(place - 0.5, color="#e4e4e4", linewidth=1)
    ax.set_yticks(places, kinds)
    *_, counted, read = (100 * by_kind["all"] for by_kind in scores.values())
    title = f"Counts of words cannot pass {counted:.0f} %; a network that reads in order is right on {read:.0f} %"
    ax.set(title=title, xlim=(-0.04, 1.04), xlabel="accuracy", ylim=(-0.6, len(kinds) - 0.4))
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    ax.grid(False, axis="y")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=10)
    numbers = "; ".join(f"{kind}: {asked.get(kind, 0):,}" for kind in kinds if kind != "all")
    told = [f"{name}: " + ", ".join(f"{kind} {value:.2f}" for kind, value in by_kind.items()) for name, by_kind in scores.items()]
    show(
        figure,
        f"Accuracy by kind of sentence. {'; '.join(told)}.",
        f"The network is asked about held-out sentences only; how many there are of each kind: {numbers}. Its *all* is over these. The"
        " other two are weighed over the whole language.",
    )


def last_steps(name="EMMA", padding=2):
    """What each state of a bidirectional layer has read of a padded name, what `[:, -1]` takes, and what has read everything."""
    steps = len(name) + padding
    figure, axes = canvas(10.4, 3.1, (-2.3, 2 * steps + 1.6), (-2.9, 1.6))
    first, taken = steps + 1.9, {}
    for x, side in ((0, "right"), (first, "left")):
        start = 0 if side == "right" else padding
        note(axes, x - 0.5, 1.25, f"padded on the {side}", "#444444", 12, ha="left", fontweight="bold")
        rows = {
            "letter": [name[t - start] if 0 <= t - start < len(name) else "0" for t in range(steps)],
            "forward": [name[: t - start + 1] if 0 <= t - start < len(name) else "0" for t in range(steps)],
            "backward": [name[t - start :] if 0 <= t - start < len(name) else "0" for t in range(steps)],
        }
        for y, (row, cells) in zip((0.35, -0.75, -1.85), rows.items()):
            if side == "right":
                color = {"forward": readable(INDIGO), "backward": readable(ORANGE)}.get(row, "#444444")
                note(axes, -0.75, y, row, color, 12, ha="right")
            for t, cell in enumerate(cells):
                ink, paper = ("#888888", "#eeeeee") if cell == "0" else (TEXT, "white")
                if row == "letter":
                    note(axes, x + t, y, cell, ink, 14, family=MONO)
                    continue
                _cell(axes, x + t, y, 0.46, "#bbbbbb", paper, 1)
                note(axes, x + t, y, cell, ink, 10, family=MONO)
                if cell == name:
                    _cell(axes, x + t, y, 0.41, GREEN, "none", 2.5)
        _cell(axes, x + steps - 1, -1.3, 0.5, WINE, "none", 2.5, height=1.06)
        taken[side] = rows["forward"][-1], rows["backward"][-1]
        note(axes, x + steps - 1, -2.6, "[:, -1]", readable(WINE), 12, family=MONO)
    told = "; ".join(f"padded on the {side}, [:, -1] takes {' and '.join(cells)}" for side, cells in taken.items())
    show(
        figure,
        f"For {name} with {padding} steps of padding, the letters that each forward and each backward state has read, 0 at padding: {told}.",
        "In each cell, what that state has read; 0 where it is masked. Green: the two states that have read everything. Your summary takes"
        " them where the padding is on the right. Red: what `[:, -1]` takes.",
    )


def _cell(axes, x, y, half, color, paper, width, height=None):
    """A rectangle around (x, y), `half` as wide to either side."""
    from matplotlib.patches import Rectangle

    tall = height or half
    axes.add_patch(Rectangle((x - half, y - tall), 2 * half, 2 * tall, facecolor=paper, edgecolor=color, linewidth=width, zorder=2 if paper != "none" else 5))


def stacks(layers=3, steps=4):
    """A stack of recurrent layers, plain and with residual connections, unfolded over a few steps."""
    figure, axes = canvas(10.4, 4.5, (-1.6, 15.2), (-1.0, 6.2))
    for left, residual in ((0, False), (8.2, True)):
        note(axes, left - 0.4, 5.9, "residual" if residual else "plain", "#444444", 13, ha="left", fontweight="bold")
        before = {}
        for t in range(steps):
            x = left + 1.75 * t
            note(axes, x, -0.75, f"$x_{t + 1}$", size=13)
            below = x, -0.5
            for n in range(layers):
                state = node(axes, x, 0.4 + 1.75 * n, "$h$", INDIGO, 0.34)
                arrow(axes, below, state, color=INDIGO if n else "#888888")
                if n in before:
                    arrow(axes, before[n], state, color="#999999")
                before[n] = state
                if residual and n:
                    total = node(axes, x, 0.4 + 1.75 * n + 0.86, "+", ORANGE, 0.2)
                    arrow(axes, state, total, color=INDIGO)
                    arrow(axes, below, total, curve=0.55 if n > 1 else 0.4, color=ORANGE)
                    below = total
                else:
                    below = state
            arrow(axes, below, (x, 5.35), color="#888888")
    for n in range(layers):
        note(axes, -0.55, 0.4 + 1.75 * n, f"layer {n + 1}", "#444444", 11, ha="right")
    show(
        figure,
        f"Two stacks of {layers} layers over {steps} steps. In both, each state gets the state before it and, from below, the input or the"
        " output of the layer below. In the residual stack a second way leads past each layer from the second on and is added to its state.",
        "From left to right: what a layer said one step earlier. Upwards: what the next layer reads. Orange: the residual connection, which leads past a layer and"
        " adds what that layer has read, $x$, to its state, $h$.",
    )


def depth(held_out, training, in_equal_time):
    """F1 by the network, one dot for each seed.

    Parameters
    ----------
    held_out, training, in_equal_time : dict of str to sequence of float
        By the network's name, one number for each seed; the last, too, is on held-out text.
    """
    figure, (ax,) = subplots(1, 9.5, 0.5 * len(held_out) + 1.3)
    places = np.arange(len(held_out))[::-1]
    dots = {"linestyle": "", "markersize": 6}
    for place, name in zip(places, held_out):
        hidden, row = "_" if place else "", np.full(len(held_out[name]), place)
        ax.plot(training[name], row, marker="o", color=ORANGE, markerfacecolor="white", label=f"{hidden}training", **dots)
        ax.plot(held_out[name], row, marker="o", color=BLUE, alpha=0.6, label=f"{hidden}held out", **dots)
        ax.plot(2 * [np.mean(held_out[name])], [place - 0.3, place + 0.3], color=BLUE, linewidth=2, label="_")
        if in_equal_time[name] != held_out[name]:
            ax.plot(in_equal_time[name], row - 0.24, marker="d", color=GREEN, alpha=0.7, label=f"{hidden}held out, in the\ntime of one layer", **dots)
    judged = [np.mean(values) for values in held_out.values()]
    near = sum(max(judged) - mean < 0.01 for mean in judged)
    one, *others = in_equal_time.values()
    short = sum(max(values) < min(one) for values in others)
    ax.axvspan(min(one), max(one), color=BLUE, alpha=0.1, linewidth=0)
    ax.set_yticks(places, list(held_out))
    title = (
        f"At equal weights, {near} of {len(judged)} means lie within one point of F1 (0.01);"
        f"\nin equal time, {short} networks fall short of one layer with every seed"
    )
    ax.set(title=title, xlabel="F1 of word beginnings", ylim=(-0.6, len(held_out) - 0.4))
    ax.grid(False, axis="y")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=10)
    means = {name: [np.mean(by[name]) for by in (held_out, training, in_equal_time)] for name in held_out}
    told = [f"{name}: held out {judged:.3f}, training {learned:.3f}, in equal time {timed:.3f}" for name, (judged, learned, timed) in means.items()]
    show(
        figure,
        f"F1 by network, mean over the seeds. {'; '.join(told)}.",
        f"A dot is one of {len(one)} seeds, a bar their mean (recorded); the pale band spans the held-out seeds of one layer. Rates of"
        " dropout 0.2. Diamonds: after only as many updates as the network can do while one layer does its own.",
    )


def gradient_maps(maps, single):
    """The gradient's norm over layers and time: as heat maps on one logarithmic scale, and along three rows as lines.

    Parameters
    ----------
    maps : dict of str to ndarray (layers, timesteps)
        The first is the one whose top and bottom rows are drawn.
    single : ndarray (1, timesteps)
        Of a single layer.
    """
    figure, axes = subplots(1 + len(maps), 10.6, 3.5, gridspec_kw={"width_ratios": [1.1, *len(maps) * [1]]})
    logs = {name: np.log10(np.maximum(values, 1e-30)) for name, values in maps.items()}
    low, high = min(values.min() for values in logs.values()), max(values.max() for values in logs.values())
    told, plain = [], next(iter(maps))
    ax, lines = axes[0], {"one layer alone": single[0], "top layer": maps[plain][-1], "lowest layer": maps[plain][0]}
    for (name, values), color, linestyle, side in zip(lines.items(), (GRAY, INDIGO, ORANGE), ("--", "-", "-"), (-1, 1, 1)):
        ax.plot(np.arange(1 - len(values), 1), np.log10(values), color=color, linestyle=linestyle)
        step = len(values) // 3
        place = {"ha": "right", "va": "bottom"} if side > 0 else {"ha": "left", "va": "top"}
        note(ax, step + 1 - len(values) - 0.5 * side, np.log10(values[step]) + 0.06 * side, name, readable(color), 10, **place)
    bottom = lines["lowest layer"]
    ax.set(title=f"{plain}: in the lowest it grows\n{bottom.max() / bottom[-1]:.1f} times, then fades", xlabel="step, the answer at 0", ylabel="norm of the gradient")
    power_ticks(ax.yaxis)
    for ax, (name, values) in zip(axes[1:], logs.items()):
        layers, steps = values.shape
        extent = (-steps + 0.5, 0.5, 0.5, layers + 0.5)
        image = ax.imshow(values, aspect="auto", origin="lower", cmap="inferno", vmin=low, vmax=high, extent=extent)
        back, down, across = (values[-1, -1] - values[corner] for corner in ((-1, 0), (0, -1), (0, 0)))
        ax.set(title=f"{name}: from corner\nto corner {_factor(across)}", xlabel="step, the answer at 0", ylabel="layer")
        ax.grid(False)
        told.append(
            f"{name}: from the answer to the first step of the top layer {_factor(back)}, to the last step of the lowest layer"
            f" {_factor(down)}, to the first step of the lowest layer {_factor(across)}"
        )
    bar = figure.colorbar(image, ax=list(axes[1:]), shrink=0.9)
    power_ticks(bar.ax.yaxis)
    bar.set_label("norm of the gradient")
    ends = "; ".join(f"{name} from {values[-1]:.2g} at the answer to {values[0]:.2g} at the first step" for name, values in lines.items())
    show(
        figure,
        f"Norm of the gradient over layers and time, before training. {'; '.join(told)}. As lines: {ends}.",
        "The gradient by each layer's state at each step. Top right: the layer and the step at which the answer is given; from there it"
        " goes left, back in time, and down, through the layers. Bottom left: the lowest layer as it reads the first letter.",
    )


def _factor(exponent):
    """How much smaller a gradient becomes that shrinks by ten to the exponent, in words."""
    if abs(exponent) < np.log10(1.5):
        return "as large"
    size = float(f"{10 ** abs(exponent):.2g}")
    return f"{size:,.{0 if size >= 10 else 1}f} times {'smaller' if exponent > 0 else 'larger'}"
