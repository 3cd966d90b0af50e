package sandbox

// The people, services and words of the sample workspace. All are invented.

// A sampleRepository is how one repository of the sample is to be.
type sampleRepository struct {
	slug, name, project string
	weight              float64 // its share of the commits
	months              int     // how long ago it began
	silent              int     // how many months ago it ended
}

var sampleProjects = map[string]string{
	"SHOP": "Market hall", "PLAT": "Platform", "DATA": "Data & search", "MOB": "Pocket apps", "LAB": "Lab",
}

var sampleRepositories = []sampleRepository{
	{"storefront", "storefront", "SHOP", 26, 24, 0},
	{"checkout-api", "checkout-api", "SHOP", 17, 24, 0},
	{"ledger", "ledger", "PLAT", 13, 24, 0},
	{"pocket", "Pocket — the app", "MOB", 11, 18, 0},
	{"kansoku", "観測所", "DATA", 9, 24, 0},
	{"lanternfish", "lanternfish", "DATA", 8, 14, 0},
	{"gatehouse", "gatehouse", "PLAT", 6, 24, 0},
	{"launchpad", "🚀 launchpad", "LAB", 3, 9, 0},
	{"old-mill", "old-mill", "PLAT", 4, 24, 7},
	{"handbook", "handbook", "SHOP", 1, 20, 0},
}

// sampleExtra are the services that are added when more repositories are asked for.
var sampleExtra = []string{
	"anvil", "bramble", "cistern", "drumlin", "eyrie", "furrow", "gantry", "hedgerow", "inkwell",
	"jetty", "kiln", "lintel", "marlin", "nettle", "orchard", "paddock", "quill", "rookery",
}

// A samplePerson is one author with all the ways he signs.
type samplePerson struct {
	name, handle string
	variant      string // another way he writes his name
}

var samplePeople = []samplePerson{
	{"Maren Oldcastle", "maren", "maren"},
	{"Tobiah Quill", "tobiah", "T. Quill"},
	{"Ishaan Verdery", "ishaan", ""},
	{"渡辺 遥香", "haruka", "Haruka Watanabe"},
	{"Zoë Ångsbo-Vale", "zoe", "Zoe Angsbo-Vale"},
	{"Petra Lindwurm", "petra", ""},
	{"Calloway Finch-Harrow", "calloway", "cal"},
	{"Łucja Wrzosek-Mila", "lucja", "Lucja Wrzosek"},
	{"Adaeze Brightwater", "adaeze", ""},
	{"Nguyễn Khả Hân", "khahan", "Kha Han Nguyen"},
	{"Rowan Thistledown", "rowan", "rowan thistledown"},
	{"Silke Marschner-Ode", "silke", ""},
	{"Emeka Stillwell", "emeka", "Emeka S."},
	{"Δάφνη Καλλιστράτη", "dafni", "Dafni Kallistrati"},
	{"Jorunn Fjellvik", "jorunn", ""},
	{"🦊 Fenn Oakenby", "fenn", "Fenn Oakenby"},
	{"Bastien Clairmarais", "bastien", ""},
	{"Imogen O'Dare", "imogen", "Imogen ODare"},
	{"Yusra Halabieh-Noor", "yusra", ""},
	{"Mirko Tannenzapf", "mirko", "mirko"},
	{"Saoirse Penhallow", "saoirse", ""},
	{"Anselm Kreuzbach", "anselm", "A. Kreuzbach"},
	{"Priyamvada Sen-Loke", "priya", "Priya Sen-Loke"},
	{"Hollis Wrenfield", "hollis", ""},
	{"김나래울", "narae", "Narae Kim"},
	{"Teodora Vântu", "teodora", ""},
	{"Gideon Ashpole", "gideon", "gideon ashpole"},
	{"Marisol Encina-Rey", "marisol", ""},
	{"Oksana Verbytska-Lun", "oksana", ""},
	{"Lev Birchwood", "lev", "lev"},
	{"Wilhelmina Stork", "mina", "Mina Stork"},
	{"Dário Pontalva", "dario", "Dario Pontalva"},
	{"Nell Harkaway-Dunn", "nell", ""},
	{"Ottoline Frost", "ottoline", ""},
	{"Kwabena Asaro", "kwabena", ""},
	{"Vesna Gorjup-Hill", "vesna", ""},
	{"Ezra Lomond", "ezra", "Ezra"},
	{"Bríd Nic Loirg", "brid", "Brid Nic Loirg"},
	{"Casimir Dovetail", "casimir", ""},
	{"Thandeka Moyorivers", "thandeka", ""},
}

var sampleVerbs = []string{
	"add", "fix", "remove", "rename", "speed up", "document", "test", "simplify", "split", "guard",
	"log", "retry", "cache", "validate", "tidy", "translate", "revert", "move", "expose", "harden",
}

var sampleObjects = []string{
	"the basket total", "price rounding", "address lookup", "login redirect", "the nightly import",
	"currency table", "the empty state", "search suggestions", "session renewal", "stock levels",
	"delivery slots", "the webhook queue", "feature switches", "the invoice PDF", "image sizes",
	"time zone handling", "the health check", "retry delays", "the settings page", "audit entries",
	"refund flow", "the map view", "error messages", "pagination", "the build image", "translations",
}

var sampleReasons = []string{
	"Customers saw the old value until the cache had expired.",
	"It was slow with more than a thousand rows, as each one was looked up alone.",
	"The partner's test system answers with an empty list now and then.",
	"Found while reading the logs of last night.",
	"No behaviour changes; the tests say so.",
	"This is the first of three steps, the switch stays off for now.",
	"The old name said what it was, not what it is for.",
}
