//! A list in pieces of bounded size. Why: a vector of a million entries needs one block of that size to grow, and where there
//! is none the process would end; pieces are small enough to come from anywhere.

/// Entries of a piece.
const PIECE: usize = 512;

/// A growing list without large blocks.
pub struct Chunked<T> {
    /// Most lists are short: no list of pieces for them.
    first: Vec<T>,
    /// All but the last are full.
    rest: Vec<Vec<T>>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Chunked<T> {
        Chunked { first: Vec::new(), rest: Vec::new() }
    }
}

impl<T: Copy> Chunked<T> {
    #[inline]
    pub fn len(&self) -> usize {
        match self.rest.last() {
            None => self.first.len(),
            Some(last) => self.rest.len() * PIECE + last.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    #[inline]
    pub fn get(&self, i: usize) -> Option<&T> {
        match i.checked_sub(PIECE) {
            None => self.first.get(i),
            Some(i) => self.rest.get(i / PIECE)?.get(i % PIECE),
        }
    }

    #[inline]
    pub fn get_mut(&mut self, i: usize) -> Option<&mut T> {
        match i.checked_sub(PIECE) {
            None => self.first.get_mut(i),
            Some(i) => self.rest.get_mut(i / PIECE)?.get_mut(i % PIECE),
        }
    }

    #[inline]
    pub fn push(&mut self, item: T) {
        if self.first.len() < PIECE {
            return self.first.push(item);
        }
        self.push_far(item);
    }

    fn push_far(&mut self, item: T) {
        match self.rest.last_mut() {
            Some(last) if last.len() < PIECE => last.push(item),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(item);
                self.rest.push(piece);
            }
        }
    }

    pub fn pop(&mut self) -> Option<T> {
        let Some(last) = self.rest.last_mut() else { return self.first.pop() };
        let item = last.pop();
        if last.is_empty() {
            self.rest.pop();
        }
        item
    }

    /// Takes an entry out; the last one takes its place.
    #[inline]
    pub fn swap_remove(&mut self, i: usize) {
        if self.rest.is_empty() {
            self.first.swap_remove(i);
        } else if let (Some(last), Some(place)) = (self.get(self.len() - 1).copied(), self.get_mut(i)) {
            *place = last;
            self.pop();
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.rest.iter().flatten())
    }

    /// Keeps what `keep` says, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut to = 0;
        for from in 0..self.len() {
            let Some(&item) = self.get(from) else { break };
            if keep(&item) {
                if let Some(place) = self.get_mut(to) {
                    *place = item;
                }
                to += 1;
            }
        }
        while self.len() > to {
            self.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_vector() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let (mut list, mut vector) = (Chunked::default(), Vec::new());
            (0..len).for_each(|i| {
                list.push(i);
                vector.push(i);
            });
            let same = |list: &Chunked<usize>, vector: &Vec<usize>| {
                assert_eq!(list.len(), vector.len());
                assert_eq!(list.is_empty(), vector.is_empty());
                assert!(list.iter().eq(vector.iter()));
                assert!((0..=len).all(|i| list.get(i) == vector.get(i)));
            };
            same(&list, &vector);
            while vector.len() > len / 2 {
                let i = vector.len() * 7 / 11;
                list.swap_remove(i);
                vector.swap_remove(i);
            }
            same(&list, &vector);
            list.retain(|i| i % 3 != 0);
            vector.retain(|i| i % 3 != 0);
            same(&list, &vector);
            assert_eq!(list.get_mut(0).copied(), vector.first().copied());
            while let Some(item) = vector.pop() {
                assert_eq!(list.pop(), Some(item));
            }
            assert_eq!(list.pop(), None);
        }
    }
}
