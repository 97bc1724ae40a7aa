"""What the desk says of each of its reasons, as texts/desk.toml has it: each verdict that a story meets is held against it."""
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEXTS = tomllib.loads((ROOT / "texts" / "desk.toml").read_text())
VERDICT = TEXTS["verdict"]
# Every reason, by the code that stands in the corner.
CODES = sorted(name.upper() for name in VERDICT if re.fullmatch(r"v\d+", name))
# Sentences that say when, or of how many, instead.
INSTEAD = {"V07": [VERDICT["v07_when"], TEXTS["desk"]["seen_here"]]}

STANDS = """() => {
  const outcome = document.querySelector("main [data-outcome]");
  const words = (place) => outcome.querySelector(place)?.textContent.trim() ?? "";
  return [document.documentElement.lang, outcome.dataset.state, words(".reason"), words("h1"), words("[data-slot=sentence]"), words(".do-now > p")];
}"""


def like(text, said):
    """Whether something was said in the form of a text with places to fill in."""
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)), said) is not None


def read(page):
    """Reads the verdict that stands there: its state and its code, once word, sentence and act are found to be that code's."""
    lang, state, code, word, sentence, act = page.evaluate(STANDS)
    lang, name = lang[:2], code.lower()
    assert code in CODES, f"a reason without texts: {code}"
    assert word == VERDICT[name][lang], (code, word)
    assert act == VERDICT[f"{name}_act"][lang], (code, act)
    known = [VERDICT[f"{name}_sentence"], *INSTEAD.get(code, []), TEXTS["desk"]["mixed"]]
    assert any(like(text[lang], sentence) for text in known), (code, sentence)
    return state, code
