"""Measure, over seeds, simple layers, GRUs and LSTMs of equal sizes on names, for lesson 06.

    uv run python -m tests.benchmarks.record_gates_on_names

writes data/results/gates-on-names.json; about a minute on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson06 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "gates-on-names.json"
COMMAND = "uv run python -m tests.benchmarks.record_gates_on_names"
NETWORKS = [
    ("GRU", 64, 0.02), ("LSTM", 64, 0.02), ("LSTM", 54, 0.02), ("SimpleRNN", 64, 0.02), ("SimpleRNN", 120, 0.02),
    ("GRU", 64, 0.01), ("LSTM", 64, 0.01),
]
KINDS = {"SimpleRNN": "simple", "GRU": "gru", "LSTM": "lstm"}


def main():
    """Measure each network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=2)
    seeds = range(parser.parse_args().seeds)
    session.start()
    bits = {}
    for kind, units, rate in NETWORKS:
        name = f"{kind}, {units} units" + ("" if rate == 0.02 else f", rate {rate}")
        bits[name] = [round(lab.learn_names_in_numpy(KINDS[kind], units, seed, rate), 4) for seed in seeds]
        print(f"{name:<26} {bits[name]}", flush=True)
    record = {
        "what": "bits per character on held-out names after 400 updates of 64 names, learning rate 0.02 falling to zero"
        " unless named, a number for each seed",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "bits": bits,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
