"""What the lessons' demos run: tasks, training and measurements that are not a lesson's own subject.

One module a lesson. Nothing here does what a graded exercise asks for. Keras is loaded by the first model.
"""
