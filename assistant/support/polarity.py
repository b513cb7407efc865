"""Whether two sentences say opposite things of the same words: negation, opposites, bounds and claims too wide."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.support.binding import swapped_opposites
from assistant.words import content_stems, stem, stem_set, words

_NOT_NEGATING = re.compile(
    r"\bnot only\b|\bnot just\b|\bno (?:more|less|fewer|later|longer) than\b|\bnot (?:more|less|fewer) than\b"
    r"|\bwithout (?:extra |additional |further )?(?:charge|cost|fee)s?\b|\bno matter\b"
    r"|\bwithout (?:a )?doubt\b|\bnot all\b",
    re.I,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|can't|\w+n't|without|neither|nor|none|nothing|nobody|nowhere|lacks?|lacking|unable"
    r"|unsupported|unavailable|fails? to|refuses?|impossible|forbidden|prevents?)\b|\bnon-\w",
    re.I,
)
_OPPOSITES = """
increase decrease|increases decreases|raise lower|raises lowers|grow shrink|before after|first last|earlier later
|enable disable|enabled disabled|maximum minimum|most least|synchronous asynchronous|synchronously asynchronously
|higher lower|high low|larger smaller|more fewer|more less|longer shorter|faster slower|fast slow|always never
|public private|inside outside|internal external|relational nonrelational|open closed|strong eventual
|strongly eventually|strict loose|manual automatic|manually automatically|horizontal vertical|horizontally vertically
|read write|reads writes|source target|homogeneous heterogeneous|encrypted unencrypted|available unavailable
|structured unstructured|supported unsupported|cheap expensive|cheaper dearer|cheaper costlier|free charged|old new
|older newer|primary standby|start stop|starts stops|started stopped|begin end|began ended|temporary permanent
|temporarily permanently|single multiple|row column|rows columns|provisioned serverless|optional required
|optional mandatory|recommended discouraged|allowed forbidden|mutable immutable|stateful stateless|online offline
|physical logical|static dynamic|upgrade downgrade|gain lose|gained lost|easy difficult|simple complex|partial full
|ad-hoc scheduled|left entered|rise fall|rises falls|rose fell|outside during|outside within|writable read-only
|shorten lengthen|shortens lengthens|shortened lengthened|starts ends|begins ends|starting ending
|normalised denormalised|normalized denormalized|durable volatile|same different
|scale-up scale-down|all none|add remove|adds removes|create delete|creates deletes
"""
_WIDE = {
    "always": {"always", "every", "each", "never", "all"},
    "never": {"never", "not", "no", "cannot"},
    "only": {"only", "sole", "solely", "alone", "exclusively", "just", "nothing", "other"},
    "every": {"every", "all", "each", "any", "always", "whole", "per"},
    "guarantee": {"guarantee", "guarantees", "guaranteed", "ensure", "ensures", "always", "contractual", "sla"},
    "guarantees": {"guarantee", "guarantees", "guaranteed", "ensure", "ensures", "always", "contractual", "sla"},
    "guaranteed": {"guarantee", "guarantees", "guaranteed", "ensure", "ensures", "always", "contractual", "sla"},
    "unlimited": {"unlimited", "no", "without", "any"},
    "must": {"must", "required", "requires", "require", "need", "needs", "has", "have", "only", "obliged", "mandatory"},
    "mandatory": {"must", "required", "requires", "mandatory", "obligatory", "need", "needs"},
    "automatically": {"automatically", "automatic", "itself", "themselves", "self", "managed", "continuously", "auto"},
    "immediately": {"immediately", "immediate", "instantly", "instant", "once", "directly", "soon"},
    "instantly": {"immediately", "immediate", "instantly", "instant"},
    "exclusively": {"only", "sole", "solely", "alone", "exclusively"},
}
"""Words that claim much, each with those that bear it out."""


_ENDED = re.compile(
    r"\b(?:no longer|ended|ends (?:on|in|after)|discontinued|retired|left (?:standard )?support"
    r"|end of (?:standard )?support|out of (?:standard )?support"
    r"|leaves (?:standard )?support|closed|reached (?:its )?end|shut down|withdrawn)\b",
    re.I,
)
"""An end denies that something is so, without a word of negation."""
_NOT_ENDED = re.compile(
    r"\b(?:not|never|n't|nor)\s+(?:yet\s+|been\s+)?(?:ended|end|left|leave|closed|discontinued|retired)\b", re.I
)


def is_negated(text: str) -> bool:
    """
    >>> is_negated("It does not support SQL"), is_negated("not only fast"), is_negated("It supports SQL")
    (True, False, False)
    >>> is_negated("Support ended in 2026"), is_negated("Support has not ended")
    (True, False)
    """
    text = _NOT_NEGATING.sub(" ", text)
    if _NOT_ENDED.search(text):
        return False
    return bool(_NEGATION.search(text) or _ENDED.search(text))


@lru_cache(maxsize=1)
def _pairs() -> tuple[tuple[str, str], ...]:
    pairs = [tuple(pair.replace("-", "").split()) for pair in _OPPOSITES.replace("\n", "").split("|") if pair.strip()]
    return tuple(dict.fromkeys((stem(one), stem(other)) for one, other in pairs))


def opposite(claim: str, evidence: str) -> tuple[str, str] | None:
    """A word of the claim whose opposite the evidence has in its place.

    >>> opposite("The copy is asynchronous", "The copy is synchronous")
    ('asynchronous', 'synchronous')
    """
    mine, theirs = stem_set(claim), stem_set(evidence)
    for one, other in _pairs():
        for here, there in ((one, other), (other, one)):
            if here not in mine or there not in theirs:
                continue
            plain = there not in mine and here not in theirs
            if plain or swapped_opposites(claim, evidence, here, there):
                return _spelled(claim, here), _spelled(evidence, there)
    plain_claim, plain_evidence = set(words(claim)), set(words(evidence))
    for prefix in ("un", "non", "in", "a", "de", "dis"):
        for word in plain_claim:
            other = prefix + word if prefix + word in plain_evidence else word.removeprefix(prefix)
            if other == word or len(min(word, other, key=len)) < 5 or other not in plain_evidence:
                continue
            if _denied(other, evidence) != _denied(word, claim):
                continue  # "without activity" is inactivity
            plain = other not in plain_claim and word not in plain_evidence
            if plain or swapped_opposites(claim, evidence, stem(word), stem(other)):
                return word, other
    return None


_EXCEPTION = re.compile(r"\b(?:except(?:ion)?|unless|apart from|other than)\b(.*)", re.I | re.S)


def denies_alike(claim: str, clause: str, said: str) -> bool:
    """Whether claim and evidence agree in denying or not denying. ``clause`` is the nearest part of ``said``.

    A denial in the evidence counts only if it is about something that the claim speaks of.
    """
    if is_negated(claim):
        exception = _EXCEPTION.search(said)
        excepted = bool(
            exception
            and (content_stems_of(exception.group(1)) - content_stems_of(said[: exception.start()]))
            & content_stems_of(claim)
        )
        return is_negated(clause) or excepted
    return not (is_negated(clause) and _concerns(clause, claim))


def _concerns(clause: str, claim: str) -> bool:
    """Whether one of the three words behind a denial, or the two before an end, is one of the claim."""
    mine = content_stems_of(claim)
    text = _NOT_NEGATING.sub(" ", clause)
    for match in _NEGATION.finditer(text):
        if mine & set(content_stems(text[match.end() :])[:3]):
            return True
    return bool(_ENDED.search(text))


def content_stems_of(text: str) -> set[str]:
    return set(content_stems(text))


def is_wide(word: str) -> bool:
    """Whether a word is judged by ``too_wide``, so that it need not stand in the evidence itself."""
    return word in _WIDE or bool(_NEGATION.fullmatch(word))


def _denied(word: str, text: str) -> bool:
    return bool(re.search(rf"\b(?:without|no|not|never)\s+(?:\w+\s+)?{re.escape(word)}\b", text, re.I))


def too_wide(claim: str, evidence: str) -> str:
    """The word by which a claim says more than the evidence ("always"), "" when there is none."""
    said = set(words(evidence))
    claim = re.sub(r"\bonly (?=\d|one|two|three|a\b)", "", claim, flags=re.I)
    for word in words(claim):
        bearing = _WIDE.get(word)
        if bearing is not None and not bearing & said:
            return word
    return ""


def _spelled(text: str, stemmed: str) -> str:
    return next((word for word in words(text) if stem(word) == stemmed), stemmed)
