"""The statements of lesson 06, LSTM and GRU."""

import numpy as np

from helpers.claims import above, below, between, equal, show
from helpers.laboratory.lesson06 import BIASES, NO_MEMORY, SOLVED, factor_per_step, information, sigmoid, with_the_seventh


def conflict(h, push):
    """Section 1: the tanh unit with weight 2 after 80 steps; `push` is the derivative of its state by the first."""
    show(
        between("started at +1, the tanh unit is near 0.958 after 80 steps", 0.957, 0.959, h),
        below("a push on its first state arrives times 10⁻⁶⁰ or less", 1e-60, push),
    )


def biases(forget_bias):
    """Section 1: what a forget bias leaves; `forget_bias` is the learner's."""
    show(
        between("bias 0 leaves about 10⁻²⁴ after 80 steps", 5e-25, 2e-24, sigmoid(0) ** 80),
        between("bias 1 leaves 4 % after 10 steps", 0.04, 0.05, sigmoid(1) ** 10),
        between("bias 4 leaves a little under a quarter after 80 steps", 0.2, 0.25, sigmoid(4) ** 80),
        between("for half after 80 steps, the bias is about log(80 / log 2)", -0.02, 0.02, forget_bias(0.5, 80) - np.log(80 / np.log(2))),
        below("from 80 steps to 600 it rises by little more than 2", 2.1, forget_bias(0.5, 600) - forget_bias(0.5, 80)),
    )


def step(h, c, c_forgets, apart):
    """Section 2: the worked step with forget bias 3 and, for the cell, -3; yours against that of Keras by a relative error."""
    show(
        between("the worked step ends with a cell of about 2.04", 2.03, 2.05, c),
        between("and a state of about 0.71", 0.70, 0.72, h),
        below("with a forget bias of -3 less than 0.3 is left in the cell of its 2", 0.3, c_forgets),
        below("your LSTM and that of Keras differ by less than 1e-5 over 12 steps", 1e-5, apart),
    )


def latch(weights, x, cells):
    """Section 2: the cell wired by hand; numbers with marks (steps, 1, 2) and cells (steps,), for "one" mark and for "two"."""
    written = {name: np.tanh(marked[marked[:, 0, 1] == 1, 0, 0]) for name, marked in x.items()}
    second = x["two"][x["two"][:, 0, 1] == 1, 0][1]
    kept = float(sigmoid(second @ weights["W_x"][:, 1] + weights["b"][1]))  # what the wiring says; the state plays a small part
    two = "their sum" if kept > 0.99 else f"the second and {kept:.0%} of the first: your forget gate shuts at a mark"
    show(
        equal("it has 16 numbers for weights", 16, int(sum(np.size(array) for array in weights.values()))),
        below("with one mark, the cell ends within 0.05 of the number's tanh", 0.05, abs(cells["one"][-1] - written["one"].sum())),
        below(f"with two marks, it ends within 0.1 of {two}", 0.1, abs(cells["two"][-1] - kept * written["two"][0] - written["two"][1])),
    )


def gradient(apart, by_bias, longer):
    """Section 3: the gradients against the complex step, and against the lag."""
    factors = {name: factor_per_step(norms) for name, norms in by_bias.items()}
    tanh, *lstm = factors.values()
    four = np.log10(by_bias["LSTM, forget bias 4"])
    excess = np.array(lstm) - sigmoid(np.array(BIASES))
    show(
        below("your gradients and the complex step's differ by less than 1e-12", 1e-12, max(apart.values())),
        above("a larger forget bias, a larger factor per step", 0, np.diff(lstm)),
        below("with bias 0 the factor per step is smaller than the tanh network's, by more than 0.05", -0.05, lstm[0] - tanh),
        above("with bias 1, 3 and 4 larger, by more than 0.05", 0.05, np.array(lstm[1:]) - tanh),
        between("each LSTM's factor is above the forget gate alone", 0.02, 0.15, excess),
        above("with bias 3 and 4, over a hundredth of the gradient is there at lag 80", 0.01, [by_bias[f"LSTM, forget bias {b}"][80] for b in (3, 4)]),
        below("with bias 3 and 4, the first step back leaves less than half", 0.5, [by_bias[f"LSTM, forget bias {b}"][1] for b in (3, 4)]),
        above("with bias 3 and 4 the factor per step is above 1", 1, lstm[2:]),
        between("with bias 1 it is 0.82", 0.815, 0.825, lstm[1]),
        below("and 30 to 40 steps back less than a thousandth is left (section 6 comes back to it)", 1e-3, by_bias["LSTM, forget bias 1"][30:41]),
        below("with bias 3 it grows a little from lag 20 to lag 80, less than fourfold", 4, lstm[2] ** 60),
        below("with bias 4 the gradient falls over the first lags", -0.1, four[:20].min()),
        between("and grows about eightfold from lag 20 to lag 80", 7, 10, 10 ** (four[80] - four[20])),
        above("its factor per step, 600 times, would be over 10⁸", 1e8, lstm[3] ** 600),
        between("but in sequences of 600 steps the gradient changes less than fourfold from lag 80 to lag 520", 1 / 4, 4, [norms[520] / norms[80] for norms in longer.values()]),
        below("with bias 3 it shrinks", 1, longer[3][520] / longer[3][80]),
        above("with bias 4 it grows", 1, longer[4][520] / longer[4][80]),
        above("and with both it grows over the last 80, at least twofold", 2, [norms[600] / norms[520] for norms in longer.values()]),
    )


def gru(apart, wrong_place):
    """Section 4: your GRUs against those of Keras, by place of the reset gate; `wrong_place` with one place's weights in the other."""
    show(
        below("both of your GRUs and those of Keras differ by less than 1e-5", 1e-5, list(apart.values())),
        between("the same weights with the reset gate in the other place are off by 19 % after one step", 0.185, 0.195, wrong_place),
    )


def adding(errors, norms, gates, recorded):
    """Section 5: who learns to add over 80 steps.

    Parameters
    ----------
    errors : dict of str to float
        Squared error on new sequences, by network: "LSTM", "LSTM, bias 1" and "GRU".
    norms : dict of str to ndarray
        The GRU's gradient over the lag, relative to lag 0, "before training" and "after".
    gates : dict of str to float
        The GRU's most open update gate, by the same names.
    recorded : dict of str to list
        As `helpers.laboratory.lesson06.adding_record` gives it.
    """
    there = {name: [u for u, _ in runs if u is not None] for name, runs in recorded.items()}
    show(
        below("your LSTM ends below a quarter of 1/6", SOLVED, errors["LSTM"]),
        above("the LSTM with bias 1 ends above half of it", NO_MEMORY / 2, errors["LSTM, bias 1"]),
        below("the GRU ends below a tenth of it", NO_MEMORY / 10, errors["GRU"]),
        below("the GRU's most open update gate is below 0.7 before training", 0.7, gates["before training"]),
        above("and above 0.95 after it", 0.95, gates["after"]),
        below("before training, less than 1e-12 of the GRU's gradient arrives at the start", 1e-12, norms["before training"][-1]),
        above("after it, over a hundredth", 0.01, norms["after"][-1]),
        equal("recorded: six seeds each", [6] * 7, [len(runs) for runs in recorded.values()]),
        equal(
            "recorded: on all six the GRU gets there, on five the LSTM with bias 3", [6, 5],
            [len(there["GRU"]), len(there["LSTM, bias 3"])],
        ),
        above(
            "recorded: every GRU before every LSTM", 0,
            min(u for name, updates in there.items() for u in updates if name != "GRU") - max(there["GRU"]),
        ),
        equal(
            "recorded: with bias 1 on two of six, with bias 0 on one", [2, 1],
            [len(there["LSTM, bias 1"]), len(there["LSTM, bias 0"])],
        ),
        equal(
            "recorded: at a tenth of the rate, and without gates at either rate, on none", [0, 0, 0],
            [len(there[name]) for name in ("LSTM, bias 3, rate 0.002", "tanh, rate 0.003", "tanh")],
        ),
    )


def memory(read):
    """Section 6: what a linear read-out gets from the last state, by network."""
    tanh, zero, one, four = read.values()
    show(
        above("8 steps back, the tanh network's bit is read right over 97 times in 100", 0.97, tanh[8]),
        below("that of each LSTM under 85", 0.85, [zero[8], one[8], four[8]]),
        below("from 40 steps back on, tanh and bias 0 guess", 0.54, [tanh[40:].mean(), zero[40:].mean()]),
        above("with bias 4, bits 30 to 60 steps back are read a little better than by guessing", 0.54, four[30:60].mean()),
        above("with bias 1, so are those 30 to 40 steps back", 0.54, one[30:41].mean()),
        above("with bias 4, the very first bit is read right over 65 times in 100", 0.65, four[79]),
        above("and its curve rises over the first five bits", 0.05, four[79] - four[75]),
        below("by the others, under 60", 0.6, [tanh[79], zero[79], one[79]]),
        below("with bias 4, not even the last bit is certain", 0.97, four[0]),
        above("bits in all: tanh", 10, information(tanh)),
        below("bits in all: each LSTM", 8, [information(accuracy) for accuracy in (zero, one, four)]),
    )


def adding_gates(found):
    """Section 7: the unit that writes at the marks; `found` as `helpers.laboratory.lesson06.adding_gates` gives it."""
    moved, creep = found["moved"], found["creep"]
    slope, offset = found["line"]
    show(
        above("the unit writes over 5 times as much at a mark as elsewhere", 5, found["at_mark"] / found["elsewhere"]),
        above("what it writes there follows the number: |correlation|", 0.98, found["follows"]),
        below("the constant has the other sign and is as large: offset over slope", -0.9, offset / slope),
        below("a marked 1 writes less than a fifth of what a marked 0 writes", 0.2, abs((slope + offset) / offset)),
        above("its forget gate, median", 0.9, np.median(found["kept"])),
        above("unmarked steps move the cell in one direction, over 99 in 100", 0.99, max(np.mean(moved > 0), np.mean(moved < 0))),
        above("78 of them in sum, over what one mark writes", 1, abs(creep.mean()) / found["at_mark"]),
        below("and nearly the same in every sequence: deviation over mean", 0.25, creep.std() / abs(creep.mean())),
    )


def fables(bits, bigram, table):
    """Section 7: gates over text; `table` as `helpers.laboratory.lesson06.name_gates` gives it."""
    found = with_the_seventh(table)
    *six, seventh = found["closest"]
    show(
        above("the LSTM is ahead of the bigram by over half a bit", 0.5, bigram - bits),
        equal("there are 192 gates", 192, found["gates"]),
        below("with six names, the median |correlation| with the closest stays below 0.45", 0.45, found["six"]),
        above("the seventh raises it by over 0.03", 0.03, found["seven"] - found["six"]),
        above("gates whose closest name is capital, against the most for any of the six", max(six), seventh),
        below("with seven names, the median |correlation| stays below 0.5", 0.5, found["seven"]),
        below("no gate reaches 0.9", 0.9, found["largest"]),
    )


def names(live, recorded, counted):
    """Section 8: bits per character on names.

    Parameters
    ----------
    live : dict of str to float
        "GRU" and "LSTM", with as many parameters as nearly as possible.
    recorded : dict of str to list of float
        As `helpers.laboratory.lesson06.names_record` gives it.
    counted : dict of int to float
        Bigram and 4-gram.
    """
    gru, lstm, same_size = (np.array(recorded[name]) for name in ("GRU, 64 units", "LSTM, 64 units", "LSTM, 54 units"))
    few, many = (np.array(recorded[f"SimpleRNN, {units} units"]) for units in (64, 120))
    slower = [np.mean(recorded[f"{kind}, 64 units, rate 0.01"]) - np.mean(fast) for kind, fast in (("GRU", gru), ("LSTM", lstm))]
    lead = max(lstm.mean(), same_size.mean()) - gru.mean()
    show(
        below("GRU and LSTM of one size end within a tenth of a bit", 0.1, abs(live["GRU"] - live["LSTM"])),
        above("recorded: at equal parameters, the GRU is ahead by over 0.02 bits on every seed", 0.02, same_size - gru),
        above("recorded: the GRU is ahead of both LSTMs on every seed", 0, np.concatenate([lstm - gru, same_size - gru])),
        below("recorded: by less than a tenth of a bit", 0.1, np.concatenate([lstm - gru, same_size - gru])),
        above("recorded: SimpleRNN is behind, with 64 units and with 120", 0, [few.min() - gru.max(), many.min() - gru.max()]),
        above("recorded: half the learning rate costs GRU and LSTM more than that lead", lead, slower),
        between("the 4-gram is level with the GRU, within 0.03 bits", -0.03, 0.03, counted[4] - gru.mean()),
        above("all are ahead of the bigram", max(max(values) for values in recorded.values()), counted[2]),
    )
