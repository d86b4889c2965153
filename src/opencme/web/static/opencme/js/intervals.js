/**
 * Stretches of media time, pairs of whole milliseconds; the same arithmetic as `media.rules`.
 */

/** The union, sorted and disjoint. */
export const merged = (...several) => {
  const union = [];
  for (const [start, end] of several.flat().sort((one, other) => one[0] - other[0])) {
    const last = union[union.length - 1];
    if (end <= start) continue;
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else union.push([start, end]);
  }
  return union;
};

/** What `wanted` has and `known` has not. */
export const without = (wanted, known) => {
  const left = [];
  for (const [start, end] of merged(wanted)) {
    let at = start;
    for (const [from, to] of merged(known)) {
      if (to <= at || from >= end) continue;
      if (from > at) left.push([at, from]);
      at = Math.max(at, to);
    }
    if (at < end) left.push([at, end]);
  }
  return left;
};

/** How much time they cover. */
export const covered = (intervals) =>
  merged(intervals).reduce((sum, [start, end]) => sum + end - start, 0);

/** Only the stretches of at least `least` milliseconds. */
export const longEnough = (intervals, least) =>
  intervals.filter(([start, end]) => end - start >= least);
