"""Cuts what is signed, with what and by whom, out of a sealed OFD file, without any of our code.

cut_ofd.py FILE.ofd FOLDER    writes NAME.tbs, NAME.sig, NAME.pem for NAME = seal, maker, token, and
issuer-N.pem for each X.509 certificate attached
"""
import hashlib
import pathlib
import sys
import zipfile

from asn1crypto import cms, core, pem


def items(der):
    """The values inside a SEQUENCE, each with its header."""
    value = core.Sequence.load(der)
    return [value[n] for n in range(len(value))]


def octets(bits):
    return bits.contents[1:]  # the first octet counts unused bits: none


def write(folder, name, tbs, signature, certificate):
    (folder / f"{name}.tbs").write_bytes(tbs)
    (folder / f"{name}.sig").write_bytes(signature)
    (folder / f"{name}.pem").write_bytes(pem.armor("CERTIFICATE", certificate))


archive, folder = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
value = archive.read("Doc_0/Signs/Sign_0/SignedValue.dat")
tbs, signer, _, signature, token = items(value)
write(folder, "seal", tbs.dump(), octets(signature), signer.native)

_, seal, _, digest, path = items(tbs.dump())[:5]
assert seal.dump() == archive.read("Doc_0/Signs/Sign_0/Seal.esl"), "another seal in the signature"
signed = archive.read(path.native.lstrip("/"))
assert octets(digest) == hashlib.new("sm3", signed).digest(), "the signature is over another Signature.xml"
info, maker, _, made = items(seal.dump())[:4]
write(folder, "maker", info.dump(), octets(made), maker.native)

token = cms.ContentInfo.load(core.BitString.load(token.contents).contents[1:])
data = token["content"]
stamp = core.Sequence.load(data["encap_content_info"]["content"].parsed.dump())
imprint = items(items(stamp.dump())[2].dump())[1].native
assert imprint == hashlib.new("sm3", octets(signature)).digest(), "the token is over another signature"
info = data["signer_infos"][0]
write(folder, "token", info["signed_attrs"].untag().dump(), info["signature"].native, data["certificates"][0].dump())
issuers = [name for name in archive.namelist() if name.startswith("Doc_0/Attachs/validation-") and name.endswith(".cer")]
for n, name in enumerate(issuers):
    (folder / f"issuer-{n}.pem").write_bytes(pem.armor("CERTIFICATE", archive.read(name)))
