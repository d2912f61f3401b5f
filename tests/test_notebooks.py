"""What every notebook of the course must be: STYLE in machine-checked form."""

import ast
import base64
import json
import re
import subprocess

import nbformat
import pytest

from helpers import authoring

SOLUTIONS = authoring.lessons()
RELEASED = [authoring.ROOT / "notebooks" / path.stem / path.name for path in SOLUTIONS]
BOTH = SOLUTIONS + RELEASED
DOOR = [authoring.front_door(), authoring.released(authoring.front_door())]
TAGS = {"setup", "imports", "demo", "claims", "exercise", "check", "nbval-ignore-output"}
CODE_WIDTH, PRINTED_WIDTH = 88, 96
CHECK = """\
report = checks.{name}()
### BEGIN HIDDEN TESTS
report &= checks.{name}(hidden=True)
### END HIDDEN TESTS
report"""


def name_of(path):
    return f"{path.parent.parent.name}/{path.stem}"


def committed(path):
    """git's copy of a file, so that a learner's saved work does not fail a test; the file itself outside git."""
    place = path.relative_to(authoring.ROOT).as_posix()
    run = subprocess.run(["git", "show", f":{place}"], cwd=authoring.ROOT, capture_output=True)
    return run.stdout.decode("utf-8") if run.returncode == 0 else path.read_text("utf-8")


def read(path):
    return nbformat.reads(committed(path), as_version=4)


def _names(source):
    """The names that a cell binds at its top level, and those that it reads there, but in comprehensions for themselves."""
    bound, used = set(), set()

    class Visitor(ast.NodeVisitor):
        def visit_FunctionDef(self, node):
            bound.add(node.name)

        def visit_Lambda(self, node):
            pass

        def visit_Name(self, node):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)

        def _comprehension(self, node):
            own = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
            used.update(name.id for name in ast.walk(node) if isinstance(name, ast.Name) and name.id not in own)

        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    Visitor().visit(ast.parse(source))
    return bound, used


def code_cells(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def too_wide(path):
    """Lines of code and of printed output that do not fit the page."""
    cells = code_cells(read(path))
    code = [line for cell in cells for line in cell.source.splitlines() if len(line) > CODE_WIDTH]
    streams = [output.text for cell in cells for output in cell.outputs if output.output_type == "stream"]
    return code + [line for text in streams for line in text.splitlines() if len(line) > PRINTED_WIDTH]


def columns_of_true(path):
    """Printed lines that only say that something is true: the prose's statements belong into a claims cell."""
    cells = [cell for cell in code_cells(read(path)) if "demo" in cell.metadata.tags]
    streams = [output.text for cell in cells for output in cell.outputs if output.output_type == "stream"]
    return [line for text in streams for line in text.splitlines() if re.search(r"\bTrue\b", line)]


def picture_problem(image):
    """What is wrong with an <img> tag of a stored output; None if nothing is."""
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', image))
    if not attributes.get("alt", "").strip():
        return "no text alternative"
    if not re.fullmatch(r"\d{2,4}", attributes.get("width", "")):
        return "no stated width"
    if not attributes.get("src", "").startswith("data:image/png;base64,"):
        return "its picture is not in the notebook"
    if (size := len(base64.b64decode(attributes["src"].partition(",")[2]))) >= 100_000:
        return f"{size} bytes"
    return None


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ('<img alt="words" width="600" src="data:image/png;base64,AAAA">', None),
        ('<img alt=" " width="600" src="data:image/png;base64,AAAA">', "no text alternative"),
        ('<img width="600" src="data:image/png;base64,AAAA">', "no text alternative"),
        ('<img alt="words" src="data:image/png;base64,AAAA">', "no stated width"),
        ('<img alt="words" width="600" src="figure.png">', "its picture is not in the notebook"),
        (f'<img alt="words" width="600" src="data:image/png;base64,{"A" * 140_000}">', "105000 bytes"),
    ],
)
def test_a_picture_with_a_problem_is_found(image, problem):
    assert picture_problem(image) == problem


def test_there_are_lessons():
    assert [path.stem for path in SOLUTIONS][0] == "01-feedforward-vs-recurrent"


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
def test_notebooks_is_what_solutions_generates(path):
    released = authoring.ROOT / "notebooks" / path.stem / path.name
    advice = "run `uv run python -m helpers.authoring --no-execute` and commit notebooks/"
    assert committed(released) == authoring.release(path), advice


def test_nothing_else_is_released():
    tracked = subprocess.run(["git", "ls-files", "notebooks"], cwd=authoring.ROOT, capture_output=True, text=True)
    assert set(tracked.stdout.split()) <= {p.relative_to(authoring.ROOT).as_posix() for p in [*RELEASED, DOOR[1]]}


@pytest.mark.parametrize("path", BOTH + DOOR, ids=name_of)
class TestEveryNotebook:
    def test_is_valid_and_stored_in_normal_form(self, path):
        stored = committed(path)
        nb = nbformat.reads(stored, as_version=4)
        nbformat.validate(nb)
        authoring.normalise(nb)
        assert stored == authoring.text(nb)
        assert stored == json.dumps(json.loads(stored), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def test_has_minimal_metadata(self, path):
        nb = read(path)
        assert nb.metadata == {"kernelspec": authoring.KERNEL}
        for cell in nb.cells:
            assert set(cell.metadata) <= {"nbgrader", "tags", "editable", "deletable", "jupyter", "cellView"}
            claims = "claims" in cell.metadata.get("tags", ())
            assert ("jupyter" in cell.metadata) == (cell.id == "setup" or claims)
            assert ("cellView" in cell.metadata) == claims

    def test_has_readable_unique_ids(self, path):
        ids = [cell.id for cell in read(path).cells]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids), ids

    def test_has_no_machine_in_it(self, path):
        words = re.sub(r"base64,[\w+/=]*", "", committed(path))  # a picture's letters mean nothing
        found = re.findall(r"(?:/home/|/root/|/tmp/|/Users/|/work/|[A-Z]:\\\\)[^\s\"]*", words)
        assert not found

    def test_has_one_title_and_no_heading_that_skips_a_level(self, path):
        levels = [
            len(match) for cell in read(path).cells if cell.cell_type == "markdown"
            for match in re.findall(r"^(#+) ", cell.source, re.MULTILINE)
        ]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))

    def test_cells_are_tagged_by_what_they_are(self, path):
        for cell in code_cells(read(path)):
            tags = set(cell.metadata.get("tags", []))
            assert tags <= TAGS and len(tags - {"nbval-ignore-output"}) == 1, (cell.id, tags)
            assert "nbval-ignore-output" not in tags or "demo" in tags

    def test_setup_is_the_same_everywhere_and_up_to_date(self, path):
        setup = [cell for cell in code_cells(read(path)) if "setup" in cell.metadata.tags]
        assert [cell.source for cell in setup] == [authoring.SETUP.format(**authoring.project())]
        assert code_cells(read(path))[0].id == "setup"

    def test_markdown_pictures_have_alt_text(self, path):
        source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
        assert not re.findall(r"!\[\s*\]\(", source)
        assert all("alt=" in image for image in re.findall(r"<img[^>]*>", source))

    def test_hints_are_plain_html(self, path):
        """Inside <details> Markdown is not read: a backtick would stand there as it is."""
        source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
        assert not [hint for hint in re.findall(r"<details>.*?</details>", source, re.DOTALL) if "`" in hint]

    def test_claims_fold_away(self, path):
        """JupyterLab and Notebook fold by the one field, Colab by the other and the first line."""
        for cell in read(path).cells:
            if "claims" in cell.metadata.get("tags", ()):
                assert cell.metadata.jupyter == {"source_hidden": True} and cell.metadata.cellView == "form"
                assert cell.source.startswith("#@title ") and "nbgrader" not in cell.metadata


@pytest.mark.parametrize("path", BOTH, ids=name_of)
class TestEveryLesson:
    def test_every_exercise_has_a_fold_with_its_solution(self, path):
        cells = read(path).cells
        for hints, cell in zip(cells, cells[1:]):
            if "exercise" not in cell.metadata.get("tags", ()) or "### Prediction" in hints.source:
                continue
            call = f"(&quot;{path.stem[:2]}&quot;, &quot;{cell.metadata.nbgrader.grade_id}&quot;)</code>"
            (fold,) = [line for line in hints.source.splitlines() if line.startswith(authoring.FOLD)]
            assert f"course.solution{call}" in fold and f"course.start_over{call}" in fold

    def test_every_exercise_is_followed_by_its_check(self, path):
        cells = code_cells(read(path))
        exercises = [cell for cell in cells if "exercise" in cell.metadata.tags]
        checks = [cell for cell in cells if "check" in cell.metadata.tags]
        assert [f"check-{cell.metadata.nbgrader.grade_id}" for cell in exercises] == [
            cell.metadata.nbgrader.grade_id for cell in checks
        ]
        for exercise, check in zip(exercises, checks):
            assert cells.index(check) == cells.index(exercise) + 1
            assert f"def {exercise.metadata.nbgrader.grade_id}(" in exercise.source

    def test_locked_cells_are_locked(self, path):
        for cell in code_cells(read(path)):
            locked = bool({"setup", "imports", "check"} & set(cell.metadata.tags))
            assert cell.metadata.get("nbgrader", {}).get("locked", False) == locked, cell.id


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
class TestEverySolution:
    def test_is_executed_in_order_without_error_or_stderr(self, path):
        cells = code_cells(read(path))
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        for output in (o for cell in cells for o in cell.outputs):
            assert output.output_type != "error"
            assert output.get("name") != "stderr"

    def test_every_figure_has_words_and_is_small(self, path):
        """nbval does not compare HTML: it is read here."""
        figures = 0
        for cell in code_cells(read(path)):
            for data in (output.get("data", {}) for output in cell.outputs):
                assert not {"image/png", "image/jpeg", "image/svg+xml"} & data.keys(), f"{cell.id}: a picture without words"
                page = data.get("text/html", "")
                if "<img" not in page:
                    continue
                assert data["text/plain"].startswith("Figure: "), cell.id
                for image in re.findall(r"<img\b[^>]*>", page):
                    assert (problem := picture_problem(image)) is None, f"{cell.id}: {problem}"
                    figures += 1
        assert figures >= 3, "a lesson without pictures, or a test that does not find them"

    def test_every_page_of_html_is_still_and_stands_alone(self, path):
        for cell in code_cells(read(path)):
            for page in (output.get("data", {}).get("text/html", "") for output in cell.outputs):
                assert not re.findall(r"<(?:script|style|link|iframe)\b|\bon\w+=|(?:src|href)=\"(?:file:|/)", page), cell.id
                assert len(re.sub(r"base64,[^\"]*", "", page)) < 60_000, cell.id

    def test_every_coloured_text_has_words(self, path):
        for cell in code_cells(read(path)):
            for data in (output.get("data", {}) for output in cell.outputs):
                if "<details" in data.get("text/html", "") and 'title="' in data["text/html"]:
                    assert re.match(r"Coloured text: \S.*\n", data["text/plain"]), cell.id

    def test_fits_the_page_and_leaves_truth_to_the_claims(self, path):
        assert not too_wide(path) and not columns_of_true(path)

    def test_outputs_are_short(self, path):
        for cell in code_cells(read(path)):
            for output in cell.outputs:
                if output.output_type == "stream":
                    assert output.text.count("\n") <= 25 and len(output.text) <= 3000, cell.id

    def test_checks_earn_everything(self, path):
        nb = read(path)
        for cell in code_cells(nb):
            if "check" in cell.metadata.tags:
                name = cell.metadata.nbgrader.grade_id.removeprefix("check-")
                assert cell.source == CHECK.format(name=name)
                assert cell.outputs[-1].data["text/plain"] == str(cell.metadata.nbgrader.points)

    def test_stored_claims_all_hold(self, path):
        """nbval compares a stored "15 of 16 hold" with the same again, and is content."""
        stored = [cell for cell in code_cells(read(path)) if "claims" in cell.metadata.tags and cell.outputs]
        if path in SOLUTIONS:
            assert stored
        for cell in stored:
            held, of, count, _ = cell.outputs[-1].data["text/plain"].split()
            assert of == "of" and held == count, cell.id

    def test_what_a_claims_cell_reads_means_the_same_at_the_end(self, path):
        """Or the statements of an early section, checked again once all has run, would be about something else."""
        cells = code_cells(read(path))
        bound, used = zip(*(_names(cell.source) for cell in cells))
        for i, cell in enumerate(cells):
            if "claims" in cell.metadata.tags:
                shown_before = set().union(*bound[:i]) & (used[i] - bound[i])
                again = {name: later.id for names, later in zip(bound[i + 1 :], cells[i + 1 :]) for name in names & shown_before}
                assert not again, f"{cell.id} reads what a later cell binds anew: {again}"

    def test_says_its_points_time_and_prerequisites(self, path):
        nb = read(path)
        total = sum(c.metadata.nbgrader.points for c in code_cells(nb) if "check" in c.metadata.tags)
        goals = next(cell.source for cell in nb.cells if cell.id == "goals")
        assert total >= 20 and f"**Points:** {total}" in goals
        assert "**Time:**" in goals and "**You need**" in goals

    def test_every_exercise_says_points_difficulty_and_minutes_and_has_two_hints(self, path):
        nb = read(path)
        stated = 0
        for cell in nb.cells:
            if cell.cell_type != "markdown" or not (m := re.match(r"### (Exercise|Prediction).*", cell.source)):
                continue
            stated += int(re.search(r"· (\d+) points? ·", m.group()).group(1))
            assert re.search(r"· \d+ minutes?$", m.group())
            if m.group(1) == "Exercise":
                assert re.search(r"· (easy|medium|hard) ·", m.group())
                assert cell.source.count("<details><summary>Hint") == 2
        assert stated == sum(c.metadata.nbgrader.points for c in code_cells(nb) if "check" in c.metadata.tags)


@pytest.mark.parametrize("path", RELEASED, ids=name_of)
def test_the_release_gives_nothing_away(path):
    stored = committed(path)
    for word in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "hidden=True"):
        assert word not in stored
    for cell in code_cells(read(path)):
        assert cell.outputs == [] and cell.execution_count is None
        if "exercise" in cell.metadata.tags:
            assert cell.source.rstrip().endswith("raise NotImplementedError()")
