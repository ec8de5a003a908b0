"""Pictures that demo members post, drawn here, so that nobody’s photo is used."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from demo.portraits import colour, gradient, landscape, png

Draw = Callable[[str], bytes]


@dataclass(frozen=True)
class PicturePost:
    """A post with pictures: how each is drawn, and its description."""

    text: str
    pictures: tuple[tuple[Draw, str], ...]


def hills(seed: str) -> bytes:
    return landscape(seed, 1280, 860)


def night(seed: str) -> bytes:
    rng = random.Random(seed)
    width, height = 1280, 900
    picture = gradient(width, height, (9, 14, 40), (58, 44, 92))
    draw = ImageDraw.Draw(picture)
    for _star in range(420):
        x, y, r = rng.randrange(width), rng.randrange(height * 3 // 4), rng.choice((0.6, 0.9, 1.3, 2.0))
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(255, 255, rng.randint(200, 255)))
    x, y = rng.randint(200, 1000), rng.randint(120, 300)
    draw.ellipse([x, y, x + 110, y + 110], fill=(244, 240, 214))
    draw.ellipse([x + 34, y - 14, x + 134, y + 96], fill=(17, 20, 50))
    ridge = [(i * 80, height * 0.78 + rng.uniform(-70, 50)) for i in range(17)]
    draw.polygon([(0, height), *ridge, (width, height)], fill=(10, 12, 24))
    return png(picture)


def sea(seed: str) -> bytes:
    rng = random.Random(seed)
    width, height, hue = 1000, 1250, rng.choice((0.02, 0.08, 0.55, 0.92))
    picture = gradient(width, height, colour(hue + 0.1, 0.35, 0.98), colour(hue, 0.6, 0.9))
    draw = ImageDraw.Draw(picture)
    x, horizon = rng.randint(250, 750), height * 0.52
    draw.ellipse([x - 110, horizon - 190, x + 110, horizon + 30], fill=colour(hue + 0.12, 0.25, 1))
    for band in range(26):
        top = horizon + band * 24
        wave = [(i * 25, top + 7 * math.sin(i * 0.5 + band * 1.7)) for i in range(42)]
        draw.polygon([(0, height), *wave, (width, height)], fill=colour(0.56, 0.55, 0.82 - 0.024 * band))
    return png(picture.filter(ImageFilter.GaussianBlur(0.8)))


def skyline(seed: str) -> bytes:
    rng = random.Random(seed)
    width, height = 1280, 800
    picture = gradient(width, height, (28, 30, 66), (214, 120, 96))
    draw = ImageDraw.Draw(picture)
    for shade, low in ((70, 300), (40, 420)):
        x = -20
        while x < width:
            w, top = rng.randint(60, 130), rng.randint(low - 140, low + 160)
            draw.rectangle([x, top, x + w, height], fill=(shade // 2, shade // 2, shade))
            for wx in range(x + 10, x + w - 14, 22):
                for wy in range(top + 14, height - 20, 30):
                    if rng.random() < 0.35:
                        draw.rectangle([wx, wy, wx + 10, wy + 14], fill=(255, 214, 130))
            x += w + rng.randint(0, 10)
    return png(picture)


def loaf(seed: str) -> bytes:
    rng = random.Random(seed)
    size, hue = 900, 0.07 + rng.uniform(-0.015, 0.02)
    picture = gradient(size, size, colour(rng.random(), 0.12, 0.95), colour(rng.random(), 0.18, 0.8))
    draw = ImageDraw.Draw(picture)
    draw.ellipse([120, 560, 780, 760], fill=(90, 84, 80))
    for ring in range(40):
        box = [130 + ring * 6, 220 + ring * 5, 770 - ring * 6, 720 - ring * 6]
        draw.ellipse(box, fill=colour(hue + ring * 0.0008, 0.72 - ring * 0.006, 0.5 + ring * 0.009))
    for cut in range(rng.randint(2, 4)):
        x = 290 + cut * 110
        draw.line([x, 330, x + 60, 600], fill=colour(hue + 0.03, 0.3, 0.96), width=20, joint="curve")
    for _grain in range(300):
        across, down = rng.gauss(450, 120), rng.gauss(440, 90)
        draw.ellipse([across - 2, down - 2, across + 2, down + 2], fill=(246, 236, 218))
    return png(picture.filter(ImageFilter.GaussianBlur(1.5)))


def quilt(seed: str) -> bytes:
    rng = random.Random(seed)
    cells, side = 8, 130
    colours = [colour(rng.random(), rng.uniform(0.25, 0.6), rng.uniform(0.7, 0.97)) for _each in range(5)]
    picture = Image.new("RGB", (cells * side, cells * side), colours[0])
    draw = ImageDraw.Draw(picture)
    for row in range(cells):
        for column in range(cells):
            x, y = column * side, row * side
            one, two = rng.sample(colours, 2)
            draw.rectangle([x, y, x + side, y + side], fill=one)
            corner = (x + side, y) if (row + column) % 2 else (x, y)
            draw.polygon([corner, (x, y + side), (x + side, y + side)], fill=two)
            draw.rectangle([x + 5, y + 5, x + side - 5, y + side - 5], outline=(250, 248, 240), width=1)
    return png(picture)


POSTS = (
    PicturePost(
        "Up before the birds. Worth it. #hiking",
        ((hills, "Layers of hills in the morning, under a low sun"),),
    ),
    PicturePost(
        "First clear night in weeks. #telescope",
        ((night, "A dark sky full of stars, a thin moon over black hills"),),
    ),
    PicturePost(
        "Three evenings, one bench.",
        tuple((sea, f"The sun over the sea, evening number {n}") for n in (1, 2, 3)),
    ),
    PicturePost(
        "Sunday’s loaves, in the order they came out. The fourth one is for the neighbours. #bread",
        tuple((loaf, f"A round loaf with cuts in its crust, number {n} of 4") for n in (1, 2, 3, 4)),
    ),
    PicturePost("Off the needle, after two winters.", ((quilt, "A quilt of triangles in five soft colors"),)),
    PicturePost(
        "Night shift: the view up, and the view out.",
        ((night, "Stars and a thin moon"), (skyline, "A city after sunset with lights in its windows")),
    ),
)
