"""Words of the search: how names become terms, and terms numbers, so that a mistyped word still meets the right one.

Two words are near when deleting a letter or two from each can make them equal (symmetric deletion): every term is filed
under its deletions, a query looks its own deletions up, and what comes back is measured. That is a handful of B-tree
reads, however large the vocabulary.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Final

from services.registry.domain.names import LEGAL_FORMS, PERSON_TITLES, fold, words

_PREFIX: Final = 7
"""Letters of a term from which letters are deleted; a mistake further back doesn't change them."""
_LONG: Final = 8
"""Words of so many letters may have two mistakes, shorter ones one, very short ones none."""
_SHORT: Final = 3
_TERM_BITS: Final = 40
_MOST_WORDS: Final = 16
_LEFT_OUT: Final = LEGAL_FORMS | PERSON_TITLES


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    return fold(word)


@lru_cache(maxsize=16_384)
def terms_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are searched: folded, without titles and legal forms where anything else is left."""
    parts = words(text)
    kept = [part for part in parts if part not in _LEFT_OUT] or parts
    return tuple([_fold(part) for part in kept[:_MOST_WORDS]])


def reach(term: str) -> int:
    """How many mistakes a word of this length may have."""
    return 0 if len(term) < _SHORT else 1 if len(term) < _LONG else 2


@lru_cache(maxsize=65_536)
def term_number(term: str) -> int:
    """A term as 40 bits."""
    return int.from_bytes(blake2b(term.encode(), digest_size=_TERM_BITS // 8).digest(), "big")


def in_block(block: int, number: int) -> int:
    """The key under which an entry of a block is filed for a term's number; those of a block lie together."""
    return block << _TERM_BITS | number


def key(block: int, term: str) -> int:
    """The same for a term."""
    return in_block(block, term_number(term))


def variant_number(variant: str) -> int:
    """A deletion of a term as a signed 64-bit number."""
    return int.from_bytes(blake2b(variant.encode(), digest_size=8).digest(), "big", signed=True)


def variants(term: str) -> set[str]:
    """The term's beginning with up to `reach` letters deleted, itself included."""
    stem = term[:_PREFIX]
    found = {stem}
    for deletions in range(1, reach(term) + 1):
        for gone in combinations(range(len(stem)), deletions):
            found.add("".join(letter for at, letter in enumerate(stem) if at not in gone))
    found.discard("")
    return found
