//! Durations that are not written as ISO 8601 requires.

use entente_entity::scalar::Duration;

/// The ISO 8601 form of a duration that is written in another way: `60 min` is `PT60M`, `2h30` is `PT2H30M`, `1,5
/// h` is `PT1.5H`, `pt8h` is `PT8H`.
pub fn meant(text: &str) -> Option<Duration> {
    if text.len() > 100 {
        return None;
    }
    let text = text.trim().to_lowercase().replace(',', ".");
    let capital = Duration(text.split_whitespace().collect::<String>().to_uppercase());
    if capital.is_valid() {
        return Some(capital);
    }
    let (mut date, mut time) = (String::new(), String::new());
    let mut rest = &*text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.len() - after.trim_start_matches(char::is_alphabetic).len();
        let (unit, after) = after.split_at(letters);
        rest = after.trim_start_matches('.').trim_start();
        let (part, unit) = match unit {
            "s" | "sec" | "second" | "seconds" | "seconde" | "secondes" => (&mut time, 'S'),
            "m" | "mn" | "min" | "mins" | "minute" | "minutes" => (&mut time, 'M'),
            // `2h30`
            "" if number.len() == 2 && time.ends_with('H') => (&mut time, 'M'),
            "h" | "hr" | "hrs" | "hour" | "hours" | "heure" | "heures" => (&mut time, 'H'),
            "d" | "j" | "day" | "days" | "jour" | "jours" => (&mut date, 'D'),
            "w" | "week" | "weeks" | "sem" | "semaine" | "semaines" => (&mut date, 'W'),
            "month" | "months" | "mois" => (&mut date, 'M'),
            "y" | "a" | "year" | "years" | "an" | "ans" | "année" | "années" => (&mut date, 'Y'),
            _ => return None,
        };
        part.push_str(number);
        part.push(unit);
    }
    let meant = Duration(if time.is_empty() { format!("P{date}") } else { format!("P{date}T{time}") });
    meant.is_valid().then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_that_people_write_are_understood() {
        for (given, expected) in [
            ("60 min", "PT60M"),
            ("2h30", "PT2H30M"),
            ("2 h 30 min", "PT2H30M"),
            ("1,5 h", "PT1.5H"),
            ("1.5h", "PT1.5H"),
            ("pt8h", "PT8H"),
            ("PT 8 H", "PT8H"),
            ("p2d", "P2D"),
            ("3 mois", "P3M"),
            ("2 jours 4 heures", "P2DT4H"),
            ("10 sec.", "PT10S"),
        ] {
            assert_eq!(meant(given), Some(Duration(expected.into())), "{given}");
        }
        for wrong in
            ["", "soon", "4", "30", "h", "2h3", "1.5h30", "30 min 2 h", "4 4h", "-2h", "24/7", "2h30h", "1..5 h"]
        {
            assert_eq!(meant(wrong), None, "{wrong}");
        }
    }
}
