"""Makes a twin of a sealed OFD file, packed anew as anybody could: twin_ofd.py FILE.ofd TWIN.ofd WHAT"""
import re
import sys
import zipfile

source, target, what = sys.argv[1:]
archive = zipfile.ZipFile(source)
parts = {name: archive.read(name) for name in archive.namelist()}
sign = "Doc_0/Signs/Sign_0/"


def flip(name, at):
    content = bytearray(parts[name])
    content[at] ^= 1
    parts[name] = bytes(content)


match what:
    case "repacked":
        pass
    case "page":
        page = parts["Doc_0/Pages/Page_0/Content.xml"].decode()
        changed = re.sub(r'(<ofd:TextCode[^>]*>)(.)', lambda m: m[1] + ("假" if m[2] != "假" else "真"), page, count=1)
        assert changed != page
        parts["Doc_0/Pages/Page_0/Content.xml"] = changed.encode()
    case "data":
        flip("Doc_0/Attachs/license.json", 40)
    case "stamp":
        description = parts[sign + "Signature.xml"]
        moved = re.sub(rb'Boundary="(\d)', lambda m: b'Boundary="' + (b"1" if m[1] != b"1" else b"2"), description, count=1)
        assert moved != description
        parts[sign + "Signature.xml"] = moved
    case "seal":
        flip(sign + "Seal.esl", -200)
    case "value":
        flip(sign + "SignedValue.dat", 300)
    case "added":
        parts["Doc_0/Attachs/more.xml"] = b"<more/>"
    case "cut":
        for name in [name for name in parts if name.startswith(sign)]:
            del parts[name]
        parts["Doc_0/Signs/Signatures.xml"] = re.sub(
            rb"<ofd:Signature .*?/>", b"", parts["Doc_0/Signs/Signatures.xml"])
    case _:
        sys.exit(f"unknown: {what}")

with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
    for name, content in parts.items():
        out.writestr(name, content)
