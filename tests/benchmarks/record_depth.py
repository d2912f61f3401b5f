"""Measure, over seeds, what more layers buy at equal weights and at equal time, for lesson 08.

    uv run python -m tests.benchmarks.record_depth

writes data/results/depth-on-word-boundaries.json; about ten minutes on one quiet core.
"""

import argparse
import time

import numpy as np

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson08 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "depth-on-word-boundaries.json"
COMMAND = "uv run python -m tests.benchmarks.record_depth"
UPDATES = 1000
NETWORKS = {
    "one layer": ((64,), {}),
    "two layers": ((40, 40), {}),
    "three layers": ((31, 31, 31), {}),
    "three, residual": ((31, 31, 31), {"residual": True}),
    "three, residual, norm": ((31, 31, 31), {"residual": True, "norm": True}),
    "one, norm": ((64,), {"norm": True}),
    "one, dropout": ((64,), {"dropout": 0.2}),
    "one, recurrent dropout": ((64,), {"recurrent": 0.2}),
}
#: What may be behind the loss with recurrent dropout: fewer units at a time, or too few updates; and what longer training gives without.
CAUSES = {
    "51 units": ((51,), {}, UPDATES),
    "one layer, longer": ((64,), {}, 3 * UPDATES),
    "one, recurrent dropout, longer": ((64,), {"recurrent": 0.2}, 3 * UPDATES),
}
#: To compare times: updates in a round, and rounds, in which the networks take turns; the fastest counts.
TIMED, ROUNDS = 40, 7


def times():
    """The processor time of an update of each network, as a multiple of that of the single layer."""
    fastest = dict.fromkeys(NETWORKS, np.inf)
    for _ in range(ROUNDS):
        for name, (units, options) in NETWORKS.items():
            start = time.process_time()
            lab.learn(units, delay=lab.DELAY, updates=TIMED, **options)
            fastest[name] = min(fastest[name], time.process_time() - start)
    return {name: round(seconds / fastest["one layer"], 2) for name, seconds in fastest.items()}


def measure(units, options, updates, seed):
    """F1 on the held-out fables, and on as many training pieces, of one network."""
    weights = lab.learn(units, delay=lab.DELAY, seed=seed, updates=updates, **options)
    residual = options.get("residual", False)
    train, held_out = lab.batches()
    train = tuple(part[: len(held_out[0])] for part in train)
    return [round(lab.boundary_f1(lab.says(weights, part, lab.DELAY, residual), part), 4) for part in (held_out, train)]


def main():
    """Measure each network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    session.start()
    held_out, training, weights = {}, {}, {}
    for name, (units, options) in NETWORKS.items():
        found = [measure(units, options, UPDATES, seed) for seed in seeds]
        held_out[name], training[name] = [a for a, _ in found], [b for _, b in found]
        parts = lab.first_weights(units, 1, np.random.default_rng(0), norm=options.get("norm", False))
        weights[name] = sum(value.size for part in parts for value in part.values())
        print(f"{name:<24} {weights[name]} weights, held out {held_out[name]}, training {training[name]}", flush=True)
    causes = {}
    for name, (units, options, updates) in CAUSES.items():
        found = [measure(units, options, updates, seed) for seed in seeds]
        causes[name] = {"held_out": [a for a, _ in found], "training": [b for _, b in found]}
        print(f"{name:<32} {causes[name]}", flush=True)
    time_of_an_update, in_equal_time = times(), {}
    for name, (units, options) in NETWORKS.items():
        updates = round(UPDATES / time_of_an_update[name])
        found = [measure(units, options, updates, seed)[0] for seed in seeds]
        in_equal_time[name] = {"updates": updates, "held_out": found}
        print(f"{name:<24} {time_of_an_update[name]} times as long an update: {in_equal_time[name]}", flush=True)
    record = {
        "what": f"F1 of word beginnings in fables without spaces, one direction, the answer {lab.DELAY} letters late, after {UPDATES}"
        f" updates of {lab.BATCH} pieces, a number for each seed; dropout rates 0.2; what is called longer, after {3 * UPDATES};"
        " in equal time: after as many updates as take the processor time of the single layer's",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "weights": weights,
        "held_out": held_out,
        "training": training,
        "causes": causes,
        "time_of_an_update": time_of_an_update,
        "in_equal_time": in_equal_time,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
