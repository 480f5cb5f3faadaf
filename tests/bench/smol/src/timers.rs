// SPDX-License-Identifier: MIT
//! The workloads of ../../peers/workload.c.
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::future::poll_fn;
use measure::{burn, measure_operation, now, print_lateness, seed_delays, usage};
use measure::{FAR_S, MS, S};
use smol::future::yield_now;
use smol::{LocalExecutor, Timer};

async fn measured_sleep(delay: Duration) -> i64 {
    let deadline_ns = now() + delay.as_nanos() as u64;
    Timer::after(delay).await;
    now() as i64 - deadline_ns as i64
}

pub async fn punctual(executor: &'static LocalExecutor<'static>, n: usize) {
    let (repeats, limit) = if n == 1 { (64, 31) } else { (1, 201) };
    let delays = seed_delays(n * repeats, 1, limit, MS);
    let mut late_ns = Vec::with_capacity(n * repeats);

    for round in delays.chunks(n) {
        let spawn = |&delay| executor.spawn(measured_sleep(delay));
        let tasks: Vec<_> = round.iter().map(spawn).collect();
        for task in tasks {
            late_ns.push(task.await);
        }
    }
    print_lateness(late_ns);
}

pub async fn punctual_busy(executor: &'static LocalExecutor<'static>, n: usize) {
    let is_stopped = Rc::new(Cell::new(false));
    let seen = is_stopped.clone();
    let busy = executor.spawn(async move {
        while !seen.get() {
            burn();
            yield_now().await;
        }
    });

    punctual(executor, n).await;
    is_stopped.set(true);
    busy.await;
}

pub async fn sleeps(executor: &'static LocalExecutor<'static>, n: usize) {
    let delays = seed_delays(n, MS, S, 1);
    let before = usage();
    let tasks: Vec<_> = delays.iter().map(|&delay| executor.spawn(Timer::after(delay))).collect();
    for task in tasks {
        task.await;
    }
    let after = usage();

    println!("cpu_ns {}", (after.cpu_ns - before.cpu_ns) as f64 / n as f64);
    println!("wakeups {}", after.wakeups - before.wakeups);
    println!("bytes {}", (after.peak_kib - before.peak_kib) * 1024 / n as u64);
}

/// Timers that have been polled once, so that a waker is registered for each.
async fn start_pending(n: usize) -> Vec<Timer> {
    let delays = seed_delays(n, FAR_S, 2 * FAR_S, S);
    let mut timers: Vec<_> = delays.iter().map(|&delay| Timer::after(delay)).collect();
    for timer in &mut timers {
        assert!(futures::poll!(timer).is_pending());
    }
    timers
}

pub async fn rearm(n: usize) {
    let mut timers = start_pending(n).await;
    let looked = Instant::now();
    measure_operation(n, |i, delay| timers[i].set_at(looked + delay));
}

pub async fn rearm_later(n: usize) {
    let mut timers = start_pending(n).await;
    let looked = Instant::now();
    let mut delay = Duration::from_secs(2 * FAR_S);
    measure_operation(n, |i, _| {
        delay += Duration::from_micros(1);
        timers[i].set_at(looked + delay);
    });
}

pub async fn rearm_now(n: usize) {
    let mut timers = start_pending(n).await;
    measure_operation(n, |i, delay| timers[i].set_after(delay));
}

/// One more timer is polled once, and dropped.
pub async fn cancel(n: usize) {
    let _timers = start_pending(n).await;
    poll_fn(|cx| {
        measure_operation(n, |_, delay| {
            let mut one = Timer::after(delay);
            assert!(Pin::new(&mut one).poll(cx).is_pending());
        });
        Poll::Ready(())
    })
    .await;
}
