"""The statements of lesson 09, attention and translation."""

import math

import numpy as np

from helpers import data
from helpers.claims import above, below, between, equal, seen, show
from helpers.laboratory import lesson09 as lab


def number(english, german, alignment):
    """Section 1: the number that is shown, and how many there are."""
    lone = [piece for piece, sources in zip(german, alignment) if not sources]
    show(
        equal("every piece but und comes from one word", ["und"], sorted(set(lone))),
        equal("each English word is used once", list(range(len(english))), sorted(i for sources in alignment for i in sources)),
        equal("100 and 1,000 have two readings, 97 one", [2, 2, 1], [len(lab.readings(n)) for n in (100, 1000, 97)]),
        between("one number in ten has two", 0.09, 0.11, np.mean([len(lab.readings(n)) == 2 for n in range(0, lab.LARGEST, 97)])),
        equal("and they begin with ein hundert or ein tausend", [], [n for n in range(0, lab.LARGEST, 97) if _odd_readings(n)]),
    )


def _odd_readings(n):
    """Whether a number has two readings that do not differ by "ein" before a first hundert or tausend."""
    first, *others = lab.readings(n)
    return bool(others) and (first[0] != "ein" or first[1] not in ("hundert", "tausend") or others != [first[1:]])


def bottleneck(plain, exact, recorded, formed, gap):
    """Section 2: exact match through one vector.

    Parameters
    ----------
    plain : dict of str to ndarray
        The weights.
    exact : dict of str to dict of int to float
        By network, one, and length.
    recorded : dict of str to list of list of float
        By network and seed, from two words to nine.
    formed : float
        The fraction of the first network's answers to seven words that are a German number.
    gap : float
        How far its held-out loss ends above that of training, in nats.
    """
    found, at = next(iter(exact.values())), lab.TRAINED - 2
    means = {name: np.mean(seeds, axis=0) for name, seeds in recorded.items()}
    gru, small, wide, longer = (means[name] for name in ("GRU, 64 units", "32 units", "128 units", "64 units, four times as long"))
    rises = [np.diff(values[2 : at + 1]).max() for values in means.values()]
    recurrent = {cells: cells * units**2 for cells, units in ((3, 64), (1, 128))}  # a GRU has three matrices W_hh
    training, held_out = lab.numbers_by_length()
    trained_on = {n for numbers in training.values() for n in numbers}
    show(
        above("its held-out cost ends above that of training", 0.05, gap),
        equal("no held-out number is trained on", 0, sum(n in trained_on for numbers in held_out.values() for n in numbers)),
        equal("nor any number of more than seven words", [], [length for length in training if length > lab.TRAINED]),
        above("of two and three words most are right", 0.5, [found[2], found[3]]),
        below("of seven, fewer than three in ten", 0.3, found[7]),
        below("recorded, at seven words: with 64 units one number in ten, with 32 fewer", 0.15, [means["64 units"][at], small[at]]),
        between("with twice the units, or four times the training, about four in ten", 0.33, 0.45, [wide[at], longer[at]]),
        between("a GRU gets nine in ten of them right", 0.88, 0.95, gru[at]),
        below("from four words to seven, no mean rises by more than 0.005 from one length to the next", 0.005, rises),
        below("it has fewer recurrent weights than the tanh network of 128 units", recurrent[1], recurrent[3]),
        above("the smallest network falls from the start", 0.1, -np.diff(small[:3])),
        above("the GRU keeps more than 0.95 up to six words", 0.95, gru[:5]),
        above("nearly every answer to seven words is well formed", 0.9, formed),
        equal("25,672 is held out", True, lab.SAMPLE in held_out[lab.TRAINED]),
        equal("28 numbers of one word, 3,616 different ones in all", [28, 3616], [len(training[1]), len(set(lab.training_pairs()[0]))]),
        between("some 6,000 pairs", 5990, 6000, len(lab.training_pairs()[0])),
        equal("of two words, 19 are held out", 19, len(held_out[2])),
        equal("the state has 64 numbers of 32 bits", [64, 4], [len(plain["encoder b_h"]), plain["encoder b_h"].itemsize]),
    )


def exposure(places, numbers):
    """Section 2: accuracy by place on these numbers."""
    forced, alone = places["teacher forcing"], places["free running"]
    kinds = [[lab.kind_of(piece) for piece in lab.number(n)[1]] for n in numbers]
    digits = [np.mean([kind[place] == "digits" for kind in kinds if place < len(kind)]) for place in range(8)]
    show(
        above("of the first eight places, every other one nearly always holds a digit", 0.9, digits[::2]),
        below("and the ones between hardly ever do", 0.1, digits[1::2]),
        above("the ones between are nearly all right, when fed the truth", 0.9, forced[1:8:2]),
        below("the digits are less often right, all but the first", 0.85, forced[2:8:2]),
        above("of the first digit most are right", 0.85, forced[0]),
        above("when fed the truth, the third place is the worst digit by more than 0.05", 0.05, forced[4:9:2].min() - forced[2]),
        above("and the later ones are better than it by more than 0.1 on average", 0.1, forced[4:9:2].mean() - forced[2]),
        between("at the third place, some four in five of the numbers have the word that was read first", 0.75, 0.85, np.mean(
            [lab.number(n)[2][2] == [0] for n in numbers]
        )),
        equal("at the first place the two are the same", 0.0, round(abs(float(forced[0] - alone[0])), 6)),
        above("further on they are more than 0.15 apart", 0.15, float((forced - alone).max())),
    )


def forward(apart):
    """Section 3: equal to Keras."""
    show(below("contexts and weights agree with Keras to 1e-5, for both kinds of score", 1e-5, list(apart.values())))


def attending(weights, plain, exact, looked):
    """Section 3: the translator with attention beside the one without."""
    before, after = exact.values()
    at, through = lab.TRAINED - 2, lab.through_one_vector()
    gru = np.mean(through["GRU, 64 units"], axis=0)
    words, said, _ = lab.number(lab.SAMPLE)
    piece = looked[said.index("tausend")]
    show(
        below("together, less than half of the parameters", 0.5, lab.parameters(weights) / lab.parameters(plain)),
        above("from two words to seven, more than 85 in a hundred right", 0.85, [after[length] for length in range(2, lab.TRAINED + 1)]),
        above("at seven words, half of all numbers or more are gained", 0.5, after[7] - before[7]),
        below("recorded, through one vector: 32 units get next to none of seven words", 0.02, [seed[at] for seed in through["32 units"]]),
        above("a GRU of 64 units keeps up to six words: less than 0.03 behind", -0.03, [value - after[2 + i] for i, value in enumerate(gru[:at])]),
        between("and gets nine in ten of seven words", 0.88, 0.95, gru[at]),
        below("at eight words the two differ by less than 0.1", 0.1, abs(after[8] - gru[6])),
        below("at nine the GRU is ahead", gru[7], after[9]),
        equal("every row of weights sums to 1", [1.0], sorted({round(float(total), 4) for total in looked.sum(axis=1)})),
        equal("tausend looks most at six", "six", words[int(piece.argmax())]),
        below("and hardly at all at thousand", 0.1, piece[words.index("thousand")]),
    )


def agreements(found, recorded):
    """Section 4: the agreement with the alignment by kind of piece, of this network and over seeds."""
    learned = {kind: values["learned"] for kind, values in found.items()}
    digits, hundert, tausend = (np.array(recorded["agreement by kind"][kind]) for kind in ("digits", "hundert", "tausend"))
    rules = [found["digits"]["uniform"], found["digits"]["diagonal"]]
    whole = (tausend > 0.8) & (hundert > 0.8)
    said = [lab.number(n)[:2] for n in lab.numbers_by_length()[1][lab.TRAINED]]
    along = [abs(english.index("thousand") / (len(english) - 1) - german.index("tausend") / len(german)) for english, german in said]
    show(
        between("the mean over all pieces is 0.81", 0.78, 0.84, learned["all"]),
        above("on digits and hundert, more than nine tenths", 0.9, [learned["digits"], learned["hundert"]]),
        above("on digits, more than twice as much as either rule", 2 * max(rules), learned["digits"]),
        below("on tausend, less than uniform", found["tausend"]["uniform"], learned["tausend"]),
        above("on tausend the diagonal is nearly always right", 0.8, found["tausend"]["diagonal"]),
        below("as far along, on average to 0.05 of the whole, as tausend with the end counted", 0.05, np.mean(along)),
        above("recorded: each seed gets more than 97 % right", 0.97, recorded["exact match at 7 words"]),
        below("on digits, the seeds differ by a few hundredths", 0.04, digits.max() - digits.min()),
        equal("on tausend two look away, the others do not", [2, 3], [int((tausend < 0.1).sum()), int((tausend > 0.8).sum())]),
        equal("on hundert one does, another than those two", [1, 4, 0], [
            int((hundert < 0.1).sum()), int((hundert > 0.8).sum()), int(((hundert < 0.1) & (tausend < 0.1)).sum()),
        ]),
        equal("seeds 1 and 2 look where they should", [1, 2], np.flatnonzero(whole).tolist()),
    )


def without_looking(found, elsewhere):
    """Section 4: what becomes of each kind of piece when the attention is taken away.

    Parameters
    ----------
    found : dict of str to (float, float, float, float)
        As `without_looking` of the laboratory returns it.
    elsewhere : dict of str to (ndarray, ndarray)
        As `in_another_number` returns it.
    """
    split = lab.by_what_is_found(elsewhere)
    needed = [split[kind] for kind in ("digits", "hundert")]
    weights, _ = elsewhere["hundert"]
    show(
        above("looking, more than 95 in a hundred of each kind are right", 0.95, [looking for looking, *_ in found.values()]),
        below("with a context of zeros, one digit in eleven", 1 / 8, found["digits"][1]),
        below("and no hundert", 0.02, found["hundert"][1]),
        above("but nearly every tausend", 0.97, found["tausend"][1]),
        between("blurred, about one digit in four", 0.15, 0.4, found["digits"][2]),
        below("in another number, one in nine", 1 / 7, found["digits"][3]),
        between("one query in ten finds there the digit that it should find at home", 0.07, 0.14, split["digits"][2]),
        above("in every way more than nine in ten", 0.9, found["tausend"]),
        below("blurred, hardly any hundert is said", 0.1, found["hundert"][2]),
        between("in another number some four in ten are", 0.25, 0.6, found["hundert"][3]),
        above("digits and hundert: said where at least 0.8 of the weight is on a word for it", 0.97, [said for _, said, _ in needed]),
        below("and not where less than 0.2 is", 0.03, [said for said, *_ in needed]),
        above("nearly every hundert is the one case or the other", 0.95, np.mean((weights < 0.2) | (weights >= 0.8))),
    )


def too_long(numbers, answers, kinds, exact, recorded):
    """Section 5: numbers of nine words; `recorded` as `looking_back` of the laboratory returns it."""
    training, held_out = lab.numbers_by_length()
    most = max(len(lab.number(n)[1]) for found in training.values() for n in found)
    short = len(kinds["stops too soon"]) + len(kinds["too short otherwise"])
    wrong = [answer for found in kinds.values() for _, answer in found]
    whole = {n: lab.number(n)[1] for n, _ in kinds["too short otherwise"]}
    skipped = [answer == whole[n][:8] + whole[n][10:] for n, answer in kinds["too short otherwise"]]
    eight, last = ([seeds[at] for seeds in recorded["by length"]] for at in (-2, -1))
    away = np.flatnonzero(np.array(recorded["agreement by kind"]["tausend"]) < 0.1).tolist()
    looking = list(exact.values())[1]
    show(
        equal("325,000 has five words, 672 four, and 325,672 nine", [5, 4, 9], [len(lab.number(n)[0]) for n in (325_000, 672, 325_672)]),
        equal("no answer in the training has more than nine pieces", 9, most),
        equal("a number of nine words needs up to eleven", 11, max(len(lab.number(n)[1]) for n in numbers)),
        equal("one of eight words nine", [9], sorted({len(lab.number(n)[1]) for n in held_out[8]})),
        below("and of these it gets fewer than half", 0.5, looking[8]),
        above("it does worse at nine words than at seven", looking[9], looking[7]),
        above("nearly all of the wrong answers are too short", 0.9, short / len(wrong)),
        between("some three in four of them have nine pieces", 0.65, 0.85, np.mean([len(answer) == 9 for answer in wrong])),
        between("nearly half of them merely stop too soon", 0.35, 0.6, len(kinds["stops too soon"]) / len(wrong)),
        above("more than two in five of the other short ones lack pieces nine and ten, and nothing else", 0.4, np.mean(skipped)),
        above("recorded: at seven words, every seed gets more than nine in ten right", 0.9, recorded["exact match at 7 words"]),
        above("at nine, the best and the worst are 0.9 apart", 0.85, max(last) - min(last)),
        equal("the best is seed 1", 1, int(np.argmax(last))),
        between("seeds 2 and 4 get half of them right", 0.4, 0.6, [last[2], last[4]]),
        equal("the two that look away on tausend are the two worst, at eight words and at nine", [away, away], [
            sorted(np.argsort(values)[:2].tolist()) for values in (eight, last)
        ]),
        seen("the longest answer it gave, in pieces", max(map(len, answers))),
    )


def rates(found):
    """Section 6: the rates of the four answers."""
    show(
        equal("half of the answers are wrong", 0.5, found[1]),
        equal("the symbol error rate is 5 of 14, or 0.36", [round(5 / 14, 6), 0.36], [round(found[0], 6), round(found[0], 2)]),
    )


def spelling(spoken, recorded, weights):
    """Section 6: phoneme and word error rates, `recorded` by model; `weights` of the word that is looked at."""
    attention, *others = recorded.values()
    silent = [i for i, letter in enumerate(lab.SPELLED) if letter in "kgh"]
    training, held_out = data.load_pronunciations()
    show(
        between("of the 1,000 words, 49 in a hundred are wrong", 0.475, 0.5, spoken[1]),
        equal("of all, 46", 0.46, round(attention[1], 2)),
        above("attention gets more words right than each counting model", attention[1], [words for _, words in others]),
        below("with three letters on each side, counting gets more sounds right than attention", attention[0], others[-1][0]),
        equal("knights has seven letters and four sounds", [7, 4], [len(lab.SPELLED), len(held_out[lab.SPELLED][0])]),
        equal("the sounds look at n, i, t and s", list("nits"), [lab.SPELLED[i] for i in weights[:-1].argmax(axis=1)]),
        below("while a sound is written, k, g and h get about 0.1 at most", 0.11, weights[:-1, silent].max()),
        equal("all held-out words are 5,274", 5_274, len(held_out)),
        equal("no held-out word is trained on", 0, len(training.keys() & held_out.keys())),
        above("over 100,000 words", 100_000, len(training) + len(held_out)),
    )


def beam(names, heard, searched, greedy):
    """Section 7: the likeliest names, and the likeliest sounds.

    Parameters
    ----------
    names : dict
        As `likeliest_names` of the laboratory returns them.
    heard : dict of int to list of (list of str, float)
        As `search_sounds` returns them.
    searched : dict of int to (float, float, float)
        By width the mean log-probability, symbol and sequence error rate.
    greedy : list of list of str
        What the network said by itself.
    """
    complete, known = names[100, 0.0], data.load_names()
    every = lab.searched_otherwise(lab.unseen(len(greedy)), heard[5], heard[1], len(greedy))
    turned = {right: sum(wider.endswith("*") == right for _, wider, _ in every) for right in (True, False)}
    table, letters = lab.letters_table()
    p, end = np.exp(table), len(letters) - 1
    starts, ends = p[0, 1:end], p[1:end, end]
    scores = [log_p / (len(name) + 1) for (_, alpha), (name, log_p) in names.items() if alpha == 1.0]
    show(
        equal("without a correction it is a, at every width", ["a"], sorted({name for (_, alpha), (name, _) in names.items() if alpha == 0})),
        between("a name has six letters on average", 5.5, 6.5, np.mean([len(name) for name in known])),
        equal("with the mean per symbol the widest beam finds jan", "jan", names[100, 1.0][0]),
        equal("which is a real name, and a is not", [True, False], ["jan" in known, "a" in known]),
        equal("and a wider beam is never worse", sorted(scores), scores),
        above("with alpha 1.5 the wider beams fill most of the 15 symbols", 12, [len(name) for (width, alpha), (name, _) in names.items() if alpha == 1.5 and width > 1]),
        equal("a has 0.028", 0.028, round(float(np.exp(complete[1])), 3)),
        equal("at most 35 beginnings of one length can have more", 35, int(np.exp(-complete[1]))),
        between("names of one letter have 12 % together, so the longer ones nearly nine tenths", 0.115, 0.125, starts @ ends),
        equal("a begins more names than any other letter", "a", letters[1 + int(starts.argmax())]),
        equal("one in seven; and one a in five is the last letter of its name", [0.14, 0.2], [round(float(starts[0]), 2), round(float(ends[0]), 2)]),
        equal("a beam of width 1 says what the network said by itself", 0, sum(a != sounds for a, (sounds, _) in zip(greedy, heard[1]))),
        above("width 5 never finds a less likely sequence than width 1", -1e-9, [b[1] - a[1] for a, b in zip(heard[1], heard[5])]),
        between("for some 9 words in 100 it finds another one", 0.07, 0.11, np.mean([a[0] != b[0] for a, b in zip(heard[1], heard[5])])),
        between("some 25 words turn right", 18, 32, turned[True]),
        between("some 12 turn wrong", 7, 17, turned[False]),
        between("so the word error rate falls, by about 0.01", 0.005, 0.02, searched[1][2] - searched[5][2]),
        below("from width 5 to 20 next to nothing changes", 0.005, np.abs(np.subtract(searched[20], searched[5]))),
        above("no best sequence is as unlikely as 0.02, twice what a prefix needs to be kept", 0.02, np.exp([log_p for _, log_p in heard[20]])),
        between("so uneven or more, by luck alone, once in some 20 tries", 0.02, 0.2, _by_luck(turned[True], turned[False])),
        above("width 5 gets no fewer sounds wrong than width 2", -1e-9, searched[5][1] - searched[2][1]),
    )


def _by_luck(one, other):
    """How likely fair coins fall at least as unevenly as this, on either side."""
    tosses = one + other
    return min(1.0, 2 * sum(math.comb(tosses, k) for k in range(max(one, other), tosses + 1)) / 2**tosses)


def self_attention(words, rows, weights, context, again, order):
    """Section 8: the same function, called with the sequence itself."""
    pairs = [[j for j, other in enumerate(words) if other == word] for word in ("seven", "hundred")]
    scores = rows @ rows.T
    gap = min(scores[i, i] - scores[i, j] for i, one in enumerate(words) for j, other in enumerate(words) if one != other)
    show(
        above("a word's score with itself is more than 10 above any different word's", 10, gap),
        below("equal words share: their two weights are the same", 1e-6, [abs(weights[i, i] - weights[i, j]) for i, j in pairs]),
        below("and their rows are equal", 1e-6, [np.abs(weights[i] - weights[j]).max() for i, j in pairs]),
        equal("each word looks most at itself, or at one that is the same", words, [words[j] for j in weights.argmax(axis=1)]),
        below("shuffled words have shuffled contexts", 1e-4, np.abs(context[order] - again).max()),
    )
