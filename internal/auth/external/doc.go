// Package external asks an HTTP service about logins. docs/external-auth.md describes the
// request and the answer.
//
//	client := external.New(external.Options{
//		URL: "https://id.example/tidegate", Timeout: 5 * time.Second, Turns: turns,
//	})
//	…
//	answer, err := client.Ask(ctx, external.Request{Tenant: "contoso", Username: "camera-01", Password: password, …})
//	switch {
//	case errors.Is(err, external.ErrRefused): // the service refuses the login
//	case err != nil: // there is no decision: nobody logs in
//	}
//
// There are three outcomes, and the second and the third are never mixed up: the login is
// allowed, the service refuses it, or there is no decision. An answer that is not exactly as
// documented is no decision. Nothing is kept between two requests, and no error has a
// password, a token or the URL in it.
//
// # What it is not
//
// It knows neither tenants nor trees: what the answer means is checked by package config,
// as what the configuration says.
package external
