package io.lorashear.plan;

import io.lorashear.dependency.ParameterSlice;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.plan.Learning.Update;
import io.lorashear.torch.compile.Chunk;
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
 *   always          4·(all weights) + 4·trained (gradients) + program; if weights are updated also
 *                   2·4·trained + 4·rows (AdamW)
 *                   in a process: its mapped files and 3 pieces of 16 MiB, or its initial weights
 *                   4·trained if they are averaged
 *   in a pass       tokens·(what is kept, {@link SavedValues}) + 2·4·chunk·vocabulary (logits,
 *                   their gradient) or 3 of the widest values, whichever is more
 *                   in a process: a fifth of that, which the allocator keeps after it is freed
 *   between passes  4·trained (AdamW's divisor), or two of the largest matrix that an axis divides
 *                   (scores) and the copied rows of an axis
 *   observing       4·4·tokens·(the widest value) + 4·(rows held between blocks) and 4·(second
 *                   moments of a block) + 8·4·in² of the largest, in a pass
 *   masks           4·trained (dense copies of the masked weights) always
 *   folds           4·trained each, on the host
 *   compensation    4·(matrices that read axes) always; between passes 8·(their second moments, of
 *                   which {@link Chunk} has numbers at a time) + 4·in² of the largest (a product)
 *                   + 8·(3·in² + 2·in·out) of the largest (equations)
 *   rebuilding      4·(weights of the dense model) + 4·(what both models hold of the stream) between
 *                   passes; the pruned model alone is smaller than what pruning holds always
 *   peak            always + the larger of the other two
 *
 * in bfloat16
 *   always          2·weights more; where the float32 ones are on the host, these are all that a
 *                   device holds, and gradients, scores and shrinking are the host's too
 *   in a pass       2·trained, the logits once and half more
 * </pre>
 *
 * @param parts all of them, in the order in which they are shown
 */
record MemoryPlan(List<Part> parts) {
  /** Java, PyTorch and their libraries with a model of a few thousand parameters: measured. */
  private static final long PROGRAM = 330_000_000;

  /** What Spark adds to that, driver and executor in one process: measured. */
  private static final long SPARK = 300_000_000;

  /** Weights are read in pieces, of which the stored bytes and two copies are in memory. */
  private static final long PIECE = 1 << 24;

  /**
   * Share of a pass's memory that the allocator keeps after it is freed: measured between nothing
   * and a quarter with jemalloc, depending on the machine's speed, and almost a half with glibc.
   */
  private static final double ALLOCATOR = 0.2;

  /** When a part is in memory, or that it is in the host's. */
  enum Place {
    /** From the first step to the last. */
    ALWAYS,
    /** In a forward and backward pass. */
    PASS,
    /** Between passes only. */
    BETWEEN,
    /** In host memory, which work on a device needs as well. */
    HOST
  }

  /** One part. */
  record Part(Place place, String name, double bytes) {}

  /** The plan of {@code work}. */
  static MemoryPlan of(Work work) {
    var parts = new ArrayList<Part>();
    parts.addAll(always(work));
    parts.addAll(between(work));
    var pass = new ArrayList<Part>();
    if (work.learning().trains()) {
      pass.addAll(training(work));
    } else if (work.forward().scored().orElse(1) > 0) {
      pass.addAll(scoring(work));
    }
    if (work.forward().looking().tokens() > 0 && !work.learning().updates()) {
      pass.addAll(looking(work));
    }
    parts.addAll(pass);
    if (work.process().files().isPresent() && !pass.isEmpty()) {
      var kept = ALLOCATOR * sum(at(pass, Place.PASS));
      parts.add(new Part(Place.PASS, "kept by the allocator", kept));
    }
    return new MemoryPlan(List.copyOf(parts));
  }

  private static List<Part> at(List<Part> parts, Place place) {
    return parts.stream().filter(part -> part.place() == place).toList();
  }

  /** What is in memory from the first step to the last. */
  List<Part> always() {
    return at(parts, Place.ALWAYS);
  }

  /** What a forward and backward pass adds. */
  List<Part> pass() {
    return at(parts, Place.PASS);
  }

  /** What is in memory between passes only. */
  List<Part> between() {
    return at(parts, Place.BETWEEN);
  }

  /** What work on a device also needs in host memory. */
  List<Part> host() {
    return at(parts, Place.HOST);
  }

  private static boolean narrow(Work work) {
    return work.precision().narrow();
  }

  private static List<Part> always(Work work) {
    var graph = work.graph();
    double learning = elements(graph, work.learning().weights());
    boolean pairs = work.learning().update() == Update.PAIRS;
    boolean whole = work.learning().update() == Update.WHOLE;
    double frozen = graph.parameterCount() - (pairs || whole ? learning : 0);
    var always = new ArrayList<Part>();
    if (frozen > 0) {
      always.add(new Part(work.apart() ? Place.HOST : Place.ALWAYS, "weights", 4 * frozen));
    }
    if (narrow(work)) {
      var norms = new HashSet<>(Precision.alwaysWide(graph));
      norms.removeAll(work.learning().weights());
      double wide = work.apart() ? 2 * elements(graph, norms) : 0;
      always.add(new Part(Place.ALWAYS, "weights in bfloat16", 2 * frozen + wide));
    }
    if (pairs || whole) {
      always.add(new Part(Place.ALWAYS, pairs ? "LoRA pairs" : "weights that learn", 4 * learning));
    }
    if (work.learning().trains()) {
      boolean beside = work.apart() && work.learning().update() == Update.MEASURED;
      var place = beside ? Place.HOST : Place.ALWAYS;
      always.add(new Part(place, pairs ? "gradients of the pairs" : "gradients", 4 * learning));
    }
    if (work.learning().updates()) {
      always.add(
          new Part(
              Place.ALWAYS,
              "optimizer",
              8 * learning + 4 * rows(graph, work.learning().weights())));
    }
    if (work.learning().averaged()) {
      always.add(new Part(Place.ALWAYS, "average of what learns", 4 * learning));
    }
    if (work.learning().update() == Update.MASKS) {
      always.add(new Part(Place.ALWAYS, "dense weights under masks", 4 * learning));
    }
    if (work.process().files().isPresent() && work.learning().update() == Update.EVERYTHING) {
      always.add(new Part(Place.ALWAYS, "first weights, drawn", 4 * learning));
    } else if (work.process().files().isPresent()) {
      always.add(
          new Part(Place.ALWAYS, "files of weights, mapped", work.process().files().getAsLong()));
      always.add(new Part(Place.ALWAYS, "pieces on their way", 3.0 * PIECE));
    }
    if (work.pruning().refits()) {
      always.add(new Part(Place.ALWAYS, "compensation", 4 * refittedElements(work)));
    }
    if (work.pruning().progressive().folds() > 0) {
      double folds = 4 * work.pruning().progressive().folds() * learning;
      var place = work.process().files().isPresent() ? Place.ALWAYS : Place.HOST;
      always.add(new Part(place, "pairs of every fold", folds));
    }
    always.add(new Part(Place.ALWAYS, "program", PROGRAM));
    if (work.process().spark()) {
      always.add(new Part(Place.ALWAYS, "Spark", SPARK));
    }
    return List.copyOf(always);
  }

  private static List<Part> between(Work work) {
    var between = new ArrayList<Part>();
    if (work.learning().updates()) {
      double learning = elements(work.graph(), work.learning().weights());
      between.add(new Part(Place.BETWEEN, "AdamW's update", 4 * learning));
    }
    var axes = work.apart() ? Place.HOST : Place.BETWEEN;
    work.pruning().fetched().ifPresent(share -> between.add(axes(axes, work.graph(), share)));
    if (work.pruning().refits()) {
      between.add(moments(refitted(work), work.chunk().moments()));
    }
    if (work.pruning().beside() > 0) {
      double weights = (narrow(work) ? 6.0 : 4.0) * work.graph().parameterCount();
      between.add(new Part(Place.BETWEEN, "dense model beside", weights));
      double rows = 4.0 * work.pruning().beside() * hidden(work.graph());
      between.add(new Part(Place.BETWEEN, "rows of both models", rows));
    }
    return List.copyOf(between);
  }

  /** Number of elements of the matrices that are refitted. */
  static double refittedElements(Work work) {
    return refitted(work).stream().mapToDouble(matrix -> matrix.parameter().elements()).sum();
  }

  /** Matrices that read groups of an axis. */
  private static List<ParameterSlice> refitted(Work work) {
    var found = new LinkedHashMap<String, ParameterSlice>();
    for (var axis : PruningSpace.of(work.graph()).prunable(PruningSpace.STRUCTURES)) {
      for (var slice : axis.slices()) {
        var weight = slice.parameter();
        boolean pair =
            work.learning().update() == Update.PAIRS
                && work.learning().weights().contains(weight.name());
        if (slice.access() == Access.READ && weight.shape().length == 2 && !pair) {
          found.putIfAbsent(weight.name(), slice);
        }
      }
    }
    return List.copyOf(found.values());
  }

  /**
   * Second moments held at a time and the largest equations, in float64, and one float32 product.
   */
  private static Part moments(List<ParameterSlice> matrices, long most) {
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
    double held = Math.min(all, Math.max(largest, (double) most));
    return new Part(Place.BETWEEN, "second moments", 8 * held + 4 * largest + 8 * equations);
  }

  private static List<Part> training(Work work) {
    var graph = work.graph();
    var precision = work.precision();
    long tokens = (long) work.learning().train().rows() * work.length();
    var kept = new SavedValues(graph, work.learning().weights(), work.length(), precision);
    double bytes =
        work.learning().recomputes() ? kept.blockInputs() + kept.largestBlock() : kept.all();
    var pass = new ArrayList<Part>();
    pass.add(new Part(Place.PASS, "values kept for gradients", tokens * bytes));
    boolean pairs = work.learning().update() == Update.PAIRS;
    if (narrow(work) && (pairs || work.learning().update() == Update.WHOLE)) {
      pass.add(
          new Part(
              Place.PASS,
              (pairs ? "LoRA pairs" : "weights that learn") + " in bfloat16",
              2 * elements(graph, work.learning().weights())));
    }
    if (work.pruning().gradientScores()) {
      var matrices = matrices(graph, work.learning().weights());
      double whole = new SavedValues(graph, matrices, work.length(), precision).all() - bytes;
      var place = work.apart() ? Place.HOST : Place.PASS;
      pass.add(new Part(place, "gradients of frozen weights", 4 * elements(graph, matrices)));
      pass.add(new Part(Place.PASS, "values kept for those", tokens * Math.max(0, whole)));
    }
    double logits = logits(work, tokens) * (narrow(work) ? 1.5 : 1);
    pass.add(
        new Part(
            Place.PASS,
            "logits",
            Math.max(logits, 3.0 * precision.bytes() * tokens * kept.widest())));
    return pass;
  }

  private static List<Part> scoring(Work work) {
    var graph = work.graph();
    long tokens = Math.max(work.chunk().tokens(), work.length());
    double widest = new SavedValues(graph, Set.of(), work.length(), work.precision()).widest();
    return List.of(
        new Part(
            Place.PASS, "values of one block", 4.0 * work.precision().bytes() * tokens * widest),
        new Part(Place.PASS, "logits", logits(work, tokens)));
  }

  /** A batch in one block, the rows held for the next block, second moments and equations. */
  private static List<Part> looking(Work work) {
    var graph = work.graph();
    var looking = work.forward().looking();
    long tokens = (long) work.learning().train().rows() * work.length();
    double widest = new SavedValues(graph, Set.of(), work.length(), work.precision()).widest();
    var parts = new ArrayList<Part>();
    parts.add(
        new Part(
            Place.PASS, "values of one block", 4.0 * work.precision().bytes() * tokens * widest));
    if (looking.carried() > 0) {
      parts.add(
          new Part(Place.PASS, "rows between blocks", 4.0 * looking.carried() * hidden(graph)));
    }
    if (looking.moments() > 0) {
      double equations = 8 * 4.0 * looking.largest(); // H, its factor, its inverse, a part of it
      parts.add(
          new Part(Place.PASS, "second moments of a block", 4.0 * looking.moments() + equations));
    }
    return parts;
  }

  /** Width of the residual stream. */
  private static int hidden(ModelGraph graph) {
    return graph.axes().stream()
        .filter(axis -> axis.role() == AxisRole.RESIDUAL)
        .mapToInt(Axis::indices)
        .max()
        .orElse(0);
  }

  /** The logits held at a time, twice. */
  private static double logits(Work work, long tokens) {
    var graph = work.graph();
    int vocabulary = graph.shape(graph.logits()).get(0).size();
    long rows = Math.min(tokens, work.chunk().logitRows(graph));
    return 2 * 4.0 * rows * vocabulary;
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

  /** Two of the largest matrix that an axis divides, and the copied rows of the largest axis. */
  private static Part axes(Place place, ModelGraph graph, double share) {
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
    return new Part(place, "saliency and shrinking", 8 * matrix + copied);
  }

  /** The most memory at one time, in bytes. */
  double peak() {
    return sum(always()) + Math.max(sum(pass()), sum(between()));
  }

  private static double sum(List<Part> parts) {
    return parts.stream().mapToDouble(Part::bytes).sum();
  }
}
