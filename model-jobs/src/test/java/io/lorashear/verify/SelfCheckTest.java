package io.lorashear.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.torch.TorchScriptFile;
import io.lorashear.torch.TorchScriptFile.Answer;
import io.lorashear.torch.compile.Precision;
import io.lorashear.verify.Readback.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfCheckTest {
  private static final Rounding EXACT = new Rounding(0, 0, 0, 1e-6);
  private static final String NAME = "model.layers.1.mlp.up_proj.weight";

  @TempDir Path folder;
  private final ModelConfig config = SmallModels.uneven();
  private final TensorSource tensors = SmallModels.weights(config, 3);

  @BeforeEach
  void write() {
    CheckpointWriter.write(folder.resolve("model"), config, tensors, List.of());
  }

  /** With number 7 of one tensor multiplied. */
  private Readback.Weights written(ModelConfig as, double factor) {
    var changed = new InMemoryTensors();
    for (var info : tensors.tensors().values()) {
      var numbers = tensors.floats(info.name());
      if (info.name().equals(NAME)) {
        numbers[7] *= (float) factor;
      }
      changed.put(info.name(), numbers, info.shape());
    }
    return new Readback.Weights(Family.of(as).trace(as), changed, Optional.empty(), 1 << 20);
  }

  private String check(Readback written, Rounding rounding) {
    try (var model = Checkpoint.open(folder.resolve("model"))) {
      return SelfCheck.require(model, written, rounding);
    }
  }

  @Test
  void theSameModelAgrees() {
    assertThat(check(written(config, 1), EXACT))
        .isEqualTo(
            "read again: weights within their type's rounding; with them logits of 3 texts differ"
                + " by at most 0.0e+00 of their spread (allowed are 1.0e-06)");
  }

  @Test
  void aWeightBeyondItsRoundingIsNamedWithItsPlace() {
    var half = new Rounding(0x1p-11, 0, 0, 0.1);
    assertThat(check(written(config, 1 + 0x1p-12), half)).startsWith("read again");
    assertThatThrownBy(() -> check(written(config, 1 + 0x1p-10), half))
        .hasMessageStartingWith(
            "nothing was published, because what was written says something else than the model: "
                + NAME
                + " has ")
        .hasMessageContaining(" as its number 7, and rounding allows ");
  }

  @Test
  void aNumberThatGrewInfiniteIsFound() {
    assertThatThrownBy(
            () -> check(written(config, Double.POSITIVE_INFINITY), new Rounding(1, 1, 1, 1)))
        .hasMessageContaining(NAME + " has ")
        .hasMessageContaining("Infinity in the place of ");
  }

  @Test
  void theSameWeightsUnderAnotherConfigurationAreFound() {
    var fields = config.fields().deepCopy().put("rms_norm_eps", 0.3);
    var other = new ModelConfig(fields, config.layers(), "other");
    assertThatThrownBy(() -> check(written(other, 1), EXACT))
        .hasMessageContaining("logits at position 1 of text 1 differ by ")
        .hasMessageContaining(" of their spread, and 1.0e-06 are allowed");
  }

  /** However much its logits move by it. */
  @Test
  void whatACoarseTypeDoesToLogitsIsNoFaultAndAnotherConfigurationIs() {
    var coarse = new Rounding(0, 0, 2, 1);
    assertThat(check(written(config, -1), coarse)).startsWith("read again: weights within");
    var fields = config.fields().deepCopy().put("rms_norm_eps", 0.3);
    var other = new ModelConfig(fields, config.layers(), "other");
    assertThatThrownBy(() -> check(written(other, -1), coarse))
        .hasMessageContaining(" of their spread, and 0.0010 are allowed");
  }

  private Script script(Answer answer) throws IOException {
    var out = Files.createDirectory(folder.resolve("script"));
    TorchScriptFile.write(
        Family.of(config).trace(config),
        tensors,
        Precision.FLOAT32,
        answer,
        out.resolve("model.pt"));
    return new Script(out, answer);
  }

  @ParameterizedTest
  @CsvSource({"LOGITS, logits", "TOKEN_LOSSES, losses"})
  void bothMethodsOfATorchScriptFileAreRun(Answer answer, String told) throws IOException {
    assertThat(check(script(answer), new Rounding(0, 0, 0, 1e-4)))
        .matches(
            "read again: "
                + told
                + " of 3 texts differ by at most \\d\\.\\de-0[5-9] of their spread \\(allowed are"
                + " 1.0e-04\\), also where a text comes in pieces");
  }

  /** One method at a time, as a fault of the writer would leave it. */
  @ParameterizedTest
  @CsvSource({
    "'self.continued(torch.to(input_ids, 4)', logits of forward_with_past after token 8 of text 1",
    "'self.logits(torch.to(input_ids, 4)', logits at position 1 of text 1",
    "'self.token_losses(torch.to(input_ids, 4)', losses of text 1"
  })
  void aMethodThatReadsOtherIdsIsFound(String call, String place) throws IOException {
    var written = script(call.contains("losses") ? Answer.TOKEN_LOSSES : Answer.LOGITS);
    replace(written.folder().resolve("model.pt"), call, call.replace("input_ids", "input_ids * 0"));
    assertThatThrownBy(() -> check(written, new Rounding(0, 0, 0, 1e-4)))
        .hasMessageStartingWith("nothing was published")
        .hasMessageContaining(place + " differ by ")
        .hasMessageContaining(" of their spread, and 0.00010 are allowed");
  }

  /** In the code of an archive whose entries are stored. */
  private static void replace(Path file, String old, String fresh) throws IOException {
    var changed = new ByteArrayOutputStream();
    try (var in = new ZipInputStream(Files.newInputStream(file));
        var out = new ZipOutputStream(changed)) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        var bytes = in.readAllBytes();
        if (entry.getName().endsWith(".py")) {
          var code = new String(bytes, UTF_8);
          assertThat(code).contains(old);
          bytes = code.replace(old, fresh).getBytes(UTF_8);
        }
        var crc = new CRC32();
        crc.update(bytes);
        var copy = new ZipEntry(entry.getName());
        copy.setMethod(ZipEntry.STORED);
        copy.setSize(bytes.length);
        copy.setCrc(crc.getValue());
        out.putNextEntry(copy);
        out.write(bytes);
      }
    }
    Files.write(file, changed.toByteArray());
  }
}
