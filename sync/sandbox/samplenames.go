package sandbox

// The people, services and words of the sample workspace. All are invented.

// A sampleRepository configures one repository of the sample.
type sampleRepository struct {
	slug, name, project string
	commits             int
	months              int // how long ago it began
	silent              int // how many months ago it ended
}

var sampleRepositories = []sampleRepository{
	{"storefront", "storefront", "SHOP", 2600, 24, 0},
	{"checkout-api", "checkout-api", "SHOP", 1700, 24, 0},
	{"ledger", "ledger", "PLAT", 1300, 24, 0},
	{"pocket", "Pocket — the app", "MOB", 1100, 18, 0},
	{"kansoku", "観測所", "DATA", 900, 24, 0},
	{"lanternfish", "lanternfish", "DATA", 800, 14, 0},
	{"gatehouse", "gatehouse", "PLAT", 600, 24, 0},
	{"launchpad", "🚀 launchpad", "LAB", 300, 9, 0},
	{"old-mill", "old-mill", "PLAT", 400, 24, 7},
}

// samplePeople are names; the part of an address follows where it is not the first word.
var samplePeople = []string{
	"Maren Oldcastle", "Tobiah Quill", "Ishaan Verdery", "渡辺 遥香 = haruka", "Zoë Ångsbo-Vale = zoe",
	"Petra Lindwurm", "Calloway Finch-Harrow", "Łucja Wrzosek-Mila = lucja", "Adaeze Brightwater",
	"Nguyễn Khả Hân = khahan", "Rowan Thistledown", "Silke Marschner-Ode", "Emeka Stillwell",
	"Δάφνη Καλλιστράτη = dafni", "Jorunn Fjellvik", "🦊 Fenn Oakenby = fenn", "Bastien Clairmarais",
	"Imogen O'Dare", "Yusra Halabieh-Noor", "Mirko Tannenzapf", "Saoirse Penhallow", "Anselm Kreuzbach",
	"Priyamvada Sen-Loke", "Hollis Wrenfield", "김나래울 = narae", "Teodora Vântu", "Gideon Ashpole",
	"Marisol Encina-Rey", "Oksana Verbytska-Lun", "Lev Birchwood", "Wilhelmina Stork",
	"Dário Pontalva = dario", "Nell Harkaway-Dunn", "Ottoline Frost", "Kwabena Asaro",
	"Vesna Gorjup-Hill", "Ezra Lomond", "Bríd Nic Loirg = brid", "Casimir Dovetail",
	"Thandeka Moyorivers",
}

// sampleBots are the authors of what bots commit, and sampleBotMessages is what each of them writes.
var (
	sampleBots = []Change{
		{Author: "renovate[bot] <renovate-bot@updates.example>"},
		{Author: "dependabot[bot] <support@updates.example>"},
		{Author: "Pipelines <pipelines@updates.example>", Account: uuid("Pipelines"), App: true},
	}
	sampleBotMessages = []string{
		"chore(deps): update dependency {service} to v{n}\n",
		"Bump {service} from 0.9.1 to 1.0.{n}\n\nupdated-dependencies: {service}\n",
		"[skip ci] release {n}\n",
	}
)

// sampleMessages are the shapes of messages that people write.
var sampleMessages = []string{
	"LRK-{n}: {verb} {object}\n", "LRK-{n}: {verb} {object}\n", "PAY-{n} {verb} {object}\n",
	"fix({service}): {verb} {object}\n", "feat({service}): {verb} {object}\n",
	"{verb} {object}\n", "{verb} {object} in {service}\n", "{verb} {object}\n\n{reason}\n",
	"{verb} {object}\r\n\r\n{reason}\r\n- tested, reviewed\r\n", "\"{verb} {object}\", they said; {reason}",
	"=SUM(fixes)+1 // {verb} {object}\n", "{verb} {object} 🎉\n", "wip",
}

// sampleAssistants are what coding assistants leave in messages.
var sampleAssistants = []string{
	"Co-Authored-By: Claude <noreply@anthropic.com>",
	"Co-authored-by: Copilot <copilot@github.com>",
	"Co-authored-by: Cursor <cursoragent@cursor.com>",
	"Assisted-by: Claude",
}

// sampleServices are what commits are about.
var sampleServices = []string{
	"anvil", "bramble", "cistern", "drumlin", "eyrie", "furrow", "gantry", "hedgerow", "inkwell", "jetty",
}

var sampleVerbs = []string{
	"add", "fix", "remove", "rename", "speed up", "document", "test", "simplify", "split", "guard",
	"log", "retry", "cache", "validate", "tidy", "translate", "revert", "move", "expose", "harden",
}

var sampleObjects = []string{
	"the basket total", "price rounding", "address lookup", "login redirect", "the nightly import",
	"currency table", "search suggestions", "session renewal", "stock levels", "delivery slots",
	"the webhook queue", "the invoice PDF", "image sizes", "time zone handling", "the health check",
	"retry delays", "the settings page", "audit entries", "refund flow", "error messages",
}

var sampleReasons = []string{
	"Customers saw the old value until the cache had expired.",
	"It was slow with more than a thousand rows, as each one was looked up alone.",
	"Found while reading the logs of last night.",
	"This is the first of three steps, the switch stays off for now.",
}
