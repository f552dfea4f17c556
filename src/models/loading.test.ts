import { describe, expect, it } from "vitest";
import { createSpeed } from "./loading";

describe("the loading speed", () => {
  it("is not told in the first half second", () => {
    const speed = createSpeed();
    expect(speed(0, 0)).toBeNull();
    expect(speed(1_000_000, 400)).toBeNull();
  });

  it("is the mean over the last three seconds, not since the start", () => {
    const speed = createSpeed();
    let told: number | null = null;
    // 1 MB/s for ten seconds, then 4 MB/s for five
    for (let second = 0; second <= 10; second++) told = speed(second * 1e6, second * 1000);
    expect(told).toBe(1e6);
    for (let second = 1; second <= 5; second++) told = speed(10e6 + second * 4e6, 10_000 + second * 1000);
    expect(told).toBe(4e6);
  });
});
