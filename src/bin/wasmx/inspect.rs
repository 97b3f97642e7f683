//! `wasmx inspect`: what a module has, for people and as JSON. Both are views of one list of sections, so that they
//! cannot tell different things.
#![forbid(unsafe_code)]

use crate::console::{Outcome, print};
use crate::describe::Types;
use crate::input;
use crate::json::Json;
use crate::names::{self, printable};
use clap::ArgMatches;
use std::fmt::Write;
use wasm::module::{self, ExternKind, ExternType, Features, Module, SegmentKind, TypeRegistry};

pub fn main(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    let _progress = input::Progress::start(name);
    let bytes = input::binary(name)?;
    let loaded = Module::load(bytes, TypeRegistry::new(), Features::ALL, &module::Limits::DEFAULT);
    let module = loaded.map_err(|e| input::invalid(name, &e))?;
    let report = Report::new(&module, !matches.get_flag("no-functions"));
    print(&if matches.get_flag("json") { report.json() } else { report.text(&input::shown(name)) })?;
    Ok(0)
}

/// One value of a row.
enum Cell {
    Number(u64),
    /// Names, which text shows in quotes.
    Name(String),
    Text(String),
    Absent,
}

/// A section: its title, what its columns are called, and its rows.
struct Section {
    title: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

struct Report {
    size: u64,
    code_size: u64,
    data_size: u64,
    name: Option<String>,
    start: Option<u32>,
    sections: Vec<Section>,
}

fn name(text: &str) -> Cell {
    Cell::Name(text.to_owned())
}

fn optional(text: Option<String>) -> Cell {
    text.map_or(Cell::Absent, Cell::Name)
}

fn number(n: impl TryInto<u64>) -> Cell {
    n.try_into().map_or(Cell::Absent, Cell::Number)
}

fn placed(kind: &SegmentKind) -> Cell {
    Cell::Text(match kind {
        SegmentKind::Active { index, offset } => match offset.as_offset() {
            Some(offset) => format!("active in {index} at {offset}"),
            None => format!("active in {index} at a computed offset"),
        },
        SegmentKind::Passive => "passive".into(),
        SegmentKind::Declared => "declared".into(),
    })
}

impl Report {
    fn new(m: &Module, functions: bool) -> Report {
        let types = Types::of(m);
        let external = |ty: &ExternType| Cell::Text(types.external(ty));
        let item = |kind: ExternKind, index: usize| external(&m.extern_type(kind, index as u32));
        let mut sections = Vec::new();
        let mut add = |title, columns, rows: Vec<Vec<Cell>>| sections.push(Section { title, columns, rows });
        let rows = (0..m.types.len()).map(|i| vec![number(i), Cell::Text(types.defined(i))]).collect();
        add("types", &["index", "type"], rows);
        let imports = m
            .imports
            .iter()
            .map(|i| vec![name(&i.module), name(&i.name), Cell::Text(i.ty.kind().name().into()), external(&i.ty)]);
        add("imports", &["module", "name", "kind", "type"], imports.collect());
        let exports = m.exports.iter().map(|e| {
            let ty = m.export_type(e);
            vec![name(&e.name), Cell::Text(e.kind.name().into()), number(e.index), external(&ty)]
        });
        add("exports", &["name", "kind", "index", "type"], exports.collect());
        if functions {
            let known = names::of_all(m);
            let rows = m.bodies.iter().enumerate().map(|(i, body)| {
                let func = i + m.num_imported_funcs as usize;
                let ty = Cell::Text(types.func(m.func_type(func as u32)).to_string());
                vec![number(func), optional(known[func].clone()), number(body.len()), number(body.start), ty]
            });
            add("functions", &["index", "name", "size", "offset", "type"], rows.collect());
        }
        for (title, kind, imported, count) in [
            ("tables", ExternKind::Table, m.num_imported_tables, m.tables.len()),
            ("memories", ExternKind::Memory, m.num_imported_memories, m.memories.len()),
            ("globals", ExternKind::Global, m.num_imported_globals, m.globals.len()),
            ("tags", ExternKind::Tag, m.num_imported_tags, m.tags.len()),
        ] {
            let rows = (imported as usize..count).map(|i| vec![number(i), item(kind, i)]).collect();
            add(title, &["index", "type"], rows);
        }
        let elements = m.elems.iter().enumerate().map(|(i, e)| {
            let ty = ExternType::Global(wasm::module::GlobalType {
                content: wasm::module::ValType::Ref(e.ty),
                mutable: false,
            });
            let ty = types.external(&ty).replacen("(global ", "", 1);
            let ty = ty.strip_suffix(')').unwrap_or(&ty).to_owned();
            vec![number(i), number(e.items.len()), Cell::Text(ty), placed(&e.kind)]
        });
        add("element segments", &["index", "length", "type", "place"], elements.collect());
        let datas = m.datas.iter().enumerate().map(|(i, d)| vec![number(i), number(d.range.len()), placed(&d.kind)]);
        add("data segments", &["index", "size", "place"], datas.collect());
        let customs = m.customs.iter().map(|c| vec![name(&c.name), number(c.range.len()), number(c.range.start)]);
        add("custom sections", &["name", "size", "offset"], customs.collect());
        Report {
            size: m.bytes.len() as u64,
            code_size: m.bodies.iter().map(|b| b.len() as u64).sum(),
            data_size: m.datas.iter().map(|d| d.range.len() as u64).sum(),
            name: m.name().map(str::to_owned),
            start: m.start,
            sections,
        }
    }

    fn text(&self, file: &str) -> String {
        let mut out = format!("{file}: {} bytes, {} of code, {} of data\n", self.size, self.code_size, self.data_size);
        if let Some(name) = &self.name {
            let _ = writeln!(out, "name: {}", printable(name));
        }
        if let Some(start) = self.start {
            let _ = writeln!(out, "start: function {start}");
        }
        for section in self.sections.iter().filter(|s| !s.rows.is_empty()) {
            let _ = writeln!(out, "\n{} ({})", section.title, section.rows.len());
            let lines: Vec<Vec<String>> = section.rows.iter().map(|r| r.iter().map(Cell::text).collect()).collect();
            let widest = |column: usize| {
                let cells = lines.iter().map(|l| l[column].chars().count()).max().unwrap_or(0);
                cells.min(40).max(section.columns[column].len())
            };
            let widths: Vec<usize> = (0..section.columns.len()).map(widest).collect();
            let mut head = String::new();
            for ((column, width), first) in section.columns.iter().zip(&widths).zip(&section.rows[0]) {
                let _ = match first {
                    Cell::Number(_) => write!(head, "  {column:>width$}"),
                    _ => write!(head, "  {column:<width$}"),
                };
            }
            out.push_str(head.trim_end());
            out.push('\n');
            for (line, row) in lines.iter().zip(&section.rows) {
                let mut text = String::new();
                for ((cell, value), width) in line.iter().zip(row).zip(&widths) {
                    let _ = match value {
                        Cell::Number(_) => write!(text, "  {cell:>width$}"),
                        _ => write!(text, "  {cell:<width$}"),
                    };
                }
                out.push_str(text.trim_end());
                out.push('\n');
            }
        }
        out
    }

    fn json(&self) -> String {
        let mut j = Json::default();
        j.open('{').key("size").number(self.size).key("code_size").number(self.code_size);
        j.key("data_size").number(self.data_size).key("name").string_or_null(self.name.as_deref());
        j.key("start");
        match self.start {
            Some(start) => j.number(start as u64),
            None => j.string_or_null(None),
        };
        for section in &self.sections {
            j.key(&section.title.replace(' ', "_")).open('[');
            for row in &section.rows {
                j.open('{');
                for (column, cell) in section.columns.iter().zip(row) {
                    j.key(column);
                    match cell {
                        Cell::Number(n) => j.number(*n),
                        Cell::Name(text) | Cell::Text(text) => j.string(text),
                        Cell::Absent => j.string_or_null(None),
                    };
                }
                j.close('}');
            }
            j.close(']');
        }
        j.close('}');
        j.finish()
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Cell::Number(n) => n.to_string(),
            Cell::Name(text) => format!("\"{}\"", printable(text)),
            Cell::Text(text) => text.clone(),
            Cell::Absent => "-".into(),
        }
    }
}
