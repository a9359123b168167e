package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
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
 * Rows that go through a model block by block: each block may change before it hands anything on,
 * and yet the rows go through the whole once.
 *
 * <pre>
 *   h ← what later blocks read of earlier ones, for every batch        nothing at first
 *   taps:  values of this block from h, with the weights as they are
 *   next:  h ← h of the next block, with the weights as they are
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
   * Before the first block.
   *
   * @param batches token ids (B, T) of each
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

  /** The name of the block it stands before, for example "layers.3". */
  public String block() {
    return runs.get(at).nodes().get(0).block();
  }

  /** Whether there is a block after this one. */
  public boolean hasNext() {
    return at < runs.size() - 1;
  }

  /** Hands over what each of {@code values}, which stand in this block, is for each batch. */
  public void taps(List<Value> values, BiConsumer<Value, NDArray> taken) {
    together(
        values,
        taps -> {
          for (int v = 0; v < values.size(); v++) {
            taken.accept(values.get(v), taps.get(v));
          }
        });
  }

  /** The same, all of {@code values} at once for each batch, in their order. */
  public void together(List<Value> values, Consumer<List<NDArray>> taken) {
    for (int i = 0; i < ids.size(); i++) {
      try (var scope = manager.newSubManager()) {
        taken.accept(model.walk(scope, ids.get(i), given.get(i), values, List.of()));
      }
    }
  }

  /** Goes through this block. */
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

  /** What runs from {@code from} on read of those before. */
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
