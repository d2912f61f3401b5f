"""Measure, over seeds, how long parity takes to learn, for lesson 01.

    uv run python -m tests.benchmarks.record_parity

writes data/results/parity-over-updates.json; about four minutes on one quiet core.
"""

import argparse

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson01 as lab
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "parity-over-updates.json"
COMMAND = "uv run python -m tests.benchmarks.record_parity"
PARITY = lab.QUESTIONS.index("parity")


def dilated():
    """The convolution of lesson 01, section 5, asked after every bit."""
    import keras

    options = {"kernel_size": 2, "padding": "causal", "activation": "relu"}
    return lab.network(*(keras.layers.Conv1D(16, dilation_rate=steps, **options) for steps in (1, 2, 4, 8)))


def asked_at_the_end():
    """The recurrent network of lesson 01, asked only after the last bit."""
    import keras

    return lab.network(keras.layers.SimpleRNN(24))


NETWORKS = {"convolution": dilated, "recurrent, asked only at the end": asked_at_the_end}


def measure(name, seed, thousands):
    """Accuracy on the parity of 16 bits after each thousand updates: a list of floats."""
    import keras

    keras.utils.set_random_seed(seed)
    model = NETWORKS[name]()
    accuracies = []
    for thousand in range(thousands):
        lab.train(model, updates=1000, seed=1000 * seed + thousand, resume=thousand > 0)
        accuracies.append(round(float(lab.accuracy(model, lab.TRAINED_AT)[PARITY]), 3))
    return accuracies


def main():
    """Measure both networks with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--thousands", type=int, default=4)
    options = parser.parse_args()
    session.start()
    session.reproducible(seed=1)
    accuracy = {}
    for name in NETWORKS:
        accuracy[name] = [measure(name, seed, options.thousands) for seed in range(1, options.seeds + 1)]
        print(f"{name:<34} {accuracy[name]}", flush=True)
    record = {
        "what": "accuracy on the parity of 16 bits, on 500 streams, after each thousand updates of 32 streams; a list for each seed",
        "accuracy": accuracy,
        **made_by(COMMAND, "tensorflow", "keras"),
        "seeds": list(range(1, options.seeds + 1)),
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
