//! What is known of a type from all nodes that it reaches.

use std::collections::{HashMap, HashSet};

use versioned_core::schema::{Content, Field, Link, Node, Presence, Shape};

/// Where a node lies: nodes live as long as the program.
pub(super) fn address(node: &'static Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// What a type holds at any depth.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::laws) struct Traits {
    /// Something is read only, written only, or has another name when it is read.
    pub(in crate::laws) one_way: bool,
    /// Sets.
    pub(in crate::laws) unordered: bool,
    /// Maps.
    pub(in crate::laws) maps: bool,
}

impl Traits {
    pub(in crate::laws) fn of(link: Link) -> Self {
        let mut traits = Self::default();
        for node in reached(link) {
            match &node.shape {
                Shape::List { unique: true, .. } => traits.unordered = true,
                Shape::Map { .. } => traits.maps = true,
                Shape::Struct { fields, .. } => traits.one_way |= is_one_way(fields),
                Shape::Enum { variants, .. } => {
                    traits.one_way |= variants.iter().any(|variant| {
                        let fields = match &variant.content {
                            Content::Struct(fields) => is_one_way(fields),
                            _ => false,
                        };
                        fields || variant.presence != Presence::Both
                    });
                }
                _ => {}
            }
        }
        traits
    }
}

fn is_one_way(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.presence != Presence::Both)
}

/// Every node that a type reaches, itself first.
fn reached(link: Link) -> Vec<&'static Node> {
    let (mut seen, mut open, mut found) = (HashSet::new(), vec![link], Vec::new());
    while let Some(link) = open.pop() {
        let node = link.get();
        if seen.insert(address(node)) {
            found.push(node);
            open.extend(inside(node));
        }
    }
    found
}

fn inside(node: &'static Node) -> Vec<Link> {
    let types = |fields: &'static [Field]| fields.iter().map(|field| field.ty).collect();
    match &node.shape {
        Shape::Option(inner) | Shape::Transparent(inner) => vec![*inner],
        Shape::List { item, .. } => vec![*item],
        Shape::Map { value } => vec![*value],
        Shape::Tuple(items) => items.to_vec(),
        Shape::Struct { fields, .. } => types(fields),
        Shape::Enum { variants, .. } => variants
            .iter()
            .flat_map(|variant| match &variant.content {
                Content::Unit => Vec::new(),
                Content::Newtype(inner) => vec![*inner],
                Content::Tuple(items) => items.to_vec(),
                Content::Struct(fields) => types(fields),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// How deep the smallest value of each node is; none of those that have no end.
#[derive(Default)]
pub(super) struct Heights(HashMap<usize, u32>);

impl Heights {
    /// Measures a type and all that it reaches.
    pub(super) fn enter(&mut self, link: Link) {
        let nodes = reached(link);
        // A node is measured as soon as something in it ends; at most one round a level.
        loop {
            let mut changed = false;
            for node in &nodes {
                if !self.0.contains_key(&address(node))
                    && let Some(height) = self.node(node)
                {
                    self.0.insert(address(node), height);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    pub(super) fn of(&self, node: &'static Node) -> Option<u32> {
        self.0.get(&address(node)).copied()
    }

    pub(super) fn content(&self, content: &Content) -> Option<u32> {
        match content {
            Content::Unit => Some(0),
            Content::Newtype(inner) => self.above([*inner]),
            Content::Tuple(items) => self.above(items.iter().copied()),
            Content::Struct(fields) => self.fields(fields),
        }
    }

    fn node(&self, node: &'static Node) -> Option<u32> {
        let own = self.shape(&node.shape)?;
        if node.constraints.min_items.is_none_or(|least| least == 0) {
            return Some(own);
        }
        // A list that must not be empty is as deep as its items.
        let mut node = node;
        while let Shape::Transparent(inner) = &node.shape {
            node = inner.get();
        }
        match &node.shape {
            Shape::List { item, .. } => self.above([*item]),
            _ => Some(own),
        }
    }

    fn shape(&self, shape: &Shape) -> Option<u32> {
        match shape {
            Shape::List {
                item, len: Some(1..), ..
            } => self.above([*item]),
            Shape::Tuple(items) => self.above(items.iter().copied()),
            Shape::Struct { fields, .. } => self.fields(fields),
            Shape::Transparent(inner) => self.above([*inner]),
            Shape::Enum { variants, .. } => {
                let read = variants.iter().filter(|variant| variant.presence.is_read());
                read.filter_map(|variant| self.content(&variant.content))
                    .min()
                    .map(|height| height + 1)
            }
            _ => Some(0),
        }
    }

    fn fields(&self, fields: &[Field]) -> Option<u32> {
        let needed = fields
            .iter()
            .filter(|field| field.presence.is_read() && !field.optional_in);
        self.above(needed.map(|field| field.ty))
    }

    fn above(&self, links: impl IntoIterator<Item = Link>) -> Option<u32> {
        let heights = links.into_iter().map(|link| self.of(link.get()));
        heights
            .collect::<Option<Vec<_>>>()
            .map(|heights| heights.into_iter().max().map_or(0, |height| height + 1))
    }
}
