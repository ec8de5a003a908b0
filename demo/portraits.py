"""Draw pictures for the demo members, so no real person’s face is used."""

import colorsys
import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter


def portrait(seed: str, size: int = 400) -> bytes:
    """Draw a figure on a soft background, as PNG, the same for the same seed."""
    rng = random.Random(seed)
    hue = rng.random()
    picture = gradient(size, size, colour(hue, 0.45, 0.95), colour(hue + 0.12, 0.55, 0.75))
    draw = ImageDraw.Draw(picture)
    skin = rng.choice(
        [(255, 219, 172), (241, 194, 125), (224, 172, 105), (198, 134, 66), (141, 85, 36), (92, 58, 33)]
    )
    colours = [(40, 30, 28), (90, 56, 37), (150, 96, 50), (200, 160, 90), (120, 120, 125), (170, 60, 40)]
    # Different enough from the skin to be seen.
    hair = rng.choice([c for c in colours if sum(abs(a - b) for a, b in zip(c, skin, strict=True)) > 110])
    shirt = colour(hue + 0.5, 0.5, 0.75)
    s = size / 100
    draw.ellipse([18 * s, 68 * s, 82 * s, 140 * s], fill=shirt)
    draw.rounded_rectangle([43 * s, 56 * s, 57 * s, 76 * s], 6 * s, fill=skin)
    if rng.random() < 0.5:
        draw.ellipse([26 * s, 18 * s, 74 * s, 78 * s], fill=hair)
    draw.ellipse([31 * s, 22 * s, 69 * s, 68 * s], fill=skin)
    draw.pieslice([29 * s, 16 * s, 71 * s, 62 * s], 180, 360, fill=hair)
    for x in (42, 58):
        draw.ellipse([(x - 2) * s, 44 * s, (x + 2) * s, 48 * s], fill=(35, 30, 30))
    draw.arc([43 * s, 46 * s, 57 * s, 59 * s], 20, 160, fill=(120, 50, 50), width=max(int(1.4 * s), 1))
    if rng.random() < 0.3:
        for x in (42, 58):
            draw.ellipse(
                [(x - 6) * s, 40 * s, (x + 6) * s, 52 * s], outline=(40, 40, 45), width=max(int(s), 1)
            )
        draw.line([48 * s, 46 * s, 52 * s, 46 * s], fill=(40, 40, 45), width=max(int(s), 1))
    return png(picture)


def landscape(seed: str, width: int = 1500, height: int = 500) -> bytes:
    """Draw hills under a sky, as PNG, the same for the same seed."""
    rng = random.Random(seed)
    hue = rng.random()
    picture = gradient(width, height, colour(hue, 0.25, 0.98), colour(hue + 0.08, 0.5, 0.85))
    draw = ImageDraw.Draw(picture)
    x, r = rng.randint(width // 6, width * 5 // 6), height // 9
    draw.ellipse([x - r, height // 5 - r, x + r, height // 5 + r], fill=colour(hue + 0.1, 0.15, 1.0))
    for layer in range(4):
        base = height * (0.5 + 0.13 * layer)
        step = width / rng.randint(3, 6)
        points = [(0.0, float(height))]
        for i in range(int(width / step) + 2):
            points.append((i * step, base + rng.uniform(-0.12, 0.08) * height))
        points.append((float(width), float(height)))
        draw.polygon(points, fill=colour(hue + 0.05 * layer, 0.4 + 0.1 * layer, 0.75 - 0.13 * layer))
    return png(picture.filter(ImageFilter.GaussianBlur(1.2)))


def colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def gradient(width: int, height: int, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), top)
    strip.putpixel((0, 1), bottom)
    return strip.resize((width, height), Image.Resampling.BILINEAR)


def png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
