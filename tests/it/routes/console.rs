//! The console's files and paths.

use super::{bare, header, raw};

#[test]
fn a_path_of_the_console_is_answered_with_its_page() {
    let server = bare();
    for path in ["/", "/customers/1", "/login?next=/"] {
        let response = raw(&server, "GET", path, &[], "");
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-cache"), "{path}");
        assert!(header(&response, "content-type").starts_with("text/html"), "{path}");
    }
    assert_eq!(raw(&server, "GET", "/assets/none.js", &[], "").status(), 404);
    assert_eq!(raw(&server, "POST", "/customers", &[], "").status(), 405);
}
