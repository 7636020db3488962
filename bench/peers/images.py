"""Images, Homeward beside its peers, in one run on the same files: `cargo xtask bench images` runs this.

Prints Markdown: hashing (pdqhash on Pillow), search (faiss-cpu, exact binary indexes), and what is found of edited
photographs (`pictures.py`). Nothing of the peers is copied: they are called as anyone calls them.
"""

import argparse
import collections
import csv
import glob
import multiprocessing
import os
import random
import re
import resource
import statistics
import sys
import time

import faiss
import numpy as np
import pdqhash
from PIL import Image

from commands import timed
from pictures import DEBIAN, UNSEEN, WHEELS, different, edits, invented, photographs

# The first of them, by name, on which the cuts were chosen.
PHOTOS = 31


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
    print("\n### Hashing (two processes each; the peer is Pillow and pdqhash)\n")
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
    print(f"\n### Search: {count:,} hashes, distance 31, exact, two threads\n")
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


def edited(homeward, folder, title, photos):
    """What is found of edited copies among the photographs, and what is found among images that are different."""
    folder = os.path.join(folder, title.replace(" ", "-"))
    at = lambda name: os.path.join(folder, name)
    for name in ("edits", "photos"):
        os.makedirs(at(name), exist_ok=True)
    chance, names = random.Random(5), []
    for name, image in photos.items():
        image.save(os.path.join(at("photos"), name + ".jpg"), quality=90)
        made = edits(image, chance)
        names = list(made)
        for edit, copy in made.items():
            copy.convert("RGB").save(os.path.join(at("edits"), f"{name}__{edit}.jpg"), quality=85)
    different(at("different"), photos)
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
    print(f"\n### Edited photographs, {title}: found of {len(photos)}\n")
    print("| edit | plain PDQ | robust | share |\n|---|---|---|---|")
    for edit in names:
        print(f"| {edit} | {found['plain'][edit]} | {found['robust'][edit]} | {found['robust'][edit] / len(photos):.2f} |")
    print(f"| false pairs | {found['plain']['false']} | {found['robust']['false']} | |")
    print(f"\n{len(photos) ** 2 * len(names):,} pairs in {seconds:.1f} s, CPU {processor:.1f} s, {memory:.0f} MiB.")
    out = at("different.csv")
    seconds, processor, memory, _ = timed([homeward, "tool", "pdq", "match", at("different"), at("different"), "--robust", "-o", out])
    false = sum(row["query"] != row["match"] for row in csv.DictReader(open(out)))
    print(f"\nAmong 1,000 different images, parts of these photographs and made up: {false} false pairs, "
          f"in {seconds:.1f} s, CPU {processor:.1f} s, {memory:.0f} MiB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homeward")
    parser.add_argument("folder")
    parser.add_argument("--hashes", type=int, default=10_000_000)
    parser.add_argument("--queries", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    packages = os.path.join(arguments.folder, "packages")
    photos = dict(list(photographs(packages, WHEELS, DEBIAN).items())[:PHOTOS])
    unseen = photographs(packages, {}, UNSEEN)
    print(f"Medians of {arguments.runs} runs. Photographs of places, animals and things come out of packages: {len(photos)} on "
          f"which the cuts were chosen, and {len(unseen)} on which nothing was.")
    hashing(arguments.homeward, arguments.folder, photos, arguments.runs)
    exactness(arguments.homeward, arguments.folder, photos)
    for title, chosen in (("cuts chosen on them", photos), ("unseen", unseen)):
        if chosen:
            edited(arguments.homeward, arguments.folder, title, chosen)
        else:
            print(f"\nEdited photographs, {title}: not measured, no package of theirs could be had.")
    searching(arguments.homeward, arguments.folder, arguments.hashes, arguments.queries, arguments.runs)


if __name__ == "__main__":
    main()
