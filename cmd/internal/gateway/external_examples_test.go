package gateway

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// fromAWS returns the answer for the response of a custom identity provider.
func fromAWS(response map[string]any) map[string]any {
	if role, _ := response["Role"].(string); role == "" {
		return map[string]any{"allow": false}
	}
	answer := map[string]any{"allow": true}
	home, _ := response["HomeDirectory"].(string)
	if details, ok := response["HomeDirectoryDetails"].(string); ok {
		var entries []struct{ Entry, Target string }
		if json.Unmarshal([]byte(details), &entries) != nil || len(entries) != 1 || entries[0].Entry != "/" {
			return nil // not this adapter's case: answer 500
		}
		home = entries[0].Target
	}
	if _, inBucket, ok := strings.Cut(strings.TrimPrefix(home, "/"), "/"); ok {
		answer["root"] = "/" + inBucket
	}
	if keys, ok := response["PublicKeys"]; ok {
		answer["public_keys"] = keys
	}
	return answer
}

// fromSFTPGo returns the answer for the user that an external auth hook returns. data is
// SFTPGo's data directory.
func fromSFTPGo(user map[string]any, data string) map[string]any {
	status, _ := user["status"].(float64)
	if name, _ := user["username"].(string); name == "" || status != 1 {
		return map[string]any{"allow": false}
	}
	answer := map[string]any{"allow": true}
	if home, ok := user["home_dir"].(string); ok {
		root, inside := strings.CutPrefix(home, data)
		if !inside {
			return nil // not this adapter's case: answer 500
		}
		answer["root"] = root
	}
	words := map[string]string{
		"list": "list", "download": "read", "upload": "write", "overwrite": "overwrite",
		"delete": "delete", "rename": "rename", "create_dirs": "mkdir",
	}
	byPath, _ := user["permissions"].(map[string]any)
	granted, _ := byPath["/"].([]any)
	permissions := []any{}
	for _, one := range granted {
		if word, ok := words[one.(string)]; ok {
			permissions = append(permissions, word)
		}
	}
	if !slices.Contains(granted, any("*")) {
		answer["permissions"] = permissions
	}
	if until, ok := user["expiration_date"].(float64); ok && until > 0 {
		answer["expires"] = time.UnixMilli(int64(until)).UTC().Format(time.RFC3339)
	}
	if keys, ok := user["public_keys"]; ok {
		answer["public_keys"] = keys
	}
	return answer
}

// toAWS returns the event of a custom identity provider for a request.
func toAWS(request map[string]any) map[string]any {
	event := map[string]any{
		"username": request["username"], "protocol": request["protocol"], "serverId": request["tenant"], "sourceIp": request["source_ip"],
	}
	if password, ok := request["password"]; ok {
		event["password"] = password
	}
	return event
}

// toSFTPGo returns what an external auth hook gets for a request.
func toSFTPGo(request map[string]any) map[string]any {
	event := map[string]any{"username": request["username"], "ip": request["source_ip"], "protocol": "FTP", "password": "", "public_key": ""}
	if request["protocol"] == "SFTP" {
		event["protocol"] = "SSH"
	}
	for _, name := range []string{"password", "public_key"} {
		if value, ok := request[name]; ok {
			event[name] = value
		}
	}
	return event
}
