"""Measure, over seeds, whether simple recurrent networks learn to add over 40 steps, for lesson 04.

    uv run python -m tests.benchmarks.record_adding

writes data/results/adding-at-40.json; about a minute on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson04 as lab
from tests import lessons
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "adding-at-40.json"
COMMAND = "uv run python -m tests.benchmarks.record_adding"
STARTS = ("normal", "orthogonal")


def measure(solved, start, seed):
    """One tanh network after training.

    Parameters
    ----------
    solved : dict of str to callable
        The worked solutions of lesson 04.
    start : str
        Its first weights: one of `STARTS`.
    seed : int

    Returns
    -------
    error : float
        Squared error on new sequences.
    arrives : float
        What `power_at_lag` gives: the power of ten of the gradient at lag 20.
    """
    make = {"normal": lab.normal, "orthogonal": solved["orthogonal"]}[start]
    error, weights, _ = lab.train(lab.adding_problem, 40, make, "tanh", solved["clip_by_global_norm"], seed)
    return round(error, 5), round(lab.power_at_lag(solved["gradient_norms"], weights), 3)


def main():
    """Measure both kinds with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=6)
    seeds = range(parser.parse_args().seeds)
    session.start()
    solved, networks = lessons.functions("04"), {}
    for start in STARTS:
        networks[start] = [measure(solved, start, seed) for seed in seeds]
        print(f"{start:<12} {networks[start]}", flush=True)
    record = {
        "what": "tanh networks after 1,000 updates on the adding problem of 40 steps, by first weights, a pair for each seed:"
        " squared error on 1,000 new sequences, and log10 of the gradient's norm at lag 20, relative to lag 0",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "networks": networks,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
