"""Checks a paper's data as a JSON Web Signature without code of ours: the signature with cryptography, the chain with OpenSSL.

jws_check.py FILE ROOTS.pem

Ends with 1 if anything does not hold."""
import base64
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

PAPERS = {
    "yinzheng-receipt+jwt": ["yinzheng/receipt/1", "yinzheng/code-receipt/1"],
    "yinzheng-annotated-copy+jwt": ["yinzheng/annotated-copy/1", "yinzheng/annotated-copy/2"],
}


def decoded(text):
    assert not text.endswith("=") and set(text) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), "not base64url"
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def once(pairs):
    assert len(dict(pairs)) == len(pairs), "a member stands twice"
    return dict(pairs)


def check(token, roots):
    head, content, signature = token.split(".")
    header = json.loads(decoded(head), object_pairs_hook=once)
    assert set(header) == {"alg", "typ", "x5c"} and header["alg"] == "ES256", header.keys()
    chain = [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in header["x5c"]]
    key, value = chain[0].public_key(), decoded(signature)
    assert isinstance(key.curve, ec.SECP256R1) and len(value) == 64
    r, s = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
    key.verify(utils.encode_dss_signature(r, s), f"{head}.{content}".encode(), ec.ECDSA(SHA256()))
    print("  signature: good")
    paper = json.loads(decoded(content), object_pairs_hook=once)
    assert paper["schema"] in PAPERS[header["typ"]], (paper["schema"], header["typ"])
    subject = chain[0].subject
    name = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    owner = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    assert name == paper["seal"], (name, paper["seal"])
    assert owner.replace(" ", "") == paper["issuer"]["code"] + paper["issuer"]["name"], (owner, paper["issuer"])
    print(f"  {paper['id']}, signed by the seal {name} of {owner}")
    with tempfile.TemporaryDirectory() as folder:
        leaf, between = (pathlib.Path(folder) / part for part in ("leaf.pem", "between.pem"))
        leaf.write_bytes(chain[0].public_bytes(Encoding.PEM))
        between.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain[1:]))
        # The certificate's extended use (documents) is no purpose that OpenSSL knows by a name.
        made = paper["madeAt"]
        at = str(int(datetime.datetime.fromisoformat(made.replace("Z", "+00:00")).timestamp()))
        said = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", "any", "-attime", at, "-CAfile", roots, "-untrusted", between, leaf],
            capture_output=True, text=True)
        assert said.returncode == 0, said.stdout + said.stderr
    print("  chain: good")


try:
    check(pathlib.Path(sys.argv[1]).read_text("ascii"), sys.argv[2])
except (AssertionError, InvalidSignature, ValueError, KeyError) as fault:
    print(f"  BAD: {type(fault).__name__} {fault}")
    sys.exit(1)
