// Package azurelive asks a storage account of Azure what the other tests assume of it: it runs
// the suite of the stores and the table of requests in it, and puts the questions whose answers
// no documentation gives. `make live` runs it in one account with and one without a
// hierarchical namespace:
//
//	export TIDEGATE_LIVE_FLAT=https://NAME.blob.core.windows.net
//	export TIDEGATE_LIVE_HNS=https://NAME.blob.core.windows.net
//	make live
//
// The credential is that of the environment (az login, a managed identity, a service principal:
// azidentity.DefaultAzureCredential), or the shared key in TIDEGATE_LIVE_FLAT_KEY and
// TIDEGATE_LIVE_HNS_KEY. It makes containers, so it needs the role Storage Blob Data Contributor
// for the account. TIDEGATE_LIVE_HNS_DFS is the Data Lake endpoint where it is not at the host with .dfs. in
// the place of .blob.
//
// It deletes its containers, whose names begin with "tidegate-live-". In the end it prints where
// an account and the stub differ. The exit status is 0 when they do not, 3 when they do, 1 when
// a test has failed and 2 when an account is not named.
//
// Without -live the same tests take the stub and Azurite for the accounts: their answers are what
// the questions expect.
package azurelive
