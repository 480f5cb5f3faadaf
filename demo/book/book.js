// SPDX-License-Identifier: MIT
// What all pages of the book share: the search, and what passes between a page and its player.
"use strict";

const root = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/book\.js$/, "");
const input = /** @type {HTMLInputElement} */ (document.getElementById("find"));
const list = /** @type {HTMLElement} */ (document.getElementById("found"));
const frame = /** @type {HTMLIFrameElement | null} */ (document.querySelector("iframe.player"));

// --- The search ----------------------------------------------------------------------------------

const MOST_FOUND = 20, AROUND = 60;
/** @type {[string, string, string][] | null} what, page, text */
let entries = null;
let isAsked = false;

/**
 * search.js calls it.
 * @param {[string, string, string][]} all
 */
// eslint-disable-next-line no-unused-vars
function found(all) {
  entries = all;
  search();
}

/**
 * How well an entry has all the words; 0: not.
 * @param {string} title
 * @param {string} text
 * @param {string[]} words
 */
function score(title, text, words) {
  if (!words.every((word) => title.includes(word) || text.includes(word))) return 0;
  if (!words.every((word) => title.includes(word))) return 1;
  return title.endsWith(words.join(" ")) ? 3 : 2;
}

/**
 * The text around the first of the words, from a space to a space.
 * @param {string} text
 * @param {string} word
 */
function around(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word));
  const from = at > AROUND ? text.lastIndexOf(" ", at - AROUND) + 1 : 0;
  const space = text.indexOf(" ", at + word.length + AROUND);
  const to = space < 0 ? text.length : space;
  return (from > 0 ? "... " : "") + text.slice(from, to) + (to < text.length ? " ..." : "");
}

/**
 * @param {string} tag
 * @param {object} properties
 */
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const hits = (entries || []).map(([title, page, text]) => (
    { title, page, text, points: score(title.toLowerCase(), text.toLowerCase(), words) }))
    .filter((hit) => hit.points > 0).sort((a, b) => b.points - a.points);
  list.hidden = words.length === 0;
  if (words.length === 0) return;
  load();
  if (entries === null) return;
  list.replaceChildren(...hits.slice(0, MOST_FOUND).map(({ title, page, text }) => {
    const item = make("li", {});
    item.append(make("a", { href: root + page, textContent: title }), " ",
      make("span", { className: "soft", textContent: around(text, words[0]) }));
    return item;
  }));
  if (hits.length === 0) list.textContent = "nothing has all of these words";
}

/** The index, when it is needed. */
function load() {
  if (isAsked) return;
  isAsked = true;
  document.head.append(make("script", { src: root + "search.js" }));
}

/** A search can be linked to: index.html#find=waker. */
function searchOfLink() {
  const asked = /^#find=(.*)$/.exec(location.hash);
  if (asked === null) return;
  const words = asked[1].replace(/\+/g, " ");
  try {
    input.value = decodeURIComponent(words);
  } catch {
    input.value = words; // a link may have been cut, or written by hand: #find=100%
  }
  search();
}

input.addEventListener("focus", load);
input.addEventListener("input", search);
addEventListener("hashchange", searchOfLink);
searchOfLink();

// --- The player ----------------------------------------------------------------------------------

/** The player's height at this width: it grows, and does not jump back at the next step. */
let tallest = 0;

/** @param {MessageEvent} event */
function onMessage(event) {
  if (frame === null || event.source !== frame.contentWindow) return;
  if (typeof event.data !== "number") return;
  tallest = Math.max(tallest, Math.min(event.data, 4000));
  frame.style.height = tallest + 2 + "px";
}

/** @param {string} key */
function press(key) {
  if (frame !== null && frame.contentWindow !== null) frame.contentWindow.postMessage(key, "*");
}

/**
 * The arrows step, wherever one is on the page.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (["INPUT", "PRE"].includes(target.tagName)) return;
  if (event.key === "/") {
    event.preventDefault();
    input.focus();
  }
  if (frame === null || !["ArrowRight", "ArrowLeft"].includes(event.key)) return;
  event.preventDefault();
  press(event.key);
}

const step = document.getElementById("step");
if (step !== null) step.addEventListener("click", () => press("ArrowRight"));
addEventListener("message", onMessage);
addEventListener("keydown", onKey);
addEventListener("resize", () => { tallest = 0; });

// --- Printing: what can be opened is open --------------------------------------------------------

/** @type {HTMLDetailsElement[]} */
let toClose = [];
addEventListener("beforeprint", () => {
  toClose = [...document.querySelectorAll("details")].filter((details) => !details.open);
  for (const details of toClose) details.open = true;
});
addEventListener("afterprint", () => { for (const details of toClose) details.open = false; });
