"""Cuts what is signed, with what and by whom, out of a sealed OFD file, without any of our code.

cut_ofd.py FILE.ofd FOLDER    writes NAME.tbs, NAME.sig, NAME.pem for NAME = seal, maker, token, and issuer-N.pem for
each X.509 certificate attached
"""
import hashlib
import pathlib
import sys
import zipfile

from asn1crypto import cms, pem

from der import bits, content, fields


def sm3(data):
    return hashlib.new("sm3", data).digest()


def write(folder, name, tbs, signature, certificate):
    (folder / f"{name}.tbs").write_bytes(tbs)
    (folder / f"{name}.sig").write_bytes(signature)
    (folder / f"{name}.pem").write_bytes(pem.armor("CERTIFICATE", certificate))


archive, folder = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
tbs, signer, _, signature, token = fields(archive.read("Doc_0/Signs/Sign_0/SignedValue.dat"))
write(folder, "seal", tbs, bits(signature), content(signer))

_, seal, _, digest, path = fields(tbs)[:5]
assert seal == archive.read("Doc_0/Signs/Sign_0/Seal.esl"), "another seal in the signature"
assert bits(digest) == sm3(archive.read(content(path).decode().lstrip("/"))), "over another Signature.xml"
info, maker, _, made = fields(seal)[:4]
write(folder, "maker", info, bits(made), content(maker))

# [0] EXPLICIT around a BIT STRING around the token.
data = cms.ContentInfo.load(bits(content(token)))["content"]
stamp = bytes(data["encap_content_info"]["content"])
assert content(fields(fields(stamp)[2])[1]) == sm3(bits(signature)), "the token is over another signature"
info = data["signer_infos"][0]
certificate = data["certificates"][0].chosen.dump()
write(folder, "token", info["signed_attrs"].untag().dump(), info["signature"].native, certificate)

attached = [name for name in archive.namelist() if name.startswith("Doc_0/Attachs/") and name.endswith(".cer")]
for n, name in enumerate(attached):
    (folder / f"issuer-{n}.pem").write_bytes(pem.armor("CERTIFICATE", archive.read(name)))
