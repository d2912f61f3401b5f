"""The instructor's report: what it counts, and that nothing a student wrote can act in it."""

import base64
import copy
import html.parser
import os
import struct
import time

import pytest

from helpers.checks import lesson01
from helpers.checks.exercise import CAUSE
from helpers.grading import report

LESSON = "01-feedforward-vs-recurrent"
POINTS = {"check-rnn_step": 5.0, "check-unroll": 6.0}
BIAS, TANH = "the bias b_h is missing", "tanh is applied too early"
HOSTILE = [
    "<script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>&lt;b&gt;",
    "<!-- --><style>*{display:none}</style><meta http-equiv=refresh content=0>",
    "\x00\x07\x1b[31m\r\n\t\ud800 \u202e\u2066 $\\frac{$ {body} %s",
    "=cmd|'/c calc'!A0",
    "<b>" * 3_334,
]


def judged(status="passed", *details, remarks=()):
    return {"exercise": "an exercise", "remarks": list(remarks),
            "criteria": [{"label": "a criterion", "points": 5, "status": status, "details": list(details)}]}


def result(rnn_step=5.0, unroll=6.0, reports=None, **others):
    """What the engine says of one submission."""
    reports = {"check-rnn_step": judged(), "check-unroll": judged()} if reports is None else reports
    return {"assignment": LESSON, "scores": {"check-rnn_step": rnn_step, "check-unroll": unroll},
            "max_scores": POINTS, "reports": reports, "flags": [], "limits": [], "problem": ""} | others


class Page(html.parser.HTMLParser):
    """A page as a browser reads it: its tags with their attributes, its text, and the rows of its tables."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.text, self.rows = [], "", []
        self.in_cell = False
        self.source = path.read_bytes().decode("utf-8")
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True
        if tag == "li":
            self.rows[-1][-1] += "* "

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}", []))
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text += data
        if self.in_cell:
            self.rows[-1][-1] += data

    def row(self, name):
        return next(row for row in self.rows if row[0] == name)


def written(results, folder):
    return Page(report.write(results, folder))


def test_each_exercise_has_its_rates_and_most_frequent_diagnoses(tmp_path):
    """A diagnosis counts once a submission, and at most three are shown, the most frequent first."""
    wrong = judged("failed", "case: x (2, 3)", f"{CAUSE} {BIAS}", f"{CAUSE} {BIAS}", f"{CAUSE} {TANH}")
    rare = judged("failed", *(f"{CAUSE} rare {i}" for i in range(3)))
    untouched = judged("not yet", remarks=["Not solved yet."])
    broken = judged("not yet", remarks=["The cell that defines unroll does not compile: invalid syntax"])
    page = written({
        "a": result(),
        "b": result(2.0, 0.0, {"check-rnn_step": wrong, "check-unroll": untouched}),
        "c": result(0.0, 0.0, {"check-rnn_step": judged("failed", f"{CAUSE} {BIAS}"), "check-unroll": broken}),
        "d": result(1.0, 0.0, {"check-rnn_step": rare}),
        "e": result(0.0, 0.0, {}, problem="The file is not JSON."),
    }, tmp_path)
    diagnoses = f"* {BIAS} (2)* rare 0 (1)* rare 1 (1)"
    assert page.row("rnn_step") == ["rnn_step", "5", "25 %", "2", "0 %", diagnoses]
    does_not_compile = "* The cell that defines unroll does not compile: invalid syntax (1)"  # where no cause is known, what was said
    assert page.row("unroll") == ["unroll", "6", "25 %", "1.5", "25 %", f"{does_not_compile}* could not be checked (1)"]
    assert "5 submissions, 1 could not be graded." in page.text
    assert "Of 11 points: median 1.5, mean 3.5; 1 with all points, 1 with none." in page.text


def test_not_attempted_is_what_a_check_says_of_the_released_exercise(tmp_path):
    def rnn_step(x_t, h_prev, weights):
        raise NotImplementedError

    def as_result(checked):
        criteria = [vars(criterion) for criterion in checked.criteria]
        reports = {"check-rnn_step": {"exercise": "rnn_step", "criteria": criteria, "remarks": checked.remarks}}
        return result(0.0, 0.0, reports)

    results = {"untouched": as_result(lesson01.rnn_step(rnn_step)),
               "wrong": as_result(lesson01.rnn_step(lambda x_t, h_prev, weights: h_prev))}
    assert written(results, tmp_path).row("rnn_step")[4] == "50 %"


def test_it_lists_what_to_look_at_and_why(tmp_path):
    page = written({
        "ann": result(flags=["the cell check-rnn_step was changed", "a tag was forged"]),
        "bob": result(0.0, limits=["rnn_step: stopped after 10 seconds"] * 3),
        "cy": result(0.0, 0.0, {}, problem="The file is not JSON."),
        "dee": result(),
        "eve": result(flags=[f"flag {i}" for i in range(100)]),
    }, tmp_path)
    assert page.row("ann") == ["ann", "11", "flagged: * the cell check-rnn_step was changed* a tag was forged"]
    assert page.row("bob")[2] == "limit: rnn_step: stopped after 10 seconds"
    assert page.row("cy")[2] == "not graded: The file is not JSON."
    assert page.row("eve")[2].endswith("* flag 7* and 92 more")
    assert "2 flagged, 1 stopped at a limit" in page.text
    by_score = [["ann", "11"], ["dee", "11"], ["eve", "11"], ["bob", "6"], ["cy", "0"]]
    assert [row[:2] for row in page.rows[-5:]] == by_score


def test_nothing_a_student_wrote_acts_in_the_page(tmp_path):
    """With hostile strings everywhere, the page has the same tags and attributes as with harmless ones."""
    def with_strings(strings):
        results = {}
        for i, text in enumerate(strings):
            reports = {"check-rnn_step": {"exercise": text, "remarks": [text],
                                          "criteria": [{"label": text, "points": 5, "status": "failed",
                                                        "details": [f"{CAUSE} {text}", text]}]}}
            results[f"{i} {text}"] = result(0.0, i % 3, reports, flags=[text], limits=[text], problem=text * (i % 2))
        return results

    harmless = written(with_strings([f"text {i}" for i in range(len(HOSTILE))]), tmp_path / "harmless")
    hostile = written(with_strings(HOSTILE), tmp_path / "hostile")
    assert hostile.tags == harmless.tags
    body = {tag for tag, _ in hostile.tags[hostile.tags.index(("body", [])):]}
    assert not {"script", "style", "iframe", "link", "svg", "meta"} & body
    assert "<script>alert(1)</script>" in hostile.text, "shown, as text"
    assert not set(hostile.source) & set("\x00\x07\x1b\r\t\u202e\u2066")
    assert max(len(text) for row in hostile.rows for text in row) < 1000


def test_a_hostile_assignment_name_stays_text(tmp_path):
    page = written({"ann": result(assignment="<script>{body}</script>")}, tmp_path)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "Report on <script>{body}</script>" in page.text


def test_the_histogram_can_be_read_without_seeing_it(tmp_path):
    page = written({str(i): result(5.0 * (i > 1), 6.0 * (i > 2)) for i in range(4)}, tmp_path)
    image = dict(next(attributes for tag, attributes in page.tags if tag == "img"))
    assert image["src"].startswith("data:image/png;base64,")
    assert "Half of the submissions earn at least 2.5 of 11 points" in image["alt"]
    assert "0 to below 1: 2; 5 to below 6: 1; 11 to below 12: 1" in image["alt"]


@pytest.mark.parametrize("results, words", [
    ({}, "0 submissions."),
    ({"ann": result()}, "1 submission."),
    ({"ann": result(0.0, 0.0, {}, problem="It is empty.")}, "1 submission, 1 could not be graded."),
    ({"ann": result(scores={}, max_scores={}, reports={})}, "Of 0 points: median 0"),
], ids=["none", "one", "none graded", "no points"])
def test_small_classes(tmp_path, results, words):
    assert words in written(results, tmp_path).text


def test_the_same_results_give_the_same_bytes(tmp_path):
    results = {f"student{i}": result(i % 6, i % 7, flags=["forged"] * (i % 2)) for i in range(30)}
    first = report.write(results, tmp_path / "a").read_bytes()
    assert report.write(dict(reversed(copy.deepcopy(results).items())), tmp_path / "b").read_bytes() == first


def test_results_of_two_assignments_are_refused(tmp_path):
    with pytest.raises(ValueError, match="one assignment.*another"):
        report.write({"ann": result(), "bob": result(assignment="another")}, tmp_path)


def test_a_failed_write_leaves_the_last_page_and_nothing_else(tmp_path, monkeypatch):
    page = report.write({"ann": result()}, tmp_path)
    before = page.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        report.write({"ann": result(), "bob": result()}, tmp_path)
    assert page.read_bytes() == before
    assert os.listdir(tmp_path) == ["index.html"]


def test_20_000_results_take_seconds(tmp_path):
    wrong = judged("failed", *(f"{CAUSE} {cause}" for cause in (BIAS, TANH)))
    results = {f"student{i:05}": result(i % 6, i % 7, {"check-rnn_step": wrong}, flags=["forged"])
               for i in range(20_000)}
    before = time.process_time()
    page = report.write(results, tmp_path)
    assert time.process_time() - before < 20
    assert page.read_text("utf-8").count("<tr>") == 2 * 20_000 + 2 + 3


def test_the_picture_is_a_png_of_a_sensible_size(tmp_path):
    page = written({"ann": result()}, tmp_path)
    source = dict(next(attributes for tag, attributes in page.tags if tag == "img"))["src"]
    png = base64.b64decode(source.partition(",")[2], validate=True)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG") and 1000 < width < 1400 and height < width
