//! One walk: the shortest requests first, each as its dye key is written.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;

use super::{Asked, Language, Search};
use crate::route::dye::{Fact, VALUE};

/// What keeping a place takes, in steps: they are some hundred bytes each.
const PLACE: usize = 10;

/// How far a walk is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    /// The fact that is next, or whose value is written.
    fact: usize,
    inside: bool,
    /// Whether the key has a fact already.
    begun: bool,
    /// Of each condition, and of the value itself, as far as they look at what is written.
    states: Box<[StateID]>,
}

/// A place, and how it was reached.
struct Node {
    place: Place,
    before: Option<usize>,
    wrote: Wrote,
}

#[derive(Debug, Clone, Copy)]
enum Wrote {
    Nothing,
    /// The name of a fact.
    Name(usize),
    Byte(u8),
}

/// Bytes of which each stands for all that no automaton tells from it; letters and digits where there are any.
fn bytes(asked: &[Asked], valid: &Language) -> Vec<u8> {
    let mut seen = HashSet::new();
    let pretty = (b'a'..=b'z').chain(b'0'..=b'9').chain(0..=u8::MAX);
    let all = || asked.iter().map(|asked| &*asked.language).chain([valid]);
    let class = |byte: u8| -> Vec<u8> {
        all()
            .map(|language| language.automaton.byte_classes().get(byte))
            .collect()
    };
    pretty.filter(|byte| seen.insert(class(*byte))).collect()
}

/// One walk.
pub(super) struct Walk<'a> {
    facts: &'a [Fact],
    asked: &'a [Asked],
    valid: Rc<Language>,
    /// Whether something is asked of the whole key.
    keyed: bool,
    bytes: Vec<u8>,
    nodes: Vec<Node>,
    waiting: VecDeque<usize>,
    seen: HashSet<Place>,
    steps: usize,
}

impl<'a> Walk<'a> {
    /// For a request of which all that is asked is so; `valid` are the values that there can be.
    pub(super) fn new(facts: &'a [Fact], asked: &'a [Asked], valid: Rc<Language>) -> Self {
        Self {
            facts,
            keyed: asked.iter().any(|asked| asked.fact.is_none()),
            bytes: bytes(asked, &valid),
            asked,
            valid,
            nodes: Vec::new(),
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            steps: 0,
        }
    }

    /// How many steps were taken.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// The shortest ways first: what is found can be read.
    pub(super) fn run(&mut self, limit: usize) -> Search {
        let starts = self.asked.iter().map(|asked| asked.language.start);
        let first = Place {
            fact: 0,
            inside: false,
            begun: false,
            states: starts.chain([self.valid.start]).collect(),
        };
        self.reach(first, None, Wrote::Nothing);
        while let Some(at) = self.waiting.pop_front() {
            if self.steps >= limit {
                return Search::Unknown;
            }
            let place = self.nodes[at].place.clone();
            if place.inside {
                self.go_on(&place, at);
                self.leave(place, at);
            } else if place.fact < self.facts.len() {
                self.enter(&place, at);
                self.pass(place, at);
            } else if self
                .each(None)
                .all(|(number, asked)| asked.language.allows(place.states[number]) == asked.holds)
            {
                return self.written(at);
            }
        }
        Search::Nothing
    }

    /// What is asked of a fact, or of the whole key.
    fn each(&self, fact: Option<usize>) -> impl Iterator<Item = (usize, &Asked)> {
        self.asked
            .iter()
            .enumerate()
            .filter(move |(_, asked)| asked.fact == fact)
    }

    fn reach(&mut self, place: Place, before: Option<usize>, wrote: Wrote) {
        if self.seen.insert(place.clone()) {
            self.steps += PLACE;
            self.waiting.push_back(self.nodes.len());
            self.nodes.push(Node { place, before, wrote });
        }
    }

    /// The request does not have the fact.
    fn pass(&mut self, mut place: Place, at: usize) {
        if !self.each(Some(place.fact)).any(|(_, asked)| asked.holds) {
            place.fact += 1;
            self.reach(place, Some(at), Wrote::Nothing);
        }
    }

    /// The request has the fact: its name is written.
    fn enter(&mut self, place: &Place, at: usize) {
        let fact = place.fact;
        // A fact that nothing is asked of may as well not be there.
        if !self.keyed && self.each(Some(fact)).next().is_none() {
            return;
        }
        let mut next = place.clone();
        let name = self.facts[fact].name.bytes();
        let head = place.begun.then_some(b'|').into_iter().chain(name).chain([b':']);
        for byte in head {
            if !self.step(&mut next.states, None, byte) {
                return;
            }
        }
        (next.inside, next.begun) = (true, true);
        self.reach(next, Some(at), Wrote::Name(fact));
    }

    /// Another byte of the value.
    fn go_on(&mut self, place: &Place, at: usize) {
        let mut next = place.clone();
        for number in 0..self.bytes.len() {
            let byte = self.bytes[number];
            next.states.copy_from_slice(&place.states);
            let value = next.states.last_mut();
            let goes_on = value.is_some_and(|state| {
                *state = self.valid.automaton.next_state(*state, byte);
                !self.valid.automaton.is_dead_state(*state)
            });
            if goes_on
                && self.step(&mut next.states, None, byte)
                && self.step(&mut next.states, Some(place.fact), byte)
            {
                self.reach(next.clone(), Some(at), Wrote::Byte(byte));
            }
        }
    }

    /// The value ends.
    fn leave(&mut self, mut place: Place, at: usize) {
        let whole = place.states.last().is_some_and(|state| self.valid.allows(*state));
        let fits =
            |(number, asked): (usize, &Asked)| asked.language.allows(place.states[number]) == asked.holds;
        if !whole || !self.each(Some(place.fact)).all(fits) {
            return;
        }
        // From here on nothing depends on it.
        for (number, asked) in self.asked.iter().enumerate() {
            if asked.fact == Some(place.fact) {
                place.states[number] = asked.language.start;
            }
        }
        if let Some(state) = place.states.last_mut() {
            *state = self.valid.start;
        }
        (place.fact, place.inside) = (place.fact + 1, false);
        self.reach(place, Some(at), Wrote::Nothing);
    }

    /// Whether what is asked of the fact, or of the whole key, can still be so after another byte.
    fn step(&mut self, states: &mut [StateID], fact: Option<usize>, byte: u8) -> bool {
        self.steps += 1;
        let asked = self.asked.iter().zip(states);
        asked
            .filter(|(asked, _)| asked.fact == fact)
            .all(|(asked, state)| {
                *state = asked.language.automaton.next_state(*state, byte);
                !(asked.holds && asked.language.automaton.is_dead_state(*state))
            })
    }

    /// The key that led somewhere; no request has one with too long a value.
    fn written(&self, at: usize) -> Search {
        let mut wrote = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            wrote.push(self.nodes[at].wrote);
            next = self.nodes[at].before;
        }
        let (mut key, mut length) = (Vec::new(), 0);
        for wrote in wrote.into_iter().rev() {
            match wrote {
                Wrote::Nothing => {}
                Wrote::Name(fact) => {
                    key.extend((!key.is_empty()).then_some(b'|'));
                    key.extend(self.facts[fact].name.bytes().chain([b':']));
                    length = 0;
                }
                Wrote::Byte(byte) => {
                    key.push(byte);
                    length += 1;
                }
            }
            if length > VALUE {
                return Search::Unknown;
            }
        }
        String::from_utf8(key).map_or(Search::Unknown, Search::Found)
    }
}
