"""What moves: sliders, steppers, predictions and quizzes around the pictures of ``nnbook.plot``."""

from nnbook.environment import report as doctor
from nnbook.live.controls import choice, slider, steps, switch, text
from nnbook.live.guesses import guess
from nnbook.live.livefigure import explore, picture, restore
from nnbook.live.quizzes import quiz, warm_up
from nnbook.live.recording import record
from nnbook.plot import figure
from nnbook.progress import summary as progress_so_far

__all__ = [
    "choice",
    "doctor",
    "explore",
    "figure",
    "guess",
    "picture",
    "progress_so_far",
    "quiz",
    "record",
    "restore",
    "slider",
    "steps",
    "switch",
    "text",
    "warm_up",
]
