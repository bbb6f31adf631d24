//! Names as people of several languages have them, each with its spelling in an address.

/// A name, and how its bearer spells it in a mailbox.
pub(super) struct Spelled {
    pub(super) name: &'static str,
    pub(super) mailbox: &'static str,
}

/// People who share a language.
pub(super) struct People {
    pub(super) locale: &'static str,
    pub(super) given: &'static [Spelled],
    pub(super) family: &'static [Spelled],
}

macro_rules! spelled {
    ($($name:literal $mailbox:literal)*) => {
        &[$(Spelled { name: $name, mailbox: $mailbox }),*]
    };
}

/// All of them.
pub(super) const PEOPLES: &[People] = &[
    People {
        locale: "en-GB",
        given: spelled! {
            "Ada" "ada" "Grace" "grace" "Mary Ann" "mary-ann" "Alan" "alan" "Dorothy" "dorothy" "Edward" "edward"
            "Florence" "florence" "George" "george" "Harriet" "harriet" "Isaac" "isaac" "Olive" "olive" "Walter" "walter"
        },
        family: spelled! {
            "Lovelace" "lovelace" "Hopper" "hopper" "O'Connor" "oconnor" "Whitfield" "whitfield" "Ashworth" "ashworth"
            "Pemberton-Hall" "pemberton-hall" "Fletcher" "fletcher" "MacLeod" "macleod" "Barlow" "barlow" "Quigley" "quigley"
        },
    },
    People {
        locale: "de-DE",
        given: spelled! {
            "Jürgen" "juergen" "Käthe" "kaethe" "Annelie" "annelie" "Friedrich" "friedrich" "Mascha" "mascha" "Björn" "bjoern"
            "Lieselotte" "lieselotte" "Moritz" "moritz" "Sören" "soeren" "Wiebke" "wiebke"
        },
        family: spelled! {
            "Müller" "mueller" "Groß" "gross" "von der Heide" "vonderheide" "Schäfer" "schaefer" "Köhler" "koehler"
            "Weiß" "weiss" "Brandt" "brandt" "Lüdemann" "luedemann" "Öztürk" "oeztuerk" "Zimmermann" "zimmermann"
        },
    },
    People {
        locale: "es-MX",
        given: spelled! {
            "José Luis" "jose-luis" "María" "maria" "Íñigo" "inigo" "Lucía" "lucia" "Ramón" "ramon" "Ximena" "ximena"
            "Andrés" "andres" "Begoña" "begona" "Joaquín" "joaquin" "Inés" "ines"
        },
        family: spelled! {
            "García Márquez" "garcia-marquez" "Muñoz" "munoz" "Fernández" "fernandez" "de la Cruz" "delacruz"
            "Ibáñez" "ibanez" "Peña Nieto" "pena-nieto" "Ortiz" "ortiz" "Núñez" "nunez" "Salazar" "salazar"
        },
    },
    People {
        locale: "fr-FR",
        given: spelled! {
            "Zoé" "zoe" "François" "francois" "Anaïs" "anais" "Jean-Baptiste" "jean-baptiste" "Hélène" "helene"
            "Étienne" "etienne" "Maëlle" "maelle" "Loïc" "loic" "Océane" "oceane" "Théo" "theo"
        },
        family: spelled! {
            "Lefèvre" "lefevre" "de Beauvoir" "debeauvoir" "Châtelet" "chatelet" "Noël" "noel" "Garçon" "garcon"
            "Dupré" "dupre" "Le Goff" "legoff" "Martinot" "martinot" "Brûlé" "brule"
        },
    },
    People {
        locale: "is-IS",
        given: spelled! {
            "Þóra" "thora" "Guðrún" "gudrun" "Ásgeir" "asgeir" "Björk" "bjork" "Einar" "einar" "Sigríður" "sigridur"
            "Ólafur" "olafur" "Hrafnhildur" "hrafnhildur"
        },
        family: spelled! {
            "Jónsdóttir" "jonsdottir" "Sigurðsson" "sigurdsson" "Ægisdóttir" "aegisdottir" "Þorsteinsson" "thorsteinsson"
            "Gunnarsdóttir" "gunnarsdottir" "Helgason" "helgason" "Björnsdóttir" "bjornsdottir"
        },
    },
    People {
        locale: "nl-NL",
        given: spelled! {
            "Vincent" "vincent" "Sanne" "sanne" "Daniël" "daniel" "Jolijn" "jolijn" "Maarten" "maarten" "Zoë" "zoe"
            "Pieter" "pieter" "Femke" "femke"
        },
        family: spelled! {
            "van Gogh" "vangogh" "van der Berg" "vanderberg" "de Vries" "devries" "ten Cate" "tencate" "Dijkstra" "dijkstra"
            "Brouwer" "brouwer" "van 't Hof" "vanthof" "Huisman" "huisman"
        },
    },
    People {
        locale: "pl-PL",
        given: spelled! {
            "Łukasz" "lukasz" "Małgorzata" "malgorzata" "Stanisław" "stanislaw" "Agnieszka" "agnieszka" "Żaneta" "zaneta"
            "Wojciech" "wojciech" "Zofia" "zofia" "Paweł" "pawel"
        },
        family: spelled! {
            "Wiśniewska" "wisniewska" "Dąbrowski" "dabrowski" "Wójcik" "wojcik" "Skłodowska" "sklodowska"
            "Kamiński" "kaminski" "Zając" "zajac" "Grabowska" "grabowska"
        },
    },
    People {
        locale: "uk-UA",
        given: spelled! {
            "Олена" "olena" "Тарас" "taras" "Леся" "lesya" "Михайло" "mykhailo" "Соломія" "solomiya" "Богдан" "bohdan"
            "Ярина" "yaryna" "Андрій" "andriy"
        },
        family: spelled! {
            "Шевченко" "shevchenko" "Українка" "ukrainka" "Коваль" "koval" "Бондаренко" "bondarenko" "Мельник" "melnyk"
            "Гончар" "honchar" "Лисенко" "lysenko"
        },
    },
    People {
        locale: "el-GR",
        given: spelled! {
            "Ελένη" "eleni" "Γιώργος" "giorgos" "Μαρία" "maria" "Νίκος" "nikos" "Κατερίνα" "katerina" "Άννα" "anna"
        },
        family: spelled! {
            "Παπαδοπούλου" "papadopoulou" "Νικολαΐδης" "nikolaidis" "Καραγιάννη" "karagianni" "Οικονόμου" "oikonomou"
            "Βλάχος" "vlachos"
        },
    },
    People {
        locale: "tr-TR",
        given: spelled! {
            "Ayşe" "ayse" "Çağlar" "caglar" "Gülşen" "gulsen" "Işıl" "isil" "Ömer" "omer" "Şirin" "sirin" "Uğur" "ugur"
        },
        family: spelled! {
            "Yılmaz" "yilmaz" "Çelik" "celik" "Öğüt" "ogut" "Güneş" "gunes" "Doğan" "dogan" "Kılıç" "kilic"
        },
    },
    People {
        locale: "ar-EG",
        given: spelled! {
            "ليلى" "layla" "أحمد" "ahmad" "نور" "nour" "يوسف" "youssef" "فاطمة" "fatima" "عمر" "omar"
        },
        family: spelled! {
            "محفوظ" "mahfouz" "حسن" "hassan" "المصري" "elmasry" "خليل" "khalil" "عبد الرحمن" "abdelrahman"
        },
    },
    People {
        locale: "hi-IN",
        given: spelled! {
            "आरव" "aarav" "प्रिया" "priya" "रोहन" "rohan" "अनन्या" "ananya" "मीरा" "meera" "विक्रम" "vikram"
        },
        family: spelled! {
            "शर्मा" "sharma" "पटेल" "patel" "गुप्ता" "gupta" "नायर" "nair" "अय्यर" "iyer" "सिंह" "singh"
        },
    },
    People {
        locale: "vi-VN",
        given: spelled! {
            "Thị Minh" "thi-minh" "Văn Hùng" "van-hung" "Ngọc Ánh" "ngoc-anh" "Đức" "duc" "Thảo" "thao" "Quỳnh" "quynh"
        },
        family: spelled! {
            "Nguyễn" "nguyen" "Trần" "tran" "Lê" "le" "Phạm" "pham" "Đặng" "dang" "Bùi" "bui"
        },
    },
    People {
        locale: "ja-JP",
        given: spelled! {
            "美咲" "misaki" "翔太" "shota" "さくら" "sakura" "健一" "kenichi" "陽菜" "hina" "大輔" "daisuke"
        },
        family: spelled! {
            "佐藤" "sato" "鈴木" "suzuki" "高橋" "takahashi" "田中" "tanaka" "渡辺" "watanabe" "小林" "kobayashi"
        },
    },
    People {
        locale: "zh-Hans-CN",
        given: spelled! {
            "伟" "wei" "芳" "fang" "秀英" "xiuying" "静怡" "jingyi" "浩然" "haoran" "思远" "siyuan"
        },
        family: spelled! {
            "王" "wang" "李" "li" "张" "zhang" "欧阳" "ouyang" "陈" "chen" "赵" "zhao"
        },
    },
    People {
        locale: "yo-NG",
        given: spelled! {
            "Adébáyọ̀" "adebayo" "Fọláṣadé" "folasade" "Títílayọ̀" "titilayo" "Ọláwálé" "olawale" "Yétúndé" "yetunde"
        },
        family: spelled! {
            "Adéyẹmí" "adeyemi" "Ṣóyínká" "soyinka" "Ògúnbámbí" "ogunbambi" "Balógun" "balogun" "Ọlátúnjí" "olatunji"
        },
    },
];

/// People with one name only.
pub(super) const MONONYMS: &[Spelled] = spelled! {
    "Sukarno" "sukarno" "Teller" "teller" "Nyoman" "nyoman" "Voltaire" "voltaire" "Pelé" "pele" "Wayan" "wayan" "Suharti" "suharti"
};
