//! Medians, ratios, and the two forms in which they are given: a table to read and JSON to keep.

use std::fmt::Write as _;

/// One run of one guest on one engine. Seconds.
#[derive(Clone, Debug)]
pub struct Figure {
    pub load: f64,
    pub run: f64,
    pub wall: f64,
    pub sum: String,
    pub text: String,
    pub peak_kib: i64,
}

impl Figure {
    pub fn parse(line: &str) -> Option<Figure> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [load, run, _, wall, sum, text, peak] = words.as_slice() else { return None };
        Some(Figure {
            load: load.parse().ok()?,
            run: run.parse().ok()?,
            wall: wall.parse().ok()?,
            sum: (*sum).to_owned(),
            text: (*text).to_owned(),
            peak_kib: peak.parse().ok()?,
        })
    }

    /// Loading counts: a user pays for both.
    pub fn cpu(&self) -> f64 {
        self.load + self.run
    }
}

pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| (values[(n - 1) / 2] + values[n / 2]) / 2.0)
}

/// Of no values: not a number.
pub fn geomean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v.ln(), count + 1));
    (sum / count as f64).exp()
}

/// A guest with its figures, per engine.
pub struct Program {
    pub name: String,
    pub scale: i32,
    pub figures: Vec<Vec<Figure>>,
    pub errors: Vec<Option<String>>,
}

impl Program {
    pub fn new(name: &str, scale: i32, engines: usize) -> Program {
        Program { name: name.to_owned(), scale, figures: vec![Vec::new(); engines], errors: vec![None; engines] }
    }

    pub fn cpu(&self, engine: usize) -> Option<f64> {
        median(self.figures[engine].iter().map(Figure::cpu).collect())
    }

    /// Whether all runs gave the same checksum and text. Says who differs.
    pub fn check(&self, engines: &[String]) -> bool {
        let mut all = self.figures.iter().zip(engines).flat_map(|(f, e)| f.iter().map(move |f| (f, e)));
        let Some((first, reference)) = all.next() else { return true };
        let mut agree = true;
        for (figure, engine) in all {
            if (&figure.sum, &figure.text) != (&first.sum, &first.text) {
                eprintln!("{}: {engine} gives {}, {reference} gives {}", self.name, figure.sum, first.sum);
                agree = false;
            }
        }
        agree
    }

    pub fn line(&self, engines: &[String]) -> String {
        let mut line = format!("{:<18}", self.name);
        for (at, engine) in engines.iter().enumerate() {
            match (&self.errors[at], self.cpu(at)) {
                (None, Some(cpu)) => write!(line, " {} {:.1} ms", short(engine), cpu * 1e3).unwrap_or_default(),
                (Some(why), _) => write!(line, " {} failed ({why})", short(engine)).unwrap_or_default(),
                _ => {}
            }
        }
        line
    }
}

/// A library's path shortened to its file name.
pub fn short(engine: &str) -> &str {
    engine.rsplit('/').next().unwrap_or(engine)
}

/// Milliseconds per engine, then the baseline's time over each other engine's: below 1, the baseline is faster.
pub fn table(engines: &[String], baseline: &str, programs: &[Program]) -> String {
    let mut out =
        format!("CPU ms, median; then {baseline} over the others (below 1: {baseline} is faster)\n\n{:<18}", "");
    let base = engines.iter().position(|e| e == baseline);
    let others: Vec<usize> = (0..engines.len()).filter(|&at| base.is_some() && Some(at) != base).collect();
    for engine in engines {
        let _ = write!(out, "{:>11}", short(engine));
    }
    for &at in &others {
        let _ = write!(out, "{:>11}", format!("/{}", short(&engines[at])));
    }
    out.push('\n');
    let mut ratios: Vec<Vec<(f64, &str)>> = vec![Vec::new(); engines.len()];
    for program in programs {
        let _ = write!(out, "{:<18}", program.name);
        let cpu: Vec<Option<f64>> = (0..engines.len()).map(|at| program.cpu(at)).collect();
        for value in &cpu {
            let _ = match value {
                Some(v) => write!(out, "{:>11.1}", v * 1e3),
                None => write!(out, "{:>11}", "-"),
            };
        }
        for &at in &others {
            let ratio = base.and_then(|b| Some(cpu[b]? / cpu[at]?));
            let _ = match ratio {
                Some(r) => write!(out, "{r:>11.2}"),
                None => write!(out, "{:>11}", "-"),
            };
            if let Some(r) = ratio {
                ratios[at].push((r, &program.name));
            }
        }
        out.push('\n');
    }
    for &at in &others {
        let all = &ratios[at];
        let Some(worst) = all.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        let best = all.iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(worst);
        let geomean = geomean(all.iter().map(|r| r.0));
        let _ = writeln!(
            out,
            "\n{baseline} / {}: geomean {geomean:.3} over {} programs, worst {:.2} ({}), best {:.2} ({}), slower on {}",
            short(&engines[at]),
            all.len(),
            worst.0,
            worst.1,
            best.0,
            best.1,
            all.iter().filter(|r| r.0 > 1.0).count(),
        );
    }
    out
}

/// Peak memory of the whole process that ran a guest, MiB.
pub fn memory(engines: &[String], programs: &[Program]) -> String {
    let mut out = format!("Peak memory of the process in MiB, median\n\n{:<18}", "");
    for engine in engines {
        let _ = write!(out, "{:>11}", short(engine));
    }
    out.push('\n');
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); engines.len()];
    for program in programs {
        let _ = write!(out, "{:<18}", program.name);
        for (at, all) in all.iter_mut().enumerate() {
            let peak = median(program.figures[at].iter().map(|f| f.peak_kib as f64 / 1024.0).collect());
            let _ = match peak {
                Some(mib) => write!(out, "{mib:>11.1}"),
                None => write!(out, "{:>11}", "-"),
            };
            all.extend(peak);
        }
        out.push('\n');
    }
    let _ = write!(out, "{:<18}", "geomean");
    for all in all {
        let _ = write!(out, "{:>11.1}", geomean(all.into_iter()));
    }
    out + "\n"
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 32 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// Every single figure, so that later questions need no new run.
pub fn json(engines: &[String], programs: &[Program]) -> String {
    let mut out = String::from("{\n");
    for (i, program) in programs.iter().enumerate() {
        let _ = writeln!(out, "  {}: {{ \"scale\": {}, \"engines\": {{", quoted(&program.name), program.scale);
        for (at, engine) in engines.iter().enumerate() {
            let list = |f: &dyn Fn(&Figure) -> String| program.figures[at].iter().map(f).collect::<Vec<_>>().join(", ");
            let _ = write!(
                out,
                "    {}: {{ \"load\": [{}], \"run\": [{}], \"wall\": [{}], \"peak_kib\": [{}], \"error\": {} }}",
                quoted(engine),
                list(&|f| f.load.to_string()),
                list(&|f| f.run.to_string()),
                list(&|f| f.wall.to_string()),
                list(&|f| f.peak_kib.to_string()),
                program.errors[at].as_deref().map_or("null".into(), quoted),
            );
            out.push_str(if at + 1 < engines.len() { ",\n" } else { "\n" });
        }
        out.push_str(if i + 1 < programs.len() { "  } },\n" } else { "  } }\n" });
    }
    out + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn figures_survive_their_line() {
        let f = Figure::parse("0.5 1.5 0.6 2.5 00ff 11aa 1024\n").expect("a figure");
        assert_eq!((f.cpu(), f.wall, f.sum.as_str(), f.peak_kib), (2.0, 2.5, "00ff", 1024));
        assert!(Figure::parse("1 2").is_none());
    }

    #[test]
    fn text_is_quoted() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
    }
}
