// Package azurelive checks in storage accounts of Azure what the other tests assume about the
// service. It runs the suite of the stores, counts the requests of test/requests, and asks the
// questions that no documentation answers. `make live` runs it in an account with a hierarchical
// namespace and in an account without one:
//
//	export TIDEGATE_LIVE_FLAT=https://NAME.blob.core.windows.net
//	export TIDEGATE_LIVE_HNS=https://NAME.blob.core.windows.net
//	make live
//
// The credential comes from the environment (az login, a managed identity, a service principal:
// azidentity.DefaultAzureCredential), or is the shared key in TIDEGATE_LIVE_FLAT_KEY and
// TIDEGATE_LIVE_HNS_KEY. The tests create containers, so the identity needs the role Storage Blob
// Data Contributor for the account. TIDEGATE_LIVE_HNS_DFS is the URL of the Data Lake endpoint. It
// is needed only if the host of this endpoint is not the host of the Blob endpoint with .dfs.
// instead of .blob.
//
// The tests delete their containers, whose names begin with "tidegate-live-". At the end they
// print where an account and the stub differ. The exit status is 0 if they do not differ, 3 if
// they do, 1 if a test has failed, and 2 if an account is not named.
//
// Without -live, the same tests use the stub and Azurite instead of the accounts. The answers of
// the stub and of Azurite are the expected answers to the questions.
package azurelive
