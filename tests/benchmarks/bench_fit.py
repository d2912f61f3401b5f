"""How fast `helpers.training` trains, against Keras' own `fit` of the same network.

    uv run pytest -n 0 tests/benchmarks/bench_fit.py

Batch 64, 64 steps, 65 symbols, float32, dropout 0.5, as many threads as there are cores. Both take the same windows in
the same order; `fit` starts each from a state of zeros, since it has no way to carry one. They take turns, round by
round, so that other work on the machine slows both. The ratio of CPU times of one run is what counts.
"""

import json
import os
import statistics
import subprocess
import sys

import pytest

from helpers.authoring import ROOT
from helpers.session import ONE_THREAD

ROUNDS, UPDATES, SYMBOLS, BATCH, TIMESTEPS = 5, 5, 65, 64, 64

#: Runs in a process of its own: threads and oneDNN are set before TensorFlow loads, as the command sets them.
CONTEST = """
import json, sys, time
import numpy as np
from helpers import session, training
session.start()
layer, units, rounds, updates, symbols, batch, timesteps = sys.argv[1], *map(int, sys.argv[2:])
import keras

ids = np.random.default_rng(0).integers(0, symbols, (updates * batch, timesteps + 1)).astype(np.int32)
windows = [(ids[i : i + batch, :-1], ids[i : i + batch, 1:]) for i in range(0, len(ids), batch)]

carried = training.language_model(symbols, units, layer, dropout=0.5)
step = training._training_step(carried, keras.optimizers.Adam(1e-3, global_clipnorm=1.0), 0.0)

def course():
    states = training.zero_states(carried, batch)
    for count, (inputs, targets) in enumerate(windows):
        loss, *states = step(inputs, targets, states, np.array([0, count], np.int32))
        float(loss)

plain = training.language_model(symbols, units, layer, dropout=0.5)
trainer = keras.Model(plain.inputs, plain.outputs[0])
cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
trainer.compile(keras.optimizers.Adam(1e-3, global_clipnorm=1.0), cost)
inputs = [ids[:, :-1], *training.zero_states(plain, len(ids))]

def keras_fit():
    trainer.fit(inputs, ids[:, 1:], batch_size=batch, shuffle=False, verbose=0)

seconds = {"course": [], "keras": []}
for turn in range(rounds + 1):
    for name, run in (("course", course), ("keras", keras_fit)):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        if turn:  # the first compiles
            seconds[name].append((time.perf_counter() - wall, time.process_time() - cpu))
print(json.dumps(seconds))
"""


@pytest.mark.parametrize("layer, units", [("gru", 256), ("lstm", 512)])
def test_ratio(layer, units, capsys):
    """Prints what was measured; asserts only that everything was."""
    environment = os.environ | {name: str(os.cpu_count()) for name in ONE_THREAD} | {"TF_ENABLE_ONEDNN_OPTS": "1"}
    arguments = [layer, *map(str, (units, ROUNDS, UPDATES, SYMBOLS, BATCH, TIMESTEPS))]
    command = [sys.executable, "-c", CONTEST, *arguments]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    seconds = json.loads(run.stdout)
    assert {name: len(rounds) for name, rounds in seconds.items()} == {"course": ROUNDS, "keras": ROUNDS}
    wall, cpu = ({name: statistics.median(r[i] for r in rounds) for name, rounds in seconds.items()} for i in (0, 1))
    speed = {name: UPDATES * BATCH * TIMESTEPS / value for name, value in wall.items()}
    with capsys.disabled():
        print(f"\n{layer} {units}: " + ", ".join(f"{name} {value:,.0f} characters/s" for name, value in speed.items()))
        by_clock, by_cpu = (seconds["keras"] / seconds["course"] for seconds in (wall, cpu))
        print(f"  course / keras: {by_clock:.2f} by the clock, {by_cpu:.2f} by CPU time")
