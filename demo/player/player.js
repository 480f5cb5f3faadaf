// SPDX-License-Identifier: MIT
// The player: shows what was true after so many events of a run, and says what just happened.
//
//   Run     what was recorded: events, and of each which one has caused it
//   Model   what is true after so many events; goes on and back
//   View    draws that
//   the rest moves one view, or two side by side
"use strict";

// --- A run ----------------------------------------------------------------------------------------

/**
 * @typedef {object} Happening
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
 * A system call, or "wheel": the wheel's time is `arg` now (struct edo_trace_note).
 * @typedef {object} Note
 * @property {number} event how many events were recorded before it
 * @property {string} name
 * @property {number} fd
 * @property {number} how
 * @property {number | null} arg
 * @property {number} result
 */

/**
 * What the program has written (player.c).
 * @typedef {object} Recorded
 * @property {string} program
 * @property {boolean} isVirtual
 * @property {string} first when the first event was, on the runtime's clock
 * @property {number} dropped
 * @property {any[][]} events
 * @property {any[][] | null} notes null: none were kept
 * @property {number} notesDropped
 * @property {{[file: string]: string}} sources
 * @property {string} story
 * @property {string} picture
 */

const FROM_SOURCES = ["timer", "fd", "peer", "signal", "child", "thread"];
const ENDS = ["EDO_DONE", "EDO_FAILED", "EDO_CANCELLED"];
const OF_TASKS = ["spawn", "wake", "poll_begin", "poll_end", "done", "cancel"];
const LATE_NS = 1e6;
const WATCHED_NS = 1e4; // who looks twice in a row has not watched the clock
const NONE = -1;
const CTL_ADD = 1, ABSTIME = 1; // of sys/epoll.h and sys/timerfd.h

/** @param {Happening} event */
const isBySource = (event) => FROM_SOURCES.includes(String(event.from));

/** @param {Happening} event */
const isOfFuture = ({ kind }) => kind === "state" || kind === "name";

/** @param {Happening} event */
const isOfSource = ({ kind }) => kind === "arm" || kind === "fire" || kind === "disarm";

/**
 * The task that has done it, or to which it was done; 0: none.
 * @param {Happening} event
 */
const taskOf = (event) => (event.kind === "spawn" ? event.other : event.task);

/**
 * @template T
 * @param {Map<number, T[]>} map
 * @param {number} key
 * @param {T} one
 */
function append(map, key, one) {
  const others = map.get(key);
  if (others === undefined) map.set(key, [one]);
  else others.push(one);
}

/**
 * @param {any[]} row
 * @returns {Happening}
 */
function eventOf([t, kind, task, other, fd, arg, from, to, name]) {
  return { t, kind, task, other, fd, arg, from, to, name };
}

/**
 * A sentence of the story: the numbers of the first and the last event that it is about; and its clauses, each with the
 * number of its event.
 * @typedef {{from: number, to: number, clauses: {at: number, text: string}[]}} Sentence
 */

/** @param {string} story as STORY_OF_PAGE has it (demo/views/story.h) */
function sentencesOf(story) {
  /** @type {Sentence[]} */
  const sentences = [];
  for (const line of story.split("\n")) {
    const begin = /^(\d+)(?:-(\d+))?$/.exec(line);
    const [at, text] = line.split("\t");
    if (begin !== null) {
      sentences.push({ from: Number(begin[1]), to: Number(begin[2] || begin[1]), clauses: [] });
    } else if (text !== undefined) {
      const { clauses } = sentences[sentences.length - 1];
      const last = clauses[clauses.length - 1];
      if (last !== undefined && last.at === Number(at)) last.text += " " + text.trim();
      else clauses.push({ at: Number(at), text: text.trim() });
    }
  }
  return sentences;
}

const MOST_TOLD = 150; // letters of a sentence, unless all of it is wanted

/**
 * The clauses around that one, as many as have room: the first, and the one after the last.
 * @param {string[]} texts
 * @param {number} here
 */
function clausesAround(texts, here) {
  let first = here, end = here + 1, left = MOST_TOLD - texts[here].length;
  const fits = (/** @type {number} */ i) => texts[i] !== undefined && texts[i].length <= left;
  for (;;) {
    const before = fits(first - 1), after = fits(end);
    if (before && (!after || here - first <= end - here)) left -= texts[--first].length;
    else if (after) left -= texts[end++].length;
    else return { first, end };
  }
}

class Run {
  /** @param {Recorded} record @param {string} label */
  constructor(record, label) {
    this.record = record;
    this.label = label;
    this.events = record.events.map(eventOf);
    this.end = this.events.length > 0 ? Math.max(1, this.events[this.events.length - 1].t) : 1;
    this.sentences = sentencesOf(record.story);
    this.told = new Map(this.sentences.flatMap((one) => one.clauses.map(({ at }) => [at, one])));
    this.timers = this.findTimers();
    /** @type {Map<number, string>} also of tasks that were spawned before the first event that there is */
    this.names = new Map(this.events.flatMap(({ kind, task, name }) =>
      (OF_TASKS.includes(kind) && name !== null ? [[task, name]] : [])));
    // Due at once, a timer needs no timerfd of its own either.
    const armed = this.events.filter((event) => event.kind === "arm" && this.timers.has(event.other) && event.arg !== event.t);
    this.isWheel = armed.length > 0 && armed.every((event) => event.fd < 0);
    /** The step that has led to each; NONE: not known. */
    this.causes = this.findCauses();
    /** @type {Map<number, number>} */
    this.effects = new Map();
    this.causes.forEach((cause, step) => { if (!this.effects.has(cause)) this.effects.set(cause, step); });
    this.findEnds();
    this.notes = this.findNotes();
    /** @type {Map<string, Code | null>} */
    this.codes = new Map();
  }

  /** A wake says so, or that the deadline was still to come. */
  findTimers() {
    /** @type {Set<number>} */
    const timers = new Set();
    for (const event of this.events) {
      if (event.kind === "wake" && event.from === "timer") timers.add(Number(event.arg));
      if (event.kind === "arm" && (event.arg === null || event.arg > event.t)) timers.add(event.other);
    }
    return timers;
  }

  /** What has caused nothing may have an end, where what it began is over; or it goes on with the next event. */
  findEnds() {
    /** @type {Map<string, number>} of each timer and future the step that began it, or has led to where it is */
    const begun = new Map();
    const isOver = (/** @type {string} */ key, /** @type {number} */ step) => {
      const began = begun.get(key);
      if (began !== undefined && !this.effects.has(began)) this.effects.set(began, step);
    };
    this.events.forEach((event, step) => {
      const key = (event.kind === "state" ? "future" : "source") + event.other;
      if (event.kind === "disarm" || event.kind === "state") isOver(key, step);
      if (event.kind === "arm" || (event.kind === "state" && !ENDS.includes(String(event.to)))) begun.set(key, step);
      const next = this.events[step + 1];
      if (next !== undefined && !this.effects.has(step) && goesOn(event, next)) this.effects.set(step, step + 1);
    });
  }

  findCauses() {
    /** @type {Map<string, number>} */
    const last = new Map();
    /** @type {Map<number, number>} of each future the one that awaits it */
    const parents = new Map();
    const of = (/** @type {string} */ key) => last.get(key) ?? NONE;
    return this.events.map((event, step) => {
      if (isOfFuture(event) && !parents.has(event.other)) parents.set(event.other, Number(event.arg));
      const parent = isOfFuture(event) ? Number(parents.get(event.other)) : 0;
      const cause = Math.max(causeIn(event, of, this.events), event.kind === "state" ? causeAmong(event, parent, of) : NONE);
      const number = isOfSource(event) ? event.other : event.task;
      last.set(event.kind + number, step);
      last.set(event.kind, step);
      if (event.kind === "state") last.set("future" + event.other, step);
      if (parent > 0 && ENDS.includes(String(event.to))) last.set("child" + parent, step);
      if (event.kind === "spawn" || (event.kind === "wake" && event.to === null)) last.set("ready" + event.task, step);
      if (event.kind === "poll_end" && event.to !== "READY") last.set("pending", step);
      if (event.kind === "poll_end" && event.t - this.events[cause]?.t >= LATE_NS) last.set("long", step);
      if (event.kind === "poll_begin") last.set("open", step);
      if (event.kind === "poll_end") last.delete("open");
      return cause;
    });
  }

  /**
   * Of each step what the reactor did up to its event. What follows one that goes to sleep belongs to that, and so does
   * what follows the last.
   */
  findNotes() {
    /** @type {Map<number, Note[]>} */
    const notes = new Map();
    for (const [event, name, fd, how, arg, result] of this.record.notes || []) {
      const isBefore = event <= 0 || event >= this.events.length || this.events[event - 1].kind === "enter";
      const step = Math.max(0, isBefore ? event : event + 1);
      append(notes, step, { event, name, fd, how, arg, result });
    }
    return notes;
  }

  /**
   * Whether the calls of the step are known: the first to be noted may have been dropped.
   * @param {number} step
   */
  isNoted(step) {
    const { notes, notesDropped } = this.record;
    return notes !== null && (notesDropped === 0 || step > notes[0][0] + 1);
  }

  /** @param {number} step */
  callsAt(step) {
    return (this.notes.get(step) || []).filter((note) => !["wheel", "stays"].includes(note.name));
  }

  /**
   * The sentence that tells a step, and which of its clauses does; else one that it is a part of, and the last clause
   * before it.
   * @param {number} step
   */
  storyOf(step) {
    const number = this.record.dropped + step;
    const sentence = this.told.get(number) ||
      this.sentences.find(({ from, to }) => from <= number && number <= to);
    if (sentence === undefined) return { texts: [], here: NONE, isTold: false };
    const here = Math.max(0, sentence.clauses.filter(({ at }) => at <= number).length - 1);
    return { texts: sentence.clauses.map(({ text }) => text), here, isTold: sentence.clauses[here].at === number };
  }

  /**
   * The step from `from` on in that direction, NONE if there is none.
   * @param {number} from
   * @param {1 | -1} way
   * @param {(event: Happening) => boolean} is
   */
  look(from, way, is) {
    for (let i = from + way; i >= 0 && i < this.events.length; i += way) if (is(this.events[i])) return i;
    return NONE;
  }

  /**
   * How many events had happened by then.
   * @param {number} t
   */
  stepAt(t) {
    let low = 0, high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle].t <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * What has led to an event, of those before it: the last of a kind, by its kind and number.
 * @param {Happening} event
 * @param {(key: string) => number} last
 * @param {Happening[]} events
 */
function causeIn(event, last, events) {
  const open = last("open") !== NONE ? last("open") : last("poll_begin" + event.task);
  const inPoll = Math.max(open, last("cancel" + event.task)); // who was cancelled in it lets go because of that
  switch (event.kind) {
    case "poll_begin": return last("ready" + event.task);
    case "wake":
      if (isBySource(event)) return last("fire" + event.arg);
      return event.from === "task" ? last("done" + event.other) : inPoll;
    case "fire": {
      const long = last("long"); // the poll that has held it up, if one has
      const isLate = event.arg !== null && event.t - event.arg >= LATE_NS;
      return isLate && long !== NONE && events[long].t > Number(event.arg) ? long : last("arm" + event.other);
    }
    case "disarm": return inPoll === NONE ? last("arm" + event.other) : inPoll;
    case "enter": return last("poll_end");
    case "leave": return last("enter");
    case "done": return last("state" + event.task);
    case "stuck": return last("pending");
    case "cancel": return last("open") === NONE ? Math.max(last("stuck"), last("poll_end")) : inPoll;
    default: return inPoll;
  }
}

/**
 * Whether an event goes on with the next one: a heading with what comes first below it, a look at the kernel with what it
 * finds, a timer that was disarmed with the future that had it, an end with the rest of the poll.
 * @param {Happening} event
 * @param {Happening} next
 */
function goesOn(event, next) {
  const isOfTask = taskOf(next) === event.task && next.kind !== "poll_begin";
  switch (event.kind) {
    case "leave": return next.kind === "fire";
    case "name": return next.kind === "state" && next.other === event.other;
    case "poll_end": return next.kind === "done" && isOfTask;
    case "disarm": return next.kind === "state" && isOfTask;
    case "phase": return isOfTask;
    case "state": return isOfTask && ENDS.includes(String(event.to));
    default: return false;
  }
}

/**
 * What has led a future to a state, of what happened to the futures around it: it begins when the one that awaits it has
 * come to that await, is cancelled when one beside it has ended, and goes on when one that it awaits has ended. What was
 * before the poll does not count: the caller knows.
 * @param {Happening} event
 * @param {number} parent
 * @param {(key: string) => number} last
 */
function causeAmong(event, parent, last) {
  if (event.to === "EDO_CANCELLED") return last("child" + parent);
  return event.from === "EDO_START" ? last("future" + parent) : last("child" + event.other);
}

/**
 * What two runs must have in common up to where they part: also for how long a timer is armed, and whether it has an fd.
 * @param {Run} run
 * @param {Happening} event
 */
function signOf(run, event) {
  const sign = [event.kind, event.task, event.name, event.from, event.to];
  if (event.kind === "arm" && run.timers.has(event.other))
    sign.push(event.fd >= 0 ? "fd" : "wheel", event.arg === null ? "never" : event.arg - event.t);
  return sign.join("\t");
}

/**
 * The step at which two runs part, NONE if they don't.
 * @param {Run} one
 * @param {Run} other
 */
function firstDifference(one, other) {
  const steps = Math.min(one.events.length, other.events.length);
  for (let i = 0; i < steps; i++) if (signOf(one, one.events[i]) !== signOf(other, other.events[i])) return i;
  return one.events.length === other.events.length ? NONE : steps;
}

// --- The model ------------------------------------------------------------------------------------

/**
 * @typedef {{id: number, name: string, state: string, since: number, isUrgent: boolean, polls: number}} Task
 * @typedef {{number: number, type: string, name: string, task: number, parent: number, state: string}} Future
 * @typedef {{id: number, fd: number, task: number, deadline: number | null, isTimer: boolean,
 *   armed: number, isArmed: boolean, isDue: boolean, stays: number | null}} Source
 */

/** Every change is logged, so a step back takes back what the step did. */
class Model {
  /** @param {Run} run */
  constructor(run) {
    this.run = run;
    this.step = 0;
    /** @type {Map<number, Task>} */
    this.tasks = new Map();
    /** @type {Map<number, Future>} */
    this.futures = new Map();
    /** @type {Map<number, Source>} */
    this.sources = new Map();
    this.now = { polled: 0, isAsleep: false };
    /** The times of the wheel, and to which its timerfd is set. */
    this.wheel = { time: /** @type {number | null} */ (null), alarm: /** @type {number | null} */ (null) };
    /** @type {Map<number, number>} the ids by fd */
    this.epollSet = new Map();
    /** @type {(() => void)[][]} */
    this.log = [];
    /** @type {(() => void)[]} */
    this.undo = [];
    if (run.record.dropped > 0) this.beginLater();
    this.applyNotes();
  }

  /** Where the beginning was dropped: what ends first has begun before, and who was not spawned was there. */
  beginLater() {
    const { run } = this;
    const first = (/** @type {string[]} */ ...kinds) => run.events.find((event) => kinds.includes(event.kind));
    const poll = first("poll_begin", "poll_end");
    if (poll?.kind === "poll_end") this.now.polled = poll.task;
    this.now.isAsleep = first("enter", "leave")?.kind === "leave";
    const spawned = new Set(run.events.filter((event) => event.kind === "spawn").map((event) => event.task));
    for (const id of [...run.names.keys()].sort((a, b) => a - b)) if (!spawned.has(id)) this.task(id).polls = -Infinity;
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

  /**
   * @param {number} id
   * @returns {Task}
   */
  task(id) {
    return this.take(this.tasks, id, () => (
      { id, name: this.nameOf(id), state: "UNKNOWN", since: -1, isUrgent: false, polls: 0 }));
  }

  /**
   * @param {number} id
   * @returns {Source}
   */
  source(id) {
    return this.take(this.sources, id, () => (
      { id, fd: -1, task: NONE, deadline: null, isTimer: true, armed: 0, isArmed: false, isDue: false, stays: null }));
  }

  /** @param {number} id @param {string} state */
  setState(id, state, isUrgent = false) {
    this.set(this.task(id), { state, since: this.step, isUrgent });
  }

  /**
   * The future that awaits the one that the event is about, 0 for a task's own. NONE: that was said before the first
   * event that there is, or may have been.
   * @param {Happening} event
   */
  parentIn(event) {
    return event.arg === 0 && this.task(event.task).polls < 0 ? NONE : Number(event.arg);
  }

  /** @param {Happening} event */
  applyFuture(event) {
    const future = this.take(this.futures, event.other, () => (
      { number: event.other, type: "", name: "", task: event.task, parent: this.parentIn(event), state: "EDO_START" }));
    if (event.kind === "name") this.set(future, { name: String(event.name) });
    else if (event.to !== "EDO_START") // what goes back to its start begins again under a new number
      this.set(future, { type: String(event.name), state: String(event.to), task: event.task });
  }

  /** @param {Happening} event */
  applySource(event) {
    const isNew = !this.sources.has(event.other); // if it fires, it was armed before the first event that there is
    const source = this.source(event.other);
    const isArm = event.kind === "arm", isTimer = this.run.timers.has(event.other);
    this.set(source, { isArmed: isArm, isDue: event.kind === "fire" });
    if (isArm || isNew) this.set(source, { fd: event.fd, task: isArm ? event.task : NONE,
      deadline: isTimer ? event.arg : 0, armed: event.t, isTimer });
  }

  /** @param {Happening} event */
  applyWake(event) {
    const isFirst = isBySource(event) && !this.task(event.task).isUrgent; // put before the others in the run queue
    if (event.to === null || isFirst) this.setState(event.task, "READY", isBySource(event));
    if (isBySource(event)) this.set(this.source(Number(event.arg)), { isArmed: false, isDue: false });
  }

  /** Those of this step. */
  applyNotes() {
    for (const { name, fd, how, arg, result } of this.run.notes.get(this.step) || [])
      if (name === "wheel") this.set(this.wheel, { time: arg });
      else if (name === "stays" && this.event !== null) this.set(this.source(this.event.other), { stays: Number(arg) });
      else if (name === "timerfd_settime" && result === 0 && this.epollSet.get(fd) === 0) this.set(this.wheel, { alarm: arg });
      else if (name === "epoll_ctl") this.watch(fd, how === CTL_ADD && result === 0 ? arg : null);
  }

  /**
   * @param {number} fd
   * @param {number | null} id null: it is taken out of the epoll set
   */
  watch(fd, id) {
    const before = this.epollSet.get(fd) ?? null;
    const put = (/** @type {number | null} */ one) => {
      if (one === null) this.epollSet.delete(fd);
      else this.epollSet.set(fd, one);
    };
    put(id);
    this.undo.push(() => put(before));
  }

  /** @param {Happening} event */
  apply(event) {
    const { kind, task } = event;
    if (kind === "spawn") {
      this.setState(task, "READY");
    } else if (isOfFuture(event)) {
      this.applyFuture(event);
    } else if (isOfSource(event)) {
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
    }
  }

  /** @param {number} step */
  seek(step) {
    while (this.step < step && this.step < this.run.events.length) {
      this.undo = [];
      this.apply(this.run.events[this.step]);
      this.step++;
      this.applyNotes();
      this.log.push(this.undo);
    }
    for (; this.step > step; this.step--)
      for (const back of (this.log.pop() || []).reverse()) back();
  }

  /** The last event that has happened. */
  get event() {
    return this.step > 0 ? this.run.events[this.step - 1] : null;
  }

  /** @param {number} id */
  nameOf(id) {
    return id === 0 ? "the program" : this.run.names.get(id) ?? "?";
  }

  /** @param {number} number */
  futureName(number) {
    const future = this.futures.get(number);
    return future === undefined ? "a future" : future.name || future.type;
  }

  /**
   * @param {string} state
   * @returns {Task[]} the first to come first, but whom the reactor has woken before the others
   */
  inState(state) {
    return [...this.tasks.values()].filter((task) => task.state === state)
      .sort((a, b) => Number(b.isUrgent) - Number(a.isUrgent) || a.since - b.since);
  }

  /**
   * @param {"isArmed" | "isDue"} what
   * @returns {Source[]}
   */
  sourcesThat(what) {
    return [...this.sources.values()].filter((source) => source[what])
      .sort((a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity) || a.id - b.id);
  }
}

// --- Words ----------------------------------------------------------------------------------------

const ms = (/** @type {number} */ ns) => (ns / 1e6).toFixed(1) + " ms";

/**
 * What an event is, in a sentence or two.
 * @param {Model} model
 * @param {Happening} event
 * @returns {string}
 */
function say(model, event) {
  const who = model.nameOf(event.task);
  switch (event.kind) {
    case "spawn": return model.nameOf(event.other) + " spawns " + event.name + ". It is ready for its first poll.";
    case "state": return sayState(model, event);
    case "name": return "A future of " + who + " gets a name: " + event.name + ". It begins next.";
    case "arm": return sayArm(model, event);
    case "disarm": return (model.run.timers.has(event.other) ? "Timer" : "Source") + " id " + event.other +
      " is disarmed: " + (event.task === 0 ? "nobody waits" : who + " does not wait") + " for it any more.";
    case "fire": return sayFire(model, event);
    case "wake": return sayWake(model, event);
    case "poll_begin": return "The executor polls " + who + sayPoll(model, event.task);
    case "poll_end": return who + sayAnswer(model, event);
    case "done": return who + sayEnd(event);
    case "cancel": return model.nameOf(event.other) + " cancels " + who + ".";
    case "enter": return "No task is ready, so the thread goes to sleep in epoll_wait, until the kernel has news.";
    case "leave": return sayLeave(model, event);
    case "stuck": return "Stuck: no task is ready, and nothing is armed that could wake one.";
    case "phase": return "A phase begins: " + event.name + ".";
    case "lost": return "fd " + event.fd + " was closed while it was watched.";
    default: return event.kind;
  }
}

/** @param {Run} run */
function sayBeginning({ record }) {
  return (record.dropped === 0 ? "Nothing has happened yet." : "The first " + record.dropped + " events of the run were " +
    "dropped: of what was before, only that is shown which later events tell.") +
    " Press the right arrow: each press is one thing that the runtime did.";
}

/** @param {Model} model @param {number} task */
function sayPoll(model, task) {
  const { polls } = model.task(task);
  if (polls < 1) return "."; // how often it was before is not known
  return polls === 1 ? ": it calls its poll function for the first time." :
    ": its poll function goes on at " + stateOf(model, task) + ".";
}

/**
 * The state of a task's own future.
 * @param {Model} model
 * @param {number} task
 */
function stateOf(model, task) {
  for (const future of model.futures.values()) if (future.task === task && future.parent === 0) return future.state;
  return "its state";
}

/**
 * The names that a sentence about an event has.
 * @param {Model} model
 * @param {Happening} event
 */
function namesIn(model, event) {
  const { task, other } = event;
  const another = isOfSource(event) ? [model.source(other).task] : isOfFuture(event) ? [] : [other];
  const names = [task, ...another].filter((id) => id > 0).map((id) => model.nameOf(id));
  return isOfFuture(event) ? [...names, model.futureName(other)] : names;
}

/**
 * For how long the thread watches the clock from there on, until the timer fires that is the first.
 * @param {Model} model
 * @param {Happening} leave
 */
function watchedFor(model, leave) {
  const { events } = model.run;
  let step = model.step;
  while (step < events.length && !["fire", "poll_begin", "enter"].includes(events[step].kind)) step++;
  const next = events[step];
  const timer = next !== undefined && next.kind === "fire" ? model.sources.get(next.other) : undefined;
  if (timer === undefined || !timer.isTimer || !timer.isArmed || timer.deadline === null) return 0;
  return leave.t < timer.deadline && timer.deadline <= next.t ? next.t - leave.t : 0;
}

/** @param {Model} model @param {Happening} event */
function sayLeave(model, event) {
  const watched = watchedFor(model, event);
  return "epoll_wait returns: the thread is awake, and " + (watched < WATCHED_NS ?
    "collects what the kernel has to report." :
    "watches the clock for " + (watched / 1e6).toFixed(2) + " ms, so as not to be late.");
}

/** @param {Model} model @param {Happening} event */
function sayAnswer(model, event) {
  const began = model.run.causes[model.step - 1];
  const took = began === NONE ? 0 : event.t - model.run.events[began].t;
  const held = took < LATE_NS ? "" : " It has held the loop for " + ms(took) + ": nobody else was polled meanwhile.";
  return (event.to === "READY" ? " answers READY: it has ended." :
    " answers PENDING: it is polled again when somebody calls its waker.") + held;
}

/** @param {Happening} event */
function sayEnd(event) {
  if (event.to === "EDO_DONE") return " has ended, done.";
  return event.to === "EDO_FAILED" ? " has ended, failed with errno " + event.arg + "." : " has ended, cancelled.";
}

/** @param {Model} model @param {Happening} event */
function sayState(model, event) {
  const name = model.futureName(event.other), task = model.nameOf(event.task), to = String(event.to);
  const future = model.futures.get(event.other);
  const isRoot = future !== undefined && future.parent === 0 && future.name === "";
  const who = isRoot || name === task ? task : "In " + task + ", " + name;
  const isNew = event.from === "EDO_START";
  if (to === "EDO_DONE") return who + (isNew ? " is done at once: it had nothing to wait for." : " is done.");
  if (to === "EDO_FAILED") return who + " has failed.";
  if (to === "EDO_CANCELLED")
    return who + (isNew ? " is cancelled before it began." : " is cancelled: it has let go of all it held.");
  if (isNew) return who + " begins, up to its await " + to + ".";
  if (event.from === to) return who + " goes round its loop, to its await " + to + " again.";
  return who + " goes on: its state was " + event.from + " and is " + to + " now.";
}

/** @param {Model} model @param {Happening} event */
function sayArm(model, event) {
  const who = model.nameOf(event.task);
  if (!model.run.timers.has(event.other))
    return who + " waits for fd " + event.fd + ": source id " + event.other + " is armed.";
  const timer = who + " arms timer id " + event.other;
  if (event.arg === null) return timer + ": it is never due.";
  if (event.arg <= event.t) return timer + ": it is due already.";
  const how = event.fd >= 0 ? "a timerfd of its own, fd " + event.fd : "a place in the timing wheel";
  return timer + ", " + how + ": due in " + ms(event.arg - event.t) + ".";
}

/**
 * Who has closed the fd that a source waited for; undefined: something has come from outside.
 * @param {Model} model @param {number} id
 */
function closerOf({ run }, id) {
  const isOfFd = run.events.some((event) => event.kind === "wake" && event.arg === id &&
    ["peer", "signal", "child"].includes(String(event.from)));
  const fire = run.events.find((event) => event.kind === "fire" && event.other === id && event.task > 0);
  return isOfFd && fire !== undefined ? fire.task : undefined;
}

/** @param {Model} model @param {Happening} event */
function sayFire(model, event) {
  const source = model.source(event.other);
  const closer = closerOf(model, event.other);
  if (!source.isTimer)
    return (closer === undefined ? "fd " + source.fd + " is ready" : model.nameOf(closer) + " closes fd " + source.fd) +
      ": source id " + event.other + " is due.";
  const late = event.t - Number(event.arg);
  const how = late < 50000 ? "on time" : ms(late) + " late";
  return "Timer id " + event.other + " came due, " + how + ". " +
    (source.task > 0 ? model.nameOf(source.task) + ", which waits for it," : "Who waits for it") + " is woken next.";
}

/** @type {{[cause: string]: string}} */
const WAKE_CAUSES = {
  fd: "An fd is ready, so ", peer: "The other end has sent, taken or closed something, so ",
  signal: "A signal has come, so ", child: "A child process has ended, so ", thread: "Another thread has news, so ",
  task: ", which waits for its end", channel: ", which is at the other end of a channel",
  group: ", which waits for its group", cancel: ": it is cancelled", notify: ", which waits for a permit or a notice",
};

/** @param {Model} model @param {Happening} event */
function sayWake(model, event) {
  const whom = model.nameOf(event.task);
  const effect = event.to === null ? " The waker puts " + whom + " into the run queue." :
    isBySource(event) ? " It is in the run queue already, where those come first whom a source has woken." :
      " It is in the run queue already, so nothing changes.";
  if (event.from === "timer") return "Timer id " + event.arg + " wakes " + whom + "." + effect;
  const closer = isBySource(event) ? closerOf(model, Number(event.arg)) : undefined;
  const because = closer === undefined ? WAKE_CAUSES[String(event.from)] || "" : model.nameOf(closer) + " has closed the fd, so ";
  if (isBySource(event)) return because + "source id " + event.arg + " wakes " + whom + "." + effect;
  if (event.from === "yield") return whom + " wakes itself, so that the others go first." + effect;
  return model.nameOf(event.other) + " wakes " + whom + because + "." + effect;
}

// --- The kernel -----------------------------------------------------------------------------------

/** @param {Model} model */
function epollSetOf(model) {
  if (!model.run.isNoted(0)) return ["not recorded"];
  const { alarm } = model.wheel;
  return [...model.epollSet].sort(([one], [other]) => one - other).map(([fd, id]) => "fd " + fd + " id " + id +
    (id > 0 ? "" : ": the wheel's timerfd, " + (alarm === null ? "not set" : "set to " + ms(alarm))));
}

/**
 * As strace has them; a time that is not from now on counts from the first event.
 * @param {Note} note
 */
function sayCall({ name, fd, how, arg, result }) {
  /** @type {{[name: string]: string}} */
  const asked = {
    timerfd_settime: fd + ", " + (arg === null ? "0" : (how === ABSTIME ? "ABSTIME, " : "") + ms(arg)),
    epoll_ctl: how === CTL_ADD ? "ADD, " + fd + ", id " + arg : "DEL, " + fd,
    epoll_wait: how === 0 ? "timeout 0" : "no timeout", read: String(fd), close: String(fd),
  };
  const answer = result < 0 ? " = -1, errno " + -result : result > 0 || name === "epoll_wait" ? " = " + result : "";
  return name + "(" + (asked[name] ?? "...") + ")" + answer;
}

/**
 * The system calls of a step.
 * @param {Model} model
 */
function callsOf({ run, step, event, wheel }) {
  if (!run.isNoted(step)) return ["not recorded"];
  const calls = run.callsAt(step);
  const isWait = (/** @type {Note} */ note) => note.name === "epoll_wait";
  if (event !== null && event.kind === "leave" && run.events[step - 2]?.kind === "enter")
    return [...run.callsAt(step - 1).filter(isWait), ...calls].map(sayCall); // how the sleep has ended
  if (event === null || event.kind !== "enter") return calls.map(sayCall);
  const lines = calls.filter((note) => !isWait(note)).map(sayCall);
  if (!calls.some(isWait)) return [...lines, run.record.isVirtual ? "no epoll_wait: the virtual clock jumps" : "no epoll_wait"];
  if (wheel.alarm !== null && lines.length === 0) lines.push("no timerfd_settime: it is set to " + ms(wheel.alarm) + " already");
  return [...lines, "epoll_wait(no timeout) sleeps"];
}

/**
 * Where the wheel keeps a deadline: by the highest digit, of base 64, in which it differs from the wheel's time.
 * @param {Run} run
 * @param {number} deadline
 * @param {number} time
 */
function slotOf(run, deadline, time) {
  const first = BigInt(run.record.first);
  const due = first + BigInt(deadline), now = first + BigInt(time);
  let level = 0n;
  for (let rest = (due ^ now) >> 6n; rest > 0n; rest >>= 6n) level++;
  return "level " + level + " slot " + ((due >> (6n * level)) & 63n);
}

// --- Code -----------------------------------------------------------------------------------------

/** @typedef {{file: string, rust: string[], lines: string[]}} Code */

/**
 * The poll function of a type of futures.
 * @param {Run} run
 * @param {string} type
 * @returns {Code | null}
 */
function codeOf(run, type) {
  const known = run.codes.get(type);
  if (known !== undefined) return known;
  const found = findCode(run, type);
  run.codes.set(type, found);
  return found;
}

/**
 * @param {Run} run
 * @param {string} type
 * @returns {Code | null}
 */
function findCode(run, type) {
  const head = new RegExp("^static enum edo_poll " + type.replace(/\W/g, "\\$&") + "_poll\\(");
  for (const [file, text] of Object.entries(run.record.sources)) {
    const lines = text.split("\n");
    const first = lines.findIndex((line) => head.test(line));
    if (first < 0) continue;
    const end = lines.findIndex((line, i) => i > first && line === "}");
    return { file, rust: rustAbove(lines, first), lines: lines.slice(first, end + 1) };
  }
  return null;
}

/**
 * The comment that has the function as an async fn.
 * @param {string[]} lines
 * @param {number} first
 */
function rustAbove(lines, first) {
  for (let i = first; i >= 0; i--) {
    if (i < first && / edo_poll \w+_poll\(/.test(lines[i])) return []; // that of another one
    if (!/^\/\* (async fn |#\[tokio::main\])/.test(lines[i])) continue;
    const end = lines.findIndex((line, k) => k >= i && line.includes("*/"));
    return lines.slice(i, end + 1).map((line) => line.replace(/^\/\* |^ \* ?/, "").replace(/\s*\*\/$/, ""));
  }
  return [];
}

/**
 * The lines, NONE for none, of a state in C and of the await in Rust that it stands for.
 * @param {Code} code
 * @param {string} state
 */
function placesOf(code, state) {
  const ending = { EDO_DONE: "edo_future_done(", EDO_FAILED: "edo_future_fail(" }[state];
  if (ending !== undefined) return { c: code.lines.findIndex((line) => line.includes(ending)), rust: NONE };
  const all = code.lines.map((line, i) => ({ i, state: (/^\s*case (\w+):/.exec(line) || [])[1] }))
    .filter((one) => one.state !== undefined);
  const start = all.findIndex((one) => /START$/.test(one.state)); // the order of a loop is that from there on
  const cases = start < 0 ? all : [...all.slice(start + 1), ...all.slice(0, start)];
  const number = cases.findIndex((one) => one.state === state);
  const awaits = code.rust.map((line, i) => (line.includes(".await") ? i : NONE)).filter((i) => i !== NONE);
  return { c: number < 0 ? NONE : cases[number].i, rust: awaits[number] ?? NONE };
}

// --- A view ---------------------------------------------------------------------------------------

/** @typedef {{[name: string]: string}} Attributes */

/**
 * @template {Element} T
 * @param {T} made
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
function fill(made, attributes, ...children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @type {(tag: string, attributes?: Attributes, ...children: (Node | string)[]) => HTMLElement} */
const element = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, ...children);

/** @type {(tag: string, attributes: Attributes, ...children: (Node | string)[]) => SVGElement} of a picture */
const drawn = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, ...children);

/**
 * A text in which names stand out.
 * @param {string} text
 * @param {string[]} names
 */
function withNames(text, names) {
  const any = names.filter((name) => name !== "").sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[^\w\s]/gu, "\\$&")).join("|");
  if (any === "") return [text];
  return text.split(new RegExp("(?<!\\w)(" + any + ")(?!\\w)")).map((part, i) => (i % 2 === 1 ? element("b", {}, part) : part));
}

const MOST_SHOWN = 24; // lines of one kind
const LEFT = 170, WIDTH = 630; // of the time in the picture (demo/views/svg.c)
const EDGE = 20; // how far from an edge of its place the playhead is kept

/** @param {string[]} lines */
const codeBlock = (lines) =>
  element("pre", { tabindex: "0" }, ...lines.map((line) => element("span", { class: "line" }, line + "\n")));

/**
 * Marks the line that runs, and brings it into sight: with the beginning, if there is room for both.
 * @param {HTMLElement} block
 * @param {number} line NONE: none does
 */
function markLine(block, line) {
  for (const before of block.querySelectorAll(".here")) before.classList.remove("here");
  const here = /** @type {HTMLElement | undefined} */ (block.children[line]);
  if (here !== undefined) here.classList.add("here");
  const at = here === undefined ? 0 : here.offsetTop - block.offsetTop;
  block.scrollTop = at + 40 <= block.clientHeight ? 0 : at - 40;
}

/** @param {string} what @param {string[]} lines */
function machineRow(what, lines) {
  const shown = lines.slice(0, MOST_SHOWN);
  if (lines.length > MOST_SHOWN) shown.push("and " + (lines.length - MOST_SHOWN) + " more");
  return [element("dt", {}, what), element("dd", {}, shown.length > 0 ? shown.join("\n") : "-")];
}

/**
 * The first to begin first.
 * @param {Map<number, Future[]>} map
 * @param {number} key
 */
const inOrder = (map, key) => (map.get(key) || []).sort((a, b) => a.number - b.number);

const NAMES_STYLE = ".names{grid-area:1/1;position:sticky;left:0;overflow:hidden;user-select:none;width:" + (LEFT - 6) + "px}" +
  "@media(max-width:620px){.names{width:124px}.names text{transform:translateX(var(--back))}}";

/**
 * The names of the rows, taken out of a picture: a sheet that stays where it is when time is scrolled. Where there is
 * little room it is narrow, and what is nested stands less far in.
 * @param {SVGSVGElement} picture
 * @param {string} bottom of the rows
 */
function namesOf(picture, bottom) {
  const ground = drawn("rect", { class: "ground", y: "26", width: "100%", height: String(Number(bottom) - 26) });
  const names = drawn("svg", { class: "names", height: picture.getAttribute("height") || "0" }, ground);
  for (const label of picture.querySelectorAll("text")) {
    const x = Number(label.getAttribute("x"));
    if (x >= LEFT) continue;
    label.style.setProperty("--back", (6 - x) * 0.75 + "px");
    if (label.querySelector("title") === null) label.append(drawn("title", {}, label.textContent || ""));
    names.append(label);
  }
  return names;
}

class View {
  /** @param {Run} run @param {(step: number) => void} go */
  constructor(run, go) {
    this.run = run;
    this.model = new Model(run);
    this.bottom = "9999";
    this.isDragged = false;
    this.isWhole = false; // all of a long sentence is told
    /** @type {Code | null} */
    this.code = null;
    /** @type {SVGElement | null} */
    this.names = null;
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("view"));
    this.root = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
    this.playhead = this.drawPicture(go);
    this.part("why").addEventListener("click", () => this.follow(this.causeHere(), go));
    this.part("effect").addEventListener("click", () => this.follow(this.effectHere(), go));
    this.part("whole").addEventListener("click", () => {
      this.isWhole = !this.isWhole;
      this.drawStory();
    });
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLButtonElement} */ (this.root.querySelector("[data-part=" + name + "]"));
  }

  causeHere() {
    return this.model.step > 0 ? this.run.causes[this.model.step - 1] : NONE;
  }

  effectHere() {
    return this.model.step > 0 ? this.run.effects.get(this.model.step - 1) ?? NONE : NONE;
  }

  /** @param {number} event @param {(step: number) => void} go */
  follow(event, go) {
    if (event !== NONE) go(event + 1);
  }

  /**
   * The picture that --svg draws, in a tree of its own since it has its own style.
   * @param {(step: number) => void} go
   */
  drawPicture(go) {
    const shadow = this.part("timeline").attachShadow({ mode: "open" });
    const parsed = new DOMParser().parseFromString(this.run.record.picture, "image/svg+xml").documentElement;
    if (parsed.tagName !== "svg") return null;
    const picture = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(parsed, true)));
    picture.setAttribute("style", "display:block;grid-area:1/1;touch-action:pan-y;user-select:none");
    const playhead = drawn("path", { style: "stroke:var(--now);stroke-width:2" });
    picture.append(playhead);
    this.bottom = (/V(\d+)/.exec(picture.querySelector(".grid")?.getAttribute("d") || "") || [])[1] || "9999";
    this.names = namesOf(picture, this.bottom);
    shadow.append(element("style", {}, NAMES_STYLE),
      element("div", { style: "display:grid;width:max-content" }, picture, this.names));
    const drag = (/** @type {PointerEvent} */ event) => {
      if (event.buttons !== 1) return;
      this.isDragged = true;
      picture.setPointerCapture(event.pointerId); // it goes on outside of the picture
      const x = event.clientX - picture.getBoundingClientRect().left;
      go(this.run.stepAt((x - LEFT) / WIDTH * this.run.end));
      this.scrollBeyond(x);
    };
    picture.addEventListener("pointerdown", drag);
    picture.addEventListener("pointermove", drag);
    picture.addEventListener("lostpointercapture", () => { this.isDragged = false; });
    return playhead;
  }

  /** Where it is. */
  get position() {
    const { step, event } = this.model;
    return "step " + step + " of " + this.run.events.length + (event === null ? "" : ", " + ms(event.t));
  }

  /** @param {number} step */
  show(step) {
    this.model.seek(Math.max(0, Math.min(this.run.events.length, step)));
    const event = this.model.event;
    this.part("sentence").replaceChildren(...(event === null ? [sayBeginning(this.run)] :
      withNames(say(this.model, event), namesIn(this.model, event))));
    this.drawStory();
    this.part("label").textContent = this.run.label + ": " + this.position;
    this.part("why").disabled = this.causeHere() === NONE;
    this.part("effect").disabled = this.effectHere() === NONE;
    this.drawTasks();
    this.drawMachine();
    const x = (LEFT + WIDTH * (event === null ? 0 : event.t) / this.run.end).toFixed(1);
    if (this.playhead !== null) this.playhead.setAttribute("d", "M" + x + " 26V" + this.bottom);
    this.drawCode(); // from here on the page is measured: where it changes after that, it is laid out twice
    if (this.playhead !== null && !this.isDragged) this.keepInSight(Number(x));
  }

  /** The sentence that the step is a part of: its own part stands out, and of a long one the rest is told on demand. */
  drawStory() {
    const { texts, here, isTold } = this.run.storyOf(this.model.step - 1);
    const { first, end } = here === NONE ? { first: 0, end: 0 } : clausesAround(texts, here);
    const [from, to] = this.isWhole ? [0, texts.length] : [first, end];
    this.part("story").replaceChildren(...(here === NONE ? [] : [
      (from > 0 ? "\u2026 " : "") + texts.slice(from, here).join(" ") + " ", element(isTold ? "strong" : "span", {}, texts[here]),
      " " + texts.slice(here + 1, to).join(" ") + (to < texts.length ? " \u2026" : "")]));
    this.part("whole").hidden = first === 0 && end === texts.length;
    this.part("whole").textContent = this.isWhole ? "only this part" : "all of this poll";
  }

  /** How much of the picture's place the names of the rows take. */
  get left() {
    return this.names === null ? LEFT : this.names.getBoundingClientRect().width;
  }

  /**
   * Where the picture is wider than its place.
   * @param {number} x
   */
  keepInSight(x) {
    const place = this.part("timeline"), { left } = this;
    if (x < place.scrollLeft + left || x > place.scrollLeft + place.clientWidth - EDGE)
      place.scrollLeft = x - Math.max(left + EDGE, place.clientWidth / 2);
  }

  /**
   * As far as a pointer has gone beyond an edge: the picture must not jump under it.
   * @param {number} x
   */
  scrollBeyond(x) {
    const place = this.part("timeline");
    const beyond = x - place.scrollLeft;
    place.scrollLeft += Math.min(0, beyond - this.left - EDGE) + Math.max(0, beyond - place.clientWidth + EDGE);
  }

  /**
   * @param {number} depth
   * @param {Future} future
   * @param {Map<number, Future[]>} children
   * @param {Node[]} lines
   */
  addFuture(depth, future, children, lines) {
    const event = this.model.event;
    const isHere = event !== null && isOfFuture(event) && event.other === future.number;
    if (lines.length > 4 * MOST_SHOWN) return;
    lines.push(element("div", isHere ? { class: "here" } : {}, "  ".repeat(depth), future.name || future.type, " ",
      element("span", { class: "state" }, future.state)));
    for (const child of inOrder(children, future.number))
      if (!ENDS.includes(child.state)) this.addFuture(depth + 1, child, children, lines);
  }

  drawTasks() {
    /** @type {Map<number, Future[]>} */
    const children = new Map();
    /** @type {Map<number, Future[]>} */
    const roots = new Map();
    for (const future of this.model.futures.values()) {
      if (this.model.futures.has(future.parent)) append(children, future.parent, future);
      else if (future.parent === 0 || !ENDS.includes(future.state)) append(roots, future.task, future);
    }
    const tasks = [...this.model.tasks.values()].filter((task) => task.id !== 0);
    // With many, those that live: who has ended stands in nobody's way.
    const shown = tasks.length <= MOST_SHOWN ? tasks : tasks.filter((task) => task.state !== "ENDED");
    /** @type {Node[]} */
    const lines = [];
    for (const task of shown.slice(0, MOST_SHOWN)) {
      const event = this.model.event;
      const isHere = event !== null && event.task === task.id && !isOfFuture(event);
      lines.push(element("div", { class: "task " + task.state + (isHere ? " here" : "") }, task.name + " ",
        element("span", { class: "state" }, task.state)));
      for (const root of task.state === "ENDED" ? [] : inOrder(roots, task.id)) this.addFuture(1, root, children, lines);
    }
    if (shown.length > MOST_SHOWN) lines.push(element("div", {}, "and " + (shown.length - MOST_SHOWN) + " more"));
    this.part("tasks").replaceChildren(...lines);
  }

  /** @param {Source} source */
  saySource(source) {
    const t = this.model.event === null ? 0 : this.model.event.t;
    const words = ["id " + source.id];
    if (source.fd >= 0) words.push("fd " + source.fd);
    if (source.isTimer && source.deadline === null) words.push("never due");
    else if (source.isTimer && Number(source.deadline) >= t) words.push("in " + ms(Number(source.deadline) - t));
    else if (source.isTimer) words.push(ms(t - Number(source.deadline)) + " late");
    words.push("(" + this.model.nameOf(source.task) + ")");
    // Due at once, it was never in the wheel.
    const { time } = this.model.wheel;
    if (source.isTimer && source.fd < 0 && source.isArmed && time !== null && Number(source.deadline) > Math.max(time, source.armed))
      words.push(slotOf(this.run, source.stays !== null && source.stays > time ? source.stays : Number(source.deadline), time));
    return words.join(" ");
  }

  drawMachine() {
    const { model } = this;
    const armed = model.sourcesThat("isArmed");
    const names = (/** @type {Task[]} */ tasks) => tasks.map((task) => task.name);
    this.part("machine").replaceChildren(
      ...machineRow("polled", model.now.polled === 0 ? [] : [model.nameOf(model.now.polled)]),
      ...machineRow("run queue", names(model.inState("READY"))),
      ...machineRow("waiting", names(model.inState("WAITING"))),
      ...machineRow("due", model.sourcesThat("isDue").map((source) => this.saySource(source))),
      ...machineRow(this.run.isWheel ? "armed, in the wheel" : "armed", armed.map((source) => this.saySource(source))),
      ...machineRow("epoll set", epollSetOf(model)),
      ...machineRow("the thread", [model.now.isAsleep ? "sleeps in epoll_wait" : "is awake"]),
      ...machineRow("system calls", callsOf(model)));
  }

  taskHere() {
    const { event } = this.model;
    return event === null ? 0 : taskOf(event);
  }

  /**
   * The last future that went on: of the task that the event is about, if it has any. If that one has ended, who goes
   * on is the one that awaits it.
   */
  futureShown() {
    const task = this.taskHere();
    const first = Math.max(0, this.model.step - 1000);
    /** @type {Future | null} */
    let ofOthers = null;
    for (let i = this.model.step - 1; i >= first; i--) {
      const event = this.run.events[i];
      if (!isOfFuture(event)) continue;
      const last = this.model.futures.get(event.other);
      const isOwn = last !== undefined && last.parent === 0 && event.task === task;
      const future = this.withCode(last, i === this.model.step - 1 || isOwn);
      if (future === null) continue;
      if (task === 0 || event.task === task) return future;
      ofOthers = ofOthers || future;
    }
    return ofOthers;
  }

  /**
   * @param {Future | undefined} future
   * @param {boolean} isNow it is what just went on, so it is shown also if that was its end
   * @returns {Future | null}
   */
  withCode(future, isNow) {
    if (future === undefined) return null;
    const hasGone = ENDS.includes(future.state) && !isNow;
    if (!hasGone && codeOf(this.run, future.type) !== null) return future;
    return this.withCode(this.model.futures.get(future.parent), false);
  }

  sayNoCode() {
    if (this.run.record.dropped > 0) return "Which function runs here is not known, or its source is not in this page.";
    return this.model.step === 0 ? "No function has been called yet." : "No source of what runs here is in this page.";
  }

  drawCode() {
    const future = this.futureShown();
    const code = future === null ? null : codeOf(this.run, future.type);
    if (future === null || code === null) {
      this.code = null;
      this.part("function").textContent = "code";
      this.part("code").replaceChildren(element("div", {}, this.sayNoCode()));
      return;
    }
    const { c, rust } = placesOf(code, future.state);
    const name = future.name || (future.parent === 0 ? this.model.nameOf(future.task) : future.type);
    const when = future.task === this.taskHere() ? "" : "before that: ";
    this.part("function").textContent = when + name + " at " + future.state + ", " + code.file;
    if (this.code !== code)
      this.part("code").replaceChildren(...[code.rust, code.lines].filter((lines) => lines.length > 0).map(codeBlock));
    this.code = code;
    const blocks = /** @type {HTMLElement[]} */ ([...this.part("code").children]);
    markLine(blocks[blocks.length - 1], c);
    if (blocks.length > 1) markLine(blocks[0], rust);
  }
}

// --- Moving ---------------------------------------------------------------------------------------

const byId = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

/** @type {Run[]} */
const runs = [...document.querySelectorAll("script.run")].flatMap((script, i) => {
  const record = JSON.parse(script.textContent || "null");
  return record === null ? [] : [new Run(record, script.getAttribute("data-label") || "run " + (i + 1))];
});

/** @type {View[]} the first is moved, the second follows */
let views = [];
let step = 0;

/** @param {number} to */
function go(to) {
  const [view, beside] = views;
  if (view === undefined) return;
  step = Math.max(0, Math.min(view.run.events.length, to));
  view.show(step);
  const t = step > 0 ? view.run.events[step - 1].t : NONE;
  if (beside !== undefined) beside.show(byId("align").value === "time" ? beside.run.stepAt(t) : step);
  byId("position").textContent = view.position;
  byId("scrub").value = String(step);
  byId("scrub").setAttribute("aria-valuetext", byId("position").textContent || "");
  if (linkTimer === undefined) linkTimer = setTimeout(writeLink, 100);
}

/** @type {number | undefined} */
let linkTimer;

/** What it takes to come here again; ten times a second at most, since browsers refuse more than twenty. */
function writeLink() {
  linkTimer = undefined;
  const link = ["step=" + step];
  if (views[0].run !== runs[0]) link.push("run=" + runs.indexOf(views[0].run));
  if (views[1] !== undefined) link.push("beside=" + runs.indexOf(views[1].run));
  history.replaceState(null, "", "#" + link.join("&"));
}

/** The task that was the last to do something. */
function lastTask() {
  const { run } = views[0];
  const found = run.look(step, -1, (event) => event.task !== 0);
  return found === NONE ? 1 : run.events[found].task;
}

/**
 * At what a step ends; by task, it is a poll of the last one.
 * @type {{[by: string]: ((event: Happening) => boolean) | undefined}}
 */
const STOPS = {
  event: () => true,
  turn: (event) => event.kind === "leave" || event.kind === "enter",
  wake: (event) => event.kind === "wake",
  mark: (event) => event.kind === "phase" || event.kind === "stuck" ||
    (event.kind === "fire" && event.arg !== null && event.arg > 0 && event.t - event.arg >= LATE_NS),
};

/** @param {1 | -1} way */
function move(way) {
  const { run } = views[0];
  const task = lastTask();
  const isTasks = (/** @type {Happening} */ event) => event.kind === "poll_begin" && event.task === task;
  const found = run.look(step - 1, way, STOPS[byId("by").value] ?? isTasks);
  go(found !== NONE ? found + 1 : way > 0 ? run.events.length : 0);
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
  if (step === views[0].run.events.length) go(0);
  byId("play").textContent = "pause";
  keepPlaying();
}

/** At the speed that is chosen. */
function keepPlaying() {
  clearInterval(timer);
  timer = setInterval(() => {
    move(1);
    if (step === views[0].run.events.length) pause();
  }, 700 * Number(byId("speed").value));
}

/**
 * The source that an event is about, NONE for none.
 * @param {Happening} event
 */
function sourceOf(event) {
  if (isOfSource(event) || event.kind === "lost") return event.other;
  return event.kind === "wake" && isBySource(event) ? Number(event.arg) : NONE;
}

/** The next event that has the text in it, or is about the source of that id. */
function find() {
  const text = byId("find").value.toLowerCase().trim();
  const [{ run, model }] = views;
  const has = (/** @type {Happening} */ event) => text === "id " + sourceOf(event) ||
    [event.name, event.from, event.to, model.nameOf(event.task)].some((part) => part?.toLowerCase().includes(text));
  const next = run.look(step - 1, 1, has);
  const found = next !== NONE ? next : run.look(NONE, 1, has);
  if (text !== "" && found !== NONE) go(found + 1);
}

function differ() {
  if (views[1] === undefined) return;
  const found = firstDifference(views[0].run, views[1].run);
  if (found !== NONE) go(found + 1);
  else byId("position").textContent = "the two runs don't differ";
}

/**
 * Shows a run, and another one beside it.
 * @param {Run | undefined} run
 * @param {Run | undefined} beside
 */
function openRuns(run, beside) {
  pause();
  views = [run, beside].flatMap((one) => (one === undefined ? [] : [new View(one, go)]));
  byId("views").replaceChildren(...views.map((view) => view.root));
  byId("views").classList.toggle("two", views.length > 1);
  for (const view of views) view.part("label").hidden = runs.length < 2;
  for (const section of views[1] === undefined ? [] : views[1].root.querySelectorAll("section[aria-label]"))
    section.setAttribute("aria-label", section.getAttribute("aria-label") + " of the run beside");
  for (const hidden of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-two]")))
    hidden.hidden = views.length < 2;
  byId("scrub").max = String(run === undefined ? 0 : run.events.length);
  if (run !== undefined) byId("title").textContent = titleOf(run.record);
  document.title = byId("title").textContent || "edo";
}

/** @param {string} by */
function stepBy(by) {
  byId("by").value = by;
}

/** @type {{[key: string]: [string, () => void]}} */
const KEYS = {
  ArrowRight: ["\u2192 on", () => move(1)],
  ArrowLeft: ["\u2190 back", () => move(-1)],
  Home: ["Home", () => go(0)],
  End: ["End", () => go(Infinity)],
  " ": ["space: play", play],
  e: ["e: step by event", () => stepBy("event")],
  t: ["t: by turn", () => stepBy("turn")],
  w: ["w: by wake", () => stepBy("wake")],
  k: ["k: by task", () => stepBy("task")],
  m: ["m: by mark", () => stepBy("mark")],
  y: ["y: why?", () => views[0].follow(views[0].causeHere(), go)],
  f: ["f: what followed?", () => views[0].follow(views[0].effectHere(), go)],
  d: ["d: first difference", differ],
  "/": ["/: find", () => byId("find").focus()],
};

/**
 * Whether the key belongs to what has the focus.
 * @param {KeyboardEvent} event
 */
function isTaken(event) {
  const { tagName, id } = /** @type {HTMLElement} */ (event.target);
  return event.ctrlKey || event.metaKey || event.altKey || id === "find" || tagName === "SELECT" ||
    (tagName === "BUTTON" && event.key === " ");
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isTaken(event) || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key][1]();
}

/** @param {string} link @param {string} name */
function ofLink(link, name) {
  const found = new RegExp("[#&]" + name + "=(\\d+)").exec(link);
  return found === null ? undefined : Number(found[1]);
}

/** @param {string} link */
function openLink(link) {
  const run = runs[ofLink(link, "run") ?? 0] || runs[0];
  const beside = runs[ofLink(link, "beside") ?? NONE];
  byId("run").value = String(runs.indexOf(run));
  byId("beside").value = beside === undefined ? "" : String(runs.indexOf(beside));
  openRuns(run, beside);
  go(ofLink(link, "step") ?? 0);
}

/** @param {string} id @param {(value: string) => void} does */
function onChange(id, does) {
  byId(id).addEventListener("change", () => does(byId(id).value));
}

/** @param {Recorded} record */
function titleOf({ program, isVirtual, dropped }) {
  return "edo: " + program + (isVirtual ? ", on the virtual clock" : "") +
    (dropped > 0 ? ", without its first " + dropped + " events" : "");
}

function begin() {
  for (const [i, run] of runs.entries())
    for (const id of ["run", "beside"]) byId(id).append(element("option", { value: String(i) }, run.label));
  for (const hidden of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-many]")))
    hidden.hidden = runs.length < 2;
  byId("keys").textContent = "Keys: " + Object.values(KEYS).map(([what]) => what).join(" \u00b7 ");
  /** @type {[string, () => void][]} */
  const clicks = [["first", () => go(0)], ["back", () => move(-1)], ["forward", () => move(1)],
    ["last", () => go(Infinity)], ["play", play], ["differ", differ]];
  for (const [id, does] of clicks) byId(id).addEventListener("click", does);
  byId("scrub").addEventListener("input", () => go(Number(byId("scrub").value)));
  byId("find").addEventListener("keydown", (event) => { if (event.key === "Enter") find(); });
  const reopen = () => {
    const at = step;
    openRuns(runs[Number(byId("run").value)], byId("beside").value === "" ? undefined : runs[Number(byId("beside").value)]);
    go(at);
  };
  for (const id of ["run", "beside"]) onChange(id, reopen);
  onChange("align", () => go(step));
  onChange("speed", () => { if (timer !== undefined) keepPlaying(); });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", (event) => openLink(new URL(event.newURL).hash));
  openLink(location.hash);
}

begin();
