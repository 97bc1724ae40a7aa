"""pyHanko's opinion of a sealed PDF, as JSON. Trusts one root; uses only revocation data in the file, never the network.

pyhanko_check.py PDF ROOT.pem [--at 2027-01-16T08:00:00+00:00] [--expect passed|refused] [--seals N] [--base N] [--on-others]

Without --expect, exits 0 if an opinion was reached. With it, exits 0 only if the opinion is the expected one:
passed: N seals (one unless it is said), each intact, valid, trusted, its timestamp valid, TOTAL-PASSED by ETSI EN 319
102-1 with time (level B-LT: revocation data embedded), and in a revision of its own; the last on the entire file with
nothing after it, and after the others nothing but what the first, which certifies, allows. refused: anything but that; a
file that pyHanko cannot read is refused as well. --on-others: the file is another's,
with B revisions (--base) before the first seal, and no seal need certify."""
import argparse
import asyncio
import json
import sys
from datetime import datetime, timedelta

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, read_certification_data
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec, ValidationContext
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.revinfo.archival import CRLContainer

# Document signing (RFC 9336) beside the usages pyHanko knows by name.
USAGES = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False,
                             extd_key_usage={"1.3.6.1.5.5.7.3.36"}, explicit_extd_key_usage_required=True)


async def opinion(path, root, at):
    facts = {"file": path}
    with open(path, "rb") as file:
        reader = PdfFileReader(file, strict=True)
        seals = reader.embedded_signatures
        facts["seals"] = len(seals)
        facts["revisions"] = reader.xrefs.total_revisions
        facts["certified"] = read_certification_data(reader) is not None
        store = DocumentSecurityStore.read_dss(reader)
        certs = list(store.load_certs())
        crls = [crl.get_object().data for crl in store.crls]
        facts["embedded"] = {"x509_certificates": len(certs), "crls": len(crls)}
        facts["each"] = [await opinion_of(seal, root, at, certs, crls) for seal in seals]
    return facts


async def opinion_of(seal, root, at, certs, crls):
    from asn1crypto import crl

    def context(moment):
        return ValidationContext(
            trust_roots=[root], other_certs=certs, crls=[crl.CertificateList.load(c) for c in crls],
            allow_fetching=False, revocation_mode="require", moment=moment, best_signature_time=moment,
            time_tolerance=timedelta(seconds=1))

    moment = token_time_of(seal.signer_info)
    facts = {"field": seal.field_name, "timestamp_time": None if moment is None else moment.isoformat()}
    status = await async_validate_pdf_signature(
        seal, context(moment or at), context(moment or at), key_usage_settings=USAGES)
    token = status.timestamp_validity
    facts |= {
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "bottom_line": status.bottom_line,
        "coverage": status.coverage.name,
        "modification_level": None if status.modification_level is None else status.modification_level.name,
        "docmdp_ok": status.docmdp_ok,
        "timestamp_valid": bool(token and token.intact and token.valid and token.trusted),
    }
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO))
    spec = SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=knowledge(certs, crls),
        key_usage_settings=USAGES)
    result = await ades_with_time_validation(
        seal.signed_data, spec, timing_info=ValidationTimingInfo(at, at, point_in_time_validation=True),
        raw_digest=seal.compute_digest())
    facts["ades"] = str(result.ades_subindic)
    facts["ades_status"] = result.ades_subindic.status.name
    facts["best_signature_time"] = result.best_signature_time.isoformat()
    return facts


def token_time_of(signer):
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            return token["encap_content_info"]["content"].parsed["gen_time"].native
    return None


def knowledge(certs, crls):
    from asn1crypto import crl

    return LocalKnowledge(known_certs=certs, known_crls=[CRLContainer(crl.CertificateList.load(c)) for c in crls])


def passes(facts, given):
    each = facts["each"]
    if len(each) != given.seals or not (facts["certified"] or given.on_others):
        return False
    if facts["revisions"] != len(each) + given.base:
        return False
    *before, last = each
    return (all(seal["intact"] and seal["valid"] and seal["trusted"] and seal["bottom_line"] and seal["docmdp_ok"]
                and seal["timestamp_valid"] and seal["ades_status"] == "PASSED" for seal in each)
            and last["coverage"] == "ENTIRE_FILE" and last["modification_level"] == "NONE"
            and all(seal["coverage"] == "ENTIRE_REVISION"
                    and seal["modification_level"] in ("NONE", "LTA_UPDATES", "FORM_FILLING") for seal in before))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pdf")
    arguments.add_argument("root")
    arguments.add_argument("--at", help="judge at this time, ISO 8601; now without it")
    arguments.add_argument("--expect", choices=["passed", "refused"])
    arguments.add_argument("--seals", type=int, default=1, help="how many seals there must be")
    arguments.add_argument("--base", type=int, default=0, help="how many revisions stand before the first seal")
    arguments.add_argument("--on-others", action="store_true", help="the document is not ours: it need not be certified")
    given = arguments.parse_args()
    at = datetime.fromisoformat(given.at) if given.at else datetime.now().astimezone()
    with open(given.root, "rb") as file:
        root = x509.Certificate.load(pem.unarmor(file.read())[2])
    try:
        facts = asyncio.run(opinion(given.pdf, root, at))
        failed = False
    except Exception as why:  # whatever pyHanko raises on a broken file
        facts = {"file": given.pdf, "error": f"{type(why).__name__}: {why}"}
        failed = True
    facts["passed"] = not failed and passes(facts, given)
    print(json.dumps(facts, indent=2, ensure_ascii=False))
    if given.expect:
        sys.exit(0 if facts["passed"] == (given.expect == "passed") else 1)
    sys.exit(1 if failed else 0)


main()
