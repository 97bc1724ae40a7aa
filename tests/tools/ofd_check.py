"""Checks the seals of an OFD file with OpenSSL alone: no code of ours, none of ofdrw's.

ofd_check.py FILE

For each signature in the list: SM3 of every file it refers to, SM3 of its description against what was signed, the SM2
signature value and the SM2 signature in the seal, the seal beside against the seal inside. Files that no signature
refers to are named. Ends with 1 if anything does not hold."""
import base64
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
import zipfile

from asn1crypto import x509

from der import bits, content, fields

OFD = "{http://www.ofdspec.org/2016}"
SM3 = "1.2.156.10197.1.401"
parts = {}
for info in (archive := zipfile.ZipFile(sys.argv[1])).infolist():
    assert info.filename not in parts, f"{info.filename} stands twice"
    parts[info.filename] = archive.read(info)
wrong = []


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    return bytes.fromhex(openssl("dgst", "-sm3", "-r", data=data).stdout.split()[0].decode())


def holds(what, good):
    print(f"  {what}: {'good' if good else 'BAD'}")
    if not good:
        wrong.append(what)


def verifies(certificate, signed, signature):
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        key = x509.Certificate.load(certificate)["tbs_certificate"]["subject_public_key_info"].dump()
        for name, data in [("key", key), ("signed", signed), ("signature", signature)]:
            (place / name).write_bytes(data)
        run = openssl(
            *["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", place / "key"],
            *["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
            *["-in", place / "signed", "-sigfile", place / "signature"],
        )
        return run.returncode == 0


def part(path):
    return parts[path.lstrip("/")]


root = xml.fromstring(parts["OFD.xml"])
listed = xml.fromstring(part(root.find(f".//{OFD}Signatures").text)).findall(f"{OFD}Signature")
holds("at least one signature", bool(listed))
covered = set()
for entry in listed:
    path = entry.get("BaseLoc")
    print(f"signature {entry.get('ID')} in {path}")
    description = xml.fromstring(part(path))
    references = description.find(f".//{OFD}References")
    holds("the digest is SM3", references.get("CheckMethod") == SM3)
    for reference in references:
        name = reference.get("FileRef").lstrip("/")
        covered.add(name)
        right = name in parts and sm3(parts[name]) == base64.b64decode(reference.find(f"{OFD}CheckValue").text)
        if not right:
            holds(name, False)
    value_path = description.find(f"{OFD}SignedValue").text
    covered.update([path.lstrip("/"), value_path.lstrip("/")])
    tbs, certificate, _, signature, *token = fields(part(value_path))
    _, seal, _, digest, name, *_ = fields(tbs)
    info, maker, _, made, *_ = fields(seal)
    holds("signed: the digest of the description", bits(digest) == sm3(part(path)))
    holds("signed: the path of the description", content(name).decode() == path)
    holds("SM2 signature", verifies(content(certificate), tbs, bits(signature)))
    holds("SM2 signature in the seal", verifies(content(maker), info, bits(made)))
    holds("the signer stands in the seal", certificate in seal)
    holds("the seal beside is the seal inside", part(description.find(f".//{OFD}Seal/{OFD}BaseLoc").text) == seal)
    holds("a time-stamp token", len(token) == 1)
loose = sorted(set(parts) - covered)
print("not covered:", ", ".join(loose) or "nothing")
holds("only the list of signatures may stay open", set(loose) <= {"Doc_0/Signs/Signatures.xml"})
sys.exit(bool(wrong))
