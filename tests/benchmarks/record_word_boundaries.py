"""Measure, over seeds, how well word beginnings are found in fables without their spaces, for lesson 08.

    uv run python -m tests.benchmarks.record_word_boundaries

writes data/results/word-boundaries.json; about three minutes on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson08 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "word-boundaries.json"
COMMAND = "uv run python -m tests.benchmarks.record_word_boundaries"
DELAYS = range(9)
WINDOWS = range(1, 7)
LONGER = 2000


def recurrent(seed, delay=0, directions=1, updates=lab.UPDATES):
    """F1 on the held-out fables of one recurrent network."""
    units = lab.UNITS if directions == 1 else lab.UNITS_IN_BOTH
    weights = lab.learn((units,), directions, delay, seed, updates)
    held_out = lab.batches()[1]
    return round(lab.boundary_f1(lab.says(weights, held_out, delay), held_out), 4)


def window(seed, around, **options):
    """F1 of a window of `around` letters on either side."""
    held_out = lab.batches()[1]
    logits, _ = lab.window_logits(lab.learn_window(around, around, seed, **options), held_out[0])
    return round(lab.boundary_f1(logits > 0, held_out), 4)


def main():
    """Measure each network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    session.start()
    f1 = {"delay": {}, "window": {}}
    for delay in DELAYS:
        f1["delay"][str(delay)] = [recurrent(seed, delay) for seed in seeds]
        print(f"delay {delay}  {f1['delay'][str(delay)]}", flush=True)
    f1["both"] = [recurrent(seed, directions=2) for seed in seeds]
    print(f"both     {f1['both']}", flush=True)
    for around in WINDOWS:
        f1["window"][str(around)] = [window(seed, around) for seed in seeds]
        print(f"window {around} {f1['window'][str(around)]}", flush=True)
    alike = lab.window_units(2)
    same_units = {str(around): [window(seed, around, units=alike) for seed in seeds] for around in WINDOWS}
    print(f"windows of {alike} units {same_units}", flush=True)
    longer = {
        "window": {str(around): [window(seed, around, updates=LONGER) for seed in seeds] for around in (2, 3)},
        "delay": {str(delay): [recurrent(seed, delay, updates=LONGER) for seed in seeds] for delay in (0, 3)},
        "both": [recurrent(seed, directions=2, updates=LONGER) for seed in seeds],
    }
    print(f"longer   {longer}", flush=True)
    record = {
        "what": f"F1 of word beginnings in held-out fables without spaces after {lab.UPDATES} updates of {lab.BATCH} pieces, about"
        f" {lab.WEIGHTS} weights each, a number for each seed: one direction with its answer delayed, both directions, windows with so"
        f" many letters on either side; windows that all have the units of the one with 2 letters; and after {LONGER} updates",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "f1": f1,
        "windows_of_the_same_units": same_units,
        "longer": longer,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
