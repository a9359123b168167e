package io.lorashear.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Times of repeated measurements.
 *
 * @param seconds of each repetition, in order; at least one
 * @param processorSeconds processor time of all threads of this process meanwhile, independent of
 *     other programs
 */
public record Repetitions(List<Double> seconds, List<Double> processorSeconds) {

  /** Copies the lists. */
  public Repetitions {
    seconds = List.copyOf(seconds);
    processorSeconds = List.copyOf(processorSeconds);
  }

  /**
   * Measures {@code times} calls of each in turn, so that other work on the machine affects all
   * equally.
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

  /** The sums of several measurements with equally many repetitions. */
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

  /** The shortest time. */
  public double best() {
    return Collections.min(seconds);
  }

  /** The longest time. */
  public double slowest() {
    return Collections.max(seconds);
  }

  /** The least processor time. */
  public double bestProcessor() {
    return Collections.min(processorSeconds);
  }

  /** The median time. */
  public double median() {
    var sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
