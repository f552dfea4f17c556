"""Vehicles and buildings."""
from __future__ import annotations

import random

from .nouns import MAIN, Part, noun
from .shapes import Shape, blend, box, cone, cut, cylinder, ellipsoid, extrude, lathe, limb, row, smooth, sphere, torus, tube, union


def wheels(x: list[float], z: float, radius: float, width: float) -> Shape:
    """Pairs of wheels on axles along z, standing on y = 0."""
    one = cylinder(radius, width, .03).turned("x", 90)
    return union(*(one.at(k, radius, z).mirrored("z") for k in x))


@noun("car", "red blue green yellow", "wheels, roof", "automobile, little car")
def car(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(1.15, 1.3), r.uniform(.24, .3), .55
    wheel = r.uniform(.145, .17)
    cab, at, up = w * r.uniform(.42, .55), r.uniform(-.12, .02), r.uniform(.24, .3)
    y = wheel * .7
    glass = extrude([(-cab / 2 - .04, 0), (cab / 2 + .08, 0), (cab / 2 - .08, up), (-cab / 2 + .08, up)], d - .1, .02).at(at, y + h, 0)
    return [Part(box(w, h, d, .09).at(0, y + h / 2, 0), MAIN), Part(glass, "gray"), Part(box(cab - .1, .09, d - .08, .04).at(at, y + h + up, 0), MAIN, "roof"),
            Part(wheels([-w * .3, w * .3], d / 2 - .02, wheel, .14), "black", "wheels"), Part(sphere(.065).at(w / 2 - .03, y + h * .55, d * .3).mirrored("z"), "yellow")]


@noun("truck", "red blue white green", "wheels, cab", "lorry/lorries")
def truck(r: random.Random) -> list[Part]:
    w, d, load = r.uniform(1.2, 1.35), .5, r.uniform(.5, .62)
    cab = .38
    x = w / 2 - cab / 2
    return [Part(box(w - cab - .06, load, d, .03).at(-cab / 2 - .03, .2 + load / 2, 0), MAIN), Part(box(w, .1, d - .1, .02).at(0, .18, 0), "black"),
            Part(box(cab, .48, d, .06).at(x, .18 + .24, 0), r.choice(("white", "gray", "red")), "cab"), Part(box(.14, .2, d - .1, .03).at(w / 2 - .04, .5, 0), "black"),
            Part(wheels([-w * .36, -w * .1, w * .34], d / 2 - .03, .15, .13), "black", "wheels")]


@noun("bus", "yellow red blue", "wheels, windows", "coach/coaches", plural="buses")
def bus(r: random.Random) -> list[Part]:
    w, d, h = r.uniform(1.25, 1.4), .5, r.uniform(.48, .58)
    n = r.choice((4, 5))
    return [Part(box(w, h, d, .06).at(0, .12 + h / 2, 0), MAIN),
            Part(union(row(box(w * .8 / n - .05, h * .36, d + .04, .02), n, w * .8 / n).at(-.04, .12 + h * .65, 0), box(.06, h * .4, d - .12, .02).at(w / 2, .12 + h * .62, 0)), "gray", "windows"),
            Part(wheels([-w * .3, w * .3], d / 2 - .02, .14, .12), "black", "wheels")]


@noun("train", "red green blue black", "wheels, chimney, cab", "locomotive, steam train")
def train(r: random.Random) -> list[Part]:
    w, rad = r.uniform(1.1, 1.25), r.uniform(.2, .24)
    y = .2 + rad
    return [Part(union(cylinder(rad, w * .68, .04).turned("z", 90).at(w * .14, y, 0), box(w, .12, .44, .02).at(0, .2, 0)), MAIN),
            Part(union(box(.34, .5, .48, .03).at(-w / 2 + .19, .44, 0), box(.44, .08, .58, .03).at(-w / 2 + .19, .72, 0)), MAIN, "cab"),
            Part(cone(.07, .12, .28).at(w * .34, y + rad - .05, 0), "black", "chimney"),
            Part(union(wheels([-w * .05, w * .16, w * .37], .2, .12, .1), wheels([-w / 2 + .2], .2, .17, .1)), "black", "wheels")]


@noun("airplane", "white blue red", "wings, tail", "plane, aeroplane, aircraft/aircraft")
def airplane(r: random.Random) -> list[Part]:
    w, rad, span = r.uniform(1.15, 1.3), r.uniform(.13, .16), r.uniform(1.05, 1.3)
    body = blend(.05, ellipsoid(w / 2, rad, rad), limb((-w * .3, .02, 0), (w * .3, 0, 0), rad * .8, rad * .95))
    sweep = r.uniform(.05, .25)
    wing = extrude([(.14, 0), (-.14, 0), (-.14 - sweep, span / 2), (.02 - sweep, span / 2)], .07, .02).turned("x", 90).mirrored("z")
    tail = union(extrude([(.12, 0), (-.1, 0), (-.2, .3), (-.06, .3)], .07, .02).at(-w * .38, .06, 0), extrude([(.09, 0), (-.1, 0), (-.16, .26), (-.04, .26)], .065, .02).turned("x", 90).mirrored("z").at(-w * .38, .06, 0))
    return [Part(body, MAIN), Part(wing.at(.05, -.03, 0), MAIN, "wings"), Part(tail, r.choice(("red", "blue")), "tail"), Part(ellipsoid(.1, .07, .1).at(w * .34, rad * .55, 0), "black")]


@noun("helicopter", "red blue green yellow", "rotor, tail, skids", "chopper")
def helicopter(r: random.Random) -> list[Part]:
    w, h = r.uniform(.34, .4), r.uniform(.26, .3)
    body = ellipsoid(w, h, .26).at(.15, .42, 0)
    tail = union(limb((0, .46, 0), (-.62, .52, 0), .12, .06), box(.16, .26, .07, .02).at(-.65, .6, 0))
    rotor = union(box(r.uniform(1.1, 1.3), .055, .12, .02), box(.12, .055, 1.1, .02), cylinder(.055, .2).at(0, -.08, 0)).turned("y", r.uniform(0, 90)).at(.15, .42 + h + .1, 0)
    return [Part(body, MAIN), Part(tail, MAIN, "tail"), Part(rotor, "black", "rotor"), Part(ellipsoid(.2, .17, .23).at(.34, .45, 0), "gray"),
            Part(union(limb((-.15, .05, .2), (.45, .05, .2), .042).mirrored("z"), limb((.03, .05, .2), (.06, .25, .12), .04).mirrored("z"), limb((.28, .05, .2), (.26, .25, .12), .04).mirrored("z")), "black", "skids")]


@noun("rocket", "white red gray", "fins, nose, window", "space rocket, rocket ship")
def rocket(r: random.Random) -> list[Part]:
    w, h = r.uniform(.17, .22), r.uniform(.6, .75)
    profile = smooth([(w * .75, .14), (w, .14 + h * .45), (w * .8, .14 + h)], 4)
    tip = smooth([(w * .8, 0), (w * .55, .16), (.02, .36)], 3)
    n = r.choice((3, 4))
    fin = extrude([(w * .5, .08), (w * 1.05, -.06), (w * 1.9, -.12), (w * 1.85, .06), (w * .8, .36)], .07, .02)
    return [Part(lathe([(0, .14), *profile, (0, .14 + h)]), MAIN), Part(lathe([(0, 0), *tip, (0, .365)]).at(0, .14 + h - .01, 0), "red", "nose"),
            Part(fin.ring(n, 90 / n).at(0, .13, 0), "red", "fins"), Part(cylinder(.09, 2 * w + .03, .02).turned("x", 90).at(0, .14 + h * .62, 0) & box(1, 3, 1).at(0, 0, .5), r.choice(("blue", "black")), "window"),
            Part(cone(.13, .09, .14).at(0, .04, 0), "gray")]


@noun("sailboat", "brown blue red", "sail, mast", "sailing boat, boat, sailing ship")
def sailboat(r: random.Random) -> list[Part]:
    w, h = r.uniform(.95, 1.1), r.uniform(.85, 1)
    hull = cut(ellipsoid(w / 2, .36, .26).at(0, .34, 0), box(2, .6, 2).at(0, .64, 0))
    a = w * r.uniform(.36, .44)
    sail = union(extrude([(.03, .05), (a, .05), (.03, h - .1)], .07, .02), extrude([(-.06, .05), (-a * .8, .05), (-.06, h * .75)], .07, .02))
    return [Part(hull, MAIN), Part(sail.at(0, .38, 0), "white", "sail"), Part(limb((-.01, .2, 0), (-.01, .36 + h, 0), .042), "brown", "mast")]


@noun("submarine", "yellow gray blue", "tower, propeller")
def submarine(r: random.Random) -> list[Part]:
    w, rad = r.uniform(1.1, 1.3), r.uniform(.22, .27)
    tower = union(box(.32, .26, .2, .06).at(.05, rad + .08, 0), limb((.1, rad + .2, 0), (.1, rad + .36, 0), .042), limb((.1, rad + .36, 0), (.2, rad + .36, 0), .042))
    windows = row(sphere(.075), 3, .24).at(.1, .05, rad - .02).mirrored("z")
    return [Part(ellipsoid(w / 2, rad, rad), MAIN), Part(tower, MAIN, "tower"), Part(windows, "white"),
            Part(union(box(.06, .42, .1, .02), box(.06, .1, .42, .02), cylinder(.07, .2).turned("z", 90)).at(-w / 2 - .03, 0, 0), "gray", "propeller")]


@noun("tractor", "green red blue", "wheels, cab, chimney", "farm tractor")
def tractor(r: random.Random) -> list[Part]:
    big, small = r.uniform(.28, .33), r.uniform(.16, .2)
    return [Part(box(.95, .28, .34, .05).at(.08, .42, 0), MAIN), Part(union(box(.36, .36, .38, .03).at(-.22, .7, 0), box(.46, .07, .48, .03).at(-.22, .9, 0)), r.choice(("gray", "white")), "cab"),
            Part(cylinder(.045, .34).at(.32, .68, 0), "black", "chimney"), Part(union(wheels([-.28], .28, big, .17), wheels([.4], .25, small, .14)), "black", "wheels")]


@noun("tank", "green gray brown", "turret, tracks, gun", "army tank", stands=True)
def tank(r: random.Random) -> list[Part]:
    w, t = r.uniform(1, 1.15), r.uniform(.24, .3)
    return [Part(box(w * .94, .2, .5, .05).at(0, .34, 0), MAIN), Part(union(cylinder(t, .22, .06).at(-.05, .52, 0)), MAIN, "turret"),
            Part(limb((.1, .54, 0), (.1 + r.uniform(.5, .65), .56, 0), .055), MAIN, "gun"), Part(box(w, .3, .2, .14).at(0, .16, .3).mirrored("z"), "black", "tracks")]


@noun("hot air balloon", "red yellow blue purple", "basket", "balloon with a basket/balloons with baskets")
def hot_air_balloon(r: random.Random) -> list[Part]:
    w = r.uniform(.4, .46)
    envelope = blend(.15, ellipsoid(w, w * 1.05, w).at(0, .95, 0), cone(.13, w * .72, .4).at(0, .38, 0))
    return [Part(envelope, MAIN), Part(box(.26, .2, .26, .03).at(0, .1, 0), "brown", "basket"), Part(limb((.11, .15, .11), (.12, .45, .12), .032).mirrored("x").mirrored("z"), "black")]


@noun("ufo", "gray purple green", "dome, lights", "flying saucer", plural="ufos")
def ufo(r: random.Random) -> list[Part]:
    w, h = r.uniform(.55, .62), r.uniform(.13, .17)
    return [Part(union(ellipsoid(w, h, w), cylinder(w * .5, .12).at(0, -.1, 0)), MAIN), Part(ellipsoid(w * .46, r.uniform(.26, .32), w * .46).at(0, .06, 0), "blue", "dome"),
            Part(sphere(.08).at(w * .93, 0, 0).ring(r.choice((6, 8))), "yellow", "lights")]


@noun("house", "white yellow red blue", "roof, door, chimney", "cottage, home", stands=False)
def house(r: random.Random) -> list[Part]:
    w, h, d, up = r.uniform(.75, .95), r.uniform(.42, .55), r.uniform(.65, .75), r.uniform(.34, .46)
    roof = extrude([(-w / 2 - .1, 0), (w / 2 + .1, 0), (0, up)], d + .14, .02).at(0, h, 0)
    side = r.choice((-1, 1))
    window = union(*(box(.15, .16, .06, .01).at(x, h * .55, d / 2 + .005) for x in (-w * .32, w * .32)))
    return [Part(box(w, h, d, .01).at(0, h / 2, 0), MAIN), Part(roof, r.choice(("red", "brown", "gray")), "roof"), Part(box(.18, .34, .08, .01).at(0, .17, d / 2), "brown", "door"),
            Part(box(.14, .34, .14, .01).at(side * w * .3, h + up * .62, -.1), r.choice(("gray", "brown")), "chimney"), Part(window, r.choice(("blue", "black")))]


@noun("castle", "gray brown white", "roofs, gate", "fortress/fortresses", stands=False)
def castle(r: random.Random) -> list[Part]:
    w, h, t = r.uniform(.8, .95), r.uniform(.36, .45), r.uniform(.14, .17)
    tower, up = r.uniform(.6, .75), r.uniform(.28, .38)
    keep = box(w * .45, h + .22, w * .45, .01).at(0, (h + .22) / 2, -.05)
    walls = union(box(w, h, w * .75, .01).at(0, h / 2, 0), keep, row(box(.1, .1, .1, .01), 4, w * .19).at(0, h + .03, w * .375 - .04))
    return [Part(walls, MAIN), Part(cylinder(t, tower).at(w / 2, tower / 2, w * .36).mirrored().mirrored("z"), MAIN),
            Part(cone(t + .06, .01, up).at(w / 2, tower - .02, w * .36).mirrored().mirrored("z"), r.choice(("red", "blue")), "roofs"),
            Part(extrude([(-.1, 0), (.1, 0), (.1, .17), (.06, .24), (-.06, .24), (-.1, .17)], .1, .01).at(0, .01, w * .375), "brown", "gate")]


@noun("lighthouse", "white", "stripes, roof", "light house", stands=False)
def lighthouse(r: random.Random) -> list[Part]:
    w, h = r.uniform(.24, .28), r.uniform(.9, 1)
    top = w * .62

    def at(y: float) -> float:
        return w + (top - w) * y / h
    n = r.choice((2, 3))
    bands = [lathe([(at(y) - .08, y), (at(y) + .018, y), (at(y + h * .15) + .018, y + h * .15), (at(y + h * .15) - .08, y + h * .15)]) for y in (h * (k + .45) / n - .07 * h for k in range(n))]
    return [Part(cone(w, top, h), MAIN), Part(union(*bands), "red", "stripes"), Part(union(cylinder(top + .09, .08).at(0, h, 0)), MAIN), Part(cylinder(top * .7, .26).at(0, h + .13, 0), "yellow"),
            Part(cone(top * .95, .02, .2).at(0, h + .24, 0), "red", "roof"), Part(cylinder(w + .14, .1).at(0, .03, 0), "gray")]


@noun("church", "white gray brown", "roof, steeple, door", "chapel", plural="churches", stands=False)
def church(r: random.Random) -> list[Part]:
    w, h, d, tall = .42, r.uniform(.38, .46), r.uniform(.75, .9), r.uniform(.75, .9)
    roof = extrude([(-w / 2 - .06, 0), (w / 2 + .06, 0), (0, .3)], d, .02).at(0, h, -.1)
    tint = r.choice(("red", "brown", "gray"))
    z = d / 2 - .1
    return [Part(union(box(w, h, d, .01).at(0, h / 2, -.1), box(.32, tall, .3, .01).at(0, tall / 2, z)), MAIN), Part(roof, tint, "roof"),
            Part(cone(.25, .01, r.uniform(.4, .5)).at(0, tall - .01, z), tint, "steeple"), Part(extrude([(-.07, 0), (.07, 0), (.07, .18), (0, .25), (-.07, .18)], .08, .01).at(0, .01, z + .15), "brown", "door")]


@noun("tent", "orange green blue red", "entrance", "camping tent", stands=False)
def tent(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(.85, 1), r.uniform(.6, .72), r.uniform(.8, 1)
    return [Part(extrude([(-w / 2, 0), (w / 2, 0), (0, h)], d, .03).at(0, .03, 0), MAIN), Part(extrude([(-w * .2, 0), (w * .2, 0), (0, h * .7)], .12, .01).at(0, .02, d / 2 - .02), "black", "entrance")]


@noun("windmill", "white brown gray", "blades, roof, door", "wind mill", stands=False)
def windmill(r: random.Random) -> list[Part]:
    w, h = r.uniform(.28, .34), r.uniform(.75, .85)
    blade = union(box(.08, 1.1, .06, .02), box(1.1, .08, .06, .02), *(box(.19, .38, .06, .02).at(.09, .33, 0).turned("z", a) for a in (0, 90, 180, 270))).turned("z", r.uniform(15, 75))
    return [Part(cone(w, w * .65, h), MAIN), Part(cone(w * .8, .02, .28).at(0, h - .02, 0), r.choice(("red", "brown")), "roof"),
            Part(union(blade, limb((0, 0, -.2), (0, 0, .05), .06)).at(0, h - .06, w * .66 + .14), r.choice(("brown", "gray", "red")), "blades"), Part(box(.15, .26, .1, .03).at(0, .13, w - .02), "brown", "door")]


@noun("bridge", "brown gray red", "railings", "stone bridge, arch bridge", stands=False)
def bridge(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(1.25, 1.4), r.uniform(.34, .42), .46
    a = w * r.uniform(.28, .33)
    hole = ellipsoid(a, h * .72, 1)
    deck = cut(box(w, h, d, .01).at(0, h / 2, 0), hole)
    return [Part(deck, MAIN), Part(union(box(w, .07, .08, .02).at(0, h + .2, d / 2 - .05).mirrored("z"), row(box(.08, .2, .08, .01), 5, w / 5).at(0, h + .1, d / 2 - .05).mirrored("z")), MAIN, "railings")]


@noun("pyramid", "yellow brown", "tip", "egyptian pyramid", stands=False)
def pyramid(r: random.Random) -> list[Part]:
    w, h = r.uniform(.9, 1), r.uniform(.6, .8)
    n = r.choice((0, 5))
    if n:
        body = union(*(box(w * (1 - k / n), h / n + .01, w * (1 - k / n), .01).at(0, h / n * (k + .5), 0) for k in range(n)))
        return [Part(body, MAIN), Part(box(w * .2, h / n + .02, w * .2, .01).at(0, h * .9 + .01, 0), MAIN, "tip")]
    side = extrude([(-w / 2, 0), (w / 2, 0), (0, h)], 2 * w, .01)
    whole = side & side.turned("y", 90)
    return [Part(whole, MAIN), Part(whole.grown(.012) & box(2, 1, 2).at(0, h * .72 + .5, 0), MAIN, "tip")]


@noun("igloo", "white", "entrance", "snow hut", stands=False)
def igloo(r: random.Random) -> list[Part]:
    w = r.uniform(.48, .54)
    dome = ellipsoid(w, w * r.uniform(.85, 1), w) & box(2, 1, 2).at(0, .5, 0)
    porch = cylinder(.24, .3).turned("x", 90).at(0, .04, w + .05) & box(2, 1, 2).at(0, .5, 0)
    return [Part(union(dome, porch), MAIN), Part(box(.24, .21, .12, .05).at(0, .09, w + .18), "black", "entrance")]


@noun("temple", "white gray", "roof, columns", "greek temple", stands=False)
def temple(r: random.Random) -> list[Part]:
    w, d, h, n = r.uniform(1, 1.15), r.uniform(.6, .75), r.uniform(.42, .52), r.choice((4, 5))
    column = cylinder(.065, h)
    pitch = (w - .16) / (n - 1)
    columns = union(row(column, n, pitch).at(0, .14 + h / 2, d / 2 - .08).mirrored("z"))
    base = union(box(w + .14, .08, d + .14, .01).at(0, .04, 0), box(w + .02, .08, d + .02, .01).at(0, .1, 0))
    return [Part(union(base, box(w - .34, h, d - .3, .01).at(0, .14 + h / 2, -.04)), MAIN), Part(columns, MAIN, "columns"),
            Part(union(box(w + .06, .1, d + .06, .01).at(0, .16 + h, 0), extrude([(-w / 2 - .04, 0), (w / 2 + .04, 0), (0, .24)], d + .06, .01).at(0, .2 + h, 0)), MAIN, "roof")]
