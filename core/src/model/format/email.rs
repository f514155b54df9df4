//! E-mail addresses: lower-cased, with a syntax that mail servers in fact take.

use super::{FormatError, compact};

/// The address in lower case.
///
/// ```
/// use marque::model::format::email;
/// assert_eq!(email::normalize(" Wang.Lei@Example.CN ")?, "wang.lei@example.cn");
/// assert!(email::normalize("wang.lei@example").is_err());
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let address = compact(text).to_lowercase();
    if address.is_empty() {
        return Err(FormatError::new("email.empty", "there is no address: write one like name@example.cn"));
    }
    let is_sane = text.trim().chars().filter(|c| c.is_whitespace()).count() == 0
        && address.split_once('@').is_some_and(|(local, host)| is_local(local) && is_host(host));
    if is_sane {
        Ok(address)
    } else {
        let shown: String = text.trim().chars().take(80).collect();
        Err(FormatError::new(
            "email.invalid",
            format!("e-mail {shown:?} is not an address: write one like name@example.cn"),
        ))
    }
}

fn is_local(local: &str) -> bool {
    (1..=64).contains(&local.len())
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        })
}

/// Labels of letters (Chinese ones too), digits and inner hyphens; the last one is no number, or it is an IP address.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(is_label)
        && top.chars().count() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_lower_cased_and_made_plain() {
        for (typed, address) in [
            ("u060623@example.cn", "u060623@example.cn"),
            ("ＷＬ＠example．cn", "wl@example.cn"),
            ("　WL@EXAMPLE.CN\u{200b}", "wl@example.cn"),
            ("a+b_c-d@mail.example.com.cn", "a+b_c-d@mail.example.com.cn"),
            ("wl@例子.中国", "wl@例子.中国"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok(address), "{typed:?}");
        }
    }

    #[test]
    fn what_no_mail_server_takes_is_refused() {
        for typed in [
            "",
            "无",
            "wl",
            "wl@",
            "@example.cn",
            "wl@example",
            "wl@@example.cn",
            "w l@example.cn",
            "wl@example..cn",
            ".wl@example.cn",
            "wl.@example.cn",
            "wl@-example.cn",
            "wl@1.2.3.4",
            "wl@example.cn;ab@example.cn",
            "<wl@example.cn>",
            "王@example.cn",
        ] {
            let error = normalize(typed).expect_err(typed);
            assert!(error.message.contains("name@example.cn"), "{error:?}");
        }
        assert!(normalize(&format!("{}@example.cn", "a".repeat(65))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "[\\PC@.]{0,30}") {
            if let Ok(address) = normalize(&text) {
                prop_assert_eq!(normalize(&address), Ok(address.clone()));
            }
        }

        #[test]
        fn ordinary_addresses_pass(local in "[A-Za-z0-9]{1,20}(\\.[a-z0-9]{1,10})?", host in "[a-z0-9]{1,20}\\.(cn|com|com\\.cn)") {
            prop_assert_eq!(normalize(&format!("{local}@{host}")), Ok(format!("{local}@{host}").to_lowercase()));
        }
    }
}
