"""Lines of real programs' logs whose templates are known, with their truth: `log-lines.csv` has what is logged for who
runs a program (level INFO and above), `log-lines-with-debug.csv` has in addition what is logged for who writes it.

Programs from the Python registry do some of their daily work here, on files made up and on the loopback address only.
For every line that one logs, the words of its template are read in the program's own source, where the line is written:
the text between the placeholders of the nearest caller that holds some. Lines of no words of their own are left out.
At most `MOST` lines of a program are taken, the first. Needs Python 3.11.
"""

import ast
import csv
import functools
import itertools
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading

import log_programs

MOST = 2000
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|\{[^{}]*\}")
GAP = "\0"


@functools.cache
def calls(path):
    """Calls in a source file by where they stand."""
    try:
        tree = ast.parse(open(path, encoding="utf-8").read())
    except (OSError, SyntaxError, ValueError):
        return {}
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node for node in nodes}


def words(node):
    """What is literal in an expression, with gaps; nothing when nothing is."""
    match node:
        case ast.Constant(value=str(text)):
            return PLACEHOLDER.sub(GAP, text.replace("%%", "%"))
        case ast.JoinedStr(values=values):
            return "".join(part.value if isinstance(part, ast.Constant) else GAP for part in values)
        case ast.BinOp(op=ast.Mod(), left=left):
            return words(left)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return (words(left) or GAP) + (words(right) or GAP)
        case ast.Call(func=ast.Attribute(attr="format", value=value)):
            return words(value)
    return None


def fitted(text, line):
    """What stands in the gaps of a template that is the line, or is in it; nothing when it is not."""
    found = re.search("(.*)".join(map(re.escape, text.split(GAP))).strip(), line, re.DOTALL)
    return found and found.groups()


def template(frame, line):
    """The words of the nearest caller that holds some; a sentence of a caller above that fills a gap of them goes before."""
    best, gaps = None, [line]
    for _ in range(8):
        if frame is None:
            break
        position = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
        call = calls(frame.f_code.co_filename).get(position)
        for text in filter(None, map(words, call.args if call else ())):
            if len(re.findall(r"[^\W\d_]", text)) < 3 or (best and " " not in text.strip()):
                continue
            filled = next((found for gap in gaps if (found := fitted(text, gap)) is not None), None)
            if filled is not None:
                best, gaps = text, filled
                break
        frame = frame.f_back
    return best and re.sub(f"{GAP}+", "<*>", best)


def record(name):
    """Runs a program; its lines with their templates."""
    lines, made = [], logging.getLogRecordFactory()

    def keep(*arguments, **named):
        entry = made(*arguments, **named)
        try:
            message = entry.getMessage().strip()
            frame = sys._getframe(1)
            while frame and frame.f_code.co_filename == logging.__file__:
                frame = frame.f_back
            found = template(frame, message) if len(lines) < MOST and message else None
        except Exception:  # a line that its own program gets wrong
            return entry
        if found:
            lines.append((message, found, entry.levelno))
        return entry

    logging.setLogRecordFactory(keep)
    logging.Logger.isEnabledFor = lambda self, level: True
    logging.Logger.callHandlers = lambda self, entry: None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        log_programs.PROGRAMS[name](folder)
        os.chdir("/")
    return lines


def main():
    out = sys.argv[1]
    if len(sys.argv) > 2:
        guard = threading.Timer(120, os._exit, [3])
        guard.daemon = True
        guard.start()
        with open(out, "w", newline="", encoding="utf-8", errors="replace") as file:
            csv.writer(file).writerows(record(sys.argv[2]))
        os._exit(0)
    rows = []
    for name in log_programs.PROGRAMS:
        part = os.path.join(out, name + ".part")
        ended = subprocess.run([sys.executable, __file__, part, name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode != 0:
            print(f"log lines of {name} left out: {(ended.stderr.strip().splitlines() or ['no answer'])[-1]}", file=sys.stderr)
            continue
        with open(part, newline="", encoding="utf-8") as file:
            rows += [(line, f"{name}: {found}", int(level)) for line, found, level in csv.reader(file)]
        os.remove(part)
    write(os.path.join(out, "log-lines"), [row for row in rows if row[2] >= logging.INFO])
    write(os.path.join(out, "log-lines-with-debug"), rows)


def write(path, rows):
    with open(path + ".csv", "w", newline="", encoding="utf-8") as texts, \
            open(path + ".truth.csv", "w", newline="", encoding="utf-8") as truth:
        csv.writer(texts).writerows([("id", "text"), *((at, line) for at, (line, _, _) in enumerate(rows))])
        csv.writer(truth).writerows([("id", "family"), *((at, found) for at, (_, found, _) in enumerate(rows))])


if __name__ == "__main__":
    main()
