//! Members of staff in a browser: a cookie, and forms that carry their proof.

use std::time::{Duration, Instant};

use hailong::app::api_keys;
use hailong::app::passwords::Issued;
use hailong::app::people::{self, Draft};
use hailong::app::token::Token;
use hailong::domain::api_key::Reading;
use hailong::domain::ids::UnitId;
use hailong::domain::person::{Actor, Role};
use hailong::locale::Lang;
use scraper::{Html, Selector};

use super::{App, Reply, read, today};

/// What every person chooses here.
pub const PASSWORD: &str = "7391-5528-4460-1177";

/// A browser of one member of staff.
pub struct Browser<'a> {
    pub app: &'a App,
    pub cookie: String,
    /// Address of another instance that it asks.
    pub elsewhere: Option<String>,
    /// The address that the reverse proxy passes on.
    pub from: &'static str,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, cookie: String::new(), elsewhere: None, from: "" }
    }

    fn site(&self) -> &str {
        self.elsewhere.as_ref().unwrap_or(&self.app.url)
    }

    pub fn get(&self, path: &str) -> Reply {
        let request = App::agent().get(format!("{}{path}", self.site()));
        read(request.header("Cookie", &self.cookie).header("X-Forwarded-For", self.from).call().unwrap())
    }

    pub fn bytes(&self, path: &str) -> (String, Vec<u8>) {
        let request = App::agent().get(format!("{}{path}", self.site())).header("Cookie", &self.cookie);
        let mut response = request.call().unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let kind = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
        (kind, response.body_mut().read_to_vec().unwrap())
    }

    /// Sends a form as it is.
    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = App::agent().post(format!("{}{path}", self.site()));
        let request = request.header("Cookie", &self.cookie).header("X-Forwarded-For", self.from);
        let reply = read(request.send_form(form.iter().copied()).unwrap());
        if let Some(set) = reply.headers.get("set-cookie") {
            self.cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        reply
    }

    /// The proof that forms on a page carry.
    pub fn proof(&self, page: &str) -> String {
        let page = Html::parse_document(&self.get(page).body);
        let found = page.select(&Selector::parse("input[name=csrf]").unwrap()).next();
        found.and_then(|input| input.value().attr("value")).expect("a form with a proof").to_owned()
    }

    /// What the form on a page that leads to a path hides.
    pub fn hidden(&self, page: &str, path: &str) -> Vec<(String, String)> {
        let shown = Html::parse_document(&self.get(page).body);
        let inputs = Selector::parse(&format!("form[action='{path}'] input[type=hidden]")).unwrap();
        let named = |input: scraper::ElementRef<'_>| {
            Some((input.attr("name")?.to_owned(), input.attr("value")?.to_owned()))
        };
        shown.select(&inputs).filter_map(named).filter(|(name, _)| name != "csrf").collect()
    }

    /// Sends a form with the proof of a page, and with what the form that stands there hides.
    pub fn send(&mut self, page: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let shown = Html::parse_document(&self.get(page).body);
        let csrf =
            shown.select(&Selector::parse("input[name=csrf]").unwrap()).next().expect("a form with a proof");
        let hidden = Selector::parse(&format!("form[action='{path}'] input[type=hidden]")).unwrap();
        let mut form = form.to_vec();
        for input in shown.select(&hidden).chain([csrf]) {
            let name = input.attr("name").unwrap();
            if form.iter().all(|(given, _)| *given != name) {
                form.push((name, input.attr("value").unwrap()));
            }
        }
        self.post(path, &form)
    }

    /// Sends a file with the form of a page.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], file: &str) -> Reply {
        self.upload_to(path, path, fields, file)
    }

    /// Sends a file with the proof of a page elsewhere.
    pub fn upload_to(&self, page: &str, path: &str, fields: &[(&str, &str)], file: &str) -> Reply {
        let proof = self.proof(page);
        let part = |name: &str, extra: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{extra}\r\n\r\n{value}\r\n")
        };
        let mut body = part("csrf", "", &proof);
        body.extend(fields.iter().map(|(name, value)| part(name, "", value)));
        body += &(part("file", "; filename=\"a.csv\"", file) + "--x--\r\n");
        let request = App::agent().post(format!("{}{path}", self.site())).header("Cookie", &self.cookie);
        read(request.content_type("multipart/form-data; boundary=x").send(body).unwrap())
    }

    /// The preview of a file, or what is said instead of one, wherever it comes to stand.
    pub fn preview(&self, path: &str, fields: &[(&str, &str)], file: &str) -> String {
        let start = Instant::now();
        loop {
            let reply = self.upload(path, fields, file);
            match reply.status {
                303 => return self.ended(&reply.location),
                // SQLite has one writer: while a slow file holds it, others are asked to come back.
                503 if start.elapsed() < Duration::from_secs(60) => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                _ => return reply.body,
            }
        }
    }

    /// Confirms what a page shows with the only form in its main part.
    pub fn confirm(&mut self, page: &str) -> Reply {
        let (page, field) = (Html::parse_document(page), Selector::parse("input").unwrap());
        let form =
            page.select(&Selector::parse("main form.actions").unwrap()).next().expect("a form to confirm");
        let inputs = form
            .select(&field)
            .map(|input| (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap().to_owned()));
        let inputs: Vec<(String, String)> = inputs.collect();
        let pairs: Vec<(&str, &str)> =
            inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(form.attr("action").unwrap(), &pairs)
    }

    /// Sends a form that first shows what follows, and confirms that.
    pub fn send_and_confirm(&mut self, page: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let shown = self.send(page, path, form);
        if shown.status == 200 { self.confirm(&shown.body) } else { shown }
    }

    /// The page of a job that has ended.
    pub fn ended(&self, job: &str) -> String {
        let start = Instant::now();
        loop {
            let page = self.get(job);
            assert_eq!(page.status, 200, "{job}: {}", page.body);
            if !page.headers.contains_key("refresh") {
                return page.body;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{job} never ended");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Confirms what a page shows, and gives the page of the job that does it once it has ended.
    pub fn carry_out(&mut self, page: &str) -> String {
        let reply = self.confirm(page);
        assert_eq!(reply.status, 303, "{}", reply.body);
        self.ended(&reply.location)
    }

    pub fn sign_in(&mut self, login: &str, password: &str) -> Reply {
        self.post("/console/sign-in", &[("login", login), ("password", password)])
    }
}

impl App {
    /// Adds a person and gives the one-time password.
    pub fn person(&self, login: &str, role: Role, unit: Option<UnitId>) -> String {
        let draft = Draft {
            login: login.to_owned(),
            name: format!("Cán bộ {login}"),
            role,
            unit,
            language: Lang::Vi,
        };
        let issued = Issued::random().unwrap();
        self.database().write_audited(|conn| people::add(conn, &Actor::Operator, &draft, &issued)).unwrap();
        issued.password.as_str().to_owned()
    }

    /// A key that reads scores, of the province or of a unit.
    pub fn key(&self, unit: Option<UnitId>) -> String {
        let draft = api_keys::Draft {
            name: "Hệ thống báo cáo".to_owned(),
            unit,
            reads: Reading::Scores,
            last_day: today(),
        };
        let snapshot = self.snapshot();
        let (actor, token) = (Actor::Operator, Token::random());
        self.database().write(|conn| api_keys::create(conn, &snapshot, &actor, &draft, &token)).unwrap()
    }

    /// A browser of a person who has signed in and chosen a password.
    pub fn browser(&self, login: &str, role: Role, unit: Option<UnitId>) -> Browser<'_> {
        let password = self.person(login, role, unit);
        let mut browser = Browser::new(self);
        assert_eq!(browser.sign_in(login, &password).status, 303);
        let form = [("current", password.as_str()), ("new", PASSWORD), ("again", PASSWORD)];
        assert_eq!(browser.send("/console/password", "/console/password", &form).status, 303);
        browser
    }
}
