// SPDX-License-Identifier: MIT
//! The workloads of ../../../peers/io_workload.c on smol's LocalExecutor: smol-io VARIANT
//! WORKLOAD N. ../../../peers/load.c is the client of the servers.
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::io::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use measure::{Semaphore, Timing};
use smol::channel::bounded;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::{future, Async, LocalExecutor, Timer};

async fn echo(mut stream: Async<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; 16384];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn timeout() -> io::Result<usize> {
    Timer::after(Duration::from_secs(60)).await;
    Err(io::ErrorKind::TimedOut.into())
}

async fn echo_or_close(mut stream: Async<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; 64];
    loop {
        let count = future::or(stream.read(&mut buffer), timeout()).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn serve(executor: &'static LocalExecutor<'static>, is_idle: bool) {
    // SAFETY: fd 0 is the listening socket, and nobody else's.
    let listener = Async::new(unsafe { TcpListener::from_raw_fd(0) }).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        if is_idle {
            executor.spawn(echo_or_close(stream)).detach();
        } else {
            executor.spawn(echo(stream)).detach();
        }
    }
}

/// What is posted is a message: smol has no notice.
async fn remote() {
    let (post, posted) = bounded::<()>(1);
    let is_over = Arc::new(AtomicBool::new(false));
    let over = is_over.clone();
    let answered = Semaphore::new();
    let thread = std::thread::spawn(move || {
        let mut timing = Timing::begin();
        loop {
            post.try_send(()).unwrap();
            answered.wait();
            if !timing.count() {
                break;
            }
        }
        over.store(true, Ordering::SeqCst);
        post.try_send(()).unwrap();
    });
    loop {
        posted.recv().await.unwrap();
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
        smol::unblock(|| ()).await;
        if !timing.count() {
            return;
        }
    }
}

fn main() {
    let workload = std::env::args().nth(2).expect("usage: smol-io VARIANT WORKLOAD N");
    let executor: &'static LocalExecutor = Box::leak(Box::new(LocalExecutor::new()));

    // Inside a task, as with edo, and not in block_on's own future.
    let task = executor.spawn(async move {
        match workload.as_str() {
            "idle" => serve(executor, true).await,
            "remote" => remote().await,
            "offload" => offload().await,
            _ => serve(executor, false).await,
        }
    });
    smol::block_on(executor.run(task));
}
