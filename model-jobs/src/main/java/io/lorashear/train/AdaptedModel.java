package io.lorashear.train;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.FactorRewrite;
import io.lorashear.lora.FactorRewrite.FactorGraph;
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
  /** A model before pairs are added. */
  private record Form(ModelGraph base, FactorGraph factors, LearnSettings learn) {}

  private final Form form;
  private final List<LoraBinding> bindings;
  private final TorchModel model;

  private AdaptedModel(Form form, List<LoraBinding> bindings, TorchModel model) {
    this.form = form;
    this.bindings = bindings;
    this.model = model;
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
    var factors = learn.factors() ? FactorRewrite.apply(base) : FactorGraph.none(base);
    var form = new Form(base, factors, learn);
    var first = factors.firstWeights();
    if (!learn.pairs()) {
      return load(form, new LoraGraph(base, List.of()), List.of(tensors), placement);
    }
    var dropout = new Dropout(settings.dropout(), seed);
    if (settings.adapter().isPresent()) {
      try (var start = StartingAdapter.open(settings.adapter().get(), factors.graph(), tensors)) {
        var loaded = load(form, start.graph(), List.of(start.pairs(), first, tensors), placement);
        loaded.model.dropout(dropout);
        return loaded;
      }
    }
    var lora = LoraRewrite.apply(factors.graph(), settings, masked);
    var pairs = LoraRewrite.firstWeights(lora, seed);
    var loaded = load(form, lora, List.of(pairs, first, tensors), placement);
    loaded.model.dropout(dropout);
    return loaded;
  }

  private static AdaptedModel load(
      Form form, LoraGraph lora, List<TensorSource> tensors, Placement placement) {
    var learning = new LinkedHashSet<String>();
    lora.bindings().forEach(pair -> learning.addAll(List.of(pair.a(), pair.b())));
    learning.addAll(form.factors.factors().values());
    learning.addAll(form.learn.of(form.base));
    var model = TorchModel.load(lora.graph(), tensors, placement, learning);
    model.trainable(learning);
    return new AdaptedModel(form, lora.bindings(), model);
  }

  /** The running model, pairs included. */
  public TorchModel model() {
    return model;
  }

  /** The graph without pairs and factors. */
  public ModelGraph base() {
    return form.base;
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
    return new AdamW(
        model.manager(), model.trainable(), settings, vectors, form.learn.vectorRate());
  }

  /** Folds the pairs, and factors if there are any, into the weights. */
  public LoraFold fold() {
    return new LoraFold(form.base, bindings, form.factors.factors(), model::parameter);
  }

  /** The weights of the model without pairs as they are now; valid while this is open. */
  public TensorSource baseTensors() {
    return new Selected(model.tensors(), form.base.parameters().keySet());
  }

  /** Overwrites the weights of the model without pairs with those in {@code written}. */
  public void put(TensorSource written) {
    model.put(written, form.base.parameters().keySet());
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
