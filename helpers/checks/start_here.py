"""The check of the front door's exercise, which is worth nothing: it shows what a check is like.

The truth is the closed form of the sum that the exercise computes step by step.
"""

from helpers.checks.exercise import Lesson

lesson = Lesson()
solved = lesson.solved

#: (state, x): no number is the half or the double of another's, so that each mistake gives another result.
CASES = [(3.0, 0.7), (-5.0, 1.1), (0.0, 2.3)]


@lesson.exercise(
    arguments=("state", "x"),
    points={
        "input": ("it takes in the new number", 0),
        "memory": ("it keeps half of the old state", 0),
    },
)
def remember(check):
    """The exercise to try things out on."""
    check.expect("input", (0.0, 0.7), 0.7, {NO_INPUT: lambda state, x: state / 2, **MISTAKES}, case="nothing is remembered yet")
    for case in CASES:
        check.expect("memory", case, case[0] / 2 + case[1], MISTAKES)


NO_INPUT = "x is not used, so nothing new ever gets in"
MISTAKES = {
    NO_INPUT: lambda state, x: state / 2,
    "the old state is not used: this network forgets at once": lambda state, x: x,
    "the old state is kept whole; half of it should fade": lambda state, x: state + x,
    "x is halved as well; only the old state fades": lambda state, x: (state + x) / 2,
    "x is halved instead of the old state": lambda state, x: state + x / 2,
    "the half is taken away twice": lambda state, x: state / 4 + x,
}
