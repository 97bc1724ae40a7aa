"""Makes several hundred hard camera frames of this service's own codes, and tells what zbar, zxing-cpp and `/desk/decode` read.

    hard_frames.py --base URL --tokens FILE --out FOLDER [--each N]
    tests/tools/live.sh BINARY FOLDER VENV frames          starts the demo for it

The codes are pictures of what people see: the wallet's code page and the phone's own code as screens at three dots a pixel,
and the PDF sheet as poppler renders it at 300 and at 150 dpi, with ink that spreads and misses. Each frame (1280 x 720) has one
fault that counters know, and one class has several: blur, noise, rotation, perspective, low light, glare, a fold, motion,
small modules. Half of the frames hold a show code (QR version 1), half a phone's or a paper code (versions 15 to 17). FOLDER
gets the frames and manifest.tsv (file, class, digits)."""
import argparse
import base64
import io
import itertools
import json
import pathlib
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "browser"))

WIDTH, HEIGHT = 1280, 720
CLASSES = ["plain", "blur", "noise", "rotation", "perspective", "low-light", "glare", "fold", "motion", "small", "mixed"]
# Most digits of a numeric QR code at level M, from version 1 (ISO/IEC 18004 table 7).
CAPACITY = [34, 63, 101, 149, 202, 255, 293, 365, 432, 513, 604, 691, 796, 871, 991, 1082, 1212, 1346]
FIELDS = {"fields": ["name", "credit_code"], "purpose": "办理银行业务"}


class Picture:
    """A picture that holds a code, upright: where its middle is, how wide it is, and what it says."""

    def __init__(self, image, digits, medium):
        self.image, self.digits, self.medium = image.convert("L"), digits, medium
        found = zxingcpp.read_barcodes(np.asarray(self.image), formats=zxingcpp.BarcodeFormat.QRCode)
        assert [one.text for one in found] == [digits], f"{medium}: the picture does not hold its code"
        at = found[0].position
        corners = np.array([(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], float)
        self.middle = corners.mean(0)
        self.side = float(np.ptp(corners[:, 0]))
        self.modules = 21 + 4 * next(version for version, most in enumerate(CAPACITY) if len(digits) <= most)

    def cut(self, times):
        """What lies around the code, so many times as wide as it, and where its middle is there."""
        half = self.side * times / 2
        left, top = max(0, int(self.middle[0] - half)), max(0, int(self.middle[1] - half))
        right, bottom = int(self.middle[0] + half), int(self.middle[1] + half)
        return self.image.crop((left, top, min(self.image.width, right), min(self.image.height, bottom))), self.middle - (left, top)


def pictures(stage, each):
    """So many show codes on a screen, phone's codes on a screen, and sheets at both resolutions, of the demo's holder."""
    from counter import draw_code
    from stage import PHONE

    first = stage.page("holder", PHONE)
    context = stage.browser.new_context(
        viewport=PHONE, device_scale_factor=3, is_mobile=True, has_touch=True, locale="zh-CN", base_url=stage.base,
        storage_state=stage.sessions["holder"],
    )
    first.context.close()
    page = context.new_page()

    def screen(locator, digits, medium):
        locator.scroll_into_view_if_needed()
        return Picture(Image.open(io.BytesIO(page.screenshot())), digits, medium)

    rolling = []
    for _ in range(each):
        digits = draw_code(stage, page)
        rolling.append(screen(page.locator("[data-qr]"), digits, "screen"))

    license = stage.holders_license()["id"]
    page.goto("/wallet/codes")
    page.get_by_label("给这部手机起个名字").fill("拍照用的手机")
    page.get_by_role("button", name="登记这部手机").click()
    page.wait_for_url("**/wallet/codes?done=enrolled")
    csrf = page.locator("input[name=csrf]").first.get_attribute("value")
    page.evaluate(
        "([license, csrf]) => yinzhengDevice.fetchCode(license, ['name', 'credit_code'], csrf, '营业执照').then(() => 0)", [license, csrf]
    )
    page.goto("/wallet/offline")
    large = []
    for number in range(each):
        page.locator("#phone-purpose").fill(f"入住登记{number}")
        page.locator("[data-choose] button").click()
        page.locator("[data-phone-qr] svg").wait_for()
        digits = "".join(page.locator("[data-phone-digits]").text_content().split())
        large.append(screen(page.locator("[data-phone-qr]"), digits, "phone"))
        page.locator("[data-stop]").click()
    context.close()
    for number in range(each):
        status, answer = stage.call("holder", "POST", f"/v1/licenses/{license}/paper-codes", {**FIELDS, "purpose": f"走查{number}", "days": 7})
        assert status in (200, 201), (status, answer[:300])
        made = json.loads(answer)
        # Only so many may be about at a time; what is on it stays readable.
        stage.call("holder", "DELETE", f"/v1/paper-codes/{made['paper_code']['id']}")
        for dpi in (300, 150):
            done = subprocess.run(
                ["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", "-png", "-"], input=base64.b64decode(made["sheet_pdf"]),
                capture_output=True, timeout=60, check=True,
            )
            large.append(Picture(Image.open(io.BytesIO(done.stdout)), made["digits"], f"print-{dpi}"))
    return rolling, large


def printed(image, dot, chance):
    """As ink lies on paper: it spreads by half a dot, is not quite black, and misses."""
    grey = np.asarray(image.filter(ImageFilter.GaussianBlur(0.35 * dot)), np.float32)
    noise = np.random.default_rng(chance.randrange(1 << 30))
    return Image.fromarray(np.clip(30 + grey * 0.85 + noise.normal(0, 7, grey.shape), 0, 255).astype(np.uint8))


def placed(picture, side, angle, tilt, ground, chance):
    """The picture before a camera: its code so many pixels wide, turned and tilted."""
    image, middle = picture.cut(1.9)
    if picture.medium.startswith("print"):
        image = printed(image, 1, chance)
    scale = side / picture.side
    smaller = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.BOX if scale < 1 else Image.BICUBIC)
    frame = Image.new("L", (WIDTH, HEIGHT), ground)
    x, y = WIDTH / 2 + chance.randint(-60, 60), HEIGHT / 2
    frame.paste(smaller, (round(x - middle[0] * scale), round(y - middle[1] * scale)))
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
        frame = frame.transform(
            (WIDTH, HEIGHT), Image.PERSPECTIVE, np.linalg.solve(np.array(rows, float), corners), Image.BICUBIC, fillcolor=ground
        )
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


def frame_of(picture, name, chance):
    large = len(picture.digits) > 100
    a_module = {"small": (2.0, 2.5)}.get(name, (2.6, 5.5) if large else (4, 12))
    side = min(int(picture.modules * chance.uniform(*a_module)), 560)
    angle = chance.uniform(8, 45) if name in ("rotation", "mixed") else chance.uniform(-2, 2)
    tilt = (chance.uniform(0.03, 0.1), chance.uniform(0.02, 0.08)) if name in ("perspective", "mixed") else None
    frame = placed(picture, side, angle, tilt, chance.choice([70, 120, 170]), chance)
    if name == "mixed":
        frame = fault(frame, "blur", random.Random(chance.random()))
        return fault(frame, chance.choice(["noise", "glare", "fold"]), chance)
    return fault(frame, name, chance)


def by_zbar(_, path):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True)
    return done.stdout.decode(errors="replace").strip()


def by_zxing(_, path):
    found = zxingcpp.read_barcodes(np.asarray(Image.open(path)), formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else ""


def by_desk(stage, path):
    """What the service reads for a browser that cannot read by itself."""
    request = urllib.request.Request(f"{stage.base}/desk/decode", path.read_bytes(), method="POST")
    request.add_header("Authorization", f"Bearer {stage.tokens['clerk']}")
    request.add_header("Content-Type", "image/png")
    for _ in range(100):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["text"] or ""
        except urllib.error.HTTPError as refusal:
            # As often as the service lets a counter ask.
            if refusal.code != 429:
                raise
            time.sleep(float(refusal.headers.get("Retry-After") or 1))
    raise AssertionError("the service lets nobody ask")


READERS = {"zbar": by_zbar, "zxing-cpp": by_zxing, "/desk/decode": by_desk}


def count(stage, folder, each, codes, readers=READERS):
    """Makes the frames and has them read: per reader how many are right in each class, how many were read as something else,
    and milliseconds a frame."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(2026)
    rolling, large = pictures(stage, codes)
    made, turns = [], (itertools.cycle(rolling), itertools.cycle(large))
    for name in CLASSES:
        for number in range(each):
            picture = next(turns[number % 2])
            file = folder / f"{name}-{picture.medium}-{number:02}.png"
            frame_of(picture, name, chance).save(file, compress_level=1)
            made.append((file, name, picture.digits))
    (folder / "manifest.tsv").write_text("".join(f"{file.name}\t{name}\t{digits}\n" for file, name, digits in made))
    counted = {}
    for reader, read in readers.items():
        right, wrong, began = dict.fromkeys(CLASSES, 0), 0, time.monotonic()
        for file, name, digits in made:
            text = read(stage, file)
            right[name] += text == digits
            wrong += bool(text) and text != digits
        counted[reader] = (right, wrong, (time.monotonic() - began) * 1000 / len(made))
    return len(made), counted


def table(frames, each, counted):
    """The count as a table of Markdown."""
    lines = [f"| reader | right of {frames} | wrong | " + " | ".join(CLASSES) + " | ms a frame |", "|---" * (len(CLASSES) + 4) + "|"]
    for reader, (right, wrong, took) in counted.items():
        total = sum(right.values())
        cells = " | ".join(str(right[name]) for name in CLASSES)
        lines.append(f"| {reader} | {total} = {100 * total / frames:.1f} % | {wrong} | {cells} | {took:.0f} |")
    return "\n".join([f"{frames} frames, {each} of each class:", "", *lines])


def main():
    from playwright.sync_api import sync_playwright
    from stage import Stage

    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--tokens", required=True, type=pathlib.Path)
    arguments.add_argument("--out", required=True, type=pathlib.Path)
    arguments.add_argument("--each", type=int, default=36, help="frames of a class")
    arguments.add_argument("--codes", type=int, default=6, help="codes of each medium")
    options = arguments.parse_args()
    with sync_playwright() as playwright:
        stage = Stage(playwright, options.base, json.loads(options.tokens.read_text()), options.out)
        frames, counted = count(stage, options.out / "frames", options.each, options.codes)
        stage.close()
    print(table(frames, options.each, counted))


if __name__ == "__main__":
    main()
