"""Words for a Clip: what training/captions.py says of a scene, and what moves in it."""
from __future__ import annotations

import random

from ..captions import OPENINGS, PLACE_WORDS, RELATION_WORDS, STYLE_WORDS, article, colour_word, ground_words, phrase, slip
from ..world import Thing
from .world import GROUPS, Clip

SIDES = {"left": ("left", "to the left", "leftwards", "towards the left", "from right to left"), "right": ("right", "to the right", "rightwards", "towards the right", "from left to right"),
         "up": ("up", "upwards", "upward", "to the top"), "down": ("down", "downwards", "downward", "to the bottom")}
CORNERS = {"up_left": ("up and to the left", "diagonally up to the left", "to the top left", "towards the upper left"),
           "up_right": ("up and to the right", "diagonally up to the right", "to the top right", "towards the upper right"),
           "down_left": ("down and to the left", "diagonally down to the left", "to the bottom left", "towards the lower left"),
           "down_right": ("down and to the right", "diagonally down to the right", "to the bottom right", "towards the lower right")}
GOING = (("moving", "moves"), ("moving", "moves"), ("going", "goes"), ("travelling", "travels"), ("traveling", "travels"), ("sliding", "slides"), ("flying", "flies"), ("floating", "floats"))
WALKING = (("running", "runs"), ("walking", "walks"), ("driving", "drives"), ("swimming", "swims"))
RISING = {"up": (("rising", "rises"), ("climbing", "climbs")), "down": (("sinking", "sinks"), ("descending", "descends"))}
# Of each other motion: participle, verb, and the participle as it stands before a noun (or None); the first is the plain one.
VERBS: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "enter_left": (("entering from the left", "enters from the left", None), ("coming in from the left", "comes in from the left", None), ("coming into the picture from the left", "comes into the picture from the left", None), ("appearing from the left", "appears from the left", None)),
    "enter_right": (("entering from the right", "enters from the right", None), ("coming in from the right", "comes in from the right", None), ("coming into the picture from the right", "comes into the picture from the right", None), ("appearing from the right", "appears from the right", None)),
    "exit_left": (("leaving to the left", "leaves to the left", None), ("going out on the left", "goes out on the left", None), ("moving out of the picture to the left", "moves out of the picture to the left", None), ("exiting to the left", "exits to the left", None)),
    "exit_right": (("leaving to the right", "leaves to the right", None), ("going out on the right", "goes out on the right", None), ("moving out of the picture to the right", "moves out of the picture to the right", None), ("exiting to the right", "exits to the right", None)),
    "grow": (("growing", "grows", "growing"), ("getting bigger", "gets bigger", None), ("getting larger", "gets larger", None), ("becoming bigger", "becomes bigger", None), ("expanding", "expands", "expanding")),
    "shrink": (("shrinking", "shrinks", "shrinking"), ("getting smaller", "gets smaller", None), ("becoming smaller", "becomes smaller", None), ("becoming tiny", "becomes tiny", None)),
    "pulse": (("pulsing", "pulses", "pulsing"), ("growing and shrinking", "grows and shrinks", None), ("pulsating", "pulsates", "pulsating"), ("throbbing", "throbs", "throbbing")),
    "spin": (("spinning", "spins", "spinning"), ("rotating", "rotates", "rotating"), ("turning", "turns", "turning"), ("spinning around", "spins around", None), ("rotating clockwise", "rotates clockwise", None), ("spinning clockwise", "spins clockwise", None), ("turning around", "turns around", None), ("whirling", "whirls", "whirling")),
    "spin_back": (("spinning counterclockwise", "spins counterclockwise", None), ("rotating counterclockwise", "rotates counterclockwise", None), ("turning anticlockwise", "turns anticlockwise", None), ("rotating anticlockwise", "rotates anticlockwise", None), ("spinning backwards", "spins backwards", None)),
    "roll_left": (("rolling to the left", "rolls to the left", None), ("rolling left", "rolls left", None), ("rolling from right to left", "rolls from right to left", None), ("tumbling to the left", "tumbles to the left", None)),
    "roll_right": (("rolling to the right", "rolls to the right", None), ("rolling", "rolls", "rolling"), ("rolling right", "rolls right", None), ("rolling from left to right", "rolls from left to right", None), ("tumbling to the right", "tumbles to the right", None)),
    "swing": (("swinging", "swings", "swinging"), ("rocking", "rocks", "rocking"), ("swinging like a pendulum", "swings like a pendulum", None), ("swinging from side to side", "swings from side to side", None), ("dangling", "dangles", "dangling")),
    "shake": (("shaking", "shakes", "shaking"), ("trembling", "trembles", "trembling"), ("vibrating", "vibrates", "vibrating"), ("shivering", "shivers", "shivering"), ("wobbling", "wobbles", "wobbling")),
    "sway": (("moving back and forth", "moves back and forth", None), ("moving left and right", "moves left and right", None), ("swaying", "sways", "swaying"), ("moving from side to side", "moves from side to side", None), ("gliding back and forth", "glides back and forth", None)),
    "hover": (("moving up and down", "moves up and down", None), ("hovering", "hovers", "hovering"), ("floating up and down", "floats up and down", None), ("bobbing", "bobs", "bobbing")),
    "bounce": (("bouncing", "bounces", "bouncing"), ("bouncing up and down", "bounces up and down", None), ("hopping", "hops", "hopping"), ("bouncing on the spot", "bounces on the spot", None)),
    "jump": (("jumping", "jumps", "jumping"), ("leaping", "leaps", "leaping"), ("jumping up", "jumps up", None), ("jumping in the air", "jumps in the air", None), ("jumping for joy", "jumps for joy", None)),
    "fall": (("falling", "falls", "falling"), ("falling down", "falls down", None), ("dropping", "drops", "dropping"), ("falling from the sky", "falls from the sky", None), ("falling to the ground", "falls to the ground", None)),
    "blink": (("blinking", "blinks", "blinking"), ("flashing", "flashes", "flashing"), ("flickering", "flickers", "flickering"), ("blinking on and off", "blinks on and off", None)),
    "appear": (("appearing", "appears", "appearing"), ("fading in", "fades in", None), ("showing up", "shows up", None), ("popping up", "pops up", None), ("emerging", "emerges", "emerging")),
    "disappear": (("disappearing", "disappears", "disappearing"), ("vanishing", "vanishes", "vanishing"), ("fading away", "fades away", None), ("fading out", "fades out", None), ("dissolving", "dissolves", "dissolving")),
    "still": (("standing still", "stands still", "motionless"), ("sleeping", "sleeps", "sleeping"), ("resting", "rests", "resting"), ("sitting still", "sits still", "still"), ("not moving", "does not move", "unmoving")),
}
AROUND_WORDS = {
    "zoom_in": ("{}, the camera zooms in", "the camera zooms in on {}", "zooming in on {}", "{}, zoom in", "{}, camera zooming in", "zoom in on {}", "{}, zooming in"),
    "zoom_out": ("{}, the camera zooms out", "the camera zooms out from {}", "zooming out from {}", "{}, zoom out", "{}, camera zooming out", "zoom out of {}", "{}, zooming out"),
    "pan_left": ("{}, the camera pans left", "{}, the camera pans to the left", "{}, camera panning left", "panning left over {}", "{}, pan left", "{}, the camera moves left"),
    "pan_right": ("{}, the camera pans right", "{}, the camera pans to the right", "{}, camera panning right", "panning right over {}", "{}, pan right", "{}, the camera moves right"),
    "pan_up": ("{}, the camera pans up", "{}, camera panning up", "{}, the camera tilts up", "panning up over {}", "{}, pan up", "{}, the camera moves up"),
    "pan_down": ("{}, the camera pans down", "{}, camera panning down", "{}, the camera tilts down", "panning down over {}", "{}, pan down", "{}, the camera moves down"),
    "snow": ("{} while it is snowing", "{} while it snows", "{} in falling snow", "{}, it is snowing", "{}, snow is falling", "snow falling on {}", "{} in a snowstorm", "{} with falling snowflakes", "{}, snowing"),
    "rain": ("{} while it is raining", "{} in the rain", "{} while it rains", "{}, it is raining", "{}, rain is falling", "rain falling on {}", "{} on a rainy day", "{} in a rain shower", "{}, raining"),
    "day_to_night": ("{}, day turns to night", "{} from day to night", "{} as night falls", "{}, it is getting dark", "{}, day to night", "{} at nightfall", "{}, a day turning into night"),
    "night_to_day": ("{}, night turns to day", "{} from night to day", "{} at daybreak", "{}, it is getting light", "{}, night to day", "{} as day breaks", "{}, a night turning into day"),
}
CLIP_OPENINGS = ("a clip of {}", "a video of {}", "an animation of {}", "a short clip of {}", "a gif of {}", "animate {}", "a looping clip of {}", "a movie of {}")


def verb(motion: str, rng: random.Random, plain: bool) -> tuple[str, str, str | None]:
    """Participle, verb, and what can stand before the noun."""
    if motion in SIDES or motion in CORNERS:
        ways = SIDES.get(motion) or CORNERS[motion]
        if plain:
            return f"moving {ways[1 if motion in ('left', 'right') else 0]}", f"moves {ways[0]}", None
        kinds = GOING + (WALKING if motion in ("left", "right") else RISING.get(motion, ()))
        participle, finite = rng.choice(kinds)
        way = rng.choice(ways)
        if participle in ("rising", "climbing", "sinking", "descending") and rng.random() < 0.5:
            return participle, finite, participle
        return f"{participle} {way}", f"{finite} {way}", None
    forms = VERBS[motion]
    return forms[0] if plain or rng.random() < 0.35 else rng.choice(forms)


def changing(thing: Thing, becomes: str, rng: random.Random, plain: bool) -> tuple[str, str, bool]:
    """Participle and verb of a change of colour, and whether the thing's first colour is said before its name as well."""
    a, b = (colour_word(rng, c) if not plain else c for c in (thing.colour, becomes))
    forms = ((f"changing colour from {a} to {b}", f"changes colour from {a} to {b}", False), (f"changing color from {a} to {b}", f"changes color from {a} to {b}", False),
             (f"turning from {a} to {b}", f"turns from {a} to {b}", False), (f"changing from {a} to {b}", f"changes from {a} to {b}", False),
             (f"turning {b}", f"turns {b}", True), (f"becoming {b}", f"becomes {b}", True), (f"changing to {b}", f"changes to {b}", True))
    return forms[0] if plain else rng.choice(forms)


def moving_phrase(thing: Thing, motion: str, becomes: str | None, rng: random.Random, plain: bool) -> str:
    """`a red ball bouncing`, `a bouncing red ball`, `a red ball is bouncing`."""
    if motion == "still" and (plain or rng.random() < 0.6):
        return phrase(thing, rng, plain=plain)
    if motion == "recolour":
        participle, finite, said = changing(thing, becomes, rng, plain)
        before = None
        named = phrase(thing if said else Thing(thing.noun, None, thing.size, thing.boxes), rng, plain=plain)
    else:
        participle, finite, before = verb(motion, rng, plain)
        named = phrase(thing, rng, plain=plain)
    if plain:
        return f"{named} {participle}"
    if before and rng.random() < 0.3:
        first, _, rest = named.partition(" ")
        if first in ("a", "an"):
            return f"{article(before)} {before} {rest}"
        return f"{first} {before} {rest}" if first == "one" and rest else f"{before} {named}"
    return rng.choice((f"{named} {participle}",) * 5 + (f"{named} is {participle}", f"{named} {finite}", f"{named} that {finite}", f"{named} that is {participle}"))


def _things(clip: Clip, rng: random.Random, plain: bool) -> str:
    scene = clip.scene
    texts = [moving_phrase(*one, rng, plain) for one in zip(scene.things, clip.motions, clip.becomes)]
    if len(texts) == 1:
        if scene.place:
            return f"{texts[0]} {scene.place if plain else rng.choice(PLACE_WORDS[scene.place])}"
        return texts[0]
    a, b = texts
    if scene.relation:
        return f"{a} {RELATION_WORDS[scene.relation][0] if plain else rng.choice(RELATION_WORDS[scene.relation])} {b}"
    if plain:
        return f"{a} and {b}"
    if rng.random() < 0.5:
        a, b = b, a
    return rng.choice((f"{a} and {b}",) * 4 + (f"{a} next to {b}", f"{a} while {b}" if b.startswith(("a ", "an ")) and " is " in b else f"{a}, {b}", f"{a} beside {b}", f"{a} with {b}"))


def caption(clip: Clip, rng: random.Random, plain: bool = False) -> str:
    """One wording of the clip. `plain`: the canonical one."""
    scene = clip.scene
    text = _things(clip, rng, plain)
    ground = "" if clip.around in GROUPS["weather"] and scene.ground == ("pale",) else ground_words(scene, rng, plain)
    if ground and ground.split()[0] not in ("on", "in", "with", "at", "under", "against", "underwater", "indoors"):
        text = f"{text}, {ground}"
    elif ground:
        text = f"{ground}, {text}" if not plain and rng.random() < 0.12 else f"{text} {ground}"
    if clip.around:
        forms = AROUND_WORDS[clip.around]
        text = (forms[0] if plain else rng.choice(forms)).format(text)
    if scene.style:
        forms = [form for form in STYLE_WORDS[scene.style] if "{bare}" not in form]
        text = (forms[0] if plain else rng.choice(forms)).format(text)
    elif not plain and rng.random() < 0.35:
        text = rng.choice(CLIP_OPENINGS if rng.random() < 0.6 else OPENINGS).format(text)
    if plain:
        return text
    if rng.random() < 0.04:
        text = slip(text, rng)
    pick = rng.random()
    if pick < 0.08:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.06:
        text += "."
    return text
