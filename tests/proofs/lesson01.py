"""Answers to the exercises of lesson 01."""

import copy
import functools
import itertools
import logging
import math
import os
import sys
import warnings

import numpy as np

from tests.proofs import prediction, right, wrong

# ---- rnn_step: right


@right("rnn_step")
def rnn_step(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"])


@right("rnn_step")
def einsum_of_each_term(x_t, h_prev, weights):
    summed = np.einsum("bi,ih->bh", x_t, weights["W_xh"]) + np.einsum("bh,hk->bk", h_prev, weights["W_hh"])
    return np.tanh(summed + weights["b_h"][None])


@right("rnn_step")
def joined_input_and_stacked_weights(x_t, h_prev, weights):
    joined = np.hstack([x_t, h_prev, np.ones((len(x_t), 1), x_t.dtype)])
    return np.tanh(joined @ np.vstack([weights["W_xh"], weights["W_hh"], weights["b_h"]]))


@right("rnn_step")
def pure_python_with_math_tanh(x_t, h_prev, weights):
    W_xh, W_hh, b_h = (weights[name].tolist() for name in ("W_xh", "W_hh", "b_h"))
    rows = [
        [
            math.tanh(
                sum(x * row[j] for x, row in zip(xs, W_xh)) + sum(h * row[j] for h, row in zip(hs, W_hh)) + b_h[j]
            )
            for j in range(len(b_h))
        ]
        for xs, hs in zip(x_t.tolist(), h_prev.tolist())
    ]
    return np.array(rows, dtype=x_t.dtype)


@right("rnn_step")
def into_an_array_of_its_own(x_t, h_prev, weights):
    out = np.empty((len(x_t), weights["b_h"].size), np.result_type(x_t, weights["b_h"]))
    np.matmul(x_t, weights["W_xh"], out=out)
    out += np.matmul(h_prev, weights["W_hh"])
    np.add(out, weights["b_h"], out=out)
    return np.tanh(out, out=out)


@right("rnn_step")
def in_place_on_copies(x_t, h_prev, weights):
    weights, h = copy.deepcopy(weights), h_prev.copy()
    weights["W_hh"] *= 1
    h[:] = h @ weights.pop("W_hh")
    h += x_t @ weights["W_xh"]
    h += weights["b_h"]
    return np.tanh(h)


@right("rnn_step")
def tanh_by_exponentials(x_t, h_prev, weights):
    a = weights["W_xh"].T @ x_t.T + weights["W_hh"].T @ h_prev.T + weights["b_h"][:, None]
    return (1 - 2 / (np.exp(2 * a) + 1)).T


class Cell:
    def __call__(self, x_t, h_prev, weights):
        return np.tanh(np.dot(x_t, weights["W_xh"]) + np.dot(h_prev, weights["W_hh"]) + weights["b_h"])

    def method(self, x_t, h_prev, weights):
        return self(x_t, h_prev, weights)


right("rnn_step", name="instance_of_a_class")(Cell())
right("rnn_step", name="bound_method")(Cell().method)
right("rnn_step", name="lambda")(lambda x_t, h_prev, weights: rnn_step(x_t, h_prev, weights))


def _with_activation(activation, x_t, h_prev, weights):
    return activation(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"])


right("rnn_step", name="partial")(functools.partial(_with_activation, np.tanh))


LOG = logging.getLogger("proofs.lesson01")
LOG.propagate = False
LOG.addHandler(logging.StreamHandler())


@right("rnn_step")
def talkative(x_t, h_prev, weights):
    print("x_t", x_t)
    print("to stderr", file=sys.stderr)
    os.write(2, b"to file descriptor 2\n")
    LOG.warning("to a handler made earlier")
    warnings.warn("be warned", stacklevel=1)
    np.log(np.zeros(1))
    return rnn_step(x_t, h_prev, weights)


@right("rnn_step")
def with_settings_of_its_own(x_t, h_prev, weights):
    np.seterr(all="raise")
    warnings.simplefilter("error")
    sys.stdout = sys.stderr
    return rnn_step(x_t, h_prev, weights)


# ---- rnn_step: wrong


@wrong("rnn_step", says="the bias b_h is missing", points=2)
def without_bias(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"])


@wrong("rnn_step", says="tanh is missing")
def without_tanh(x_t, h_prev, weights):
    return x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"]


@wrong("rnn_step", says="a sigmoid in place of tanh")
def sigmoid(x_t, h_prev, weights):
    return 1 / (1 + np.exp(-without_tanh(x_t, h_prev, weights)))


@wrong("rnn_step", says="relu in place of tanh")
def relu(x_t, h_prev, weights):
    return np.maximum(0, without_tanh(x_t, h_prev, weights))


@wrong("rnn_step", says="W_xh is transposed", points=2)
def input_weights_transposed(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"].T + h_prev @ weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="W_hh is transposed", points=2)
def recurrent_weights_transposed(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"].T + weights["b_h"])


@wrong("rnn_step", says="both weights are transposed", points=1)
def all_weights_transposed(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"].T + h_prev @ weights["W_hh"].T + weights["b_h"])


@wrong("rnn_step", says="W_xh and W_hh are swapped", points=1)
def weights_swapped(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_hh"] + h_prev @ weights["W_xh"] + weights["b_h"])


@wrong("rnn_step", says="in this order", points=1)
def weights_first(x_t, h_prev, weights):
    return np.tanh(weights["W_xh"] @ x_t + weights["W_hh"] @ h_prev + weights["b_h"])


@wrong("rnn_step", says="the matrix product is @", points=1)
def star_for_product(x_t, h_prev, weights):
    return np.tanh(x_t * weights["W_xh"] + h_prev * weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="the recurrent term h_prev @ W_hh is missing", points=2)
def feedforward(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + weights["b_h"])


@wrong("rnn_step", says="the input term x_t @ W_xh is missing", points=2)
def deaf(x_t, h_prev, weights):
    return np.tanh(h_prev @ weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="the bias is subtracted", points=2)
def bias_subtracted(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] - weights["b_h"])


@wrong("rnn_step", says="the bias is added after tanh", points=2)
def bias_after_tanh(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"]) + weights["b_h"]


@wrong("rnn_step", says="the bias is added along the batch", points=2)
def bias_as_a_column(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"].reshape(-1, 1))


@wrong("rnn_step", says="tanh of each term alone", points=3)
def tanh_of_each_term(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"]) + np.tanh(h_prev @ weights["W_hh"]) + np.tanh(weights["b_h"])


@wrong("rnn_step", says="h_prev is added to the result of tanh", points=2)
def old_state_added(x_t, h_prev, weights):
    return h_prev + rnn_step(x_t, h_prev, weights)


@wrong("rnn_step", says="only the first sample of the batch is used", points=1)
def first_sample_only(x_t, h_prev, weights):
    return np.tile(rnn_step(x_t[:1], h_prev[:1], weights), (len(x_t), 1))


@wrong("rnn_step", says="the state of the first sample is used for all", points=2)
def state_of_the_first_sample(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev[0] @ weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="the state of the sample before is used", points=2)
def state_of_the_sample_before(x_t, h_prev, weights):
    return np.stack([rnn_step(x_t[i : i + 1], h_prev[[i - 1]], weights)[0] for i in range(len(x_t))])


@wrong("rnn_step", says="an axis of length 1 is gone", points=3)
def squeezed(x_t, h_prev, weights):
    return rnn_step(x_t, h_prev, weights).squeeze()


@wrong("rnn_step", says="expected shape (1, 6), got shape (6,)", points=3)
def first_row_of_a_batch_of_one(x_t, h_prev, weights):
    h_t = rnn_step(x_t, h_prev, weights)
    return h_t[0] if len(h_t) == 1 else h_t


@wrong("rnn_step", says="the result is transposed")
def columns(x_t, h_prev, weights):
    return rnn_step(x_t, h_prev, weights).T


@wrong("rnn_step", says="changed in place: h_prev", points=4)
def state_changed_in_place(x_t, h_prev, weights):
    h_prev[...] = rnn_step(x_t, h_prev, weights)
    return h_prev


@wrong("rnn_step", says="changed in place: weights['b_h']", points=4)
def bias_grows_in_place(x_t, h_prev, weights):
    h_t = rnn_step(x_t, h_prev, weights)
    weights["b_h"] += 1
    return h_t


@wrong("rnn_step", says="changed in place: weights (its keys)", points=4)
def weights_taken_out(x_t, h_prev, weights):
    return np.tanh(x_t @ weights.pop("W_xh") + h_prev @ weights.pop("W_hh") + weights.pop("b_h"))


@wrong("rnn_step", says="likely cause: an array gets the default dtype", points=4)
def zeros_of_the_default_dtype(x_t, h_prev, weights):
    h_t = np.zeros((len(x_t), weights["W_hh"].shape[0]))
    h_t += x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"]
    return np.tanh(h_t)


@wrong("rnn_step", says="right but for rounding", points=3)
def through_float32(x_t, h_prev, weights):
    return rnn_step(x_t.astype("float32"), h_prev, weights).astype("float32")


@wrong("rnn_step", says="one array with np.stack")
def list_of_rows(x_t, h_prev, weights):
    return list(rnn_step(x_t, h_prev, weights))


@wrong("rnn_step", says="one array with np.stack")
def pair_of_states(x_t, h_prev, weights):
    h_t = rnn_step(x_t, h_prev, weights)
    return h_t, h_t


@wrong("rnn_step", says="it prints its result instead of returning it")
def prints(x_t, h_prev, weights):
    print(rnn_step(x_t, h_prev, weights))


@wrong("rnn_step", says="no return statement")
def forgets_to_return(x_t, h_prev, weights):
    rnn_step(x_t, h_prev, weights)


@wrong("rnn_step", says="KeyError: 'W_hx'\n                in misspelt, line")
def misspelt(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_hx"] + h_prev @ weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="does the function still take the arguments of the exercise")
def other_arguments(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@wrong("rnn_step", says="an object of type matrix")
def matrix(x_t, h_prev, weights):
    return np.asmatrix(rnn_step(x_t, h_prev, weights))


@wrong("rnn_step", says="Not solved yet.", points=3)
def solved_for_batches_above_one(x_t, h_prev, weights):
    if len(x_t) == 1:
        raise NotImplementedError
    return rnn_step(x_t, h_prev, weights)


# ---- unroll: right


@right("unroll")
def unroll(x, h_0, weights):
    states, h = [], h_0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


@right("unroll")
def array_then_transposed(x, h_0, weights):
    states = [h_0]
    for x_t in x.transpose(1, 0, 2):
        states += [rnn_step(x_t, states[-1], weights)]
    return np.array(states[1:]).transpose(1, 0, 2)


@right("unroll")
def recursion(x, h_0, weights):
    if x.shape[1] == 0:
        return np.zeros((len(x), 0, h_0.shape[1]), x.dtype)
    h_1 = rnn_step(x[:, 0], h_0, weights)
    return np.concatenate([h_1[:, None], recursion(x[:, 1:], h_1, weights)], axis=1)


@right("unroll")
def while_loop_that_writes_into_its_own_array(x, h_0, weights):
    states, t = np.tile(h_0[:, None], (1, x.shape[1], 1)), 0
    while t < x.shape[1]:
        before = states[:, t - 1] if t else h_0
        states[:, t] = np.tanh(x[:, t] @ weights["W_xh"] + before @ weights["W_hh"] + weights["b_h"])
        t += 1
    return states


@right("unroll")
def input_terms_of_all_steps_at_once(x, h_0, weights):
    states = x @ weights["W_xh"] + weights["b_h"]
    h = h_0
    for t in range(x.shape[1]):
        states[:, t] += h @ weights["W_hh"]
        h = np.tanh(states[:, t], out=states[:, t])
    return states


@right("unroll")
def sample_by_sample(x, h_0, weights):
    def one(sample, h):
        steps = itertools.accumulate(sample, lambda h, x_t: rnn_step(x_t[None], h, weights), initial=h[None])
        return np.concatenate(list(steps)[1:])

    return np.array([one(sample, h) for sample, h in zip(x, h_0)])


@right("unroll")
def a_view_in_another_order(x, h_0, weights):
    return np.swapaxes(np.ascontiguousarray(np.swapaxes(unroll(x, h_0, weights), 0, 1)), 0, 1)


# ---- unroll: wrong


@wrong("unroll", says="the state is not carried", points=1)
def state_not_carried(x, h_0, weights):
    return np.stack([rnn_step(x[:, t], h_0, weights) for t in range(x.shape[1])], axis=1)


@wrong("unroll", says="h_0 is ignored", points=2)
def starts_from_zero(x, h_0, weights):
    return unroll(x, np.zeros_like(h_0), weights)


@wrong("unroll", says="the state is set back to zero in every step")
def set_back_to_zero(x, h_0, weights):
    return np.stack([rnn_step(x[:, t], np.zeros_like(h_0), weights) for t in range(x.shape[1])], axis=1)


@wrong("unroll", says="the state before the step is stored")
def stored_before_the_step(x, h_0, weights):
    states, h = [], h_0
    for t in range(x.shape[1]):
        states.append(h)
        h = rnn_step(x[:, t], h, weights)
    return np.stack(states, axis=1)


@wrong("unroll", says="h_0 is in front of the states")
def h_0_in_front(x, h_0, weights):
    return np.concatenate([h_0[:, None], unroll(x, h_0, weights)], axis=1)


@wrong("unroll", says="the sequence is read backwards", points=1)
def backwards(x, h_0, weights):
    return unroll(x[:, ::-1], h_0, weights)[:, ::-1]


@wrong("unroll", says="the axes batch and time are swapped in the result")
def time_first(x, h_0, weights):
    return np.array(list(np.swapaxes(unroll(x, h_0, weights), 0, 1)))


@wrong("unroll", says="axis 0 of x is taken for time")
def axis_0_taken_for_time(x, h_0, weights):
    states, h = [], h_0
    for x_t in x:
        h = rnn_step(x_t, h, weights)
        states.append(h)
    return np.stack(states, axis=1)


@wrong("unroll", says="reshape does not", points=1)
def reshaped(x, h_0, weights):
    return np.array(list(np.swapaxes(unroll(x, h_0, weights), 0, 1))).reshape(len(x), x.shape[1], -1)


@wrong("unroll", says="the states stand side by side")
def side_by_side(x, h_0, weights):
    return np.hstack(list(np.swapaxes(unroll(x, h_0, weights), 0, 1)))


@wrong("unroll", says="the states stand one below the other")
def one_below_the_other(x, h_0, weights):
    return np.vstack(list(np.swapaxes(unroll(x, h_0, weights), 0, 1)))


@wrong("unroll", says="only the last state comes back")
def last_state_only(x, h_0, weights):
    h = h_0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
    return h


@wrong("unroll", says="every step stores the last state", points=1)
def one_array_stored_again_and_again(x, h_0, weights):
    states, h = [], h_0.copy()
    for t in range(x.shape[1]):
        h[:] = rnn_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


@wrong("unroll", says="only the first input is read", points=1)
def always_the_first_input(x, h_0, weights):
    states, h = [], h_0
    for _ in range(x.shape[1]):
        h = rnn_step(x[:, 0], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


@wrong("unroll", says="the state of one sample is carried into the next")
def carried_into_the_next_sample(x, h_0, weights):
    rows, h = [], h_0[0]
    for sample in x:
        row = []
        for x_t in sample:
            h = rnn_step(x_t[None], h[None], weights)[0]
            row.append(h)
        rows.append(row)
    return np.array(rows)


@wrong("unroll", says="the first time step is left out")
def from_one(x, h_0, weights):
    states, h = np.zeros((*x.shape[:2], h_0.shape[1]), x.dtype), h_0
    for t in range(1, x.shape[1]):
        states[:, t] = h = rnn_step(x[:, t], h, weights)
    return states


@wrong("unroll", says="the last time step is left out")
def to_the_last_but_one(x, h_0, weights):
    states, h = np.zeros((*x.shape[:2], h_0.shape[1]), x.dtype), h_0
    for t in range(x.shape[1] - 1):
        states[:, t] = h = rnn_step(x[:, t], h, weights)
    return states


@wrong("unroll", says="one time step too few: the last is missing")
def one_step_too_few(x, h_0, weights):
    return unroll(x, h_0, weights)[:, :-1]


@wrong("unroll", says="the bias b_h is missing")
def unrolled_without_bias(x, h_0, weights):
    return unroll(x, h_0, {**weights, "b_h": np.zeros_like(weights["b_h"])})


@wrong("unroll", says="likely cause: an array gets the default dtype", points=5)
def states_of_the_default_dtype(x, h_0, weights):
    states, h = np.zeros((*x.shape[:2], h_0.shape[1])), h_0
    for t in range(x.shape[1]):
        states[:, t] = h = rnn_step(x[:, t], h, weights)
    return states


@wrong("unroll", says="one array with np.stack")
def list_of_steps(x, h_0, weights):
    return [rnn_step(x[:, t], h_0, weights) for t in range(x.shape[1])]


@wrong("unroll", says="right but for rounding", points=5)
def states_in_float32(x, h_0, weights):
    return unroll(x, h_0, weights).astype(np.float32)


@wrong("unroll", says="the axis of time is missing", points=4)
def squeezed_states(x, h_0, weights):
    return unroll(x, h_0, weights).squeeze()


@wrong("unroll", says="expected shape (1, 5, 4), got shape (5, 4)", points=5)
def one_sample_without_its_batch(x, h_0, weights):
    states = unroll(x, h_0, weights)
    return states[0] if len(x) == 1 else states


@wrong("unroll", says="changed in place: h_0", points=5)
def h_0_overwritten(x, h_0, weights):
    states = np.empty((*x.shape[:2], h_0.shape[1]), x.dtype)
    for t in range(x.shape[1]):
        h_0[:] = rnn_step(x[:, t], h_0, weights)
        states[:, t] = h_0
    return states


@wrong("unroll", says="changed in place: x", points=5)
def x_used_as_a_queue(x, h_0, weights):
    states, h = [], h_0
    for _ in range(x.shape[1]):
        h = rnn_step(x[:, 0], h, weights)
        states.append(h)
        x[:, :-1] = x[:, 1:].copy()
    return np.stack(states, axis=1)


@wrong("unroll", says="no return statement")
def returns_nothing(x, h_0, weights):
    unroll(x, h_0, weights)


@wrong("unroll", says="UnboundLocalError", points=0)
def h_never_set(x, h_0, weights):
    states = []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)  # noqa: F821
        states.append(h)
    return np.stack(states, axis=1)


@wrong("unroll", says="ValueError")
def as_many_samples_as_units(x, h_0, weights):
    states = np.empty((*x.shape[:2], len(x)), x.dtype)
    states[:] = unroll(x, h_0, weights)
    return states


# ---- count_parameters: right


@right("count_parameters")
def count_parameters(timesteps, input_size, hidden_size, output_size):
    output = (hidden_size + 1) * output_size
    return {
        "feedforward": (timesteps * input_size + 1) * hidden_size + output,
        "recurrent": (input_size + hidden_size + 1) * hidden_size + output,
    }


@right("count_parameters")
def numpy_integers(timesteps, input_size, hidden_size, output_size):
    counts = count_parameters(timesteps, input_size, hidden_size, output_size)
    return {name: np.sum(np.array([count], np.int64)) for name, count in reversed(counts.items())}


@right("count_parameters")
def counted_one_by_one(timesteps, input_size, hidden_size, output_size):
    head = sum(1 for _ in itertools.product(range(hidden_size + 1), range(output_size)))
    counts = dict.fromkeys(["recurrent", "feedforward"], head)
    for _ in range(hidden_size):
        counts["feedforward"] += len(range(timesteps * input_size)) + 1
        counts["recurrent"] += input_size + hidden_size + 1
    return counts


@right("count_parameters")
def sizes_of_real_arrays(timesteps, input_size, hidden_size, output_size):
    shapes = {
        "feedforward": [(timesteps * input_size, hidden_size)],
        "recurrent": [(input_size, hidden_size), (hidden_size, hidden_size)],
    }
    shared = [(hidden_size,), (hidden_size, output_size), (output_size,)]
    return {name: sum(np.zeros(shape).size for shape in own + shared) for name, own in shapes.items()}


# ---- count_parameters: wrong


def _counts(feedforward, recurrent):
    return {"feedforward": feedforward, "recurrent": recurrent}


@wrong("count_parameters", says="the biases are missing")
def no_biases(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return _counts(t * n * m + m * k, n * m + m * m + m * k)


@wrong("count_parameters", says="the bias b_y is missing")
def no_output_bias(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return _counts(t * n * m + m + m * k, n * m + m * m + m + m * k)


@wrong("count_parameters", says="the output layer is missing")
def no_output_layer(timesteps, input_size, hidden_size, output_size):
    t, n, m = timesteps, input_size, hidden_size
    return _counts(t * n * m + m, n * m + m * m + m)


@wrong("count_parameters", says="timesteps is missing", points=2)
def feedforward_without_timesteps(timesteps, input_size, hidden_size, output_size):
    return count_parameters(timesteps, input_size, hidden_size, output_size) | {
        "feedforward": count_parameters(1, input_size, hidden_size, output_size)["feedforward"]
    }


@wrong("count_parameters", says="the weights are shared by all time steps", points=2)
def recurrent_weights_for_each_step(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return count_parameters(t, n, m, k) | {"recurrent": t * (n * m + m * m + m) + m * k + k}


@wrong("count_parameters", says="W_hh is missing", points=2)
def no_recurrent_weights(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return count_parameters(t, n, m, k) | {"recurrent": n * m + m + m * k + k}


@wrong("count_parameters", says="there is one bias b_h, not two", points=2)
def two_biases(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return count_parameters(t, n, m, k) | {"recurrent": n * m + m * m + 2 * m + m * k + k}


@wrong("count_parameters", says="the output layer is counted once for each time step")
def an_output_layer_for_each_step(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return _counts(t * n * m + m + t * (m * k + k), n * m + m * m + m + t * (m * k + k))


@wrong("count_parameters", says="the two numbers are swapped")
def numbers_swapped(timesteps, input_size, hidden_size, output_size):
    counts = count_parameters(timesteps, input_size, hidden_size, output_size)
    return _counts(counts["recurrent"], counts["feedforward"])


@wrong("count_parameters", says="expected the whole number 74, got the float 74")
def floats(timesteps, input_size, hidden_size, output_size):
    counts = count_parameters(timesteps, input_size, hidden_size, output_size)
    return {name: count / 1 for name, count in counts.items()}


@wrong("count_parameters", says="expected a dict with the keys 'feedforward' and 'recurrent', got a tuple of 2")
def tuple_of_counts(timesteps, input_size, hidden_size, output_size):
    return tuple(count_parameters(timesteps, input_size, hidden_size, output_size).values())


@wrong("count_parameters", says="the dict has no key 'recurrent'", points=2)
def another_key(timesteps, input_size, hidden_size, output_size):
    counts = count_parameters(timesteps, input_size, hidden_size, output_size)
    return {"feedforward": counts["feedforward"], "rnn": counts["recurrent"]}


@wrong("count_parameters", says="expected a number, got an array of shape (2,)")
def sizes_of_each_layer(timesteps, input_size, hidden_size, output_size):
    t, n, m, k = timesteps, input_size, hidden_size, output_size
    return _counts(np.array([t * n * m + m, m * k + k]), np.array([n * m + m * m + m, m * k + k]))


@wrong("count_parameters", says="it prints its result")
def prints_the_counts(timesteps, input_size, hidden_size, output_size):
    print(count_parameters(timesteps, input_size, hidden_size, output_size))


@wrong("count_parameters", says="Not solved yet.")
def solved_for_small_networks(timesteps, input_size, hidden_size, output_size):
    if timesteps * input_size > 15:
        raise NotImplementedError
    return count_parameters(timesteps, input_size, hidden_size, output_size)


# ---- crossover_length: right


@right("crossover_length")
def crossover_length(input_size, hidden_size):
    return hidden_size // input_size + 2


@right("crossover_length")
def search_by_counting(input_size, hidden_size):
    for timesteps in itertools.count(1):
        counts = count_parameters(timesteps, input_size, hidden_size, output_size=1)
        if counts["recurrent"] < counts["feedforward"]:
            return timesteps


@right("crossover_length")
def by_subtraction(input_size, hidden_size):
    if hidden_size < input_size:
        return 2
    return 1 + by_subtraction(input_size, hidden_size - input_size)


@right("crossover_length")
def numpy_floor(input_size, hidden_size):
    return np.floor_divide(np.int32(hidden_size), np.int32(input_size)) + np.int32(2)


@right("crossover_length")
def bisection(input_size, hidden_size):
    low, high = 1, hidden_size + 3
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if (middle - 1) * input_size > hidden_size else (middle, high)
    return high


# ---- crossover_length: wrong


@wrong("crossover_length", says="one too small")
def one_too_small(input_size, hidden_size):
    return hidden_size // input_size + 1


@wrong("crossover_length", says="one too large")
def one_too_large(input_size, hidden_size):
    return hidden_size // input_size + 3


@wrong("crossover_length", says="rounding up is too little", points=1)
def equality_taken_for_fewer(input_size, hidden_size):
    return 1 + math.ceil(hidden_size / input_size)


@wrong("crossover_length", says="is too short")
def quotient_alone(input_size, hidden_size):
    return hidden_size // input_size


@wrong("crossover_length", says="rounded to the nearest number, not down", points=1)
def rounded_to_nearest(input_size, hidden_size):
    return round(hidden_size / input_size) + 2


@wrong("crossover_length", says="a length is a whole number")
def divided_with_one_slash(input_size, hidden_size):
    return hidden_size / input_size + 2


@wrong("crossover_length", says="expected the whole number 5, got the float64 5")
def floor_is_a_float(input_size, hidden_size):
    return np.floor(hidden_size / input_size) + 2


@wrong("crossover_length", says="input_size and hidden_size are swapped")
def sizes_swapped(input_size, hidden_size):
    return input_size // hidden_size + 2


@wrong("crossover_length", says="no return statement", points=0)
def loop_without_return(input_size, hidden_size):
    timesteps = 1
    while timesteps * input_size <= input_size + hidden_size:
        timesteps += 1


@wrong("crossover_length", says="expected a number, got the string '5'")
def text(input_size, hidden_size):
    return f"{crossover_length(input_size, hidden_size)}"


@wrong("crossover_length", says="expected 5, got 2**", points=0)
def far_too_large(input_size, hidden_size):
    return 10 ** (500 * hidden_size)


# ---- wire: right


@right("wire")
def wire(kind, x, weights, timesteps=None):
    if kind.startswith("one"):
        sequence = np.zeros((len(x), timesteps or 1, x.shape[1]), x.dtype)
        sequence[:, 0] = x
    else:
        sequence = x
    h = unroll(sequence, np.zeros((len(x), len(weights["b_h"])), x.dtype), weights)
    y = h @ weights["W_hy"] + weights["b_y"]
    return y if kind.endswith("many") else y[:, -1]


@right("wire")
def a_loop_for_each_kind(kind, x, weights, timesteps=None):
    h = np.zeros((x.shape[0], weights["W_hh"].shape[1]))
    steps = {"one-to-one": 1, "one-to-many": timesteps}.get(kind) or x.shape[1]
    every = kind.endswith("many")
    outputs = []
    for t in range(steps):
        x_t = x[:, t] if x.ndim == 3 else x if t == 0 else 0 * x
        h = np.tanh(x_t @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
        outputs.append(h @ weights["W_hy"] + weights["b_y"])
    return np.stack(outputs, axis=1) if every else outputs[-1]


@right("wire")
def silent_steps_without_input(kind, x, weights, timesteps=None):
    if kind != "one-to-many":
        return wire(kind, x, weights)
    h = np.tanh(x @ weights["W_xh"] + weights["b_h"])
    states = [h]
    while len(states) < timesteps:
        states.append(np.tanh(states[-1] @ weights["W_hh"] + weights["b_h"]))
    return np.einsum("tbh,ho->bto", np.array(states), weights["W_hy"]) + weights["b_y"]


@right("wire")
def one_by_way_of_the_other(kind, x, weights, timesteps=None):
    if kind == "one-to-one":
        return one_by_way_of_the_other("one-to-many", x, weights, 1)[:, 0]
    if kind == "one-to-many":
        padded = np.pad(x[:, None], ((0, 0), (0, timesteps - 1), (0, 0)))
        return one_by_way_of_the_other("many-to-many", padded, weights)
    if kind == "many-to-one":
        return one_by_way_of_the_other("many-to-many", x, weights)[:, -1]
    return wire(kind, x, weights)


# ---- wire: wrong


def _states(x, weights):
    return unroll(x, np.zeros((len(x), len(weights["b_h"])), x.dtype), weights)


def _read(h, weights):
    return h @ weights["W_hy"] + weights["b_y"]


@wrong("wire", says="x is fed in every step, not only in the first", points=3)
def fed_in_every_step(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        return wire("many-to-many", np.stack([x] * timesteps, axis=1), weights)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="the output is fed back as input", points=3)
def fed_back(kind, x, weights, timesteps=None):
    if kind != "one-to-many":
        return wire(kind, x, weights, timesteps)
    h, y, outputs = np.zeros((len(x), len(weights["b_h"])), x.dtype), x, []
    for _ in range(timesteps):
        h = rnn_step(y, h, weights)
        y = _read(h, weights)
        outputs.append(y)
    return np.stack(outputs, axis=1)


@wrong("wire", says="the state is not carried on", points=3)
def state_stands_still(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        return np.stack([wire("one-to-one", x, weights)] * timesteps, axis=1)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="one step too many", points=3)
def timesteps_silent_steps(kind, x, weights, timesteps=None):
    return wire(kind, x, weights, timesteps and timesteps + 1)


@wrong("wire", says="one step too few", points=3)
def first_step_not_counted(kind, x, weights, timesteps=None):
    return wire(kind, x, weights, timesteps and timesteps - 1) if timesteps != 1 else np.zeros((1, 0, 5))


@wrong("wire", says="a y for every step comes back", points=4)
def many_to_one_as_many_to_many(kind, x, weights, timesteps=None):
    return wire("many-to-many" if kind == "many-to-one" else kind, x, weights, timesteps)


@wrong("wire", says="only the last step's y comes back", points=4)
def many_to_many_as_many_to_one(kind, x, weights, timesteps=None):
    return wire("many-to-one" if kind == "many-to-many" else kind, x, weights, timesteps)


@wrong("wire", says="[-1] is the last sample; the last step is [:, -1]", points=4)
def last_sample(kind, x, weights, timesteps=None):
    if kind == "many-to-one":
        return _read(_states(x, weights)[-1], weights)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="the first step's y comes back", points=4)
def first_of_many(kind, x, weights, timesteps=None):
    if kind == "many-to-one":
        return _read(_states(x, weights)[:, 0], weights)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="the mean over the steps comes back", points=4)
def mean_of_many(kind, x, weights, timesteps=None):
    if kind == "many-to-one":
        return _read(_states(x, weights), weights).mean(axis=1)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="a time axis is left in the result", points=4)
def time_axis_left(kind, x, weights, timesteps=None):
    y = wire(kind, x, weights, timesteps)
    return y[:, None] if kind == "one-to-one" else y


@wrong("wire", says="the bias b_y is missing")
def no_bias_at_the_output(kind, x, weights, timesteps=None):
    return wire(kind, x, {**weights, "b_y": 0}, timesteps)


@wrong("wire", says="the output layer is missing: states come back")
def states_come_back(kind, x, weights, timesteps=None):
    n = len(weights["b_h"])
    return wire(kind, x, {**weights, "W_hy": np.eye(n), "b_y": np.zeros(n)}, timesteps)


@wrong("wire", says="tanh is taken of the output")
def tanh_of_the_output(kind, x, weights, timesteps=None):
    return np.tanh(wire(kind, x, weights, timesteps))


@wrong("wire", says="softmax is taken of the output")
def softmax_of_the_output(kind, x, weights, timesteps=None):
    e = np.exp(wire(kind, x, weights, timesteps))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("wire", says="W_hy is transposed")
def output_weights_transposed(kind, x, weights, timesteps=None):
    return wire(kind, x, {**weights, "W_hy": weights["W_hy"].T}, timesteps)


@wrong("wire", says="an axis of length 1 is gone", points=5)
def squeezed_outputs(kind, x, weights, timesteps=None):
    return wire(kind, x, weights, timesteps).squeeze()


@wrong("wire", says="right but for rounding: the result is in float32, and float64 went in", points=5)
def outputs_in_float32(kind, x, weights, timesteps=None):
    return wire(kind, x.astype("f4"), weights, timesteps).astype("f4")


@wrong("wire", says="changed in place: x", points=5)
def input_silenced_in_place(kind, x, weights, timesteps=None):
    if kind != "one-to-many":
        return wire(kind, x, weights)
    outputs, h = [], np.zeros((len(x), len(weights["b_h"])), x.dtype)
    for _ in range(timesteps):
        h = rnn_step(x, h, weights)
        outputs.append(_read(h, weights))
        x *= 0
    return np.stack(outputs, axis=1)


@wrong("wire", says="changed in place: weights (its keys)", points=5)
def h_kept_among_the_weights(kind, x, weights, timesteps=None):
    weights["h"] = np.zeros((len(x), len(weights["b_h"])), x.dtype)
    return wire(kind, x, weights, timesteps)


@wrong("wire", says="TypeError", points=3)
def without_timesteps(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        return _read(_states(x[:, [0] * range(timesteps)], weights), weights)
    return wire(kind, x, weights)


@wrong("wire", says="no return statement", points=3)
def one_kind_forgotten(kind, x, weights, timesteps=None):
    if kind in ("one-to-one", "many-to-one", "many-to-many"):
        return wire(kind, x, weights)


@wrong("wire", says="the state before the step is read", points=3)
def reads_before_the_step(kind, x, weights, timesteps=None):
    if kind not in ("many-to-many", "many-to-one"):
        return wire(kind, x, weights, timesteps)
    h = np.zeros((len(x), len(weights["b_h"])), x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        outputs.append(_read(h, weights))
        h = rnn_step(x[:, t], h, weights)
    return np.stack(outputs, axis=1) if kind == "many-to-many" else outputs[-1]


@wrong("wire", says="Not solved yet.", points=4)
def one_kind_not_solved(kind, x, weights, timesteps=None):
    if kind == "many-to-one":
        raise NotImplementedError
    return wire(kind, x, weights, timesteps)


# ---- predictions

prediction("prediction_memory", ("window", "recurrent", "both", "neither"))
prediction("prediction_convolution", ("above", "below"))
prediction("prediction_parameters", ("feedforward", "recurrent"))


# ---- latch


def _latch(w_x, w_h, b=0.0):
    return {"W_xh": np.array([[w_x]]), "W_hh": np.array([[w_h]]), "b_h": np.array([b])}


@right("latch")
def latch():
    return _latch(5.0, 20.0)


@right("latch")
def a_gentle_one():
    return _latch(1.0, 4.0)


@right("latch")
def whole_numbers_in_float32():
    return {name: np.round(array).astype(np.float32) for name, array in _latch(3.0, 9.0, 0.0).items()}


@right("latch")
def with_a_small_bias():
    return _latch(4.0, 12.0, 0.5)


@wrong("latch", says="a later bit overrules the state", points=1)
def fades():
    return _latch(1.0, 0.5)


@wrong("latch", says="the old state speaks for the other side", points=1)
def flips():
    return _latch(2.0, -8.0)


@wrong("latch", says="a later bit overrules the state", points=1)
def louder_input_than_state():
    return _latch(20.0, 5.0)


@wrong("latch", says="the first bit alone must bring the state at least 0.5 from zero", points=1)
def shy_input():
    return _latch(0.1, 20.0)


@wrong("latch", says="b_h outweighs the first bit", points=0)
def loud_bias():
    return _latch(1.0, 20.0, 3.0)


@wrong("latch", says="W_xh must be positive", points=0)
def upside_down():
    return _latch(-5.0, 20.0)


@wrong("latch", says="W_xh should be an array of shape (1, 1), such as np.array([[2.0]])", points=0)
def flat_weights():
    return {"W_xh": np.array([5.0]), "W_hh": np.array([20.0]), "b_h": np.array([0.0])}


@wrong("latch", says="W_hh should be a finite number", points=0)
def infinite_weights():
    return _latch(5.0, np.inf)


@wrong("latch", says="it is the float 5", points=0)
def plain_numbers():
    return {"W_xh": 5.0, "W_hh": 20.0, "b_h": 0.0}


@wrong("latch", says="pulls the state too close to zero", points=1)
def too_close_to_zero():
    return _latch(1.0, 2.0)


@wrong("latch", says="expected a dict with W_xh (1, 1), W_hh (1, 1) and b_h (1,)", points=0)
def in_a_tuple():
    return np.array([[5.0]]), np.array([[20.0]]), np.array([0.0])


# ---- what readers met


@wrong("rnn_step", says="a dict unpacks into its keys", points=0)
def unpacks_the_dict(x_t, h_prev, weights):
    W_xh, W_hh, b_h = weights
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@wrong("rnn_step", says="tanh of each product alone, and the bias after it", points=2)
def two_tanhs_and_a_bias(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"]) + np.tanh(h_prev @ weights["W_hh"]) + weights["b_h"]


@wrong("wire", says="the zeros come before x, not after it", points=3)
def zeros_first(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        x = np.concatenate([np.zeros((len(x), timesteps - 1, x.shape[1])), x[:, None]], axis=1)
        return wire("many-to-many", x, weights)
    return wire(kind, x, weights, timesteps)


@wrong("rnn_step", says="W_hh is missing: h_prev is added as it is", points=2)
def old_state_without_weights(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"] + h_prev + weights["b_h"])


@wrong("rnn_step", says='write weights["W_xh"]', points=0)
def forgets_the_dict(x_t, h_prev, weights):
    return np.tanh(x_t @ W_xh + h_prev @ weights["W_hh"] + weights["b_h"])  # noqa: F821


@wrong("crossover_length", says="no return statement is reached", points=2)
def looks_no_further_than_a_hundred(input_size, hidden_size):
    return next((t for t in range(100) if (t - 1) * input_size > hidden_size), None)


@wrong("count_parameters", says="the output reads the last state only", points=2)
def output_layer_on_every_state(timesteps, input_size, hidden_size, output_size):
    right_ones = count_parameters(timesteps, input_size, hidden_size, output_size)
    return right_ones | {"recurrent": right_ones["recurrent"] + (timesteps - 1) * hidden_size * output_size}


# ---- answers of a blind corpus


@wrong("rnn_step", says="np.exp, np.sinh and np.cosh of large numbers overflow", points=3)
def sinh_over_cosh(x_t, h_prev, weights):
    a = x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"]
    return np.sinh(a) / np.cosh(a)


@wrong("rnn_step", says="tanh of the input term and tanh of the others, added", points=3)
def tanh_of_the_input_apart(x_t, h_prev, weights):
    return np.tanh(x_t @ weights["W_xh"]) + np.tanh(h_prev @ weights["W_hh"] + weights["b_h"])


@wrong("rnn_step", says="only the first sample's state comes back")
def one_sample_only(x_t, h_prev, weights):
    return rnn_step(x_t, h_prev, weights)[0]


@wrong("unroll", says="the sequence is read from its end", points=1)
def from_the_end(x, h_0, weights):
    return unroll(x[:, ::-1], h_0, weights)


@wrong("unroll", says="rnn_step takes x_t first, then h_prev")
def step_with_exchanged_arguments(x, h_0, weights):
    states, h = [], h_0
    for t in range(x.shape[1]):
        h = rnn_step(h, x[:, t], weights)
        states.append(h)
    return np.stack(states, axis=1)


@wrong("unroll", says="the loop counts more steps than there are")
def six_steps_always(x, h_0, weights):
    return unroll(np.stack([x[:, t] for t in range(6)], axis=1), h_0, weights)


@wrong("unroll", says="the array for the result has another shape")
def states_into_an_array_like_x(x, h_0, weights):
    states = np.zeros_like(x)
    for t, h in enumerate(np.swapaxes(unroll(x, h_0, weights), 0, 1)):
        states[:, t] = h
    return states


@wrong("count_parameters", says="a float in place of a whole number")
def counted_in_floats(timesteps, input_size, hidden_size, output_size):
    return {name: float(n) for name, n in count_parameters(timesteps, input_size, hidden_size, output_size).items()}


@wrong("count_parameters", says="the whole network is counted once for each time step", points=2)
def a_network_for_each_step(timesteps, input_size, hidden_size, output_size):
    counts = count_parameters(1, input_size, hidden_size, output_size)
    return {**count_parameters(timesteps, input_size, hidden_size, output_size), "feedforward": timesteps * counts["feedforward"]}


@wrong("crossover_length", says="the search stops at 100", points=2)
def searched_up_to_100(input_size, hidden_size):
    return min(crossover_length(input_size, hidden_size), 100)


@wrong("wire", says="the bias b_h belongs to the later steps too", points=3)
def bias_in_the_first_step_only(kind, x, weights, timesteps=None):
    if kind != "one-to-many":
        return wire(kind, x, weights, timesteps)
    states = [np.tanh(x @ weights["W_xh"] + weights["b_h"])]
    for _ in range(timesteps - 1):
        states.append(np.tanh(states[-1] @ weights["W_hh"]))
    return np.stack(states, axis=1) @ weights["W_hy"] + weights["b_y"]


@wrong("wire", says="the sum over the steps comes back", points=4)
def summed_over_the_steps(kind, x, weights, timesteps=None):
    return wire("many-to-many", x, weights).sum(axis=1) if kind == "many-to-one" else wire(kind, x, weights, timesteps)
