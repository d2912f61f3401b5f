"""Measure, over seeds, what is read at the end of a name, for lesson 08.

    uv run python -m tests.benchmarks.record_name_ends

writes data/results/name-ends.json; about a minute on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson08 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "name-ends.json"
COMMAND = "uv run python -m tests.benchmarks.record_name_ends"


def measure(end, seed):
    """Accuracy on the held-out names of one network."""
    some, fraction = lab.names()[0]
    model = lab.name_model(end, seed=seed)
    lab.train(model, lab.name_ids(some, lab.side(end)), fraction.astype("float32"), lab.NAME_UPDATES, batch=128, seed=seed)
    return round(lab.name_accuracy(model, end), 4)


def main():
    """Measure each network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(1, 1 + parser.parse_args().seeds)
    session.start()
    session.reproducible(seed=1)
    accuracy = {}
    for end in lab.ENDS:
        accuracy[end] = [measure(end, seed) for seed in seeds]
        print(f"{end:<28} {accuracy[end]}", flush=True)
    record = {
        "what": f"accuracy on held-out names, each counted once, after {lab.NAME_UPDATES} updates of 128 names, by what is read at the"
        " end, a number for each seed",
        **made_by(COMMAND, "tensorflow", "keras"),
        "seeds": list(seeds),
        "accuracy": accuracy,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
