//! Durations in words.
use doorward_domain::Language;
use std::time::Duration;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A duration in its largest unit that gives a whole number, rounded down to minutes: "3 days".
pub fn duration(language: Language, time: Duration) -> String {
    let seconds = time.as_secs();
    let (unit, count) = match seconds {
        _ if seconds >= DAY && seconds.is_multiple_of(DAY) => (2, seconds / DAY),
        _ if seconds >= HOUR && seconds.is_multiple_of(HOUR) => (1, seconds / HOUR),
        _ => (0, seconds / 60),
    };
    let [one, many] = units(language)[unit];
    format!("{count} {}", if count == 1 { one } else { many })
}

const fn units(language: Language) -> [[&'static str; 2]; 3] {
    match language {
        Language::En => [["minute", "minutes"], ["hour", "hours"], ["day", "days"]],
        Language::De => [["Minute", "Minuten"], ["Stunde", "Stunden"], ["Tag", "Tage"]],
        Language::Fr => [["minute", "minutes"], ["heure", "heures"], ["jour", "jours"]],
        Language::Es => [["minuto", "minutos"], ["hora", "horas"], ["día", "días"]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_their_largest_whole_unit() {
        let told = |seconds| duration(Language::En, Duration::from_secs(seconds));
        assert_eq!(told(3600), "1 hour");
        assert_eq!(told(5400), "90 minutes");
        assert_eq!(told(48 * 3600), "2 days");
        assert_eq!(told(90), "1 minute");
        assert_eq!(duration(Language::De, Duration::from_hours(72)), "3 Tage");
        assert_eq!(duration(Language::Es, Duration::from_hours(24)), "1 día");
    }
}
