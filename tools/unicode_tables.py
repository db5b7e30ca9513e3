#!/usr/bin/env python3
"""Writes src/ldm/unicode_categories.cpp and src/ldm/unicode_fold.cpp from Python's Unicode database.

usage: tools/unicode_tables.py [FOLDER]    (default: src/ldm beside this script)
"""
import pathlib
import sys
import unicodedata

LAST = 0x110000


def characters():
    return (c for c in range(LAST) if not 0xD800 <= c < 0xE000)


def ranges(wanted):
    """First and last of each run of characters whose category is wanted, one after the other."""
    found = []
    for c in characters():
        if not wanted(unicodedata.category(chr(c))):
            continue
        if found and found[-1] == c - 1:
            found[-1] = c
        else:
            found += [c, c]
    return found


def folded(c):
    parts = unicodedata.normalize("NFD", chr(c))
    return "".join(x.lower() for x in parts if unicodedata.category(x) != "Mn")


def rows_of(single):
    """Rows of five numbers for a map from character to character: unicode_tables.h."""
    rows = []
    left = sorted(single)
    while left:
        first, best = left[0], (1, 1, 0)
        for step in (1, 2):
            for move in (0, step):
                n = 1
                while n < len(left) and left[n] == first + step * n and single[left[n]] == single[first] + move * n:
                    n += 1
                best = max(best, (n, step, move), key=lambda b: b[0])
        rows += [first, first + (best[0] - 1) * best[1], best[1], single[first], best[2] // best[1]]
        left = left[best[0]:]
    return rows


def fold_tables():
    fold = {}
    for c in characters():
        if not 0xAC00 <= c <= 0xD7A3 and unicodedata.category(chr(c)) != "Mn" and folded(c) != chr(c):
            fold[c] = folded(c)
    blocks = [(0xF900, 0xFAFF), (0x2F800, 0x2FA1D)]
    compat = [[ord(fold.pop(c, chr(c))) for c in range(a, b + 1)] for a, b in blocks]
    several = [x for c, text in fold.items() if len(text) > 1 for x in [c, *map(ord, text), *[0] * (3 - len(text))]]
    return rows_of({c: ord(text) for c, text in fold.items() if len(text) == 1}), several, compat


def lower_table():
    lower = {c: chr(c).lower() for c in characters()}
    return rows_of({c: ord(text) for c, text in lower.items() if len(text) == 1 and text != chr(c)})


def array(name, values):
    text = ", ".join(hex(v) if v > 9 else str(v) for v in values)
    lines, line = [], "   "
    for word in text.split(" "):
        if len(line) + len(word) >= 110:
            lines.append(line)
            line = "   "
        line += " " + word
    return f"const std::uint32_t {name}[] = {{\n" + "\n".join(lines + [line]) + "};\n"


def table(name, wanted):
    return array(name, ranges(wanted)) + f"const std::size_t {name}Size = std::size({name});\n"


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "src/ldm")
    head = (f"// Written by tools/unicode_tables.py from the Unicode character database {unicodedata.unidata_version}.\n"
            "#include <iterator>\n\n#include \"ldm/unicode_tables.h\"\n\n// clang-format off\n"
            "namespace kizu::ldm::unicode {\n\n")
    foot = "\n}  // namespace kizu::ldm::unicode\n"
    body = "\n".join([
        table("kMarks", lambda c: c == "Mn"),
        table("kControls", lambda c: c in ("Cc", "Cf", "Co")),
        table("kPunctuation", lambda c: c[0] == "P"),
        table("kLetters", lambda c: c[0] == "L"),
        table("kNumbers", lambda c: c[0] == "N"),
    ])
    (folder / "unicode_categories.cpp").write_text(head + body + foot)
    rows, several, compat = fold_tables()
    body = "\n".join([
        array("kLower", lower_table()), "const std::size_t kLowerSize = std::size(kLower);\n",
        array("kFold", rows), "const std::size_t kFoldSize = std::size(kFold);\n",
        array("kFoldToSeveral", several), "const std::size_t kFoldToSeveralSize = std::size(kFoldToSeveral);\n",
        array("kCompatibility", compat[0]), array("kCompatibilitySupplement", compat[1]),
    ])
    (folder / "unicode_fold.cpp").write_text(head + body + foot)


if __name__ == "__main__":
    main()
