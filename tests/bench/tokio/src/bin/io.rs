// SPDX-License-Identifier: MIT
//! The workloads of ../../../peers/io_workload.c on Tokio's current-thread runtime: tokio-io VARIANT
//! WORKLOAD N. ../../../peers/load.c is the client of the servers.
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::os::unix::io::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_bench::now;

const S: u64 = 1_000_000_000;
const LOOK_EACH: u64 = 64;

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

/// How long operations take: 0.2 s of them, after 0.05 s that don't count.
struct Timing {
    opened_ns: u64,
    began_ns: u64,
    operations: u64,
}

impl Timing {
    fn begin() -> Timing {
        Timing { opened_ns: now(), began_ns: 0, operations: 0 }
    }

    /// Counts one more. False: it was the last.
    fn count(&mut self) -> bool {
        self.operations += 1;
        if self.operations % LOOK_EACH != 0 {
            return true;
        }
        let now_ns = now();
        if self.began_ns == 0 && now_ns - self.opened_ns > S / 20 {
            self.began_ns = now_ns;
            self.operations = 0;
        }
        if self.began_ns == 0 || now_ns - self.began_ns < S / 5 {
            return true;
        }
        println!("op_ns {}", (now_ns - self.began_ns) as f64 / self.operations as f64);
        false
    }
}

/// The same semaphore as in C.
struct Semaphore(UnsafeCell<libc::sem_t>);

// SAFETY: that is what it is for (sem_overview(7)).
unsafe impl Sync for Semaphore {}
unsafe impl Send for Semaphore {}

impl Semaphore {
    /// It must not move from its first use on, so it lives as long as the program.
    fn new() -> &'static Semaphore {
        // SAFETY: sem_init fills it.
        let semaphore = unsafe { MaybeUninit::<libc::sem_t>::zeroed().assume_init() };
        let semaphore = Box::leak(Box::new(Semaphore(UnsafeCell::new(semaphore))));
        unsafe { libc::sem_init(semaphore.0.get(), 0, 0) };
        semaphore
    }

    fn post(&self) {
        unsafe { libc::sem_post(self.0.get()) };
    }

    fn wait(&self) {
        unsafe { libc::sem_wait(self.0.get()) };
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
