"""What the course shows.

======================= ========================================================================================
`helpers.plots.figure`  pictures with words in them, the course's style and colours, lines named at their ends, drawings
`helpers.plots.text`    text whose characters have numbers, in colour
`helpers.plots.watch`   training that can be watched, and the still picture it leaves
`helpers.plots.explore` a still picture, and the same with knobs below it
======================= ========================================================================================

and one module a lesson, with its pictures. All of it is HTML that shows itself without being run, with a text alternative
for readers who cannot see it. matplotlib is loaded by the first figure, ipywidgets by the first knob.
"""
