package io.lorashear.checkpoint.gguf.block;

/** Extreme values of {@code count} numbers from {@code start} on. */
final class Extremes {
  private Extremes() {}

  /** The number of largest magnitude; the first of several. */
  static float farthest(float[] numbers, int start, int count) {
    float farthest = 0;
    for (int i = start; i < start + count; i++) {
      if (Math.abs(numbers[i]) > Math.abs(farthest)) {
        farthest = numbers[i];
      }
    }
    return farthest;
  }

  static float least(float[] numbers, int start, int count) {
    float least = numbers[start];
    for (int i = start + 1; i < start + count; i++) {
      least = numbers[i] < least ? numbers[i] : least;
    }
    return least;
  }

  static float greatest(float[] numbers, int start, int count) {
    float greatest = numbers[start];
    for (int i = start + 1; i < start + count; i++) {
      greatest = numbers[i] > greatest ? numbers[i] : greatest;
    }
    return greatest;
  }
}
