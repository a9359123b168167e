package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import io.lorashear.allocate.AxisOptions;
import io.lorashear.allocate.WidthAllocation;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compensate.Compensation;
import io.lorashear.compensate.DenseRefit;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.compensate.Unexplained;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.optim.PruningBudget;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.saliency.Allowance;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.FisherInformation;
import io.lorashear.saliency.FisherScore;
import io.lorashear.saliency.GradientTaylor;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.PositionFisher;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.train.Batch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A running model with its axes; gradients and activations on the calibration rows of a task. */
final class Calibration {
  private final PruningMethod.Task task;
  private final TorchModel model;
  private final List<AxisWeights> axes;

  private final ObjectNode report = JsonFile.object();
  private @Nullable Compensation compensation;
  private @Nullable WidthAllocation allocation;
  private Groups gone = Groups.none();

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

  /** Groups that are pruned already. */
  Groups gone() {
    return gone;
  }

  /** All other groups. */
  Groups kept() {
    return AxisWeights.all(axes).minus(gone);
  }

  /** Sets the weights of {@code leaving} to zero: from here on they are pruned. */
  void prune(Groups leaving) {
    for (var axis : axes) {
      try (var scope = model.manager().newSubManager()) {
        var mask = new float[axis.size()];
        leaving.indices(axis.name()).stream().forEach(g -> mask[g] = 1);
        var slices = axis.zeroed().stream().map(SliceWeights::grouped).toList();
        if (leaving.count(axis.name()) > 0) {
          AxisKernels.zero(slices, HostArrays.send(scope, mask));
        }
      }
    }
    gone = gone.plus(leaving);
  }

  /** What may be pruned in addition. */
  Allowance allowance() {
    return budget().allowance(axes, kept(), gone);
  }

  /** How many parameters to prune, within which limits and, once allocated, in which widths. */
  PruningBudget budget() {
    return allocation == null ? task.budget() : task.budget().in(allocation.rule());
  }

  /**
   * Gives every axis its width by the losses of the model as it is, if the settings ask for it; the
   * first call does so once and for all.
   *
   * @param scores of every group of each axis; the lowest go first
   */
  void allocate(Supplier<List<double[]>> scores) {
    var settings = task.settings().allocation();
    if (settings.enabled() && allocation == null) {
      var scratch = task.scratch();
      allocation =
          WidthAllocation.of(
              model,
              axes,
              options(task.settings(), task.limits(), PruningSpace.of(task.graph())),
              scores.get(),
              task.batches(task.ofEachSource(settings.rows())),
              task.budget().remove(),
              scratch == null ? null : scratch.resolve("allocation"),
              task.progress());
    }
  }

  /** The widths of all axes, if they were allocated. */
  Optional<WidthAllocation> allocation() {
    return Optional.ofNullable(allocation);
  }

  private static List<AxisOptions> options(
      PruneSettings settings, Limits limits, PruningSpace space) {
    return AxisOptions.of(
        space,
        limits.prunable(settings, space),
        limits.budget(settings, space.graph().parameterCount()),
        settings.multiple(),
        settings.allocation().shares());
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
        saliency.fisher() > 0 ? fisher() : FisherInformation.NONE);
  }

  /** LLM-Pruner's element-wise score of every group. */
  List<double[]> elements() {
    return GradientTaylor.of(model, axes, this::backward);
  }

  /** The Fisher information of every group, in the form that the settings ask for. */
  FisherInformation fisher() {
    var settings = task.settings();
    var fisher = measuredFisher(settings.saliency().joint());
    if (!settings.saliency().residual()) {
      return fisher;
    }
    var batches = task.batches(task.ofEachSource(settings.compensation().rows()));
    double damping = settings.compensation().damping();
    return fisher.times(Unexplained.shares(model, axes, batches, damping));
  }

  private FisherInformation measuredFisher(boolean joint) {
    var rows = rows();
    try (var work = task.progress().begin("calibrate", rows.size(), "rows")) {
      if (task.settings().saliency().by() == By.POSITION) {
        int positions = rows.get(0).inputIds().length;
        return new PositionFisher(model, axes, positions, new Random(task.settings().seed()))
            .of(rows.size(), joint, (factored, row) -> backward(factored, rows.get(row), work));
      }
      IntConsumer backward = row -> backward(model, rows.get(row), work);
      return joint
          ? FisherScore.together(model, axes, rows.size(), backward)
          : new FisherInformation(FisherScore.of(model, axes, rows.size(), backward), null);
    }
  }

  /** Refuses a ratio that the widths of an allocation cannot reach. */
  static void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    if (settings.allocation().enabled()) {
      var budget = limits.budget(settings, space.graph().parameterCount());
      AxisOptions.requireReach(options(settings, limits, space), budget);
    }
  }

  /** Refuses settings that this model's axes cannot have. */
  static void require(PruneSettings settings, Limits limits, PruningSpace space) {
    if (settings.saliency().by() == By.POSITION) {
      var axes = space.removable(settings.structures()).stream();
      PositionFisher.require(
          space.graph(),
          axes.filter(axis -> !limits.protectedAxes().contains(axis.name())).toList());
    }
  }

  private static void backward(TorchModel model, Sequence row, Progress.Work work) {
    Batch.of(List.of(row)).backward(model, 1);
    work.step(1);
  }

  /** Token ids of the rows that scores are measured on, in batches. */
  List<int[][]> batches() {
    return task.batches(rows());
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
    return each == 0 ? task.calibration() : task.ofEachSource(each);
  }

  /** Refits the matrices that read the axes; does nothing if the settings ask for none. */
  Compensation compensation() {
    if (compensation == null) {
      var settings = task.settings().compensation();
      var batches = task.batches(task.ofEachSource(settings.rows()));
      var refitted = settings.wanted() ? axes : List.<AxisWeights>of();
      compensation =
          new Compensation(
              model,
              refitted,
              batches,
              settings.damping(),
              settings.beside() ? gone -> towardsDense(gone, batches) : gone -> {},
              this::tell);
    }
    return compensation;
  }

  /** Refits all matrices towards the dense model, in which {@code gone} are there. */
  private void towardsDense(Groups gone, List<int[][]> batches) {
    var matrices =
        ReadingMatrix.of(model.graph(), axes).stream()
            .collect(Collectors.toMap(matrix -> matrix.slice().name(), matrix -> matrix));
    try (var dense = task.dense()) {
      new DenseRefit(dense, model, task.settings().compensation(), this::tell)
          .run(
              name -> {
                var matrix = matrices.get(name);
                return matrix == null ? new long[0] : matrix.without(gone);
              },
              batches);
    }
  }

  private void tell(String raised) {
    report.withArray("compensationDamping").add(raised);
    try (var work = task.progress().begin("refit with more damping", 1, "matrices")) {
      work.note(raised);
      work.step(1);
    }
  }
}
