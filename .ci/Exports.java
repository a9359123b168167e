import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.export.AdapterExport;
import io.lorashear.export.Export;
import io.lorashear.export.ExportRequest;
import io.lorashear.export.Shape;
import io.lorashear.export.Targets;
import io.lorashear.family.Family;
import io.lorashear.generate.Generator;
import io.lorashear.generate.Sampling;
import io.lorashear.graph.AxisRole;
import io.lorashear.lora.LoraBinding;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.verify.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes small models of every family in every shape, and their exports, for other programs to try.
 *
 * <pre>
 *   java -cp CLASSES .ci/Exports.java FAMILIES OUT PROGRAM…     transformers before peft
 *
 *   OUT/model/FAMILY-SHAPE             with expected.json: ids, logits_last, greedy (32 tokens)
 *   OUT/PROGRAM/FAMILY-SHAPE           the export
 *   OUT/recovered/FAMILY-SHAPE         for peft: a model with pairs folded in, its expected.json too
 *   OUT/PROGRAM/FAMILY-SHAPE.unsaid    why export refuses it
 * </pre>
 */
final class Exports {
  private static final long SEED = 7;
  private static final int GREEDY = 32;
  private static final int RANK = 4;
  private static final double ALPHA = 8;
  private static final String PEFT = "peft";
  private static final Device CPU = Device.cpu();

  private final Path out;
  private final List<String> programs;

  private Exports(Path out, List<String> programs) {
    this.out = out;
    this.programs = programs;
  }

  public static void main(String[] arguments) throws IOException {
    var exports =
        new Exports(Path.of(arguments[1]), Arrays.asList(arguments).subList(2, arguments.length));
    try (var families = Files.list(Path.of(arguments[0]))) {
      for (var family : families.sorted().toList()) {
        for (var shape : Shape.values()) {
          if (!exports.write(family, shape, true)) {
            exports.write(family, shape, false);
          }
        }
      }
    }
  }

  /** Whether the shape comes out, with fewer heads where that makes it, or with all of them. */
  private boolean write(Path family, Shape shape, boolean fewer) throws IOException {
    var name = family.getFileName() + "-" + shape.word();
    var folder = out.resolve("model").resolve(name);
    try (var model = Checkpoint.open(family)) {
      var graph = model.graph();
      var small = Compressor.compress(graph, model.tensors(), plan(model, shape, fewer));
      var config = Family.of(model.config()).resized(model.config(), small.graph());
      if (Shape.of(config) != shape) {
        return false;
      }
      CheckpointWriter.write(folder, config, small.tensors(), model.companions());
    }
    try (var model = Checkpoint.open(folder)) {
      var ids = Measurement.ids(model, SEED);
      var expected = Measurement.of(model, ids, false, false, CPU, Precision.FLOAT32);
      var figures = expected.toJson();
      greedy(model, ids.get(0).stream().mapToInt(id -> id).toArray())
          .forEach(figures.putArray("greedy")::add);
      JsonFile.write(folder.resolve("expected.json"), figures);
      for (var program : programs) {
        if (program.equals(PEFT)) {
          adapter(model, name);
        } else {
          export(model, program, Optional.empty(), out.resolve(program).resolve(name));
        }
      }
    }
    return true;
  }

  /** What the model says by itself after the row, with what it kept of earlier tokens. */
  private static List<Integer> greedy(Checkpoint model, int[] row) {
    var tokens = new ArrayList<Integer>();
    try (var runs = TorchModel.load(model.graph(), model.tensors(), CPU)) {
      new Generator(runs, row.length + GREEDY, Set.of())
          .generate(row, GREEDY, Sampling.GREEDY, SEED, tokens::add);
    }
    return tokens;
  }

  /** As recovery leaves it: pairs beside every linear, and a model with them folded in. */
  private void adapter(Checkpoint model, String name) throws IOException {
    var lora = LoraRewrite.apply(model.graph(), new LoraSettings(RANK, ALPHA, List.of()));
    var pairs = LoraRewrite.firstWeights(lora, SEED);
    var folded = new InMemoryTensors();
    for (var weight : model.graph().parameters().keySet()) {
      folded.put(weight, model.tensors().floats(weight), model.tensors().tensor(weight).shape());
    }
    var random = new Random(SEED);
    for (var pair : lora.bindings()) {
      var shape = pairs.tensor(pair.b()).shape();
      var b = new float[(int) (shape[0] * shape[1])];
      for (int i = 0; i < b.length; i++) {
        b[i] = (float) random.nextGaussian() / 10;
      }
      pairs.put(pair.b(), b, shape);
      boolean turned = model.config().modelType().equals("gpt2"); // in × out
      fold(folded, pair, pairs.floats(pair.a()), b, turned);
    }
    var recovered = out.resolve("recovered").resolve(name);
    CheckpointWriter.write(recovered, model.config(), folded, model.companions());
    AdapterExport.of(lora.bindings(), pairs).write(recovered.resolve("adapter"), "none");
    try (var merged = Checkpoint.open(recovered)) {
      var expected =
          Measurement.of(
              merged, Measurement.ids(merged, SEED), false, false, CPU, Precision.FLOAT32);
      JsonFile.write(recovered.resolve("expected.json"), expected.toJson());
      var base = Optional.of(out.resolve("transformers").resolve(name).toString());
      export(merged, PEFT, base, out.resolve(PEFT).resolve(name));
    }
  }

  /** W ← W + s·BA, A (rank, in), B (out, rank). */
  private static void fold(
      InMemoryTensors tensors, LoraBinding pair, float[] a, float[] b, boolean turned) {
    int in = a.length / RANK;
    int rows = b.length / RANK;
    var w = tensors.floats(pair.weight());
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < in; column++) {
        double sum = 0;
        for (int i = 0; i < RANK; i++) {
          sum += (double) b[row * RANK + i] * a[i * in + column];
        }
        w[turned ? column * rows + row : row * in + column] += (float) (pair.scale() * sum);
      }
    }
    tensors.put(pair.weight(), w, tensors.tensor(pair.weight()).shape());
  }

  /** Layer 1 differs from layer 0, or both lose the same. */
  private static WidthPlan plan(Checkpoint model, Shape shape, boolean fewer) {
    boolean even = shape == Shape.PLAIN || shape == Shape.HEADS;
    var plan = WidthPlan.everything();
    var roles = List.of(AxisRole.CHANNELS, AxisRole.KEY_VALUE_HEADS);
    for (var axis : PruningSpace.of(model.graph()).axes()) {
      boolean second = axis.name().contains(".1.");
      if (!roles.contains(axis.role()) || !even && !second) {
        continue;
      }
      if (axis.role() == AxisRole.CHANNELS) {
        plan = plan.without(axis.name(), 5, 6, 7);
      } else if (shape == Shape.SKIP) {
        plan = plan.without(axis.name(), every(axis));
      } else if ((even || shape == Shape.FREE) && fewer && axis.size() > 1) {
        plan = plan.without(axis.name(), 0);
      }
    }
    return plan;
  }

  private static int[] every(PrunableAxis axis) {
    return IntStream.range(0, axis.size()).toArray();
  }

  private static void export(Checkpoint model, String program, Optional<String> base, Path folder)
      throws IOException {
    var target = Targets.of(Optional.of(program), Optional.empty());
    try {
      var plain = new ExportRequest(model, target.type(Optional.of("f32")));
      var request = new ExportRequest(model, plain.type(), plain.answer(), base, plain.config());
      Export.publish(target, request, Optional.empty(), folder, JsonFile.object(), line -> {});
    } catch (InputException e) {
      Files.createDirectories(folder.getParent());
      Files.writeString(folder.resolveSibling(folder.getFileName() + ".unsaid"), e.getMessage());
    }
  }
}
