"""Takes the last seal off a file, as anybody could, without any of our code: drop_seal.py FILE OUT

A PDF is cut behind its last revision but one. Of an OFD the last signature is taken out, and its line in the list."""
import re
import sys
import zipfile

source, target = sys.argv[1:]
data = open(source, "rb").read()
if data.startswith(b"%PDF"):
    ends = [match.end() for match in re.finditer(rb"%%EOF\r?\n?", data)]
    assert len(ends) > 1, "the file has one revision"
    open(target, "wb").write(data[: ends[-2]])
    sys.exit()
archive = zipfile.ZipFile(source)
parts = {name: archive.read(name) for name in archive.namelist()}
listed = "Doc_0/Signs/Signatures.xml"
lines = list(re.finditer(rb"<ofd:Signature [^>]*?/>", parts[listed]))
last = lines[-1]
folder = re.search(rb'BaseLoc="/?([^"]*/)', last[0])[1].decode()
parts[listed] = parts[listed][: last.start()] + parts[listed][last.end() :]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
    for name, content in parts.items():
        if not name.startswith(folder):
            out.writestr(name, content)
