"""The film of a lap: frames from behind the car, written as MP4, or as GIF without PyAV.

The ground comes from the simulator's own camera, moved back and up. The same lap always gives
the same frames; the file is written beside its place and moved there when it is whole.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.replay.body import Faces, car_faces, shades
from racecraft.analysis.replay.drawing import fill_polygons, to_yuv
from racecraft.analysis.replay.lap import Frames, frames_of
from racecraft.analysis.replay.overlay import Overlay
from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import Step
from racecraft.domain.errors import InvalidInput, StorageFailed
from racecraft.domain.track import Track
from racecraft.sim.camera import Camera, focal_px
from racecraft.sim.scene import Things

Picture = NDArray[np.uint8]

VIEW = CameraSpec(
    width=640,
    height=480,
    horizontal_fov_rad=1.1,
    pitch_down_rad=0.33,
    ahead_m=-0.60,
    height_m=0.38,
    is_colour=True,
)
"""The camera behind the car."""
MP4_HZ, GIF_HZ = 30, 10
GIF_SHRINK = 2
CHUNK = 16
"""Frames rendered at a time."""
X264 = {"preset": "ultrafast", "crf": "26", "threads": "1"}
"""Fast rather than small (2 to 3 MB a lap). One thread: the bytes depend on their number."""


def write_replay(
    track: Track,
    steps: Sequence[Step],
    path: Path,
    *,
    title: str,
    objects: NDArray[np.float64] | None = None,
) -> Path:
    """Write the film of a lap.

    Args:
        track: where it was driven, in the direction in which it was driven.
        steps: rows of one trial, in order.
        path: where to; `.mp4` becomes `.gif` where PyAV is not installed.
        title: shown in the upper left corner.
        objects: (rows, O, 4) x, y (m), yaw (rad) and kind of what is on the road, at each row.

    Returns:
        Where the film is.

    Raises:
        InvalidInput: the lap has no steps, or holds positions that are not numbers.
        StorageFailed: the file cannot be written.
    """
    if not steps:
        raise InvalidInput("The lap to film has no steps; choose a trial that was driven.")
    if not all(math.isfinite(v) for step in steps for v in (step.x_m, step.y_m, step.yaw_rad)):
        raise InvalidInput(
            "The lap to film holds positions that are not numbers; its trace is damaged."
        )
    is_mp4 = path.suffix.lower() != ".gif" and importlib.util.find_spec("av") is not None
    path = path.with_suffix(".mp4" if is_mp4 else ".gif")
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    frames = frames_of(steps, MP4_HZ if is_mp4 else GIF_HZ, objects)
    try:
        (_write_mp4 if is_mp4 else _write_gif)(_pictures(track, frames, title), part)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageFailed(
            f"The replay could not be written to {path}: {reason}. "
            "Check that the folder exists, can be written to and has space."
        ) from error
    finally:
        _remove(part)
    return path


def _remove(part: Path) -> None:
    """Take away what a failed film left behind."""
    try:
        part.unlink(missing_ok=True)
    except OSError:  # its folder is no folder, so nothing was left
        return


def _pictures(track: Track, frames: Frames, title: str) -> Iterator[Picture]:
    """(H, W, 3) frames one by one; each is only good until the next is asked for."""
    camera, overlay = Camera(VIEW, [track]), Overlay(track, title, (VIEW.width, VIEW.height))
    faces = car_faces(CarSpec())
    colours = shades(faces)
    chunk = np.empty((CHUNK, *camera.frame_shape), dtype=np.uint8)
    count = len(frames.car)
    kinds = frames.objects[0, :, 3].astype(np.int64)
    for first in range(0, count, CHUNK):
        part = slice(first, min(first + CHUNK, count))
        size = part.stop - part.start
        poses = np.column_stack([frames.car[part, :2], frames.view_yaw_rad[part]])
        grounds = np.zeros(size, dtype=np.int64)
        things = Things(frames.objects[part], kinds)
        camera.render(poses, grounds, chunk, 0, size, things)
        corners, order = _projected(faces, frames, part)
        for k in range(size):
            rank = order[k]
            fill_polygons(chunk[k], corners[k, rank], faces.counts[rank], colours[rank])
            overlay.draw(chunk[k], frames, first + k)
            yield chunk[k]


def _projected(
    faces: Faces, frames: Frames, part: slice
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where the car's faces lie on the screen, and in which order to draw them.

    Returns:
        (T, F, V, 2) column and row, and (T, F) faces from far to near, the shadow first.
    """
    turn = frames.car[part, 2] - frames.view_yaw_rad[part]
    points = _steered(faces, frames.steering_rad[part])  # (T, F, V, 3)
    cosine, sine = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    ahead = points[..., 0] * cosine - points[..., 1] * sine - VIEW.ahead_m
    left = points[..., 0] * sine + points[..., 1] * cosine
    below = VIEW.height_m - points[..., 2]
    down, level = math.sin(VIEW.pitch_down_rad), math.cos(VIEW.pitch_down_rad)
    depth = np.maximum(ahead * level + below * down, 0.02)
    scale = focal_px(VIEW) / depth
    column = 0.5 * VIEW.width - left * scale
    row = 0.5 * VIEW.height + (below * level - ahead * down) * scale
    counted = np.arange(points.shape[2]) < faces.counts[:, None]  # (F, V)
    middle = (depth * counted).sum(axis=2) / faces.counts
    middle[:, faces.colours[:, 3] < 1.0] = np.inf
    return np.stack([column, row], axis=3), np.argsort(-middle, axis=1, kind="stable")


def _steered(faces: Faces, steering_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, F, V, 3) corners with the front wheels turned about their hinges."""
    points = np.broadcast_to(faces.corners, (len(steering_rad), *faces.corners.shape)).copy()
    hinge = faces.hinge[faces.steers][:, None]  # (f, 1, 2)
    wheel = faces.corners[faces.steers][..., :2] - hinge  # (f, V, 2)
    cosine, sine = np.cos(steering_rad)[:, None, None], np.sin(steering_rad)[:, None, None]
    turned_x = wheel[..., 0] * cosine - wheel[..., 1] * sine
    turned_y = wheel[..., 0] * sine + wheel[..., 1] * cosine
    points[:, faces.steers, :, :2] = np.stack([turned_x, turned_y], axis=3) + hinge
    return points


def _write_mp4(pictures: Iterator[Picture], path: Path) -> None:
    import av  # a large library, and only films need it

    planes = np.empty((VIEW.height * 3 // 2, VIEW.width), dtype=np.uint8)
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as file:
            stream = file.add_stream("libx264", rate=MP4_HZ, options=X264)
            stream.width, stream.height, stream.pix_fmt = VIEW.width, VIEW.height, "yuv420p"
            stream.codec_context.thread_count = 1
            for picture in pictures:
                to_yuv(picture, planes)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
            file.mux(stream.encode())
    except av.error.FFmpegError as error:  # not every one of them is an OSError
        raise OSError(error.errno, error.strerror) from error


def _write_gif(pictures: Iterator[Picture], path: Path) -> None:
    from PIL import Image

    size = (VIEW.width // GIF_SHRINK, VIEW.height // GIF_SHRINK)
    images = [Image.fromarray(picture).resize(size, Image.Resampling.BOX) for picture in pictures]
    palette = images[0].quantize(128)
    first, *rest = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images)
    first.save(path, save_all=True, append_images=rest, duration=1000 // GIF_HZ, loop=0)
