"""The figures of lesson 03, backpropagation through time."""

import functools
import math

from helpers.plots.figure import BLUE, GRAY, ORANGE, arrow, canvas, lines, node, note, power, readable, show


def backward_pass(timesteps=3):
    """The unfolded network, and the way back through it."""
    back = functools.partial(arrow, color=ORANGE, linestyle="--")
    figure, axes = canvas(9.5, 3.6, (-1.0, 2.6 * timesteps + 1.4), (-1.0, 3.1))
    axes.set_title("A state is used twice, so two gradients meet there and are added")
    node(axes, 0, 0, "$h_0$", BLUE)
    for t in range(1, timesteps + 1):
        at = 2.6 * t
        node(axes, at, 0, f"$h_{t}$", BLUE)
        node(axes, at, 2.4, f"$L_{t}$", GRAY)
        arrow(axes, (at - 2.22, 0.12), (at - 0.38, 0.12))
        arrow(axes, (at - 0.1, 0.38), (at - 0.1, 2.02))
        back(axes, (at + 0.12, 2.02), (at + 0.12, 0.38), f"own $dh_{t}$", offset=(0.62, 0.25))
        back(axes, (at - 0.38, -0.14), (at - 2.22, -0.14), f"carry $da_{t}\\,W_{{hh}}^\\top$", offset=(0, -0.33))
    note(axes, 2.6 * timesteps + 0.55, 0, "carry = 0", readable(ORANGE), ha="left")
    steps = " and ".join(f"h_{t}" for t in range(timesteps - 1, 0, -1))
    show(
        figure,
        f"States h_0 to h_{timesteps} in a row, forward arrows between them and up to the losses L_1 to L_{timesteps}. Backward"
        " arrows: each L_t sends its own dh_t down to h_t, and each h_t sends the carry da_t W_hh^T to the state before it."
        f" At {steps} two backward arrows meet; behind h_{timesteps} the carry is 0.",
        "Orange is the way back. What arrives at a state is added up: its own $dh_t$, and the carry from the step after it."
        " What arrives at $h_0$ is $dh_0$.",
    )


def error_by_step_size(steps, errors):
    """Relative errors of numerical gradients over the size of the step.

    Parameters
    ----------
    steps : sequence of float
    errors : dict of str to sequence of float
        For each witness its relative error at each step.
    """
    first, row = next(iter(errors.items()))
    low, high = sorted(sorted(steps, key=lambda step: row[steps.index(step)])[:2])  # the two best
    best = [power(math.log10(step)) for step in (low, high)]
    lines(
        steps,
        errors,
        f"{first.capitalize()} do best with steps of {best[0]} and {best[1]}",
        "step size (log scale)",
        "relative error (log scale)",
        f"Relative error over the step size, from {power(math.log10(steps[0]))} to {power(math.log10(steps[-1]))}. {first.capitalize()} are best at"
        f" {best[0]} and {best[1]}; larger and smaller steps are worse. The other line falls and then stays at the rounding of float64.",
        "Two errors pull against each other in a difference: the curve of the function, and rounding. The complex step subtracts nothing.",
        xscale="log",
        yscale="log",
    )


def gradient_kept(truncations, errors, timesteps):
    """How far the truncated gradient of W_hh is from the full one.

    Parameters
    ----------
    truncations : sequence of int
    errors : dict of str to sequence of float
        For each network the error relative to the full gradient's norm.
    timesteps : int
        Of the full backward pass.
    """
    name, row = next(iter(errors.items()))
    said = "; ".join(
        f"{name}: " + ", ".join(f"{e:.2f} at {k}" for k, e in zip(truncations, row)) for name, row in errors.items()
    )
    lines(
        truncations,
        errors,
        f"Gradient of $W_{{hh}}$, {name}: off by {row[0]:.0%} with segments of {truncations[0]},"
        f" by {row[-1]:.0%} with segments of {truncations[-1]}",
        "truncation (time steps, log scale)",
        "error / norm of the full gradient",
        f"Error of the truncated gradient, relative to the full gradient over {timesteps} steps. {said}.",
        f"0 is the full gradient over {timesteps} steps, 1 is as far off as no gradient at all.",
        xscale="log",
        xticks=list(truncations),
        xticklabels=[str(k) for k in truncations],
        ylim=(0, 1),
    )


def memory_by_length(lengths, megabytes):
    """Memory of a backward pass over the length of the sequence.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    megabytes : dict of str to sequence of float
        For each way of working its peak at each length.
    """
    growth = {name: row[-1] / row[0] for name, row in megabytes.items()}
    longer = lengths[-1] / lengths[0]
    said = "; ".join(f"{name}: times {factor:.0f}" for name, factor in growth.items())
    lines(
        lengths,
        megabytes,
        f"Memory for {longer:.0f} times the steps: " + " or ".join(f"times {f:.0f}" for f in growth.values()),
        "time steps (log scale)",
        "peak memory in MB (log scale)",
        f"Peak memory over time steps, from {lengths[0]} to {lengths[-1]}. {said}.",
        f"From {lengths[0]} to {lengths[-1]} time steps the peak grows. {said}.",
        xscale="log",
        yscale="log",
    )
