//! What people call the usual fields in their lists, beyond the labels on screen.

use crate::model::{Field, FieldType, Kind};

/// Whose it is, in front of a header.
pub(super) const WHOSE: [&str; 10] =
    ["客户", "车主", "顾客", "会员", "联系人", "潜客", "customer", "owner", "contact", "client"];

/// By the field's name in the kinds that come with the product.
const BY_NAME: [(&str, &[&str]); 23] = [
    (
        "phone",
        &[
            "手机号码",
            "手机号",
            "手机",
            "电话",
            "电话号码",
            "联系电话",
            "联系方式",
            "移动电话",
            "手机电话",
            "本人电话",
            "手机1",
            "电话1",
            "mobile",
            "mobile phone",
            "mobile number",
            "cell",
            "cell phone",
            "cellphone",
            "phone",
            "phone no",
            "phone number",
            "tel",
            "telephone",
        ],
    ),
    ("email", &["电子邮箱", "邮箱", "邮箱地址", "电子邮件", "邮件", "email", "e-mail", "mail", "email address"]),
    (
        "name",
        &[
            "姓名",
            "名字",
            "名称",
            "客户名",
            "客户",
            "称呼",
            "车主",
            "联系人",
            "name",
            "full name",
            "customer",
            "contact",
        ],
    ),
    ("gender", &["性别", "gender", "sex"]),
    ("birth_date", &["生日", "出生日期", "出生年月日", "出生", "birthday", "birth date", "date of birth", "dob"]),
    ("city", &["城市", "所在城市", "市", "所在地", "city", "town"]),
    ("address", &["地址", "住址", "通讯地址", "联系地址", "家庭住址", "详细地址", "address", "street"]),
    ("id_type", &["证件类型", "证件种类", "id type", "document"]),
    ("id_no", &["身份证", "身份证号", "身份证号码", "证件号", "证件号码", "id no", "id number", "id card"]),
    (
        "uscc",
        &["统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "uscc", "tax number", "company code"],
    ),
    ("source", &["来源", "客户来源", "信息来源", "线索来源", "渠道", "来源渠道", "source", "channel", "lead source"]),
    ("tags", &["标签", "tags", "labels"]),
    (
        "note",
        &[
            "备注",
            "说明",
            "备注信息",
            "留言",
            "描述",
            "note",
            "notes",
            "remark",
            "remarks",
            "comment",
            "comments",
            "memo",
        ],
    ),
    (
        "interest",
        &["意向车型", "意向", "意向车系", "关注车型", "感兴趣车型", "interest", "model of interest", "interested in"],
    ),
    (
        "first_seen",
        &["登记日期", "登记时间", "建档日期", "建档时间", "首次到店", "录入日期", "first seen", "registered", "date"],
    ),
    (
        "vin",
        &["车架号", "车架号码", "车辆识别代号", "车辆识别码", "底盘号", "vin", "vin code", "vin no", "chassis number"],
    ),
    ("plate", &["车牌", "车牌号", "车牌号码", "牌照", "号牌", "plate", "plate no", "licence plate", "license plate"]),
    ("model", &["车型", "车系", "车款", "model"]),
    ("colour", &["颜色", "车身颜色", "外观颜色", "colour", "color"]),
    ("engine_no", &["发动机号", "发动机号码", "engine no", "engine number"]),
    ("odometer", &["里程", "里程数", "行驶里程", "公里数", "odometer", "mileage", "km"]),
    ("invoice_date", &["开票日期", "发票日期", "购车日期", "invoice date", "purchase date"]),
    ("delivery_date", &["交车日期", "提车日期", "delivery date"]),
];

/// What else a field is called.
pub(super) fn of<'a>(kind: &'a Kind, name: &'a str, field: &'a Field) -> impl Iterator<Item = &'static str> + 'a {
    let is_meant =
        move |usual: &str| usual == name || (kind.fields.get(usual).is_none() && is_only_one(kind, field, usual));
    BY_NAME.iter().filter(move |(usual, _)| is_meant(usual)).flat_map(|(_, synonyms)| synonyms.iter().copied())
}

/// Whether the field is the only one of a kind that can hold what is usually in `usual`.
fn is_only_one(kind: &Kind, field: &Field, usual: &str) -> bool {
    let r#type = match usual {
        "phone" => FieldType::Phone,
        "email" => FieldType::Email,
        "vin" => FieldType::Vin,
        "plate" => FieldType::Plate,
        "id_no" => FieldType::IdNo,
        _ => return false,
    };
    field.r#type == r#type && kind.fields.iter().filter(|(_, other)| other.r#type == r#type).count() == 1
}
