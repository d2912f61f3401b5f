"""The notebook that is graded: the release, with the student's own code in it and nothing else of theirs."""

import ast
import collections
import contextlib
import dataclasses
import json

#: Limits of a submission: bytes of the file, lists and dicts in it, cells, characters of code.
FILE_BYTES, PARTS, CELLS, CODE = 60_000_000, 1_000_000, 2_000, 2_000_000

#: How alike an edited demo must be to the release's to be taken for it, where the cell's id is lost (as in Colab).
ALIKE = 0.6

SOLUTION, CHECK, LOCKED, DEMO, ADDED, TEXT = "solution", "check", "locked", "demo", "added", "text"


#: Where somebody handed in no notebook, the intake keeps the reason in JSON under this name.
NO_NOTEBOOK = "no notebook"


class Unreadable(Exception):
    """A submission that is no notebook; the message tells its author why."""


@dataclasses.dataclass
class Cell:
    """One cell of the notebook that is graded.

    Attributes
    ----------
    kind : str
        SOLUTION and ADDED hold the student's code, the others the release's.
    name : str
        Its grade id, or its cell id.
    source : str
    released : dict or None
        The release's cell; None for an added one.
    missing : bool
        Whether the submission lacks this solution cell.
    theirs : str
        For a demo, or a locked cell that was changed, the student's version, which is not run.
    claimed : float or None
        For a check, the points that the output stored in the submission shows.
    """

    kind: str
    name: str
    source: str
    released: object = None
    missing: bool = False
    theirs: str = ""
    claimed: object = None


def released(text):
    """The cells of a release.

    Parameters
    ----------
    text : str
        The released notebook, JSON.

    Returns
    -------
    list of Cell
    """
    return [Cell(_kind(cell), _name(cell), text_of(cell), cell) for cell in json.loads(text)["cells"]]


def rebuild(submission, release):
    """Put a student's code into the release.

    Parameters
    ----------
    submission : bytes
        The file that was handed in.
    release : str
        The released notebook, JSON.

    Returns
    -------
    tuple of (list of Cell, list of str)
        The notebook to grade, and what looked changed that nobody should change, for the instructor.

    Raises
    ------
    Unreadable
        If the file is no notebook.
    """
    cells, flags = released(release), []
    places = _match(cells, theirs := parse(submission), flags)
    code = sum(len(text_of(cell)) for cell in theirs if _is_code(cell))
    if code > CODE:
        raise Unreadable(f"The notebook holds {code:,} characters of code; at most {CODE:,} are graded.")
    added, given, last = {}, {}, -1
    for place, cell in zip(places, theirs):
        if place is None:
            if _is_code(cell):
                added.setdefault(last, []).append(cell)
            continue
        if place in given:
            flags.append(f"the cell {cells[place].name} is there more than once; the last one counts")
            if cells[place].kind == SOLUTION:  # what stands in an earlier copy may still be needed
                added.setdefault(place - 1, []).append(given[place])
        given[place] = cell
        last = place
    known = [place for place in places if place is not None]
    if known != sorted(known):
        flags.append("cells are not in the release's order")
    for place, cell in enumerate(cells):
        _take(cell, given.get(place), flags)
    whole = [Cell(ADDED, "", text_of(cell)) for cell in added.get(-1, [])]
    for place, cell in enumerate(cells):
        if cell.kind != DEMO and (lines := [line for line in _imports(cell.theirs) if line not in _imports(cell.source)]):
            added.setdefault(place, []).insert(0, {"source": "\n".join(lines)})
            flags.append(f"import lines added to {cell.name} are run: {'; '.join(lines)[:200]}")
        whole += [cell, *(Cell(ADDED, "", text_of(cell)) for cell in added.get(place, []))]
    for number, cell in enumerate((cell for cell in whole if cell.kind == ADDED), 1):
        cell.name = f"added-{number}"
    return whole, sorted(set(flags), key=flags.index)


def _take(cell, theirs, flags):
    """Take from the student's version of a released cell what may be taken, and note what was changed."""
    if theirs is None:
        if cell.kind in (SOLUTION, CHECK, LOCKED):
            flags.append(f"the cell {cell.name} is missing")
        cell.missing = cell.kind == SOLUTION
        return
    source, ours = text_of(theirs), cell.released
    if cell.kind == SOLUTION:
        cell.source = source
    elif cell.kind == DEMO:
        cell.theirs = source
    elif cell.kind in (CHECK, LOCKED) and source.strip() != cell.source.strip():
        cell.theirs = source
        flags.append(f"the cell {cell.name} was changed; the release's was used")
    if cell.kind == CHECK:
        cell.claimed = _claimed(theirs)
    if cell.kind in (SOLUTION, CHECK, LOCKED):
        if theirs.get("cell_type") != ours["cell_type"]:
            flags.append(f"the cell {cell.name} has another type")
        their_facts, our_facts = _nbgrader(theirs), _nbgrader(ours)
        changed = [key for key in ("grade", "solution", "locked", "points") if their_facts.get(key) != our_facts.get(key)]
        if their_facts and changed:
            flags.append(f"the cell {cell.name} has other settings of nbgrader: {', '.join(changed)}")
        if extra := sorted(_tags(theirs) - _tags(ours)):
            flags.append(f"the cell {cell.name} has tags of its own: {', '.join(extra)[:100]}")


def _imports(source):
    """The import statements at the top level of a cell; where it does not compile, as with a magic in it, the lines that are one."""
    texts = [source] if tree_of(source) else source.splitlines()
    nodes = [node for text in texts for node in getattr(tree_of(text), "body", ())]
    return [ast.unparse(node) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]


def tree_of(source):
    """The syntax tree of a cell, None where it does not compile."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _match(cells, theirs, flags):
    """For each cell of a submission its place in the release; None for a cell that is the student's own."""
    by_grade = {_nbgrader(cell.released)["grade_id"]: i for i, cell in enumerate(cells) if _nbgrader(cell.released)}
    by_id = {cell.released["id"]: i for i, cell in enumerate(cells)}
    by_source = {cell.source.strip(): i for i, cell in enumerate(cells) if cell.kind != SOLUTION}
    places = []
    for cell in theirs:
        grade_id = _nbgrader(cell).get("grade_id")
        if isinstance(grade_id, str) and grade_id not in by_grade:
            flags.append(f"a cell names the grade id {grade_id[:60]!r}, which the release does not have")
        if isinstance(grade_id, str) and grade_id in by_grade:
            places.append(by_grade[grade_id])
        elif isinstance(cell.get("id"), str) and cell["id"] in by_id:
            places.append(by_id[cell["id"]])
        else:
            places.append(by_source.get(text_of(cell).strip()))
    demos = {i: _lines(cell.source) for i, cell in enumerate(cells) if cell.kind == DEMO and i not in places}
    for number, cell in enumerate(theirs):
        if places[number] is None and _is_code(cell) and demos:
            lines = _lines(text_of(cell))
            place = max(demos, key=lambda i: _alike(lines, demos[i]))
            if _alike(lines, demos[place]) > ALIKE:
                places[number] = place
                del demos[place]
    return places


def _lines(source):
    return collections.Counter(line.strip() for line in source.splitlines() if line.strip())


def _alike(one, other):
    """The share of lines that two cells have in common."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def parse(submission):
    """The cells of a submission, as dicts that may hold anything; raises `Unreadable` where it has none."""
    if not submission.strip():
        raise Unreadable("The file is empty. Save the notebook and hand it in again.")
    if len(submission) > FILE_BYTES:
        size = f"{len(submission) / 1e6:.0f} MB"
        raise Unreadable(f"The file has {size}. Clear its outputs (Edit > Clear Outputs of All Cells), save, and hand it in again.")
    if submission.count(b"{") + submission.count(b"[") > PARTS:
        raise Unreadable("The file has too many parts. Clear its outputs (Edit > Clear Outputs of All Cells), save, and hand it in again.")
    try:
        notebook = json.loads(submission.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"The file is no notebook: it cannot be read as JSON ({str(error)[:120]}). Perhaps the upload was cut short: save the notebook, "
            "see that it opens, and hand it in again."
        ) from None
    if not isinstance(notebook, dict):
        raise Unreadable("The file is no notebook: it is JSON of another kind.")
    if isinstance(words := notebook.get(NO_NOTEBOOK), str):
        raise Unreadable(f"There was no notebook in what was handed in ({words[:300]}). Hand in the .ipynb file.")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise Unreadable("The file is no notebook: it has no cells.")
    if len(cells) > CELLS:
        raise Unreadable(f"The notebook has {len(cells):,} cells; at most {CELLS:,} are graded.")
    return [cell for cell in cells if isinstance(cell, dict)]


def text_of(cell):
    """The text of a cell, which may hold anything."""
    text = cell.get("source", cell.get("input", ""))
    lines = text if isinstance(text, list) else [text]
    return "".join(line for line in lines if isinstance(line, str))


def _is_code(cell):
    return cell.get("cell_type") == "code"


def _nbgrader(cell):
    facts = cell.get("metadata", {})
    facts = facts.get("nbgrader", {}) if isinstance(facts, dict) else {}
    return facts if isinstance(facts, dict) else {}


def _tags(cell):
    facts = cell.get("metadata", {})
    tags = facts.get("tags", []) if isinstance(facts, dict) else []
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()


def _kind(cell):
    facts = _nbgrader(cell)
    if facts.get("grade") and facts.get("solution"):
        raise ValueError(f"the cell {facts['grade_id']} is graded by hand; the engine grades by checks alone")
    if facts.get("grade"):
        return CHECK
    if facts.get("solution"):
        return SOLUTION
    if cell["cell_type"] != "code":
        return TEXT
    return LOCKED if facts.get("locked") else DEMO


def _name(cell):
    return _nbgrader(cell).get("grade_id") or cell["id"]


def _claimed(cell):
    """The points that a check's stored output shows; None where it shows none."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        shown = output.get("data", {}) if isinstance(output, dict) else {}
        shown = shown.get("text/plain") if isinstance(shown, dict) else None
        shown = "".join(line for line in shown if isinstance(line, str)) if isinstance(shown, list) else shown
        if isinstance(shown, str):
            with contextlib.suppress(ValueError):  # a report, say
                return float(shown)
    return None
