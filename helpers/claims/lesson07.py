"""The statements of lesson 07, text generation with an LSTM."""

import re

import numpy as np

from helpers import data
from helpers.claims import above, below, between, equal, show
from helpers.laboratory import lesson07 as lab


def leak(leaky, honest, orders, by_split, smoothed, split_windows, covered):
    """Section 1: fractions of new 20-grams, and bits by order for both splits, and for the windows with four times the add.

    `split_windows` are those to learn from and those held out, `covered` the fraction of these whose characters training has.
    """
    windows, whole = (dict(zip(orders, bits)) for bits in by_split.values())
    show(
        above("of the held-out windows, training has every character of over 95%", 0.95, covered),
        below("of the 20-grams of held-out windows, less than a tenth is new", 0.1, leaky),
        above("of those of held-out fables, over 95%", 0.95, honest),
        equal("the best, judged by the windows", 8, min(windows, key=windows.get)),
        equal("its bits", 1.52, round(windows[8], 2)),
        equal("with four times the add, n = 6", 6, orders[int(np.argmin(smoothed))]),
        below("and n = 6 is not the worst on whole fables", max(whole.values()), whole[6]),
        between("at n = 2 the windows cost a hair more than whole fables", 0, 0.05, windows[2] - whole[2]),
        below("but less, if their first characters do not count", whole[2], lab.ngram_bits(*split_windows, 2, skip=1)),
        below("from n = 4 on they cost less anyway", 0, [windows[n] - whole[n] for n in orders[1:]]),
        equal("on whole fables it is the worst", 8, max(whole, key=whole.get)),
        equal("and costs", 3.67, round(whole[8], 2)),
    )


def number(in_two, whole, forgetful, blind, carried, from_zero, prepared, train, held_out):
    """Section 2: what the number does not depend on, and what it does."""
    bits, lost = list(prepared.values()), np.abs(forgetful - whole[:, 5:]).max()
    show(
        below("in two parts, the state carried, the logits are the same", 1e-5, np.abs(in_two - whole)),
        between("without the state off by about two thirds of the largest", 0.6, 0.73, lost / np.abs(whole).max()),
        below("the untrained network costs what guessing costs", 0.05, abs(blind - np.log2(58))),
        below("with the state carried, windows of 8 to 512 give the same number", 1e-4, max(carried) - min(carried)),
        below("from zeros, the longer the window, the lower", 0, np.diff(from_zero)),
        equal("held-out characters", 15_290, sum(map(len, held_out))),
        below("each way to touch the text lowers the number", 0, np.diff(bits)),
        equal("the 2-gram", 3.24, round(lab.ngram_bits(train, held_out, 2), 2)),
        equal("the 4-gram", 2.12, round(bits[0], 2)),
    )


def feeding(table, both, counting, pair, to_stop, gain, run, reached):
    """Section 3: the verdict on both networks, read in three ways, and the weights from the file.

    `gain` is by place, `run` the curves of random windows, `reached` the last held-out cost of streams, read as those are.
    """
    bits = list(both.values())
    read_on, as_trained, short = table["by_windows", "verdict half"].values()
    _, streams_as_trained, streams_short = table["by_streams", "verdict half"].values()
    show(
        equal("the logits after loading, to the last bit", 0.0, float(np.abs(pair[0] - pair[1]).max())),
        between("random windows, held out, at the end: some 2.3 bits", 2.25, 2.35, run["validation"][-1]),
        below("the curve of streams ends within 0.05 bits of the lowest of random windows", 0.05, abs(reached - run["validation"].min())),
        between("both cost about a bit less than the 2-gram", 0.9, 1.15, counting[2] - np.array(bits)),
        below("trained from zeros, it costs less when the state is carried", as_trained, read_on),
        between("the way of reading alone: some 0.03 bits", 0.02, 0.045, as_trained - read_on),
        above("nearly all of this from the first 12 places of a window", 0.8, gain[:12].sum() / gain.sum()),
        below("in the second half the state is worth less than 0.005 bits, to either side", 0.005, abs(gain[32:].mean())),
        equal("the 4-gram on the first half and on the other", [2.17, 2.07], [round(to_stop["4-gram"], 2), round(counting[4], 2)]),
        above("neither is as cheap as the 4-gram", counting[4], bits),
        between("with the state carried, streams are cheaper, by some 0.03 bits", 0.02, 0.045, bits[0] - bits[1]),
        below("from zeros every 64, the two are within 0.03 bits", 0.03, abs(streams_as_trained - as_trained)),
        between("from zeros every 8, random windows are cheaper, by about 0.2 bits", 0.14, 0.26, streams_short - short),
        equal("the 2-gram on the other half", 3.24, round(counting[2], 2)),
    )


def longer(judged, single, by_place, by_size, small, counted, table):
    """Section 4: bits by model, of single fables, by place in a window, and by the size of windows read from zeros.

    `small` are the costs by place of the two networks of section 3, windows and then streams, `counted` those of
    n-grams that are given the same characters;
    `table` has the bits by network and way of reading.
    """
    names = list(judged)
    counting, short, long = judged["4-gram"], judged[names[-2]], judged[names[-1]]
    reset, carried = (costs.mean(axis=0) for costs in by_place)
    behind = [reset[place - 1] - bits for place, bits in counted.items()]
    rows = [list(table[name, "all held out"].values()) for name in ("large network", "by_streams", "by_windows")]
    (wide, narrow), (streams_wide, streams_narrow), (small_wide, small_narrow) = ([row[1] - row[0], row[2] - row[0]] for row in rows)
    by_windows, by_streams = (costs.mean(axis=0) for costs in small.values())
    show(
        equal("the best of the n-grams", "4-gram", min(names[:4], key=judged.get)),
        above("300 updates cost more", counting, short),
        below("the long training costs over 0.15 bits less", counting - 0.15, long),
        between("than 300 updates on streams, some 0.4 bits less", 0.33, 0.5, short - long),
        between("single fables lie between", 1.5, 2.1, single),
        above("and over 0.3 bits apart", 0.3, max(single) - min(single)),
        below("any size of window gives the same number", 1e-4, abs(by_size[0] - by_size[1])),
        above("the state is worth over two bits at the first character of a window", 2, reset[0] - carried[0]),
        between("the 2-gram, given the same character, costs 0.9 bits less", 0.8, 0.95, behind[0]),
        between("3-gram and 4-gram, given the same, cost some 0.8 bits less", 0.7, 0.9, behind[1:]),
        below("by_windows is cheaper than this one at the first three places", 0, (by_windows - reset)[:3]),
        above("by_streams pays over half a bit more than by_windows at the first", 0.5, by_streams[0] - by_windows[0]),
        above("and more at the second and third", 0, (by_streams - by_windows)[1:3]),
        below("around the 12th character the two curves are within a tenth of a bit, on average", 0.1, (reset - carried)[9:15].mean()),
        between("in the second half the state is worth less than 0.01 bits", 0, 0.01, (reset - carried)[32:].mean()),
        between("windows of 64, read from zeros, cost about 0.12 bits more", 0.11, 0.13, wide),
        between("windows of 8 about 0.8 bits", 0.75, 0.85, narrow),
        between("by_windows pays some 0.03 in windows of 64", 0.02, 0.045, small_wide),
        between("and some 0.3 in windows of 8", 0.25, 0.35, small_narrow),
        between("by_streams some 0.06", 0.05, 0.08, streams_wide),
        between("and some 0.5", 0.45, 0.6, streams_narrow),
    )


def knobs(logits, with_temperature, truncate, outside):
    """Section 5: what the sliders show for the choice after the prompt, and what is `outside` its ten most probable symbols."""
    largest = [round(float(with_temperature(logits, heat).max()), 2) for heat in (0.4, 0.5)]
    kept = [int(np.sum(truncate(with_temperature(logits, heat), None, 0.9) > 0)) for heat in (0.5, 1.0, 2.0)]
    show(
        between("all symbols but the ten most probable have over a tenth", 0.1, 0.2, outside),
        equal("the most probable symbol at temperatures 0.4 and 0.5", [0.52, 0.44], largest),
        equal("symbols in the nucleus of 0.9 at temperatures 0.5, 1 and 2", [4, 11, 18], kept),
    )


def temperatures(behind, drawn_apart, bits, again, new, cool, choice, fables, loops):
    """Section 5: what texts cost, repeat and add, by how they were written; `behind` are logits behind the largest.

    `drawn_apart` is the error of the state after a drawn text, `cool` are the costs of three texts at temperature 0.25, `choice`
    the mean bits of choice along the text at temperature 1, `fables` what the held-out ones cost and their mean bits of choice, and
    `loops` what greedy texts repeat, one after each symbol.
    """
    real, warm, even, hot = (bits[name] for name in ("real fables", "temperature 0.7", "temperature 1", "temperature 1.3"))
    drawn = [f"temperature {heat}" for heat in ("0.5", "0.7", "1", "1.3")]
    show(
        below("Keras would have made each of the 200 greedy choices", 1e-3, behind),
        below("after a drawn text, the state is that of Keras", 1e-4, drawn_apart),
        below("of the four to bet on, greedy is the cheapest", min(warm, even, real) - 0.15, bits["greedy"]),
        below("and over half a bit cheaper than real fables", real - 0.5, bits["greedy"]),
        between("and yet costs nearly a bit a character", 0.9, 1, bits["greedy"]),
        below("0.25 is about as cheap as greedy", 0.1, abs(bits["temperature 0.25"] - bits["greedy"])),
        below("of its three texts, one is cheaper", bits["greedy"], min(cool)),
        above("and one is not", bits["greedy"], max(cool)),
        below("0.7 is cheaper than real fables", real, warm),
        above("1.3 is more expensive", real, hot),
        between("1 is a little cheaper than they are", 0, 0.3, real - even),
        above("held-out fables cost more than their bits of choice", 0.1, fables[0] - fables[1]),
        below("its own text costs its mean bits of choice, up to chance", 0.1, abs(even - choice)),
        above("greedy repeats over half of its 20-grams", 0.5, again["greedy"]),
        equal("symbols to begin after", 58, len(loops)),
        above("after each of them greedy repeats over half of its 20-grams", 0.5, loops),
        below("from 0.5 on, less than a tenth is repeated", 0.1, [again[name] for name in drawn]),
        above("the hotter, the newer, from 0.5 on", 0, np.diff([new[drawn[i]] for i in (0, 2, 3)])),
    )


def words(invented, wrong, tail_share, silly, people, worst, fable, training_text):
    """Section 5: the fraction of new words by way of choosing, and in held-out fables; misspellings left along held-out fables.

    `silly` are the probabilities of a misspelling along `fable`, `tail_share` the fraction of these on symbols below 0.05, `worst`
    what these have together at one place; `people` says where the fables themselves have one.
    """
    free = invented["temperature 1"]
    cut = [invented[name] for name in ("temperature 0.7", "top-k 5", "nucleus 0.9")]
    show(
        equal("training has the word captain twice, in small letters", [2, 0], [training_text.count(word) for word in ("captain", "Captain")]),
        above("in the middle of Captain a misspelling is almost certain", 0.9, silly[fable.index("Captain") + 4]),
        between("misspellings along the fables have a mean probability of over 0.04", 0.04, 0.05, silly.mean()),
        below("at most places less than 0.01", 0.01, np.median(silly)),
        between("where the tail does most harm, its misspellings have a fifth of the probability or more", 0.2, 1, worst),
        above("in 100 characters one comes almost certainly", 0.9, lab.at_least_once(silly)),
        between("the fables have one in about every second stretch of 100", 0.4, 0.6, lab.at_least_once(people)),
        between("the network does it some seven times as often", 6, 8, silly.mean() / people.mean()),
        above("drawing from everything: several times as many new words as in held-out fables", 3 * invented["held out"], free),
        above("of those beyond the line, each knob takes away over half", 0.5, [(free - value) / (free - invented["held out"]) for value in cut]),
        above("but still more than held-out fables", invented["held out"], cut),
        below("along a held-out fable each knob takes away some of the misspellings", wrong["temperature 1"], list(wrong.values())[1:]),
        above("but less than half", wrong["temperature 1"] / 2, list(wrong.values())[1:]),
        between("less than half of them is on the tail", 0.35, 0.5, tail_share),
    )


def copies(longest, natural, among, marked):
    """Section 6: the longest copies by temperature, of held-out fables, and each fable's among all.

    `marked` says what is in long copies.
    """
    lengths, people = [len(passage) for passage in natural], np.mean(np.concatenate(marked["held out"]) > 0)
    show(
        equal("passages of 60 characters that occur twice in the book", 0, lab.repeated("".join(data.load_fables()), 60)),
        equal("held-out fables share from and to", [19, 28], [min(lengths), max(lengths)]),
        equal("fables, each against all others", 119, len(among)),
        equal("the longest passage among these", 38, max(among)),
        equal("fables that have it", 2, among.count(38)),
        below("the network at temperatures 0.5 and 1", 38, [len(passage) for passage in longest.values()]),
        equal("of held-out fables, the fraction in copies of more than 20 characters", 0.03, round(people, 2)),
        between("of the network's text at temperature 0.5", 0.06, 0.08, np.mean(marked["temperature 0.5"] > 0)),
        below("at temperature 1", 0.02, np.mean(marked["temperature 1"] > 0)),
    )


def parrot(curves, cost, recited, natural, counting, both, by_heart, three):
    """Section 6: the network that learned `three` fables; costs and copies at two moments of its training."""
    early, end = (len(recited[name]) for name in ("stopped early", "to the end"))
    falls, turns = curves["training"], curves["validation"]
    shared = max(map(len, natural))
    show(
        above("the held-out cost ends over half a bit above its lowest point", 0.5, turns[-1] - turns.min()),
        above("and over 2 bits above training", 2, turns[-1] - falls[-1]),
        above("most of the parrot's text is in copies of more than 20 characters", 0.7, np.mean(by_heart["to the end"] > 0)),
        above("and its longest copy has over 60 characters", 60, end),
        below("none of the three is recited whole: the longest copy is shorter than the shortest of them", min(map(len, three)), end),
        above("its copies are many, joined to one another", 20, by_heart["to the end"].max()),
        below("what other fables share with these three has half of that at most", 30, shared),
        below("that of the stopped one is not longer", shared + 1, early),
        above("trained to the end, it costs over half a bit more than the 2-gram", counting[2] + 0.5, cost["to the end"]),
        above("both cost over 0.3 bits more than the networks of section 3", max(both.values()) + 0.3, list(cost.values())),
    )


def taste(order, liked):
    """Section 7: the model's order of the four texts, by how they were written."""
    show(equal("temperature 1 comes last", "temperature 1", order[max(liked, key=liked.get)]))


def verse(run, about, performed):
    """Section 8: what the record of the shipped network says, and what the learner's loop has `performed` with it."""
    first, best = run.rows[0], run.best
    (chosen, chosen_counts), (other, other_counts) = lab.by_half(run, about).values()
    whole = round((chosen_counts + other_counts) / 2, 3)
    written = {row["updates"]: row["sample"] for row in run.rows}
    speakers = {updates: len(re.findall(r"^[A-Z][A-Z ]+:$", text, re.MULTILINE)) for updates, text in written.items()}
    fables = "".join(data.load_fables())
    spaces, both_ways = written[20].count(" ") / len(written[20]), np.array([about[name] for name in ("tenth", "tenth_windows")])
    show(
        equal("at temperature 0.5 the loop begins with the lines at the top", 0, performed["Shakespeare, temperature 0.5"].find(lab.opening_lines())),
        above("it began near a blind guess", np.log(65) - 0.1, first["held_out"]),
        between("after 20 updates two characters in three are spaces", 0.63, 0.7, spaces),
        equal("speakers in the texts of 100, 450 and 1,800 updates", [1, 3, 3], [speakers[n] for n in (100, 450, 1800)]),
        below("after 450 updates fewer than half of the words are in no fable", 0.5, lab.invented(written[450], fables)),
        equal("on the whole last tenth, the state carried and in windows from zeros", [1.43, 1.46], both_ways.round(2).tolist()),
        equal("the same in bits", [2.06, 2.10], (both_ways / np.log(2)).round(2).tolist()),
        equal("in bits, on the half that chose and on the other", [1.95, 2.18], [round(nats / np.log(2), 2) for nats in (chosen, other)]),
        below("either way less than nanoGPT", lab.PUBLISHED["nanoGPT (a Transformer)"], [about["tenth"], about["tenth_windows"]]),
        between("in windows by about a hundredth of a nat", 0.01, 0.015, lab.PUBLISHED["nanoGPT (a Transformer)"] - about["tenth_windows"]),
        equal("on the half that chose, ours and the 4-gram", [1.351, 1.716], [round(chosen, 3), round(chosen_counts, 3)]),
        equal("on the other half", [1.510, 1.838], [round(other, 3), round(other_counts, 3)]),
        equal("the other half costs more: the 4-gram, and ours", [0.122, 0.159], [round(other_counts - chosen_counts, 3), round(other - chosen, 3)]),
        equal("ours leads by", [0.365, 0.328], [round(chosen_counts - chosen, 3), round(other_counts - other, 3)]),
        equal("the 4-gram's two halves make the whole of the figure", lab.PUBLISHED["4-gram counts"], whole),
        below("the last three readings lie within 0.002 nats", 0.002, np.ptp([row["held_out"] for row in run.rows[-3:]])),
        equal("and the best is one of them", True, best in run.rows[-3:]),
        equal("millions of weights", 1.2, round(about["weights"] / 1e6, 1)),
        # A layer of a Transformer has 12 square matrices' worth of weights: 4 for attention, 8 around it.
        above("nanoGPT's 6 layers of 384 channels alone have over ten million", 1e7, 12 * 6 * 384**2),
    )
