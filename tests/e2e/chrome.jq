# SPDX-License-Identifier: MIT
# What is wrong with a file for Perfetto, beside the trace of the same run: a line for each fault.
#
#   jq -r --rawfile trace TRACE.tsv -f chrome.jq TRACE.json

def rows: $trace | split("\n") | map(select(test("^[0-9]")) | split("\t")
    | {t: .[1] | tonumber, kind: .[2], task: .[3] | tonumber, other: .[4] | tonumber, from: .[5],
       to: .[6], arg: .[8] | tonumber}) | to_entries | map(.value + {step: .key});

def ns: . * 1e6 | round;

# What the trace says of each timer that came due: its deadline, and when its task was polled.
def timers($rows):
    [$rows[] | select(.kind == "wake" and .from == "timer" and .to == "-") as $wake
     | first($rows[] | select(.kind == "poll_begin" and .task == $wake.task
                              and .step > $wake.step)) as $poll
     | $rows[] | select(.kind == "arm" and .other == $wake.arg
                        and .arg > 0) # at 0 it looks like an fd
     | {id: .other, deadline: .arg, late: ($poll.t - .arg)}];

# Each slice of a lane lies in the one around it, or behind the one before it.
def badly_nested:
    reduce (sort_by(.ts, -.dur)[]) as $slice ({ends: [], bad: []};
        until((.ends | length) == 0 or .ends[-1] > $slice.ts or
              (.ends[-1] == $slice.ts and $slice.dur == 0); .ends |= .[:-1])
        | if (.ends | length) > 0 and .ends[-1] < $slice.ts + $slice.dur
          then .bad += [$slice] else .ends += [$slice.ts + $slice.dur] end)
    | .bad[];

.traceEvents as $events
| rows as $rows
| timers($rows) as $timers
| ($rows[0].t // 0) as $first
| [$events[] | select(.ph == "X")] as $slices
| (if ($slices | length) < 2 then "no slices" else empty end),
  ($slices[] | select((.args | length) == 0) | "no args: \(.)"),
  ($slices[] | select(.dur < 0 or .ts < 0) | "no time: \(.)"),
  ($slices | group_by(.tid)[] | badly_nested | "not nested: \(.)"),
  ($slices | map(.tid) | unique - [$events[] | select(.name == "thread_name") | .tid]
   | select(length > 0) | "no name: lanes \(.)"),
  ($events[] | select(.ph == "C") | .args[] | select(. < 0) | "negative: \(.)"),
  ($timers[] as $timer
   | [$slices[] | select(.args.woken_by == "timer" and .args.timer == $timer.id)] as $asleep
   | if ($asleep | length) != 1 then "timer \($timer.id): \($asleep | length) slices"
     else $asleep[0].args
     | select((.late_ms | ns) != $timer.late or
              (.deadline_ms | ns) != $timer.deadline - $first or
              (.not_run_ms + .held_ms + .others_ms | ns) != $timer.late or
              ($timer.late > 0) != has("why"))
     | "timer \($timer.id): \(.), but \($timer)" end),
  ([$events[] | select(.name == "deadline") | [.args.timer, .ts]] as $shown
   | [$rows[] | select(.kind == "arm" and .arg > 0 and .arg <= $rows[-1].t)
      | [.other, ((.arg - $first) / 1000 | floor)]]
   | select(. != $shown) | "deadlines: \($shown), but \(.)"),
  ([$events[] | select(.ph == "s")] as $starts
   | [$rows[] | select(.kind == "wake" and .to == "-")]
   | select(length != ($starts | length)) | "\($starts | length) arrows, but \(length) wakes"),
  ([$events[] | select(.ph == "s") | .id] - [$events[] | select(.ph == "f") | .id]
   | select(length > 0) | "arrows to nowhere: \(.)")
