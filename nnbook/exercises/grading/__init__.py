"""Grading a class: a student's code answers in a sandbox, and is judged outside of it.

From the inside out: `messages` and `values` are the wire; `worker` answers, within `isolation`,
as a child of `zygote`; `sandbox` starts these; `remote` lets the definition of a task use an
answer that is over there; `grade` finds what the tasks of one notebook are worth, and `jobs` make
records of that, by whichever of the `crews`; `submissions`, `results`, `pages` and `classroom`
make marks of a whole class.
"""
