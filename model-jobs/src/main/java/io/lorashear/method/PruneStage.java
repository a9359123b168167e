package io.lorashear.method;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Widths;
import io.lorashear.method.PruneSettings.ProfileUse;
import io.lorashear.optim.PruningBudget;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.saliency.KnowledgeProfile;
import io.lorashear.saliency.ProfileBudget;
import io.lorashear.settings.Nearest;
import io.lorashear.train.Draw;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Publishes a pruned checkpoint, with {@code pruning.json} about what went. */
public final class PruneStage {
  /** The report beside the checkpoint. */
  public static final String REPORT = "pruning.json";

  private PruneStage() {}

  /** Runs, resumes, or finds the result. */
  public static PublishedDirectory run(
      PruneSettings settings, boolean overwrite, Device device, Progress progress) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> prune(settings, output, device, progress));
  }

  /**
   * The stage with all it reads looked at, nothing of it run.
   *
   * @throws InputException with all that is missing or does not fit
   */
  public static Stage ready(PruneSettings settings) {
    var model = new AtomicLong();
    Refusals.together(
        () -> model.set(bytes(settings)),
        () -> SequenceReader.open(settings.corpus()),
        () -> settings.profile().ifPresent(KnowledgeProfile::read),
        () -> settings.lora().adapter().ifPresent(ContentHash::of));
    var stage =
        Stage.of("prune", settings.output(), settings, PruneStage.class)
            .parent("checkpoint", ContentHash.of(settings.checkpoint()))
            .parent("corpus", ContentHash.of(settings.corpus()));
    settings.lora().adapter().ifPresent(path -> stage.parent("adapter", ContentHash.of(path)));
    settings.profile().ifPresent(path -> stage.parent("profile", ContentHash.of(path)));
    return stage.room(Math.round(model.get() * (1 - settings.ratio())), model.get());
  }

  /** Of the dense model as it would be written, which has what the settings name. */
  private static long bytes(PruneSettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      named(settings, PruningSpace.of(checkpoint.graph()));
      return checkpoint.graph().parameterCount() * Float.BYTES;
    }
  }

  private static void prune(
      PruneSettings settings, Stage.Output output, Device device, Progress progress) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var graph = checkpoint.graph();
      var calibration =
          Draw.text(settings.corpus(), checkpoint)
              .uniform(Sequence.TRAIN, settings.rows(), settings.seed());
      var space = PruningSpace.of(graph);
      var kept = protectedAxes(settings, space);
      var task =
          new PruningMethod.Task(
              graph,
              checkpoint.tensors(),
              settings,
              kept,
              caps(settings, space, kept),
              calibration,
              device,
              output.scratch(),
              progress);
      try (var outcome = settings.method().method().prune(task)) {
        var plan = outcome.plan();
        var small = Compressor.compress(graph, outcome.tensors(), plan);
        var config = Family.of(checkpoint.config()).resized(checkpoint.config(), small.graph());
        CheckpointWriter.write(
            output.directory(), config, small.tensors(), checkpoint.companions());
        JsonFile.write(output.directory().resolve(REPORT), report(checkpoint, kept, outcome, plan));
      }
    }
  }

  /** The axes that the settings name. */
  private static Set<String> named(PruneSettings settings, PruningSpace space) {
    if (settings.experts() && space.prunable(Set.of(AxisRole.EXPERTS)).isEmpty()) {
      throw new InputException(
          "experts is true, but %s has no experts that could go: leave it out",
          settings.checkpoint());
    }
    var named = new HashSet<String>();
    for (var name : settings.protect()) {
      var known = space.axes().stream().map(PrunableAxis::name).toList();
      if (!known.contains(name)) {
        throw new InputException(
            "protect names the axis %s, which the model does not have%s",
            name, Nearest.to(name, known).map(near -> ": did you mean " + near).orElse(""));
      }
      named.add(name);
    }
    return named;
  }

  /** The axes that the settings name, and those the profile protects. */
  private static Set<String> protectedAxes(PruneSettings settings, PruningSpace space) {
    var named = named(settings, space);
    if (settings.profile().isPresent() && settings.profileAs() == ProfileUse.PROTECT) {
      var profile = KnowledgeProfile.read(settings.profile().get());
      long total = space.graph().parameterCount();
      long remove = Math.round(settings.ratio() * total);
      var budget = new PruningBudget(total, remove, settings.cap(), Map.of());
      named.addAll(
          profile.unprunable(
              settings.unprunable(), names -> reachable(space, settings, budget, names) >= remove));
    }
    return named;
  }

  private static long reachable(
      PruningSpace space, PruneSettings settings, PruningBudget budget, Set<String> names) {
    return prunable(space, settings, names)
        .mapToLong(axis -> space.cost(axis.axis(), Widths.TRACED) * budget.most(axis))
        .sum();
  }

  private static Stream<PrunableAxis> prunable(
      PruningSpace space, PruneSettings settings, Set<String> kept) {
    return space.prunable(PruningSpace.structures(settings.experts())).stream()
        .filter(axis -> !kept.contains(axis.name()));
  }

  /** Of axes that have a budget of their own; one group more than it, since groups are whole. */
  private static Map<String, Double> caps(
      PruneSettings settings, PruningSpace space, Set<String> kept) {
    if (settings.profileAs() == ProfileUse.PROTECT) {
      return Map.of();
    }
    var axes = prunable(space, settings, kept).toList();
    var shares =
        ProfileBudget.shares(
            KnowledgeProfile.read(settings.profile().orElseThrow()),
            axes.stream()
                .map(axis -> new ProfileBudget.Axis(axis.name(), space.parameters(axis)))
                .toList(),
            Math.round(settings.ratio() * space.graph().parameterCount()),
            settings.cap());
    var caps = new TreeMap<String, Double>();
    for (var axis : axes) {
      caps.put(axis.name(), shares.getOrDefault(axis.name(), 0.0) + 1.0 / axis.size());
    }
    return caps;
  }

  private static ObjectNode report(
      Checkpoint checkpoint, Set<String> kept, PruningMethod.Outcome outcome, WidthPlan plan) {
    var graph = checkpoint.graph();
    var json = JsonFile.object();
    json.put("parametersBefore", graph.parameterCount());
    json.put("parametersAfter", plan.parameters(graph));
    json.put("groupsRemoved", plan.groups());
    var widths = json.putObject("widths");
    plan.sizes(graph).forEach(widths::put);
    kept.stream().sorted().forEach(json.putArray("protected")::add);
    json.set("run", outcome.report());
    json.set("removed", plan.toJson());
    return json;
  }
}
