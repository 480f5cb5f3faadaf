// SPDX-License-Identifier: MIT
//! The workloads of ../../peers/workload.c and ../../peers/edo_tasks.c on smol's LocalExecutor:
//! smol-bench VARIANT WORKLOAD N. What is measured, and from which clock, is said there.
mod tasks;
mod timers;

use smol::LocalExecutor;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n = args.get(3).and_then(|n| n.parse().ok()).expect("usage: smol-bench VARIANT WORKLOAD N");
    let workload = args[2].clone();
    // It lives as long as the program: its tasks spawn others.
    let executor: &'static LocalExecutor = Box::leak(Box::new(LocalExecutor::new()));

    // Inside a task, as with edo, and not in block_on's own future.
    let task = executor.spawn(async move {
        match workload.as_str() {
            "punctual" => timers::punctual(executor, n).await,
            "punctual_busy" => timers::punctual_busy(executor, n).await,
            "sleeps" => timers::sleeps(executor, n).await,
            "rearm" => timers::rearm(n).await,
            "rearm_later" => timers::rearm_later(n).await,
            "rearm_now" => timers::rearm_now(n).await,
            "cancel" => timers::cancel(n).await,
            _ => tasks::run(executor, &workload, n).await,
        }
    });
    smol::block_on(executor.run(task));
}
