//! The catalogue of the open data in the words of DCAT 3, which open-data portals harvest.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Download, Edition, File};
use crate::app::publications::Form;
use crate::domain::period::{Period, Span};
use crate::error::Result;
use crate::locale::Lang;

/// Licence proposed for the data; the province has yet to confirm it.
pub const LICENCE: &str = "https://creativecommons.org/licenses/by/4.0/";
/// Its short name.
pub const LICENCE_NAME: &str = "CC BY 4.0";

/// Code of the province in the administrative list.
const PROVINCE: &str = "68";

const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";
const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types";

/// The catalogue of some files, with addresses below `site`.
///
/// # Errors
/// Internal, when a file cannot be written.
pub fn catalog(site: &str, files: &[Arc<File>]) -> Result<Json> {
    let datasets = files.iter().map(|file| dataset(site, file)).collect::<Result<Vec<_>>>()?;
    let issued = files.iter().map(|file| file.edition.at).min().map(instant);
    let modified = files.iter().map(|file| file.edition.at).max().map(instant);
    Ok(json!({
        "@context": context(),
        "@id": format!("{site}/open/data/catalog.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": in_both("open.dcat.title", &[]),
        "dct:description": in_both("open.dcat.description", &[]),
        "dct:publisher": publisher(site),
        "dct:language": languages(),
        "dct:license": { "@id": LICENCE },
        "dct:spatial": place(),
        "dct:issued": issued,
        "dct:modified": modified,
        "foaf:homepage": { "@id": format!("{site}/") },
        "dcat:themeTaxonomy": { "@id": format!("{AUTHORITY}/data-theme") },
        "dcat:dataset": datasets,
    }))
}

fn context() -> Json {
    json!({
        "adms": "http://www.w3.org/ns/adms#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "spdx": "http://spdx.org/rdf/terms#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dct:issued": { "@type": "xsd:dateTime" },
        "dct:modified": { "@type": "xsd:dateTime" },
        "dcat:startDate": { "@type": "xsd:date" },
        "dcat:endDate": { "@type": "xsd:date" },
        "dcat:byteSize": { "@type": "xsd:nonNegativeInteger" },
        "spdx:checksumValue": { "@type": "xsd:hexBinary" },
    })
}

fn dataset(site: &str, file: &File) -> Result<Json> {
    let (edition, period) = (&file.edition, file.edition.period);
    let address = format!("{site}/open/data/{period}");
    let places = Lang::ALL.map(|lang| lang.period(period));
    let at = instant(edition.at);
    Ok(json!({
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": format!("hailong-{period}"),
        "dct:title": in_both("open.dcat.dataset", &[("period", &places)]),
        "dct:description": in_both("open.dcat.about", &[("period", &places)]),
        "dct:issued": at,
        "dct:modified": at,
        "dcat:version": edition.version.to_string(),
        "dct:publisher": publisher(site),
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": "Sở Nội vụ tỉnh Lâm Đồng",
            "vcard:hasURL": { "@id": format!("{site}/open/method") },
        },
        "dct:language": languages(),
        "dct:license": { "@id": LICENCE },
        "dct:spatial": place(),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": period.from().to_string(),
            "dcat:endDate": period.to().to_string(),
        },
        "dct:accrualPeriodicity": { "@id": format!("{AUTHORITY}/frequency/{}", frequency(period)) },
        "dcat:theme": { "@id": format!("{AUTHORITY}/data-theme/GOVE") },
        "dcat:keyword": [
            { "@value": "sự hài lòng", "@language": "vi" },
            { "@value": "cải cách hành chính", "@language": "vi" },
            { "@value": "citizen satisfaction", "@language": "en" },
            { "@value": "public administration", "@language": "en" },
        ],
        "dcat:landingPage": { "@id": format!("{site}/open/publications/{}", edition.number) },
        "foaf:page": [
            { "@id": format!("{site}/open/data/dictionary.html") },
            { "@id": format!("{site}/open/method") },
        ],
        "adms:versionNotes": in_both(if edition.version > 1 { "open.dcat.corrected" } else { "open.dcat.first" }, &[]),
        "dcat:distribution": [
            distribution(site, file, "json", "application/json", &file.json),
            distribution(site, file, "csv", "text/csv", file.download(Form::Csv)?),
        ],
    }))
}

fn distribution(site: &str, file: &File, format: &str, media: &str, download: &Download) -> Json {
    let Edition { period, number, .. } = &file.edition;
    let address = format!("{site}/open/data/{period}.{format}");
    json!({
        "@id": format!("{site}/open/data/publications/{number}.{format}#distribution"),
        "@type": "dcat:Distribution",
        "dct:title": in_both(&format!("open.dcat.{format}"), &[]),
        "dcat:accessURL": { "@id": address },
        "dcat:downloadURL": { "@id": format!("{site}/open/data/publications/{number}.{format}") },
        "dcat:mediaType": { "@id": format!("{MEDIA_TYPES}/{media}") },
        "dct:format": { "@id": format!("{AUTHORITY}/file-type/{}", format.to_uppercase()) },
        "dcat:byteSize": download.bytes.len().to_string(),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": { "@id": "spdx:checksumAlgorithm_sha256" },
            "spdx:checksumValue": download.sha256,
        },
        "dct:license": { "@id": LICENCE },
        "dct:language": languages(),
        "dct:issued": instant(file.edition.at),
        "dct:conformsTo": { "@id": format!("{site}/open/data/dictionary.json") },
    })
}

fn publisher(site: &str) -> Json {
    json!({
        "@id": format!("{site}/#publisher"),
        "@type": "foaf:Organization",
        "foaf:name": [
            { "@value": "Sở Nội vụ tỉnh Lâm Đồng", "@language": "vi" },
            { "@value": "Department of Home Affairs of Lâm Đồng province", "@language": "en" },
        ],
        "foaf:homepage": { "@id": format!("{site}/") },
    })
}

fn place() -> Json {
    json!({
        "@type": "dct:Location",
        "dct:identifier": PROVINCE,
        "skos:prefLabel": [
            { "@value": "Tỉnh Lâm Đồng", "@language": "vi" },
            { "@value": "Lâm Đồng province, Viet Nam", "@language": "en" },
        ],
    })
}

fn languages() -> Json {
    json!([{ "@id": format!("{AUTHORITY}/language/VIE") }, { "@id": format!("{AUTHORITY}/language/ENG") }])
}

/// How often a period of this length comes.
fn frequency(period: Period) -> &'static str {
    match period.span() {
        Some(Span::Month) => "MONTHLY",
        Some(Span::Quarter) => "QUARTERLY",
        Some(Span::Half) => "ANNUAL_2",
        Some(Span::Year) => "ANNUAL",
        None => "IRREG",
    }
}

fn instant(at: chrono::NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A sentence in both languages, each place filled in its own.
fn in_both(key: &str, places: &[(&str, &[String; 2])]) -> Json {
    let said = Lang::ALL.iter().enumerate().map(|(at, lang)| {
        let places: Vec<(&str, &str)> =
            places.iter().map(|(name, values)| (*name, values.get(at).map_or("", String::as_str))).collect();
        json!({ "@value": lang.with(key, &places), "@language": lang.key() })
    });
    said.collect()
}
