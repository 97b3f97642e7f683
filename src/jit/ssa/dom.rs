//! Dominators and loops of a function's blocks.
//!
//! Dominators by the iterative method over reverse postorder (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance
//! Algorithm"). Loops are natural loops: a back edge goes to a block that dominates its source, and as WebAssembly has
//! structured control only, every cycle is one.
#![forbid(unsafe_code)]

use super::ir::*;

pub struct Dominators {
    pub order: Vec<Block>,
    pub preds: Predecessors,
    /// By block: its place in `order`; `u32::MAX` when it cannot be reached.
    pub place: Vec<u32>,
    /// By block.
    idom: Vec<Block>,
    /// By block: its place in a walk over the tree, and the first one behind all that it dominates.
    span: Vec<(u32, u32)>,
}

impl Dominators {
    /// What is known of a function's graph, found if need be. Who has not changed the graph gives it back, for the next to take.
    pub fn take(f: &mut Func) -> Dominators {
        match f.graph.take() {
            Some(known) => {
                debug_assert!(known.holds(f), "the graph has changed");
                known
            }
            None => Dominators::new(f),
        }
    }

    /// To be taken again: the blocks and where they lead are as they were.
    pub fn give_back(self, f: &mut Func) {
        f.graph = Some(self);
    }

    /// Whether the graph is still that: its blocks, where they are come from, and their dominators. Successors may have changed places.
    fn holds(&self, f: &Func) -> bool {
        let now = Dominators::new(f);
        let sorted = |dom: &Dominators, b: Block| {
            let mut preds = dom.preds[b].to_vec();
            preds.sort();
            preds
        };
        self.idom == now.idom && now.order.iter().all(|b| self.reachable(*b) && sorted(self, *b) == sorted(&now, *b))
    }

    /// The graph is no more what it was.
    pub fn forget(f: &mut Func) {
        f.graph = None;
    }

    pub fn new(f: &Func) -> Dominators {
        let order = f.reverse_postorder();
        let preds = f.predecessors(&order);
        let mut place = vec![u32::MAX; f.blocks.len()];
        for (n, b) in order.iter().enumerate() {
            place[b.index()] = n as u32;
        }
        const NONE: Block = Block(u32::MAX);
        let mut idom = vec![NONE; f.blocks.len()];
        idom[ENTRY.index()] = ENTRY;
        let mut changed = true;
        while changed {
            changed = false;
            for &b in &order[1..] {
                let mut best = NONE;
                for &p in &preds[b] {
                    if idom[p.index()] == NONE {
                        continue;
                    }
                    best = if best == NONE { p } else { meet(&idom, &place, best, p) };
                }
                if idom[b.index()] != best {
                    idom[b.index()] = best;
                    changed = true;
                }
            }
        }
        // How many blocks each one dominates; then each begins behind what its siblings before it take.
        let mut size = vec![1u32; f.blocks.len()];
        for &b in order[1..].iter().rev() {
            size[idom[b.index()].index()] += size[b.index()];
        }
        let mut span = vec![(u32::MAX, u32::MAX); f.blocks.len()];
        let mut next = vec![1u32; f.blocks.len()];
        span[ENTRY.index()] = (0, size[ENTRY.index()]);
        for &b in &order[1..] {
            let parent = idom[b.index()].index();
            let start = next[parent];
            next[parent] += size[b.index()];
            span[b.index()] = (start, start + size[b.index()]);
            next[b.index()] = start + 1;
        }
        Dominators { order, preds, place, idom, span }
    }

    /// The closest dominator; the entry's is itself.
    pub fn parent(&self, b: Block) -> Block {
        self.idom[b.index()]
    }

    /// The blocks in the order of a walk over the tree, each with the place in it behind all that it dominates.
    pub fn walk(&self) -> Vec<(Block, u32)> {
        let mut list = vec![(ENTRY, 0); self.order.len()];
        for &b in &self.order {
            let (at, end) = self.span[b.index()];
            list[at as usize] = (b, end);
        }
        list
    }

    /// Whether every path to `b` goes through `a`; a block dominates itself.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let ((start, end), (at, _)) = (self.span[a.index()], self.span[b.index()]);
        (start..end).contains(&at)
    }

    pub fn reachable(&self, b: Block) -> bool {
        self.place[b.index()] != u32::MAX
    }
}

fn meet(idom: &[Block], place: &[u32], mut a: Block, mut b: Block) -> Block {
    while a != b {
        while place[a.index()] > place[b.index()] {
            a = idom[a.index()];
        }
        while place[b.index()] > place[a.index()] {
            b = idom[b.index()];
        }
    }
    a
}

/// A natural loop.
pub struct Loop {
    pub header: Block,
    /// All blocks, the header and those of inner loops included.
    pub blocks: Vec<Block>,
}

/// The loops, inner ones before those around them.
pub fn loops(dom: &Dominators) -> Vec<Loop> {
    let mut loops = Vec::new();
    // By block: the last header whose loop it has been found in.
    let mut inside = vec![ENTRY; dom.place.len()];
    for &header in dom.order[1..].iter().rev() {
        let is_back = |p: &Block| dom.place[p.index()] >= dom.place[header.index()] && dom.dominates(header, *p);
        if !dom.preds[header].iter().any(is_back) {
            continue;
        }
        let mut work: Vec<Block> = dom.preds[header].iter().copied().filter(is_back).collect();
        let mut blocks = vec![header];
        inside[header.index()] = header;
        while let Some(b) = work.pop() {
            if inside[b.index()] != header {
                inside[b.index()] = header;
                blocks.push(b);
                work.extend(&dom.preds[b]);
            }
        }
        loops.push(Loop { header, blocks });
    }
    loops
}
