"""The tasks of chapter 8: piles and folds, a search, metrics, one batch, and wounded networks."""

from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. split_and_standardise -------------------------------------------------------------------


def split_and_standardise(x, order, test_count):
    """Return the training pile and the test pile, both on the scale of the training pile."""
    train, test = x[order[:-test_count]], x[order[-test_count:]]
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return (train - mean) / spread, (test - mean) / spread


def _split_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, columns, count in ((5, 1, 1), (9, 3, 4), (40, 6, 10), (7, 2, 5)):
        x = rng.normal(3, [1, 10, 100, 5, 1, 2][:columns], size=(rows, columns)).round(2)
        yield Case((x, rng.permutation(rows), count))
    still = rng.integers(0, 5, size=(8, 3))
    still[:, 1] = 4
    yield Case((still, rng.permutation(8), 2))
    still = still.astype(float)
    still[7, 1] = 6.5
    yield Case((still, np.arange(8), 3))


def _split(scale, shift=lambda train, test: train.mean(axis=0), cut=lambda order, t: t):
    """Make an answer that differs in what it divides by, takes away, or where it cuts."""

    def answer(x, order, test_count):
        at = len(order) - cut(order, test_count)
        train, test = x[order[:at]], x[order[at:]]
        by, less = scale(train, test), shift(train, test)
        return (train - less) / by, (test - less) / by

    return answer


def _spread(pile, **options):
    spread = np.std(pile, axis=0, **options)
    return np.where(spread > 0, spread, 1)


def _both(train, test):
    return np.concatenate([train, test])


def _each_on_its_own(x, order, test_count):
    piles = x[order[:-test_count]], x[order[-test_count:]]
    return tuple((pile - pile.mean(axis=0)) / _spread(pile) for pile in piles)


def _test_left_alone(x, order, test_count):
    train, _ = split_and_standardise(x, order, test_count)
    return train, x[order[-test_count:]]


def _still_columns_zeroed(x, order, test_count):
    train, test = split_and_standardise(x, order, test_count)
    still = np.std(x[order[:-test_count]], axis=0) == 0
    return train, np.where(still, 0.0, test)


SPLIT = Exercise(
    name="split_and_standardise",
    chapter=8,
    title="Split and standardise without leakage",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="x (N, D), order (N,), test_count T → train (N − T, D) and test (T, D)",
    reference=split_and_standardise,
    cases=(
        Case(
            (np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 2]), 1),
            "Two rows train, one tests: mean 1.5 and spread 0.5 come from the first two.",
        ),
        Case(
            (np.array([[9.0], [1.0], [3.0], [5.0]]), np.array([2, 0, 3, 1]), 2),
            "The order is shuffled: rows 2 and 0 train.",
        ),
        Case(
            (np.array([[0.0, 100.0], [4.0, 300.0], [2.0, 500.0]]), np.array([0, 1, 2]), 1),
            "Two features on two scales: each has its own mean and its own spread.",
        ),
        Case(
            (np.array([[2, 7], [4, 7], [6, 9], [3, 7]]), np.array([0, 1, 2, 3]), 2),
            "The second feature stands still in training, and moves in the test pile.",
        ),
        Case(
            (np.array([[1.0], [2.0], [4.0], [8.0], [16.0]]), np.array([4, 3, 0, 1, 2]), 3),
            "More rows test than train.",
        ),
    ),
    hidden=_split_hidden,
    twins=(
        Twin(
            "statistics of all rows",
            "Mean and spread of your training rows change when only a test row changes. That is "
            "the leak.",
            _split(
                lambda train, test: _spread(_both(train, test)),
                lambda train, test: _both(train, test).mean(axis=0),
            ),
        ),
        Twin(
            "each pile on its own scale",
            "You measure the test pile with its own mean and spread. The same row would then "
            "get different numbers in different piles.",
            _each_on_its_own,
        ),
        Twin(
            "test left alone",
            "Your test pile stays in its old units. The network has never seen such numbers.",
            _test_left_alone,
        ),
        Twin(
            "statistics of the test pile",
            "Mean and spread come from the wrong pile.",
            _split(lambda train, test: _spread(test), lambda train, test: test.mean(axis=0)),
        ),
        Twin(
            "divided by zero",
            "Where a feature stands still in training, you divide by 0.",
            _split(lambda train, test: train.std(axis=0)),
        ),
        Twin(
            "a small number added",
            "You keep the division alive with a small number. It moves every feature a little, and "
            "blows up one that stands still.",
            _split(lambda train, test: train.std(axis=0) + 1e-4),
        ),
        Twin(
            "still features set to 0",
            "A feature that stands still in training may move later. You wipe that out.",
            _still_columns_zeroed,
        ),
        Twin(
            "one scale for all features",
            "You use one mean and one spread for the whole table. Each feature has its own.",
            _split(lambda train, test: np.std(train), lambda train, test: np.mean(train)),
        ),
        Twin(
            "divided by N − 1",
            "Your spread divides by N − 1. The mean square of what is left should be exactly 1.",
            _split(lambda train, test: _spread(train, ddof=1)),
        ),
        Twin(
            "variance for spread",
            "You divide by the mean square. Its root has the units of the feature.",
            _split(
                lambda train, test: np.where(train.var(axis=0) > 0, train.var(axis=0), 1),
            ),
        ),
        Twin(
            "not centred",
            "Your training features do not have mean 0.",
            _split(lambda train, test: _spread(train), lambda train, test: 0),
        ),
        Twin(
            "only centred",
            "Your features still have different spreads.",
            _split(lambda train, test: 1),
        ),
        Twin(
            "squeezed between 0 and 1",
            "You scale by smallest and largest value. One odd row then decides the scale.",
            _split(
                lambda train, test: np.where(np.ptp(train, axis=0) > 0, np.ptp(train, axis=0), 1),
                lambda train, test: train.min(axis=0),
            ),
        ),
        Twin(
            "order ignored",
            "You cut the rows as they stand. Data often come sorted: go by the given order.",
            lambda x, order, test_count: split_and_standardise(x, np.sort(order), test_count),
        ),
        Twin(
            "test rows from the front",
            "The rows at the end of the order are for testing. You took them from its beginning.",
            lambda x, order, test_count: split_and_standardise(
                x, np.roll(order, -test_count), test_count
            ),
        ),
        Twin(
            "counts exchanged",
            "Your piles have each other's sizes.",
            _split(lambda train, test: _spread(train), cut=lambda order, count: len(order) - count),
        ),
        Twin(
            "piles exchanged",
            "The right piles, in the wrong order: train comes first.",
            lambda x, order, test_count: split_and_standardise(x, order, test_count)[::-1],
        ),
    ),
    parts=("train", "test"),
    hints=(
        "First cut, then measure. Whatever you measure, ask: would it change if a test row did?",
        "Take the rows order[:-T] and order[-T:]. Then (x − μ)/σ for both, with μ and σ of the "
        "training rows, one for each column (axis=0). Where σ is 0, divide by 1.",
        """
        def split_and_standardise(x, order, test_count):
            train, test = x[...], x[...]
            mean, spread = ..., ...             # (D,) each, of which rows?
            spread = np.where(..., spread, 1)
            return ..., ...
        """,
    ),
)

# --- 2. k_folds ---------------------------------------------------------------------------------


def k_folds(order, k):
    """Return k pairs of row numbers, (train, validation); each row is held out once."""
    pieces = np.array_split(order, k)
    return [(np.concatenate(pieces[:i] + pieces[i + 1 :]), pieces[i]) for i in range(k)]


def _folds_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, k in ((4, 2), (9, 3), (10, 4), (11, 5), (23, 10), (6, 6), (7, 2)):
        yield Case((rng.permutation(rows), k))
    yield Case((rng.choice(100, size=13, replace=False), 4))


def _folds(validation):
    """Make an answer from a wrong way to choose which rows are held out."""

    def answer(order, k):
        held_out = validation(order, k)
        return [(order[~np.isin(order, rows)], rows) for rows in held_out]

    return answer


def _even(order, k):
    size = len(order) // k
    return [order[i * size : (i + 1) * size] for i in range(k)]


def _rest_to_last(order, k):
    size = len(order) // k
    return [order[i * size : (i + 1) * size if i < k - 1 else None] for i in range(k)]


def _rounded_up(order, k):
    size = -(-len(order) // k)
    return [order[i * size : (i + 1) * size] for i in range(k)]


def _larger_last(order, k):
    return [piece[::-1] for piece in np.array_split(order[::-1], k)][::-1]


FOLDS = Exercise(
    name="k_folds",
    chapter=8,
    title="k folds",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="order (N,), k from 2 to N → a list of k pairs (train, validation) of row numbers",
    reference=k_folds,
    cases=(
        Case((np.array([0, 1]), 2), "Two rows, two folds: each row is held out once."),
        Case((np.array([3, 0, 2, 1]), 2), "Four shuffled rows: the order stays as it is."),
        Case(
            (np.array([5, 1, 4, 0, 3, 2]), 3), "Three folds: the middle one has rows on both sides."
        ),
        Case((np.array([0, 1, 2, 3, 4]), 2), "Five rows in two folds: the first one is larger."),
        Case((np.arange(10)[::-1], 4), "Ten rows in four folds: sizes 3, 3, 2 and 2."),
        Case((np.array([8, 30, 12]), 3), "Row numbers of a larger table; one row in each fold."),
    ),
    hidden=_folds_hidden,
    twins=(
        Twin(
            "pair exchanged",
            "The right rows, and the pairs the wrong way round: you would train on one fold and "
            "test on all the others.",
            lambda order, k: [pair[::-1] for pair in k_folds(order, k)],
        ),
        Twin(
            "trained on all rows",
            "You train on the rows that you hold out. The score will flatter.",
            lambda order, k: [(order, held_out) for _, held_out in k_folds(order, k)],
        ),
        Twin(
            "trained on the rows before",
            "You train on the rows before the fold only. That is for data in time; here the rows "
            "after it count too.",
            lambda order, k: [
                (np.concatenate([order[:0], *np.array_split(order, k)[:i]]), held_out)
                for i, (_, held_out) in enumerate(k_folds(order, k))
            ],
        ),
        Twin(
            "trained on the next fold",
            "You train on one other fold. All the others are free for it.",
            lambda order, k: [
                (np.array_split(order, k)[(i + 1) % k], held_out)
                for i, (_, held_out) in enumerate(k_folds(order, k))
            ],
        ),
        Twin(
            "rest dropped",
            "Your folds are equal, and some rows are never held out.",
            _folds(_even),
        ),
        Twin(
            "rest to the last fold",
            "Your last fold takes all that is left over. Sizes may differ by one at most.",
            _folds(_rest_to_last),
        ),
        Twin(
            "size rounded up",
            "You round the size of a fold up, and the last ones run dry.",
            _folds(_rounded_up),
        ),
        Twin(
            "larger folds last",
            "Your sizes are right, and in the wrong order: the larger folds come first.",
            _folds(_larger_last),
        ),
        Twin(
            "every k-th row",
            "You deal the rows out like cards. Here a fold is a piece of the order, in one run.",
            _folds(lambda order, k: [order[i::k] for i in range(k)]),
        ),
        Twin(
            "positions for rows",
            "You return positions in the order. The rows that stand there were asked for.",
            lambda order, k: k_folds(np.arange(len(order)), k),
        ),
        Twin(
            "sorted",
            "The right rows, but sorted: they should stay in the order that was given.",
            lambda order, k: [
                (np.sort(train), np.sort(held_out)) for train, held_out in k_folds(order, k)
            ],
        ),
        Twin(
            "training rows sorted",
            "Your held-out rows are right. Your training rows are sorted: they should stay in the "
            "order that was given.",
            lambda order, k: [(np.sort(train), held_out) for train, held_out in k_folds(order, k)],
        ),
        Twin(
            "sorted before the cut",
            "You sort the rows first, and the shuffling is lost.",
            lambda order, k: k_folds(np.sort(order), k),
        ),
        Twin(
            "shuffled again",
            "You shuffle an order that is shuffled already. Nobody could repeat your folds.",
            lambda order, k: k_folds(np.random.default_rng(7).permutation(order), k),
        ),
        Twin(
            "first fold only",
            "You return one split. There are k.",
            lambda order, k: k_folds(order, k)[:1],
        ),
        Twin(
            "folds alone",
            "These are the folds. A pair also says which rows train.",
            lambda order, k: np.array_split(order, k),
        ),
    ),
    hints=(
        "Cut the order into k pieces first. Then each piece takes its turn at being held out.",
        "N // k rows in each fold, and one more in the first N % k of them. The training rows of a "
        "fold are all that is before it and all that is after it; np.concatenate joins arrays.",
        """
        def k_folds(order, k):
            pairs, start = [], 0
            for i in range(k):
                end = start + ... + (1 if ... else 0)
                pairs.append((np.concatenate([..., ...]), order[...]))
                start = end
            return pairs
        """,
    ),
)

# --- 3. random_search ---------------------------------------------------------------------------


def random_search(loss, u, low, high):
    """Return the best of the settings that u stands for on a log scale, and its loss."""
    settings = low * (high / low) ** u
    losses = [loss(setting) for setting in settings]
    best = np.nanargmin(losses)
    return settings[best], losses[best]


def _use_random_search(random_search, u, low, high, valley, cliff):
    trainings = []

    def loss(setting):  # stands for a whole training; at large rates it diverges
        trainings.append(setting)
        diverged = setting[0] > cliff
        return np.nan if diverged else np.sum((np.log10(setting) - np.log10(valley)) ** 2)

    setting, least = random_search(loss, u, low, high)
    return {"setting": setting, "loss": least, "trainings": len(trainings)}


def _search_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for tries, settings in ((1, 1), (5, 2), (20, 3), (12, 1)):
        low = 10.0 ** rng.integers(-6, -3, size=settings)
        high = low * 10.0 ** rng.integers(2, 5, size=settings)
        valley = low * (high / low) ** rng.uniform(0.2, 0.8, size=settings)
        u = rng.random((tries, settings)).round(3)
        yield Case((u, low, high, valley, 10.0))
        u[:1] = 0.5  # so that one of them has not diverged
        yield Case((u, low, high, valley, low[0] * (high[0] / low[0]) ** 0.6))


def _search(settings=None, choose=np.nanargmin, give=lambda setting, loss: (setting, loss)):
    """Make an answer that differs in what it tries, which try it takes, or what it gives back."""
    settings = settings or (lambda u, low, high: low * (high / low) ** u)

    def answer(loss, u, low, high):
        tried = settings(u, low, high)
        losses = np.array([loss(setting) for setting in tried])
        best = choose(losses)
        return give(tried[best], losses[best])

    return answer


def _trained_again(loss, u, low, high):
    setting, _ = random_search(loss, u, low, high)
    return setting, loss(setting)


def _gave_up_at_nan(loss, u, low, high):
    best, least = None, np.inf
    for setting in low * (high / low) ** u:
        value = loss(setting)
        if np.isnan(value):
            break
        if value < least:
            best, least = setting, value
    return (low, np.nan) if best is None else (best, least)


def _nan_for_nothing(loss, u, low, high):
    settings = low * (high / low) ** u
    losses = np.nan_to_num([loss(setting) for setting in settings])
    return settings[np.argmin(losses)], np.min(losses)


def _number_drawn(loss, u, low, high):
    losses = [loss(setting) for setting in low * (high / low) ** u]
    return u[np.nanargmin(losses)], np.nanmin(losses)


_ONE = (np.array([1e-4]), np.array([1.0]))

SEARCH = Exercise(
    name="random_search",
    chapter=8,
    title="Random search on a log scale",
    points=3,
    minutes=14,
    difficulty=2,
    shapes="loss: (D,) → a number, u (T, D) from 0 to 1, low (D,), high (D,) → (D,) and a number",
    reference=random_search,
    use=_use_random_search,
    cases=(
        Case(
            (np.array([[0.5]]), *_ONE, np.array([0.01]), 10.0),
            "One try, in the middle of 0.0001 and 1 on a log scale: 0.01.",
        ),
        Case(
            (np.array([[0.0], [0.25], [1.0]]), *_ONE, np.array([0.002]), 10.0),
            "u = 0 stands for low, u = 1 for high, u = 0.25 for a quarter of the way.",
        ),
        Case(
            (np.array([[0.9], [0.3], [0.6]]), *_ONE, np.array([0.05]), 0.5),
            "A training that diverges has the loss nan; here none does.",
        ),
        Case(
            (np.array([[0.2], [0.95], [0.6], [0.55]]), *_ONE, np.array([0.01]), 0.1),
            "The second training diverges: its loss is nan.",
        ),
        Case(
            (
                np.array([[0.2, 0.7], [0.6, 0.4], [0.5, 0.9]]),
                np.array([1e-4, 1e-6]),
                np.array([1.0, 1e-2]),
                np.array([0.02, 3e-5]),
                10.0,
            ),
            "Two settings at once, each with a range of its own.",
        ),
        Case(
            (
                np.array([[0.99], [0.7], [0.4], [0.1]]),
                np.array([2.0]),
                np.array([512.0]),
                np.array([128.0]),
                400.0,
            ),
            "A range from 2 to 512, and the first training diverges.",
        ),
    ),
    hidden=_search_hidden,
    twins=(
        Twin(
            "evenly from low to high",
            "Your tries are spread evenly, so nearly all of them lie within a factor ten of the "
            "upper end.",
            _search(lambda u, low, high: low + (high - low) * u),
        ),
        Twin(
            "nan wins",
            "A training that diverged wins your search. No comparison with nan is true, and the "
            "smallest of numbers with a nan among them is nan.",
            _search(choose=np.argmin),
        ),
        Twin(
            "stops at nan",
            "Your search ends with the first training that diverges. The others are still to come.",
            _gave_up_at_nan,
        ),
        Twin(
            "nan counts as 0",
            "You turn nan into 0, the best loss there is.",
            _nan_for_nothing,
        ),
        Twin(
            "the largest loss",
            "You take the worst of the settings.",
            _search(choose=np.nanargmax),
        ),
        Twin(
            "the last one",
            "You take the last training that did not diverge, good or bad.",
            _search(choose=lambda losses: np.flatnonzero(~np.isnan(losses))[-1]),
        ),
        Twin(
            "from high to low",
            "u = 0 should stand for the lower end; for you it is the upper one.",
            _search(lambda u, low, high: high * (low / high) ** u),
        ),
        Twin(
            "ends as exponents",
            "You take the ends for exponents. They are the settings themselves.",
            _search(lambda u, low, high: 10 ** (low + (high - low) * u)),
        ),
        Twin(
            "starts at 1",
            "Your tries run from 1 to the ratio of the ends, not from low to high.",
            _search(lambda u, low, high: (high / low) ** u),
        ),
        Twin(
            "one range for all",
            "All your settings lie in the range of the first one.",
            _search(lambda u, low, high: low[0] * (high[0] / low[0]) ** u),
        ),
        Twin(
            "only powers of ten",
            "You round the exponents. Then it is a grid again, with few different values.",
            _search(lambda u, low, high: 10 ** np.round(np.log10(low * (high / low) ** u))),
        ),
        Twin(
            "trains the best again",
            "You train once more than you were given tries: the best setting's loss was known.",
            _trained_again,
        ),
        Twin(
            "exponent returned",
            "You return the logarithm of the setting.",
            _search(give=lambda setting, loss: (np.log10(setting), loss)),
        ),
        Twin(
            "pair exchanged",
            "The right two, the other way round: the setting comes first.",
            _search(give=lambda setting, loss: (loss, setting)),
        ),
        Twin(
            "u returned",
            "You return the number that was drawn. What setting does it stand for?",
            _number_drawn,
        ),
    ),
    hints=(
        "Halfway between 0.0001 and 1 on a log scale lies 0.01: equal steps of u multiply by equal "
        "factors. And what does min make of a nan?",
        "A setting is low · (high/low)^u. Call loss once for each row; np.isnan tells which "
        "trainings diverged, and np.nanargmin looks past them.",
        """
        def random_search(loss, u, low, high):
            settings = ...                         # (T, D)
            losses = [... for setting in settings]
            best = ...                             # its row number
            return settings[...], losses[...]
        """,
    ),
)

# --- 4. precision_recall_f1 ---------------------------------------------------------------------


def precision_recall_f1(scores, labels, threshold):
    """Return precision, recall and F1 of the alarms that scores give at a threshold."""
    alarms = scores >= threshold
    found = np.sum(alarms & (labels == 1))
    precision = found / max(1, np.sum(alarms))
    recall = found / max(1, np.sum(labels == 1))
    return precision, recall, 2 * found / max(1, np.sum(alarms) + np.sum(labels == 1))


def _metrics_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size, share, threshold in ((6, 0.5, 0.5), (30, 0.3, 0.7), (200, 0.05, 0.3), (50, 0.9, 0.2)):
        labels = (rng.random(size) < share).astype(int)
        labels[:2] = 0, 1
        yield Case((rng.random(size).round(2), labels, threshold))
    yield Case((np.array([0.2, 0.1]), np.array([0, 1]), 0.9))
    yield Case((np.array([0.2, 0.1]), np.array([0, 0]), 0.9))
    yield Case((np.array([-2.0, 3.0, 0.0]), np.array([0, 1, 1]), 0.0))


def _metrics(precision, recall, f1=None, alarms=lambda scores, threshold: scores >= threshold):
    """Make an answer from a share of (found, alarms, positives, right, all) for each metric."""
    harmonic = lambda p, r: 2 * p * r / (p + r) if p + r else 0.0  # noqa: E731

    def answer(scores, labels, threshold):
        marked = alarms(scores, threshold)
        found, right = np.sum(marked & (labels == 1)), np.sum(marked == (labels == 1))
        counts = (found, np.sum(marked), np.sum(labels == 1), right, len(labels))
        p, r = precision(*counts), recall(*counts)
        return p, r, (f1 or harmonic)(p, r)

    return answer


def _precision(found, alarms, positives, right, all_):
    return found / max(1, alarms)


def _recall(found, alarms, positives, right, all_):
    return found / max(1, positives)


METRICS = Exercise(
    name="precision_recall_f1",
    chapter=8,
    title="Precision, recall and F1",
    points=2,
    minutes=10,
    difficulty=1,
    shapes="scores (N,), labels (N,) of 0 and 1, threshold → three numbers from 0 to 1",
    reference=precision_recall_f1,
    cases=(
        Case((np.array([0.9, 0.2]), np.array([1, 0]), 0.5), "One alarm, and it is right."),
        Case(
            (np.array([0.9, 0.8, 0.7, 0.1]), np.array([1, 1, 0, 1]), 0.75),
            "Two alarms, both right; one positive is missed.",
        ),
        Case(
            (np.array([0.9, 0.8, 0.7, 0.1, 0.6]), np.array([1, 0, 0, 1, 0]), 0.5),
            "Four alarms, one of them right; two positives.",
        ),
        Case(
            (np.array([0.5, 0.3, 0.2]), np.array([1, 0, 0]), 0.5),
            "A score at the threshold is an alarm.",
        ),
        Case((np.array([0.2, 0.4]), np.array([1, 0]), 0.5), "No alarm at all."),
        Case((np.array([0.7, 0.4]), np.array([0, 0]), 0.5), "No positive at all."),
        Case((np.array([0.1, 0.2, 0.3]), np.array([0, 0, 0]), 0.5), "No alarm and no positive."),
        Case((np.array([0.8, 0.9]), np.array([0, 1]), 0.95), "The threshold is above every score."),
    ),
    hidden=_metrics_hidden,
    twins=(
        Twin(
            "precision and recall exchanged",
            "Your first two numbers have changed places. Which of them asks how far an alarm can "
            "be trusted?",
            _metrics(_recall, _precision),
        ),
        Twin(
            "accuracy for precision",
            "Your precision grows with every quiet example that is right to be quiet.",
            _metrics(lambda found, alarms, positives, right, n: right / n, _recall),
        ),
        Twin(
            "share of all examples",
            "You divide what was found by all examples. Each of the two has a pile of its own.",
            _metrics(
                lambda found, alarms, positives, right, n: found / n,
                lambda found, alarms, positives, right, n: found / n,
            ),
        ),
        Twin(
            "above the threshold only",
            "A score that equals the threshold counts as an alarm.",
            _metrics(_precision, _recall, alarms=lambda scores, threshold: scores > threshold),
        ),
        Twin(
            "threshold ignored",
            "You cut at one half. The threshold is given.",
            _metrics(_precision, _recall, alarms=lambda scores, threshold: scores >= 0.5),
        ),
        Twin(
            "alarms below the threshold",
            "Your alarms are the low scores.",
            _metrics(_precision, _recall, alarms=lambda scores, threshold: scores < threshold),
        ),
        Twin(
            "the other class found",
            "You look for the zeros. The class to be found is 1.",
            lambda scores, labels, threshold: precision_recall_f1(
                -scores, 1 - labels, np.nextafter(-threshold, np.inf)
            ),
        ),
        Twin(
            "nothing by nothing",
            "Without an alarm, or without a positive, you divide 0 by 0.",
            _metrics(
                lambda found, alarms, positives, right, n: np.divide(found, alarms),
                lambda found, alarms, positives, right, n: np.divide(found, positives),
                lambda p, r: 2 * p * r / (p + r),
            ),
        ),
        Twin(
            "1 for nothing",
            "Without an alarm your precision is 1. Here it is 0 by agreement.",
            _metrics(
                lambda found, alarms, positives, right, n: found / alarms if alarms else 1.0,
                _recall,
            ),
        ),
        Twin(
            "plain mean for F1",
            "Your F1 is halfway between the two. Whoever raises the alarm always would get more "
            "than one half.",
            _metrics(_precision, _recall, lambda p, r: (p + r) / 2),
        ),
        Twin(
            "geometric mean",
            "Your F1 is the root of their product. It should lie nearer to the smaller one.",
            _metrics(_precision, _recall, lambda p, r: np.sqrt(p * r)),
        ),
        Twin(
            "factor 2 missing",
            "Two perfect numbers give one half in your F1.",
            _metrics(_precision, _recall, lambda p, r: p * r / (p + r) if p + r else 0.0),
        ),
        Twin(
            "the smaller one",
            "Your F1 is the smaller of the two. The larger one counts a little, too.",
            _metrics(_precision, _recall, min),
        ),
        Twin(
            "counts",
            "These are counts. Shares were asked for.",
            _metrics(
                lambda found, alarms, positives, right, n: found,
                lambda found, alarms, positives, right, n: positives,
            ),
        ),
    ),
    parts=("precision", "recall", "F1"),
    hints=(
        "Three counts do it: how many alarms there are, how many positives there are, and how many "
        "examples are both.",
        "precision = both / alarms, recall = both / positives, F1 = 2 · precision · recall / "
        "(precision + recall), which is 2 · both / (alarms + positives). Each is 0 where it would "
        "divide by 0.",
        """
        def precision_recall_f1(scores, labels, threshold):
            alarms = ...                           # (N,) of True and False
            found = np.sum(... & ...)
            precision = found / max(1, ...)
            recall = found / max(1, ...)
            return precision, recall, ...
        """,
    ),
    equivalent={
        "1 -> 2": "One alarm or positive in all: then nothing was found, and 0 by 1 is 0 by 2."
    },
)

# --- 5. overfit_one_batch -----------------------------------------------------------------------


def overfit_one_batch(x, y, W1, b1, W2, b2, rate, steps):
    """Return the loss on one batch before the first step and after each: (steps + 1,)."""
    losses, truth = [], np.eye(len(b2))[y]
    for _ in range(steps + 1):
        h = np.maximum(x @ W1.T + b1, 0)
        z = h @ W2.T + b2
        z = z - np.max(z, axis=1, keepdims=True)
        log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        losses.append(-np.sum(truth * log_p) / len(y))
        dz = (np.exp(log_p) - truth) / len(y)
        dh = (dz @ W2) * (h > 0)
        W1, b1 = W1 - rate * dh.T @ x, b1 - rate * np.sum(dh, axis=0)
        W2, b2 = W2 - rate * dz.T @ h, b2 - rate * np.sum(dz, axis=0)
    return np.array(losses)


def _batch(rng, examples, features, hidden, classes, scale=1.0):
    x = rng.normal(size=(examples, features)).round(2)
    weights = [
        (scale * rng.normal(size=shape)).round(2)
        for shape in ((hidden, features), (hidden,), (classes, hidden), (classes,))
    ]
    return x, rng.integers(0, classes, size=examples), *weights


def _batch_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for examples, features, hidden, classes in ((1, 2, 3, 2), (6, 4, 8, 3), (10, 3, 16, 5)):
        yield Case((*_batch(rng, examples, features, hidden, classes), 0.2, 20))
    yield Case((*_batch(rng, 5, 3, 6, 4, scale=0.0), 0.5, 5))
    yield Case((*_batch(rng, 3, 2, 4, 3, scale=30.0), 0.001, 3))
    yield Case((*_batch(rng, 4, 2, 3, 3), 0.1, 0))


def _train(slope=None, bend=None, step=None, measure=None, probabilities=None):
    """Make an answer with a mistake in one place of the loop."""
    probabilities = probabilities or _softmax
    slope = slope or (lambda p, truth: (p - truth) / len(truth))
    bend = bend or (lambda dh, h: dh * (h > 0))
    measure = measure or _mean_loss

    def answer(x, y, W1, b1, W2, b2, rate, steps):
        losses, truth, layers = [], np.eye(len(b2))[y], (W1, b1, W2, b2)
        for _ in range(steps + 1):
            W1, b1, W2, b2 = layers
            h = np.maximum(x @ W1.T + b1, 0)
            z = h @ W2.T + b2
            p = probabilities(z)
            losses.append(measure(z, p, truth))
            dz = slope(p, truth)
            dh = bend(dz @ W2, h)
            slopes = dh.T @ x, dh.sum(axis=0), dz.T @ h, dz.sum(axis=0)
            layers = (step or _descend)(layers, slopes, rate)
        return np.array(losses)

    return answer


def _mean_loss(z, p, truth):
    """Return the right loss, from logits."""
    return -np.sum(truth * _log_softmax(z)) / len(truth)


def _loss_of_shares(z, p, truth):
    """Return the loss from probabilities, which may have been rounded to 0."""
    return -np.mean(np.log(np.sum(p * truth, axis=1)))


def _summed_loss(z, p, truth):
    return -np.sum(truth * _log_softmax(z))


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))


def _softmax(z):
    return np.exp(_log_softmax(z))


def _shares(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.maximum(e / e.sum(axis=1, keepdims=True), np.finfo(float).tiny)


def _overflowing(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def _descend(layers, slopes, rate):
    return tuple(layer - rate * slope for layer, slope in zip(layers, slopes, strict=True))


def _only(*places):
    """Make a step that moves some of the four arrays and leaves the others."""
    return lambda layers, slopes, rate: tuple(
        layer - rate * slope * (place in places)
        for place, (layer, slope) in enumerate(zip(layers, slopes, strict=True))
    )


def _second_layer_first(x, y, W1, b1, W2, b2, rate, steps):
    losses, truth = [], np.eye(len(b2))[y]
    for _ in range(steps + 1):
        h = np.maximum(x @ W1.T + b1, 0)
        z = h @ W2.T + b2
        losses.append(_mean_loss(z, None, truth))
        dz = (_softmax(z) - truth) / len(y)
        W2, b2 = W2 - rate * dz.T @ h, b2 - rate * dz.sum(axis=0)
        dh = (dz @ W2) * (h > 0)
        W1, b1 = W1 - rate * dh.T @ x, b1 - rate * dh.sum(axis=0)
    return np.array(losses)


def _piled_up(x, y, W1, b1, W2, b2, rate, steps):
    piles = [0.0] * 4

    def step(layers, slopes, rate):
        piles[:] = [pile + slope for pile, slope in zip(piles, slopes, strict=True)]
        return _descend(layers, piles, rate)

    return _train(step=step)(x, y, W1, b1, W2, b2, rate, steps)


def _one_example_a_step(x, y, W1, b1, W2, b2, rate, steps):
    losses, layers = [], (W1, b1, W2, b2)
    for number in range(steps + 1):
        losses.append(overfit_one_batch(x, y, *layers, rate, 0)[0])
        one = slice(number % len(y), number % len(y) + 1)
        layers = _moved(x[one], y[one], layers, rate)
    return np.array(losses)


def _moved(x, y, layers, rate):
    seen = []

    def step(layers, slopes, rate):
        seen.append(_descend(layers, slopes, rate))
        return seen[-1]

    _train(step=step)(x, y, *layers, rate, 0)
    return seen[-1]


def _from_small_batch(*shape, seed=0, scale=1.0):
    return _batch(np.random.default_rng(seed), *shape, scale=scale)


ONE_BATCH = Exercise(
    name="overfit_one_batch",
    chapter=8,
    title="Overfit one batch",
    points=4,
    minutes=25,
    difficulty=3,
    shapes="x (N, D), y (N,), W1 (H, D), b1 (H,), W2 (K, H), b2 (K,), rate, steps → (steps + 1,)",
    reference=overfit_one_batch,
    cases=(
        Case(
            (
                np.array([[1.0]]),
                np.array([0]),
                np.array([[1.0]]),
                np.array([0.0]),
                np.array([[0.0], [0.0]]),
                np.array([0.0, 0.0]),
                1.0,
                1,
            ),
            "One example, two classes: the first loss is ln 2, and one step makes it smaller.",
        ),
        Case(
            (
                np.array([[1.0], [-1.0]]),
                np.array([0, 1]),
                np.array([[1.0], [-1.0]]),
                np.array([0.0, 0.5]),
                np.array([[0.5, -1.0], [0.0, 1.0]]),
                np.array([0.0, 0.2]),
                0.5,
                2,
            ),
            "Two examples and two units: for each example one of the units is silent.",
        ),
        Case(
            (*_from_small_batch(3, 2, 4, 3), 0.3, 0),
            "No step: the loss at the start alone.",
        ),
        Case((*_from_small_batch(4, 3, 6, 3), 0.2, 30), "Thirty steps: the loss should come down."),
        Case(
            (*_from_small_batch(6, 2, 3, 4, scale=0.0), 0.5, 4),
            "All weights are 0. Only the last biases can move, and the loss hangs: it should.",
        ),
        Case(
            (
                np.array([[1.0], [-1.0]]),
                np.array([0, 1]),
                np.array([[1.0], [-1.0]]),
                np.array([0.0, 0.0]),
                np.array([[500.0, -400.0], [499.0, -401.0]]),
                np.array([0.0, 0.0]),
                0.1,
                1,
            ),
            "One example has logits of 500, the other of −400.",
        ),
        Case(
            (*_from_small_batch(3, 2, 4, 3, seed=3, scale=40.0), 0.0001, 2),
            "Weights of forty: logits of thousands, and still a finite loss.",
        ),
    ),
    hidden=_batch_hidden,
    twins=(
        Twin(
            "sum for mean",
            "Your slopes are those of the sum of the losses: the step grows with the batch.",
            _train(slope=lambda p, truth: p - truth),
        ),
        Twin(
            "loss summed",
            "Your losses grow with the batch, and your steps are right. The loss is a mean.",
            _train(measure=_summed_loss),
        ),
        Twin(
            "all summed",
            "Your losses and your steps grow with the batch. The loss is a mean, and so is its "
            "slope.",
            _train(slope=lambda p, truth: p - truth, measure=_summed_loss),
        ),
        Twin(
            "true minus predicted",
            "Your loss climbs. A slope in a logit is predicted minus true.",
            _train(slope=lambda p, truth: (truth - p) / len(truth)),
        ),
        Twin(
            "one-hot forgotten",
            "Your slope in the logits does not know which class is right.",
            _train(slope=lambda p, truth: p / len(truth)),
        ),
        Twin(
            "units that are silent learn",
            "A unit that ReLU has cut off passes no slope on. Yours does.",
            _train(bend=lambda dh, h: dh),
        ),
        Twin(
            "activation for its slope",
            "You multiply by what the unit says. Its slope is 0 or 1.",
            _train(bend=lambda dh, h: dh * h),
        ),
        Twin(
            "second layer first",
            "You move W2, and then go back through the moved one. All slopes belong to the same "
            "weights.",
            _second_layer_first,
        ),
        Twin(
            "first layer frozen",
            "Your first layer does not learn.",
            _train(step=_only(2, 3)),
        ),
        Twin(
            "second layer frozen",
            "Your second layer does not learn.",
            _train(step=_only(0, 1)),
        ),
        Twin(
            "biases frozen",
            "Your biases stay as they are.",
            _train(step=_only(0, 2)),
        ),
        Twin(
            "nothing moves",
            "Your loss is the same at every step.",
            _train(step=lambda layers, slopes, rate: layers),
        ),
        Twin(
            "slopes pile up",
            "Your step goes along the sum of all slopes so far: zero_grad, forgotten by hand.",
            _piled_up,
        ),
        Twin(
            "one example a step",
            "You take one example after the other. The whole batch makes each step here.",
            _one_example_a_step,
        ),
        Twin(
            "start left out",
            "The loss before the first step is missing.",
            lambda *arguments: overfit_one_batch(*arguments)[1:],
        ),
        Twin(
            "end left out",
            "The loss after the last step is missing.",
            lambda *arguments: overfit_one_batch(*arguments)[:-1],
        ),
        Twin(
            "last loss only",
            "One loss came back. The whole way down was asked for.",
            lambda *arguments: overfit_one_batch(*arguments)[-1],
        ),
        Twin(
            "overflow",
            "Right for small logits. For large ones your exponential overflows.",
            _train(probabilities=_overflowing, measure=_loss_of_shares),
        ),
        Twin(
            "logarithm of a rounded 0",
            "Your exponentials are shifted, and then a probability is rounded to 0 before you take "
            "its logarithm. Get the logarithm from the logits.",
            _train(measure=_loss_of_shares),
        ),
        Twin(
            "clipped",
            "You keep the probability away from 0, and a loss of thousands stops at a level of "
            "your choice.",
            _train(
                measure=lambda z, p, truth: (
                    -np.mean(np.log(np.clip(np.sum(p * truth, axis=1), 1e-12, 1)))
                )
            ),
        ),
        Twin(
            "largest of the batch",
            "You shift by the largest logit of the batch. Take that of the row.",
            _train(
                probabilities=lambda z: _overflowing(z - z.max()),
                measure=_loss_of_shares,
            ),
        ),
        Twin(
            "softmax over the batch",
            "Your shares add up to 1 down a column. They belong to one example: to a row.",
            _train(
                probabilities=lambda z: _softmax(z.T).T,
                measure=lambda z, p, truth: -np.sum(truth * _log_softmax(z.T).T) / len(truth),
            ),
        ),
    ),
    hints=(
        "One step is: forward, loss, slopes from the back to the front, then all four arrays at "
        "once. Write it for one step; then put the loop around it.",
        "dz = (p − one-hot)/N; into W2 goes dzᵀ h, into b2 the sum of dz over the batch; "
        "dh = dz W2 where h > 0, else 0; into W1 goes dhᵀ x, into b1 the sum of dh. The loss "
        "comes from logits, shifted by the largest of their row.",
        """
        def overfit_one_batch(x, y, W1, b1, W2, b2, rate, steps):
            losses = []
            for ... in ...:                    # once more than there are steps
                h = ...
                z = ...
                ...                                # the loss, appended to losses
                dz = ...                           # (N, K)
                dh = ...                           # (N, H)
                W1, b1, W2, b2 = ..., ..., ..., ...
            return ...
        """,
    ),
    equivalent={"np.array(losses) -> losses": "A list of numbers passes for an array."},
)

# --- 6. name_fault ------------------------------------------------------------------------------


def name_fault(run):
    """Return the name of the fault that the curves of a training run show, or "sound"."""
    chance = np.log(run["classes"])
    loss, ratio = run["train_loss"], run["update_ratio"]
    train, validation = run["train_accuracy"][-1], run["validation_accuracy"][-1]
    if loss[0] > 2 * chance:
        return "weights too large"
    if abs(loss[0] - chance) < 1e-6:
        return "zero weights"
    if np.max(ratio) < 1e-3:
        return "rate too low"
    if np.max(ratio) > 0.5:
        return "rate too high"
    if loss[-1] > 3 * np.min(loss):
        return "gradients pile up"
    if validation < 2 / run["classes"]:
        return "labels shuffled"
    if loss[-1] > np.log(1 + (run["classes"] - 1) / np.e):
        return "softmax twice"
    return "too few examples" if train - validation > 0.15 else "sound"


def _name_hidden(rng: np.random.Generator) -> Iterator[Case]:
    wounds = [fault for fault in _WOUNDS if fault != "sound"]
    for fault in rng.choice(wounds, size=3, replace=False):
        yield Case((_drawn(str(fault), rng),))


def _drawn(fault, rng):
    """Draw a run with a fault; again where chance hid its sign, as in one of a hundred."""
    run = _curves(int(rng.integers(10**6)), **_WOUNDS[fault])
    return run if name_fault(run) == fault else _drawn(fault, rng)


_WOUNDS = {
    "sound": {},
    "rate too high": {"rate": 12.0},
    "rate too low": {"rate": 3e-4},
    "zero weights": {"scale": 0.0},
    "weights too large": {"scale": 8.0},
    "gradients pile up": {"clear": False, "rate": 0.7},
    "labels shuffled": {"shuffle": True},
    "softmax twice": {"twice": True},
    "too few examples": {"examples": 12},
}


def _curves(seed, *, rate=0.5, scale=1.0, clear=True, shuffle=False, twice=False, examples=240):
    """Train a small network on clouds of points, with or without a wound, and watch it."""
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(4, 8))
    train, validation = _clouds(rng, classes, examples)
    if shuffle:
        train = train[0], rng.permutation(train[1])
    layers, piles, rows = _layers(rng, classes, scale), [0.0] * 4, []
    for _ in range(16):
        row = [*_measured(*train, layers, twice), *_measured(*validation, layers, twice)]
        norms, ratios = [], []
        for batch in np.array_split(rng.permutation(examples), max(1, examples // 40)):
            slopes = _slopes(train[0][batch], train[1][batch], layers, twice)
            piles = [s if clear else pile + s for pile, s in zip(piles, slopes, strict=True)]
            norms.append(_norm(piles))
            ratios.append(rate * norms[-1] / max(_norm(layers), 1e-6))
            layers = list(_descend(layers, piles, rate))
        rows.append([*row, np.mean(norms), np.mean(ratios)])
    return {"classes": classes, **dict(zip(_CURVES, np.array(rows).T.copy(), strict=True))}


_FEATURES = 16
_HIDDEN = 32
_CURVES = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "gradient_norm",
    "update_ratio",
)


def _clouds(rng, classes, examples):
    """Return a training pile and a validation pile of points around one center a class."""
    centers, piles = 3.5 * np.eye(classes, _FEATURES), []
    for size in (examples, 200):
        y = np.arange(size) % classes
        piles.append((centers[y] + rng.normal(size=(size, _FEATURES)), y))
    mean, spread = piles[0][0].mean(axis=0), piles[0][0].std(axis=0)
    return [((x - mean) / spread, y) for x, y in piles]


def _layers(rng, classes, scale):
    shapes = (_HIDDEN, _FEATURES), (_HIDDEN,), (classes, _HIDDEN), (classes,)
    fans = _FEATURES, _FEATURES, _HIDDEN, _HIDDEN
    return [
        scale * rng.normal(size=shape) / np.sqrt(3 * fan)
        for shape, fan in zip(shapes, fans, strict=True)
    ]


def _forward(x, layers, twice):
    W1, b1, W2, b2 = layers
    h = np.maximum(x @ W1.T + b1, 0)
    p = _shares(h @ W2.T + b2)
    return h, p, _shares(p) if twice else p


def _measured(x, y, layers, twice):
    _, p, judged = _forward(x, layers, twice)
    return -np.mean(np.log(judged[np.arange(len(y)), y])), np.mean(np.argmax(p, axis=1) == y)


def _slopes(x, y, layers, twice):
    h, p, judged = _forward(x, layers, twice)
    dz = (judged - np.eye(p.shape[1])[y]) / len(y)
    if twice:  # back through the softmax that should not be there
        dz = p * (dz - np.sum(dz * p, axis=1, keepdims=True))
    dh = (dz @ layers[2]) * (h > 0)
    return dh.T @ x, dh.sum(axis=0), dz.T @ h, dz.sum(axis=0)


def _norm(arrays):
    return float(np.sqrt(sum(np.sum(array**2) for array in arrays)))


def _shown(fault, about):
    """Return a public case: the run with this fault, and what is to be seen in it."""
    return Case((_RUNS[fault],), about)


_RUNS = {
    fault: _curves(seed, **wound)
    for seed, (fault, wound) in zip((8, 1, 3, 2, 5, 0, 4, 11, 10), _WOUNDS.items(), strict=True)
}


_OTHER_THRESHOLDS = (
    "0.5 -> 1.5",
    "1 + (run['classes'] - 1) / np.e -> (run['classes'] - 1) / np.e",
    "1 -> 0",
    "1 -> 2",
    "2 * chance -> 2 + chance",
    "2 -> 3",
    "3 * np.min(loss) -> 3",
    "3 * np.min(loss) -> 3 + np.min(loss)",
    "3 * np.min(loss) -> 3 / np.min(loss)",
    "3 * np.min(loss) -> np.min(loss)",
    "3 -> 2",
    "3 -> 4",
    "abs(loss[0] - chance) < 1e-06 -> abs(loss[0] - chance) <= 1e-06",
    "loss[-1] > 3 * np.min(loss) -> loss[-1] >= 3 * np.min(loss)",
    "loss[-1] > np.log(1 + (run['classes'] - 1) / np.e)"
    " -> loss[-1] >= np.log(1 + (run['classes'] - 1) / np.e)",
    "loss[0] > 2 * chance -> loss[0] >= 2 * chance",
    "np.max(ratio) < 0.001 -> np.max(ratio) <= 0.001",
    "np.max(ratio) > 0.5 -> np.max(ratio) >= 0.5",
    "run['classes'] - 1 -> 1",
    "train - validation > 0.15 -> train - validation >= 0.15",
    "validation < 2 / run['classes'] -> validation <= 2 / run['classes']",
)


def _misread(**readings):
    """Make an answer that takes some faults for others."""
    return lambda run: readings.get(name_fault(run).replace(" ", "_"), name_fault(run))


FAULT = Exercise(
    name="name_fault",
    chapter=8,
    title="Name three wounded networks",
    points=4,
    minutes=30,
    difficulty=3,
    shapes="run: a dict of the number of classes and six curves (16,) → a string",
    reference=name_fault,
    cases=(
        _shown("sound", "Run A: it starts near ln K, both curves fall, and they stay together."),
        _shown("weights too large", "Run B: compare the loss at epoch 0 with ln K."),
        _shown("too few examples", "Run C: training is perfect. How far is validation from it?"),
        _shown("softmax twice", "Run D: good accuracy, and a loss that does not go with it."),
        _shown("rate too low", "Run E: look at the update ratio."),
        _shown("labels shuffled", "Run F: training learns something. What does validation say?"),
        _shown("rate too high", "Run G: look at the update ratio of the first epoch."),
        _shown("zero weights", "Run H: the loss starts at ln K, to the last digit, and hangs."),
        _shown("gradients pile up", "Run I: it learned first. What does the gradient norm do?"),
    ),
    hidden=_name_hidden,
    twins=(
        Twin(
            "training curves only",
            "You look at the training curves only. Two of the faults show in the validation "
            "curves alone.",
            _misread(labels_shuffled="sound", too_few_examples="sound"),
        ),
        Twin(
            "every gap is overfitting",
            "You take every gap between training and validation for the same thing. One of them "
            "has a validation accuracy no better than guessing.",
            _misread(labels_shuffled="too few examples"),
        ),
        Twin(
            "gap is noise",
            "You take any gap for shuffled labels. With too few examples, validation is still far "
            "better than guessing.",
            _misread(too_few_examples="labels shuffled"),
        ),
        Twin(
            "gap before start",
            "One run has a gap, and another sign that comes before it: look at the very first "
            "loss.",
            _misread(weights_too_large="too few examples"),
        ),
        Twin(
            "ratio before start",
            "An update divided by weights that are 0 is huge, at any rate. Look at the first loss "
            "before you blame the rate.",
            _misread(zero_weights="rate too high"),
        ),
        Twin(
            "what hangs is too slow",
            "A loss that hangs has several causes. Weights that hardly move show in the update "
            "ratio; in one of your runs it is not small at all.",
            _misread(zero_weights="rate too low"),
        ),
        Twin(
            "what rises is too fast",
            "Two runs end far above their lowest loss. One of them had learned before, and its "
            "gradient norm grows from epoch to epoch.",
            _misread(gradients_pile_up="rate too high"),
        ),
        Twin(
            "what rises has piled up",
            "Two runs end far above their lowest loss. One of them never learned anything: its "
            "first steps were as long as the weights themselves.",
            _misread(rate_too_high="gradients pile up"),
        ),
        Twin(
            "falling slowly is too slow",
            "One run falls slowly to a high loss, and still gets most answers right. Its updates "
            "are not small. What is the least loss that it could reach?",
            _misread(softmax_twice="rate too low"),
        ),
        Twin(
            "accuracy is enough",
            "One run with a good accuracy has a loss that does not go with it.",
            _misread(softmax_twice="sound"),
        ),
        Twin(
            "large is fast",
            "A first loss far above ln K was there before any step: no learning rate is to blame.",
            _misread(weights_too_large="rate too high"),
        ),
        Twin(
            "ln 10 for every run",
            "You compare with ln 10, or with one in ten. Each run says how many classes it has.",
            lambda run: name_fault({**run, "classes": 10}),
        ),
        Twin(
            "names joined",
            "The right faults, under names of your own. The nine strings have spaces in them.",
            lambda run: name_fault(run).replace(" ", "_"),
        ),
        Twin(
            "late is sound",
            "A run whose last loss is small can have started at a very large one.",
            _misread(weights_too_large="sound"),
        ),
    ),
    hints=(
        "Go from the start of a run to its end: the first loss tells some faults, the update ratio "
        "others; then how the training loss ends; last, the validation curves.",
        "First loss against ln K (far above, or exactly); largest update ratio below 0.001 or "
        "above 0.5; last loss far above the lowest; validation accuracy near 1/K; last loss above "
        "ln(1 + (K − 1)/e) although most answers are right; gap between the accuracies.",
        """
        def name_fault(run):
            chance, loss = np.log(run["classes"]), run["train_loss"]
            if loss[0] > ...:
                return "weights too large"
            if abs(...) < 1e-6:
                return ...
            ...                                    # the ratio, then the end of the loss
            return ... if ... else "sound"
        """,
    ),
    equivalent=dict.fromkeys(_OTHER_THRESHOLDS, "The runs lie far on either side of a threshold."),
)

EXERCISES = (SPLIT, FOLDS, SEARCH, METRICS, ONE_BATCH, FAULT)
