package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.torch.kernel.Arithmetic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The mean of the weights after each of the last K steps of a run, beside the optimizer that does
 * these steps (Stochastic Weight Averaging, arXiv 1803.05407; the last checkpoints of one run,
 * LAWA, arXiv 2306.03241).
 *
 * <pre>
 *   k ← k + 1,   w̄ ← w̄ + (w − w̄)/k     after every step n &gt; N − K
 * </pre>
 *
 * Parameters of one trajectory are averaged: of a LoRA pair Ā and B̄, whose product differs from
 * the mean of the products by their covariance over those steps.
 */
public final class Averaging implements Optimizer {
  private static final String DONE = "stepsDone";
  private static final String MEAN = "mean.";

  private final Optimizer inner;
  private final NDManager manager;
  private final long before;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private long done;

  /**
   * No step is done yet.
   *
   * @param manager of the means
   * @param before steps before the first that is averaged, N − K
   */
  public Averaging(Optimizer inner, NDManager manager, long before) {
    this.inner = inner;
    this.manager = manager;
    this.before = before;
  }

  @Override
  public Map<String, NDArray> weights() {
    return inner.weights();
  }

  @Override
  public void prepareGradients() {
    inner.prepareGradients();
  }

  @Override
  public void step(double learningRate) {
    inner.step(learningRate);
    done++;
    if (done > before) {
      begin();
      Arithmetic.approach(
          List.copyOf(means.values()), List.copyOf(weights().values()), 1.0 / steps());
    }
  }

  private void begin() {
    if (means.isEmpty()) {
      weights()
          .forEach((name, w) -> means.put(name, manager.zeros(w.getShape(), DataType.FLOAT32)));
    }
  }

  /** How many steps are in the mean, k; 0 if there is none yet. */
  public long steps() {
    return Math.max(0, done - before);
  }

  /**
   * Overwrites the weights with their means.
   *
   * @throws IllegalStateException if no step is in the mean
   */
  public void put() {
    if (steps() == 0) {
      throw new IllegalStateException("no step was averaged");
    }
    Arithmetic.copy(List.copyOf(weights().values()), List.copyOf(means.values()));
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<>(inner.arrays());
    means.forEach((name, mean) -> arrays.put(MEAN + name, mean));
    return arrays;
  }

  @Override
  public void expect(ObjectNode values) {
    inner.expect(values);
    if (values.path(DONE).asLong() > before) {
      begin();
    }
  }

  @Override
  public String standing() {
    return inner.standing();
  }

  @Override
  public Map<String, Double> measured() {
    return inner.measured();
  }

  @Override
  public ObjectNode values() {
    return inner.values().put(DONE, done);
  }

  @Override
  public void restore(ObjectNode values) {
    inner.restore(values);
    done = values.path(DONE).asLong();
  }
}
