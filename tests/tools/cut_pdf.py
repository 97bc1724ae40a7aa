"""Cuts a sealed PDF apart without any code of ours, for OpenSSL to judge.

cut_pdf.py PDF CONTENT CMS TOKEN SIGNATURE

Writes the bytes the first ByteRange covers, the CMS between them, the signature value of its only signer, and the
signature timestamp of its unsigned attributes. asn1crypto does the reading."""
import re
import sys

from asn1crypto import cms

pdf, content, cms_file, token_file, signature_file = sys.argv[1:]
data = open(pdf, "rb").read()
first, length, second, rest = map(int, re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data).groups())
gap = data[first + length : second]
assert gap[:1] == b"<" and gap[-1:] == b">", "the gap is not a hexadecimal string"
raw = bytes.fromhex(gap[1:-1].decode())
info = cms.ContentInfo.load(raw)
der = info.dump()
assert not raw[len(der) :].strip(b"\0"), "something other than zeros after the CMS"
signer = info["content"]["signer_infos"][0]
tokens = [a for a in signer["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token"]
assert len(tokens) == 1, "not exactly one signature timestamp"
for name, value in [
    (content, data[first : first + length] + data[second : second + rest]),
    (cms_file, der),
    (token_file, tokens[0]["values"][0].dump()),
    (signature_file, signer["signature"].native),
]:
    open(name, "wb").write(value)
