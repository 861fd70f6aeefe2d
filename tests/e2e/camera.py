"""A camera that films badges: uncompressed video for Chromium's fake device."""

from pathlib import Path

from fairs.core import qr

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 5
WALL = 150  # grey of the hall behind the badge


def frame(text: str = "", pixels: int = 6) -> bytes:
    """One picture (4:2:0), with the QR of `text` in its middle, `pixels` wide a module; without text the empty hall."""
    light = bytearray([WALL]) * (WIDTH * HEIGHT)
    if text:
        rows = qr.matrix(text)
        left, top = (WIDTH - len(rows) * pixels) // 2, (HEIGHT - len(rows) * pixels) // 2
        for y, row in enumerate(rows):
            line = b"".join(bytes([25 if cell else 235]) * pixels for cell in row)
            for offset in range(pixels):
                start = (top + y * pixels + offset) * WIDTH + left
                light[start : start + len(line)] = line
    return bytes(light) + bytes([128]) * (WIDTH * HEIGHT // 2)


def film(path: Path, *scenes: tuple[str, float]) -> Path:
    """A .y4m file of scenes (text, seconds); the browser plays it in a loop."""
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for text, seconds in scenes:
            out.write((b"FRAME\n" + frame(text)) * round(seconds * FRAMES_A_SECOND))
    return path


def arguments(path: Path) -> list[str]:
    """What Chromium needs to film with this file, without asking."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
        "--autoplay-policy=no-user-gesture-required",
    ]
