package io.lorashear.plan;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import io.lorashear.method.Method;
import io.lorashear.method.PruneSettings;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.sparse.SparsifyStage;
import io.lorashear.torch.compile.Chunk;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Forward passes that observe the inputs of matrices, without logits and without gradients.
 *
 * @param tokens number of tokens over all passes
 * @param carried tokens whose values are held between blocks, if the model runs block by block
 * @param moments number of entries of second moments that are held at a time
 * @param largest in² of the largest matrix whose equations are solved
 */
public record Looking(long tokens, long carried, long moments, long largest) {
  /** Nothing is observed. */
  static final Looking NONE = new Looking(0, 0, 0, 0);

  /**
   * What a method observes to score groups.
   *
   * @param tokens number of tokens of all calibration rows
   */
  static Looking prune(ModelGraph graph, PruneSettings settings, long tokens) {
    var method = settings.method().method();
    boolean solves = settings.method() == Method.OBS;
    var matrices = solves ? readers(graph, settings) : List.<BlockMatrix>of();
    return new Looking(
        method.looks(settings) * tokens,
        method.blockByBlock() ? tokens : 0,
        byBlock(matrices).mapToLong(block -> LongStream.of(squares(block)).sum()).max().orElse(0),
        largest(matrices));
  }

  /**
   * What compensation observes: one pass for each share of the second moments that fits in memory.
   *
   * @param tokens number of tokens of the rows that it measures, over all periods; 0 without
   *     compensation
   */
  static Looking refits(ModelGraph graph, PruneSettings settings, long tokens, Chunk chunk) {
    var squares = readers(graph, settings).stream().mapToLong(Looking::square).toArray();
    return new Looking(shares(squares, chunk.moments()) * tokens, 0, 0, 0);
  }

  /**
   * What a method that zeroes weights observes: each block runs once for each share of its second
   * moments that fits in memory, and once more for its outputs.
   *
   * @param tokens number of tokens of all rows
   */
  static Looking sparsify(ModelGraph graph, SparsifySettings settings, long tokens) {
    var all = BlockMatrix.of(graph);
    return switch (settings.method()) {
      case MAGNITUDE -> NONE;
      case WANDA -> new Looking(2 * tokens, tokens, 0, 0);
      case SPARSEGPT -> {
        long most = SparsifyStage.NUMBERS;
        long shares = byBlock(all).mapToLong(block -> shares(squares(block), most)).max().orElse(1);
        long whole =
            byBlock(all).mapToLong(block -> LongStream.of(squares(block)).sum()).max().orElse(0);
        long held = Math.min(whole, Math.max(largest(all), most));
        yield new Looking((shares + 1) * tokens, tokens, held, largest(all));
      }
    };
  }

  /**
   * In how many shares {@code sizes} are held one after the other: each at most {@code most}
   * numbers, or a single larger size.
   */
  private static long shares(long[] sizes, long most) {
    long shares = 0;
    long held = most;
    for (long size : sizes) {
      if (held + size > most) {
        shares++;
        held = 0;
      }
      held += size;
    }
    return shares;
  }

  /** Both, one after the other. */
  Looking and(Looking other) {
    return new Looking(
        tokens + other.tokens,
        Math.max(carried, other.carried),
        Math.max(moments, other.moments),
        Math.max(largest, other.largest));
  }

  /**
   * Matrices that read heads and channels, including those of experts that are not removed whole.
   */
  private static List<BlockMatrix> readers(ModelGraph graph, PruneSettings settings) {
    var roles = new HashSet<AxisRole>(settings.structures());
    roles.remove(AxisRole.EXPERTS);
    var names = new HashSet<String>();
    for (var axis : PruningSpace.of(graph).prunable(roles)) {
      axis.slices().stream()
          .filter(slice -> slice.access() == Access.READ)
          .forEach(slice -> names.add(slice.parameter().name()));
    }
    return BlockMatrix.of(graph).stream().filter(each -> names.contains(each.name())).toList();
  }

  private static long square(BlockMatrix matrix) {
    return (long) matrix.width() * matrix.width();
  }

  /** Squared widths, once for matrices with the same input. */
  private static long[] squares(List<BlockMatrix> matrices) {
    var squares = new LinkedHashMap<Value, Long>();
    matrices.forEach(each -> squares.put(each.input(), square(each)));
    return squares.values().stream().mapToLong(Long::longValue).toArray();
  }

  private static Stream<List<BlockMatrix>> byBlock(List<BlockMatrix> matrices) {
    return matrices.stream().collect(Collectors.groupingBy(BlockMatrix::block)).values().stream();
  }

  private static long largest(List<BlockMatrix> matrices) {
    return matrices.stream().mapToLong(Looking::square).max().orElse(0);
  }
}
