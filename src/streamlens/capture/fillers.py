"""Sounds and words that fill a pause for thought and say nothing: 嗯, 呃, 那个 where it points at nothing.

Which ones is an option, as there are habits of speech without end. Recognisers leave out many of them, so a count is
what is sure to have been said, and less than what was.
"""

import re
from collections.abc import Sequence

from streamlens.language import HARD, SOFT, spoken

ANYWHERE = ("嗯", "呃", "唔", "就是说", "怎么说呢")
APART = ("啊", "额", "那", "那个", "那个什么", "就", "就是", "然后", "然后呢", "反正", "反正就是", "其实就是")
NEVER = ("也就是说", "不就是说", "意思就是说", "那就是说")


def count_fillers(
    text: str, *, anywhere: Sequence[str] = ANYWHERE, apart: Sequence[str] = APART, never: Sequence[str] = NEVER
) -> int:
    """How many fillers a text holds.

    Words of `anywhere` are fillers wherever they stand, except inside those of `never`; a sound drawn out (嗯嗯) counts
    once. Words of `apart` are fillers where they stand between pauses (那个，今天), after another filler, or said again
    at once (那个那个苹果: the first): before what they belong to they are content (那个苹果), as they are at the end of
    what somebody says (我要那个).

    >>> count_fillers("嗯，那个，我们那个苹果呢，就是说特别甜。")
    3
    >>> count_fillers("我要那个，然后再看二号，也就是说两斤。")
    0
    """
    return len(_found(spoken(text)[0], tuple(anywhere), tuple(apart), tuple(never)))


def _found(text: str, anywhere: tuple[str, ...], apart: tuple[str, ...], never: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    token = re.compile("|".join(re.escape(word) for word in sorted({*anywhere, *apart, *never}, key=len, reverse=True)))
    free = True  # what came before is a pause, the beginning, or a filler
    at = 0
    while at < len(text):
        match = token.match(text, at) if anywhere or apart or never else None
        word = match[0] if match else ""
        rest = text[at + len(word) :]
        if word in anywhere:
            while len(word) == 1 and rest.startswith(word):
                at, rest = at + 1, rest[1:]
            found.append(word)
            free, at = True, at + len(word)
        elif word in apart and free and _stands_apart(word, rest, token, anywhere):
            found.append(word)
            free, at = True, at + len(word)
        elif word in apart and rest.startswith(word):
            found.append(word)  # said again at once, in the middle of a clause: 我们那个那个苹果
            free, at = True, at + len(word)
        else:
            free = text[at] in (SOFT, HARD)
            at += 1 if not word or word in apart else len(word)
    return found


def _stands_apart(word: str, rest: str, token: re.Pattern[str], anywhere: tuple[str, ...]) -> bool:
    following = token.match(rest)
    return rest[:1] == SOFT or rest.startswith(word) or (following is not None and following[0] in anywhere)
