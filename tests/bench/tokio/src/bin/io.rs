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

/// The first and the last cpu that this process has, as in ../../../peers/two_cpus.c.
fn two_cpus() -> [usize; 2] {
    // SAFETY: zeros are a valid set, and it is there to be written to.
    let set = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::sched_getaffinity(0, std::mem::size_of_val(&set), &mut set);
        set
    };
    // SAFETY: it only reads the set.
    let is_set = |cpu: &usize| unsafe { libc::CPU_ISSET(*cpu, &set) };
    let mut cpus = (0..libc::CPU_SETSIZE as usize).filter(is_set);
    match (cpus.next(), cpus.last()) {
        (Some(first), Some(last)) => [first, last],
        _ => std::process::exit(77),
    }
}

fn pin(cpu: usize) {
    // SAFETY: as above.
    unsafe {
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut one);
        libc::sched_setaffinity(0, std::mem::size_of_val(&one), &one);
    }
}

/// The two ends of ../../../peers/across.c, and whether the first has had its last answer.
#[derive(Default)]
struct Across {
    ends: [Notify; 2],
    is_over: AtomicBool,
}

impl Across {
    /// Sends, and counts the answers.
    async fn first(self: Arc<Across>) {
        let mut timing = Timing::begin();
        loop {
            self.ends[1].notify_one();
            self.ends[0].notified().await;
            if !timing.count() {
                break;
            }
        }
        self.is_over.store(true, Ordering::SeqCst);
        self.ends[1].notify_one();
    }

    async fn second(self: Arc<Across>) {
        loop {
            self.ends[1].notified().await;
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            self.ends[0].notify_one();
        }
    }
}

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap()
}

/// A runtime of its own in each of two threads.
fn across_loops() {
    let across = Arc::new(Across::default());
    let (second, cpus) = (across.clone(), two_cpus());
    let thread = std::thread::spawn(move || {
        pin(cpus[1]);
        let runtime = current_thread();
        runtime.block_on(runtime.spawn(second.second())).unwrap();
    });
    pin(cpus[0]);
    let runtime = current_thread();
    runtime.block_on(runtime.spawn(across.first())).unwrap();
    thread.join().unwrap();
}

/// The multi-thread runtime. Of two tasks, a worker would run both, and no message would cross; so
/// the first is in the thread that has built the runtime, and the second in its one worker.
fn across_threads() {
    let (across, cpus) = (Arc::new(Across::default()), two_cpus());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .on_thread_start(move || pin(cpus[1]))
        .enable_io()
        .build()
        .unwrap();
    pin(cpus[0]);
    let second = runtime.spawn(across.clone().second());
    runtime.block_on(async {
        across.first().await;
        second.await.unwrap();
    });
}

fn main() {
    let variant = std::env::args().nth(1).expect("usage: tokio-io VARIANT WORKLOAD N");
    let workload = std::env::args().nth(2).expect("usage: tokio-io VARIANT WORKLOAD N");
    match (workload.as_str(), variant.as_str()) {
        ("across", "threads") => return across_threads(),
        ("across", _) => return across_loops(),
        _ => (),
    }
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
