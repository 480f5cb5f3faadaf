// SPDX-License-Identifier: MIT
// The phases of the demo, with a line for each start and end.
use std::time::{Duration, Instant};

use tokio::time::sleep;

async fn fetch_data(id: u32) -> String {
    println!("fetch_data({id}) started");
    sleep(Duration::from_millis(100)).await;
    format!("Data_{id}")
}

async fn async_task(id: u32) -> u32 {
    println!("async_task({id}) started");
    sleep(Duration::from_millis(100 * u64::from(id))).await;
    println!("async_task({id}) completed");
    id * 10
}

async fn process_item(i: u32) {
    println!("process_item({i}) started");
    sleep(Duration::from_millis(50)).await;
    println!("process_item({i}) completed");
}

pub async fn run() {
    let began = Instant::now();

    println!("Phase 1, sequential: await one future");
    println!("fetch_data(1) completed: {}", fetch_data(1).await);

    println!("Phase 2, parallel: spawn three tasks and join them");
    let tasks: Vec<_> = (1..=3).map(|id| tokio::spawn(async_task(id))).collect();
    let mut values = Vec::new();
    for task in tasks {
        match task.await {
            Ok(value) => values.push(value),
            Err(error) => println!("a task failed: {error}"),
        }
    }
    println!("joined, values: {values:?}");

    println!("Phase 3, sequential loop: three items, each after the one before");
    for i in 0..3 {
        process_item(i).await;
    }
    println!("in all {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
}
