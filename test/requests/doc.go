// Package requests counts the requests to Azure Blob Storage that each command of FTP and each
// request of SFTP causes, through all layers, because each request to Azure costs money.
// The package of the backend counts the requests of each call of the backend.
//
// The tests of this package count requests to the stub. The functions FTP and SFTP count requests
// to any Account: test/azure-live calls them with real accounts.
package requests
