"""What becomes of a picture for a post."""

import io
import time

import pytest
from PIL import Image, ImageCms

from core.refusals import Invalid
from media.images import make_variants
from tests.media.conftest import picture


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_each_format_is_accepted(kind):
    made = make_variants(picture(kind))
    assert (made.width, made.height, made.animated) == (640, 480, False)
    assert [opened(file).format for file in made.files.values()] == ["WEBP", "JPEG", "WEBP", "JPEG"]


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [
        ("L", 128, "PNG"),
        ("1", 1, "PNG"),
        ("P", 3, "PNG"),
        ("LA", (9, 9), "PNG"),
        ("CMYK", (0, 99, 99, 0), "JPEG"),
        ("I;16", 40000, "PNG"),
    ],
)
def test_every_color_mode_is_accepted(mode, colour, kind):
    assert make_variants(picture(kind, mode=mode, colour=colour, size=(3000, 100))).width == 2048


def test_a_small_picture_is_not_enlarged():
    made = make_variants(picture(size=(20, 10)))
    assert {opened(file).size for file in made.files.values()} == {(20, 10)}


def test_it_is_upright_and_only_its_color_profile_remains():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Alice"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = make_variants(
        picture(exif=exif, icc_profile=profile, comment=b"A secret", xmp=b"<x:xmpmeta>secret</x:xmpmeta>")
    )
    assert (made.width, made.height) == (480, 640)
    for file in made.files.values():
        image = opened(file)
        assert image.info["icc_profile"] == profile
        assert not image.getexif()
        assert b"secret" not in file
        assert b"Camera" not in file


def test_a_picture_with_further_pictures_is_used_as_its_first():
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(
        file, "MPO", save_all=True, append_images=[Image.new("RGB", (10, 10))]
    )
    made = make_variants(io.BytesIO(file.getvalue()))
    assert (made.width, made.height, made.animated) == (640, 480, False)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_stays_one(kind):
    frames = [Image.new("RGB", (1000, 500), (shade, 0, 0)) for shade in (0, 90, 180)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=50)
    made = make_variants(io.BytesIO(file.getvalue()))
    large = opened(made.files["large.webp"])
    assert made.animated
    assert large.n_frames == 3
    assert large.size == (made.width, made.height) == (800, 400)
    assert getattr(opened(made.files["small.webp"]), "n_frames", 1) == 1


def test_thousands_of_frames_are_refused_soon():
    frames = [Image.new("L", (100, 100), number % 256) for number in range(2000)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=20)
    began = time.monotonic()
    with pytest.raises(Invalid, match="frames"):
        make_variants(io.BytesIO(file.getvalue()))
    assert time.monotonic() - began < 3


def test_more_than_fifty_million_pixels_are_refused():
    with pytest.raises(Invalid, match="50 million"):
        make_variants(picture(size=(10_000, 5_001)))


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"#EXTM3U"]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Invalid):
        make_variants(io.BytesIO(data))


def test_a_truncated_picture_is_refused():
    with pytest.raises(Invalid):
        make_variants(io.BytesIO(picture(size=(2000, 2000)).getvalue()[:20_000]))
