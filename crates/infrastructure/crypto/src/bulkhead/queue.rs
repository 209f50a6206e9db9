use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A bounded queue in which each key has its own line. The lines take turns, one item each. If there is no room, the
/// longest line loses its last item to a newcomer of a shorter line.
///
/// So one key may use the whole queue while no other needs it, and can't block others. Each call takes logarithmic
/// time, whatever the size.
pub struct FairQueue<K, T> {
    lines: BTreeMap<K, Line<T>>,
    /// The order of turns: the first line is next.
    turns: BTreeMap<u64, K>,
    /// The lines by length: the last one is the longest.
    lengths: BTreeSet<(usize, K)>,
    waiting: usize,
    room: usize,
    /// Numbers tickets and turns, both in order of time.
    next_number: u64,
}

struct Line<T> {
    turn: u64,
    /// The items by ticket, in ascending order.
    items: VecDeque<(u64, T)>,
}

/// The queue is full, and no line is longer than that of the newcomer.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// The result for a newcomer that got a place.
#[derive(Debug, PartialEq, Eq)]
pub struct Queued<T> {
    /// The ticket for removing it.
    pub ticket: u64,
    /// The item that lost its place: the last one of the longest line.
    pub displaced: Option<T>,
}

impl<K: Ord + Copy, T> FairQueue<K, T> {
    /// Creates a queue of this size.
    pub const fn new(room: usize) -> Self {
        Self {
            lines: BTreeMap::new(),
            turns: BTreeMap::new(),
            lengths: BTreeSet::new(),
            waiting: 0,
            room,
            next_number: 0,
        }
    }

    pub const fn len(&self) -> usize {
        self.waiting
    }

    pub const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Adds the item at the end of the line of its key.
    pub fn push(&mut self, key: K, item: T) -> Result<Queued<T>, Full> {
        let displaced = if self.waiting < self.room { None } else { Some(self.displace_for(key).ok_or(Full)?) };
        let (ticket, turn) = (self.number(), self.number());
        let turns = &mut self.turns;
        let line = self.lines.entry(key).or_insert_with(|| {
            turns.insert(turn, key);
            Line { turn, items: VecDeque::new() }
        });
        line.items.push_back((ticket, item));
        let length = line.items.len();
        self.lengths.remove(&(length - 1, key));
        self.lengths.insert((length, key));
        self.waiting += 1;
        Ok(Queued { ticket, displaced })
    }

    /// Takes the first item of the line whose turn it is; the next turn of this line comes after those of all others.
    pub fn pop(&mut self) -> Option<T> {
        let (_, &key) = self.turns.first_key_value()?;
        let item = self.take(key, VecDeque::pop_front)?;
        let turn = self.number();
        if let Some(line) = self.lines.get_mut(&key) {
            self.turns.remove(&line.turn);
            self.turns.insert(turn, key);
            line.turn = turn;
        }
        Some(item)
    }

    /// Removes an item that is no longer wanted, if it still waits.
    pub fn remove(&mut self, key: K, ticket: u64) -> Option<T> {
        self.take(key, |items| {
            let index = items.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()?;
            items.remove(index)
        })
    }

    /// The last item of the longest line; none if the line of the newcomer would become as long.
    fn displace_for(&mut self, newcomer: K) -> Option<T> {
        let &(length, longest) = self.lengths.last()?;
        let own = self.lines.get(&newcomer).map_or(0, |line| line.items.len());
        if length > own + 1 { self.take(longest, VecDeque::pop_back) } else { None }
    }

    fn take(&mut self, key: K, pick: impl FnOnce(&mut VecDeque<(u64, T)>) -> Option<(u64, T)>) -> Option<T> {
        let line = self.lines.get_mut(&key)?;
        let (_, item) = pick(&mut line.items)?;
        let left = line.items.len();
        self.lengths.remove(&(left + 1, key));
        if left > 0 {
            self.lengths.insert((left, key));
        } else {
            self.turns.remove(&line.turn);
            self.lines.remove(&key);
        }
        self.waiting -= 1;
        Some(item)
    }

    const fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(room: usize, items: &[(char, u32)]) -> FairQueue<char, u32> {
        let mut queue = FairQueue::new(room);
        for (key, item) in items {
            queue.push(*key, *item).unwrap();
        }
        queue
    }

    fn rest(mut queue: FairQueue<char, u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn lines_take_turns_and_each_is_in_order() {
        let queue = queue(8, &[('a', 1), ('a', 2), ('a', 3), ('b', 4), ('b', 5), ('c', 6)]);
        assert_eq!(rest(queue), [1, 4, 6, 2, 5, 3]);
    }

    #[test]
    fn an_account_with_sixty_waiting_delays_anothers_single_item_by_one_turn() {
        let mut queue = queue(64, &(0..60).map(|item| ('a', item)).collect::<Vec<_>>());
        queue.pop();
        queue.push('b', 100).unwrap();
        assert_eq!([queue.pop(), queue.pop()], [Some(1), Some(100)]);
    }

    #[test]
    fn a_line_that_empties_and_comes_back_waits_behind_the_others() {
        let mut queue = queue(8, &[('a', 1), ('b', 2), ('b', 3)]);
        queue.pop();
        queue.push('a', 4).unwrap();
        assert_eq!(rest(queue), [2, 4, 3]);
    }

    #[test]
    fn one_key_may_use_all_the_room_while_nobody_else_wants_it() {
        let mut queue = queue(3, &[('a', 1), ('a', 2), ('a', 3)]);
        assert_eq!(queue.push('a', 4), Err(Full));
        assert_eq!(rest(queue), [1, 2, 3]);
    }

    #[test]
    fn a_full_queue_takes_a_newcomer_in_for_the_last_of_the_longest_line() {
        let mut queue = queue(4, &[('a', 1), ('a', 2), ('a', 3), ('b', 4)]);
        assert_eq!(queue.push('c', 5).unwrap().displaced, Some(3));
        assert_eq!(queue.push('b', 6), Err(Full), "two and two: nobody has more than their share");
        assert_eq!(rest(queue), [1, 4, 5, 2]);
    }

    #[test]
    fn a_full_queue_of_equals_takes_nobody_in() {
        let mut queue = queue(2, &[('a', 1), ('b', 2)]);
        assert_eq!(queue.push('c', 3), Err(Full));
    }

    #[test]
    fn one_who_leaves_makes_room_and_is_not_served() {
        let mut queue = queue(2, &[('a', 1)]);
        let ticket = queue.push('a', 2).unwrap().ticket;
        assert_eq!(queue.remove('a', ticket), Some(2));
        assert_eq!(queue.remove('a', ticket), None);
        queue.push('a', 3).unwrap();
        assert_eq!(rest(queue), [1, 3]);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push(u8),
        Pop,
        Remove(usize),
    }

    fn a_step() -> impl Strategy<Value = Step> {
        prop_oneof![4 => (0..5_u8).prop_map(Step::Push), 2 => Just(Step::Pop), 1 => any::<usize>().prop_map(Step::Remove)]
    }

    proptest! {
        #[test]
        fn whatever_is_done_nothing_is_lost_and_the_room_is_kept(steps in proptest::collection::vec(a_step(), 0..200)) {
            let mut queue = FairQueue::new(8);
            let mut inside: Vec<(u8, u64, u32)> = Vec::new();
            for (item, step) in (0_u32..).zip(steps) {
                match step {
                    Step::Push(key) => if let Ok(Queued { ticket, displaced }) = queue.push(key, item) {
                        inside.retain(|(_, _, item)| Some(*item) != displaced);
                        inside.push((key, ticket, item));
                    } else {
                        prop_assert_eq!(inside.len(), 8);
                    },
                    Step::Pop => {
                        let popped = queue.pop();
                        prop_assert_eq!(popped.is_some(), !inside.is_empty());
                        // An item never overtakes an older one of its own line.
                        let oldest = inside.iter().find(|(key, _, _)| inside.iter().any(|(k, _, i)| k == key && Some(*i) == popped));
                        prop_assert_eq!(oldest.map(|(_, _, item)| *item), popped);
                        inside.retain(|(_, _, item)| Some(*item) != popped);
                    }
                    Step::Remove(index) if !inside.is_empty() => {
                        let (key, ticket, item) = inside.remove(index % inside.len());
                        prop_assert_eq!(queue.remove(key, ticket), Some(item));
                    }
                    Step::Remove(_) => {}
                }
                prop_assert_eq!(queue.len(), inside.len());
                prop_assert_eq!(queue.lengths.iter().map(|(length, _)| length).sum::<usize>(), inside.len());
                prop_assert_eq!(queue.turns.len(), queue.lines.len());
            }
        }
    }
}
