"""How fast backpropagation through time by hand trains, against Keras' fit and against one sample at a time.

    uv run pytest -n 0 tests/benchmarks/bench_training.py

Batch 32, 64 steps, 128 units, 60 symbols, float32. Each contender runs in its own process, first with one thread for
BLAS and TensorFlow, then with as many as they take by themselves. The ratios of one run are what counts.
"""

import os
import subprocess
import sys

import pytest

from helpers.authoring import ROOT
from helpers.session import ONE_THREAD
from tests.benchmarks.contenders import CHARACTERS, CONTENDERS

#: Updates a round: half a second to a few seconds each.
UPDATES = {"course": 40, "keras": 50, "plain loop": 60}
THREADS = ("one thread", "default threads")
SPEED = {}  # characters a second, by (threads, contender)


@pytest.fixture
def contender(request):
    """A running contender, as a function of the number of updates."""
    name, threads = request.param
    # What the lessons set for the sake of repeatability is not held against Keras either.
    environment = {k: v for k, v in os.environ.items() if k not in ONE_THREAD and k != "TF_ENABLE_ONEDNN_OPTS"}
    if threads == "one thread":
        environment |= ONE_THREAD
    else:
        # helpers.session limits what is not set; zero is TensorFlow's own word for "choose yourself"
        cores = str(os.cpu_count())
        environment |= {name: "0" if name.startswith("TF_") else cores for name in ONE_THREAD}
    command = [sys.executable, "-m", "tests.benchmarks.contenders", name]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(updates):
        process.stdin.write(f"{updates}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n", "the contender died"

    yield name, threads, run
    process.stdin.close()
    process.wait(30)


@pytest.mark.parametrize("contender", [(n, t) for t in THREADS for n in CONTENDERS], indirect=True, ids=lambda p: f"{p[0]}, {p[1]}")
def test_training(benchmark, contender):
    name, threads, run = contender
    benchmark.pedantic(run, args=(UPDATES[name],), rounds=15, warmup_rounds=2)
    SPEED[threads, name] = UPDATES[name] * CHARACTERS[name] / benchmark.stats.stats.median
    benchmark.extra_info["characters a second"] = round(SPEED[threads, name])


def test_ratios(capsys):
    """Prints what was measured; asserts only that everything was."""
    assert set(SPEED) == {(t, n) for t in THREADS for n in CONTENDERS}
    with capsys.disabled():
        print()
        for threads in THREADS:
            speed = {name: SPEED[threads, name] for name in CONTENDERS}
            print(f"{threads}: " + ", ".join(f"{name} {value:,.0f} characters/s" for name, value in speed.items()))
            print(f"  course / keras {speed['course'] / speed['keras']:.2f} (goal 2), "
                  f"course / plain loop {speed['course'] / speed['plain loop']:.1f} (goal 15)")
