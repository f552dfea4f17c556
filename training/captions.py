"""Words for a Scene: the grammar of the captions, with articles, plurals, synonyms, word orders and slips of the keyboard."""
from __future__ import annotations

import random

from .world import NOUNS, Scene, Thing

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six"]
OPENINGS = ["a photo of {}", "a picture of {}", "an image of {}", "an illustration of {}", "a drawing of {}", "please draw {}", "draw {}",
            "show me {}", "i want {}", "there is {}", "{} please", "a painting of {}", "photo of {}", "picture of {}", "can you draw {}", "{}, emoji style"]
RELATION_WORDS = {
    "left of": ["to the left of", "left of", "on the left of", "on the left side of", "at the left of"],
    "right of": ["to the right of", "right of", "on the right of", "on the right side of", "at the right of"],
    "above": ["above", "over", "on top of", "higher than"],
    "below": ["below", "under", "beneath", "underneath"],
}
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
BOTH_SIDES = {
    "left of": ["{a} on the left and {b} on the right", "on the left {a}, on the right {b}", "{a} left, {b} right"],
    "right of": ["{a} on the right and {b} on the left", "on the right {a}, on the left {b}", "{a} right, {b} left"],
    "above": ["{a} at the top and {b} at the bottom", "{a} on top, {b} below", "at the top {a}, at the bottom {b}"],
    "below": ["{a} at the bottom and {b} at the top", "{a} below, {b} on top", "at the bottom {a}, at the top {b}"],
}
PLACE_WORDS = {
    "in the middle": ["in the middle", "in the center", "in the centre", "centered"],
    "in the top left corner": ["in the top left corner", "in the upper left corner", "at the top left", "top left"],
    "in the top right corner": ["in the top right corner", "in the upper right corner", "at the top right", "top right"],
    "in the bottom left corner": ["in the bottom left corner", "in the lower left corner", "at the bottom left", "bottom left"],
    "in the bottom right corner": ["in the bottom right corner", "in the lower right corner", "at the bottom right", "bottom right"],
    "on the left": ["on the left", "on the left side", "at the left"], "on the right": ["on the right", "on the right side", "at the right"],
    "at the top": ["at the top", "on top", "in the upper part"], "at the bottom": ["at the bottom", "in the lower part"],
}
SCENE_WORDS = {
    "beach": ["on the beach", "on a beach", "at the beach", "at the seaside"],
    "snow": ["in the snow", "on snow", "in a snowy landscape", "in winter"],
    "night sky": ["in the night sky", "at night", "against a night sky", "under the stars"],
    "forest": ["in a forest", "in the forest", "in the woods"],
    "desert": ["in the desert", "in a desert", "on sand dunes"],
    "sea": ["in the sea", "under water", "underwater", "in the ocean"],
    "city": ["in the city", "in a city", "in front of a city", "in a town"],
    "space": ["in space", "in outer space", "in the universe"],
    "meadow": ["in a meadow", "on a meadow", "on the grass", "in a field"],
    "mountains": ["in the mountains", "in front of mountains", "in the alps"],
    "sunset": ["at sunset", "in front of a sunset", "at dusk"],
    "room": ["in a room", "in the living room", "indoors"],
}
STYLE_WORDS = {
    "pixel art": ["{}, pixel art", "pixel art of {}", "{} as pixel art", "{} in pixel art style", "a pixelated {bare}"],
    "pencil sketch": ["{}, pencil sketch", "a pencil sketch of {}", "{} as a pencil drawing", "a sketch of {}"],
    "watercolour": ["{}, watercolour", "{}, watercolor", "a watercolour of {}", "a watercolor painting of {}", "{} in watercolour"],
    "neon": ["{}, neon", "a neon sign of {}", "{} in neon lights", "neon {bare}"],
    "silhouette": ["the silhouette of {}", "{}, silhouette", "a silhouette of {}", "{} as a silhouette"],
    "mosaic": ["{}, mosaic", "a mosaic of {}", "{} as a mosaic", "{} in mosaic style"],
    "blueprint": ["{}, blueprint", "a blueprint of {}", "{} as a blueprint"],
    "sepia": ["{}, sepia", "a sepia photo of {}", "{} in sepia", "an old photo of {}"],
}
COLOUR_WORDS = {"gray": ["gray", "grey"], "purple": ["purple", "violet"]}
SIZE_WORDS = {"small": ["small", "tiny", "little"], "big": ["big", "large", "huge"]}


def colour_word(rng: random.Random, colour: str) -> str:
    return rng.choice(COLOUR_WORDS.get(colour, [colour])) if rng.random() < 0.4 else colour


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" and not word.startswith(("uni", "ufo")) else "a"


def phrase(thing: Thing, rng: random.Random, bare: bool = False, plain: bool = False) -> str:
    """`a small red cat`, `three cats`; `bare` leaves the article out, `plain` uses the first name of everything."""
    noun, count = NOUNS[thing.noun], len(thing.boxes)
    one, many = (noun.singular, noun.plural) if plain or not noun.synonyms or rng.random() < 0.7 else rng.choice(noun.synonyms)
    words = []
    if thing.size:
        words.append(thing.size if plain else rng.choice(SIZE_WORDS[thing.size]))
    if thing.colour:
        words.append(colour_word(rng, thing.colour))
    if count > 1:
        number = NUMBERS[count] if plain or rng.random() < 0.75 else str(count)
        return " ".join([number, *words, many])
    if one.endswith(("s", "i", "sushi", "bacon", "broccoli", "wheat", "coffee", "fries")) and one == many:
        return " ".join([*words, one])
    if bare:
        return " ".join([*words, one])
    words.append(one)
    if not plain and rng.random() < 0.12:
        return " ".join(["one", *words])
    return " ".join([article(words[0]), *words])


def slip(text: str, rng: random.Random) -> str:
    """One slip in a longer word: two letters swapped, one doubled or one dropped."""
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 4 and w.isalpha()]
    if not long:
        return text
    i = rng.choice(long)
    w, k = words[i], rng.randrange(1, len(words[i]) - 1)
    words[i] = rng.choice((w[:k] + w[k + 1] + w[k] + w[k + 2:], w[:k] + w[k] + w[k:], w[:k] + w[k + 1:]))
    return " ".join(words)


def ground_words(scene: Scene, rng: random.Random, plain: bool) -> str:
    ground = scene.ground
    if ground[0] == "plain":
        colour = colour_word(rng, ground[1])
        return rng.choice([f"on {article(colour)} {colour} background", f"in front of {article(colour)} {colour} background", f"with {article(colour)} {colour} background", f"{colour} background"][:1 if plain else 4])
    if ground[0] == "graded":
        a, b = ground[1:]
        return rng.choice([f"on a background graded from {a} to {b}", f"on a {a} to {b} gradient", f"with a gradient from {a} to {b}"][:1 if plain else 3])
    if ground[0] == "scene":
        return SCENE_WORDS[ground[1]][0] if plain else rng.choice(SCENE_WORDS[ground[1]])
    return ""


def _words(scene: Scene, rng: random.Random, plain: bool) -> str:
    colour = colour_word(rng, scene.word_colour)
    word = f'"{scene.word if plain or rng.random() < 0.85 else scene.word.lower()}"'
    forms = [f"the word {word} in {colour}", f"{word} in {colour}", f"{word} in {colour} letters", f"the word {word} in {colour} letters",
             f"a sign that says {word} in {colour}", f"{colour} text {word}", f"the text {word} in {colour}", f"the {colour} word {word}"]
    return forms[0] if plain else rng.choice(forms)


def _things(scene: Scene, rng: random.Random, plain: bool, bare: bool) -> str:
    if scene.word:
        return _words(scene, rng, plain)
    if len(scene.things) == 1:
        text = phrase(scene.things[0], rng, bare, plain)
        if scene.place:
            place = scene.place if plain else rng.choice(PLACE_WORDS[scene.place])
            text = f"{place} {text}" if not plain and rng.random() < 0.1 else f"{text} {place}"
        return text
    a, b = (phrase(t, rng, bare, plain) for t in scene.things)
    if not scene.relation:
        if not plain and rng.random() < 0.5:
            a, b = b, a
        return f"{a} and {b}" if plain else rng.choice([f"{a} and {b}"] * 4 + [f"{a} with {b}", f"{a} next to {b}", f"{a}, {b}", f"{a} together with {b}", f"both {a} and {b}"])
    relation = scene.relation
    if plain:
        return f"{a} {RELATION_WORDS[relation][0]} {b}"
    if rng.random() < 0.5:
        a, b, relation = b, a, OPPOSITE[relation]
    if rng.random() < 0.2:
        return rng.choice(BOTH_SIDES[relation]).format(a=a, b=b)
    words = rng.choice(RELATION_WORDS[relation])
    return f"{words} {b} {'is ' if rng.random() < 0.5 else ''}{a}" if rng.random() < 0.06 else f"{a} {'is ' if rng.random() < 0.06 else ''}{words} {b}"


def caption(scene: Scene, rng: random.Random, plain: bool = False) -> str:
    """One wording of the scene. `plain`: the canonical one."""
    bare = not plain and rng.random() < 0.08
    text = _things(scene, rng, plain, bare)
    ground = ground_words(scene, rng, plain)
    if ground:
        if not plain and rng.random() < 0.12:
            text = f"{ground}, {text}"
        else:
            text = f"{text}{',' if ground.endswith('background') and ground.split()[0] not in ('on', 'in', 'with') else ''} {ground}"
    if scene.style:
        forms = STYLE_WORDS[scene.style]
        form = forms[0] if plain else rng.choice(forms)
        simple = len(scene.things) == 1 and text.startswith(("a ", "an "))
        if "{bare}" in form and not simple:
            form = forms[0]
        text = form.format(text, bare=text.split(" ", 1)[-1])
    elif not plain and rng.random() < 0.4:
        text = rng.choice(OPENINGS).format(text)
    if plain:
        return text
    if rng.random() < 0.04:
        text = slip(text, rng)
    pick = rng.random()
    if pick < 0.08:
        text = text[0].upper() + text[1:]
    elif pick < 0.11:
        text = text.upper()
    if rng.random() < 0.06:
        text += rng.choice([".", "!"])
    return text
