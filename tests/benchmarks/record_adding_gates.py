"""Measure, over seeds, which gated networks learn to add over 80 steps, for lesson 06.

    uv run python -m tests.benchmarks.record_adding_gates

writes data/results/adding-at-80.json; about two minutes on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson06 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "adding-at-80.json"
COMMAND = "uv run python -m tests.benchmarks.record_adding_gates"
NETWORKS = {
    "tanh, rate 0.003": ("simple", None, 0.003),
    "tanh": ("simple", None, 0.02),
    "LSTM, bias 3, rate 0.002": ("lstm", 3.0, 0.002),
    "LSTM, bias 0": ("lstm", 0.0, 0.02),
    "LSTM, bias 1": ("lstm", 1.0, 0.02),
    "LSTM, bias 3": ("lstm", 3.0, 0.02),
    "GRU": ("gru", None, 0.02),
}


def measure(kind, forget, rate, seed):
    """One network after training: the first update below a quarter of 1/6, or None, and the error on new sequences."""
    W, losses = lab.learn_adding(kind, seed, forget, rate)
    return [lab.update_below(losses), round(lab.adding_error(kind, W)[0], 5)]


def main():
    """Measure each network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=6)
    seeds = range(parser.parse_args().seeds)
    session.start()
    networks = {}
    for name, settings in NETWORKS.items():
        networks[name] = [measure(*settings, seed) for seed in seeds]
        print(f"{name:<26} {networks[name]}", flush=True)
    record = {
        "what": "networks of 16 units after 500 updates on the adding problem of 80 steps, learning rate 0.02 unless named,"
        " by first forget bias, a pair for each seed: the first update at which the mean loss of the last 25 is below 1/24"
        " (null: not within the budget), and the squared error on 1,000 new sequences",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "networks": networks,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
