//! What `inspect perfetto` and `inspect summary` say of a program whose every step is known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use inspect::{Event, Recorded, Recording, perfetto, summary::Summary};
use mini_tokio::recording;
use mini_tokio::stepper::{Moved, Policy, Stepper};
use mini_tokio::sync::Notify;
use mini_tokio::{task, time};
use serde_json::Value;

/// Two workers; a ringer that wakes a sleeper five times, and two tasks with timers. The times are made: an event a
/// microsecond.
fn known() -> Recording {
    let mut stepper = Stepper::builder().workers(2).policy(Policy::RoundRobin).build();
    let bell = Arc::new(Notify::new());
    let waits = bell.clone();
    let named = |name: &str, future: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        task::Builder::new().name(name).spawn(future).unwrap()
    };
    drop(stepper.spawn(async move {
        let sleeper = named(
            "sleeper",
            Box::pin(async move {
                for _ in 0..5 {
                    waits.notified().await;
                }
            }),
        );
        let timers = ["early", "late"]
            .map(|name| named(name, Box::pin(time::sleep(Duration::from_millis(if name == "early" { 5 } else { 9 })))));
        for _ in 0..5 {
            task::yield_now().await;
            bell.notify_one();
        }
        sleeper.await.unwrap();
        for timer in timers {
            timer.await.unwrap();
        }
    }));
    while stepper.step() != Moved::Quiescent {}
    stepper.shutdown();
    let mut recording = recording::read(&stepper.recording()).unwrap();
    let micros = |n: u64| Duration::from_micros(n);
    recording.events.iter_mut().for_each(|recorded| recorded.at = micros(recorded.sequence));
    recording
}

/// The number of the task of this name.
fn task_of(recording: &Recording, wanted: &str) -> u64 {
    let named = |recorded: &Recorded| match &recorded.event {
        Event::Named { task, name } if **name == *wanted => Some(task.to_string().parse().unwrap()),
        _ => None,
    };
    recording.events.iter().find_map(named).expect("it was named")
}

/// Lets all events from the last that fits on be later by `more`; returns its number.
fn delay(recording: &mut Recording, more: Duration, fits: impl Fn(&Event) -> bool) -> u64 {
    let at = recording.events.iter().rposition(|recorded| fits(&recorded.event)).expect("there is one");
    recording.events[at..].iter_mut().for_each(|recorded| recorded.at += more);
    at as u64
}

/// The first line below a title.
fn first_below<'a>(text: &'a str, title: &str) -> &'a str {
    let mut lines = text.lines().skip_while(|&line| line != title);
    lines.nth(1).unwrap_or_else(|| panic!("nothing below {title:?} in\n{text}"))
}

#[test]
fn the_summary_has_the_longest_the_latest_and_the_most_woken_first() {
    let mut recording = known();
    let early = task_of(&recording, "early");
    let is = |task: &task::Id, number: u64| task.to_string() == number.to_string();
    let poll = delay(
        &mut recording,
        Duration::from_millis(70),
        |event| matches!(event, Event::PollEnd { task, .. } if is(task, early)),
    );
    let sleeper = task_of(&recording, "sleeper");
    // Its last poll, when nobody else is ready.
    let wait = delay(
        &mut recording,
        Duration::from_millis(90),
        |event| matches!(event, Event::PollStart { task, .. } if is(task, sleeper)),
    );
    let late = task_of(&recording, "late");
    let armed = recording.events.iter().find_map(|recorded| match recorded.event {
        Event::TimerArmed { timer, task: Some(task), .. } if is(&task, late) => Some(timer),
        _ => None,
    });
    let mut fired = 0;
    for recorded in &mut recording.events {
        if let Event::TimerFired { timer, late } = &mut recorded.event
            && Some(*timer) == armed
        {
            (*late, fired) = (Duration::from_millis(40), recorded.sequence);
        }
    }
    let text = Summary::new(&recording).text(&recording);
    let line = |length: &str, task: u64, name: &str, event: u64| {
        let row = first_below(
            &text,
            match name {
                "early" => "Longest polls",
                "sleeper" => "Longest waits between wake and poll",
                _ => "Latest timers",
            },
        );
        assert!(row.trim_start().starts_with(length), "{row}");
        assert!(row.contains(&format!("t{task} \"{name}\", spawned at ")), "{row}");
        assert!(row.ends_with(&format!("(event {event})")), "{row}");
    };
    line("70.0ms", early, "early", poll);
    line("90.0ms", sleeper, "sleeper", wait);
    line("40.0ms", late, "late", fired);
    let row = first_below(&text, "Most woken");
    assert!(row.trim_start().starts_with(&format!("5  t{sleeper} \"sleeper\", spawned at ")), "{row}");
    assert!(!text.contains("contradiction"), "{text}");
}

#[test]
fn the_trace_is_json_with_every_poll_nested_in_its_track_and_every_arrow_with_two_ends() {
    let recording = known();
    let trace: Value = serde_json::from_str(&perfetto::trace(&recording).to_string()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let of = |ph: &'static str| events.iter().filter(move |event| event["ph"] == ph);
    let names: Vec<&str> = of("M").map(|event| event["args"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["worker 0", "worker 1", "outside the workers"]);

    let (mut open, mut slices): (BTreeMap<u64, Vec<&str>>, Vec<&str>) = (BTreeMap::new(), Vec::new());
    let mut last = 0.0;
    for event in events.iter().filter(|event| event["ph"] != "M") {
        let (at, track) = (event["ts"].as_f64().unwrap(), event["tid"].as_u64().unwrap());
        assert!(at >= last && event["pid"] == 1 && track <= 2, "{event}");
        last = at;
        match event["ph"].as_str().unwrap() {
            "B" => {
                let (name, stack) = (event["name"].as_str().unwrap(), open.entry(track).or_default());
                assert!(stack.is_empty(), "a worker polls or sleeps, one at a time: {event}");
                stack.push(name);
                slices.push(name);
            }
            "E" => drop(open.get_mut(&track).and_then(Vec::pop).expect("what ends has begun")),
            _ => {}
        }
    }
    let polls = recording.events.iter().filter(|recorded| matches!(recorded.event, Event::PollStart { .. })).count();
    assert_eq!(slices.iter().filter(|&&name| name != "asleep").count(), polls);
    for name in ["sleeper", "early", "late"] {
        let named = format!("t{} {name}", task_of(&recording, name));
        assert!(slices.contains(&&*named), "{named} is not among {slices:?}");
    }
    let ids = |ph| of(ph).map(|event| event["id"].as_u64().unwrap()).collect::<Vec<_>>();
    let (starts, ends) = (ids("s"), ids("f"));
    assert!(ends.len() > 3 && ends.iter().all(|end| starts.contains(end)), "{starts:?} {ends:?}");
}
