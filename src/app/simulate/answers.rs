//! The answers of one unit over the year, and what they count for.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use super::calendar::{self, Workday};
use super::dice::{Dice, Lot};
use super::handling::{self, Handled};
use super::network::{self, Habit, Post, Site};
use super::opinion;
use super::remarks::Remarks;
use crate::app::catalogue::Snapshot;
use crate::app::intake;
use crate::db::bulk::Settled;
use crate::domain::answer::{Response, Scores};
use crate::domain::day::HalfDay;
use crate::domain::flags::{Flag, Flags};
use crate::domain::ids::ProcedureId;
use crate::domain::level::Level;
use crate::domain::link::{Channel, Respondent, Stage};
use crate::domain::number::{nearest, real};
use crate::domain::questionnaire::{Kind, Questionnaire};
use crate::domain::tally::{Levels, TallyKey, day_number};
use crate::error::Result;
use crate::locale::Lang;

/// Days before the end on which a silent counter has no answers any more.
const SILENCE: u64 = 38;

/// Forms that a unit fills in for itself on one of the last days of a quarter.
const SELF_VOTES: u32 = 22;

/// What one unit's year comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Responses in the order of their primary key.
    pub responses: Vec<Response>,
    /// What they count for, in the order of its primary key.
    pub tallies: BTreeMap<TallyKey, Levels>,
    /// Comments that are no longer new.
    pub handled: Vec<Handled>,
    /// Dossiers settled.
    pub dossiers: Vec<Settled>,
}

/// What is the same for every unit.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// Catalogue.
    pub snapshot: &'a Snapshot,
    /// Questionnaire on procedures.
    pub tthc: &'a Questionnaire,
    /// Questionnaire on agencies.
    pub agency: &'a Questionnaire,
    /// Working days.
    pub workdays: Vec<Workday>,
    /// Last day.
    pub end: NaiveDate,
    /// Remarks.
    pub remarks: Remarks,
}

impl Scene<'_> {
    /// The year of a unit with so many honest answers.
    ///
    /// # Errors
    /// Internal for a questionnaire that is not in the catalogue.
    pub fn play(&self, site: &Site, count: u64, dice: &mut Dice) -> Result<Batch> {
        let open = self.workdays.iter().filter(|workday| site.since <= workday.day);
        let days = Lot::new(open.map(|workday| (workday.weight, *workday)));
        let mut responses = Vec::new();
        for _ in 0..count {
            responses.extend(self.honest(site, &days, dice));
        }
        if site.habit == Habit::VotesForItself {
            responses.extend(self.self_votes(site, dice));
        }
        responses.sort_by_key(|response| (response.served, response.id));
        let mut tallies = BTreeMap::new();
        for response in &responses {
            intake::count(response, &self.snapshot.questionnaires, &mut tallies)?;
        }
        let dossiers = settled(&responses, dice);
        let handled = responses.iter().filter_map(|response| handling::of(response, self.end)).collect();
        Ok(Batch { responses, tallies, handled, dossiers })
    }

    fn honest(&self, site: &Site, days: &Lot<Workday>, dice: &mut Dice) -> Option<Response> {
        let (workday, post) = self.visit(site, days, dice)?;
        let questionnaire = self.questionnaire(post);
        let channel = channel(dice);
        let is_fast = channel == Channel::Qr && dice.chance(0.025);
        let share = network::share(post, workday.progress);
        let mut scores = opinion::answer(questionnaire, post.link.stage, share, dice);
        let mut flags = Flags::NONE;
        if is_fast {
            flags = flags.with(Flag::Fast);
            if let Some(level) = opinion::overall(questionnaire, &scores).filter(|_| dice.chance(0.6)) {
                scores = opinion::straight(questionnaire, post.link.stage, level);
                flags = flags.with(Flag::Straight);
            }
        }
        if channel != Channel::Qr {
            flags = flags.with(Flag::Assisted);
        } else if dice.chance(0.03) {
            flags = flags.with(Flag::OffHours);
        }
        let level = opinion::overall(questionnaire, &scores);
        let mut response = self.response(site, post, workday.day, scores, dice);
        response.comment = level.and_then(|level| self.remarks.comment(level, dice));
        response.channel = channel;
        response.flags = flags;
        Some(response)
    }

    /// A day and a post that go together.
    fn visit<'s>(&self, site: &'s Site, days: &Lot<Workday>, dice: &mut Dice) -> Option<(Workday, &'s Post)> {
        // Nearly every first draw fits; the bound only ends a draw from a site with nothing else.
        for _ in 0..50 {
            let workday = *days.draw(dice)?;
            let post = site.posts.draw(dice)?;
            if !self.is_silent(site, post, workday.day) && !is_rare(post, workday.day, dice) {
                return Some((workday, post));
            }
        }
        None
    }

    fn is_silent(&self, site: &Site, post: &Post, day: NaiveDate) -> bool {
        let since = self.end.checked_sub_days(Days::new(SILENCE));
        site.habit == Habit::Silent
            && since.is_some_and(|since| since < day)
            && site.counters.last().is_some_and(|counter| counter.id == post.link.counter)
    }

    fn self_votes(&self, site: &Site, dice: &mut Dice) -> Vec<Response> {
        let last_days = self.workdays.iter().filter(|workday| calendar::closes_quarter(workday.day));
        let mut votes = Vec::new();
        for workday in last_days.filter(|workday| workday.weight > 0.3) {
            for _ in 0..SELF_VOTES + dice.below(14) {
                let is_headline = |post: &&Post| post.link.stage == Some(Stage::Result);
                let post = (0..20).find_map(|_| site.posts.draw(dice).filter(is_headline));
                let Some(post) = post else { continue };
                let questionnaire = self.questionnaire(post);
                let scores = opinion::straight(questionnaire, post.link.stage, Level::VerySatisfied);
                let mut vote = self.response(site, post, workday.day, scores, dice);
                vote.half = HalfDay::Afternoon;
                vote.flags = opinion::self_vote_flags(dice);
                votes.push(vote);
            }
        }
        votes
    }

    fn questionnaire(&self, post: &Post) -> &Questionnaire {
        if post.link.kind == Kind::Tthc { self.tthc } else { self.agency }
    }

    fn response(
        &self,
        site: &Site,
        post: &Post,
        day: NaiveDate,
        scores: Scores,
        dice: &mut Dice,
    ) -> Response {
        let is_saturday = day.weekday() == chrono::Weekday::Sat;
        Response {
            id: dice.uuid(),
            served: site.unit,
            deciding: post.link.deciding.unwrap_or(site.unit),
            counter: post.link.counter,
            link: post.link.id,
            questionnaire: self.questionnaire(post).id,
            field: post.link.field,
            procedure: self.procedure(post, day, dice),
            stage: post.link.stage,
            channel: Channel::Qr,
            respondent: respondent(&post.field_key, dice),
            language: if dice.chance(0.004) { Lang::En } else { Lang::Vi }.into(),
            day,
            half: if is_saturday || dice.chance(0.63) { HalfDay::Morning } else { HalfDay::Afternoon },
            scores,
            comment: None,
            flags: Flags::NONE,
        }
    }

    fn procedure(&self, post: &Post, day: NaiveDate, dice: &mut Dice) -> Option<ProcedureId> {
        let known: Vec<ProcedureId> =
            self.snapshot.procedures_of(post.link.field?, day).map(|version| version.procedure).collect();
        if dice.chance(0.4) { dice.pick(&known).copied() } else { None }
    }
}

/// Investment has its season: two quarters in four bring next to nothing.
fn is_rare(post: &Post, day: NaiveDate, dice: &mut Dice) -> bool {
    post.field_key == "dau-tu" && (day.month0() / 3).is_multiple_of(2) && dice.chance(0.88)
}

fn channel(dice: &mut Dice) -> Channel {
    match dice.unit() {
        mark if mark < 0.76 => Channel::Qr,
        mark if mark < 0.91 => Channel::Kiosk,
        mark if mark < 0.97 => Channel::Paper,
        _ => Channel::Interview,
    }
}

fn respondent(field_key: &str, dice: &mut Dice) -> Option<Respondent> {
    let organizations = match field_key {
        "dau-tu" => 0.85,
        "kinh-doanh" | "hai-quan" => 0.6,
        "thue" | "xay-dung" | "giao-thong" => 0.25,
        _ => 0.06,
    };
    match dice.unit() {
        mark if mark < 0.08 => None,
        _ if dice.chance(organizations) => Some(Respondent::Organization),
        _ => Some(Respondent::Citizen),
    }
}

/// Dossiers settled by unit, field and month: three to eight times the answers.
fn settled(responses: &[Response], dice: &mut Dice) -> Vec<Settled> {
    let mut answered: BTreeMap<_, u64> = BTreeMap::new();
    for response in responses {
        if let Some(field) = response.field {
            *answered.entry((response.served, field, day_number(response.day) / 100)).or_default() += 1;
        }
    }
    let rate = dice.between(3.0, 7.0);
    answered
        .into_iter()
        .map(|((unit, field, month), count)| {
            let dossiers = real(count) * rate * dice.between(0.85, 1.2);
            Settled { unit, field, month, count: nearest(dossiers) }
        })
        .collect()
}
