package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compensate.Compensation;
import io.lorashear.corpus.Sequence;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.FisherScore;
import io.lorashear.saliency.GradientTaylor;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;

/** A running model with its axes; gradients and activations on the calibration rows of a task. */
final class Calibration {
  private final PruningMethod.Task task;
  private final TorchModel model;
  private final List<AxisWeights> axes;

  private final ObjectNode report = JsonFile.object();

  /** Calibration of a model without LoRA, or with merged pairs. */
  Calibration(PruningMethod.Task task, TorchModel model) {
    this(task, model, task.axes(model, List.of()));
  }

  /** Calibration of {@code model}; each call uses the current weights. */
  Calibration(PruningMethod.Task task, TorchModel model, List<AxisWeights> axes) {
    this.task = task;
    this.model = model;
    this.axes = axes;
  }

  /** The task. */
  PruningMethod.Task task() {
    return task;
  }

  /** The model; its weights are live. */
  TorchModel model() {
    return model;
  }

  /** The axes that may lose groups. */
  List<AxisWeights> axes() {
    return axes;
  }

  /**
   * Figures of the run, to be filled; they are published in the report in the checkpoint's folder.
   */
  ObjectNode report() {
    return report;
  }

  /** Adds a note that the user sees when the run is over; see {@link PruningMethod#NOTES}. */
  @FormatMethod
  void note(String text, Object... values) {
    report.withArray("/" + PruningMethod.NOTES).add(String.format(Locale.ROOT, text, values));
  }

  /** The measured scores whose weights are not 0. */
  MeasuredScores scores() {
    var saliency = task.settings().saliency();
    return new MeasuredScores(
        saliency.gradient() > 0 ? elements() : List.of(),
        saliency.fisher() > 0 ? fisher() : List.of());
  }

  /** LLM-Pruner's element-wise score of every group. */
  List<double[]> elements() {
    return GradientTaylor.of(model, axes, this::backward);
  }

  /** The Fisher information of every group. */
  List<double[]> fisher() {
    var rows = rows();
    try (var work = task.progress().begin("calibrate", rows.size(), "rows")) {
      return FisherScore.of(
          model,
          axes,
          rows.size(),
          row -> {
            Batch.of(List.of(rows.get(row))).backward(model, 1);
            work.step(1);
          });
    }
  }

  /** Token ids of the rows that scores are measured on, in batches. */
  List<int[][]> batches() {
    return batches(rows());
  }

  private List<int[][]> batches(List<Sequence> sequences) {
    int rows = task.settings().train().rows();
    var batches = new ArrayList<int[][]>();
    for (int first = 0; first < sequences.size(); first += rows) {
      var last = Math.min(first + rows, sequences.size());
      var ids = sequences.subList(first, last).stream().map(Sequence::inputIds);
      batches.add(ids.toArray(int[][]::new));
    }
    return batches;
  }

  /** Accumulates the gradients of the loss over all rows. */
  private void backward() {
    int rows = task.settings().train().rows();
    var sequences = rows();
    try (var work = task.progress().begin("calibrate", sequences.size(), "rows")) {
      for (int first = 0; first < sequences.size(); first += rows) {
        var last = Math.min(first + rows, sequences.size());
        var batch = Batch.of(sequences.subList(first, last));
        batch.backward(model, (double) batch.predicted());
        work.step(last - first);
      }
    }
  }

  /** The rows that scores are measured on. */
  List<Sequence> rows() {
    int each = task.settings().saliency().rows();
    return each == 0 ? task.calibration() : ofEachSource(each);
  }

  /** Refits the matrices that read the axes; does nothing if the settings ask for none. */
  Compensation compensation() {
    var settings = task.settings().compensation();
    var batches = batches(ofEachSource(settings.rows()));
    var refitted = settings.wanted() ? axes : List.<AxisWeights>of();
    return new Compensation(model, refitted, batches, settings.damping(), this::tell);
  }

  private void tell(String raised) {
    report.withArray("compensationDamping").add(raised);
    try (var work = task.progress().begin("refit with more damping", 1, "matrices")) {
      work.note(raised);
      work.step(1);
    }
  }

  private List<Sequence> ofEachSource(int rows) {
    var taken = new HashMap<String, Integer>();
    return task.calibration().stream()
        .filter(row -> taken.merge(row.source(), 1, Integer::sum) <= rows)
        .toList();
  }
}
