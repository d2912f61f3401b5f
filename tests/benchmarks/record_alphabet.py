"""Measure, over seeds, which rule the models of the alphabet follow, for lesson 05.

    uv run python -m tests.benchmarks.record_alphabet

writes data/results/alphabet-rules.json; about two minutes on one quiet core.
"""

import argparse
import collections

from helpers import session
from helpers.course import ROOT
from helpers.laboratory import lesson05 as lab
from tests import lessons
from tests.benchmarks import made_by, write_record

RECORD = ROOT / "data" / "results" / "alphabet-rules.json"
COMMAND = "uv run python -m tests.benchmarks.record_alphabet"


def shares(which_rule, strings, told):
    """The fractions of answers by the rule "next" and by "count", where they differ, as the worked solution tells."""
    _, found = which_rule(strings, told)
    return {rule: round(found[rule], 3) for rule in ("next", "count")}


def measure(which_rule, seed):
    """What the models of one seed say."""
    many, accuracy = lab.alphabet_model(lab.runs(5), at_each_step=True, seed=seed)
    one, accuracy_of_one = lab.alphabet_model(lab.runs(3), at_each_step=False, seed=seed)
    without, _ = lab.alphabet_model(lab.runs(3, left_out="def"), at_each_step=False, seed=seed)
    by_length = {}
    for length in lab.ASKED_LENGTHS:
        strings = lab.random_strings(length)
        by_length[str(length)] = shares(which_rule, strings, lab.say(many, strings))
    four = lab.random_strings(4)
    by_first = {first: [string for string in four if string[0] == first] for first in "abcdef"}
    pairs = lab.answered_pairs()
    return {
        "training_accuracy": [accuracy, accuracy_of_one],
        "by_length": by_length,
        "count_by_first_letter": {first: shares(which_rule, strings, lab.say(many, strings))["count"] for first, strings in by_first.items()},
        "aceg": lab.answers(many, ["aceg"])[0][-1],
        "ghi": lab.answers(many, ["ghi"])[0][-1],
        "pairs_by_count": shares(which_rule, pairs, lab.say(one, pairs))["count"],
        "de_without_def": lab.answers(without, ["de"])[0],
    }


def main():
    """Measure every seed and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=8)
    seeds = range(parser.parse_args().seeds)
    session.start()
    session.reproducible(seed=0)
    which_rule = lessons.functions("05", Counter=collections.Counter)["which_rule"]
    found = []
    for seed in seeds:
        found.append(measure(which_rule, seed))
        print(seed, found[-1], flush=True)
    record = {
        "what": "which rule the models of the alphabet follow on random strings, by seed: fractions of the answers where the rules differ",
        **made_by(COMMAND, "tensorflow", "keras"),
        "seeds": list(seeds),
        "found": found,
    }
    write_record(RECORD, record)


if __name__ == "__main__":
    main()
