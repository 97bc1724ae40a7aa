"""Makes a twin of a sealed OFD file, packed anew as anybody could: twin_ofd.py FILE.ofd TWIN.ofd WHAT

    repacked    nothing is changed
    page        a character on the first page
    metadata    a digit of the license's number in OFD.xml
    data        a byte of the attached license data
    stamp       the seal moved
    seal        a byte of the signature in Seal.esl
    picture     a byte of the picture in Seal.esl
    value       a byte of the signed value
    added       a part more
    torn        the first page removed
    cut         the seal removed
"""
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
    case "metadata":
        changed = re.sub(rb'(Name="ZZBH">[^<]*?)(\d)', lambda m: m[1] + (b"1" if m[2] != b"1" else b"2"), parts["OFD.xml"], count=1)
        assert changed != parts["OFD.xml"]
        parts["OFD.xml"] = changed
    case "data":
        flip("Doc_0/Attachs/license.json", 40)
    case "stamp":
        description = parts[sign + "Signature.xml"]
        moved = re.sub(rb'Boundary="(\d)', lambda m: b'Boundary="' + (b"1" if m[1] != b"1" else b"2"), description, count=1)
        assert moved != description
        parts[sign + "Signature.xml"] = moved
    case "seal":
        flip(sign + "Seal.esl", -200)
    case "picture":
        flip(sign + "Seal.esl", parts[sign + "Seal.esl"].index(b"\x89PNG") + 200)
    case "value":
        flip(sign + "SignedValue.dat", 300)
    case "added":
        parts["Doc_0/Attachs/more.xml"] = b"<more/>"
    case "torn":
        del parts["Doc_0/Pages/Page_0/Content.xml"]
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
