// SPDX-License-Identifier: MIT
//! The workloads of ../peers/workload.c.
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::poll_fn;
use measure::{burn, measure_operation, now, print_lateness, seed_delays, usage};
use measure::{FAR_S, MS, S};
use tokio::task::{yield_now, JoinHandle};
use tokio::time::{sleep, Instant, Sleep};

async fn measured_sleep(delay: Duration) -> i64 {
    let deadline_ns = now() + delay.as_nanos() as u64;
    sleep(delay).await;
    now() as i64 - deadline_ns as i64
}

pub async fn punctual(n: usize) {
    let (repeats, limit) = if n == 1 { (64, 31) } else { (1, 201) };
    let delays = seed_delays(n * repeats, 1, limit, MS);
    let mut late_ns = Vec::with_capacity(n * repeats);

    for round in delays.chunks(n) {
        let spawn = |&delay| tokio::spawn(measured_sleep(delay));
        let tasks: Vec<JoinHandle<i64>> = round.iter().map(spawn).collect();
        for task in tasks {
            late_ns.push(task.await.unwrap());
        }
    }
    print_lateness(late_ns);
}

pub async fn punctual_busy(n: usize) {
    let is_stopped = Arc::new(AtomicBool::new(false));
    let seen = is_stopped.clone();
    let busy = tokio::spawn(async move {
        while !seen.load(Ordering::Relaxed) {
            burn();
            yield_now().await;
        }
    });

    punctual(n).await;
    is_stopped.store(true, Ordering::Relaxed);
    busy.await.unwrap();
}

pub async fn sleeps(n: usize) {
    let delays = seed_delays(n, MS, S, 1);
    let before = usage();
    let tasks: Vec<_> = delays.iter().map(|&delay| tokio::spawn(sleep(delay))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let after = usage();

    println!("cpu_ns {}", (after.cpu_ns - before.cpu_ns) as f64 / n as f64);
    println!("wakeups {}", after.wakeups - before.wakeups);
    println!("bytes {}", (after.peak_kib - before.peak_kib) * 1024 / n as u64);
}

/// Sleeps that have been polled once, so that they are in the runtime's wheel.
async fn start_pending(n: usize) -> Vec<Pin<Box<Sleep>>> {
    let delays = seed_delays(n, FAR_S, 2 * FAR_S, S);
    let mut sleeps: Vec<_> = delays.iter().map(|&delay| Box::pin(sleep(delay))).collect();
    for sleep in &mut sleeps {
        assert!(futures::poll!(sleep.as_mut()).is_pending());
    }
    sleeps
}

pub async fn rearm(n: usize) {
    let mut sleeps = start_pending(n).await;
    let looked = Instant::now();
    measure_operation(n, |i, delay| sleeps[i].as_mut().reset(looked + delay));
}

pub async fn rearm_later(n: usize) {
    let mut sleeps = start_pending(n).await;
    let looked = Instant::now();
    let mut delay = Duration::from_secs(2 * FAR_S);
    measure_operation(n, |i, _| {
        delay += Duration::from_micros(1);
        sleeps[i].as_mut().reset(looked + delay);
    });
}

pub async fn rearm_now(n: usize) {
    let mut sleeps = start_pending(n).await;
    measure_operation(n, |i, delay| sleeps[i].as_mut().reset(Instant::now() + delay));
}

/// One more sleep is polled once, and dropped.
pub async fn cancel(n: usize) {
    let _sleeps = start_pending(n).await;
    poll_fn(|cx| {
        measure_operation(n, |_, delay| {
            tokio::pin! {
                let one = sleep(delay);
            }
            assert!(one.poll(cx).is_pending());
        });
        Poll::Ready(())
    })
    .await;
}
