package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.DenseRefit;
import io.lorashear.compensate.OutputMatrix;
import io.lorashear.compress.Compressor.Compressed;
import io.lorashear.graph.ModelGraph;
import io.lorashear.method.PruningMethod.Outcome;
import io.lorashear.method.PruningMethod.Task;
import io.lorashear.torch.TorchModel;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last step of pruning, whatever the method: layers of the smaller model are brought nearer to
 * what they are in the dense model.
 *
 * <pre>
 *   refit their last matrices in closed form       compensation.towards    {@link DenseRefit}
 * </pre>
 */
public final class Rebuilding implements AutoCloseable {
  private final TensorSource tensors;
  private final ObjectNode report;
  private final @Nullable TorchModel model;

  private Rebuilding(TensorSource tensors, ObjectNode report, @Nullable TorchModel model) {
    this.tensors = tensors;
    this.report = report;
    this.model = model;
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
    if (!settings.compensation().beside()) {
      return new Rebuilding(small.tensors(), JsonFile.object(), null);
    }
    var placement = settings.train().placement(task.device());
    var model = TorchModel.load(small.graph(), List.of(small.tensors()), placement, Set.of());
    outcome.close();
    try (var dense = task.dense()) {
      var report = JsonFile.object();
      refit(task, dense, model, small, report);
      return new Rebuilding(model.tensors(), report, model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
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

  /** Adds figures of what was done, if anything was, to the report {@code json} on the run. */
  public void addTo(ObjectNode json) {
    if (!report.isEmpty()) {
      json.withObject("/run").set("rebuilt", report);
    }
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
  }
}
