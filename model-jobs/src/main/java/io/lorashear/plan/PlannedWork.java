package io.lorashear.plan;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.gate.DdpSettings;
import io.lorashear.gate.ShearedSettings;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.method.Method;
import io.lorashear.method.PruneSettings;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.optim.LoraPruneSettings;
import io.lorashear.plan.Work.Update;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Shape;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.train.PretrainSettings;
import io.lorashear.train.Pretraining;
import io.lorashear.train.TrainSettings;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What stages do with a model, from their settings.
 *
 * @param length tokens of a row
 * @param sources of the corpus
 * @param files see {@link Work#files()}
 */
public record PlannedWork(int length, int sources, OptionalLong files) {
  private static final OptionalDouble NO_AXES = OptionalDouble.empty();

  /** Choosing what goes, and taking it out. */
  public Work prune(ModelGraph graph, PruneSettings settings) {
    var train = settings.train();
    if (settings.method() == Method.LHSPG) {
      boolean gradients = settings.saliency().gradient() + settings.saliency().fisher() > 0;
      boolean whole = settings.shape() == Shape.DECI; // an attention may go, whatever the cap
      var shrunk = OptionalDouble.of(whole ? 1 : settings.cap());
      long steps = settings.lhspg().steps();
      var work =
          paired(graph, settings.lora(), train, steps, 0, gradients, shrunk)
              .changing(progressive(graph, settings));
      boolean refits = settings.compensation().wanted();
      long rows = (long) settings.lhspg().periods() * settings.compensation().rows() * sources;
      return refits
          ? work.refitting().looking(Looking.refits(graph, settings, rows * length))
          : work;
    }
    if (settings.method() == Method.LORA_PRUNE) {
      long steps = settings.own(settings.loraPrune(), LoraPruneSettings.class).steps();
      return paired(graph, settings.lora(), train, steps, 0, false, OptionalDouble.of(0));
    }
    if (settings.method().gates()) {
      return masked(graph, settings);
    }
    int passes = settings.method().method().passes(settings);
    boolean measured = passes > 0;
    int each = settings.saliency().rows() > 0 ? settings.saliency().rows() : settings.rows();
    long rows = (long) passes * each * sources;
    var work =
        new Work(
            graph,
            measured ? divided(graph, settings.structures()) : Set.of(),
            measured ? Update.MEASURED : Update.NONE,
            train,
            length,
            steps(rows, train.rows()),
            OptionalLong.of(0),
            false,
            settings.compensation().wanted(),
            files,
            OptionalDouble.of(0),
            false);
    var looking = Looking.prune(graph, settings, (long) each * sources * length);
    long refitted = (long) settings.compensation().rows() * sources * length;
    return work.looking(looking.and(Looking.refits(graph, settings, refitted)));
  }

  private static Progressive progressive(ModelGraph graph, PruneSettings settings) {
    var lhspg = settings.lhspg();
    double each = settings.ratio() * graph.parameterCount() / lhspg.periods();
    return new Progressive(
        (long) lhspg.periods() * lhspg.stepsPerPeriod(),
        lhspg.mode() == LhspgSettings.Mode.PAPER ? lhspg.periods() : 0,
        each);
  }

  /** Zeros by what matrices of a block read. */
  public Work sparsify(ModelGraph graph, SparsifySettings settings) {
    long rows = (long) settings.rows() * sources;
    return scoring(graph, OptionalLong.of(0), NO_AXES, false)
        .looking(Looking.sparsify(graph, settings, rows * length));
  }

  /**
   * Masks on layers that read the groups; where the dense model teaches, it goes over all rows
   * first.
   */
  private Work masked(ModelGraph graph, PruneSettings settings) {
    boolean ddp = settings.method() == Method.DDP;
    var sheared = settings.own(settings.sheared(), ShearedSettings.class);
    var own = settings.own(settings.ddp(), DdpSettings.class);
    boolean taught = ddp && own.distillation() > 0;
    var readers = new LinkedHashSet<String>();
    var axes = PruningSpace.of(graph).prunable(PruningSpace.structures(settings.experts()));
    for (var axis : axes) {
      axis.slices().stream()
          .filter(slice -> slice.access() == Access.READ)
          .forEach(slice -> readers.add(slice.parameter().name()));
    }
    return new Work(
        graph,
        readers,
        Update.MASKS,
        settings.train(),
        length,
        ddp ? own.steps() : sheared.steps(),
        OptionalLong.of(taught ? (long) settings.rows() * sources * length : 0),
        false,
        false,
        files,
        NO_AXES,
        false);
  }

  /** Every parameter that an axis to be pruned divides: its gradient is asked for. */
  private static Set<String> divided(ModelGraph graph, Set<AxisRole> structures) {
    var names = new LinkedHashSet<String>();
    for (var axis : PruningSpace.of(graph).removable(structures)) {
      axis.slices().forEach(slice -> names.add(slice.parameter().name()));
    }
    return names;
  }

  /** Training the rest on what the model lost most. */
  public Work recover(ModelGraph graph, RecoverSettings settings) {
    return recover(graph, settings, (long) settings.rows() * drawn(settings));
  }

  /** The same on a subset of {@code drawn} rows. */
  public Work recover(ModelGraph graph, RecoverSettings settings, long drawn) {
    var train = settings.train();
    long rows = drawn * settings.passes();
    long scored =
        (long) settings.validationRows() * sources * (settings.validations() + 1) * length;
    long steps = steps(rows, (long) train.rows() * train.accumulate());
    return paired(graph, settings.lora(), train, steps, scored, false, NO_AXES);
  }

  /** Sources that rows of recovery are drawn from. */
  private int drawn(RecoverSettings settings) {
    return settings.sources().isEmpty() ? sources : settings.sources().size();
  }

  private static long steps(long rows, long perStep) {
    return (rows + perStep - 1) / perStep;
  }

  private Work paired(
      ModelGraph graph,
      LoraSettings lora,
      TrainSettings train,
      long steps,
      long scored,
      boolean gradients,
      OptionalDouble fetched) {
    var adapted =
        LoraRewrite.apply(graph, new LoraSettings(lora.rank(), lora.alpha(), lora.targets()));
    var learning = new HashSet<String>();
    adapted.bindings().forEach(pair -> learning.addAll(List.of(pair.a(), pair.b())));
    return new Work(
        adapted.graph(),
        learning,
        Update.PAIRS,
        train,
        length,
        steps,
        OptionalLong.of(scored),
        gradients,
        false,
        files,
        fetched,
        false);
  }

  /** The model with a share of one axis out, again and again. */
  public Work analyze(ModelGraph graph, AnalyzeSettings settings) {
    var profile = settings.profile();
    long axes = PruningSpace.of(graph).prunable(PruningSpace.STRUCTURES).size();
    long rows = (long) profile.rows() * sources * (1 + axes * profile.ratios().size());
    return scoring(graph, OptionalLong.of(rows * length), OptionalDouble.of(1), false);
  }

  /** Rows of every source, on Spark. */
  public Work perplexity(ModelGraph graph, int rows) {
    return scoring(graph, OptionalLong.of((long) rows * sources * length), NO_AXES, true);
  }

  /** Questions of which somebody says how many tokens they have. */
  public Work evaluate(ModelGraph graph, long tokens) {
    return scoring(graph, OptionalLong.of(tokens), NO_AXES, false);
  }

  /** Questions, whose tokens are not known. */
  public Work evaluate(ModelGraph graph) {
    return scoring(graph, OptionalLong.empty(), NO_AXES, false);
  }

  private Work scoring(
      ModelGraph graph, OptionalLong tokens, OptionalDouble fetched, boolean spark) {
    var train = Settings.defaults(TrainSettings.class, List.of());
    return new Work(
        graph,
        Set.of(),
        Update.NONE,
        train,
        length,
        0,
        tokens,
        false,
        false,
        files,
        fetched,
        spark);
  }

  /** A model of the settings' own sizes and that many tokens in its vocabulary. */
  public Work pretrain(PretrainSettings settings, int vocabulary) {
    var config = Pretraining.config(settings, vocabulary, length);
    var graph = Family.of(config).trace(config);
    var train = settings.train();
    long perStep = (long) train.rows() * train.accumulate() * length;
    return new Work(
        graph,
        graph.parameters().keySet(),
        Update.EVERYTHING,
        train,
        length,
        Math.max(1, settings.tokens() / perStep),
        OptionalLong.of(0),
        false,
        false,
        OptionalLong.of(0),
        NO_AXES,
        false);
  }
}
