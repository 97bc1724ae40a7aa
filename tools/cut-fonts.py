#!/usr/bin/env python3
"""Cuts the fonts in fonts/ from the Noto Serif SC family (SIL Open Font License 1.1).

Needs fonttools, npm (to fetch the package @expo-google-fonts/noto-serif-sc, which carries the family as
TrueType files) and the Unihan database as the Debian package unicode-data installs it.

    tools/cut-fonts.py [--package FILE.tgz] [--unihan Unihan_OtherMappings.txt.bz2]

Without --package the pinned version is fetched with `npm pack` into a temporary directory.
"""

import argparse
import bz2
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PACKAGE = "@expo-google-fonts/noto-serif-sc@0.4.3"
UNIHAN = "/usr/share/unicode/Unihan_OtherMappings.txt.bz2"
CUTS = {
    "song-regular.ttf": "package/400Regular/NotoSerifSC_400Regular.ttf",
    "song-bold.ttf": "package/700Bold/NotoSerifSC_700Bold.ttf",
}
FONTS = Path(__file__).resolve().parent.parent / "fonts"

# Beyond the two Chinese tables: what licenses, addresses, names and amounts use.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x2C6, 0x2D9), (0x391, 0x3C9), (0x401, 0x451),
    (0x2010, 0x203B), (0x20AC, 0x20AC), (0x2100, 0x2122), (0x2150, 0x2188), (0x2190, 0x2199),
    (0x2200, 0x22BF), (0x2460, 0x249B), (0x25A0, 0x25EF), (0x2605, 0x2606), (0x2640, 0x2642),
    (0x2713, 0x2717), (0x3000, 0x303F), (0x3041, 0x30FF), (0x3220, 0x3229), (0x3231, 0x3232),
    (0x32A3, 0x32A3), (0x338E, 0x33D5), (0xFE30, 0xFE4F), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE5),
]


def gb2312():
    """Every character of GB 2312-80, by its code."""
    found = []
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            try:
                found.append(ord(bytes([lead, trail]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    return found


def general_standard_table(unihan):
    """The 8,105 characters of 通用规范汉字表 (2013), by their number in it: Unihan's kTGH."""
    found = {}
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == "kTGH":
                found[int(parts[2].split(":")[1])] = int(parts[0][2:], 16)
    assert len(found) == 8105, len(found)
    return [found[number] for number in sorted(found)]


def write_table(name, codes):
    """Writes characters forty to a line, for the test that the fonts have them."""
    lines = ["".join(map(chr, codes[i:i + 40])) for i in range(0, len(codes), 40)]
    (FONTS / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def give_each_character_its_own_glyph(font):
    """Copies a glyph that two characters share, so that text taken out of a PDF is what was put in."""
    glyphs, metrics, owner = font["glyf"], font["hmtx"], {}
    for table in font["cmap"].tables:
        if not table.isUnicode() or table.format == 14:
            continue
        for code in sorted(table.cmap):
            name = table.cmap[code]
            if owner.setdefault(name, code) == code:
                continue
            copy = f"{name}.u{code:04X}"
            if copy not in metrics.metrics:
                glyphs[copy] = glyphs[name]
                metrics[copy] = metrics[name]
            table.cmap[code] = copy
    font.setGlyphOrder(list(glyphs.glyphOrder))


def cut(source, target, codes):
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "prep", "vhea", "vmtx"]
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    give_each_character_its_own_glyph(font)
    font.save(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path)
    parser.add_argument("--unihan", default=UNIHAN)
    given = parser.parse_args()
    standard, national = gb2312(), general_standard_table(given.unihan)
    write_table("gb2312.txt", standard)
    write_table("general-standard-8105.txt", national)
    codes = set(standard) | set(national)
    codes |= {code for first, last in RANGES for code in range(first, last + 1)}
    with tempfile.TemporaryDirectory() as scratch:
        package = given.package
        if package is None:
            made = subprocess.run(["npm", "pack", PACKAGE], cwd=scratch, check=True, capture_output=True, text=True)
            package = Path(scratch) / made.stdout.split()[-1]
        with tarfile.open(package) as archive:
            for target, source in CUTS.items():
                cut(archive.extractfile(source), FONTS / target, codes)
            (FONTS / "OFL.txt").write_bytes(archive.extractfile("package/LICENSE_FONT").read())


if __name__ == "__main__":
    main()
