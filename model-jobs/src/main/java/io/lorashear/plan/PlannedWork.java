package io.lorashear.plan;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.gate.DdpSettings;
import io.lorashear.gate.ShearedSettings;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.FactorRewrite;
import io.lorashear.lora.FactorRewrite.FactorGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.method.Method;
import io.lorashear.method.PruneSettings;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.optim.LoraPruneSettings;
import io.lorashear.plan.Learning.Update;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.saliency.SaliencySettings.Measure;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Shape;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Chunk;
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
 * The work of each stage, from its settings.
 *
 * @param length tokens per row
 * @param sources number of sources of the corpus
 * @param files see {@link ProcessMemory#files()}
 */
public record PlannedWork(int length, int sources, OptionalLong files) {
  /** Choosing and removing groups. */
  public Work prune(ModelGraph graph, PruneSettings settings) {
    var method = method(graph, settings);
    var allocating = settings.allocation().enabled() ? allocating(method, settings) : method;
    return settings.rebuilds() ? rebuilding(allocating, settings) : allocating;
  }

  /**
   * The same, and for each width of each axis a pass that on average goes through half of the
   * model.
   */
  private Work allocating(Work method, PruneSettings settings) {
    int shares = settings.allocation().shares().size();
    long widths =
        PruningSpace.of(method.graph()).removable(settings.structures()).stream()
            .mapToLong(axis -> Math.min(shares, axis.size()))
            .sum();
    long tokens = (widths / 2 + 1) * settings.allocation().rows() * sources * length;
    return method.with(new Forward(OptionalLong.of(tokens), method.forward().looking()));
  }

  /**
   * The same, and the dense model beside the pruned one: less than five passes for each refit, the
   * steps of reconstruction and as many passes before them. Both models' rows are held between
   * blocks, and in reconstruction inputs and targets of one part.
   */
  private Work rebuilding(Work method, PruneSettings settings) {
    var refit = settings.compensation();
    var trained = settings.reconstruction();
    boolean periods =
        settings.method() == Method.LHSPG && settings.lhspg().mode() == LhspgSettings.Mode.PAPER;
    long refits = refit.beside() ? (periods ? settings.lhspg().periods() : 0) + 1 : 0;
    long refitted = refit.beside() ? (long) refit.rows() * sources * length : 0;
    long given = trained.wanted() ? (long) trained.rows() * sources * length : 0;
    // a step is three passes, in each part forward and back
    long steps = 3L * trained.steps() * settings.train().rows() * length;
    var looked = new Looking(5 * refits * 2 * refitted + 5 * 2 * given + steps, 0, 0, 0);
    return method
        .with(method.pruning().beside(Math.max(2 * refitted, 4 * given)))
        .with(new Forward(method.forward().scored(), method.forward().looking().and(looked)));
  }

  private Work method(ModelGraph graph, PruneSettings settings) {
    if (settings.method() == Method.LHSPG) {
      return lhspg(graph, settings);
    }
    if (settings.method() == Method.LORA_PRUNE) {
      long steps = settings.own(settings.loraPrune(), LoraPruneSettings.class).steps();
      var train = settings.train();
      return paired(graph, settings.lora(), train, steps, Forward.NOTHING, Pruning.axes(0));
    }
    if (settings.method().gates()) {
      return masked(graph, settings);
    }
    return oneShot(graph, settings);
  }

  private Work lhspg(ModelGraph graph, PruneSettings settings) {
    boolean gradients = settings.saliency().gradient() + settings.saliency().fisher() > 0;
    boolean whole =
        settings.shape() == Shape.DECI; // a whole attention may be removed, whatever the cap
    boolean refits = settings.compensation().wanted();
    var pruning =
        new Pruning(
            gradients,
            refits,
            OptionalDouble.of(whole ? 1 : settings.cap()),
            progressive(graph, settings),
            0);
    var lhspg = settings.lhspg();
    var saliency = settings.saliency();
    long shares = saliency.measure() == Measure.ONCE ? 1 : lhspg.periods();
    int rounds = settings.rounds();
    long before = rounds > 1 ? rounds - 1 : 0; // refits of the dense model in rounds
    long measured = rounds > 1 ? rounds : shares;
    long looks = lhspg.periods() + before + (saliency.residual() ? measured : 0);
    long rows = looks * settings.compensation().rows() * sources;
    var forward =
        refits
            ? Forward.of(Looking.refits(graph, settings, rows * length, chunk()))
            : Forward.NOTHING;
    long steps = lhspg.steps() + (rounds > 1 ? rounds * scored(settings) : 0);
    return paired(graph, settings.lora(), settings.train(), steps, forward, pruning);
  }

  /** Steps that have as many rows as one measurement of scores by gradients. */
  private long scored(PruneSettings settings) {
    int each = settings.saliency().rows() > 0 ? settings.saliency().rows() : settings.rows();
    return steps((long) each * sources, settings.train().rows());
  }

  private Work oneShot(ModelGraph graph, PruneSettings settings) {
    var train = settings.train();
    int passes = settings.method().method().passes(settings) * settings.rounds();
    boolean measured = passes > 0;
    int each = settings.saliency().rows() > 0 ? settings.saliency().rows() : settings.rows();
    long steps = steps((long) passes * each * sources, train.rows());
    var learning =
        new Learning(
            measured ? divided(graph, settings.structures()) : Set.of(),
            measured ? Update.MEASURED : Update.NONE,
            train,
            steps);
    var looking = Looking.prune(graph, settings, (long) each * sources * length);
    long looks = settings.rounds() * (settings.saliency().residual() ? 2L : 1);
    long refitted = looks * settings.compensation().rows() * sources * length;
    return new Work(
        graph,
        length,
        learning,
        Forward.of(looking.and(Looking.refits(graph, settings, refitted, chunk()))),
        Pruning.axes(0).refitting(settings.compensation().wanted()),
        new ProcessMemory(files, false));
  }

  private static Progressive progressive(ModelGraph graph, PruneSettings settings) {
    var lhspg = settings.lhspg();
    double each = settings.ratio() * graph.parameterCount() / lhspg.periods();
    return new Progressive(
        (long) lhspg.periods() * lhspg.stepsPerPeriod(),
        lhspg.mode() == LhspgSettings.Mode.PAPER ? lhspg.periods() : 0,
        each);
  }

  private Chunk chunk() {
    return Chunk.of(files.isEmpty());
  }

  /** Zeroing weights by the inputs of each block's matrices. */
  public Work sparsify(ModelGraph graph, SparsifySettings settings) {
    long rows = (long) settings.rows() * sources;
    var looking = Looking.sparsify(graph, settings, rows * length);
    return forward(graph, Forward.of(looking), Pruning.NONE, false).with(in(settings.precision()));
  }

  /**
   * Training masks on the layers that read the groups; if the dense model is the teacher, it scores
   * all rows first.
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
    long steps = ddp ? own.steps() : sheared.steps();
    return new Work(
        graph,
        length,
        new Learning(readers, Update.MASKS, settings.train(), steps),
        Forward.scored(taught ? (long) settings.rows() * sources * length : 0),
        Pruning.NONE,
        new ProcessMemory(files, false));
  }

  /** Every parameter that an axis to be pruned divides; these need gradients. */
  private static Set<String> divided(ModelGraph graph, Set<AxisRole> structures) {
    var names = new LinkedHashSet<String>();
    for (var axis : PruningSpace.of(graph).removable(structures)) {
      axis.slices().forEach(slice -> names.add(slice.parameter().name()));
    }
    return names;
  }

  /** Training the pruned model on the data on which it lost most. */
  public Work recover(ModelGraph graph, RecoverSettings settings) {
    return recover(graph, settings, (long) settings.rows() * drawn(settings));
  }

  /** The same on a subset of {@code drawn} rows. */
  public Work recover(ModelGraph graph, RecoverSettings settings, long drawn) {
    var train = settings.train();
    long rows = drawn * settings.passes();
    long scored =
        (long) settings.validationRows() * sources * (settings.validations() + 1) * length
            + (settings.distillation().checkpoint().isPresent() ? drawn * length : 0);
    long steps = steps(rows, (long) train.rows() * train.accumulate());
    var learn = settings.learn();
    boolean averages = settings.average() > 0;
    if (!learn.pairs()) {
      return new Work(
          graph,
          length,
          new Learning(learn.of(graph), Update.WHOLE, train, steps, averages),
          Forward.scored(scored),
          Pruning.NONE,
          new ProcessMemory(files, false));
    }
    var factors = learn.factors() ? FactorRewrite.apply(graph) : FactorGraph.none(graph);
    var more = new HashSet<>(learn.of(graph));
    more.addAll(factors.factors().values());
    return paired(
            factors.graph(), settings.lora(), train, steps, Forward.scored(scored), Pruning.NONE)
        .learning(more, averages);
  }

  /** Number of sources that recovery draws rows from. */
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
      Forward forward,
      Pruning pruning) {
    var adapted =
        LoraRewrite.apply(graph, new LoraSettings(lora.rank(), lora.alpha(), lora.targets()));
    var learning = new HashSet<String>();
    adapted.bindings().forEach(pair -> learning.addAll(List.of(pair.a(), pair.b())));
    return new Work(
        adapted.graph(),
        length,
        new Learning(learning, Update.PAIRS, train, steps),
        forward,
        pruning,
        new ProcessMemory(files, false));
  }

  /** Scoring the model with a share of one axis removed, for every axis and share. */
  public Work analyze(ModelGraph graph, AnalyzeSettings settings) {
    var profile = settings.profile();
    long axes = PruningSpace.of(graph).prunable(PruningSpace.STRUCTURES).size();
    long rows = (long) profile.rows() * sources * (1 + axes * profile.ratios().size());
    return forward(graph, Forward.scored(rows * length), Pruning.axes(1), false)
        .with(in(settings.precision()));
  }

  /** Scoring rows of every source, on Spark. */
  public Work perplexity(ModelGraph graph, int rows, PrecisionChoice precision) {
    var scored = Forward.scored((long) rows * sources * length);
    return forward(graph, scored, Pruning.NONE, true).with(in(precision));
  }

  /** Scoring questions whose number of tokens is given. */
  public Work evaluate(ModelGraph graph, long tokens, PrecisionChoice precision) {
    return forward(graph, Forward.scored(tokens), Pruning.NONE, false).with(in(precision));
  }

  /** Scoring questions whose number of tokens is unknown. */
  public Work evaluate(ModelGraph graph, PrecisionChoice precision) {
    var unknown = new Forward(OptionalLong.empty(), Looking.NONE);
    return forward(graph, unknown, Pruning.NONE, false).with(in(precision));
  }

  private static TrainSettings in(PrecisionChoice precision) {
    return Settings.defaults(
        TrainSettings.class, List.of("originals=host", "precision=" + Settings.word(precision)));
  }

  private Work forward(ModelGraph graph, Forward forward, Pruning pruning, boolean spark) {
    var process = new ProcessMemory(files, spark);
    return new Work(graph, length, Learning.none(), forward, pruning, process);
  }

  /** Training a new model of the sizes in the settings with {@code vocabulary} tokens. */
  public Work pretrain(PretrainSettings settings, int vocabulary) {
    var config = Pretraining.config(settings, vocabulary, length);
    var graph = Family.of(config).trace(config);
    var train = settings.train();
    long perStep = (long) train.rows() * train.accumulate() * length;
    long steps = Math.max(1, settings.tokens() / perStep);
    return new Work(
        graph,
        length,
        new Learning(graph.parameters().keySet(), Update.EVERYTHING, train, steps),
        Forward.NOTHING,
        Pruning.NONE,
        new ProcessMemory(OptionalLong.of(0), false));
  }
}
