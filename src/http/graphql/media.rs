//! The media types of answers and of requests.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status depends on the result.
    GraphQl,
    /// `application/json`: the status is 200 also for an invalid document, as the specification demands.
    Json,
}

impl Media {
    /// The media type that the `Accept` header prefers. `None` if it accepts neither.
    ///
    /// Without a header, and for a wildcard: `application/json`. If both have the same weight: `application/graphql-response+json`.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            ranges.extend(value.to_str().ok()?.split(',').filter_map(Range::parse));
        }
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let best = |media: Self| ranges.iter().filter_map(|range| range.fit(media)).max_by_key(|fit| fit.specificity);
        let (newer, older) = (best(Self::GraphQl), best(Self::Json));
        [(newer, Self::GraphQl), (older, Self::Json)]
            .into_iter()
            .filter_map(|(fit, media)| Some((fit?, media)))
            .filter(|(fit, _)| fit.weight > 0)
            .max_by_key(|(fit, media)| {
                let named = fit.specificity == 2;
                (fit.weight, fit.specificity, named == (*media == Self::GraphQl))
            })
            .map(|(_, media)| media)
    }

    /// The value of `Content-Type`.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// Whether a body is JSON in UTF-8, and not compressed.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(given)), None) = (types.next().map(HeaderValue::to_str), types.next()) else { return false };
    let mut parts = given.split(';').map(str::trim);
    let json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    json && utf8 && plain
}

struct Range<'a> {
    name: &'a str,
    /// The weight in thousandths.
    weight: u16,
}

#[derive(Clone, Copy)]
struct Fit {
    weight: u16,
    specificity: u8,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().filter(|name| name.contains('/'))?;
        let quality =
            parts.filter_map(|parameter| parameter.split_once('=')).find(|(key, _)| key.eq_ignore_ascii_case("q"));
        let quality = quality.map_or(Some(1.0), |(_, value)| value.trim().parse::<f64>().ok())?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between 0 and 1")]
        let weight = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
        Some(Self { name, weight })
    }

    fn fit(&self, media: Media) -> Option<Fit> {
        let specificity = match self.name {
            "*/*" => 0,
            name if name.eq_ignore_ascii_case("application/*") => 1,
            name if name.eq_ignore_ascii_case(media.name()) => 2,
            _ => return None,
        };
        Some(Fit { weight: self.weight, specificity })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[], Some(Media::Json))]
    #[case(&["*/*"], Some(Media::Json))]
    #[case(&["application/*"], Some(Media::Json))]
    #[case(&["application/json"], Some(Media::Json))]
    #[case(&["application/graphql-response+json"], Some(Media::GraphQl))]
    #[case(&["application/graphql-response+json, application/json;q=0.9"], Some(Media::GraphQl))]
    #[case(&["application/json", "application/graphql-response+json"], Some(Media::GraphQl))]
    #[case(&["application/json, application/graphql-response+json;q=0.5"], Some(Media::Json))]
    #[case(&["application/graphql-response+json;q=0.8, */*;q=0.1"], Some(Media::GraphQl))]
    #[case(&["application/json;q=0, */*"], Some(Media::GraphQl))]
    #[case(&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], Some(Media::Json))]
    #[case(&["APPLICATION/JSON; charset=utf-8"], Some(Media::Json))]
    #[case(&["text/html"], None)]
    #[case(&["application/json;q=0"], None)]
    #[case(&["application/xml, text/plain"], None)]
    fn accept_is_negotiated(#[case] accept: &[&'static str], #[case] media: Option<Media>) {
        let headers = accept.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value))).collect();
        assert_eq!(Media::accepted(&headers), media);
    }

    #[rstest]
    #[case(&["application/json"], true)]
    #[case(&["Application/JSON; Charset=\"UTF-8\""], true)]
    #[case(&["application/json;charset=utf-8"], true)]
    #[case(&["application/json; charset=iso-8859-1"], false)]
    #[case(&["application/json; charset=utf-16"], false)]
    #[case(&["text/plain"], false)]
    #[case(&["multipart/form-data; boundary=x"], false)]
    #[case(&["application/x-www-form-urlencoded"], false)]
    #[case(&["application/graphql"], false)]
    #[case(&["application/json", "text/plain"], false)]
    #[case(&[], false)]
    fn content_type_is_json_in_utf_8(#[case] types: &[&'static str], #[case] json: bool) {
        let mut headers = HeaderMap::new();
        for value in types {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
        }
        assert_eq!(is_json(&headers), json);
    }
}
