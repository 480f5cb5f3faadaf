// SPDX-License-Identifier: MIT
//! The workloads of ../peers/edo_tasks.c.
use measure::now;
use tokio::sync::mpsc::channel;
use tokio::task::yield_now;

pub const NAMES: [&str; 5] = ["spawn", "yield", "join", "join_futures", "channel"];

async fn spawn(n: usize) {
    for _ in 0..n {
        tokio::spawn(async {}).await.unwrap();
    }
}

async fn yields(n: usize) {
    for _ in 0..n {
        yield_now().await;
    }
}

async fn join(n: usize) {
    let tasks: Vec<_> = (0..n).map(|_| tokio::spawn(yield_now())).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn join_futures(n: usize) {
    futures::future::join_all((0..n).map(|_| yield_now())).await;
}

async fn ping_pong(n: usize) {
    let (send_there, mut receive_there) = channel::<u64>(1);
    let (send_back, mut receive_back) = channel::<u64>(1);
    let other = tokio::spawn(async move {
        for _ in 0..n {
            let number = receive_there.recv().await.unwrap();
            send_back.send(number).await.unwrap();
        }
    });
    for i in 0..n {
        send_there.send(i as u64).await.unwrap();
        receive_back.recv().await.unwrap();
    }
    other.await.unwrap();
}

async fn once(workload: &str, n: usize) {
    match workload {
        "spawn" => spawn(n).await,
        "yield" => yields(n).await,
        "join" => join(n).await,
        "join_futures" => join_futures(n).await,
        "channel" => ping_pong(n).await,
        _ => panic!("no such workload: {workload}"),
    }
}

/// Once that isn't counted: what it has touched is there for the next.
pub async fn run(workload: &str, n: usize) {
    once(workload, n).await;
    let (began_ns, mut done) = (now(), 0);
    while done < 1_000_000 {
        once(workload, n).await;
        done += n;
    }
    println!("op_ns {}", (now() - began_ns) as f64 / done as f64);
}
