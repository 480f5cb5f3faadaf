// SPDX-License-Identifier: MIT
//! The workloads of ../peers/workload.c and ../peers/edo_tasks.c on Tokio's current-thread runtime:
//! tokio-bench VARIANT WORKLOAD N. What is measured, and from which clock, is said there.
mod tasks;
mod timers;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n = args.get(3).and_then(|n| n.parse().ok()).expect("usage: tokio-bench VARIANT WORKLOAD N");
    let workload = args[2].clone();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // What only tasks take is Tokio's best without a time driver: with one, each yield turns it.
    if !tasks::NAMES.contains(&workload.as_str()) {
        builder.enable_time();
    }
    let runtime = builder.build().unwrap();

    // Inside a task, as with edo, and not in block_on's own future.
    runtime.block_on(async {
        tokio::spawn(async move {
            match workload.as_str() {
                "punctual" => timers::punctual(n).await,
                "punctual_busy" => timers::punctual_busy(n).await,
                "sleeps" => timers::sleeps(n).await,
                "rearm" => timers::rearm(n).await,
                "rearm_later" => timers::rearm_later(n).await,
                "rearm_now" => timers::rearm_now(n).await,
                "cancel" => timers::cancel(n).await,
                _ => tasks::run(&workload, n).await,
            }
        })
        .await
        .unwrap()
    });
}
