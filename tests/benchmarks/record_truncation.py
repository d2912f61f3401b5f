"""Measure, over seeds, how little truncation costs on names, for lesson 03.

    uv run python -m tests.benchmarks.record_truncation

writes data/results/truncation-on-names.json; a few minutes on one idle core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson03 as lab
from tests import lessons
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "truncation-on-names.json"
COMMAND = "uv run python -m tests.benchmarks.record_truncation"
#: For each row how the networks were trained.
ROWS = {
    "all the way back": {"updates": 600},
    "truncation 1": {"updates": 600, "truncation": 1},
    "truncation 1, W_hh frozen": {"updates": 600, "truncation": 1, "frozen": ["W_hh"]},
    "output layer only": {"updates": 600, "frozen": ["W_xh", "W_hh", "b_h"]},
    "all the way back, 1500 updates": {"updates": 1500},
}


def measure(row, seed):
    """Bits per character on the held-out names after training with the worked solution of lesson 03.

    Parameters
    ----------
    row : str
        A key of `ROWS`.
    seed : int

    Returns
    -------
    float
    """
    train = lessons.functions("03", lab=lab)["train"]
    return lab.held_out_bits(lab.train_on_names(train, seed=seed, **ROWS[row]))


def main():
    """Measure every row with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    session.start()
    bits = {row: [] for row in ROWS}
    for seed in seeds:
        for row in ROWS:
            bits[row].append(round(measure(row, seed), 4))
            print(f"seed {seed}  {row:<32} {bits[row][-1]:.4f}", flush=True)
    record = {
        "what": "bits per character on the held-out names, a row for each way of training, a number for each seed",
        **made_by(COMMAND),
        "seeds": list(seeds),
        "rows": ROWS,
        "bits": bits,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
