package io.lorashear.plan;

import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.HashSet;

/**
 * Seconds of a {@link Work} on an {@link Accelerator}: computed, none of it measured.
 *
 * <pre>
 *   products   (matrix products + attention's 4·T·q per token) / (share · peak)
 *   memory     (weights twice per training pass, once per scoring; operands and results of every
 *              operator, three times with gradients; AdamW's seven) / (share · bandwidth)
 *   launches   {@value #KERNELS} kernels per operator, three times with gradients, 5 µs each
 *   link       bfloat16 copies of frozen weights that changed, 2 bytes each, at 10 GB/s; read and
 *              folded in the host's memory, 4 to 12 bytes each, at 20 GB/s; where the float32
 *              weights are on the device, all of it is memory's
 *   files      of the model, read, and of what is written, at 1 GB/s
 *   seconds    their sum: no overlap is assumed
 * </pre>
 */
public record StageTime(
    double products, double memory, double launches, double link, double files) {
  private static final int KERNELS = 4;
  private static final double LAUNCH = 5e-6;
  private static final double LINK = 10e9; // pageable memory through PCIe 4
  private static final double HOST = 20e9;
  private static final double FILES = 1e9;

  /**
   * Those of {@code given}.
   *
   * @param share of the device's peaks that is reached, in (0, 1]
   * @param files bytes of files that are read and written
   */
  public static StageTime of(Work given, Accelerator device, double share, double files) {
    var work = given.on(device.memory());
    boolean narrow = work.precision().narrow();
    double peak = share * (narrow ? device.bfloat16() : device.float32());
    double moved = passes(work) * weights(work, narrow) + updates(work) + values(work);
    boolean apart = work.apart();
    moved += narrow && !apart ? copied(work) + inPlace(work) : 0;
    return new StageTime(
        operations(work) / peak,
        moved / (share * device.bandwidth()),
        passes(work) * kernels(work) * LAUNCH,
        apart ? copied(work) / LINK + inPlace(work) / HOST : 0,
        files / FILES);
  }

  /** Their sum. */
  public double seconds() {
    return products + memory + launches + link + files;
  }

  /** Operations, those of attention's own products included. */
  static double operations(Work work) {
    double attention = 0;
    for (var each : Sought.ATTENTION.in(work.graph())) {
      attention += 4.0 * work.length() * size(work.graph(), each.node().input());
    }
    double trained = work.learning().trains() ? work.tokens() * (gradients(work) + 1.0) : 0;
    return work.operations() + attention * (trained + forward(work));
  }

  /** Backward costs two forward passes, and one more if values are recomputed. */
  private static int gradients(Work work) {
    return work.learning().recomputes() ? 3 : 2;
  }

  private static double trainingPasses(Work work) {
    return work.learning().trains()
        ? (double) work.tokens() / work.learning().train().rows() / work.length()
        : 0;
  }

  private static double passes(Work work) {
    return trainingPasses(work) + Math.ceil(forward(work) / work.chunk().tokens());
  }

  /** Tokens that only go through a forward pass. */
  private static double forward(Work work) {
    return work.forward().tokens();
  }

  private static double weights(Work work, boolean narrow) {
    return (work.learning().trains() ? 2.0 : 1) * (narrow ? 2 : 4) * work.graph().parameterCount();
  }

  private static double updates(Work work) {
    var learning = work.learning();
    return learning.updates() ? 7.0 * 4 * learning.elements(work.graph()) * learning.steps() : 0;
  }

  /** Bytes of the operands and results of all operators, over all tokens. */
  private static double values(Work work) {
    double numbers = 0;
    for (var node : work.graph().nodes()) {
      numbers += size(work.graph(), node.output());
      for (var input : node.inputs()) {
        numbers += size(work.graph(), input);
      }
    }
    double trained = work.learning().trains() ? work.tokens() * (gradients(work) + 1.0) : 0;
    return numbers * work.precision().bytes() * (trained + forward(work));
  }

  private static double kernels(Work work) {
    int times = work.learning().trains() ? gradients(work) + 1 : 1;
    return (double) KERNELS * times * work.graph().nodes().size();
  }

  private static double size(ModelGraph graph, Value value) {
    double size = 1;
    for (var extent : graph.shape(value)) {
      size *= extent.size();
    }
    return size;
  }

  /** Bytes of bfloat16 copies of frozen weights that changed. */
  private static double copied(Work work) {
    double shrunk = elements(work.graph(), zeroed(work));
    var own = work.pruning().progressive();
    return 2 * (own.shrinks() * shrunk + own.folds() * (double) work.graph().parameterCount());
  }

  /** Bytes that are read and written where the float32 weights lie: shrinking, folds, rounding. */
  private static double inPlace(Work work) {
    double shrunk = elements(work.graph(), zeroed(work));
    var own = work.pruning().progressive();
    double all = work.graph().parameterCount();
    return 6 * own.shrinks() * shrunk + (8 + 6) * own.folds() * all;
  }

  /** Names of the frozen weights in which groups are zeroed. */
  private static HashSet<String> zeroed(Work work) {
    var names = new HashSet<String>();
    for (var axis : PruningSpace.of(work.graph()).prunable(PruningSpace.STRUCTURES)) {
      axis.zeroed().forEach(slice -> names.add(slice.parameter().name()));
    }
    names.removeAll(work.learning().weights());
    return names;
  }

  private static double elements(ModelGraph graph, HashSet<String> names) {
    return names.stream().mapToDouble(name -> graph.parameter(name).elements()).sum();
  }
}
