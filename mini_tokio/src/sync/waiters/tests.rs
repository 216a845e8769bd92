//! The list of waiters against a plain deque.

use std::pin::Pin;

use super::*;

fn nodes(n: usize) -> Vec<Pin<Box<Node<usize>>>> {
    (0..n).map(|value| Box::pin(Node::new(value))).collect()
}

fn list_of(nodes: &[Pin<Box<Node<usize>>>]) -> WaitList<usize> {
    let mut list = WaitList::new();
    for node in nodes {
        // SAFETY: fresh nodes, which the tests empty or forget the list of before they drop them.
        unsafe { list.push_back(node.as_ref()) };
    }
    list
}

fn drain(list: &mut WaitList<usize>) -> Vec<usize> {
    let mut values = Vec::new();
    while let Some(front) = list.front().copied() {
        // SAFETY: the tests keep their nodes until the end.
        let popped = *unsafe { list.pop_front().unwrap().as_ref() }.value();
        assert_eq!(front, popped);
        values.push(popped);
    }
    assert!(list.is_empty() && list.last.is_none());
    values
}

#[test]
fn the_first_that_came_leaves_first() {
    let nodes = nodes(4);
    assert_eq!(drain(&mut list_of(&nodes)), [0, 1, 2, 3]);
}

#[test]
fn pop_back_takes_the_last_that_came() {
    let nodes = nodes(3);
    let mut list = list_of(&nodes);
    for expected in [2, 1, 0] {
        // SAFETY: the nodes live to the end of the test.
        assert_eq!(*unsafe { list.pop_back().unwrap().as_ref() }.value(), expected);
    }
    assert!(list.pop_back().is_none() && list.pop_front().is_none() && list.is_empty());
}

/// Every subset of four nodes, removed from the front or from the back, leaves the others in order, both ways.
#[test]
fn any_nodes_can_leave_in_any_order() {
    for subset in 0..16_usize {
        for backwards in [false, true] {
            let nodes = nodes(4);
            let mut list = list_of(&nodes);
            let mut leaving: Vec<_> = (0..4).filter(|i| subset >> i & 1 == 1).collect();
            if backwards {
                leaving.reverse();
            }
            for i in leaving {
                // SAFETY: linked above, once, and removed once.
                unsafe { list.remove(&nodes[i]) };
            }
            let staying: Vec<_> = (0..4).filter(|i| subset >> i & 1 == 0).collect();
            assert_eq!(drain(&mut list), staying);
        }
    }
}

#[test]
fn a_node_that_left_can_come_back_at_the_end() {
    let nodes = nodes(3);
    let mut list = list_of(&nodes);
    // SAFETY: the first node is linked, then is not, then is again.
    unsafe {
        list.remove(&nodes[0]);
        list.push_back(nodes[0].as_ref());
    }
    assert_eq!(drain(&mut list), [1, 2, 0]);
}
