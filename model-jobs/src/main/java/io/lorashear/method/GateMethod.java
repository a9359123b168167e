package io.lorashear.method;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.dependency.ParameterSlice;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.gate.DdpSettings;
import io.lorashear.gate.GateRates;
import io.lorashear.gate.GateTraining;
import io.lorashear.gate.LayerMasks;
import io.lorashear.gate.MaskRule;
import io.lorashear.gate.ShearedSettings;
import io.lorashear.gate.StreamMask;
import io.lorashear.gate.Target;
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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Masks that are trained while all weights are frozen: see {@link GateTraining}. */
final class GateMethod implements PruningMethod {
  /**
   * The parameters of one mask method.
   *
   * @param distillation share of the distillation loss in the loss, in [0, 1)
   * @param top number of the dense model's likeliest tokens per position that are kept for it
   * @param layers layers to keep if whole layers have masks, else 0
   * @param hidden channels of the residual stream to keep if they have masks, else 0
   */
  private record Masks(
      MaskRule rule,
      GateRates rates,
      long steps,
      double distillation,
      int top,
      int layers,
      int hidden) {}

  /** Reads the parameters from the settings. */
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
          var rates = own.rates(settings.adam());
          return new Masks(own.rule(), rates, own.steps(), 0, 0, own.layers(), own.hidden());
        });
  }

  /**
   * Deterministic masks, trained with distillation from the dense model (Deterministic
   * Differentiable Pruning).
   */
  static GateMethod ddp() {
    return new GateMethod(
        settings -> {
          var own = settings.own(settings.ddp(), DdpSettings.class);
          var rates = own.rates(settings.adam());
          return new Masks(own.rule(), rates, own.steps(), own.share(), own.top(), 0, 0);
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

  /** The dense model, with an adapter merged if there is one. */
  private TorchModel dense(Task task) {
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
            settings.train().placement(task.device()))) {
      merged.fold().fold();
      return load(task, merged.baseTensors());
    }
  }

  private TorchModel load(Task task, TensorSource tensors) {
    var placement = task.settings().train().placement(task.device());
    var readers = gated(PruningSpace.of(task.graph()), task.settings());
    return TorchModel.load(task.graph(), List.of(tensors), placement, readers);
  }

  private Outcome pruned(Task task, TorchModel model) {
    var settings = task.settings();
    var masks = choice.of(settings);
    var target = target(task, model);
    var teacher = teacher(task, model, masks);
    var rates = masks.rates().with(task.adam());
    try (var training = new GateTraining(model, masks.rule(), target, rates, settings.seed())) {
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

  /**
   * The target of the training, with masks on layers and on the residual stream if the settings ask
   * for them.
   *
   * @param axes whose groups may be pruned
   * @param stream the axis of the residual stream
   * @param saliency gives the saliency of the groups of some axes, at their costs in the narrowed
   *     stream
   */
  private Target target(
      PruneSettings settings,
      PruningSpace space,
      PruningBudget budget,
      List<AxisWeights> axes,
      Supplier<AxisWeights> stream,
      Function<List<AxisWeights>, List<double[]>> saliency) {
    var masks = choice.of(settings);
    if (masks.hidden() == 0) {
      var layers = LayerMasks.of(space, axes, masks.layers(), budget.remove());
      return Target.of(budget, axes, saliency.apply(axes)).with(layers);
    }
    var mask = new StreamMask(space, stream.get(), masks.hidden());
    var narrowed = mask.narrowed(axes);
    var rest = mask.rest(budget, narrowed, masks.layers() > 0);
    var layers = LayerMasks.of(space, narrowed, masks.layers(), rest.remove(), mask.narrow());
    return Target.of(rest, narrowed, saliency.apply(narrowed)).with(layers).with(mask);
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    var graph = space.graph();
    var axes =
        space.removable(settings.structures()).stream()
            .filter(axis -> !limits.protectedAxes().contains(axis.name()))
            .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
            .toList();
    target(
        settings,
        space,
        limits.budget(settings, graph.parameterCount()),
        axes,
        () -> {
          var stream = StreamMask.axis(space);
          return new AxisWeights(stream, space.cost(stream.axis(), Widths.TRACED), List.of());
        },
        narrowed -> narrowed.stream().map(axis -> new double[axis.size()]).toList());
  }

  /**
   * The target with the Fisher information as saliency, which a uniform shape needs to choose
   * groups.
   */
  private Target target(Task task, TorchModel model) {
    var space = PruningSpace.of(task.graph());
    return target(
        task.settings(),
        space,
        task.budget(),
        task.axes(model, List.of()),
        () ->
            AxisWeights.of(space, List.of(StreamMask.axis(space)), List.of(), model::parameter)
                .get(0),
        axes ->
            task.limits().shape() instanceof Uniform
                ? Baselines.perParameter(axes, new Calibration(task, model, axes).fisher().each())
                : List.of());
  }

  /** The dense model's predictions of every row; {@code model} must not have been changed yet. */
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

  /**
   * Names of all weights that read groups, or write the residual stream if it has masks: they must
   * be stored on the device that computes.
   */
  private Set<String> gated(PruningSpace space, PruneSettings settings) {
    var reading =
        space.prunable(PruningSpace.structures(settings.experts())).stream()
            .flatMap(axis -> axis.slices().stream())
            .filter(slice -> slice.access() == Access.READ);
    var writing =
        choice.of(settings).hidden() == 0
            ? Stream.<ParameterSlice>of()
            : StreamMask.axis(space).written().stream();
    return Stream.concat(reading, writing)
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
