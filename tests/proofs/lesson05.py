"""Answers to the exercises of lesson 05. Keras is imported inside the answers, so that this file loads at once."""

import collections

import numpy as np

from tests.proofs import prediction, right, wrong

prediction("prediction_padding", ("yes", "no"))
prediction("prediction_ceiling", ("46", "47", "48"))
prediction("prediction_rule", ("next", "count", "neither"))
prediction("prediction_noise", ("0", "0.08", "0.17", "0.33"))
prediction("prediction_speed", ("10", "300", "10000", "300000"))


def _layers():
    import keras

    return keras, keras.layers


# ---- to_keras: right


def _network(weights, copied=None, activation="tanh", softmax=False, steps=True, order=None):
    keras, layers = _layers()
    n, m = weights["W_xh"].shape
    model = keras.Sequential(
        [
            keras.Input((None, n)),
            layers.SimpleRNN(m, activation=activation, return_sequences=steps),
            layers.Dense(len(weights["b_y"]), activation="softmax" if softmax else None),
        ]
    )
    copied = weights if copied is None else copied
    if copied:
        model.set_weights([copied[name] for name in order or ("W_xh", "W_hh", "b_h", "W_hy", "b_y")])
    return model


@right("to_keras")
def to_keras(weights):
    return _network(weights)


@right("to_keras")
def functional(weights):
    keras, layers = _layers()
    x = keras.Input(shape=(None, len(weights["W_xh"])))
    recurrent = layers.SimpleRNN(len(weights["b_h"]), return_sequences=True)
    dense = layers.Dense(len(weights["b_y"]))
    model = keras.Model(x, dense(recurrent(x)))
    recurrent.set_weights([weights["W_xh"], weights["W_hh"], weights["b_h"]])
    dense.set_weights([weights["W_hy"], weights["b_y"]])
    return model


@right("to_keras")
def by_a_cell_and_time_distributed(weights):
    keras, layers = _layers()
    n, m = weights["W_xh"].shape
    model = keras.Sequential(
        [
            keras.Input((None, n)),
            layers.RNN(layers.SimpleRNNCell(m), return_sequences=True),
            layers.TimeDistributed(layers.Dense(len(weights["b_y"]), activation="linear")),
        ]
    )
    for variable, value in zip(model.weights, weights.values()):
        variable.assign(value)
    return model


# ---- to_keras: wrong


@wrong("to_keras", says="only models of Keras' own classes can be copied", points=0)
def a_class_of_its_own(weights):
    keras, layers = _layers()

    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.recurrent = layers.SimpleRNN(len(weights["b_h"]), return_sequences=True)
            self.dense = layers.Dense(len(weights["b_y"]))

        def call(self, x):
            return self.dense(self.recurrent(x))

    return Network()


@right("to_keras")
def built_by_a_call(weights):
    keras, layers = _layers()
    model = keras.Sequential([layers.SimpleRNN(len(weights["b_h"]), return_sequences=True), layers.Dense(len(weights["b_y"]))])
    model(np.zeros((1, 1, len(weights["W_xh"]))))
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="no weight was copied: the model has its own random ones", points=3)
def nothing_copied(weights):
    return _network(weights, copied={})


@wrong("to_keras", says="W_hh is transposed", points=3)
def transposed(weights):
    return _network(weights, {**weights, "W_hh": weights["W_hh"].T})


@wrong("to_keras", says="without return_sequences=True only the last state comes out", points=4)
def the_last_step_only(weights):
    return _network(weights, steps=False)


@wrong("to_keras", says="the activation is relu, not tanh", points=4)
def with_relu(weights):
    return _network(weights, activation="relu")


@wrong("to_keras", says="a softmax in the last layer", points=4)
def with_softmax(weights):
    return _network(weights, softmax=True)


@wrong("to_keras", says="b_h is still all zero, as a new layer has it", points=3)
def a_bias_forgotten(weights):
    return _network(weights, {**weights, "b_h": weights["b_h"] * 0})


@wrong("to_keras", says="the activation is relu, not tanh", points=2)
def three_mistakes(weights):
    return _network(weights, {**weights, "b_y": weights["b_y"] * 0}, activation="relu")


@wrong("to_keras", says="expected weights of the shapes")
def without_a_bias(weights):
    keras, layers = _layers()
    n, m = weights["W_xh"].shape
    return keras.Sequential(
        [keras.Input((None, n)), layers.SimpleRNN(m, return_sequences=True, use_bias=False), layers.Dense(len(weights["b_y"]))]
    )


@wrong("to_keras", says="it skips steps of zeros, which are real here", points=4)
def behind_a_mask(weights):
    keras, layers = _layers()
    n, m = weights["W_xh"].shape
    recurrent = layers.SimpleRNN(m, return_sequences=True)
    model = keras.Sequential([keras.Input((None, n)), layers.Masking(), recurrent, layers.Dense(len(weights["b_y"]))])
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="keras.Input(shape=(None, input_size)) leaves batch and time open", points=2)
def of_ten_steps(weights):
    keras, layers = _layers()
    x = keras.Input((10, len(weights["W_xh"])))
    recurrent = layers.SimpleRNN(len(weights["b_h"]), return_sequences=True)
    model = keras.Model(x, layers.Dense(len(weights["b_y"]))(recurrent(x)))
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="it does not begin with keras.Input", points=0)
def without_an_input_and_without_weights(weights):
    keras, layers = _layers()
    return keras.Sequential([layers.SimpleRNN(len(weights["b_h"]), return_sequences=True), layers.Dense(len(weights["b_y"]))])


@wrong("to_keras", says="it has no weights yet; a model that begins with keras.Input has them at once", points=0)
def without_an_input_but_with_weights(weights):
    model = without_an_input_and_without_weights(weights)
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="set_weights wants a list of arrays; a dict gives only names", points=0)
def a_dict_of_weights(weights):
    model = _network(weights)
    model.set_weights(weights)
    return model


@wrong("to_keras", says="expected a Keras model, got an array")
def the_outputs_themselves(weights):
    return np.zeros((1, 1, 1))


def _built(weights, entrance=None, names=("W_xh", "W_hh", "b_h", "W_hy", "b_y"), outputs=None, exchanged=False, output="linear", **recurrent):
    """The network with something else in one place; weights copied if `names` are given."""
    keras, layers = _layers()
    n, m = weights["W_xh"].shape[:: -1 if exchanged else 1]
    recurrent = layers.SimpleRNN(m, return_sequences=True, **recurrent)
    dense = [] if outputs == 0 else [layers.Dense(outputs or len(weights["b_y"]), activation=output)]
    model = keras.Sequential([keras.Input(**(entrance or {"shape": (None, n)})), recurrent, *dense])
    if names:
        model.set_weights([weights[name] for name in names])
    return model


@right("to_keras")
def the_values_of_the_dict(weights):
    model = _built(weights, names=())
    model.set_weights(weights.values())
    return model


@right("to_keras")
def one_layer_after_the_other(weights):
    model = _built(weights, names=())
    model.layers[0].set_weights([weights["W_xh"], weights["W_hh"], weights["b_h"]])
    model.layers[1].set_weights([weights["W_hy"], weights["b_y"]])
    return model


@wrong("to_keras", says="or what it returns is None", points=0)
def what_set_weights_returns(weights):
    return _built(weights, names=()).set_weights(list(weights.values()))


@wrong("to_keras", says="the arrays are not in the order W_xh, W_hh, b_h, W_hy, b_y, or one of them is transposed", points=0)
def biases_last(weights):
    return _built(weights, names=("W_xh", "W_hh", "W_hy", "b_h", "b_y"))


@wrong("to_keras", says="a layer has another size than its weights (take each size from a shape)", points=0)
def sizes_of_another_network(weights):
    keras, layers = _layers()
    model = keras.Sequential([keras.Input((None, 3)), layers.SimpleRNN(5, return_sequences=True), layers.Dense(2)])
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="a layer has another size than its weights (take each size from a shape)", points=0)
def as_many_units_as_outputs(weights):
    keras, layers = _layers()
    k = len(weights["b_y"])
    model = keras.Sequential([keras.Input((None, len(weights["W_xh"]))), layers.SimpleRNN(k, return_sequences=True), layers.Dense(k)])
    model.set_weights(list(weights.values()))
    return model


@wrong("to_keras", says="a recurrent layer reads three axes (batch, time, numbers)", points=0)
def an_input_without_time(weights):
    return _built(weights, {"shape": (len(weights["W_xh"]),)})


@wrong("to_keras", says="the shape that keras.Input wants is a tuple", points=0)
def an_input_that_is_a_number(weights):
    return _built(weights, {"shape": len(weights["W_xh"])})


@wrong("to_keras", says="the Dense layer has as many outputs as the network has inputs", points=0)
def as_many_outputs_as_inputs(weights):
    return _built(weights, names=(), outputs=len(weights["W_xh"]))


@wrong("to_keras", says="the Dense layer has hidden_size outputs", points=0)
def as_many_outputs_as_units(weights):
    return _built(weights, names=(), outputs=len(weights["b_h"]))


@wrong("to_keras", says="hidden_size and input_size are exchanged", points=0)
def sizes_exchanged(weights):
    return _built(weights, names=(), exchanged=True)


@wrong("to_keras", says="the Dense layer is missing", points=0)
def without_a_dense_layer(weights):
    return _built(weights, names=("W_xh", "W_hh", "b_h"), outputs=0)


@wrong("to_keras", says="stateful=True: the batch size is fixed", points=2)
def with_a_state_that_stays(weights):
    return _built(weights, {"batch_shape": (1, None, len(weights["W_xh"]))}, stateful=True)


@wrong("to_keras", says="go_backwards=True: the sequence is read from its end", points=4)
def backwards(weights):
    return _built(weights, go_backwards=True)


@wrong("to_keras", says="names of activations are written in small letters", points=0)
def with_capitals(weights):
    return _built(weights, activation="ReLU")


for _activation in ("tanh", "relu", "sigmoid"):

    @wrong("to_keras", says=f"the Dense layer has the activation {_activation}: leave it out", points=4, name=f"{_activation}_at_the_end")
    def _squashed_at_the_end(weights, activation=_activation):
        return _built(weights, output=activation)



# ---- masked_loss: right


def _log_p(logits):
    logits = np.asarray(logits, np.float64)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def _cost(model, x, targets):
    return -np.take_along_axis(_log_p(model(x)), targets[..., None], axis=-1)[..., 0]


def _mask(model, x, targets=None):
    mask = None
    for layer in model.layers:
        mask = layer.compute_mask(x, mask)
        x = layer(x)
    return np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask)


@right("masked_loss")
def masked_loss(model, x, targets):
    return float(_cost(model, x, targets)[_mask(model, x)].mean())


@right("masked_loss")
def weighted_by_the_mask(model, x, targets):
    read, mask = x, None
    for layer in model.layers:
        read, mask = layer(read), layer.compute_mask(read, mask)
    costs = -np.take_along_axis(_log_p(read), targets[..., None], axis=-1)[..., 0]
    weights = None if mask is None else np.asarray(mask).astype(float)
    return np.average(costs, weights=weights)


@right("masked_loss")
def the_loss_of_keras_which_asks_for_the_mask(model, x, targets):
    keras, _ = _layers()
    return float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, model(x)))


@right("masked_loss")
def a_tensor_of_bools_as_an_index(model, x, targets):
    mask, read = None, x
    for layer in model.layers:
        mask, read = layer.compute_mask(read, mask), layer(read)
    costs = _cost(model, x, targets)
    return costs[mask].mean()  # with None too: one more axis, and the same mean


@right("masked_loss")
def text_by_text(model, x, targets):
    costs = [cost for row, answers in zip(x, targets) for cost in _cost(model, row[None], answers[None])[_mask(model, row[None])]]
    return sum(costs) / len(costs)


# ---- masked_loss: wrong


@wrong("masked_loss", says="before x moves on to what it returns", points=0)
def asked_after_x_has_moved_on(model, x, targets):
    costs, mask = _cost(model, x, targets), None
    for layer in model.layers:
        x = layer(x)
        mask = layer.compute_mask(x, mask)
    return float(costs.mean() if mask is None else costs[np.asarray(mask)].mean())


@wrong("masked_loss", says="and hand it the mask so far", points=0)
def mask_not_handed_on(model, x, targets):
    costs, mask = _cost(model, x, targets), None
    for layer in model.layers:
        mask = layer.compute_mask(x, None)
        x = layer(x)
    return float(costs.mean() if mask is None else costs[np.asarray(mask)].mean())


@wrong("masked_loss", says="padding is counted: ask each of the model's layers, about what it READS (before x moves on)", points=0)
def padding_counted(model, x, targets):
    return float(_cost(model, x, targets).mean())


@wrong("masked_loss", says="padding is counted: ask each of the model's layers, about what it READS (before x moves on)", points=0)
def the_model_itself_is_asked(model, x, targets):
    return float(_cost(model, x, targets)[model.compute_mask(x, None)].mean())


@wrong("masked_loss", says="this model marks no padding, and only its layers can tell", points=3)
def the_ids_that_are_0(model, x, targets):
    return float(_cost(model, x, targets)[x != 0].mean())


@wrong("masked_loss", says="where targets are 0 nothing is counted", points=0)
def the_targets_that_are_0(model, x, targets):
    return float(_cost(model, x, targets)[targets != 0].mean())


@wrong("masked_loss", says="only the first layer is asked, or each one is asked about x", points=3)
def the_first_layer_only(model, x, targets):
    mask = model.layers[0].compute_mask(x, None)
    costs = _cost(model, x, targets)
    return float((costs if mask is None else costs[np.asarray(mask)]).mean())


@wrong("masked_loss", says="only the first layer is asked, or each one is asked about x", points=3)
def every_layer_is_asked_about_x(model, x, targets):
    mask = None
    for layer in model.layers:
        mask = layer.compute_mask(x, mask)
    costs = _cost(model, x, targets)
    return float((costs if mask is None else costs[np.asarray(mask)]).mean())


@wrong("masked_loss", says="the mask is None where no layer marks anything: then every position counts", points=3)
def an_array_of_None(model, x, targets):
    costs, mask = _cost(model, x, targets), None
    for layer in model.layers:
        mask, x = layer.compute_mask(x, mask), layer(x)
    return float(costs[np.asarray(mask)].mean())


@wrong("masked_loss", says="the mask is None where no layer marks anything: then every position counts", points=3)
def times_None(model, x, targets):
    costs, mask = _cost(model, x, targets), None
    for layer in model.layers:
        mask, x = layer.compute_mask(x, mask), layer(x)
    mask = np.asarray(mask)
    return float((costs * mask).sum() / mask.sum())


@wrong("masked_loss", says="compute_mask takes two things", points=0)
def without_the_mask_so_far(model, x, targets):
    for layer in model.layers:
        mask, x = layer.compute_mask(x), layer(x)
    return float(_picked_costs(x, targets)[np.asarray(mask)].mean())


def _picked_costs(logits, targets):
    return -np.take_along_axis(_log_p(logits), targets[..., None], axis=-1)[..., 0]


@wrong("masked_loss", says="the real positions are taken to be the first ones of each row", points=2)
def as_many_from_the_left(model, x, targets):
    mask = _mask(model, x)
    kept = np.arange(mask.shape[1]) < mask.sum(axis=1, keepdims=True)
    return float(_cost(model, x, targets)[kept].mean())


@wrong("masked_loss", says="padding is read: a recurrent layer gets no mask", points=3)
def arrays_between_the_layers(model, x, targets):
    mask = None
    for layer in model.layers:
        mask, x = layer.compute_mask(x, mask), np.asarray(layer(x))
    costs = _picked_costs(x, targets)
    return float((costs if mask is None else costs[np.asarray(mask)]).mean())


@wrong("masked_loss", says="the mask is the wrong way round: padding is what counts", points=0)
def mask_the_wrong_way_round(model, x, targets):
    return float(_cost(model, x, targets)[~_mask(model, x)].mean())


@wrong("masked_loss", says="padding costs nothing, but counts", points=0)
def padding_in_the_denominator(model, x, targets):
    return float((_cost(model, x, targets) * _mask(model, x)).mean())


@wrong("masked_loss", says="the mean of each text's mean", points=0)
def mean_of_means(model, x, targets):
    costs, mask = _cost(model, x, targets), _mask(model, x)
    return float(((costs * mask).sum(axis=1) / mask.sum(axis=1)).mean())


for _name, _says, _made in [
    ("in_bits", "bits, not nats", lambda costs, rows: costs.mean() / np.log(2)),
    ("perplexity", "perplexity: the mean cost in nats is asked for", lambda costs, rows: np.exp(costs.mean())),
    ("sum_of_costs", "the sum, not the mean", lambda costs, rows: costs.sum()),
    ("the_sign_forgotten", "the sign: a cost is minus a logarithm", lambda costs, rows: -costs.mean()),
    ("a_mean_of_sums", "a mean over the batch of each text's sum", lambda costs, rows: costs.sum() / rows),
]:

    @wrong("masked_loss", says=_says, points=0, name=_name)
    def _of_costs(model, x, targets, made=_made):
        return float(made(_cost(model, x, targets)[_mask(model, x)], len(x)))


@wrong("masked_loss", says="from_logits=True is missing", points=0)
def the_loss_of_keras_without_from_logits(model, x, targets):
    keras, _ = _layers()
    costs = np.asarray(keras.losses.sparse_categorical_crossentropy(targets, model(x)))
    return float(costs[_mask(model, x)].mean())


@wrong("masked_loss", says="softmax twice", points=0)
def a_softmax_before_the_softmax(model, x, targets):
    keras, _ = _layers()
    return float(_picked_costs(keras.ops.softmax(model(x)), targets)[_mask(model, x)].mean())


@wrong("masked_loss", says="the softmax is missing: the model gives logits", points=0)
def without_softmax(model, x, targets):
    picked = np.take_along_axis(np.asarray(model(x)), targets[..., None], axis=-1)[..., 0]
    return float(-picked[_mask(model, x)].mean())


@wrong("masked_loss", says="the targets are shifted once more", points=0)
def targets_shifted(model, x, targets):
    log_p = _log_p(model(x))[:, :-1]
    return float(-np.take_along_axis(log_p, targets[:, 1:, None], axis=-1)[..., 0][_mask(model, x)[:, 1:]].mean())


@wrong("masked_loss", says="the costs themselves: their mean is asked for", points=0)
def the_costs_themselves(model, x, targets):
    return _cost(model, x, targets)[_mask(model, x)]


@wrong("masked_loss", says="a tensor becomes an array by .numpy()", points=0)
def a_tensor(model, x, targets):
    keras, _ = _layers()
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, model(x))


@wrong("masked_loss", says="IndexError", points=4)
def squeezed(model, x, targets):
    costs = np.squeeze(_cost(model, x, targets))
    return float(costs[_mask(model, x)].mean())


@wrong("masked_loss", says="changed in place", points=4)
def targets_in_place(model, x, targets):
    loss = masked_loss(model, x, targets)
    targets[:] = 0
    return loss


# ---- names_model: right


def _names(characters, embedding_size, hidden_size, inputs, targets, **wrong):
    """The model of names with something else in some places, and what `evaluate` says; None where it is not asked."""
    keras, layers = _layers()
    if wrong.get("seed", 0) is not None:
        keras.utils.set_random_seed(wrong.get("seed", 0))
    rows, outputs = wrong.get("rows", characters + 1), wrong.get("outputs", characters + 1)
    kind = getattr(layers, wrong.get("kind", "SimpleRNN"))
    model = keras.Sequential(
        [
            keras.Input(wrong.get("entrance", (None,))),
            layers.Embedding(rows, embedding_size, mask_zero=wrong.get("mask", True)),
            kind(hidden_size, return_sequences=wrong.get("steps", True), **wrong.get("recurrent", {})),
            *([layers.Dense(outputs, activation=wrong.get("activation"))] if outputs else []),
        ]
    )
    loss = wrong.get("loss") or keras.losses.SparseCategoricalCrossentropy(from_logits=wrong.get("from_logits", True))
    if wrong.get("compiled", True):
        model.compile(keras.optimizers.Adam(0.005), loss, **wrong.get("more", {}))
    return model, model.evaluate(inputs, targets, verbose=0)


@right("names_model")
def names_model(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets)


@right("names_model")
def one_batch_is_tested(characters, embedding_size, hidden_size, inputs, targets):
    model, _ = _names(characters, embedding_size, hidden_size, inputs, targets, more={"metrics": ["accuracy"]})
    return model, model.evaluate(inputs, targets, batch_size=len(inputs), verbose=2)[0]


@wrong("names_model", says="another form: the cells below go through the three layers", points=2)
def by_a_graph_and_one_batch(characters, embedding_size, hidden_size, inputs, targets):
    keras, layers = _layers()
    keras.utils.set_random_seed(3)
    symbols, ids = 1 + characters, keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(symbols, embedding_size, mask_zero=True)(ids)
    states = layers.SimpleRNN(hidden_size, return_sequences=True)(vectors)
    model = keras.Model(ids, layers.Dense(symbols)(states))
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, model.test_on_batch(inputs, targets)


@right("names_model")
def by_added_layers_and_the_loss_itself(characters, embedding_size, hidden_size, inputs, targets):
    keras, layers = _layers()
    keras.utils.set_random_seed(0)
    model = keras.Sequential()
    model.add(layers.Embedding(characters + 1, embedding_size, mask_zero=True))
    model.add(layers.SimpleRNN(hidden_size, activation="tanh", return_sequences=True))
    model.add(layers.TimeDistributed(layers.Dense(characters + 1, activation="linear")))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0), optimizer="rmsprop")
    return [model, float(model.compute_loss(inputs, targets, model(inputs)))]


# ---- names_model: wrong

for _name, _says, _points, _wrong in [
    ("without_a_mask", "mask_zero=True is missing: padding is read like any other character", 2, {"mask": False}),
    ("a_softmax_and_from_logits", "a softmax in the Dense layer: leave it out", 2, {"activation": "softmax"}),
    ("a_softmax_without_from_logits", "a softmax in the Dense layer: leave it out", 2, {"activation": "softmax", "from_logits": False}),
    ("from_logits_forgotten", "from_logits=True is missing: the loss takes the logits for probabilities", 2, {"from_logits": False}),
    ("the_name_of_the_loss", "from_logits=True is missing: the loss takes the logits for probabilities", 2, {"loss": "sparse_categorical_crossentropy"}),
    ("neither_mask_nor_from_logits", "from_logits=True is missing: the loss takes the logits for probabilities", 1, {"mask": False, "from_logits": False}),
    ("with_relu_inside", "the activation is relu, not tanh", 2, {"recurrent": {"activation": "relu"}}),
    ("relu_at_the_end", "the Dense layer has the activation relu: leave it out", 2, {"activation": "relu"}),
    ("return_sequences_forgotten", "without return_sequences=True only the last state comes out", 0, {"steps": False}),
    ("not_compiled", "the model is not compiled: model.compile(optimizer, loss) comes before evaluate", 0, {"compiled": False}),
    ("targets_as_vectors", "the targets are ids: SparseCategoricalCrossentropy takes them", 0, {"loss": "categorical_crossentropy"}),
    ("with_a_metric", "evaluate returns a list where compile names metrics", 0, {"more": {"metrics": ["accuracy"]}}),
    ("inputs_of_vectors", "ids (batch, time) are read: keras.Input((None,)) has one axis besides the batch", 0, {"entrance": (None, 1)}),
    ("a_gru", "a GRU in place of the SimpleRNN", 0, {"kind": "GRU"}),
    ("an_lstm", "an LSTM in place of the SimpleRNN", 0, {"kind": "LSTM"}),
    ("other_weights_each_time", "random numbers", 2, {"seed": None}),
]:

    @wrong("names_model", says=_says, points=_points, name=_name)
    def _names_gone_wrong(characters, embedding_size, hidden_size, inputs, targets, wrong=_wrong):
        return _names(characters, embedding_size, hidden_size, inputs, targets, **wrong)


@wrong("names_model", says="the id 0 takes a row and an output as well", points=0)
def no_symbol_for_padding(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets, rows=characters, outputs=characters)


@wrong("names_model", says="the id 0 takes a row and an output as well", points=0)
def no_output_for_the_last_character(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets, outputs=characters)


@wrong("names_model", says="the Dense layer has hidden_size outputs, not one for each id", points=0)
def outputs_as_many_as_units(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets % hidden_size, outputs=hidden_size)


@wrong("names_model", says="embedding_size and hidden_size are exchanged", points=0)
def names_with_sizes_exchanged(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, hidden_size, embedding_size, inputs, targets)


@wrong("names_model", says="the sizes are those of the model of names, whatever the arguments are", points=0)
def sizes_of_the_names(characters, embedding_size, hidden_size, inputs, targets):
    return _names(27, 16, 64, inputs, targets)


@wrong("names_model", says="the model alone: its loss on the batch", points=0)
def the_model_alone(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets)[0]


@wrong("names_model", says="the loss comes first: (model, loss) is asked for", points=0)
def the_loss_first(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, targets)[::-1]


@wrong("names_model", says="or what it returns is None", points=0)
def no_return(characters, embedding_size, hidden_size, inputs, targets):
    _names(characters, embedding_size, hidden_size, inputs, targets)


@wrong("names_model", says="compile wants the optimizer first, then the loss", points=0)
def the_loss_in_the_optimizers_place(characters, embedding_size, hidden_size, inputs, targets):
    keras, _ = _layers()
    model, _ = _names(characters, embedding_size, hidden_size, inputs, targets)
    model.compile(keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.optimizers.Adam(0.005))
    return model, model.evaluate(inputs, targets, verbose=0)


@wrong("names_model", says="compile changes the model and returns None: keep the model itself", points=0)
def what_compile_returns(characters, embedding_size, hidden_size, inputs, targets):
    model, _ = _names(characters, embedding_size, hidden_size, inputs, targets)
    model = model.compile("adam", "sparse_categorical_crossentropy")
    return model, model.evaluate(inputs, targets, verbose=0)


@wrong("names_model", says="the model has been trained: it is fitted further down", points=2)
def trained_already(characters, embedding_size, hidden_size, inputs, targets):
    model, _ = _names(characters, embedding_size, hidden_size, inputs, targets)
    model.fit(inputs, targets, verbose=0, shuffle=False)
    return model, model.evaluate(inputs, targets, verbose=0)


@wrong("names_model", says="evaluate is asked about the inputs themselves", points=2)
def judged_by_the_inputs(characters, embedding_size, hidden_size, inputs, targets):
    return _names(characters, embedding_size, hidden_size, inputs, inputs)


@wrong("names_model", says="the loss is told nothing of the mask", points=2)
def a_loss_by_hand(characters, embedding_size, hidden_size, inputs, targets):
    model, _ = _names(characters, embedding_size, hidden_size, inputs, targets)
    return model, float(_cost(model, inputs, targets).mean())


# ---- ceiling: right


def _followers(text, window):
    found = {}
    for i in range(len(text) - window):
        found.setdefault(text[i : i + window], []).append(text[i + window])
    return found


@right("ceiling")
def ceiling(text, window):
    places, best, cost = len(text) - window, 0, 0.0
    for after in _followers(text, window).values():
        counts = [after.count(c) for c in set(after)]
        best += max(counts)
        cost -= sum(n * np.log(n / len(after)) for n in counts)
    return best / places, cost / places


@right("ceiling")
def by_a_table_of_counts(text, window):
    windows = [text[i : i + window] for i in range(len(text) - window)]
    rows, columns = sorted(set(windows)), sorted(set(text))
    table = np.zeros((len(rows), len(columns)))
    np.add.at(table, ([rows.index(w) for w in windows], [columns.index(c) for c in text[window:]]), 1)
    p = table / table.sum(axis=1, keepdims=True)
    return table.max(axis=1).sum() / table.sum(), -(table * np.log(np.where(p > 0, p, 1))).sum() / table.sum()


@right("ceiling")
def as_a_named_tuple(text, window):
    return collections.namedtuple("Ceiling", ["accuracy", "loss"])(*ceiling(text, window))


@right("ceiling")
def a_place_at_a_time(text, window):
    found = _followers(text, window)
    costs, right_ones = [], []
    for i in range(window, len(text)):
        after = found[text[i - window : i]]
        costs.append(-np.log(after.count(text[i]) / len(after)))
        right_ones.append(text[i] == max(sorted(set(after)), key=after.count))
    return np.float64(np.mean(right_ones)), np.mean(costs)


# ---- ceiling: wrong

for _name, _says, _points, _change in [
    ("in_small_letters", "capitals are taken for small letters", 5, lambda text, window: (text.lower(), window)),
    ("stripped", "spaces and newlines are left out, at the ends", 5, lambda text, window: (text.strip(), window)),
    ("one_too_wide", "the window is one character too wide", 0, lambda text, window: (text, window + 1)),
    ("one_too_narrow", "the window is one character too narrow", 0, lambda text, window: (text, window - 1)),
    ("always_three", "the window is always 3", 0, lambda text, window: (text, 3)),
    ("without_the_last", "the last character of the text is never guessed", 0, lambda text, window: (text[:-1], window)),
    ("from_the_end", "the text is read from its end", 0, lambda text, window: (text[::-1], window)),
]:

    @wrong("ceiling", says=_says, points=_points, name=_name)
    def _of_another_text(text, window, change=_change):
        return ceiling(*change(text, window))


for _name, _says, _points, _change in [
    ("by_the_length_of_the_text", "divided by the length of the text", 0, lambda a, b, n, t, found: (a * n / len(t), b * n / len(t))),
    ("by_the_number_of_windows", "divided by the number of different windows", 0, lambda a, b, n, t, found: (a * n / len(found), b * n / len(found))),
    ("in_bits", "bits, not nats", 2, lambda a, b, n, t, found: (a, b / np.log(2))),
    ("with_the_sign_forgotten", "the sign: a cost is minus a logarithm", 2, lambda a, b, n, t, found: (a, -b)),
    ("sums", "the number of right guesses, not their fraction", 0, lambda a, b, n, t, found: (a * n, b * n)),
    ("the_other_way_round", "the loss comes first: (accuracy, loss) is asked for", 0, lambda a, b, n, t, found: (b, a)),
    ("logarithm_of_the_accuracy", "minus the logarithm of the accuracy", 2, lambda a, b, n, t, found: (a, -np.log(a))),
    ("the_accuracy_alone", "a tuple of two numbers, (accuracy, loss)", 0, lambda a, b, n, t, found: a),
    ("the_mistakes", "the fraction of mistakes: one minus the accuracy", 3, lambda a, b, n, t, found: (1 - a, b)),
    ("perplexity", "perplexity", 2, lambda a, b, n, t, found: (a, np.exp(b))),
    ("different_windows", "each different window counts once", 3, lambda a, b, n, t, found: (len(found) / n, b)),
]:

    @wrong("ceiling", says=_says, points=_points, name=_name)
    def _of_other_numbers(text, window, change=_change):
        return change(*ceiling(text, window), len(text) - window, text, _followers(text, window))


@right("ceiling")
def a_list_of_both(text, window):
    return list(ceiling(text, window))


def _entropy(after):
    p = np.array([after.count(c) for c in set(after)]) / len(after)
    return float(-(p * np.log(p)).sum())


@wrong("ceiling", says="the mean over the different windows")
def each_window_once(text, window):
    found = _followers(text, window).values()
    return np.mean([max(map(after.count, after)) / len(after) for after in found]), np.mean([*map(_entropy, found)])


@wrong("ceiling", says="probabilities of window and follower together", points=2)
def of_window_and_follower(text, window):
    pairs = [text[i : i + window + 1] for i in range(len(text) - window)]
    return ceiling(text, window)[0], _entropy(pairs)


@wrong("ceiling", says="only windows with a single follower count as right", points=3)
def without_conflicts(text, window):
    found = _followers(text, window).values()
    return sum(len(after) for after in found if len(set(after)) == 1) / (len(text) - window), ceiling(text, window)[1]


@wrong("ceiling", says="followers with equal probabilities", points=2)
def equal_probabilities(text, window):
    found = _followers(text, window).values()
    return ceiling(text, window)[0], sum(len(after) * np.log(len(set(after))) for after in found) / (len(text) - window)


@wrong("ceiling", says="every place pays what the most frequent follower costs", points=2)
def the_cost_of_the_best_guess(text, window):
    found = _followers(text, window).values()
    costs = [-len(after) * np.log(max(map(after.count, after)) / len(after)) for after in found]
    return ceiling(text, window)[0], sum(costs) / (len(text) - window)


@wrong("ceiling", says="the mean over the different windows: one that comes often is asked often", points=3)
def each_window_once_in_the_accuracy(text, window):
    return each_window_once(text, window)[0], ceiling(text, window)[1]


@wrong("ceiling", says="the mean over the different windows: one that comes often is asked often", points=2)
def each_window_once_in_the_loss(text, window):
    return ceiling(text, window)[0], each_window_once(text, window)[1]


@wrong("ceiling", says="the last window is asked too, though nothing follows it", points=0)
def with_the_last_window(text, window):
    found, places = {}, len(text) - window + 1
    for i in range(places):
        found.setdefault(text[i : i + window], []).append(text[i + window : i + window + 1])
    best = sum(max(map(after.count, after)) for after in found.values())
    return best / places, sum(len(after) * _entropy(after) for after in found.values()) / places


@wrong("ceiling", says="the windows do not overlap, but all places of the text are divided by", points=0)
def windows_side_by_side(text, window):
    found, places = {}, len(text) - window
    for i in range(0, places, window):
        found.setdefault(text[i : i + window], []).append(text[i + window])
    best = sum(max(map(after.count, after)) for after in found.values())
    return best / places, sum(len(after) * _entropy(after) for after in found.values()) / places


def _found_by_count(text, window):
    windows = sorted({text[i : i + window] for i in range(len(text) - window)})
    return {w: [n for c in sorted(set(text)) if (n := text.count(w + c))] for w in windows}


@wrong("ceiling", says="str.count leaves out what overlaps: 'aaa'.count('aa') is 1", points=0)
def counted_by_str_count(text, window):
    found, places = _found_by_count(text, window).values(), len(text) - window
    return sum(map(max, found)) / places, sum(-n * np.log(n / sum(counts)) for counts in found for n in counts) / places


@wrong("ceiling", says="str.count leaves out what overlaps, in the number of guesses too", points=0)
def counted_and_divided_by_str_count(text, window):
    found = _found_by_count(text, window).values()
    places = sum(map(sum, found))
    return sum(map(max, found)) / places, sum(-n * np.log(n / sum(counts)) for counts in found for n in counts) / places


@wrong("ceiling", says="str.count leaves out what overlaps, in the windows too", points=2)
def windows_counted_by_str_count(text, window):
    found, places = _found_by_count(text, window), len(text) - window
    return ceiling(text, window)[0], sum(-n * np.log(n / text.count(w)) for w, counts in found.items() for n in counts) / places


@wrong("ceiling", says="with the one at the end that nothing follows", points=2)
def divided_by_all_windows(text, window):
    n = collections.Counter(text[i : i + window] for i in range(len(text) - window + 1))
    pairs = collections.Counter(text[i : i + window + 1] for i in range(len(text) - window))
    costs = [-count * np.log(count / n[pair[:-1]]) for pair, count in pairs.items()]
    return ceiling(text, window)[0], sum(costs) / (len(text) - window)


@wrong("ceiling", says="max of a Counter compares the characters", points=3)
def the_largest_character(text, window):
    found = {window: collections.Counter(after) for window, after in _followers(text, window).items()}
    return sum(count[max(count)] for count in found.values()) / (len(text) - window), ceiling(text, window)[1]


for _small in (1e-5, 1e-12):

    @wrong("ceiling", says=f"{_small:g} is added inside the logarithm", points=2, name=f"{_small:g}_in_the_logarithm")
    def _with_something_small(text, window, small=_small):
        costs = [-np.log(after.count(c) / len(after) + small) for after in _followers(text, window).values() for c in after]
        return ceiling(text, window)[0], float(np.mean(costs))


@wrong("ceiling", says="the loop goes one window too far", points=0)
def one_window_too_far(text, window):
    found = {}
    for i in range(len(text) - window + 1):
        found.setdefault(text[i : i + window], []).append(text[i + window])
    return ceiling(text, window)


@wrong("ceiling", says="something is added to every count", points=2)
def smoothed(text, window):
    found, symbols = _followers(text, window).values(), len(set(text))
    costs = [-np.log((after.count(c) + 1) / (len(after) + symbols)) for after in found for c in after]
    return ceiling(text, window)[0], float(np.mean(costs))


for _name, _says, _points, _change in [
    ("rounded", "rounded to 3 digits: leave the numbers as they are", 0, lambda a, b, n, found: (round(a, 3), round(b, 3))),
    ("entropies_without_weights", "the windows' own means are added without weights", 2, lambda a, b, n, found: (a, sum(map(_entropy, found)) / n)),
    (
        "a_cost_for_each_window", "one cost for each window, that of its most frequent follower", 2,
        lambda a, b, n, found: (a, sum(-np.log(max(map(w.count, w)) / len(w)) for w in found) / n),
    ),
]:

    @wrong("ceiling", says=_says, points=_points, name=_name)
    def _of_the_followers(text, window, change=_change):
        return change(*ceiling(text, window), len(text) - window, list(_followers(text, window).values()))


@wrong("ceiling", says="the last character of the text is never guessed, but counts as a guess", points=0)
def one_guess_too_few(text, window):
    n = len(text) - window
    return tuple(number * (n - 1) / n for number in ceiling(text[:-1], window))



# ---- which_rule: right


def _follows(string):
    return chr(ord(string[-1]) + 1)


def _counts(string):
    return chr(ord(string[0]) + len(string))


def _fractions(chosen, follows=_follows, counts=_counts):
    if not chosen:
        return None
    tally = collections.Counter("next" if a == follows(s) else "count" if a == counts(s) else "neither" for s, a in chosen)
    return {rule: tally[rule] / len(chosen) for rule in ("next", "count", "neither")}


def _by_rule(strings, answers, follows=_follows, counts=_counts):
    chosen = [(s, a) for s, a in zip(strings, answers) if follows(s) != counts(s)]
    return [s for s, _ in chosen], _fractions(chosen, follows, counts)


@right("which_rule")
def which_rule(strings, answers):
    return _by_rule(strings, answers)


@right("which_rule")
def by_arrays(strings, answers):
    first, last = (np.array([ord(s[i]) for s in strings]) for i in (0, -1))
    after, counted = last + 1, first + [len(s) for s in strings]
    told, differ = np.array([ord(a) for a in answers]), after != counted
    if not differ.any():
        return [], None
    follows, counts = (told == after)[differ].mean(), (told == counted)[differ].mean()
    return [str(s) for s in np.array(strings)[differ]], {"count": counts, "next": follows, "neither": 1 - follows - counts}


@right("which_rule")
def letter_by_letter_without_ord(strings, answers):
    apart, tally = [], collections.Counter(next=0, count=0, neither=0)
    for place, string in enumerate(strings):
        counted = string[0]
        for _ in string:
            counted = chr(int.from_bytes(counted.encode("utf-32-le"), "little") + 1)
        after = chr(ord(string[-1]) + 1)
        if after == counted:
            continue
        apart += [string]
        tally[{after: "next", counted: "count"}.get(answers[place], "neither")] += 1
    for rule in tally:
        if len(apart) > 0:
            tally[rule] /= len(apart)
    return apart, tally if apart else None


@right("which_rule")
def with_a_generator_of_answers_left(strings, answers):
    differ = [ord(s[-1]) - ord(s[0]) != len(s) - 1 for s in strings]
    apart = [s for s, d in zip(strings, differ) if d]
    left = [a for a, d in zip(answers, differ) if d]
    if not apart:
        return apart, None
    rules = {"next": [ord(s[-1]) + 1 for s in apart], "count": [ord(s[0]) + len(s) for s in apart]}
    shares = {name: float(np.mean([ord(a) == r for a, r in zip(left, rule)])) for name, rule in rules.items()}
    return apart, shares | {"neither": 1 - sum(shares.values())}


# ---- which_rule: wrong


for _name, _says, _rules in [
    ("next_is_the_letter_itself", "next is the letter that was just read", {"follows": lambda s: s[-1]}),
    ("next_after_the_first", "next is the letter after the first one", {"follows": lambda s: chr(ord(s[0]) + 1)}),
    ("count_one_short", "count is one letter short", {"counts": lambda s: chr(ord(s[0]) + len(s) - 1)}),
    ("count_one_too_far", "count is one letter too far", {"counts": lambda s: chr(ord(s[0]) + len(s) + 1)}),
    ("count_is_first_plus_1", "count is always first + 1", {"counts": lambda s: chr(ord(s[0]) + 1)}),
    ("count_is_first_plus_2", "count is always first + 2", {"counts": lambda s: chr(ord(s[0]) + 2)}),
    ("count_from_the_last", "count begins at the letter just read", {"counts": lambda s: chr(ord(s[-1]) + len(s))}),
]:

    @wrong("which_rule", says=_says, points=0, name=_name)
    def _with_another_rule(strings, answers, rules=_rules):
        return _by_rule(strings, answers, **rules)


def _kept(strings, answers, keep):
    chosen = [(s, a) for s, a in zip(strings, answers) if keep(s, a)]
    return [s for s, _ in chosen], _fractions(chosen)


for _name, _says, _keep in [
    ("all_strings", "the answers to all strings are counted: where the rules agree, an answer says nothing", lambda s, a: True),
    ("where_they_agree", "the strings on which the rules agree are kept", lambda s, a: _follows(s) == _counts(s)),
    ("what_is_no_run", "a string need not be a run for the rules to agree on it", lambda s, a: s not in "abcdefghijklmnopqrstuvwxyz"),
    ("answers_that_are_not_next", "strings are chosen by the answer", lambda s, a: a != _follows(s)),
    ("answers_that_do_not_count_on", "strings are chosen by the answer", lambda s, a: a != _counts(s)),
    ("without_neither", "strings whose answer is by neither rule are left out",
     lambda s, a: _follows(s) != _counts(s) and a in (_follows(s), _counts(s))),
]:  # fmt: skip

    @wrong("which_rule", says=_says, points=0, name=_name)
    def _with_other_strings(strings, answers, keep=_keep):
        return _kept(strings, answers, keep)


@wrong("which_rule", says="a string that comes twice is counted once", points=0)
def by_a_dict_of_answers(strings, answers):
    told = dict(zip(strings, answers))
    return _by_rule(list(told), list(told.values()))


@wrong("which_rule", says="the list holds all strings", points=2)
def all_strings_beside_the_right_fractions(strings, answers):
    return strings[:], _by_rule(strings, answers)[1]


@wrong("which_rule", says="the strings are sorted: their order is asked for", points=2)
def in_alphabetical_order(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return sorted(apart), shares


@wrong("which_rule", says="is in the list only once", points=2)
def each_string_once(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return list(dict.fromkeys(apart)), shares


def _share(strings, answers, change):
    apart, shares = _by_rule(strings, answers)
    return apart, shares and change(shares)


@wrong("which_rule", says="divided by all strings", points=2)
def divided_by_all(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares and {rule: share * len(apart) / len(strings) for rule, share in shares.items()}


@wrong("which_rule", says="the answers to all strings are counted", points=2)
def all_answers(strings, answers):
    apart, _ = _by_rule(strings, answers)
    return apart, _fractions(list(zip(strings, answers))) if apart else None


@wrong("which_rule", says="leave both out together", points=2)
def answers_paired_anew(strings, answers):
    apart = [s for s in strings if _follows(s) != _counts(s)]
    return apart, _fractions(list(zip(apart, answers)))


@wrong("which_rule", says="next and count are exchanged", points=2)
def exchanged(strings, answers):
    return _share(strings, answers, lambda by: {"next": by["count"], "count": by["next"], "neither": by["neither"]})


@wrong("which_rule", says="numbers of answers, not fractions", points=2)
def numbers_of_answers(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares and {rule: round(share * len(apart)) for rule, share in shares.items()}


@wrong("which_rule", says="percentages, not fractions", points=2)
def percentages(strings, answers):
    return _share(strings, answers, lambda by: {rule: 100 * share for rule, share in by.items()})


@wrong("which_rule", says="`and`, where `or` is always true", points=2)
def neither_with_or(strings, answers):
    return _share(strings, answers, lambda by: by | {"neither": 1.0})


@wrong("which_rule", says="this is all that is not by next", points=2)
def neither_is_not_next(strings, answers):
    return _share(strings, answers, lambda by: by | {"neither": 1 - by["next"]})


@wrong("which_rule", says="what is not by next is taken for count", points=2)
def two_rules_only(strings, answers):
    return _share(strings, answers, lambda by: {"next": by["next"], "count": 1 - by["next"], "neither": 0.0})


@wrong("which_rule", says="fractions of the answers by a rule", points=2)
def of_the_answers_by_a_rule(strings, answers):
    return _share(strings, answers, lambda by: {rule: by[rule] / (by["next"] + by["count"]) for rule in ("next", "count")} | {"neither": by["neither"]})


@wrong("which_rule", says="nothing to divide by: None is asked for", points=4)
def divided_by_nothing(strings, answers):
    apart = [s for s in strings if _follows(s) != _counts(s)]
    told = [(s, a) for s, a in zip(strings, answers) if _follows(s) != _counts(s)]
    by = [sum(a == rule(s) for s, a in told) / len(told) for rule in (_follows, _counts)]
    return apart, {"next": by[0], "count": by[1], "neither": 1 - sum(by)}


@wrong("which_rule", says="0 of 0 is not 0", points=4)
def zeros_of_nothing(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares or dict.fromkeys(("next", "count", "neither"), 0.0)


@wrong("which_rule", says="a mean of nothing is nan", points=4)
def nan_of_nothing(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares or dict.fromkeys(("next", "count", "neither"), float("nan"))


@wrong("which_rule", says="a letter is looked up in an alphabet of its own", points=4)
def with_the_latin_alphabet(strings, answers):
    letters = "abcdefghijklmnopqrstuvwxyz"
    follows, counts = lambda s: letters[letters.index(s[-1]) + 1], lambda s: letters[letters.index(s[0]) + len(s)]
    return _by_rule(strings, answers, follows, counts)


@wrong("which_rule", says="a letter and a number cannot be added", points=0)
def a_letter_plus_one(strings, answers):
    return _by_rule(strings, answers, lambda s: s[-1] + 1)


@wrong("which_rule", says="neither is not in the dict", points=0)
def without_the_key_neither(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares and {rule: shares[rule] for rule in ("next", "count")}


@wrong("which_rule", says="the places of the strings", points=0)
def places(strings, answers):
    differ = [i for i, s in enumerate(strings) if _follows(s) != _counts(s)]
    return differ, _by_rule(strings, answers)[1]


@wrong("which_rule", says="the fractions are missing", points=0)
def strings_alone(strings, answers):
    return _by_rule(strings, answers)[0]


@wrong("which_rule", says="the fractions come first", points=0)
def fractions_first(strings, answers):
    return _by_rule(strings, answers)[::-1]


@wrong("which_rule", says="the fractions are in a row", points=0)
def fractions_in_a_row(strings, answers):
    apart, shares = _by_rule(strings, answers)
    return apart, shares and tuple(shares.values())


@wrong("which_rule", says="the strings alone are asked for", points=0)
def pairs_with_their_answers(strings, answers):
    _, shares = _by_rule(strings, answers)
    return [(s, a) for s, a in zip(strings, answers) if _follows(s) != _counts(s)], shares


@wrong("which_rule", says="changed in place: strings", points=4)
def strings_taken_out_of_the_list(strings, answers):
    result = _by_rule(strings[:], answers)
    strings[:] = result[0]
    return strings, result[1]


# ---- score_texts: right


def _reset(model):
    for layer in model.layers:
        if hasattr(layer, "reset_state"):
            layer.reset_state()


def _mean_cost(logits, targets):
    return float(np.mean(-np.take_along_axis(_log_p(logits), targets[:, None], axis=-1)))


@right("score_texts")
def score_texts(model, texts):
    scores = []
    for text in texts:
        _reset(model)
        scores.append(_mean_cost(np.asarray(model(text[None, :-1]))[0], text[1:]))
    return scores


@right("score_texts")
def a_character_at_a_time(model, texts):
    scores = []
    for text in texts:
        _reset(model)
        logits = [np.asarray(model(np.array([[i]])))[0, 0] for i in text]
        scores.append(_mean_cost(np.array(logits[:-1]), text[1:]))
    return scores


@right("score_texts")
def the_last_character_is_read_too(model, texts):
    keras, _ = _layers()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    scores = []
    for text in texts:
        _reset(model)
        scores.append(np.float32(loss(text[None, 1:], model(text[None])[:, :-1])))
    return scores


@right("score_texts")
def reset_after_each(model, texts):
    scores = []
    _reset(model)
    for text in texts:
        scores.append(score_texts(model, [text])[0])
        _reset(model)
    return scores


@right("score_texts")
def a_stateless_twin(model, texts):
    keras, layers = _layers()
    embedding, *recurrent, dense = model.layers
    symbols, width = embedding.get_weights()[0].shape
    recurrent = [type(layer)(layer.units, return_sequences=True) for layer in recurrent]
    twin = keras.Sequential([keras.Input((None,)), layers.Embedding(symbols, width), *recurrent, layers.Dense(symbols)])
    twin.set_weights(model.get_weights())
    return [_mean_cost(np.asarray(twin(text[None, :-1]))[0], text[1:]) for text in texts]


# ---- score_texts: wrong


def _carried(model, text):
    return _mean_cost(np.asarray(model(text[None, :-1]))[0], text[1:])


@wrong("score_texts", says="the state of one text goes on into the next", points=2)
def never_reset(model, texts):
    return [_carried(model, text) for text in texts]


@wrong("score_texts", says="the state of one text goes on into the next", points=2)
def reset_once(model, texts):
    _reset(model)
    return [_carried(model, text) for text in texts]


@wrong("score_texts", says="an old state goes into the first text: reset before it too", points=3)
def reset_only_after_each(model, texts):
    scores = []
    for text in texts:
        scores.append(_carried(model, text))
        _reset(model)
    return scores


@wrong("score_texts", says="an old state goes into the first text: reset before it too", points=3)
def reset_only_between_texts(model, texts):
    scores = []
    for i, text in enumerate(texts):
        if i > 0:
            _reset(model)
        scores.append(_carried(model, text))
    return scores


@wrong("score_texts", says="the state of one text goes on into the next one", points=2)
def never_reset_and_all_read(model, texts):
    return [_mean_cost(np.asarray(model(text[None]))[0, :-1], text[1:]) for text in texts]


def _scores_with(model, texts, layers):
    scores = []
    for text in texts:
        for layer in layers:
            layer.reset_state()
        scores.append(_carried(model, text))
    return scores


@wrong("score_texts", says="only the first recurrent layer is reset", points=3)
def second_layer_of_the_model_reset(model, texts):
    return _scores_with(model, texts, [model.layers[1]])


@wrong("score_texts", says="only the last recurrent layer is reset", points=3)
def last_recurrent_layer_reset(model, texts):
    return _scores_with(model, texts, [layer for layer in model.layers if hasattr(layer, "reset_state")][-1:])


for _whole, _says in ((False, "a GRU is not reset: every layer"), (True, "a GRU is not reset: each layer")):

    @wrong("score_texts", says=_says, points=3, name=f"simple_layers_reset_{'whole_texts_read' if _whole else 'only'}")
    def _simple_layers_reset(model, texts, whole=_whole):
        _, layers = _layers()
        scores = []
        for text in texts:
            for layer in model.layers:
                if isinstance(layer, layers.SimpleRNN):
                    layer.reset_state()
            scores.append(_mean_cost(np.asarray(model(text[None]))[0, :-1], text[1:]) if whole else _carried(model, text))
        return scores


@wrong("score_texts", says="perplexity")
def perplexities(model, texts):
    return [float(np.exp(score)) for score in score_texts(model, texts)]


@wrong("score_texts", says="each text is read from its end")
def from_the_end(model, texts):
    return score_texts(model, [text[::-1] for text in texts])


@wrong("score_texts", says="the state is reset at each character")
def reset_at_each_character(model, texts):
    scores = []
    for text in texts:
        logits = []
        for i in text[:-1]:
            _reset(model)
            logits.append(np.asarray(model(np.array([[i]])))[0, 0])
        scores.append(_mean_cost(np.array(logits), text[1:]))
    return scores


@wrong("score_texts", says="targets not shifted")
def targets_not_shifted(model, texts):
    scores = []
    for text in texts:
        _reset(model)
        scores.append(_mean_cost(np.asarray(model(text[None]))[0], text))
    return scores


@wrong("score_texts", says="a Keras 3 model has no reset_states", points=0)
def a_reset_of_the_model(model, texts):
    model.reset_states()
    return score_texts(model, texts)


@wrong("score_texts", says="the sum, not the mean", points=0)
def sums(model, texts):
    return [score * (len(text) - 1) for score, text in zip(score_texts(model, texts), texts)]


@wrong("score_texts", says="divided by n: there are n - 1 characters to guess")
def divided_by_n(model, texts):
    return [score * (len(text) - 1) / len(text) for score, text in zip(score_texts(model, texts), texts)]


@wrong("score_texts", says="one mean for all texts", points=2)
def one_mean(model, texts):
    scores, weights = score_texts(model, texts), [len(text) - 1 for text in texts]
    return [float(np.average(scores, weights=weights))] * len(texts)


@wrong("score_texts", says="expected a list of 1 numbers, got an array of shape (1,)")
def an_array(model, texts):
    return np.array(score_texts(model, texts))


@wrong("score_texts", says="stay with logarithms", points=4)
def logarithm_of_a_probability(model, texts):
    keras, _ = _layers()
    scores = []
    for text in texts:
        _reset(model)
        p = np.asarray(keras.ops.softmax(model(text[None, :-1])))[0]
        with np.errstate(divide="ignore"):
            scores.append(float(-np.log(p[np.arange(len(text) - 1), text[1:]]).mean()))
    return scores


@wrong("score_texts", says="probabilities are kept above 1e-10", points=4)
def with_a_small_number_added(model, texts):
    scores = []
    for text in texts:
        _reset(model)
        p = np.exp(_log_p(model(text[None, :-1])))[0]
        scores.append(float(-np.log(p[np.arange(len(text) - 1), text[1:]] + 1e-10).mean()))
    return scores


@wrong("score_texts", says="from_logits=True is missing")
def the_costs_of_keras_without_from_logits(model, texts):
    keras, _ = _layers()
    scores = []
    for text in texts:
        _reset(model)
        costs = keras.losses.sparse_categorical_crossentropy(text[None, 1:], model(text[None, :-1]))
        scores.append(float(np.mean(costs)))
    return scores


for _name, _says, _points, _made in [
    ("one_number", "a single number: a list with the score of each text is asked for", 0, lambda scores: float(np.mean(scores))),
    ("a_return_in_the_loop", "does `return` stand inside the loop?", 2, lambda scores: scores[:1]),
]:

    @wrong("score_texts", says=_says, points=_points, name=_name)
    def _of_scores(model, texts, made=_made):
        return made(score_texts(model, texts))


@wrong("score_texts", says="the costs of each text: their mean is asked for", points=0)
def costs_of_each_text(model, texts):
    return [-np.take_along_axis(_log_p(_alone(model, text)), text[1:, None], axis=-1)[:, 0] for text in texts]


def _alone(model, text, until=-1):
    """Logits of a text alone; without its last character, as a rule."""
    _reset(model)
    return np.asarray(model(text[None, :until]))[0]


@wrong("score_texts", says="the model wants a batch axis: text[None, :-1]", points=0)
def without_a_batch_axis(model, texts):
    return [_mean_cost(np.asarray(model(text[:-1]))[0], text[1:]) for text in texts]


@wrong("score_texts", says="rows of logits and characters are not equally many", points=0)
def a_row_too_many(model, texts):
    return [float(-(log_p := _log_p(_alone(model, text, until=None)))[np.arange(len(log_p)), text[1:]].mean()) for text in texts]


@wrong("score_texts", says="takes every character at every position: index the rows with np.arange", points=0)
def a_colon_for_the_rows(model, texts):
    return [float(-_log_p(_alone(model, text))[:, text[1:]].mean()) for text in texts]


@wrong("score_texts", says="the mean runs over all symbols", points=0)
def over_all_symbols(model, texts):
    return [float(-_log_p(_alone(model, text)).mean()) for text in texts]


@wrong("score_texts", says="the entropy of what the model says", points=0)
def entropies_of_the_model(model, texts):
    return [float(-(np.exp(log_p := _log_p(_alone(model, text))) * log_p).sum(axis=-1).mean()) for text in texts]


@wrong("score_texts", says="the softmax runs over the positions, not over the symbols", points=0)
def softmax_over_the_positions(model, texts):
    return [float(-_log_p(_alone(model, text).T).T[np.arange(len(text) - 1), text[1:]].mean()) for text in texts]


@wrong("score_texts", says="the characters that were read are judged, not those that follow", points=0)
def judged_by_what_was_read(model, texts):
    return [_mean_cost(_alone(model, text), text[:-1]) for text in texts]


@wrong("score_texts", says="only the last character is judged", points=0)
def the_last_character_only(model, texts):
    return [_mean_cost(_alone(model, text)[-1:], text[-1:]) for text in texts]


@wrong("score_texts", says="the accuracy, not the loss", points=0)
def accuracies(model, texts):
    return [float((_alone(model, text).argmax(axis=-1) == text[1:]).mean()) for text in texts]



@wrong("score_texts", says="logarithms are cut off at -20: a large cost comes out too small", points=4)
def cut_off_at_minus_20(model, texts):
    scores = []
    for text in texts:
        _reset(model)
        log_p = np.maximum(_log_p(model(text[None, :-1]))[0], -20)
        scores.append(float(np.mean([-log_p[t, y] for t, y in enumerate(text[1:])])))
    return scores


# ---- generate: right


def _step(weights, h, symbol):
    h = np.tanh(weights["W_xh"][symbol] + h @ weights["W_hh"] + weights["b_h"])
    return h, h @ weights["W_hy"] + weights["b_y"]


@right("generate")
def generate(weights, prompt, length, state):
    ids = []
    for symbol in prompt:
        state, logits = _step(weights, state, symbol)
    for n in range(length):
        if n > 0:
            state, logits = _step(weights, state, ids[-1])
        ids.append(np.argmax(logits))
    return np.array(ids), state


@right("generate")
def recursive(weights, prompt, length, state):
    for symbol in prompt:
        state, logits = _step(weights, state, symbol)
    first = logits.argmax(keepdims=True)
    if length == 1:
        return first, state
    rest, state = recursive(weights, first, length - 1, state)
    return np.concatenate([first, rest]), state


@right("generate")
def one_loop_over_a_list_that_grows(weights, prompt, length, state):
    todo, one_hot = list(prompt), np.eye(len(weights["W_xh"]), dtype=state.dtype)
    for t in range(len(prompt) + length - 1):
        state = np.tanh(one_hot[todo[t]] @ weights["W_xh"] + np.einsum("i,ij->j", state, weights["W_hh"]) + weights["b_h"])
        if t >= len(prompt) - 1:
            todo.append(int((weights["W_hy"].T @ state + weights["b_y"]).argmax()))
    return np.array(todo[len(prompt) :], dtype=np.int32), state


class _Writer:
    """As a class; Python's own numbers in the choice, and a state that is written into a copy."""

    def __call__(self, weights, prompt, length, state):
        h, ids = state.copy(), []
        for i in [*map(int, prompt), *[None] * (length - 1)]:
            if i is None:
                ids.append(self.best(weights, h))
                i = ids[-1]
            h[:] = np.tanh(weights["W_hh"].T @ h + weights["W_xh"][i] + weights["b_h"])
        return np.array([*ids, self.best(weights, h)]), h

    def best(self, weights, h):
        logits = (h[None] @ weights["W_hy"] + weights["b_y"])[0].tolist()
        return max(range(len(logits)), key=logits.__getitem__)


right("generate", name="a_callable_object")(_Writer())


# ---- generate: wrong


def _loop(weights, prompt, length, state, choose=np.argmax, restart=None):
    ids = []
    for symbol in prompt:
        state, logits = _step(weights, state, symbol)
    for n in range(length):
        if n:
            state, logits = _step(weights, state if restart is None else restart, ids[-1])
        ids.append(choose(logits))
    return np.array(ids), state


@wrong("generate", says="only the last id of the prompt is read", points=0)
def reads_the_last_id_only(weights, prompt, length, state):
    return generate(weights, prompt[-1:], length, state)


@wrong("generate", says="`state` is not used: reading begins from zeros", points=0)
def starts_from_zero(weights, prompt, length, state):
    return generate(weights, prompt, length, np.zeros_like(state))


@wrong("generate", says="the state starts from zero again at each new id", points=2)
def a_reset_at_each_id(weights, prompt, length, state):
    return _loop(weights, prompt, length, state, restart=np.zeros_like(state))


@wrong("generate", says="the last generated id has been read already", points=3)
def reads_the_last_id_too(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return ids, _step(weights, state, ids[-1])[0]


@wrong("generate", says="the state comes back as it was given", points=3)
def the_state_as_given(weights, prompt, length, state):
    return generate(weights, prompt, length, state)[0], state


@wrong("generate", says="the first generated id is the last one of the prompt", points=0)
def the_prompts_last_id_first(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return np.concatenate([prompt[-1:], ids[:-1]]), state


@wrong("generate", says="argmax of the state, not of the logits", points=0)
def argmax_of_the_state(weights, prompt, length, state):
    ids = []
    for symbol in prompt:
        state, _ = _step(weights, state, symbol)
    for n in range(length):
        if n:
            state, _ = _step(weights, state, ids[-1] % len(weights["W_xh"]))
        ids.append(np.argmax(state))
    return np.array(ids), state


@wrong("generate", says="the last id of the prompt is read twice", points=0)
def reads_the_last_id_twice(weights, prompt, length, state):
    return generate(weights, np.append(prompt, prompt[-1]), length, state)


for _says, _squash in [("tanh is missing", lambda a: a), ("relu in place of tanh", lambda a: np.maximum(a, 0))]:

    @wrong("generate", says=_says, points=0, name=_says.replace(" ", "_"))
    def _squashed(weights, prompt, length, state, squash=_squash):
        ids = []
        for symbol in [*prompt, *[None] * (length - 1)]:
            if symbol is None:
                ids.append(np.argmax(state @ weights["W_hy"] + weights["b_y"]))
                symbol = ids[-1]
            state = squash(weights["W_xh"][symbol] + state @ weights["W_hh"] + weights["b_h"])
        return np.array([*ids, np.argmax(state @ weights["W_hy"] + weights["b_y"])]), state


@wrong("generate", says="b_y is missing", points=0)
def without_b_y(weights, prompt, length, state):
    return generate({**weights, "b_y": weights["b_y"] * 0}, prompt, length, state)


def _feeding(weights, prompt, length, state, fed):
    """Reads fed(prompt, ids) in place of the last id."""
    ids = []
    for symbol in prompt:
        state, logits = _step(weights, state, symbol)
    for n in range(length):
        if n:
            state, logits = _step(weights, state, fed(prompt, ids))
        ids.append(np.argmax(logits))
    return np.array(ids), state


@wrong("generate", says="generated ids are not read: at each step it is the last one of the prompt again", points=2)
def reads_the_prompts_last_id_again(weights, prompt, length, state):
    return _feeding(weights, prompt, length, state, lambda prompt, ids: prompt[-1])


@wrong("generate", says="the first generated id is read again and again", points=2)
def reads_the_first_id_again(weights, prompt, length, state):
    return _feeding(weights, prompt, length, state, lambda prompt, ids: ids[0])


@wrong("generate", says="each id is chosen a step too early: first read the id in front of it, then choose", points=0)
def chooses_before_it_reads(weights, prompt, length, state):
    for symbol in prompt[:-1]:
        state, _ = _step(weights, state, symbol)
    last, ids = prompt[-1], []
    for _ in range(length):
        ids.append(np.argmax(state @ weights["W_hy"] + weights["b_y"]))
        state, _ = _step(weights, state, last)
        last = ids[-1]
    return np.array(ids), state


@wrong("generate", says="nothing is read after the prompt", points=2)
def repeats_the_first(weights, prompt, length, state):
    ids, state = generate(weights, prompt, 1, state)
    return np.repeat(ids, length), state


@wrong("generate", says="changed in place", points=5)
def state_in_place(weights, prompt, length, state):
    ids, new = generate(weights, prompt, length, state)
    state[:] = new
    return ids, state


@wrong("generate", says="the ids are a list: np.array(ids)", points=0)
def a_list_of_ids(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return ids.tolist(), state


@wrong("generate", says="the prompt is in it", points=0)
def with_the_prompt(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return np.concatenate([prompt, ids]), state


@wrong("generate", says="a batch axis: the ids have the shape (length,), the state (hidden_size,)", points=0)
def a_state_with_a_batch_axis(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return ids, state[None]


@wrong("generate", says="float32 went in, float64 came out", points=5)
def in_double_precision(weights, prompt, length, state):
    return generate(weights, prompt, length, state.astype(np.float64))


@wrong("generate", says="right but for rounding", points=5)
def in_float32(weights, prompt, length, state):
    ids, h = generate({k: w.astype(np.float32) for k, w in weights.items()}, prompt, length, state.astype(np.float32))
    return ids, h.astype(state.dtype)


@wrong("generate", says="the state after the prompt", points=3)
def the_state_after_the_prompt(weights, prompt, length, state):
    return generate(weights, prompt, length, state)[0], generate(weights, prompt, 1, state)[1]


@wrong("generate", says="carry the state on, and read each id once", points=4)
def reads_everything_anew(weights, prompt, length, state):
    ids = []
    for _ in range(length):
        h = state
        for i in [*prompt, *ids]:
            h = np.tanh(weights["W_xh"][i] + h @ weights["W_hh"] + weights["b_h"])
        ids.append(int(np.argmax(h @ weights["W_hy"] + weights["b_y"])))
    return np.array(ids), h


@wrong("generate", says="the state is missing: (ids, state) is asked for", points=0)
def ids_without_a_state(weights, prompt, length, state):
    return generate(weights, prompt, length, state)[0]


@wrong("generate", says="the state is missing: (ids, state) is asked for", points=0)
def ids_and_none(weights, prompt, length, state):
    return generate(weights, prompt, length, state)[0], None


@wrong("generate", says="the state comes first: (ids, state) is asked for", points=0)
def the_state_first(weights, prompt, length, state):
    return generate(weights, prompt, length, state)[::-1]


@wrong("generate", says="one id too few", points=0)
def one_id_too_few(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return ids[:-1], state


@wrong("generate", says="the ids are floats", points=0)
def ids_that_are_floats(weights, prompt, length, state):
    ids, state = generate(weights, prompt, length, state)
    return ids.astype(float), state


@wrong("generate", says="a column is picked in place of a row", points=0)
def a_column_of_W_xh(weights, prompt, length, state):
    for i in prompt:
        state = np.tanh(weights["W_xh"][:, i] + state @ weights["W_hh"] + weights["b_h"])
    return generate(weights, prompt, length, state)


@wrong("generate", says="the state is one id behind", points=3)
def a_state_one_id_behind(weights, prompt, length, state):
    ids, _ = generate(weights, prompt, length, state)
    return ids, generate(weights, [*prompt, *ids[:-1]][:-1], 1, state)[1] if len(prompt) + length > 2 else state


@wrong("generate", says="W_hh is transposed", points=0)
def W_hh_transposed(weights, prompt, length, state):
    return generate({**weights, "W_hh": weights["W_hh"].T}, prompt, length, state)
