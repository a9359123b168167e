package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.ColumnSums;
import io.lorashear.torch.kernel.Cosines;
import io.lorashear.torch.kernel.HalfSpaceKernels;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.torch.kernel.LeastSquares;
import io.lorashear.torch.kernel.RankKernels;
import io.lorashear.torch.kernel.Sparsity;
import io.lorashear.torch.script.TorchScriptArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TorchScript stays as it is, byte for byte, unless somebody means to change it. Then the hashes
 * that were found, in {@code target/written.txt}, become those that are expected.
 */
class WrittenTextTest {
  private static final List<Class<?>> KERNELS =
      List.of(
          Arithmetic.class,
          AxisKernels.class,
          ColumnSums.class,
          Cosines.class,
          HalfSpaceKernels.class,
          HostArrays.class,
          Kernels.class,
          LeastSquares.class,
          RankKernels.class,
          Sparsity.class,
          Weights.class,
          WorkingWeights.class);

  @TempDir Path folder;

  @Test
  void everyTextIsTheOneThatWasWritten() throws IOException {
    var found = new LinkedHashMap<String, String>();
    for (var family : WrittenFamilies.values()) {
      for (var precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
        var text = new WrittenText(family.graph(), precision);
        var name = family + " " + precision + " ";
        found.put(name + "reading", hash(text.reading()));
        found.put(name + "training", hash(text.training()));
        found.put(name + "smaller", hash(text.smaller().reading()));
        found.put(name + "products", hash(products(family, precision)));
      }
      found.put(family + " file", hash(file(family)));
    }
    for (var kernel : KERNELS) {
      found.put(kernel.getSimpleName(), hash(Map.of("", text(kernel))));
    }
    var lines = new ArrayList<String>();
    found.forEach((name, hash) -> lines.add(hash + " " + name));
    Files.createDirectories(Path.of("target"));
    Files.write(Path.of("target", "written.txt"), lines);
    var changed = new ArrayList<>(lines);
    changed.removeAll(expected());
    assertThat(changed)
        .as(
            "TorchScript that is not as it was written; where that is meant, target/written.txt"
                + " takes the place of src/test/resources/io/lorashear/torch/written.txt")
        .isEmpty();
    assertThat(lines).hasSameSizeAs(expected());
  }

  /** An archive is the text and nothing that changes from one to the next. */
  @Test
  void anArchiveHoldsItsText() {
    var text =
        new WrittenText(WrittenFamilies.LLAMA.graph(), Precision.FLOAT32).reading().get("taps");
    assertThat(code(TorchScriptArchive.of(Objects.requireNonNull(text)))).contains(text);
  }

  private static List<String> expected() throws IOException {
    try (var in = WrittenTextTest.class.getResourceAsStream("/io/lorashear/torch/written.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  private static Map<String, String> products(WrittenFamilies family, Precision precision) {
    var graph = family.graph();
    var texts = new LinkedHashMap<String, String>();
    try (var model =
        TorchModel.load(
            graph,
            List.of(FormulaModel.weights(graph)),
            Placement.of(Device.cpu(), precision),
            Set.of())) {
      model.trainable(graph.parameters().keySet());
      for (boolean training : new boolean[] {false, true}) {
        try (var products = new MatrixProducts(model, 16, 15, training)) {
          texts.put("products " + training, products.text());
        }
      }
    }
    return texts;
  }

  private Map<String, String> file(WrittenFamilies family) throws IOException {
    var texts = new LinkedHashMap<String, String>();
    var graph = family.graph();
    for (var answer : TorchScriptFile.Answer.values()) {
      var file = folder.resolve(family + "-" + answer + ".pt");
      var weights = FormulaModel.weights(graph);
      TorchScriptFile.write(graph, weights, Precision.FLOAT32, answer, file);
      texts.put("" + answer, code(Files.readAllBytes(file)));
    }
    return texts;
  }

  private static String code(byte[] archive) {
    try (var zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith("/code/__torch__.py")) {
          return new String(zip.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("an archive without code");
  }

  private static String text(Class<?> kernel) {
    try {
      var field = kernel.getDeclaredField("TEXT");
      field.setAccessible(true);
      return (String) Objects.requireNonNull(field.get(null));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Of all names and texts in their order, the first 64 bits of SHA-256. */
  private static String hash(Map<String, String> texts) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      texts.forEach(
          (name, text) -> digest.update((name + "\n" + text).getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
