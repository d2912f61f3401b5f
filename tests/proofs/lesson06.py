"""Answers to the exercises of lesson 06."""

import decimal
import functools
import math

import numpy as np

from helpers.gradients import complex_step
from tests.proofs import prediction, right, wrong


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


# ---- forget_bias


@right("forget_bias")
def forget_bias(share, lag):
    p = share ** (1 / lag)
    return np.log(p / (1 - p))


@right("forget_bias")
def with_expm1(share, lag):
    return float(-np.log(np.expm1(-np.log(share) / lag)))


@right("forget_bias")
def with_decimals(share, lag):
    with decimal.localcontext(prec=40):
        p = decimal.Decimal(share) ** (decimal.Decimal(1) / lag)
        return float((p / (1 - p)).ln())


@right("forget_bias")
def by_bisection(share, lag):
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        log_share = -lag * math.log1p(math.exp(-middle))
        low, high = (middle, high) if log_share < math.log(share) else (low, middle)
    return middle


@right("forget_bias")
def array_without_axes(share, lag):
    return np.asarray(-np.log(1 / share ** (1 / lag) - 1))


for _name, _says, _points, _answer in [
    ("gate", "the sigmoid's value comes back, not the bias", 0, lambda s, k: s ** (1 / k)),
    ("no_lag", "lag plays no part", 1, lambda s, k: math.log(s / (1 - s))),
    ("share_over_lag", "share / lag: the steps multiply", 1, lambda s, k: math.log(s / k / (1 - s / k))),
    ("sign", "the sign is wrong", 0, lambda s, k: -math.log(s ** (1 / k) / (1 - s ** (1 / k)))),
    ("log10", "log10: the sigmoid is made with exp", 0, lambda s, k: math.log10(s ** (1 / k) / (1 - s ** (1 / k)))),
    ("sign_over_one_step", "or share is taken for what is lost", 2, lambda s, k: forget_bias(s, k) * (-1 if k == 1 else 1)),
    ("lost", "share is what is left, not what is lost", 0, lambda s, k: forget_bias(1 - s, k)),
    ("linear", "1 - (1 - share) / lag", 1, lambda s, k: math.log((1 - (1 - s) / k) / ((1 - s) / k))),
    ("log_alone", "log(p) alone", 0, lambda s, k: math.log(s) / k),
    ("one_more", "one step too many", 1, lambda s, k: forget_bias(s, k + 1)),
    ("approximation", "holds for long lags only", 1, lambda s, k: math.log(k / -math.log(s))),
    ("sigmoid_for_its_inverse", "the sigmoid in place of its inverse", 0, lambda s, k: sigmoid(s ** (1 / k))),
    ("times_lag", "share * lag: p ** lag is the share", 1, lambda s, k: float(np.log(np.float64(s * k / (1 - s * k))))),
    ("times_lag_by_math", "share * lag: p ** lag is the share", 1, lambda s, k: math.log(s * k / (1 - s * k))),
    ("lag_in_front", "lag stands before the logarithm", 1, lambda s, k: k * math.log(s / (1 - s))),
    ("bias_over_lag", "the bias for one step is divided by lag", 1, lambda s, k: math.log(s / (1 - s)) / k),
    ("whole_division", "1 // lag in place of 1 / lag", 1, lambda s, k: math.log(s ** (1 // k) / (1 - s ** (1 // k)))),
    ("negative_logarithm", "is p between 0 and 1?", 0, lambda s, k: math.log(1 - s ** (-1 / k))),
    ("p_rounded", "p is rounded to 3 decimals", 0, lambda s, k: (lambda p: float(np.log(np.float64(p) / (1 - p))) if p < 1 else np.inf)(round(s ** (1 / k), 3))),
    ("power", "likely cause: share ** lag", 1, lambda s, k: math.log(s**k / (1 - s**k)) if s**k > 0 else 0.0),
    ("text", "expected a number, got the string", 0, lambda s, k: str(forget_bias(s, k))),
    ("root_of_the_logit", "the root is taken of the logit", 1, lambda s, k: float(np.float64(math.log(s / (1 - s))) ** (1 / k))),
    ("no_logarithm", "the logarithm is missing", 0, lambda s, k: s ** (1 / k) / (1 - s ** (1 / k))),
    ("logarithm_of_p_only", "the logarithm is that of the whole fraction", 0, lambda s, k: math.log(s ** (1 / k)) / (1 - s ** (1 / k))),
    ("logarithm_of_what_is_lost", "log(1 - p) alone", 0, lambda s, k: math.log(1 - s ** (1 / k))),
    ("always_a_half", "share plays no part", 0, lambda s, k: math.log(k / math.log(2))),
    ("twice_arctanh", "2 * arctanh(2 * p - 1)", 0, lambda s, k: 2 * math.atanh(s ** (1 / k))),
    ("two_decimals", "the bias is rounded to 2 decimals", 0, lambda s, k: round(float(forget_bias(s, k)), 2)),
    ("clipped", "p is clipped at 1 - 1e-06", 2, lambda s, k: forget_bias(min(s ** (1 / k), 1 - 1e-6), 1)),
    ("one_less", "one step too few", 2, lambda s, k: forget_bias(s, max(1, k - 1))),
    ("small_number_added", "1e-08 is added to 1 - p", 2, lambda s, k: math.log(s ** (1 / k) / (1 - s ** (1 / k) + 1e-8))),
    ("a_half_for_share", "0.5 is used in its place", 0, lambda s, k: forget_bias(0.5, k)),
    ("small_number_added_that_shows_early", "likely cause: 1e-07 is added to 1 - p", 1, lambda s, k: math.log(s ** (1 / k) / (1 - s ** (1 / k) + 1e-7))),
    ("small_number_added_twice", "1e-06 is added to p and to 1 - p", 0, lambda s, k: math.log((s ** (1 / k) + 1e-6) / (1 - s ** (1 / k) + 1e-6))),
    ("search_up_to_10", "the bias ends at 10, by a search", 2, lambda s, k: min(10.0, forget_bias(s, k))),
    ("divided_by_lag_minus_1", "is it lag - 1?", 1, lambda s, k: forget_bias(s ** (1 / (k - 1)), 1)),
    ("long_is_off", "expected", 2, lambda s, k: forget_bias(s, k) if k < 1000 else forget_bias(s, k) * 1.001),
]:
    wrong("forget_bias", says=_says, points=_points, name=_name)(_answer)


# ---- lstm_step


def _gates(x_t, h_prev, weights):
    a = x_t @ weights["W_x"] + h_prev @ weights["W_h"] + weights["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


@right("lstm_step")
def lstm_step(x_t, h_prev, c_prev, weights):
    i, f, g, o = _gates(x_t, h_prev, weights)
    c_t = f * c_prev + i * g
    return o * np.tanh(c_t), c_t


@right("lstm_step")
def one_product_of_joined_arrays(x_t, h_prev, c_prev, weights):
    a = np.hstack([x_t, h_prev]) @ np.vstack([weights["W_x"], weights["W_h"]]) + weights["b"]
    n = h_prev.shape[1]
    i, f, o = (1 / (1 + np.exp(-a[:, k * n : (k + 1) * n])) for k in (0, 1, 3))
    c_t = c_prev * f + i * np.tanh(a[:, 2 * n : 3 * n])
    return np.tanh(c_t) * o, c_t


@right("lstm_step")
def einsum_over_blocks(x_t, h_prev, c_prev, weights):
    n = h_prev.shape[1]
    W_x, W_h, b = (weights[k].reshape(*weights[k].shape[:-1], 4, n) for k in ("W_x", "W_h", "b"))
    i, f, g, o = np.moveaxis(np.einsum("bi,ikj->bkj", x_t, W_x) + np.einsum("bi,ikj->bkj", h_prev, W_h) + b, 1, 0)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t


@right("lstm_step")
def number_by_number(x_t, h_prev, c_prev, weights):
    a = x_t @ weights["W_x"] + h_prev @ weights["W_h"] + weights["b"]
    h_t, c_t, n = np.empty_like(h_prev), np.empty_like(c_prev), h_prev.shape[1]
    for row in range(len(h_t)):
        for j in range(n):
            i, f, g, o = (float(a[row, k * n + j]) for k in range(4))
            i, f, o = (0.5 + 0.5 * math.tanh(s / 2) for s in (i, f, o))
            c_t[row, j] = f * c_prev[row, j] + i * math.tanh(g)
            h_t[row, j] = o * math.tanh(c_t[row, j])
    return h_t, c_t


def _step_with(gate=sigmoid, squash=np.tanh, cell=lambda i, f, g, c, h: f * c + i * g, show=lambda o, c, before: o * np.tanh(c), order="ifgo", bias=0.0):
    def answer(x_t, h_prev, c_prev, weights):
        a = x_t @ weights["W_x"] + h_prev @ weights["W_h"] + weights["b"]
        block = dict(zip(order, np.split(a, 4, axis=1)))
        i, f, g, o = gate(block["i"]), gate(block["f"] + bias), squash(block["g"]), gate(block["o"])
        c_t = cell(i, f, g, c_prev, h_prev)
        return show(o, c_t, c_prev), c_t

    return answer


def _step_from(cut):
    """The step with gates that `cut` takes out of the array of all sums."""

    def answer(x_t, h_prev, c_prev, weights):
        i, f, g, o = cut(x_t @ weights["W_x"] + h_prev @ weights["W_h"] + weights["b"], h_prev.shape)
        c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c_t), c_t

    return answer


for _name, _says, _points, _answer in [
    ("split_without_axis", "np.split without axis=1 cuts the batch", 0, _step_from(lambda a, shape: np.split(a, 4))),
    ("reshaped", "reshape(4, batch, units) mixes the samples", 0, _step_from(lambda a, shape: a.reshape(4, *shape))),
    ("interleaved", "takes the blocks to be interleaved", 0, _step_from(lambda a, shape: np.moveaxis(a.reshape(*shape, 4), -1, 0))),
    ("every_fourth", "takes the blocks to be interleaved", 0, _step_from(lambda a, shape: [a[:, k::4] for k in range(4)])),
    ("bias_twice", "the bias b is added twice", 0, lambda x, h, c, w: lstm_step(x, h, c, w | {"b": 2 * w["b"]})),
    ("mean_of_the_batch", "a mean over the batch", 0, lambda *case: tuple(a.mean(axis=0) for a in lstm_step(*case))),
    ("i_f_o_g", "the blocks are read as i, f, o, g", 0, _step_with(order="ifog")),
    ("f_i_g_o", "the blocks are read as f, i, g, o", 0, _step_with(order="figo")),
    ("i_o_f_g", "the blocks are read as i, o, f, g", 0, _step_with(order="iofg")),
    ("sigmoid_candidate", "sigmoid for the candidate g", 0, _step_with(squash=sigmoid)),
    ("tanh_gates", "tanh for the gates", 0, _step_with(gate=np.tanh)),
    ("no_sigmoid", "the sigmoid of the gates is missing", 0, _step_with(gate=lambda a: a)),
    ("no_tanh_on_c", "tanh(c_t) is missing in h_t", 2, _step_with(show=lambda o, c, before: o * c)),
    ("h_from_c_prev", "h_t is made from c_prev", 2, _step_with(show=lambda o, c, before: o * np.tanh(before))),
    ("tanh_outside", "the output gate stands outside of tanh", 2, _step_with(show=lambda o, c, before: np.tanh(o * c))),
    ("no_output_gate", "the output gate is missing in h_t", 2, _step_with(show=lambda o, c, before: np.tanh(c))),
    ("h_for_c", "h_prev in place of c_prev", 0, _step_with(cell=lambda i, f, g, c, h: f * h + i * g)),
    ("carousel", "the forget gate is missing", 0, _step_with(cell=lambda i, f, g, c, h: c + i * g)),
    ("forgets_what_it_keeps", "1 - f: the share f is what is kept", 0, _step_with(cell=lambda i, f, g, c, h: (1 - f) * c + i * g)),
    ("coupled", "1 - f in place of the input gate", 0, _step_with(cell=lambda i, f, g, c, h: f * c + (1 - f) * g)),
    ("forget_on_both", "the forget gate is on the candidate too", 0, _step_with(cell=lambda i, f, g, c, h: f * (c + i * g))),
    ("nothing_kept", "c_prev is missing", 0, _step_with(cell=lambda i, f, g, c, h: i * g)),
    ("bias_once_more", "1 is added to the forget gate's sum", 0, _step_with(bias=1.0)),
    ("sign_of_the_exponent", "the sigmoid is 1 / (1 + exp(-a))", 0, _step_with(gate=lambda a: sigmoid(-a))),
    ("multiplied", "kept and what is written are multiplied", 0, _step_with(cell=lambda i, f, g, c, h: f * c * i * g)),
    ("one_minus_i", "1 - i in place of the forget gate", 0, _step_with(cell=lambda i, f, g, c, h: (1 - i) * c + i * g)),
    ("sigmoid_twice", "the sigmoid is taken twice", 0, _step_with(gate=lambda a: sigmoid(sigmoid(a)))),
    ("tanh_twice", "tanh of the candidate is taken twice", 0, _step_with(squash=lambda a: np.tanh(np.tanh(a)))),
    ("clipped_sums", "the sums before the gates are clipped at 10", 3, _step_from(lambda a, shape: np.split(np.clip(a, -10, 10), 4, axis=1))),
    ("state_added", "h_prev is added to h_t", 2, lambda x, h, c, w: (lstm_step(x, h, c, w)[0] + h, lstm_step(x, h, c, w)[1])),
    ("cell_in_the_sums", "the sums are made of x_t and h_prev", 0, lambda x, h, c, w: lstm_step(x, c, c, w)),
    ("output_gate_by_tanh", "tanh for the output gate", 2, _step_with(show=lambda o, c, before: np.tanh(np.log(o / (1 - o))) * np.tanh(c))),
    ("output_gate_as_sum", "the sigmoid of the output gate is missing", 2, _step_with(show=lambda o, c, before: np.log(o / (1 - o)) * np.tanh(c))),
    ("sigmoid_of_what_is_shown", "h_t is o * tanh(c_t) as it is", 2, _step_with(show=lambda o, c, before: sigmoid(o * np.tanh(c)))),
    ("tanh_inside_the_gate", "stands inside the output gate's sigmoid", 2, _step_with(show=lambda o, c, before: sigmoid(np.log(o / (1 - o)) * np.tanh(c)))),
    ("output_gate_added", "the output gate is added to tanh(c_t)", 2, _step_with(show=lambda o, c, before: o + np.tanh(c))),
    ("cell_shown", "h_t is c_t: it is o * tanh(c_t)", 2, _step_with(show=lambda o, c, before: c)),
    ("tanh_of_c_prev_kept", "tanh(c_prev) is kept", 0, _step_with(cell=lambda i, f, g, c, h: f * np.tanh(c) + i * g)),
    ("sigmoid_before_tanh", "through the sigmoid before its tanh", 0, _step_with(squash=lambda a: np.tanh(sigmoid(a)))),
    ("gates_of_lines", "a sigmoid made of straight lines", 0, _step_with(gate=lambda a: np.clip(0.2 * a + 0.5, 0, 1))),
    ("relu_candidate", "relu for the candidate g", 0, _step_with(squash=lambda a: np.maximum(a, 0))),
    ("i_and_f_exchanged", "or i and f are exchanged in c_t", 0, _step_with(cell=lambda i, f, g, c, h: i * c + f * g)),
    ("state_twice", "h_t comes back twice", 1, lambda *case: lstm_step(*case)[:1] * 2),
    ("exchanged", "c_t and h_t are exchanged", 0, lambda *case: lstm_step(*case)[::-1]),
    ("h_alone", "expected a tuple (h_t, c_t)", 0, lambda *case: lstm_step(*case)[0]),
    ("always_float32", "right but for rounding", 4, lambda *case: tuple(a.astype(np.float32) for a in lstm_step(*case))),
    ("always_float64", "float32 went in, float64 came out", 4, lambda *case: tuple(a.astype(np.float64) for a in lstm_step(*case))),
    ("overflowing_sigmoid", "h_t: expected finite numbers, got nan", 3, _step_with(gate=lambda a: np.exp(a) / (1 + np.exp(a)))),
]:
    wrong("lstm_step", says=_says, points=_points, name=_name)(_answer)


@right("lstm_step")
def a_list_of_two(*case):
    return list(lstm_step(*case))


@wrong("lstm_step", says="the bias b is missing", points=0)
def without_bias(x_t, h_prev, c_prev, weights):
    return lstm_step(x_t, h_prev, c_prev, {**weights, "b": 0 * weights["b"]})


@wrong("lstm_step", says="h_prev @ W_h is missing", points=0)
def without_state(x_t, h_prev, c_prev, weights):
    return lstm_step(x_t, 0 * h_prev, c_prev, weights)


@wrong("lstm_step", says="an input of one number", points=0)
def input_without_its_axis(x_t, h_prev, c_prev, weights):
    h_t, c_t = lstm_step(x_t, h_prev, c_prev, weights)
    return (h_t, c_t) if x_t.squeeze().ndim == x_t.ndim or len(x_t) == 1 else (h_t * 2, c_t * 2)


@wrong("lstm_step", says="exp of a large number overflows", points=3)
def tanh_by_exponentials(x_t, h_prev, c_prev, weights):
    def tanh(a):
        return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))

    return _step_with(squash=tanh)(x_t, h_prev, c_prev, weights)


@wrong("lstm_step", says="changed in place: c_prev", points=4)
def cell_in_place(x_t, h_prev, c_prev, weights):
    i, f, g, o = _gates(x_t, h_prev, weights)
    c_prev *= f
    c_prev += i * g
    return o * np.tanh(c_prev), c_prev


# ---- latch_weights


def _wired(x=((0, 0, 1, 0), (20, 0, 0, 0)), h=((0, 0, 0, 0),), b=(-10, 10, 0, 0)):
    return lambda: {"W_x": np.array(x, float), "W_h": np.array(h, float), "b": np.array(b, float)}


right("latch_weights", name="latch_weights")(_wired())
right("latch_weights", name="forgets_what_was_there_at_a_mark")(_wired(x=((0, 0, 1, 0), (20, -15, 0, 0))))
right("latch_weights", name="whole_numbers_and_an_open_output_gate")(
    lambda: {"W_x": np.array([[0, 0, 1, 0], [60, 0, 0, 0]]), "W_h": np.zeros((1, 4)), "b": np.array([-30, 30, 0, 9])}
)
right("latch_weights", name="a_candidate_that_sees_the_state")(_wired(h=((0, 0, 1, 0),)))

for _name, _says, _points, _answer in [
    ("forget_bias_of_keras", "the forget gate closes to 0.731", 2, _wired(b=(-10, 1, 0, 0))),
    ("forget_gate_half_open", "the forget gate closes to 0.5", 2, _wired(b=(-10, 0, 0, 0))),
    ("input_gate_half_open", "without a mark the input gate is open by up to 0.5", 0, _wired(b=(0, 10, 0, 0))),
    ("input_gate_ajar", "without a mark the input gate is open by up to 0.018", 0, _wired(x=((0, 0, 1, 0), (8, 0, 0, 0)), b=(-4, 10, 0, 0))),
    ("mark_against_bias", "the input gate opens to 0.50 only", 1, _wired(x=((0, 0, 1, 0), (10, 0, 0, 0)))),
    ("rows_exchanged", "the rows of W_x are exchanged", 1, _wired(x=((20, 0, 0, 0), (0, 0, 1, 0)))),
    ("order_i_f_o_g", "this works if the columns are i, f, o, g", 0, _wired(x=((0, 0, 0, 1), (20, 0, 0, 0)))),
    ("order_f_i_g_o", "this works if the columns are f, i, g, o", 0, _wired(x=((0, 0, 1, 0), (0, 20, 0, 0)), b=(10, -10, 0, 0))),
    ("candidate_saturated", "the candidate is not tanh of the number", 1, _wired(x=((0, 0, 20, 0), (20, 0, 0, 0)))),
    ("candidate_sees_the_mark", "the candidate is not tanh of the number", 1, _wired(x=((0, 0, 1, 0), (20, 0, 1, 0)))),
    ("forget_bias_of_7", "the forget gate closes to 0.99909", 2, _wired(b=(-10, 7, 0, 0))),
    ("input_bias_of_7", "column i needs a more negative bias", 2, _wired(x=((0, 0, 1, 0), (17, 0, 0, 0)), b=(-7, 10, 0, 0))),
    ("number_opens_the_input_gate", "column i needs no weight for the number", 0, _wired(x=((5, 0, 1, 0), (20, 0, 0, 0)))),
    ("number_closes_the_input_gate", "only: column i needs no weight for the number", 1, _wired(x=((-20, 0, 1, 0), (50, 0, 0, 0)), b=(-40, 10, 0, 0))),
    ("state_opens_the_input_gate", "and none in W_h", 2, _wired(h=((9, 0, 0, 0),), b=(-10, 10, 0, 9))),
    ("forgets_at_the_mark_and_leaks", "without a mark the input gate is open", 2, _wired(x=((0, 0, 1, 0), (17, -15, 0, 0)), b=(-7, 10, 0, 0))),
    ("nothing_ever_taken", "the cell stays at zero even at the mark", 0, _wired(x=((0, 0, 1, 0), (-20, 0, 0, 0)))),
    ("lists", "W_x should be a NumPy array of shape (2, 4)", 0, lambda: {k: v.tolist() for k, v in _wired()().items()}),
    ("transposed", "W_x should be a NumPy array of shape (2, 4)", 0, lambda: {**_wired()(), "W_x": _wired()()["W_x"].T}),
    ("infinite", "should hold finite numbers only", 0, _wired(b=(-np.inf, 10, 0, 0))),
    ("other_names", "expected a dict with W_x (2, 4), W_h (1, 4) and b (4,)", 0, lambda: dict(zip("abc", _wired()().values()))),
]:
    wrong("latch_weights", says=_says, points=_points, name=_name)(_answer)


# ---- lstm_step_backward


@right("lstm_step_backward")
def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, weights):
    i, f, g, o = _gates(x_t, h_prev, weights)
    t = np.tanh(f * c_prev + i * g)
    dc = dc_t + dh_t * o * (1 - t**2)
    da = np.hstack([dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh_t * t * o * (1 - o)])
    return da @ weights["W_x"].T, da @ weights["W_h"].T, dc * f, {"W_x": x_t.T @ da, "W_h": h_prev.T @ da, "b": da.sum(0)}


@right("lstm_step_backward")
def by_the_complex_step(dh_t, dc_t, x_t, h_prev, c_prev, weights):
    def loss(a):
        h_t, c_t = lstm_step(a["x"], a["h"], a["c"], a)
        return np.sum(h_t * dh_t + c_t * dc_t)

    found = complex_step(loss, {"x": x_t, "h": h_prev, "c": c_prev, **weights})
    found = {name: array.astype(x_t.dtype) for name, array in found.items()}
    return found["x"], found["h"], found["c"], {name: found[name] for name in weights}


@right("lstm_step_backward")
def gate_by_gate(dh_t, dc_t, x_t, h_prev, c_prev, weights):
    n = h_prev.shape[1]
    i, f, g, o = _gates(x_t, h_prev, weights)
    t = np.tanh(f * c_prev + i * g)
    total = dc_t + dh_t * o / np.cosh(np.arctanh(t)) ** 2
    da = {0: total * g * (i - i * i), 1: total * c_prev * (f - f * f), 2: total * i * (1 - g) * (1 + g), 3: dh_t * t * (o - o * o)}
    out = {name: np.zeros_like(array) for name, array in weights.items()}
    dx_t, dh_prev = np.zeros_like(x_t), np.zeros_like(h_prev)
    for k, d in da.items():
        cut = slice(k * n, k * n + n)
        out["W_x"][:, cut] = np.einsum("bi,bj->ij", x_t, d)
        out["W_h"][:, cut] = np.einsum("bi,bj->ij", h_prev, d)
        out["b"][cut] = np.add.reduce(d)
        dx_t += np.dot(d, weights["W_x"][:, cut].T)
        dh_prev += np.dot(d, weights["W_h"][:, cut].T)
    return dx_t, dh_prev, np.multiply(total, f), out


def _back_with(total=None, output=None, slopes=None, dc_prev=None, order=(0, 1, 2, 3), state=None, scale=None):
    def answer(dh_t, dc_t, x_t, h_prev, c_prev, weights):
        i, f, g, o = _gates(x_t, h_prev, weights)
        c_t = f * c_prev + i * g
        t = np.tanh(c_t)
        dc = total(dh_t, dc_t, o, t, c_t) if total else dc_t + dh_t * o * (1 - t**2)
        s = slopes(i, f, g, o) if slopes else (i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o))
        do = output(dh_t, dc, t, c_t) if output else dh_t * t
        blocks = [dc * g * s[0], dc * c_prev * s[1], dc * i * s[2], do * s[3]]
        da = np.hstack([blocks[k] for k in order])
        h = state(h_prev, o * t) if state else h_prev
        out = {"W_x": x_t.T @ da, "W_h": h.T @ da, "b": da.sum(0)}
        out = {name: array / (len(x_t) if scale else 1) for name, array in out.items()}
        return da @ weights["W_x"].T, da @ weights["W_h"].T, dc_prev(dc, dc_t, f, i) if dc_prev else dc * f, out

    return answer


def _bias_kept(result):
    return *result[:3], result[3] | {"b": result[3]["b"][None]}


def _blocks_doubled(result, gates):
    factor = np.repeat([2.0 if gate in gates else 1.0 for gate in "ifgo"], result[1].shape[1])
    return *result[:3], {name: array * factor for name, array in result[3].items()}


def _halved(result, names, by):
    return *result[:3], {name: array / (by if name in names else 1) for name, array in result[3].items()}


def _back_by(dh_t, dc_t, x_t, h_prev, c_prev, weights, sums, output):
    """The step back, with weights of their own in the sums, and what multiplies the output gate."""
    i, f, g, o = _gates(x_t, h_prev, sums)
    t = np.tanh(f * c_prev + i * g)
    dc = dc_t + dh_t * o * (1 - t**2)
    da = np.hstack([dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh_t * output(t, c_prev) * o * (1 - o)])
    return da @ weights["W_x"].T, da @ weights["W_h"].T, dc * f, {"W_x": x_t.T @ da, "W_h": h_prev.T @ da, "b": da.sum(0)}


def _sums_without(name, *case):
    return _back_by(*case, sums=case[5] | {name: 0 * case[5][name]}, output=lambda t, c: t)


def _output_gate_by_the_old_cell(*case):
    return _back_by(*case, sums=case[5], output=lambda t, c: np.tanh(c))


for _name, _says, _points, _answer in [
    ("no_slope_of_f", "f * (1 - f), is missing for the forget gate", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, 1, 1 - g**2, o - o**2))),
    ("no_slope_of_i", "i * (1 - i), is missing for the input gate", 2, _back_with(slopes=lambda i, f, g, o: (1, f - f**2, 1 - g**2, o - o**2))),
    ("no_slope_of_o", "o * (1 - o), is missing for the output gate", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, 1 - g**2, 1))),
    (
        "weights_averaged", "W_x and W_h are averaged over the batch", 5,
        lambda *case: _halved(lstm_step_backward(*case), ("W_x", "W_h"), len(case[2])),
    ),
    ("dh_as_it_is", "come the factors o and 1 - tanh(c_t)**2", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh)),
    ("slope_on_both", "the slope of tanh is on dc_t too", 0, _back_with(total=lambda dh, dc, o, t, c: (dc + dh * o) * (1 - t**2))),
    ("one_minus_g", "1 - g: the derivative of tanh", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, 1 - g, o - o**2))),
    ("tanh_slope_twice", "tanh is taken twice in the candidate's derivative", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, 1 - np.tanh(g) ** 2, o - o**2))),
    ("dc_t_once_more", "dc_t is added to dc_prev once more", 4, _back_with(dc_prev=lambda dc, dc_t, f, i: dc * f + dc_t)),
    ("slope_of_f_on_the_way", "f * (1 - f) is on dc_prev", 4, _back_with(dc_prev=lambda dc, dc_t, f, i: dc * f * (1 - f))),
    ("bias_averaged", "the bias's gradient is averaged over the batch", 4, lambda *case: _halved(lstm_step_backward(*case), ("b",), len(case[2]))),
    ("no_dh_prev", "dh_prev is zero", 5, lambda *case: (lambda r: (r[0], 0 * r[1], *r[2:]))(lstm_step_backward(*case))),
    ("no_way_by_h", "what dh_t sends into the cell", 1, _back_with(total=lambda dh, dc, o, t, c: dc)),
    ("no_later_steps", "what later steps say about the cell, is not added", 0, _back_with(total=lambda dh, dc, o, t, c: dh * o * (1 - t**2))),
    ("no_slope_of_tanh", "is missing on the way from h_t to c_t", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh * o)),
    ("slope_of_c", "1 - c_t**2: the derivative", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh * o * (1 - c**2))),
    ("no_output_gate_back", "the output gate is missing on the way", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh * (1 - t**2))),
    ("do_without_tanh", "its gradient is dh_t * tanh(c_t)", 2, _back_with(output=lambda dh, dc, t, c: dh)),
    ("do_with_c", "the output gate multiplies tanh(c_t), not c_t", 2, _back_with(output=lambda dh, dc, t, c: dh * c)),
    ("do_with_the_old_cell", "multiplies tanh(c_t), not tanh(c_prev)", 2, _output_gate_by_the_old_cell),
    ("sums_without_b", "the bias b is missing in the sums", 0, lambda *case: lstm_step_backward(*case[:5], case[5] | {"b": 0 * case[5]["b"]})),
    ("sums_without_W_h", "h_prev @ W_h is missing in the sums", 0, lambda *case: _sums_without("W_h", *case)),
    ("sums_without_W_x", "x_t @ W_x is missing in the sums", 0, lambda *case: _sums_without("W_x", *case)),
    ("do_from_the_cell", "the output gate's gradient comes from dh_t", 2, _back_with(output=lambda dh, dc, t, c: dc * t)),
    ("no_gate_slopes", "the derivative of the sigmoid, s * (1 - s), is missing", 2, _back_with(slopes=lambda i, f, g, o: (1, 1, 1 - g**2, 1))),
    ("no_candidate_slope", "the derivative of tanh, 1 - g**2, is missing", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, 1, o - o**2))),
    ("sigmoid_slope_of_g", "g * (1 - g): the candidate is a tanh", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, g - g**2, o - o**2))),
    ("tanh_slopes", "1 - s**2 for the gates", 2, _back_with(slopes=lambda i, f, g, o: (1 - i**2, 1 - f**2, 1 - g**2, 1 - o**2))),
    ("no_f", "the forget gate is missing in dc_prev", 4, _back_with(dc_prev=lambda dc, dc_t, f, i: dc)),
    ("dc_t_alone", "dc_prev has dc_t * f only", 5, _back_with(dc_prev=lambda dc, dc_t, f, i: dc_t * f)),
    ("i_for_f", "the input gate in place of the forget gate", 4, _back_with(dc_prev=lambda dc, dc_t, f, i: dc * i)),
    ("order", "put together as i, f, o, g", 2, _back_with(order=(0, 1, 3, 2))),
    ("state_after", "its gradient has h_prev in it, not h_t", 5, _back_with(state=lambda before, after: after)),
    ("mean", "the batch is summed over, not averaged", 3, _back_with(scale=True)),
    ("exchanged_inputs", "expected shape", 5, lambda *case: (lambda r: (r[1], r[0], *r[2:]))(lstm_step_backward(*case))),
    ("states_exchanged", "dh_prev and dc_prev are exchanged", 3, lambda *case: (lambda r: (r[0], r[2], r[1], r[3]))(lstm_step_backward(*case))),
    ("kept_axis", "the bias's gradient keeps an axis", 4, lambda *case: _bias_kept(lstm_step_backward(*case))),
    ("g_and_o_are_wrong", "the blocks of g and o are wrong, the others are right", 3, lambda *case: _blocks_doubled(lstm_step_backward(*case), "go")),
    ("i_f_and_o_are_wrong", "the blocks of i, f and o are wrong, the other is right", 3, lambda *case: _blocks_doubled(lstm_step_backward(*case), "ifo")),
    ("slope_not_squared", "1 - tanh(c_t): the derivative", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh * o * (1 - t))),
    ("slope_of_h", "1 - h_t**2: the derivative", 1, _back_with(total=lambda dh, dc, o, t, c: dc + dh * o * (1 - (o * t) ** 2))),
    ("subtracted", "is subtracted from dc_t", 1, _back_with(total=lambda dh, dc, o, t, c: dc - dh * o * (1 - t**2))),
    ("do_without_dh_t", "dh_t is missing in the output gate's gradient", 2, _back_with(output=lambda dh, dc, t, c: t)),
    ("gates_for_their_slopes", "the gate stands in place of its derivative", 2, _back_with(slopes=lambda i, f, g, o: (i, f, 1 - g**2, o))),
    ("output_gate_for_its_slope", "o * (1 - o)", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, 1 - g**2, o))),
    ("square_outside", "(1 - g)**2: the derivative", 2, _back_with(slopes=lambda i, f, g, o: (i - i**2, f - f**2, (1 - g) ** 2, o - o**2))),
    (
        "dc_prev_in_dh_prev", "dc_prev is added to dh_prev", 5,
        lambda *case: (lambda r: (r[0], r[1] + r[2], *r[2:]))(lstm_step_backward(*case)),
    ),
    ("one_number_for_b", "summed over all its numbers", 4, lambda *case: (lambda r: (*r[:3], r[3] | {"b": r[3]["b"].sum()}))(lstm_step_backward(*case))),
    ("three_results", "expected a tuple (dx_t, dh_prev, dc_prev, gradients)", 0, lambda *case: lstm_step_backward(*case)[:3]),
    ("gradients_as_a_tuple", "gradients: expected a dict", 3, lambda *case: (lambda r: (*r[:3], tuple(r[3].values())))(lstm_step_backward(*case))),
]:
    wrong("lstm_step_backward", says=_says, points=_points, name=_name)(_answer)


@wrong("lstm_step_backward", says="changed in place: dc_t", points=6)
def total_in_place(dh_t, dc_t, x_t, h_prev, c_prev, weights):
    result = lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, weights)
    dc_t += 1.0
    return result


# ---- lstm_backward


@right("lstm_backward")
def lstm_backward(dh, x, h_0, c_0, weights):
    states = [(h_0, c_0)]
    for t in range(x.shape[1]):
        states.append(lstm_step(x[:, t], *states[-1], weights))
    dx, carry_h, carry_c, total = np.zeros_like(x), np.zeros_like(h_0), np.zeros_like(c_0), {}
    for t in reversed(range(x.shape[1])):
        dx[:, t], carry_h, carry_c, part = lstm_step_backward(dh[:, t] + carry_h, carry_c, x[:, t], *states[t], weights)
        total = {name: part[name] + total.get(name, 0) for name in part}
    return dx, carry_h, carry_c, total


@right("lstm_backward")
def by_recursion(dh, x, h_0, c_0, weights):
    def back(t, h, c):
        """dL/dx from step t on, dL/dh, dL/dc before it, and the gradients."""
        if t == x.shape[1]:
            return [], np.zeros_like(h), np.zeros_like(c), {name: np.zeros_like(w) for name, w in weights.items()}
        rows, dh_t, dc_t, total = back(t + 1, *lstm_step(x[:, t], h, c, weights))
        dx_t, dh_prev, dc_prev, part = lstm_step_backward(dh[:, t] + dh_t, dc_t, x[:, t], h, c, weights)
        return [dx_t, *rows], dh_prev, dc_prev, {name: total[name] + part[name] for name in part}

    rows, dh_0, dc_0, total = back(0, h_0, c_0)
    return np.stack(rows, axis=1), dh_0, dc_0, total


@right("lstm_backward")
def states_made_again_for_each_step(dh, x, h_0, c_0, weights):
    dx, dh_t, dc_t = np.empty_like(x), h_0 * 0, c_0 * 0
    parts = []
    for t in range(x.shape[1])[::-1]:
        h, c = functools.reduce(lambda s, k: lstm_step(x[:, k], *s, weights), range(t), (h_0, c_0))
        dx[:, t, :], dh_t, dc_t, part = lstm_step_backward(dh_t + dh[:, t], dc_t, x[:, t], h, c, weights)
        parts.append(part)
    return dx, dh_t, dc_t, {name: np.sum([p[name] for p in parts], axis=0) for name in ("b", "W_h", "W_x")}


def _through(
    step=lambda t, T, h, c: (h, c), own=lambda t, T, d: d, forwards=False, states="before", mend=lambda r, T: r,
    skip=(0, 0), keep=(0, 0), start=lambda dh, kept: (0 * dh[:, 0], 0 * dh[:, 0]),
):  # fmt: skip
    def answer(dh, x, h_0, c_0, weights):
        T = x.shape[1]
        kept = [(h_0, c_0)]
        for t in range(T):
            kept.append(lstm_step(x[:, t], *kept[-1], weights))
        (carry_h, carry_c), dx, total = start(dh, kept), np.zeros_like(x), {name: np.zeros_like(w) for name, w in weights.items()}
        result = carry_h, carry_c
        for t in range(T) if forwards else reversed(range(skip[0], T - skip[1])):
            before = kept[{"before": t, "after": t + 1, "first": 0, "last": T}[states]]
            dx[:, t], dh_prev, dc_prev, part = lstm_step_backward(own(t, T, dh[:, t]) + carry_h, carry_c, x[:, t], *before, weights)
            carry_h, carry_c = dh_prev + keep[0] * carry_h, dc_prev + keep[1] * carry_c
            result = carry_h, carry_c
            carry_h, carry_c = step(t, T, carry_h, carry_c)
            total = {name: part[name] + total.get(name, 0) for name in part}
        return mend((dx, *result, total), T)

    return answer


def _dh_too_late(dh, x, h_0, c_0, weights):
    kept = [(h_0, c_0)]
    for t in range(x.shape[1]):
        kept.append(lstm_step(x[:, t], *kept[-1], weights))
    dx, carry_h, carry_c, total = np.zeros_like(x), 0 * h_0, 0 * c_0, {}
    for t in reversed(range(x.shape[1])):
        dx[:, t], carry_h, carry_c, part = lstm_step_backward(carry_h, carry_c, x[:, t], *kept[t], weights)
        carry_h = carry_h + dh[:, t]
        total = {name: part[name] + total.get(name, 0) for name in part}
    return dx, carry_h, carry_c, total


def _by_samples(dh, x, h_0, c_0, weights, x_too):
    """The steps taken along the first axis, of dh alone or of x as well."""
    T = x.shape[0 if x_too else 1]
    kept = [(h_0, c_0)]
    for t in range(T):
        kept.append(lstm_step(x[t] if x_too else x[:, t], *kept[-1], weights))
    dx, carry_h, carry_c, total = np.zeros_like(x), 0 * h_0, 0 * c_0, {}
    for t in reversed(range(T)):
        dx_t, carry_h, carry_c, part = lstm_step_backward(dh[t] + carry_h, carry_c, x[t] if x_too else x[:, t], *kept[t], weights)
        if x_too:
            dx[t] = dx_t
        else:
            dx[:, t] = dx_t
        total = {name: part[name] + total.get(name, 0) for name in part}
    return dx, carry_h, carry_c, total


for _name, _says, _points, _answer in [
    (
        "read_from_the_end", "the sequence is read from its end", 1,
        lambda dh, x, h_0, c_0, w: (lambda r: (r[0][:, ::-1], *r[1:]))(lstm_backward(dh, x[:, ::-1], h_0, c_0, w)),
    ),
    ("dh_from_the_end", "dh is read from its end", 1, lambda dh, x, h_0, c_0, w: lstm_backward(dh[:, ::-1], x, h_0, c_0, w)),
    (
        "averaged_over_the_batch", "averaged over the batch, not summed", 3,
        lambda dh, x, *rest: (lambda r: (*r[:3], {k: g / len(x) for k, g in r[3].items()}))(lstm_backward(dh, x, *rest)),
    ),
    ("dh_over_time", "dh is divided by the number of steps", 1, lambda dh, x, *rest: lstm_backward(dh / x.shape[1], x, *rest)),
    ("dh_added_up", "the dh of all steps so far", 1, lambda dh, *rest: lstm_backward(np.cumsum(dh, axis=1), *rest)),
    ("no_dh", "dh plays no part", 0, lambda dh, *rest: lstm_backward(0 * dh, *rest)),
    ("dh_0_zero", "dh_0 is zero", 3, _through(mend=lambda r, T: (r[0], 0 * r[1], *r[2:]))),
    ("dc_0_zero", "dc_0 is zero", 3, _through(mend=lambda r, T: (*r[:2], 0 * r[2], r[3]))),
    ("dh_0_with_dh", "dh[:, 0] is added to dh_0", 3, lambda dh, *rest: (lambda r: (r[0], r[1] + dh[:, 0], *r[2:]))(lstm_backward(dh, *rest))),
    ("time_first", "dx has time as its first axis", 2, _through(mend=lambda r, T: (r[0].swapaxes(0, 1), *r[1:]))),
    ("dx_added_up", "dx is added up over the steps", 3, _through(mend=lambda r, T: (np.cumsum(r[0][:, ::-1], axis=1)[:, ::-1], *r[1:]))),
    ("cell_carry_lost", "the cell's carry is lost", 1, _through(lambda t, T, h, c: (h, c * 0))),
    ("state_carry_lost", "the state's carry is lost", 1, _through(lambda t, T, h, c: (h * 0, c))),
    ("no_carry", "nothing is carried from one step", 1, _through(lambda t, T, h, c: (h * 0, c * 0))),
    ("carries_exchanged", "the two carries are exchanged", 1, _through(lambda t, T, h, c: (c, h))),
    ("carries_added", "the cell's carry is added to the state's", 1, _through(lambda t, T, h, c: (h + c, c))),
    ("last_step_only", "only the last step's own dh goes in", 1, _through(own=lambda t, T, d: d * (t == T - 1))),
    ("forwards", "the loop goes from the first step to the last", 1, _through(forwards=True)),
    ("states_after", "step t goes back with the states behind it", 0, _through(states="after")),
    ("first_states", "every step goes back with h_0 and c_0", 1, _through(states="first")),
    ("last_step_missing", "the last step is missing in the loop back", 0, _through(skip=(0, 1))),
    ("first_step_missing", "the first step is missing in the loop back", 0, _through(skip=(1, 0))),
    ("carries_pile_up", "the carries pile up", 1, _through(keep=(1, 1))),
    ("state_carry_piles_up", "the state's carry piles up", 1, _through(keep=(1, 0))),
    ("cell_carry_piles_up", "the cell's carry piles up", 1, _through(keep=(0, 1))),
    ("carries_doubled", "the two carries count twice", 1, _through(lambda t, T, h, c: (2 * h, 2 * c))),
    ("starts_with_dh", "the state's carry starts as dh[:, -1]", 0, _through(start=lambda dh, kept: (dh[:, -1], 0 * dh[:, -1]))),
    ("cell_starts_with_dh", "the cell's carry starts as dh[:, -1]", 0, _through(start=lambda dh, kept: (0 * dh[:, -1], dh[:, -1]))),
    ("both_start_with_dh", "both carries start as dh[:, -1]", 0, _through(start=lambda dh, kept: (dh[:, -1], dh[:, -1]))),
    ("dh_too_late", "dh[:, t] is added only after step t has gone back", 0, _dh_too_late),
    ("time_first_everywhere", "batch and time are exchanged", 0, lambda *case: _by_samples(*case, x_too=True)),
    ("dh_by_samples", "dh[t] is a sample of the batch", 0, lambda *case: _by_samples(*case, x_too=False)),
    ("starts_with_the_last_states", "the carries start as the last state and cell", 0, _through(start=lambda dh, kept: kept[-1])),
    ("last_states", "every step goes back with the last state", 0, _through(states="last")),
    (
        "dh_summed_first", "dh is summed over the steps", 1,
        lambda dh, *rest: lstm_backward(np.repeat(dh.sum(axis=1, keepdims=True), dh.shape[1], axis=1), *rest),
    ),
    ("dh_of_the_step_before", "dh[:, t - 1] goes in at step t", 1, lambda dh, *rest: lstm_backward(np.roll(dh, 1, axis=1), *rest)),
    ("given_back", "h_0 and c_0 come back", 3, lambda dh, x, h_0, c_0, w: (lambda r: (r[0], h_0, c_0, r[3]))(lstm_backward(dh, x, h_0, c_0, w))),
    ("starts_exchanged", "dh_0 and dc_0 are exchanged", 3, _through(mend=lambda r, T: (r[0], r[2], r[1], r[3]))),
    ("averaged_over_time", "averaged over the steps, not summed", 4, _through(mend=lambda r, T: (*r[:3], {k: g / T for k, g in r[3].items()}))),
    ("dx_reversed", "dx is reversed in time", 3, _through(mend=lambda r, T: (r[0][:, ::-1], *r[1:]))),
    ("dx_as_a_list", "dx: expected an array", 2, _through(mend=lambda r, T: (list(r[0].swapaxes(0, 1)), *r[1:]))),
    ("h_0_ignored", "h_0 plays no part", 0, lambda dh, x, h_0, c_0, w: lstm_backward(dh, x, 0 * h_0, c_0, w)),
    ("c_0_ignored", "c_0 plays no part", 0, lambda dh, x, h_0, c_0, w: lstm_backward(dh, x, h_0, 0 * c_0, w)),
    ("steps_of_the_batch", "their number is x.shape[1]", 0, lambda dh, x, h_0, c_0, w: [lstm_step(x[:, t], h_0, c_0, w) for t in range(x.shape[1] + 1)]),
    ("both_starts_ignored", "h_0 and c_0 play no part", 0, lambda dh, x, h_0, c_0, w: lstm_backward(dh, x, 0 * h_0, 0 * c_0, w)),
    ("no_states", "expected a tuple (dx, dh_0, dc_0, gradients)", 0, _through(mend=lambda r, T: (r[0], r[3]))),
    ("always_double", "float32 went in, float64 came out", 5, _through(mend=lambda r, T: (r[0].astype(float), *r[1:]))),
]:
    wrong("lstm_backward", says=_says, points=_points, name=_name)(_answer)


# ---- gru_step


@right("gru_step")
def gru_step(x_t, h_prev, weights, reset_after):
    n = h_prev.shape[1]
    b_x, b_h = weights["b"] if reset_after else (weights["b"], np.zeros_like(weights["b"]))
    x_z, x_r, x_h = np.split(x_t @ weights["W_x"] + b_x, 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ weights["W_h"] + b_h, 3, axis=1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    inside = r * h_h if reset_after else (r * h_prev) @ weights["W_h"][:, 2 * n :]
    return z * h_prev + (1 - z) * np.tanh(x_h + inside)


@right("gru_step")
def interpolated(x_t, h_prev, weights, reset_after):
    n = h_prev.shape[1]
    W_x, W_h, b = weights["W_x"], weights["W_h"], np.atleast_2d(weights["b"])
    both = b[:, : 2 * n].sum(axis=0)
    zr = 1 / (1 + np.exp(-(x_t @ W_x[:, : 2 * n] + h_prev @ W_h[:, : 2 * n] + both)))
    z, r = zr[:, :n], zr[:, n:]
    if reset_after:
        g = np.tanh(x_t @ W_x[:, 2 * n :] + b[0, 2 * n :] + r * (h_prev @ W_h[:, 2 * n :] + b[1, 2 * n :]))
    else:
        g = np.tanh(x_t @ W_x[:, 2 * n :] + b[0, 2 * n :] + (h_prev * r) @ W_h[:, 2 * n :])
    return g + z * (h_prev - g)


@right("gru_step")
def sample_by_sample(x_t, h_prev, weights, reset_after):
    n, rows = h_prev.shape[1], []
    for x, h in zip(x_t, h_prev):
        W_x, W_h = weights["W_x"].T.reshape(3, n, -1), weights["W_h"].T.reshape(3, n, n)
        b = weights["b"].reshape(-1, 3, n)
        u = np.einsum("kij,j->ki", W_h, h) + (b[1] if reset_after else 0)
        a = np.einsum("kij,j->ki", W_x, x) + b[0]
        z, r = sigmoid(a[0] + u[0]), sigmoid(a[1] + u[1])
        g = np.tanh(a[2] + (r * u[2] if reset_after else W_h[2] @ (r * h)))
        rows.append(z * h + (1 - z) * g)
    return np.array(rows)


def _candidate_only(b):
    return np.repeat([0.0, 0.0, 1.0], b.shape[1] // 3)


def _gru_with(mix=lambda z, h, g: z * h + (1 - z) * g, order="zrh", gate=sigmoid, squash=np.tanh, reset=lambda r: r, place=None, biases=lambda b: b, inner=True):
    def answer(x_t, h_prev, weights, reset_after):
        b_x, b_h = biases(weights["b"]) if reset_after else (weights["b"], np.zeros_like(weights["b"]))
        a = dict(zip(order, np.split(x_t @ weights["W_x"] + b_x, 3, axis=1)))
        u = dict(zip(order, np.split(h_prev @ weights["W_h"], 3, axis=1)))
        c = dict(zip(order, np.split(b_h, 3)))
        W = dict(zip(order, np.split(weights["W_h"], 3, axis=1)))["h"]
        z, r = gate(a["z"] + u["z"] + c["z"]), reset(gate(a["r"] + u["r"] + c["r"]))
        if place == "before" or (place is None and not reset_after):
            inside = (r * h_prev) @ W + c["h"]
        else:
            inside = r * (u["h"] + c["h"]) if inner else r * u["h"] + c["h"]
        return mix(z, h_prev, squash(a["h"] + inside))

    return answer


def _gru_by_candidate(candidate):
    """With reset_after=True a candidate of its own, of r and the two products."""

    def answer(x_t, h_prev, weights, reset_after):
        if not reset_after:
            return gru_step(x_t, h_prev, weights, reset_after)
        x_z, x_r, x_h = np.split(x_t @ weights["W_x"] + weights["b"][0], 3, axis=1)
        h_z, h_r, h_h = np.split(h_prev @ weights["W_h"] + weights["b"][1], 3, axis=1)
        z = sigmoid(x_z + h_z)
        return z * h_prev + (1 - z) * candidate(sigmoid(x_r + h_r), x_h, h_h)

    return answer


def _gru_reshaped(x_t, h_prev, weights, reset_after):
    n, shape = h_prev.shape[1], (3, *h_prev.shape)
    b_x, b_h = weights["b"] if reset_after else (weights["b"], 0 * weights["b"])
    x_z, x_r, x_h = (x_t @ weights["W_x"] + b_x).reshape(shape)
    h_z, h_r, h_h = (h_prev @ weights["W_h"] + b_h).reshape(shape)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    inside = r * h_h if reset_after else (r * h_prev) @ weights["W_h"][:, 2 * n :]
    return z * h_prev + (1 - z) * np.tanh(x_h + inside)


def _gru_from(rows, inside_before=lambda r, h, W, c: (r * h) @ W + c, inside_after=lambda r, u, c: r * (u + c), axis=1, swapped=False):
    """The step with biases that `rows(b, reset_after)` gives, and the recurrent part of the candidate in either version."""

    def answer(x_t, h_prev, weights, reset_after):
        n = h_prev.shape[1]
        b_x, b_h = rows(weights["b"], reset_after)
        b_h = b_h + np.zeros(3 * n)
        x_z, x_r, x_h = np.split(x_t @ weights["W_x"] + b_x, 3, axis=axis)
        u_z, u_r, u_h = np.split(h_prev @ weights["W_h"], 3, axis=axis)
        z, r = sigmoid(x_z + u_z + b_h[:n]), sigmoid(x_r + u_r + b_h[n : 2 * n])
        after = reset_after != swapped
        inside = inside_after(r, u_h, b_h[2 * n :]) if after else inside_before(r, h_prev, weights["W_h"][:, 2 * n :], b_h[2 * n :])
        return z * h_prev + (1 - z) * np.tanh(x_h + inside)

    return answer


def _rows(b, reset_after):
    return (b[0], b[1]) if reset_after else (b, 0.0)


for _name, _says, _points, _answer in [
    ("split_along_the_batch", "np.split without axis=1 cuts the batch", 0, _gru_from(_rows, axis=0)),
    ("first_of_b_always", "b[0] is a single number with reset_after=False", 2, _gru_from(lambda b, after: (b[0], b[1] if after else 0.0))),
    ("first_two_of_b_always", "b[0] and b[1] are single numbers with reset_after=False: there", 2, _gru_from(lambda b, after: (b[0], b[1]))),
    (
        "first_two_of_b_in_the_gates", "with reset_after=False, added in the gates", 2,
        _gru_from(lambda b, after: (b[0], b[1]), inside_before=lambda r, h, W, c: (r * h) @ W),
    ),
    ("versions_swapped", "the candidate is that of reset_after=False", 2, _gru_from(_rows, inside_before=lambda r, h, W, c: (r * h) @ W, swapped=True)),
    ("candidate_without_second_bias", "b[1] is missing in the candidate", 3, _gru_from(_rows, inside_after=lambda r, u, c: r * u)),
    ("reshaped", "reshape(3, batch, units) mixes the samples", 0, _gru_reshaped),
    ("no_tanh", "tanh of the candidate is missing", 0, _gru_with(squash=lambda a: a)),
    ("added", "h_prev and the candidate are added", 0, _gru_with(mix=lambda z, h, g: h + g)),
    ("mean_of_the_batch", "a mean over the batch", 0, lambda *case: gru_step(*case).mean(axis=0)),
    ("candidate_whole", "the candidate is taken whole", 0, _gru_with(mix=lambda z, h, g: z * h + g)),
    ("one_minus_z_on_both", "1 - z on both", 0, _gru_with(mix=lambda z, h, g: (1 - z) * (h + g))),
    ("relu_candidate_gru", "relu for the candidate", 0, _gru_with(squash=lambda a: np.maximum(a, 0))),
    ("reset_without_sigmoid", "the sigmoid of the reset gate is missing", 2, _gru_with(reset=lambda r: np.log(r / (1 - r)))),
    ("one_bias_twice", "with reset_after=False there is one bias", 2, lambda x, h, w, after: gru_step(x, h, w if after else {**w, "b": 2 * w["b"]}, after)),
    ("input_reset_too", "the reset gate is on the input's part too", 1, _gru_by_candidate(lambda r, x, h: np.tanh(r * (x + h)))),
    ("reset_outside", "the reset gate stands outside of tanh", 1, _gru_by_candidate(lambda r, x, h: r * np.tanh(x + h))),
    ("biases_not_taken_apart", "with reset_after=True b has two rows", 1, lambda x, h, w, after: gru_step(x, h, {**w, "b": np.zeros_like(x @ w["W_x"]) + w["b"]} if after else w, after)),
    ("z_on_both", "z on both", 0, _gru_with(mix=lambda z, h, g: z * h + z * g)),
    ("z_on_the_new", "h_prev is kept whole, and z is on the candidate", 0, _gru_with(mix=lambda z, h, g: h + z * g)),
    ("nothing_kept_gru", "z * h_prev is missing", 0, _gru_with(mix=lambda z, h, g: (1 - z) * g)),
    ("nothing_new", "(1 - z) * candidate is missing", 0, _gru_with(mix=lambda z, h, g: z * h)),
    ("tanh_of_all", "tanh of the whole", 0, _gru_with(mix=lambda z, h, g: np.tanh(z * h + (1 - z) * g))),
    ("other_side", "z stands on the other side", 0, _gru_with(mix=lambda z, h, g: (1 - z) * h + z * g)),
    ("r_z_h", "the blocks are read as r, z, h", 0, _gru_with(order="rzh")),
    ("h_first", "the blocks are read as h, z, r", 0, _gru_with(order="hzr")),
    ("sigmoid_candidate_gru", "sigmoid for the candidate", 0, _gru_with(squash=sigmoid)),
    ("tanh_gates_gru", "tanh for the gates", 0, _gru_with(gate=np.tanh)),
    ("candidate_alone", "the candidate alone comes back", 0, _gru_with(mix=lambda z, h, g: g)),
    ("no_reset", "the reset gate is missing", 2, _gru_with(reset=np.ones_like)),
    ("one_minus_r", "1 - r: the share r is what is let through", 2, _gru_with(reset=lambda r: 1 - r)),
    ("always_before", "r is applied before the product", 3, _gru_with(place="before")),
    ("always_after", "r is applied after the product", 4, _gru_with(place="after")),
    ("bias_outside", "stands outside of the reset gate", 3, _gru_with(inner=False)),
    ("first_bias_only", "only b[0] is used", 1, _gru_with(biases=lambda b: (b[0], 0 * b[0]))),
    ("rows_exchanged", "the two rows of b are exchanged", 1, _gru_with(biases=lambda b: b[::-1])),
    ("gates_without_second_bias", "b[1] is missing in z and r", 1, _gru_with(biases=lambda b: (b[0], b[1] * _candidate_only(b)))),
    ("second_bias_only", "only b[1] is used", 1, _gru_with(biases=lambda b: (0 * b[0], b[1]))),
    ("no_state_product", "h_prev @ W_h is missing", 0, lambda x, h, w, after: gru_step(x, h, {**w, "W_h": 0 * w["W_h"]}, after)),
    ("no_input_product", "x_t @ W_x is missing", 0, lambda x, h, w, after: gru_step(0 * x, h, w, after)),
    ("overflowing", "exp of a large number overflows", 5, _gru_with(gate=lambda a: np.exp(a) / (1 + np.exp(a)))),
    ("tuple", "expected an array of shape", 0, lambda *case: (gru_step(*case), gru_step(*case))),
    ("always_float64_gru", "float32 went in, float64 came out", 5, lambda *case: gru_step(*case).astype(np.float64)),
    ("only_one_kind", "ValueError", 2, lambda x, h, w, after: gru_step(x, h, w, True)),
]:
    wrong("gru_step", says=_says, points=_points, name=_name)(_answer)


# ---- units_for


@right("units_for")
def units_for(kind, parameters, input_size):
    blocks, biases = {"simple": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[kind]
    units = 0
    while blocks * (units + 1) * (input_size + units + 1 + biases) <= parameters:
        units += 1
    return units


@right("units_for")
def counted_from_shapes(kind, parameters, input_size):
    def count(n):
        k = {"simple": 1, "gru": 3, "lstm": 4}[kind] * n
        return input_size * k + n * k + (2 * k if kind == "gru" else k)

    return max(n for n in range(4000) if count(n) <= parameters)


@right("units_for")
def quadratic_formula(kind, parameters, input_size):
    blocks, biases = {"simple": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[kind]
    m = input_size + biases
    return np.int64(np.floor((-m + np.sqrt(m * m + 4 * parameters / blocks)) / 2 + 1e-9))


@right("units_for")
def bisection(kind, parameters, input_size):
    low, high = 0, parameters
    while low < high:
        n = (low + high + 1) // 2
        size = {"simple": n * (n + input_size + 1), "lstm": 4 * n * (n + input_size + 1), "gru": 3 * n * (n + input_size + 2)}[kind]
        low, high = (n, high) if size <= parameters else (low, n - 1)
    return low


def _root(kind, parameters, input_size):
    blocks, biases = {"simple": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[kind]
    m = input_size + biases
    return (math.sqrt(m * m + 4 * parameters / blocks) - m) / 2 + 1e-12


def _size(kind, units, input_size):
    blocks, biases = {"simple": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[kind]
    return blocks * units * (units + input_size + biases)


def _sized(blocks=(1, 4, 3), biases=(1, 1, 2), inputs=1, strict=0, blocks_of_bias=None):
    def answer(kind, parameters, input_size):
        k = ("simple", "lstm", "gru").index(kind)
        units = 0
        of_bias = biases[k] * (blocks_of_bias or blocks[k])
        while blocks[k] * (units + 1) * (inputs * input_size + units + 1) + of_bias * (units + 1) + strict <= parameters:
            units += 1
        return units

    return answer


def _by_count(count):
    """The largest size by a count of its own, of blocks, biases, units and inputs."""

    def answer(kind, parameters, input_size):
        k, q = {"simple": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[kind]
        units = 0
        while count(k, q, units + 1, input_size) <= parameters:
            units += 1
        return units

    return answer


for _name, _says, _points, _answer in [
    ("one_bias", "one bias for each block", 2, _sized(biases=(1, 1, 1))),
    ("no_biases", "the biases are not counted", 0, _sized(biases=(0, 0, 0))),
    ("no_gates", "the gates are not counted", 1, _sized(blocks=(1, 1, 1), biases=(1, 1, 1))),
    ("three_blocks", "an LSTM has 4 blocks", 2, _sized(blocks=(1, 3, 3))),
    ("no_inputs", "the input's weights are not counted", 0, _sized(inputs=0)),
    ("nearest", "rounded to the nearest", 0, lambda *case: round(_root(*case))),
    ("inputs_twice", "the input's weights are counted twice", 0, _sized(inputs=2)),
    ("other_way_round", "you have it the other way round", 1, _sized(blocks=(1, 3, 4), biases=(1, 2, 1))),
    ("inputs_only", "only the input's weights are counted", 0, lambda kind, p, n: p // (n * {"simple": 1, "lstm": 4, "gru": 3}[kind])),
    ("input_of_27", "input_size plays no part: 27 is used in its place", 0, lambda kind, p, n: units_for(kind, p, 27)),
    ("LSTM_in_capitals", "'lstm' is counted as 'gru' is", 2, lambda kind, p, n: units_for("gru" if kind == "lstm" else kind, p, n)),
    ("GRU_in_capitals", "you count 4, as an LSTM has", 2, lambda kind, p, n: units_for("lstm" if kind == "gru" else kind, p, n)),
    ("always_a_gru", "every layer is counted as a GRU", 1, lambda kind, p, n: units_for("gru", p, n)),
    ("lstm_with_two_biases", "two biases for each block of the LSTM", 2, _sized(biases=(1, 2, 2))),
    ("one_number_for_each_bias", "each block's bias is counted as one number", 0, _by_count(lambda k, q, u, n: k * (u * (n + u) + q))),
    ("one_number_for_the_simple_bias", "the simple layer's bias is counted as one number", 2, _by_count(lambda k, q, u, n: k * u * (n + u) + (q * k * u if k > 1 else 1))),
    ("one_block_of_W_h", "the blocks are counted in W_x and b only", 1, _by_count(lambda k, q, u, n: k * u * (n + q) + u * u)),
    ("one_block_of_W_x", "the blocks are counted in W_h and b only", 1, _by_count(lambda k, q, u, n: k * u * (u + q) + u * n)),
    ("units_divided", "number of units is divided by the number of blocks", 1, lambda kind, p, n: units_for("simple", p, n) // {"simple": 1, "lstm": 4, "gru": 3}[kind]),
    ("search_ends_at_256", "the search ends at 256 units", 0, lambda *case: min(256, units_for(*case))),
    ("search_ends_at_1000", "the search ends at 1000 units", 2, lambda *case: min(1000, units_for(*case))),
    ("closest", "rounded to the nearest", 0, lambda kind, p, n: min((units_for(kind, p, n) + k for k in (0, 1)), key=lambda u: abs(_size(kind, u, n) - p))),
    ("rounded_up_always", "rounded up: round down", 0, lambda kind, p, n: (lambda u: u + (_size(kind, u, n) < p))(units_for(kind, p, n))),
    ("kind_ignored", "every layer is counted as an LSTM", 1, lambda kind, p, n: units_for("lstm", p, n)),
    ("square_forgotten", "W_h is counted as one number for each unit", 0, lambda kind, p, n: p // _size(kind, 1, n)),
    ("biases_once", "the biases are counted once for the whole layer", 1, _sized(blocks_of_bias=1)),
    ("strictly_less", "equal is allowed", 0, _sized(strict=1)),
    ("rounded_up", "one unit too many", 0, lambda *case: units_for(*case) + 1),
    ("float", "wrap it in int()", 0, lambda *case: float(units_for(*case))),
    ("not_rounded", "wrap it in int()", 0, lambda *case: _root(*case)),
    ("four_blocks", "two gates and the candidate; you count 4", 2, _sized(blocks=(1, 4, 4))),
    ("never_one_unit", "expected 1, got 2", 0, lambda *case: max(2, units_for(*case))),
    ("search_ends_at_200", "the search ends at 200 units", 0, lambda *case: min(200, units_for(*case))),
    ("two_biases_everywhere", "only the GRU has two biases", 1, _sized(biases=(2, 2, 2))),
]:
    wrong("units_for", says=_says, points=_points, name=_name)(_answer)


# ---- predictions

prediction("prediction_adding", ("lstm", "gru", "neither"))
prediction("prediction_memory", ("simple", "bias 0", "bias 1", "bias 4"))
prediction("prediction_size", ("gru", "lstm", "close"))
