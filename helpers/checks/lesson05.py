"""Checks of lesson 05, the recurrent network of Keras.

The truth is a plain NumPy network in float64, text by text and without padding, with the weights that are in the
model. What a learner's model is made of is never looked at: random weights are put into it, and its outputs compared.
"""

import itertools

import numpy as np

from helpers import session
from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import beyond_floats, describe, difference, duplicate, is_keras_model

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: How a case is called that the docstring itself shows.
EXAMPLE = "the docstring's example"
#: With all weights zero but b_y, the docstring's example of `generate`.
EXAMPLE_WRITING = (
    {"W_xh": np.zeros((2, 1)), "W_hh": np.zeros((1, 1)), "b_h": np.zeros(1), "W_hy": np.zeros((1, 2)), "b_y": np.array([0.0, 1.0])},
    np.array([0]), 3, np.zeros(1),
)
#: Keras computes in float32.
SINGLE = 1e-5
#: Tolerance in float64 where a criterion is about the form of the answer.
FORM = 1e-6

MASKED = f"{CAUSE} a mask (Masking, or mask_zero=True): it skips steps of zeros, which are real here"

NO_INPUT = f"{CAUSE} it does not begin with keras.Input"
#: Causes by what stands in the error that Keras or Python raised; all of the words must.
BUILD_ERRORS = {
    "was expecting 0 weights": "it has no weights yet; a model that begins with keras.Input has them at once",
    "'str' object has no attribute 'shape'": "set_weights wants a list of arrays; a dict gives only names",
    "expected ndim=3, found ndim=2": "a recurrent layer reads three axes (batch, time, numbers): keras.Input(shape=(None, input_size)) leaves time open",
    "to a shape.": "the shape that keras.Input wants is a tuple: (None, input_size)",
    "Could not interpret activation": "names of activations are written in small letters; a SimpleRNN has tanh without being asked",
    "not compatible with provided weight shape": "a layer has another size than its weights (take each size from a shape), or the arrays are not in the"
    " order W_xh, W_hh, b_h, W_hy, b_y, or one of them is transposed",
}
LOSS_ERRORS = {
    "missing 1 required positional argument": "compute_mask takes two things: what the layer reads, and the mask of that, None to begin with",
    "too many indices for array": "the mask has an axis too many: ask each layer about what it READS, before x moves on to what it returns; and look for no zeros in x, which may hold vectors",
    "boolean index did not match": "the mask has another shape than the costs: it is (batch, time), an entry for each position",
    "arrays used as indices must be of integer (or boolean) type": "the mask is None where no layer marks anything: then every position counts",
    "NoneType": "the mask is None where no layer marks anything: then every position counts",
}
SYMBOLS = "the id 0 takes a row and an output as well: the Embedding and the Dense layer have characters + 1 of them"
NAMES_ERRORS = {
    "must call `compile()`": "the model is not compiled: model.compile(optimizer, loss) comes before evaluate",
    "Argument `output` must have rank": "without return_sequences=True only the last state comes out; an answer is asked for at every step",
    "must have the same rank": "the targets are ids: SparseCategoricalCrossentropy takes them, CategoricalCrossentropy wants one-hot vectors",
    "is not in [0, ": SYMBOLS,
    "outside the valid range": SYMBOLS,
    "Could not interpret optimizer": "compile wants the optimizer first, then the loss",
    "found ndim=4": "ids (batch, time) are read: keras.Input((None,)) has one axis besides the batch",
    "NoneType' object has no attribute 'evaluate'": "compile changes the model and returns None: keep the model itself",
}
CEILING_ERRORS = {
    "string index out of range": "the loop goes one window too far: the last full window of the text has no character after it",
    "max() arg is an empty sequence": "a window is looked up that nothing follows",
    "max() iterable argument is empty": "a window is looked up that nothing follows",
}
RULE_ERRORS = {
    "division by zero": "no string tells the rules apart here, so there is nothing to divide by: None is asked for in place of the fractions",
    "substring not found": "a letter is looked up in an alphabet of its own: chr(ord(letter) + 1) is the next one in any",
    "is not in list": "a letter is looked up in an alphabet of its own: chr(ord(letter) + 1) is the next one in any",
    "must be str, not int": "a letter and a number cannot be added: chr(ord(letter) + 1) is the letter after it",
    "can only concatenate str": "a letter and a number cannot be added: chr(ord(letter) + 1) is the letter after it",
    "ord() expected a character": "ord takes one letter, not a whole string: string[0] is the first, string[-1] the last",
}
SCORE_ERRORS = {
    "no attribute 'reset_state": "a Keras 3 model has no reset_states; its recurrent layers have reset_state",
    "Invalid input shape for input": "the model wants a batch axis: text[None, :-1]",
    "indexing arrays could not be broadcast": "rows of logits and characters are not equally many: reading text[:-1] gives a row for each of text[1:]",
}
WRITE_ERRORS = {
    "is out of bounds for axis 1": "a column is picked in place of a row: reading id i adds W_xh[i]",
    "seconds of computing": "all that is written so far is read anew for each id, which takes longer and longer: carry the state on, and read each id once",
}
#: Ids and units with which reading everything anew for each id takes several times what is allowed. (A recursion may be so deep.)
LONG_WRITING, MANY_UNITS = 600, 800
STATEFUL = f"{CAUSE} stateful=True: the batch size is fixed, and each call goes on from the state of the one before"

ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "linear": lambda a: a,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
}


@lesson.exercise(
    arguments=("weights",),
    points={
        "weights": ("the five weights are in the model, none transposed, no others; no array is changed in place", 2),
        "steps": ("an output at every time step, for any length", 1),
        "tanh": ("the states are those of h_t = tanh(x_t @ W_xh + h_{t-1} @ W_hh + b_h)", 1),
        "logits": ("what comes out are logits: no softmax", 1),
    },
    seconds=60.0,
    errors=BUILD_ERRORS,
)
def to_keras(check):
    """Exercise 1."""
    example = {name: np.zeros_like(array) for name, array in _weights(check.rng, 1, 1, 1, np.float32).items()} | {"b_y": np.float32([2])}
    sizes = check.sizes([(4, 6, 3), (3, 1, 2)])
    cases = [(_weights(check.rng, *some, np.float32), case) for some, case in zip(sizes, ("", "one unit"))]
    for weights, case in [*cases, (example, EXAMPLE)]:
        (n, m), k = weights["W_xh"].shape, len(weights["b_y"])
        model = check.inspect((weights,), is_keras_model, "a Keras model", case=case)
        if model is None:
            return
        shown = check.describe((weights,), case)
        inside, problem = _inside(model, list(weights.values()))
        if problem:
            causes = [NO_INPUT] if inside == [] and not model.built else _layer_mistake(inside, n, m, k)
            for criterion in ("weights", "steps", "tanh", "logits"):
                check.failed(criterion, shown, problem, *causes)
            return
        open_shape = _form(model, "input") == (None, None, n)
        _in_place(check, shown, weights, inside)
        inside = list(weights.values())
        model.set_weights(inside)  # those of a new layer are chance
        for batch, timesteps in check.sizes([(2, 5), (1, 1)]):
            x = check.rng.normal(size=(batch, timesteps, n)).astype(np.float32)
            x[0, 1:2] = 0  # a step that a mask would skip
            got, problem = _outputs(model, x)
            if problem:
                stateful = any(getattr(layer, "stateful", False) for layer in model.layers)
                causes = [STATEFUL] if stateful else [] if open_shape else [f"{CAUSE} keras.Input(shape=(None, input_size)) leaves batch and time open"]
                for criterion in ("steps", "tanh", "logits"):
                    check.failed(criterion, shown, problem, *causes)
                return
            _behaviour(check, shown, x, inside, got)
    check.unchanged("weights", needs="weights")


@lesson.exercise(
    arguments=("model", "x", "targets"),
    points={
        "padding": ("padding after the texts, which an Embedding marks: only real positions count, each of them once", 2),
        "asked": ("whichever layer makes the mask, wherever the padding is; without a mask every position counts", 2),
        "care": ("a batch of one; no array is changed in place", 1),
    },
    seconds=60.0,
    errors=LOSS_ERRORS,
    demos=("padding",),
)
def masked_loss(check):
    """Exercise 2."""
    symbols, batch, timesteps = check.sizes((11, 4, 6))
    lengths = np.array([3, 6, 1, 5, 2])[:batch]
    model = _language_model(check.rng, symbols, front="marked ids", recurrent=0)
    case = x, targets, real = _padded(check.rng, symbols, np.arange(timesteps) < lengths[:, None])
    _loss_case(check, "padding", model, *case)
    if not check.has_passed("padding"):
        return
    order = check.rng.permutation(batch)
    more = [np.zeros((batch, 2), int), check.rng.integers(0, symbols, (batch, 2)), np.zeros((batch, 2), bool)]
    case = [np.concatenate([array[order], extra], axis=1) for array, extra in zip((x, targets, real), more)]
    _loss_case(check, "padding", model, *case, what="the same texts in another order, with more padding than needed")
    undecided = _language_model(check.rng, symbols, front="marked ids", certainty=0.0, recurrent=0)
    _loss_case(check, "padding", undecided, x, targets, real, what=f"{EXAMPLE}: all logits are equal")
    everywhere = np.arange(timesteps) >= timesteps - lengths[:, None]
    everywhere[1, 2] = False
    for front, what in FRONTS.items():  # with a recurrent layer where its mask shows: it is slow
        depth, width = check.sizes((2, 4)) if front == "vectors" else (1, 4)
        other = _language_model(check.rng, symbols, width=width, recurrent=depth - 1, front=front)
        _loss_case(check, "asked", other, *_padded(check.rng, symbols, everywhere, front, width), front=front, what=what)
    _loss_case(check, "care", model, *_padded(check.rng, symbols, everywhere[:1]), what="a batch of one")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("characters", "embedding_size", "hidden_size", "inputs", "targets"),
    points={
        "steps": ("three layers: an output at every step for each id, padding included; tanh states; the sizes asked for", 1),
        "mask": ("the id 0 is masked; no array is changed in place", 1),
        "loss": ("compiled: the loss is the mean cross-entropy of the real positions, by logits; untrained, and the same each time", 1),
    },
    seconds=60.0,
    errors=NAMES_ERRORS,
)
def names_model(check):
    """Exercise 3."""
    characters, embedding_size, hidden_size, batch, timesteps = check.sizes((7, 4, 5, 3, 5))
    real = np.arange(timesteps) < np.array([timesteps, 3, 2, 4])[:batch, None]
    inputs, targets = (check.rng.integers(1, characters + 1, real.shape) * real for _ in range(2))
    inputs[0, 0] = targets[1, 1] = characters  # its row and its output must be there
    arguments = characters, embedding_size, hidden_size, inputs, targets
    criteria, wanted = ("loss", "steps", "mask"), "a Keras model and a number, (model, loss)"
    got = check.inspect(arguments, lambda value: _model_and_loss(value) or _instead_of_both(value), wanted, criteria)
    if got is None:
        return
    shown = check.describe(arguments)
    if not _model_and_loss(got):
        for criterion in criteria:
            check.failed(criterion, shown, f"expected {wanted}, got {describe(got)}", f"{CAUSE} {_instead_of_both(got)}")
        return
    model, loss = got
    K, E, H = characters + 1, embedding_size, hidden_size
    shapes = [(K, E), (E, H), (H, H), (H,), (H, K), (K,)]
    inside, problem = _inside(model, [np.empty(shape) for shape in shapes])
    if not problem:
        outputs, problem = _with_other_weights(check, model, shapes, real)
    if problem:
        for criterion in criteria:
            check.failed(criterion, shown, problem, *_names_mistake(inside, characters, E, H))
        return
    activation, masked, output = outputs
    if activation is None:
        for criterion in ("steps", "mask"):
            check.failed(criterion, shown, "with the weights that are in it, the model gives other outputs than an Embedding, a SimpleRNN and a Dense layer")
        activation = "tanh"
    elif activation != "tanh":
        check.failed("steps", shown, "the outputs are others", f"{CAUSE} the activation is {activation}, not tanh")
    if type(model).__name__ != "Sequential" or len(model.layers) != 3:
        found = f"a {type(model).__name__} of {len(model.layers)} layers"
        check.failed("steps", shown, f"expected a keras.Sequential of three layers, got {found}", f"{CAUSE} another form: the cells below go through the three layers")
    check.passed("steps")
    if masked is False:
        check.failed("mask", shown, "the outputs at real positions depend on the padding", f"{CAUSE} mask_zero=True is missing: padding is read like any other character")
    check.passed("mask")
    kept = [real] if masked is not False else [np.ones_like(real), real]
    if output is not None:
        cause = {"softmax": "a softmax in the Dense layer: leave it out; from_logits=True tells the loss to do it"}
        check.failed("loss", shown, "the outputs are no logits", f"{CAUSE} {cause.get(output, f'the Dense layer has the activation {output}: leave it out')}")
    elif inside[3].any() or inside[5].any():
        check.failed("loss", shown, "the biases of the model are no longer 0", f"{CAUSE} the model has been trained: it is fitted further down")
    else:
        truths = [_untrained(inside, inputs, targets, positions, activation) for positions in kept]
        which = next((i for i, truth in enumerate(truths) if not difference(truth, loss, SINGLE)), 0)
        check.settle("loss", arguments, truths[which], loss, NAMES_MISTAKES, SINGLE, told=(inside, inputs, targets, kept[which], activation))
    check.unchanged("mask", needs="mask")


@lesson.exercise(
    arguments=("text", "window"),
    points={
        "accuracy": ("the best accuracy: each window says what follows it most often", 2),
        "loss": ("the lowest loss, in nats: each window gives the frequencies of what follows it", 3),
        "any": ("any text: capitals, spaces, newlines and punctuation marks are characters like any other; any window", 1),
    },
    errors=CEILING_ERRORS,
    demos=("accuracy", "loss"),
)
def ceiling(check):
    """Exercise 4."""
    made = [_repetitive(check.rng, *check.sizes((window, length)), check.letters(some)) for window, length, some in CEILING_SIZES]
    for case in [("abac", 1), ("abc", 1), *made]:
        _ceiling_case(check, ("accuracy", "loss"), *case)
    if check.has_passed("accuracy") and check.has_passed("loss"):
        for what, characters in ODD_CHARACTERS.items():
            _ceiling_case(check, ("any", "any"), *_repetitive(check.rng, *check.sizes((2, 60)), check.letters(characters)), case=what)
        text, window = _repetitive(check.rng, *check.sizes((2, 40)), check.letters("ab"))
        _ceiling_case(check, ("any", "any"), text, len(text) - 1, case="a window that is asked once")
        _ceiling_case(check, ("any", "any"), check.letters("qwertyuiop"), check.sizes(4), case="no window comes twice")


@lesson.exercise(
    arguments=("strings", "answers"),
    points={
        "apart": ("the strings on which the two rules predict different letters, in their order", 2),
        "shares": ("of the answers to these strings: the fraction by each rule, and by neither", 2),
        "care": ("None where no string tells the rules apart; any alphabet; no list is changed in place", 1),
    },
    errors=RULE_ERRORS,
    demos=("apart", "shares"),
)
def which_rule(check):
    """Exercise 5."""
    criteria = "apart", "shares"
    for number, lengths in RULE_SIZES:
        _rule_case(check, criteria, *_questions(check.rng, check.sizes(number), check.sizes(lengths)))
    _rule_case(check, criteria, *map(list, EXAMPLE_RULES), case=EXAMPLE)
    if all(check.has_passed(criterion) for criterion in criteria):
        for letters, case in ((_greek, "Greek letters"), (check.letters, "")):
            _rule_case(check, ("care", "care"), *_questions(check.rng, check.sizes(15), check.sizes([2, 3]), letters), case=case)
        agreeing = _agreeing(check.rng, check.sizes(8))
        _rule_case(check, ("care", "care"), *agreeing, case="the rules agree on every string")
        _rule_case(check, ("care", "care"), ["ab"], ["c"], case=EXAMPLE)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("model", "texts"),
    points={
        "one": ("one text: the mean cross-entropy of its characters 2 to n, in nats", 2),
        "reset": ("several texts, one recurrent layer or two: no text knows of the one before it", 2),
        "care": ("texts of two characters; a model that is very sure, and wrong; no text is changed in place", 1),
    },
    seconds=60.0,
    errors=SCORE_ERRORS,
    demos=("one", "reset"),
)
def score_texts(check):
    """Exercise 6."""
    symbols = check.sizes(9)
    model = _language_model(check.rng, symbols, stateful=True)
    text = lambda length: check.rng.integers(0, symbols, check.sizes(length))  # noqa: E731
    _expect(check, "one", (model, [text(7)]), _scores, SCORE_MISTAKES)
    if not check.has_passed("one"):
        return
    texts = [text(length) for length in (5, 3, 6, 4)[: check.sizes(3)]]
    _expect(check, "reset", (model, texts), _scores, RESET_MISTAKES | SCORE_MISTAKES)
    if check.has_passed("reset"):
        model = duplicate(model)  # the cases before it keep theirs
        _outputs(model, (old := text(4))[None])
        again = [texts[i] for i in check.rng.permutation(len(texts))]
        arguments = model, [again[0], *again]
        case = "the same texts in another order, the first of them twice; the model has been used before"
        mistakes = {
            "an old state goes into the first text: reset before it too": lambda weights, texts: [
                float(_text_costs(weights, texts[0], _logits(weights, old[None])[1]).mean()), *_scores(weights, texts[1:])
            ]
        }
        _expect(check, "reset", arguments, _scores, mistakes | RESET_MISTAKES | SCORE_MISTAKES, case)
        deep = _language_model(check.rng, symbols, stateful=True, recurrent=check.sizes(2))
        case = "a model with several recurrent layers"
        _expect(check, "reset", (deep, [text(4), text(5)]), _scores, LAYER_MISTAKES | SCORE_MISTAKES, case)
        other = _language_model(check.rng, symbols, stateful=True, kind="GRU")
        _expect(check, "reset", (other, [text(5), text(3)]), _scores, KIND_MISTAKES | SCORE_MISTAKES, "a model with a GRU layer")
    sure = _language_model(check.rng, symbols, stateful=True, certainty=1500.0)
    arguments, case = (sure, [text(7)[:2], text(6)]), "a text of two characters; logits of size 1000"
    _expect(check, "care", arguments, _scores, SURE_SCORE_MISTAKES | RESET_MISTAKES | SCORE_MISTAKES, case)
    undecided = _language_model(check.rng, symbols, stateful=True, certainty=0.0)
    arguments, case = (undecided, [text(4)]), f"{EXAMPLE}: all logits are equal"
    _expect(check, "one", arguments, _scores, RESET_MISTAKES | SCORE_MISTAKES, case)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("weights", "prompt", "length", "state"),
    points={
        "first": ("the first id follows from the state and the whole prompt", 2),
        "next": ("each id is read before the next is chosen", 1),
        "state": ("a second call from the state that comes back goes on as one long call would", 2),
        "care": ("one unit, any length; ids are whole numbers, no argument is changed in place", 1),
    },
    errors=WRITE_ERRORS,
    demos=("first", "next", "state"),
)
def generate(check):
    """Exercise 7."""
    for sizes in check.sizes([(12, 8, 5, 9), (11, 7, 1, 10), (9, 11, 3, 12), (12, 8, 4, 1), (9, 11, 3, 1)]):
        _generate_case(check, ("first", "next", "state"), *sizes)
    if check.has_passed("first") and check.has_passed("next") and check.has_passed("state"):
        for sizes in check.sizes([(7, 10, 1, 8), (13, 6, 6, 1), (8, 9, 2, 15)]):
            _generate_case(check, ("care",) * 3, *sizes)
        case = *_one_unit(check.rng), 3, check.rng.uniform(-0.9, 0.9, 1)
        check.expect("care", case, _generate(*case), tolerance=1e-10, case="one unit")
        case = _generation(check.rng, 10, 7, 3, 5)
        case = {name: array.astype(np.float32) for name, array in case[0].items()}, *case[1:3], case[3].astype(np.float32)
        check.single_precision("care", case, _generate, "state")
        check.expect("care", EXAMPLE_WRITING, (np.array([1, 1, 1]), np.zeros(1)), tolerance=1e-10, case=EXAMPLE)
        shapes = {"W_xh": (2, MANY_UNITS), "W_hh": (MANY_UNITS, MANY_UNITS), "b_h": MANY_UNITS, "W_hy": (MANY_UNITS, 2)}
        weights = {name: np.zeros(shape) for name, shape in shapes.items()} | {"b_y": np.array([0.0, 1.0])}
        long = weights, np.array([0]), LONG_WRITING, np.zeros(MANY_UNITS)
        check.expect("state", long, (np.ones(LONG_WRITING, int), np.zeros(MANY_UNITS)), tolerance=1e-10, case="a long text: each id is to be read once")
    check.unchanged("care", needs="care")


prediction_padding = lesson.prediction(
    "prediction_padding", ("yes", "no"),
    tempting={"no": "A step of zeros adds nothing to the sum, but it is a step all the same: the old state is multiplied and squashed once more."},
)
prediction_ceiling = lesson.prediction(
    "prediction_ceiling", ("46", "47", "48"),
    tempting={
        "48": "A larger network can learn more by heart, but only what it can tell apart: two of these windows are followed"
        " by different characters, and no network sees more of them than those three characters.",
        "47": "One such window is easy to find and the other easy to miss: 'is ' is followed by i and by G, and 'eks' by f and by a space.",
    },
)
prediction_rule = lesson.prediction(
    "prediction_rule", ("next", "count", "neither"),
    tempting={
        "next": "That is what the task seems to ask for. But in training the first letter and the number of letters read gave every answer"
        " just as well, and nothing in the loss asks for the one rule rather than the other.",
        "neither": "The strings are new, so there is nothing to know by heart. But a network has to answer something, and it answers by what"
        " it has learned.",
    },
)
prediction_noise = lesson.prediction(
    "prediction_noise", ("0", "0.08", "0.17", "0.33"),
    tempting={
        "0": "With 3,200 numbers to each answer a network can learn the training answers by heart; those of new sequences it has never seen.",
        "0.17": "That is what a second random number scores. It is wrong by chance twice over: once for the answer, once for itself.",
        "0.33": "That is what always saying 0 scores. One can do better without knowing anything: in the middle one is never far off.",
    },
)
prediction_speed = lesson.prediction(
    "prediction_speed", ("10", "300", "10000", "300000"),
    tempting={
        "10": "The text is read several times as often, and that is where such an estimate comes from; but a call of `predict` costs far more than the reading.",
        "300": "A compiled model gets about that far; without any call into TensorFlow it goes further.",
        "300000": "NumPy has its price as well: a microsecond or more for each of the operations of a step.",
    },
)


# ---- references


def _states(x, W_xh, W_hh, b_h, activation=np.tanh, h=0.0, real=None):
    """States (batch, time, units) of the plain network in float64; x holds what each step's W_xh is multiplied with.

    Where `real` (batch, time) is False, the state is held.
    """
    h, states = np.zeros((len(x), len(W_hh))) + h, []
    for t, x_t in enumerate(x.astype(np.float64).transpose(1, 0, 2)):
        new = activation(np.einsum("bi,ij->bj", x_t, W_xh) + np.einsum("bi,ij->bj", h, W_hh) + b_h)
        h = new if real is None else np.where(real[:, t, None], new, h)
        states.append(h)
    return np.stack(states, axis=1)


def _gru_states(x, W_x, W_h, b, h=0.0):
    """As `_states`, of a GRU as Keras has it: gates z and r, then the candidate; r after the product, b (2, 3 * units)."""
    h, states, sigmoid = np.zeros((len(x), len(W_h))) + h, [], ACTIVATIONS["sigmoid"]
    for x_t in x.transpose(1, 0, 2):
        (z_x, r_x, new_x), (z_h, r_h, new_h) = (np.split(a, 3, axis=1) for a in (x_t @ W_x + b[0], h @ W_h + b[1]))
        z = sigmoid(z_x + z_h)
        h = z * h + (1 - z) * np.tanh(new_x + sigmoid(r_x + r_h) * new_h)
        states.append(h)
    return np.stack(states, axis=1)


def _softmax(a, axis=-1):
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _log_softmax(a):
    top = a.max(axis=-1, keepdims=True)
    return a - top - np.log(np.exp(a - top).sum(axis=-1, keepdims=True))


def _logits(model, x, h=None, real=None):
    """Logits of one of our own language models, given by its weights, and the last state of each layer.

    Read are ids (batch, time), or vectors (batch, time, width) by a model without an Embedding, and only where `real`
    is True, if it is given.
    """
    *recurrent, W_hy, b_y = (w.astype(np.float64) for w in model)
    if x.ndim == 2:
        E, *recurrent = recurrent
        x = E[x]
    last, masked = [], {} if real is None else {"real": real}
    for layer in range(len(recurrent) // 3):
        W_xh, W_hh, b_h = recurrent[3 * layer : 3 * layer + 3]
        read = _states if W_hh.shape == W_hh.T.shape else _gru_states
        x = read(x, W_xh, W_hh, b_h, h=0.0 if h is None else h[layer], **masked)
        last.append(x[:, -1])
    return x @ W_hy + b_y, last


def _costs(model, ids, targets, h=None, log_softmax=_log_softmax):
    """Cost in nats of each target of one text, read from the state h on."""
    log_p = log_softmax(_logits(model, ids[None], h)[0][0])
    return np.array([-log_p[t, target] for t, target in enumerate(targets)])


def _masked(model, x, targets, real, front):
    """The truth of `masked_loss`, text by text and without padding; `front` is there for the known mistakes."""
    return float(np.mean(np.concatenate([_costs(model, row[kept], wanted[kept]) for row, wanted, kept in zip(x, targets, real)])))


def _text_costs(model, text, h=None, log_softmax=_log_softmax):
    """Cost in nats of each character of a text but the first."""
    return _costs(model, text[:-1], text[1:], h, log_softmax)


def _scores(model, texts):
    return [float(np.mean(_text_costs(model, text))) for text in texts]


def _generate(weights, prompt, length, state, **wrong):
    """Greedy ids and the state before the last of them is read."""
    W_xh, W_hh, b_h, W_hy, b_y = (weights[name] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    ids, h = [], state
    for symbol in prompt:
        h = np.tanh(W_xh[symbol] + W_hh.T @ h + b_h)
    for _ in range(length):
        if ids:
            h = np.tanh(W_xh[ids[-1]] + W_hh.T @ h + b_h)
        ids.append(int(np.argmax(W_hy.T @ h + b_y)))
    return np.array(ids, np.int64), h


# ---- exercise 1


def _inside(model, like):
    """The model's weights in the order and shapes of `like`, or what is wrong with them."""
    try:
        inside = [np.asarray(w) for w in model.get_weights()]
    except Exception as error:  # a model of any kind came
        return None, f"its weights cannot be read: {type(error).__name__}"
    wanted, got = [np.shape(w) for w in like], [w.shape for w in inside]
    if wanted != got:
        return inside, f"expected weights of the shapes {wanted}, in this order, got {got or 'none'}"
    return inside, ""


def _form(model, side):
    """Shape of the model's input or output; None where it has none yet."""
    try:
        return tuple(getattr(model, f"{side}_shape"))
    except Exception:  # not built yet, or of another kind
        return None


def _outputs(model, x, **how):
    """What the model makes of x, in float64, or what is wrong with it."""
    try:
        with session.captured():
            got = np.asarray(model(x, **how))
    except Exception as error:  # a model of any kind came
        return None, f"the model does not take an array of shape {x.shape}: {type(error).__name__}"
    if got.dtype.kind != "f":
        return None, f"expected outputs that are numbers, got {describe(got)}"
    return got.astype(np.float64), ""


def _layer_mistake(inside, n, m, k):
    """What the shapes of a model's weights tell of its layers, as a list of one diagnosis or none."""
    got = [w.shape for w in inside or []]
    right = [(n, m), (m, m), (m,), (m, k), (k,)]
    told = {
        "a layer has no bias: leave use_bias as it is": [[s for i, s in enumerate(right) if i not in left_out] for left_out in ({2}, {4}, {2, 4})],
        "the Dense layer is missing": [right[:3]],
        "the SimpleRNN layer is missing": [[(n, k), (k,)], [(n, m), (m,), *right[3:]]],
        "an LSTM in place of the SimpleRNN": [[(n, 4 * m), (m, 4 * m), (4 * m,), *right[3:]]],
        "a GRU in place of the SimpleRNN": [[(n, 3 * m), (m, 3 * m), (2, 3 * m), *right[3:]]],
        "the Dense layer has as many outputs as the network has inputs; b_y tells how many it should have": [[*right[:3], (m, n), (n,)]],
        "the Dense layer has hidden_size outputs; b_y tells how many it should have": [[*right[:3], (m, m), (m,)]],
        "hidden_size and input_size are exchanged: W_xh is (input_size, hidden_size)": [[(m, n), (n, n), (n,), (n, k), (k,)]],
    }
    return [f"{CAUSE} {cause}" for cause, shapes in told.items() if got in shapes and got != right][:1]


def _in_place(check, shown, weights, inside):
    for (name, given), found in zip(weights.items(), inside):
        if problem := difference(given, found, SINGLE):
            causes = []
            if given.ndim == 2 and given.shape == given.T.shape and not difference(given.T, found, SINGLE):
                causes = [f"{CAUSE} {name} is transposed; Keras keeps it as it is here"]
            elif name in ("b_h", "b_y") and not found.any():
                causes = [f"{CAUSE} {name} is still all zero, as a new layer has it"]
            elif name == "W_xh" and all(difference(a, b, SINGLE) for a, b in zip(weights.values(), inside)):
                causes = [f"{CAUSE} no weight was copied: the model has its own random ones"]
            check.failed("weights", shown, f"{name}: {problem}", *causes)
            return
    check.passed("weights")


def _behaviour(check, shown, x, inside, got):
    """Which network gives these outputs, with the weights that are in the model."""
    *recurrent, W_hy, b_y = (w.astype(np.float64) for w in inside)
    batch, timesteps = x.shape[:2]
    wanted = (batch, timesteps, len(b_y))
    if got.shape == wanted:
        check.passed("steps")
    else:
        last = got.shape == (batch, len(b_y))
        causes = [f"{CAUSE} without return_sequences=True only the last state comes out"] if last else []
        check.failed("steps", shown, f"expected outputs of shape {wanted}, got {got.shape}", *causes)
    for name, activation in ACTIVATIONS.items():
        logits = _states(x, *recurrent, activation) @ W_hy + b_y
        logits = logits if got.ndim == 3 else logits[:, -1]
        for softmax, truth in [(False, logits), (True, _softmax(logits))]:
            if not difference(truth, got, SINGLE):
                if name == "tanh":
                    check.passed("tanh")
                else:
                    check.failed("tanh", shown, "the outputs are others", f"{CAUSE} the activation is {name}, not tanh")
                if not softmax:
                    check.passed("logits")
                else:
                    check.failed("logits", shown, "the outputs are probabilities", f"{CAUSE} a softmax in the last layer")
                return
    masked = _is_masked(x, got, lambda x: _states(x, *recurrent) @ W_hy + b_y)
    for name in ("tanh", "relu", "sigmoid"):
        if not difference(ACTIVATIONS[name](_states(x, *recurrent) @ W_hy + b_y), got, SINGLE):
            check.passed("tanh")
            check.failed("logits", shown, "the outputs are no logits", f"{CAUSE} the Dense layer has the activation {name}: leave it out")
            return
    if not difference((_states(x[:, ::-1], *recurrent) @ W_hy + b_y)[:, slice(None) if got.ndim == 3 else -1], got, SINGLE):
        check.failed("tanh", shown, "the outputs are others", f"{CAUSE} go_backwards=True: the sequence is read from its end")
        check.passed("logits")
        return
    problem = "with the weights that are in it, the model gives other outputs than the network"
    if masked:
        check.failed("tanh", shown, problem, MASKED)
        check.passed("logits")
        return
    for criterion in ("tanh", "logits"):
        check.failed(criterion, shown, problem)


def _is_masked(x, got, truth):
    """Whether the first sequence is read as if its step 1, which is all zero, were not there."""
    if x.shape[1] < 2:
        return False
    seen = np.delete(got[:1], 1, axis=1) if got.ndim == 3 else got[:1]
    return not difference(truth(np.delete(x[:1], 1, axis=1)), seen, SINGLE)


# ---- exercises 2 and 6: what a model says of texts


#: How the models of exercise 2 begin, and what is special about that.
FRONTS = {
    "ids": "no layer marks anything; 0 is an id as any other",
    "marked ids": "padding before and between, marked by an Embedding",
    "masked later": "padding before and between, marked by a Masking layer after an Embedding",
    "vectors": "x holds vectors; padding before and between, marked by a Masking layer, with a recurrent layer after it",
}


def _language_model(rng, symbols, units=6, width=4, stateful=False, certainty=3.0, recurrent=1, kind="SimpleRNN", front="ids"):
    """One of `FRONTS`, recurrent layers, and logits, with random weights; named by chance, so that rng decides all of it."""
    with session.quiet():
        import keras
    entrance = {"batch_shape": (1, None)} if stateful else {"shape": (None, width) if front == "vectors" else (None,)}
    model = keras.Sequential(
        [
            keras.Input(**entrance),
            *([] if front == "vectors" else [keras.layers.Embedding(symbols, width, mask_zero=front == "marked ids")]),
            *([keras.layers.Masking()] if front in ("vectors", "masked later") else []),
            *(getattr(keras.layers, kind)(units, return_sequences=True, stateful=stateful) for _ in range(recurrent)),
            keras.layers.Dense(symbols),
        ],
        name=f"model_{rng.integers(10**12)}",
    )
    scales = [*([] if front == "vectors" else [1.0]), *recurrent * (1.0, 0.9, 0.5), certainty / np.sqrt(units), certainty / 3]
    shapes = [w.shape for w in model.get_weights()]
    weights = [rng.normal(0, scale, shape).astype(np.float32) for scale, shape in zip(scales, shapes)]
    if front == "masked later":
        weights[0][0] = 0  # the vector that the Masking layer takes for padding
    model.set_weights(weights)
    return model


def _expect(check, criterion, arguments, truth, mistakes, case="", more=()):
    """As `check.expect`, for a number or a list of numbers; `truth` and the mistakes get the model's weights in its place, and `more`."""
    expected = truth(*(plain := (arguments[0].get_weights(), *arguments[1:], *more)))
    wanted = f"a list of {len(expected)} numbers" if type(expected) is list else "a number"
    got = check.inspect(arguments, lambda value: _like(value, expected) or _form_of(value, expected), wanted, (criterion,), case)
    if got is None:
        return
    if not _like(got, expected):
        cause = f"{CAUSE} {_form_of(got, expected)}"
        check.failed(criterion, check.describe(arguments, case), f"expected {wanted}, got {describe(got)}", cause)
        return
    check.settle(criterion, arguments, expected, got, mistakes, SINGLE, case, told=plain)


def _like(value, expected):
    """Whether it is a number; where a list is expected, a list of as many numbers."""
    if type(expected) is list:
        return type(value) is list and len(value) == len(expected) and all(_like(v, e) for v, e in zip(value, expected))
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool) or (
        type(value) is np.ndarray and value.ndim == 0 and value.dtype.kind in "fiu"
    )


def _form_of(value, expected):
    """The likely cause of a result that is no number, or no list of as many numbers; "" where none is known."""
    if type(expected) is not list:
        return "the costs themselves: their mean is asked for" if type(value) is np.ndarray and value.size > 1 and value.dtype.kind == "f" else ""
    if type(value) is np.ndarray and value.shape == (len(expected),):
        return "an array: a list is asked for, and .tolist() makes one"
    if _like(value, 0.0):
        return "a single number: a list with the score of each text is asked for"
    if type(value) is not list:
        return ""
    if len(value) == len(expected) and all(type(v) is np.ndarray and v.ndim == 1 for v in value):
        return "the costs of each text: their mean is asked for"
    return "only the first text is scored: does `return` stand inside the loop?" if len(value) == 1 < len(expected) else ""


def _padded(rng, symbols, real, front="marked ids", width=4):
    """Ids or vectors that are 0 where `real` is False, if the model that begins in this way marks anything; targets; and the mask."""
    targets = rng.integers(0, symbols, real.shape)
    if front == "vectors":
        return rng.normal(size=(*real.shape, width)).astype(np.float32) * real[..., None], targets, real
    ids = rng.integers(1, symbols, real.shape) * real
    return ids, targets, real if front != "ids" else np.ones_like(real)


def _loss_case(check, criterion, model, x, targets, real, front="marked ids", what=""):
    _expect(check, criterion, (model, x, targets), _masked, LOSS_MISTAKES, what, more=(real, front))


def _each(model, x, targets, real, log_softmax=_log_softmax):
    """Costs (batch, time), padding too."""
    log_p = log_softmax(_logits(model, x, real=real)[0])
    return -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]


def _real(model, x, targets, real, front, **how):
    return _each(model, x, targets, real, **how)[real]


def _kept(mask):
    """The mistake of another mask: `mask(x, targets, real, front)`."""
    def mistaken(model, x, targets, real, front):
        kept = _each(model, x, targets, real)[mask(x, targets, real, front)]
        return kept.mean() if kept.size else np.nan

    return mistaken


def _not_zero(x):
    return x.any(axis=-1) if x.ndim == 3 else x != 0


def _mean_of_means(model, x, targets, real, front):
    costs = _each(model, x, targets, real)
    return np.mean([row[kept].mean() for row, kept in zip(costs, real)])


def _twice(a):
    return _log_softmax(_softmax(a))


def _without_from_logits(a):
    """What a loss of Keras does with logits that it takes for probabilities."""
    return _log_softmax(np.log(np.clip(a, 1e-7, 1 - 1e-7)))


def _with_floor(floor, add):
    """The logarithm of a probability that is kept away from 0."""
    guard = (lambda p: p + floor) if add else (lambda p: np.maximum(p, floor))
    return lambda a: np.log(guard(_softmax(a)))


#: What is put in the place of the logarithm of the softmax where a model is very sure.
SURE_MISTAKES = {
    "a probability is 0 in float32, or exp of a large logit overflows: subtract the largest logit first and stay with"
    " logarithms, as in lesson 02": lambda a: np.log(_softmax(a).astype(np.float32)),
    "the largest number of the whole array is subtracted, and exp of a whole row becomes 0: subtract each row's own maximum": lambda a: (
        (top := a.astype(np.float32) - a.max().astype(np.float32)) - np.log(np.exp(top).sum(axis=-1, keepdims=True))
    ),
    "exp of a large logit overflows: subtract the largest one first, as in lesson 02": lambda a: a * np.nan,
    **{
        f"probabilities are kept above {floor:g}{'' if add else ' by clipping'}: a large cost comes out too small":
        _with_floor(floor, add)
        for floor, add in itertools.product((1e-7, 1e-8, 1e-9, 1e-10, 1e-12), (True, False))
    },
}

#: Where the logarithms of probabilities are cut off.
CUT_OFF = {
    f"logarithms are cut off at {floor}: a large cost comes out too small": lambda a, floor=floor: np.maximum(_log_softmax(a), floor)
    for floor in (-5, -10, -20, -50, -100)
}

LOSS_MISTAKES = {
    "padding is counted: ask each of the model's layers, about what it READS (before x moves on), and hand it the mask so far": _kept(lambda x, targets, real, front: np.ones_like(real)),
    "where x is 0 nothing is counted: this model marks no padding, and only its layers can tell": _kept(lambda x, targets, real, front: _not_zero(x)),
    "where targets are 0 nothing is counted: ask the model's layers for the mask": _kept(lambda x, targets, real, front: targets != 0),
    "only the first layer is asked, or each one is asked about x: here a later layer makes the mask, from what it reads itself": _kept(
        lambda x, targets, real, front: real | (front == "masked later")
    ),
    "the real positions are taken to be the first ones of each row: padding may be anywhere, and the mask says where": _kept(
        lambda x, targets, real, front: np.arange(real.shape[1]) < real.sum(axis=1, keepdims=True)
    ),
    "the mask is the wrong way round: padding is what counts": _kept(lambda x, targets, real, front: ~real),
    "padding costs nothing, but counts: divide by the number of real positions": lambda *case: _real(*case).sum() / case[2].size,
    "padding is read: a recurrent layer gets no mask, as where np.asarray comes between two layers": lambda model, x, targets, real, front: (
        _each(model, x, targets, None)[real].mean()
    ),
    "the mean of each text's mean: a position of a short text counts more": _mean_of_means,
    "a mean over the batch of each text's sum": lambda *case: _real(*case).sum() / len(case[1]),
    "the sum, not the mean": lambda *case: _real(*case).sum(),
    "bits, not nats": lambda *case: _real(*case).mean() / np.log(2),
    "the sign: a cost is minus a logarithm": lambda *case: -_real(*case).mean(),
    "perplexity: the mean cost in nats is asked for": lambda *case: np.exp(_real(*case).mean()),
    "the softmax is missing: the model gives logits": lambda *case: _real(*case, log_softmax=lambda a: a).mean(),
    "softmax twice: its result is taken for logits": lambda *case: _real(*case, log_softmax=_twice).mean(),
    "from_logits=True is missing: logits are taken for probabilities": lambda *case: (
        _real(*case, log_softmax=_without_from_logits).mean()
    ),
    "the targets are shifted once more: they are the right answers at each position already": lambda model, x, targets, real, front: (
        _each(model, x, np.roll(targets, -1, axis=1), real)[:, :-1][real[:, 1:]].mean()
    ),
}


# ---- exercise 3


def _model_and_loss(value):
    return type(value) is tuple and len(value) == 2 and is_keras_model(value[0]) and _like(value[1], 0.0)


def _instead_of_both(value):
    """The likely cause of a result that is no model and a loss; "" where none is known."""
    if is_keras_model(value):
        return "the model alone: its loss on the batch, model.evaluate(inputs, targets, verbose=0), is asked for as well"
    if _like(value, 0.0):
        return "the loss alone: (model, loss) is asked for"
    if type(value) is not tuple or len(value) != 2:
        return ""
    if is_keras_model(value[1]) and _like(value[0], 0.0):
        return "the loss comes first: (model, loss) is asked for"
    if is_keras_model(value[0]) and type(value[1]) is list:
        return "evaluate returns a list where compile names metrics: leave them out, or take its first number"
    if is_keras_model(value[0]) and type(value[1]) is np.ndarray:
        return "an array in place of the loss: model.evaluate gives one number"
    return ""


def _names_states(weights, ids, real, activation="tanh"):
    E, W_xh, W_hh, b_h, W_hy, b_y = (w.astype(np.float64) for w in weights)
    return _states(E[ids], W_xh, W_hh, b_h, ACTIVATIONS[activation], real=real) @ W_hy + b_y


def _with_other_weights(check, model, shapes, real):
    """What the model does with random weights, told by its outputs: activation, mask, what follows the logits; None where unknown."""
    own = model.get_weights()
    weights = [check.rng.normal(0, 0.8, shape).astype(np.float32) for shape in shapes]
    real = real.copy()
    real[1, 0] = False  # padding before as well, and between
    real[0, 2] = False
    ids = check.rng.integers(1, shapes[0][0], real.shape) * real
    model.set_weights(weights)
    got, problem = _outputs(model, ids)
    model.set_weights(own)
    if problem:
        return None, problem
    wanted = (*real.shape, shapes[-1][0])
    if got.shape != wanted:
        return None, f"expected outputs of shape {wanted}, got {got.shape}"
    for activation, masked in itertools.product(ACTIVATIONS, (True, False)):
        logits = _names_states(weights, ids, real if masked else None, activation)
        after = {None: logits, "softmax": _softmax(logits)} | {name: ACTIVATIONS[name](logits) for name in ("tanh", "relu", "sigmoid")}
        for output, truth in after.items():
            if not difference(truth, got, SINGLE):
                return (activation, masked, output), ""
    return (None, None, None), ""


def _names_mistake(inside, characters, E, H):
    """What the shapes of a model's weights tell of its layers, as a list of one diagnosis or none."""
    K = characters + 1
    got, right = [w.shape for w in inside or []], [(K, E), (E, H), (H, H), (H,), (H, K), (K,)]
    few = [(characters, E), *right[1:4], (H, characters), (characters,)]
    told = {
        SYMBOLS: [few, [few[0], *right[1:]], [*right[:4], *few[4:]]],
        "the sizes are those of the model of names, whatever the arguments are": [
            [(k, 16), (16, 64), (64, 64), (64,), (64, k), (k,)] for k in (27, 28, K)
        ],
        "the Dense layer is missing": [right[:4]],
        "the SimpleRNN layer is missing": [[(K, E), (E, K), (K,)]],
        "the Dense layer has hidden_size outputs, not one for each id": [[*right[:4], (H, H), (H,)]],
        "embedding_size and hidden_size are exchanged": [[(K, H), (H, E), (E, E), (E,), (E, K), (K,)]],
        "an LSTM in place of the SimpleRNN": [[(K, E), (E, 4 * H), (H, 4 * H), (4 * H,), *right[4:]]],
        "a GRU in place of the SimpleRNN": [[(K, E), (E, 3 * H), (H, 3 * H), (2, 3 * H), *right[4:]]],
    }
    return [f"{CAUSE} {cause}" for cause, shapes in told.items() if got in shapes and got != right][:1]


def _untrained(weights, inputs, targets, kept, activation, log_softmax=_log_softmax):
    """The mean cost in nats of the positions that are kept; where all of them are, padding has been read too."""
    log_p = log_softmax(_names_states(weights, inputs, None if kept.all() else kept, activation))
    return float(-np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0][kept].mean())


#: Told by the model's weights, the batch, the positions that count, and the activation.
NAMES_MISTAKES = {
    "from_logits=True is missing: the loss takes the logits for probabilities": lambda *case: _untrained(*case, log_softmax=_without_from_logits),
    "the loss is told nothing of the mask: model.evaluate asks for it by itself": lambda weights, inputs, targets, kept, activation: float(
        -np.take_along_axis(_log_softmax(_names_states(weights, inputs, kept, activation)), targets[..., None], axis=-1).mean()
    ),
    "evaluate is asked about the inputs themselves: the targets come second": lambda weights, inputs, targets, kept, activation: _untrained(
        weights, inputs, inputs, kept, activation
    ),
    "bits, not nats": lambda *case: _untrained(*case) / np.log(2),
    "perplexity: the mean cost in nats is asked for": lambda *case: float(np.exp(_untrained(*case))),
}


def _picked(log_p, targets):
    return -log_p[np.arange(len(targets)), targets]


def _entropy_of(logits):
    return -(_softmax(logits) * _log_softmax(logits)).sum(axis=-1).mean()


# ---- exercise 4

#: Windows, lengths of the texts and their characters.
CEILING_SIZES = [(1, 40, "abc"), (2, 90, "abc"), (3, 120, "ab"), (2, 70, "abcde"), (4, 150, "ab")]
ODD_CHARACTERS = {
    "capitals and small letters": "aAbB",
    "a space is a character, at the ends too": " ab",
    "newlines are characters, at the ends too": "\nab",
    "marks, and letters of other alphabets": ".*\u00e9\u4e2d",
}


def _repetitive(rng, window, length, characters):
    """A text in which windows come again, with the same and with other characters after them, and the window.

    Where the first of the characters is a space or a newline, the text begins and ends with it.
    """
    while True:
        weights = rng.dirichlet(np.full(len(characters), 0.6), size=len(characters))
        places = [int(rng.integers(len(characters)))]
        while len(places) < length:
            places.append(int(rng.choice(len(characters), p=weights[places[-1]])))
        text = "".join(characters[i] for i in places)
        edges = not characters[0].isspace() or text[0] == text[-1] == characters[0]
        if edges and set(text) == set(characters) and len(_followers(text, window)) > 2 and _ceiling(text, window)[1] > 0.05:
            return text, window


def _followers(text, window):
    """For each window the characters that follow it, a list."""
    found = {}
    for end in range(window, len(text)):
        found.setdefault(text[end - window : end], []).append(text[end])
    return found


def _tally(text, window):
    """Counts of each window's followers, a list of arrays."""
    return [np.unique(list(after), return_counts=True)[1] for after in _followers(text, window).values()]


def _ceiling(text, window):
    counts = _tally(text, window)
    places = len(text) - window
    return sum(int(c.max()) for c in counts) / places, float(sum((c * np.log(c.sum() / c)).sum() for c in counts) / places)


def _ceiling_case(check, criteria, text, window, case=""):
    first, second = criteria
    got = check.inspect((text, window), _is_pair_of_numbers, "a tuple of two numbers, (accuracy, loss)", dict.fromkeys(criteria), case)
    if got is None:
        return
    truth, arguments = _ceiling(text, window), (text, window)
    swapped = not difference(truth[::-1], tuple(got), FORM) and truth[0] != truth[1]
    if swapped:
        for criterion in dict.fromkeys(criteria):
            words = f"accuracy: expected {truth[0]:.6g}, got {float(got[0]):.6g}"
            check.failed(criterion, check.describe(arguments, case), words, f"{CAUSE} the loss comes first: (accuracy, loss) is asked for")
        return
    check.settle(first, arguments, truth[0], float(got[0]), ACCURACY_MISTAKES, FORM, case, part="accuracy", branch="accuracy")
    check.settle(second, arguments, truth[1], float(got[1]), COST_MISTAKES, FORM, case, part="loss", branch="loss")


def _is_pair_of_numbers(value):
    fits = type(value) is tuple and len(value) == 2 and all(_like(part, 0.0) for part in value)
    return fits and not any(map(beyond_floats, value))


def _pairs(change):
    """A mistake in what is counted: `change(text, window)` gives the text and the window that are counted."""
    return {
        0: lambda text, window: _ceiling(*change(text, window))[0],
        1: lambda text, window: _ceiling(*change(text, window))[1],
    }


def _joint(text, window):
    counts = np.concatenate(_tally(text, window))
    return float((counts / counts.sum() * np.log(counts.sum() / counts)).sum())


def _over_windows(of):
    """The mean over the distinct windows, each of them once."""
    return lambda text, window: float(np.mean([of(counts) for counts in _tally(text, window)]))


def _entropy(counts):
    return float((counts / counts.sum() * np.log(counts.sum() / counts)).sum())


def _scaled(part, factor):
    return lambda text, window: _ceiling(text, window)[part] * factor(text, window)


#: What may be counted in place of the text and the window, and gives both numbers wrong.
COUNTED = {
    "capitals are taken for small letters": lambda text, window: (text.lower(), window),
    "spaces and newlines are left out, at the ends": lambda text, window: (text.strip(), window),
    "spaces and newlines are left out": lambda text, window: ("".join(text.split()), window),
    "spaces are left out": lambda text, window: (text.replace(" ", ""), window),
    "newlines are left out": lambda text, window: (text.replace("\n", ""), window),
    "the window is one character too wide": lambda text, window: (text, window + 1),
    "the window is one character too narrow": lambda text, window: (text, window - 1),
    "the last character of the text is never guessed": lambda text, window: (text[:-1], window),
    "the last window is asked too, though nothing follows it": lambda text, window: (text + "\0", window),
    "the first window is not asked": lambda text, window: (text[1:], window),
    "the text is read from its end": lambda text, window: (text[::-1], window),
    "the window is always 3": lambda text, window: (text, 3),
    "the window is always 1": lambda text, window: (text, 1),
    "the window is not used": lambda text, window: (text[window:], 0),
    "the window is not used; the first characters are counted as well": lambda text, window: (text, 0),
}


def _skipping(text, window):
    """Followers of windows that do not overlap."""
    found = {}
    for end in range(window, len(text), window):
        found.setdefault(text[end - window : end], []).append(text[end])
    return [np.unique(after, return_counts=True)[1] for after in found.values()]


def _by_str_count(text, window):
    """What text.count finds of each window's followers."""
    counts = [np.array([text.count(w + c) for c in sorted(set(text))]) for w in _followers(text, window)]
    return [c[c > 0] for c in counts]


def _of_counts(part, counts, total=None):
    total = total or sum(int(c.sum()) for c in counts)
    if part == 0:
        return sum(int(c.max()) for c in counts) / total
    return float(sum((c * np.log(c.sum() / c)).sum() for c in counts) / total)


BOTH_MISTAKES = {
    "the windows do not overlap: each place of the text has one of its own": lambda part: lambda text, window: _of_counts(part, _skipping(text, window)),
    "the windows do not overlap, but all places of the text are divided by: each place has a window of its own": lambda part: lambda text, window: (
        _of_counts(part, _skipping(text, window), len(text) - window)
    ),
    "str.count leaves out what overlaps: 'aaa'.count('aa') is 1": lambda part: lambda text, window: (
        _of_counts(part, _by_str_count(text, window), len(text) - window)
    ),
    "str.count leaves out what overlaps, in the number of guesses too: 'aaa'.count('aa') is 1": lambda part: lambda text, window: (
        _of_counts(part, _by_str_count(text, window))
    ),
    "divided by the length of the text, not by the number of guesses": lambda part: _scaled(part, lambda t, w: (len(t) - w) / len(t)),
    "the last character of the text is never guessed, but counts as a guess": lambda part: lambda text, window: (
        _ceiling(text[:-1], window)[part] * (len(text) - window - 1) / (len(text) - window)
    ),
    **{
        f"rounded to {digits} digits: leave the numbers as they are": lambda part, digits=digits: lambda text, window: round(_ceiling(text, window)[part], digits)
        for digits in (2, 3, 4)
    },
    "divided by one guess too many": lambda part: _scaled(part, lambda t, w: (len(t) - w) / (len(t) - w + 1)),
    "divided by one guess too few": lambda part: _scaled(part, lambda t, w: (len(t) - w) / (len(t) - w - 1)),
    "divided by the number of different windows: one that comes often is asked often": lambda part: _scaled(
        part, lambda t, w: (len(t) - w) / len(_tally(t, w))
    ),
}
BOTH = {text: [_pairs(change)[part] for part in (0, 1)] for text, change in COUNTED.items()}
BOTH |= {text: [make(part) for part in (0, 1)] for text, make in BOTH_MISTAKES.items()}

ACCURACY_MISTAKES = {text: made[0] for text, made in BOTH.items()} | {
    "the mean over the different windows: one that comes often is asked often": _over_windows(lambda c: c.max() / c.sum()),
    "each different window counts once: one that comes often is asked often": lambda text, window: len(_tally(text, window)) / (len(text) - window),
    "only windows with a single follower count as right: of the others, the most frequent follower is right as well": lambda text, window: (
        sum(int(c.sum()) for c in _tally(text, window) if len(c) == 1) / (len(text) - window)
    ),
    "the fraction of different windows that have a single follower": _over_windows(lambda c: float(len(c) == 1)),
    "the fraction of mistakes: one minus the accuracy": lambda text, window: 1 - _ceiling(text, window)[0],
    "the number of right guesses, not their fraction": _scaled(0, lambda t, w: len(t) - w),
    "in per cent: a fraction is asked for": _scaled(0, lambda t, w: 100),
    "the rarest follower is said, not the most frequent one": lambda text, window: (
        sum(int(c.min()) for c in _tally(text, window)) / (len(text) - window)
    ),
    "the last follower is said, not the most frequent one": lambda text, window: _saying(text, window, -1),
    "the first follower is said, not the most frequent one": lambda text, window: _saying(text, window, 0),
    "the last follower of the alphabet is said: max of a Counter compares the characters, not how often they come": lambda text, window: (
        sum(after.count(max(after)) for after in _followers(text, window).values()) / (len(text) - window)
    ),
    "a guess drawn by the frequencies: the best model always says the most frequent one": lambda text, window: (
        sum(float((c**2).sum() / c.sum()) for c in _tally(text, window)) / (len(text) - window)
    ),
}
COST_MISTAKES = {text: made[1] for text, made in BOTH.items()} | {
    "the mean over the different windows: one that comes often is asked often": _over_windows(_entropy),
    "the sum over the windows is not weighted: one that comes often is asked often": lambda text, window: float(
        sum(map(_entropy, _tally(text, window)))
    ),
    "the windows' own means are added without weights: multiply each by how often its window comes": lambda text, window: float(
        sum(map(_entropy, _tally(text, window))) / (len(text) - window)
    ),
    "one cost for each window, that of its most frequent follower: every follower pays, as often as it comes": lambda text, window: float(
        sum(np.log(c.sum() / c.max()) for c in _tally(text, window)) / (len(text) - window)
    ),
    "each different pair of window and follower counts once: weigh it by how often it comes": lambda text, window: (
        float(sum(np.log(c.sum() / c).sum() for c in _tally(text, window)) / (len(text) - window))
    ),
    "the mean over the different pairs of window and follower: weigh each by how often it comes": lambda text, window: float(
        np.concatenate([np.log(c.sum() / c) for c in _tally(text, window)]).mean()
    ),
    "probabilities of window and follower together: what is asked for is the follower, given the window": _joint,
    "bits, not nats": lambda text, window: _ceiling(text, window)[1] / np.log(2),
    "log10: nats are asked for": lambda text, window: _ceiling(text, window)[1] / np.log(10),
    "the sign: a cost is minus a logarithm": lambda text, window: -_ceiling(text, window)[1],
    "the sum, not the mean": _scaled(1, lambda t, w: len(t) - w),
    "perplexity: the mean cost in nats is asked for": lambda text, window: float(np.exp(_ceiling(text, window)[1])),
    "minus the logarithm of the accuracy: that is the cost of no model": lambda text, window: float(-np.log(_ceiling(text, window)[0])),
    "one minus the accuracy: a cost is a logarithm": lambda text, window: 1 - _ceiling(text, window)[0],
    "only the most frequent follower pays": lambda text, window: (
        float(sum(c.max() * np.log(c.sum() / c.max()) for c in _tally(text, window)) / (len(text) - window))
    ),
    "every place pays what the most frequent follower costs": lambda text, window: (
        float(sum(c.sum() * np.log(c.sum() / c.max()) for c in _tally(text, window)) / (len(text) - window))
    ),
    "followers with equal probabilities: use how often each of them comes": lambda text, window: (
        float(sum(c.sum() * np.log(len(c)) for c in _tally(text, window)) / (len(text) - window))
    ),
    "something is added to every count: the lowest loss on this text needs the bare frequencies": lambda text, window: _smoothed(text, window, 1.0),
    "a window is divided by how often it comes, with the one at the end that nothing follows": lambda text, window: (
        float(sum((c * np.log((c.sum() + (w == text[-window:])) / c)).sum() for w, c in zip(_followers(text, window), _tally(text, window))))
        / (len(text) - window)
    ),
    "str.count leaves out what overlaps, in the windows too: 'aaa'.count('aa') is 1": lambda text, window: float(
        sum((c * np.log(text.count(w) / c)).sum() for w, c in zip(_followers(text, window), _by_str_count(text, window))) / (len(text) - window)
    ),
    **{
        f"{small:g} is added inside the logarithm: leave it out, no follower that comes has probability 0": lambda text, window, small=small: float(
            -sum((c * np.log(c / c.sum() + small)).sum() for c in _tally(text, window)) / (len(text) - window)
        )
        for small in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
    },
}


def _saying(text, window, place):
    return sum(after.count(after[place]) for after in _followers(text, window).values()) / (len(text) - window)


def _smoothed(text, window, add):
    symbols = len(set(text))
    return float(sum((c * np.log((c.sum() + add * symbols) / (c + add))).sum() for c in _tally(text, window)) / (len(text) - window))


# ---- exercise 5

#: Numbers of strings, and their lengths.
RULE_SIZES = [(14, [2]), (26, [1, 2, 3, 4]), (18, [3]), (30, [2, 3, 5])]
#: The docstring's example: the rules agree on the first string.
EXAMPLE_RULES = ["ab", "ac", "bd"], ["c", "c", "e"]
RULES = ("next", "count", "neither")
FORM_OF_RULES = 'a tuple of a list of strings and a dict with the keys "next", "count" and "neither", or None in its place'


def _later(letter, steps):
    return chr(ord(letter) + steps)


def _next(string):
    return _later(string[-1], 1)


def _count(string):
    return _later(string[0], len(string))


def _greek(text):
    return "".join(chr(ord("α") + ord(letter) - ord("a")) for letter in text)


def _which_rule(strings, answers, following=_next, counting=_count):
    """Strings and fractions, by these two rules."""
    chosen = [(s, a) for s, a in zip(strings, answers) if following(s) != counting(s)]
    return [s for s, _ in chosen], _fractions(chosen, following, counting)


def _fractions(chosen, following=_next, counting=_count):
    """Of pairs of a string and its answer the fractions by each rule; None of no pairs."""
    if not chosen:
        return None
    by = [sum(a == following(s) for s, a in chosen), sum(a == counting(s) for s, a in chosen)]
    by.append(sum(a not in (following(s), counting(s)) for s, a in chosen))
    return {rule: n / len(chosen) for rule, n in zip(RULES, by)}


def _questions(rng, number, lengths, letters=str):
    """Strings and answers: runs, strings on which the rules agree though they are no runs, and strings that tell them apart.

    Each known mistake that can be made here shows. Where the rules agree no answer is by them, so that it does not matter
    how a mistaken function would count an answer by both.
    """
    while True:
        strings = [_string(rng, int(rng.choice(lengths))) for _ in range(number - 1)]
        strings = [letters(s) for s in [*strings, strings[int(rng.integers(number - 1))]]]
        answers = [_answer(rng, s) for s in strings]
        truth = _which_rule(strings, answers)
        if truth[1] is None or min(truth[1].values()) == 0 or len(set(truth[1].values())) < 3:
            continue
        known = {text: mistake for text, mistake in (WHOLE_MISTAKES | SHARE_MISTAKES).items() if max(lengths) > 2 or text not in ONLY_LONGER}
        if all(not _is_same(truth, mistake(strings, answers)) for mistake in known.values()):
            return strings, answers


def _agreeing(rng, number):
    """Strings and answers that say nothing about the rules."""
    strings = []
    while len(strings) < number:
        string = _string(rng, int(rng.integers(1, 6)))
        strings += [string] * (_next(string) == _count(string))
    return strings, [_next(string) if i % 2 else _answer(rng, string) for i, string in enumerate(strings)]


def _string(rng, length):
    """A run; a string that begins and ends like one; or any."""
    first, kind = int(rng.integers(9)), rng.random()
    run = [_later("a", first + t) for t in range(length)]
    if kind > 0.25:
        run[1:-1] = [_later("a", int(i)) for i in rng.integers(0, 13, max(length - 2, 0))]
    if kind > 0.45 and length > 1:
        run[-1] = _later("a", int(rng.integers(0, 13)))
    return "".join(run)


def _answer(rng, string):
    """By one of the two rules or by neither; where the rules agree, by neither."""
    by_rule = _next(string), _count(string)
    other = next(letter for letter in (_later(string[0], int(i)) for i in rng.permutation(12)) if letter not in by_rule)
    return other if by_rule[0] == by_rule[1] else str(rng.choice([*by_rule, other], p=[0.2, 0.45, 0.35]))


def _is_same(truth, made):
    return not difference(truth[0], made[0]) and not difference(truth[1], made[1])


def _rule_case(check, criteria, strings, answers, case=""):
    arguments, (first, second) = (strings, answers), criteria
    got = check.inspect(arguments, lambda value: _is_verdict(value) or _form_of_verdict(value), FORM_OF_RULES, dict.fromkeys(criteria), case)
    if got is None:
        return
    truth, shown = _which_rule(strings, answers), check.describe(arguments, case)
    if not _is_verdict(got) or truth[1] is None and _no_fractions(got[1]):
        cause = _no_fractions(got[1]) if _is_verdict(got) else _form_of_verdict(got)
        for criterion in dict.fromkeys(criteria):
            check.failed(criterion, shown, f"expected {FORM_OF_RULES}, got {_told_of(got)}", f"{CAUSE} {cause}")
        return
    table = {} if case == EXAMPLE else WHOLE_MISTAKES
    words = [f"apart: expected {_brief_list(truth[0])}, got {_brief_list(got[0])}"]
    check.settle(first, arguments, truth[0], got[0], _part(table and table | LIST_MISTAKES, 0), FORM, case, part="apart", words=words)
    check.settle(second, arguments, truth[1], got[1], _part(table and table | SHARE_MISTAKES, 1), FORM, case, part="shares")


def _brief_list(strings, most=6):
    shown = ", ".join(repr(str(s)[:12]) for s in strings[:most])
    return f"[{shown}{', ...' if len(strings) > most else ''}]" + (f" ({len(strings)} strings)" if len(strings) > most else "")


def _told_of(value):
    return f"a tuple of {describe(value[0])} and {describe(value[1])}" if type(value) is tuple and len(value) == 2 else describe(value)


def _is_verdict(value):
    return (
        type(value) is tuple and len(value) == 2 and _are_strings(value[0])
        and (value[1] is None or type(value[1]) is dict and set(value[1]) == set(RULES) and all(map(_is_fraction, value[1].values())))
    )


def _is_fraction(value):
    """Whether it is a number that a float can hold."""
    return _like(value, 0.0) and not beyond_floats(value)


def _are_strings(value):
    return type(value) is list and all(type(item) in (str, np.str_) for item in value)


def _no_fractions(shares):
    """The likely cause where there are fractions of nothing."""
    if shares is None:
        return ""
    numbers = [float(value) for value in shares.values()]
    if all(np.isnan(numbers)):
        return "a mean of nothing is nan: where no string tells the rules apart, None is asked for in place of the fractions"
    if not any(numbers):
        return "0 of 0 is not 0: where no string tells the rules apart, nothing is known, and None is asked for in place of the fractions"
    return "the answers to strings on which the rules agree are counted: they say nothing, and None is asked for"


def _form_of_verdict(value):
    """The likely cause of a result that has another form; "" where none is known."""
    if _are_strings(value) and value:
        return "the fractions are missing: (apart, shares) is asked for"
    if type(value) is dict and set(value) == set(RULES):
        return "the strings are missing: (apart, shares) is asked for"
    if type(value) is tuple and len(value) == 4 and _are_strings(value[0]) and all(_like(v, 0.0) for v in value[1:]):
        return "the three fractions belong in one dict, with the keys next, count and neither"
    if type(value) is not tuple or len(value) != 2:
        return ""
    apart, shares = value
    if type(apart) is dict and type(shares) is list:
        return "the fractions come first: (apart, shares) is asked for"
    if type(apart) is list and apart and all(isinstance(item, (int, np.integer)) for item in apart):
        return "the places of the strings, or a mark for each: the strings themselves are asked for"
    if type(apart) is list and apart and all(type(item) is tuple for item in apart):
        return "something comes with each string: the strings alone are asked for"
    if type(apart) in (int, float) or isinstance(apart, (np.integer, np.floating)):
        return "the number of the strings: the strings themselves are asked for"
    if type(shares) is dict and _are_strings(apart):
        lacking = [rule for rule in RULES if rule not in shares]
        if lacking and set(shares) <= set(RULES):
            return f"{' and '.join(lacking)} is not in the dict: a rule that nothing follows has the fraction 0.0"
        return "the keys of the dict are next, count and neither" if lacking else ""
    if type(shares) in (tuple, list) and len(shares) == 3 and _are_strings(apart):
        return "the fractions are in a row: a dict with the keys next, count and neither is asked for"
    return ""


def _by(following=_next, counting=_count):
    return lambda strings, answers: _which_rule(strings, answers, following, counting)


def _choosing(keep):
    """A mistake in which strings are kept."""

    def made(strings, answers):
        chosen = [(s, a) for s, a in zip(strings, answers) if keep(s, a)]
        return [s for s, _ in chosen], _fractions(chosen)

    return made


def _each_once(strings, answers):
    told = dict(zip(strings, answers))
    return _which_rule(list(told), list(told.values()))


def _shares(change):
    """A mistake in the fractions alone: `change(shares, all strings, their answers, number apart)`."""

    def made(strings, answers):
        apart, shares = _which_rule(strings, answers)
        return apart, None if shares is None else change(dict(shares), strings, answers, len(apart))

    return made


def _paired_anew(shares, strings, answers, number):
    return _fractions(list(zip(_which_rule(strings, answers)[0], answers)))


def _is_run(string):
    return all(b == _later(a, 1) for a, b in zip(string, string[1:]))


#: Another rule in the place of one of the two.
RULE_MISTAKES = {
    "next is the letter that was just read, not the one after it": _by(following=lambda s: s[-1]),
    "next is the letter after the first one, not after the one just read": _by(following=lambda s: _later(s[0], 1)),
    "count is one letter short: first + 1 comes after one letter, first + 2 after two": _by(counting=lambda s: _later(s[0], len(s) - 1)),
    "count is one letter too far: first + 1 comes after one letter, first + 2 after two": _by(counting=lambda s: _later(s[0], len(s) + 1)),
    "count is always first + 1: it goes on with each letter read": _by(counting=lambda s: _later(s[0], 1)),
    "count is always first + 2, which is right after two letters only": _by(counting=lambda s: _later(s[0], 2)),
    "count begins at the letter just read, not at the first": _by(counting=lambda s: _later(s[-1], len(s))),
}
#: Other strings than those on which the rules differ.
CHOICE_MISTAKES = {
    "the strings on which the rules agree are kept; those on which they differ are asked": _choosing(lambda s, a: _next(s) == _count(s)),
    "a string need not be a run for the rules to agree on it: compare the letters that they predict": _choosing(lambda s, a: not _is_run(s)),
    "strings are chosen by the answer: only the two rules tell which strings they differ on": _choosing(lambda s, a: a != _next(s)),
    "strings are chosen by the answer: only the two rules tell on which strings they differ": _choosing(lambda s, a: a != _count(s)),
    "strings whose answer is by neither rule are left out": _choosing(lambda s, a: _next(s) != _count(s) and a in (_next(s), _count(s))),
}
WHOLE_MISTAKES = RULE_MISTAKES | CHOICE_MISTAKES
#: The strings alone are wrong; the fractions may be right.
LIST_MISTAKES = {
    "the list holds all strings: those on which the rules differ are asked": lambda strings, answers: (list(strings), None),
    "a string that comes twice is in the list only once": lambda strings, answers: (list(dict.fromkeys(_which_rule(strings, answers)[0])), None),
    "the strings are sorted: their order is asked for": lambda strings, answers: (sorted(_which_rule(strings, answers)[0]), None),
    "the strings are in the opposite order": lambda strings, answers: (_which_rule(strings, answers)[0][::-1], None),
}
#: These need strings of three letters or more to be told from the truth.
ONLY_LONGER = {
    "count is always first + 2, which is right after two letters only",
    "a string need not be a run for the rules to agree on it: compare the letters that they predict",
}
SHARE_MISTAKES = {
    "divided by all strings: the rules differ on fewer": _shares(lambda by, s, a, n: {rule: by[rule] * n / len(s) for rule in RULES}),
    "the answers to all strings are counted: where the rules agree, an answer says nothing": _shares(lambda by, s, a, n: _fractions(list(zip(s, a)))),
    "an answer is left in its place when a string is left out: leave both out together": _shares(_paired_anew),
    "a string that comes twice is counted once": _each_once,
    "next and count are exchanged": _shares(lambda by, s, a, n: {"next": by["count"], "count": by["next"], "neither": by["neither"]}),
    "numbers of answers, not fractions": _shares(lambda by, s, a, n: {rule: by[rule] * n for rule in RULES}),
    "percentages, not fractions": _shares(lambda by, s, a, n: {rule: by[rule] * 100 for rule in RULES}),
    "neither means by neither of the two: this is all that is not by next": _shares(lambda by, s, a, n: {**by, "neither": 1 - by["next"]}),
    "neither means by neither of the two: this is all that is not by count": _shares(lambda by, s, a, n: {**by, "neither": 1 - by["count"]}),
    "neither means not the one and not the other: `and`, where `or` is always true": _shares(lambda by, s, a, n: {**by, "neither": 1.0}),
    "neither is always 0": _shares(lambda by, s, a, n: {**by, "neither": 0.0}),
    "what is not by count is taken for next": _shares(lambda by, s, a, n: {"next": 1 - by["count"], "count": by["count"], "neither": 0.0}),
    "what is not by next is taken for count": _shares(lambda by, s, a, n: {"next": by["next"], "count": 1 - by["next"], "neither": 0.0}),
    "next and count are fractions of the answers by a rule: those by neither are answers too": _shares(
        lambda by, s, a, n: {"next": by["next"] / (1 - by["neither"]), "count": by["count"] / (1 - by["neither"]), "neither": by["neither"]}
    ),
}


# ---- exercise 6


def _of_each(costs):
    """A list with costs(model, text) of each text."""
    return lambda model, texts: [float(costs(model, text)) for text in texts]


def _alone(model, text):
    """Each character given only the one before it."""
    return np.mean([_costs(model, text[i : i + 1], text[i + 1 : i + 2])[0] for i in range(len(text) - 1)])


def _leaking(model, texts, whole, reset=()):
    """The state goes on from text to text but in the layers of `reset` (0 is the first, -1 the last); the last character of each text is read too if `whole`."""
    scores, h = [], None
    for text in texts:
        scores.append(float(_text_costs(model, text, h).mean()))
        h = _logits(model, (text if whole else text[:-1])[None], h)[1]
        h = [0 * state if layer in reset or layer - len(h) in reset else state for layer, state in enumerate(h)]
    return scores


SCORE_MISTAKES = {
    "the sum, not the mean": _of_each(lambda m, t: _text_costs(m, t).sum()),
    "divided by n: there are n - 1 characters to guess": _of_each(lambda m, t: _text_costs(m, t).sum() / len(t)),
    "bits, not nats": _of_each(lambda m, t: _text_costs(m, t).mean() / np.log(2)),
    "the sign: a cost is minus a logarithm": _of_each(lambda m, t: -_text_costs(m, t).mean()),
    "targets not shifted: each character is judged after it was read": _of_each(lambda m, t: _costs(m, t, t).mean()),
    "the state is reset at each character": _of_each(_alone),
    "the softmax is missing: the model gives logits": _of_each(lambda m, t: _text_costs(m, t, log_softmax=lambda a: a).mean()),
    "softmax twice: its result is taken for logits": _of_each(lambda m, t: _text_costs(m, t, log_softmax=_twice).mean()),
    "from_logits=True is missing: logits are taken for probabilities": _of_each(
        lambda m, t: _text_costs(m, t, log_softmax=_without_from_logits).mean()
    ),
    "perplexity: the mean cost in nats is asked for": _of_each(lambda m, t: np.exp(_text_costs(m, t).mean())),
    "log10: nats are asked for": _of_each(lambda m, t: _text_costs(m, t).mean() / np.log(10)),
    "each text is read from its end": _of_each(lambda m, t: _text_costs(m, t[::-1]).mean()),
    "the first character is judged too, as one of equally probable symbols": _of_each(
        lambda m, t: (_text_costs(m, t).sum() + np.log(len(m[-1]))) / len(t)
    ),
    "the bias of the last layer is missing": _of_each(lambda m, t: _text_costs([*m[:-1], 0 * m[-1]], t).mean()),
    "the logarithm is missing: minus the probability": _of_each(lambda m, t: _text_costs(m, t, log_softmax=_softmax).mean()),
    "only the last character is judged": _of_each(lambda m, t: _text_costs(m, t)[-1]),
    "the likeliest character is judged, not the one that follows": _of_each(
        lambda m, t: _costs(m, t[:-1], _logits(m, t[None, :-1])[0][0].argmax(axis=-1)).mean()
    ),
    "log_p[:, text[1:]] takes every character at every position: index the rows with np.arange": _of_each(
        lambda m, t: -_log_softmax(_logits(m, t[None, :-1])[0][0])[:, t[1:]].mean()
    ),
    "the softmax runs over the positions, not over the symbols": _of_each(
        lambda m, t: _picked(_log_softmax(_logits(m, t[None, :-1])[0][0].T).T, t[1:]).mean()
    ),
    "the characters that were read are judged, not those that follow": _of_each(lambda m, t: _costs(m, t[:-1], t[:-1]).mean()),
    "the mean runs over all symbols: the logarithm at the next character is asked for": _of_each(
        lambda m, t: -_log_softmax(_logits(m, t[None, :-1])[0]).mean()
    ),
    "the entropy of what the model says: the characters that follow are not in it": _of_each(
        lambda m, t: _entropy_of(_logits(m, t[None, :-1])[0][0])
    ),
    "the accuracy, not the loss": _of_each(lambda m, t: (_logits(m, t[None, :-1])[0][0].argmax(axis=-1) == t[1:]).mean()),
    **{text: _of_each(lambda m, t, cut=cut: _text_costs(m, t, log_softmax=cut).mean()) for text, cut in CUT_OFF.items()},
}
RESET_MISTAKES = {
    "the state of one text goes on into the next: reset before each, inside the loop": lambda model, texts: _leaking(model, texts, whole=False),
    "the state of one text goes on into the next one: reset before each, inside the loop": lambda model, texts: _leaking(model, texts, whole=True),
    "one mean for all texts": lambda model, texts: [float(np.mean(np.concatenate([_text_costs(model, t) for t in texts])))] * len(texts),
}
LAYER_MISTAKES = {
    f"only the {which} recurrent layer is reset: every layer that has reset_state must be": (
        lambda model, texts, layer=layer: _leaking(model, texts, whole=False, reset=(layer,))
    )
    for layer, which in ((0, "first"), (-1, "last"))
} | RESET_MISTAKES
KIND_MISTAKES = {
    "a GRU is not reset: every layer that has reset_state must be, of whatever kind": lambda model, texts: _leaking(model, texts, whole=False),
    "a GRU is not reset: each layer that has reset_state must be, of whatever kind": lambda model, texts: _leaking(model, texts, whole=True),
}
SURE_SCORE_MISTAKES = {
    text: _of_each(lambda m, t, log_softmax=log_softmax: _text_costs(m, t, log_softmax=log_softmax).mean())
    for text, log_softmax in SURE_MISTAKES.items()
}


# ---- exercise 7


def _weights(rng, n, m, k, dtype=np.float64):
    shapes = {"W_xh": (n, m), "W_hh": (m, m), "b_h": (m,), "W_hy": (m, k), "b_y": (k,)}
    return {name: rng.normal(0, 0.8, shape).astype(dtype) for name, shape in shapes.items()}


def _told_apart(read, length):
    """Whether each known mistake can write ids of its own; in shorter cases none is named."""
    return read != 2 and length >= 9


def _generation(rng, symbols, units, read, length):
    """A case whose ids are clear (no near ties) and lively, so that mistakes show; the state tells after a prompt of one id."""
    while True:
        weights = _weights(rng, symbols, units, symbols)
        weights["W_xh"] *= 1.5
        prompt, state = rng.integers(0, symbols, read), rng.uniform(-0.9, 0.9, units)
        case = weights, prompt, length, state
        ids, _ = _generate(*case)
        lively = len(set(ids.tolist())) >= min(length, 4) and ids[0] not in (0, prompt[-1])
        if lively and _clear(*case) and all(not np.array_equal(f(*case)[0], ids) for f in IDS_ALWAYS.values()):
            if not _told_apart(read, length):
                return case
            if read == 1 and _generate(weights, prompt, 1, state * 0)[0][0] == ids[0]:
                continue
            same = 2 if read == 1 else 0  # one id is the first, the last and the reverse of itself: three mistakes are none
            if len({tuple(f(*case)[0].tolist()) for f in IDS_MISTAKES.values()}) == len(IDS_MISTAKES) - same:
                return case


def _clear(weights, prompt, length, state):
    """Whether the best logit leads by a margin at each step."""
    for n in range(1, length + 1):
        logits = _generate(weights, prompt, n, state)[1] @ weights["W_hy"] + weights["b_y"]
        best, second = np.sort(logits)[[-1, -2]][:2]
        if best - second < 0.02:
            return False
    return True


def _one_unit(rng):
    """Weights of one unit and a prompt, without near ties."""
    while True:
        weights, prompt = _weights(rng, 5, 1, 5), rng.integers(0, 5, 2)
        if all(_clear(weights, prompt, 3, np.array([h])) for h in np.linspace(-0.9, 0.9, 19)):
            return weights, prompt


def _generate_case(check, criteria, symbols, units, read, length):
    first, later, last = criteria
    case = _generation(check.rng, symbols, units, read, length)
    wanted = f"(ids, state), an array of {length} whole numbers and an array of shape ({units},)"
    got = check.inspect(case, lambda value: type(value) is tuple and len(value) == 2 or _lone(value), wanted, dict.fromkeys(criteria))
    if got is None:
        return
    if _lone(got):
        for criterion in dict.fromkeys(criteria):
            check.failed(criterion, check.describe(case), f"expected {wanted}, got {describe(got)}", f"{CAUSE} the state is missing: (ids, state) is asked for")
        return
    (ids, h), shown = _generate(*case), check.describe(case)
    if not _is_continuation(got, length, units):
        problem = f"expected {wanted}; got as ids {describe(got[0])}, as state {describe(got[1])}"
        for criterion in dict.fromkeys(criteria):
            check.failed(criterion, shown, problem, *_form_mistake(*got, case[1], length, units))
        return
    problem = difference(ids, got[0], 0.0)
    told = problem and _told_apart(read, length)
    mistakes = _part(IDS_MISTAKES, 0) if told or not problem else {}
    starts = {text: lambda *a, m=mistake: m(*a)[:1] for text, mistake in mistakes.items()}
    check.settle(first, case, ids[:1], got[0][:1], starts, part="ids[:1]", words=[f"ids[0]: expected {ids[0]}, got {got[0][0]}"])
    if length > 1:
        check.settle(later, case, ids, got[0], mistakes, part="ids")
    if check.has_passed(first) and check.has_passed(later) and not problem:
        check.settle(last, case, h, got[1], _part(STATE_MISTAKES, 1), 1e-10 if last == "care" else FORM, part="state")


def _lone(value):
    """Whether these may be ids without a state."""
    return type(value) is list or type(value) is np.ndarray and value.ndim == 1


def _is_continuation(pair, length, units):
    return (
        type(pair) is tuple and len(pair) == 2 and all(type(part) is np.ndarray for part in pair)
        and pair[0].shape == (length,) and pair[0].dtype.kind in "iu" and pair[1].shape == (units,) and pair[1].dtype.kind == "f"
    )


def _form_mistake(ids, state, prompt, length, units):
    """What is wrong with the form of the ids or of the state, as a list of one diagnosis or none."""
    if type(ids) is list:
        return [f"{CAUSE} the ids are a list: np.array(ids)"]
    if type(ids) is not np.ndarray or type(state) is not np.ndarray:
        return [f"{CAUSE} the state is missing: (ids, state) is asked for"] if state is None else []
    if ids.shape == (units,) and ids.dtype.kind == "f" and state.dtype.kind in "iu":
        return [f"{CAUSE} the state comes first: (ids, state) is asked for"]
    if ids.shape == (len(prompt) + length,) and np.array_equal(ids[: len(prompt)], prompt):
        return [f"{CAUSE} the prompt is in it; only the new ids are asked for"]
    if ids.shape in [(length - 1,), (length + 1,)]:
        return [f"{CAUSE} one id too {'few' if len(ids) < length else 'many'}: `length` new ids are asked for"]
    if ids.shape == (length,) and ids.dtype.kind == "f":
        return [f"{CAUSE} the ids are floats: they are whole numbers, as np.argmax gives them"]
    if ids.shape == (1, length) or state.shape == (1, units):
        return [f"{CAUSE} a batch axis: the ids have the shape (length,), the state (hidden_size,)"]
    return []


def _part(mistakes, part):
    return {text: lambda *case, mistake=mistake: mistake(*case)[part] for text, mistake in mistakes.items()}


def _read(weights, h, symbol, squash=np.tanh):
    return squash(weights["W_xh"][symbol] + h @ weights["W_hh"] + weights["b_h"])


def _roll(weights, prompt, length, state, choose=None, restart=None, squash=np.tanh, feed=-1):
    """As `_generate`, with another choice of the next id, another state before each id is read, or another id read: ids[feed]."""
    choose = choose or (lambda h: np.argmax(h @ weights["W_hy"] + weights["b_y"]))
    ids, h = [], state
    for symbol in prompt:
        h = _read(weights, h, symbol, squash)
    for n in range(length):
        if n:
            h = _read(weights, h if restart is None else restart, ids[feed] if feed is not None else prompt[-1], squash)
        ids.append(int(choose(h)))
    return np.array(ids), h


def _zeroed(weights, name):
    return {**weights, name: weights[name] * 0}


def _prompt_first(weights, prompt, length, state):
    ids, h = _generate(weights, prompt, length, state)
    return np.concatenate([prompt[-1:], ids[:-1]]), h


def _last_read_twice(weights, prompt, length, state):
    return _generate(weights, np.append(prompt, prompt[-1]), length, state)


def _a_step_behind(weights, prompt, length, state):
    """Each id is chosen by the state before the id in front of it is read."""
    ids, h = [], state
    for symbol in prompt[:-1]:
        h = _read(weights, h, symbol)
    for _ in range(length):
        before = ids[-1] if ids else prompt[-1]
        ids.append(int(np.argmax(h @ weights["W_hy"] + weights["b_y"])))
        h = _read(weights, h, before)
    return np.array(ids), h


#: These give other ids in every case.
IDS_ALWAYS = {
    "the first generated id is the last one of the prompt": _prompt_first,
    "argmax of the state, not of the logits": lambda w, p, n, s: _roll(w, p, n, s, choose=lambda h: np.argmax(h) % len(w["W_xh"])),
    "argmin in place of argmax": lambda w, p, n, s: _roll(w, p, n, s, choose=lambda h: np.argmin(h @ w["W_hy"] + w["b_y"])),
}
IDS_MISTAKES = {
    **IDS_ALWAYS,
    "only the last id of the prompt is read": lambda w, p, n, s: _generate(w, p[-1:], n, s),
    "the prompt is read from its end": lambda w, p, n, s: _generate(w, p[::-1], n, s),
    "only the first id of the prompt is read": lambda w, p, n, s: _generate(w, p[:1], n, s),
    "the last id of the prompt is not read": lambda w, p, n, s: _generate(w, p[:-1], n, s),
    "the last id of the prompt is read twice": _last_read_twice,
    "`state` is not used: reading begins from zeros": lambda w, p, n, s: _generate(w, p, n, s * 0),
    "the state starts from the given one again at each new id": lambda w, p, n, s: _roll(w, p, n, s, restart=s),
    "the state starts from zero again at each new id": lambda w, p, n, s: _roll(w, p, n, s, restart=s * 0),
    "each id is chosen a step too early: first read the id in front of it, then choose": _a_step_behind,
    "generated ids are not read: at each step it is the last one of the prompt again": lambda w, p, n, s: _roll(w, p, n, s, feed=None),
    "the first generated id is read again and again": lambda w, p, n, s: _roll(w, p, n, s, feed=0),
    "nothing is read after the prompt, so that the same id comes each time": lambda w, p, n, s: (np.repeat(_generate(w, p, 1, s)[0], n), s),
    "tanh is missing": lambda w, p, n, s: _roll(w, p, n, s, squash=lambda a: a),
    "relu in place of tanh": lambda w, p, n, s: _roll(w, p, n, s, squash=ACTIVATIONS["relu"]),
    "a sigmoid in place of tanh": lambda w, p, n, s: _roll(w, p, n, s, squash=ACTIVATIONS["sigmoid"]),
    "b_y is missing": lambda w, p, n, s: _generate(_zeroed(w, "b_y"), p, n, s),
    "b_h is missing": lambda w, p, n, s: _generate(_zeroed(w, "b_h"), p, n, s),
    "W_hh is transposed": lambda w, p, n, s: _generate({**w, "W_hh": w["W_hh"].T}, p, n, s),
}
STATE_MISTAKES = {
    "`state` is not used: reading begins from zeros": lambda w, p, n, s: _generate(w, p, n, s * 0),
    "the last generated id has been read already: the next call would read it twice": lambda w, p, n, s: (
        lambda ids, h: (ids, _read(w, h, ids[-1]))
    )(*_generate(w, p, n, s)),
    "the state comes back as it was given": lambda w, p, n, s: (None, s),
    "the state after the prompt: what was generated since is not in it": lambda w, p, n, s: (None, _generate(w, p, 1, s)[1]),
    "the state is one id behind": lambda w, p, n, s: (
        (None, _generate(w, p, n - 1, s)[1]) if n > 1 else (None, _generate(w, p[:-1], 1, s)[1])
    ),
    "only the last generated id is read, from the state after the prompt": lambda w, p, n, s: (
        None, _read(w, _generate(w, p, 1, s)[1], _generate(w, p, n, s)[0][-1])
    ),
}
