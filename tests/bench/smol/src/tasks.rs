// SPDX-License-Identifier: MIT
//! The workloads of ../../peers/edo_tasks.c.
use measure::now;
use smol::channel::bounded;
use smol::future::yield_now;
use smol::LocalExecutor;

type Executor = &'static LocalExecutor<'static>;

async fn spawn(executor: Executor, n: usize) {
    for _ in 0..n {
        executor.spawn(async {}).await;
    }
}

async fn yields(n: usize) {
    for _ in 0..n {
        yield_now().await;
    }
}

async fn join(executor: Executor, n: usize) {
    let tasks: Vec<_> = (0..n).map(|_| executor.spawn(yield_now())).collect();
    for task in tasks {
        task.await;
    }
}

async fn join_futures(n: usize) {
    futures::future::join_all((0..n).map(|_| yield_now())).await;
}

async fn ping_pong(executor: Executor, n: usize) {
    let (send_there, receive_there) = bounded::<u64>(1);
    let (send_back, receive_back) = bounded::<u64>(1);
    let other = executor.spawn(async move {
        for _ in 0..n {
            let number = receive_there.recv().await.unwrap();
            send_back.send(number).await.unwrap();
        }
    });
    for i in 0..n {
        send_there.send(i as u64).await.unwrap();
        receive_back.recv().await.unwrap();
    }
    other.await;
}

async fn once(executor: Executor, workload: &str, n: usize) {
    match workload {
        "spawn" => spawn(executor, n).await,
        "yield" => yields(n).await,
        "join" => join(executor, n).await,
        "join_futures" => join_futures(n).await,
        "channel" => ping_pong(executor, n).await,
        _ => panic!("no such workload: {workload}"),
    }
}

/// Once that isn't counted: what it has touched is there for the next.
pub async fn run(executor: Executor, workload: &str, n: usize) {
    once(executor, workload, n).await;
    let (began_ns, mut done) = (now(), 0);
    while done < 1_000_000 {
        once(executor, workload, n).await;
        done += n;
    }
    println!("op_ns {}", (now() - began_ns) as f64 / done as f64);
}
