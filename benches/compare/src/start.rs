//! Whole processes, from start to end: what a user of a command line waits for. Commands alternate.

use crate::report::{median, short};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Wall, CPU (milliseconds) and peak memory (MiB) of one process.
type Figure = [f64; 3];

/// A table of the least and the median wall time, CPU time and memory of each command.
pub fn compare(commands: &[String], reps: usize) -> Result<(), String> {
    let mut figures: Vec<Vec<Figure>> = vec![Vec::new(); commands.len()];
    for rep in 0..reps {
        for at in 0..commands.len() {
            let at = (at + rep) % commands.len();
            figures[at].push(measure(&commands[at])?);
        }
    }
    println!("{:<48}{:>12}{:>12}{:>12}{:>10}", "", "least ms", "median ms", "CPU ms", "MiB");
    for (command, list) in commands.iter().zip(&figures) {
        let of = |i: usize| list.iter().map(move |f: &Figure| f[i]);
        let middle = |i: usize| median(of(i).collect()).unwrap_or(f64::NAN);
        let words: Vec<&str> = command.split_whitespace().map(short).collect();
        println!(
            "{:<48}{:>12.2}{:>12.2}{:>12.2}{:>10.2}",
            words.join(" "),
            of(0).fold(f64::INFINITY, f64::min),
            middle(0),
            middle(1),
            middle(2),
        );
    }
    Ok(())
}

fn measure(command: &str) -> Result<Figure, String> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("an empty command")?;
    let start = Instant::now();
    let child = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|e| format!("{program}: {e}"))?;
    let mut status = 0;
    // SAFETY: our own child, whose status nobody else collects; the places live through the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) < 0 {
            return Err(std::io::Error::last_os_error().to_string());
        }
        usage
    };
    if status != 0 {
        return Err(format!("{command}: status {status}"));
    }
    let wall = start.elapsed().as_secs_f64() * 1e3;
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    Ok([wall, ms(usage.ru_utime) + ms(usage.ru_stime), usage.ru_maxrss as f64 / 1024.0])
}
