//! A real Chromium, driven through chromedriver by the WebDriver protocol.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A window of 360 × 780 pixels, closed with the test.
pub struct Chromium {
    driver: Child,
    session: String,
    _profile: tempfile::TempDir,
}

/// A page that shows whether its script ran.
const PROBE: &str =
    "data:text/html,<script>document.write('<p id=on>')</script><noscript><p id=off></noscript>";

fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

impl Chromium {
    pub fn open() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new(program("HAILONG_TEST_CHROMEDRIVER", "chromedriver"))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; `make test` installs it");
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-background-networking".to_owned(),
            "--window-size=360,780".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": {
            "binary": chromium(),
            "args": arguments,
            "mobileEmulation": { "deviceMetrics": { "width": 360, "height": 780, "pixelRatio": 2.0 } },
        } } } });
        let mut browser =
            Self { driver, session: format!("http://127.0.0.1:{port}/session"), _profile: profile };
        let start = Instant::now();
        let made = loop {
            if let Ok(mut reply) = ureq::post(&browser.session).send_json(&wanted) {
                break reply.body_mut().read_json::<Value>().unwrap();
            }
            assert!(start.elapsed() < Duration::from_secs(30), "chromedriver gives no session");
            std::thread::sleep(Duration::from_millis(100));
        };
        let id = made["value"]["sessionId"].as_str().unwrap().to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// A browser in which no script runs. WebDriver finds and clicks by scripts of its own, so pages
    /// are read here with `shows` and used with `tap` and `enter`.
    pub fn without_scripts() -> Self {
        let browser = Self::open();
        assert!(browser.runs_scripts(), "the probe must tell the difference");
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).unwrap();
        assert!(!browser.runs_scripts());
        browser
    }

    /// Whether the scripts of pages run; leaves the page.
    pub fn runs_scripts(&self) -> bool {
        self.go(PROBE);
        let [on, off] = ["#on", "#off"].map(|selector| self.node(selector).is_some());
        assert_ne!(on, off, "the probe shows one of both");
        on
    }

    fn devtools(&self, command: &str, parameters: Value) -> Result<Value, ureq::Error> {
        let body = json!({ "cmd": command, "params": parameters });
        let mut reply = ureq::post(format!("{}/goog/cdp/execute", self.session)).send_json(body)?;
        Ok(reply.body_mut().read_json::<Value>()?["value"].take())
    }

    /// The first element of a selector; none also while a page is on its way.
    fn node(&self, selector: &str) -> Option<Value> {
        let root = self.devtools("DOM.getDocument", json!({ "depth": 0 })).ok()?["root"]["nodeId"].take();
        let wanted = json!({ "nodeId": root, "selector": selector });
        let node = self.devtools("DOM.querySelector", wanted).ok()?["nodeId"].take();
        (node != 0).then_some(node)
    }

    fn find(&self, selector: &str) -> Value {
        let start = Instant::now();
        loop {
            if let Some(node) = self.node(selector) {
                return node;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{} has no {selector}", self.read("url"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page has an element.
    pub fn shows(&self, selector: &str) {
        self.find(selector);
    }

    /// Touches the middle of an element, as a finger does.
    pub fn tap(&self, selector: &str) {
        let node = self.find(selector);
        self.devtools("DOM.scrollIntoViewIfNeeded", json!({ "nodeId": node })).unwrap();
        let shape = self.devtools("DOM.getContentQuads", json!({ "nodeId": node })).unwrap();
        let corner = |place: usize| shape["quads"][0][place].as_f64().unwrap();
        let (x, y) = (corner(0).midpoint(corner(4)), corner(1).midpoint(corner(5)));
        let touches = [("touchStart", json!([{ "x": x, "y": y }])), ("touchEnd", json!([]))];
        for (kind, points) in touches {
            let touch = json!({ "type": kind, "touchPoints": points });
            self.devtools("Input.dispatchTouchEvent", touch).unwrap();
        }
    }

    /// Types into the element that was tapped last.
    pub fn enter(&self, text: &str) {
        self.devtools("Input.insertText", json!({ "text": text })).unwrap();
    }

    /// Width of the window and of what the page draws, in CSS pixels.
    pub fn widths(&self) -> (f64, f64) {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).unwrap();
        let width = |of: &str, key: &str| metrics[of][key].as_f64().unwrap();
        (width("cssLayoutViewport", "clientWidth"), width("cssContentSize", "width"))
    }

    /// Carries a session that was opened elsewhere: `name=value`, as the service set it.
    pub fn carry(&self, site: &str, cookie: &str) {
        let (name, value) = cookie.split_once('=').unwrap();
        let cookie = json!({ "name": name, "value": value, "url": site });
        self.devtools("Network.setCookie", cookie).unwrap();
    }

    /// Asks pages for their dark or their light colours.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).unwrap();
    }

    /// The value that a promise of a script comes to, whatever the page's own policy on scripts.
    pub fn evaluate(&self, script: &str) -> Value {
        let asked = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.devtools("Runtime.evaluate", asked).unwrap();
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].take()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut reply = ureq::post(format!("{}/{path}", self.session)).send_json(body).unwrap();
        reply.body_mut().read_json::<Value>().unwrap()["value"].take()
    }

    fn read(&self, path: &str) -> Value {
        let mut reply = ureq::get(format!("{}/{path}", self.session)).call().unwrap();
        reply.body_mut().read_json::<Value>().unwrap()["value"].take()
    }

    pub fn go(&self, address: &str) {
        self.post("url", &json!({ "url": address }));
    }

    pub fn back(&self) {
        self.post("back", &json!({}));
    }

    /// Waits until the window shows an address.
    pub fn arrives_at(&self, address: &str) {
        let start = Instant::now();
        while self.read("url").as_str() != Some(address) {
            assert!(start.elapsed() < Duration::from_secs(20), "{} and not {address}", self.read("url"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn source(&self) -> String {
        self.read("source").as_str().unwrap().to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    /// Types into whatever has the focus.
    pub fn press(&self, text: &str) {
        let keys: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": keys }] }));
    }

    pub fn has(&self, selector: &str) -> bool {
        self.node(selector).is_some()
    }

    pub fn address(&self) -> String {
        self.read("url").as_str().unwrap().to_owned()
    }

    pub fn text(&self, selector: &str) -> String {
        self.read(&format!("element/{}/text", self.element(selector))).as_str().unwrap().to_owned()
    }

    pub fn click(&self, selector: &str) {
        self.post(&format!("element/{}/click", self.element(selector)), &json!({}));
    }

    pub fn type_into(&self, selector: &str, text: &str) {
        self.post(&format!("element/{}/value", self.element(selector)), &json!({ "text": text }));
    }

    /// Left and right edge of an element in CSS pixels.
    pub fn edges(&self, selector: &str) -> (f64, f64) {
        let rect = self.read(&format!("element/{}/rect", self.element(selector)));
        let left = rect["x"].as_f64().unwrap();
        (left, left + rect["width"].as_f64().unwrap())
    }
}

pub fn chromium() -> String {
    std::env::var("HAILONG_TEST_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned())
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A session that is gone already needs no closing.
        drop(ureq::delete(&self.session).call());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
