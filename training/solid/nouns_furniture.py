"""Furniture and what stands about a house."""
from __future__ import annotations

import random

from .nouns import MAIN, Part, noun
from .shapes import arc, blend, box, cone, cut, cylinder, ellipsoid, lathe, limb, row, smooth, sphere, torus, tube, union


def four_legs(width: float, depth: float, height: float, thick: float, round_ones: bool, slant: float = 0.0):
    """Legs from y = 0 to `height` under the corners of a top of that width and depth."""
    x, z = width / 2 - thick / 2, depth / 2 - thick / 2
    if round_ones:
        leg = limb((x + slant, thick / 2, z + slant), (x, height, z), thick / 2)
    else:
        leg = box(thick, height, thick).at(x, height / 2, z)
    return leg.mirrored("x").mirrored("z")


@noun("chair", "brown blue red gray", "legs, seat, back", "wooden chair, dining chair")
def chair(r: random.Random) -> list[Part]:
    w, d, h, up = r.uniform(.5, .6), r.uniform(.48, .58), r.uniform(.42, .52), r.uniform(.5, .65)
    t = r.uniform(.08, .1)
    parts = [Part(four_legs(w, d, h, t, r.random() < .5), MAIN, "legs"), Part(box(w, .1, d, .03).at(0, h, 0), MAIN, "seat")]
    if r.random() < .6:
        back = box(w, up, .09, .03).at(0, h + up / 2, -d / 2 + .045)
    else:
        back = union(box(w, .16, .09, .03).at(0, h + up - .08, -d / 2 + .045), row(box(.09, up, .08), 3, w / 2 - .045).at(0, h + up / 2, -d / 2 + .045))
    return [*parts, Part(back, MAIN, "back")]


@noun("armchair", "red green brown purple", "legs, seat, arms", "easy chair")
def armchair(r: random.Random) -> list[Part]:
    w, d, up = r.uniform(.7, .85), .65, r.uniform(.42, .55)
    body = union(box(w, .25, d, .05).at(0, .25, 0), box(w, up, .2, .08).at(0, .3 + up / 2, -d / 2 + .1))
    return [Part(body, MAIN), Part(box(.17, .38, d, .07).at(w / 2 - .085, .34, 0).mirrored(), MAIN, "arms"),
            Part(box(w - .36, .14, d - .2, .05).at(0, .42, .08), MAIN, "seat"), Part(four_legs(w - .1, d - .1, .14, .1, True), "brown", "legs")]


@noun("sofa", "blue red gray green", "legs, cushions, arms", "couch, settee", carries=False)
def sofa(r: random.Random) -> list[Part]:
    w, d, up = r.uniform(1.15, 1.4), .6, r.uniform(.36, .46)
    n = r.choice((2, 3))
    inner = w - .34
    return [Part(union(box(w, .22, d, .05).at(0, .24, 0), box(w, up, .2, .08).at(0, .3 + up / 2, -d / 2 + .1)), MAIN),
            Part(box(.17, .38, d, .07).at(w / 2 - .085, .33, 0).mirrored(), MAIN, "arms"),
            Part(row(box(inner / n - .02, .14, d - .18, .05), n, inner / n).at(0, .41, .08), MAIN, "cushions"),
            Part(four_legs(w - .1, d - .1, .14, .1, True), "brown", "legs")]


@noun("table", "brown white", "legs, top", "wooden table, dining table", carries=True)
def table(r: random.Random) -> list[Part]:
    w, d, h = r.uniform(.9, 1.15), r.uniform(.65, .85), r.uniform(.55, .75)
    if r.random() < .7:
        t = r.uniform(.09, .11)
        return [Part(four_legs(w - .06, d - .06, h, t, r.random() < .5), MAIN, "legs"), Part(box(w, .1, d, .02).at(0, h, 0), MAIN, "top")]
    return [Part(four_legs(w * .62, w * .62, h, .1, True, .06), MAIN, "legs"), Part(cylinder(w / 2, .1).at(0, h, 0), MAIN, "top")]


@noun("stool", "brown red white", "legs, seat", "bar stool", carries=True)
def stool(r: random.Random) -> list[Part]:
    h, w = r.uniform(.55, .85), r.uniform(.24, .3)
    legs = union(limb((w, .05, 0), (w * .62, h, 0), .05).ring(4, 45), torus(w * .82, .032).at(0, h * .42, 0))
    return [Part(legs, MAIN, "legs"), Part(cylinder(w + .03, .12, .05).at(0, h, 0), MAIN, "seat")]


@noun("bed", "brown white blue", "blanket, pillow, frame")
def bed(r: random.Random) -> list[Part]:
    w, d, head = r.uniform(.7, .95), 1.2, r.uniform(.5, .7)
    frame = union(box(w, .16, d, .03).at(0, .2, 0), box(w, head, .1, .04).at(0, head / 2, -d / 2), box(w, .42, .1, .04).at(0, .21, d / 2), four_legs(w, d, .2, .1, False))
    return [Part(frame, MAIN, "frame"), Part(box(w - .06, .14, d - .1, .05).at(0, .32, 0), "white"),
            Part(box(w + .02, .16, d * .58, .05).at(0, .34, d * .18), r.choice(("blue", "red", "green")), "blanket"),
            Part(box(w * .6, .13, .22, .06).at(0, .43, -d * .34), "white", "pillow")]


@noun("bookshelf", "brown white", "books", "bookcase, shelf/shelves", plural="bookshelves", carries=True, stands=False)
def bookshelf(r: random.Random) -> list[Part]:
    w, d, n = r.uniform(.65, .85), .34, r.choice((3, 4))
    h = n * .34 + .08
    inner = box(w - .14, .26, d, .005)
    case = cut(box(w, h, d, .01).at(0, h / 2, 0), *(inner.at(0, .08 + .34 * k + .13, .07) for k in range(n)))
    books = []
    for k in range(n):
        wide = r.uniform(.5, .95) * (w - .16)
        books.append(box(wide, r.uniform(.17, .23), d - .12, .01).at((wide - w + .16) / 2, .08 + .34 * k + .1, .01))
    return [Part(case, MAIN), Part(union(*books), r.choice(("red", "blue", "green")), "books")]


@noun("lamp", "white yellow red", "shade, base", "table lamp")
def lamp(r: random.Random) -> list[Part]:
    h, w, low = r.uniform(.62, .8), r.uniform(.28, .34), r.uniform(.2, .25)
    shade = cone(w, w * r.uniform(.45, .7), .36).at(0, h - .1, 0)
    stem = union(cylinder(low, .09, .03).at(0, .045, 0), cylinder(.045, h).at(0, h / 2, 0))
    if r.random() < .5:
        stem = union(stem, ellipsoid(.15, .2, .15).at(0, .28, 0))
    return [Part(shade, MAIN, "shade"), Part(stem, r.choice(("brown", "gray", "black")), "base")]


@noun("bench", "brown green", "legs, seat, back", "park bench", plural="benches")
def bench(r: random.Random) -> list[Part]:
    w, d, h = r.uniform(1.15, 1.35), .45, .42
    return [Part(union(box(.1, h, d).at(w / 2 - .12, h / 2, 0).mirrored(), box(.1, .8, .09).at(w / 2 - .12, .42, -d / 2 + .05).mirrored()), r.choice(("black", "gray")), "legs"),
            Part(row(box(w, .08, .125, .02), 3, 0, 0, .15).at(0, h + .03, .02), MAIN, "seat"),
            Part(row(box(w, .13, .08, .02), 2, 0, .19).at(0, h + .3, -d / 2 + .09), MAIN, "back")]


@noun("vase", "blue white green purple", "rim, stripe", "flower vase")
def vase(r: random.Random) -> list[Part]:
    belly, neck, lip, h = r.uniform(.26, .36), r.uniform(.11, .17), r.uniform(.18, .24), r.uniform(.8, 1)
    profile = smooth([(.0, 0), (.17, 0), (belly, h * .34), (neck, h * .76), (lip, h)], 4)
    body = lathe([(0, 0), *profile[4:], (lip - .07, h), (neck - .05, h * .8), (0, h * .75)])
    return [Part(body, MAIN), Part(torus(lip - .035, .05).at(0, h, 0), MAIN, "rim"),
            Part(lathe([(belly * .9, h * .27), (belly + .025, h * .28), (belly + .025, h * .42), (belly * .9, h * .43)]), MAIN, "stripe")]


@noun("mug", "white red blue", "handle", "cup, coffee mug, coffee cup")
def mug(r: random.Random) -> list[Part]:
    w, h = r.uniform(.3, .37), r.uniform(.62, .8)
    body = cut(cylinder(w, h, .04).at(0, h / 2, 0), cylinder(w - .09, h).at(0, h / 2 + .12, 0))
    grip = arc(h * .28, .065, 105).turned("z", -90).at(w + .0, h / 2, 0)
    return [Part(body, MAIN), Part(grip - cylinder(w - .03, h).at(0, h / 2, 0), MAIN, "handle")]


@noun("teapot", "white blue red green", "lid, handle, spout", "tea pot, kettle")
def teapot(r: random.Random) -> list[Part]:
    w, h = r.uniform(.38, .44), r.uniform(.3, .38)
    return [Part(union(ellipsoid(w, h, w).at(0, h, 0), cylinder(w * .62, .1).at(0, .05, 0)), MAIN),
            Part(union(ellipsoid(w * .6, .12, w * .6).at(0, h * 1.86, 0), sphere(.085).at(0, h * 1.86 + .16, 0)), MAIN, "lid"),
            Part(tube([(-w * .8, h * .7, 0), (-w * 1.25, h * 1.1, 0), (-w * 1.5, h * 1.75, 0)], .13, .07), MAIN, "spout"),
            Part(arc(h * .72, .065, 95).turned("z", -90).at(w * .85, h * 1.05, 0), MAIN, "handle")]


@noun("bottle", "green brown blue", "cap, label", "wine bottle, glass bottle")
def bottle(r: random.Random) -> list[Part]:
    w, h, neck = r.uniform(.2, .25), r.uniform(.5, .62), r.uniform(.085, .1)
    profile = smooth([(w, h), (w * .85, h + .12), (neck, h + .25), (neck, h + .42)], 3)
    return [Part(lathe([(0, 0), (w - .02, 0), (w, .02), *profile, (0, h + .42)]), MAIN), Part(cylinder(neck + .03, .13, .03).at(0, h + .44, 0), r.choice(("black", "red", "white")), "cap"),
            Part(cylinder(w + .02, h * .42, .01).at(0, h * .48, 0), "white", "label")]


@noun("bowl", "white blue red", "rim", "dish/dishes", carries=False)
def bowl(r: random.Random) -> list[Part]:
    w, h = r.uniform(.46, .54), r.uniform(.36, .46)
    outer = smooth([(.2, .06), (w * .8, h * .45), (w, h)], 4)
    inner = [(x - .09, y + .05) for x, y in reversed(outer)]
    return [Part(union(lathe([(0, .04), *outer, (w - .08, h), *inner[1:-1], (0, .14)]), cylinder(.24, .08).at(0, .05, 0)), MAIN),
            Part(torus(w - .035, .05).at(0, h, 0), MAIN, "rim")]


@noun("candle", "white red yellow", "flame, base", "wax candle")
def candle(r: random.Random) -> list[Part]:
    w, h = r.uniform(.15, .2), r.uniform(.55, .75)
    flame = lathe(smooth([(0, 0), (.085, .08), (.045, .2), (0, .3)], 4))
    return [Part(cylinder(w, h, .03).at(0, h / 2 + .08, 0), MAIN), Part(flame.at(0, h + .06, 0), "orange", "flame"),
            Part(cut(cylinder(w + .16, .14, .03).at(0, .07, 0), cylinder(w + .09, .1).at(0, .13, 0)), r.choice(("yellow", "brown", "gray")), "base")]


@noun("bucket", "blue gray red yellow", "handle", "pail")
def bucket(r: random.Random) -> list[Part]:
    low, top, h = r.uniform(.26, .3), r.uniform(.36, .42), r.uniform(.55, .7)
    body = lathe([(0, 0), (low, 0), (top, h), (top + .03, h), (top + .03, h + .05), (top - .08, h + .05), (low - .07, .1), (0, .1)])
    return [Part(body, MAIN), Part(arc(top, .04, 92).at(0, h, 0), r.choice(("gray", "black")), "handle")]


@noun("barrel", "brown", "bands", "cask, keg", carries=True)
def barrel(r: random.Random) -> list[Part]:
    w, belly, h = r.uniform(.28, .34), r.uniform(.07, .12), r.uniform(.75, .95)
    profile = smooth([(w, 0), (w + belly * .75, h * .25), (w + belly, h * .5), (w + belly * .75, h * .75), (w, h)], 3)
    band = [lathe([(w + b * belly - .06, y - .045), (w + b * belly + .025, y - .045), (w + b * belly + .025, y + .045), (w + b * belly - .06, y + .045)])
            for b, y in ((.55, h * .17), (.55, h * .83))]
    return [Part(lathe([(0, 0), *profile, (0, h)]), MAIN), Part(union(*band), r.choice(("gray", "black")), "bands")]


@noun("umbrella", "red blue yellow purple", "handle", "parasol")
def umbrella(r: random.Random) -> list[Part]:
    w, h = r.uniform(.55, .62), r.uniform(.95, 1.1)
    dome = cut(ellipsoid(w, .36, w).at(0, h - .3, 0), ellipsoid(w - .06, .29, w - .06).at(0, h - .31, 0), box(2 * w, 1, 2 * w).at(0, h - .3 - .5, 0))
    hook = arc(.1, .042, 90).turned("z", 180).at(.1, .14, 0)
    return [Part(union(dome, limb((0, h, 0), (0, h + .13, 0), .04)), MAIN), Part(union(limb((0, .14, 0), (0, h, 0), .042), hook), r.choice(("brown", "black")), "handle")]


@noun("clock", "white brown red", "hands, frame", "wall clock, table clock")
def clock(r: random.Random) -> list[Part]:
    w, d = .45, r.uniform(.14, .2)
    a, b = r.uniform(20, 70), -r.uniform(20, 70)
    hands = union(limb((0, 0, 0), (0, .28, 0), .04).turned("z", a), limb((0, 0, 0), (0, .2, 0), .04).turned("z", b), sphere(.055)).at(0, 0, d / 2 + .03)
    return [Part(cylinder(w - .03, d, .02).turned("x", 90), MAIN), Part(torus(w - .03, .075).turned("x", 90), r.choice(("black", "brown", "red")), "frame"), Part(hands, "black", "hands"),
            Part(box(.1, .16, d, .03).at(.22, -w - .02, 0).mirrored(), "black")]


@noun("box", "brown", "lid", "crate, cardboard box/cardboard boxes", carries=True)
def crate(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(.6, .85), r.uniform(.45, .7), r.uniform(.55, .7)
    return [Part(box(w, h, d, .02).at(0, h / 2, 0), MAIN), Part(box(w + .08, .16, d + .08, .03).at(0, h, 0), MAIN, "lid")]


@noun("gift", "red blue purple green", "ribbon", "present, gift box/gift boxes")
def gift(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(.65, .8), r.uniform(.5, .65), r.uniform(.6, .7)
    ribbon = union(box(.13, h + .05, d + .05, .02).at(0, h / 2, 0), box(w + .05, h + .05, .13, .02).at(0, h / 2, 0),
                   torus(.12, .05).scaled(1, 1, .7).turned("x", 90).turned("z", 30).at(.15, h + .13, 0).mirrored(), sphere(.075).at(0, h + .06, 0))
    return [Part(box(w, h, d, .02).at(0, h / 2, 0), MAIN), Part(ribbon, r.choice(("yellow", "white")), "ribbon")]


@noun("book", "red blue green brown", "pages", "thick book", carries=True)
def book(r: random.Random) -> list[Part]:
    w, d, t = r.uniform(.7, .8), r.uniform(.95, 1.1), r.uniform(.2, .3)
    cover = union(box(w, .07, d, .02).at(0, .035, 0), box(w, .07, d, .02).at(0, t, 0), box(.07, t + .035, d, .03).at(-w / 2 + .035, t / 2 + .018, 0))
    return [Part(cover, MAIN), Part(box(w - .08, t - .02, d - .1, .01).at(-.02, t / 2, 0), "white", "pages")]


@noun("bathtub", "white", "feet", "bath tub, tub")
def bathtub(r: random.Random) -> list[Part]:
    w, h = r.uniform(1.15, 1.3), r.uniform(.42, .5)
    outer = box(w, h, .6, .2).at(0, h / 2 + .1, 0)
    body = cut(outer, box(w - .16, h, .44, .15).at(0, h / 2 + .2, 0), box(w * 2, .3, 2).at(0, h + .13, 0))
    return [Part(body, MAIN), Part(four_legs(w - .3, .5, .2, .13, True), r.choice(("yellow", "gray")), "feet"), Part(blend(.05, limb((-w / 2 + .1, h, 0), (-w / 2 + .1, h + .16, 0), .05), limb((-w / 2 + .1, h + .16, 0), (-w / 2 + .26, h + .16, 0), .05)), "gray")]
