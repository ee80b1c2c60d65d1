/** A test, as far as a helper needs it: whatever the helper starts ends with it. */
export interface Owner {
  teardown(end: () => Promise<unknown>): unknown;
}
