"""Makes uploaded videos and audio files safe and playable: encodes new ones from nothing but their pictures and sound.

All of it is done in a folder, whose files media.actions stores.
"""

import array
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from media.ffmpeg import AUDIO, PIXELS_MAX, VIDEO, Failed, Streams, convert, source, streams
from media.images import Variants, make_variants

LARGE, SMALL = 1280, 640
"""The longest side of a video in pixels, and of the one for phones."""
HLS_FROM = 120.0
"""Longer videos are also there in segments."""
SEGMENT = 6
KEY_FRAME_EVERY = 2
BARS = 100
"""Of a waveform."""
_NOTHING_ELSE = (
    *("-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-sn", "-dn"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart"),
)
"""No titles, places, chapters, subtitles or other tracks."""


@dataclass(frozen=True)
class Made:
    """A recording that can be played: the variants as files in the folder, and what they are."""

    kind: str
    duration: float
    width: int | None
    height: int | None
    blurhash: str
    waveform: list[int]
    files: dict[str, Path]


def encode(
    path: Path, demuxer: str, folder: Path, on_progress: Callable[[int], None] = lambda percent: None
) -> Made:
    """Make the variants of a video or audio file in `folder`. Raises Failed."""
    found = streams(path, demuxer)
    if not (found.has_video or found.has_audio):
        raise Failed("empty")
    # What a file says of its length may be wrong, so that is checked again afterwards.
    most = settings.RECORDING_MAX_SECONDS
    if found.duration is not None and found.duration > most + 0.5:
        raise Failed("long")
    if found.has_video and found.width * found.height > PIXELS_MAX:
        raise Failed("pixels")

    def on_seconds(seconds: float) -> None:
        on_progress(min(95, int(95 * seconds / max(found.duration or most, 0.1))))

    make = _video if found.has_video else _audio
    return make(path, demuxer, folder, found, on_seconds)


def _video(
    path: Path, demuxer: str, folder: Path, found: Streams, on_seconds: Callable[[float], None]
) -> Made:
    large, small = folder / "large.mp4", folder / "small.mp4"
    sound = ["-map", "0:a:0"] if found.has_audio else ["-an"]
    convert(
        [
            *("-progress", "pipe:1", "-t", str(settings.RECORDING_MAX_SECONDS + 1), *source(path, demuxer)),
            *(
                "-filter_complex",
                f"[0:v:0]{_fit(LARGE)},format=yuv420p,split[large][more];[more]{_fit(SMALL)}[small]",
            ),
            *(
                "-map",
                "[large]",
                *sound,
                *_h264(crf=23, most="3M"),
                *_aac("128k"),
                *_NOTHING_ELSE,
                str(large),
            ),
            *(
                "-map",
                "[small]",
                *sound,
                *_h264(crf=26, most="900k"),
                *_aac("64k"),
                *_NOTHING_ELSE,
                str(small),
            ),
        ],
        duration=found.duration or settings.RECORDING_MAX_SECONDS,
        on_progress=on_seconds,
    )
    made = _checked(large)
    if not made.has_video:
        raise Failed("damaged")
    duration = made.duration or 0.0
    poster = _poster(large, folder, duration)
    files = {large.name: large, small.name: small}
    for name, content in poster.files.items():
        files[name] = folder / name
        files[name].write_bytes(content)
    if duration > HLS_FROM:
        files |= _segments(folder, {"large": large, "small": small}, made)
    return Made(VIDEO, duration, made.width, made.height, poster.blurhash, [], files)


def _audio(
    path: Path, demuxer: str, folder: Path, found: Streams, on_seconds: Callable[[float], None]
) -> Made:
    audio = folder / "audio.m4a"
    convert(
        [
            *("-progress", "pipe:1", "-t", str(settings.RECORDING_MAX_SECONDS + 1), *source(path, demuxer)),
            *("-map", "0:a:0", "-vn", *_aac("128k"), *_NOTHING_ELSE, "-f", "mp4", str(audio)),
        ],
        duration=found.duration or settings.RECORDING_MAX_SECONDS,
        on_progress=on_seconds,
    )
    made = _checked(audio)
    return Made(AUDIO, made.duration or 0.0, None, None, "", _waveform(audio, made), {audio.name: audio})


def _fit(longest: int) -> str:
    """Return the filter that makes a video no larger than this; H.264 needs even sides."""
    return (
        f"scale=w='min({longest},iw)':h='min({longest},ih)'"
        ":force_original_aspect_ratio=decrease:force_divisible_by=2"
    )


def _h264(*, crf: int, most: str) -> list[str]:
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-maxrate", most, "-bufsize", "6M"),
        *("-threads", "2", "-fpsmax", "30", "-force_key_frames", f"expr:gte(t,n_forced*{KEY_FRAME_EVERY})"),
    ]


def _aac(rate: str) -> list[str]:
    return ["-c:a", "aac", "-b:a", rate, "-ac", "2", "-ar", "44100"]


def _checked(path: Path) -> Streams:
    """Return what is in a file that we made. Raises Failed if it is empty or too long."""
    if not path.exists():
        raise Failed("damaged")
    made = streams(path, "mov")
    if not made.duration:
        raise Failed("damaged")
    if made.duration > settings.RECORDING_MAX_SECONDS + 0.5:
        raise Failed("long")
    return made


def _poster(video: Path, folder: Path, duration: float) -> Variants:
    """Return the picture that is shown until the video plays."""
    picture = folder / "poster.png"
    at = min(1.0, duration / 3)
    convert(
        [
            "-ss",
            f"{at:.3f}",
            *source(video, "mov"),
            "-frames:v",
            "1",
            "-update",
            "1",
            "-f",
            "image2",
            str(picture),
        ],
        duration=1,
    )
    with picture.open("rb") as file:
        return make_variants(file)


def _segments(folder: Path, videos: dict[str, Path], made: Streams) -> dict[str, Path]:
    """Return the playlists and files of the same videos for HLS. A file holds all segments, as ranges of bytes."""
    files: dict[str, Path] = {}
    master = ["#EXTM3U", "#EXT-X-VERSION:7"]
    for name, video in videos.items():
        playlist = folder / f"hls-{name}.m3u8"
        convert(
            [
                *source(video, "mov"),
                *(
                    "-map",
                    "0",
                    "-c",
                    "copy",
                    "-f",
                    "hls",
                    "-hls_time",
                    str(SEGMENT),
                    "-hls_playlist_type",
                    "vod",
                ),
                *("-hls_segment_type", "fmp4", "-hls_flags", "single_file", str(playlist)),
            ],
            duration=made.duration or 1,
        )
        content = playlist.with_suffix(".m4s")
        files |= {playlist.name: playlist, content.name: content}
        bits = int(1.2 * 8 * content.stat().st_size / (made.duration or 1))
        ratio = 1 if name == "large" else min(1, SMALL / max(made.width, made.height))
        size = f"{int(made.width * ratio)}x{int(made.height * ratio)}"
        master += [f"#EXT-X-STREAM-INF:BANDWIDTH={bits},RESOLUTION={size}", playlist.name]
    index = folder / "hls.m3u8"
    index.write_text("\n".join(master) + "\n")
    return files | {index.name: index}


def _waveform(path: Path, made: Streams) -> list[int]:
    """Return how loud the recording is, from 0 to 100, in equal parts of its time."""
    raw = convert(
        [*source(path, "mov"), "-ac", "1", "-ar", "4000", "-f", "s16le", "pipe:1"],
        duration=made.duration or 1,
    )
    samples = array.array("h", raw[: len(raw) // 2 * 2])
    if not samples:
        return []
    size = max(1, math.ceil(len(samples) / BARS))
    parts = [samples[start : start + size] for start in range(0, len(samples), size)]
    peaks = [max(max(part), -min(part)) for part in parts]
    loudest = max(*peaks, 1)
    return [round(100 * peak / loudest) for peak in peaks]
