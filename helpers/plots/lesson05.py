"""The figures of lesson 05, the recurrent network of Keras."""

import numpy as np

from helpers.laboratory.lesson05 import repeating
from helpers.plots.figure import (
    BLUE,
    COLOR,
    GRAY,
    GREEN,
    INDIGO,
    ORANGE,
    arrow,
    baseline,
    canvas,
    label_ends,
    node,
    note,
    picture,
    power,
    readable,
    show,
    subplots,
)
from helpers.plots.text import coloured_rows


def opening():
    """Three success stories, and what each of them leaves out; as HTML, for the top of the page."""
    figure, axes = subplots(3, 10.4, 3.0)
    bar, table, curve = axes
    bar.bar([0], [0.9583], width=0.5, color=ORANGE)
    bar.set(title="\u201caccuracy 0.9583\u201d", xlim=(-1.4, 1.4), ylim=(0, 1.15), ylabel="training accuracy")
    bar.set_xticks([])
    note(bar, 0, 1.08, "is that good?", readable(ORANGE), 11)
    table.set(title="\u201caccuracy 1.0000\u201d", xlim=(0, 10), ylim=(0, 10))
    for y, (asked, told) in zip((8.6, 7.0, 4.4, 2.6), (("a b", "c"), ("b c", "d"), ("h i", "j"), ("a e", "?"))):
        new = told == "?"
        note(table, 3.4, y, asked, size=13, family="DejaVu Sans Mono")
        arrow(table, (4.9, y), (6.3, y), color=readable(ORANGE) if new else "#777777")
        note(table, 7.2, y, told, readable(ORANGE) if new else "#222222", 14)
    note(table, 5.6, 5.8, "...", size=13)
    note(table, 5, 0.8, "which rule has it learned?", readable(ORANGE), 11)
    table.axis("off")
    epochs = np.linspace(0, 10, 60)
    curve.plot(epochs, 0.083 + 0.25 * np.exp(-0.6 * epochs), color=ORANGE)
    curve.set(title="\u201cthe loss goes down\u201d", xlabel="epochs", ylabel="training loss", ylim=(0, 0.36))
    curve.set_xticks([])
    curve.set_yticks([])
    note(curve, 6, 0.24, "the inputs and the\nanswers are random.\nWhat is learned?", readable(ORANGE), 11)
    return picture(
        figure,
        "Three success stories. A bar of training accuracy 0.9583: is that good? A model that answers ab with c, bc with d and hi"
        " with j, accuracy 1.0000: what will it answer to ae, and which rule has it learned? A training loss that goes down,"
        " though the inputs and the answers are random numbers: what is learned?",
        "Three results that introductions on the web report. By the end of this lesson you will have reproduced all three. (The curve on the right is only a sketch of one.)",
    )


def agreement(errors, wrong):
    """How far Keras is from your network, a dot for the outputs and for each gradient.

    Parameters
    ----------
    errors : dict of str to float
        Relative errors.
    wrong : dict of str to float
        The same for a twin with W_hh transposed.
    """
    figure, (ax,) = subplots(1, 8, 2.7)
    names = list(errors)[::-1]
    values = np.array([errors[name] for name in names])
    ax.axvspan(1e-9, 1e-5, color=GREEN, alpha=0.12)
    note(ax, 1e-7, len(names) - 0.35, "tolerance: 1e-5", readable(GREEN), 10, va="bottom")
    ax.plot(values, range(len(names)), linestyle="", marker="o", color=INDIGO, markersize=8)
    apart = [wrong[name] for name in names]
    ax.plot(apart, range(len(names)), linestyle="", marker="o", color=readable(ORANGE), markersize=8, markerfacecolor="none")
    note(ax, float(np.median(apart)), len(names) - 0.35, "$W_{hh}$ transposed", readable(ORANGE), 10, va="bottom")
    worst = max(errors, key=errors.get)
    title = "Outputs and all gradients agree up to float32 rounding"
    if errors[worst] > 1e-5:
        title = f"Furthest apart: {worst}"
    ax.set(title=title, xscale="log", xlim=(1e-9, 30), ylim=(-0.6, len(names) + 0.2), xlabel="relative error, Keras in float32 against float64")
    ax.set_yticks(range(len(names)), names)
    ticks = [-9, -7, -5, -3, -1]
    ax.set_xticks([10.0**t for t in ticks], [power(t) for t in ticks])
    ax.minorticks_off()
    found = ", ".join(f"{name} {value:.0e}" if value > 1e-5 else f"{name} below 1e-5" for name, value in errors.items())  # the rest is rounding
    other = ", ".join(f"{name} {value:.1g}" for name, value in wrong.items())
    show(
        figure,
        f"Relative errors between Keras and the plain network: {found}. The same with W_hh transposed: {other}.",
        "Filled: your weights. Hollow: what a real mistake looks like, the same weights with one matrix transposed.",
    )


def what_comes_out(shapes):
    """The four ways to read a recurrent layer, each drawn over its unrolled steps.

    Parameters
    ----------
    shapes : dict of (bool, bool) to list of tuple
        By return_sequences and return_state, the shapes of what the layer returned.
    """
    figure, axes = canvas(10.4, 5.2, (-1.2, 20.6), (-8.0, 2.2))
    said = []
    for (sequences, state), found in shapes.items():
        left, base = 10.6 * state, -5.4 * sequences
        switches = [f"return_{name}=True" for name, on in (("sequences", sequences), ("state", state)) if on]
        title = ", ".join(switches) or "the default"
        note(axes, left - 0.6, base + 1.75, title, size=11, ha="left", fontweight="bold")
        for t in range(6):
            h = node(axes, left + 1.4 * t, base, f"$h_{t + 1}$", INDIGO, filled=True)
            arrow(axes, (left + 1.4 * t, base - 1.15), h)
            note(axes, left + 1.4 * t, base - 1.4, f"$x_{t + 1}$", size=11)
            if t:
                arrow(axes, (left + 1.4 * t - 1.02, base), (left + 1.4 * t - 0.38, base))
            if sequences or t == 5:
                arrow(axes, h, (left + 1.4 * t, base + 1.15), color=readable(ORANGE))
        if state:
            arrow(axes, (left + 7.4, base), (left + 8.3, base), color=readable(BLUE))
            note(axes, left + 8.4, base, "state", readable(BLUE), 10, ha="left")
        shown = " and ".join(str(shape) for shape in found)
        note(axes, left - 0.6, base - 2.1, shown, size=10, ha="left", family="DejaVu Sans Mono")
        said.append(f"{title}: {shown}")
    show(
        figure,
        f"What a SimpleRNN of 5 units returns for 2 sequences of 6 steps. {'; '.join(said)}.",
        "2 sequences, 6 steps, 5 units: a shape is (batch, time, units), without the time axis where only one step is returned."
        " What enters from below is the input; what leaves upwards is the output, and to the right the state.",
    )


def moved_by_padding(moved):
    """How far padding moves the last state, side by side with and without a mask.

    Parameters
    ----------
    moved : dict of (str, bool, bool) to float
        By side ("right" or "left"), mask and bias, the distance from the last state without padding.
    """
    figure, axes = subplots(2, 10, 3.0)
    widest, found = max(moved.values()), []
    for ax, side in zip(axes, ("left", "right")):
        rows = [(masked, bias) for masked in (True, False) for bias in (True, False)]
        for place, (masked, bias) in enumerate(rows):
            value = moved[side, masked, bias]
            ax.barh(place, value, color=BLUE if masked else ORANGE, height=0.6)
            note(ax, value + 0.02, place, f"{value:.2f}" if value > 1e-6 else "0, not moved", size=10, ha="left")
            found.append(f"{side}, {'mask' if masked else 'no mask'}, {'with a bias' if bias else 'bias 0'} {value:.2f}")
        ax.set_yticks(range(4), [f"{'mask' if masked else 'no mask'}, {'with a bias' if bias else 'bias 0'}" for masked, bias in rows])
        moving = {row for row in rows if moved[(side, *row)] > 1e-6}
        when = {
            frozenset(): "never", frozenset({(False, True)}): "only without a mask and with a bias",
            frozenset({(False, True), (False, False)}): "whenever there is no mask",
        }.get(frozenset(moving), f"in {len(moving)} of 4 cases")
        ax.set(title=f"Padding on the {side} moves the state\n{when}", xlabel="distance between the last states", xlim=(0, 1.3 * widest + 0.1))
        ax.grid(visible=False, axis="y")
    show(
        figure,
        f"How far padding moves the last state: {', '.join(found)}.",
        "Euclidean distance between the last state with padding and the last state without. The bias is a small one: its standard deviation is 0.05.",
    )


def name_losses(losses, blind, bigram):
    """The loss on held-out names, by what is counted.

    Parameters
    ----------
    losses : dict of str to float
        In nats per character, by what the mean runs over.
    blind, bigram : float
        A blind guess among all symbols, and lesson 02's bigram.
    """
    figure, (ax,) = subplots(1, 8.5, 2.5)
    places = range(len(losses))[::-1]
    ax.barh(list(places), list(losses.values()), color=[BLUE, *[ORANGE] * (len(losses) - 1)], height=0.6)
    for place, value in zip(places, losses.values()):
        note(ax, value - 0.1, place, f"{value:.2f}", "white", 10, ha="right", fontweight="bold")
    for value, name, align in ((bigram, "bigram ", "right"), (blind, " blind guess", "left")):
        ax.axvline(value, color=GRAY, linestyle="--", linewidth=1.5)
        note(ax, value, len(losses) - 0.45, name, GRAY, 10, ha=align, va="bottom")
    ax.set_yticks(list(places), list(losses))
    real, counted = list(losses.values())[:2]
    title = f"The padding turns {real:.2f} nats into {counted:.2f}" if abs(counted - real) > 0.1 else "The padding hardly shows"
    ax.set(title=title + "\n", xlabel="nats per position", xlim=(0, 1.12 * max(losses.values())), ylim=(-0.6, len(losses) - 0.4))
    ax.grid(visible=False, axis="y")
    found = ", ".join(f"{name} {value:.2f}" for name, value in losses.items())
    show(figure, f"Loss on held-out names in nats: {found}; bigram {bigram:.2f}, blind guess {blind:.2f}.")


def names_finding(curve, bigram):
    """What training on names shows, as a title.

    Parameters
    ----------
    curve : (list of float, list of float)
        Updates, and the mean training loss up to each of them, in nats.
    bigram : float
        The bigram's.
    """
    below = next((int(update) for update, loss in zip(*curve) if loss < bigram), None)
    return f"After {below} updates, better than the bigram" if below else "Not yet better than the bigram"


def by_heart_finding(right, number, loss, lowest):
    """What training on 51 characters shows, as a title: how many answers are right, and how far the loss is from its limit."""
    told = "still far above its limit" if loss > 2 * lowest + 0.05 else "close to its limit"
    return f"{right} of {number} right, the loss {told}"


def ceiling_by_window(text, ceilings, reported=None):
    """The best accuracy and the lowest loss that any model with a window can reach on a text, by the window's width.

    Parameters
    ----------
    text : str
    ceilings : list of (float, float)
        Accuracy and loss for windows of 1, 2, ... characters.
    reported : (int, float, float), optional
        A window, and the accuracy and the loss that were reported for it.
    """
    if not ceilings:
        print("Type at least two characters: a window, and what follows it.")
        return
    figure, (left, right) = subplots(2, 10, 3.1)
    widths = np.arange(1, len(ceilings) + 1)
    accuracies, losses = (np.array(column) for column in zip(*ceilings))
    left.plot(widths, accuracies, color=ORANGE, marker="o")
    right.plot(widths, losses, color=ORANGE, marker="o")
    if reported is not None:
        width, *values = reported
        for ax, value, below in zip((left, right), values, (0.03, -0.03)):
            ax.plot([width], [value], marker="o", markersize=15, markerfacecolor="none", markeredgecolor=INDIGO, markeredgewidth=2, linestyle="")
            note(ax, width + 0.25, value - below, f"reported: {value}", INDIGO, 10, ha="left", va="top" if below > 0 else "bottom")
        possible = float(losses[width - 1])
        arrow(right, (width, values[1] - 0.06), (width, possible + 0.05), color=INDIGO)
    full = next((int(w) for w, a in zip(widths, accuracies) if a == 1), None)
    told = f"From {full} characters on, 1.00 is possible" if full else f"Not even {widths[-1]} characters reach 1.00"
    if full == 1:
        told = "One character is enough for 1.00"
    if reported is not None and abs(accuracies[width - 1] - values[0]) < 5e-5:
        told = f"Window {width}: the reported {values[0]} is the ceiling"
    left.set(title=told, ylabel="best possible accuracy", ylim=(min(0.5, accuracies.min() - 0.05), 1.04))
    limit = "The loss cannot go lower than this" if reported is None else f"Reported loss {values[1]:.2f}, possible {possible:.2f}"
    right.set(title=limit, ylabel="lowest possible loss, nats", ylim=(-0.05 * max(losses.max(), 0.2), None))
    for ax in (left, right):
        ax.set(xlabel="characters in the window")
        ax.set_xticks(widths)
    shown = text if len(text) <= 60 else text[:57] + "..."
    found = ", ".join(f"{w}: {a:.3f} and {b:.3f} nats" for w, a, b in zip(widths, accuracies, losses))
    show(figure, f"Best accuracy and lowest loss on the text {shown!r} by the window's width. {found}.")


def loops(greedy, drawn):
    """Texts in colour, by how long each has been repeating itself.

    Parameters
    ----------
    greedy : str
    drawn : list of str
    """
    rows = [("greedy", greedy), *((f"drawn {k}", text) for k, text in enumerate(drawn, start=1))]
    counted = [(name, text, repeating(text)) for name, text in rows]
    longest = ", ".join(f"{name} {max(lengths)}" for name, _, lengths in counted)
    coloured_rows(
        counted, "characters up to here that were written before",
        f"Four texts of {len(greedy)} characters. Longest repeated stretch in each text: {longest}.",
        "The greedy text grows darker and darker from the moment it comes upon a window it has had before. The drawn ones find their way out again.",
        low=0, high=40, digits=0,
    )


def told_apart(asked, found, seeds):
    """Which of two rules a model follows, on the strings that tell the rules apart.

    Parameters
    ----------
    asked : dict of str to list of str
        By name, the strings that the model was asked.
    found : dict of str to (list of str, dict of str to float)
        Those of them on which the rules differ, and the fraction of the answers to these by "next", "count" and "neither";
        None where there are none.
    seeds : list of dict
        Recorded ones: `by_length` has the fraction by "count", by the length of random strings.
    """
    figure, (ax,) = subplots(1, 9.5, 0.72 * len(asked) + 1.5)
    colors, told = {"count": BLUE, "next": ORANGE, "neither": GRAY}, []
    for place, (name, strings) in enumerate(asked.items()):
        apart, shares = found[name]
        told.append(f"{name}: {len(apart)} of {len(strings)} tell the rules apart")
        if not shares:
            note(ax, 0.01, place, "nothing: on all of them the rules predict the same letter", "#555555", 10, ha="left", backgroundcolor="white")
            continue
        told[-1] += "".join(f", {100 * shares[rule]:.0f} % {rule}" for rule in colors)
        left = 0.0
        for rule, color in colors.items():
            ax.barh(place, shares[rule], left=left, height=0.62, color=color)
            if shares[rule] > 0.025:
                size = 10 if shares[rule] > 0.05 else 8
                note(ax, left + shares[rule] / 2, place, f"{100 * shares[rule]:.0f} %", "white", size, fontweight="bold")
            left += shares[rule]
        if length := next((word for word in name.split() if word.isdigit()), ""):
            dots = [seed["by_length"][length]["count"] for seed in seeds]
            ax.plot(dots, len(dots) * [place + 0.4], linestyle="", marker="d", markersize=5, color=readable(BLUE), alpha=0.7)
            told[-1] += f"; {len(dots)} recorded seeds: {100 * min(dots):.0f} to {100 * max(dots):.0f} % count"
    known = [shares for _, shares in found.values() if shares]
    for rule, color, x, words in (("count", BLUE, 0, "count"), ("next", ORANGE, 0.12, "next"), ("neither", GRAY, 0.22, "neither")):
        note(ax, x, -0.62, words, readable(color), 11, ha="left", va="bottom", fontweight="bold")
    note(ax, 1.0, -0.62, f"\u25c6 count, {len(seeds)} seeds", readable(BLUE), 10, ha="right", va="bottom")
    title = "What the answers tell"
    for rule, words in (("count", "in this run most answers count on from the first letter"), ("next", "most answers are the letter after the one just read")):
        if known and all(shares[rule] > 0.5 for shares in known):
            title = f"Where the rules differ, {words}"
    labels = [f"{name}\nthey differ on {len(found[name][0]):,} of {len(strings):,}" for name, strings in asked.items()]
    ax.set_yticks(range(len(asked)), labels)
    ax.set(title=title, xlim=(0, 1), ylim=(len(asked) - 0.5, -1.05), xlabel="answers to the strings that tell the rules apart")
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    ax.grid(visible=False, axis="y")
    show(
        figure, f"Which rule the answers follow. {'; '.join(told)}.",
        f"Bars: this run. Diamonds: where the blue bar ends with each of {len(seeds)} recorded seeds.",
    )


def first_letters(symbols, first, second):
    """What a stateful model says a name begins with, read twice without a reset.

    Parameters
    ----------
    symbols : str
    first, second : ndarray (symbols,)
        Probabilities at the first and the second reading.
    """
    figure, (ax,) = subplots(1, 10, 2.8)
    places = np.arange(len(symbols))
    for name, p, color, shift in (("first reading", first, BLUE, -0.2), ("second reading", second, ORANGE, 0.2)):
        ax.bar(places + shift, p, width=0.4, color=color, label=name)
    ax.set_xticks(places, ["end" if symbol == "\n" else symbol for symbol in symbols])
    most, end = int(np.argmax(np.abs(second - first))), symbols.index("\n")
    ax.set(title="The same call twice: two different answers", ylabel="probability")
    ax.legend()
    ax.grid(visible=False, axis="x")
    show(
        figure,
        "Probability of each first letter, by the same call at the first and the second time. Furthest apart at"
        f" {'the end of the name' if most == end else symbols[most]}: {first[most]:.2f} and {second[most]:.2f}.",
        "\u201cend\u201d is the newline: a name that is over before it has begun. At the first reading it gets a probability of"
        f" {first[end]:.2f}, at the second {second[end]:.2f}.",
    )


def scores_with_a_leak(clean, leaking):
    """Each name's score with a reset before it, and without.

    Parameters
    ----------
    clean, leaking : sequence of float
        Nats per character.
    """
    clean, leaking = np.asarray(clean), np.asarray(leaking)
    figure, (ax,) = subplots(1, 5.6, 4.0)
    ends = [min(clean.min(), leaking.min()) - 0.1, max(clean.max(), leaking.max()) + 0.1]
    ax.plot(ends, ends, color=GRAY, linewidth=1.5, linestyle="--")
    note(ax, ends[1], ends[1], "the same ", GRAY, 10, ha="right", va="bottom")
    worse = leaking > clean + 0.01
    ax.plot(clean, leaking, linestyle="", marker="o", markersize=5, color=ORANGE, alpha=0.7)
    ax.plot(clean[:1], leaking[:1], linestyle="", marker="o", markersize=12, color=INDIGO, markerfacecolor="none", markeredgewidth=2)
    ax.annotate("first name", (clean[0], leaking[0]), (10, -10), textcoords="offset points", color=INDIGO, fontsize=10, va="top")
    ax.set(
        title=f"The leak makes {worse.sum()} of {len(clean)} names look worse", xlabel="nats per character, reset before each name",
        ylabel="reset once, before the first name", xlim=ends, ylim=ends,
    )
    better = int(np.sum(leaking < clean - 0.01))
    show(
        figure,
        f"Score of each of {len(clean)} names, reset before it against one reset before the first: worse for {worse.sum()}, better for {better},"
        f" the same for {len(clean) - worse.sum() - better}.",
        "One dot for each name; higher is worse. The first name, in the ring, lies on the line: both ways it began with a reset.",
    )


def ladder(seconds, characters):
    """How long each way of writing takes, on a logarithmic scale.

    Parameters
    ----------
    seconds : dict of str to float
        For the whole text, the slowest way first.
    characters : int
        Its length.
    """
    figure, (ax,) = subplots(1, 9.5, 2.9)
    places = range(len(seconds))[::-1]
    each = np.array(list(seconds.values())) / characters
    colors = [readable(ORANGE) if "whole" in name else COLOR["SimpleRNN"] for name in seconds]
    ax.scatter(each, list(places), color=colors, s=70, zorder=3)
    slowest = each[0]
    for place, value in zip(places, each):
        factor = slowest / value
        told = f"{_rounded(1000 * value)} ms" + ("" if value == slowest else f", {_rounded(factor)} times as fast")
        note(ax, value * 1.5, place, told, size=10, ha="left")
    ax.set(xscale="log", xlim=(each.min() / 3, slowest * 30), ylim=(-0.6, len(seconds) - 0.4), xlabel="time for each character (each mark is ten times the last)")
    ax.set_yticks(list(places), list(seconds))
    low, high = int(np.floor(np.log10(each.min() / 3))), int(np.ceil(np.log10(slowest * 30)))
    ticks = [t for t in range(low + 1, high)]
    ax.set_xticks([10.0**t for t in ticks], [_seconds(t) for t in ticks])
    ax.minorticks_off()
    ax.set(title=f"The same {characters} characters, {_rounded(slowest / each[-1])} times as fast as with {next(iter(seconds)).split(',')[0]}")
    ax.grid(visible=False, axis="y")
    found = ", ".join(f"{name} {1000 * value:.3g} ms" for name, value in zip(seconds, each))
    show(figure, f"Time for each character, {len(seconds)} ways to write the same text: {found}.", "Orange: the whole text is read anew for each character. The others carry the state. \u201cTimes as fast\u201d compares with the top row.")


def _rounded(number, digits=2):
    """A number to so many significant digits, in words that fit a label."""
    return f"{float(f'{number:.{digits}g}'):,.10g}"


def _seconds(exponent):
    names = {0: "1 s", -1: "0.1 s", -2: "10 ms", -3: "1 ms", -4: "0.1 ms", -5: "10 µs", -6: "1 µs", 1: "10 s"}
    return names.get(exponent, f"{power(exponent)} s")


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
    note(ax, (real + 1 + steps[-1]) / 2, 1.0, "padding", "#555555", 10, va="bottom", transform=ax.get_xaxis_transform())
    baseline(ax, 0, "a reset would be here")
    for (name, values), color, marker in zip(states.items(), (BLUE, ORANGE), "o^"):
        ax.plot(steps, values, color=color, marker=marker, markersize=6, label=name)
    moved = {name: float(np.abs(values[real:] - values[real - 1]).max()) for name, values in states.items()}
    held = " and ".join(name for name, by in moved.items() if by == 0)
    title = "With a mask the state is held" if held == "mask" else f"Held through the padding: {held or 'neither'}"
    ax.set(title=title + "\n", xlabel="time step", ylabel=f"state of unit {unit}")
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
        First and second letters of the pairs; the third and those after it are what training of runs of three asked for.
    answers : sequence of str
        To the pairs in alphabetical order.
    """
    from matplotlib.patches import Patch, Rectangle

    n = len(letters)
    figure, (ax,) = subplots(1, 7.5, 4.2)
    position = {letter: i for i, letter in enumerate(letters)}
    unfair = "at least one rule asks for what was never an answer"
    kinds = {
        "trained on": (GREEN, 0.45), "the letter after the second": (ORANGE, 0.45),
        "the first letter + 2": (BLUE, 0.30), "neither": (GRAY, 0.5), unfair: ("white", 1.0),
    }
    hatched = {"hatch": "////", "edgecolor": "#c8c8c8", "linewidth": 0}
    count = dict.fromkeys(kinds, 0)
    for i in range(n):
        for j, letter in enumerate(answers[n * i : n * (i + 1)]):
            answer = position.get(letter, -1)
            if i >= n - 2 or j in (0, n - 1):
                kind = unfair
            elif j == i + 1:
                kind = "trained on"
            elif answer == i + 2:
                kind = "the first letter + 2"
            else:
                kind = "the letter after the second" if answer == j + 1 else "neither"
            count[kind] += 1
            color, alpha = kinds[kind]
            look = hatched if kind == unfair else {"edgecolor": "white"}
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=color, alpha=alpha, **look))
            ax.text(j, i, letter, ha="center", va="center", fontsize=11, color="#767676" if kind == unfair else "#222222")
    first, second = 0, position["e"]
    ax.add_patch(Rectangle((second - 0.5, first - 0.5), 1, 1, facecolor="none", edgecolor=readable(ORANGE), linewidth=2.5, zorder=3, clip_on=False))
    asked = n * n - count[unfair] - count["trained on"]
    ax.set(
        xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xlabel="second letter", ylabel="first letter",
        title=f"{count['the first letter + 2']} of {asked} pairs that tell the rules\napart: the first letter + 2",
    )
    ax.set_xticks(range(n), letters)
    ax.set_yticks(range(n), letters)
    ax.grid(False)
    labels = {kind: f"{kind}: {number}".replace("for what", "for\nwhat") for kind, number in count.items()}
    handles = [
        Patch(facecolor=color, alpha=alpha, label=labels[kind], **(hatched if kind == unfair else {})) for kind, (color, alpha) in kinds.items()
    ]
    ax.legend(handles=handles, fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5))
    found = "; ".join(f"{name}: {number}" for name, number in count.items())
    opening = f"{letters[first]}{letters[second]} is answered with {answers[n * first + second]}"
    show(
        figure,
        f"Table of the answers to all pairs of the letters {letters[0]} to {letters[-1]}, first letter downwards, second to the right."
        f" Number of pairs by the kind of answer: {found}. {opening}.",
        f"Both rules are right on the pairs in green. Framed: the question of the opening figure; {opening}.",
    )


def noise_finding(name, run, best, band):
    """What a training on noise shows, as a title in two lines.

    Parameters
    ----------
    name : str
        Of the training data.
    run : helpers.laboratory.lesson05.Judge
    best : float
        The lowest possible expected loss.
    band : float
        Half the width of what held-out losses of the best constant may be by chance.
    """
    ending = "training falls"
    if run.training[-1] < best - band:
        ending = "the network learns them by heart"
    elif run.training[-1] < best + band:
        ending = "training falls to 1/12"
    gain = "held out never beats the best constant" if min(run.held_out) > best - band else "held out beats any constant?"
    return f"{name}: {ending},\n{gain}"


def predictions(run):
    """Mean and standard deviation of what a model predicts of noise, untrained and after each epoch.

    Parameters
    ----------
    run : helpers.laboratory.lesson05.Judge
    """
    figure, (ax,) = subplots(1, 7, 2.8)
    epochs, means, spreads = np.arange(1, len(run.means)), np.array(run.means), np.array(run.spreads)
    baseline(ax, 0.5, "1/2")
    ax.fill_between(epochs, (means - spreads)[1:], (means + spreads)[1:], color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(epochs, means[1:], color=BLUE, marker="o", label="mean")
    ax.set(title="The predictions draw together, and their mean wanders about 1/2", xlabel="epoch", ylabel="prediction")
    label_ends(ax)
    show(
        figure,
        f"Mean and standard deviation of the predictions on held-out sequences: untrained {means[0]:.2f} and {spreads[0]:.2f},"
        f" after {epochs[-1]} epochs {means[-1]:.2f} and {spreads[-1]:.2f}; 1/2 as a line.",
        f"{run.y.size:,} held-out sequences: the mean of the predictions after each epoch, and a standard deviation up and down. (Untrained:"
        f" {means[0]:.2f} and {spreads[0]:.2f}.)",
    )
