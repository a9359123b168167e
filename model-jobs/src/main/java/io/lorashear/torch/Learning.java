package io.lorashear.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.compile.Dropout;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.TorchModule;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The methods that train a model, each generated on first use: {@link ModelText#training}. */
final class Learning {
  private record Form(Arrangement rows, double dropout) {}

  private final ModelGraph graph;
  private final Precision precision;
  private final Set<String> learning;
  private final Dropout dropout;
  private final Chunk held;
  private final Map<Form, TorchModule> written = new HashMap<>();

  /**
   * Generates nothing yet.
   *
   * @param learning names of the trainable weights
   * @param held how many positions have their logits in memory at a time
   */
  Learning(
      ModelGraph graph, Precision precision, Set<String> learning, Dropout dropout, Chunk held) {
    this.graph = graph;
    this.precision = precision;
    this.learning = Set.copyOf(learning);
    this.dropout = dropout;
    this.held = held;
  }

  /** See {@link TorchModel#lossAndBackward}. */
  NDArray lossAndBackward(
      NDManager scope,
      List<NDArray> weights,
      NDArray ids,
      NDArray mask,
      double weight,
      @Nullable SoftLabels soft,
      @Nullable NDArray starts,
      boolean recompute,
      OptionalLong pass) {
    var method = recompute ? "loss_and_backward_by_block" : "loss_and_backward";
    var rows = starts == null ? Arrangement.ROWS : Arrangement.PACKED;
    boolean drops = pass.isPresent() && dropout.share() > 0;
    var call = module(new Form(rows, drops ? dropout.share() : 0)).call(scope, method);
    call.with(ids).with(mask).with(weight);
    if (starts != null) {
      call.with(starts);
    }
    if (drops) {
      call.with(dropout.of(pass.getAsLong()));
    }
    if (soft == null || soft.weight() == 0) {
      call.withNothing(); // DJL cannot pass an empty list
    } else {
      call.with(List.of(soft.ids(), soft.logProbabilities()), soft.weight(), soft.temperature());
    }
    return call.with(weights).record().get(0);
  }

  private TorchModule module(Form form) {
    return written.computeIfAbsent(
        form,
        key ->
            TorchModule.of(
                ModelText.training(graph, key.rows, precision, learning, key.dropout, held)));
  }

  /** See {@link TorchModel#learningInstead}. */
  static <T> T instead(TorchModel model, Collection<String> names, Supplier<T> work) {
    var before = List.copyOf(model.trainable().keySet());
    try (var scope = model.manager().newSubManager()) {
      var gradients = new LinkedHashMap<String, NDArray>();
      for (var name : before) {
        var kept = model.gradient(scope, name).duplicate();
        kept.attach(scope);
        gradients.put(name, kept);
      }
      try {
        model.trainable(names);
        return work.get();
      } finally {
        model.trainable(before);
        gradients.forEach((name, kept) -> model.gradient(scope, name).addi(kept));
      }
    }
  }
}
