package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.Run;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Runs batches through a model one block at a time. A block's weights may be changed before its
 * outputs are passed on to the next block, and earlier blocks are never run again.
 *
 * <pre>
 *   h ← the values that later blocks read from earlier ones, per batch        empty at first
 *   taps:  values in the current block, computed from h with the current weights
 *   next:  h ← h of the next block, computed with the current weights
 * </pre>
 */
public final class BlockWalk implements AutoCloseable {
  private final TorchModel model;
  private final NDManager manager;
  private final List<Run> runs;
  private final List<NDArray> ids = new ArrayList<>();
  private List<Map<Value, NDArray>> given = new ArrayList<>(); // by batch
  private int at;

  /**
   * Starts at the first block.
   *
   * @param batches token ids of each batch, (B, T)
   */
  public BlockWalk(TorchModel model, List<int[][]> batches) {
    this.model = model;
    this.manager = model.manager().newSubManager();
    this.runs = Run.all(model.graph(), Set.of(model.graph().logits()));
    for (var batch : batches) {
      ids.add(model.ids(manager, batch));
      given.add(Map.of());
    }
  }

  /** The name of the current block, for example "layers.3". */
  public String block() {
    return runs.get(at).nodes().get(0).block();
  }

  /** Whether there is a block after this one. */
  public boolean hasNext() {
    return at < runs.size() - 1;
  }

  /**
   * Passes the array of each of {@code values} to {@code taken}, batch by batch. The values must be
   * in the current block.
   */
  public void taps(List<Value> values, BiConsumer<Value, NDArray> taken) {
    together(
        values,
        taps -> {
          for (int v = 0; v < values.size(); v++) {
            taken.accept(values.get(v), taps.get(v));
          }
        });
  }

  /** The same, but passes the arrays of all {@code values} of a batch at once, in their order. */
  public void together(List<Value> values, Consumer<List<NDArray>> taken) {
    for (int i = 0; i < ids.size(); i++) {
      try (var scope = manager.newSubManager()) {
        taken.accept(values(scope, i, values, List.of()));
      }
    }
  }

  /** Number of batches. */
  public int batches() {
    return ids.size();
  }

  /** Token ids (B, T) of one batch. */
  public NDArray ids(int batch) {
    return ids.get(batch);
  }

  /**
   * Values of one batch in the current block, or those that it reads from earlier blocks.
   *
   * @param taps values to return in float32
   * @param kept values to return after them in the type that the model computes in
   */
  public NDList values(NDManager scope, int batch, List<Value> taps, List<Value> kept) {
    return model.walk(scope, ids.get(batch), given.get(batch), taps, kept);
  }

  /** Runs the current block over all batches and moves on to the next. */
  public void next() {
    var kept = List.copyOf(border(at + 1));
    var after = new ArrayList<Map<Value, NDArray>>();
    for (int i = 0; i < ids.size(); i++) {
      try (var scope = manager.newSubManager()) {
        var values = model.walk(scope, ids.get(i), given.get(i), List.of(), kept);
        var named = new LinkedHashMap<Value, NDArray>();
        for (int v = 0; v < kept.size(); v++) {
          values.get(v).attach(manager);
          named.put(kept.get(v), values.get(v));
        }
        given.get(i).forEach((value, array) -> release(array, named));
        after.add(named);
      }
    }
    given = after;
    at++;
  }

  private static void release(NDArray array, Map<Value, NDArray> kept) {
    if (kept.values().stream().noneMatch(other -> other == array)) {
      array.close();
    }
  }

  /** The values that runs from index {@code from} on read from earlier runs. */
  private Set<Value> border(int from) {
    var border = new LinkedHashSet<Value>();
    runs.subList(from, runs.size()).forEach(run -> border.addAll(run.inputs()));
    runs.subList(from, runs.size()).forEach(run -> border.removeAll(Set.copyOf(run.outputs())));
    border.remove(model.graph().tokens());
    return border;
  }

  @Override
  public void close() {
    manager.close();
  }
}
