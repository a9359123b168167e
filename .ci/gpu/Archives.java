import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Sought;
import io.lorashear.lora.LoraBinding;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.script.TorchScriptArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes what run.py needs of Java: the texts that models run and train by, and where in them the
 * groups of LHSPG lie.
 *
 * <pre>
 *   java -cp CLASSES .ci/gpu/Archives.java FAMILIES OUT NAME=CONFIG.json…
 *
 *   OUT/families/FAMILY/                 model.safetensors, expected.json as FAMILIES has them
 *   OUT/families/FAMILY/TYPE-WHAT.pt     WHAT: none scores; pairs: LoRA's learn; all: every weight
 *   OUT/families/FAMILY/TYPE-WHAT.json   its weights, in order
 *   OUT/shapes/NAME/                     the same of a config.json alone, in bfloat16, with axes.json
 *   OUT/kernels/                         adamw, axis, copies
 * </pre>
 */
final class Archives {
  private static final String KERNELS = "io.lorashear.torch.";
  private final Path out;

  private Archives(Path out) throws IOException {
    this.out = Files.createDirectories(out);
  }

  public static void main(String[] arguments) throws Exception {
    var root = Path.of(arguments[1]);
    try (var families = Files.list(Path.of(arguments[0]))) {
      for (var family : families.sorted().toList()) {
        new Archives(root.resolve("families").resolve(family.getFileName())).family(family);
      }
    }
    for (var shape : Arrays.asList(arguments).subList(2, arguments.length)) {
      var parts = shape.split("=", 2);
      new Archives(root.resolve("shapes").resolve(parts[0])).shape(Path.of(parts[1]));
    }
    var kernels = new Archives(root.resolve("kernels"));
    kernels.kernel("adamw", "kernel.Kernels");
    kernels.kernel("axis", "kernel.AxisKernels");
    kernels.kernel("rows", "kernel.HalfSpaceKernels");
    kernels.kernel("copies", "WorkingWeights");
  }

  private void family(Path folder) throws IOException {
    for (var file : List.of("model.safetensors", "expected.json")) {
      Files.write(out.resolve(file), Files.readAllBytes(folder.resolve(file)));
    }
    try (var checkpoint = Checkpoint.open(folder)) {
      var graph = checkpoint.graph();
      var lora = LoraRewrite.apply(graph, new LoraSettings(4, 8, List.of()));
      for (var precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
        write("none", graph, precision, Set.of());
        write("all", graph, precision, graph.parameters().keySet());
        write("pairs", lora.graph(), precision, names(lora.bindings()));
      }
    }
  }

  private void shape(Path config) throws IOException {
    var parsed = ModelConfig.parse(JsonFile.read(config), config.getFileName().toString());
    var graph = Family.of(parsed).trace(parsed);
    var lora = LoraRewrite.apply(graph, new LoraSettings(8, 16, List.of()));
    write("none", graph, Precision.BFLOAT16, Set.of());
    write("pairs", lora.graph(), Precision.BFLOAT16, names(lora.bindings()));
    JsonFile.write(out.resolve("axes.json"), axes(lora.graph(), lora.bindings()));
  }

  private static Set<String> names(List<LoraBinding> bindings) {
    var names = new LinkedHashSet<String>();
    bindings.forEach(pair -> names.addAll(List.of(pair.a(), pair.b())));
    return names;
  }

  private void write(String what, ModelGraph graph, Precision precision, Set<String> learning)
      throws IOException {
    var rows = Arrangement.ROWS;
    var text =
        learning.isEmpty()
            ? ModelText.of(graph, rows, precision, Chunk.GPU)
            : ModelText.training(graph, rows, precision, learning, 0, Chunk.GPU);
    Files.write(out.resolve(precision + "-" + what + ".pt"), TorchScriptArchive.of(text));
    var json = JsonFile.object();
    json.put("vocabulary", graph.shape(graph.logits()).get(0).size());
    json.set("operations", operations(graph, learning));
    var weights = json.putArray("weights");
    var wide = Precision.alwaysWide(graph);
    for (var parameter : graph.parameters().values()) {
      var weight = weights.addObject().put("name", parameter.name());
      var shape = weight.putArray("shape");
      Arrays.stream(parameter.shape()).forEach(shape::add);
      weight.put("learns", learning.contains(parameter.name()));
      weight.put("wide", !precision.narrow() || wide.contains(parameter.name()));
    }
    JsonFile.write(out.resolve(precision + "-" + what + ".json"), json);
  }

  /** Of a token, two for each product of numbers, as `lorashear plan` counts them. */
  private static ObjectNode operations(ModelGraph graph, Set<String> learning) {
    var forward = LinearProducts.of(graph, Set.of());
    double attention = 0; // times the row's length
    for (var each : Sought.ATTENTION.in(graph)) {
      double size = 4;
      for (var extent : graph.shape(each.node().input())) {
        size *= extent.size();
      }
      attention += size;
    }
    return JsonFile.object()
        .put("step", LinearProducts.of(graph, learning).operations(1, 1))
        .put("blocks", forward.operations(1, 0))
        .put("attention", attention);
  }

  /** Every axis that LHSPG prunes, and the slices of which it shrinks or scores groups. */
  private static ObjectNode axes(ModelGraph graph, List<LoraBinding> bindings) {
    var pairs = new HashMap<String, LoraBinding>();
    bindings.forEach(pair -> pairs.put(pair.weight(), pair));
    var factors = names(bindings);
    var owners = new LinkedHashMap<List<Integer>, Integer>();
    var json = JsonFile.object().put("scale", bindings.get(0).scale());
    var turned = turned(graph);
    var axes = json.putArray("axes");
    for (var axis : PruningSpace.of(graph).prunable(PruningSpace.STRUCTURES)) {
      var slices = axes.addObject().put("name", axis.name()).put("size", axis.size());
      var all = slices.putArray("slices");
      for (var slice : axis.slices()) {
        var name = slice.parameter().name();
        if (factors.contains(name)) {
          continue;
        }
        var each = all.addObject().put("weight", name);
        each.put("dimension", turned.contains(name) ? 1 - slice.dimension() : slice.dimension());
        each.put("turned", turned.contains(name));
        each.put("zeroed", axis.zeroing().contains(slice.access()));
        var groups = Arrays.stream(slice.groupOf()).boxed().toList();
        each.put("owners", owners.computeIfAbsent(groups, key -> owners.size()));
        var pair = pairs.get(name);
        if (pair != null) {
          each.put("a", pair.a()).put("b", pair.b());
        }
      }
    }
    var table = json.putArray("owners");
    for (var groups : owners.keySet()) {
      var row = table.addArray();
      groups.forEach(row::add);
    }
    return json;
  }

  /** Matrices that are stored as (in, out). */
  private static Set<String> turned(ModelGraph graph) {
    var turned = new LinkedHashSet<String>();
    for (var each : Sought.LINEAR.in(graph)) {
      if (each.operator().layout() == Layout.IN_OUT) {
        turned.add(each.operator().weight());
      }
    }
    return turned;
  }

  /** The product keeps these texts to itself, beside the arrays they are called on. */
  private void kernel(String name, String owner) throws Exception {
    var text = Class.forName(KERNELS + owner).getDeclaredField("TEXT");
    text.setAccessible(true);
    Files.write(out.resolve(name + ".pt"), TorchScriptArchive.of((String) text.get(null)));
  }
}
