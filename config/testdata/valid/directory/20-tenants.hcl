tenant "a" {
  mount "/" { backend = backend.store.disk }
}
