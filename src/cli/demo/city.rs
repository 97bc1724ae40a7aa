//! The fictional city of 景川 (Jingchuan): its departments, their seals, and who works there. The codes are
//! made up (369900 is no division of the country), with right check characters.

use crate::domain::party::Role;
use crate::domain::seal::SealPurpose;

/// A department of the city with the seal it puts on licenses.
pub struct Bureau {
    /// Short name in tokens: `market`.
    pub short: &'static str,
    /// Credit code.
    pub code: &'static str,
    /// Chinese name, as on the seal.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Division code of its place.
    pub area: &'static str,
    /// What it is responsible for.
    pub responsibility: &'static str,
    /// What its seal is for.
    pub purpose: SealPurpose,
    /// The words on its seal.
    pub words: &'static str,
}

/// Division code of the city.
const AREA: &str = "369900";
/// Of a district of it.
const DISTRICT: &str = "369902";
/// Of the province that such a code lies in; the province is as made up as the city.
const PROVINCE: &str = "360000";

/// Who issues the kinds that one department seals, in the order of set-up.
pub const BUREAUS: [Bureau; 5] = [
    Bureau {
        short: "market",
        code: "11369900MB0990016C",
        name_zh: "景川市市场监督管理局",
        name_en: "Jingchuan Market Regulation Bureau",
        area: AREA,
        responsibility: "market-regulation",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
    Bureau {
        short: "resources",
        code: "11369900MB09900247",
        name_zh: "景川市自然资源局",
        name_en: "Jingchuan Natural Resources Bureau",
        area: AREA,
        responsibility: "natural-resources",
        purpose: SealPurpose::Business,
        words: "不动产登记专用章",
    },
    Bureau {
        short: "civil-affairs",
        code: "11369900MB09900322",
        name_zh: "景川市民政局",
        name_en: "Jingchuan Civil Affairs Bureau",
        area: AREA,
        responsibility: "civil-affairs",
        purpose: SealPurpose::Business,
        words: "婚姻登记专用章",
    },
    // Births and skills are certified by departments of their own; the kinds say so.
    Bureau {
        short: "health",
        code: "11369900MB0990040W",
        name_zh: "景川市卫生健康委员会",
        name_en: "Jingchuan Health Commission",
        area: AREA,
        responsibility: "health",
        purpose: SealPurpose::Business,
        words: "出生医学证明专用章",
    },
    Bureau {
        short: "human-resources",
        code: "11369900MB0990059R",
        name_zh: "景川市人力资源和社会保障局",
        name_en: "Jingchuan Human Resources and Social Security Bureau",
        area: AREA,
        responsibility: "human-resources",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
];

/// Who seals construction permits together, beside the city's natural resources: a district, the city and the province.
pub const TOGETHER: [Bureau; 4] = [
    Bureau {
        short: "county-housing",
        code: "11369902MB0990067H",
        name_zh: "景川市云栖区住房和城乡建设局",
        name_en: "Yunqi District Housing and Construction Bureau",
        area: DISTRICT,
        responsibility: "housing-construction",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
    Bureau {
        short: "city-housing",
        code: "11369900MB0990075F",
        name_zh: "景川市住房和城乡建设局",
        name_en: "Jingchuan Housing and Construction Bureau",
        area: AREA,
        responsibility: "housing-construction",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
    Bureau {
        short: "environment",
        code: "11369900MB0990083A",
        name_zh: "景川市生态环境局",
        name_en: "Jingchuan Ecology and Environment Bureau",
        area: AREA,
        responsibility: "ecology-environment",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
    Bureau {
        short: "province-housing",
        code: "11360000MB09900917",
        name_zh: "云泽省住房和城乡建设厅",
        name_en: "Yunze Province Housing and Construction Department",
        area: PROVINCE,
        responsibility: "housing-construction",
        purpose: SealPurpose::License,
        words: "电子证照专用章",
    },
];

/// Who calls: short name in the tokens file, label, role, and for departments the bureau.
pub const PEOPLE: [(&str, &str, Role); 8] = [
    ("holder", "持证人（演示）", Role::Holder),
    ("clerk", "景川市政务服务中心 3 号窗口", Role::Clerk),
    ("institution", "景川银行城东支行", Role::Institution),
    ("seal-admin-1", "印章管理员甲", Role::SealAdministrator),
    ("seal-admin-2", "印章管理员乙", Role::SealAdministrator),
    ("seal-admin-3", "印章管理员丙", Role::SealAdministrator),
    ("auditor", "审计员", Role::Auditor),
    ("operator", "运维员", Role::Operator),
];
