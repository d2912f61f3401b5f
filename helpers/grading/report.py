"""The instructor's report: one page that says how a lesson went, and which submissions to look at.

What students wrote can stand in a result: in a diagnosis, a flag, a reason. So every string passes through
`plain_text`, which takes what could not be seen and shortens it, and then through `html.escape`. The page has no
scripts and loads nothing.
"""

import html
import itertools
import math
import statistics
import unicodedata
from collections import Counter
from pathlib import Path

from helpers.checks.exercise import CAUSE
from helpers.checks.report import FAILED, NOT_YET
from helpers.grading.record import write_whole

#: What a check says of an exercise that still raises NotImplementedError.
UNSOLVED = "Not solved yet."

_MAX_TEXT = 300  # characters of one string
_MAX_LINES = 8  # strings of one submission
_DIAGNOSES = 3
_BINS = 20
_CLOSE = 1e-9
# Marks that turn the reading direction; one alone can turn the rest of a line.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.2rem; margin-top: 2.2rem; }}
img {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #ddd; }}
td {{ overflow-wrap: anywhere; }} td:first-child {{ min-width: 10rem; }}
.number {{ text-align: right; white-space: nowrap; overflow-wrap: normal; }}
ul {{ margin: 0; padding-left: 1.1rem; }}
.note {{ color: #666; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def write(results, folder):
    """Write the report on one assignment.

    Parameters
    ----------
    results : dict of str to dict
        The engine's result for each student.
    folder : path
        Where the report goes; made if missing.

    Returns
    -------
    pathlib.Path
        The page, ``index.html``. It is complete in itself, and the same for the same results.

    Raises
    ------
    ValueError
        If the results are of more than one assignment.
    OSError
        If the page cannot be written; an earlier one is then left as it was.
    """
    results = dict(sorted(results.items()))
    assignments = sorted({result["assignment"] for result in results.values()})
    if len(assignments) > 1:
        raise ValueError(f"a report is on one assignment, these results are of {', '.join(assignments)}")
    title = f"Report on {assignments[0]}" if assignments else "Report"
    graded = {student: result for student, result in results.items() if not result["problem"]}
    body = [_summary(results, graded)]
    if graded:
        totals = [_total(result) for result in graded.values()]
        body += [_picture(totals, _maximum(graded)), _exercises(graded)]
    body += [_attention(results), _students(results)]
    page = _PAGE.format(title=_escaped(title), body="\n".join(body))
    return write_whole(Path(folder) / "index.html", page.encode("utf-8"))


def plain_text(text, limit=_MAX_TEXT):
    """Return a string as one short line of characters that can be seen.

    Parameters
    ----------
    text : str
        Anything: control characters, lone surrogates, marks that turn the reading direction.
    limit : int
        The most characters.

    Returns
    -------
    str
        Can always be encoded as UTF-8.
    """
    text = str(text)
    long = len(text) > 4 * limit  # looking at more would only cost time
    text = " ".join("".join(map(_visible, text[: 4 * limit])).split())
    return text if len(text) <= limit and not long else text[: limit - 1] + "…"


def _visible(character):
    if character.isspace():
        return " "
    hidden = character in _BIDI or unicodedata.category(character) in ("Cc", "Cs", "Cn", "Co")
    return "\N{REPLACEMENT CHARACTER}" if hidden else character


def _escaped(text):
    return html.escape(plain_text(text))


def _total(result):
    return math.fsum(result["scores"].values())


def _cells(results):
    """Each graded cell and its points, in the order of the lesson."""
    cells = {}
    for result in results.values():
        cells.update(result["max_scores"])
    return cells


def _maximum(results):
    return math.fsum(_cells(results).values())


def _number(value):
    return f"{value:.1f}".removesuffix(".0")


def _count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _share(part, whole):
    return f"{100 * part / whole:.0f} %"


def _summary(results, graded):
    parts = [_count(len(results), "submission")]
    if missed := len(results) - len(graded):
        parts.append(f"{missed:,} could not be graded")
    for key, words in (("flags", "flagged"), ("limits", "stopped at a limit")):
        if number := sum(bool(result[key]) for result in results.values()):
            parts.append(f"{number:,} {words}")
    lines = [f"<p>{', '.join(parts)}.</p>"]
    if graded:
        totals = [_total(result) for result in graded.values()]
        most = _maximum(graded)
        full = sum(total >= most - _CLOSE for total in totals)
        lines.append(
            f"<p>Of {_number(most)} points: median {_number(statistics.median(totals))}, mean "
            f"{_number(statistics.fmean(totals))}; {full:,} with all points, "
            f"{sum(total <= _CLOSE for total in totals):,} with none.</p>"
        )
    return "\n".join(lines)


def _bins(totals, most):
    """Edges of whole points, and how many totals lie in each bin; the last one holds the maximum."""
    width = max(1, math.ceil((most + 1) / _BINS))
    number = math.floor(most / width) + 1
    counts = [0] * number
    for total in totals:
        counts[min(max(math.floor(total / width), 0), number - 1)] += 1
    return [width * i for i in range(number + 1)], counts


def _picture(totals, most):
    """The histogram as an image inside the page, with its numbers as the text alternative."""
    from helpers.plots import figure as style

    edges, counts = _bins(totals, most)
    median = statistics.median(totals)
    figure, (axes,) = style.subplots(1, 8, 3.4)
    axes.bar(edges[:-1], counts, width=edges[1], align="edge", color=style.BLUE, edgecolor="white")
    axes.axvline(median, color=style.ORANGE, linestyle="--", label=f"median: {_number(median)}")
    finding = f"Half of the submissions earn at least {_number(median)} of {_number(most)} points"
    axes.set(title=finding, xlabel="total score (points)", ylabel="submissions", xlim=(0, edges[-1]))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="x", visible=False)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    shown = "; ".join(
        f"{low} to below {high}: {count:,}" for low, high, count in zip(edges, edges[1:], counts) if count
    )
    alt = f"Histogram of the total scores. {finding}. Submissions by points: {shown}."
    return style.picture(figure, alt)


def _diagnoses(report):
    """The diagnoses of one report, each once."""
    details = itertools.chain.from_iterable(criterion["details"] for criterion in report["criteria"])
    causes = {
        plain_text(detail.removeprefix(CAUSE)) for detail in details
        if detail.startswith(CAUSE) and not detail.removeprefix(CAUSE).isspace()
    }
    if causes or _not_attempted(report):
        return causes
    failed = [criterion["label"] for criterion in report["criteria"] if criterion["status"] == FAILED]
    return {plain_text(f"no known cause: {label}", 100) for label in failed[:1]} or {plain_text(r, 100) for r in report["remarks"][:1]}


def _not_attempted(report):
    return (all(criterion["status"] == NOT_YET for criterion in report["criteria"])
            and (not report["remarks"] or UNSOLVED in report["remarks"]))


def _exercises(graded):
    """The table of exercises. Rates are shares of the submissions that could be graded."""
    number = len(graded)
    rows = []
    for cell, points in _cells(graded).items():
        scores = [result["scores"].get(cell, 0.0) for result in graded.values()]
        reports = [result["reports"][cell] for result in graded.values() if cell in result["reports"]]
        causes = Counter(itertools.chain.from_iterable(map(_diagnoses, reports)))
        common = sorted(causes.items(), key=lambda item: (-item[1], item[0]))[:_DIAGNOSES]
        items = [f"{html.escape(cause)} <span class=\"note\">({count:,})</span>" for cause, count in common]
        if unchecked := number - len(reports):
            items.append(f'<span class="note">could not be checked ({unchecked:,})</span>')
        rows.append([
            _escaped(cell.removeprefix("check-")),
            _number(points),
            _share(sum(score >= points - _CLOSE for score in scores), number),
            _number(math.fsum(scores) / number),
            _share(sum(map(_not_attempted, reports)), number),
            _list(items),
        ])
    header = ["exercise", "points", "pass rate", "mean score", "not attempted", "most frequent diagnoses (submissions)"]
    return ("<h2>Exercises</h2>\n" + _table(header, rows, numbers=(1, 2, 3, 4))
            + '\n<p class="note">Pass rate: the share with all points of the exercise. Not attempted: left as it was '
              "released. Shares are of the submissions that could be graded.</p>")


def _attention(results):
    """What an instructor should look at: what was not graded, flagged, or stopped at a limit, and why."""
    rows = []
    for student, result in results.items():
        reasons = [("not graded", [result["problem"]] if result["problem"] else []),
                   ("flagged", result["flags"]), ("limit", result["limits"])]
        reasons = [(kind, list(dict.fromkeys(texts))) for kind, texts in reasons]
        if any(texts for _, texts in reasons):
            shown = "".join(
                f"<div>{kind}: {_list([_escaped(text) for text in texts[:_MAX_LINES]] + _rest(texts))}</div>"
                for kind, texts in reasons if texts
            )
            rows.append([_escaped(student), _number(_total(result)), shown])
    if not rows:
        return "<h2>Look at these</h2>\n<p>No submission was flagged, stopped at a limit, or left ungraded.</p>"
    return "<h2>Look at these</h2>\n" + _table(["student", "score", "why"], rows, numbers=(1,))


def _rest(texts):
    more = len(texts) - _MAX_LINES
    return [f'<span class="note">and {more:,} more</span>'] if more > 0 else []


def _students(results):
    if not results:
        return ""
    cells = _cells(results)
    most = math.fsum(cells.values())
    rows = []
    for student, result in sorted(results.items(), key=lambda item: (-_total(item[1]), item[0])):
        total = _total(result)
        share = _share(total, most) if most else ""
        rows.append([_escaped(student), _number(total), share, "not graded" if result["problem"] else ""])
    header = ["student", f"score (of {_number(most)})", "share", "note"]
    return "<h2>Students by score</h2>\n" + _table(header, rows, numbers=(1, 2))


def _list(items):
    """HTML items: none, one as it is, more as a list."""
    return items[0] if len(items) == 1 else f"<ul><li>{'</li><li>'.join(items)}</li></ul>" if items else ""


def _table(header, rows, numbers):
    """A table of HTML cells; the columns in `numbers` are aligned as numbers."""
    kinds = [' class="number"' if i in numbers else "" for i in range(len(header))]
    head = "".join(f'<th scope="col"{kind}>{name}</th>' for kind, name in zip(kinds, header))
    lines = ("".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row)) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
