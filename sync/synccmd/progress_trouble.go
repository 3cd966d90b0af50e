package synccmd

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// troubleWords say why there is no usable answer, "" where there is one, be it a refusal, and where
// the client will not try again.
func troubleWords(x bitbucket.Exchange) string {
	var e *bitbucket.Error
	switch {
	case !bitbucket.IsTemporary(x.Err) || !errors.As(x.Err, &e):
		return ""
	case x.Status >= 500:
		return fmt.Sprintf("Bitbucket is in trouble (status %d)", x.Status)
	case !bitbucket.IsNetwork(x.Err):
		return ""
	case e.NotJSON:
		return "what answers is not Bitbucket"
	}
	return "no answer (" + e.Message + ")"
}

// troubleNotice tells once that no answer comes, for requests that go one after the other.
func troubleNotice(c *cli.Context) func(bitbucket.Exchange) {
	told := c.Bool("quiet")
	return func(x bitbucket.Exchange) {
		if words := troubleWords(x); words != "" && !told {
			told = true
			command.Notice(c, "%s, trying again", words)
		}
	}
}
