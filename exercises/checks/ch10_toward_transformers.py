"""The tasks of chapter 10: tokens, targets, bigrams, attention, heads, positions, sampling."""

from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. encode_and_decode -----------------------------------------------------------------------


def encode_and_decode(text, vocabulary):
    """Return the ids of a text, longest match first, and the text that they decode to."""
    ids = []
    while text:
        fitting = [token for token in vocabulary if text.startswith(token)]
        best = max(fitting, key=len, default=None)
        ids.append(0 if best is None else vocabulary.index(best))
        text = text[1 if best is None else len(best) :]
    return ids, "".join(vocabulary[one] for one in ids)


_SOME = ("?", "a", "b", "c", "ab", "bc", "abc", "ca")


def _encode_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for length in (1, 3, 10, 40):
        yield Case(("".join(rng.choice(list("abcd"), size=length)), _SOME))
    yield Case(("newer and lower", ("_", "new", "er", "low", "lo", "w", " ", "a", "n", "d", "r")))
    yield Case(("aaaaaaa", ("?", "a", "aaaa", "aa")))
    yield Case(("Ünter", ("?", "t", "n", "nt", "e", "r", "er")))


def _with_search(search, unknown=lambda text, ids: ids.append(0)):
    """Make an answer that finds the next token by `search`, and does as told with the unknown."""

    def answer(text, vocabulary):
        ids = []
        while text:
            fitting = [token for token in vocabulary if text.startswith(token)]
            if fitting:
                best = search(fitting)
                ids.append(vocabulary.index(best))
                text = text[len(best) :]
            else:
                unknown(text, ids)
                text = text[1:]
        return ids, "".join(vocabulary[one] for one in ids)

    return answer


def _longest(fitting):
    return max(fitting, key=len)


def _unknown_run(text, vocabulary):
    ids, unknown = [], False
    while text:
        fitting = [token for token in vocabulary if text.startswith(token)]
        best = max(fitting, key=len, default="")
        if best or not unknown:
            ids.append(vocabulary.index(best) if best else 0)
        unknown = not best
        text = text[len(best) or 1 :]
    return ids, "".join(vocabulary[one] for one in ids)


def _longest_of_the_text(text, vocabulary):
    for token in sorted(vocabulary, key=len, reverse=True):
        before, found, behind = text.partition(token)
        if found:
            left, right = (_longest_of_the_text(part, vocabulary)[0] for part in (before, behind))
            ids = [*left, vocabulary.index(token), *right]
            return ids, "".join(vocabulary[one] for one in ids)
    return [0] * len(text), vocabulary[0] * len(text)


def _decoded_as_it_was(text, vocabulary):
    return encode_and_decode(text, vocabulary)[0], text


def _counted_from_one(text, vocabulary):
    ids, decoded = encode_and_decode(text, vocabulary)
    return [one + 1 for one in ids], decoded


def _letters_only(text, vocabulary):
    ids = [vocabulary.index(letter) if letter in vocabulary else 0 for letter in text]
    return ids, "".join(vocabulary[one] for one in ids)


def _parted_by_spaces(text, vocabulary):
    ids, _ = encode_and_decode(text, vocabulary)
    return ids, " ".join(vocabulary[one] for one in ids)


ENCODE = Exercise(
    name="encode_and_decode",
    chapter=10,
    title="Encode and decode, longest match first",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="text, vocabulary (V strings, the first for the unknown) → (ids, text)",
    reference=encode_and_decode,
    parts=("the ids", "the decoded text"),
    cases=(
        Case(("a", ("?", "a")), "One letter, and it is a token."),
        Case(("abab", ("?", "a", "b", "ab")), "A longer token fits: it is taken."),
        Case(("xa", ("?", "a")), "A letter that no token begins with becomes the first id."),
        Case(("axxa", ("?", "a")), "Each unknown letter is an id of its own."),
        Case(("abcd", ("?", "a", "ab", "bcd", "d")), "After ab, nothing fits at c."),
        Case(("aaa", ("?", "aa", "a")), "Two fit first, and one is left."),
        Case(("", ("?", "a", "b")), "An empty text."),
    ),
    hidden=_encode_hidden,
    twins=(
        Twin(
            "first match",
            "You take the first token of the list that fits. A longer one may stand behind it.",
            _with_search(lambda fitting: fitting[0]),
        ),
        Twin(
            "shortest match",
            "You take a short token where a longer one fits as well.",
            _with_search(lambda fitting: min(fitting, key=len)),
        ),
        Twin(
            "longest of the whole text",
            "You cut out the longest tokens wherever they stand. Go from left to right: what fits "
            "at the place where you are?",
            _longest_of_the_text,
        ),
        Twin(
            "letters only",
            "You go letter by letter. Tokens may be longer than one letter.",
            _letters_only,
        ),
        Twin(
            "unknown dropped",
            "A letter that no token fits disappears without a trace in your ids.",
            _with_search(_longest, lambda text, ids: None),
        ),
        Twin(
            "unknown at the end of the list",
            "For a letter that no token fits you give −1. The statement says which id it gets.",
            _with_search(_longest, lambda text, ids: ids.append(-1)),
        ),
        Twin(
            "unknown letters as one",
            "Several unknown letters in a row become a single id in your answer.",
            _unknown_run,
        ),
        Twin(
            "decoded from the text",
            "You return the text that came in. What was unknown cannot come back from the ids.",
            _decoded_as_it_was,
        ),
        Twin(
            "counted from one",
            "Your ids are off by one: places in a list are counted from 0.",
            _counted_from_one,
        ),
        Twin(
            "parted by spaces",
            "You put something between the tokens that was not there.",
            _parted_by_spaces,
        ),
    ),
    hints=(
        "Stand at the beginning of what is left of the text. Which tokens fit there? Take one, cut "
        "it off, and go on while something is left.",
        "text.startswith(token) says whether a token fits; max(tokens, key=len) is the longest; "
        "vocabulary.index(token) is its place. If none fits: id 0, and one letter is cut off.",
        """
        def encode_and_decode(text, vocabulary):
            found = ...                   # no ids yet
            while ...:                    # something is left
                candidates = [...]        # tokens that fit at the beginning
                ...                       # append an id, and shorten the text
            return found, ...             # join the tokens of the ids
        """,
    ),
)

# --- 2. next_token_targets ----------------------------------------------------------------------


def next_token_targets(ids, T, end):
    """Return inputs and targets of windows that lie side by side; −1 where nothing is to learn."""
    N = (len(ids) - 1) // T
    inputs = ids[: N * T].reshape(N, T)
    following = ids[1 : N * T + 1].reshape(N, T)
    return inputs, np.where(inputs == end, -1, following)


def _targets_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size, T in ((2, 1), (9, 4), (10, 4), (12, 4), (60, 7), (64, 8), (65, 8), (3, 5)):
        yield Case((rng.integers(0, 4, size=size), T, 0))
    yield Case((rng.integers(1, 9, size=40), 6, 5))


def _windows(shift=1, blank=lambda inputs, targets, end: inputs == end):
    """Make an answer whose targets are shifted and left out in its own way."""

    def answer(ids, T, end):
        N = (len(ids) - 1) // T
        inputs = ids[: N * T].reshape(N, T)
        targets = np.append(ids, ids[:1])[shift : N * T + shift].reshape(N, T)
        return inputs, np.where(blank(inputs, targets, end), -1, targets)

    return answer


def _windows_apart(ids, T, end):
    N = len(ids) // (T + 1)
    windows = ids[: N * (T + 1)].reshape(N, T + 1)
    return windows[:, :-1], np.where(windows[:, :-1] == end, -1, windows[:, 1:])


def _windows_around(ids, T, end):
    N = len(ids) // T
    inputs, targets = (x[: N * T].reshape(N, T) for x in (ids, np.roll(ids, -1)))
    return inputs, np.where(inputs == end, -1, targets)


def _windows_sliding(ids, T, end):
    windows = np.array([ids[i : i + T + 1] for i in range(len(ids) - T)]).reshape(-1, T + 1)
    return windows[:, :-1], np.where(windows[:, :-1] == end, -1, windows[:, 1:])


def _windows_last_dropped(ids, T, end):
    inputs, targets = next_token_targets(ids, T, end)
    return (inputs, targets) if len(ids) % T else (inputs[:-1], targets[:-1])


def _windows_rolled(ids, T, end):
    inputs, _ = next_token_targets(ids, T, end)
    return inputs, np.where(inputs == end, -1, np.roll(inputs, -1, axis=1))


def _windows_marked(ids, T, end):
    inputs, targets = _windows(blank=lambda inputs, targets, end: False)(ids, T, end)
    return np.where(inputs == end, -1, inputs), targets


def _windows_of_one_array(ids, T, end):
    ids, N = ids.copy(), (len(ids) - 1) // T
    inputs, targets = ids[: N * T].reshape(N, T), ids[1 : N * T + 1].reshape(N, T)
    targets[inputs == end] = -1
    return inputs, targets


def _windows_exchanged(ids, T, end):
    inputs, targets = next_token_targets(ids, T, end)
    return targets, inputs


TARGETS = Exercise(
    name="next_token_targets",
    chapter=10,
    title="Next-token targets",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="ids (L,), T, end → inputs (N, T), targets (N, T)",
    reference=next_token_targets,
    parts=("the inputs", "the targets"),
    cases=(
        Case((np.array([5, 6, 7]), 2, 0), "One window of two, and the target of its last place."),
        Case((np.array([5, 6, 7, 8, 9]), 2, 0), "Two windows that lie side by side."),
        Case((np.array([5, 6, 7, 8]), 2, 0), "The last id has no target, so one window only."),
        Case((np.array([5, 0, 7, 8, 9]), 2, 0), "What follows the end token is another text."),
        Case((np.array([5, 6, 0, 8, 9, 4, 3]), 3, 0), "The end token is a target itself."),
        Case((np.array([1, 2, 3, 4, 5, 6, 7, 8]), 3, 2), "Here the end token is number 2."),
    ),
    hidden=_targets_hidden,
    twins=(
        Twin(
            "target is input",
            "Your targets are the inputs. A model that repeats what it reads would have loss 0.",
            _windows(shift=0),
        ),
        Twin(
            "shifted twice",
            "Your targets are two places ahead: one id is jumped over.",
            _windows(shift=2),
        ),
        Twin(
            "windows with gaps",
            "Between your windows an id is lost: the last target of one window is also the first "
            "input of the next.",
            _windows_apart,
        ),
        Twin(
            "around the corner",
            "Your last target is the first id of the text. Nothing follows the last id.",
            _windows_around,
        ),
        Twin(
            "around each window",
            "The last target of each of your windows is the first id of the same window.",
            _windows_rolled,
        ),
        Twin(
            "end marked in the inputs",
            "Your −1 stands in the inputs, where the end token was. It belongs into the targets.",
            _windows_marked,
        ),
        Twin(
            "cut from one array",
            "Your −1 appears in the inputs, too. Both are views of one array: writing into one "
            "changes the other.",
            _windows_of_one_array,
        ),
        Twin(
            "sliding windows",
            "Your windows overlap. They should lie side by side.",
            _windows_sliding,
        ),
        Twin(
            "end not left out",
            "You ask the model to guess the beginning of another text.",
            _windows(blank=lambda inputs, targets, end: np.zeros(inputs.shape, bool)),
        ),
        Twin(
            "end never learned",
            "You leave out the places where the end token is the target. That a text ends should "
            "be learned.",
            _windows(blank=lambda inputs, targets, end: targets == end),
        ),
        Twin(
            "both left out",
            "You leave out too much: that a text ends should be learned.",
            _windows(blank=lambda inputs, targets, end: (inputs == end) | (targets == end)),
        ),
        Twin(
            "only for end 0",
            "You take 0 for the end token. It has the number that is given.",
            _windows(blank=lambda inputs, targets, end: inputs == 0),
        ),
        Twin(
            "exchanged",
            "Inputs and targets have changed places.",
            _windows_exchanged,
        ),
        Twin(
            "last window dropped",
            "When the text has whole windows, you leave out one window too many.",
            _windows_last_dropped,
        ),
    ),
    hints=(
        "How many ids have a target at all? How many whole windows is that?",
        "With L ids there are N = (L − 1) // T windows. Inputs are the first N·T ids, targets as "
        "many from the second on, both in N rows of T. np.where(condition, a, b) chooses.",
        """
        def next_token_targets(ids, T, end):
            N = ...
            x = ids[...].reshape(N, T)
            y = ids[...].reshape(N, T)
            return x, np.where(..., -1, ...)
        """,
    ),
)

# --- 3. bigram_probabilities --------------------------------------------------------------------


def bigram_probabilities(ids, V, alpha):
    """Return p(next | now) as a table (V, V), with alpha added to every count."""
    counts = np.full((V, V), alpha)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, out=np.full((V, V), 1 / V), where=totals > 0)


def _bigram_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size, V, alpha in ((2, 2, 0), (10, 3, 1), (50, 4, 0), (50, 9, 0.1), (500, 5, 2)):
        yield Case((rng.integers(0, V, size=size), V, alpha))
    yield Case((np.array([1]), 3, 0))
    yield Case((np.array([2, 2, 2, 2]), 3, 0.5))


def _pairs(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts


def _by_row(counts, V, empty=None):
    totals = counts.sum(axis=1, keepdims=True)
    out = np.full((V, V), 1 / V if empty is None else empty)
    return np.divide(counts, totals, out=out, where=totals > 0)


def _counted_once(ids, V, alpha):
    counts = np.full((V, V), float(alpha))
    counts[ids[:-1], ids[1:]] += 1
    return _by_row(counts, V)


def _around(ids, V, alpha):
    counts = np.full((V, V), float(alpha))
    np.add.at(counts, (ids, np.roll(ids, -1)), 1)
    return _by_row(counts, V)


def _alpha_above_only(ids, V, alpha):
    counts = _pairs(ids, V)
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts + alpha, totals, out=np.full((V, V), 1 / V), where=totals > 0)


def _divided(counts, totals):
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / totals


def _alpha_above_unguarded(ids, V, alpha):
    counts = _pairs(ids, V)
    return _divided(counts + alpha, counts.sum(axis=1, keepdims=True))


def _empty_rows_divided(ids, V, alpha):
    counts = _pairs(ids, V) + alpha
    return _divided(counts, counts.sum(axis=1, keepdims=True))


def _alpha_once_below(ids, V, alpha):
    counts = _pairs(ids, V)
    totals = counts.sum(axis=1, keepdims=True) + alpha
    return np.divide(counts + alpha, totals, out=np.full((V, V), 1 / V), where=totals > 0)


def _alpha_where_seen(ids, V, alpha):
    counts = _pairs(ids, V)
    return _by_row(counts + alpha * (counts > 0), V)


BIGRAM = Exercise(
    name="bigram_probabilities",
    chapter=10,
    title="Bigram counts to probabilities",
    points=2,
    minutes=12,
    difficulty=1,
    shapes="ids (L,), V, alpha ≥ 0 → (V, V)",
    reference=bigram_probabilities,
    cases=(
        Case((np.array([0, 1]), 2, 1), "One pair, and one pretended count for every pair."),
        Case((np.array([0, 1, 0, 0]), 2, 0), "Without pretended counts; every token is followed."),
        Case((np.array([0, 1, 0, 0, 0]), 2, 0.5), "A pair that occurs twice."),
        Case((np.array([0, 1, 1]), 3, 0), "Token 2 was never seen: all are alike after it."),
        Case((np.array([2, 0, 1, 2, 1]), 3, 1), "Three tokens."),
    ),
    hidden=_bigram_hidden,
    twins=(
        Twin(
            "by column",
            "Your columns add up to 1. A row says what comes after its token.",
            lambda ids, V, alpha: _by_row((_pairs(ids, V) + alpha).T, V).T,
        ),
        Twin(
            "transposed",
            "Rows and columns have changed places: the row is the token that came first.",
            lambda ids, V, alpha: bigram_probabilities(ids, V, alpha).T,
        ),
        Twin(
            "backwards",
            "You count what comes *before* a token. Each row should say what comes after.",
            lambda ids, V, alpha: bigram_probabilities(ids[::-1], V, alpha),
        ),
        Twin(
            "joint",
            "Your whole table adds up to 1. Each row should.",
            lambda ids, V, alpha: (
                (_pairs(ids, V) + alpha) / np.maximum((_pairs(ids, V) + alpha).sum(), 1e-9)
            ),
        ),
        Twin(
            "counted once",
            "A pair that occurs several times is counted once. What does += do with whole arrays?",
            _counted_once,
        ),
        Twin(
            "around the corner",
            "You have also counted a pair of the last token and the first.",
            _around,
        ),
        Twin(
            "alpha above only",
            "Your rows add up to more than 1: alpha is in the counts and not in their sum.",
            _alpha_above_only,
        ),
        Twin(
            "alpha above only, divided by 0",
            "Your rows do not add up to 1: alpha is in the counts and not in their sum, which can "
            "even be 0.",
            _alpha_above_unguarded,
        ),
        Twin(
            "empty rows divided by 0",
            "A row without counts is divided by its sum, 0. The statement says what it should "
            "hold.",
            _empty_rows_divided,
        ),
        Twin(
            "alpha once below",
            "Your rows do not add up to 1: how many counts of a row got an alpha?",
            _alpha_once_below,
        ),
        Twin(
            "alpha for seen pairs only",
            "A pair that never came still has probability 0. Alpha is for those, too.",
            _alpha_where_seen,
        ),
        Twin(
            "alpha forgotten",
            "Your table is right for alpha = 0. Nothing is added to the counts.",
            lambda ids, V, alpha: bigram_probabilities(ids, V, 0),
        ),
        Twin(
            "one for alpha",
            "You add 1 to every count, whatever alpha is.",
            lambda ids, V, alpha: bigram_probabilities(ids, V, 1),
        ),
        Twin(
            "empty rows of zeros",
            "A row without counts adds up to 0 in your table. The statement says what it should "
            "hold.",
            lambda ids, V, alpha: _by_row(_pairs(ids, V) + alpha, V, 0.0),
        ),
        Twin(
            "counts",
            "These are counts. Probabilities add up to 1.",
            lambda ids, V, alpha: _pairs(ids, V) + alpha,
        ),
    ),
    hints=(
        "First a table of counts that begins with alpha everywhere; then each row by its sum. "
        "Which rows have no sum to divide by?",
        "p(j | i) = (n_ij + alpha) / (sum of the row, with its alphas). With alpha = 0, a row may "
        "have the sum 0: put 1/V there. A loop over zip(ids, ids[1:]) counts.",
        """
        def bigram_probabilities(ids, V, alpha):
            table = ...                        # (V, V), alpha everywhere
            for now, after in zip(ids, ids[1:]):
                ...
            sums = ...                         # one for each row
            ...                                # divide, but not by 0
        """,
    ),
    equivalent={"(V, V) -> (V, V)": "the table is square"},
)

# --- 4. causal_attention ------------------------------------------------------------------------


def causal_attention(q, k, v):
    """Return the attention of T queries that stand at the end of S keys, (T, e)."""
    (T, d), S = q.shape, len(k)
    scores = q @ k.T / np.sqrt(d)
    later = np.arange(S) > np.arange(S - T, S)[:, None]
    scores = np.where(later, -np.inf, scores)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights @ v / weights.sum(axis=1, keepdims=True)


def _attention_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for T, S, d, e in ((1, 1, 1, 1), (4, 4, 3, 3), (4, 4, 9, 2), (1, 6, 4, 3), (3, 7, 2, 5)):
        yield Case((rng.normal(size=(T, d)), rng.normal(size=(S, d)), rng.normal(size=(S, e))))
    large = 100 * rng.normal(size=(3, 5, 4))
    yield Case(tuple(large))
    yield Case((np.ones((2, 3)), np.ones((5, 3)), np.arange(10.0).reshape(5, 2)))


def _attention(
    scale=lambda q, k, v: np.sqrt(q.shape[1]),
    first=lambda T, S: S - T,
    late=-np.inf,
    shift=lambda scores: scores.max(axis=1, keepdims=True),
    axis=1,
    after=False,
):
    """Make an answer that differs in its scale, its mask, or its softmax."""

    def answer(q, k, v):
        (T, _), S = q.shape, len(k)
        scores = q @ k.T / scale(q, k, v)
        later = np.arange(S) > np.arange(T)[:, None] + first(T, S)
        if not after:
            scores = np.where(later, late, scores)
        with np.errstate(invalid="ignore"):  # a query that may see nothing: −∞ − (−∞)
            weights = np.exp(scores - shift(scores))
        weights = weights / weights.sum(axis=axis, keepdims=True)
        return np.where(later, 0, weights) @ v if after else weights @ v

    return answer


def _small_cases():
    rng = np.random.default_rng(10)
    q, k, v = rng.normal(size=(3, 3, 4)).round(1)
    return (
        Case((np.array([[1.0]]), np.array([[2.0]]), np.array([[3.0, 4.0]])), "One query, one key."),
        Case(
            (np.zeros((2, 1)), np.zeros((2, 1)), np.array([[1.0], [5.0]])),
            "All scores are 0: each query takes the mean of what it may see.",
        ),
        Case((q, k, v[:, :2]), "Three queries, of four numbers each."),
        Case(
            (np.zeros((1, 2)), np.ones((3, 2)), np.array([[1.0], [2.0], [6.0]])),
            "One query behind three keys: it stands at the end and sees them all.",
        ),
        Case((q[1:], k, v), "The last two of three queries, with all three keys."),
        Case((50 * q, 50 * k, v), "Scores of thousands."),
    )


ATTENTION = Exercise(
    name="causal_attention",
    chapter=10,
    title="Causal attention, with a cache",
    points=3,
    minutes=18,
    difficulty=3,
    shapes="q (T, d), k (S, d), v (S, e) with S ≥ T → (T, e)",
    reference=causal_attention,
    cases=_small_cases(),
    hidden=_attention_hidden,
    twins=(
        Twin(
            "no root",
            "Your scores are not scaled, and your weights are too decided.",
            _attention(scale=lambda q, k, v: 1.0),
        ),
        Twin(
            "d for its root",
            "You divide by the size itself, so your weights are too even.",
            _attention(scale=lambda q, k, v: q.shape[1]),
        ),
        Twin(
            "size of the values",
            "The scale follows from the vectors whose product is taken. Yours follows from others.",
            _attention(scale=lambda q, k, v: np.sqrt(v.shape[1])),
        ),
        Twin(
            "number of keys",
            "Your scale depends on how many keys there are.",
            _attention(scale=lambda q, k, v: np.sqrt(len(k))),
        ),
        Twin(
            "no mask",
            "Earlier queries see later keys.",
            _attention(first=lambda T, S: S),
        ),
        Twin(
            "queries at the beginning",
            "You let the first query stand at the first key. They stand at the end of the keys.",
            _attention(first=lambda T, S: 0),
        ),
        Twin(
            "zeros before softmax",
            "A score of 0 still gets a weight.",
            _attention(late=0.0),
        ),
        Twin(
            "zeros after softmax",
            "Your weights do not add up to 1: later keys have taken their share before you removed "
            "them.",
            _attention(after=True),
        ),
        Twin(
            "softmax over queries",
            "Softmax goes along the wrong axis: each query shares out its own attention.",
            _attention(axis=0, shift=lambda scores: scores.max(axis=0, keepdims=True)),
        ),
        Twin(
            "sum over queries",
            "Each of your columns adds up to 1. A row, what one query shares out, should.",
            _attention(axis=0),
        ),
        Twin(
            "not itself",
            "A query may see its own place, too. The first of a text would have nothing else.",
            _attention(first=lambda T, S: S - T - 1),
        ),
        Twin(
            "overflow",
            "Right for small scores. For large ones your exponentials overflow.",
            _attention(shift=lambda scores: 0.0),
        ),
        Twin(
            "no softmax",
            "You mix with the scores themselves. Weights are positive and add up to 1.",
            lambda q, k, v: (
                np.where(
                    np.arange(len(k)) > np.arange(len(k) - len(q), len(k))[:, None],
                    0,
                    q @ k.T / np.sqrt(q.shape[1]),
                )
                @ v
            ),
        ),
    ),
    hints=(
        "Four steps: scores, mask, softmax by row, mixture. In a cache the queries are the last T "
        "of S places: at which place stands query 0?",
        "scores = q kᵀ / √d. Query t stands at place S − T + t and sees the keys up to there; the "
        "scores of later keys become −∞. Subtract the largest score of each row before exp.",
        """
        def causal_attention(q, k, v):
            T, S = len(q), len(k)
            z = ...                                # scores (T, S)
            place = ...                            # of each query, (T, 1)
            z = np.where(np.arange(S) > place, ..., z)
            p = ...                                # softmax of each row
            return ...
        """,
    ),
)

# --- 5. split_heads -----------------------------------------------------------------------------


def split_heads(qkv, heads, groups):
    """Return q, k, v of (B, heads, T, d), from queries, keys and values side by side."""
    batch, length, width = qkv.shape
    d = width // (heads + 2 * groups)
    parts = np.split(qkv, [heads * d, (heads + groups) * d], axis=2)
    q, k, v = (part.reshape(batch, length, part.shape[2] // d, d).swapaxes(1, 2) for part in parts)
    return q, k.repeat(heads // groups, axis=1), v.repeat(heads // groups, axis=1)


def _numbered(batch, length, width):
    """Entries that say where they come from: hundreds the token, units the feature."""
    tokens = 100.0 * np.arange(1, batch * length + 1).reshape(batch, length, 1)
    return tokens + np.arange(width)


def _heads_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for batch, length, heads, groups, d in (
        (1, 1, 1, 1, 1),
        (2, 3, 2, 2, 2),
        (1, 4, 4, 2, 3),
        (3, 2, 6, 3, 2),
        (2, 5, 4, 1, 1),
    ):
        yield Case((rng.normal(size=(batch, length, (heads + 2 * groups) * d)), heads, groups))


def _split(
    sizes=lambda heads, groups: (heads, groups, groups),
    axes=lambda part, b, t, h, d: part.reshape(b, t, h, d).swapaxes(1, 2),
    share=lambda x, times: x.repeat(times, axis=1),
    order=(0, 1, 2),
):
    """Make an answer that cuts, arranges or shares the heads in its own way."""

    def answer(qkv, heads, groups):
        batch, length, width = qkv.shape
        d = width // (heads + 2 * groups)
        counts = sizes(heads, groups)
        cuts = np.cumsum(counts)[:2] * d
        parts = [
            axes(part, batch, length, count, d)
            for part, count in zip(np.split(qkv, cuts, axis=2), counts, strict=True)
        ]
        parts = [
            x if count == heads else share(x, heads // groups)
            for x, count in zip(parts, counts, strict=True)
        ]
        return tuple(parts[place] for place in order)

    return answer


SPLIT = Exercise(
    name="split_heads",
    chapter=10,
    title="Split heads, and share keys",
    points=3,
    minutes=16,
    difficulty=3,
    shapes="qkv (B, T, (heads + 2 groups) d) → q, k, v, each (B, heads, T, d)",
    reference=split_heads,
    parts=("the queries", "the keys", "the values"),
    cases=(
        Case((_numbered(1, 1, 3), 1, 1), "One head of one feature."),
        Case((_numbered(1, 2, 6), 1, 1), "One head of two features, two tokens."),
        Case((_numbered(1, 3, 12), 2, 2), "Two heads, each with keys and values of its own."),
        Case((_numbered(2, 2, 8), 2, 1), "Two heads of queries share one of keys."),
        Case((_numbered(1, 3, 8), 4, 2), "Four heads, two groups: heads 0 and 1 share."),
    ),
    hidden=_heads_hidden,
    twins=(
        Twin(
            "reshape alone",
            "The shape is right, and what stands in it is not: your heads hold pieces of several "
            "tokens. The axes have to be exchanged.",
            _split(axes=lambda part, b, t, h, d: part.reshape(b, h, t, d)),
        ),
        Twin(
            "features before heads",
            "Your heads take every second (third, …) feature. A head is a stretch of neighbouring "
            "features.",
            _split(axes=lambda part, b, t, h, d: part.reshape(b, t, d, h).transpose(0, 3, 1, 2)),
        ),
        Twin(
            "axes not exchanged",
            "Your axes are (B, T, heads, d). Each head should be a matrix of T rows.",
            _split(
                axes=lambda part, b, t, h, d: part.reshape(b, t, h, d),
                share=lambda x, times: x.repeat(times, axis=2),
            ),
        ),
        Twin(
            "transposed heads",
            "Each of your heads lies on its side: a row should be a token.",
            _split(axes=lambda part, b, t, h, d: part.reshape(b, t, h, d).transpose(0, 2, 3, 1)),
        ),
        Twin(
            "shared by turns",
            "Neighbouring heads should share. Yours take turns.",
            _split(share=lambda x, times: np.tile(x, (1, times, 1, 1))),
        ),
        Twin(
            "not shared",
            "Your keys and values have fewer heads than the queries. Each is needed several times.",
            _split(share=lambda x, times: x),
        ),
        Twin(
            "keys and values exchanged",
            "Keys and values have changed places.",
            _split(order=(0, 2, 1)),
        ),
        Twin(
            "keys first",
            "You take the first features for the keys. What lies first?",
            _split(
                sizes=lambda heads, groups: (groups, heads, groups),
                order=(1, 0, 2),
            ),
        ),
        Twin(
            "queries last",
            "You take the last features for the queries. What lies first?",
            _split(
                sizes=lambda heads, groups: (groups, groups, heads),
                order=(2, 0, 1),
            ),
        ),
    ),
    hints=(
        "How wide is one head? Cut the features into three stretches first, then each stretch into "
        "heads.",
        "d = width / (heads + 2 · groups). Queries are the first heads · d features, then keys and "
        "values with groups · d each. x.reshape(B, T, …, d), then exchange axes 1 and 2. "
        "np.repeat doubles neighbours: (0, 1) becomes (0, 0, 1, 1).",
        """
        def split_heads(qkv, heads, groups):
            B, T, width = qkv.shape
            size = ...                            # features of one head
            q, k, v = np.split(qkv, [..., ...], axis=2)
            ...                                   # each to (B, its heads, T, size)
            ...                                   # keys and values: as many heads as queries
        """,
    ),
    equivalent={"heads // groups -> heads / groups": "groups divides heads"},
)

# --- 6. sinusoidal_positions --------------------------------------------------------------------


def sinusoidal_positions(start, T, E):
    """Return the rows of places start … start + T − 1, sines and cosines side by side, (T, E)."""
    speeds = 10000.0 ** (-2 * np.arange(E // 2) / E)
    angles = np.arange(start, start + T)[:, None] * speeds
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(T, E)


def _positions_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for start, T, E in ((0, 1, 2), (0, 8, 4), (5, 3, 8), (100, 10, 16), (31, 1, 64), (1, 2, 6)):
        yield Case((start, T, E))


def _positions(
    speed=lambda i, E: 10000.0 ** (-2 * i / E),
    first=lambda start: start,
    lay=lambda s, c: np.stack([s, c], axis=2),
):
    """Make an answer with clock hands, a first place or a layout of its own."""

    def answer(start, T, E):
        angles = (np.arange(T) + first(start))[:, None] * speed(np.arange(E // 2), E)
        return lay(np.sin(angles), np.cos(angles)).reshape(T, E)

    return answer


def _speed_of_each_feature(start, T, E):
    angles = np.arange(start, start + T)[:, None] * 10000.0 ** (-np.arange(E) / E)
    return np.where(np.arange(E) % 2 == 0, np.sin(angles), np.cos(angles))


def _speed_of_each_column(start, T, E):
    angles = np.arange(start, start + T)[:, None] * 10000.0 ** (-2 * np.arange(E) / E)
    return np.where(np.arange(E) % 2 == 0, np.sin(angles), np.cos(angles))


POSITIONS = Exercise(
    name="sinusoidal_positions",
    chapter=10,
    title="Sinusoidal positions",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="start, T, E (even) → (T, E)",
    reference=sinusoidal_positions,
    cases=(
        Case((0, 1, 2), "Place 0: all sines are 0, all cosines 1."),
        Case((0, 3, 2), "One hand of the clock, three places."),
        Case((0, 2, 4), "Two hands: side by side, and the second is slower."),
        Case((7, 2, 4), "The first row is place 7."),
        Case((3, 4, 6), "Three hands."),
    ),
    hidden=_positions_hidden,
    twins=(
        Twin(
            "halves",
            "All your sines come first. They should stand beside their cosines.",
            _positions(lay=lambda s, c: np.concatenate([s, c], axis=1)),
        ),
        Twin(
            "cosine first",
            "In each pair the sine and the cosine have changed places.",
            _positions(lay=lambda s, c: np.stack([c, s], axis=2)),
        ),
        Twin(
            "from 1",
            "You count places from 1.",
            _positions(first=lambda start: start + 1),
        ),
        Twin(
            "start ignored",
            "Your rows begin with place 0, wherever they should start.",
            _positions(first=lambda start: 0),
        ),
        Twin(
            "half the exponent",
            "Your hands slow down too little from pair to pair.",
            _positions(speed=lambda i, E: 10000.0 ** (-i / E)),
        ),
        Twin(
            "a speed for each feature",
            "A sine and its cosine have different speeds in your rows. They are one hand.",
            _speed_of_each_feature,
        ),
        Twin(
            "columns for pairs",
            "Your speed goes on from column to column. A pair of columns has one speed.",
            _speed_of_each_column,
        ),
        Twin(
            "faster and faster",
            "Your hands become faster from pair to pair.",
            _positions(speed=lambda i, E: 10000.0 ** (2 * i / E)),
        ),
        Twin(
            "counted from pair 1",
            "Your first pair is already slowed down.",
            _positions(speed=lambda i, E: 10000.0 ** (-2 * (i + 1) / E)),
        ),
        Twin(
            "another base",
            "The first hand is right, the others slow down too little: what is the base?",
            _positions(speed=lambda i, E: 1000.0 ** (-2 * i / E)),
        ),
        Twin(
            "turns for radians",
            "Your first hand goes round once for each place. Its speed is 1, in radians.",
            _positions(speed=lambda i, E: 2 * np.pi * 10000.0 ** (-2 * i / E)),
        ),
    ),
    hints=(
        "First the table of angles: a row for each place, a column for each pair.",
        "Pair i has the speed 10000^(−2i/E). At place t its columns 2i and 2i + 1 are sin and cos "
        "of speed · t. With steps, a slice takes every second column: x[:, 0::2].",
        """
        def sinusoidal_positions(start, T, E):
            t = ...                     # (T, 1)
            speed = ...                 # (E/2,)
            rows = np.zeros((T, E))
            rows[:, 0::2] = ...
            rows[:, 1::2] = ...
            return rows
        """,
    ),
    equivalent={"E // 2 -> E / 2": "E is even"},
)

# --- 7. sample_token ----------------------------------------------------------------------------


def sample_token(logits, temperature, k, u):
    """Return the id that the number u draws from the k likeliest tokens, at a temperature."""
    if temperature == 0:
        return int(np.argmax(logits))
    likeliest = sorted(range(len(logits)), key=lambda one: -logits[one])
    kept = sorted(likeliest[:k])
    reached = np.cumsum(np.exp((logits[kept] - max(logits)) / temperature))
    return kept[np.argmax(reached > u * reached[-1])]


def _sample_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for V, temperature, k in ((1, 1.0, 1), (5, 1.0, 5), (5, 0.5, 3), (20, 2.0, 10), (9, 0, 4)):
        yield Case((rng.normal(size=V) * 3, temperature, k, rng.uniform()))
    yield Case((np.array([2000.0, 0.0, 1999.0]), 1.0, 2, 0.9))
    yield Case((np.array([1.0, 1.0, 1.0, 1.0]), 1.0, 2, 0.7))
    yield Case((np.array([0.0, 5.0, 5.0]), 1.0, 2, 0.0))


def _sample(
    scale=lambda z, temperature: z / temperature,
    keep=lambda z, k: np.argsort(-z, kind="stable")[:k],
    arrange=np.sort,
    drawn=lambda reached, u: np.argmax(reached > u * reached[-1]),
    shift=lambda z: z.max(),
):
    """Make an answer that scales, keeps, arranges or draws in its own way."""

    def answer(logits, temperature, k, u):
        if temperature == 0:
            return int(np.argmax(logits))
        kept = arrange(keep(logits, k))
        scaled = scale(logits[kept], temperature)
        reached = np.cumsum(np.exp(scaled - shift(scaled)))
        return int(kept[drawn(reached, u)])

    return answer


def _sample_not_renormalised(logits, temperature, k, u):
    if temperature == 0:
        return int(np.argmax(logits))
    p = np.exp((logits - logits.max()) / temperature)
    p /= p.sum()
    kept = np.argsort(-logits, kind="stable")[:k]
    reached = np.cumsum(np.where(np.isin(np.arange(len(p)), kept), p, 0))
    return int(np.argmax(reached > u)) if reached[-1] > u else len(p) - 1


def _sample_none_reached(logits, temperature, k, u):
    if temperature == 0:
        return int(np.argmax(logits))
    p = np.exp((logits - logits.max()) / temperature)
    kept = np.isin(np.arange(len(p)), np.argsort(-logits, kind="stable")[:k])
    return int(np.argmax(np.cumsum(np.where(kept, p / p.sum(), 0)) > u))


def _sample_divided_by_zero(logits, temperature, k, u):
    if temperature:
        return sample_token(logits, temperature, k, u)
    return int(np.sort(np.argsort(-logits, kind="stable")[:k])[0])  # all nan: none is above u


def _sample_lands_on_removed(logits, temperature, k, u):
    if temperature == 0:
        return int(np.argmax(logits))
    kept = np.argsort(-logits, kind="stable")[:k]
    z = np.full(len(logits), -np.inf)
    z[kept] = logits[kept] / temperature
    reached = np.cumsum(np.exp(z - z.max()))
    return int(np.argmax(reached >= u * reached[-1]))


def _sample_tempered_zero(logits, temperature, k, u):
    return sample_token(logits, temperature or 1.0, k, u)


SAMPLE = Exercise(
    name="sample_token",
    chapter=10,
    title="Sample with temperature and top-k",
    points=3,
    minutes=18,
    difficulty=3,
    shapes="logits (V,), temperature ≥ 0, k from 1 to V, u from 0 to below 1 → an id",
    reference=sample_token,
    cases=(
        Case((np.array([0.0, 0.0]), 1.0, 2, 0.25), "Two alike: the first has the lower half."),
        Case((np.array([0.0, 0.0]), 1.0, 2, 0.75), "The upper half belongs to the second."),
        Case((np.array([0.0, 0.0]), 1.0, 2, 0.5), "Half is not below half: the second."),
        Case((np.log([1.0, 3.0, 4.0]), 1.0, 3, 0.3), "Shares 1/8, 3/8 and 4/8."),
        Case((np.log([1.0, 3.0, 4.0]), 1.0, 2, 0.4), "Without the first: shares 3/7 and 4/7."),
        Case((np.log([1.0, 3.0, 4.0]), 1.0, 2, 0.6), "The same two, and a larger u."),
        Case((np.log([1.0, 3.0, 4.0]), 1.0, 2, 0.0), "u = 0, and the first token is out."),
        Case((np.log([1.0, 4.0]), 0.5, 2, 0.08), "At temperature ½ the shares are 1/17, 16/17."),
        Case((np.log([1.0, 4.0]), 0.5, 2, 0.25), "At the same temperature, a larger u."),
        Case((np.log([1.0, 4.0]), 2.0, 2, 0.3), "At temperature 2 they are 1/3 and 2/3."),
        Case((np.array([1.0, 3.0, 2.0]), 0, 3, 0.99), "Temperature 0: the likeliest, always."),
        Case((np.array([5.0, 5.0, 5.0]), 1.0, 2, 0.9), "Three alike, two are kept: the first two."),
        Case((np.array([5.0, 5.0, 5.0]), 1.0, 2, 0.1), "The same three, and a smaller u."),
        Case((np.array([900.0, 0.0, 901.0]), 1.0, 3, 0.5), "Logits of hundreds."),
        Case((np.log([1.0, 3.0, 4.0]), 1.0, 3, 0.6), "Now it falls to the last."),
    ),
    hidden=_sample_hidden,
    twins=(
        Twin(
            "times temperature",
            "A low temperature should make the likeliest token likelier. Yours does the opposite.",
            _sample(scale=lambda z, temperature: z * temperature),
        ),
        Twin(
            "temperature ignored",
            "Your draw is the same at every temperature above 0.",
            _sample(scale=lambda z, temperature: z),
        ),
        Twin(
            "temperature 0 as 1",
            "At temperature 0 your answer still depends on u.",
            _sample_tempered_zero,
        ),
        Twin(
            "always the likeliest",
            "Your answer does not depend on u.",
            lambda logits, temperature, k, u: int(np.argmax(logits)),
        ),
        Twin(
            "k ignored",
            "Your draw may fall on a token that is not among the k likeliest.",
            _sample(keep=lambda z, k: np.arange(len(z))),
        ),
        Twin(
            "the k unlikeliest",
            "You have kept the wrong end.",
            _sample(keep=lambda z, k: np.argsort(z, kind="stable")[:k]),
        ),
        Twin(
            "ties kept",
            "Where several logits are equal, you keep more than k.",
            _sample(keep=lambda z, k: np.flatnonzero(z >= np.sort(z)[-k])),
        ),
        Twin(
            "later ones of a tie",
            "Of equal logits you keep the later ones.",
            _sample(keep=lambda z, k: np.argsort(z, kind="stable")[::-1][:k]),
        ),
        Twin(
            "likeliest first",
            "You lay the stretches in the order of their length. They lie in the order of the ids.",
            _sample(arrange=lambda kept: kept),
        ),
        Twin(
            "not shared out again",
            "After cutting, your probabilities add up to less than 1, and u can fall beyond them.",
            _sample_not_renormalised,
        ),
        Twin(
            "not shared out again, none reached",
            "After cutting, your probabilities add up to less than 1. Where u is beyond them, no "
            "token is found, and you return 0.",
            _sample_none_reached,
        ),
        Twin(
            "divided by temperature 0",
            "At temperature 0 your logits are divided by 0. It needs a case of its own.",
            _sample_divided_by_zero,
        ),
        Twin(
            "on the edge",
            "With u = 0 you draw a token whose probability is 0. Its stretch has no length.",
            _sample_lands_on_removed,
        ),
        Twin(
            "at the border",
            "A u that is exactly at the border belongs to the next stretch: above, not at.",
            _sample(drawn=lambda reached, u: np.argmax(reached >= u * reached[-1])),
        ),
        Twin(
            "place among the kept",
            "You return a place among the tokens that were kept, not the id of the token.",
            lambda logits, temperature, k, u: int(
                np.flatnonzero(
                    np.sort(np.argsort(-logits, kind="stable")[: k if temperature else len(logits)])
                    == sample_token(logits, temperature, k, u)
                )[0]
            ),
        ),
        Twin(
            "overflow",
            "Right for small logits. For large ones your exponentials overflow.",
            _sample(shift=lambda z: 0.0),
        ),
    ),
    hints=(
        "Order: which tokens stay, then temperature and softmax among them, then the line from 0 "
        "to 1. Temperature 0 needs a case of its own.",
        'np.argsort(-logits, kind="stable")[:k] are the k likeliest, ties in the order of their '
        "ids. Let the others have −∞. The answer is the first id whose cumulative probability is "
        "above u (strictly above); np.argmax of truth values finds the first True.",
        """
        def sample_token(logits, temperature, k, u):
            if ...:                              # greedy
                return ...
            z = np.full(len(logits), -np.inf)
            ...                                  # put the k likeliest in, divided
            p = ...                              # softmax, shifted by the largest
            return int(...)                      # first id with cumulative p above u
        """,
    ),
    equivalent={"int(np.argmax(logits)) -> np.argmax(logits)": "a NumPy number is a number too"},
)

EXERCISES = (ENCODE, TARGETS, BIGRAM, ATTENTION, SPLIT, POSITIONS, SAMPLE)
