"""Measure, over seeds, how well number words are translated by their length, for lesson 09.

    uv run python -m tests.benchmarks.record_translation

writes data/results/translation-by-length.json; about seven minutes on one quiet core. With `--attention` only the networks
with attention are measured again, in less than one, and what is recorded of the others stays.
"""

import argparse
import json

import numpy as np

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson09 as lab
from tests import lessons
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "translation-by-length.json"
COMMAND = "uv run python -m tests.benchmarks.record_translation"
#: Units, epochs and seeds of the networks without attention.
PLAIN = {
    "32 units": (32, lab.EPOCHS, 3), "64 units": (64, lab.EPOCHS, 3), "128 units": (128, lab.EPOCHS, 3),
    "64 units, four times as long": (64, 4 * lab.EPOCHS, 3),
}
GRU = "GRU, 64 units"


def with_gru(teacher_forcing, seed, units=64):
    """Exact match by length of an encoder and a decoder of Keras' GRUs, trained on the same pairs as long as the others."""
    import keras

    keras.utils.set_random_seed(seed)
    source, read = keras.Input((None,)), keras.Input((None,))
    embedded = keras.layers.Embedding(len(lab.ENGLISH), units, mask_zero=True)(source)
    _, state = keras.layers.GRU(units, return_state=True, return_sequences=True)(embedded)
    pieces = keras.layers.Embedding(len(lab.GERMAN), units)(read)
    states = keras.layers.GRU(units, return_sequences=True)(pieces, initial_state=state)
    model = keras.Model([source, read], keras.layers.Dense(len(lab.GERMAN))(states))
    numbers, said = lab.training_pairs(seed)
    inputs, targets, mask = teacher_forcing(said, lab.START, lab.END, lab.PADDING)
    rate = keras.optimizers.schedules.PolynomialDecay(lab.RATE, lab.EPOCHS * len(numbers) // lab.BATCH, 0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate, clipnorm=1.0), loss=loss)
    arrays = [lab.english_ids(numbers)[0], inputs]
    model.fit(arrays, targets, sample_weight=mask.astype(float), batch_size=lab.BATCH, epochs=lab.EPOCHS, verbose=0)
    return [lab.exact_match(held_out, _greedy(model, held_out)) for held_out in lab.numbers_by_length()[1].values()]


def _greedy(model, numbers):
    source, _ = lab.english_ids(numbers)
    read, written = np.full((len(numbers), lab.TARGET + 1), lab.PADDING), []
    read[:, 0] = lab.START
    for t in range(lab.TARGET):  # a recurrent decoder does not look ahead: what is not yet written changes nothing
        read[:, t + 1] = np.asarray(model([source, read]))[:, t].argmax(axis=-1)
    for ids in read[:, 1:].tolist():
        written.append([lab.GERMAN[i] for i in (ids[: ids.index(lab.END)] if lab.END in ids else ids)])
    return written


def main():
    """Measure every network with every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, help="fewer seeds than usual, for a trial", default=5)
    parser.add_argument("--attention", action="store_true", help="only the networks with attention; keep the others' figures")
    options = parser.parse_args()
    most = options.seeds
    session.start()
    solved = lessons.functions("09")
    teacher_forcing, attend = solved["teacher_forcing"], (solved["attention"], solved["attention_backward"])
    exact = {}
    if options.attention:
        exact = {name: found for name, found in json.loads(RECORD.read_text("utf-8"))["exact match"].items() if name != lab.LOOKING}

    def keep(name, found):
        exact.setdefault(name, []).append([round(value, 4) for value in found])
        print(f"{name:<30} {exact[name][-1]}", flush=True)

    for name, (units, epochs, seeds) in ({} if options.attention else PLAIN).items():
        for seed in range(min(seeds, most)):
            keep(name, lab.by_length(lab.learn(units, teacher_forcing, epochs=epochs, seed=seed)).values())
    seven, looking = lab.numbers_by_length()[1][7], {"exact match at 7 words": [], "agreement": [], "agreement by kind": {}}
    for seed in range(min(5, most)):
        weights = lab.learn(32, teacher_forcing, attend, seed=seed)
        keep(lab.LOOKING, lab.by_length(weights, attend[0]).values())
        answers, looked = lab.translate(weights, seven, attend[0])
        looking["exact match at 7 words"].append(exact[lab.LOOKING][-1][5])
        for kind, found in lab.agreements(solved["agreement"], seven, answers, looked).items():
            kept = looking["agreement"] if kind == "all" else looking["agreement by kind"].setdefault(kind, [])
            kept.append(round(found["learned"], 4))
        print(looking, flush=True)
    for seed in range(0 if options.attention else min(3, most)):
        keep(GRU, with_gru(teacher_forcing, seed))
    record = {
        "what": "fraction of held-out number words translated without a mistake, at 2 to 9 English words, a list for each seed;"
        f" trained on {lab.PAIRS:,} pairs of up to {lab.TRAINED} words for {lab.EPOCHS} epochs unless named; with attention also"
        " the agreement with the true alignment at 7 words, of all pieces and by kind; a seed draws the first weights, the sample of"
        " pairs and their order",
        **made_by(COMMAND, "tensorflow", "keras"),
        "seeds": {name: list(range(len(found))) for name, found in exact.items()},
        "exact match": exact,
        "with attention": looking,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
