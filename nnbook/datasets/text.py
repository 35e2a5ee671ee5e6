"""Texts: invented messages counted word by word, and one long text to learn to continue."""

from collections.abc import Sequence

import numpy as np

from nnbook.arrays import Array
from nnbook.datasets.dataset import Dataset
from nnbook.errors import KindError


def spam_messages() -> Dataset:
    """Return 24 short invented messages as counts of words: 12 wanted ("ham") and 12 spam."""
    ham, spam = _ham(), _spam()
    texts = ham + spam
    vocabulary = tuple(sorted({word for text in texts for word in words(text)}))
    labels = np.repeat([0, 1], [len(ham), len(spam)])
    counts = bag_of_words(texts, vocabulary)
    return Dataset(counts, labels, vocabulary, ("ham", "spam"), "invented messages", texts)


def bag_of_words(texts: Sequence[str], vocabulary: Sequence[str]) -> Array:
    """Count words, and forget their order.

    Parameters
    ----------
    texts : sequence of str, N of them
    vocabulary : sequence of str, D of them
        Words to count; others are left out.

    Returns
    -------
    ndarray, (N, D)
        How often each word of the vocabulary occurs in each text.

    Raises
    ------
    KindError
        For a single string, whose letters would be taken for texts or words.
    """
    for name, strings in (("texts", texts), ("vocabulary", vocabulary)):
        if isinstance(strings, str):
            raise KindError(
                "bag_of_words",
                got=f"{name}={strings!r}",
                wanted="a list of strings",
                remedy=f"put it in brackets: [{strings!r}]",
            )
    return np.array([[words(text).count(word) for word in vocabulary] for text in texts], float)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the punctuation around them."""
    stripped = (word.strip(".,!?:;'\"") for word in text.lower().split())
    return [word for word in stripped if word]


def python_docs() -> str:
    """Return the documentation that ships inside every Python: about half a million characters.

    It is what ``help("assert")`` prints: all topics of `pydoc_data.topics`, in the order of their
    names, with an empty line between two. The text differs between versions of Python, and so does
    all that is learned from it.
    """
    from pydoc_data import topics

    return "\n\n".join(topics.topics[name].strip() for name in sorted(topics.topics))


def _ham() -> tuple[str, ...]:
    return (
        "The meeting is scheduled for Monday.",
        "Can you send me the notes from the meeting?",
        "Lunch at noon, the usual place?",
        "The train is late, start without me.",
        "Thank you for the book, I like it.",
        "Your package is at the front desk.",
        "Dinner is scheduled for seven, bring the children.",
        "Please read the report before the meeting.",
        "Are you free on Friday for a walk?",
        "The winner of the chess game was Anna.",
        "I have your keys, call me when you are home.",
        "The lecture is now scheduled for ten.",
    )


def _spam() -> tuple[str, ...]:
    return (
        "You are a winner! Claim the prize now!",
        "Free prize, free money, call now!",
        "Click here for a free phone!",
        "Winner! Your prize is waiting, click here.",
        "Get money now, no risk!",
        "Claim your free holiday today!",
        "Last chance: cheap pills, click now!",
        "You have won money! Reply to claim it.",
        "Free entry, win the big prize!",
        "Cheap loans today, no questions!",
        "Congratulations winner, claim your free gift!",
        "Buy cheap watches here, offer ends today!",
    )
