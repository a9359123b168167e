package io.lorashear.sparse;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.card.ModelCard;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.export.StageCard;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.Draw;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes a checkpoint of unchanged widths in which weights are zero, with the report {@code
 * pruning.json}.
 */
public final class SparsifyStage {
  /** File name of the report in the checkpoint's folder. */
  public static final String REPORT = "pruning.json";

  /**
   * Maximum count of numbers of input statistics held at a time; those of one matrix are always
   * held.
   */
  public static final long NUMBERS = 1L << 28;

  private SparsifyStage() {}

  /** Runs the stage, or returns its published result. */
  public static PublishedDirectory run(
      SparsifySettings settings, boolean overwrite, Device device, Progress progress) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> sparsify(settings, output, device, output.measured(progress)));
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(SparsifySettings settings) {
    var model = new AtomicLong();
    Refusals.together(
        () -> model.set(bytes(settings)),
        () -> ModelCard.check(settings.checkpoint()),
        () -> SequenceReader.open(settings.corpus()));
    return Stage.of("sparsify", settings.output(), settings, SparsifyStage.class)
        .onDisk()
        .parent("checkpoint", ContentHash.of(settings.checkpoint()))
        .parent("corpus", ContentHash.of(settings.corpus()))
        .room(model.get(), model.get());
  }

  /** Bytes of the model's weights as written, after checking that the pattern fits all matrices. */
  private static long bytes(SparsifySettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      requireFit(settings, checkpoint.graph());
      return settings.outputType().bytes(checkpoint.tensors());
    }
  }

  private static void requireFit(SparsifySettings settings, ModelGraph graph) {
    var cut =
        BlockMatrix.of(graph).stream()
            .filter(matrix -> !Pattern.fits(settings.pattern(), matrix.width()))
            .toList();
    if (!cut.isEmpty()) {
      throw new InputException(
          "pattern is %s, but %d matrices have inputs that such groups do not fill, %s among them"
              + " with %d: set pattern to unstructured, or prune to widths that are multiples",
          settings.pattern(), cut.size(), cut.get(0).name(), cut.get(0).width());
    }
  }

  private static TorchModel load(Checkpoint checkpoint, Device device, Precision precision) {
    var tensors = List.of(checkpoint.tensors());
    return TorchModel.load(checkpoint.graph(), tensors, Placement.of(device, precision), Set.of());
  }

  private static void sparsify(
      SparsifySettings settings, Stage.Output output, Device device, Progress progress) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var model = load(checkpoint, device, settings.precision().on(device))) {
      var rows =
          Draw.text(settings.corpus(), checkpoint)
              .uniform(Sequence.TRAIN, settings.rows(), settings.seed());
      var report = sparse(model, text(rows), settings, progress);
      var weights = settings.outputType().of(model.tensors(), checkpoint.tensors());
      CheckpointWriter.write(
          output.directory(), checkpoint.config(), weights, checkpoint.companions());
      var json = report.toJson(settings);
      json.set("weights", weights.report());
      JsonFile.write(output.directory().resolve(REPORT), json);
      StageCard.write(
          "A sparse model",
          settings.checkpoint(),
          settings.corpus(),
          OutputType.sentence(weights, checkpoint),
          output);
    }
  }

  private static SparseReport sparse(
      TorchModel model, List<int[]> rows, SparsifySettings settings, Progress progress) {
    long blocks = model.graph().nodes().stream().map(Node::block).distinct().count();
    try (var work = progress.begin("sparsify", blocks, "blocks")) {
      var method = settings.method().method(settings);
      return new Sparsifier(model, method, settings.propagate()).run(rows, () -> work.step(1));
    }
  }

  /** Token ids of each row, without padding. */
  private static List<int[]> text(List<Sequence> rows) {
    return rows.stream().map(row -> Arrays.copyOf(row.inputIds(), row.tokens())).toList();
  }
}
