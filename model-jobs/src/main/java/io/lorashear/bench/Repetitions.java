package io.lorashear.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Times of one thing done again and again.
 *
 * @param seconds of each repetition, in order; at least one
 * @param processorSeconds what all threads of this process computed meanwhile; other programs on a
 *     busy machine do not add to it
 */
public record Repetitions(List<Double> seconds, List<Double> processorSeconds) {

  /** Copies. */
  public Repetitions {
    seconds = List.copyOf(seconds);
    processorSeconds = List.copyOf(processorSeconds);
  }

  /**
   * How long each of {@code times} calls takes, turn by turn: what else the machine does meets all
   * alike.
   */
  public static List<Repetitions> alternating(int times, List<Runnable> works) {
    var all = new ArrayList<Repetitions>();
    var seconds = new double[works.size()][times];
    var processor = new double[works.size()][times];
    for (int i = 0; i < times; i++) {
      for (int k = 0; k < works.size(); k++) {
        double before = processorNow();
        seconds[k][i] = seconds(works.get(k));
        processor[k][i] = processorNow() - before;
      }
    }
    for (int k = 0; k < works.size(); k++) {
      all.add(new Repetitions(list(seconds[k]), list(processor[k])));
    }
    return List.copyOf(all);
  }

  /** Several things one after the other, each done equally often. */
  public static Repetitions together(List<Repetitions> all) {
    int times = all.get(0).seconds().size();
    var seconds = new double[times];
    var processor = new double[times];
    for (var each : all) {
      Arrays.setAll(seconds, i -> seconds[i] + each.seconds().get(i));
      Arrays.setAll(processor, i -> processor[i] + each.processorSeconds().get(i));
    }
    return new Repetitions(list(seconds), list(processor));
  }

  private static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double processorNow() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }

  /** The shortest. */
  public double best() {
    return Collections.min(seconds);
  }

  /** The longest. */
  public double slowest() {
    return Collections.max(seconds);
  }

  /** The least of the processor's time. */
  public double bestProcessor() {
    return Collections.min(processorSeconds);
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
