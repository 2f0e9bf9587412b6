//! [`Deployment`]: the output of a program, line by line.

use std::time::Duration;

use lanai::Log;
use lanai::prelude::*;
use lanai::task::Task;

const STEPS: [&str; 8] = [
    "$ deploy --to production",
    "building 41 crates",
    "running 612 tests",
    "uploading 9.4 MB",
    "starting node 1 of 3",
    "starting node 2 of 3",
    "starting node 3 of 3",
    "done: all nodes answer",
];

pub(crate) struct Deployment {
    output: Log,
    next: usize,
    clock: Option<Task>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self { output: Log::new("Output of the deployment"), next: 0, clock: None }
    }
}

impl Deployment {
    fn start(&mut self, cx: &Cx<Self>) {
        if self.clock.is_none() {
            self.next = 0;
            self.clock = Some(cx.every(Duration::from_millis(400), Self::step));
        }
    }

    fn step(&mut self) {
        self.output.write_line(STEPS[self.next]);
        self.next += 1;
        if self.next == STEPS.len()
            && let Some(clock) = self.clock.take()
        {
            clock.cancel();
        }
    }
}

impl View for Deployment {
    fn render(&self) -> Html<Self> {
        html! {
            section.deployment {
                h2 { "Deploy" }
                button onclick=(Self::start) disabled[self.clock.is_some()] { "Deploy" }
                (self.output)
            }
        }
    }
}
