/** What two clocks of this machine say: one that only runs forward, and the wall's, which also runs while it sleeps. */
export interface Clocks {
  readonly steady: number;
  readonly wall: number;
}

/** Until when what is shown may still be called true. All in milliseconds. */
export interface Freshness {
  readonly goodUntil: Clocks;
  /** The least difference seen between our clocks and the server's: what is above it is age. */
  readonly skew: Clocks;
}

export interface Sample {
  /** When this was true, by the server's clock. */
  readonly serverTime: number;
  readonly staleAfter: number;
  readonly receivedAt: Clocks;
}

/** Before anything was heard on a connection. Nothing that the server says on it is older than its opening. */
export function connected(openedAt: Clocks, first: Sample): Freshness {
  const skew = {
    steady: openedAt.steady - first.serverTime,
    wall: openedAt.wall - first.serverTime,
  };
  return heard({ goodUntil: openedAt, skew }, first);
}

/**
 * Another good word of the server on the same connection. What lay in a buffer on the way is older than when it came,
 * and counts from when it was true. Pure.
 */
export function heard(
  before: Freshness,
  { serverTime, staleAfter, receivedAt }: Sample,
): Freshness {
  const skew = {
    steady: Math.min(before.skew.steady, receivedAt.steady - serverTime),
    wall: Math.min(before.skew.wall, receivedAt.wall - serverTime),
  };
  const until = serverTime + staleAfter * 1000;
  return { skew, goodUntil: { steady: until + skew.steady, wall: until + skew.wall } };
}

/** Fresh only while both clocks say so: one of them may have been set, the other may have slept. */
export function isFresh(freshness: Freshness | null, now: Clocks): boolean {
  if (freshness === null) return false;
  return now.steady < freshness.goodUntil.steady && now.wall < freshness.goodUntil.wall;
}
