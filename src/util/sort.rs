//! Sorting by numbers, with the algorithm compiled once.
//!
//! Why: every type of elements and every key with which a sort of the standard library is used costs 4 to 6 KB of machine code. Here
//! only what reads the keys and what moves the elements is compiled for each.

/// Up to here insertion is as fast.
const FEW: usize = 16;

/// Sorts by a key; elements with equal keys stay in order.
pub fn sort_by_key<T>(items: &mut [T], key: impl Fn(&T) -> u64) {
    if items.len() <= FEW {
        for end in 1..items.len() {
            let mut i = end;
            while i > 0 && key(&items[i - 1]) > key(&items[i]) {
                items.swap(i - 1, i);
                i -= 1;
            }
        }
        return;
    }
    let keys: Vec<(u64, usize)> = items.iter().zip(0..).map(|(item, i)| (key(item), i)).collect();
    for (from, to) in swaps(keys) {
        items.swap(from, to);
    }
}

/// The exchanges that bring elements with such keys, each with its place, into order.
#[inline(never)]
fn swaps(mut keys: Vec<(u64, usize)>) -> Vec<(usize, usize)> {
    if keys.is_sorted() {
        return Vec::new();
    }
    keys.sort_unstable();
    let mut swaps = Vec::new();
    for to in 0..keys.len() {
        // What belongs here has been moved on by the exchanges of the places before this one.
        let mut from = keys[to].1;
        while from < to {
            from = keys[from].1;
        }
        if from != to {
            swaps.push((from, to));
        }
        keys[to].1 = from;
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::sort_by_key;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut seed = 1u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for len in (0..40).chain([100, 1000, 5000]) {
            for distinct in [1, 3, 20, u64::MAX >> 34] {
                let items: Vec<(u64, String)> = (0..len).map(|i| (random(distinct), i.to_string())).collect();
                let (mut ours, mut theirs) = (items.clone(), items);
                sort_by_key(&mut ours, |item| item.0);
                theirs.sort_by_key(|item| item.0);
                assert_eq!(ours, theirs);
                sort_by_key(&mut ours, |item| item.0);
                assert_eq!(ours, theirs);
                sort_by_key(&mut ours, |item| u64::MAX - item.0);
                theirs.sort_by_key(|item| u64::MAX - item.0);
                assert_eq!(ours, theirs);
            }
        }
    }
}
