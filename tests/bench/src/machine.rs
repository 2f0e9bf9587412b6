//! The machine on which the benchmarks run.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use crate::Result;

/// Describes the cores, the processor, the system and the build in one line.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
        .unwrap_or_else(|| std::env::consts::ARCH.into());
    let load = read("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
    let profile = if cfg!(debug_assertions) { "DEBUG BUILD: the figures are meaningless" } else { "release build" };
    format!(
        "{cores} cores ({processor}), Linux {}, load {load}, {profile}; server, peer and load share the cores",
        read("/proc/sys/kernel/osrelease").trim()
    )
}

/// Returns the number of files that this process may open.
pub(crate) fn open_files() -> u64 {
    limits().map_or(1024, |(soft, _)| soft)
}

fn limits() -> Option<(u64, u64)> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let mut words = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace();
    let mut next = || words.next().map(|word| word.parse().unwrap_or(u64::MAX));
    Some((next()?, next()?))
}

/// Returns the processor time that all threads of a process have used, in nanoseconds.
pub(crate) fn processor_time(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let times = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += times.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Returns the cores that this process may use.
pub(crate) fn cores() -> Vec<u32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

/// Pins all threads of a process to some cores. For short waits, their placement matters more than the work.
pub(crate) fn keep_on(cores: &[u32], process: u32) -> Result {
    let list: Vec<String> = cores.iter().map(u32::to_string).collect();
    let kept = Command::new("taskset").args(["-acp", &list.join(","), &process.to_string()]).output();
    match kept {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into()),
        Err(error) => Err(format!("`taskset` (of util-linux) cannot be started: {error}").into()),
    }
}

/// Restarts this program with the highest number of open files that the system allows, since each connection is one. (A
/// process cannot raise its own limit without unsafe code, but a shell can, and its children inherit the limit.)
pub(crate) fn allow_many_connections() -> Result {
    const AGAIN: &str = "LANAI_BENCH_LIMIT_RAISED";
    let raised = limits().is_none_or(|(soft, hard)| soft >= hard);
    if raised || std::env::var_os(AGAIN).is_some() {
        return Ok(());
    }
    let error = Command::new("sh")
        .args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(AGAIN, "1")
        .exec();
    Err(error.into())
}
