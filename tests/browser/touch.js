// SPDX-License-Identifier: MIT
// Goes to the steps that it is given, and counts for each the nodes that it has put into the page,
// taken out or changed. Runs inside the page.
/* global go */
"use strict";

const observer = new MutationObserver(() => {});
const everything = { subtree: true, childList: true, attributes: true, characterData: true };

function sizeOf(node) {
  return 1 + [...node.childNodes].reduce((sum, child) => sum + sizeOf(child), 0);
}

function touchedBy(record) {
  if (record.type !== "childList") return 1;
  return [...record.addedNodes, ...record.removedNodes].reduce((sum, node) => sum + sizeOf(node), 0);
}

observer.observe(document, everything);
observer.observe(document.querySelector("[data-part=timeline]").shadowRoot, everything);
return arguments[0].map((step) => {
  observer.takeRecords();
  go(step);
  return observer.takeRecords().reduce((sum, record) => sum + touchedBy(record), 0);
});
