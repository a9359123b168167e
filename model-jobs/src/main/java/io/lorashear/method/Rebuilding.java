package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.DenseRefit;
import io.lorashear.compensate.OutputMatrix;
import io.lorashear.compress.Compressor.Compressed;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraBinding;
import io.lorashear.lora.LoraSettings;
import io.lorashear.method.PruningMethod.Outcome;
import io.lorashear.method.PruningMethod.Task;
import io.lorashear.reconstruct.Reconstruction;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The last step of pruning, whatever the method: layers of the smaller model are brought nearer to
 * what they are in the dense model.
 *
 * <pre>
 *   refit their last matrices in closed form       compensation.towards    {@link DenseRefit}
 *   train each of them by itself                   reconstruction.steps    {@link Reconstruction}
 * </pre>
 */
public final class Rebuilding implements AutoCloseable {
  private final TensorSource tensors;
  private final ObjectNode report;
  private final Runnable closing;

  private Rebuilding(TensorSource tensors, ObjectNode report, Runnable closing) {
    this.tensors = tensors;
    this.report = report;
    this.closing = closing;
  }

  /**
   * Refuses models that the settings' rebuilding cannot compare with the dense one.
   *
   * @throws io.lorashear.InputException with the reason
   */
  public static void check(PruneSettings settings, ModelGraph graph) {
    if (settings.compensation().beside()) {
      OutputMatrix.check(graph, "compensation.towards", settings.compensation().towards());
    }
    if (settings.reconstruction().wanted()) {
      OutputMatrix.check(graph, "reconstruction", settings.reconstruction().towards());
    }
  }

  /**
   * Rebuilds the smaller model; does nothing if the settings ask for nothing.
   *
   * @param outcome what the method left; closed here as soon as the smaller model is loaded, so
   *     that it is not in memory beside the dense one
   * @param small cut out of {@code outcome}
   */
  public static Rebuilding of(Task task, Outcome outcome, Compressed small) {
    var settings = task.settings();
    if (!settings.rebuilds()) {
      return new Rebuilding(small.tensors(), JsonFile.object(), () -> {});
    }
    boolean pairs = settings.reconstruction().wanted() && settings.reconstruction().rank() > 0;
    return pairs ? withPairs(task, outcome, small) : withoutPairs(task, outcome, small);
  }

  private static Rebuilding withoutPairs(Task task, Outcome outcome, Compressed small) {
    var settings = task.settings();
    boolean learns = settings.reconstruction().wanted();
    var model =
        TorchModel.load(
            small.graph(),
            List.of(small.tensors()),
            settings.train().placement(task.device()),
            learns ? small.graph().parameters().keySet() : Set.of());
    try {
      outcome.close();
      var report = rebuild(task, model, small, names -> names);
      return new Rebuilding(model.tensors(), report, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Rebuilding withPairs(Task task, Outcome outcome, Compressed small) {
    var settings = task.settings();
    int rank = settings.reconstruction().rank();
    var model =
        AdaptedModel.load(
            small.graph(),
            small.tensors(),
            new LoraSettings(rank, 2.0 * rank, List.of()),
            settings.seed(),
            settings.train().placement(task.device()));
    try {
      outcome.close();
      var report = rebuild(task, model.model(), small, names -> factors(model.bindings(), names));
      model.fold().fold();
      return new Rebuilding(model.baseTensors(), report, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The pairs of the weights {@code names}. */
  private static List<String> factors(List<LoraBinding> bindings, Set<String> names) {
    return bindings.stream()
        .filter(pair -> names.contains(pair.weight()))
        .flatMap(pair -> Stream.of(pair.a(), pair.b()))
        .toList();
  }

  private static ObjectNode rebuild(
      Task task,
      TorchModel model,
      Compressed small,
      Function<Set<String>, Collection<String>> trained) {
    var report = JsonFile.object();
    try (var dense = task.dense()) {
      if (task.settings().compensation().beside()) {
        refit(task, dense, model, small, report);
      }
      if (task.settings().reconstruction().wanted()) {
        reconstruct(task, dense, model, small, trained, report);
      }
    }
    return report;
  }

  private static void reconstruct(
      Task task,
      TorchModel dense,
      TorchModel model,
      Compressed small,
      Function<Set<String>, Collection<String>> trained,
      ObjectNode report) {
    var settings = task.settings().reconstruction();
    long seed = task.settings().seed();
    var batches = task.batches(task.ofEachSource(settings.rows()));
    var reconstruction = new Reconstruction(dense, model, small.origins(), settings, seed, trained);
    try (var work =
        task.progress().begin("reconstruct", reconstruction.parts(), "attentions and MLPs")) {
      var parts = report.putObject("reconstructed");
      reconstruction.run(
          batches,
          part -> {
            part.to(parts);
            work.step(1);
          });
    }
    report.put("tokens", reconstruction.tokens());
  }

  private static void refit(
      Task task, TorchModel dense, TorchModel model, Compressed small, ObjectNode report) {
    var settings = task.settings().compensation();
    var batches = task.batches(task.ofEachSource(settings.rows()));
    var refit =
        new DenseRefit(dense, model, settings, raised -> report.withArray("damping").add(raised));
    try (var work = task.progress().begin("refit towards the dense model", 1, "models")) {
      var matrices = report.putObject("refitted");
      refit.run(small.origins(), batches).forEach(each -> each.to(matrices));
      work.step(1);
    }
  }

  /** Weights of the smaller model; valid while this is open. */
  public TensorSource tensors() {
    return tensors;
  }

  /**
   * Adds figures of what was done, if anything was, to the report {@code json} on the run, and the
   * tokens that were trained on to those of the method.
   */
  public void addTo(ObjectNode json) {
    if (!report.isEmpty()) {
      var run = json.withObject("/run");
      run.set("rebuilt", report);
      long tokens = report.path("tokens").asLong();
      if (tokens > 0) {
        run.put("tokens", run.path("tokens").asLong() + tokens);
      }
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
