"""The laboratory of lesson 09, attention and translation.

Numbers in English and German words, the networks that translate them, and their training. What an exercise asks for is
the learner's, and is handed in.
"""

import functools

import numpy as np

from helpers import data, session
from helpers.laboratory.lesson05 import log_softmax

ONES = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
EINER = "null ein zwei drei vier fünf sechs sieben acht neun".split()
ZEHNER = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
ZIG = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()

#: The largest number that the grammar can say.
LARGEST = 999_999
#: Ids of what is no word.
PADDING, START, END = 0, 1, 2
SPECIAL = ["·", "<start>", "<end>"]
ENGLISH = [*SPECIAL, *ONES, *TEENS, *TENS, "hundred", "thousand"]
GERMAN = [*SPECIAL, *EINER, "eins", *ZEHNER, *ZIG, "und", "hundert", "tausend"]
#: Words of the longest English number, and pieces of the longest German one with its end.
SOURCE, TARGET = 9, 12
#: Words of the longest English number that is trained on.
TRAINED = 7
#: Pairs to train on, how many an update reads, how often all are read, and the first learning rate.
PAIRS, BATCH, EPOCHS, RATE = 6000, 64, 15, 0.005
#: How many updates a point of the training curve is the mean of, and the number whose translation is shown meanwhile.
EVERY, SAMPLE = 30, 25_672
#: How the record calls the network that is trained in the lesson.
LOOKING = "looking back, 32 units"
#: Numbers of up to seven words to look at: some held out, some with two readings.
SOME = [25_672, 97, 121, 1_100, 21_021, 99_099, 404_040, 512_007]


# Numbers in words.


def _below_hundred(n, place, last):
    """English words, German pieces, and for each piece the English positions that it translates, counted from `place`."""
    if n < 20:
        german = EINER[n] if n < 10 else ZEHNER[n - 10]
        return [(ONES + TEENS)[n]], ["eins" if n == 1 and last else german], [[place]]
    ten, one = divmod(n, 10)
    if not one:
        return [TENS[ten - 2]], [ZIG[ten - 2]], [[place]]
    return [TENS[ten - 2], ONES[one]], [EINER[one], "und", ZIG[ten - 2]], [[place + 1], [], [place]]


def _below_thousand(n, place, last):
    hundreds, rest = divmod(n, 100)
    english, german, alignment = [], [], []
    if hundreds:
        english, german, alignment = [ONES[hundreds], "hundred"], [EINER[hundreds], "hundert"], [[place], [place + 1]]
    if rest or not hundreds:
        more = _below_hundred(rest, place + len(english), last)
        english, german, alignment = english + more[0], german + more[1], alignment + more[2]
    return english, german, alignment


def number(n):
    """A number in words.

    Parameters
    ----------
    n : int
        From 0 to 999,999.

    Returns
    -------
    tuple of (english, german, alignment)
        english, german : list of str
            Words, and the pieces of the one German word.
        alignment : list of list of int
            For each German piece the positions of the English words that it translates; "und" translates none.

    Raises
    ------
    ValueError
        If there is no such number here.

    Examples
    --------
    >>> number(97)
    (['ninety', 'seven'], ['sieben', 'und', 'neunzig'], [[1], [], [0]])
    """
    if not 0 <= n <= LARGEST:
        raise ValueError(f"the grammar says 0 to {LARGEST:,}, not {n:,}")
    thousands, rest = divmod(n, 1000)
    if not thousands:
        return _below_thousand(n, 0, True)
    english, german, alignment = _below_thousand(thousands, 0, False)
    english, german, alignment = english + ["thousand"], german + ["tausend"], alignment + [[len(english)]]
    if rest:
        more = _below_thousand(rest, len(english), True)
        english, german, alignment = english + more[0], german + more[1], alignment + more[2]
    return english, german, alignment


def readings(n):
    """All that is right in German: a 100 or a 1,000 at the beginning may go without its "ein". A list of lists of str."""
    german = number(n)[1]
    return [german, german[1:]] if german[:2] in (["ein", "hundert"], ["ein", "tausend"]) else [german]


@functools.cache
def _small(last):
    """What is below 1,000 by its pieces, at the end of a number or before "tausend"."""
    return {tuple(_below_thousand(n, 0, last)[1]): n for n in range(1000)}


def value(pieces):
    """The number that German pieces say, in either reading; None if they say none."""
    for said in (pieces, ["ein", *pieces]):
        cut = said.index("tausend") if "tausend" in said else None
        thousands = 0 if cut is None else _small(False).get(tuple(said[:cut]))
        rest = said if cut is None else said[cut + 1 :]
        below = _small(True).get(tuple(rest)) if rest or cut is None else 0
        if None not in (thousands, below) and pieces in readings(1000 * thousands + below):
            return 1000 * thousands + below
    return None


def well_formed(answers):
    """The fraction of the answers, lists of German pieces, that are a number at all, right or wrong."""
    return float(np.mean([value(answer) is not None for answer in answers]))


# The numbers to train on, and those held out.


@functools.cache
def numbers_by_length(drawn=60_000):
    """Different numbers by how many English words they have.

    Returns
    -------
    tuple of (training, held_out)
        Dicts of int to list of int. Of one word all are trained on: a word never seen cannot be translated. Of two to
        `TRAINED` words a fifth is held out, at most 200 of a length. Longer numbers are never trained on: 200 of each.
    """
    rng = np.random.default_rng(0)
    spread = (10 ** rng.uniform(3, 6, drawn)).astype(int)  # as many of 4 digits as of 6
    by_length = {length: [] for length in range(1, SOURCE + 1)}
    for n in rng.permutation(np.unique(np.concatenate([np.arange(2000), spread]))).tolist():
        by_length[len(number(n)[0])].append(n)
    training, held_out = {}, {}
    for length, found in by_length.items():
        if length > TRAINED:
            held_out[length] = found[:200]
            continue
        count = min(200, len(found) // 5) if length > 1 else 0
        training[length], held_out[length] = found[count:], found[:count]
    return training, {length: found for length, found in held_out.items() if found}


def english_ids(numbers):
    """Ids of the English words (count, longest), and a mask of the same shape: False at padding."""
    return data.pad([[ENGLISH.index(word) for word in number(n)[0]] for n in numbers])


def training_pairs(seed=0):
    """`PAIRS` numbers, as many of each length, and for each of them a German reading drawn at random, as a list of ids."""
    rng, (training, _) = np.random.default_rng(seed), numbers_by_length()
    numbers = rng.permutation(np.concatenate([rng.choice(found, PAIRS // TRAINED) for found in training.values()])).tolist()
    return numbers, _said(numbers, rng)


def held_out_pairs(each=40):
    """Held-out numbers of no more words than `TRAINED`, up to `each` of a length, with readings as in `training_pairs`."""
    numbers = [n for length, found in numbers_by_length()[1].items() if length <= TRAINED for n in found[:each]]
    return numbers, _said(numbers, np.random.default_rng(0))


def _said(numbers, rng):
    """For each number a reading drawn at random, as ids."""
    return [german_ids(readings(n)[rng.integers(len(readings(n)))]) for n in numbers]


def german_ids(pieces):
    """Ids of German pieces, a list."""
    return [GERMAN.index(piece) for piece in pieces]


# The network: an encoder, a decoder, and attention between the two if it is handed in.


def first_weights(units, attends, seed=0, symbols=(len(ENGLISH), len(GERMAN))):
    """Weights in float32, a dict: those of encoder and decoder, and W_hy and b_y.

    Parameters
    ----------
    units : int
        Of the encoder, and of the decoder.
    attends : bool
        Whether the output layer reads a context beside the decoder's state.
    seed : int
    symbols : (int, int)
        Of the source and of the target.
    """
    rng = np.random.default_rng(seed)
    shapes, read = {}, units * (1 + attends)
    for part, count in zip(("encoder", "decoder"), symbols):
        shapes |= {f"{part} W_xh": (count, units), f"{part} W_hh": (units, units), f"{part} b_h": units}
    weights = {name: rng.normal(0, 0.5, shape) for name, shape in shapes.items()}
    for part in ("encoder", "decoder"):
        weights[f"{part} W_hh"] = np.linalg.qr(weights[f"{part} W_hh"])[0]  # orthogonal: lesson 04
        weights[f"{part} b_h"][:] = 0
    weights |= {"W_hy": rng.normal(0, read**-0.5, (read, symbols[1])), "b_y": np.zeros(symbols[1])}
    return {name: array.astype(np.float32) for name, array in weights.items()}


def parameters(weights):
    """How many numbers a network has."""
    return sum(array.size for array in weights.values())


def states(weights, part, ids, h, real=None):
    """All states of the encoder or the decoder.

    Parameters
    ----------
    weights : dict of str to ndarray
    part : str
        "encoder" or "decoder".
    ids : ndarray of int (batch, time)
    h : ndarray (batch, units)
        The state before the first step.
    real : ndarray of bool (batch, time), optional
        Where it is False, the state is held.

    Returns
    -------
    ndarray (batch, time, units)
    """
    inputs = weights[f"{part} W_xh"][ids] + weights[f"{part} b_h"]
    result = np.empty_like(inputs)
    for t in range(ids.shape[1]):
        new = np.tanh(inputs[:, t] + h @ weights[f"{part} W_hh"])
        result[:, t] = h = new if real is None else np.where(real[:, t, None], new, h)
    return result


def encoded(weights, source, real):
    """All states of the encoder (batch, words, units), from a state of zeros."""
    nothing = np.zeros((len(source), len(weights["encoder b_h"])), weights["encoder b_h"].dtype)
    return states(weights, "encoder", source, nothing, real)


def output(weights, s, context=None):
    """Logits (batch, pieces, symbols) from the decoder's states, and what it has looked at, if the network looks."""
    top = s if context is None else np.concatenate([s, context], axis=-1)
    return top @ weights["W_hy"] + weights["b_y"]


def states_backward(weights, part, ids, first, h, d_h, real=None):
    """The gradients through `states`: backpropagation through time, as in lesson 03.

    Parameters
    ----------
    weights, part, ids, first, real
        As in `states`; `first` is the state before the first step.
    h : ndarray (batch, time, units)
        What `states` returned.
    d_h : ndarray (batch, time, units)
        What arrives at each state from above.

    Returns
    -------
    tuple of (gradients, d_first)
        A dict by the names of the part's weights, and the gradient of the first state.
    """
    back, d_inputs, carry = weights[f"{part} W_hh"].T, np.empty_like(h), np.zeros_like(first)
    for t in reversed(range(h.shape[1])):
        arrived = carry + d_h[:, t]
        d_inputs[:, t] = arrived * (1 - h[:, t] ** 2)
        if real is not None:
            d_inputs[:, t] *= real[:, t, None]
        carry = d_inputs[:, t] @ back
        if real is not None:
            carry = np.where(real[:, t, None], carry, arrived)
    before = np.concatenate([first[:, None], h[:, :-1]], axis=1)
    d_W_xh = np.zeros_like(weights[f"{part} W_xh"])
    np.add.at(d_W_xh, ids, d_inputs)
    flat = d_inputs.reshape(-1, h.shape[2])
    d_W_hh = before.reshape(flat.shape).T @ flat
    return {f"{part} W_xh": d_W_xh, f"{part} W_hh": d_W_hh, f"{part} b_h": flat.sum(axis=0)}, carry


def loss_and_gradients(weights, source, real, inputs, targets, mask, attend=None):
    """The mean cross-entropy of the real targets in nats, and its gradients.

    Parameters
    ----------
    weights : dict of str to ndarray
    source : ndarray of int (batch, words)
    real : ndarray of bool (batch, words)
    inputs, targets : ndarray of int (batch, pieces)
    mask : ndarray of bool (batch, pieces)
    attend : (callable, callable), optional
        The learner's `attention` and `attention_backward`. The decoder's states are the queries, the encoder's the keys
        and the values.

    Returns
    -------
    tuple of (float, dict of str to ndarray)
    """
    units = len(weights["encoder b_h"])
    h = encoded(weights, source, real)
    s = states(weights, "decoder", inputs, h[:, -1])
    top = s
    if attend:
        context, attention = attend[0](s, h, h, real)
        top = np.concatenate([s, context], axis=-1)
    log_p = log_softmax(output(weights, top))
    rows = np.arange(len(source))[:, None], np.arange(inputs.shape[1]), targets
    count = mask.sum()
    d_logits = np.exp(log_p)
    d_logits[rows] -= 1
    d_logits *= mask[..., None] / count.astype(d_logits.dtype)
    gradients = {
        "W_hy": top.reshape(-1, top.shape[-1]).T @ d_logits.reshape(-1, d_logits.shape[-1]),
        "b_y": d_logits.sum(axis=(0, 1)),
    }
    d_top = d_logits @ weights["W_hy"].T
    d_s, d_h = d_top[..., :units], np.zeros_like(h)
    if attend:
        d_queries, d_keys, d_values = attend[1](d_top[..., units:], s, h, h, attention)
        d_s, d_h = d_s + d_queries, d_keys + d_values
    found, d_first = states_backward(weights, "decoder", inputs, h[:, -1], s, d_s)
    d_h[:, -1] += d_first
    return -(log_p[rows] * mask).sum() / count, gradients | found | states_backward(weights, "encoder", source, np.zeros_like(h[:, 0]), h, d_h, real)[0]


def fit(weights, source, real, inputs, targets, mask, attend=None, epochs=EPOCHS, batch=BATCH, seed=0, watch=None, sample=None, held_out=None):
    """Train a network: Adam with gradients clipped at 1, its rate falling to zero.

    Parameters
    ----------
    weights : dict of str to ndarray
        Changed in place.
    source, real, inputs, targets, mask, attend
        As in `loss_and_gradients`, all pairs together.
    epochs, batch, seed : int
    watch : helpers.plots.watch.Watch, optional
        Gets the loss and, after some of the epochs, what `sample()` returns.
    sample : callable, optional
    held_out : tuple, optional
        Pairs that are not trained on, in the order of the arrays above: `watch` gets their loss after each epoch.
    """
    moments = {name: (np.zeros_like(array), np.zeros_like(array)) for name, array in weights.items()}
    rng, batches = np.random.default_rng(seed), len(source) // batch
    step, losses = 0, []
    for epoch in range(1, epochs + 1):
        for chosen in np.array_split(rng.permutation(len(source)), batches):
            step += 1
            words, pieces = (array[chosen].any(axis=0).sum() for array in (real, mask))  # no step that is padding in all rows
            arrays = source[chosen, :words], real[chosen, :words], *(array[chosen, :pieces] for array in (inputs, targets, mask))
            loss, gradients = loss_and_gradients(weights, *arrays, attend=attend)
            scale = np.float32(1 / max(1, np.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))))
            rate = RATE * (1 - (step - 1) / (epochs * batches)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            for name, (m, v) in moments.items():
                g = scale * gradients[name]
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                weights[name] -= np.float32(rate) * m / (np.sqrt(v) + np.float32(1e-8))
            losses.append(loss)
            if watch and step % EVERY == 0:
                watch.add(step, training=float(np.mean(losses[-EVERY:])))
        if watch and held_out:
            watch.add(step, held_out=float(loss_and_gradients(weights, *held_out, attend=attend)[0]))
        if watch and sample and epoch in (1, 2, 5, 10, epochs):
            watch.sample(step, sample())


def learn(units, teacher_forcing, attend=None, epochs=EPOCHS, seed=0, watch=None):
    """Train a translator of numbers.

    Parameters
    ----------
    units : int
    teacher_forcing : callable
        The learner's.
    attend, epochs, seed, watch
        As in `fit`; the sample is what becomes of `SAMPLE`. The seed draws the first weights, the pairs, and their order.

    Returns
    -------
    dict of str to ndarray
    """
    weights = first_weights(units, bool(attend), seed)

    def sample():
        return " ".join(translate(weights, [SAMPLE], attend and attend[0])[0][0])

    def arrays(numbers, said):
        return *english_ids(numbers), *teacher_forcing(said, START, END, PADDING)

    held_out = arrays(*held_out_pairs()) if watch else None
    shown = {"watch": watch, "sample": sample, "held_out": held_out}
    fit(weights, *arrays(*training_pairs(seed)), attend=attend, epochs=epochs, seed=seed, **shown)
    return weights


def blind_loss(teacher_forcing):
    """The cost in nats of guessing each piece by its frequency alone: the entropy of the training targets."""
    _, said = training_pairs()
    _, targets, mask = teacher_forcing(said, START, END, PADDING)
    p = np.bincount(targets[mask]) / mask.sum()
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))


def write(weights, source, real, longest, attention=None):
    """Write the likeliest symbol at each step, each one read back in, until the end or `longest` symbols.

    Parameters
    ----------
    weights : dict of str to ndarray
    source : ndarray of int (batch, words)
    real : ndarray of bool (batch, words)
    longest : int
    attention : callable, optional
        The learner's; needed by a network that was trained with it.

    Returns
    -------
    tuple of (written, looked)
        written : list of list of int, without the end.
        looked : list of ndarray (symbols + 1, words)
            The attention weights of each symbol and of the end; without attention there is nothing in them.
    """
    h = encoded(weights, source, real)
    state, last, steps, looked = h[:, -1], np.full((len(source), 1), START), [], []
    for _ in range(longest):
        top = states(weights, "decoder", last, state)
        state, context = top[:, -1], None
        if attention:
            context, weight = attention(top, h, h, real)
            looked.append(weight[:, 0])
        last = output(weights, top, context).argmax(axis=-1)
        steps.append(last[:, 0])
    written = [ids[: ids.index(END)] if END in ids else ids for ids in np.array(steps).T.tolist()]
    kept = [np.array([weight[row, real[row]] for weight in looked[: len(ids) + 1]]) for row, ids in enumerate(written)]
    return written, kept


def translate(weights, numbers, attention=None):
    """Translate numbers: what `write` writes as German pieces, a list of list of str, and where it looked."""
    written, looked = write(weights, *english_ids(numbers), TARGET, attention)
    return [[GERMAN[i] for i in ids] for ids in written], looked


def by_length(weights, attention=None):
    """Exact match on the held-out numbers, by their words: any of the readings is right. A dict of int to float."""
    _, held_out = numbers_by_length()
    found = {}
    for length, numbers in held_out.items():
        answers, _ = translate(weights, numbers, attention)
        found[length] = exact_match(numbers, answers)
    return found


def exact_match(numbers, answers):
    """The fraction of the answers that are one of the number's readings."""
    return float(np.mean([answer in readings(n) for n, answer in zip(numbers, answers)]))


def by_position(weights, teacher_forcing, numbers, attention=None):
    """Accuracy at each place of the answer, when the truth is read in and when the network's own words are.

    Parameters
    ----------
    weights, teacher_forcing, attention
        As in `learn` and `translate`.
    numbers : list of int
        With one reading each.

    Returns
    -------
    dict of str to ndarray
        "teacher forcing" and "free running": for each place, the fraction of the answers that have there what the
        reference has; the end counts as a piece. Places that fewer than half of the references reach are left out.
    """
    targets, mask, (_, real), h, top = _truth_read_in(weights, teacher_forcing, numbers)
    forced = output(weights, top, attention(top, h, h, real)[0] if attention else None).argmax(axis=-1)
    answers, _ = translate(weights, numbers, attention)
    free = np.full_like(targets, PADDING)
    for row, answer in zip(free, answers):
        ids = [*german_ids(answer), END][: len(row)]
        row[: len(ids)] = ids
    reached = mask.mean(axis=0) >= 0.5
    found = {"teacher forcing": forced, "free running": free}
    return {name: (((ids == targets) & mask).sum(axis=0) / mask.sum(axis=0))[reached] for name, ids in found.items()}


def _truth_read_in(weights, teacher_forcing, numbers):
    """Targets and their mask, the source and its mask, all states of the encoder, and those of a decoder that reads the truth."""
    inputs, targets, mask = teacher_forcing([german_ids(number(n)[1]) for n in numbers], START, END, PADDING)
    source, real = english_ids(numbers)
    h = encoded(weights, source, real)
    return targets, mask, (source, real), h, states(weights, "decoder", inputs, h[:, -1])


def with_one_reading(numbers):
    """Those of the numbers that German can say in one way only."""
    return [n for n in numbers if len(readings(n)) == 1]


# Where the attention is.


def alignment(n, answer):
    """For each piece of a right answer, and for its end, the English positions that it translates; None if it is wrong."""
    if answer not in readings(n):
        return None
    places = number(n)[2]
    return [*places[len(places) - len(answer) :], []]


def kind_of(piece):
    """"hundert", "tausend", or "digits" for a piece that says which: *fünf*, *elf*, *zwanzig*; None for "und" and the end."""
    if piece in ("hundert", "tausend"):
        return piece
    return None if piece in ("und", "<end>") else "digits"


def agreements(agreement, numbers, answers, looked):
    """The mean agreement on the numbers that were translated correctly: of their attention, and of two that know nothing.

    Parameters
    ----------
    agreement : callable
        The learner's.
    numbers : list of int
    answers, looked
        As `translate` returns them.

    Returns
    -------
    dict of str to dict of str to float
        By kind of piece, "all", "digits", "hundert" and "tausend", and then by attention: "uniform" looks everywhere alike,
        "diagonal" at the place equally far along, "learned" where the network does.
    """
    found = {kind: {"uniform": [], "diagonal": [], "learned": []} for kind in ("all", "digits", "hundert", "tausend")}
    for n, answer, weights in zip(numbers, answers, looked):
        truth = alignment(n, answer)
        if truth is None:
            continue
        pieces, words = weights.shape
        diagonal = np.zeros_like(weights)
        diagonal[np.arange(pieces), np.linspace(0, words - 1, pieces).round().astype(int)] = 1
        rows = {"uniform": np.full_like(weights, 1 / words), "diagonal": diagonal, "learned": weights}
        for kind, values in found.items():
            asked = [places if kind in ("all", kind_of(piece)) else [] for piece, places in zip([*answer, "<end>"], truth)]
            if any(asked):
                for name in rows:
                    values[name].append(agreement(rows[name], asked))
    return {kind: {name: float(np.mean(each)) for name, each in values.items()} for kind, values in found.items() if values["learned"]}


#: What each German piece says, in English.
MEANING = dict(zip([*EINER, "eins", *ZEHNER, *ZIG, "hundert", "tausend"], [*ONES, "one", *TEENS, *TENS, "hundred", "thousand"]))


def _of_kind(targets, mask, kind):
    """Where the targets are pieces of a kind."""
    return np.array([kind_of(piece) == kind for piece in GERMAN])[targets] & mask


def in_another_number(weights, teacher_forcing, numbers, attention):
    """What becomes of each piece when the same query looks into another of the numbers, each in turn.

    Parameters
    ----------
    weights, teacher_forcing, numbers, attention
        As in `without_looking`.

    Returns
    -------
    dict of str to (ndarray of float, ndarray of bool)
        By kind of piece, for each piece and each other number: the weight on the words there that mean this piece, and
        whether it is said all the same. Left out are numbers that have a *hundred* (or *thousand*) where the right one has.
    """
    targets, mask, (source, real), h, top = _truth_read_in(weights, teacher_forcing, numbers)
    meant = np.array([ENGLISH.index(MEANING[piece]) if piece in MEANING else -1 for piece in GERMAN])[targets]
    found = {kind: ([], []) for kind in ("digits", "hundert", "tausend") if _of_kind(targets, mask, kind).any()}
    for shift in range(1, len(numbers)):
        other = np.roll(np.arange(len(numbers)), shift)
        context, looked = attention(top, h[other], h[other], real[other])
        right = output(weights, top, context).argmax(axis=-1) == targets
        there = (looked * (source[other][:, None] == meant[..., None])).sum(axis=-1)
        for kind, (weight, said) in found.items():
            here = source == (ENGLISH.index(MEANING[kind]) if kind in MEANING else -1)
            asked = _of_kind(targets, mask, kind) & ~(here & here[other]).any(axis=1)[:, None]
            weight.append(there[asked])
            said.append(right[asked])
    return {kind: tuple(map(np.concatenate, arrays)) for kind, arrays in found.items()}


def without_looking(weights, teacher_forcing, numbers, attention, elsewhere):
    """How well each kind of piece is said with the truth read in, by what the network looks at.

    The context goes to the output layer only, so that looking elsewhere at one piece changes nothing at the others.

    Parameters
    ----------
    weights, teacher_forcing, attention
        As in `learn` and `translate`.
    numbers : list of int
        With one reading each, and of one length in English, so that one can be read in place of another.
    elsewhere : dict
        As `in_another_number` returns it for them.

    Returns
    -------
    dict of str to (float, float, float, float)
        By kind of piece, "digits", "hundert", "tausend" if there are any: the fraction that is right with the network's
        own attention; with a context of zeros; with the mean of all states; and with its attention to another number.
    """
    targets, mask, (_, real), h, top = _truth_read_in(weights, teacher_forcing, numbers)

    def right(context):
        return output(weights, top, context).argmax(axis=-1) == targets

    own, _ = attention(top, h, h, real)
    looking, nothing = right(own), right(np.zeros_like(own))
    blurred = right(attention(np.zeros_like(top), h, h, real)[0])  # a query of zeros scores all words alike
    found = {}
    for kind, (_, said) in elsewhere.items():
        asked = _of_kind(targets, mask, kind)
        at_home = (float(values[asked].mean()) for values in (looking, nothing, blurred))
        found[kind] = *at_home, float(said.mean()) if said.size else np.nan
    return found


def by_what_is_found(elsewhere, little=0.2, much=0.8):
    """Whether a piece is said, by how much of the weight lies on words that mean it.

    Parameters
    ----------
    elsewhere : dict
        As `in_another_number` returns it.
    little, much : float
        With less weight than the one it has not found such a word, with at least the other it has.

    Returns
    -------
    dict of str to (float, float, float)
        By kind of piece: the fraction said where no such word is found, the fraction said where one is (nan if that never
        happens), and the fraction of all cases in which one is.
    """
    found = {}
    for kind, (weight, said) in elsewhere.items():
        shares = (float(said[some].mean()) if some.any() else np.nan for some in (weight < little, weight >= much))
        found[kind] = *shares, float((weight >= much).mean())
    return found


def kinds_of_mistakes(numbers, answers):
    """What the wrong answers are like.

    Returns
    -------
    dict of str to list of (int, list of str)
        "stops too soon": a right beginning, and nothing more; "too short otherwise"; "a wrong word": as long as it should
        be; "too long". Each with its numbers and answers.
    """
    kinds = {"stops too soon": [], "too short otherwise": [], "a wrong word": [], "too long": []}
    for n, answer in zip(numbers, answers):
        right = readings(n)
        if answer in right:
            continue
        if any(answer == reading[: len(answer)] for reading in right):
            kind = "stops too soon"
        elif any(len(answer) == len(reading) for reading in right):
            kind = "a wrong word"
        else:
            kind = "too short otherwise" if len(answer) < max(map(len, right)) else "too long"
        kinds[kind].append((n, answer))
    return kinds


def record():
    """Exact match and agreement over seeds; see data/results/translation-by-length.json."""
    return data.record("translation-by-length")


def through_one_vector():
    """Of the record: by network without attention, for each seed the fraction right at two words, three, and so on."""
    return {name: seeds for name, seeds in record()["exact match"].items() if name != LOOKING}


def looking_back():
    """Of the record, for the network with attention and each seed: "by length", "exact match at 7 words", "agreement",
    and "agreement by kind" of piece."""
    return {"by length": record()["exact match"][LOOKING], **record()["with attention"]}


# Keras, for comparison.


def apart_from_keras(attention):
    """The largest difference from Keras' two layers on random numbers, context and weights: a dict by the layer's name."""
    with session.quiet():
        import keras

    rng, found = np.random.default_rng(0), {}
    queries, keys, values = (rng.normal(size=(3, *shape)) for shape in ((4, 5), (6, 5), (6, 2)))
    v, mask = rng.normal(size=5), np.arange(6) < np.array([[6], [2], [4]])
    for name, scale in (("Attention", None), ("AdditiveAttention", v)):
        layer = getattr(keras.layers, name)()
        arrays = [queries, values, keys]  # in Keras' order
        layer.build([array.shape for array in arrays])
        if scale is not None:
            layer.set_weights([scale])
        theirs = layer(arrays, mask=[None, mask], return_attention_scores=True)
        yours = attention(queries, keys, values, mask, scale)
        found[name] = max(float(np.abs(np.asarray(a) - b).max()) for a, b in zip(theirs, yours))
    return found


# Letters, for the beam.


@functools.cache
def letters_table():
    """The bigram of the names of lesson 02 as a table of log-probabilities.

    Returns
    -------
    tuple of (log_probabilities, symbols)
        log_probabilities : ndarray (28, 28), from row to column; counted in the training part, nothing added.
        symbols : str: "^" (the start, 0), a to z, "$" (the end, 27).
    """
    symbols = "^abcdefghijklmnopqrstuvwxyz$"
    counts = np.zeros((len(symbols), len(symbols)))
    for name in data.split(data.load_names())[0]:
        ids = [symbols.index(letter) for letter in f"^{name}$"]
        np.add.at(counts, (ids[:-1], ids[1:]), 1)
    with np.errstate(divide="ignore"):
        return np.log(counts / np.maximum(1, counts.sum(axis=1, keepdims=True))), symbols


def likeliest_names(beam_search, widths, alphas, longest=15):
    """What the beam finds in the table of letters: (name, log-probability) by width and alpha, a dict."""
    table, symbols = letters_table()
    found = {}
    for alpha in alphas:
        for width in widths:
            ids, log_p = beam_search(table, 0, len(symbols) - 1, width, longest, alpha)
            found[width, alpha] = "".join(symbols[i] for i in ids[:-1]), log_p
    return found


# Bets.


def nearest(fraction, choices=("0.9", "0.5", "0.1")):
    """The choice nearest to a fraction."""
    return min(choices, key=lambda choice: abs(float(choice) - fraction))


def word_vectors(weights, n):
    """The English words of a number, and for each its row of the encoder's W_xh: (1, words, units)."""
    words = number(n)[0]
    return words, weights["encoder W_xh"][[ENGLISH.index(word) for word in words]][None]


def moved(before, after, order):
    """How contexts (words, units) have changed when the words were put in a new order, to float32's rounding.

    Returns
    -------
    str
        "the same", "shuffled" (as the words were) or "different".
    """
    if np.allclose(before, after, atol=1e-4):
        return "the same"
    return "shuffled" if np.allclose(before[order], after, atol=1e-4) else "different"


# Real words: from letters to sounds.


#: Symbols of the source and of the target; the longest pronunciation with its end.
LETTERS = [*SPECIAL, *"abcdefghijklmnopqrstuvwxyz"]
PHONEMES = [
    *SPECIAL,
    *"AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(),
]
SOUNDS = 16
#: A held-out word to look at.
SPELLED = "knights"


def letter_ids(words):
    """Ids of the letters (count, longest), and a mask: False at padding."""
    return data.pad([[LETTERS.index(letter) for letter in word] for word in words])


def learn_to_pronounce(units, training, teacher_forcing, attend, epochs, seed=0):
    """Train a network with attention on the words of a dict as `helpers.data.load_pronunciations` returns it; its weights."""
    pairs = [(word, [PHONEMES.index(sound) for sound in sounds]) for word, several in training.items() for sounds in several]
    weights = first_weights(units, True, seed, (len(LETTERS), len(PHONEMES)))
    words, said = zip(*pairs)
    arrays = *letter_ids(words), *teacher_forcing(list(said), START, END, PADDING)
    fit(weights, *arrays, attend=attend, epochs=epochs, batch=128, seed=seed)
    return weights


def pronounce(weights, words, attention):
    """What a network makes of words: phonemes, a list of list of str, and where it looked."""
    written, looked = write(weights, *letter_ids(words), SOUNDS, attention)
    return [[PHONEMES[i] for i in ids] for ids in written], looked


def speaker():
    """The weights of a network that was trained for minutes to pronounce; see data/README.md."""
    with np.load(data.DATA_FOLDER / "spelling-to-sound.npz", allow_pickle=False) as stored:
        return dict(stored)


def choices(weights, word, attention, least=0.01):
    """What a network may say for a word, as a table in which each prefix is a symbol of its own.

    The next sound depends on all the sounds before it. So a symbol of the table is a prefix, what comes after it is that
    prefix with one sound more, and a search over such a table is a search over what the decoder may write.

    Parameters
    ----------
    weights, attention
        As in `pronounce`.
    word : str
    least : float
        A prefix that is less likely than this is left out, unless it is one that greedy search writes.

    Returns
    -------
    tuple of (log_probabilities, sounds)
        log_probabilities : ndarray (symbols, symbols); 0 is the start, the last symbol the end.
        sounds : list of str, the last sound of each prefix; "<start>" and "<end>" where there is none.
    """
    source, real = letter_ids([word])
    h = encoded(weights, source, real)
    last, state, total = np.array([[START]]), h[:, -1], np.zeros(1)
    nodes, greedy, ids, links = [0], 0, [START], []
    for _ in range(SOUNDS):
        top = states(weights, "decoder", last, state)
        every, kept = (np.repeat(array, len(nodes), axis=0) for array in (h, real))
        context, _ = attention(top, every, every, kept)
        log_p = log_softmax(output(weights, top, context)[:, 0].astype(float))
        links += [(node, -1, row[END]) for node, row in zip(nodes, log_p)]
        wanted = total[:, None] + log_p >= np.log(least)
        if greedy is not None:
            wanted[greedy, log_p[greedy].argmax()] = True
        wanted[:, END] = False
        rows, symbols = np.nonzero(wanted)
        if not len(rows):
            break
        links += [(nodes[row], len(ids) + i, log_p[row, symbol]) for i, (row, symbol) in enumerate(zip(rows, symbols))]
        nodes = list(range(len(ids), len(ids) + len(rows)))
        if greedy is not None:
            on = np.flatnonzero((rows == greedy) & (symbols == log_p[greedy].argmax()))
            greedy = int(on[0]) if len(on) else None
        ids += symbols.tolist()
        last, state, total = symbols[:, None], top[rows, 0], total[rows] + log_p[rows, symbols]
    table = np.full((len(ids) + 1, len(ids) + 1), -np.inf)
    for before, after, log in links:
        table[before, after] = log
    return table, [*(PHONEMES[i] for i in ids), "<end>"]


def search_sounds(beam_search, weights, words, attention, widths, alpha=0.0):
    """What beams of these widths find for each word: by width a list of (sounds, log-probability)."""
    found = {width: [] for width in widths}
    for word in words:
        table, sounds = choices(weights, word, attention)
        for width in widths:
            ids, log_p = beam_search(table, 0, len(sounds) - 1, width, SOUNDS, alpha)
            found[width].append(([sounds[i] for i in ids[:-1]], log_p))
    return found


def searched_otherwise(words, one, other, count=3):
    """Words that one of two searches gets right and the other wrong: `count` that only the first does, `count` the second.

    Parameters
    ----------
    words : dict of str to list of list of str
        With their pronunciations.
    one, other : list of (sounds, log-probability)
        As `search_sounds` returns them, in the order of `words`.

    Returns
    -------
    list of (word, str, str)
        What each of the two wrote, with a star where it is right.
    """
    found = {True: [], False: []}
    for (word, right), (first, _), (second, _) in zip(words.items(), one, other):
        if (first in right) != (second in right):
            found[first in right].append((word, *(" ".join(sounds) + " *" * (sounds in right) for sounds in (first, second))))
    return [*found[True][:count], *found[False][:count]]


def spelling_record():
    """Phoneme and word error rate on all held-out words, by model; see data/results/spelling-to-sound.json."""
    return data.record("spelling-to-sound")["rates"]


def unseen(count=1000):
    """`count` of the held-out words, drawn at random, each with its pronunciations; a dict."""
    _, held_out = data.load_pronunciations()
    words = np.random.default_rng(0).permutation(sorted(held_out))[:count].tolist()
    return {word: held_out[word] for word in words}


def never_listed(words, said, count=10):
    """The first words that were pronounced as no dictionary says: (word, said, listed first), a list."""
    wrong = [(word, sounds, words[word][0]) for word, sounds in zip(words, said) if sounds not in words[word]]
    return wrong[:count]
