"""Makes several hundred hard camera frames of show codes, and tells what zbar and zxing-cpp read of them.

    hard_frames.py FOLDER [--each N] [--codes FILE]

Rendered screens and simulated prints (300 and 150 dpi), each with one fault that counters know, and one class with several:
blur, noise, rotation, perspective, low light, glare, a fold, motion, small modules. Half of them hold a show code (QR
version 1), half a paper or phone code (versions 15 to 17). FOLDER gets the pictures and manifest.tsv (file, class,
digits). Needs numpy, pillow and zxing-cpp (2026: 3.1.1) from PyPI, and zbarimg."""
import argparse
import pathlib
import random
import subprocess
import time

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
CLASSES = ["plain", "blur", "noise", "rotation", "perspective", "low-light", "glare", "fold", "motion", "small", "mixed"]
MEDIA = ["screen", "print-300", "print-150"]


def check_pair(body):
    return f"{98 - int(body) * 100 % 97:02}"


def some_digits(chance, large):
    prefix, length = (("81", chance.choice([986, 1036])) if chance.random() < 0.7 else ("91", 1206)) if large else ("71", 25)
    body = prefix + "".join(chance.choice("0123456789") for _ in range(length - len(prefix)))
    return body + check_pair(body)


def modules(digits):
    """The code, a pixel a module, with its quiet zone of four; error correction M as ours."""
    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=True)))


def printed(code, dpi, chance):
    """A code of 45 mm as a printer lays it down: whole dots, ink that spreads and misses."""
    dots = max(1, round(45 / 25.4 * dpi / code.width))
    page = np.asarray(code.resize((code.width * dots, code.height * dots), Image.NEAREST), np.float32)
    ink = Image.fromarray(page.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.35 * dots * 0.5))
    ink = np.asarray(ink, np.float32)
    noise = np.random.default_rng(chance.randrange(1 << 30))
    ink = np.clip(30 + ink * 0.85 + noise.normal(0, 7, ink.shape), 0, 255)
    return Image.fromarray(ink.astype(np.uint8))


def placed(code, side, angle, tilt, ground, chance):
    """The code on a ground, so many pixels wide, turned and tilted."""
    small = code.resize((side, side), Image.LANCZOS if side < code.width else Image.BICUBIC if code.width > 400 else Image.NEAREST)
    if code.width <= 400:
        # What a camera sees of sharp edges is never sharp.
        small = code.resize((side * 2, side * 2), Image.NEAREST).resize((side, side), Image.BOX)
    frame = Image.new("L", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(frame)
    left, top = (WIDTH - side) // 2 + chance.randint(-60, 60), (HEIGHT - side) // 2
    border = max(8, side // 12)
    draw.rectangle([left - border, top - border, left + side + border, top + side + border], fill=250)
    frame.paste(small, (left, top))
    if angle:
        frame = frame.rotate(angle, Image.BICUBIC, fillcolor=ground)
    if tilt:
        x, y = tilt
        at = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
        to = [(x * WIDTH, y * HEIGHT), (WIDTH - x * WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT - y * HEIGHT)]
        rows = []
        for (u, v), (p, q) in zip(at, to):
            rows += [[p, q, 1, 0, 0, 0, -u * p, -u * q], [0, 0, 0, p, q, 1, -v * p, -v * q]]
        corners = np.array([value for point in at for value in point], float)
        frame = frame.transform((WIDTH, HEIGHT), Image.PERSPECTIVE, np.linalg.solve(np.array(rows, float), corners), Image.BICUBIC, fillcolor=ground)
    return frame


def fault(frame, name, chance):
    noise = np.random.default_rng(chance.randrange(1 << 30))
    if name == "blur":
        frame = frame.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.5)))
    grey = np.asarray(frame, np.float32)
    if name == "motion":
        length = chance.randint(2, 4)
        grey = sum(np.roll(grey, at, 1) for at in range(length)) / length
    if name == "glare":
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        cx, cy = WIDTH / 2 + chance.randint(-150, 150), HEIGHT / 2 + chance.randint(-150, 150)
        spot = np.exp(-(((x - cx) / chance.uniform(60, 140)) ** 2 + ((y - cy) / chance.uniform(60, 140)) ** 2))
        grey = grey + chance.uniform(90, 170) * spot
    if name == "fold":
        at, depth = WIDTH // 2 + chance.randint(-60, 60), chance.uniform(25, 60)
        x = np.arange(WIDTH)
        grey = grey * (1 - (np.exp(-((x - at) / 6.0) ** 2) * depth / 100 + (x > at) * 0.18))
        grey[:, at:] = np.roll(grey[:, at:], chance.choice([-1, 1]), 0)
    if name == "low-light":
        grey = 18 + grey * chance.uniform(0.12, 0.25)
    level = {"noise": chance.uniform(14, 30), "low-light": chance.uniform(2, 5)}.get(name, 3)
    grey = grey + noise.normal(0, level, grey.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def frame_of(digits, medium, name, chance):
    code = modules(digits)
    large = len(digits) > 100
    a_module = {"small": (2.0, 2.5)}.get(name, (2.6, 5.5) if large else (4, 12))
    side = min(int(code.width * chance.uniform(*a_module)), 600)
    if medium != "screen":
        code = printed(code, int(medium[-3:]), chance)
    angle = chance.uniform(8, 45) if name in ("rotation", "mixed") else chance.uniform(-2, 2)
    tilt = (chance.uniform(0.03, 0.1), chance.uniform(0.02, 0.08)) if name in ("perspective", "mixed") else None
    ground = chance.choice([70, 120, 170])
    frame = placed(code, side, angle, tilt, ground, chance)
    if name == "mixed":
        frame = fault(frame, "blur", random.Random(chance.random()))
        return fault(frame, chance.choice(["noise", "glare", "fold"]), chance)
    return fault(frame, name, chance)


def by_zbar(path):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True)
    return done.stdout.decode(errors="replace").strip()


def by_zxing(path):
    found = zxingcpp.read_barcodes(np.asarray(Image.open(path)), formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else ""


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--each", type=int, default=36, help="frames of a class")
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(2026)
    made = []
    for name in CLASSES:
        for number in range(options.each):
            digits = some_digits(chance, number % 2 == 1)
            medium = MEDIA[number // 2 % 3]
            file = f"{name}-{medium}-{number:02}.png"
            frame_of(digits, medium, name, chance).save(options.folder / file)
            made.append((file, name, digits))
    (options.folder / "manifest.tsv").write_text("".join("\t".join(one) + "\n" for one in made))
    for reader, read in (("zbar", by_zbar), ("zxing-cpp (PyPI)", by_zxing)):
        right, wrong, by_class, began = 0, 0, {}, time.monotonic()
        for file, name, digits in made:
            text = read(options.folder / file)
            right += text == digits
            wrong += bool(text) and text != digits
            by_class[name] = by_class.get(name, 0) + (text == digits)
        took = (time.monotonic() - began) * 1000 / len(made)
        print(f"{reader}: {right}/{len(made)} = {100 * right / len(made):.1f} %, {wrong} wrong, {took:.0f} ms a frame")
        print("   " + ", ".join(f"{name} {count}/{options.each}" for name, count in by_class.items()))


if __name__ == "__main__":
    main()
