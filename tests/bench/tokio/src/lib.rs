// SPDX-License-Identifier: MIT
//! What ../peers/measure.c is to C: clocks, seeded numbers, and what a process has used.
use std::fs;

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
