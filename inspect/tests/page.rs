//! The replay page in a real browser, without a window: Chromium (Debian's package `chromium`).
//!
//! Without one the tests here pass without a look, unless `REQUIRE_CHROMIUM` is set, as continuous integration does.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Random, busy};
use inspect::{Recording, Row, State, replay};
use mini_tokio::recording;
use mini_tokio::stepper::{Moved, Policy, Queues, Stepper};
use mini_tokio::sync::Notify;
use serde_json::{Value, json};

/// A directory that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("mini-tokio-page-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether there is a browser.
fn chromium_works() -> bool {
    let works = Command::new("chromium").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(
        works || std::env::var_os("REQUIRE_CHROMIUM").is_none(),
        "REQUIRE_CHROMIUM is set, and chromium does not run"
    );
    works
}

fn chromium(profile: &Path) -> Command {
    let mut command = Command::new("chromium");
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,1000",
    ]);
    command.arg(format!("--user-data-dir={}", profile.display())).stdin(Stdio::null());
    command
}

/// Opens `page` at `address`, runs the body of a function in it, and returns what that returned.
fn in_browser(page: &str, address: &str, script: &str) -> Value {
    let folder = Folder::new();
    let file = folder.0.join("page.html");
    let harness = format!(
        "<pre id=\"answer\"></pre><script>\
         const press = (key, more) => window.dispatchEvent(new KeyboardEvent('keydown', {{ key, ...more }}));\
         const text = (what) => (document.querySelector(what) || {{}}).textContent;\
         let answer; try {{ answer = (() => {{ {script} }})() }} catch (error) {{ answer = {{ error: String(error.stack) }} }}\
         document.getElementById('answer').textContent = btoa(unescape(encodeURIComponent(JSON.stringify(answer))));\
         </script></body>"
    );
    let (start, end) = page.rsplit_once("</body>").expect("a page has a body");
    std::fs::write(&file, format!("{start}{harness}{end}")).unwrap();
    let output = chromium(&folder.0.join("profile"))
        .args(["--dump-dom", &format!("file://{}{address}", file.display())])
        .output()
        .expect("chromium worked a moment ago");
    let dom = String::from_utf8_lossy(&output.stdout);
    let answer = dom.rsplit_once("<pre id=\"answer\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let Some((answer, _)) = answer.filter(|(answer, _)| !answer.is_empty()) else {
        panic!("the page did not run: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    };
    let answer: Value = serde_json::from_slice(&from_base64(answer)).unwrap();
    assert!(answer.get("error").is_none(), "{}", answer["error"]);
    answer
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let word =
            chunk.iter().enumerate().fold(0_u32, |word, (n, &byte)| word | u32::from(digit(byte)) << (18 - 6 * n));
        bytes.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

/// A recording, and what the runtime's own accessors said after so many events.
fn stepped(seed: u64, workers: usize, moves: usize) -> (Recording, Vec<(usize, Queues)>) {
    let mut random = Random(seed);
    let mut stepper = Stepper::builder().workers(workers).seed(seed).policy(Policy::Random).build();
    let (bell, mut truths) = (Arc::new(Notify::new()), Vec::new());
    for moved in 0..moves {
        if moved % 30 == 0 {
            drop(stepper.spawn(busy(random.below(u64::MAX), 3, bell.clone())));
        }
        if stepper.step() == Moved::Quiescent {
            drop(stepper.spawn(busy(random.below(u64::MAX), 3, bell.clone())));
        }
        if moved % 7 == 0 {
            truths.push((stepper.events().len(), stepper.queues()));
        }
    }
    (recording::read(&stepper.recording()).unwrap(), truths)
}

#[test]
fn the_page_shows_the_queues_that_the_runtime_had() {
    if !chromium_works() {
        return;
    }
    let (recording, truths) = stepped(11, 3, 1500);
    let page = replay::page(&recording, "test");
    let events: Vec<usize> = truths.iter().map(|(events, _)| *events).collect();
    // In an order that jumps back and forth.
    let order: Vec<usize> = (0..events.len()).map(|n| n * 83 % events.len()).collect();
    let script = format!(
        "const events = {events:?}, answers = {{}}; for (const n of {order:?}) {{ replay.goto(events[n] - 1); answers[n] = replay.snapshot(); }} return answers;"
    );
    let answers = in_browser(&page, "", &script);
    let mut state = State::new(3);
    let mut applied = 0;
    for (n, (events, truth)) in truths.iter().enumerate() {
        recording.events[applied..*events].iter().for_each(|recorded| state.apply(recorded));
        applied = *events;
        let seen = &answers[n.to_string()];
        let at = format!("after {events} events");
        assert_eq!(seen["lifo"], json!(truth.lifo), "{at}");
        assert_eq!(seen["local"], json!(truth.local), "{at}");
        assert_eq!(seen["deferred"], json!(truth.deferred), "{at}");
        assert_eq!(seen["global"], json!(truth.global), "{at}");
        assert_eq!(seen["timers"].as_array().unwrap().len(), truth.armed_timers, "{at}");
        let asleep = |mood: &Value| mood == "asleep";
        let sleeping: Vec<usize> = (0..3).filter(|&worker| asleep(&seen["moods"][worker])).collect();
        assert_eq!(sleeping, truth.sleeping, "{at}");
        let phases: serde_json::Map<String, Value> = state
            .tasks
            .iter()
            .map(|(id, task)| (id.to_string(), json!([task.phase, task.polls, task.wakes])))
            .collect();
        assert_eq!(seen["phases"], Value::Object(phases), "{at}");
    }
    assert!(truths.len() > 200 && truths.iter().any(|(_, truth)| truth.global.len() > 100));
}

#[test]
fn the_page_has_the_words_of_the_text() {
    if !chromium_works() {
        return;
    }
    let (recording, _) = stepped(5, 2, 400);
    let words = in_browser(
        &replay::page(&recording, "test"),
        "",
        "return Array.from({ length: replay.r.n }, (_, i) => replay.words.event(i));",
    );
    let texts: Vec<String> = recording.events.iter().map(|recorded| Row::new(recorded).text).collect();
    assert_eq!(words, json!(texts));
}

/// Two workers: t1 spawns four, which the other worker steals from.
fn lesson() -> (Recording, Vec<Queues>) {
    let mut stepper = Stepper::builder().workers(2).policy(Policy::RoundRobin).build();
    let parent = async {
        for name in ["red", "green", "blue", "white"] {
            drop(mini_tokio::task::Builder::new().name(name).spawn(async {
                mini_tokio::task::yield_now().await;
                mini_tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }));
        }
    };
    drop(stepper.spawn(parent));
    let mut truths = vec![Queues::default()];
    while stepper.step() != Moved::Quiescent {
        // The last truth before an event is the one after it as well, as far as this test looks.
        truths.resize(stepper.events().len() + 1, Queues::default());
        *truths.last_mut().unwrap() = stepper.queues();
    }
    (recording::read(&stepper.recording()).unwrap(), truths)
}

#[test]
fn the_page_opens_steps_and_finds_a_task() {
    if !chromium_works() {
        return;
    }
    let (recording, truths) = lesson();
    let stolen = recording.events.iter().position(|recorded| matches!(recorded.event, inspect::Event::Stole { .. }));
    let stolen = stolen.expect("the second worker steals");
    let after = (stolen + 1..truths.len()).find(|&n| truths[n] != Queues::default()).unwrap();
    let script = format!(
        "const seen = {{}};
         seen.first = text('#now'); press('ArrowRight'); press('ArrowRight'); seen.second = text('#now');
         press('ArrowLeft'); seen.back = text('#now');
         press('ArrowRight', {{ shiftKey: true }}); seen.ten = text('#now');
         press('End'); seen.end = text('#now'); press('Home'); seen.home = text('#now');
         document.querySelector('#events [data-event=\"3\"]').onclick(); seen.clicked = text('#now');
         replay.goto({stolen}); seen.stolen = text('#now');
         replay.goto({after} - 1);
         seen.queues = ['lifo-0', 'lifo-1', 'local-0', 'local-1', 'global'].map((queue) =>
             [...document.querySelectorAll('[data-queue=\"' + queue + '\"] .chip')].map((chip) => chip.textContent));
         const search = document.getElementById('search');
         search.value = 'green'; search.dispatchEvent(new Event('input')); search.dispatchEvent(new Event('change'));
         seen.found = [...document.querySelectorAll('#tasks .task')].map((row) => row.textContent);
         seen.followed = text('#followed h3');
         press('Home'); press('.'); seen.born = text('#now');
         press('.'); press('.'); press('.'); seen.later = text('#now'); press(','); seen.earlier = text('#now');
         const canvas = document.getElementById('lanes'), x = replay.view.pixel(replay.view.where({stolen}));
         canvas.dispatchEvent(Object.assign(new MouseEvent('click', {{ clientX: x, clientY: 0 }}), {{}}));
         return seen;"
    );
    let seen = in_browser(&replay::page(&recording, "lesson"), "", &script);
    let line = |n: usize| seen_line(&recording, n);
    let shows = |key: &str, n: usize| {
        let text = seen[key].as_str().unwrap();
        assert!(text.starts_with(&format!("#{n} at ")) && text.ends_with(&line(n)), "{key}: {text}");
    };
    shows("first", 0);
    shows("second", 2);
    shows("back", 1);
    shows("ten", 11);
    shows("end", recording.events.len() - 1);
    assert_eq!(seen["home"], "before the first event");
    shows("clicked", 3);
    shows("stolen", stolen);
    let names: Vec<_> = State::after(2, &recording.events, usize::MAX).tasks.into_iter().collect();
    let chip = |id: &u64| {
        let name = names.iter().find(|(task, _)| task == id).and_then(|(_, task)| task.name.clone());
        name.map_or(format!("t{id}"), |name| format!("t{id} “{name}”"))
    };
    let chips = |ids: &[u64]| json!(ids.iter().map(chip).collect::<Vec<_>>());
    let truth = &truths[after];
    let lifo = |worker: usize| chips(truth.lifo[worker].as_slice());
    assert_eq!(
        seen["queues"],
        json!([lifo(0), lifo(1), chips(&truth.local[0]), chips(&truth.local[1]), chips(&truth.global)])
    );
    assert_ne!(seen["queues"], json!([[], [], [], [], []]), "there was something to show");
    let green = names.iter().find(|(_, task)| task.name.as_deref() == Some("green")).unwrap();
    assert_eq!(seen["followed"], chip(&green.0));
    let found = seen["found"].as_array().unwrap();
    assert!(found.len() == 1 && found[0].as_str().unwrap().contains("tests/page.rs"), "{found:?}");
    assert!(seen["born"].as_str().unwrap().contains(&format!("t{} is spawned", green.0)), "{}", seen["born"]);
    assert_ne!(seen["later"], seen["earlier"]);
}

fn seen_line(recording: &Recording, n: usize) -> String {
    Row::new(&recording.events[n]).text
}

#[test]
fn the_address_keeps_the_view() {
    if !chromium_works() {
        return;
    }
    let (recording, _) = lesson();
    let page = replay::page(&recording, "lesson");
    let keep = "return [replay.cursor, replay.view.by, replay.view.left, replay.view.right, replay.r.tasks.ids[replay.view.follow], replay.query, replay.address];";
    let change = format!("replay.follow(3); replay.goto(9); press('+'); press('ArrowRight'); {keep}");
    let there = in_browser(&page, "", &change);
    let address = there[6].as_str().unwrap();
    let again = in_browser(&page, address, keep);
    assert_eq!(there.as_array().unwrap()[..5], again.as_array().unwrap()[..5], "{address}");
    assert_eq!(again[0], 10);
    let searched =
        in_browser(&page, "#e=4&q=blue", "return [replay.cursor, document.querySelectorAll('#tasks .task').length];");
    assert_eq!(searched, json!([4, 1]));
}

#[test]
fn a_million_events_open_and_a_jump_costs_thousands_and_not_a_million() {
    if !chromium_works() {
        return;
    }
    let mut stepper = Stepper::builder().workers(4).seed(3).build();
    let (bell, mut random) = (Arc::new(Notify::new()), Random(99));
    while stepper.events().len() < 1_000_000 {
        drop(stepper.spawn(busy(random.below(u64::MAX), 3, bell.clone())));
        for _ in 0..2000 {
            stepper.step();
        }
    }
    let recording = recording::read(&stepper.recording()).unwrap();
    let page = replay::page(&recording, "a million");
    assert!(page.len() < 10 * recording.events.len(), "{} bytes", page.len());
    let answer = in_browser(
        &page,
        "",
        "press('End'); const player = replay.player, costs = []; let drawn = 0;
         for (let k = 1; k < 100; k++) {
             const before = player.applied; replay.goto(k * 7919 * 131 % replay.r.n); costs.push(player.applied - before);
             const start = performance.now(); replay.view.draw(replay.cursor); drawn += performance.now() - start; press('ArrowLeft');
         }
         const start = performance.now(); for (let k = 0; k < 100; k++) press(k % 2 ? 'ArrowLeft' : 'ArrowRight');
         return { n: replay.r.n, costs, states: player.kept.length, drawn: drawn / 99, step: (performance.now() - start) / 100 };",
    );
    println!("a frame of everything: {} ms, a step: {} ms", answer["drawn"], answer["step"]);
    assert_eq!(answer["n"], recording.events.len());
    let most = answer["costs"].as_array().unwrap().iter().map(|cost| cost.as_u64().unwrap()).max().unwrap();
    assert!(most < 40_000, "a jump applied {most} events");
}
