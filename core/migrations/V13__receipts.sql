-- Past decisions of a point, to be made again by a draft; and the record that quotes one.
create index receipt_point on receipt (json_extract(body, '$.point'), at, id);
create index receipt_use_receipt on receipt_use (receipt);
