"""Lesson laboratories: the tasks are what the prose says they are."""

import numpy as np

from helpers.laboratory import lesson01


def test_the_stream_of_lesson_01_has_the_right_answers():
    x, answers = lesson01.stream(sequences=7, timesteps=20, seed=4, lag=5)
    assert x.shape == (7, 20, 1) and answers.shape == (7, 20, 3) and x.dtype == answers.dtype == np.float32
    assert set(np.unique(x)) == {-1.0, 1.0}
    bits = (x[:, :, 0] > 0).astype(int)
    for row, answered in zip(bits, answers):
        for t in range(20):
            first, parity, echo = row[0], sum(row[: t + 1]) % 2, row[t - 5] if t >= 5 else 0
            assert tuple(answered[t]) == (first, parity, echo)


def test_the_stream_is_the_same_for_the_same_seed():
    assert np.array_equal(lesson01.stream(3, 9, seed=1)[0], lesson01.stream(3, 9, seed=1)[0])
    assert not np.array_equal(lesson01.stream(3, 9, seed=1)[0], lesson01.stream(3, 9, seed=2)[0])


def test_the_first_bit_is_remembered_from_nine_streams_of_ten_on():
    scores = {"window": np.full((5, 3), 0.5), "recurrent": np.full((5, 3), 1.0)}
    assert lesson01.who_remembers(scores) == "recurrent"
    scores["recurrent"][-1, 0] = 0.89
    assert lesson01.who_remembers(scores) == "neither"
    scores["window"][-1, 0] = scores["recurrent"][-1, 0] = 0.9
    assert lesson01.who_remembers(scores) == "both"
