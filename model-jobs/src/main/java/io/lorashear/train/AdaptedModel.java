package io.lorashear.train;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraBinding;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraRewrite.LoraGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.AdamW;
import io.lorashear.optim.LoraFold;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Dropout;
import io.lorashear.torch.compile.Precision;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model in training. Usually it is frozen and LoRA pairs on its linear layers learn; {@link
 * LearnSettings} can add other weights, or replace the pairs by weights of the model itself.
 */
public final class AdaptedModel implements AutoCloseable {
  private final ModelGraph base;
  private final List<LoraBinding> bindings;
  private final TorchModel model;
  private final double vectorRate;

  private AdaptedModel(
      ModelGraph base, List<LoraBinding> bindings, TorchModel model, double vectorRate) {
    this.base = base;
    this.bindings = bindings;
    this.model = model;
    this.vectorRate = vectorRate;
  }

  /** {@link #load(ModelGraph, TensorSource, LoraSettings, long, Placement)} in float32. */
  public static AdaptedModel load(
      ModelGraph base, TensorSource tensors, LoraSettings settings, long seed, Device device) {
    return load(base, tensors, settings, seed, Placement.of(device, Precision.FLOAT32));
  }

  /**
   * {@link #load(ModelGraph, TensorSource, LoraSettings, LearnSettings, Set, long, Placement)} of
   * pairs alone, none of them masked.
   */
  public static AdaptedModel load(
      ModelGraph base,
      TensorSource tensors,
      LoraSettings settings,
      long seed,
      Placement placement) {
    return load(base, tensors, settings, LearnSettings.PAIRS, Set.of(), seed, placement);
  }

  /**
   * Loads {@code base} with pairs: those of an adapter if the settings name one, else new ones; or
   * without pairs, if weights of the model itself learn.
   *
   * @param learn which weights learn
   * @param masked weights whose zeros new pairs leave unchanged
   * @param seed seed of the initial A and of dropout
   * @throws io.lorashear.InputException when the adapter does not belong to this model
   */
  public static AdaptedModel load(
      ModelGraph base,
      TensorSource tensors,
      LoraSettings settings,
      LearnSettings learn,
      Set<String> masked,
      long seed,
      Placement placement) {
    if (!learn.pairs()) {
      return load(base, new LoraGraph(base, List.of()), learn, List.of(tensors), placement);
    }
    if (settings.adapter().isPresent()) {
      try (var start = StartingAdapter.open(settings.adapter().get(), base, tensors)) {
        var loaded = load(base, start.graph(), learn, List.of(start.pairs(), tensors), placement);
        loaded.model.dropout(new Dropout(settings.dropout(), seed));
        return loaded;
      }
    }
    var lora = LoraRewrite.apply(base, settings, masked);
    var pairs = LoraRewrite.firstWeights(lora, seed);
    var loaded = load(base, lora, learn, List.of(pairs, tensors), placement);
    loaded.model.dropout(new Dropout(settings.dropout(), seed));
    return loaded;
  }

  private static AdaptedModel load(
      ModelGraph base,
      LoraGraph lora,
      LearnSettings learn,
      List<TensorSource> tensors,
      Placement placement) {
    var learning = new LinkedHashSet<String>();
    lora.bindings().forEach(pair -> learning.addAll(List.of(pair.a(), pair.b())));
    learning.addAll(learn.of(base));
    var model = TorchModel.load(lora.graph(), tensors, placement, learning);
    model.trainable(learning);
    return new AdaptedModel(base, lora.bindings(), model, learn.vectorRate());
  }

  /** The running model, pairs included. */
  public TorchModel model() {
    return model;
  }

  /** The graph without pairs. */
  public ModelGraph base() {
    return base;
  }

  /** The pairs with the weights they belong to. */
  public List<LoraBinding> bindings() {
    return bindings;
  }

  /** A new optimizer of the weights that learn. */
  public AdamW adam(AdamSettings settings) {
    var vectors =
        model.trainable().keySet().stream()
            .filter(name -> model.graph().parameter(name).extents().size() == 1)
            .collect(Collectors.toSet());
    return new AdamW(model.manager(), model.trainable(), settings, vectors, vectorRate);
  }

  /** Folds the pairs into the weights. */
  public LoraFold fold() {
    return new LoraFold(base, bindings, model::parameter);
  }

  /** The weights of the model without pairs as they are now; valid while this is open. */
  public TensorSource baseTensors() {
    return new Selected(model.tensors(), base.parameters().keySet());
  }

  /** Overwrites the weights of the model without pairs with those in {@code written}. */
  public void put(TensorSource written) {
    model.put(written, base.parameters().keySet());
  }

  @Override
  public void close() {
    model.close();
  }

  /** Some tensors of a source, in this order. */
  private record Selected(TensorSource all, Collection<String> names) implements TensorSource {
    @Override
    public Map<String, TensorInfo> tensors() {
      var selected = new LinkedHashMap<String, TensorInfo>();
      names.forEach(name -> selected.put(name, all.tensor(name)));
      return Collections.unmodifiableMap(selected);
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer target) {
      all.read(name, byteOffset, target);
    }

    @Override
    public void close() {}
  }
}
