// SPDX-License-Identifier: MIT
// What is wrong with how the page looks at this width: a list of complaints. Runs inside the page.
"use strict";

const SMALLEST = 12;
const complaints = [];
const place = document.querySelector("[data-part=timeline]");
const picture = place.shadowRoot.querySelector("svg");
const all = (selector) => [...document.querySelectorAll(selector)];
const inPicture = (selector) => [...picture.querySelectorAll(selector)];

/** Those that have a text of their own and can be seen. */
function withText() {
  return [...all("body *"), ...place.shadowRoot.querySelectorAll("text")].filter((node) =>
    node.getClientRects().length > 0 && [...node.childNodes].some((child) =>
      child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== ""));
}

function lookForSmallTexts() {
  for (const node of [...withText(), ...all("button, select, input")]) {
    const scale = node instanceof SVGGraphicsElement ? node.getScreenCTM().a : 1;
    const size = scale * parseFloat(getComputedStyle(node).fontSize);
    if (size < SMALLEST) complaints.push("of " + size + " px: " + nameOfNode(node));
  }
}

function nameOfNode(node) {
  return node.tagName + " '" + (node.id || node.textContent).slice(0, 40) + "'";
}

function lookForOverlaps(nodes) {
  const boxes = nodes.map((node) => ({ node, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && box.height > 0);
  boxes.forEach(({ node, box }, i) => boxes.slice(i + 1).forEach((other) => {
    const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
    const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
    const isInside = node.contains(other.node) || other.node.contains(node);
    if (!isInside && width > 0.5 && height > 0.5)
      complaints.push(nameOfNode(node) + " overlaps " + nameOfNode(other.node));
  }));
}

/** What stands outside of the window, or of its picture, can't be read. */
function lookForCutOff() {
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth)
    complaints.push("the page is " + page.scrollWidth + " px wide");
  const frame = picture.getBoundingClientRect();
  for (const node of inPicture("text")) {
    const box = node.getBoundingClientRect();
    if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.bottom > frame.bottom + 0.5)
      complaints.push(nameOfNode(node) + " is outside of the timeline");
  }
}

lookForSmallTexts();
lookForOverlaps(inPicture("text"));
lookForOverlaps([...place.shadowRoot.querySelectorAll(".names text")]);
lookForOverlaps(all("h1, #controls button, #controls select, #controls input, output, #scrub"));
lookForOverlaps(all(".said p, .said button, [data-part=timeline], .panes section, footer p"));
lookForCutOff();
return complaints;
