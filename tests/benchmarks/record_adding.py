"""Measure, over seeds, how far simple recurrent networks learn to add, for lesson 04.

    uv run python -m tests.benchmarks.record_adding

writes data/results/adding-by-length.json; about five minutes on one quiet core.
"""

import argparse
import datetime
import json
import platform

import numpy as np

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson04 as lab
from tests import lessons

RECORD = ROOT / "data" / "results" / "adding-by-length.json"
COMMAND = "uv run python -m tests.benchmarks.record_adding"
#: First weights and activation of each kind of network, and the lengths at which it is trained.
NETWORKS = {"normal": ("tanh", lab.LENGTHS), "identity": ("relu", lab.LENGTHS), "orthogonal": ("tanh", (40,))}


def measure(start, length, seed):
    """Error of one network after training, with the worked solutions of lesson 04.

    Parameters
    ----------
    start : str
        A key of `NETWORKS`.
    length, seed : int

    Returns
    -------
    error : float
        Squared error on new sequences.
    arrives : float or None
        The power of ten of the gradient at lag 20, of tanh networks that were trained at 40 steps.
    """
    solved = lessons.functions("04")
    make = {"normal": lab.normal, "identity": lab.identity, "orthogonal": solved["orthogonal"]}[start]
    activation = NETWORKS[start][0]
    error, weights = lab.train(lab.adding_problem, length, make, activation, solved["clip_by_global_norm"], seed)
    asked = activation == "tanh" and length == 40
    return error, lab.power_at_lag(solved["gradient_norms"], weights) if asked else None


def main():
    """Measure every network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    session.start()
    errors, arrives = {}, {}
    for start, (activation, lengths) in NETWORKS.items():
        name = f"{start}, {activation}"
        for length in lengths:
            measured = [measure(start, length, seed) for seed in seeds]
            errors.setdefault(name, {})[str(length)] = [round(error, 5) for error, _ in measured]
            if measured[0][1] is not None:
                arrives[name] = [round(power, 3) for _, power in measured]
            print(f"{name:<18} {length:>3}  {errors[name][str(length)]}", flush=True)
    record = {
        "what": "the adding problem after 1,000 updates: squared error on 1,000 new sequences, by network and length, a"
        " number for each seed; and for tanh networks trained at 40 steps log10 of the gradient's norm at lag 20, relative"
        " to lag 0",
        "command": COMMAND,
        "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "seeds": list(seeds),
        "errors": errors,
        "arrives": arrives,
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
