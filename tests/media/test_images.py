import io
import signal
import struct
import subprocess
import sys
import time
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from core.refusals import Invalid
from media import images
from media.images import AVATAR, COVER, reencode
from tests.media.conftest import picture


def opened(data: bytes) -> Any:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_format_becomes_webp_of_one_size(kind):
    image = opened(reencode(picture(kind), AVATAR))
    assert (image.format, image.size) == ("WEBP", (400, 400))
    assert opened(reencode(picture(kind), COVER)).size == (1500, 500)


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
    assert opened(reencode(picture(kind, mode=mode, colour=colour), AVATAR)).size == (400, 400)


def test_sixteen_bit_colors_are_scaled_and_not_clipped():
    grey = (
        opened(reencode(picture("PNG", mode="I;16", colour=32768), AVATAR)).convert("L").getpixel((200, 200))
    )
    assert 120 <= grey <= 136


def test_transparency_is_preserved():
    image = opened(reencode(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)), AVATAR))
    assert image.mode == "RGBA"
    assert image.getpixel((9, 9))[3] == 0


def test_the_location_time_and_camera_are_removed():
    exif = Image.Exif()
    exif[0x010F] = "SpyCam"
    exif[0x9003] = "2026:01:01 12:00:00"
    exif.get_ifd(0x8825)[2] = (41.0, 9.0, 0.0)
    xmp = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>secret</x:xmpmeta>"
    file = picture(exif=exif.tobytes(), comment=b"secret comment", xmp=xmp)
    assert Image.open(file).getexif().get_ifd(0x8825), "the picture we start from tells where it was taken"
    file.seek(0)
    data = reencode(file, AVATAR)
    image = opened(data)
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)
    assert b"secret" not in data
    assert b"SpyCam" not in data


def test_the_exif_orientation_is_applied():
    # Red above blue as shown, but stored rotated with an EXIF orientation, as phones do.
    seen = Image.new("RGB", (400, 400), "blue")
    seen.paste("red", (0, 0, 400, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    seen.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif.tobytes(), quality=95)
    file.seek(0)
    image = opened(reencode(file, AVATAR)).convert("RGB")
    above, below = image.getpixel((200, 50)), image.getpixel((200, 350))
    assert above[0] > 200 > above[2]
    assert below[2] > 200 > below[0]


def test_invalid_exif_values_are_ignored():
    # Rotated, and with a copyright (0x8298) declared as a number, which Pillow fails to write.
    notes = [(0x0112, 3, 1, struct.pack("<HH", 6, 0)), (0x8298, 12, 1, struct.pack("<I", 1))]
    rows = b"".join(struct.pack("<HHI", *note[:3]) + note[3] for note in notes)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(notes)) + rows + bytes(64)
    file = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(file, "JPEG", exif=exif)
    file.seek(0)
    assert Image.open(io.BytesIO(reencode(file, AVATAR))).size == (400, 400)


def test_pictures_are_cropped_to_the_center():
    wide = Image.new("RGB", (900, 300), "black")
    wide.paste("white", (300, 0, 600, 300))
    file = io.BytesIO()
    wide.save(file, "PNG")
    file.seek(0)
    image = opened(reencode(file, AVATAR)).convert("L")
    assert min(image.getpixel(at) for at in ((5, 5), (395, 395), (200, 200))) > 240


def test_invalid_color_profiles_are_ignored():
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (good, b"not a profile", good[:200]):
        assert opened(reencode(picture(icc_profile=profile), AVATAR)).size == (400, 400)


def test_an_animated_gif_is_reduced_to_its_first_frame():
    file = io.BytesIO()
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    file.seek(0)
    image = opened(reencode(file, AVATAR)).convert("RGB")
    assert image.getpixel((200, 200))[0] > 200


# --- Refusals ----------------------------------------------------------------------------------------------


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        reencode(io.BytesIO(data), AVATAR)
    return refusal.value.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"BM" + bytes(60),
        b"\x00\x00\x00\x20ftypavif" + bytes(40),
    ],
)
def test_other_files_are_refused(data):
    assert "Use a JPEG, PNG, WebP or GIF picture." in refused(data)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
def test_other_picture_formats_are_refused(kind):
    assert "Use a JPEG, PNG, WebP or GIF picture." in refused(picture(kind).getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_truncated_picture_is_refused(kind):
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    file = io.BytesIO()
    noise.save(file, kind)
    data = file.getvalue()
    for share in (0.9, 0.5, 0.1):
        assert refused(data[: int(len(data) * share)])


def test_a_decompression_bomb_is_refused_before_decoding():
    """A few kilobytes would decompress to gigabytes of pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    for side in (6400, 10_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        assert "too many pixels" in refused(bomb + chunk(b"IEND", b""))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "width", "height", "options"),
    [
        ("WEBP", "RGB", 8000, 5000, {"lossless": True, "method": 0}),
        ("WEBP", "RGB", 6000, 4000, {"quality": 1, "method": 0}),
        ("WEBP", "RGBA", 6000, 4000, {"quality": 1, "method": 0, "exif": b"Exif\0\0"}),
        ("PNG", "1", 8000, 5000, {}),
        ("GIF", "L", 8000, 5000, {}),
        ("JPEG", "L", 8000, 5000, {"progressive": True}),
    ],
    ids=["lossless WebP", "WebP", "WebP with transparency", "PNG", "GIF", "progressive JPEG"],
)
def test_the_pixel_limit_depends_on_the_format(kind, mode, width, height, options):
    data = saved(Image.new(mode, (width, height)), kind, **options)
    assert len(data) < 500_000
    assert "too many pixels" in refused(data)


@pytest.mark.parametrize(
    ("kind", "mode", "width", "height"),
    [("WEBP", "RGBA", 5000, 3000), ("PNG", "RGBA", 6500, 4000), ("PNG", "I;16", 6500, 4000), ("GIF", "P", 6500, 4000),
     ("JPEG", "L", 10_000, 10_000)],
)  # fmt: skip
def test_the_maximum_number_of_pixels_fits_into_the_memory_limit(kind, mode, width, height):
    data = saved(Image.new(mode, (width, height)), kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert opened(reencode(io.BytesIO(data), AVATAR)).size == (400, 400)


def with_scans(count: int, size: tuple[int, int]) -> bytes:
    """Return a progressive JPEG that repeats its last scan: few bytes, but a pass over all pixels each time."""
    data = saved(Image.new("L", size, 90), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + data[-2:]


def test_scans_are_limited():
    assert opened(reencode(io.BytesIO(with_scans(20, (600, 400))), AVATAR)).size == (400, 400)
    assert "can’t be processed" in refused(with_scans(20_000, (600, 400)))
    assert "can’t be processed" in refused(with_scans(60, (5000, 4000))), "and weighed by the pixels"


class TestTheProcess:
    """The decoder process: its limits stop it, and the picture is refused with a message."""

    @pytest.fixture
    def decoder(self, monkeypatch, tmp_path):
        """Return a function that replaces the decoder with the given code, by default with the real limits."""

        def instead(code: str, *, limited: bool = True) -> None:
            real = images.DECODER if limited else ""
            limits = (
                f"import runpy\nrunpy.run_path({str(real)!r}, run_name='limits')['_limit']()\n"
                if limited
                else ""
            )
            script = tmp_path / "decoder.py"
            script.write_text(limits + code)
            monkeypatch.setattr(images, "DECODER", script)

        return instead

    def test_its_memory_is_limited(self, decoder):
        decoder("bytearray(500_000_000)\nprint('{}')")
        assert "can’t be processed" in refused(b"x")

    def test_its_time_is_limited(self, decoder, monkeypatch):
        monkeypatch.setattr(images, "ENDS_WITHIN", 0.5)
        decoder("import time\ntime.sleep(60)", limited=False)
        started = time.monotonic()
        assert "can’t be processed" in refused(b"x")
        assert time.monotonic() - started < 10
        with images._slots.acquire(within=1):
            pass

    def test_the_process_ends_by_itself(self):
        code = f"import runpy,sys\nd=runpy.run_path({str(images.DECODER)!r}, run_name='limits')\n"
        code += "d['_limit'].__globals__['SECONDS'] = 0.2\nd['_limit'].__globals__['MEMORY'] = 10**9\n"
        code += "import resource\nresource.setrlimit = lambda *a: None\nd['_limit']()\nimport time\ntime.sleep(60)"
        done = subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
        assert done.returncode == -signal.SIGALRM

    def test_it_can_write_no_files_and_gets_no_secrets(self, decoder, monkeypatch, tmp_path):
        monkeypatch.setenv("A_SECRET", "hush")
        decoder(
            f"import os\nassert 'A_SECRET' not in os.environ\nopen({str(tmp_path / 'x')!r}, 'w').write('x')"
        )
        assert "can’t be processed" in refused(b"x")
        assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size == 0

    def test_incomplete_output_is_refused(self, decoder):
        decoder("raise SystemExit(1)", limited=False)
        assert "can’t be processed" in refused(b"x")


def test_a_decompression_bomb_in_text_metadata_is_refused():
    """The zTXt chunk of the PNG decompresses to 80 MB."""
    body = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000), 9)
    text = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = picture("PNG").getvalue()
    assert refused(data[:33] + text + data[33:])


def test_too_many_bytes_are_refused(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert "up to 1 MB" in refused(picture().getvalue() + bytes(2 * 1024 * 1024))


@pytest.mark.parametrize(
    "rider", [b"<script>alert(1)</script>", b"PK\x03\x04evil.class", b"<?php system($_GET[0]); ?>"]
)
def test_metadata_is_removed(rider):
    before = picture(comment=rider).getvalue()
    data = reencode(io.BytesIO(before + rider), AVATAR)
    assert rider in before
    assert rider not in data
