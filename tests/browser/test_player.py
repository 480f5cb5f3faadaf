#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The player in a real browser: at each step it shows what the C model says of the trace."""
import json
import re
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from case import DEMO, MUST, SLOT, Test, Walk
from expected import Expected
from page import (AXE, BUILD, WORK, Page, events_of, join_runs, make_placed_run, make_run,
                  open_browser, record_of, steps_of)

LESSONS = sorted(path for path in (BUILD / "lessons").iterdir() if path.suffix == "")
RUNS = {
    "demo": [DEMO, "--virtual", "--quiet"],
    "demo-wheel": [DEMO, "--virtual", "--quiet", "--timers=wheel"],
    "demo-fails": [DEMO, "--virtual", "--quiet", "--fail=2"],
    "demo-real": [DEMO, "--quiet"],
    "demo-wheel-real": [DEMO, "--quiet", "--timers=wheel"],
    **{lesson.name: [lesson, "--virtual", "--quiet"] for lesson in LESSONS},
}
PLACED = sorted(path for path in (WORK / "placed").iterdir())


def setUpModule():
    global browser
    browser = open_browser()


class Steps(Walk):
    """All of them."""

    def test_each_step_shows_what_the_model_says_forwards_and_backwards(self):
        for name, command in RUNS.items():
            with self.subTest(name):
                self.check_walk(*make_run(name, command))

    def test_a_thread_that_watches_the_clock_says_for_how_long(self):
        html, trace = make_run("demo-spin", [DEMO, "--spin", "--quiet"])
        self.check_walk(html, trace)
        events = events_of(trace)
        for step, (event, after) in enumerate(zip(events, events[1:]), 1):
            if event["kind"] != "leave":
                continue
            watched = int(after["t_ns"]) - int(event["t_ns"])
            is_watch = after["kind"] == "fire" and int(event["t_ns"]) < int(after["arg"])
            said = Page(browser, html).walk([step])[0]["page"]["texts"][0]
            if is_watch and watched >= 10000:
                self.assertIn("watches the clock for %.2f ms" % (watched / 1e6), said)
            else:
                self.assertIn("collects what the kernel has to report", said)

    def test_an_fd_that_a_task_closes_is_that_tasks_deed(self):
        html, trace = make_run("closes", [WORK / "runs", "closes"])
        self.check_walk(html, trace)
        said = {event["kind"]: Page(browser, html).walk([step])[0]["page"]["texts"][0]
                for step, event in enumerate(events_of(trace), 1)
                if event["kind"] in ("fire", "wake")}
        self.assertRegex(said["fire"], r"^closer closes fd \d+: source id \d+ is due")
        self.assertRegex(said["wake"], r"^closer has closed the fd, so source id \d+ wakes waiter")

    def test_whatever_the_names_they_are_only_shown(self):
        self.check_walk(*make_run("names", [WORK / "runs", "names"]))
        self.assertEqual(browser.execute_script(
            "return document.querySelectorAll('script').length"), 2)
        self.assertEqual(browser.execute_script(
            "return document.querySelectorAll('img, b, i, svg, iframe').length + "
            "document.querySelector('[data-part=timeline]').shadowRoot"
            ".querySelectorAll('script, img, b, i, svg svg').length"), 0)

    def test_whatever_the_name_of_the_program_it_is_only_shown(self):
        name = "<img src=x onerror=alert(4)>\u202e\t'\" .html"
        program = WORK / name
        program.unlink(missing_ok=True)
        program.symlink_to(DEMO)
        page = Page(browser, make_run("program", [program, "--virtual", "--quiet"])[0])
        shown = name.replace("\u202e", "\ufffd").replace("\t", "\ufffd")
        self.assertIn(shown, page.run("return document.getElementById('title').textContent"))
        self.assertEqual(page.run("return document.querySelectorAll('img').length"), 0)
        self.assertSilent(page)


class Places(Test):
    """Levels and slots of the wheel, held against where it had the timers."""

    def check_places(self, html, places):
        page = Page(browser, html)
        kinds = [event[1] for event in record_of(html)["events"]]
        steps = sorted(places)
        forwards, backwards = page.walk(steps), page.walk(reversed(steps))
        self.assertEqual(forwards, backwards[::-1])
        for step, shown in zip(steps, forwards):
            machine = shown["page"]["machine"]
            armed = machine.get("armed, in the wheel", "") or machine["armed"]
            found = {int(number): (int(level), int(slot))
                     for number, _, level, slot in SLOT.findall(armed)}
            fires = kinds[step - 1:step + 1]  # a slot that is opened as a whole is empty at once
            if len(found) > len(places[step]) and "fire" in fires:
                found = {number: at for number, at in found.items() if number in places[step]}
            self.assertEqual(found, places[step], "at step %d" % step)

    def test_each_timer_is_shown_where_the_wheel_has_it(self):
        for program in PLACED:
            for clock in [["--virtual"], []]:
                name = "-".join(["placed", program.name, *clock])
                with self.subTest(name):
                    command = [program, "--quiet", "--timers=wheel", *clock]
                    page, places = make_placed_run(name, command)
                    self.assertTrue(any(places.values()))
                    self.check_places(page, places)


class Moving(Test):
    """Keys, buttons, links, and what is looked for, in a run of the demo."""

    @classmethod
    def setUpClass(cls):
        cls.html, trace = make_run("demo", RUNS["demo"])
        cls.events = events_of(trace)
        cls.whole, cls.steps = steps_of(trace)

    def setUp(self):
        self.page = Page(browser, self.html)

    def tearDown(self):
        """Wherever the test went, the page shows what is true there."""
        step = self.page.step()
        self.assertEqual(self.page.walk([step])[0]["model"], self.steps[step])
        self.assertSilent(self.page)

    def assertAt(self, step):
        self.assertEqual(self.page.step(), step)

    def next_step(self, step, way, is_one):
        """The step after the next event, or the one before, of that kind; else the end."""
        step += way
        while 0 < step < len(self.events) and not is_one(self.events[step - 1]):
            step += way
        return step

    def test_arrows_home_and_end(self):
        for key, step in [(Keys.ARROW_RIGHT, 1), (Keys.ARROW_RIGHT, 2), (Keys.ARROW_LEFT, 1),
                          (Keys.ARROW_LEFT, 0), (Keys.ARROW_LEFT, 0), (Keys.END, len(self.events)),
                          (Keys.ARROW_RIGHT, len(self.events)),
                          (Keys.ARROW_LEFT, len(self.events) - 1), (Keys.HOME, 0)]:
            self.page.press(key)
            self.assertAt(step)

    def check_landmarks(self, key, is_one):
        self.page.press(Keys.HOME, key)
        step = 0
        while step < len(self.events):
            step = self.next_step(step, 1, is_one)
            self.page.press(Keys.ARROW_RIGHT)
            self.assertAt(step)
        while step > 0:
            step = self.next_step(step, -1, is_one)
            self.page.press(Keys.ARROW_LEFT)
            self.assertAt(step)

    def test_t_makes_a_step_a_turn(self):
        self.check_landmarks("t", lambda event: event["kind"] in ["enter", "leave"])

    def test_w_makes_a_step_a_wake(self):
        self.check_landmarks("w", lambda event: event["kind"] == "wake")

    def test_e_makes_a_step_an_event_again(self):
        self.page.press("w", "e", Keys.ARROW_RIGHT)
        self.assertAt(1)

    def test_m_makes_a_step_a_phase(self):
        self.check_landmarks("m", lambda event: event["kind"] == "phase")

    def test_k_makes_a_step_a_poll_of_the_same_task(self):
        spawned = next(i for i, event in enumerate(self.events) if event["kind"] == "spawn"
                       and event["name"] == "async_task(2)")
        polls = [i + 1 for i, event in enumerate(self.events) if event["kind"] == "poll_begin"
                 and event["task"] == self.events[spawned]["task"]]
        self.page.run("go(arguments[0])", spawned + 1)
        self.page.press("k")
        for step in polls:
            self.page.press(Keys.ARROW_RIGHT)
            self.assertAt(step)
        self.page.press(Keys.ARROW_LEFT)
        self.assertAt(polls[-2])

    def test_y_leads_from_a_poll_through_wake_timer_and_arming_to_the_first_poll(self):
        fired = next(i for i, event in enumerate(self.events) if event["kind"] == "fire")
        polled = next(i for i, event in enumerate(self.events) if event["kind"] == "poll_begin"
                      and i > fired)
        self.page.run("go(arguments[0])", polled + 1)
        kinds = []
        while len(kinds) < 5:
            self.page.press("y")
            kinds.append(self.events[self.page.step() - 1]["kind"])
        self.assertEqual(kinds, ["wake", "fire", "arm", "poll_begin", "spawn"])

    def test_f_leads_where_y_leads_back_from_or_on_to_the_end_of_what_began(self):
        for step in range(1, len(self.events)):
            self.page.run("go(arguments[0])", step)
            self.page.press("f")
            reached = self.page.step()
            self.page.press("y")
            if self.page.step() != step != reached:
                kind = self.events[step - 1]["kind"]
                self.assertIn(kind, ["phase", "leave", "name", "disarm", "poll_end", "state"])
                self.assertGreater(reached, step)
                if kind != "state":
                    self.assertEqual(reached, step + 1)
        self.page.press(Keys.HOME, Keys.ARROW_RIGHT, "f")
        self.assertEqual(self.events[self.page.step() - 1]["kind"], "poll_begin")

    def test_f_leads_from_the_end_of_a_child_to_who_awaits_it(self):
        ended = next(i for i, event in enumerate(self.events) if event["name"] == "fetch_data"
                     and event["to"] == "EDO_DONE")
        self.page.run("go(arguments[0])", ended + 1)
        self.page.press("f")
        follows = self.events[self.page.step() - 1]
        self.assertEqual((follows["name"], follows["from"]), ("async_main", "MAIN_AWAITS_FETCH"))

    def test_f_leads_from_a_timer_that_was_not_needed_to_where_it_is_disarmed(self):
        html, trace = make_run("race", RUNS["race"])
        events = events_of(trace)
        disarmed = next(i for i, event in enumerate(events) if event["kind"] == "disarm")
        armed = next(i for i, event in enumerate(events) if event["kind"] == "arm"
                     and event["other"] == events[disarmed]["other"])
        page = Page(browser, html, "#step=%d" % (armed + 1))
        page.press("f")
        self.assertEqual(page.step(), disarmed + 1)
        cancelled = next(i for i, event in enumerate(events) if event["kind"] == "cancel")
        page.run("go(arguments[0])", cancelled + 1)
        page.press("f")
        self.assertEqual(page.step(), disarmed + 1)
        self.page = Page(browser, self.html)

    def test_space_plays_to_the_end_and_pauses(self):
        self.page.run("document.getElementById('speed').value = '0.25'")
        self.page.press(" ")
        self.page.wait_for("step >= 2")
        self.page.press(" ")
        self.assertEqual(self.page.run("return timer"), None)
        self.page.run("go(views[0].run.events.length - 1)")
        self.page.press(" ")
        self.page.wait_for("timer === undefined")
        self.assertAt(len(self.events))

    def test_each_speed_steps_as_often_as_it_says_also_when_chosen_meanwhile(self):
        self.page.run("window.setInterval = (_, ms) => { window.every = ms; return 1; }")
        speed = Select(browser.find_element("id", "speed"))
        speed.select_by_visible_text("slow")
        self.page.click("#play")
        for name, every in [("slow", 1400), ("medium", 700), ("fast", 175)]:
            speed.select_by_visible_text(name)
            self.assertEqual(self.page.run("return window.every"), every)
        self.assertEqual(self.page.run("return document.getElementById('play').textContent"),
                         "pause")
        self.page.click("#play")
        self.page.run("window.every = null")
        speed.select_by_visible_text("slow")
        self.assertEqual(self.page.run("return [window.every, timer]"), [None, None])

    def test_for_who_wants_less_motion_nothing_moves_by_itself(self):
        self.page.emulate("prefers-reduced-motion", "reduce")
        self.page.press(Keys.ARROW_RIGHT)
        self.page.click("#last")
        self.assertEqual(self.page.run("return document.getAnimations().length"), 0)
        self.assertEqual(self.page.run(
            "return [...document.querySelectorAll('*')].filter((node) => {"
            "  const style = getComputedStyle(node);"
            "  return style.transitionDuration !== '0s' || style.animationName !== 'none' ||"
            "    style.scrollBehavior !== 'auto'; }).map((node) => node.outerHTML)"), [])
        self.assertEqual(self.page.run("return timer"), None)

    def test_buttons_do_what_the_keys_do(self):
        for button, step in [("forward", 1), ("forward", 2), ("back", 1),
                             ("last", len(self.events)), ("first", 0), ("forward", 1)]:
            self.page.click("#" + button)
            self.assertAt(step)
        for button, step in [("effect", 2), ("why", 1)]:
            self.page.click("[data-part=%s]" % button)
            self.assertAt(step)
        self.page.click("#play")
        self.page.click("#play")
        self.assertEqual(self.page.run("return timer"), None)

    def test_a_slider_moves(self):
        slider = browser.find_element("id", "scrub")
        slider.click()
        self.assertEqual(str(self.page.step()), slider.get_attribute("value"))
        self.assertNotEqual(self.page.step(), 0)

    def test_a_link_leads_to_its_step(self):
        for link, step in [("#step=37", 37), ("#step=0", 0), ("#step=999999", len(self.events)),
                           ("", 0), ("#step=-1", 0), ("#step=x", 0), ("#other", 0)]:
            self.page = Page(browser, self.html, link)
            self.assertAt(step)
        self.page.run("location.hash = '#step=12'")
        self.page.wait_for("step === 12")
        self.page.press(Keys.ARROW_RIGHT)
        self.page.wait_for("location.hash === '#step=13'")

    def test_find_goes_to_each_event_of_that_name_and_begins_anew(self):
        named = [i + 1 for i, event in enumerate(self.events) if event["name"] == "join_tasks"]
        self.page.press("/", "JOIN_tasks")
        self.assertEqual(self.page.run("return document.activeElement.id"), "find")
        for step in named + named[:1]:
            self.page.press(Keys.ENTER)
            self.assertAt(step)

    def check_find(self, text, is_one):
        found = [i + 1 for i, event in enumerate(self.events) if is_one(event)]
        self.assertNotEqual(found, [])
        self.page.press("/", text)
        for step in found + found[:1]:
            self.page.press(Keys.ENTER)
            self.assertAt(step)

    def test_find_goes_to_each_event_of_a_state(self):
        self.check_find("main_awaits_tasks", lambda event: "MAIN_AWAITS_TASKS" in [
            event["from"], event["to"]])

    def test_find_goes_to_each_event_of_an_id_and_of_no_other_number(self):
        self.check_find("ID 2", lambda event: "2" == (
            event["other"] if event["kind"] in ["arm", "fire", "disarm", "lost"] else
            event["arg"] if event["kind"] == "wake" and event["from"] == "timer" else None))

    def test_find_stays_where_nothing_is_found(self):
        self.page.run("go(5)")
        self.page.press("/", "no such text", Keys.ENTER)
        self.assertAt(5)

    def test_find_does_not_bring_in_tasks_that_are_not_there_yet(self):
        self.page.press("/", "async_task(3)", Keys.ENTER)
        for i, step in enumerate(self.steps[:self.page.step() + 2]):
            self.assertEqual(self.page.walk([i])[0]["page"]["tasks"],
                             Expected(self.whole, self.steps, record_of(self.html)).tasks(step))

    def test_what_is_typed_is_no_key(self):
        self.page.press("/", "wetky f", Keys.HOME, Keys.ARROW_RIGHT, Keys.END)
        self.assertAt(0)
        self.assertEqual(self.page.run("return document.getElementById('find').value"),
                         "wetky f")
        self.assertEqual(self.page.run("return document.getElementById('by').value"), "event")

    def test_with_control_a_key_is_the_browsers(self):
        ActionChains(browser).key_down(Keys.CONTROL).send_keys(Keys.ARROW_RIGHT).key_up(
            Keys.CONTROL).perform()
        self.assertAt(0)

    def test_tab_reaches_every_control_and_shows_where_it_is(self):
        self.page.run("go(30)")
        name = "(node) => node.id || node.dataset.part || node.tagName"
        controls = self.page.run(
            "return [...document.querySelectorAll('button, select, input, [tabindex]')].filter("
            "(node) => !node.disabled && node.checkVisibility()).map(%s)" % name)
        reached = []
        for _ in controls:
            self.page.press(Keys.TAB)
            reached.append(self.page.run("return (%s)(document.activeElement)" % name))
            self.assertNotEqual(self.page.run("return getComputedStyle(document.activeElement)"
                                              ".outlineStyle"), "none")
        self.assertEqual(reached, controls)


def duration(event):
    """For how long a timer is armed."""
    return [int(event["arg"]) - int(event["t_ns"])] if event["kind"] == "arm" else []


class Beside(Test):
    """Two runs in a page."""

    @classmethod
    def setUpClass(cls):
        pages, traces = zip(*[make_run(name, RUNS[name]) for name in ["demo", "demo-fails"]])
        cls.html = join_runs("both", well=pages[0], fails=pages[1])
        cls.events = [events_of(trace) for trace in traces]
        cls.steps = [steps_of(trace)[1] for trace in traces]

    def setUp(self):
        self.page = Page(browser, self.html, "#step=7&beside=1")

    def tearDown(self):
        self.assertSilent(self.page)

    def check_beside(self, other_step):
        """Both views, where the second is to be where that says."""
        for view in [0, 1]:
            shown = self.page.walk(range(len(self.steps[0])), view)
            for step, at in zip(self.steps[0], shown):
                self.assertEqual(at["model"], other_step(step) if view else step)

    def test_aligned_by_step_each_shows_its_own(self):
        last = len(self.steps[1]) - 1
        self.check_beside(lambda step: self.steps[1][min(step["step"], last)])

    def test_aligned_by_time_the_other_is_where_it_was_then(self):
        Select(browser.find_element("id", "align")).select_by_value("time")
        self.check_beside(lambda step: self.steps[1][0] if step["step"] == 0 else [
            other for other in self.steps[1] if other["step"] == 0 or other["t"] <= step["t"]][-1])

    def test_d_goes_to_where_they_part(self):
        signs = [[[event[part] for part in ["kind", "task", "from", "to", "name"]] + duration(event)
                  for event in events] for events in self.events]
        first = next(i for i, (one, other) in enumerate(zip(*signs)) if one != other)
        self.page.press("d")
        self.assertEqual(self.page.step(), first + 1)
        self.page.press(Keys.HOME)
        self.page.click("#differ")
        self.assertEqual(self.page.step(), first + 1)

    def test_d_goes_to_where_they_part_also_when_aligned_by_time(self):
        self.page.press("d")
        step = self.page.step()
        Select(browser.find_element("id", "align")).select_by_value("time")
        self.page.click("#first")
        self.page.click("#differ")
        self.assertEqual(self.page.step(), step)
        then = self.steps[0][step]["t"]
        self.assertEqual(self.page.run("return views[1].model.step"), max(
            other["step"] for other in self.steps[1] if other["t"] <= then))

    def open_beside_a_copy(self, link="#beside=1", events=None):
        """A run, and beside it the same once more, up to so many events."""
        page = make_run("demo", RUNS["demo"])[0]
        before, record, after = re.split(
            r'(?s)(?<=class="run">\n)(.*?)(?=</script>)', page.read_text(), maxsplit=1)
        record = json.loads(record)
        record["events"] = record["events"][:events]
        copy = page.with_name("copy.html")
        copy.write_text(before + json.dumps(record) + "\n" + after)
        self.page = Page(browser, join_runs("copies", one=page, copy=copy), link)

    def test_d_says_so_where_they_do_not_part(self):
        self.open_beside_a_copy()
        self.page.press("d")
        self.assertEqual(self.page.step(), 0)
        self.assertEqual(self.page.run("return document.getElementById('position').textContent"),
                         "the two runs don't differ")

    def test_d_goes_to_where_one_of_them_ends(self):
        for link, step in [("#beside=1", 51), ("#run=1&beside=0", 50)]:
            self.open_beside_a_copy(link, 50)
            self.page.press("d")
            self.assertEqual(self.page.step(), step)

    def test_another_run_is_chosen_and_the_link_says_so(self):
        Select(browser.find_element("id", "run")).select_by_visible_text("fails")
        Select(browser.find_element("id", "beside")).select_by_visible_text("well")
        self.assertEqual(self.page.walk([7])[0]["model"], self.steps[1][7])
        self.assertEqual(self.page.walk([7], 1)[0]["model"], self.steps[0][7])
        self.page.wait_for("location.hash === '#step=7&run=1&beside=0'")
        Select(browser.find_element("id", "beside")).select_by_visible_text("none")
        self.page.wait_for("location.hash === '#step=7&run=1'")
        self.assertEqual(self.page.run("return views.length"), 1)


class Long(Walk):
    """Runs of 100,000 events: what is quadratic would not end here."""

    EVENTS, MOST_TOUCHED = 100000, 1500
    SHAPES = [(100, 125), (20, 600), (5000, 2)]  # tasks, and rounds of each

    @classmethod
    def setUpClass(cls):
        cls.runs = {shape: make_run("long-%d-%d" % shape, [WORK / "runs", *map(str, shape)])
                    for shape in cls.SHAPES}

    def test_some_steps_show_what_the_model_says(self):
        for shape, (html, trace) in self.runs.items():
            with self.subTest(shape):
                self.check_walk(html, trace, every=1999)

    def test_a_step_touches_few_nodes(self):
        for shape, (html, _) in self.runs.items():
            page = Page(browser, html)
            self.assertGreaterEqual(page.run("return views[0].run.events.length"), self.EVENTS)
            steps = [first + more for first in range(0, self.EVENTS, self.EVENTS // 50)
                     for more in [0, 1, 2, 1]]
            with self.subTest(shape):
                touched = page.touch(steps)
                self.assertLess(max(touched), self.MOST_TOUCHED)
                self.assertGreater(min(touched[1:]), 0)

    def test_keys_go_on_and_back(self):
        page = Page(browser, self.runs[self.SHAPES[1]][0], "#step=50000")
        for key, step in [(Keys.ARROW_RIGHT, 50001), (Keys.ARROW_LEFT, 50000), (Keys.END, None),
                          (Keys.HOME, 0)]:
            page.press(key)
            self.assertEqual(page.step(), page.run("return views[0].run.events.length")
                             if step is None else step)
        self.assertSilent(page)


class Looks(Test):
    """At any width, in light and dark."""

    WIDTHS = [360, 480, 620, 800, 1001, 1280, 1400, 1600]

    @classmethod
    def setUpClass(cls):
        commands = {name: RUNS[name] for name in
                    ["demo", "demo-fails", "chat", "starvation", "echo-server"]}
        commands["names"] = [WORK / "runs", "names"]
        cls.pages = {name: make_run(name, command)[0] for name, command in commands.items()}
        cls.pages["both"] = join_runs("both", well=cls.pages["demo"], fails=cls.pages["demo-fails"])

    def open(self, name):
        return Page(browser, self.pages[name], "#step=0&beside=1")

    def steps_to_see(self, page):
        count = page.run("return views[0].run.events.length")
        return [0, 1, count // 3, count // 2, count]

    def test_no_text_is_small_or_cut_off_and_nothing_overlaps(self):
        for name in self.pages:
            page = self.open(name)
            for width in self.WIDTHS:
                page.resize(width)
                for step in self.steps_to_see(page):
                    page.run("go(arguments[0])", step)
                    with self.subTest("%s, %d px, step %d" % (name, width, step)):
                        self.assertEqual(page.look(), [])

    def test_of_a_long_sentence_the_part_of_this_step_stands_out_and_the_rest_is_on_demand(self):
        page = Page(browser, self.pages["echo-server"])
        story = "return document.querySelector('[data-part=story]').textContent"
        steps = page.run(
            "const text = (part) => document.querySelector(part)?.textContent;"
            "return views[0].run.events.map((event, i) => { go(i + 1); return [event,"
            "text('[data-part=story] strong'), text('[data-part=story]')]; })")
        states = 0
        for event, part, told in steps:
            self.assertLess(len(told), 250)
            if event["kind"] == "state" and part is not None:
                self.assertIn(event["to"] if event["from"] != event["to"] else "again", part)
                states += 1
        self.assertGreater(states, 50)
        page.run("go(85)")
        short = page.run(story)
        page.click("[data-part=whole]")
        self.assertGreater(len(page.run(story)), 300)
        page.click("[data-part=whole]")
        self.assertEqual(page.run(story), short)

    def test_the_names_of_rows_stay_in_sight(self):
        for name, width in [("both", 1280), ("chat", 360)]:
            page = self.open(name)
            page.resize(width)
            page.press(Keys.END)
            for view in range(page.run("return views.length")):
                place, names = page.run(
                    "const place = views[arguments[0]].part('timeline');"
                    "const boxes = [...place.shadowRoot.querySelectorAll('.names text')].map("
                    "(text) => text.getBoundingClientRect().left);"
                    "return [place.getBoundingClientRect().left, boxes]", view)
                self.assertGreater(page.run("return views[0].part('timeline').scrollLeft"), 0)
                self.assertGreater(len(names), 4)
                for left in names:
                    self.assertTrue(0 < left - place < 118, left - place)

    def test_the_line_that_runs_is_in_sight_in_the_pane_of_its_code(self):
        for name in ["demo", "chat"]:
            page = Page(browser, self.pages[name])
            page.resize(800)
            self.assertEqual(page.run(
                "const isHidden = (line) => {"
                "const pane = line.parentElement.getBoundingClientRect();"
                "const at = line.getBoundingClientRect();"
                "return at.top < pane.top - 1 || at.bottom > pane.bottom + 1; };"
                "return views[0].run.events.flatMap((_, i) => { go(i + 1);"
                "return [...document.querySelectorAll('.code .here')].filter(isHidden)"
                ".map((line) => i + 1 + line.textContent); })"), [])
            self.assertEqual(page.run("return scrollY"), 0)

    @unittest.skipUnless(AXE.exists() or MUST, "axe-core is not here")
    def test_axe_finds_nothing(self):
        for name in self.pages:
            page = self.open(name)
            for width in [360, 800, 1600]:
                for scheme in ["light", "dark"]:
                    page.resize(width, scheme=scheme)
                    page.run("go(arguments[0])", self.steps_to_see(page)[2])
                    with self.subTest("%s, %d px, %s" % (name, width, scheme)):
                        self.assertEqual(page.violations(), [])
