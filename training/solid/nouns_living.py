"""Animals, plants and food."""
from __future__ import annotations

import math
import random

from .nouns import MAIN, Part, noun
from .shapes import Shape, blend, box, cone, cut, cylinder, ellipsoid, extrude, lathe, limb, smooth, sphere, star, torus, tube, union


def eyes(x: float, y: float, z: float, r: float = .05) -> Part:
    return Part(sphere(r).at(x, y, z).mirrored(), "black")


def legs(x: float, z: float, radius: float, top: float) -> Shape:
    return limb((x, radius, z), (x, top, z), radius).mirrored().mirrored("z")


@noun("cat", "orange gray black white", "ears, tail", "kitten, kitty/kitties")
def cat(r: random.Random) -> list[Part]:
    b, h = r.uniform(.2, .24), r.uniform(.19, .23)
    body = blend(.12, ellipsoid(b, .3, .25).at(0, .3, -.05), limb((.12, .05, .14), (.1, .3, .1), .075).mirrored(), ellipsoid(.13, .1, .17).at(.18, .1, -.05).mirrored(), ellipsoid(h, h * .88, h * .9).at(0, .7, .08))
    tail = tube([(0, .12, -.25), (r.choice((-1, 1)) * .2, .12, -.4), (r.choice((-.25, .25)), .35, -.45)], .065, .05)
    return [Part(body, MAIN), Part(cone(.085, .015, .18).turned("z", -14).at(.125, .82, .06).mirrored(), MAIN, "ears"), Part(tail, MAIN, "tail"), eyes(.09, .73, .27), Part(sphere(.04).at(0, .66, .29), "pink")]


@noun("dog", "brown white black", "ears, collar, tail", "puppy/puppies, hound")
def dog(r: random.Random) -> list[Part]:
    leg, w = r.uniform(.2, .3), r.uniform(.42, .55)
    y = leg + .14
    body = blend(.08, limb((0, y, -w / 2), (0, y, w / 2 - .05), .15, .16), legs(.1, w / 2 - .06, .06, y), limb((0, y + .05, w / 2), (0, y + .3, w / 2 + .1), .11), ellipsoid(.17, .16, .17).at(0, y + .36, w / 2 + .12), ellipsoid(.09, .08, .14).at(0, y + .31, w / 2 + .29))
    return [Part(body, MAIN), Part(ellipsoid(.05, .16, .09).turned("z", 12).at(.17, y + .34, w / 2 + .1).mirrored(), r.choice(("brown", "black")), "ears"),
            Part(tube([(0, y + .08, -w / 2 - .08), (0, y + .32, -w / 2 - .2)], .055, .045), MAIN, "tail"), eyes(.075, y + .42, w / 2 + .25, .042), Part(sphere(.05).at(0, y + .34, w / 2 + .42), "black"),
            Part(torus(.115, .04).turned("x", 20).at(0, y + .16, w / 2 + .05), "red", "collar")]


@noun("pig", "pink", "snout, ears, tail", "piglet, piggy/piggies")
def pig(r: random.Random) -> list[Part]:
    w, b = r.uniform(.36, .44), r.uniform(.26, .3)
    y = b + .14
    body = blend(.08, ellipsoid(b, b, w).at(0, y, 0), legs(.14, w * .5, .075, y), sphere(.21).at(0, y + .1, w + .02))
    return [Part(body, MAIN), Part(cylinder(.1, .14, .03).turned("x", 90).at(0, y + .06, w + .24), MAIN, "snout"), Part(cone(.08, .02, .15).turned("z", -25).turned("x", 15).at(.12, y + .24, w).mirrored(), MAIN, "ears"),
            eyes(.09, y + .19, w + .19, .04), Part(torus(.06, .033).turned("x", 40).at(0, y + .1, -w - .03), MAIN, "tail")]


@noun("horse", "brown white black", "mane, tail, hooves", "pony/ponies")
def horse(r: random.Random) -> list[Part]:
    leg, w = r.uniform(.4, .48), r.uniform(.55, .65)
    y = leg + .15
    body = blend(.1, limb((0, y, -w / 2 + .1), (0, y, w / 2 - .1), .17, .17), legs(.11, w / 2 - .06, .058, y), limb((0, y + .05, w / 2 - .04), (0, y + .44, w / 2 + .14), .13, .09), limb((0, y + .47, w / 2 + .13), (0, y + .3, w / 2 + .38), .11, .07))
    mane = box(.075, .48, .13, .03).turned("x", 23).at(0, y + .36, w / 2 - .02)
    return [Part(body, MAIN), Part(mane, "black", "mane"), Part(cone(.05, .02, .12).at(.06, y + .53, w / 2 + .12).mirrored(), MAIN), Part(tube([(0, y + .1, -w / 2), (0, y, -w / 2 - .16), (0, y - .3, -w / 2 - .2)], .06, .07), "black", "tail"),
            eyes(.085, y + .5, w / 2 + .2, .038), Part(cylinder(.075, .1).at(.11, .05, w / 2 - .06).mirrored().mirrored("z"), r.choice(("black", "gray")), "hooves")]


@noun("elephant", "gray", "ears, tusks, trunk", "baby elephant")
def elephant(r: random.Random) -> list[Part]:
    w, b = r.uniform(.32, .38), r.uniform(.3, .34)
    y = b + .2
    body = blend(.1, ellipsoid(b, b, w).at(0, y, -.05), legs(.16, w * .52, .1, y), sphere(.25).at(0, y + .2, w + .05))
    ear = cylinder(r.uniform(.2, .25), .08, .03).turned("x", 90).turned("y", 25).at(.32, y + .22, w - .04).mirrored()
    return [Part(body, MAIN), Part(ear, MAIN, "ears"), Part(tube([(0, y + .15, w + .25), (0, y - .1, w + .4), (0, y - .3, w + .4), (0, y - .36, w + .5)], .1, .055), MAIN, "trunk"),
            Part(limb((.11, y + .04, w + .22), (.14, y - .08, w + .42), .05, .032).mirrored(), "white", "tusks"), eyes(.12, y + .28, w + .25, .042)]


@noun("giraffe", "yellow orange", "spots, hooves", "baby giraffe")
def giraffe(r: random.Random) -> list[Part]:
    leg, neck = r.uniform(.42, .5), r.uniform(.5, .62)
    y = leg + .12
    body = blend(.08, limb((0, y, -.18), (0, y + .04, .15), .14, .15), legs(.09, .18, .052, y), limb((0, y + .05, .2), (0, y + neck, .34), .1, .07), limb((0, y + neck + .02, .32), (0, y + neck - .06, .55), .1, .065))
    spots = union(*(sphere(.06).at(x, y + a, z) for x, a, z in ((.125, .06, -.12), (.13, -.04, .02), (.125, .08, .14), (.1, neck * .4, .25), (.08, neck * .7, .3)))).mirrored()
    return [Part(body, MAIN), Part(spots, "brown", "spots"), Part(limb((.05, y + neck + .05, .3), (.05, y + neck + .19, .28), .033, .038).mirrored(), "brown"), eyes(.08, y + neck + .05, .4, .036), Part(cylinder(.068, .1).at(.09, .05, .18).mirrored().mirrored("z"), "brown", "hooves")]


@noun("rabbit", "white brown gray", "ears, tail", "bunny/bunnies, hare")
def rabbit(r: random.Random) -> list[Part]:
    ear = r.uniform(.36, .48)
    body = blend(.1, ellipsoid(.22, .26, .26).at(0, .27, -.04), sphere(.19).at(0, .58, .12), ellipsoid(.08, .07, .16).at(.13, .07, .15).mirrored(), limb((.1, .1, .2), (.09, .3, .16), .06).mirrored())
    return [Part(body, MAIN), Part(ellipsoid(.065, ear / 2, .055).turned("z", -r.uniform(6, 16)).at(.09, .7 + ear / 2, .08).mirrored(), MAIN, "ears"), Part(sphere(.095).at(0, .2, -.31), "white", "tail"), eyes(.09, .62, .28, .042), Part(sphere(.038).at(0, .56, .31), "pink")]


@noun("sheep", "white", "head, legs", "lamb", plural="sheep")
def sheep(r: random.Random) -> list[Part]:
    w, b = r.uniform(.32, .38), r.uniform(.24, .28)
    y = b + .2
    wool = blend(.06, ellipsoid(b, b, w).at(0, y, 0), *(sphere(.13).at(b * .7 * math.cos(a), y + b * .75 * math.sin(a), z) for z in (-w * .6, 0, w * .55) for a in (.2, 1.1, 2.04, 2.94)))
    tint = r.choice(("black", "gray"))
    return [Part(wool, MAIN), Part(union(ellipsoid(.12, .15, .16).at(0, y + .17, w + .06), ellipsoid(.12, .045, .06).turned("z", -20).at(.17, y + .24, w).mirrored()), tint, "head"), Part(legs(.13, w * .5, .058, y - .1), tint, "legs"),
            Part(sphere(.042).at(.08, y + .24, w + .16).mirrored(), "white")]


@noun("bear", "brown black white", "ears, nose, belly", "teddy bear, teddy")
def bear(r: random.Random) -> list[Part]:
    w = r.uniform(.24, .28)
    body = blend(.05, ellipsoid(w, .3, .22).at(0, .36, 0), sphere(.22).at(0, .82, .02), limb((w * .8, .52, .02), (w + .16, .36, .14), .09).mirrored(), limb((.14, .14, .05), (.19, .1, .3), .11).mirrored())
    return [Part(body, MAIN), Part(sphere(.085).at(.17, 1, .02).mirrored(), MAIN, "ears"), Part(ellipsoid(w * .68, .2, .08).at(0, .37, .17), r.choice(("white", "yellow")), "belly"),
            Part(union(ellipsoid(.1, .08, .08).at(0, .77, .21)), "white"), Part(sphere(.045).at(0, .8, .28), "black", "nose"), eyes(.09, .89, .2, .038)]


@noun("fish", "orange blue yellow", "fins, tail", "goldfish/goldfish", plural="fish")
def fish(r: random.Random) -> list[Part]:
    w, h = r.uniform(.42, .5), r.uniform(.24, .32)
    tail = extrude([(-w * .8, 0), (-w * 1.35, h * .85), (-w * 1.2, 0), (-w * 1.35, -h * .85)], .08, .03)
    fins = union(extrude([(-.15, h * .7), (.15, h * .75), (-.12, h * 1.45)], .07, .02), extrude([(-.12, -h * .7), (.08, -h * .75), (-.12, -h * 1.25)], .07, .02), ellipsoid(.13, .06, .035).turned("z", 30).turned("y", 30).at(.02, -.05, .2).mirrored("z"))
    return [Part(ellipsoid(w, h, .19), MAIN), Part(tail, MAIN, "tail"), Part(fins, MAIN, "fins"), Part(sphere(.06).at(w * .62, .07, .125).mirrored("z"), "black")]


@noun("whale", "blue gray", "tail, belly", "blue whale")
def whale(r: random.Random) -> list[Part]:
    w, h = r.uniform(.48, .55), r.uniform(.26, .32)
    body = blend(.12, ellipsoid(w, h, .3), tube([(-w * .7, .02, 0), (-w * 1.15, .1, 0), (-w * 1.4, .26, 0)], .17, .06))
    fluke = ellipsoid(.13, .05, .2).turned("y", -28).at(-w * 1.45, .29, .14).mirrored("z")
    return [Part(body, MAIN), Part(fluke, MAIN, "tail"), Part(ellipsoid(w * .88, h * .7, .265).at(.05, -h * .36, 0), "white", "belly"), Part(ellipsoid(.16, .045, .09).turned("y", 30).at(.1, -.12, .32).mirrored("z"), MAIN), Part(sphere(.045).at(w * .62, .05, .235).mirrored("z"), "black")]


@noun("duck", "yellow white", "beak, feet", "rubber duck, duckling")
def duck(r: random.Random) -> list[Part]:
    w, h = r.uniform(.34, .4), r.uniform(.22, .26)
    head = r.uniform(.17, .2)
    body = blend(.08, ellipsoid(w, h, .26).at(0, .28, 0), sphere(head).at(w * .55, .64, 0), limb((w * .5, .35, 0), (w * .55, .6, 0), .12), limb((-w * .7, .34, 0), (-w * 1.1, .48, 0), .12, .05))
    return [Part(body, MAIN), Part(ellipsoid(.14, .05, .1).at(w * .55 + head + .05, .61, 0), "orange", "beak"), Part(sphere(.042).at(w * .55 + head * .62, .71, head * .68).mirrored("z"), "black"), Part(ellipsoid(.13, .05, .1).at(.02, .05, .13).mirrored("z"), "orange", "feet"),
            Part(ellipsoid(w * .55, h * .5, .08).turned("z", 12).at(-.06, .32, .23).mirrored("z"), MAIN)]


@noun("penguin", "black blue", "belly, beak, feet", "baby penguin")
def penguin(r: random.Random) -> list[Part]:
    w, h = r.uniform(.25, .3), r.uniform(.4, .46)
    return [Part(blend(.08, ellipsoid(w, h, .24).at(0, h + .04, 0), sphere(.2).at(0, h * 2 + .02, .02)), MAIN), Part(union(ellipsoid(w * .76, h * .8, .16).at(0, h, .11), ellipsoid(.13, .11, .09).at(0, h * 2, .15)), "white", "belly"),
            Part(cone(.065, .015, .17).turned("x", 90).at(0, h * 2 - .01, .2), "orange", "beak"), Part(ellipsoid(.11, .05, .16).at(.12, .05, .1).mirrored(), "orange", "feet"), eyes(.085, h * 2 + .08, .2, .038),
            Part(ellipsoid(.055, .25, .11).turned("z", r.uniform(15, 35)).at(w + .05, h + .08, 0).mirrored(), MAIN)]


@noun("owl", "brown gray white", "eyes, beak, wings", "little owl")
def owl(r: random.Random) -> list[Part]:
    w, h = r.uniform(.3, .35), r.uniform(.42, .48)
    return [Part(blend(.08, ellipsoid(w, h, .29).at(0, h, 0), cone(.12, .02, .24).turned("z", -22).at(w * .55, h * 1.62, 0).mirrored()), MAIN), Part(cylinder(.125, .1, .03).turned("x", 90).at(.125, h * 1.36, .235).mirrored(), "white", "eyes"), eyes(.115, h * 1.36, .29, .055),
            Part(cone(.06, .012, .15).turned("x", 110).at(0, h * 1.2, .26), "orange", "beak"), Part(ellipsoid(.08, h * .58, .2).turned("z", -8).at(w - .01, h * .9, -.02).mirrored(), MAIN, "wings"), Part(ellipsoid(.08, .05, .12).at(.12, .03, .13).mirrored(), "orange")]


@noun("snail", "brown yellow", "shell", "garden snail")
def snail(r: random.Random) -> list[Part]:
    w = r.uniform(.3, .36)
    shell = union(cylinder(w, .3, .13).turned("x", 90), torus(w * .62, .09).turned("x", 90).at(0, 0, .13).mirrored("z"), sphere(.15).at(0, 0, .12).mirrored("z"))
    body = blend(.06, limb((-.5, .08, 0), (.4, .1, 0), .06, .11), limb((.4, .1, 0), (.5, .42, 0), .11, .11))
    horns = union(limb((.5, .45, .05), (.58, .66, .1), .036), sphere(.052).at(.58, .68, .1)).mirrored("z")
    return [Part(union(body, horns), r.choice(("yellow", "pink", "green"))), Part(shell.at(-.06, w + .1, 0), MAIN, "shell")]


@noun("turtle", "green", "shell, head", "tortoise")
def turtle(r: random.Random) -> list[Part]:
    w, h = r.uniform(.42, .48), r.uniform(.3, .38)
    shell = union(ellipsoid(w, h, w * .86) & box(2, 1, 2).at(0, .5, 0), cylinder(w + .04, .1, .05).scaled(1, 1, .87).at(0, .02, 0)).at(0, .16, 0)
    body = blend(.05, limb((w * .9, .2, 0), (w + .16, .3, 0), .1, .12))
    return [Part(shell, r.choice(("brown", "green")) if r.random() < .5 else MAIN, "shell"), Part(body, MAIN, "head"), Part(union(limb((w * .55, .18, w * .6), (w * .75, .07, w * .82), .1, .08).mirrored("x").mirrored("z"), cone(.06, .02, .16).turned("z", 90).at(-w, .16, 0)), MAIN),
            Part(sphere(.04).at(w + .23, .35, .075).mirrored("z"), "black")]


@noun("snake", "green brown", "head, stripes", "serpent, cobra")
def snake(r: random.Random) -> list[Part]:
    n, reach = 13, r.uniform(.2, .26)
    path = [(-.6 + 1.1 * i / (n - 1), .1, reach * math.sin(i / (n - 1) * 2 * math.pi * r_turns)) for r_turns in [r.choice((1, 1.25))] for i in range(n)]
    x, _, z = path[-1]
    body = tube(path, .07, .12)
    neck = tube([(x, .1, z), (x + .08, .25, z), (x + .1, .4, z)], .12, .1)
    bands = union(*(sphere(.115).at(px, .14, pz) for px, _, pz in path[3:12:3]))
    return [Part(union(body, neck), MAIN), Part(ellipsoid(.18, .1, .13).at(x + .16, .46, z), MAIN, "head"), Part(bands, r.choice(("yellow", "black")), "stripes"), Part(sphere(.038).at(x + .23, .53, z + .07) | sphere(.038).at(x + .23, .53, z - .07), "black")]


@noun("octopus", "purple red orange", "arms", "squid", plural="octopuses")
def octopus(r: random.Random) -> list[Part]:
    w, h = r.uniform(.26, .31), r.uniform(.3, .36)
    arm = tube([(.14, .28, 0), (.34, .12, 0), (.52, .07, 0), (.62, .16, 0)], .09, .05)
    return [Part(blend(.06, ellipsoid(w, h, w).at(0, .3 + h * .8, 0), sphere(.2).at(0, .26, 0)), MAIN), Part(arm.ring(r.choice((6, 8)), 22.5), MAIN, "arms"), Part(sphere(.08).at(.12, .42, w * .78).mirrored(), "white"), eyes(.12, .42, w * .78 + .06, .045)]


@noun("butterfly", "orange blue purple pink", "wings, body", "moth", plural="butterflies")
def butterfly(r: random.Random) -> list[Part]:
    a, b = r.uniform(.3, .36), r.uniform(.22, .27)
    wings = union(ellipsoid(a, .25, .05).turned("z", 35).at(.33, .72, 0), ellipsoid(b, .17, .05).turned("z", -35).at(.26, .36, 0)).mirrored()
    spot = union(sphere(.085).at(.4, .77, 0), sphere(.07).at(.3, .34, 0)).mirrored()
    return [Part(wings, MAIN, "wings"), Part(spot, r.choice(("yellow", "white", "black"))), Part(union(ellipsoid(.07, .32, .08).at(0, .5, 0), sphere(.09).at(0, .84, 0), limb((.03, .88, 0), (.13, 1.06, 0), .03).mirrored()), "black", "body")]


@noun("bird", "blue red yellow", "wings, beak, tail", "songbird, little bird")
def bird(r: random.Random) -> list[Part]:
    w = r.uniform(.3, .35)
    body = blend(.08, ellipsoid(w, .22, .22).turned("z", 20).at(0, .42, 0), sphere(.18).at(w * .8, .7, 0))
    return [Part(body, MAIN), Part(ellipsoid(w * .72, .15, .07).turned("z", 25).at(-.08, .44, .2).mirrored("z"), MAIN, "wings"), Part(cone(.07, .012, .18).turned("z", -90).at(w * .8 + .14, .69, 0), "orange", "beak"),
            Part(box(.34, .07, .18, .03).turned("z", 28).at(-w - .12, .26, 0), MAIN, "tail"), Part(sphere(.04).at(w * .8 + .1, .75, .125).mirrored("z"), "black"), Part(union(limb((.03, .03, .08), (.0, .3, .08), .035), limb((.03, .03, .08), (.13, .03, .08), .033)).mirrored("z"), "orange")]


@noun("dinosaur", "green purple", "spikes, belly", "dino, dragon")
def dinosaur(r: random.Random) -> list[Part]:
    neck = r.uniform(.34, .44)
    body = blend(.1, ellipsoid(.38, .27, .24).at(0, .45, 0), tube([(.25, .5, 0), (.42, .5 + neck * .6, 0), (.5, .5 + neck, 0)], .14, .09), ellipsoid(.19, .12, .12).at(.58, .54 + neck, 0), tube([(-.28, .45, 0), (-.6, .32, 0), (-.85, .2, 0)], .16, .045),
                 limb((.2, .09, .14), (.18, .4, .12), .095).mirrored("z"), limb((-.2, .09, .14), (-.18, .4, .12), .095).mirrored("z"))
    spikes = union(*(extrude([(-.09, 0), (.09, 0), (0, .17)], .07, .02).at(x, y, 0) for x, y in ((-.48, .46), (-.25, .63), (0, .7), (.22, .68))))
    return [Part(body, MAIN), Part(spikes, r.choice(("orange", "yellow", "red")), "spikes"), Part(ellipsoid(.3, .16, .2).at(.02, .33, 0), r.choice(("yellow", "white")), "belly"), Part(sphere(.042).at(.62, .61 + neck, .09).mirrored("z"), "black")]


@noun("tree", "green", "trunk, leaves", "oak tree, round tree", stands=False)
def tree(r: random.Random) -> list[Part]:
    h, w = r.uniform(.36, .5), r.uniform(.34, .4)
    crown = blend(.1, sphere(w).at(0, h + w * .8, 0), *(sphere(w * r.uniform(.55, .7)).at(w * .75 * math.cos(a), h + w * r.uniform(.5, 1.1), w * .75 * math.sin(a)) for a in (.5, 2.6, 4.6)))
    return [Part(crown, MAIN, "leaves"), Part(blend(.08, cone(.12, .085, h + .2), cone(.17, .08, .12)), "brown", "trunk")]


@noun("pine tree", "green", "trunk", "fir tree, christmas tree", stands=False)
def pine(r: random.Random) -> list[Part]:
    n, w = r.choice((3, 4)), r.uniform(.38, .46)
    crown = union(*(cone(w * (1 - k / (n + .6)), .04, .42, .02).at(0, .2 + k * .24, 0) for k in range(n)))
    return [Part(crown, MAIN), Part(cylinder(.09, .3).at(0, .15, 0), "brown", "trunk")]


@noun("palm tree", "green", "trunk, coconuts", "palm", stands=False)
def palm(r: random.Random) -> list[Part]:
    h, lean = r.uniform(.8, .95), r.uniform(-.16, .16)
    trunk = tube([(0, 0, 0), (lean * .2, h * .35, 0), (lean * .6, h * .7, 0), (lean, h, 0)], .09, .065)
    leaf = union(limb((.02, 0, 0), (.26, .1, 0), .06, .075).scaled(1, .7, 1.2), limb((.26, .1, 0), (.5, -.1, 0), .075, .035).scaled(1, .7, 1.2))
    return [Part(leaf.ring(r.choice((5, 6, 7)), r.uniform(0, 60)).at(lean, h + .03, 0), MAIN), Part(trunk, "brown", "trunk"), Part(sphere(.075).at(.1, 0, 0).ring(3, 60).at(lean, h - .06, 0), "brown", "coconuts")]


@noun("cactus", "green", "pot, flower", "desert cactus", plural="cacti")
def cactus(r: random.Random) -> list[Part]:
    h, a, b = r.uniform(.7, .85), r.uniform(.42, .52), r.uniform(.3, .42)
    plant = union(limb((0, .2, 0), (0, .2 + h, 0), .135), tube([(0, a, 0), (.3, a, 0), (.3, a + .28, 0)], .085), tube([(0, b + .1, 0), (-.28, b + .1, 0), (-.28, b + .42, 0)], .085))
    return [Part(plant, MAIN), Part(cone(.2, .27, .3), r.choice(("brown", "orange")), "pot"), Part(ellipsoid(.1, .075, .1).at(0, .36 + h, 0), "pink", "flower")]


@noun("flower", "red yellow pink purple white", "petals, stem, leaves, pot", "daisy/daisies, blossom")
def flower(r: random.Random) -> list[Part]:
    n, h, w = r.choice((5, 6, 8)), r.uniform(.5, .65), r.uniform(.17, .2)
    petals = ellipsoid(w * .85, .055, .6 / n + .05).at(w * 1.05, 0, 0).ring(n).turned("x", 65).at(0, .26 + h, .05)
    return [Part(petals, MAIN, "petals"), Part(ellipsoid(.12, .075, .12).turned("x", 65).at(0, .27 + h, .08), r.choice(("yellow", "orange")) if n != 6 else "yellow"), Part(limb((0, .2, 0), (0, .26 + h, .02), .042), "green", "stem"),
            Part(ellipsoid(.15, .045, .08).turned("z", 25).at(.14, .45, 0).mirrored(), "green", "leaves"), Part(cone(.15, .21, .26), "brown", "pot")]


@noun("mushroom", "red brown white", "stem, spots", "toadstool")
def mushroom(r: random.Random) -> list[Part]:
    w, h, s = r.uniform(.4, .48), r.uniform(.3, .4), r.uniform(.34, .46)
    cap = cut(ellipsoid(w, h, w).at(0, s, 0), box(2, 1, 2).at(0, s - .06 - .5, 0))
    dots = union(*(sphere(.09).at(w * .92 * math.cos(e) * math.cos(a), s + h * .92 * math.sin(e), w * .92 * math.cos(e) * math.sin(a)) for a, e in ((.5, .5), (1.8, .6), (3, .45), (4.2, .55), (5.3, .6), (1, 1.3))))
    return [Part(cap, MAIN), Part(dots, "white", "spots"), Part(lathe(smooth([(0, 0), (.17, 0), (.15, .12), (.11, s * .7), (.12, s + .1), (0, s + .1)], 3)), "white", "stem")]


@noun("pumpkin", "orange", "stem", "halloween pumpkin")
def pumpkin(r: random.Random) -> list[Part]:
    w, h, n = r.uniform(.2, .25), r.uniform(.32, .42), r.choice((7, 8))
    return [Part(union(ellipsoid(w, h, .19).at(.27, h, 0).ring(n), cylinder(.2, h * 1.3).at(0, h, 0)), MAIN), Part(tube([(0, h * 1.7, 0), (.01, h * 2 + .08, 0), (.09, h * 2 + .16, 0)], .08, .055), r.choice(("green", "brown")), "stem")]


@noun("apple", "red green yellow", "leaf, stem", "ripe apple")
def apple(r: random.Random) -> list[Part]:
    w, h = r.uniform(.42, .48), r.uniform(.7, .85)
    body = lathe(smooth([(0, .05), (.14, .0), (w * .8, h * .28), (w, h * .62), (w * .6, h * .98), (.1, h * .92), (0, h * .82)], 4))
    return [Part(body, MAIN), Part(limb((0, h * .8, 0), (.05, h + .16, 0), .042), "brown", "stem"), Part(ellipsoid(.16, .045, .09).turned("z", 25).at(.18, h + .12, 0), "green", "leaf")]


@noun("pear", "green yellow", "leaf, stem", "ripe pear")
def pear(r: random.Random) -> list[Part]:
    w, h = r.uniform(.34, .4), r.uniform(.9, 1.05)
    body = lathe(smooth([(0, 0), (w * .6, .03), (w, h * .3), (w * .6, h * .66), (w * .42, h * .88), (0, h)], 4))
    return [Part(body, MAIN), Part(limb((0, h - .06, 0), (.05, h + .15, 0), .042), "brown", "stem"), Part(ellipsoid(.15, .045, .085).turned("z", 25).at(.17, h + .1, 0), "green", "leaf")]


@noun("banana", "yellow green", "tip", "ripe banana")
def banana(r: random.Random) -> list[Part]:
    ring, t, a = r.uniform(.5, .6), r.uniform(.12, .15), r.uniform(50, 60)
    points = [(ring * math.sin(math.radians(x)), -ring * math.cos(math.radians(x)), 0) for x in (-a, -a * .6, -a * .2, a * .2, a * .6, a)]
    body = union(*(limb(points[i], points[i + 1], (t * .6, t * .95, t, t, t * .95, t * .6)[i], (t * .6, t * .95, t, t, t * .95, t * .6)[i + 1]) for i in range(5)))
    tip = union(limb(points[-1], (points[-1][0] * 1.14, points[-1][1] + .13, 0), .055), sphere(.065).at(points[0][0] * 1.06, points[0][1] + .06, 0))
    return [Part(body, MAIN), Part(tip, r.choice(("brown", "black")), "tip")]


@noun("carrot", "orange", "leaves", "fresh carrot")
def carrot(r: random.Random) -> list[Part]:
    w, h = r.uniform(.18, .23), r.uniform(.75, .9)
    body = lathe(smooth([(0, 0), (.05, .03), (w * .8, h * .6), (w, h * .93), (w * .6, h), (0, h)], 3))
    return [Part(body, MAIN), Part(union(limb((0, h - .04, 0), (.14, h + .26, 0), .05, .065).ring(4, 45), limb((0, h, 0), (0, h + .32, 0), .05, .07)), "green", "leaves")]


@noun("strawberry", "red", "leaves, seeds", "berry/berries", plural="strawberries")
def strawberry(r: random.Random) -> list[Part]:
    w, h = r.uniform(.36, .42), r.uniform(.75, .85)
    body = lathe(smooth([(0, 0), (.1, .02), (w * .8, h * .5), (w, h * .78), (w * .55, h), (0, h * .97)], 4))
    seeds = union(*(sphere(.045).at(rad, y, 0).ring(6, phase) for rad, y, phase in ((w * .97, h * .68, 0), (w * .78, h * .45, 30), (w * .42, h * .2, 0))))
    return [Part(body, MAIN), Part(union(extrude(star(6, .36, .13), .07, .02).turned("x", 90).at(0, h, 0), limb((0, h, 0), (.03, h + .14, 0), .05)), "green", "leaves"), Part(seeds, "yellow", "seeds")]


@noun("ice cream", "pink white brown", "cone, cherry", "ice cream cone", plural="ice creams")
def ice_cream(r: random.Random) -> list[Part]:
    w, h = r.uniform(.24, .29), r.uniform(.6, .72)
    scoops = union(sphere(w).at(0, h + w * .45, 0), torus(w * .85, .07).at(0, h + .03, 0))
    if r.random() < .5:
        scoops = union(scoops, sphere(w * .8).at(0, h + w * 1.45, 0))
    top = scoops.high[1]
    return [Part(scoops, MAIN), Part(lathe([(0, 0), (.035, 0), (w, h), (0, h)], .01), "orange", "cone"), Part(sphere(.085).at(0, top + .04, 0), "red", "cherry")]


@noun("cake", "white pink brown", "icing, cherries, candle", "birthday cake")
def cake(r: random.Random) -> list[Part]:
    w, h = r.uniform(.46, .54), r.uniform(.32, .42)
    return [Part(cylinder(w, h, .03).at(0, h / 2 + .05, 0), MAIN), Part(union(cylinder(w + .02, .13, .06).at(0, h + .03, 0), ellipsoid(.1, .16, .07).at(w - .02, h - .04, 0).ring(8)), r.choice(("pink", "brown", "white")), "icing"),
            Part(sphere(.08).at(w * .7, h + .14, 0).ring(6), "red", "cherries"), Part(union(cylinder(.05, .28).at(0, h + .2, 0)), r.choice(("blue", "yellow")), "candle"), Part(ellipsoid(.05, .08, .05).at(0, h + .4, 0), "orange"), Part(cylinder(w + .14, .07).at(0, .035, 0), "gray")]


@noun("cupcake", "pink white brown", "wrapper, cherry", "muffin")
def cupcake(r: random.Random) -> list[Part]:
    w = r.uniform(.36, .41)
    icing = union(torus(w * .7, .16).at(0, .5, 0), torus(w * .42, .14).at(0, .67, 0), ellipsoid(.2, .2, .2).at(0, .76, 0), cylinder(w * .7, .2).at(0, .5, 0))
    return [Part(icing, MAIN), Part(cone(w * .7, w, .44), r.choice(("blue", "brown", "yellow")), "wrapper"), Part(sphere(.1).at(0, .98, 0), "red", "cherry")]


@noun("donut", "brown", "icing", "doughnut")
def donut(r: random.Random) -> list[Part]:
    w, t = r.uniform(.34, .38), r.uniform(.16, .19)
    return [Part(torus(w, t), "orange" if r.random() < .5 else MAIN), Part(torus(w, t + .022) & box(2, 1, 2).at(0, .5 + .015, 0), r.choice(("pink", "white", "brown")) if r.random() < .6 else "pink", "icing")]


@noun("burger", "brown", "bun, lettuce, cheese", "hamburger, cheeseburger")
def burger(r: random.Random) -> list[Part]:
    w, h = r.uniform(.46, .5), r.uniform(.24, .32)
    return [Part(union(cylinder(w, .16, .07).at(0, .08, 0), ellipsoid(w, h, w).at(0, .42, 0) & box(2, 1, 2).at(0, .42 + .5, 0)), "orange", "bun"), Part(cylinder(w + .01, .12, .05).at(0, .22, 0), MAIN),
            Part(box(.78, .06, .78, .02).turned("y", 45).at(0, .3, 0), "yellow", "cheese"), Part(union(cylinder(w + .02, .08, .03), ellipsoid(.1, .055, .09).at(w + .01, 0, 0).ring(9)).at(0, .38, 0), "green", "lettuce")]


@noun("pizza slice", "yellow", "crust, toppings", "slice of pizza/slices of pizza")
def pizza(r: random.Random) -> list[Part]:
    w, d = r.uniform(.7, .85), r.uniform(.85, 1)
    slice_ = extrude([(0, -d / 2), (w / 2, d / 2 - .08), (-w / 2, d / 2 - .08)], .12, .03).turned("x", -90).at(0, .08, 0)
    dots = union(*(cylinder(.095, .08, .02).at(x, .15, z) for x, z in ((0, .12), (-.17, -.22), (.16, -.2))))
    return [Part(slice_, MAIN), Part(limb((-w / 2, .1, -d / 2 + .06), (w / 2, .1, -d / 2 + .06), .1), "brown", "crust"), Part(dots, "red", "toppings")]


@noun("lollipop", "red purple green pink", "stick", "lolly/lollies, candy/candies")
def lollipop(r: random.Random) -> list[Part]:
    w, h = r.uniform(.3, .35), r.uniform(.55, .7)
    return [Part(ellipsoid(w, w, .15).at(0, h + w, 0), MAIN), Part(limb((0, .05, 0), (0, h + .1, 0), .05), "white", "stick"), Part(torus(w * .5, .05).turned("x", 90).at(0, h + w, .12).mirrored("z"), "white")]


@noun("cherry", "red", "stems, leaf", "pair of cherries/pairs of cherries", plural="cherries")
def cherry(r: random.Random) -> list[Part]:
    w, x = r.uniform(.22, .26), r.uniform(.27, .31)
    return [Part(sphere(w).at(x, w, 0).mirrored(), MAIN), Part(tube([(x, w * 1.8, 0), (x * .75, .65, 0), (0, .95, 0)], .042).mirrored(), "brown", "stems"), Part(ellipsoid(.2, .05, .11).turned("z", 15).at(.2, .98, 0), "green", "leaf")]


@noun("watermelon slice", "red", "rind, seeds", "slice of watermelon/slices of watermelon")
def watermelon(r: random.Random) -> list[Part]:
    w, t = .55, r.uniform(.2, .28)
    disc = cylinder(w, t, .02).turned("x", 90)
    half = box(2, 1, 2).at(0, -.5, 0)
    seeds = union(*(sphere(.045).at(.3 * math.cos(a), .3 * math.sin(a), t / 2) for a in (-.5, -1.1, -2.04, -2.64))).mirrored("z")
    return [Part(cylinder(w - .1, t + .01, .01).turned("x", 90) & half, MAIN), Part(disc & half, "green", "rind"), Part(seeds, "black", "seeds")]


@noun("cheese", "yellow orange", "rind", "piece of cheese/pieces of cheese", plural="cheeses")
def cheese(r: random.Random) -> list[Part]:
    w, h, d = r.uniform(.9, 1), r.uniform(.4, .5), r.uniform(.6, .72)
    wedge = extrude([(-w / 2, 0), (w / 2, -d / 2), (w / 2, d / 2)], h, .02).turned("x", -90)
    holes = union(sphere(.1).at(-.1, .03, d * .28), sphere(.085).at(.2, -.1, d * .42), sphere(.1).at(.3, .12, d * .46), sphere(.085).at(.25, h / 2, 0), sphere(.1).at(0, h / 2, .05))
    return [Part(wedge - holes, MAIN), Part((extrude([(w / 2 - .05, -d / 2), (w / 2, -d / 2), (w / 2, d / 2), (w / 2 - .05, d / 2)], h, .025).turned("x", -90)), r.choice(("red", "orange")), "rind")]
