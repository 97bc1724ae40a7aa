"""Drives the demo service's pages in headless Chromium, as the people of its city do.

    stories.py --base URL --tokens FILE --out DIR [--half HALF] [--only WORDS] [--pictures DIR]

Every story prints one line; the last line counts them. Pictures of every page are left in --out."""
import argparse
import json
import pathlib
import sys
import time
import traceback

from playwright.sync_api import Error, sync_playwright

import accessible
import asking
import cameras
import companies
import counter
import department
import desk
import documents
import everywhere
import frames
import grants
import kiosk
import offline
import operator_pages
import papers
import public
import reader
import scanner
import seals
import states
import together
import wallet
from stage import Stage

# Those of desk, kiosk and cameras wait for a scanner's keys and for frames, those of all others for pages: each half has a
# service and a browser of its own, and is told beside the other.
COUNTER = [
    *cameras.STORIES, *states.STORIES, scanner.scanner, desk.scan_to_verdict, desk.keyboard_only, desk.sounds, desk.sheet,
    desk.offline, desk.offline_ages, *reader.STORIES, *frames.STORIES, *accessible.STORIES,
    offline.offline_paper, offline.offline_wallet, offline.offline_phone, *kiosk.STORIES,
]
ELSEWHERE = [
    department.issue, department.persons, counter.wallet, *wallet.STORIES, counter.desk,
    papers.receipt, papers.annotated_copy, papers.typed_digits,
    public.verify, public.verify_ofd, public.printed_code, public.masked, seals.seals, seals.signature, companies.company,
    documents.documents, documents.under_grant, documents.of_company, together.envelope, grants.grants,
    operator_pages.webhooks, operator_pages.trust_lists,
    asking.asked_and_approved, asking.asked_and_declined,
    everywhere.chinese_phone, everywhere.chinese_counter, everywhere.english_phone, everywhere.english_counter,
    everywhere.switches, everywhere.keyboard, everywhere.preview_on_a_phone, everywhere.forged_forms,
    everywhere.closed_doors, counter.expired,
]
HALVES = {"all": COUNTER + ELSEWHERE, "counter": COUNTER, "elsewhere": ELSEWHERE}


def picture(page, path):
    """What a page showed when its story failed; a page that cannot even be drawn does not end the other stories."""
    try:
        page.screenshot(path=path, full_page=True, timeout=10_000)
    except Error as fault:
        print(f"     no picture: {str(fault).splitlines()[0]}")


def told(story, stage):
    """Tells one story; its fault in a line, or nothing."""
    stage.complaints, stage.expected = [], []
    try:
        story(stage)
    except Exception as fault:
        (stage.out / f"{story.__name__}.fault.txt").write_text(traceback.format_exc())
        for browser in stage.browsers:
            for context in browser.contexts:
                for at, page in enumerate(context.pages):
                    picture(page, stage.out / f"{story.__name__}.fault-{at}.png")
                context.close()
        return f"{type(fault).__name__}: {str(fault).strip()[:600]}"
    return "; ".join(dict.fromkeys(stage.complaints))[:900]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--tokens", required=True)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--half", choices=HALVES, default="all", help="those at the counter, or those elsewhere")
    arguments.add_argument("--only", default="", help="stories whose name has one of these words, with commas between")
    arguments.add_argument("--pictures", help="also leave the pictures of the README here")
    options = arguments.parse_args()
    tokens = json.loads(pathlib.Path(options.tokens).read_text())
    passed = failed = 0
    with sync_playwright() as playwright:
        stage = Stage(playwright, options.base, tokens, options.out)
        # Beside the tokens lies the key of the demo's verifier of faces.
        stage.folder = pathlib.Path(options.tokens).resolve().parent
        counter.draw_early(stage)
        for story in HALVES[options.half]:
            if not any(word in story.__name__ for word in options.only.split(",")):
                continue
            began = time.monotonic()
            fault = told(story, stage)
            took = f"{time.monotonic() - began:.1f} s"
            print(f"{'FAIL' if fault else 'ok  '} {story.__doc__.strip()} ({took}){': ' + fault if fault else ''}", flush=True)
            passed, failed = passed + (not fault), failed + bool(fault)
        if options.pictures:
            import pictures
            pictures.take(stage, pathlib.Path(options.pictures))
        stage.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
