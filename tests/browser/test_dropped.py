# SPDX-License-Identifier: MIT
"""Runs that were longer than the recorder had room for: the page has only their end."""
from case import DEMO, Walk
from page import BUILD, WORK, Page, events_of, make_run, open_browser

RUNS = {
    "demo": [DEMO, "--virtual", "--quiet"],
    "demo-wheel": [DEMO, "--virtual", "--quiet", "--timers=wheel"],
    **{name: [BUILD / "lessons" / name, "--virtual", "--quiet"]
       for name in ["chat", "echo-server"]},
}


class Dropped(Walk):
    """The last events of a run, beside the whole of it."""

    EVERY = 120  # one beginning in so many is tried

    def make_last(self, name, room):
        """Page and trace of what is left of the run."""
        return make_run(name + "-last", [WORK / "last", str(room), WORK / (name + ".tsv")])

    def check_said(self, page, begin, dropped):
        self.assertIn("without its first %d events" % dropped, page.run("return document.title"))
        self.assertIn("The first %d events of the run were dropped" % dropped,
                      begin["page"]["texts"][0])

    def check_truth(self, whole, last):
        """What a page says of the end of a run is what that of the whole run says there."""
        where = "at step %d" % last["model"]["step"]
        for what in ["polled", "isAsleep"]:
            self.assertEqual(last["model"][what], whole["model"][what], where)
        for state in ["ready", "waiting", "ended", "due", "armed"]:
            known = [one[0] if isinstance(one, list) else one for one in last["model"][state]]
            there = [one[0] if isinstance(one, list) else one for one in whole["model"][state]]
            self.assertLessEqual(set(known), set(there), where)
        self.assertLessEqual({tuple(future) for future in last["model"]["futures"]},
                             {tuple(future) for future in whole["model"]["futures"]}, where)
        said = last["page"]["texts"][0]
        if said.startswith("The executor polls"):  # whether for the first time may not be known
            self.assertTrue(whole["page"]["texts"][0].startswith(said.rstrip(".")), where)

    def test_the_last_events_are_shown_truthfully(self):
        for name, command in RUNS.items():
            html, trace = make_run(name, command)
            count = len(events_of(trace))
            whole = Page(open_browser(), html).walk(range(count + 1))
            for room in [1, *range(2, count, self.EVERY), count - 1]:
                with self.subTest("%s, the last %d events" % (name, room)):
                    page, last = self.check_walk(*self.make_last(name, room))
                    self.check_said(page, last[0], count - room)
                    for one, other in zip(whole[count - room:], last):
                        self.check_truth(one, other)

    def test_where_there_is_room_for_all_nothing_is_said_of_it(self):
        html, trace = make_run("demo", RUNS["demo"])
        page = Page(open_browser(), self.make_last("demo", len(events_of(trace)))[0])
        self.assertNotIn("without", page.run("return document.title"))
        self.assertIn("Nothing has happened yet", page.walk([0])[0]["page"]["texts"][0])
