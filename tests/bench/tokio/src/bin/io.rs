// SPDX-License-Identifier: MIT
//! The workloads of ../../../peers/io_workload.c on Tokio's current-thread runtime: tokio-io VARIANT
//! WORKLOAD N. ../../../peers/load.c is the client of the servers.
use std::os::unix::io::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use measure::{Semaphore, Timing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 16384];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn echo_or_close(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 64];
    loop {
        let count = timeout(Duration::from_secs(60), stream.read(&mut buffer)).await??;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn serve(is_idle: bool) {
    // SAFETY: fd 0 is the listening socket, and nobody else's.
    let listener = unsafe { std::net::TcpListener::from_raw_fd(0) };
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        if is_idle {
            tokio::spawn(echo_or_close(stream));
        } else {
            tokio::spawn(echo(stream));
        }
    }
}

async fn remote() {
    let (notify, is_over) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (posted, over) = (notify.clone(), is_over.clone());
    let answered = Semaphore::new();
    let thread = std::thread::spawn(move || {
        let mut timing = Timing::begin();
        loop {
            posted.notify_one();
            answered.wait();
            if !timing.count() {
                break;
            }
        }
        over.store(true, Ordering::SeqCst);
        posted.notify_one();
    });
    loop {
        notify.notified().await;
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        answered.post();
    }
    thread.join().unwrap();
}

async fn offload() {
    let mut timing = Timing::begin();
    loop {
        spawn_blocking(|| ()).await.unwrap();
        if !timing.count() {
            return;
        }
    }
}

fn main() {
    let workload = std::env::args().nth(2).expect("usage: tokio-io VARIANT WORKLOAD N");
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_io();
    if workload == "idle" {
        builder.enable_time();
    }
    let runtime = builder.build().unwrap();

    // Inside a task, as with edo, and not in block_on's own future.
    runtime.block_on(async {
        tokio::spawn(async move {
            match workload.as_str() {
                "idle" => serve(true).await,
                "remote" => remote().await,
                "offload" => offload().await,
                _ => serve(false).await,
            }
        })
        .await
        .unwrap()
    });
}
