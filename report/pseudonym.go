package report

import (
	"crypto/sha256"
	"encoding/hex"
)

const (
	pseudonymPrefix = "author-"
	shortDigest     = 8
)

// pseudonyms gives each person a name made from nothing but the person's key: the same in every
// report, whatever it filters, and on every machine. Where two persons of the
// database share the short form, both have the long one. It keeps names out of a forwarded report; it does not withstand
// somebody who knows an e-mail and wants to see whether its owner is in there.
func pseudonyms(people []Person) {
	digests := make([]string, len(people))
	sharers := map[string]int{} // by the beginning of the digest
	for i := range people {
		sum := sha256.Sum256([]byte("trunkstat author\x00" + people[i].key))
		digests[i] = hex.EncodeToString(sum[:])
		sharers[digests[i][:shortDigest]]++
	}
	for i := range people {
		digest := digests[i]
		if short := digest[:shortDigest]; sharers[short] == 1 {
			digest = short
		}
		people[i].Pseudonym = pseudonymPrefix + digest
	}
}
