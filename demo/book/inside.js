// SPDX-License-Identifier: MIT
// In each player of the book. In a page of the book it tells the page its height, and takes keys.
"use strict";
if (window.parent !== window) {
  const html = document.documentElement;
  const tell = () => window.parent.postMessage(Math.ceil(html.getBoundingClientRect().height), "*");
  for (const title of document.querySelectorAll("h1")) title.hidden = true; // the page has its own
  document.body.style.paddingTop = "8px";
  new ResizeObserver(tell).observe(document.body);
  addEventListener("message", (event) => {
    if (event.source === window.parent && ["ArrowRight", "ArrowLeft"].includes(event.data))
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: event.data, bubbles: true }));
  });
}
