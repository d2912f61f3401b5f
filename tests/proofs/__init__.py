"""Proofs that the checks judge rightly: wrong answers that people give, and unusual right ones.

A lesson adds its proofs by adding a file named like its module in `helpers.checks`:

    @wrong("rnn_step", says="the bias b_h is missing", points=2)
    def without_bias(x_t, h_prev, weights): ...

    @right("rnn_step")
    def with_einsum(x_t, h_prev, weights): ...

`tests/test_proofs.py` finds the file and proves each answer. What a file defines under the very name
of an exercise is what the other answers call by that name.
"""

import dataclasses
import inspect


@dataclasses.dataclass(frozen=True)
class Proof:
    """An answer to an exercise, and what its report must be.

    Attributes
    ----------
    file : str
        Name of the module that holds it.
    exercise : str
    function : callable
    name : str
    says : str
        Words of the diagnosis; "" for a right answer.
    points : int or None
        The points it earns all the same; None for a right answer, which earns all.
    """

    file: str
    exercise: str
    function: object
    name: str
    says: str = ""
    points: object = None


#: Every proof of the files imported so far.
PROOFS = []


def wrong(exercise, *, says, points=0, name=None):
    """Decorator: this answer to `exercise` earns only `points`, and its report `says` why."""
    return _register(exercise, name, _file_of_caller(), says=says, points=points)


def right(exercise, *, name=None):
    """Decorator: this answer to `exercise` earns all points."""
    return _register(exercise, name, _file_of_caller())


def prediction(exercise, choices):
    """The answers to a prediction: each choice is right, in capitals too; what is no choice earns nothing."""
    file = _file_of_caller()
    last = choices[-1]
    for choice in choices:
        _register(exercise, choice, file)(lambda choice=choice: choice)
    _register(exercise, "capitals", file)(lambda: f" {last.upper()} ")
    for name, says, answer in [
        ("another_word", "got 'the first'; choose one of", lambda: "the first"),
        ("list", "got a list of 1", lambda: [last]),
        ("number", "got the int 1234567", lambda: 1234567),
        ("prints", "it prints its result", lambda: print(last)),
        ("nothing", "no return statement", lambda: None),
        ("with_an_argument", "does the function still take", lambda answer: answer),
    ]:
        _register(exercise, name, file, says=says, points=0)(answer)


def _file_of_caller():
    return inspect.currentframe().f_back.f_back.f_globals["__name__"].rpartition(".")[2]


def _register(exercise, name, file, **verdict):

    def register(function):
        PROOFS.append(Proof(file, exercise, function, name or function.__name__, **verdict))
        return function

    return register
