// Package requests counts what each command of FTP and each request of SFTP
// costs in requests to Azure Blob, through all layers: a request saved is money. What a backend's call
// costs alone is counted beside the backend.
package requests
