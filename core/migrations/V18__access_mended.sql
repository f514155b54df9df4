-- A role without powers has those of the role it starts from, or none. Roles written before they had powers are told them once: the
-- shipped ones what they could, an organisation's own nothing, for they could nothing. On a new store the table is not there yet.
create table if not exists "k_role" (id text primary key, rev integer not null, org text not null,
    created_at integer not null, updated_at integer not null, data text not null, derived text) strict;

update "k_role" set data = json_set(data, '$.powers', json(case json_extract(data, '$.code')
    when 'hq_admin' then '["customer.merge","contact.settle","retention.see","retention.set","audit.read","house.shape","segments.keep"]'
    when 'hq_crm' then '["customer.merge","consent.give","message.send","contact.settle"]'
    when 'hq_campaign' then '["message.send","contact.settle","records.export"]'
    when 'hq_segment' then '["message.send"]'
    when 'hq_agent' then '["customer.merge","consent.give","message.send"]'
    when 'gm' then '["customer.merge","customer.copy","message.send","contact.settle","records.export","audit.read","house.shape","segments.keep"]'
    when 'sales_mgr' then '["customer.merge","message.send"]'
    when 'consultant' then '["customer.merge","message.send"]'
    when 'reception' then '["customer.merge","consent.give","message.send"]'
    when 'service_mgr' then '["customer.merge","message.send"]'
    when 'advisor' then '["customer.merge","message.send"]'
    when 'crm_officer' then '["customer.merge","consent.give","message.send"]'
    when 'crm_mgr' then '["customer.merge","customer.erase","customer.copy","consent.give","message.send","contact.settle","records.export","retention.see","audit.read","house.shape","segments.keep"]'
    when 'insurance' then '["message.send"]'
    when 'appraiser' then '["message.send"]'
    when 'credit_ctrl' then '["message.send"]'
    when 'dealer_dev' then '["house.shape","segments.keep"]'
    when 'dpo' then '["customer.merge","customer.erase","customer.copy","consent.give","contact.settle","records.export","archive.open","retention.see","retention.set","audit.read"]'
    when 'integration' then '["message.send"]'
    else '["none"]' end))
where json_extract(data, '$.powers') is null;

-- The rules of retention stood under a name that a plugin may have.
update or ignore setting set plugin = 'core:privacy'
where plugin = 'privacy' and org = 'hq' and json_extract(body, '$.id_image_days') is not null;

-- Who was erased is told in pages, the newest first, of some organisations.
create index erasure_place on erasure (at, customer);
