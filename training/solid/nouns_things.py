"""Tools, toys, instruments and clothes."""
from __future__ import annotations

import random

from .nouns import MAIN, Part, noun
from .shapes import arc, blend, box, cone, cut, cylinder, ellipsoid, extrude, lathe, limb, row, smooth, sphere, star, torus, tube, union


@noun("hammer", "brown red", "handle, head", "mallet")
def hammer(r: random.Random) -> list[Part]:
    h, w = r.uniform(.85, 1), r.uniform(.5, .62)
    head = blend(.05, cylinder(.12, w, .03).turned("z", 90), cylinder(.15, .16, .03).turned("z", 90).at(w / 2, 0, 0))
    return [Part(cylinder(r.uniform(.06, .075), h, .03).at(0, h / 2, 0), MAIN, "handle"), Part(head.at(0, h, 0), r.choice(("gray", "black")), "head")]


@noun("axe", "brown", "handle, blade", "hatchet", plural="axes")
def axe(r: random.Random) -> list[Part]:
    h, w = r.uniform(.95, 1.1), r.uniform(.34, .44)
    blade = extrude([(-.1, -.09), (.05, -.09), (w, -.26), (w + .06, 0), (w, .22), (.05, .09), (-.1, .09)], .12, .025)
    return [Part(limb((0, .06, 0), (.02, h, 0), .06), MAIN, "handle"), Part(blade.at(0, h - .12, 0), r.choice(("gray", "red")), "blade")]


@noun("magnet", "red blue", "tips", "horseshoe magnet")
def magnet(r: random.Random) -> list[Part]:
    w, t, h = r.uniform(.32, .38), r.uniform(.12, .14), r.uniform(.34, .44)
    outer = union(cylinder(w + t, .24, .02).turned("x", 90), box(2 * (w + t), h, .24, .02).at(0, -h / 2, 0))
    body = cut(outer, cylinder(w - t, 1).turned("x", 90), box(2 * (w - t), 2 * h, 1, .0).at(0, -h, 0), box(3, 1, 3).at(0, -h - .5 + .04, 0)) & (box(3, 1, 3).at(0, .5, 0) | box(3, h, 3, .01).at(0, -h / 2, 0))
    return [Part(body, MAIN), Part(box(2 * t + .02, .2, .26, .02).at(w, -h + .07, 0).mirrored(), "white" if r.random() < .5 else "gray", "tips")]


@noun("pencil", "yellow red blue green", "tip, eraser", "crayon")
def pencil(r: random.Random) -> list[Part]:
    h, w = r.uniform(.72, .9), r.uniform(.11, .14)
    hexagon = [(w * x, w * y) for x, y in ((1, 0), (.5, .866), (-.5, .866), (-1, 0), (-.5, -.866), (.5, -.866))]
    return [Part(extrude(hexagon, h, .005).turned("x", 90).at(0, .26 + h / 2, 0), MAIN), Part(lathe([(0, .1), (.04, .1), (w, .27), (0, .27)]), "orange"), Part(lathe([(0, 0), (.02, 0), (.06, .13), (0, .13)], .01), "black", "tip"),
            Part(cylinder(w * .92, .16, .04).at(0, .3 + h, 0), "pink", "eraser")]


@noun("gear", "gray yellow", "hub", "cog, cogwheel")
def gear(r: random.Random) -> list[Part]:
    n, w, t = r.choice((8, 10)), r.uniform(.36, .42), r.uniform(.16, .24)
    wheel = union(cylinder(w, t), box(.18, t, 2.2 / n - .02, .015).at(w + .03, 0, 0).ring(n)) - cylinder(.1, 1)
    return [Part(wheel.turned("x", 90).at(0, .5, 0), MAIN), Part((cylinder(.2, t + .1) - cylinder(.1, 1)).turned("x", 90).at(0, .5, 0), MAIN, "hub")]


@noun("magnifying glass", "black brown red", "handle, frame, lens", "magnifier", plural="magnifying glasses")
def magnifying_glass(r: random.Random) -> list[Part]:
    w, h = r.uniform(.3, .36), r.uniform(.42, .55)
    return [Part(torus(w, .065).turned("x", 90).at(0, h + w + .05, 0), r.choice(("gray", "yellow")), "frame"), Part(cylinder(w, .07, .02).turned("x", 90).at(0, h + w + .05, 0), "white", "lens"), Part(limb((0, .07, 0), (0, h - .03, 0), .075), MAIN, "handle")]


@noun("sword", "gray", "blade, handle", "blade with a hilt/blades with a hilt")
def sword(r: random.Random) -> list[Part]:
    h, w = r.uniform(.85, 1), r.uniform(.08, .1)
    blade = extrude([(-w, 0), (w, 0), (w * .85, h - .15), (0, h), (-w * .85, h - .15)], .09, .02).at(0, .4, 0)
    guard = limb((-.24, .38, 0), (.24, .38, 0), .058)
    return [Part(blade, MAIN, "blade"), Part(union(guard, cylinder(.06, .34).at(0, .2, 0), sphere(.09).at(0, .06, 0)), r.choice(("brown", "yellow", "black")), "handle")]


@noun("shield", "red blue gray", "cross, rim", "knight's shield")
def shield(r: random.Random) -> list[Part]:
    w, h = r.uniform(.38, .44), r.uniform(.95, 1.05)
    half = smooth([(0, 0), (w * .6, h * .22), (w * .97, h * .55), (w, h)], 3)
    outline = [*half, *((-x, y) for x, y in reversed(half[1:]))]
    plate = extrude(outline, .14, .02)
    rim = cut(extrude(outline, .2, .045), extrude(outline, 1, .001).at(0, h * .55, 0).scaled(.8, .8, 1).at(0, h * .11, 0))
    return [Part(plate, MAIN), Part(union(box(.12, h * .74, .1, .01).at(0, h * .53, .07), box(w * 1.4, .12, .1, .01).at(0, h * .62, .07)), r.choice(("white", "yellow")), "cross"), Part(rim, r.choice(("gray", "brown")), "rim")]


@noun("hourglass", "brown yellow", "sand, frame", "sand clock", plural="hourglasses")
def hourglass(r: random.Random) -> list[Part]:
    w, h = r.uniform(.26, .3), r.uniform(.8, .95)
    glass = lathe(smooth([(0, .07), (w * .8, .08), (w, h * .25), (.075, h / 2), (w, h * .75), (w * .8, h - .08), (0, h - .07)], 3))
    frame = union(cylinder(w + .12, .1, .02).at(0, .05, 0), cylinder(w + .12, .1, .02).at(0, h - .05, 0), limb((w + .04, .05, 0), (w + .04, h - .05, 0), .045).ring(3, 90))
    low = h * r.uniform(.28, .36)
    sand = glass.grown(.018) & box(2, low, 2, .0).at(0, low / 2, 0)
    return [Part(glass, "white"), Part(frame, MAIN, "frame"), Part(sand, "orange", "sand")]


@noun("key", "yellow gray", "teeth", "door key")
def key(r: random.Random) -> list[Part]:
    w, h = r.uniform(.2, .24), r.uniform(.6, .72)
    return [Part(union(torus(w, .075).scaled(1, 1.2, 1).turned("x", 90).at(0, h + w + .02, 0), cylinder(.07, h).at(0, h / 2, 0)), MAIN), Part(union(box(.24, .11, .11, .02).at(.12, .1, 0), box(.18, .11, .11, .02).at(.1, .3, 0)), MAIN, "teeth")]


@noun("padlock", "yellow gray blue", "shackle, keyhole", "lock")
def padlock(r: random.Random) -> list[Part]:
    w, h = r.uniform(.6, .72), r.uniform(.48, .58)
    x = w * .29
    return [Part(box(w, h, .3, .06).at(0, h / 2, 0), MAIN), Part(union(arc(x, .07, 90).at(0, h + .16, 0), limb((x, h - .1, 0), (x, h + .16, 0), .07).mirrored()), r.choice(("gray", "black")), "shackle"),
            Part(union(cylinder(.08, .08, .01).turned("x", 90).at(0, h * .58, .14), box(.08, .2, .08, .01).at(0, h * .42, .14)), "black", "keyhole")]


@noun("ball", "red blue green orange", "stripe", "beach ball, toy ball")
def ball(r: random.Random) -> list[Part]:
    t = r.uniform(.16, .26)
    return [Part(sphere(.5), MAIN), Part((sphere(.512) & box(2, t, 2, .0)).turned("z", r.uniform(-35, 35)), r.choice(("white", "yellow")), "stripe")]


@noun("snowman", "white", "hat, nose, scarf", plural="snowmen")
def snowman(r: random.Random) -> list[Part]:
    a, b, c = r.uniform(.34, .38), r.uniform(.25, .28), r.uniform(.19, .21)
    y1, y2 = a + b * .8 + a * .55, a + b * .8 + a * .55 + b * .7 + c * .75
    hat = union(cylinder(c + .1, .06, .02).at(0, y2 + c * .72, 0), cylinder(c * .8, .26, .02).at(0, y2 + c * .72 + .13, 0))
    return [Part(blend(.03, sphere(a).at(0, a * .92, 0), sphere(b).at(0, y1, 0), sphere(c).at(0, y2, 0)), MAIN), Part(hat, "black", "hat"), Part(cone(.058, .012, .24).turned("x", 90).at(0, y2, c - .04), "orange", "nose"), Part(torus(c * .85, .07).at(0, (y1 + y2) / 2 + .03, 0), r.choice(("red", "blue", "green")), "scarf"),
            Part(union(sphere(.042).at(.08, y2 + .07, c * .9).mirrored(), sphere(.045).at(0, y1 + .06, b), sphere(.045).at(0, y1 - .1, b * .97)), "black")]


@noun("robot", "gray blue red", "arms, eyes, head, legs", "toy robot")
def robot(r: random.Random) -> list[Part]:
    w, h, hw = r.uniform(.44, .54), r.uniform(.4, .48), r.uniform(.34, .42)
    y = .26
    head = union(box(hw, .28, .3, .04).at(0, y + h + .2, 0), limb((0, y + h + .3, 0), (0, y + h + .46, 0), .036), sphere(.062).at(0, y + h + .5, 0))
    return [Part(box(w, h, .32, .04).at(0, y + h / 2, 0), MAIN), Part(head, MAIN, "head"), Part(box(.13, .28, .17, .03).at(w * .27, .14, 0).mirrored(), r.choice(("black", "gray")), "legs"),
            Part(union(limb((w / 2, y + h - .1, 0), (w / 2 + .18, y + .12, .06), .065), sphere(.09).at(w / 2 + .2, y + .06, .08)).mirrored(), r.choice(("black", "gray")), "arms"), Part(sphere(.065).at(.09, y + h + .24, .15).mirrored(), "yellow", "eyes"),
            Part(box(w * .55, .14, .06, .02).at(0, y + h * .55, .16), "white")]


@noun("spinning top", "red blue yellow", "handle, stripe", "toy top")
def spinning_top(r: random.Random) -> list[Part]:
    w, h = r.uniform(.42, .5), r.uniform(.6, .7)
    profile = smooth([(0, 0), (.05, .03), (w * .75, h * .45), (w, h * .72), (w * .5, h * .95), (0, h)], 3)
    return [Part(lathe(profile), MAIN), Part(limb((0, h, 0), (0, h + .22, 0), .055, .07), "brown", "handle"), Part(lathe([(w - .12, h * .64), (w + .0, h * .64), (w + .025, h * .72), (w, h * .8), (w - .12, h * .8)]), r.choice(("white", "yellow")), "stripe")]


@noun("die", "white red", "dots", "dice/dice", plural="dice", carries=True)
def die(r: random.Random) -> list[Part]:
    e = r.uniform(.08, .14)
    cube = box(.9, .9, .9, e)
    n = r.choice((2, 4, 5))
    face = {2: [(-.2, .2), (.2, -.2)], 4: [(-.21, .21), (.21, -.21), (.21, .21), (-.21, -.21)], 5: [(-.22, .22), (.22, -.22), (.22, .22), (-.22, -.22), (0, 0)]}[n]
    dots = union(*(sphere(.095).at(x, y, .43) for x, y in face), *(sphere(.095).at(.43, y, z) for y, z in ((-.21, -.21), (.21, .21), (0, 0))), *(sphere(.095).at(x, .43, z) for x, z in ((-.2, 0), (.2, 0))), sphere(.12).at(-.43, 0, 0), sphere(.1).at(.2, .2, -.43), sphere(.1).at(-.2, -.2, -.43))
    return [Part(cube, MAIN), Part(dots, "black" if r.random() < .8 else "blue", "dots")]


@noun("pawn", "white black", "base", "chess pawn, chess piece")
def pawn(r: random.Random) -> list[Part]:
    w, h = r.uniform(.28, .32), r.uniform(.55, .68)
    return [Part(union(lathe([(0, .1), *smooth([(w * .8, .14), (w * .45, h * .45), (w * .34, h), ], 4), (0, h)]), sphere(.19).at(0, h + .14, 0), cylinder(.2, .06, .02).at(0, h - .02, 0)), MAIN), Part(cylinder(w, .16, .06).at(0, .08, 0), MAIN, "base")]


@noun("crown", "yellow", "gems", "king's crown, royal crown")
def crown(r: random.Random) -> list[Part]:
    n, w, h = r.choice((5, 6)), r.uniform(.38, .42), r.uniform(.38, .5)
    band = cut(cylinder(w, .24, .01).at(0, .12, 0), cylinder(w - .08, 1))
    spike = extrude([(-.2 * 5 / n, .1), (.2 * 5 / n, .1), (0, h)], .08, .015).turned("y", 90).at(w - .04, 0, 0)
    return [Part(union(band, spike.ring(n)), MAIN), Part(union(sphere(.075).at(w - .04, h + .03, 0).ring(n), sphere(.065).at(w, .13, 0).ring(n, 180 / n)), r.choice(("red", "blue", "green")), "gems")]


@noun("trophy", "yellow gray", "base, handles", "winner's cup, golden cup", plural="trophies")
def trophy(r: random.Random) -> list[Part]:
    w, h = r.uniform(.28, .33), r.uniform(.42, .5)
    cup = lathe([(0, .4), *smooth([(.07, .4), (w * .75, .52), (w, .4 + h)], 4), (w - .08, .4 + h), (w * .6, .56), (0, .54)])
    return [Part(union(cup, cylinder(.065, .3).at(0, .3, 0), ellipsoid(.12, .07, .12).at(0, .3, 0)), MAIN), Part(arc(h * .3, .05, 110).turned("z", -90).at(w - .0, .4 + h * .58, 0).mirrored(), MAIN, "handles"), Part(box(.42, .2, .42, .03).at(0, .1, 0), r.choice(("brown", "black")), "base")]


@noun("drum", "red blue", "rims, sticks", "toy drum, snare drum", carries=True)
def drum(r: random.Random) -> list[Part]:
    w, h = r.uniform(.4, .46), r.uniform(.4, .55)
    sticks = limb((-.35, h + .07, -.1), (.35, h + .07, .25), .042) | limb((.35, h + .13, -.1), (-.3, h + .13, .28), .042)
    return [Part(cylinder(w, h, .01).at(0, h / 2, 0), MAIN), Part(union(torus(w, .06).at(0, .06, 0), torus(w, .06).at(0, h - .03, 0)), r.choice(("yellow", "white")), "rims"), Part(cylinder(w - .02, .05).at(0, h, 0), "white"), Part(sticks, "brown", "sticks")]


@noun("guitar", "brown red blue", "neck, hole", "acoustic guitar")
def guitar(r: random.Random) -> list[Part]:
    a, b, t = r.uniform(.28, .32), r.uniform(.2, .23), r.uniform(.14, .18)
    body = blend(.12, cylinder(a, t, .03).turned("x", 90).at(0, a, 0), cylinder(b, t, .03).turned("x", 90).at(0, a * 2 + b * .45, 0))
    y = a * 2 + b * 1.2
    neck = union(box(.1, .68, .08, .01).at(0, y + .26, t / 2), box(.17, .18, .1, .02).at(0, y + .66, t / 2 - .01))
    return [Part(body, MAIN), Part(neck, "black" if r.random() < .5 else "brown", "neck"), Part(cylinder(.11, .05, .01).turned("x", 90).at(0, a * 1.75, t / 2), "black", "hole"), Part(box(.22, .07, .07, .01).at(0, a * .85, t / 2), "black")]


@noun("bell", "yellow gray", "handle, clapper", "hand bell")
def bell(r: random.Random) -> list[Part]:
    w, h = r.uniform(.38, .44), r.uniform(.52, .62)
    outer = smooth([(w, .1), (w * .68, .24), (w * .56, .1 + h * .75), (.1, .1 + h)], 4)
    body = lathe([(0, .1 + h - .09), (.1, .1 + h - .1), (w * .45, .1 + h * .6), (w * .58, .24), (w - .08, .1), *outer, (0, .1 + h)])
    return [Part(union(body, torus(w - .04, .055).at(0, .1, 0)), MAIN), Part(limb((0, h + .1, 0), (0, h + .38, 0), .065, .085), r.choice(("brown", "black", "red")), "handle"), Part(union(sphere(.1).at(0, .1, 0), limb((0, .1, 0), (0, h, 0), .04)), "black", "clapper")]


@noun("star", "yellow", "", "five-pointed star")
def star_(r: random.Random) -> list[Part]:
    return [Part(extrude(star(5, r.uniform(.48, .52), r.uniform(.2, .25)), r.uniform(.16, .26), .03), MAIN)]


@noun("heart", "red pink", "", "love heart")
def heart(r: random.Random) -> list[Part]:
    a = r.uniform(.26, .29)
    points = [(0, -.44), (.3, -.12), (.46, .1), (.45, .27), (.36, .37), (.22, .39), (.09, .33), (0, .2)]
    outline = [*points, *((-x, y) for x, y in reversed(points[1:-1]))]
    return [Part(extrude(outline, a, .09), MAIN)]


@noun("ring", "yellow gray", "gem", "diamond ring")
def ring_(r: random.Random) -> list[Part]:
    w, t = r.uniform(.36, .42), r.uniform(.065, .09)
    gem = lathe([(0, 0), (.05, 0), (.2, .18), (.15, .26), (0, .26)], .01)
    return [Part(torus(w, t).turned("x", 90), MAIN), Part(gem.at(0, w - .0, 0), r.choice(("blue", "red", "white", "green")), "gem")]


@noun("hat", "black brown red", "band, brim", "top hat, cowboy hat")
def hat(r: random.Random) -> list[Part]:
    w, h, tall = r.uniform(.28, .33), r.uniform(.32, .55), r.random() < .5
    crown_ = cone(w, w * (1 if tall else .8), h, .03) if tall else blend(.1, cone(w, w * .75, h, .06), ellipsoid(w * .7, .08, w * .7).at(0, h, 0))
    return [Part(crown_, MAIN), Part(lathe([(0, 0), (w + .26, 0), (w + .3, .05), (w + .24, .09), (0, .09)]), MAIN, "brim"), Part(cylinder(w + .028, .13, .01).at(0, .15, 0), r.choice(("red", "white", "black")), "band")]


@noun("boot", "brown black red yellow", "sole", "shoe, rubber boot")
def boot(r: random.Random) -> list[Part]:
    h = r.uniform(.55, .75)
    body = blend(.12, cylinder(.19, h, .04).at(-.15, h / 2 + .1, 0), ellipsoid(.34, .19, .18).at(.08, .21, 0)) - cylinder(.12, .3).at(-.15, h + .1, 0)
    sole = union(ellipsoid(.37, .2, .2).at(.08, .1, 0) & box(2, .12, 2, .0).at(0, .06, 0), box(.3, .16, .34, .03).at(-.18, .08, 0))
    return [Part(body & box(3, 3, 3).at(0, 1.55, 0), MAIN), Part(sole, "black" if r.random() < .7 else "white", "sole")]


@noun("balloon", "red blue yellow pink", "string", "party balloon")
def balloon(r: random.Random) -> list[Part]:
    w, h = r.uniform(.34, .38), r.uniform(.42, .48)
    s = r.uniform(.08, .16)
    string = tube([(0, .55, 0), (s, .4, 0), (-s, .2, 0), (s * .5, .03, 0)], .035)
    return [Part(union(blend(.1, ellipsoid(w, h, w).at(0, .62 + h, 0), cone(.09, .05, .12).at(0, .56, 0))), MAIN), Part(string, "white" if r.random() < .5 else "black", "string")]


@noun("globe", "blue", "stand, land", "world globe, desk globe")
def globe(r: random.Random) -> list[Part]:
    w = r.uniform(.34, .38)
    y = w + .26
    land = union(*(ellipsoid(a, b, .1).at(0, 0, w - .06).turned("x", -lat).turned("y", lon) for a, b, lat, lon in ((.17, .13, 25, 10), (.1, .17, -20, 35), (.2, .13, 20, 130), (.15, .17, -10, 200), (.16, .1, 35, 275))))
    stand = union(arc(w + .07, .045, 95).turned("z", -90), cylinder(.05, .16).at(0, -w - .13, 0), cylinder(.24, .09, .03).at(0, -w - .21, 0), limb((0, -w - .08, 0), (0, w + .08, 0), .036))
    return [Part(sphere(w).at(0, y, 0), MAIN), Part((land & sphere(w + .022)).at(0, y, 0), "green", "land"), Part(stand.at(0, y, 0), r.choice(("brown", "black", "yellow")), "stand")]


@noun("camera", "black gray red", "lens, button", "photo camera")
def camera(r: random.Random) -> list[Part]:
    w, h, lens = r.uniform(.8, .95), r.uniform(.5, .6), r.uniform(.19, .23)
    return [Part(union(box(w, h, .32, .05).at(0, h / 2, 0), extrude([(-.2, 0), (.2, 0), (.13, .15), (-.13, .15)], .26, .02).at(0, h - .01, 0)), MAIN), Part(cut(cylinder(lens, .34, .03), cylinder(lens - .08, .2).at(0, .17, 0)).turned("x", 90).at(0, h * .47, .24), r.choice(("gray", "black")), "lens"),
            Part(cylinder(lens - .07, .2).turned("x", 90).at(0, h * .47, .22), "blue"), Part(cylinder(.075, .12, .02).at(w * .34, h + .02, 0), "red", "button")]


@noun("television", "black brown red", "screen, legs, antenna", "tv, tv set")
def television(r: random.Random) -> list[Part]:
    w, h = r.uniform(.85, 1), r.uniform(.6, .7)
    return [Part(box(w, h, .4, .06).at(0, .16 + h / 2, 0), MAIN), Part(box(w * .68, h * .72, .1, .04).at(-w * .09, .16 + h / 2, .18), r.choice(("gray", "white")), "screen"), Part(limb((.03, .1 + h, 0), (.26, h + .44, 0), .036).mirrored(), "gray", "antenna"),
            Part(limb((w * .36, .05, .1), (w * .3, .2, .08), .052).mirrored().mirrored("z"), "brown", "legs"), Part(row(sphere(.058), 2, 0, .18).at(w * .37, .2 + h / 2, .2), "yellow")]


@noun("mailbox", "red blue", "flag, post", "letter box/letter boxes", plural="mailboxes")
def mailbox(r: random.Random) -> list[Part]:
    w, d, h = r.uniform(.2, .24), r.uniform(.62, .75), r.uniform(.5, .65)
    body = union(cylinder(w, d, .02).turned("z", 90).at(0, h + .2, 0), box(d, .2, 2 * w, .02).at(0, h + .1, 0))
    return [Part(body, MAIN), Part(cylinder(.065, h + .1).at(0, h / 2, 0), "brown", "post"), Part(union(box(.07, .3, .07, .01).at(.1, h + .32, w + .03), box(.2, .13, .07, .01).at(.17, h + .43, w + .03)), "yellow", "flag")]


@noun("fire hydrant", "red yellow", "cap, base", "hydrant")
def hydrant(r: random.Random) -> list[Part]:
    w, h = r.uniform(.2, .23), r.uniform(.55, .65)
    return [Part(union(cylinder(w, h).at(0, h / 2 + .06, 0), cylinder(.1, 2 * w + .26, .02).turned("z", 90).at(0, h * .68, 0), cylinder(.12, .16, .02).turned("x", 90).at(0, h * .6, w + .03)), MAIN), Part(union(cylinder(w + .06, .09, .02).at(0, h + .06, 0), ellipsoid(w, .2, w).at(0, h + .06, 0), cylinder(.06, .12).at(0, h + .28, 0)), MAIN, "cap"),
            Part(cylinder(w + .09, .12, .02).at(0, .06, 0), MAIN, "base")]
