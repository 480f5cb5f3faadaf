// SPDX-License-Identifier: MIT
// The player: shows what was true after so many events of a run, and says what just happened.
"use strict";

// --- The run --------------------------------------------------------------------------------------

/**
 * @typedef {object} Event
 * @property {number} t ns since the first event
 * @property {string} kind as edo_trace_kind_name has it
 * @property {number} task
 * @property {number} other
 * @property {number} fd -1: none
 * @property {number | null} arg
 * @property {string | null} from
 * @property {string | null} to
 * @property {string | null} name
 */

/**
 * @param {any[]} row
 * @returns {Event}
 */
function eventOf(row) {
  const [t, kind, task, other, fd, arg, from, to, name] = row;
  return { t, kind, task, other, fd, arg, from, to, name };
}

const run = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("run")).textContent || "null");
/** @type {Event[]} */
const events = run === null ? [] : run.events.map(eventOf);

const BY_SOURCE = ["timer", "fd", "peer", "signal", "child", "thread"];
const isBySource = (/** @type {Event} */ event) => BY_SOURCE.includes(String(event.from));
const ENDS = ["EDO_DONE", "EDO_FAILED", "EDO_CANCELLED"];
const TERM = "EDO_START";

// --- The model: what is true after so many events -------------------------------------------------

/**
 * @typedef {{id: number, name: string, state: string, since: number, polls: number, wakes: number}} Task
 * @typedef {{number: number, type: string, name: string, task: number, parent: number, state: string}} Future
 * @typedef {{id: number, fd: number, task: number, deadline: number | null, isTimer: boolean,
 *   isArmed: boolean, isDue: boolean, since: number}} Source
 */

/** Every change is logged, so a step back takes back what the step did. */
class Model {
  constructor() {
    this.step = 0;
    /** @type {Map<number, Task>} */
    this.tasks = new Map();
    /** @type {Map<number, Future>} */
    this.futures = new Map();
    /** @type {Map<number, Source>} */
    this.sources = new Map();
    this.now = { polled: 0, isAsleep: false, phase: "", turn: 0 };
    /** @type {(() => void)[][]} */
    this.log = [];
    /** @type {(() => void)[]} */
    this.undo = [];
  }

  /**
   * @template {object} T
   * @param {T} object
   * @param {Partial<T>} changes
   */
  set(object, changes) {
    const before = /** @type {Partial<T>} */ ({});
    for (const key of /** @type {(keyof T)[]} */ (Object.keys(changes))) before[key] = object[key];
    Object.assign(object, changes);
    this.undo.push(() => Object.assign(object, before));
  }

  /**
   * @template T
   * @param {Map<number, T>} map
   * @param {number} key
   * @param {() => T} make
   * @returns {T}
   */
  take(map, key, make) {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = make();
    map.set(key, made);
    this.undo.push(() => map.delete(key));
    return made;
  }

  /** @param {number} id @returns {Task} */
  task(id) {
    return this.take(this.tasks, id, () => (
      { id, name: "?", state: "UNKNOWN", since: -1, polls: 0, wakes: 0 }));
  }

  /** @param {number} id @returns {Source} */
  source(id) {
    return this.take(this.sources, id, () => (
      { id, fd: -1, task: 0, deadline: null, isTimer: true, isArmed: false, isDue: false, since: -1 }));
  }

  /** @param {number} id @param {string} state */
  setState(id, state) {
    this.set(this.task(id), { state, since: this.step });
  }

  /** @param {Event} event */
  applyFuture(event) {
    const future = this.take(this.futures, event.other, () => (
      { number: event.other, type: "", name: "", task: event.task, parent: Number(event.arg), state: TERM }));
    if (event.kind === "name") this.set(future, { name: String(event.name) });
    else this.set(future, { type: String(event.name), state: String(event.to), task: event.task });
  }

  /** @param {Event} event */
  applySource(event) {
    const source = this.source(event.other);
    const isArm = event.kind === "arm";
    this.set(source, { isArmed: isArm, isDue: event.kind === "fire", since: this.step });
    if (isArm) this.set(source, { fd: event.fd, task: event.task, deadline: event.arg,
      isTimer: timers.has(event.other) });
  }

  /** @param {Event} event */
  applyWake(event) {
    const task = this.task(event.task);
    if (event.to === null) {
      this.setState(event.task, "READY");
      this.set(task, { wakes: task.wakes + 1 });
    }
    if (isBySource(event)) this.set(this.source(Number(event.arg)), { isArmed: false, isDue: false });
  }

  /** @param {Event} event */
  apply(event) {
    const { kind, task } = event;
    if (kind === "spawn") {
      this.setState(task, "READY");
      this.set(this.task(task), { name: String(event.name) });
    } else if (kind === "state" || kind === "name") {
      this.applyFuture(event);
    } else if (kind === "arm" || kind === "fire" || kind === "disarm") {
      this.applySource(event);
    } else if (kind === "wake") {
      this.applyWake(event);
    } else if (kind === "poll_begin") {
      this.setState(task, "POLLED");
      this.set(this.task(task), { polls: this.task(task).polls + 1 });
      this.set(this.now, { polled: task });
    } else if (kind === "poll_end") {
      if (this.task(task).state === "POLLED") this.setState(task, "WAITING");
      this.set(this.now, { polled: 0 });
    } else if (kind === "done") {
      this.setState(task, "ENDED");
    } else if (kind === "enter" || kind === "leave") {
      this.set(this.now, { isAsleep: kind === "enter" });
    } else if (kind === "phase") {
      this.set(this.now, { phase: String(event.name) });
    }
  }

  /** @param {number} step */
  seek(step) {
    for (; this.step < step && this.step < events.length; this.step++) {
      this.undo = [];
      this.apply(events[this.step]);
      this.log.push(this.undo);
    }
    for (; this.step > step; this.step--)
      for (const back of (this.log.pop() || []).reverse()) back();
  }

  /** @param {string} state @returns {Task[]} the first to come first */
  inState(state) {
    return [...this.tasks.values()].filter((task) => task.state === state)
      .sort((a, b) => a.since - b.since);
  }

  /** @param {"isArmed" | "isDue"} what @returns {Source[]} */
  sourcesThat(what) {
    return [...this.sources.values()].filter((source) => source[what])
      .sort((a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity) || a.id - b.id);
  }
}

// Which sources are timers: the wake says so, or the deadline.
const timers = new Set(events.filter((event) => event.kind === "wake" && event.from === "timer")
  .map((event) => Number(event.arg)));
for (const event of events)
  if (event.kind === "arm" && event.arg !== null && event.arg > event.t) timers.add(event.other);

const model = new Model();

// --- Words ----------------------------------------------------------------------------------------

const ms = (/** @type {number} */ ns) => (ns / 1e6).toFixed(1) + " ms";
const nameOf = (/** @type {number} */ id) => (id === 0 ? "the program" : model.task(id).name);

/** @param {number} number */
function futureName(number) {
  const future = model.futures.get(number);
  return future === undefined ? "a future" : future.name || future.type;
}

/** @param {Event} event */
function sayWake(event) {
  const whom = nameOf(event.task);
  const again = event.to === null ? "" : ", which is in the ready queue already";
  const put = event.to === null ? "Its waker puts " + whom + " into the ready queue." : "";
  if (event.from === "timer") return "Timer id " + event.arg + " wakes " + whom + again + ". " + put;
  if (isBySource(event))
    return "Source id " + event.arg + " wakes " + whom + " (" + event.from + ")" + again + ". " + put;
  if (event.from === "yield") return whom + " wakes itself, to let the others go first.";
  const who = nameOf(event.other);
  return who + " wakes " + whom + (event.from === "task" ? ", which waits for its end" : " (" + event.from + ")") +
    again + ". " + put;
}

/** @param {Event} event */
function sayState(event) {
  const who = futureName(event.other);
  const to = String(event.to);
  if (to === "EDO_DONE") return who + " is done.";
  if (to === "EDO_FAILED") return who + " has failed.";
  if (to === "EDO_CANCELLED") return who + " is cancelled: it has let go of all it held.";
  if (event.from === TERM) return who + " begins, and comes to its await " + to + ".";
  return who + " goes on from " + event.from + " to " + to + ".";
}

/** @param {Event} event */
function sayArm(event) {
  if (!timers.has(event.other))
    return nameOf(event.task) + " waits for fd " + event.fd + ": source id " + event.other + " is armed.";
  const left = event.arg === null ? "never" : "in " + ms(event.arg - event.t);
  const by = event.fd >= 0 ? ", timerfd " + event.fd : "";
  return nameOf(event.task) + " arms timer id " + event.other + by + ": due " + left + ".";
}

/** @param {Event} event @returns {string} */
function say(event) {
  switch (event.kind) {
    case "spawn": return nameOf(event.other) + " spawns " + event.name + ". It is ready to be polled for the first time.";
    case "state": return sayState(event);
    case "name": return "This future is called " + event.name + ".";
    case "arm": return sayArm(event);
    case "disarm": return "Source id " + event.other + " is disarmed: nobody waits for it any more.";
    case "fire": return sayFire(event);
    case "wake": return sayWake(event);
    case "poll_begin": return "The executor polls " + nameOf(event.task) + ".";
    case "poll_end": return nameOf(event.task) + (event.to === "READY" ? " answers READY." :
      " answers PENDING: it waits, and a waker has been left with somebody.");
    case "done": return nameOf(event.task) + (event.to === "EDO_DONE" ? " has ended, done." :
      event.to === "EDO_FAILED" ? " has ended, failed with errno " + event.arg + "." : " has ended, cancelled.");
    case "cancel": return nameOf(event.other) + " cancels " + nameOf(event.task) + ".";
    case "enter": return "No task is ready: the thread goes to sleep in epoll_wait.";
    case "leave": return "epoll_wait returns: the thread is awake, and looks at what the kernel has.";
    case "stuck": return "Stuck: no task is ready, and nothing is armed that could wake one.";
    case "phase": return "From here on: " + event.name + ".";
    case "lost": return "fd " + event.fd + " was closed while it was watched.";
    default: return event.kind;
  }
}

/** @param {Event} event */
function sayFire(event) {
  const source = model.source(event.other);
  if (!source.isTimer) return "fd " + source.fd + " is ready: source id " + event.other + " is due.";
  const late = event.t - Number(event.arg);
  return "Timer id " + event.other + " came due" + (late < 50000 ? ", on time." : ", " + ms(late) + " late.");
}

/** The sentences of the story: of which events, and what. */
const sentences = (run === null ? "" : run.story).split("\n").reduce((list, /** @type {string} */ line) => {
  const begin = /^(\d+)(?:-(\d+))?\t(.*)$/.exec(line);
  if (begin !== null) list.push({ from: Number(begin[1]), to: Number(begin[2] || begin[1]), text: begin[3] });
  else if (list.length > 0) list[list.length - 1].text += " " + line.trim();
  return list;
}, /** @type {{from: number, to: number, text: string}[]} */ ([]));

/** @param {number} seq */
function storyOf(seq) {
  const found = sentences.find((sentence) => sentence.from <= seq && seq <= sentence.to);
  return found === undefined ? "" : found.text.replace(/\s+/g, " ").trim();
}

// --- Causes ---------------------------------------------------------------------------------------

/** @param {number} from @param {number} way @param {(event: Event) => boolean} is */
function look(from, way, is) {
  for (let i = from + way; i >= 0 && i < events.length; i += way) if (is(events[i])) return i;
  return -1;
}

/** The event that led to this one; -1: none is known. @param {number} i */
function causeOf(i) {
  const event = events[i];
  switch (event.kind) {
    case "poll_begin":
      return look(i, -1, (e) => (e.kind === "wake" && e.to === null || e.kind === "spawn") && e.task === event.task);
    case "wake":
      if (isBySource(event)) return look(i, -1, (e) => e.kind === "fire" && e.other === event.arg);
      return look(i, -1, (e) => (e.kind === "state" || e.kind === "done" || e.kind === "poll_begin") && e.task === event.other);
    case "fire":
    case "disarm":
      return look(i, -1, (e) => e.kind === "arm" && e.other === event.other);
    case "enter":
      return look(i, -1, (e) => e.kind === "poll_end");
    case "leave":
      return look(i, -1, (e) => e.kind === "enter");
    case "poll_end":
    case "state":
    case "arm":
    case "spawn":
      return look(i, -1, (e) => e.kind === "poll_begin" && (e.task === event.task || e.task === event.other));
    case "done":
      return look(i, -1, (e) => e.kind === "state" && e.task === event.task);
    default:
      return i - 1;
  }
}

/** The first later event that this one has led to. @param {number} i */
function effectOf(i) {
  return look(i, 1, (event) => causeOf(events.indexOf(event, i)) === i);
}

// --- Drawing --------------------------------------------------------------------------------------

/**
 * @param {string} tag
 * @param {{[name: string]: string}} attributes
 * @param {(Node | string)[]} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} tag @param {{[name: string]: string | number}} attributes @param {string} text */
function svg(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const MOST_SHOWN = 24;

/** @param {number} depth @param {Future} future @param {Map<number, Future[]>} children @param {Node[]} lines */
function futureLines(depth, future, children, lines) {
  const changed = model.step > 0 ? events[model.step - 1] : null;
  const isHere = changed !== null && (changed.kind === "state" || changed.kind === "name") &&
    changed.other === future.number;
  if (lines.length > 4 * MOST_SHOWN) return;
  lines.push(element("div", isHere ? { class: "here-now" } : {}, "  ".repeat(depth), future.name || future.type, " ",
    element("span", { class: "state" }, future.state)));
  for (const child of children.get(future.number) || [])
    if (!ENDS.includes(child.state)) futureLines(depth + 1, child, children, lines);
}

function drawTasks() {
  /** @type {Map<number, Future[]>} */
  const children = new Map();
  /** @type {Map<number, Future>} */
  const roots = new Map();
  for (const future of model.futures.values()) {
    if (future.parent === 0) roots.set(future.task, future);
    else children.set(future.parent, [...(children.get(future.parent) || []), future]);
  }
  /** @type {Node[]} */
  const lines = [];
  const live = [...model.tasks.values()].filter((task) => task.id !== 0);
  for (const task of live.slice(0, MOST_SHOWN)) {
    const event = model.step > 0 ? events[model.step - 1] : null;
    const isHere = event !== null && event.task === task.id && !["state", "name"].includes(event.kind);
    lines.push(element("div", { class: "task " + task.state + (isHere ? " here-now" : "") }, task.name + " ",
      element("span", { class: "state" }, task.state)));
    const root = roots.get(task.id);
    if (root !== undefined && task.state !== "ENDED") futureLines(1, root, children, lines);
  }
  if (live.length > MOST_SHOWN) lines.push(element("div", {}, "and " + (live.length - MOST_SHOWN) + " more"));
  byId("tasks").replaceChildren(...lines);
}

/** @param {string} what @param {string[]} lines */
function machineRow(what, lines) {
  const shown = lines.slice(0, MOST_SHOWN);
  if (lines.length > MOST_SHOWN) shown.push("and " + (lines.length - MOST_SHOWN) + " more");
  return [element("dt", {}, what), element("dd", {}, shown.length > 0 ? shown.join("\n") : "-")];
}

/** @param {Source} source @param {number} t */
function saySource(source, t) {
  const fd = source.fd >= 0 ? " fd " + source.fd : "";
  if (!source.isTimer) return "id " + source.id + fd;
  const left = source.deadline === null ? "never" :
    source.deadline >= t ? "in " + ms(source.deadline - t) : ms(t - source.deadline) + " late";
  return "id " + source.id + fd + " " + left + " (" + nameOf(source.task) + ")";
}

/** The system calls that the runtime makes at such an event. @param {Event} event @returns {string[]} */
function callsOf(event) {
  const isTimerfd = timers.has(event.other) && event.fd >= 0;
  switch (event.kind) {
    case "enter": return ["epoll_wait(3, ..., -1) sleeps"];
    case "leave": return ["epoll_wait(3, ...) returns"];
    case "arm": return !isTimerfd ? [] : ["timerfd_create() = " + event.fd,
      "timerfd_settime(" + event.fd + ", " + ms(Number(event.arg) - event.t) + ")",
      "epoll_ctl(3, ADD, " + event.fd + ", id " + event.other + ")"];
    case "fire": return !isTimerfd ? [] : ["read(" + event.fd + ") = 8", "epoll_ctl(3, DEL, " + event.fd + ")",
      "close(" + event.fd + ")"];
    case "disarm": return !isTimerfd ? [] : ["epoll_ctl(3, DEL, " + event.fd + ")", "close(" + event.fd + ")"];
    default: return [];
  }
}

function drawMachine() {
  const event = model.step > 0 ? events[model.step - 1] : null;
  const t = event === null ? 0 : event.t;
  const armed = model.sourcesThat("isArmed");
  const inKernel = armed.filter((source) => source.fd >= 0).map((source) => source.fd);
  byId("machine").replaceChildren(
    ...machineRow("polled", model.now.polled === 0 ? [] : [nameOf(model.now.polled)]),
    ...machineRow("ready queue", model.inState("READY").map((task) => task.name)),
    ...machineRow("waiting", model.inState("WAITING").map((task) => task.name)),
    ...machineRow("due", model.sourcesThat("isDue").map((source) => saySource(source, t))),
    ...machineRow("armed", armed.map((source) => saySource(source, t))),
    ...machineRow("epoll set", inKernel.length > 0 ? ["{" + inKernel.join(", ") + "}"] : []),
    ...machineRow("thread", [model.now.isAsleep ? "asleep in epoll_wait" : "awake"]),
    ...machineRow("system calls", event === null ? [] : callsOf(event)));
}

// --- Code -----------------------------------------------------------------------------------------

/** @param {string} type @returns {{file: string, rust: string[], lines: string[]} | null} */
function functionOf(type) {
  for (const [file, text] of Object.entries(run.sources)) {
    const lines = /** @type {string} */ (text).split("\n");
    const first = lines.findIndex((line) => new RegExp("^static .* " + type.replace(/\W/g, "\\$&") + "_poll\\(").test(line));
    if (first < 0) continue;
    const end = lines.findIndex((line, i) => i > first && line === "}");
    return { file, rust: rustOf(lines, first, type), lines: lines.slice(first, end + 1) };
  }
  return null;
}

/** The comment that has the function as an async fn. @param {string[]} lines @param {number} before @param {string} type */
function rustOf(lines, before, type) {
  for (let i = before; i >= 0; i--) {
    if (!/^\/\* async fn /.test(lines[i])) continue;
    const end = lines.findIndex((line, k) => k >= i && line.includes("*/"));
    const text = lines.slice(i, end + 1).map((line) => line.replace(/^\/\* |^ \* ?/, "").replace(/\s*\*\/$/, ""));
    return text[0].includes(type) || i > before - 60 ? text : [];
  }
  return [];
}

/** @param {string[]} lines @param {number} here @param {string} kind */
function codeBlock(lines, here, kind) {
  return element("pre", { class: kind }, ...lines.map((line, i) =>
    element("span", { class: "line" + (i === here ? " here-now" : "") }, line + "\n")));
}

/** The future that the step is about: the one that went on, or the deepest of the polled task that has code. */
function futureShown() {
  for (let i = model.step - 1; i >= 0; i--) {
    const event = events[i];
    if ((event.kind === "state" || event.kind === "name") && model.futures.has(event.other)) {
      const future = model.futures.get(event.other);
      if (future !== undefined && functionOf(future.type) !== null) return future;
    }
  }
  return null;
}

/** The line of the state, and of the await in Rust that it stands for. @param {string[]} lines @param {string[]} rust @param {string} state */
function placesOf(lines, rust, state) {
  const labels = lines.map((line, i) => ({ i, label: (/^\s*case (\w+):/.exec(line) || [])[1] })).filter((l) => l.label);
  const place = labels.find((l) => l.label === state);
  const number = labels.filter((l) => !/START$/.test(String(l.label))).findIndex((l) => l.label === state);
  const awaits = rust.map((line, i) => ({ i, has: line.includes(".await") })).filter((l) => l.has);
  return { c: place === undefined ? -1 : place.i, rust: number < 0 || awaits[number] === undefined ? -1 : awaits[number].i };
}

function drawCode() {
  const future = futureShown();
  const code = future === null ? null : functionOf(future.type);
  if (future === null || code === null) {
    byId("function").textContent = "code";
    byId("code").replaceChildren(element("div", {}, "No source of what ran is in this page."));
    return;
  }
  const { c, rust } = placesOf(code.lines, code.rust, future.state);
  byId("function").textContent = (future.name || future.type) + " at " + future.state + ", " + code.file;
  byId("code").replaceChildren(...(code.rust.length > 0 ? [codeBlock(code.rust, rust, "rust")] : []),
    codeBlock(code.lines, c, "c"));
}

// --- The timeline ---------------------------------------------------------------------------------

const ROW = 18, NAMES = 150, RIGHT = 12, MOST_ROWS = 40;

/** What each task was, from when to when. */
function spansOf() {
  const all = new Model();
  /** @type {Map<number, {state: string, from: number, step: number}>} */
  const open = new Map();
  /** @type {{task: number, state: string, from: number, to: number}[]} */
  const spans = [];
  events.forEach((event, i) => {
    all.undo = [];
    all.step = i;
    all.apply(event);
    const state = all.task(event.task).state;
    const before = open.get(event.task);
    if (event.task === 0 || (before !== undefined && before.state === state)) return;
    if (before !== undefined) spans.push({ task: event.task, state: before.state, from: before.from, to: event.t });
    open.set(event.task, { state, from: event.t, step: i });
  });
  const end = events.length > 0 ? events[events.length - 1].t : 0;
  for (const [task, { state, from }] of open) spans.push({ task, state, from, to: end });
  return { spans: spans.filter((span) => span.state !== "ENDED" && span.state !== "UNKNOWN"), names: all.tasks };
}

const { spans, names } = spansOf();
const rows = [...names.keys()].filter((id) => id !== 0).slice(0, MOST_ROWS);
const end = events.length > 0 ? Math.max(1, events[events.length - 1].t) : 1;
/** @type {SVGElement | null} */
let playhead = null;
let width = 0;
const xOf = (/** @type {number} */ t) => NAMES + (width - NAMES - RIGHT) * t / end;

/** Whether a timer of the task was armed all the while. @param {{task: number, from: number}} span */
function isAsleep(span) {
  return events.some((event) => event.kind === "arm" && event.task === span.task && timers.has(event.other) &&
    event.t <= span.from && Number(event.arg) > span.from);
}

function drawGrid() {
  const made = [];
  for (let i = 0; i <= 4; i++) {
    const x = xOf(end * i / 4);
    made.push(svg("line", { class: "grid", x1: x, x2: x, y1: 16, y2: 16 + ROW * rows.length }),
      svg("text", { class: "soft", x, y: 12, "text-anchor": i === 0 ? "start" : i === 4 ? "end" : "middle" }, ms(end * i / 4)));
  }
  return made;
}

function drawTimeline() {
  const picture = byId("timeline");
  width = picture.clientWidth || 900;
  picture.setAttribute("viewBox", "0 0 " + width + " " + (ROW * rows.length + 22));
  picture.setAttribute("height", String(ROW * rows.length + 22));
  const made = drawGrid();
  rows.forEach((id, row) => made.push(
    svg("text", { "data-task": id, x: 0, y: 30 + ROW * row }, (names.get(id) || { name: "?" }).name.slice(0, 20))));
  for (const span of spans) {
    const row = rows.indexOf(span.task);
    if (row < 0) continue;
    const state = span.state === "WAITING" && isAsleep(span) ? "asleep" : span.state.toLowerCase();
    made.push(svg("rect", { class: state, x: xOf(span.from), y: 19 + ROW * row, height: 13,
      width: Math.max(span.state === "WAITING" ? 0 : 2, xOf(span.to) - xOf(span.from)) }));
  }
  playhead = svg("line", { class: "now", y1: 14, y2: 18 + ROW * rows.length });
  picture.replaceChildren(...made, playhead);
}

function drawPlayhead() {
  const event = model.step > 0 ? events[model.step - 1] : null;
  const x = xOf(event === null ? 0 : event.t);
  if (playhead !== null) for (const end of ["x1", "x2"]) playhead.setAttribute(end, String(x));
  for (const text of document.querySelectorAll("#timeline text[data-task]"))
    text.classList.toggle("here", event !== null && text.getAttribute("data-task") === String(event.task));
}

// --- Moving ---------------------------------------------------------------------------------------

const control = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
let isShowing = false;

function show() {
  const event = model.step > 0 ? events[model.step - 1] : null;
  isShowing = true;
  byId("position").textContent = "step " + model.step + " of " + events.length + (event === null ? "" : ", " + ms(event.t));
  byId("sentence").textContent = event === null ? "Nothing has happened yet. Press the right arrow." : say(event);
  byId("story").textContent = event === null ? "" : storyOf(run.dropped + model.step - 1);
  control("why").disabled = event === null || causeOf(model.step - 1) < 0;
  control("effect").disabled = event === null || effectOf(model.step - 1) < 0;
  control("scrub").value = String(model.step);
  drawTasks();
  drawMachine();
  drawCode();
  drawPlayhead();
  isShowing = false;
}

/** @param {number} step */
function go(step) {
  model.seek(Math.max(0, Math.min(events.length, step)));
  history.replaceState(null, "", "#step=" + model.step);
  show();
}

const LANDMARKS = {
  event: () => true,
  turn: (/** @type {Event} */ event) => event.kind === "leave" || event.kind === "enter",
  wake: (/** @type {Event} */ event) => event.kind === "wake",
  task: (/** @type {Event} */ event) => event.kind === "poll_begin" && event.task === lastTask(),
};

function lastTask() {
  for (let i = model.step - 1; i >= 0; i--) if (events[i].task !== 0) return events[i].task;
  return events.length > 0 ? events[0].task : 0;
}

/** @param {1 | -1} way */
function move(way) {
  const by = /** @type {keyof typeof LANDMARKS} */ (control("by").value);
  const found = look(model.step - 1, way, LANDMARKS[by]);
  if (found >= 0) go(found + 1);
  else go(way > 0 ? events.length : 0);
}

/** @type {number | undefined} */
let timer;

function pause() {
  clearInterval(timer);
  timer = undefined;
  byId("play").textContent = "play";
}

function play() {
  if (timer !== undefined) {
    pause();
    return;
  }
  if (model.step === events.length) go(0);
  byId("play").textContent = "pause";
  timer = setInterval(() => {
    move(1);
    if (model.step === events.length) pause();
  }, 700 * Number(control("speed").value));
}

/** The next event that has the text. */
function find() {
  const text = control("find").value.toLowerCase();
  if (text === "") return;
  const has = (/** @type {Event} */ event) => [event.name, event.from, event.to, "id " + event.other, nameOf(event.task)]
    .some((part) => part !== null && part.toLowerCase().includes(text));
  const found = look(model.step - 1, 1, has);
  go((found >= 0 ? found : look(-1, 1, has)) + 1);
}

function why() {
  const cause = model.step > 0 ? causeOf(model.step - 1) : -1;
  if (cause >= 0) go(cause + 1);
}

function effect() {
  const led = model.step > 0 ? effectOf(model.step - 1) : -1;
  if (led >= 0) go(led + 1);
}

/** @param {string} by */
function setBy(by) {
  control("by").value = by;
}

/** @type {{[key: string]: [string, () => void]}} */
const KEYS = {
  ArrowRight: ["\u2192 on", () => move(1)],
  ArrowLeft: ["\u2190 back", () => move(-1)],
  Home: ["Home: beginning", () => go(0)],
  End: ["End", () => go(events.length)],
  " ": ["space: play", play],
  e: ["steps by e: event", () => setBy("event")],
  t: ["t: turn", () => setBy("turn")],
  w: ["w: wake", () => setBy("wake")],
  k: ["k: task", () => setBy("task")],
  y: ["y: why?", why],
  f: ["f: what followed?", effect],
  "/": ["/: find", () => control("find").focus()],
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.id === "find" || target.tagName === "SELECT" || (target.tagName === "BUTTON" && event.key === " ");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key][1]();
}

function begin() {
  byId("title").textContent = "edo: " + (run === null ? "no run" : run.program + (run.isVirtual ? ", on the virtual clock" : ""));
  document.title = byId("title").textContent || "edo";
  byId("keys").textContent = "Keys: " + Object.values(KEYS).map(([what]) => what).join(", ");
  control("scrub").max = String(events.length);
  control("scrub").addEventListener("input", () => { if (!isShowing) go(Number(control("scrub").value)); });
  /** @type {[string, () => void][]} */
  const clicks = [["first", () => go(0)], ["back", () => move(-1)], ["forward", () => move(1)],
    ["last", () => go(events.length)], ["play", play], ["why", why], ["effect", effect]];
  for (const [id, does] of clicks) byId(id).addEventListener("click", does);
  control("find").addEventListener("keydown", (event) => { if (event.key === "Enter") find(); });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", () => go(stepOfLink()));
  addEventListener("resize", () => { drawTimeline(); drawPlayhead(); });
  drawTimeline();
  go(stepOfLink());
}

function stepOfLink() {
  return Number((/#step=(\d+)/.exec(location.hash) || [])[1] || 0);
}

begin();
