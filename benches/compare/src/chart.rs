//! The comparison as a picture: one bar per engine, the geometric mean of its CPU time over the reference's.

use crate::report::{Program, geomean, short};
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const LABEL: f64 = 120.0;
const ROW: f64 = 30.0;
const TOP: f64 = 56.0;

/// An SVG document. The reference is wasmtime if it took part, else the first engine; programs that one of the engines could not run
/// count for none, and the bars' scale is logarithmic from the fastest engine on.
pub fn svg(engines: &[String], programs: &[Program]) -> String {
    let reference = engines.iter().position(|e| e == "wasmtime").unwrap_or(0);
    let common: Vec<Vec<f64>> =
        programs.iter().filter_map(|p| (0..engines.len()).map(|at| p.cpu(at)).collect()).collect();
    let mut bars: Vec<(&str, f64)> = engines
        .iter()
        .enumerate()
        .map(|(at, engine)| (short(engine), geomean(common.iter().map(|cpu| cpu[at] / cpu[reference]))))
        .filter(|bar| bar.1.is_finite())
        .collect();
    bars.sort_by(|a, b| a.1.total_cmp(&b.1));
    let least = bars.first().map_or(1.0, |b| b.1) / 1.6;
    let most = bars.last().map_or(1.0, |b| b.1);
    let room = WIDTH - LABEL - 90.0;
    let x = |value: f64| LABEL + room * (value / least).ln() / (most / least).ln();
    let height = TOP + ROW * bars.len() as f64 + 16.0;
    let title = format!("CPU time of {} programs relative to {}", common.len(), short(&engines[reference]));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"14\" role=\"img\" aria-label=\"{title}\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"16\" fill=\"#222222\">{title}</text>\n\
         <text x=\"16\" y=\"42\" font-size=\"12\" fill=\"#666666\">geometric mean, loading included; shorter is faster; \
         logarithmic</text>\n",
    );
    for (row, (name, value)) in bars.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let fill = if name.starts_with("libwasm") { "#2b6cb0" } else { "#a0aec0" };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#222222\">{name}</text>\
             <rect x=\"{LABEL}\" y=\"{:.1}\" width=\"{:.1}\" height=\"20\" fill=\"{fill}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#222222\">{value:.2}</text>",
            LABEL - 8.0,
            y + 15.0,
            y,
            x(*value) - LABEL,
            x(*value) + 6.0,
            y + 15.0,
        );
    }
    out + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Figure;

    #[test]
    fn a_bar_for_each_engine() {
        let mut program = Program::new("p", 1, 2);
        for (at, line) in ["0 2.0 0 2 a b 1", "0 1.0 0 1 a b 1"].iter().enumerate() {
            program.figures[at].extend(Figure::parse(line));
        }
        let picture = svg(&["libwasm".into(), "wasmtime".into()], &[program]);
        assert!(picture.contains(">libwasm<") && picture.contains(">2.00<") && picture.contains(">1.00<"), "{picture}");
        assert_eq!(picture.matches("<rect").count(), 3);
    }
}
