package io.lorashear.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Times of one thing done again and again.
 *
 * @param seconds of each repetition, in order; at least one
 */
public record Repetitions(List<Double> seconds) {

  /** Copies. */
  public Repetitions {
    seconds = List.copyOf(seconds);
  }

  /**
   * How long each of {@code times} calls takes, turn by turn: what else the machine does meets all
   * alike.
   */
  static List<Repetitions> alternating(int times, List<Runnable> works) {
    var seconds = new ArrayList<List<Double>>();
    works.forEach(work -> seconds.add(new ArrayList<>()));
    for (int i = 0; i < times; i++) {
      for (int k = 0; k < works.size(); k++) {
        seconds.get(k).add(seconds(works.get(k)));
      }
    }
    return seconds.stream().map(Repetitions::new).toList();
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** The shortest. */
  public double best() {
    return Collections.min(seconds);
  }

  /** The longest. */
  public double slowest() {
    return Collections.max(seconds);
  }

  /** The middle one, or the mean of the two in the middle. */
  public double median() {
    var sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
