"""The pictures of lesson 04, vanishing and exploding gradients."""

import numpy as np

from helpers.laboratory.lesson04 import border
from helpers.plots.figure import (
    BLUE,
    COLOR,
    GRAY,
    GREEN,
    ORANGE,
    PINK,
    TEXT,
    arrow,
    baseline,
    canvas,
    draw,
    label_ends,
    lines,
    node,
    note,
    picture,
    power,
    power_ticks,
    readable,
    show,
    subplots,
)

RECURRENT = COLOR["recurrent"]
FAINT = "#d8d8d8"
#: Of five spectral radii: blue below 1, black at 1, brown above; all dark enough for a label to have its line's own colour.
RADIUS_COLORS = ("#062b66", "#0f6ccf", TEXT, "#b35a00", "#6e1f00")
#: A network by its first weights and activation: what the learning curves and figures call it, and its colour.
NETWORKS = {
    ("normal", "tanh"): ("random weights, tanh", BLUE),
    ("identity", "relu"): ("identity weights, relu", ORANGE),
    ("orthogonal", "tanh"): ("orthogonal weights, tanh", PINK),
}


def opening():
    """The lesson's first picture: a gradient on its way back, through three networks. Returns it as HTML."""
    steps, rows = 16, [(0.8, "times 0.8", BLUE), (1.0, "times 1", RECURRENT), (1.25, "times 1.25", ORANGE)]
    figure, axes = canvas(11.2, 4.2, (-3.6, steps + 3.6), (-5.1, 2.1))
    for row, (factor, name, color) in enumerate(rows):
        y = 0.2 - (0.0, 1.5, 3.6)[row]
        note(axes, -1.15, y, f"each step back:\n{name}", readable(color), size=10, ha="right")
        for t in range(steps):
            lag = steps - 1 - t
            node(axes, t, y, "", color, size=0.16 * np.sqrt(factor**lag), filled=True)  # the area is the gradient's norm
        note(axes, steps - 0.2, y, f"step 1 gets {factor ** (steps - 1):.2g}", readable(color), size=11, ha="left")
    arrow(axes, (steps - 1, 1.55), (0, 1.55), color=GRAY)
    note(axes, (steps - 1) / 2, 1.85, "the gradient travels back in time", GRAY, size=11)
    note(axes, steps - 1, 1.1, f"step {steps}", GRAY, size=10)
    note(axes, 0, 1.1, "step 1", GRAY, size=10)
    small, _, large = (factor ** (steps - 1) for factor, _, _ in rows)
    return picture(
        figure,
        f"Three rows of {steps} discs, one for each time step; a disc's area is the size of the gradient there. Going back from"
        f" the last step to the first, each step multiplies it by 0.8 in the first row, where the discs dwindle to {small:.2g} of"
        f" the start, by 1 in the second, where they stay, and by 1.25 in the third, where they swell to {large:.2g} times.",
        "What the last step has to say to the first, after fifteen multiplications by the same number. The area of a disc is the size of the gradient.",
    )


def circle_to_ellipse():
    """What a matrix of two rows does: singular values, a real eigenvalue, and a complex pair."""
    A, B = np.array([[1.3, 1.2], [0.0, 0.5]]), np.array([[1.0, -0.9], [0.5, 0.75]])
    U, singular, _ = np.linalg.svd(A)
    values, vectors = np.linalg.eig(A)
    largest = int(np.argmax(np.abs(values)))
    pair = np.linalg.eigvals(B)
    rho = float(np.max(np.abs(pair)))
    figure, (ellipse, spiral) = subplots(2, 10.5, 4.2)
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(angles), np.sin(angles)])
    ellipse.plot(*circle, color=FAINT, linewidth=2)
    ellipse.plot(*(A @ circle), color=RECURRENT, linewidth=2)
    ellipse.set(xlim=(-2.2, 2.2), ylim=(-1.5, 1.5), aspect="equal", title="A real eigenvalue: one direction only stretches")
    for sigma, direction in zip(singular, U.T):
        end = sigma * direction * np.sign(direction[1])
        arrow(ellipse, (0.0, 0.0), (float(end[0]), float(end[1])), color=RECURRENT)
        place = end * (1 + 0.2 / sigma) if sigma < 1 else end + [0.14, 0.18]
        note(ellipse, *place, f"{sigma:.2f}", readable(RECURRENT), size=10)
    v = vectors[:, largest] * np.sign(vectors[0, largest])
    ellipse.plot([-2.0 * v[0], 2.0 * v[0]], [-2.0 * v[1], 2.0 * v[1]], color=ORANGE, linestyle=":", linewidth=1.5)
    end = values[largest] * v
    ellipse.plot([end[0]], [end[1]], color=ORANGE, marker="o", markersize=6)
    note(ellipse, end[0], end[1] - 0.24, f"times {values[largest]:.2f}", readable(ORANGE), size=10)
    ellipse.set_xticks([-2, -1, 0, 1, 2])
    ellipse.set_yticks([-1, 0, 1])
    steps = [np.array([0.55, 0.0])]
    for _ in range(7):
        steps.append(B @ steps[-1])
    reach = 1.35 * float(np.max(np.abs(steps)))
    spiral.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title="A complex pair: everything turns and stretches")
    spiral.set_xticks([-1, 0, 1])
    spiral.set_yticks([-1, 0, 1])
    for before, after in zip(steps, steps[1:]):
        arrow(spiral, tuple(map(float, before)), tuple(map(float, after)), color=ORANGE, curve=0.12)
    for step, point in enumerate(steps):
        spiral.plot(*point, color=RECURRENT, marker="o", markersize=6)
        note(spiral, *(point * (1 + 0.12 * reach / np.linalg.norm(point))), f"{step}", readable(RECURRENT), size=9)
    show(
        figure,
        f"Left: a matrix sends the unit circle to a tilted ellipse, whose half-axes are {singular[0]:.2f} and {singular[1]:.2f}"
        f" long; a dotted line shows a direction that stays as it is and is stretched {values[largest]:.2f}-fold. Right: another"
        f" matrix, whose eigenvalues are a complex pair of modulus {rho:.2f}, sends a point round and outwards, step after step.",
        "**Singular values** (purple, left) are the half-axes of the ellipse; the largest is the *spectral norm*. A real **eigenvalue**"
        " (orange) is the factor of a direction that does not turn. A *complex pair* $a \\pm b\\,i$ leaves no direction in its place: its"
        f" *modulus* $\\sqrt{{a^2 + b^2}}$, here {rho:.2f}, is the factor per step on average over the turns.",
    )


def jacobian(W_hh, h_t, J):
    """How the Jacobian of one step is made: the rows of W_hh.T, each scaled by the slope of its unit.

    Parameters
    ----------
    W_hh : ndarray (hidden_size, hidden_size)
    h_t : ndarray (hidden_size,)
        The state of a tanh network after the step.
    J : ndarray (hidden_size, hidden_size)
        The learner's Jacobian.
    """
    slopes, size = 1 - h_t**2, len(h_t)
    top = float(np.max(np.abs(W_hh)))
    figure, (weights, bars, product) = subplots(3, 10, 3.6, width_ratios=[1, 0.55, 1], sharey=True)
    for ax, matrix, title in [(weights, W_hh.T, "$W_{hh}^\\top$"), (product, J, "J: row i, times the slope of unit i")]:
        ax.imshow(matrix, cmap="PuOr_r", vmin=-top, vmax=top)
        for i in range(size):
            for j in range(size):
                shade = "white" if abs(matrix[i, j]) > 0.6 * top else TEXT
                note(ax, j, i, f"{matrix[i, j]:.1f}".replace("-0.0", "0.0"), shade, size=9)
        ax.set(title=title, xlabel="j: unit before the step")
        ax.set_xticks(range(size))
        ax.grid(False)
    weights.set_ylabel("i: unit after the step")
    weights.set_yticks(range(size))
    bars.barh(range(size), slopes, color=GREEN, height=0.7)
    for i, slope in enumerate(slopes):
        note(bars, slope + 0.04, i, f"{slope:.2f}", readable(GREEN), size=9, ha="left")
    bars.set(title="slope $1 - h_t[i]^2$", xlim=(0, 1.3))
    bars.set_xticks([0, 0.5, 1])
    bars.grid(False, axis="y")
    flat = int(np.argmin(slopes))
    show(
        figure,
        f"Three panels: W_hh transposed as a table of coloured numbers; the slope of each unit, from {slopes.min():.2f} to"
        f" {slopes.max():.2f}; and their product J, whose row {flat} has all but faded, since unit {flat} has the smallest slope.",
        "A slope belongs to the unit that answers, so it scales a *row* of J. A unit in the flat part of tanh answers to nobody.",
    )


def qr():
    """The two factors of the QR decomposition of a matrix of two rows, as what they do to a circle."""
    A = np.array([[1.2, 0.7], [0.3, 0.9]])
    Q, R = np.linalg.qr(A)
    Q, R = Q * np.sign(np.diag(R)), np.sign(np.diag(R))[:, None] * R
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(angles), np.sin(angles)])
    figure, axes = subplots(2, 8, 3.4)
    titles = ["R leans and stretches the circle ...", "... and Q only turns it: A = QR"]
    for ax, start, matrix, title in zip(axes, [circle, R @ circle], [R, Q], titles):
        ax.set(xlim=(-1.75, 1.75), ylim=(-1.3, 1.3), aspect="equal", title=title)
        ax.set_xticks([-1, 0, 1])
        ax.set_yticks([-1, 0, 1])
        ax.plot(*start, color="#b5b5b5", linewidth=2)
        ax.plot(*(matrix @ start), color=RECURRENT, linewidth=2)
    show(
        figure,
        "Left: the factor R of a matrix leans and stretches the unit circle to an ellipse. Right: its factor Q turns that ellipse and"
        " changes no length.",
        "**QR** splits a matrix into a turn, Q (it may also mirror), and the rest, R, which is triangular.",
    )


def gradient_by_lag(norms):
    """Norm of the gradient over the lag, a panel for each activation.

    Parameters
    ----------
    norms : dict of str to (dict of float to ndarray)
        For each activation, for each spectral radius, the norm at lag 0, 1, ..., relative to that at lag 0.
    """
    figure, axes = subplots(len(norms), 11.5, 3.7, sharey=True)
    for ax, (activation, by_radius) in zip(axes, norms.items()):
        _powers(ax, {f"{radius:g}": values for radius, values in by_radius.items()})
        for line, color in zip(ax.get_lines(), RADIUS_COLORS):
            line.set_color(color)
        grow = [radius for radius, values in by_radius.items() if values[-1] > 10 * values[0]]
        said = f"explodes from radius {min(grow):g} on" if grow else "explodes at none of these radii"
        ax.set(title=f"{activation}: {said}", xlabel="lag (steps back)")
        ax.set_xlim(0, len(next(iter(by_radius.values()))) - 1)
        label_ends(ax)
    axes[0].set_ylabel("norm of the gradient")
    note(axes[0], 0.03, 0.97, "spectral radius\nat the lines' ends", GRAY, size=9, ha="left", va="top", transform=axes[0].transAxes)
    ends = "; ".join(
        f"{activation}: " + ", ".join(f"{_power(values[-1])} at radius {radius:g}" for radius, values in rows.items())
        for activation, rows in norms.items()
    )
    last = len(next(iter(next(iter(norms.values())).values()))) - 1
    show(
        figure,
        f"Norm of the gradient over the lag, relative to lag 0, on a log scale. At lag {last}: {ends}.",
        "A straight line on this scale is one and the same factor at every step.",
    )


def growth_map(radii, scales, factors, marked=()):
    """The gradient's factor per step over the spectral radius and the size of the inputs.

    Parameters
    ----------
    radii, scales : sequence of float
    factors : ndarray (radii, scales)
    marked : sequence of (float, float)
        Pairs of scale and radius to mark with a ring.
    """
    from matplotlib.colors import TwoSlopeNorm

    low, high = float(np.min(factors)), float(np.max(factors))
    figure, (ax,) = subplots(1, 8, 4.2)
    norm = TwoSlopeNorm(1.0, min(low, 0.999), max(high, 1.001))
    mesh = ax.pcolormesh(scales, radii, factors, cmap="PuOr_r", norm=norm, shading="nearest", rasterized=True)
    if low < 1 < high:
        ax.contour(scales, radii, factors, levels=[1.0], colors=TEXT, linewidths=2)
    for scale, radius in marked:
        ax.plot([scale], [radius], color=TEXT, marker="o", markersize=9, markerfacecolor="none", linestyle="none")
    ax.grid(False)
    ax.set(xscale="log", yscale="log", xlabel="standard deviation of the inputs", ylabel="spectral radius")
    ax.set_yticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
    ax.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    ax.minorticks_off()
    holds = [border(radii, factors[:, j]) for j in (0, len(scales) - 1)]
    said = [f"{border:.3g}" if border else f"beyond {radii[-1]:g}" for border in holds]
    ax.set_title(f"The larger the inputs, the larger the weights must be:\nthe border lies at radius {said[0]} on the left, {said[1]} on the right")
    bar = figure.colorbar(mesh, ax=ax, label="factor per step back")
    bar.ax.axhline(1.0, color=TEXT, linewidth=2)
    bar.outline.set_visible(False)
    corners = ", ".join(
        f"{factors[i, j]:.2f} at radius {radii[i]:g} and inputs of {scales[j]:g}" for i in (0, -1) for j in (0, -1)
    )
    show(
        figure,
        f"Map of the gradient's factor per step for tanh networks, over the size of the inputs and the spectral radius: {corners}."
        f" The line where the factor is 1 begins at {said[0]} on the left and ends at {said[1]} on the right.",
        "Purple: the gradient shrinks. Orange: it grows. Black: the factor is 1.",
    )


def spectrum_and_gradient(eigenvalues, norms, radius, scale, activation):
    """The eigenvalues of a matrix in the plane, and the gradient that goes back through it.

    Parameters
    ----------
    eigenvalues : ndarray of complex
    norms : ndarray (timesteps,)
        Norm at each lag relative to lag 0.
    radius, scale : float
        Spectral radius; standard deviation of the inputs.
    activation : str
    """
    figure, (plane, curve) = subplots(2, 10, 3.7, width_ratios=[1, 1.6])
    angles = np.linspace(0, 2 * np.pi, 200)
    plane.plot(np.cos(angles), np.sin(angles), color=GRAY, linewidth=1.5, linestyle="--")
    plane.plot(eigenvalues.real, eigenvalues.imag, color=RECURRENT, marker="o", markersize=4, linestyle="none")
    reach = 1.15 * max(1.0, radius)
    plane.set(
        title=f"{int(np.sum(np.abs(eigenvalues) > 1))} of {len(eigenvalues)} eigenvalues\nlie outside the circle of 1",
        xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="real part", ylabel="imaginary part",
    )
    _powers(curve, {activation: norms})
    last = len(norms) - 1
    with np.errstate(divide="ignore"):
        powers = np.log10(norms)
    most = float(np.max(np.abs(powers[np.isfinite(powers)])))
    limit = next((limit for limit in (3, 10, 30) if most <= limit), 1.05 * most)
    curve.set(
        title=f"{activation}, inputs of size {scale:g}:\nat lag {last} the gradient is {_power(norms[-1])} of what it was",
        xlabel="lag (steps back)", ylabel="norm of the gradient", ylim=(-limit, limit),
    )
    show(
        figure,
        f"Left: the eigenvalues of a random matrix of spectral radius {radius:g} in the complex plane, with the unit circle. Right:"
        f" norm of the gradient over the lag for {activation} and inputs of size {scale:g}; at lag {last} it is {_power(norms[-1])}.",
    )


def saturation(scales, slopes):
    """Mean slope of tanh over the size of what enters, and where on tanh that is.

    Parameters
    ----------
    scales, slopes : sequence of float
    """
    lines(
        scales,
        {"mean slope": slopes},
        f"Larger inputs flatten tanh: its mean slope falls from {slopes[0]:.2f} to {slopes[-1]:.2f}",
        "standard deviation of the inputs (log scale)",
        "mean of 1 - h²",
        "Mean of 1 - h squared over the size of the inputs: "
        + ", ".join(f"{s:.2f} at {x:g}" for x, s in zip(scales, slopes)) + ".",
        xscale="log",
        ylim=(0, 1.05),
    )


def bounds(found):
    """A gradient's norm and what is said about it beforehand, in powers of ten.

    Parameters
    ----------
    found : dict of str to (dict of str to float)
        For each network what `helpers.laboratory.lesson04.bounds` gives.
    """
    looks = {
        "measured": (TEXT, "D", "measured"), "radius": (ORANGE, "o", "spectral radius, to the power of 50"),
        "each step": (BLUE, "s", "product of the steps' own norms (a bound)"),
        "norm": (RECURRENT, "^", "spectral norm, to the power of 50 (a bound)"),
    }
    figure, (ax,) = subplots(1, 9.5, 3.4)
    for row, values in enumerate(found.values()):
        ax.plot([values["measured"], values["norm"]], [row, row], color=FAINT, linewidth=4, zorder=1, solid_capstyle="round")
    for name, (color, marker, label) in looks.items():
        powers = [values[name] for values in found.values()]
        ax.plot(powers, range(len(found)), color=color, marker=marker, markersize=9, linestyle="none", label=label)
    off = [values["norm"] - values["measured"] for values in found.values()]
    ax.axvline(0, color=GRAY, linewidth=1, linestyle=":")
    ax.set_yticks(range(len(found)), list(found))
    ax.invert_yaxis()
    ax.margins(y=0.2)
    power_ticks(ax.xaxis)
    ax.set(
        title=f"The bound is true, and {min(off):.0f} to {max(off):.0f} powers of ten too high",
        xlabel="norm of the gradient at lag 50, relative to lag 0",
    )
    ax.grid(False, axis="y")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=10)
    words = "; ".join(
        f"{name}: " + ", ".join(f"{key} {power(round(value))}" for key, value in values.items()) for name, values in found.items()
    )
    show(figure, f"Norm of the gradient at lag 50, measured and foretold. {words}.")


def transient(norms):
    """Norm of the gradient over the lag for matrices of spectral radius below 1.

    Parameters
    ----------
    norms : dict of str to ndarray
        For the name of each matrix the norm at lag 0, 1, ...
    """
    figure, axes = subplots(len(norms), 10, 3.3)
    found = []
    for ax, (name, values), color in zip(axes, norms.items(), (RECURRENT, GREEN)):
        top, at = float(np.max(values)), int(np.argmax(values))
        ax.plot(values, color=color, marker="o", markersize=4, markevery=2)
        gone = np.flatnonzero(values == 0)
        if len(gone):
            said = f"as it was until lag {gone[0] - 1}, then gone" if np.all(values[: gone[0]] == values[0]) else f"gone at lag {gone[0]}"
        else:
            said = f"up to {top / values[0]:.0f} times as large before it fades" if top > values[0] else "shrinks from the start"
        ax.set(title=f"{name}:\n{said}", xlabel="lag (steps back)", ylim=(0, 1.1 * top))
        found.append(f"{name}: highest {top:.1f} at lag {at}, {values[-1]:.2g} at lag {len(values) - 1}")
    axes[0].set_ylabel("norm of the gradient")
    show(
        figure,
        f"Norm of the gradient over the lag, linear network. {'; '.join(found)}.",
        "Eigenvalues tell how it ends. They do not tell what happens on the way.",
    )


def terms(sizes, sums, missing):
    """How the gradient of W_hh is made up of one term for each step.

    Parameters
    ----------
    sizes, sums, missing : ndarray
        As `helpers.laboratory.lesson04.terms_of_the_sum` gives them.
    """
    enough, whole = int(np.argmax(missing < 1e-3)) + 1, float(sums[-1])
    figure, (ax,) = subplots(1, 8.5, 3.6)
    ax.set(xlim=(0, len(sizes) - 1))
    ax.axvspan(0, enough - 1, color="#f3eefb", zorder=0)
    ax.plot(np.log10(sizes), color=RECURRENT, label="each step's term")
    baseline(ax, float(np.log10(whole)), "the whole gradient", color=ORANGE)
    power_ticks(ax.yaxis)
    ax.set(
        title=f"The whole gradient has a norm of {whole:.1f},\nand the last {enough} of {len(sizes)} steps make up 99.9 % of it",
        xlabel="steps back", ylabel="norm",
    )
    label_ends(ax)
    show(
        figure,
        f"Norm of each step's term of the sum, on a log scale: it falls in a nearly straight line from {sizes[0]:.0f} to"
        f" {_power(sizes[50])} at 50 steps back. The norm of the whole sum, {whole:.1f}, is a horizontal line far above nearly all of"
        f" them. {enough} steps (shaded) give all but a thousandth of it.",
    )


def cliff(one_unit, start, landings):
    """The loss of a one-unit network as a surface and along its weight, its slope, and where one update lands.

    Parameters
    ----------
    one_unit : callable
        `helpers.laboratory.lesson04.one_unit`.
    start : float
        The weight before the update.
    landings : dict of str to float
        The weight after the update "clipped" and after the one "unclipped".
    """
    figure, axes = subplots(3, 12.5, 3.9, width_ratios=[1.15, 1.1, 1])
    place = axes[0].get_subplotspec()
    axes[0].remove()
    surface = figure.add_subplot(place, projection="3d")
    w, b = np.linspace(1.5, 2.5, 121), np.linspace(-0.75, -0.25, 81)
    heights = one_unit(w[None, :], b[:, None])[0]
    surface.plot_surface(w[None, :], b[:, None], heights, cmap="PuOr_r", linewidth=0, rcount=81, ccount=121, antialiased=False)
    fine = np.linspace(1.9, 2.0, 20_001)
    finest = one_unit(fine)[1]
    turns = fine[:-1][np.sign(finest[1:]) != np.sign(finest[:-1])]
    near_turns = (turns[:, None] + np.linspace(-1e-4, 1e-4, 401)).ravel()  # a spike is as fine as that
    cut = np.sort(np.concatenate([np.linspace(1.5, 2.5, 2001), near_turns]))
    loss, slope = one_unit(cut)
    surface.plot(cut, np.full_like(cut, -0.5), loss + 0.03, color=TEXT, linewidth=1.5, zorder=10)
    surface.set(title="A wall between two plains")
    surface.set_xlabel("w", labelpad=2)
    surface.set_ylabel("b", labelpad=8)
    surface.set_zlabel("loss", labelpad=4)
    surface.set_xticks([1.5, 2, 2.5])
    surface.set_yticks([-0.7, -0.3])
    surface.set_zticks([0, 1, 2, 3])
    surface.view_init(elev=28, azim=-50)
    surface.set_box_aspect(None, zoom=0.8)
    line, steep = axes[1:]
    line.plot(cut, loss, color=TEXT)
    at = float(one_unit(start)[0])
    line.plot([start], [at], color=GRAY, marker="D", markersize=8, linestyle="none")
    note(line, start + 0.05, at, "start", GRAY, size=10, ha="left")
    near, far = landings["clipped"], landings["unclipped"]
    line.plot([near], [float(one_unit(near)[0])], color=GREEN, marker="o", markersize=9, linestyle="none", clip_on=False)
    note(line, near, 0.32, f"clipped:\nw = {near:.2f}", readable(GREEN), size=10, ha="left")
    line.set(xlim=(1.5, 3.05), ylim=(-0.1, 3.5), xlabel="w, with b = -0.5", ylabel="loss after 50 steps")
    line.set_xticks([1.5, 2, 2.5])
    if far > 2.5:
        for x in (2.62, 2.68):  # the break mark
            line.plot([x - 0.02, x + 0.02], [-0.2, 0.0], color=TEXT, linewidth=1.5, clip_on=False, zorder=5)
        line.plot([2.9], [float(one_unit(far)[0])], color=ORANGE, marker="o", markersize=9, linestyle="none", clip_on=False)
        note(line, 3.02, 0.42, f"unclipped:\nw = {far:.0f}", readable(ORANGE), size=10, ha="right")
    fall = fine[(one_unit(fine)[0] < 0.9 * loss.max()) & (one_unit(fine)[0] > 0.1 * loss.max())]
    width = fall.max() - fall.min()
    line.set_title(f"It drops while w changes by {width:.4f}")
    steep.plot(cut, np.log10(np.maximum(np.abs(slope), 1e-12)), color=TEXT)
    highest = int(np.argmax(np.abs(finest)))
    power_ticks(steep.yaxis)
    steep.set(title=f"Its slope reaches {abs(finest[highest]):,.0f}", xlabel="w", ylabel="size of the slope dL/dw", ylim=(-6, 5))
    steep.set_xticks([1.5, 2, 2.5])
    if len(turns) == 2:
        note(steep, turns[0] - 0.05, -3.4, "the loss\nis highest", GRAY, size=9, ha="right")
        note(steep, turns[1] + 0.05, -4.4, "the loss\nis lowest", GRAY, size=9, ha="left")
    words = "; ".join(f"{name} it lands at w = {at:.2f}" for name, at in landings.items())
    show(
        figure,
        "Left: the loss as a surface over w and b, a high plain and a low one with a wall between them. Middle: the loss along w,"
        f" going from 90 to 10 percent of its height between {fall.min():.4f} and {fall.max():.4f}; one update from w = {start:.4g}:"
        f" {words}. Right: the size of the slope on a log scale, {abs(finest[highest]):,.0f} at its highest, with two spikes down to"
        " zero where the loss is highest and lowest.",
        "The slope says which way is down. It does not say how far.",
    )


def lingering(states):
    """The state of the one unit over time, on both sides of the cliff.

    Parameters
    ----------
    states : dict of float to ndarray
        For each weight h_0 to h_T.
    """
    figure, (ax,) = subplots(1, 8, 3.0)
    for (w, values), color in zip(states.items(), (ORANGE, BLUE)):
        ax.plot(values, color=color, label=f"w = {w:.4f}")
    baseline(ax, 0.8, "target")
    ends = [float(values[-1]) for values in states.values()]
    gap = abs(np.subtract(*states))
    ax.set(title=f"Two weights {gap:.2f} apart: the state ends at {ends[0]:.2f} or at {ends[1]:.2f}", xlabel="time step", ylabel="state")
    label_ends(ax)
    show(figure, "The state over 50 steps: " + "; ".join(f"for w = {w:.4f} it ends at {v[-1]:.2f}" for w, v in states.items()) + ".")


def turned(angles):
    """By how much each way to clip turns a gradient, as arrows.

    Parameters
    ----------
    angles : dict of str to float
        Degrees.
    """
    figure, axes = canvas(7.5, 2.8, (-0.4, 7.2), (-0.55, 2.6))
    arrow(axes, (0.0, -0.16), (3.4, -0.16), color=GRAY)
    note(axes, 1.7, -0.36, "the gradient, before", GRAY, size=10)
    for (name, degrees), color in zip(angles.items(), (GREEN, BLUE, ORANGE)):
        end = 2.5 * np.cos(np.radians(degrees)), 2.5 * np.sin(np.radians(degrees))
        arrow(axes, (0.0, 0.0), (float(end[0]), float(end[1])), color=color)
        note(axes, end[0] + 0.55, end[1], f"{name}: turned by {degrees:.0f}°", readable(color), size=11, ha="left")
    show(
        figure,
        "Arrows for one gradient, before it is clipped and after, in three ways: " + "; ".join(f"by {name}, turned by {d:.0f} degrees" for name, d in angles.items()) + ".",
    )


def clipping(runs):
    """Loss and norm of the gradient while training, without clipping and with it.

    Parameters
    ----------
    runs : dict of str to (ndarray, ndarray)
        For each run ("without", "with clipping") losses and norms by update; what is not finite is left out.
    """
    figure, axes = subplots(2, 11, 3.5)
    said = {}
    for (name, series), color in zip(runs.items(), (ORANGE, BLUE)):
        for ax, values in zip(axes, series):
            updates = np.flatnonzero(np.isfinite(values) & (values > 0))
            few = len(updates) < 20
            ax.plot(updates, np.log10(values[updates]), color=color, label=name, linewidth=2 if few else 1, marker="o" if few else "", markersize=5)
        broken = np.flatnonzero(~np.isfinite(series[0]))
        said[name] = f"lost after {broken[0]} updates" if len(broken) else f"largest loss {np.max(series[0]):.2g}"
    titles = f"Without clipping: {said['without']}", "The norm, before clipping"
    for ax, title in zip(axes, titles):
        power_ticks(ax.yaxis)
        ax.set(title=title, xlabel="updates", xlim=(-6, len(runs["with clipping"][0])))
        label_ends(ax)
    axes[0].set_ylabel("squared error")
    axes[1].set_ylabel("global norm of the gradients")
    show(figure, "Loss and gradient norm by update, on log scales. " + "; ".join(f"{name}: {text}" for name, text in said.items()) + ".")


def initialisation(begun):
    """Norm of the gradient over the lag for several first weights, a panel for each size of the inputs.

    Parameters
    ----------
    begun : dict of float to (dict of str to ndarray)
        For each size of the inputs, by name of first weights and activation, the norm at lag 0, 1, ..., relative to lag 0.
    """
    figure, axes = subplots(len(begun), 11.5, 3.7)
    found = []
    for ax, (size, norms) in zip(axes, begun.items()):
        ends = {name: np.log10(values[-1]) for name, values in norms.items()}
        lag = len(next(iter(norms.values()))) - 1
        _powers(ax, norms)
        tanh = [power(round(float(end))) for name, end in ends.items() if "tanh" in name]
        ax.set(title=f"Inputs of size {size:g}: tanh keeps\n{' or '.join(dict.fromkeys(tanh))} at lag {lag}", xlabel="lag (steps back)")
        label_ends(ax)
        found.append(f"with inputs of size {size:g}: " + "; ".join(f"{name} {power(end, 1)}" for name, end in ends.items()))
    axes[0].set_ylabel("norm of the gradient")
    show(figure, f"Norm of the gradient over the lag. At lag {lag}, {'. '.join(found)}.")


def tasks():
    """One instance of each task: the adding problem and copy memory."""
    figure, (adding, copying) = subplots(2, 11.5, 2.7)
    numbers, marks = [0.3, 0.9, 0.5, 0.1, 0.7, 0.2, 0.8, 0.4, 0.6, 0.5], {1, 6}
    for ax in (adding, copying):
        ax.set(xlim=(-2.6, 12.2), ylim=(-2.1, 1.9), aspect="equal")
        ax.axis("off")
    for row, name in [(0.7, "number"), (-0.5, "mark")]:
        note(adding, -0.8, row, name, size=10, ha="right")
    for t, number in enumerate(numbers):
        marked = t in marks
        _square(adding, t, 0.7, f"{number:g}".lstrip("0"), "#ffd27a" if marked else "white")
        _square(adding, t, -0.5, "1" if marked else "0", "#ffd27a" if marked else "white")
    arrow(adding, (9.6, 0.1), (10.7, 0.1), color=GRAY)
    total = sum(numbers[t] for t in marks)
    note(adding, 11.4, 0.1, f"{total:g}", size=14, fontweight="bold")
    note(adding, 4.5, -1.6, "after the last step: the sum of the marked numbers", GRAY, size=10)
    adding.set_title("Adding: what do the two marked numbers add up to?")
    shown, delay = "CAB", 4
    read = [*shown, *"-" * delay, "?", "-", "-"]
    said = [*"-" * (len(shown) + delay), *shown]
    for row, name, symbols in [(0.7, "read", read), (-0.5, "answer", said)]:
        note(copying, -0.8, row, name, size=10, ha="right")
        for t, symbol in enumerate(symbols):
            known = symbol in shown
            _square(copying, t, row, symbol if symbol != "-" else "", "#ffd27a" if known else "white", GRAY if symbol == "?" else "#9a9a9a")
    note(copying, 4.5, -1.6, f"a delay of {delay} steps, then the cue: recall them in order", GRAY, size=10)
    copying.set_title("Copy memory: what were the three symbols?")
    show(
        figure,
        f"Left, the adding problem: a row of numbers and a row of marks, of which two are 1; the answer is the sum of the two marked"
        f" numbers, {total:g}. Right, copy memory: three symbols are read, then {delay} blanks, then a cue; the answer is blank until the"
        " cue, and from there the three symbols in order.",
    )


def _square(ax, x, y, text, color, edge="#9a9a9a"):
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=color, edgecolor=edge, linewidth=1.2, zorder=2))
    note(ax, x, y, text, size=10)


def learning_by_length(lengths, losses, baselines, reached, task, xlabel, ylabel):
    """The loss after training over the length, against the answer without any memory.

    Parameters
    ----------
    lengths : sequence of int
    losses : dict of (str, str) to sequence of float
        For each network, by its first weights and activation, the loss after training at each length.
    baselines : sequence of float
        The loss of the best answer without memory at each length.
    reached : dict of (str, str) to int or None
        For each network the longest length that it learned.
    task : str
        What they do if they have learned it: "add" or "copy".
    xlabel, ylabel : str
    """
    figure, (ax,) = subplots(1, 9, 3.7)
    for network, values in losses.items():
        name, color = NETWORKS[network]
        ax.plot(lengths, np.log10(values), color=color, marker="o", markersize=6, label=name)
    for part, style, text in [(1, "--", "no memory at all"), (2, ":", "half of that: learned below")]:
        level = np.log10(np.divide(baselines, part))
        ax.plot(lengths, level, color=GRAY, linestyle=style, linewidth=1.5)
        note(ax, lengths[0], level[0], text, GRAY, size=9, ha="left", va="bottom")
    said = {network: f"{NETWORKS[network][0]}: up to {n}" if n else f"{NETWORKS[network][0]}: nowhere" for network, n in reached.items()}
    power_ticks(ax.yaxis)
    ax.set(title=f"They learn to {task} over this many steps:\n" + "; ".join(said.values()), xlabel=xlabel, ylabel=ylabel, xscale="log")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    ax.minorticks_off()
    label_ends(ax)
    show(
        figure,
        f"Loss after training over the length, on log scales, with the loss without memory as a dashed line. {'; '.join(said.values())}.",
    )


def training_logs(logs, baseline_loss, every=50):
    """What a training log shows of networks that learn and of networks that do not: the loss, and the gradient's norm.

    Parameters
    ----------
    logs : dict of int to (ndarray, ndarray)
        By length of the sequences the loss and the global norm before clipping, by update.
    baseline_loss : float
        The loss without memory.
    every : int
        Updates that make one point: the mean of the losses, the median of the norms.
    """
    figure, axes = subplots(2, 11, 3.6)
    least = {}
    for (length, (losses, norms)), color in zip(logs.items(), (BLUE, ORANGE)):
        updates = np.arange(every, len(losses) + 1, every)
        rows = [np.reshape(series[: len(updates) * every], (len(updates), every)) for series in (losses, norms)]
        loss, norm = rows[0].mean(axis=1), np.median(rows[1], axis=1)
        least[length] = loss[-1], float(norm.min()), float(norm.max())
        axes[0].plot(updates, loss, color=color, label=f"{length} steps")
        axes[1].plot(updates, np.log10(norm), color=color, label=f"{length} steps")
    baseline(axes[0], baseline_loss, "no memory")
    power_ticks(axes[1].yaxis)
    stuck = max(logs, key=lambda length: least[length][0])
    axes[0].set(
        title=f"The loss at {stuck} steps ends at {least[stuck][0]:.2f}; no memory: {baseline_loss:.2f}", xlabel="updates", ylabel="squared error", ylim=(0, None),
    )
    axes[1].set(
        title=f"The norm of the gradient, {stuck} steps: never below {np.floor(10 * least[stuck][1]) / 10:.1f}",
        xlabel="updates", ylabel="global norm, before clipping", ylim=(-2, 2),
    )
    for ax in axes:
        label_ends(ax)
    show(
        figure,
        f"Two tanh networks while they learn to add, a point for each {every} updates. Left the squared error, with the error"
        f" without memory, {baseline_loss:.3f}, as a dashed line; right the norm of the whole gradient on a log scale. "
        + "; ".join(f"{n} steps: error {e:.3f} in the end, norm {low:.2g} to {high:.2g}" for n, (e, low, high) in least.items()) + ".",
    )


def seeds(at_40, yours, baseline_loss):
    """The error after training at 40 steps and the part of the gradient that arrives 20 steps back, by seed.

    Parameters
    ----------
    at_40 : dict of (str, str) to sequence of (float, float)
        By network pairs of error and power of ten, a pair for each seed.
    yours : (float, float)
        The same pair of the network that was trained just now.
    baseline_loss : float
        The error without memory.
    """
    figure, (ax,) = subplots(1, 9.5, 3.7)
    for (network, pairs), marker in zip(at_40.items(), "o^"):
        errors, powers = zip(*pairs)
        name, color = NETWORKS[network]
        ax.plot(powers, errors, color=color, marker=marker, markersize=8, linestyle="none", label=name)
    ax.plot([yours[1]], [yours[0]], color=TEXT, marker="o", markersize=14, markerfacecolor="none", linestyle="none", label="yours")
    ax.axhline(baseline_loss, color=GRAY, linestyle="--", linewidth=1.5)
    ax.axhline(baseline_loss / 2, color=GRAY, linestyle=":", linewidth=1.5)
    errors = [error for pairs in at_40.values() for error, _ in pairs]
    for height, text in [(baseline_loss, "no memory at all"), (baseline_loss / 2, "half of that: learned below")]:
        note(ax, 0.12, height + 0.002, text, GRAY, size=9, ha="left", va="bottom", transform=ax.get_yaxis_transform())
    learned = sum(error < baseline_loss / 2 for error in errors)
    power_ticks(ax.xaxis)
    ax.set(
        title=f"The seed decides: {learned} of {len(errors)} have learned to add over 40 steps",
        xlabel="gradient that arrives 20 steps back", ylabel="squared error", ylim=(0, 1.12 * max(*errors, yours[0], baseline_loss)),
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=10)
    words = "; ".join(
        f"{NETWORKS[network][0]}: " + ", ".join(f"{e:.3f} with {power(p, 1)}" for e, p in pairs) for network, pairs in at_40.items()
    )
    show(
        figure,
        f"Squared error after training at 40 steps over the part of the gradient that arrives 20 steps back. {words};"
        f" yours {yours[0]:.3f} with {power(yours[1], 1)}.",
    )


def _powers(ax, series, ordered=False):
    """Curves of norms on an axis of powers of ten, with a line at 1."""
    lags = np.arange(len(next(iter(series.values()))))
    with np.errstate(divide="ignore"):  # a gradient that is exactly zero has no logarithm: its line ends
        draw(ax, lags, {name: np.log10(values) for name, values in series.items()}, ordered, markersize=0)
    ax.axhline(0, color=GRAY, linewidth=1, linestyle=":")
    power_ticks(ax.yaxis)


def _power(value):
    return "0" if value == 0 else power(round(float(np.log10(value))))
