//! What search engines are told.

use actix_web::{HttpResponse, web};

use super::frame::Frame;
use super::{KEPT, Reply, escaped};
use crate::locale::Lang;
use crate::web::state::State;

/// Pages that are always there.
const PAGES: [&str; 7] = [
    "/",
    "/open/units",
    "/open/publications",
    "/open/method",
    "/open/data/",
    "/open/data/dictionary.html",
    "/open/verify",
];

/// GET /robots.txt
///
/// # Errors
/// None.
pub async fn robots(frame: Frame) -> Reply {
    let text = format!(
        "User-agent: *\nDisallow: /console\nDisallow: /s/\nDisallow: /q/\nDisallow: /api/\n\nSitemap: {}/sitemap.xml\n",
        frame.site
    );
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", KEPT))
        .body(text))
}

/// GET /sitemap.xml: every public page in both languages.
///
/// # Errors
/// Those of the database.
pub async fn show(state: web::Data<State>, frame: Frame) -> Reply {
    let shelf = state.open.clone();
    let newest = state.block(move |database| shelf.newest(database)).await?;
    let mut pages: Vec<String> = PAGES.iter().map(ToString::to_string).collect();
    if let Some(reading) = newest {
        let numbers = reading.editions.all().iter().map(|one| format!("/open/publications/{}", one.number));
        pages.extend(numbers);
        let units = reading.file.dataset.units.iter();
        pages.extend(units.map(|unit| format!("/open/units/{}", escaped(&unit.code))));
    }
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for page in pages {
        let full = |lang: Lang| format!("{}{page}?lang={lang}", frame.site);
        text.push_str(&format!("<url><loc>{}</loc>", full(Lang::Vi)));
        for lang in Lang::ALL {
            let full = full(lang);
            text.push_str(&format!("<xhtml:link rel=\"alternate\" hreflang=\"{lang}\" href=\"{full}\"/>"));
        }
        text.push_str("</url>\n");
    }
    text.push_str("</urlset>\n");
    Ok(HttpResponse::Ok()
        .content_type("application/xml; charset=utf-8")
        .insert_header(("Cache-Control", KEPT))
        .body(text))
}
