"""Checks of lesson 04, vanishing and exploding gradients.

The truth comes another way than the exercises ask: Jacobians by a complex step through one step of the network,
gradients by carrying perturbations forward through time, spectra by building a matrix from its eigenvalues, baselines
by integration and by writing every step down.
"""

import math

import numpy as np

from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import beyond_floats, describe, difference

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: Tolerance where a criterion is about the form of the answer: rounding costs the criterion about precision only.
FORM = 1e-6

#: A right answer's statistic lies further out than this many standard deviations less than once in 1e11 runs.
SIGMAS = 7


@lesson.exercise(
    arguments=("h_t", "W_hh", "activation"),
    points={
        "linear": ("linear: J[i, j] says how h_t[i] answers to h_{t-1}[j]", 1),
        "relu": ("relu: units that are off pass nothing on", 1),
        "tanh": ("tanh: the derivative is read from h_t", 2),
        "care": ("any size, one unit too, in full precision; float32 stays float32, no argument is changed in place", 1),
    },
    demos=("linear", "relu", "tanh"),
)
def step_jacobian(check):
    """Exercise 1."""
    example = (np.array([0.5, 0.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), "tanh")
    truth = np.array([[0.75, 2.25], [2.0, 4.0]])
    check.expect("tanh", example, truth, JACOBIAN_MISTAKES["tanh"] | ANY_JACOBIAN, FORM, "the example", branch="tanh")
    for activation, mistakes in JACOBIAN_MISTAKES.items():
        for size in check.sizes((4, 3)):
            h_before, h_t, W_hh, offset = _step_case(check.rng, size, activation)
            truth = _jacobian(h_before, W_hh, offset, activation)
            check.expect(activation, (h_t, W_hh, activation), truth, mistakes | ANY_JACOBIAN, FORM, branch=activation)
    if all(check.has_passed(activation) for activation in JACOBIAN_MISTAKES):
        for activation, mistakes in JACOBIAN_MISTAKES.items():
            for size in check.sizes((1, 6)):
                h_before, h_t, W_hh, offset = _step_case(check.rng, size, activation)
                truth = _jacobian(h_before, W_hh, offset, activation)
                note = "one unit" if size == 1 else ""
                check.expect("care", (h_t, W_hh, activation), truth, mistakes | ANY_JACOBIAN, 1e-12, note, branch=activation)
        h_before, _, W_hh, _ = _step_case(check.rng, check.sizes(5), "linear")
        h_t = check.rng.uniform(0.1, 0.9, len(h_before))  # any activation can give this state: the argument alone says which
        for activation, mistakes in JACOBIAN_MISTAKES.items():
            entered = np.arctanh(h_t) if activation == "tanh" else h_t
            truth = _jacobian(h_before, W_hh, entered - h_before @ W_hh, activation)
            check.expect("care", (h_t, W_hh, activation), truth, mistakes | ANY_JACOBIAN, 1e-12, branch=activation)
            check.single_precision("care", (h_t, W_hh, activation), lambda *_: truth, activation)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("dh_T", "h", "W_hh", "activation"),
    points={
        "linear": ("linear: the gradient goes back through W_hh once for each lag", 2),
        "relu": ("relu: the units that are on differ from step to step", 1),
        "tanh": ("tanh: each step's own derivative, the last step first", 2),
        "care": ("any sizes, a single time step too, in full precision; no argument is changed in place", 1),
    },
    needs=("step_jacobian",),
    demos=("linear", "relu", "tanh"),
)
def gradient_norms(check):
    """Exercise 2."""
    for activation, truth in {"linear": [2.0, 6.0], "tanh": [2.0, 4.5]}.items():
        example = (np.array([2.0]), np.array([[0.1], [0.5]]), np.array([[3.0]]), activation)
        branch = f"{activation}, any states"  # 0.5 is a state of any activation
        check.expect(activation, example, np.array(truth), ANY_RUN | RUN_MISTAKES, FORM, "the example", branch=branch)
    for activation, mistakes in {"linear": {}, "relu": RUN_MISTAKES, "tanh": RUN_MISTAKES}.items():
        for timesteps, size in check.sizes([(5, 5), (6, 3)]):
            case = (*_run_case(check.rng, timesteps, size, activation), activation)
            check.expect(activation, case, _norms(*case), ANY_RUN | mistakes, FORM, branch=activation)
    if all(check.has_passed(activation) for activation in JACOBIAN_MISTAKES):
        for activation in JACOBIAN_MISTAKES:
            for timesteps, size, note in [(1, 4, "a single time step"), (7, 1, "one unit"), (9, 6, "")]:
                case = (*_run_case(check.rng, *check.sizes((timesteps, size)), activation), activation)
                check.expect("care", case, _norms(*case), ANY_RUN | RUN_MISTAKES, 1e-11, note, branch=activation)
        units, timesteps = check.sizes((3, 35))
        for size in (1e-3, 1e3):  # norms from 1e-105 to 1e105; beyond 1e154 squares overflow
            dh_T, W_hh = check.rng.normal(size=units), size * check.rng.normal(size=(units, units))
            case = (dh_T, check.rng.uniform(0.1, 0.9, (timesteps, units)), W_hh, "linear")
            note = "the gradient vanishes" if size < 1 else "the gradient explodes"
            truth = _norms(*case)
            got = check.inspect(case, np.ndarray, "an array", ("care",), note)
            if got is not None and got.shape == truth.shape and got.dtype.kind == "f":
                powers = [np.log10(np.maximum(norms, 1e-300)) for norms in (truth, got)]
                words = [f"the last norm should be {truth[-1]:.3g}; it is {got[-1]:.3g}"]
                cause = [f"{CAUSE} small numbers are raised to a least one, or large ones cut off: a norm may be any number"]
                check.settle("care", case, *powers, tolerance=1e-9, case=note, words=words + cause * bool(powers[1][-1] != powers[0][-1]))
            elif got is not None:
                check.failed("care", check.describe(case, note), f"expected shape {truth.shape}, got {describe(got)}")
        dh_T, h, W_hh = _run_case(check.rng, *check.sizes((4, 5)), "linear")
        h = check.rng.uniform(0.1, 0.9, h.shape)  # any activation can give these states: the argument alone says which
        for activation in JACOBIAN_MISTAKES:
            case = (dh_T, h, W_hh, activation)
            check.expect("care", case, _norms(*case), ANY_RUN | RUN_MISTAKES, 1e-11, branch=f"{activation}, any states")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("gradients", "max_norm"),
    points={
        "clip": ("as in lesson 03: above max_norm scaled down to it, else untouched; the norm is that before clipping", 1),
        "broken": ("a nan or an infinity anywhere: every array comes back zero, the norm is nan or inf", 1),
        "care": ("zero, tiny and huge numbers do no harm; float32 stays float32, no argument is changed in place", 1),
    },
    errors={
        f"KeyError: '{name}'": "names are wired in: go over the keys of gradients, whatever they are"
        for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
    },
    demos=("clip",),
)
def clip_by_global_norm(check):
    """Exercise 5."""
    example = ({"a": np.array([3.0]), "b": np.array([4.0])}, 1.0)
    together = ({"a": np.array([0.8]), "b": np.array([0.8])}, 1.0)  # each below max_norm, both together above
    cases = [(*example, "the example"), (*together, "each array is below max_norm, all together are above")]
    for shapes in check.sizes(CLIP_SHAPES):
        for low, high in [(0.05, 0.15), (0.7, 0.95), (1.05, 1.3), (2, 4)]:
            gradients = _gradients(check.rng, shapes)
            cases.append((gradients, _global_norm(gradients) * check.rng.uniform(low, high), ""))
    for gradients, max_norm, case in cases:
        _clip_case(check, gradients, max_norm, case)
    if not check.has_passed("clip"):
        return
    for shapes in check.sizes(CLIP_SHAPES):
        gradients = _gradients(check.rng, shapes)
        zero = {name: np.zeros_like(array) for name, array in gradients.items()}
        max_norm = float(check.rng.uniform(0.5, 2))
        check.expect("care", (zero, max_norm), (zero, 0.0), ZERO_MISTAKES, case="all gradients are zero")
        names = list(gradients)
        for name, bad in [(names[0], np.nan), (names[-1], np.nan), *((str(check.rng.choice(names)), bad) for bad in (np.inf, -np.inf))]:
            _broken_case(check, gradients, zero, name, bad, max_norm)
        for factor in (1e200, 1e-200):
            moved = {name: array * factor for name, array in gradients.items()}
            _extreme_case(check, moved, max_norm, f"numbers of size {factor:g} in float64")
        tiny = {name: array * 1e-20 for name, array in gradients.items()}
        _extreme_case(check, tiny, _global_norm(tiny) * 0.1, "numbers of size 1e-20, above max_norm")
        single = {name: array.astype(np.float32) for name, array in gradients.items()}
        _extreme_case(check, single, max_norm / 10, "float32")
        huge = {name: array * np.float32(1e30) for name, array in single.items()}
        _extreme_case(check, huge, max_norm, "numbers of size 1e30 in float32")
        # every number fits into float32, their norm does not
        largest = {name: np.where(array < 0, -3e38, 3e38).astype(np.float32) for name, array in gradients.items()}
        _extreme_case(check, largest, 1e37, "numbers of size 3e38 in float32")
        first = next(iter(gradients))
        _extreme_case(check, {**gradients, first: single[first]}, max_norm, f"{first} in float32, the rest in float64")
        empty = {name: array * 0 for name, array in single.items()}
        for criterion, special in [("care", empty), ("broken", {**empty, first: single[first] * np.float32(np.nan)})]:
            if check.has_passed(criterion):
                case = "float32, all zero" if criterion == "care" else "float32, a nan among them"
                got = check.inspect((special, max_norm), _is_pair, PAIR, ("care",), case)
                if got is not None and type(got[0]) is dict and got[0].keys() == special.keys():
                    _kept(check, special, got[0], check.describe((special, max_norm), case))
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("W_hh", "radius"),
    points={
        "real": ("a real eigenvalue is the largest, positive or negative", 1),
        "complex": ("the largest eigenvalues are a complex pair", 1),
        "error": ("ValueError if every eigenvalue is zero, and only then", 1),
        "care": ("any size, one unit too, in full precision; float32 stays float32, no argument is changed in place", 1),
    },
    errors={
        "ValueError: ": "if you raise it: this matrix has eigenvalues other than zero. np.abs of a complex one is its size, and only exactly 0 is 0"
    },
    demos=("real", "complex"),
)
def rescale_spectral_radius(check):
    """Exercise 3."""
    example = (np.array([[0.0, -4.0], [1.0, 0.0]]), 1.0)
    check.expect("complex", example, np.array([[0.0, -2.0], [0.5, 0.0]]), RADIUS_MISTAKES, FORM, "the example")
    for criterion, sizes in [("real", (4, 3, 5)), ("complex", (4, 3, 6))]:
        for turn, size in enumerate(check.sizes(sizes)):
            W_hh, rho = _spectrum_case(check.rng, size, criterion, sign=(-1) ** turn)
            radius = float(check.rng.uniform(0.4, 2.5))
            check.expect(criterion, (W_hh, radius), W_hh / rho * radius, RADIUS_MISTAKES, FORM)
    if not (check.has_passed("real") and check.has_passed("complex")):
        return
    for size in check.sizes((2, 4, 1)):
        full = check.rng.normal(size=(size, size))
        for nilpotent in (np.triu(full, 1), np.tril(full, -1), full * 0):
            case = "all zero" if not nilpotent.any() else "zero on the diagonal and on one side of it"
            radius = float(check.rng.uniform(0.4, 2.5))
            check.expect_error("error", (nilpotent, radius), "ValueError", case=case, returned=_not_refused)
    for size in check.sizes((3, 4)):
        radius = float(check.rng.uniform(0.4, 2.5))
        a, b = check.rng.uniform(0.05, 0.2, 2)
        i, j = check.rng.permutation(size)[:2]
        singular = np.zeros((size, size))
        singular[i, j], singular[j, i] = -a, b
        case = "eigenvalues that are zero, a diagonal that is zero, but a complex pair that is not"
        check.expect("error", (singular, radius), singular / math.sqrt(a * b) * radius, RADIUS_MISTAKES, FORM, case)
        triangular = np.triu(check.rng.normal(size=(size, size)), 1)
        np.fill_diagonal(triangular, [-0.4, 0.3, 0.1, 0.0, 0.2][:size])
        case = "triangular, but not zero on the diagonal"
        check.expect("error", (triangular, radius), triangular / 0.4 * radius, RADIUS_MISTAKES, FORM, case)
    for size in (1e-9, 1e-30):
        tiny, rho = _spectrum_case(check.rng, 3, "real")
        case = f"numbers of size {size:g}: small eigenvalues, but not zero"
        check.expect("error", (tiny * size, 1.0), tiny / rho, RADIUS_MISTAKES, FORM, case)
    for size in check.sizes((1, 1, 7)):
        W_hh, rho = _spectrum_case(check.rng, size, "real", sign=1 if size > 1 else -1)
        radius = float(check.rng.uniform(0.4, 2.5))
        note = "one unit" if size == 1 else ""
        check.expect("care", (W_hh, radius), W_hh / rho * radius, RADIUS_MISTAKES, 1e-10, note)
    W_hh, rho = _spectrum_case(check.rng, check.sizes(5), "complex")
    radius = float(check.rng.uniform(0.4, 2.5))
    check.single_precision("care", (W_hh, radius), lambda *_: W_hh / rho * radius, "complex")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("dh_T", "h", "W_hh", "activation"),
    points={
        "linear": ("linear: the geometric mean of the factors of all steps, not counting any twice", 1),
        "slopes": ("tanh and relu: each step's own slopes", 1),
        "long": ("thousands of steps, whether the gradient vanishes or explodes on the way", 1),
        "care": ("a gradient that dies has the factor 0.0; two steps and one unit are enough; no argument is changed", 1),
    },
    needs=("step_jacobian",),
)
def growth_factor(check):
    """Exercise 4."""
    for criterion, activations in {"linear": ("linear",), "slopes": ("tanh", "relu")}.items():
        for activation in activations:
            for sizes in check.sizes([(5, 5), (6, 3), (9, 4)]):
                case = (*_run_case(check.rng, *sizes, activation), activation)
                check.expect(criterion, case, _growth(*case), GROWTH_MISTAKES, FORM, branch=activation)
    # not first: in one unit of one factor many mistakes are alike
    example = (np.array([2.0]), np.array([[0.1], [0.3], [0.5]]), np.array([[3.0]]), "linear")
    check.expect("linear", example, 3.0, GROWTH_MISTAKES, FORM, "the example", branch="linear")
    if not (check.has_passed("linear") and check.has_passed("slopes")):
        return
    example = (example[0], check.rng.uniform(-1, 1, (check.sizes(2000), 1)), example[2], "linear")
    check.expect("long", example, 3.0, LONG_MISTAKES, FORM, "2,000 steps of the example", branch="linear")
    for activation, size in [("tanh", 0.01), ("linear", 0.01), ("linear", 100.0), ("relu", 100.0)]:
        units, timesteps = check.sizes((3, 250))
        dh_T, W_hh = check.rng.normal(size=units), size * check.rng.normal(size=(units, units))
        h = check.rng.uniform(0.1, 0.9, (timesteps, units))
        h[range(timesteps), check.rng.integers(0, units, timesteps)] *= -1 if activation != "relu" else 0
        case = (dh_T, h, W_hh, activation)
        kind = "vanishes" if _growth(*case) < 1 else "explodes"
        check.expect("long", case, _growth(*case), LONG_MISTAKES, FORM, f"250 steps; the gradient {kind}", branch=activation)
    for activation in ("linear", "tanh"):
        for timesteps, size, note in [(2, 4, "two steps: a single factor"), (7, 1, "one unit")]:
            case = (*_run_case(check.rng, *check.sizes((timesteps, size)), activation), activation)
            check.expect("care", case, _growth(*case), GROWTH_MISTAKES, 1e-9, note)
    dh_T, h, W_hh = _run_case(check.rng, 6, 4, "linear")
    dead = np.abs(h)
    dead[int(check.rng.integers(1, 5))] = 0
    check.expect("care", (dh_T, dead, W_hh, "relu"), 0.0, GROWTH_MISTAKES, case="relu; at one step every unit is off", locate=_small_number)
    check.expect("care", (dh_T, h, np.triu(W_hh, 1), "linear"), 0.0, GROWTH_MISTAKES, case="linear; W_hh**4 is zero", locate=_small_number)
    for size, states in [(1e-20, h), (1e-70, h[:3]), (1e-100, h[:2])]:  # no further: squares that no float can hold are another mistake
        case = (dh_T, states, size * W_hh, "linear")
        check.expect("care", case, _growth(*case), GROWTH_MISTAKES, FORM, "a small gradient is not a dead one", _small_number, branch="tiny")
    for size in (1e-100, 1e100):
        case = (dh_T * size, h, W_hh, "linear")
        check.expect("care", case, _growth(*case), GROWTH_MISTAKES, 1e-9, f"dh_T of size {size:g}")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("size", "rng"),
    points={
        "orthogonal": ("Q.T @ Q is the identity, for any size, and Q is not the same every time", 2),
        "random": ("all chance comes from rng: the same state gives the same matrix", 1),
        "uniform": ("no direction is preferred: both signs everywhere, no bias", 1),
    },
)
def orthogonal(check):
    """Exercise 6."""
    every = ("orthogonal", "random", "uniform")
    for size, count in ORTHOGONAL_DRAWS.items():
        size = check.sizes(size)
        seeds = [int(seed) for seed in check.rng.integers(0, 2**62, count)]
        shown, wanted, draws = f"case: size = {size}", f"an array of shape ({size}, {size}) and dtype float64", []
        for seed in [*seeds, seeds[0]]:
            got = check.inspect((size, np.random.default_rng(seed)), lambda a: _is_square(a, size), wanted)
            if got is None:
                return
            if problem := _not_orthogonal(got.astype(np.float64), size, seed):
                for criterion in every:
                    check.failed(criterion, shown, *problem)
                return
            draws.append(got)
        again = draws.pop()
        if size > 1 and all(np.array_equal(draws[0], other) for other in draws):
            cause = f"{CAUSE} rng is not used, or made anew with a fixed seed, or an earlier result is kept"
            for criterion in every:
                check.failed(criterion, shown, "every Generator gives the same matrix", cause)
            return
        check.passed("orthogonal")
        if np.array_equal(draws[0], again) and check.idle:
            cause = f"{CAUSE} it draws from a copy of rng: the next call would return the same matrix"
            check.failed("random", shown, "after the call, rng is where it was before", cause)
        elif np.array_equal(draws[0], again):
            check.passed("random")
        else:
            cause = f"{CAUSE} np.random.normal and the like do not draw from rng; rng.normal does"
            check.failed("random", shown, "rng in the same state gave another matrix", cause)
        if problem := _preferred(draws, size):
            check.failed("uniform", f"{shown}, {count} draws", problem, *_known(size, seeds, draws))
        elif known := _known(size, seeds, draws):  # wrong, though too little to show in so few draws
            check.failed("uniform", shown, *known)
    check.passed("uniform")


@lesson.exercise(
    arguments=("answer",),
    points={
        "offset": ("what it costs to answer one number and not another", 1),
        "error": ("the expected squared error itself", 1),
    },
)
def adding_baseline(check):
    """Exercise 7."""
    example = check.inspect((0.0,), _is_number, "a number")
    if example is None:
        return
    check.settle("error", (0.0,), 7 / 6, float(example), ADDING_MISTAKES, case="the example")
    for low, high in [(0, 2), (0, 1), (1, 2), (-3, 4), (-3, 4)]:
        pair = [float(answer) for answer in check.rng.uniform(low, high, 2)]
        got = [check.inspect((answer,), _is_number, "a number") for answer in pair]
        if None in got:
            return
        got = [float(value) for value in got]
        truth = [_adding(answer) for answer in pair]
        offset = {text: lambda a, b, f=f: f(a) - f(b) for text, f in ADDING_MISTAKES.items()}
        shown = f"adding_baseline({pair[0]:.4g}) - adding_baseline({pair[1]:.4g})"
        check.settle("offset", pair[:1], truth[0] - truth[1], got[0] - got[1], offset, FORM, part=shown, told=pair)
        for answer, expected, value in zip(pair, truth, got):
            check.settle("error", (answer,), expected, value, ADDING_MISTAKES)


@lesson.exercise(
    arguments=("delay", "symbols", "length"),
    points={
        "usual": ("8 symbols, 10 of them to remember, at any delay", 1),
        "any": ("any number of symbols, any length, any delay", 2),
    },
)
def copy_baseline(check):
    """Exercise 8."""
    for delay in check.rng.integers(2, 1500, 4):
        case = (int(delay), 8, 10)
        check.expect("usual", case, _copy(*case), COPY_MISTAKES)
    for symbols in (*check.rng.integers(12, 30, 4), check.rng.integers(2, 6)):  # far from 8, which may be wired in
        case = (int(check.rng.integers(0, 60)), int(symbols), int(check.rng.integers(1, 25)))
        check.expect("any", case, _copy(*case), COPY_MISTAKES)
    case = (0, int(check.rng.integers(12, 30)), int(check.rng.integers(2, 25)))
    check.expect("any", case, _copy(*case), COPY_MISTAKES, case="no delay")
    check.expect("any", (0, 2, 1), math.log(2) / 2, COPY_MISTAKES, case="the example")


prediction_tanh = lesson.prediction(
    "prediction_tanh", ("vanishes", "stays", "explodes"),
    tempting={
        "explodes": "1.5 to the power of 50 is over half a billion, and for a linear network you would be right. Here each"
        " step also multiplies by the slopes of tanh, and those are below 1.",
        "stays": "tanh keeps its states in [-1, 1], but nothing keeps a gradient in any range.",
    },
)
prediction_transient = lesson.prediction(
    "prediction_transient", ("never", "less than 10", "more than 10"),
    tempting={
        "never": "Both eigenvalues are below 1, and they do decide how it ends. The 5 in the corner decides how it begins.",
        "less than 10": "One step stretches a vector about fivefold at most. But the steps after it stretch it again.",
    },
)
prediction_lag = lesson.prediction(
    "prediction_lag", ("10", "20", "40", "80"),
    tempting={
        "10": "The random weights of section 2 lost nearly everything in a few steps. But training moves the weights, and at"
        " first enough arrives to tell it where to.",
        "20": "It is a number one often reads, and the border depends on the run.",
        "40": "1,000 updates are plenty for adding two numbers. They do not help if word from the first half never arrives.",
        "80": "32 units are plenty for adding two numbers. What is missing is not capacity but a gradient from 60 steps ago.",
    },
)


# ---- looking at answers that no single truth fits


def _is_number(value):
    if type(value) is np.ndarray and value.ndim == 0:
        value = value[()]
    usual = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return usual and not beyond_floats(value)


def _is_pair(value):
    return type(value) is tuple and len(value) == 2


# ---- step_jacobian: the truth, and what known mistakes give

ACTIVATIONS = {
    "linear": lambda a: a,
    "relu": lambda a: np.where(np.real(a) > 0, a, 0),  # real and complex alike
    "tanh": np.tanh,
}


def _step_case(rng, size, activation):
    """A state, the state after the step, the weights, and what else entered; relu has units on and off."""
    while True:
        h_before, offset = rng.normal(size=size), rng.normal(size=size)
        W_hh = rng.normal(0, 1 / np.sqrt(size), (size, size))
        h_t = ACTIVATIONS[activation](h_before @ W_hh + offset)
        on = np.sum(h_t > 0)
        if activation == "tanh" and not np.all((0.1 < np.abs(h_t)) & (np.abs(h_t) < 0.99)):
            continue  # 1 - h**2 is all rounding near 1, and hardly differs from 1 - tanh(h)**2 near 0
        if activation != "relu" or 0 < on < size or size == 1:
            return h_before, h_t, W_hh, offset


def _jacobian(h_before, W_hh, offset, activation):
    """Column j: what a small imaginary push on h_{t-1}[j] does to every unit."""
    pushed = h_before + 1e-30j * np.eye(len(h_before))
    return np.imag(ACTIVATIONS[activation](pushed @ W_hh + offset)).T / 1e-30


def _slope(h, activation):
    return {"linear": np.ones_like(h), "relu": 1.0 * (h > 0), "tanh": 1 - h * h}[activation]


ANY_JACOBIAN = {
    "J[i, j] is about h_t[i] and h_{t-1}[j], so W_hh enters transposed (W_hh[j, i] leads from j to i)": (
        lambda h, W, a: _slope(h, a)[:, None] * W
    ),
    "J is transposed: the row is for h_t, the column for h_{t-1}": lambda h, W, a: W * _slope(h, a),
    "the derivative scales the columns; it belongs to h_t, which is the row": lambda h, W, a: W.T * _slope(h, a),
    "the derivative of the activation is missing": lambda h, W, a: W.T,
    "the derivative of the activation is missing, and W_hh enters untransposed": lambda h, W, a: W,
    "the derivative alone: W_hh is missing": lambda h, W, a: np.diag(_slope(h, a)),
    "the derivative alone comes back, and W_hh is missing": lambda h, W, a: _slope(h, a),
    "* with np.diag(...) keeps the diagonal only; the matrix product is @": lambda h, W, a: np.diag(_slope(h, a)) * W.T,
    "the derivative times W_hh, summed up: J is a matrix": lambda h, W, a: _slope(h, a) @ W.T,
    "the derivative counts twice": lambda h, W, a: _slope(h, a)[:, None] ** 2 * W.T,
    "the derivative of tanh is used for every activation": lambda h, W, a: (1 - h * h)[:, None] * W.T,
    "the derivative of relu is used for every activation": lambda h, W, a: (h > 0)[:, None] * W.T,
    "h_t itself in place of the derivative": lambda h, W, a: h[:, None] * W.T,
    "the sign is wrong": lambda h, W, a: -_slope(h, a)[:, None] * W.T,
}

JACOBIAN_MISTAKES = {
    "linear": {
        "h_t is in it, but a linear unit's derivative is 1": lambda h, W, a: h[:, None] * W.T,
        "a linear unit's derivative is 1, not 0": lambda h, W, a: 0 * W,
    },
    "relu": {
        "relu's derivative is 1 where h_t > 0; where it is 0 the unit is off (>= takes those in)": (
            lambda h, W, a: (h >= 0)[:, None] * W.T
        ),
        "on and off are exchanged": lambda h, W, a: (h <= 0)[:, None] * W.T,
        "relu of W_hh in place of relu's derivative": lambda h, W, a: np.maximum(W.T, 0),
    },
    "tanh": {
        "1 - tanh(h_t)**2: h_t is the tanh already": lambda h, W, a: (1 - np.tanh(h) ** 2)[:, None] * W.T,
        "h_t * (1 - h_t) is the derivative of the sigmoid": lambda h, W, a: (h * (1 - h))[:, None] * W.T,
        "1 - h_t: the square is missing": lambda h, W, a: (1 - h)[:, None] * W.T,
        "(1 - h_t)**2: only h_t is squared": lambda h, W, a: ((1 - h) ** 2)[:, None] * W.T,
        "h_t**2: it is 1 - h_t**2": lambda h, W, a: (h**2)[:, None] * W.T,
        "1 + h_t**2: the sign is wrong": lambda h, W, a: (1 + h**2)[:, None] * W.T,
        "sqrt(1 - h_t**2): no root is taken": lambda h, W, a: np.sqrt(1 - h**2)[:, None] * W.T,
        "1 / (1 - h_t**2) is the derivative of arctanh": lambda h, W, a: (1 / (1 - h**2))[:, None] * W.T,
        "1 - arctanh(h_t)**2: the derivative is 1 - h_t**2": lambda h, W, a: (1 - np.arctanh(h) ** 2)[:, None] * W.T,
    },
}


# ---- gradient_norms


def _run_case(rng, timesteps, size, activation):
    """dh_T, the states of one sample under random inputs, and W_hh."""
    while True:
        W_hh = rng.normal(0, 1.1 / np.sqrt(size), (size, size))
        state, states = rng.normal(size=size), []
        for _ in range(timesteps):
            state = ACTIVATIONS[activation](rng.normal(0.3, 0.8, size) + state @ W_hh)
            states.append(state)
        case = rng.normal(size=size), np.array(states), W_hh
        if activation != "relu" or size == 1 or _norms(*case, activation)[-1] > 1e-3:  # not all dead on the way
            return case


def _norms(dh_T, h, W_hh, activation):
    """Forward: each unit of h_{T-k} is pushed, the push is carried on to h_T, and dh_T weighs what arrives."""
    norms = []
    for lag in range(len(h)):
        push = np.eye(len(dh_T))
        for t in range(len(h) - lag, len(h)):
            push = np.einsum("pi,ij,j->pj", push, W_hh, _slope(h[t], activation))
        norms.append(math.sqrt(float(np.sum((push @ dh_T) ** 2))))
    return np.array(norms)


def _walk(back, first=0, measure=np.linalg.norm):
    """What goes back in time by `back(gradient, t, ...)`, t the index of the step that is left, and is measured."""

    def mistake(dh_T, h, W_hh, activation):
        gradient, measured = dh_T, []
        for t in range(len(h) - 1, -1, -1):
            measured.append(measure(gradient))
            gradient = back(gradient, t, h, W_hh, activation)
        return np.array((measured + [measure(gradient)])[first : first + len(h)])

    return mistake


def _right_way(g, t, h, W, a):
    return W @ (_slope(h[t], a) * g)


def _fixed(step):
    """Every step as if it were the step `step`."""
    return lambda g, t, h, W, a: W @ (_slope(h[step], a) * g)


def _jacobian_products(dh_T, h, W, a, order=2):
    products = [np.eye(len(W))]
    for t in range(len(h) - 1, 0, -1):
        products.append(W @ np.diag(_slope(h[t], a)) @ products[-1])
    return np.array([np.linalg.norm(product, order) for product in products])


ANY_RUN = {
    "W_hh is transposed, as it is in J @ g: multiply from the left, g @ J, that is g -> W_hh @ (f' * g)": _walk(
        lambda g, t, h, W, a: W.T @ (_slope(h[t], a) * g)
    ),
    "J @ g: multiply from the left, g @ J": _walk(lambda g, t, h, W, a: _slope(h[t], a) * (W.T @ g)),
    "f' is applied after W_hh: it belongs to the step that is left, so it comes first": _walk(
        lambda g, t, h, W, a: _slope(h[t], a) * (W @ g)
    ),
    "one lag too far: item 0 is ||dL/dh_T|| itself": _walk(_right_way, first=1),
    "item 0 is ||dL/dh_T||, and the last item is for h_1: the order is reversed": lambda *case: _norms(*case)[::-1],
    "item 0, ||dL/dh_T||, is missing": lambda *case: _norms(*case)[1:],
    "one item too many: h_0 is not asked for": lambda *case: (
        np.append(_norms(*case), _walk(_right_way, first=1)(*case)[-1])
    ),
    "the last item is missing": lambda *case: _norms(*case)[:-1],
    "the last item alone comes back": lambda *case: _norms(*case)[-1:],
    "the gradient does not move: nothing is carried from one step to the one before": _walk(lambda g, *_: g),
    "the norm is squared (np.sum of squares without the root)": lambda *case: _norms(*case) ** 2,
    "the sum of absolute values, not the Euclidean norm": _walk(_right_way, measure=lambda g: np.sum(np.abs(g))),
    "the largest absolute value, not the Euclidean norm": _walk(_right_way, measure=lambda g: np.max(np.abs(g))),
    "the root of the mean of squares, not of their sum": _walk(_right_way, measure=lambda g: np.sqrt(np.mean(g**2))),
    "the mean of absolute values, not the Euclidean norm": _walk(_right_way, measure=lambda g: np.mean(np.abs(g))),
    **{
        f"only item 0 is the Euclidean norm; the others are {what}": lambda *case, measure=measure: (
            np.append(_norms(*case)[:1], _walk(_right_way, measure=measure)(*case)[1:])
        )
        for what, measure in {
            "squared": lambda g: np.sum(g**2), "sums of absolute values": lambda g: np.sum(np.abs(g)),
            "the largest absolute values": lambda g: np.max(np.abs(g)),
        }.items()
    },
    "divided by ||dL/dh_T||": lambda *case: _norms(*case) / np.linalg.norm(case[0]),
    "the norm of the product of Jacobians, without dh_T": _jacobian_products,
    "the spectral norm of the product of Jacobians, which is a bound: multiply dh_T with it, then take the norm": (
        lambda d, h, W, a: np.linalg.norm(d) * _jacobian_products(d, h, W, a)
    ),
    "the Frobenius norm of the product of Jacobians, without dh_T": lambda d, h, W, a: (
        _jacobian_products(d, h, W, a, "fro")
    ),
    "a product of norms, which is a bound: take the product of matrices first, then the norm": lambda d, h, W, a: (
        np.linalg.norm(d)
        * np.cumprod([1.0] + [np.linalg.norm(W @ np.diag(_slope(h[t], a)), 2) for t in range(len(h) - 1, 0, -1)])
    ),
    "the logarithm of the norm": lambda *case: np.log(_norms(*case)),
    "the vectors come back, not their norms": lambda d, h, W, a: _vectors(d, h, W, a),
    "the gradient of every state is added up": lambda *case: np.cumsum(_norms(*case)),
    "the norm of each step's own Jacobian: multiply them up, from dh_T on, before the norm is taken": lambda d, h, W, a: np.array(
        [np.linalg.norm(d)] + [np.linalg.norm(W * _slope(h[t], a)) for t in range(len(h) - 1, 0, -1)]
    ),
    "every item is one step from dh_T: the gradient is not carried on": lambda d, h, W, a: np.array(
        [np.linalg.norm(d)] + [np.linalg.norm(W @ (_slope(h[t], a) * d)) for t in range(len(h) - 1, 0, -1)]
    ),
    "dh_T is added again at each step, but L depends on h_T only": lambda d, h, W, a: _walk(
        lambda g, t, *rest: _right_way(g, t, *rest) + d
    )(d, h, W, a),
}

RUN_MISTAKES = {
    "the derivative of the activation is missing": _walk(lambda g, t, h, W, a: W @ g),
    "f' is taken at h_{t-1}: from h_t to h_{t-1} it is the derivative at h_t": _walk(
        lambda g, t, h, W, a: W @ (_slope(h[t - 1], a) * g)
    ),
    "the first step's derivative comes first: going back, the last step is the first": lambda d, h, W, a: (
        _walk(_right_way)(d, h[::-1], W, a)
    ),
    "you go from h_2 to h_T: go back, from h_T to h_2": lambda d, h, W, a: _walk(_right_way)(
        d, np.roll(h[::-1], 1, axis=0), W, a
    ),
    "every step uses the derivative at h_T": _walk(_fixed(-1)),
    "every step uses the derivative at h_1": _walk(_fixed(0)),
    "1 - tanh(h_t)**2: h_t is the tanh already": _walk(lambda g, t, h, W, a: W @ ((1 - np.tanh(h[t]) ** 2) * g)),
    "the derivative of tanh is used for every activation": _walk(lambda g, t, h, W, a: W @ ((1 - h[t] ** 2) * g)),
    "h_t itself in place of the derivative": _walk(lambda g, t, h, W, a: W @ (h[t] * g)),
}


def _vectors(dh_T, h, W_hh, activation):
    vectors = [dh_T]
    for t in range(len(h) - 1, 0, -1):
        vectors.append(_right_way(vectors[-1], t, h, W_hh, activation))
    return np.array(vectors)


# ---- growth_factor


def _growth(dh_T, h, W_hh, activation):
    """By powers of two, which are exact: whenever the gradient is far from 1 it is moved there, and the moves are counted."""
    gradient, moves = dh_T, 0
    first = _size(dh_T)
    for t in range(len(h) - 1, 0, -1):
        gradient = W_hh @ (_slope(h[t], activation) * gradient)
        largest = float(np.max(np.abs(gradient)))
        if largest == 0:
            return 0.0
        move = math.frexp(largest)[1]
        gradient, moves = np.ldexp(gradient, -move), moves + move
    steps = len(h) - 1
    return math.exp((math.log(_size(gradient)) + moves * math.log(2) - math.log(first)) / steps)


def _size(vector):
    return math.hypot(*vector.tolist())


def _logs(dh_T, h, W_hh, activation, back):
    """The logarithm of each step's factor, for a way to go back."""
    gradient, logs = dh_T / _size(dh_T), []
    for t in range(len(h) - 1, 0, -1):
        gradient = back(gradient, t, h, W_hh, activation)
        norm = _size(gradient)
        logs.append(math.log(norm) if norm else -math.inf)
        gradient = gradient / norm if norm else gradient
    return np.array(logs)


def _mean_factor(back):
    return lambda *case: float(np.exp(np.mean(_logs(*case, back))))


def _last_norm(dh_T, h, W_hh, activation):
    return _norms_as_they_come(dh_T, h, W_hh, activation)[1]


def _small_number(expected, got):
    """The cause where a result looks as if norms had a least size of their own; "" where it does not."""
    if not isinstance(got, (float, np.floating)) or not math.isfinite(got):
        return ""
    if got == 0 < expected or got > 2 * expected:
        return f"{CAUSE} a small number is added to the norms, or a norm below it is raised to it or taken for zero: only 0 itself ends in 0.0"
    return ""


GROWTH_MISTAKES = {
    "the mean of the factors, not their geometric mean: add logarithms": lambda *case: (
        float(np.mean(np.exp(_logs(*case, _right_way))))
    ),
    "divided by the number of states: from h_T back to h_1 there are T - 1 steps": lambda *case: (
        float(np.exp(np.sum(_logs(*case, _right_way)) / len(case[1])))
    ),
    "the sum of the logarithms is not divided by the number of steps: this is the factor of all steps together": (
        lambda *case: float(np.exp(np.sum(_logs(*case, _right_way))))
    ),
    "the mean logarithm: take exp of it": lambda *case: float(np.mean(_logs(*case, _right_way))),
    "the mean logarithm in base 10: take 10 to that power": lambda *case: (
        float(np.mean(_logs(*case, _right_way)) / math.log(10))
    ),
    "logarithms in base 10 need 10 ** mean, not exp": lambda *case: (
        float(np.exp(np.mean(_logs(*case, _right_way)) / math.log(10)))
    ),
    "logarithms in base 2 need 2 ** mean, not exp": lambda *case: (
        float(np.exp(np.mean(_logs(*case, _right_way)) / math.log(2)))
    ),
    "the first norm is missing: divide by ||dh_T||, or start with dh_T / ||dh_T||": lambda *case: (
        float(_last_norm(*case) ** (1 / (len(case[1]) - 1)))
    ),
    "the last step's factor, not the mean over all of them": lambda *case: float(np.exp(_logs(*case, _right_way)[-1])),
    "the first step's factor, not the mean over all of them": lambda *case: float(np.exp(_logs(*case, _right_way)[0])),
    "one step too many: h_1 is where it ends": lambda *case: (
        float(np.exp(np.mean(_logs(case[0], np.concatenate([case[1][:1], case[1]]), *case[2:], _right_way))))
    ),
    "the gradient is not set back to norm 1 after each step, so each logarithm counts all the steps before it again": (
        lambda *case: float(np.exp(np.mean(np.cumsum(_logs(*case, _right_way)))))
    ),
    "the largest factor of a step, not the mean over all of them": lambda *case: float(np.exp(np.max(_logs(*case, _right_way)))),
    "upside down: the norm of dh_1 over that of dh_T": lambda *case: float(np.exp(-np.mean(_logs(*case, _right_way)))),
    "W_hh is transposed, as it is in J @ g: multiply from the left, g @ J": _mean_factor(
        lambda g, t, h, W, a: _slope(h[t], a) * (W.T @ g)
    ),
    "W_hh is transposed": _mean_factor(lambda g, t, h, W, a: W.T @ (_slope(h[t], a) * g)),
    "f' is applied after W_hh: it belongs to the step that is left, so it comes first": _mean_factor(
        lambda g, t, h, W, a: _slope(h[t], a) * (W @ g)
    ),
    "the derivative of the activation is missing": _mean_factor(lambda g, t, h, W, a: W @ g),
    "f' is taken at h_{t-1}: from h_t to h_{t-1} it is the derivative at h_t": _mean_factor(
        lambda g, t, h, W, a: W @ (_slope(h[t - 1], a) * g)
    ),
    "you go from h_2 to h_T: go back, from h_T to h_2": lambda dh_T, h, W, a: _mean_factor(_right_way)(
        dh_T, np.roll(h[::-1], 1, axis=0), W, a
    ),
    "only the first step back is made, and its logarithm is divided by the number of all": lambda *case: (
        float(np.exp(_logs(*case, _right_way)[0] / (len(case[1]) - 1)))
    ),
    "one step too many: the last one is that to h_1, by the slopes of h_2": lambda d, h, W, a: (
        float(np.exp(np.sum(_logs(d, np.concatenate([h[:1], h]), W, a, _right_way)) / (len(h) - 1)))
    ),
    "you go from h_1 to h_T: go back, from h_T": lambda dh_T, h, W, a: _mean_factor(_right_way)(dh_T, h[::-1], W, a),
    "every step uses the derivative at h_T": _mean_factor(_fixed(-1)),
    "every step uses the derivative at h_1": _mean_factor(_fixed(0)),
    "the derivative of tanh is used for every activation": _mean_factor(lambda g, t, h, W, a: W @ ((1 - h[t] ** 2) * g)),
    "the spectral radius of W_hh: measure the gradient itself": lambda d, h, W, a: (
        float(np.max(np.abs(np.linalg.eigvals(W))))
    ),
    "the spectral norm of W_hh, which is a bound: measure the gradient itself": lambda d, h, W, a: (
        float(np.linalg.norm(W, 2))
    ),
    "once the gradient is zero, its norm is 0 and 0 / 0 is nan: return 0.0 before you divide": lambda *case: (
        _growth(*case) or math.nan
    ),
}

#: Over many steps, for answers that are right over few.
LONG_MISTAKES = {
    **{
        f"only {steps} steps are made, whatever their number": lambda *case, steps=steps: (
            float(np.exp(np.sum(_logs(*case, _right_way)[:steps]) / (len(case[1]) - 1)))
        )
        for steps in (10, 20, 30, 50, 64, 99, 100, 128, 200)
    },
    "the norm itself underflows or overflows on the way: set it back to 1 after each step, and add up the logarithms": (
        lambda *case: _of_norms(_norms_as_they_come(*case), len(case[1]) - 1)
    ),
}


def _norms_as_they_come(dh_T, h, W_hh, activation):
    """The first norm and the last, in float64 as np.linalg.norm takes them."""
    gradient = dh_T
    for t in range(len(h) - 1, 0, -1):
        gradient = _right_way(gradient, t, h, W_hh, activation)
    return np.linalg.norm(dh_T), np.linalg.norm(gradient)


def _of_norms(norms, steps):
    first, last = norms
    return float((last / first) ** (1 / steps))


# ---- clip_by_global_norm

PAIR = "a tuple (clipped, norm)"

CLIP_SHAPES = [
    {"W_xh": (3, 4), "W_hh": (4, 4), "b_h": (4,), "W_hy": (4, 2), "b_y": (2,)},
    {"b": (1,), "W": (2, 5)},
]


def _gradients(rng, shapes):
    """Arrays of different sizes, so that what is done array by array gives something else."""
    return {name: rng.normal(0, rng.uniform(0.3, 3), shape) for name, shape in shapes.items()}


def _global_norm(gradients):
    return math.hypot(*(float(x) for array in gradients.values() for x in array.ravel()))


def _clip(gradients, max_norm):
    norm = _global_norm(gradients)
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: array * factor for name, array in gradients.items()}, norm


def _clip_case(check, gradients, max_norm, case):
    """Ordinary gradients: the norm first, then what was clipped."""
    arguments = (gradients, max_norm)
    got = check.inspect(arguments, _is_pair, PAIR, ("clip",), case)
    if got is None:
        return
    truth = _clip(*arguments)
    kind = "above" if truth[1] > max_norm else "below"
    check.settle("clip", arguments, truth[1], got[1], NORM_MISTAKES, FORM, part="the norm", case=case)
    check.settle("clip", arguments, truth[0], got[0], CLIP_MISTAKES[kind], FORM, part="the gradients", case=case)


def _broken_case(check, gradients, zero, name, bad, max_norm):
    """One bad number in the array `name`; the norm may come as nan or as inf, whichever way it was computed."""
    spoilt = gradients[name].copy()
    spoilt.ravel()[int(check.rng.integers(spoilt.size))] = bad
    arguments = ({**gradients, name: spoilt}, max_norm)
    got = check.inspect(arguments, _is_pair, PAIR, ("broken",), f"{name} holds {bad}")
    if got is None:
        return
    shown = check.describe(arguments, f"{name} holds {bad}")
    right = check.settle("broken", arguments, zero, got[0], BROKEN_MISTAKES, part="the gradients", case=f"{name} holds {bad}")
    if right and (not _is_number(got[1]) or np.isfinite(got[1])):
        what = f"expected nan or inf as the norm, got {describe(got[1])}"
        check.failed("broken", shown, what, f"{CAUSE} the norm is of what came in, so that one can see what was wrong")


def _extreme_case(check, gradients, max_norm, case):
    """Numbers whose squares overflow or underflow, and float32."""
    got = check.inspect((gradients, max_norm), _is_pair, PAIR, ("care",), case)
    if got is None:
        return
    clipped, norm = _clip(gradients, max_norm)
    shown = check.describe((gradients, max_norm), case)
    tolerance = 1e-4 if "float32" in case else 1e-9
    if not _is_number(got[1]) or not abs(float(got[1]) / norm - 1) < tolerance:
        overflow = "the squares overflow or underflow: divide by the largest number first, and multiply the root by it"
        if "3e38" in case:
            overflow = "the norm is more than float32 holds: turn the numbers into float64 first, the largest one too"
        check.failed("care", shown, f"expected the norm {norm:.4g}, got {describe(got[1])}", f"{CAUSE} {overflow}")
        return
    scale = max(np.max(np.abs(array)) for array in clipped.values())  # 1e-200 squared is 0 in the comparison too
    if type(got[0]) is not dict or got[0].keys() != clipped.keys():
        check.failed("care", shown, difference(clipped, got[0]))
        return
    if problem := difference(_divided(clipped, scale), _divided(got[0], scale), tolerance):
        added = f"{CAUSE} a small number added to the norm, or a least norm, outweighs tiny gradients"
        check.failed("care", shown, problem, *([added] if "1e-20" in case else []))
    else:
        _kept(check, gradients, got[0], shown)


def _kept(check, gradients, got, shown):
    """Hold that every array keeps its dtype."""
    for name, array in gradients.items():
        if (kind := np.asarray(got[name]).dtype) != array.dtype:
            cause = f"{CAUSE} an array gets the default dtype, or that of another array"
            check.failed("care", shown, f"{name}: {array.dtype} went in, {kind} came out", cause)
    check.passed("care")


def _divided(gradients, scale):
    return {
        name: array.astype(np.float64) / scale if isinstance(array, np.ndarray) and array.dtype.kind in "fiu" else array
        for name, array in gradients.items()
    }


def _zeros(gradients):
    return {name: np.zeros_like(array) for name, array in gradients.items()}


def _as_in_lesson_03(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(array * array) for array in gradients.values()))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: array * factor for name, array in gradients.items()}


def _each(change):
    """`change(array, norm, max_norm)` of every array."""
    return lambda g, m: {name: change(array, _global_norm(g), m) for name, array in g.items()}


NORM_MISTAKES = {
    "the norm is squared: the root is missing": lambda g, m: _global_norm(g) ** 2,
    "the norm of each array, added up: square and add all numbers, then take one root": lambda g, m: sum(
        np.linalg.norm(array) for array in g.values()
    ),
    "the largest norm of an array, not that of all together": lambda g, m: max(np.linalg.norm(a) for a in g.values()),
    "the largest absolute value is not the norm": lambda g, m: max(np.max(np.abs(a)) for a in g.values()),
    "the sum of absolute values is not the Euclidean norm": lambda g, m: sum(np.sum(np.abs(a)) for a in g.values()),
    "the root of the mean of squares, not of their sum": lambda g, m: (
        _global_norm(g) / math.sqrt(sum(a.size for a in g.values()))
    ),
    "the norm after clipping; before clipping was asked for": lambda g, m: min(_global_norm(g), m),
    "the norm of the last array only": lambda g, m: np.linalg.norm(list(g.values())[-1]),
    "the norm of the first array only": lambda g, m: np.linalg.norm(next(iter(g.values()))),
    "a dict of norms came back: one norm over all arrays was asked for": lambda g, m: {
        name: float(np.linalg.norm(array)) for name, array in g.items()
    },
    "the spectral norm of each matrix is not the root of the sum of squares": lambda g, m: math.sqrt(
        sum(np.linalg.norm(array, 2) ** 2 for array in g.values())
    ),
    "the factor max_norm / norm came back, not the norm": lambda g, m: m / _global_norm(g),
}

_CLIP_ANY = {
    "each number is clipped by itself, which turns the direction": lambda g, m: {
        name: np.clip(array, -m, m) for name, array in g.items()
    },
    "each array is clipped by its own norm: take one norm over all": lambda g, m: {
        name: array * min(1.0, m / np.linalg.norm(array)) for name, array in g.items()
    },
    "each array is scaled to max_norm by its own norm: take one norm over all": lambda g, m: {
        name: array * m / np.linalg.norm(array) for name, array in g.items()
    },
    "scaled to length 1, not to max_norm": _each(lambda a, norm, m: a / norm),
    "multiplied by norm / max_norm; it is max_norm / norm": _each(lambda a, norm, m: a * norm / m),
    "everything is set to zero": _each(lambda a, norm, m: a * 0),
    "multiplied by max_norm, not divided by the norm": _each(lambda a, norm, m: a * m),
    "divided by max_norm": _each(lambda a, norm, m: a / m),
}

CLIP_MISTAKES = {
    "above": _CLIP_ANY
    | {
        "not clipped at all (is the comparison the wrong way round?)": _each(lambda a, norm, m: a),
        "what is only a little above max_norm is not clipped": _each(
            lambda a, norm, m: a if norm < 1.45 * m else a * m / norm
        ),
        "max_norm / norm**2: the root is missing": _each(lambda a, norm, m: a * min(1.0, m / norm**2)),
        "sqrt(max_norm / norm): no root here": _each(lambda a, norm, m: a * math.sqrt(m / norm)),
        "the largest absolute value in place of the norm": lambda g, m: {
            name: array * min(1.0, m / max(np.max(np.abs(a)) for a in g.values())) for name, array in g.items()
        },
        "the sum of the arrays' norms in place of one norm over all": lambda g, m: {
            name: array * min(1.0, m / sum(np.linalg.norm(a) for a in g.values())) for name, array in g.items()
        },
        "the sum of absolute values in place of the norm": lambda g, m: {
            name: array * min(1.0, m / sum(np.sum(np.abs(a)) for a in g.values())) for name, array in g.items()
        },
        "the mean of squares in place of their sum": lambda g, m: {
            name: array * min(1.0, m * math.sqrt(sum(a.size for a in g.values())) / _global_norm(g))
            for name, array in g.items()
        },
        "the sign is turned": _each(lambda a, norm, m: -a * m / norm),
    },
    "below": {
        "small gradients are scaled up to max_norm: clip only what is above": _each(lambda a, norm, m: a * m / norm),
    },
}

ZERO_MISTAKES = {
    "the largest number is 0, and is divided by: 0 / 0 is nan": lambda g, m: (_zeros(g), math.nan),
    "0 / 0 is nan: a norm of zero needs no clipping": lambda g, m: (_each(lambda a, *_: a * np.nan)(g, m), 0.0),
}

def _only_nan(infinite):
    """An infinity is not looked for: what `infinite` makes of each array then."""
    return lambda g, m: _zeros(g) if any(np.isnan(a).any() for a in g.values()) else {name: infinite(a) for name, a in g.items()}


BROKEN_MISTAKES = {
    "only nan is looked for, and an infinity times 0 is nan; ask np.isfinite": _only_nan(lambda a: a * 0),
    "only nan is looked for, and an infinity goes through; ask np.isfinite": _only_nan(lambda a: a),
    "a comparison with nan is never true, so nothing was done; ask np.isfinite": lambda g, m: (
        g if any(np.isnan(array).any() for array in g.values()) else _zeros(g)
    ),
    "Python's max loses a nan: max(1.0, nan) is 1.0; take np.max over all numbers": lambda g, m: (
        _zeros(g) if not np.isfinite(max(np.max(np.abs(array)) for array in g.values())) else g
    ),
    "lesson 03's two lines as they were: no comparison with nan is true, and 0 times infinity is nan; ask np.isfinite first": (
        lambda g, m: _as_in_lesson_03(g, m)
    ),
    "the bad numbers go through as they came; ask np.isfinite": lambda g, m: g,
    "multiplying spreads it: nan everywhere": _each(lambda a, norm, m: a * np.nan),
    "the bad numbers are set to 0, but the others come from the same broken pass: skip the whole update": _each(
        lambda a, norm, m: np.where(np.isfinite(a), a, 0)
    ),
    "the bad numbers are set to 0 and the rest clipped: skip the whole update": lambda g, m: _clip(
        {name: np.where(np.isfinite(array), array, 0) for name, array in g.items()}, m
    )[0],
    "np.nan_to_num makes ordinary numbers of the bad ones: skip the whole update": _each(lambda a, norm, m: np.nan_to_num(a)),
    "an infinity below zero is overlooked: np.abs comes before np.max": lambda g, m: (
        _each(lambda a, *_: a * 0)(g, m) if any(np.isneginf(a).any() for a in g.values()) else _zeros(g)
    ),
    "only the array with the bad number is set to 0: skip the whole update": _each(
        lambda a, norm, m: a if np.isfinite(a).all() else np.zeros_like(a)
    ),
    "max_norm / inf is 0, but inf * 0 is nan: make the zeros with np.zeros_like": _each(lambda a, norm, m: a * 0),
}


# ---- rescale_spectral_radius


def _spectrum_case(rng, size, kind, sign=1):
    """A matrix that is not symmetric, built from its eigenvalues, and the largest absolute value of these."""
    blocks = np.zeros((size, size))
    rho = rng.uniform(0.5, 3)
    if kind == "complex":
        angle = rng.uniform(0.3, 1.2)
        cos, sin = np.cos(angle), np.sin(angle)
        blocks[:2, :2] = rho * np.array([[cos, -sin], [sin, cos]])
        # a real eigenvalue larger than the pair's real part
        rest = rho * np.concatenate([[rng.uniform(cos + 0.02, 0.99)], rng.uniform(-0.3, 0.3, max(size - 3, 0))])
        blocks[range(2, size), range(2, size)] = rest[: size - 2]
    else:
        values = np.concatenate([[sign], -sign * rng.uniform(0.5, 0.8, size - 1)])
        blocks[range(size), range(size)] = rho * values
    above, below = rng.uniform(0.3, 0.8, (size, size)), rng.uniform(-0.2, 0.2, (size, size))
    basis = np.eye(size) + np.triu(above, 1) + np.tril(below, -1)
    return basis @ blocks @ np.linalg.inv(basis), rho


def _not_refused(value):
    """Why something comes back for a matrix whose eigenvalues are all zero."""
    if not isinstance(value, np.ndarray):
        return "an exception is not returned but raised: raise ValueError(...)"
    if not np.isfinite(value).all():
        return "this divides by a largest eigenvalue of 0: ask for that case first, and raise a ValueError"
    return "no factor gives this matrix another radius: where the largest eigenvalue is 0, raise a ValueError"


def _by(measure):
    return lambda W, r: W * r / measure(W)


RADIUS_MISTAKES = {
    "the spectral norm (the largest singular value) is not the spectral radius": _by(lambda W: np.linalg.norm(W, 2)),
    "the Frobenius norm is not the spectral radius": _by(np.linalg.norm),
    "the 1-norm of the matrix is not the spectral radius": _by(lambda W: np.linalg.norm(W, 1)),
    "the row-sum norm of the matrix is not the spectral radius": _by(lambda W: np.linalg.norm(W, np.inf)),
    "only the real parts: np.abs of the complex eigenvalues is their modulus": _by(
        lambda W: np.max(np.abs(np.linalg.eigvals(W).real))
    ),
    "the largest eigenvalue with its sign: take absolute values first": _by(lambda W: np.max(np.linalg.eigvals(W).real)),
    "np.max of complex numbers goes by their real parts: take np.abs first, and then the largest": _by(
        lambda W: np.abs(np.max(np.linalg.eigvals(W)))
    ),
    "only the imaginary parts": _by(lambda W: np.max(np.abs(np.linalg.eigvals(W).imag))),
    "eigvalsh is for symmetric matrices; W_hh is not": _by(lambda W: np.max(np.abs(np.linalg.eigvalsh(W)))),
    "eigvalsh of the symmetric part is not the spectrum of W_hh": _by(
        lambda W: np.max(np.abs(np.linalg.eigvalsh(W + W.T))) / 2
    ),
    "the determinant is the product of all eigenvalues": _by(np.linalg.det),
    "the absolute value of the determinant is the product of all eigenvalues": _by(lambda W: abs(np.linalg.det(W))),
    "the determinant's root is the mean of the eigenvalues, not the largest": _by(
        lambda W: abs(np.linalg.det(W)) ** (1 / len(W))
    ),
    "the trace is the sum of all eigenvalues": _by(np.trace),
    "the absolute value of the trace, which is the sum of all eigenvalues": _by(lambda W: abs(np.trace(W))),
    "the largest number in W_hh is not the largest eigenvalue": _by(lambda W: np.max(np.abs(W))),
    "the sum of the absolute eigenvalues, not the largest": _by(lambda W: np.sum(np.abs(np.linalg.eigvals(W)))),
    "the mean of the absolute eigenvalues, not the largest": _by(lambda W: np.mean(np.abs(np.linalg.eigvals(W)))),
    "the smallest absolute eigenvalue, not the largest": _by(lambda W: np.min(np.abs(np.linalg.eigvals(W)))),
    "the first eigenvalue, which need not be the largest: eigvals are in no order": _by(
        lambda W: np.abs(np.linalg.eigvals(W))[0]
    ),
    "the last eigenvalue, which need not be the largest: eigvals are in no order": _by(
        lambda W: np.abs(np.linalg.eigvals(W))[-1]
    ),
    "the eigenvalues of W_hh.T @ W_hh are the squared singular values": _by(lambda W: np.linalg.norm(W, 2) ** 2),
    "the radius is squared": lambda W, r: W * r / np.max(np.abs(np.linalg.eigvals(W))) ** 2,
    "radius is missing: the spectral radius is 1 now": lambda W, r: W / np.max(np.abs(np.linalg.eigvals(W))),
    "multiplied by radius only: divide by the spectral radius first": lambda W, r: W * r,
    "divided by radius": lambda W, r: W / r,
    "the factor is upside down": lambda W, r: W * np.max(np.abs(np.linalg.eigvals(W))) / r,
    "multiplied by the spectral radius, not divided": lambda W, r: W * r * np.max(np.abs(np.linalg.eigvals(W))),
    "scaled only when the spectral radius is above: small ones are to be scaled up": lambda W, r: (
        W * min(1.0, r / np.max(np.abs(np.linalg.eigvals(W))))
    ),
    "the singular values are all set to radius; only a factor was asked for": lambda W, r: (
        r * np.linalg.svd(W)[0] @ np.linalg.svd(W)[2]
    ),
    "W_hh comes back as it was": lambda W, r: W,
    "the result is transposed": lambda W, r: W.T * r / np.max(np.abs(np.linalg.eigvals(W))),
}


# ---- orthogonal

#: For each size the number of draws. A fair sign comes up the same in 48 draws once in 1e14 times.
ORTHOGONAL_DRAWS = {5: 48, 2: 48, 30: 12, 1: 48}


def _is_square(value, size):
    return type(value) is np.ndarray and value.dtype.kind == "f" and value.shape == (size, size)


def _not_orthogonal(Q, size, seed):
    """What is wrong with the matrix itself, and the likely cause; None where it is orthogonal."""
    product = Q.T @ Q
    error = np.max(np.abs(product - np.eye(len(Q))))
    if error < 1e-9:  # Gram-Schmidt by hand loses some digits
        return None
    what = f"the largest number in |Q.T @ Q - I| is {error:.1e}"
    if error < 1e-5:
        return what, f"{CAUSE} right but for rounding: is something turned into float32 on the way?"
    if np.allclose(Q, _qr(_normal, lambda q, r: q * np.sign(r))(size, np.random.default_rng(seed))):
        return what, f"{CAUSE} np.sign(R) is a matrix: the signs are on its diagonal, np.sign(np.diag(R))"
    if np.allclose(product, np.diag(np.diag(product))):
        return what, f"{CAUSE} the columns are orthogonal, but their length is not 1"
    if np.allclose(np.diag(product), 1):
        return what, f"{CAUSE} the columns have length 1, but are not orthogonal"
    if np.allclose(np.tril(Q, -1), 0):
        return what, f"{CAUSE} this is triangular: np.linalg.qr returns Q and R, in this order"
    return what, f"{CAUSE} a random matrix is not orthogonal by itself: take Q of its QR decomposition"


def _preferred(draws, size):
    """What a uniform distribution would not show in these draws, in words; None where nothing is suspicious."""
    draws, count = np.array(draws, np.float64), len(draws)
    if size > 1 and (kinds := len(np.unique(draws.reshape(count, -1), axis=0))) < count:
        return f"only {kinds} different matrices came"
    if count >= 48 and abs(np.sum(np.sign(draws[:, 0, 0]))) == count:
        return "the first number has the same sign in every draw"
    if count >= 48 and abs(np.sum(np.sign(np.linalg.det(draws)))) == count:
        return "the determinant has the same sign in every draw: both kinds should come, half and half"
    if size > 1 and abs(np.trace(draws, axis1=1, axis2=2).sum()) > SIGMAS * math.sqrt(count):
        return "the numbers on the diagonal lean to one sign"
    if size > 1 and abs(draws.sum()) > SIGMAS * math.sqrt(count * size):
        return "the numbers lean to one sign"
    fourth = np.mean(np.sum(draws**4, axis=(1, 2)))  # of one draw: 3 * size / (size + 2), give or take 0.4
    if size > 1 and abs(fourth - 3 * size / (size + 2)) > SIGMAS * 0.5 / math.sqrt(count):
        return f"its numbers are too {'unequal' if fourth > 3 * size / (size + 2) else 'equal'} in size"
    if size == 2:  # the first column's angle is uniform: no gap of over 0.48 (Dvoretzky, Kiefer and Wolfowitz)
        angles = np.sort(np.arccos(np.minimum(np.abs(draws[:, 0, 0]), 1.0))) / (np.pi / 2)
        steps = np.arange(count + 1) / count
        if max(np.max(steps[1:] - angles), np.max(angles - steps[:-1])) > 0.48:
            return "the first column's direction is not uniform"
    return None


def _known(size, seeds, draws):
    """The known mistake that gives all of these draws; in sizes where it is sure to give something wrong in one."""
    if size < 5:
        return []
    for text, mistake in ORTHOGONAL_MISTAKES.items():
        if all(np.allclose(mistake(size, np.random.default_rng(s)), Q, atol=1e-9) for s, Q in zip(seeds, draws)):
            return [f"{CAUSE} {text}"]
    return []


def _qr(draw, fix=lambda q, r: q):
    return lambda size, rng: fix(*np.linalg.qr(draw(size, rng)))


def _normal(size, rng):
    return rng.normal(size=(size, size))


def _columns(q, r):
    return q * np.sign(np.diag(r))


ORTHOGONAL_MISTAKES = {
    "Q of the QR decomposition as it comes: the signs that make R's diagonal positive are missing": _qr(_normal),
    "Q.T of the QR decomposition as it comes: the signs are missing": _qr(_normal, lambda q, r: q.T),
    "the signs of R's diagonal belong to the columns of Q, not to the rows": _qr(
        _normal, lambda q, r: np.sign(np.diag(r))[:, None] * q
    ),
    "the signs are taken from the diagonal of Q; they are to make the diagonal of R positive": _qr(
        _normal, lambda q, r: q * np.sign(np.diag(q))
    ),
    "uniform numbers have preferred directions; draw normal ones": _qr(lambda s, rng: rng.uniform(size=(s, s)), _columns),
    "uniform numbers from -1 to 1 have preferred directions; draw normal ones": _qr(
        lambda s, rng: rng.uniform(-1, 1, size=(s, s)), _columns
    ),
    "uniform numbers, and the signs are missing": _qr(lambda s, rng: rng.uniform(size=(s, s))),
    "uniform numbers from -1 to 1, and the signs are missing": _qr(lambda s, rng: rng.uniform(-1, 1, size=(s, s))),
    "U of the singular value decomposition alone has preferred signs; U @ Vt has not": lambda s, rng: (
        np.linalg.svd(_normal(s, rng))[0]
    ),
    "Vt of the singular value decomposition alone has preferred signs; U @ Vt has not": lambda s, rng: (
        np.linalg.svd(_normal(s, rng))[2]
    ),
}


# ---- the baselines


def _adding(answer):
    """The mean over the unit square, by a quadrature that is exact for polynomials."""
    points, weights = np.polynomial.legendre.leggauss(4)
    points, weights = (points + 1) / 2, weights / 2
    return float(sum(u * v * (a + b - answer) ** 2 for a, u in zip(points, weights) for b, v in zip(points, weights)))


ADDING_MISTAKES = {
    "1/12 is the variance of one number; the variances of two independent numbers add": lambda c: 1 / 12 + (c - 1) ** 2,
    "the variance 1/6 is missing: even the best answer has an error": lambda c: (c - 1) ** 2,
    "the answer does not enter: 1/6 holds for the answer 1 only": lambda c: 1 / 6 + 0 * c,
    "the mean of the sum is 1, not 1/2": lambda c: 1 / 6 + (c - 0.5) ** 2,
    "the mean of the sum is 1, not 1/2, and its variance 1/6, not 1/12": lambda c: 1 / 12 + (c - 0.5) ** 2,
    "2 * answer * mean is missing": lambda c: 7 / 6 + c**2,
    "the mean of the sum is 1, not 0": lambda c: 1 / 6 + c**2,
    "the mean of the sum is taken away from the answer: answer - 1, not answer + 1": lambda c: 1 / 6 + (c + 1) ** 2,
    "answer**2 is added, not taken away, and 2 * answer * mean is missing": lambda c: 7 / 6 - c**2,
    "the bias is squared": lambda c: 1 / 6 + abs(c - 1),
    "1/3 is the variance of two equal numbers; these are independent": lambda c: 1 / 3 + (c - 1) ** 2,
    "half the squared error": lambda c: (1 / 6 + (c - 1) ** 2) / 2,
    "the root of the expected squared error": lambda c: math.sqrt(1 / 6 + (c - 1) ** 2),
    "the standard deviation of the sum, where its variance was meant": lambda c: math.sqrt(1 / 6) + (c - 1) ** 2,
    "the standard deviations of the two numbers, added: it is their variances that add": (
        lambda c: 2 * math.sqrt(1 / 12) + (c - 1) ** 2
    ),
    "the bias is subtracted": lambda c: 1 / 6 - (c - 1) ** 2,
    "7/6 is the mean of the squared sum; its variance is 7/6 - 1": lambda c: 7 / 6 + (c - 1) ** 2,
    "the bias counts twice": lambda c: 1 / 6 + 2 * (c - 1) ** 2,
}


def _copy(delay, symbols, length):
    """Every step written down: nothing to lose where the blank is certain, then one of `symbols` equally likely."""
    recalled = -math.fsum(math.log(1 / symbols) / symbols for _ in range(symbols))
    steps = [-math.log(1.0)] * (length + delay) + [recalled] * length
    return math.fsum(steps) / len(steps)


COPY_MISTAKES = {
    "in bits (log2); nats were asked for": lambda d, s, n: n * math.log2(s) / (d + 2 * n),
    "in base 10 (log10); nats were asked for": lambda d, s, n: n * math.log10(s) / (d + 2 * n),
    "only one of the two runs of symbols is counted in the steps: there are delay + 2 * length": lambda d, s, n: (
        n * math.log(s) / (d + n)
    ),
    "divided by the delay, not by all steps": lambda d, s, n: n * math.log(s) / d if d else 0.0,
    "divided by delay + length + 1 steps": lambda d, s, n: n * math.log(s) / (d + n + 1),
    "one step too many": lambda d, s, n: n * math.log(s) / (d + 2 * n + 1),
    "one step too few": lambda d, s, n: n * math.log(s) / (d + 2 * n - 1),
    "the blank counts as a symbol, but it never has to be recalled": lambda d, s, n: n * math.log(s + 1) / (d + 2 * n),
    "blank and cue count as symbols, but they never have to be recalled": lambda d, s, n: (
        n * math.log(s + 2) / (d + 2 * n)
    ),
    "one symbol too few": lambda d, s, n: n * math.log(s - 1) / (d + 2 * n),
    "the sum over the steps, not their mean": lambda d, s, n: n * math.log(s),
    "ln(symbols) is the loss where a symbol is recalled; at all other steps the blank is certain and costs nothing": (
        lambda d, s, n: math.log(s)
    ),
    "length is missing: that many symbols have to be recalled": lambda d, s, n: math.log(s) / (d + 2 * n),
    "both runs of symbols count: while the symbols are shown, the answer is blank": lambda d, s, n: (
        2 * n * math.log(s) / (d + 2 * n)
    ),
    "the delay costs nothing: the blanks are certain": lambda d, s, n: (n + d) * math.log(s) / (d + 2 * n),
    "symbols * log(length) in place of length * log(symbols)": lambda d, s, n: s * math.log(n) / (d + 2 * n),
    "log(length * symbols) in place of length * log(symbols)": lambda d, s, n: math.log(n * s) / (d + 2 * n),
    "symbols and length are exchanged": lambda d, s, n: s * math.log(n) / (d + 2 * s),
    "the length is fixed at 10": lambda d, s, n: 10 * math.log(s) / (d + 20),
    "20 is the length twice: delay + 2 * length": lambda d, s, n: n * math.log(s) / (d + 20),
    "the number of symbols is fixed at 8": lambda d, s, n: n * math.log(8) / (d + 2 * n),
    "length and the number of symbols are fixed at 10 and 8": lambda d, s, n: 10 * math.log(8) / (d + 20),
    "the sign is wrong": lambda d, s, n: -n * math.log(s) / (d + 2 * n),
    "the answer is guessed among symbols ** length": lambda d, s, n: n * n * math.log(s) / (d + 2 * n),
    "the share of wrong answers, not the cross-entropy": lambda d, s, n: n * (1 - 1 / s) / (d + 2 * n),
}
