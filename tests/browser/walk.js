// SPDX-License-Identifier: MIT
// Goes to the steps that it is given, in their order, and tells of each what the player's model has
// and what the page shows: in the first view, or the second. For null it goes nowhere. Runs inside
// the page.
/* global views, go, ENDS */
"use strict";

const { model, root } = views[arguments[1]];
const part = (name) => root.querySelector("[data-part=" + name + "]");

function rowsOfMachine() {
  const rows = {};
  let what = "";
  for (const node of part("machine").children)
    if (node.tagName === "DT") what = node.textContent;
    else rows[what] = node.textContent;
  return rows;
}

function sourcesOf(what) {
  return model.sourcesThat(what).map(({ id, fd, deadline, task, isTimer }) => [id, fd, deadline, task, isTimer]);
}

function isThere({ state, parent, task }) {
  return !ENDS.includes(state) || (parent === 0 && model.tasks.get(task).state !== "ENDED");
}

/** In the form of model_steps. */
function modelNow() {
  const ids = (state) => model.inState(state).map((task) => task.id);
  return {
    step: model.step,
    t: model.event === null ? 0 : model.event.t,
    polled: model.now.polled,
    isAsleep: model.now.isAsleep,
    unknown: ids("UNKNOWN"), ready: ids("READY"), waiting: ids("WAITING"), ended: ids("ENDED"),
    due: sourcesOf("isDue"), armed: sourcesOf("isArmed"),
    futures: [...model.futures.values()].filter(isThere)
      .sort((a, b) => a.number - b.number).map(({ number, state }) => [number, state]),
  };
}

function pageNow() {
  return {
    position: document.querySelector("#position").textContent,
    scrub: document.querySelector("#scrub").value,
    texts: ["sentence", "story", "function"].map((name) => part(name).textContent),
    code: part("code").textContent,
    here: [...root.querySelectorAll(".here")].map((node) => node.textContent),
    buttons: [...root.querySelectorAll("button")].map((node) => node.disabled),
    machine: rowsOfMachine(),
    tasks: [...part("tasks").children].map((node) => node.textContent),
  };
}

return arguments[0].map((step) => {
  if (step !== null) go(step);
  return { model: modelNow(), page: pageNow() };
});
