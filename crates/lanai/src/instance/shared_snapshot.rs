//! What the pages of a shared view show: its last rendering, and the frames that led to it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lanai_core::protocol::Frame;
use lanai_core::{Baseline, Nested, NestedPage, Tape};
use tokio::time::Instant;

use super::Instance;
use super::core::Core;
use super::driver::{Driver, Lists};
use crate::page::transport::Text;
use crate::panic::Panic;

/// How many frames are kept for pages that return or attach late.
const LOG: usize = 32;

/// How many earlier baselines are kept, at most, for pages that are behind.
const EARLIER: usize = 32;

/// The last rendering of a shared view, and what pages need that attach late or have fallen behind.
pub(crate) struct SharedSnapshot {
    baseline: Baseline,
    tape: Tape<()>,
    /// How many frames led to it.
    frames: u64,
    /// The last of them, the latest at the end.
    log: VecDeque<Text>,
    log_bytes: usize,
    /// What pages that are behind show, by the number of frames that they have applied.
    earlier: BTreeMap<u64, Baseline>,
    /// The page for the next visitor, cached until the next frame. Not if there are views inside, which change without
    /// this one.
    page: Option<Arc<NestedPage>>,
    /// When a page was last requested.
    pub(crate) asked: Instant,
}

impl SharedSnapshot {
    /// Renders a shared view for the first time.
    pub(crate) fn first(core: &mut Core) -> Result<Self, Panic> {
        let mut baseline = Baseline::for_many();
        let render = |driver: &mut dyn Driver| driver.render(Lists::Whole).framed();
        let (tape, ()) = core.first(render, |tape| ((), baseline.first_nested(tape).changes))?;
        Ok(Self {
            baseline,
            tape,
            frames: 0,
            log: VecDeque::new(),
            log_bytes: 0,
            earlier: BTreeMap::new(),
            page: None,
            asked: Instant::now(),
        })
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    pub(crate) fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Takes up another rendering, and writes the difference into the frame. Returns the previous baseline.
    pub(crate) fn take_up(&mut self, core: &mut Core, tape: Tape<()>, frame: &mut Frame) -> Baseline {
        let (next, changes) = self.baseline.next(&tape, frame);
        core.take_up(&tape, &changes, next.views());
        self.tape = tape;
        std::mem::replace(&mut self.baseline, next)
    }

    /// Counts a frame, and keeps it for pages that miss it.
    pub(crate) fn record(&mut self, frame: Frame, instance: &Instance) -> Text {
        let text = instance.finish(frame, 0);
        self.frames += 1;
        self.page = None;
        self.log_bytes += text.len();
        self.log.push_back(text.clone());
        while self.log.len() > LOG || self.log_bytes > instance.runtime.limits.frame_bytes && self.log.len() > 1 {
            self.log_bytes -= self.log.pop_front().map_or(0, |frame| frame.len());
        }
        instance.runtime.counters.frames.add_one();
        text
    }

    /// Keeps the baseline of pages that have applied this many frames.
    pub(crate) fn remember(&mut self, frames: u64, baseline: Baseline) {
        self.earlier.entry(frames).or_insert(baseline);
    }

    /// Drops the baselines of which no page is `needed` to be brought in step.
    pub(crate) fn forget(&mut self, needed: impl Fn(u64) -> bool) {
        if self.earlier.len() > EARLIER / 2 {
            self.earlier.retain(|frames, _| needed(*frames));
        }
        while self.earlier.len() > EARLIER {
            self.earlier.pop_first();
        }
    }

    /// Returns the frames that bring a page up to date that has applied `frames`: the frame that it misses, or a single
    /// frame in place of several. If its baseline was dropped, that frame contains everything.
    pub(crate) fn catch_up(&mut self, frames: u64, instance: &Instance) -> Vec<Text> {
        let missing = self.frames.saturating_sub(frames);
        let logged = usize::try_from(missing).ok().filter(|missing| *missing <= self.log.len());
        let earlier = self.earlier.get(&frames);
        match logged {
            Some(missing) if missing < 2 || earlier.is_none() => {
                self.log.iter().skip(self.log.len() - missing).cloned().collect()
            }
            _ => {
                let mut frame = Frame::new();
                earlier.unwrap_or(&Baseline::for_many()).catch_up(
                    &mut self.baseline,
                    &self.tape,
                    self.frames,
                    &mut frame,
                );
                vec![instance.finish(frame, 0)]
            }
        }
    }

    /// Returns the page for the next visitor.
    pub(crate) fn page(&mut self) -> Arc<NestedPage> {
        self.asked = Instant::now();
        if let Some(page) = &self.page {
            return page.clone();
        }
        let first = self.baseline.page(&self.tape);
        let data = first.data().inside(Some((self.baseline.next_handler(), self.frames)));
        let page = Arc::new(NestedPage { data, html: first.html });
        // Its HTML contains that of the views inside, which change without this one.
        if first.views.is_empty() {
            self.page = Some(page.clone());
        }
        // The browser may take longer to attach than the log reaches back.
        self.earlier.entry(self.frames).or_insert_with(|| self.baseline.clone());
        // Visitors may come after each frame, so this grows even if no page is behind.
        while self.earlier.len() > EARLIER {
            self.earlier.pop_first();
        }
        page
    }

    /// The views inside it.
    pub(crate) fn views(&self) -> Vec<Arc<dyn Nested>> {
        self.tape.views().to_vec()
    }

    pub(crate) fn to_html(&self) -> String {
        self.tape.to_html()
    }
}
