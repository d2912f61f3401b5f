"""nbgrader's settings for this course: read by every `nbgrader` command at the repository's root."""

from pathlib import Path

from helpers import authoring, session
from helpers.grading import button

# Kernels inherit it: one thread a library, TensorFlow quiet. Not session.STILL: a JupyterLab that is started in this folder reads
# this file too, and its pictures should move. Submissions are graded in the engine's sandbox, which sets it.
session.start()

c = get_config()  # noqa: F821  nbgrader defines it here

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "rnn-course"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

authoring.configure(c)

# `nbgrader autograde` and the formgrader's button grade as `uv run grade` does, behind bubblewrap. Without this line nbgrader runs
# submissions itself, with your rights; the settings after it close what can be closed then.
button.configure(c)

# A cell may take minutes, and its output may come seconds after its reply where the machine is busy; no tag in a submission may keep a cell from running; lost check cells come back.
c.Execute.timeout = 300
c.Execute.iopub_timeout = 60
c.Execute.skip_cells_with_tag = ""
c.OverwriteCells.add_missing_cells = True

# What Moodle or Canvas lets an instructor download is collected by `nbgrader zip_collect LESSON`.
c.ZipCollectApp.extractor_plugin = "helpers.grading.intake.LMSExtractor"
c.ZipCollectApp.collector_plugin = "helpers.grading.intake.LMSCollector"
# The times in Moodle's grading worksheet are in the time zone of whoever downloaded it: name yours, as "Europe/Paris".
c.LMSExtractor.timezone = "UTC"
# A late submission keeps its points and is marked late; "zero" takes them all.
c.LateSubmissionPlugin.penalty_method = "none"
