"""Words for a solid Scene, by the same kind of grammar as training/captions.py: articles, plurals, synonyms, word orders, slips."""
from __future__ import annotations

import random

from ..captions import COLOUR_WORDS, NUMBERS, article, slip
from .nouns import NOUNS
from .world import Scene, Thing

OPENINGS = ["a 3d model of {}", "a model of {}", "3d model of {}", "a 3d object of {}", "{}, 3d", "make {}", "please make {}", "show me {}", "i want {}", "there is {}", "{} please",
            "a render of {}", "a sculpture of {}", "a low poly model of {}", "a toy model of {}"]
RELATION_WORDS = {
    "on": ["on", "on top of", "standing on", "sitting on", "above"],
    "left of": ["to the left of", "left of", "on the left of", "on the left side of"],
    "right of": ["to the right of", "right of", "on the right of", "on the right side of"],
    "in front of": ["in front of", "before"],
    "behind": ["behind", "at the back of"],
}
OPPOSITE = {"on": "under", "left of": "right of", "right of": "left of", "in front of": "behind", "behind": "in front of"}
SIZE_WORDS = {"small": ["small", "tiny", "little"], "big": ["big", "large", "huge"], "tall": ["tall", "high"], "wide": ["wide", "broad"], "long": ["long"], "short": ["short", "low", "flat"]}


def _colour(rng: random.Random, colour: str, plain: bool) -> str:
    return rng.choice(COLOUR_WORDS.get(colour, [colour])) if not plain and rng.random() < 0.4 else colour


def is_plural(part: str) -> bool:
    return part.endswith("s") and not part.endswith("ss")


def _part(part: str, colour: str) -> str:
    return f"{colour} {part}" if is_plural(part) else f"{article(colour)} {colour} {part}"


def phrase(thing: Thing, rng: random.Random, plain: bool = False, bare: bool = False) -> str:
    """`a tall red chair with blue legs`, `three mugs`; `bare` leaves the article out, `plain` uses the first name of everything."""
    noun = NOUNS[thing.noun]
    one, many = (noun.singular, noun.plural) if plain or not noun.synonyms or rng.random() < 0.7 else rng.choice(noun.synonyms)
    words = [thing.size if plain else rng.choice(SIZE_WORDS[thing.size])] if thing.size else []
    if thing.colour:
        words.append(_colour(rng, thing.colour, plain))
    if not plain and len(words) == 2 and rng.random() < 0.1:
        words.reverse()
    if thing.count > 1:
        text = " ".join([NUMBERS[thing.count] if plain or rng.random() < 0.75 else str(thing.count), *words, many])
    else:
        text = " ".join([*words, one])
        if not bare:
            text = f"{'one' if not plain and rng.random() < 0.05 else article(text)} {text}"
    if thing.parts:
        said = [(part, _colour(rng, colour, plain)) for part, colour in thing.parts.items()]
        if not plain and rng.random() < 0.15:
            text += " whose " + " and whose ".join(f"{p} {'are' if is_plural(p) else 'is'} {c}" for p, c in said)
        else:
            text += (", " if not plain and rng.random() < 0.05 else " ") + "with " + " and ".join(_part(p, c) for p, c in said)
    return text


def _pair(scene: Scene, rng: random.Random, plain: bool, bare: bool) -> str:
    a, b = (phrase(t, rng, plain, bare) for t in scene.things)
    relation = scene.relation or ""
    if plain:
        return f"{a} {RELATION_WORDS[relation][0]} {b}"
    if rng.random() < 0.15:
        words = ["under", "below", "beneath"] if relation == "on" else RELATION_WORDS[OPPOSITE[relation]]
        return f"{b} {rng.choice(words)} {a}"
    if relation == "on" and rng.random() < 0.06:
        return f"{b} with {a} on it"
    words = rng.choice(RELATION_WORDS[relation][:2] if rng.random() < 0.7 else RELATION_WORDS[relation])
    return f"{a} {'is ' if rng.random() < 0.05 else ''}{words} {b}"


def caption(scene: Scene, rng: random.Random, plain: bool = False) -> str:
    """One wording of the scene. `plain`: the canonical one."""
    bare = not plain and rng.random() < 0.08
    text = _pair(scene, rng, plain, bare) if len(scene.things) == 2 else phrase(scene.things[0], rng, plain, bare)
    if plain:
        return text
    if rng.random() < 0.3:
        text = rng.choice(OPENINGS).format(text)
    if rng.random() < 0.04:
        text = slip(text, rng)
    pick = rng.random()
    if pick < 0.08:
        text = text[0].upper() + text[1:]
    elif pick < 0.11:
        text = text.upper()
    return text + rng.choice([".", "!"]) if rng.random() < 0.06 else text
