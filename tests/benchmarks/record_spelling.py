"""Train a network to pronounce English words, and measure it beside simpler models, for lesson 09.

    uv run python -m tests.benchmarks.record_spelling

writes data/spelling-to-sound.npz and data/results/spelling-to-sound.json; about five minutes on one quiet core.
"""

import argparse
import collections
import functools

import numpy as np

from helpers import data, session
from helpers.course import ROOT
from helpers.laboratory import lesson09 as lab
from tests import lessons
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "spelling-to-sound.json"
WEIGHTS = ROOT / "data" / "spelling-to-sound.npz"
COMMAND = "uv run python -m tests.benchmarks.record_spelling"
#: Phonemes that one letter may stand for, at most: x is K S.
MOST = 2


def align(word, sounds, cost):
    """The cheapest way to deal the sounds out to the letters, in order, 0 to `MOST` to each: a tuple of tuples."""
    best = {0: (0.0, ())}
    for i, letter in enumerate(word):
        left, after = len(word) - i - 1, {}
        for used, (total, chunks) in best.items():
            for n in range(min(MOST, len(sounds) - used) + 1):
                if len(sounds) - used - n > MOST * left:
                    continue
                chunk = tuple(sounds[used : used + n])
                found = total + cost(letter, chunk), (*chunks, chunk)
                if used + n not in after or found[0] < after[used + n][0]:
                    after[used + n] = found
        best = after
    return best.get(len(sounds), (0.0, None))[1]


def aligned(pairs, rounds=3):
    """Letters and chunks of sounds: by hard expectation maximisation, from an even share of the sounds."""
    counts = collections.defaultdict(collections.Counter)

    def cost(letter, chunk):
        if not counts:
            return 0.3 * (len(chunk) - 1) ** 2
        seen = counts[letter]
        return -np.log((seen[chunk] + 0.1) / (seen.total() + 100))

    for _ in range(rounds):
        found = [align(word, sounds, functools.cache(cost)) for word, sounds in pairs]
        counts = collections.defaultdict(collections.Counter)
        for (word, _), chunks in zip(pairs, found):
            for letter, chunk in zip(word, chunks or ()):
                counts[letter][chunk] += 1
    return found


def by_window(pairs, chunks, before, after):
    """A model that says for each letter what is commonest with these letters around it, or with fewer where they are new."""
    counts = collections.defaultdict(collections.Counter)
    for (word, _), found in zip(pairs, chunks):
        padded = "^" * before + word + "$" * after
        for i, chunk in enumerate(found or ()):
            for narrow in range(max(before, after) + 1):
                counts[_window(padded, i + before, before - narrow, after - narrow)][chunk] += 1
    commonest = {window: seen.most_common(1)[0][0] for window, seen in counts.items()}

    def say(word):
        padded, said = "^" * before + word + "$" * after, []
        for i in range(len(word)):
            windows = (_window(padded, i + before, before - narrow, after - narrow) for narrow in range(max(before, after) + 1))
            said += next(commonest[window] for window in windows if window in commonest)
        return said

    return say


def _window(padded, place, before, after):
    before, after = max(0, before), max(0, after)
    return padded[place - before : place + after + 1], before


def main():
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=14)
    options = parser.parse_args()
    session.start()
    solved = lessons.functions("09")
    training, held_out = data.load_pronunciations()
    words, references = list(held_out), list(held_out.values())
    rates = {}

    def judge(name, answers):
        rates[name] = [round(rate, 4) for rate in solved["error_rates"](references, answers)]
        print(f"{name:<30} {rates[name]}", flush=True)

    attend = solved["attention"], solved["attention_backward"]
    weights = lab.learn_to_pronounce(options.units, training, solved["teacher_forcing"], attend, options.epochs)
    np.savez_compressed(WEIGHTS, **weights)
    judge("attention", lab.pronounce(weights, words, attend[0])[0])
    pairs = [(word, sounds) for word, several in training.items() for sounds in several]
    chunks = aligned(pairs)
    for name, around in {"each letter by itself": 0, "with 1 letter on each side": 1, "with 3 letters on each side": 3}.items():
        say = by_window(pairs, chunks, around, around)
        judge(name, [say(word) for word in words])
    record = {
        "what": f"phoneme and word error rate on {len(words):,} held-out words, any listed pronunciation being right, by model; attention:"
        f" {options.units} units, {lab.parameters(weights):,} parameters, {options.epochs} epochs, in data/spelling-to-sound.npz",
        **made_by(COMMAND),
        "seeds": [0],
        "rates": rates,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
