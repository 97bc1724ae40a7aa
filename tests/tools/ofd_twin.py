"""Writes a twin of an OFD file with one thing changed: ofd_twin.py FILE TWIN CHANGE

Changes: `page` (a digit on the first page), `metadata` (a digit in OFD.xml), `stamp` (the seal moved), `seal` (a byte of
the picture in Seal.esl), `cut` (the first page removed)."""
import re
import sys
import zipfile

source, twin, change = sys.argv[1:]
WHERE = {
    "page": ("Doc_0/Pages/Page_0/Content.xml", rb"(>[^<]*?)(\d)([^<]*</ofd:TextCode>)", 2),
    "metadata": ("OFD.xml", rb'(Name="ZZBH">[^<]*?)(\d)(<|\w)', 2),
    "stamp": ("Doc_0/Signs/Sign_0/Signature.xml", rb'(<ofd:StampAnnot[^>]*Boundary=")(\d)', 2),
}
changed = False
with zipfile.ZipFile(source) as old, zipfile.ZipFile(twin, "w", zipfile.ZIP_DEFLATED) as new:
    for info in old.infolist():
        data = old.read(info)
        if change == "cut" and info.filename == "Doc_0/Pages/Page_0/Content.xml":
            changed = True
            continue
        if change == "seal" and info.filename.endswith("Sign_0/Seal.esl"):
            place = data.index(b"\x89PNG") + 200
            data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            changed = True
        if change in WHERE and info.filename == WHERE[change][0]:
            found = re.search(WHERE[change][1], data)
            at = found.start(WHERE[change][2])
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            changed = True
        new.writestr(info.filename, data)
assert changed, change
