//! What the codes of the audit log say in words.

/// Code, zh-CN, en. A code of a plugin's or of a later version stands for itself.
const TEXTS: [(&str, &str, &str); 58] = [
    ("record.created", "新建了记录", "made a record"),
    ("record.changed", "修改了记录", "changed a record"),
    ("record.moved", "变更了记录的状态", "moved a record to another state"),
    ("record.removed", "删除了记录", "removed a record"),
    ("record.restored", "恢复了已删除的记录", "brought a removed record back"),
    ("record.merged", "合并了记录", "merged records"),
    ("record.unmerged", "撤销了合并", "took a merge back"),
    ("record.attached", "添加了附件", "added a file"),
    ("record.detached", "移除了附件", "took a file off"),
    ("record.viewed", "查看了完整的个人信息", "saw personal data in full"),
    ("record.looked_up", "跨店查询了共享记录", "looked a shared record up"),
    ("record.notified", "通知了负责人", "told the owner"),
    ("code.wrong", "输错了验证码", "typed a wrong code"),
    ("account.unlinked", "解除了身份提供方绑定", "took a link to an identity provider off"),
    ("session.rules_set", "设置了登录要求", "set what signing in takes"),
    ("number.shown", "查看了他人客户的完整号码", "was shown numbers of another's record"),
    ("field.revealed", "显示了隐藏的字段", "revealed a masked field"),
    ("lookup", "按号码精确查询", "looked up by an exact number"),
    ("refused", "请求被拒绝", "was refused"),
    ("audit.read", "查看了审计日志", "read the audit log"),
    ("session.opened", "登录", "signed in"),
    ("session.closed", "退出登录", "signed out"),
    ("session.closed_all", "结束了全部会话", "ended all sessions"),
    ("session.refused", "登录失败", "failed to sign in"),
    ("session.throttled", "登录过于频繁，被限制", "was made to wait before signing in"),
    ("password.set", "设置了密码", "set a password"),
    ("password.wrong", "输错了密码", "typed a wrong password"),
    ("account.linked", "关联了单点登录账号", "linked an account of another provider"),
    ("totp.confirmed", "启用了两步验证", "turned two-step sign-in on"),
    ("totp.taken_off", "停用了两步验证", "turned two-step sign-in off"),
    ("totp.reset", "重置了两步验证", "reset two-step sign-in"),
    ("token.created", "创建了接口令牌", "made an API token"),
    ("token.ended", "停用了接口令牌", "ended an API token"),
    ("export.asked", "申请导出", "asked for an export"),
    ("export.approved", "批准了导出", "approved an export"),
    ("export.denied", "否决了导出", "turned an export down"),
    ("export.refused", "导出被拒绝", "was refused an export"),
    ("export.begun", "开始导出", "began an export"),
    ("export.ended", "导出结束", "ended an export"),
    ("export.fetched", "下载了导出文件", "took an exported file"),
    ("export.expired", "导出文件已到期删除", "an exported file was removed after its time"),
    ("import.undone", "撤销了导入", "took an import back"),
    ("import.released", "放行了导入的后续处理", "let an import's reactions go"),
    ("import.discarded", "放弃了导入的后续处理", "discarded an import's reactions"),
    ("kind.changed", "修改了字段或标签", "changed fields or labels"),
    ("parked.dropped", "丢弃了搁置的事件", "dropped a parked delivery"),
    ("plugin.installed", "安装了插件", "installed a plugin"),
    ("plugin.enabled", "启用了插件", "set a plugin to work"),
    ("plugin.disabled", "停用了插件", "let a plugin rest"),
    ("plugin.configured", "修改了插件设置", "changed a plugin's settings"),
    ("script.published", "发布了脚本", "published a script"),
    ("script.rolled_back", "回退了脚本", "took a script back"),
    ("script.failed", "脚本运行失败", "had a script fail"),
    ("archive.listed", "查看了封存档案目录", "listed the locked archive"),
    ("archive.destroyed", "销毁了到期的封存档案", "destroyed an archive whose time was over"),
    ("retention.set", "修改了保留期限", "changed how long data is kept"),
    ("customer.erased", "删除了客户的个人信息", "erased a customer's personal data"),
    ("customer.exported", "提供了客户的个人信息副本", "gave out a copy of a customer's personal data"),
];

/// What a code says.
pub fn of<'a>(what: &'a str, locale: &str) -> &'a str {
    match TEXTS.iter().find(|(code, ..)| *code == what) {
        Some((_, chinese, english)) => {
            if locale == "en" {
                english
            } else {
                chinese
            }
        }
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_in_both_languages_and_an_unknown_one_stands_for_itself() {
        assert_eq!(of("export.approved", "en"), "approved an export");
        assert_eq!(of("export.approved", "zh-CN"), "批准了导出");
        assert_eq!(of("other.thing", "en"), "other.thing");
        for (code, chinese, english) in TEXTS {
            assert!(!chinese.is_ascii() && english.is_ascii(), "{code}");
        }
    }
}
