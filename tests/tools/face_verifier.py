"""A verifier of faces, for the stories: a process with a key of its own that signs identity assertions.

It says its public key (PEM, in JSON) in its first line. Then, for each line of JSON on standard input, it answers with one
assertion (a compact JWS, RFC 7515): `claims` are what it asserts, `how` is `good`, `none` (an unsigned one, RFC 7515 appendix
A.5) or `stranger` (signed by another key). What a real one does, look at a face, it leaves out."""
import base64
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(key, claims, algorithm):
    header = {"alg": algorithm, "typ": "identity-assertion+jwt"}
    message = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    if algorithm == "none":
        return message + "."
    r, s = decode_dss_signature(key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{message}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def main():
    own, stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    print(json.dumps({"key": own.public_key().public_bytes(*form).decode()}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        algorithm = "none" if asked["how"] == "none" else "ES256"
        key = stranger if asked["how"] == "stranger" else own
        print(assertion(key, asked["claims"], algorithm), flush=True)


if __name__ == "__main__":
    main()
