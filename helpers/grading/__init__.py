"""Grading for instructors, on top of nbgrader: `uv run grade`, and nbgrader's own button and command.

What is trusted: this machine's Python and packages, the release and the solutions, `helpers`, the instructor's configuration. What is
not: every byte a student hands in, and every byte that a process sends in which a student's code has run. Each module keeps a promise:

| module | promise |
|---|---|
| `rebuild` | What is graded is the release with the student's code in it. Their outputs, tags, settings and other files do not get in; what they changed that nobody should is noted. |
| `sandbox`, `student` | Their code runs behind bubblewrap in namespaces of its own: no network, nothing to write but a scratch folder, limits on CPU time, memory, processes and output, and a far larger one by the clock. Inside are Python, the lesson's helpers and data; no check, no solution, no gradebook, no other student, no secret, wherever the course lies: the sandbox looks before it takes a submission. All it started ends with it. |
| `channel` | Between the two sides go plain values, as JSON and .npy, measured before they are read. What comes is made anew here; no code of theirs, not even a class, gets out. |
| `check` | The checks run here and ask a stand-in for each function. A submission goes through twice: what people see comes from a process that met no hidden case; of a hidden test only whether it passed is told, and one of the few words in `check.KINDS`. A crash or a time-out costs the question in which it happened. |
| `record` | A result is a file named by the content it follows from, there in whole or not at all. One process writes the gradebook, through nbgrader's API; the graded notebook comes last, so that where it stands all is written. |
| `run` | Every submission ends with a grade, or with 0 and a reason in words, and none can take another's away: not by a process that it ends, nor by a text that cannot be stored. A process that dies costs no submission but its own. Interrupted at any moment, it goes on. |
| `button` | nbgrader's `autograde` and the formgrader's button do the same. |
| `report`, `export` | Whatever students wrote is inert: in the report, and in the CSV files for Canvas and Moodle. |
| `intake` | Of an LMS's archive, each student's notebook, and a reason for all that was left out. |

Not promised:

- That a function is the student's own work. What a NumPy lesson's exercise lets TensorFlow, Keras or `complex_step` do is named in
  the report and in the feedback; it earns its points.
- That a hidden case stays unknown to the code that must answer it: it does know it, and of each hidden criterion it can choose what is
  told, one of six things. That is too little for a private number of 32 hexadecimal digits, and too much for a short one.
- That two submissions graded on one machine cannot signal to each other by how long something takes. What says directly whether a file
  is in memory is forbidden.
- Whether an argument was changed in place, and whether a Generator was drawn from: that is what the submission's own process says.
  A submission that forges it could as well contain the line that makes it true.

Without bubblewrap nothing is graded, unless `--no-sandbox` says so: the checks then still run in another process, but the submission
can do whatever the instructor can, also to the gradebook.

Learners do not install nbgrader: of this package `record`, `run`, `button`, `report`, `export` and `intake` import it, and `helpers.authoring`.
"""
