import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.script.TorchScriptArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes what models are run and trained by, for check_devices.py to run where weights and tokens
 * lie on different devices.
 *
 * <pre>
 *   java -cp CLASSES .ci/Devices.java FAMILIES OUT
 *
 *   OUT/FAMILY-PRECISION-LEARNING.pt     pairs: LoRA's alone learn; all: every weight; none
 *   OUT/FAMILY-PRECISION-LEARNING.json   its weights, in order, and where a GPU's run has each
 * </pre>
 */
final class Devices {
  private final Path out;

  private Devices(Path out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    var devices = new Devices(Path.of(arguments[1]));
    Files.createDirectories(devices.out);
    try (var families = Files.list(Path.of(arguments[0]))) {
      for (var family : families.sorted().toList()) {
        try (var checkpoint = Checkpoint.open(family)) {
          for (var precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
            devices.write(family.getFileName().toString(), checkpoint.graph(), precision);
          }
        }
      }
    }
  }

  private void write(String family, ModelGraph graph, Precision precision) throws IOException {
    var lora = LoraRewrite.apply(graph, new LoraSettings(4, 8, List.of()));
    var pairs = new LinkedHashSet<String>();
    lora.bindings().forEach(pair -> pairs.addAll(List.of(pair.a(), pair.b())));
    write(family, "pairs", lora.graph(), precision, pairs, true);
    write(family, "all", graph, precision, graph.parameters().keySet(), false);
    write(family, "none", graph, precision, Set.of(), false);
  }

  /** {@code onDevice}: what learns was loaded to learn, and not only for a while. */
  private void write(
      String family,
      String what,
      ModelGraph graph,
      Precision precision,
      Set<String> learning,
      boolean onDevice)
      throws IOException {
    var name = family + "-" + precision.name().toLowerCase(Locale.ROOT) + "-" + what;
    var rows = Arrangement.ROWS;
    var text =
        learning.isEmpty()
            ? ModelText.of(graph, rows, precision)
            : ModelText.training(graph, rows, precision, learning, 0);
    Files.write(out.resolve(name + ".pt"), TorchScriptArchive.of(text));
    var json = JsonFile.object();
    json.put("vocabulary", graph.shape(graph.logits()).get(0).size());
    var weights = json.putArray("weights");
    var wide = Precision.alwaysWide(graph);
    for (var parameter : graph.parameters().values()) {
      boolean learns = learning.contains(parameter.name());
      boolean narrow = precision.narrow();
      ObjectNode weight = weights.addObject();
      weight.put("name", parameter.name());
      var shape = weight.putArray("shape");
      for (long size : parameter.shape()) {
        shape.add(size);
      }
      weight.put("learns", learns);
      weight.put("bfloat16", narrow && !learns && !wide.contains(parameter.name()));
      weight.put("host", narrow && learns && !onDevice);
    }
    JsonFile.write(out.resolve(name + ".json"), json);
  }
}
