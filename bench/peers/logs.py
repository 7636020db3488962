"""Lines of real programs' logs whose templates are known, as `log-lines.csv` and `log-lines.truth.csv`.

Programs from the Python registry do some of their daily work here, on files made up and on the loopback address only.
For every line that one logs, the words of its template are read in the program's own source: of the literals that the
callers hold and that the line fits, the one with most letters. Lines of no words of their own are left out.
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


def template(frame, message):
    """The template that is one of the message and has most letters, of those that the callers hold."""
    best, most = None, 2
    for _ in range(8):
        if frame is None:
            break
        position = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
        call = calls(frame.f_code.co_filename).get(position)
        for argument in call.args if call else ():
            text = words(argument)
            letters = len(re.findall(r"[^\W\d_]", text or ""))
            if letters > most and re.search(".*".join(map(re.escape, text.split(GAP))).strip(), message, re.DOTALL):
                best, most = re.sub(f"{GAP}+", "<*>", text), letters
        frame = frame.f_back
    return best


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
            lines.append((message, found))
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
            rows += [(line, f"{name}: {found}") for line, found in csv.reader(file)]
        os.remove(part)
    with open(os.path.join(out, "log-lines.csv"), "w", newline="", encoding="utf-8") as texts, \
            open(os.path.join(out, "log-lines.truth.csv"), "w", newline="", encoding="utf-8") as truth:
        csv.writer(texts).writerows([("id", "text"), *((at, line) for at, (line, _) in enumerate(rows))])
        csv.writer(truth).writerows([("id", "family"), *((at, found) for at, (_, found) in enumerate(rows))])


if __name__ == "__main__":
    main()
