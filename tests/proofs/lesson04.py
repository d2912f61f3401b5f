"""Answers to the exercises of lesson 04."""

import copy
import fractions
import functools
import math
import sys
import warnings

import numpy as np

from tests.proofs import prediction, right, wrong

# ---- step_jacobian: right


@right("step_jacobian")
def step_jacobian(h_t, W_hh, activation):
    return _slope(h_t, activation)[:, None] * W_hh.T


def _slope(h, activation):
    return {"tanh": 1 - h**2, "relu": (h > 0).astype(h.dtype), "linear": np.ones_like(h)}[activation]


@right("step_jacobian")
def matrix_product_with_a_diagonal(h_t, W_hh, activation):
    return np.diag(_slope(h_t, activation)) @ W_hh.T


@right("step_jacobian")
def columns_scaled_then_transposed(h_t, W_hh, activation):
    return (W_hh * _slope(h_t, activation)).T


@right("step_jacobian")
def einsum_for_the_jacobian(h_t, W_hh, activation):
    match activation:
        case "tanh":
            return np.einsum("i,i,ji->ij", 1 - h_t, 1 + h_t, W_hh)
        case "relu":
            return np.einsum("i,ji->ij", np.sign(h_t), W_hh)
        case "linear":
            return W_hh.T


@right("step_jacobian")
def number_by_number(h_t, W_hh, activation):
    J = np.empty(W_hh.shape, W_hh.dtype)
    for i in range(len(h_t)):
        for j in range(len(h_t)):
            J[i, j] = W_hh[j, i]
            if activation == "tanh":
                J[i, j] *= 1 - h_t[i] * h_t[i]
            if activation == "relu" and not h_t[i]:
                J[i, j] = 0
    return J


@right("step_jacobian")
def in_place_on_a_copy(h_t, W_hh, activation):
    J, h_t = W_hh.copy().T, copy.copy(h_t)
    if activation == "relu":
        J[h_t == 0] *= -0.0
    elif activation == "tanh":
        h_t *= h_t
        J -= h_t[:, None] * J
    return J


@right("step_jacobian")
def through_the_inverse_of_tanh(h_t, W_hh, activation):
    inverse = {"tanh": lambda h: 1 / np.cosh(np.arctanh(h)) ** 2, "relu": lambda h: np.heaviside(h, 0)}
    return inverse.get(activation, np.ones_like)(h_t).reshape(-1, 1) * np.transpose(W_hh)


@right("step_jacobian")
def in_a_wider_type_on_the_way(h_t, W_hh, activation):
    return step_jacobian(h_t.astype(np.longdouble), W_hh, activation).astype(W_hh.dtype)


@right("step_jacobian")
def complex_steps_from_a_state_that_gives_h_t(h_t, W_hh, activation):
    f = {"tanh": np.tanh, "relu": lambda a: a * (a.real > 0), "linear": lambda a: a}[activation]
    a = np.arctanh(h_t.astype(np.float64)) if activation == "tanh" else h_t
    pushed = a + 1e-30j * np.eye(len(a)) @ W_hh
    return (f(pushed).imag / 1e-30).T.astype(h_t.dtype)


class Jacobian:
    def __call__(self, h_t, W_hh, activation):
        print(h_t)
        warnings.warn("be warned", stacklevel=1)
        print(np.log(h_t * 0), file=sys.stderr)
        return step_jacobian(h_t, W_hh, activation)


right("step_jacobian", name="talkative_instance_of_a_class")(Jacobian())


def _scaled_rows(slope, h_t, W_hh, activation):
    return slope(h_t, activation)[..., np.newaxis] * W_hh.swapaxes(0, 1)


right("step_jacobian", name="partial")(functools.partial(_scaled_rows, _slope))

# ---- step_jacobian: wrong


@wrong("step_jacobian", says="so W_hh enters transposed", points=0)
def untransposed(h_t, W_hh, activation):
    return _slope(h_t, activation)[:, None] * W_hh


@wrong("step_jacobian", says="J is transposed: the row is for h_t", points=0)
def transposed(h_t, W_hh, activation):
    return step_jacobian(h_t, W_hh, activation).T


@wrong("step_jacobian", says="the derivative scales the columns", points=1)
def columns_scaled(h_t, W_hh, activation):
    return W_hh.T * _slope(h_t, activation)


@wrong("step_jacobian", says="the derivative of the activation is missing", points=1)
def weights_alone(h_t, W_hh, activation):
    return W_hh.T


@wrong("step_jacobian", says="W_hh is missing", points=0)
def slopes_alone(h_t, W_hh, activation):
    return np.diag(_slope(h_t, activation))


@wrong("step_jacobian", says="keeps the diagonal only", points=0)
def star_with_a_diagonal(h_t, W_hh, activation):
    return np.diag(_slope(h_t, activation)) * W_hh.T


@wrong("step_jacobian", says="likely cause: the derivative times W_hh, summed")
def vector(h_t, W_hh, activation):
    return _slope(h_t, activation) @ W_hh.T


@wrong("step_jacobian", says="h_t is the tanh already", points=2)
def tanh_of_the_state(h_t, W_hh, activation):
    return step_jacobian(np.tanh(h_t) if activation == "tanh" else h_t, W_hh, activation)


def _with_tanh_slope(slope):
    def answer(h_t, W_hh, activation):
        return slope(h_t)[:, None] * W_hh.T if activation == "tanh" else step_jacobian(h_t, W_hh, activation)

    return answer


for _name, _says, _f in [
    ("slope_of_the_sigmoid", "the derivative of the sigmoid", lambda h: h * (1 - h)),
    ("square_missing", "1 - h_t: the square is missing", lambda h: 1 - h),
    ("square_around", "(1 - h_t)**2: only h_t is squared", lambda h: (1 - h) ** 2),
    ("square_alone", "h_t**2: it is 1 - h_t**2", lambda h: h**2),
    ("plus_the_square", "1 + h_t**2: the sign is wrong", lambda h: 1 + h**2),
    ("slope_of_the_inverse", "the derivative of arctanh", lambda h: 1 / (1 - h**2)),
    ("state_for_slope", "h_t itself in place of the derivative", lambda h: h),
    ("no_slope_for_tanh", "the derivative of the activation is missing", np.ones_like),
]:
    wrong("step_jacobian", says=_says, points=2, name=_name)(_with_tanh_slope(_f))


@wrong("step_jacobian", says="(>= takes those in)", points=3)
def off_units_taken_in(h_t, W_hh, activation):
    if activation == "relu":
        return (h_t >= 0)[:, None] * W_hh.T
    return step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="relu of W_hh in place of relu's derivative", points=3)
def relu_of_the_weights(h_t, W_hh, activation):
    return np.maximum(W_hh.T, 0) if activation == "relu" else step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="h_t itself in place of the derivative", points=3)
def relu_of_the_state(h_t, W_hh, activation):
    return np.maximum(h_t, 0)[:, None] * W_hh.T if activation == "relu" else step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="the derivative of tanh is used for every activation", points=2)
def always_tanh(h_t, W_hh, activation):
    return (1 - h_t**2)[:, None] * W_hh.T


@wrong("step_jacobian", says="the derivative of relu is used for every activation", points=1)
def always_relu(h_t, W_hh, activation):
    return (h_t > 0)[:, None] * W_hh.T


@wrong("step_jacobian", says="a linear unit's derivative is 1, not 0", points=3)
def linear_without_a_slope(h_t, W_hh, activation):
    return 0 * W_hh if activation == "linear" else step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="no return statement", points=3)
def linear_forgotten(h_t, W_hh, activation):
    if activation in ("tanh", "relu"):
        return step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="UnboundLocalError", points=3)
def linear_by_another_name(h_t, W_hh, activation):
    if activation == "tanh":
        slope = 1 - h_t**2
    elif activation == "relu":
        slope = h_t > 0
    elif activation == "identity":
        slope = 1
    return slope[:, None] * W_hh.T


@wrong("step_jacobian", says="the sign is wrong", points=0)
def negative(h_t, W_hh, activation):
    return -step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="the derivative counts twice", points=2)
def slope_twice(h_t, W_hh, activation):
    return _slope(h_t, activation)[:, None] * step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="changed in place: h_t", points=4)
def squared_in_place(h_t, W_hh, activation):
    if activation == "tanh":
        h_t **= 2
        return (1 - h_t)[:, None] * W_hh.T
    return step_jacobian(h_t, W_hh, activation)


@wrong("step_jacobian", says="changed in place: W_hh", points=4)
def scaled_in_place(h_t, W_hh, activation):
    J = W_hh.T
    J *= _slope(h_t, activation)[:, None]
    return J


@wrong("step_jacobian", says="float32 went in, float64 came out", points=4)
def ones_of_the_default_dtype(h_t, W_hh, activation):
    slope = np.ones(len(h_t))
    slope -= h_t**2 if activation == "tanh" else 0
    return step_jacobian(h_t, W_hh, activation) if activation == "relu" else slope[:, None] * W_hh.T


@wrong("step_jacobian", says="right but for rounding", points=4)
def always_float32(h_t, W_hh, activation):
    return step_jacobian(h_t.astype(np.float32), W_hh.astype(np.float32), activation)


@wrong("step_jacobian", says="expected shape (1, 1), got shape ()", points=4)
def squeezed(h_t, W_hh, activation):
    return step_jacobian(h_t, W_hh, activation).squeeze()


@wrong("step_jacobian", says="one array with np.stack")
def list_of_rows(h_t, W_hh, activation):
    return list(step_jacobian(h_t, W_hh, activation))


@wrong("step_jacobian", says="it prints its result instead of returning it")
def prints(h_t, W_hh, activation):
    print(step_jacobian(h_t, W_hh, activation))


@wrong("step_jacobian", says="does the function still take the arguments of the exercise")
def tanh_only(h_t, W_hh):
    return (1 - h_t**2)[:, None] * W_hh.T


@wrong("step_jacobian", says="the values differ", points=0)
def symmetric(h_t, W_hh, activation):
    return step_jacobian(h_t, (W_hh + W_hh.T) / 2, activation)


@wrong("step_jacobian", says="right but for rounding", points=4)
def small_steps_in_place_of_the_derivative(h_t, W_hh, activation):
    if activation != "tanh":
        return step_jacobian(h_t, W_hh, activation)
    a = np.arctanh(h_t)
    return (np.tanh(a + 1e-7) - h_t)[:, None] / 1e-7 * W_hh.T


@wrong("step_jacobian", says="float32 went in, float64 came out", points=4)
def slopes_of_the_default_dtype(h_t, W_hh, activation):
    if activation == "tanh":
        slope = 1 - h_t**2
    elif activation == "relu":
        slope = np.where(h_t > 0, 1.0, 0.0)
    else:
        slope = np.ones(len(h_t))
    return slope[:, None] * W_hh.T


@wrong("step_jacobian", says="and dtype float64, got an array of shape (4, 4) and dtype complex128")
def complex_numbers(h_t, W_hh, activation):
    return step_jacobian(h_t, W_hh, activation) + 0j


# ---- gradient_norms: right


@right("gradient_norms")
def gradient_norms(dh_T, h, W_hh, activation):
    gradient, norms = dh_T, [np.linalg.norm(dh_T)]
    for h_t in h[:0:-1]:
        gradient = gradient @ step_jacobian(h_t, W_hh, activation)
        norms.append(np.linalg.norm(gradient))
    return np.array(norms)


@right("gradient_norms")
def without_a_jacobian(dh_T, h, W_hh, activation):
    norms = np.zeros(len(h))
    norms[0] = math.sqrt(dh_T @ dh_T)
    g = dh_T.copy()
    for k in range(1, len(h)):
        g *= _slope(h[len(h) - k], activation)
        g = np.dot(W_hh, g)
        norms[k] = np.sqrt(np.sum(g**2))
    return norms


@right("gradient_norms")
def one_product_of_jacobians_for_each_lag(dh_T, h, W_hh, activation):
    product, vectors = np.eye(len(W_hh)), [dh_T]
    for h_t in reversed(h[1:]):
        product = product @ step_jacobian(h_t, W_hh, activation)
        vectors += [dh_T @ product]
    return np.linalg.norm(np.stack(vectors), axis=1)


@right("gradient_norms")
def recursion_over_the_states(dh_T, h, W_hh, activation):
    first = np.sqrt(np.einsum("i,i", dh_T, dh_T))[None]
    if h.shape[0] == 1:
        return first
    earlier = np.einsum("i,ij->j", dh_T, step_jacobian(h[-1], W_hh, activation))
    return np.concatenate([first, recursion_over_the_states(earlier, h[:-1], W_hh, activation)])


@right("gradient_norms")
def in_pure_python(dh_T, h, W_hh, activation):
    slopes, W, g = _slope(h, activation).tolist(), W_hh.tolist(), dh_T.tolist()
    norms = []
    while slopes:
        norms.append(math.hypot(*g))
        slope = slopes.pop()
        g = [math.fsum(w * s * x for w, s, x in zip(row, slope, g)) for row in W]
    return np.fromiter(norms, float)


@right("gradient_norms")
def from_the_first_state_on(dh_T, h, W_hh, activation):
    """d h_T / d h_t for all t at once, each step multiplied onto all that began before it."""
    jacobians = np.repeat(np.eye(len(W_hh))[None], len(h), axis=0)
    for t, h_t in enumerate(h):
        jacobians[:t] = step_jacobian(h_t, W_hh, activation) @ jacobians[:t]
    return np.linalg.norm(dh_T @ jacobians, axis=-1)[::-1]


@right("gradient_norms")
def all_slopes_before_the_loop(dh_T, h, W_hh, activation):
    backward = W_hh * _slope(h, activation)[:, None, :]
    gradients = np.empty_like(h)
    gradients[-1] = dh_T
    for t in range(len(h) - 1, 0, -1):
        np.matmul(backward[t], gradients[t], out=gradients[t - 1])
    return np.flip(np.sqrt((gradients * gradients).sum(1)))


right("gradient_norms", name="partial")(functools.partial(lambda f, *case: f(*case), gradient_norms))

# ---- gradient_norms: wrong


def _walk(back, last=1, measure=np.linalg.norm):
    def answer(dh_T, h, W_hh, activation):
        g, norms = dh_T, [measure(dh_T)]
        for t in range(len(h) - 1, last - 1, -1):
            g = back(g, t, h, W_hh, activation)
            norms.append(measure(g))
        return np.array(norms)

    return answer


def _back(g, t, h, W, a):
    return g @ step_jacobian(h[t], W, a)


for _name, _says, _points, _answer in [
    ("weights_transposed", "W_hh is transposed", 0, _walk(lambda g, t, h, W, a: _back(g, t, h, W.T, a))),
    ("jacobian_times_gradient", "J @ g: multiply from the left, g @ J", 0, _walk(
        lambda g, t, h, W, a: step_jacobian(h[t], W, a) @ g
    )),
    ("slope_after_the_weights", "f' is applied after W_hh", 2, _walk(
        lambda g, t, h, W, a: _slope(h[t], a) * (W @ g)
    )),
    ("slope_forgotten", "the derivative of the activation is missing", 2, _walk(lambda g, t, h, W, a: W @ g)),
    ("slope_of_the_state_before", "f' is taken at h_{t-1}", 2, _walk(
        lambda g, t, h, W, a: W @ (_slope(h[t - 1], a) * g)
    )),
    ("slope_of_the_last_state", "every step uses the derivative at h_T", 2, _walk(
        lambda g, t, h, W, a: _back(g, -1, h, W, a)
    )),
    ("slope_of_the_first_state", "every step uses the derivative at h_1", 2, _walk(
        lambda g, t, h, W, a: _back(g, 0, h, W, a)
    )),
    ("tanh_once_more", "h_t is the tanh already", 3, _walk(
        lambda g, t, h, W, a: _back(g, t, np.tanh(h) if a == "tanh" else h, W, a)
    )),
    ("tanh_everywhere", "the derivative of tanh is used for every activation", 4, _walk(
        lambda g, t, h, W, a: _back(g, t, h, W, "tanh") if a != "linear" else W @ g
    )),
    ("states_for_slopes", "h_t itself in place of the derivative", 2, _walk(
        lambda g, t, h, W, a: W @ (h[t] * g) if a != "linear" else W @ g
    )),
    ("gradient_at_rest", "the gradient does not move", 0, _walk(lambda g, t, h, W, a: g)),
    ("first_step_first", "the first step's derivative comes first: ", 2, _walk(
        lambda g, t, h, W, a: _back(g, len(h) - 1 - t, h, W, a)
    )),
    ("states_from_the_first_on", "you go from h_2 to h_T: go back, from h_T", 2, _walk(
        lambda g, t, h, W, a: _back(g, len(h) - t, h, W, a)
    )),
    ("one_item_too_many", "one item too many: h_0 is not asked for", 0, _walk(_back, last=0)),
    ("last_item_missing", "the last item is missing", 0, _walk(_back, last=2)),
    ("squared", "the norm is squared", 0, _walk(_back, measure=lambda g: g @ g)),
    ("sums_of_absolute_values", "the sum of absolute values", 0, _walk(_back, measure=lambda g: np.abs(g).sum())),
    ("largest_values", "the largest absolute value", 0, _walk(_back, measure=lambda g: np.abs(g).max())),
    ("means_of_squares", "the root of the mean of squares", 0, _walk(
        _back, measure=lambda g: np.sqrt(np.mean(g * g))
    )),
    ("vectors", "the vectors come back, not their norms", 0, _walk(_back, measure=lambda g: g)),
    ("starting_from_ones", "the values differ", 0, lambda dh_T, *case: gradient_norms(np.ones_like(dh_T), *case)),
]:
    wrong("gradient_norms", says=_says, points=_points, name=_name)(_answer)


@wrong("gradient_norms", says="one lag too far")
def first_item_missing_one_more_at_the_end(dh_T, h, W_hh, activation):
    return _walk(_back, last=0)(dh_T, h, W_hh, activation)[1:]


@wrong("gradient_norms", says="item 0, ||dL/dh_T||, is missing")
def first_item_missing(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation)[1:]


@wrong("gradient_norms", says="the order is reversed")
def in_the_order_of_time(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation)[::-1]


@wrong("gradient_norms", says="the last item alone comes back")
def last_lag_only(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation)[-1:]


@wrong("gradient_norms", says="divided by ||dL/dh_T||")
def relative_to_the_last(dh_T, h, W_hh, activation):
    norms = gradient_norms(dh_T, h, W_hh, activation)
    return norms / norms[0]


@wrong("gradient_norms", says="the gradient is not carried on", points=0)
def always_from_the_last(dh_T, h, W_hh, activation):
    norms = [np.linalg.norm(dh_T @ step_jacobian(h_t, W_hh, activation)) for h_t in h[:0:-1]]
    return np.array([np.linalg.norm(dh_T), *norms])


@wrong("gradient_norms", says="which is a bound")
def product_of_norms(dh_T, h, W_hh, activation):
    norms = [np.linalg.norm(dh_T)]
    for h_t in h[:0:-1]:
        norms.append(norms[-1] * np.linalg.norm(step_jacobian(h_t, W_hh, activation), 2))
    return np.array(norms)


@wrong("gradient_norms", says="the spectral norm of the product of Jacobians, which is a bound", points=0)
def spectral_norm_of_the_product(dh_T, h, W_hh, activation):
    product, norms = np.eye(len(W_hh)), [1.0]
    for h_t in h[:0:-1]:
        product = product @ step_jacobian(h_t, W_hh, activation)
        norms.append(np.linalg.norm(product, 2))
    return np.linalg.norm(dh_T) * np.array(norms)


@wrong("gradient_norms", says="the Frobenius norm of the product of Jacobians", points=0)
def frobenius_norm_of_the_product(dh_T, h, W_hh, activation):
    products = [np.eye(len(W_hh))]
    for h_t in h[:0:-1]:
        products.append(products[-1] @ step_jacobian(h_t, W_hh, activation))
    return np.array([np.linalg.norm(product) for product in products])


@wrong("gradient_norms", says="dh_T is added again at each step")
def loss_of_every_state(dh_T, h, W_hh, activation):
    return _walk(lambda g, *rest: _back(g, *rest) + dh_T)(dh_T, h, W_hh, activation)


@wrong("gradient_norms", says="likely cause: a list; np.array makes it an array")
def list_of_numbers(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation).tolist()


@wrong("gradient_norms", says="expected shape (5,), got shape (5, 1)")
def column(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation)[:, None]


@wrong("gradient_norms", says="expected shape (6,), got shape (3,)")
def as_many_steps_as_units(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h[-len(W_hh) :], W_hh, activation)


@wrong("gradient_norms", says="changed in place: dh_T", points=5)
def gradient_in_place(dh_T, h, W_hh, activation):
    norms = [np.linalg.norm(dh_T)]
    for t in range(len(h) - 1, 0, -1):
        dh_T[:] = _back(dh_T, t, h, W_hh, activation)
        norms.append(np.linalg.norm(dh_T))
    return np.array(norms)


@wrong("gradient_norms", says="changed in place: h", points=5)
def slopes_in_place_of_the_states(dh_T, h, W_hh, activation):
    h[:] = _slope(h, activation)
    return _walk(lambda g, t, *_: W_hh @ (h[t] * g))(dh_T, h, W_hh, activation)


@wrong("gradient_norms", says="right but for rounding", points=5)
def in_single_precision(dh_T, h, W_hh, activation):
    return gradient_norms(*(a.astype(np.float32) for a in (dh_T, h, W_hh)), activation)


@wrong("gradient_norms", says="IndexError", points=5)
def fails_for_a_single_step(dh_T, h, W_hh, activation):
    norms = gradient_norms(dh_T, h, W_hh, activation)
    norms[1] += 0
    return norms


@wrong("gradient_norms", says="expected shape (1,), got shape ()", points=5)
def without_an_axis_for_one_step(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation).squeeze()


@wrong("gradient_norms", says="it prints its result instead of returning it")
def prints_the_norms(dh_T, h, W_hh, activation):
    for norm in gradient_norms(dh_T, h, W_hh, activation):
        print(norm)


@wrong("gradient_norms", says="no return statement", points=3)
def linear_has_no_norms(dh_T, h, W_hh, activation):
    if activation != "linear":
        return gradient_norms(dh_T, h, W_hh, activation)


def _guessed(h):
    return "relu" if np.any(h == 0) else "tanh" if np.all(np.abs(h) < 1) else "linear"


@wrong("gradient_norms", says="the derivative of tanh is used for every activation", points=3)
def activation_guessed_from_the_states(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, _guessed(h))


@wrong("gradient_norms", says="small numbers are raised to a least one", points=5)
def never_below_a_least_norm(dh_T, h, W_hh, activation):
    return np.maximum(gradient_norms(dh_T, h, W_hh, activation), 1e-12)


# ---- growth_factor: right


@right("growth_factor")
def growth_factor(dh_T, h, W_hh, activation):
    gradient, total = dh_T / np.linalg.norm(dh_T), 0.0
    for h_t in h[:0:-1]:
        gradient = gradient @ step_jacobian(h_t, W_hh, activation)
        norm = np.linalg.norm(gradient)
        if norm == 0:
            return 0.0
        total += np.log(norm)
        gradient = gradient / norm
    return float(np.exp(total / (len(h) - 1)))


@right("growth_factor")
def in_powers_of_two_with_the_exponent_apart(dh_T, h, W_hh, activation):
    g, exponent = dh_T.tolist(), 0
    first = math.log2(math.hypot(*g))
    for slope in _slope(h, activation)[:0:-1].tolist():
        g = [math.fsum(w * s * x for w, s, x in zip(row, slope, g)) for row in W_hh.tolist()]
        _, shift = math.frexp(max(map(abs, g)))
        g, exponent = [math.ldexp(x, -shift) for x in g], exponent + shift
    last = math.hypot(*g)
    return 2 ** ((math.log2(last) + exponent - first) / (len(h) - 1)) if last else 0.0


@right("growth_factor")
def product_of_roots(dh_T, h, W_hh, activation):
    steps, factor, g = len(h) - 1, np.float64(1), dh_T
    g = g / np.sqrt(g @ g)
    for t in range(steps, 0, -1):
        g = W_hh @ (_slope(h[t], activation) * g)
        size = np.sqrt(np.sum(g * g))
        factor *= size ** (1 / steps)
        g = np.divide(g, size, out=np.zeros_like(g), where=size > 0)
    return factor


@right("growth_factor")
def factors_in_a_list(dh_T, h, W_hh, activation):
    g, logs = dh_T / np.linalg.norm(dh_T), []
    for h_t in reversed(h[1:]):
        g = g @ step_jacobian(h_t, W_hh, activation)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs.append(np.log10(np.linalg.norm(g)))
            g = np.nan_to_num(g / np.linalg.norm(g))
    return 10 ** np.mean(logs)


right("growth_factor", name="partial_growth")(functools.partial(lambda f, *case: f(*case), growth_factor))

# ---- growth_factor: wrong


def _log_factors(back, dh_T, h, W_hh, activation):
    g, logs = dh_T / np.linalg.norm(dh_T), []
    for t in range(len(h) - 1, 0, -1):
        g = back(g, t, h, W_hh, activation)
        norm = np.linalg.norm(g)
        if norm == 0:
            return [-np.inf]
        logs.append(np.log(norm))
        g = g / norm
    return logs


def _grows(back):
    return lambda *case: float(np.exp(np.mean(_log_factors(back, *case))))


def _of_logs(mean):
    return lambda *case: float(mean(np.array(_log_factors(_back, *case)), len(case[1])))


for _name, _says, _points, _answer in [
    ("arithmetic_mean", "the mean of the factors, not their geometric mean", 0, _of_logs(lambda x, T: np.exp(x).mean())),
    ("divided_by_T", "divided by the number of states", 0, _of_logs(lambda x, T: np.exp(x.sum() / T))),
    ("undivided", "the sum of the logarithms is not divided", 0, _of_logs(lambda x, T: np.exp(x.sum()))),
    ("exponent_itself", "the mean logarithm: take exp of it", 0, _of_logs(lambda x, T: x.mean())),
    ("base_ten_and_exp", "logarithms in base 10 need 10 ** mean", 0, _of_logs(lambda x, T: np.exp(x.mean() / np.log(10)))),
    ("last_factor", "the last step's factor", 0, _of_logs(lambda x, T: np.exp(x[-1]))),
    ("first_factor", "the first step's factor", 0, _of_logs(lambda x, T: np.exp(x[0]))),
    ("upside_down_growth", "upside down", 0, _of_logs(lambda x, T: np.exp(-x.mean()))),
    ("growth_transposed", "W_hh is transposed, as it is in J @ g", 0, _grows(
        lambda g, t, h, W, a: step_jacobian(h[t], W, a) @ g
    )),
    ("growth_without_slopes", "the derivative of the activation is missing", 1, _grows(lambda g, t, h, W, a: W @ g)),
    ("growth_slope_before", "f' is taken at h_{t-1}", 1, _grows(lambda g, t, h, W, a: W @ (_slope(h[t - 1], a) * g))),
    ("growth_slope_after_weights", "f' is applied after W_hh", 1, _grows(lambda g, t, h, W, a: _slope(h[t], a) * (W @ g))),
    ("growth_from_the_start", "you go from h_1 to h_T", 1, lambda d, h, W, a: growth_factor(d, h[::-1], W, a)),
    ("growth_always_tanh", "the derivative of tanh is used for every activation", 0, _grows(
        lambda g, t, h, W, a: W @ ((1 - h[t] ** 2) * g)
    )),
    ("radius_for_growth", "the spectral radius of W_hh", 0, lambda d, h, W, a: np.max(np.abs(np.linalg.eigvals(W)))),
    ("norm_for_growth", "the spectral norm of W_hh", 0, lambda d, h, W, a: np.linalg.norm(W, 2)),
]:
    wrong("growth_factor", says=_says, points=_points, name=_name)(_answer)


@wrong("growth_factor", says="the first norm is missing", points=0)
def not_relative_to_the_first(dh_T, h, W_hh, activation):
    return float(gradient_norms(dh_T, h, W_hh, activation)[-1] ** (1 / (len(h) - 1)))


@wrong("growth_factor", says="the norm itself underflows or overflows", points=3)
def from_the_norms(dh_T, h, W_hh, activation):
    norms = gradient_norms(dh_T, h, W_hh, activation)
    return float((norms[-1] / norms[0]) ** (1 / (len(h) - 1)))


@wrong("growth_factor", says="its norm is 0 and 0 / 0 is nan", points=3)
def nan_for_a_dead_gradient(dh_T, h, W_hh, activation):
    g, total = dh_T / np.linalg.norm(dh_T), 0.0
    for h_t in h[:0:-1]:
        g = g @ step_jacobian(h_t, W_hh, activation)
        total += np.log(np.linalg.norm(g))
        g = g / np.linalg.norm(g)
    return float(np.exp(total / (len(h) - 1)))


@wrong("growth_factor", says="a norm below it is raised to it", points=3)
def never_quite_dead(dh_T, h, W_hh, activation):
    g, total = dh_T / np.linalg.norm(dh_T), 0.0
    for h_t in h[:0:-1]:
        g = g @ step_jacobian(h_t, W_hh, activation)
        norm = max(np.linalg.norm(g), 1e-12)
        total, g = total + np.log(norm), g / norm
    return float(np.exp(total / (len(h) - 1)))


def _with_least_norm(least, early=True):
    """A small number against a division by zero, added to each norm; with `early`, a dead gradient is seen before that."""

    def answer(dh_T, h, W_hh, activation):
        g, total = dh_T / np.linalg.norm(dh_T), 0.0
        for h_t in h[:0:-1]:
            g = g @ step_jacobian(h_t, W_hh, activation)
            norm = np.linalg.norm(g)
            if early and norm == 0:
                return 0.0
            total += np.log(norm + least)
            g = g / (norm + least)
        return float(np.exp(total / (len(h) - 1)))

    return answer


for _least in (1e-12, 1e-30, 1e-60):
    for _early in (True, False):
        wrong("growth_factor", says="a small number is added to the norms", points=3, name=f"least_norm_{_least:g}_{_early}")(
            _with_least_norm(_least, _early)
        )


@wrong("growth_factor", says="the gradient is not set back to norm 1 after each step", points=0)
def never_set_back(dh_T, h, W_hh, activation):
    g, total = dh_T / np.linalg.norm(dh_T), 0.0
    for h_t in h[:0:-1]:
        g = g @ step_jacobian(h_t, W_hh, activation)
        n = np.linalg.norm(g)
        if n == 0:
            return 0.0
        total += np.log(n)
    return float(np.exp(total / (len(h) - 1)))


@wrong("growth_factor", says="changed in place: dh_T", points=3)
def first_gradient_in_place(dh_T, h, W_hh, activation):
    dh_T /= np.linalg.norm(dh_T)
    return growth_factor(dh_T, h, W_hh, activation)


@wrong("growth_factor", says="no return statement", points=0)
def growth_printed(dh_T, h, W_hh, activation):
    growth_factor(dh_T, h, W_hh, activation)


@wrong("growth_factor", says="expected a number", points=0)
def all_factors(dh_T, h, W_hh, activation):
    return np.exp(_log_factors(_back, dh_T, h, W_hh, activation))


# ---- clip_by_global_norm: right


@right("clip_by_global_norm")
def clip_by_global_norm(gradients, max_norm):
    numbers = np.concatenate([g.ravel() for g in gradients.values()]).astype(np.float64)
    largest = float(np.max(np.abs(numbers)))
    if not np.isfinite(largest):
        return _zeros(gradients), largest
    norm = largest * float(np.linalg.norm(numbers / largest)) if largest > 0 else 0.0
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: g * factor for name, g in gradients.items()}, norm


def _zeros(gradients):
    return {name: np.zeros_like(g) for name, g in gradients.items()}


@right("clip_by_global_norm")
def hypot_of_all_numbers(gradients, max_norm):
    norm = math.hypot(*(x for g in gradients.values() for x in g.ravel().tolist()))
    if math.isnan(norm) or math.isinf(norm):
        return _zeros(gradients), norm
    if norm <= max_norm:
        return gradients, norm
    return {name: g * (max_norm / norm) for name, g in gradients.items()}, norm


@right("clip_by_global_norm")
def hypot_of_two_again_and_again(gradients, max_norm):
    norm = functools.reduce(np.hypot, (np.hypot.reduce(g, axis=None, dtype=np.float64) for g in gradients.values()))
    if not np.isfinite(norm):
        return {k: np.full(g.shape, 0, g.dtype) for k, g in gradients.items()}, norm
    return {k: (g * (max_norm / max(norm, max_norm))).astype(g.dtype) for k, g in gradients.items()}, norm


@right("clip_by_global_norm")
def as_tensorflow_does_with_a_scale(gradients, max_norm):
    scale = max(float(np.abs(g).max()) for g in gradients.values())
    if not all(np.isfinite(g).all() for g in gradients.values()):
        return {k: np.zeros(g.shape, g.dtype) for k, g in gradients.items()}, np.nan
    scale = scale or 1.0
    norm = scale * np.sqrt(sum(np.sum((g.astype(np.float64) / scale) ** 2) for g in gradients.values()))
    factor = float(max_norm * min(1 / norm if norm else np.inf, 1 / max_norm))
    return {k: g * factor for k, g in gradients.items()}, norm


@right("clip_by_global_norm")
def shifted_by_a_power_of_two(gradients, max_norm):
    exponent = max(int(np.frexp(np.abs(g.astype(np.float64)).max())[1]) for g in gradients.values())
    if not np.isfinite(sum(float(np.sum(g * 0.0)) for g in gradients.values())):
        return _zeros(gradients), math.inf
    squares = math.fsum(float(x) ** 2 for g in gradients.values() for x in np.ldexp(g.astype(float), -exponent).flat)
    norm = math.ldexp(math.sqrt(squares), exponent)
    clipped = copy.deepcopy(gradients)
    if norm > max_norm:
        for g in clipped.values():
            g *= max_norm / norm
    return clipped, norm


@right("clip_by_global_norm")
def norm_of_norms_as_a_0d_array(gradients, max_norm):
    def length(numbers):
        numbers = np.abs(np.asarray(numbers, np.float64))
        top = numbers.max()
        if top == 0 or not np.isfinite(top):
            return top
        return top * np.linalg.norm((numbers / top).ravel())

    norm = length([length(g) for g in gradients.values()])
    result = {}
    for name in sorted(gradients):
        g = gradients[name]
        factor = g.dtype.type(1 if norm <= max_norm else max_norm / norm)
        result[name] = g.T.__mul__(factor).T if np.isfinite(norm) else g.T.copy().T * False
        result[name] = np.where(np.isfinite(norm), result[name], g.dtype.type(0))
    return result, np.array(norm)


@right("clip_by_global_norm")
def cast_back_at_the_end(gradients, max_norm):
    print("clipping", list(gradients))
    wide = {name: g.astype(np.float64) for name, g in gradients.items()}
    clipped, norm = clip_by_global_norm(wide, max_norm)
    return {name: np.asarray(clipped[name], gradients[name].dtype) for name in gradients}, np.float64(norm)


# ---- clip_by_global_norm: wrong


def _safe(gradients, norm_of, factor_of):
    """Right but for `norm_of(gradients)` and `factor_of(norm)`."""
    _, norm = clip_by_global_norm(gradients, 1.0)
    if not np.isfinite(norm):
        return _zeros(gradients), norm
    norm = norm_of(gradients)
    return {name: g * float(factor_of(norm)) for name, g in gradients.items()}, norm


def _norm(gradients):
    return clip_by_global_norm(gradients, 1.0)[1]


@wrong("clip_by_global_norm", says="the norm is squared: the root is missing", points=0)
def squared_norm(gradients, max_norm):
    return _safe(gradients, lambda g: _norm(g) ** 2, lambda n: min(1, max_norm / n) if n else 1)


@wrong("clip_by_global_norm", says="max_norm / norm**2: the root is missing", points=0)
def factor_by_the_squared_norm(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: max_norm / n**2 if n > max_norm else 1)


@wrong("clip_by_global_norm", says="the norm of each array, added up", points=0)
def norms_added_up(gradients, max_norm):
    return _safe(
        gradients,
        lambda g: sum(np.linalg.norm(a) for a in g.values()),
        lambda n: max_norm / n if n > max_norm else 1,
    )


@wrong("clip_by_global_norm", says="the largest norm of an array", points=0)
def largest_norm(gradients, max_norm):
    return _safe(
        gradients,
        lambda g: max(np.linalg.norm(a) for a in g.values()),
        lambda n: max_norm / n if n > max_norm else 1,
    )


@wrong("clip_by_global_norm", says="the largest absolute value is not the norm", points=0)
def largest_value(gradients, max_norm):
    return _safe(
        gradients, lambda g: max(np.abs(a).max() for a in g.values()), lambda n: max_norm / n if n > max_norm else 1
    )


@wrong("clip_by_global_norm", says="each number is clipped by itself", points=0)
def number_by_number_clipped(gradients, max_norm):
    return {name: np.clip(g, -max_norm, max_norm) for name, g in gradients.items()}, _norm(gradients)


@wrong("clip_by_global_norm", says="each array is clipped by its own norm", points=0)
def array_by_array(gradients, max_norm):
    return {
        name: g * min(1, max_norm / np.linalg.norm(g)) if np.any(g) else g for name, g in gradients.items()
    }, _norm(gradients)


@wrong("clip_by_global_norm", says="a dict of norms came back", points=0)
def array_by_array_with_a_norm_each(gradients, max_norm):
    clipped = {name: g * min(1, max_norm / np.linalg.norm(g)) for name, g in gradients.items()}
    return clipped, {name: np.linalg.norm(g) for name, g in gradients.items()}


@wrong("clip_by_global_norm", says="small gradients are scaled up to max_norm", points=0)
def always_scaled(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: max_norm / n if n else 1)


@wrong("clip_by_global_norm", says="not clipped at all", points=0)
def comparison_the_wrong_way_round(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: max_norm / n if 0 < n < max_norm else 1)


@wrong("clip_by_global_norm", says="multiplied by norm / max_norm", points=0)
def factor_upside_down(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: n / max_norm if n > max_norm else 1)


@wrong("clip_by_global_norm", says="scaled to length 1", points=0)
def to_length_one(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: 1 / n if n > max_norm else 1)


@wrong("clip_by_global_norm", says="everything is set to zero", points=0)
def update_skipped_when_too_long(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: 0 if n > max_norm else 1)


@wrong("clip_by_global_norm", says="the norm after clipping", points=0)
def norm_after_clipping(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped, min(norm, max_norm)


@wrong("clip_by_global_norm", says="the squares overflow or underflow", points=2)
def squares_overflow(gradients, max_norm):
    if not all(np.isfinite(g).all() for g in gradients.values()):
        return _zeros(gradients), np.inf
    norm = float(np.sqrt(sum(np.sum(g.astype(np.float64) ** 2) for g in gradients.values())))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: g * factor for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="the norm is more than float32 holds", points=2)
def norm_in_the_dtype_of_the_gradients(gradients, max_norm):
    numbers = np.concatenate([g.ravel() for g in gradients.values()])
    m = np.max(np.abs(numbers))
    if not np.isfinite(m):
        return _zeros(gradients), m
    with np.errstate(over="ignore"):
        norm = m * np.linalg.norm(numbers / m) if m > 0 else 0.0
    factor = float(max_norm / norm) if norm > max_norm else 1.0
    return {name: g * factor for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="0 / 0 is nan", points=2)
def zero_by_zero(gradients, max_norm):
    norm = np.float64(_norm(gradients))
    if not np.isfinite(norm):
        return _zeros(gradients), norm
    return {k: (g * np.minimum(norm, max_norm) / norm).astype(g.dtype) for k, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="ZeroDivisionError", points=2)
def divides_by_zero(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: min(1, max_norm / n))


@wrong("clip_by_global_norm", says="a comparison with nan is never true", points=2)
def nan_is_not_above(gradients, max_norm):
    norm = _norm(gradients)
    factor = max_norm / norm if norm > max_norm else 1.0
    if norm == np.inf:
        return _zeros(gradients), norm
    return {name: g * factor for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="Python's max loses a nan", points=2)
def python_max_over_arrays(gradients, max_norm):
    largest = max(float(np.max(np.abs(g))) for g in gradients.values())
    if not np.isfinite(largest):
        return _zeros(gradients), largest
    numbers = np.concatenate([g.ravel() for g in gradients.values()]).astype(np.float64)
    norm = largest * float(np.linalg.norm(numbers / largest)) if largest > 0 else 0.0
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: g * factor for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="inf * 0 is nan: make the zeros with np.zeros_like", points=2)
def zero_times_infinity(gradients, max_norm):
    norm = _norm(gradients)
    factor = (max_norm / norm if norm > max_norm else 1.0) if np.isfinite(norm) else 0.0
    return {name: g * factor for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="the bad numbers are set to 0", points=2)
def nan_to_num(gradients, max_norm):
    cleaned = {name: np.nan_to_num(g, posinf=0, neginf=0) for name, g in gradients.items()}
    return clip_by_global_norm(cleaned, max_norm)[0], _norm(gradients)


@wrong("clip_by_global_norm", says="only the array with the bad number is set to 0", points=2)
def one_array_skipped(gradients, max_norm):
    norm = _norm(gradients)
    if np.isfinite(norm):
        return clip_by_global_norm(gradients, max_norm)
    return {k: g if np.isfinite(g).all() else np.zeros_like(g) for k, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="the norm is of what came in", points=2)
def norm_of_the_zeros(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped, norm if np.isfinite(norm) else 0.0


@wrong("clip_by_global_norm", says="ValueError", points=2)
def refuses_what_is_broken(gradients, max_norm):
    if not np.isfinite(_norm(gradients)):
        raise ValueError("gradients are not finite")
    return clip_by_global_norm(gradients, max_norm)


@wrong("clip_by_global_norm", says="float32 went in, float64 came out", points=2)
def all_float64(gradients, max_norm):
    return clip_by_global_norm({name: g.astype(np.float64) for name, g in gradients.items()}, max_norm)


@wrong("clip_by_global_norm", says="changed in place: gradients['a'], gradients['b']", points=2)
def gradients_in_place(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    for name in gradients:
        gradients[name][...] = clipped[name]
    return gradients, norm


@wrong("clip_by_global_norm", says="changed in place: gradients (its keys)", points=2)
def keys_taken_out(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    gradients.popitem()
    return clipped, norm


@wrong("clip_by_global_norm", says="expected a tuple (clipped, norm), got a dict")
def gradients_only(gradients, max_norm):
    return clip_by_global_norm(gradients, max_norm)[0]


@right("clip_by_global_norm")
def pair_as_a_list(gradients, max_norm):
    return list(clip_by_global_norm(gradients, max_norm))


@wrong("clip_by_global_norm", says="got a dict", points=0)
def pair_the_other_way_round(gradients, max_norm):
    return clip_by_global_norm(gradients, max_norm)[::-1]


@wrong("clip_by_global_norm", says="expected a dict with the keys", points=0)
def list_of_gradients(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return list(clipped.values()), norm


@wrong("clip_by_global_norm", says="expected a dict with the keys", points=0)
def names_with_a_d(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return {"d" + name: g for name, g in clipped.items()}, norm


@wrong("clip_by_global_norm", says="no return statement")
def nothing_comes_back(gradients, max_norm):
    norm = _norm(gradients)
    for g in gradients.values():
        g *= min(1, max_norm / norm)


@wrong("clip_by_global_norm", says="expected shape", points=0)
def one_long_vector(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return {name: g.ravel() for name, g in clipped.items()}, norm


@wrong("clip_by_global_norm", says="KeyError: 'W_hh'", points=0)
def names_of_one_network(gradients, max_norm):
    return {name: clip_by_global_norm(gradients, max_norm)[0][name] for name in ("b", "W_hh")}, _norm(gradients)


@wrong("clip_by_global_norm", says="outweighs tiny gradients", points=2)
def as_pytorch_does_with_a_small_number(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: min(1.0, max_norm / (n + 1e-6)))


@wrong("clip_by_global_norm", says="outweighs tiny gradients", points=2)
def least_norm(gradients, max_norm):
    return _safe(gradients, _norm, lambda n: min(1.0, max_norm / max(n, 1e-12)))


@wrong("clip_by_global_norm", says="W_xh: float32 went in, float64 came out", points=2)
def zeros_of_the_default_dtype(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped if np.isfinite(norm) else {name: np.zeros(g.shape) for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="W_xh: float32 went in, float64 came out", points=2)
def one_dtype_for_all(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return {name: g.astype(np.result_type(*gradients.values())) for name, g in clipped.items()}, norm


@wrong("clip_by_global_norm", says="W_hh: float64 went in, float32 came out", points=2)
def dtype_of_the_first_array(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return {name: g.astype(next(iter(gradients.values())).dtype) for name, g in clipped.items()}, norm


@wrong("clip_by_global_norm", says="the norm after clipping", points=0)
def norm_of_what_is_clipped(gradients, max_norm):
    clipped, _ = clip_by_global_norm(gradients, max_norm)
    return clipped, _norm(clipped)


@wrong("clip_by_global_norm", says="lesson 03's two lines as they were", points=1)
def as_in_lesson_03(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * g for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="each array is clipped by its own norm", points=0)
def above_only_where_an_array_is(gradients, max_norm):
    norm = _norm(gradients)
    if not np.isfinite(norm):
        return _zeros(gradients), norm
    own = {name: float(np.linalg.norm(g)) for name, g in gradients.items()}
    return {name: g * (max_norm / own[name] if own[name] > max_norm else 1.0) for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="only a little above max_norm is not clipped", points=0)
def only_far_above(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped if not norm <= 1.5 * max_norm else dict(gradients), norm


# ---- rescale_spectral_radius: right


@right("rescale_spectral_radius")
def rescale_spectral_radius(W_hh, radius):
    largest = np.max(np.abs(np.linalg.eigvals(W_hh)))
    if largest == 0:
        raise ValueError("every eigenvalue is zero: no factor changes that")
    return W_hh * (radius / largest)


@right("rescale_spectral_radius")
def real_and_imaginary_parts(W_hh, radius):
    values = np.linalg.eig(W_hh)[0]
    squares = values.real**2 + values.imag**2
    if not squares.any():
        raise ValueError
    return (W_hh / math.sqrt(squares.max()) * radius).astype(W_hh.dtype)


@right("rescale_spectral_radius")
def moduli_in_python(W_hh, radius):
    moduli = sorted(abs(complex(value)) for value in np.linalg.eigvals(W_hh.T))
    try:
        return W_hh * (radius / moduli[-1])
    except ZeroDivisionError:
        raise ValueError("nilpotent") from None


@right("rescale_spectral_radius")
def roots_of_the_characteristic_polynomial(W_hh, radius):
    W = W_hh.astype(float)
    powers, M = [1.0], np.eye(len(W))  # Faddeev and LeVerrier
    for k in range(1, len(W) + 1):
        M = W @ M
        powers.append(-np.trace(M) / k)
        M = M + powers[-1] * np.eye(len(W))
    roots = np.roots(powers)
    if not roots.any():
        raise ValueError("all roots are zero")
    return (W * (radius / np.abs(roots).max())).astype(W_hh.dtype)


@right("rescale_spectral_radius")
def growth_of_high_powers(W_hh, radius):
    """Gelfand: the radius is the limit of ||W**k|| ** (1 / k)."""
    power, logarithm = W_hh.astype(np.float64), 0.0
    for k in range(60):
        norm = np.linalg.norm(power)
        if norm == 0:
            raise ValueError(f"a power of this matrix is zero: the one of 2**{k}")
        logarithm += math.log(norm) / 2**k
        power = power / norm
        power = power @ power
    result = W_hh.copy()
    result *= radius / math.exp(logarithm)
    return result


@right("rescale_spectral_radius")
def in_place_on_a_copy_of_the_matrix(W_hh, radius):
    print(W_hh)
    with np.errstate(all="raise"):
        W_hh = W_hh.copy(order="F")
        largest = np.abs(np.linalg.eigvals(W_hh)).max()
        if not largest > 0:
            raise ValueError("nothing to scale")
        W_hh /= largest
        W_hh *= radius
    return W_hh


right("rescale_spectral_radius", name="partial")(functools.partial(lambda f, *case: f(*case), rescale_spectral_radius))

# ---- rescale_spectral_radius: wrong


def _by(measure):
    def answer(W_hh, radius):
        rescale_spectral_radius(W_hh, radius)  # the ValueError is right
        return W_hh * (radius / measure(W_hh))

    return answer


def _moduli(W):
    return np.abs(np.linalg.eigvals(W))


for _name, _says, _points, _measure in [
    ("spectral_norm", "the spectral norm (the largest singular value)", 0, lambda W: np.linalg.norm(W, 2)),
    ("frobenius_norm", "the Frobenius norm", 0, np.linalg.norm),
    ("one_norm", "the 1-norm", 0, lambda W: np.linalg.norm(W, 1)),
    ("real_parts", "only the real parts", 1, lambda W: np.abs(np.linalg.eigvals(W).real).max()),
    ("largest_with_its_sign", "the largest eigenvalue with its sign", 0, lambda W: np.linalg.eigvals(W).real.max()),
    ("largest_complex_number", "the largest eigenvalue with its sign", 0, lambda W: np.max(np.linalg.eigvals(W))),
    ("modulus_of_the_largest_complex_number", "goes by their real parts", 0, lambda W: abs(np.max(np.linalg.eigvals(W)))),
    ("of_a_symmetric_matrix", "eigvalsh is for symmetric matrices", 0, lambda W: np.abs(np.linalg.eigvalsh(W)).max()),
    ("determinant", "the determinant is the product", 0, np.linalg.det),
    ("trace", "the trace is the sum", 0, np.trace),
    ("largest_number", "the largest number in W_hh", 0, lambda W: np.abs(W).max()),
    ("mean_of_the_moduli", "the mean of the absolute eigenvalues", 0, lambda W: _moduli(W).mean()),
    ("sum_of_the_moduli", "the sum of the absolute eigenvalues", 0, lambda W: _moduli(W).sum()),
    ("squared_radius", "the radius is squared", 0, lambda W: _moduli(W).max() ** 2),
    ("radius_forgotten", "multiplied by radius only", 0, lambda W: 1),
]:
    wrong("rescale_spectral_radius", says=_says, points=_points, name=_name)(_by(_measure))


@wrong("rescale_spectral_radius", says="the spectral radius is 1 now", points=0)
def radius_one(W_hh, radius):
    return rescale_spectral_radius(W_hh, 1.0)


@wrong("rescale_spectral_radius", says="the factor is upside down", points=0)
def upside_down(W_hh, radius):
    return W_hh * (_moduli(W_hh).max() / radius)


@wrong("rescale_spectral_radius", says="small ones are to be scaled up", points=0)
def only_down(W_hh, radius):
    return W_hh * min(1, radius / _moduli(W_hh).max())


@wrong("rescale_spectral_radius", says="the singular values are all set to radius", points=0)
def singular_values_set(W_hh, radius):
    U, _, V = np.linalg.svd(W_hh)
    return radius * U @ V


@wrong("rescale_spectral_radius", says="this divides by a largest eigenvalue of 0", points=3)
def nan_for_nilpotent_matrices(W_hh, radius):
    return W_hh * (radius / _moduli(W_hh).max())


@wrong("rescale_spectral_radius", says="no factor gives this matrix another radius", points=3)
def nilpotent_matrices_left_alone(W_hh, radius):
    largest = _moduli(W_hh).max()
    return W_hh * (radius / largest) if largest else W_hh


@wrong("rescale_spectral_radius", says="expected a ValueError, got an array", points=3)
def a_small_number_below(W_hh, radius):
    return W_hh * (radius / (_moduli(W_hh).max() + np.finfo(W_hh.dtype).tiny))


@wrong("rescale_spectral_radius", says="expected a ValueError, got an array", points=3)
def only_the_zero_matrix_refused(W_hh, radius):
    if not W_hh.any():
        raise ValueError("all zero")
    return W_hh * (radius / _moduli(W_hh).max())


@wrong("rescale_spectral_radius", says="an exception is not returned but raised", points=3)
def message_returned(W_hh, radius):
    largest = _moduli(W_hh).max()
    return W_hh * (radius / largest) if largest else "ValueError"


@wrong("rescale_spectral_radius", says="got this instead:\n              ZeroDivisionError", points=3)
def python_division(W_hh, radius):
    return W_hh * (radius / float(_moduli(W_hh).max()))


@wrong("rescale_spectral_radius", says="got this instead:\n              AssertionError", points=3)
def asserts(W_hh, radius):
    assert _moduli(W_hh).max() > 0
    return rescale_spectral_radius(W_hh, radius)


@wrong("rescale_spectral_radius", says="changed in place: W_hh", points=3)
def weights_in_place(W_hh, radius):
    W_hh *= radius / np.max(_moduli(W_hh)) if _moduli(W_hh).any() else rescale_spectral_radius(W_hh, radius)
    return W_hh


@wrong("rescale_spectral_radius", says="float32 went in, float64 came out", points=3)
def comes_back_in_float64(W_hh, radius):
    return rescale_spectral_radius(W_hh.astype(np.float64), radius)


@wrong("rescale_spectral_radius", says="right but for rounding", points=3)
def comes_back_in_float32(W_hh, radius):
    return rescale_spectral_radius(W_hh.astype(np.float32), radius)


@wrong("rescale_spectral_radius", says="expected shape (1, 1), got shape ()", points=3)
def one_unit_squeezed(W_hh, radius):
    return rescale_spectral_radius(W_hh, radius).squeeze()


@wrong("rescale_spectral_radius", says="the values differ", points=0)
def few_power_iterations(W_hh, radius):
    rescale_spectral_radius(W_hh, radius)
    v = np.ones(len(W_hh))
    for _ in range(20):
        v = W_hh @ v
        v /= np.linalg.norm(v)
    return W_hh * (radius / np.linalg.norm(W_hh @ v))


@wrong("rescale_spectral_radius", says="the values differ", points=0)
def diagonal_set(W_hh, radius):
    W = W_hh.copy()
    np.fill_diagonal(W, radius)
    return W


@wrong("rescale_spectral_radius", says="got a tuple of 2")
def radius_too(W_hh, radius):
    return rescale_spectral_radius(W_hh, radius), radius


@wrong("rescale_spectral_radius", says="the result is transposed", points=0)
def scaled_and_transposed(W_hh, radius):
    return rescale_spectral_radius(W_hh, radius).T


def _refuses(*, refused):
    def answer(W_hh, radius):
        if refused(W_hh):
            raise ValueError("every eigenvalue is zero")
        return W_hh * (radius / _moduli(W_hh).max())

    return answer


for _name, _refused in {
    "singular_matrices_refused": lambda W: np.linalg.det(W) == 0,
    "matrices_of_lower_rank_refused": lambda W: np.linalg.matrix_rank(W) < len(W),
    "one_zero_eigenvalue_refused": lambda W: not np.linalg.eigvals(W).all(),
    "zero_diagonal_refused": lambda W: not np.diag(W).any(),
    "zero_trace_refused": lambda W: np.trace(W) == 0,
    "triangular_matrices_refused": lambda W: (
        not W.any() or len(W) > 1 and not (np.tril(W, -1).any() and np.triu(W, 1).any())
    ),
}.items():
    _points = 1 if _name in ("zero_diagonal_refused", "zero_trace_refused") else 3  # these refuse the example
    wrong("rescale_spectral_radius", says="ValueError: every eigenvalue is zero", points=_points, name=_name)(
        _refuses(refused=_refused)
    )

wrong("rescale_spectral_radius", says="the smallest absolute eigenvalue", points=0, name="smallest_modulus")(
    _by(lambda W: _moduli(W).min())
)


@wrong("rescale_spectral_radius", says="and dtype float64, got an array of shape (4, 4) and dtype complex128")
def complex_weights(W_hh, radius):
    return rescale_spectral_radius(W_hh, radius) + 0j


@wrong("rescale_spectral_radius", says="ValueError", points=3)
def refuses_small_radii(W_hh, radius):
    largest = np.max(np.abs(np.linalg.eigvals(W_hh)))
    if largest < 1e-8:
        raise ValueError("too small")
    return W_hh * (radius / largest)


# ---- orthogonal: right


@right("orthogonal")
def orthogonal(size, rng):
    Q, R = np.linalg.qr(rng.normal(size=(size, size)))
    return Q * np.sign(np.diag(R))


@right("orthogonal")
def random_signs_in_place_of_those_of_R(size, rng):
    Q = np.linalg.qr(rng.standard_normal((size, size)))[0]
    return Q * rng.choice([-1, 1], size)


@right("orthogonal")
def both_sides_of_the_singular_value_decomposition(size, rng):
    U, _, Vt = np.linalg.svd(rng.normal(0, 3, (size, size)))
    return U @ Vt


@right("orthogonal")
def gram_schmidt_twice(size, rng):
    columns = []
    for _ in range(size):
        v = rng.normal(size=size)
        for u in columns * 2:
            v = v - (u @ v) * u
        columns.append(v / np.linalg.norm(v))
    return np.column_stack(columns)


@right("orthogonal")
def product_of_reflections(size, rng):
    """Stewart 1980: a reflection that takes a random direction to the first axis, one size after the other."""
    Q = np.diag(rng.choice([-1.0, 1.0], size))
    for n in range(2, size + 1):
        v = rng.normal(size=n)
        v[0] += math.copysign(np.linalg.norm(v), v[0])
        reflection = np.eye(size)
        reflection[-n:, -n:] -= 2 * np.outer(v, v) / (v @ v)
        Q = reflection @ Q
    return Q


@right("orthogonal")
def eigenvectors_of_a_random_symmetric_matrix(size, rng):
    print("size", size)
    A = rng.normal(size=(size, size))
    return np.linalg.eigh(A + A.T)[1] * np.where(rng.random(size) < 0.5, -1, 1)


@right("orthogonal")
def gram_schmidt_once(size, rng):
    Q = rng.normal(size=(size, size))
    for j in range(size):
        Q[:, j] -= Q[:, :j] @ (Q[:, :j].T @ Q[:, j])
        Q[:, j] /= np.linalg.norm(Q[:, j])
    return Q


# ---- orthogonal: wrong


@wrong("orthogonal", says="the signs that make R's diagonal positive are missing", points=3)
def signs_missing(size, rng):
    return np.linalg.qr(rng.normal(size=(size, size)))[0]


@wrong("orthogonal", says="Q.T of the QR decomposition as it comes", points=3)
def signs_missing_and_transposed(size, rng):
    return np.linalg.qr(rng.normal(size=(size, size)))[0].T


@wrong("orthogonal", says="belong to the columns of Q, not to the rows", points=3)
def signs_on_the_rows(size, rng):
    Q, R = np.linalg.qr(rng.normal(size=(size, size)))
    return np.sign(np.diag(R))[:, None] * Q


@wrong("orthogonal", says="the first number has the same sign in every draw", points=3)
def signs_of_Q_itself(size, rng):
    Q = np.linalg.qr(rng.normal(size=(size, size)))[0]
    return Q * np.sign(np.diag(Q))


@wrong("orthogonal", says="uniform numbers have preferred directions", points=3)
def uniform_numbers(size, rng):
    Q, R = np.linalg.qr(rng.random((size, size)))
    return Q * np.sign(np.diag(R))


@wrong("orthogonal", says="uniform numbers from -1 to 1 have preferred directions", points=3)
def uniform_numbers_of_both_signs(size, rng):
    Q, R = np.linalg.qr(rng.random((size, size)) - 0.5)
    return Q * np.sign(np.diag(R))


@wrong("orthogonal", says="the signs are taken from the diagonal of Q", points=3)
def signs_of_q(size, rng):
    Q, _ = np.linalg.qr(rng.normal(size=(size, size)))
    return Q * np.sign(np.diag(Q))


@wrong("orthogonal", says="U of the singular value decomposition alone", points=3)
def one_side_of_the_singular_value_decomposition(size, rng):
    return np.linalg.svd(rng.normal(size=(size, size)))[0]


@wrong("orthogonal", says="the determinant has the same sign in every draw", points=3)
def rotations_only(size, rng):
    Q = orthogonal(size, rng)
    Q[:, 0] *= np.sign(np.linalg.det(Q))
    return Q if size > 1 else Q * rng.choice([-1.0, 1.0])


@wrong("orthogonal", says="np.random.normal and the like do not draw from rng", points=3)
def global_chance(size, rng):
    Q, R = np.linalg.qr(np.random.normal(size=(size, size)))
    return Q * np.sign(np.diag(R))


@wrong("orthogonal", says="rng is not used, or made anew with a fixed seed")
def fixed_seed(size, rng):
    return orthogonal(size, np.random.default_rng(0))


@wrong("orthogonal", says="rng is not used")
def identity(size, rng):
    return np.eye(size)


@wrong("orthogonal", says="a random matrix is not orthogonal by itself")
def normal_numbers(size, rng):
    return rng.normal(0, 1 / np.sqrt(size), (size, size))


@wrong("orthogonal", says="this is triangular: np.linalg.qr returns Q and R")
def the_other_factor(size, rng):
    return np.linalg.qr(rng.normal(size=(size, size)))[1]


@wrong("orthogonal", says="the signs are on its diagonal")
def signs_of_all_of_R(size, rng):
    Q, R = np.linalg.qr(rng.normal(size=(size, size)))
    return Q * np.sign(R)


@wrong("orthogonal", says="the columns have length 1, but are not orthogonal")
def columns_of_length_one(size, rng):
    A = rng.normal(size=(size, size))
    return A / np.linalg.norm(A, axis=0)


@wrong("orthogonal", says="the columns are orthogonal, but their length is not 1")
def diagonal_of_R_with_its_size(size, rng):
    Q, R = np.linalg.qr(rng.normal(size=(size, size)))
    return Q * np.diag(R)


@wrong("orthogonal", says="right but for rounding")
def single_precision(size, rng):
    return orthogonal(size, rng).astype(np.float32)


@wrong("orthogonal", says="dtype float64, got a tuple of 2")
def both_factors(size, rng):
    return tuple(np.linalg.qr(rng.normal(size=(size, size))))


@wrong("orthogonal", says="and dtype float64, got an array of shape (5, 5) and dtype int64")
def permutation(size, rng):
    return np.eye(size, dtype=np.int64)[rng.permutation(size)]


@wrong("orthogonal", says="no return statement")
def no_matrix(size, rng):
    orthogonal(size, rng)


@wrong("orthogonal", says="AttributeError")
def wrong_name_of_the_method(size, rng):
    return np.linalg.qr(rng.randn(size, size))[0]


@wrong("orthogonal", says="its numbers are too unequal in size", points=3)
def blocks_of_two(size, rng):
    Q = np.diag(rng.choice([-1.0, 1.0], size))
    for i in range(0, size - 1, 2):
        Q[i : i + 2, i : i + 2] = orthogonal(2, rng)
    return Q


@wrong("orthogonal", says="its numbers are too unequal in size", points=3)
def one_rotation_and_random_signs(size, rng):
    Q = np.eye(size)
    if size > 1:
        i, j = rng.choice(size, 2, replace=False)
        angle = rng.uniform(0, 2 * np.pi)
        Q[i, i] = Q[j, j] = np.cos(angle)
        Q[i, j], Q[j, i] = np.sin(angle), -np.sin(angle)
    return Q * rng.choice([-1, 1], size)


@wrong("orthogonal", says="its numbers are too unequal in size", points=3)
def cayley_and_random_signs(size, rng):
    A = rng.normal(size=(size, size))
    A -= A.T
    return np.linalg.solve(np.eye(size) + A, np.eye(size) - A) * rng.choice([-1, 1], size)


@wrong("orthogonal", says="different matrices came", points=3)
def few_matrices(size, rng):
    return orthogonal(size, np.random.default_rng(rng.integers(16)))


@wrong("orthogonal", says="lean to one sign", points=3)
def sign_of_the_first_column_only(size, rng):
    Q = np.linalg.qr(rng.normal(size=(size, size)))[0]
    Q[:, 0] *= rng.choice([-1, 1])
    return Q


@wrong("orthogonal", says="lean to one sign", points=3)
def one_factor_in_another_stream(size, rng):
    """The signs are missing, and no known mistake draws its numbers in this way."""
    Q = np.linalg.qr(rng.normal(size=(size, size + 1))[:, 1:])[0]
    Q[:, 0] *= rng.choice([-1, 1])
    return Q


@wrong("orthogonal", says="its numbers are too unequal in size", points=3)
def permutation_with_signs(size, rng):
    return np.eye(size)[rng.permutation(size)] * rng.choice([-1, 1], size)


@wrong("orthogonal", says="its numbers are too unequal in size", points=3)
def one_reflection(size, rng):
    v = rng.normal(size=size)
    return (np.eye(size) - 2 * np.outer(v, v) / (v @ v)) * rng.choice([-1, 1])


@wrong("orthogonal", says="different matrices came", points=3)
def one_matrix_with_random_signs(size, rng):
    return orthogonal(size, np.random.default_rng(1)) * rng.choice([-1, 1], size)


@wrong("orthogonal", says="it draws from a copy of rng", points=3)
def from_a_copy_of_rng(size, rng):
    return orthogonal(size, copy.deepcopy(rng))


# ---- adding_baseline: right


@right("adding_baseline")
def adding_baseline(answer):
    return 1 / 6 + (answer - 1) ** 2


@right("adding_baseline")
def mean_of_the_squared_sum(answer):
    return 7 / 6 - 2 * answer + answer * answer


@right("adding_baseline")
def exact_fractions(answer):
    return float(fractions.Fraction(1, 6) + (fractions.Fraction(answer) - 1) ** 2)


@right("adding_baseline")
def simpson_over_the_triangle(answer):
    """The density of the sum is a triangle; Simpson's rule is exact for cubic polynomials."""
    f = [density * (total - answer) ** 2 for total, density in ((0, 0), (0.5, 0.5), (1, 1), (1.5, 0.5), (2, 0))]
    return np.dot([1, 4, 2, 4, 1], f) / 6


@right("adding_baseline")
def second_difference(answer):
    return ((2 - answer) ** 4 - 2 * (1 - answer) ** 4 + answer**4) / 12


@right("adding_baseline")
def variance_and_bias_as_a_0d_array(answer):
    mean, variance = np.array(0.5), np.array(1 / 12)
    return np.asarray(2 * variance + np.square(2 * mean - answer))


# ---- adding_baseline: wrong

for _name, _says, _points, _answer in [
    ("variance_of_one_number", "the variances of two independent numbers add", 1, lambda c: 1 / 12 + (c - 1) ** 2),
    ("bias_alone", "the variance 1/6 is missing", 1, lambda c: (c - 1) ** 2),
    ("floor_division", "the variance 1/6 is missing", 1, lambda c: 1 // 6 + (c - 1) ** 2),
    ("variance_alone", "the answer does not enter", 0, lambda c: 1 / 6),
    ("mean_of_one_number", "the mean of the sum is 1, not 1/2", 0, lambda c: 1 / 6 + (c - 0.5) ** 2),
    ("one_number", "not 1/2, and its variance 1/6, not 1/12", 0, lambda c: 1 / 12 + (c - 0.5) ** 2),
    ("mean_zero", "the mean of the sum is 1, not 0", 0, lambda c: 1 / 6 + c**2),
    ("bias_not_squared", "the bias is squared", 0, lambda c: 1 / 6 + abs(c - 1)),
    ("variance_of_equal_numbers", "these are independent", 1, lambda c: 1 / 3 + (c - 1) ** 2),
    ("half", "half the squared error", 0, lambda c: (1 / 6 + (c - 1) ** 2) / 2),
    ("root", "the root of the expected squared error", 0, lambda c: math.sqrt(1 / 6 + (c - 1) ** 2)),
    ("deviation_of_the_sum", "the standard deviation of the sum", 1, lambda c: math.sqrt(1 / 6) + (c - 1) ** 2),
    ("deviations_added", "the standard deviations of the two numbers, added", 1, lambda c: 2 * 12**-0.5 + (c - 1) ** 2),
    ("bias_subtracted", "the bias is subtracted", 0, lambda c: 1 / 6 - (c - 1) ** 2),
    ("squared_mean_kept", "its variance is 7/6 - 1", 1, lambda c: 7 / 6 + (c - 1) ** 2),
    ("cross_term_forgotten", "2 * answer * mean is missing", 0, lambda c: 7 / 6 + c**2),
    ("prints_the_error", "it prints its result", 0, lambda c: print(1 / 6 + (c - 1) ** 2)),
    ("no_error", "no return statement", 0, lambda c: None),
    ("as_a_string", "expected a number, got the string", 0, lambda c: f"{1 / 6 + (c - 1) ** 2}"),
    ("as_an_array", "expected a number, got an array of shape (1,)", 0, lambda c: np.array([1 / 6 + (c - 1) ** 2])),
    ("no_argument", "does the function still take", 0, lambda: 1 / 6),
    ("rounded", "expected", 0, lambda c: round(1 / 6 + (c - 1) ** 2, 3)),
    ("published", "expected", 1, lambda c: 0.167 + (c - 1) ** 2),
    ("always_positive_nan", "got nan", 0, lambda c: np.nan),
]:
    wrong("adding_baseline", says=_says, points=_points, name=_name)(_answer)


@wrong("adding_baseline", says="expected", points=0)
def estimated(answer):
    a, b = np.random.default_rng(0).random((2, 10_000))
    return np.mean((a + b - answer) ** 2)


@wrong("adding_baseline", says="right but for rounding", points=0)
def in_float32(answer):
    return np.float32(1 / 6 + (answer - 1) ** 2)


# ---- copy_baseline: right


@right("copy_baseline")
def copy_baseline(delay, symbols, length):
    return length * np.log(symbols) / (delay + 2 * length)


@right("copy_baseline")
def mean_over_a_list_of_losses(delay, symbols, length):
    certain, guessed = [0.0] * (delay + length), [-math.log(1 / symbols)] * length
    return np.mean(certain + guessed)


@right("copy_baseline")
def logarithm_of_all_sequences(delay, symbols, length):
    return math.log(symbols**length) / (delay + length + length)


@right("copy_baseline")
def bits_turned_into_nats(delay, symbols, length):
    return np.array(math.log2(symbols) * math.log(2) * length / (2 * length + delay))


@right("copy_baseline")
def cross_entropy_of_the_best_logits(delay, symbols, length):
    logits = np.full((delay + 2 * length, symbols + 1), -np.inf)
    logits[: delay + length, 0] = 0
    logits[delay + length :, 1:] = 0
    truth = np.zeros(delay + 2 * length, int)
    truth[delay + length :] = np.arange(length) % symbols + 1
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return -log_p[np.arange(len(truth)), truth].sum() / len(truth)


@right("copy_baseline")
def logarithm_by_a_sum(delay, symbols, length):
    ln = sum(math.log1p(1 / k) for k in range(1, symbols))
    return np.float64(ln / (delay / length + 2))


# ---- copy_baseline: wrong

_ln = math.log

for _name, _says, _points, _answer in [
    ("in_bits", "in bits (log2)", 0, lambda d, s, n: n * math.log2(s) / (d + 2 * n)),
    ("log10", "in base 10", 0, lambda d, s, n: n * math.log10(s) / (d + 2 * n)),
    ("one_run_only", "only one of the two runs", 0, lambda d, s, n: n * _ln(s) / (d + n)),
    ("by_the_delay", "divided by the delay, not by all steps", 0, lambda d, s, n: n * _ln(s) / max(d, 1)),
    ("one_step_more", "one step too many", 0, lambda d, s, n: n * _ln(s) / (d + 2 * n + 1)),
    ("one_step_less", "one step too few", 0, lambda d, s, n: n * _ln(s) / max(d + 2 * n - 1, 1)),
    ("blank_is_a_symbol", "the blank counts as a symbol", 0, lambda d, s, n: n * _ln(s + 1) / (d + 2 * n)),
    ("blank_and_cue", "blank and cue count as symbols", 0, lambda d, s, n: n * _ln(s + 2) / (d + 2 * n)),
    ("sum_over_the_steps", "the sum over the steps, not their mean", 0, lambda d, s, n: n * _ln(s)),
    ("where_a_symbol_is_recalled", "is the loss where a symbol is recalled", 0, lambda d, s, n: _ln(s)),
    ("one_symbol_recalled", "length is missing", 0, lambda d, s, n: _ln(s) / (d + 2 * n)),
    ("both_runs_cost", "both runs of symbols count", 0, lambda d, s, n: 2 * n * _ln(s) / (d + 2 * n)),
    ("delay_costs", "the delay costs nothing", 0, lambda d, s, n: (n + d) * _ln(s) / (d + 2 * n)),
    ("symbols_for_length", "symbols and length are exchanged", 0, lambda d, s, n: s * _ln(n) / (d + 2 * s)),
    ("ten_wired_in", "the length is fixed at 10", 1, lambda d, s, n: 10 * _ln(s) / (d + 20)),
    ("twenty_wired_in", "20 is the length twice", 1, lambda d, s, n: n * _ln(s) / (d + 20)),
    ("eight_wired_in", "the number of symbols is fixed at 8", 1, lambda d, s, n: n * _ln(8) / (d + 2 * n)),
    ("as_published", "fixed at 10 and 8", 1, lambda d, s, n: 10 * _ln(8) / (d + 20)),
    ("negative", "the sign is wrong", 0, lambda d, s, n: -n * _ln(s) / (d + 2 * n)),
    ("share_of_errors", "the share of wrong answers", 0, lambda d, s, n: n * (1 - 1 / s) / (d + 2 * n)),
    ("floor", "expected", 0, lambda d, s, n: n * _ln(s) // (d + 2 * n)),
    ("no_loss", "no return statement", 0, lambda d, s, n: None),
    ("prints_the_loss", "it prints its result", 0, lambda d, s, n: print(n * _ln(s) / (d + 2 * n))),
    ("as_an_array_of_one", "expected a number, got an array", 0, lambda d, s, n: np.array([n * _ln(s) / (d + 2 * n)])),
    ("other_order", "expected", 0, lambda s, n, d: n * _ln(s) / (d + 2 * n)),
    ("without_length", "does the function still take", 0, lambda d, s: 10 * _ln(s) / (d + 20)),
]:
    wrong("copy_baseline", says=_says, points=_points, name=_name + "_loss")(_answer)


@wrong("copy_baseline", says="ZeroDivisionError", points=1)
def divides_by_the_delay(delay, symbols, length):
    return length / delay * math.log(symbols) / (1 + 2 * length / delay)


# ---- predictions

prediction("prediction_tanh", ("vanishes", "stays", "explodes"))
prediction("prediction_transient", ("never", "less than 10", "more than 10"))
prediction("prediction_lag", ("10", "20", "40", "80"))


@wrong("growth_factor", says="or taken for zero", points=3)
def takes_a_small_factor_for_a_dead_gradient(dh_T, h, W_hh, activation):
    dh, factors = dh_T / np.linalg.norm(dh_T), []
    for state in h[:0:-1]:
        slope = {"tanh": 1 - state**2, "relu": (state > 0) * 1.0, "linear": np.ones_like(state)}[activation]
        dh = W_hh @ (slope * dh)
        norm = np.linalg.norm(dh)
        if norm < 1e-12:
            return 0.0
        factors.append(np.log(norm))
        dh = dh / norm
    return float(np.exp(np.mean(factors)))


@wrong("gradient_norms", says="the norm of each step's own Jacobian", points=0)
def norm_of_each_jacobian(dh_T, h, W_hh, activation):
    own = [np.linalg.norm(step_jacobian(h_t, W_hh, activation)) for h_t in h[:0:-1]]
    return np.array([np.linalg.norm(dh_T), *own])


@wrong("gradient_norms", says="expected shape (35,), got an array of shape (30,)", points=5)
def thirty_states_at_most(dh_T, h, W_hh, activation):
    return gradient_norms(dh_T, h, W_hh, activation)[:30]


@wrong("clip_by_global_norm", says="only nan is looked for, and an infinity times 0 is nan", points=1)
def only_nan_is_looked_for(gradients, max_norm):
    norm = math.sqrt(sum(float(np.sum(g.astype(np.float64) ** 2)) for g in gradients.values()))
    if math.isnan(norm):
        return _zeros(gradients), norm
    return {name: g * (max_norm / norm) if norm > max_norm else g for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="only nan is looked for, and an infinity goes through", points=2)
def infinity_over_infinity(gradients, max_norm):
    numbers = np.concatenate([g.ravel() for g in gradients.values()]).astype(np.float64)
    largest = float(np.max(np.abs(numbers)))
    if math.isnan(largest):
        return _zeros(gradients), largest
    norm = largest * float(np.linalg.norm(numbers / largest)) if largest > 0 else 0.0
    return {name: g * (max_norm / norm if norm > max_norm else 1.0) for name, g in gradients.items()}, norm


@wrong("step_jacobian", says="relu's derivative is 1 where h_t > 0", points=1)
def names_with_capitals(h_t, W_hh, activation):
    known = {"Linear": "linear", "ReLU": "relu", "Tanh": "tanh"}
    return step_jacobian(h_t, W_hh, known.get(activation, "linear"))


# ---- answers of a blind corpus


def _growth_with(zero=lambda norm: norm == 0, first=0):
    def growth(dh_T, h, W_hh, activation):
        gradient, total = dh_T / np.linalg.norm(dh_T), 0.0
        for h_t in np.concatenate([h[:first], h])[:0:-1]:
            gradient = gradient @ step_jacobian(h_t, W_hh, activation)
            norm = np.linalg.norm(gradient)
            if zero(norm):
                return 0.0
            total, gradient = total + np.log(norm), gradient / norm
        return float(np.exp(total / (len(h) - 1)))

    return growth


for _least in (1e-12, 1e-60):
    wrong("growth_factor", says="taken for zero: only 0 itself ends in 0.0", points=3, name=f"zero_below_{_least:g}")(
        _growth_with(zero=lambda norm, least=_least: norm < least)
    )
wrong("growth_factor", says="one step too many: the last one is that to h_1", name="one_step_too_many_over_T_minus_1")(_growth_with(first=1))


@wrong("gradient_norms", says="only item 0 is the Euclidean norm; the others are squared")
def squared_after_the_first(dh_T, h, W_hh, activation):
    norms = gradient_norms(dh_T, h, W_hh, activation)
    return np.append(norms[:1], norms[1:] ** 2)


@wrong("rescale_spectral_radius", says="and only exactly 0 is 0", points=3)
def small_radii_refused(W_hh, radius):
    if np.max(np.abs(np.linalg.eigvals(W_hh))) < 1e-6:
        raise ValueError("every eigenvalue is zero")
    return rescale_spectral_radius(W_hh, radius)


@wrong("rescale_spectral_radius", says="complex numbers in place of real ones")
def complex_all_the_way(W_hh, radius):
    return rescale_spectral_radius(W_hh, radius) + 0j


@wrong("clip_by_global_norm", says="np.nan_to_num makes ordinary numbers of the bad ones", points=2)
def repaired_by_nan_to_num(gradients, max_norm):
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return clipped if math.isfinite(norm) else {name: np.nan_to_num(g) for name, g in gradients.items()}, norm


@wrong("clip_by_global_norm", says="names are wired in")
def three_names(gradients, max_norm):
    return clip_by_global_norm({name: gradients[name] for name in ("W_xh", "W_hh", "b_h")}, max_norm)


@wrong("adding_baseline", says="answer - 1, not answer + 1")
def mean_on_the_wrong_side(answer):
    return 1 / 6 + (answer + 1) ** 2


@wrong("copy_baseline", says="rounded to 4 decimals")
def four_decimals(delay, symbols, length):
    return round(length * math.log(symbols) / (delay + 2 * length), 4)
