// SPDX-License-Identifier: MIT
//! What ../peers/measure.c is to C, and what workload.c and io_workload.c measure: clocks, seeded
//! numbers, what a process has used. It knows no runtime; ../../smol is built with it, too.
use std::cell::UnsafeCell;
use std::fs;
use std::mem::MaybeUninit;
use std::time::Duration;

const SEED: u64 = 1923;
pub const MS: u64 = 1_000_000;
pub const S: u64 = 1_000_000_000;
pub const FAR_S: u64 = 1000;
const BATCH: u64 = 1024;
const LOOK_EACH: u64 = 64;

fn clock(id: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is there to be written to.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// CLOCK_MONOTONIC, as Instant, in ns.
pub fn now() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

pub struct Usage {
    pub cpu_ns: u64,
    pub wakeups: u64,
    pub peak_kib: u64,
}

pub fn usage() -> Usage {
    // SAFETY: zeros are a valid rusage, and it is there to be written to.
    let rusage = unsafe {
        let mut rusage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut rusage);
        rusage
    };
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    Usage {
        cpu_ns: clock(libc::CLOCK_PROCESS_CPUTIME_ID),
        wakeups: rusage.ru_nvcsw as u64,
        peak_kib: peak.split_whitespace().nth(1).unwrap().parse().unwrap(),
    }
}

/// splitmix64: the same numbers as in C.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        ((self.next() >> 32) * limit) >> 32
    }
}

/// Early count, p50, p99, max, and each percentile.
pub fn print_lateness(mut late_ns: Vec<i64>) {
    late_ns.sort_unstable();
    let last = late_ns.len() - 1;
    println!("early {}", late_ns.iter().filter(|&&late| late < 0).count());
    println!("p50_ns {}", late_ns[last * 50 / 100]);
    println!("p99_ns {}", late_ns[last * 99 / 100]);
    println!("max_ns {}", late_ns[last]);
    for percent in 0..=100 {
        println!("q{} {}", percent, late_ns[last * percent / 100]);
    }
}

pub fn seed_delays(n: usize, least: u64, limit: u64, unit_ns: u64) -> Vec<Duration> {
    let mut random = Random(SEED);
    let mut delay = || Duration::from_nanos((least + random.below(limit - least)) * unit_ns);
    (0..n).map(|_| delay()).collect()
}

pub fn burn() {
    let until_ns = now() + 20_000;
    while now() < until_ns {}
}

/// As often as fits in 0.1 s, a batch at a time; what is chosen is chosen between the batches.
pub fn measure_operation(n: usize, mut operate: impl FnMut(usize, Duration)) {
    let (mut random, mut took_ns, mut done) = (Random(SEED), 0, 0);
    while took_ns < S / 10 {
        let mut choose = || {
            let i = random.below(n as u64) as usize;
            (i, Duration::from_nanos(FAR_S * S + (random.next() >> 24)))
        };
        let choices: Vec<_> = (0..BATCH).map(|_| choose()).collect();
        let began_ns = now();
        for (i, delay) in choices {
            operate(i, delay);
        }
        took_ns += now() - began_ns;
        done += BATCH;
    }
    println!("op_ns {}", took_ns as f64 / done as f64);
}

/// How long operations take: 0.2 s of them, after 0.05 s that don't count.
pub struct Timing {
    opened_ns: u64,
    began_ns: u64,
    operations: u64,
}

impl Timing {
    pub fn begin() -> Timing {
        Timing { opened_ns: now(), began_ns: 0, operations: 0 }
    }

    /// Counts one more. False: it was the last.
    pub fn count(&mut self) -> bool {
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
pub struct Semaphore(UnsafeCell<libc::sem_t>);

// SAFETY: that is what it is for (sem_overview(7)).
unsafe impl Sync for Semaphore {}
unsafe impl Send for Semaphore {}

impl Semaphore {
    /// It must not move from its first use on, so it lives as long as the program.
    pub fn new() -> &'static Semaphore {
        // SAFETY: sem_init fills it.
        let semaphore = unsafe { MaybeUninit::<libc::sem_t>::zeroed().assume_init() };
        let semaphore = Box::leak(Box::new(Semaphore(UnsafeCell::new(semaphore))));
        unsafe { libc::sem_init(semaphore.0.get(), 0, 0) };
        semaphore
    }

    pub fn post(&self) {
        unsafe { libc::sem_post(self.0.get()) };
    }

    pub fn wait(&self) {
        unsafe { libc::sem_wait(self.0.get()) };
    }
}
