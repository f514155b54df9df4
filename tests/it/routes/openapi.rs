//! The document of the API: complete, and with what is installed.

use serde_json::{Value, json};

use crate::support::Server;

#[test]
fn installed_kinds_and_actions_are_in_the_document() {
    let server = Server::start();
    let document = server.client().get("/api/openapi.json").ok(200);
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/api/v1/records/{kind}",
        "/api/v1/records/customer",
        "/api/v1/records/complaints.case",
        "/api/v1/records/complaints.case/actions/raise",
        "/api/v1/records/complaints.case/{id}/actions/accept",
        "/api/v1/scripts/{role}/{point}/draft",
        "/healthz",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(!paths.contains_key("/api/v1/test/clock"), "only a server with a clock of its own has it");
    let raise = &document["paths"]["/api/v1/records/complaints.case/actions/raise"]["post"];
    let schema = &raise["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["required"], json!(["customer", "facts"]), "{raise}");
    assert_eq!(document["components"]["schemas"]["customer"]["properties"]["phone"]["format"], "phone");
    let case = paths["/api/v1/records/complaints.case/{id}"].as_object().expect("an object");
    assert!(case.contains_key("get") && !case.contains_key("patch"), "a closed kind is not offered to be patched");
}

#[test]
fn whatever_the_document_says_needs_a_session_does() {
    let server = Server::at("2026-03-13T10:00:00+08:00");
    let client = server.client();
    let document = client.get("/api/openapi.json").ok(200);
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if operation["security"] == json!([]) {
                continue;
            }
            let path = path.replace(['{', '}'], "");
            let body = operation.get("requestBody").map(|_| Value::Null).map_or(Vec::new(), |_| b"{}".to_vec());
            let answer = client.send(&method.to_uppercase(), &path, &[("content-type", "application/json")], body);
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text);
        }
    }
}
