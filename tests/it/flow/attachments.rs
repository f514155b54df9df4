//! Files on records: taken in, told, given out, kept once, and gone when nobody needs them.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use serde_json::{Value, json};

use crate::{
    routes::{bare, customer, header, items, raw},
    support::{Answer, Client, SOON, Server, Setup, eventually},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

fn upload(client: &Client, record: &str, name: &str, bytes: &[u8]) -> Answer {
    client.send("POST", &format!("{record}/attachments?name={name}"), &[], bytes.to_vec())
}

/// Files below the folder of blobs, whole or half.
fn files(server: &Server) -> usize {
    fn count(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
    }
    count(&server.data().join("blobs"))
}

fn record(client: &Client, name: &str, phone: &str) -> String {
    format!("/records/customer/{}", customer(client, name, phone))
}

#[test]
fn a_file_is_hung_on_a_record_listed_given_out_and_taken_off() {
    let server = bare();
    let admin = server.admin();
    let path = record(&admin, "王磊", "13000012345");
    let made = upload(&admin, &path, "合同 2026.pdf", PDF).ok(201);
    assert_eq!(
        (&made["name"], &made["type"], &made["size"]),
        (&json!("合同 2026.pdf"), &json!("application/pdf"), &json!(PDF.len()))
    );
    assert_eq!(made["actor"], json!({ "label": "user:admin", "name": "管理员" }), "{made}");
    let listed = admin.get(&format!("{path}/attachments")).ok(200);
    assert_eq!(items(&listed), &vec![made.clone()]);
    assert_eq!(admin.record("customer", path.rsplit('/').next().expect("an id"))["rev"], 1, "no field has changed");
    let id = made["id"].as_str().expect("an id");
    let bearer = format!("Bearer {}", admin.token().expect("a token"));
    let mut given = raw(&server, "GET", &format!("/api/v1/attachments/{id}"), &[("authorization", &bearer)], "");
    assert_eq!(
        header(&given, "content-disposition"),
        "attachment; filename=\"___2026.pdf\"; filename*=UTF-8''%E5%90%88%E5%90%8C%202026.pdf"
    );
    assert_eq!(header(&given, "x-content-type-options"), "nosniff");
    assert_eq!(header(&given, "content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header(&given, "content-type"), "application/pdf");
    assert_eq!(given.body_mut().read_to_vec().expect("the file"), PDF);
    admin.delete(&format!("/attachments/{id}")).ok(204);
    admin.get(&format!("/attachments/{id}")).problem(404, "attachment.not_found");
    admin.delete(&format!("/attachments/{id}")).problem(404, "attachment.not_found");
    assert_eq!((items(&admin.get(&format!("{path}/attachments")).ok(200)).len(), files(&server)), (0, 0));
    let timeline = admin.get(&format!("{path}/timeline")).ok(200);
    let told: Vec<&Value> = items(&timeline).iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(told, ["customer.detached", "customer.attached", "customer.created"], "{timeline}");
    for entry in &items(&timeline)[..2] {
        assert_eq!(entry["attachment"]["name"], "合同 2026.pdf", "the timeline still says which: {entry}");
        assert!(entry["title"]["zh-CN"].as_str().is_some_and(|title| title.ends_with("合同 2026.pdf")), "{entry}");
        assert!(!entry["data"].to_string().contains("合同"), "a name may be somebody's: {entry}");
    }
}

#[test]
fn the_same_file_is_kept_once_and_stays_as_long_as_anything_links_it() {
    let server = bare();
    let admin = server.admin();
    let (first, second) = (record(&admin, "王磊", "13000012345"), record(&admin, "李静", "13000012346"));
    let a = upload(&admin, &first, "a.pdf", PDF).ok(201);
    let b = upload(&admin, &second, "b.pdf", PDF).ok(201);
    assert_eq!((files(&server), &a["digest"]), (1, &b["digest"]));
    admin.delete(&format!("/attachments/{}", a["id"].as_str().expect("an id"))).ok(204);
    assert_eq!(files(&server), 1);
    let path = format!("/attachments/{}", b["id"].as_str().expect("an id"));
    assert_eq!(admin.get(&path).status, 200);
    // A removed record keeps its files: it may come back.
    admin.delete(&second).ok(204);
    assert_eq!(admin.get(&path).status, 200);
    admin.post(&format!("{second}/restore"), &json!({})).ok(200);
    assert_eq!(items(&admin.get(&format!("{second}/attachments")).ok(200)).len(), 1);
    admin.delete(&path).ok(204);
    assert_eq!(files(&server), 0);
}

#[test]
fn a_file_is_known_by_what_is_in_it_and_its_name_hides_nothing() {
    let server = bare();
    let admin = server.admin();
    let path = record(&admin, "王磊", "13000012345");
    for (name, bytes) in [
        ("a.pdf", b"MZ\x90\0\x03".as_slice()),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.txt", b"<!doctype html><script>alert(1)</script>"),
        ("a.zip", b"PK\x03\x04not an archive"),
        ("a.pdf", b"\0\x01\x02\x03"),
    ] {
        let refused = upload(&admin, &path, name, bytes).problem(400, "attachment.type");
        assert!(refused["detail"].as_str().is_some_and(|text| text.contains("application/pdf")), "{refused}");
    }
    upload(&admin, &path, "a.pdf", b"").problem(400, "attachment.empty");
    for (name, safe) in
        [("..%2F..%2Fetc%2Fpasswd", "passwd.pdf"), ("a%E2%80%AEfdp.exe", "afdp.exe.pdf"), ("", "file.pdf")]
    {
        assert_eq!(upload(&admin, &path, name, PDF).ok(201)["name"], safe, "{name}");
    }
    assert_eq!(files(&server), 1, "what was refused is not kept");
}

#[test]
fn a_file_too_large_and_one_that_breaks_off_leave_nothing() {
    let server = Server::with(Setup {
        clock: Some("2026-03-13T10:00:00+08:00"),
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__ATTACHMENTS__MAX_BYTES", "1000000")],
        ..Setup::default()
    });
    let admin = server.admin();
    let path = record(&admin, "王磊", "13000012345");
    let mut large = PDF.to_vec();
    large.resize(1_000_001, b'x');
    upload(&admin, &path, "a.pdf", &large).problem(413, "body.too_large");
    large.truncate(1_000_000);
    upload(&admin, &path, "a.pdf", &large).ok(201);
    assert_eq!(files(&server), 1);
    let address = server.address().trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(&address).expect("a connection");
    let head = format!(
        "POST /api/v1{path}/attachments?name=a.pdf HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 900000\r\n\r\n",
        admin.token().expect("a token")
    );
    socket.write_all(head.as_bytes()).expect("a request");
    socket.write_all(&large[..600_000]).expect("most of a file");
    eventually("the file is coming in", SOON, || (files(&server) == 2).then_some(()));
    drop(socket);
    eventually("what broke off is gone", SOON, || (files(&server) == 1).then_some(()));
    // Too large without saying so beforehand.
    let mut socket = TcpStream::connect(&address).expect("a connection");
    let head = head.replace("content-length: 900000", "transfer-encoding: chunked");
    socket.write_all(head.as_bytes()).expect("a request");
    for _ in 0..5 {
        let chunk = [format!("{:x}\r\n", 300_000).as_bytes(), &large[..300_000], b"\r\n"].concat();
        if socket.write_all(&chunk).is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
    drop(socket);
    eventually("and what was too large too", SOON, || (files(&server) == 1).then_some(()));
}

#[test]
fn files_belong_to_organisations_and_a_start_sweeps_out_orphans() {
    let mut server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let ours = record(&officer, "王磊", "13000012345");
    let theirs = record(&admin, "李静", "13000012346");
    let hidden = upload(&admin, &theirs, "a.pdf", PDF).ok(201);
    let hidden = format!("/attachments/{}", hidden["id"].as_str().expect("an id"));
    officer.get(&hidden).problem(404, "attachment.not_found");
    officer.delete(&hidden).problem(404, "attachment.not_found");
    officer.get(&format!("{theirs}/attachments")).problem(404, "record.not_found");
    upload(&officer, &theirs, "a.pdf", PDF).problem(404, "record.not_found");
    upload(&officer, "/records/user/admin", "a.pdf", PDF).problem(403, "denied");
    // Cases are written by their plugin, and yet a photo may be added to one.
    let case =
        officer.create("complaints.case", json!({ "customer": ours.rsplit('/').next(), "facts": "空调不制冷。" }));
    let case = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    upload(&officer, &case, "a.jpg", b"\xff\xd8\xff\xe0....JFIF").ok(201);
    let before = files(&server);
    server.stop();
    let shelf = server.data().join("blobs/ab");
    fs::create_dir_all(&shelf).expect("a folder");
    fs::write(shelf.join("ab00"), "orphan").expect("a file");
    fs::write(server.data().join("blobs/incoming/half"), "half").expect("a file");
    server.launch();
    assert_eq!(files(&server), before);
    assert_eq!(server.admin().get(&hidden).status, 200, "what is linked stays");
}

#[test]
fn an_upload_is_repeated_by_its_key_and_shown_before_it_is_done() {
    let server = bare();
    let admin = server.admin();
    let path = format!("{}/attachments?name=a.pdf", record(&admin, "王磊", "13000012345"));
    let keyed = |bytes: &[u8]| admin.send("POST", &path, &[("idempotency-key", "k1")], bytes.to_vec());
    let first = keyed(PDF).ok(201);
    assert_eq!(keyed(PDF).ok(201), first, "told again");
    keyed(b"%PDF-1.4 another").problem(422, "idempotency.mismatch");
    assert_eq!(items(&admin.get(path.trim_end_matches("?name=a.pdf")).ok(200)).len(), 1);
    let shown = admin.send("POST", &format!("{path}&dry_run=true"), &[], b"%PDF-1.5 third".to_vec()).ok(200);
    assert_eq!((&shown["commands"][0]["name"], files(&server)), (&json!("record.attach"), 1), "{shown}");
    let preview = shown["preview"].as_str().expect("a preview");
    let apply = |bytes: &[u8]| admin.send("POST", &format!("{path}&preview={preview}"), &[], bytes.to_vec());
    apply(b"%PDF-1.6 other").problem(409, "preview.drifted");
    assert_eq!(files(&server), 1, "what was not done leaves no file");
    let made = apply(b"%PDF-1.5 third").ok(201);
    assert_eq!(made["id"], shown["events"][0]["data"]["attachment"], "{made}");
    assert_eq!(files(&server), 2);
}
