"""Basics of WCAG 2.2 AA, read off a rendered page: language, one heading, labels, names, contrast, target size,
a visible focus, no sideways scrolling at 360 px. Not a replacement for a person with a screen reader."""

LOOK = r"""
() => {
  const faults = [];
  const say = (what, el) => faults.push(what + (el ? ": " + el.outerHTML.slice(0, 90).replace(/\s+/g, " ") : ""));
  const shown = (el) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  if (!["zh-CN", "en"].includes(document.documentElement.lang)) say("html lang is " + document.documentElement.lang);
  const headings = [...document.querySelectorAll("h1")].filter(shown);
  if (headings.length !== 1) say(headings.length + " h1");
  if (!document.title.includes(" · ")) say("title is " + document.title);
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) say("two elements are #" + id);

  const referred = (el, attribute) => (el.getAttribute(attribute) || "").split(/\s+/).filter(Boolean);
  for (const el of document.querySelectorAll("[aria-describedby], [aria-labelledby]"))
    for (const id of [...referred(el, "aria-describedby"), ...referred(el, "aria-labelledby")])
      if (!document.getElementById(id)) say("no #" + id + " for", el);
  for (const el of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const named = [...(el.labels || [])].some((label) => label.textContent.trim()) || el.getAttribute("aria-label");
    if (!named) say("no label", el);
  }
  for (const el of document.querySelectorAll("a[href], button"))
    if (shown(el) && !el.textContent.trim() && !el.getAttribute("aria-label")) say("no name", el);
  for (const el of document.querySelectorAll("img")) if (!el.hasAttribute("alt")) say("no alt", el);

  // Contrast of each piece of text with what lies behind it.
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => {
    const mix = (channel) => top[channel] * top.a + under[channel] * (1 - top.a);
    return { r: mix("r"), g: mix("g"), b: mix("b"), a: 1 };
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || done.has(el)) continue;
    done.add(el);
    if (el.closest("svg, template, script, style, option, .unseen, .skip") || !shown(el)) continue;
    const style = getComputedStyle(el);
    const ground = behind(el);
    let opacity = 1;
    for (let at = el; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const ink = parse(style.color);
    const [light, dark] = [luminance(over({ ...ink, a: ink.a * opacity }, ground)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) say(`contrast ${ratio.toFixed(2)}`, el);
  }

  // Targets of 24 px; a link within a sentence is excepted (2.5.8), and a box within its label is as large as the label.
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(el) || el.closest(".skip")) continue;
    const box = (el.closest("label") || el).getBoundingClientRect();
    const sentence = el.matches("a") && getComputedStyle(el).display === "inline"
      && el.parentElement.textContent.trim().length > el.textContent.trim().length;
    if ((box.width < 24 || box.height < 24) && !sentence) say(`target ${Math.round(box.width)}×${Math.round(box.height)}`, el);
  }
  return faults;
}
"""

SIDEWAYS = r"""
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("main *, header *, footer *")]
    .filter((el) => el.checkVisibility() && el.getBoundingClientRect().right > width + 1 && !el.closest("svg, .unseen"));
  return ["scrolls sideways at 360 px (" + document.documentElement.scrollWidth + "): "
    + wide.slice(0, 2).map((el) => el.outerHTML.slice(0, 80)).join(" | ")];
}
"""

FOCUSED = r"""
() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const marked = (at) => {
    const style = getComputedStyle(at);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = el.getBoundingClientRect();
  const around = el.closest(".door") || el;
  return {
    what: el.outerHTML.slice(0, 90),
    again: el.dataset.wasFocused === "1" || (el.dataset.wasFocused = "1", false),
    visible: (marked(el) || marked(around)) && box.bottom > 0 && box.top < innerHeight,
  };
}
"""


def look_over(page):
    """What is wrong with the page, at its own width and at 360 px."""
    faults = page.evaluate(LOOK)
    own = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 780})
    faults += page.evaluate(SIDEWAYS)
    page.set_viewport_size(own)
    return faults


def walk_by_keyboard(page, most=80):
    """Goes through the page by the Tab key; each stop must show that it has the focus, and be on the screen."""
    page.evaluate("document.activeElement.blur()")
    faults, stops = [], 0
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or stop["again"]:
            break
        stops += 1
        if not stop["visible"]:
            faults.append("focus is not visible: " + stop["what"])
    if stops < 3:
        faults.append(f"the Tab key reaches {stops} places")
    return faults
