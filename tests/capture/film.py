"""Small films for tests: drawn on the spot, with pieces of text cut out of the demo broadcast, so that no font is needed."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from streamlens.capture.ocr import Image

DEMO = Path(__file__).parents[2] / "demo" / "d2-hens" / "recording.mp4"
RATE = 5
STRIPS = {  # what stands there: second, left, top, right, bottom
    "当天现捡坏蛋包赔": (30, 12, 80, 230, 120),
    "恩施富硒": (60, 12, 80, 122, 120),
    "散养土鸡蛋": (30, 219, 505, 310, 531),
    "富硒土豆": (60, 219, 505, 310, 531),
    "小黄姜": (90, 219, 505, 310, 531),
}


@cache
def demo_picture(second: int) -> Image:
    """The picture of the demo broadcast at the keyframe before a second: 640 x 360."""
    with av.open(str(DEMO)) as container:
        container.seek(second * 1_000_000)
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def put(image: Image, text: str, left: int, top: int) -> None:
    """Lay a piece of text over a picture."""
    second, x, y, right, bottom = STRIPS[text]
    image[top : top + bottom - y, left : left + right - x] = demo_picture(second)[y:bottom, x:right]


def film(
    path: Path,
    seconds: float,
    draw: Callable[[float], Image],
    *,
    gop_s: float = 1.0,
    rate: int = RATE,
    sound: bool = True,
) -> Path:
    """A film of what `draw` makes of each second, with a silent sound track; a keyframe every `gop_s`."""
    with av.open(str(path), "w") as container:
        first = draw(0.0)
        video = container.add_stream("flv1" if path.suffix == ".flv" else "mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        video.bit_rate = 4_000_000
        video.codec_context.gop_size = max(1, round(gop_s * rate))
        video.options = {"sc_threshold": "1000000000"}  # no keyframe but where it is due
        track = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        packets = []
        for index in range(int(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(draw(index / rate), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            packets += video.encode(frame)
        packets += video.encode(None)
        if track:
            for start in range(0, int(seconds * 16_000), 1024):
                quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
                quiet.sample_rate, quiet.pts, quiet.time_base = 16_000, start, Fraction(1, 16_000)
                packets += track.encode(quiet)
            packets += track.encode(None)
        container.mux(sorted(packets, key=lambda packet: packet.dts * packet.time_base))
    return path
