// Package store keeps commits in one bbolt file. It is the only package that knows bbolt.
package store
