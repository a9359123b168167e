package io.lorashear.method;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.gate.DdpSettings;
import io.lorashear.gate.GateRates;
import io.lorashear.gate.GateTraining;
import io.lorashear.gate.LayerMasks;
import io.lorashear.gate.MaskRule;
import io.lorashear.gate.ShearedSettings;
import io.lorashear.gate.Target;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.policy.Limits;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Uniform;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.Distillation;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Masks that learn while all weights are frozen: see {@link GateTraining}. */
final class GateMethod implements PruningMethod {
  /**
   * What one method has of its own.
   *
   * @param distillation share of the loss that is the dense model's, in [0, 1)
   * @param top its likeliest tokens of each position
   * @param layers that are left, where whole layers have masks; else 0
   */
  private record Masks(
      MaskRule rule, GateRates rates, long steps, double distillation, int top, int layers) {}

  /** From the settings. */
  private interface Choice {
    Masks of(PruneSettings settings);
  }

  private final Choice choice;

  private GateMethod(Choice choice) {
    this.choice = choice;
  }

  /** Hard-concrete masks (Sheared-LLaMA). */
  static GateMethod sheared() {
    return new GateMethod(
        settings -> {
          var own = settings.own(settings.sheared(), ShearedSettings.class);
          return new Masks(own.rule(), own.rates(settings.adam()), own.steps(), 0, 0, own.layers());
        });
  }

  /** Masks without chance, taught by the dense model (Deterministic Differentiable Pruning). */
  static GateMethod ddp() {
    return new GateMethod(
        settings -> {
          var own = settings.own(settings.ddp(), DdpSettings.class);
          var rates = own.rates(settings.adam());
          return new Masks(own.rule(), rates, own.steps(), own.share(), own.top(), 0);
        });
  }

  @Override
  public Outcome prune(Task task) {
    var model = dense(task);
    try {
      return pruned(task, model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The model whose groups are masked, with an adapter merged where there is one. */
  private static TorchModel dense(Task task) {
    var settings = task.settings();
    if (settings.lora().adapter().isEmpty()) {
      return load(task, task.tensors());
    }
    try (var merged =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            task.device(),
            settings.train().precision())) {
      merged.fold().fold();
      return load(task, merged.baseTensors());
    }
  }

  private static TorchModel load(Task task, TensorSource tensors) {
    var precision = task.settings().train().precision();
    var readers = readers(PruningSpace.of(task.graph()), task.settings().experts());
    return TorchModel.load(task.graph(), List.of(tensors), task.device(), precision, readers);
  }

  private Outcome pruned(Task task, TorchModel model) {
    var settings = task.settings();
    var masks = choice.of(settings);
    var axes = task.axes(model, List.of());
    var target =
        target(task, model, axes).with(layers(settings, task.budget(), axes, task.graph()));
    var teacher = teacher(task, model, masks);
    try (var training =
        new GateTraining(model, masks.rule(), target, masks.rates(), settings.seed())) {
      var loop = loop(task, model, training, masks, teacher);
      try (var work = task.progress().begin("prune", masks.steps(), "steps")) {
        loop.run(masks.steps(), store(task), work, step -> {});
      }
      var report = training.report();
      var plan = training.finish();
      report.put("tokens", loop.history().stream().mapToLong(step -> step.tokens()).sum());
      var losses = report.putArray("losses");
      loop.history().forEach(step -> losses.add(step.loss()));
      return new Result(task, plan, model.tensors(), report, model::close);
    }
  }

  private static TrainLoop loop(
      Task task,
      TorchModel model,
      GateTraining training,
      Masks masks,
      @Nullable Distillation teacher) {
    var settings = task.settings();
    var train = settings.train().at(masks.rates().masks());
    var batches =
        Batches.shuffled(
            task.calibration(), train.rows(), train.accumulate(), settings.seed(), teacher);
    return new TrainLoop(model, training, train.schedule(masks.steps()), batches, train);
  }

  private LayerMasks layers(
      PruneSettings settings, PruningBudget budget, List<AxisWeights> axes, ModelGraph graph) {
    int stay = choice.of(settings).layers();
    return LayerMasks.of(PruningSpace.of(graph), axes, stay, budget.remove());
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    var graph = space.graph();
    var axes =
        space.removable(settings.structures()).stream()
            .filter(axis -> !limits.protectedAxes().contains(axis.name()))
            .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
            .toList();
    layers(settings, limits.budget(settings, graph.parameterCount()), axes, graph);
  }

  /** Fisher's information chooses where a uniform shape leaves a choice. */
  private static Target target(Task task, TorchModel model, List<AxisWeights> axes) {
    var saliency =
        task.limits().shape() instanceof Uniform
            ? Baselines.perParameter(axes, new Calibration(task, model, axes).fisher())
            : List.<double[]>of();
    return Target.of(task.budget(), axes, saliency);
  }

  /** What the dense model, which {@code model} still is, expects of every row. */
  private static @Nullable Distillation teacher(Task task, TorchModel model, Masks masks) {
    if (masks.distillation() == 0) {
      return null;
    }
    var logits = model.graph().shape(model.graph().logits());
    int top = Math.min(masks.top(), logits.get(logits.size() - 1).size());
    boolean apart = task.settings().train().isolateDocuments();
    var expected = new IdentityHashMap<Sequence, SoftTargets>();
    var rows = task.calibration();
    try (var scorer = Scorer.over(model, Integer.MAX_VALUE - 1);
        var work = task.progress().begin("teacher", rows.size(), "rows")) {
      for (var row : rows) {
        var starts = apart ? List.of(row.starts()) : null;
        var prediction = scorer.predictions(List.of(row.inputIds()), starts, top).get(0);
        expected.put(row, prediction.targets());
        work.step(1);
      }
    }
    return new Distillation(expected::get, masks.distillation(), 1);
  }

  /** Names of all weights that read groups, which must be where the model computes. */
  private static Set<String> readers(PruningSpace space, boolean experts) {
    return space.prunable(PruningSpace.structures(experts)).stream()
        .flatMap(axis -> axis.slices().stream())
        .filter(slice -> slice.access() == Access.READ)
        .map(slice -> slice.parameter().name())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static @Nullable TrainingStore store(Task task) {
    var scratch = task.scratch();
    return scratch == null
        ? null
        : new TrainingStore(scratch.resolve("training"), Settings.canonical(task.settings()));
  }
}
