"""Whether pyHanko finds the first signature of a PDF as good as it was before others came behind it.

pyhanko_earlier.py PDF CA.pem

Exits 0 if it is intact, valid, trusted under that authority, over the whole of its revision, and followed by nothing but
what a signature allows to follow."""
import asyncio
import json
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import ValidationContext

with open(sys.argv[2], "rb") as file:
    ca = x509.Certificate.load(pem.unarmor(file.read())[2])
with open(sys.argv[1], "rb") as file:
    reader = PdfFileReader(file, strict=True)
    context = ValidationContext(trust_roots=[ca], allow_fetching=False, revocation_mode="soft-fail")
    usages = KeyUsageConstraints(key_usage={"digital_signature"}, match_all_key_usages=False)
    first = reader.embedded_signatures[0]
    status = asyncio.run(async_validate_pdf_signature(first, context, key_usage_settings=usages))
    facts = {
        "seals": len(reader.embedded_signatures),
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "bottom_line": status.bottom_line,
        "coverage": status.coverage.name,
        "modification_level": None if status.modification_level is None else status.modification_level.name,
    }
print(json.dumps(facts, indent=2))
good = (facts["intact"] and facts["valid"] and facts["trusted"] and facts["bottom_line"]
        and facts["coverage"] in ("ENTIRE_REVISION", "ENTIRE_FILE")
        and facts["modification_level"] in ("NONE", "LTA_UPDATES", "FORM_FILLING"))
sys.exit(0 if good else 1)
