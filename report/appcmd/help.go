package appcmd

// Description is what the program's help and manual begin with: the first steps.
const Description = `It asks Bitbucket for commits, never for source code, keeps them in one local file, and counts
them without a network. The first steps:

   trunkstat demo                               see all of it, without an account
   trunkstat auth login --workspace WORKSPACE   store a token, after it was verified
   trunkstat sync                               fetch what is new
   trunkstat report --by month --since 1y       count`

// GlobalOptions is what the help of each command says of the flags that all commands share.
const GlobalOptions = `
GLOBAL OPTIONS, before and after the command's name (see trunkstat --help):
   --db PATH  --workspace SLUG, -w SLUG  --api-url URL  --ca-cert FILE  --quiet  --verbose  --no-color
`

// ExitCodes is what every help ends with.
const ExitCodes = `
EXIT CODES:
   0    done
   1    failed
   2    misuse
   3    partly done: at least one repository could not be synced; the rest is stored
   4    credentials: none found, invalid_credentials or invalid_permissions
   5    no_resources: the credential reaches no repository, or there is no such workspace
   6    the database is in use, unreadable, or of a newer version
   75   stopped with work left: the budget is spent, or --max-requests is reached
   130  interrupted
`
