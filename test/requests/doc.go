// Package requests counts what each command of FTP and each request of SFTP
// costs in requests to Azure Blob, through all layers: a request saved is money. What a backend's call
// costs alone is counted beside the backend.
//
// The tests count in the stub. FTP and SFTP count in any Account: test/azure-live does so in real
// ones.
package requests
