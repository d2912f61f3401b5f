"""nbgrader's own ways to autograde, by this engine: the formgrader's button and `nbgrader autograde`.

nbgrader converts a submission twice, once to sanitise and once to execute it. `Exporter` has the engine do both at the first
time; at the second what nbgrader does with an executed notebook remains: `record.PREPROCESSORS`.
"""

from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.apps.baseapp import NbGrader
from traitlets import Bool

from helpers.grading import record, run


class Exporter(NotebookExporter):
    """Gives for a submitted notebook the graded one."""

    sandbox = Bool(True, help="Whether to grade behind bubblewrap; without it submissions can do what you can.").tag(config=True)

    def from_filename(self, filename, resources=None, **kwargs):
        """Grade the file, if it is a submission; a graded one goes through nbgrader's preprocessors."""
        course = self.parent.coursedir
        facts = resources["nbgrader"]
        submitted = Path(course.format_path(course.submitted_directory, facts["student"], facts["assignment"]))
        if Path(filename).resolve().parent != submitted.resolve():
            return super().from_filename(filename, resources=resources, **kwargs)
        app = NbGrader(coursedir=course, config=self.config)
        result = run.grade_one(run.Course(app), facts["assignment"], facts["student"], self.sandbox)
        for flag in [*result["flags"], *result["limits"], *filter(None, [result["problem"]])]:
            self.log.warning("%s: %s", facts["student"], flag)
        return nbformat.writes(nbformat.reads(result["notebook"], as_version=4)), {**resources, "output_extension": ".ipynb"}


def configure(config):
    """Have nbgrader autograde by this engine (used by nbgrader_config.py)."""
    config.Autograde.exporter_class = "helpers.grading.button.Exporter"
    config.Autograde.sanitize_preprocessors = []
    config.Autograde.autograde_preprocessors = record.PREPROCESSORS


