package io.lorashear.train;

import ai.djl.ndarray.NDArray;
import io.lorashear.optim.LearningRate;
import io.lorashear.optim.Optimizer;
import io.lorashear.run.Progress;
import io.lorashear.stop.StopRequest;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a loss step by step.
 *
 * <pre>
 *   g ← Σ over micro-batches (its predicted tokens / those of the step) · ∇loss
 *   g ← g · min(1, clip / ‖g‖)
 *   optimizer's step
 * </pre>
 */
public final class TrainLoop {
  private final TorchModel model;
  private final Optimizer optimizer;
  private final LearningRate schedule;
  private final Batches batches;
  private final TrainSettings settings;
  private final List<StepResult> history = new ArrayList<>();

  /** The trainable parameters of {@code model} must be the weights of {@code optimizer}. */
  public TrainLoop(
      TorchModel model,
      Optimizer optimizer,
      LearningRate schedule,
      Batches batches,
      TrainSettings settings) {
    this.model = model;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.batches = batches;
    this.settings = settings;
  }

  /** Runs until {@code steps} steps are done in all, from the loop's current step. */
  public void run(long steps, Consumer<StepResult> listener) {
    run(steps, null, listener);
  }

  /**
   * The same, but first resumes from the newest state in {@code store}, and saves states there. A
   * run that was killed and started again ends with bitwise the same result as an uninterrupted
   * run.
   */
  public void run(long steps, @Nullable TrainingStore store, Consumer<StepResult> listener) {
    try (var work = Progress.silent().begin("train", steps, "steps")) {
      run(steps, store, work, listener);
    }
  }

  /**
   * The same. If a signal asks to stop, the state is saved after the current step, and the run
   * ends.
   *
   * @param work is told of every step, before {@code listener}, including those found already done
   * @throws io.lorashear.stop.StoppedException if a signal asked to stop
   */
  public void run(
      long steps,
      @Nullable TrainingStore store,
      Progress.Work work,
      Consumer<StepResult> listener) {
    if (store != null && history.isEmpty()) {
      store.restore(optimizer, history);
      history.forEach(step -> work.trained(step.step(), step.figures()));
    }
    while (history.size() < steps) {
      long start = System.nanoTime();
      var result = step(history.size());
      history.add(result);
      tell(work, result, (System.nanoTime() - start) / 1e9);
      listener.accept(result);
      boolean due = settings.saveEvery() > 0 && result.step() % settings.saveEvery() == 0;
      boolean last = result.step() == steps;
      boolean stops = !last && store != null && StopRequest.asked().isPresent();
      if (store != null && !last && (due || stops)) {
        store.save(optimizer, history);
      }
      if (stops) {
        StopRequest.check();
      }
    }
  }

  private void tell(Progress.Work work, StepResult step, double seconds) {
    var figures = step.figures();
    double rows = (double) settings.rows() * settings.accumulate();
    figures.put("tokensPerSecond", step.tokens() / seconds);
    figures.put("rowsPerSecond", rows / seconds);
    figures.putAll(optimizer.measured());
    work.trained(step.step(), figures);
    work.step(1);
    var standing = optimizer.standing();
    work.note("loss %.3f".formatted(step.loss()) + (standing.isEmpty() ? "" : ", " + standing));
  }

  private StepResult step(long number) {
    var weights = List.copyOf(optimizer.weights().values());
    var micro = batches.of(number);
    if (settings.isolateDocuments()) {
      micro = micro.stream().map(Batch::documentsApart).toList();
    }
    long predicted = micro.stream().mapToLong(Batch::predicted).sum();
    long tokens = micro.stream().mapToLong(Batch::tokens).sum();
    double rate = schedule.at(number);
    if (predicted == 0) {
      return new StepResult(number + 1, 0, 0, rate, tokens);
    }
    Kernels.zeroGradients(weights);
    try (var scope = model.manager().newSubManager()) {
      var shares = new ArrayList<Double>();
      var figures = new ArrayList<NDArray>(); // the losses, followed by the norm
      for (int i = 0; i < micro.size(); i++) {
        var batch = micro.get(i);
        double share = (double) batch.predicted() / predicted;
        var seed = OptionalLong.of(number * micro.size() + i);
        if (share > 0) {
          shares.add(share);
          figures.add(batch.backward(scope, model, share, settings.recompute(), seed));
        }
      }
      optimizer.prepareGradients();
      figures.add(
          settings.clip() > 0
              ? Kernels.clipGradients(scope, weights, settings.clip())
              : Kernels.gradientNorm(scope, weights));
      optimizer.step(rate);
      var found = HostArrays.floats(figures);
      double loss = 0;
      for (int i = 0; i < shares.size(); i++) {
        loss += shares.get(i) * found.get(i)[0];
      }
      return new StepResult(number + 1, loss, found.get(shares.size())[0], rate, tokens);
    }
  }

  /** The results of all steps so far. */
  public List<StepResult> history() {
    return List.copyOf(history);
  }
}
