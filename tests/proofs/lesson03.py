"""Answers to the exercises of lesson 03."""

import collections
import copy
import functools
import itertools
import logging
import math
import os
import sys
import warnings

import numpy as np

from helpers.gradients import central_differences, complex_step
from tests.proofs import prediction, right, wrong

# ---- gradient_terms: right


@right("gradient_terms")
def gradient_terms(x, h_0, w):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(x_t + w * h[-1]))
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        slope = 1 - h[k] ** 2
        terms[k - 1] = carried * slope * h[k - 1]
        carried = carried * slope * w
    return terms


def _scalar_states(x, h_0, w):
    return np.array(list(itertools.accumulate(x, lambda h, x_t: np.tanh(x_t + w * h), initial=h_0)))


@right("gradient_terms")
def cumulative_product_from_the_end(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    slope = 1 - h[1:] ** 2
    after = np.append(np.cumprod((slope * w)[:0:-1])[::-1], 1.0)
    return after * slope * h[:-1]


@right("gradient_terms")
def forward_in_time(x, h_0, w):
    terms, h = [], h_0
    for x_t in x:
        before, h = h, np.tanh(x_t + w * h)
        slope = 1 - h**2
        terms = [term * slope * w for term in terms] + [slope * before]
    return np.array(terms)


@right("gradient_terms")
def recursion_on_the_first_step(x, h_0, w):
    def back(k, h):
        """The terms of steps k to T, and dh_T/dh_{k-1}."""
        if k == len(x):
            return [], 1.0
        h_k = math.tanh(float(x[k]) + w * h)
        terms, carried = back(k + 1, h_k)
        slope = (1 - h_k) * (1 + h_k)
        return [carried * slope * h, *terms], carried * slope * w

    return np.fromiter(back(0, h_0)[0], float)


@right("gradient_terms")
def a_weight_of_its_own_for_every_step(x, h_0, w):
    def last_state(arrays):
        return functools.reduce(lambda h, step: np.tanh(step[0] + step[1] * h), zip(x, arrays["w"]), h_0)

    return complex_step(last_state, {"w": np.full(x.shape, w)})["w"]


@right("gradient_terms")
def a_system_of_equations(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    slope = 1 / np.cosh(x + w * h[:-1]) ** 2
    backward = np.eye(len(x)) - np.diag((slope * w)[1:], 1)
    return np.linalg.solve(backward, np.eye(len(x))[-1]) * slope * h[:-1]


class Terms:
    def __call__(self, x, h_0, w):
        return gradient_terms(x, h_0, w)[:]


right("gradient_terms", name="instance_of_a_class")(Terms())
right("gradient_terms", name="view_from_back_to_front")(lambda *case: gradient_terms(*case)[::-1].copy()[::-1])


# ---- gradient_terms: wrong


@wrong("gradient_terms", says="the terms come in reverse order", points=1)
def appended_and_not_turned_around(x, h_0, w):
    return gradient_terms(x, h_0, w)[::-1]


@wrong("gradient_terms", says="the factor dh_T/dh_k is missing", points=1)
def explicit_only(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    return (1 - h[1:] ** 2) * h[:-1]


@wrong("gradient_terms", says="w is missing in dh_T/dh_k", points=1)
def carried_without_w(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        carried *= 1 - h[k] ** 2
        terms[k - 1] = carried * h[k - 1]
    return terms


@wrong("gradient_terms", says="tanh's derivative is missing in dh_T/dh_k", points=2)
def carried_without_slope(x, h_0, w):
    return explicit_only(x, h_0, w) * w ** np.arange(len(x))[::-1]


@wrong("gradient_terms", says="tanh's derivative is missing in the explicit derivative")
def explicit_derivative_without_slope(x, h_0, w):
    return gradient_terms(x, h_0, w) / (1 - _scalar_states(x, h_0, w)[1:] ** 2)


@wrong("gradient_terms", says="h_k in place of h_{k-1}")
def state_after_the_step(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    return gradient_terms(x, h_0, w) / h[:-1] * h[1:]


@wrong("gradient_terms", says="one factor too many")
def stepped_back_before_the_term(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        slope = 1 - h[k] ** 2
        carried = carried * slope * w
        terms[k - 1] = carried * slope * h[k - 1]
    return terms


@wrong("gradient_terms", says="each term holds those before it too", points=2)
def whole_derivative_of_each_state(x, h_0, w):
    return np.cumsum(gradient_terms(x, h_0, w))


@wrong("gradient_terms", says="dh_k/dw comes back", points=1)
def derivative_of_each_state(x, h_0, w):
    return np.array([gradient_terms(x[: k + 1], h_0, w).sum() for k in range(len(x))])


@wrong("gradient_terms", says="only dh_T/dh_k comes back")
def without_the_explicit_derivative(x, h_0, w):
    slope = 1 - _scalar_states(x, h_0, w)[1:] ** 2
    return np.append(np.cumprod((slope * w)[:0:-1])[::-1], 1.0)


@wrong("gradient_terms", says="its derivative is 1 - h_k**2")
def tanh_of_the_state(x, h_0, w):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(x_t + w * h[-1]))
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        slope = 1 - np.tanh(h[k]) ** 2
        terms[k - 1] = carried * slope * h[k - 1]
        carried = carried * slope * w
    return terms


@wrong("gradient_terms", says="the terms are summed; they should come back one by one")
def their_sum(x, h_0, w):
    return gradient_terms(x, h_0, w).sum()


@wrong("gradient_terms", says="there is a term for k = 0")
def a_place_for_h_0(x, h_0, w):
    return np.concatenate([[0.0], gradient_terms(x, h_0, w)])


@wrong("gradient_terms", says="x_k in place of h_{k-1}")
def derivative_in_the_input_weight(x, h_0, w):
    return gradient_terms(x, h_0, w) / _scalar_states(x, h_0, w)[:-1] * x


@wrong("gradient_terms", says="h_0 is ignored", points=1)
def starts_from_zero(x, h_0, w):
    return gradient_terms(x, 0.0, w)


@wrong("gradient_terms", says="the sign is inverted")
def minus(x, h_0, w):
    return -gradient_terms(x, h_0, w)


@wrong("gradient_terms", says="the first wrong term, from the last one backwards: k = 2 of 3", points=2)
def far_terms_left_out(x, h_0, w):
    terms = gradient_terms(x, h_0, w)
    return terms * (np.arange(len(x)) == len(x) - 1)


@wrong("gradient_terms", says="np.array makes it an array")
def list_of_terms(x, h_0, w):
    return list(gradient_terms(x, h_0, w))


@wrong("gradient_terms", says="expected shape (1,), got shape (1, 1)")
def column(x, h_0, w):
    return gradient_terms(x, h_0, w)[:, None]


@wrong("gradient_terms", says="right but for rounding", points=2)
def terms_in_float32(x, h_0, w):
    return gradient_terms(x, h_0, w).astype(np.float32)


@wrong("gradient_terms", says="right but for rounding", points=2)
def finite_differences(x, h_0, w):
    def last_state(arrays):
        return functools.reduce(lambda h, step: np.tanh(step[0] + step[1] * h), zip(x, arrays["w"]), h_0)

    return central_differences(last_state, {"w": np.full(x.shape, w)})["w"]


@wrong("gradient_terms", says="changed in place: x", points=3)
def states_written_over_the_inputs(x, h_0, w):
    terms = gradient_terms(x, h_0, w)
    x[:] = _scalar_states(x, h_0, w)[1:]
    return terms


@wrong("gradient_terms", says="IndexError", points=1)
def right_for_one_step_only(x, h_0, w):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(x_t + w * h[-1]))
    return np.array([(1 - h[k] ** 2) * h[k + 1] for k in range(1, len(h))]) if len(x) > 1 else gradient_terms(x, h_0, w)


@wrong("gradient_terms", says="the derivative is 1 - h_k**2, with h_k = tanh(a), not 1 - a**2")
def derivative_at_the_sum_inside(x, h_0, w):
    h = _scalar_states(x, h_0, w)
    slope = 1 - (x + w * h[:-1]) ** 2
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        terms[k - 1] = carried * slope[k - 1] * h[k - 1]
        carried = carried * slope[k - 1] * w
    return terms


@wrong("gradient_terms", says="the product runs over the steps before k", points=1)
def product_from_the_first_step(x, h_0, w):
    h, terms, carried = h_0, [], 1.0
    for x_t in x:
        before, h = h, np.tanh(x_t + w * h)
        terms.append(carried * (1 - h**2) * before)
        carried *= (1 - h**2) * w
    return np.array(terms)


# ---- rnn_step_backward: right


@right("rnn_step_backward")
def rnn_step_backward(dh_t, x_t, h_prev, h_t, weights):
    da_t = dh_t * (1 - h_t**2)
    gradients = {"W_xh": x_t.T @ da_t, "W_hh": h_prev.T @ da_t, "b_h": da_t.sum(axis=0)}
    return da_t @ weights["W_xh"].T, da_t @ weights["W_hh"].T, gradients


@right("rnn_step_backward")
def einsum_of_each_part(dh_t, x_t, h_prev, h_t, weights):
    da_t = np.einsum("bh,bh->bh", dh_t, (1 - h_t) * (1 + h_t))
    return (
        np.einsum("bh,ih->bi", da_t, weights["W_xh"]),
        np.einsum("bk,hk->bh", da_t, weights["W_hh"]),
        {
            "b_h": np.einsum("bh->h", da_t),
            "W_hh": np.einsum("bk,bh->kh", h_prev, da_t),
            "W_xh": np.einsum("bi,bh->ih", x_t, da_t),
        },
    )


@right("rnn_step_backward")
def pure_python(dh_t, x_t, h_prev, h_t, weights):
    batch, n, m = len(dh_t), x_t.shape[1], h_t.shape[1]
    da = [[float(d) * (1 - float(h) ** 2) for d, h in zip(ds, hs)] for ds, hs in zip(dh_t, h_t)]
    W_xh, W_hh = weights["W_xh"].tolist(), weights["W_hh"].tolist()

    def back(W):
        return [[sum(a * w for a, w in zip(row, column)) for column in W] for row in da]

    def outer(rows, size):
        return [[math.fsum(float(rows[b][i]) * da[b][j] for b in range(batch)) for j in range(m)] for i in range(size)]

    gradients = {"W_xh": outer(x_t, n), "W_hh": outer(h_prev, m), "b_h": [math.fsum(column) for column in zip(*da)]}
    gradients = {key: np.array(value, x_t.dtype) for key, value in gradients.items()}
    return np.array(back(W_xh), x_t.dtype), np.array(back(W_hh), x_t.dtype), gradients


@right("rnn_step_backward")
def sample_by_sample(dh_t, x_t, h_prev, h_t, weights):
    gradients = {key: np.zeros_like(weights[key]) for key in ("W_xh", "W_hh", "b_h")}
    dx, dh = [], []
    for d, x, before, h in reversed(list(zip(dh_t, x_t, h_prev, h_t))):
        da = d - d * h * h
        gradients["W_xh"] += np.outer(x, da)
        gradients["W_hh"] += before[:, None] * da
        gradients["b_h"] += da
        dx.insert(0, weights["W_xh"] @ da)
        dh.insert(0, weights["W_hh"] @ da)
    return np.array(dx), np.array(dh), gradients


@right("rnn_step_backward")
def joined_input_and_stacked_weights(dh_t, x_t, h_prev, h_t, weights):
    n = x_t.shape[1]
    joined = np.hstack([x_t, h_prev, np.ones_like(x_t[:, :1])])
    stacked = np.vstack([weights["W_xh"], weights["W_hh"], weights["b_h"]])
    da_t = dh_t * (1 - np.square(h_t))
    back, slopes = da_t @ stacked.T, joined.T @ da_t
    return back[:, :n], back[:, n:-1], {"W_xh": slopes[:n], "W_hh": slopes[n:-1], "b_h": slopes[-1]}


@right("rnn_step_backward")
def in_place_on_copies(dh_t, x_t, h_prev, h_t, weights):
    weights, da_t = copy.deepcopy(weights), h_t.copy()
    da_t *= -h_t
    da_t += 1
    da_t *= dh_t
    gradients = {"b_h": np.add.reduce(da_t)}
    gradients.update(W_xh=np.dot(x_t.T, da_t), W_hh=np.dot(da_t.T, h_prev).T)
    weights["W_xh"][...], weights["W_hh"] = weights["W_xh"] + 0, weights["W_hh"].T
    return np.inner(da_t, weights["W_xh"]), np.dot(da_t, weights["W_hh"]), gradients


@right("rnn_step_backward")
def slope_from_the_sum_inside(dh_t, x_t, h_prev, h_t, weights):
    a_t = x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"]
    da_t = dh_t / np.cosh(a_t) ** 2
    da_t = np.asfortranarray(da_t)
    return (weights["W_xh"] @ da_t.T).T, (weights["W_hh"] @ da_t.T).T, {
        "W_xh": (da_t.T @ x_t).T, "W_hh": (da_t.T @ h_prev).T, "b_h": np.ones_like(da_t[:, 0]) @ da_t,
    }


@right("rnn_step_backward")
def by_the_complex_step(dh_t, x_t, h_prev, h_t, weights):
    def loss(arrays):
        return np.sum(dh_t * np.tanh(arrays["x"] @ arrays["W_xh"] + arrays["h"] @ arrays["W_hh"] + arrays["b_h"]))

    slopes = complex_step(loss, {"x": x_t, "h": h_prev, **weights})
    slopes = {key: slope.astype(x_t.dtype) for key, slope in slopes.items()}
    return slopes.pop("x"), slopes.pop("h"), slopes


class Backward:
    def __init__(self, slope):
        self.slope = slope

    def __call__(self, dh_t, x_t, h_prev, h_t, weights):
        da_t = self.slope(h_t) * dh_t
        return da_t.dot(weights["W_xh"].T), da_t.dot(weights["W_hh"].T), dict(
            W_xh=x_t.T.dot(da_t), W_hh=h_prev.T.dot(da_t), b_h=sum(da_t)
        )

    def method(self, *case):
        return self(*case)


right("rnn_step_backward", name="instance_of_a_class")(Backward(lambda h: 1 - h**2))
right("rnn_step_backward", name="bound_method")(Backward(lambda h: 1 - h * h).method)
right("rnn_step_backward", name="partial")(functools.partial(Backward.__call__, Backward(lambda h: 1 - h**2)))


LOG = logging.getLogger("proofs.lesson03")
LOG.propagate = False
LOG.addHandler(logging.StreamHandler())


@right("rnn_step_backward")
def talkative(dh_t, x_t, h_prev, h_t, weights):
    print("dh_t", dh_t)
    print("to stderr", file=sys.stderr)
    os.write(2, b"to file descriptor 2\n")
    LOG.warning("to a handler made earlier")
    warnings.warn("be warned", stacklevel=1)
    np.log(np.zeros(1))
    return rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)


# ---- rnn_step_backward: wrong


def _step_with(dh_t, x_t, h_prev, h_t, weights, da_t):
    gradients = {"W_xh": x_t.T @ da_t, "W_hh": h_prev.T @ da_t, "b_h": da_t.sum(axis=0)}
    return da_t @ weights["W_xh"].T, da_t @ weights["W_hh"].T, gradients


@wrong("rnn_step_backward", says="the derivative is 1 - h_t**2, with h_t = tanh(a), not 1 - a**2")
def derivative_at_the_pre_activation(dh_t, x_t, h_prev, h_t, weights):
    a_t = x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"]
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * (1 - a_t**2))


@wrong("rnn_step_backward", says="the tanh derivative is taken of the state again")
def derivative_of_the_state(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * (1 - np.tanh(h_t) ** 2))


@wrong("rnn_step_backward", says="the tanh derivative 1 - h_t**2 is missing")
def without_derivative(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t)


@wrong("rnn_step_backward", says="1 - h_t in place of 1 - h_t**2")
def derivative_without_the_square(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * (1 - h_t))


@wrong("rnn_step_backward", says="1 - h_prev**2 in place of 1 - h_t**2")
def derivative_at_the_state_before(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * (1 - h_prev**2))


@wrong("rnn_step_backward", says="is the derivative of the sigmoid")
def derivative_of_the_sigmoid(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * h_t * (1 - h_t))


@wrong("rnn_step_backward", says="the derivative of relu in place of tanh's")
def derivative_of_relu(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t * (h_t > 0))


@wrong("rnn_step_backward", says="dh_prev: the values differ", points=4)
@wrong("rnn_step_backward", says="W_hh is not transposed", points=4, name="W_hh_not_transposed_is_told")
def W_hh_not_transposed(dh_t, x_t, h_prev, h_t, weights):
    dx, _, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, (dh_t * (1 - h_t**2)) @ weights["W_hh"], gradients


@wrong("rnn_step_backward", says="W_xh is not transposed")  # where the sizes differ it fails, and gives nothing back
def W_xh_not_transposed(dh_t, x_t, h_prev, h_t, weights):
    _, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return (dh_t * (1 - h_t**2)) @ weights["W_xh"], dh_prev, gradients


@wrong("rnn_step_backward", says="in the gradient of W_hh", points=4)
def h_t_for_h_prev(dh_t, x_t, h_prev, h_t, weights):
    return _step_with(dh_t, x_t, h_t, h_t, weights, dh_t * (1 - h_t**2))


@wrong("rnn_step_backward", says="the bias is not summed over the batch", points=4)
def bias_not_summed(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": dh_t * (1 - h_t**2)}


@wrong("rnn_step_backward", says="the bias is averaged over the batch, not summed", points=4)
def mean_of_the_bias(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": np.mean(dh_t * (1 - h_t**2), axis=0)}


@wrong("rnn_step_backward", says="the bias is summed over the hidden units", points=4)
def bias_summed_over_the_units(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": np.sum(dh_t * (1 - h_t**2), axis=1)}


@wrong("rnn_step_backward", says="expected shape (4,), got shape (1, 4)", points=4)
def bias_with_kept_axis(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": np.sum(dh_t * (1 - h_t**2), axis=0, keepdims=True)}


@wrong("rnn_step_backward", says="averaged over the batch, not summed", points=2)
def mean_over_the_batch(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {key: g / len(dh_t) for key, g in gradients.items()}


@wrong("rnn_step_backward", says="the gradient is transposed", points=3)
def gradients_transposed(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {key: g.T for key, g in gradients.items()}


@wrong("rnn_step_backward", says="da.T @ h_prev in place of h_prev.T @ da", points=4)
def gradient_of_W_hh_transposed(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "W_hh": gradients["W_hh"].T}


@wrong("rnn_step_backward", says="the gradient goes back to the state without W_hh", points=4)
def back_without_W_hh(dh_t, x_t, h_prev, h_t, weights):
    dx, _, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_t * (1 - h_t**2), gradients


@wrong("rnn_step_backward", says="dx_t and dh_prev are swapped", points=3)
def exchanged(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dh_prev, dx, gradients


@wrong("rnn_step_backward", says="minus the gradient")
def sign_turned_around(dh_t, x_t, h_prev, h_t, weights):
    return rnn_step_backward(-dh_t, x_t, h_prev, h_t, weights)


@wrong("rnn_step_backward", says="only the first sample of the batch counts", points=2)
def first_sample_only(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, _ = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, rnn_step_backward(dh_t[:1], x_t[:1], h_prev[:1], h_t[:1], weights)[2]


@wrong("rnn_step_backward", says="only the last sample of the batch counts", points=2)
def overwritten_for_each_sample(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    for i in range(len(dh_t)):
        gradients = rnn_step_backward(dh_t[[i]], x_t[[i]], h_prev[[i]], h_t[[i]], weights)[2]
    return dx, dh_prev, gradients


@wrong("rnn_step_backward", says="there is no such key, but a dict with the keys 'dW_xh', 'dW_hh', 'db_h'", points=2)
def other_keys(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {f"d{key}": g for key, g in gradients.items()}


@wrong("rnn_step_backward", says="expected a dict, got a tuple of 3", points=2)
def gradients_as_a_tuple(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, tuple(gradients.values())


@wrong("rnn_step_backward", says="expected the tuple (dx_t, dh_prev, gradients), got a tuple of 5")
def flat(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, *gradients.values()


@right("rnn_step_backward")
def list_of_results(dh_t, x_t, h_prev, h_t, weights):
    return list(rnn_step_backward(dh_t, x_t, h_prev, h_t, weights))


@wrong("rnn_step_backward", says="the parts come in another order")
def gradients_first(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return gradients, dx, dh_prev


@wrong("rnn_step_backward", says="no return statement")
def forgets_to_return(dh_t, x_t, h_prev, h_t, weights):
    rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)


@wrong("rnn_step_backward", says="changed in place: dh_t", points=5)
def dh_t_changed_in_place(dh_t, x_t, h_prev, h_t, weights):
    dh_t *= 1 - h_t**2
    return _step_with(dh_t, x_t, h_prev, h_t, weights, dh_t)


@wrong("rnn_step_backward", says="changed in place: weights['W_xh'], weights['W_hh'], weights['b_h']", points=5)
def weights_are_updated_too(dh_t, x_t, h_prev, h_t, weights):
    results = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    for key, g in results[2].items():
        weights[key] -= 0.1 * g
    return results


@wrong("rnn_step_backward", says="an array gets the default dtype float64", points=5)
def bias_of_the_default_dtype(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": np.zeros(h_t.shape[1]) + gradients["b_h"]}


@wrong("rnn_step_backward", says="right but for rounding", points=5)
def through_float32(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx.astype(np.float32), dh_prev, gradients


@wrong("rnn_step_backward", says="expected shape (1, 2), got shape (2,)", points=3)
def squeezed(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx.squeeze(), dh_prev.squeeze(), gradients


@right("rnn_step_backward")
def dict_of_another_type(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return collections.namedtuple("Backward", "dx_t dh_prev gradients")(dx, dh_prev, collections.defaultdict(float, gradients))


# ---- rnn_backward: right


@right("rnn_backward")
def rnn_backward(dh, x, h_0, h, weights):
    dx, carry = np.empty_like(x), np.zeros_like(h_0)
    gradients = {key: np.zeros_like(weights[key]) for key in ("W_xh", "W_hh", "b_h")}
    for t in reversed(range(x.shape[1])):
        h_prev = h[:, t - 1] if t else h_0
        dx[:, t], carry, part = rnn_step_backward(dh[:, t] + carry, x[:, t], h_prev, h[:, t], weights)
        for key in gradients:
            gradients[key] += part[key]
    return dx, carry, gradients


@right("rnn_backward")
def products_after_the_loop(dh, x, h_0, h, weights):
    da, slope = np.empty_like(h), 1 - h * h
    carry = np.zeros_like(h_0)
    for t in range(-1, -1 - h.shape[1], -1):
        da[:, t] = (dh[:, t] + carry) * slope[:, t]
        carry = da[:, t] @ weights["W_hh"].T
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    gradients = {
        "W_xh": np.tensordot(x, da, ([0, 1], [0, 1])),
        "W_hh": np.tensordot(before, da, ([0, 1], [0, 1])),
        "b_h": da.sum((0, 1)),
    }
    return da @ weights["W_xh"].T, carry, gradients


@right("rnn_backward")
def recursion_on_the_last_step(dh, x, h_0, h, weights):
    if x.shape[1] == 0:
        return x.copy(), np.zeros_like(h_0), {key: np.zeros_like(weights[key]) for key in ("b_h", "W_hh", "W_xh")}
    before = np.concatenate([h_0[:, None], h], axis=1)[:, -2]
    dx, carry, part = rnn_step_backward(dh[:, -1], x[:, -1], before, h[:, -1], weights)
    rest = dh[:, :-1].copy()
    if rest.size:
        rest[:, -1] += carry
    earlier, dh_0, gradients = recursion_on_the_last_step(rest, x[:, :-1], h_0, h[:, :-1], weights)
    sums = {key: gradients[key] + part[key] for key in gradients}
    return np.concatenate([earlier, dx[:, None]], axis=1), dh_0 if rest.size else carry, sums


@right("rnn_backward")
def forward_in_time_with_sensitivities(dh, x, h_0, h, weights):
    """A derivative of h_t in every number there is, carried forward: nothing goes back."""
    arrays = {"x": x, "h_0": h_0, **{key: weights[key] for key in ("W_xh", "W_hh", "b_h")}}
    ends = np.cumsum([array.size for array in arrays.values()])
    starts = dict(zip(arrays, ends - [array.size for array in arrays.values()]))
    places = {key: starts[key] + np.arange(array.size).reshape(array.shape) for key, array in arrays.items()}
    batch, hidden = np.arange(len(x)), np.arange(h_0.shape[1])
    moved, slopes, before = np.zeros((ends[-1], *h_0.shape), h.dtype), 0, h_0
    moved[places["h_0"], batch[:, None], hidden] = 1
    for t in range(x.shape[1]):
        moved = moved @ weights["W_hh"]
        for b in batch:
            moved[places["x"][b, t], b] += weights["W_xh"]
            for k in hidden:
                moved[places["W_xh"][:, k], b, k] += x[b, t]
                moved[places["W_hh"][:, k], b, k] += before[b]
                moved[places["b_h"][k], b, k] += 1
        before = h[:, t]
        moved = moved * (1 - before**2)
        slopes = slopes + np.einsum("pbk,bk->p", moved, dh[:, t])
    dx, dh_0, *rest = (slopes[places[key]] for key in arrays)
    return dx, dh_0, dict(zip(list(arrays)[2:], rest))


@right("rnn_backward")
def a_system_of_equations_for_each_sample(dh, x, h_0, h, weights):
    T, m = h.shape[1:]
    da = np.empty_like(h)
    for sample, (d, states) in enumerate(zip(dh, h)):
        slope = (1 - states**2).ravel()
        later = np.kron(np.eye(T, k=1, dtype=h.dtype), weights["W_hh"])
        system = np.eye(T * m, dtype=h.dtype) - slope[:, None] * later
        da[sample] = np.linalg.solve(system, slope * d.ravel()).reshape(T, m)
    before = np.insert(h, 0, h_0, axis=1)[:, :-1]
    gradients = {"W_xh": np.einsum("bti,bth->ih", x, da), "W_hh": np.einsum("btj,bth->jh", before, da)}
    gradients["b_h"] = np.einsum("bth->h", da)
    return np.einsum("bth,ih->bti", da, weights["W_xh"]), np.einsum("bk,hk->bh", da[:, 0], weights["W_hh"]), gradients


@right("rnn_backward")
def states_computed_anew(dh, x, h_0, h, weights):
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ weights["W_xh"] + states[-1] @ weights["W_hh"] + weights["b_h"]))
    return products_after_the_loop(dh, x, states[0], np.stack(states[1:], axis=1), weights)


@right("rnn_backward")
def each_output_goes_back_by_itself(dh, x, h_0, h, weights):
    sums = collections.defaultdict(float)
    dx, dh_0 = np.zeros_like(x), np.zeros_like(h_0)
    for end in range(x.shape[1]):
        back = dh[:, end]
        for t in range(end, -1, -1):
            d, back, part = rnn_step_backward(back, x[:, t], h[:, t - 1] if t > 0 else h_0, h[:, t], weights)
            dx[:, t] += d
            for key, g in part.items():
                sums[key] += g
        dh_0 += back
    return dx, dh_0, dict(sums)


@right("rnn_backward")
def sample_by_sample_and_time_first(dh, x, h_0, h, weights):
    dx, dh_0, sums = [], [], None
    for d, inputs, start, states in zip(dh, x, h_0, h):
        rows, carry = [], 0 * start
        before = [start, *states]
        gradients = [0 * weights["W_xh"], 0 * weights["W_hh"], 0 * weights["b_h"]]
        for t in range(len(states))[::-1]:
            da = (d[t] + carry) * (1 - states[t]) * (1 + states[t])
            carry = weights["W_hh"] @ da
            rows.append(weights["W_xh"] @ da)
            parts = np.outer(inputs[t], da), np.outer(before[t], da), da
            gradients = [g + part for g, part in zip(gradients, parts)]
        dx.append(np.array(rows[::-1]))
        dh_0.append(carry)
        sums = gradients if sums is None else [a + b for a, b in zip(sums, gradients)]
    dx = np.asfortranarray(np.swapaxes(np.array(dx), 0, 1)).swapaxes(0, 1)
    return dx, np.array(dh_0), {"b_h": sums[2], "W_xh": sums[0], "W_hh": sums[1]}


@right("rnn_backward")
def carry_added_into_a_copy(dh, x, h_0, h, weights):
    print("a copy of", dh.shape)
    dh = np.pad(dh, ((0, 0), (1, 0), (0, 0)))
    before = np.concatenate((h_0[:, np.newaxis], h), axis=1)
    dx, parts = [], []
    for t in range(x.shape[1], 0, -1):
        d, carry, part = rnn_step_backward(dh[:, t], x[:, t - 1], before[:, t - 1], before[:, t], weights)
        dh[:, t - 1] += carry
        dx.append(d)
        parts.append(part)
    return np.stack(dx, axis=1)[:, ::-1], dh[:, 0], {key: sum(part[key] for part in parts) for key in parts[0]}


# ---- rnn_backward: wrong


def _loop(dh, x, h_0, h, weights, step=rnn_step_backward, before=None, order=reversed):
    """The usual loop, with something in it spoilt."""
    dx, carry = np.zeros_like(x), np.zeros_like(h_0)
    gradients = {key: np.zeros_like(weights[key]) for key in ("W_xh", "W_hh", "b_h")}
    for t in order(range(x.shape[1])):
        h_prev = before(t, h_0, h) if before else h[:, t - 1] if t else h_0
        dx[:, t], carry, part = step(dh[:, t] + carry, x[:, t], h_prev, h[:, t], weights)
        for key in gradients:
            gradients[key] += part[key]
    return dx, carry, gradients


@wrong("rnn_backward", says="the carry from step t+1 is not added", points=3)
@wrong("rnn_backward", says="dx is first wrong at step 4 of 5", points=3, name="carry_not_added_where")
def carry_not_added(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    parts = []
    for t in reversed(range(x.shape[1])):
        before = h[:, t - 1] if t else h_0
        dx[:, t], carry, part = rnn_step_backward(dh[:, t], x[:, t], before, h[:, t], weights)
        parts.append(part)
    return dx, carry, {key: sum(part[key] for part in parts) for key in gradients}


@wrong("rnn_backward", says="never added to dh[:, t]: each state learns only from its own output", points=2)
def no_carry_at_all(dh, x, h_0, h, weights):
    da = dh * (1 - h**2)
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    gradients = {name: np.einsum("bti,bth->ih", rows, da) for name, rows in (("W_xh", x), ("W_hh", before))}
    gradients["b_h"] = da.sum(axis=(0, 1))
    return da @ weights["W_xh"].T, np.zeros_like(h_0), gradients


@wrong("rnn_backward", says="the carry is added after tanh's derivative", points=3)
def carry_added_after_the_slope(dh, x, h_0, h, weights):
    dx, carry = np.zeros_like(x), np.zeros_like(h_0)
    gradients = {"W_xh": 0, "W_hh": 0, "b_h": 0}
    for t in reversed(range(x.shape[1])):
        da = dh[:, t] * (1 - h[:, t] ** 2) + carry
        dx[:, t], carry = da @ weights["W_xh"].T, da @ weights["W_hh"].T
        before = h[:, t - 1] if t else h_0
        for key, part in zip(gradients, (x[:, t].T @ da, before.T @ da, da.sum(axis=0))):
            gradients[key] = gradients[key] + part
    return dx, carry, gradients


@wrong("rnn_backward", says="the carry is accumulated (+=)", points=3)
def carry_accumulated(dh, x, h_0, h, weights):
    dx, carry = np.zeros_like(x), np.zeros_like(h_0)
    gradients = {key: np.zeros_like(weights[key]) for key in ("W_xh", "W_hh", "b_h")}
    for t in reversed(range(x.shape[1])):
        h_prev = h[:, t - 1] if t else h_0
        dx[:, t], back, part = rnn_step_backward(dh[:, t] + carry, x[:, t], h_prev, h[:, t], weights)
        carry += back
        for key in gradients:
            gradients[key] += part[key]
    return dx, carry, gradients


@wrong("rnn_backward", says="dh of the earlier steps is not added", points=1)
def output_of_the_last_step_only(dh, x, h_0, h, weights):
    dh = dh.copy()
    dh[:, :-1] = 0
    return rnn_backward(dh, x, h_0, h, weights)


@wrong("rnn_backward", says="the loop runs forward in time", points=3)
def forward_loop(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, order=iter)


@wrong("rnn_backward", says="the gradient is overwritten in every step, not accumulated", points=4)
@wrong("rnn_backward", says="['W_xh']: the values differ", points=4, name="overwritten_names_the_parameter")
def overwritten(dh, x, h_0, h, weights):
    dx, carry = np.zeros_like(x), np.zeros_like(h_0)
    for t in reversed(range(x.shape[1])):
        h_prev = h[:, t - 1] if t else h_0
        dx[:, t], carry, gradients = rnn_step_backward(dh[:, t] + carry, x[:, t], h_prev, h[:, t], weights)
    return dx, carry, gradients


@wrong("rnn_backward", says="only the last time step's gradient counts", points=4)
def last_step_only(dh, x, h_0, h, weights):
    dx, dh_0, _ = rnn_backward(dh, x, h_0, h, weights)
    before = h[:, -2] if h.shape[1] > 1 else h_0
    return dx, dh_0, rnn_step_backward(dh[:, -1], x[:, -1], before, h[:, -1], weights)[2]


@wrong("rnn_backward", says="the bias is not summed over the batch", points=3)
def bias_of_each_sample(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    ones = [rnn_backward(*(a[[i]] for a in (dh, x, h_0, h)), weights) for i in range(len(x))]
    return dx, dh_0, {**gradients, "b_h": np.array([one[2]["b_h"] for one in ones])}


@wrong("rnn_backward", says="the bias is not summed over the time steps", points=4)
def bias_of_each_step(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    carry, rows = np.zeros_like(h_0), []
    for t in reversed(range(x.shape[1])):
        da = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da @ weights["W_hh"].T
        rows.insert(0, da.sum(axis=0))
    return dx, dh_0, {**gradients, "b_h": np.array(rows) if len(rows) > 1 else rows[0]}


@wrong("rnn_backward", says="averaged over the batch, not summed", points=3)
def mean_over_the_batch_of_a_sequence(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: g / len(x) for key, g in gradients.items()}


@wrong("rnn_backward", says="averaged over the time steps, not summed", points=4)
def mean_over_time(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: g / x.shape[1] for key, g in gradients.items()}


@wrong("rnn_backward", says="averaged over batch and time, not summed", points=3)
def mean_over_both(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: g / x[..., 0].size for key, g in gradients.items()}


@wrong("rnn_backward", says="divided by T twice", points=4)
def divided_by_T_in_the_loop_and_after_it(dh, x, h_0, h, weights):
    T = x.shape[1]

    def step(*case):
        dx, carry, part = rnn_step_backward(*case)
        return dx, carry, {key: g / T for key, g in part.items()}

    dx, dh_0, gradients = _loop(dh, x, h_0, h, weights, step)
    return dx, dh_0, {key: g / T for key, g in gradients.items()}


@wrong("rnn_backward", says="h_t is used for h_prev (h_{t-1}) in the gradient of W_hh", points=3)
@wrong("rnn_backward", says="['W_hh']: the values differ", points=3, name="state_of_the_step_names_the_parameter")
def state_of_the_step_itself(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, before=lambda t, h_0, h: h[:, t])


@wrong("rnn_backward", says="h[:, -1] at t = 0 is the last state", points=3)
def index_minus_one(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, before=lambda t, h_0, h: h[:, t - 1])


@wrong("rnn_backward", says="h_0 is ignored", points=3)
def zeros_before_the_first_step(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, before=lambda t, h_0, h: h[:, t - 1] if t else np.zeros_like(h_0))


@wrong("rnn_backward", says="every step takes h_0 for the state before it", points=4)
def h_0_before_every_step(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, before=lambda t, h_0, h: h_0)


@wrong("rnn_backward", says="W_hh is not transposed where the gradient goes back to the state", points=2)
def W_hh_not_transposed_in_the_loop(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, W_hh_not_transposed)


@wrong("rnn_backward", says="W_xh is not transposed where the gradient goes back to the input")
def W_xh_not_transposed_in_the_loop(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, W_xh_not_transposed)


@wrong("rnn_backward", says="the gradient is transposed", points=3)
def gradients_of_a_sequence_transposed(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: g.T for key, g in gradients.items()}


@wrong("rnn_backward", says="the derivative is 1 - h_t**2, with h_t = tanh(a), not 1 - a**2")
def derivative_at_the_pre_activations(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, derivative_at_the_pre_activation)


@wrong("rnn_backward", says="the tanh derivative is taken of the state again")
def derivative_of_the_states(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, derivative_of_the_state)


@wrong("rnn_backward", says="dx comes back in reverse order of time", points=5)
def inputs_from_back_to_front(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx[:, ::-1], dh_0, gradients


@wrong("rnn_backward", says="the axes batch and time of dx are swapped", points=4)
def time_first(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return np.array(list(dx.swapaxes(0, 1))), dh_0, gradients


@wrong("rnn_backward", says="the first time step is left out of the loop")
def first_step_left_out(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, order=lambda steps: reversed(steps[1:]))


@wrong("rnn_backward", says="the last time step is left out of the loop")
@wrong("rnn_backward", says="dx is first wrong at step 5 of 5", points=0, name="last_step_left_out_where")
def last_step_left_out(dh, x, h_0, h, weights):
    return _loop(dh, x, h_0, h, weights, order=lambda steps: reversed(steps[:-1]))


@wrong("rnn_backward", says="dh_0 stays zero", points=5)
def dh_0_of_zeros(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, np.zeros_like(h_0), gradients


@wrong("rnn_backward", says="dh_0 is the gradient of h_1", points=5)
def gradient_of_h_1(dh, x, h_0, h, weights):
    dx, _, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh[:, 0] + rnn_backward(dh[:, 1:], x[:, 1:], h[:, 0], h[:, 1:], weights)[1], gradients


@wrong("rnn_backward", says="changed in place: dh", points=7)
def carry_added_in_place(dh, x, h_0, h, weights):
    dx, carry = np.empty_like(x), 0
    gradients = {key: 0 for key in ("W_xh", "W_hh", "b_h")}
    for t in reversed(range(x.shape[1])):
        dh[:, t] += carry
        dx[:, t], carry, part = rnn_step_backward(dh[:, t], x[:, t], h[:, t - 1] if t else h_0, h[:, t], weights)
        gradients = {key: gradients[key] + part[key] for key in gradients}
    return dx, carry, gradients


@wrong("rnn_backward", says="an array gets the default dtype float64", points=7)
def inputs_of_the_default_dtype(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return np.zeros(x.shape) + dx, dh_0, gradients


@wrong("rnn_backward", says="right but for rounding", points=7)
def sequence_through_float32(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx.astype(np.float32), dh_0, gradients


@wrong("rnn_backward", says="KeyError: 'W_hy'", points=3)
def a_sum_for_every_weight(dh, x, h_0, h, weights):
    gradients = {key: np.zeros_like(weights[key]) for key in weights}
    dx, carry = np.empty_like(x), np.zeros_like(h_0)
    for t in reversed(range(x.shape[1])):
        before = h[:, t - 1] if t else h_0
        dx[:, t], carry, part = rnn_step_backward(dh[:, t] + carry, x[:, t], before, h[:, t], weights)
        for key in gradients:
            gradients[key] += part[key]
    return dx, carry, gradients


@wrong("rnn_backward", says="expected the tuple (dx, dh_0, gradients), got an array")
def inputs_only(dh, x, h_0, h, weights):
    return rnn_backward(dh, x, h_0, h, weights)[0]


@wrong("rnn_backward", says="now by T twice", points=4)
def divided_by_T_as_the_loss_is(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: g / h.shape[1] for key, g in gradients.items()}


@wrong("rnn_backward", says="everything is divided by T: where the loss is a mean", points=1)
def everything_divided_by_T(dh, x, h_0, h, weights):
    return rnn_backward(dh / h.shape[1], x, h_0, h, weights)


@wrong("rnn_backward", says="everything is divided by the batch")
def everything_divided_by_the_batch(dh, x, h_0, h, weights):
    return rnn_backward(dh / len(h), x, h_0, h, weights)


@wrong("rnn_backward", says="got a dict with the keys 'W_xh', 'W_hh', 'b_h', 'W_hy', 'b_y'", points=7)
def zeros_for_the_output_layer(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0, {key: gradients.get(key, np.zeros_like(w)) for key, w in weights.items()}


@wrong("rnn_backward", says="got an array of shape (4, 1, 4) and dtype complex128")
def complex_results(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx + 0j, dh_0 + 0j, {key: g + 0j for key, g in gradients.items()}


# ---- cross_entropy_backward: right


@right("cross_entropy_backward")
def cross_entropy_backward(logits, targets, mask):
    z, wanted = logits[mask], targets[mask]
    rows = np.arange(len(wanted))
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - z[rows, wanted])
    p /= total
    p[rows, wanted] -= 1
    dlogits = np.zeros_like(logits)
    dlogits[mask] = p / len(rows)
    return float(loss), dlogits


@right("cross_entropy_backward")
def logaddexp_and_where(logits, targets, mask):
    clean = np.where(mask[..., None], logits, np.zeros_like(logits))
    log_p = clean - np.logaddexp.reduce(clean, axis=-1, keepdims=True)
    hot = np.eye(logits.shape[-1], dtype=logits.dtype)[targets]
    count = int(mask.sum())
    loss = -np.sum(log_p * hot * mask[..., None]) / count
    return loss, np.where(mask[..., None], (np.exp(log_p) - hot) / count, 0).astype(logits.dtype)


@right("cross_entropy_backward")
def pure_python_position_by_position(logits, targets, mask):
    costs, dlogits = [], np.zeros(logits.shape, logits.dtype)
    count = sum(bool(real) for row in mask for real in row)
    for b, t in zip(*np.nonzero(mask)):
        row = logits[b, t].tolist()
        top = max(row)
        total = math.fsum(math.exp(z - top) for z in row)
        costs.append(top + math.log(total) - row[targets[b, t]])
        for k, z in enumerate(row):
            dlogits[b, t, k] = (math.exp(z - top) / total - (k == targets[b, t])) / count
    return np.float64(math.fsum(costs) / count), dlogits


@right("cross_entropy_backward")
def flat_rows_and_take_along_axis(logits, targets, mask):
    size = logits.shape[-1]
    real, ids = np.flatnonzero(mask), targets.reshape(-1, 1)
    z = np.take(logits.reshape(-1, size), real, axis=0)
    z -= np.sort(z, axis=1)[:, -1:]
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    cost = np.take_along_axis(log_p, ids[real], axis=1)
    d = np.exp(log_p)
    np.add.at(d, (np.arange(len(real)), ids[real, 0]), -1)
    out = np.zeros((mask.size, size), logits.dtype)
    out[real] = d / len(real)
    return np.array(-cost.mean()), np.asfortranarray(out).reshape(logits.shape)


@right("cross_entropy_backward")
def nan_to_num_and_weights_for_positions(logits, targets, mask):
    shown = np.nan_to_num(logits, posinf=0.0, neginf=0.0)
    shown *= mask[..., None]
    weight = (mask / mask.sum()).astype(logits.dtype)
    shown -= np.max(shown, axis=2, keepdims=True)
    p = np.exp(shown)
    total = np.sum(p, axis=2)
    b, t = np.indices(mask.shape)
    loss = np.vdot(weight, np.log(total) - shown[b, t, targets])
    p *= (weight / total)[..., None]
    p[b, t, targets] -= weight
    return loss.item(), p


@right("cross_entropy_backward")
def sequence_by_sequence(logits, targets, mask):
    warnings.warn("slow", stacklevel=1)
    loss, dlogits, count = 0.0, np.zeros_like(logits), np.count_nonzero(mask)
    for i, keep in enumerate(mask):
        part, d = cross_entropy_backward(logits[i : i + 1, keep], targets[i : i + 1, keep], keep[None, keep])
        loss += part * (keep.sum() / count)
        dlogits[i, keep] = d[0] * (keep.sum() / count)
    return np.float32(loss) if logits.dtype == np.float32 else loss, dlogits


right("cross_entropy_backward", name="partial")(
    functools.partial(lambda *case, epsilon=0: cross_entropy_backward(*case), epsilon=1e-8)
)


# ---- cross_entropy_backward: wrong


def _softmax(logits, axis=-1):
    p = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return p / p.sum(axis=axis, keepdims=True)


def _one_hot(logits, targets):
    return np.eye(logits.shape[-1], dtype=logits.dtype)[targets]


@wrong("cross_entropy_backward", says="subtract each position's largest logit first", points=3)
def exponential_of_the_logits(logits, targets, mask):
    z, wanted = logits[mask], targets[mask]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(z)), wanted]))
    dlogits = np.zeros_like(logits)
    dlogits[mask] = (p - np.eye(z.shape[1])[wanted]) / len(z)
    return float(loss), dlogits


@wrong("cross_entropy_backward", says="one maximum for all positions", points=3)
def one_maximum_for_all(logits, targets, mask):
    z, wanted = logits[mask], targets[mask]
    z = z - z.max()
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(z)), wanted]))
    dlogits = np.zeros_like(logits)
    dlogits[mask] = (p - np.eye(z.shape[1], dtype=z.dtype)[wanted]) / len(z)
    return float(loss), dlogits


@wrong("cross_entropy_backward", says="subtract each position's largest logit first", points=3)
def logarithm_of_the_sum_without_a_maximum(logits, targets, mask):
    return _from_shifted(logits, targets, mask, 0.0)


@wrong("cross_entropy_backward", says="one maximum for all positions", points=3)
def logarithm_of_the_sum_with_one_maximum_for_all(logits, targets, mask):
    return _from_shifted(logits, targets, mask, logits[mask].max())


def _from_shifted(logits, targets, mask, shift=0.0):
    z, wanted = logits[mask] - shift, targets[mask]
    rows = np.arange(len(z))
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - z[rows, wanted])
    dlogits = np.zeros_like(logits)
    dlogits[mask] = (p / total - np.eye(z.shape[1], dtype=z.dtype)[wanted]) / len(z)
    return float(loss), dlogits


@wrong("cross_entropy_backward", says="the gradient is divided by the number of all positions, padding too", points=3)
def gradient_divided_by_all_positions(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, dlogits * logits.dtype.type(mask.sum() / mask.size)


@wrong("cross_entropy_backward", says="the loss is divided by the number of all positions, padding too", points=3)
def loss_divided_by_all_positions(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss * float(mask.mean()), dlogits


@wrong("cross_entropy_backward", says="a small number (1e-12) inside the logarithm bounds the loss", points=3)
def tiny_number_inside_the_logarithm(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    p = _softmax(logits[mask])[np.arange(mask.sum()), targets[mask]]
    return -np.mean(np.log(p + 1e-12)), dlogits


@wrong("cross_entropy_backward", says="softmax has rounded the target's probability to 0", points=3)
def logarithm_of_the_softmax(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    p = _softmax(logits[mask])[np.arange(mask.sum()), targets[mask]]
    return -np.mean(np.log(p)), dlogits


@wrong("cross_entropy_backward", says="the loss is the sum, not the mean", points=1)
def sum_of_the_losses(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss * mask.sum(), dlogits


@wrong("cross_entropy_backward", says="the gradient is that of the sum", points=1)
def gradient_not_divided(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, dlogits * int(mask.sum())


@wrong("cross_entropy_backward", says="sum, not mean, in loss and gradient")
def sums(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss * mask.sum(), dlogits * int(mask.sum())


@wrong("cross_entropy_backward", says="the gradient is divided by the number of positions twice", points=1)
def gradient_divided_twice(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, dlogits / int(mask.sum())


@wrong("cross_entropy_backward", says="divided by the number of all positions, padding too", points=3)
def mean_with_padding(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss * mask.mean(), dlogits * float(mask.mean())


@wrong("cross_entropy_backward", says="padding counts like a real position", points=3)
def mask_ignored(logits, targets, mask):
    return cross_entropy_backward(logits, targets, np.ones_like(mask))


@wrong("cross_entropy_backward", says="padding gets a gradient", points=3)
def gradient_of_padding(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, (_softmax(logits) - _one_hot(logits, targets)) / int(mask.sum())


@wrong("cross_entropy_backward", says="0 * nan is nan", points=3)
def loss_multiplied_by_the_mask(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    log_p = logits - np.max(logits, axis=-1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    cost = -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    return np.sum(cost * mask) / mask.sum(), dlogits


@wrong("cross_entropy_backward", says="the mean of the sequences' means", points=3)
def mean_of_means(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    ones = [cross_entropy_backward(logits[[i]], targets[[i]], mask[[i]])[0] for i in range(len(mask))]
    return np.mean(ones), dlogits


@wrong("cross_entropy_backward", says="the loss is in bits", points=1)
def loss_in_bits(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss / math.log(2), dlogits


@wrong("cross_entropy_backward", says="the loss has the wrong sign", points=1)
def log_likelihood(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return -loss, dlogits


@wrong("cross_entropy_backward", says="the one-hot target is not subtracted", points=1)
def softmax_divided_by_N(logits, targets, mask):
    loss, _ = cross_entropy_backward(logits, targets, mask)
    return loss, np.where(mask[..., None], _softmax(logits) / int(mask.sum()), 0).astype(logits.dtype)


@wrong("cross_entropy_backward", says="the gradient has the wrong sign", points=1)
def one_hot_minus_softmax(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, -dlogits


@wrong("cross_entropy_backward", says="-1/p at the target", points=1)
def gradient_in_the_probabilities(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    hot = _one_hot(logits, targets)
    return loss, np.where(mask[..., None], -hot / _softmax(logits) / int(mask.sum()), 0)


@wrong("cross_entropy_backward", says="the softmax runs over the time steps")
def softmax_over_time(logits, targets, mask):
    p, n = _softmax(logits, axis=1), int(mask.sum())
    hot = _one_hot(logits, targets)
    return -np.sum(np.log(p) * hot) / n, (p - hot) / n


@wrong("cross_entropy_backward", says="divided by the batch only")
def mean_over_the_batch_only(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    n = int(mask.sum()) / len(mask)
    return loss * n, dlogits * n


@wrong("cross_entropy_backward", says="the targets are one time step off")
def shifted_targets(logits, targets, mask):
    return cross_entropy_backward(logits, np.roll(targets, -1, axis=1), mask)


@wrong("cross_entropy_backward", says="dlogits: expected shape (2, 3, 30), got shape (6, 30)", points=1)
def real_rows_only(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, dlogits[mask]


@wrong("cross_entropy_backward", says="loss: expected a number, got an array of shape (4, 4)", points=1)
def loss_of_each_position(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return np.full(mask.shape, loss), dlogits


@wrong("cross_entropy_backward", says="expected the tuple (loss, dlogits), got an array")
def gradient_only(logits, targets, mask):
    return cross_entropy_backward(logits, targets, mask)[1]


@wrong("cross_entropy_backward", says="changed in place: logits", points=4)
def shifted_in_place(logits, targets, mask):
    logits -= np.max(logits, axis=-1, keepdims=True)
    return cross_entropy_backward(logits, targets, mask)


@wrong("cross_entropy_backward", says="an array gets the default dtype float64", points=4)
def zeros_of_the_default_dtype(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return loss, np.zeros(logits.shape) + dlogits


@wrong("cross_entropy_backward", says="right but for rounding", points=4)
def loss_in_float32(logits, targets, mask):
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    return np.float32(loss), dlogits


@wrong("cross_entropy_backward", says="the mask is inverted")
def inverted_mask(logits, targets, mask):
    return cross_entropy_backward(logits, targets, ~mask)


@wrong("cross_entropy_backward", says="0 * nan is nan", points=3)
def everything_times_the_mask(logits, targets, mask):
    z = logits - np.max(logits, axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    cost = -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    d = (np.exp(log_p) - _one_hot(logits, targets)) / int(mask.sum())
    return np.sum(cost * mask) / mask.sum(), d * mask[..., None]


# ---- adam_step: right


@right("adam_step")
def adam_step(weights, gradients, state, learning_rate, max_norm):
    norm = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    scale = max_norm / norm if norm > max_norm else 1.0
    step = state["step"] + 1
    new, m, v = {}, {}, {}
    for name, w in weights.items():
        g = scale * gradients[name]
        m[name] = 0.9 * state["m"][name] + 0.1 * g
        v[name] = 0.999 * state["v"][name] + 0.001 * g**2
        m_hat = m[name] / (1 - 0.9**step)
        v_hat = v[name] / (1 - 0.999**step)
        new[name] = w - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return new, {"m": m, "v": v, "step": step}


@right("adam_step")
def one_vector(weights, gradients, state, learning_rate, max_norm):
    def joined(arrays):
        return np.concatenate([arrays[key].reshape(-1) for key in weights])

    w, g, m, v = map(joined, (weights, gradients, state["m"], state["v"]))
    g = g * min(1.0, max_norm / max(float(np.linalg.norm(g)), 1e-300))
    m += (g - m) * (1 - 0.9)
    v += (g * g - v) * (1 - 0.999)
    step = 1 + state["step"]
    w -= learning_rate * (m / (1 - 0.9**step)) / (1e-8 + np.sqrt(v / (1 - 0.999**step)))

    def apart(vector):
        parts = np.split(vector, np.cumsum([weights[key].size for key in weights])[:-1])
        return {key: part.reshape(weights[key].shape) for key, part in zip(weights, parts)}

    return apart(w), {"step": step, "m": apart(m), "v": apart(v)}


@right("adam_step")
def in_place_on_deep_copies(weights, gradients, state, learning_rate, max_norm):
    weights, gradients, state = copy.deepcopy((weights, gradients, state))
    norm = math.sqrt(math.fsum(float(number) ** 2 for g in gradients.values() for number in g.flat))
    state["step"] += 1
    for key in weights:
        if norm > max_norm:
            gradients[key] *= max_norm / norm
        state["m"][key] *= 0.9
        state["m"][key] += (1 - 0.9) * gradients[key]
        state["v"][key] *= 0.999
        state["v"][key] += (1 - 0.999) * gradients[key] ** 2
        m_hat = state["m"][key] / (1 - 0.9 ** state["step"])
        v_hat = state["v"][key] / (1 - 0.999 ** state["step"])
        weights[key] -= learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return weights, state


@right("adam_step")
def corrections_in_the_learning_rate(weights, gradients, state, learning_rate, max_norm):
    """The efficient order of the paper, with epsilon scaled so that the result is the same."""
    step = np.int64(state["step"] + 1)
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients.values()])
    gradients = {key: g * min(1.0, float(max_norm / norm)) if norm else g for key, g in gradients.items()}
    m = {key: 0.9 * state["m"][key] + 0.1 * g for key, g in gradients.items()}
    v = {key: 0.999 * state["v"][key] + 0.001 * np.square(g) for key, g in gradients.items()}
    root = math.sqrt(1 - 0.999 ** int(step))
    rate = learning_rate * root / (1 - 0.9 ** int(step))
    weights = {key: w - rate * m[key] / (np.sqrt(v[key]) + 1e-8 * root) for key, w in weights.items()}
    return weights, dict(m=m, v=v, step=step)


@right("adam_step")
def division_by_a_norm_of_zero_gives_infinity(weights, gradients, state, learning_rate, max_norm):
    norm = np.sqrt(np.sum([np.sum(g.astype(np.float64) ** 2) for g in gradients.values()]))
    scale = float(np.minimum(1, max_norm / norm))
    return adam_step(weights, {key: scale * g for key, g in gradients.items()}, state, learning_rate, np.inf)


@right("adam_step")
def number_by_number(weights, gradients, state, learning_rate, max_norm):
    norm = math.hypot(*(float(a) for g in gradients.values() for a in g.ravel()))
    scale, step = (max_norm / norm if norm >= max_norm else 1), state["step"] + 1
    new, after = {}, {"m": {}, "v": {}, "step": step}
    for key in sorted(weights):
        rows = zip(weights[key].flat, gradients[key].flat, state["m"][key].flat, state["v"][key].flat)
        numbers = []
        for w, g, m, v in rows:
            g = float(g) * scale
            m, v = m * 0.9 + g * 0.1, v * 0.999 + g * g * 0.001
            m_hat, v_hat = m / (1 - 0.9**step), v / (1 - 0.999**step)
            numbers.append((w - learning_rate * m_hat / (math.sqrt(v_hat) + 1e-8), m, v))
        shaped = np.array(numbers, weights[key].dtype).T.reshape(3, *weights[key].shape)
        new[key], after["m"][key], after["v"][key] = shaped
    print(new)
    return new, after


# ---- adam_step: wrong


def _adam(
    weights, gradients, state, learning_rate, max_norm, *, clip=None, b1=0.9, b2=0.999, steps=1,
    update=lambda m, v, g: m / (np.sqrt(v) + 1e-8), square=np.square, correct=(True, True),
):
    """The usual step, with something in it spoilt."""
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
    scaled = {key: g * min(1.0, max_norm / (norm or 1.0)) for key, g in gradients.items()}
    scaled = clip(gradients, norm, max_norm) if clip else scaled
    step = state["step"] + steps
    new, m, v = {}, {}, {}
    for key, w in weights.items():
        m[key] = b1 * state["m"][key] + (1 - b1) * scaled[key]
        v[key] = b2 * state["v"][key] + (1 - b2) * square(scaled[key])
        m_hat = m[key] / (1 - b1**step) if correct[0] else m[key]
        v_hat = v[key] / (1 - b2**step) if correct[1] else v[key]
        new[key] = w - learning_rate * update(m_hat, v_hat, scaled[key])
    return new, {"m": m, "v": v, "step": state["step"] + 1}


def _wrong_adam(name, says, points, **spoil):
    wrong("adam_step", says=says, points=points, name=name)(lambda *case: _adam(*case, **spoil))


_wrong_adam("not_clipped", "the gradient is not clipped", 3, clip=lambda g, norm, c: g)
_wrong_adam(
    "each_array_clipped_alone", "each array is clipped by its own norm", 3,
    clip=lambda g, norm, c: {key: a * min(1.0, c / np.linalg.norm(a)) if a.any() else a for key, a in g.items()},
)
_wrong_adam(
    "each_number_clipped", "each number is clipped to max_norm", 3,
    clip=lambda g, norm, c: {key: np.clip(a, -c, c) for key, a in g.items()},
)
_wrong_adam(
    "always_scaled", "the gradient is scaled to max_norm always", 0,
    clip=lambda g, norm, c: {key: a * (c / norm) for key, a in g.items()},
)
_wrong_adam(
    "norms_added_up", "the norms of the arrays are added up", 3,
    clip=lambda g, norm, c: {key: a * min(1.0, c / sum(map(np.linalg.norm, g.values()))) for key, a in g.items()},
)
_wrong_adam(
    "norm_without_the_root", "the square root is missing in the norm", 0,
    clip=lambda g, norm, c: {key: a * min(1.0, c / norm**2) for key, a in g.items()},
)
_wrong_adam(
    "not_multiplied_by_max_norm", "divided by its norm but not multiplied by max_norm", 3,
    clip=lambda g, norm, c: {key: a / norm if norm > c else a for key, a in g.items()},
)
_wrong_adam(
    "division_by_zero", "ZeroDivisionError", 4,
    clip=lambda g, norm, c: {key: a * min(1.0, c / norm) for key, a in g.items()},
)
_wrong_adam(
    "clipping_of_a_library", "right but for rounding", 4,
    clip=lambda g, norm, c: {key: a * min(1.0, c / (norm + 1e-6)) for key, a in g.items()},
)
_wrong_adam("without_correction", "the bias correction is missing", 2, correct=(False, False))
_wrong_adam("m_not_corrected", "the bias correction of m is missing", 2, correct=(False, True))
_wrong_adam("v_not_corrected", "the bias correction of v is missing", 2, correct=(True, False))
_wrong_adam("old_step_in_the_correction", "the first update has step 1", 2, steps=0)
_wrong_adam(
    "epsilon_inside_the_root", "epsilon is inside the square root", 2, update=lambda m, v, g: m / np.sqrt(v + 1e-8)
)
_wrong_adam("no_epsilon", "epsilon is missing", 2, update=lambda m, v, g: m / np.sqrt(v))
_wrong_adam("no_root", "the square root of v is missing", 2, update=lambda m, v, g: m / (v + 1e-8))
_wrong_adam("uphill", "the update has the wrong sign", 2, update=lambda m, v, g: -m / (np.sqrt(v) + 1e-8))
_wrong_adam("v_of_the_gradient", "v takes the gradient, not its square", 0, square=np.abs)
_wrong_adam("betas_exchanged", "beta1 and beta2 are swapped", 0, b1=0.999, b2=0.9)
_wrong_adam("another_beta2", "beta2 is 0.99; the course takes 0.999", 0, b2=0.99)
_wrong_adam(
    "gradient_in_place_of_m", "the update takes the gradient in place of m", 3,
    update=lambda m, v, g: g / (np.sqrt(v) + 1e-8),
)
_wrong_adam("plain_descent", "this is plain gradient descent", 2, update=lambda m, v, g: g)


@wrong("adam_step", says="v takes the gradient as it was before clipping", points=3)
def v_of_the_unclipped_gradient(weights, gradients, state, learning_rate, max_norm):
    _, after = adam_step(weights, gradients, state, learning_rate, np.inf)
    clipped = _adam(weights, gradients, state, learning_rate, max_norm)[1]
    return _adam_from(weights, {**clipped, "v": after["v"]}, learning_rate)


def _adam_from(weights, state, learning_rate):
    fix = 1 - 0.9 ** state["step"], 1 - 0.999 ** state["step"]
    m, v = state["m"], state["v"]
    return {k: w - learning_rate * m[k] / fix[0] / (np.sqrt(v[k] / fix[1]) + 1e-8) for k, w in weights.items()}, state


def _with_betas(weights, gradients, state, learning_rate, max_norm, means, correction):
    norm = float(np.sqrt(sum(np.sum(g * g) for g in gradients.values())))
    scale, step = (max_norm / norm if norm > max_norm else 1.0), state["step"] + 1
    new, m, v = {}, {}, {}
    for name, w in weights.items():
        g = scale * gradients[name]
        m[name] = means[0] * state["m"][name] + (1 - means[0]) * g
        v[name] = means[1] * state["v"][name] + (1 - means[1]) * g**2
        root = np.sqrt(v[name] / (1 - correction[1] ** step))
        new[name] = w - learning_rate * m[name] / (1 - correction[0] ** step) / (root + 1e-8)
    return new, {"m": m, "v": v, "step": step}


@wrong("adam_step", says="beta1 and beta2 are swapped in m and v")
def betas_exchanged_in_the_means(*case):
    return _with_betas(*case, means=(0.999, 0.9), correction=(0.9, 0.999))


@wrong("adam_step", says="state['m']['W_xh']: the values differ", name="parts_of_the_first_step_are_named")
@wrong("adam_step", says="beta1 and beta2 are swapped\n")
def betas_exchanged_everywhere(*case):
    return _with_betas(*case, means=(0.999, 0.9), correction=(0.999, 0.9))


@wrong("adam_step", says="beta1 and beta2 are swapped in the bias correction", points=2)
def betas_exchanged_in_the_correction(*case):
    return _with_betas(*case, means=(0.9, 0.999), correction=(0.999, 0.9))


@wrong("adam_step", says="the corrected m and v are stored", points=1)
def corrected_moments_stored(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    after["m"] = {key: m / (1 - 0.9 ** after["step"]) for key, m in after["m"].items()}
    after["v"] = {key: v / (1 - 0.999 ** after["step"]) for key, v in after["v"].items()}
    return new, after


@wrong("adam_step", says="step is never increased", points=2)
def step_not_stored(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    return new, {**after, "step": state["step"]}


@wrong("adam_step", says="the old moments are not used", points=1)
def moments_begin_anew(weights, gradients, state, learning_rate, max_norm):
    zeros = {key: np.zeros_like(w) for key, w in weights.items()}
    return adam_step(weights, gradients, {"m": zeros, "v": zeros, "step": state["step"]}, learning_rate, max_norm)


@wrong("adam_step", says="the state comes back as it was", points=1)
def old_state(weights, gradients, state, learning_rate, max_norm):
    return adam_step(weights, gradients, state, learning_rate, max_norm)[0], state


@wrong("adam_step", says="the update comes back, not the updated weights", points=2)
def update_only(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    return {key: new[key] - w for key, w in weights.items()}, after


@wrong("adam_step", says="changed in place: weights['W_xh']", points=4)
def weights_in_place(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    for key in weights:
        weights[key][...] = new[key]
    return weights, after


@wrong("adam_step", says="changed in place: state['m']['W_xh']", points=4)
def shallow_copy_of_the_state(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    state = dict(state, step=after["step"])
    for key in weights:
        state["m"][key], state["v"][key] = after["m"][key], after["v"][key]
    return new, state


@wrong("adam_step", says="changed in place: gradients['W_xh']", points=4)
def gradients_clipped_in_place(weights, gradients, state, learning_rate, max_norm):
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
    for g in gradients.values():
        g *= min(1.0, max_norm / (norm or 1.0))
    return adam_step(weights, gradients, state, learning_rate, max_norm)


@wrong("adam_step", says="wrap it in float()", points=4)
def norm_of_float64(weights, gradients, state, learning_rate, max_norm):
    norm = np.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
    scale = max_norm / norm if norm > max_norm else np.float64(1)
    return adam_step(weights, {key: scale * g for key, g in gradients.items()}, state, learning_rate, np.inf)


@wrong("adam_step", says="expected the whole number", points=2)
def step_as_a_float(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    return new, {**after, "step": float(after["step"])}


@wrong("adam_step", says="expected a dict with the keys")
def state_first(weights, gradients, state, learning_rate, max_norm):
    return adam_step(weights, gradients, state, learning_rate, max_norm)[::-1]


@wrong("adam_step", says="expected the tuple (weights, state), got a dict")
def weights_only(weights, gradients, state, learning_rate, max_norm):
    return adam_step(weights, gradients, state, learning_rate, max_norm)[0]


@wrong("adam_step", says="right but for rounding", points=4)
def adam_in_float32(weights, gradients, state, learning_rate, max_norm):
    new, after = adam_step(weights, gradients, state, learning_rate, max_norm)
    return {key: w.astype(np.float32) for key, w in new.items()}, after


# ---- truncated_backward: right


@right("truncated_backward")
def truncated_backward(dh, x, h_0, h, weights, truncation):
    dx, dh_0, gradients = np.empty_like(x), None, {}
    for start in range(0, x.shape[1], truncation):
        here = slice(start, start + truncation)
        before = h_0 if start == 0 else h[:, start - 1]
        dx[:, here], dh_start, part = rnn_backward(dh[:, here], x[:, here], before, h[:, here], weights)
        dh_0 = dh_start if start == 0 else dh_0
        gradients = {name: part[name] + gradients.get(name, 0) for name in part}
    return dx, dh_0, gradients


@right("truncated_backward")
def one_loop_that_drops_the_carry(dh, x, h_0, h, weights, truncation):
    da, carry = np.zeros_like(h), np.zeros_like(h_0)
    for t in range(x.shape[1], 0, -1):
        if t % truncation == 0:
            carry = np.zeros_like(carry)
        da[:, t - 1] = (dh[:, t - 1] + carry) * (1 - h[:, t - 1] ** 2)
        carry = da[:, t - 1] @ weights["W_hh"].T
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    gradients = {name: np.einsum("bti,bth->ih", rows, da) for name, rows in (("W_xh", x), ("W_hh", before))}
    gradients["b_h"] = da.sum(axis=(0, 1))
    return da @ weights["W_xh"].T, carry, gradients


@right("truncated_backward")
def segments_folded_into_the_batch(dh, x, h_0, h, weights, truncation):
    """Padded to whole segments, which are then sequences of one larger batch."""
    batch, T = x.shape[:2]
    count = -(-T // truncation)
    dh_p, x_p, h_p = (np.pad(a, ((0, 0), (0, count * truncation - T), (0, 0))) for a in (dh, x, h))
    before = np.concatenate([h_0[:, None], h_p[:, truncation - 1 :: truncation]], axis=1)[:, :count]
    folded = [a.reshape(batch * count, truncation, -1) for a in (dh_p, x_p, h_p)]
    dx, dh_0, gradients = rnn_backward(folded[0], folded[1], before.reshape(batch * count, -1), folded[2], weights)
    return dx.reshape(x_p.shape)[:, :T], dh_0.reshape(batch, count, -1)[:, 0], gradients


@right("truncated_backward")
def recursion_on_the_rest(dh, x, h_0, h, weights, truncation):
    k = truncation
    dx, dh_0, gradients = rnn_backward(dh[:, :k], x[:, :k], h_0, h[:, :k], weights)
    if x.shape[1] <= k:
        return dx, dh_0, gradients
    later, _, rest = recursion_on_the_rest(dh[:, k:], x[:, k:], h[:, k - 1], h[:, k:], weights, k)
    return np.hstack([dx, later]), dh_0, {key: gradients[key] + rest[key] for key in rest}


@right("truncated_backward")
def array_split_from_the_end(dh, x, h_0, h, weights, truncation):
    cuts = np.arange(truncation, x.shape[1], truncation)
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    parts = [np.split(array, cuts, axis=1) for array in (dh, x, before, h)]
    results = [rnn_backward(d, x_s, b[:, 0], h_s, weights) for d, x_s, b, h_s in reversed(list(zip(*parts)))]
    gradients = {key: np.sum([result[2][key] for result in results], axis=0) for key in ("b_h", "W_hh", "W_xh")}
    return np.concatenate([result[0] for result in results[::-1]], axis=1), results[-1][1], gradients


right("truncated_backward", name="with_a_default")(
    functools.partial(lambda *case, scale=1: tuple(truncated_backward(*case[:5], truncation=int(case[5]))), scale=2)
)


# ---- truncated_backward: wrong


def _by_segments(dh, x, h_0, h, weights, truncation, before=lambda h_0, h, start: h[:, start - 1] if start else h_0):
    """What each segment gives."""
    for start in range(0, x.shape[1], truncation):
        here = slice(start, start + truncation)
        yield rnn_backward(dh[:, here], x[:, here], before(h_0, h, start), h[:, here], weights)


def _together(parts):
    parts = list(parts)
    gradients = {key: sum(part[2][key] for part in parts) for key in parts[0][2]}
    return np.concatenate([part[0] for part in parts], axis=1), parts[0][1], gradients


@wrong("truncated_backward", says="nothing is cut: this is the full backward pass", points=1)
@wrong("truncated_backward", says="dx is first wrong at step 8 of 10", points=1, name="not_cut_where")
def not_cut(dh, x, h_0, h, weights, truncation):
    return rnn_backward(dh, x, h_0, h, weights)


def _cut_where(is_cut, dh, x, h_0, h, weights, truncation):
    """The loop that drops the carry before it goes to step t (from 0) where `is_cut(t, truncation)`."""
    parts, edges = [], [0, *(t + 1 for t in range(x.shape[1] - 1) if is_cut(t, truncation)), x.shape[1]]
    for a, b in zip(edges, edges[1:]):
        parts.append(rnn_backward(dh[:, a:b], x[:, a:b], h[:, a - 1] if a else h_0, h[:, a:b], weights))
    return _together(parts)


@wrong("truncated_backward", says="the boundary is one step too late", points=1)
def t_counted_from_zero(*case):
    return _cut_where(lambda t, truncation: t % truncation == 0 and t > 0, *case)


@wrong("truncated_backward", says="the boundary is one step too early")
def cut_one_step_early(*case):
    return _cut_where(lambda t, truncation: (t + 2) % truncation == 0, *case)


@wrong("truncated_backward", says="the segments are counted from the end", points=1)
def counted_from_the_end(dh, x, h_0, h, weights, truncation):
    return _cut_where(lambda t, k: (x.shape[1] - 1 - t) % k == 0, dh, x, h_0, h, weights, truncation)


@wrong("truncated_backward", says="the gradient is cut after every step")
def cut_everywhere(*case):
    return _cut_where(lambda t, truncation: True, *case)


@wrong("truncated_backward", says="that is the other definition", points=1)
def each_output_reaches_back(dh, x, h_0, h, weights, truncation):
    total = None
    for end in range(x.shape[1]):
        start = max(0, end + 1 - truncation)
        own = np.zeros_like(dh)
        own[:, end] = dh[:, end]
        here = slice(start, end + 1)
        before = h[:, start - 1] if start else h_0
        dx, dh_0, gradients = rnn_backward(own[:, here], x[:, here], before, h[:, here], weights)
        dx = np.pad(dx, ((0, 0), (start, x.shape[1] - end - 1), (0, 0)))
        part = [dx, dh_0 * (start == 0), *gradients.values()]
        total = part if total is None else [a + b for a, b in zip(total, part)]
    return total[0], total[1], dict(zip(gradients, total[2:]))


@wrong("truncated_backward", says="only the last `truncation` steps get a gradient", points=1)
def end_only(dh, x, h_0, h, weights, truncation):
    start = max(0, x.shape[1] - truncation)
    before = h[:, start - 1] if start else h_0
    dx, dh_0, gradients = rnn_backward(dh[:, start:], x[:, start:], before, h[:, start:], weights)
    return np.pad(dx, ((0, 0), (start, 0), (0, 0))), dh_0 * (start == 0), gradients


@wrong("truncated_backward", says="the gradients are overwritten: only the last segment's are left", points=2)
def segments_overwritten(*case):
    parts = list(_by_segments(*case))
    return _together(parts)[:2] + (parts[-1][2],)


@wrong("truncated_backward", says="the gradients are averaged over the segments, not summed", points=2)
def mean_of_the_segments(*case):
    parts = list(_by_segments(*case))
    dx, dh_0, gradients = _together(parts)
    return dx, dh_0, {key: g / len(parts) for key, g in gradients.items()}


@wrong("truncated_backward", says="dh_0 is that of the last segment", points=2)
def dh_0_of_the_last_segment(*case):
    parts = list(_by_segments(*case))
    dx, _, gradients = _together(parts)
    return dx, parts[-1][1], gradients


@wrong("truncated_backward", says="dh_0 is summed over the segments", points=2)
def dh_0_summed(*case):
    parts = list(_by_segments(*case))
    dx, _, gradients = _together(parts)
    return dx, sum(part[1] for part in parts), gradients


@wrong("truncated_backward", says="the state is cut too", points=2)
def states_begin_at_zero(*case):
    return _together(_by_segments(*case, before=lambda h_0, h, start: np.zeros_like(h_0) if start else h_0))


@wrong("truncated_backward", says="every segment starts from h_0", points=2)
def h_0_before_every_segment(*case):
    return _together(_by_segments(*case, before=lambda h_0, h, start: h_0))


@wrong("truncated_backward", says="the state before a segment is h[:, start - 1], not h[:, start]", points=2)
def state_after_the_boundary(*case):
    return _together(_by_segments(*case, before=lambda h_0, h, start: h[:, start] if start else h_0))


@wrong("truncated_backward", says="the last steps, too few for a whole segment, are left out")
def whole_segments_only(dh, x, h_0, h, weights, truncation):
    whole = x.shape[1] // truncation * truncation
    if not whole:
        zeros = {key: np.zeros_like(weights[key]) for key in ("W_xh", "W_hh", "b_h")}
        return np.zeros_like(x), np.zeros_like(h_0), zeros
    dx, dh_0, gradients = truncated_backward(dh[:, :whole], x[:, :whole], h_0, h[:, :whole], weights, truncation)
    return np.pad(dx, ((0, 0), (0, x.shape[1] - whole), (0, 0))), dh_0, gradients


@wrong("truncated_backward", says="truncation is taken for the number of segments")
def number_of_segments(dh, x, h_0, h, weights, truncation):
    return truncated_backward(dh, x, h_0, h, weights, -(-x.shape[1] // truncation))


@wrong("truncated_backward", says="the gradient is cut after every step")
def segments_without_carry(dh, x, h_0, h, weights, truncation):
    return _together([carry_not_added(*case, weights) for case in _pieces(dh, x, h_0, h, truncation)])


def _pieces(dh, x, h_0, h, truncation):
    for a in range(0, x.shape[1], truncation):
        here = slice(a, a + truncation)
        yield dh[:, here], x[:, here], h[:, a - 1] if a else h_0, h[:, here]


@wrong("truncated_backward", says="changed in place: dh", points=3)
def boundaries_in_place(dh, x, h_0, h, weights, truncation):
    results = truncated_backward(dh, x, h_0, h, weights, truncation)
    dh[:, truncation - 1 :: truncation] = 0
    return results


@wrong("truncated_backward", says="an array gets the default dtype float64", points=3)
def truncated_with_the_default_dtype(*case):
    dx, dh_0, gradients = truncated_backward(*case)
    return np.zeros(dx.shape) + dx, dh_0, gradients


@wrong("truncated_backward", says="the boundaries are after steps 1, 1 + truncation, ...")
def carry_dropped_before_step_t(*case):
    return _cut_where(lambda t, truncation: t % truncation == 0, *case)


@wrong("truncated_backward", says="dh_0 is zero: within the first segment the gradient does reach h_0", points=1)
def carry_dropped_after_step_t(dh, x, h_0, h, weights, truncation):
    dx, dh_0, gradients = truncated_backward(dh, x, h_0, h, weights, truncation)
    return dx, np.zeros_like(dh_0), gradients


# ---- predictions

prediction("prediction_step_size", ("1e-2", "1e-5", "1e-8", "1e-12"))
prediction("prediction_truncation", ("2", "8", "32"))
prediction("prediction_one_step", ("yes", "no"))

prediction("prediction_tape", ("1", "2", "4"))


# ---- loss_and_gradients: right


def _forward(ids, h_0, weights):
    h, states = h_0, []
    for column in ids.T:
        h = np.tanh(weights["W_xh"][column] + h @ weights["W_hh"] + weights["b_h"])
        states.append(h)
    h = np.stack(states, axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


def _one_hot_inputs(ids, weights):
    return np.eye(len(weights["W_xh"]), dtype=weights["W_xh"].dtype)[ids]


@right("loss_and_gradients")
def loss_and_gradients(ids, targets, mask, h_0, weights, truncation=None):
    logits, h = _forward(ids, h_0, weights)
    loss, dlogits = cross_entropy_backward(logits, targets, mask)
    dh, x = dlogits @ weights["W_hy"].T, _one_hot_inputs(ids, weights)
    _, _, dW = truncated_backward(dh, x, h_0, h, weights, truncation or ids.shape[1])
    rows = dlogits.reshape(-1, dlogits.shape[2])
    return loss, h[:, -1], dW | {"W_hy": h.reshape(-1, h.shape[2]).T @ rows, "b_y": rows.sum(axis=0)}


@right("loss_and_gradients")
def one_step_at_a_time_from_the_end(ids, targets, mask, h_0, weights, truncation=None):
    logits, h = _forward(ids, h_0, weights)
    loss, d = cross_entropy_backward(logits, targets, mask)
    dW = {name: np.zeros_like(array) for name, array in weights.items()}
    carry, cut = np.zeros_like(h_0), truncation or ids.shape[1]
    for t in range(ids.shape[1] - 1, -1, -1):
        dW["W_hy"] += h[:, t].T @ d[:, t]
        dW["b_y"] += d[:, t].sum(axis=0)
        before = h[:, t - 1] if t else h_0
        da = (d[:, t] @ weights["W_hy"].T + carry) * (1 - h[:, t] ** 2)
        np.add.at(dW["W_xh"], ids[:, t], da)  # a look-up goes back to the rows that were looked up
        dW["W_hh"] += before.T @ da
        dW["b_h"] += da.sum(axis=0)
        carry = da @ weights["W_hh"].T * (t % cut != 0)
    return loss, h[:, -1].copy(), dW


@right("loss_and_gradients")
def segment_after_segment(ids, targets, mask, h_0, weights, truncation=None):
    """As with a framework: each segment by itself, the state handed on, the means weighted."""
    cut, total, loss, h = truncation or ids.shape[1], {}, 0.0, h_0
    for start in range(0, ids.shape[1], cut):
        here = (slice(None), slice(start, start + cut))
        share = float(mask[here].sum() / mask.sum())
        if not share:
            h = _forward(ids[here], h, weights)[1][:, -1]
            continue
        part_loss, h, part = loss_and_gradients(ids[here], targets[here], mask[here], h, weights)
        loss += share * part_loss
        total = {name: total.get(name, 0) + share * g for name, g in part.items()}
    return loss, h, total


@right("loss_and_gradients")
def einsum_for_the_output_layer(ids, targets, mask, h_0, weights, truncation=None):
    logits, h = _forward(ids, h_0, weights)
    loss, d = cross_entropy_backward(logits, targets, mask)
    _, _, dW = truncated_backward(
        np.einsum("btk,hk->bth", d, weights["W_hy"]), _one_hot_inputs(ids, weights), h_0, h, weights, truncation or 10**6
    )
    dW.update(b_y=np.einsum("btk->k", d), W_hy=np.einsum("bth,btk->hk", h, d))
    return np.float64(loss) if logits.dtype == float else loss, h[:, -1, :], dict(sorted(dW.items()))


# ---- loss_and_gradients: wrong


def _spoilt_whole(change):
    """A right answer until `change(loss, h_last, dW, d, h, case)` spoils it."""

    def answer(ids, targets, mask, h_0, weights, truncation=None):
        logits, h = _forward(ids, h_0, weights)
        _, d = cross_entropy_backward(logits, targets, mask)
        right_one = loss_and_gradients(ids, targets, mask, h_0, weights, truncation)
        return change(*right_one, d, h, (ids, targets, mask, h_0, weights, truncation))

    return answer


def _with_dh(dh_of):
    """The output layer's way back spoilt: `dh_of(d, W_hy, h)`."""

    def change(loss, h_last, dW, d, h, case):
        ids, _, _, h_0, weights, truncation = case
        spoilt = truncated_backward(
            dh_of(d, weights["W_hy"], h), _one_hot_inputs(ids, weights), h_0, h, weights, truncation or ids.shape[1]
        )[2]
        return loss, h_last, {**dW, **spoilt}

    return _spoilt_whole(change)


for name, says, points, answer in [
    ("slope_of_tanh_taken_twice", "rnn_backward takes care of the slope", 3, _with_dh(lambda d, W, h: (d @ W.T) * (1 - h**2))),
    ("output_layer_alone", "only the output layer gets a gradient", 3, _with_dh(lambda d, W, h: 0 * h)),
    (
        "W_hy_transposed", "dW_hy is transposed", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h_last, {**dW, "W_hy": dW["W_hy"].T})),
    ),
    (
        "output_layer_divided_by_the_batch", "dW_hy and db_y are divided by the batch", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (
            loss, h_last, {**dW, "W_hy": dW["W_hy"] / len(h), "b_y": dW["b_y"] / len(h)}
        )),
    ),
    (
        "mean_for_b_y", "db_y is the mean, not the sum", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h_last, {**dW, "b_y": d.mean(axis=(0, 1))})),
    ),
    (
        "b_y_of_each_step", "db_y is not summed over the time steps", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h_last, {**dW, "b_y": d.sum(axis=0)})),
    ),
    (
        "last_step_of_the_output_layer", "dW_hy and db_y count the last time step only", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (
            loss, h_last, {**dW, "W_hy": h[:, -1].T @ d[:, -1], "b_y": d[:, -1].sum(axis=0)}
        )),
    ),
    (
        "states_before_the_step", "the logits at t are made from h_t", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (
            loss, h_last,
            {**dW, "W_hy": np.einsum("bth,btk->hk", np.concatenate([case[3][:, None], h[:, :-1]], axis=1), d)},
        )),
    ),
    (
        "all_states", "all states come back", 4,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h, dW)),
    ),
    (
        "last_sequence_for_the_last_state", "h[-1] is the last sequence of the batch", 4,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h[-1], dW)),
    ),
    (
        "bits", "the loss is in bits", 4,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss / math.log(2), h_last, dW)),
    ),
    (
        "truncation_not_used", "the truncation is not used", 4,
        lambda ids, targets, mask, h_0, weights, truncation=None: loss_and_gradients(ids, targets, mask, h_0, weights),
    ),
    (
        "starts_from_zeros", "h_0 is ignored", 0,
        lambda ids, targets, mask, h_0, weights, truncation=None: loss_and_gradients(ids, targets, mask, 0 * h_0, weights, truncation),
    ),
    (
        "compared_with_the_inputs", "compares with the inputs", 0,
        lambda ids, targets, mask, h_0, weights, truncation=None: loss_and_gradients(ids, ids, mask, h_0, weights, truncation),
    ),
    (
        "mask_not_used", "padding counts too", 0,
        lambda ids, targets, mask, h_0, weights, truncation=None: (
            loss_and_gradients(ids, targets, np.ones_like(mask), h_0, weights, truncation)
        ),
    ),
    (
        "one_hot_in_float64", "an array gets the default dtype float64", 5,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h_last, {**dW, "W_xh": dW["W_xh"].astype(float)})),
    ),
    (
        "without_the_output_layer", "gradients['W_hy']: there is no such key", 2,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, h_last, {k: dW[k] for k in ("W_xh", "W_hh", "b_h")})),
    ),
    (
        "two_results", "expected the tuple (loss, h_last, gradients), got a tuple of 2", 0,
        _spoilt_whole(lambda loss, h_last, dW, d, h, case: (loss, dW)),
    ),
]:
    wrong("loss_and_gradients", says=says, points=points, name=name)(answer)


@wrong("loss_and_gradients", says="dh is made with W_hy, not with its transpose", points=4)
def output_layer_not_transposed(ids, targets, mask, h_0, weights, truncation=None):
    W_hy = weights["W_hy"]
    if W_hy.shape[0] != W_hy.shape[1]:
        W_hy = W_hy.T  # the shapes were made to fit
    return _with_dh(lambda d, W, h: d @ W_hy)(ids, targets, mask, h_0, weights, truncation)


wrong("loss_and_gradients", says="matmul", points=0, name="output_layer_not_transposed_anywhere")(_with_dh(lambda d, W, h: d @ W))


# ---- train: right


@right("train")
def train(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h = [], h_0
    for ids, targets, mask in batches:
        start = h if keep_state else h_0
        loss, h, dW = loss_and_gradients(ids, targets, mask, start, weights, truncation)
        weights, state = adam_step(weights, dW, state, learning_rate, 1.0)
        losses.append(loss)
    return losses, h, weights, state


@right("train")
def recursion_on_the_batches(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    loss, h, dW = loss_and_gradients(*batches[0], h_0, weights, truncation)
    weights, state = adam_step(weights, dW, state, learning_rate, 1.0)
    if len(batches) == 1:
        return [loss], h, weights, state
    rest = recursion_on_the_batches(batches[1:], h if keep_state else h_0, weights, state, learning_rate, keep_state, truncation)
    return [loss, *rest[0]], *rest[1:]


@right("train")
def reduce_over_the_batches(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    def update(so_far, batch):
        losses, h, weights, state = so_far
        loss, last, dW = loss_and_gradients(*batch, h if keep_state else h_0, weights, truncation)
        return losses + [float(loss)], last, *adam_step(weights, dW, state, learning_rate, 1)

    return functools.reduce(update, batches, ([], h_0, weights, state))


@right("train")
def everything_in_one_function(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h = [], h_0
    weights, m, v, step = dict(weights), dict(state["m"]), dict(state["v"]), state["step"]
    for ids, targets, mask in batches:
        loss, h, dW = one_step_at_a_time_from_the_end(ids, targets, mask, h if keep_state else h_0, weights, truncation)
        norm = math.sqrt(sum(float((g * g).sum()) for g in dW.values()))
        step += 1
        for key, g in dW.items():
            g = g / max(1.0, norm)
            m[key], v[key] = 0.9 * m[key] + 0.1 * g, 0.999 * v[key] + 0.001 * g * g
            weights[key] = weights[key] - learning_rate * (m[key] / (1 - 0.9**step)) / (np.sqrt(v[key] / (1 - 0.999**step)) + 1e-8)
        losses.append(loss)
    return losses, h, weights, {"m": m, "v": v, "step": step}


# ---- train: wrong


def _training_loop(before=None, update=adam_step, start=lambda h, h_0, keep_state: h if keep_state else h_0, result=lambda *r: r, batches=list, cut=lambda k: k):
    """The usual loop with one thing in it spoilt."""

    def answer(batches_, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
        first, losses, h = (weights, state), [], h_0
        for batch in batches(batches_):
            loss, h, dW = loss_and_gradients(*batch, start(h, h_0, keep_state), first[0] if before else weights, cut(truncation))
            weights, state = update(weights, dW, state, learning_rate, 1.0)
            losses.append(loss)
        return result(losses, h, weights, state)

    return answer


for name, says, points, answer in [
    ("never_carried", "every batch starts from h_0, although keep_state is True", 3, _training_loop(start=lambda h, h_0, keep_state: h_0)),
    ("always_carried", "although keep_state is False", 1, _training_loop(start=lambda h, h_0, keep_state: h)),
    ("keep_state_inverted", "keep_state is inverted", 1, _training_loop(start=lambda h, h_0, keep_state: h_0 if keep_state else h)),
    ("gradients_of_the_first_weights", "the gradients are those of the first weights", 1, _training_loop(before=True)),
    ("first_batch_only", "only the first batch is used", 1, _training_loop(batches=lambda b: b[:1])),
    ("last_batch_left_out", "the last batch is left out", 0, _training_loop(batches=lambda b: b[:-1] or b[:0])),
    ("last_to_first", "in reverse order", 1, _training_loop(batches=lambda b: b[::-1])),
    ("not_clipped", "the gradient is not clipped to a norm of 1", 0, _training_loop(update=lambda w, g, s, r, c: adam_step(w, g, s, r, 1e9))),
    (
        "gradient_descent", "this is plain gradient descent", 0,
        _training_loop(update=lambda w, g, s, r, c: ({k: w[k] - r * g[k] for k in w}, s)),
    ),
    ("no_update", "the weights come back as they were", 0, _training_loop(update=lambda w, g, s, r, c: (w, adam_step(w, g, s, r, c)[1]))),
    ("last_loss", "only the last loss comes back", 0, _training_loop(result=lambda losses, *rest: (losses[-1], *rest))),
    ("mean_loss", "the mean of the losses comes back", 0, _training_loop(result=lambda losses, *rest: (float(np.mean(losses)), *rest))),
    ("array_of_losses", "losses: expected a list", 0, _training_loop(result=lambda losses, *rest: (np.array(losses), *rest))),
    ("h_0_comes_back", "h_0 comes back, not the last state", 0, lambda b, h_0, *rest: (
        lambda losses, h, w, s: (losses, h_0, w, s))(*train(b, h_0, *rest))),
    ("truncation_lost", "the truncation is not passed on", 4, _training_loop(cut=lambda k: None)),
    ("without_the_state", "got a tuple of 3", 0, _training_loop(result=lambda losses, h, w, s: (losses, w, s))),
    ("wrong_way", "the update has the wrong sign", 0, _training_loop(update=lambda w, g, s, r, c: adam_step(w, g, s, -r, c))),
]:
    wrong("train", says=says, points=points, name=name)(answer)


@wrong("train", says="adam_step gets the same old optimizer state every time", points=1)
def optimizer_state_thrown_away(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h, old = [], h_0, state
    for batch in batches:
        loss, h, dW = loss_and_gradients(*batch, h if keep_state else h_0, weights, truncation)
        weights, state = adam_step(weights, dW, old, learning_rate, 1.0)
        losses.append(loss)
    return losses, h, weights, state


@wrong("train", says="only the last batch's is left", points=1)
def new_weights_under_another_name(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses = []
    for batch in batches:
        loss, h, dW = loss_and_gradients(*batch, h_0, weights, truncation)
        new_weights, new_state = adam_step(weights, dW, state, learning_rate, 1.0)
        losses.append(loss)
    return losses, h, new_weights, new_state


@wrong("train", says="go into a single update", points=1)
def gradients_collected(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h, total = [], h_0, {}
    for batch in batches:
        loss, h, dW = loss_and_gradients(*batch, h if keep_state else h_0, weights, truncation)
        losses.append(loss)
        total = {key: total.get(key, 0) + g / len(batches) for key, g in dW.items()}
    return losses, h, *adam_step(weights, total, state, learning_rate, 1.0)


@wrong("train", says="each loss is measured after its update", points=0)
def losses_after_the_updates(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h = [], h_0
    for batch in batches:
        start = h if keep_state else h_0
        _, h, dW = loss_and_gradients(*batch, start, weights, truncation)
        weights, state = adam_step(weights, dW, state, learning_rate, 1.0)
        losses.append(loss_and_gradients(*batch, start, weights, truncation)[0])
    return losses, h, weights, state


# ---- answers that real people gave


@wrong("adam_step", says="the largest number decides, not the norm of all numbers", points=3)
def clipped_by_the_largest_number(weights, gradients, state, learning_rate, max_norm):
    top = max(np.abs(g).max() for g in gradients.values())
    scale = max_norm / top if top > max_norm else 1.0
    return adam_step(weights, {k: scale * g for k, g in gradients.items()}, state, learning_rate, 1e300)


@wrong("adam_step", says="a gradient a little over max_norm is not clipped", points=3)
def clipped_with_some_slack(weights, gradients, state, learning_rate, max_norm):
    norm = math.sqrt(sum((g * g).sum() for g in gradients.values()))
    return adam_step(weights, gradients, state, learning_rate, max_norm if norm > 1.5 * max_norm else 1e300)


@wrong("adam_step", says="KeyError", points=2)
def five_names_written_out(weights, gradients, state, learning_rate, max_norm):
    names = ["W_xh", "W_hh", "b_h", "W_hy", "b_y"]
    chosen = [{name: d[name] for name in names} for d in (weights, gradients)]
    return adam_step(*chosen, state, learning_rate, max_norm)


@wrong("adam_step", says="the learning rate is not used", points=2)
def learning_rate_ignored(weights, gradients, state, learning_rate, max_norm):
    return adam_step(weights, gradients, state, 1.0, max_norm)


@wrong("cross_entropy_backward", says="p[:, targets] takes 1 from these columns in every row", points=1)
def one_from_every_row(logits, targets, mask):
    loss, _ = cross_entropy_backward(logits, targets, mask)
    z, wanted = logits[mask], targets[mask]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    p[:, wanted] -= 1
    d = np.zeros_like(logits)
    d[mask] = p / len(p)
    return loss, d


@wrong("rnn_backward", says="its order is not reversed before the products", points=2)
def collected_from_the_end(dh, x, h_0, h, weights):
    dx, dh_0, _ = rnn_backward(dh, x, h_0, h, weights)
    carry, rows = np.zeros_like(h_0), []
    for t in reversed(range(h.shape[1])):
        rows.append((dh[:, t] + carry) * (1 - h[:, t] ** 2))
        carry = rows[-1] @ weights["W_hh"].T
    da = np.stack(rows, axis=1)
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    dW = {
        "W_xh": np.einsum("bti,bth->ih", x, da), "W_hh": np.einsum("btj,bth->jh", before, da), "b_h": da.sum(axis=(0, 1)),
    }
    return da @ weights["W_xh"].T, carry, dW


@wrong("rnn_backward", says="laid out in different orders before the product", points=4)
def rows_of_two_orders(dh, x, h_0, h, weights):
    dx, dh_0, dW = rnn_backward(dh, x, h_0, h, weights)
    carry, rows = np.zeros_like(h_0), []
    for t in reversed(range(h.shape[1])):
        rows.append((dh[:, t] + carry) * (1 - h[:, t] ** 2))
        carry = rows[-1] @ weights["W_hh"].T
    da = np.stack(rows[::-1], axis=0).reshape(-1, h.shape[2])
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1).reshape(-1, h.shape[2])
    return dx, dh_0, {"W_xh": x.reshape(-1, x.shape[2]).T @ da, "W_hh": before.T @ da, "b_h": da.sum(axis=0)}


@wrong("rnn_backward", says="expected shape (1, 70, 1), got shape (1, 10, 1)", points=3)
def ten_steps_at_most(dh, x, h_0, h, weights):
    return rnn_backward(dh[:, -10:], x[:, -10:], h_0, h[:, -10:], weights)


def _cut_every(steps):
    def answer(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
        return train(batches, h_0, weights, state, learning_rate, keep_state, truncation or steps)

    return answer


for steps, points in [(4, 0), (8, 4)]:  # hidden batches are longer than 4 steps
    wrong("train", name=f"cut_every_{steps}_steps", says="the gradient is cut, although truncation is None", points=points)(_cut_every(steps))


@wrong("cross_entropy_backward", says="1 is taken from every symbol's probability", points=1)
def one_from_every_number(logits, targets, mask):
    loss, _ = cross_entropy_backward(logits, targets, mask)
    z = logits[mask] - logits[mask].max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p -= 1
    dlogits = np.zeros_like(logits)
    dlogits[mask] = p / len(p)
    return loss, dlogits


# ---- answers of the second reader


@wrong("rnn_step_backward", says="da_t @ W_hh.T, not dh_t @ W_hh.T", points=4)
def dh_t_sent_back_as_it_came(dh_t, x_t, h_prev, h_t, weights):
    dx, _, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_t @ weights["W_hh"].T, gradients


@wrong("rnn_step_backward", says="da.T @ x in place of x.T @ da", points=4)
def gradient_of_W_xh_transposed(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "W_xh": gradients["W_xh"].T}


@wrong("rnn_step_backward", says="a sum over the batch is sum(axis=0)", points=4)
def bias_summed_to_a_number(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "b_h": (dh_t * (1 - h_t**2)).sum()}


wrong("rnn_step_backward", says="keepdims=True leaves an axis of length 1", points=4, name="kept_axis_is_told")(bias_with_kept_axis)
wrong("rnn_step_backward", says="'W_xh' and not 'dW_xh'", points=2, name="other_keys_are_told")(other_keys)
wrong("rnn_step_backward", says="the gradients of the weights belong into one dict", name="five_values_are_told")(flat)


@wrong("rnn_step_backward", says="it is multiplied number by number (*)")
def matrix_product_with_the_slope(dh_t, x_t, h_prev, h_t, weights):
    da = dh_t @ (1 - h_t**2)
    gradients = {"W_xh": x_t.T @ da, "W_hh": h_prev.T @ da, "b_h": da.sum(axis=0)}
    return da @ weights["W_xh"].T, da @ weights["W_hh"].T, gradients


@wrong("rnn_backward", says="da_t @ W_hh.T, not dh_t @ W_hh.T", points=2)
def carry_without_the_slope(dh, x, h_0, h, weights):
    def step(dh_t, *case):
        dx, _, gradients = rnn_step_backward(dh_t, *case)
        return dx, dh_t @ case[-1]["W_hh"].T, gradients

    return _loop(dh, x, h_0, h, weights, step=step)


for _answer in (index_minus_one, state_of_the_step_itself):
    wrong("rnn_backward", says="the state before the first step is h_0", points=3, name=f"{_answer.__name__}_at_the_first_step")(_answer)


@wrong("rnn_backward", says="dh_0 has dh[:, 0] added to it", points=5)
def own_gradient_added_to_dh_0(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, dh_0 + dh[:, 0], gradients


@wrong("cross_entropy_backward", says="0 times infinity where p has rounded to 0", points=3)
def through_the_probabilities(logits, targets, mask):
    loss, d = cross_entropy_backward(logits, targets, mask)
    y, wanted = logits[mask], targets[mask]
    p = np.exp(y - y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    for i, c in enumerate(wanted):
        jacobian = np.diag(p[i]) - np.outer(p[i], p[i])
        with np.errstate(all="ignore"):
            p[i] = (-1 / p[i, c]) * jacobian[c] / len(p)
    d[mask] = p
    return loss, d


_wrong_adam("v_of_the_signed_gradient", "v takes the gradient, not its square", 0, square=lambda g: g)
_wrong_adam(
    "first_array_decides", "the norm of the first array alone decides", 3,
    clip=lambda g, norm, c: {key: a * min(1.0, c / np.linalg.norm(next(iter(g.values())))) for key, a in g.items()},
)
_wrong_adam(
    "last_array_decides", "the norm of the last array alone decides", 3,
    clip=lambda g, norm, c: {key: a * min(1.0, c / np.linalg.norm(list(g.values())[-1])) for key, a in g.items()},
)
wrong("adam_step", says="gradients, m and v of the same shapes", points=3, name="the_case_is_told_in_short")(
    lambda *case: _adam(*case, clip=lambda g, norm, c: g)
)


@wrong("adam_step", says="beta * step in place of beta**step", points=3)
def beta_times_step(weights, gradients, state, learning_rate, max_norm):
    _, new = adam_step(weights, gradients, state, learning_rate, max_norm)
    with np.errstate(all="ignore"):
        m_hat = {key: m / (1 - 0.9 * new["step"]) for key, m in new["m"].items()}
        v_hat = {key: v / (1 - 0.999 * new["step"]) for key, v in new["v"].items()}
        return {key: w - learning_rate * m_hat[key] / (np.sqrt(v_hat[key]) + 1e-8) for key, w in weights.items()}, new


def _whole_from(read=lambda ids, targets: ids, before=lambda h_0: h_0):
    def answer(ids, targets, mask, h_0, weights, truncation=None):
        loss, h_last, dW = loss_and_gradients(ids, targets, mask, h_0, weights, truncation)
        logits, h = _forward(ids, h_0, weights)
        dh = cross_entropy_backward(logits, targets, mask)[1] @ weights["W_hy"].T
        x = _one_hot_inputs(read(ids, targets), weights)
        return loss, h_last, dW | truncated_backward(dh, x, before(h_0), h, weights, truncation or ids.shape[1])[2]

    return answer


wrong("loss_and_gradients", says="rnn_backward gets zeros for h_0", points=3, name="zeros_for_h_0_on_the_way_back")(
    _whole_from(before=np.zeros_like)
)
wrong("loss_and_gradients", says="x is made from the targets", points=3, name="one_hot_of_the_targets")(
    _whole_from(read=lambda ids, targets: targets)
)
wrong("train", says="a batch starts from h_0, not from zeros", points=0, name="zeros_without_keep_state")(
    _training_loop(start=lambda h, h_0, keep_state: h if keep_state else 0 * h_0)
)


# ---- answers of a blind corpus


@wrong("gradient_terms", says="tanh is missing in the states")
def states_without_tanh(x, h_0, w):
    h = [h_0]
    for x_t in x:
        h.append(x_t + w * h[-1])
    terms, carried = np.empty(len(x)), 1.0
    for k in range(len(x), 0, -1):
        slope = 1 - h[k] ** 2
        terms[k - 1], carried = carried * slope * h[k - 1], carried * slope * w
    return terms


@wrong("rnn_step_backward", says="the gradient of W_hh does not pass through tanh", points=4)
def W_hh_by_dh_t(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = rnn_step_backward(dh_t, x_t, h_prev, h_t, weights)
    return dx, dh_prev, {**gradients, "W_hh": h_prev.T @ dh_t}


@wrong("rnn_backward", says="the parts come in another order", points=0)
def gradients_in_the_middle(dh, x, h_0, h, weights):
    dx, dh_0, gradients = rnn_backward(dh, x, h_0, h, weights)
    return dx, gradients, dh_0


@wrong("truncated_backward", says="the gradient is cut every 4 steps, whatever is asked")
def four_steps_always(dh, x, h_0, h, weights, truncation):
    return truncated_backward(dh, x, h_0, h, weights, 4)


@wrong("truncated_backward", says="only the last segment's dx comes back", points=2)
def dx_of_the_last_segment(dh, x, h_0, h, weights, truncation):
    dx, *rest = truncated_backward(dh, x, h_0, h, weights, truncation)
    return dx[:, (x.shape[1] - 1) // truncation * truncation :], *rest


@wrong("cross_entropy_backward", says="p[:, targets] takes 1 from these columns in every row", points=1)
def columns_of_all_targets(logits, targets, mask):
    loss, d = cross_entropy_backward(logits, targets, mask)
    rows = d[mask] + np.eye(logits.shape[-1], dtype=logits.dtype)[targets[mask]] / mask.sum()
    rows[:, targets[mask]] -= np.array(1 / mask.sum(), logits.dtype)
    d[mask] = rows
    return loss, d


@wrong("cross_entropy_backward", says="padding keeps its logits in dlogits", points=3)
def logits_at_padding(logits, targets, mask):
    loss, d = cross_entropy_backward(logits, targets, mask)
    return loss, np.where(mask[..., None], d, logits)


@wrong("loss_and_gradients", says="the state after each sequence's last real step", points=4)
def state_after_the_last_real_step(ids, targets, mask, h_0, weights, truncation=None):
    loss, _, gradients = loss_and_gradients(ids, targets, mask, h_0, weights, truncation)
    states = _forward(ids, h_0, weights)[1]
    return loss, states[np.arange(len(ids)), np.maximum(mask.sum(axis=1), 1) - 1], gradients


@wrong("adam_step", says="epsilon is 1e-07; the course takes 1e-8", points=2)
def epsilon_of_1e_7(weights, gradients, state, learning_rate, max_norm):
    new, state = adam_step(weights, gradients, state, learning_rate, max_norm)
    step, m, v = state["step"], state["m"], state["v"]
    return {
        key: w - learning_rate * (m[key] / (1 - 0.9**step)) / (np.sqrt(v[key] / (1 - 0.999**step)) + 1e-7)
        for key, w in weights.items()
    }, state


@wrong("adam_step", says="names are wired in", points=2)
def five_names(weights, gradients, state, learning_rate, max_norm):
    for key in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"):
        weights[key]
    return adam_step(weights, gradients, state, learning_rate, max_norm)


@wrong("train", says="two updates are made for each batch")
def two_updates(batches, h_0, weights, state, learning_rate, keep_state=False, truncation=None):
    losses, h = [], h_0
    for batch in batches:
        loss, h, dW = loss_and_gradients(*batch, h if keep_state else h_0, weights, truncation)
        for _ in range(2):
            weights, state = adam_step(weights, dW, state, learning_rate, 1.0)
        losses.append(loss)
    return losses, h, weights, state
