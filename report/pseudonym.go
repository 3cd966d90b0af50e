package report

import (
	"crypto/sha256"
	"encoding/hex"
)

const (
	pseudonymPrefix = "author-"
	shortDigest     = 4 // bytes
)

// pseudonyms makes a name for each person from nothing but the person's key: the same in every
// report, whatever it filters, and on every machine. Where two persons of the database share
// the short form, both have the long one. It keeps names out of a forwarded report; it does not
// withstand somebody who knows an e-mail and wants to see whether its owner is in there.
func pseudonyms(people []Person) []string {
	digests := make([][sha256.Size]byte, len(people))
	sharers := make(map[[shortDigest]byte]int, len(people)) // by the beginning of the digest
	for i := range people {
		digests[i] = sha256.Sum256([]byte("trunkstat author\x00" + people[i].key))
		sharers[[shortDigest]byte(digests[i][:])]++
	}
	names := make([]string, len(people))
	for i := range people {
		digest := digests[i][:]
		if sharers[[shortDigest]byte(digest)] == 1 {
			digest = digest[:shortDigest]
		}
		names[i] = pseudonymPrefix + hex.EncodeToString(digest)
	}
	return names
}
