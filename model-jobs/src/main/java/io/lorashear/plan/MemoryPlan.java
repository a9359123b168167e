package io.lorashear.plan;

import io.lorashear.compensate.Compensation;
import io.lorashear.dependency.ParameterSlice;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.plan.Work.Update;
import io.lorashear.score.Scorer;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The memory of a {@link Work}, part by part, in bytes.
 *
 * <pre>
 *   always          4·(all weights) + 4·learning (gradients) + program, and where they are updated
 *                   2·4·learning + 4·rows (AdamW)
 *                   in a process: its files (mapped), 3 pieces of 16 MiB; what it drew itself (heap)
 *   in a pass       tokens·(what is kept, {@link SavedValues}) + 2·4·chunk·vocabulary (logits,
 *                   their gradient) or 3 of the widest values, whichever is more
 *                   in a process: a fifth of that, which the allocator keeps though it is free
 *   between passes  4·learning (AdamW's divisor), or two of the largest matrix that axes divide
 *                   (scores) with the rows of an axis that are copied
 *   looking         4·4·tokens·(the widest value) + 4·(rows that wait between blocks) and 4·(second
 *                   moments of a block) + 8·4·in² of the largest, in a pass
 *   masks           4·learning (what they are written into, dense) always
 *   folds           4·learning each, on the host
 *   compensation    4·(matrices that read axes) always; between passes 4·(their second moments, of
 *                   which 2²⁸ numbers at a time) + 8·(3·in² + 2·in·out) of the largest (equations)
 *   peak            always + the larger of the other two
 *
 * in bfloat16
 *   always          2·weights more; on a device they are all, and the float32 ones on the host with
 *                   their gradients and what scores and shrinks them
 *   in a pass       2·pairs, the logits once and half more
 * </pre>
 *
 * @param always what is there from the first step to the last
 * @param pass what a forward and backward pass adds
 * @param between what is there between passes only
 * @param host what a device's work needs of the host's memory besides
 */
record MemoryPlan(List<Part> always, List<Part> pass, List<Part> between, List<Part> host) {
  /** Java, PyTorch and their libraries with a model of a few thousand parameters: measured. */
  private static final long PROGRAM = 330_000_000;

  /** What Spark adds to that, driver and executor in one process: measured. */
  private static final long SPARK = 300_000_000;

  /** Weights are read in pieces, of which the stored bytes and two copies are in memory. */
  private static final long PIECE = 1 << 24;

  /**
   * Free memory of a pass that is not given back: measured from nothing to a quarter with jemalloc,
   * by how fast the machine is, and almost a half with glibc's.
   */
  private static final double ALLOCATOR = 0.2;

  /** One part. */
  record Part(String name, double bytes) {}

  /** The plan of {@code work}. */
  static MemoryPlan of(Work work) {
    var host = new ArrayList<Part>();
    var always = always(work, host);
    var between = between(work, host);
    var pass = new ArrayList<Part>();
    if (work.trains()) {
      pass.addAll(training(work, host));
    } else if (work.scored().orElse(1) > 0) {
      pass.addAll(scoring(work));
    }
    if (work.looking().tokens() > 0 && !work.updates()) {
      pass.addAll(looking(work));
    }
    if (work.files().isPresent() && !pass.isEmpty()) {
      pass.add(new Part("kept by the allocator", ALLOCATOR * sum(pass)));
    }
    return new MemoryPlan(always, List.copyOf(pass), between, List.copyOf(host));
  }

  private static boolean narrow(Work work) {
    return work.train().precision() == Precision.BFLOAT16;
  }

  /** Whether float32 weights are on the host and not on the device. */
  private static boolean apart(Work work) {
    return narrow(work) && work.files().isEmpty();
  }

  private static List<Part> always(Work work, List<Part> host) {
    var graph = work.graph();
    double learning = elements(graph, work.learning());
    boolean pairs = work.update() == Update.PAIRS;
    double frozen = graph.parameterCount() - (pairs ? learning : 0);
    var always = new ArrayList<Part>();
    (apart(work) ? host : always).add(new Part("weights", 4 * frozen));
    if (narrow(work)) {
      double wide = apart(work) ? 2 * elements(graph, Precision.alwaysWide(graph)) : 0;
      always.add(new Part("weights in bfloat16", 2 * frozen + wide));
    }
    if (pairs) {
      always.add(new Part("LoRA pairs", 4 * learning));
    }
    if (work.trains()) {
      always.add(new Part(pairs ? "gradients of the pairs" : "gradients", 4 * learning));
    }
    if (work.updates()) {
      always.add(new Part("optimizer", 8 * learning + 4 * rows(graph, work.learning())));
    }
    if (work.update() == Update.MASKS) {
      always.add(new Part("dense weights under masks", 4 * learning));
    }
    if (work.files().isPresent() && work.update() == Update.EVERYTHING) {
      always.add(new Part("first weights, drawn", 4 * learning));
    } else if (work.files().isPresent()) {
      always.add(new Part("files of weights, mapped", work.files().getAsLong()));
      always.add(new Part("pieces on their way", 3.0 * PIECE));
    }
    if (work.refits()) {
      always.add(new Part("compensation", 4 * refittedElements(work)));
    }
    if (work.progressive().folds() > 0) {
      var folds = new Part("pairs of every fold", 4 * work.progressive().folds() * learning);
      (work.files().isPresent() ? always : host).add(folds);
    }
    always.add(new Part("program", PROGRAM));
    if (work.spark()) {
      always.add(new Part("Spark", SPARK));
    }
    return List.copyOf(always);
  }

  private static List<Part> between(Work work, List<Part> host) {
    var between = new ArrayList<Part>();
    if (work.updates()) {
      double learning = elements(work.graph(), work.learning());
      between.add(new Part("AdamW's update", 4 * learning));
    }
    work.fetched()
        .ifPresent(share -> (apart(work) ? host : between).add(axes(work.graph(), share)));
    if (work.refits()) {
      between.add(moments(refitted(work)));
    }
    return List.copyOf(between);
  }

  /** Numbers in the matrices that are refitted. */
  static double refittedElements(Work work) {
    return refitted(work).stream().mapToDouble(matrix -> matrix.parameter().elements()).sum();
  }

  /** Matrices that read groups of an axis. */
  private static List<ParameterSlice> refitted(Work work) {
    var found = new LinkedHashMap<String, ParameterSlice>();
    for (var axis : PruningSpace.of(work.graph()).prunable(PruningSpace.STRUCTURES)) {
      for (var slice : axis.slices()) {
        var weight = slice.parameter();
        boolean pair = work.update() == Update.PAIRS && work.learning().contains(weight.name());
        if (slice.access() == Access.READ && weight.shape().length == 2 && !pair) {
          found.putIfAbsent(weight.name(), slice);
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** Second moments as many as are held, a product for one, and the largest equations: float64. */
  private static Part moments(List<ParameterSlice> matrices) {
    double all = 0;
    double largest = 0;
    double equations = 0;
    for (var matrix : matrices) {
      double in = matrix.parameter().shape()[matrix.dimension()];
      double out = matrix.parameter().shape()[1 - matrix.dimension()];
      all += in * in;
      largest = Math.max(largest, in * in);
      equations = Math.max(equations, 3 * in * in + 2 * in * out);
    }
    double held = Math.min(all, Math.max(largest, Compensation.MOMENTS));
    return new Part("second moments", 8 * held + 4 * largest + 8 * equations);
  }

  private static List<Part> training(Work work, List<Part> host) {
    var graph = work.graph();
    var precision = work.train().precision();
    long tokens = (long) work.train().rows() * work.length();
    var kept = new SavedValues(graph, work.learning(), work.length(), precision);
    double bytes = work.recomputes() ? kept.blockInputs() + kept.largestBlock() : kept.all();
    var pass = new ArrayList<Part>();
    pass.add(new Part("values kept for gradients", tokens * bytes));
    if (narrow(work) && work.update() == Update.PAIRS) {
      pass.add(new Part("LoRA pairs in bfloat16", 2 * elements(graph, work.learning())));
    }
    if (work.gradientScores()) {
      var matrices = matrices(graph, work.learning());
      double whole = new SavedValues(graph, matrices, work.length(), precision).all() - bytes;
      (apart(work) ? host : pass)
          .add(new Part("gradients of frozen weights", 4 * elements(graph, matrices)));
      pass.add(new Part("values kept for those", tokens * Math.max(0, whole)));
    }
    double logits = logits(graph) * (narrow(work) ? 1.5 : 1);
    pass.add(
        new Part("logits", Math.max(logits, 3.0 * precision.bytes() * tokens * kept.widest())));
    return pass;
  }

  private static List<Part> scoring(Work work) {
    var graph = work.graph();
    long tokens = Math.max(Scorer.BATCH_TOKENS, work.length());
    double widest = new SavedValues(graph, Set.of(), work.length(), Precision.FLOAT32).widest();
    return List.of(
        new Part("values of one block", 4 * 4 * tokens * widest),
        new Part("logits", logits(graph)));
  }

  /** A batch in one block, the rows that wait before the next, second moments and equations. */
  private static List<Part> looking(Work work) {
    var graph = work.graph();
    var looking = work.looking();
    long tokens = (long) work.train().rows() * work.length();
    double widest = new SavedValues(graph, Set.of(), work.length(), Precision.FLOAT32).widest();
    int hidden =
        graph.axes().stream()
            .filter(axis -> axis.role() == AxisRole.RESIDUAL)
            .mapToInt(Axis::indices)
            .max()
            .orElse(0);
    var parts = new ArrayList<Part>();
    parts.add(new Part("values of one block", 4 * 4.0 * tokens * widest));
    if (looking.carried() > 0) {
      parts.add(new Part("rows between blocks", 4.0 * looking.carried() * hidden));
    }
    if (looking.moments() > 0) {
      double equations = 8 * 4.0 * looking.largest(); // H, its factor, its inverse, a part of it
      parts.add(new Part("second moments of a block", 4.0 * looking.moments() + equations));
    }
    return parts;
  }

  /** A few hundred rows of logits, twice. */
  private static double logits(ModelGraph graph) {
    int vocabulary = graph.shape(graph.logits()).get(0).size();
    return 2 * 4.0 * TorchModel.logitRows(graph) * vocabulary;
  }

  private static Set<String> matrices(ModelGraph graph, Set<String> besides) {
    var names = new HashSet<String>();
    for (var node : graph.nodes()) {
      if (!node.block().isEmpty()) {
        names.addAll(node.operator().parameters());
      }
    }
    names.removeAll(besides);
    return names;
  }

  private static double elements(ModelGraph graph, Set<String> names) {
    return names.stream().mapToDouble(name -> graph.parameter(name).elements()).sum();
  }

  private static double rows(ModelGraph graph, Set<String> names) {
    return names.stream().mapToDouble(name -> graph.parameter(name).shape()[0]).sum();
  }

  /**
   * Two of the largest matrix that axes divide, and the rows of the largest axis that are copied.
   */
  private static Part axes(ModelGraph graph, double share) {
    var space = PruningSpace.of(graph);
    double matrix = 0;
    double copied = 0;
    for (var axis : space.prunable(PruningSpace.STRUCTURES)) {
      for (var slice : axis.slices()) {
        matrix = Math.max(matrix, (double) slice.parameter().elements());
      }
      double cost = space.cost(axis.axis(), a -> a.indices());
      copied = Math.max(copied, 4 * share * axis.size() * cost);
    }
    return new Part("saliency and shrinking", 8 * matrix + copied);
  }

  /** The most memory at one time, in bytes. */
  double peak() {
    return sum(always) + Math.max(sum(pass), sum(between));
  }

  private static double sum(List<Part> parts) {
    return parts.stream().mapToDouble(Part::bytes).sum();
  }
}
