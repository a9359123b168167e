package io.lorashear.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.device.ModelRuns;
import io.lorashear.device.PyTorch;
import io.lorashear.device.Tf32;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.compile.Dropout;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;
import io.lorashear.torch.kernel.Kernels;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A runnable model: a graph, its weights on one device, and the methods generated for it.
 *
 * <pre>
 *   loss = Σ mask_t · −log p(id_t | ids before t) / Σ mask_t        t ≥ 1
 * </pre>
 *
 * Logits are computed for a few hundred positions at a time, so memory does not grow with
 * vocabulary × tokens. Right padding needs no mask: attention is causal. Methods that only read may
 * be called from several threads; only one thread may train.
 */
public final class TorchModel implements AutoCloseable {
  private final ModelGraph graph;
  private final NDManager manager;
  private final Map<String, NDArray> parameters;
  private final Precision precision;
  private final WorkingWeights weights;
  private final Map<Arrangement, TorchModule> modules = new ConcurrentHashMap<>();
  private final Map<String, NDArray> trainable = new LinkedHashMap<>();
  private Learning learning;
  private Dropout dropout = Dropout.NONE;

  private TorchModel(
      ModelGraph graph, NDManager manager, Map<String, NDArray> parameters, Precision precision) {
    this.graph = graph;
    this.manager = manager;
    this.parameters = parameters;
    this.precision = precision;
    this.weights = new WorkingWeights(graph, manager, parameters, precision);
    module(Arrangement.ROWS);
    this.learning = learning();
  }

  /** Most models use one arrangement only, so the text of any other is generated on first use. */
  private TorchModule module(Arrangement tokens) {
    return modules.computeIfAbsent(
        tokens, key -> TorchModule.of(ModelText.of(graph, key, precision, chunk())));
  }

  /**
   * Loads the weights of {@code graph} onto {@code device} in float32, tensor by tensor. The model
   * computes in float32 and all weights are frozen.
   *
   * @throws io.lorashear.InputException when a tensor is missing or has the wrong shape
   */
  public static TorchModel load(ModelGraph graph, TensorSource tensors, Device device) {
    return load(graph, List.of(tensors), Placement.of(device, Precision.FLOAT32), Set.of());
  }

  /**
   * The same in any precision, from several sources, for example a checkpoint and a LoRA adapter:
   * each weight comes from the first source that has it.
   *
   * @param learning names of weights that will learn: they are on the device in any case
   */
  public static TorchModel load(
      ModelGraph graph, List<TensorSource> tensors, Placement placement, Set<String> learning) {
    var device = placement.device();
    var precision = placement.precision();
    var manager = PyTorch.engine().newBaseManager(device);
    JniUtils.setGradMode(false); // the engine does so only on the thread that starts it
    try {
      if (device.isGpu()) {
        Tf32.allow(precision == Precision.TF32);
      }
      var weights = Weights.load(graph, tensors, placement.homes(graph, manager, learning));
      ModelRuns.begin(placement.running());
      return new TorchModel(graph, manager, weights, precision);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** A model of {@code graph} with the weights of this one, and {@code more}; close it first. */
  public TorchModel sharing(ModelGraph graph, Map<String, NDArray> more) {
    var all = new LinkedHashMap<>(parameters);
    all.putAll(more);
    all.keySet().retainAll(graph.parameters().keySet());
    var ordered = new LinkedHashMap<String, NDArray>();
    graph.parameters().keySet().forEach(name -> ordered.put(name, all.get(name)));
    return new TorchModel(graph, manager.newSubManager(), ordered, precision);
  }

  /** How much is in memory at a time. */
  public Chunk chunk() {
    return Chunk.of(manager.getDevice().isGpu());
  }

  /** The graph it runs. */
  public ModelGraph graph() {
    return graph;
  }

  /** The manager of the weights; make the scope of a call a sub-manager of it. */
  public NDManager manager() {
    return manager;
  }

  /** Token ids as the methods below take them: int64 (B, T). All rows must have the same length. */
  public NDArray ids(NDManager scope, int[]... rows) {
    var flat = new long[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / rows[0].length][i % rows[0].length];
    }
    return HostArrays.send(scope, flat, new Shape(rows.length, rows[0].length));
  }

  /** Logits of every position: ids (B, T) → (B, T, vocabulary). */
  public NDArray logits(NDManager scope, NDArray ids) {
    return run(scope, Arrangement.ROWS, "logits", ids).get(0);
  }

  /** Logits after one position of each row: ids (B, T), positions int64 (B,) → (B, vocabulary). */
  public NDArray logits(NDManager scope, NDArray ids, NDArray positions) {
    return run(scope, Arrangement.ROWS, "logits_at", ids, positions).get(0);
  }

  /** Negative log-likelihood of every id from the second on: ids (B, T) → (B, T−1), in nats. */
  public NDArray tokenLosses(NDManager scope, NDArray ids) {
    return run(scope, Arrangement.ROWS, "token_losses", ids).get(0);
  }

  /**
   * {@link #logits} of rows that hold several documents. No document attends to another; positions
   * restart in each.
   *
   * @param starts int64 (B, T): the index in the row where each token's document begins
   */
  public NDArray packedLogits(NDManager scope, NDArray ids, NDArray starts) {
    return run(scope, Arrangement.PACKED, "logits", ids, starts).get(0);
  }

  /**
   * {@link #tokenLosses} of such rows. The value for the first token of a document is meaningless:
   * it is predicted from the last token of another document.
   *
   * @param starts as in {@link #packedLogits}
   */
  public NDArray packedTokenLosses(NDManager scope, NDArray ids, NDArray starts) {
    return run(scope, Arrangement.PACKED, "token_losses", ids, starts).get(0);
  }

  /**
   * {@link #tokenLosses} and, in the same shape, whether each id was the most likely (bool); the
   * lowest id wins a tie.
   */
  public NDList tokenScores(NDManager scope, NDArray ids) {
    return run(scope, Arrangement.ROWS, "token_scores", ids);
  }

  /**
   * {@link #tokenLosses} and the model's most likely tokens at each position, flattened: N = B
   * (T−1).
   *
   * @param starts as in {@link #packedLogits}; null where a row is one document
   * @param top k, at most the vocabulary size
   * @return losses (N,), the k most likely tokens int32 (N, k), the most likely first, their
   *     log-probabilities (N, k), and the log-probability of all other tokens together (N,)
   */
  public NDList tokenPredictions(NDManager scope, NDArray ids, @Nullable NDArray starts, int top) {
    var rows = starts == null ? Arrangement.ROWS : Arrangement.PACKED;
    var call = module(rows).call(scope, "token_predictions");
    call.with(ids).with((long) top);
    if (starts != null) {
      call.with(starts);
    }
    return call.with(weights.current()).run();
  }

  /**
   * Log-probabilities of tokens in sequences whose common prefixes are computed once. Nodes are in
   * depth-first order; node j is an ancestor of i if {@code j ≤ i < ends[j]}. All arrays are int64.
   *
   * @param ids of the nodes, (1, nodes)
   * @param positions of the nodes in their sequences, (nodes,)
   * @param ends one past each node's last descendant, (nodes,)
   * @param rows nodes after which a token is scored, (rows,)
   * @param asked index into {@code rows} of each query, (asked,)
   * @param targets the token to be scored by each query, (asked,)
   * @return log-probabilities in nats (asked,), and 1 where the target is most likely (asked,)
   */
  public NDList treeScores(
      NDManager scope,
      NDArray ids,
      NDArray positions,
      NDArray ends,
      NDArray rows,
      NDArray asked,
      NDArray targets) {
    return run(scope, Arrangement.TREE, "tree_scores", ids, positions, ends, rows, asked, targets);
  }

  /** Starts an empty text to be extended token by token; close it before the model. */
  public Continuation continuation() {
    return new Continuation(graph, manager, weights, precision);
  }

  /** The given intermediate values, in order: each (B, T, features…). */
  public NDList taps(NDManager scope, NDArray ids, List<Value> values) {
    var taps = TorchModule.of(ModelText.taps(graph, values, precision));
    return taps.call(scope, "taps").with(ids).with(weights.current()).run();
  }

  /**
   * Computes some values from others that are already known.
   *
   * @param given the known values, as an earlier call kept them
   * @param taps values to return in float32
   * @param kept values to return after them for a later call
   */
  NDList walk(
      NDManager scope, NDArray ids, Map<Value, NDArray> given, List<Value> taps, List<Value> kept) {
    var known = List.copyOf(given.keySet());
    var text = ModelText.walk(graph, known, taps, kept, precision);
    var call = TorchModule.of(text).call(scope, "walk").with(ids);
    if (!known.isEmpty()) {
      call.with(List.copyOf(given.values()));
    }
    return call.with(weights.current()).run();
  }

  /**
   * Adds {@code weight} times the gradient of the loss to the gradients of all trainable
   * parameters.
   *
   * @param ids int64 (B, T)
   * @param mask float32 (B, T): 1 where the token at this position is to be predicted
   * @param weight the batch's weight, for example its share of the tokens of one step
   * @return the loss, in nats; 0 where the mask is empty
   */
  public double lossAndBackward(NDArray ids, NDArray mask, double weight) {
    try (var scope = manager.newSubManager()) {
      return HostArrays.number(
          backward(scope, ids, mask, weight, null, null, false, OptionalLong.empty()));
    }
  }

  /**
   * The same, but the loss, (), stays on the device, so the call does not wait for it.
   *
   * @param soft the teacher's predictions; null to train on the next token alone
   * @param starts as in {@link #packedLogits}; null where a row is one document
   * @param recompute whether to keep only each block's inputs and recompute the rest in the
   *     backward pass: less memory, bitwise the same gradients
   * @param pass number of the pass, which seeds {@link #dropout}; if empty, nothing is dropped
   */
  public NDArray backward(
      NDManager scope,
      NDArray ids,
      NDArray mask,
      double weight,
      @Nullable SoftLabels soft,
      @Nullable NDArray starts,
      boolean recompute,
      OptionalLong pass) {
    return learning.lossAndBackward(
        scope, weights.current(), ids, mask, weight, soft, starts, recompute, pass);
  }

  /** Sets the dropout of all further passes that have a number. */
  public void dropout(Dropout dropout) {
    this.dropout = dropout;
    learning = learning();
  }

  /** The generated text depends on which weights are trainable. */
  private Learning learning() {
    return new Learning(graph, precision, trainable.keySet(), dropout, chunk());
  }

  private NDList run(NDManager scope, Arrangement tokens, String method, NDArray... arguments) {
    var call = module(tokens).call(scope, method);
    for (var argument : arguments) {
      call.with(argument);
    }
    return call.with(weights.current()).run();
  }

  /** All weights in the form the model computes with, in the graph's order. */
  List<NDArray> weights() {
    return weights.current();
  }

  /** The precision it computes in. */
  public Precision precision() {
    return precision;
  }

  /** The float32 weight of that name: the model's own array, so changes take effect at once. */
  public NDArray parameter(String name) {
    var parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("the model has no parameter " + name);
    }
    return parameter;
  }

  /**
   * Reports that only these rows of some weights were changed, once per entry of {@code changes},
   * so that less is copied where the model computes with copies. The call is optional.
   */
  public void rowsChanged(List<RowChange> changes) {
    weights.rowsChanged(changes);
  }

  /**
   * Makes exactly these parameters trainable, with gradients of zero; all others are frozen and no
   * gradients are computed for them.
   */
  public void trainable(Collection<String> names) {
    names.forEach(this::parameter);
    trainable.values().forEach(array -> array.setRequiresGradient(false));
    trainable.clear();
    names.forEach(name -> trainable.put(name, parameter(name)));
    weights.learning(trainable.keySet());
    learning = learning();
    if (!trainable.isEmpty()) {
      Kernels.collectGradients(List.copyOf(trainable.values()));
    }
  }

  /**
   * Runs {@code work} with exactly these parameters trainable, from gradients of zero. Parameters
   * that were trainable before become trainable again afterwards, with the gradients they had.
   */
  public <T> T learningInstead(Collection<String> names, Supplier<T> work) {
    return Learning.instead(this, names, work);
  }

  /** The trainable parameters by name, in the order they were given. */
  public Map<String, NDArray> trainable() {
    return Collections.unmodifiableMap(trainable);
  }

  /** The accumulated gradient of a trainable parameter; shares its memory. */
  public NDArray gradient(NDManager scope, String name) {
    var gradient = parameter(name).getGradient();
    gradient.attach(scope);
    return gradient;
  }

  /** The weights as they are now, in float32; valid while the model is open. */
  public TensorSource tensors() {
    return new Weights(parameters);
  }

  /**
   * Overwrites the weights called {@code names} with the values of {@code tensors}.
   *
   * @throws io.lorashear.InputException when a tensor is missing or has the wrong shape
   */
  public void put(TensorSource tensors, Collection<String> names) {
    Weights.put(parameters, tensors, names);
  }

  /** Frees all memory, on a GPU also the engine's cache, so that another model can follow. */
  @Override
  public void close() {
    boolean gpu = manager.getDevice().isGpu();
    manager.close();
    if (gpu) {
      JniUtils.emptyCudaCache();
    }
  }
}
