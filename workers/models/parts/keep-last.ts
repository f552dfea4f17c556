/**
 * Keeps the results of the `size` computations that were asked for last, by key. What is under way is shared; what failed is not
 * kept.
 */
export function keepLast<T>(size: number): (key: string, compute: () => Promise<T>) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (key, compute) => {
    const result = results.get(key) ?? compute();
    // A Map is ordered by insertion: put in again, the key is the newest.
    results.delete(key);
    results.set(key, result);
    result.catch(() => {
      if (results.get(key) === result) results.delete(key);
    });
    for (const oldest of results.keys()) {
      if (results.size <= size) break;
      results.delete(oldest);
    }
    return result;
  };
}
