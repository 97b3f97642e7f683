//! Whole processes, from start to end: what a user of a command line waits for. Commands alternate.
//!
//! Memory comes from a run of its own. What the system tells when a child has ended is at least what its parent had, as a child is a
//! copy of that first; so the child is traced and its own peak read as it is about to end (ptrace(2), `PTRACE_EVENT_EXIT`).

use crate::report::{median, short};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Wall and CPU milliseconds of one process.
type Figure = [f64; 2];

/// A table of the least and the median wall time, CPU time and memory of each command.
pub fn compare(commands: &[String], reps: usize) -> Result<(), String> {
    let mut figures: Vec<Vec<Figure>> = vec![Vec::new(); commands.len()];
    for rep in 0..reps {
        for at in 0..commands.len() {
            let at = (at + rep) % commands.len();
            figures[at].push(measure(&commands[at])?);
        }
    }
    let memory: Vec<f64> = commands.iter().map(|c| peak_memory(c)).collect::<Result<_, _>>()?;
    println!("{:<48}{:>12}{:>12}{:>12}{:>10}", "", "least ms", "median ms", "CPU ms", "MiB");
    for ((command, list), memory) in commands.iter().zip(&figures).zip(memory) {
        let of = |i: usize| list.iter().map(move |f: &Figure| f[i]);
        let middle = |i: usize| median(of(i).collect()).unwrap_or(f64::NAN);
        let words: Vec<&str> = command.split_whitespace().map(short).collect();
        println!(
            "{:<48}{:>12.2}{:>12.2}{:>12.2}{:>10.2}",
            words.join(" "),
            of(0).fold(f64::INFINITY, f64::min),
            middle(0),
            middle(1),
            memory,
        );
    }
    Ok(())
}

fn command(line: &str) -> Result<Command, String> {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().ok_or("an empty command")?);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command)
}

fn measure(line: &str) -> Result<Figure, String> {
    let mut command = command(line)?;
    let start = Instant::now();
    let child = command.spawn().map_err(|e| format!("{line}: {e}"))?;
    let (status, usage) = wait(&child)?;
    let wall = start.elapsed().as_secs_f64() * 1e3;
    if status != 0 {
        return Err(format!("{line}: status {status}"));
    }
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    Ok([wall, ms(usage.ru_utime) + ms(usage.ru_stime)])
}

/// The most memory in MiB that a command has at a time.
fn peak_memory(line: &str) -> Result<f64, String> {
    let mut command = command(line)?;
    // SAFETY: between fork and exec, one system call.
    let child = unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        })
    };
    let child = child.spawn().map_err(|e| format!("{line}: {e}"))?;
    let pid = child.id() as libc::pid_t;
    let mut peak = f64::NAN;
    let mut signal = 0;
    // The first stop is that of `exec`.
    let mut begun = false;
    loop {
        let (status, _) = wait(&child)?;
        if !libc::WIFSTOPPED(status) {
            return if status == 0 { Ok(peak) } else { Err(format!("{line}: status {status}")) };
        }
        if status >> 8 == libc::SIGTRAP | (libc::PTRACE_EVENT_EXIT << 8) {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(|e| e.to_string())?;
            let peak_kib = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = peak_kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0;
            signal = 0;
        } else if begun {
            signal = libc::WSTOPSIG(status);
        }
        // SAFETY: a child of ours that has stopped.
        unsafe {
            if !begun {
                libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, libc::PTRACE_O_TRACEEXIT);
                begun = true;
            }
            libc::ptrace(libc::PTRACE_CONT, pid, 0, signal);
        }
    }
}

/// Waits until a child stops or ends.
fn wait(child: &Child) -> Result<(i32, libc::rusage), String> {
    let mut status = 0;
    // SAFETY: our own child, whose status nobody else collects; the places live through the call.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        match libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) {
            n if n < 0 => Err(std::io::Error::last_os_error().to_string()),
            _ => Ok((status, usage)),
        }
    }
}
